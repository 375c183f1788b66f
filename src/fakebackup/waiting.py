"""What a person at a terminal is told while something large takes its time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

_LARGE = 20_000
"""From how many items on it takes long enough to be told."""

_STEPS = 100


def told(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield items; on a terminal, tell on one line of stderr how far that has come.

    In pytest nothing is told, whatever stderr is: its report is nobody's to write on.

    Args:
        items: what is gone through.
        what: what they are, as the line names them.
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
        # The line goes when it is of no more use.
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
