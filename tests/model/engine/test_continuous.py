"""Continuous backups: made by plans, kept up, stopped, copied, restored to a time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackup, mock_backup
from support.botocore_model import model
from support.client import call, refused
from support.constants import ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import Job

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUCKET = "arn:aws:s3:::bucket"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders"
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:orders"
HANA = f"arn:aws:ssm-sap:{REGION}:{ACCOUNT}:HANA/app/DB/orders"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point"
NIGHTLY = "cron(0 5 ? * * *)"
ELSEWHERE = (
    "Enabling continuous backup failed, because of the following error: "
    "PITR already configured in backup plan: "
)
ELSEWHERE_OF_BUCKET = (
    "Bucket bucket already has continuous backup enabled for another vault Backup job failed."
)

_STATUSES: Any = model().shape_for("RecoveryPointStatus")
pytestmark = [
    pytest.mark.fake_backup(region=REGION, progress="immediate"),
    pytest.mark.skipif(
        "AVAILABLE" not in _STATUSES.enum,
        reason="the installed botocore does not know the status of continuous backups",
    ),
]


def vault_arn(name: str, region: str = REGION) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{name}"


def rule(name: str = "rule", days: int = 35, **members: Any) -> dict[str, Any]:
    """A continuous rule."""
    return {
        "RuleName": name,
        "TargetBackupVaultName": "Daily",
        "ScheduleExpression": NIGHTLY,
        "EnableContinuousBackup": True,
        "Lifecycle": {"DeleteAfterDays": days},
        **members,
    }


def plan(*rules: dict[str, Any], of: str = BUCKET, name: str = "plan") -> str:
    """A new plan's id, which backs a resource up."""
    document = {"BackupPlanName": name, "Rules": list(rules or (rule(),))}
    made = call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [of]}
    call("CreateBackupSelection", BackupPlanId=made, BackupSelection=selection)
    return str(made)


def update(made: str, *rules: dict[str, Any]) -> None:
    """Give a plan other rules."""
    document = {"BackupPlanName": "plan", "Rules": list(rules)}
    call("UpdateBackupPlan", BackupPlanId=made, BackupPlan=document)


@pytest.fixture(autouse=True)
def at() -> Iterator[Callable[[timedelta], None]]:
    """A function that lets time pass, to so long after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


@pytest.fixture(autouse=True)
def vaults(at: Callable[[timedelta], None], backup: FakeBackup) -> None:
    """Vaults to back up into."""
    at(timedelta())
    for name in ("Daily", "Other"):
        backup.add_vault(BackupVaultName=name)


def described(arn: str, vault: str = "Daily") -> dict[str, Any]:
    """A recovery point, through the client."""
    shown: dict[str, Any] = call(
        "DescribeRecoveryPoint", BackupVaultName=vault, RecoveryPointArn=arn
    )
    return shown


def refused_as(backup: FakeBackup, code: str, operation: str, **asked: Any) -> str:
    """The message of a call that is refused with an error, and changes nothing."""
    error = refused(backup, operation, **asked)["Error"]
    assert error["Code"] == code
    return str(error["Message"])


class TestRuns:
    """Runs of continuous rules."""

    @pytest.mark.parametrize(
        ("resource", "begin"),
        [
            (BUCKET, f"{POINT}:continuous:bucket-"),
            (DATABASE, f"{POINT}:continuous:db-"),
            (CLUSTER, f"{POINT}:continuous:cluster-"),
            (HANA, f"{POINT}:continuous:orders-"),
        ],
    )
    def test_one_point(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        resource: str,
        begin: str,
    ) -> None:
        """The first run makes the one continuous backup of a resource, later ones keep it up."""
        made = plan(of=resource)
        for day in range(3):
            at(day * DAY)
            (job,) = backup.run_plan(made)
            assert (job["State"], job["MessageCategory"]) == ("COMPLETED", "SUCCESS")
        (point,) = backup.recovery_points.values()
        assert point.arn.startswith(begin)
        shown = described(point.arn)
        assert (shown["Status"], shown["CreationDate"]) == ("AVAILABLE", START)
        assert shown["CompletionDate"] == START + 2 * DAY
        assert shown["CalculatedLifecycle"]["DeleteAt"] == START + 37 * DAY
        assert {job["RecoveryPointArn"] for job in backup.backup_jobs.values()} == {point.arn}
        told = [each["detail"]["status"] for each in backup.events if "status" in each["detail"]]
        assert told == ["AVAILABLE"]

    def test_other_types(self, backup: FakeBackup) -> None:
        """A type without continuous backups gets ordinary ones."""
        made = plan(of=VOLUME)
        backup.run_plan(made)
        backup.run_plan(made)
        points = backup.recovery_points.values()
        assert [each["Status"] for each in points] == ["COMPLETED", "COMPLETED"]
        assert not any("continuous" in each.arn for each in points)

    def test_on_demand(self, backup: FakeBackup) -> None:
        """StartBackupJob makes a snapshot beside the continuous backup."""
        backup.run_plan(plan())
        asked = {"BackupVaultName": "Other", "ResourceArn": BUCKET, "IamRoleArn": ROLE}
        newest = backup.backup_jobs[call("StartBackupJob", **asked)["BackupJobId"]]
        assert "continuous" not in newest["RecoveryPointArn"]
        assert newest["MessageCategory"] == "SUCCESS"

    def test_failed(self, backup: FakeBackup) -> None:
        """A run that fails makes none, and leaves the one there is as it was."""
        made = plan()
        backup.next_outcome("StartBackupJob", State="FAILED")
        (job,) = backup.run_plan(made)
        assert "RecoveryPointArn" not in job
        assert not backup.recovery_points

    @pytest.mark.parametrize(
        ("days", "kept"), [((7, 35), "second"), ((35, 7), "first"), ((9, 9), "first")]
    )
    def test_several_rules(self, backup: FakeBackup, days: tuple[int, int], kept: str) -> None:
        """Of continuous rules with one vault the one with the longest retention runs."""
        made = plan(rule("first", days[0]), rule("second", days[1]))
        (job,) = backup.run_plan(made)
        rules = call("GetBackupPlan", BackupPlanId=made)["BackupPlan"]["Rules"]
        names = {each["RuleId"]: each["RuleName"] for each in rules}
        assert names[job["CreatedBy"]["BackupRuleId"]] == kept

    def test_several_rules_of_other_types(self, backup: FakeBackup) -> None:
        """For a type without continuous backups each rule makes its own."""
        assert len(backup.run_plan(plan(rule("first"), rule("second", 7), of=VOLUME))) == 2

    def test_another_vault(self, backup: FakeBackup) -> None:
        """A resource has one continuous backup: a rule with another vault makes a snapshot.

        AWS's guide: "Enabling continuous backup failed, because of the following error: PITR
        already configured in backup plan: [ARN]".
        """
        made = plan(rule("first"), rule("second", 7, TargetBackupVaultName="Other"))
        first, second = backup.run_plan(made)
        arn = call("GetBackupPlan", BackupPlanId=made)["BackupPlanArn"]
        assert first["MessageCategory"] == "SUCCESS"
        assert (second["State"], second["StatusMessage"], second["MessageCategory"]) == (
            "COMPLETED",
            f"{ELSEWHERE}{arn}",
            "MISCELLANEOUS",
        )
        shown = described(second["RecoveryPointArn"], "Other")
        # The guide says that the details of the recovery point show it, too.
        assert (shown["Status"], shown["StatusMessage"]) == ("COMPLETED", f"{ELSEWHERE}{arn}")
        assert ":continuous:" not in second["RecoveryPointArn"]
        assert "StatusMessage" not in described(first["RecoveryPointArn"])

    def test_another_vault_air_gapped(self, backup: FakeBackup) -> None:
        """A second one in a logically air-gapped vault fails, in AWS's words of a bucket."""
        call(
            "CreateLogicallyAirGappedBackupVault",
            BackupVaultName="Gapped",
            MinRetentionDays=7,
            MaxRetentionDays=35,
        )
        made = plan(rule("first"), rule("second", TargetBackupVaultName="Gapped"))
        _, second = backup.run_plan(made)
        assert (second["State"], second["StatusMessage"]) == ("FAILED", ELSEWHERE_OF_BUCKET)

    def test_begun_side_by_side(self) -> None:
        """Of two jobs that run at a time the one that completes first makes it."""
        with mock_backup(region=REGION, progress="manual") as fake:
            for name in ("Daily", "Other"):
                fake.add_vault(BackupVaultName=name)
            made = plan(rule("first"), rule("second", TargetBackupVaultName="Other"))
            first, second = fake.run_plan(made)
            second.complete()
            first.complete()
            assert ":continuous:" in second["RecoveryPointArn"]
            assert ":continuous:" not in first["RecoveryPointArn"]
            assert "RecoveryPointArn" in first


class TestRetention:
    """Another retention, and its end."""

    def test_of_a_bucket(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Another retention stops a bucket's continuous backup; another one begins."""
        made = plan()
        (first,) = backup.run_plan(made)
        update(made, rule(days=7))
        assert described(first["RecoveryPointArn"])["Status"] == "AVAILABLE"
        at(DAY)
        (second,) = backup.run_plan(made)
        assert second["RecoveryPointArn"] != first["RecoveryPointArn"]
        assert described(first["RecoveryPointArn"])["Status"] == "STOPPED"
        shown = described(second["RecoveryPointArn"])
        assert (shown["Status"], shown["Lifecycle"]["DeleteAfterDays"]) == ("AVAILABLE", 7)
        told = [each["detail"]["status"] for each in backup.events if "status" in each["detail"]]
        assert told == ["AVAILABLE", "STOPPED", "AVAILABLE"]

    @pytest.mark.parametrize("resource", [DATABASE, CLUSTER, HANA])
    def test_of_others(self, backup: FakeBackup, resource: str) -> None:
        """The one of a database stays, and is kept as long as the rule says now."""
        made = plan(of=resource)
        backup.run_plan(made)
        update(made, rule(days=7))
        backup.run_plan(made)
        (point,) = backup.recovery_points.values()
        assert point["Lifecycle"]["DeleteAfterDays"] == 7
        assert point["Status"] == "AVAILABLE"

    def test_no_other_way(self, backup: FakeBackup) -> None:
        """Its lifecycle is changed through the plan alone, and it is not copied by hand."""
        (job,) = backup.run_plan(plan())
        of_it = {"RecoveryPointArn": job["RecoveryPointArn"]}
        refused_as(
            backup,
            "InvalidRequestException",
            "UpdateRecoveryPointLifecycle",
            BackupVaultName="Daily",
            Lifecycle={"DeleteAfterDays": 9},
            **of_it,
        )
        refused_as(
            backup,
            "InvalidRequestException",
            "StartCopyJob",
            SourceBackupVaultName="Daily",
            DestinationBackupVaultArn=vault_arn("Other"),
            IamRoleArn=ROLE,
            **of_it,
        )

    @pytest.mark.fake_backup(progress="clock")
    def test_kept_up(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """As long as its rule runs it stays; afterwards it is kept for its retention."""
        made = plan(rule(days=3))
        at(20 * DAY)
        (point,) = backup.recovery_points.values()
        assert point["Status"] == "AVAILABLE"
        last = point["CompletionDate"]
        update(
            made, rule(days=3, EnableContinuousBackup=False, ScheduleExpression="cron(0 6 1 1 ? *)")
        )
        at(last + 3 * DAY - START - MINUTE)
        assert point.arn in backup.recovery_points
        at(last + 3 * DAY - START)
        assert point.arn not in backup.recovery_points

    @pytest.mark.fake_backup(progress="clock")
    def test_expired(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """One that is kept no longer than to the next run expires; that run begins another one."""
        plan(rule(days=2, ScheduleExpression="cron(0 5 ? * SUN *)"))
        at(5 * DAY)
        (first,) = backup.recovery_points.values()
        assert first["Status"] == "AVAILABLE"
        at(8 * DAY)
        assert first["Status"] == "EXPIRED"
        at(12 * DAY)
        second = next(iter(backup.recovery_points.values()))
        assert (second["Status"], second.arn == first.arn) == ("AVAILABLE", False)

    def test_deleted(self, backup: FakeBackup) -> None:
        """After a deletion the next run of the rule makes another one."""
        made = plan()
        (first,) = backup.run_plan(made)
        of_it = {"BackupVaultName": "Daily", "RecoveryPointArn": first["RecoveryPointArn"]}
        call("DeleteRecoveryPoint", **of_it)
        (second,) = backup.run_plan(made)
        assert list(backup.recovery_points) == [second["RecoveryPointArn"]]


class TestDisassociation:
    """DisassociateRecoveryPoint."""

    def test_of_a_bucket(self, backup: FakeBackup) -> None:
        """A bucket's is STOPPED and stays; the next run begins another one, in any vault."""
        made = plan()
        (first,) = backup.run_plan(made)
        of_it = {"BackupVaultName": "Daily", "RecoveryPointArn": first["RecoveryPointArn"]}
        call("DisassociateRecoveryPoint", **of_it)
        assert described(first["RecoveryPointArn"])["Status"] == "STOPPED"
        refused_as(backup, "InvalidRequestException", "DisassociateRecoveryPoint", **of_it)
        update(made, rule(TargetBackupVaultName="Other"))
        (second,) = backup.run_plan(made)
        assert described(second["RecoveryPointArn"], "Other")["Status"] == "AVAILABLE"
        assert second["MessageCategory"] == "SUCCESS"

    @pytest.mark.fake_backup(progress="clock")
    @pytest.mark.parametrize("by_an_update", [True, False])
    def test_the_end_of_a_stopped_one(
        self, backup: FakeBackup, at: Callable[[timedelta], None], *, by_an_update: bool
    ) -> None:
        """However it was stopped, it is deleted after its retention, though its rule goes on."""
        made = plan(rule(days=7))
        at(DAY)
        (first,) = backup.recovery_points.values()
        if by_an_update:
            update(made, rule(days=3))
        else:
            of_it = {"BackupVaultName": "Daily", "RecoveryPointArn": first.arn}
            call("DisassociateRecoveryPoint", **of_it)
        at(3 * DAY)
        ends = first["CalculatedLifecycle"]["DeleteAt"]
        at(ends - START - MINUTE)
        assert first["Status"] == "STOPPED"
        at(ends - START)
        (second,) = backup.recovery_points.values()
        assert (second["Status"], second.arn == first.arn) == ("AVAILABLE", False)
        assert first["Status"] == "DELETING"

    def test_of_a_database(self, backup: FakeBackup) -> None:
        """A database's is gone; the next run makes one of the same ARN."""
        made = plan(of=DATABASE)
        (first,) = backup.run_plan(made)
        of_it = {"BackupVaultName": "Daily", "RecoveryPointArn": first["RecoveryPointArn"]}
        call("DisassociateRecoveryPoint", **of_it)
        refused_as(backup, "ResourceNotFoundException", "DescribeRecoveryPoint", **of_it)
        (second,) = backup.run_plan(made)
        assert second["RecoveryPointArn"] == first["RecoveryPointArn"]
        assert described(second["RecoveryPointArn"])["Status"] == "AVAILABLE"


class TestCopies:
    """The copies of a rule."""

    def test_are_snapshots(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Each run of the rule copies a snapshot of its time."""
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="Away")
        away = vault_arn("Away", OTHER_REGION)
        made = plan(rule(CopyActions=[{"DestinationBackupVaultArn": away}]))
        for day in range(2):
            at(day * DAY)
            backup.run_plan(made)
        copies = list(backup.at(region=OTHER_REGION).recovery_points.values())
        assert [each["CreationDate"] for each in copies] == [START + DAY, START]
        assert [each["Status"] for each in copies] == ["COMPLETED", "COMPLETED"]
        assert not any(":continuous:" in each.arn for each in copies)
        assert [each["Lifecycle"]["DeleteAfterDays"] for each in copies] == [35, 35]


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
HELD, EARLY = "2024-05-01T00:30:00.000Z", "1999-01-01T00:00:00Z"
NEITHER = "RestoreTime is missing, and UseLatestRestorableTime is not true"
NEITHER_OF_CLUSTER = "restoreToTime is missing, and UseLatestRestorableTime is not true"
BOTH = "RestoreTime is given, and UseLatestRestorableTime is true"


class TestRestores:
    """Restores to a time."""

    @pytest.mark.parametrize(
        ("resource", "behind"), [(BUCKET, 15 * MINUTE), (DATABASE, 5 * MINUTE)]
    )
    def test_window(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        resource: str,
        behind: timedelta,
    ) -> None:
        """A time from its beginning, or its retention's, until some minutes ago can be restored."""
        made = plan(rule(days=3), of=resource)
        backup.run_plan(made)
        at(HOUR)
        (point,) = backup.recovery_points
        restore = {"RecoveryPointArn": point, "IamRoleArn": ROLE}

        def metadata(instant: datetime) -> dict[str, str]:
            return {"RestoreTime": instant.strftime("%Y-%m-%dT%H:%M:%SZ")}

        held = (START, START + HOUR - behind)
        for instant in held:
            call("StartRestoreJob", **restore, Metadata=metadata(instant))
        for instant in (held[0] - timedelta(seconds=1), held[1] + timedelta(seconds=1)):
            error = refused_as(
                backup,
                "InvalidParameterValueException",
                "StartRestoreJob",
                **restore,
                Metadata=metadata(instant),
            )
            assert "is no instant that" in error
        at(5 * DAY)
        refused_as(
            backup,
            "InvalidParameterValueException",
            "StartRestoreJob",
            **restore,
            Metadata=metadata(START + DAY),
        )
        call("StartRestoreJob", **restore, Metadata=metadata(START + 2 * DAY))

    @pytest.mark.parametrize(
        ("resource", "metadata", "error"),
        [
            (DATABASE, {}, None),
            (DATABASE, {"UseLatestRestorableTime": "true"}, None),
            (DATABASE, {"restoreTime": HELD, "UseLatestRestorableTime": "false"}, None),
            (DATABASE, {"UseLatestRestorableTime": "false"}, (MISSING, NEITHER)),
            # Another type's key is none of its own.
            (
                DATABASE,
                {"RestoreToTime": HELD, "UseLatestRestorableTime": "false"},
                (MISSING, NEITHER),
            ),
            (DATABASE, {"RestoreTime": HELD, "UseLatestRestorableTime": "true"}, (INVALID, BOTH)),
            (DATABASE, {"RestoreTime": "yesterday"}, (INVALID, "RestoreTime 'yesterday' is no")),
            (
                DATABASE,
                {"RestoreTime": "2024-13-01T00:30:00Z"},
                (INVALID, "RestoreTime '2024-13-01T00:30:00Z' is no instant"),
            ),
            (HANA, {}, None),
            (HANA, {"RestoreTime": EARLY}, (INVALID, f"RestoreTime '{EARLY}' is no instant")),
            # [documented: guide, restoring Aurora]
            (CLUSTER, {"restoreToTime": HELD}, None),
            (CLUSTER, {"RestoreToTime": HELD, "UseLatestRestorableTime": "false"}, None),
            (CLUSTER, {"useLatestRestorableTime": "true"}, None),
            # [documented: guide, examples of PITR]
            (CLUSTER, {"RestoreTime": HELD, "UseLatestRestorableTime": "false"}, None),
            (CLUSTER, {}, (MISSING, NEITHER_OF_CLUSTER)),
            (CLUSTER, {"UseLatestRestorableTime": "false"}, (MISSING, NEITHER_OF_CLUSTER)),
            (
                CLUSTER,
                {"RestoreToTime": HELD, "UseLatestRestorableTime": "true"},
                (INVALID, "restoreToTime is given, and UseLatestRestorableTime is true"),
            ),
            (
                CLUSTER,
                {"RestoreToTime": EARLY},
                (INVALID, f"restoreToTime '{EARLY}' is no instant"),
            ),
            (
                CLUSTER,
                {"restoreToTime": HELD, "RestoreTime": "garbage"},
                (INVALID, "RestoreTime 'garbage' is no instant"),
            ),
            (BUCKET, {"restoretime": "2024-05-01T00:30:00Z"}, None),
            # "Only valid for continuous recovery points where it is required" [documented: guide,
            # restoring S3], which has no UseLatestRestorableTime.
            (BUCKET, {}, (MISSING, "RestoreTime is missing for arn:")),
            (
                BUCKET,
                {"UseLatestRestorableTime": "true"},
                (MISSING, "RestoreTime is missing for arn:"),
            ),
            (BUCKET, {"RestoreTime": EARLY}, (INVALID, f"RestoreTime '{EARLY}' is no instant")),
        ],
    )
    def test_metadata(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        resource: str,
        metadata: dict[str, str],
        error: tuple[str, str] | None,
    ) -> None:
        """What says the time that is restored, by the type, as AWS's guide has it."""
        backup.run_plan(plan(of=resource))
        at(HOUR)
        (point,) = backup.recovery_points
        asked: Any = {"RecoveryPointArn": point, "IamRoleArn": ROLE, "Metadata": metadata}
        if error is None:
            job = backup.restore_jobs[call("StartRestoreJob", **asked)["RestoreJobId"]]
            assert job["RecoveryPointArn"] == point
        else:
            code, text = error
            assert refused_as(backup, code, "StartRestoreJob", **asked).startswith(text)

    def test_a_cluster_of_rds(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A cluster is restored as one of Aurora, whatever its type is called."""
        at(HOUR)
        point = backup.add_recovery_point(
            RecoveryPointArn=f"{POINT}:continuous:cluster-1",
            ResourceArn=CLUSTER,
            ResourceType="RDS",
            Status="AVAILABLE",
            CreationDate=START,
        )
        asked: Any = {"RecoveryPointArn": point.arn, "IamRoleArn": ROLE}
        refused_as(backup, INVALID, "StartRestoreJob", **asked, Metadata={"RestoreToTime": EARLY})
        call("StartRestoreJob", **asked, Metadata={"RestoreToTime": HELD})
        assert len(backup.restore_jobs) == 1

    def test_too_young(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """One that has only begun holds nothing yet, and the error says from when on."""
        backup.run_plan(plan())
        at(10 * MINUTE)
        (point,) = backup.recovery_points
        asked: Any = {"RecoveryPointArn": point, "IamRoleArn": ROLE}
        metadata = {"RestoreTime": "2024-05-01T00:00:00Z"}
        error = refused_as(backup, INVALID, "StartRestoreJob", **asked, Metadata=metadata)
        assert error.endswith("holds: none can be read before 2024-05-01T00:15:00Z")
        at(15 * MINUTE)
        call("StartRestoreJob", **asked, Metadata=metadata)

    def test_stopped(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """One that was stopped holds what it had when it was last brought up to date."""
        made = plan()
        backup.run_plan(made)
        at(DAY)
        backup.run_plan(made)
        at(2 * DAY)
        (point,) = backup.recovery_points
        call("DisassociateRecoveryPoint", BackupVaultName="Daily", RecoveryPointArn=point)
        restore = {"RecoveryPointArn": point, "IamRoleArn": ROLE}
        call("StartRestoreJob", **restore, Metadata={"RestoreTime": "2024-05-02T00:00:00Z"})
        late = {"RestoreTime": "2024-05-02T00:00:01Z"}
        refused_as(
            backup, "InvalidParameterValueException", "StartRestoreJob", **restore, Metadata=late
        )

    @pytest.mark.skipif("STOPPED" not in _STATUSES.enum, reason="this botocore has no such status")
    @pytest.mark.parametrize(
        "metadata",
        [{"RestoreTime": "2024-05-01T00:00:00Z"}, {"UseLatestRestorableTime": "true"}, {}],
    )
    def test_aged_away(
        self, backup: FakeBackup, at: Callable[[timedelta], None], metadata: dict[str, str]
    ) -> None:
        """One that was stopped longer ago than it is kept holds nothing any more."""
        point = backup.add_recovery_point(
            RecoveryPointArn=f"{POINT}:continuous:db-1",
            ResourceArn=DATABASE,
            Status="STOPPED",
            CreationDate=START,
            Lifecycle={"DeleteAfterDays": 7},
        )
        restore: Any = {"RecoveryPointArn": point.arn, "IamRoleArn": ROLE, "Metadata": metadata}
        at(7 * DAY)
        call("StartRestoreJob", **restore)
        at(8 * DAY)
        error = refused_as(backup, INVALID, "StartRestoreJob", **restore)
        assert error.endswith(f"is no instant that {point.arn} holds: nothing any more")


def test_a_seeded_job_is_as_it_was(backup: FakeBackup) -> None:
    """A seeded job with a continuous recovery point leaves what it says."""
    job: Job = backup.add_backup_job(RecoveryPointArn=f"{POINT}:continuous:b-1", ResourceArn=BUCKET)
    assert backup.recovery_points[job["RecoveryPointArn"]]["Status"] == "COMPLETED"


# --- Beside a naive reading ---------------------------------------------------------------------


class Naive:
    """What a plan's continuous rules leave of one resource, read straight off the guide."""

    def __init__(self, *, bucket: bool) -> None:
        self.bucket = bucket
        # Each with its vault, its status, and for how many days it is kept.
        self.points: list[list[Any]] = []
        self.rules: list[tuple[str, int]] = []

    @property
    def going_on(self) -> list[Any] | None:
        """The continuous backup that goes on."""
        return next((each for each in self.points if each[1] == "AVAILABLE"), None)

    def run(self) -> None:
        """All rules run, one after the other; of several with one vault the longest one."""
        for number, (vault, days) in enumerate(self.rules):
            longer = [at for at, each in enumerate(self.rules) if each[0] == vault]
            if max(longer, key=lambda at: (self.rules[at][1], -at)) != number:
                continue
            present = self.going_on
            if present is None:
                self.points.append([vault, "AVAILABLE", days])
            elif present[0] != vault:
                self.points.append([vault, "COMPLETED", days])
            elif present[2] != days and self.bucket:
                present[1] = "STOPPED"
                self.points.append([vault, "AVAILABLE", days])
            else:
                present[2] = days

    def disassociate(self) -> None:
        """A bucket's is stopped, a database's is gone."""
        present = self.going_on
        if present is not None and self.bucket:
            present[1] = "STOPPED"
        elif present is not None:
            self.points.remove(present)

    def delete(self) -> None:
        """The one that goes on is deleted."""
        if self.going_on is not None:
            self.points.remove(self.going_on)


RULES = st.lists(
    st.tuples(st.sampled_from(["Daily", "Other"]), st.sampled_from([7, 14, 35])),
    min_size=1,
    max_size=3,
)
STEPS = st.lists(
    st.one_of(st.sampled_from(["run", "run", "disassociate", "delete"]), RULES), max_size=12
)


@settings(max_examples=60)
@given(rules=RULES, steps=STEPS, resource=st.sampled_from([BUCKET, DATABASE]))
def test_beside_a_naive_reading(
    rules: list[tuple[str, int]], steps: list[Any], resource: str
) -> None:
    """Whatever runs, is stopped, deleted and changed, the recovery points are as the guide says."""
    naive = Naive(bucket=resource == BUCKET)
    with mock_backup(region=REGION, progress="immediate") as backup:
        for name in ("Daily", "Other"):
            backup.add_vault(BackupVaultName=name)

        def documents(wanted: list[tuple[str, int]]) -> list[dict[str, Any]]:
            naive.rules = wanted
            return [
                rule(f"rule-{at}", days, TargetBackupVaultName=vault)
                for at, (vault, days) in enumerate(wanted)
            ]

        made = plan(*documents(rules), of=resource)
        for step in ["run", *steps]:
            going_on = [
                each for each in backup.recovery_points.values() if each["Status"] == "AVAILABLE"
            ]
            if isinstance(step, list):
                update(made, *documents(step))
                continue
            getattr(naive, step)()
            if step == "run":
                backup.run_plan(made)
            elif going_on:
                named = {
                    "disassociate": "DisassociateRecoveryPoint",
                    "delete": "DeleteRecoveryPoint",
                }
                call(
                    named[step],
                    BackupVaultName=going_on[0]["BackupVaultName"],
                    RecoveryPointArn=going_on[0].arn,
                )
            found = [
                [each["BackupVaultName"], each["Status"], each["Lifecycle"]["DeleteAfterDays"]]
                for each in backup.recovery_points.values()
            ]
            assert sorted(found) == sorted(naive.points)
