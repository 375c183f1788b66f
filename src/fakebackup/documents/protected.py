"""Recorded protected resources: shown as recorded, until a newer backup of them is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.documents.stored import check_free, note
from fakebackup.documents.things import (
    DESCRIBED,
    IMPLIED,
    LISTED,
    entries,
    flat,
    item_of,
    kept,
    located,
    need,
    output_of,
)
from fakebackup.model.resources.arns import vault_named_by
from fakebackup.model.resources.values import check_arn
from fakebackup.model.stores.entries import NEWEST, PROTECTED, PROTECTED_IN_VAULT, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.documents.answers import Answer
    from fakebackup.documents.things import Said, Things
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization

_WHAT, _KEY, _VAULT = "protected resource", "ResourceArn", "LastBackupVaultArn"


def listed(answer: Answer, things: Things) -> None:
    """Read ListProtectedResources."""
    for name, entry in entries(answer, "Results", _WHAT):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            members = kept(item_of("ListProtectedResources", "Results"), entry, _WHAT)
            home = _home(members, said)
            things.say(PROTECTED, home, members[_KEY], said, members)


def described(answer: Answer, things: Things) -> None:
    """Read DescribeProtectedResource."""
    said = things.said(answer, DESCRIBED)
    with located(said.where):
        members = kept(output_of("DescribeProtectedResource"), flat(answer), _WHAT)
        home = _home(members, said)
        things.say(PROTECTED, home, members[_KEY], said, members)


def listed_by_vault(answer: Answer, things: Things) -> None:
    """Read ListProtectedResourcesByBackupVault: the last backups in one vault."""
    operation = "ListProtectedResourcesByBackupVault"
    for name, entry in entries(answer, "Results", _WHAT):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            members = kept(item_of(operation, "Results"), entry, _WHAT)
            home = _home(members, said)
            named = vault_named_by(members.get(_VAULT, ""))
            vault = answer.parameters.get("BackupVaultName") or (named and named.name)
            if vault is None:
                need(members, _WHAT, _VAULT)
            things.say(PROTECTED_IN_VAULT, home, f"{vault} {members[_KEY]}", said, members)
        things.say(PROTECTED, home, members[_KEY], said._replace(level=IMPLIED), members)


def _home(members: Mapping[str, Any], said: Said) -> Home:
    """Return the account and Region of a resource: those of the vault of its last backup."""
    need(members, _WHAT, _KEY)
    check_arn(members[_KEY], _KEY)
    named = vault_named_by(members.get(_VAULT, ""))
    return said.home if named is None or said.is_of_call else named.home


def check(things: Things, organization: Organization) -> None:
    """Refuse protected resources that were loaded before.

    Raises:
        ValueError: one was.
    """
    for noun in (PROTECTED, PROTECTED_IN_VAULT):
        for thing in things.all(noun):
            held = organization.store(*thing.home).entries(noun)
            check_free(organization, thing, exists=bool(thing.labels) and thing.key in held)


def put(things: Things, organization: Organization) -> None:
    """Put protected resources, after the recovery points; the caller holds the lock."""
    for noun in (PROTECTED, PROTECTED_IN_VAULT):
        for thing in things.all(noun):
            store = organization.store(*thing.home)
            held = store.entries(noun)
            before = held.get(thing.key)
            number = organization.numbers.next() if before is None else before.number
            members = thing.upon({} if before is None else before.members)
            points = store.vaults.points_of(members[_KEY])
            if points:
                members[NEWEST] = max(point.members["CreationDate"] for point in points)
            held[thing.key] = Entry(thing.key, "", number, members)
            note(organization, thing)
