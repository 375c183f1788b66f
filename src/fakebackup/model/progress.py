"""What moves jobs: by hand, by being polled, at once, or by the clock.

Every move of a job, whoever makes it, is `enter`: members, recovery points and events follow
from it in the same way. The model's lock is held by whoever calls.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, Literal, get_args

from fakebackup import clock
from fakebackup.model import defaults, effects, life

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from fakebackup.model.account import Organization
    from fakebackup.model.jobs import Ending, Job
    from fakebackup.model.kinds import Kind

Mode = Literal["polls", "immediate", "clock", "manual"]
MODES: tuple[str, ...] = get_args(Mode)

_WINDOW_ENDS = "StartBy"
NOTHING: tuple[dict[str, Any], frozenset[str]] = ({}, frozenset())
"""No members given with a move."""


class Progress:
    """Which jobs of a fake move, and when.

    Attributes:
        polled: unfinished jobs that move when they are asked for, by id, in order of creation.
        due: a heap of (instant in milliseconds, number, job, the members it had) of jobs that
            the clock moves; an entry whose job has other members by now is out of date.
        unread: kinds, accounts and regions in which a listing has begun and not ended.
    """

    def __init__(self) -> None:
        self.polled: dict[str, Job] = {}
        self.due: list[tuple[int, int, Job, dict[str, Any]]] = []
        self.unread: set[tuple[Kind, str, str]] = set()
        self._scheduled = 0

    def forget(self, job: Job) -> None:
        """Move a job no more."""
        self.polled.pop(job.id, None)

    def schedule(self, job: Job, instant: int) -> None:
        """Let the clock move a job at an instant, in milliseconds."""
        self._scheduled += 1
        heapq.heappush(self.due, (instant, self._scheduled, job, job.members))


def follow(organization: Organization, job: Job, entered: int) -> None:
    """Let a job move on from the state it is in, as its mode says.

    Args:
        organization: where it lies.
        job: the job.
        entered: when it came to its state, in milliseconds.
    """
    progress = organization.progress
    progress.forget(job)
    if life.is_final(job.kind, job.state):
        return
    if job.mode == "polls":
        progress.polled[job.id] = job
    elif job.mode == "immediate":
        step(organization, job, entered)
    elif job.mode == "clock":
        stays = organization.options.durations[job.state]
        limit = _window_end(job)
        leaves = entered + stays if limit is None else min(entered + stays, limit)
        progress.schedule(job, leaves)


def _window_end(job: Job) -> int | None:
    """Return when a window closes that ends a job in the state it is in, in milliseconds."""
    if job.state in ("CREATED", "PENDING"):
        found: int | None = job.members.get(_WINDOW_ENDS)
        return found
    return job.started.complete_by if job.started is not None else None


def enter(organization: Organization, job: Job, to: Ending, at: int) -> None:
    """Bring a job to a state; whether the move is legal was judged before.

    Args:
        organization: where it lies.
        job: the job.
        to: the state, and the members that are given with it.
        at: when it happens, in milliseconds.
    """
    kind = job.kind
    state, (changes, given) = to
    members = {k: v for k, v in job.members.items() if k not in given} | changes
    members[kind.state] = state
    place = organization.here(job, changes.get("AccountId", job.account), at)
    defaults.move(kind, members, given, place)
    organization.replace(job, members)
    effects.entered(organization, job, at)
    follow(organization, job, at)


def finish(organization: Organization, job: Job, to: Ending, at: int) -> None:
    """Bring a job to a final state, a composite job's unfinished children before it.

    A composite job that completes although a child did not ends PARTIAL. Arguments as for
    `enter`.
    """
    state, told = to
    for child in organization.jobs.children(job):
        if not life.is_final(child.kind, child.state):
            good = state in ("COMPLETED", "PARTIAL")
            finish(organization, child, outcome(child) if good else (state, NOTHING), at)
    failed = any(child.state != "COMPLETED" for child in organization.jobs.children(job))
    if state == "COMPLETED" and failed and "PARTIAL" in life.outcomes(job.kind):
        state = "PARTIAL"
    enter(organization, job, (state, told), at)


def outcome(job: Job) -> Ending:
    """Return the state in which progress ends a job, and the members it then has."""
    started = job.started
    ends = ("COMPLETED", NOTHING) if started is None or not started.outcome else started.outcome
    if ends[0] == "COMPLETED" and started is not None and started.by_client:
        missing = effects.missing_vault(job)
        if missing is not None:
            return "FAILED", ({"StatusMessage": missing}, frozenset({"StatusMessage"}))
    return ends


def step(organization: Organization, job: Job, at: int) -> None:
    """Move a job one state on; a composite job takes its children along, and ends after them."""
    kind, state = job.kind, job.state
    if life.is_final(kind, state):
        return
    ending = outcome(job)
    following = life.STEPS[kind][state]
    if following is None or (following == "RUNNING" and ending[0] in life.NEVER_RAN):
        finish(organization, job, ending, at)
        return
    for child in organization.jobs.children(job):
        if child.state == state:
            step(organization, child, at)
    enter(organization, job, (following, NOTHING), at)


def polled(organization: Organization, jobs: Iterable[Job]) -> None:
    """Move jobs that have just been told one state on, if polls move them."""
    at = clock.now()
    # A composite job takes its children along: each is judged by the state it was told in.
    told = [(job, job.state) for job in jobs if job.id in organization.progress.polled]
    for job, state in sorted(told, key=lambda each: "ParentJobId" in each[0].members):
        if job.state == state:
            step(organization, job, at)


def listing_begins(
    organization: Organization, kind: Kind, accounts: Collection[str], region: str
) -> None:
    """Move what an earlier listing told, and left before its last page."""
    for account in accounts:
        if (kind, account, region) in organization.progress.unread:
            _listed(organization, kind, account, region)


def page_told(
    organization: Organization, kind: Kind, accounts: Collection[str], region: str, *, last: bool
) -> None:
    """Move the jobs of a listing, shown or not, once its last page is told."""
    for account in accounts:
        if last:
            _listed(organization, kind, account, region)
        else:
            organization.progress.unread.add((kind, account, region))


def _listed(organization: Organization, kind: Kind, account: str, region: str) -> None:
    organization.progress.unread.discard((kind, account, region))
    here = [
        job
        for job in organization.progress.polled.values()
        if (job.kind, job.account, job.region) == (kind, account, region)
    ]
    polled(organization, here)


def advance(organization: Organization) -> None:
    """Move what the clock has made due, in the order in which it fell due."""
    due = organization.progress.due
    if not due:
        return
    now = clock.now()
    while due and due[0][0] <= now:
        at, _, job, members = heapq.heappop(due)
        if job.organization is not organization or job.members is not members:
            continue
        limit = _window_end(job)
        if limit is not None and at >= limit and "EXPIRED" in life.MOVES[job.kind][job.state]:
            finish(organization, job, ("EXPIRED", NOTHING), at)
        else:
            step(organization, job, at)
