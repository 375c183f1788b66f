"""Backup vaults and the recovery points in them."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock
from fakebackup.errors import near
from fakebackup.model import shapes, showing
from fakebackup.model.defaults import ROLE, TEN_MINUTES
from fakebackup.model.kinds import typed_members
from fakebackup.model.records import Record
from fakebackup.model.resources import RESOURCE_TYPES, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.account import Organization
    from fakebackup.model.defaults import Place
    from fakebackup.model.shapes import Shape

DEFAULT = "Default"
NORMAL, AIR_GAPPED = "BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
RESTORE_ACCESS = "RESTORE_ACCESS_BACKUP_VAULT"

_CONTINUOUS = frozenset({"AVAILABLE", "STOPPED"})


class Vault(Record):
    """A backup vault, read like DescribeBackupVault's answer.

    Attributes:
        account: the account it lies in.
        region: the region it lies in.
        members: what it has, as the model keeps it. A NumberOfRecoveryPoints here is of those
            that are in it besides `points`.
        policy: its access policy, as JSON text; None where it has none. It is not enforced.
        notifications: what SNS is told, as {"SNSTopicArn": ..., "BackupVaultEvents": [...]}.
        points: its recovery points by ARN, in the order they came.
        organization: where it lies; None where nowhere.
        number: its number in the fake.
        implied: whether it is only there because a seeded job or recovery point lies in it, or
            by the option `default_vault`.
    """

    __slots__ = (
        "account",
        "implied",
        "members",
        "notifications",
        "number",
        "organization",
        "points",
        "policy",
        "region",
    )

    def __init__(self, account: str, region: str, members: dict[str, Any]) -> None:
        """Make a vault; users call `FakeBackup.add_vault`."""
        self.account = account
        self.region = region
        self.members = members
        self.policy: str | None = None
        self.notifications: dict[str, Any] | None = None
        self.points: dict[str, RecoveryPoint] = {}
        self.organization: Organization | None = None
        self.number = 0
        self.implied = False

    @property
    def name(self) -> str:
        """The vault's name."""
        return str(self.members["BackupVaultName"])

    @property
    def arn(self) -> str:
        """The vault's ARN."""
        return str(self.members["BackupVaultArn"])

    @property
    def seen(self) -> Mapping[str, RecoveryPoint]:
        """The recovery points that are seen in it: its own, or those it gives restore access to."""
        source = self.members.get("SourceBackupVaultArn")
        if source is None or self.organization is None:
            return self.points
        found = self.organization.vault_at(source)
        return self.points if found is None else found.points

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them."""
        count = self.members.get("NumberOfRecoveryPoints", 0) + len(self.seen)
        return {**self.members, "NumberOfRecoveryPoints": count}

    def put(self, point: RecoveryPoint) -> None:
        """Take a recovery point in; a vault that is implied is no younger than what lies in it."""
        self.points[point.arn] = point
        created = point.members["CreationDate"]
        if self.implied and created < self.members["CreationDate"]:
            self.members = {**self.members, "CreationDate": created}

    def looked_at(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, once all that is to be in it is in it."""
        self.settle()
        return self.kept()

    def settle(self) -> None:
        """Move what the clock has made due, and make what seeded jobs have left here."""
        if self.organization is not None:
            self.organization.settle()
            with self.organization.lock:
                self.organization.derive()

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
        metadata: what GetRecoveryPointRestoreMetadata answers; empty for what is usual.
        implied: whether it is only there because of a seeded job.
    """

    __slots__ = ("implied", "members", "metadata", "vault")

    def __init__(
        self, vault: Vault, members: dict[str, Any], metadata: dict[str, str] | None = None
    ) -> None:
        """Make a recovery point; users call `FakeBackup.add_recovery_point`."""
        self.vault = vault
        self.members = members
        self.metadata = metadata or {}
        self.implied = False

    @property
    def arn(self) -> str:
        """The recovery point's ARN."""
        return str(self.members["RecoveryPointArn"])

    @property
    def is_continuous(self) -> bool:
        """Whether its ARN, or a status that only those have, says continuous backup [assumed]."""
        return ":continuous:" in self.arn or self.members["Status"] in _CONTINUOUS

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, the vault's among them."""
        return self.kept_in(self.vault)

    def kept_in(self, seen: Vault) -> Mapping[str, Any]:
        """Return the members as they are seen in a vault: its own, or one with access to it."""
        vault = seen.members
        kept = {
            **self.members,
            "BackupVaultName": vault["BackupVaultName"],
            "BackupVaultArn": vault["BackupVaultArn"],
            "VaultType": vault["VaultType"],
        }
        calculated = calculated_lifecycle(self.members)
        if calculated and "CalculatedLifecycle" not in kept:
            kept["CalculatedLifecycle"] = calculated
        return kept

    def looked_at(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, once what time has moved has moved."""
        self.vault.settle()
        return self.kept()

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
        shown: created + lifecycle[asked] * clock.DAY
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
    return {name: showing.shower(each) for name, each in _shape_members(shape).items()}


@dataclass(frozen=True, eq=False)
class Sort:
    """What is seeded besides jobs.

    Attributes:
        name: as messages call it.
        shapes: those of it in Describe's answer and in lists.
        typed: the class in `typed` that spells out its members.
        mandatory: the members that it cannot be without.
    """

    name: str
    shapes: tuple[str, ...]
    typed: str
    mandatory: frozenset[str]

    @functools.cached_property
    def known(self) -> frozenset[str]:
        """The members that AWS documents today, should the installed botocore be older."""
        return typed_members(self.typed)

    @functools.cached_property
    def keepers(self) -> Mapping[str, Callable[[Any, str], Any]]:
        """Per member, the conversion from what is seeded to what is kept."""
        return {
            name: shapes.keeper(each)
            for shape in self.shapes
            for name, each in _shape_members(shape).items()
        }


VAULT = Sort(
    name="vault",
    shapes=("DescribeBackupVaultOutput", "BackupVaultListMember"),
    typed="VaultMembers",
    mandatory=frozenset(
        (
            "BackupVaultName",
            "BackupVaultArn",
            "CreationDate",
            "EncryptionKeyArn",
            "Locked",
            "NumberOfRecoveryPoints",
            "VaultType",
        )
    ),
)
POINT = Sort(
    name="recovery point",
    shapes=("DescribeRecoveryPointOutput", "RecoveryPointByBackupVault"),
    typed="RecoveryPointMembers",
    mandatory=frozenset(
        ("RecoveryPointArn", "BackupVaultName", "BackupVaultArn", "CreationDate", "Status")
    ),
)


def read(sort: Sort, members: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str] | None]:
    """Return seeded members as the model keeps them, and the Tags among them.

    Args:
        sort: what is seeded.
        members: what the user gave. A member given as None is kept as None: it is to be left
            out. ResponseMetadata is passed over, so that a recorded answer seeds as it is.

    Raises:
        TypeError: a member that does not exist, or a value of the wrong type.
        ValueError: a value outside the enum, a date that is none, None for a member that
            there always is.
    """
    keepers = sort.keepers
    kept: dict[str, Any] = {}
    tags = None
    for name, value in members.items():
        if name == "ResponseMetadata":
            continue
        if name not in keepers and name not in sort.known:
            msg = f"A {sort.name} has no member {name!r}{near(name, [*keepers, 'Tags'])}"
            raise TypeError(msg)
        if name == "Tags":
            tags = None if value is None else read_tags(value)
        elif value is None:
            if name in sort.mandatory:
                msg = f"A {sort.name} cannot be without {name}: leave it out to get the default."
                raise ValueError(msg)
            kept[name] = None
        else:
            # What the installed botocore does not know is kept; clients will not see it.
            kept[name] = keepers[name](value, name) if name in keepers else value
    return kept, tags


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


class Named(NamedTuple):
    """What the ARN of a vault names."""

    account: str
    region: str
    name: str


_ARN = re.compile(r"arn:[^:]+:backup:([^:]+):(\d{12}):backup-vault:([^:]+)")


def named_by(arn: str) -> Named | None:
    """Return the vault that an ARN names, be it there or not; None for what is no vault's ARN."""
    parts = _ARN.fullmatch(arn)
    return None if parts is None else Named(parts[2], parts[1], parts[3])


class Vaults:
    """All vaults of a fake, by account and region, each in the order they came."""

    def __init__(self) -> None:
        self._here: dict[tuple[str, str], dict[str, Vault]] = {}

    def here(self, account: str, region: str) -> dict[str, Vault]:
        """Return the vaults of an account and region by name."""
        return self._here.setdefault((account, region), {})

    def at(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, wherever it lies."""
        named = named_by(arn)
        if named is None:
            return None
        found = self._here.get((named.account, named.region), {}).get(named.name)
        return found if found is not None and found.arn == arn else None

    def points(self, account: str, region: str) -> Iterator[RecoveryPoint]:
        """Yield the recovery points of an account and region, the newest first."""
        found = [
            point
            for vault in self.here(account, region).values()
            for point in vault.points.values()
        ]
        return iter(sorted(found, key=point_position))

    def shared_with(self, account: str, region: str) -> list[Vault]:
        """Return the air-gapped vaults that other accounts have in a region."""
        return [
            vault
            for (home, here), vaults in self._here.items()
            if home != account and here == region
            for vault in vaults.values()
            if vault.members["VaultType"] == AIR_GAPPED
        ]

    def everywhere(self) -> list[tuple[tuple[str, str], dict[str, Vault]]]:
        """Return the vaults by name of every account and region that has one."""
        return [(place, here) for place, here in list(self._here.items()) if here]

    def accounts(self) -> set[str]:
        """Return the accounts that have a vault."""
        return {account for (account, _), vaults in self._here.items() if vaults}


def point_position(point: RecoveryPoint) -> tuple[int, str]:
    """Return where a recovery point stands in lists: newest first, then by ARN."""
    return (-point.members["CreationDate"], point.arn)


def vault_position(vault: Vault) -> tuple[int, int]:
    """Return where a vault stands in lists: as created, the oldest first [assumed]."""
    return (vault.members["CreationDate"], vault.number)


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
        "BackupVaultArn": place.vault(name),
        "VaultType": kind,
        "VaultState": "AVAILABLE",
        "EncryptionKeyArn": place.arn(_KEYS.get(kind, _KEYS[NORMAL])),
        "CreationDate": place.created,
        "Locked": kind == AIR_GAPPED or any(given.get(each) is not None for each in _LOCK),
    }
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
