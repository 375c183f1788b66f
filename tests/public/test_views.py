"""The mappings of a fake: jobs by id, vaults by name, recovery points by ARN."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import Job
from support.client import call

if TYPE_CHECKING:
    from fakebackup import FakeBackup


def test_jobs_that_go_while_they_are_read(backup: FakeBackup) -> None:
    """A loop over jobs reads those that were there when it began, whatever it removes."""
    jobs = backup.add_backup_jobs(3)
    read = []
    for job in backup.backup_jobs.values():
        read.append(job)
        for each in [each for each in jobs if each.id in backup.backup_jobs]:
            backup.remove(each)
    assert read == jobs[::-1]
    assert dict(backup.backup_jobs.items()) == {}


def test_points_that_go_while_they_are_read(backup: FakeBackup) -> None:
    """So does a loop over recovery points whose points clients delete."""
    points = [backup.add_recovery_point() for _ in range(3)]
    for arn, point in backup.recovery_points.items():
        assert arn == point.arn
        call("DeleteRecoveryPoint", BackupVaultName="Default", RecoveryPointArn=arn)
    assert len(points) == 3
    assert not backup.recovery_points


@pytest.mark.parametrize("name", ["backup_jobs", "vaults", "recovery_points"])
def test_all_are_looked_up_once(
    backup: FakeBackup, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading all values looks up none by its key."""
    backup.add_backup_jobs(5, BackupVaultName=["a1", "a2", "a3", "a4", "a5"])
    view: Any = getattr(backup, name)
    expected = [view[key] for key in view]
    assert len(expected) == 5

    def refuse(*_: object) -> None:
        raise AssertionError("looked up one by one")

    monkeypatch.setattr(type(view), "__getitem__", refuse)
    assert list(view.values()) == expected
    assert [value for _, value in view.items()] == expected


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Weekly", "no vault 'Weekly' in 123456789012 us-east-1; there is 1"),
        ("daily", "no vault 'daily' in 123456789012 us-east-1; did you mean 'Daily'?"),
        ("Away", "no vault 'Away' in 123456789012 us-east-1: it is in 123456789012 eu-west-1"),
    ],
)
def test_a_vault_that_is_not_there(backup: FakeBackup, name: str, told: str) -> None:
    """The message says where a missing vault is, or which name is near."""
    backup.add_vault(BackupVaultName="Daily")
    backup.at(region="eu-west-1").add_vault(BackupVaultName="Away")
    assert name not in backup.vaults
    with pytest.raises(KeyError) as caught:
        backup.vaults[name]
    assert caught.value.args == (told,)


def test_a_member_that_is_not_there(backup: FakeBackup) -> None:
    """A missing member is told with the record, and with the member that is near."""
    job = backup.add_restore_job(Status="RUNNING")
    with pytest.raises(KeyError) as caught:
        job["State"]
    assert str(caught.value) == f"no member 'State' in {job!r}; did you mean 'Status'?"
    assert caught.value.args == ("State",)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301  ours
    with pytest.raises(KeyError, match=r"^'StatusMessage'$"):
        job["StatusMessage"]
    assert job.get("State") is None
    assert "StatusMessage" not in job


def test_reading_a_member_of_a_job_is_quick() -> None:
    """A class with `__getattr__` makes Python read every attribute of its objects slowly."""
    assert not any("__getattr__" in vars(each) for each in Job.__mro__)


def test_a_job_of_no_type(backup: FakeBackup) -> None:
    """Where a job has no resource type, its text has no gap."""
    job = backup.add_backup_job(ResourceArn="arn:aws:ec2:us-east-1:123456789012:vol-1")
    assert repr(job) == f"<backup job {job.id}: COMPLETED in 123456789012 us-east-1>"
