"""Jobs of all kinds: what users seed, operations answer, and tests read and move."""

from __future__ import annotations

import copy
import functools
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from fakebackup import options
from fakebackup.errors import FakeBackupError
from fakebackup.model.jobs import defaults, life
from fakebackup.model.jobs.kinds import KINDS
from fakebackup.model.resources.arns import Home
from fakebackup.model.shapes.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.jobs.request import JobRequest
    from fakebackup.options import Mode


class OwningStore(Protocol):
    """The store that a job lies in, as far as the job uses it, and its door to the engine."""

    home: Home

    def catch_up(self) -> None:
        """Make the moves that the clock has made due."""

    def with_children(self, job: Job) -> Mapping[str, Any]:
        """Return a composite job's members with the number and the states of its children."""

    def events_of(self, job: Job) -> list[dict[str, Any]]:
        """Return the State Change events of a job, in order."""

    def change(self, job: Job, changes: dict[str, Any], given: frozenset[str]) -> None:
        """Change members of a job, as `Job.update` describes.

        Args:
            job: a job in this store.
            changes: the new members, as the model keeps them.
            given: the names that were given; those not in `changes` are removed.
        """

    def move(self, job: Job, state: str, changes: dict[str, Any], given: frozenset[str]) -> None:
        """Move a job by hand if the move is legal; arguments as for `change`."""

    def set_mode(self, job: Job, mode: Mode) -> None:
        """Set the mode in which a job, and the children of a composite one, move."""


_NOWHERE = Home("", "")

_VERBS = {
    "RUNNING": "run",
    "FAILED": "fail",
    "ABORTED": "abort",
    "CANCELED": "abort",
    "EXPIRED": "expire",
}
"""Per state that is no good end, the method that moves a job there."""


class Job(Record):
    """A job, read like the answer of its Describe operation.

    Dates are aware datetimes, as clients see them; members that AWS would leave out are not
    there. `add_backup_job` and its siblings return jobs; `fakebackup.factories` builds jobs
    that `FakeBackup.add` adds later, which have no id and no dates before. A copy of a job, by
    `copy`, `deepcopy` or `pickle`, is in no fake, and reads as the job did.

    Attributes:
        kind: the kind of job.
        home: the account and Region that it lies in, or lay in before it was removed; of a
            copy, those of its original.
        store: the store that it lies in; None while it is in no fake.
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
    store: OwningStore | None
    mode: Mode
    request: JobRequest | None
    number: int

    def __init__(
        self, kind: Kind, members: dict[str, Any], given: frozenset[str], *, exact: bool = False
    ) -> None:
        """Make a job that is in no fake yet; users call `fakebackup.factories`.

        Args:
            kind: the kind of job.
            members: its members, as the model keeps them: dates in milliseconds.
            given: the names of the members that the user gave; the others may be filled in.
            exact: whether no defaults are to be filled in.
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
        """The id of the account that it lies in; empty before it is added."""
        return self.home.account

    @property
    def region(self) -> str:
        """The Region that it lies in; empty before it is added."""
        return self.home.region

    def copy(self) -> Job:
        """Return a copy that is in no fake; that of a job which is in none shares its members."""
        if self.home.account:
            return copy.copy(self)
        return Job(self.kind, self.members, self.given, exact=self.exact)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the job as one that is in no fake and reads the same."""
        content, parent = (self.members, self.given, self.exact), self.parent
        if self.home.account:
            # As a recorded one: nothing is to be filled in, and its id is its own.
            members = dict(self.kept_now())
            content, parent = (members, self.given | set(members), True), None
        return _rebuilt, (self.kind.name, content, parent, self.home)

    @property
    def id(self) -> str:
        """The job's id.

        Raises:
            FakeBackupError: it is not added yet and none was given.
        """
        job_id = self.members.get(self.kind.id)
        if job_id is None:
            msg = (
                f"This {self.kind.name} has no id yet: it gets one when it is added, "
                f"as by fake_backup.add(job)."
            )
            raise FakeBackupError(msg)
        return str(job_id)

    @property
    def state(self) -> str:
        """The job's state: its State, or Status for restore and report jobs."""
        return str(self.kept_now()[self.kind.state])

    @property
    def kept_state(self) -> str:
        """The job's state as the model keeps it, before any move that the clock has made due."""
        state: str = self.members[self.kind.state]
        return state

    @property
    def was_started(self) -> bool:
        """Whether a Start operation or a backup plan started the job."""
        return self.request is not None

    @property
    def progress(self) -> Mode:
        """How the job moves by itself: "polls", "immediate", "clock" or "manual" (not at all).

        A job started through the client follows the option of this name; a seeded one does
        not move unless this is set.

        Raises (when set):
            ValueError: no such mode.
            FakeBackupError: the job is in no fake, or the fake ended.
        """
        return self.mode

    @progress.setter
    def progress(self, mode: Mode) -> None:
        from fakebackup import plain

        self._store().set_mode(self, plain.scalar(mode))

    @property
    def events(self) -> list[dict[str, Any]]:
        """The State Change events of this job, in order, as EventBridge delivers them."""
        return self._store().events_of(self)

    def run(self) -> None:
        """Move the job to RUNNING.

        Raises:
            FakeBackupError: it cannot run from the state it is in (the message names the states
                it can go to), it is in no fake, or the fake ended.
        """
        self._move("RUNNING", {})

    def complete(self, **members: Any) -> None:
        """Complete the job; a composite job completes its unfinished children first.

        Args:
            members: members that it then has; State (Status) may name another good end, as
                COMPLETED_WITH_ISSUES. A composite job with a failed child ends PARTIAL.

        Raises:
            TypeError, ValueError: as for `update`; a state that another verb leads to; or a
                completion before the creation.
            FakeBackupError: as for `run`; or a client started it, and its vault was deleted.
        """
        state = members.pop(self.kind.state, "COMPLETED")
        if type(state) is not str:
            state = self._text_of(state)
        verb = _VERBS.get(state)
        if verb is not None:
            msg = f"complete() brings a job to a good end, not to {state}: call job.{verb}()."
            raise ValueError(msg)
        self._move(state, members)

    def fail(self, message: str | None = None, category: str | None = None) -> None:
        """Fail the job.

        Args:
            message: its StatusMessage; None is the default one.
            category: its MessageCategory, for kinds that have one; None is the default one.

        Raises:
            TypeError: as for `update`.
            FakeBackupError: as for `run`.
        """
        given = {"StatusMessage": message, "MessageCategory": category}
        self._move("FAILED", {name: value for name, value in given.items() if value is not None})

    def abort(self) -> None:
        """Stop the job: ABORTED, or CANCELED for a scan job; errors as for `run`."""
        self._move(life.ABORTED.get(self.kind, "ABORTED"), {})

    def expire(self) -> None:
        """Expire the job, as when its start window closes; errors as for `run`."""
        self._move("EXPIRED", {})

    def _text_of(self, state: object) -> str:
        """Return a state as a plain text, and refuse what is none."""
        from fakebackup import plain

        if not isinstance(state, str):
            read(self.kind, {self.kind.state: state})
        text: str = plain.scalar(state)
        return text

    def _move(self, state: str, members: dict[str, Any]) -> None:
        changes, given = read(self.kind, members) if members else ({}, frozenset())
        self._store().move(self, state, changes, given)

    def _store(self) -> OwningStore:
        self.check_added()
        return cast("OwningStore", self.store)

    def check_added(self) -> None:
        """Refuse a job that is in no fake.

        Raises:
            FakeBackupError: it is in none.
        """
        if self.store is None:
            msg = f"This {self.kind.name} is in no fake: add it first, by fake_backup.add(job)."
            raise FakeBackupError(msg)

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, including those that follow from children."""
        store = self.store
        if store is not None and self.members.get("IsParent") and not self.exact:
            return store.with_children(self)
        return self.members

    def kept_now(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them, after the moves that the clock made due."""
        if self.store is not None:
            self.store.catch_up()
        return self.kept()

    def update(self, **members: Any) -> None:
        """Change members freely.

        Values are checked as when seeding; whether the move is legal and whether dates agree
        is not. Members that follow from a new state are filled in unless given, and those that
        the new state does not have are removed. None removes a member. The ARN of the vault
        follows its name, and the name the ARN, unless the test has given both.

        Raises:
            TypeError: a member that does not exist or a value of the wrong type.
            ValueError: a value outside the enum, an id that is taken, a name of the vault that
                is not that in its ARN.
            FakeBackupError: the job is in no fake, or the fake ended.
        """
        changes, given = read(self.kind, members)
        self._store().change(self, changes, given)

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, in Describe's order, the conversion to what botocore's parser returns."""
        return self.kind.shown

    @property
    def _changed_by(self) -> str:
        """What changes it, for messages."""
        return "job.update(...), job.complete(...) and their siblings"

    def __repr__(self) -> str:
        name = self.members.get(self.kind.id, "not added")
        where = f" in {self.account} {self.region}" if self.account else ""
        resource_type = self.members.get("ResourceType")
        of = f" {resource_type}" if resource_type else ""
        return f"<{self.kind.name} {name}: {self.kept_state}{of}{where}>"

    def _repr_pretty_(self, printer: Any, _cycle: object) -> None:
        """Print a job that is in no fake as the call that builds it, for hypothesis and IPython."""
        given = [
            f"{name}={_spelled(self.get(name))}" for name in self.kind.members if name in self.given
        ]
        factory = self.kind.name.replace(" ", "_")
        call = f"{factory}({', '.join(given)})"
        printer.text(call if self.store is None else repr(self))


def _rebuilt(kind: str, content: tuple[Any, ...], parent: Job | None, home: Home) -> Job:
    """Return a copied or unpickled job, from the name of its kind and what `__init__` takes."""
    *values, exact = content
    job = Job(next(each for each in KINDS if each.name == kind), *values, exact=exact)
    job.parent, job.home = parent, home
    return job


def _spelled(value: Any) -> str:
    """Return a value as Python source: a date as text, since its repr is no valid source."""
    return repr(value.isoformat() if isinstance(value, datetime) else value)


def build(kind: Kind, members: Mapping[str, Any]) -> Job:
    """Build a job that is in no fake yet, with the defaults that do not need one.

    Raises:
        TypeError: a member that does not exist or a value of the wrong type.
        ValueError: a value outside the enum, text that is no date, None for a mandatory member.
    """
    return build_kept(kind, *read(kind, members))


def build_kept(kind: Kind, kept: dict[str, Any], given: frozenset[str]) -> Job:
    """Build a job of members as the model keeps them, and the names of all that were given."""
    defaults.fill_early(kind, kept, given)
    return Job(kind, kept, _names(given))


def read(kind: Kind, members: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return members as the model keeps them, and the names of all that were given.

    Errors are those of `build`.
    """
    found = kind.read(members)
    if found.get("AccountId") is not None:
        options.account_id("AccountId", found["AccountId"])
    kept = {name: value for name, value in found.items() if value is not None}
    return kept, _names(frozenset(found))


@functools.cache
def _names(names: frozenset[str]) -> frozenset[str]:
    """Return an equal set that is shared by all jobs, to save memory."""
    return names
