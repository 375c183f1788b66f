"""Restore jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import once
from fakebackup.answering.jobs import (
    SUMMARIES_AT_MOST,
    describe_job,
    find_job,
    list_jobs,
    summarise,
)
from fakebackup.answering.lookups import (
    check_role,
    chosen_ending,
    make_job,
    point_to_restore,
    resource_of,
)
from fakebackup.answering.permissions import check_access
from fakebackup.errors import invalid_parameter, invalid_request
from fakebackup.known_errors import NO_POINT, RESTORE_IS_OVER
from fakebackup.model.engine import moves, starts
from fakebackup.model.jobs import life
from fakebackup.model.jobs.filters import Dimension, after, before, inside, same
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.resources.restores import named_resource
from fakebackup.model.shapes.json_text import parse_json
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.engine.restore_testing.aftermath import Test
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.request import Ending
    from fakebackup.model.vaults.vault import RecoveryPoint

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
    """Start a restore job: of the caller's recovery point, or of one in a vault shared with it.

    A token holds while its job runs: afterwards it is refused [reported: a log of the AWS CLI].
    """
    return once(caller, asked, _start, _started, still_exists=_check_runs)


def _started(job: Job) -> Mapping[str, Any]:
    return {"RestoreJobId": job.id}


def _check_runs(job: Job) -> bool:
    """Return whether a job is still in its fake; refuse the token of one that has ended.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    if job.store is None:
        return False
    if life.is_final(RESTORE, job.kept_state):
        raise RESTORE_IS_OVER.error()
    return True


def _start(caller: Caller, asked: Mapping[str, Any]) -> Job:
    role = asked.get("IamRoleArn")
    if role is not None:
        check_role(role)
    arn = asked["RecoveryPointArn"]
    point = point_to_restore(caller, arn)
    if point is None:
        raise NO_POINT.error()
    check_access(caller, point.vault, arn)
    members = point.members
    resource, resource_type = resource_of(point)
    if asked.get("ResourceType", resource_type) != resource_type:
        raise invalid_parameter(
            f"ResourceType {asked['ResourceType']} is not that of the recovery point, "
            f"{resource_type}"
        )
    if members.get("IsParent") and resource_type != _WHOLE:
        # A composite recovery point cannot be restored, nested ones can [documented].
        raise invalid_request(f"Recovery point {arn} is composite: restore its nested points")
    if members["Status"] not in RESTORABLE:
        raise invalid_request(f"Recovery point {arn} is {members['Status']}")
    if point.is_continuous:
        from fakebackup.model.engine import continuous

        continuous.check_restore(point, asked["Metadata"])
    # Asked before a job is made: where nothing in the process answers, none is.
    caller.store.tags_of_resource(resource)
    nested = starts.nested_points(point) if members.get("IsParent") else []
    metadata = _nested_metadata(asked["Metadata"]) if nested else {}
    for each in nested:
        resource_of(each)
    ending = chosen_ending(caller, resource)
    parent = _job(caller, point, role, dict(asked["Metadata"]), ending)
    children = [
        _job(caller, each, role, metadata.get(each.arn, {}), ends)
        for each, ends in zip(nested, starts.nested_endings(ending, len(nested)), strict=True)
    ]
    return starts.start_group(caller.store, parent, children)


_WHOLE = "EKS"
"""The type whose composite recovery points are restored whole [documented: guide]."""


def _nested_metadata(metadata: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the metadata of the nested restores by recovery point, of those that are given."""
    given = {key.lower(): value for key, value in metadata.items()}
    text = given.get("nestedrestorejobs", "{}")
    try:
        read = parse_json(text)
    except ValueError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(each, dict) for each in read.values()):
        raise invalid_parameter("nestedRestoreJobs is no JSON map of recovery points to metadata")
    return {
        arn: {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in each.items()
        }
        for arn, each in read.items()
    }


def _job(
    caller: Caller,
    point: RecoveryPoint,
    role: str | None,
    metadata: dict[str, str],
    ending: Ending | None,
) -> Job:
    """Return a job that restores a recovery point: it makes what the metadata names."""
    members = point.members
    resource, resource_type = resource_of(point)
    made = named_resource(caller.store.home, resource_type, metadata, resource)
    job_members = {
        "RecoveryPointArn": point.arn,
        "IamRoleArn": role,
        "SourceResourceArn": resource,
        "BackupVaultArn": point.vault.arn,
        "ResourceType": resource_type,
        "RecoveryPointCreationDate": members["CreationDate"],
        "BackupSizeInBytes": members.get("BackupSizeInBytes"),
        "IsParent": members.get("IsParent", False),
    }
    left = {} if made is None else {"CreatedResourceArn": made}
    request = JobRequest(outcome=ending, metadata=metadata, left=left)
    return make_job(caller, RESTORE, job_members, request)


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
    """Set the validation result of a restore job: only of a completed restore test [assumed].

    A result is final [documented: guide, restore testing validation; the error assumed]; only
    VALIDATING can be replaced [assumed].
    """
    job = find_job(caller, asked, RESTORE)
    tested = "RestoreTestingPlanArn" in job.members.get("CreatedBy", {})
    if not tested or job.kept_state != "COMPLETED":
        reason = f"it is {job.kept_state}" if tested else "no restore testing plan started it"
        raise invalid_request(f"Restore job {job.id} cannot be validated: {reason}")
    status = job.members.get("ValidationStatus", _UNDECIDED)
    if status != _UNDECIDED:
        raise invalid_request(f"The validation result of restore job {job.id} is already {status}")
    test = _test_of(job)
    if test is not None:
        test.check_open(job)
    names = ("ValidationStatus", "ValidationStatusMessage")
    kept = {name: value for name, value in job.members.items() if name not in names}
    moves.replace(job, kept | {name: asked[name] for name in names if name in asked})
    if test is not None:
        test.end_validation(job, clock.now())
    return {}


def _test_of(job: Job) -> Test | None:
    """Return the test of a restore job that a plan's run started; None for any other job."""
    if job.request is None or job.request.then is None:
        return None
    from fakebackup.model.engine.restore_testing import aftermath

    return aftermath.test_of(job)


_UNDECIDED = "VALIDATING"
