"""Lanes: what unfinished jobs of a kind share, in which so many may run at a time."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakebackup.model.jobs.job import Job

    # The name of a quota, the account, the Region, and what else its jobs are counted by.
    Lane = tuple[str, ...]


class Waiting(NamedTuple):
    """A job that waits for its turn.

    Attributes:
        job: the job.
        wants: the lanes in which it is to take a place.
        behind: the one of them that had no room when that was last looked at.
    """

    job: Job
    wants: Sequence[Lane]
    behind: Lane


class Lanes:
    """The jobs of a fake that have a place in lanes, and those that wait for one.

    Attributes:
        holders: per lane, the jobs that have a place in it, by id, in the order in which they
            took it.
        taken: per id of a job, the lanes in which it has a place.
        waiting: per id of a job that waits, what it waits for.
        lines: per lane, a heap of (number, id) of the jobs that wait for it; one of a job that
            does not wait for this lane is outdated.
        freed: the lanes in which a place has become free, and which may have one for others.
        letting_in: whether those that wait are being let into lanes.
    """

    def __init__(self) -> None:
        self.holders: dict[Lane, dict[str, Job]] = {}
        self.taken: dict[str, tuple[Lane, ...]] = {}
        self.waiting: dict[str, Waiting] = {}
        self.lines: dict[Lane, list[tuple[int, str]]] = {}
        self.freed: dict[Lane, None] = {}
        self.letting_in = False

    def count(self, lane: Lane) -> int:
        """Return how many jobs have a place in a lane."""
        return len(self.holders.get(lane, ()))

    def take(self, job: Job, lanes: Sequence[Lane]) -> None:
        """Let a job take a place in lanes, however many have one there."""
        job_id, holders = job.id, self.holders
        for lane in lanes:
            if lane in holders:
                holders[lane][job_id] = job
            else:
                holders[lane] = {job_id: job}
        self.taken[job_id] = (*self.taken.get(job_id, ()), *lanes)

    def line_up(self, job: Job, wants: Sequence[Lane], behind: Lane) -> None:
        """Let a job wait for a lane, behind those that were started before it."""
        self.waiting[job.id] = Waiting(job, wants, behind)
        heapq.heappush(self.lines.setdefault(behind, []), (job.number, job.id))

    def first_in_line(self, lane: Lane) -> Waiting | None:
        """Return the first job that waits for a lane; None if none does."""
        line = self.lines.get(lane)
        while line:
            found = self.waiting.get(line[0][1])
            if found is not None and found.behind == lane:
                return found
            heapq.heappop(line)
        self.lines.pop(lane, None)
        return None

    def leave(self, job_id: str) -> None:
        """Let a job neither have a place nor wait for one."""
        self.waiting.pop(job_id, None)
        for lane in self.taken.pop(job_id, ()):
            holders = self.holders[lane]
            del holders[job_id]
            if not holders:
                del self.holders[lane]
            if lane in self.lines:
                self.freed[lane] = None

    def rename(self, job: Job, before: str) -> None:
        """Keep the places of a job that had the id `before`, or its place in line."""
        lanes = self.taken.pop(before, None)
        if lanes is not None:
            for lane in lanes:
                del self.holders[lane][before]
            self.take(job, lanes)
        found = self.waiting.pop(before, None)
        if found is not None:
            self.line_up(job, found.wants, found.behind)
