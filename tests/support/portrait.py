"""A portrait of a fake: all that it holds, object by object, read without asking it anything."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fakebackup.model.jobs.store import Jobs, Register
from fakebackup.model.ordered import Index, Ordered
from fakebackup.model.shapes.records import Record

if TYPE_CHECKING:
    from fakebackup import FakeBackup

CACHES = {
    # They hold nothing that could not be made again.
    ("Organization", "_region_jobs"),
    ("Deferred", "done"),
    ("Jobs", "_tallies"),
    ("Register", "_shown"),
    ("Sent", "_made"),
    ("Backend", "region"),
}

CONSTANT = {"Kind", "Options", "Schema", "_Late"}


def attributes(owner: Any) -> list[str]:
    """The attributes that an object has, in slots and without."""
    slots = [name for each in type(owner).__mro__ for name in getattr(each, "__slots__", ())]
    found = [*slots, *getattr(owner, "__dict__", {})]
    return sorted(name for name in found if not name.startswith("__") and hasattr(owner, name))


def is_ours(value: Any) -> bool:
    """Whether a value is an object of the package that may change: no class and no function."""
    if isinstance(value, (tuple, dict, type)):
        return False
    return type(value).__module__.startswith("fakebackup.")


def portrait(backup: FakeBackup) -> dict[str, Any]:
    """Everything in a fake by its way there: the same object is the same identity."""
    # What is made when it is first asked for, and is empty then.
    backend = backup.backend
    assert backend.faults is not None
    assert backend.by_hand is not None
    assert all(store._vaults is not None for store in backend.organization.stores.values())
    painter = _Painter()
    painter.add("backend", backend)
    return painter.found


class _Painter:
    """What was found, and the objects whose parts were."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self._seen: set[int] = set()

    def add(self, way: str, value: Any) -> None:
        """Take in a value and all its parts."""
        if isinstance(value, (str, int, float, bool, type(None), bytes, set, frozenset)):
            self.found[way] = frozenset(value) if isinstance(value, set) else value
        elif isinstance(value, random.Random):
            self.found[way] = value.getstate()
        elif isinstance(value, (Index, Ordered)):
            self.add(way, _content(value))
        elif isinstance(value, Mapping) and not isinstance(value, Record):
            self.found[way] = list(value)
            for key, each in value.items():
                self.add(f"{way}[{key!r}]", each)
        elif isinstance(value, (list, tuple, deque)):
            self.found[way] = (type(value).__name__, len(value))
            for number, each in enumerate(value):
                self.add(f"{way}[{number}]", each)
        else:
            self._add_object(way, value)

    def _add_object(self, way: str, owner: Any) -> None:
        self.found[way] = (type(owner).__name__, id(owner))
        if not is_ours(owner) or type(owner).__name__ in CONSTANT or id(owner) in self._seen:
            return
        self._seen.add(id(owner))
        for name in attributes(owner):
            if (type(owner).__name__, name) not in CACHES:
                self.add(f"{way}.{name}", _settled(owner, name))


def _content(items: Index[Any] | Ordered[Any]) -> Any:
    """What an index or a sorted list has, however it is laid out."""
    if isinstance(items, Ordered):
        return list(items)
    return {key: list(items.having(key)) for key in sorted(items._having, key=str)}


def _settled(owner: Any, name: str) -> Any:
    """The value of an attribute, without what holds nothing and in an order that is no accident."""
    value = getattr(owner, name)
    if isinstance(owner, Register) and name in ("_reading", "_children"):
        return {key: sorted(value[key]) for key in sorted(value) if value[key]}
    if isinstance(owner, Jobs) and name == "_timelines":
        return {kind.name: each for kind, each in value.items() if each}
    return value


def objects(backup: FakeBackup) -> Iterator[Any]:
    """Every object of the package's own classes in a fake, caches included."""
    seen: set[int] = set()
    waiting: list[Any] = [backup.backend]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if is_ours(value):
            yield value
            waiting += [getattr(value, name) for name in attributes(value)]
        elif isinstance(value, Mapping):
            waiting += [*value, *value.values()]
        elif isinstance(value, (list, tuple, deque, set, frozenset)):
            waiting += value
