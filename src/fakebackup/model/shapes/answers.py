"""Answers: convert what the model keeps to what botocore's parser returns."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.model.shapes.dates import Zone
    from fakebackup.model.shapes.model import Shape

    Convert = Callable[[Any], Any]
    Show = Callable[[Any, Zone], Any]


class Kept(dict[str, Any]):
    """Members that are replaced, never changed in place, so that conversions can be cached.

    Each conversion keeps its result as an attribute, by a name of its own (`attribute_name`), and
    so at once, since threads convert side by side. They are not in one container: the garbage
    collector would go through as many containers as jobs have been shown. A result takes as much
    memory as the members.

    Attributes:
        cached: whether results are kept.
    """

    cached = False

    def forget(self) -> None:
        """Keep no results any longer."""
        vars(self).clear()


_numbers = itertools.count()


def attribute_name() -> str:
    """Return the name of the attribute by which a conversion keeps its results."""
    return f"_converted_{next(_numbers)}"


def shower(shape: Shape) -> Convert:
    """Return a function that converts a kept value to what botocore's parser would return.

    It orders members as the shape does and leaves out those that are None or unknown to the
    shape (of an older botocore). The result shares nothing mutable with the kept value.
    """
    show = _show(shape)
    if show is None:
        return lambda value: value
    return lambda value: show(value, dates.zone())


def _show(shape: Shape) -> Show | None:
    """Return the conversion for a shape; None where a value is shown as it is kept."""
    make = _SHOWN.get(shape.type_name)
    return None if make is None else make(shape)


class _Structure:
    """The conversion of a structure.

    Attributes:
        members: the members in the order of the shape, with their conversions.
    """

    def __init__(self, shape: Shape) -> None:
        self.members = [(name, _show(each)) for name, each in shape.members.items()]
        self._dates = {n for n, each in shape.members.items() if each.type_name == "timestamp"}
        self._nested = [
            (name, show) for name, show in self.members if show and name not in self._dates
        ]
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        # Of the zone in which dates are shown, and the name for it.
        self._here: tuple[Zone | None, str] = None, ""

    def show(self, value: Mapping[str, Any], zone: Zone) -> dict[str, Any]:
        """Return a structure as shown."""
        if type(value) is Kept:
            return self._show_kept(value, zone)
        shown = {}
        for name, show in self.members:
            kept = value.get(name)
            if kept is not None:
                shown[name] = kept if show is None else show(kept, zone)
        return shown

    def show_all(self, values: Sequence[Mapping[str, Any]], zone: Zone) -> list[dict[str, Any]]:
        """Return several structures as shown."""
        return [
            self._show_kept(value, zone) if type(value) is Kept else self.show(value, zone)
            for value in values
        ]

    def _show_kept(self, value: Kept, zone: Zone) -> dict[str, Any]:
        known, name = self._here
        if known is not zone:
            name = attribute_name()
            self._here = zone, name
        flat: dict[str, Any] | None = getattr(value, name, None)
        if flat is None:
            flat = self._made(value, zone)
            if value.cached:
                setattr(value, name, flat)
        shown: dict[str, Any] = flat.copy()
        for name, show in self._nested:
            if name in shown:
                shown[name] = show(shown[name], zone)
        return shown

    def _made(self, value: Kept, zone: Zone) -> dict[str, Any]:
        """Return the members as shown, but for those that hold others: these as kept."""
        names = tuple(value)
        layout = self._layouts.get(names)
        if layout is None:
            layout = self._layouts[names] = self._layout(names)
        # The order of the left one, the values of the right one.
        flat = layout.blank | value
        for name in layout.hidden:
            del flat[name]
        for name in layout.dates:
            flat[name] = zone.seen(flat[name])
        return flat

    def _layout(self, names: tuple[str, ...]) -> _Layout:
        present = [(name, show) for name, show in self.members if name in names]
        shown = dict.fromkeys(name for name, _ in present)
        return _Layout(
            shown,
            [name for name in names if name not in shown],
            [name for name, _ in present if name in self._dates],
        )


class _Layout(NamedTuple):
    """How structures that have the same members are shown.

    Attributes:
        blank: the names of the members in the order of the shape, each with None.
        hidden: the names of those that the shape does not have.
        dates: the names of those that are dates.
    """

    blank: dict[str, Any]
    hidden: list[str]
    dates: list[str]


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
