"""Job summaries: windows, what is counted apart, whose jobs, and the order of rows."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackupWarning, mock_backup
from support.botocore_model import every, known, takes
from support.client import call
from support.constants import ACCOUNT, DAY, MIDNIGHT, MILLISECOND, NOW, OTHER_ACCOUNT, REGION
from support.reference import SUMMARIES

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Job

TOMORROW = MIDNIGHT + DAY


pytestmark = pytest.mark.frozen(NOW)


def add(backup: FakeBackup, operation: str, **members: Any) -> Job:
    """Add a job of the kind that an operation counts; State is what the kind calls so."""
    listing = SUMMARIES[operation].listing
    if "State" in members:
        members[listing.state] = members.pop("State")
    job: Job = getattr(backup, f"add_{listing.kind}")(**members)
    return job


def rows(operation: str, **asked: Any) -> list[dict[str, Any]]:
    """The rows of a summary."""
    found: list[dict[str, Any]] = call(operation, **asked)[SUMMARIES[operation].items]
    return found


def counts(operation: str, *names: str, **asked: Any) -> dict[Any, int]:
    """The counts of a summary, by the values of some members of its rows; None where absent."""
    return {
        tuple(row.get(name) for name in names): row["Count"] for row in rows(operation, **asked)
    }


# --- Windows --------------------------------------------------------------------------------


@every(SUMMARIES)
@pytest.mark.parametrize(("period", "days"), [("SEVEN_DAYS", 7), ("FOURTEEN_DAYS", 14)])
def test_a_window_begins_and_ends_at_a_midnight(operation: str, period: str, days: int) -> None:
    """A window is whole UTC days: its first instant counts, the one at its end does not."""
    start = TOMORROW - days * DAY
    with mock_backup() as backup:
        for created in (start - MILLISECOND, start, TOMORROW - MILLISECOND, TOMORROW):
            add(backup, operation, CreationDate=created)
        (row,) = rows(operation, AggregationPeriod=period)
    assert (row["StartTime"], row["EndTime"], row["Count"]) == (start, TOMORROW, 2)


@every(SUMMARIES)
def test_one_day_is_fourteen_windows_of_a_day(operation: str) -> None:
    """ONE_DAY counts each of fourteen days by itself, the latest first."""
    with mock_backup() as backup:
        for days in range(16):
            # The first instant of each day, and the last.
            add(backup, operation, CreationDate=MIDNIGHT - days * DAY)
            add(backup, operation, CreationDate=TOMORROW - days * DAY - MILLISECOND)
        found = rows(operation, AggregationPeriod="ONE_DAY")
    assert [(row["StartTime"], row["EndTime"], row["Count"]) for row in found] == [
        (MIDNIGHT - days * DAY, TOMORROW - days * DAY, 2) for days in range(14)
    ]


@every(SUMMARIES)
def test_the_period_is_fourteen_days_unless_asked(operation: str) -> None:
    """Without an AggregationPeriod the answer is that of FOURTEEN_DAYS and says so."""
    with mock_backup() as backup:
        add(backup, operation, CreationDate=NOW - 10 * DAY)
        answers = [
            call(operation),
            call(operation, AggregationPeriod="FOURTEEN_DAYS"),
            call(operation, AggregationPeriod="SEVEN_DAYS"),
        ]
    items = SUMMARIES[operation].items
    assert [answer["AggregationPeriod"] for answer in answers] == [
        "FOURTEEN_DAYS",
        "FOURTEEN_DAYS",
        "SEVEN_DAYS",
    ]
    assert answers[0][items] == answers[1][items] != answers[2][items] == []


@pytest.mark.parametrize("hour", ["00:00:00", "12:00:00", "23:59:59"])
@every(SUMMARIES)
def test_a_default_job_counts_today(operation: str, hour: str) -> None:
    """A job seeded without dates is in today's row at any hour of the day."""
    with freeze_time(f"2024-03-15 {hour}"), mock_backup() as backup:
        add(backup, operation)
        (row,) = rows(operation, AggregationPeriod="ONE_DAY")
    assert (row["StartTime"], row["Count"]) == (MIDNIGHT, 1)


def test_windows_are_utc_days_in_any_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process lies does not move the windows."""
    import time

    if not hasattr(time, "tzset"):
        pytest.skip("this platform sets no time zone for a process")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        try:
            with mock_backup() as backup:
                backup.add_backup_job(CreationDate=MIDNIGHT)
                (row,) = rows("ListBackupJobSummaries", AggregationPeriod="ONE_DAY")
        finally:
            patch.undo()
            time.tzset()
    assert row["StartTime"] == MIDNIGHT


@every(SUMMARIES)
def test_todays_jobs_may_be_left_out_as_by_aws(operation: str) -> None:
    """With count_today=False windows end at the last midnight, and a warning says what is lost."""
    with mock_backup(count_today=False) as backup:
        add(backup, operation, CreationDate=MIDNIGHT)
        add(backup, operation, CreationDate=MIDNIGHT - MILLISECOND)
        with pytest.warns(FakeBackupWarning, match="count_today=True"):
            (row,) = rows(operation, AggregationPeriod="SEVEN_DAYS")
    assert (row["EndTime"], row["Count"]) == (MIDNIGHT, 1)


@every(SUMMARIES)
def test_no_warning_where_nothing_of_today_is_left_out(operation: str) -> None:
    """The warning is given only for jobs of today that the summary would have counted."""
    with mock_backup(count_today=False) as backup, warnings.catch_warnings():
        warnings.simplefilter("error")
        add(backup, operation, CreationDate=MIDNIGHT - MILLISECOND, State="FAILED")
        add(backup, operation, CreationDate=NOW, State="COMPLETED")
        add(backup, operation, CreationDate=TOMORROW, State="FAILED")
        (row,) = rows(operation, State="FAILED")
    assert row["Count"] == 1


@every(SUMMARIES)
def test_a_job_counts_by_its_present_state(operation: str) -> None:
    """A job that changes moves from one row to the other, in the window of its creation."""
    with mock_backup() as backup:
        job = add(backup, operation, CreationDate=MIDNIGHT - 3 * DAY, State="RUNNING")
        state = SUMMARIES[operation].listing.state
        assert counts(operation, "State", State="ANY") == {("RUNNING",): 1}
        job.update(**{state: "COMPLETED"})
        (row,) = rows(operation, State="ANY", AggregationPeriod="ONE_DAY")
    assert (row["State"], row["StartTime"]) == ("COMPLETED", MIDNIGHT - 3 * DAY)


# --- What is counted apart ------------------------------------------------------------------


@every(SUMMARIES)
def test_what_is_left_out_is_summed(operation: str) -> None:
    """Without parameters all jobs are one row that says AGGREGATE_ALL of what was summed."""
    summary = SUMMARIES[operation]
    with mock_backup() as backup:
        for state in ("COMPLETED", "FAILED"):
            for type_ in ("EBS", "S3"):
                add(backup, operation, State=state, ResourceType=type_)
        (row,) = rows(operation)
        asked = {
            name: "AGGREGATE_ALL"
            for name in summary.counted
            if takes(operation, name) and name != "ScanResultStatus"
        }
        assert rows(operation, **asked) == [row]
    marked = {name: "AGGREGATE_ALL" for name in summary.counted if name not in summary.unmarked}
    assert row == {
        "Region": REGION,
        "AccountId": ACCOUNT,
        **marked,
        "Count": 4,
        "StartTime": TOMORROW - 14 * DAY,
        "EndTime": TOMORROW,
    }


@every(SUMMARIES)
def test_a_summed_dimension_may_be_left_out_of_the_row(operation: str) -> None:
    """With summed_as=None no row has a member that was summed over."""
    with mock_backup(summed_as=None) as backup:
        add(backup, operation)
        (row,) = rows(operation)
        assert set(row) == {"Region", "AccountId", "Count", "StartTime", "EndTime"}
        (row,) = rows(operation, AccountId="AGGREGATE_ALL", State="ANY")
        assert set(row) == {"Region", "State", "Count", "StartTime", "EndTime"}


@every(SUMMARIES)
def test_a_summed_dimension_may_be_marked_otherwise(operation: str) -> None:
    """With `summed_as` the mark is the test's own."""
    with mock_backup(summed_as="ALL") as backup:
        add(backup, operation)
        (row,) = rows(operation, AccountId="AGGREGATE_ALL")
    assert (row["AccountId"], row["ResourceType"], row["State"]) == ("ALL", "ALL", "ALL")


@every(SUMMARIES)
def test_any_counts_each_value_apart(operation: str) -> None:
    """ANY gives a row for each value or combination of values there is, and no empty ones."""
    with mock_backup() as backup:
        for state, type_ in (("COMPLETED", "EBS"), ("COMPLETED", "S3"), ("FAILED", "EBS")):
            add(backup, operation, State=state, ResourceType=type_)
        add(backup, operation, State="COMPLETED", ResourceType="EBS")
        by_state = counts(operation, "State", State="ANY")
        by_both = counts(operation, "State", "ResourceType", State="ANY", ResourceType="ANY")
    assert by_state == {("COMPLETED",): 3, ("FAILED",): 1}
    assert by_both == {("COMPLETED", "EBS"): 2, ("COMPLETED", "S3"): 1, ("FAILED", "EBS"): 1}


@every(SUMMARIES)
def test_a_value_selects_its_jobs(operation: str) -> None:
    """A concrete value counts its jobs alone, and gives no row where there is none."""
    with mock_backup() as backup:
        add(backup, operation, State="COMPLETED", ResourceType="EBS")
        add(backup, operation, State="FAILED", ResourceType="S3")
        assert counts(operation, "State", "ResourceType", State="FAILED") == {
            ("FAILED", "AGGREGATE_ALL"): 1
        }
        assert counts(operation, "State", "ResourceType", ResourceType="EBS") == {
            ("AGGREGATE_ALL", "EBS"): 1
        }
        assert rows(operation, State="FAILED", ResourceType="EBS") == []


CATEGORISED = every(["ListBackupJobSummaries", "ListCopyJobSummaries"])


@CATEGORISED
def test_categories_are_grouped_as_they_are_spelled(operation: str) -> None:
    """ANY makes a row of each spelling and one of the jobs without; asking takes any spelling."""
    categories = ["SUCCESS", "Success", "AccessDenied", None]
    with mock_backup() as backup:
        for category in categories:
            add(backup, operation, MessageCategory=category)
        found = counts(operation, "MessageCategory", MessageCategory="ANY")
        asked = counts(operation, "MessageCategory", MessageCategory="success")
    assert found == {(category,): 1 for category in categories}
    assert asked == {("SUCCESS",): 1, ("Success",): 1}


@CATEGORISED
def test_completed_with_issues_is_a_difference(operation: str) -> None:
    """COMPLETED minus COMPLETED with SUCCESS is one number from each of two requests."""
    with mock_backup() as backup:
        for message in (None, None, "Tags were not copied."):
            add(backup, operation, StatusMessage=message)
        add(backup, operation, State="FAILED")
        add(backup, operation, MessageCategory=None)
        asked = {"AggregationPeriod": "FOURTEEN_DAYS", "State": "COMPLETED"}
        (done,) = rows(operation, **asked)
        (clean,) = rows(operation, **asked, MessageCategory="SUCCESS")
    assert (done["Count"], clean["Count"]) == (4, 2)


@every(SUMMARIES)
def test_rows_come_in_order(operation: str) -> None:
    """Rows come latest first, then by account, type and state."""
    with mock_backup() as backup:
        seeds = [
            (NOW, ACCOUNT, "S3", "FAILED"),
            (NOW - DAY, OTHER_ACCOUNT, "EBS", "COMPLETED"),
            (NOW, ACCOUNT, "EBS", "FAILED"),
            (NOW, OTHER_ACCOUNT, "EBS", "FAILED"),
            (NOW, ACCOUNT, "EBS", "COMPLETED"),
            (NOW, OTHER_ACCOUNT, "EBS", "COMPLETED"),
        ]
        for created, account, type_, state in seeds:
            members = {"ResourceType": type_, "State": state, "AccountId": account}
            add(backup, operation, CreationDate=created, **members)
        found = rows(
            operation, AggregationPeriod="ONE_DAY", AccountId="ANY", ResourceType="ANY", State="ANY"
        )
    names = ("StartTime", "AccountId", "ResourceType", "State")
    assert [tuple(row[name] for name in names) for row in found] == [
        (MIDNIGHT, OTHER_ACCOUNT, "EBS", "COMPLETED"),
        (MIDNIGHT, OTHER_ACCOUNT, "EBS", "FAILED"),
        (MIDNIGHT, ACCOUNT, "EBS", "COMPLETED"),
        (MIDNIGHT, ACCOUNT, "EBS", "FAILED"),
        (MIDNIGHT, ACCOUNT, "S3", "FAILED"),
        (MIDNIGHT - DAY, OTHER_ACCOUNT, "EBS", "COMPLETED"),
    ]


# --- Scan jobs ------------------------------------------------------------------------------

SCAN = "ListScanJobSummaries"
needs_scans = pytest.mark.skipif(
    not known(SCAN), reason="the installed botocore has no such operation"
)


@needs_scans
@pytest.mark.parametrize("wildcard", ["ANY", "AGGREGATE_ALL"])
def test_scanners_are_asked_for_by_wildcards(wildcard: str) -> None:
    """MalwareScanner takes ANY, which tells the scanner, and AGGREGATE_ALL, which leaves it out."""
    with mock_backup() as backup:
        backup.add_scan_job()
        (row,) = rows(SCAN, MalwareScanner=wildcard)
    assert row.get("MalwareScanner") == ("GUARDDUTY" if wildcard == "ANY" else None)
    assert row["Count"] == 1


@needs_scans
def test_scans_are_counted_by_result() -> None:
    """ScanResultStatus counts the scans with that result; summed, the row leaves it out."""
    with mock_backup() as backup:
        for result in ("THREATS_FOUND", "THREATS_FOUND", "NO_THREATS_FOUND"):
            backup.add_scan_job(ScanResult={"ScanResultStatus": result})
        backup.add_scan_job(State="RUNNING")
        (found,) = rows(SCAN, ScanResultStatus="THREATS_FOUND")
        (whole,) = rows(SCAN)
    assert (found["ScanResultStatus"], found["Count"]) == ("THREATS_FOUND", 2)
    assert whole["Count"] == 4
    assert "ScanResultStatus" not in whole
    assert "MalwareScanner" not in whole


# --- Whose jobs -----------------------------------------------------------------------------


@every(SUMMARIES)
def test_a_management_account_counts_the_organisation(operation: str) -> None:
    """ANY counts each account apart, AGGREGATE_ALL all together, an id one, nothing the own."""
    with mock_backup() as backup:
        for account in (ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT):
            add(backup, operation, AccountId=account)
        apart = counts(operation, "AccountId", AccountId="ANY")
        together = counts(operation, "AccountId", AccountId="AGGREGATE_ALL")
        one = counts(operation, "AccountId", AccountId=OTHER_ACCOUNT)
        own = counts(operation, "AccountId")
    assert apart == {(ACCOUNT,): 1, (OTHER_ACCOUNT,): 2}
    assert together == {("AGGREGATE_ALL",): 3}
    assert one == {(OTHER_ACCOUNT,): 2}
    assert own == {(ACCOUNT,): 1}


@every(SUMMARIES)
@pytest.mark.parametrize("asked", ["ANY", "AGGREGATE_ALL", ACCOUNT, OTHER_ACCOUNT])
def test_a_member_account_counts_its_own(operation: str, asked: str) -> None:
    """Whatever account a member account asks for, it gets its own jobs, and no error."""
    with mock_backup() as backup:
        for account in (ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT):
            add(backup, operation, AccountId=account)
        with backup.acting_as(OTHER_ACCOUNT):
            assert counts(operation, "AccountId", AccountId=asked) == {(OTHER_ACCOUNT,): 2}


@every(SUMMARIES)
def test_a_summary_is_of_one_region(operation: str) -> None:
    """Jobs of another region are not counted, and the rows name the client's."""
    with mock_backup() as backup:
        add(backup, operation)
        add(backup.at(region="eu-west-1"), operation)
        add(backup.at(region="eu-west-1"), operation)
        items = SUMMARIES[operation].items
        found = [
            [(row["Region"], row["Count"]) for row in call(operation, region=region)[items]]
            for region in ("us-east-1", "eu-west-1", "ap-south-1")
        ]
    assert found == [[("us-east-1", 1)], [("eu-west-1", 2)], []]


def test_dates_of_rows_are_aware() -> None:
    """The bounds of a window are aware datetimes, as all dates of boto3's are."""
    with mock_backup() as backup:
        backup.add_backup_job()
        (row,) = rows("ListBackupJobSummaries")
    assert row["StartTime"].astimezone(timezone.utc) == datetime(2024, 3, 2, tzinfo=timezone.utc)
    assert row["EndTime"].utcoffset() is not None
    assert row["EndTime"] - row["StartTime"] == timedelta(days=14)
