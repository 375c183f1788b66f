"""Wait loops that nothing ends: a question that is answered alike again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import clock
from fakebackup.errors import EndlessWait
from fakebackup.model.jobs import life

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.organization import Organization

PATIENCE = 1000
"""How often a question may be answered alike."""

_ENDLESS = (
    "A wait loop has been told the same unfinished state {count} times: {job!r}. Nothing moves it "
    "(its progress is {mode!r}). Move it in the test, by job.complete() or job.fail(); let it move "
    "by itself, by job.progress = 'polls' or mock_backup(progress='polls'); or, where it moves by "
    "the clock, let time pass."
)


def count_wait(organization: Organization, jobs: Sequence[Job], ask: Callable[[], object]) -> None:
    """Count that a question was answered with unfinished jobs; end a loop that waits for ever.

    Args:
        organization: where the jobs lie.
        jobs: the jobs in the answer.
        ask: returns what tells the question from others.

    Raises:
        EndlessWait: it was answered alike a thousand times, and nothing has moved, nor will
            the clock move the job soon at the pace at which it is asked for.
    """
    job = _first_unfinished(jobs)
    if job is not None:
        now, question = clock.now(), ask()
        count, since = organization.wait_counts.get(question, (0, now))
        organization.wait_counts[question] = (count + 1, since)
        if count >= PATIENCE and not _comes(organization, job, now, (now - since) / count):
            raise EndlessWait(_ENDLESS.format(job=job, count=PATIENCE, mode=job.mode))


def _comes(organization: Organization, job: Job, now: int, pace: float) -> bool:
    """Tell whether the clock moves a job within many more answers.

    Args:
        organization: where it lies.
        job: the job.
        now: the present, in milliseconds.
        pace: what passes from one answer to the next, in milliseconds.
    """
    waiting = organization.clockwork.waiting.get(job.id)
    return waiting is not None and waiting[0] - now <= pace * PATIENCE * 100


def _first_unfinished(jobs: Sequence[Job]) -> Job | None:
    """Return the first of some jobs of one kind that does not stay in its state for good."""
    if not jobs:
        return None
    kind = jobs[0].kind
    moves, state = life.MOVES[kind], kind.state
    for job in jobs:
        if job.members[state] in moves:
            return job
    return None
