"""Malware scan jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.filters import after, before, inside, same
from fakebackup.model.kinds import SCAN
from fakebackup.model.summaries import AGGREGATE_ALL, ANY, Dimension
from fakebackup.operations import operation
from fakebackup.operations.jobs import describe_job, list_jobs, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller

FILTERS = {
    "ByBackupVaultName": same("BackupVaultName"),
    "ByCompleteAfter": after("CompletionDate"),
    "ByCompleteBefore": before("CompletionDate"),
    "ByMalwareScanner": same("MalwareScanner"),
    "ByRecoveryPointArn": same("RecoveryPointArn"),
    "ByResourceArn": same("ResourceArn"),
    "ByResourceType": same("ResourceType"),
    "ByScanResultStatus": inside("ScanResult", "ScanResultStatus"),
    "ByState": same("State"),
}

# botocore's enums have no value for a sum over these two, so a summed row leaves them out.
DIMENSIONS = (
    Dimension("ResourceType", "ResourceType"),
    Dimension("State", "State"),
    Dimension("MalwareScanner", "MalwareScanner", marked=False),
    Dimension("ScanResultStatus", "ScanResult.ScanResultStatus", marked=False),
)


@operation("ListScanJobs", items="ScanJobs")
def list_scan_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the scan jobs of the last 30 days, newest first."""
    return list_jobs(caller, asked, SCAN, FILTERS, every_account="*")


@operation("DescribeScanJob")
def describe_scan_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a scan job."""
    return describe_job(caller, asked, SCAN)


@operation(
    "ListScanJobSummaries",
    items="ScanJobSummaries",
    also={"MalwareScanner": (ANY, AGGREGATE_ALL)},
)
def list_scan_job_summaries(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count scan jobs."""
    return summarise(caller, asked, SCAN, "ScanJobSummaries", DIMENSIONS)
