"""What being asked for moves: jobs described, and jobs listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import clock
from fakebackup.model.engine import moves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.clockwork import Listing
    from fakebackup.model.stores.organization import Organization


def polled(organization: Organization, jobs: Iterable[Job]) -> None:
    """Move jobs that have just been shown one state on, if polls move them."""
    at = clock.now()
    # A composite job takes its children along: each is judged by the state it was shown in.
    shown = [(job, job.kept_state) for job in jobs if job.id in organization.clockwork.polled]
    for job, state in sorted(shown, key=lambda each: "ParentJobId" in each[0].members):
        if job.kept_state == state:
            moves.step(job, at)


def listing_begins(organization: Organization, listing: Listing) -> None:
    """Move what an earlier listing showed, and left before its last page."""
    for unread in sorted(organization.clockwork.unread, key=lambda each: each[1] or ""):
        if _covers(listing, unread):
            _listed(organization, unread)


def page_shown(organization: Organization, listing: Listing, *, last: bool) -> None:
    """Move the jobs of a listing, shown or not, once its last page is shown.

    Args:
        organization: where they lie.
        listing: what is listed.
        last: whether the page is the last one.
    """
    if not last:
        organization.clockwork.unread[listing] = None
    elif organization.clockwork.polled or organization.clockwork.unread:
        _listed(organization, listing)


def _covers(listing: Listing, other: Listing) -> bool:
    """Tell whether a listing is of jobs that another one is of, too."""
    kind, account, region = listing
    its, whose, where = other
    return (its, where) == (kind, region) and (None in (account, whose) or account == whose)


def _listed(organization: Organization, listing: Listing) -> None:
    kind, account, region = listing
    organization.clockwork.unread = {
        each: None
        for each in organization.clockwork.unread
        if each != listing and not (account is None and _covers(listing, each))
    }
    here = [
        job
        for job in organization.clockwork.polled.values()
        if (job.kind, job.region) == (kind, region) and account in (None, job.account)
    ]
    # Account by account: what moves when must not depend on who listed first.
    for each in sorted({job.account for job in here}):
        polled(organization, [job for job in here if job.account == each])
