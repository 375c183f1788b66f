"""Records: jobs, vaults and recovery points as read-only dicts of AWS's members."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fakebackup.errors import few, near, quoted, there_are

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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


_ATTRIBUTES = (("Arn", ("arn",)), ("", ("id", "key", "name", "arn")))
"""Per ending of a member, the attributes of a record that may be what the member takes."""


class _Absent:
    """A method by which somebody would change a record, and which says what does.

    `__getattr__` would make Python read every attribute of the class's objects slowly.
    """

    def __set_name__(self, owner: type[Record], name: str) -> None:
        self._name = name

    def __get__(self, record: Record | None, owner: type[Record]) -> Any:
        what = owner.__name__ if record is None else quoted(record)
        by = "" if record is None else f": it is changed by {record._changed_by}"  # noqa: SLF001  a part of records
        msg = f"{what} has no {self._name}(){by}."
        raise AttributeError(msg)


class _Member:
    """A member that somebody would read or set as an attribute, and which says what does."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, record: Record | None, owner: type[Record]) -> Any:
        plain = f"{owner.__name__!r} object has no attribute {self._name!r}"
        if record is None or self._name not in record.shown:
            raise AttributeError(plain)
        msg = f"{plain}: its members are read as those of a dict, {_called(owner)}[{self._name!r}]."
        raise AttributeError(msg)

    def __set__(self, record: Record, value: object) -> None:
        if self._name not in record.shown:
            self.__get__(record, type(record))
        msg = (
            f"The member {quoted(self._name)} of {quoted(record)} is only read: it is changed by "
            f"{record._changed_by}."  # noqa: SLF001  a part of records
        )
        raise AttributeError(msg)


def _called(owner: type[Record]) -> str:
    """Return what code calls a record: the last word of its class, in lower case."""
    name = owner.__name__
    return name[max(at for at, each in enumerate(name) if each.isupper()) :].lower()


def tell_of_members(names: Iterable[str]) -> None:
    """Let all records say how the members of a schema are read, where one is no attribute.

    Called when a schema's members are first looked up: there is no record of it before.
    """
    for name in names:
        if not hasattr(Record, name) and name not in vars(Record):
            setattr(Record, name, _Member(name))


def instead(value: object, path: str) -> str:
    """Return the end of a message that refuses a value where a text is taken.

    Args:
        value: the value; of a record, the text of its own that is meant is told.
        path: the member, with the names before it: "CreatedBy.BackupPlanId".
    """
    if not isinstance(value, Record):
        return "."
    member = path.rpartition(".")[2].partition("[")[0]
    found = value.get(member)
    if isinstance(found, str):
        return f": type its [{member!r}], {found!r}."
    for ending, attributes in _ATTRIBUTES:
        if member.removesuffix("s").endswith(ending):
            for attribute in attributes:
                found = getattr(value, attribute, None)
                if found and isinstance(found, str):
                    return f": type its .{attribute}, {found!r}."
    return "."


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

    @property
    @abstractmethod
    def _changed_by(self) -> str:
        """What changes it, for messages: "client.update_framework(...)"."""

    if not TYPE_CHECKING:  # for a type checker, what does not exist does not
        update, delete, remove = _Absent(), _Absent(), _Absent()

        def __setitem__(self, member: str, value: object) -> None:
            """Refuse to set a member."""
            msg = (
                f"The member {quoted(member)} of {quoted(self)} is only read: it is changed by "
                f"{self._changed_by}."
            )
            raise TypeError(msg)

        def __delitem__(self, member: str) -> None:
            """Refuse to delete a member."""
            self[member] = None

    def __iter__(self) -> Iterator[str]:
        kept = self.kept_now()
        return iter([member for member in self.shown if member in kept])

    def __len__(self) -> int:
        return sum(1 for _ in self)


_MOST_LOOKED_AT = 1000
"""Among how many records it is looked what a text might be: among many more, it takes long."""


def no_key(text: str, found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what a text is, that is no key: what a record has, or nearly a key.

    Args:
        text: the text.
        found: the members of the records, by key.
    """
    there = there_are(len(found))
    if len(found) > _MOST_LOOKED_AT:
        return there
    called: dict[str, list[str]] = {}
    for key, each in found.items():
        for member in _members_with(each, text):
            called.setdefault("name" if member.endswith("Name") else member, []).append(repr(key))
    for what, keys in called.items():
        return f": it is the {what} of {' and of '.join(few(keys))}"
    ends = [key for key in found if text and key.endswith((f"/{text}", f":{text}"))]
    if ends:
        return f"; did you mean {' or '.join(few(map(repr, ends)))}?"
    return near(text, found) or there


def _members_with(record: Mapping[str, Any], text: str) -> list[str]:
    """Return the members of a record, and those of its document, that have a text."""
    within = [each for each in record.values() if isinstance(each, Mapping)]
    return [
        member for members in (record, *within) for member, each in members.items() if each == text
    ][:1]
