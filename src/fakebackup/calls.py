"""The log of what the code under test asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from fakebackup.errors import near
from fakebackup.model.shapes import model as shapes

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Call:
    """What the code under test asked for, once.

    Attributes:
        operation: AWS's name of the operation.
        parameters: as the code gave them.
        account, region: whose account, which region.
        attempts: how many HTTP requests it took.
        error: the name of the error that was answered, or of the refusal; None if none was.
        items: how many items a list answered; None where the answer is no list.
        more: whether further pages follow.
    """

    operation: str
    parameters: dict[str, Any]
    account: str
    region: str
    attempts: int = 0
    error: str | None = None
    items: int | None = None
    more: bool = False


class Calls(Sequence[Call]):
    """The calls of a fake, in order; call it with an operation's name to narrow it."""

    def __init__(self, calls: list[Call]) -> None:
        """Show a list of calls."""
        self._calls = calls

    def __call__(self, operation: str | None = None) -> Calls:
        """Return the calls of an operation, or all of them.

        Raises:
            ValueError: AWS Backup has no such operation.
        """
        if operation is None:
            return Calls(list(self._calls))
        known = shapes.service_model().operation_names
        if operation not in known:
            msg = f"AWS Backup has no operation {operation!r}{near(operation, known)}"
            raise ValueError(msg)
        return Calls([call for call in self._calls if call.operation == operation])

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> Call | Calls:
        if isinstance(index, slice):
            return Calls(self._calls[index])
        return self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Calls, list)):
            return list(self) == list(other)
        return NotImplemented

    def __hash__(self) -> int:
        return id(self._calls)

    def __repr__(self) -> str:
        return repr(self._calls)
