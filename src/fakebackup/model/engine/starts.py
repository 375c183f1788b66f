"""Starting jobs: what a client's call and a backup plan's rule do alike."""

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
    """Add jobs that a client or a plan starts: a job, or a composite one and its children after it.

    They move as the option `progress` says.
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
        kind: its kind.
        account: whose it is.
        members: what else is said of it, its creation too, as a user would seed it; None leaves
            a member out.
        request: what else was asked of it.
    """
    own = {kind.state: life.FIRST[kind]}
    # A report job does not say whose it is.
    if "AccountId" in kind.known:
        own["AccountId"] = account
    job = jobs.build(kind, own | dict(members))
    job.request = request
    return job


def chosen(store: Store, operation: str, resource: str) -> Ending | None:
    """Return how the test wants a job to end that is started; None if it said nothing.

    Args:
        store: where it starts.
        operation: the operation that starts such jobs.
        resource: the ARN of the job's resource.
    """
    found = outcomes.take(store.organization.outcomes, operation, resource)
    return None if found is None else (found.state, (found.members, found.given))


def _failing(message: str) -> Ending:
    return "FAILED", ({"StatusMessage": message}, frozenset({"StatusMessage"}))


def _nested_endings(ending: Ending | None, count: int) -> list[Ending]:
    """Return how a composite job's children end: alike, but of a PARTIAL one the last fails."""
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
        store: where it starts.
        members: what is said of it, as a user would seed it: ResourceArn (of a type that is
            known), BackupVaultName, CreationDate, IamRoleArn, StartBy, RecoveryPointLifecycle.
        request: what else was asked of it; how it ends is filled in.
    """
    arn, lifecycle = members["ResourceArn"], members.get("RecoveryPointLifecycle")
    vault = store.vaults.get(members["BackupVaultName"])
    ending = _ending(store, "StartBackupJob", arn, vault, lifecycle)
    if vault is not None:
        members = {**members, "VaultType": vault.members["VaultType"]}
    kind = type_of(arn)
    nests = NESTED.get(kind or "", ())
    parent = make(
        BACKUP,
        store.account,
        {**members, "ResourceType": kind, "IsParent": bool(nests)},
        dataclasses.replace(request, outcome=ending),
    )
    shared = {name: value for name, value in members.items() if name != "ResourceArn"}
    children = [
        make(
            BACKUP,
            store.account,
            {**shared, "ResourceType": nested},
            dataclasses.replace(request, outcome=ends, copies=()),
        )
        for nested, ends in zip(nests, _nested_endings(ending, len(nests)), strict=True)
    ]
    return _start(store, parent, children)


def _ending(
    store: Store,
    operation: str,
    resource: str,
    vault: Vault | None,
    lifecycle: Members | None,
) -> Ending | None:
    """Return how a job is to end: as its vault's lock has it, or as the test wants."""
    what = "Backup job" if operation == "StartBackupJob" else "Copy job"
    refusal = None if vault is None else lifecycles.refused_by(vault.members, lifecycle, what)
    return chosen(store, operation, resource) if refusal is None else _failing(refusal)


def _start(store: Store, parent: Job, children: list[Job]) -> Job:
    for child in children:
        child.parent = parent
    start(store, [parent, *children])
    return parent


# --- Copies -------------------------------------------------------------------------------


class Copy(NamedTuple):
    """A copy to start.

    Attributes:
        destination: the ARN of the vault it goes to.
        role: the ARN of the IAM role that makes it.
        lifecycle: of the copy; None for none.
        at: when it starts, in milliseconds.
        creator: the plan and rule that it is of; None where a client asks for it.
    """

    destination: str
    role: str
    lifecycle: Members | None
    at: int
    creator: Members | None = None


def copy(point: RecoveryPoint, asked: Copy) -> Job:
    """Start a copy job; of a composite recovery point, one for each nested point too.

    It fails where the lock of the vault it goes to refuses its lifecycle, or where that vault
    is missing.

    Args:
        point: what is copied; the job lies in its vault's account and region.
        asked: what is said of the copy.
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
    nested = [each for each in store.vaults.nested_in(point.arn) if each.vault is source]
    parent, *children = (
        make(COPY, store.account, members | _copied(each), JobRequest(outcome=ends))
        for each, ends in zip(
            (point, *nested), (ending, *_nested_endings(ending, len(nested))), strict=True
        )
    )
    return _start(store, parent, children)


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
    """Start the copies that a plan's rule makes of what a backup job left.

    A copy that says no lifecycle has the one of the backup [documented: CloudFormation].

    Args:
        job: the backup job.
        point: the recovery point that it left.
        at: when, in milliseconds.
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
