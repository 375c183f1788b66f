"""What the operations on all kinds of job share: listing, describing, summing up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import AwsError, invalid_parameter, not_found
from fakebackup.model import filters, progress, summaries
from fakebackup.model.pages import Page
from fakebackup.model.store import position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.model.account import Caller
    from fakebackup.model.filters import Filter
    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind

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
    """Answer a list of jobs, newest first.

    Args:
        caller: who asks.
        asked: the parameters.
        kind: the kind of job.
        table: what each `By*` parameter compares, ByAccountId apart.
        every_account: the value of ByAccountId by which a management account gets the jobs
            of the whole organisation.
    """
    options = caller.organization.options
    page = Page(caller, asked, size=options.page_size)
    since = None
    if options.history is not None and (kind.limited or options.history_everywhere):
        since = clock.now() - int(options.history.total_seconds() * 1000)
    organization = caller.organization
    accounts = _accounts(caller, asked.get("ByAccountId"), every_account)
    if page.after is None:
        progress.listing_begins(organization, kind, accounts, caller.region)
    found = organization.jobs.newest_first(
        kind,
        accounts,
        caller.region,
        after=page.after,
        since=since,
    )
    tests = filters.tests(table, asked)
    jobs, more = page.cut(_matching(found, tests), position)
    answer = {kind.listed: [job.kept() for job in jobs], **more}
    organization.tell(jobs, (page.bound, page.after))
    progress.page_told(organization, kind, accounts, caller.region, last=not more)
    return answer


def _matching(jobs: Iterator[Job], tests: list[tuple[str, Any]]) -> Iterator[Job]:
    if not tests:
        return jobs
    return (job for job in jobs if all(test(job.members.get(member)) for member, test in tests))


def _accounts(caller: Caller, asked: str | None, every: str | None) -> list[str]:
    """Return the accounts whose jobs a caller gets who asks for some."""
    if asked is None or asked == caller.account:
        return [caller.account]
    organization = caller.organization
    if every is not None and asked == every:
        # From an account that is not the management account: its own jobs [assumed].
        managing = organization.manages(caller.account)
        return organization.accounts() if managing else [caller.account]
    if not (len(asked) == 12 and asked.isdecimal()):  # noqa: PLR2004  AWS's form
        raise invalid_parameter(f"ByAccountId {asked!r} is not valid")
    if organization.manages(caller.account):
        return [asked]
    if organization.options.refuse_foreign_accounts:
        code, message = "AccessDeniedException", "Insufficient privileges to perform this action."
        raise AwsError(code, message, status=403)
    return []


def describe_job(caller: Caller, asked: Asked, kind: Kind) -> Mapping[str, Any]:
    """Answer a Describe of a job: its own account's and region's only, of any age [assumed]."""
    job = find_job(caller, asked, kind)
    told = job.kept() if kind.wrapped is None else {kind.wrapped: job.kept()}
    caller.organization.tell([job], (caller.operation, job.id))
    progress.polled(caller.organization, [job])
    return told


def find_job(caller: Caller, asked: Asked, kind: Kind) -> Job:
    """Return the caller's job that is asked for.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    job_id = asked[kind.id]
    job = caller.organization.jobs.find(kind, job_id, caller.account, caller.region)
    if job is None:
        raise not_found(f"Cannot find {kind.name} with ID {job_id}")
    return job


def summarise(
    caller: Caller,
    asked: Asked,
    kind: Kind,
    listed: str,
    dimensions: tuple[summaries.Dimension, ...],
) -> Answer:
    """Answer job summaries.

    Args:
        caller: who asks.
        asked: the parameters.
        kind: the kind of job counted.
        listed: the member of the answer that holds the rows.
        dimensions: what may be counted apart, in the order of the rows.
    """
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
