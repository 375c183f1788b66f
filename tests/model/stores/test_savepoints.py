"""What a savepoint keeps: every attribute of every object that a fake holds, or it says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import dispatch
from fakebackup.model.jobs.job import Job
from fakebackup.model.stores.journal import OF_JOBS, OF_POINTS
from fakebackup.model.vaults.vault import RecoveryPoint
from support.client import a_fake, call
from support.constants import NOW, REGION, ROLE
from support.portrait import attributes, objects
from support.world import VOLUME, seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup

pytestmark = pytest.mark.frozen(NOW)

CONSTANT = {
    "Options": "the options of a fake",
    "Outcome": "what a test chose, which is replaced",
    "AwsError": "what a failure answers",
    "OperationNotFaked": "what a call raised",
    "Kind": "the kinds of job",
    "_Late": "the functions of the engine, each imported when it is first called",
    "Schema": "the members of vaults",
    "Caller": "who asked for what the clock is to do",
    "Call": "what was asked; only the call itself changes it",
    "JobRequest": "what was asked of a job, which is replaced",
}
"""Classes whose objects nothing changes, once they are in a fake."""

JOURNALED: dict[type, set[str]] = {
    Job: {*OF_JOBS, "kind"},
    RecoveryPoint: {*OF_POINTS, "vault"},
}


@pytest.fixture
def full() -> Iterator[FakeBackup]:
    """A fake that holds some of all there is."""
    with a_fake(progress="clock", leftovers="ignore") as backup:
        seed(backup)
        backup.add_backup_jobs(3000, State=["COMPLETED", "RUNNING"])
        backup.add_resource(VOLUME, {"team": "blue"})
        started: Any = {"BackupVaultName": "vault", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
        call("StartBackupJob", **started, IdempotencyToken="once")
        call("ListBackupJobs", ByState="FAILED")
        call("ListBackupJobs", MaxResults=1)
        call("ListBackupJobs", ByAccountId="*")
        call("ListBackupJobSummaries")
        call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        backup.fail("ListCopyJobs", probability=0.5)
        backup.next_outcome("StartBackupJob", State="FAILED")
        backup.answer("ListReportJobs", {})
        backup.on_event(lambda _event, _context: None)
        assert backup.events
        assert backup.region == REGION
        yield backup


def row_of(table: Any, owner: Any) -> set[str] | None:
    """The attributes that the table, or the journal, knows of an object."""
    known: set[str] = set()
    for each in type(owner).__mro__:
        if each in JOURNALED:
            return JOURNALED[each]
        if each in table:
            known |= {*table[each].kept, *table[each].left}
    return known or None


def test_every_attribute_of_what_a_fake_holds_is_known(full: FakeBackup) -> None:
    """An attribute that is new has a line in the table that says how it is kept, or why not."""
    table = dispatch.kept()
    unknown = set()
    for owner in objects(full):
        name, known = type(owner).__name__, row_of(table, owner)
        if known is None:
            if name not in CONSTANT:
                unknown.add(name)
        else:
            unknown |= {f"{name}.{each}" for each in attributes(owner) if each not in known}
    assert not unknown, (
        f"say in model/stores/savepoints.py (or dispatch.kept) what a savepoint does with {unknown}"
    )


def test_every_row_is_of_something_a_fake_holds(full: FakeBackup) -> None:
    """The table has no class, and no attribute, that is no more."""
    there: dict[type, set[str]] = {}
    for owner in objects(full):
        for each in type(owner).__mro__:
            there.setdefault(each, set()).update(attributes(owner))
    for owner, row in dispatch.kept().items():
        assert {*row.kept, *row.left} <= there.get(owner, set()), owner
        assert not {*row.kept} & {*row.left}
