"""AWS's cron expressions: which are valid, and when they run."""

from __future__ import annotations

import itertools
import zoneinfo
from datetime import datetime, timezone

import pytest

from fakebackup.model.plans import schedules


def milliseconds(text: str) -> int:
    """An instant, in milliseconds since the epoch."""
    moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)


def runs(
    expression: str, after: str, count: int = 4, zone: str = "Etc/UTC", *, short: bool = False
) -> list[str]:
    """The next runs, UTC; without the year if short."""
    found = schedules.runs(f"cron({expression})", zone, milliseconds(after))
    shown = [
        datetime.fromtimestamp(each / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M")
        for each in itertools.islice(found, count)
    ]
    return [each[5:] for each in shown] if short else shown


def days(expression: str, after: str = "2026-11-22", count: int = 4) -> list[str]:
    """The days of the next runs of an expression for 05:00."""
    found = runs(f"0 5 {expression}", after, count)
    assert all(each.endswith(" 05:00") for each in found)
    return [each.partition(" ")[0] for each in found]


class TestDays:
    """What the fields of days, months and years mean; 22 November 2026 is a Sunday."""

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("? * * *", ["2026-11-22", "2026-11-23", "2026-11-24"]),
            ("* * ? *", ["2026-11-22", "2026-11-23", "2026-11-24"]),
            ("1 * ? *", ["2026-12-01", "2027-01-01", "2027-02-01"]),
            ("1,15 * ? *", ["2026-12-01", "2026-12-15", "2027-01-01"]),
            ("29-2 * ? *", ["2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02"]),
            ("5/10 * ? *", ["2026-11-25", "2026-12-05", "2026-12-15", "2026-12-25"]),
            ("31 * ? *", ["2026-12-31", "2027-01-31", "2027-03-31"]),
            ("29 2 ? *", ["2028-02-29", "2032-02-29", "2036-02-29"]),
            ("L * ? *", ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]),
            ("L-3 * ? *", ["2026-11-27", "2026-12-28", "2027-01-28", "2027-02-25"]),
            ("LW * ? *", ["2026-11-30", "2026-12-31", "2027-01-29", "2027-02-26"]),
            # 15 November is a Sunday, 15 May 2027 a Saturday.
            ("15W 11,5 ? *", ["2027-05-14", "2027-11-15", "2028-05-15"]),
            # 1 May 2027 and 1 January 2028 are Saturdays, 1 August 2027 is a Sunday.
            ("1W 1,5,8 ? *", ["2027-01-01", "2027-05-03", "2027-08-02", "2028-01-03"]),
            # 31 October 2027 is a Sunday; February and November have no 31st.
            ("31W 2,10,11 ? *", ["2027-10-29", "2028-10-31"]),
            ("? * 1 *", ["2026-11-22", "2026-11-29", "2026-12-06"]),
            ("? * SUN *", ["2026-11-22", "2026-11-29", "2026-12-06"]),
            ("? * 2 *", ["2026-11-23", "2026-11-30"]),
            ("? * 7 *", ["2026-11-28", "2026-12-05"]),
            ("? * L *", ["2026-11-28", "2026-12-05"]),
            ("? * mon-WED *", ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-30"]),
            ("? * FRI-MON *", ["2026-11-22", "2026-11-23", "2026-11-27", "2026-11-28"]),
            ("? * 2/2 *", ["2026-11-23", "2026-11-25", "2026-11-27", "2026-11-30"]),
            ("? * 6L *", ["2026-11-27", "2026-12-25", "2027-01-29"]),
            ("? * TUE#2 *", ["2026-12-08", "2027-01-12"]),
            ("? * 3#5 *", ["2026-12-29", "2027-03-30"]),
            ("1 JAN,jul ? *", ["2027-01-01", "2027-07-01"]),
            ("1 */6 ? *", ["2027-01-01", "2027-07-01"]),
            ("1 11-2 ? *", ["2026-12-01", "2027-01-01", "2027-02-01", "2027-11-01"]),
            ("1 1 ? 2030-2199", ["2030-01-01", "2031-01-01"]),
            ("1 1 ? 2030/10", ["2030-01-01", "2040-01-01"]),
        ],
    )
    def test_each(self, expression: str, expected: list[str]) -> None:
        """The next days are those, in order."""
        assert days(expression, count=len(expected)) == expected

    def test_the_last(self) -> None:
        """A schedule of given years ends; one of a day that never comes has no runs."""
        assert days("31 12 ? 2026,2028") == ["2026-12-31", "2028-12-31"]
        assert days("31 12 ? 2198-2199", "2199-01-01") == ["2199-12-31"]
        assert days("* * ? 2025") == days("30 2 ? *") == days("31 6 ? *") == []


class TestTimes:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("15 * ? * * *", ["11-22 03:15", "11-22 04:15", "11-22 05:15"]),
            ("0/15 * * * ? *", ["11-22 03:15", "11-22 03:30", "11-22 03:45", "11-22 04:00"]),
            ("5,50 3 * * ? *", ["11-22 03:05", "11-22 03:50", "11-23 03:05"]),
            ("10-50/20 23 * * ? *", ["11-22 23:10", "11-22 23:30", "11-22 23:50", "11-23 23:10"]),
            ("58-1 3 * * ? *", ["11-22 03:01", "11-22 03:58", "11-22 03:59", "11-23 03:00"]),
            ("0 22-2 * * ? *", ["11-22 22:00", "11-22 23:00", "11-23 00:00", "11-23 01:00"]),
            ("0 3 * * ? *", ["11-23 03:00"]),
        ],
    )
    def test_each(self, expression: str, expected: list[str]) -> None:
        """The next times are those after the instant, in order."""
        assert runs(expression, "2026-11-22T03:00:00", len(expected), short=True) == expected

    def test_after_to_the_millisecond(self) -> None:
        """A run at the instant itself is past; one a millisecond later is next."""
        assert runs("0 3 * * ? *", "2026-11-22T02:59:59.999", 1) == ["2026-11-22 03:00"]
        assert runs("0 3 * * ? *", "2026-11-22T03:00:00", 1) == ["2026-11-23 03:00"]


class TestZones:
    def test_local_time(self) -> None:
        """The hours are those of the zone, whose day may be another than UTC's."""
        tokyo = runs("0 5 * * ? *", "2026-11-22T20:30:00", 2, "Asia/Tokyo")
        assert tokyo == ["2026-11-23 20:00", "2026-11-24 20:00"]
        honolulu = runs("30 20 1 * ? *", "2026-12-01T00:00:00", 2, "Pacific/Honolulu")
        assert honolulu == ["2026-12-02 06:30", "2027-01-02 06:30"]

    def test_the_skipped_hour(self) -> None:
        """What the clocks skip in spring does not run that day."""
        found = runs("30 2 * * ? *", "2027-03-13T00:00:00", 3, "America/New_York", short=True)
        assert found == ["03-13 07:30", "03-15 06:30", "03-16 06:30"]
        # Samoa skipped 30 December 2011 when it crossed the date line.
        found = runs("0 5 * * ? *", "2011-12-29T00:00:00", 3, "Pacific/Apia", short=True)
        assert found == ["12-29 15:00", "12-30 15:00", "12-31 15:00"]

    def test_the_repeated_hour(self) -> None:
        """What the clocks repeat in autumn runs once."""
        found = runs("30 * * * ? *", "2026-11-01T04:45:00", 3, "America/New_York", short=True)
        assert found == ["11-01 05:30", "11-01 07:30", "11-01 08:30"]

    @pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "/etc/hosts", "../UTC"])
    def test_no_zone(self, name: str) -> None:
        """What is no name of a zone is refused."""
        with pytest.raises(ValueError, match="there is no time zone"):
            schedules.zone(name)

    @pytest.mark.parametrize(
        "name", ["localtime", "posixrules", "Factory", "posix/UTC", "right/UTC", "posix/Asia/Tokyo"]
    )
    def test_of_the_machine(self, name: str) -> None:
        """What a machine has beside the zones of IANA is refused, by whatever table it is known."""
        with pytest.raises(ValueError, match="there is no time zone"):
            schedules.zone(name)

    @pytest.mark.parametrize("name", ["UTC", "GMT", "Etc/GMT+5", "EST5EDT", "US/Pacific", "Japan"])
    def test_further_names(self, name: str) -> None:
        """IANA's further names of zones are names, too."""
        assert schedules.zone(name).utcoffset(datetime(2026, 1, 1)) is not None  # noqa: DTZ001

    def test_without_a_table_of_the_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Zones are known where the machine has no table of them."""

        class Missing:
            def __init__(self, name: str) -> None:
                raise zoneinfo.ZoneInfoNotFoundError(name)

        monkeypatch.setattr(zoneinfo, "ZoneInfo", Missing)
        schedules.zone.cache_clear()
        try:
            found = runs("0 5 * * ? *", "2026-11-22T00:00:00", 1, "Asia/Kolkata")
            assert found == ["2026-11-22 23:30"]
        finally:
            schedules.zone.cache_clear()


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "0 5 ? * * *",
        "rate(1 day)",
        "at(2026-11-22T03:00:00)",
        "cron(0 5 * * ?)",
        "cron(0 0 5 * * ? *)",
        "cron(0 5 * * ? *",
        "cron(0 5 * * * *)",
        "cron(0 5 ? * ? *)",
        "cron(60 5 * * ? *)",
        "cron(-1 5 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 5 0 * ? *)",
        "cron(0 5 32 * ? *)",
        "cron(0 5 * 0 ? *)",
        "cron(0 5 * 13 ? *)",
        "cron(0 5 * MAI ? *)",
        "cron(0 5 ? * 0 *)",
        "cron(0 5 ? * 8 *)",
        "cron(0 5 ? * MO *)",
        "cron(0 5 * * ? *) x",
        "cron(0 5 ? * JAN *)",
        "cron(0 5 ? * 2#0 *)",
        "cron(0 5 ? * 2#6 *)",
        "cron(0 5 ? * 8#1 *)",
        "cron(0 5 ? * 8L *)",
        "cron(0 5 32W * ? *)",
        "cron(0 5 L-32 * ? *)",
        "cron(0 5 1,15W * ? *)",
        "cron(0 5 * * ? 1969)",
        "cron(0 5 * * ? 2200)",
        "cron(0/0 5 * * ? *)",
        "cron(*-5 5 * * ? *)",
        "cron(1-2-3 5 * * ? *)",
        "cron(1, 5 * * ? *)",
        "cron(? 5 * * ? *)",
        "cron(0 ? * * ? *)",
        "cron(0 5 * ? ? *)",
        "cron(0 5 * * ? ?)",
        "cron(٣ 5 * * ? *)",
    ],
)
def test_refused(expression: str) -> None:
    """What is no cron expression of six fields is refused, by whatever reads it."""
    with pytest.raises(ValueError, match=r"."):
        schedules.read(expression)
    with pytest.raises(ValueError, match=r"."):
        next(schedules.runs(expression, "Etc/UTC", 0))


def test_spaces_are_free() -> None:
    """Fields may be more than a space apart."""
    assert (
        schedules.read(" cron( 0  5 ?  * * * ) ").times == schedules.read(schedules.DEFAULT).times
    )
