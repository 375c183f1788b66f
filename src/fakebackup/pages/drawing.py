"""Geometry of the page's drawings: instants and counts to places; it knows nothing of AWS Backup.

Across, places are percentages, so that a drawing fills whatever width it is given and its text
keeps its size; down, they are pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

STEPS = (
    *(n * SECOND for n in (1, 5, 15, 30)),
    *(n * MINUTE for n in (1, 5, 15, 30)),
    *(n * HOUR for n in (1, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14, 28, 91, 182, 364, 3640)),
)
"""The distances that two ticks may have, in milliseconds."""

THINNEST = 0.001
"""How many per cent wide a bar is at least: one without a width is not drawn, and a wider one would
not be to scale when it is zoomed. Its edges are lines, by which the thinnest is seen."""


class Span(NamedTuple):
    """A part of a line, in per cent of its length."""

    start: float
    length: float

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.start + self.length


class Tick(NamedTuple):
    """A tick of a scale: its place in per cent, and the instant, in milliseconds."""

    place: float
    at: int


class Scale(NamedTuple):
    """The instants from `first` to `last`, in milliseconds, laid out from left to right.

    Attributes:
        first, last: the instants at the two ends; `last` is later.
        margin: how many per cent are left free at each end.
    """

    first: int
    last: int
    margin: float = 2.0

    def place(self, at: int) -> float:
        """Return the place of an instant, in per cent; one beyond an end is at that end."""
        inside = min(max(at, self.first), self.last)
        part = (inside - self.first) / (self.last - self.first)
        return self.margin + part * (100 - 2 * self.margin)

    def span(self, since: int, until: int) -> Span:
        """Return the bar between two instants: to scale, but never so thin that it is not drawn."""
        start = self.place(since)
        return Span(start, max(THINNEST, self.place(until) - start))

    def ticks(self, most: int) -> list[Tick]:
        """Return the ticks: at round instants, equally far apart, so many at most."""
        length = self.last - self.first
        step = next((each for each in STEPS if length // each < most), STEPS[-1])
        while length // step >= most:
            step *= 10
        first = -(-self.first // step) * step
        return [Tick(self.place(at), at) for at in range(first, self.last + 1, step)]


def scale_of(instants: Iterable[int]) -> Scale:
    """Return the scale that has all of some instants; of less than a second, one of a second."""
    found = list(instants)
    first, last = (min(found), max(found)) if found else (0, 0)
    return Scale(first, max(last, first + SECOND))


class Label(NamedTuple):
    """A label beside a place: its own place in per cent, and the end at which it is held."""

    place: float
    anchor: str


_EDGE = 5
"""How near an end, in per cent, a text in the middle of its place would stick out."""


def tick_anchor(place: float) -> str:
    """Return where the text of a tick is held: in its middle, but for those at an end."""
    return "start" if place < _EDGE else "end" if place > 100 - _EDGE else "middle"


def label_at(place: float) -> Label:
    """Return the label of a bar that starts at a place: to its right, or to its left."""
    half = 50
    return Label(place, "start" if place < half else "end")


class Row(NamedTuple):
    """A row of a timeline, in pixels: its top, and where in it text and bar stand.

    Attributes:
        top: its upper edge.
        text: the base line of its text, from the upper edge.
        bar: the upper edge of its bar, from its own.
        middle: the middle of its bar, from the upper edge of the drawing.
    """

    top: int
    text: int
    bar: int
    middle: int


ROW, BAR, TEXT = 34, 12, 12
"""The heights of a row, of its bar and of its text, in pixels."""

HEAD = 22
"""The height of the scale above the rows."""


def row(index: int) -> Row:
    """Return the place of a row, by its index."""
    top = HEAD + index * ROW
    return Row(top, TEXT, TEXT + 4, top + TEXT + 4 + BAR // 2)


def height(rows: int) -> int:
    """Return the height of a timeline of so many rows."""
    return HEAD + rows * ROW + 4


class Link(NamedTuple):
    """A line from a place in one row to a place in another one: per cent and pixels."""

    x1: float
    y1: int
    x2: float
    y2: int


def link(from_row: int, start: Span, to_row: int, end: Span) -> Link:
    """Return the line from the end of one row's bar to the beginning of another row's."""
    return Link(start.end, row(from_row).middle, end.start, row(to_row).middle)


class Piece(NamedTuple):
    """A piece of a stacked column: which count it is, its lower edge and height, in pixels."""

    number: int
    base: float
    height: float


def columns(counts: Sequence[Sequence[int]], tallest: int) -> list[list[Piece]]:
    """Return the stacked columns of a chart, from the base up; counts of zero have no piece.

    Args:
        counts: per column, its counts.
        tallest: the height of the highest column, in pixels.
    """
    most = max(map(sum, counts), default=0)
    found = []
    for column in counts:
        base, pieces = 0.0, []
        for index, count in enumerate(column):
            if count:
                high = count * tallest / most
                pieces.append(Piece(index, base, high))
                base += high
        found.append(pieces)
    return found


FEWEST_SLOTS = 12
"""For how many slots there is room at least: a few fill a part of the width, and are no blocks."""


def slots(number: int, gap: float = 0.2) -> list[Span]:
    """Return equal slots side by side, each with a gap, as a part of it, to its right."""
    wide = 100 / max(number, FEWEST_SLOTS)
    return [Span(index * wide, wide * (1 - gap)) for index in range(number)]
