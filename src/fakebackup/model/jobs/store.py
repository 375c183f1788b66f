"""Stores of jobs: by id, by parent, in order, and counted."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import COPY, RESTORE, SCAN
from fakebackup.model.jobs.timeline import Timeline
from fakebackup.model.ordered import WHOLE
from fakebackup.model.shapes.answers import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from fakebackup.model.jobs.filters import Criterion
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.jobs.tallies import Tally
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
        self._update_tallies(kind, jobs, 1)

    def remove(self, job: Job) -> None:
        """Remove a job that is in this store and has not changed since it was added."""
        self._timelines[job.kind].remove(job)
        self._update_tallies(job.kind, [job], -1)

    def note(self, job: Job, step: int) -> None:
        """Note in indexes and tallies that a job is there (1), or no longer (-1).

        Its position in lists stays: this is for members that change.
        """
        timeline = self._timelines.get(job.kind)
        if timeline is not None:
            timeline.index(job) if step > 0 else timeline.unindex(job)
        for tally in self._tallies.get(job.kind, {}).values():
            tally.count(job, step)

    def matching(
        self, kind: Kind, criteria: list[Criterion] | None = None, bounds: Bounds = WHOLE
    ) -> Iterator[Job]:
        """Yield the jobs of a kind that meet all criteria, newest first.

        No job may be added, removed or moved while they are read.

        Args:
            kind: the kind of job.
            criteria: the criteria; None is none.
            bounds: the part of the list to yield from.
        """
        timeline = self._timelines.get(kind)
        return iter(()) if timeline is None else timeline.matching(criteria or [], bounds)

    def tally(
        self, kind: Kind, question: Hashable, read: Callable[[Job], tuple[Any, ...] | None]
    ) -> Tally:
        """Return a tally of the jobs of a kind.

        It is made when its question is first asked, which takes about two microseconds a job,
        and updated from then on; tallies of the questions least recently asked are evicted.

        Args:
            kind: the kind of job.
            question: identifies the tally.
            read: returns the key under which a job is counted; None for one that is not counted.
        """
        tallies = self._tallies.setdefault(kind, {})
        found = tallies.pop(question, None)
        if found is None:
            from fakebackup.model.jobs.tallies import Tally

            found = Tally(read)
            for job in self.of(kind):
                found.count(job, 1)
            if len(tallies) >= _MOST_TALLIES:
                del tallies[next(iter(tallies))]
        # At the end: the first one is the least recently used.
        tallies[question] = found
        return found

    def _update_tallies(self, kind: Kind, jobs: Sequence[Job], step: int) -> None:
        """Count jobs that were added (1) or removed (-1) in the tallies."""
        for tally in self._tallies.get(kind, {}).values():
            for job in jobs:
                tally.count(job, step)


class RegionJobs(Jobs):
    """The jobs of all accounts in one Region, ordered when a list first needs it."""

    def __init__(self, of_accounts: Callable[[], Iterable[Jobs]]) -> None:
        """Make them from a function that returns the jobs of each account."""
        super().__init__()
        self._of_accounts = of_accounts

    def of(self, kind: Kind) -> Iterable[Job]:
        """Return the jobs of a kind, in any order."""
        return (job for jobs in self._of_accounts() for job in jobs.of(kind))

    def add_all(self, kind: Kind, jobs: Sequence[Job]) -> None:
        """Add jobs of one kind that were added to their account."""
        if kind in self._timelines:
            self._timelines[kind].add_all(jobs)
        self._update_tallies(kind, jobs, 1)

    def remove(self, job: Job) -> None:
        """Remove a job that was removed from its account."""
        if job.kind in self._timelines:
            self._timelines[job.kind].remove(job)
        self._update_tallies(job.kind, [job], -1)

    def matching(
        self, kind: Kind, criteria: list[Criterion] | None = None, bounds: Bounds = WHOLE
    ) -> Iterator[Job]:
        """Yield jobs of a kind as `Jobs.matching` does, after putting them in order."""
        if kind not in self._timelines:
            made = Timeline()
            made.add_all(list(self.of(kind)))
            self._timelines[kind] = made
        return super().matching(kind, criteria, bounds)


class Register:
    """All jobs of a fake, of every kind, account and Region: no two share an id.

    A job takes about 250 bytes besides its members: for the object, `by_id` and the timeline.

    Attributes:
        by_id: the jobs by id.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, Job] = {}
        # Per recovery point, by ARN, the unfinished jobs that read it, by id.
        self._reading: dict[str, dict[str, Job]] = {}
        self._children: dict[str, dict[str, Job]] = {}
        self._shown: deque[Kept] = deque()

    def add_all(self, jobs: Iterable[Job]) -> None:
        """Add jobs with ids that are not taken."""
        for job in jobs:
            self.by_id[job.id] = job
            parent = job.members.get("ParentJobId")
            if parent is not None:
                self._children.setdefault(parent, {})[job.id] = job
            self.note(job, 1)

    def note(self, job: Job, step: int) -> None:
        """Note that a job reads its recovery point (1), or no longer (-1); not if it has ended."""
        if job.kind not in _READ:
            return
        point = _point_read(job)
        if point is None:
            return
        if step > 0:
            self._reading.setdefault(point, {})[job.id] = job
            return
        del self._reading[point][job.id]
        if not self._reading[point]:
            del self._reading[point]

    def remove(self, job: Job) -> None:
        """Remove a job that is in the register and has not changed since it was added."""
        del self.by_id[job.id]
        self.note(job, -1)
        parent = job.members.get("ParentJobId")
        if parent is not None:
            del self._children[parent][job.id]

    def to_show(self, jobs: Iterable[Job]) -> list[Mapping[str, Any]]:
        """Return the kept members of jobs for an answer; conversions of recent ones are cached."""
        found = [job.kept() for job in jobs]
        for members in found:
            if type(members) is Kept and not members.cached:
                members.cached = True
                self._shown.append(members)
        while len(self._shown) > _MOST_SHOWN:
            self._shown.popleft().forget()
        return found

    def reader(self, point: str) -> Job | None:
        """Return the oldest unfinished job that reads the point with an ARN; None if none does."""
        return min(self._reading.get(point, {}).values(), key=_age, default=None)

    def children(self, parent: Job) -> list[Job]:
        """Return the children of a composite job, oldest first."""
        children = self._children.get(parent.id) if self._children else None
        return sorted(children.values(), key=_age) if children else []

    def with_children(self, parent: Job) -> Mapping[str, Any]:
        """Return a composite job's members with the number and the states of its children."""
        if "NumberOfChildJobs" not in parent.kind.members:
            return parent.members
        children = self._children.get(parent.id, {}).values()
        states = Counter(child.kept_state for child in children)
        counts = {
            "NumberOfChildJobs": states.total(),
            "ChildJobsInState": dict(sorted(states.items())),
        }
        # One that was given as None is left out.
        return {k: v for k, v in counts.items() if k not in parent.given} | parent.members


def _age(job: Job) -> tuple[int, str]:
    """Return the sort key of a job: oldest first, then by id."""
    return (job.members[job.kind.created], job.id)


def _point_read(job: Job) -> str | None:
    """Return the ARN of the recovery point that an unfinished job reads; None if it reads none."""
    return None if life.is_final(job.kind, job.kept_state) else read_by(job)


def read_by(job: Job) -> str | None:
    """Return the ARN of the recovery point that a job reads, or has read; None if it reads none."""
    member = _READ.get(job.kind)
    return None if member is None else job.members.get(member)


def first_unfinished(jobs: Sequence[Job]) -> Job | None:
    """Return the first unfinished one of some jobs of one kind; None if all are finished."""
    if not jobs:
        return None
    kind = jobs[0].kind
    moves, state = life.MOVES[kind], kind.state
    for job in jobs:
        if job.members[state] in moves:
            return job
    return None
