"""The log of the calls that the code under test made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from fakebackup.errors import quoted
from fakebackup.model.resources.arns import EVERYWHERE
from fakebackup.model.shapes.model import check_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Never

    from fakebackup.model.resources.arns import Scope
    from fakebackup.model.shapes.literals import Operation


@dataclass
class Call:
    """One call of the code under test.

    Attributes:
        operation: AWS's name of the operation.
        parameters: as the code gave them.
        account, region: the account and Region in which it was made.
        attempts: how many HTTP requests it took.
        error: the name of the error that was answered, or of the refusal; None without one.
        items: how many items the page of a list had; None where the answer is no list.
        more: whether further pages follow.
        at: when it was answered last, in milliseconds since 1970; None before. It is no part of
            what a call equals.
        received: the parameters as AWS reads them, where no client has checked them: {} where it
            could not. None where a client has. It is no part of what a call equals.
    """

    operation: str
    parameters: dict[str, Any]
    account: str
    region: str
    attempts: int = 0
    error: str | None = None
    items: int | None = None
    more: bool = False
    at: int | None = field(default=None, compare=False, repr=False)
    received: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


class Calls(Sequence[Call]):
    """The calls of a fake, in order; call it with an operation's name to narrow it."""

    def __init__(self, calls: list[Call], scope: Scope = EVERYWHERE) -> None:
        """Wrap a list of calls; users read `FakeBackup.calls`.

        Args:
            calls: the calls of the fake, which may become more.
            scope: the account and Region whose calls are shown.
        """
        self._all = calls
        self._scope = scope

    @property
    def _calls(self) -> list[Call]:
        if self._scope == EVERYWHERE:
            return self._all
        return [call for call in list(self._all) if self._scope.has(call.account, call.region)]

    def __call__(self, operation: Operation | None = None, **parameters: Never) -> Calls:
        """Return the calls of an operation, or all of them.

        Args:
            operation: AWS's name of the operation; None is all.
            parameters: none: they are refused with the way to choose by parameters.

        Raises:
            TypeError: a parameter.
            ValueError: AWS Backup has no such operation.
        """
        if parameters:
            msg = (
                f"calls() takes an operation, and no parameters such as {', '.join(parameters)}: "
                f"type [{_choosing(operation, parameters)}]."
            )
            raise TypeError(msg)
        if operation is None:
            return Calls(list(self._calls))
        name = check_operation(operation)
        return Calls([call for call in self._calls if call.operation == name])

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> Call | Calls:
        given: object = index
        if isinstance(given, str):
            raise TypeError(_no_text(given))
        if isinstance(index, slice):
            return Calls(self._calls[index])
        return self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    # By a text nothing would be found ever, and an assertion of that would prove nothing.

    def __contains__(self, call: object) -> bool:
        return _check_call(call) in self._calls

    def count(self, call: object) -> int:
        """Return how many calls equal one; of an operation there are `len(calls(operation))`.

        Raises:
            TypeError: it is a text, such as the name of an operation.
        """
        return self._calls.count(_check_call(call))

    def index(self, call: object, start: int = 0, stop: int = sys.maxsize) -> int:
        """Return the index of the first call that equals one.

        Raises:
            TypeError: it is a text, such as the name of an operation.
            ValueError: none does.
        """
        return self._calls.index(_check_call(call), start, stop)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Calls, list)):
            return list(self) == list(other)
        return NotImplemented

    def __hash__(self) -> int:
        return id(self._all)

    def __repr__(self) -> str:
        return repr(self._calls)


def _check_call(call: object) -> Any:
    """Return what is looked for among calls, and refuse a text.

    Raises:
        TypeError: it is a text, which no call equals.
    """
    if not isinstance(call, str):
        return call
    raise TypeError(_no_text(call))


def _no_text(text: str) -> str:
    """Return what is told of a text in the place of a call or its index."""
    return (
        f"The log of calls has calls, and no text such as {quoted(text)}: type "
        f"backup.calls({quoted(text)}), which is the calls of that operation, and empty if there "
        f"was none."
    )


def _choosing(operation: object, parameters: Mapping[str, object]) -> str:
    """Return the code that chooses calls by their parameters, without its brackets."""
    of = "" if operation is None else quoted(operation)
    wanted = " and ".join(
        f"call.parameters.get({quoted(name)}) == {quoted(value)}"
        for name, value in parameters.items()
    )
    return f"call for call in backup.calls({of}) if {wanted}"
