"""Seed entries of any noun, exactly or with defaults, and remove them."""

from __future__ import annotations

import base64
import binascii
import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

from fakebackup import clock, options
from fakebackup.errors import AwsError, near, quoted, there_are
from fakebackup.model.resources.arns import Home, Place
from fakebackup.model.stores.entries import GLOBAL_SETTINGS, ONLY, Entry
from fakebackup.model.vaults.members import read
from fakebackup.nouns.forms import name_in
from fakebackup.nouns.records import EntryRecord
from fakebackup.nouns.table import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.nouns.noun import Noun

    Members = Mapping[str, Any]
    Changes = dict[str, Any]


def seed(  # noqa: PLR0913  each is a part of what is seeded, or a way to do it
    organization: Organization,
    home: Home,
    noun: Noun,
    members: Members,
    *,
    exact: bool = False,
    merge: bool = False,
) -> EntryRecord:
    """Seed an entry.

    Args:
        organization: the organisation that holds it.
        home: the account and the Region that it lies in, unless its ARN names others.
        noun: what it is.
        members: its members, as AWS spells them: of Get's or Describe's answer (what is wrapped
            there, unwrapped), of an item of a list, of the Create operation's document. Besides,
            `Tags`, and of a legal hold `RecoveryPoints`, as ListRecoveryPointsByLegalHold lists
            them; without these a hold holds those that it selects of the recovery points that
            are there.
        exact: whether no member is added: only what stands in two places, as the name in a
            plan's document, is written to the other one. What the Create operation refuses is
            accepted: AWS has it. A selection whose plan has an id, and is not at home, lies
            where its plan does.
        merge: whether members of an entry that is there complete it (of a plan with another
            VersionId: are another version of it); else its name or id is taken.

    Returns:
        The record of the entry.

    Raises:
        TypeError: a member that does not exist, or a value of the wrong type.
        ValueError: any other value that cannot be; nothing has changed then.
        FakeBackupError: the fake is not active, or the loaded botocore does not know the noun.
    """
    with organization.working():
        given, tags = read(noun.schema, members)
        before = organization.numbers.given_out()
        try:
            made = _Seed(organization, home, noun, given, exact=exact).put(merge=merge)
        except (AwsError, TypeError, ValueError) as error:
            organization.numbers.take_back(before)
            if not isinstance(error, AwsError):
                raise
            msg = f"A {noun.schema.name} cannot be seeded so: {error.message}"
            raise ValueError(msg) from None
        if tags is not None:
            made.tag(tags)
        return made


@contextlib.contextmanager
def all_or_none(organization: Organization) -> Iterator[None]:
    """Undo what is done to entries and their tags inside the block if it raises."""
    with organization.working():
        before = {home: _contents(store) for home, store in organization.stores.items()}
        settings = {key: (each, each.members) for key, each in organization.settings.items()}
        numbers = organization.numbers.given_out()
        try:
            yield
        except BaseException:
            for home, store in organization.stores.items():
                _restore(store, *before.get(home, ({}, {})))
            organization.settings.clear()
            for key, (entry, members) in settings.items():
                organization.settings[key] = entry
                entry.members = members
            organization.numbers.take_back(numbers)
            raise


def _contents(store: Store) -> tuple[dict[str, list[tuple[Entry, Entry]]], dict[str, Any]]:
    """Return the entries of a store by noun, each with a copy, and its tags."""
    entries: dict[str, list[tuple[Entry, Entry]]] = {}
    for noun, each in store.all_entries():
        copied = dataclasses.replace(each, past=list(each.past))
        entries.setdefault(noun, []).append((each, copied))
    return entries, dict(store.tags)


def _restore(
    store: Store, entries: dict[str, list[tuple[Entry, Entry]]], tags: dict[str, Any]
) -> None:
    for noun in {*entries, *(noun for noun, _ in store.all_entries())}:
        kept = store.entries(noun)
        kept.clear()
        for entry, copied in entries.get(noun, ()):
            entry.arn, entry.members, entry.past = copied.arn, copied.members, copied.past
            kept[entry.key] = entry
    store.tags.clear()
    store.tags.update(tags)


_ANY_KEY = "(?P<key>.+)"
"""The end of a noun's form."""


class _Seed:
    """An entry that is being seeded."""

    def __init__(
        self, organization: Organization, home: Home, noun: Noun, given: Changes, *, exact: bool
    ) -> None:
        """Find where the entry goes.

        Args:
            organization: the organisation that is to hold it.
            home: where it goes unless its ARN says otherwise.
            noun: what it is.
            given: its members, as the model keeps them; None leaves one out.
            exact: whether no member is added.
        """
        self._organization = organization
        self._noun = noun
        self._given = given
        self._exact = exact
        self._arn_key = ""
        self._number = 0
        self._store = organization.store(*self._home(home))
        self._parent = "" if noun.parent is None else self._find_parent(*noun.parent)

    def put(self, *, merge: bool) -> EntryRecord:
        """Add the entry, or complete the one that is there."""
        noun, members = self._noun, self._given
        if noun.key is not None and members.get(noun.key) is None and self._arn_key:
            named = name_in(self._arn_key) if noun.name_of_arn else self._arn_key
            members[noun.key] = noun.schema.keepers[noun.key](named, noun.key)
        if not self._exact:
            self._check_twice()
            members = self._whole(members)
        if noun.key is not None and not members.get(noun.key):
            msg = f"A {noun.schema.name} cannot be without {noun.key}."
            raise ValueError(msg)
        members = {name: value for name, value in members.items() if value is not None}
        entries, found = self._found(members)
        if found is not None:
            if not merge:
                msg = f"{noun.key} {members[noun.key or '']!r} is taken: {self._record(found)!r}"
                raise ValueError(msg)
            return self._complete(entries, found, members)
        return self._add(members)

    # --- Where it goes ------------------------------------------------------------------------

    def _home(self, home: Home) -> Home:
        """Return the account and the Region that it goes to: its ARN decides."""
        noun = self._noun
        arn = None if noun.arn is None else self._given.get(noun.arn)
        if arn is None or noun.form is None:
            return home
        parts = noun.form.fullmatch(arn)
        if parts is None:
            begins = noun.form.pattern.partition("12}):")[2].removesuffix(_ANY_KEY)
            one = home.arn("arn:{p}:backup:{r}:{a}:") + begins
            name = noun.schema.name
            msg = f"{noun.arn} {arn!r} is no ARN of a {name}: one begins with {one!r}."
            raise ValueError(msg)
        options.region(f"the Region in {noun.arn}", parts["region"])
        self._arn_key = parts["key"]
        return Home(parts["account"], parts["region"])

    def _find_parent(self, name: str, member: str) -> str:
        """Return the key of the entry that it is a part of, which must be there.

        Args:
            name: the noun of that entry.
            member: the member that has its key.
        """
        what, mine = NOUNS[name].schema.name, self._noun.schema.name
        there = self._store.entries(name)
        key: str | None = self._given.get(member)
        where = " ".join(self._store.home)
        if key is None and not self._exact and len(there) == 1:
            key = self._given[member] = next(iter(there))
        if key is None:
            count = there_are(len(there)).removeprefix("; ") if there else "there is none"
            msg = f"A {mine} cannot be without {member}: of the {what}s in {where} {count}."
            raise ValueError(msg)
        if key in there:
            return key
        others = [
            store for store in self._organization.stores.values() if key in store.entries(name)
        ]
        if self._exact and self._noun.parent_has_id and len(others) == 1:
            self._store = others[0]
            return key
        hint = near(key, there) or "."
        if others:
            account, region = others[0].home
            hint = (
                f": it is in {account} {region}. To seed there, call "
                f"backup.at(account_id={account!r}, region={region!r})."
            )
        elif not there:
            hint = f": add the {what} first."
        msg = f"{member} {quoted(key)} is no {what} in {where}{hint}"
        raise ValueError(msg)

    def _entries(self) -> dict[str, Entry]:
        if self._noun.name == GLOBAL_SETTINGS:
            return self._organization.settings
        return self._store.entries(self._noun.name)

    def _found(self, members: Members) -> tuple[dict[str, Entry], Entry | None]:
        """Return the entry that has their name or id, deleted or not, and where it is kept."""
        key, entries = self._key_of(members), self._entries()
        if key not in entries and self._noun.gone is not None:
            entries = self._store.entries(self._noun.gone[0])
        return entries, entries.get(key)

    def _key_of(self, members: Members) -> str:
        if self._noun.key is None:
            return ONLY
        key: str = members[self._noun.key]
        return f"{self._parent}/{key}" if self._noun.inside_parent else key

    # --- What it has --------------------------------------------------------------------------

    def _check_twice(self) -> None:
        """Refuse a member that is given beside the document and otherwise in it."""
        document = self._given.get(self._noun.schema.document or "") or {}
        for name in self._noun.schema.document_members:
            beside = self._given.get(name)
            if beside is not None and document.get(name, beside) != beside:
                msg = (
                    f"{name} {quoted(beside)} is not that in {self._noun.schema.document}, "
                    f"{quoted(document[name])}: give it once."
                )
                raise ValueError(msg)

    def _whole(self, given: Changes) -> Changes:
        """Return the members with defaults, checked as the Create operation checks them."""
        noun, numbers = self._noun, self._organization.numbers
        if noun.key is None:
            return given
        created = given.get(noun.created or "")
        if created is None:
            created = numbers.next_creation()
        while True:
            self._number = numbers.next()
            place = Place(self._store.home, self._number, clock.now(), created, self._organization)
            members = {**noun.defaults(place, self._store, given), **given}
            # A number may be that of an id which another one was given.
            if given.get(noun.key) is not None or self._found(members)[1] is None:
                break
        self._check_arn(members)
        complete = noun.complete({n: each for n, each in members.items() if each is not None})
        return noun.check(self._store, complete)

    def _check_arn(self, members: Members) -> None:
        """Refuse an ARN of another entry than the key's, and one that is taken."""
        noun = self._noun
        if noun.arn is None or noun.key is None:
            return
        arn, key = members[noun.arn], str(members[noun.key])
        named = self._arn_key
        if named and named != key and not (noun.name_of_arn and named.startswith(f"{key}-")):
            msg = f"{noun.key} {key!r} is not that in {noun.arn} {arn!r}."
            raise ValueError(msg)
        taken = self._store.entry_with_arn(arn)
        if taken is not None and taken.key != key:
            msg = f"{noun.arn} {arn!r} is taken: it is that of {taken.key}."
            raise ValueError(msg)

    # --- Adding it ----------------------------------------------------------------------------

    def _record(self, entry: Entry) -> EntryRecord:
        return EntryRecord(self._noun, self._store, entry)

    def _add(self, members: Changes) -> EntryRecord:
        noun = self._noun
        kept = noun.complete(members)
        arn = str(kept.get(noun.arn or "", ""))
        entries = self._entries()
        if noun.gone is not None and noun.gone[1] in kept:
            # Without an ARN it has no tags, and cannot be tagged.
            entries, arn = self._store.entries(noun.gone[0]), ""
        if not self._number and noun.key is not None:
            self._number = self._organization.numbers.next()
        entry = Entry(self._key_of(kept), arn, self._number, kept)
        entries[entry.key] = entry
        noun.seeded(self._store, entry, None)
        return self._record(entry)

    def _complete(self, entries: dict[str, Entry], found: Entry, members: Changes) -> EntryRecord:
        """Complete an entry that is there, or add a version of it."""
        noun, before = self._noun, found.members
        versions = [*found.past, before]
        same = [
            at
            for at, each in enumerate(versions)
            if noun.version is None
            or noun.version not in each
            or each[noun.version] == members.get(noun.version, each[noun.version])
        ]
        for name in noun.schema.also:
            if name in members and same:
                known = versions[same[-1]].get(name, {})
                members[name] = [*known.values(), *members[name]]
        if same:
            versions[same[-1]] = noun.complete({**versions[same[-1]], **members})
        else:
            versions.append(noun.complete(members))
            versions.sort(key=self._age)
        found.members, found.past = versions[-1], versions[:-1]
        if noun.arn is not None and noun.arn in found.members:
            found.arn = str(found.members[noun.arn])
        if noun.gone is not None and noun.gone[1] in found.members:
            del entries[found.key]
            self._store.entries(noun.gone[0])[found.key] = found
            found.arn = ""
        noun.seeded(self._store, found, before)
        return self._record(found)

    def _age(self, version: Members) -> tuple[float, bytes]:
        """Return the sort key of a version: of two of one instant, ids that are counted tell."""
        noun = self._noun
        created = version.get(noun.created or "", float("inf"))
        text = str(version.get(noun.version or "", ""))
        try:
            return created, base64.b64decode(text, validate=True)
        except binascii.Error:
            return created, text.encode()


def remove(organization: Organization, record: EntryRecord) -> None:
    """Remove an entry, its tags and what is a part of it.

    Raises:
        ValueError: it is not in this fake.
        FakeBackupError: the fake is not active.
    """
    with organization.working():
        store, entry, noun = record.store, record.entry, record.noun
        found = None
        # `reset` forgets stores.
        if store is not None and organization.stores.get(record.home) is store:
            every = [store.entries(name) for name in noun.stored_under]
            found = next((each for each in every if each.get(entry.key) is entry), None)
        if store is None or found is None:
            msg = f"This {noun.schema.name} is not in this fake: {record!r}"
            raise ValueError(msg)
        del found[entry.key]
        store.tags.pop(entry.arn, None)
        _remove_parts(store, noun, entry)
        noun.removed(store, entry)


def _remove_parts(store: Store, noun: Noun, whole: Entry) -> None:
    """Remove the entries that are parts of one, of every noun whose parent its noun is."""
    for part in NOUNS.values():
        name, member = part.parent or ("", "")
        if name == noun.name:
            entries = store.entries(part.name)
            for each in list(entries.values()):
                if each.members[member] == whole.key:
                    del entries[each.key]
                    store.tags.pop(each.arn, None)
