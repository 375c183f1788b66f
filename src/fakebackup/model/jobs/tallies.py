"""Tallies: jobs counted per UTC day, updated as jobs are added, moved and removed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fakebackup import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.job import Job


class Tally:
    """The number of jobs per key and per UTC day of their creation.

    It takes some 200 bytes for each key on each day, however many jobs there are.
    """

    def __init__(self, read: Callable[[Job], tuple[Any, ...] | None]) -> None:
        """Make an empty tally.

        Args:
            read: returns the key under which a job is counted; None for one that is not counted.
        """
        self._read = read
        self._days: dict[int, Counter[tuple[Any, ...]]] = {}

    def count(self, job: Job, step: int) -> None:
        """Count a job that is added (1) or removed (-1) and has not changed in between."""
        key = self._read(job)
        if key is None:
            return
        day = clock.last_midnight(job.members[job.kind.created])
        counts = self._days.setdefault(day, Counter())
        counts[key] += step
        if not counts[key]:
            del counts[key]

    def between(self, since: int, until: int) -> Counter[tuple[Any, ...]]:
        """Return the counts of the days between two midnights, UTC, in milliseconds."""
        found: Counter[tuple[Any, ...]] = Counter()
        for day in range(since, until, clock.DAY):
            found.update(self._days.get(day, {}))
        return found
