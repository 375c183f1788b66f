"""Timelines: jobs in the order in which AWS lists them, newest first, then by id."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.jobs import filters

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from fakebackup.model.jobs.filters import Criterion, Read
    from fakebackup.model.jobs.job import Job

    Position = tuple[int, str]


def position(job: Job) -> Position:
    """Return a job's sort key in lists: its creation, in milliseconds, negated, and its id."""
    members = job.members
    return (-members[job.kind.created], members[job.kind.id])


class Bounds(NamedTuple):
    """A part of a list.

    Attributes:
        after: the position after which it begins; None is the start of the list.
        since: the earliest creation in it, in milliseconds; None for no limit.
        until: the latest creation in it, in milliseconds; None for no limit.
    """

    after: Position | None = None
    since: int | None = None
    until: int | None = None


WHOLE = Bounds()


class Ordered:
    """A sorted list of jobs in blocks, so that a change shifts at most one block.

    It takes 8 bytes per job. Finding a position takes some ten comparisons.
    """

    __slots__ = ("_blocks", "_count", "_firsts")

    def __init__(self) -> None:
        self._blocks: list[list[Job]] = []
        self._firsts: list[Position] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Job]:
        return chain.from_iterable(self._blocks)

    def add(self, job: Job) -> None:
        """Add a job."""
        at = position(job)
        self._count += 1
        if not self._blocks:
            self._set([job])
            return
        number = max(bisect_right(self._firsts, at) - 1, 0)
        block = self._blocks[number]
        insort(block, job, key=position)
        if len(block) > 2 * _BLOCK:
            self._blocks[number : number + 1] = [block[:_BLOCK], block[_BLOCK:]]
            self._firsts.insert(number + 1, position(block[_BLOCK]))
        self._firsts[number] = min(self._firsts[number], at)

    def add_all(self, jobs: Sequence[Job]) -> None:
        """Add jobs, in any order."""
        if len(jobs) * 16 < self._count:
            for job in jobs:
                self.add(job)
            return
        self._set(sorted(chain(jobs, self), key=position))
        self._count += len(jobs)

    def _set(self, jobs: list[Job]) -> None:
        self._blocks = [jobs[at : at + _BLOCK] for at in range(0, len(jobs), _BLOCK)]
        self._firsts = [position(block[0]) for block in self._blocks]

    def remove(self, job: Job) -> None:
        """Remove a job that is in the list and has not changed its position since."""
        at = position(job)
        number = bisect_right(self._firsts, at) - 1
        block = self._blocks[number]
        del block[bisect_left(block, at, key=position)]
        self._count -= 1
        if not block:
            del self._blocks[number], self._firsts[number]
        elif at == self._firsts[number]:
            self._firsts[number] = position(block[0])

    def newest_first(self, bounds: Bounds = WHOLE) -> Iterator[Job]:
        """Yield jobs newest first; none may be added or removed meanwhile."""
        after, since, until = bounds
        blocks = self._blocks
        if since is not None and blocks and -position(blocks[-1][-1])[0] >= since:
            since = None
        if after is None and since is None and until is None:
            return chain.from_iterable(blocks)
        first, begin = (0, 0) if after is None else self._find(after, bisect_right)
        if until is not None:
            # The empty id sorts before all others.
            first, begin = max((first, begin), self._find((-until, ""), bisect_left))
        last, end = len(blocks), 0
        if since is not None:
            last, end = self._find((1 - since, ""), bisect_left)
        return self._between(first, begin, last, end)

    def _between(self, first: int, begin: int, last: int, end: int) -> Iterator[Job]:
        blocks = self._blocks
        for number in range(first, min(last + 1, len(blocks))):
            block = blocks[number]
            if number in (first, last):
                block = block[begin if number == first else 0 : end if number == last else None]
            yield from block

    def _find(self, at: Position, side: Callable[..., int]) -> tuple[int, int]:
        """Return the block, and the index in it, of the first job from a position on."""
        number = max(side(self._firsts, at) - 1, 0)
        if number >= len(self._blocks):
            return number, 0
        return number, side(self._blocks[number], at, key=position)


_BLOCK = 500


class Timeline(Ordered):
    """The jobs of one kind in order, with indexes on the members that filters compare.

    An index on a member is made when a listing has read many jobs to find those with one
    value of it, and updated from then on. Making one takes about a microsecond per job. It takes
    8 bytes per job, and some 500 per value that several jobs have, 100 per value that one has.
    """

    __slots__ = ("_indexes",)

    def __init__(self) -> None:
        super().__init__()
        self._indexes: dict[tuple[str, Read], _Index] = {}

    def add(self, job: Job) -> None:
        """Add a job."""
        super().add(job)
        for index in self._indexes.values():
            index.add(job)

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

    def _narrowed(self, criteria: list[Criterion]) -> tuple[Ordered, list[Criterion]]:
        """Return the fewest jobs that an index yields, and the criteria that have no index yet."""
        narrowed: Ordered = self
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
            made = _Index(criterion.member, criterion.read)
            made.add_all(self)
            self._indexes[criterion.member, criterion.read] = made


_MOST_READ = 2000
"""How many jobs a listing reads before it makes an index."""

_NONE = Ordered()


class _Index:
    """The jobs per value of a member; a value that a single job has holds it without a list."""

    def __init__(self, member: str, read: Read) -> None:
        self._member = member
        self._read = read
        self._having: dict[Hashable, Ordered | Job] = {}

    def _value(self, job: Job) -> Any:
        value = job.members.get(self._member)
        return None if value is None else self._read(value)

    def having(self, value: Hashable) -> Ordered:
        found = self._having.get(value, _NONE)
        if isinstance(found, Ordered):
            return found
        return _ordered([found])

    def add_all(self, jobs: Iterable[Job]) -> None:
        by_value: dict[Hashable, list[Job]] = {}
        for job in jobs:
            value = self._value(job)
            if value is not None:
                by_value.setdefault(value, []).append(job)
        for value, having in by_value.items():
            self._having[value] = having[0] if len(having) == 1 else _ordered(having)

    def add(self, job: Job) -> None:
        value = self._value(job)
        if value is None:
            return
        found = self._having.get(value)
        if found is None:
            self._having[value] = job
        elif isinstance(found, Ordered):
            found.add(job)
        else:
            self._having[value] = _ordered([found, job])

    def remove(self, job: Job) -> None:
        value = self._value(job)
        if value is None:
            return
        found = self._having[value]
        if isinstance(found, Ordered) and len(found) > 1:
            found.remove(job)
        else:
            del self._having[value]


def _ordered(jobs: list[Job]) -> Ordered:
    made = Ordered()
    made.add_all(jobs)
    return made
