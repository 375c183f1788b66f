"""Move jobs by polls: jobs that a client describes or lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import clock
from fakebackup.model.engine import moves, running

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.clockwork import Listing
    from fakebackup.model.stores.organization import Organization


def jobs_shown(organization: Organization, jobs: Iterable[Job]) -> None:
    """Move the jobs of an answer one state on, if polls move them.

    For a job that waits the one ahead of it moves, which may move no further for all that.
    """
    polled = organization.clockwork.polled
    if not polled:
        return
    at = clock.now()
    found = [job for job in jobs if job.id in polled]
    if organization.clockwork.lanes.waiting:
        found = _without_waiting(organization, found)
    # A composite job moves its children along: one that has moved since the answer stays.
    shown = [(job, job.kept_state) for job in found]
    for job, state in sorted(shown, key=lambda each: "ParentJobId" in each[0].members):
        if job.kept_state == state:
            moves.step(job, at)


def _without_waiting(organization: Organization, jobs: list[Job]) -> list[Job]:
    """Return jobs with those ahead in the place of those that wait, each job once."""
    polled = organization.clockwork.polled
    moving: dict[str, Job] = {}
    for job in jobs:
        ahead = running.ahead(job) if running.waits(job) else [job]
        moves_for_it = next((each for each in ahead if each.id in polled), None)
        if moves_for_it is not None:
            moving.setdefault(moves_for_it.id, moves_for_it)
    return list(moving.values())


def listing_begins(organization: Organization, listing: Listing) -> None:
    """Move the jobs of an earlier listing that was abandoned before its last page."""
    for unread in sorted(organization.clockwork.unread, key=lambda each: each[1] or ""):
        if _covers(listing, unread):
            _move_listed(organization, unread)


def page_shown(organization: Organization, listing: Listing, *, last: bool) -> None:
    """Move all jobs of a listing once its last page is shown.

    Args:
        organization: the organisation that the jobs lie in.
        listing: the listing.
        last: whether the page is the last one.
    """
    if not last:
        organization.clockwork.unread.update(dict.fromkeys(_by_account(organization, listing)))
    elif organization.clockwork.polled or organization.clockwork.unread:
        _move_listed(organization, listing)


def _by_account(organization: Organization, listing: Listing) -> list[Listing]:
    """Return a listing of all accounts as one of each: another may come to each by itself."""
    kind, account, region = listing
    if account is not None:
        return [listing]
    homes = sorted(home for home in organization.stores if home.region == region)
    return [(kind, home.account, region) for home in homes]


def _covers(listing: Listing, other: Listing) -> bool:
    """Return whether two listings have jobs in common."""
    kind, account, region = listing
    other_kind, other_account, other_region = other
    same_account = None in (account, other_account) or account == other_account
    return (other_kind, other_region) == (kind, region) and same_account


def _move_listed(organization: Organization, listing: Listing) -> None:
    kind, account, region = listing
    organization.clockwork.unread = {
        each: None
        for each in organization.clockwork.unread
        if each != listing and not (account is None and _covers(listing, each))
    }
    jobs = [
        job
        for job in organization.clockwork.polled.values()
        if (job.kind, job.region) == (kind, region) and account in (None, job.account)
    ]
    # Account by account: the order of moves must not depend on the account that lists.
    for each in sorted({job.account for job in jobs}):
        jobs_shown(organization, [job for job in jobs if job.account == each])
