"""Stores in a dump: all that one account holds in one Region."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from fakebackup import ids, options
from fakebackup.documents import dump_things as things
from fakebackup.documents.dump_damage import DamageError, check_object, read_each, under, wrong
from fakebackup.documents.dump_fields import NEEDED, TAGS, TEXT, Field, read_fields
from fakebackup.documents.dump_values import (
    asked_date,
    read_asked_date,
    read_members,
    shapes_of,
    written,
)
from fakebackup.model.engine import placing
from fakebackup.model.jobs.job import Job
from fakebackup.model.jobs.kinds import KINDS
from fakebackup.model.plans import documents as plans
from fakebackup.model.resources.arns import Home
from fakebackup.model.stores.entries import (
    PROTECTED,
    PROTECTED_IN_VAULT,
    REGION_SETTINGS,
    Entry,
    Token,
)
from fakebackup.model.stores.organization import Store
from fakebackup.model.vaults.vault import PARENT
from fakebackup.nouns.table import NOUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.shapes.model import Shape
    from fakebackup.model.stores.organization import Organization
    from fakebackup.model.vaults.vault import Vault
    from fakebackup.nouns.noun import Noun


T = TypeVar("T")


class EntryList(NamedTuple):
    """The list of a noun's entries in a dump.

    Attributes:
        key: the key of the list of them.
        described: the name of the structure that Get or Describe answers.
        wrapped: the member of it that has their members; None where it has them itself.
        needed: the members that none can be without.
    """

    key: str
    described: str
    wrapped: str | None
    needed: tuple[str, ...]

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shapes of their members; none where the installed botocore does not know them."""
        found = shapes_of(self.described)
        if self.wrapped is None or not found:
            return found
        inner: Shape = found[self.wrapped]
        members: Mapping[str, Shape] = inner.members
        return members


def _list_of(noun: Noun, key: str) -> EntryList:
    names = (noun.parent and noun.parent[1], noun.key, *noun.schema.also)
    schema = noun.schema
    return EntryList(key, schema.described, schema.wrapped, tuple(filter(None, names)))


_PROTECTED = ("DescribeProtectedResourceOutput", None, ("ResourceArn",))

_OWN_KEYS = {plans.PLAN: "BackupPlans", plans.SELECTION: "BackupSelections"}
"""The keys of lists that AWS's answers give other names."""

ENTRY_LISTS: Mapping[str, EntryList] = {
    **{
        name: _list_of(noun, _OWN_KEYS.get(name, noun.lists[0][1]))
        for name, noun in NOUNS.items()
        if noun.lists
    },
    plans.DELETED_PLAN: _list_of(NOUNS[plans.PLAN], "DeletedBackupPlans"),
    REGION_SETTINGS: _list_of(NOUNS[REGION_SETTINGS], "RegionSettings"),
    PROTECTED: EntryList("ProtectedResources", *_PROTECTED),
    PROTECTED_IN_VAULT: EntryList("ProtectedResourcesInVaults", *_PROTECTED),
}
"""Per noun of which a store holds entries, its list in a dump."""

_KINDS = {kind.listed: kind for kind in KINDS}
_BY_KEY = {noun.key: name for name, noun in ENTRY_LISTS.items()}
_ACCOUNT, _REGION = "AccountId", "Region"
_VAULTS, _POINTS = "BackupVaults", "RecoveryPoints"
_RESOURCES, _TAGS, _TOKENS, _WARNED = "Resources", "Tags", "IdempotencyTokens", "Warned"
_KEYS = (
    *(_ACCOUNT, _REGION, _VAULTS, _POINTS, *_KINDS, *_BY_KEY),
    *(_RESOURCES, _TAGS, _TOKENS, _WARNED),
)


def in_order(organization: Organization) -> list[Store]:
    """Return the stores of an organisation by account and Region."""
    return [store for _, store in sorted(organization.stores.items())]


# --- Writing ------------------------------------------------------------------------------


def write_store(store: Store) -> dict[str, Any] | None:
    """Return what a store holds as plain JSON; None if it holds nothing."""
    vaults = store.vaults
    parts: dict[str, Any] = {
        _VAULTS: [things.write_vault(each) for each in vaults],
        _POINTS: [things.write_point(point) for vault in vaults for point in vault.points.values()],
    }
    for key, kind in _KINDS.items():
        parts[key] = [things.write_job(job) for job in store.jobs.of(kind)]
    nouns: dict[str, list[Any]] = {}
    for noun, entry in store.all_entries():
        nouns.setdefault(ENTRY_LISTS[noun].key, []).append(things.write_entry(entry))
    parts |= {key: nouns[key] for key in _BY_KEY if key in nouns}
    parts[_RESOURCES] = [
        {"ResourceArn": arn, "Tags": dict(tags)} for arn, tags in store.resources.items()
    ]
    parts[_TAGS] = {arn: dict(tags) for arn, tags in sorted(store.tags.items()) if tags}
    parts[_TOKENS] = _write_tokens(store)
    parts[_WARNED] = sorted(map(list, store.warned))
    held = {key: part for key, part in parts.items() if part}
    # A default vault that was deleted is not made again.
    if not held and not store.options.default_vault:
        return None
    return {_ACCOUNT: store.account, _REGION: store.region, **held}


def _write_tokens(store: Store) -> list[dict[str, Any]]:
    entries = {id(entry): (ENTRY_LISTS[noun].key, entry.key) for noun, entry in store.all_entries()}
    found = []
    for (operation, within, token), first in sorted(store.tokens.items()):
        made = _made_by(store, first.made, entries)
        # What no longer exists would be made anew: its token says nothing any more.
        if made is not None:
            names = {"Operation": operation, "Within": within, "Token": token}
            answer, asked = (
                {name: written(name, each, *how) for name, each in members.items()}
                for members, how in ((first.answer, ()), (first.asked, (asked_date,)))
            )
            found.append({**names, "Made": made, "Answer": answer, "Asked": asked})
    return found


_JOB, _VAULT = "Job", "BackupVault"


def _made_by(store: Store, made: Any, entries: dict[int, Any]) -> dict[str, str] | None:
    """Return what refers to what a call created; None if that no longer exists."""
    if isinstance(made, Job):
        held = store.organization.jobs.by_id.get(made.id) is made
        return {_JOB: made.id} if held else None
    if isinstance(made, Entry):
        key, name = entries.get(id(made), (None, ""))
        return None if key is None else {key: name}
    held = store.vault_so_far(made.name) is made
    return {_VAULT: made.name} if held else None


# --- Reading ------------------------------------------------------------------------------


def read_store(organization: Organization, plain: Any) -> tuple[Store, list[Job]]:
    """Return a new store, without its tokens, and the jobs in it, which it does not list yet.

    Args:
        organization: the organisation that it is made for.
        plain: what `write_store` returned.

    Raises:
        DamageError: it is something else.
    """
    check_object(plain, _KEYS)
    store = Store(organization, _home(plain))
    store.restore_default()
    _read_vaults(store, plain)
    shared: dict[frozenset[str], Any] = {}
    jobs: list[Job] = []
    for key, kind in _KINDS.items():
        if key in plain:
            read = functools.partial(things.read_job, store, kind, shared)
            jobs += _each(plain, key, read)
    for key, noun in _BY_KEY.items():
        _read_entries(store, plain, key, noun)
    store.resources.update(_each(plain, _RESOURCES, _read_resource))
    tags = under(_TAGS, check_object, plain.get(_TAGS, {}))
    store.tags.update({arn: under((_TAGS, arn), TAGS.read, each) for arn, each in tags.items()})
    store.warned.update(_each(plain, _WARNED, _read_pair))
    return store, jobs


def _each(plain: Mapping[str, Any], key: str, read: Callable[[Any], T]) -> list[T]:
    """Return the things of a list, which may be missing."""
    return under(key, read_each, plain.get(key, []), read)


def _read_vaults(store: Store, plain: Mapping[str, Any]) -> None:
    vaults: dict[str, Vault] = {}
    for vault in _each(plain, _VAULTS, functools.partial(things.read_vault, store)):
        if vault.name in vaults:
            raise DamageError(f"has two vaults named {vault.name!r}.", _VAULTS)
        vaults[vault.name] = vault
        store.restore_vault(vault)
    arns: set[str] = set()
    for point in _each(plain, _POINTS, functools.partial(things.read_point, vaults)):
        if point.arn in arns:
            raise DamageError(f"has two recovery points {point.arn!r}.", _POINTS)
        arns.add(point.arn)
    _check_nesting(store)


def _home(plain: Mapping[str, Any]) -> Home:
    account, region = plain.get(_ACCOUNT), plain.get(_REGION)
    if type(account) is not str or not ids.is_account_id(account):
        raise wrong("an account id", account).under(_ACCOUNT)
    try:
        options.region(_REGION, region)
    except (TypeError, ValueError):
        raise wrong("the name of a Region", region).under(_REGION) from None
    return Home(account, str(region))


def _check_nesting(store: Store) -> None:
    """Refuse a recovery point that is nested in itself, however far."""
    vaults = store.vaults_so_far()
    parents = {
        arn: point.members[PARENT]
        for vault in vaults
        for arn, point in vault.points.items()
        if PARENT in point.members
    }
    for arn, parent in parents.items():
        if placing.descends(parent, arn, parents.get):
            raise DamageError(f"has {arn!r} nested in itself.", _POINTS)


def _read_entries(store: Store, plain: Mapping[str, Any], key: str, noun: str) -> None:
    row = ENTRY_LISTS[noun]
    read = functools.partial(things.read_entry, shapes=row.shapes, needed=row.needed)
    for entry in _each(plain, key, read):
        if entry.key in store.entries(noun):
            raise DamageError(f"has two with the key {entry.key!r}.", key)
        store.entries(noun)[entry.key] = entry


_RESOURCE = (
    Field("arn", "ResourceArn", TEXT, NEEDED),
    Field("tags", "Tags", TAGS, NEEDED),
)


def _read_resource(plain: Any) -> tuple[str, dict[str, str]]:
    found = read_fields(_RESOURCE, plain)
    return found["arn"], found["tags"]


def _read_pair(plain: Any) -> tuple[str, str]:
    pair = tuple(plain) if type(plain) is list else ()
    if list(map(type, pair)) != [str, str]:
        raise wrong("a pair of texts", plain)
    return pair


_TOKEN = (
    Field("operation", "Operation", TEXT, NEEDED),
    Field("within", "Within", TEXT, NEEDED),
    Field("token", "Token", TEXT, NEEDED),
)


def read_tokens(store: Store, plain: Mapping[str, Any], jobs: Mapping[str, Job]) -> None:
    """Put the idempotency tokens into a store that is otherwise read.

    Args:
        store: the store.
        plain: what `write_store` returned.
        jobs: all jobs of the dump, by id.

    Raises:
        DamageError: one is something else, or what it created is not there.
    """

    def read(each: Any) -> None:
        found = read_fields(_TOKEN, each, "Made", "Answer", "Asked")
        made = _read_made(store, each.get("Made"), jobs)
        answer = under("Answer", read_members, each.get("Answer"))
        asked = under("Asked", read_members, each.get("Asked"), read_date=read_asked_date)
        key = found["operation"], found["within"], found["token"]
        store.tokens[key] = Token(made, answer, asked)

    _each(plain, _TOKENS, read)


def _read_made(store: Store, plain: Any, jobs: Mapping[str, Job]) -> Any:
    pairs = list(plain.items()) if type(plain) is dict else []
    found: Any = None
    if len(pairs) == 1 and type(pairs[0][1]) is str:
        key, name = pairs[0]
        if key == _JOB:
            found = jobs.get(name)
        elif key == _VAULT:
            found = store.vault_so_far(name)
        elif key in _BY_KEY:
            found = store.entries(_BY_KEY[key]).get(name)
    if found is None:
        raise wrong("what names something in the dump", plain).under("Made")
    return found
