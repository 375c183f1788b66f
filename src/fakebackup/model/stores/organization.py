"""What one account has in one Region, and the organisation: all of that, and what it shares."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from fakebackup import clock
from fakebackup.errors import FakeBackupError
from fakebackup.model.events.bus import Bus
from fakebackup.model.jobs.store import Jobs, RegionJobs, Register
from fakebackup.model.resources.arns import Home, Place, vault_named_by
from fakebackup.model.stores.clockwork import Clockwork
from fakebackup.model.stores.numbers import Numbers
from fakebackup.model.vaults.members import DEFAULT, vault_members
from fakebackup.model.vaults.store import Vaults
from fakebackup.model.vaults.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fakebackup.model.events.bus import Event, EventContent
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.entries import Entry, Token
    from fakebackup.model.stores.outcomes import Outcome
    from fakebackup.options import Mode, Options

    Changes = dict[str, Any]
    Position = tuple[Any, ...]
    Names = frozenset[str]


class Engine(NamedTuple):
    """What the engine gives to the stores from above, set once: they know nothing else of it.

    Attributes:
        advance: moves what the clock has made due.
        leave_behind: makes what seeded jobs left, the jobs in the order they came.
        follow_move: does what follows from the state that a job has come to at an instant.
        change, move, set_mode: what `Job.update`, the moves by hand and `Job.progress` do.
    """

    advance: Callable[[Organization], None]
    leave_behind: Callable[[Organization, Sequence[Job]], None]
    follow_move: Callable[[Store, Job, int], None]
    change: Callable[[Store, Job, Changes, Names], None]
    move: Callable[[Store, Job, str, Changes, Names], None]
    set_mode: Callable[[Store, Job, Mode], None]


class Store:
    """What one account has in one Region.

    Attributes:
        organization: all stores, and what they share.
        home: the account and the Region.
        jobs: its jobs.
        tags: per ARN, the tags of what has it.
        resources: the resources that tests seed for backup plans: per ARN, its tags.
        tokens: per operation, what it counts in there, and idempotency token: what it made.
    """

    def __init__(self, organization: Organization, home: Home) -> None:
        """Make the store of an account in a Region, which has nothing yet."""
        self.organization = organization
        self.home = home
        self.jobs = Jobs()
        self.tags: dict[str, dict[str, str]] = {}
        self.resources: dict[str, dict[str, str]] = {}
        self.tokens: dict[tuple[str, str, str], Token] = {}
        self._vaults = Vaults()
        self._has_default = not organization.options.default_vault
        self._entries: dict[str, dict[str, Entry]] = {}

    @property
    def account(self) -> str:
        """The account."""
        return self.home.account

    @property
    def region(self) -> str:
        """The Region."""
        return self.home.region

    @property
    def options(self) -> Options:
        """The options of the fake."""
        return self.organization.options

    @property
    def vaults(self) -> Vaults:
        """The vaults, those that seeded jobs left and the default one included."""
        if self.organization.leave_behind() and not self._has_default:
            # Once only: a default vault that was deleted stays deleted.
            self._has_default = True
            if DEFAULT not in self._vaults:
                self.make_vault(DEFAULT, implied=True)
        return self._vaults

    def vaults_so_far(self) -> list[Vault]:
        """Return the vaults that exist so far, for a report: looking makes none."""
        return list(self._vaults.by_name.values())

    def entries(self, noun: str) -> dict[str, Entry]:
        """Return the entries of a noun by key, in the order they came; for reading and changing."""
        return self._entries.setdefault(noun, {})

    def entry_with_arn(self, arn: str) -> Entry | None:
        """Return the entry with an ARN, of whatever noun, if there is one."""
        held = (each for entries in self._entries.values() for each in entries.values())
        return next((each for each in held if arn and each.arn == arn), None)

    def all_entries(self) -> list[tuple[str, Entry]]:
        """Return all entries, each with its noun."""
        # Copies: another thread may add to them while a test's report is told.
        return [
            (noun, each)
            for noun, entries in list(self._entries.items())
            for each in list(entries.values())
        ]

    def find_job(self, kind: Kind, job_id: str) -> Job | None:
        """Return the job of a kind with an id, if there is one."""
        job = self.organization.jobs.by_id.get(job_id)
        return job if job is not None and job.kind is kind and job.store is self else None

    def make_vault(
        self, name: str, given: Mapping[str, Any] | None = None, *, implied: bool = False
    ) -> Vault:
        """Make a vault; its name is free, no event is emitted.

        Args:
            name: its name.
            given: its members; its creation is now unless that is among them.
            implied: whether nobody asked for it, but something lies in it.
        """
        now = clock.now()
        place = Place(self.home, self.organization.numbers.next_vault(), now, now)
        members = vault_members(place, name, given or {})
        made = self._vaults.by_name[name] = Vault(self, members, place.number, implied=implied)
        return made

    def emit(self, content: EventContent | None, at: int, job: Job | None = None) -> None:
        """Emit an event of this account and Region, if there is one.

        Args:
            content: what it says; None where AWS emits none.
            at: when it happened, in milliseconds.
            job: the job whose State Change it is.
        """
        if content is not None:
            self.organization.bus.emit(content, self.home, at, job)

    # --- What a job and a vault know of it ---------------------------------------------------

    def catch_up(self) -> None:
        """Move what the clock has made due."""
        self.organization.catch_up()

    def leave_behind(self) -> None:
        """Make what seeded jobs left, which nobody asked for so far."""
        with self.organization.lock:
            self.organization.leave_behind()

    def find_vault(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, in whatever account and Region."""
        return self.organization.find_vault(arn)

    def relist(self, before: Position, now: Position) -> None:
        """Remember that a vault came to stand elsewhere in lists."""
        self.organization.relist(before, now)

    def with_children(self, job: Job) -> Mapping[str, Any]:
        """Return a parent's members with the number of its children and their states."""
        return self.organization.jobs.with_children(job)

    def events_of(self, job: Job) -> list[Event]:
        """Return the State Change events of a job."""
        self.organization.catch_up()
        return self.organization.bus.emitted(job)

    def change(self, job: Job, changes: Changes, given: Names) -> None:
        """Change members of a job; what `Job.update` describes."""
        self.organization.engine.change(self, job, changes, given)

    def move(self, job: Job, state: str, changes: Changes, given: Names) -> None:
        """Move a job by hand, if the move is legal."""
        self.organization.engine.move(self, job, state, changes, given)

    def set_mode(self, job: Job, mode: Mode) -> None:
        """Let a job, and its children if it is composite, move by itself; or no more."""
        self.organization.engine.set_mode(self, job, mode)


def store_of(thing: Job | Vault) -> Store:
    """Return the store that a job or a vault lies in: they know it by a protocol of their own."""
    return cast("Store", thing.store)


class Organization:
    """All that a fake holds, in every account and Region.

    Attributes:
        options: the options of the fake.
        engine: what moves jobs, and what follows from that.
        lock: held while the model is read or changed.
        stores: what each account has in each Region.
        jobs: all jobs, by id.
        clockwork: which of them move, and when.
        bus: the events.
        notifications: what SNS delivers, in order.
        outcomes: how jobs that are started next end.
        settings: the entry of what the organisation has set, by `ONLY`.
        numbers: the numbers that are given out.
        relisted: what came to stand elsewhere in lists, in order: from which position to which.
        wait_counts: per question that was answered with an unfinished job, how often it was
            answered alike, and since when, in milliseconds.
        inactive_because: why the fake cannot be used; None while it is active.
    """

    def __init__(self, options: Options, engine: Engine) -> None:
        """Make an organisation that holds nothing; `engine.new_organization` does, for fakes."""
        self.options = options
        self.engine = engine
        self.lock = threading.RLock()
        self.inactive_because: str | None = None
        self._depth = 0
        self._set_up()

    def _set_up(self) -> None:
        self.stores: dict[Home, Store] = {}
        self.jobs = Register()
        self.clockwork = Clockwork()
        self.bus = Bus()
        self.notifications: list[dict[str, Any]] = []
        self.outcomes: list[Outcome] = []
        self.settings: dict[str, Entry] = {}
        self.numbers = Numbers()
        self.relisted: list[tuple[Position, Position]] = []
        self.wait_counts: dict[object, tuple[int, int]] = {}
        self._region_jobs: dict[str, RegionJobs] = {}
        # Seeded jobs whose vaults and recovery points nobody has asked for so far.
        self._from_seed: list[Job] = []
        self._moved: set[int] = set()
        self._leaving = False
        self._advancing = False

    def clear(self) -> None:
        """Forget everything, counted numbers included; jobs that tests hold are in no fake then."""
        for job in self.jobs.by_id.values():
            job.store = None
        self.bus.forget()
        self._set_up()

    def check(self) -> None:
        """Refuse to be used while no fake is active.

        Raises:
            FakeBackupError: the fake has not started, or has ended.
        """
        if self.inactive_because is not None:
            raise FakeBackupError(self.inactive_because)

    # --- Stores -----------------------------------------------------------------------------

    def store(self, account: str, region: str) -> Store:
        """Return the store of an account in a Region."""
        home = Home(account, region)
        found = self.stores.get(home)
        if found is None:
            found = self.stores[home] = Store(self, home)
        return found

    def manages(self, account: str) -> bool:
        """Tell whether an account sees the whole organisation."""
        return account in self.options.management_accounts

    def find_vault(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, in whatever account and Region."""
        named = vault_named_by(arn)
        if named is None:
            return None
        found = self.store(*named.home).vaults.get(named.name)
        return found if found is not None and found.arn == arn else None

    def jobs_in(self, region: str, account: str | None) -> Jobs:
        """Return the jobs of an account in a Region, or with None those of all accounts."""
        if account is not None:
            store = self.stores.get(Home(account, region))
            return Jobs() if store is None else store.jobs
        found = self._region_jobs.get(region)
        if found is None:

            def parts() -> list[Jobs]:
                return [store.jobs for home, store in self.stores.items() if home.region == region]

            found = self._region_jobs[region] = RegionJobs(parts)
        return found

    # --- Jobs -------------------------------------------------------------------------------

    def put_jobs(self, jobs: Sequence[Job]) -> None:
        """Take jobs in; their ids are free, their stores are set."""
        self.jobs.add_all(jobs)
        groups: dict[tuple[Store, Kind], list[Job]] = {}
        for job in jobs:
            groups.setdefault((store_of(job), job.kind), []).append(job)
        for (store, kind), group in groups.items():
            store.jobs.add_all(kind, group)
            everywhere = self._region_jobs.get(store.region)
            if everywhere is not None:
                everywhere.add_all(kind, group)

    def take_job(self, job: Job) -> None:
        """Take a job out; it is here, and no member has changed since it came."""
        store = store_of(job)
        self.jobs.remove(job)
        store.jobs.remove(job)
        everywhere = self._region_jobs.get(store.region)
        if everywhere is not None:
            everywhere.remove(job)

    def relist(self, before: Position, now: Position) -> None:
        """Remember that something came to stand elsewhere in lists, for those that have begun."""
        if now != before:
            self.relisted.append((before, now))

    # --- What seeded jobs left ----------------------------------------------------------------

    def from_seed(self, jobs: Sequence[Job]) -> None:
        """Let the vaults and recovery points of seeded jobs be made when somebody looks."""
        self._from_seed.extend(jobs)

    def leaves_now(self, job: Job) -> None:
        """Let what a job leaves be made as it moves, not when somebody looks."""
        if self._from_seed:
            self._moved.add(id(job))

    def leave_behind(self) -> bool:
        """Make what seeded jobs left, which nobody asked for so far.

        Returns:
            Whether it is all there: not while it is being made.
        """
        if self._leaving:
            return False
        if self._from_seed:
            jobs, self._from_seed = self._from_seed, []
            moved, self._moved = self._moved, set()
            self._leaving = True
            try:
                left = [job for job in jobs if job.store is not None and id(job) not in moved]
                self.engine.leave_behind(self, left)
            finally:
                self._leaving = False
        return True

    # --- Being busy -------------------------------------------------------------------------

    def advance(self) -> None:
        """Move what the clock has made due; the lock is held.

        Raises:
            FakeBackupError: that is more than anybody wants to wait for.
        """
        # In the midst of such a move no other one begins.
        if self.clockwork.due and not self._advancing:
            self._advancing = True
            try:
                self.engine.advance(self)
            finally:
                self._advancing = False

    def catch_up(self) -> None:
        """Move what the clock has made due before a look, and deliver the events that wait."""
        if self.clockwork.due and self.inactive_because is None:
            self.acquire()
            try:
                # In the midst of a change, reading a date must not move anything.
                if self._depth == 1:
                    self.advance()
            finally:
                self.release()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Be busy with a change of the user's, which comes after all that was due before it.

        Raises:
            FakeBackupError: the fake is not active, or more was due than anybody wants to wait
                for; nothing of the change is done then.
            Exception: what a handler of events raised.
        """
        self.acquire()
        try:
            self.check()
            self.advance()
            yield
        finally:
            self.release()

    def acquire(self) -> None:
        """Begin to look or change: hold the lock. `release` must follow."""
        self.lock.acquire()
        self._depth += 1

    def release(self) -> None:
        """Let go of the lock; deliver events if the model is at rest now.

        Raises:
            Exception: what a handler of events raised.
        """
        self._depth -= 1
        at_rest = not self._depth
        self.lock.release()
        # Outside the lock: a handler may call operations, from threads too.
        if at_rest and self.bus.waiting:
            self.bus.deliver()
