"""A fake that holds some of all there is, and requests that mean something to it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from fakebackup import mock_backup
from fakebackup.operations import operations
from support.botocore_model import known, model
from support.client import full_answer
from support.constants import ACCOUNT, DAY, NOW, REGION, ROLE
from support.requests_from_model import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup

POINTS = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
TEAM = "arn:aws:mpa:us-east-1:111111111111:approval-team"
POLICY = '{"Version": "2012-10-17", "Statement": []}'


def vault(name: str) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{name}"


NAMES: dict[str, Any] = {
    "AccessPointArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:accesspoint/there",
    "AccessPointInTime": "2024-03-15T00:00:00Z",
    "AccessPointMetadata.key": "AccessPointInTime",
    "AccessPointMetadata{}": "2024-03-15T00:00:00Z",
    "AccessPointPolicy": POLICY,
    "AccountId": ACCOUNT,
    "Accounts[]": ACCOUNT,
    "BackupOptions.key": "WindowsVSS",
    "BackupOptions{}": "enabled",
    "BackupPlanTemplateJson": (
        '{"BackupPlanName": "plan", "Rules": '
        '[{"RuleName": "rule", "TargetBackupVaultName": "vault"}]}'
    ),
    "BackupVaultAccountId": ACCOUNT,
    "BackupVaultName": "vault",
    "ChangeableForDays": 3,
    "CompleteWindowMinutes": 10080,
    "CompletionWindowMinutes": 10080,
    "ComplianceResourceTypes[]": "EBS",
    "ConditionKey": "aws:ResourceTag/team",
    "ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED",
    "DeleteAfterDays": 200,
    "DestinationBackupVaultArn": vault("empty"),
    "EncryptionKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd",
    "ExcludeVaults[]": vault("empty"),
    "Formats[]": "CSV",
    "FrameworkArns[]": f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:there-1",
    "FrameworkName": "there",
    "FromDate": NOW - 2 * DAY,
    "GlobalSettings.key": "isCrossAccountBackupEnabled",
    "GlobalSettings{}": "true",
    "IamRoleArn": ROLE,
    "IncludeVaults[]": vault("vault"),
    "LogicallyAirGappedBackupVaultArn": vault("gapped"),
    "MaxRetentionDays": 30,
    "MessageCategory": "SUCCESS",
    "MinRetentionDays": 7,
    "MoveToColdStorageAfterDays": 30,
    "MpaApprovalTeamArn": f"{TEAM}/second",
    # An empty token is none, and no other one is anybody's without a list before.
    "NextToken": "",
    "NotResources[]": "arn:aws:ec2:*:*:instance/*",
    "ParentRecoveryPointArn": f"{POINTS}:composite",
    "Policy": POLICY,
    "ProtectedResourceArns[]": "*",
    "ProtectedResourceType": "EBS",
    "RecoveryPointArn": f"{POINTS}:one",
    "Regions[]": REGION,
    "ReportPlanName": "there",
    "ReportTemplate": "BACKUP_JOB_REPORT",
    "ResourceArn": VOLUME,
    "ResourceIdentifiers[]": VOLUME,
    "ResourceType": "EBS",
    "ResourceTypeManagementPreference.key": "EFS",
    "ResourceTypeOptInPreference.key": "EBS",
    "Resources[]": "*",
    "RestoreAccessBackupVaultArn": vault("access"),
    "RestoreTestingPlanArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan:there-1",
    "RestoreTestingPlanName": "there",
    "RestoreTestingSelectionName": "there",
    "RuleName": "rule",
    "S3BucketName": "bucket",
    "SNSTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic",
    "ScanBaseRecoveryPointArn": f"{POINTS}:one",
    "ScannerRoleArn": ROLE,
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Etc/UTC",
    "SelectionWindowDays": 30,
    "SourceBackupVaultArn": vault("gapped"),
    "SourceBackupVaultName": "vault",
    "SourceRecoveryPointArn": f"{POINTS}:one",
    "SourceResourceArn": VOLUME,
    "StartWindowHours": 24,
    "StartWindowMinutes": 480,
    "TargetBackupVaultName": "vault",
    "TargetLogicallyAirGappedBackupVaultArn": vault("gapped"),
    "TieringConfigurationName": "there",
    "ToDate": NOW - DAY,
    "VaultNames[]": "empty",
    "timestamp": NOW - DAY,
    # What is needed, though no shape says so.
    "BackupSelection+": ("Resources",),
    "CreateLegalHold+": ("RecoveryPointSelection",),
    "CreateRestoreAccessBackupVault+": ("BackupVaultName",),
    "PutBackupVaultAccessPolicy+": ("Policy",),
    # Of legal holds, and of restore testing plans.
    "RecoveryPointSelection+": ("VaultNames", "Algorithm", "IncludeVaults", "RecoveryPointTypes"),
    "RestoreTestingSelection+": ("ProtectedResourceArns",),
    "UpdateRecoveryPointIndexSettings+": ("IamRoleArn",),
    "UpdateRecoveryPointLifecycle+": ("Lifecycle",),
    # What one operation needs and others do not.
    "AssociateBackupVaultMpaApprovalTeam.BackupVaultName": "gapped",
    "CreateBackupAccessPoint.Name": "fresh",
    "CreateBackupAccessPoint.RecoveryPointArn": f"{POINTS}:objects",
    "CreateBackupVault.BackupVaultName": "fresh",
    "CreateFramework.FrameworkName": "fresh",
    "CreateLogicallyAirGappedBackupVault.BackupVaultName": "fresh",
    "CreateReportPlan.ReportPlanName": "fresh",
    "CreateRestoreAccessBackupVault.BackupVaultName": "fresh",
    "CreateRestoreTestingPlan.RestoreTestingPlanName": "fresh",
    "CreateRestoreTestingSelection.RestoreTestingSelectionName": "fresh",
    "CreateTieringConfiguration.BackupVaultName": "empty",
    "CreateTieringConfiguration.ResourceType": "S3",
    "CreateTieringConfiguration.TieringConfigurationName": "fresh",
    "DeleteBackupVault.BackupVaultName": "empty",
    "DeleteRestoreTestingPlan.RestoreTestingPlanName": "bare",
    "DisassociateBackupVaultMpaApprovalTeam.BackupVaultName": "gapped",
    "DisassociateRecoveryPoint.RecoveryPointArn": f"{POINTS}:continuous:bucket-1",
    "DisassociateRecoveryPointFromParent.RecoveryPointArn": f"{POINTS}:nested",
    "GetPITRMalwareScanResults.RecoveryPointArn": f"{POINTS}:continuous:bucket-1",
    "ListReportJobs.ByStatus": "COMPLETED",
    "ListRestoreAccessBackupVaults.BackupVaultName": "gapped",
    "ListTags.ResourceArn": vault("vault"),
    "RevokeRestoreAccessBackupVault.BackupVaultName": "gapped",
    "TagResource.ResourceArn": vault("vault"),
    "UntagResource.ResourceArn": vault("vault"),
    "UpdateTieringConfiguration.ResourceType": "S3",
}
"""What texts and numbers must be to mean something to the fake that `seed` fills."""

MADE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("PutBackupVaultAccessPolicy", {}, ""),
    ("PutBackupVaultNotifications", {}, ""),
    ("AssociateBackupVaultMpaApprovalTeam", {"MpaApprovalTeamArn": f"{TEAM}/first"}, ""),
    ("CreateRestoreAccessBackupVault", {"BackupVaultName": "access"}, ""),
    ("CreateBackupAccessPoint", {"Name": "there"}, ""),
    ("UpdateRecoveryPointIndexSettings", {}, ""),
    ("CreateBackupPlan", {}, ""),
    ("CreateBackupSelection", {}, ""),
    # What has a selection cannot be deleted.
    ("CreateBackupPlan", {"BackupPlanName": "bare"}, "DeleteBackupPlan."),
    ("CreateFramework", {"FrameworkName": "there"}, ""),
    ("CreateReportPlan", {"ReportPlanName": "there"}, ""),
    ("CreateLegalHold", {}, ""),
    ("CreateRestoreTestingPlan", {"RestoreTestingPlanName": "there"}, ""),
    ("CreateRestoreTestingSelection", {"RestoreTestingSelectionName": "there"}, ""),
    ("CreateRestoreTestingPlan", {"RestoreTestingPlanName": "bare"}, ""),
    (
        "CreateTieringConfiguration",
        {"TieringConfigurationName": "there", "BackupVaultName": "vault"},
        "",
    ),
)
"""What a client makes: the operation, names other than those of `NAMES`, whose choices they are."""

CHOSEN = ("BackupPlanId", "VersionId", "SelectionId", "LegalHoldId")
"""The names that the fake chooses for what is made."""


def seed(backup: FakeBackup) -> dict[str, Any]:
    """Fill a fake with some of all there is; return the names that it chose."""
    backup.add_vault(BackupVaultName="vault")
    backup.add_vault(BackupVaultName="empty")
    backup.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
    volume: Any = {"BackupVaultName": "vault", "ResourceArn": VOLUME}
    bucket: Any = {"BackupVaultName": "vault", "ResourceArn": "arn:aws:s3:::bucket"}
    parent = NAMES["ParentRecoveryPointArn"]
    for name, members in (
        ("one", volume),
        ("composite", {**volume, "IsParent": True}),
        ("nested", {**volume, "ParentRecoveryPointArn": parent}),
        ("objects", bucket),
        ("continuous:bucket-1", {**bucket, "CreationDate": NOW - 10 * DAY}),
    ):
        backup.add_recovery_point(RecoveryPointArn=f"{POINTS}:{name}", **members)
    tested: Any = {"RestoreTestingPlanArn": NAMES["RestoreTestingPlanArn"]}
    found = {
        "BackupJobId": backup.add_backup_job(State="CREATED").id,
        "CopyJobId": backup.add_copy_job().id,
        "RestoreJobId": backup.add_restore_job(CreatedBy=tested).id,
        "ReportJobId": backup.add_report_job().id,
    }
    if known("ListScanJobs"):
        found["ScanJobId"] = backup.add_scan_job().id
    for number, (operation, names, whose) in enumerate(MADE):
        if is_faked(operation):
            own = {f"{operation}.{name}": value for name, value in names.items()}
            shape = input_shape(operation)
            asked = Values(operation, NAMES | found | own).plain("", shape)
            # botocore would make them up.
            tokens = {
                name: f"seed-{number}"
                for name, each in shape.members.items()
                if "idempotencyToken" in each.metadata
            }
            answer = full_answer(operation, **asked, **tokens)
            found |= {f"{whose}{name}": answer[name] for name in CHOSEN if name in answer}
    if is_faked("ListBackupPlanTemplates"):
        template = full_answer("ListBackupPlanTemplates")["BackupPlanTemplatesList"][0]
        found["BackupPlanTemplateId"] = template["BackupPlanTemplateId"]
    return found


def is_faked(operation: str) -> bool:
    """Whether the fake has an operation that the installed botocore knows."""
    return operation in operations() and known(operation)


def input_shape(operation: str) -> Any:
    """What an operation takes."""
    return model().operation_model(operation).input_shape


def requests_of(operation: str) -> Iterator[dict[str, Any]]:
    """A plain request of an operation, and one with all that it takes; none where it takes none."""
    shape = input_shape(operation)
    if shape is None:
        return
    plain = values(operation).plain("", shape)
    full = {name: values(operation).plain(name, each) for name, each in shape.members.items()}
    # botocore would draw a token.
    plain |= {
        name: "token" for name, each in shape.members.items() if "idempotencyToken" in each.metadata
    }
    yield plain
    yield {**full, **plain}


@functools.cache
def values(operation: str) -> Values:
    """What the parameters of an operation are, plainly."""
    return Values(operation, NAMES | chosen())


@functools.cache
def chosen() -> dict[str, Any]:
    """The names that each fake chooses, which counts and never draws."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        return seed(backup)
