"""What is recorded of a fake and loaded into another one is answered, and recorded, alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import factories, mock_backup
from fakebackup.__main__ import main
from support import world
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_REGION, REGION, TRANSPORTS
from support.sts import sts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakebackup import FakeBackup

pytestmark = [pytest.mark.frozen(NOW), pytest.mark.usefixtures("keys", "whose")]

RULES = [{"RuleName": "rule", "TargetBackupVaultName": "vault"}]


@pytest.fixture
def whose(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """STS tells the account of the fakes."""
    with sts(ACCOUNT) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        yield


def seed(backup: FakeBackup) -> None:
    """Some of all there is, in two Regions, with versions, tags, and what is deleted."""
    world.seed(backup)
    parts = [factories.backup_job(State=each) for each in ("COMPLETED", "FAILED")]
    backup.add(factories.composite(parts))
    backup.at(region=OTHER_REGION).add_backup_jobs(3, State=["RUNNING", "COMPLETED"])
    plans = call("ListBackupPlans")["BackupPlansList"]
    changed = {"BackupPlanName": "changed", "Rules": RULES}
    call("UpdateBackupPlan", BackupPlanId=plans[0]["BackupPlanId"], BackupPlan=changed)
    call("DeleteBackupPlan", BackupPlanId=plans[1]["BackupPlanId"])
    for arn in (plans[0]["BackupPlanArn"], world.vault("vault"), f"{world.POINTS}:one"):
        call("TagResource", ResourceArn=arn, Tags={"team": "billing"})


def recorded(path: Path, *arguments: str) -> Any:
    """What is recorded of the active fake."""
    assert main(["record", str(path), "--region", REGION, OTHER_REGION, *arguments]) == 0
    return json.loads(path.read_text("utf-8"))


def a_fake(transport: Any = "auto", account_id: str = ACCOUNT) -> Any:
    """A fake that closes the network, in which nothing moves by itself."""
    return mock_backup(
        region=REGION,
        account_id=account_id,
        transport=transport,
        network="closed",
        progress="manual",
    )


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_loaded_recording_is_recorded_alike(tmp_path: Path, transport: Any) -> None:
    """Every answer that was recorded is given again, in its order."""
    with a_fake(transport) as backup:
        seed(backup)
        first = recorded(tmp_path / "first.json")
    with a_fake(transport) as backup:
        backup.load(tmp_path / "first.json")
        again = recorded(tmp_path / "again.json")
    for before, after in zip(first["answers"], again["answers"], strict=True):
        assert after == before
    assert again == first


def test_an_anonymised_recording_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one of another account, and answered alike."""
    with a_fake() as backup:
        seed(backup)
        first = recorded(tmp_path / "first.json", "--anonymize")
    account = first["answers"][0]["account_id"]
    assert account != ACCOUNT
    with a_fake(account_id=account) as backup, sts(account) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        backup.load(first)
        again = recorded(tmp_path / "again.json")
    # What is sorted by its name stands elsewhere.
    assert sorted(map(text, again["answers"])) == sorted(map(text, first["answers"]))


def text(value: Any) -> str:
    """A value as text, whatever the order of its lists."""
    if isinstance(value, dict):
        return json.dumps({name: text(value[name]) for name in sorted(value)})
    if isinstance(value, list):
        return json.dumps(sorted(map(text, value)))
    return json.dumps(value)
