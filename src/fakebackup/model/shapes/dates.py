"""Dates: parsed from what users write, kept in milliseconds, shown as botocore shows them."""

from __future__ import annotations

import datetime as dt
import functools
import math
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    # The class of dates, year, month, day, hour, minute and time zone.
    _Start = tuple[type[datetime], int, int, int, int, int, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_WITHOUT_ZONE = _EPOCH.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)
# The years 1 to 9999 in seconds, less a day at each end, so that no time zone exceeds them.
_FIRST, _LAST = -62135510400, 253402214400
_NOON = 12
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def microseconds(value: object) -> int:
    """Return an instant in microseconds since the epoch, UTC.

    Args:
        value: a datetime (a naive one is UTC, as for botocore), an ISO 8601 string, or a
            number of seconds since the epoch.

    Raises:
        TypeError: a value of another type.
        ValueError: a string that is no date, or a number outside the years 1 to 9999.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
        try:
            return (aware - _EPOCH) // _MICROSECOND
        except Exception:  # noqa: BLE001  a time zone of the user's may raise anything
            raise _zone_of_no_use(aware) from None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not (math.isfinite(value) and _FIRST <= value <= _LAST):
            hint = " (it looks like milliseconds)" if _FIRST <= value / 1000 <= _LAST else ""
            msg = f"{quoted(value)} is no number of seconds since 1970{hint}"
            raise ValueError(msg)
        return round(value * 1_000_000)
    msg = f"{quoted(value)} is no datetime, ISO 8601 string or number of seconds"
    raise TypeError(msg)


def _zone_of_no_use(value: datetime) -> ValueError:
    """Return the error for a date whose time zone does not say how far from UTC it is."""
    try:
        why = f"its utcoffset() returned {value.utcoffset()}"
    except Exception as error:  # noqa: BLE001  as above
        why = f"its utcoffset() raised {type(error).__name__}: {error}"
    return ValueError(
        f"the time zone of {value.replace(tzinfo=None)} is of no use, {quoted(value.tzinfo)}: "
        f"{why}. Give a date in UTC, as datetime(..., tzinfo=timezone.utc)"
    )


def _parsed(text: str) -> datetime:
    from dateutil.parser import isoparse

    try:
        return isoparse(text)
    except (ValueError, OverflowError):
        msg = f"{text!r} is no ISO 8601 date"
        raise ValueError(msg) from None


def milliseconds(value: object) -> int:
    """Return an instant in milliseconds since the epoch, UTC: what the model keeps.

    A number is rounded to the nearest millisecond; a datetime or a string is truncated to whole
    milliseconds. Arguments and errors are those of `microseconds`; an instant that some time
    zone would put outside the years 1 to 9999 is a ValueError too, since it could not be shown.
    """
    if isinstance(value, (int, float)):
        return (microseconds(value) + 500) // 1000
    instant = microseconds(value) // 1000
    if not _FIRST <= instant // 1000 <= _LAST:
        msg = f"{value!s} is not inside the years 1 to 9999 in every zone"
        raise ValueError(msg)
    return instant


class Zone:
    """The process's time zone as botocore's parser uses it: `zone` returns the present one.

    The parser is slow, since dateutil asks the C library for the offset of each date. So it is
    called for the first and the last instant of a day; a date of a day in which the offset does
    not change is computed from the day's start, and one of a day in which it does from the start
    of its quarter of an hour.
    """

    def __init__(self) -> None:
        self._days: dict[int, datetime | None] = {}
        self._quarters: dict[int, _Start | None] = {}

    def seen(self, instant: int) -> datetime:
        """Return an instant in milliseconds as the datetime that botocore's parser returns."""
        quarter, rest = divmod(instant, _QUARTER)
        try:
            start = self._quarters[quarter]
        except KeyError:
            start = self._learn_quarter(quarter)
        if start is None:
            return _parse(instant)
        shown_as, year, month, day, hour, minute, tzinfo = start
        minute += rest // clock.MINUTE
        # Twice as fast as adding a timedelta.
        return shown_as(
            year, month, day, hour, minute, rest // 1000 % 60, rest % 1000 * 1000, tzinfo
        )

    def _learn_quarter(self, quarter: int) -> _Start | None:
        """Return the start of a quarter; None where dates cannot be computed from it."""
        if len(self._quarters) >= _MOST_QUARTERS:
            self._quarters.clear()
        day, number = divmod(quarter, _QUARTERS_A_DAY)
        begins = self._start_of_day(day)
        if begins is None:
            start = _steady(quarter * _QUARTER, _QUARTER)
        else:
            start = begins + number * timedelta(milliseconds=_QUARTER)
        found = None
        if start is not None:
            at = (start.year, start.month, start.day, start.hour, start.minute)
            found = (type(start), *at, start.tzinfo)
        self._quarters[quarter] = found
        return found

    def _start_of_day(self, day: int) -> datetime | None:
        """Return the start of a UTC day; None where the offset changes in it."""
        if day not in self._days:
            if len(self._days) >= _MOST_QUARTERS:
                self._days.clear()
            self._days[day] = _steady(day * clock.DAY, clock.DAY)
        return self._days[day]


def _steady(first: int, length: int) -> datetime | None:
    """Return the start of a span, in milliseconds, if all dates in it are as far from UTC.

    None, too, for the repeated hour in autumn and for offsets with seconds: they are too rare to
    be computed.
    """
    if not -_EXACT <= first <= _EXACT - length:
        return None
    start, end = _parse(first), _parse(first + length - 1)
    plain = not (start.fold or end.fold or start.second)
    return start if plain and start.utcoffset() == end.utcoffset() else None


_QUARTER = 15 * 60 * 1000
_QUARTERS_A_DAY = clock.DAY // _QUARTER
_MOST_QUARTERS = 50_000
# From the year 2242 on, a float of seconds is no longer exact to the microsecond, and neither is
# what the parser returns for it.
_EXACT = 2**33 * 1000

_zone: tuple[object, type, Zone] | None = None


def zone() -> Zone:
    """Return the process's time zone: the same object until the zone changes."""
    global _zone  # noqa: PLW0603  a process has one time zone
    # freezegun replaces the class.
    key, shown_as = clock.zone(), dt.datetime
    if _zone is None or _zone[0] is not key or _zone[1] is not shown_as:
        _zone = key, shown_as, Zone()
    return _zone[2]


def seen(instant: int) -> datetime:
    """Return an instant in milliseconds as the datetime that botocore's parser returns."""
    return zone().seen(instant)


def _parse(instant: int) -> datetime:
    from botocore.utils import parse_timestamp

    shown: datetime = parse_timestamp(instant / 1000)  # type: ignore[arg-type]  # the stub knows strings only
    return shown


# A job's events have the same dates again and again.
@functools.lru_cache(maxsize=4096)
def written(instant: int) -> str:
    """Return an instant in milliseconds as events write it, UTC: without a fraction of zero."""
    seconds, fraction = divmod(instant, 1000)
    return f"{_second(seconds)}.{fraction:03}Z" if fraction else f"{_second(seconds)}Z"


def with_fraction(instant: int) -> str:
    """Return an instant in milliseconds as SNS writes it, UTC: always with a fraction."""
    seconds, fraction = divmod(instant, 1000)
    return f"{_second(seconds)}.{fraction:03}Z"


# Dates of jobs that were added together differ only in milliseconds.
@functools.lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    """Return an instant in whole seconds as ISO 8601 writes it, without its zone."""
    return (_EPOCH_WITHOUT_ZONE + timedelta(seconds=seconds)).isoformat()


def in_words(instant: int) -> str:
    """Return an instant in milliseconds as `Jul 15, 2020 9:39:07 PM`, UTC."""
    shown = _EPOCH + timedelta(milliseconds=instant)
    # strftime would follow the locale.
    half = "AM" if shown.hour < _NOON else "PM"
    hour = shown.hour % _NOON or _NOON
    return (
        f"{_MONTHS[shown.month - 1]} {shown.day}, {shown.year} "
        f"{hour}:{shown.minute:02}:{shown.second:02} {half}"
    )


def check_order(members: Mapping[str, Any], created: str, completed: str) -> None:
    """Refuse a completion date before the creation date.

    Args:
        members: the members as the model keeps them: dates in milliseconds.
        created: the member that holds the creation date.
        completed: the member that holds the completion date.

    Raises:
        ValueError: the completion date is before the creation date.
    """
    first, last = members.get(created), members.get(completed)
    if first is not None and last is not None and last < first:
        msg = (
            f"{completed} is before {created}: {seen(last).isoformat()} < {seen(first).isoformat()}"
        )
        raise ValueError(msg)
