"""How the jobs end that the code under test starts next, as tests decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """How one job ends, or the making of one index.

    Attributes:
        operation: what starts it.
        state: the final state.
        members: the members it then has, as the model keeps them.
        given: the names of those that were given.
        resource: only a job of this resource, an ARN; None is any.
    """

    operation: str
    state: str
    members: dict[str, Any]
    given: frozenset[str]
    resource: str | None


def take(waiting: list[Outcome], operation: str, resource: str) -> Outcome | None:
    """Take the first outcome out that is meant for a job, if there is one."""
    for at, each in enumerate(waiting):
        if each.operation == operation and each.resource in (None, resource):
            return waiting.pop(at)
    return None
