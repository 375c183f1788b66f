"""What tests of a fake beside moto share: entering both, clients, and a plan for what is tagged."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

from fakebackup import mock_backup
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup

VAULT = "vault"
WANTED = {"Key": "backup", "Value": "yes"}
"""The tag that `a_plan` selects."""


@contextlib.contextmanager
def both(*, moto_inside: bool = False, **options: Any) -> Iterator[FakeBackup]:
    """Enter moto and a fake beside it, which has a vault, and yield the fake."""
    values: dict[str, Any] = {"beside": "moto", "region": REGION, "progress": "immediate"}
    with contextlib.ExitStack() as stack:
        if not moto_inside:
            stack.enter_context(mock_aws())
        backup = stack.enter_context(mock_backup(**values | options))
        if moto_inside:
            stack.enter_context(mock_aws())
        a_client("backup").create_backup_vault(BackupVaultName=VAULT)
        yield backup


def a_client(service: str, region: str = REGION, **settings: Any) -> Any:
    """A client of a test's code."""
    # For a type checker a service is one of many literals.
    make: Any = boto3.client
    return make(service, region_name=region, **settings)


def a_plan(tag: dict[str, str] = WANTED, **rule: Any) -> str:
    """Make a plan that backs up what has a tag, and return its id."""
    backup = a_client("backup")
    rules = [{"RuleName": "rule", "TargetBackupVaultName": VAULT, **rule}]
    made = backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": rules})
    condition = {
        "ConditionType": "STRINGEQUALS",
        "ConditionKey": tag["Key"],
        "ConditionValue": tag["Value"],
    }
    selection = {"SelectionName": "tagged", "IamRoleArn": ROLE, "ListOfTags": [condition]}
    plan_id: str = made["BackupPlanId"]
    backup.create_backup_selection(BackupPlanId=plan_id, BackupSelection=selection)
    return plan_id


def back_up(arn: str, **parameters: Any) -> dict[str, Any]:
    """Back up a resource, and return the job as it is described."""
    backup = a_client("backup")
    asked = {"BackupVaultName": VAULT, "ResourceArn": arn, "IamRoleArn": ROLE, **parameters}
    job_id = backup.start_backup_job(**asked)["BackupJobId"]
    job: dict[str, Any] = backup.describe_backup_job(BackupJobId=job_id)
    return job


def outcome(job: dict[str, Any]) -> tuple[str, str, str]:
    """How a job ended: its state, its message and the category of that."""
    return job["State"], job["StatusMessage"], job["MessageCategory"]


def metadata_of(point: str, vault: str = VAULT) -> dict[str, str]:
    """The metadata that AWS Backup offers for the restore of a recovery point."""
    asked = {"BackupVaultName": vault, "RecoveryPointArn": point}
    found: dict[str, str] = a_client("backup").get_recovery_point_restore_metadata(**asked)[
        "RestoreMetadata"
    ]
    return found


def restore(point: str, **metadata: str) -> dict[str, Any]:
    """Restore a recovery point, and return the job as it is described."""
    backup = a_client("backup")
    asked = {"RecoveryPointArn": point, "Metadata": metadata, "IamRoleArn": ROLE}
    job_id = backup.start_restore_job(**asked)["RestoreJobId"]
    job: dict[str, Any] = backup.describe_restore_job(RestoreJobId=job_id)
    return job


def copy(point: str, destination: str) -> dict[str, Any]:
    """Copy a recovery point to the vault with an ARN, and return the job as it is described."""
    backup = a_client("backup")
    asked = {
        "RecoveryPointArn": point,
        "SourceBackupVaultName": VAULT,
        "DestinationBackupVaultArn": destination,
        "IamRoleArn": ROLE,
    }
    job_id = backup.start_copy_job(**asked)["CopyJobId"]
    job: dict[str, Any] = backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]
    return job


def delete_point(point: str, vault: str = VAULT) -> None:
    """Delete a recovery point."""
    a_client("backup").delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point)


def vault_arn(name: str = VAULT, region: str = REGION, account: str = ACCOUNT) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"
