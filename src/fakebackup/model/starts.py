"""Starting jobs: what a client's call and a backup plan's rule do alike."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model import jobs, life, lifecycles, outcomes
from fakebackup.model.holdings import Home
from fakebackup.model.kinds import BACKUP, COPY
from fakebackup.model.resources import NESTED, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Organization
    from fakebackup.model.jobs import Ending, Job, Started
    from fakebackup.model.kinds import Kind
    from fakebackup.model.vaults import RecoveryPoint, Vault

    Members = Mapping[str, Any]


def make(kind: Kind, account: str, members: Members, started: Started) -> Job:
    """Return a job to start, in its first state.

    Args:
        kind: its kind.
        account: whose it is.
        members: what else is said of it, its creation too, as a user would seed it; None leaves
            a member out.
        started: what else is known of it.
    """
    own = {kind.state: life.FIRST[kind]}
    # A report job does not say whose it is.
    if "AccountId" in kind.known:
        own["AccountId"] = account
    job = jobs.build(kind, own | dict(members))
    job.started = started
    return job


def chosen(organization: Organization, operation: str, resource: str) -> Ending | None:
    """Return how the test wants a job to end that is started; None if it said nothing.

    Args:
        organization: where it starts.
        operation: the operation that starts such jobs.
        resource: the ARN of the job's resource.
    """
    found = outcomes.take(organization.outcomes, operation, resource)
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


def backup(organization: Organization, home: Home, members: Members, started: Started) -> Job:
    """Start a backup job, composite for a CloudFormation stack or an EKS cluster.

    It fails where the lock of its vault refuses its lifecycle, or where its vault is missing.

    Args:
        organization: where it starts.
        home: the account and region.
        members: what is said of it, as a user would seed it: ResourceArn (of a type that is
            known), BackupVaultName, CreationDate, IamRoleArn, StartBy, RecoveryPointLifecycle.
        started: what else is known of it; how it ends is filled in.
    """
    arn, lifecycle = members["ResourceArn"], members.get("RecoveryPointLifecycle")
    vault = organization.vaults_here(*home).get(members["BackupVaultName"])
    ending = _ending(organization, "StartBackupJob", arn, vault, lifecycle)
    if vault is not None:
        members = {**members, "VaultType": vault.members["VaultType"]}
    kind = type_of(arn)
    nests = NESTED.get(kind or "", ())
    parent = make(
        BACKUP,
        home.account,
        {**members, "ResourceType": kind, "IsParent": bool(nests)},
        dataclasses.replace(started, outcome=ending),
    )
    shared = {name: value for name, value in members.items() if name != "ResourceArn"}
    children = [
        make(
            BACKUP,
            home.account,
            {**shared, "ResourceType": nested},
            dataclasses.replace(started, outcome=ends, copies=()),
        )
        for nested, ends in zip(nests, _nested_endings(ending, len(nests)), strict=True)
    ]
    return _start(organization, home, parent, children)


def _ending(
    organization: Organization,
    operation: str,
    resource: str,
    vault: Vault | None,
    lifecycle: Members | None,
) -> Ending | None:
    """Return how a job is to end: as its vault's lock has it, or as the test wants."""
    what = "Backup job" if operation == "StartBackupJob" else "Copy job"
    refusal = None if vault is None else lifecycles.refused_by(vault, lifecycle, what)
    return chosen(organization, operation, resource) if refusal is None else _failing(refusal)


def _start(organization: Organization, home: Home, parent: Job, children: list[Job]) -> Job:
    for child in children:
        child.parent = parent
    organization.start([parent, *children], *home)
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


def copy(organization: Organization, point: RecoveryPoint, asked: Copy) -> Job:
    """Start a copy job; of a composite recovery point, one for each nested point too.

    It fails where the lock of the vault it goes to refuses its lifecycle, or where that vault
    is missing.

    Args:
        organization: where it starts.
        point: what is copied; the job lies in its vault's account and region.
        asked: what is said of the copy.
    """
    source = point.vault
    home = Home(source.account, source.region)
    destination = organization.find_vault(asked.destination)
    resource = point.members["ResourceArn"]
    ending = _ending(organization, "StartCopyJob", resource, destination, asked.lifecycle)
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
        make(
            COPY, home.account, members | _copied(each), jobs.Started(by_client=True, outcome=ends)
        )
        for each, ends in zip(
            (point, *nested), (ending, *_nested_endings(ending, len(nested))), strict=True
        )
    )
    return _start(organization, home, parent, children)


def _parent_of(point: RecoveryPoint) -> str | None:
    """Return the ARN of the composite recovery point that a point is nested in."""
    found: str | None = point.members.get("ParentRecoveryPointArn")
    return found


def _copied(point: RecoveryPoint) -> dict[str, Any]:
    return {
        "SourceRecoveryPointArn": point.arn,
        "ResourceArn": point.members.get("ResourceArn"),
        "ResourceType": point.members.get("ResourceType"),
        "ResourceName": point.members.get("ResourceName"),
        "BackupSizeInBytes": point.members.get("BackupSizeInBytes"),
        "IsParent": point.members.get("IsParent", False),
    }


def copies(organization: Organization, job: Job, point: RecoveryPoint, at: int) -> None:
    """Start the copies that a plan's rule makes of what a backup job left.

    A copy that says no lifecycle has the one of the backup [documented: CloudFormation].

    Args:
        organization: where they start.
        job: the backup job.
        point: the recovery point that it left.
        at: when, in milliseconds.
    """
    actions = job.started.copies if job.started is not None else ()
    for action in actions:
        asked = Copy(
            destination=action["DestinationBackupVaultArn"],
            role=job.members["IamRoleArn"],
            lifecycle=action.get("Lifecycle", job.members.get("RecoveryPointLifecycle")),
            at=at,
            creator=job.members.get("CreatedBy"),
        )
        copy(organization, point, asked)
