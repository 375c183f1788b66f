"""Answers: from what the model keeps to what botocore's parser gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.model.shapes.dates import Zone
    from fakebackup.model.shapes.model import Shape

    Convert = Callable[[Any], Any]
    Show = Callable[[Any, Zone], Any]


class Kept(dict[str, Any]):
    """Members that are replaced, never changed in place: what is made of them can be kept.

    Attributes:
        memo: per conversion, what it made of them; None where nothing is to be kept. It takes
            as much memory as the members themselves.
    """

    memo: dict[object, Any] | None = None


def shower(shape: Shape) -> Convert:
    """Return a function from a kept value to what botocore's parser would give for it.

    Members come in the order of the shape; those that the shape does not know (an older
    botocore) and those that are None are left out; nothing is shared with the kept value.
    """
    show = _show(shape)
    if show is None:
        return lambda value: value
    return lambda value: show(value, dates.zone())


def _show(shape: Shape) -> Show | None:
    """Return the conversion for a shape, or None where a value is shown as it is kept."""
    make = _SHOWN.get(shape.type_name)
    return None if make is None else make(shape)


class _Structure:
    """The conversion of a structure.

    Attributes:
        members: those that the shape knows, in its order, with their conversions.
    """

    def __init__(self, shape: Shape) -> None:
        self.members = [(name, _show(each)) for name, each in shape.members.items()]
        self._dates = {n for n, each in shape.members.items() if each.type_name == "timestamp"}
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def show(self, value: Mapping[str, Any], zone: Zone) -> dict[str, Any]:
        """Return what is shown of a structure."""
        if type(value) is Kept:
            return self._show_kept(value, zone)
        shown = {}
        for name, show in self.members:
            found = value.get(name)
            if found is not None:
                shown[name] = found if show is None else show(found, zone)
        return shown

    def show_all(self, values: Sequence[Mapping[str, Any]], zone: Zone) -> list[dict[str, Any]]:
        """Return what is shown of several structures."""
        return [
            self._show_kept(value, zone) if type(value) is Kept else self.show(value, zone)
            for value in values
        ]

    def _show_kept(self, value: Kept, zone: Zone) -> dict[str, Any]:
        memo = value.memo
        made = None if memo is None else memo.get(self)
        if made is None or made[0] is not zone:
            made = self._made(value, zone)
            if memo is not None:
                memo[self] = made
        _, flat, nested = made
        shown: dict[str, Any] = flat.copy()
        for name, show in nested:
            shown[name] = show(value[name], zone)
        return shown

    def _made(self, value: Kept, zone: Zone) -> tuple[Zone, dict[str, Any], list[tuple[str, Show]]]:
        """Return what is shown of a structure but for what holds others, and how that is shown."""
        names = tuple(value)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._plans[names] = self._plan(names)
        flat = {name: value[name] for name in plan.members}
        for name in plan.dates:
            flat[name] = zone.seen(flat[name])
        return zone, flat, plan.nested

    def _plan(self, names: tuple[str, ...]) -> _Plan:
        present = [(name, show) for name, show in self.members if name in names]
        return _Plan(
            [name for name, _ in present],
            [name for name, _ in present if name in self._dates],
            [(name, show) for name, show in present if show and name not in self._dates],
        )


class _Plan(NamedTuple):
    """How structures that have the same members are shown.

    Attributes:
        members: those that the shape knows, in its order.
        dates: those of them that are dates.
        nested: those of them that hold others, with their conversions.
    """

    members: list[str]
    dates: list[str]
    nested: list[tuple[str, Show]]


def _show_list(shape: Shape) -> Show:
    if shape.member.type_name == "structure":
        return _Structure(shape.member).show_all
    item = _show(shape.member)
    if item is None:
        return lambda value, _zone: list(value)
    return lambda value, zone: [item(each, zone) for each in value]


def _show_map(shape: Shape) -> Show:
    entry = _show(shape.value)
    if entry is None:
        return lambda value, _zone: dict(value)
    return lambda value, zone: {key: entry(each, zone) for key, each in value.items()}


_SHOWN: dict[str, Callable[[Shape], Show]] = {
    "timestamp": lambda _shape: lambda value, zone: zone.seen(value),
    "structure": lambda shape: _Structure(shape).show,
    "list": _show_list,
    "map": _show_map,
}
