"""Dates: how they are read, what they default to, and the days they fall on."""

from __future__ import annotations

import functools
import time
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from fakebackup import FakeBackup, clock, factories, mock_backup
from support.client import client

UTC = timezone.utc
MS = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)

CLOCKS: dict[str, Any] = {
    "freezegun": freeze_time,
    "time-machine": functools.partial(time_machine.travel, tick=False),
}


@pytest.fixture(params=CLOCKS)
def stopped(request: pytest.FixtureRequest) -> Any:
    """Stop the clock, the way either of the usual libraries does it."""
    return CLOCKS[request.param]


def at(moment: datetime) -> Any:
    """Stop the clock, the quicker way."""
    return time_machine.travel(moment, tick=False)


def listed(**parameters: Any) -> list[str]:
    """The ids that ListBackupJobs answers."""
    return [each["BackupJobId"] for each in client().list_backup_jobs(**parameters)["BackupJobs"]]


def summary(**parameters: Any) -> list[dict[str, Any]]:
    """The rows that ListBackupJobSummaries answers, summed over everything."""
    rows: list[dict[str, Any]] = client().list_backup_job_summaries(**parameters)[
        "BackupJobSummaries"
    ]
    return rows


any_age = pytest.mark.fake_backup(history=None)


class TestReading:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            pytest.param(datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05", id="naive"),  # noqa: DTZ001  a naive one is UTC
            pytest.param(datetime(2024, 1, 2, 3, tzinfo=UTC), "2024-01-02T03:00:00", id="utc"),
            pytest.param(
                datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=-7))),
                "2024-01-02T10:00:00",
                id="west",
            ),
            pytest.param(
                datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=5, minutes=45))),
                "2024-01-01T21:15:00",
                id="east",
            ),
            ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05"),
            ("2024-01-02T03:04:05", "2024-01-02T03:04:05"),
            ("2024-01-02T03:04:05+02:00", "2024-01-02T01:04:05"),
            ("2024-01-02T03:04:05.678-0330", "2024-01-02T06:34:05.678"),
            ("2024-01-02T03:04:05.929000+00:00", "2024-01-02T03:04:05.929"),
            ("2024-01-02 03:04:05", "2024-01-02T03:04:05"),
            ("2024-01-02 03:04:05+01:00", "2024-01-02T02:04:05"),
            ("2024-01-02T03:04", "2024-01-02T03:04:00"),
            ("2024-01-02", "2024-01-02T00:00:00"),
            ("20240102T030405Z", "2024-01-02T03:04:05"),
            (0, "1970-01-01T00:00:00"),
            (-1.5, "1969-12-31T23:59:58.500"),
            (1600721892, "2020-09-21T20:58:12"),
            (1600721892.929, "2020-09-21T20:58:12.929"),
            (4102444800, "2100-01-01T00:00:00"),
        ],
    )
    @pytest.mark.parametrize("member", ["CreationDate", "CompletionDate", "StartBy"])
    @any_age
    def test_every_way_to_write_a_date(
        self, backup: FakeBackup, member: str, written: Any, meant: str
    ) -> None:
        """Datetimes, ISO strings and seconds are read as the instant they mean."""
        job = backup.add_backup_job(**{member: written})
        expected = datetime.fromisoformat(f"{meant}+00:00")
        assert job[member] == expected
        assert client().describe_backup_job(BackupJobId=job.id)[member] == expected

    @pytest.mark.parametrize(
        ("written", "milliseconds"),
        [
            (1.0004, 1000),
            (1.0005, 1001),
            (1.0006, 1001),
            (-1.0004, -1000),
            (-1.0006, -1001),
            (1600721892.9294, 1600721892929),
            (1600721892.9296, 1600721892930),
            (EPOCH + timedelta(microseconds=1999), 1),
            (EPOCH - timedelta(microseconds=1), -1),
            ("1970-01-01T00:00:00.001999Z", 1),
            ("1970-01-01T00:00:00.999999Z", 999),
        ],
    )
    @any_age
    def test_dates_are_kept_in_milliseconds(
        self, backup: FakeBackup, written: Any, milliseconds: int
    ) -> None:
        """A number goes to the nearest millisecond, a datetime's and string's rest is cut."""
        job = backup.add_backup_job(CreationDate=written)
        assert job["CreationDate"] == EPOCH + milliseconds * MS

    @any_age
    def test_dates_are_aware(self, backup: FakeBackup) -> None:
        """Dates are read as clients see them: aware, in botocore's time zone."""
        job = backup.add_backup_job(CreationDate=datetime(2024, 1, 1))  # noqa: DTZ001  a naive one is UTC
        seen = client().describe_backup_job(BackupJobId=job.id)["CreationDate"]
        assert repr(job["CreationDate"]) == repr(seen)
        assert seen.utcoffset() is not None

    @any_age
    def test_nested_and_future_dates(self, backup: FakeBackup) -> None:
        """A job of the future is fine, and is listed first."""
        past = backup.add_backup_job()
        future = backup.add_backup_job(
            CreationDate="2999-01-01", ExpectedCompletionDate="2999-01-02"
        )
        assert listed() == [future.id, past.id]
        assert future["ExpectedCompletionDate"] == datetime(2999, 1, 2, tzinfo=UTC)

    # A float of seconds, which AWS sends and botocore reads, holds a microsecond up to here:
    # later dates are a microsecond or so off, as they are with AWS.
    @given(st.integers(-(2**33) * 1000, 2**33 * 1000))
    def test_a_millisecond_round_trips(self, instant: int) -> None:
        """Whatever millisecond is seeded, in whatever form, a client gets exactly that."""
        moment = EPOCH + instant * MS
        with mock_backup(history=None) as backup:
            jobs = backup.add_backup_jobs(
                5,
                CreationDate=[
                    moment,
                    moment.replace(tzinfo=None),
                    moment.astimezone(timezone(timedelta(hours=9))).isoformat(),
                    instant / 1000,
                    factories.backup_job(CreationDate=moment)["CreationDate"],
                ],
                CompletionDate=moment,
            )
            for answer in client().list_backup_jobs()["BackupJobs"]:
                assert answer["CreationDate"] == moment
            for job in jobs:
                assert job["CreationDate"] == job["CompletionDate"] == moment

    @pytest.mark.parametrize(
        ("written", "error", "why"),
        [
            ("yesterday", ValueError, "'yesterday' is no ISO 8601 date"),
            ("", ValueError, "'' is no ISO 8601 date"),
            ("10:00", ValueError, "'10:00' is no ISO 8601 date"),
            ("2024-02-30", ValueError, "'2024-02-30' is no ISO 8601 date"),
            ("1600721892.929", ValueError, "'1600721892.929' is no ISO 8601 date"),
            (float("nan"), ValueError, "nan is no number of seconds since 1970"),
            (float("inf"), ValueError, "inf is no number of seconds since 1970"),
            (-1e18, ValueError, "-1e+18 is no number of seconds since 1970"),
            (10**400, ValueError, "int too large to convert to float"),
            (
                1600721892929,
                ValueError,
                "1600721892929 is no number of seconds since 1970 (it looks like milliseconds)",
            ),
            (
                datetime.max.replace(tzinfo=UTC),
                ValueError,
                "9999-12-31 23:59:59.999999+00:00 is not inside the years 1 to 9999 in every zone",
            ),
            (
                datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
                ValueError,
                "0001-01-01 00:00:00+14:00 is not inside the years 1 to 9999 in every zone",
            ),
            (True, TypeError, "True is no datetime, ISO 8601 string or number of seconds"),
            (
                date(2024, 1, 1),
                TypeError,
                "datetime.date(2024, 1, 1) is no datetime, ISO 8601 string or number of seconds",
            ),
            (b"2024-01-01", TypeError, "b'2024-01-01' is no datetime, ISO 8601 string or number"),
            ([], TypeError, "[] is no datetime, ISO 8601 string or number of seconds"),
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("member", ["CreationDate", "CompletionDate", "StartBy"])
    @any_age
    def test_what_is_no_date(
        self, backup: FakeBackup, member: str, written: Any, error: type[Exception], why: str
    ) -> None:
        """What is no date is refused, the member and the forms that are taken named."""
        with pytest.raises(error) as refused:
            backup.add_backup_job(**{member: written})
        assert type(refused.value) is error
        expected = f"{member} is a date: a datetime, an ISO 8601 string or seconds since 1970; "
        assert str(refused.value).startswith(expected + why)
        assert not backup.backup_jobs

    @pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no tzset")
    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "EST5EDT"])
    def test_the_machines_time_zone_changes_nothing(
        self, monkeypatch: pytest.MonkeyPatch, zone: str
    ) -> None:
        """Naive dates, days and defaults are UTC's, wherever the tests run."""
        try:
            with monkeypatch.context() as patch:
                patch.setenv("TZ", zone)
                time.tzset()
                with at(datetime(2024, 5, 1, 0, 30, tzinfo=UTC)), mock_backup() as backup:
                    naive = backup.add_backup_job(CreationDate=datetime(2024, 4, 30, 23, 59))  # noqa: DTZ001  a naive one is UTC
                    assert naive["CreationDate"] == datetime(2024, 4, 30, 23, 59, tzinfo=UTC)
                    default = backup.add_backup_job()
                    assert default["CreationDate"] == datetime(2024, 5, 1, tzinfo=UTC)
                    rows = summary(AggregationPeriod="ONE_DAY")
                    assert [row["StartTime"].astimezone(UTC).day for row in rows] == [1, 30]
        finally:
            time.tzset()


class TestDefaultDates:
    def test_an_hour_ago(self, stopped: Any) -> None:
        """A job is an hour old by default and took ten minutes."""
        with stopped(NOON), mock_backup() as backup:
            job = backup.add_backup_job()
            assert job["CreationDate"] == NOON - timedelta(hours=1)
            assert job["CompletionDate"] == NOON - timedelta(minutes=50)

    @pytest.mark.parametrize(
        ("now", "created", "completed"),
        [
            ("00:00:00.000", "00:00:00.000", "00:00:00.000"),
            ("00:00:00.001", "00:00:00.000", "00:00:00.001"),
            ("00:07:00.000", "00:00:00.000", "00:07:00.000"),
            ("00:10:00.000", "00:00:00.000", "00:10:00.000"),
            ("00:59:59.999", "00:00:00.000", "00:10:00.000"),
            ("01:00:00.000", "00:00:00.000", "00:10:00.000"),
            ("01:00:00.001", "00:00:00.001", "00:10:00.001"),
            ("23:59:59.999", "22:59:59.999", "23:09:59.999"),
        ],
    )
    def test_not_before_todays_midnight(
        self, stopped: Any, now: str, created: str, completed: str
    ) -> None:
        """A default job is of today, UTC, and ends ten minutes later or now."""

        def today(hour: str) -> datetime:
            return datetime.fromisoformat(f"2024-05-01T{hour}+00:00")

        with stopped(today(now)), mock_backup() as backup:
            job = backup.add_backup_job()
            assert job["CreationDate"] == today(created)
            assert job["CompletionDate"] == today(completed)

    @pytest.mark.parametrize("now", [NOON, NOON.replace(hour=0)], ids=["noon", "midnight"])
    def test_the_job_seeded_last_is_listed_first(self, now: datetime) -> None:
        """Each default job is a millisecond younger than the last, of whatever kind."""
        with at(now), mock_backup() as backup:
            first = backup.add_backup_job()
            copied = backup.add_copy_job()
            report = backup.add_report_job()
            elsewhere = backup.at(region="eu-west-1", account_id="111122223333").add_backup_job()
            last = backup.add_backup_job()
            start = first["CreationDate"]
            assert copied["CreationDate"] == start + MS
            assert report["CreationTime"] == start + 2 * MS
            assert elsewhere["CreationDate"] == start + 3 * MS
            assert last["CreationDate"] == start + 4 * MS
            assert last["CompletionDate"] >= last["CreationDate"]
            assert listed() == [last.id, first.id]

    def test_two_seeds_list_in_the_same_order_every_time(self) -> None:
        """The order of default jobs hangs on the order of seeding alone, not on the clock."""
        for second in (0, 0.0004, 0.9999, 59.9999):
            with at(NOON.replace(hour=0) + timedelta(seconds=second)), mock_backup() as backup:
                jobs = [backup.add_backup_job() for _ in range(20)]
                assert listed() == [job.id for job in reversed(jobs)]

    @any_age
    def test_under_a_running_clock(self, backup: FakeBackup) -> None:
        """The order holds without a stopped clock too."""
        jobs = [backup.add_backup_job() for _ in range(200)]
        assert listed() == [job.id for job in reversed(jobs)]

    def test_under_a_clock_that_goes_backwards(self) -> None:
        """A clock that is set back does not make a later job an older one."""
        with time_machine.travel(NOON, tick=False) as traveller, mock_backup() as backup:
            first = backup.add_backup_job()
            traveller.move_to(NOON - timedelta(hours=3))
            second = backup.add_backup_job()
            assert second["CreationDate"] == first["CreationDate"] + MS
            # By then nothing has ended: it would have to end before it began.
            assert second["CompletionDate"] == second["CreationDate"]
            traveller.move_to(NOON)
            third = backup.add_backup_job()
            assert third["CreationDate"] == first["CreationDate"] + 2 * MS
            assert listed() == [third.id, second.id, first.id]

    def test_the_clock_is_read_anew(self, stopped: Any) -> None:
        """A clock that is stopped while the fake is active is followed."""
        with mock_backup(history=None) as backup:
            for moment in (NOON, NOON + timedelta(days=400)):
                with stopped(moment):
                    created = backup.add_backup_job()["CreationDate"]
                    assert created == moment - timedelta(hours=1)

    def test_the_clock_is_read_to_the_millisecond(self) -> None:
        """A frozen instant is a float of seconds; none of its milliseconds gets lost."""
        with freeze_time(NOON) as frozen:
            for millisecond in range(1000):
                frozen.move_to(NOON + millisecond * MS)
                assert clock.now() == (NOON - EPOCH) // MS + millisecond

    def test_a_given_creation_does_not_count(self) -> None:
        """Jobs with a date of their own push no default date on."""
        with at(NOON), mock_backup() as backup:
            backup.add_backup_job(CreationDate=NOON + timedelta(days=2))
            backup.add_backup_job(CompletionDate=NOON - timedelta(days=1))
            assert backup.add_backup_job()["CreationDate"] == NOON - timedelta(hours=1)

    @pytest.mark.parametrize("kind", ["backup", "copy", "restore", "report"])
    def test_an_earlier_completion_comes_ten_minutes_after(self, kind: str) -> None:
        """Where a job is said to have ended earlier, it began ten minutes before that."""
        created, completed = ("CreationDate", "CompletionDate")
        if kind == "report":
            created, completed = ("CreationTime", "CompletionTime")
        with at(NOON), mock_backup() as backup:
            ended = NOON - timedelta(days=3)
            job = getattr(backup, f"add_{kind}_job")(**{completed: ended})
            assert job[completed] == ended
            assert job[created] == ended - timedelta(minutes=10)

    @pytest.mark.parametrize("later", [timedelta(0), MS, timedelta(days=1)])
    def test_a_later_completion_leaves_the_creation(self, later: timedelta) -> None:
        """A completion at or after the default creation leaves that as it is."""
        with at(NOON), mock_backup() as backup:
            start = NOON - timedelta(hours=1)
            job = backup.add_backup_job(CompletionDate=start + later)
            assert (job["CreationDate"], job["CompletionDate"]) == (start, start + later)

    def test_a_millisecond_earlier_moves_the_creation(self) -> None:
        """A completion just before the default creation moves that."""
        with at(NOON), mock_backup() as backup:
            ended = NOON - timedelta(hours=1) - MS
            job = backup.add_backup_job(CompletionDate=ended)
            assert job["CreationDate"] == ended - timedelta(minutes=10)

    @pytest.mark.parametrize(
        ("back", "took"),
        [
            (timedelta(hours=5), timedelta(minutes=10)),
            (timedelta(minutes=10), timedelta(minutes=10)),
            (timedelta(minutes=4), timedelta(minutes=4)),
            (timedelta(0), timedelta(0)),
            (-timedelta(days=1), timedelta(0)),
        ],
    )
    def test_completion_after_a_given_creation(self, back: timedelta, took: timedelta) -> None:
        """A job ends ten minutes after it began or now, but never before it began."""
        with at(NOON), mock_backup() as backup:
            job = backup.add_backup_job(CreationDate=NOON - back)
            assert job["CompletionDate"] == NOON - back + took

    def test_dates_of_a_factory_are_of_its_adding(self) -> None:
        """A job that was built long before gets its dates when it is added."""
        job = factories.backup_job()
        assert "CreationDate" not in job
        with at(NOON), mock_backup() as backup:
            assert backup.add(job)["CreationDate"] == NOON - timedelta(hours=1)


class TestDays:
    @pytest.mark.parametrize("hour", ["00:00:00.000", "00:30:00", "12:00:00", "23:59:59"])
    def test_a_default_job_counts_today(self, stopped: Any, hour: str) -> None:
        """A job seeded with nothing is in today's row, whatever the hour."""
        with stopped(datetime.fromisoformat(f"2024-05-01T{hour}+00:00")), mock_backup() as backup:
            backup.add_backup_job()
            (row,) = summary(AggregationPeriod="ONE_DAY")
            assert row["Count"] == 1
            assert row["StartTime"] == datetime(2024, 5, 1, tzinfo=UTC)
            assert row["EndTime"] == datetime(2024, 5, 2, tzinfo=UTC)

    def test_many_default_jobs_count_today(self, stopped: Any) -> None:
        """A thousand default jobs at midnight are all of today."""
        with stopped(NOON.replace(hour=0)), mock_backup() as backup:
            backup.add_backup_jobs(1000)
            (row,) = summary(AggregationPeriod="ONE_DAY")
            assert row["Count"] == 1000

    @pytest.mark.parametrize("period", ["ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"])
    def test_a_day_begins_at_midnight_utc(self, period: str) -> None:
        """A window holds its first millisecond and not the first of the next."""
        midnight = NOON.replace(hour=0)
        days = {"ONE_DAY": 1, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}[period]
        start = midnight + timedelta(days=1 - days)
        with at(NOON), mock_backup() as backup:
            backup.add_backup_job(CreationDate=midnight + timedelta(days=1) - MS)
            backup.add_backup_job(CreationDate=start)
            backup.add_backup_job(CreationDate=start - MS)
            rows = summary(AggregationPeriod=period)
            assert (rows[0]["StartTime"], rows[0]["Count"]) == (start, 2)
            assert [row["Count"] for row in rows[1:]] == ([1] if period == "ONE_DAY" else [])

    @pytest.mark.parametrize(("ahead", "counted"), [(-MS, 1), (timedelta(0), 0)])
    def test_a_job_of_tomorrow_is_in_no_row(self, ahead: timedelta, counted: int) -> None:
        """The last window ends with today."""
        with at(NOON), mock_backup() as backup:
            tomorrow = NOON.replace(hour=0) + timedelta(days=1)
            backup.add_backup_job(CreationDate=tomorrow + ahead)
            assert len(summary()) == counted

    @pytest.mark.parametrize(("older", "reached"), [(timedelta(0), True), (MS, False)])
    def test_the_list_reaches_back_thirty_days(
        self,
        stopped: Any,
        older: timedelta,
        reached: bool,  # noqa: FBT001  a row of the table
    ) -> None:
        """A job exactly thirty days old is listed, a millisecond more and it is not."""
        created = NOON - timedelta(days=30) - older
        with stopped(NOON), mock_backup(history=timedelta(days=30)) as backup:
            job = backup.add_backup_job(CreationDate=created)
            assert listed() == ([job.id] if reached else [])
            assert client().describe_backup_job(BackupJobId=job.id)["CreationDate"] == created

    def test_a_job_grows_too_old(self) -> None:
        """What was listed drops out as the clock goes on, and comes back as it is set back."""
        with time_machine.travel(NOON, tick=False) as traveller, mock_backup() as backup:
            job = backup.add_backup_job(CreationDate=NOON)
            for days, ids in ((30, [job.id]), (31, []), (29, [job.id])):
                traveller.move_to(NOON + timedelta(days=days))
                assert listed() == ids

    @pytest.mark.parametrize("days", [0, 1, 90])
    def test_the_reach_is_an_option(self, days: int) -> None:
        """Another history moves the edge, to the millisecond."""
        history = timedelta(days=days, milliseconds=7)
        with at(NOON), mock_backup(history=history) as backup:
            inside = backup.add_backup_job(CreationDate=NOON - history)
            backup.add_backup_job(CreationDate=NOON - history - MS)
            assert listed() == [inside.id]


def test_a_job_that_moves_ends_now() -> None:
    """A job that is moved to an end ends at the present of the process's clock."""
    with time_machine.travel(NOON, tick=False) as traveller, mock_backup() as backup:
        job = backup.add_backup_job(State="RUNNING")
        traveller.shift(timedelta(minutes=42))
        job.update(State="COMPLETED")
        assert job["CompletionDate"] == NOON + timedelta(minutes=42)
