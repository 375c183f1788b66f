"""By the clock beside moto: what is due happens before another service is looked at."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from moto import mock_aws
from moto.core.models import botocore_stubber

from fakebackup import FakeBackupError, mock_backup
from support.beside import VAULT, WANTED, a_client, a_plan, both
from support.constants import ACCOUNT, DAY, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
NIGHTLY = "cron(0 5 ? * * *)"
HOUR = timedelta(hours=1)


@pytest.fixture
def at() -> Iterator[Callable[[timedelta], None]]:
    """Time stands still, and goes on to an instant after the start."""
    with time_machine.travel(START, tick=False) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


def a_volume(*tags: dict[str, str]) -> str:
    """Make a volume of moto's, and return its ARN."""
    tagged = [{"ResourceType": "volume", "Tags": list(tags)}] if tags else []
    made = a_client("ec2").create_volume(
        AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=tagged
    )
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def snapshots() -> list[dict[str, Any]]:
    """The snapshots that AWS Backup made."""
    found: list[dict[str, Any]] = a_client("ec2").describe_snapshots(OwnerIds=[ACCOUNT])[
        "Snapshots"
    ]
    return [each for each in found if "AWS Backup" in each["Description"]]


def start() -> str:
    """Start the backup of a volume, and return the job's id."""
    asked = {"BackupVaultName": VAULT, "ResourceArn": a_volume(), "IamRoleArn": ROLE}
    job_id: str = a_client("backup").start_backup_job(**asked)["BackupJobId"]
    return job_id


def without_moto(patch: pytest.MonkeyPatch) -> None:
    """Let moto answer nothing for a while; it goes on with what it has."""
    patch.setattr(botocore_stubber, "enabled", False)


@pytest.mark.parametrize("nights", [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [10], [4, 10]])
@pytest.mark.parametrize("moto_inside", [False, True])
def test_ten_nights_leave_seven_snapshots(
    nights: list[int], at: Callable[[timedelta], None], *, moto_inside: bool
) -> None:
    """With DeleteAfterDays 7, for whom looks at EC2 alone, each day or once."""
    with both(moto_inside=moto_inside, progress="clock"):
        a_volume(WANTED)
        a_plan(ScheduleExpression=NIGHTLY, Lifecycle={"DeleteAfterDays": 7})
        for night in nights:
            at((night - 1) * DAY + 6 * HOUR)
            assert len(snapshots()) == min(night, 7)


def test_a_job_completes_before_ec2_is_looked_at(at: Callable[[timedelta], None]) -> None:
    """The snapshot is there once the job's time has passed, and not before."""
    with both(progress="clock"):
        start()
        assert not snapshots()
        at(HOUR)
        assert len(snapshots()) == 1


@pytest.mark.usefixtures("attempts")
def test_a_move_that_nothing_answers_stays_due(
    at: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks is told, nothing of the move is done, and it is made when moto answers."""
    with both(progress="clock") as backup:
        job_id = start()
        at(timedelta(minutes=5))
        running = a_client("backup").describe_backup_job(BackupJobId=job_id)
        assert running["State"] == "RUNNING"
        told = len(backup.events)
        at(HOUR)
        with monkeypatch.context() as patch:
            without_moto(patch)
            for ask in (
                lambda: a_client("backup").describe_backup_job(BackupJobId=job_id),
                lambda: a_client("ec2").describe_volumes(),
                lambda: backup.backup_jobs[job_id].state,
            ):
                with pytest.raises(FakeBackupError, match=r"'ec2' .* nothing in this process"):
                    ask()
        [job] = backup.backup_jobs.values()
        assert job.state == "COMPLETED"
        assert job["RecoveryPointArn"].endswith(snapshots()[0]["SnapshotId"])
        assert len(snapshots()) == 1
        assert [each["detail-type"] for each in backup.events[told:]] == [
            "Recovery Point State Change",
            "Backup Job State Change",
        ]


@pytest.mark.usefixtures("attempts")
def test_a_run_that_nothing_answers_stays_due(
    at: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No job is made, and then each once."""
    with both(progress="clock") as backup:
        for _ in range(2):
            a_volume(WANTED)
        a_plan(ScheduleExpression=NIGHTLY)
        at(6 * HOUR)
        with monkeypatch.context() as patch:
            without_moto(patch)
            for _ in range(2):
                with pytest.raises(FakeBackupError, match="nothing in this process answers"):
                    a_client("backup").list_backup_jobs()
            assert not backup.backend.organization.jobs.by_id
        assert len(snapshots()) == len(backup.backup_jobs) == 2
        at(DAY + 6 * HOUR)
        assert len(snapshots()) == 4


def test_a_job_fails_whose_moto_has_ended(at: Callable[[timedelta], None]) -> None:
    """Another moto has no such volume."""
    with mock_backup(beside="moto", region=REGION, progress="clock") as backup:
        a_client("backup").create_backup_vault(BackupVaultName=VAULT)
        with mock_aws():
            job_id = start()
        at(HOUR)
        with pytest.raises(FakeBackupError, match="nothing in this process answers"):
            a_client("backup").describe_backup_job(BackupJobId=job_id)
        with mock_aws():
            assert not snapshots()
            job = backup.backup_jobs[job_id]
            assert (job.state, job["StatusMessage"]) == (
                "FAILED",
                "The specified volume was not found.",
            )
