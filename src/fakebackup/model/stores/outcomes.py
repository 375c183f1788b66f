"""Outcomes that tests chose for the jobs that the code under test starts next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakebackup.model.resources.arns import Home, Scope


@dataclass(frozen=True)
class Outcome:
    """The outcome of one job or several, or of making indexes.

    Attributes:
        operation: the operation that starts the job or makes the index.
        state: the final state; or an unfinished one, in which the job stays.
        members: the members that it then has, as the model keeps them.
        given: the names of the members that were given.
        resource: the ARN of the resource that it is for; None is any.
        scope: the account and the Region that it is for.
        times: how many more jobs it is for.
        since: how many calls had been made when it was chosen.
    """

    operation: str
    state: str
    members: dict[str, Any]
    given: frozenset[str]
    resource: str | None
    scope: Scope
    times: int = 1
    since: int = 0


def take(waiting: list[Outcome], operation: str, resource: str, home: Home) -> Outcome | None:
    """Take and return the first outcome that is for a job or an index; None if none is.

    Args:
        waiting: the outcomes that nothing has taken yet.
        operation: the operation that starts the job or makes the index.
        resource: the ARN of its resource.
        home: the account and the Region of the job or index.
    """
    for index, each in enumerate(waiting):
        if (
            each.operation == operation
            and each.resource in (None, resource)
            and each.scope.has(*home)
        ):
            if each.times == 1:
                del waiting[index]
            else:
                waiting[index] = replace(each, times=each.times - 1)
            return each
    return None
