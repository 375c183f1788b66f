"""Backup indexes of recovery points: made, described, listed and deleted, through a real client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

import pytest
from freezegun import freeze_time

from support.botocore_model import allows, declared, known, shows
from support.client import call, client, pages, refused
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup
    from fakebackup.model.shapes.literals import IndexStatus


NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
UPDATE: Final = "UpdateRecoveryPointIndexSettings"
DETAILS, LISTED = "GetRecoveryPointIndexDetails", "ListIndexedRecoveryPoints"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:vault"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
EVENTS = [
    "RECOVERY_POINT_INDEX_COMPLETED",
    "RECOVERY_POINT_INDEX_DELETED",
    "RECOVERY_POINT_INDEXING_FAILED",
]
SHOWN = {"IndexStatus", "IndexStatusMessage"}
STATUS = "RecoveryPointStatus"


def snapshot(number: int) -> str:
    """The ARN of a recovery point."""
    return f"arn:aws:ec2:{REGION}::snapshot/snap-{number}"


POINT = snapshot(1)


pytestmark = [
    pytest.mark.skipif(
        not known("UpdateRecoveryPointIndexSettings"),
        reason="the installed botocore knows no backup indexes",
    ),
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, history=None),
]


@pytest.fixture(autouse=True)
def _volume(backup: FakeBackup) -> None:
    """A recovery point of a volume, made an hour ago."""
    backup.add_recovery_point(
        BackupVaultName="vault",
        RecoveryPointArn=POINT,
        ResourceArn=VOLUME,
        CreationDate=NOW - HOUR,
    )


def update(index: str = "ENABLED", arn: str = POINT, **parameters: Any) -> Any:
    """Make or delete the index of a recovery point."""
    asked = {"BackupVaultName": "vault", "RecoveryPointArn": arn, "Index": index, **parameters}
    if index == "ENABLED":
        asked.setdefault("IamRoleArn", ROLE)
    return call(UPDATE, **asked)


def details(arn: str = POINT) -> Any:
    """What is told of the index of a recovery point."""
    return call(DETAILS, BackupVaultName="vault", RecoveryPointArn=arn)


def listed(**parameters: Any) -> list[str]:
    """The indexed recovery points that are listed."""
    found = call(LISTED, **parameters)["IndexedRecoveryPoints"]
    return [each["RecoveryPointArn"] for each in found]


def shown(backup: FakeBackup) -> list[dict[str, Any]]:
    """What each way to look at the recovery point tells of its index."""
    looks = [
        call("DescribeRecoveryPoint", BackupVaultName="vault", RecoveryPointArn=POINT),
        *call("ListRecoveryPointsByBackupVault", BackupVaultName="vault")["RecoveryPoints"],
        *call("ListRecoveryPointsByResource", ResourceArn=VOLUME)["RecoveryPoints"],
        dict(backup.recovery_points[POINT]),
    ]
    return [{name: look[name] for name in SHOWN if name in look} for look in looks]


class TestRoundTrip:
    def test_an_index_is_made(self, backup: FakeBackup) -> None:
        """The answer says PENDING; whoever looks then finds it ACTIVE, wherever they look."""
        assert update() == {
            "BackupVaultName": "vault",
            "RecoveryPointArn": POINT,
            "IndexStatus": "PENDING",
            "Index": "ENABLED",
        }
        message = (
            "An AWS Backup recovery point index was successfully completed. "
            f"Indexed recovery point arn : {POINT}"
        )
        status = {"IndexStatus": "ACTIVE", "IndexStatusMessage": message}
        assert details() == {
            **status,
            "RecoveryPointArn": POINT,
            "BackupVaultArn": VAULT,
            "SourceResourceArn": VOLUME,
            "IndexCreationDate": NOW,
            "IndexCompletionDate": NOW,
            "TotalItemsIndexed": 100,
        }
        assert call(LISTED)["IndexedRecoveryPoints"] == [
            {
                **status,
                "RecoveryPointArn": POINT,
                "SourceResourceArn": VOLUME,
                "IamRoleArn": ROLE,
                "BackupCreationDate": NOW - HOUR,
                "ResourceType": "EBS",
                "IndexCreationDate": NOW,
                "BackupVaultArn": VAULT,
            }
        ]
        assert shown(backup) == [status] * 4

    def test_an_index_is_deleted(self, backup: FakeBackup) -> None:
        """The answer says DELETING; then there is no index any more, and one can be made."""
        update()
        assert update("DISABLED")["IndexStatus"] == "DELETING"
        assert listed() == []
        assert shown(backup) == [{}] * 4
        error = refused(backup, DETAILS, BackupVaultName="vault", RecoveryPointArn=POINT)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        assert update()["IndexStatus"] == "PENDING"
        assert listed() == [POINT]

    def test_once(self, backup: FakeBackup) -> None:
        """An index that is there is not made again, nor told of again."""
        update()
        again = f"{ROLE}-2"
        assert update(IamRoleArn=again)["IndexStatus"] == "ACTIVE"
        assert call(LISTED)["IndexedRecoveryPoints"][0]["IamRoleArn"] == ROLE
        assert len(backup.events) == 1

    def test_one_that_failed_is_made_again(self, backup: FakeBackup) -> None:
        """A test decides that an index fails; the next one is made as usual."""
        backup.next_outcome(UPDATE, IndexStatus="FAILED", IndexStatusMessage="boom")
        assert update()["IndexStatus"] == "PENDING"
        assert details()["IndexStatus"] == "FAILED"
        assert details()["IndexStatusMessage"] == "boom"
        assert "IndexCompletionDate" not in details()
        assert update()["IndexStatus"] == "PENDING"
        assert details()["IndexStatus"] == "ACTIVE"

    def test_it_goes_with_its_point(self, backup: FakeBackup) -> None:
        """A recovery point that is deleted is not listed as indexed."""
        update()
        call("DeleteRecoveryPoint", BackupVaultName="vault", RecoveryPointArn=POINT)
        assert listed() == []
        assert backup.events[-1]["detail"]["status"] == "DELETING"

    def test_a_seeded_one(self, backup: FakeBackup) -> None:
        """A seeded index is as old as its point's completion, and moves only when told."""
        statuses: tuple[IndexStatus, ...] = ("PENDING", "ACTIVE", "FAILED", "DELETING")
        for number, status in enumerate(statuses, 2):
            backup.add_recovery_point(
                BackupVaultName="vault",
                RecoveryPointArn=snapshot(number),
                CreationDate=NOW - 2 * HOUR,
                CompletionDate=NOW - HOUR,
                IndexStatus=status,
            )
        pending, active, failed, deleting = (details(snapshot(n)) for n in range(2, 6))
        assert pending["IndexStatus"] == "PENDING"
        assert pending["IndexCreationDate"] == NOW - HOUR
        assert "IndexCompletionDate" not in pending
        assert "TotalItemsIndexed" not in failed
        assert active["IndexCompletionDate"] == NOW - HOUR
        assert deleting["IndexDeletionDate"] == NOW - HOUR
        assert update(arn=snapshot(2))["IndexStatus"] == "PENDING"
        assert update("DISABLED", snapshot(5))["IndexStatus"] == "DELETING"
        assert details(snapshot(5))["IndexStatus"] == "DELETING"
        assert backup.events == []
        assert update("DISABLED", snapshot(3), IamRoleArn=ROLE)["IndexStatus"] == "DELETING"
        assert len(backup.events) == 1


FILTERED: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1, 2, 3]),
    ({"SourceResourceArn": VOLUME}, [1, 3]),
    ({"ResourceType": "S3"}, [2]),
    ({"ResourceType": "EBS"}, [1, 3]),
    ({"IndexStatus": "ACTIVE"}, [1, 3]),
    ({"IndexStatus": "PENDING"}, []),
    ({"CreatedBefore": NOW - 2 * HOUR}, [3]),
    ({"CreatedAfter": NOW - 2 * HOUR}, [1]),
    ({"CreatedAfter": NOW - 4 * HOUR, "CreatedBefore": NOW - HOUR}, [2, 3]),
    ({"IndexStatus": "ACTIVE", "CreatedBefore": NOW - HOUR}, [3]),
]


class TestLists:
    @pytest.fixture
    def _three(self, backup: FakeBackup) -> None:
        backup.add_recovery_point(
            BackupVaultName="vault",
            RecoveryPointArn=snapshot(2),
            CreationDate=NOW - 2 * HOUR,
            ResourceType="S3",
            IndexStatus="FAILED",
        )
        backup.add_recovery_point(
            BackupVaultName="other",
            RecoveryPointArn=snapshot(3),
            CreationDate=NOW - 3 * HOUR,
            ResourceArn=VOLUME,
        )
        backup.add_recovery_point(
            BackupVaultName="other", RecoveryPointArn=snapshot(4), CreationDate=NOW
        )
        update()
        call(
            UPDATE,
            BackupVaultName="other",
            RecoveryPointArn=snapshot(3),
            IamRoleArn=ROLE,
            Index="ENABLED",
        )

    @pytest.mark.usefixtures("_three")
    @pytest.mark.parametrize(("asked", "found"), FILTERED)
    def test_each_filter(self, asked: dict[str, Any], found: list[int]) -> None:
        """Filters compare what an indexed recovery point shows; dates are those of the point."""
        assert listed(**asked) == [snapshot(number) for number in found]

    def test_every_filter(self) -> None:
        """Each parameter of the list is used above."""
        filters = {name for asked, _ in FILTERED for name in asked}
        shape = client().meta.service_model.operation_model(LISTED).input_shape
        assert set(shape.members) == filters | {"MaxResults", "NextToken"}

    @pytest.mark.usefixtures("_three")
    def test_pages(self) -> None:
        """Pages survive what happens between them."""
        seen: list[str] = []
        for page in pages(LISTED, 1, "IndexedRecoveryPoints"):
            seen += [each["RecoveryPointArn"] for each in page]
            if len(seen) == 1:
                update("DISABLED")
                call(
                    UPDATE,
                    BackupVaultName="other",
                    RecoveryPointArn=snapshot(4),
                    IamRoleArn=ROLE,
                    Index="ENABLED",
                )
        assert seen == [POINT, snapshot(2), snapshot(3)]

    @pytest.mark.usefixtures("_three")
    def test_only_ones_own(self, backup: FakeBackup) -> None:
        """What is indexed in another account or region is not listed."""
        assert listed(region=OTHER_REGION) == []
        with backup.acting_as(OTHER_ACCOUNT):
            assert listed() == []
            asked = {"BackupVaultName": "vault", "RecoveryPointArn": POINT}
            error = refused(backup, DETAILS, **asked)
            assert error["Error"]["Code"] == "AccessDeniedException"


class TestBackupJobs:
    @pytest.mark.parametrize("index", ["ENABLED", "DISABLED", None])
    def test_what_a_job_makes_is_indexed(self, backup: FakeBackup, index: str | None) -> None:
        """Index=ENABLED indexes the recovery point of the job, once it is complete."""
        asked = {} if index is None else {"Index": index}
        job = call(
            "StartBackupJob",
            BackupVaultName="vault",
            ResourceArn=VOLUME,
            IamRoleArn=ROLE,
            **asked,
        )
        assert listed() == []
        started = backup.backup_jobs[job["BackupJobId"]]
        started.run()
        started.complete()
        (made,) = [point for point in backup.recovery_points if point != POINT]
        assert listed() == ([made] if index == "ENABLED" else [])
        kinds = [event["detail-type"] for event in backup.events[-2:]]
        expected = ["Backup Job State Change", "Recovery Point Index State Change"]
        assert (kinds == expected) == (index == "ENABLED")
        if index == "ENABLED":
            assert call(LISTED)["IndexedRecoveryPoints"][0]["IamRoleArn"] == ROLE

    def test_a_job_that_fails_leaves_none(self, backup: FakeBackup) -> None:
        """Without a recovery point there is no index."""
        backup.next_outcome("StartBackupJob", State="FAILED")
        job = call(
            "StartBackupJob",
            BackupVaultName="vault",
            ResourceArn=VOLUME,
            IamRoleArn=ROLE,
            Index="ENABLED",
        )
        backup.backup_jobs[job["BackupJobId"]].run()
        backup.backup_jobs[job["BackupJobId"]].fail("boom")
        assert listed() == []

    def test_types_without_indexes(self, backup: FakeBackup) -> None:
        """An index of what cannot be indexed is refused; DISABLED goes with every type."""
        asked = {
            "BackupVaultName": "vault",
            "ResourceArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t",
            "IamRoleArn": ROLE,
        }
        error = refused(backup, "StartBackupJob", **asked, Index="ENABLED")
        assert error["Error"]["Code"] == "InvalidParameterValueException"
        call("StartBackupJob", **asked, Index="DISABLED")


class TestTelling:
    def test_events(self, backup: FakeBackup) -> None:
        """Events tell of ACTIVE, DELETED and FAILED, each with its own date."""
        update()
        with freeze_time(NOW + HOUR):
            update("DISABLED")
        backup.next_outcome(UPDATE, IndexStatus="FAILED")
        update()
        active, deleted, failed = backup.events
        for event in backup.events:
            assert event["detail-type"] == "Recovery Point Index State Change"
            assert event["resources"] == [POINT]
        assert active["detail"] == {
            "recoveryPointArn": POINT,
            "accountId": ACCOUNT,
            "indexStatus": "ACTIVE",
            "iamRoleArn": ROLE,
            "resourceType": "EBS",
            "backupVaultArn": VAULT,
            "indexCreationTime": "2024-03-15T13:30:15.250Z",
            "isIndexingContinuous": False,
            "sourceResourceArn": VOLUME,
            "backupCreationTime": "2024-03-15T12:30:15.250Z",
            "indexStatusMessage": (
                "An AWS Backup recovery point index was successfully completed. "
                f"Indexed recovery point arn : {POINT}"
            ),
            "indexCompletionTime": "2024-03-15T13:30:15.250Z",
        }
        same = set(active["detail"]) - {"indexCompletionTime"}
        assert set(deleted["detail"]) == same | {"indexDeletionTime"}
        assert deleted["detail"]["indexStatus"] == "DELETED"
        assert deleted["detail"]["indexCreationTime"] == "2024-03-15T13:30:15.250Z"
        assert deleted["detail"]["indexDeletionTime"] == "2024-03-15T14:30:15.250Z"
        assert "index was deleted. Indexed" in deleted["detail"]["indexStatusMessage"]
        assert set(failed["detail"]) == same
        assert "index failed to create. Indexed" in failed["detail"]["indexStatusMessage"]

    @pytest.mark.skipif(
        not allows(STATUS, "AVAILABLE"),
        reason="the installed botocore does not know the status of continuous backups",
    )
    def test_a_continuous_backup(self, backup: FakeBackup) -> None:
        """The index of a continuous backup is told as continuous."""
        arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:continuous:b-1"
        backup.add_recovery_point(
            BackupVaultName="vault", RecoveryPointArn=arn, ResourceType="S3", Status="AVAILABLE"
        )
        update(arn=arn)
        assert backup.events[-1]["detail"]["isIndexingContinuous"] is True

    @pytest.mark.parametrize("wanted", EVENTS)
    def test_notifications(self, backup: FakeBackup, wanted: str) -> None:
        """A vault's topic is told of the events that the vault wants, and of no others."""
        if not allows("BackupVaultEvent", wanted):
            pytest.skip("the installed botocore does not know the event")
        call(
            "PutBackupVaultNotifications",
            BackupVaultName="vault",
            SNSTopicArn=TOPIC,
            BackupVaultEvents=[wanted],
        )
        update()
        update("DISABLED")
        backup.next_outcome(UPDATE, IndexStatus="FAILED")
        update()
        (told,) = backup.notifications
        status, event_type, text = {
            EVENTS[0]: (
                "ACTIVE",
                "RECOVERY_POINT_INDEXING_COMPLETED",
                "An AWS Backup backup index job was completed",
            ),
            EVENTS[1]: ("DELETED", EVENTS[1], "An AWS Backup backup index was deleted"),
            EVENTS[2]: ("FAILED", EVENTS[2], "An AWS Backup backup index job failed"),
        }[wanted]
        assert told["Sns"]["Message"] == f"{text}. Indexed recovery point arn: {POINT}"
        attributes = told["Sns"]["MessageAttributes"]
        assert {name: each["Value"] for name, each in attributes.items()} == {
            "EventType": event_type,
            "AccountId": ACCOUNT,
            "IndexStatus": status,
            "IsIndexingContinuous": "false",
            "RecoveryPointArn": POINT,
        }


class TestOutcomes:
    def test_of_one_resource(self, backup: FakeBackup) -> None:
        """An outcome for a resource waits for the index of that resource's recovery point."""
        backup.next_outcome(UPDATE, ResourceArn=f"{VOLUME}0", IndexStatus="FAILED")
        update()
        assert details()["IndexStatus"] == "ACTIVE"
        backup.add_recovery_point(
            BackupVaultName="vault", RecoveryPointArn=snapshot(2), ResourceArn=f"{VOLUME}0"
        )
        update(arn=snapshot(2))
        assert details(snapshot(2))["IndexStatus"] == "FAILED"

    @pytest.mark.parametrize(
        ("members", "error", "text"),
        [
            ({"IndexStatu": "FAILED"}, TypeError, "did you mean 'IndexStatus'"),
            ({"IndexStatus": "DELETING"}, ValueError, "ends ACTIVE, FAILED, not DELETING"),
            ({"IndexStatus": "FAILD"}, ValueError, "did you mean 'FAILED'"),
            ({"IndexStatusMessage": 1}, TypeError, "takes str, not 1"),
            ({"IndexStatusMessage": "\ud800"}, ValueError, "IndexStatusMessage is no Unicode text"),
            ({"IndexStatus": "\ud800"}, ValueError, "IndexStatus is no Unicode text"),
        ],
    )
    def test_slips(
        self, backup: FakeBackup, members: dict[str, Any], error: type[Exception], text: str
    ) -> None:
        """What an index does not have, or cannot come to, is refused when it is said."""
        with pytest.raises(error, match=text):
            backup.next_outcome(UPDATE, **members)
        update()
        assert details()["IndexStatus"] == "ACTIVE"


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REQUEST, NOT_FOUND = "InvalidRequestException", "ResourceNotFoundException"
ENABLED = {"BackupVaultName": "vault", "RecoveryPointArn": POINT, "Index": "ENABLED"}
NEEDED: dict[str, dict[str, Any]] = {
    UPDATE: {**ENABLED, "IamRoleArn": ROLE},
    DETAILS: {"BackupVaultName": "vault", "RecoveryPointArn": POINT},
    LISTED: {},
}
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *(
        (name, parameters, code)
        for name in (UPDATE, DETAILS)
        for parameters, code in (
            ({"RecoveryPointArn": ""}, MISSING),
            ({"RecoveryPointArn": "point"}, INVALID),
            ({"RecoveryPointArn": snapshot(0)}, NOT_FOUND),
        )
    ),
    (DETAILS, {}, NOT_FOUND),
    (UPDATE, {"Index": ""}, MISSING),
    (UPDATE, {"Index": "MAYBE"}, INVALID),
    (UPDATE, {"IamRoleArn": ""}, MISSING),
    (UPDATE, {"IamRoleArn": "role"}, INVALID),
    (UPDATE, {"RecoveryPointArn": snapshot(91)}, REQUEST),
    (UPDATE, {"RecoveryPointArn": snapshot(92)}, REQUEST),
    (UPDATE, {"RecoveryPointArn": snapshot(93)}, REQUEST),
    (UPDATE, {"RecoveryPointArn": snapshot(94)}, REQUEST),
    (UPDATE, {"Index": "DISABLED"}, REQUEST),
    (LISTED, {"NextToken": "none"}, INVALID),
    (LISTED, {"MaxResults": 1001}, INVALID),
    (LISTED, {"IndexStatus": "DELETED"}, INVALID),
]
CAUSELESS = {(LISTED, NOT_FOUND)}
"""Declared errors without a natural cause: no parameter names what may lack."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        # A type without indexes stands for the recovery point that comes, which is as unfit.
        coming = {"Status": "CREATING"} if allows(STATUS, "CREATING") else {"ResourceType": "RDS"}
        unfit: tuple[dict[str, Any], ...] = (
            {"ResourceType": "RDS"},
            coming,
            {"StorageClass": "COLD"},
            {"IndexStatus": "DELETING"},
        )
        for number, members in enumerate(unfit, 91):
            arn = snapshot(number)
            backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn, **members)
        asked = {**NEEDED[operation], **parameters}
        assert refused(backup, operation, **asked)["Error"]["Code"] == code

    def test_one_in_an_air_gapped_vault(self, backup: FakeBackup) -> None:
        """Recovery points in logically air-gapped vaults have no index [documented: guide]."""
        backup.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
        arn = backup.add_recovery_point(
            BackupVaultName="gapped", ResourceArn="arn:aws:s3:::bucket"
        ).arn
        asked = {"BackupVaultName": "gapped", "RecoveryPointArn": arn, "Index": "ENABLED"}
        error = refused(backup, UPDATE, **asked, IamRoleArn=ROLE)["Error"]
        assert error["Code"] == "InvalidRequestException"
        assert error["Message"] == (
            f"Recovery point {arn} cannot be indexed: it is in a logically air-gapped vault"
        )
        assert listed() == []

    @pytest.mark.skipif(
        not shows("Lifecycle", "DeleteAfterEvent"),
        reason="the installed botocore knows no temporary recovery points",
    )
    def test_a_temporary_one(self, backup: FakeBackup) -> None:
        """Recovery points that are deleted after their copy have none [documented: guide]."""
        lifecycle: Any = {"DeleteAfterEvent": "DELETE_AFTER_COPY"}
        arn = backup.add_recovery_point(
            BackupVaultName="vault", ResourceArn=VOLUME, Lifecycle=lifecycle
        ).arn
        asked = {"BackupVaultName": "vault", "RecoveryPointArn": arn, "Index": "ENABLED"}
        error = refused(backup, UPDATE, **asked, IamRoleArn=ROLE)["Error"]
        assert error["Code"] == "InvalidRequestException"
        assert error["Message"] == (
            f"Recovery point {arn} cannot be indexed: it is deleted after its copy"
        )
        assert listed() == []

    def test_the_role(self, backup: FakeBackup) -> None:
        """No index is made without a role."""
        assert refused(backup, UPDATE, **ENABLED)["Error"]["Code"] == MISSING

    @pytest.mark.parametrize("operation", NEEDED)
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without
