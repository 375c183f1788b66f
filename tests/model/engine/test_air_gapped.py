"""Backups that name a logically air-gapped vault besides their own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import mock_backup
from support.botocore_model import shows, takes
from support.client import call
from support.constants import ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup, Job

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders"
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:orders"
BUCKET = "arn:aws:s3:::bucket"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1"
GAPPED_TYPE = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
MONTH = {"DeleteAfterDays": 30}
NOT_SUPPORTED = (
    "Backup job completed successfully to the target backup vault. "
    "This resource type is not supported by logically air-gapped backup vault."
)
OUTSIDE = "Backup job failed because the lifecycle is outside the valid range for backup vault."
OUTSIDE_OF_COPY = (
    "Copy job failed. The retention specified in the job is not within the range specified "
    "for the target Backup Vault."
)
BY_HAND_ALONE = (
    "Copy job failed. A plan does not copy from a logically air-gapped backup vault into another "
    "one: such copies are made on demand."
)
TARGET = "TargetLogicallyAirGappedBackupVaultArn"

pytestmark = [
    pytest.mark.fake_backup(region=REGION, progress="immediate"),
    pytest.mark.skipif(
        not (
            takes("StartBackupJob", "LogicallyAirGappedBackupVaultArn")
            and shows("Lifecycle", "DeleteAfterEvent")
            and shows("BackupRuleInput", TARGET)
        ),
        reason="the installed botocore does not know such targets",
    ),
]


def vault_arn(name: str, region: str = REGION) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{name}"


GAPPED = vault_arn("Gapped")


@pytest.fixture(autouse=True)
def at() -> Iterator[Callable[[timedelta], None]]:
    """A function that lets time pass, to so long after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


@pytest.fixture(autouse=True)
def vaults(at: Callable[[timedelta], None], backup: FakeBackup) -> None:
    """An ordinary vault and an air-gapped one."""
    at(timedelta())
    backup.add_vault(BackupVaultName="Daily")
    call(
        "CreateLogicallyAirGappedBackupVault",
        BackupVaultName="Gapped",
        MinRetentionDays=7,
        MaxRetentionDays=90,
    )


def on_demand(backup: FakeBackup, resource: str, **members: Any) -> Job:
    """A job that a client starts with both vaults."""
    answer = call(
        "StartBackupJob",
        BackupVaultName="Daily",
        LogicallyAirGappedBackupVaultArn=GAPPED,
        ResourceArn=resource,
        IamRoleArn=ROLE,
        **{"Lifecycle": MONTH, **members},
    )
    return backup.backup_jobs[answer["BackupJobId"]]


def planned(backup: FakeBackup, resource: str, **members: Any) -> Job:
    """The job of a plan's rule with both vaults."""
    rule = {
        "RuleName": "rule",
        "TargetBackupVaultName": "Daily",
        TARGET: GAPPED,
        "Lifecycle": MONTH,
        **members,
    }
    document = {"BackupPlanName": "plan", "Rules": [rule]}
    made = call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [resource]}
    call("CreateBackupSelection", BackupPlanId=made, BackupSelection=selection)
    (job,) = backup.run_plan(made)
    return job


WAYS = pytest.mark.parametrize("start", [on_demand, planned])


def lying(backup: FakeBackup) -> dict[str, list[str]]:
    """The ARNs of the recovery points in each vault."""
    return {name: list(vault.points) for name, vault in backup.vaults.items()}


@WAYS
class TestTheThreeWays:
    """What becomes of a backup, by the type of its resource."""

    @pytest.mark.parametrize("resource", [FILES, BUCKET])
    def test_fully_managed(
        self, backup: FakeBackup, start: Callable[..., Job], resource: str
    ) -> None:
        """A fully managed type is backed up right into the air-gapped vault."""
        job = start(backup, resource)
        assert (job["State"], job["MessageCategory"]) == ("COMPLETED", "SUCCESS")
        assert (job["BackupVaultName"], job["BackupVaultArn"]) == ("Gapped", GAPPED)
        assert job["VaultType"] == GAPPED_TYPE
        assert lying(backup) == {"Daily": [], "Gapped": [job["RecoveryPointArn"]]}
        assert job["RecoveryPointArn"].startswith(
            f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:"
        )
        assert not backup.copy_jobs

    def test_by_a_copy(self, backup: FakeBackup, start: Callable[..., Job]) -> None:
        """Another type goes on by a copy, and its temporary recovery point is deleted then."""
        job = start(backup, VOLUME)
        assert (job["State"], job["BackupVaultName"]) == ("COMPLETED", "Daily")
        (copy,) = backup.copy_jobs.values()
        assert (copy["State"], copy["DestinationBackupVaultArn"]) == ("COMPLETED", GAPPED)
        assert copy["SourceRecoveryPointArn"] == job["RecoveryPointArn"]
        assert copy.get("CreatedBy") == job.get("CreatedBy")
        made = copy["DestinationRecoveryPointArn"]
        assert made.startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:")
        assert lying(backup) == {"Daily": [], "Gapped": [made]}
        assert backup.recovery_points[made]["Lifecycle"] == MONTH
        told = [
            (each["detail"]["status"], each["resources"])
            for each in backup.events
            if each["detail-type"] == "Recovery Point State Change"
        ]
        assert told == [
            ("COMPLETED", [job["RecoveryPointArn"]]),
            ("COMPLETED", [made]),
            ("DELETING", [job["RecoveryPointArn"]]),
        ]

    @pytest.mark.parametrize("resource", [DATABASE, STACK])
    def test_not_supported(
        self, backup: FakeBackup, start: Callable[..., Job], resource: str
    ) -> None:
        """A type that such vaults do not take stays in the ordinary one, and the job says so."""
        job = start(backup, resource)
        assert (job["State"], job["StatusMessage"], job["MessageCategory"]) == (
            "COMPLETED",
            NOT_SUPPORTED,
            "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED",
        )
        assert job["BackupVaultName"] == "Daily"
        assert not backup.copy_jobs
        assert job["RecoveryPointArn"] in lying(backup)["Daily"]
        assert lying(backup)["Gapped"] == []

    @pytest.mark.parametrize("days", [6, 91, None])
    def test_retention(
        self, backup: FakeBackup, start: Callable[..., Job], days: int | None
    ) -> None:
        """A retention outside the air-gapped vault's limits fails the backup, or the copy."""
        lifecycle = {} if days is None else {"DeleteAfterDays": days}
        job = start(backup, FILES, Lifecycle=lifecycle)
        assert (job["State"], job["StatusMessage"]) == ("FAILED", OUTSIDE)
        backup.reset()
        vaults_again(backup)
        job = start(backup, VOLUME, Lifecycle=lifecycle)
        (copy,) = backup.copy_jobs.values()
        assert (job["State"], copy["State"]) == ("COMPLETED", "FAILED")
        assert copy["StatusMessage"] == OUTSIDE_OF_COPY
        assert lying(backup)["Daily"] == [job["RecoveryPointArn"]]


def vaults_again(backup: FakeBackup) -> None:
    """The two vaults, once more."""
    backup.add_vault(BackupVaultName="Daily")
    call(
        "CreateLogicallyAirGappedBackupVault",
        BackupVaultName="Gapped",
        MinRetentionDays=7,
        MaxRetentionDays=90,
    )


class TestTemporary:
    """Recovery points that are deleted once they are copied."""

    @pytest.mark.fake_backup(progress="manual")
    def test_shown(self, backup: FakeBackup) -> None:
        """A temporary one says when it is deleted; its copies do not."""
        job = on_demand(backup, VOLUME)
        job.complete()
        point = backup.recovery_points[job["RecoveryPointArn"]]
        assert point["Lifecycle"] == {**MONTH, "DeleteAfterEvent": "DELETE_AFTER_COPY"}
        (copy,) = backup.copy_jobs.values()
        assert copy["DestinationRecoveryPointLifecycle"] == MONTH
        copy.complete()
        assert list(backup.recovery_points) == [copy["DestinationRecoveryPointArn"]]

    @pytest.mark.fake_backup(progress="manual")
    def test_after_all_copies(self, backup: FakeBackup) -> None:
        """It is deleted when the last of its copies has ended, whichever that is."""
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="Away")
        away = [{"DestinationBackupVaultArn": vault_arn("Away", OTHER_REGION)}]
        job = planned(backup, VOLUME, CopyActions=away)
        job.complete()
        copies = {each["DestinationBackupVaultArn"]: each for each in backup.copy_jobs.values()}
        copies[GAPPED].complete()
        assert job["RecoveryPointArn"] in backup.recovery_points
        copies[vault_arn("Away", OTHER_REGION)].fail()
        assert job["RecoveryPointArn"] not in backup.recovery_points

    @pytest.mark.fake_backup(progress="manual")
    @pytest.mark.parametrize("days", [40, -1])
    def test_another_lifecycle(self, backup: FakeBackup, days: int) -> None:
        """Another lifecycle, or none, leaves it temporary: it is gone after its copy."""
        job = on_demand(backup, VOLUME)
        job.complete()
        arn = job["RecoveryPointArn"]
        asked = {"BackupVaultName": "Daily", "RecoveryPointArn": arn}
        told = call("UpdateRecoveryPointLifecycle", **asked, Lifecycle={"DeleteAfterDays": days})
        kept = {} if days < 0 else {"DeleteAfterDays": days}
        assert told["Lifecycle"] == {**kept, "DeleteAfterEvent": "DELETE_AFTER_COPY"}
        assert call("DescribeRecoveryPoint", **asked)["Lifecycle"] == told["Lifecycle"]
        (first,) = backup.copy_jobs.values()
        first.fail()
        assert arn in backup.recovery_points
        second = call(
            "StartCopyJob",
            RecoveryPointArn=arn,
            SourceBackupVaultName="Daily",
            DestinationBackupVaultArn=GAPPED,
            IamRoleArn=ROLE,
            Lifecycle={"DeleteAfterDays": 90 if days < 0 else days},
        )["CopyJobId"]
        backup.copy_jobs[second].complete()
        # Without an end it is kept longer than its copy: then it stays.
        assert (arn in backup.recovery_points) == (days < 0)

    def test_a_copy_that_fails(self, backup: FakeBackup) -> None:
        """If the copy fails it stays; one by hand, kept as long, is enough."""
        backup.next_outcome("StartCopyJob", State="FAILED")
        job = on_demand(backup, VOLUME)
        point = job["RecoveryPointArn"]
        assert point in backup.recovery_points
        asked = {
            "RecoveryPointArn": point,
            "SourceBackupVaultName": "Daily",
            "DestinationBackupVaultArn": GAPPED,
            "IamRoleArn": ROLE,
        }
        call("StartCopyJob", **asked, Lifecycle={"DeleteAfterDays": 29})
        assert point in backup.recovery_points
        call("StartCopyJob", **asked, Lifecycle={"DeleteAfterDays": 30})
        assert point not in backup.recovery_points

    @pytest.mark.parametrize("progress", ["manual", "clock"])
    @pytest.mark.parametrize("end", ["cancel", "remove"])
    def test_a_hold(
        self, backup: FakeBackup, at: Callable[[timedelta], None], progress: Any, end: str
    ) -> None:
        """Under a legal hold it waits for the hold's end, however that comes."""
        backup.reset()
        del backup
        with mock_backup(region=REGION, progress=progress) as fake:
            vaults_again(fake)
            job = on_demand(fake, VOLUME)
            if progress == "clock":
                at(timedelta(minutes=11, seconds=30))
            else:
                job.complete()
            (point,) = fake.recovery_points.values()
            hold = fake.add_legal_hold()
            if progress == "clock":
                at(DAY)
            else:
                next(iter(fake.copy_jobs.values())).complete()
            (copy,) = fake.copy_jobs.values()
            assert copy["State"] == "COMPLETED"
            assert point.arn in fake.recovery_points
            if end == "cancel":
                call("CancelLegalHold", LegalHoldId=hold.key, CancelDescription="closed")
            else:
                fake.remove(hold)
            assert list(fake.recovery_points) == [copy["DestinationRecoveryPointArn"]]
            told = [each["detail"].get("status") for each in fake.events]
            assert told[-1] == "DELETING"

    def test_a_hold_whose_copy_failed(self, backup: FakeBackup) -> None:
        """Without a copy that is enough it stays, hold or not."""
        backup.next_outcome("StartCopyJob", State="FAILED")
        job = on_demand(backup, VOLUME)
        hold = backup.add_legal_hold()
        call("CancelLegalHold", LegalHoldId=hold.key, CancelDescription="closed")
        assert list(backup.recovery_points) == [job["RecoveryPointArn"]]

    @pytest.mark.fake_backup(progress="manual")
    @pytest.mark.parametrize("end", ["fail", "remove"])
    def test_a_reader(self, backup: FakeBackup, end: str) -> None:
        """Nor does it go while another job reads it."""
        job = on_demand(backup, VOLUME)
        job.complete()
        restore = backup.add_restore_job(RecoveryPointArn=job["RecoveryPointArn"], Status="RUNNING")
        (copy,) = backup.copy_jobs.values()
        copy.complete()
        assert job["RecoveryPointArn"] in backup.recovery_points
        if end == "fail":
            restore.fail()
        else:
            backup.remove(restore)
        assert list(backup.recovery_points) == [copy["DestinationRecoveryPointArn"]]

    def test_a_copy_elsewhere(self, backup: FakeBackup) -> None:
        """A copy into an ordinary vault is not enough."""
        backup.add_vault(BackupVaultName="Other")
        backup.next_outcome("StartCopyJob", State="FAILED")
        job = on_demand(backup, VOLUME)
        call(
            "StartCopyJob",
            RecoveryPointArn=job["RecoveryPointArn"],
            SourceBackupVaultName="Daily",
            DestinationBackupVaultArn=vault_arn("Other"),
            IamRoleArn=ROLE,
        )
        assert job["RecoveryPointArn"] in backup.recovery_points

    @pytest.mark.fake_backup(progress="clock")
    def test_its_own_retention(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """One that stays ages like others."""
        backup.next_outcome("StartCopyJob", State="FAILED")
        job = on_demand(backup, VOLUME)
        at(29 * DAY)
        assert job["RecoveryPointArn"] in backup.recovery_points
        at(31 * DAY)
        assert job["RecoveryPointArn"] not in backup.recovery_points

    def test_neither_indexed_nor_scanned(self, backup: FakeBackup) -> None:
        """Neither a temporary one is indexed, nor one in an air-gapped vault."""
        for resource in (VOLUME, BUCKET):
            on_demand(backup, resource, Index="ENABLED")
        assert not any("IndexStatus" in each for each in backup.recovery_points.values())


def test_continuous(backup: FakeBackup) -> None:
    """A continuous backup of a cluster stays, and a snapshot of it goes to the air-gapped vault."""
    job = planned(backup, CLUSTER, EnableContinuousBackup=True)
    (copy,) = backup.copy_jobs.values()
    assert ":continuous:" in job["RecoveryPointArn"]
    assert lying(backup) == {
        "Daily": [job["RecoveryPointArn"]],
        "Gapped": [copy["DestinationRecoveryPointArn"]],
    }


def test_continuous_of_a_bucket(backup: FakeBackup) -> None:
    """A bucket's continuous backup is made right in the air-gapped vault."""
    job = planned(backup, BUCKET, EnableContinuousBackup=True)
    assert lying(backup) == {"Daily": [], "Gapped": [job["RecoveryPointArn"]]}
    assert ":continuous:" in job["RecoveryPointArn"]


def test_copies_of_a_fully_managed_one(backup: FakeBackup) -> None:
    """A rule's copies take the recovery point in the air-gapped vault as their source."""
    key = f"arn:aws:kms:{OTHER_REGION}:{ACCOUNT}:key/own"
    backup.at(region=OTHER_REGION).add_vault(BackupVaultName="Away", EncryptionKeyArn=key)
    away = [{"DestinationBackupVaultArn": vault_arn("Away", OTHER_REGION)}]
    planned(backup, FILES, CopyActions=away)
    (copy,) = backup.copy_jobs.values()
    assert (copy["State"], copy["SourceBackupVaultArn"]) == ("COMPLETED", GAPPED)


@pytest.mark.parametrize("region", [REGION, OTHER_REGION])
def test_a_plan_does_not_copy_from_one_into_another(backup: FakeBackup, region: str) -> None:
    """Between air-gapped vaults a plan's copy fails; one by hand completes."""
    further = call(
        "CreateLogicallyAirGappedBackupVault",
        BackupVaultName="Further",
        MinRetentionDays=7,
        MaxRetentionDays=90,
        region=region,
    )["BackupVaultArn"]
    # A copy without a retention of its own has its source's, which such a vault takes.
    job = planned(backup, FILES, CopyActions=[{"DestinationBackupVaultArn": further}])
    (copy,) = backup.copy_jobs.values()
    assert (copy["State"], copy["StatusMessage"]) == ("FAILED", BY_HAND_ALONE)
    started = call(
        "StartCopyJob",
        RecoveryPointArn=job["RecoveryPointArn"],
        SourceBackupVaultName="Gapped",
        DestinationBackupVaultArn=further,
        IamRoleArn=ROLE,
    )["CopyJobId"]
    assert backup.copy_jobs[started]["State"] == "COMPLETED"


def test_locked_at_once(backup: FakeBackup) -> None:
    """An air-gapped vault is locked for good from its creation on."""
    vault = backup.vaults["Gapped"]
    assert (vault["Locked"], vault["LockDate"]) == (True, vault["CreationDate"])
