"""What jobs do in the mock that the fake stands beside: real snapshots, copies and restores.

Jobs that a client or a plan started do so when they complete; seeded ones, and those that end
otherwise, do nothing there. Resources that a test added by `add_resource` are the fake's own.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE
from fakebackup.model.plans.selections import TESTED
from fakebackup.model.resources.neighbour import Backup, Copy, Key, Made, Refusal, Restore
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults.members import own_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.jobs.request import Ending
    from fakebackup.model.resources.neighbour import Neighbour
    from fakebackup.model.vaults.vault import RecoveryPoint


def key_of(point: RecoveryPoint) -> Key:
    """Return what a neighbour files what it made for a recovery point under."""
    return Key(store_of(point.vault).home, point.arn)


def completed(neighbour: Neighbour, job: Job, to: Ending) -> Ending:
    """Do what a job that completes does beside the fake, and return how it ends.

    Args:
        neighbour: the mock that the fake stands beside.
        job: a job that was started, which is about to complete.
        to: how it ends otherwise.
    """
    do = _DONE.get(job.kind)
    if do is None:
        return to
    state, (changes, given) = to
    try:
        found = do(neighbour, job)
    except Refusal as refusal:
        return "FAILED", ({"StatusMessage": str(refusal)}, frozenset({"StatusMessage"}))
    new = {name: value for name, value in found.items() if name not in given}
    return state, (changes | new, given | frozenset(new))


def file(job: Job, point: RecoveryPoint, at: int) -> None:
    """File what a job has made beside the fake under the recovery point that it left.

    Args:
        job: the job.
        point: the recovery point.
        at: when the job moved, in milliseconds.
    """
    neighbour = store_of(point.vault).organization.neighbour
    made = None if job.request is None else job.request.made
    if neighbour is not None and made is not None:
        neighbour.file(key_of(point), made, at)
        if made.metadata is not None:
            point.metadata = made.metadata


def _back_up(neighbour: Neighbour, job: Job) -> dict[str, Any]:
    members, store, request = job.members, store_of(job), job.request
    resource, resource_type = members.get("ResourceArn"), members.get("ResourceType")
    if (
        request is None
        or resource is None
        or resource in store.resources
        or resource_type is None
        or not neighbour.knows(resource_type)
        or "ParentJobId" in members
    ):
        return {}
    made = neighbour.back_up(
        Backup(
            store.home,
            resource,
            resource_type,
            job.id,
            request.tags or {},
            request.continuous,
            members.get("BackupOptions", {}),
        )
    )
    own = request.continuous or members.get("VaultType") == AIR_GAPPED
    return _noted(job, made, "RecoveryPointArn", own_arn=own)


def _copy(neighbour: Neighbour, job: Job) -> dict[str, Any]:
    members, store = job.members, store_of(job)
    source = store.find_vault(members.get("SourceBackupVaultArn", ""))
    destination = store.find_vault(members.get("DestinationBackupVaultArn", ""))
    point = None if source is None else source.points.get(members["SourceRecoveryPointArn"])
    if point is None or destination is None or not neighbour.has(key_of(point)):
        return {}
    made = neighbour.copy(
        Copy(
            key_of(point),
            store_of(destination).home,
            members["ResourceArn"],
            members["ResourceType"],
            job.id,
            store_of(point.vault).tags.get(point.arn, {}),
            # The neighbour has to name one that AWS owns, too.
            destination.key_arn or own_key(store_of(destination).home, destination.vault_type),
        )
    )
    own = destination.vault_type == AIR_GAPPED
    return _noted(job, made, "DestinationRecoveryPointArn", own_arn=own)


def _noted(job: Job, made: Made, member: str, *, own_arn: bool) -> dict[str, Any]:
    """Keep what was made until the recovery point exists; return the members that follow.

    Args:
        job: the job.
        made: what it made.
        member: the member that has the ARN of the recovery point.
        own_arn: whether that is AWS Backup's own, whatever the service says.
    """
    assert job.request is not None  # noqa: S101  for the type checker: it was started
    job.request = dataclasses.replace(job.request, made=made)
    found: dict[str, Any] = {} if own_arn or made.arn is None else {member: made.arn}
    if made.size is not None:
        found["BackupSizeInBytes"] = made.size
    return found


def _restore(neighbour: Neighbour, job: Job) -> dict[str, Any]:
    members, store, request = job.members, store_of(job), job.request
    vault = store.find_vault(members.get("BackupVaultArn", ""))
    point = None if vault is None else vault.seen.get(members["RecoveryPointArn"])
    if point is None or request is None or not neighbour.has(key_of(point)):
        return {}
    made = neighbour.restore(
        Restore(
            store.home,
            key_of(point),
            members["SourceResourceArn"],
            members["ResourceType"],
            job.id,
            request.metadata or {},
            # The value is not known [assumed].
            {TESTED: ""} if "RestoreTestingPlanArn" in members.get("CreatedBy", ()) else {},
        )
    )
    message = {} if made.message is None else {"StatusMessage": made.message}
    return {"CreatedResourceArn": made.arn, **message}


_DONE: Mapping[Kind, Callable[[Neighbour, Job], dict[str, Any]]] = {
    BACKUP: _back_up,
    COPY: _copy,
    RESTORE: _restore,
}
