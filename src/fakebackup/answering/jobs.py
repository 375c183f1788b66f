"""What the operations on all kinds of job share: list, describe, summarise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.answering.pages import Page
from fakebackup.errors import invalid_parameter, not_found
from fakebackup.model.jobs import filters
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.jobs.store import first_unfinished
from fakebackup.model.jobs.timeline import position
from fakebackup.model.ordered import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.filters import Dimension, Filter
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.organization import Organization

    Asked = Mapping[str, Any]
    Answer = dict[str, Any]

SUMMARIES_AT_MOST = {"MaxResults": 500}
"""What the text of the summaries of backup, copy and restore jobs allows; the shape says 1000."""

_SUMMARIES_PAGE = 500


def list_jobs(
    caller: Caller,
    asked: Asked,
    kind: Kind,
    table: Mapping[str, Filter],
    *,
    every_account: str | None = None,
) -> Answer:
    """List the jobs of a kind, newest first.

    Args:
        caller: the caller.
        asked: the parameters.
        kind: the kind of job.
        table: what each `By*` parameter compares, without ByAccountId.
        every_account: the value of ByAccountId with which a management account gets the jobs
            of the whole organisation; None where AWS documents none.

    Raises:
        AwsError: InvalidParameterValueException for a NextToken or a ByAccountId that is not
            valid, AccessDeniedException as the option `refuse_foreign_accounts` says.
    """
    store = caller.store
    organization, home = store.organization, store.home
    options = organization.options
    page = Page(caller, asked, size=options.page_size)
    by_account = asked.get("ByAccountId")
    account = home.account if by_account is None else _account(caller, by_account, every_account)
    listing = (kind, account, home.region)
    if page.after is None and organization.clockwork.unread:
        from fakebackup.model.engine import polls

        polls.listing_begins(organization, listing)
    criteria = filters.criteria(table, asked) if asked else []
    since = until = None
    limited = kind.limited or (kind.created if options.history_everywhere else None)
    if options.reach is not None and limited is not None:
        oldest = clock.now() - options.reach
        if limited == kind.created:
            since = oldest
        else:
            criteria.append(filters.not_before(limited, oldest))
    for each in criteria:
        if each.member == kind.created:
            since = max((one for one in (since, each.since) if one is not None), default=None)
            until = min((one for one in (until, each.until) if one is not None), default=None)
    bounds = Bounds(None if page.moved else page.after, since, until)
    # Mostly the caller's own, which need no looking up.
    own = account == home.account
    jobs_there = store.jobs if own else organization.jobs_in(home.region, account)
    found = jobs_there.matching(kind, criteria, bounds)
    if page.moved:
        found = iter(page.rest(list(found), position))
    jobs, more = page.cut(found, position)
    listed = organization.jobs.to_show(jobs)
    _count_wait(organization, jobs, page.question)
    if more or organization.clockwork.polled or organization.clockwork.unread:
        from fakebackup.model.engine import polls

        polls.page_shown(organization, listing, last=not more)
    return {kind.listed: listed, **more}


def _account(caller: Caller, asked: str, every: str | None) -> str | None:
    """Return the account whose jobs are listed for a ByAccountId; None is every account."""
    if asked == caller.account:
        return caller.account
    organization = caller.organization
    if every is not None and asked == every:
        # From an account that is not the management account: its own jobs [assumed].
        return None if organization.manages(caller.account) else caller.account
    if not ids.is_account_id(asked):
        raise invalid_parameter(f"ByAccountId {asked!r} is not valid")
    if organization.manages(caller.account):
        return asked
    if organization.options.refuse_foreign_accounts:
        from fakebackup.known_errors import INSUFFICIENT_PRIVILEGES

        raise INSUFFICIENT_PRIVILEGES.error()
    return _NO_ACCOUNT


_NO_ACCOUNT = ""
"""The id of no account: it has no jobs."""


def describe_job(caller: Caller, asked: Asked, kind: Kind) -> Mapping[str, Any]:
    """Describe a job of any age, of the caller's account and Region only [assumed]."""
    job = find_job(caller, asked, kind)
    organization = caller.organization
    (members,) = organization.jobs.to_show([job])
    _count_wait(organization, [job], lambda: (caller.operation, job.id))
    if organization.clockwork.polled:
        from fakebackup.model.engine import polls

        polls.jobs_shown(organization, [job])
    return members if kind.wrapped is None else {kind.wrapped: members}


def _count_wait(organization: Organization, jobs: Sequence[Job], ask: Callable[[], object]) -> None:
    """Count an answer for which a loop may wait; arguments and errors as `patience.count_wait`."""
    if jobs and (jobs[0].kind is RESTORE or first_unfinished(jobs) is not None):
        # Imported late: in many processes all jobs have ended.
        from fakebackup.model.engine import patience

        patience.count_wait(organization, jobs, ask)


def find_job(caller: Caller, asked: Asked, kind: Kind) -> Job:
    """Return the caller's job with the id in the parameters.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    job_id = asked[kind.id]
    job = caller.store.find_job(kind, job_id)
    if job is None or (kind.limited == kind.completed and _is_removed(caller, job)):
        raise not_found(f"Cannot find {kind.name} with ID {job_id}")
    return job


def _is_removed(caller: Caller, job: Job) -> bool:
    """Return whether AWS has removed a job of a kind that it keeps for some time after its end.

    [documented: guide, air-gapped vaults; that Describe does not find it assumed]
    """
    reach = caller.options.reach
    if reach is None:
        return False
    ended: int | None = job.members.get(job.kind.completed)
    return ended is not None and ended < clock.now() - reach


def summarise(
    caller: Caller,
    asked: Asked,
    kind: Kind,
    listed: str,
    dimensions: tuple[Dimension, ...],
) -> Answer:
    """Count jobs in summaries, and return a page of the rows.

    Args:
        caller: the caller.
        asked: the parameters.
        kind: the kind of job counted.
        listed: the member of the answer that holds the rows.
        dimensions: what may be counted apart, in the order of the rows.

    Raises:
        AwsError: InvalidParameterValueException for a NextToken that is not valid.
    """
    from fakebackup.answering import summaries

    page = Page(caller, asked, size=_SUMMARIES_PAGE)
    rows = summaries.rows(caller, asked, kind, dimensions)
    after = page.after
    rest = rows if after is None else [row for row in rows if row.position > after]
    found, more = page.cut(rest, lambda row: row.position)
    return {
        listed: [row.members for row in found],
        "AggregationPeriod": asked.get("AggregationPeriod", summaries.DEFAULT_PERIOD),
        **more,
    }
