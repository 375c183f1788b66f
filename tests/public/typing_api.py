"""What type checkers see of the public interface. Checked by mypy, never run.

An exemption below is an expectation: where the error it names goes away, mypy reports it as unused.
"""

from __future__ import annotations

import unittest
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import pytest
from typing_extensions import assert_type

import fakebackup
from fakebackup import (
    Call,
    Calls,
    EndlessWait,
    EntryRecord,
    FakeBackup,
    FakeBackupError,
    FakeBackupWarning,
    Job,
    JobsView,
    MockBackup,
    OperationNotFaked,
    RecordsView,
    RecoveryPoint,
    Reports,
    ResourceRecord,
    Server,
    Vault,
    current,
    factories,
    mock_backup,
)
from fakebackup.factories import Group

if TYPE_CHECKING:
    from fakebackup.literals import BackupJobState
    from fakebackup.options import OptionValues


@mock_backup
def function(number: int, /, *, text: str = "") -> str:
    """A function keeps its parameters and its result."""
    return text * number


@mock_backup(account_id="111122223333", region="eu-west-1")
def function_with_options(number: int) -> str:
    """So it does under options."""
    return str(number)


@mock_backup
async def coroutine(number: int) -> str:
    """A coroutine function stays one."""
    return str(number)


@mock_backup(history=None)
async def coroutine_with_options(number: int) -> str:
    """So it does under options."""
    return str(number)


@pytest.fixture
@mock_backup
def generator() -> Iterator[FakeBackup]:
    """A generator fixture keeps what it yields."""
    yield current()  # noqa: PT022  that it yields is the point


@mock_backup
async def async_generator() -> AsyncIterator[int]:
    """An asynchronous generator stays one."""
    yield 1


@mock_backup
class CaseOfTests(unittest.TestCase):
    """A class stays the class it is."""

    attribute = 1


@mock_backup(count_today=False)
class PlainWithOptions:
    """So it does under options."""

    attribute = "1"


async def decorated() -> None:
    """Decorating changes no type."""
    assert_type(function(1, text="a"), str)
    function("1")  # type: ignore[arg-type]
    function(1, word="a")  # type: ignore[call-arg]
    assert_type(function_with_options(1), str)
    function_with_options("1")  # type: ignore[arg-type]
    assert_type(await coroutine(1), str)
    await coroutine("1")  # type: ignore[arg-type]
    assert_type(await coroutine_with_options(1), str)
    assert_type(async_generator(), AsyncIterator[int])
    assert_type(CaseOfTests(), CaseOfTests)
    assert_type(CaseOfTests.attribute, int)
    assert_type(PlainWithOptions().attribute, str)


def activated() -> None:
    """However it is activated, one gets the FakeBackup."""
    with mock_backup() as backup:
        assert_type(backup, FakeBackup)
    with mock_backup(management_account=None, history=timedelta(days=90)) as backup:
        assert_type(backup, FakeBackup)
    mock = mock_backup(region="eu-west-1")
    assert_type(mock, MockBackup)
    assert_type(mock.start(), FakeBackup)
    mock.stop()
    assert_type(current(), FakeBackup)


def misspelt() -> None:
    """A misspelt name, option or member is an error before anything runs."""
    mock_backup(acount_id="111122223333")  # type: ignore[call-overload]
    mock_backup(region=1)  # type: ignore[call-overload]
    FakeBackup(acount_id="111122223333")  # type: ignore[call-arg]
    current().add_backup_job(Sate="FAILED")  # type: ignore[call-arg]
    factories.backup_job(Sate="FAILED")  # type: ignore[call-arg]
    fakebackup.mock_bakcup  # type: ignore[attr-defined]  # noqa: B018  naming it is the point


def seeded(fake_backup: FakeBackup) -> None:
    """Seeding gives jobs, whose members are read like AWS's."""
    job = fake_backup.add_backup_job(State="FAILED", CreationDate=datetime(2024, 1, 1))  # noqa: DTZ001  a naive date is UTC, as for botocore
    assert_type(job, Job)
    assert_type(job.id, str)
    assert_type(fake_backup.add_copy_job(CreationDate="2024-01-01"), Job)
    assert_type(fake_backup.add_restore_job(CreationDate=1_704_067_200), Job)
    assert_type(fake_backup.add_scan_job(), Job)
    assert_type(fake_backup.add_report_job(), Job)
    assert_type(fake_backup.add_backup_jobs(3, State=["FAILED", "COMPLETED"]), list[Job])
    assert_type(fake_backup.backup_jobs[job.id], Job)
    assert_type(factories.backup_job(State="FAILED"), Job)
    assert_type(factories.copy_job(), Job)
    assert_type(factories.restore_job(), Job)
    assert_type(factories.scan_job(), Job)
    assert_type(factories.report_job(), Job)


def added(fake_backup: FakeBackup, iterable: Iterable[Job]) -> None:
    """What is added comes back: an iterator as a list, the rest as it is; no other thing can be."""
    job, group = factories.backup_job(), factories.composite(2)
    assert_type(group, Group)
    assert_type(fake_backup.add(job), Job)
    assert_type(fake_backup.add(group), Group)
    assert_type(fake_backup.add([job, job]), list[Job])
    assert_type(fake_backup.add((job, group)), tuple[Job, Group])
    assert_type(fake_backup.add([[[job]]]), list[list[list[Job]]])
    assert_type(fake_backup.add(iterable), Iterable[Job])
    assert_type(fake_backup.add(factories.backup_job() for _ in range(2)), list[Job])
    assert_type(fake_backup.add(iter([group])), list[Group])
    assert_type(fake_backup.add(map(Job.copy, [job])), list[Job])
    assert_type(fake_backup.add(job, [group]), list[Any])
    mixed: list[Job | Group] = [job, group]
    assert_type(fake_backup.add(mixed), list[Job | Group])
    assert_type(fake_backup.add(*mixed), Any)
    fake_backup.add("x")  # type: ignore[type-var]
    fake_backup.add(["x"])  # type: ignore[type-var]
    fake_backup.add({"State": "FAILED"})  # type: ignore[type-var]
    fake_backup.add(5)  # type: ignore[call-overload]
    fake_backup.add(job, 5)  # type: ignore[call-overload]
    fake_backup.add(fake_backup.add_vault())  # type: ignore[type-var]


def removed(fake_backup: FakeBackup) -> None:
    """What can be removed is a thing of the fake, not its id."""
    for each in (
        fake_backup.add_backup_job(),
        fake_backup.add_vault(),
        fake_backup.add_framework(),
    ):
        fake_backup.remove(each)
    fake_backup.remove(fake_backup.add_recovery_point())
    fake_backup.remove(5)  # type: ignore[arg-type]
    fake_backup.remove("id")  # type: ignore[arg-type]
    fake_backup.remove(fake_backup.protected_resources["arn"])  # type: ignore[arg-type]


def mapped(fake_backup: FakeBackup) -> None:
    """What the mappings are can be named."""
    assert_type(fake_backup.backup_jobs, JobsView)
    assert_type(fake_backup.vaults, RecordsView[Vault])
    assert_type(fake_backup.frameworks, RecordsView[EntryRecord])
    assert_type(fake_backup.protected_resources, RecordsView[ResourceRecord])
    assert_type(fake_backup.reports, Reports)
    assert_type(fake_backup.calls, Calls)


def modules() -> None:
    """The modules that the guides name are attributes of the package."""
    options: fakebackup.options.OptionValues = {"region": "eu-west-1"}
    same: OptionValues = options
    mock_backup(**same)
    state: fakebackup.literals.BackupJobState = "FAILED"
    other: BackupJobState = state
    fakebackup.factories.backup_job(State=other)
    fakebackup.strategies.backup_jobs(region=1)  # type: ignore[arg-type]


def valued(fake_backup: FakeBackup) -> None:
    """A value that does not exist is an error, and one that is known is offered."""
    fake_backup.add_backup_job(State="FAILD")  # type: ignore[arg-type]
    fake_backup.add_copy_job(State="EXPIRED")  # type: ignore[arg-type]
    fake_backup.add_restore_job(Status="FAILD")  # type: ignore[arg-type]
    fake_backup.add_restore_job(ValidationStatus="FAILD")  # type: ignore[arg-type]
    fake_backup.add_scan_job(State="FAILD")  # type: ignore[arg-type]
    fake_backup.add_report_job(Status="FAILD")  # type: ignore[arg-type]
    fake_backup.add_vault(VaultType="BACKUP_VALT")  # type: ignore[arg-type]
    fake_backup.add_recovery_point(Status="FAILED")  # type: ignore[arg-type]
    fake_backup.add_recovery_point(StorageClass="WARMER")  # type: ignore[arg-type]
    factories.backup_job(State="FAILD")  # type: ignore[arg-type]
    # AWS Backup may protect what nobody here knows, but it scans three types.
    fake_backup.add_backup_job(ResourceType="EBS")
    fake_backup.add_backup_job(ResourceType="Quantum")
    fake_backup.add_scan_job(ResourceType="Quantum")  # type: ignore[arg-type]
    state: fakebackup.literals.BackupJobState = "FAILED"
    fake_backup.add_backup_job(State=state)


def seeded_at_once(fake_backup: FakeBackup) -> None:
    """Each member of many jobs is one value, several to cycle through, or a function."""
    assert_type(fake_backup.add_backup_jobs(3, State=("FAILED", None)), list[Job])
    fake_backup.add_copy_jobs(3, State="FAILED", CreationDate=lambda index: index * 60)
    fake_backup.add_restore_jobs(3, Status=lambda index: "FAILED" if index else None)
    fake_backup.add_scan_jobs(3, ResourceType=["EBS", "S3"], ScanResult={})
    fake_backup.add_report_jobs(3, CreationTime=[datetime(2024, 1, 1), "2024-01-02", 7, None])  # noqa: DTZ001  a naive date is UTC, as for botocore
    fake_backup.add_backup_jobs(3, ResourceType=["EBS", "Quantum"])
    fake_backup.add_backup_jobs(3, State="FAILD")  # type: ignore[arg-type]
    fake_backup.add_backup_jobs(3, State=["COMPLETED", "FAILD"])  # type: ignore[list-item]
    fake_backup.add_backup_jobs(3, State=lambda _: "FAILD")  # type: ignore[arg-type, return-value]
    fake_backup.add_backup_jobs(3, BackupSizeInBytes=["7"])  # type: ignore[list-item]
    fake_backup.add_backup_jobs(3, Sate="FAILED")  # type: ignore[call-arg]


def seeded_vaults(fake_backup: FakeBackup) -> None:
    """Vaults and recovery points are read like AWS's members, and found by name and ARN."""
    vault = fake_backup.add_vault(BackupVaultName="vault", MinRetentionDays=7, Tags={"team": "a"})
    assert_type(vault, Vault)
    assert_type(vault.name, str)
    assert_type(vault.arn, str)
    assert_type(fake_backup.vaults["vault"].arn, str)
    point = fake_backup.add_recovery_point(BackupVaultName="vault", CreationDate="2024-01-01")
    assert_type(point, RecoveryPoint)
    assert_type(point.arn, str)
    assert_type(fake_backup.recovery_points[point.arn].vault.name, str)
    fake_backup.add_vault(BackupVaultNam="vault")  # type: ignore[call-arg]
    fake_backup.add_vault(MinRetentionDays="7")  # type: ignore[arg-type]
    fake_backup.add_recovery_point(Lifecycle=7)  # type: ignore[arg-type]


def elsewhere(fake_backup: FakeBackup) -> None:
    """A view of another place is a FakeBackup, too."""
    view = fake_backup.at(account_id="111122223333", region="eu-west-1")
    assert_type(view, FakeBackup)
    assert_type(view.region, str)
    with fake_backup.savepoint() as same:
        assert_type(same, FakeBackup)
    assert_type(fake_backup.dump("account.json"), dict[str, Any])
    assert_type(fake_backup.load(fake_backup.dump()), list[Job])
    with fake_backup.acting_as("111122223333") as acting:
        assert_type(acting, FakeBackup)
    fake_backup.at("111122223333")  # type: ignore[call-arg]


def moved(job: Job) -> None:
    """A job moves by hand and by modes, whose names are checked."""
    assert_type(job.progress, Literal["polls", "immediate", "clock", "manual"])
    job.progress = "polls"
    job.progress = "poll"  # type: ignore[assignment]
    assert_type(job.state, str)
    assert_type(job.was_started, bool)
    job.run()
    job.complete(BackupSizeInBytes=7)
    job.fail("boom", category="AccessDenied")
    job.fail(7)  # type: ignore[arg-type]
    job.abort()
    job.expire()
    job.update(State="FAILED")
    mock_backup(progress="clock", durations={"RUNNING": timedelta(hours=1)}, transport="wire")
    mock_backup(progress="clocks")  # type: ignore[call-overload]
    mock_backup(transport="wired")  # type: ignore[call-overload]


def decided(fake_backup: FakeBackup) -> None:
    """What is to come: how jobs end, what fails, what is answered by hand."""
    fake_backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
    fake_backup.next_outcome("StartBackupJob", Status="PARTIAL", MessageCategory="mine")
    fake_backup.next_outcome("StartCopyJob", State="FAILED", ResourceArn="arn:aws:s3:::bucket")
    fake_backup.next_outcome("StartRestoreJob", State="ABORTED", ResourceArn="arn:aws:s3:::bucket")
    fake_backup.next_outcome("StartScanJob", State="CANCELED")
    fake_backup.next_outcome("StartReportJob", Status="COMPLETED_WITH_ISSUES", ResourceArn=None)
    fake_backup.next_outcome("UpdateRecoveryPointIndexSettings", IndexStatus="FAILED")
    fake_backup.next_outcome("StartBackupJob", ResourceArn=7)  # type: ignore[call-overload]
    fake_backup.next_outcome("StartBackupJob", State="FAILD")  # type: ignore[call-overload]
    fake_backup.next_outcome("StartCopyJob", State="ABORTED")  # type: ignore[call-overload]
    fake_backup.next_outcome("StartCopyJob", Stat="FAILED")  # type: ignore[call-overload]
    fake_backup.next_outcome("StopBackupJob", State="FAILED")  # type: ignore[call-overload]
    either: Literal["StartBackupJob", "StartCopyJob"] = "StartCopyJob"
    fake_backup.next_outcome(either, State="FAILED")
    fake_backup.fail("*", code="ServiceUnavailable", times=2, after=1, whole_call=True)
    fake_backup.fail("ListBackupJobs", when={"ByState": "FAILED"}, probability=0.5, seed=7)
    fake_backup.fail("ListBackupJobs", when=lambda asked: "ByState" in asked)
    fake_backup.fail("ListBackupJobs", "ThrottlingException")  # type: ignore[call-arg]
    fake_backup.fail("ListBackupJob")  # type: ignore[arg-type]
    fake_backup.fail("ListBackupJobs", code="ThrotlingException")  # type: ignore[arg-type]
    fake_backup.fail("ListBackupJobs", times="2")  # type: ignore[arg-type]
    fake_backup.answer("ListTags", {"Tags": {"a": "b"}})
    fake_backup.answer("ListTags", lambda asked: {"Tags": {"asked": asked["ResourceArn"]}})
    fake_backup.answer("ListTags", None)
    fake_backup.answer("ListTags", ["a"])  # type: ignore[arg-type]
    fake_backup.answer("ListTag", None)  # type: ignore[arg-type]


def planned(fake_backup: FakeBackup) -> None:
    """Plans run for resources, and give jobs."""
    fake_backup.add_resource("arn:aws:s3:::bucket", tags={"backup": "daily"})
    fake_backup.add_resource("arn:aws:s3:::bucket", {"backup": 7})  # type: ignore[dict-item]
    assert_type(fake_backup.resources, dict[str, dict[str, str]])
    assert_type(fake_backup.run_plan("plan", "rule"), list[Job])
    fake_backup.run_plan("plan", rule=7)  # type: ignore[call-arg]
    assert_type(fake_backup.run_restore_testing_plan("plan"), list[Job])
    fake_backup.run_restore_testing_plan(7)  # type: ignore[arg-type]
    assert_type(fake_backup.reports["job"], dict[str, str])


def entries(fake_backup: FakeBackup) -> None:
    """Plans, frameworks and the like are seeded with typed members, and looked at alike."""
    plan = fake_backup.add_backup_plan(
        BackupPlanName="plan",
        Rules=[{"RuleName": "nightly", "TargetBackupVaultName": "vault"}],
        CreationDate="2024-01-01",
        Tags={"team": "a"},
    )
    assert_type(plan, EntryRecord)
    assert_type((plan.key, plan.arn, plan.account, plan.region), tuple[str, str, str, str])
    assert_type(fake_backup.backup_plans["id"], EntryRecord)
    assert_type(fake_backup.protected_resources["arn"].arn, str)
    fake_backup.remove(plan)
    fake_backup.add_legal_hold(Status="ACTIV")  # type: ignore[arg-type]
    fake_backup.add_backup_selection(BackupPlan="id")  # type: ignore[call-arg]
    fake_backup.add_framework(FrameworkControls=["name"])  # type: ignore[list-item]
    fake_backup.add_report_plan(CreationTime=None, ReportSetting={"ReportTemplate": "T"})


def told(fake_backup: FakeBackup, job: Job) -> None:
    """What happened: calls, events, notifications."""
    assert_type(fake_backup.calls[0], Call)
    with fake_backup.serve(port=0) as server:
        assert_type(server, Server)
        assert_type(server.url, str)
        assert_type(server.environment(account_id="1", region=None), dict[str, str])
    assert_type(fake_backup.calls[0].operation, str)
    fake_backup.calls("ListBackupJob")  # type: ignore[arg-type]
    assert_type(fakebackup.__version__, str)
    assert_type(fake_backup.calls("ListBackupJobs")[0].items, int | None)
    assert_type([call.error for call in fake_backup.calls], list[str | None])
    assert_type(fake_backup.events, list[dict[str, Any]])
    assert_type(job.events, list[dict[str, Any]])
    assert_type(fake_backup.notifications, list[dict[str, Any]])

    @fake_backup.on_event
    def handler(event: dict[str, Any], context: object) -> str:
        return f"{event} {context}"

    assert_type(handler({}, None), str)
    fake_backup.on_event(print)
    fake_backup.on_event(7)  # type: ignore[type-var]


def raised() -> None:
    """The errors are of the families that their handlers expect."""
    error: NotImplementedError = OperationNotFaked()
    refusal: RuntimeError = FakeBackupError()
    endless: FakeBackupError = EndlessWait()
    refusal.__cause__ = endless
    warning: Warning = FakeBackupWarning()
    raise error from warning
