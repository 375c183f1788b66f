"""What a page shows of a fake, read at once: plain data, which no later move changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from fakebackup import clock
from fakebackup.errors import quoted
from fakebackup.model.jobs.kinds import KINDS
from fakebackup.model.resources.arns import EVERYWHERE, Home
from fakebackup.model.shapes import dates
from fakebackup.pages import jobs, kept
from fakebackup.pages.folding import Folded, fold
from fakebackup.report import leftovers, log

if TYPE_CHECKING:
    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.faults import Fault
    from fakebackup.model.events.bus import Event
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.resources.arns import Scope
    from fakebackup.model.stores.organization import Store
    from fakebackup.pages.jobs import Jobs
    from fakebackup.pages.kept import Kept

MOST_CALLS, MOST_EVENTS, MOST_LINES = 400, 400, 100
"""How many calls, events, and injected failures or leftovers a page shows at most."""

MOST_DEFERRED = 10_000
"""Of how many seeded jobs at most the vaults and recovery points are created for a page."""


class ShownCall(NamedTuple):
    """A call as a page shows it; `number` counts all calls from 1, `at` is in milliseconds."""

    number: int
    at: int | None
    operation: str
    parameters: str
    account: str
    region: str
    outcome: str
    attempts: int
    failed: bool


class ShownEvent(NamedTuple):
    """An event as a page shows it; `job_id` is that of a State Change's job."""

    at: int
    what: str
    state: str
    account: str
    region: str
    job_id: str
    detail: str


class Contents(NamedTuple):
    """What a page shows.

    Attributes:
        at: the present instant of the process's clock, in milliseconds.
        account, region: those of the fake.
        scope: the account and Region that the page is limited to.
        homes: all accounts and Regions in which something is.
        jobs: the jobs.
        kept: the vaults, recovery points and plans.
        calls, events: the calls and the events, oldest first.
        faults: the injected failures that may still hit, in words: of all accounts and Regions.
        leftovers: what nothing asked for, and refusals that nobody saw, in words: of all, too.
        deferred: of how many seeded jobs the vaults and recovery points do not exist yet.
        today_counts: whether AWS's summaries count the present day.
    """

    at: int
    account: str
    region: str
    scope: Scope
    homes: list[Home]
    jobs: Jobs
    kept: Kept
    calls: Folded[ShownCall]
    events: Folded[ShownEvent]
    faults: Folded[str]
    leftovers: Folded[str]
    deferred: int
    today_counts: bool


def read(
    backend: Backend, scope: Scope = EVERYWHERE, error: BaseException | None = None
) -> Contents:
    """Return what a page shows of a fake; the caller holds the lock. Nothing moves by it.

    Args:
        backend: the fake's AWS Backup side.
        scope: the account and Region to show; `EVERYWHERE` is all.
        error: the exception that failed the test, if one did: a refusal that led to it was seen.
    """
    organization = backend.organization
    now = clock.now()
    # Creating them takes longer than all the rest, so not for very many.
    if len(organization.deferred) <= MOST_DEFERRED:
        organization.leave_behind()
    stores = [each for home, each in list(organization.stores.items()) if scope.has(*home)]
    calls = [
        (number, call)
        for number, call in enumerate(list(backend.calls), 1)
        if scope.has(call.account, call.region)
    ]
    sent = [(each.event, each.job) for each in organization.bus.sent if scope.has(*each.home)]
    found = [job for job in organization.jobs.by_id.values() if scope.has(*job.home)]
    shown_calls = fold(calls, MOST_CALLS, lambda each: _is_unusual(each[1]))
    shown_events = fold(sent, MOST_EVENTS, lambda _each: False)
    refused = [str(each) for each in leftovers.swallowed(backend, error)]
    left = leftovers.lines(backend) + [f"Swallowed: {each}" for each in refused]
    homes = {Home(call.account, call.region) for _, call in calls}
    homes |= {store.home for store in stores if _holds_something(store)}
    return Contents(
        at=now,
        account=backend.options.account_id,
        region=backend.region,
        scope=scope,
        homes=sorted(homes),
        jobs=jobs.read(found, sent, [call for _, call in calls], now),
        kept=kept.read(stores, now),
        calls=Folded([_call(*each) for each in shown_calls.shown], len(calls)),
        events=Folded([_event(*each) for each in shown_events.shown], len(sent)),
        faults=fold([_fault(each) for each in backend.faults.waiting], MOST_LINES, bool),
        leftovers=fold(left, MOST_LINES, bool),
        deferred=len(organization.deferred),
        today_counts=backend.options.count_today,
    )


def _holds_something(store: Store) -> bool:
    return bool(
        any(store.jobs.count(kind) for kind in KINDS)
        or store.vaults_so_far()
        or store.all_entries()
    )


def _is_unusual(call: Call) -> bool:
    return call.error is not None or call.attempts > 1


def _call(number: int, call: Call) -> ShownCall:
    return ShownCall(
        number,
        call.at,
        call.operation,
        _written(call.parameters) if call.parameters else "",
        call.account,
        call.region,
        log.outcome(call),
        call.attempts,
        failed=call.error is not None,
    )


def _written(value: object) -> str:
    """Return parameters as JSON text: whatever code passed, which may be no JSON at all."""
    try:
        return json.dumps(value, default=jobs.json_value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return quoted(value)


def _event(event: Event, job: Job | None) -> ShownEvent:
    return ShownEvent(
        dates.milliseconds(event["time"]),
        event["detail-type"],
        jobs.state_in(event),
        event["account"],
        event["region"],
        "" if job is None else str(job.members.get(job.kind.id, "")),
        json.dumps(event["detail"], indent=1, ensure_ascii=False),
    )


def _fault(fault: Fault) -> str:
    name = "any operation" if fault.operation == "*" else fault.operation
    left = "without end" if fault.left is None else f"{fault.left} more"
    return f"{fault.code} of {name}{fault.scope}: {left}; {fault.seen} matching attempts so far"
