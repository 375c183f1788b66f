"""Schedules: parse AWS's cron expressions of six fields, and compute when they run.

The fields are minutes, hours, day of month, month, day of week (1 is Sunday) and year, as in AWS's
table [documented: EventBridge]. Libraries for cron parse other fields: they count weekdays from
Monday or from 0, and have no year, or no `W`, `LW` and `?`. AWS Backup accepts no ``rate(...)``
[reported]. A local time that is skipped in spring does not run, and one that is repeated in autumn
runs once [documented: EventBridge Scheduler; assumed for AWS Backup].
"""

from __future__ import annotations

import bisect
import calendar
import contextlib
import functools
import re
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    Days = Callable[[date], bool]

DEFAULT = "cron(0 5 ? * * *)"
"""The default schedule expression of a rule [documented: model]."""

UTC = "Etc/UTC"
"""The default time zone of a rule."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_SATURDAY = 7
_LAST_YEAR = 2199
_WEEK = 7
_WEEKS = 5
_FIELDS = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EXPRESSION = re.compile(r"cron\((.*)\)")
_PART = re.compile(r"(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>\d+))?", re.ASCII)
_NEAREST = re.compile(r"(\d+)W", re.ASCII)
_LAST_BUT = re.compile(r"L-(\d+)", re.ASCII)
_NTH = re.compile(r"(\w+)#(\d)", re.ASCII)
_LAST_ONE = re.compile(r"(\w+)L", re.ASCII)


class Field(NamedTuple):
    """A numeric field of a cron expression.

    Attributes:
        name: what messages call it.
        least, most: its bounds.
        words: the words that may stand for its numbers, the first for `least`.
    """

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()

    def numbers(self, text: str) -> frozenset[int]:
        """Parse the text of the field and return its numbers.

        Raises:
            ValueError: the text is not valid.
        """
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def number(self, text: str) -> int:
        """Parse a word or a decimal.

        Raises:
            ValueError: it is no number within the bounds.
        """
        if text.upper() in self.words:
            return self.words.index(text.upper()) + self.least
        if text.isdecimal() and self.least <= int(text) <= self.most:
            return int(text)
        msg = f"{self.name} {text!r} is not between {self.least} and {self.most}"
        raise ValueError(msg)

    def _part(self, part: str) -> list[int]:
        match = _PART.fullmatch(part)
        if match is None or (part.startswith("*") and match["last"]):
            msg = f"{self.name} {part!r} is not valid"
            raise ValueError(msg)
        step = int(match["step"] or 1)
        if not step:
            msg = f"{self.name} {part!r} has no step"
            raise ValueError(msg)
        first = self.least if match["first"] == "*" else self.number(match["first"])
        # A single number with a step goes on to the upper bound.
        alone = match["first"] != "*" and not match["step"]
        last = self.number(match["last"]) if match["last"] else first if alone else self.most
        # A range may wrap around, as FRI-MON does.
        size = self.most - self.least + 1
        length = last - first if last >= first else last - first + size
        return [self.least + (first - self.least + at) % size for at in range(0, length + 1, step)]


_MINUTE = Field("minute", 0, 59)
_HOUR = Field("hour", 0, 23)
_DAY = Field("day of month", 1, 31)
_MONTH = Field("month", 1, 12, _MONTHS)
_WEEKDAY = Field("day of week", 1, 7, _WEEKDAYS)
_YEAR = Field("year", 1970, _LAST_YEAR)


class Schedule(NamedTuple):
    """A parsed schedule, without a time zone.

    Attributes:
        times: the times of day at which it runs, in order.
        months, years: the months and years in which it runs.
        runs_on: returns whether it runs on a day in those months and years.
    """

    times: tuple[time, ...]
    months: frozenset[int]
    years: frozenset[int]
    runs_on: Days

    @property
    def is_oftener_than_hourly(self) -> bool:
        """Whether the schedule runs more than once in an hour."""
        hours = [each.hour for each in self.times]
        return len(hours) > len(set(hours))

    def days(self, first: date, last: date = date.max) -> Iterator[date]:
        """Yield the days on which it runs, in order, of those from `first` to `last`."""
        for year in range(first.year, min(_LAST_YEAR, last.year) + 1):
            if year not in self.years:
                continue
            for month in sorted(self.months):
                if (year, month) < (first.year, first.month):
                    continue
                if (year, month) > (last.year, last.month):
                    return
                begin = first.day if (year, month) == (first.year, first.month) else 1
                for number in range(begin, calendar.monthrange(year, month)[1] + 1):
                    day = date(year, month, number)
                    if self.runs_on(day):
                        yield day


@functools.lru_cache(maxsize=256)
def read(expression: str) -> Schedule:
    """Parse a schedule expression.

    Args:
        expression: the expression as AWS spells it, ``cron(0 5 ? * * *)``.

    Raises:
        ValueError: it is no cron expression of six fields.
    """
    inner = _EXPRESSION.fullmatch(expression.strip())
    fields = inner[1].split() if inner else []
    if len(fields) != _FIELDS:
        msg = "it is not cron(...) with six fields"
        raise ValueError(msg)
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        msg = "one of day of month and day of week is ?, and not both"
        raise ValueError(msg)
    return Schedule(
        times=tuple(
            time(hour, minute)
            for hour in sorted(_HOUR.numbers(hours))
            for minute in sorted(_MINUTE.numbers(minutes))
        ),
        months=_MONTH.numbers(months),
        years=_YEAR.numbers(years),
        runs_on=_on_weekdays(weekdays) if days == "?" else _on_days(days),
    )


def _on_days(text: str) -> Days:
    """Parse the field day of month to a function that returns whether a day matches."""
    nearest, last_but = _NEAREST.fullmatch(text), _LAST_BUT.fullmatch(text)
    if text == "LW":
        return lambda day: day.day == _workday(day, _length(day))
    if nearest:
        wanted = _DAY.number(nearest[1])
        # A shorter month, without that day, does not run.
        return lambda day: wanted <= _length(day) and day.day == _workday(day, wanted)
    if text == "L" or last_but:
        before = _DAY.number(last_but[1]) if last_but else 0
        return lambda day: day.day == _length(day) - before
    numbers = _DAY.numbers(text)
    return lambda day: day.day in numbers


def _on_weekdays(text: str) -> Days:
    """Parse the field day of week to a function that returns whether a day matches."""
    nth, last = _NTH.fullmatch(text), _LAST_ONE.fullmatch(text)
    if nth:
        weekday, count = _WEEKDAY.number(nth[1]), int(nth[2])
        if not 1 <= count <= _WEEKS:
            msg = f"day of week {text!r} is not between #1 and #{_WEEKS}"
            raise ValueError(msg)
        return lambda day: _weekday(day) == weekday and (day.day - 1) // _WEEK + 1 == count
    if last:
        weekday = _WEEKDAY.number(last[1])
        return lambda day: _weekday(day) == weekday and day.day + _WEEK > _length(day)
    numbers = frozenset({_SATURDAY}) if text == "L" else _WEEKDAY.numbers(text)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    return day.isoweekday() % _WEEK + 1


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _workday(day: date, wanted: int) -> int:
    """Return the weekday nearest to a day of the month, within the month."""
    weekday = day.replace(day=wanted).weekday()
    if weekday == calendar.SATURDAY:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == calendar.SUNDAY:
        return wanted + 1 if wanted < _length(day) else wanted - 2
    return wanted


@functools.lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """Return a time zone by its IANA name.

    A machine without a time zone database uses the one in dateutil, which botocore installs.

    Raises:
        ValueError: there is no time zone of that name.
    """
    from zoneinfo import ZoneInfo

    from dateutil.zoneinfo import get_zonefile_instance

    found: tzinfo | None
    try:
        found = ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        found = get_zonefile_instance().get(name)
    else:
        # The database has other files, too; to list the names takes a while.
        if name != UTC and name not in _names():
            found = None
    if found is None or name in _OF_NO_PLACE:
        msg = f"there is no time zone {name!r}"
        raise ValueError(msg)
    return found


@functools.cache
def _names() -> frozenset[str]:
    """Return the names of the time zones in the machine's database."""
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


_OF_NO_PLACE = frozenset({"localtime", "posixrules", "Factory"})
"""Names that databases have for the machine's own time zone, or for none."""


def runs(
    expression: str, zone_name: str, after: int, *, before: int | None = None
) -> Iterator[int]:
    """Yield the instants at which a schedule runs, in milliseconds since the epoch, in order.

    Args:
        expression: the schedule expression, as for `read`.
        zone_name: its time zone, as for `zone`.
        after: the instant after which they begin, in milliseconds since the epoch.
        before: the instant before which they end, in milliseconds; None for no end.
    """
    local = zone(zone_name)
    first = _local_day(after, local)
    last = date.max if before is None else _local_day(before, local)
    for day in read(expression).days(first, last):
        instants = _of_day(expression, zone_name, day)
        for instant in instants[bisect.bisect_right(instants, after) :]:
            if before is not None and instant >= before:
                return
            yield instant


def known_runs(
    expression: str, zone_name: str, after: int, *, before: int | None = None
) -> Iterator[int]:
    """Yield the runs of a schedule, as `runs` does; none where it was loaded and is not valid."""
    with contextlib.suppress(ValueError):
        yield from runs(expression, zone_name, after, before=before)


def _local_day(instant: int, local: tzinfo) -> date:
    return _local(instant, local).date()


def _local(instant: int, local: tzinfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(local)


def wall_clock(instant: int, zone_name: str) -> int:
    """Return what clocks show at an instant, in milliseconds since they showed 1 January 1970.

    Args:
        instant: the instant, in milliseconds since the epoch.
        zone_name: the time zone of the clocks, as for `zone`.
    """
    shown = _local(instant, zone(zone_name)).replace(tzinfo=timezone.utc)
    return (shown - _EPOCH) // timedelta(milliseconds=1)


@functools.lru_cache(maxsize=256)
def _of_day(expression: str, zone_name: str, day: date) -> tuple[int, ...]:
    """Return the instants of a day on which a schedule runs, as `runs` yields them."""
    local, found = zone(zone_name), []
    for each in read(expression).times:
        wanted = datetime.combine(day, each)
        instant = wanted.replace(tzinfo=local).astimezone(timezone.utc)
        # What a change of the clocks leaves out does not run.
        if instant.astimezone(local).replace(tzinfo=None) == wanted:
            found.append((instant - _EPOCH) // timedelta(milliseconds=1))
    return tuple(found)
