"""What starts, stops and validates jobs: what it returns, fills in and leaves out, and refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from botocore.exceptions import ClientError

from fakebackup import FakeBackup, factories, mock_backup
from fakebackup.model import life, shapes
from fakebackup.model.kinds import BACKUP
from support.botocore_model import takes
from support.client import client, full_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.jobs import Job

OWN, OTHER = "123456789012", "111122223333"
HERE, THERE = "us-east-1", "eu-west-1"
NOON = datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
GIB = 1024**3

ROLE = f"arn:aws:iam::{OWN}:role/service-role/AWSBackupDefaultServiceRole"
SCANNER = f"arn:aws:iam::{OWN}:role/AWSBackupScanner"
VOLUME = f"arn:aws:ec2:{HERE}:{OWN}:volume/vol-0abc"
INSTANCE = f"arn:aws:ec2:{HERE}:{OWN}:instance/i-0abc"
FILES = f"arn:aws:elasticfilesystem:{HERE}:{OWN}:file-system/fs-0abc"
TABLE = f"arn:aws:dynamodb:{HERE}:{OWN}:table/t"
STACK = f"arn:aws:cloudformation:{HERE}:{OWN}:stack/s/1"
PLAN = f"arn:aws:backup:{HERE}:{OWN}:restore-testing-plan:p-1"

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

MODEL = shapes.service_model()
scans = pytest.mark.skipif(
    "StartScanJob" not in MODEL.operation_names, reason="this botocore knows no scan jobs"
)


def told(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without what botocore says of the request."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def status(answer: Mapping[str, Any]) -> int:
    """The HTTP status of an answer."""
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def start_backup(region: str = HERE, **parameters: Any) -> Any:
    """Start a backup job of a volume."""
    wanted = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    return full_answer("StartBackupJob", region=region, **wanted | parameters)


def finish(job: Job) -> Job:
    """Let a job run and complete."""
    job.run()
    job.complete()
    return job


@dataclass
class World:
    """A fake with something to copy, restore, scan, stop and validate.

    Attributes:
        backup: the fake.
        point: the recovery point of a volume in the vault Default.
        second: another one of it.
        running: a backup job that runs.
        tested: a restore test that completed.
    """

    backup: FakeBackup
    point: str
    second: str
    running: Job
    tested: Job

    def good(self, operation: str) -> dict[str, Any]:
        """Parameters that AWS takes."""
        vault = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Copies"
        known: dict[str, dict[str, Any]] = {
            "StartBackupJob": {
                "BackupVaultName": "Default",
                "ResourceArn": VOLUME,
                "IamRoleArn": ROLE,
            },
            "StopBackupJob": {"BackupJobId": self.running.id},
            "StartCopyJob": {
                "RecoveryPointArn": self.point,
                "SourceBackupVaultName": "Default",
                "DestinationBackupVaultArn": vault,
                "IamRoleArn": ROLE,
            },
            "StartRestoreJob": {
                "RecoveryPointArn": self.point,
                "Metadata": {"availabilityZone": "us-east-1a"},
                "IamRoleArn": ROLE,
            },
            "StartScanJob": {
                "BackupVaultName": "Default",
                "RecoveryPointArn": self.point,
                "IamRoleArn": ROLE,
                "ScannerRoleArn": SCANNER,
                "MalwareScanner": "GUARDDUTY",
                "ScanMode": "FULL_SCAN",
            },
            "GetRestoreJobMetadata": {"RestoreJobId": self.tested.id},
            "PutRestoreValidationResult": {
                "RestoreJobId": self.tested.id,
                "ValidationStatus": "SUCCESSFUL",
            },
        }
        return known[operation]

    def held(self) -> Any:
        """All that the fake holds, here and elsewhere."""
        organization = self.backup.backend.organization
        views = [
            self.backup.at(account_id=account, region=region)
            for account in (OWN, OTHER)
            for region in (HERE, THERE)
        ]
        mappings = [
            {name: dict(each) for name, each in mapping.items()}
            for view in views
            for mapping in (
                view.backup_jobs,
                view.copy_jobs,
                view.restore_jobs,
                view.scan_jobs,
                view.report_jobs,
                view.vaults,
                view.recovery_points,
            )
        ]
        events = [event for event, _ in organization.bus.sent]
        kept = (organization.outcomes, list(organization.tokens), organization.tags)
        return mappings, events, [list(each) for each in kept]


OPERATIONS = (
    "StartBackupJob",
    "StopBackupJob",
    "StartCopyJob",
    "StartRestoreJob",
    "GetRestoreJobMetadata",
    "PutRestoreValidationResult",
    pytest.param("StartScanJob", marks=scans),
)
STARTS = (
    "StartBackupJob",
    "StartCopyJob",
    "StartRestoreJob",
    pytest.param("StartScanJob", marks=scans),
)


pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


@pytest.fixture
def world(backup: FakeBackup) -> World:
    """A fake with something to copy, restore, scan, stop and validate."""
    return furnished(backup)


def furnished(backup: FakeBackup) -> World:
    """Furnish a fake."""
    client().create_backup_vault(BackupVaultName="Copies")
    jobs = backup.backup_jobs
    points = [finish(jobs[start_backup()["BackupJobId"]])["RecoveryPointArn"] for _ in range(2)]
    running = jobs[start_backup()["BackupJobId"]]
    running.run()
    tested = backup.add_restore_job(CreatedBy={"RestoreTestingPlanArn": PLAN})
    return World(backup, points[0], points[1], running, tested)


# --- Backup jobs ----------------------------------------------------------------------------

POINT_FORMS = {
    "EBS": (VOLUME, r"arn:{p}:ec2:{r}::snapshot/snap-[0-9a-f]{{17}}", 8 * GIB),
    "EC2": (INSTANCE, r"arn:{p}:ec2:{r}::image/ami-[0-9a-f]{{17}}", 8 * GIB),
    "EFS": (FILES, "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}", GIB),
    "DynamoDB": (TABLE, "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}", GIB),
    "S3": ("arn:aws:s3:::b", "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}", 0),
    "RDS": (
        f"arn:aws:rds:{HERE}:{OWN}:db:d",
        "arn:{p}:rds:{r}:{a}:snapshot:awsbackup:job-{uuid}",
        0,
    ),
    "Aurora": (
        f"arn:aws:rds:{HERE}:{OWN}:cluster:c",
        "arn:{p}:rds:{r}:{a}:cluster-snapshot:awsbackup:job-{uuid}",
        None,
    ),
    "FSx": (
        f"arn:aws:fsx:{HERE}:{OWN}:file-system/fs-0a",
        "arn:{p}:fsx:{r}:{a}:backup/backup-[0-9a-f]+",
        None,
    ),
    "Timestream": (
        f"arn:aws:timestream:{HERE}:{OWN}:database/d/table/t",
        "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}",
        GIB,
    ),
    "CloudFormation": (STACK, "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}", None),
}
"""Per type: a resource, the form of its recovery points' ARNs, and the size of a backup."""

PARTITIONS = {HERE: "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}


class TestStartBackupJob:
    @pytest.mark.parametrize(
        ("resource", "at_once"),
        [(VOLUME, False), (INSTANCE, False), (STACK, False), (FILES, True), (TABLE, True)],
    )
    def test_returns(self, backup: FakeBackup, resource: str, at_once: bool) -> None:  # noqa: FBT001  a column
        """The recovery point is named at once for EFS and advanced DynamoDB, for nothing else."""
        answer = start_backup(ResourceArn=resource)
        job = backup.backup_jobs[answer["BackupJobId"]]
        members = ["BackupJobId", "RecoveryPointArn", "CreationDate", "IsParent"]
        if not at_once:
            members.remove("RecoveryPointArn")
        assert told(answer) == {name: job[name] for name in members}
        assert list(told(answer)) == members
        assert status(answer) == 200
        assert answer["IsParent"] is (resource == STACK)
        assert ("RecoveryPointArn" in job) is at_once

    def test_a_point_named_at_once_is_the_one_that_comes(self, backup: FakeBackup) -> None:
        """The ARN that StartBackupJob returns is that of the recovery point in the end."""
        answer = start_backup(ResourceArn=FILES)
        finish(backup.backup_jobs[answer["BackupJobId"]])
        assert list(backup.recovery_points) == [answer["RecoveryPointArn"]]

    @time_machine.travel(NOON, tick=False)
    def test_fills_in(self, backup: FakeBackup) -> None:
        """A new job has what the request says and what follows from it, and nothing else."""
        job_id = start_backup()["BackupJobId"]
        described = told(client().describe_backup_job(BackupJobId=job_id))
        assert described == {
            "AccountId": OWN,
            "BackupJobId": job_id,
            "BackupVaultName": "Default",
            "BackupVaultArn": f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Default",
            "ResourceArn": VOLUME,
            "ResourceType": "EBS",
            "IamRoleArn": ROLE,
            "CreationDate": NOON,
            "StartBy": NOON + timedelta(hours=8),
            "State": "CREATED",
            "PercentDone": "0.0",
            "IsParent": False,
        } | ({"VaultType": "BACKUP_VAULT"} if "VaultType" in BACKUP.members else {})
        assert dict(backup.backup_jobs[job_id]) == described

    @pytest.mark.parametrize("minutes", [None, 60, 90, 480, 52_560_000])
    def test_start_by(self, backup: FakeBackup, minutes: int | None) -> None:
        """StartBy lies the start window after CreationDate, to the millisecond; 8 h by default."""
        window: dict[str, Any] = {} if minutes is None else {"StartWindowMinutes": minutes}
        for _ in range(5):
            job = backup.backup_jobs[start_backup(**window)["BackupJobId"]]
            assert job["StartBy"] - job["CreationDate"] == timedelta(minutes=minutes or 480)

    @pytest.mark.parametrize("region", PARTITIONS)
    @pytest.mark.parametrize("resource_type", POINT_FORMS)
    def test_points_and_sizes(self, backup: FakeBackup, resource_type: str, region: str) -> None:
        """A finished job has the recovery point and the size that its resource type has."""
        partition = PARTITIONS[region]
        resource, form, size = POINT_FORMS[resource_type]
        there = resource.replace("arn:aws:", f"arn:{partition}:").replace(HERE, region)
        role = ROLE.replace("arn:aws:", f"arn:{partition}:")
        answer = start_backup(region, ResourceArn=there, IamRoleArn=role)
        job = finish(backup.at(region=region).backup_jobs[answer["BackupJobId"]])
        assert job["ResourceType"] == resource_type
        wanted = form.format(p=partition, r=region, a=OWN, uuid=UUID)
        assert re.fullmatch(wanted, job["RecoveryPointArn"])
        assert job.get("BackupSizeInBytes") == size
        assert job["BackupVaultArn"] == (
            f"arn:{partition}:backup:{region}:{OWN}:backup-vault:Default"
        )

    @pytest.mark.parametrize(
        ("options", "kind"),
        [
            (None, None),
            ({"WindowsVSS": "disabled"}, None),
            ({"WindowsVSS": "enabled"}, "WindowsVSS"),
        ],
    )
    def test_windows_vss(
        self, backup: FakeBackup, options: dict[str, str] | None, kind: str | None
    ) -> None:
        """A successful VSS backup has a BackupType, a regular one and a running one have none."""
        given: dict[str, Any] = {} if options is None else {"BackupOptions": options}
        job = backup.backup_jobs[start_backup(ResourceArn=INSTANCE, **given)["BackupJobId"]]
        job.run()
        assert job.get("BackupOptions") == options
        assert "BackupType" not in job
        job.complete()
        assert job.get("BackupType") == kind

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ({"DeleteAfterDays": 30}, {"DeleteAfterDays": 30}),
            ({"DeleteAfterDays": 1}, {"DeleteAfterDays": 1}),
            (
                {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
                {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
            ),
            ({"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": -1}, None),
            ({}, None),
        ],
    )
    def test_lifecycle(
        self, backup: FakeBackup, given: dict[str, int], kept: dict[str, int] | None
    ) -> None:
        """The lifecycle is the job's from the start and its recovery point's in the end."""
        job = backup.backup_jobs[start_backup(Lifecycle=given)["BackupJobId"]]
        if "RecoveryPointLifecycle" in BACKUP.members:
            assert job.get("RecoveryPointLifecycle") == kept
        finish(job)
        assert backup.recovery_points[job["RecoveryPointArn"]].get("Lifecycle") == kept

    def test_tags(self, backup: FakeBackup) -> None:
        """RecoveryPointTags are the tags of the recovery point."""
        job_id = start_backup(RecoveryPointTags={"team": "x"})["BackupJobId"]
        job = finish(backup.backup_jobs[job_id])
        tags = client().list_tags(ResourceArn=job["RecoveryPointArn"])["Tags"]
        assert tags == {"team": "x"}

    def test_ids(self, world: World) -> None:
        """On-demand backup jobs have ids in lower case, copy and restore jobs in capitals."""
        backup_id = start_backup()["BackupJobId"]
        copy_id = full_answer("StartCopyJob", **world.good("StartCopyJob"))["CopyJobId"]
        restore_id = full_answer("StartRestoreJob", **world.good("StartRestoreJob"))["RestoreJobId"]
        assert re.fullmatch(UUID, backup_id)
        for made in (copy_id, restore_id):
            assert re.fullmatch(UUID, made.lower())
            assert made == made.upper()


# --- Stopping -------------------------------------------------------------------------------


class TestStopBackupJob:
    @pytest.mark.parametrize("state", ["CREATED", "PENDING", "RUNNING"])
    def test_answers_nothing(self, backup: FakeBackup, state: Any) -> None:
        """An unfinished job, a seeded one too, goes to ABORTING; the answer is empty."""
        job = backup.add_backup_job(State=state)
        answer = client().stop_backup_job(BackupJobId=job.id)
        assert (told(answer), status(answer)) == ({}, 200)
        assert job["State"] == "ABORTING"

    def test_a_stopped_job(self, backup: FakeBackup) -> None:
        """A stopped job ends ABORTED, says so, and leaves no recovery point."""
        job = backup.backup_jobs[start_backup()["BackupJobId"]]
        client().stop_backup_job(BackupJobId=job.id)
        job.abort()
        assert (job["State"], job["StatusMessage"], job["MessageCategory"]) == (
            "ABORTED",
            "Backup job was stopped by user.",
            "MISCELLANEOUS",
        )
        assert not backup.recovery_points


# --- Copy jobs ------------------------------------------------------------------------------


class TestStartCopyJob:
    @time_machine.travel(NOON, tick=False)
    def test_returns_and_fills_in(self, world: World) -> None:
        """A new copy job has its source's resource, type and size, and no destination point."""
        wanted = world.good("StartCopyJob")
        answer = full_answer("StartCopyJob", **wanted)
        job = world.backup.copy_jobs[answer["CopyJobId"]]
        assert list(told(answer)) == ["CopyJobId", "CreationDate", "IsParent"]
        assert told(answer) == {"CopyJobId": job.id, "CreationDate": NOON, "IsParent": False}
        assert status(answer) == 200
        described = client().describe_copy_job(CopyJobId=job.id)["CopyJob"]
        named = {"DestinationVaultType": "BACKUP_VAULT"}
        assert described == {
            "AccountId": OWN,
            "CopyJobId": job.id,
            "SourceBackupVaultArn": f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Default",
            "SourceRecoveryPointArn": world.point,
            "DestinationBackupVaultArn": wanted["DestinationBackupVaultArn"],
            "ResourceArn": VOLUME,
            "ResourceType": "EBS",
            "BackupSizeInBytes": 8 * GIB,
            "CreationDate": NOON,
            "State": "CREATED",
            "IamRoleArn": ROLE,
            "IsParent": False,
        } | {name: value for name, value in named.items() if name in job.kind.members}

    def test_lifecycle(self, world: World) -> None:
        """The lifecycle is the copy's: the source's is not taken over."""
        wanted = world.good("StartCopyJob") | {"Lifecycle": {"DeleteAfterDays": 9}}
        job = finish(world.backup.copy_jobs[full_answer("StartCopyJob", **wanted)["CopyJobId"]])
        if "DestinationRecoveryPointLifecycle" in job.kind.members:
            assert job["DestinationRecoveryPointLifecycle"] == {"DeleteAfterDays": 9}
        copied = world.backup.recovery_points[job["DestinationRecoveryPointArn"]]
        assert copied["Lifecycle"] == {"DeleteAfterDays": 9}

    def test_two_copies_are_two_points(self, world: World) -> None:
        """Each copy leaves a recovery point of its own in the destination vault."""
        arns = set()
        for _ in range(2):
            answer = full_answer("StartCopyJob", **world.good("StartCopyJob"))
            arns.add(
                finish(world.backup.copy_jobs[answer["CopyJobId"]])["DestinationRecoveryPointArn"]
            )
        assert len(arns) == 2
        found = client().list_recovery_points_by_backup_vault(BackupVaultName="Copies")
        assert {each["RecoveryPointArn"] for each in found["RecoveryPoints"]} == arns

    def test_restores_from_a_copy_elsewhere(self, world: World) -> None:
        """A copy in another account and region is restored there, where its own vault is."""
        backup = world.backup
        with backup.acting_as(OTHER):
            vault = client(THERE).create_backup_vault(BackupVaultName="vault")["BackupVaultArn"]
        wanted = world.good("StartCopyJob") | {"DestinationBackupVaultArn": vault}
        copy = finish(backup.copy_jobs[full_answer("StartCopyJob", **wanted)["CopyJobId"]])
        assert (copy.account, copy.region) == (OWN, HERE)
        arn = copy["DestinationRecoveryPointArn"]
        assert arn.startswith(f"arn:aws:ec2:{THERE}::snapshot/")
        restore = {"RecoveryPointArn": arn, "Metadata": {}}
        with pytest.raises(ClientError, match="Cannot find recovery point"):
            full_answer("StartRestoreJob", **restore)
        with pytest.raises(ClientError, match="Cannot find recovery point"):
            full_answer("StartRestoreJob", region=THERE, **restore)
        with backup.acting_as(OTHER) as there:
            job_id = full_answer("StartRestoreJob", region=THERE, **restore)["RestoreJobId"]
            job = finish(there.at(region=THERE).restore_jobs[job_id])
        assert (job["AccountId"], job["RecoveryPointArn"]) == (OTHER, arn)
        if "BackupVaultArn" in job.kind.members:
            assert job["BackupVaultArn"] == vault
        assert job["CreatedResourceArn"].startswith(f"arn:aws:ec2:{THERE}:{OTHER}:volume/")
        assert not backup.restore_jobs.keys() - {world.tested.id}

    def test_a_copy_is_copied_on(self, world: World) -> None:
        """A copy is a recovery point like others: it is copied on from where it lies."""
        client(THERE).create_backup_vault(BackupVaultName="first")
        client(THERE).create_backup_vault(BackupVaultName="second")
        vaults = f"arn:aws:backup:{THERE}:{OWN}:backup-vault:"
        wanted = world.good("StartCopyJob") | {"DestinationBackupVaultArn": vaults + "first"}
        copy = finish(world.backup.copy_jobs[full_answer("StartCopyJob", **wanted)["CopyJobId"]])
        again = wanted | {
            "RecoveryPointArn": copy["DestinationRecoveryPointArn"],
            "SourceBackupVaultName": "first",
            "DestinationBackupVaultArn": vaults + "second",
        }
        there = world.backup.at(region=THERE)
        second = finish(
            there.copy_jobs[full_answer("StartCopyJob", region=THERE, **again)["CopyJobId"]]
        )
        assert len(there.recovery_points) == 2
        assert second["ResourceArn"] == VOLUME


# --- Restore jobs ---------------------------------------------------------------------------


class TestStartRestoreJob:
    @time_machine.travel(NOON, tick=False)
    def test_returns_and_fills_in(self, world: World) -> None:
        """StartRestoreJob returns the id alone; the job begins PENDING, of the point's type."""
        answer = full_answer("StartRestoreJob", **world.good("StartRestoreJob"))
        job = world.backup.restore_jobs[answer["RestoreJobId"]]
        assert (told(answer), status(answer)) == ({"RestoreJobId": job.id}, 200)
        described = told(client().describe_restore_job(RestoreJobId=job.id))
        named = {
            "SourceResourceArn": VOLUME,
            "BackupVaultArn": f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Default",
            "IsParent": False,
        }
        assert described == {
            "AccountId": OWN,
            "RestoreJobId": job.id,
            "RecoveryPointArn": world.point,
            "CreationDate": NOON,
            "Status": "PENDING",
            "PercentDone": "0.00%",
            "BackupSizeInBytes": 8 * GIB,
            "IamRoleArn": ROLE,
            "ResourceType": "EBS",
            "RecoveryPointCreationDate": world.backup.recovery_points[world.point]["CreationDate"],
        } | {name: value for name, value in named.items() if name in job.kind.members}

    def test_without_a_role(self, world: World) -> None:
        """The role is no required parameter; a job without one has none."""
        wanted: dict[str, Any] = {"RecoveryPointArn": world.point, "Metadata": {}}
        answer = full_answer("StartRestoreJob", ResourceType="EBS", **wanted)
        assert "IamRoleArn" not in world.backup.restore_jobs[answer["RestoreJobId"]]

    @pytest.mark.parametrize("metadata", [{}, {"volumeId": "vol-1", "encrypted": "false"}])
    def test_metadata(self, world: World, metadata: dict[str, str]) -> None:
        """GetRestoreJobMetadata answers what the job was started with."""
        wanted = world.good("StartRestoreJob") | {"Metadata": metadata}
        job_id = full_answer("StartRestoreJob", **wanted)["RestoreJobId"]
        answer = client().get_restore_job_metadata(RestoreJobId=job_id)
        assert told(answer) == {"RestoreJobId": job_id, "Metadata": metadata}
        assert status(answer) == 200

    def test_a_restored_resource_is_another_one(self, world: World) -> None:
        """A completed restore names the resource it made, which is not the source."""
        answer = full_answer("StartRestoreJob", **world.good("StartRestoreJob"))
        job = world.backup.restore_jobs[answer["RestoreJobId"]]
        job.run()
        assert "CreatedResourceArn" not in job
        job.complete()
        assert job["CreatedResourceArn"].startswith(f"arn:aws:ec2:{HERE}:{OWN}:volume/vol-")
        assert job["CreatedResourceArn"] != VOLUME


class TestRestoreTesting:
    def test_a_validation(self, world: World) -> None:
        """A result of a validation, answered 204 without a body, is the job's from then on."""
        events = len(world.backup.backend.organization.bus.sent)
        wanted = world.good("PutRestoreValidationResult")
        answer = full_answer("PutRestoreValidationResult", **wanted, ValidationStatusMessage="fine")
        assert (told(answer), status(answer)) == ({}, 204)
        described = client().describe_restore_job(RestoreJobId=world.tested.id)
        assert described["ValidationStatus"] == "SUCCESSFUL"
        assert described["ValidationStatusMessage"] == "fine"
        assert described["Status"] == "COMPLETED"
        assert len(world.backup.backend.organization.bus.sent) == events

    @pytest.mark.parametrize("result", ["FAILED", "SUCCESSFUL", "TIMED_OUT", "VALIDATING"])
    def test_a_later_result_replaces_an_earlier_one(self, world: World, result: str) -> None:
        """Each result replaces the one before, its message included."""
        wanted = world.good("PutRestoreValidationResult")
        full_answer("PutRestoreValidationResult", **wanted, ValidationStatusMessage="at first")
        full_answer("PutRestoreValidationResult", **wanted | {"ValidationStatus": result})
        assert world.tested["ValidationStatus"] == result
        assert "ValidationStatusMessage" not in world.tested

    def test_listed_by_plan(self, backup: FakeBackup) -> None:
        """ByRestoreTestingPlanArn lists the tests of a plan, as they stand."""
        other = PLAN.replace("p-1", "p-2")
        test = backup.add_restore_job(
            CreatedBy={"RestoreTestingPlanArn": PLAN},
            ValidationStatus="SUCCESSFUL",
            DeletionStatus="DELETING",
            DeletionStatusMessage="soon",
        )
        backup.add_restore_job(CreatedBy={"RestoreTestingPlanArn": other})
        backup.add_restore_job()
        [job] = client().list_restore_jobs(ByRestoreTestingPlanArn=PLAN)["RestoreJobs"]
        assert job["RestoreJobId"] == test.id
        assert job["CreatedBy"] == {"RestoreTestingPlanArn": PLAN}
        assert (job["ValidationStatus"], job["DeletionStatus"]) == ("SUCCESSFUL", "DELETING")
        assert job["DeletionStatusMessage"] == "soon"

    def test_a_deletion_by_hand(self, world: World) -> None:
        """A test says by job.update how the deletion of what was restored goes on."""
        world.tested.update(DeletionStatus="SUCCESSFUL")
        described = client().describe_restore_job(RestoreJobId=world.tested.id)
        assert (described["DeletionStatus"], described["Status"]) == ("SUCCESSFUL", "COMPLETED")


# --- Scan jobs ------------------------------------------------------------------------------


@scans
class TestStartScanJob:
    @time_machine.travel(NOON, tick=False)
    def test_returns_and_fills_in(self, world: World) -> None:
        """StartScanJob answers 201, an id in lower case and the date; the job echoes the rest."""
        wanted = world.good("StartScanJob")
        answer = full_answer("StartScanJob", **wanted)
        job = world.backup.scan_jobs[answer["ScanJobId"]]
        assert told(answer) == {"ScanJobId": job.id, "CreationDate": NOON}
        assert status(answer) == 201
        assert re.fullmatch(UUID, job.id)
        described = told(client().describe_scan_job(ScanJobId=job.id))
        assert described.items() >= (wanted | {"State": "CREATED", "ResourceArn": VOLUME}).items()
        assert described["ResourceType"] == "EBS"
        assert not described.keys() & {"ScanResult", "CompletionDate", "StatusMessage", "ScanId"}

    def test_an_incremental_scan(self, world: World) -> None:
        """An incremental scan names the recovery point that it begins from."""
        mode = {"ScanMode": "INCREMENTAL_SCAN", "ScanBaseRecoveryPointArn": world.second}
        answer = full_answer("StartScanJob", **world.good("StartScanJob") | mode)
        job = world.backup.scan_jobs[answer["ScanJobId"]]
        assert {name: job[name] for name in mode} == mode


# --- Idempotency tokens ---------------------------------------------------------------------


def jobs_of(backup: FakeBackup, operation: str) -> int:
    """The number of jobs of the kind that an operation starts."""
    name = operation.removeprefix("Start").replace("Job", "_jobs").lower()
    return len(getattr(backup, name))


class TestTokens:
    @pytest.mark.parametrize("operation", STARTS)
    def test_the_same_token_starts_nothing(self, world: World, operation: str) -> None:
        """A call again with a token answers as the first did, and there is one job."""
        wanted = world.good(operation) | {"IdempotencyToken": "token"}
        before = jobs_of(world.backup, operation)
        first = full_answer(operation, **wanted)
        held = world.held()
        assert told(full_answer(operation, **wanted)) == told(first)
        assert world.held() == held
        assert jobs_of(world.backup, operation) == before + 1

    @pytest.mark.parametrize("operation", STARTS)
    def test_no_token_is_two_jobs(self, world: World, operation: str) -> None:
        """Two calls alike without a token start two jobs."""
        before = jobs_of(world.backup, operation)
        for _ in range(2):
            full_answer(operation, **world.good(operation))
        assert jobs_of(world.backup, operation) == before + 2

    def test_the_first_job_answers_when_it_has_ended(self, backup: FakeBackup) -> None:
        """A token remembers its job whatever became of it."""
        first = start_backup(IdempotencyToken="token", ResourceArn=FILES)
        finish(backup.backup_jobs[first["BackupJobId"]])
        assert told(start_backup(IdempotencyToken="token", ResourceArn=FILES)) == told(first)

    def test_other_parameters_answer_the_first_job(self, backup: FakeBackup) -> None:
        """A token that comes again with other parameters answers the first job by default."""
        first = start_backup(IdempotencyToken="token")
        again = start_backup(IdempotencyToken="token", ResourceArn=FILES)
        assert told(again) == told(first)
        assert len(backup.backup_jobs) == 1

    def test_other_parameters_are_refused(self) -> None:
        """With refuse_reused_tokens, a token that comes again with other parameters is refused."""
        with mock_backup(region=HERE, default_vault=True, refuse_reused_tokens=True) as backup:
            first = start_backup(IdempotencyToken="token")
            with pytest.raises(ClientError) as refused:
                start_backup(IdempotencyToken="token", ResourceArn=FILES)
            assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
            assert told(start_backup(IdempotencyToken="token")) == told(first)
            assert len(backup.backup_jobs) == 1

    def test_a_token_is_an_operations_an_accounts_and_a_regions(self, world: World) -> None:
        """One token starts a job for each operation, account and region."""
        token = {"IdempotencyToken": "token"}
        ids = {start_backup(**token)["BackupJobId"], start_backup(THERE, **token)["BackupJobId"]}
        with world.backup.acting_as(OTHER):
            ids.add(start_backup(**token)["BackupJobId"])
        ids.add(full_answer("StartCopyJob", **world.good("StartCopyJob"), **token)["CopyJobId"])
        ids.add(
            full_answer("StartRestoreJob", **world.good("StartRestoreJob"), **token)["RestoreJobId"]
        )
        assert len(ids) == 5

    def test_a_refusal_uses_up_no_token(self, backup: FakeBackup) -> None:
        """A token of a refused call starts a job when the call is put right."""
        with pytest.raises(ClientError):
            start_backup(IdempotencyToken="token", ResourceArn="arn:aws:sqs:us-east-1:1:q")
        assert start_backup(IdempotencyToken="token")["BackupJobId"] in backup.backup_jobs


# --- Refusals -------------------------------------------------------------------------------

MISSING = "MissingParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
INVALID = "InvalidParameterValueException"
REQUEST = "InvalidRequestException"


@dataclass(frozen=True)
class Case:
    """A call that AWS refuses.

    Attributes:
        operation: what is called.
        error: the error's code.
        change: what is wrong: parameters that replace good ones, or what gives them.
    """

    operation: str
    error: str
    change: dict[str, Any] | Callable[[World], dict[str, Any]]

    def __str__(self) -> str:
        if not isinstance(self.change, dict):
            what = getattr(self.change, "__name__", "?")
        else:
            what = ",".join(f"{k}={v}" for k, v in self.change.items())
        return f"{self.operation}-{what}"


def of_air_gapped_vault(_world: World) -> dict[str, Any]:
    """The name of a logically air-gapped vault."""
    client().create_logically_air_gapped_backup_vault(
        BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30
    )
    return {"BackupVaultName": "gapped"}


def of_no_air_gapped_vault(_world: World) -> dict[str, Any]:
    """The ARN of a vault that is not logically air-gapped."""
    arn = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Copies"
    return {"LogicallyAirGappedBackupVaultArn": arn}


def in_state(state: Any) -> Callable[[World], dict[str, Any]]:
    """Give a function that seeds a backup job in a state."""

    def job(world: World) -> dict[str, Any]:
        return {"BackupJobId": world.backup.add_backup_job(State=state).id}

    job.__name__ = state
    return job


def of_type(resource_type: str) -> Callable[[World], dict[str, Any]]:
    """Give a function that seeds a running backup job of a resource type."""

    def job(world: World) -> dict[str, Any]:
        made = world.backup.add_backup_job(State="RUNNING", ResourceType=resource_type)
        return {"BackupJobId": made.id}

    job.__name__ = resource_type
    return job


def of_another_region(world: World) -> dict[str, Any]:
    """A backup job of another region."""
    return {"BackupJobId": world.backup.at(region=THERE).add_backup_job(State="RUNNING").id}


def of_another_account(world: World) -> dict[str, Any]:
    """A backup job of another account."""
    job = world.backup.at(account_id=OTHER).add_backup_job(State="RUNNING")
    return {"BackupJobId": job.id}


def of_another_kind(world: World) -> dict[str, Any]:
    """The id of a job that is no backup job."""
    return {"BackupJobId": world.backup.add_copy_job(State="RUNNING").id}


def of_another_vault(_world: World) -> dict[str, Any]:
    """A vault that holds no such recovery point."""
    client().create_backup_vault(BackupVaultName="empty")
    return {"SourceBackupVaultName": "empty"}


def of_no_scanned_vault(_world: World) -> dict[str, Any]:
    """A vault that holds no such recovery point."""
    return {"BackupVaultName": "Copies"}


def of_its_own_vault(_world: World) -> dict[str, Any]:
    """The vault in which the source lies."""
    arn = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Default"
    return {"DestinationBackupVaultArn": arn}


def in_status(status: Any) -> Callable[[World], dict[str, Any]]:
    """Give a function that seeds a recovery point with a status."""

    def point(world: World) -> dict[str, Any]:
        made = world.backup.add_recovery_point(BackupVaultName="Default", Status=status)
        return {"RecoveryPointArn": made["RecoveryPointArn"]}

    point.__name__ = f"point_{status}"
    return point


def of_a_composite_point(world: World) -> dict[str, Any]:
    """The recovery point of a stack."""
    job = finish(world.backup.backup_jobs[start_backup(ResourceArn=STACK)["BackupJobId"]])
    return {"RecoveryPointArn": job["RecoveryPointArn"]}


def of_a_file_system(world: World) -> dict[str, Any]:
    """The recovery point of a file system."""
    job = finish(world.backup.backup_jobs[start_backup(ResourceArn=FILES)["BackupJobId"]])
    return {"RecoveryPointArn": job["RecoveryPointArn"]}


def from_an_unknown_base(_world: World) -> dict[str, Any]:
    """An incremental scan from a recovery point that is not there."""
    return {"ScanMode": "INCREMENTAL_SCAN", "ScanBaseRecoveryPointArn": ABSENT}


def full_from_a_base(world: World) -> dict[str, Any]:
    """A full scan that names a recovery point to begin from."""
    return {"ScanBaseRecoveryPointArn": world.second}


def of_no_test(world: World) -> dict[str, Any]:
    """A completed restore that no restore testing plan started."""
    return {"RestoreJobId": world.backup.add_restore_job().id}


def of_an_unfinished_test(world: World) -> dict[str, Any]:
    """A restore test that runs."""
    plan: Any = {"RestoreTestingPlanArn": PLAN}
    return {"RestoreJobId": world.backup.add_restore_job(CreatedBy=plan, Status="RUNNING").id}


def of_a_failed_test(world: World) -> dict[str, Any]:
    """A restore test that failed."""
    plan: Any = {"RestoreTestingPlanArn": PLAN}
    return {"RestoreJobId": world.backup.add_restore_job(CreatedBy=plan, Status="FAILED").id}


ABSENT = f"arn:aws:ec2:{HERE}::snapshot/snap-absent"
NO_VAULT = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:absent"
NO_ROLES = ("role", f"arn:aws:iam::{OWN}:user/u", "arn:aws:iam::1:role/r", "arn:aws:s3:::b")
BAD_LIFECYCLES: tuple[dict[str, Any], ...] = (
    {"DeleteAfterDays": 0},
    {"DeleteAfterDays": -2},
    {"DeleteAfterDays": 36501},
    {"MoveToColdStorageAfterDays": 0},
    {"MoveToColdStorageAfterDays": 36501},
    {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119},
    {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 7},
)


def _cases() -> Iterator[Case]:  # noqa: C901, PLR0912, PLR0915  a table, written down by rule
    for operation in ("StartBackupJob", "StartCopyJob"):
        for role in NO_ROLES:
            yield Case(operation, INVALID, {"IamRoleArn": role})
        for lifecycle in BAD_LIFECYCLES:
            yield Case(operation, INVALID, {"Lifecycle": lifecycle})
        if "DeleteAfterEvent" in MODEL.shape_for("Lifecycle").members:  # type: ignore[attr-defined]  # the stub knows no members
            event = {"DeleteAfterEvent": "DELETE_AFTER_COPY"}
            yield Case(operation, INVALID, {"Lifecycle": event})

    start = "StartBackupJob"
    for name in ("BackupVaultName", "ResourceArn", "IamRoleArn"):
        yield Case(start, MISSING, {name: ""})
    yield Case(start, NOT_FOUND, {"BackupVaultName": "absent"})
    for name in ("x", "with space", "a" * 51):
        yield Case(start, INVALID, {"BackupVaultName": name})
    for arn in ("volume", f"arn:aws:sqs:{HERE}:{OWN}:q", f"arn:aws:ec2:{HERE}:{OWN}:vpc/vpc-1"):
        yield Case(start, INVALID, {"ResourceArn": arn})
    for minutes in (-1, 0, 59, 52_560_001):
        yield Case(start, INVALID, {"StartWindowMinutes": minutes})
        yield Case(start, INVALID, {"CompleteWindowMinutes": minutes})
    yield Case(start, INVALID, {"BackupOptions": {"WindowsVSS": "enabled"}})
    for options in (
        {"WindowsVSS": "maybe"},
        {"Other": "enabled"},
        {"WindowsVSS": "enabled", "Other": "enabled"},
    ):
        yield Case(start, INVALID, {"ResourceArn": INSTANCE, "BackupOptions": options})
    if takes(start, "Index"):
        yield Case(start, INVALID, {"Index": "MAYBE"})
    if "CreateLogicallyAirGappedBackupVault" in MODEL.operation_names:
        yield Case(start, REQUEST, of_air_gapped_vault)
    if takes(start, "LogicallyAirGappedBackupVaultArn"):
        yield Case(start, NOT_FOUND, {"LogicallyAirGappedBackupVaultArn": NO_VAULT})
        yield Case(start, REQUEST, of_no_air_gapped_vault)

    stop = "StopBackupJob"
    yield Case(stop, MISSING, {"BackupJobId": ""})
    yield Case(stop, NOT_FOUND, {"BackupJobId": "absent"})
    for seed in (of_another_region, of_another_account, of_another_kind):
        yield Case(stop, NOT_FOUND, seed)
    for state in ("COMPLETED", "PARTIAL", "FAILED", "ABORTED", "EXPIRED", "ABORTING"):
        yield Case(stop, REQUEST, in_state(state))
    for each in ("Aurora", "DocumentDB", "FSx", "Neptune", "RDS", "SAP HANA on Amazon EC2"):
        yield Case(stop, REQUEST, of_type(each))

    copy = "StartCopyJob"
    for name in (
        "RecoveryPointArn",
        "SourceBackupVaultName",
        "DestinationBackupVaultArn",
        "IamRoleArn",
    ):
        yield Case(copy, MISSING, {name: ""})
    yield Case(copy, NOT_FOUND, {"SourceBackupVaultName": "absent"})
    yield Case(copy, INVALID, {"SourceBackupVaultName": "x"})
    yield Case(copy, NOT_FOUND, {"RecoveryPointArn": ABSENT})
    yield Case(copy, NOT_FOUND, of_another_vault)
    for arn in (
        NO_VAULT,
        "Copies",
        NO_VAULT.replace("absent", "Copies").replace(":aws:", ":aws-cn:"),
    ):
        yield Case(copy, NOT_FOUND, {"DestinationBackupVaultArn": arn})
    yield Case(copy, REQUEST, of_its_own_vault)
    for status_ in ("DELETING", "EXPIRED"):
        yield Case(copy, REQUEST, in_status(status_))

    restore = "StartRestoreJob"
    yield Case(restore, MISSING, {"RecoveryPointArn": ""})
    yield Case(restore, NOT_FOUND, {"RecoveryPointArn": ABSENT})
    for role in (*NO_ROLES, ""):
        yield Case(restore, INVALID, {"IamRoleArn": role})
    for kind in ("EFS", "Nothing", ""):
        yield Case(restore, INVALID, {"ResourceType": kind})
    yield Case(restore, REQUEST, of_a_composite_point)
    for status_ in ("PARTIAL", "DELETING"):
        yield Case(restore, REQUEST, in_status(status_))

    for operation in ("GetRestoreJobMetadata", "PutRestoreValidationResult"):
        yield Case(operation, MISSING, {"RestoreJobId": ""})
        yield Case(operation, NOT_FOUND, {"RestoreJobId": "absent"})
    put = "PutRestoreValidationResult"
    yield Case(put, MISSING, {"ValidationStatus": ""})
    yield Case(put, INVALID, {"ValidationStatus": "MAYBE"})
    for seed in (of_no_test, of_an_unfinished_test, of_a_failed_test):
        yield Case(put, REQUEST, seed)

    scan = "StartScanJob"
    for name in (
        "BackupVaultName",
        "RecoveryPointArn",
        "IamRoleArn",
        "ScannerRoleArn",
        "MalwareScanner",
        "ScanMode",
    ):
        yield Case(scan, MISSING, {name: ""})
    for role in NO_ROLES:
        yield Case(scan, INVALID, {"IamRoleArn": role})
        yield Case(scan, INVALID, {"ScannerRoleArn": role})
    yield Case(scan, INVALID, {"MalwareScanner": "MINE"})
    yield Case(scan, INVALID, {"ScanMode": "QUICK"})
    yield Case(scan, INVALID, {"ScanMode": "INCREMENTAL_SCAN"})
    yield Case(scan, INVALID, full_from_a_base)
    yield Case(scan, NOT_FOUND, {"BackupVaultName": "absent"})
    yield Case(scan, NOT_FOUND, {"RecoveryPointArn": ABSENT})
    yield Case(scan, NOT_FOUND, of_no_scanned_vault)
    yield Case(scan, NOT_FOUND, from_an_unknown_base)
    yield Case(scan, REQUEST, of_a_file_system)


CASES = [
    pytest.param(case, id=str(case), marks=[scans] if case.operation == "StartScanJob" else [])
    for case in _cases()
]

_ONE_ID = "its one parameter is a free text: an empty one is missing, any other is an id"
_NO_QUOTA = "AWS documents no quota that refuses the call: fail() injects it"
UNCAUSED = {
    ("StopBackupJob", INVALID): _ONE_ID,
    ("GetRestoreJobMetadata", INVALID): _ONE_ID,
    ("StartBackupJob", "LimitExceededException"): _NO_QUOTA,
    ("StartCopyJob", "LimitExceededException"): _NO_QUOTA,
    ("StartScanJob", "LimitExceededException"): _NO_QUOTA,
}
"""The client errors that are declared and have no natural cause, with the reason."""


class TestRefusals:
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_good_parameters_are_taken(self, world: World, operation: str) -> None:
        """What the refusals below change is taken as it is."""
        assert status(full_answer(operation, **world.good(operation))) in (200, 201, 204)

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_every_declared_error_is_provoked(self, operation: str) -> None:
        """Each client error that an operation declares has a case, or a reason for none."""
        declared = {
            shape.name
            for shape in MODEL.operation_model(operation).error_shapes
            if shape.name != "ServiceUnavailableException"
        }
        provoked = {case.error for case in _cases() if case.operation == operation}
        excused = {error for name, error in UNCAUSED if name == operation}
        assert provoked | excused == declared
        assert not provoked & excused

    @pytest.mark.parametrize("case", CASES)
    def test_a_refusal_changes_nothing(self, world: World, case: Case) -> None:
        """A refusal is the declared error, and leaves the model, events and outcomes alone."""
        change = case.change if isinstance(case.change, dict) else case.change(world)
        wanted = world.good(case.operation) | change
        if case.operation in ("StartBackupJob", "StartCopyJob", "StartRestoreJob"):
            world.backup.next_outcome(case.operation, State="FAILED")
        held = world.held()
        with pytest.raises(ClientError) as refused:
            full_answer(case.operation, **wanted)
        response: Any = refused.value.response
        assert response["Error"]["Code"] == case.error
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert isinstance(refused.value, getattr(client().exceptions, case.error))
        assert world.held() == held

    @pytest.mark.parametrize("life_", [{"DeleteAfterDays": 36500}, {"DeleteAfterDays": 120}])
    def test_lifecycles_at_the_bounds(self, world: World, life_: dict[str, int]) -> None:
        """Ninety days between the two dates, and a hundred years, are taken."""
        cold = {"MoveToColdStorageAfterDays": 30}
        for operation in ("StartBackupJob", "StartCopyJob"):
            full_answer(operation, **world.good(operation), Lifecycle=cold | life_)

    def test_windows_at_the_bounds(self, backup: FakeBackup) -> None:
        """The shortest and the longest window are taken."""
        for minutes in (60, 52_560_000):
            start_backup(StartWindowMinutes=minutes, CompleteWindowMinutes=minutes)
        assert len(backup.backup_jobs) == 2

    @pytest.mark.parametrize(
        ("operation", "change"),
        [
            ("StartBackupJob", {"BackupVaultName": "absent"}),
            pytest.param(
                "StartBackupJob",
                {"LogicallyAirGappedBackupVaultArn": NO_VAULT},
                marks=pytest.mark.skipif(
                    not takes("StartBackupJob", "LogicallyAirGappedBackupVaultArn"),
                    reason="this botocore does not know the parameter",
                ),
            ),
            ("StartCopyJob", {"SourceBackupVaultName": "absent"}),
            ("StartCopyJob", {"DestinationBackupVaultArn": NO_VAULT}),
            pytest.param("StartScanJob", {"BackupVaultName": "absent"}, marks=scans),
        ],
    )
    def test_hidden_vaults(self, operation: str, change: dict[str, str]) -> None:
        """With hide_missing_vaults, a vault that is not there is one that nobody may see."""
        with mock_backup(
            region=HERE, default_vault=True, hide_missing_vaults=True, progress="manual"
        ) as backup:
            world = furnished(backup)
            held = world.held()
            with pytest.raises(ClientError) as refused:
                full_answer(operation, **world.good(operation) | change)
            response: Any = refused.value.response
            assert response["Error"] == {
                "Code": "AccessDeniedException",
                "Message": "Insufficient privileges to perform this action.",
            }
            assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
            assert world.held() == held

    def test_stopping_is_for_unfinished_jobs(self) -> None:
        """The cases above try to stop a job in every state in which it cannot be stopped."""
        tried = {
            getattr(c.change, "__name__", "") for c in _cases() if c.operation == "StopBackupJob"
        }
        states = {state for moves in life.MOVES[BACKUP].values() for state in moves}
        assert states - tried == {"PENDING", "RUNNING"}

    def test_a_fresh_account_has_no_vault(self) -> None:
        """Without default_vault, the first backup finds no vault Default."""
        with mock_backup(region=HERE), pytest.raises(ClientError) as refused:
            start_backup()
        assert refused.value.response["Error"]["Code"] == NOT_FOUND

    def test_a_seeded_jobs_point_is_there(self, backup: FakeBackup) -> None:
        """The recovery point of a seeded job is copied and restored like others."""
        job = backup.add(factories.backup_job(BackupVaultName="seeded"))
        wanted = {"RecoveryPointArn": job["RecoveryPointArn"], "Metadata": {}}
        assert full_answer("StartRestoreJob", **wanted)["RestoreJobId"] in backup.restore_jobs
