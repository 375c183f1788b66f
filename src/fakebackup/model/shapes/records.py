"""Records: jobs, vaults and recovery points as read-only dicts of AWS's members."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fakebackup.errors import near, quoted

if TYPE_CHECKING:
    from collections.abc import Callable


class MissingMemberError(KeyError):
    """A member that a record does not show; its text is made where it is read.

    `get` and `in` raise it by the thousand, and nobody reads those.
    """

    def __init__(self, member: object, record: Record | None = None) -> None:
        """Keep what was asked of which record."""
        super().__init__(member)
        self.record = record

    def __str__(self) -> str:
        member, record = self.args[0], self.record
        if record is None or member in record.shown:  # AWS leaves it out
            return super().__str__()
        return f"no member {quoted(member)} in {record!r}{near(member, record.shown)}"


class Record(Mapping[str, Any]):
    """A job, a vault or a recovery point, read like the answer of its Describe operation.

    Dates are aware datetimes, as clients see them. Members that AWS would leave out are not
    there; the order is AWS's.
    """

    __slots__ = ()

    @abstractmethod
    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them: dates in milliseconds."""

    @property
    @abstractmethod
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, in AWS's order, the conversion to what botocore's parser gives."""

    def kept_now(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, after the moves that the clock made due."""
        return self.kept()

    def __getitem__(self, member: str) -> Any:
        kept = self.kept_now()
        # A member that the installed botocore does not know is kept, but clients do not see it.
        if member not in kept or member not in self.shown:
            raise MissingMemberError(member, self)
        return self.shown[member](kept[member])

    def __iter__(self) -> Iterator[str]:
        kept = self.kept_now()
        return iter([member for member in self.shown if member in kept])

    def __len__(self) -> int:
        return sum(1 for _ in self)
