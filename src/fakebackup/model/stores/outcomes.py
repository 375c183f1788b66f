"""Outcomes that tests chose for the jobs that the code under test starts next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """The outcome of one job, or of making one index.

    Attributes:
        operation: the operation that starts the job or makes the index.
        state: the final state.
        members: the members that it then has, as the model keeps them.
        given: the names of the members that were given.
        resource: the ARN of the resource that it is for; None is any.
    """

    operation: str
    state: str
    members: dict[str, Any]
    given: frozenset[str]
    resource: str | None


def take(waiting: list[Outcome], operation: str, resource: str) -> Outcome | None:
    """Remove and return the first outcome for an operation and resource; None if none is."""
    for index, each in enumerate(waiting):
        if each.operation == operation and each.resource in (None, resource):
            return waiting.pop(index)
    return None
