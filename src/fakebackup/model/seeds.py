"""Vaults and recovery points that a test seeds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import near
from fakebackup.model import ageing, dates, progress, shapes
from fakebackup.model.defaults import TEN_MINUTES, Place
from fakebackup.model.resources import type_of
from fakebackup.model.vaults import (
    DEFAULT,
    NORMAL,
    POINT,
    VAULT,
    RecoveryPoint,
    named_by,
    point_members,
    read,
    read_tags,
    vault_members,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Organization
    from fakebackup.model.vaults import Vault

_NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}")
_DATES = "CreationDate", "CompletionDate"
_OF_THE_VAULT = ("BackupVaultName", "BackupVaultArn", "VaultType")


def add_vault(
    organization: Organization, account: str, region: str, members: Mapping[str, Any]
) -> Vault:
    """Add a vault; what `FakeBackup.add_vault` describes.

    Args:
        organization: where it goes.
        account: its account, unless its ARN says otherwise.
        region: its region, unless its ARN says otherwise.
        members: what the user gave.

    Raises:
        TypeError, ValueError: it cannot be added; nothing has changed then.
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        given, tags = read(VAULT, members)
        if given.get("NumberOfRecoveryPoints", 0) < 0:
            msg = f"NumberOfRecoveryPoints is 0 or more, not {given['NumberOfRecoveryPoints']}."
            raise ValueError(msg)
        account, region, name = _where(given, account, region)
        found = None if name is None else organization.vaults_here(account, region).get(name)
        if found is None:
            name = name or _free_name(organization, account, region)
            if "CreationDate" not in given:
                given["CreationDate"] = organization.next_creation()
            found = organization.make_vault(account, region, name, given)
        elif found.implied:
            place = Place(account, region, found.number, 0, found.members["CreationDate"])
            found.members = vault_members(place, found.name, given)
            found.implied = False
        else:
            msg = f"BackupVaultName {name!r} is taken: {found!r}"
            raise ValueError(msg)
        if tags is not None:
            organization.tags[found.arn] = tags
        return found


def add_point(
    organization: Organization, account: str, region: str, members: Mapping[str, Any]
) -> RecoveryPoint:
    """Add a recovery point; what `FakeBackup.add_recovery_point` describes.

    Arguments and errors are those of `add_vault`.
    """
    with organization.working():
        given, tags = read(POINT, members)
        account, region, name = _where(given, account, region)
        vault = organization.vaults_here(account, region).get(name or DEFAULT)
        kind = given.get("VaultType")
        if vault is not None and kind not in (None, vault.members["VaultType"]):
            msg = f"VaultType {kind!r} is not that of the vault it lies in: {vault!r}"
            raise ValueError(msg)
        own = {member: each for member, each in given.items() if member not in _OF_THE_VAULT}
        arn = own.get("RecoveryPointArn")
        before = None if arn is None else organization.point_here(account, region, arn)
        if before is not None and not (before.implied and before.vault is vault):
            msg = f"RecoveryPointArn {arn!r} is taken: {before!r}"
            raise ValueError(msg)
        if before is not None:
            kept = {**before.members, **own}
            dates.check_order(kept, *_DATES)
            point = before
            point.members = {member: each for member, each in kept.items() if each is not None}
            point.implied = False
        else:
            dates.check_order(own, *_DATES)
            made = _new_point(organization, account, region, own)
            if vault is None:
                of = {"VaultType": kind or NORMAL, "CreationDate": made["CreationDate"]}
                vault = organization.make_vault(account, region, name or DEFAULT, of, implied=True)
            point = RecoveryPoint(vault, made)
            vault.put(point)
        if tags is not None:
            organization.tags[point.arn] = tags
        ageing.follow(organization, point, clock.now())
        return point


def add_resource(
    organization: Organization, account: str, region: str, arn: str, tags: Mapping[str, str] | None
) -> None:
    """Add a resource that backup plans may select; what `FakeBackup.add_resource` describes.

    Raises:
        TypeError, ValueError: it cannot be added; nothing has changed then.
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        kept = {} if tags is None else read_tags(tags)
        if type_of(arn) is None:
            msg = f"{arn!r} is no ARN of a resource of a type that AWS Backup protects."
            raise ValueError(msg)
        # What was due before it came was without it.
        progress.advance(organization)
        organization.resources.setdefault((account, region), {})[arn] = kept


def _where(given: Mapping[str, Any], account: str, region: str) -> tuple[str, str, str | None]:
    """Return the account, the region and the name of the vault that members speak of.

    Raises:
        ValueError: no name of a vault, no ARN of one, or a name and an ARN that disagree.
    """
    name, arn = given.get("BackupVaultName"), given.get("BackupVaultArn")
    if arn is not None:
        named = named_by(arn)
        if named is None:
            msg = f"BackupVaultArn {arn!r} is no ARN of a backup vault."
            raise ValueError(msg)
        if name not in (None, named.name):
            msg = f"BackupVaultName {name!r} is not the name in BackupVaultArn {arn!r}."
            raise ValueError(msg)
        account, region, name = named
        right = Place(account, region, 0, 0, 0).vault(name)
        if arn != right:
            msg = f"BackupVaultArn {arn!r} is not in the partition of its region: {right!r} is."
            raise ValueError(msg)
    if name is not None and name != shapes.AUTOMATIC and not _NAME.fullmatch(name):
        hint = near(name, [shapes.AUTOMATIC])
        msg = f"BackupVaultName is 2 to 50 letters, digits, - and _, not {name!r}{hint}"
        raise ValueError(msg)
    return account, region, name


def _free_name(organization: Organization, account: str, region: str) -> str:
    here = organization.vaults_here(account, region)
    number = len(here) + 1
    while f"vault-{number}" in here:
        number += 1
    return f"vault-{number}"


def _new_point(
    organization: Organization, account: str, region: str, own: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a recovery point's members, passing over numbers whose ARN is taken."""
    created = own.get("CreationDate") or _created(organization, own)
    now = clock.now()
    while True:
        place = Place(account, region, organization.next_number(), now, created)
        made = point_members(place, own)
        if organization.point_here(account, region, made["RecoveryPointArn"]) is None:
            return made


def _created(organization: Organization, own: Mapping[str, Any]) -> int:
    """Return the default creation date, in milliseconds; it is before a completion given."""
    completed = own.get("CompletionDate")
    default = organization.next_creation()
    if completed is not None and completed < default:
        return int(completed) - TEN_MINUTES
    return default
