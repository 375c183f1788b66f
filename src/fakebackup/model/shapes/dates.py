"""Dates: read from what users write, kept in milliseconds, shown as botocore shows them."""

from __future__ import annotations

import datetime as dt
import math
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from fakebackup import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    # The class of dates, year, month, day, hour, minute and time zone.
    _Start = tuple[type[datetime], int, int, int, int, int, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
# The seconds of the years 1 and 9999, a day inside: no time zone can push them out.
_FIRST, _LAST = -62135510400, 253402214400
_NOON = 12
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def microseconds(value: object) -> int:
    """Return an instant in microseconds since the epoch, UTC.

    Args:
        value: a datetime (a naive one is UTC, as for botocore), an ISO 8601 string, or a
            number of seconds since the epoch.

    Raises:
        TypeError: none of these.
        ValueError: a string that is no date, or a number outside the years 1 to 9999.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
        return (aware - _EPOCH) // _MICROSECOND
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not (math.isfinite(value) and _FIRST <= value <= _LAST):
            hint = " (it looks like milliseconds)" if _FIRST <= value / 1000 <= _LAST else ""
            msg = f"{value!r} is no number of seconds since 1970{hint}"
            raise ValueError(msg)
        return round(value * 1_000_000)
    msg = f"{value!r} is no datetime, ISO 8601 string or number of seconds"
    raise TypeError(msg)


def _parsed(text: str) -> datetime:
    from dateutil.parser import isoparse

    try:
        return isoparse(text)
    except (ValueError, OverflowError):
        msg = f"{text!r} is no ISO 8601 date"
        raise ValueError(msg) from None


def milliseconds(value: object) -> int:
    """Return an instant in milliseconds since the epoch, UTC: what the model keeps.

    A number is read to the nearest millisecond; of a datetime or a string the microseconds
    are cut. Arguments and errors are those of `microseconds`; an instant that some time zone
    would put outside the years 1 to 9999 is a ValueError too, since it could not be shown.
    """
    if isinstance(value, (int, float)):
        return (microseconds(value) + 500) // 1000
    instant = microseconds(value) // 1000
    if not _FIRST <= instant // 1000 <= _LAST:
        msg = f"{value!s} is not inside the years 1 to 9999 in every zone"
        raise ValueError(msg)
    return instant


class Zone:
    """The process's time zone as botocore's parser sees it: `zone` returns the present one.

    The parser takes long for each date, since dateutil asks the C library what the zone was
    then. So it is asked once per quarter of an hour; within one in which the zone does not
    change, the other dates are counted from its beginning.
    """

    def __init__(self) -> None:
        self._quarters: dict[int, _Start | None] = {}

    def seen(self, instant: int) -> datetime:
        """Return an instant, in milliseconds, as botocore's parser shows it to users."""
        quarter, rest = divmod(instant, _QUARTER)
        try:
            start = self._quarters[quarter]
        except KeyError:
            start = self._learn(quarter)
        if start is None:
            return _parse(instant)
        shown_as, year, month, day, hour, minute, tzinfo = start
        seconds, milliseconds = divmod(rest, 1000)
        minutes, seconds = divmod(seconds, 60)
        # Twice as fast as adding a timedelta.
        return shown_as(
            year, month, day, hour, minute + minutes, seconds, milliseconds * 1000, tzinfo
        )

    def _learn(self, quarter: int) -> _Start | None:
        """Return the beginning of a quarter, None where its dates cannot be counted from it."""
        if len(self._quarters) >= _MOST_QUARTERS:
            self._quarters.clear()
        first, found = quarter * _QUARTER, None
        if -_EXACT <= first <= _EXACT - _QUARTER:
            start, end = _parse(first), _parse(first + _QUARTER - 1)
            steady = (start.utcoffset(), start.fold) == (end.utcoffset(), end.fold)
            # The second one of two hours of the same name, and zones that were off by seconds,
            # are seldom.
            if steady and not (start.fold or start.second) and start.hour == end.hour:
                found = (
                    type(start),
                    start.year,
                    start.month,
                    start.day,
                    start.hour,
                    start.minute,
                    start.tzinfo,
                )
        self._quarters[quarter] = found
        return found


_QUARTER = 15 * 60 * 1000
_MOST_QUARTERS = 50_000
# Later, in the year 2242, a float of seconds is no longer exact to the microsecond, and what
# the parser makes of it is not either.
_EXACT = 2**33 * 1000

_zone: tuple[object, type, Zone] | None = None


def zone() -> Zone:
    """Return the process's time zone; it is the same object for as long as nothing changes it."""
    global _zone  # noqa: PLW0603  a process has one time zone
    # The class is another one while freezegun is at work.
    key, shown_as = clock.zone(), dt.datetime
    if _zone is None or _zone[0] is not key or _zone[1] is not shown_as:
        _zone = key, shown_as, Zone()
    return _zone[2]


def seen(instant: int) -> datetime:
    """Return an instant, in milliseconds, as botocore's parser shows it to users."""
    return zone().seen(instant)


def _parse(instant: int) -> datetime:
    from botocore.utils import parse_timestamp

    shown: datetime = parse_timestamp(instant / 1000)  # type: ignore[arg-type]  # the stub knows strings only
    return shown


def written(instant: int) -> str:
    """Return an instant, in milliseconds, as events write it: no fraction where it is zero."""
    return with_fraction(instant).replace(".000Z", "Z")


def with_fraction(instant: int) -> str:
    """Return an instant, in milliseconds, as SNS writes it: fraction and all."""
    shown = _EPOCH + timedelta(milliseconds=instant)
    return shown.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def in_words(instant: int) -> str:
    """Return an instant, in milliseconds, as `Jul 15, 2020 9:39:07 PM`, UTC."""
    shown = _EPOCH + timedelta(milliseconds=instant)
    # strftime would follow the locale.
    half = "AM" if shown.hour < _NOON else "PM"
    hour = shown.hour % _NOON or _NOON
    return (
        f"{_MONTHS[shown.month - 1]} {shown.day}, {shown.year} "
        f"{hour}:{shown.minute:02}:{shown.second:02} {half}"
    )


def check_order(members: Mapping[str, Any], created: str, completed: str) -> None:
    """Refuse a completion before creation.

    Args:
        members: as the model keeps them: dates in milliseconds.
        created: the member that holds the creation.
        completed: the member that holds the completion.

    Raises:
        ValueError: it is before.
    """
    first, last = members.get(created), members.get(completed)
    if first is not None and last is not None and last < first:
        msg = (
            f"{completed} is before {created}: {seen(last).isoformat()} < {seen(first).isoformat()}"
        )
        raise ValueError(msg)
