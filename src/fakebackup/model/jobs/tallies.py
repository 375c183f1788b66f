"""Jobs counted by UTC day, and kept counted as they come, move and go."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fakebackup import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.job import Job


class Tally:
    """How many jobs there are of each sort, per UTC day of their creation.

    It takes some 200 bytes for each sort on each day, however many jobs there are.
    """

    def __init__(self, read: Callable[[Job], tuple[Any, ...] | None]) -> None:
        """Count nothing yet.

        Args:
            read: what a job is counted as; None for one that is not.
        """
        self._read = read
        self._days: dict[int, Counter[tuple[Any, ...]]] = {}

    def count(self, job: Job, step: int) -> None:
        """Count a job that comes (1) or goes (-1); it has not changed since it came."""
        sort = self._read(job)
        if sort is None:
            return
        day = clock.last_midnight(job.members[job.kind.created])
        counted = self._days.setdefault(day, Counter())
        counted[sort] += step
        if not counted[sort]:
            del counted[sort]

    def between(self, since: int, until: int) -> Counter[tuple[Any, ...]]:
        """Return the counts of the days from one midnight to another, in milliseconds."""
        found: Counter[tuple[Any, ...]] = Counter()
        for day in range(since, until, clock.DAY):
            found.update(self._days.get(day, {}))
        return found
