"""The likely slips of a failing test about entries: plans, frameworks, legal holds and the like."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.errors import few, near
from fakebackup.model.plans import restore_testing
from fakebackup.model.resources.arns import ACCESS_POINT_ARN, Home
from fakebackup.model.resources.values import check_id
from fakebackup.model.shapes.requests import asked_value
from fakebackup.report.shared import elsewhere, how_to_seed, parameters_of, shown_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.model.stores.entries import Entry


class _Named(NamedTuple):
    """How calls name the entries of a noun.

    Attributes:
        noun: the noun, as stores name it.
        parameter: the parameter with the name, the id or the ARN.
        method: the method that seeds one.
        check: raises ValueError or AwsError for a value that the method refuses.
        lists: the operation that lists them; None where that names what they are a part of.
        parent: the parameter that names what they are a part of.
    """

    noun: str
    parameter: str
    method: str
    check: Callable[[str], Any]
    lists: str | None = None
    parent: str | None = None

    @property
    def word(self) -> str:
        """What the parameter is: a name, an id or an ARN."""
        ending = next(each for each in ("Name", "Id", "Arn") if self.parameter.endswith(each))
        return {"Name": "name", "Id": "id", "Arn": "ARN"}[ending]

    @property
    def creates(self) -> str:
        """The operation that creates one: it asks for none."""
        return f"Create{self.method.title().replace('_', '').removeprefix('Add')}"


def _by_shape(parameter: str) -> Callable[[str], Any]:
    def check(value: str) -> None:
        # The model is read when a value is judged, not at the import.
        asked_value(parameter)(value)

    return check


def _by_id(parameter: str) -> Callable[[str], Any]:
    return functools.partial(check_id, path=parameter)


def _of_restore_testing(parameter: str) -> Callable[[str], Any]:
    return functools.partial(restore_testing.check_name, parameter)


def _access_point(arn: str) -> None:
    if not re.fullmatch(ACCESS_POINT_ARN, arn):
        raise ValueError(arn)


def _named(
    noun: str,
    parameter: str,
    check: Callable[[str], Callable[[str], Any]],
    *,
    parent: str | None = None,
) -> _Named:
    """Return the row of a noun whose methods and operations are named as it is."""
    words = noun.lower().split()
    lists = None if parent else f"List{''.join(map(str.capitalize, words))}s"
    return _Named(noun, parameter, f"add_{'_'.join(words)}", check(parameter), lists, parent)


_NOUNS = (
    _named("Backup plan", "BackupPlanId", _by_id),
    _named("Backup selection", "SelectionId", _by_id, parent="BackupPlanId"),
    _named("framework", "FrameworkName", _by_shape),
    _named("report plan", "ReportPlanName", _by_shape),
    _named("legal hold", "LegalHoldId", _by_id),
    _named(restore_testing.PLAN, "RestoreTestingPlanName", _of_restore_testing),
    _named(
        restore_testing.SELECTION,
        "RestoreTestingSelectionName",
        _of_restore_testing,
        parent="RestoreTestingPlanName",
    ),
    _named("tiering configuration", "TieringConfigurationName", _by_shape),
    _named("backup access point", "AccessPointArn", lambda _parameter: _access_point),
)
"""What is a part of something comes after it: of a call that names both, the whole is missed."""

_MISSING = frozenset(
    {"ResourceNotFoundException", "InvalidParameterValueException", "InvalidRequestException"}
)
"""The errors of calls that name an entry which is not there."""

_NAMES = {
    "BackupPlanName": "name",
    "SelectionName": "name",
    "Name": "name",
    "Title": "title",
}
"""The members by which users know entries that operations name otherwise, and what they are."""


def slips_of(call: Call, backend: Backend) -> Iterator[str]:
    """Yield what is likely wrong with a call that names an entry, or lists none.

    Args:
        call: the call.
        backend: the fake's AWS Backup side.
    """
    for named in _NOUNS:
        if call.operation == named.creates:
            continue
        if call.error in _MISSING and isinstance(parameters_of(call).get(named.parameter), str):
            hint = _not_found(call, named, parameters_of(call)[named.parameter], backend)
            if hint is not None:
                yield hint
                return
        elif call.operation == named.lists and _is_empty(call, named, backend):
            yield from _elsewhere(call, named, backend)


def _is_empty(call: Call, named: _Named, backend: Backend) -> bool:
    """Return whether every list like this one was empty, and nothing that it lists was created."""
    return (
        call.error is None
        and not backend.by_hand.answers(call.operation, call.account, call.region)
        and not any(
            each.error is None and (each.operation == named.creates or each.items)
            for each in list(backend.calls)
            if each.operation in (call.operation, named.creates)
        )
    )


def _was_there(named: _Named, key: str, backend: Backend) -> bool:
    """Return whether a call has named an entry with success: it is gone by now."""
    return any(
        each.error is None and parameters_of(each).get(named.parameter) == key
        for each in list(backend.calls)
    )


def _entries(named: _Named, backend: Backend) -> dict[Home, list[Entry]]:
    """Return a noun's entries, by account and Region."""
    found: dict[Home, list[Entry]] = {}
    for home, store in list(backend.organization.stores.items()):
        entries = [entry for noun, entry in store.all_entries() if noun == named.noun]
        if entries:
            found[home] = entries
    return found


def _key(named: _Named, entry: Entry) -> str:
    """Return what calls name an entry by."""
    return str(entry.members.get(named.parameter, entry.key))


def _not_found(call: Call, named: _Named, key: str, backend: Backend) -> str | None:
    """Return what is likely wrong with a call that names an entry; None where nothing is."""
    entries = _entries(named, backend)
    at = Home(call.account, call.region)
    parent = parameters_of(call).get(named.parent or "")
    here = [each for each in entries.get(at, ()) if _is_part(named, each, parent)]
    keys = [_key(named, each) for each in here]
    if key in keys or _was_there(named, key, backend):
        return None
    given = {} if named.parent is None or parent is None else {named.parent: parent}
    seed = how_to_seed(at, backend, named.method, {**given, named.parameter: key}, named.check)
    hint = _lies_elsewhere(named, key, entries, at) or _is_another(named, key, backend, at)
    if hint is None:
        only = f", only {', '.join(few(map(repr, keys)))}." if keys else ", nor any other."
        hint = f"it is not there{near(key, keys) or only + seed}"
    return (
        f"{call.operation} asked for the {named.noun.lower()} {shown_value(key)} in "
        f"{call.region} as {call.account}: {hint}"
    )


def _is_part(named: _Named, entry: Entry, parent: object) -> bool:
    """Return whether an entry is a part of what a call names, where it is to be one."""
    return named.parent is None or entry.members.get(named.parent) == parent


def _lies_elsewhere(
    named: _Named, key: str, entries: Mapping[Home, list[Entry]], at: Home
) -> str | None:
    """Return where the entry that a call names lies, which is not where it asked."""
    found = {
        home: [entry for entry in each if _key(named, entry) == key]
        for home, each in sorted(entries.items())
    }
    if found.get(at):
        # A part of something else.
        wholes = [shown_value(each.members.get(named.parent or "")) for each in found[at]]
        parents = next(each for each in _NOUNS if each.parameter == named.parent)
        return f"it is one of the {parents.noun.lower()} {', '.join(few(wholes))}."
    homes = few(" ".join(home) for home, each in found.items() if each)
    return f"it lies in {' and '.join(homes)}." if homes else None


def _is_another(named: _Named, value: str, backend: Backend, at: Home) -> str | None:
    """Return which entries have a value as another name than the call asks by.

    Entries of the noun come before others, those of the account and Region before others.
    """
    for each in (named, *(other for other in _NOUNS if other is not named)):
        entries = _entries(each, backend)
        for home in sorted(entries, key=lambda home: home != at):
            found = [(_known_as(each, entry).get(value), entry) for entry in entries[home]]
            words = [word for word, _ in found if word is not None]
            if words:
                noun = "" if each is named else f"the {each.noun.lower()} "
                keys = [repr(_key(each, entry)) for word, entry in found if word is not None]
                where = "" if home == at else f" in {' '.join(home)}"
                return f"that is the {words[0]} of {noun}{', '.join(few(keys))}{where}."
    return None


def _known_as(named: _Named, entry: Entry) -> dict[str, str]:
    """Return what an entry is known by, each with what it is: its name, title, id or ARN."""
    documents = [each for each in entry.members.values() if isinstance(each, dict)]
    names = {
        str(members[name]): word
        for members in (*documents, entry.members)
        for name, word in _NAMES.items()
        if name in members
    }
    return {**names, entry.arn: "ARN", _key(named, entry): named.word}


def _elsewhere(call: Call, named: _Named, backend: Backend) -> Iterator[str]:
    homes = {home: len(each) for home, each in _entries(named, backend).items()}
    if homes and (call.account, call.region) not in homes:
        yield elsewhere(call, named.noun.lower(), homes)
