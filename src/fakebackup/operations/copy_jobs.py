"""Copy jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import is_in_fake, once
from fakebackup.answering.jobs import SUMMARIES_AT_MOST, describe_job, list_jobs, summarise
from fakebackup.answering.lookups import (
    check_role,
    no_such_vault,
    own_vault,
    point_in,
    resource_of,
)
from fakebackup.answering.service_owned import check_vaults
from fakebackup.errors import invalid_request
from fakebackup.model.engine import starts
from fakebackup.model.jobs.filters import Dimension, after, before, category, same
from fakebackup.model.jobs.kinds import COPY
from fakebackup.model.vaults import lifecycles
from fakebackup.model.vaults.members import RESTORE_ACCESS
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Job

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
    Dimension("MessageCategory", "MessageCategory", category=True),
)


@operation("ListCopyJobs", items="CopyJobs")
def list_copy_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List copy jobs, newest first, until 30 days after their end; there is no "*" account."""
    return list_jobs(caller, asked, COPY, FILTERS)


@operation("DescribeCopyJob")
def describe_copy_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a copy job."""
    return describe_job(caller, asked, COPY)


@operation("ListCopyJobSummaries", items="CopyJobSummaries", at_most=SUMMARIES_AT_MOST)
def list_copy_job_summaries(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count copy jobs."""
    return summarise(caller, asked, COPY, "CopyJobSummaries", DIMENSIONS)


@operation("StartCopyJob")
def start_copy_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start a copy job, and one for each nested recovery point of a composite one."""
    return once(caller, asked, _start, _started, still_exists=is_in_fake)


def _started(job: Job) -> Mapping[str, Any]:
    return {name: job.members[name] for name in ("CopyJobId", "CreationDate", "IsParent")}


def _start(caller: Caller, asked: Mapping[str, Any]) -> Job:
    check_role(asked["IamRoleArn"])
    arn = asked["RecoveryPointArn"]
    source = own_vault(caller, asked["SourceBackupVaultName"], resource=arn)
    point = point_in(source, arn)
    destination = caller.organization.find_vault(asked["DestinationBackupVaultArn"])
    if destination is None:
        raise no_such_vault(caller, asked["DestinationBackupVaultArn"])
    check_vaults({destination.name})
    if destination is source:
        raise invalid_request(f"A copy in {source.arn} would lie where its source lies")
    if destination.vault_type == RESTORE_ACCESS:
        raise invalid_request(f"Backup vault {destination.arn} only gives access to another one")
    if point.is_continuous:
        # Declared as not supported [documented: model]; the error and its words are [assumed].
        raise invalid_request(f"Recovery point {point.arn} is a continuous backup")
    if point.members["Status"] not in COPYABLE:
        raise invalid_request(f"Recovery point {point.arn} is {point.members['Status']}")
    if point.members.get("StorageClass") == "COLD":
        # As documented [guide, copies across accounts]; the error and its words are [assumed].
        raise invalid_request(f"Recovery point {point.arn} is in cold storage")
    resource_of(point)
    caller.check_quota("points_per_vault", destination.count + 1)
    lifecycle = lifecycles.read(asked.get("Lifecycle"))
    lifecycles.check_copy(point.members, lifecycle)
    copy = starts.Copy(destination.arn, asked["IamRoleArn"], lifecycle, clock.now())
    return starts.copy(point, copy)


COPYABLE = frozenset({"COMPLETED", "PARTIAL", "AVAILABLE"})
"""The statuses of recovery points that can be copied [assumed]."""
