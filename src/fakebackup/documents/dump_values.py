"""Values of a dump: what the model keeps as plain JSON, dates as ISO 8601, and back."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fakebackup.documents.answers import OWN
from fakebackup.documents.dump_damage import check_object, need, read_each, under, wrong
from fakebackup.errors import quoted
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.model import members_of, service_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.shapes.model import Shape

DATES = frozenset(
    {
        "ApprovalDate",
        "BackupCreationDate",
        "CancellationDate",
        "CompletionDate",
        "CompletionTime",
        "ContinuousScanEndTime",
        "ContinuousScanStartTime",
        "CreationDate",
        "CreationTime",
        "DeleteAt",
        "DeletionDate",
        "EndTime",
        "ExecutionTime",
        "ExpectedCompletionDate",
        "ExpiryDate",
        "FromDate",
        "IndexCompletionDate",
        "IndexCreationDate",
        "IndexDeletionDate",
        "InitiationDate",
        "LastAttemptedExecutionTime",
        "LastBackupTime",
        "LastComputed",
        "LastExecutionDate",
        "LastExecutionTime",
        "LastRestoreTime",
        "LastScanJobTime",
        "LastScanTimestamp",
        "LastSuccessfulExecutionTime",
        "LastUpdateTime",
        "LastUpdatedTime",
        "LatestRestoreJobCreationDate",
        "LatestRestoreRecoveryPointCreationDate",
        "LockDate",
        "MoveToColdStorageAt",
        "RecoveryPointCreationDate",
        "RetainRecordUntil",
        "ScanEndTime",
        "StartBy",
        "StartTime",
        "ToDate",
        "UpdateTime",
    }
)
"""The members of AWS Backup that are dates, in whatever structure: here, so that a dump is read
alike whatever botocore is installed."""

MAPS = frozenset(
    {
        "AccessPointMetadata",
        "BackupOptions",
        "BackupPlanTags",
        "BackupVaultTags",
        "ChildJobsInState",
        "FrameworkTags",
        "GlobalSettings",
        "InferredMetadata",
        "Metadata",
        "RecoveryPointTags",
        "ReportPlanTags",
        "ResourceTypeManagementPreference",
        "ResourceTypeOptInIncremental",
        "ResourceTypeOptInPreference",
        "RestoreMetadata",
        "RestoreMetadataOverrides",
        "Tags",
        "TieringConfigurationTags",
    }
)
"""The members whose keys are the user's own words, and so name no dates."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  naive ones are quicker, and all are UTC
_FIRST, _LAST = -62135596800000, 253402300799999
_MILLISECONDS, _MICROSECONDS = len("2024-05-01T00:00:00.000"), len("2024-05-01T00:00:00.000000")
_MICROSECOND = timedelta(microseconds=1)


# --- Dates --------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def written_date(instant: int) -> str | int:
    """Return an instant in milliseconds as ISO 8601; as the number where no date can say it."""
    return dates.with_fraction(instant) if _FIRST <= instant <= _LAST else instant


def read_date(value: Any) -> int:
    """Return the instant in milliseconds of what `written_date` returned.

    Raises:
        DamageError: it is something else.
    """
    if type(value) is int:
        return value
    found = _instant(value, _MILLISECONDS) if type(value) is str else None
    if found is None:
        raise wrong("a date such as '2024-05-01T12:00:00.000Z'", value)
    return found // 1000


@functools.lru_cache(maxsize=4096)
def _instant(text: str, length: int) -> int | None:
    """Return the instant of a text in microseconds; None if it has another form."""
    if len(text) != length + 1 or text[-1] != "Z":
        return None
    try:
        return (datetime.fromisoformat(text[:-1]) - _EPOCH) // _MICROSECOND
    except (ValueError, TypeError):
        # Digits that are no date, or one with a zone.
        return None


# --- Members ------------------------------------------------------------------------------


def written(name: str, value: Any, write_date: Callable[[int], Any] = written_date) -> Any:
    """Return a member as plain JSON, a copy.

    Args:
        name: the member's name, which tells whether it is a date.
        value: its value, as the model keeps it.
        write_date: converts dates.

    Raises:
        TypeError: JSON has no such value. The model checks what it keeps: this can only be a
            member that the installed botocore does not know.
    """
    if isinstance(value, str):
        return _written_text(name, value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return write_date(value) if name in DATES else value
    if isinstance(value, Mapping):
        inner = name in MAPS
        return {
            str(key): written("" if inner else key, each, write_date) for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [written(name, each, write_date) for each in value]
    return _written_other(name, value)


def _written_other(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return written_date(dates.milliseconds(value))
    if isinstance(value, float) and math.isfinite(value):
        return value
    msg = f"{name} holds {quoted(value)}, which JSON cannot say."
    raise TypeError(msg)


def _written_text(name: str, value: str) -> Any:
    if name in DATES:
        # Of a member that the installed botocore does not know: kept as it was given.
        try:
            return written_date(dates.milliseconds(value))
        except ValueError:
            pass
    return value if type(value) is str else str.__str__(value)


def read(name: str, value: Any, read_date: Callable[[Any], int] = read_date) -> Any:
    """Return a member as the model keeps it, from plain JSON; a copy.

    Args:
        name: the member's name, which tells whether it is a date, and its type; empty for what
            is no member.
        value: its value; null is absence.
        read_date: converts dates.

    Raises:
        DamageError: it is a date in another form, of another type than all members of its name,
            or no plain JSON.
    """
    if value is None:
        return None
    if name in DATES:
        return read_date(value)
    kind = type(value)
    wanted, inner = _forms().get(name, (None, None))
    if wanted is not None and kind is not wanted:
        raise wrong(_IN_WORDS[wanted], value)
    if kind is dict and inner is not None:
        check_object(value)
        return {key: under(key, _read_item, each, inner, read_date) for key, each in value.items()}
    if kind is dict:
        return read_members(value, read_date=read_date, of_user=name in MAPS)
    if kind is list:
        return read_each(value, lambda each: _read_item(each, inner, read_date))
    if kind in _PLAIN:
        return value
    raise wrong("a JSON value", value)


def _read_item(value: Any, wanted: type | None, read_date: Callable[[Any], int]) -> Any:
    if wanted is not None and type(value) is not wanted:
        raise wrong(_IN_WORDS[wanted], value)
    return read("", value, read_date)


_PLAIN = frozenset((str, int, float, bool))

_OTHERWISE: Mapping[str, tuple[type | None, type | None]] = {
    "Index": (None, None),  # of a recovery point, whole
    "RecoveryPoints": (dict, dict),  # of a legal hold, by ARN
}
"""The members that the model keeps otherwise than AWS answers them."""


@functools.cache
def _forms() -> Mapping[str, tuple[type | None, type | None]]:
    """Return the types that AWS's members have, by name, and those of the items of lists and maps.

    None stands where members of one name have several. It is the rule for members that are not
    of a structure that the dump knows.
    """
    found: dict[str, tuple[type | None, type | None]] = {}
    model = service_model()
    for name in model.shape_names:
        structure: Any = model.shape_for(name)
        for member, shape in getattr(structure, "members", {}).items():
            own = _TYPES.get(shape.type_name)
            part = getattr(shape, "member", None) or getattr(shape, "value", None)
            item = None if part is None else _TYPES.get(part.type_name)
            before = found.setdefault(member, (own, item))
            found[member] = (
                own if own is before[0] else None,
                item if item is before[1] else None,
            )
    return {**found, **_OTHERWISE}


def read_members(
    plain: Any,
    shapes: Mapping[str, Shape] | None = None,
    *,
    read_date: Callable[[Any], int] = read_date,
    of_user: bool = False,
) -> dict[str, Any]:
    """Return members as the model keeps them, without the one that is the dump's own.

    Args:
        plain: the members in the dump.
        shapes: the members' shapes, where they are known; None where the dump has no own ones.
        read_date: converts dates.
        of_user: whether the keys are the user's words, and name no dates.

    Raises:
        DamageError: they are no object, or a member has another type.
    """
    check_object(plain)
    kept = {}
    for name, value in plain.items():
        shape = None if shapes is None else shapes.get(name)
        if shape is None or type(value) is not str or name in DATES:
            if name == OWN and shapes is not None:
                continue
            value = under(name, read, "" if of_user else name, value, read_date)  # noqa: PLW2901
        if shape is not None:
            under(name, _check_shape, shape, value)
        kept[name] = value
    return kept


def _check_shape(shape: Any, found: Any) -> None:
    """Refuse a kept value of another type than its shape has, at any depth.

    Raises:
        DamageError: it is one.
    """
    type_name = shape.type_name
    wanted = _TYPES.get(type_name, object)
    if type(found) is not wanted:
        if found is None or wanted is object:
            return
        raise wrong(_IN_WORDS[wanted], found)
    value: Any = found
    if type_name == "list":
        read_each(value, lambda each: _check_part(shape.member, each))
    elif type_name == "map":
        for key, each in value.items():
            under(key, _check_part, shape.value, each)
    elif type_name == "structure":
        need(value, shape.required_members)
        known = shape.members
        for key in value.keys() & known.keys():
            under(key, _check_shape, known[key], value[key])


def _check_part(shape: Any, found: Any) -> None:
    """Refuse a part of a list or map as `_check_shape` does, and null: only a member may be it."""
    if found is None:
        raise wrong(_IN_WORDS.get(_TYPES.get(shape.type_name, object), "a value"), found)
    _check_shape(shape, found)


_TYPES: Mapping[str, type] = {
    "timestamp": int,
    "integer": int,
    "long": int,
    "boolean": bool,
    "string": str,
    "structure": dict,
    "map": dict,
    "list": list,
}
_IN_WORDS = {
    int: "a whole number",
    bool: "true or false",
    str: "a text",
    dict: "an object",
    list: "a list",
}


@functools.cache
def shapes_of(name: str) -> Mapping[str, Shape]:
    """Return the members of a structure; none where the installed botocore does not know it."""
    return members_of(name) if name in set(service_model().shape_names) else {}


def asked_date(instant: int) -> str:
    """Return an instant in microseconds, as parameters have them, as ISO 8601."""
    return (_EPOCH + instant * _MICROSECOND).isoformat(timespec="microseconds") + "Z"


def read_asked_date(value: Any) -> int:
    """Return the instant in microseconds of what `asked_date` returned.

    Raises:
        DamageError: it is something else.
    """
    found = _instant(value, _MICROSECONDS) if type(value) is str else None
    if found is None:
        raise wrong("a date such as '2024-05-01T12:00:00.000000Z'", value)
    return found
