"""The mappings of a fake: jobs by id, vaults by name, recovery points by ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

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
