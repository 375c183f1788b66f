"""Copies and pickles of jobs, vaults and recovery points: in no fake, and they read the same."""

from __future__ import annotations

import copy
import json
import pickle
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from fakebackup import FakeBackup, FakeBackupError, factories, mock_backup
from support.botocore_model import known
from support.client import client, whole
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Keeper"

pytestmark = pytest.mark.fake_backup(region=REGION, default_vault=True, history=None)


def pickled(value: Any) -> Any:
    """What comes out of a pickle that a value went into."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301  its own


WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": pickled,
    "oldest pickle": lambda value: pickle.loads(pickle.dumps(value, 0)),  # noqa: S301  its own
}
way = pytest.mark.parametrize("way", WAYS)


def a_started_job(backup: FakeBackup) -> Any:
    """A job that a client started."""
    answer = client().start_backup_job(
        BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE
    )
    return backup.backup_jobs[answer["BackupJobId"]]


def a_loaded_job(backup: FakeBackup) -> Any:
    """A job out of a recording."""
    entry = {"BackupJobId": "old", "State": "COMPLETED", "CreationDate": "2024-05-01"}
    return backup.load({"BackupJobs": [entry]})[0]


def a_vault_of_others(backup: FakeBackup) -> Any:
    """A vault that shows the recovery points of another one."""
    source = backup.add_vault(
        BackupVaultName="shared", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    )
    backup.add_recovery_point(BackupVaultArn=source.arn)
    return backup.add_vault(
        BackupVaultName="opened",
        VaultType="RESTORE_ACCESS_BACKUP_VAULT",
        SourceBackupVaultArn=source.arn,
    )


JOBS: dict[str, Callable[[FakeBackup], Any]] = {
    "backup": lambda backup: backup.add_backup_job(CreatedBy={"BackupPlanId": "plan"}),
    "running": lambda backup: backup.add_backup_job(State="RUNNING", ResourceType="RDS"),
    "copy": lambda backup: backup.add_copy_job(),
    "restore": lambda backup: backup.add_restore_job(Status="FAILED"),
    "report": lambda backup: backup.add_report_job(),
    "elsewhere": lambda backup: backup.at(
        account_id=OTHER_ACCOUNT, region=OTHER_REGION
    ).add_backup_job(),
    "parent": lambda backup: backup.add(factories.composite(3, State="PARTIAL")).parent,
    "child": lambda backup: backup.add(factories.composite(1)).children[0],
    "without": lambda backup: backup.add_backup_job(ResourceArn=None, MessageCategory=None),
    "started": a_started_job,
    "loaded": a_loaded_job,
}
if known("ListScanJobs"):
    JOBS["scan"] = lambda backup: backup.add_scan_job()
OTHERS: dict[str, Callable[[FakeBackup], Any]] = {
    "vault": lambda backup: backup.add_vault(MinRetentionDays=7, Tags={"a": "b"}),
    "vault with points": lambda backup: backup.add_recovery_point().vault,
    "vault of a job": lambda backup: backup.vaults[backup.add_backup_job()["BackupVaultName"]],
    "vault of a recording": lambda backup: backup.add_vault(NumberOfRecoveryPoints=7),
    "point": lambda backup: backup.add_recovery_point(
        Lifecycle={"DeleteAfterDays": 35}, Tags={"a": "b"}
    ),
    "point of a job": lambda backup: backup.recovery_points[
        backup.add_backup_job()["RecoveryPointArn"]
    ],
}
if known("CreateRestoreAccessBackupVault"):
    OTHERS["vault of others"] = a_vault_of_others
EVERY = [*JOBS, *OTHERS]


@way
@pytest.mark.parametrize("what", EVERY)
def test_it_reads_the_same(backup: FakeBackup, what: str, way: str) -> None:
    """A copy has the members that its original had, and making it changes nothing."""
    original = (JOBS | OTHERS)[what](backup)
    backup.add_recovery_point()
    told, before = dict(original), whole(backup)
    made = WAYS[way](original)
    assert whole(backup) == before
    assert made is not original
    assert type(made) is type(original)
    assert dict(made) == told
    assert list(made) == list(original)
    assert repr(made) == repr(original)
    assert dict(WAYS[way](made)) == told


@way
@pytest.mark.parametrize("what", EVERY)
def test_it_outlives_the_fake(what: str, way: str) -> None:
    """A copy is what its original was, whatever becomes of that, even after the fake."""
    with time_machine.travel(NOON, tick=False) as clock:
        fake = mock_backup(region=REGION, default_vault=True, progress="clock", history=None)
        with fake as backup:
            original = (JOBS | OTHERS)[what](backup)
            told, made = dict(original), WAYS[way](original)
            clock.shift(timedelta(days=60))
            for each in list(backup.backup_jobs.values()):
                backup.remove(each)
            backup.reset()
            assert dict(made) == told
        assert dict(made) == told
        assert dict(WAYS[way](original)) == dict(original)


@way
@pytest.mark.parametrize("what", JOBS)
def test_a_job_is_in_no_fake(backup: FakeBackup, what: str, way: str) -> None:
    """A copied job cannot move and is not listed; its original can and is."""
    original = JOBS[what](backup)
    made = WAYS[way](original)
    for refused in (made.complete, made.fail, made.update):
        with pytest.raises(FakeBackupError, match="is in no fake: add it first"):
            refused()
    with pytest.raises(ValueError, match="is not in this fake"):
        backup.remove(made)
    assert (made.account, made.region) == (original.account, original.region)
    there = backup.at(account_id=original.account, region=original.region)
    held = getattr(there, original.kind.name.replace(" ", "_") + "s")
    assert held[original.id] is original


@way
@pytest.mark.parametrize("what", JOBS)
def test_a_job_goes_into_another_fake(backup: FakeBackup, what: str, way: str) -> None:
    """A copied job can be added to another fake, as it is; to its own one its id is taken."""
    original = JOBS[what](backup)
    told, made = dict(original), WAYS[way](original)
    with pytest.raises(ValueError, match="is taken: no two jobs of a fake share an id"):
        backup.add(made)
    with mock_backup(region=REGION, history=None) as other:
        there = other.at(region=original.region)
        added = there.add(made)
        assert added is made
        assert dict(added) == told
        if added.state in ("CREATED", "RUNNING"):
            added.complete()
            assert added.state == "COMPLETED"
    assert dict(original) == told


@way
def test_what_no_fake_has_yet(backup: FakeBackup, way: str) -> None:
    """A copy of a job that a factory built is built like it: both can be added."""
    original = factories.backup_job(State="FAILED", BackupVaultName="Nightly")
    made = WAYS[way](original)
    with pytest.raises(FakeBackupError, match="has no id yet"):
        _ = made.id
    first, second = backup.add(original, made)
    assert first.id != second.id
    mine = {"BackupJobId", "CreationDate", "CompletionDate", "StartBy", "ResourceArn"}
    assert {k: v for k, v in first.items() if k not in mine} == {
        k: v for k, v in second.items() if k not in mine
    }


VIEWS: dict[str, Callable[[FakeBackup], Any]] = {
    "backup_jobs": lambda backup: backup.backup_jobs,
    "copy_jobs": lambda backup: backup.copy_jobs,
    "vaults": lambda backup: backup.vaults,
    "recovery_points": lambda backup: backup.recovery_points,
    "backup_plans": lambda backup: backup.backup_plans,
    "protected_resources": lambda backup: backup.protected_resources,
}


@pytest.mark.parametrize("view", VIEWS)
@way
def test_a_mapping(backup: FakeBackup, view: str, way: str) -> None:
    """A copy of a mapping is a plain dict of what it shows now, for a test to compare with."""
    backup.add_backup_job(State="RUNNING")
    backup.add_copy_job()
    backup.add_backup_plan()
    shown = VIEWS[view](backup)
    copied = WAYS[way](shown)
    assert type(copied) is dict
    assert copied == dict(shown) != {}
    assert list(copied) == list(shown)


def test_a_mapping_is_compared_with_what_comes(backup: FakeBackup) -> None:
    """A deep copy stays as it is while the jobs move."""
    job = backup.add_backup_job(State="RUNNING")
    before = copy.deepcopy(backup.backup_jobs)
    keys = copy.deepcopy(backup.backup_jobs.keys())
    job.complete()
    backup.add_backup_job()
    assert before[job.id]["State"] == "RUNNING"
    assert list(before) == list(keys) == [job.id]
    assert before != backup.backup_jobs


@way
def test_reports(backup: FakeBackup, way: str) -> None:
    """A copy of the reports is a plain dict of the texts of files."""
    backup.add_report_plan(ReportPlanName="plan")
    started = client().start_report_job(ReportPlanName="plan")["ReportJobId"]
    backup.report_jobs[started].complete()
    copied = WAYS[way](backup.reports)
    assert type(copied) is dict
    assert copied == {started: backup.reports[started]}


@pytest.mark.parametrize("again", [copy.deepcopy, pickled])
def test_a_fake_is_not_copied(backup: FakeBackup, again: Any) -> None:
    """A fake is itself alone; the refusal says what is wanted instead."""
    text = (
        "A FakeBackup is not copied or pickled. To keep what it holds, type backup.dump(), or "
        "copy.deepcopy(backup.backup_jobs) and the like; to come back to it, "
        "`with backup.savepoint():`; to use it in another process, "
        "`with backup.serve() as server:`."
    )
    for each in (backup, backup.at(region=OTHER_REGION)):
        with pytest.raises(TypeError, match=f"^{re.escape(text)}$"):
            again(each)


def test_a_shallow_copy_of_a_fake(backup: FakeBackup) -> None:
    """It is a view, as `at` returns one: of the same fake."""
    view = copy.copy(backup.at(region=OTHER_REGION))
    view.add_vault(BackupVaultName="there")
    assert "there" in backup.at(region=OTHER_REGION).vaults


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_a_server_is_not_copied(backup: FakeBackup, again: Any) -> None:
    """It listens on a port; the refusal says how another process comes there."""
    text = (
        "A Server is not copied or pickled: to lead another process here, start it with "
        "env={**os.environ, **server.environment()}."
    )
    with backup.serve() as server, pytest.raises(TypeError, match=f"^{re.escape(text)}$"):
        again(server)


@pytest.mark.parametrize("way", [each for each in WAYS if each != "copy"])
def test_a_group_that_no_fake_has_yet(backup: FakeBackup, way: str) -> None:
    """A deep copy of a group is a group: its children are those of its own parent."""
    original = factories.composite(2, State="PARTIAL")
    made = WAYS[way](original)
    assert made.children[0].parent is made.parent
    backup.add(original, made)
    assert original.parent.id != made.parent.id
    for group in (original, made):
        assert {each["ParentJobId"] for each in group.children} == {group.parent.id}
        assert group.parent["ChildJobsInState"] == {"COMPLETED": 1, "FAILED": 1}


@pytest.mark.parametrize("again", [copy.deepcopy, pickled])
def test_the_counts_of_a_copied_group(backup: FakeBackup, again: Any) -> None:
    """A copied parent reads as it did, and counts its children from their next move on."""
    running = factories.backup_job(State="RUNNING")
    backup.add(factories.composite([running, factories.backup_job()], State="RUNNING"))
    jobs = again(list(backup.backup_jobs.values()))
    backup.reset()
    added = backup.add(*jobs)
    parent = next(job for job in added if job["IsParent"])
    assert parent["ChildJobsInState"] == {"COMPLETED": 1, "RUNNING": 1}
    parent.complete()
    assert parent["ChildJobsInState"] == {"COMPLETED": 2}
    told = client().describe_backup_job(BackupJobId=parent.id)
    assert (told["NumberOfChildJobs"], told["ChildJobsInState"]) == (2, {"COMPLETED": 2})


def test_the_counts_of_a_parent_loaded_alone(backup: FakeBackup) -> None:
    """They stay what AWS said, as long as the fake has not all of the children."""
    entry: dict[str, Any] = {"State": "RUNNING", "CreationDate": "2024-05-01"}
    counts = {"NumberOfChildJobs": 2, "ChildJobsInState": {"RUNNING": 2}}
    parent = entry | counts | {"BackupJobId": "parent", "IsParent": True}
    child = entry | {"BackupJobId": "child", "ParentJobId": "parent"}
    loaded = {job.id: job for job in backup.load({"BackupJobs": [parent, child]})}
    loaded["child"].complete()
    assert loaded["parent"]["ChildJobsInState"] == {"RUNNING": 2}


@way
def test_a_removed_job(backup: FakeBackup, way: str) -> None:
    """A job that was removed is copied as it was."""
    job = backup.add_backup_job()
    backup.remove(job)
    assert dict(WAYS[way](job)) == dict(job)
    backup.add(WAYS[way](job))
    assert dict(backup.backup_jobs[job.id]) == dict(job)


@way
def test_the_points_of_a_vault(backup: FakeBackup, way: str) -> None:
    """A copied vault has copies of its recovery points; those of the original stay there."""
    points = [backup.add_recovery_point(BackupVaultName="Nightly") for _ in range(3)]
    vault = backup.vaults["Nightly"]
    made = WAYS[way](vault)
    assert [dict(each) for each in made.points.values()] == [dict(each) for each in points]
    assert all(each.vault is made for each in made.points.values())
    backup.add_recovery_point(BackupVaultName="Nightly")
    client().delete_backup_vault_access_policy(BackupVaultName="Nightly")
    assert (vault["NumberOfRecoveryPoints"], made["NumberOfRecoveryPoints"]) == (4, 3)
    assert WAYS[way](points[0]).vault["NumberOfRecoveryPoints"] == 4


def test_a_deep_copy_shares_nothing(backup: FakeBackup) -> None:
    """Whatever is changed inside of a deep copy's members stays there."""
    original = backup.add_backup_job(CreatedBy={"BackupPlanId": "plan"})
    made = copy.deepcopy(original)
    made.members["CreatedBy"]["BackupPlanId"] = "other"
    assert original["CreatedBy"] == {"BackupPlanId": "plan"}


def test_into_another_process(backup: FakeBackup) -> None:
    """A pickle is read where nothing was imported yet, as by pytest-xdist or multiprocessing."""
    things = [
        backup.add_backup_job(),
        backup.add_recovery_point(),
        backup.add_vault(BackupVaultName="Nightly"),
    ]
    code = (
        "import json, pickle, sys; "
        "things = pickle.load(sys.stdin.buffer); "
        "print(json.dumps([{k: str(v) for k, v in each.items()} for each in things]))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(things), capture_output=True, check=True
    )
    assert json.loads(found.stdout) == [
        {name: str(value) for name, value in each.items()} for each in things
    ]
