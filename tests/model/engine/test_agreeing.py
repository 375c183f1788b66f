"""A seeded job that names a recovery point lies with it, and is of its resource."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackup, factories, mock_backup, strategies
from support.botocore_model import known, shows
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup import Job

pytestmark = [pytest.mark.fake_backup(region=REGION, history=None), pytest.mark.frozen(NOW)]

HOME = f"{REGION}:{ACCOUNT}"
SNAPSHOT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"
VOLUME = f"arn:aws:ec2:{HOME}:volume/vol-7"
CLUSTER = f"arn:aws:rds:{HOME}:cluster:graph"


def vault(name: str, home: str = HOME) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{home}:backup-vault:{name}"


READS: dict[str, tuple[str, str, str]] = {
    "backup_job": ("RecoveryPointArn", "BackupVaultArn", "ResourceArn"),
    "copy_job": ("SourceRecoveryPointArn", "SourceBackupVaultArn", "ResourceArn"),
    "restore_job": ("RecoveryPointArn", "BackupVaultArn", "SourceResourceArn"),
    "scan_job": ("RecoveryPointArn", "BackupVaultArn", "ResourceArn"),
}
"""Per kind: the members that name a recovery point, its vault and its resource."""

no_scans = pytest.mark.skipif(not known("ListScanJobs"), reason="this botocore knows no scans")
KINDS = [pytest.param(each, marks=no_scans if each == "scan_job" else ()) for each in READS]


def seed(backup: FakeBackup, kind: str, **members: Any) -> Job:
    """Add a job of a kind."""
    job: Job = getattr(backup, f"add_{kind}")(**members)
    return job


def where(backup: FakeBackup) -> dict[str, list[str]]:
    """The vaults of this account and Region in which each recovery point lies."""
    found: dict[str, list[str]] = {}
    for each in backup.vaults.values():
        for arn in each.points:
            found.setdefault(arn, []).append(each.name)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_lies_with_the_point(backup: FakeBackup, kind: str) -> None:
    """The vault that is left out is the point's; no second point comes to be in Default."""
    point, of_vault, of_resource = READS[kind]
    made = backup.add_recovery_point(
        BackupVaultName="daily", ResourceArn=CLUSTER, ResourceType="Neptune", BackupSizeInBytes=9
    )
    job = seed(backup, kind, **{point: made.arn})
    # An older botocore does not show all of these.
    kept = job.members
    assert kept[of_vault] == vault("daily")
    if "BackupVaultName" in job.kind.members:
        assert job["BackupVaultName"] == "daily"
    assert (kept[of_resource], kept["ResourceType"]) == (CLUSTER, "Neptune")
    if kind != "scan_job":
        assert kept["BackupSizeInBytes"] == 9
    assert where(backup)[made.arn] == ["daily"]
    assert "Default" not in backup.vaults


@pytest.mark.parametrize("kind", KINDS)
def test_with_what_a_seeded_job_left(backup: FakeBackup, kind: str) -> None:
    """The point may be one that an earlier seeded job left, which nobody looked at so far."""
    point, of_vault, of_resource = READS[kind]
    left = backup.add_backup_job(BackupVaultName="daily", ResourceArn=VOLUME)
    job = seed(backup, kind, **{point: left["RecoveryPointArn"]})
    kept = job.members
    assert (kept[of_vault], kept[of_resource]) == (vault("daily"), VOLUME)
    assert where(backup)[left["RecoveryPointArn"]] == ["daily"]


@pytest.mark.parametrize("order", ["point first", "point last"])
@pytest.mark.parametrize("kind", KINDS)
def test_in_one_batch(backup: FakeBackup, kind: str, order: str) -> None:
    """So may it be one that another job of the batch leaves, before it or after it."""
    point, of_vault, of_resource = READS[kind]
    leaves = factories.backup_job(
        RecoveryPointArn=SNAPSHOT, BackupVaultName="daily", ResourceArn=VOLUME, CreationDate=NOW
    )
    later = NOW + timedelta(hours=1)
    reads = getattr(factories, kind)(**{point: SNAPSHOT}, CreationDate=later)
    backup.add([leaves, reads] if order == "point first" else [reads, leaves])
    kept = reads.members
    assert (kept[of_vault], kept[of_resource]) == (vault("daily"), VOLUME)
    assert where(backup)[SNAPSHOT] == ["daily"]


def test_with_another_reader_of_the_batch(backup: FakeBackup) -> None:
    """A point that only readers know lies where one of them says."""
    backup.add(
        [
            factories.copy_job(SourceRecoveryPointArn=SNAPSHOT),
            factories.restore_job(RecoveryPointArn=SNAPSHOT, BackupVaultArn=vault("daily")),
        ]
    )
    assert where(backup)[SNAPSHOT] == ["daily"]


def test_a_failed_job_leaves_no_point_to_lie_with(backup: FakeBackup) -> None:
    """A job of the batch that ended badly says nothing of where a point lies."""
    failed = factories.backup_job(
        State="FAILED", RecoveryPointArn=SNAPSHOT, BackupVaultName="daily"
    )
    copy = factories.copy_job(SourceRecoveryPointArn=SNAPSHOT)
    backup.add([failed, copy])
    assert copy["SourceBackupVaultArn"] == vault("Default")


def test_the_day_of_the_point(backup: FakeBackup) -> None:
    """A restore job tells when the point was created that it names."""
    point = backup.add_recovery_point(CreationDate=NOW - timedelta(days=9))
    job = backup.add_restore_job(RecoveryPointArn=point.arn)
    if "RecoveryPointCreationDate" in job.kind.members:
        assert job["RecoveryPointCreationDate"] == point["CreationDate"]


def test_a_name_of_the_resource(backup: FakeBackup) -> None:
    """A copy job has the resource's name that the point has, where there is one."""
    if not shows("CopyJob", "ResourceName") or not shows(
        "DescribeRecoveryPointOutput", "Lifecycle"
    ):
        pytest.skip("this botocore knows no ResourceName of copy jobs")
    named = backup.add_recovery_point(ResourceName="disk")
    assert backup.add_copy_job(SourceRecoveryPointArn=named.arn)["ResourceName"] == "disk"
    plain = backup.add_recovery_point()
    assert "ResourceName" not in backup.add_copy_job(SourceRecoveryPointArn=plain.arn)


def test_where_a_copy_lies(backup: FakeBackup) -> None:
    """A copy job that names the copy goes to the vault where that lies, wherever it is."""
    there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    copy = there.add_recovery_point(BackupVaultName="far")
    job = backup.add_copy_job(DestinationRecoveryPointArn=copy.arn)
    assert job["DestinationBackupVaultArn"] == copy.vault.arn


def test_in_the_account_of_the_job(backup: FakeBackup) -> None:
    """A point of the same ARN in another account is not the one that is named."""
    backup.at(account_id=OTHER_ACCOUNT).add_recovery_point(
        BackupVaultName="theirs", RecoveryPointArn=SNAPSHOT
    )
    backup.add_recovery_point(BackupVaultName="ours", RecoveryPointArn=SNAPSHOT)
    assert backup.add_copy_job(SourceRecoveryPointArn=SNAPSHOT)["SourceBackupVaultArn"] == vault(
        "ours"
    )
    job = backup.add_copy_job(SourceRecoveryPointArn=SNAPSHOT, AccountId=OTHER_ACCOUNT)
    assert job["SourceBackupVaultArn"] == vault("theirs", f"{REGION}:{OTHER_ACCOUNT}")


class TestWhatIsGiven:
    def test_the_vault(self, backup: FakeBackup) -> None:
        """A vault that is given is kept, and the point stays the only one of its ARN."""
        point = backup.add_recovery_point(BackupVaultName="daily")
        job = backup.add_copy_job(
            SourceRecoveryPointArn=point.arn, SourceBackupVaultArn=vault("other")
        )
        assert job["SourceBackupVaultArn"] == vault("other")
        assert where(backup)[point.arn] == ["daily"]

    def test_the_resource(self, backup: FakeBackup) -> None:
        """A job that names another resource or type is of that, with its own defaults."""
        point = backup.add_recovery_point(ResourceArn=CLUSTER, ResourceType="Neptune")
        named = backup.add_copy_job(SourceRecoveryPointArn=point.arn, ResourceArn=VOLUME)
        assert (named["ResourceArn"], named["ResourceType"]) == (VOLUME, "EBS")
        typed = backup.add_copy_job(SourceRecoveryPointArn=point.arn, ResourceType="EFS")
        assert typed["ResourceType"] == "EFS"
        assert ":elasticfilesystem:" in typed["ResourceArn"]

    def test_the_same_resource(self, backup: FakeBackup) -> None:
        """A job that names the point's resource has the type that the point says."""
        point = backup.add_recovery_point(ResourceArn=CLUSTER, ResourceType="Neptune")
        job = backup.add_copy_job(SourceRecoveryPointArn=point.arn, ResourceArn=CLUSTER)
        assert job["ResourceType"] == "Neptune"

    def test_nothing(self, backup: FakeBackup) -> None:
        """What is given as None stays away, and what the point lacks the job lacks."""
        point = backup.add_recovery_point(BackupVaultName="daily", BackupSizeInBytes=None)
        job = backup.add_copy_job(SourceRecoveryPointArn=point.arn, SourceBackupVaultArn=None)
        assert not {"SourceBackupVaultArn", "BackupSizeInBytes"} & set(job)
        bare = backup.add_recovery_point(ResourceArn=None, ResourceType=None)
        copied = backup.add_copy_job(SourceRecoveryPointArn=bare.arn)
        assert not {"ResourceArn", "ResourceType"} & set(copied)


# --- No ARN in two vaults -------------------------------------------------------------------

_POINTS = st.sampled_from([f"arn:aws:ec2:{REGION}::snapshot/snap-{n:017x}" for n in range(1, 6)])
_VAULTS = st.sampled_from(["daily", "weekly", "Default"])
_SEEDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "recovery_point": st.fixed_dictionaries(
        {}, optional={"RecoveryPointArn": _POINTS, "BackupVaultName": _VAULTS}
    ),
    "backup_job": st.fixed_dictionaries(
        {}, optional={"RecoveryPointArn": _POINTS, "BackupVaultName": _VAULTS}
    ),
    "copy_job": st.fixed_dictionaries(
        {},
        optional={
            "SourceRecoveryPointArn": _POINTS,
            "SourceBackupVaultArn": _VAULTS.map(vault),
            "DestinationRecoveryPointArn": _POINTS,
            "DestinationBackupVaultArn": _VAULTS.map(vault),
        },
    ),
    "restore_job": st.fixed_dictionaries(
        {}, optional={"RecoveryPointArn": _POINTS, "BackupVaultArn": _VAULTS.map(vault)}
    ),
    "scan_job": st.fixed_dictionaries(
        {}, optional={"RecoveryPointArn": _POINTS, "BackupVaultName": _VAULTS}
    ),
}
_SEEDED = st.sampled_from([each for each in _SEEDS if known("ListScanJobs") or each != "scan_job"])
_HISTORY = st.lists(
    _SEEDED.flatmap(lambda kind: st.tuples(st.just(kind), _SEEDS[kind], st.booleans())),
    max_size=12,
)


def none_twice(backup: FakeBackup) -> None:
    """No recovery point of an account and Region lies in two vaults."""
    for store in backup.backend.organization.stores.values():
        counted = Counter(arn for each in store.vaults for arn in each.points)
        assert not {arn: count for arn, count in counted.items() if count > 1}


@settings(max_examples=150)
@given(history=_HISTORY)
def test_no_point_lies_in_two_vaults(history: list[tuple[str, dict[str, Any], bool]]) -> None:
    """Whatever is seeded in whatever order, looked at between or not; a refusal is a refusal."""
    with mock_backup(region=REGION) as backup:
        for kind, members, looks in history:
            add: Callable[..., object] = getattr(backup, f"add_{kind}")
            try:
                add(**members)
            except ValueError as error:
                assert kind == "recovery_point", error  # noqa: PT017  a seed that is taken
                assert "is taken" in str(error)  # noqa: PT017  as above
            if looks:
                none_twice(backup)
        none_twice(backup)


@settings(max_examples=60)
@given(jobs=strategies.job_sets(), together=st.booleans())
def test_no_point_of_a_set_lies_in_two_vaults(jobs: list[Job], together: bool) -> None:  # noqa: FBT001  drawn
    """The jobs of a set that read a recovery point of it lie with it, added at once or not."""
    with mock_backup(region=REGION) as backup:
        if together or any(job.parent for job in jobs):
            backup.add(jobs)
        else:
            for job in jobs:
                backup.add(job)
        none_twice(backup)
        lies_in = {
            (store.account, arn): each.arn
            for store in backup.backend.organization.stores.values()
            for each in store.vaults
            for arn in each.points
        }
        for job in jobs:
            kind = job.kind.name.replace(" ", "_")
            if kind in READS and READS[kind][0] in job.given:
                point, of_vault, _ = READS[kind]
                if of_vault in job and (job.account, job[point]) in lies_in:
                    assert job[of_vault] == lies_in[job.account, job[point]]


@pytest.mark.skipif(
    not shows("BackupJob", "VaultLockState"), reason="this botocore knows no lock of a job"
)
class TestLocks:
    """The lock of the vault that a seeded job writes to."""

    def test_of_a_vault_that_there_is(self, backup: FakeBackup) -> None:
        """A job has the lock of its vault, named by name or ARN, in any place."""
        backup.add_vault(BackupVaultName="locked", MinRetentionDays=1)
        there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
        away = there.add_vault(BackupVaultName="locked", MinRetentionDays=1)
        by_name: dict[str, Any] = {"BackupVaultName": "locked"}
        by_arn: dict[str, Any] = {"BackupVaultArn": vault("locked")}
        for named in (by_name, by_arn):
            job = backup.add_backup_job(**named)
            assert (job["VaultType"], job["VaultLockState"]) == ("BACKUP_VAULT", "LOCKED")
        copy = backup.add_copy_job(DestinationBackupVaultArn=away.arn)
        assert copy["DestinationVaultLockState"] == "LOCKED"

    def test_of_what_a_job_says(self, backup: FakeBackup) -> None:
        """What a job says itself counts, whatever lock its vault has today."""
        vault = backup.add_vault(BackupVaultName="locked", MinRetentionDays=1)
        job = backup.add_backup_job(BackupVaultName="locked", VaultLockState="UNLOCKED")
        assert job["VaultLockState"] == "UNLOCKED"
        copy = backup.add_copy_job(
            DestinationBackupVaultArn=vault.arn, DestinationVaultLockState="UNLOCKED"
        )
        assert copy["DestinationVaultLockState"] == "UNLOCKED"

    def test_of_one_that_there_is_not(self, backup: FakeBackup) -> None:
        """Another vault is not locked, unless the job says so or it is an air-gapped one."""
        assert backup.add_backup_job()["VaultLockState"] == "UNLOCKED"
        assert backup.add_copy_job()["DestinationVaultLockState"] == "UNLOCKED"
        assert backup.add_backup_job(VaultLockState="LOCKED")["VaultLockState"] == "LOCKED"
        assert "VaultLockState" not in backup.add_backup_job(VaultLockState=None)
        gapped: Final = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        job = backup.add_backup_job(BackupVaultName="gapped", VaultType=gapped)
        assert job["VaultLockState"] == "LOCKED"
        copy = backup.add_copy_job(DestinationVaultType=gapped)
        assert copy["DestinationVaultLockState"] == "LOCKED"
