"""The AWS CLI as a subprocess: what nothing in this process can intercept asks the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Server

REGION = "eu-west-1"

pytestmark = pytest.mark.fake_backup(region=REGION, history=None)


def aws(server: Server, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of the CLI, led to a server by its environment alone."""
    return subprocess.run(
        [sys.executable, "-m", "awscli", "backup", *arguments, "--output", "json"],
        env={**os.environ, **server.environment(**settings)},
        capture_output=True,
        text=True,
        check=False,
    )


def answered(server: Server, *arguments: str, **settings: Any) -> Any:
    """What a command prints, which ends well."""
    done = aws(server, *arguments, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout or "null")


def test_a_list(fake_backup_server: Server, backup: FakeBackup) -> None:
    """All pages are fetched, filters and dates arrive, and dates are printed."""
    created = "2024-03-15T13:00:00+00:00"
    jobs = backup.add_backup_jobs(5, CreationDate=created, StatusMessage="Gr\u00f6\u00dfe \u2603")
    backup.add_backup_job(CreationDate="2024-03-14T13:00:00Z")
    arguments = ("--page-size", "2", "--by-created-after", "2024-03-15T12:00:00Z")
    found = answered(fake_backup_server, "list-backup-jobs", *arguments)["BackupJobs"]
    assert {job["BackupJobId"] for job in found} == {job.id for job in jobs}
    assert {job["StatusMessage"] for job in found} == {"Gr\u00f6\u00dfe \u2603"}
    assert [call.items for call in backup.calls] == [2, 2, 1]


def test_what_changes_something(fake_backup_server: Server, backup: FakeBackup) -> None:
    """It is done in the account and Region of the environment."""
    home: dict[str, str] = {"account_id": "111122223333", "region": "eu-central-1"}
    named = ("--backup-vault-name", "vault")
    made = answered(fake_backup_server, "create-backup-vault", *named, **home)
    assert made["BackupVaultArn"] == "arn:aws:backup:eu-central-1:111122223333:backup-vault:vault"
    assert list(backup.at(**home).vaults) == ["vault"]
    assert answered(fake_backup_server, "list-backup-vaults")["BackupVaultList"] == []


def test_an_error(fake_backup_server: Server, backup: FakeBackup) -> None:
    """It is the CLI's own, after its own retries."""
    backup.fail("DescribeBackupJob", code="ServiceUnavailable")
    done = aws(fake_backup_server, "describe-backup-job", "--backup-job-id", "none")
    assert done.returncode in (254, 255)
    assert "(ResourceNotFoundException)" in done.stderr
    assert "Cannot find backup job with ID none" in done.stderr
    [call] = backup.calls
    assert call.attempts == 2
