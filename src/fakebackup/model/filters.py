"""What a `By*` parameter compares, and how: the vocabulary of the operations' tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakebackup.model.resources import report_plan_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Test = Callable[[Mapping[str, Any]], bool]

ANY_CATEGORY = frozenset({"ANY", "*", "()", "AGGREGATE_ALL"})
"""Values of ByMessageCategory that select every job [documented, and assumed for "*"]."""


@dataclass(frozen=True)
class Filter:
    """A filter on one member.

    Attributes:
        member: the member compared.
        test: makes, from a parameter's value, the test of a member's value (None where the
            job has none); None where the value selects every job.
    """

    member: str
    test: Callable[[Any], Callable[[Any], bool] | None]


def same(member: str) -> Filter:
    """Select the jobs whose member equals the parameter."""
    return Filter(member, lambda wanted: lambda value: value == wanted)


def before(member: str) -> Filter:
    """Select the jobs whose date lies before the parameter, strictly [assumed].

    The job's date is in milliseconds, the parameter in microseconds: they are compared at
    full precision. A job without the date is never selected.
    """
    return Filter(member, lambda wanted: lambda value: value is not None and value * 1000 < wanted)


def after(member: str) -> Filter:
    """Select the jobs whose date lies after the parameter, as `before` does."""
    return Filter(member, lambda wanted: lambda value: value is not None and value * 1000 > wanted)


def category(member: str) -> Filter:
    """Select by message category: in any spelling, and with AWS's wildcards [assumed]."""

    def test(wanted: str) -> Callable[[Any], bool] | None:
        if wanted.upper() in ANY_CATEGORY:
            return None
        spelled = wanted.upper()
        return lambda value: value is not None and value.upper() == spelled

    return Filter(member, test)


def inside(member: str, nested: str) -> Filter:
    """Select the jobs whose structure `member` has the parameter as its `nested` member."""
    return Filter(
        member, lambda wanted: lambda value: value is not None and value.get(nested) == wanted
    )


def report_plan(member: str) -> Filter:
    """Select the jobs of a report plan by the name in the plan's ARN."""
    return Filter(
        member, lambda wanted: lambda value: value is not None and report_plan_name(value) == wanted
    )


def tests(table: Mapping[str, Filter], asked: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what the parameters ask of a job: per member, the test of its value."""
    found = []
    for parameter, filter_ in table.items():
        if parameter in asked:
            test = filter_.test(asked[parameter])
            if test is not None:
                found.append((filter_.member, test))
    return found
