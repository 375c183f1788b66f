"""What was made beside the fake, by recovery point: it is deleted, and archived, with it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.way import Aws
from fakebackup.beside.ways import WAYS
from fakebackup.model.resources.points import is_continuous_arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.beside.aws import World
    from fakebackup.beside.way import Way
    from fakebackup.model.resources.neighbour import Key, Made
    from fakebackup.model.stores.organization import Organization
    from fakebackup.model.vaults.vault import RecoveryPoint


class _State(NamedTuple):
    """What a continuous backup held at an instant, in milliseconds."""

    at: int
    content: Any


class Kept(NamedTuple):
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


class Ledger:
    """What was made for the recovery points of a fake."""

    def __init__(self, world: World, organization: Organization) -> None:
        """Begin with nothing.

        Args:
            world: the rest of AWS, where it is.
            organization: what the fake holds.
        """
        self._world = world
        self._organization = organization
        self._kept: dict[Key, Kept] = {}
        # Recovery points that may be gone, and those that have turned cold, until `tidy`.
        self._perhaps_gone: list[Key] = []
        self._cold: list[Key] = []

    def __contains__(self, key: Key) -> bool:
        """Return whether anything was made for a recovery point."""
        return key in self._kept

    def __getitem__(self, key: Key) -> Kept:
        """Return what was made for a recovery point."""
        return self._kept[key]

    def add(self, key: Key, made: Made, at: int) -> None:
        """File what was made under its recovery point, for what was made before.

        Args:
            key: the recovery point.
            made: what was made.
            at: when, in milliseconds.
        """
        way = WAYS[made.resource_type]
        before = self._kept.get(key)
        if before is not None and before.made is made:
            return
        if not way.keeps_states or not is_continuous_arn(key.arn):
            self._kept[key] = Kept(way, made)
            if before is not None:
                self._ask(key, before, way.delete)
            return
        states = () if before is None else before.states
        if states and states[-1].content == made.content:
            # Nothing has changed since: it is held once.
            made = made._replace(content=states[-1].content)
        else:
            states = (*states, _State(at, made.content))
        self._kept[key] = Kept(way, made, states)

    def note_gone(self, key: Key) -> None:
        """Note that a recovery point is gone."""
        if key in self._kept:
            self._perhaps_gone.append(key)

    def note_cold(self, key: Key) -> None:
        """Note that a recovery point has turned cold."""
        if key in self._kept:
            self._cold.append(key)

    def note_undone(self) -> None:
        """Note that any recovery point may be gone."""
        self._perhaps_gone = list(self._kept)

    def keep(self) -> Callable[[], None]:
        """Return a function that files again what is filed now, beside what is filed by then."""
        kept, cold = dict(self._kept), list(self._cold)

        def put_back() -> None:
            self._kept.update(kept)
            self._cold += cold

        return put_back

    def clear(self) -> None:
        """Forget everything, without deleting it."""
        self._kept.clear()
        self._perhaps_gone.clear()
        self._cold.clear()

    def is_untidy(self) -> bool:
        """Return whether there is anything for `tidy` to do."""
        # Within a savepoint what is gone may come back, and what is cold turn warm.
        return bool(self._perhaps_gone or self._cold) and not self._organization.savepoints

    def tidy(self) -> None:
        """Delete what was made for recovery points that are gone, archive it of cold ones."""
        while self._perhaps_gone and not self._organization.savepoints:
            key = self._perhaps_gone.pop()
            if key in self._kept and self._point(key) is None:
                kept = self._kept.pop(key)
                self._ask(key, kept, kept.way.delete)
        while self._cold and not self._organization.savepoints:
            key = self._cold.pop()
            point = self._point(key)
            # A savepoint that was gone back to has made it warm again.
            if key in self._kept and point is not None and _is_cold(point):
                kept = self._kept[key]
                self._ask(key, kept, kept.way.archive)

    def _ask(self, key: Key, kept: Kept, do: Callable[[Aws, Any], None]) -> None:
        # What is gone is gone: a test may have deleted it, or ended the mock that had it, and the
        # mock may lack what is asked, or break down. The recovery point is gone all the same.
        with contextlib.suppress(Exception):
            do(Aws(self._world, key.home), kept.made.content)

    def _point(self, key: Key) -> RecoveryPoint | None:
        """Return a recovery point that lies in a vault of its account and Region."""
        with self._organization.lock:
            store = self._organization.stores.get(key.home)
            return None if store is None else store.point_so_far(key.arn)


def _is_cold(point: RecoveryPoint) -> bool:
    return point.members.get("StorageClass") == "COLD"
