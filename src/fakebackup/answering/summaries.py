"""Job summaries: counts of jobs per window, account and further dimensions.

How AWS words it: the guide `aws`, Summaries of jobs. Windows end at a UTC midnight and count
jobs by creation, in the state they have now [assumed]; ListScanJobSummaries, whose text differs,
follows the same three periods [assumed].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock, errors
from fakebackup.model.jobs.filters import AGGREGATE_ALL, ANY, EVERY, category_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.filters import Dimension
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

PERIODS = {"ONE_DAY": (14, 1), "SEVEN_DAYS": (1, 7), "FOURTEEN_DAYS": (1, 14)}
"""Per aggregation period, how many windows there are and how many days each has."""

DEFAULT_PERIOD = "FOURTEEN_DAYS"
"""The period of a call without AggregationPeriod [assumed; the dashboard's default]."""


def rows(
    caller: Caller, asked: Mapping[str, Any], kind: Kind, dimensions: tuple[Dimension, ...]
) -> list[Row]:
    """Return the rows of a summary, in order; dates in milliseconds.

    Args:
        caller: the caller.
        asked: the parameters; a dimension left out is summed over, an account left out is
            the caller's [assumed].
        kind: the kind of job that is counted.
        dimensions: what may be counted apart, in the order in which rows are sorted.
    """
    options = caller.options
    now = clock.now()
    today = clock.last_midnight(now)
    end = today + clock.DAY if options.count_today else today
    windows, days = PERIODS[asked.get("AggregationPeriod", DEFAULT_PERIOD)]
    length = days * clock.DAY
    since = end - windows * length
    account_id, apart = _accounts(caller, asked.get("AccountId"))
    wanted = tuple(asked.get(each.parameter) for each in dimensions)
    readers = [_reader(*each) for each in zip(dimensions, wanted, strict=True)]

    def row_of(job: Job) -> tuple[Any, ...] | None:
        members = job.members
        values = [read(members) for read in readers]
        if _LEFT_OUT in values:
            return None
        return (job.account if apart else _SUMMED, *values)

    jobs = caller.organization.jobs_in(caller.region, account_id)
    tally = jobs.tally(kind, (apart, wanted), row_of)
    hidden = 0 if options.count_today else tally.between(today, today + clock.DAY).total()
    if hidden:
        _warn_of_today(caller.operation, hidden)

    marker = options.summed_as
    found = []
    for start in range(since, end, length):
        for (account, *values), count in tally.between(start, start + length).items():
            members: dict[str, Any] = {"Region": caller.region}
            _set(members, "AccountId", account, marker)
            for dimension, value in zip(dimensions, values, strict=True):
                _set(members, dimension.parameter, value, marker if dimension.marked else None)
            members |= {"Count": count, "StartTime": start, "EndTime": start + length}
            found.append(Row((-start, *map(_sortable, (account, *values))), members))
    return sorted(found)


class Row(NamedTuple):
    """A row of a summary: its position in the order of rows, and its members."""

    position: tuple[Any, ...]
    members: dict[str, Any]


_LEFT_OUT = object()
_SUMMED = object()


def _accounts(caller: Caller, asked: str | None) -> tuple[str | None, bool]:
    """Return the account to count, None for all, and whether accounts are counted apart."""
    if asked is None or not caller.organization.manages(caller.account):
        # A member account that asks for others' jobs gets its own [documented].
        return caller.account, True
    if asked in EVERY:
        return None, asked == ANY
    return asked, True


def _reader(dimension: Dimension, asked: str | None) -> Callable[[Mapping[str, Any]], object]:
    """Return the function from a job's members to the value of a dimension it counts under."""
    outer, _, inner = dimension.member.partition(".")

    def value(members: Mapping[str, Any]) -> Any:
        found = members.get(outer)
        return found if not inner or found is None else found.get(inner)

    if asked == ANY:
        return value
    if asked is None or asked == AGGREGATE_ALL:
        return lambda _members: _SUMMED
    if not dimension.category:
        return lambda members: asked if value(members) == asked else _LEFT_OUT
    key = category_key(asked)

    def spelled(members: Mapping[str, Any]) -> object:
        found = value(members)
        return found if found is not None and category_key(found) == key else _LEFT_OUT

    return spelled


def _set(members: dict[str, Any], name: str, value: object, marker: str | None) -> None:
    value = marker if value is _SUMMED else value
    if value is not None:
        members[name] = value


def _sortable(value: object) -> str:
    """Return the sort key of a value: jobs without one come first."""
    return "" if value is None or value is _SUMMED else f" {value}"


def _warn_of_today(operation: str, hidden: int) -> None:
    errors.warn(
        f"{operation} leaves out {hidden} matching {'jobs' if hidden > 1 else 'job'} only "
        f"because count_today=False: AWS's summaries end at the last UTC midnight, and "
        f"{'these are' if hidden > 1 else 'this one is'} of today. Pass count_today=True (the "
        f"default) to count them, or seed earlier CreationDates."
    )
