"""Backup jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.filters import after, before, category, same
from fakebackup.model.kinds import BACKUP
from fakebackup.model.summaries import Dimension
from fakebackup.operations import operation
from fakebackup.operations.jobs import SUMMARIES_AT_MOST, describe_job, list_jobs, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller

FILTERS = {
    "ByResourceArn": same("ResourceArn"),
    "ByState": same("State"),
    "ByBackupVaultName": same("BackupVaultName"),
    "ByCreatedBefore": before("CreationDate"),
    "ByCreatedAfter": after("CreationDate"),
    "ByResourceType": same("ResourceType"),
    "ByCompleteAfter": after("CompletionDate"),
    "ByCompleteBefore": before("CompletionDate"),
    "ByParentJobId": same("ParentJobId"),
    "ByMessageCategory": category("MessageCategory"),
}

DIMENSIONS = (
    Dimension("ResourceType", "ResourceType"),
    Dimension("State", "State"),
    Dimension("MessageCategory", "MessageCategory", folded=True),
)


@operation("ListBackupJobs", items="BackupJobs")
def list_backup_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the backup jobs of the last 30 days, newest first."""
    return list_jobs(caller, asked, BACKUP, FILTERS, every_account="*")


@operation("DescribeBackupJob")
def describe_backup_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a backup job."""
    return describe_job(caller, asked, BACKUP)


@operation("ListBackupJobSummaries", items="BackupJobSummaries", at_most=SUMMARIES_AT_MOST)
def list_backup_job_summaries(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count backup jobs."""
    return summarise(caller, asked, BACKUP, "BackupJobSummaries", DIMENSIONS)
