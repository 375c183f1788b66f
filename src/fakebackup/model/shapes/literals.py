"""The values that type checkers and editors know: states, types, operations and error codes.

Those that AWS's model has are named as it names them. They are those of the newest botocore that
was looked at; a test compares them with the installed one. The fake itself does not use them:
which values there are, the installed botocore decides.
"""

from __future__ import annotations

from typing import Literal

# --- Values of members ------------------------------------------------------------------------

BackupJobState = Literal[
    "CREATED",
    "PENDING",
    "RUNNING",
    "ABORTING",
    "ABORTED",
    "COMPLETED",
    "FAILED",
    "EXPIRED",
    "PARTIAL",
]
"""The states of a backup job."""

CopyJobState = Literal[
    "CREATED",
    "RUNNING",
    "COMPLETED",
    "FAILED",
    "PARTIAL",
]
"""The states of a copy job."""

RestoreJobStatus = Literal[
    "PENDING",
    "RUNNING",
    "COMPLETED",
    "ABORTED",
    "FAILED",
]
"""The states of a restore job."""

ScanState = Literal[
    "CANCELED",
    "COMPLETED",
    "COMPLETED_WITH_ISSUES",
    "CREATED",
    "FAILED",
    "RUNNING",
]
"""The states of a scan job."""

ReportJobStatus = Literal[
    "CREATED",
    "RUNNING",
    "COMPLETED",
    "FAILED",
    "COMPLETED_WITH_ISSUES",
]
"""The states of a report job, for which AWS's model has no enum."""

RecoveryPointStatus = Literal[
    "COMPLETED",
    "PARTIAL",
    "DELETING",
    "EXPIRED",
    "AVAILABLE",
    "STOPPED",
    "CREATING",
]
"""The states of a recovery point."""

StorageClass = Literal[
    "WARM",
    "COLD",
    "DELETED",
]
"""The storage classes of a recovery point."""

IndexStatus = Literal[
    "PENDING",
    "ACTIVE",
    "FAILED",
    "DELETING",
]
"""The states of a recovery point's search index."""

VaultType = Literal[
    "BACKUP_VAULT",
    "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
    "RESTORE_ACCESS_BACKUP_VAULT",
]
"""The types of vaults."""

VaultState = Literal[
    "CREATING",
    "AVAILABLE",
    "FAILED",
]
"""The states of a vault."""

EncryptionKeyType = Literal[
    "AWS_OWNED_KMS_KEY",
    "CUSTOMER_MANAGED_KMS_KEY",
]
"""Whose key encrypts a vault."""

MpaSessionStatus = Literal[
    "PENDING",
    "APPROVED",
    "FAILED",
]
"""The states of a change of a vault's approval team."""

LifecycleDeleteAfterEvent = Literal["DELETE_AFTER_COPY",]
"""The events that a lifecycle may delete after."""

RestoreValidationStatus = Literal[
    "FAILED",
    "SUCCESSFUL",
    "TIMED_OUT",
    "VALIDATING",
]
"""The states of a restore job's validation."""

RestoreDeletionStatus = Literal[
    "DELETING",
    "FAILED",
    "SUCCESSFUL",
]
"""The states of the deletion of what a restore test made."""

MalwareScanner = Literal["GUARDDUTY",]
"""The scanners for malware."""

ScanMode = Literal[
    "FULL_SCAN",
    "INCREMENTAL_SCAN",
]
"""The modes of a scan job."""

ScanResultStatus = Literal[
    "NO_THREATS_FOUND",
    "THREATS_FOUND",
    "UNKNOWN",
]
"""What a scan job found."""

ScanJobState = Literal[
    "COMPLETED",
    "COMPLETED_WITH_ISSUES",
    "FAILED",
    "CANCELED",
]
"""How the last scan of a recovery point went."""

ScanResourceType = Literal[
    "EBS",
    "EC2",
    "S3",
]
"""The resource types of scan jobs."""

ResourceType = Literal[
    "Aurora",
    "CloudFormation",
    "DocumentDB",
    "DSQL",
    "DynamoDB",
    "EBS",
    "EC2",
    "EFS",
    "EKS",
    "FSx",
    "Neptune",
    "RDS",
    "Redshift",
    "Redshift Serverless",
    "S3",
    "SAP HANA on Amazon EC2",
    "Storage Gateway",
    "Timestream",
    "VirtualMachine",
]
"""The resource types that AWS Backup is known to protect; members take any string."""

# --- Values of entries' members -----------------------------------------------------------------

LegalHoldStatus = Literal["CREATING", "ACTIVE", "CANCELING", "CANCELED"]
"""The statuses of a legal hold."""

AccessPointStatus = Literal[
    "AVAILABLE",
    "CREATING",
    "DELETING",
    "DISASSOCIATED",
    "DISASSOCIATING",
    "EXPIRED",
    "FAILED",
]
"""The statuses of a backup access point."""

RestoreTestingRecoveryPointSelectionAlgorithm = Literal[
    "LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW"
]
"""How a restore testing plan chooses among recovery points."""

RestoreTestingRecoveryPointType = Literal["CONTINUOUS", "SNAPSHOT"]
"""The types of recovery points that a restore testing plan tests."""

RuleExecutionType = Literal["CONTINUOUS", "SNAPSHOTS", "CONTINUOUS_AND_SNAPSHOTS"]
"""What the coming run of a backup plan's rule makes."""

ConditionType = Literal["STRINGEQUALS"]
"""How a backup selection compares tags."""

# --- Operations and errors ----------------------------------------------------------------

Operation = Literal[
    "AssociateBackupVaultMpaApprovalTeam",
    "CancelLegalHold",
    "CreateBackupAccessPoint",
    "CreateBackupPlan",
    "CreateBackupSelection",
    "CreateBackupVault",
    "CreateFramework",
    "CreateLegalHold",
    "CreateLogicallyAirGappedBackupVault",
    "CreateReportPlan",
    "CreateRestoreAccessBackupVault",
    "CreateRestoreTestingPlan",
    "CreateRestoreTestingSelection",
    "CreateTieringConfiguration",
    "DeleteBackupAccessPoint",
    "DeleteBackupPlan",
    "DeleteBackupSelection",
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteBackupVaultLockConfiguration",
    "DeleteBackupVaultNotifications",
    "DeleteFramework",
    "DeleteRecoveryPoint",
    "DeleteReportPlan",
    "DeleteRestoreTestingPlan",
    "DeleteRestoreTestingSelection",
    "DeleteTieringConfiguration",
    "DescribeBackupAccessPoint",
    "DescribeBackupJob",
    "DescribeBackupVault",
    "DescribeCopyJob",
    "DescribeFramework",
    "DescribeGlobalSettings",
    "DescribeProtectedResource",
    "DescribeRecoveryPoint",
    "DescribeRegionSettings",
    "DescribeReportJob",
    "DescribeReportPlan",
    "DescribeRestoreJob",
    "DescribeScanJob",
    "DisassociateBackupVaultMpaApprovalTeam",
    "DisassociateRecoveryPoint",
    "DisassociateRecoveryPointFromParent",
    "ExportBackupPlanTemplate",
    "GetBackupPlan",
    "GetBackupPlanFromJSON",
    "GetBackupPlanFromTemplate",
    "GetBackupSelection",
    "GetBackupVaultAccessPolicy",
    "GetBackupVaultNotifications",
    "GetLegalHold",
    "GetPITRMalwareScanResults",
    "GetRecoveryPointIndexDetails",
    "GetRecoveryPointRestoreMetadata",
    "GetRestoreJobMetadata",
    "GetRestoreTestingInferredMetadata",
    "GetRestoreTestingPlan",
    "GetRestoreTestingSelection",
    "GetSupportedResourceTypes",
    "GetTieringConfiguration",
    "ListBackupAccessPoints",
    "ListBackupAccessPointsByRecoveryPoint",
    "ListBackupAccessPointsByResource",
    "ListBackupJobSummaries",
    "ListBackupJobs",
    "ListBackupPlanTemplates",
    "ListBackupPlanVersions",
    "ListBackupPlans",
    "ListBackupSelections",
    "ListBackupVaults",
    "ListCopyJobSummaries",
    "ListCopyJobs",
    "ListFrameworks",
    "ListIndexedRecoveryPoints",
    "ListLegalHolds",
    "ListProtectedResources",
    "ListProtectedResourcesByBackupVault",
    "ListRecoveryPointsByBackupVault",
    "ListRecoveryPointsByLegalHold",
    "ListRecoveryPointsByResource",
    "ListReportJobs",
    "ListReportPlans",
    "ListRestoreAccessBackupVaults",
    "ListRestoreJobSummaries",
    "ListRestoreJobs",
    "ListRestoreJobsByProtectedResource",
    "ListRestoreTestingPlans",
    "ListRestoreTestingSelections",
    "ListScanJobSummaries",
    "ListScanJobs",
    "ListTags",
    "ListTieringConfigurations",
    "PutBackupVaultAccessPolicy",
    "PutBackupVaultLockConfiguration",
    "PutBackupVaultNotifications",
    "PutRestoreValidationResult",
    "RevokeRestoreAccessBackupVault",
    "StartBackupJob",
    "StartCopyJob",
    "StartReportJob",
    "StartRestoreJob",
    "StartScanJob",
    "StopBackupJob",
    "TagResource",
    "UntagResource",
    "UpdateBackupPlan",
    "UpdateFramework",
    "UpdateGlobalSettings",
    "UpdateRecoveryPointIndexSettings",
    "UpdateRecoveryPointLifecycle",
    "UpdateRegionSettings",
    "UpdateReportPlan",
    "UpdateRestoreTestingPlan",
    "UpdateRestoreTestingSelection",
    "UpdateTieringConfiguration",
]
"""The operations of AWS Backup."""

ErrorCode = Literal[
    "AlreadyExistsException",
    "ConflictException",
    "DependencyFailureException",
    "InvalidParameterValueException",
    "InvalidRequestException",
    "InvalidResourceStateException",
    "LimitExceededException",
    "MissingParameterValueException",
    "ResourceNotFoundException",
    "ServiceUnavailableException",
    "ThrottlingException",
    "AccessDeniedException",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "IncompleteSignature",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "MalformedHttpRequestException",
    "RequestAbortedException",
    "RequestEntityTooLargeException",
    "RequestTimeoutException",
    "UnknownOperationException",
    "ValidationError",
    "InternalServerError",
    "InternalFailure",
    "ServiceUnavailable",
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ConnectionClosedError",
    "TruncatedBody",
]
"""The errors of AWS Backup, of its front and of the network, as `FakeBackup.fail` takes them."""
