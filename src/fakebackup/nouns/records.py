"""Entries as tests read them: like the answers of Get or Describe."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from fakebackup.model.resources.arns import Home
from fakebackup.model.shapes.records import Record
from fakebackup.model.stores.entries import Entry
from fakebackup.nouns import table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.nouns.noun import Noun
    from fakebackup.views import RecordsView


class EntryRecord(Record):
    """A plan, a framework, a legal hold or another entry, read like Get's or Describe's answer.

    A copy of one, by `copy`, `deepcopy` or `pickle`, is in no fake, and reads as it did.

    Attributes:
        noun: what it is.
        home: the account and the Region that it lies in.
    """

    __slots__ = ("_entry", "_store", "home", "noun")

    def __init__(
        self, noun: Noun, store: Store | None, entry: Entry, home: Home | None = None
    ) -> None:
        """Make the record of an entry; users call `FakeBackup.add_framework` and its siblings.

        Args:
            noun: what it is.
            store: the store that it lies in; None for a copy.
            entry: the entry; of a copy its members are those that are shown.
            home: where a copy lay.
        """
        self.noun = noun
        self._store = store
        self._entry = entry
        self.home = Home("", "") if store is None else store.home
        if home is not None:
            self.home = home

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the record as one that is in no fake and reads the same."""
        entry = Entry(self.key, self.arn, self._entry.number, dict(self.kept_now()))
        return _rebuilt, (self.noun.name, entry, self.home)

    @property
    def store(self) -> Store | None:
        """The store that it lies in; None for a copy."""
        return self._store

    @property
    def entry(self) -> Entry:
        """The entry, as it is now: operations that change it keep its name or id."""
        return self._entry

    @property
    def account(self) -> str:
        """The id of the account that it lies in."""
        return self.home.account

    @property
    def region(self) -> str:
        """The Region that it lies in."""
        return self.home.region

    @property
    def key(self) -> str:
        """Its name or its id, whichever operations name it by.

        Of a restore testing selection, the name of its plan, "/" and its own.
        """
        return self._entry.key

    @property
    def arn(self) -> str:
        """Its ARN; empty where AWS gives it none."""
        return self._entry.arn

    def tag(self, tags: dict[str, str]) -> None:
        """Set its tags; what has no ARN has none."""
        if self._store is not None and self.arn:
            self._store.tags[self.arn] = tags

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them: dates in milliseconds."""
        if self._store is None:
            return self._entry.members
        return self.noun.show(self._store, self._entry)

    def kept_now(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, after the moves that the clock made due."""
        if self._store is not None:
            self._store.catch_up()
        kept = self.kept()
        # What an operation was not given it may keep as None.
        return {name: value for name, value in kept.items() if value is not None}

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, in AWS's order, the conversion to what botocore's parser gives."""
        return self.noun.schema.shown

    @property
    def _changed_by(self) -> str:
        """What changes it, for messages."""
        from botocore import xform_name

        calls = [f"client.{xform_name(each)}(...), or " for each in self.noun.changing]
        return f"{''.join(calls)}backup.remove(...), and adding it anew"

    def __repr__(self) -> str:
        return f"<{self.noun.schema.name} {self.key}: {self.account} {self.region}>"


def _rebuilt(name: str, entry: Entry, home: Home) -> EntryRecord:
    """Return a copied or unpickled record."""
    return EntryRecord(table.NOUNS[name], None, entry, home)


def view(organization: Organization, home: Home, name: str) -> RecordsView[EntryRecord]:
    """Return the entries of a noun in an account and Region, as a mapping by name or id.

    Args:
        organization: the fake's organisation.
        home: the account and the Region.
        name: the noun.
    """
    from fakebackup.views import RecordsView, Source

    noun = table.NOUNS[name]
    source = Source(
        functools.partial(_find, noun), functools.partial(_find_one, noun), lambda each: each.key
    )
    return RecordsView(organization, home, noun.schema.name, source)


def _find(noun: Noun, store: Store) -> list[EntryRecord]:
    return [EntryRecord(noun, store, each) for each in store.entries(noun.name).values()]


def _find_one(noun: Noun, store: Store, key: str) -> EntryRecord | None:
    found = store.entries(noun.name).get(key)
    return None if found is None else EntryRecord(noun, store, found)
