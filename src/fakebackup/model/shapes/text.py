"""Answers serialised to JSON text as AWS does (the guide `aws`, Answers on the wire)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakebackup.model.shapes.answers import Kept, attribute_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.shapes.model import Shape

    Write = Callable[[Any], str]

plain = json.JSONEncoder(ensure_ascii=False).encode
"""Serialise a value of JSON's own types to JSON text."""


def writer(shape: Shape) -> Write:
    """Return a function that serialises kept values of a shape to JSON text.

    It writes unset members as null, as AWS does, and leaves out members that the shape does not
    know.
    """
    make = _WRITERS.get(shape.type_name)
    return plain if make is None else make(shape)


def _structure(shape: Shape) -> Write:
    members = [
        (name, f"{plain(each.serialization.get('name', name))}:", writer(each))
        for name, each in shape.members.items()
    ]

    name = attribute_name()

    def structure(value: Any) -> str:
        if type(value) is not Kept or not value.cached:
            return written(value)
        text: str | None = getattr(value, name, None)
        if text is None:
            text = written(value)
            setattr(value, name, text)
        return text

    def written(value: Any) -> str:
        found = [
            label + ("null" if (kept := value.get(member)) is None else write(kept))
            for member, label, write in members
        ]
        return "{" + ",".join(found) + "}"

    return structure


def _list(shape: Shape) -> Write:
    item = writer(shape.member)
    return lambda value: "[" + ",".join(map(item, value)) + "]"


def _map(shape: Shape) -> Write:
    entry = writer(shape.value)
    return lambda value: (
        "{" + ",".join(f"{plain(name)}:{entry(each)}" for name, each in value.items()) + "}"
    )


def date(instant: int) -> str:
    """Serialise an instant in milliseconds as Java does a double of seconds: 1.578560834253E9."""
    if abs(instant) < 10**10:  # Java's plain form ends at ten million seconds
        return repr(instant / 1000)
    sign, digits = ("-", str(-instant)) if instant < 0 else ("", str(instant))
    fraction = digits[1:].rstrip("0") or "0"
    return f"{sign}{digits[0]}.{fraction}E{len(digits) - 4}"


_WRITERS: dict[str, Callable[[Shape], Write]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "timestamp": lambda _shape: date,
}
