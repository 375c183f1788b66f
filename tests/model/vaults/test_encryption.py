"""How copies of recovery points are encrypted, by their source, their way and their type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from support.botocore_model import known, shows
from support.client import call
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup

GAPPED: Final = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
SOURCE_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/source"
ENCRYPTED = {"IsEncrypted": True, "EncryptionKeyArn": SOURCE_KEY}
PLACES = {
    "here": (REGION, ACCOUNT),
    "region": (OTHER_REGION, ACCOUNT),
    "account": (REGION, OTHER_ACCOUNT),
    "both": (OTHER_REGION, OTHER_ACCOUNT),
    "gapped": (REGION, ACCOUNT),
}
"""Where the destination vault lies, by what the tests call it."""

air_gapped = pytest.mark.skipif(
    not known("CreateLogicallyAirGappedBackupVault"),
    reason="the installed botocore does not know such vaults",
)
WAYS = [pytest.param(each, marks=air_gapped if each == "gapped" else ()) for each in PLACES]
ABROAD = [each for each in WAYS if each.values != ("here",)]

pytestmark = pytest.mark.fake_backup(region=REGION, progress="immediate", default_vault=True)


def key_of(place: str) -> str:
    """The key of the destination vault."""
    region, account = PLACES[place]
    return f"arn:aws:kms:{region}:{account}:key/of-the-vault"


def copied(backup: FakeBackup, place: str, source: dict[str, Any], **vault: Any) -> Any:
    """The copy of a new recovery point in a vault, as Describe answers it."""
    region, account = PLACES[place]
    there = backup.at(account_id=account, region=region)
    kind = {"VaultType": GAPPED} if place == "gapped" else {}
    destination = there.add_vault(
        BackupVaultName="There", **{"EncryptionKeyArn": key_of(place), **kind, **vault}
    )
    point = backup.add_recovery_point(BackupVaultName="Default", **source)
    copy = started(backup, point.arn, "Default", destination.arn)
    with backup.acting_as(account):
        return call(
            "DescribeRecoveryPoint",
            region=region,
            BackupVaultName="There",
            RecoveryPointArn=copy["DestinationRecoveryPointArn"],
        )


def started(backup: FakeBackup, point: str, vault: str, destination: str) -> Any:
    """A copy job that has ended."""
    answer = call(
        "StartCopyJob",
        RecoveryPointArn=point,
        SourceBackupVaultName=vault,
        DestinationBackupVaultArn=destination,
        IamRoleArn=ROLE,
    )
    return backup.copy_jobs[answer["CopyJobId"]]


def encryption(point: Any) -> tuple[bool, str | None]:
    """Whether a recovery point is encrypted, and with what key."""
    return point["IsEncrypted"], point.get("EncryptionKeyArn")


@pytest.mark.parametrize("place", ABROAD)
@pytest.mark.parametrize("given", [{}, ENCRYPTED], ids=["plain", "encrypted"])
@pytest.mark.parametrize("resource_type", ["EBS", "EC2", "FSx", "Storage Gateway", "EFS", "S3"])
def test_abroad(backup: FakeBackup, place: str, given: dict[str, Any], resource_type: str) -> None:
    """To another Region, account, or air-gapped vault a copy has the vault's key [documented].

    Even that of what is not encrypted.
    """
    found = copied(backup, place, {"ResourceType": resource_type, **given})
    assert encryption(found) == (True, key_of(place))


@pytest.mark.parametrize("place", ABROAD)
@pytest.mark.parametrize("resource_type", ["Aurora", "DocumentDB", "Neptune"])
def test_clusters(backup: FakeBackup, place: str, resource_type: str) -> None:
    """Of what is not encrypted, copies of clusters are not either [documented: guide]."""
    plain = copied(backup, place, {"ResourceType": resource_type})
    assert encryption(plain) == (False, None)


@pytest.mark.parametrize("place", ABROAD)
@pytest.mark.parametrize("resource_type", ["Aurora", "DocumentDB", "Neptune"])
def test_encrypted_clusters(backup: FakeBackup, place: str, resource_type: str) -> None:
    """Copies of encrypted clusters have the vault's key as others."""
    found = copied(backup, place, {"ResourceType": resource_type, **ENCRYPTED})
    assert encryption(found) == (True, key_of(place))


@pytest.mark.parametrize("resource_type", ["EBS", "RDS", "Aurora", "Redshift"])
@pytest.mark.parametrize("given", [{}, ENCRYPTED], ids=["plain", "encrypted"])
def test_here(backup: FakeBackup, given: dict[str, Any], resource_type: str) -> None:
    """Within the account and Region a copy is encrypted as its source is."""
    found = copied(backup, "here", {"ResourceType": resource_type, **given})
    assert encryption(found) == ((True, SOURCE_KEY) if given else (False, None))


@pytest.mark.parametrize("resource_type", ["EFS", "S3", "DynamoDB", "CloudFormation"])
def test_fully_managed(backup: FakeBackup, resource_type: str) -> None:
    """What AWS Backup manages has the key of its vault, wherever that is [documented: guide]."""
    found = copied(backup, "here", {"ResourceType": resource_type})
    assert encryption(found) == (True, key_of("here"))


def test_files_that_are_left_to_their_service(backup: FakeBackup) -> None:
    """A file system's backup that is not encrypted stays so in the account and Region alone."""
    plain = {"ResourceType": "EFS", "IsEncrypted": False}
    assert encryption(copied(backup, "here", plain)) == (False, None)
    assert encryption(copied(backup, "region", plain)) == (True, key_of("region"))


def test_the_default_key_of_a_vault(backup: FakeBackup) -> None:
    """A vault of another Region that was given no key encrypts with its default one."""
    found = copied(backup, "region", {}, EncryptionKeyArn=None)
    vault = backup.at(region=OTHER_REGION).vaults["There"]
    assert encryption(found) == (True, vault.key_arn)


@air_gapped
def test_a_key_that_aws_owns(backup: FakeBackup) -> None:
    """In an air-gapped vault without a key of one's own the copy is encrypted and shows no key."""
    found = copied(backup, "gapped", ENCRYPTED, EncryptionKeyArn=None)
    assert encryption(found) == (True, None)
    if shows("DescribeRecoveryPointOutput", "EncryptionKeyType"):
        assert found["EncryptionKeyType"] == "AWS_OWNED_KMS_KEY"


@air_gapped
@pytest.mark.parametrize("key", [SOURCE_KEY, None])
@pytest.mark.parametrize("further", [True, False])
def test_the_type_of_the_key_that_is_given(
    backup: FakeBackup, key: str | None, *, further: bool
) -> None:
    """A seeded recovery point's own key, or none, tells the type; also of one that is there."""
    if not shows("DescribeRecoveryPointOutput", "EncryptionKeyType"):
        pytest.skip("the installed botocore does not know the type of a key")
    vault_key = key_of("gapped") if key is None else None
    backup.add_vault(BackupVaultName="gapped", VaultType=GAPPED, EncryptionKeyArn=vault_key)
    named: Any = {"BackupVaultName": "gapped"}
    if further:
        job = backup.add_backup_job(BackupVaultName="gapped")
        named["RecoveryPointArn"] = job["RecoveryPointArn"]
    point = backup.add_recovery_point(**named, EncryptionKeyArn=key)
    assert encryption(point) == (True, key)
    owner = "AWS_OWNED" if key is None else "CUSTOMER_MANAGED"
    assert point["EncryptionKeyType"] == f"{owner}_KMS_KEY"


@air_gapped
def test_the_type_of_a_key(backup: FakeBackup) -> None:
    """A recovery point says in an air-gapped vault whose key it has, and nowhere else."""
    if not shows("DescribeRecoveryPointOutput", "EncryptionKeyType"):
        pytest.skip("the installed botocore does not know the type of a key")
    found = copied(backup, "gapped", {})
    assert found["EncryptionKeyType"] == "CUSTOMER_MANAGED_KMS_KEY"
    backup.add_vault(BackupVaultName="Out", EncryptionKeyArn=SOURCE_KEY)
    job = started(backup, found["RecoveryPointArn"], "There", backup.vaults["Out"].arn)
    out = backup.recovery_points[job["DestinationRecoveryPointArn"]]
    assert encryption(out) == (True, SOURCE_KEY)
    assert "EncryptionKeyType" not in out


@air_gapped
@pytest.mark.parametrize("resource_type", ["EBS", "EFS", "Aurora"])
def test_seeded_in_an_air_gapped_vault(backup: FakeBackup, resource_type: str) -> None:
    """What is seeded in an air-gapped vault is encrypted with its key, unless the seed says no."""
    backup.add_vault(BackupVaultName="Gapped", VaultType=GAPPED)
    backup.add_vault(BackupVaultName="Keyed", VaultType=GAPPED, EncryptionKeyArn=SOURCE_KEY)
    of: dict[str, Any] = {"ResourceType": resource_type}
    owned = backup.add_recovery_point(BackupVaultName="Gapped", **of)
    keyed = backup.add_recovery_point(BackupVaultName="Keyed", **of)
    plain = backup.add_recovery_point(BackupVaultName="Keyed", IsEncrypted=False, **of)
    assert [encryption(each) for each in (owned, keyed, plain)] == [
        (True, None),
        (True, SOURCE_KEY),
        (False, None),
    ]


def test_a_seeded_copy_job(backup: FakeBackup) -> None:
    """What a seeded copy job leaves is encrypted alike, or with the key that the job names."""
    there = backup.at(region=OTHER_REGION)
    vault = there.add_vault(BackupVaultName="There", EncryptionKeyArn=key_of("region"))
    backup.add_recovery_point(BackupVaultName="Default")
    job = backup.add_copy_job(DestinationBackupVaultArn=vault.arn)
    found = there.recovery_points[job["DestinationRecoveryPointArn"]]
    assert encryption(found) == (True, key_of("region"))
    if not shows("CopyJob", "DestinationEncryptionKeyArn"):
        pytest.skip("the installed botocore knows no key of a copy job")
    named = f"arn:aws:kms:{OTHER_REGION}:{ACCOUNT}:key/named"
    job = backup.add_copy_job(
        DestinationBackupVaultArn=vault.arn, DestinationEncryptionKeyArn=named
    )
    found = there.recovery_points[job["DestinationRecoveryPointArn"]]
    assert found["EncryptionKeyArn"] == named
