"""Copy jobs, started by a real client: what is returned, filled in and left out."""

from __future__ import annotations

import pytest
import time_machine
from botocore.exceptions import ClientError

from support.client import client, full_answer
from support.starting import (
    GIB,
    HERE,
    NOON,
    OTHER,
    OWN,
    ROLE,
    THERE,
    VOLUME,
    World,
    finish,
    status,
    told,
)

pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


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
