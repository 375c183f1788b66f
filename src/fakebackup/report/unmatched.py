"""The filter of an empty list, or the dimension of an empty summary, that nothing passes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fakebackup.errors import number_of
from fakebackup.model.jobs.filters import EVERY, Filter, category, inside, same
from fakebackup.model.shapes.dates import seen
from fakebackup.model.shapes.model import service_model
from fakebackup.model.shapes.requests import request_reader
from fakebackup.operations import operations
from fakebackup.report.shared import either, parameters_of, shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fakebackup.calls import Call
    from fakebackup.model.jobs.filters import Criterion, Dimension


def of_dimensions(dimensions: Sequence[Dimension]) -> dict[str, Filter]:
    """Return the filters that the dimensions of a summary are where a value is asked for."""
    return {each.parameter: _of_dimension(each) for each in dimensions}


def _of_dimension(dimension: Dimension) -> Filter:
    outer, _, inner = dimension.member.partition(".")
    found = category(outer) if dimension.category else same(outer)
    if inner:
        found = inside(outer, inner)

    def criterion(wanted: str) -> Criterion | None:
        return None if wanted in EVERY else found.criterion(wanted)

    return Filter(found.member, criterion)


def unmatched(
    call: Call, there: Sequence[Mapping[str, Any]], noun: str, table: Mapping[str, Filter]
) -> Iterator[str]:
    """Yield the filter that nothing passes, if there is one.

    Args:
        call: the call of a list or a summary, which showed nothing.
        there: the members of each thing that it would show without filters.
        noun: what they are, in words.
        table: its filters.
    """
    operation = operations()[call.operation]
    read = request_reader(
        service_model().operation_model(call.operation),
        also=operation.also,
        documented=operation.documented,
        at_most=operation.at_most,
    )
    parameters = parameters_of(call)
    asked = read({name: parameters[name] for name in table if name in parameters})
    given = {name: table[name].criterion(value) for name, value in asked.items()}
    criteria = {name: each for name, each in given.items() if each is not None}
    for name, criterion in criteria.items():
        member = criterion.member
        values = [members.get(member) for members in there]
        if not any(map(criterion.test, values)):
            asked_by = f"{call.operation}({name}={shown_value(parameters[name])})"
            yield (
                f"{asked_by} matches none of the {number_of(len(there), noun)} there: "
                f"{member} is {_values(values)}."
                if len(there) > 1
                else f"{asked_by} does not match the {noun} there: its {member} is "
                f"{_values(values)}."
            )
            return
    passing = any(all(c.test(each.get(c.member)) for c in criteria.values()) for each in there)
    if not passing:
        one = noun.rpartition(" ")[2]
        yield (
            f"{call.operation}: each of {either(criteria)} matches some of the "
            f"{number_of(len(there), noun)} there, but no {one} matches all."
        )


def _values(values: list[Any]) -> str:
    """Return the values of a member, the commonest first; of dates the earliest and latest."""
    known = [value for value in values if value is not None]
    if known and all(type(value) is int for value in known):
        first, last = (str(seen(each)) for each in (min(known), max(known)))
        return first if first == last else f"from {first} to {last}"
    counted = Counter("left out" if value is None else shown_value(value) for value in values)
    several = [
        text if len(values) == 1 else f"{text} ({count})" for text, count in counted.most_common(4)
    ]
    if len(counted) > len(several):
        several.append("...")
    return ", ".join(several)
