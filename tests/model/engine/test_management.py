"""Resource types that an account leaves to their own service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from support.client import call, refused
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
OWN = re.compile(rf"{TABLE}/backup/\d{{14}}-[0-9a-f]{{8}}")

pytestmark = pytest.mark.fake_backup(region=REGION, progress="immediate", default_vault=True)


def manage(**types: bool) -> None:
    """Set the management preference."""
    call("UpdateRegionSettings", ResourceTypeManagementPreference=types)


def back_up(backup: FakeBackup, resource: str) -> tuple[dict[str, Any], Any]:
    """Start a backup; return its answer, and its recovery point."""
    asked = {"BackupVaultName": "Default", "ResourceArn": resource, "IamRoleArn": ROLE}
    answer = call("StartBackupJob", **asked)
    job = backup.backup_jobs[answer["BackupJobId"]]
    return answer, backup.recovery_points[job["RecoveryPointArn"]]


def test_dynamodb(backup: FakeBackup) -> None:
    """Without advanced features DynamoDB's backups are its own: ARN, encryption and all.

    AWS's guide, advanced DynamoDB backup.
    """
    answer, advanced = back_up(backup, TABLE)
    assert answer["RecoveryPointArn"] == advanced.arn
    manage(DynamoDB=False)
    answer, basic = back_up(backup, TABLE)
    assert "RecoveryPointArn" not in answer
    assert OWN.fullmatch(basic.arn)
    assert (basic["IsEncrypted"], "EncryptionKeyArn" in basic) == (False, False)
    # What was made before keeps its form.
    assert advanced.arn.startswith("arn:aws:backup:")
    assert advanced["EncryptionKeyArn"] == backup.vaults["Default"]["EncryptionKeyArn"]
    assert back_up(backup, TABLE)[1].arn != basic.arn
    manage(DynamoDB=True)
    assert back_up(backup, TABLE)[1].arn.startswith("arn:aws:backup:")


def test_neither_cold_nor_copied(backup: FakeBackup) -> None:
    """DynamoDB's own backups are not copied: the copy job fails."""
    manage(DynamoDB=False)
    backup.add_vault(BackupVaultName="Other")
    _, basic = back_up(backup, TABLE)
    copy = call(
        "StartCopyJob",
        RecoveryPointArn=basic.arn,
        SourceBackupVaultName="Default",
        DestinationBackupVaultArn=backup.vaults["Other"].arn,
        IamRoleArn=ROLE,
    )
    job = backup.copy_jobs[copy["CopyJobId"]]
    assert (job["State"], job["StatusMessage"], job["MessageCategory"]) == (
        "FAILED",
        "Copy job failed. Feature is not supported for provided resource type.",
        "UNSUPPORTED_OPERATION",
    )


def test_efs(backup: FakeBackup) -> None:
    """EFS's backups that the account leaves to EFS are not encrypted with the vault's key."""
    _, managed = back_up(backup, FILES)
    assert managed["EncryptionKeyArn"] == backup.vaults["Default"]["EncryptionKeyArn"]
    manage(EFS=False)
    _, own = back_up(backup, FILES)
    assert (own["IsEncrypted"], "EncryptionKeyArn" in own) == (False, False)


def test_of_one_account_and_region(backup: FakeBackup) -> None:
    """The preference is an account's, in a Region; seeded jobs follow it."""
    manage(DynamoDB=False)
    here = backup.add_backup_job(ResourceArn=TABLE)
    away = backup.at(region="eu-west-1").add_backup_job(ResourceType="DynamoDB")
    assert OWN.fullmatch(here["RecoveryPointArn"])
    assert away["RecoveryPointArn"].startswith("arn:aws:backup:eu-west-1:")


def test_what_is_cold_is_not_copied(backup: FakeBackup) -> None:
    """A recovery point in cold storage cannot be copied."""
    backup.add_vault(BackupVaultName="Other")
    point = backup.add_recovery_point(ResourceArn=FILES, StorageClass="COLD")
    error = refused(
        backup,
        "StartCopyJob",
        RecoveryPointArn=point.arn,
        SourceBackupVaultName="Default",
        DestinationBackupVaultArn=backup.vaults["Other"].arn,
        IamRoleArn=ROLE,
    )["Error"]
    assert (error["Code"], error["Message"]) == (
        "InvalidRequestException",
        f"Recovery point {point.arn} is in cold storage",
    )
