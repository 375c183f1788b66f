"""The jobs that a page shows: the states that they went through, their calls, and their chains."""

from __future__ import annotations

import json
from collections import Counter, deque
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock
from fakebackup.errors import few
from fakebackup.model.engine import running
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import BACKUP, COPY, KINDS, REPORT, RESTORE, SCAN
from fakebackup.model.jobs.store import read_by
from fakebackup.model.resources.arns import report_plan_name
from fakebackup.model.shapes import dates
from fakebackup.pages.folding import Folded, fold
from fakebackup.report import log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fakebackup.calls import Call
    from fakebackup.model.events.bus import Event
    from fakebackup.model.jobs.job import Job

MOST_JOBS = 400
"""How many jobs a page shows at most; its counts are of all."""

_MADE = {BACKUP: "RecoveryPointArn", COPY: "DestinationRecoveryPointArn"}
"""The kinds of job that make a recovery point, and the member that names it."""

_STARTS = {
    BACKUP: ("StartBackupJob", "ResourceArn", "ResourceArn"),
    COPY: ("StartCopyJob", "RecoveryPointArn", "SourceRecoveryPointArn"),
    RESTORE: ("StartRestoreJob", "RecoveryPointArn", "RecoveryPointArn"),
    SCAN: ("StartScanJob", "RecoveryPointArn", "RecoveryPointArn"),
    REPORT: ("StartReportJob", "ReportPlanName", "ReportPlanArn"),
}
"""Per kind, the operation that starts a job, its parameter, and the job's member of that value."""

_IDS = tuple(kind.id for kind in KINDS)

EARLIER = ""
"""The state of a seeded job before its first event: what it was then, nothing says."""


class Stretch(NamedTuple):
    """A stretch of time in one state; instants in milliseconds, equal where it is an end."""

    state: str
    since: int
    until: int


class Mark(NamedTuple):
    """What happened to a job at an instant: an event, or a call that names the job."""

    at: int
    what: str


class ShownJob(NamedTuple):
    """A job as a page shows it.

    Attributes:
        job_id, kind, state, account, region: what it is, and where.
        resource, resource_type: what it is about; empty for a report job.
        created, ended: when it was created and ended, in milliseconds; None while it lives.
        message: its StatusMessage, or another member that says why, with its category; or which
            jobs it waits for.
        stretches: the states that it went through, in order.
        events, calls: what happened to it.
        members: its members, as JSON text.
    """

    job_id: str
    kind: str
    state: str
    account: str
    region: str
    resource: str
    resource_type: str
    created: int
    ended: int | None
    message: str
    stretches: list[Stretch]
    events: list[Mark]
    calls: list[Mark]
    members: str


class Tie(NamedTuple):
    """Two of the shown jobs, by index: the second one uses what the first one made."""

    source: int
    target: int
    what: str


class Count(NamedTuple):
    """How many jobs of a kind in an account and Region were created on a day and are in a state."""

    day: int
    account: str
    region: str
    kind: str
    state: str
    jobs: int


class Jobs(NamedTuple):
    """The jobs of a page.

    Attributes:
        folded: those shown, each after the one that it follows from, else oldest first.
        ties: which of them follow from which.
        counts: the counts of all jobs, by day.
    """

    folded: Folded[ShownJob]
    ties: list[Tie]
    counts: list[Count]


def read(
    jobs: Sequence[Job],
    sent: Iterable[tuple[Event, Job | None]],
    calls: Sequence[Call],
    now: int,
) -> Jobs:
    """Return the jobs of a page; the caller holds the lock.

    Args:
        jobs: all jobs, in the order they were added.
        sent: the events, each with the job of a State Change.
        calls: the calls, in order.
        now: the present instant, in milliseconds.
    """
    events_of: dict[int, list[Event]] = {}
    for event, job in sent:
        if job is not None:
            events_of.setdefault(id(job), []).append(event)
    in_order = sorted(jobs, key=lambda job: job.members[job.kind.created])
    folded = fold(in_order, MOST_JOBS, lambda job: _is_unusual(job) or id(job) in events_of)
    chained, ties = _chains(folded.shown)
    named = _calls_by_job(chained, calls)
    shown = [_shown(job, events_of.get(id(job), []), named.get(job.id, []), now) for job in chained]
    return Jobs(Folded(shown, folded.total), ties, _counts(jobs))


def _is_unusual(job: Job) -> bool:
    return job.kept_state != "COMPLETED" or job.was_started


def _counts(jobs: Iterable[Job]) -> list[Count]:
    counts = Counter(
        (
            clock.last_midnight(job.members[job.kind.created]),
            job.home,
            job.kind,
            job.members[job.kind.state],
        )
        for job in jobs
    )
    return sorted(
        Count(day, *home, kind.name, str(state), number)
        for (day, home, kind, state), number in counts.items()
    )


# --- One job ------------------------------------------------------------------------------


def _shown(job: Job, events: list[Event], calls: list[Call], now: int) -> ShownJob:
    kept, kind = job.kept(), job.kind
    marks = [Mark(_instant(event), state_in(event)) for event in events]
    message = (
        kept.get("StatusMessage") or kept.get("ValidationStatusMessage") or _waits_for(job) or ""
    )
    category = kept.get("MessageCategory")
    return ShownJob(
        job_id=job.id,
        kind=kind.name,
        state=job.kept_state,
        account=job.account,
        region=job.region,
        resource=str(
            kept.get("ResourceArn")
            or kept.get("SourceResourceArn")
            or kept.get("ReportPlanArn")
            or kept.get("RecoveryPointArn")
            or ""
        ),
        resource_type=str(kept.get("ResourceType") or ""),
        created=kept[kind.created],
        ended=kept.get(kind.completed),
        message=f"{category}: {message}" if category and message else str(category or message),
        stretches=stretches(job, marks, now),
        events=marks,
        calls=[Mark(call.at, _called(call)) for call in calls if call.at is not None],
        members=written(job, kept),
    )


def _waits_for(job: Job) -> str | None:
    """Return which jobs are to end before a job runs; None where it waits for none."""
    ahead = few(each.id for each in running.ahead(job))
    return f"It waits for {', '.join(ahead)} to end." if ahead else None


def written(record: Any, kept: Mapping[str, Any]) -> str:
    """Return a record's members as JSON text, in AWS's order; dates in UTC."""
    shown = {name: show(kept[name]) for name, show in record.shown.items() if name in kept}
    return json.dumps(shown, indent=1, default=json_value, ensure_ascii=False)


def json_value(value: object) -> str:
    """Return a value that JSON has no form for as text."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return str(value)


def _called(call: Call) -> str:
    """Return the operation of a call, and how it ended if there is anything to say of that."""
    ended = log.outcome(call)
    return call.operation if ended == "answered" else f"{call.operation}: {ended}"


def _instant(event: Event) -> int:
    return dates.milliseconds(event["time"])


def state_in(event: Event) -> str:
    """Return the state that an event names; "" where it names none."""
    detail = event["detail"]
    return str(detail.get("state") or detail.get("status") or "")


def stretches(job: Job, marks: Sequence[Mark], now: int) -> list[Stretch]:
    """Return the states that a job went through, each from when to when.

    Its State Change events say it. Before the first of them, one that a call or a plan started was
    in the first state of its kind; of a seeded one nothing is known. One without events was all
    the time in the state that it is in.

    Args:
        job: the job.
        marks: its events.
        now: until when an unfinished job is in its state, in milliseconds.
    """
    kind, state, members = job.kind, job.kept_state, job.members
    created, ended = members[kind.created], members.get(kind.completed)
    final = life.is_final(kind, state)
    entered = [(each.what, max(created, each.at)) for each in marks]
    first = life.FIRST[kind] if job.was_started else EARLIER if marks else state
    if not entered or (entered[0][0] != first and (entered[0][1] > created or first != EARLIER)):
        entered.insert(0, (first, created))
    # An event's time has no fraction, and `update` may have changed the state without one.
    if final and ended is not None:
        while len(entered) > 1 and entered[-1][0] == state:
            entered.pop()
        entered.append((state, max(ended, created)))
    elif entered[-1][0] != state:
        entered.append((state, entered[-1][1]))
    found: list[Stretch] = []
    last = entered[-1][1] if final else max(now, entered[-1][1])
    following = [at for _, at in entered[1:]] + [last]
    for (each, since), until in zip(entered, following, strict=True):
        begins = max(since, found[-1].until if found else since)
        found.append(Stretch(each, begins, max(begins, until)))
    return found


# --- Calls --------------------------------------------------------------------------------


def _calls_by_job(jobs: Sequence[Job], calls: Sequence[Call]) -> dict[str, list[Call]]:
    """Return per job, by id, the calls that name it, after the one that started it."""
    found: dict[str, list[Call]] = {job.id: [] for job in jobs}
    starts: dict[tuple[str, str, str, str], deque[Call]] = {}
    parameters = {operation: parameter for operation, parameter, _ in _STARTS.values()}
    for call in calls:
        for name in _IDS:
            job_id = call.parameters.get(name)
            if isinstance(job_id, str) and job_id in found:
                found[job_id].append(call)
        parameter = parameters.get(call.operation)
        if parameter is not None and call.error is None and call.at is not None:
            key = (call.operation, call.account, call.region, str(call.parameters.get(parameter)))
            starts.setdefault(key, deque()).append(call)
    started = [job for job in jobs if job.was_started and not job.members.get("ParentJobId")]
    for job in sorted(started, key=lambda job: job.number):
        operation, _, member = _STARTS[job.kind]
        value = str(job.members.get(member, ""))
        if job.kind is REPORT:
            value = report_plan_name(value)
        waiting = starts.get((operation, job.account, job.region, value))
        created = job.members[job.kind.created]
        # Which call started which job, no call says: the first one after its creation did.
        while waiting:
            call = waiting.popleft()
            if call.at is not None and call.at >= created:
                found[job.id].insert(0, call)
                break
    return found


# --- Chains -------------------------------------------------------------------------------


def _chains(jobs: Sequence[Job]) -> tuple[list[Job], list[Tie]]:
    """Return jobs, each after the one that it follows from, and which follows from which."""
    makers = {arn: job for job in jobs if (arn := job.members.get(_MADE.get(job.kind, "")))}
    by_id = {job.id: job for job in jobs}
    followers: dict[str, list[Job]] = {}
    roots = []
    for job in jobs:
        before = _before(job, makers, by_id)
        if before is None or before is job:
            roots.append(job)
        else:
            followers.setdefault(before.id, []).append(job)
    ordered: list[Job] = []
    placed: set[str] = set()
    for root in roots:
        _walk(root, followers, ordered, placed)
    # Seeded jobs may follow each other in a ring.
    for job in jobs:
        _walk(job, followers, ordered, placed)
    at = {job.id: index for index, job in enumerate(ordered)}
    ties = []
    for job in ordered:
        maker = makers.get(read_by(job) or "")
        parent = by_id.get(str(job.members.get("ParentJobId")))
        if maker is not None and maker is not job:
            ties.append(Tie(at[maker.id], at[job.id], "recovery point"))
        if parent is not None and parent is not job:
            ties.append(Tie(at[parent.id], at[job.id], "part"))
    return ordered, ties


def _before(job: Job, makers: Mapping[str, Job], by_id: Mapping[str, Job]) -> Job | None:
    parent = by_id.get(str(job.members.get("ParentJobId")))
    return parent or makers.get(read_by(job) or "")


def _walk(
    first: Job, followers: Mapping[str, list[Job]], ordered: list[Job], placed: set[str]
) -> None:
    waiting = [first]
    while waiting:
        job = waiting.pop()
        if job.id not in placed:
            placed.add(job.id)
            ordered.append(job)
            waiting += reversed(followers.get(job.id, []))


def instants(jobs: Iterable[ShownJob]) -> Iterator[int]:
    """Yield the instants at which the states of jobs began and ended."""
    for job in jobs:
        for each in job.stretches:
            yield each.since
            yield each.until
