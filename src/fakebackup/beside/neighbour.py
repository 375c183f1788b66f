"""The mock of the rest of AWS as the model uses it: what was made, by recovery point."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, NamedTuple

from fakebackup.beside import vault_tags
from fakebackup.beside.aws import world
from fakebackup.beside.deliveries import Deliveries
from fakebackup.beside.undelivered import Undelivered
from fakebackup.beside.way import Aws
from fakebackup.beside.ways import WAYS
from fakebackup.errors import FakeBackupError
from fakebackup.model.resources.neighbour import Refusal
from fakebackup.model.resources.types import type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from fakebackup.beside.way import Found, Way
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.resources.neighbour import Backup, Copy, Key, Made, Restore
    from fakebackup.model.stores.organization import Organization

    R = TypeVar("R")


class _Kept(NamedTuple):
    """What was made for a recovery point, and the way of its type."""

    way: Way
    made: Made


class Neighbour:
    """The mock that the option `beside` names, see `model.resources.neighbour.Neighbour`."""

    def __init__(self, beside: str, organization: Organization) -> None:
        """Make one that has made nothing.

        Args:
            beside: the option.
            organization: what the fake holds.
        """
        self._world = world(beside)
        self._organization = organization
        self._kept: dict[Key, _Kept] = {}
        self._found: dict[tuple[Home, str], dict[str, Mapping[str, str]]] = {}
        # Recovery points that may be gone, until it is settled.
        self._perhaps_gone: list[Key] = []
        self._settling = threading.Lock()
        # What restores have made: all else in a CreatedResourceArn is the fake's own.
        self._restored: set[tuple[Home, str]] = set()
        self._undelivered = Undelivered()
        found = (self._world, organization, self._undelivered)
        self._deliveries = Deliveries(*found)
        self._vault_tags = vault_tags.VaultTags(*found)

    # --- Resources ----------------------------------------------------------------------------

    def knows(self, resource_type: str | None) -> bool:
        """Return whether it backs up resources of a type."""
        return resource_type in WAYS

    def resources(self, home: Home) -> Mapping[str, Mapping[str, str]]:
        """Return the resources that it has in an account and Region, per ARN the tags."""
        return {arn: tags for way in WAYS.values() for arn, tags in self._all(way, home).items()}

    def _all(self, way: Way, home: Home) -> dict[str, Mapping[str, str]]:
        """Return all resources of a type; asked for once until the model is at rest."""
        key = (home, way.resource_type)
        found = self._found.get(key)
        if found is None:
            with self._world.answering():
                found = self._found[key] = dict(way.find(Aws(self._world, home)))
        return found

    def tags_of(self, home: Home, arn: str) -> Mapping[str, str]:
        """Return the tags of a resource; none where it has no such resource."""
        way = WAYS.get(type_of(arn) or "")
        if way is None:
            return {}
        known = self._found.get((home, way.resource_type), {})
        if arn in known:
            return known[arn]
        found = self._look(way, home, arn)
        return {} if found is None else found.tags

    def _look(self, way: Way, home: Home, arn: str) -> Found | None:
        from botocore.exceptions import ClientError

        try:
            with self._world.answering():
                return next(way.find(Aws(self._world, home), arn), None)
        except ClientError:
            return None

    # --- What jobs do -------------------------------------------------------------------------

    def back_up(self, asked: Backup) -> Made:
        """Make a backup."""
        way = WAYS[asked.resource_type]

        def make() -> Made:
            return way.back_up(Aws(self._world, asked.home), asked)

        return self._done(make, lambda: self._gone(way, asked))

    def _gone(self, way: Way, asked: Backup) -> str | None:
        """Return AWS Backup's message for a resource that does not exist; None if it does."""
        return way.gone if self._look(way, asked.home, asked.resource) is None else None

    def copy(self, asked: Copy) -> Made:
        """Make a copy of what it has made."""
        kept = self._kept[asked.source]
        home = asked.source.home
        if asked.destination.account != home.account and not kept.way.across_accounts:
            raise Refusal(
                f"Copy job failed because moto cannot copy backups of {kept.way.resource_type} "
                f"from account {home.account} to {asked.destination.account}."
            )
        return self._done(lambda: kept.way.copy(Aws(self._world, home), asked, kept.made.content))

    def restore(self, asked: Restore) -> str:
        """Restore what it has made; return the ARN of what there is now."""
        kept = self._kept[asked.source]
        made = self._done(
            lambda: kept.way.restore(Aws(self._world, asked.home), asked, kept.made.content)
        )
        self._restored.add((asked.home, made))
        return made

    def _done(self, do: Callable[[], R], why: Callable[[], str | None] = lambda: None) -> R:
        """Do something, and turn an error of the service into the failure of the job.

        Args:
            do: what is done.
            why: returns a better message than the service's.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            with self._world.answering():
                return do()
        except ClientError as error:
            told = error.response["Error"]
            # moto leaves some without a message.
            raise Refusal(why() or told.get("Message") or told["Code"]) from error
        except BotoCoreError as error:
            raise Refusal(str(error)) from error

    def remove_restored(self, home: Home, arn: str, resource_type: str) -> None:
        """Delete what a restore made; nothing where it made nothing beside the fake.

        Raises:
            Refusal: the service refuses it.
        """
        if (home, arn) in self._restored:
            way = WAYS[resource_type]
            self._done(lambda: way.remove(Aws(self._world, home), arn))
            self._restored.discard((home, arn))

    # --- What was made ------------------------------------------------------------------------

    def file(self, key: Key, made: Made) -> None:
        """File what was made under its recovery point, for what was made before."""
        way = WAYS[made.resource_type]
        before, self._kept[key] = self._kept.get(key), _Kept(way, made)
        if before is not None and before.made is not made:
            self._delete(key, before)

    def has(self, key: Key) -> bool:
        """Return whether it has made a recovery point."""
        return key in self._kept

    def note_gone(self, key: Key) -> None:
        """Note that a recovery point is gone: what was made for it is deleted by `settle`."""
        if key in self._kept:
            self._perhaps_gone.append(key)

    def note_undone(self) -> None:
        """Note that any of what was made may be gone, since a savepoint was gone back to."""
        self._perhaps_gone = list(self._kept)
        self._deliveries.go_back()

    def note_report(self, home: Home, bucket: str, files: Mapping[str, str]) -> None:
        """Note the files of a report, which `settle` writes."""
        self._deliveries.add_files(home, bucket, files)

    def settle(self) -> None:
        """Delete what is gone, and deliver what was emitted; the caller does not hold the lock."""
        self._found.clear()
        # One thread at a time, as events are delivered: the others need not wait for it. Asked
        # again after each, since another may have gone away while this one was about to end.
        while self._is_busy() and self._settling.acquire(blocking=False):
            try:
                self._delete_gone()
                self._deliveries.deliver()
            finally:
                self._settling.release()

    def _is_busy(self) -> bool:
        """Return whether there is anything to settle."""
        # Within a savepoint it may come back.
        gone = bool(self._perhaps_gone) and not self._organization.savepoints
        return gone or self._deliveries.are_waiting()

    def _delete_gone(self) -> None:
        while self._perhaps_gone and not self._organization.savepoints:
            key = self._perhaps_gone.pop()
            if key in self._kept and not self._exists(key):
                self._delete(key, self._kept.pop(key))

    def _delete(self, key: Key, kept: _Kept) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        # What is gone is gone: a test may have deleted it, or ended the mock that had it.
        with contextlib.suppress(BotoCoreError, ClientError, FakeBackupError):
            kept.way.delete(Aws(self._world, key.home), kept.made.content)

    def looked_at(self, service: str) -> None:
        """Show another service what it has to say of the fake, since it is about to be asked."""
        if service == vault_tags.SERVICE:
            self._vault_tags.show()

    def clear(self) -> None:
        """Forget what was made, without deleting it."""
        self._kept.clear()
        self._perhaps_gone.clear()
        self._restored.clear()
        self._deliveries.clear()
        self._undelivered.clear()

    def _exists(self, key: Key) -> bool:
        """Return whether a recovery point lies in a vault of its account and Region."""
        with self._organization.lock:
            store = self._organization.stores.get(key.home)
            return store is not None and store.point_so_far(key.arn) is not None
