"""Backup vaults and the recovery points in them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from fakebackup.errors import near
from fakebackup.model import shapes
from fakebackup.model.defaults import ROLE
from fakebackup.model.records import Record
from fakebackup.model.resources import RESOURCE_TYPES, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.defaults import Place
    from fakebackup.model.shapes import Shape

DAY = 24 * 60 * 60 * 1000
DEFAULT = "Default"
NORMAL, AIR_GAPPED = "BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


class Vault(Record):
    """A backup vault, read like DescribeBackupVault's answer.

    Attributes:
        account: the account it lies in.
        region: the region it lies in.
        members: what it has, as the model keeps it; its number of recovery points apart.
        policy: its access policy, as JSON text; None where it has none. It is not enforced.
        notifications: what SNS is told, as {"SNSTopicArn": ..., "BackupVaultEvents": [...]}.
        points: its recovery points by ARN, in the order they came.
    """

    __slots__ = ("account", "members", "notifications", "points", "policy", "region")

    def __init__(self, account: str, region: str, members: dict[str, Any]) -> None:
        """Make a vault; users call `FakeBackup.add_vault`."""
        self.account = account
        self.region = region
        self.members = members
        self.policy: str | None = None
        self.notifications: dict[str, Any] | None = None
        self.points: dict[str, RecoveryPoint] = {}

    @property
    def name(self) -> str:
        """The vault's name."""
        return str(self.members["BackupVaultName"])

    @property
    def arn(self) -> str:
        """The vault's ARN."""
        return str(self.members["BackupVaultArn"])

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them."""
        return {**self.members, "NumberOfRecoveryPoints": len(self.points)}

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, the conversion to what botocore's parser gives."""
        return _shown("DescribeBackupVaultOutput")

    def __repr__(self) -> str:
        count = len(self.points)
        return f"<backup vault {self.name}: {count} points, {self.account} {self.region}>"


class RecoveryPoint(Record):
    """A recovery point, read like DescribeRecoveryPoint's answer.

    Attributes:
        vault: the vault it lies in.
        members: what it has, as the model keeps it.
        metadata: what GetRecoveryPointRestoreMetadata answers.
    """

    __slots__ = ("members", "metadata", "vault")

    def __init__(
        self, vault: Vault, members: dict[str, Any], metadata: dict[str, str] | None = None
    ) -> None:
        """Make a recovery point; users call `FakeBackup.add_recovery_point`."""
        self.vault = vault
        self.members = members
        self.metadata = metadata or {}

    @property
    def arn(self) -> str:
        """The recovery point's ARN."""
        return str(self.members["RecoveryPointArn"])

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, the vault's among them."""
        vault = self.vault.members
        kept = {
            **self.members,
            "BackupVaultName": vault["BackupVaultName"],
            "BackupVaultArn": vault["BackupVaultArn"],
            "VaultType": vault["VaultType"],
        }
        calculated = calculated_lifecycle(self.members)
        if calculated:
            kept["CalculatedLifecycle"] = calculated
        return kept

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, the conversion to what botocore's parser gives."""
        return _shown("DescribeRecoveryPointOutput")

    def __repr__(self) -> str:
        status = self.members["Status"]
        return f"<recovery point {self.arn}: {status} in {self.vault.name}>"


def calculated_lifecycle(members: Mapping[str, Any]) -> dict[str, int]:
    """Return when a recovery point turns cold and when it is deleted, in milliseconds."""
    lifecycle = members.get("Lifecycle", {})
    created = members["CreationDate"]
    return {
        shown: created + lifecycle[asked] * DAY
        for asked, shown in (
            ("MoveToColdStorageAfterDays", "MoveToColdStorageAt"),
            ("DeleteAfterDays", "DeleteAt"),
        )
        if lifecycle.get(asked, -1) > 0
    }


@functools.cache
def _shape_members(shape: str) -> Mapping[str, Shape]:
    found: Shape = shapes.service_model().shape_for(shape)
    members: Mapping[str, Shape] = found.members
    return members


@functools.cache
def _shown(shape: str) -> Mapping[str, Callable[[Any], Any]]:
    return {name: shapes.shower(each) for name, each in _shape_members(shape).items()}


@functools.cache
def _keepers(shape: str) -> Mapping[str, Callable[[Any, str], Any]]:
    return {name: shapes.keeper(each) for name, each in _shape_members(shape).items()}


def read(
    what: str, shape: str, members: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return seeded members as the model keeps them, and the Tags among them.

    Args:
        what: "vault" or "recovery point", for messages.
        shape: the shape of its Describe's answer.
        members: what the user gave; None leaves a member out.

    Raises:
        TypeError: a member that does not exist, or a value of the wrong type.
        ValueError: a value outside the enum, a date that is none.
    """
    keepers = _keepers(shape)
    kept = {}
    for name, value in members.items():
        if name != "Tags" and name not in keepers:
            msg = f"A {what} has no member {name!r}{near(name, [*keepers, 'Tags'])}"
            raise TypeError(msg)
        if value is not None:
            kept[name] = _tags(value) if name == "Tags" else keepers[name](value, name)
    tags = kept.pop("Tags", {})
    return kept, tags


def _tags(value: Any) -> dict[str, str]:
    texts = isinstance(value, dict) and all(
        isinstance(each, str) for pair in value.items() for each in pair
    )
    if not texts:
        msg = f"Tags is a dict of strings, not {value!r}."
        raise TypeError(msg)
    return dict(value)


class Vaults:
    """All vaults of a fake, by account and region, each in the order they came."""

    def __init__(self) -> None:
        self._here: dict[tuple[str, str], dict[str, Vault]] = {}

    def here(self, account: str, region: str) -> dict[str, Vault]:
        """Return the vaults of an account and region by name."""
        return self._here.setdefault((account, region), {})

    def at(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, wherever it lies."""
        parts = arn.split(":")
        if len(parts) != 7:  # noqa: PLR2004  arn:partition:backup:region:account:backup-vault:name
            return None
        found = self._here.get((parts[4], parts[3]), {}).get(parts[6])
        return found if found is not None and found.arn == arn else None

    def points(self, account: str, region: str) -> Iterator[RecoveryPoint]:
        """Yield the recovery points of an account and region, the newest first."""
        found = [
            point
            for vault in self.here(account, region).values()
            for point in vault.points.values()
        ]
        return iter(sorted(found, key=point_position))

    def accounts(self) -> set[str]:
        """Return the accounts that have a vault."""
        return {account for (account, _), vaults in self._here.items() if vaults}


def point_position(point: RecoveryPoint) -> tuple[int, str]:
    """Return where a recovery point stands in lists: newest first, then by ARN."""
    return (-point.members["CreationDate"], point.arn)


def vault_members(place: Place, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a vault's members: the given ones, and what every vault has.

    Args:
        place: where it lies, since when, and a number of its own in the fake.
        name: its name.
        given: what was said of it.
    """
    return {
        "BackupVaultName": name,
        "BackupVaultArn": place.vault(name),
        "VaultType": NORMAL,
        "VaultState": "AVAILABLE",
        # AWS's own key for Backup; a logically air-gapped vault has one that AWS owns.
        "EncryptionKeyArn": place.arn("arn:{p}:kms:{r}:{a}:key/{uuid}"),
        "CreationDate": place.created,
        "Locked": False,
        **given,
    }


def point_members(place: Place, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recovery point's members: the given ones (None is none), and defaults."""
    kind = given.get("ResourceType") or type_of(given.get("ResourceArn") or "") or "EBS"
    known = RESOURCE_TYPES.get(kind, RESOURCE_TYPES["EBS"])
    members = {
        "RecoveryPointArn": place.arn(known.point),
        "ResourceArn": place.arn(known.arn),
        "ResourceType": kind,
        "IamRoleArn": place.arn(ROLE),
        "Status": "COMPLETED",
        "CreationDate": place.created,
        "CompletionDate": given.get("CreationDate", place.created),
        "BackupSizeInBytes": known.size,
        "IsEncrypted": False,
        "StorageClass": "WARM",
        "IsParent": False,
        **given,
    }
    return {name: value for name, value in members.items() if value is not None}
