"""Values that nobody means, and that programs and fuzzers send all the same: one table.

Every operation and every seeder is driven with each of them. A value is made anew each time,
since some of them are used up; the deep ones, which take long, are made once.
"""

from __future__ import annotations

import enum
import functools
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEEP = 100_000
"""How deep a value is nested: deeper than any interpreter lets a function recurse."""

DEEP_OBJECTS = 2_000
"""How deep Python's objects are: deeper than its functions recurse. Deeper ones make botocore's own
errors, which show the value, slow on Python 3.13."""

LONG = 5_000
"""How long and how deep the texts of the table are, which are encoded again and again."""


@functools.cache
def _deep_list() -> list[Any]:
    found: list[Any] = []
    for _ in range(DEEP_OBJECTS):
        found = [found]
    return found


@functools.cache
def _deep_dict() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(DEEP_OBJECTS):
        found = {"a": found}
    return found


def _own_list() -> list[Any]:
    found: list[Any] = ["text"]
    found.append(found)
    return found


def _own_dict() -> dict[str, Any]:
    found: dict[str, Any] = {"key": "value"}
    found["self"] = found
    return found


class _Once:
    """An iterator that is used up by reading it, and cannot be copied."""

    def __init__(self) -> None:
        self._rest = iter(["text"])

    def __iter__(self) -> Iterator[str]:
        return self._rest

    def __deepcopy__(self, memo: object) -> Any:
        msg = "used up"
        raise TypeError(msg)

    def __repr__(self) -> str:
        return "<once>"


class Lost(tzinfo):
    """A time zone that does not know how far from UTC it is."""

    def utcoffset(self, _when: datetime | None) -> timedelta | None:
        """Fail."""
        msg = "lost"
        raise LookupError(msg)

    def tzname(self, _when: datetime | None) -> str | None:
        """Have no name."""
        return None

    def dst(self, _when: datetime | None) -> timedelta | None:
        """Have no summer."""
        return None


class Unshowable:
    """An object whose repr fails."""

    def __repr__(self) -> str:
        msg = "no repr"
        raise RuntimeError(msg)


TEXTS: dict[str, Callable[[], Any]] = {
    "empty": lambda: "",
    "a blank": lambda: " ",
    "half a pair": lambda: "\ud800",
    "half a pair inside": lambda: "na\udfffme",
    "a pair in halves": lambda: "\ud83d\ude00",
    "beyond the first plane": lambda: "\U0001f600",
    "NUL": lambda: "a\0b",
    "lines": lambda: "a\r\nb\u2028c",
    "right to left": lambda: "\u202eabc",
    "5,000 characters": lambda: "x" * LONG,
    "a path": lambda: "../../%2e%2e/%00?a=b#c",
    "a format": lambda: "{0}{name}%s",
    "lists in JSON": lambda: "[" * LONG + "]" * LONG,
    "objects in JSON": lambda: '{"a":' * LONG + "1" + "}" * LONG,
    "900 lists in JSON": lambda: "[" * 900 + "]" * 900,
    "a statement in JSON": lambda: '{"Statement":' * 900 + "[]" + "}" * 900,
    "an open list in JSON": lambda: "[" * LONG,
    "half a pair in JSON": lambda: '{"\\ud800": "\\udfff"}',
    "a number in JSON": lambda: "9" * LONG,
    "no number of JSON": lambda: "NaN",
}
"""Texts, by what is odd about them."""

NUMBERS: dict[str, Callable[[], Any]] = {
    "-1": lambda: -1,
    "32 bits": lambda: 2**31,
    "64 bits": lambda: 2**63,
    "400 digits": lambda: 10**400,
    "6,000 digits": lambda: 10**6000,
    "True": lambda: True,
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("-inf"),
    "1e308": lambda: 1e308,
    "half": lambda: 0.5,
    "NaN of another class": lambda: Decimal("NaN"),
}
"""Numbers, and what passes for one."""

DATES: dict[str, Callable[[], Any]] = {
    "the first": lambda: datetime.min.replace(tzinfo=timezone.utc),
    "the last": lambda: datetime.max.replace(tzinfo=timezone.utc),
    "no date": lambda: "yesterday",
    "in a zone that fails": lambda: datetime(2024, 3, 15, tzinfo=Lost()),
    "the year 10000": lambda: "10000-01-01T00:00:00Z",
}
"""Dates."""

OBJECTS: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "bytes": lambda: b"\xff",
    "a list in itself": _own_list,
    "a dict in itself": _own_dict,
    "deep lists": _deep_list,
    "deep dicts": _deep_dict,
    "a list": lambda: ["text"],
    "a dict": lambda: {"key": "value"},
    "a dict of numbers": lambda: {1: 2},
    "a key that is half a pair": lambda: {"\ud800": "value"},
    "a value that is half a pair": lambda: {"key": "\ud800"},
    "a set": lambda: {"text"},
    "an iterator": _Once,
    "an object": Unshowable,
    "a class": lambda: str,
}
"""Containers, and what is no value of JSON at all."""

VALUES: dict[str, Callable[[], Any]] = {
    f"{kind}: {name}": make
    for kind, table in (
        ("text", TEXTS),
        ("number", NUMBERS),
        ("date", DATES),
        ("object", OBJECTS),
    )
    for name, make in table.items()
}
"""All of them."""


# --- Texts and numbers with a class of their own ------------------------------------------------


class _Word(str):
    """A text that is written as another one, however it is written."""

    __slots__ = ()

    def __str__(self) -> str:
        return "another"

    def __repr__(self) -> str:
        return "another"

    def __format__(self, spec: str) -> str:
        return "another"


class _Count(int):
    """A number that is written as a text."""

    def __str__(self) -> str:
        return "many"

    def __repr__(self) -> str:
        return "many"

    def __format__(self, spec: str) -> str:
        return "many"


class _Words(str, enum.Enum):
    """What `enum.StrEnum` is: it is written as its value."""

    def __str__(self) -> str:
        return str.__str__(self)


def _of_enum(make: Callable[..., Any], **how: Any) -> Callable[[Any], Any]:
    return lambda value: make("Enum", {"MEMBER": value}, **how)["MEMBER"]


CLASSES: dict[str, tuple[Callable[[str], str], Callable[[int], int]]] = {
    "a str enum": (_of_enum(enum.Enum, type=str), _of_enum(enum.IntEnum)),
    "a StrEnum": (_of_enum(_Words), _of_enum(enum.Enum, type=int)),
    "a subclass": (_Word, _Count),
}
"""What makes a text and a number those of a class of their own, by the kind of class."""


def dressed(value: Any, how: str) -> Any:
    """Return a value whose texts and numbers, keys too, are of a class of their own."""
    text, number = CLASSES[how]
    if isinstance(value, dict):
        return {dressed(key, how): dressed(each, how) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(dressed(each, how) for each in value)
    if type(value) is str:
        return text(value)
    return number(value) if type(value) is int else value


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """Return where a request has values, those that hold others too: as keys, outermost first."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield (key,)
            yield from ((key, *rest) for rest in places(each))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield (at,)
            yield from ((at, *rest) for rest in places(each))


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """Return a request with another value at one place."""
    if not place:
        return new
    key, *rest = place
    made = dict(value) if isinstance(value, dict) else list(value)
    made[key] = replaced(value[key], tuple(rest), new)
    return made
