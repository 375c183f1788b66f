"""The geometry of the page's drawings: places, bars, ticks, rows, links and columns."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebackup.pages import drawing
from fakebackup.pages.drawing import DAY, HOUR, MINUTE, SECOND, THINNEST, Scale, Span

INSTANTS = st.integers(0, 4_000_000_000_000)


def test_the_ends_of_a_scale_keep_a_margin() -> None:
    """The first instant stands at the left margin, the last at the right, the middle between."""
    scale = Scale(1000, 3000, margin=2.0)
    assert [scale.place(at) for at in (1000, 2000, 3000)] == [2.0, 50.0, 98.0]
    # What lies beyond an end stands at that end.
    assert (scale.place(0), scale.place(9999)) == (2.0, 98.0)


@given(st.lists(INSTANTS, max_size=20))
def test_every_instant_is_inside_and_in_order(instants: list[int]) -> None:
    """Whatever the instants, their places are within the drawing and in the order of time."""
    scale = drawing.scale_of(instants)
    places = [scale.place(at) for at in sorted(instants)]
    assert all(0 <= place <= 100 for place in places)
    assert places == sorted(places)
    assert scale.last - scale.first >= SECOND


def test_bars_are_to_scale() -> None:
    """A bar twice as long lasts twice as long; bars that follow each other touch."""
    scale = Scale(0, 1000 * SECOND)
    short, long = scale.span(0, 100 * SECOND), scale.span(100 * SECOND, 300 * SECOND)
    assert long.length == pytest.approx(2 * short.length)
    assert short.end == pytest.approx(long.start)


def test_a_moment_is_seen() -> None:
    """A bar of no length is as thin as can be seen, and no thinner."""
    assert Scale(0, DAY).span(HOUR, HOUR).length == THINNEST


@given(INSTANTS, st.integers(SECOND, 100 * 365 * DAY), st.integers(2, 12))
def test_ticks_are_round_and_not_too_many(first: int, length: int, most: int) -> None:
    """Ticks are as many as allowed at most, equally far apart, at round instants of the scale."""
    scale = Scale(first, first + length)
    ticks = scale.ticks(most)
    assert len(ticks) <= most
    steps = {later.at - earlier.at for earlier, later in pairwise(ticks)}
    assert len(steps) <= 1
    for step in steps:
        assert all(tick.at % step == 0 for tick in ticks)
    assert all(scale.first <= tick.at <= scale.last for tick in ticks)
    assert [tick.place for tick in ticks] == [scale.place(tick.at) for tick in ticks]


@pytest.mark.parametrize(
    ("length", "step"),
    [(5 * SECOND, SECOND), (10 * MINUTE, 5 * MINUTE), (5 * HOUR, HOUR), (28 * DAY, 7 * DAY)],
)
def test_ticks_are_those_that_people_read(length: int, step: int) -> None:
    """A span has ticks at seconds, minutes, hours, days or weeks, as it is long."""
    ticks = Scale(0, length).ticks(6)
    assert [tick.at for tick in ticks][:2] == [0, step]


def test_rows_lie_below_each_other() -> None:
    """Rows neither overlap nor leave the drawing; text stands above the bar."""
    rows = [drawing.row(index) for index in range(3)]
    assert rows[0].top >= drawing.HEAD
    assert [later.top - earlier.top for earlier, later in pairwise(rows)] == [drawing.ROW] * 2
    for each in rows:
        assert each.text < each.bar
        assert each.bar + drawing.BAR < drawing.ROW
        assert each.middle == each.top + each.bar + drawing.BAR // 2
    assert rows[-1].top + drawing.ROW <= drawing.height(3)


def test_a_link_leads_from_end_to_beginning() -> None:
    """A link begins where the first bar ends and ends where the second one begins."""
    link = drawing.link(0, Span(10, 5), 2, Span(40, 3))
    assert (link.x1, link.x2) == (15, 40)
    assert (link.y1, link.y2) == (drawing.row(0).middle, drawing.row(2).middle)


@pytest.mark.parametrize(("place", "anchor"), [(0, "start"), (49, "start"), (50, "end")])
def test_labels_grow_inwards(place: float, anchor: str) -> None:
    """A label in the left half grows to the right, one in the right half to the left."""
    assert drawing.label_at(place) == (place, anchor)


def test_columns_are_stacked_to_scale() -> None:
    """The highest column is as high as allowed; pieces lie on each other; zero has none."""
    tall, short, none = drawing.columns([[1, 0, 3], [0, 1, 0], [0, 0, 0]], 100)
    assert tall == [(0, 0, 25), (2, 25, 75)]
    assert short == [(1, 0, 25)]
    assert none == []


@given(st.lists(st.lists(st.integers(0, 1000), min_size=3, max_size=3), max_size=8))
def test_no_column_is_higher_than_allowed(counts: list[list[int]]) -> None:
    """Whatever the counts, the columns are as high as their sums say."""
    most = max(map(sum, counts), default=0)
    for column, pieces in zip(counts, drawing.columns(counts, 120), strict=True):
        high = sum(piece.height for piece in pieces)
        assert high == pytest.approx(sum(column) * 120 / most if most else 0)
        assert [piece.number for piece in pieces] == [n for n, each in enumerate(column) if each]


def test_slots_fill_the_width() -> None:
    """Slots are equally wide, side by side, with gaps, from the left edge to the right."""
    slots = drawing.slots(20, gap=0.2)
    assert [slot.start for slot in slots] == [5 * n for n in range(20)]
    assert [slot.length for slot in slots] == [4] * 20
    assert drawing.slots(0) == []


@pytest.mark.parametrize("number", [1, 5])
def test_a_few_slots_are_no_blocks(number: int) -> None:
    """A few are as wide as those of twelve, from the left."""
    assert drawing.slots(number) == drawing.slots(12)[:number]


@pytest.mark.parametrize(
    ("place", "anchor"),
    [(2, "start"), (4.9, "start"), (5, "middle"), (95, "middle"), (95.1, "end"), (98, "end")],
)
def test_ticks_do_not_stick_out(place: float, anchor: str) -> None:
    """The text of a tick at an end is held there."""
    assert drawing.tick_anchor(place) == anchor
