"""Seed vaults, recovery points and resources for a test, and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock, errors, plain
from fakebackup.clock import TEN_MINUTES
from fakebackup.model.engine import ageing, placing
from fakebackup.model.resources.arns import Place
from fakebackup.model.resources.types import type_of
from fakebackup.model.resources.values import check_lock
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.records import instead
from fakebackup.model.stores.entries import LEGAL_HOLD
from fakebackup.model.vaults.members import (
    DEFAULT,
    NORMAL,
    OF_THE_VAULT,
    POINT,
    VAULT,
    point_members,
    read,
    read_tags,
    shown_key,
    vault_members,
    with_key,
)
from fakebackup.model.vaults.vault import PARENT, RecoveryPoint, point_position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.model.vaults.vault import Vault

_DATES = "CreationDate", "CompletionDate"
_OF_AWS = ("CreatorRequestId",)


def add_vault(organization: Organization, home: Home, members: Mapping[str, Any]) -> Vault:
    """Add a vault, as `FakeBackup.add_vault` describes.

    Args:
        organization: the organisation that holds it.
        home: the account and the Region that it is added to, unless its ARN names others.
        members: the members that the user gave.

    Raises:
        TypeError, ValueError: it cannot be added; nothing has changed then.
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        given, tags = read(VAULT, members)
        check_lock(given)
        store, name = placing.named_store(organization.store(*home), given)
        found = None if name is None else store.vaults.get(name)
        if found is None:
            name = name or _free_name(store)
            if "CreationDate" not in given:
                given["CreationDate"] = organization.numbers.next_creation()
            found = store.make_vault(name, given)
        elif found.implied:
            place = Place(store.home, found.number, 0, found.members["CreationDate"])
            own = {name: found.members[name] for name in _OF_AWS if name in found.members}
            found.become(vault_members(place, found.name, own | given))
            found.implied = False
        else:
            msg = f"BackupVaultName {name!r} is taken: {found!r}"
            raise ValueError(msg)
        if tags is not None:
            store.tags[found.arn] = tags
        return found


def add_point(organization: Organization, home: Home, members: Mapping[str, Any]) -> RecoveryPoint:
    """Add a recovery point, as `FakeBackup.add_recovery_point` describes.

    Arguments and errors are those of `add_vault`.
    """
    with organization.working():
        given, tags = read(POINT, members)
        store, name = placing.named_store(organization.store(*home), given)
        vault = store.vaults.get(name or DEFAULT)
        vault_type = given.get("VaultType")
        if vault is not None and vault_type not in (None, vault.vault_type):
            msg = f"VaultType {vault_type!r} is not that of the vault it lies in: {vault!r}"
            raise ValueError(msg)
        own = {member: each for member, each in given.items() if member not in OF_THE_VAULT}
        arn = own.get("RecoveryPointArn")
        before = None if arn is None else store.vaults.point(arn)
        if before is not None and not (before.implied and before.vault is vault):
            msg = f"RecoveryPointArn {arn!r} is taken: {before!r}"
            raise ValueError(msg)
        if before is not None:
            kept = {**before.members, **with_key(own, before.vault.vault_type)}
            dates.check_order(kept, *_DATES)
            _check_nesting(store, before.arn, kept)
            point = before
            listed_at = point_position(point)
            point.members = {member: each for member, each in kept.items() if each is not None}
            point.implied = False
            organization.relist(listed_at, point_position(point))
        else:
            dates.check_order(own, *_DATES)
            of_vault = vault_type or NORMAL, shown_key(store.home, vault_type or NORMAL)
            if vault is not None:
                of_vault = vault.vault_type, vault.key_arn
            numbers = organization.numbers
            taken = numbers.given_out()
            new = _new_point(store, own, *of_vault)
            try:
                _check_nesting(store, new["RecoveryPointArn"], own)
            except ValueError:
                numbers.take_back(taken)
                raise
            if vault is None:
                implied = {"VaultType": of_vault[0], "CreationDate": new["CreationDate"]}
                vault = store.make_vault(name or DEFAULT, implied, implied=True)
            point = RecoveryPoint(vault, new)
            vault.put(point)
        if tags is not None:
            store.tags[point.arn] = tags
        ageing.schedule_next(point, clock.now())
        return point


def _check_nesting(store: Store, arn: str, members: Mapping[str, Any]) -> None:
    """Refuse a recovery point that is nested in itself, or in one that is nested in it.

    Raises:
        ValueError: it is.
    """

    def parent_of(each: str) -> str | None:
        point = store.vaults.point(each)
        return None if point is None else point.members.get(PARENT)

    parent = members.get(PARENT)
    if parent is not None and placing.descends(parent, arn, parent_of):
        what = "is the recovery point itself" if parent == arn else "is nested in it"
        msg = f"{PARENT} {parent!r} {what}: a composite one is made before what it nests."
        raise ValueError(msg)


def add_resource(
    organization: Organization, home: Home, arn: str, tags: Mapping[str, str] | None
) -> None:
    """Add a resource that backup plans may select, as `FakeBackup.add_resource` describes.

    Raises:
        TypeError, ValueError: it cannot be added; nothing has changed then.
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        kept = {} if tags is None else read_tags(tags)
        arn = plain.scalar(arn)
        given: object = arn
        if not isinstance(given, str):
            hint = instead(given, "ResourceArn")
            msg = f"add_resource() takes the ARN of a resource, not {errors.quoted(given)}{hint}"
            raise TypeError(msg)
        if type_of(arn) is None:
            msg = (
                f"{errors.quoted(arn)} is no ARN of a resource of a type that AWS Backup protects."
            )
            raise ValueError(msg)
        organization.store(*home).resources[arn] = kept


def _free_name(store: Store) -> str:
    number = len(store.vaults) + 1
    while f"vault-{number}" in store.vaults:
        number += 1
    return f"vault-{number}"


def _new_point(
    store: Store, own: Mapping[str, Any], vault_type: str, key: str | None
) -> dict[str, Any]:
    """Return a new recovery point's members, skipping numbers with an ARN that is taken.

    Args:
        store: the store that it lies in.
        own: its given members.
        vault_type: the type of its vault.
        key: the ARN of that vault's key; None for one that is not shown.
    """
    numbers = store.organization.numbers
    created = own.get("CreationDate") or _created(store, own)
    now = clock.now()
    while True:
        place = Place(store.home, numbers.next(), now, created, store.organization)
        members = point_members(place, own, vault_type, key)
        if store.vaults.point(members["RecoveryPointArn"]) is None:
            return members


def _created(store: Store, own: Mapping[str, Any]) -> int:
    """Return the default creation date, in milliseconds, before a given completion."""
    completed = own.get("CompletionDate")
    default = store.organization.numbers.next_creation()
    if completed is not None and completed < default:
        return int(completed) - TEN_MINUTES
    return default


def remove_vault(organization: Organization, vault: Vault) -> None:
    """Remove a vault, its recovery points and the tags of all, without an event.

    Raises:
        ValueError: it is not in this fake.
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        store = organization.store(vault.account, vault.region)
        if store.vaults.get(vault.name) is not vault:
            msg = f"This vault is not in this fake: {vault!r}"
            raise ValueError(msg)
        for point in list(vault.points.values()):
            _take_out(store, point)
        store.vaults.remove(vault)
        store.tags.pop(vault.arn, None)


def remove_point(organization: Organization, point: RecoveryPoint) -> None:
    """Remove a recovery point, those nested in it and the tags of all, without an event.

    Raises:
        ValueError: it is not in this fake.
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        vault = point.vault
        store = organization.store(vault.account, vault.region)
        if store.vaults.get(vault.name) is not vault or vault.points.get(point.arn) is not point:
            msg = f"This recovery point is not in this fake: {point!r}"
            raise ValueError(msg)
        group = [point]
        for each in group:
            group.extend(store.vaults.nested_in(each.arn))
        for each in group:
            _take_out(store, each)


def _take_out(store: Store, point: RecoveryPoint) -> None:
    """Remove a recovery point with its tags, from the legal holds on it, too."""
    point.vault.take(point)
    store.tags.pop(point.arn, None)
    for hold in store.entries(LEGAL_HOLD).values():
        held = hold.members["RecoveryPoints"]
        if point.arn in held:
            rest = {arn: each for arn, each in held.items() if arn != point.arn}
            hold.members = {**hold.members, "RecoveryPoints": rest}
