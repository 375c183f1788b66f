"""A noun: the row that tells how its entries are seeded, found and shown."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakebackup.model.resources.values import Seeded
from fakebackup.model.shapes import seeds
from fakebackup.model.shapes.answers import shower
from fakebackup.model.shapes.model import members_of, service_model
from fakebackup.model.shapes.records import tell_of_members

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from fakebackup.model.resources.arns import Place
    from fakebackup.model.shapes.model import Shape
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]
    Changes = dict[str, Any]


@dataclass(eq=False, repr=False, kw_only=True)
class EntrySchema(Seeded):
    """The members of a noun's entries.

    Attributes:
        document: the member that holds the document of the noun's Create operation, whose
            members may be given beside it, too; None where they stand there anyway.
        also: per member that no answer shows with the others, the list operation's shape that
            lists its items.
        any_text: the members that take values which are refused elsewhere, as the "*" of a vault.
    """

    document: str | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    any_text: tuple[str, ...] = ()

    @functools.cached_property
    def described_members(self) -> Mapping[str, Shape]:
        """The members that Get or Describe answers, in their order."""
        found = members_of(self.described)
        if self.wrapped is None:
            return found
        inner: Shape = found[self.wrapped]
        members: Mapping[str, Shape] = inner.members
        return members

    @functools.cached_property
    def document_members(self) -> Mapping[str, Shape]:
        """The members of the document."""
        if self.document is None:
            return {}
        shape: Shape = self.members[self.document]
        found: Mapping[str, Shape] = shape.members
        return found

    @functools.cached_property
    def members(self) -> Mapping[str, Shape]:
        """All members that may be given, with their shapes."""
        found = dict(super().members)
        if self.document is not None:
            for name, shape in found[self.document].members.items():
                found.setdefault(name, shape)
        tell_of_members(found)
        return found

    @functools.cached_property
    def keepers(self) -> Mapping[str, Callable[[Any, str], Any]]:
        """Per member, the check and conversion from a seeded value to the kept one."""
        found = dict(super().keepers)
        for name in self.any_text:
            found[name] = seeds.keeper(self.members[name])
        for name, shape in self.also.items():
            output: Shape = service_model().shape_for(shape)
            found[name] = seeds.keeper(output.members[name])
        return found

    @functools.cached_property
    def known(self) -> frozenset[str]:
        """The members that AWS documents today, even if the installed botocore is older."""
        from fakebackup.model.shapes import typed_entries

        return frozenset(getattr(typed_entries, self.typed).__annotations__)

    @functools.cached_property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member of Get's or Describe's answer, the conversion to what a client is shown."""
        return {name: shower(shape) for name, shape in self.described_members.items()}


def _nothing(*_ignored: object) -> None:
    """Do nothing."""


def _as_they_are(members: Changes) -> Changes:
    return members


def _members_of(_store: Store, entry: Entry) -> Members:
    return entry.members


@dataclass(frozen=True, eq=False, kw_only=True)
class Noun:
    """A noun of which an account keeps entries.

    Attributes:
        name: what it is called in AWS's messages, and in the stores.
        schema: the members of its entries.
        describe: the operation that answers one of them.
        lists: the operations that list them, each with the member that holds the items.
        key: the member that operations name it by; None for settings, of which there is one.
        arn: the member that has its ARN; None where AWS gives it none.
        form: the form of its ARN, whose group "key" is the key, or begins with it.
        name_of_arn: whether the ARN has the key and something behind it that AWS made up.
        created: the member with the date of its creation; None for settings.
        version: the member with the id of a version; None where it has none.
        gone: the noun of those that were deleted, and the member that they have.
        parent: the noun of which it is a part, by name, and the member that has that one's key.
        parent_has_id: whether that key is an id, which no two accounts share.
        inside_parent: whether its key names it within its parent alone.
        defaults: returns the default members, for a place and the given members.
        check: refuses what the Create operation refuses, and returns the members as it keeps
            them.
        complete: returns members with those that follow from others.
        seeded: does what follows from an entry that was seeded, or completed: then it takes the
            members of before, too.
        removed: does what follows from an entry that was removed.
        show: returns the members that Get or Describe shows of an entry.
    """

    name: str
    schema: EntrySchema
    describe: str
    lists: tuple[tuple[str, str], ...] = ()
    key: str | None = None
    arn: str | None = None
    form: re.Pattern[str] | None = None
    name_of_arn: bool = False
    created: str | None = None
    version: str | None = None
    gone: tuple[str, str] | None = None
    parent: tuple[str, str] | None = None
    parent_has_id: bool = False
    inside_parent: bool = False
    defaults: Callable[[Place, Store, Changes], Changes] = lambda _place, _store, _given: {}
    check: Callable[[Store, Changes], Changes] = lambda _store, members: members
    complete: Callable[[Changes], Changes] = _as_they_are
    seeded: Callable[[Store, Entry, Members | None], None] = _nothing
    removed: Callable[[Store, Entry], None] = _nothing
    show: Callable[[Store, Entry], Members] = _members_of

    @property
    def stored_under(self) -> list[str]:
        """The names by which stores keep them: that of those that were deleted, too."""
        return [self.name] if self.gone is None else [self.name, self.gone[0]]

    @property
    def changing(self) -> list[str]:
        """The operations that change one of them: UpdateFramework for DescribeFramework."""
        named = self.describe.removeprefix("Describe").removeprefix("Get")
        known = service_model().operation_names
        return [each for each in (f"Update{named}", f"Cancel{named}") if each in known]
