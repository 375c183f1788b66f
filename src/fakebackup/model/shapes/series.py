"""The members of many jobs as typed keyword arguments: one value, or one for each job.

Each class has the members of its kind in `typed`; a test holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypedDict, TypeVar

from fakebackup.model.shapes import literals  # noqa: TC001  whoever asks for the hints gets them
from fakebackup.model.shapes.typed import (  # noqa: TC001  whoever asks for the hints gets them
    Date,
    Lifecycle,
    RecoveryPointCreator,
    ReportDestination,
    RestoreJobCreator,
    ScanJobCreator,
    ScanResultInfo,
)

T = TypeVar("T")

Series: TypeAlias = T | Sequence[T | None] | Callable[[int], T | None] | None
"""A value for all jobs; a list or tuple that is cycled through; or a function of the index."""


class BackupJobSeries(TypedDict, total=False):
    """The members of backup jobs."""

    AccountId: Series[str]
    BackupJobId: Series[str]
    BackupVaultName: Series[str]
    RecoveryPointLifecycle: Series[Lifecycle]
    BackupVaultArn: Series[str]
    VaultType: Series[str]
    VaultLockState: Series[str]
    RecoveryPointArn: Series[str]
    EncryptionKeyArn: Series[str]
    IsEncrypted: Series[bool]
    ResourceArn: Series[str]
    CreationDate: Series[Date]
    CompletionDate: Series[Date]
    State: Series[literals.BackupJobState]
    StatusMessage: Series[str]
    PercentDone: Series[str]
    BackupSizeInBytes: Series[int]
    IamRoleArn: Series[str]
    CreatedBy: Series[RecoveryPointCreator]
    ResourceType: Series[literals.ResourceType | str]
    BytesTransferred: Series[int]
    ExpectedCompletionDate: Series[Date]
    StartBy: Series[Date]
    BackupOptions: Series[dict[str, str]]
    BackupType: Series[str]
    ParentJobId: Series[str]
    IsParent: Series[bool]
    NumberOfChildJobs: Series[int]
    ChildJobsInState: Series[dict[str, int]]
    ResourceName: Series[str]
    InitiationDate: Series[Date]
    MessageCategory: Series[str]


class CopyJobSeries(TypedDict, total=False):
    """The members of copy jobs."""

    AccountId: Series[str]
    CopyJobId: Series[str]
    SourceBackupVaultArn: Series[str]
    SourceRecoveryPointArn: Series[str]
    DestinationBackupVaultArn: Series[str]
    DestinationVaultType: Series[str]
    DestinationVaultLockState: Series[str]
    DestinationRecoveryPointArn: Series[str]
    DestinationEncryptionKeyArn: Series[str]
    DestinationRecoveryPointLifecycle: Series[Lifecycle]
    ResourceArn: Series[str]
    CreationDate: Series[Date]
    CompletionDate: Series[Date]
    State: Series[literals.CopyJobState]
    StatusMessage: Series[str]
    BackupSizeInBytes: Series[int]
    IamRoleArn: Series[str]
    CreatedBy: Series[RecoveryPointCreator]
    CreatedByBackupJobId: Series[str]
    ResourceType: Series[literals.ResourceType | str]
    ParentJobId: Series[str]
    IsParent: Series[bool]
    CompositeMemberIdentifier: Series[str]
    NumberOfChildJobs: Series[int]
    ChildJobsInState: Series[dict[str, int]]
    ResourceName: Series[str]
    MessageCategory: Series[str]


class RestoreJobSeries(TypedDict, total=False):
    """The members of restore jobs."""

    AccountId: Series[str]
    RestoreJobId: Series[str]
    RecoveryPointArn: Series[str]
    SourceResourceArn: Series[str]
    BackupVaultArn: Series[str]
    CreationDate: Series[Date]
    CompletionDate: Series[Date]
    Status: Series[literals.RestoreJobStatus]
    StatusMessage: Series[str]
    PercentDone: Series[str]
    BackupSizeInBytes: Series[int]
    IamRoleArn: Series[str]
    ExpectedCompletionTimeMinutes: Series[int]
    CreatedResourceArn: Series[str]
    ResourceType: Series[literals.ResourceType | str]
    RecoveryPointCreationDate: Series[Date]
    CreatedBy: Series[RestoreJobCreator]
    ValidationStatus: Series[literals.RestoreValidationStatus]
    ValidationStatusMessage: Series[str]
    DeletionStatus: Series[literals.RestoreDeletionStatus]
    DeletionStatusMessage: Series[str]
    IsParent: Series[bool]
    ParentJobId: Series[str]


class ScanJobSeries(TypedDict, total=False):
    """The members of scan jobs."""

    AccountId: Series[str]
    BackupVaultArn: Series[str]
    BackupVaultName: Series[str]
    CompletionDate: Series[Date]
    ContinuousScanEndTime: Series[Date]
    ContinuousScanStartTime: Series[Date]
    CreatedBy: Series[ScanJobCreator]
    CreationDate: Series[Date]
    IamRoleArn: Series[str]
    MalwareScanner: Series[literals.MalwareScanner]
    RecoveryPointArn: Series[str]
    ResourceArn: Series[str]
    ResourceName: Series[str]
    ResourceType: Series[literals.ScanResourceType]
    ScanBaseRecoveryPointArn: Series[str]
    ScanId: Series[str]
    ScanJobId: Series[str]
    ScanMode: Series[literals.ScanMode]
    ScanResult: Series[ScanResultInfo]
    ScannerRoleArn: Series[str]
    State: Series[literals.ScanState]
    StatusMessage: Series[str]


class ReportJobSeries(TypedDict, total=False):
    """The members of report jobs."""

    ReportJobId: Series[str]
    ReportPlanArn: Series[str]
    ReportTemplate: Series[str]
    CreationTime: Series[Date]
    CompletionTime: Series[Date]
    Status: Series[literals.ReportJobStatus]
    StatusMessage: Series[str]
    ReportDestination: Series[ReportDestination]
