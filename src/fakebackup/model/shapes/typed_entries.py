"""The members of entries, as plans and frameworks, as typed keyword arguments for seeding.

As `typed` has those of jobs, vaults and recovery points; apart from it, since few tests seed
entries.
"""

from __future__ import annotations

from typing import TypedDict

from fakebackup.model.shapes import literals  # noqa: TC001  whoever asks for the hints gets them
from fakebackup.model.shapes.typed import Date, Lifecycle  # noqa: TC001  as above


class CopyAction(TypedDict, total=False):
    """The structure that AWS calls CopyAction."""

    Lifecycle: Lifecycle | None
    DestinationBackupVaultArn: str | None


class IndexAction(TypedDict, total=False):
    """The structure that AWS calls IndexAction."""

    ResourceTypes: list[str] | None


class ScanAction(TypedDict, total=False):
    """The structure that AWS calls ScanAction."""

    MalwareScanner: literals.MalwareScanner | None
    ScanMode: literals.ScanMode | None


class BackupRule(TypedDict, total=False):
    """The structure that AWS calls BackupRule."""

    RuleName: str | None
    TargetBackupVaultName: str | None
    TargetLogicallyAirGappedBackupVaultArn: str | None
    ScheduleExpression: str | None
    StartWindowMinutes: int | None
    CompletionWindowMinutes: int | None
    Lifecycle: Lifecycle | None
    RecoveryPointTags: dict[str, str] | None
    RuleId: str | None
    CopyActions: list[CopyAction] | None
    EnableContinuousBackup: bool | None
    ScheduleExpressionTimezone: str | None
    IndexActions: list[IndexAction] | None
    ScanActions: list[ScanAction] | None


class AdvancedBackupSetting(TypedDict, total=False):
    """The structure that AWS calls AdvancedBackupSetting."""

    ResourceType: literals.ResourceType | str | None
    BackupOptions: dict[str, str] | None


class ScanSetting(TypedDict, total=False):
    """The structure that AWS calls ScanSetting."""

    MalwareScanner: literals.MalwareScanner | None
    ResourceTypes: list[str] | None
    ScannerRoleArn: str | None


class BackupPlan(TypedDict, total=False):
    """The structure that AWS calls BackupPlan."""

    BackupPlanName: str | None
    Rules: list[BackupRule] | None
    AdvancedBackupSettings: list[AdvancedBackupSetting] | None
    ScanSettings: list[ScanSetting] | None


class ScheduledPlanExecutionMember(TypedDict, total=False):
    """The structure that AWS calls ScheduledPlanExecutionMember."""

    ExecutionTime: Date | None
    RuleId: str | None
    RuleExecutionType: literals.RuleExecutionType | None


class BackupPlanMembers(TypedDict, total=False):
    """The members of a backup plan, and its Tags."""

    BackupPlan: BackupPlan | None
    BackupPlanId: str | None
    BackupPlanArn: str | None
    VersionId: str | None
    CreatorRequestId: str | None
    CreationDate: Date | None
    DeletionDate: Date | None
    LastExecutionDate: Date | None
    AdvancedBackupSettings: list[AdvancedBackupSetting] | None
    ScheduledRunsPreview: list[ScheduledPlanExecutionMember] | None
    BackupPlanName: str | None
    Rules: list[BackupRule] | None
    ScanSettings: list[ScanSetting] | None
    Tags: dict[str, str] | None


class Condition(TypedDict, total=False):
    """The structure that AWS calls Condition."""

    ConditionType: literals.ConditionType | None
    ConditionKey: str | None
    ConditionValue: str | None


class ConditionParameter(TypedDict, total=False):
    """The structure that AWS calls ConditionParameter."""

    ConditionKey: str | None
    ConditionValue: str | None


class Conditions(TypedDict, total=False):
    """The structure that AWS calls Conditions."""

    StringEquals: list[ConditionParameter] | None
    StringNotEquals: list[ConditionParameter] | None
    StringLike: list[ConditionParameter] | None
    StringNotLike: list[ConditionParameter] | None


class BackupSelection(TypedDict, total=False):
    """The structure that AWS calls BackupSelection."""

    SelectionName: str | None
    IamRoleArn: str | None
    Resources: list[str] | None
    ListOfTags: list[Condition] | None
    NotResources: list[str] | None
    Conditions: Conditions | None


class BackupSelectionMembers(TypedDict, total=False):
    """The members of a backup selection."""

    BackupSelection: BackupSelection | None
    SelectionId: str | None
    BackupPlanId: str | None
    CreationDate: Date | None
    CreatorRequestId: str | None
    SelectionName: str | None
    IamRoleArn: str | None
    Resources: list[str] | None
    ListOfTags: list[Condition] | None
    NotResources: list[str] | None
    Conditions: Conditions | None


class ControlInputParameter(TypedDict, total=False):
    """The structure that AWS calls ControlInputParameter."""

    ParameterName: str | None
    ParameterValue: str | None


class ControlScope(TypedDict, total=False):
    """The structure that AWS calls ControlScope."""

    ComplianceResourceIds: list[str] | None
    ComplianceResourceTypes: list[str] | None
    Tags: dict[str, str] | None


class FrameworkControl(TypedDict, total=False):
    """The structure that AWS calls FrameworkControl."""

    ControlName: str | None
    ControlInputParameters: list[ControlInputParameter] | None
    ControlScope: ControlScope | None


class FrameworkMembers(TypedDict, total=False):
    """The members of a framework, and its Tags."""

    FrameworkName: str | None
    FrameworkArn: str | None
    FrameworkDescription: str | None
    FrameworkControls: list[FrameworkControl] | None
    CreationTime: Date | None
    DeploymentStatus: str | None
    FrameworkStatus: str | None
    IdempotencyToken: str | None
    NumberOfControls: int | None
    Tags: dict[str, str] | None


class ReportSetting(TypedDict, total=False):
    """The structure that AWS calls ReportSetting."""

    ReportTemplate: str | None
    FrameworkArns: list[str] | None
    NumberOfFrameworks: int | None
    Accounts: list[str] | None
    OrganizationUnits: list[str] | None
    Regions: list[str] | None


class ReportDeliveryChannel(TypedDict, total=False):
    """The structure that AWS calls ReportDeliveryChannel."""

    S3BucketName: str | None
    S3KeyPrefix: str | None
    Formats: list[str] | None


class ReportPlanMembers(TypedDict, total=False):
    """The members of a report plan, and its Tags."""

    ReportPlanArn: str | None
    ReportPlanName: str | None
    ReportPlanDescription: str | None
    ReportSetting: ReportSetting | None
    ReportDeliveryChannel: ReportDeliveryChannel | None
    DeploymentStatus: str | None
    CreationTime: Date | None
    LastAttemptedExecutionTime: Date | None
    LastSuccessfulExecutionTime: Date | None
    Tags: dict[str, str] | None


class DateRange(TypedDict, total=False):
    """The structure that AWS calls DateRange."""

    FromDate: Date | None
    ToDate: Date | None


class RecoveryPointSelection(TypedDict, total=False):
    """The structure that AWS calls RecoveryPointSelection."""

    VaultNames: list[str] | None
    ResourceIdentifiers: list[str] | None
    DateRange: DateRange | None


class RecoveryPointMember(TypedDict, total=False):
    """The structure that AWS calls RecoveryPointMember."""

    RecoveryPointArn: str | None
    ResourceArn: str | None
    ResourceType: literals.ResourceType | str | None
    BackupVaultName: str | None


class LegalHoldMembers(TypedDict, total=False):
    """The members of a legal hold, and its Tags."""

    Title: str | None
    Status: literals.LegalHoldStatus | None
    Description: str | None
    CancelDescription: str | None
    LegalHoldId: str | None
    LegalHoldArn: str | None
    CreationDate: Date | None
    CancellationDate: Date | None
    RetainRecordUntil: Date | None
    RecoveryPointSelection: RecoveryPointSelection | None
    RecoveryPoints: list[RecoveryPointMember] | None
    Tags: dict[str, str] | None


class RestoreTestingRecoveryPointSelection(TypedDict, total=False):
    """The structure that AWS calls RestoreTestingRecoveryPointSelection."""

    Algorithm: literals.RestoreTestingRecoveryPointSelectionAlgorithm | None
    ExcludeVaults: list[str] | None
    IncludeVaults: list[str] | None
    RecoveryPointTypes: list[literals.RestoreTestingRecoveryPointType] | None
    SelectionWindowDays: int | None


class RestoreTestingPlanMembers(TypedDict, total=False):
    """The members of a restore testing plan, and its Tags."""

    CreationTime: Date | None
    CreatorRequestId: str | None
    LastExecutionTime: Date | None
    LastUpdateTime: Date | None
    RecoveryPointSelection: RestoreTestingRecoveryPointSelection | None
    RestoreTestingPlanArn: str | None
    RestoreTestingPlanName: str | None
    ScheduleExpression: str | None
    ScheduleExpressionTimezone: str | None
    StartWindowHours: int | None
    Tags: dict[str, str] | None


class KeyValue(TypedDict, total=False):
    """The structure that AWS calls KeyValue."""

    Key: str | None
    Value: str | None


class ProtectedResourceConditions(TypedDict, total=False):
    """The structure that AWS calls ProtectedResourceConditions."""

    StringEquals: list[KeyValue] | None
    StringNotEquals: list[KeyValue] | None


class RestoreTestingSelectionMembers(TypedDict, total=False):
    """The members of a restore testing selection."""

    CreationTime: Date | None
    CreatorRequestId: str | None
    IamRoleArn: str | None
    ProtectedResourceArns: list[str] | None
    ProtectedResourceConditions: ProtectedResourceConditions | None
    ProtectedResourceType: str | None
    RestoreMetadataOverrides: dict[str, str] | None
    RestoreTestingPlanName: str | None
    RestoreTestingSelectionName: str | None
    ValidationWindowHours: int | None


class ResourceSelection(TypedDict, total=False):
    """The structure that AWS calls ResourceSelection."""

    Resources: list[str] | None
    TieringDownSettingsInDays: int | None
    ResourceType: literals.ResourceType | str | None


class TieringConfigurationMembers(TypedDict, total=False):
    """The members of a tiering configuration, and its Tags."""

    TieringConfigurationName: str | None
    TieringConfigurationArn: str | None
    BackupVaultName: str | None
    ResourceSelection: list[ResourceSelection] | None
    CreatorRequestId: str | None
    CreationTime: Date | None
    LastUpdatedTime: Date | None
    Tags: dict[str, str] | None


class BackupAccessPointMembers(TypedDict, total=False):
    """The members of a backup access point, and its Tags."""

    AccessPointArn: str | None
    AccessPointMetadata: dict[str, str] | None
    BackupVaultArn: str | None
    BackupVaultName: str | None
    CreationTime: Date | None
    Name: str | None
    RecoveryPointArn: str | None
    ResourceArn: str | None
    ResourceType: literals.ResourceType | str | None
    Status: literals.AccessPointStatus | None
    StatusMessage: str | None
    Tags: dict[str, str] | None


class RegionSettings(TypedDict, total=False):
    """The settings of an account in a Region."""

    ResourceTypeOptInPreference: dict[str, bool] | None
    ResourceTypeManagementPreference: dict[str, bool] | None
    ResourceTypeOptInIncremental: dict[str, bool] | None


class GlobalSettings(TypedDict, total=False):
    """The settings of an organisation."""

    GlobalSettings: dict[str, str] | None
    LastUpdateTime: Date | None
