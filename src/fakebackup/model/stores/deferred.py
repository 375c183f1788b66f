"""Seeded jobs whose vaults and recovery points do not exist until vaults are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from fakebackup.model.jobs.job import Job

    T = TypeVar("T")


class Deferred:
    """The seeded jobs that have left nothing behind yet.

    Attributes:
        jobs: the jobs, in the order in which they were added.
        moved: those among them that have moved, by identity: the move made what they leave.
        done: how often vaults and recovery points were created.
        doing: whether they are being created.
    """

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.moved: set[int] = set()
        self.done = 0
        self.doing = False

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.jobs)

    def add(self, jobs: Sequence[Job]) -> None:
        """Defer the vaults and recovery points of seeded jobs until vaults are looked at."""
        self.jobs.extend(jobs)

    def leaves_now(self, job: Job) -> None:
        """Stop deferring for a job that moves: its move creates its vault and recovery point."""
        if self.jobs:
            self.moved.add(id(job))

    def leave_behind(self, make: Callable[[T, Sequence[Job]], None], owner: T) -> bool:
        """Create the vaults and recovery points that do not exist yet.

        Args:
            make: creates those of jobs that lie in `owner`, called with both.
            owner: the organisation of the jobs.

        Returns:
            Whether all of them exist: not while they are being created.
        """
        if self.doing:
            return False
        if self.jobs:
            jobs, self.jobs = self.jobs, []
            moved, self.moved = self.moved, set()
            self.doing = True
            self.done += 1
            try:
                make(owner, [job for job in jobs if job.store is not None and id(job) not in moved])
            finally:
                self.doing = False
        return True
