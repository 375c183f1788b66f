"""Plain values: texts and numbers without the classes of their own that programs give them.

A member of a `str` enum, of an `IntEnum` or of any other subclass writes itself as it likes: kept
as it is, it would be another name in each ARN, and clients would be handed the object. AWS gets
its value, so the model keeps that. Most values are plain: whoever reads many tests their class
first, and imports this module late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_CLASSES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
)
_PLAIN = frozenset((str, int, float, bool, type(None)))


def scalar(value: Any) -> Any:
    """Return a text or a number as a plain one, and anything else as it is."""
    if type(value) not in _PLAIN:
        for each, as_plain in _CLASSES:
            if isinstance(value, each):
                return as_plain(value)
    return value


def whole(value: Any) -> Any:
    """Return a copy of a value that is plain at every depth of its dicts, lists, tuples and sets.

    What is none of them, nor a text or a number, is the same in the copy. A value that is nested
    deeper than Python's functions recurse is returned as it is.
    """
    try:
        return _whole(value)
    except RecursionError:
        return value


def _whole(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        # Most of a document that is loaded is plain.
        return {
            key if type(key) is str else scalar(key): each if type(each) is str else _whole(each)
            for key, each in value.items()
        }
    for container in (list, tuple, set, frozenset):
        if isinstance(value, container):
            return container(map(_whole, value))
    return scalar(value)
