"""The store of one account in one Region, and the organisation: all stores and what they share."""

from __future__ import annotations

import contextlib
import functools
import threading
from typing import TYPE_CHECKING, Any, Protocol

from fakebackup import clock
from fakebackup.errors import FakeBackupError
from fakebackup.model.events.bus import Bus, Copies
from fakebackup.model.jobs.store import Jobs, RegionJobs, Register
from fakebackup.model.resources.arns import Home, Place, vault_named_by
from fakebackup.model.stores.clockwork import Clockwork
from fakebackup.model.stores.deferred import Deferred
from fakebackup.model.stores.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fakebackup.model.events.bus import Content, Event
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.resources.neighbour import Neighbour
    from fakebackup.model.stores.entries import Entry, Token
    from fakebackup.model.stores.journal import Journal
    from fakebackup.model.stores.outcomes import Outcome
    from fakebackup.model.vaults.store import Vaults
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault
    from fakebackup.options import Mode, Options

    Changes = dict[str, Any]
    Position = tuple[Any, ...]
    Names = frozenset[str]


class Engine(Protocol):
    """The functions of the engine that the stores call, set once: stores do not import it.

    Attributes:
        advance: makes the moves that the clock has made due.
        leave_behind: creates the vaults and recovery points of seeded jobs, in the order given.
        follow_move: does what follows from the state that a job has come to, at an instant in
            milliseconds.
        change, move, set_mode: what `Job.update`, the moves by hand and `Job.progress` do.
    """

    advance: Callable[[Organization], None]
    leave_behind: Callable[[Organization, Sequence[Job]], None]
    follow_move: Callable[[Store, Job, int], None]
    change: Callable[[Store, Job, Changes, Names], None]
    move: Callable[[Store, Job, str, Changes, Names], None]
    set_mode: Callable[[Store, Job, Mode], None]


class Store:
    """All that one account holds in one Region.

    Attributes:
        organization: all stores, and what they share.
        home: the account and the Region.
        jobs: the jobs.
        tags: per ARN of a vault, recovery point or entry, its tags.
        resources: per ARN of a resource that a test seeded for backup plans, its tags.
        tokens: per operation, what the token counts within, and idempotency token, what the call
            created and answered.
        warned: pairs of a backup plan's id and an ARN, or a text, that its runs have warned of.
    """

    def __init__(self, organization: Organization, home: Home) -> None:
        """Make an empty store."""
        self.organization = organization
        self.home = home
        self.jobs = Jobs()
        self.tags: dict[str, dict[str, str]] = {}
        self.resources: dict[str, dict[str, str]] = {}
        self.tokens: dict[tuple[str, str, str], Token] = {}
        self.warned: set[tuple[str, str]] = set()
        self._has_default = not organization.options.default_vault
        self._entries: dict[str, dict[str, Entry]] = {}

    @property
    def account(self) -> str:
        """The id of the account."""
        return self.home.account

    @property
    def region(self) -> str:
        """The Region."""
        return self.home.region

    @property
    def options(self) -> Options:
        """The options of the fake."""
        return self.organization.options

    @functools.cached_property
    def _vaults(self) -> Vaults:
        """The vaults so far, made and imported when first needed: many fakes hold jobs alone."""
        from fakebackup.model.vaults.store import Vaults

        return Vaults()

    @property
    def vaults(self) -> Vaults:
        """The vaults, including those that seeded jobs left and the default one."""
        if self._has_default and not self.organization.deferred.jobs:
            return self._vaults
        if self.organization.leave_behind() and not self._has_default:
            from fakebackup.model.vaults.members import DEFAULT

            # Once only: a default vault that was deleted stays deleted.
            self._has_default = True
            found = self._vaults.get(DEFAULT) or self.make_vault(DEFAULT, implied=True)
            if found.implied:
                # As AWS's console makes it [recorded].
                found.members = {"CreatorRequestId": DEFAULT, **found.members}
        return self._vaults

    def all_resources(self) -> Mapping[str, Mapping[str, str]]:
        """Return per ARN the tags of the resources that a test added, and of the mock's beside."""
        found = self.organization.neighbour
        return self.resources if found is None else {**found.resources(self.home), **self.resources}

    def tags_of_resource(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a resource: as a test added it, or of the mock beside the fake."""
        neighbour = self.organization.neighbour
        if neighbour is None or arn in self.resources:
            return self.resources.get(arn, {})
        return neighbour.tags_of(self.home, arn)

    def vaults_so_far(self) -> list[Vault]:
        """Return the vaults that exist so far, for a report: it creates none."""
        return list(vars(self).get("_vaults", ()))

    def restore_vault(self, vault: Vault) -> None:
        """Add a vault that lay in this account and Region before; its name is free."""
        self._vaults.add(vault)

    def restore_default(self) -> None:
        """Note that the default vault was made before, be it there or deleted since."""
        self._has_default = True

    def vault_so_far(self, name: str) -> Vault | None:
        """Return a vault if it exists so far: looking makes none."""
        return self._vaults.get(name) if "_vaults" in vars(self) else None

    def entries(self, noun: str) -> dict[str, Entry]:
        """Return the entries of a noun by key, oldest first; for reading and changing."""
        return self._entries.setdefault(noun, {})

    def entry_with_arn(self, arn: str) -> Entry | None:
        """Return the entry with an ARN, of any noun; None if there is none."""
        found = (each for entries in self._entries.values() for each in entries.values())
        return next((each for each in found if arn and each.arn == arn), None)

    def all_entries(self) -> list[tuple[str, Entry]]:
        """Return all entries, each with its noun."""
        # Copies: another thread may add entries while a report is written.
        return [
            (noun, each)
            for noun, entries in list(self._entries.items())
            for each in list(entries.values())
        ]

    def find_job(self, kind: Kind, job_id: str) -> Job | None:
        """Return the job of a kind with an id; None if there is none."""
        job = self.organization.jobs.by_id.get(job_id)
        return job if job is not None and job.kind is kind and job.store is self else None

    def make_vault(
        self, name: str, given: Mapping[str, Any] | None = None, *, implied: bool = False
    ) -> Vault:
        """Create a vault, without an event.

        Args:
            name: its name, which is not taken.
            given: its given members, as the model keeps them; CreationDate is now by default.
            implied: whether it exists only because of a job or recovery point in it.
        """
        now = clock.now()
        place = Place(self.home, self.organization.numbers.next_vault(), now, now)
        return self._vaults.make(self, place, name, given or {}, implied=implied)

    def put_vault(self, members: dict[str, Any]) -> Vault:
        """Add a vault with exactly these members; its name is not taken."""
        return self._vaults.put(self, self.organization.numbers.next_vault(), members)

    def point_so_far(self, arn: str) -> RecoveryPoint | None:
        """Return a recovery point if it exists so far: looking makes none."""
        return self._vaults.point(arn) if "_vaults" in vars(self) else None

    def emit(self, content: Content | None, at: int, job: Job | None = None) -> None:
        """Emit an event of this account and Region.

        Args:
            content: the content of the event, as for `Bus.emit`; None where AWS emits none.
            at: the time of the event, in milliseconds.
            job: the job of a job's State Change; None for any other event.
        """
        if content is not None:
            self.organization.bus.emit(content, self.home, at, job)

    # --- For jobs and vaults ------------------------------------------------------------------

    def catch_up(self) -> None:
        """Make the moves that the clock has made due."""
        self.organization.catch_up()

    def leave_behind(self) -> None:
        """Create the vaults and recovery points of seeded jobs that do not exist yet."""
        with self.organization.lock:
            self.organization.leave_behind()

    def find_vault(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, in any account and Region; None if there is none."""
        return self.organization.find_vault(arn)

    def keep_point(self, point: RecoveryPoint) -> None:
        """Keep a recovery point as it is before a change, for the savepoint that is open."""
        if self.organization.savepoints:
            self.organization.savepoints[-1].keep_point(point)

    def note_gone(self, point: RecoveryPoint) -> None:
        """Note that a recovery point is gone, for the mock that the fake stands beside."""
        if self.organization.neighbour is not None:
            self.organization.neighbour.note_gone(self.home, point.arn)

    def note_cold(self, point: RecoveryPoint) -> None:
        """Note that a recovery point has turned cold, for the mock that the fake stands beside."""
        if self.organization.neighbour is not None:
            self.organization.neighbour.note_cold(self.home, point.arn)

    def file(self, point: RecoveryPoint) -> None:
        """Let lists show a recovery point."""
        self._vaults.file(point)

    def unfile(self, point: RecoveryPoint) -> None:
        """Let lists no longer show a recovery point, which has not changed since `file`."""
        self._vaults.unfile(point)

    def relist(self, before: Position, now: Position) -> None:
        """Note that a vault's position in lists has changed."""
        self.organization.relist(before, now)

    def with_children(self, job: Job) -> Mapping[str, Any]:
        """Return a composite job's members with the number and the states of its children."""
        return self.organization.jobs.with_children(job)

    def events_of(self, job: Job) -> list[Event]:
        """Return the State Change events of a job, in order."""
        self.organization.catch_up()
        with self.organization.lock:
            return self.organization.bus.emitted(job)

    def change(self, job: Job, changes: Changes, given: Names) -> None:
        """Change members of a job, as `Job.update` describes."""
        self.organization.engine.change(self, job, changes, given)

    def move(self, job: Job, state: str, changes: Changes, given: Names) -> None:
        """Move a job by hand if the move is legal."""
        self.organization.engine.move(self, job, state, changes, given)

    def set_mode(self, job: Job, mode: Mode) -> None:
        """Set the mode in which a job, and the children of a composite one, move."""
        self.organization.engine.set_mode(self, job, mode)


def store_of(owned: Job | Vault) -> Store:
    """Return the store that a job or a vault lies in."""
    return owned.store  # type: ignore[return-value]  # they type it by protocols of their own


class Organization:
    """All that a fake holds, in every account and Region.

    Attributes:
        options: the options of the fake.
        engine: the functions of the engine that the stores call.
        lock: held while the model is read or changed.
        depth, advancing: how often its holder has it, and whether it makes what is due.
        stores: the store per account and Region.
        jobs: the register of all jobs.
        clockwork: the jobs that move by themselves, and when.
        bus: the event bus.
        notifications: the records that SNS delivered, in order.
        notification_homes: the account and Region of the vault that published each of them.
        notification_copies: the copies of them that tests have read.
        outcomes: the outcomes that tests chose for jobs that are started next.
        settings: the entry of the organisation's settings, by `ONLY`.
        numbers: the counters.
        deferred: the seeded jobs whose vaults and recovery points do not exist yet.
        relisted: the changes of positions in lists, in order, each from which to which.
        loaded: per noun, home and name, id or ARN, the answers that a thing was loaded from, so
            that others may complete it.
        wait_counts: per id of an unfinished job, and "" for nothing, the questions answered with
            it last: the number of equal answers, and the time of the first, in milliseconds.
        neighbour: the mock of the rest of AWS beside the fake; None where there is none.
        inactive_because: why the fake cannot be used; None while it is active.
        savepoints: the open savepoints, the innermost last.
    """

    def __init__(self, options: Options, engine: Engine) -> None:
        """Make an empty organisation; fakes call `engine.new_organization`."""
        self.options = options
        self.engine = engine
        self.lock = threading.RLock()
        self.neighbour: Neighbour | None = None
        self.inactive_because: str | None = None
        self.savepoints: list[Journal] = []
        self.depth = 0
        self._set_up()

    def _set_up(self) -> None:
        self.stores: dict[Home, Store] = {}
        self.jobs = Register()
        self.clockwork = Clockwork()
        self.bus = Bus()
        self.notifications: list[dict[str, Any]] = []
        self.notification_homes: list[Home] = []
        self.notification_copies = Copies()
        self.outcomes: list[Outcome] = []
        self.settings: dict[str, Entry] = {}
        self.numbers = Numbers()
        self.deferred = Deferred()
        self.relisted: list[tuple[Position, Position]] = []
        self.loaded: dict[tuple[str, Home, str], frozenset[str]] = {}
        self.wait_counts: dict[str, dict[object, tuple[int, int]]] = {}
        self._region_jobs: dict[str, RegionJobs] = {}
        self.advancing = False

    def clear(self) -> None:
        """Remove everything and reset the counters; jobs that tests hold are in no fake then."""
        if self.savepoints:
            self.savepoints[-1].put_aside(self)
        for job in self.jobs.by_id.values():
            job.store = None
        self.bus.forget()
        if self.neighbour is not None:
            self.neighbour.clear()
        self._set_up()

    def check(self) -> None:
        """Refuse any use while the fake is not active.

        Raises:
            FakeBackupError: the fake has not started, or has ended.
        """
        if self.inactive_because is not None:
            raise FakeBackupError(self.inactive_because)

    # --- Stores -----------------------------------------------------------------------------

    def store(self, account: str, region: str) -> Store:
        """Return the store of an account in a Region; make it if it is new."""
        # A pair equals the Home of its parts, and is made faster.
        pair: Any = (account, region)
        found = self.stores.get(pair)
        if found is None:
            home = Home(account, region)
            # With the lock, for those that go through all stores; another thread may make it, too.
            with self.lock:
                found = self.stores.setdefault(home, Store(self, home))
        return found

    def manages(self, account: str) -> bool:
        """Return whether an account is a management account, which sees the organisation."""
        return account in self.options.management_accounts

    def find_vault(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, in any account and Region; None if there is none."""
        named = vault_named_by(arn)
        if named is None:
            return None
        found = (self.stores.get(named.home) or self.store(*named.home)).vaults.get(named.name)
        return found if found is not None and found.arn == arn else None

    def vault_so_far(self, arn: str) -> Vault | None:
        """Return the vault with an ARN if it exists so far: looking makes none."""
        named = vault_named_by(arn)
        store = None if named is None else self.stores.get(named.home)
        return None if named is None or store is None else store.vault_so_far(named.name)

    def vault_type(self, arn: str) -> str | None:
        """Return the type of the vault with an ARN, if there is one so far."""
        found = self.vault_so_far(arn)
        return None if found is None else found.vault_type

    def unmanaged(self, home: Home) -> frozenset[str]:
        """Return the resource types that an account leaves to their own service in a Region."""
        from fakebackup.model.stores.entries import REGION_SETTINGS, unmanaged

        store = self.stores.get(home)
        return frozenset() if store is None else unmanaged(store.entries(REGION_SETTINGS))

    def distinct(self, arn: str, owner: tuple[int, str]) -> str:
        """Return an ARN that says no number, made one that nothing else in the fake has."""
        vaults = (vault for store in self.stores.values() for vault in store.vaults_so_far())
        taken = any(arn in vault.points for vault in vaults)
        return self.numbers.distinct(arn, owner, taken=taken)

    def jobs_in(self, region: str, account: str | None) -> Jobs:
        """Return the jobs of an account in a Region; None is all accounts."""
        if account is not None:
            store = self.stores.get(Home(account, region))
            return Jobs() if store is None else store.jobs
        found = self._region_jobs.get(region)
        if found is None:

            def of_accounts() -> list[Jobs]:
                return [store.jobs for store in self.stores.values() if store.region == region]

            found = self._region_jobs[region] = RegionJobs(of_accounts)
        return found

    # --- Jobs -------------------------------------------------------------------------------

    def holds(self, job: Job) -> bool:
        """Return whether a job is in this fake."""
        return self.jobs.by_id.get(job.members.get(job.kind.id, "")) is job

    def all_jobs(self) -> Iterable[Job]:
        """Return the jobs of every kind, account and Region, in the order they were added."""
        return self.jobs.by_id.values()

    def keep_job(self, job: Job) -> None:
        """Keep a job as it is before a change, for the savepoint that is open."""
        if self.savepoints:
            self.savepoints[-1].keep_job(job)

    def keep_new(self, jobs: Iterable[Job]) -> None:
        """Note jobs that are about to be added, for the savepoint that is open."""
        if self.savepoints:
            self.savepoints[-1].keep_new(jobs)

    def put_jobs(self, jobs: Sequence[Job]) -> None:
        """Add jobs; their ids are not taken, their stores are set."""
        self.jobs.add_all(jobs)
        groups: dict[tuple[Store, Kind], list[Job]] = {}
        for job in jobs:
            groups.setdefault((store_of(job), job.kind), []).append(job)
        for (store, kind), group in groups.items():
            store.jobs.add_all(kind, group)
            region_jobs = self._region_jobs.get(store.region)
            if region_jobs is not None:
                region_jobs.add_all(kind, group)

    def take_job(self, job: Job) -> None:
        """Remove a job of this organisation that has not changed since it was added."""
        store = store_of(job)
        self.jobs.remove(job)
        store.jobs.remove(job)
        region_jobs = self._region_jobs.get(store.region)
        if region_jobs is not None:
            region_jobs.remove(job)

    def change_members(self, job: Job, members: Changes) -> None:
        """Replace the members of a job that keeps its id, parent, store and position."""
        # It costs less than taking the job and putting it back.
        store = store_of(job)
        region_jobs = self._region_jobs.get(store.region)
        registers = [self.jobs, store.jobs, *(() if region_jobs is None else (region_jobs,))]
        for register in registers:
            register.note(job, -1)
        job.members = members
        for register in registers:
            register.note(job, 1)

    def relist(self, before: Position, now: Position) -> None:
        """Note that something's position in lists has changed, for the listings under way."""
        if now != before:
            self.relisted.append((before, now))

    def leave_behind(self) -> bool:
        """Create the vaults and recovery points of seeded jobs that do not exist yet.

        Returns:
            Whether all of them exist: not while they are being created.
        """
        return self.deferred.leave_behind(self.engine.leave_behind, self)

    # --- The lock ---------------------------------------------------------------------------

    def advance(self) -> None:
        """Make the moves that the clock has made due; the caller holds the lock.

        Raises:
            FakeBackupError: more is due than a step of the clock may run.
        """
        # A move that is being made does not begin others.
        if self.clockwork.due and not self.advancing:
            self.advancing = True
            try:
                self.engine.advance(self)
            finally:
                self.advancing = False

    def catch_up(self) -> None:
        """Make the moves that the clock has made due, and deliver their events."""
        if self.clockwork.due and self.inactive_because is None:
            self.acquire()
            try:
                # Reading a member during a change must not begin a move.
                if self.depth == 1:
                    self.advance()
            finally:
                self.release()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Hold the lock during a change by the user, and deliver its events afterwards.

        What the clock has made due by then happens before the change.

        Raises:
            FakeBackupError: the fake is not active, or more is due than a step of the clock may
                run; nothing of the change is done then.
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
        """Acquire the lock, to read or change; `release` must follow."""
        if not self.lock.acquire(blocking=False):
            from fakebackup.model.stores.lock import wait_for

            wait_for(self.lock)
        self.depth += 1

    def release(self) -> None:
        """Release the lock; deliver the waiting events if this was the outermost hold.

        Raises:
            Exception: what a handler of events raised.
        """
        self.depth -= 1
        at_rest = not self.depth
        self.lock.release()
        # Outside the lock: a handler may call operations, from threads too.
        if at_rest and (self.bus.waiting or self.neighbour is not None):
            if self.neighbour is not None:
                self.neighbour.settle()
            self.bus.deliver()
