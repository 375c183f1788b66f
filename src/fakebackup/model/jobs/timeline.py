"""Timelines: jobs in the order in which AWS lists them, newest first, then by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.jobs import filters
from fakebackup.model.ordered import WHOLE, Bounds, Index, Ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fakebackup.model.jobs.filters import Criterion, Read
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.ordered import Position


def position(job: Job) -> Position:
    """Return a job's sort key in lists: its creation, in milliseconds, negated, and its id."""
    members = job.members
    return (-members[job.kind.created], members[job.kind.id])


class Timeline(Ordered["Job"]):
    """The jobs of one kind in order, with indexes on the members that filters compare.

    An index on a member is made when a listing has read many jobs to find those with one
    value of it, and updated from then on. Making one takes about a microsecond per job. It takes
    8 bytes per job, and some 500 per value that several jobs have, 100 per value that one has.
    """

    __slots__ = ("_indexes",)

    def __init__(self) -> None:
        super().__init__(position)
        self._indexes: dict[tuple[str, Read], Index[Job]] = {}

    def add(self, job: Job) -> None:
        """Add a job."""
        super().add(job)
        self.index(job)

    def add_all(self, jobs: Sequence[Job]) -> None:
        """Add jobs, in any order."""
        if len(jobs) * 16 < len(self):
            super().add_all(jobs)
            return
        super().add_all(jobs)
        # Making them again, if they are needed, is cheaper than updating them.
        self._indexes.clear()

    def remove(self, job: Job) -> None:
        """Remove a job that is in the list and has not changed since it was added."""
        super().remove(job)
        self.unindex(job)

    def index(self, job: Job) -> None:
        """Let the indexes find a job that is in the list."""
        for index in self._indexes.values():
            index.add(job)

    def unindex(self, job: Job) -> None:
        """Let no index find a job any more; it has not changed since `index`."""
        for index in self._indexes.values():
            index.remove(job)

    def matching(self, criteria: list[Criterion], bounds: Bounds = WHOLE) -> Iterator[Job]:
        """Yield the jobs that meet all criteria, newest first.

        Args:
            criteria: the criteria.
            bounds: the part of the list to yield from.
        """
        if not criteria:
            return self.newest_first(bounds)
        narrowed, unindexed = self._narrowed(criteria)
        jobs = narrowed.newest_first(bounds)
        if not unindexed or len(narrowed) <= _MOST_READ:
            return (job for job in jobs if filters.passes(job.members, criteria))
        return self._filtered(jobs, criteria, unindexed, bounds)

    def _filtered(
        self,
        jobs: Iterator[Job],
        criteria: list[Criterion],
        unindexed: list[Criterion],
        bounds: Bounds,
    ) -> Iterator[Job]:
        """Yield the jobs that meet all criteria; after many jobs, go on with a new index."""
        met = dict.fromkeys(unindexed, 0)
        for number, job in enumerate(jobs):
            if filters.passes(job.members, criteria):
                yield job
            for criterion in unindexed:
                met[criterion] += criterion.test(job.members.get(criterion.member))
            if number == _MOST_READ:
                # The rarest value makes the most of an index.
                self._index(min(unindexed, key=met.__getitem__))
                yield from self.matching(criteria, bounds._replace(after=position(job)))
                break

    def _narrowed(self, criteria: list[Criterion]) -> tuple[Ordered[Job], list[Criterion]]:
        """Return the fewest jobs that an index yields, and the criteria that have no index yet."""
        narrowed: Ordered[Job] = self
        unindexed = []
        for criterion in criteria:
            if criterion.read is None:
                continue
            index = self._indexes.get((criterion.member, criterion.read))
            if index is None:
                unindexed.append(criterion)
                continue
            having = index.having(criterion.value)
            if len(having) < len(narrowed):
                narrowed = having
        return narrowed, unindexed

    def _index(self, criterion: Criterion) -> None:
        if criterion.read is not None:
            made = Index(_value(criterion.member, criterion.read), position)
            made.add_all(self)
            self._indexes[criterion.member, criterion.read] = made


_MOST_READ = 2000
"""How many jobs a listing reads before it makes an index."""


def _value(member: str, read: Read) -> Callable[[Job], Any]:
    """Return the function that reads what filters compare of a job's member."""

    def value(job: Job) -> Any:
        found = job.members.get(member)
        return None if found is None else read(found)

    return value
