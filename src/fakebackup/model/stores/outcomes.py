"""Outcomes that tests chose for the jobs that the code under test starts next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """The outcome of one job or several, or of making indexes.

    Attributes:
        operation: the operation that starts the job or makes the index.
        state: the final state; or an unfinished one, in which the job stays.
        members: the members that it then has, as the model keeps them.
        given: the names of the members that were given.
        resource: the ARN of the resource that it is for; None is any.
        times: how many more jobs it is for.
    """

    operation: str
    state: str
    members: dict[str, Any]
    given: frozenset[str]
    resource: str | None
    times: int = 1


def take(waiting: list[Outcome], operation: str, resource: str) -> Outcome | None:
    """Take and return the first outcome for an operation and resource; None if none is."""
    for index, each in enumerate(waiting):
        if each.operation == operation and each.resource in (None, resource):
            if each.times == 1:
                del waiting[index]
            else:
                waiting[index] = replace(each, times=each.times - 1)
            return each
    return None
