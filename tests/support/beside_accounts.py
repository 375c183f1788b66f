"""What tests of a fake beside moto share about other accounts: a vault there, and clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.beside import a_client, vault_arn
from support.constants import ACCOUNT, OTHER_ACCOUNT, REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup

AWAY = "away"


def a_vault_away(backup: FakeBackup, region: str = REGION, **members: Any) -> str:
    """Let an account copy into a vault of another one, and return the ARN of the vault."""
    client = a_client("backup", region)
    settings = {"isCrossAccountBackupEnabled": "true"}
    a_client("backup").update_global_settings(GlobalSettings=settings)
    backup.at(account_id=OTHER_ACCOUNT, region=region).add_vault(BackupVaultName=AWAY, **members)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with backup.acting_as(OTHER_ACCOUNT):
        client.put_backup_vault_access_policy(BackupVaultName=AWAY, Policy=policy)
    return vault_arn(AWAY, region, OTHER_ACCOUNT)


ROLE_AWAY = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"


def keys_away(sts: Any = None) -> dict[str, str]:
    """The keys of code that has taken on a role of the other account, from moto's STS.

    Args:
        sts: the client that asks; None for one of this process's moto.
    """
    asked = sts or a_client("sts")
    found = asked.assume_role(RoleArn=ROLE_AWAY, RoleSessionName="session")["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def away(service: str, region: str = REGION) -> Any:
    """A client of code that has taken on a role of the other account."""
    return a_client(service, region, **keys_away())


def restore_away(point: str, **metadata: str) -> None:
    """Restore a recovery point in the other account."""
    away("backup").start_restore_job(
        RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE_AWAY
    )
