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


def away(service: str, region: str = REGION) -> Any:
    """A client of code that has taken on a role of the other account, from moto's STS."""
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
    told = a_client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    return a_client(
        service,
        region,
        aws_access_key_id=told["AccessKeyId"],
        aws_secret_access_key=told["SecretAccessKey"],
        aws_session_token=told["SessionToken"],
    )
