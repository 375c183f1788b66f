"""The members of jobs, vaults and recovery points as typed keyword arguments for seeding.

Spelled as AWS spells them; a test compares them with the installed botocore model. A date is
a datetime (a naive one is UTC), an ISO 8601 string or a number of seconds since 1970; None
leaves a member out. Sizes are in bytes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict

from fakebackup.model.shapes import literals  # noqa: TC001  whoever asks for the hints gets them

Date = datetime | str | float


class Lifecycle(TypedDict, total=False):
    """The structure that AWS calls Lifecycle."""

    MoveToColdStorageAfterDays: int | None
    DeleteAfterDays: int | None
    OptInToArchiveForSupportedResources: bool | None
    DeleteAfterEvent: literals.LifecycleDeleteAfterEvent | None


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
    State: literals.BackupJobState | None
    StatusMessage: str | None
    PercentDone: str | None
    BackupSizeInBytes: int | None
    IamRoleArn: str | None
    CreatedBy: RecoveryPointCreator | None
    ResourceType: literals.ResourceType | str | None
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
    State: literals.CopyJobState | None
    StatusMessage: str | None
    BackupSizeInBytes: int | None
    IamRoleArn: str | None
    CreatedBy: RecoveryPointCreator | None
    CreatedByBackupJobId: str | None
    ResourceType: literals.ResourceType | str | None
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
    Status: literals.RestoreJobStatus | None
    StatusMessage: str | None
    PercentDone: str | None
    BackupSizeInBytes: int | None
    IamRoleArn: str | None
    ExpectedCompletionTimeMinutes: int | None
    CreatedResourceArn: str | None
    ResourceType: literals.ResourceType | str | None
    RecoveryPointCreationDate: Date | None
    CreatedBy: RestoreJobCreator | None
    ValidationStatus: literals.RestoreValidationStatus | None
    ValidationStatusMessage: str | None
    DeletionStatus: literals.RestoreDeletionStatus | None
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

    ScanResultStatus: literals.ScanResultStatus | None


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
    MalwareScanner: literals.MalwareScanner | None
    RecoveryPointArn: str | None
    ResourceArn: str | None
    ResourceName: str | None
    ResourceType: literals.ScanResourceType | None
    ScanBaseRecoveryPointArn: str | None
    ScanId: str | None
    ScanJobId: str | None
    ScanMode: literals.ScanMode | None
    ScanResult: ScanResultInfo | None
    ScannerRoleArn: str | None
    State: literals.ScanState | None
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
    Status: literals.ReportJobStatus | None
    StatusMessage: str | None
    ReportDestination: ReportDestination | None


class LatestMpaApprovalTeamUpdate(TypedDict, total=False):
    """The structure that AWS calls LatestMpaApprovalTeamUpdate."""

    MpaSessionArn: str | None
    Status: literals.MpaSessionStatus | None
    StatusMessage: str | None
    InitiationDate: Date | None
    ExpiryDate: Date | None


class VaultMembers(TypedDict, total=False):
    """The members of a backup vault, and its Tags."""

    BackupVaultName: str | None
    BackupVaultArn: str | None
    VaultType: literals.VaultType | None
    VaultState: literals.VaultState | None
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
    EncryptionKeyType: literals.EncryptionKeyType | None
    Tags: dict[str, str] | None


class CalculatedLifecycle(TypedDict, total=False):
    """The structure that AWS calls CalculatedLifecycle."""

    MoveToColdStorageAt: Date | None
    DeleteAt: Date | None


class ScanResult(TypedDict, total=False):
    """The structure that AWS calls ScanResult."""

    MalwareScanner: literals.MalwareScanner | None
    ScanJobState: literals.ScanJobState | None
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
    ResourceType: literals.ResourceType | str | None
    CreatedBy: RecoveryPointCreator | None
    IamRoleArn: str | None
    Status: literals.RecoveryPointStatus | None
    StatusMessage: str | None
    CreationDate: Date | None
    InitiationDate: Date | None
    CompletionDate: Date | None
    BackupSizeInBytes: int | None
    CalculatedLifecycle: CalculatedLifecycle | None
    Lifecycle: Lifecycle | None
    EncryptionKeyArn: str | None
    IsEncrypted: bool | None
    StorageClass: literals.StorageClass | None
    LastRestoreTime: Date | None
    ParentRecoveryPointArn: str | None
    CompositeMemberIdentifier: str | None
    IsParent: bool | None
    ResourceName: str | None
    VaultType: literals.VaultType | None
    IndexStatus: literals.IndexStatus | None
    IndexStatusMessage: str | None
    EncryptionKeyType: literals.EncryptionKeyType | None
    ScanResults: list[ScanResult] | None
    AggregatedScanResult: AggregatedScanResult | None
    Tags: dict[str, str] | None


class BackupJobOutcome(BackupJobMembers, total=False):
    """How a backup job is to end, as `next_outcome` takes it: State may be called Status."""

    Status: literals.BackupJobState
    times: int


class CopyJobOutcome(CopyJobMembers, total=False):
    """How a copy job is to end, as `next_outcome` takes it: State may be called Status."""

    Status: literals.CopyJobState
    times: int


class RestoreJobOutcome(RestoreJobMembers, total=False):
    """How a restore job is to end, as `next_outcome` takes it: Status may be called State."""

    State: literals.RestoreJobStatus
    ResourceArn: str | None
    times: int


class ScanJobOutcome(ScanJobMembers, total=False):
    """How a scan job is to end, as `next_outcome` takes it: State may be called Status."""

    Status: literals.ScanState
    times: int


class ReportJobOutcome(ReportJobMembers, total=False):
    """How a report job is to end, as `next_outcome` takes it: Status may be called State."""

    State: literals.ReportJobStatus
    ResourceArn: str | None
    times: int


class IndexOutcome(TypedDict, total=False):
    """How the making of a search index is to end, as `next_outcome` takes it."""

    IndexStatus: Literal["ACTIVE", "FAILED"]
    IndexStatusMessage: str
    ResourceArn: str | None
    times: int
