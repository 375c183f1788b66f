"""Load what AWS answered: all of a source, or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.documents import answers, protected, stored
from fakebackup.documents.answers import Dump
from fakebackup.documents.entries import EVERYWHERE, Entries
from fakebackup.documents.jobs import Jobs
from fakebackup.documents.loadable import HELD
from fakebackup.documents.telling import (
    newer_operation,
    newer_operations,
    parts_of,
    text_of_newer,
    texts_in,
)
from fakebackup.documents.things import Things
from fakebackup.documents.vaults import POINTS, VAULTS
from fakebackup.errors import quoted, warn
from fakebackup.model.engine import seeding
from fakebackup.model.stores.entries import PROTECTED
from fakebackup.nouns.seeding import all_or_none
from fakebackup.nouns.table import NOUNS

if TYPE_CHECKING:
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization


class Loaded(NamedTuple):
    """What a load put into a fake.

    Attributes:
        jobs: the jobs that it added, in order.
        homes: where all that it added or completed lies.
    """

    jobs: list[Job]
    homes: set[Home]


def load(
    organization: Organization,
    home: Home,
    source: Any,
    operation: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Loaded | Dump:
    """Load a source as `FakeBackup.load` describes.

    Args:
        organization: the organisation that holds what is loaded.
        home: where what names no account and Region goes.
        source: the answers, as `FakeBackup.load` takes them.
        operation: the operation that answered, as for `FakeBackup.load`.
        parameters: what it was asked, as for `FakeBackup.load`.

    Returns:
        What was put; or the dump that the source is, which the caller restores.

    Raises:
        TypeError, ValueError, OSError: as `FakeBackup.load`; nothing has changed then.
        FakeBackupError: the fake is not active.
    """
    asked: object = parameters
    if asked is not None and not isinstance(asked, Mapping):
        msg = f"parameters is a dict of what was asked, not {quoted(asked)}."
        raise TypeError(msg)
    found = answers.read(source, operation, dict(parameters or {}))
    dumps = [each for each in found if isinstance(each, Dump)]
    if dumps:
        if len(found) > 1:
            msg = f"{dumps[0].where}a dump is all that a fake holds: load it by itself."
            raise ValueError(msg)
        return dumps[0]
    things = Things(home)
    newer_names = newer_operations(found)
    if newer_names:
        left_out = [each for each in found if newer_operation(each)]
        found = [each for each in found if not newer_operation(each)]
        members = (each.members for each in left_out if not isinstance(each, Dump))
        things.left_out = frozenset(text for each in members for text in texts_in(each))
    parts = [part for each in found if not isinstance(each, Dump) for part in parts_of(each)]
    # In the order of the lists, whichever file comes first.
    for answer in sorted(parts, key=lambda each: not str(each.operation).startswith("List")):
        HELD[str(answer.operation)].read(answer, things)
    if newer_names:
        # Before anything is put: where the warning is an error, nothing has changed.
        warn(text_of_newer(newer_names))
    return _put(organization, things)


def _put(organization: Organization, things: Things) -> Loaded:
    with organization.working():
        # Whatever can be refused is refused here, but for ids of jobs that are taken.
        jobs = Jobs(things, organization.store(*things.home))
        stored.check(things, organization)
        protected.check(things, organization)
        entries = Entries(things, organization)
        loaded = dict(organization.loaded)
        try:
            with all_or_none(organization):
                entries.put(holds=False)
                jobs.put()
        except BaseException:
            organization.loaded.clear()
            organization.loaded.update(loaded)
            raise
        stored.put(things, organization)
        entries.put(holds=True)
        protected.put(things, organization)
        entries.put_tags()
        seeding.follow(organization, jobs.new)
    seeding.warn_of_history(organization, jobs.new)
    homes = {home for noun in _LYING for home, _ in things.of.get(noun, ())} - {EVERYWHERE}
    return Loaded(jobs.new, homes | jobs.homes())


_LYING = frozenset({VAULTS, POINTS, PROTECTED} | {k for k, v in NOUNS.items() if v.parent is None})
"""The nouns whose things say where they lie; what is a part of another lies where that does."""
