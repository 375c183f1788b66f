"""What a seeded job has of the recovery point and of the vault that it names.

What is left out agrees with the rest: a job that names a recovery point which exists, or which
another job of the same batch brings along, lies with it and is of its resource.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.jobs.defaults import lock_state
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.resources.arns import Home, vault_named_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Members = dict[str, Any]


class _Naming(NamedTuple):
    """How a kind of job names a recovery point.

    Attributes:
        point: the member that has its ARN.
        vault: the member that has the ARN of its vault.
        vault_name: the member that has the name of its vault; None where there is none.
        resource: the member that has the ARN of its resource.
        alike: other members that follow it, each with the point's name of it.
    """

    point: str
    vault: str
    vault_name: str | None = None
    resource: str = "ResourceArn"
    alike: Mapping[str, str] = MappingProxyType({})


_SIZE = {"BackupSizeInBytes": "BackupSizeInBytes"}
_NAME = {"ResourceName": "ResourceName"}
_CREATED = {"RecoveryPointCreationDate": "CreationDate"}
_OWN_VAULT = ("RecoveryPointArn", "BackupVaultArn", "BackupVaultName")
_NAMINGS: dict[Kind, tuple[_Naming, ...]] = {
    BACKUP: (_Naming(*_OWN_VAULT, alike=_SIZE),),
    COPY: (
        _Naming("SourceRecoveryPointArn", "SourceBackupVaultArn", alike=_SIZE | _NAME),
        _Naming("DestinationRecoveryPointArn", "DestinationBackupVaultArn"),
    ),
    RESTORE: (
        _Naming(
            "RecoveryPointArn",
            "BackupVaultArn",
            resource="SourceResourceArn",
            alike=_SIZE | _CREATED,
        ),
    ),
    SCAN: (_Naming(*_OWN_VAULT, alike=_NAME),),
}
"""The first of a kind is what decides the resource."""

_LEFT = {BACKUP: "RecoveryPointArn", COPY: "DestinationRecoveryPointArn"}
_LEAVING = frozenset({"COMPLETED", "PARTIAL"})

_WRITTEN_TO = {
    BACKUP: ("BackupVaultArn", "VaultType", "VaultLockState"),
    COPY: ("DestinationBackupVaultArn", "DestinationVaultType", "DestinationVaultLockState"),
}
"""Per kind, the member that has the ARN of the vault that is written to, those of its type and of
its lock."""


class _Found(NamedTuple):
    """A recovery point that a job names.

    Attributes:
        vault: the ARN of the vault it lies in.
        members: what is known of it.
    """

    vault: str
    members: Mapping[str, Any]


class Agreement:
    """What the jobs of a batch have of the recovery points that they name."""

    def __init__(
        self, store: Store, jobs: Sequence[Job], members_of: Callable[[Job], Mapping[str, Any]]
    ) -> None:
        """Begin.

        Args:
            store: where those lie that name no other account.
            jobs: the batch.
            members_of: returns the members of a job of the batch so far.
        """
        self._store = store
        self._jobs = jobs
        self._members_of = members_of
        self._brought: dict[tuple[Home, str], tuple[Job, str]] | None = None

    def reach(self, store: Store, job: Job, members: Members) -> frozenset[str]:
        """Let a job agree with the recovery point and the vault that it names.

        Args:
            store: where it lies.
            job: the job, which is in no fake yet.
            members: what it has so far, the defaults that need no place included; changed.

        Returns:
            The members that are given or settled now, there or not.
        """
        settled: frozenset[str] = frozenset()
        for naming in _NAMINGS.get(job.kind, ()):
            if naming.point in job.given and naming.point in members and _asks(naming, job):
                found = self._find(store, job, naming)
                if found is not None:
                    _lie_with(naming, found, job, members)
                    if naming is _NAMINGS[job.kind][0]:
                        settled = _be_of_its_resource(naming, found, job, members)
        _settle_vault(store, job, members)
        return job.given | settled

    def _find(self, store: Store, job: Job, naming: _Naming) -> _Found | None:
        """Return the recovery point that a job names; None where nothing says where it lies."""
        arn = job.members[naming.point]
        stores = [store]
        if naming.point == _LEFT.get(COPY):
            # A copy may lie in any account and Region.
            stores += store.organization.stores.values()
        for each in stores:
            point = each.vaults.visible_point(arn)
            if point is not None:
                return _of_point(point)
        brought = self._brought_along()
        for each in stores:
            other, vault = brought.get((each.home, arn), (job, ""))
            if other is not job:
                return _Found(vault, self._told_by(other))
        return None

    def _brought_along(self) -> dict[tuple[Home, str], tuple[Job, str]]:
        """Return by place and ARN which job of the batch says in what vault a point lies.

        Those that leave one and name its vault go first, then those that read one and do, then
        backup jobs that leave one in the vault that they have by default.
        """
        if self._brought is None:
            ranked: list[list[tuple[tuple[Home, str], tuple[Job, str]]]] = [[], [], []]
            for job in self._jobs:
                for naming in _NAMINGS.get(job.kind, ()):
                    rank, entry = self._entry(job, naming)
                    if entry is not None:
                        ranked[rank].append(entry)
            # The first one counts.
            self._brought = dict(reversed([each for entries in ranked for each in entries]))
        return self._brought

    def _entry(
        self, job: Job, naming: _Naming
    ) -> tuple[int, tuple[tuple[Home, str], tuple[Job, str]] | None]:
        """Return the rank of what a job says of a recovery point, and what it says, if it does."""
        members = job.members
        arn, vault = members.get(naming.point), members.get(naming.vault)
        name = members.get(naming.vault_name or "")
        leaves = naming.point == _LEFT.get(job.kind)
        said = naming.vault in job.given or naming.vault_name in job.given
        if vault is None and name and (said or leaves):
            above = {} if job.parent is None else job.parent.members
            account = members.get("AccountId") or above.get("AccountId") or self._store.account
            vault = Home(account, self._store.region).vault(name)
        named = None if vault is None else vault_named_by(vault)
        rank = (0 if leaves else 1) if said else 2
        if arn is None or vault is None or named is None:
            return rank, None
        if leaves and job.kept_state not in _LEAVING:
            return rank, None
        return rank, ((named.home, arn), (job, vault))

    def _told_by(self, job: Job) -> dict[str, Any]:
        """Return what a job of the batch tells of a recovery point, as far as it is known yet."""
        members, naming = self._members_of(job), _NAMINGS[job.kind][0]
        names = {each: own for own, each in naming.alike.items()}
        names |= {"ResourceArn": naming.resource, "ResourceType": "ResourceType"}
        if job.kind in _LEFT:
            names["CreationDate"] = job.kind.created
        return {
            name: members.get(own)
            for name, own in names.items()
            if own in members or own in job.given
        }


def _of_point(point: RecoveryPoint) -> _Found:
    of_point = dict.fromkeys(("ResourceArn", "ResourceType", "BackupSizeInBytes"))
    return _Found(point.vault.arn, {**of_point, **point.members})


def _asks(naming: _Naming, job: Job) -> bool:
    """Return whether a job leaves something out that its recovery point tells."""
    said = naming.vault in job.given or naming.vault_name in job.given
    followers = (naming.resource, "ResourceType", *naming.alike)
    return not said or any(name not in job.given for name in followers)


def _lie_with(naming: _Naming, found: _Found, job: Job, members: Members) -> None:
    """Let a job name the vault that its recovery point lies in, unless it names one."""
    if naming.vault not in job.given and naming.vault_name not in job.given:
        members[naming.vault] = found.vault
        if naming.vault_name is not None:
            members[naming.vault_name] = found.vault.rpartition(":")[2]


def _be_of_its_resource(
    naming: _Naming, found: _Found, job: Job, members: Members
) -> frozenset[str]:
    """Let a job be of the resource of its recovery point, unless it says another one.

    Returns:
        The members that are settled, there or not.
    """
    of_point, given = found.members, job.given
    for name, own in (("ResourceArn", naming.resource), ("ResourceType", "ResourceType")):
        if own in given and name in of_point and members.get(own) != of_point[name]:
            return frozenset()
    values = {naming.resource: "ResourceArn", "ResourceType": "ResourceType", **naming.alike}
    if job.kind is BACKUP and job.kept_state not in _LEAVING:
        # It has no size yet.
        values.pop("BackupSizeInBytes")
    settled = {
        own: of_point[name] for own, name in values.items() if own not in given and name in of_point
    }
    for own, value in settled.items():
        members.pop(own, None)
        if value is not None:
            members[own] = value
    return frozenset(settled)


def _settle_vault(store: Store, job: Job, members: Members) -> None:
    """Give a job the type and the lock of the vault that it writes to, if that exists."""
    vault, vault_type, lock = _WRITTEN_TO.get(job.kind, ("", "", ""))
    settled = [name for name in (vault_type, lock) if name in members and name not in job.given]
    found = _vault_so_far(store, members, vault) if settled else None
    if found is not None:
        values = {vault_type: found.vault_type, lock: lock_state(locked=found.locked)}
        members.update({name: values[name] for name in settled})


def _vault_so_far(store: Store, members: Members, member: str) -> Vault | None:
    """Return the vault that a job names by its ARN or its name; None if there is none so far."""
    arn = members.get(member)
    if arn is None:
        return store.vault_so_far(members.get("BackupVaultName", ""))
    return store.organization.vault_so_far(arn)
