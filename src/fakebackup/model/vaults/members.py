"""The members of vaults and recovery points: their schemas, and their defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.clock import TEN_MINUTES
from fakebackup.model.resources.arns import ROLE
from fakebackup.model.resources.types import RESOURCE_TYPES, type_of
from fakebackup.model.shapes.requests import AUTOMATIC
from fakebackup.model.shapes.schema import Schema
from fakebackup.model.vaults import automatic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Place

DEFAULT = "Default"
"""The name of the vault that AWS creates by itself."""

NORMAL, AIR_GAPPED = "BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
RESTORE_ACCESS = "RESTORE_ACCESS_BACKUP_VAULT"
"""The types of vaults."""

VAULT = Schema(
    name="vault",
    described="DescribeBackupVaultOutput",
    item="BackupVaultListMember",
    typed="VaultMembers",
    needed=(
        "BackupVaultName",
        "BackupVaultArn",
        "CreationDate",
        "EncryptionKeyArn",
        "Locked",
        "NumberOfRecoveryPoints",
        "VaultType",
    ),
)
POINT = Schema(
    name="recovery point",
    described="DescribeRecoveryPointOutput",
    item="RecoveryPointByBackupVault",
    typed="RecoveryPointMembers",
    needed=("RecoveryPointArn", "BackupVaultName", "BackupVaultArn", "CreationDate", "Status"),
)


def read(schema: Schema, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str] | None]:
    """Return seeded members as `Schema.read` does, and the Tags apart; None for no Tags.

    Raises:
        TypeError: as `Schema.read`, or Tags that are no dict of strings.
        ValueError: as `Schema.read`.
    """
    kept = schema.read(given)
    tags = kept.pop("Tags", None)
    return kept, None if tags is None else read_tags(tags)


def read_tags(value: Any) -> dict[str, str]:
    """Check tags that a user gave and return a copy.

    Raises:
        TypeError: they are no dict of strings.
    """
    texts = isinstance(value, dict) and all(
        isinstance(each, str) for pair in value.items() for each in pair
    )
    if not texts:
        msg = f"Tags is a dict of strings, not {value!r}."
        raise TypeError(msg)
    return dict(value)


# The AWS managed key of AWS Backup in an account and Region; the key of an air-gapped vault is
# owned by AWS.
_KEYS = {
    NORMAL: "arn:{p}:kms:{r}:{a}:key/ba000000-0000-4000-9000-000000000001",
    AIR_GAPPED: "arn:{p}:kms:{r}:{a}:key/ba000000-0000-4000-9000-000000000002",
}
_LOCK = ("MinRetentionDays", "MaxRetentionDays", "LockDate")


def vault_members(place: Place, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a vault's members: the given ones, and defaults for the others.

    A vault is Locked by default where a member of a lock is given. A logically air-gapped vault
    is locked for good from its creation and shows its EncryptionKeyType; another vault shows it
    only where a key is given [assumed].

    Args:
        place: the account, Region, number and creation date of the vault.
        name: its name.
        given: the given members, as the model keeps them; None leaves one out.
    """
    vault_type = given.get("VaultType", NORMAL)
    members = {
        "BackupVaultName": name,
        "BackupVaultArn": place.home.vault(name),
        "VaultType": vault_type,
        "VaultState": "AVAILABLE",
        "EncryptionKeyArn": place.arn(_KEYS.get(vault_type, _KEYS[NORMAL])),
        "CreationDate": place.created,
        "Locked": vault_type == AIR_GAPPED or any(given.get(each) is not None for each in _LOCK),
    }
    if name == AUTOMATIC:
        members["CreatorRequestId"] = automatic.request_id(place.home)
    if vault_type == AIR_GAPPED:
        members["LockDate"] = given.get("CreationDate", place.created)
        members["EncryptionKeyType"] = "AWS_OWNED_KMS_KEY"
    if given.get("EncryptionKeyArn") is not None:
        members["EncryptionKeyType"] = "CUSTOMER_MANAGED_KMS_KEY"
    members |= given
    return {member: value for member, value in members.items() if value is not None}


def point_members(place: Place, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recovery point's members: the given ones, and defaults for the others.

    Its default completion is ten minutes after its creation, or now if that is sooner.

    Args:
        place: the account, Region, number and dates of the recovery point.
        given: the given members, as the model keeps them; None leaves one out.
    """
    name = given.get("ResourceType") or type_of(given.get("ResourceArn") or "") or "EBS"
    resource_type = RESOURCE_TYPES.get(name, RESOURCE_TYPES["EBS"])
    created = given.get("CreationDate", place.created)
    members = {
        "RecoveryPointArn": place.arn(resource_type.point),
        "ResourceArn": place.arn(resource_type.arn),
        "ResourceType": name,
        "IamRoleArn": place.arn(ROLE),
        "Status": "COMPLETED",
        "CreationDate": created,
        "BackupSizeInBytes": resource_type.size,
        "IsEncrypted": False,
        "StorageClass": "WARM",
        "IsParent": False,
    }
    if given.get("Status", "COMPLETED") != "CREATING":
        members["CompletionDate"] = max(created, min(created + TEN_MINUTES, place.now))
    members |= given
    return {member: value for member, value in members.items() if value is not None}
