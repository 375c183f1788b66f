"""Folding: of too many things a page shows the newest and the unusual ones, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

_UNUSUAL = 0.8
"""Which part of what is shown the unusual ones take at most, so that the newest are there too."""


@dataclass(frozen=True)
class Folded(Generic[T]):
    """What is shown of some things.

    Attributes:
        shown: those shown, in their order.
        total: how many there are.
    """

    shown: list[T]
    total: int

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.total - len(self.shown)


def fold(things: Sequence[T], most: int, unusual: Callable[[T], bool]) -> Folded[T]:
    """Return all of some things, or so many of them: the newest unusual ones, then the newest.

    Args:
        things: the things, oldest first.
        most: how many are shown at most.
        unusual: returns whether one is more likely looked for than others.
    """
    if len(things) <= most:
        return Folded(list(things), len(things))
    kept: set[int] = set()
    for number in range(len(things) - 1, -1, -1):
        if len(kept) >= most * _UNUSUAL:
            break
        if unusual(things[number]):
            kept.add(number)
    for number in range(len(things) - 1, -1, -1):
        if len(kept) >= most:
            break
        kept.add(number)
    return Folded([things[number] for number in sorted(kept)], len(things))
