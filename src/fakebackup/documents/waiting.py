"""A counter on the terminal while a large list is read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

_LARGE = 20_000
"""The number of items from which reading takes long enough to be counted."""

_STEPS = 100


def with_counter(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield items; where stderr is a terminal, count them on one line of it.

    In pytest nothing is written, so that its report stays intact.

    Args:
        items: the items.
        what: what the items are, in the plural, for the line.
    """
    count = len(items)
    if count < _LARGE or "_pytest" in sys.modules or not sys.stderr.isatty():
        yield from items
        return
    step = count // _STEPS
    try:
        for number, item in enumerate(items):
            if number % step == 0:
                sys.stderr.write(f"\rReading {what}: {number:,} of {count:,}")
                sys.stderr.flush()
            yield item
    finally:
        # Clear the line.
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
