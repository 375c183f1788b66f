"""The jobs of a fake, in the order in which AWS lists them: newest first, then by id."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from typing import TYPE_CHECKING, Any, TypedDict

from fakebackup.model import life
from fakebackup.model.kinds import COPY, RESTORE, SCAN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from typing_extensions import Unpack

    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind

Position = tuple[int, str]
"""Where a job stands in a list: its creation, negated, in milliseconds, and its id."""


def position(job: Job) -> Position:
    """Return where a job stands in a list."""
    return (-job.members[job.kind.created], job.members[job.kind.id])


class Bounds(TypedDict, total=False):
    """The arguments of `Timeline.newest_first`."""

    after: Position | None
    since: int | None
    until: int | None


class Timeline:
    """The jobs of one kind in one account and region, by creation."""

    def __init__(self) -> None:
        self._instants: list[int] = []
        self._jobs: dict[int, list[Job]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._jobs.values()))

    def add(self, job: Job) -> None:
        """Take a job in."""
        created = job.members[job.kind.created]
        beside = self._jobs.get(created)
        if beside is None:
            self._jobs[created] = [job]
            insort(self._instants, created)
        else:
            insort(beside, job, key=lambda each: each.members[each.kind.id])

    def remove(self, job: Job) -> None:
        """Take a job out; it is here, and its creation has not changed since."""
        created = job.members[job.kind.created]
        beside = self._jobs[created]
        beside[:] = [each for each in beside if each is not job]
        if not beside:
            del self._jobs[created]
            del self._instants[bisect_left(self._instants, created)]

    def newest_first(
        self, after: Position | None = None, since: int | None = None, until: int | None = None
    ) -> Iterator[Job]:
        """Yield jobs newest first.

        Args:
            after: the position after which to begin.
            since: the first creation to yield, in milliseconds.
            until: the last one.
        """
        instants = self._instants
        bounds = [each for each in (until, after and -after[0]) if each is not None]
        newest = min(bounds, default=None)
        at = len(instants) if newest is None else bisect_right(instants, newest)
        oldest = 0 if since is None else bisect_left(instants, since)
        for index in range(at - 1, oldest - 1, -1):
            for job in self._jobs[instants[index]]:
                if after is None or position(job) > after:
                    yield job


_READ = {COPY: "SourceRecoveryPointArn", RESTORE: "RecoveryPointArn", SCAN: "RecoveryPointArn"}
"""The kinds of job that read a recovery point, and the member that names it."""


class Jobs:
    """All jobs of a fake, whatever their kind, account and region."""

    def __init__(self) -> None:
        self.by_id: dict[str, Job] = {}
        self._reading: dict[str, Job] = {}
        self._timelines: dict[tuple[Kind, str, str], Timeline] = {}
        self._children: dict[str, dict[str, Job]] = {}

    def add(self, job: Job) -> None:
        """Take a job in; its id is free, its account and region are set."""
        self.by_id[job.id] = job
        self._timelines.setdefault((job.kind, job.account, job.region), Timeline()).add(job)
        parent = job.members.get("ParentJobId")
        if parent is not None:
            self._children.setdefault(parent, {})[job.id] = job
        if job.kind in _READ and not life.is_final(job.kind, job.state):
            self._reading[job.id] = job

    def remove(self, job: Job) -> None:
        """Take a job out; it is here, and no member has changed since it came."""
        del self.by_id[job.id]
        self._reading.pop(job.id, None)
        self._timelines[job.kind, job.account, job.region].remove(job)
        parent = job.members.get("ParentJobId")
        if parent is not None:
            del self._children[parent][job.id]

    def find(self, kind: Kind, job_id: str, account: str, region: str) -> Job | None:
        """Return the job of a kind with an id in an account and region, if there is one."""
        job = self.by_id.get(job_id)
        if job is None or (job.kind, job.account, job.region) != (kind, account, region):
            return None
        return job

    def newest_first(
        self, kind: Kind, accounts: Collection[str], region: str, **bounds: Unpack[Bounds]
    ) -> Iterator[Job]:
        """Yield the jobs of a kind in some accounts and a region, newest first.

        The bounds are the arguments of `Timeline.newest_first`.
        """
        timelines = [
            self._timelines[kind, account, region].newest_first(**bounds)
            for account in accounts
            if (kind, account, region) in self._timelines
        ]
        return timelines[0] if len(timelines) == 1 else heapq.merge(*timelines, key=position)

    def places(self, kind: Kind | None = None) -> list[tuple[Kind, str, str, int]]:
        """Return where jobs lie (of one kind, or all): kind, account, region, how many."""
        return [
            (*place, len(timeline))
            for place, timeline in self._timelines.items()
            if len(timeline) and kind in (None, place[0])
        ]

    def reader(self, point: str) -> Job | None:
        """Return an unfinished job that reads the recovery point with an ARN, if there is one."""
        reading = self._reading.values()
        return next((job for job in reading if job.members.get(_READ[job.kind]) == point), None)

    def children(self, parent: Job) -> list[Job]:
        """Return the children of a composite job, the oldest first, however they moved since."""
        children = self._children.get(parent.id, {}).values()
        return sorted(children, key=lambda job: (job.members[job.kind.created], job.id))

    def with_children(self, parent: Job) -> Mapping[str, Any]:
        """Return a parent's members with the number of its children and their states."""
        if "NumberOfChildJobs" not in parent.kind.members:
            return parent.members
        children = self._children.get(parent.id, {}).values()
        counted = Counter(child.state for child in children)
        told = {
            "NumberOfChildJobs": counted.total(),
            "ChildJobsInState": dict(sorted(counted.items())),
        }
        # One that was given as None is left out.
        return {k: v for k, v in told.items() if k not in parent.given} | parent.members
