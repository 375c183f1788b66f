"""Whatever a test does comes after all that the clock has made due before."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupError, Job
from fakebackup.factories import backup_job
from fakebackup.fake.placed import Instead
from fakebackup.model.engine import runs
from support.botocore_model import known
from support.client import call
from support.constants import ACCOUNT, OTHER_ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Pass = Callable[[timedelta], None]
    Change = Callable[[FakeBackup], object]

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
LOADED = {"BackupJobs": [{"BackupJobId": "l", "State": "FAILED", "CreationDate": START}]}

pytestmark = pytest.mark.fake_backup(
    region=REGION, progress="clock", default_vault=True, leftovers="ignore"
)


@pytest.fixture
def jump() -> Iterator[Pass]:
    """A function that lets time pass; the clock stands still otherwise."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(frozen() + passed)


@pytest.fixture
def heard(jump: Pass, backup: FakeBackup) -> list[tuple[str, str]]:
    """What a handler hears of a job that ended by the clock an hour ago: nobody has looked."""
    heard: list[tuple[str, str]] = []

    def hear(event: Any, _context: object) -> None:
        heard.append((event["detail-type"].split()[0], event["detail"].get("state")))

    backup.add_backup_job(BackupJobId="running", State="RUNNING")
    backup.on_event(hear)
    start()
    heard.clear()
    jump(HOUR)
    return heard


def start(**members: Any) -> str:
    """Start a backup job, and return its id."""
    asked = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE, **members}
    return str(call("StartBackupJob", **asked)["BackupJobId"])


def nightly(vault: str = "Default") -> str:
    """Make a plan that backs up a volume every night, and return its id."""
    rule = {
        "RuleName": "nightly",
        "TargetBackupVaultName": vault,
        "ScheduleExpression": "cron(0 5 ? * * *)",
    }
    document = {"BackupPlanName": "plan", "Rules": [rule]}
    plan: str = call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [VOLUME]}
    call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)
    return plan


def ignore(_event: object, _context: object) -> None:
    """Do nothing with an event."""


def block(backup: FakeBackup) -> None:
    """Do nothing in a block that is undone."""
    with backup.savepoint():
        pass


def act(backup: FakeBackup) -> None:
    """Act as another account."""
    with backup.acting_as(OTHER_ACCOUNT):
        pass


def _report(backup: FakeBackup) -> None:
    with TemporaryDirectory() as folder:
        backup.report(Path(folder) / "page.html")


CHANGES: dict[str, Change] = {
    "acting_as": act,
    "savepoint": block,
    "dump": lambda backup: backup.dump(),
    "report": _report,
    "add": lambda backup: backup.add(backup_job()),
    "add_backup_job": lambda backup: backup.add_backup_job(),
    "add_backup_jobs": lambda backup: backup.add_backup_jobs(2),
    "add_copy_job": lambda backup: backup.add_copy_job(),
    "add_copy_jobs": lambda backup: backup.add_copy_jobs(2),
    "add_restore_job": lambda backup: backup.add_restore_job(),
    "add_restore_jobs": lambda backup: backup.add_restore_jobs(2),
    "add_scan_job": lambda backup: backup.add_scan_job(),
    "add_scan_jobs": lambda backup: backup.add_scan_jobs(2),
    "add_report_job": lambda backup: backup.add_report_job(),
    "add_report_jobs": lambda backup: backup.add_report_jobs(2),
    "add_vault": lambda backup: backup.add_vault(),
    "add_recovery_point": lambda backup: backup.add_recovery_point(),
    "add_resource": lambda backup: backup.add_resource(VOLUME),
    "add_backup_plan": lambda backup: backup.add_backup_plan(),
    "add_backup_selection": lambda backup: backup.add_backup_selection(),
    "add_framework": lambda backup: backup.add_framework(),
    "add_report_plan": lambda backup: backup.add_report_plan(),
    "add_legal_hold": lambda backup: backup.add_legal_hold(),
    "add_restore_testing_plan": lambda backup: backup.add_restore_testing_plan(),
    "add_restore_testing_selection": lambda backup: backup.add_restore_testing_selection(),
    "add_tiering_configuration": lambda backup: backup.add_tiering_configuration(),
    "add_backup_access_point": lambda backup: backup.add_backup_access_point(),
    "load": lambda backup: backup.load(LOADED),
    "run_plan": lambda backup: backup.run_plan("no such plan"),
    "run_restore_testing_plan": lambda backup: backup.run_restore_testing_plan("no such plan"),
    "next_outcome": lambda backup: backup.next_outcome("StartBackupJob", State="FAILED"),
    "fail": lambda backup: backup.fail("ListBackupJobs", probability=0),
    "answer": lambda backup: backup.answer("ListBackupJobs", {}),
    "remove": lambda backup: backup.remove(running(backup)),
    "on_event": lambda backup: backup.on_event(ignore),
}
"""Per public method of `FakeBackup` that changes or registers something, a call of it."""

LOOKS: dict[str, Change] = {
    "backup_jobs": lambda backup: len(backup.backup_jobs),
    "copy_jobs": lambda backup: len(backup.copy_jobs),
    "restore_jobs": lambda backup: len(backup.restore_jobs),
    "scan_jobs": lambda backup: len(backup.scan_jobs),
    "report_jobs": lambda backup: len(backup.report_jobs),
    "reports": lambda backup: len(backup.reports),
    "vaults": lambda backup: len(backup.vaults),
    "recovery_points": lambda backup: len(backup.recovery_points),
    "backup_plans": lambda backup: len(backup.backup_plans),
    "backup_selections": lambda backup: len(backup.backup_selections),
    "frameworks": lambda backup: len(backup.frameworks),
    "report_plans": lambda backup: len(backup.report_plans),
    "legal_holds": lambda backup: len(backup.legal_holds),
    "restore_testing_plans": lambda backup: len(backup.restore_testing_plans),
    "restore_testing_selections": lambda backup: len(backup.restore_testing_selections),
    "tiering_configurations": lambda backup: len(backup.tiering_configurations),
    "backup_access_points": lambda backup: len(backup.backup_access_points),
    "protected_resources": lambda backup: len(backup.protected_resources),
    "events": lambda backup: backup.events,
    "notifications": lambda backup: backup.notifications,
}
"""Per public property that shows what the clock may move, a look at it."""

TIMELESS = {
    *("start", "stop", "reset"),  # What begins a fake and what ends all that it has.
    *("account_id", "region", "at"),  # Where it is.
    *("calls", "resources"),  # What no clock changes.
    "serve",  # Its calls catch up, each by itself.
}
"""The other public names of `FakeBackup`."""

JOBS: dict[str, Callable[[Job], object]] = {
    "run": lambda job: job.run(),
    "complete": lambda job: job.complete(),
    "fail": lambda job: job.fail(),
    "abort": lambda job: job.abort(),
    "expire": lambda job: job.expire(),
    "update": lambda job: job.update(PercentDone="1.0"),
    "progress": lambda job: setattr(job, "progress", "manual"),
    "state": lambda job: job.state,
    "events": lambda job: job.events,
}
"""Per public name of a job that changes it or shows what the clock may move, its use."""


def running(backup: FakeBackup) -> Job:
    """The running job, at which nobody looks."""
    return backup.backend.organization.jobs.by_id["running"]


def public(owner: type) -> set[str]:
    """The public names that a class defines, but for those that say what there is instead."""
    return {
        name
        for name, value in vars(owner).items()
        if name[0] != "_" and not is_slot(value) and not isinstance(value, Instead)
    }


def is_slot(value: object) -> bool:
    """Whether a class's attribute is a slot of its instances."""
    return type(value).__name__ == "member_descriptor"


def unavailable(name: str) -> bool:
    """Whether a method is of a noun that this botocore does not know."""
    return any(noun in name and not known(operation) for noun, operation in RECENT.items())


RECENT = {
    "scan": "ListScanJobs",
    "add_tiering": "ListTieringConfigurations",
    "add_backup_access": "ListBackupAccessPoints",
}
"""Per part of a name, an operation of the noun: older botocores lack it."""


DUE = [("Backup", "RUNNING"), ("Recovery", None), ("Backup", "COMPLETED")]
"""What is due of the job that ended an hour ago."""


class TestEverything:
    """Each public name is in a table, and each that changes or looks catches up first."""

    def test_every_name_has_its_place(self) -> None:
        """A new method or property of `FakeBackup` is told what it is."""
        parts = [each for each in FakeBackup.__mro__ if each is not object]
        assert set().union(*map(public, parts)) == {*CHANGES, *LOOKS, *TIMELESS}

    def test_every_name_of_a_job_has_its_place(self) -> None:
        """A new method of a job is told what it is."""
        others = {
            *("account", "region", "id", "copy"),  # What it is, and another one like it.
            # For the model's use.
            *("kept_state", "kept", "shown", "kept_now", "was_started", "check_added"),
        }
        assert public(Job) == {*JOBS, *others}

    @pytest.mark.parametrize("name", [*CHANGES, *LOOKS])
    def test_it_catches_up(
        self, backup: FakeBackup, heard: list[tuple[str, str]], name: str
    ) -> None:
        """What was due has happened, and was heard, when the call is back."""
        if unavailable(name):
            pytest.skip("this botocore does not know it")
        assert heard == []
        try:
            (CHANGES.get(name) or LOOKS[name])(backup)
        except ValueError:
            assert name in (
                "run_plan",
                "run_restore_testing_plan",
                "add_backup_selection",
                "add_restore_testing_selection",
            )
        assert heard[: len(DUE)] == DUE

    @pytest.mark.parametrize("name", JOBS)
    def test_a_job_catches_up(
        self, backup: FakeBackup, heard: list[tuple[str, str]], name: str
    ) -> None:
        """What was due comes before what is done with another job."""
        job = running(backup)
        assert heard == []
        try:
            JOBS[name](job)
        except FakeBackupError:
            assert name in ("run", "expire")
        assert heard[: len(DUE)] == DUE

    @pytest.mark.parametrize("name", CHANGES)
    def test_too_much_is_due(
        self, backup: FakeBackup, jump: Pass, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """Where more is due than anybody waits for, the caller is told, and nothing is changed."""
        if unavailable(name):
            pytest.skip("this botocore knows no scan jobs")
        backup.add_backup_job(BackupJobId="running", State="RUNNING")
        nightly()
        jump(DAY)
        monkeypatch.setattr(runs, "MOST", 0)
        before = held(backup)
        with pytest.raises(FakeBackupError, match="in smaller steps"):
            CHANGES[name](backup)
        assert held(backup) == before


def held(backup: FakeBackup) -> Any:
    """What a fake holds, as nobody has looked at it."""
    backend = backup.backend
    organization = backend.organization
    stores = organization.stores.values()
    return (
        list(organization.jobs.by_id),
        [vault.name for store in stores for vault in store.vaults_so_far()],
        [arn for store in stores for vault in store.vaults_so_far() for arn in vault.points],
        [dict(store.resources) for store in stores],
        [list(store.tokens) for store in stores],
        list(organization.outcomes),
        list(organization.bus.handlers),
        len(organization.bus.sent),
        organization.numbers.given_out(),
        bool(backend.faults),
        list(backend.by_hand.left()),
        backend.acting,
    )


class TestExamples:
    """What once went to what was overdue goes to what comes after."""

    def test_an_outcome_is_for_what_starts_next(self, backup: FakeBackup, jump: Pass) -> None:
        """After a jump over a plan's times, the failure is not for the plan's overdue jobs."""
        nightly()
        jump(3 * DAY)
        backup.next_outcome("StartBackupJob", State="FAILED")
        assert [job.state for job in backup.backup_jobs.values()] == ["COMPLETED"] * 3
        failing = start()
        jump(HOUR)
        assert backup.backup_jobs[failing].state == "FAILED"

    def test_a_handler_hears_what_is_to_come(self, backup: FakeBackup, jump: Pass) -> None:
        """Events of days gone by go to the handlers that were there, not to a new one."""
        heard: dict[str, list[str]] = {"early": [], "late": []}

        def hear(name: str) -> Callable[[Any, object], None]:
            return lambda event, _context: heard[name].append(event["id"])

        backup.on_event(hear("early"))
        nightly()
        jump(3 * DAY)
        backup.on_event(hear("late"))
        before = [event["id"] for event in backup.events]
        assert len(before) > 9
        assert heard == {"early": before, "late": []}
        start()
        assert heard["late"] == heard["early"][len(before) :]
        assert heard["late"]

    def test_a_vault_is_there_from_now_on(self, backup: FakeBackup, jump: Pass) -> None:
        """A vault added after the jump does not get the jobs that failed for want of it."""
        nightly("Missing")
        jump(2 * DAY)
        backup.add_vault(BackupVaultName="Missing")
        assert [job.state for job in backup.backup_jobs.values()] == ["FAILED"] * 2
        assert list(backup.recovery_points) == []
        jump(DAY)
        assert [job.state for job in backup.backup_jobs.values()] == ["COMPLETED", *["FAILED"] * 2]

    def test_what_has_aged_away_is_not_taken(self, backup: FakeBackup, jump: Pass) -> None:
        """A recovery point whose time is over makes room for one with its ARN."""
        arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:one"
        for _ in range(2):
            backup.add_recovery_point(
                RecoveryPointArn=arn, CreationDate=START, Lifecycle={"DeleteAfterDays": 1}
            )
            jump(2 * DAY)
        assert arn not in backup.recovery_points

    def test_a_removed_job_had_left_its_point(self, backup: FakeBackup, jump: Pass) -> None:
        """A job that is removed after it had ended has left its recovery point."""
        job = backup.backup_jobs[start()]
        jump(DAY)
        backup.remove(job)
        assert len(backup.recovery_points) == 1

    def test_inside_an_answer_by_hand(self, backup: FakeBackup, jump: Pass) -> None:
        """What a test does in an answer of its own catches up, too."""
        first = start()
        job = backup.add_backup_job(State="RUNNING")

        def how(_asked: object) -> dict[str, Any]:
            jump(DAY)
            job.complete()
            return {"BackupJobs": []}

        backup.answer("ListBackupJobs", how)
        call("ListBackupJobs")
        ended = [
            event["detail"]["backupJobId"]
            for event in backup.events
            if event["detail"].get("state") == "COMPLETED"
        ]
        assert ended == [first, job.id]
