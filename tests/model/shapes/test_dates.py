"""Dates as botocore's own parser shows them, in whatever zone and however the clock is stopped."""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any

import pytest
from botocore.utils import parse_timestamp
from freezegun import freeze_time
from hypothesis import example, given
from hypothesis import strategies as st

from fakebackup import mock_backup
from fakebackup.model.shapes import dates
from support.hostile import Lost

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = [
    "UTC",
    "America/Sao_Paulo",  # had summer time until 2019
    "Africa/Casablanca",  # summer time but in Ramadan
    "Australia/Lord_Howe",  # half an hour of it
    "Europe/Dublin",  # winter is the exception
    "Asia/Kathmandu",  # a quarter of an hour off
    "Pacific/Apia",  # skipped a day
    "Africa/Monrovia",  # was off by seconds
    "America/New_York",
    "America/Toronto",  # the same names and offsets, another history
]
FIRST, LAST = -62135510400_000, 253402214400_000
HOUR = 60 * 60 * 1000


@contextmanager
def in_zone(name: str) -> Iterator[None]:
    """The process in a time zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        try:
            yield
        finally:
            patch.undo()
            time.tzset()


@pytest.fixture(autouse=True)
def _the_zone_of_before() -> Iterator[None]:
    yield
    time.tzset()


def told(shown: datetime) -> Any:
    """All that a date tells; dates of two zone objects never equal in an hour that comes twice."""
    return type(shown), shown.replace(tzinfo=None), shown.fold, shown.utcoffset(), shown.tzname()


def parsed(seconds: float) -> datetime:
    """What botocore's parser makes of a number, which the stub does not know that it takes."""
    found: datetime = parse_timestamp(seconds)  # type: ignore[arg-type]
    return found


def instants() -> st.SearchStrategy[int]:
    """Instants in milliseconds: of any age, and mostly of the years in which zones changed."""
    return st.integers(FIRST, LAST) | st.integers(0, 1_800_000_000_000)


@pytest.mark.parametrize("zone", ZONES)
def test_every_date_is_botocores(zone: str) -> None:
    """A date is what botocore's parser gives: class, fields, fold, offset and name."""

    @given(instants())
    @example(1586012400_000)  # Lord Howe sets its clocks back
    @example(1550368800_000)  # Sao Paulo does, for the last time
    @example(FIRST)
    @example(LAST)
    @example(2**33 * 1000 + 123)
    def equal(instant: int) -> None:
        assert told(dates.seen(instant)) == told(parsed(instant / 1000))

    with in_zone(zone):
        equal()
        with freeze_time("2021-03-04"):
            equal()


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_a_zone_is_botocores(zone: str) -> None:
    """Round the moments at which a zone changes, millisecond for millisecond at their edges.

    Whole days are computed from their start, so the days before and after are looked at, too.
    """
    with in_zone(zone):
        changes = list(changes_of(1970, 2038))
        for change in changes:
            near = range(change - 3 * HOUR, change + 3 * HOUR, 53 * 60 * 1000)
            days = (change - 24 * HOUR, change + 24 * HOUR)
            for instant in (*near, *days, change - 1, change, change + 1):
                assert told(dates.seen(instant)) == told(parsed(instant / 1000))
    assert bool(changes) == (zone != "UTC")


def changes_of(first: int, last: int) -> Iterator[int]:
    """The instants at which the process's zone changes between two years, by the second."""
    begin = int(datetime(first, 1, 1, tzinfo=timezone.utc).timestamp())
    end = int(datetime(last, 1, 1, tzinfo=timezone.utc).timestamp())
    for day in range(begin, end, 86400):
        if time.localtime(day).tm_gmtoff != time.localtime(day + 86400).tm_gmtoff:
            low, high = day, day + 86400
            while high - low > 1:
                middle = (low + high) // 2
                same = time.localtime(middle).tm_gmtoff == time.localtime(day).tm_gmtoff
                low, high = (middle, high) if same else (low, middle)
            yield high * 1000


def test_another_zone_is_noticed() -> None:
    """After tzset dates are shown in the new zone, be its names and offsets those of the old."""
    instant = 157_766_400_000  # 1 January 1975
    april = instant + 100 * 24 * HOUR
    shown = []
    with mock_backup(history=None) as backup:
        job = backup.add_backup_job(CreationDate=april / 1000)
        for zone in ("America/New_York", "America/Toronto", "America/New_York"):
            with in_zone(zone):
                shown.append(told(job["CreationDate"]))
                assert shown[-1] == told(parsed(april / 1000))
    assert shown[0] != shown[1], "the two zones had other summers in 1975"
    assert shown[0] == shown[2]


def test_a_stopped_clock_shows_its_own_class() -> None:
    """A job's dates are of freezegun's class while it is at work, real before and after."""
    import boto3

    with mock_backup() as backup:
        backup.add_backup_job()
        client = boto3.client("backup", region_name=backup.region)
        classes = []
        for frozen in (False, True, False):
            with freeze_time() if frozen else in_zone(os.environ.get("TZ", "UTC")):
                (job,) = client.list_backup_jobs()["BackupJobs"]
                classes.append(type(job["CreationDate"]).__name__)
    assert classes == ["datetime", "FakeDatetime", "datetime"]


def test_nobody_shares_what_is_shown() -> None:
    """What a caller does to an answer, the next one does not see."""
    import boto3

    with mock_backup() as backup:
        backup.add_backup_job(CreatedBy={"BackupPlanId": "plan"}, BackupOptions={"a": "b"})
        client = boto3.client("backup", region_name=backup.region)
        for _ in range(2):
            (job,) = client.list_backup_jobs()["BackupJobs"]
            assert job["CreatedBy"] == {"BackupPlanId": "plan"}
            assert job["State"] == "COMPLETED"
            job["CreatedBy"]["BackupPlanId"] = job["State"] = "changed"
            job["BackupOptions"].clear()
            del job["BackupJobId"]
            assert job["StartBy"] - job["CreationDate"] == timedelta(hours=8)


class Unsaid(Lost):
    """A time zone that says nothing."""

    def utcoffset(self, _when: datetime | None) -> timedelta | None:
        """Say nothing."""
        return None

    def __repr__(self) -> str:
        return "<unsaid>"


class Unknown(Lost):
    """A time zone that fails, and is shown."""

    def __repr__(self) -> str:
        return "<unknown>"


@pytest.mark.parametrize(
    ("zone", "why"),
    [
        (Unknown(), "<unknown>: its utcoffset() raised LookupError: lost"),
        (Unsaid(), "<unsaid>: its utcoffset() returned None"),
    ],
)
def test_a_zone_that_says_nothing(zone: tzinfo, why: str) -> None:
    """A date in it is refused, with what is of use."""
    text = (
        f"CreationDate is a date: a datetime, an ISO 8601 string or seconds since 1970; the time "
        f"zone of 2024-03-15 00:00:00 is of no use, {why}. Give a date in UTC, as datetime(..., "
        f"tzinfo=timezone.utc)"
    )
    with mock_backup() as backup:
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            backup.add_backup_job(CreationDate=datetime(2024, 3, 15, tzinfo=zone))
        assert not backup.backup_jobs
