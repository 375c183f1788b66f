"""Restore jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.answering.entries import once
from fakebackup.answering.jobs import (
    SUMMARIES_AT_MOST,
    describe_job,
    find_job,
    list_jobs,
    summarise,
)
from fakebackup.answering.lookups import check_role, chosen_ending, make_job
from fakebackup.answering.permissions import check_policy
from fakebackup.answering.summaries import Dimension
from fakebackup.errors import invalid_parameter, invalid_request
from fakebackup.known_errors import NO_POINT
from fakebackup.model.engine import moves, starts
from fakebackup.model.jobs.filters import after, before, inside, same
from fakebackup.model.jobs.job import JobRequest
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Job

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


@operation("StartRestoreJob")
def start_restore_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start a restore job."""
    return {"RestoreJobId": once(caller, asked, _start).id}


def _start(caller: Caller, asked: Mapping[str, Any]) -> Job:
    role = asked.get("IamRoleArn")
    if role is not None:
        check_role(role)
    arn = asked["RecoveryPointArn"]
    point = caller.store.vaults.visible_point(arn)
    if point is None:
        raise NO_POINT.error()
    check_policy(caller.store, caller.operation, point.vault, arn)
    members = point.members
    resource_type = asked.get("ResourceType", members["ResourceType"])
    if resource_type != members["ResourceType"]:
        raise invalid_parameter(
            f"ResourceType {resource_type} is not that of the recovery point, "
            f"{members['ResourceType']}"
        )
    if members.get("IsParent"):
        # A composite recovery point cannot be restored, nested ones can [documented].
        raise invalid_request(f"Recovery point {arn} is composite: restore its nested points")
    if members["Status"] not in RESTORABLE:
        raise invalid_request(f"Recovery point {arn} is {members['Status']}")
    job_members = {
        "RecoveryPointArn": arn,
        "IamRoleArn": role,
        "SourceResourceArn": members["ResourceArn"],
        "BackupVaultArn": point.vault.arn,
        "ResourceType": resource_type,
        "RecoveryPointCreationDate": members["CreationDate"] / 1000,
        "BackupSizeInBytes": members.get("BackupSizeInBytes"),
    }
    request = JobRequest(
        outcome=chosen_ending(caller, members["ResourceArn"]),
        metadata=dict(asked["Metadata"]),
    )
    job = make_job(caller, RESTORE, job_members, request)
    starts.start(caller.store, [job])
    return job


RESTORABLE = frozenset({"COMPLETED", "AVAILABLE", "STOPPED", "EXPIRED"})
"""The statuses of recovery points that can be restored [assumed]."""


@operation("GetRestoreJobMetadata")
def get_restore_job_metadata(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata that a restore job was started with; a seeded one has none."""
    job = find_job(caller, asked, RESTORE)
    metadata = job.request.metadata if job.request is not None else None
    return {"RestoreJobId": job.id, "Metadata": metadata or {}}


@operation("PutRestoreValidationResult")
def put_restore_validation_result(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Set the validation result of a restore job: only of a completed restore test [assumed]."""
    job = find_job(caller, asked, RESTORE)
    tested = "RestoreTestingPlanArn" in job.members.get("CreatedBy", {})
    if not tested or job.kept_state != "COMPLETED":
        reason = f"it is {job.kept_state}" if tested else "no restore testing plan started it"
        raise invalid_request(f"Restore job {job.id} cannot be validated: {reason}")
    names = ("ValidationStatus", "ValidationStatusMessage")
    kept = {name: value for name, value in job.members.items() if name not in names}
    moves.replace(job, kept | {name: asked[name] for name in names if name in asked})
    return {}
