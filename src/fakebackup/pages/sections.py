"""The sections of a page: what is shown of jobs, vaults, plans, calls and events, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.resources.arns import EVERYWHERE
from fakebackup.pages import figures
from fakebackup.pages.figures import look, minute
from fakebackup.pages.markup import cut, element

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fakebackup.pages.contents import Contents, ShownCall, ShownEvent
    from fakebackup.pages.figures import Days
    from fakebackup.pages.folding import Folded
    from fakebackup.pages.jobs import ShownJob
    from fakebackup.pages.kept import ShownPlan, ShownPoint, ShownVault
    from fakebackup.pages.markup import Html

    # The cells of a row, each with its class, and the attributes of the row.
    Row = tuple[Sequence[tuple[str, Any]], dict[str, Any]]

_CELL, _PARAMETERS, _DETAIL, _SAID = 250, 500, 900, 20_000
"""How many bytes are shown of a cell, of a call's parameters, of a thing's members, and of a test's
report."""

_SECTIONS = (
    ("days", "Jobs by day"),
    ("timeline", "Timeline"),
    ("jobs", "Jobs"),
    ("vaults", "Vaults"),
    ("points", "Recovery points"),
    ("plans", "Plans"),
    ("calls", "Calls"),
    ("events", "Events"),
    ("left", "Injected failures and leftovers"),
)


def header(contents: Contents, title: str, *, live: bool) -> Html:
    """Return the head of the page: what it is about, and links to its sections."""
    shown = "every account and Region"
    if contents.scope != EVERYWHERE:
        shown = f"what is{contents.scope}"
    return element(
        "header",
        element("h1", title or "What happened in AWS Backup"),
        element(
            "p",
            f"A fake of account {contents.account} in {contents.region}: {shown}. It is as it was "
            "at ",
            element("span", minute(contents.at), id="at"),
            " by the process's clock. Times are UTC. ",
            element("span", id="live", role="status") if live else None,
            class_="soft",
        ),
        element(
            "nav",
            element(
                "ul",
                [element("li", element("a", name, href=f"#{each}")) for each, name in _SECTIONS],
            ),
            aria_label="Sections",
        ),
    )


def filters() -> Html:
    """Return the form with the filters; the script fills and shows it."""

    def choice(name: str) -> Html:
        everything = element("option", "all", value="")
        label = name.capitalize()
        return element("label", label, element("select", everything, name=name))

    return element(
        "form",
        [choice(name) for name in ("account", "region", "kind", "state")],
        element("label", "Text", element("input", name="text", type="search", autocomplete="off")),
        element("button", "Show all", type="reset"),
        element("span", id="jobs-status", role="status", class_="soft"),
        aria_label="Filters",
        hidden=True,
    )


def sections(contents: Contents, days: Days, said: str) -> list[Html | None]:
    """Return the sections of the page, in order.

    Args:
        contents: what they show.
        days: the counts of the chart.
        said: the report of a failing test; "" for none.
    """
    kept = contents.kept
    bodies = {
        "days": _days(contents, days),
        "timeline": _timeline(contents),
        "jobs": _table(
            "jobs",
            _JOBS,
            map(_job, range(10**9), contents.jobs.folded.shown),
            contents.jobs.folded,
            "job",
        ),
        "vaults": _table("vaults", _VAULTS, map(_vault, kept.vaults.shown), kept.vaults, "vault"),
        "points": _table(
            "points", _POINTS, map(_point, kept.points.shown), kept.points, "recovery point"
        ),
        "plans": _table("plans", _PLANS, map(_plan, kept.plans.shown), kept.plans, "rule"),
        "calls": _table("calls", _CALLS, map(_call, contents.calls.shown), contents.calls, "call"),
        "events": _table(
            "events", _EVENTS, map(_event, contents.events.shown), contents.events, "event"
        ),
        "left": _left(contents),
    }
    return [
        _notes(contents, days),
        element(
            "section",
            element("h2", "What the failing test's report says"),
            element("pre", cut(said, _SAID)),
        )
        if said
        else None,
        *(
            element(
                "section",
                element("h2", name, id=f"{each}-name"),
                bodies[each],
                id=each,
                aria_labelledby=f"{each}-name",
            )
            for each, name in _SECTIONS
        ),
    ]


# --- What is not shown ----------------------------------------------------------------------


def _notes(contents: Contents, days: Days) -> Html | None:
    """Return what the page does not show, in words; None where it shows all."""
    found = [each for each in _gaps(contents, days) if each]
    if not found:
        return None
    return element("ul", [element("li", each) for each in found], class_="notes", id="notes")


def _gaps(contents: Contents, days: Days) -> Iterator[str]:
    kept = contents.kept
    for what, folded, which in (
        ("jobs", contents.jobs.folded, "the newest, those that did not simply complete first"),
        ("vaults", kept.vaults, "those with recovery points first"),
        ("recovery points", kept.points, "the newest, those that are not whole first"),
        ("rules of plans", kept.plans, "those that have run first"),
        ("calls", contents.calls, "the last, those that failed or were retried first"),
        ("events", contents.events, "the last"),
        ("injected failures", contents.faults, "the last"),
        ("leftovers", contents.leftovers, "the last"),
    ):
        if folded.hidden:
            also = " The counts by day and state are of all." if what == "jobs" else ""
            yield (f"Of {folded.total:,} {what} {len(folded.shown):,} are shown: {which}.{also}")
    if days.earlier:
        yield f"The chart leaves out {days.earlier:,} jobs of earlier days; the totals have them."
    if contents.deferred:
        yield (
            f"The vaults and recovery points that {contents.deferred:,} seeded jobs left are not "
            f"here: nothing has looked at them yet. To have them, look first: len(backup.vaults)."
        )
    if len(contents.jobs.counts) > figures.MOST_COUNTS:
        yield "There are too many counts for the filters: the chart and the totals are of all jobs."
    if not contents.today_counts:
        yield "AWS's summaries do not count the present day yet, by count_today=False."


# --- Drawings -------------------------------------------------------------------------------


def _days(contents: Contents, days: Days) -> list[Html]:
    if not days.days:
        return [element("p", "There are no jobs.")]
    totals = dict.fromkeys(days.states, 0)
    for each in contents.jobs.counts:
        totals[each.state] += each.jobs
    legend = [
        element(
            "li",
            _state(state),
            " ",
            element("b", totals[state], data_total=at),
        )
        for at, state in enumerate(days.states)
    ]
    return [
        element(
            "p",
            "Jobs of all kinds by the UTC day of their creation, in the state that they have now, "
            "as AWS's summaries count them. Account, Region, kind and state filter the numbers; "
            "text filters the lists alone.",
            class_="soft",
        ),
        element("ul", legend, class_="legend"),
        figures.chart(days),
        element(
            "details",
            element("summary", "The numbers"),
            element("div", _numbers(days), class_="scroll"),
            id="numbers",
        ),
    ]


def _numbers(days: Days) -> Html:
    head = [element("th", each, scope="col") for each in ("Day", *days.states)]
    rows = [
        element(
            "tr",
            element("th", figures.day_of(day), scope="row"),
            [
                element("td", number or None, class_="n", data_c=f"{at}-{state}")
                for state, number in enumerate(days.numbers[at])
            ],
        )
        for at, day in enumerate(days.days)
    ]
    return element("table", element("thead", element("tr", head)), element("tbody", rows))


def _timeline(contents: Contents) -> list[Html]:
    if not contents.jobs.folded.shown:
        return [element("p", "There are no jobs.")]
    zoom = [
        element("button", name, type="button", data_zoom=times)
        for name, times in (("Zoom in", "4"), ("Zoom out", "0.25"), ("Whole", "0"))
    ]
    return [
        element(
            "p",
            "A bar from state to state for each job, a dot where it ended. Strokes across a bar "
            "are its events, rings below it the calls that name it. Dashed lines lead from the "
            "job that made a recovery point to those that read it, dotted ones to the parts of a "
            "composite job.",
            class_="soft",
        ),
        element("p", zoom, class_="screen", hidden=True),
        element(
            "div",
            figures.timeline(contents.jobs),
            class_="scroll tall",
            tabindex="0",
            role="region",
            aria_label="Timeline",
        ),
    ]


# --- Tables ---------------------------------------------------------------------------------


def _table(
    name: str, columns: Sequence[str], rows: Iterable[Row], folded: Folded[Any], noun: str
) -> Html:
    """Return a table; its rows are cards where the page is narrow.

    Args:
        name: the section that it is in.
        columns: the heads of its columns.
        rows: its rows.
        folded: what it shows, and of how many.
        noun: what a row is.
    """
    if not folded.total:
        return element("p", f"There are no {noun}s.")
    head = [element("th", each, scope="col", role="columnheader") for each in columns]
    body = [
        element(
            "tr",
            [
                element("td", cell, class_=kind or None, role="cell", data_h=column)
                for column, (kind, cell) in zip(columns, cells, strict=True)
            ],
            role="row",
            **attributes,
        )
        for cells, attributes in rows
    ]
    caption = element(
        "caption",
        element("span", len(folded.shown), id=f"n-{name}"),
        f" of {folded.total:,} {noun}s",
    )
    return element(
        "table",
        caption,
        element("thead", element("tr", head, role="row"), role="rowgroup"),
        element("tbody", body, role="rowgroup"),
        class_="cards",
        role="table",
        data_rows=f"n-{name}",
    )


def _short(text: object) -> str:
    return cut(text, _CELL)


def _state(state: str) -> Html:
    return element("span", state, class_=f"state {look(state)}")


def _details(identity: str, name: str, *parts: Html | str | None) -> Html:
    return element("details", element("summary", name), *parts, id=identity)


_JOBS = ("State", "Job", "Resource", "Account, Region", "Created", "Ended", "Message")


def _job(index: int, job: ShownJob) -> Row:
    happened = sorted(
        [(mark.at, "event", mark.what) for mark in job.events]
        + [(mark.at, "call", mark.what) for mark in job.calls]
    )
    lines = [f"{minute(at)} {kind}: {what}" for at, kind, what in happened[-_MOST_LINES:]]
    if len(happened) > _MOST_LINES:
        lines.insert(0, f"... {len(happened) - _MOST_LINES} earlier ones ...")
    states = [f"{minute(each.since)} {each.state or 'as it was seeded'}" for each in job.stretches]
    more = _details(
        f"d{index}",
        "more",
        element("pre", "\n".join(["States:", *states])),
        element("pre", "\n".join(["Events and calls:", *lines])) if lines else None,
        element("pre", cut(job.members, _DETAIL)),
    )
    return (
        (
            ("", _state(job.state)),
            ("id", [f"{job.kind} {job.job_id}", more]),
            ("arn", " ".join(filter(None, (job.resource_type, _short(job.resource))))),
            ("", f"{job.account} {job.region}"),
            ("t", minute(job.created)),
            ("t", "" if job.ended is None else minute(job.ended)),
            ("text", _short(job.message)),
        ),
        {
            "id": f"j{index}",
            "data_account": job.account,
            "data_region": job.region,
            "data_kind": job.kind,
            "data_state": job.state,
        },
    )


_MOST_LINES = 20
"""How many events and calls of a job are listed."""

_VAULTS = ("Vault", "Type", "Account, Region", "Recovery points", "Lock")


def _vault(vault: ShownVault) -> Row:
    cells = (
        ("", vault.name),
        ("", vault.vault_type),
        ("", f"{vault.account} {vault.region}"),
        ("n", vault.points),
        ("", vault.lock),
    )
    return cells, {"data_account": vault.account, "data_region": vault.region}


_POINTS = ("Status", "Recovery point", "Vault", "Resource", "Account, Region", "Created", "Becomes")


def _point(point: ShownPoint) -> Row:
    cells = (
        ("", _state(point.status)),
        ("id", _short(point.arn)),
        ("", point.vault),
        ("", " ".join(filter(None, (point.resource_type, _short(point.resource))))),
        ("", f"{point.account} {point.region}"),
        ("t", minute(point.created)),
        ("", _short("; ".join(point.becomes))),
    )
    return cells, {
        "data_account": point.account,
        "data_region": point.region,
        "data_state": point.status,
    }


_PLANS = ("Plan", "Rule", "Account, Region", "Schedule", "Last run", "Next runs")


def _plan(plan: ShownPlan) -> Row:
    following = ", ".join(map(minute, plan.following))
    cells = (
        ("", f"{plan.noun} {_short(plan.plan)}"),
        ("", _short(plan.rule)),
        ("", f"{plan.account} {plan.region}"),
        ("", _short(plan.schedule)),
        ("t", "never" if plan.last is None else minute(plan.last)),
        (
            "",
            following or f"not known: {_short(plan.problem)}"
            if plan.problem
            else following or "never",
        ),
    )
    return cells, {"data_account": plan.account, "data_region": plan.region}


_CALLS = ("No.", "Time", "Operation", "Parameters", "Outcome", "Attempts", "Account, Region")


def _call(call: ShownCall) -> Row:
    cells = (
        ("n", call.number),
        ("t", "" if call.at is None else minute(call.at)),
        ("", call.operation),
        ("", cut(call.parameters, _PARAMETERS)),
        ("", element("span", call.outcome, class_="state bad") if call.failed else call.outcome),
        ("n", call.attempts),
        ("", f"{call.account} {call.region}"),
    )
    return cells, {"data_account": call.account, "data_region": call.region}


_EVENTS = ("Time", "Event", "State", "Job", "Account, Region", "Detail")


def _event(event: ShownEvent) -> Row:
    cells = (
        ("t", minute(event.at)),
        ("", event.what),
        ("", _state(event.state) if event.state else ""),
        ("", event.job_id),
        ("", f"{event.account} {event.region}"),
        (
            "",
            element(
                "details", element("summary", "detail"), element("pre", cut(event.detail, _DETAIL))
            ),
        ),
    )
    attributes = {"data_account": event.account, "data_region": event.region}
    return cells, {**attributes, **({"data_state": event.state} if event.state else {})}


def _left(contents: Contents) -> list[Html]:
    found = []
    for name, folded in (
        ("Injected failures that may still hit", contents.faults),
        ("Left over: prepared, and nothing asked for it", contents.leftovers),
    ):
        if folded.total:
            found.append(element("h3", f"{name} ({folded.total})"))
            found.append(element("ul", [element("li", _short(each)) for each in folded.shown]))
    return found or [element("p", "There are none.")]
