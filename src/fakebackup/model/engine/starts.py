"""Start jobs, for a client's call or a backup plan's rule."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.engine import moves, placing, telling
from fakebackup.model.jobs import job as jobs
from fakebackup.model.jobs import life
from fakebackup.model.jobs.job import JobRequest
from fakebackup.model.jobs.kinds import BACKUP, COPY
from fakebackup.model.resources.types import NESTED, type_of
from fakebackup.model.stores import outcomes
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults import lifecycles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fakebackup.model.jobs.job import Ending, Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Members = Mapping[str, Any]


def start(store: Store, jobs: Sequence[Job]) -> None:
    """Start a job, or a composite job and its children after it; the option `progress` moves them.

    Args:
        store: the store that they are added to.
        jobs: the jobs, which `make` returned.
    """
    placing.add(store, jobs)
    for job in jobs:
        job.mode = store.options.progress
        at = job.members[job.kind.created]
        telling.job_created(store_of(job), job, at)
        store.organization.engine.follow_move(store_of(job), job, at)
    # A composite job follows its children.
    for job in (*jobs[1:], jobs[0]):
        moves.schedule_next(job, job.members[job.kind.created])


def make(kind: Kind, account: str, members: Members, request: JobRequest) -> Job:
    """Return a job to start, in its first state.

    Args:
        kind: the kind of job.
        account: the id of the account that it belongs to.
        members: its other members, its creation too, as a user would seed them; None leaves one
            out.
        request: what was asked of it beyond its members.
    """
    own = {kind.state: life.FIRST[kind]}
    # A report job has no AccountId.
    if "AccountId" in kind.known:
        own["AccountId"] = account
    job = jobs.build(kind, own | dict(members))
    job.request = request
    return job


def chosen_ending(store: Store, operation: str, resource: str) -> Ending | None:
    """Take the ending that a test chose for the next job; None where it chose none.

    Args:
        store: the store that the job starts in.
        operation: the operation that starts the job.
        resource: the ARN of the job's resource.
    """
    found = outcomes.take(store.organization.outcomes, operation, resource)
    return None if found is None else (found.state, (found.members, found.given))


def _failing(message: str) -> Ending:
    return "FAILED", ({"StatusMessage": message}, frozenset({"StatusMessage"}))


def _nested_endings(ending: Ending | None, count: int) -> list[Ending]:
    """Return the endings of a composite job's children: its own; if PARTIAL, the last fails."""
    state = "COMPLETED" if ending is None else ending[0]
    states = [state] * count
    if state == "PARTIAL":
        states = ["COMPLETED"] * (count - 1) + ["FAILED"] * min(count, 1)
    return [(each, ({}, frozenset())) for each in states]


# --- Backups ------------------------------------------------------------------------------


def backup(store: Store, members: Members, request: JobRequest) -> Job:
    """Start a backup job, composite for a CloudFormation stack or an EKS cluster.

    It fails where the lock of its vault refuses its lifecycle, or where its vault is missing.

    Args:
        store: the store that it starts in.
        members: its members, as a user would seed them: ResourceArn (of a known type),
            BackupVaultName, CreationDate, IamRoleArn, StartBy, RecoveryPointLifecycle.
        request: what was asked of it beyond its members; the outcome is filled in.
    """
    arn, lifecycle = members["ResourceArn"], members.get("RecoveryPointLifecycle")
    vault = store.vaults.get(members["BackupVaultName"])
    ending = _ending(store, "StartBackupJob", arn, vault, lifecycle)
    if vault is not None:
        members = {**members, "VaultType": vault.members["VaultType"]}
    resource_type = type_of(arn)
    nested_types = NESTED.get(resource_type or "", ())
    parent = make(
        BACKUP,
        store.account,
        {**members, "ResourceType": resource_type, "IsParent": bool(nested_types)},
        dataclasses.replace(request, outcome=ending),
    )
    shared = {name: value for name, value in members.items() if name != "ResourceArn"}
    children = [
        make(
            BACKUP,
            store.account,
            {**shared, "ResourceType": nested_type},
            dataclasses.replace(request, outcome=nested_ending, copies=()),
        )
        for nested_type, nested_ending in zip(
            nested_types, _nested_endings(ending, len(nested_types)), strict=True
        )
    ]
    return _start(store, parent, children)


def _ending(
    store: Store,
    operation: str,
    resource: str,
    vault: Vault | None,
    lifecycle: Members | None,
) -> Ending | None:
    """Return the ending of a job: FAILED where its vault's lock refuses it, or the chosen one."""
    name = "Backup job" if operation == "StartBackupJob" else "Copy job"
    refusal = None if vault is None else lifecycles.refused_by(vault.members, lifecycle, name)
    return chosen_ending(store, operation, resource) if refusal is None else _failing(refusal)


def _start(store: Store, parent: Job, children: list[Job]) -> Job:
    for child in children:
        child.parent = parent
    start(store, [parent, *children])
    return parent


# --- Copies -------------------------------------------------------------------------------


class Copy(NamedTuple):
    """A copy to start.

    Attributes:
        destination: the ARN of the vault that it goes to.
        role: the ARN of the IAM role that makes it.
        lifecycle: the lifecycle of the copy; None for none.
        at: when it starts, in milliseconds.
        creator: its CreatedBy, the plan and rule; None where a client starts it.
    """

    destination: str
    role: str
    lifecycle: Members | None
    at: int
    creator: Members | None = None


def copy(point: RecoveryPoint, asked: Copy) -> Job:
    """Start a copy job; of a composite recovery point, one for each nested point too.

    It fails where the lock of the destination vault refuses its lifecycle, or where that vault
    is missing.

    Args:
        point: the recovery point to copy; the job lies in its vault's account and Region.
        asked: the copy to start.
    """
    source = point.vault
    store = store_of(source)
    destination = store.find_vault(asked.destination)
    resource = point.members["ResourceArn"]
    ending = _ending(store, "StartCopyJob", resource, destination, asked.lifecycle)
    members = {
        "CreationDate": asked.at / 1000,
        "CreatedBy": asked.creator,
        "IamRoleArn": asked.role,
        "SourceBackupVaultArn": source.arn,
        "DestinationBackupVaultArn": asked.destination,
        "DestinationRecoveryPointLifecycle": asked.lifecycle,
    }
    if destination is not None:
        members["DestinationVaultType"] = destination.members["VaultType"]
    nested = [each for each in source.points.values() if _parent_of(each) == point.arn]
    parent, *children = (
        make(COPY, store.account, members | _copied(each), JobRequest(outcome=each_ending))
        for each, each_ending in zip(
            (point, *nested), (ending, *_nested_endings(ending, len(nested))), strict=True
        )
    )
    return _start(store, parent, children)


def _parent_of(point: RecoveryPoint) -> str | None:
    """Return the ARN of the composite recovery point that a point is nested in."""
    arn: str | None = point.members.get("ParentRecoveryPointArn")
    return arn


def _copied(point: RecoveryPoint) -> dict[str, Any]:
    return {
        "SourceRecoveryPointArn": point.arn,
        "ResourceArn": point.members.get("ResourceArn"),
        "ResourceType": point.members.get("ResourceType"),
        "ResourceName": point.members.get("ResourceName"),
        "BackupSizeInBytes": point.members.get("BackupSizeInBytes"),
        "IsParent": point.members.get("IsParent", False),
    }


def copies(job: Job, point: RecoveryPoint, at: int) -> None:
    """Start the CopyActions of a plan's rule for the recovery point of a backup job.

    A copy without a lifecycle has the one of the backup [documented: CloudFormation].

    Args:
        job: the backup job.
        point: the recovery point that it left.
        at: when the copies start, in milliseconds.
    """
    actions = job.request.copies if job.request is not None else ()
    for action in actions:
        asked = Copy(
            destination=action["DestinationBackupVaultArn"],
            role=job.members["IamRoleArn"],
            lifecycle=action.get("Lifecycle", job.members.get("RecoveryPointLifecycle")),
            at=at,
            creator=job.members.get("CreatedBy"),
        )
        copy(point, asked)
