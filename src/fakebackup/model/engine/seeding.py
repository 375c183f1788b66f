"""Seed jobs for a test, and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import clock, errors
from fakebackup.model.engine import placing
from fakebackup.model.jobs.kinds import COPY
from fakebackup.model.jobs.store import read_by
from fakebackup.model.resources.arns import region_of
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization


def add_jobs(
    organization: Organization,
    home: Home,
    jobs: Sequence[Job],
    *,
    name: Callable[[int], str] | None = None,
    built: bool = False,
) -> None:
    """Add seeded jobs, all or none; what is not said here is as for `placing.add`.

    Args:
        organization: the organisation that holds them.
        home: the account and the Region of the store that they are added to.
        jobs: the jobs.
        name: returns how an error names the job at an index; None names none.
        built: whether a factory built them, and not this seeding.

    Raises:
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        if built:
            # They are not added yet after a savepoint, too.
            for job in jobs:
                organization.keep_job(job)
        foreign = placing.add(organization.store(*home), jobs, name=name)
        organization.deferred.add(jobs)
        follow(organization, jobs)
    if foreign:
        _warn_of_regions(foreign)
    warn_of_history(organization, jobs)


def follow(organization: Organization, jobs: Sequence[Job]) -> None:
    """Create what seeded jobs left where the clock ages it, whether or not it is looked at."""
    if organization.options.progress == "clock" and any(map(_ages, jobs)):
        organization.leave_behind()


def _warn_of_regions(jobs: Sequence[Job]) -> None:
    """Warn of backup jobs with an ARN of another Region than the job."""
    job, more = jobs[0], len(jobs) - 1
    member = placing.foreign_arn(job.members, job.region) or ""
    arn = job.members[member]
    region = region_of(arn)
    errors.warn(
        f"Backup job {errors.shortened(job.id, 80)} lies in {job.region}, and its {member} "
        f"{errors.shortened(arn, 160)!r} in {region}{f' (and {more} more jobs)' if more else ''}: "
        f"AWS backs up a resource in its own Region. To seed it there, call "
        f"backup.at(region={region!r}).add_backup_job(...), or give an ARN of {job.region}."
    )


def _ages(job: Job) -> bool:
    """Return whether what a job leaves may have a lifecycle: a copy has that of its source."""
    return job.kind is COPY or "RecoveryPointLifecycle" in job.members


def warn_of_history(organization: Organization, jobs: Iterable[Job]) -> None:
    """Warn of seeded jobs that are older than AWS's lists reach back."""
    limit, reach = organization.options.history, organization.options.reach
    if limit is None or reach is None or organization.options.history_is_given:
        return
    oldest = clock.now() - reach
    # A job of a kind without a limit, and one that has not ended, have no such date.
    old = [job for job in jobs if job.members.get(job.kind.limited or "", oldest) < oldest]
    for ended in (False, True):
        found = [job for job in old if (job.kind.limited == job.kind.completed) is ended]
        if found:
            text = _ENDED if ended else _OLD
            one, kind = len(found) == 1, found[0].kind
            errors.warn(
                text.format(
                    which=errors.shortened(found[0].id, 80) if one else f"{len(found)} jobs",
                    are="is" if one else "are",
                    they="it" if one else "they",
                    they_are="It is" if one else "They are",
                    them="it" if one else "them",
                    their="its" if one else "their",
                    days=limit.days,
                    jobs=f"{kind.name}s",
                    operation=f"List{kind.listed}",
                )
            )


_OLD = (
    "{which} {are} more than {days} days old, and AWS's {operation} reaches back no further, so "
    "{they} will not be listed. {they_are} added all the same and Describe answers {them}. To "
    "list {them}, freeze the time near {their} creation or pass history=None (or another "
    "timedelta); an explicit history silences this."
)
_ENDED = (
    "{which} ended more than {days} days ago, and AWS removes {jobs} by then, so neither List nor "
    "Describe will show {them}. {they_are} added all the same. To have {them} shown, freeze the "
    "time near {their} completion or pass history=None (or another timedelta); an explicit "
    "history silences this."
)


def remove(organization: Organization, job: Job) -> None:
    """Remove a job from its fake.

    Raises:
        ValueError: it is not in this fake.
        FakeBackupError: the fake is not active.
    """
    from fakebackup.model.engine import ageing, moves

    with organization.working():
        if not organization.holds(job):
            msg = f"This {job.kind.name} is not in this fake: {job!r}"
            raise ValueError(msg)
        organization.keep_job(job)
        organization.take_job(job)
        has_waited = job.id in organization.clockwork.lanes.waiting
        children = organization.jobs.children(job) if has_waited else ()
        organization.clockwork.forget(job)
        organization.wait_counts.clear()
        store, job.store = store_of(job), None
        read = read_by(job)
        if read is not None:
            ageing.let_go(store, read, clock.now())
        for child in children:
            # One that has waited with it goes on by itself.
            moves.schedule_next(child, clock.now())
        moves.let_in(organization, clock.now())
