"""Savepoints: put back all that a fake held, whatever was done since.

What there may be a million of, jobs and recovery points, is kept when it changes, by the `Journal`.
All else is kept when the savepoint is taken, class by class as the table says. Timelines, indexes
and tallies are neither: they follow the jobs and recovery points that are put back, as they follow
a move, and so those that were made inside stay.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from fakebackup.model.events.bus import Bus, Copies, Sent
from fakebackup.model.jobs.store import Jobs, RegionJobs, Register
from fakebackup.model.jobs.tallies import Tally
from fakebackup.model.jobs.timeline import Timeline
from fakebackup.model.ordered import Index, Ordered
from fakebackup.model.stores.clockwork import Clockwork
from fakebackup.model.stores.deferred import Deferred
from fakebackup.model.stores.entries import Entry
from fakebackup.model.stores.journal import Journal
from fakebackup.model.stores.lanes import Lanes
from fakebackup.model.stores.numbers import Numbers
from fakebackup.model.stores.organization import Organization, Store
from fakebackup.model.vaults.store import Vaults
from fakebackup.model.vaults.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fakebackup.model.stores.journal import JobLists

    Keep = Callable[["_Kept", Any], None]


class Row(NamedTuple):
    """What a savepoint keeps of the objects of a class, attribute by attribute.

    Attributes:
        kept: per attribute that is kept, how; each is put back as the object that it was.
        left: per attribute that is not kept, why.
    """

    kept: Mapping[str, Keep]
    left: Mapping[str, str]


Table = dict[type, Row]


class _Kept:
    """What is put back: the attributes of objects, and the contents of containers."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.attributes: list[tuple[Any, str, Any]] = []
        self.contents: list[tuple[Any, Any]] = []
        self.last: list[Callable[[], Any]] = []

    def put_back(self) -> None:
        """Put all back."""
        for container, content in self.contents:
            # In place: views and readers have the container in hand.
            container.clear()
            (container.update if hasattr(container, "update") else container.extend)(content)
        for owner, name, value in self.attributes:
            setattr(owner, name, value)
        for act in self.last:
            act()


# --- How an attribute is kept -------------------------------------------------------------


def value(_kept: _Kept, _value: Any) -> None:
    """Keep a value that is replaced, never changed in place."""


follows = value
"""Keep an object whose content follows the jobs and recovery points that are put back."""


def content(kept: _Kept, container: Any) -> None:
    """Keep the content of a list, dict, set or deque of values."""
    kept.contents.append((container, container.copy()))


def parts(kept: _Kept, containers: dict[Any, Any]) -> None:
    """Keep a dict of containers of values."""
    content(kept, containers)
    for each in containers.values():
        content(kept, each)


def whole(kept: _Kept, owner: Any) -> None:
    """Keep an object that has a row in the table."""
    for name, how in kept.table[type(owner)].kept.items():
        found = getattr(owner, name)
        kept.attributes.append((owner, name, found))
        how(kept, found)


def each_whole(kept: _Kept, container: Any) -> None:
    """Keep a list, or the values of a dict, of objects that have a row in the table."""
    content(kept, container)
    for owner in container.values() if isinstance(container, dict) else container:
        whole(kept, owner)


def groups(kept: _Kept, containers: dict[Any, Any]) -> None:
    """Keep a dict of containers of objects that have a row in the table."""
    content(kept, containers)
    for each in containers.values():
        each_whole(kept, each)


def draws(kept: _Kept, draw: Any) -> None:
    """Keep the state of a random generator, if there is one."""
    if draw is not None:
        kept.last.append(functools.partial(draw.setstate, draw.getstate()))


# --- The table ----------------------------------------------------------------------------

_IDENTITY = "never changes"
_FOLLOWS = "follows what is put back"

MODEL: Table = {
    Organization: Row(
        {
            "stores": each_whole,
            "jobs": whole,
            "clockwork": whole,
            "bus": whole,
            "notifications": content,
            "notification_homes": content,
            "notification_copies": whole,
            "outcomes": content,
            "settings": each_whole,
            "numbers": whole,
            "relisted": content,
            "loaded": content,
            "wait_counts": parts,
            "_region_jobs": follows,
            "deferred": whole,
        },
        {
            "options": _IDENTITY,
            "engine": _IDENTITY,
            "lock": _IDENTITY,
            "neighbour": "is the mock beside: what is gone is deleted when no savepoint is open",
            "inactive_because": "a fake that ended stays ended",
            "savepoints": "are the savepoints themselves",
            "depth": "is of the call under way",
            "advancing": "is of the call under way",
        },
    ),
    Store: Row(
        {
            "jobs": follows,
            "tags": content,
            "resources": content,
            "tokens": content,
            "warned": content,
            "_vaults": whole,
            "_has_default": value,
            "_entries": groups,
        },
        {"organization": _IDENTITY, "home": _IDENTITY},
    ),
    Register: Row(
        {"by_id": content},
        {"_reading": _FOLLOWS, "_children": _FOLLOWS, "_shown": "tells what is cached"},
    ),
    Jobs: Row({}, {"_timelines": _FOLLOWS, "_tallies": _FOLLOWS}),
    RegionJobs: Row({}, {"_timelines": _FOLLOWS, "_tallies": _FOLLOWS, "_of_accounts": _IDENTITY}),
    Timeline: Row({}, {"_indexes": _FOLLOWS}),
    Ordered: Row(
        {},
        {"_blocks": _FOLLOWS, "_count": _FOLLOWS, "_firsts": _FOLLOWS, "_position": _IDENTITY},
    ),
    Index: Row(
        {}, {"_having": _FOLLOWS, "_sorted": _FOLLOWS, "_read": _IDENTITY, "_position": _IDENTITY}
    ),
    Tally: Row({}, {"_days": _FOLLOWS, "_read": _IDENTITY}),
    Vaults: Row(
        {"_by_name": each_whole, "_by_arn": content},
        {"_by_resource": _FOLLOWS, "_by_parent": _FOLLOWS},
    ),
    Vault: Row(
        {
            "members": value,
            "number": value,
            "implied": value,
            "policy": value,
            "notifications": value,
            "came": value,
            "_by_arn": content,
        },
        {"store": _IDENTITY, "points": "shows _by_arn", "in_order": _FOLLOWS},
    ),
    Entry: Row(
        {"key": value, "arn": value, "number": value, "members": value, "past": content}, {}
    ),
    Clockwork: Row(
        {
            "polled": content,
            "waiting": content,
            "due": content,
            "unread": content,
            "lanes": whole,
            "ran": value,
            "latest": value,
            "told_of_past": value,
            "_scheduled": value,
        },
        {"went_on": "is of the act under way"},
    ),
    Lanes: Row(
        {
            "holders": parts,
            "taken": content,
            "waiting": content,
            "lines": parts,
            "freed": content,
        },
        {"letting_in": "is of the call under way"},
    ),
    Numbers: Row(
        {"last": value, "last_vault": value, "last_created": value, "owners": content}, {}
    ),
    Deferred: Row(
        {"jobs": content, "moved": content},
        {"done": "tells whether work was done", "doing": "is of the call under way"},
    ),
    Bus: Row(
        {
            "sent": content,
            "handlers": value,
            "_of_job": parts,
            "_filed": value,
            "_copies": whole,
        },
        {
            "waiting": "is put back but for what was taken: that stays delivered",
            "_delivering": "is of the call under way",
            "_delivered": "is of the call under way",
            "lock": _IDENTITY,
        },
    ),
    Copies: Row({"_made": content}, {}),
    Sent: Row(
        {},
        {
            "home": _IDENTITY,
            "job": _IDENTITY,
            "_number": _IDENTITY,
            "_at": _IDENTITY,
            "_made": "is the same whenever it is made",
            "is_taken": "what was delivered stays delivered",
            "chain": "is known when it is emitted",
        },
    ),
}
"""What is kept of the model; a job and a recovery point are kept by the journal."""

MANY = 500
"""Seeded jobs whose vaults and recovery points are worth being made again at once."""


class Savepoint(Journal):
    """All that a fake held when this was taken."""

    def __init__(self, organization: Organization, roots: Iterable[Any], table: Table) -> None:
        """Take a savepoint; the caller holds the lock.

        Args:
            organization: the organisation.
            roots: the objects that hold all, the organisation among them or in them.
            table: what is kept of them and of all in them.
        """
        super().__init__()
        self._organization = organization
        self._leavings = organization.deferred.done
        self._waiting = list(organization.bus.waiting)
        # What the mock beside notes is forgotten by a reset alone.
        self._note_again: Callable[[], None] | None = None
        self._kept = _Kept(table)
        for root in roots:
            whole(self._kept, root)
        organization.savepoints.append(self)

    def put_aside(self, lists: JobLists) -> None:
        """Undo all changes, and put all aside for a reset: closing this undoes that."""
        super().put_aside(lists)
        neighbour = self._organization.neighbour
        if neighbour is not None and self._note_again is None:
            self._note_again = neighbour.keep()

    def close(self) -> None:
        """Put all back, from the savepoints taken since too; nothing if that was done before."""
        organization = self._organization
        organization.acquire()
        try:
            while self in organization.savepoints:
                cast("Savepoint", organization.savepoints[-1]).put_all_back()
        finally:
            organization.release()

    def put_all_back(self) -> None:
        """Put all back and close; the caller holds the lock."""
        organization = self._organization
        made = organization.deferred.done != self._leavings
        organization.savepoints.pop()
        self.undo(organization)
        # A reset inside made another bus, which is not that of before.
        organization.bus.forget()
        self._kept.put_back()
        self.bring_back()
        organization.bus.put_back(self._waiting)
        if self._note_again is not None:
            self._note_again()
        if organization.neighbour is not None:
            organization.neighbour.note_undone()
        if made and len(organization.deferred) >= MANY and organization.inactive_because is None:
            # Looked at inside, and so most likely by the next test too.
            organization.leave_behind()
