"""Backup vaults and the recovery points in them, as tests look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fakebackup.model.shapes.records import Record
from fakebackup.model.vaults.lifecycles import calculated_lifecycle
from fakebackup.model.vaults.members import POINT, VAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.resources.arns import Home

_CONTINUOUS = frozenset({"AVAILABLE", "STOPPED"})


class Surroundings(Protocol):
    """What a vault knows of the store that it lies in."""

    home: Home

    def catch_up(self) -> None:
        """Move what the clock has made due."""

    def leave_behind(self) -> None:
        """Make what seeded jobs left, which nobody asked for so far."""

    def find_vault(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, in whatever account and Region."""

    def relist(self, before: tuple[Any, ...], now: tuple[Any, ...]) -> None:
        """Remember that a vault came to stand elsewhere in lists."""


class Vault(Record):
    """A backup vault, read like DescribeBackupVault's answer.

    Attributes:
        store: the store it lies in: that of an account in a Region.
        members: what it has, as the model keeps it. A NumberOfRecoveryPoints here is of those
            that are in it besides `points`.
        number: its number in the fake.
        implied: whether it is only there because a seeded job or recovery point lies in it, or
            by the option `default_vault`.
        policy: its access policy, as JSON text; None where it has none. It is not enforced.
        notifications: what SNS is told, as {"SNSTopicArn": ..., "BackupVaultEvents": [...]}.
        points: its recovery points by ARN, in the order they came.
    """

    __slots__ = ("implied", "members", "notifications", "number", "points", "policy", "store")

    def __init__(
        self, store: Surroundings, members: dict[str, Any], number: int, *, implied: bool
    ) -> None:
        """Make a vault; users call `FakeBackup.add_vault`."""
        self.store = store
        self.members = members
        self.number = number
        self.implied = implied
        self.policy: str | None = None
        self.notifications: dict[str, Any] | None = None
        self.points: dict[str, RecoveryPoint] = {}

    @property
    def account(self) -> str:
        """The account it lies in."""
        return self.store.home.account

    @property
    def region(self) -> str:
        """The Region it lies in."""
        return self.store.home.region

    @property
    def name(self) -> str:
        """The vault's name."""
        return str(self.members["BackupVaultName"])

    @property
    def arn(self) -> str:
        """The vault's ARN."""
        return str(self.members["BackupVaultArn"])

    @property
    def position(self) -> tuple[int, int]:
        """Where the vault stands in lists: as created, the oldest first [assumed]."""
        return (self.members["CreationDate"], self.number)

    @property
    def seen(self) -> Mapping[str, RecoveryPoint]:
        """The recovery points that are seen in it: its own, or those it gives restore access to."""
        source = self.members.get("SourceBackupVaultArn")
        if source is None:
            return self.points
        found = self.store.find_vault(source)
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
            self.become({**self.members, "CreationDate": created})

    def become(self, members: dict[str, Any]) -> None:
        """Give the vault other members, perhaps another CreationDate."""
        before = self.position
        self.members = members
        self.store.relist(before, self.position)

    def looked_at(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, once all that is to be in it is in it."""
        self.store.catch_up()
        self.store.leave_behind()
        return self.kept()

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, the conversion to what botocore's parser gives."""
        return VAULT.shown

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
        self.vault.store.catch_up()
        self.vault.store.leave_behind()
        return self.kept()

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, the conversion to what botocore's parser gives."""
        return POINT.shown

    def __repr__(self) -> str:
        status = self.members["Status"]
        return f"<recovery point {self.arn}: {status} in {self.vault.name}>"
