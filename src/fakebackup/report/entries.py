"""The likely slips of a failing test about entries: plans, frameworks, legal holds and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fakebackup.errors import few, near
from fakebackup.report.shared import number_of, shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.model.resources.arns import Home


class _Named(NamedTuple):
    """How calls name the entries of a noun.

    Attributes:
        noun: the noun, as stores name it.
        parameter: the parameter with the name or id.
        method: the method that seeds one.
        lists: the operation that lists them.
    """

    noun: str
    parameter: str
    method: str
    lists: str


_NOUNS = (
    _Named("Backup plan", "BackupPlanId", "add_backup_plan", "ListBackupPlans"),
    _Named("framework", "FrameworkName", "add_framework", "ListFrameworks"),
    _Named("report plan", "ReportPlanName", "add_report_plan", "ListReportPlans"),
    _Named("legal hold", "LegalHoldId", "add_legal_hold", "ListLegalHolds"),
    _Named(
        "Restore testing plan",
        "RestoreTestingPlanName",
        "add_restore_testing_plan",
        "ListRestoreTestingPlans",
    ),
    _Named(
        "tiering configuration",
        "TieringConfigurationName",
        "add_tiering_configuration",
        "ListTieringConfigurations",
    ),
)
_MISSING = frozenset(
    {"ResourceNotFoundException", "InvalidParameterValueException", "InvalidRequestException"}
)
"""The errors of calls that name an entry which is not there."""


def slips_of(call: Call, backend: Backend) -> Iterator[str]:
    """Yield what is likely wrong with a call that names an entry, or lists none.

    Args:
        call: the call.
        backend: the fake's AWS Backup side.
    """
    for named in _NOUNS:
        if call.error in _MISSING and isinstance(call.parameters.get(named.parameter), str):
            yield from _not_found(call, named, call.parameters[named.parameter], backend)
        elif call.operation == named.lists and _is_empty(call, backend):
            yield from _elsewhere(call, named, backend)


def _is_empty(call: Call, backend: Backend) -> bool:
    """Return whether every list like this one was empty, and nothing that it lists was created."""
    created = call.operation.replace("List", "Create", 1).removesuffix("s")
    return (
        call.error is None
        and not backend.by_hand.answers(call.operation, call.account, call.region)
        and not any(
            each.error is None and (each.operation == created or each.items)
            for each in list(backend.calls)
            if each.operation in (call.operation, created)
        )
    )


def _was_there(named: _Named, key: str, backend: Backend) -> bool:
    """Return whether a call has named an entry with success: it is gone by now."""
    return any(
        each.error is None and each.parameters.get(named.parameter) == key
        for each in list(backend.calls)
    )


def _keys(named: _Named, backend: Backend) -> dict[Home, list[str]]:
    """Return the names or ids of a noun's entries, by account and Region."""
    found: dict[Home, list[str]] = {}
    for home, store in list(backend.organization.stores.items()):
        keys = [entry.key for noun, entry in store.all_entries() if noun == named.noun]
        if keys:
            found[home] = keys
    return found


def _not_found(call: Call, named: _Named, key: str, backend: Backend) -> Iterator[str]:
    keys = _keys(named, backend)
    here = next((each for home, each in keys.items() if home == (call.account, call.region)), [])
    if key in here or _was_there(named, key, backend):
        return
    noun = named.noun.lower()
    homes = few(" ".join(home) for home, each in sorted(keys.items()) if key in each)
    seed = f"Seed it by backup.{named.method}({named.parameter}={shown_value(key)})."
    if homes:
        hint = f"it lies in {' and '.join(homes)}."
    elif near(key, here):
        hint = f"it is not there{near(key, here)}"
    elif here:
        hint = f"it is not there, only {', '.join(few(map(repr, here)))}. {seed}"
    else:
        hint = f"it is not there, nor any other. {seed}"
    yield (
        f"{call.operation} asked for the {noun} {shown_value(key)} in {call.region} as "
        f"{call.account}: {hint}"
    )


def _elsewhere(call: Call, named: _Named, backend: Backend) -> Iterator[str]:
    keys = _keys(named, backend)
    if not keys or any(home == (call.account, call.region) for home in keys):
        return
    count = sum(map(len, keys.values()))
    noun = named.noun.lower()
    which = f"the {noun} is" if count == 1 else f"the {number_of(count, noun)} are"
    homes = " and ".join(few(" ".join(home) for home in sorted(keys)))
    yield (
        f"{call.operation} asked in {call.region} as {call.account}, but {which} in {homes}: make "
        f"the client there, or seed by backup.at(account_id={call.account!r}, "
        f"region={call.region!r})."
    )
