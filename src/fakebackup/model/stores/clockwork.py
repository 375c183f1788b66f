"""The clockwork: the jobs that move by polls or by the clock, and when."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from fakebackup.model.stores.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

    # The kind, account and Region of the jobs listed; None stands for all accounts.
    Listing = tuple[Kind, str | None, str]
    # A function that is called when it is due, with the instant in milliseconds.
    Act = Callable[[int], None]


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
    """

    def __init__(self) -> None:
        self.polled: dict[str, Job] = {}
        self.waiting: dict[str, tuple[int, int]] = {}
        self.due: list[tuple[int, int, Job | Act]] = []
        self.unread: dict[Listing, None] = {}
        self.lanes = Lanes()
        self.ran = 0
        self.went_on = False
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
        self.waiting[job.id] = (instant, self._scheduled)
        heapq.heappush(self.due, (instant, self._scheduled, job))

    def schedule(self, instant: int, act: Act) -> None:
        """Schedule a call of `act` at an instant, in milliseconds."""
        self._scheduled += 1
        heapq.heappush(self.due, (instant, self._scheduled, act))
