"""What parameters of lists and summaries compare of a job, and how: for the operations' tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.resources.arns import report_plan_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Read = Callable[[Any], Any]

ANY, AGGREGATE_ALL = EVERY = ("ANY", "AGGREGATE_ALL")
"""Values of a summary's parameters that ask for every value: each counted apart, or all as one."""

ANY_CATEGORY = frozenset({*EVERY, "*", "()"})
"""Values of ByMessageCategory that select every job [documented, and assumed for "*"]."""


class Criterion(NamedTuple):
    """One condition that a filter puts on a job.

    Attributes:
        member: the member that is compared.
        test: returns whether a value of the member (None where the job has none) meets it.
        read: for a comparison with one value, returns the part of the member that is compared:
            an index can be kept of it. None for other comparisons.
        value: that one value.
        since, until: for a comparison of dates, the first and the last instant that meet it, in
            milliseconds.
    """

    member: str
    test: Callable[[Any], bool]
    read: Read | None = None
    value: Any = None
    since: int | None = None
    until: int | None = None


class Filter(NamedTuple):
    """A filter on one member.

    Attributes:
        member: the member that is compared.
        criterion: returns the criterion for the parameter's value; None where it selects every
            job.
    """

    member: str
    criterion: Callable[[Any], Criterion | None]


class Dimension(NamedTuple):
    """A member of jobs by which a summary counts them apart.

    Attributes:
        parameter: the request's parameter and the row's member.
        member: the job's member; a dotted name is a member of a structure.
        category: whether values are message categories, which are compared in any spelling.
        marked: whether a row that sums over it has the marker of the option `summed_as`;
            botocore's enum has no such value for some.
    """

    parameter: str
    member: str
    category: bool = False
    marked: bool = True


def _equal(member: str, read: Read, value: Any) -> Criterion:
    return Criterion(member, lambda kept: kept is not None and read(kept) == value, read, value)


def _whole(value: Any) -> Any:
    return value


def same(member: str) -> Filter:
    """Select the jobs whose member equals the parameter."""
    return Filter(member, lambda wanted: _equal(member, _whole, wanted))


def before(member: str) -> Filter:
    """Select the jobs whose date lies before the parameter, strictly [assumed].

    The job's date is in milliseconds, the parameter in microseconds: they are compared at
    full precision. A job without the date is never selected.
    """

    def criterion(wanted: int) -> Criterion:
        until = (wanted - 1) // 1000
        return Criterion(member, lambda kept: kept is not None and kept <= until, until=until)

    return Filter(member, criterion)


def after(member: str) -> Filter:
    """Select the jobs whose date lies after the parameter, as `before` does."""

    def criterion(wanted: int) -> Criterion:
        since = wanted // 1000 + 1
        return Criterion(member, lambda kept: kept is not None and kept >= since, since=since)

    return Filter(member, criterion)


def not_before(member: str, oldest: int) -> Criterion:
    """Return the criterion of jobs whose date is not before an instant, or that have none yet."""
    return Criterion(member, lambda found: found is None or found >= oldest)


def category(member: str) -> Filter:
    """Select the jobs by message category, in any spelling, with AWS's wildcards [assumed]."""

    def criterion(wanted: str) -> Criterion | None:
        key = category_key(wanted)
        return None if wanted.upper() in ANY_CATEGORY else _equal(member, category_key, key)

    return Filter(member, criterion)


def category_key(category: str) -> str:
    """Return what all spellings of a category share: AccessDenied is ACCESS_DENIED."""
    return category.upper().replace("_", "")


def inside(member: str, nested: str) -> Filter:
    """Select the jobs whose structure `member` has the parameter as its `nested` member."""

    def read(value: Mapping[str, Any]) -> Any:
        return value.get(nested)

    return Filter(member, lambda wanted: _equal(member, read, wanted))


def report_plan(member: str) -> Filter:
    """Select the jobs of a report plan, by the name in the plan's ARN."""
    return Filter(member, lambda wanted: _equal(member, report_plan_name, wanted))


def criteria(table: Mapping[str, Filter], asked: Mapping[str, Any]) -> list[Criterion]:
    """Return the criteria that the parameters of a list put on its items."""
    found = [table[name].criterion(value) for name, value in asked.items() if name in table]
    return [each for each in found if each is not None]


def passes(members: Mapping[str, Any], criteria: list[Criterion]) -> bool:
    """Return whether members meet all criteria."""
    return all(each.test(members.get(each.member)) for each in criteria)
