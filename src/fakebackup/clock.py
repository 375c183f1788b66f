"""The process's clock: the only module that reads the time, or waits.

It is read anew on every call, so freezegun and time-machine are followed.
"""

from __future__ import annotations

import functools
import time

# Bound now: tests replace `time.sleep` to see how long their code sleeps.
_sleep = time.sleep

MINUTE = 60 * 1000
"""A minute in milliseconds."""

HOUR = 60 * MINUTE
"""An hour in milliseconds."""

TEN_MINUTES = 10 * MINUTE
"""How long a seeded job or recovery point took by default, in milliseconds."""

DAY = 24 * HOUR
"""A day in milliseconds."""


def now() -> int:
    """Return the present instant in milliseconds since the epoch, UTC."""
    # Through microseconds: a frozen instant is a float, and flooring it straight
    # to milliseconds would lose one of them now and then.
    return round(time.time() * 1_000_000) // 1000


def last_midnight(instant: int) -> int:
    """Return the last UTC midnight at or before an instant, both in milliseconds."""
    return instant - instant % DAY


def digits(instant: int) -> str:
    """Return an instant, in milliseconds, as 14 digits of year, month, day and time, in UTC."""
    at = time.gmtime(instant // 1000)
    return f"{at[0]:04}" + "".join(f"{part:02}" for part in at[1:6])


def http_date(instant: int) -> str:
    """Return an instant, in milliseconds, as HTTP's Date header writes it."""
    return _http_date(instant // 1000)


@functools.lru_cache(maxsize=16)
def _http_date(seconds: int) -> str:
    from email.utils import formatdate

    return formatdate(seconds, usegmt=True)


def zone() -> object:
    """Return a value that identifies the process's time zone; ``tzset`` changes it."""
    return time.tzname


def passed() -> float:
    """Return the seconds since some instant, for how long a wait takes."""
    return time.monotonic()


def give_way() -> None:
    """Let the process's other threads run."""
    _sleep(0)
