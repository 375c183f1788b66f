"""Values of a dump: what the model keeps as plain JSON, dates as ISO 8601, and back."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from fakebackup.documents.answers import OWN
from fakebackup.errors import near, quoted, shortened
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.model import members_of, service_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fakebackup.model.shapes.model import Shape

T = TypeVar("T")

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


class DamageError(ValueError):
    """What is wrong in a dump, and where; the way to it grows while the error rises."""

    def __init__(self, what: str, *path: str) -> None:
        """Say what is wrong with the value at the end of a path of keys."""
        super().__init__(what)
        self.what = what
        self.path = path

    def under(self, *path: str) -> DamageError:
        """Return the same, of a value that lies under these keys."""
        return DamageError(self.what, *path, *self.path)

    def __str__(self) -> str:
        way = "".join(each if each[:1] == "[" else f".{each}" for each in self.path)
        return f"{way.removeprefix('.')} {self.what}"


def wrong(wanted: str, value: object) -> DamageError:
    """Return the damage of a value that is not what it should be."""
    return DamageError(f"is {wanted}, not {shortened(quoted(value), 120)}")


def under(path: str | tuple[str, ...], read: Callable[..., T], *args: Any, **named: Any) -> T:
    """Read a part of a dump; an error then says under what keys it lies.

    Args:
        path: the keys, or a single one.
        read: reads the part.
        *args: its arguments.
        **named: those that are named.

    Raises:
        DamageError: the part is damaged.
    """
    try:
        return read(*args, **named)
    except DamageError as damage:
        raise damage.under(*((path,) if isinstance(path, str) else path)) from None


def read_each(items: Any, read: Callable[[Any], T]) -> list[T]:
    """Read the items of a list; an error then says which one is damaged.

    Raises:
        DamageError: one is, or it is no list.
    """
    if type(items) is not list:
        raise wrong("a list", items)
    found: list[T] = []
    try:
        for each in items:
            found.append(read(each))  # noqa: PERF401  how many are read says where an error is
    except DamageError as damage:
        raise damage.under(f"[{len(found)}]") from None
    return found


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

    Raises:
        DamageError: it is a date in another form, or no plain JSON.
    """
    kind = type(value)
    if name in DATES and value is not None and kind not in _CONTAINERS:
        return read_date(value)
    if kind is dict:
        return read_members(value, read_date=read_date, of_user=name in MAPS)
    if kind is list:
        return read_each(value, lambda each: read(name, each, read_date))
    if kind in _PLAIN:
        return value
    raise wrong("a JSON value", value)


_CONTAINERS = (dict, list)
_PLAIN = frozenset((str, int, float, bool, type(None)))


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
        if type(value) is not str or name in DATES:
            if name == OWN and shapes is not None:
                continue
            value = under(name, read, "" if of_user else name, value, read_date)  # noqa: PLW2901
        if shapes is not None and name in shapes:
            under(name, _check_shape, shapes[name], value)
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
        read_each(value, lambda each: _check_shape(shape.member, each))
    elif type_name == "map":
        for key, each in value.items():
            under(key, _check_shape, shape.value, each)
    elif type_name == "structure":
        need(value, shape.required_members)
        known = shape.members
        for key in value.keys() & known.keys():
            under(key, _check_shape, known[key], value[key])


def need(members: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse members of which one is missing.

    Raises:
        DamageError: one is.
    """
    for name in names:
        if members.get(name) is None:
            raise DamageError("is missing.", name)


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


# --- What is no member --------------------------------------------------------------------


def check_object(value: Any, known: Iterable[str] | None = None) -> dict[str, Any]:
    """Return a value that is an object, with no other keys than the known ones.

    Args:
        value: the value.
        known: the keys that it may have; None is any.

    Raises:
        DamageError: it is no object, or has another key.
    """
    if type(value) is not dict:
        raise wrong("an object", value)
    for key in value:
        if type(key) is not str:
            raise wrong("an object with texts for keys", value)
        if known is not None and key not in known:
            what = f"is no part of a dump{near(key, known) or '.'}"
            raise DamageError(what, key)
    return value


class Codec(NamedTuple):
    """How an attribute is written and read.

    Attributes:
        write: returns its value as plain JSON.
        read: returns the value again, or raises `DamageError`.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def _of_type(wanted: type, words: str) -> Codec:
    def read(value: Any) -> Any:
        if type(value) is not wanted:
            raise wrong(words, value)
        return value

    return Codec(_as_it_is, read)


NUMBER = _of_type(int, "a whole number")
FLAG = _of_type(bool, "true or false")
TEXT = _of_type(str, "a text")
DATE = Codec(written_date, read_date)
MEMBERS = Codec(lambda value: written("", value), read_members)


def _read_tags(value: Any) -> dict[str, str]:
    return {key: under(key, TEXT.read, each) for key, each in check_object(value).items()}


TAGS = Codec(dict, _read_tags)


def listed(codec: Codec, of: Callable[[Iterable[Any]], Any] = list) -> Codec:
    """Return the codec of a list, whose items another one writes and reads.

    Args:
        codec: the codec of an item.
        of: makes the list, tuple or set of the items.
    """

    def write(values: Iterable[Any]) -> list[Any]:
        found = [codec.write(each) for each in values]
        return sorted(found) if of is frozenset else found

    return Codec(write, lambda value: of(read_each(value, codec.read)))


NAMES = listed(TEXT, frozenset)


class Field(NamedTuple):
    """An attribute of an object of the model, and how a dump has it.

    Attributes:
        attribute: the attribute's name.
        key: its key in the dump.
        codec: how it is written and read.
        default: the value that is left out; `NEEDED` where none is.
    """

    attribute: str
    key: str
    codec: Codec
    default: Any


NEEDED = object()


def write_fields(fields: Iterable[Field], owner: Any) -> dict[str, Any]:
    """Return the attributes of an object as plain JSON, but those that have their default."""
    return {
        each.key: each.codec.write(value)
        for each in fields
        if (value := getattr(owner, each.attribute)) != each.default
    }


def read_fields(fields: Iterable[Field], plain: Any, *others: str) -> dict[str, Any]:
    """Return the attributes of an object, by name.

    Args:
        fields: the attributes that it has.
        plain: what `write_fields` returned.
        others: further keys that it may have.

    Raises:
        DamageError: one is missing or of another form, or there are others.
    """
    check_object(plain, {*others, *(each.key for each in fields)})
    found = {}
    for attribute, key, codec, default in fields:
        if key in plain:
            found[attribute] = under(key, codec.read, plain[key])
        elif default is NEEDED:
            raise DamageError("is missing.", key)
        else:
            # The model may change what it gets in place.
            found[attribute] = copy.copy(default)
    return found


def record(make: Callable[..., Any], fields: Iterable[Field]) -> Codec:
    """Return the codec of an object that is its fields, and made of them."""
    return Codec(
        lambda value: write_fields(fields, value), lambda plain: make(**read_fields(fields, plain))
    )


def optional(codec: Codec) -> Codec:
    """Return the codec of a value that may be None."""
    return Codec(
        lambda value: None if value is None else codec.write(value),
        lambda plain: None if plain is None else codec.read(plain),
    )
