"""The likely slips of a failing test about what lists show of vaults, points and resources."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.engine import indexes
from fakebackup.model.engine.outcomes import JOB_STARTERS
from fakebackup.model.jobs.filters import same
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.resources.arns import Home
from fakebackup.model.stores.entries import PROTECTED
from fakebackup.model.vaults.members import DEFAULT
from fakebackup.model.vaults.vault import RESOURCE
from fakebackup.operations import indexes as index_operations
from fakebackup.operations import recovery_points, restore_jobs
from fakebackup.report.shared import elsewhere, parameters_of
from fakebackup.report.unmatched import unmatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.model.jobs.filters import Filter
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Found = Sequence[Mapping[str, Any]]


class _Shows(NamedTuple):
    """What an operation shows of an account in a Region.

    Attributes:
        noun: what it shows, in words.
        find: returns the members of what a store has of it, whatever the filters; looking
            creates nothing.
        by: the parameter that says of what they are; None where they are of the whole store.
        filters: its filters.
        makers: the operations by which clients make such.
        describes: whether it shows one, and an error where there is none.
    """

    noun: str
    find: Callable[[Store, str], Found]
    by: str | None = None
    filters: Mapping[str, Filter] = {}
    makers: Iterable[str] = JOB_STARTERS
    describes: bool = False


def _shown_vaults(store: Store) -> list[Vault]:
    """Return the vaults of a store, but for the one that the option default_vault made alone."""
    made = store.options.default_vault
    return [
        vault
        for vault in store.vaults_so_far()
        if not (made and vault.implied and vault.name == DEFAULT and not vault.points)
    ]


def _vaults(store: Store, _asked: str) -> Found:
    return [{"VaultType": vault.vault_type} for vault in _shown_vaults(store)]


def _points(store: Store) -> list[RecoveryPoint]:
    return [point for vault in store.vaults_so_far() for point in list(vault.points.values())]


def _points_in_vault(store: Store, name: str) -> Found:
    vault = store.vault_so_far(name)
    return [] if vault is None else [point.members for point in list(vault.points.values())]


def _points_of(store: Store, resource: str) -> Found:
    return [each.members for each in _points(store) if each.members.get(RESOURCE) == resource]


def _indexed(store: Store, _asked: str) -> Found:
    found = (indexes.index_of(point) for point in _points(store))
    return [each for each in found if each is not None]


def _resources(store: Store, _asked: str) -> Found:
    arns = {point.members[RESOURCE] for point in _points(store) if RESOURCE in point.members}
    recorded = {entry.key for noun, entry in store.all_entries() if noun == PROTECTED}
    return [{RESOURCE: arn} for arn in arns | recorded]


def _resources_in_vault(store: Store, name: str) -> Found:
    arns = {each[RESOURCE] for each in _points_in_vault(store, name) if RESOURCE in each}
    return [{RESOURCE: arn} for arn in arns]


def _resource(store: Store, arn: str) -> Found:
    return [each for each in _resources(store, arn) if each[RESOURCE] == arn]


def _restores_of(store: Store, resource: str) -> Found:
    return [
        job.members
        for job in list(store.organization.jobs.by_id.values())
        if job.kind is RESTORE
        and job.store is store
        and job.members.get("SourceResourceArn") == resource
    ]


def _tagged(store: Store, arn: str) -> Found:
    vaults = store.vaults_so_far()
    arns = {vault.arn for vault in vaults} | {entry.arn for _, entry in store.all_entries()}
    return [{}] if arn in arns or any(arn in vault.points for vault in vaults) else []


_IN_VAULT, _OF = "BackupVaultName", RESOURCE
_TAGS = _Shows("resource", _tagged, _OF, makers=(), describes=True)
_SHOWN = {
    "ListBackupVaults": _Shows(
        "vault",
        _vaults,
        filters={"ByVaultType": same("VaultType")},
        makers=("CreateBackupVault", "CreateLogicallyAirGappedBackupVault"),
    ),
    "ListRecoveryPointsByBackupVault": _Shows(
        "recovery point", _points_in_vault, _IN_VAULT, recovery_points.FILTERS
    ),
    "ListRecoveryPointsByResource": _Shows("recovery point", _points_of, _OF),
    "ListIndexedRecoveryPoints": _Shows(
        "indexed recovery point",
        _indexed,
        filters=index_operations.FILTERS,
        makers=("UpdateRecoveryPointIndexSettings", *JOB_STARTERS),
    ),
    "ListProtectedResources": _Shows("protected resource", _resources),
    "ListProtectedResourcesByBackupVault": _Shows(
        "protected resource", _resources_in_vault, _IN_VAULT
    ),
    "DescribeProtectedResource": _Shows("protected resource", _resource, _OF, describes=True),
    "ListRestoreJobsByProtectedResource": _Shows(
        "restore job", _restores_of, _OF, restore_jobs.RESOURCE_FILTERS
    ),
    **dict.fromkeys(("ListTags", "TagResource", "UntagResource"), _TAGS),
}
"""What operations show that are no lists of jobs or of entries."""

_ELSEWHERE_ANYWAY = ("BackupVaultAccountId", "ByShared")
"""The parameters that ask for what other accounts have."""


def slips_of(call: Call, at: int, backend: Backend) -> Iterator[str]:
    """Yield what is likely wrong with a call that showed nothing.

    Args:
        call: the call.
        at: its position among the calls.
        backend: the fake's AWS Backup side.
    """
    shows = _SHOWN.get(call.operation)
    if shows is None or not _is_empty(call, shows) or _is_rightly_so(call, shows, at, backend):
        return
    asked = "" if shows.by is None else str(parameters_of(call).get(shows.by))
    found = {
        home: there
        for home, store in list(backend.organization.stores.items())
        if (there := shows.find(store, asked))
    }
    here = found.get(Home(call.account, call.region))
    if here:
        filters = {name: each for name, each in shows.filters.items() if name != shows.by}
        yield from unmatched(call, here, shows.noun, filters)
    elif found:
        yield elsewhere(call, shows.noun, {home: len(each) for home, each in found.items()})


def _is_empty(call: Call, shows: _Shows) -> bool:
    """Return whether a call showed nothing, as it was answered by the model."""
    if shows.describes:
        return call.error == "ResourceNotFoundException"
    return call.error is None and call.items == 0 and not parameters_of(call).get("NextToken")


def _is_rightly_so(call: Call, shows: _Shows, at: int, backend: Backend) -> bool:
    """Return whether other calls showed what there is, or it was made later."""
    if backend.by_hand.answers(call.operation, call.account, call.region):
        return True
    if any(parameters_of(call).get(name) for name in _ELSEWHERE_ANYWAY):
        return True
    calls = list(backend.calls)
    asked = parameters_of(call).get(shows.by or "")
    return any(
        each.error is None
        and (shows.describes or each.items)
        and each.operation == call.operation
        and parameters_of(each).get(shows.by or "") == asked
        for each in calls
    ) or any(
        each.error is None and each.operation in shows.makers
        for each in islice(calls, at + 1, None)
    )
