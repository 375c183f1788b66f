"""The clockwork: which jobs move, and when."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

    # The kind, account and Region of the jobs listed; without an account, everybody's.
    Listing = tuple[Kind, str | None, str]
    # What is done at an instant, which it is given in milliseconds.
    Act = Callable[[int], None]


class Clockwork:
    """Which jobs of a fake move, and when.

    Attributes:
        polled: unfinished jobs that move when they are asked for, by id, in the order in which
            they came to do so.
        waiting: for each job that the clock moves, by id: the instant in milliseconds at which
            it moves next, and a number.
        due: a heap of (instant, number, job or act); a job's entry that `waiting` no longer has
            is out of date.
        unread: kinds, accounts and Regions in which a listing has begun and not ended, in order.
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

    def rename(self, job: Job, before: str) -> None:
        """Keep moving a job whose id was another one before."""
        if before in self.polled:
            self.polled[job.id] = self.polled.pop(before)
        if before in self.waiting:
            self.waiting[job.id] = self.waiting.pop(before)

    def schedule_job(self, job: Job, instant: int) -> None:
        """Let the clock move a job at an instant, in milliseconds."""
        self._scheduled += 1
        self.waiting[job.id] = (instant, self._scheduled)
        heapq.heappush(self.due, (instant, self._scheduled, job))

    def schedule(self, instant: int, act: Act) -> None:
        """Let the clock bring something about at an instant, in milliseconds."""
        self._scheduled += 1
        heapq.heappush(self.due, (instant, self._scheduled, act))
