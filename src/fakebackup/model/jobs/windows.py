"""The windows in which a backup job starts and completes, in minutes."""

from __future__ import annotations

from fakebackup.errors import invalid_parameter

START, COMPLETION = 480, 10080
"""The default windows of a plan's rule, in minutes [recorded]; a job's start window is the same."""

_LEAST, _MOST = 60, 52_560_000


def check(name: str, minutes: int | None) -> None:
    """Refuse a window that AWS does not take.

    Args:
        name: the name of the parameter.
        minutes: its value; None where it is not given.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    if minutes is not None and not _LEAST <= minutes <= _MOST:
        raise invalid_parameter(f"{name} {minutes} is not between {_LEAST} and {_MOST}")
