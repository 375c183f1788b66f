"""What a `By*` parameter compares, and how: the vocabulary of the operations' tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.resources import report_plan_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Read = Callable[[Any], Any]

ANY_CATEGORY = frozenset({"ANY", "*", "()", "AGGREGATE_ALL"})
"""Values of ByMessageCategory that select every job [documented, and assumed for "*"]."""


class Want(NamedTuple):
    """What one parameter asks of a job.

    Attributes:
        member: the member compared.
        test: tells whether a value of it (None where the job has none) is wanted.
        read: what of a value is compared, where one value is asked for: jobs can be looked up
            by it. None for other comparisons.
        value: the one value.
        since, until: the first and the last instant asked for, in milliseconds, where a date is
            compared.
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
        member: the member compared.
        want: makes of a parameter's value what it asks; None where it selects every job.
    """

    member: str
    want: Callable[[Any], Want | None]


def _equal(member: str, read: Read, value: Any) -> Want:
    return Want(member, lambda found: found is not None and read(found) == value, read, value)


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

    def want(wanted: int) -> Want:
        until = (wanted - 1) // 1000
        return Want(member, lambda found: found is not None and found <= until, until=until)

    return Filter(member, want)


def after(member: str) -> Filter:
    """Select the jobs whose date lies after the parameter, as `before` does."""

    def want(wanted: int) -> Want:
        since = wanted // 1000 + 1
        return Want(member, lambda found: found is not None and found >= since, since=since)

    return Filter(member, want)


def category(member: str) -> Filter:
    """Select by message category: in any spelling, and with AWS's wildcards [assumed]."""

    def want(wanted: str) -> Want | None:
        spelled = wanted.upper()
        return None if spelled in ANY_CATEGORY else _equal(member, str.upper, spelled)

    return Filter(member, want)


def inside(member: str, nested: str) -> Filter:
    """Select the jobs whose structure `member` has the parameter as its `nested` member."""

    def read(value: Mapping[str, Any]) -> Any:
        return value.get(nested)

    return Filter(member, lambda wanted: _equal(member, read, wanted))


def report_plan(member: str) -> Filter:
    """Select the jobs of a report plan by the name in the plan's ARN."""
    return Filter(member, lambda wanted: _equal(member, report_plan_name, wanted))


def wants(table: Mapping[str, Filter], asked: Mapping[str, Any]) -> list[Want]:
    """Return what the parameters ask of a job."""
    found = (row.want(asked[name]) for name, row in table.items() if name in asked)
    return [want for want in found if want is not None]


def passes(members: Mapping[str, Any], wanted: list[Want]) -> bool:
    """Tell whether something has all that is asked."""
    return all(want.test(members.get(want.member)) for want in wanted)
