"""The mock of the rest of AWS as the model uses it: what was made, by recovery point."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.aws import world
from fakebackup.beside.way import Aws, Metadata
from fakebackup.beside.ways import WAYS
from fakebackup.errors import FakeBackupError
from fakebackup.model.resources.neighbour import Key, Refusal, Restored
from fakebackup.model.resources.points import is_continuous_arn
from fakebackup.model.resources.types import type_of
from fakebackup.model.shapes.dates import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from fakebackup.beside.way import Found, Way
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.resources.neighbour import Backup, Copy, Made, Restore
    from fakebackup.model.stores.organization import Organization
    from fakebackup.model.vaults.vault import RecoveryPoint

    R = TypeVar("R")


class _State(NamedTuple):
    """What a continuous backup held at an instant, in milliseconds."""

    at: int
    content: Any


class _Kept(NamedTuple):
    """What was made for a recovery point.

    Attributes:
        way: the way of its type.
        made: what was made, for continuous backups by the latest job.
        states: what a continuous backup has held, the oldest first, where that is kept.
    """

    way: Way
    made: Made
    states: tuple[_State, ...] = ()

    def content_at(self, instant: int | None) -> Any:
        """Return what is restored: the latest state, or the nearest at or before an instant.

        Before the first one it is the first: AWS holds what a job reads from when it begins on.
        """
        if instant is None:
            return self.made.content
        held = [each for each in self.states if each.at <= instant]
        return (held[-1] if held else self.states[0]).content


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
        # Recovery points that have turned cold, likewise.
        self._cold: list[Key] = []
        self._settling = threading.Lock()

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
        kept = self._kept[asked.source]
        home = asked.source.home
        if asked.destination.account != home.account and not kept.way.across_accounts:
            raise Refusal(
                f"Copy job failed because moto cannot copy backups of {kept.way.resource_type} "
                f"from account {home.account} to {asked.destination.account}."
            )
        return self._done(lambda: kept.way.copy(Aws(self._world, home), asked, kept.made.content))

    def restore(self, asked: Restore) -> Restored:
        """Restore what it has made."""
        kept = self._kept[asked.source]
        # Of continuous backups alone it has been checked.
        text = Metadata(asked.metadata).get("RestoreTime") if kept.states else None
        content = kept.content_at(None if text is None else milliseconds(text))
        made = self._done(lambda: kept.way.restore(Aws(self._world, asked.home), asked, content))
        return made if isinstance(made, Restored) else Restored(made)

    def _done(self, do: Callable[[], R], why: Callable[[], str | None] = lambda: None) -> R:
        """Do something, and turn an error of the service into the failure of the job.

        Args:
            do: what is done.
            why: returns a better message than the service's.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return do()
        except ClientError as error:
            told = error.response["Error"]
            # moto leaves some without a message.
            raise Refusal(why() or told.get("Message") or told["Code"]) from error
        except BotoCoreError as error:
            raise Refusal(str(error)) from error
        except NotImplementedError as error:
            raise Refusal(f"moto cannot do it: {error}.") from error

    def remove_restored(self, home: Home, arn: str, resource_type: str) -> None:
        """Delete what a restore made.

        Raises:
            Refusal: the service refuses it.
        """
        way = WAYS.get(resource_type)
        if way is not None:
            self._done(lambda: way.remove(Aws(self._world, home), arn))

    # --- What was made ------------------------------------------------------------------------

    def file(self, key: Key, made: Made, at: int) -> None:
        """File what was made under its recovery point, for what was made before."""
        way = WAYS[made.resource_type]
        before = self._kept.get(key)
        if before is not None and before.made is made:
            return
        if not way.keeps_states or not is_continuous_arn(key.arn):
            self._kept[key] = _Kept(way, made)
            if before is not None:
                self._delete(key, before)
            return
        states = () if before is None else before.states
        if states and states[-1].content == made.content:
            # Nothing has changed since: it is held once.
            made = made._replace(content=states[-1].content)
        else:
            states = (*states, _State(at, made.content))
        self._kept[key] = _Kept(way, made, states)

    def has(self, key: Key) -> bool:
        """Return whether it has made a recovery point."""
        return key in self._kept

    def note_gone(self, home: Home, arn: str) -> None:
        """Note that a recovery point is gone: what was made for it is deleted by `settle`."""
        key = Key(home, arn)
        if key in self._kept:
            self._perhaps_gone.append(key)

    def note_cold(self, home: Home, arn: str) -> None:
        """Note that a recovery point has turned cold: `settle` moves what was made for it."""
        key = Key(home, arn)
        if key in self._kept:
            self._cold.append(key)

    def note_undone(self) -> None:
        """Note that any of what was made may be gone, since a savepoint was gone back to."""
        self._perhaps_gone = list(self._kept)

    def settle(self) -> None:
        """Delete what is gone, move what is cold, and deliver; the caller has no lock."""
        # One thread at a time, as events are delivered: the others need not wait for it.
        if not self._settling.acquire(blocking=False):
            return
        try:
            self._found.clear()
            # Within a savepoint it may come back.
            while self._perhaps_gone and not self._organization.savepoints:
                key = self._perhaps_gone.pop()
                if key in self._kept and not self._exists(key):
                    self._delete(key, self._kept.pop(key))
            self._archive_cold()
        finally:
            self._settling.release()

    def _delete(self, key: Key, kept: _Kept) -> None:
        from botocore.exceptions import ClientError

        # What is gone is gone: a test may have deleted it, or ended the mock that had it.
        with contextlib.suppress(ClientError, FakeBackupError):
            kept.way.delete(Aws(self._world, key.home), kept.made.content)

    def _archive_cold(self) -> None:
        while self._cold and not self._organization.savepoints:
            self._archive(self._cold.pop())

    def _archive(self, key: Key) -> None:
        from botocore.exceptions import ClientError

        point = self._point(key)
        # A savepoint that was gone back to has made it warm again.
        if key not in self._kept or point is None or point.members.get("StorageClass") != "COLD":
            return
        kept = self._kept[key]
        # As when it is deleted; and an older moto has no storage tiers.
        with contextlib.suppress(ClientError, FakeBackupError, NotImplementedError):
            kept.way.archive(Aws(self._world, key.home), kept.made.content)

    def clear(self) -> None:
        """Forget what was made, without deleting it."""
        self._kept.clear()
        self._perhaps_gone.clear()
        self._cold.clear()

    def _exists(self, key: Key) -> bool:
        """Return whether a recovery point lies in a vault of its account and Region."""
        return self._point(key) is not None

    def _point(self, key: Key) -> RecoveryPoint | None:
        """Return a recovery point that lies in a vault of its account and Region."""
        with self._organization.lock:
            store = self._organization.stores.get(key.home)
            return None if store is None else store.point_so_far(key.arn)


def _known(found: Iterator[Found]) -> Iterator[Found]:
    """Yield what is found: nothing of a service that the mock does not have, or is told to leave.

    An older moto lacks some calls, one with a `service_whitelist` answers no others, and other
    emulators answer by an error, as all do where the only one to find does not exist.
    """
    from botocore.exceptions import ClientError

    exceptions = sys.modules.get("moto.core.exceptions")
    left_out = getattr(exceptions, "ServiceNotWhitelisted", NotImplementedError)
    with contextlib.suppress(NotImplementedError, left_out, ClientError):
        yield from found


def _is_of(home: Home, arn: str) -> bool:
    """Return whether an ARN names something of an account and Region, as far as it says so."""
    region, account = f"{arn}:::::".split(":")[3:5]
    return region in ("", home.region) and account in ("", home.account)
