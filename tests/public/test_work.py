"""How much work a call is when a fake holds much: counted, since times differ from run to run."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from fakebackup import current, mock_backup
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SINCE = datetime(2024, 5, 1, tzinfo=timezone.utc)
REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/AWSBackup"
FEW, MANY = 50, 400


def volume(number: int) -> str:
    """The ARN of a resource."""
    return f"arn:aws:ec2:{REGION}:123456789012:volume/vol-{number}"


def add_points(count: int, **members: Any) -> list[str]:
    """Add recovery points of as many resources to one vault; return their ARNs."""
    return [
        current()
        .add_recovery_point(
            BackupVaultName="vault",
            ResourceType="EBS",
            ResourceArn=volume(number),
            CreationDate=SINCE + timedelta(minutes=number),
            **members,
        )
        .arn
        for number in range(count)
    ]


def hold() -> None:
    """Put all recovery points under a legal hold."""
    client(REGION).create_legal_hold(
        Title="all", Description="all", RecoveryPointSelection={"VaultNames": ["vault"]}
    )


# --- What is done once, with much beside it -------------------------------------------------


def delete(count: int) -> Callable[[], object]:
    """Delete a recovery point among many."""
    arn = add_points(count)[count // 2]
    return lambda: client(REGION).delete_recovery_point(
        BackupVaultName="vault", RecoveryPointArn=arn
    )


def delete_nested(count: int) -> Callable[[], object]:
    """Delete a recovery point that is nested, which makes its composite one PARTIAL."""
    add_points(count)
    backup = current()
    whole = backup.add_recovery_point(BackupVaultName="vault", IsParent=True).arn
    arn = backup.add_recovery_point(BackupVaultName="vault", ParentRecoveryPointArn=whole).arn
    return lambda: client(REGION).delete_recovery_point(
        BackupVaultName="vault", RecoveryPointArn=arn
    )


def delete_beside_readers(count: int) -> Callable[[], object]:
    """Delete a recovery point while jobs read many others."""
    arn, *others = add_points(count)
    for other in others:
        current().add_restore_job(RecoveryPointArn=other, Status="RUNNING")
    return lambda: client(REGION).delete_recovery_point(
        BackupVaultName="vault", RecoveryPointArn=arn
    )


def be_refused_by_a_hold(count: int) -> Callable[[], object]:
    """Ask to delete a recovery point that a hold holds, among many."""
    arn = add_points(count)[count // 2]
    hold()
    made = client(REGION)

    def ask() -> None:
        with pytest.raises(made.exceptions.InvalidRequestException):
            made.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)

    return ask


def start_copy(count: int) -> Callable[[], object]:
    """Copy a recovery point among many."""
    arn = add_points(count)[count // 2]
    vault = current().add_vault(BackupVaultName="copies").arn
    return lambda: client(REGION).start_copy_job(
        RecoveryPointArn=arn,
        SourceBackupVaultName="vault",
        DestinationBackupVaultArn=vault,
        IamRoleArn=ROLE,
    )


def list_by_resource(count: int) -> Callable[[], object]:
    """List the recovery points of one of many resources."""
    add_points(count)
    return lambda: client(REGION).list_recovery_points_by_resource(ResourceArn=volume(7))


def describe_resource(count: int) -> Callable[[], object]:
    """Describe one of many protected resources."""
    add_points(count)
    return lambda: client(REGION).describe_protected_resource(ResourceArn=volume(7))


def page(operation: str, **asked: Any) -> Callable[[int], Callable[[], object]]:
    """Read the page in the middle of a list."""

    def furnish(count: int) -> Callable[[], object]:
        add_points(count)
        method = getattr(client(REGION), operation)
        token = method(**asked, MaxResults=count // 2)["NextToken"]
        return lambda: method(**asked, MaxResults=5, NextToken=token)

    return furnish


def list_after_spent_failures(count: int) -> Callable[[], object]:
    """List jobs when many failures are spent."""
    made = client(REGION)
    for _ in range(count):
        current().fail("ListBackupJobs", code="InvalidParameterValueException")
    for _ in range(count):
        with pytest.raises(made.exceptions.InvalidParameterValueException):
            made.list_backup_jobs()
    method: Callable[[], object] = made.list_backup_jobs
    return method


def list_beside_waiting_failures(count: int) -> Callable[[], object]:
    """List jobs when many failures of other operations wait."""
    for _ in range(count):
        current().fail("DescribeBackupJob", code="InvalidParameterValueException")
    # Which of them may hit an operation is found out by its first call.
    client(REGION).list_backup_jobs()
    return lambda: client(REGION).list_backup_jobs()


FLAT: dict[str, Callable[[int], Callable[[], object]]] = {
    each.__name__: each
    for each in (
        delete,
        delete_nested,
        delete_beside_readers,
        be_refused_by_a_hold,
        start_copy,
        list_by_resource,
        describe_resource,
        list_after_spent_failures,
        list_beside_waiting_failures,
    )
} | {
    "page_of_a_vault": page("list_recovery_points_by_backup_vault", BackupVaultName="vault"),
    "page_of_resources": page("list_protected_resources"),
}


def work(act: Callable[[], object]) -> int:
    """How many functions Python calls, its own and those of modules in C."""
    calls = 0

    def count(_frame: object, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


@pytest.fixture(autouse=True)
def _frozen_since() -> Iterator[None]:
    with time_machine.travel(SINCE + timedelta(days=1), tick=False):
        yield


def measure(furnish: Callable[[int], Callable[[], object]], count: int) -> int:
    """Count the work of an act, in a fake of its own that holds so much."""
    with mock_backup(region=REGION, progress="manual") as backup:
        act = furnish(count)
        # What is imported and worked out once is no part of it.
        client(REGION).list_backup_vaults()
        found = work(act)
        # A failure that waits for ever would be refused at the end.
        backup.backend.faults.clear()
    return found


@pytest.mark.parametrize("what", FLAT)
def test_a_call_does_not_work_more_when_more_is_held(what: str) -> None:
    """Eight times as much beside it lets a call do a few more comparisons, and no more."""
    measure(FLAT[what], FEW)
    few, many = (measure(FLAT[what], count) for count in (FEW, MANY))
    # Finding a place in order takes three comparisons more, in some of which a key is read twice.
    assert many - few <= 60


def test_what_is_due_under_a_hold_is_work_each_for_itself() -> None:
    """The clock asks of each recovery point that is due whether it is held, and no more."""
    found = []
    for count in (FEW, FEW, MANY):
        with (
            time_machine.travel(SINCE, tick=False) as clock,
            mock_backup(region=REGION, progress="clock") as backup,
        ):
            arns = add_points(count, Lifecycle={"DeleteAfterDays": 10})
            clock.shift(timedelta(days=1))
            hold()
            clock.shift(timedelta(days=20))
            found.append(work(lambda: client(REGION).list_backup_vaults()))
            assert set(backup.recovery_points) == set(arns)
    assert found[2] / MANY <= found[1] / FEW


def test_jobs_that_wait_are_work_each_for_itself() -> None:
    """Jobs that wait for one of their resource go on when it ends, and look at no others."""
    found = []
    for count in (FEW, FEW, MANY):
        with mock_backup(region=REGION, progress="immediate", default_vault=True) as backup:
            backup.next_outcome("StartBackupJob", State="RUNNING")
            for _ in range(count + 1):
                client(REGION).start_backup_job(
                    BackupVaultName="Default", ResourceArn=volume(1), IamRoleArn=ROLE
                )
            first, *others = backup.backup_jobs.values()
            found.append(work(first.complete))
            assert {job.state for job in others} == {"COMPLETED"}
    # The heap of those that wait takes a few steps more.
    assert found[2] / MANY <= found[1] / FEW * 1.1


# --- What AWS Backup does by itself, where a fake has none of it ----------------------------

UNUSED = """
import importlib.util
import subprocess
import sys
from datetime import timedelta
import boto3
import time_machine
from fakebackup import mock_backup

role = "arn:aws:iam::123456789012:role/AWSBackup"
for mode in ("manual", "polls", "immediate", "clock"):
    with (
        time_machine.travel(0, tick=False) as clock,
        mock_backup(region="us-east-1", progress=mode) as backup,
    ):
        client = boto3.Session("key", "secret").client("backup", region_name="us-east-1")
        client.create_backup_vault(BackupVaultName="daily")
        away = client.create_backup_vault(BackupVaultName="away")["BackupVaultArn"]
        job_id = client.start_backup_job(
            BackupVaultName="daily",
            ResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
            IamRoleArn=role,
            Lifecycle={"DeleteAfterDays": 1},
        )["BackupJobId"]
        job = backup.backup_jobs[job_id]
        clock.shift(timedelta(hours=2))
        if "CompletionDate" not in job:
            job.complete()
        point = job["RecoveryPointArn"]
        client.describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)
        client.start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName="daily",
            DestinationBackupVaultArn=away,
            IamRoleArn=role,
        )
        client.start_restore_job(RecoveryPointArn=point, IamRoleArn=role, Metadata={"a": "b"})
        clock.shift(timedelta(hours=2))
        client.list_copy_jobs(), client.list_restore_jobs(), client.list_backup_jobs()
        for other in (*backup.copy_jobs.values(), *backup.restore_jobs.values()):
            if "CompletionDate" not in other:
                other.complete()
        client.list_recovery_points_by_backup_vault(BackupVaultName="away")
        client.delete_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)
        assert len(backup.events) > 8
print(*sorted(name for name in sys.modules if name.startswith("fakebackup.")))
"""

BY_ITSELF = (
    "model.engine.air_gapped",
    "model.engine.continuous",
    "model.engine.cross_account",
    "model.engine.restore_testing",
    "model.engine.runs",
    "model.engine.scans",
    "model.plans.overlaps",
    "model.plans.restore_testing",
    "model.reports",
    "model.vaults.evaluator",
)


def test_what_is_unused_is_not_loaded() -> None:
    """Backups, copies and restores, however they move, load no module of what is not used."""
    ask = [sys.executable, "-c", UNUSED]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    loaded = done.stdout.split()
    assert "fakebackup.model.engine.effects" in loaded
    for unused in BY_ITSELF:
        # That there is such a module.
        assert importlib.util.find_spec(f"fakebackup.{unused}")
        assert not [name for name in loaded if name.startswith(f"fakebackup.{unused}")], unused


def back_up(beside: Callable[[], object]) -> Callable[[int], Callable[[], object]]:
    """Back up a volume, look at it, and list what there is, beside something else."""

    def furnish(_count: int) -> Callable[[], object]:
        made = client(REGION)
        current().add_vault(BackupVaultName="vault")
        beside()

        def act() -> None:
            job_id = made.start_backup_job(
                BackupVaultName="vault", ResourceArn=volume(1), IamRoleArn=ROLE
            )["BackupJobId"]
            current().backup_jobs[job_id].complete()
            made.describe_backup_job(BackupJobId=job_id)
            made.list_backup_jobs()
            made.list_recovery_points_by_backup_vault(BackupVaultName="vault")
            made.describe_backup_vault(BackupVaultName="vault")

        return act

    return furnish


def all_by_itself() -> None:
    """A locked and an air-gapped vault, plans of all kinds, a framework and a report plan."""
    made, backup = client(REGION), current()
    made.create_backup_vault(BackupVaultName="locked")
    made.put_backup_vault_lock_configuration(
        BackupVaultName="locked", MinRetentionDays=7, ChangeableForDays=3
    )
    backup.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
    rule: Any = {
        "RuleName": "rule",
        "TargetBackupVaultName": "vault",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "EnableContinuousBackup": True,
        "Lifecycle": {"DeleteAfterDays": 14},
    }
    plan = made.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
    made.create_backup_selection(
        BackupPlanId=plan["BackupPlanId"],
        BackupSelection={
            "SelectionName": "selection",
            "IamRoleArn": ROLE,
            "Resources": ["arn:aws:s3:::bucket", volume(2)],
        },
    )
    backup.add_restore_testing_plan()
    backup.add_report_plan()
    backup.add_framework()


def test_what_is_beside_costs_nothing() -> None:
    """A backup calls as many functions beside all that AWS Backup does by itself as alone."""
    measure(back_up(all_by_itself), 0)
    alone, beside = (measure(back_up(each), 0) for each in (lambda: None, all_by_itself))
    assert abs(beside - alone) <= 10
