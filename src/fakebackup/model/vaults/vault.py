"""Backup vaults and recovery points: what users seed, operations answer and tests read."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from fakebackup.errors import number_of
from fakebackup.model.ordered import Ordered
from fakebackup.model.resources.points import is_continuous_arn
from fakebackup.model.resources.types import features_of
from fakebackup.model.shapes.records import Record
from fakebackup.model.vaults import automatic
from fakebackup.model.vaults.lifecycles import AFTER_COPY, BY_EVENT, calculated_lifecycle
from fakebackup.model.vaults.members import AIR_GAPPED, NORMAL, POINT, VAULT, own_key, shown_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.resources.arns import Home

_CONTINUOUS = frozenset({"AVAILABLE", "STOPPED"})

RESOURCE, PARENT = "ResourceArn", "ParentRecoveryPointArn"
_FILED_BY = ("CreationDate", RESOURCE, PARENT)
"""The members by which lists find recovery points: a point that gets others is filed anew."""


class OwningStore(Protocol):
    """The store that a vault lies in, as far as the vault uses it."""

    home: Home

    def catch_up(self) -> None:
        """Make the moves that the clock has made due."""

    def leave_behind(self) -> None:
        """Create the vaults and recovery points of seeded jobs that do not exist yet."""

    def find_vault(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, in any account and Region; None if there is none."""

    def keep_point(self, point: RecoveryPoint) -> None:
        """Keep a recovery point as it is before a change, for the savepoint that is open."""

    def note_gone(self, point: RecoveryPoint) -> None:
        """Note that a recovery point is gone."""

    def file(self, point: RecoveryPoint) -> None:
        """Let lists show a recovery point."""

    def unfile(self, point: RecoveryPoint) -> None:
        """Let lists no longer show a recovery point, which has not changed since `file`."""

    def relist(self, before: tuple[Any, ...], now: tuple[Any, ...]) -> None:
        """Note that a vault's position in lists has changed."""


class _Nowhere:
    """The store of a vault that is in no fake: a copy, or one out of a pickle."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def catch_up(self) -> None:
        """Do nothing: no clock moves what is in no fake."""

    def leave_behind(self) -> None:
        """Do nothing: no seeded job leaves anything here."""

    def find_vault(self, _arn: str) -> Vault | None:
        """Return None: there is no other vault."""
        return None

    def keep_point(self, point: RecoveryPoint) -> None:
        """Do nothing: no savepoint is about what is in no fake."""

    def note_gone(self, point: RecoveryPoint) -> None:
        """Do nothing: nobody has made anything for it."""

    def file(self, point: RecoveryPoint) -> None:
        """Keep a recovery point in its vault's order."""
        point.vault.in_order.add(point)

    def unfile(self, point: RecoveryPoint) -> None:
        """Take a recovery point out of its vault's order."""
        point.vault.in_order.remove(point)

    def relist(self, before: tuple[Any, ...], now: tuple[Any, ...]) -> None:
        """Do nothing: nothing is listed."""


class Vault(Record):
    """A backup vault, read like DescribeBackupVault's answer.

    A copy of a vault, by `copy`, `deepcopy` or `pickle`, is in no fake, and reads as the vault
    did; copies of its recovery points lie in it.

    Attributes:
        store: the store of the account and Region that it lies in.
        members: its members, as the model keeps them (dates in milliseconds). Their
            NumberOfRecoveryPoints counts those that it has besides `points`.
        number: its number in the fake.
        implied: whether it exists only because of a seeded job or recovery point in it, or by
            the option `default_vault`.
        policy: its access policy, as JSON text; None where it has none. That of EFS's automatic
            backups is enforced, others with the option `enforce_policies`.
        notifications: its notification settings, as {"SNSTopicArn": ...,
            "BackupVaultEvents": [...]}; None where it has none.
        came: how many recovery points have been added so far.
        points: its recovery points by ARN, in the order they were added; for reading.
        in_order: the same as lists show them: newest first, then by ARN; for reading.
    """

    __slots__ = (
        "_by_arn",
        "came",
        "implied",
        "in_order",
        "members",
        "notifications",
        "number",
        "points",
        "policy",
        "store",
    )

    def __init__(
        self, store: OwningStore, members: dict[str, Any], number: int, *, implied: bool
    ) -> None:
        """Make a vault; users call `FakeBackup.add_vault`."""
        self.store = store
        self.members = members
        self.number = number
        self.implied = implied
        self.policy = automatic.first_policy(self.name)
        self.notifications: dict[str, Any] | None = None
        self._by_arn: dict[str, RecoveryPoint] = {}
        self.came = 0
        self.points: Mapping[str, RecoveryPoint] = MappingProxyType(self._by_arn)
        self.in_order: Ordered[RecoveryPoint] = Ordered(point_position)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the vault as one that is in no fake and reads the same."""
        members = dict(self.kept_now())
        points = [_content(each) for each in list(self.points.values())]
        if "NumberOfRecoveryPoints" in members:
            members["NumberOfRecoveryPoints"] -= len(points)
        return _rebuilt_vault, (_label(self, members), points)

    @property
    def account(self) -> str:
        """The id of the account that it lies in."""
        return self.store.home.account

    @property
    def region(self) -> str:
        """The Region that it lies in."""
        return self.store.home.region

    @property
    def name(self) -> str:
        """The vault's name."""
        return str(self.members["BackupVaultName"])

    @property
    def arn(self) -> str:
        """The vault's ARN."""
        arn: str = self.members["BackupVaultArn"]
        return arn

    @property
    def vault_type(self) -> str:
        """The type of the vault; an ordinary one where a recorded answer says none."""
        return str(self.members.get("VaultType", NORMAL))

    @property
    def locked(self) -> bool:
        """Whether the vault has a lock."""
        return bool(self.members.get("Locked"))

    @property
    def key_arn(self) -> str | None:
        """The ARN of its key; the one of AWS, if that is shown, where nothing says another."""
        found: str | None = self.members.get("EncryptionKeyArn")
        return found or shown_key(self.store.home, self.vault_type)

    @property
    def has_service_key(self) -> bool:
        """Whether its key is the one that AWS Backup makes, of which nothing can be shared."""
        return self.vault_type == NORMAL and self.key_arn == own_key(self.store.home, NORMAL)

    @property
    def is_shared(self) -> bool:
        """Whether the other accounts of the Region see it as shared with them [assumed]."""
        return self.vault_type == AIR_GAPPED

    @property
    def opened(self) -> Vault:
        """The vault whose recovery points it shows: itself, or the one it gives access to."""
        source = self.members.get("SourceBackupVaultArn")
        found = None if source is None else self.store.find_vault(source)
        return self if found is None else found

    @property
    def position(self) -> tuple[int, int]:
        """The sort key in lists: oldest first [assumed]."""
        return (self.members["CreationDate"], self.number)

    @property
    def seen(self) -> Mapping[str, RecoveryPoint]:
        """The recovery points that it shows: its own, or those it gives restore access to."""
        return self.opened.points

    @property
    def count(self) -> int:
        """How many recovery points it shows, those included that a seed only counted."""
        return self.held_besides + len(self.seen)

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them."""
        if self.members.get("NumberOfRecoveryPoints", 0) is None:
            # A recorded answer did not say it.
            return {k: v for k, v in self.members.items() if v is not None}
        return {**self.members, "NumberOfRecoveryPoints": self.count}

    @property
    def held_besides(self) -> int:
        """How many recovery points it has besides `points`."""
        return int(self.members.get("NumberOfRecoveryPoints") or 0)

    def put(self, point: RecoveryPoint) -> None:
        """Add a recovery point; an implied vault is no younger than the recovery points in it."""
        self.came += 1
        self.put_back(point, self.came)
        created = point.members["CreationDate"]
        if self.implied and created < self.members["CreationDate"]:
            self.become({**self.members, "CreationDate": created})

    def put_back(self, point: RecoveryPoint, number: int) -> None:
        """Add a recovery point under the number that it had in the vault before."""
        self.store.keep_point(point)
        point.number = number
        self._by_arn[point.arn] = point
        self.store.file(point)

    def become(self, members: dict[str, Any]) -> None:
        """Replace the vault's members, perhaps with another CreationDate."""
        before = self.position
        self.members = members
        self.store.relist(before, self.position)

    def take(self, point: RecoveryPoint) -> None:
        """Remove a recovery point that lies here."""
        self.store.keep_point(point)
        self.store.unfile(point)
        del self._by_arn[point.arn]
        self.store.note_gone(point)

    def kept_now(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, with all its recovery points counted."""
        self.store.catch_up()
        self.store.leave_behind()
        return self.kept()

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, in Describe's order, the conversion to what botocore's parser returns."""
        return VAULT.shown

    @property
    def _changed_by(self) -> str:
        """What changes it, for messages."""
        return (
            "client.put_backup_vault_lock_configuration(...), "
            "client.put_backup_vault_access_policy(...) and their siblings, or "
            "backup.remove(...), and adding it anew"
        )

    def __repr__(self) -> str:
        count = number_of(len(self.points), "point")
        return f"<backup vault {self.name}: {count}, {self.account} {self.region}>"


class RecoveryPoint(Record):
    """A recovery point, read like DescribeRecoveryPoint's answer.

    A copy of a recovery point, by `copy`, `deepcopy` or `pickle`, is in no fake, and reads as
    the recovery point did; so does its vault.

    Attributes:
        vault: the vault that it lies in.
        number: its number in the vault, in the order they were added; 0 before.
        metadata: the answer of GetRecoveryPointRestoreMetadata; empty for the default one.
        implied: whether it exists only because of a seeded job.
    """

    __slots__ = ("_members", "implied", "metadata", "number", "vault")

    def __init__(
        self, vault: Vault, members: dict[str, Any], metadata: dict[str, str] | None = None
    ) -> None:
        """Make a recovery point; users call `FakeBackup.add_recovery_point`."""
        self.vault = vault
        self._members: Mapping[str, Any] = members
        self.number = 0
        self.metadata = metadata or {}
        self.implied = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the recovery point as one that is in no fake and reads the same."""
        members = dict(self.vault.kept_now())
        return _rebuilt_point, (_label(self.vault, members), _content(self))

    @property
    def members(self) -> Mapping[str, Any]:
        """Its members, as the model keeps them (dates in milliseconds); replaced, never changed."""
        return self._members

    @members.setter
    def members(self, members: Mapping[str, Any]) -> None:
        self.vault.store.keep_point(self)
        before = self._members
        refiled = self.vault.points.get(self.arn) is self and any(
            before.get(name) != members.get(name) for name in _FILED_BY
        )
        if refiled:
            self.vault.store.unfile(self)
        self._members = members
        if refiled:
            self.vault.store.file(self)

    @property
    def arn(self) -> str:
        """The recovery point's ARN."""
        arn: str = self._members["RecoveryPointArn"]
        return arn

    @property
    def is_continuous(self) -> bool:
        """Whether it is a continuous backup: by its ARN, or by its status [assumed].

        A type that has no continuous backups has none, whatever the status.
        """
        if is_continuous_arn(self.arn):
            return True
        if self.members["Status"] not in _CONTINUOUS:
            return False
        known = features_of(self.members.get("ResourceType"), self.arn)
        return known is None or known.continuous

    @property
    def is_busy(self) -> bool:
        """Whether it is still being made, or is being deleted."""
        return self.members["Status"] in ("CREATING", "DELETING")

    @property
    def is_temporary(self) -> bool:
        """Whether it is deleted once it is copied to a logically air-gapped vault.

        Restore tests, indexes and scans pass over it [documented: guide].
        """
        return bool(self.members.get("Lifecycle", {}).get(BY_EVENT) == AFTER_COPY)

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, including those of its vault."""
        return self.kept_in(self.vault)

    def kept_in(self, shown_in: Vault) -> Mapping[str, Any]:
        """Return the members as shown in a vault: its own, or one that gives restore access."""
        return kept_in(shown_in, self.members)

    def kept_now(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, after the moves that the clock made due."""
        self.vault.store.catch_up()
        self.vault.store.leave_behind()
        return self.kept()

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, in Describe's order, the conversion to what botocore's parser returns."""
        return POINT.shown

    @property
    def _changed_by(self) -> str:
        """What changes it, for messages."""
        return (
            "client.update_recovery_point_lifecycle(...) and "
            "client.update_recovery_point_index_settings(...), or backup.remove(...), and "
            "adding it anew"
        )

    def __repr__(self) -> str:
        status = self.members["Status"]
        return f"<recovery point {self.arn}: {status} in {self.vault.name}>"


def kept_in(vault: Vault, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a recovery point's members with those that its vault adds.

    Args:
        vault: the vault.
        members: the recovery point's own members, as the model keeps them.
    """
    kept = {
        **members,
        "BackupVaultName": vault.members["BackupVaultName"],
        "BackupVaultArn": vault.members["BackupVaultArn"],
    }
    # None is what a recorded answer did not say.
    if "VaultType" not in kept:
        kept["VaultType"] = vault.vault_type
    elif kept["VaultType"] is None:
        del kept["VaultType"]
    if "CalculatedLifecycle" not in kept:
        calculated = calculated_lifecycle(members)
        if calculated:
            kept["CalculatedLifecycle"] = calculated
    elif kept["CalculatedLifecycle"] is None:
        del kept["CalculatedLifecycle"]
    return kept


def point_position(point: RecoveryPoint) -> tuple[int, str]:
    """Return the sort key of a recovery point in lists: newest first, then by ARN."""
    members = point.members
    return (-members["CreationDate"], members["RecoveryPointArn"])


# --- Copies and pickles -------------------------------------------------------------------


def _label(vault: Vault, members: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a copy of a vault has besides recovery points."""
    return (vault.store.home, members, vault.number, vault.policy, vault.notifications)


def _content(point: RecoveryPoint) -> tuple[Any, ...]:
    """Return what a copy of a recovery point has besides its vault."""
    return dict(point.members), point.metadata, point.number, point.implied


def _rebuilt_vault(label: tuple[Any, ...], points: list[tuple[Any, ...]]) -> Vault:
    """Return a copied or unpickled vault."""
    home, members, number, policy, notifications = label
    vault = Vault(_Nowhere(home), members, number, implied=False)
    vault.policy, vault.notifications = policy, notifications
    for each in points:
        vault.put(_point_in(vault, each))
    return vault


def _rebuilt_point(label: tuple[Any, ...], content: tuple[Any, ...]) -> RecoveryPoint:
    """Return a copied or unpickled recovery point."""
    return _point_in(_rebuilt_vault(label, []), content)


def _point_in(vault: Vault, content: tuple[Any, ...]) -> RecoveryPoint:
    members, metadata, number, implied = content
    point = RecoveryPoint(vault, members, metadata)
    point.number, point.implied = number, implied
    return point
