"""Recorded entries of every noun: plans, frameworks, legal holds, settings; and tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fakebackup import options
from fakebackup.answering.tags import has_tagged
from fakebackup.documents.stored import check_free, note
from fakebackup.documents.things import (
    DESCRIBED,
    IMPLIED,
    LISTED,
    asked,
    entries,
    flat,
    item_of,
    kept,
    located,
    need,
    wrapped,
)
from fakebackup.documents.vaults import POINTS, TAGS, VAULTS
from fakebackup.errors import few, near, quoted
from fakebackup.model.resources.arns import Home
from fakebackup.model.stores.entries import GLOBAL_SETTINGS, LEGAL_HOLD
from fakebackup.model.vaults.members import read_tags
from fakebackup.nouns import legal_holds, seeding
from fakebackup.nouns.forms import name_in
from fakebackup.nouns.table import NOUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fakebackup.documents.answers import Answer
    from fakebackup.documents.things import Said, Thing, Things
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.nouns.noun import Noun

    Reader = Callable[[Answer, Things], None]

HELD_POINTS = "recovery points"
"""The part of a legal hold that a list of its own answers."""

EVERYWHERE = Home("", "")
"""Where what is of the whole organisation lies."""


# --- Reading ------------------------------------------------------------------------------


def listed(noun: Noun, key: str) -> Reader:
    """Return the reader of a list of a noun's entries."""

    def read(answer: Answer, things: Things) -> None:
        for name, entry in entries(answer, key, noun.schema.name):
            said = things.said(answer, LISTED, name)
            with located(said.where):
                _say(noun, entry, said, answer.parameters, things)

    return read


def described(noun: Noun) -> Reader:
    """Return the reader of a noun's Describe or Get."""

    def read(answer: Answer, things: Things) -> None:
        schema = noun.schema
        said = things.said(answer, DESCRIBED, schema.wrapped or "")
        entry = flat(answer) if schema.wrapped is None else wrapped(answer, schema.wrapped)
        with located(said.where):
            _say(noun, entry, said, answer.parameters, things)

    return read


def _say(noun: Noun, entry: Any, said: Said, parameters: Mapping[str, Any], things: Things) -> None:
    schema = noun.schema
    if not isinstance(entry, Mapping):
        msg = f"a {schema.name} is an object, not {quoted(entry)}."
        raise TypeError(msg)
    # As it was given: seeding converts it.
    members = {name: each for name, each in entry.items() if each is not None}
    if noun.parent is not None and noun.parent[1] in parameters:
        members.setdefault(noun.parent[1], parameters[noun.parent[1]])
    schema.read(members)
    home, key = said.home, ""
    if noun.name == GLOBAL_SETTINGS:
        home = EVERYWHERE
    if noun.key is not None:
        home, named = _named(noun, members, home)
        need(members, schema.name, *([noun.key] if named is None else ()))
        key = str(members.get(noun.key) or named)
    if noun.parent is not None:
        need(members, schema.name, noun.parent[1])
        if noun.inside_parent:
            key = f"{members[noun.parent[1]]}/{key}"
    if noun.version is not None:
        key = f"{key} {members.get(noun.version, '')}".rstrip()
    things.say(noun.name, home, key, said, members)


def _named(noun: Noun, members: Mapping[str, Any], home: Home) -> tuple[Home, str | None]:
    """Return where an entry lies, by its ARN or else where it was answered, and the ARN's key.

    Raises:
        ValueError: an ARN of another form.
    """
    arn = None if noun.arn is None else members.get(noun.arn)
    if arn is None or noun.form is None:
        return home, None
    parts = noun.form.fullmatch(arn)
    if parts is None:
        msg = f"{noun.arn} {arn!r} is no ARN of a {noun.schema.name}."
        raise ValueError(msg)
    options.region(f"the Region in {noun.arn}", parts["region"])
    key = parts["key"]
    return Home(parts["account"], parts["region"]), name_in(key) if noun.name_of_arn else key


def points_of_hold(answer: Answer, things: Things) -> None:
    """Read ListRecoveryPointsByLegalHold, which does not say of which hold it is."""
    operation, key = "ListRecoveryPointsByLegalHold", "RecoveryPoints"
    hold = asked(answer, "LegalHoldId", "the legal hold that it is of")
    whole = things.said(answer, IMPLIED)
    for name, entry in entries(answer, key, "recovery point"):
        said = things.said(answer, LISTED, name)
        with located(said.where):
            members = kept(item_of(operation, key), entry, "recovery point")
            need(members, "recovery point", "RecoveryPointArn")
            key_of = f"{hold} {members['RecoveryPointArn']}"
            things.say(HELD_POINTS, whole.home, key_of, said, members)
    things.say(HELD_POINTS, whole.home, hold, whole, {})


def list_tags(answer: Answer, things: Things) -> None:
    """Read ListTags, which does not say of what they are."""
    arn = asked(answer, "ResourceArn", "the resource that has the tags")
    said = things.said(answer, IMPLIED)
    with located(said.where):
        tags = read_tags(answer.members.get("Tags", {}))
    things.say(TAGS, said.home, arn, said, tags)


# --- Checking and putting -----------------------------------------------------------------


def _place(home: Home) -> str:
    return f"account {home.account} in {home.region}"


def _elsewhere(homes: Iterable[Home]) -> str:
    """Return the end of a sentence that says where there is one, and how to load there."""
    found = sorted(homes)
    if not found:
        return ""
    first = f"account_id={found[0].account!r}, region={found[0].region!r}"
    places = ", and in ".join(few(map(_place, found)))
    return f"; there is one in {places}: to load it there, type backup.at({first}).load(...)."


class Entries:
    """The entries and tags of a load: checked when made, then put."""

    def __init__(self, things: Things, organization: Organization) -> None:
        """Check what answers say of entries.

        Raises:
            ValueError: one is taken, its whole is nowhere, or tags are of nothing.
        """
        self._things = things
        self._organization = organization
        for noun in NOUNS.values():
            for thing in things.all(noun.name):
                if noun.parent is not None:
                    self._check_parent(thing, *noun.parent, anywhere=noun.parent_has_id)
                check_free(organization, thing, exists=self._exists(noun, thing))
        self._held = self._points_of_holds()
        homes = ((self._home_of_tagged(thing), thing) for thing in things.all(TAGS))
        self._tagged = [(home, thing) for home, thing in homes if home is not None]

    def _exists(self, noun: Noun, thing: Thing) -> bool:
        """Return whether the fake has an entry, of a plan the version."""
        if noun.name == GLOBAL_SETTINGS:
            return bool(self._organization.settings)
        store = self._store(thing.home)
        key, _, version = thing.key.partition(" ") if noun.version else (thing.key, "", "")
        for found in (store.entries(name).get(key) for name in noun.stored_under):
            if found is None:
                continue
            if noun.version is None:
                return True
            versions = {each.get(noun.version, "") for each in (*found.past, found.members)}
            keys = [f"{key} {each}".rstrip() for each in versions]
            loaded = self._organization.loaded
            # A new version is that of a loaded plan alone.
            known = any((noun.name, thing.home, each) in loaded for each in keys)
            return not known or version in versions
        return False

    def _store(self, home: Home) -> Store:
        return self._organization.store(*home)

    def _check_parent(self, thing: Thing, name: str, member: str, *, anywhere: bool) -> None:
        """Find the whole that an entry is a part of, and where that lies.

        Raises:
            ValueError: it is neither in the answers nor in the fake.
        """
        key = (thing.part() or {})[member]
        homes = {
            each.home: None
            for each in self._things.all(name)
            if (each.key.partition(" ")[0] if NOUNS[name].version else each.key) == key
        }
        homes |= {
            home: None
            for home, store in self._organization.stores.items()
            if key in store.entries(name)
        }
        if thing.home in homes:
            return
        if anywhere and len(homes) == 1:
            thing.home = next(iter(homes))
            return
        keys = {each.key.partition(" ")[0] for each in self._things.all(name)}
        what = NOUNS[name].schema.name
        msg = (
            f"{thing.where}: {member} {key!r} is no {what} of {_place(thing.home)}"
            f"{_elsewhere(homes) or near(key, keys) or '.'} Load what {NOUNS[name].describe} or "
            f"{NOUNS[name].lists[0][0]} answered for it, too."
        )
        raise ValueError(msg)

    def _points_of_holds(self) -> dict[tuple[Home, str], list[dict[str, Any]]]:
        """Return the recovery points of each legal hold, which is in the load or in the fake."""
        found: dict[tuple[Home, str], list[dict[str, Any]]] = {}
        for thing in self._things.all(HELD_POINTS):
            hold, _, arn = thing.key.partition(" ")
            homes = {each.home for each in self._things.all(LEGAL_HOLD) if each.key == hold}
            stores = self._organization.stores
            homes |= {home for home, each in stores.items() if hold in each.entries(LEGAL_HOLD)}
            if thing.home not in homes and len(homes) != 1:
                msg = (
                    f"{thing.where}: {hold!r} is no legal hold of {_place(thing.home)}"
                    f"{_elsewhere(homes) or '.'} Load what GetLegalHold or ListLegalHolds answered "
                    f"for it, too."
                )
                raise ValueError(msg)
            home = thing.home if thing.home in homes else next(iter(homes))
            points = found.setdefault((home, hold), [])
            if arn:
                points.append(thing.part() or {})
        return found

    def _home_of_tagged(self, thing: Thing) -> Home | None:
        """Return where the thing lies that tags are of; None where it is left out.

        Raises:
            ValueError: it is neither in the answers nor in the fake.
        """
        arn = thing.key
        homes: dict[Home, None] = {}
        for noun, member in self._arns():
            for each in self._things.all(noun):
                if (each.part() or {}).get(member) == arn:
                    homes[each.home] = None
        homes |= {
            home: None
            for home, store in list(self._organization.stores.items())
            if has_tagged(store, arn)
        }
        if thing.home in homes:
            return thing.home
        if homes:
            return next(iter(homes))
        if arn in self._things.left_out:
            return None
        msg = (
            f"{thing.where}: there is nothing with the ARN {arn!r} that could have tags: load "
            f"what describes or lists it, too."
        )
        raise ValueError(msg)

    def _arns(self) -> list[tuple[str, str]]:
        nouns = [(each.name, each.arn) for each in NOUNS.values() if each.arn is not None]
        return [(VAULTS, "BackupVaultArn"), (POINTS, "RecoveryPointArn"), *nouns]

    def put(self, *, holds: bool) -> None:
        """Put the entries.

        Args:
            holds: whether the legal holds, which look for what they hold, or all others.
        """
        for noun in NOUNS.values():
            if (noun.name == LEGAL_HOLD) is holds:
                for thing in self._things.all(noun.name):
                    self._put(noun, thing)
        if holds:
            for (home, hold), points in self._held.items():
                self._hold(home, hold, points)

    def put_tags(self) -> None:
        """Put the tags."""
        for home, thing in self._tagged:
            self._store(home).tags[thing.key] = thing.part() or {}

    def _put(self, noun: Noun, thing: Thing) -> None:
        home = thing.home if thing.home != EVERYWHERE else self._things.home
        members = self._new(noun, thing)
        with located(thing.where):
            seeding.seed(self._organization, home, noun, members, exact=True, merge=True)
        note(self._organization, thing)

    def _new(self, noun: Noun, thing: Thing) -> dict[str, Any]:
        """Return what an entry gets: a list says nothing again that the fake's entry has."""
        said = thing.part() or {}
        if thing.level != LISTED or noun.key is None:
            return said
        store = self._store(thing.home)
        key, _, version = thing.key.partition(" ") if noun.version else (thing.key, "", "")
        found = (store.entries(name).get(key) for name in noun.stored_under)
        held = [each for each in found if each]
        known = [each for entry in held for each in (*entry.past, entry.members)]
        if noun.version is not None:
            known = [each for each in known if each.get(noun.version, "") == version]
        # What tells which one it is.
        of_its_own = {noun.key, noun.arn, noun.version, noun.parent and noun.parent[1]}
        return {
            name: each
            for name, each in said.items()
            if name in of_its_own or not any(name in members for members in known)
        }

    def _hold(self, home: Home, hold: str, points: list[dict[str, Any]]) -> None:
        """Let a hold hold what was listed for it."""
        entry = self._store(home).entries(LEGAL_HOLD)[hold]
        if legal_holds.holds(entry):
            listed_points = {each["RecoveryPointArn"]: each for each in points}
            entry.members = {**entry.members, "RecoveryPoints": listed_points}
