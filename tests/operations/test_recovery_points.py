"""Recovery points: found, changed and deleted through a real client, left by jobs and seeded."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, factories, mock_backup
from fakebackup.model.resources.types import RESOURCE_TYPES
from fakebackup.model.shapes import typed
from fakebackup.model.shapes.model import service_model
from support.botocore_model import declared, known, shows, takes
from support.client import call, changes, client, held, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup.model.vaults.vault import RecoveryPoint

NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
DAY = timedelta(days=1)
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
LIVE = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:continuous:db-1"
SNAPSHOT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"
STATUSES = set(service_model().shape_for("RecoveryPointStatus").enum)  # type: ignore[attr-defined]  # strings have it
"""The statuses of recovery points that the installed botocore knows."""


pytestmark = pytest.mark.fake_backup(region=REGION, history=None)


def described(point: RecoveryPoint) -> Any:
    """What Describe answers of a recovery point."""
    return call("DescribeRecoveryPoint", **named(point))


def named(point: RecoveryPoint) -> dict[str, str]:
    """The parameters that name a recovery point."""
    return {"BackupVaultName": point.vault.name, "RecoveryPointArn": point.arn}


def listed(vault: str = "vault", **parameters: Any) -> list[str]:
    """The ARNs of a vault's recovery points that are listed."""
    found = call("ListRecoveryPointsByBackupVault", BackupVaultName=vault, **parameters)
    return [each["RecoveryPointArn"] for each in found["RecoveryPoints"]]


def of_resource(arn: str, **parameters: Any) -> list[str]:
    """The ARNs of a resource's recovery points that are listed."""
    found = call("ListRecoveryPointsByResource", ResourceArn=arn, **parameters)
    return [each["RecoveryPointArn"] for each in found["RecoveryPoints"]]


def count(vault: str = "vault", region: str = REGION) -> int:
    """How many recovery points a vault says it has."""
    found = call("DescribeBackupVault", BackupVaultName=vault, region=region)
    return int(found["NumberOfRecoveryPoints"])


class TestSeeding:
    @freeze_time(NOW)
    def test_defaults(self, backup: FakeBackup) -> None:
        """A seeded point is a finished one of an EBS volume, in a vault that is made for it."""
        point = backup.add_recovery_point()
        created = NOW - timedelta(hours=1)
        assert described(point) == {
            member: value
            for member, value in {
                "RecoveryPointArn": f"arn:aws:ec2:{REGION}::snapshot/snap-00000000000000001",
                "BackupVaultName": "Default",
                "BackupVaultArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:Default",
                "ResourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-00000000000000001",
                "ResourceType": "EBS",
                "IamRoleArn": (
                    f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
                ),
                "Status": "COMPLETED",
                "CreationDate": created,
                "CompletionDate": created + timedelta(minutes=10),
                "BackupSizeInBytes": 8 * 1024**3,
                "IsEncrypted": False,
                "StorageClass": "WARM",
                "IsParent": False,
                "VaultType": "BACKUP_VAULT",
            }.items()
            if shows("DescribeRecoveryPointOutput", member)
        }
        assert dict(point) == described(point)
        assert backup.vaults["Default"]["CreationDate"] == created

    def test_the_last_seeded_is_the_first_listed(self, backup: FakeBackup) -> None:
        """Points that say no date are listed newest first, as they were seeded."""
        points = [backup.add_recovery_point(BackupVaultName="vault") for _ in range(3)]
        assert listed() == [point.arn for point in reversed(points)]
        assert list(backup.recovery_points) == listed()

    @pytest.mark.parametrize("resource_type", RESOURCE_TYPES)
    def test_each_type(self, backup: FakeBackup, resource_type: str) -> None:
        """A point of each type can be described, restored from and listed by its resource."""
        point = backup.add_recovery_point(ResourceType=resource_type)
        assert described(point)["ResourceType"] == resource_type
        told = call("GetRecoveryPointRestoreMetadata", **named(point))
        assert told["RestoreMetadata"]
        assert (told["RecoveryPointArn"], told["BackupVaultArn"]) == (point.arn, point.vault.arn)
        assert of_resource(point["ResourceArn"]) == [point.arn]

    def test_metadata_names_the_resource(self, backup: FakeBackup) -> None:
        """What a restore begins with is of the very resource."""
        point = backup.add_recovery_point(ResourceArn=VOLUME, IsEncrypted=True)
        told = call("GetRecoveryPointRestoreMetadata", **named(point))["RestoreMetadata"]
        assert told == {"volumeId": "vol-1", "encrypted": "true"}

    def test_a_recorded_answer_seeds_as_it_is(self, backup: FakeBackup) -> None:
        """What Describe answered about a point, another fake answers once it is seeded there."""
        point = backup.add_recovery_point(
            BackupVaultName="vault",
            Lifecycle={"DeleteAfterDays": 5},
            CalculatedLifecycle={"DeleteAt": NOW},
            CreatedBy={"BackupPlanId": "plan"},
        )
        recorded = client().describe_recovery_point(**named(point))
        assert recorded["CalculatedLifecycle"] == {"DeleteAt": NOW}
        with mock_backup(region=OTHER_REGION) as other:
            seeded = other.add_recovery_point(**recorded)
            del recorded["ResponseMetadata"]
            assert call("DescribeRecoveryPoint", **named(point)) == recorded
            assert (seeded.vault.region, dict(seeded)) == (REGION, recorded)

    def test_none_leaves_out(self, backup: FakeBackup) -> None:
        """A member given as None is not there, with its default neither."""
        point = backup.add_recovery_point(IamRoleArn=None, BackupSizeInBytes=None)
        assert not {"IamRoleArn", "BackupSizeInBytes"} & set(described(point))

    def test_an_earlier_completion(self, backup: FakeBackup) -> None:
        """The default creation is before a completion that is given."""
        point = backup.add_recovery_point(CompletionDate=NOW)
        assert point["CreationDate"] == NOW - timedelta(minutes=10)

    def test_a_point_being_made_is_not_complete(self, backup: FakeBackup) -> None:
        """A point that says CREATING has no completion unless it is given one."""
        if "CREATING" in STATUSES:
            assert "CompletionDate" not in backup.add_recovery_point(Status="CREATING")

    def test_numbers_pass_over_what_is_taken(self, backup: FakeBackup) -> None:
        """A default ARN is never one that the user gave to another point."""
        taken = f"arn:aws:ec2:{REGION}::snapshot/snap-00000000000000003"
        backup.add_recovery_point(RecoveryPointArn=taken)
        backup.add_recovery_point()
        assert len(backup.recovery_points) == 2

    @pytest.mark.parametrize(
        ("members", "error", "message"),
        [
            ({"Statu": "COMPLETED"}, TypeError, "did you mean 'Status'"),
            ({"BackupSizeInBytes": "1"}, TypeError, "BackupSizeInBytes takes int"),
            ({"Status": "DONE"}, ValueError, "Status is none of"),
            ({"CreationDate": "then"}, ValueError, "CreationDate is a date"),
            ({"RecoveryPointArn": None}, ValueError, "cannot be without RecoveryPointArn"),
            ({"RecoveryPointArn": POINT}, ValueError, "is taken"),
            ({"RecoveryPointArn": POINT, "BackupVaultName": "new"}, ValueError, "is taken"),
            ({"CreationDate": 2, "CompletionDate": 1}, ValueError, "before CreationDate"),
            ({"BackupVaultName": "a vault"}, ValueError, "letters, digits"),
            (
                {"BackupVaultName": "vault", "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"},
                ValueError,
                "not that of the vault",
            ),
            ({"Lifecycle": {"DeleteAfter": 1}}, TypeError, "no member 'DeleteAfter'"),
            ({"BackupVaultName": "new", "Tags": "a"}, TypeError, "Tags is a dict"),
        ],
    )
    def test_slips(
        self, backup: FakeBackup, members: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        """A slip is told at the seeding line, and nothing is half added."""
        backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=POINT)
        before = held(backup)
        with pytest.raises(error, match=message):
            backup.add_recovery_point(**members)
        assert held(backup) == before

    def test_an_air_gapped_vault_is_made_for_it(self, backup: FakeBackup) -> None:
        """A missing vault is made of the type that the point says."""
        kind: Final = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        point = backup.add_recovery_point(BackupVaultName="gapped", VaultType=kind)
        found = call("DescribeBackupVault", BackupVaultName="gapped")
        assert (found["VaultType"], found["Locked"]) == (kind, True)
        assert point["VaultType"] == kind

    def test_the_arguments_are_typed(self) -> None:
        """Editors complete exactly the members of Describe and of a vault's list, and Tags."""
        model = client().meta.service_model
        known = {"Tags"}
        for shape in ("DescribeRecoveryPointOutput", "RecoveryPointByBackupVault"):
            known |= set(model.shape_for(shape).members)
        typed_members = set(typed.RecoveryPointMembers.__annotations__)
        assert known <= typed_members
        if shows("RecoveryPointByBackupVault", "AggregatedScanResult"):
            assert known == typed_members

    def test_the_view(self, backup: FakeBackup) -> None:
        """The recovery points of a view are a mapping by ARN."""
        point = backup.add_recovery_point(RecoveryPointArn=POINT)
        backup.at(region=OTHER_REGION).add_recovery_point()
        assert dict(backup.recovery_points) == {POINT: point}
        assert backup.recovery_points[POINT] is point
        with pytest.raises(KeyError, match="no recovery point '"):
            backup.recovery_points[POINT + "1"]


class TestOfSeededJobs:
    def test_a_backup_job_and_its_point_agree(self, backup: FakeBackup) -> None:
        """Describe and list of either side say the same of a seeded job."""
        job = backup.add_backup_job(
            BackupVaultName="vault",
            ResourceName="disk",
            IsEncrypted=True,
            EncryptionKeyArn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/own",
            RecoveryPointLifecycle={"DeleteAfterDays": 7},
            CreatedBy={"BackupPlanId": "plan"},
        )
        point = backup.recovery_points[job["RecoveryPointArn"]]
        found = described(point)
        for member in (
            "RecoveryPointArn",
            "BackupVaultName",
            "BackupVaultArn",
            "ResourceArn",
            "ResourceType",
            "ResourceName",
            "IamRoleArn",
            "CreationDate",
            "CompletionDate",
            "BackupSizeInBytes",
            "CreatedBy",
        ):
            if shows("BackupJob", member):
                assert found[member] == job[member], member
        if shows("BackupJob", "IsEncrypted"):
            assert (found["IsEncrypted"], found["EncryptionKeyArn"]) == (
                True,
                f"arn:aws:kms:{REGION}:{ACCOUNT}:key/own",
            )
        assert found["Lifecycle"] == {"DeleteAfterDays": 7}
        assert found["CalculatedLifecycle"]["DeleteAt"] == job["CreationDate"] + 7 * DAY
        assert listed() == [point.arn]
        assert count() == 1
        assert call("ListBackupJobs")["BackupJobs"][0]["RecoveryPointArn"] == point.arn

    def test_a_copy_job_has_both_its_points(self, backup: FakeBackup) -> None:
        """A seeded copy has a source, and a copy in the account and region of its destination."""
        there = f"arn:aws:backup:{OTHER_REGION}:{OTHER_ACCOUNT}:backup-vault:copies"
        job = backup.add_copy_job(DestinationBackupVaultArn=there)
        assert list(backup.recovery_points) == [job["SourceRecoveryPointArn"]]
        far = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
        (copied,) = far.recovery_points.values()
        assert copied.arn == job["DestinationRecoveryPointArn"]
        assert copied["BackupVaultArn"] == there
        assert copied["SourceBackupVaultArn"] == job["SourceBackupVaultArn"]
        with backup.acting_as(OTHER_ACCOUNT):
            assert count("copies", OTHER_REGION) == 1
            assert listed("copies", region=OTHER_REGION) == [copied.arn]

    def test_a_restore_job_marks_its_point(self, backup: FakeBackup) -> None:
        """A point tells when it was last restored."""
        point = backup.add_recovery_point(CreationDate=NOW)
        for hours in (2, 1):
            backup.add_restore_job(
                RecoveryPointArn=point.arn,
                BackupVaultArn=point.vault.arn,
                CreationDate=NOW,
                CompletionDate=NOW + timedelta(hours=hours),
            )
        if shows("RestoreJobsListMember", "BackupVaultArn"):
            assert described(point)["LastRestoreTime"] == NOW + timedelta(hours=2)

    def test_scans_are_summed_up_in_lists(self, backup: FakeBackup) -> None:
        """A list tells of a point's scans what they found together."""
        results: Any = [
            {
                "MalwareScanner": "GUARDDUTY",
                "ScanJobState": state,
                "LastScanTimestamp": NOW + days * DAY,
                "Findings": findings,
            }
            for state, days, findings in (
                ("COMPLETED", 2, ["MALWARE"]),
                ("FAILED", 1, []),
                ("COMPLETED", 0, ["MALWARE"]),
            )
        ]
        backup.add_recovery_point(
            BackupVaultName="vault",
            ScanResults=results,
        )
        found = call("ListRecoveryPointsByBackupVault", BackupVaultName="vault")
        if shows("RecoveryPointByBackupVault", "AggregatedScanResult"):
            assert found["RecoveryPoints"][0]["AggregatedScanResult"] == {
                "FailedScan": True,
                "Findings": ["MALWARE"],
                "LastComputed": NOW + 2 * DAY,
            }

    def test_a_scan_of_an_unknown_time(self, backup: FakeBackup) -> None:
        """A scan that does not say when it was is summed up without it."""
        backup.add_recovery_point(BackupVaultName="vault", ScanResults=[{"ScanJobState": "FAILED"}])
        found = call("ListRecoveryPointsByBackupVault", BackupVaultName="vault")
        if shows("RecoveryPointByBackupVault", "AggregatedScanResult"):
            assert found["RecoveryPoints"][0]["AggregatedScanResult"] == {
                "FailedScan": True,
                "Findings": [],
            }

    @pytest.mark.parametrize("first", ["job", "point"])
    def test_the_order_of_seeding_is_free(self, backup: FakeBackup, first: str) -> None:
        """A point has what it was seeded with, before or after the job that left it."""
        if first == "job":
            backup.add_backup_job(RecoveryPointArn=SNAPSHOT, CreationDate=NOW)
            assert len(backup.recovery_points) == 1
        backup.add_recovery_point(
            RecoveryPointArn=SNAPSHOT, StorageClass="COLD", CreationDate=NOW, Tags={"a": "b"}
        )
        if first == "point":
            backup.add_backup_job(RecoveryPointArn=SNAPSHOT, CreationDate=NOW)
        found = call("DescribeRecoveryPoint", BackupVaultName="Default", RecoveryPointArn=SNAPSHOT)
        assert found["StorageClass"] == "COLD"
        assert call("ListTags", ResourceArn=SNAPSHOT)["Tags"] == {"a": "b"}
        assert count("Default") == 1
        with pytest.raises(ValueError, match="is taken"):
            backup.add_recovery_point(RecoveryPointArn=SNAPSHOT)

    def test_its_dates_agree_with_what_the_job_left(self, backup: FakeBackup) -> None:
        """A date that contradicts those of the job's point is refused, and changes nothing."""
        job = backup.add_backup_job(CreationDate=NOW)
        before = held(backup)
        with pytest.raises(ValueError, match="before CreationDate"):
            backup.add_recovery_point(
                RecoveryPointArn=job["RecoveryPointArn"], CompletionDate=NOW - DAY
            )
        assert held(backup) == before

    def test_a_deleted_point_does_not_come_back(self, backup: FakeBackup) -> None:
        """What the client deleted stays deleted, though the job that left it is still there."""
        job = backup.add_backup_job(BackupVaultName="vault")
        arn = job["RecoveryPointArn"]
        call("DeleteRecoveryPoint", BackupVaultName="vault", RecoveryPointArn=arn)
        backup.add_backup_job(BackupVaultName="vault")
        assert arn not in listed()
        assert call("DescribeBackupJob", BackupJobId=job.id)["RecoveryPointArn"] == arn


class TestOneThatLacksItsResource:
    @pytest.mark.parametrize("member", ["ResourceArn", "ResourceType"])
    @pytest.mark.parametrize(
        "operation", ["StartCopyJob", "StartRestoreJob", "StartScanJob", "CreateBackupAccessPoint"]
    )
    def test_what_needs_it_is_refused(
        self, backup: FakeBackup, operation: str, member: str
    ) -> None:
        """A job or an access point needs resource and type: AWS's error says what is missing."""
        if not known(operation):
            pytest.skip("the installed botocore has no such operation")
        copies = backup.add_vault(BackupVaultName="copies")
        members: dict[str, Any] = {"ResourceArn": "arn:aws:s3:::bucket", member: None}
        if member == "ResourceArn":
            members["ResourceType"] = "S3"
        point = backup.add_recovery_point(BackupVaultName="vault", **members)
        asked = {
            "BackupVaultName": "vault",
            "DestinationBackupVaultArn": copies.arn,
            "IamRoleArn": ROLE,
            "MalwareScanner": "GUARDDUTY",
            "Metadata": {},
            "Name": "access",
            "RecoveryPointArn": point.arn,
            "ScanMode": "FULL_SCAN",
            "ScannerRoleArn": ROLE,
            "SourceBackupVaultName": "vault",
        }
        sent = {name: value for name, value in asked.items() if takes(operation, name)}
        error = refused(backup, operation, **sent)["Error"]
        assert error["Code"] == "InvalidRequestException"
        assert error["Message"] == f"Recovery point {point.arn} has no {member}"

    def test_what_does_not_need_it(self, backup: FakeBackup) -> None:
        """It is described, listed and deleted all the same."""
        point = backup.add_recovery_point(
            BackupVaultName="vault", ResourceArn=None, ResourceType=None
        )
        assert not {"ResourceArn", "ResourceType"} & set(described(point))
        assert listed() == [point.arn]
        assert call("GetRecoveryPointRestoreMetadata", **named(point)).get("RestoreMetadata") in (
            {},
            None,
        )
        call("DeleteRecoveryPoint", **named(point))
        assert listed() == []


class TestOfStartedJobs:
    def test_a_backup_fills_its_vault(self, backup: FakeBackup) -> None:
        """A job started through the client leaves a tagged point when it is complete."""
        call("CreateBackupVault", BackupVaultName="vault")
        started = call(
            "StartBackupJob",
            BackupVaultName="vault",
            ResourceArn=VOLUME,
            IamRoleArn=ROLE,
            RecoveryPointTags={"a": "b"},
        )
        assert count() == 0
        job = backup.backup_jobs[started["BackupJobId"]]
        job.run()
        job.complete()
        (arn,) = listed()
        assert call("ListTags", ResourceArn=arn)["Tags"] == {"a": "b"}
        assert of_resource(VOLUME) == [arn]
        assert backup.recovery_points[arn].vault is backup.vaults["vault"]

    def test_a_copy_to_another_account_and_region(self, backup: FakeBackup) -> None:
        """A copy lies in the destination vault, where the other account finds it."""
        point = backup.add_recovery_point(BackupVaultName="vault")
        with backup.acting_as(OTHER_ACCOUNT):
            there = call("CreateBackupVault", BackupVaultName="copies", region=OTHER_REGION)
        started = call(
            "StartCopyJob",
            RecoveryPointArn=point.arn,
            SourceBackupVaultName="vault",
            DestinationBackupVaultArn=there["BackupVaultArn"],
            IamRoleArn=ROLE,
        )
        job = backup.copy_jobs[started["CopyJobId"]]
        job.run()
        job.complete()
        assert count() == 1
        with backup.acting_as(OTHER_ACCOUNT):
            assert count("copies", OTHER_REGION) == 1
            found = call(
                "DescribeRecoveryPoint",
                region=OTHER_REGION,
                BackupVaultName="copies",
                RecoveryPointArn=job["DestinationRecoveryPointArn"],
            )
        assert found["ResourceArn"] == point["ResourceArn"]
        assert found["SourceBackupVaultArn"] == point.vault.arn


class TestListsByVault:
    FILTERED: ClassVar[list[tuple[dict[str, Any], str]]] = [
        ({}, "cba"),
        ({"ByResourceArn": VOLUME}, "a"),
        ({"ByResourceArn": f"{VOLUME}2"}, ""),
        ({"ByResourceType": "EFS"}, "cb"),
        ({"ByBackupPlanId": "plan"}, "b"),
        ({"ByParentRecoveryPointArn": POINT}, "c"),
        ({"ByCreatedAfter": NOW}, "cb"),
        ({"ByCreatedBefore": NOW + DAY}, "a"),
        ({"ByCreatedAfter": NOW, "ByCreatedBefore": NOW + 2 * DAY}, "b"),
        ({"ByResourceType": "EFS", "ByBackupPlanId": "none"}, ""),
        ({"BackupVaultAccountId": ACCOUNT}, "cba"),
    ]

    @pytest.fixture
    def points(self, backup: FakeBackup) -> dict[str, str]:
        """Points that differ in what the filters look at, by a letter, and one elsewhere."""
        seeds: dict[str, dict[str, Any]] = {
            "a": {"ResourceArn": VOLUME, "ResourceType": "EBS"},
            "b": {"ResourceType": "EFS", "CreatedBy": {"BackupPlanId": "plan"}},
            "c": {"ResourceType": "EFS", "ParentRecoveryPointArn": POINT},
        }
        backup.add_recovery_point(BackupVaultName="other", ResourceArn=VOLUME)
        return {
            letter: backup.add_recovery_point(
                BackupVaultName="vault", CreationDate=NOW + number * DAY, **members
            ).arn
            for number, (letter, members) in enumerate(seeds.items())
        }

    @pytest.mark.parametrize(("asked", "letters"), FILTERED)
    def test_filters(self, points: dict[str, str], asked: dict[str, Any], letters: str) -> None:
        """Each filter compares its member, dates strictly; several are combined with AND."""
        assert listed(**asked) == [points[letter] for letter in letters]

    def test_every_filter_is_tested(self) -> None:
        """The installed botocore knows no filter of this list that is not tested above."""
        tested = {name for asked, _ in self.FILTERED for name in asked}
        shape = client().meta.service_model.operation_model("ListRecoveryPointsByBackupVault")
        rest = {"BackupVaultName", "MaxResults", "NextToken"}
        assert set(shape.input_shape.members) - rest == tested

    @pytest.mark.parametrize(
        "arn",
        [
            SNAPSHOT,
            f"arn:aws:fsx:{REGION}:{ACCOUNT}:backup/backup-1",
            f"arn:aws:mystery:{REGION}:{ACCOUNT}:thing/1",
            "arn:none",
            "nothing",
        ],
    )
    def test_a_resource_that_is_not_backed_up(self, backup: FakeBackup, arn: str) -> None:
        """An ARN of no type that is backed up is refused [reported: AWS's staff]."""
        backup.add_recovery_point(BackupVaultName="vault")
        error = refused(
            backup,
            "ListRecoveryPointsByBackupVault",
            BackupVaultName="vault",
            ByResourceArn=arn,
        )["Error"]
        assert error["Code"] == "InvalidParameterValueException"
        assert error["Message"] == f"Unsupported resource type: {arn}"

    def test_a_missing_vault_comes_first(self, backup: FakeBackup) -> None:
        """Whether the vault may be seen is judged before the resource."""
        error = refused(
            backup,
            "ListRecoveryPointsByBackupVault",
            BackupVaultName="missing",
            ByResourceArn="arn:none",
        )["Error"]
        assert error["Code"] == "AccessDeniedException"

    def test_an_empty_vault(self, backup: FakeBackup) -> None:
        """A vault without points has an empty list, a missing one is forbidden."""
        backup.add_vault(BackupVaultName="vault")
        assert listed() == []
        error = refused(backup, "ListRecoveryPointsByBackupVault", BackupVaultName="none")
        assert error["Error"]["Code"] == "AccessDeniedException"

    @pytest.mark.parametrize("size", [1, 2, 3])
    @pytest.mark.parametrize("by", ["vault", "resource"])
    def test_pages_survive_what_happens_between(
        self, backup: FakeBackup, size: int, by: str
    ) -> None:
        """Points that come and go between two pages neither repeat nor hide another."""
        members: dict[str, Any] = {"BackupVaultName": "vault", "ResourceArn": VOLUME}
        wanted = [backup.add_recovery_point(**members, CreationDate=NOW).arn for _ in range(6)]
        operation, asked = {
            "vault": ("ListRecoveryPointsByBackupVault", {"BackupVaultName": "vault"}),
            "resource": ("ListRecoveryPointsByResource", {"ResourceArn": VOLUME}),
        }[by]
        seen: list[str] = []
        for number, page in enumerate(pages(operation, size, "RecoveryPoints", **asked)):
            seen += [each["RecoveryPointArn"] for each in page]
            backup.add_recovery_point(**members, CreationDate=NOW + DAY)
            if number < 2:
                gone = wanted[number]
                call("DeleteRecoveryPoint", BackupVaultName="vault", RecoveryPointArn=gone)
        assert [arn for arn in seen if arn in wanted[2:]] == wanted[2:]
        assert len(seen) == len(set(seen))


class TestListsByResource:
    def test_newest_first_over_all_vaults(self, backup: FakeBackup) -> None:
        """A resource's points of every vault here are listed by creation, newest first."""
        points = [
            backup.add_recovery_point(
                BackupVaultName=vault, ResourceArn=VOLUME, CreationDate=NOW + days * DAY
            )
            for vault, days in (("one", 1), ("two", 3), ("one", 2))
        ]
        backup.at(region=OTHER_REGION).add_recovery_point(ResourceArn=VOLUME)
        backup.add_recovery_point()
        first, second, third = points
        assert of_resource(VOLUME) == [second.arn, third.arn, first.arn]
        found = call("ListRecoveryPointsByResource", ResourceArn=VOLUME)["RecoveryPoints"][0]
        assert found["BackupSizeBytes"] == second["BackupSizeInBytes"]
        assert found["BackupVaultName"] == "two"
        assert of_resource(f"{VOLUME}0") == []

    def test_the_least_page_of_a_database(self, backup: FakeBackup) -> None:
        """Of a database a page of 20 is the least [documented: model; the error assumed]."""
        for resource in (DATABASE, VOLUME):
            backup.add_recovery_point(ResourceArn=resource)
        asked: dict[str, Any] = {"ResourceArn": DATABASE, "MaxResults": 19}
        error = refused(backup, BY_RESOURCE, **asked)
        assert error["Error"]["Code"] == "InvalidParameterValueException"
        assert "MaxResults 19 is less than 20" in error["Error"]["Message"]
        assert len(of_resource(DATABASE, MaxResults=20)) == 1
        assert len(of_resource(DATABASE)) == 1
        assert len(of_resource(VOLUME, MaxResults=1)) == 1

    @pytest.mark.parametrize(
        ("resource_type", "region"), [("EBS", REGION), ("EBS", OTHER_REGION), ("EFS", REGION)]
    )
    def test_local_copies_of_snapshots(
        self, backup: FakeBackup, resource_type: str, region: str
    ) -> None:
        """EBS snapshots copied within the region and account are left out unless managed only."""
        hidden = (resource_type, region) == ("EBS", REGION)
        point = backup.add_recovery_point(
            ResourceType=resource_type,
            ResourceArn=VOLUME,
            SourceBackupVaultArn=f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:source",
        )
        assert of_resource(VOLUME) == ([] if hidden else [point.arn])
        if takes("ListRecoveryPointsByResource", "ManagedByAWSBackupOnly"):
            assert of_resource(VOLUME, ManagedByAWSBackupOnly=True) == [point.arn]
            shown = of_resource(VOLUME, ManagedByAWSBackupOnly=False)
            assert shown == ([] if hidden else [point.arn])


class TestDeletion:
    @pytest.mark.parametrize("progress", ["polls", "immediate", "clock", "manual"])
    def test_gone_at_once(self, progress: Any) -> None:
        """A deleted point is gone when the call returns, whatever moves jobs; one event tells."""
        with mock_backup(region=REGION, progress=progress) as backup:
            point = backup.add_recovery_point(BackupVaultName="vault", Tags={"a": "b"})
            call("DeleteRecoveryPoint", **named(point))
            assert listed() == []
            assert count() == 0
            assert len(backup.recovery_points) == 0
            assert changes(backup) == ["Recovery Point DELETING"]
            assert backup.events[0]["resources"] == [point.arn]
            assert not tags_of(backup)
            assert point["Status"] == "DELETING"
            error = refused(backup, "DescribeRecoveryPoint", **named(point))
            assert error["Code"] == "ERROR_2603"
            assert error["Error"]["Message"] == "Cannot find recovery point."
            error = refused(backup, "DeleteRecoveryPoint", **named(point))
            assert error["Error"]["Code"] == "ResourceNotFoundException"

    def test_a_locked_vault_keeps_its_points(self, backup: FakeBackup) -> None:
        """Nothing is deleted from a locked vault or changed in it until the lock is gone."""
        point = backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=LIVE)
        nested = backup.add_recovery_point(BackupVaultName="vault", ParentRecoveryPointArn=POINT)
        call("PutBackupVaultLockConfiguration", BackupVaultName="vault")
        for operation, each in (
            ("DeleteRecoveryPoint", point),
            ("DisassociateRecoveryPoint", point),
            ("DisassociateRecoveryPointFromParent", nested),
        ):
            error = refused(backup, operation, **named(each))
            assert error["Error"]["Code"] == "InvalidRequestException"
        longer = {"Lifecycle": {"DeleteAfterDays": 36500}}
        error = refused(backup, "UpdateRecoveryPointLifecycle", **named(nested), **longer)
        assert error["Error"]["Code"] == "InvalidRequestException"
        call("DeleteBackupVaultLockConfiguration", BackupVaultName="vault")
        call("DeleteRecoveryPoint", **named(point))
        assert listed() == [nested.arn]

    def test_not_while_a_job_reads_it(self, backup: FakeBackup) -> None:
        """A point that an unfinished job reads cannot be deleted until the job has ended."""
        point = backup.add_recovery_point(BackupVaultName="vault")
        started = call(
            "StartCopyJob",
            RecoveryPointArn=point.arn,
            SourceBackupVaultName="vault",
            DestinationBackupVaultArn=backup.add_vault(BackupVaultName="copies").arn,
            IamRoleArn=ROLE,
        )
        error = refused(backup, "DeleteRecoveryPoint", **named(point))
        assert error["Error"]["Code"] == "InvalidResourceStateException"
        assert started["CopyJobId"] in error["Error"]["Message"]
        backup.copy_jobs[started["CopyJobId"]].fail("no")
        call("DeleteRecoveryPoint", **named(point))
        assert listed() == []

    @pytest.mark.parametrize("status", sorted({"CREATING", "DELETING"} & STATUSES))
    def test_not_while_it_changes(self, backup: FakeBackup, status: Any) -> None:
        """A point that is being made or deleted cannot be deleted."""
        point = backup.add_recovery_point(Status=status)
        error = refused(backup, "DeleteRecoveryPoint", **named(point))
        assert error["Error"]["Code"] == "InvalidResourceStateException"

    @pytest.mark.parametrize("status", sorted({"EXPIRED", "PARTIAL", "AVAILABLE"} & STATUSES))
    def test_others_can_be_deleted(self, backup: FakeBackup, status: Any) -> None:
        """A point that AWS could not expire, a partial and a continuous one can be deleted."""
        point = backup.add_recovery_point(Status=status)
        call("DeleteRecoveryPoint", **named(point))
        assert listed("Default") == []

    def test_a_composite_point_goes_last(self, backup: FakeBackup) -> None:
        """A composite point cannot go before its nested ones, and is PARTIAL without them."""
        group = factories.composite(2, BackupVaultName="vault")
        backup.add(group)
        parent = backup.recovery_points[group[0]["RecoveryPointArn"]]
        nested = [backup.recovery_points[job["RecoveryPointArn"]] for job in group[1:]]
        assert {each["ParentRecoveryPointArn"] for each in nested} == {parent.arn}
        error = refused(backup, "DeleteRecoveryPoint", **named(parent))
        assert error["Error"]["Code"] == "InvalidRequestException"
        call("DeleteRecoveryPoint", **named(nested[0]))
        assert described(parent)["Status"] == "PARTIAL"
        call("DeleteRecoveryPoint", **named(nested[1]))
        call("DeleteRecoveryPoint", **named(parent))
        told = ["DELETING", "PARTIAL", "DELETING", "DELETING"]
        assert changes(backup) == [f"Recovery Point {status}" for status in told]


class TestDisassociation:
    @pytest.mark.parametrize(
        ("arn", "status"),
        [(LIVE, "COMPLETED"), *((POINT, each) for each in ("AVAILABLE", "STOPPED"))],
    )
    def test_a_continuous_backup_is_released(
        self, backup: FakeBackup, arn: str, status: Any
    ) -> None:
        """A continuous backup, by ARN or status, leaves AWS Backup; its tags go, an event tells."""
        if status not in STATUSES:
            pytest.skip("this botocore does not know the status")
        point = backup.add_recovery_point(
            BackupVaultName="vault",
            RecoveryPointArn=arn,
            ResourceType="RDS",
            Status=status,
            Tags={"a": "b"},
        )
        call("DisassociateRecoveryPoint", **named(point))
        assert listed() == []
        assert not tags_of(backup)
        assert changes(backup) == ["Recovery Point DELETING"]

    def test_a_nested_point_leaves_its_parent(self, backup: FakeBackup) -> None:
        """A point taken out of a composite one stays; the composite one is PARTIAL."""
        parent = backup.add_recovery_point(BackupVaultName="vault", IsParent=True)
        nested = backup.add_recovery_point(
            BackupVaultName="vault", ParentRecoveryPointArn=parent.arn
        )
        call("DisassociateRecoveryPointFromParent", **named(nested))
        assert "ParentRecoveryPointArn" not in described(nested)
        assert described(parent)["Status"] == "PARTIAL"
        assert listed(ByParentRecoveryPointArn=parent.arn) == []
        assert changes(backup) == ["Recovery Point PARTIAL"]
        call("DeleteRecoveryPoint", **named(parent))
        assert listed() == [nested.arn]


OF_DYNAMODB = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/backup/1"


class TestLifecycles:
    def test_round_trip(self, backup: FakeBackup) -> None:
        """A new lifecycle replaces the old one, its dates count from the creation."""
        point = backup.add_recovery_point(
            BackupVaultName="vault", ResourceType="EFS", CreationDate=NOW
        )
        for given, dates in (
            ({"DeleteAfterDays": 5}, {"DeleteAt": NOW + 5 * DAY}),
            (
                {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 100},
                {"MoveToColdStorageAt": NOW + 10 * DAY, "DeleteAt": NOW + 100 * DAY},
            ),
            ({"MoveToColdStorageAfterDays": 1}, {"MoveToColdStorageAt": NOW + DAY}),
        ):
            answer = call("UpdateRecoveryPointLifecycle", **named(point), Lifecycle=given)
            assert answer == {
                "BackupVaultArn": point.vault.arn,
                "RecoveryPointArn": point.arn,
                "Lifecycle": given,
                "CalculatedLifecycle": dates,
            }
            found = described(point)
            assert (found["Lifecycle"], found["CalculatedLifecycle"]) == (given, dates)
        assert backup.events == []

    @pytest.mark.parametrize(
        ("members", "cold"),
        [
            ({"ResourceType": "EFS"}, True),
            ({"ResourceType": "S3"}, False),
            ({"ResourceType": "RDS"}, False),
            ({"ResourceType": "EBS"}, False),
            ({"ResourceType": "DynamoDB"}, True),
            # Made without advanced features.
            ({"ResourceType": "DynamoDB", "RecoveryPointArn": OF_DYNAMODB}, False),
            # It has gone there, however that came.
            ({"ResourceType": "EBS", "StorageClass": "COLD"}, True),
        ],
    )
    def test_dates_of_types(
        self, backup: FakeBackup, members: dict[str, Any], *, cold: bool
    ) -> None:
        """A type without cold storage has no date of it: AWS Backup ignores that [documented].

        The setting itself is shown as it was given.
        """
        given = {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 100}
        all_members: Any = {"CreationDate": NOW, "Lifecycle": given, **members}
        point = backup.add_recovery_point(BackupVaultName="vault", **all_members)
        dates = {"DeleteAt": NOW + 100 * DAY}
        if cold:
            dates["MoveToColdStorageAt"] = NOW + 10 * DAY
        found = described(point)
        assert (found["Lifecycle"], found["CalculatedLifecycle"]) == (given, dates)
        (item,) = call(BY_VAULT, BackupVaultName="vault")["RecoveryPoints"]
        assert item["CalculatedLifecycle"] == dates

    @pytest.mark.skipif(
        not shows("Lifecycle", "OptInToArchiveForSupportedResources"),
        reason="this botocore does not know the member",
    )
    @pytest.mark.parametrize("opted_in", [True, False])
    def test_dates_of_an_archive(self, backup: FakeBackup, *, opted_in: bool) -> None:
        """A snapshot of a volume has one where its lifecycle opts in to the archive."""
        point = backup.add_recovery_point(
            BackupVaultName="vault", ResourceType="EBS", CreationDate=NOW
        )
        given = {"MoveToColdStorageAfterDays": 10}
        opt_in = {"OptInToArchiveForSupportedResources": opted_in}
        answer = call("UpdateRecoveryPointLifecycle", **named(point), Lifecycle={**given, **opt_in})
        dates = {"MoveToColdStorageAt": NOW + 10 * DAY} if opted_in else None
        assert answer.get("CalculatedLifecycle") == dates
        assert described(point).get("CalculatedLifecycle") == dates

    @pytest.mark.parametrize(
        "given", [{"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": -1}, {}]
    )
    def test_it_can_be_taken_away(self, backup: FakeBackup, given: dict[str, int]) -> None:
        """-1 for both days, or neither of them, leaves no lifecycle."""
        point = backup.add_recovery_point(
            Lifecycle={"DeleteAfterDays": 5}, CalculatedLifecycle={"DeleteAt": NOW}
        )
        answer = call("UpdateRecoveryPointLifecycle", **named(point), Lifecycle=given)
        assert set(answer) == {"BackupVaultArn", "RecoveryPointArn"}
        assert not {"Lifecycle", "CalculatedLifecycle"} & set(described(point))

    def test_a_recorded_date_goes_with_its_lifecycle(self, backup: FakeBackup) -> None:
        """Dates that were seeded do not outlive the lifecycle they belong to."""
        point = backup.add_recovery_point(
            CreationDate=NOW,
            Lifecycle={"DeleteAfterDays": 5},
            CalculatedLifecycle={"DeleteAt": NOW},
        )
        call("UpdateRecoveryPointLifecycle", **named(point), Lifecycle={"DeleteAfterDays": 6})
        assert described(point)["CalculatedLifecycle"] == {"DeleteAt": NOW + 6 * DAY}

    def test_what_is_cold_stays_cold(self, backup: FakeBackup) -> None:
        """In cold storage only the deletion can be changed."""
        point = backup.add_recovery_point(
            StorageClass="COLD",
            Lifecycle={"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 100},
        )
        for days in (11, -1):
            given = {"MoveToColdStorageAfterDays": days, "DeleteAfterDays": 200}
            error = refused(backup, "UpdateRecoveryPointLifecycle", **named(point), Lifecycle=given)
            assert error["Error"]["Code"] == "InvalidRequestException"
        given = {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 200}
        call("UpdateRecoveryPointLifecycle", **named(point), Lifecycle=given)
        assert described(point)["Lifecycle"] == given


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REQUEST, NOT_FOUND = "InvalidRequestException", "ResourceNotFoundException"
STATE = "InvalidResourceStateException"
UPDATE = "UpdateRecoveryPointLifecycle"
BY_VAULT, BY_RESOURCE = "ListRecoveryPointsByBackupVault", "ListRecoveryPointsByResource"
METADATA = "GetRecoveryPointRestoreMetadata"
OF_ONE = (
    "DescribeRecoveryPoint",
    METADATA,
    "DeleteRecoveryPoint",
    "DisassociateRecoveryPoint",
    "DisassociateRecoveryPointFromParent",
    UPDATE,
)
PARENT, BUSY = f"{POINT}-parent", f"{POINT}-busy"

ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"RecoveryPointArn": f"{POINT}0"}, NOT_FOUND) for name in OF_ONE),
    *((name, {"BackupVaultName": "other"}, NOT_FOUND) for name in OF_ONE),
    *((name, {"RecoveryPointArn": "point"}, INVALID) for name in OF_ONE),
    *((name, {"RecoveryPointArn": ""}, MISSING) for name in OF_ONE),
    ("DeleteRecoveryPoint", {"BackupVaultName": "locked", "RecoveryPointArn": SNAPSHOT}, REQUEST),
    ("DeleteRecoveryPoint", {"RecoveryPointArn": PARENT}, REQUEST),
    ("DeleteRecoveryPoint", {"RecoveryPointArn": BUSY}, STATE),
    ("DisassociateRecoveryPoint", {}, REQUEST),
    ("DisassociateRecoveryPoint", {"RecoveryPointArn": BUSY}, STATE),
    ("DisassociateRecoveryPointFromParent", {"RecoveryPointArn": PARENT}, REQUEST),
    (UPDATE, {"Lifecycle": {"DeleteAfterDays": 0}}, INVALID),
    (UPDATE, {"Lifecycle": {"DeleteAfterDays": 36501}}, INVALID),
    (UPDATE, {"Lifecycle": {"DeleteAfterDays": 99, "MoveToColdStorageAfterDays": 10}}, INVALID),
    (UPDATE, {"Lifecycle": {"DeleteAfterEvent": "DELETE_AFTER_COPY"}}, INVALID),
    (UPDATE, {"Lifecycle": None}, MISSING),
    (UPDATE, {"RecoveryPointArn": LIVE}, REQUEST),
    (UPDATE, {"BackupVaultName": "locked", "RecoveryPointArn": SNAPSHOT}, REQUEST),
    (BY_VAULT, {"NextToken": "none"}, INVALID),
    (BY_VAULT, {"MaxResults": 1001}, INVALID),
    (BY_RESOURCE, {"ResourceArn": ""}, MISSING),
    (BY_RESOURCE, {"ResourceArn": "volume"}, INVALID),
    (BY_RESOURCE, {"NextToken": "none"}, INVALID),
]
CAUSELESS = {(BY_RESOURCE, NOT_FOUND), (BY_VAULT, NOT_FOUND), (BY_VAULT, MISSING)}
"""Declared errors without a natural cause: a resource without points has an empty list, and a
vault that is missing is forbidden."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        backup.add_vault(BackupVaultName="other")
        backup.add_vault(BackupVaultName="locked", Locked=True)
        backup.add_recovery_point(BackupVaultName="locked", RecoveryPointArn=SNAPSHOT)
        for arn, members in (
            (POINT, {"ParentRecoveryPointArn": PARENT}),
            (PARENT, {"IsParent": True}),
            (BUSY, {"Status": "DELETING"}),
            (LIVE, {}),
        ):
            given: dict[str, Any] = {"RecoveryPointArn": arn, **members}
            backup.add_recovery_point(BackupVaultName="vault", **given)
        named = {"BackupVaultName": "vault", "RecoveryPointArn": POINT}
        if operation == BY_VAULT:
            del named["RecoveryPointArn"]
        asked: dict[str, Any] = {"ResourceArn": VOLUME} if operation == BY_RESOURCE else {**named}
        if operation == UPDATE:
            asked["Lifecycle"] = {"DeleteAfterDays": 5}
        asked = {name: each for name, each in {**asked, **parameters}.items() if each is not None}
        if not takes(operation, *asked) or (
            "DeleteAfterEvent" in asked.get("Lifecycle", {})
            and not shows("Lifecycle", "DeleteAfterEvent")
        ):
            pytest.skip("this botocore does not know the parameter")
        assert refused(backup, operation, **asked)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize("operation", [*OF_ONE, BY_VAULT, BY_RESOURCE])
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without
