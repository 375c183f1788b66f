"""Sorted lists, in the order in which AWS lists things: newest first, then by id or ARN."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    Position = tuple[int, str]

T = TypeVar("T")


class Bounds(NamedTuple):
    """A part of a list.

    Attributes:
        after: the position after which it begins; None is the start of the list.
        since: the earliest creation in it, in milliseconds; None for no limit.
        until: the latest creation in it, in milliseconds; None for no limit.
    """

    after: Position | None = None
    since: int | None = None
    until: int | None = None


WHOLE = Bounds()


class Ordered(Generic[T]):
    """A sorted list in blocks, so that a change shifts at most one block.

    It takes 8 bytes per item. Finding a position takes some ten comparisons.
    """

    __slots__ = ("_blocks", "_count", "_firsts", "_position")

    def __init__(self, position: Callable[[T], Position]) -> None:
        """Make an empty list.

        Args:
            position: returns the sort key of an item: its creation, in milliseconds, negated,
                and its id; it does not change while the item is in the list.
        """
        self._position = position
        self._blocks: list[list[T]] = []
        self._firsts: list[Position] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self._blocks)

    def add(self, item: T) -> None:
        """Add an item."""
        at = self._position(item)
        self._count += 1
        if not self._blocks:
            self._set([item])
            return
        number = max(bisect_right(self._firsts, at) - 1, 0)
        block = self._blocks[number]
        if at < self._firsts[number]:
            # The newest of all, as most are when they come.
            block.insert(0, item)
            self._firsts[number] = at
        elif self._position(block[-1]) < at:
            # The last of those of one instant, as most are when they come.
            block.append(item)
        else:
            insort(block, item, key=self._position)
        if len(block) > 2 * _BLOCK:
            self._blocks[number : number + 1] = [block[:_BLOCK], block[_BLOCK:]]
            self._firsts.insert(number + 1, self._position(block[_BLOCK]))

    def add_all(self, items: Sequence[T]) -> None:
        """Add items, in any order."""
        if len(items) * 16 < self._count:
            for item in items:
                self.add(item)
            return
        self._set(sorted(chain(items, self), key=self._position))
        self._count += len(items)

    def _set(self, items: list[T]) -> None:
        self._blocks = [items[at : at + _BLOCK] for at in range(0, len(items), _BLOCK)]
        self._firsts = [self._position(block[0]) for block in self._blocks]

    def remove(self, item: T) -> None:
        """Remove an item that is in the list and has not changed its position since."""
        at = self._position(item)
        number = bisect_right(self._firsts, at) - 1
        block = self._blocks[number]
        del block[bisect_left(block, at, key=self._position)]
        self._count -= 1
        if not block:
            del self._blocks[number], self._firsts[number]
        elif at == self._firsts[number]:
            self._firsts[number] = self._position(block[0])

    def newest_first(self, bounds: Bounds = WHOLE) -> Iterator[T]:
        """Yield items newest first; none may be added or removed meanwhile."""
        after, since, until = bounds
        blocks = self._blocks
        if since is not None and blocks and -self._position(blocks[-1][-1])[0] >= since:
            since = None
        if after is None and since is None and until is None:
            return chain.from_iterable(blocks)
        first, begin = (0, 0) if after is None else self._find(after, bisect_right)
        if until is not None:
            # The empty id sorts before all others.
            first, begin = max((first, begin), self._find((-until, ""), bisect_left))
        last, end = len(blocks), 0
        if since is not None:
            last, end = self._find((1 - since, ""), bisect_left)
        return self._between(first, begin, last, end)

    def _between(self, first: int, begin: int, last: int, end: int) -> Iterator[T]:
        blocks = self._blocks
        for number in range(first, min(last + 1, len(blocks))):
            block = blocks[number]
            if number in (first, last):
                block = block[begin if number == first else 0 : end if number == last else None]
            yield from block

    def _find(self, at: Position, side: Callable[..., int]) -> tuple[int, int]:
        """Return the block, and the index in it, of the first item from a position on."""
        number = max(side(self._firsts, at) - 1, 0)
        if number >= len(self._blocks):
            return number, 0
        return number, side(self._blocks[number], at, key=self._position)


_BLOCK = 500


class Index(Generic[T]):
    """The items per value, in order; a value that a single item has holds it without a list."""

    __slots__ = ("_having", "_position", "_read", "_sorted")

    def __init__(self, read: Callable[[T], Any], position: Callable[[T], Position]) -> None:
        """Make an empty index.

        Args:
            read: returns the value of an item, which does not change while the item is in the
                index; None where it has none.
            position: the sort key of an item, as for `Ordered`.
        """
        self._read = read
        self._position = position
        self._having: dict[Hashable, Ordered[T] | T] = {}
        self._sorted: list[Any] | None = None

    def having(self, value: Hashable) -> Ordered[T]:
        """Return the items that have a value."""
        found = self._having.get(value)
        if isinstance(found, Ordered):
            return found
        return self._ordered([] if found is None else [found])

    def values(self) -> list[Any]:
        """Return the values that items have, sorted; the list is kept until one comes or goes."""
        if self._sorted is None:
            self._sorted = sorted(self._having)
        return self._sorted

    def add_all(self, items: Iterable[T]) -> None:
        """Add items to an empty index."""
        by_value: dict[Hashable, list[T]] = {}
        for item in items:
            value = self._read(item)
            if value is not None:
                by_value.setdefault(value, []).append(item)
        for value, having in by_value.items():
            self._having[value] = having[0] if len(having) == 1 else self._ordered(having)
        self._sorted = None

    def add(self, item: T) -> None:
        """Add an item."""
        value = self._read(item)
        if value is None:
            return
        found = self._having.get(value)
        if found is None:
            self._having[value] = item
            self._sorted = None
        elif isinstance(found, Ordered):
            found.add(item)
        else:
            self._having[value] = self._ordered([found, item])

    def remove(self, item: T) -> None:
        """Remove an item that is in the index."""
        value = self._read(item)
        if value is None:
            return
        found = self._having[value]
        if isinstance(found, Ordered) and len(found) > 1:
            found.remove(item)
        else:
            del self._having[value]
            self._sorted = None

    def _ordered(self, items: list[T]) -> Ordered[T]:
        made = Ordered(self._position)
        made.add_all(items)
        return made
