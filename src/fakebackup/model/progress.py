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
    from collections.abc import Collection

    from fakebackup.model.account import Organization
    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind

Mode = Literal["polls", "immediate", "clock", "manual"]
MODES: tuple[str, ...] = get_args(Mode)

_WINDOW_ENDS = "StartBy"


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


def enter(
    organization: Organization,
    job: Job,
    state: str,
    changes: dict[str, Any],
    given: frozenset[str],
    at: int,
) -> None:
    """Bring a job to a state; whether the move is legal was judged before.

    Args:
        organization: where it lies.
        job: the job.
        state: the new state.
        changes: members that are given, as the model keeps them.
        given: their names, with those that are taken away.
        at: when it happens, in milliseconds.
    """
    kind = job.kind
    members = {k: v for k, v in job.members.items() if k not in given} | changes
    members[kind.state] = state
    place = organization.here(job, changes.get("AccountId", job.account), at)
    defaults.move(kind, members, given, place)
    organization.replace(job, members)
    effects.entered(organization, job, at)
    follow(organization, job, at)


def finish(organization: Organization, job: Job, state: str, members: Any, at: int) -> None:
    """Bring a job to a final state, a composite job's unfinished children before it.

    A composite job that completes although a child did not ends PARTIAL.

    Args:
        organization: where it lies.
        job: the job.
        state: the final state.
        members: what is given of its members, as (kept, names).
        at: when it happens, in milliseconds.
    """
    children = organization.jobs.children(job)
    for child in children:
        if not life.is_final(child.kind, child.state):
            ends, told = outcome(child) if state in ("COMPLETED", "PARTIAL") else (state, ({}, frozenset()))
            finish(organization, child, ends, told, at)
    failed = any(child.state != "COMPLETED" for child in organization.jobs.children(job))
    if state == "COMPLETED" and failed and children and "PARTIAL" in life.outcomes(job.kind):
        state = "PARTIAL"
    kept, given = members
    enter(organization, job, state, kept, given, at)


def outcome(job: Job) -> tuple[str, tuple[dict[str, Any], frozenset[str]]]:
    """Return the state in which progress ends a job, and the members it then has."""
    if job.started is None or job.started.outcome is None:
        return "COMPLETED", ({}, frozenset())
    return job.started.outcome


def step(organization: Organization, job: Job, at: int) -> None:
    """Move a job one state on; a composite job takes its children along, and ends after them."""
    kind, state = job.kind, job.state
    if life.is_final(kind, state):
        return
    ends, members = outcome(job)
    following = life.STEPS[kind][state]
    if following == "RUNNING" and ends in life.NEVER_RAN:
        following = None
    if following is None:
        finish(organization, job, ends, members, at)
        return
    for child in organization.jobs.children(job):
        if child.state == state:
            step(organization, child, at)
    enter(organization, job, following, {}, frozenset(), at)


def polled(organization: Organization, jobs: Collection[Job]) -> None:
    """Move jobs that have just been told one state on, if polls move them."""
    at = clock.now()
    # A composite job's children move with it, so each is judged by the state it was told in.
    told = [(job, job.state) for job in jobs if job.id in organization.progress.polled]
    for job, state in sorted(told, key=lambda each: "ParentJobId" in each[0].members):
        if job.state == state:
            step(organization, job, at)


def waiting(organization: Organization, kind: Kind, accounts: Collection[str], region: str) -> list[Job]:
    """Return the unfinished jobs of a kind that a listing of some accounts moves."""
    return [
        job
        for job in organization.progress.polled.values()
        if job.kind is kind and job.account in accounts and job.region == region
    ]


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
            finish(organization, job, "EXPIRED", ({}, frozenset()), at)
        else:
            step(organization, job, at)
