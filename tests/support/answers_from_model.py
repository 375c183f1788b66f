"""Answers from the model itself: what an operation may answer, with every member or with few."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from support.botocore_model import model
from support.constants import ACCOUNT, DAY, MIDNIGHT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Mapping

BACKUP = f"arn:aws:backup:{REGION}:{ACCOUNT}"
VAULT = f"{BACKUP}:backup-vault:Daily"
POINT = f"arn:aws:ec2:{REGION}::snapshot/snap-0123"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"

TEXTS: Mapping[str, Any] = {
    "AccessPointArn": f"{BACKUP}:accesspoint/reader",
    "AccountId": ACCOUNT,
    "BackupJobId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
    "BackupPlanArn": f"{BACKUP}:backup-plan:{UUID}",
    "BackupPlanId": UUID,
    "BackupPlanName": "Nightly",
    "BackupVaultArn": VAULT,
    "BackupVaultName": "Daily",
    "CompositeMemberIdentifier": "database",
    "CopyJobId": "C1B2C3D4-5678-90AB-CDEF-EXAMPLE11111",
    "CreatedResourceArn": VOLUME,
    "DestinationBackupVaultArn": f"{BACKUP}:backup-vault:Copies",
    "DestinationRecoveryPointArn": f"arn:aws:ec2:{REGION}::snapshot/snap-4567",
    "DestinationEncryptionKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{UUID}",
    "EncryptionKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{UUID}",
    "ExcludeVaults[]": f"{BACKUP}:backup-vault:Copies",
    "FrameworkArn": f"{BACKUP}:framework:Rules-{UUID}",
    "FrameworkArns[]": f"{BACKUP}:framework:Rules-{UUID}",
    "FrameworkName": "Rules",
    "IamRoleArn": ROLE,
    "IncludeVaults[]": "*",
    "LastBackupVaultArn": VAULT,
    "LastRecoveryPointArn": POINT,
    "LegalHoldArn": f"{BACKUP}:legal-hold:{UUID}",
    "LegalHoldId": UUID,
    "LogicallyAirGappedBackupVaultArn": f"{BACKUP}:backup-vault:Gapped",
    "MpaApprovalTeamArn": f"arn:aws:mpa:{REGION}:{ACCOUNT}:approval-team/first",
    "MpaSessionArn": f"arn:aws:mpa:{REGION}:{ACCOUNT}:session/first/1",
    "Name": "reader",
    "ParentRecoveryPointArn": f"{BACKUP}:recovery-point:composite",
    "PercentDone": "100.0",
    "RecoveryPointArn": POINT,
    "ReportJobId": "e1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
    "ReportPlanArn": f"{BACKUP}:report-plan:Weekly-{UUID}",
    "ReportPlanName": "Weekly",
    "ResourceArn": VOLUME,
    "ResourceName": "disk",
    "ResourceType": "EBS",
    "RestoreAccessBackupVaultArn": f"{BACKUP}:backup-vault:Opened",
    "RestoreJobId": "D1B2C3D4-5678-90AB-CDEF-EXAMPLE11111",
    "RestoreTestingPlanArn": f"{BACKUP}:restore-testing-plan:Tests-{UUID}",
    "RestoreTestingPlanName": "Tests",
    "RestoreTestingSelectionName": "Disks",
    "ScanBaseRecoveryPointArn": POINT,
    "ScanJobId": "b1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
    "ScannerRoleArn": ROLE,
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Etc/UTC",
    "SelectionId": "5678abcd-12ab-34cd-56ef-1234567890ab",
    "SelectionName": "Disks",
    "SNSTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic",
    "SourceBackupVaultArn": f"{BACKUP}:backup-vault:Source",
    "SourceRecoveryPointArn": POINT,
    "SourceResourceArn": VOLUME,
    "TargetBackupVaultName": "Daily",
    "TargetLogicallyAirGappedBackupVaultArn": f"{BACKUP}:backup-vault:Gapped",
    "TieringConfigurationArn": f"{BACKUP}:tiering-configuration:Cold-{UUID}",
    "TieringConfigurationName": "Cold",
    "VersionId": "MTIzNA==",
    "AggregationPeriod": "ONE_DAY",
    # Of report jobs, for which the model has no values.
    "DescribeReportJob.Status": "COMPLETED",
    "ListReportJobs.Status": "COMPLETED",
}
"""Texts by the name of their member, in a list by that and "[]", and per operation before it."""

NUMBERS = {
    "DeleteAfterDays": 200,
    "MoveToColdStorageAfterDays": 30,
    "MinRetentionDays": 7,
    "MaxRetentionDays": 35,
    "NumberOfControls": 1,
}

_CREATED = ("CreationDate", "CreationTime", "InitiationDate", "BackupCreationDate")


def full(operation: str, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """An answer of an operation with every member that its shape has, as a client shows it.

    Args:
        operation: AWS's name of the operation.
        without: members that are left out, wherever they stand.
    """
    shape: Any = model().operation_model(operation).output_shape
    found: dict[str, Any] = _value(operation, "", shape, {*without, "NextToken"})
    return found


def _value(operation: str, name: str, shape: Any, without: set[str]) -> Any:
    if shape.type_name not in ("structure", "list", "map"):
        return _scalar(operation, name, shape)
    if shape.type_name == "structure":
        return {
            each: _value(operation, each, inner, without)
            for each, inner in shape.members.items()
            if each not in without
        }
    if shape.type_name == "list":
        return [_value(operation, f"{name}[]", shape.member, without)]
    key = _value(operation, f"{name}.key", shape.key, without)
    return {key: _value(operation, f"{name}{{}}", shape.value, without)}


def _scalar(operation: str, name: str, shape: Any) -> Any:
    kind = shape.type_name
    if kind == "timestamp":
        return _date(name)
    if kind == "boolean":
        return True
    if kind == "string":
        return _text(operation, name, shape)
    return NUMBERS.get(name, 3.0 if kind in ("double", "float") else 3)


def _date(name: str) -> datetime:
    early = MIDNIGHT - 2 * DAY if name in _CREATED else MIDNIGHT - DAY
    return early.astimezone(timezone.utc)


def _text(operation: str, name: str, shape: Any) -> str:
    for key in (f"{operation}.{name}", name):
        if key in TEXTS:
            found: str = TEXTS[key]
            return found
    return str(shape.enum[0]) if getattr(shape, "enum", ()) else "example"
