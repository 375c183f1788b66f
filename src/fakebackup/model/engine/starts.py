"""Start jobs, for a client's call or a backup plan's rule."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model import quotas
from fakebackup.model.engine import moves, placing, telling
from fakebackup.model.jobs import categories, life
from fakebackup.model.jobs import job as jobs
from fakebackup.model.jobs.defaults import lock_state
from fakebackup.model.jobs.kinds import BACKUP, COPY
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.resources.tags import of_backup
from fakebackup.model.resources.types import (
    HOME_ACCOUNT,
    NOWHERE,
    UNMANAGED,
    features_of,
    known_type,
    type_of,
)
from fakebackup.model.stores import outcomes
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults import lifecycles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.jobs.request import Ending
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
        members: its other members, its creation too, as the model keeps them; None leaves one
            out.
        request: what was asked of it beyond its members.
    """
    own = {kind.state: life.FIRST[kind]}
    # A report job has no AccountId.
    if "AccountId" in kind.known:
        own["AccountId"] = account
    asked = own | dict(members)
    kept = {name: value for name, value in asked.items() if value is not None}
    job = jobs.build_kept(kind, kept, frozenset(asked))
    job.request = request
    state, (has, given) = request.outcome or ("", moves.NOTHING)
    if state == job.kept_state:
        # It is to stay in its first state.
        job.members = {k: v for k, v in job.members.items() if k not in given} | has
        job.given |= given
    return job


def chosen_ending(store: Store, operation: str, resource: str) -> Ending | None:
    """Take the ending that a test chose for the next job; None where it chose none.

    Args:
        store: the store that the job starts in.
        operation: the operation that starts the job.
        resource: the ARN of the job's resource.
    """
    found = outcomes.take(store.organization.outcomes, operation, resource, store.home)
    return None if found is None else (found.state, (found.members, found.given))


def _with_issue(ending: Ending | None, message: str) -> Ending | None:
    """Return an ending with a message, if it completes and has none."""
    state, (members, given) = ending or ("COMPLETED", moves.NOTHING)
    if state != "COMPLETED" or "StatusMessage" in given:
        return ending
    return state, ({**members, "StatusMessage": message}, given | {"StatusMessage"})


def nested_points(point: RecoveryPoint) -> list[RecoveryPoint]:
    """Return the recovery points that are nested in one and lie in its vault, oldest first."""
    nested = store_of(point.vault).vaults.nested_in(point.arn)
    return [each for each in nested if each.vault is point.vault]


def nested_endings(ending: Ending | None, count: int) -> list[Ending]:
    """Return the endings of a composite job's children: its own; if PARTIAL, the last fails."""
    state = "COMPLETED" if ending is None else ending[0]
    states = [state] * count
    if state == "PARTIAL":
        states = ["COMPLETED"] * (count - 1) + ["FAILED"] * min(count, 1)
    return [(each, ({}, frozenset())) for each in states]


# --- Backups ------------------------------------------------------------------------------


def backup(store: Store, members: Members, request: JobRequest) -> Job:
    """Start a backup job, composite for a CloudFormation stack or an EKS cluster.

    It fails where the lock of its vault refuses its lifecycle, where its vault is full or missing.
    Its recovery point gets the tags of the resource, too; with too many tags the job completes
    with issues [assumed: the message is one of AWS's table].

    Args:
        store: the store that it starts in.
        members: its members, as the model keeps them: ResourceArn (of a known type),
            BackupVaultName, CreationDate, IamRoleArn, StartBy, RecoveryPointLifecycle.
        request: what was asked of it beyond its members; the outcome is filled in.
    """
    arn, lifecycle = members["ResourceArn"], members.get("RecoveryPointLifecycle")
    resource_type, issue = type_of(arn), None
    known = known_type(resource_type, arn)
    resource_tags = store.tags_of_resource(arn)
    if request.air_gapped is not None:
        from fakebackup.model.engine import air_gapped

        if known is not None and known.name in store.organization.unmanaged(store.home):
            known = UNMANAGED.get(known.name, known)
        members, request, issue = air_gapped.aim(known, members, request)
    vault = store.vaults.get(members["BackupVaultName"])
    refusal = _refusal("StartBackupJob", vault, lifecycle)
    ending = refusal or chosen_ending(store, "StartBackupJob", arn)
    if vault is not None:
        members = {
            **members,
            "VaultType": vault.vault_type,
            "VaultLockState": lock_state(locked=vault.locked),
        }
    tags, fit = of_backup(resource_tags, request.tags or {}, store.options.quotas["tags"])
    if not fit or issue is not None:
        ending = _with_issue(ending, issue or categories.TOO_MANY_TAGS)
    if known is not None and not known.windowed:
        request = dataclasses.replace(request, complete_by=None)
    nested_types = () if known is None else known.nests
    parent = make(
        BACKUP,
        store.account,
        {**members, "ResourceType": resource_type, "IsParent": bool(nested_types)},
        dataclasses.replace(request, outcome=ending, tags=tags or None),
    )
    shared = {name: value for name, value in members.items() if name != "ResourceArn"}
    children = [
        make(
            BACKUP,
            store.account,
            {**shared, "ResourceType": nested_type},
            dataclasses.replace(
                request,
                outcome=refusal or nested_ending,
                copies=(),
                scans=(),
                temporary=False,
            ),
        )
        for nested_type, nested_ending in zip(
            nested_types, nested_endings(ending, len(nested_types)), strict=True
        )
    ]
    return start_group(store, parent, children)


_OUTSIDE = {
    "StartBackupJob": lifecycles.OUTSIDE,
    "StartCopyJob": categories.RETENTION_OF_COPY,
}
"""Per operation, the message of a job that a vault's lock fails [documented: guide]."""


def _refusal(operation: str, vault: Vault | None, lifecycle: Members | None) -> Ending | None:
    """Return the ending of a job that its vault fails, by its lock or as it is full; else None."""
    if vault is None:
        return None
    refusal = lifecycles.refused_by(vault.members, lifecycle, _OUTSIDE[operation])
    options = store_of(vault).options
    refusal = refusal or quotas.exceeded(options.quotas, "points_per_vault", vault.count + 1)
    return None if refusal is None else moves.failed(refusal)


def start_group(store: Store, parent: Job, children: Sequence[Job]) -> Job:
    """Start a job with its children, of which a job that is not composite has none."""
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
    role: str | None
    lifecycle: Members | None
    at: int
    creator: Members | None = None


def copy(point: RecoveryPoint, asked: Copy) -> Job:
    """Start a copy job; of a composite recovery point, one for each nested point too.

    A copy without a deletion of its own has its source's. It fails where its type is not copied
    there, where the access policy of the destination vault refuses it, where that vault's lock
    refuses its lifecycle, and where that vault is full or missing.

    Args:
        point: the recovery point to copy; the job lies in its vault's account and Region.
        asked: the copy to start.
    """
    source = point.vault
    store = store_of(source)
    resource = point.members.get("ResourceArn", "")
    # Asked before a job is made: where nothing in the process answers, none is.
    store.tags_of_resource(resource)
    destination = store.find_vault(asked.destination)
    lifecycle = lifecycles.of_copy(point.members, asked.lifecycle)
    denial = _copy_refusal(store, point, asked, destination)
    refusal = denial or _refusal("StartCopyJob", destination, lifecycle)
    ending = refusal or chosen_ending(store, "StartCopyJob", resource)
    members = {
        "CreationDate": asked.at,
        "CreatedBy": asked.creator,
        "IamRoleArn": asked.role,
        "SourceBackupVaultArn": source.arn,
        "DestinationBackupVaultArn": asked.destination,
    }
    if destination is not None:
        members["DestinationVaultType"] = destination.vault_type
        members["DestinationVaultLockState"] = lock_state(locked=destination.locked)
    nested = nested_points(point)
    parent, *children = (
        make(
            COPY,
            store.account,
            members | _members_of_copy(each, asked),
            JobRequest(outcome=each_ending),
        )
        for each, each_ending in zip(
            (point, *nested),
            (ending, *_copied_endings(ending, nested, asked, denial)),
            strict=True,
        )
    )
    return start_group(store, parent, children)


def _copy_refusal(
    store: Store, point: RecoveryPoint, asked: Copy, destination: Vault | None
) -> Ending | None:
    """Return the ending of a copy that is refused whatever its lifecycle is; else None."""
    refused = _type_refusal(point, destination)
    if refused is not None or destination is None:
        return refused
    if point.vault.vault_type == AIR_GAPPED:
        if destination.has_service_key:
            # Out of an air-gapped vault only with a key of one's own [documented: guide].
            return moves.failed(categories.DEFAULT_KEY)
        if destination.vault_type == AIR_GAPPED and asked.creator is not None:
            # Into another one not by a plan [documented: guide; the text assumed].
            return moves.failed(categories.BY_HAND_ALONE)
    options = store.options
    if not (options.enforce_policies or options.enforce_cross_account):
        return None
    from fakebackup.model.engine import cross_account

    message = cross_account.refusal(store, asked.role, destination)
    return None if message is None else moves.failed(message)


def _type_refusal(point: RecoveryPoint, destination: Vault | None) -> Ending | None:
    """Return the ending of a copy that the type of its resource does not allow; else None.

    What types allow is AWS's table of them [documented: guide, feature availability], the words of
    a copy to another Region are AWS's [documented: guide], other ones [assumed].
    """
    members, source = point.members, point.vault
    known = features_of(members.get("ResourceType"), point.arn, members.get("ResourceArn"))
    if known is None:
        return None
    allowed = known.copied != NOWHERE
    if destination is not None:
        allowed &= known.copied != HOME_ACCOUNT or destination.account == source.account
        allowed &= known.air_gapped or destination.vault_type != AIR_GAPPED
    if allowed:
        return None
    if destination is None or destination.region == source.region:
        return moves.failed(categories.NOT_COPIED)
    return moves.failed(
        categories.NOT_COPIED_ABROAD.format(
            source=source.region, destination=destination.region, type=known.name
        )
    )


def _copied_endings(
    ending: Ending | None, nested: list[RecoveryPoint], asked: Copy, denial: Ending | None
) -> Iterator[Ending]:
    """Yield the endings of the copies of nested points: each has its own type and lifecycle."""
    for point, nested_ending in zip(nested, nested_endings(ending, len(nested)), strict=True):
        destination = store_of(point.vault).find_vault(asked.destination)
        lifecycle = lifecycles.of_copy(point.members, asked.lifecycle)
        refused = denial or _type_refusal(point, destination)
        yield refused or _refusal("StartCopyJob", destination, lifecycle) or nested_ending


def _members_of_copy(point: RecoveryPoint, asked: Copy) -> dict[str, Any]:
    return {
        "DestinationRecoveryPointLifecycle": lifecycles.of_copy(point.members, asked.lifecycle),
        "SourceRecoveryPointArn": point.arn,
        "ResourceArn": point.members.get("ResourceArn"),
        "ResourceType": point.members.get("ResourceType"),
        "ResourceName": point.members.get("ResourceName"),
        "BackupSizeInBytes": point.members.get("BackupSizeInBytes"),
        "IsParent": point.members.get("IsParent", False),
    }


def copies(job: Job, point: RecoveryPoint, at: int) -> None:
    """Start the CopyActions of a plan's rule for the recovery point of a backup job.

    A copy without a lifecycle has the one of the backup [documented: guide, plan options].

    Args:
        job: the backup job.
        point: the recovery point that it left.
        at: when the copies start, in milliseconds.
    """
    actions = job.request.copies if job.request is not None else ()
    for action in actions:
        asked = Copy(
            destination=action["DestinationBackupVaultArn"],
            role=job.members.get("IamRoleArn"),
            lifecycle=action.get("Lifecycle"),
            at=at,
            creator=job.members.get("CreatedBy"),
        )
        copy(point, asked)
