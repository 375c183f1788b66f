"""The members of jobs, vaults and recovery points as typed keyword arguments for seeding.

Spelled as AWS spells them; a test compares them with the installed botocore model. A date is
a datetime (a naive one is UTC), an ISO 8601 string or a number of seconds since 1970; None
leaves a member out. Sizes are in bytes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

Date = datetime | str | float


class Lifecycle(TypedDict, total=False):
    """The structure that AWS calls Lifecycle."""

    MoveToColdStorageAfterDays: int | None
    DeleteAfterDays: int | None
    OptInToArchiveForSupportedResources: bool | None
    DeleteAfterEvent: str | None


class RecoveryPointCreator(TypedDict, total=False):
    """The structure that AWS calls RecoveryPointCreator."""

    BackupPlanId: str | None
    BackupPlanArn: str | None
    BackupPlanName: str | None
    BackupPlanVersion: str | None
    BackupRuleId: str | None
    BackupRuleName: str | None
    BackupRuleCron: str | None
    BackupRuleTimezone: str | None


class BackupJobMembers(TypedDict, total=False):
    """The members of a backup job."""

    AccountId: str | None
    BackupJobId: str | None
    BackupVaultName: str | None
    RecoveryPointLifecycle: Lifecycle | None
    BackupVaultArn: str | None
    VaultType: str | None
    VaultLockState: str | None
    RecoveryPointArn: str | None
    EncryptionKeyArn: str | None
    IsEncrypted: bool | None
    ResourceArn: str | None
    CreationDate: Date | None
    CompletionDate: Date | None
    State: str | None
    StatusMessage: str | None
    PercentDone: str | None
    BackupSizeInBytes: int | None
    IamRoleArn: str | None
    CreatedBy: RecoveryPointCreator | None
    ResourceType: str | None
    BytesTransferred: int | None
    ExpectedCompletionDate: Date | None
    StartBy: Date | None
    BackupOptions: dict[str, str] | None
    BackupType: str | None
    ParentJobId: str | None
    IsParent: bool | None
    NumberOfChildJobs: int | None
    ChildJobsInState: dict[str, int] | None
    ResourceName: str | None
    InitiationDate: Date | None
    MessageCategory: str | None


class CopyJobMembers(TypedDict, total=False):
    """The members of a copy job."""

    AccountId: str | None
    CopyJobId: str | None
    SourceBackupVaultArn: str | None
    SourceRecoveryPointArn: str | None
    DestinationBackupVaultArn: str | None
    DestinationVaultType: str | None
    DestinationVaultLockState: str | None
    DestinationRecoveryPointArn: str | None
    DestinationEncryptionKeyArn: str | None
    DestinationRecoveryPointLifecycle: Lifecycle | None
    ResourceArn: str | None
    CreationDate: Date | None
    CompletionDate: Date | None
    State: str | None
    StatusMessage: str | None
    BackupSizeInBytes: int | None
    IamRoleArn: str | None
    CreatedBy: RecoveryPointCreator | None
    CreatedByBackupJobId: str | None
    ResourceType: str | None
    ParentJobId: str | None
    IsParent: bool | None
    CompositeMemberIdentifier: str | None
    NumberOfChildJobs: int | None
    ChildJobsInState: dict[str, int] | None
    ResourceName: str | None
    MessageCategory: str | None


class RestoreJobCreator(TypedDict, total=False):
    """The structure that AWS calls RestoreJobCreator."""

    RestoreTestingPlanArn: str | None


class RestoreJobMembers(TypedDict, total=False):
    """The members of a restore job."""

    AccountId: str | None
    RestoreJobId: str | None
    RecoveryPointArn: str | None
    SourceResourceArn: str | None
    BackupVaultArn: str | None
    CreationDate: Date | None
    CompletionDate: Date | None
    Status: str | None
    StatusMessage: str | None
    PercentDone: str | None
    BackupSizeInBytes: int | None
    IamRoleArn: str | None
    ExpectedCompletionTimeMinutes: int | None
    CreatedResourceArn: str | None
    ResourceType: str | None
    RecoveryPointCreationDate: Date | None
    CreatedBy: RestoreJobCreator | None
    ValidationStatus: str | None
    ValidationStatusMessage: str | None
    DeletionStatus: str | None
    DeletionStatusMessage: str | None
    IsParent: bool | None
    ParentJobId: str | None


class ScanJobCreator(TypedDict, total=False):
    """The structure that AWS calls ScanJobCreator."""

    BackupPlanArn: str | None
    BackupPlanId: str | None
    BackupPlanVersion: str | None
    BackupRuleId: str | None


class ScanResultInfo(TypedDict, total=False):
    """The structure that AWS calls ScanResultInfo."""

    ScanResultStatus: str | None


class ScanJobMembers(TypedDict, total=False):
    """The members of a scan job."""

    AccountId: str | None
    BackupVaultArn: str | None
    BackupVaultName: str | None
    CompletionDate: Date | None
    ContinuousScanEndTime: Date | None
    ContinuousScanStartTime: Date | None
    CreatedBy: ScanJobCreator | None
    CreationDate: Date | None
    IamRoleArn: str | None
    MalwareScanner: str | None
    RecoveryPointArn: str | None
    ResourceArn: str | None
    ResourceName: str | None
    ResourceType: str | None
    ScanBaseRecoveryPointArn: str | None
    ScanId: str | None
    ScanJobId: str | None
    ScanMode: str | None
    ScanResult: ScanResultInfo | None
    ScannerRoleArn: str | None
    State: str | None
    StatusMessage: str | None


class ReportDestination(TypedDict, total=False):
    """The structure that AWS calls ReportDestination."""

    S3BucketName: str | None
    S3Keys: list[str] | None


class ReportJobMembers(TypedDict, total=False):
    """The members of a report job."""

    ReportJobId: str | None
    ReportPlanArn: str | None
    ReportTemplate: str | None
    CreationTime: Date | None
    CompletionTime: Date | None
    Status: str | None
    StatusMessage: str | None
    ReportDestination: ReportDestination | None


class LatestMpaApprovalTeamUpdate(TypedDict, total=False):
    """The structure that AWS calls LatestMpaApprovalTeamUpdate."""

    MpaSessionArn: str | None
    Status: str | None
    StatusMessage: str | None
    InitiationDate: Date | None
    ExpiryDate: Date | None


class VaultMembers(TypedDict, total=False):
    """The members of a backup vault, and its Tags."""

    BackupVaultName: str | None
    BackupVaultArn: str | None
    VaultType: str | None
    VaultState: str | None
    EncryptionKeyArn: str | None
    CreationDate: Date | None
    CreatorRequestId: str | None
    NumberOfRecoveryPoints: int | None
    Locked: bool | None
    MinRetentionDays: int | None
    MaxRetentionDays: int | None
    LockDate: Date | None
    SourceBackupVaultArn: str | None
    MpaApprovalTeamArn: str | None
    MpaSessionArn: str | None
    LatestMpaApprovalTeamUpdate: LatestMpaApprovalTeamUpdate | None
    EncryptionKeyType: str | None
    Tags: dict[str, str] | None


class CalculatedLifecycle(TypedDict, total=False):
    """The structure that AWS calls CalculatedLifecycle."""

    MoveToColdStorageAt: Date | None
    DeleteAt: Date | None


class ScanResult(TypedDict, total=False):
    """The structure that AWS calls ScanResult."""

    MalwareScanner: str | None
    ScanJobState: str | None
    LastScanTimestamp: Date | None
    Findings: list[str] | None


class AggregatedScanResult(TypedDict, total=False):
    """The structure that AWS calls AggregatedScanResult."""

    FailedScan: bool | None
    Findings: list[str] | None
    LastComputed: Date | None


class RecoveryPointMembers(TypedDict, total=False):
    """The members of a recovery point, and its Tags."""

    RecoveryPointArn: str | None
    BackupVaultName: str | None
    BackupVaultArn: str | None
    SourceBackupVaultArn: str | None
    ResourceArn: str | None
    ResourceType: str | None
    CreatedBy: RecoveryPointCreator | None
    IamRoleArn: str | None
    Status: str | None
    StatusMessage: str | None
    CreationDate: Date | None
    InitiationDate: Date | None
    CompletionDate: Date | None
    BackupSizeInBytes: int | None
    CalculatedLifecycle: CalculatedLifecycle | None
    Lifecycle: Lifecycle | None
    EncryptionKeyArn: str | None
    IsEncrypted: bool | None
    StorageClass: str | None
    LastRestoreTime: Date | None
    ParentRecoveryPointArn: str | None
    CompositeMemberIdentifier: str | None
    IsParent: bool | None
    ResourceName: str | None
    VaultType: str | None
    IndexStatus: str | None
    IndexStatusMessage: str | None
    EncryptionKeyType: str | None
    ScanResults: list[ScanResult] | None
    AggregatedScanResult: AggregatedScanResult | None
    Tags: dict[str, str] | None
