"""What follows the restore of a test: validation, and the deletion of what was made."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import EndlessWait, mock_backup
from fakebackup.model.engine import moves
from support.client import call, client, refused
from support.constants import REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup, Job

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
START = datetime(2024, 5, 1, tzinfo=timezone.utc)
STATUSES = ("Status", "ValidationStatus", "DeletionStatus")

pytestmark = pytest.mark.fake_backup(region=REGION)


def furnish(backup: FakeBackup, hours: int | None) -> None:
    """A plan that tests a table, with so many hours for its validation."""
    choice = {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT"],
    }
    call(
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={
            "RestoreTestingPlanName": "plan",
            "ScheduleExpression": "cron(0 5 1 1 ? *)",
            "RecoveryPointSelection": choice,
        },
    )
    call(
        "CreateRestoreTestingSelection",
        RestoreTestingPlanName="plan",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "tables",
            "ProtectedResourceType": "DynamoDB",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": ROLE,
            **({} if hours is None else {"ValidationWindowHours": hours}),
        },
    )
    backup.add_recovery_point(ResourceType="DynamoDB")


def started(backup: FakeBackup, hours: int | None = 2) -> Job:
    """A test that has been started, with so many hours for its validation."""
    furnish(backup, hours)
    [job] = backup.run_restore_testing_plan("plan")
    return job


def polled(job: Job) -> tuple[Any, ...]:
    """The statuses that a poll shows."""
    found = call("DescribeRestoreJob", RestoreJobId=job.id)
    return tuple(found.get(name) for name in STATUSES)


def statuses(job: Job) -> tuple[Any, ...]:
    """The statuses of a job."""
    return tuple(job.get(name) for name in STATUSES)


def put(job: Job, status: str = "SUCCESSFUL", **parameters: Any) -> None:
    """Put the result of a validation."""
    call("PutRestoreValidationResult", RestoreJobId=job.id, ValidationStatus=status, **parameters)


@pytest.fixture
def at() -> Iterator[Callable[[timedelta], None]]:
    """Time stands still, and goes on to an instant after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


class TestByPolls:
    @pytest.mark.parametrize("hours", [None, 0])
    def test_without_a_window(self, backup: FakeBackup, hours: int | None) -> None:
        """What was restored is deleted at once, and nothing is validated.

        [documented: guide, restore testing, for the deletion; that there is no status assumed]
        """
        job = started(backup, hours)
        assert [polled(job) for _ in range(5)] == [
            ("PENDING", None, None),
            ("RUNNING", None, None),
            ("COMPLETED", None, "DELETING"),
            ("COMPLETED", None, "SUCCESSFUL"),
            ("COMPLETED", None, "SUCCESSFUL"),
        ]

    def test_a_window(self, backup: FakeBackup) -> None:
        """A validation is open until it has a result, which lets the deletion begin.

        [documented: guide, restore testing validation; VALIDATING at first assumed]
        """
        job = started(backup)
        seen = [polled(job) for _ in range(6)]
        assert seen[2:] == [("COMPLETED", "VALIDATING", None)] * 4
        put(job, "VALIDATING", ValidationStatusMessage="looking")
        assert polled(job) == ("COMPLETED", "VALIDATING", None)
        put(job, "FAILED", ValidationStatusMessage="rows are missing")
        assert job["ValidationStatusMessage"] == "rows are missing"
        assert polled(job) == ("COMPLETED", "FAILED", "DELETING")
        assert polled(job) == ("COMPLETED", "FAILED", "SUCCESSFUL")

    def test_after_the_deletion(self, backup: FakeBackup) -> None:
        """Polls move the job no more: what a test sets then stays."""
        job = started(backup, None)
        assert [polled(job)[2] for _ in range(4)][-1] == "SUCCESSFUL"
        job.update(DeletionStatus="FAILED", DeletionStatusMessage="The tag was removed.")
        assert [polled(job)[2] for _ in range(2)] == ["FAILED"] * 2
        assert [listed()["DeletionStatus"] for _ in range(2)] == ["FAILED"] * 2

    def test_a_listing_polls(self, backup: FakeBackup) -> None:
        """A list is a poll, too."""
        job = started(backup, None)
        job.complete()
        seen = [call("ListRestoreJobs")["RestoreJobs"][0]["DeletionStatus"] for _ in range(3)]
        assert seen == ["DELETING", "SUCCESSFUL", "SUCCESSFUL"]

    @pytest.mark.parametrize("result", ["SUCCESSFUL", "FAILED"])
    def test_a_second_result(self, backup: FakeBackup, result: str) -> None:
        """A result is final, whatever has become of the deletion.

        [documented: guide, restore testing validation; the error assumed]
        """
        job = started(backup)
        job.complete()
        put(job, result)
        for _ in range(3):
            error = refused(
                backup,
                "PutRestoreValidationResult",
                RestoreJobId=job.id,
                ValidationStatus="SUCCESSFUL",
            )["Error"]
            assert error["Code"] == "InvalidRequestException"
            assert f"already {result}" in error["Message"]
            polled(job)

    def test_no_window_no_result(self, backup: FakeBackup) -> None:
        """A result for a test without a window is refused [assumed]."""
        job = started(backup, None)
        job.complete()
        error = refused(
            backup,
            "PutRestoreValidationResult",
            RestoreJobId=job.id,
            ValidationStatus="SUCCESSFUL",
        )["Error"]
        assert error["Code"] == "InvalidRequestException"
        assert error["Message"].endswith("its validation window was 0 hours long")

    def test_before_its_end(self, backup: FakeBackup) -> None:
        """A test that still restores cannot be validated [assumed]."""
        job = started(backup)
        error = refused(
            backup,
            "PutRestoreValidationResult",
            RestoreJobId=job.id,
            ValidationStatus="SUCCESSFUL",
        )["Error"]
        assert error["Code"] == "InvalidRequestException"

    @pytest.mark.parametrize("end", ["FAILED", "ABORTED"])
    def test_a_bad_end(self, backup: FakeBackup, end: Any) -> None:
        """A restore that failed has made nothing: nothing is validated or deleted [assumed]."""
        furnish(backup, 2)
        backup.next_outcome("StartRestoreJob", Status=end)
        [job] = backup.run_restore_testing_plan("plan")
        assert [polled(job) for _ in range(4)][2:] == [(end, None, None)] * 2


def wait_for(done: Callable[[], bool]) -> None:
    """Wait as code does that polls."""
    while not done():
        pass


def listed() -> Any:
    """The first restore job that a list shows."""
    return call("ListRestoreJobs")["RestoreJobs"][0]


class TestWaitLoops:
    @pytest.mark.parametrize("progress", ["polls", "immediate", "manual"])
    def test_a_validation_without_end(self, progress: Any) -> None:
        """A loop that waits for a result that nobody puts ends with an error."""
        with mock_backup(region=REGION, progress=progress) as backup:
            job = started(backup, 2)
            if progress == "manual":
                job.complete()
            with pytest.raises(EndlessWait, match="by put_restore_validation_result"):
                wait_for(lambda: polled(job)[2] == "SUCCESSFUL")
            assert statuses(job) == ("COMPLETED", "VALIDATING", None)

    def test_a_deletion_without_end(self) -> None:
        """So does one that waits for a deletion that the test must end."""
        with mock_backup(region=REGION, progress="manual") as backup:
            job = started(backup, 0)
            job.complete()
            with pytest.raises(EndlessWait, match=r"job\.update\(DeletionStatus='SUCCESSFUL'\)"):
                wait_for(lambda: listed()["DeletionStatus"] != "DELETING")


class TestOtherModes:
    def test_at_once(self) -> None:
        """At once, all is done but for the validation, which waits for its result."""
        with mock_backup(region=REGION, progress="immediate") as backup:
            job = started(backup)
            assert statuses(job) == ("COMPLETED", "VALIDATING", None)
            put(job)
            assert statuses(job) == ("COMPLETED", "SUCCESSFUL", "SUCCESSFUL")
            [other] = backup.run_restore_testing_plan("plan")
            assert other.id != job.id
        with mock_backup(region=REGION, progress="immediate") as backup:
            assert statuses(started(backup, 0)) == ("COMPLETED", None, "SUCCESSFUL")

    def test_by_hand(self) -> None:
        """By hand, a deletion ends when the test says so."""
        with mock_backup(region=REGION, progress="manual") as backup:
            job = started(backup)
            job.complete()
            put(job)
            assert [polled(job) for _ in range(3)] == [("COMPLETED", "SUCCESSFUL", "DELETING")] * 3
            job.update(DeletionStatus="FAILED", DeletionStatusMessage="The tag was removed.")
            assert polled(job) == ("COMPLETED", "SUCCESSFUL", "FAILED")

    @pytest.mark.parametrize(
        ("mode", "seen"),
        [
            ("immediate", ["SUCCESSFUL"] * 3),
            ("polls", ["DELETING", "SUCCESSFUL", "SUCCESSFUL"]),
            ("manual", ["DELETING"] * 3),
        ],
    )
    def test_another_mode(self, mode: Any, seen: list[str]) -> None:
        """A mode that is set after the job's end moves the deletion from then on."""
        with mock_backup(region=REGION, progress="manual") as backup:
            job = started(backup, 0)
            job.complete()
            job.progress = mode
            assert [polled(job)[2] for _ in range(3)] == seen

    def test_the_clock_as_another_mode(self, at: Callable[[timedelta], None]) -> None:
        """So does the clock, with a validation as with a deletion."""
        with mock_backup(region=REGION, progress="manual") as backup:
            job = started(backup, 2)
            job.complete()
            job.progress = "clock"
            for passed, wanted in (
                (HOUR, ("COMPLETED", "VALIDATING", None)),
                (2 * HOUR, ("COMPLETED", "TIMED_OUT", "DELETING")),
                (3 * HOUR, ("COMPLETED", "TIMED_OUT", "SUCCESSFUL")),
            ):
                at(passed)
                assert statuses(job) == wanted

    def test_a_window_counts_from_the_end(self, at: Callable[[timedelta], None]) -> None:
        """A window ends so long after the restore did, in whatever mode the job was meanwhile."""
        with mock_backup(region=REGION, progress="manual") as backup:
            job, late = started(backup, 8), backup.run_restore_testing_plan("plan")[0]
            for each in (job, late):
                each.complete()
            at(7 * HOUR)
            put(job, "VALIDATING", ValidationStatusMessage="looking")
            job.progress = "clock"
            for passed, wanted in (
                (8 * HOUR - MINUTE, ("COMPLETED", "VALIDATING", None)),
                (8 * HOUR, ("COMPLETED", "TIMED_OUT", "DELETING")),
                (9 * HOUR, ("COMPLETED", "TIMED_OUT", "SUCCESSFUL")),
            ):
                at(passed)
                assert statuses(job) == wanted
            assert statuses(late) == ("COMPLETED", "VALIDATING", None)
            late.progress = "clock"
            assert statuses(late) == ("COMPLETED", "TIMED_OUT", "DELETING")
            at(9 * HOUR + 10 * MINUTE)
            assert statuses(late) == ("COMPLETED", "TIMED_OUT", "SUCCESSFUL")

    @pytest.mark.parametrize("status", ["FAILED", "SUCCESSFUL"])
    def test_chosen(self, status: Any) -> None:
        """A test may choose how the validation and the deletion end, and with which message."""
        with mock_backup(region=REGION, progress="polls") as backup:
            furnish(backup, 2)
            backup.next_outcome(
                "StartRestoreJob",
                ValidationStatus="FAILED",
                DeletionStatus=status,
                DeletionStatusMessage="The tag was removed.",
            )
            [job] = backup.run_restore_testing_plan("plan")
            names = (*STATUSES, "DeletionStatusMessage")
            seen = [call("DescribeRestoreJob", RestoreJobId=job.id) for _ in range(4)]
            assert [tuple(map(each.get, names)) for each in seen[2:]] == [
                ("COMPLETED", "FAILED", "DELETING", None),
                ("COMPLETED", "FAILED", status, "The tag was removed."),
            ]

    def test_a_lambda(self, backup: FakeBackup) -> None:
        """AWS's way to validate: a rule of EventBridge, a Lambda, PutRestoreValidationResult.

        [documented: guide, restore testing validation]
        """

        @backup.on_event
        def validate(event: dict[str, Any], _context: object) -> None:
            detail = event["detail"]
            if detail.get("status") == "COMPLETED" and "restoreTestingPlanArn" in detail:
                client().put_restore_validation_result(
                    RestoreJobId=detail["restoreJobId"],
                    ValidationStatus="SUCCESSFUL",
                    ValidationStatusMessage=detail["createdResourceArn"],
                )

        job = started(backup)
        for _ in range(3):
            polled(job)
        assert job["ValidationStatus"] == "SUCCESSFUL"
        assert job["ValidationStatusMessage"] == job["CreatedResourceArn"]


@pytest.mark.fake_backup(region=REGION, progress="clock")
class TestByTheClock:
    def test_timed_out(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A window without a result ends TIMED_OUT, and what was restored goes [assumed]."""
        job = started(backup)
        ended = 11 * MINUTE
        at(ended + 2 * HOUR - MINUTE)
        assert statuses(job) == ("COMPLETED", "VALIDATING", None)
        at(ended + 2 * HOUR)
        assert statuses(job) == ("COMPLETED", "TIMED_OUT", "DELETING")
        at(ended + 2 * HOUR + 10 * MINUTE)
        assert statuses(job) == ("COMPLETED", "TIMED_OUT", "SUCCESSFUL")
        error = refused(
            backup, "PutRestoreValidationResult", RestoreJobId=job.id, ValidationStatus="FAILED"
        )["Error"]
        assert "already TIMED_OUT" in error["Message"]

    @pytest.mark.parametrize(
        ("hours", "ended"),
        [(0, ("COMPLETED", None, "SUCCESSFUL")), (2, ("COMPLETED", "TIMED_OUT", "DELETING"))],
    )
    def test_an_unexpected_error(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
        hours: int,
        ended: Any,
    ) -> None:
        """A deletion, or the end of a window, that raises stays due: the next look does it."""

        def interrupt(*_: Any) -> None:
            raise KeyboardInterrupt

        job = started(backup, hours)
        at(11 * MINUTE)
        assert statuses(job)[0] == "COMPLETED"
        with monkeypatch.context() as patch:
            patch.setattr(moves, "replace", interrupt)
            at(11 * MINUTE + (hours * HOUR or 10 * MINUTE))
            with pytest.raises(KeyboardInterrupt):
                statuses(job)
        assert statuses(job) == ended

    def test_in_time(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A result within the window begins the deletion, and the window's end is nothing more."""
        job = started(backup)
        at(HOUR)
        put(job)
        assert statuses(job) == ("COMPLETED", "SUCCESSFUL", "DELETING")
        at(HOUR + 10 * MINUTE)
        assert statuses(job) == ("COMPLETED", "SUCCESSFUL", "SUCCESSFUL")
        at(5 * HOUR)
        assert statuses(job) == ("COMPLETED", "SUCCESSFUL", "SUCCESSFUL")

    @pytest.mark.fake_backup(durations={"DELETING": timedelta(days=1)})
    def test_duration(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """`durations` says how long a deletion takes."""
        job = started(backup, 0)
        for passed, status in ((HOUR, "DELETING"), (25 * HOUR, "SUCCESSFUL")):
            at(passed)
            assert job["DeletionStatus"] == status

    @pytest.mark.parametrize("mode", ["manual", "polls"])
    def test_another_mode(
        self, backup: FakeBackup, at: Callable[[timedelta], None], mode: Any
    ) -> None:
        """The clock ends neither the window nor the deletion of a job that has left it."""
        validated, deleted = started(backup, 8), backup.run_restore_testing_plan("plan")[0]
        at(HOUR)
        assert statuses(validated) == ("COMPLETED", "VALIDATING", None)
        put(deleted)
        for job in (validated, deleted):
            job.progress = mode
        at(10 * HOUR)
        assert statuses(validated) == ("COMPLETED", "VALIDATING", None)
        assert statuses(deleted) == ("COMPLETED", "SUCCESSFUL", "DELETING")
        deleted.progress = "clock"
        assert statuses(deleted) == ("COMPLETED", "SUCCESSFUL", "SUCCESSFUL")

    @pytest.mark.fake_backup(quotas={"other_restore_tests": 1})
    def test_waiting_in_another_mode(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """Nor does it fail a job that waits for room, once its start window is over."""
        first, second = started(backup), backup.run_restore_testing_plan("plan")[0]
        other = backup.run_restore_testing_plan("plan")[0]
        for job in (first, second):
            job.progress = "polls"
        at(25 * HOUR)
        assert [each["Status"] for each in (first, second, other)] == [
            "PENDING",
            "PENDING",
            "FAILED",
        ]

    def test_removed(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A test that is removed meanwhile is gone."""
        job, other = started(backup), backup.run_restore_testing_plan("plan")[0]
        at(HOUR)
        assert job["ValidationStatus"] == "VALIDATING"
        backup.remove(job)
        at(5 * HOUR)
        assert statuses(other) == ("COMPLETED", "TIMED_OUT", "SUCCESSFUL")
        assert job["ValidationStatus"] == "VALIDATING"
        assert list(backup.restore_jobs) == [other.id]
