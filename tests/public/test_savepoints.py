"""Savepoints: whatever is done inside a block, by tests or clients, is undone at its end."""

from __future__ import annotations

import contextlib
import sys
import threading
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import (
    FakeBackup,
    FakeBackupError,
    FakeBackupWarning,
    current,
    factories,
    mock_backup,
)
from fakebackup.model.jobs.job import Job
from fakebackup.model.stores import journal
from fakebackup.operations import operations
from support.botocore_model import known
from support.client import a_fake, call, client, full_answer
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE, TRANSPORTS
from support.portrait import portrait
from support.world import VOLUME, input_shape, seed, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STARTED: dict[str, Any] = {
    "BackupVaultName": "vault",
    "ResourceArn": VOLUME,
    "IamRoleArn": ROLE,
}
pytestmark = pytest.mark.frozen(NOW)

POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:one"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/stack-1/1"
OPERATIONS = [name for name in operations() if known(name)]


class Month:
    """A fake that holds some of all there is, and what a test has in hand of it."""

    def __init__(self, backup: FakeBackup) -> None:
        """Fill the fake."""
        self.backup = backup
        self.told: list[str] = []
        backup.on_event(lambda event, _context: self.told.append(event["id"]))
        seed(backup)
        self.job = backup.add_backup_job(State="CREATED")
        [self.group] = [backup.add(factories.composite(2, State="RUNNING"))]
        self.started = backup.backup_jobs[call("StartBackupJob", **STARTED)["BackupJobId"]]
        self.stack = call("StartBackupJob", **{**STARTED, "ResourceArn": STACK})["BackupJobId"]
        backup.at(account_id=OTHER_ACCOUNT).add_copy_jobs(3, State=["RUNNING", "COMPLETED"])
        backup.add_resource(VOLUME, {"team": "blue"})
        backup.fail("ListCopyJobs", times=3)
        backup.fail("ListReportJobs", probability=0.5)
        backup.next_outcome("StartBackupJob", State="FAILED", times=2)
        backup.answer("ListFrameworks", {})
        assert backup.vaults
        self.tests = self._tests()
        report = call("StartReportJob", ReportPlanName="there")["ReportJobId"]
        self.report = backup.report_jobs[report]
        # What this one leaves does not exist yet.
        self.late = backup.add_backup_job(State="RUNNING")

    def _tests(self) -> list[Job]:
        """Run restore tests: one that is being validated, and one that waited for room."""
        points: Any = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"]}
        plan: Any = {"RestoreTestingPlanName": "tests", "ScheduleExpression": "cron(0 5 ? * * *)"}
        plan["RecoveryPointSelection"] = {**points, "RecoveryPointTypes": ["SNAPSHOT"]}
        call("CreateRestoreTestingPlan", RestoreTestingPlan=plan)
        volumes: Any = {"RestoreTestingSelectionName": "volumes", "IamRoleArn": ROLE}
        volumes |= {"ProtectedResourceType": "EBS", "ValidationWindowHours": 4}
        volumes["ProtectedResourceArns"] = [VOLUME]
        of_plan: Any = {"RestoreTestingPlanName": "tests"}
        call("CreateRestoreTestingSelection", **of_plan, RestoreTestingSelection=volumes)
        found = [self.backup.run_restore_testing_plan("tests")[0] for _ in range(3)]
        found[0].complete()
        return [found[0], found[2]]


@pytest.fixture(params=TRANSPORTS)
def month(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Month]:
    """A full fake; each job that changes inside a savepoint is kept before."""
    monkeypatch.setattr(Job, "__setattr__", _checked, raising=False)
    # One restores at a time, the next one waits.
    quotas = {"ebs_or_ec2_restore_tests": 1}
    options: dict[str, Any] = {"transport": request.param, "quotas": quotas}
    with a_fake(**options, leftovers="ignore", management_account=ACCOUNT) as backup:
        yield Month(backup)


def _checked(job: Job, name: str, value: object) -> None:
    """Set an attribute of a job, which is kept if it is in a fake with an open savepoint."""
    store: Any = getattr(job, "store", None)
    open_ones = [] if store is None else store.organization.savepoints
    if (
        name in Job.__slots__
        and open_ones
        and store.organization.holds(job)
        and not _is_undone_or_cleared()
    ):
        assert id(job) in open_ones[-1]._jobs
    object.__setattr__(job, name, value)


def _is_undone_or_cleared() -> bool:
    """Whether the journal itself changes the job, or a reset, which has put all jobs aside."""
    code = sys._getframe(2).f_code
    return code.co_name == "clear" or code.co_filename == journal.__file__


# --- All that may be done inside ------------------------------------------------------------

DONE: dict[str, Callable[[Month], None]] = {}
"""What is done inside, by the name of the function."""


def done(act: Callable[[Month], None]) -> Callable[[Month], None]:
    """Let what a function does be one of the things that are undone."""
    DONE[act.__name__] = act
    return act


@done
def nothing(month: Month) -> None:
    """Look at what needs no making."""
    assert month.backup.backup_jobs


@done
def add_jobs(month: Month) -> None:
    """Add jobs of several kinds, here and elsewhere, one by one and many at once."""
    backup = month.backup
    backup.add_backup_job()
    backup.add_backup_jobs(50, State=["COMPLETED", "FAILED"])
    backup.add_restore_job(Status="RUNNING")
    backup.add_backup_jobs(2, ResourceType="EKS")
    backup.add(factories.composite(2))
    backup.at(account_id="444455556666", region=OTHER_REGION).add_copy_job()


@done
def move_jobs(month: Month) -> None:
    """Move jobs by hand, a composite one and one that a client started among them."""
    month.job.complete()
    month.group.parent.fail("boom", "AccessDenied")
    month.started.abort()
    month.late.run() if month.late["State"] == "CREATED" else month.late.complete()


@done
def poll_jobs(month: Month) -> None:
    """Let jobs move by being asked for, in pages, too."""
    call("DescribeBackupJob", BackupJobId=month.stack)
    call("ListBackupJobs", MaxResults=1)
    call("ListBackupJobs")
    call("ListBackupJobs", ByAccountId="*")
    for _ in range(5):
        call("DescribeBackupJob", BackupJobId=month.started.id)
    call("ListRestoreJobs", MaxResults=1)
    call("ListBackupJobs", MaxResults=1)


@done
def wait_for_jobs(month: Month) -> None:
    """Ask again and again for a job that nothing moves."""
    for _ in range(5):
        call("DescribeBackupJob", BackupJobId=month.job.id)


@done
def choose_progress(month: Month) -> None:
    """Let jobs move in another way."""
    month.job.progress = "polls"
    month.started.progress = "manual"
    month.group.parent.progress = "immediate"
    month.late.progress = "clock"


@done
def rename_jobs(month: Month) -> None:
    """Change what jobs are found by: ids, parents, accounts, dates."""
    month.group.parent.update(BackupJobId="parent")
    month.job.update(AccountId=OTHER_ACCOUNT, CreationDate=NOW - timedelta(days=3))
    month.job.update(ParentJobId="parent", StatusMessage="a message")


@done
def remove_jobs(month: Month) -> None:
    """Remove jobs, of which one is added again."""
    month.backup.remove(month.job)
    month.backup.add(month.job)
    month.backup.remove(month.job)
    for each in reversed(list(month.backup.at(account_id=OTHER_ACCOUNT).copy_jobs.values())):
        month.backup.remove(each)


@done
def start_jobs(_month: Month) -> None:
    """Start jobs, with a token and with chosen outcomes."""
    for token in ({"IdempotencyToken": "token"}, {"IdempotencyToken": "token"}, {}, {}):
        call("StartBackupJob", **STARTED, **token)


@done
def load_jobs(month: Month) -> None:
    """Load a recorded job."""
    job = {
        "BackupJobId": "recorded",
        "State": "COMPLETED",
        "CreationDate": NOW.isoformat(),
        "BackupVaultName": "recorded",
        "RecoveryPointArn": f"{POINT}:recorded",
    }
    month.backup.load({"BackupJobs": [job]})


@done
def look_at_vaults(month: Month) -> None:
    """Look at vaults and recovery points, which makes those that seeded jobs left."""
    month.backup.add_backup_job()
    assert month.backup.vaults
    assert month.backup.at(region=OTHER_REGION).vaults
    assert month.backup.at(account_id=OTHER_ACCOUNT).vaults
    assert month.backup.recovery_points


@done
def change_vaults(month: Month) -> None:
    """Change what vaults have besides recovery points, and seed one that is there by default."""
    name = {"BackupVaultName": "vault"}
    call("DeleteBackupVaultAccessPolicy", **name)
    call("DeleteBackupVaultNotifications", **name)
    lock: dict[str, Any] = {"MinRetentionDays": 7, "MaxRetentionDays": 30}
    call("PutBackupVaultLockConfiguration", **name, **lock)
    month.backup.add_vault(BackupVaultName="Default", CreationDate=NOW - timedelta(days=9))


@done
def look_at_events(month: Month) -> None:
    """Read events and notifications, and change what was read."""
    month.job.complete()
    for each in (*month.backup.events, *month.backup.notifications):
        each.clear()


@done
def make_vaults(month: Month) -> None:
    """Make vaults, here and elsewhere."""
    call("CreateBackupVault", BackupVaultName="fresh", BackupVaultTags={"a": "b"})
    month.backup.add_vault()
    month.backup.at(region=OTHER_REGION).add_vault()


@done
def empty_vaults(month: Month) -> None:
    """Delete recovery points and a vault, and make another one of its name."""
    for name in ("vault", "empty"):
        listed = call("ListRecoveryPointsByBackupVault", BackupVaultName=name)
        for point in listed["RecoveryPoints"]:
            asked = {"BackupVaultName": name, "RecoveryPointArn": point["RecoveryPointArn"]}
            with contextlib.suppress(client().exceptions.ClientError):
                call("DeleteRecoveryPoint", **asked)
    call("DeleteBackupVault", BackupVaultName="empty")
    month.backup.add_vault(BackupVaultName="empty", Tags={"new": "one"})


@done
def change_points(month: Month) -> None:
    """Add recovery points, and change those there are."""
    backup, of_vault = month.backup, {"BackupVaultName": "vault"}
    new = backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=f"{POINT}:new")
    backup.add_recovery_point(BackupVaultName="vault", ParentRecoveryPointArn=new.arn)
    backup.at(region=OTHER_REGION).add_recovery_point(BackupVaultName="there")
    lifecycle: Any = {"DeleteAfterDays": 200}
    call("UpdateRecoveryPointLifecycle", **of_vault, RecoveryPointArn=POINT, Lifecycle=lifecycle)
    restore: dict[str, Any] = {"RecoveryPointArn": POINT, "Metadata": {}, "IamRoleArn": ROLE}
    job = call("StartRestoreJob", **restore, ResourceType="EBS")["RestoreJobId"]
    backup.restore_jobs[job].complete()


@done
def run_plans(month: Month) -> None:
    """Run backup plans, of which one selects nothing."""
    plans = [each["BackupPlanId"] for each in call("ListBackupPlans")["BackupPlansList"]]
    with pytest.warns(FakeBackupWarning, match="selects nothing"):
        assert [bool(month.backup.run_plan(each)) for each in plans].count(True) == 1


@done
def run_restore_tests(month: Month) -> None:
    """Run a restore testing plan, with more tests than restore at once, and validate one."""
    backup = month.backup
    for number in range(2):
        backup.add_recovery_point(BackupVaultName="vault", ResourceArn=f"{VOLUME}{number}")
    points: Any = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"]}
    plan: Any = {"RestoreTestingPlanName": "own", "ScheduleExpression": "cron(0 5 ? * * *)"}
    plan["RecoveryPointSelection"] = {**points, "RecoveryPointTypes": ["SNAPSHOT"]}
    call("CreateRestoreTestingPlan", RestoreTestingPlan=plan)
    volumes: Any = {"RestoreTestingSelectionName": "volumes", "IamRoleArn": ROLE}
    volumes |= {"ProtectedResourceType": "EBS", "ValidationWindowHours": 4}
    volumes["ProtectedResourceArns"] = [f"{VOLUME}0", f"{VOLUME}1"]
    of_plan: Any = {"RestoreTestingPlanName": "own"}
    call("CreateRestoreTestingSelection", **of_plan, RestoreTestingSelection=volumes)
    for job in backup.run_restore_testing_plan("own"):
        job.complete()
        said: Any = {"RestoreJobId": job.id, "ValidationStatus": "SUCCESSFUL"}
        call("PutRestoreValidationResult", **said)
        call("DescribeRestoreJob", RestoreJobId=job.id)
        assert call("DescribeRestoreJob", RestoreJobId=job.id)["DeletionStatus"] == "SUCCESSFUL"


@done
def go_on_with_restore_tests(month: Month) -> None:
    """Let the tests that ran before go on: one is deleted, and one that waits starts."""
    open_one, waiting = month.tests
    said: Any = {"RestoreJobId": open_one.id, "ValidationStatus": "FAILED"}
    call("PutRestoreValidationResult", **said)
    waiting.complete()


@done
def make_reports(month: Month) -> None:
    """Make the report that had begun before, and another one."""
    month.report.complete()
    job = call("StartReportJob", ReportPlanName="there")["ReportJobId"]
    month.backup.report_jobs[job].complete()
    assert {job, month.report.id} <= set(month.backup.reports)


@done
def run_continuous_rules(month: Month) -> None:
    """Run a rule that backs up continuously twice: the second time brings the backup up to date."""
    bucket = "arn:aws:s3:::continuous"
    lifecycle: Any = {"DeleteAfterDays": 35}
    rule: Any = {"RuleName": "c", "TargetBackupVaultName": "vault", "Lifecycle": lifecycle}
    rule["EnableContinuousBackup"] = True
    plan: Any = {"BackupPlanName": "continuous", "Rules": [rule]}
    plan_id = call("CreateBackupPlan", BackupPlan=plan)["BackupPlanId"]
    selection: Any = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [bucket]}
    call("CreateBackupSelection", BackupPlanId=plan_id, BackupSelection=selection)
    for _ in range(2):
        [job] = month.backup.run_plan(plan_id)
        job.complete()
    points = month.backup.recovery_points.values()
    assert [point["ResourceArn"] for point in points].count(bucket) == 1


@done
def change_plans(_month: Month) -> None:
    """Give a plan another version, and delete one."""
    for each in call("ListBackupPlans")["BackupPlansList"]:
        plan = {"BackupPlanId": each["BackupPlanId"]}
        rule = {"RuleName": "other", "TargetBackupVaultName": "vault"}
        call("UpdateBackupPlan", **plan, BackupPlan={"BackupPlanName": "x", "Rules": [rule]})
        for selection in call("ListBackupSelections", **plan)["BackupSelectionsList"]:
            call("DeleteBackupSelection", **plan, SelectionId=selection["SelectionId"])
        call("DeleteBackupPlan", **plan)


@done
def add_resources(month: Month) -> None:
    """Add resources, one of them anew."""
    month.backup.add_resource(VOLUME, {"team": "red"})
    month.backup.add_resource(f"{VOLUME}2")


@done
def change_tags(_month: Month) -> None:
    """Add and remove tags."""
    call("TagResource", ResourceArn=POINT, Tags={"one": "1"})
    call("UntagResource", ResourceArn=POINT, TagKeyList=["one"])


@done
def change_settings(_month: Month) -> None:
    """Change the settings of the Region and of the organisation."""
    call("UpdateRegionSettings", ResourceTypeOptInPreference={"EBS": False})
    call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})


@done
def add_handlers(month: Month) -> None:
    """Register a handler, and emit events."""
    month.backup.on_event(lambda _event, _context: None)
    month.job.run()


@done
def fail_calls(month: Month) -> None:
    """Let failures hit, those from before and new ones."""
    month.backup.fail("DescribeBackupJob", code="AccessDeniedException")
    for operation in ("ListCopyJobs", "ListReportJobs", "ListReportJobs", "ListReportJobs"):
        with contextlib.suppress(client().exceptions.ClientError):
            call(operation)
    with pytest.raises(client().exceptions.ClientError):
        call("DescribeBackupJob", BackupJobId=month.job.id)


@done
def refuse_calls(month: Month) -> None:
    """Be refused: by AWS, and by the fake."""
    with pytest.raises(client().exceptions.ResourceNotFoundException):
        call("DescribeBackupJob", BackupJobId="gone")
    with pytest.raises(ValueError, match="is taken"):
        month.backup.add_backup_job(BackupJobId=month.job.id)


@done
def choose_outcomes(month: Month) -> None:
    """Choose how coming jobs end."""
    month.backup.next_outcome("StartCopyJob", State="FAILED")
    month.backup.next_outcome("StartBackupJob", State="ABORTED")


@done
def answer_by_hand(month: Month) -> None:
    """Ask for an answer by hand, remove it, and give another one."""
    call("ListFrameworks")
    month.backup.answer("ListFrameworks", None)
    month.backup.answer("ListCopyJobs", {"CopyJobs": []})


@done
def ask_for_summaries(_month: Month) -> None:
    """Ask for what is counted."""
    call("ListBackupJobSummaries")


@done
def clear_all(month: Month) -> None:
    """Begin anew twice, and go on in between with a job from before."""
    month.backup.reset()
    month.backup.add_vault(BackupVaultName="vault")
    month.backup.add(month.job)
    month.job.complete()
    call("StartBackupJob", **STARTED)
    month.backup.reset()
    month.backup.add_backup_job()


@done
def nest(month: Month) -> None:
    """Clear all in another savepoint."""
    month.backup.add_backup_job()
    with month.backup.savepoint():
        month.job.complete()
        month.backup.reset()
    assert month.job["State"] == "CREATED"


def asked(operation: str) -> dict[str, Any]:
    """Parameters that mean something to the fake."""
    shape = input_shape(operation)
    found: dict[str, Any] = {} if shape is None else values(operation).plain("", shape)
    return found


def answers(month: Month) -> list[Any]:
    """What the fake answers, in a block that is undone: reading moves jobs."""
    with month.backup.savepoint():
        month.backup.backend.faults.clear()
        return [
            call(name, **asked(name))
            for name in OPERATIONS
            if name.startswith(("List", "Describe", "Get"))
        ]


class TestAllThatMayBeDone:
    @pytest.mark.parametrize("what", DONE)
    def test_it_is_undone(self, month: Month, what: str) -> None:
        """All that the fake holds is as it was, each in the object that it was in."""
        list(month.backup.vaults)
        before = portrait(month.backup)
        with month.backup.savepoint():
            DONE[what](month)
            inside = portrait(month.backup)
        assert portrait(month.backup) == before
        inside["backend.organization.savepoints"] = before["backend.organization.savepoints"]
        changed = {way for way in before if inside.get(way) != before[way]}
        assert bool(changed) is (what != "nothing")

    @pytest.mark.parametrize("what", DONE)
    def test_clients_are_answered_as_before(self, month: Month, what: str) -> None:
        """Every read operation answers what it answered, and what comes next has the same ids."""
        before = answers(month)
        with month.backup.savepoint():
            following = month.backup.add_backup_job(), month.backup.add_vault()
            names = [following[0].id, following[0]["ResourceArn"], following[1].name]
        with month.backup.savepoint():
            DONE[what](month)
        assert answers(month) == before
        following = month.backup.add_backup_job(), month.backup.add_vault()
        assert [following[0].id, following[0]["ResourceArn"], following[1].name] == names

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_every_operation_is_undone(self, month: Month, operation: str) -> None:
        """Whatever a client calls is undone, with its entry in the log; some are refused."""
        list(month.backup.vaults)
        month.backup.backend.faults.clear()
        before = portrait(month.backup)
        with month.backup.savepoint():
            with contextlib.suppress(client().exceptions.ClientError):
                full_answer(operation, **asked(operation))
            assert month.backup.calls[-1].operation == operation
        assert portrait(month.backup) == before


class TestBlocks:
    def test_blocks_nest(self, backup: FakeBackup) -> None:
        """Each block goes back to its own beginning."""
        with backup.savepoint():
            outer = backup.add_backup_job()
            with backup.savepoint():
                outer.update(State="FAILED")
                inner = backup.add_backup_job()
                assert list(backup.backup_jobs) == [inner.id, outer.id]
            assert list(backup.backup_jobs) == [outer.id]
            assert outer["State"] == "COMPLETED"
            with backup.savepoint():
                assert backup.add_backup_job().id == inner.id
        assert list(backup.backup_jobs) == []

    def test_a_block_that_raises_is_undone(self, backup: FakeBackup) -> None:
        """The exception goes on, and nothing of the block is left."""

        def fail() -> None:
            with backup.savepoint():
                backup.add_backup_job()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert list(backup.backup_jobs) == []

    def test_the_block_gives_the_fake(self, backup: FakeBackup) -> None:
        """`as` gives what the block was begun on."""
        view = backup.at(region=OTHER_REGION)
        with view.savepoint() as given:
            assert given is view

    def test_a_savepoint_of_a_view_is_of_the_whole_fake(self, backup: FakeBackup) -> None:
        """What other accounts and Regions did inside is undone, too."""
        with backup.at(region=OTHER_REGION).savepoint():
            backup.add_backup_job()
        assert list(backup.backup_jobs) == []

    def test_it_decorates(self, backup: FakeBackup) -> None:
        """A function can be a block, each time that it is called."""

        @backup.savepoint()
        def add() -> str:
            return backup.add_backup_job().id

        assert add() == add()
        assert list(backup.backup_jobs) == []

    def test_a_fake_that_is_not_active_takes_none(self) -> None:
        """Before its start and after its end."""
        fake = FakeBackup()
        with pytest.raises(FakeBackupError, match="not active yet"), fake.savepoint():
            pass
        with fake:
            pass
        with pytest.raises(FakeBackupError, match="has ended"), fake.savepoint():
            pass

    def test_a_fake_that_ends_inside_stays_ended(self) -> None:
        """Leaving the block raises nothing, which would hide why the test ended the fake."""
        fake = FakeBackup().start()
        with fake.savepoint():
            job = fake.add_backup_job()
            fake.stop()
        assert job.store is None
        with pytest.raises(FakeBackupError, match="has ended"):
            fake.add_backup_job()

    def test_leaving_the_outer_one_first_undoes_both(self, backup: FakeBackup) -> None:
        """Those that were begun inside are over then, and leaving them does nothing."""
        outer, inner = backup.savepoint(), backup.savepoint()
        outer.__enter__()
        backup.add_backup_job()
        inner.__enter__()
        backup.add_backup_job()
        outer.__exit__(None, None, None)
        assert list(backup.backup_jobs) == []
        job = backup.add_backup_job()
        inner.__exit__(None, None, None)
        assert list(backup.backup_jobs) == [job.id]

    def test_fakes_do_not_touch_each_other(self, backup: FakeBackup) -> None:
        """A savepoint of one fake undoes nothing in another."""
        with backup.savepoint(), mock_backup(region=REGION) as inner:
            job = inner.add_backup_job(State="RUNNING")
            with inner.savepoint():
                job.complete()
            assert job["State"] == "RUNNING"


class TestObjectsInHand:
    def test_a_job_from_before_is_the_one_in_the_fake(self, backup: FakeBackup) -> None:
        """Moved, renamed or removed: it shows its members again, and moves on."""
        moved, renamed, removed = backup.add_backup_jobs(3, State="RUNNING")
        ids = list(backup.backup_jobs)
        with backup.savepoint():
            moved.complete()
            renamed.update(BackupJobId="other")
            backup.remove(removed)
        assert list(backup.backup_jobs) == ids
        for job in (moved, renamed, removed):
            assert backup.backup_jobs[job.id] is job
            assert job["State"] == "RUNNING"
            job.complete()
            assert call("DescribeBackupJob", BackupJobId=job.id)["State"] == "COMPLETED"

    def test_a_job_added_inside_is_removed(self, backup: FakeBackup) -> None:
        """It reads on, as after `remove`, and is in no fake."""
        with backup.savepoint():
            job = backup.add_backup_job(State="FAILED")
        assert job["State"] == "FAILED"
        with pytest.raises(FakeBackupError, match="in no fake"):
            job.update(State="COMPLETED")

    def test_a_job_of_a_factory_is_added_in_block_after_block(self, backup: FakeBackup) -> None:
        """After the block it is as the factory built it: it gets its id by being added."""
        job = factories.backup_job(State="FAILED")
        with backup.savepoint():
            first = backup.add(job).id
        with pytest.raises(FakeBackupError, match="no id yet"):
            _ = job.id
        with backup.savepoint():
            other = backup.add_backup_job()
            assert other.id == first
            assert backup.add(job).id != first

    def test_a_vault_and_its_points_from_before(self, backup: FakeBackup) -> None:
        """A vault that was deleted with its recovery points is the one in the fake again."""
        vault = backup.add_vault(BackupVaultName="daily")
        points = [backup.add_recovery_point(BackupVaultName="daily") for _ in range(3)]
        names = {"BackupVaultName": "daily"}
        with backup.savepoint():
            for each in points:
                call("DeleteRecoveryPoint", **names, RecoveryPointArn=each.arn)
            call("DeleteBackupVault", **names)
        assert backup.vaults["daily"] is vault
        assert vault["NumberOfRecoveryPoints"] == 3
        assert list(vault.points.values()) == points
        listed = call("ListRecoveryPointsByBackupVault", **names)["RecoveryPoints"]
        assert [each["RecoveryPointArn"] for each in listed] == [each.arn for each in points[::-1]]

    def test_a_kept_view_goes_on(self, backup: FakeBackup) -> None:
        """Mappings and the log of calls from before the block show what there is."""
        jobs, calls = backup.backup_jobs, backup.calls
        with backup.savepoint():
            job = backup.add_backup_job()
            call("ListBackupJobs")
            assert (list(jobs), len(calls)) == ([job.id], 1)
        assert (list(jobs), len(calls)) == ([], 0)

    def test_jobs_of_a_reset_fake_come_back(self, backup: FakeBackup) -> None:
        """`reset` inside is undone, moves before it too."""
        job = backup.add_backup_job(State="RUNNING")
        with backup.savepoint():
            job.complete()
            backup.reset()
            assert list(backup.backup_jobs) == []
        assert backup.backup_jobs[job.id] is job
        assert job["State"] == "RUNNING"
        job.complete()
        assert call("ListBackupJobs", ByState="COMPLETED")["BackupJobs"] == [job]


class TestPreparations:
    @pytest.mark.fake_backup(leftovers="ignore")
    def test_a_failure_hits_again(self, backup: FakeBackup) -> None:
        """The attempts that it hit inside are not counted, and draws come out the same."""
        backup.fail("ListBackupJobs", probability=0.5, seed=7, times=1000)

        def attempts() -> list[int]:
            for _ in range(5):
                with contextlib.suppress(client().exceptions.ClientError):
                    call("ListBackupJobs")
            return [each.attempts for each in backup.calls]

        with backup.savepoint():
            first = attempts()
        assert len({*first}) > 1
        assert attempts() == first

    def test_what_is_left_over_inside_is_not_told(self) -> None:
        """A failure prepared inside is gone with the block; one from before is left over still."""
        with a_fake(leftovers="error") as backup, backup.savepoint():
            backup.fail("ListBackupJobs")
        fake = FakeBackup(leftovers="error", region=REGION).start()
        fake.fail("ListBackupJobs")
        with fake.savepoint():
            call("ListBackupJobs")
        with pytest.raises(FakeBackupError, match="1 injected failure never came"):
            fake.stop()

    def test_a_handler_of_inside_hears_nothing_more(self, backup: FakeBackup) -> None:
        """Handlers from before hear on."""
        before: list[Any] = []
        inside: list[Any] = []
        job = backup.add_backup_job(State="RUNNING")
        backup.on_event(lambda event, _context: before.append(event))
        with backup.savepoint():
            backup.on_event(lambda event, _context: inside.append(event))
            job.complete()
        # The recovery point's event and the job's own.
        assert len(inside) == 2
        assert backup.events == []
        job.complete()
        assert len(inside) == 2
        assert [each["id"] for each in before] == [each["id"] for each in before[:2]] * 2

    def test_a_savepoint_of_a_handler(self, backup: FakeBackup) -> None:
        """What waited before the block is delivered after it, what was emitted inside is not."""
        told: list[str] = []
        jobs = backup.add_backup_jobs(2, State="RUNNING", ResourceType="EFS")

        @backup.on_event
        def handler(event: Any, _context: Any) -> None:
            told.append(event["detail-type"])
            if len(told) == 1:
                with backup.savepoint():
                    jobs[1].complete()

        jobs[0].complete()
        assert told == ["Recovery Point State Change", "Backup Job State Change"]
        assert jobs[1]["State"] == "RUNNING"

    @pytest.mark.parametrize("depth", [1, 2, 3])
    def test_a_reset_in_a_savepoint_of_a_handler(self, backup: FakeBackup, depth: int) -> None:
        """What waited before the block is delivered after it, once, though a reset forgot it."""
        told: list[str] = []

        @backup.on_event
        def handler(event: Any, _context: Any) -> None:
            told.append(event["id"])
            if len(told) == 1:
                with contextlib.ExitStack() as blocks:
                    for _ in range(depth):
                        blocks.enter_context(backup.savepoint())
                        backup.add_backup_job(State="RUNNING", ResourceType="EFS").complete()
                    backup.reset()
                    backup.add_backup_job(State="RUNNING", ResourceType="EFS").complete()

        jobs = backup.add_backup_jobs(2, State="RUNNING", ResourceType="EFS")
        for job in jobs:
            job.complete()
        assert told == [event["id"] for event in backup.events]
        assert len(told) == 4

    def test_what_is_delivered_inside_is_not_delivered_again(self, backup: FakeBackup) -> None:
        """What waited when a thread began a block, and was delivered in it, is not put back."""
        told: list[str] = []
        begun, ended = threading.Event(), threading.Event()

        def undo() -> None:
            with backup.savepoint():
                begun.set()
                assert ended.wait(10)
                backup.reset()

        thread = threading.Thread(target=undo)

        @backup.on_event
        def handler(event: Any, _context: Any) -> None:
            told.append(event["id"])
            if len(told) == 1:
                thread.start()
                assert begun.wait(10)

        backup.add_backup_job(State="RUNNING", ResourceType="EFS").complete()
        ended.set()
        thread.join()
        assert told == [event["id"] for event in backup.events]
        assert len(told) == 2

    def test_a_listing_goes_on(self, backup: FakeBackup) -> None:
        """A NextToken from before the block is of the same listing afterwards."""
        ids = [job.id for job in backup.add_backup_jobs(3)][::-1]
        page = call("ListBackupJobs", MaxResults=1)
        with backup.savepoint():
            backup.add_backup_jobs(2)
            backup.backup_jobs[ids[1]].update(CreationDate=NOW - timedelta(days=2))
        rest = call("ListBackupJobs", NextToken=page["NextToken"])["BackupJobs"]
        assert [each["BackupJobId"] for each in rest] == ids[1:]

    def test_a_refusal_of_inside_is_not_told(
        self, unfaked: Callable[..., None], recwarn: pytest.WarningsRecorder
    ) -> None:
        """A call of what is not faked, which the code under test swallowed inside, is undone."""
        unfaked("DeleteBackupPlan")
        with mock_backup(region=REGION) as backup:
            with backup.savepoint(), contextlib.suppress(NotImplementedError):
                call("DeleteBackupPlan", BackupPlanId="plan")
            assert not backup.calls
        assert not recwarn.list


class TestTime:
    def test_what_the_clock_did_is_done_again(self) -> None:
        """Time is not undone: what came due inside is due afterwards, with its events."""
        with (
            freeze_time(NOW) as now,
            a_fake(progress="clock", leftovers="ignore") as backup,
        ):
            started = call("StartBackupJob", **{**STARTED, "BackupVaultName": "Default"})
            job = backup.backup_jobs[started["BackupJobId"]]
            created = backup.events
            with backup.savepoint():
                now.tick(timedelta(days=1))
                assert job["State"] == "COMPLETED"
                inside = backup.events
                backup.add_backup_job()
            assert backup.events == inside != created
            assert job["State"] == "COMPLETED"

    def test_what_was_due_before_is_heard_before(self) -> None:
        """What a handler does about a move that was due when the block begins stays."""
        with freeze_time(NOW) as now, a_fake(progress="clock") as backup:
            call("StartBackupJob", **{**STARTED, "BackupVaultName": "Default"})
            added: list[Job] = []

            @backup.on_event
            def handler(_event: Any, _context: Any) -> None:
                added.append(backup.add_report_job())

            now.tick(timedelta(days=1))
            with backup.savepoint():
                assert added
                inside = len(added)
            assert len(backup.report_jobs) == len(added) == inside

    def test_a_plan_runs_again(self) -> None:
        """A run that came due inside is made again, at its time, and no run is left out."""
        rule = {
            "RuleName": "daily",
            "TargetBackupVaultName": "Default",
            "ScheduleExpression": "cron(0 5 ? * * *)",
        }
        plan = {"BackupPlanName": "plan", "Rules": [rule]}
        with (
            freeze_time(NOW) as now,
            a_fake(progress="clock") as backup,
        ):
            made = call("CreateBackupPlan", BackupPlan=plan)["BackupPlanId"]
            selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [VOLUME]}
            call("CreateBackupSelection", BackupPlanId=made, BackupSelection=selection)

            def runs() -> list[str]:
                created = [job["CreationDate"] for job in backup.backup_jobs.values()]
                return [each.astimezone(timezone.utc).isoformat() for each in created]

            with backup.savepoint():
                now.tick(timedelta(days=2))
                inside = runs()
            assert runs() == inside == ["2024-03-17T05:00:00+00:00", "2024-03-16T05:00:00+00:00"]
            now.tick(timedelta(days=1))
            assert runs() == ["2024-03-18T05:00:00+00:00", *inside]


class TestThreads:
    def test_calls_of_threads_are_undone(self, backup: FakeBackup) -> None:
        """What threads did inside, all of which ended there, is undone like all else."""
        backup.add_vault(BackupVaultName="vault")
        portrayed = portrait(backup)
        with backup.savepoint():
            threads = [
                threading.Thread(target=lambda: [call("StartBackupJob", **STARTED)] * 5)
                for _ in range(8)
            ]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            assert len(backup.backup_jobs) == 8
        assert portrait(backup) == portrayed

    def test_a_block_begins_and_ends_between_readings_of_events(self, backup: FakeBackup) -> None:
        """A job's events are filed when they are read: not while a savepoint is taken."""
        job = backup.add_backup_job(State="RUNNING")
        job.complete()
        read = threading.Thread(target=lambda: job.events)
        with backup.backend.organization.lock:
            read.start()
            read.join(0.05)
            assert read.is_alive()
        read.join()
        with backup.savepoint():
            assert [event["detail"]["state"] for event in job.events] == ["COMPLETED"]

    def test_a_block_ends_between_calls_of_others(self, backup: FakeBackup) -> None:
        """Threads that go on are answered by what the fake holds, whole, before and after."""
        backup.add_backup_jobs(20)
        over, counts = threading.Event(), set()

        def ask() -> None:
            while not over.is_set():
                counts.add(len(call("ListBackupJobs")["BackupJobs"]))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for each in threads:
            each.start()
        for _ in range(30):
            with backup.savepoint():
                backup.add_backup_jobs(10)
        over.set()
        for each in threads:
            each.join()
        assert counts <= {20, 30}
        assert len(backup.backup_jobs) == 20


class TestManyJobs:
    def test_what_seeded_jobs_leave_is_made_twice_at_most(self, backup: FakeBackup) -> None:
        """Once inside and once for the tests to come, which then find the recovery points."""
        backup.add_backup_jobs(600)
        organization = backup.backend.organization
        for made in (2, 2, 2):
            with backup.savepoint():
                assert len(backup.recovery_points) == 600
            assert organization.deferred.done == made

    def test_indexes_made_inside_stay_right(self, backup: FakeBackup) -> None:
        """A filter or a summary of many jobs that was first used inside is right afterwards."""
        jobs = backup.add_backup_jobs(3000, State=["COMPLETED", "RUNNING"])

        def found(state: str) -> list[Any]:
            return [call("ListBackupJobs", ByState=state)["BackupJobs"], rows()]

        def rows() -> Any:
            return call("ListBackupJobSummaries", State="ANY")["BackupJobSummaries"]

        counted = rows()
        with backup.savepoint():
            failed = backup.add_backup_job(State="FAILED")
            jobs[1].fail()
            backup.remove(jobs[3])
            assert len(found("FAILED")[0]) == 2
        assert found("FAILED") == [[], counted]
        assert failed.id not in backup.backup_jobs
        assert len(call("ListBackupJobs", ByState="RUNNING", MaxResults=1)["BackupJobs"]) == 1
        jobs[1].fail()
        assert found("FAILED")[0] == [jobs[1]]


def test_the_fake_of_the_running_test_has_savepoints(fake_backup: FakeBackup) -> None:
    """`current()` takes them, too."""
    with current().savepoint():
        current().add_backup_job()
    assert list(fake_backup.backup_jobs) == []
