"""Vaults and recovery points that answers say: checked against the fake, then put into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.documents.things import IMPLIED, called, located
from fakebackup.documents.vaults import (
    INDEX,
    METADATA,
    NOTIFICATIONS,
    POINTS,
    POLICY,
    TAGS,
    VAULTS,
    members_said,
)
from fakebackup.model.engine import ageing, placing
from fakebackup.model.engine.effects import LISTED_POINTS, LISTED_VAULTS
from fakebackup.model.resources.values import check_lock
from fakebackup.model.vaults.members import AIR_GAPPED, OF_THE_VAULT, RESTORE_ACCESS
from fakebackup.model.vaults.vault import PARENT, RecoveryPoint, point_position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.documents.things import Thing, Things
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.model.vaults.vault import Vault

_COUNT = "NumberOfRecoveryPoints"
_UNSAID = ("VaultType", "CalculatedLifecycle")
"""The members that a recovery point has by itself, unless an answer has left them out."""


def check_free(organization: Organization, thing: Thing, *, exists: bool) -> None:
    """Refuse a thing that is in the fake, unless from another answer about it.

    Raises:
        ValueError: it is.
    """
    if not exists:
        return
    known = organization.loaded.get((thing.noun, thing.home, thing.key))
    if known is None or known & thing.labels.keys():
        how = "a test or a client made it" if known is None else "it was loaded before"
        account, region = thing.home
        msg = (
            f"{thing.where}: the {called(thing.noun)} {thing.key!r} of {account} in {region} is "
            f"taken: {how}."
        )
        raise ValueError(msg)


def note(organization: Organization, thing: Thing) -> None:
    """Note which answers a thing was loaded from."""
    key = (thing.noun, thing.home, thing.key)
    organization.loaded[key] = organization.loaded.get(key, frozenset()) | set(thing.labels)


def _store(organization: Organization, home: Home) -> Store:
    return organization.store(*home)


# --- Checking -----------------------------------------------------------------------------


def check(things: Things, organization: Organization) -> None:
    """Refuse vaults and recovery points that cannot be put.

    Raises:
        ValueError: one is taken, or a recovery point's vault or creation is not known.
    """
    for thing in things.all(VAULTS):
        if thing.level == IMPLIED:
            continue
        held = _store(organization, thing.home).vault_so_far(thing.key)
        check_free(organization, thing, exists=held is not None and not held.implied)
        with located(thing.where):
            check_lock(thing.part() or {})
    for thing in things.all(POINTS):
        held_point = _store(organization, thing.home).point_so_far(_arn(thing))
        said = thing.part() or {}
        if thing.level == IMPLIED:
            if held_point is None and "CreationDate" not in said:
                msg = (
                    f"{thing.where}: there is no recovery point {thing.key!r}: load what "
                    f"DescribeRecoveryPoint or ListRecoveryPointsByBackupVault answered, too."
                )
                raise ValueError(msg)
            continue
        exists = held_point is not None and not held_point.implied
        check_free(organization, thing, exists=exists)
        if exists and held_point is not None and held_point.vault.name != said["BackupVaultName"]:
            msg = (
                f"{thing.where}: the recovery point {thing.key!r} lies in backup vault "
                f"{held_point.vault.name!r}, not in {said['BackupVaultName']!r}."
            )
            raise ValueError(msg)
        _check_nesting(things, organization, thing)


def _arn(thing: Thing) -> str:
    """Return the ARN of a recovery point: what a vault that gives access shows is keyed by both."""
    return thing.key.partition(" ")[0]


def _check_nesting(things: Things, organization: Organization, thing: Thing) -> None:
    def parent_of(arn: str) -> str | None:
        other = things.get(POINTS, thing.home, arn)
        held = _store(organization, thing.home).point_so_far(arn)
        members: Mapping[str, Any] = {} if held is None else held.members
        return (other.part() or {} if other is not None else members).get(PARENT)

    arn = _arn(thing)
    parent = parent_of(arn)
    if parent is not None and placing.descends(parent, arn, parent_of):
        msg = f"{thing.where}: {PARENT} {parent!r} is the recovery point itself, or nested in it."
        raise ValueError(msg)


# --- Putting ------------------------------------------------------------------------------


def put(things: Things, organization: Organization) -> None:
    """Put checked vaults and recovery points; the caller holds the lock."""
    for thing in things.all(LISTED_VAULTS):
        note(organization, thing)
    put_vaults = [_put_vault(thing, organization) for thing in things.all(VAULTS)]
    counted = {id(vault): vault for vault in put_vaults if vault is not None}
    for thing in things.all(POINTS):
        _put_point(thing, organization, counted)
    for thing in things.all(LISTED_POINTS):
        note(organization, thing)
        _drop_left(things, _store(organization, thing.home).vault_so_far(thing.key))
    for vault in counted.values():
        _count(vault)


def _put_vault(thing: Thing, organization: Organization) -> Vault | None:
    """Put a vault; return it where its answer counts the recovery points in it."""
    store = _store(organization, thing.home)
    vault, said = store.vault_so_far(thing.key), thing.part() or {}
    if thing.level == IMPLIED:
        # Asking whether it is true would look what is in it, and so make what jobs have left.
        vault = store.make_vault(thing.key, implied=True) if vault is None else vault
    elif vault is None:
        vault = store.put_vault({**said, _COUNT: said.get(_COUNT)})
    elif vault.implied:
        vault.become({**said, _COUNT: said.get(_COUNT)})
        vault.implied = False
    else:
        before = {name: each for name, each in vault.members.items() if each is not None}
        if _COUNT in before:
            before[_COUNT] = vault.held_besides + len(vault.seen)
        vault.become({_COUNT: None, **thing.upon(before)})
    policy, notifications = thing.part(POLICY), thing.part(NOTIFICATIONS)
    if policy is not None:
        vault.policy = policy["Policy"]
    if notifications is not None:
        vault.notifications = notifications
    _put_tags(thing, store, vault.arn)
    note(organization, thing)
    return vault if thing.level != IMPLIED and vault.members[_COUNT] is not None else None


def _put_tags(thing: Thing, store: Store, arn: str) -> None:
    tags = thing.part(TAGS)
    if tags is not None:
        store.tags[arn] = tags


def _count(vault: Vault) -> None:
    """Let a vault have as many recovery points as AWS counted, those that are known included."""
    said = vault.members[_COUNT]
    for point in [each for each in vault.points.values() if each.implied]:
        if len(vault.seen) <= said:
            break
        vault.take(point)
    vault.members = {**vault.members, _COUNT: max(0, said - len(vault.seen))}


def _drop_left(things: Things, vault: Vault | None) -> None:
    """Drop what recorded jobs left in a vault whose whole list was loaded, without it."""
    for point in [] if vault is None else [each for each in vault.points.values() if each.implied]:
        if things.get(POINTS, point.vault.store.home, point.arn) is None:
            point.vault.take(point)


def _put_point(thing: Thing, organization: Organization, counted: Mapping[int, Vault]) -> None:
    store, said, arn = _store(organization, thing.home), thing.part() or {}, _arn(thing)
    name = said["BackupVaultName"]
    vault = store.vault_so_far(name)
    if vault is None:
        given = {"VaultType": said.get("VaultType"), "CreationDate": said["CreationDate"]}
        vault = store.make_vault(name, {k: v for k, v in given.items() if v}, implied=True)
    if vault.vault_type == RESTORE_ACCESS and vault.opened is not vault:
        # It lies in the vault that it gives access to.
        return
    point = store.point_so_far(arn)
    if point is None:
        point = _new(thing, vault)
        for each in _showing(vault, organization):
            key = (VAULTS, each.store.home, each.name)
            if id(each) not in counted and each.held_besides and key in organization.loaded:
                each.members = {**each.members, _COUNT: each.held_besides - 1}
    elif thing.level != IMPLIED:
        listed_at = point_position(point)
        # What a recorded job left makes way for what was recorded of it.
        before = {} if point.implied else point.members
        known = {k: v for k, v in before.items() if v is not None}
        earlier = {name: None for name in _UNSAID if before and before.get(name, "") is not None}
        point.members = _exact(arn, thing.upon(known), {**earlier, **said})
        point.implied = False
        organization.relist(listed_at, point_position(point))
    if thing.level == IMPLIED:
        point.members = {
            **{k: v for k, v in said.items() if k not in OF_THE_VAULT},
            **point.members,
        }
    metadata = thing.part(METADATA)
    if metadata is not None:
        point.metadata = metadata
    if INDEX in thing.parts:
        _put_index(thing, point)
    _put_tags(thing, store, arn)
    note(organization, thing)
    ageing.schedule_next(point, clock.now())


def _showing(vault: Vault, organization: Organization) -> list[Vault]:
    """Return a vault, and those that give access to it."""
    if vault.vault_type != AIR_GAPPED:
        return [vault]
    every = [each for store in organization.stores.values() for each in store.vaults_so_far()]
    return [each for each in every if each.opened is vault]


def _new(thing: Thing, vault: Vault) -> RecoveryPoint:
    said, arn = thing.part() or {}, _arn(thing)
    if thing.level == IMPLIED:
        own = {name: each for name, each in said.items() if name not in OF_THE_VAULT}
        # Such as have an index are complete.
        point = RecoveryPoint(vault, {"RecoveryPointArn": arn, "Status": "COMPLETED", **own})
        point.implied = True
    else:
        point = RecoveryPoint(vault, _exact(arn, said, members_said(thing)))
    vault.put(point)
    return point


def _exact(arn: str, members: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recovery point's members, marking what no answer has said of it."""
    own = {name: each for name, each in members.items() if name not in OF_THE_VAULT}
    unsaid = {name: None for name in _UNSAID if name not in said and name not in own}
    return {**own, **unsaid, "RecoveryPointArn": arn}


def _put_index(thing: Thing, point: RecoveryPoint) -> None:
    """Give a recovery point its index; the members that no answer has said are left out."""
    from fakebackup.model.engine.indexes import index_of

    _, listed, described = thing.parts[INDEX]
    before = {k: v for k, v in (point.members.get("Index") or {}).items() if v is not None}
    own = {**listed, **before, **described}
    shown = ("IndexStatus", "IndexStatusMessage")
    members = {**point.members, **{name: own[name] for name in shown if name in own}}
    point.members = members
    every = index_of(point) or {}
    point.members = {**members, "Index": {name: own.get(name) for name in every}}
