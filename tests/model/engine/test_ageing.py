"""Recovery points that age by the clock: into cold storage, and away."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, mock_backup
from fakebackup.model.engine import ageing
from fakebackup.model.stores.organization import Store
from support.botocore_model import known, model, shows
from support.client import call, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.model.vaults.vault import RecoveryPoint

START = datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
DAY, MS = timedelta(days=1), timedelta(milliseconds=1)
VAULT = "Default"
STATUSES: Any = model().shape_for("RecoveryPointStatus")
WEEK: Any = {"DeleteAfterDays": 7}
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
        stays = [aged(backup, ResourceType="S3", Status=each) for each in sorted(statuses)]
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

    @pytest.mark.parametrize("status", ["CREATING", "DELETING"])
    def test_busy(self, backup: FakeBackup, at: Callable[[timedelta], None], status: Any) -> None:
        """What AWS Backup is still making, or already deleting, stays [assumed]."""
        if status not in STATUSES.enum:
            pytest.skip("this botocore does not know the status")
        point = aged(backup, Status=status)
        at(9 * DAY)
        assert listed() == [point.arn]
        assert told(backup) == []


class TestInterrupted:
    """What raises an error stays due: nothing else would do it."""

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
    def test_ageing(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
        error: Any,
    ) -> None:
        """A recovery point whose ageing was interrupted is gone at the next look."""

        def interrupt(_point: RecoveryPoint) -> None:
            raise error

        point = aged(backup)
        with monkeypatch.context() as patch:
            patch.setattr(ageing, "legal_hold_on", interrupt)
            at(8 * DAY)
            for _ in range(2):
                with pytest.raises(error):
                    listed()
        assert listed() == []
        assert told(backup) == [(point.arn, "DELETING", "2024-05-08T12:00:00Z")]

    def test_the_record_of_a_legal_hold(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The record of a canceled legal hold whose deletion was interrupted goes, too."""

        def interrupt(_store: Store, _noun: str) -> None:
            raise KeyboardInterrupt

        hold = call("CreateLegalHold", Title="case", Description="of us")["LegalHoldId"]
        call("CancelLegalHold", LegalHoldId=hold, CancelDescription="closed", RetainRecordInDays=1)
        with monkeypatch.context() as patch:
            patch.setattr(Store, "entries", interrupt)
            at(DAY)
            with pytest.raises(KeyboardInterrupt):
                call("ListBackupVaults")
        assert list(backup.legal_holds) == []


class TestKept:
    """What keeps a recovery point beyond its time."""

    def test_legal_hold(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What a legal hold covers stays until the hold is canceled [documented: model].

        The model calls a hold "a restraint on altering or deleting a backup until an authorized
        user cancels the legal hold".
        """
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
    @pytest.mark.parametrize("end", ["delete", "remove"])
    def test_access_point(
        self, backup: FakeBackup, at: Callable[[timedelta], None], end: str
    ) -> None:
        """What has an access point stays as it is until the last one is deleted.

        The model: "While a backup access point is active for a recovery point, Backup pauses
        lifecycle transitions", which DeleteBackupAccessPoint resumes "if no other backup access
        points remain".
        """
        point = aged(backup, ResourceType="S3")
        for name in ("one", "two"):
            call("CreateBackupAccessPoint", RecoveryPointArn=point.arn, Name=name)

        def end_of(name: str) -> None:
            found = backup.backup_access_points[name]
            if end == "remove":
                backup.remove(found)
            else:
                call("DeleteBackupAccessPoint", AccessPointArn=found.arn)

        at(8 * DAY)
        end_of("one")
        at(9 * DAY)
        assert listed() == [point.arn]
        assert point["Status"] == "COMPLETED"
        assert told(backup) == []
        end_of("two")
        assert listed() == []
        assert told(backup) == [(point.arn, "DELETING", "2024-05-10T12:00:00Z")]

    @pytest.mark.skipif(
        not known("CreateBackupAccessPoint"), reason="this botocore knows no access points"
    )
    def test_access_point_before_its_time(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """One that is deleted before changes nothing."""
        point = aged(backup, ResourceType="S3")
        made = call("CreateBackupAccessPoint", RecoveryPointArn=point.arn, Name="reader")
        call("DeleteBackupAccessPoint", AccessPointArn=made["AccessPointArn"])
        at(7 * DAY - MS)
        assert listed() == [point.arn]
        at(7 * DAY)
        assert listed() == []

    @pytest.mark.skipif(
        not known("CreateBackupAccessPoint"), reason="this botocore knows no access points"
    )
    def test_access_point_of_another_account(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """Whoever has the access point: the owner's recovery point goes with the last one."""
        point = aged(backup, ResourceType="S3")
        other = backup.at(account_id=OTHER_ACCOUNT)
        access = other.add_backup_access_point(RecoveryPointArn=point.arn)
        at(9 * DAY)
        assert listed() == [point.arn]
        other.remove(access)
        assert listed() == []

    @pytest.mark.parametrize("lock", [{}, {"ChangeableForDays": 3}])
    def test_a_lock_keeps_nothing(
        self, backup: FakeBackup, at: Callable[[timedelta], None], lock: Any
    ) -> None:
        """A vault's lock is no hold: lifecycles go on as usual [documented: guide, vault lock]."""
        point = aged(backup)
        days: Any = {"MinRetentionDays": 1, "MaxRetentionDays": 30}
        call("PutBackupVaultLockConfiguration", BackupVaultName=VAULT, **days, **lock)
        at(7 * DAY)
        assert listed() == []
        assert told(backup) == [(point.arn, "DELETING", "2024-05-08T12:00:00Z")]
        # The vault is empty now, and can be deleted though its lock is immutable by now.
        call("CreateBackupVault", BackupVaultName="other")
        call("DeleteBackupVault", BackupVaultName=VAULT)


EFS = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"


class TestRead:
    """A recovery point that a job reads stays until that has ended [assumed]."""

    def reads(self, backup: FakeBackup, kind: str, arn: str, **members: Any) -> Any:
        """Seed a job that reads a recovery point of the vault Default."""
        if kind == "copy":
            return backup.add_copy_job(SourceRecoveryPointArn=arn, State="RUNNING", **members)
        if kind == "restore":
            return backup.add_restore_job(RecoveryPointArn=arn, Status="RUNNING", **members)
        return backup.add_scan_job(RecoveryPointArn=arn, State="RUNNING", **members)

    @pytest.mark.parametrize("end", ["complete", "fail", "update", "remove", "another"])
    @pytest.mark.parametrize("kind", ["copy", "restore", "scan"])
    def test_until_the_job_ends(
        self, backup: FakeBackup, at: Callable[[timedelta], None], kind: str, end: str
    ) -> None:
        """However the job ends, the recovery point goes then and not before."""
        if kind == "scan" and not known("StartScanJob"):
            pytest.skip("this botocore knows no scan jobs")
        point = aged(backup)
        job = self.reads(backup, kind, point.arn)
        at(9 * DAY)
        assert listed() == [point.arn]
        assert not any(arn == point.arn for arn, _, _ in told(backup))
        member = "SourceRecoveryPointArn" if kind == "copy" else "RecoveryPointArn"
        ends: dict[str, Callable[[], None]] = {
            "complete": job.complete,
            "fail": job.fail,
            "update": lambda: job.update(**{job.kind.state: "FAILED"}),
            "remove": lambda: backup.remove(job),
            "another": lambda: job.update(**{member: "arn:aws:ec2:us-east-1::snapshot/snap-9"}),
        }
        ends[end]()
        assert point.arn not in listed()
        assert told(backup)[-1] == (point.arn, "DELETING", "2024-05-10T12:00:00Z")

    @pytest.mark.parametrize("operation", ["StartCopyJob", "StartRestoreJob"])
    def test_by_the_clock(
        self, backup: FakeBackup, at: Callable[[timedelta], None], operation: str
    ) -> None:
        """It goes at the instant in which the job ends, after the job's own event."""
        backup.add_vault(BackupVaultName="Copies")
        point = aged(backup, ResourceArn=EFS)
        at(7 * DAY - MS)
        asked: dict[str, Any] = {"Metadata": {}}
        if operation == "StartCopyJob":
            vault = backup.vaults["Copies"].arn
            asked = {"SourceBackupVaultName": VAULT, "DestinationBackupVaultArn": vault}
        call(operation, RecoveryPointArn=point.arn, IamRoleArn=ROLE, **asked)
        at(7 * DAY + timedelta(minutes=10))
        assert listed() == [point.arn]
        at(8 * DAY)
        assert listed() == []
        # A minute to start, ten to run.
        gone = [each for each in told(backup) if each[0] == point.arn]
        assert gone == [(point.arn, "DELETING", "2024-05-08T12:11:00Z")]
        ended = [
            event["detail"].get("state", event["detail"].get("status")) for event in backup.events
        ]
        last = max(n for n, event in enumerate(backup.events) if "Job" in event["detail-type"])
        assert ended[last] == "COMPLETED"
        assert all(event["time"] == "2024-05-08T12:11:00Z" for event in backup.events[last:])
        assert ended[last + 1 :] == ["DELETING"] * (2 if operation == "StartCopyJob" else 1)

    def test_the_last_of_several(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """It stays until the last of them has ended, and its own time has come."""
        point = aged(backup)
        jobs = [self.reads(backup, kind, point.arn) for kind in ("copy", "restore", "restore")]
        jobs[0].fail()
        at(9 * DAY)
        jobs[1].complete()
        assert listed() == [point.arn]
        jobs[2].complete()
        assert listed() == []
        other = aged(backup, CreationDate=START + 9 * DAY)
        self.reads(backup, "restore", other.arn).complete()
        assert listed() == [other.arn]

    def test_and_a_hold(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What a legal hold covers, too, goes when both have ended."""
        point = aged(backup)
        hold = call("CreateLegalHold", Title="case", Description="of us")["LegalHoldId"]
        job = self.reads(backup, "restore", point.arn)
        at(9 * DAY)
        call("CancelLegalHold", LegalHoldId=hold, CancelDescription="closed")
        assert listed() == [point.arn]
        job.complete()
        assert listed() == []


class TestComposites:
    """Composite recovery points and those nested in them."""

    def seed(self, backup: FakeBackup, *nested: dict[str, int]) -> list[RecoveryPoint]:
        """Seed a composite one kept for a week, and nested ones with lifecycles of their own."""
        composite = aged(backup, ResourceType="CloudFormation", IsParent=True)
        above = {"ParentRecoveryPointArn": composite.arn}
        return [composite, *(aged(backup, Lifecycle=each, **above) for each in nested)]

    def test_a_nested_one_goes_before(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """A nested one that ages away makes the composite one PARTIAL.

        [documented: guide, of deletion; assumed of a lifecycle]
        """
        composite, first, second = self.seed(backup, {"DeleteAfterDays": 2}, WEEK)
        at(2 * DAY)
        assert set(listed()) == {composite.arn, second.arn}
        assert composite["Status"] == "PARTIAL"
        at(7 * DAY)
        assert listed() == []
        assert [(arn, status) for arn, status, _ in told(backup)] == [
            (first.arn, "DELETING"),
            (composite.arn, "PARTIAL"),
            (second.arn, "DELETING"),
            (composite.arn, "DELETING"),
        ]

    def test_it_takes_its_nested_ones(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """A composite one that ages away takes its nested ones, whatever theirs is [assumed]."""
        composite, first, second = self.seed(backup, {"DeleteAfterDays": 30}, WEEK)
        at(7 * DAY)
        assert listed() == []
        gone = [(arn, status) for arn, status, _ in told(backup)]
        assert gone == [(each.arn, "DELETING") for each in (first, second, composite)]

    @pytest.mark.parametrize("which", [0, 1])
    def test_a_hold_on_one(
        self, backup: FakeBackup, at: Callable[[timedelta], None], which: int
    ) -> None:
        """They go together or not at all: a hold on one of them keeps all [assumed]."""
        points = self.seed(backup, {"DeleteAfterDays": 30}, WEEK)
        selection = {"ResourceIdentifiers": [points[which]["ResourceArn"]]}
        hold = call(
            "CreateLegalHold", Title="a", Description="b", RecoveryPointSelection=selection
        )["LegalHoldId"]
        at(9 * DAY)
        assert set(listed()) == {each.arn for each in points}
        assert told(backup) == []
        call("CancelLegalHold", LegalHoldId=hold, CancelDescription="closed")
        assert listed() == []

    def test_a_reader_of_one(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """So does a job that reads one of them."""
        points = self.seed(backup, {"DeleteAfterDays": 30}, WEEK)
        job = backup.add_restore_job(RecoveryPointArn=points[1].arn, Status="RUNNING")
        at(9 * DAY)
        assert set(listed()) == {each.arn for each in points}
        job.complete()
        assert listed() == []

    @pytest.mark.skipif(
        not known("CreateBackupAccessPoint"), reason="this botocore knows no access points"
    )
    def test_access_to_one(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """So does an access point to one of them."""
        composite = aged(backup, ResourceType="CloudFormation", IsParent=True)
        above = {"ParentRecoveryPointArn": composite.arn, "ResourceType": "S3"}
        points = [composite, aged(backup, **above), aged(backup, **above)]
        made = call("CreateBackupAccessPoint", RecoveryPointArn=points[1].arn, Name="reader")
        at(9 * DAY)
        assert set(listed()) == {each.arn for each in points}
        assert told(backup) == []
        call("DeleteBackupAccessPoint", AccessPointArn=made["AccessPointArn"])
        assert listed() == []

    def test_deleted_by_hand(self, backup: FakeBackup) -> None:
        """A nested one that is deleted makes the composite one PARTIAL [documented: guide]."""
        composite, first, second = self.seed(backup, WEEK, WEEK)
        for each in (first, second):
            call("DeleteRecoveryPoint", BackupVaultName=VAULT, RecoveryPointArn=each.arn)
        assert composite["Status"] == "PARTIAL"
        statuses = [(arn, status) for arn, status, _ in told(backup)]
        assert statuses.count((composite.arn, "PARTIAL")) == 1


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

    @pytest.mark.parametrize(("kind", "storage"), [("EFS", "COLD"), ("RDS", "WARM")])
    def test_calculated(
        self, backup: FakeBackup, at: Callable[[timedelta], None], kind: Any, storage: str
    ) -> None:
        """A date that it was seeded with counts, but not for types without cold storage."""
        point = aged(
            backup,
            ResourceType=kind,
            Lifecycle=COLD,
            CalculatedLifecycle={"MoveToColdStorageAt": START + DAY},
        )
        at(DAY)
        assert point["StorageClass"] == storage

    def test_a_hold_delays_it(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Under a legal hold a recovery point stays warm until the hold is canceled.

        The model, of LegalHold: "lifecycle policies that would alter the backup status (such as
        transition to cold storage) are delayed until the legal hold is removed".
        """
        point, later = (aged(backup, Lifecycle=each) for each in (COLD, WEEK))
        hold = call("CreateLegalHold", Title="case", Description="of us")["LegalHoldId"]
        at(1 * DAY)
        # A lifecycle is no part of the backup: it can be changed [assumed], and waits as well.
        named = {"BackupVaultName": VAULT, "RecoveryPointArn": later.arn}
        call("UpdateRecoveryPointLifecycle", **named, Lifecycle=COLD)
        at(9 * DAY)
        assert (point["StorageClass"], later["StorageClass"]) == ("WARM", "WARM")
        call("CancelLegalHold", LegalHoldId=hold, CancelDescription="closed")
        assert (point["StorageClass"], later["StorageClass"]) == ("COLD", "COLD")
        assert set(listed()) == {point.arn, later.arn}

    def test_one_of_two_holds(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Each hold delays it, and what is due by then comes when the last one ends."""
        point = aged(backup, Lifecycle=COLD)
        holds = [
            call("CreateLegalHold", Title=title, Description="of us")["LegalHoldId"]
            for title in ("one", "two")
        ]
        at(1 * DAY)
        call("CancelLegalHold", LegalHoldId=holds[0], CancelDescription="closed")
        at(100 * DAY)
        assert listed() == [point.arn]
        assert point["StorageClass"] == "WARM"
        call("CancelLegalHold", LegalHoldId=holds[1], CancelDescription="closed")
        assert listed() == []

    @pytest.mark.skipif(
        not known("CreateBackupAccessPoint"), reason="this botocore knows no access points"
    )
    def test_an_access_point_delays_it(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """So does an access point."""
        point = aged(backup, Lifecycle=COLD)
        access = backup.add_backup_access_point(RecoveryPointArn=point.arn)
        at(3 * DAY)
        assert point["StorageClass"] == "WARM"
        call("DeleteBackupAccessPoint", AccessPointArn=access.arn)
        assert point["StorageClass"] == "COLD"

    def test_archive(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Snapshots of volumes turn cold where the lifecycle opts in to that."""
        opt_in = "OptInToArchiveForSupportedResources"
        if not shows("Lifecycle", opt_in):
            pytest.skip("this botocore does not know the member")
        point = aged(backup, ResourceType="EBS", Lifecycle={**COLD, opt_in: True})
        at(3 * DAY)
        assert point["StorageClass"] == "COLD"
