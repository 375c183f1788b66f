"""What is wrong in a dump that is read, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from fakebackup.errors import near, quoted, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")


class DamageError(ValueError):
    """What is wrong in a dump, and where; the way to it grows while the error rises."""

    def __init__(self, what: str, *path: str) -> None:
        """Say what is wrong with the value at the end of a path of keys."""
        super().__init__(what)
        self.what = what
        self.path = path

    def under(self, *path: str) -> DamageError:
        """Return the same, of a value that lies under these keys."""
        return DamageError(self.what, *path, *self.path)

    def __str__(self) -> str:
        way = "".join(each if each[:1] == "[" else f".{each}" for each in self.path)
        return f"{way.removeprefix('.')} {self.what}"


def wrong(wanted: str, value: object) -> DamageError:
    """Return the damage of a value that is not what it should be."""
    return DamageError(f"is {wanted}, not {shortened(quoted(value), 120)}")


def under(path: str | tuple[str, ...], read: Callable[..., T], *args: Any, **named: Any) -> T:
    """Read a part of a dump; an error then says under what keys it lies.

    Args:
        path: the keys, or a single one.
        read: reads the part.
        *args: its arguments.
        **named: those that are named.

    Raises:
        DamageError: the part is damaged.
    """
    try:
        return read(*args, **named)
    except DamageError as damage:
        raise damage.under(*((path,) if isinstance(path, str) else path)) from None


def read_each(items: Any, read: Callable[[Any], T]) -> list[T]:
    """Read the items of a list; an error then says which one is damaged.

    Raises:
        DamageError: one is, or it is no list.
    """
    if type(items) is not list:
        raise wrong("a list", items)
    found: list[T] = []
    try:
        for each in items:
            found.append(read(each))  # noqa: PERF401  how many are read says where an error is
    except DamageError as damage:
        raise damage.under(f"[{len(found)}]") from None
    return found


def need(members: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse members of which one is missing.

    Raises:
        DamageError: one is.
    """
    for name in names:
        if members.get(name) is None:
            raise DamageError("is missing.", name)


def check_object(value: Any, known: Iterable[str] | None = None) -> dict[str, Any]:
    """Return a value that is an object, with no other keys than the known ones.

    Args:
        value: the value.
        known: the keys that it may have; None is any.

    Raises:
        DamageError: it is no object, or has another key.
    """
    if type(value) is not dict:
        raise wrong("an object", value)
    for key in value:
        if type(key) is not str:
            raise wrong("an object with texts for keys", value)
        if known is not None and key not in known:
            what = f"is no part of a dump{near(key, known) or '.'}"
            raise DamageError(what, key)
    return value
