"""Jobs as they are kept: by id, by parent, in order, and counted."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import COPY, RESTORE, SCAN
from fakebackup.model.jobs.tallies import Tally
from fakebackup.model.jobs.timeline import Timeline
from fakebackup.model.ordered import WHOLE
from fakebackup.model.shapes.answers import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from fakebackup.model.jobs.filters import Criterion
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.ordered import Bounds


_READ = {COPY: "SourceRecoveryPointArn", RESTORE: "RecoveryPointArn", SCAN: "RecoveryPointArn"}
"""The kinds of job that read a recovery point, and the member that names it."""

_MOST_TALLIES = 32
_MOST_SHOWN = 2**17


class Jobs:
    """The jobs of one account in one Region, by kind: in order, and counted."""

    def __init__(self) -> None:
        self._timelines: dict[Kind, Timeline] = {}
        self._tallies: dict[Kind, dict[Hashable, Tally]] = {}

    def of(self, kind: Kind) -> Iterable[Job]:
        """Return the jobs of a kind, in any order."""
        return self._timelines.get(kind, ())

    def count(self, kind: Kind) -> int:
        """Return how many jobs of a kind there are."""
        return len(self._timelines.get(kind, ()))

    def add_all(self, kind: Kind, jobs: Sequence[Job]) -> None:
        """Add jobs of one kind."""
        self._timelines.setdefault(kind, Timeline()).add_all(jobs)
        self._tell(kind, jobs, 1)

    def remove(self, job: Job) -> None:
        """Remove a job; it is here, and no member has changed since it came."""
        self._timelines[job.kind].remove(job)
        self._tell(job.kind, [job], -1)

    def matching(
        self, kind: Kind, criteria: list[Criterion] | None = None, bounds: Bounds = WHOLE
    ) -> Iterator[Job]:
        """Yield the jobs of a kind that meet all criteria, newest first.

        No job comes, goes or moves while they are read.

        Args:
            kind: the kind of job.
            criteria: what is asked.
            bounds: in which part of the list.
        """
        timeline = self._timeline(kind)
        return iter(()) if timeline is None else timeline.matching(criteria or [], bounds)

    def _timeline(self, kind: Kind) -> Timeline | None:
        return self._timelines.get(kind)

    def tally(
        self, kind: Kind, question: Hashable, read: Callable[[Job], tuple[Any, ...] | None]
    ) -> Tally:
        """Return the counts of the jobs of a kind.

        They are counted when a question is asked for the first time, which takes about two
        microseconds a job, and followed from then on, for the questions asked last.

        Args:
            kind: the kind of job.
            question: what tells these counts from others.
            read: what a job is counted as; None for one that is not.
        """
        tallies = self._tallies.setdefault(kind, {})
        found = tallies.pop(question, None)
        if found is None:
            found = Tally(read)
            for job in self.of(kind):
                found.count(job, 1)
            if len(tallies) >= _MOST_TALLIES:
                del tallies[next(iter(tallies))]
        # The one asked for last is the last to go.
        tallies[question] = found
        return found

    def _tell(self, kind: Kind, jobs: Sequence[Job], step: int) -> None:
        """Let the tallies know of jobs that came (1) or go (-1)."""
        for tally in self._tallies.get(kind, {}).values():
            for job in jobs:
                tally.count(job, step)


class RegionJobs(Jobs):
    """The jobs of all accounts in one Region; the order over them is made when it is needed."""

    def __init__(self, parts: Callable[[], Iterable[Jobs]]) -> None:
        """Make them of parts: a function that returns the jobs of each account."""
        super().__init__()
        self._parts = parts

    def of(self, kind: Kind) -> Iterable[Job]:
        """Return the jobs of a kind, in any order."""
        return (job for part in self._parts() for job in part.of(kind))

    def add_all(self, kind: Kind, jobs: Sequence[Job]) -> None:
        """Add jobs of one kind, which an account has by now."""
        if kind in self._timelines:
            self._timelines[kind].add_all(jobs)
        self._tell(kind, jobs, 1)

    def remove(self, job: Job) -> None:
        """Remove a job, which no account has any more."""
        if job.kind in self._timelines:
            self._timelines[job.kind].remove(job)
        self._tell(job.kind, [job], -1)

    def _timeline(self, kind: Kind) -> Timeline | None:
        if kind not in self._timelines:
            made = Timeline()
            made.add_all(list(self.of(kind)))
            self._timelines[kind] = made
        return self._timelines[kind]


class Register:
    """All jobs of a fake, whatever their kind, account and Region: no two share an id.

    A job takes about 250 bytes besides its members: itself, its place in `by_id` and its place
    in the order.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, Job] = {}
        self._reading: dict[str, Job] = {}
        self._children: dict[str, dict[str, Job]] = {}
        self._shown: deque[Kept] = deque()

    def add_all(self, jobs: Iterable[Job]) -> None:
        """Add jobs whose ids are free."""
        for job in jobs:
            self.by_id[job.id] = job
            parent = job.members.get("ParentJobId")
            if parent is not None:
                self._children.setdefault(parent, {})[job.id] = job
            if job.kind in _READ and not life.is_final(job.kind, job.kept_state):
                self._reading[job.id] = job

    def remove(self, job: Job) -> None:
        """Remove a job; it is here, and no member has changed since it came."""
        del self.by_id[job.id]
        self._reading.pop(job.id, None)
        parent = job.members.get("ParentJobId")
        if parent is not None:
            del self._children[parent][job.id]

    def to_show(self, jobs: Iterable[Job]) -> list[Mapping[str, Any]]:
        """Return the members of jobs that are shown now; what is made of them is kept a while."""
        found = [job.kept() for job in jobs]
        for members in found:
            if type(members) is Kept and members.memo is None:
                members.memo = {}
                self._shown.append(members)
        while len(self._shown) > _MOST_SHOWN:
            self._shown.popleft().memo = None
        return found

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
        counted = Counter(child.kept_state for child in children)
        found = {
            "NumberOfChildJobs": counted.total(),
            "ChildJobsInState": dict(sorted(counted.items())),
        }
        # One that was given as None is left out.
        return {k: v for k, v in found.items() if k not in parent.given} | parent.members
