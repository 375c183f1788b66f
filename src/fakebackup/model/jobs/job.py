"""A job: what the user seeds, what the operations answer, what tests look at and move."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from fakebackup import options
from fakebackup.errors import FakeBackupError
from fakebackup.model.jobs import defaults, life
from fakebackup.model.resources.arns import Home
from fakebackup.model.shapes.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.options import Mode

    # A final state and the members a job then has: as the model keeps them, and the names given.
    Ending = tuple[str, tuple[dict[str, Any], frozenset[str]]]


@dataclass
class JobRequest:
    """What is known of a job beyond its members: what the Start call or the rule asked.

    Attributes:
        outcome: the state in which progress ends it and the members it then has, as (kept,
            names given); None is COMPLETED.
        complete_by: when its completion window closes, in milliseconds; None if it never does.
        tags: of the recovery point to come.
        metadata: what a restore was started with.
        left: the members, as the model keeps them, that it gets by moving instead of the
            default ones.
        index: whether the recovery point to come is to be indexed.
        copies: the CopyActions that its recovery point is to have.
    """

    outcome: Ending | None = None
    complete_by: int | None = None
    tags: dict[str, str] | None = None
    metadata: dict[str, str] | None = None
    left: dict[str, Any] = field(default_factory=dict)
    index: bool = False
    copies: tuple[Mapping[str, Any], ...] = ()


class Surroundings(Protocol):
    """What a job knows of the store that it lies in, and how a test's hand reaches the engine."""

    home: Home

    def catch_up(self) -> None:
        """Move what the clock has made due."""

    def with_children(self, job: Job) -> Mapping[str, Any]:
        """Return a parent's members with the number of its children and their states."""

    def events_of(self, job: Job) -> list[dict[str, Any]]:
        """Return the State Change events of a job."""

    def change(self, job: Job, changes: dict[str, Any], given: frozenset[str]) -> None:
        """Change members of a job; what `Job.update` describes.

        Args:
            job: a job that lies here.
            changes: the new members, as the model keeps them.
            given: the names that were given; those not in `changes` are taken away.
        """

    def move(self, job: Job, state: str, changes: dict[str, Any], given: frozenset[str]) -> None:
        """Move a job by hand, if the move is legal; arguments as for `change`."""

    def set_mode(self, job: Job, mode: Mode) -> None:
        """Let a job, and its children if it is composite, move by itself; or no more."""


_NOWHERE = Home("", "")


class Job(Record):
    """A job, read like the dict that AWS's Describe operation gives for it.

    Dates are aware datetimes, as clients see them; members that AWS would leave out are not
    there. `add_backup_job` and its siblings return jobs, `fakebackup.factories` builds jobs
    that `FakeBackup.add` adds later; such a one has no id and no dates before.

    Attributes:
        kind: the row of the table of kinds.
        home: the account and Region it lies in, or lay in before it was removed.
        store: the store it lies in; None while it is in no fake.
    """

    # A fake may hold a million of them: slots, and the members in one plain dict.
    __slots__ = (
        "exact",
        "given",
        "home",
        "kind",
        "members",
        "mode",
        "number",
        "parent",
        "request",
        "store",
    )

    kind: Kind
    members: dict[str, Any]
    given: frozenset[str]
    exact: bool
    parent: Job | None
    home: Home
    store: Surroundings | None
    mode: Mode
    request: JobRequest | None
    number: int

    def __init__(
        self, kind: Kind, members: dict[str, Any], given: frozenset[str], *, exact: bool = False
    ) -> None:
        """Make a job that is in no fake yet; users call `fakebackup.factories`.

        Args:
            kind: its kind.
            members: what it has, as the model keeps it: dates in milliseconds.
            given: the names that the user gave; the others may be filled in.
            exact: whether nothing is to be filled in.
        """
        self.kind = kind
        self.members = members
        self.given = given
        self.exact = exact
        self.parent = None
        self.home = _NOWHERE
        self.store = None
        self.mode = "manual"
        self.request = None
        self.number = 0

    @property
    def account(self) -> str:
        """The id of the account it lies in; empty before it is added."""
        return self.home.account

    @property
    def region(self) -> str:
        """The Region it lies in; empty before it is added."""
        return self.home.region

    def copy(self) -> Job:
        """Return another job like this one, which is in no fake; they share what they have."""
        return Job(self.kind, self.members, self.given, exact=self.exact)

    @property
    def id(self) -> str:
        """The job's id.

        Raises:
            FakeBackupError: it is not added yet and none was given.
        """
        found = self.members.get(self.kind.id)
        if found is None:
            msg = (
                f"This {self.kind.name} has no id yet: it gets one when it is added, "
                f"as by fake_backup.add(job)."
            )
            raise FakeBackupError(msg)
        return str(found)

    @property
    def state(self) -> str:
        """The job's state: its State, or Status for restore and report jobs."""
        return str(self.looked_at()[self.kind.state])

    @property
    def kept_state(self) -> str:
        """The job's state as the model keeps it: what time has moved may not have moved yet."""
        return str(self.members[self.kind.state])

    @property
    def was_started(self) -> bool:
        """Whether a Start operation made the job, or a backup plan."""
        return self.request is not None

    @property
    def progress(self) -> Mode:
        """How the job moves by itself: "polls", "immediate", "clock" or "manual" (not at all).

        A job started through the client follows the option of this name; a seeded one does
        not move unless it is told here.

        Raises (when set):
            ValueError: no such mode.
            FakeBackupError: the job is in no fake, or the fake ended.
        """
        return self.mode

    @progress.setter
    def progress(self, mode: Mode) -> None:
        self._store().set_mode(self, mode)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The State Change events of this job, in order, as EventBridge delivers them."""
        return self._store().events_of(self)

    def run(self) -> None:
        """Let the job begin to run.

        Raises:
            FakeBackupError: it cannot from the state it is in (the message names the states
                it can go to), it is in no fake, or the fake ended.
        """
        self._move("RUNNING", {})

    def complete(self, **members: Any) -> None:
        """Let the job complete; a composite one completes its unfinished children first.

        Args:
            members: members it then has; State (Status) may name another good end, as
                COMPLETED_WITH_ISSUES. A composite job with a failed child ends PARTIAL.

        Raises:
            TypeError, ValueError: as for `update`.
            FakeBackupError: as for `run`; or a client started it, and its vault was deleted.
        """
        state = members.pop(self.kind.state, "COMPLETED")
        self._move(state, members)

    def fail(self, message: str | None = None, category: str | None = None) -> None:
        """Let the job fail.

        Args:
            message: its StatusMessage; a default one if None.
            category: its MessageCategory, for kinds that have one; a default one if None.

        Raises:
            TypeError: as for `update`.
            FakeBackupError: as for `run`.
        """
        told = {"StatusMessage": message, "MessageCategory": category}
        self._move("FAILED", {name: value for name, value in told.items() if value is not None})

    def abort(self) -> None:
        """Let the job be stopped: ABORTED, or CANCELED for a scan job; errors as for `run`."""
        self._move(life.ABORTED.get(self.kind, "ABORTED"), {})

    def expire(self) -> None:
        """Let the job expire, as when its start window closes; errors as for `run`."""
        self._move("EXPIRED", {})

    def _move(self, state: str, members: dict[str, Any]) -> None:
        changes, given = read(self.kind, members)
        self._store().move(self, state, changes, given)

    def _store(self) -> Surroundings:
        if self.store is None:
            msg = f"This {self.kind.name} is in no fake: add it first, by fake_backup.add(job)."
            raise FakeBackupError(msg)
        return self.store

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, what follows from children included."""
        store = self.store
        if store is not None and self.members.get("IsParent") and not self.exact:
            return store.with_children(self)
        return self.members

    def looked_at(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, once what time has moved has moved."""
        if self.store is not None:
            self.store.catch_up()
        return self.kept()

    def update(self, **members: Any) -> None:
        """Change members with a free hand.

        Values are checked as when seeding; whether the move is legal and whether dates agree
        is not. What follows from a new state is filled in unless given, and what the new
        state does not have goes. None takes a member away.

        Raises:
            TypeError: a member that does not exist or a value of the wrong type.
            ValueError: a value outside the enum, an id that is taken.
            FakeBackupError: the job is in no fake, or the fake ended.
        """
        changes, given = read(self.kind, members)
        self._store().change(self, changes, given)

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, in Describe's order, the conversion to what botocore's parser gives."""
        return self.kind.shown

    def __repr__(self) -> str:
        name = self.members.get(self.kind.id, "not added")
        place = f" in {self.account} {self.region}" if self.account else ""
        what = self.members.get("ResourceType", "")
        return f"<{self.kind.name} {name}: {self.kept_state} {what}{place}>"

    def _repr_pretty_(self, printer: Any, _cycle: object) -> None:
        """Show a job that is in no fake as the call that builds it: hypothesis and IPython ask."""
        given = [
            f"{name}={_spelled(self.get(name))}" for name in self.kind.members if name in self.given
        ]
        factory = self.kind.name.replace(" ", "_")
        call = f"{factory}({', '.join(given)})"
        printer.text(call if self.store is None else repr(self))


def _spelled(value: Any) -> str:
    """Return a value as one would type it: a date's own repr names no importable time zone."""
    return repr(value.isoformat() if isinstance(value, datetime) else value)


def build(kind: Kind, members: Mapping[str, Any]) -> Job:
    """Return a job that is in no fake yet, with the defaults that need none.

    Raises:
        TypeError: a member that does not exist or a value of the wrong type.
        ValueError: a value outside the enum, a date that is none, None for a member that a
            job cannot be without.
    """
    kept, given = read(kind, members)
    defaults.fill_early(kind, kept, given)
    return Job(kind, kept, given)


def read(kind: Kind, members: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return members as the model keeps them, and the names of those that are given.

    Errors are those of `build`.
    """
    found = kind.read(members)
    if found.get("AccountId") is not None:
        options.account_id("AccountId", found["AccountId"])
    kept = {name: value for name, value in found.items() if value is not None}
    return kept, _names(frozenset(found))


@functools.cache
def _names(names: frozenset[str]) -> frozenset[str]:
    """Return the one set of these names that all jobs share."""
    return names
