"""What moves jobs: by hand, by being polled, at once, or by the clock.

Every move of a job, whoever makes it, is `enter`: members, recovery points and events follow
from it in the same way. The model's lock is held by whoever calls.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import FakeBackupError
from fakebackup.model import defaults, effects, life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fakebackup.model.account import Organization
    from fakebackup.model.jobs import Ending, Job
    from fakebackup.model.kinds import Kind

    # The kind, account and region of the jobs listed; without an account, everybody's.
    Listing = tuple[Kind, str | None, str]
    # What is done at an instant, which it is given in milliseconds.
    Act = Callable[[int], None]

_WINDOW_ENDS = "StartBy"
_GOOD = ("COMPLETED", "PARTIAL")
"""The ends of jobs that leave recovery points."""

NOTHING: tuple[dict[str, Any], frozenset[str]] = ({}, frozenset())
"""No members given with a move."""


class Progress:
    """Which jobs of a fake move, and when.

    Attributes:
        polled: unfinished jobs that move when they are asked for, by id, in the order in which
            they came to do so.
        waiting: for each job that the clock moves, by id: the instant in milliseconds at which
            it moves next, and a number.
        due: a heap of (instant, number, job or act); a job's entry that `waiting` no longer has
            is out of date.
        unread: kinds, accounts and regions in which a listing has begun and not ended, in order.
        ran: how much plans have run in the present step of the clock: runs and the jobs of them.
    """

    def __init__(self) -> None:
        self.polled: dict[str, Job] = {}
        self.waiting: dict[str, tuple[int, int]] = {}
        self.due: list[tuple[int, int, Job | Act]] = []
        self.unread: dict[Listing, None] = {}
        self.ran = 0
        self._scheduled = 0

    def forget(self, job: Job) -> None:
        """Move a job no more."""
        self.polled.pop(job.id, None)
        self.waiting.pop(job.id, None)

    def renamed(self, job: Job, before: str) -> None:
        """Keep moving a job whose id was another one before."""
        if before in self.polled:
            self.polled[job.id] = self.polled.pop(before)
        if before in self.waiting:
            self.waiting[job.id] = self.waiting.pop(before)

    def schedule(self, job: Job, instant: int) -> None:
        """Let the clock move a job at an instant, in milliseconds."""
        self._scheduled += 1
        self.waiting[job.id] = (instant, self._scheduled)
        heapq.heappush(self.due, (instant, self._scheduled, job))

    def arrange(self, instant: int, act: Act) -> None:
        """Let the clock bring something about at an instant, in milliseconds."""
        self._scheduled += 1
        heapq.heappush(self.due, (instant, self._scheduled, act))


def follow(organization: Organization, job: Job, entered: int) -> None:
    """Let a job move on from the state it is in, as its mode says.

    Args:
        organization: where it lies.
        job: the job.
        entered: when it came to its state, in milliseconds.
    """
    progress = organization.progress
    progress.waiting.pop(job.id, None)
    final = life.is_final(job.kind, job.kept_state)
    if job.mode == "polls" and not final:
        # One that is there keeps its place: a listing moves jobs in the order they came.
        progress.polled[job.id] = job
        return
    progress.polled.pop(job.id, None)
    if final:
        return
    if job.mode == "immediate":
        step(organization, job, entered)
    elif job.mode == "clock":
        progress.schedule(job, _leaves(organization, job, entered))


def _leaves(organization: Organization, job: Job, entered: int) -> int:
    """Return when the clock moves a job out of the state it came to, in milliseconds."""
    leaves = entered + organization.options.durations[job.kept_state]
    limit = _window_end(job)
    if limit is None:
        return leaves
    # A window may have closed before: it cannot end the job earlier than now.
    limit = max(limit, entered)
    return limit if _never_runs(job) else min(leaves, limit)


def _never_runs(job: Job) -> bool:
    """Tell whether a job that does not run yet is to end without having run."""
    return life.STEPS[job.kind][job.kept_state] == "RUNNING" and outcome(job)[0] in life.NEVER_RAN


def _window_end(job: Job) -> int | None:
    """Return when a window closes that ends a job in the state it is in, in milliseconds."""
    if "EXPIRED" not in life.MOVES[job.kind][job.kept_state]:
        # One that is being stopped is stopped, however late.
        return None
    starts = job.members.get(_WINDOW_ENDS) if job.kept_state in ("CREATED", "PENDING") else None
    completes = job.started.complete_by if job.started is not None else None
    return min((each for each in (starts, completes) if each is not None), default=None)


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
    own = {} if job.started is None else job.started.left
    fresh = [name for name in own if name not in members and name not in given]
    defaults.move(kind, members, given, place)
    members |= {name: own[name] for name in fresh if name in members}
    organization.replace(job, members)
    effects.entered(organization, job, at)
    follow(organization, job, at)


def check(job: Job, wanted: str) -> None:
    """Refuse an illegal move by hand; a job that a client started needs its vault to complete.

    Args:
        job: the job.
        wanted: the state it is to go to.

    Raises:
        FakeBackupError: the move is illegal; the message says what is possible.
    """
    kind, state = job.kind, job.kept_state
    life.check(kind, state, wanted, parent=bool(job.members.get("IsParent")))
    missing = effects.missing_vault(job) if wanted in _GOOD else None
    if missing is not None:
        msg = (
            f"A {kind.name} cannot go from {state} to {wanted} when its backup vault {missing} is "
            f"deleted: AWS lets it fail. To set it all the same, and have the vault made anew, "
            f"call job.update({kind.state}={wanted!r})."
        )
        raise FakeBackupError(msg)


def finish(organization: Organization, job: Job, to: Ending, at: int) -> None:
    """Bring a job to a final state, a composite job's unfinished children before it.

    A composite job that completes although a child did not ends PARTIAL. Arguments as for
    `enter`.
    """
    state, told = to
    for child in organization.jobs.children(job):
        if not life.is_final(child.kind, child.kept_state):
            good = state in _GOOD
            _finish_child(organization, child, outcome(child) if good else (state, NOTHING), at)
    failed = any(child.kept_state != "COMPLETED" for child in organization.jobs.children(job))
    if state == "COMPLETED" and failed and "PARTIAL" in life.outcomes(job.kind):
        state = "PARTIAL"
    enter(organization, job, (state, told), at)


def _finish_child(organization: Organization, child: Job, to: Ending, at: int) -> None:
    if child.kept_state == "ABORTING":
        to = ("ABORTED", NOTHING)
    elif to[0] not in life.MOVES[child.kind][child.kept_state]:
        enter(organization, child, ("RUNNING", NOTHING), at)
    finish(organization, child, to, at)


def outcome(job: Job) -> Ending:
    """Return the state in which progress ends a job, and the members it then has."""
    started = job.started
    ends = ("COMPLETED", NOTHING) if started is None or not started.outcome else started.outcome
    missing = effects.missing_vault(job) if ends[0] in _GOOD else None
    if missing is None:
        return ends
    # AWS's words are not known [assumed].
    told = f"{job.kind.name.capitalize()} failed because backup vault {missing} does not exist."
    return "FAILED", ({"StatusMessage": told}, frozenset({"StatusMessage"}))


def step(organization: Organization, job: Job, at: int) -> None:
    """Move a job one state on; a composite job takes its children along, and ends after them."""
    kind, state = job.kind, job.kept_state
    if life.is_final(kind, state):
        return
    following = life.STEPS[kind][state]
    if following is None or _never_runs(job):
        finish(organization, job, outcome(job), at)
        return
    for child in organization.jobs.children(job):
        if child.kept_state == state:
            step(organization, child, at)
    enter(organization, job, (following, NOTHING), at)


def polled(organization: Organization, jobs: Iterable[Job]) -> None:
    """Move jobs that have just been told one state on, if polls move them."""
    at = clock.now()
    # A composite job takes its children along: each is judged by the state it was told in.
    told = [(job, job.kept_state) for job in jobs if job.id in organization.progress.polled]
    for job, state in sorted(told, key=lambda each: "ParentJobId" in each[0].members):
        if job.kept_state == state:
            step(organization, job, at)


def listing_begins(
    organization: Organization, kind: Kind, account: str | None, region: str
) -> None:
    """Move what an earlier listing told, and left before its last page.

    Args:
        organization: where it is.
        kind: the kind of job listed.
        account: whose jobs are listed; None for everybody's.
        region: where they lie.
    """
    for place in sorted(organization.progress.unread, key=lambda each: each[1] or ""):
        if _covers((kind, account, region), place):
            _listed(organization, place)


def page_told(
    organization: Organization, kind: Kind, account: str | None, region: str, *, last: bool
) -> None:
    """Move the jobs of a listing, shown or not, once its last page is told.

    Arguments are those of `listing_begins`; `last` tells whether the page is the last one.
    """
    if not last:
        organization.progress.unread[kind, account, region] = None
    elif organization.progress.polled or organization.progress.unread:
        _listed(organization, (kind, account, region))


def _covers(listing: Listing, other: Listing) -> bool:
    """Tell whether a listing is of jobs that another one is of, too."""
    kind, account, region = listing
    its, whose, where = other
    return (its, where) == (kind, region) and (None in (account, whose) or account == whose)


def _listed(organization: Organization, listing: Listing) -> None:
    kind, account, region = listing
    organization.progress.unread = {
        each: None
        for each in organization.progress.unread
        if each != listing and not (account is None and _covers(listing, each))
    }
    here = [
        job
        for job in organization.progress.polled.values()
        if (job.kind, job.region) == (kind, region) and account in (None, job.account)
    ]
    # Account by account: what moves when must not depend on who listed first.
    for whose in sorted({job.account for job in here}):
        polled(organization, [job for job in here if job.account == whose])


def advance(organization: Organization) -> None:
    """Move what the clock has made due, in the order in which it fell due."""
    due = organization.progress.due
    if not due:
        return
    now = clock.now()
    organization.progress.ran = 0
    while due and due[0][0] <= now:
        at, number, what = heapq.heappop(due)
        if callable(what):
            what(at)
        elif organization.progress.waiting.get(what.id) == (at, number):
            _move_due(organization, what, at)


def _move_due(organization: Organization, job: Job, at: int) -> None:
    limit = _window_end(job)
    if limit is not None and at >= limit:
        chosen = outcome(job)
        ending = chosen if chosen[0] == "EXPIRED" else ("EXPIRED", NOTHING)
        finish(organization, job, ending, at)
    else:
        step(organization, job, at)
