"""Restore jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.filters import after, before, inside, same
from fakebackup.model.kinds import RESTORE
from fakebackup.model.summaries import Dimension
from fakebackup.operations import operation
from fakebackup.operations.jobs import SUMMARIES_AT_MOST, describe_job, list_jobs, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller

FILTERS = {
    "ByResourceType": same("ResourceType"),
    "ByCreatedBefore": before("CreationDate"),
    "ByCreatedAfter": after("CreationDate"),
    "ByStatus": same("Status"),
    "ByCompleteBefore": before("CompletionDate"),
    "ByCompleteAfter": after("CompletionDate"),
    "ByRestoreTestingPlanArn": inside("CreatedBy", "RestoreTestingPlanArn"),
    "ByParentJobId": same("ParentJobId"),
}

RESOURCE_FILTERS = {
    "ResourceArn": same("SourceResourceArn"),
    "ByStatus": same("Status"),
    "ByRecoveryPointCreationDateAfter": after("RecoveryPointCreationDate"),
    "ByRecoveryPointCreationDateBefore": before("RecoveryPointCreationDate"),
}

DIMENSIONS = (Dimension("ResourceType", "ResourceType"), Dimension("State", "Status"))


@operation("ListRestoreJobs", items="RestoreJobs")
def list_restore_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List restore jobs, newest first; AWS documents no limit of age and no "*" account."""
    return list_jobs(caller, asked, RESTORE, FILTERS)


@operation("ListRestoreJobsByProtectedResource", items="RestoreJobs")
def list_restore_jobs_by_protected_resource(
    caller: Caller, asked: Mapping[str, Any]
) -> Mapping[str, Any]:
    """List the restore jobs of a resource; none for a resource that is not known [assumed]."""
    return list_jobs(caller, asked, RESTORE, RESOURCE_FILTERS)


@operation("DescribeRestoreJob")
def describe_restore_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a restore job."""
    return describe_job(caller, asked, RESTORE)


@operation("ListRestoreJobSummaries", items="RestoreJobSummaries", at_most=SUMMARIES_AT_MOST)
def list_restore_job_summaries(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count restore jobs."""
    return summarise(caller, asked, RESTORE, "RestoreJobSummaries", DIMENSIONS)
