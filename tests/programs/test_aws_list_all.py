"""aws-list-all asks each listing operation of AWS Backup that needs no parameters."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakebackup import FakeBackup

# It reads its data files by pkg_resources, which setuptools has deprecated, and leaves the files
# that it reads back open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:pkg_resources is deprecated"),
    pytest.mark.filterwarnings("ignore:Deprecated call to `pkg_resources"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

REGION = "us-east-1"


@pytest.fixture
def run(
    keys: None,  # noqa: ARG001  it makes clients, which look for keys
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """A function that runs the program and returns what it prints."""
    from aws_list_all import __main__ as program
    from aws_list_all import client

    monkeypatch.setattr(client, "_CLIENTS", {})
    # It would change the limits of the whole process.
    monkeypatch.setattr(program, "CAN_SET_OPEN_FILE_LIMIT", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)  # it changes into the folder of its results

    def main(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["aws-list-all", *arguments])
        assert not program.main()
        return capsys.readouterr().out

    return main


def queried(printed: str, sign: str) -> dict[str, str]:
    """The operations that were reported under a sign, and what is said of each."""
    line = re.compile(rf"^{re.escape(sign)} backup {REGION} (\w+) None (.*)$", re.MULTILINE)
    return dict(line.findall(printed))


def test_everything_is_listed(
    run: Callable[..., str], fake_backup: FakeBackup, attempts: list[object], tmp_path: Path
) -> None:
    """What is held is found, the rest is empty, and `show` counts what was saved."""
    backup = fake_backup.at(region=REGION)
    vault = backup.add_vault(BackupVaultName="Nightly")
    jobs = backup.add_backup_jobs(3, BackupVaultName="Nightly", ResourceType="EFS")
    backup.add_copy_job(State="FAILED")
    client = boto3.client("backup", region_name=REGION)
    rule = {"RuleName": "daily", "TargetBackupVaultName": "Nightly"}
    plan = client.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
    seeded = len(fake_backup.calls)

    printed = run("query", "-s", "backup", "-r", REGION, "-d", str(tmp_path / "found"))

    asked = {call.operation for call in fake_backup.calls[seeded:]}
    found, empty = queried(printed, "+++"), queried(printed, "---")
    failed, forbidden = queried(printed, "!!!"), queried(printed, ">:|")
    assert found == {
        "ListBackupJobs": "BackupJobs",
        "ListBackupPlans": "BackupPlansList",
        "ListBackupVaults": "BackupVaultList",
        "ListCopyJobs": "CopyJobs",
        "ListProtectedResources": "Results",
    }
    assert {"ListFrameworks", "ListReportPlans", "ListRestoreJobs", "ListScanJobs"} <= set(empty)
    assert forbidden == {}
    assert found.keys() | empty.keys() | failed.keys() == asked
    # A summary has a member AggregationPeriod beside its list, which the program does not know.
    assert all(operation.endswith("Summaries") for operation in failed), failed
    assert all("AggregationPeriod is no list" in said for said in failed.values()), failed
    assert attempts == []

    saved = tmp_path / "found" / f"backup_ListBackupJobs_{REGION}_None.json"
    listed = json.loads(saved.read_text("utf-8"))["response"]["BackupJobs"]
    assert {job["BackupJobId"] for job in listed} == {job.id for job in jobs}
    paths = sorted(str(path) for path in saved.parent.glob("*.json"))
    assert len(paths) == len(found)
    shown = run("show", "-v", *paths)
    assert f"backup {REGION} ListBackupJobs BackupJobs 3" in shown
    assert f"backup {REGION} ListBackupPlans BackupPlansList 1" in shown
    assert plan["VersionId"] in shown  # the shortest member that ends with Id names an item
    assert vault["BackupVaultName"] in shown


def test_an_empty_account_has_nothing(
    run: Callable[..., str], fake_backup: FakeBackup, attempts: list[object]
) -> None:
    """Without anything seeded nothing is found, in a region of its own."""
    fake_backup.at(region="eu-west-1").add_backup_job()
    arguments = ("-o", "ListBackupJobs", "-o", "ListBackupVaults")
    printed = run("query", "-s", "backup", "-r", REGION, *arguments)
    assert queried(printed, "---") == {
        "ListBackupJobs": "BackupJobs",
        "ListBackupVaults": "BackupVaultList",
    }
    assert queried(printed, "+++") == {}
    assert attempts == []


def test_what_aws_refuses_is_reported(run: Callable[..., str], fake_backup: FakeBackup) -> None:
    """An injected refusal is told from an empty answer."""
    fake_backup.fail("ListBackupJobs", code="AccessDeniedException")
    fake_backup.fail("ListCopyJobs", code="InternalServerError", whole_call=True)
    printed = run(
        "query", "-s", "backup", "-r", REGION, "-o", "ListBackupJobs", "-o", "ListCopyJobs"
    )
    assert "AccessDeniedException" in queried(printed, ">:|")["ListBackupJobs"]
    assert "InternalServerError" in queried(printed, "!!!")["ListCopyJobs"]
