"""Things in a dump: jobs, vaults, recovery points and entries, each with AWS's members.

What is not a member of AWS's, as the way in which a job moves, stands under one key of its own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, get_args

from fakebackup import ids
from fakebackup.documents.answers import OWN
from fakebackup.documents.dump_damage import check_object, need, under, wrong
from fakebackup.documents.dump_fields import (
    FLAG,
    MEMBERS,
    NAMES,
    NEEDED,
    NUMBER,
    TAGS,
    TEXT,
    Codec,
    Field,
    listed,
    optional,
    read_fields,
    write_fields,
)
from fakebackup.documents.dump_requests import REQUEST
from fakebackup.documents.dump_values import read_members, written
from fakebackup.model.jobs.job import Job
from fakebackup.model.resources.arns import vault_named_by
from fakebackup.model.shapes.answers import Kept
from fakebackup.model.stores.entries import Entry
from fakebackup.model.vaults.members import POINT, VAULT
from fakebackup.model.vaults.vault import RecoveryPoint, Vault
from fakebackup.options import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.shapes.model import Shape
    from fakebackup.model.shapes.schema import Schema
    from fakebackup.model.stores.organization import Store

VAULT_NAME = "BackupVaultName"


def _with_own(members: Mapping[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return a thing's members as plain JSON, and under its own key what is no member."""
    plain = {name: written(name, value) for name, value in members.items()}
    return {**plain, OWN: own} if own else plain


def _own(plain: Any, fields: Iterable[Field], *others: str) -> dict[str, Any]:
    """Return what of a thing is no member, by attribute."""
    return under(OWN, read_fields, fields, check_object(plain).get(OWN, {}), *others)


@functools.cache
def _enumerated(schema: Schema) -> Mapping[str, tuple[str, ...]]:
    """Return the values that the installed botocore, or AWS's guide, knows per member."""
    found = {
        name: tuple(getattr(shape, "enum", ())) or schema.enums.get(name, ())
        for name, shape in schema.members.items()
    }
    # Of resource types a newer one may be in mixed case, as DynamoDB.
    return {name: each for name, each in found.items() if each and name != "ResourceType"}


def _check_values(schema: Schema, members: Mapping[str, Any]) -> None:
    """Refuse an account id of another form, and a state or type that no botocore can know.

    A newer botocore may know more values than the installed one, in capitals as all are.

    Raises:
        DamageError: there is one.
    """
    account = members.get("AccountId")
    if account is not None and not ids.is_account_id(account):
        raise wrong("an account id of 12 digits", account).under("AccountId")
    for name, values in _enumerated(schema).items():
        value = members.get(name)
        if value is not None and value not in values and value != value.upper():
            raise wrong(f"one of {', '.join(values)}", value).under(name)


# --- Jobs ---------------------------------------------------------------------------------


def _read_mode(value: Any) -> Any:
    if value not in get_args(Mode):
        raise wrong(f"one of {', '.join(get_args(Mode))}", value)
    return value


MODE = Codec(lambda value: value, _read_mode)

JOB = (
    Field("number", "number", NUMBER, 0),
    Field("mode", "progress", MODE, "manual"),
    Field("exact", "exact", FLAG, default=False),
    Field("request", "request", optional(REQUEST), None),
)
"""What of a job is no member, but for the names of those that were given."""

_GIVEN, _ALL = "given", "*"


def write_job(job: Job) -> dict[str, Any]:
    """Return a job as plain JSON."""
    own = write_fields(JOB, job)
    given: Any = _ALL if job.given == job.members.keys() else sorted(job.given)
    return _with_own(job.members, own | {_GIVEN: given} if given else own)


def read_job(store: Store, kind: Kind, shared: dict[frozenset[str], Any], plain: Any) -> Job:
    """Return a job that lies in a store, but is not listed there yet.

    Args:
        store: the store.
        kind: the kind of job.
        shared: equal sets of names, which jobs share to save memory.
        plain: what `write_job` returned.

    Raises:
        DamageError: it is something else.
    """
    own = _own(plain, JOB, _GIVEN)
    members = Kept(read_members(plain, kind.members))
    need(members, (kind.id, kind.state, kind.created))
    _check_values(kind, members)
    names = plain.get(OWN, {}).get(_GIVEN, [])
    given = frozenset(members) if names == _ALL else under((OWN, _GIVEN), NAMES.read, names)
    job = Job(kind, members, shared.setdefault(given, given), exact=own.pop("exact"))
    for name, value in own.items():
        setattr(job, name, value)
    job.store, job.home = store, store.home
    return job


# --- Vaults and recovery points -------------------------------------------------------------

VAULT_FIELDS = (
    Field("number", "number", NUMBER, NEEDED),
    Field("implied", "implied", FLAG, default=False),
    Field("policy", "policy", optional(TEXT), None),
    Field("notifications", "notifications", optional(MEMBERS), None),
    Field("came", "pointsSoFar", NUMBER, 0),
)
"""What of a vault is no member, but for its recovery points."""

POINT_FIELDS = (
    Field("number", "number", NUMBER, NEEDED),
    Field("implied", "implied", FLAG, default=False),
    Field("metadata", "restoreMetadata", TAGS, {}),
)
"""What of a recovery point is no member."""


def write_vault(vault: Vault) -> dict[str, Any]:
    """Return a vault as plain JSON, without its recovery points."""
    return _with_own(vault.members, write_fields(VAULT_FIELDS, vault))


def read_vault(store: Store, plain: Any) -> Vault:
    """Return an empty vault of a store.

    Raises:
        DamageError: it is no vault, or not one of this store.
    """
    own = _own(plain, VAULT_FIELDS)
    members = read_members(plain, VAULT.members)
    need(members, (VAULT_NAME, "BackupVaultArn", "CreationDate"))
    _check_values(VAULT, members)
    arn = store.home.vault(members[VAULT_NAME])
    if vault_named_by(members["BackupVaultArn"]) != (store.home, members[VAULT_NAME]):
        raise wrong(f"{arn!r}", members["BackupVaultArn"]).under("BackupVaultArn")
    vault = Vault(store, members, own.pop("number"), implied=own.pop("implied"))
    for name, value in own.items():
        setattr(vault, name, value)
    return vault


def write_point(point: RecoveryPoint) -> dict[str, Any]:
    """Return a recovery point as plain JSON, with the name of its vault."""
    members = {VAULT_NAME: point.vault.name, **point.members}
    return _with_own(members, write_fields(POINT_FIELDS, point))


def read_point(vaults: Mapping[str, Vault], plain: Any) -> RecoveryPoint:
    """Put a recovery point into its vault, and return it.

    Raises:
        DamageError: it is no recovery point, or its vault is not there.
    """
    own = _own(plain, POINT_FIELDS)
    members = read_members(plain, POINT.members)
    need(members, (VAULT_NAME, "RecoveryPointArn", "CreationDate", "Status"))
    _check_values(POINT, members)
    if members.get("Index") is not None:
        under("Index", check_object, members["Index"])
    vault = vaults.get(members.pop(VAULT_NAME))
    if vault is None:
        raise wrong("the name of a vault beside it", plain[VAULT_NAME]).under(VAULT_NAME)
    if not 1 <= own["number"] <= vault.came:
        raise wrong(f"from 1 to the {vault.came} of its vault", own["number"]).under(OWN, "number")
    if members["RecoveryPointArn"] in vault.points:
        raise wrong("no other's in its vault", members["RecoveryPointArn"]).under(
            "RecoveryPointArn"
        )
    point = RecoveryPoint(vault, members, own["metadata"])
    point.implied = own["implied"]
    vault.put_back(point, own["number"])
    return point


# --- Entries ------------------------------------------------------------------------------

ENTRY = (
    Field("key", "key", TEXT, ""),
    Field("arn", "arn", TEXT, ""),
    Field("number", "number", NUMBER, 0),
    Field("past", "past", listed(MEMBERS), []),
)
"""What of an entry is no member; its key is the name or the id by which operations name it."""


def write_entry(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain JSON."""
    return _with_own(entry.members, write_fields(ENTRY, entry))


def read_entry(plain: Any, shapes: Mapping[str, Shape], needed: Iterable[str]) -> Entry:
    """Return an entry.

    Args:
        plain: what `write_entry` returned.
        shapes: the shapes of its members.
        needed: the members that it cannot be without.

    Raises:
        DamageError: it is something else.
    """
    own = _own(plain, ENTRY)
    members = read_members(plain, shapes)
    need(members, needed)
    return Entry(members=members, **own)
