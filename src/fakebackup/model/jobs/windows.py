"""The windows in which a backup job starts and completes, in minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

START, COMPLETION = 480, 10080
"""The default windows, in minutes: of a plan's rule both [recorded]; of an on-demand job the first
[documented: model], the second [assumed: the console's default]."""

_LEAST, _MOST = 60, 52_560_000


def read(asked: Mapping[str, Any], completion: str) -> tuple[int, int]:
    """Check a start and a completion window and return them; a missing one has its default.

    Both count from the same instant, so the completion window is not the shorter one [assumed].

    Args:
        asked: the parameters, or a plan's rule.
        completion: the name of its completion window.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    defaults = {"StartWindowMinutes": START, completion: COMPLETION}
    start, complete = (_read(asked, name, minutes) for name, minutes in defaults.items())
    if complete < start:
        words = [
            f"{name} {minutes}{'' if name in asked else ' (the default)'}"
            for name, minutes in ((completion, complete), ("StartWindowMinutes", start))
        ]
        raise invalid_parameter(" is less than ".join(words))
    return start, complete


def _read(asked: Mapping[str, Any], name: str, default: int) -> int:
    minutes: int = asked.get(name, default)
    if not _LEAST <= minutes <= _MOST:
        raise invalid_parameter(f"{name} {minutes} is not between {_LEAST} and {_MOST}")
    return minutes
