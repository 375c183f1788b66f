"""A clock that goes back behind what was scheduled: told once, where something waits in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupWarning
from support.client import call
from support.constants import ROLE
from support.world import VOLUME

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.fake_backup(region="us-east-1", default_vault=True, progress="clock")

LATE, EARLY = "2024-06-01", "2024-05-11"


def a_plan(_backup: FakeBackup) -> None:
    """A backup plan, which runs each day at five."""
    rule = {"RuleName": "r", "TargetBackupVaultName": "Default"}
    rule["ScheduleExpression"] = "cron(0 5 ? * * *)"
    made = call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]})
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [VOLUME]}
    call("CreateBackupSelection", BackupPlanId=made["BackupPlanId"], BackupSelection=selection)


def a_test_plan(_backup: FakeBackup) -> None:
    """A restore testing plan, which runs each day at five."""
    chosen: Any = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"]}
    chosen["RecoveryPointTypes"] = ["SNAPSHOT"]
    plan = {"RestoreTestingPlanName": "t", "RecoveryPointSelection": chosen}
    call(
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={**plan, "ScheduleExpression": "cron(0 5 ? * * *)"},
    )


def a_report_plan(backup: FakeBackup) -> None:
    """A report plan, of which there is a report each night."""
    backup.add_report_plan()


def a_job(_backup: FakeBackup) -> None:
    """A job that a client starts."""
    call("StartBackupJob", BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE)


def nothing(_backup: FakeBackup) -> None:
    """Nothing that the clock moves."""


WAITING: dict[Callable[[FakeBackup], None], str] = {
    a_plan: "1 scheduled run will",
    a_test_plan: "1 scheduled run will",
    a_report_plan: "1 scheduled run will",
    a_job: "1 job on the move will",
}


@pytest.mark.parametrize("made", WAITING)
def test_it_is_told_once(backup: FakeBackup, made: Callable[[FakeBackup], None]) -> None:
    """What was made before the time was frozen in the past does not happen, and that is told."""
    with freeze_time(LATE):
        made(backup)
    with freeze_time(EARLY) as clock:
        with pytest.warns(FakeBackupWarning) as seen:
            call("ListBackupJobs")
        [warning] = seen
        text = str(warning.message)
        assert text.startswith(
            "The clock went back from 2024-06-01T00:00:00Z to 2024-05-11T00:00:00Z, and what it "
            f"moves by progress='clock' is as it was: {WAITING[made]} not go on before 2024-06-01T"
        )
        assert text.endswith("under the frozen clock. This is said once.")
        clock.move_to("2024-05-21")
        call("ListBackupJobs")
        clock.move_to("2024-05-01")
        call("ListBackupJobs")
    with freeze_time("2024-06-02T06:00:00") as clock:
        call("ListBackupJobs")
        clock.move_to(EARLY)
        call("ListBackupJobs")


def test_the_next_call_goes_on(backup: FakeBackup) -> None:
    """A filter that makes it an error refuses one call; what the clock moves moves as before."""
    with freeze_time(LATE):
        a_job(backup)
    with freeze_time(EARLY):
        with pytest.raises(FakeBackupWarning, match="1 job on the move"):
            call("ListBackupJobs")
        assert [each.state for each in backup.backup_jobs.values()] == ["CREATED"]
    with freeze_time("2024-06-03"):
        assert [each.state for each in backup.backup_jobs.values()] == ["COMPLETED"]


def test_a_plan_and_a_job(backup: FakeBackup) -> None:
    """They are counted apart, and the earliest instant is named."""
    with freeze_time(LATE):
        a_plan(backup)
        a_job(backup)
    with (
        freeze_time(EARLY),
        pytest.warns(FakeBackupWarning, match="1 scheduled run and 1 job on the move will"),
    ):
        call("ListBackupJobs")


@pytest.mark.parametrize("made", [*WAITING, nothing])
def test_what_is_innocent(backup: FakeBackup, made: Callable[[FakeBackup], None]) -> None:
    """A small step back, later blocks, and what is over or no more, are told nothing of."""
    with freeze_time(EARLY) as clock:
        made(backup)
        clock.move_to("2024-05-11T20:00:00")
        call("ListBackupJobs")
        clock.move_to("2024-05-11T01:00:00")
        call("ListBackupJobs")
    with freeze_time("2024-05-13"):
        call("ListBackupJobs")
    plans = (backup.backup_plans, backup.restore_testing_plans, backup.report_plans)
    for each in [plan for found in plans for plan in found.values()]:
        backup.remove(each)
    with freeze_time("2024-05-01"):
        call("ListBackupJobs")
        # The first that is scheduled there.
        a_job(backup)
        call("ListBackupJobs")


def test_dates_are_in_time(backup: FakeBackup) -> None:
    """A recovery point that ends at a date ends at that date, whatever the clock did."""
    with freeze_time(LATE):
        backup.add_backup_job(RecoveryPointLifecycle={"DeleteAfterDays": 1})
        assert backup.recovery_points
    with freeze_time(EARLY):
        call("ListBackupJobs")


def test_savepoints(backup: FakeBackup) -> None:
    """What was told inside of a savepoint is told again."""
    with freeze_time(LATE):
        a_plan(backup)
    with freeze_time(EARLY):
        for _ in range(2):
            with freeze_time(LATE), backup.savepoint(), freeze_time(EARLY):
                with pytest.warns(FakeBackupWarning, match="The clock went back"):
                    call("ListBackupJobs")
                call("ListBackupJobs")
