"""Answers that a test gives by hand, in the place of the fake's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakebackup.errors import check_not_awaited, quoted
from fakebackup.model.shapes.model import check_operation, service_model
from fakebackup.model.shapes.seeds import keeper

if TYPE_CHECKING:
    from fakebackup.model.resources.arns import Scope

    Answerer = Callable[[dict[str, Any]], Mapping[str, Any]]


@dataclass(eq=False)
class HandAnswer:
    """An answer that a test gives by hand.

    Attributes:
        operation: AWS's name of the operation.
        how: takes the parameters, returns the members as the model keeps them; None is the
            fake's own answer.
        scope: the account and the Region whose calls it answers.
        asked_for: whether a call asked for it.
    """

    operation: str
    how: Answerer | None
    scope: Scope
    asked_for: bool = False


class HandAnswers:
    """The answers by hand of a fake: the last one given for a call's home answers it.

    Attributes:
        given: the answers by operation; most fakes have none.
    """

    def __init__(self) -> None:
        self.given: dict[str, list[HandAnswer]] = {}

    def add(self, operation: str, how: Mapping[str, Any] | Answerer | None, scope: Scope) -> None:
        """Give an answer; arguments and errors are those of `FakeBackup.answer`."""
        operation = check_operation(operation)
        call = None if how is None else _answerer(operation, how)
        earlier = self.given.pop(operation, [])
        kept = [each for each in earlier if not each.scope.within(scope)]
        # Where no earlier answer is left, there is none to give the fake's own instead of.
        if call is not None or kept:
            self.given[operation] = [*kept, HandAnswer(operation, call, scope)]

    def find(self, operation: str, account: str, region: str) -> Answerer | None:
        """Return what answers a call by hand; None where the fake itself answers."""
        found = self._last(operation, account, region)
        if found is None:
            return None
        found.asked_for = True
        return found.how

    def answers(self, operation: str, account: str, region: str) -> bool:
        """Return whether calls of an operation in an account and Region are answered by hand."""
        found = self._last(operation, account, region)
        return found is not None and found.how is not None

    def _last(self, operation: str, account: str, region: str) -> HandAnswer | None:
        """Return the last answer given that is for an account and Region."""
        given = reversed(self.given.get(operation, ()))
        return next((each for each in given if each.scope.has(account, region)), None)

    def clear(self) -> None:
        """Drop all answers."""
        self.given.clear()

    def left(self) -> list[HandAnswer]:
        """Return the answers that no call has asked for, in the order they were given."""
        given = [each for several in self.given.values() for each in several]
        return [each for each in given if each.how is not None and not each.asked_for]


def _answerer(operation: str, how: Mapping[str, Any] | Answerer) -> Answerer:
    keep = _keeper(operation)
    if callable(how):
        takes = "answer() takes a dict of members, or a function of the parameters"
        check_not_awaited(takes, how)
        call = how
        return lambda parameters: keep(call(parameters))
    kept = keep(how)
    return lambda _parameters: kept


def _keeper(operation: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return the function that checks an answer given by hand, and converts its dates."""
    shape = service_model().operation_model(operation).output_shape
    what = f"The answer of {operation}"
    keep = keeper(shape) if shape is not None else _keep_nothing

    def kept(members: Any) -> dict[str, Any]:
        if not isinstance(members, Mapping):
            seen = f"{quoted(members)} ({type(members).__name__})"
            msg = f"{what} is a dict of its members, not {seen}."
            raise TypeError(msg)
        given = {name: each for name, each in members.items() if name != "ResponseMetadata"}
        found: dict[str, Any] = keep(given, what)
        return found

    return kept


def _keep_nothing(members: dict[str, Any], what: str) -> dict[str, Any]:
    if members:
        msg = f"{what} has no members, {', '.join(map(repr, members))} neither."
        raise TypeError(msg)
    return {}
