"""Copy jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.filters import after, before, category, same
from fakebackup.model.kinds import COPY
from fakebackup.model.summaries import Dimension
from fakebackup.operations import operation
from fakebackup.operations.jobs import SUMMARIES_AT_MOST, describe_job, list_jobs, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller

FILTERS = {
    "ByResourceArn": same("ResourceArn"),
    "ByState": same("State"),
    "ByCreatedBefore": before("CreationDate"),
    "ByCreatedAfter": after("CreationDate"),
    "ByResourceType": same("ResourceType"),
    "ByDestinationVaultArn": same("DestinationBackupVaultArn"),
    "ByCompleteBefore": before("CompletionDate"),
    "ByCompleteAfter": after("CompletionDate"),
    "ByParentJobId": same("ParentJobId"),
    "ByMessageCategory": category("MessageCategory"),
    "BySourceRecoveryPointArn": same("SourceRecoveryPointArn"),
}

DIMENSIONS = (
    Dimension("ResourceType", "ResourceType"),
    Dimension("State", "State"),
    Dimension("MessageCategory", "MessageCategory", folded=True),
)


@operation("ListCopyJobs", items="CopyJobs")
def list_copy_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List copy jobs, newest first; AWS documents no limit of age and no "*" account."""
    return list_jobs(caller, asked, COPY, FILTERS)


@operation("DescribeCopyJob")
def describe_copy_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a copy job."""
    return describe_job(caller, asked, COPY)


@operation("ListCopyJobSummaries", items="CopyJobSummaries", at_most=SUMMARIES_AT_MOST)
def list_copy_job_summaries(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count copy jobs."""
    return summarise(caller, asked, COPY, "CopyJobSummaries", DIMENSIONS)
