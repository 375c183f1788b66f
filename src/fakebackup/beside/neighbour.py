"""The mock of the rest of AWS as the model uses it: what was made, by recovery point."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from fakebackup.beside import vault_tags
from fakebackup.beside.aws import lacking, world
from fakebackup.beside.deliveries import Deliveries
from fakebackup.beside.ledger import Ledger
from fakebackup.beside.parameters import Metadata
from fakebackup.beside.undelivered import Undelivered
from fakebackup.beside.way import Aws
from fakebackup.beside.ways import WAYS
from fakebackup.errors import FakeBackupError
from fakebackup.model.resources.neighbour import Key, Refusal, Restored
from fakebackup.model.resources.types import type_of
from fakebackup.model.shapes.dates import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from fakebackup.beside.way import Found, Way
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.resources.neighbour import Backup, Copy, Made, Restore
    from fakebackup.model.stores.organization import Organization

    R = TypeVar("R")


class Neighbour:
    """The mock that the option `beside` names, see `model.resources.neighbour.Neighbour`."""

    def __init__(self, beside: str, organization: Organization) -> None:
        """Make one that has made nothing.

        Args:
            beside: the option.
            organization: what the fake holds.
        """
        self._world = world(beside)
        self._ledger = Ledger(self._world, organization)
        # What was found, until the model is at rest.
        self._found: dict[tuple[Home, str], dict[str, Mapping[str, str]]] = {}
        # What restores have made: all else in a CreatedResourceArn is the fake's own.
        self._restored: set[tuple[Home, str]] = set()
        self._settling = threading.Lock()
        self._undelivered = Undelivered()
        shared = (self._world, organization, self._undelivered)
        self._deliveries = Deliveries(*shared)
        self._vault_tags = vault_tags.VaultTags(*shared)

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
                found = self._found[key] = dict(_known(way.find(Aws(self._world, home))))
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
        with self._world.answering():
            found = next(_known(way.find(Aws(self._world, home), arn)), None)
        # Of another account or Region it may be the name alone.
        return found if found is not None and found.arn == arn else None

    # --- What jobs do -------------------------------------------------------------------------

    def back_up(self, asked: Backup) -> Made:
        """Make a backup."""
        way = WAYS[asked.resource_type]
        if not _is_of(asked.home, asked.resource):
            raise Refusal(way.gone)

        def make() -> Made:
            return way.back_up(Aws(self._world, asked.home), asked)

        return self._done(make, lambda: self._gone(way, asked))

    def _gone(self, way: Way, asked: Backup) -> str | None:
        """Return AWS Backup's message for a resource that does not exist; None if it does."""
        return way.gone if self._look(way, asked.home, asked.resource) is None else None

    def copy(self, asked: Copy) -> Made:
        """Make a copy of what it has made."""
        kept = self._ledger[asked.source]
        home = asked.source.home
        if asked.destination.account != home.account and not kept.way.across_accounts:
            raise Refusal(
                f"Copy job failed because moto cannot copy backups of {kept.way.resource_type} "
                f"from account {home.account} to {asked.destination.account}."
            )
        return self._done(lambda: kept.way.copy(Aws(self._world, home), asked, kept.made.content))

    def restore(self, asked: Restore) -> Restored:
        """Restore what it has made."""
        kept = self._ledger[asked.source]
        # Of continuous backups alone it has been checked.
        text = Metadata(asked.metadata).get("RestoreTime") if kept.states else None
        content = kept.content_at(None if text is None else milliseconds(text))
        made = self._done(lambda: kept.way.restore(Aws(self._world, asked.home), asked, content))
        restored = made if isinstance(made, Restored) else Restored(made)
        self._restored.add((asked.home, restored.arn))
        return restored

    def _done(self, do: Callable[[], R], why: Callable[[], str | None] = lambda: None) -> R:
        """Do something, and turn an error of the service, or of moto, into the failure of the job.

        Args:
            do: what is done.
            why: returns a better message than the service's.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            with self._world.answering():
                return do()
        except ClientError as error:
            answer = error.response["Error"]
            # moto leaves some without a message.
            raise Refusal(why() or answer.get("Message") or answer["Code"]) from error
        except BotoCoreError as error:
            raise Refusal(why() or str(error)) from error
        except lacking() as error:
            raise Refusal(f"moto cannot do it: {str(error).rstrip('.')}.") from error
        except (FakeBackupError, Refusal):
            raise
        except Exception as error:
            # A server would answer with an error, which ends the job as well; and one that never
            # ends would keep all later jobs of its resource waiting.
            raise Refusal(
                f"The mock beside AWS Backup broke down: {type(error).__name__}: {error}"
            ) from error

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

    def file(self, key: Key, made: Made, at: int) -> None:
        """File what was made under its recovery point, for what was made before."""
        self._ledger.add(key, made, at)

    def has(self, key: Key) -> bool:
        """Return whether it has made a recovery point."""
        return key in self._ledger

    def note_gone(self, home: Home, arn: str) -> None:
        """Note that a recovery point is gone: what was made for it is deleted by `settle`."""
        self._ledger.note_gone(Key(home, arn))

    def note_cold(self, home: Home, arn: str) -> None:
        """Note that a recovery point has turned cold: `settle` moves what was made for it."""
        self._ledger.note_cold(Key(home, arn))

    def note_undone(self) -> None:
        """Note that any of what was made may be gone, since a savepoint was gone back to."""
        self._ledger.note_undone()
        self._deliveries.go_back()

    def note_report(self, home: Home, bucket: str, files: Mapping[str, str]) -> None:
        """Note the files of a report, which `settle` writes."""
        self._deliveries.add_files(home, bucket, files)

    def settle(self) -> None:
        """Delete what is gone, move what is cold, and deliver; the caller has no lock."""
        self._found.clear()
        # One thread at a time, as events are delivered: the others need not wait for it. Asked
        # again after each, since another may have gone away while this one was about to end.
        while self._is_busy() and (settling := self._settling).acquire(blocking=False):
            try:
                self._ledger.tidy()
                self._deliveries.deliver()
            finally:
                settling.release()

    def leave_to_parent(self) -> None:
        """Let go, in a forked child, of what another thread settles: it does it in the parent."""
        self._settling = threading.Lock()

    def _is_busy(self) -> bool:
        """Return whether there is anything to settle."""
        return self._ledger.is_untidy() or self._deliveries.are_waiting()

    def looked_at(self, service: str) -> None:
        """Show another service what it has to say of the fake, since it is about to be asked."""
        if service == vault_tags.SERVICE:
            self._vault_tags.show()

    def keep(self) -> Callable[[], None]:
        """Return a function that notes again what is noted now, beside what is noted by then."""
        restored = set(self._restored)
        again = (self._ledger.keep(), self._deliveries.keep(), self._undelivered.keep())

        def put_back() -> None:
            self._restored |= restored
            for each in again:
                each()

        return put_back

    def clear(self) -> None:
        """Forget what was made, without deleting it."""
        self._ledger.clear()
        self._restored.clear()
        self._deliveries.clear()
        self._undelivered.clear()


def _known(found: Iterator[Found]) -> Iterator[Found]:
    """Yield what is found: nothing of a service that the mock does not have.

    Other emulators than moto say so by an error, as all do of the only one to find; and botocore
    does of an id that the service cannot have given.
    """
    from botocore.exceptions import ClientError, ParamValidationError

    with contextlib.suppress(ClientError, ParamValidationError, *lacking()):
        yield from found


def _is_of(home: Home, arn: str) -> bool:
    """Return whether an ARN names something of an account and Region, as far as it says so."""
    region, account = f"{arn}:::::".split(":")[3:5]
    return region in ("", home.region) and account in ("", home.account)
