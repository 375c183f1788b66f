"""Journals: jobs and recovery points as they were before they changed, for an open savepoint.

A fake may hold a million of them, so they are kept one by one, each before its first change: with
no savepoint open, nothing is kept.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from fakebackup.model.jobs.job import Job
from fakebackup.model.vaults.vault import RecoveryPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OF_JOBS = tuple(sorted({*Job.__slots__} - {"kind"}))
"""What is kept of a job: each value is replaced, never changed in place."""

OF_POINTS = tuple(sorted({*RecoveryPoint.__slots__} - {"vault"}))
"""What is kept of a recovery point, likewise."""

_job_attributes: attrgetter[tuple[Any, ...]] = attrgetter(*OF_JOBS)
_point_values: attrgetter[tuple[Any, ...]] = attrgetter(*OF_POINTS)


def _job_values(job: Job) -> tuple[Any, ...]:
    """Return what is kept of a job; last, what is known of what goes on with it."""
    then = None if job.request is None else job.request.then
    return (*_job_attributes(job), None if then is None else dict(vars(then)))


def _put_job_back(job: Job, values: tuple[Any, ...]) -> None:
    *attributes, known = values
    _put_back(job, OF_JOBS, attributes)
    if known is not None and job.request is not None:
        vars(job.request.then).clear()
        vars(job.request.then).update(known)


class Holding(Protocol):
    """What holds jobs by id, in order, by parent and counted, as far as a journal uses it."""

    def holds(self, job: Job) -> bool:
        """Return whether a job is in this fake."""

    def take_job(self, job: Job) -> None:
        """Remove a job of this organisation that has not changed since it was added."""

    def put_jobs(self, jobs: Sequence[Job]) -> None:
        """Add jobs; their ids are not taken, their stores are set."""

    def all_jobs(self) -> Iterable[Job]:
        """Return the jobs of every kind, account and Region, in the order they were added."""


class Journal:
    """The jobs and recovery points that have changed since a savepoint, as they were then."""

    def __init__(self) -> None:
        # By identity. The values of a job are None where it was new then.
        self._jobs: dict[int, tuple[Job, tuple[Any, ...] | None]] = {}
        # With whether it was in its vault then.
        self._points: dict[int, tuple[RecoveryPoint, tuple[Any, ...], bool]] = {}
        # The jobs that a reset has put aside; what they lay in is put aside with them.
        self._aside: list[tuple[Job, tuple[Any, ...]]] = []

    def keep_job(self, job: Job) -> None:
        """Keep a job as it is, before its first change."""
        if id(job) not in self._jobs:
            self._jobs[id(job)] = job, _job_values(job)

    def keep_new(self, jobs: Iterable[Job]) -> None:
        """Note jobs that are about to be added: undone, they read on as removed ones do."""
        for job in jobs:
            self._jobs.setdefault(id(job), (job, None))

    def keep_point(self, point: RecoveryPoint) -> None:
        """Keep a recovery point as it is, before its first change."""
        if id(point) not in self._points:
            there = point.vault.points.get(point.arn) is point
            self._points[id(point)] = point, _point_values(point), there

    def undo(self, holding: Holding) -> None:
        """Undo all changes of jobs and recovery points; what lists them follows.

        The order in which jobs and recovery points were added is not restored.
        """
        self._undo_jobs(holding)
        points, self._points = list(self._points.values()), {}
        for point, _, _ in points:
            if point.vault.points.get(point.arn) is point:
                point.vault.store.unfile(point)
        for point, values, there in points:
            _put_back(point, OF_POINTS, values)
            if there:
                point.vault.store.file(point)

    def _undo_jobs(self, holding: Holding) -> None:
        jobs, self._jobs = list(self._jobs.values()), {}
        for job, _ in jobs:
            if holding.holds(job):
                holding.take_job(job)
        for job, values in jobs:
            if values is None:
                job.store = None
            else:
                _put_job_back(job, values)
        holding.put_jobs([job for job, _ in jobs if job.store is not None])

    def put_aside(self, holding: Holding) -> None:
        """Undo all changes, and put all jobs aside for a reset: `bring_back` undoes that."""
        self.undo(holding)
        self._aside += [(job, _job_values(job)) for job in holding.all_jobs()]

    def bring_back(self) -> None:
        """Let the jobs that were put aside be as they were; what they lay in is back."""
        for job, values in self._aside:
            _put_job_back(job, values)
        self._aside = []


def _put_back(owner: Job | RecoveryPoint, names: Sequence[str], values: Sequence[Any]) -> None:
    for name, value in zip(names, values, strict=True):
        setattr(owner, name, value)
