"""Jobs in the order in which AWS lists them: newest first, then by id."""

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
    """Return where a job stands in a list: its creation, negated, in milliseconds, and its id."""
    members = job.members
    return (-members[job.kind.created], members[job.kind.id])


class Timeline(Ordered["Job"]):
    """Jobs of one kind in order, and looked up by what filters compare.

    An index on a member is made when a listing has passed over many jobs to find those with one
    value of it, and followed from then on. Making one takes about a microsecond for each job. It
    takes 8 bytes for each job, and some 500 for each value that several jobs have, 100 for each
    that one has.
    """

    __slots__ = ("_indexes",)

    def __init__(self) -> None:
        super().__init__(position)
        self._indexes: dict[tuple[str, Read], Index[Job]] = {}

    def add(self, job: Job) -> None:
        """Take a job in."""
        super().add(job)
        for index in self._indexes.values():
            index.add(job)

    def add_all(self, jobs: Sequence[Job]) -> None:
        """Take many jobs in, in whatever order they are."""
        if len(jobs) * 16 < len(self):
            super().add_all(jobs)
            return
        super().add_all(jobs)
        # Cheaper made anew, should they be needed, than followed.
        self._indexes.clear()

    def remove(self, job: Job) -> None:
        """Take a job out; it is here, and no member has changed since it came."""
        super().remove(job)
        for index in self._indexes.values():
            index.remove(job)

    def matching(self, criteria: list[Criterion], bounds: Bounds = WHOLE) -> Iterator[Job]:
        """Yield the jobs that have all that is asked, newest first.

        Args:
            criteria: what is asked.
            bounds: in which part of the list.
        """
        if not criteria:
            return self.newest_first(bounds)
        there, open_ = self._narrowed(criteria)
        jobs = there.newest_first(bounds)
        if not open_ or len(there) <= _PATIENCE:
            return (job for job in jobs if filters.passes(job.members, criteria))
        return self._patiently(jobs, criteria, open_, bounds)

    def _patiently(
        self, jobs: Iterator[Job], criteria: list[Criterion], open_: list[Criterion], bounds: Bounds
    ) -> Iterator[Job]:
        """Yield the criteria among jobs; once many were passed, go on with an index."""
        passed = dict.fromkeys(open_, 0)
        for number, job in enumerate(jobs):
            if filters.passes(job.members, criteria):
                yield job
            for criterion in open_:
                passed[criterion] += criterion.test(job.members.get(criterion.member))
            if number == _PATIENCE:
                self._index(min(open_, key=passed.__getitem__))
                yield from self.matching(criteria, bounds._replace(after=position(job)))
                break

    def _narrowed(self, criteria: list[Criterion]) -> tuple[Ordered[Job], list[Criterion]]:
        """Return the fewest jobs that an index gives, and what is asked that none tells yet."""
        found: Ordered[Job] = self
        open_ = []
        for criterion in criteria:
            if criterion.read is None:
                continue
            index = self._indexes.get((criterion.member, criterion.read))
            if index is None:
                open_.append(criterion)
                continue
            having = index.having(criterion.value)
            if len(having) < len(found):
                found = having
        return found, open_

    def _index(self, criterion: Criterion) -> None:
        if criterion.read is not None:
            made = Index(_value(criterion.member, criterion.read), position)
            made.add_all(self)
            self._indexes[criterion.member, criterion.read] = made


_PATIENCE = 2000
"""How many jobs a listing passes before it asks for an index."""


def _value(member: str, read: Read) -> Callable[[Job], Any]:
    """Return what reads the value that filters compare of a job's member."""

    def value(job: Job) -> Any:
        found = job.members.get(member)
        return None if found is None else read(found)

    return value
