"""Detect wait loops that nothing ends: a question with the same answer again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import EndlessWait, quoted
from fakebackup.model.engine import moves, running
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.jobs.store import first_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.organization import Organization, Store

PATIENCE = 1000
"""The number of equal answers that a question may get."""

_MOST_QUESTIONS = 32
"""The number of questions per job that are counted, those asked last.

A fake of a whole session may be asked ever new ones, such as for the jobs since the last minute.
"""

_ENDLESS = (
    "A wait loop has been told the same unfinished state {count} times: {job!r}. Nothing moves it "
    "({why}). Move {which} in the test, by job.complete() or job.fail(); let it move "
    "by itself, by job.progress = 'polls' or mock_backup(progress='polls'); or, where it moves by "
    "the clock, let time pass."
)


_NOTHING = (
    "A wait loop has been told {count} times that there is nothing: {asked}. Meanwhile nothing "
    "moves {job!r} ({why}). Move {which} in the test, by job.complete() or job.fail(){way}; or let "
    "jobs end as soon as they start, by mock_backup(progress='immediate')."
)

_WAYS = {
    "polls": "; let the loop ask for {which}, by {describe}, which moves it",
    "clock": "; let time pass",
    "manual": "; let {which} move by itself, by job.progress = 'polls'",
}
"""Per way in which a job moves what else ends a loop that waits for what the job will leave."""

_OPEN = (
    "A wait loop has been told the same restore test {count} times, whose validation or deletion "
    "goes on: {job!r}. Nothing ends it: no time passes but by mock_backup(progress='clock'). Give "
    "the validation a result in the test, by put_restore_validation_result, or end the deletion, "
    "by job.update(DeletionStatus='SUCCESSFUL')."
)


def count_wait(organization: Organization, jobs: Sequence[Job], ask: Callable[[], object]) -> None:
    """Count an answer with unfinished jobs, and end a loop that waits for ever.

    Args:
        organization: the organisation that the jobs lie in.
        jobs: the jobs in the answer.
        ask: returns a key that identifies the question.

    Raises:
        EndlessWait: the question got `PATIENCE` equal answers, nothing has moved, and the clock
            will not move the job soon at the pace of the questions.
    """
    job = first_unfinished(jobs)
    test = job is None and bool(jobs) and jobs[0].kind is RESTORE
    if test:
        job = _first_open_test(jobs)
    if job is not None:
        now = clock.now()
        count, since = _count(organization, job.id, ask(), now)
        if count >= PATIENCE and not _moves_soon(organization, job, now, (now - since) / count):
            if test:
                raise EndlessWait(_OPEN.format(job=job, count=PATIENCE))
            _, why, which = _stuck(job)
            raise EndlessWait(_ENDLESS.format(job=job, count=PATIENCE, why=why, which=which))


def count_nothing(store: Store, operation: str, parameters: Mapping[str, Any]) -> None:
    """Count an answer without anything, and end a loop that waits for what a job will leave.

    Args:
        store: the account in a Region that was asked.
        operation: the operation that was asked.
        parameters: what it was asked.

    Raises:
        EndlessWait: there was nothing `PATIENCE` times, nothing has moved, and the clock will not
            soon move the newest unfinished job that a client or a plan started.
    """
    organization, now = store.organization, clock.now()
    question = (operation, store.home, quoted(parameters))
    count, since = _count(organization, _ANY_JOB, question, now)
    # To look for the job may take long, and there may be none.
    if count < PATIENCE or count % PATIENCE:
        return
    for job in reversed(organization.jobs.by_id.values()):
        if job.was_started and job.kept_state in life.MOVES[job.kind]:
            if not _moves_soon(organization, job, now, (now - since) / count):
                stuck, why, which = _stuck(job)
                way = "" if moves.is_staying(stuck) else _WAYS.get(stuck.mode, "")
                describe = stuck.kind.described.removesuffix("Output")
                parts = {"job": job, "why": why, "asked": f"{operation} {question[2]}"}
                way = way.format(which=which, describe=describe)
                raise EndlessWait(_NOTHING.format(count=PATIENCE, which=which, way=way, **parts))
            return


_ANY_JOB = ""
"""The id under which questions are counted that were answered with nothing: no job has it."""


def _count(organization: Organization, job_id: str, question: object, now: int) -> tuple[int, int]:
    """Count a question; return how often it was asked before, and when for the first time."""
    counts = organization.wait_counts.setdefault(job_id, {})
    count, since = counts.pop(question, (0, now))
    # The one asked last is the last to go.
    counts[question] = (count + 1, since)
    if len(counts) > _MOST_QUESTIONS:
        del counts[next(iter(counts))]
    return count, since


def _stuck(job: Job) -> tuple[Job, str, str]:
    """Return the job that nothing moves, a job or one ahead of it, why, and what to call it."""
    ahead = next(iter(running.ahead(job)), None)
    if ahead is None:
        return job, _why(job), "it"
    return ahead, f"it waits for {ahead!r}: {_why(ahead)}", "that one"


def _why(job: Job) -> str:
    """Return why nothing moves a job that waits for no other one."""
    if moves.is_staying(job):
        return f"next_outcome(..., {job.kind.state}={job.kept_state!r}) keeps it there"
    return f"its progress is {job.mode!r}"


def _moves_soon(organization: Organization, job: Job, now: int, pace: float) -> bool:
    """Return whether the clock moves a job within a hundred times `PATIENCE` answers.

    Args:
        organization: the organisation that the job lies in.
        job: the job.
        now: the present, in milliseconds.
        pace: the time from one answer to the next, in milliseconds.
    """
    # One that waits moves when those ahead of it have.
    found = (organization.clockwork.waiting.get(each.id) for each in (job, *running.ahead(job)))
    waiting = min((each for each in found if each is not None), default=None)
    return waiting is not None and waiting[0] - now <= pace * PATIENCE * 100


def _first_open_test(jobs: Sequence[Job]) -> Job | None:
    """Return the first ended restore test whose validation or deletion nothing will end."""
    for job in jobs:
        if job.request is not None and job.request.then is not None and job.mode != "clock":
            status = job.members.get("DeletionStatus", job.members.get("ValidationStatus"))
            if status in ("VALIDATING", "DELETING"):
                return job
    return None
