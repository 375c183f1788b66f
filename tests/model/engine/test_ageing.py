"""Recovery points that age by the clock: into cold storage, and away."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, mock_backup
from support.botocore_model import known, model, shows
from support.client import call, tags_of
from support.constants import ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.model.vaults.vault import RecoveryPoint

START = datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
DAY, MS = timedelta(days=1), timedelta(milliseconds=1)
VAULT = "Default"
STATUSES: Any = model().shape_for("RecoveryPointStatus")
WEEK = {"DeleteAfterDays": 7}
COLD = {"MoveToColdStorageAfterDays": 2, "DeleteAfterDays": 92}


@pytest.fixture
def at() -> Iterator[Callable[[timedelta], None]]:
    """A function that lets time pass, to so long after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


pytestmark = [
    pytest.mark.frozen(START),
    pytest.mark.fake_backup(region=REGION, progress="clock", default_vault=True),
]


def aged(backup: FakeBackup, **members: Any) -> RecoveryPoint:
    """Seed a recovery point of a file system that is made now and kept for a week."""
    given = {"ResourceType": "EFS", "CreationDate": START, "Lifecycle": WEEK, **members}
    return backup.add_recovery_point(**given)


def listed() -> list[str]:
    """The recovery points that a client sees."""
    found = call("ListRecoveryPointsByBackupVault", BackupVaultName=VAULT)
    return [point["RecoveryPointArn"] for point in found["RecoveryPoints"]]


def told(backup: FakeBackup) -> list[tuple[str, str, str]]:
    """The events of recovery points: which, its status, and when."""
    return [
        (event["resources"][0], event["detail"]["status"], event["time"])
        for event in backup.events
        if event["detail-type"] == "Recovery Point State Change"
    ]


class TestDeletion:
    """DeleteAt."""

    def test_seeded(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A recovery point is there until its time, and an event tells that it goes."""
        point = aged(backup, Tags={"team": "blue"})
        at(7 * DAY - MS)
        assert listed() == list(backup.recovery_points) == [point.arn]
        at(7 * DAY)
        assert listed() == list(backup.recovery_points) == []
        assert told(backup) == [(point.arn, "DELETING", "2024-05-08T12:00:00Z")]
        assert call("DescribeBackupVault", BackupVaultName=VAULT)["NumberOfRecoveryPoints"] == 0
        assert not tags_of(backup)

    def test_of_jobs(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What jobs leave ages, of seeded ones too, whoever looks when; copies by their own."""
        arn = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
        call(
            "StartBackupJob",
            BackupVaultName=VAULT,
            ResourceArn=arn,
            IamRoleArn=ROLE,
            Lifecycle=WEEK,
        )
        backup.add_backup_job(ResourceType="EFS", RecoveryPointLifecycle={"DeleteAfterDays": 1})
        backup.add_copy_job(DestinationRecoveryPointLifecycle={"DeleteAfterDays": 2})
        at(DAY / 2)
        assert len(backup.recovery_points) == 4
        at(3 * DAY)
        assert [status for _, status, _ in told(backup)] == ["COMPLETED", "DELETING", "DELETING"]
        # What was copied was only seeded with the copy, and has no lifecycle.
        assert len(backup.recovery_points) == 2
        at(8 * DAY)
        assert len(backup.recovery_points) == 1

    def test_composite(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A composite recovery point goes with those nested in it, and was never PARTIAL."""
        call(
            "StartBackupJob",
            BackupVaultName=VAULT,
            ResourceArn=f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1",
            IamRoleArn=ROLE,
            Lifecycle=WEEK,
        )
        at(DAY)
        assert len(listed()) == 3
        at(8 * DAY)
        assert listed() == []
        assert [status for _, status, _ in told(backup)] == ["COMPLETED"] * 3 + ["DELETING"] * 3

    def test_overdue(self, backup: FakeBackup) -> None:
        """What is overdue when it is seeded goes then."""
        point = aged(backup, CreationDate=START - 30 * DAY)
        assert listed() == []
        assert told(backup) == [(point.arn, "DELETING", "2024-05-01T12:00:00Z")]

    @pytest.mark.parametrize("mode", ["polls", "immediate", "manual"])
    def test_other_modes(self, at: Callable[[timedelta], None], mode: Any) -> None:
        """In other modes of progress recovery points stay as they are."""
        with mock_backup(region=REGION, progress=mode) as fake:
            point = aged(fake, Lifecycle=COLD)
            at(100 * DAY)
            assert listed() == [point.arn]
            assert point["StorageClass"] == "WARM"
            assert fake.events == []

    def test_continuous(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Continuous backups stay, and so does what AWS Backup could not delete."""
        statuses = {"AVAILABLE", "STOPPED", "EXPIRED"}.intersection(STATUSES.enum)
        arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:continuous:bucket"
        stays = [aged(backup, Status=each) for each in sorted(statuses)]
        stays.append(aged(backup, RecoveryPointArn=arn))
        at(9 * DAY)
        assert set(listed()) == {point.arn for point in stays}
        assert told(backup) == []

    def test_calculated(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """The dates that a recovery point was seeded with count."""
        aged(backup, CalculatedLifecycle={"DeleteAt": START + DAY})
        at(DAY)
        assert listed() == []

    def test_updated(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Another lifecycle counts as soon as it is given, be it longer, shorter or none."""
        points = {days: aged(backup) for days in (9, 2, -1)}
        at(3 * DAY)
        for days, point in points.items():
            both = {"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": days}
            call(
                "UpdateRecoveryPointLifecycle",
                BackupVaultName=VAULT,
                RecoveryPointArn=point.arn,
                Lifecycle=both,
            )
        assert set(listed()) == {points[9].arn, points[-1].arn}
        assert told(backup) == [(points[2].arn, "DELETING", "2024-05-04T12:00:00Z")]
        at(8 * DAY)
        assert set(listed()) == {points[9].arn, points[-1].arn}
        at(1000 * DAY)
        assert listed() == [points[-1].arn]

    def test_deleted_before(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What was deleted before goes no second time."""
        point = aged(backup)
        call("DeleteRecoveryPoint", BackupVaultName=VAULT, RecoveryPointArn=point.arn)
        again = aged(backup, RecoveryPointArn=point.arn, Lifecycle={"DeleteAfterDays": 30})
        at(20 * DAY)
        assert listed() == [again.arn]
        assert len(told(backup)) == 1

    def test_places(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Recovery points age in every region."""
        there = backup.at(region=OTHER_REGION)
        aged(there)
        at(7 * DAY)
        assert list(there.recovery_points) == []
        assert backup.events[-1]["region"] == OTHER_REGION


class TestKept:
    """What keeps a recovery point beyond its time."""

    def test_legal_hold(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What a legal hold covers stays until the hold is canceled."""
        point = aged(backup)
        hold = call("CreateLegalHold", Title="case", Description="of us")["LegalHoldId"]
        free = aged(backup)
        at(9 * DAY)
        assert listed() == [point.arn]
        assert [arn for arn, _, _ in told(backup)] == [free.arn]
        call("CancelLegalHold", LegalHoldId=hold, CancelDescription="closed")
        assert listed() == []
        assert told(backup)[-1] == (point.arn, "DELETING", "2024-05-10T12:00:00Z")

    @pytest.mark.skipif(
        not known("CreateBackupAccessPoint"), reason="this botocore knows no access points"
    )
    def test_access_point(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What has an access point cannot be deleted: it is EXPIRED."""
        point = aged(backup, ResourceType="S3")
        call("CreateBackupAccessPoint", RecoveryPointArn=point.arn, Name="reader")
        at(7 * DAY)
        assert listed() == [point.arn]
        assert point["Status"] == "EXPIRED"
        assert told(backup) == [(point.arn, "EXPIRED", "2024-05-08T12:00:00Z")]


class TestColdStorage:
    """MoveToColdStorageAt."""

    def test_turns_cold(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A recovery point turns cold at its time, nobody is told, and goes later."""
        point = aged(backup, Lifecycle=COLD)
        at(2 * DAY - MS)
        assert point["StorageClass"] == "WARM"
        at(2 * DAY)
        assert point["StorageClass"] == "COLD"
        shown = call("DescribeRecoveryPoint", BackupVaultName=VAULT, RecoveryPointArn=point.arn)
        assert shown["StorageClass"] == "COLD"
        assert backup.events == []
        at(92 * DAY)
        assert listed() == []

    @pytest.mark.parametrize(
        ("kind", "storage"),
        [
            ("DynamoDB", "COLD"),
            ("VirtualMachine", "COLD"),
            ("RDS", "WARM"),
            ("EBS", "WARM"),
        ],
    )
    def test_types(
        self, backup: FakeBackup, at: Callable[[timedelta], None], kind: Any, storage: str
    ) -> None:
        """Types without cold storage ignore it."""
        point = aged(backup, ResourceType=kind, Lifecycle=COLD)
        at(3 * DAY)
        assert point["StorageClass"] == storage

    def test_archive(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Snapshots of volumes turn cold where the lifecycle opts in to that."""
        opt_in = "OptInToArchiveForSupportedResources"
        if not shows("Lifecycle", opt_in):
            pytest.skip("this botocore does not know the member")
        point = aged(backup, ResourceType="EBS", Lifecycle={**COLD, opt_in: True})
        at(3 * DAY)
        assert point["StorageClass"] == "COLD"
