"""The clockwork: the jobs that move by polls or by the clock, and when."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, TypeVar

from fakebackup import clock
from fakebackup.model.stores.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

    # The kind, account and Region of the jobs listed; None stands for all accounts.
    Listing = tuple[Kind, str | None, str]
    # A function that is called when it is due, with the instant in milliseconds.
    Act = Callable[[int], None]

Run = TypeVar("Run", bound="Callable[..., None]")

IS_CURRENT: dict[Any, Callable[..., bool]] = {}
"""Per function that makes a run of a schedule, one that tells of its first arguments, the same but
for the instant, whether it would run still."""


def by_schedule(is_current: Callable[..., bool]) -> Callable[[Run], Run]:
    """Return a decorator of a function that makes a run of a schedule, as `IS_CURRENT` has it."""

    def register(run: Run) -> Run:
        IS_CURRENT[run] = is_current
        return run

    return register


class Clockwork:
    """The jobs of a fake that move by themselves, and when.

    Attributes:
        polled: the unfinished jobs that polls move, by id, in the order in which they were
            added.
        waiting: per id of a job that the clock moves, the instant at which it moves next, in
            milliseconds, and the number of its item in `due`.
        due: a heap of (instant, number, job or act); an item of a job that is not in `waiting`
            with the same number is outdated.
        unread: the listings whose last page is not shown yet, in the order in which they began.
        lanes: the jobs that run, and those that wait for them.
        ran: the number of plan runs, and of jobs started by them, in the present step of the
            clock.
        went_on: whether the act that is being done has scheduled the one that follows it.
        latest: the latest instant at which something was scheduled, or was looked for while
            something was; 0 where nothing is scheduled.
        told_of_past: whether it was told that the clock went back behind that.
    """

    def __init__(self) -> None:
        self.polled: dict[str, Job] = {}
        self.waiting: dict[str, tuple[int, int]] = {}
        self.due: list[tuple[int, int, Job | Act]] = []
        self.unread: dict[Listing, None] = {}
        self.lanes = Lanes()
        self.ran = 0
        self.went_on = False
        self.latest = 0
        self.told_of_past = False
        self._scheduled = 0

    def forget(self, job: Job) -> None:
        """Stop moving a job."""
        self.polled.pop(job.id, None)
        self.waiting.pop(job.id, None)
        self.lanes.leave(job.id)

    def rename(self, job: Job, before: str) -> None:
        """Go on moving a job that had the id `before`."""
        if before in self.polled:
            self.polled[job.id] = self.polled.pop(before)
        if before in self.waiting:
            self.waiting[job.id] = self.waiting.pop(before)
        self.lanes.rename(job, before)

    def schedule_job(self, job: Job, instant: int) -> None:
        """Schedule the next move of a job at an instant, in milliseconds."""
        self._scheduled += 1
        self.latest = self.latest or clock.now()
        self.waiting[job.id] = (instant, self._scheduled)
        heapq.heappush(self.due, (instant, self._scheduled, job))

    def schedule(self, instant: int, act: Act) -> None:
        """Schedule a call of `act` at an instant, in milliseconds."""
        self._scheduled += 1
        self.latest = self.latest or clock.now()
        heapq.heappush(self.due, (instant, self._scheduled, act))
