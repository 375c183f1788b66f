"""The ARNs that recovery points get, by type, by kind of job and by vault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from fakebackup.model.resources.types import RESOURCE_TYPES, type_of
from support.botocore_model import shows
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Job

pytestmark = [
    pytest.mark.fake_backup(region=REGION, default_vault=True, progress="immediate"),
    pytest.mark.frozen(NOW),
]

AIR_GAPPED: Final = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
HOME = f"{REGION}:{ACCOUNT}"
OWN = rf"arn:aws:backup:{HOME}:recovery-point:[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}"
CLUSTER = f"arn:aws:eks:{HOME}:cluster/prod"
COMPOSITE = f"arn:aws:backup:{HOME}:recovery-point:composite:eks/prod-20240315"
BUCKET = "arn:aws:s3:::photos"
FORMS = {
    BUCKET: f"arn:aws:backup:{HOME}:recovery-point:photos-20240315133015-[0-9a-f]{{8}}",
    f"arn:aws:redshift:{HOME}:cluster:wide": (
        f"arn:aws:redshift:{HOME}:snapshot:wide/awsbackup:job-[0-9a-f-]{{36}}"
    ),
    f"arn:aws:redshift-serverless:{HOME}:namespace/0a-1b": (
        f"arn:aws:redshift-serverless:{HOME}:snapshot:0a-1b/awsbackup:job-[0-9a-f-]{{36}}"
    ),
    f"arn:aws:timestream:{HOME}:database/d/table/t": f"{OWN}_beta",
    f"arn:aws:storagegateway:{HOME}:gateway/sgw-1/volume/vol-1": (
        f"arn:aws:ec2:{REGION}::snapshot/snap-[0-9a-f]{{17}}"
    ),
    f"arn:aws:dsql:{HOME}:cluster/abc": OWN,
    CLUSTER: COMPOSITE,
}
"""Per resource, the form of its recovery points' ARNs [documented: guide, access control]."""


def backed_up(backup: FakeBackup, resource: str, vault: str = "Default") -> Job:
    """A backup job of a resource, started by a client and completed."""
    asked = {"BackupVaultName": vault, "ResourceArn": resource, "IamRoleArn": ROLE}
    return backup.backup_jobs[call("StartBackupJob", **asked)["BackupJobId"]]


def copied(backup: FakeBackup, arn: str, vault: str, source: str = "Default") -> str:
    """The ARN of a copy that a client makes of a recovery point."""
    started = call(
        "StartCopyJob",
        RecoveryPointArn=arn,
        SourceBackupVaultName=source,
        DestinationBackupVaultArn=vault,
        IamRoleArn=ROLE,
    )
    found: str = backup.copy_jobs[started["CopyJobId"]]["DestinationRecoveryPointArn"]
    return found


@pytest.mark.parametrize("resource", FORMS)
def test_forms(backup: FakeBackup, resource: str) -> None:
    """An ARN names the very resource of the job, started or seeded, and of a seeded point."""
    started = backed_up(backup, resource)["RecoveryPointArn"]
    assert re.fullmatch(FORMS[resource], started)
    backup.reset()
    backup.add_vault(BackupVaultName="Default")
    seeded = backup.add_backup_job(ResourceArn=resource, CreationDate=NOW)["RecoveryPointArn"]
    assert re.fullmatch(FORMS[resource], seeded)
    backup.reset()
    point = backup.add_recovery_point(ResourceArn=resource, CreationDate=NOW)
    assert re.fullmatch(FORMS[resource], point.arn)


class TestOnesThatSayNoNumber:
    def test_two_backups_of_a_cluster_in_a_day(self, backup: FakeBackup) -> None:
        """The first is named by the day alone, a later one is told apart [assumed]."""
        first, second = (backed_up(backup, CLUSTER)["RecoveryPointArn"] for _ in range(2))
        assert first == COMPOSITE
        assert second.startswith(f"{COMPOSITE}-")
        assert {first, second} <= set(backup.recovery_points)

    def test_beside_a_seeded_one(self, backup: FakeBackup) -> None:
        """One that a test named is told apart from those that are made."""
        backup.add_recovery_point(ResourceArn=CLUSTER, RecoveryPointArn=COMPOSITE)
        made = backed_up(backup, CLUSTER)["RecoveryPointArn"]
        assert made.startswith(f"{COMPOSITE}-")
        assert {made, COMPOSITE} <= set(backup.recovery_points)

    def test_a_copy(self, backup: FakeBackup) -> None:
        """A copy in the account and Region has another name, one elsewhere the same."""
        backup.add_vault(BackupVaultName="copies")
        there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
        far = there.add_vault(BackupVaultName="copies").arn
        arn = backed_up(backup, CLUSTER)["RecoveryPointArn"]
        near = copied(backup, arn, backup.vaults["copies"].arn)
        assert near.startswith(f"{COMPOSITE}-")
        assert copied(backup, arn, far) == COMPOSITE.replace(
            HOME, f"{OTHER_REGION}:{OTHER_ACCOUNT}"
        )

    def test_the_same_in_every_run(self, backup: FakeBackup) -> None:
        """What a job that comes back to its end names is what it named before."""
        jobs = [backed_up(backup, CLUSTER) for _ in range(2)]
        named = [job["RecoveryPointArn"] for job in jobs]
        for job in jobs:
            job.update(State="RUNNING")
            job.update(State="COMPLETED")
        assert [job["RecoveryPointArn"] for job in jobs] == named

    def test_a_refused_seed_takes_no_name(self, backup: FakeBackup) -> None:
        """A batch that is refused leaves the name to the next."""
        cluster: dict[str, Any] = {"ResourceArn": CLUSTER, "CreationDate": NOW}
        with pytest.raises(ValueError, match="taken"):
            backup.add_backup_jobs(2, BackupJobId="same", **cluster)
        assert backup.add_backup_job(**cluster)["RecoveryPointArn"] == COMPOSITE


class TestCopies:
    @pytest.mark.parametrize(
        ("resource", "kind"),
        [
            (f"arn:aws:rds:{HOME}:db:d", "snapshot"),
            (f"arn:aws:rds:{HOME}:cluster:c", "cluster-snapshot"),
        ],
    )
    def test_databases(self, backup: FakeBackup, resource: str, kind: str) -> None:
        """A copy of an RDS or Aurora point says copyjob [recorded: Aurora; assumed for RDS]."""
        backup.add_vault(BackupVaultName="copies")
        arn = backed_up(backup, resource)["RecoveryPointArn"]
        copy = copied(backup, arn, backup.vaults["copies"].arn)
        uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        assert re.fullmatch(f"arn:aws:rds:{HOME}:{kind}:awsbackup:job-{uuid}", arn)
        assert re.fullmatch(f"arn:aws:rds:{HOME}:{kind}:awsbackup:copyjob-{uuid}", copy)
        backup.reset()
        seeded = backup.add_copy_job(ResourceArn=resource)["DestinationRecoveryPointArn"]
        assert re.fullmatch(f"arn:aws:rds:{HOME}:{kind}:awsbackup:copyjob-{uuid}", seeded)

    @pytest.mark.parametrize("resource_type", RESOURCE_TYPES)
    def test_every_copy_is_another_point(self, backup: FakeBackup, resource_type: str) -> None:
        """A copy in the account and Region never has the ARN of its source."""
        job = backup.add_copy_job(ResourceType=resource_type)
        assert job["DestinationRecoveryPointArn"] != job["SourceRecoveryPointArn"]
        assert len(backup.recovery_points) == 2


class TestAirGappedVaults:
    @pytest.mark.parametrize("resource_type", RESOURCE_TYPES)
    def test_seeded_points(self, backup: FakeBackup, resource_type: str) -> None:
        """Every point in one has an ARN of AWS Backup's own form [documented: guide]."""
        backup.add_vault(BackupVaultName="gapped", VaultType=AIR_GAPPED)
        known: dict[str, Any] = {"BackupVaultName": "gapped", "ResourceType": resource_type}
        assert re.fullmatch(OWN, backup.add_recovery_point(**known).arn)
        made = backup.add_recovery_point(
            BackupVaultName="made", VaultType=AIR_GAPPED, ResourceType=resource_type
        )
        assert re.fullmatch(OWN, made.arn)

    @pytest.mark.parametrize("resource_type", ["EBS", "Aurora", "S3", "Timestream"])
    def test_copies(self, backup: FakeBackup, resource_type: str) -> None:
        """So has a copy into one, started or seeded, whether the job says the vault's type."""
        gapped = backup.add_vault(BackupVaultName="gapped", VaultType=AIR_GAPPED).arn
        point = backup.add_recovery_point(ResourceType=resource_type)
        assert re.fullmatch(OWN, copied(backup, point.arn, gapped))
        seeded = backup.add_copy_job(ResourceType=resource_type, DestinationBackupVaultArn=gapped)
        assert re.fullmatch(OWN, seeded["DestinationRecoveryPointArn"])
        if "DestinationVaultType" in seeded.kind.members:
            assert seeded["DestinationVaultType"] == AIR_GAPPED
        said = backup.add_copy_job(ResourceType=resource_type, DestinationVaultType=AIR_GAPPED)
        assert re.fullmatch(OWN, said["DestinationRecoveryPointArn"])

    def test_seeded_jobs(self, backup: FakeBackup) -> None:
        """So has what a seeded job reads from one, or leaves in one."""
        gapped = backup.add_vault(BackupVaultName="gapped", VaultType=AIR_GAPPED).arn
        job = backup.add_backup_job(BackupVaultName="gapped")
        assert re.fullmatch(OWN, job["RecoveryPointArn"])
        if "VaultType" in job.kind.members:
            assert job["VaultType"] == AIR_GAPPED
        assert re.fullmatch(
            OWN, backup.add_copy_job(SourceBackupVaultArn=gapped)["SourceRecoveryPointArn"]
        )
        assert re.fullmatch(OWN, backup.add_restore_job(BackupVaultArn=gapped)["RecoveryPointArn"])


KEY = "arn:aws:kms:us-east-1:123456789012:key/own"


class TestFullyManaged:
    @pytest.mark.parametrize("resource_type", RESOURCE_TYPES)
    @pytest.mark.parametrize("left_by", ["seed", "seeded job", "seeded copy"])
    def test_encryption(self, backup: FakeBackup, resource_type: str, left_by: str) -> None:
        """Points of fully managed types have the vault's key [recorded: Timestream; guide]."""
        key = f"arn:aws:kms:{HOME}:key/vault"
        vault = backup.add_vault(BackupVaultName="vault", EncryptionKeyArn=key)
        if left_by == "seed":
            backup.add_recovery_point(BackupVaultName="vault", ResourceType=resource_type)
        elif left_by == "seeded job":
            backup.add_backup_job(BackupVaultName="vault", ResourceType=resource_type)
        else:
            backup.add_copy_job(DestinationBackupVaultArn=vault.arn, ResourceType=resource_type)
        (point,) = (each for each in backup.recovery_points.values() if each.vault is vault)
        managed = RESOURCE_TYPES[resource_type].fully_managed
        assert point["IsEncrypted"] is managed
        assert point.get("EncryptionKeyArn") == (key if managed else None)

    @pytest.mark.parametrize("resource", [f"arn:aws:dynamodb:{HOME}:table/t", BUCKET])
    def test_started(self, backup: FakeBackup, resource: str) -> None:
        """So has what a job leaves that a client started: the key of its vault."""
        point = backup.recovery_points[backed_up(backup, resource)["RecoveryPointArn"]]
        assert point["IsEncrypted"] is True
        assert point["EncryptionKeyArn"] == backup.vaults["Default"]["EncryptionKeyArn"]

    def test_what_is_given_wins(self, backup: FakeBackup) -> None:
        """A key that is given is kept; what is said not to be encrypted has no key."""
        files: dict[str, Any] = {"ResourceType": "EFS"}
        assert backup.add_recovery_point(EncryptionKeyArn=KEY, **files)["IsEncrypted"] is True
        assert backup.add_recovery_point(EncryptionKeyArn=KEY, **files)["EncryptionKeyArn"] == KEY
        plain = backup.add_recovery_point(IsEncrypted=False, **files)
        assert plain["IsEncrypted"] is False
        assert "EncryptionKeyArn" not in plain
        assert backup.add_recovery_point(EncryptionKeyArn=KEY)["IsEncrypted"] is True

    def test_basic_dynamodb(self, backup: FakeBackup) -> None:
        """A backup in DynamoDB's own form is none of AWS Backup's [documented: guide]."""
        point = backup.add_recovery_point(
            ResourceType="DynamoDB",
            RecoveryPointArn=f"arn:aws:dynamodb:{HOME}:table/t/backup/01234567890123-0a1b2c3d",
        )
        assert point["IsEncrypted"] is False
        assert "EncryptionKeyArn" not in point


@pytest.mark.parametrize("left_by", ["seed", "seeded job", "started job"])
def test_timestream_names_its_resource(backup: FakeBackup, left_by: str) -> None:
    """A Timestream point's ResourceName is database/D/table/T [recorded: Cloud Custodian]."""
    table = f"arn:aws:timestream:{HOME}:database/D/table/T"
    if left_by == "seed":
        backup.add_recovery_point(ResourceArn=table)
    elif left_by == "seeded job":
        backup.add_backup_job(ResourceArn=table)
    else:
        backed_up(backup, table)
    (point,) = backup.recovery_points.values()
    if shows("DescribeRecoveryPointOutput", "ResourceName"):
        assert point["ResourceName"] == "database/D/table/T"


def test_a_point_of_an_unknown_type(backup: FakeBackup) -> None:
    """A seeded point of no type that AWS Backup knows has nothing of a volume's."""
    thing = f"arn:aws:mystery:{HOME}:thing/1"
    unknown = backup.add_recovery_point(ResourceArn=thing)
    assert unknown["ResourceArn"] == thing
    assert not {"ResourceType", "BackupSizeInBytes"} & set(unknown)
    named = backup.add_recovery_point(ResourceType="Abacus")
    assert named["ResourceType"] == "Abacus"
    assert not {"ResourceArn", "BackupSizeInBytes"} & set(named)
    for point in (unknown, named):
        assert re.fullmatch(OWN, point.arn)
        assert point["IsEncrypted"] is False
    job = backup.add_backup_job(ResourceArn=thing, BackupVaultName="jobs")
    left = backup.recovery_points[job["RecoveryPointArn"]]
    assert not {"ResourceType", "BackupSizeInBytes"} & set(left)
    source = backup.add_copy_job(ResourceArn=thing)["SourceRecoveryPointArn"]
    assert "ResourceType" not in backup.recovery_points[source]


def test_the_point_of_a_recorded_job(backup: FakeBackup) -> None:
    """A recorded job that names no resource leaves a point of its type, or one of none."""
    recorded = {"RestoreJobId": "a", "Status": "COMPLETED", "CreationDate": NOW.isoformat()}
    vault = f"arn:aws:backup:{HOME}:backup-vault:Default"
    for number, resource_type in enumerate(("EFS", None)):
        job = recorded | {"RestoreJobId": str(number), "BackupVaultArn": vault}
        job["RecoveryPointArn"] = f"arn:aws:backup:{HOME}:recovery-point:{number}"
        if resource_type is not None:
            job["ResourceType"] = resource_type
        backup.load({"RestoreJobs": [job]})
    if not shows("RestoreJobsListMember", "BackupVaultArn"):
        pytest.skip("this botocore knows no vaults of restore jobs")
    typed, bare = (
        backup.recovery_points[f"arn:aws:backup:{HOME}:recovery-point:{number}"]
        for number in range(2)
    )
    assert (typed["ResourceType"], type_of(typed["ResourceArn"])) == ("EFS", "EFS")
    assert not {"ResourceType", "ResourceArn"} & set(bare)
