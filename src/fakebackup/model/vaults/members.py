"""The members of vaults and recovery points: what may be seeded, and what each has by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.clock import TEN_MINUTES
from fakebackup.model.resources.arns import ROLE
from fakebackup.model.resources.types import RESOURCE_TYPES, type_of
from fakebackup.model.shapes.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Place

DEFAULT = "Default"
"""The name of the vault that AWS makes by itself."""

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
    """Return seeded members as `Schema.read` does, and apart from them the Tags among them.

    Raises:
        TypeError, ValueError: as `Schema.read`; Tags that are no dict of strings.
    """
    kept = schema.read(given)
    tags = kept.pop("Tags", None)
    return kept, None if tags is None else read_tags(tags)


def read_tags(value: Any) -> dict[str, str]:
    """Return tags that a user gave.

    Raises:
        TypeError: no dict of strings.
    """
    texts = isinstance(value, dict) and all(
        isinstance(each, str) for pair in value.items() for each in pair
    )
    if not texts:
        msg = f"Tags is a dict of strings, not {value!r}."
        raise TypeError(msg)
    return dict(value)


# AWS's own key for Backup, one an account and region; an air-gapped vault has one that AWS owns.
_KEYS = {
    NORMAL: "arn:{p}:kms:{r}:{a}:key/ba000000-0000-4000-9000-000000000001",
    AIR_GAPPED: "arn:{p}:kms:{r}:{a}:key/ba000000-0000-4000-9000-000000000002",
}
_LOCK = ("MinRetentionDays", "MaxRetentionDays", "LockDate")


def vault_members(place: Place, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a vault's members: the given ones (None is none), and what every vault has.

    A vault is locked where something of a lock is given. A logically air-gapped vault is
    locked for good from its creation, and shows whose its key is; another one shows that for
    a key that was given only [assumed].

    Args:
        place: where it lies, since when, and a number of its own in the fake.
        name: its name.
        given: what was said of it.
    """
    kind = given.get("VaultType", NORMAL)
    members = {
        "BackupVaultName": name,
        "BackupVaultArn": place.home.vault(name),
        "VaultType": kind,
        "EncryptionKeyArn": place.arn(_KEYS.get(kind, _KEYS[NORMAL])),
        "CreationDate": place.created,
        "Locked": kind == AIR_GAPPED or any(given.get(each) is not None for each in _LOCK),
    }
    if kind != NORMAL:
        # Ordinary vaults show no state [reported: two answers of 2026].
        members["VaultState"] = "AVAILABLE"
    if kind == AIR_GAPPED:
        members["LockDate"] = given.get("CreationDate", place.created)
        members["EncryptionKeyType"] = "AWS_OWNED_KMS_KEY"
    if given.get("EncryptionKeyArn") is not None:
        members["EncryptionKeyType"] = "CUSTOMER_MANAGED_KMS_KEY"
    members |= given
    return {member: value for member, value in members.items() if value is not None}


def point_members(place: Place, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recovery point's members: the given ones (None is none), and defaults.

    It is complete ten minutes after its creation, or now if that is sooner.
    """
    kind = given.get("ResourceType") or type_of(given.get("ResourceArn") or "") or "EBS"
    known = RESOURCE_TYPES.get(kind, RESOURCE_TYPES["EBS"])
    created = given.get("CreationDate", place.created)
    members = {
        "RecoveryPointArn": place.arn(known.point),
        "ResourceArn": place.arn(known.arn),
        "ResourceType": kind,
        "IamRoleArn": place.arn(ROLE),
        "Status": "COMPLETED",
        "CreationDate": created,
        "BackupSizeInBytes": known.size,
        "IsEncrypted": False,
        "StorageClass": "WARM",
        "IsParent": False,
    }
    if given.get("Status", "COMPLETED") != "CREATING":
        members["CompletionDate"] = max(created, min(created + TEN_MINUTES, place.now))
    members |= given
    return {name: value for name, value in members.items() if value is not None}
