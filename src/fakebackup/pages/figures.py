"""The drawings of a page as SVG: the chart of counts, and the timeline of jobs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from fakebackup.errors import shortened
from fakebackup.pages import drawing
from fakebackup.pages.drawing import DAY
from fakebackup.pages.jobs import EARLIER, instants
from fakebackup.pages.markup import element

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fakebackup.pages.drawing import Scale, Span
    from fakebackup.pages.jobs import Count, Jobs, Mark, ShownJob
    from fakebackup.pages.markup import Html

_LOOKS = {
    "AVAILABLE": "good",
    "COMPLETED": "good",
    "COMPLETED_WITH_ISSUES": "issue",
    "PARTIAL": "issue",
    "FAILED": "bad",
    "EXPIRED": "late",
    "ABORTED": "stopped",
    "ABORTING": "stopped",
    "CANCELED": "stopped",
    "RUNNING": "running",
    "CREATED": "waiting",
    "PENDING": "waiting",
}
"""Per state, in the order in which a column stacks them, the class that gives it a colour."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TALLEST = 120
"""The height of the highest column of the chart, in pixels."""

MOST_COUNTS = 5000
"""How many counts the page's script gets at most; beyond that, the chart is not filtered."""

_FOOT = 18
_MOST_DAYS = 35
_MOST_MARKS = 24
_LABEL = 56


def look(state: str) -> str:
    """Return the class of a state."""
    return _LOOKS.get(state, "other")


def minute(at: int) -> str:
    """Return an instant in milliseconds as a day and a time of day, UTC."""
    return (_EPOCH + timedelta(milliseconds=at)).strftime("%Y-%m-%d %H:%M:%S")


def day_of(at: int) -> str:
    """Return the day of an instant in milliseconds, UTC."""
    return minute(at)[:10]


# --- The chart ----------------------------------------------------------------------------


class Days(NamedTuple):
    """The counts of a chart, by day and state.

    Attributes:
        days: the days, in milliseconds, without a gap.
        states: the states, in the order in which they are stacked.
        numbers: per day and state, the number of jobs.
        earlier: how many jobs are of earlier days, which the chart does not have.
    """

    days: list[int]
    states: list[str]
    numbers: list[list[int]]
    earlier: int


def days(counts: Sequence[Count]) -> Days:
    """Return the counts of the last days that have any."""
    order = list(_LOOKS)
    states = sorted(
        {each.state for each in counts},
        key=lambda state: (order.index(state) if state in order else len(order), state),
    )
    newest = max((each.day for each in counts), default=0)
    oldest = min((each.day for each in counts), default=0)
    first = max(oldest, newest - (_MOST_DAYS - 1) * DAY)
    found = list(range(first, newest + 1, DAY)) if counts else []
    numbers = [[0] * len(states) for _ in found]
    earlier = 0
    for each in counts:
        if each.day < first:
            earlier += each.jobs
        else:
            numbers[(each.day - first) // DAY][states.index(each.state)] += each.jobs
    return Days(found, states, numbers, earlier)


def chart(found: Days) -> Html:
    """Return the chart: a column for each day, its states stacked."""
    columns = drawing.columns(found.numbers, TALLEST)
    slots = drawing.slots(len(found.days))
    every = -(-len(slots) // 6)
    parts = []
    for at, (day, slot, pieces) in enumerate(zip(found.days, slots, columns, strict=True)):
        for piece in pieces:
            state = found.states[piece.number]
            number = found.numbers[at][piece.number]
            parts.append(
                element(
                    "rect",
                    element("title", f"{day_of(day)}: {number} {state}"),
                    class_=f"fill {look(state)}",
                    x=f"{slot.start:.3f}%",
                    width=f"{slot.length:.3f}%",
                    y=round(TALLEST - piece.base - piece.height, 2),
                    height=round(piece.height, 2),
                    data_c=f"{at}-{piece.number}",
                )
            )
        if at % every == 0:
            parts.append(
                element("text", day_of(day)[5:], x=f"{slot.start:.3f}%", y=TALLEST + _FOOT - 4)
            )
    return element(
        "svg",
        parts,
        class_="chart",
        width="100%",
        height=TALLEST + _FOOT,
        role="img",
        aria_label="Jobs by day of creation and state; the numbers below say the same.",
    )


# --- The timeline -------------------------------------------------------------------------


def timeline(jobs: Jobs) -> Html:
    """Return the timeline: a row for each job, with its states, its events and its calls."""
    shown = jobs.folded.shown
    scale = scale_of(shown)
    parts = [*_ticks(scale, len(shown))]
    for tie in jobs.ties:
        line = drawing.link(
            tie.source,
            _whole(shown[tie.source], scale),
            tie.target,
            _whole(shown[tie.target], scale),
        )
        parts.append(
            element(
                "line",
                class_="tie part" if tie.what == "part" else "tie",
                x1=f"{line.x1:.3f}%",
                y1=line.y1,
                x2=f"{line.x2:.3f}%",
                y2=line.y2,
                data_from=tie.source,
                data_to=tie.target,
            )
        )
    parts += [_row(index, job, scale) for index, job in enumerate(shown)]
    return element(
        "svg",
        parts,
        class_="timeline",
        width="100%",
        height=drawing.height(len(shown)),
        role="img",
        aria_label=(
            f"Timeline of {len(shown)} jobs from {minute(scale.first)} to "
            f"{minute(scale.last)} UTC; the table of jobs says the same."
        ),
    )


def scale_of(jobs: Sequence[ShownJob]) -> Scale:
    """Return the scale of the timeline of some jobs."""
    return drawing.scale_of(_all_instants(jobs))


def _all_instants(jobs: Sequence[ShownJob]) -> Iterator[int]:
    yield from instants(jobs)
    for job in jobs:
        for mark in (*job.events, *job.calls):
            yield mark.at


def _whole(job: ShownJob, scale: Scale) -> Span:
    return scale.span(job.stretches[0].since, job.stretches[-1].until)


def _ticks(scale: Scale, rows: int) -> Iterator[Html]:
    ticks = scale.ticks(6)
    daily = len(ticks) > 1 and (ticks[1].at - ticks[0].at) % DAY == 0
    for place, at in ticks:
        where = f"{place:.3f}%"
        yield element(
            "line", class_="tick", x1=where, x2=where, y1=drawing.HEAD - 6, y2=drawing.height(rows)
        )
        day, time = minute(at).split()
        short = time if at % drawing.MINUTE else time[:5]
        text = day[5:] if daily or at % DAY == 0 else short
        anchor = drawing.tick_anchor(place)
        yield element("text", text, class_="tick", x=where, y=12, text_anchor=anchor)


def _row(index: int, job: ShownJob, scale: Scale) -> Html:
    place = drawing.row(index)
    whole = _whole(job, scale)
    label = drawing.label_at(whole.start if whole.start < 50 else whole.end)  # noqa: PLR2004  the middle
    name = job.resource.rpartition(":")[2].rpartition("/")[2] or job.job_id
    # Its kind and its state are told, however long it is called.
    name = shortened(name, _LABEL - len(job.kind) - len(job.state))
    parts = [
        element(
            "a",
            element(
                "text",
                f"{job.kind} {name} {job.state}",
                x=f"{label.place:.3f}%",
                y=place.text,
                text_anchor=label.anchor,
            ),
            href=f"#j{index}",
            tabindex="-1",
        )
    ]
    for each in job.stretches:
        said = f"{each.state or 'as it was seeded'} from {minute(each.since)}"
        if each.since == each.until and each is job.stretches[-1]:
            parts.append(
                element(
                    "circle",
                    element("title", said),
                    class_=f"fill end {look(each.state)}",
                    cx=f"{scale.place(each.since):.3f}%",
                    cy=place.bar + drawing.BAR // 2,
                    r=5,
                )
            )
            continue
        span = scale.span(each.since, each.until)
        parts.append(
            element(
                "rect",
                element("title", f"{said} to {minute(each.until)}"),
                class_=f"fill {look(each.state) if each.state != EARLIER else 'earlier'}",
                x=f"{span.start:.3f}%",
                width=f"{span.length:.3f}%",
                y=place.bar,
                height=drawing.BAR,
            )
        )
    below = place.bar + drawing.BAR
    for at, said in _marks(job.events, scale):
        parts.append(
            element(
                "line",
                element("title", f"event: {said}"),
                class_="event",
                x1=f"{at:.3f}%",
                x2=f"{at:.3f}%",
                y1=place.bar - 3,
                y2=below + 3,
            )
        )
    for at, said in _marks(job.calls, scale):
        parts.append(
            element(
                "circle",
                element("title", f"call: {said}"),
                class_="call",
                cx=f"{at:.3f}%",
                cy=below + 3,
                r=3,
            )
        )
    return element("g", parts, class_="row", data_n=index, transform=f"translate(0 {place.top})")


def _marks(marks: Sequence[Mark], scale: Scale) -> list[tuple[float, str]]:
    """Return marks by their places, those of one place as one, and only so many."""
    found: dict[float, list[str]] = {}
    for each in marks:
        found.setdefault(round(scale.place(each.at), 1), []).append(each.what)
    return [(at, _said(several)) for at, several in list(found.items())[:_MOST_MARKS]]


def _said(several: Sequence[str]) -> str:
    return shortened(", ".join(dict.fromkeys(several)), 100) + (
        f" ({len(several)} in all)" if len(several) > 1 else ""
    )
