"""Restore testing plans that run, by hand and by the clock: what they restore, and with what."""

from __future__ import annotations

import json
import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackupError, FakeBackupWarning, mock_backup
from fakebackup.model.engine import starts
from support.botocore_model import allows, shows
from support.client import call, changes, held
from support.constants import ACCOUNT, DAY, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup, Job, RecoveryPoint

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
START = datetime(2024, 5, 1, tzinfo=timezone.utc)
CHOICE: dict[str, Any] = {
    "Algorithm": "LATEST_WITHIN_WINDOW",
    "IncludeVaults": ["*"],
    "RecoveryPointTypes": ["SNAPSHOT"],
}
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
OTHER_TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/bills"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
CONTINUOUS = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:continuous:bucket-1"
NIGHTLY = "cron(0 5 ? * * *)"

pytestmark = pytest.mark.fake_backup(region=REGION)


def vault_arn(name: str, region: str = REGION, account: str = ACCOUNT) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def plan(name: str = "plan", choice: Any = None, **members: Any) -> str:
    """Make a restore testing plan; return its ARN."""
    made = call(
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={
            "RestoreTestingPlanName": name,
            "ScheduleExpression": NIGHTLY,
            "RecoveryPointSelection": {**CHOICE, **(choice or {})},
            **members,
        },
    )
    return str(made["RestoreTestingPlanArn"])


def select(name: str = "tables", of: str = "plan", **members: Any) -> None:
    """Make a selection of a plan: of all tables, unless it is told otherwise."""
    call(
        "CreateRestoreTestingSelection",
        RestoreTestingPlanName=of,
        RestoreTestingSelection={
            "RestoreTestingSelectionName": name,
            "ProtectedResourceType": "DynamoDB",
            "IamRoleArn": ROLE,
            **(
                {} if "ProtectedResourceConditions" in members else {"ProtectedResourceArns": ["*"]}
            ),
            **members,
        },
    )


def point(backup: FakeBackup, age: timedelta = HOUR, **members: Any) -> RecoveryPoint:
    """Seed a recovery point of a table that is so old."""
    given = {"ResourceArn": TABLE, "CreationDate": now() - age, **members}
    return backup.add_recovery_point(**given)


def now() -> datetime:
    """The present."""
    return datetime.now(timezone.utc)


def restored(jobs: list[Job]) -> list[str]:
    """The recovery points that jobs restore."""
    return [job["RecoveryPointArn"] for job in jobs]


def get(name: str = "plan") -> Any:
    """A plan as it is read."""
    return call("GetRestoreTestingPlan", RestoreTestingPlanName=name)["RestoreTestingPlan"]


def broken_start(*_: Any) -> None:
    """Stands for an error of the fake's own."""
    raise ZeroDivisionError


@pytest.fixture
def at() -> Iterator[Callable[[timedelta], None]]:
    """Time stands still, and goes on to an instant after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


class TestByHand:
    @freeze_time(START)
    def test_job(self, backup: FakeBackup) -> None:
        """A test is a restore job of the selection's role that says which plan started it.

        [documented: guide, restore testing; model]
        """
        arn = plan()
        select()
        source = point(backup, BackupVaultName="Daily", BackupSizeInBytes=5)
        [job] = backup.run_restore_testing_plan("plan")
        wanted = {
            "AccountId": ACCOUNT,
            "RestoreJobId": job.id,
            "RecoveryPointArn": source.arn,
            "SourceResourceArn": TABLE,
            "BackupVaultArn": vault_arn("Daily"),
            "CreationDate": START,
            "Status": "PENDING",
            "PercentDone": "0.00%",
            "BackupSizeInBytes": 5,
            "IamRoleArn": ROLE,
            "ResourceType": "DynamoDB",
            "RecoveryPointCreationDate": START - HOUR,
            "CreatedBy": {"RestoreTestingPlanArn": arn},
            "IsParent": False,
        }
        described = call("DescribeRestoreJob", RestoreJobId=job.id)
        known = {name for name in wanted if shows("DescribeRestoreJobOutput", name)}
        assert described == {name: wanted[name] for name in known}
        listed = call("ListRestoreJobs", ByRestoreTestingPlanArn=arn)["RestoreJobs"]
        assert [each["RestoreJobId"] for each in listed] == [job.id]
        assert call("ListRestoreJobs", ByRestoreTestingPlanArn=arn + "-2")["RestoreJobs"] == []

    def test_events(self, backup: FakeBackup) -> None:
        """Its events are those of a restore, with the plan's ARN.

        [documented: guide, restore testing validation]
        """
        arn = plan()
        select()
        point(backup)
        before = len(backup.events)
        [job] = backup.run_restore_testing_plan("plan")
        job.complete()
        assert changes(backup, before) == [
            f"Restore Job {state}" for state in ("CREATED", "PENDING", "RUNNING", "COMPLETED")
        ]
        assert all(event["detail"]["restoreTestingPlanArn"] == arn for event in job.events[1:])
        assert job.events[-1]["detail"]["createdResourceArn"] == job["CreatedResourceArn"]

    @freeze_time(START)
    def test_last_execution(self, backup: FakeBackup) -> None:
        """The plan knows when it last ran, even if nothing was restored [assumed]."""
        plan()
        assert "LastExecutionTime" not in get()
        with pytest.warns(FakeBackupWarning):
            assert backup.run_restore_testing_plan("plan") == []
        assert get()["LastExecutionTime"] == START
        [listed] = call("ListRestoreTestingPlans")["RestoreTestingPlans"]
        assert listed["LastExecutionTime"] == START

    @pytest.mark.parametrize(
        ("mode", "state"),
        [("polls", "PENDING"), ("manual", "PENDING"), ("immediate", "COMPLETED")],
    )
    def test_modes(self, mode: Any, state: str) -> None:
        """The option `progress` moves the jobs."""
        with mock_backup(region=REGION, progress=mode) as backup:
            plan()
            select()
            point(backup)
            [job] = backup.run_restore_testing_plan("plan")
            assert job["Status"] == state

    def test_outcomes(self, backup: FakeBackup) -> None:
        """`next_outcome` decides about tests as about restores that a client starts.

        [documented: guide, restore testing, for the text]
        """
        plan()
        select()
        point(backup)
        text = "IAM Role cannot be assumed by AWS Backup"
        backup.next_outcome(
            "StartRestoreJob", ResourceArn=TABLE, StatusMessage=text, Status="FAILED"
        )
        [job] = backup.run_restore_testing_plan("plan")
        job.progress = "immediate"
        assert (job["Status"], job["StatusMessage"]) == ("FAILED", text)
        assert "DeletionStatus" not in job
        assert "ValidationStatus" not in job

    def test_what_is_not_there(self, backup: FakeBackup) -> None:
        """A plan that does not exist is no plan, and the near one is named."""
        plan("nightly")
        with pytest.raises(ValueError, match="did you mean 'nightly'"):
            backup.run_restore_testing_plan("nightli")
        with pytest.raises(ValueError, match=f"in {ACCOUNT} {OTHER_REGION}; there are 0"):
            backup.at(region=OTHER_REGION).run_restore_testing_plan("nightly")


class TestEligible:
    """What the guide says of eligible recovery points [documented: restore testing; model]."""

    def test_one_for_each_resource(self, backup: FakeBackup) -> None:
        """There is a test for each protected resource of each selection: of its newest point."""
        plan()
        select()
        select("orders", ProtectedResourceArns=[TABLE])
        select("volumes", ProtectedResourceType="EBS")
        point(backup, 2 * DAY)
        newest = point(backup, DAY)
        other = point(backup, 3 * DAY, ResourceArn=OTHER_TABLE)
        point(backup, ResourceArn=VOLUME.replace(REGION, OTHER_REGION), ResourceType="EBS")
        jobs = backup.run_restore_testing_plan("plan")
        volume = jobs.pop()
        assert volume["ResourceType"] == "EBS"
        assert sorted(restored(jobs)) == sorted([newest.arn, other.arn, newest.arn])

    @freeze_time(START)
    def test_window(self, backup: FakeBackup) -> None:
        """A point is as old as SelectionWindowDays at most, 30 by default."""
        plan()
        plan("week", {"SelectionWindowDays": 7})
        for name in ("plan", "week"):
            select(of=name)
        source = point(backup, 30 * DAY)
        assert restored(backup.run_restore_testing_plan("plan")) == [source.arn]
        with pytest.warns(FakeBackupWarning, match="passes over 1 not made in the last 7 days"):
            assert backup.run_restore_testing_plan("week") == []
        point(backup, -HOUR)
        assert restored(backup.run_restore_testing_plan("plan")) == [source.arn]

    @pytest.mark.parametrize(
        ("choice", "found"),
        [
            ({"IncludeVaults": [vault_arn("Daily")]}, ["Daily"]),
            ({"IncludeVaults": ["arn:aws:backup:*:*:backup-vault:D*"]}, ["Daily", "Default"]),
            ({"ExcludeVaults": [vault_arn("Daily")]}, ["Default", "Weekly"]),
            ({"ExcludeVaults": ["arn:aws:backup:*:*:backup-vault:*ly"]}, ["Default"]),
        ],
    )
    def test_vaults(self, backup: FakeBackup, choice: dict[str, Any], found: list[str]) -> None:
        """Vaults are included and excluded by ARN or by patterns of ARNs."""
        plan(choice=choice)
        select()
        names = {
            point(backup, BackupVaultName=name, ResourceArn=f"{TABLE}-{name}").arn: name
            for name in ("Daily", "Default", "Weekly")
        }
        jobs = backup.run_restore_testing_plan("plan")
        assert sorted(names[arn] for arn in restored(jobs)) == found

    @pytest.mark.parametrize(
        ("types", "found"),
        [
            (["SNAPSHOT"], "snapshot"),
            (["CONTINUOUS"], "continuous"),
            (["SNAPSHOT", "CONTINUOUS"], "snapshot"),
        ],
    )
    def test_types(self, backup: FakeBackup, types: list[str], found: str) -> None:
        """Snapshots and continuous backups are told apart; an old one still goes on [assumed]."""
        plan(choice={"RecoveryPointTypes": types})
        select(ProtectedResourceType="S3")
        bucket: Any = {"ResourceArn": "arn:aws:s3:::bucket"}
        points = {
            "continuous": point(backup, 60 * DAY, RecoveryPointArn=CONTINUOUS, **bucket),
            "snapshot": point(backup, **bucket),
        }
        assert restored(backup.run_restore_testing_plan("plan")) == [points[found].arn]

    def test_what_cannot_be_restored(self, backup: FakeBackup) -> None:
        """Points that are not whole are passed over [assumed]."""
        plan()
        select()
        source = point(backup, DAY)
        for status in ("PARTIAL", "EXPIRED", "DELETING", "CREATING"):
            if allows("RecoveryPointStatus", status):
                point(backup, Status=status)
        assert restored(backup.run_restore_testing_plan("plan")) == [source.arn]

    @pytest.mark.skipif(
        not shows("Lifecycle", "DeleteAfterEvent"),
        reason="the installed botocore knows no temporary recovery points",
    )
    def test_temporary_ones(self, backup: FakeBackup) -> None:
        """A recovery point that is deleted after its copy is passed over [documented: guide]."""
        plan()
        select(ProtectedResourceType="EBS")
        lifecycle: Any = {"DeleteAfterDays": 9, "DeleteAfterEvent": "DELETE_AFTER_COPY"}
        point(backup, ResourceArn=VOLUME, Lifecycle=lifecycle)
        with pytest.warns(FakeBackupWarning, match="passes over 1 deleted after their copy"):
            assert backup.run_restore_testing_plan("plan") == []
        older = point(backup, 2 * HOUR, ResourceArn=VOLUME)
        assert restored(backup.run_restore_testing_plan("plan")) == [older.arn]

    def test_conditions(self, backup: FakeBackup) -> None:
        """All conditions must hold for the tags of the resource's newest point.

        [documented: guide, for the newest one's tags; that all must hold assumed]
        """
        plan()
        select(
            ProtectedResourceConditions={
                "StringEquals": [{"Key": "aws:ResourceTag/stage", "Value": "prod"}],
                "StringNotEquals": [{"Key": "aws:ResourceTag/team", "Value": "red"}],
            }
        )
        prod = {"stage": "prod"}
        names = {}
        for name, *tags in (
            ("good", prod),
            ("other", prod | {"team": "blue"}),
            ("red", prod | {"team": "red"}),
            ("test", {"stage": "test"}),
            ("bare", {}),
            ("was", prod, {}),
            ("became", {}, prod),
        ):
            for age, each in enumerate(reversed(tags)):
                resource = f"{TABLE}-{name}"
                names[point(backup, DAY * (age + 1), ResourceArn=resource, Tags=each).arn] = name
        jobs = backup.run_restore_testing_plan("plan")
        assert sorted(names[arn] for arn in restored(jobs)) == ["became", "good", "other"]

    def test_conditions_with_a_wildcard(self, backup: FakeBackup) -> None:
        """`*` and conditions together are conditions alone [documented: model]."""
        plan()
        select(
            ProtectedResourceArns=["*"],
            ProtectedResourceConditions={"StringEquals": [{"Key": "stage", "Value": "prod"}]},
        )
        wanted = point(backup, Tags={"stage": "prod"})
        point(backup, ResourceArn=OTHER_TABLE)
        assert restored(backup.run_restore_testing_plan("plan")) == [wanted.arn]

    def test_random(self) -> None:
        """A drawn point is another one from run to run, and the same when all is done again."""
        runs = []
        for _ in range(2):
            with mock_backup(region=REGION) as backup:
                plan(choice={"Algorithm": "RANDOM_WITHIN_WINDOW"})
                select()
                points = [point(backup, DAY * age).arn for age in range(1, 6)]
                point(backup, 31 * DAY)
                found = [
                    points.index(arn)
                    for _ in range(40)
                    for arn in restored(backup.run_restore_testing_plan("plan"))
                ]
                assert set(found) == set(range(5))
                runs.append(found)
        assert runs[0] == runs[1]

    def test_accounts_and_regions(self, backup: FakeBackup) -> None:
        """A plan tests what its own account and Region have."""
        plan()
        select()
        for theirs in (backup.at(region=OTHER_REGION), backup.at(account_id=OTHER_ACCOUNT)):
            theirs.add_recovery_point(ResourceType="DynamoDB")
        with pytest.warns(FakeBackupWarning, match=f"there are none in {ACCOUNT} {REGION}"):
            assert backup.run_restore_testing_plan("plan") == []


class TestNothing:
    def test_reasons(self, backup: FakeBackup) -> None:
        """A run that restores nothing says what its selections pass over, and why."""
        plan(choice={"ExcludeVaults": [vault_arn("Out")]})
        tagged = {"StringEquals": [{"Key": "stage", "Value": "prod"}]}
        select(ProtectedResourceConditions=tagged)
        select("orders", ProtectedResourceArns=[OTHER_TABLE])
        select("volumes", ProtectedResourceType="EBS")
        point(backup, BackupVaultName="Out")
        point(backup)
        point(backup, RecoveryPointArn=CONTINUOUS)
        point(backup, 40 * DAY)
        point(backup, Status="EXPIRED")
        with pytest.warns(FakeBackupWarning) as told:
            assert backup.run_restore_testing_plan("plan") == []
        (said,) = told
        assert str(said.message) == (
            "A run of the restore testing plan 'plan' restores nothing: the selection 'tables' "
            "asks for DynamoDB recovery points with stage = prod, and passes over 1 in vaults that "
            "it does not include, 1 not COMPLETED, 1 not SNAPSHOT, 1 not made in the last 30 days, "
            "1 whose resource's newest one has other tags; the selection 'orders' asks for "
            f"DynamoDB recovery points of {OTHER_TABLE}, and passes over 1 in vaults that it does "
            "not include, 4 of resources that are not listed; the selection 'volumes' asks for EBS "
            f"recovery points, and there are none in {ACCOUNT} {REGION}: complete a backup, or "
            "type backup.add_recovery_point(ResourceType='EBS')."
        )

    def test_once(self, backup: FakeBackup, recwarn: pytest.WarningsRecorder) -> None:
        """The same is said once; a plan without selections says so."""
        plan()
        for _ in range(2):
            assert backup.run_restore_testing_plan("plan") == []
        (said,) = recwarn.list
        assert "it has no selection. Make one by create_restore_testing_selection" in str(
            said.message
        )

    def test_an_error_of_the_warning(self, backup: FakeBackup) -> None:
        """Where warnings are errors nothing has run."""
        plan()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(FakeBackupWarning, match="restores nothing"):
                backup.run_restore_testing_plan("plan")
        assert "LastExecutionTime" not in get()

    @pytest.mark.parametrize(
        ("left_out", "given", "said"),
        [
            ("ProtectedResourceType", {}, "was recorded without its ProtectedResourceType: load"),
            ("IamRoleArn", {}, "was recorded without its IamRoleArn: load what GetRestoreTesting"),
            ("", {"ProtectedResourceType": "Timestream"}, "is of Timestream, which AWS does not"),
        ],
    )
    def test_recorded_selections(
        self, backup: FakeBackup, left_out: str, given: dict[str, Any], said: str
    ) -> None:
        """A recorded selection that cannot test says why; others of its plan are tested."""
        plan()
        point(backup)
        backup.add_recovery_point(ResourceType="Timestream")
        recorded = {
            "RestoreTestingPlanName": "plan",
            "RestoreTestingSelectionName": "recorded",
            "ProtectedResourceType": "DynamoDB",
            "IamRoleArn": ROLE,
            "ProtectedResourceArns": ["*"],
            **given,
        }
        recorded.pop(left_out, None)
        backup.load({"RestoreTestingSelections": [recorded]})
        with pytest.warns(FakeBackupWarning, match=f"nothing: the selection 'recorded' {said}"):
            assert backup.run_restore_testing_plan("plan") == []
        select()
        with pytest.warns(FakeBackupWarning, match=f"'recorded' .* tests nothing: it {said}"):
            [job] = backup.run_restore_testing_plan("plan")
        assert job["ResourceType"] == "DynamoDB"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert len(backup.run_restore_testing_plan("plan")) == 1

    @pytest.mark.fake_backup(progress="clock")
    def test_a_recorded_selection_by_the_clock(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """By the clock that is said, too, though there is nothing of its type."""
        plan()
        name = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "recorded"}
        backup.load({"RestoreTestingSelections": [name]})
        at(DAY)
        with pytest.warns(FakeBackupWarning, match="recorded without its ProtectedResourceType"):
            assert get()["LastExecutionTime"] == START + 5 * HOUR


def metadata(job: Job) -> dict[str, str]:
    """The metadata that a job restores with."""
    found: dict[str, str] = call("GetRestoreJobMetadata", RestoreJobId=job.id)["Metadata"]
    return found


class TestMetadata:
    """What the guide says of metadata [documented: restore testing inferred metadata]."""

    def test_inferred(self, backup: FakeBackup) -> None:
        """A test restores with what is inferred, into a new resource each time."""
        plan()
        select()
        point(backup)
        jobs = [job for _ in range(2) for job in backup.run_restore_testing_plan("plan")]
        names = set()
        for job in jobs:
            job.complete()
            found = metadata(job)
            name = found.pop("targetTableName")
            names.add(name)
            assert name.startswith("awsbackup-restore-test-")
            assert found == {"deletionProtection": "false", "encryptionType": "Default"}
            assert job["CreatedResourceArn"] == TABLE.replace("orders", name)
        assert len(names) == 2

    def test_overrides(self, backup: FakeBackup) -> None:
        """Overrides change and add to it, whatever the case of their keys."""
        plan()
        overrides = {"ENCRYPTIONTYPE": "KMS", "kmsMasterKeyArn": "key", "TargetTableName": "mine"}
        select(RestoreMetadataOverrides=overrides)
        point(backup)
        [job] = backup.run_restore_testing_plan("plan")
        assert metadata(job) == {
            "deletionProtection": "false",
            "encryptionType": "KMS",
            "targetTableName": "mine",
            "kmsMasterKeyArn": "key",
        }
        job.complete()
        assert job["CreatedResourceArn"] == TABLE.replace("orders", "mine")

    @pytest.mark.parametrize(
        ("kind", "overrides", "message"),
        [
            ("LUSTRE", {}, "subnetIds"),
            ("LUSTRE", {"SubnetIds": "[]"}, None),
            ("ONTAP", {}, "storageVirtualMachineId"),
            ("OPENZFS", {}, None),
            ("WINDOWS", {}, "subnetIds and activeDirectoryId"),
            ("WINDOWS", {"subnetIds": "[]"}, "activeDirectoryId"),
        ],
    )
    def test_needed(
        self, backup: FakeBackup, kind: str, overrides: dict[str, str], message: str | None
    ) -> None:
        """Tests of some FSx file systems need overrides; without, they fail [the text assumed]."""
        plan()
        given: Any = {"RestoreMetadataOverrides": overrides} if overrides else {}
        select(ProtectedResourceType="FSx", **given)
        source = backup.add_recovery_point(ResourceType="FSx")
        source.metadata = {"FileSystemType": kind}
        [job] = backup.run_restore_testing_plan("plan")
        job.progress = "immediate"
        assert job["Status"] == ("COMPLETED" if message is None else "FAILED")
        wanted = None if message is None else f"because its metadata lacks {message}."
        assert wanted is None or job["StatusMessage"].endswith(wanted)

    @pytest.mark.parametrize(
        ("kind", "given", "key", "wanted"),
        [
            ("LUSTRE", {}, "lustreConfiguration", {}),
            (
                "OPENZFS",
                {"OpenZFSConfiguration": '{"DeploymentType":"SINGLE_AZ_1"}'},
                "openZfsConfiguration",
                {"deploymentType": "SINGLE_AZ_1", "throughputCapacity": 64},
            ),
            (
                "OPENZFS",
                {"OpenZFSConfiguration": '{"DeploymentType":"SINGLE_AZ_2"}'},
                "openZfsConfiguration",
                {"deploymentType": "SINGLE_AZ_2", "throughputCapacity": 160},
            ),
            (
                "WINDOWS",
                {"WindowsConfiguration": "no JSON"},
                "windowsConfiguration",
                {"deploymentType": "SINGLE_AZ_1", "throughputCapacity": 8},
            ),
        ],
    )
    def test_file_systems(
        self, backup: FakeBackup, kind: str, given: dict[str, str], key: str, wanted: Any
    ) -> None:
        """Each kind of file system has a configuration of its own, without automatic backups."""
        source = backup.add_recovery_point(BackupVaultName="Daily", ResourceType="FSx")
        source.metadata = {"FileSystemType": kind, **given}
        found = call(
            "GetRestoreTestingInferredMetadata",
            BackupVaultName="Daily",
            RecoveryPointArn=source.arn,
        )["InferredMetadata"]
        assert list(found) == [key]
        assert json.loads(found[key]) == {"automaticBackupRetentionDays": 0, **wanted}

    def test_ontap(self, backup: FakeBackup) -> None:
        """A volume of ONTAP gets a new name, with which it is mounted."""
        source = backup.add_recovery_point(BackupVaultName="Daily", ResourceType="FSx")
        source.metadata = {"FileSystemType": "ONTAP"}
        asked = {"BackupVaultName": "Daily", "RecoveryPointArn": source.arn}
        found = call("GetRestoreTestingInferredMetadata", **asked)["InferredMetadata"]
        assert found["name"].startswith("awsbackup_restore_test_")
        configuration = json.loads(found["ontapConfiguration"])
        assert configuration["junctionPath"] == f"/{found['name']}"
        assert configuration["snapshotPolicy"] == "none"


@pytest.mark.fake_backup(region=REGION, progress="clock")
class TestByTheClock:
    def test_runs(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A plan runs at each of its times after its creation, and tests what is there then."""
        arn = plan()
        select()
        old = point(backup, DAY)
        new = point(backup, -20 * HOUR)
        at(3 * DAY)
        jobs = call("ListRestoreJobs", ByRestoreTestingPlanArn=arn)["RestoreJobs"]
        assert [(each["CreationDate"], each["RecoveryPointArn"]) for each in jobs] == [
            (START + 2 * DAY + 5 * HOUR, new.arn),
            (START + DAY + 5 * HOUR, new.arn),
            (START + 5 * HOUR, old.arn),
        ]
        assert {each["Status"] for each in jobs} == {"COMPLETED"}
        assert get()["LastExecutionTime"] == START + 2 * DAY + 5 * HOUR

    def test_time_zone(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """The schedule is of its time zone [documented: model]."""
        plan(ScheduleExpressionTimezone="America/New_York")
        select()
        point(backup)
        at(10 * HOUR)
        assert [job["CreationDate"] for job in backup.restore_jobs.values()] == [START + 9 * HOUR]

    def test_an_unexpected_error(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A run that raises is told once, and is not the last."""
        plan()
        select()
        point(backup, HOUR)
        with monkeypatch.context() as broken:
            broken.setattr(starts, "start", broken_start)
            at(DAY)
            with pytest.raises(ZeroDivisionError):
                call("ListRestoreJobs")
        assert call("ListRestoreJobs")["RestoreJobs"] == []
        at(2 * DAY)
        assert len(call("ListRestoreJobs")["RestoreJobs"]) == 1

    def test_updated(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """An update counts from when it is made: the old schedule is gone [assumed].

        [reported: users move ScheduleExpression some minutes ahead, and let it fire]
        """
        plan()
        select()
        point(backup)
        at(4 * HOUR)
        call(
            "UpdateRestoreTestingPlan",
            RestoreTestingPlanName="plan",
            RestoreTestingPlan={"ScheduleExpression": "cron(10 4 ? * * *)"},
        )
        call("UpdateRestoreTestingPlan", RestoreTestingPlanName="plan", RestoreTestingPlan={})
        at(DAY)
        made = [job["CreationDate"] for job in backup.restore_jobs.values()]
        assert made == [START + 4 * HOUR + timedelta(minutes=10)]

    def test_deleted(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A plan that is gone runs no more, nor does its successor by its schedule."""
        plan()
        call("DeleteRestoreTestingPlan", RestoreTestingPlanName="plan")
        plan(ScheduleExpression="cron(0 6 ? * * *)")
        select()
        point(backup)
        at(DAY)
        assert [job["CreationDate"] for job in backup.restore_jobs.values()] == [START + 6 * HOUR]

    def test_nothing(
        self, backup: FakeBackup, at: Callable[[timedelta], None], recwarn: pytest.WarningsRecorder
    ) -> None:
        """What is not there yet is no slip; what is passed over is, and is said once."""
        plan()
        plan("idle")
        select()
        at(2 * DAY)
        assert get()["LastExecutionTime"] == START + DAY + 5 * HOUR
        assert not recwarn.list
        point(backup, 31 * DAY)
        at(5 * DAY)
        assert len(backup.restore_jobs) == 0
        (said,) = recwarn.list
        assert "passes over 1 not made in the last 30 days" in str(said.message)

    def test_an_error_of_the_warning(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """Where warnings are errors, the run that would warn is due as before."""
        plan()
        select()
        point(backup, 31 * DAY)
        at(6 * HOUR)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(FakeBackupWarning, match="restores nothing"):
                get()
            assert get()["LastExecutionTime"] == START + 5 * HOUR

    def test_jump(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A step of the clock in which too much is due ends with an error that names the plan."""
        plan("hourly", ScheduleExpression="cron(0 * ? * * *)")
        at(1000 * DAY)
        with pytest.raises(FakeBackupError, match=r"'hourly'\. Let time pass in smaller steps"):
            call("ListRestoreJobs")
        assert backup.backend.organization.clockwork.ran == 10_000

    @pytest.mark.parametrize("kind", ["DynamoDB", "S3"])
    def test_so_many_at_a_time(
        self, backup: FakeBackup, at: Callable[[timedelta], None], kind: str
    ) -> None:
        """More tests than AWS runs at a time wait for an end, or fail with the start window.

        [documented: guide, quotas: 30 of S3 and EFS, 100 of EBS and EC2, 40 of other types]
        """
        most = {"DynamoDB": 40, "S3": 30}[kind]
        plan(StartWindowHours=1)
        select(ProtectedResourceType=kind)
        for _ in range(5 * most):
            backup.add_recovery_point(ResourceType=kind, CreationDate=START)
        # Each takes 11 minutes, an hour is enough for five times as many.
        at(5 * HOUR + timedelta(minutes=2))
        states = [job["Status"] for job in backup.restore_jobs.values()]
        assert (states.count("RUNNING"), states.count("PENDING")) == (most, 4 * most)
        at(6 * HOUR)
        states = [job["Status"] for job in backup.restore_jobs.values()]
        assert (states.count("COMPLETED"), states.count("RUNNING")) == (5 * most, 0)
        for _ in range(2 * most):
            backup.add_recovery_point(ResourceType=kind, CreationDate=START)
        at(DAY + 7 * HOUR)
        second = list(backup.restore_jobs.values())[: 7 * most]
        states = [job["Status"] for job in second]
        assert (states.count("COMPLETED"), states.count("FAILED")) == (6 * most, most)
        failed = [job for job in second if job["Status"] == "FAILED"]
        # The documented text.
        (text,) = {job["StatusMessage"] for job in failed}
        assert text == (
            "Restore job was unable to start within the specified start window. Try increasing "
            "your start window."
        )
        assert {job["CompletionDate"] for job in failed} == {START + DAY + 6 * HOUR}


SPAN = timedelta(days=3)


seeded = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["orders", "bills"]),
        "vault": st.sampled_from(["Daily", "Weekly"]),
        "days": st.integers(0, 12),
        "continuous": st.booleans(),
        "whole": st.sampled_from([True, True, False]),
        "tag": st.sampled_from([None, "prod", "test"]),
    }
)
asked = st.fixed_dictionaries(
    {
        "vaults": st.sampled_from([["Daily"], ["Weekly"], ["Daily", "Weekly"]]),
        "types": st.sampled_from([["SNAPSHOT"], ["CONTINUOUS"], ["SNAPSHOT", "CONTINUOUS"]]),
        "days": st.sampled_from([1, 5, 10]),
        "names": st.sampled_from([None, ["orders"], ["orders", "bills"]]),
        "equals": st.sampled_from([None, "prod"]),
        "differs": st.sampled_from([None, "test"]),
    }
)


@settings(max_examples=150)
@given(each=asked, points=st.lists(seeded, max_size=8))
def test_beside_a_naive_reading(each: dict[str, Any], points: list[dict[str, Any]]) -> None:
    """What a run restores is what the guide's sentences, read one after the other, leave."""
    with freeze_time(START), mock_backup(region=REGION) as backup:
        for name in ("Daily", "Weekly"):
            backup.add_vault(BackupVaultName=name)
        for number, one in enumerate(points):
            kind = "continuous:" if one["continuous"] else ""
            one["arn"] = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{kind}{number}"
            one["resource"] = f"arn:aws:s3:::{one['name']}"
            # No two of one instant: which of them is the newer is another matter.
            one["age"] = one["days"] * DAY + number * MINUTE
            backup.add_recovery_point(
                RecoveryPointArn=one["arn"],
                ResourceArn=one["resource"],
                BackupVaultName=one["vault"],
                CreationDate=START - one["age"],
                Status="COMPLETED" if one["whole"] else "PARTIAL",
                Tags={} if one["tag"] is None else {"stage": one["tag"]},
            )
        plan(
            choice={
                "IncludeVaults": [vault_arn(name) for name in each["vaults"]],
                "RecoveryPointTypes": each["types"],
                "SelectionWindowDays": each["days"],
            }
        )
        conditions = {
            name: [{"Key": "stage", "Value": value}]
            for name, value in (
                ("StringEquals", each["equals"]),
                ("StringNotEquals", each["differs"]),
            )
            if value is not None
        }
        names = None if conditions else each["names"]
        of: Any = {"ProtectedResourceConditions": conditions} if conditions else {}
        if names is not None:
            of["ProtectedResourceArns"] = [f"arn:aws:s3:::{name}" for name in names]
        select(ProtectedResourceType="S3", **of)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FakeBackupWarning)
            found = restored(backup.run_restore_testing_plan("plan"))
    assert sorted(found) == sorted(naively(each, points, names))


def naively(each: dict[str, Any], points: list[dict[str, Any]], names: Any) -> list[str]:
    """The recovery points that a run restores."""
    chosen = []
    for name in names or ("orders", "bills"):
        there = [
            one
            for one in points
            if one["name"] == name and one["vault"] in each["vaults"] and one["whole"]
        ]
        there.sort(key=lambda one: one["age"])
        if not there:
            continue
        tag = there[0]["tag"]
        if each["equals"] not in (None, tag) or (each["differs"] is not None and tag == "test"):
            continue
        eligible = [
            one
            for one in there
            if ("CONTINUOUS" if one["continuous"] else "SNAPSHOT") in each["types"]
            and (one["continuous"] or one["age"] <= each["days"] * DAY)
        ]
        chosen += [one["arn"] for one in eligible[:1]]
    return chosen


@settings(max_examples=12)
@given(
    stops=st.lists(st.integers(1, SPAN // MINUTE - 1), max_size=30),
    hours=st.sampled_from([0, 1, 6, 30]),
    every=st.sampled_from([1, 3, 8]),
)
def test_steps_do_not_matter(stops: list[int], hours: int, every: int) -> None:
    """Time that passes at once leaves what it leaves in steps, beside plans that back up."""
    assert after(stops, hours, every) == after([], hours, every)


def after(stops: list[int], hours: int, every: int) -> Any:
    """All that a fake holds after some days, of which it is looked at after these minutes.

    The tests have so many hours for their validation, and one of the plans runs every so many.
    """
    with freeze_time(START) as frozen, mock_backup(region=REGION, progress="clock") as backup:
        backup.add_vault(BackupVaultName="Daily")
        backup.add_backup_job(ResourceArn=VOLUME)
        made = call(
            "CreateBackupPlan",
            BackupPlan={
                "BackupPlanName": "backups",
                "Rules": [
                    {
                        "RuleName": "often",
                        "TargetBackupVaultName": "Daily",
                        "ScheduleExpression": "cron(0 0/3 * * ? *)",
                        "Lifecycle": {"DeleteAfterDays": 1},
                    }
                ],
            },
        )
        call(
            "CreateBackupSelection",
            BackupPlanId=made["BackupPlanId"],
            BackupSelection={
                "SelectionName": "all",
                "IamRoleArn": ROLE,
                "Resources": [TABLE, OTHER_TABLE],
            },
        )
        plan("drawn", {"Algorithm": "RANDOM_WITHIN_WINDOW"}, ScheduleExpression=NIGHTLY)
        plan("often", ScheduleExpression=f"cron(0 0/{every} * * ? *)")
        select(of="drawn", ValidationWindowHours=hours)
        select(of="often")
        select("volumes", of="often", ProtectedResourceType="EBS", ValidationWindowHours=1)
        backup.next_outcome("StartRestoreJob", ResourceArn=TABLE, Status="FAILED")
        for minutes in sorted({*stops, SPAN // MINUTE}):
            frozen.move_to(START + minutes * MINUTE)
            call("ListBackupVaults")
        everything = held(backup)
        assert len(backup.restore_jobs) > 20
    # botocore draws these.
    for _, _, _, members, _ in everything[-2]:
        members.pop("CreatorRequestId", None)
    return everything
