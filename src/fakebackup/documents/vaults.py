"""Recorded vaults, their policies and notifications, and recovery points with their indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.documents.things import (
    DESCRIBED,
    IMPLIED,
    LISTED,
    MEMBERS,
    asked,
    entries,
    flat,
    item_of,
    kept,
    located,
    need,
    output_of,
)
from fakebackup.errors import quoted
from fakebackup.model.engine.effects import LISTED_POINTS, LISTED_VAULTS
from fakebackup.model.resources.arns import vault_named_by
from fakebackup.model.shapes import dates
from fakebackup.model.vaults.members import POINT, RESTORE_ACCESS, VAULT, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.documents.answers import Answer
    from fakebackup.documents.things import Said, Thing, Things
    from fakebackup.model.resources.arns import Home

    Members = dict[str, Any]
    Reader = Callable[[Answer, Things], None]

VAULTS, POINTS = VAULT.name, POINT.name
POLICY, NOTIFICATIONS, METADATA, INDEX, TAGS = (
    "policy",
    "notifications",
    "restore metadata",
    "index",
    "tags",
)
"""The parts of vaults and recovery points besides their members."""

_NAME, _ARN, _POINT = "BackupVaultName", "BackupVaultArn", "RecoveryPointArn"


# --- Vaults -------------------------------------------------------------------------------


def list_vaults(answer: Answer, things: Things) -> None:
    """Read ListBackupVaults."""
    whole = things.said(answer, IMPLIED)
    shared = answer.parameters.get("ByShared") or answer.parameters.get("ByVaultType")
    if not shared:
        things.say(LISTED_VAULTS, whole.home, "", whole, {})
    for name, entry in entries(answer, "BackupVaultList", "backup vault"):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            _vault(entry, said, things)


def describe_vault(answer: Answer, things: Things) -> None:
    """Read DescribeBackupVault."""
    said = things.said(answer, DESCRIBED)
    with located(said.where):
        _vault(flat(answer), said, things)


def _vault(entry: Any, said: Said, things: Things) -> None:
    members, tags = _read(VAULT, entry)
    home, name = _named(members, said.home)
    need(members, "vault", "CreationDate")
    members |= {_NAME: name, _ARN: members.get(_ARN) or home.vault(name)}
    thing = things.say(VAULTS, home, name, said, members)
    if tags is not None:
        thing.parts.setdefault(TAGS, ({}, {}, {}))[LISTED].update(tags)


def _read(schema: Any, entry: Any) -> tuple[Members, dict[str, str] | None]:
    """Return the members of a vault or recovery point, and its tags; null is absence."""
    if not hasattr(entry, "items"):
        msg = f"a {schema.name} is an object, not {quoted(entry)}."
        raise TypeError(msg)
    return read(schema, {name: each for name, each in entry.items() if each is not None})


def _named(members: Mapping[str, Any], home: Home) -> tuple[Home, str]:
    """Return where a vault lies, by its ARN or else where it was answered, and its name.

    Raises:
        ValueError: it is not named, or by two names.
    """
    name, arn = members.get(_NAME), members.get(_ARN)
    named = None if arn is None else vault_named_by(arn)
    if named is None:
        need(members, "backup vault", _NAME)
        return home, str(name)
    if name not in (None, named.name):
        msg = f"{_NAME} {name!r} is not the name in {_ARN} {arn!r}."
        raise ValueError(msg)
    return named.home, named.name


def vault_part(operation: str, part: str, *needed: str) -> Reader:
    """Return the reader of an operation that answers a part of a vault.

    Args:
        operation: AWS's name of the operation.
        part: the name of the part.
        needed: the members that it cannot be without.
    """

    def reader(answer: Answer, things: Things) -> None:
        said = things.said(answer, DESCRIBED)
        with located(said.where):
            members = kept(output_of(operation), flat(answer), f"backup vault's {part}")
            for name in {_NAME} & set(answer.parameters):
                members.setdefault(name, answer.parameters[name])
            home, name = _named(members, said.home)
            need(members, f"backup vault's {part}", *needed)
            own = {name: members[name] for name in needed}
            things.say(VAULTS, home, name, said._replace(level=IMPLIED), {})
            things.say(VAULTS, home, name, said, own, part)

    return reader


def list_access_vaults(answer: Answer, things: Things) -> None:
    """Read ListRestoreAccessBackupVaults."""
    operation, key = "ListRestoreAccessBackupVaults", "RestoreAccessBackupVaults"
    arn = "RestoreAccessBackupVaultArn"
    source = asked(answer, _NAME, "the vault that it gives access to")
    for name, entry in entries(answer, key, "restore access backup vault"):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            members = kept(item_of(operation, key), entry, "restore access backup vault")
            need(members, "restore access backup vault", arn, "CreationDate")
            home, vault = _named({_ARN: members[arn]}, said.home)
            seen = {
                _NAME: vault,
                _ARN: members[arn],
                "CreationDate": members["CreationDate"],
                "VaultType": RESTORE_ACCESS,
                "VaultState": members.get("VaultState"),
                "SourceBackupVaultArn": said.home.vault(source),
            }
            own = {name: each for name, each in members.items() if name not in (*seen, arn)}
            shown = {name: each for name, each in seen.items() if each is not None}
            things.say(VAULTS, home, vault, said, {**shown, **own})


# --- Recovery points ----------------------------------------------------------------------


def list_points_of_vault(answer: Answer, things: Things) -> None:
    """Read ListRecoveryPointsByBackupVault."""
    known = {name: answer.parameters[name] for name in (_NAME,) if name in answer.parameters}
    whole, vaults = things.said(answer, IMPLIED), set()
    if known and vault_named_by(str(known[_NAME])) is None:
        vaults.add((whole.home, str(known[_NAME])))
    for name, entry in entries(answer, "RecoveryPoints", "recovery point"):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            vaults.add(_point({**known, **_object(entry)}, said, things))
    if not any(name.startswith("By") for name in answer.parameters):
        for home, vault in vaults:
            things.say(LISTED_POINTS, home, vault, whole, {})


def list_points_of_resource(answer: Answer, things: Things) -> None:
    """Read ListRecoveryPointsByResource, whose entries say the size by another name."""
    known = {
        name: answer.parameters[name] for name in ("ResourceArn",) if name in answer.parameters
    }
    for name, entry in entries(answer, "RecoveryPoints", "recovery point"):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            members = {**known, **_object(entry)}
            if "BackupSizeBytes" in members:
                members["BackupSizeInBytes"] = members.pop("BackupSizeBytes")
            _point(members, said, things)


def _object(entry: Any) -> Mapping[str, Any]:
    if not hasattr(entry, "items"):
        msg = f"a recovery point is an object, not {quoted(entry)}."
        raise TypeError(msg)
    found: Mapping[str, Any] = entry
    return found


def describe_point(answer: Answer, things: Things) -> None:
    """Read DescribeRecoveryPoint."""
    said = things.said(answer, DESCRIBED)
    with located(said.where):
        _point(flat(answer), said, things)


def _point(entry: Any, said: Said, things: Things) -> tuple[Home, str]:
    """Read a recovery point and return where its vault lies, and that one's name."""
    members, tags = _read(POINT, entry)
    need(members, "recovery point", _POINT, "CreationDate", "Status")
    home, vault = _named(members, said.home)
    dates.check_order(members, "CreationDate", "CompletionDate")
    shown_in = members.get("VaultType")
    key = members[_POINT]
    if shown_in == RESTORE_ACCESS:
        # It lies in the vault that gives access.
        key, said = f"{key} {vault}", said._replace(label=f"{said.label} {vault}")
    thing = things.say(POINTS, home, key, said, {**members, _NAME: vault})
    if tags is not None:
        thing.parts.setdefault(TAGS, ({}, {}, {}))[LISTED].update(tags)
    return home, vault


def point_metadata(answer: Answer, things: Things) -> None:
    """Read GetRecoveryPointRestoreMetadata."""
    said = things.said(answer, DESCRIBED)
    with located(said.where):
        what = "recovery point's restore metadata"
        members = kept(output_of("GetRecoveryPointRestoreMetadata"), flat(answer), what)
        need(members, what, _POINT)
        home, vault = _named(_with_vault(members, answer), said.home)
        implied = {_NAME: vault}
        if "ResourceType" in members:
            implied["ResourceType"] = members["ResourceType"]
        arn = members[_POINT]
        things.say(POINTS, home, arn, said._replace(level=IMPLIED), implied)
        things.say(POINTS, home, arn, said, members.get("RestoreMetadata", {}), METADATA)


def _with_vault(members: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    """Return members with the vault that was asked about, where they name none."""
    found = dict(members)
    if _ARN not in found and _NAME in answer.parameters:
        found.setdefault(_NAME, answer.parameters[_NAME])
    return found


def list_indexed(answer: Answer, things: Things) -> None:
    """Read ListIndexedRecoveryPoints."""
    operation, key = "ListIndexedRecoveryPoints", "IndexedRecoveryPoints"
    for name, entry in entries(answer, key, "indexed recovery point"):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            members = kept(item_of(operation, key), entry, "indexed recovery point")
            _index(members, said, things)


def index_details(answer: Answer, things: Things) -> None:
    """Read GetRecoveryPointIndexDetails."""
    said = things.said(answer, DESCRIBED)
    with located(said.where):
        what = "recovery point's index"
        members = kept(output_of("GetRecoveryPointIndexDetails"), flat(answer), what)
        _index(_with_vault(members, answer), said, things)


_OF_INDEX = {
    "SourceResourceArn": "ResourceArn",
    "ResourceType": "ResourceType",
    "BackupCreationDate": "CreationDate",
    "IamRoleArn": "IamRoleArn",
    "IndexStatus": "IndexStatus",
    "IndexStatusMessage": "IndexStatusMessage",
}
"""Per member of an index, that of its recovery point which says the same."""


def _index(members: Members, said: Said, things: Things) -> None:
    need(members, "recovery point's index", _POINT, "IndexStatus")
    home, vault = _named(members, said.home)
    implied = {name: members[member] for member, name in _OF_INDEX.items() if member in members}
    arn = members[_POINT]
    things.say(POINTS, home, arn, said._replace(level=IMPLIED), {**implied, _NAME: vault})
    own = {name: each for name, each in members.items() if name != _NAME}
    things.say(POINTS, home, arn, said, own, INDEX)


def members_said(thing: Thing) -> Members:
    """Return the members of a recovery point that only a list or Describe of it said."""
    _, listed, described = thing.parts.get(MEMBERS, ({}, {}, {}))
    return {**listed, **described}
