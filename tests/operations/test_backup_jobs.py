"""Backup jobs, started and stopped by a real client: what is returned, filled in and left out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from fakebackup.model.jobs.kinds import BACKUP
from support.client import client, full_answer
from support.starting import (
    FILES,
    GIB,
    HERE,
    INSTANCE,
    NOON,
    OWN,
    ROLE,
    STACK,
    TABLE,
    UUID,
    VOLUME,
    World,
    finish,
    start_backup,
    status,
    told,
)

if TYPE_CHECKING:
    from fakebackup import FakeBackup

pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


POINT_FORMS = {
    "EBS": (VOLUME, r"arn:{p}:ec2:{r}::snapshot/snap-[0-9a-f]{{17}}", 8 * GIB),
    "EC2": (INSTANCE, r"arn:{p}:ec2:{r}::image/ami-[0-9a-f]{{17}}", 8 * GIB),
    "EFS": (FILES, "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}", GIB),
    "DynamoDB": (TABLE, "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}", GIB),
    "S3": (
        "arn:aws:s3:::b",
        "arn:{p}:backup:{r}:{a}:recovery-point:b-[0-9]{{14}}-[0-9a-f]{{8}}",
        0,
    ),
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
        "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}_beta",
        GIB,
    ),
    "DSQL": (
        f"arn:aws:dsql:{HERE}:{OWN}:cluster/abcdefghijklmnopqrstuvwxyz",
        "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}",
        GIB,
    ),
    "Redshift": (
        f"arn:aws:redshift:{HERE}:{OWN}:cluster:wide",
        "arn:{p}:redshift:{r}:{a}:snapshot:wide/awsbackup:job-{uuid}",
        GIB,
    ),
    "Redshift Serverless": (
        f"arn:aws:redshift-serverless:{HERE}:{OWN}:namespace/0a-1b",
        "arn:{p}:redshift-serverless:{r}:{a}:snapshot:0a-1b/awsbackup:job-{uuid}",
        GIB,
    ),
    "Storage Gateway": (
        f"arn:aws:storagegateway:{HERE}:{OWN}:gateway/sgw-1/volume/vol-1",
        r"arn:{p}:ec2:{r}::snapshot/snap-[0-9a-f]{{17}}",
        8 * GIB,
    ),
    "EKS": (
        f"arn:aws:eks:{HERE}:{OWN}:cluster/prod",
        "arn:{p}:backup:{r}:{a}:recovery-point:composite:eks/prod-[0-9]{{8}}",
        None,
    ),
    "CloudFormation": (STACK, "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}", None),
}
"""Per type: a resource, the form of its recovery points' ARNs, and the size of a backup."""

PARTITIONS = {HERE: "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}


OF_THE_VAULT = {"VaultType": "BACKUP_VAULT", "VaultLockState": "UNLOCKED"}


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
        } | {name: value for name, value in OF_THE_VAULT.items() if name in BACKUP.members}
        assert dict(backup.backup_jobs[job_id]) == described

    @pytest.mark.skipif(
        "VaultLockState" not in BACKUP.members, reason="this botocore knows no lock of a job"
    )
    @pytest.mark.usefixtures("backup")
    def test_the_lock_of_its_vault(self) -> None:
        """A job says whether its vault was locked when it started [documented: model]."""
        lock = client().put_backup_vault_lock_configuration
        first = start_backup()["BackupJobId"]
        lock(BackupVaultName="Default", MinRetentionDays=1)
        second = start_backup()["BackupJobId"]
        client().delete_backup_vault_lock_configuration(BackupVaultName="Default")
        states = {first: "UNLOCKED", second: "LOCKED"}
        for job in client().list_backup_jobs()["BackupJobs"]:
            assert job["VaultLockState"] == states.pop(job["BackupJobId"])
            described = client().describe_backup_job(BackupJobId=job["BackupJobId"])
            assert described["VaultLockState"] == job["VaultLockState"]
        assert not states

    @pytest.mark.parametrize("minutes", [None, 60, 90, 480, 52_560_000])
    def test_start_by(self, backup: FakeBackup, minutes: int | None) -> None:
        """StartBy lies the start window after CreationDate, to the millisecond; 8 h by default."""
        window: dict[str, Any] = {}
        if minutes is not None:
            # The completion window is not to be shorter.
            window = {"StartWindowMinutes": minutes, "CompleteWindowMinutes": 52_560_000}
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
