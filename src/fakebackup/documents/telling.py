"""Which operation answered a document: told by its members, a name, or the name of its file."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fakebackup.documents.answers import OWN, Answer
from fakebackup.documents.loadable import HELD, NOTHING_TO_KEEP
from fakebackup.errors import near, quoted
from fakebackup.model.shapes.model import READS, check_operation, service_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fakebackup.documents.answers import Dump

BESIDES = frozenset({"NextToken", "ResponseMetadata", "AggregationPeriod"})
"""Members of answers that hold nothing by themselves."""


@functools.cache
def read_operations() -> Mapping[str, Mapping[str, Any]]:
    """Return the members that each read operation of the installed botocore answers."""
    found: dict[str, Mapping[str, Any]] = {}
    model = service_model()
    for name in model.operation_names:
        shape: Any = model.operation_model(name).output_shape
        if name.startswith(READS) and shape is not None:
            found[name] = {
                member: each for member, each in shape.members.items() if member not in BESIDES
            }
    return found


@functools.cache
def listed() -> Mapping[str, list[str]]:
    """Return the lists that answer each member, those that need the fewest parameters first."""
    found: dict[str, list[str]] = {}
    for name, members in read_operations().items():
        if name.startswith("List"):
            for member in members:
                found.setdefault(member, []).append(name)
    return {
        member: sorted(names, key=lambda name: len(_asked(name).required_members))
        for member, names in found.items()
    }


def _asked(operation: str) -> Any:
    return service_model().operation_model(operation).input_shape


@functools.cache
def commands() -> Mapping[str, str]:
    """Return the read operations by the AWS CLI's names of their commands, the longest first."""
    from botocore import xform_name

    names = {xform_name(name, "-"): name for name in read_operations()}
    return dict(sorted(names.items(), key=lambda each: -len(each[0])))


def is_newer(operation: object) -> bool:
    """Return whether fakebackup loads an operation's answers, and botocore does not know it."""
    if not isinstance(operation, str):
        return False
    return operation in HELD and operation not in service_model().operation_names


def newer_operation(answer: Answer | Dump) -> str | None:
    """Return the newer operation that a document names, in itself or by the name of its file."""
    if not isinstance(answer, Answer):
        return None
    if answer.home is not None:
        named = str(answer.operation)
        return named if is_newer(named) else None
    if answer.operation is not None or not answer.file:
        return None
    newer = [each for each in HELD if is_newer(each)]
    keys = {each for each in answer.members if each not in BESIDES}
    # A file may have any name: what some known operation answers is told by its members.
    if not newer or any(keys <= set(members) for members in read_operations().values()):
        return None
    from botocore import xform_name

    names = {xform_name(each, "-"): each for each in newer}
    fitting = [each for each in names if answer.file.startswith(each)]
    return names[max(fitting, key=len)] if fitting else None


def newer_operations(answers: Iterable[Answer | Dump]) -> list[str]:
    """Return the operations that are newer, each once, in order."""
    return sorted({each for each in map(newer_operation, answers) if each is not None})


def text_of_newer(operations: Iterable[str]) -> str:
    """Return what is told of answers that are left out."""
    import botocore

    return (
        f"the installed botocore {botocore.__version__} does not know {', '.join(operations)}: "
        f"what they answered is left out, and the tags of what they named; with a newer botocore "
        f"it is loaded."
    )


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in an answer, at any depth: those that are ARNs may have tags."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from texts_in(each)


def parts_of(answer: Answer) -> Iterator[Answer]:
    """Yield an answer with its operation, or one for each list where it holds several.

    Raises:
        ValueError: it is of no known operation, of one of several, or of one that holds nothing.
    """
    if answer.operation is not None:
        if answer.home is not None and answer.operation in NOTHING_TO_KEEP:
            # A recording has the answers of every operation.
            return
        _check(answer.operation, answer.where)
        _check_list(answer, answer.operation)
        yield answer
        return
    keys = [name for name in answer.members if name not in BESIDES]
    if not keys:
        msg = (
            f"{answer.where}There is nothing to load: none of the members that a List, Describe "
            f"or Get operation answers, as BackupJobs, BackupVaultList or BackupPlan."
        )
        raise ValueError(msg)
    lists = listed()
    strange = [key for key in keys if key not in lists]
    hinted = _hinted(answer, keys)
    if hinted is not None:
        _check(hinted, answer.where)
        yield replace(answer, operation=hinted)
    elif not strange:
        for key in keys:
            found = _of_list(answer, key)
            _check(found, answer.where)
            yield replace(answer, operation=found, members={key: answer.members[key]})
    else:
        found = _of_flat(answer, keys)
        _check(found, answer.where)
        yield replace(answer, operation=found)


def _check(operation: str, where: str) -> None:
    """Refuse an operation whose answers cannot be loaded.

    Raises:
        ValueError: AWS Backup does not have it, it reads nothing, or it holds nothing to keep.
    """
    try:
        check_operation(operation)
    except ValueError as error:
        msg = f"{where}{error}"
        if is_newer(operation):
            import botocore

            installed = f"the installed botocore {botocore.__version__}"
            msg = f"{where}{installed} does not know {operation}: use a newer one."
        raise ValueError(msg) from None
    if operation in HELD:
        return
    because = NOTHING_TO_KEEP.get(operation, "it is no List, Describe or Get operation")
    msg = f"{where}The answer of {operation} holds nothing to load: {because}."
    raise ValueError(msg)


def _check_list(answer: Answer, operation: str) -> None:
    """Refuse members that a list does not answer, where it has not those that it answers.

    Raises:
        ValueError: it has them.
    """
    own = read_operations().get(operation, {})
    strange = [name for name in answer.members if name not in BESIDES and name not in own]
    if operation.startswith("List") and strange and not set(own) & set(answer.members):
        msg = (
            f"{answer.where}{operation} answers {', '.join(own)}, not {quoted(strange[0])}"
            f"{near(strange[0], own) or '.'}"
        )
        raise ValueError(msg)


def _hinted(answer: Answer, keys: list[str]) -> str | None:
    """Return the operation that a file is named for, if that can answer its members."""
    for command, operation in commands().items():
        if answer.file.startswith(command) and set(keys) <= set(read_operations()[operation]):
            return operation
    return None


def _of_list(answer: Answer, key: str) -> str:
    """Return the list that answered a member: of several, the one whose entries these are."""
    names = listed()[key]
    first = names[0]
    shapes = {name: getattr(read_operations()[name][key], "member", None) for name in names}
    if len({getattr(shape, "name", None) for shape in shapes.values()}) == 1:
        return first
    entries = answer.members[key]
    if not isinstance(entries, (list, tuple)) or not entries:
        return first
    fitting = [name for name in names if _fits(name, entries, shapes[name], answer.parameters)]
    if len(fitting) > 1:
        raise ValueError(_ambiguous(answer, [key], fitting))
    return fitting[0] if fitting else first


def _fits(operation: str, entries: Any, shape: Any, parameters: Mapping[str, Any]) -> bool:
    """Return whether entries, and what was asked, can be those of a list."""
    least = HELD[operation].least if operation in HELD else ()
    return set(parameters) <= set(_asked(operation).members) and all(
        isinstance(entry, Mapping) and set(least) <= set(entry) <= set(shape.members)
        for entry in entries
    )


def _of_flat(answer: Answer, keys: list[str]) -> str:
    """Return the Describe or Get operation that answered members."""
    operations = {
        name: members for name, members in read_operations().items() if not name.startswith("List")
    }
    fitting = [
        name
        for name, members in operations.items()
        if set(keys) <= set(members) and (name not in HELD or set(HELD[name].least) <= set(keys))
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise ValueError(_ambiguous(answer, keys, fitting))
    every = {member for members in read_operations().values() for member in members}
    unknown = [key for key in keys if key not in every]
    if "MadeUnder" in unknown:
        msg = (
            f"{answer.where}this looks like a dump, and it has no key {OWN!r}, by which load() "
            f"knows one: put back the object that backup.dump() writes there."
        )
        raise ValueError(msg)
    if unknown:
        msg = (
            f"{answer.where}load() takes what a List, Describe or Get operation answers, and none "
            f"answers {quoted(unknown[0])}{near(unknown[0], every) or '.'}"
        )
        raise ValueError(msg)
    least = {name: HELD[name].least for name in operations if name in HELD}
    nearest = max(
        least,
        key=lambda name: (
            len(set(keys) & set(operations[name])),
            -len(set(least[name]) - set(keys)),
        ),
    )
    needed = [name for name in least[nearest] if name not in keys]
    beside = [key for key in keys if key not in read_operations()[nearest]]
    why = f"it has no {', '.join(needed)}" if needed else f"it does not answer {', '.join(beside)}"
    msg = (
        f"{answer.where}No operation answers {_few(keys)} together; the nearest is {nearest}, but "
        f"{why}. To load it as an answer of one, type load(..., operation={nearest!r})."
    )
    raise ValueError(msg)


def _ambiguous(answer: Answer, keys: list[str], names: list[str]) -> str:
    return (
        f"{answer.where}{_few(keys)} may be the answer of {' or '.join(names)}: say which, as "
        f"load(..., operation={names[0]!r}), or name the file for the command of the AWS CLI, as "
        f"{_command(names[0])}.json."
    )


def _command(operation: str) -> str:
    return next(command for command, name in commands().items() if name == operation)


def _few(keys: list[str]) -> str:
    most = 6
    shown = ", ".join(map(quoted, keys[:most]))
    return shown if len(keys) <= most else f"{shown} and {len(keys) - most} more"
