"""Requests from the model itself: every form that a shape allows, and every way to break it.

A form or a break is one change from a plain request; they are enumerated, never drawn. What a
text must be to mean something is not in the model: `Values` says that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.shapes.requests import MAY_BE_EMPTY, UNCHECKED_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STRANGE = ("!", " ", "!!!!", "x y")
"""Texts of which one breaks each pattern that the model has."""

LONGEST = 1000
"""Lists and maps that may be longer are not filled."""


class Variant(NamedTuple):
    """A value, and how it differs from the plain one."""

    how: str
    value: Any


class Values(NamedTuple):
    """Plain values of what has no enum: by operation and member, by member, or by shape.

    Attributes:
        operation: of what.
        table: the values, keyed "Operation.Member", "Member" or by the shape's name; those in
            a list are members "Member[]", in a map "Member.key" and "Member{}". "Member+" (or
            "Operation+") are names of members that a structure needs, though not by its shape.
    """

    operation: str
    table: Mapping[str, Any]

    def plain(self, name: str, shape: Any) -> Any:
        """The plain value of a member: with what it requires, and no more."""
        for key in (f"{self.operation}.{name}", name, name.removeprefix("By"), shape.name):
            if key in self.table:
                return self.table[key]
        kind = shape.type_name
        if kind == "structure":
            return {
                each: self.plain(each, shape.members[each]) for each in self._needed(name, shape)
            }
        if kind == "list":
            return [self.plain(f"{name}[]", shape.member)]
        return dict([self._entry(name, shape)]) if kind == "map" else self._scalar(shape)

    def _needed(self, name: str, shape: Any) -> list[str]:
        """The members without which a structure is nothing: the required ones and the table's."""
        more = self.table.get(f"{name or self.operation}+", ())
        return [each for each in shape.members if each in (*shape.required_members, *more)]

    def _scalar(self, shape: Any) -> Any:
        kind = shape.type_name
        if kind == "timestamp":
            return self.table[kind]
        if kind == "boolean":
            return True
        if kind == "string":
            return shape.enum[0] if getattr(shape, "enum", ()) else "example"
        return shape.metadata.get("min", 1)

    def _entry(self, name: str, shape: Any) -> tuple[str, Any]:
        """A plain key of a map, and a plain value."""
        key: str = self.plain(f"{name}.key", shape.key)
        return key, self.plain(f"{name}{{}}", shape.value)

    # --- What a shape allows ------------------------------------------------------------------

    def forms(self, name: str, shape: Any) -> Iterator[Variant]:
        """Every form of a member, the plain one first."""
        plain = self.plain(name, shape)
        yield Variant("plain", plain)
        kind = shape.type_name
        if kind == "structure":
            yield from self._structures(shape, plain)
        elif kind == "list":
            yield from self._lists(name, shape)
        elif kind == "map":
            yield from self._maps(name, shape)
        elif kind == "boolean":
            yield Variant("false", value=False)
        elif kind == "string":
            yield from self._texts(shape, plain)
        elif kind in ("integer", "long"):
            bounds = shape.metadata
            yield from (Variant(b, bounds[b]) for b in ("min", "max") if b in bounds)

    def _structures(self, shape: Any, plain: dict[str, Any]) -> Iterator[Variant]:
        full = {each: self.plain(each, inner) for each, inner in shape.members.items()}
        if len(full) > len(plain):
            yield Variant("full", full)
        for each, inner in shape.members.items():
            for how, value in self.forms(each, inner):
                if each not in plain or how != "plain":
                    yield Variant(f".{each} {how}", {**plain, each: value})
            if each in plain and each not in shape.required_members:
                rest = {other: value for other, value in plain.items() if other != each}
                yield Variant(f"plain without {each}", rest)
            if each not in shape.required_members:
                rest = {other: value for other, value in full.items() if other != each}
                yield Variant(f"full without {each}", rest)

    def _lists(self, name: str, shape: Any) -> Iterator[Variant]:
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
        item = self.plain(f"{name}[]", shape.member)
        if not least:
            yield Variant("empty", [])
        if most is not None and most <= LONGEST:
            yield Variant("longest", [item] * most)
        for how, value in self.forms(f"{name}[]", shape.member):
            if how != "plain":
                yield Variant(f"[] {how}", [value])

    def _maps(self, name: str, shape: Any) -> Iterator[Variant]:
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
        key, entry = self._entry(name, shape)
        if not least:
            yield Variant("empty", {})
        if most is not None and most <= LONGEST:
            yield Variant("longest", {f"key-{number}": entry for number in range(most)})
        for how, value in self.forms(f"{name}.key", shape.key):
            if how != "plain":
                yield Variant(f"key {how}", {value: entry})
        for how, value in self.forms(f"{name}{{}}", shape.value):
            if how != "plain":
                yield Variant(f"{{}} {how}", {key: value})

    def _texts(self, shape: Any, plain: str) -> Iterator[Variant]:
        for value in getattr(shape, "enum", ()):
            if value != plain:
                yield Variant(value, value)
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if least is not None:
            yield Variant("shortest", plain[:least])
        if most is not None:
            yield Variant("longest", plain.ljust(most, "a"))

    # --- What it does not allow ---------------------------------------------------------------

    def breaks(self, name: str, shape: Any) -> Iterator[Variant]:
        """Every way to break a member, one at a time."""
        kind = shape.type_name
        if kind == "structure":
            yield from self._broken_structures(name, shape)
        elif kind == "list":
            yield from self._broken_lists(name, shape)
        elif kind == "map":
            yield from self._broken_maps(name, shape)
        elif kind == "string":
            yield from self._broken_texts(name, shape)
        elif kind in ("integer", "long"):
            yield from (Variant(how, size) for how, size in _sizes(shape))

    def _broken_structures(self, name: str, shape: Any) -> Iterator[Variant]:
        plain = self.plain(name, shape)
        for each, inner in shape.members.items():
            required = each in shape.required_members and each != MAY_BE_EMPTY.get(shape.name)
            if inner.type_name == "string" and required:
                yield Variant(f".{each} empty", {**plain, each: ""})
            for how, value in self.breaks(each, inner):
                yield Variant(f".{each} {how}", {**plain, each: value})

    def _broken_lists(self, name: str, shape: Any) -> Iterator[Variant]:
        for how, size in _sizes(shape):
            yield Variant(how, [self.plain(f"{name}[]", shape.member)] * size)
        for how, value in self.breaks(f"{name}[]", shape.member):
            yield Variant(f"[] {how}", [value])

    def _broken_maps(self, name: str, shape: Any) -> Iterator[Variant]:
        key, entry = self._entry(name, shape)
        for how, size in _sizes(shape):
            yield Variant(how, {f"key-{number}": entry for number in range(size)})
        for how, value in self.breaks(f"{name}.key", shape.key):
            yield Variant(f"key {how}", {value: entry})
        for how, value in self.breaks(f"{name}{{}}", shape.value):
            yield Variant(f"{{}} {how}", {key: value})

    def _broken_texts(self, name: str, shape: Any) -> Iterator[Variant]:
        if name == "NextToken":
            yield Variant("nobody's", "nonsense")
        if getattr(shape, "enum", ()):
            yield Variant("outside the enum", "NO_SUCH_VALUE")
        plain = self.plain(name, shape)
        for how, size in _sizes(shape):
            yield Variant(how, plain[:size] if size < len(plain) else plain.ljust(size, "a"))
        pattern = shape.metadata.get("pattern")
        if pattern is not None and shape.name not in UNCHECKED_PATTERNS:
            least = shape.metadata.get("min", 0)
            broken = (text for text in STRANGE if len(text) >= least)
            yield Variant("against the pattern", _first_outside(pattern, broken))


def _sizes(shape: Any) -> Iterator[tuple[str, int]]:
    """The sizes, or numbers, that lie next to the bounds."""
    bounds = shape.metadata
    if bounds.get("min"):
        yield "below the minimum", bounds["min"] - 1
    if "max" in bounds:
        yield "above the maximum", bounds["max"] + 1


def _first_outside(pattern: str, texts: Iterator[str]) -> str:
    return next(text for text in texts if not re.fullmatch(pattern, text))


def unchecked(shape: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The members, at any depth, whose pattern is not judged, each with its shape's name."""
    kind = shape.type_name
    if kind == "structure":
        for name, inner in shape.members.items():
            yield from unchecked(inner, f"{path}.{name}" if path else name)
    elif kind == "list":
        yield from unchecked(shape.member, f"{path}[]")
    elif kind == "map":
        yield from unchecked(shape.key, f"{path} key")
        yield from unchecked(shape.value, f"{path}{{}}")
    elif shape.name in UNCHECKED_PATTERNS and "pattern" in shape.metadata:
        yield path, shape.name
