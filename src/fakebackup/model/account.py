"""The organisation: every account that a fake holds, and who in it may see what."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock, errors, options
from fakebackup.errors import EndlessWait, FakeBackupError
from fakebackup.model import ageing, defaults, effects, life, progress
from fakebackup.model.bus import Bus
from fakebackup.model.holdings import Holdings
from fakebackup.model.placing import Placing, earliest_creation
from fakebackup.model.showing import Kept
from fakebackup.model.store import Jobs
from fakebackup.model.vaults import DEFAULT, Vault, Vaults, named_by, vault_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fakebackup.model.bus import Told
    from fakebackup.model.jobs import Job
    from fakebackup.model.outcomes import Outcome
    from fakebackup.model.vaults import RecoveryPoint
    from fakebackup.options import Mode, Options


class Organization:
    """All that a fake holds, in every account and region.

    Attributes:
        options: what the fake was told.
        lock: held while the model is read or changed.
        jobs: the jobs.
        progress: which of them move, and when.
        vaults: the vaults, with their recovery points.
        tags: per ARN, the tags of what has it.
        bus: the events.
        notifications: what SNS delivers, in order.
        outcomes: how jobs that are started next end.
        holdings: plans, frameworks and whatever else an account keeps.
        resources: per account and region, the resources that tests seed for backup plans: per
            ARN, its tags.
        tokens: per operation, account, region and idempotency token, what it made and the
            parameters.
        told: per question that was answered with an unfinished job, how often it was answered
            alike, and since when, in milliseconds.
        number: how many numbers have been given to what the fake holds.
        last_created: the last creation date that was given by default, in milliseconds.
        unusable: why the fake cannot be used; None while it is active.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.unusable: str | None = None
        self._depth = 0
        self._set_up()

    def _set_up(self) -> None:
        self.jobs = Jobs()
        self.progress = progress.Progress()
        self.vaults = Vaults()
        self.tags: dict[str, dict[str, str]] = {}
        self.bus = Bus()
        self.notifications: list[dict[str, Any]] = []
        self.outcomes: list[Outcome] = []
        self.tokens: dict[tuple[str, ...], tuple[Any, dict[str, Any]]] = {}
        self.holdings = Holdings()
        self.resources: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
        self.told: dict[object, tuple[int, int]] = {}
        self._opened: set[tuple[str, str]] = set()
        self._underived: list[Job] = []
        self._moved: set[int] = set()
        self.number = 0
        self._vaults = 0
        self.last_created = 0

    def clear(self) -> None:
        """Forget everything, counted numbers included; jobs that tests hold are in no fake then."""
        for job in self.jobs.by_id.values():
            job.organization = None
        self.bus.forget()
        self._set_up()

    def check(self) -> None:
        """Refuse to be used while no fake is active.

        Raises:
            FakeBackupError: the fake has not started, or has ended.
        """
        if self.unusable is not None:
            raise FakeBackupError(self.unusable)

    def accounts(self) -> list[str]:
        """Return the accounts of the organisation, sorted: those that hold something."""
        holding = {account for _, account, _, _ in self.jobs.places()}
        return sorted(holding | self.vaults.accounts())

    def manages(self, account: str) -> bool:
        """Tell whether an account sees the whole organisation."""
        return account in self.options.management_accounts

    def add(
        self,
        jobs: Sequence[Job],
        account: str,
        region: str,
        *,
        name: Callable[[int], str] | None = None,
        derived: bool = True,
    ) -> None:
        """Add jobs, all or none.

        Args:
            jobs: jobs that are in no fake.
            account: where those go that do not say otherwise.
            region: where all go.
            name: how an error names the job that caused it, by its index; None names none.
            derived: whether the vaults and recovery points that they name are made when somebody
                asks for some; else they are as the jobs move.

        Raises:
            TypeError, ValueError: a job that cannot be added; nothing has changed then.
            FakeBackupError: the fake is not active.
        """
        with self.working():
            placing = Placing(self, account, region)
            before = (self.number, self.last_created)
            try:
                for job in jobs:
                    placing.place(job)
            except BaseException as error:
                self.number, self.last_created = before
                if name is not None and isinstance(error, (TypeError, ValueError)):
                    msg = f"{name(placing.count)}: {error}"
                    raise type(error)(msg) from None
                raise
            placing.settle()
            self.jobs.add_all(jobs)
            if derived:
                self._underived.extend(jobs)
                if self.options.progress == "clock" and any(map(_ages, jobs)):
                    # The clock does not wait for somebody to ask.
                    self.derive()
            self.told.clear()
        if derived:
            self._warn_of_history(jobs)

    def next_creation(self) -> int:
        """Return the default creation date of what is seeded next, in milliseconds."""
        self.last_created = max(earliest_creation(clock.now()), self.last_created + 1)
        return self.last_created

    def remove(self, job: Job) -> None:
        """Take a job out.

        Raises:
            ValueError: it is not in this fake.
            FakeBackupError: the fake is not active.
        """
        with self.working():
            progress.advance(self)
            if job.organization is not self:
                msg = f"This {job.kind.name} is not in this fake: {job!r}"
                raise ValueError(msg)
            self.jobs.remove(job)
            self.progress.forget(job)
            self.told.clear()
            job.organization = None

    def change(self, job: Job, changes: dict[str, Any], given: frozenset[str]) -> None:
        """Change members of a job; what `Job.update` describes.

        Args:
            job: a job of this fake.
            changes: the new members, as the model keeps them.
            given: the names that were given; those not in `changes` are taken away.
        """
        kind = job.kind
        with self.working():
            progress.advance(self)
            new_id = changes.get(kind.id, job.id)
            if new_id != job.id and new_id in self.jobs.by_id:
                msg = f"{kind.id} {new_id!r} is taken: no two jobs of a fake share an id."
                raise ValueError(msg)
            state = changes.get(kind.state, job.kept_state)
            job.given |= given
            if state != job.kept_state:
                progress.enter(self, job, (state, (changes, given)), clock.now())
            else:
                kept = {name: value for name, value in job.members.items() if name not in given}
                self.replace(job, kept | changes)

    def move(self, job: Job, state: str, changes: dict[str, Any], given: frozenset[str]) -> None:
        """Move a job by hand, if the move is legal; arguments as for `change`.

        Raises:
            FakeBackupError: the move is illegal, or the fake is not active.
        """
        with self.working():
            progress.advance(self)
            progress.check(job, state)
            move = progress.finish if life.is_final(job.kind, state) else progress.enter
            move(self, job, (state, (changes, given)), clock.now())

    def set_mode(self, job: Job, mode: Mode) -> None:
        """Let a job, and its children if it is composite, move by itself; or no more.

        Raises:
            ValueError: no such mode.
            FakeBackupError: the fake is not active.
        """
        options.progress("progress", mode)
        with self.working():
            progress.advance(self)
            for each in (*self.jobs.children(job), job):
                each.mode = mode
                progress.follow(self, each, clock.now())

    def start(self, jobs: Sequence[Job], account: str, region: str) -> None:
        """Add jobs that a client starts: a job, or a composite one and its children after it.

        They move as the option `progress` says.
        """
        self.add(jobs, account, region, derived=False)
        for job in jobs:
            job.mode = self.options.progress
            effects.started(self, job, job.members[job.kind.created])
        # A composite job follows its children.
        for job in (*jobs[1:], jobs[0]):
            progress.follow(self, job, job.members[job.kind.created])

    def here(self, job: Job, account: str, at: int) -> defaults.Place:
        """Return the place of a job at an instant in milliseconds, for what it gets by moving."""
        if not job.number:
            job.number = self.next_number()
        return defaults.Place(account, job.region, job.number, at, job.members[job.kind.created])

    def next_number(self) -> int:
        """Return a number that nothing else in this fake has."""
        self.number += 1
        return self.number

    def replace(self, job: Job, members: dict[str, Any]) -> None:
        """Give a job other members; AccountId moves it to that account."""
        before = job.id
        self.jobs.remove(job)
        job.members, job.account = Kept(members), members.get("AccountId", job.account)
        self.jobs.add(job)
        if job.id != before:
            self.progress.renamed(job, before)
        self.told.clear()

    def tell(self, jobs: Sequence[Job], ask: Callable[[], object]) -> None:
        """Count that a question was answered with unfinished jobs; end a loop that waits for ever.

        Args:
            jobs: the jobs in the answer.
            ask: returns what tells the question from others.

        Raises:
            EndlessWait: it was answered alike a thousand times, and nothing has moved, nor will
                the clock move the job soon at the pace at which it is asked for.
        """
        job = life.first_unfinished(jobs)
        if job is not None:
            now, question = clock.now(), ask()
            count, since = self.told.get(question, (0, now))
            self.told[question] = (count + 1, since)
            if count >= _PATIENCE and not self._comes(job, now, (now - since) / count):
                raise EndlessWait(_ENDLESS.format(job=job, count=_PATIENCE, mode=job.mode))

    def _comes(self, job: Job, now: int, pace: float) -> bool:
        """Tell whether the clock moves a job within many more answers.

        Args:
            job: the job.
            now: the present, in milliseconds.
            pace: what passes from one answer to the next, in milliseconds.
        """
        waiting = self.progress.waiting.get(job.id)
        return waiting is not None and waiting[0] - now <= pace * _PATIENCE * 100

    def settle(self) -> None:
        """Move what the clock has made due, and deliver the events that wait."""
        if self.progress.due and self.unusable is None:
            with self.working():
                # In the midst of a move, whoever reads a date must not begin another one.
                if self._depth == 1:
                    progress.advance(self)

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Be busy with a change of the user's.

        Raises:
            FakeBackupError: the fake is not active.
            Exception: what a handler of events raised.
        """
        self.enter()
        try:
            self.check()
            yield
        finally:
            self.leave()

    def enter(self) -> None:
        """Begin to look or change: hold the lock. `leave` must follow."""
        self.lock.acquire()
        self._depth += 1

    def leave(self) -> None:
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

    def emit(
        self, told: Told | None, account: str, region: str, at: int, job: Job | None = None
    ) -> None:
        """Tell of something that happened; arguments as for `Bus.send`."""
        if told is not None:
            self.bus.send(told, account, region, at, job)

    # --- Vaults -----------------------------------------------------------------------------

    def derive(self) -> None:
        """Make the vaults and recovery points of seeded jobs, which nobody asked for so far."""
        waiting, self._underived = self._underived, []
        moved, self._moved = self._moved, set()
        # The oldest first: a copy finds the recovery point that an earlier backup left.
        for job in sorted(waiting, key=lambda each: int(each.members[each.kind.created])):
            if job.organization is self and id(job) not in moved:
                point = effects.derive(self, job)
                if point is not None:
                    ageing.follow(self, point, clock.now())

    def derives_no_more(self, job: Job) -> None:
        """Make what a job leaves as it moves, not when it is first asked for."""
        if self._underived:
            self._moved.add(id(job))

    def vaults_here(self, account: str, region: str) -> dict[str, Vault]:
        """Return the vaults of an account and region by name."""
        self.derive()
        found = self.vaults.here(account, region)
        # Once only: a default vault that was deleted stays deleted.
        if self.options.default_vault and (account, region) not in self._opened:
            self._opened.add((account, region))
            if DEFAULT not in found:
                self.make_vault(account, region, DEFAULT, implied=True)
        return found

    def vault_at(self, arn: str) -> Vault | None:
        """Return the vault with an ARN, wherever it lies."""
        return self.vaults.at(arn)

    def find_vault(self, arn: str) -> Vault | None:
        """Return the vault with an ARN that a caller names, wherever it lies."""
        named = named_by(arn)
        if named is None:
            return None
        found = self.vaults_here(named.account, named.region).get(named.name)
        return found if found is not None and found.arn == arn else None

    def point_here(self, account: str, region: str, arn: str) -> RecoveryPoint | None:
        """Return the recovery point with an ARN in whatever vault of an account and region."""
        vaults = self.vaults_here(account, region).values()
        return next((vault.points[arn] for vault in vaults if arn in vault.points), None)

    def point_to_read(self, account: str, region: str, arn: str) -> RecoveryPoint | None:
        """Return a recovery point of an account and region, or one that it has access to."""
        vaults = self.vaults_here(account, region).values()
        return next((vault.seen[arn] for vault in vaults if arn in vault.seen), None)

    def make_vault(
        self,
        account: str,
        region: str,
        name: str,
        given: Mapping[str, Any] | None = None,
        *,
        implied: bool = False,
    ) -> Vault:
        """Make a vault; its name is free, nothing is told of it.

        Args:
            account: where it lies.
            region: where it lies.
            name: its name.
            given: what was said of it; its creation is now unless that is among it.
            implied: whether nobody asked for it, but something lies in it.
        """
        now = clock.now()
        # Of its own: when vaults are derived must not change the ids of jobs seeded later.
        self._vaults += 1
        place = defaults.Place(account, region, self._vaults, now, now)
        made = Vault(account, region, vault_members(place, name, given or {}))
        made.organization, made.number, made.implied = self, place.number, implied
        self.vaults.here(account, region)[name] = made
        return made

    def _warn_of_history(self, jobs: Iterable[Job]) -> None:
        limit, reach = self.options.history, self.options.reach
        if limit is None or reach is None or self.options.history_is_given:
            return
        oldest = clock.now() - reach
        old = [job for job in jobs if job.kind.limited and job.members[job.kind.created] < oldest]
        if old:
            one = len(old) == 1
            which = f"{old[0].id} is" if one else f"{len(old)} jobs are"
            operation = "List" + old[0].kind.listed
            errors.warn(
                f"{which} more than {limit.days} days old, and AWS's {operation} reaches back no "
                f"further, so {'it' if one else 'they'} will not be listed. "
                f"{'It is' if one else 'They are'} added all the same and Describe answers "
                f"{'it' if one else 'them'}. To list {'it' if one else 'them'}, freeze the time "
                f"near {'its' if one else 'their'} creation or pass history=None (or another "
                f"timedelta); an explicit history silences this."
            )


def _ages(job: Job) -> bool:
    """Tell whether what a job leaves has a lifecycle."""
    return any(name in job.members for name in _LIFECYCLES)


_LIFECYCLES = ("RecoveryPointLifecycle", "DestinationRecoveryPointLifecycle")
_PATIENCE = 1000
_ENDLESS = (
    "A wait loop has been told the same unfinished state {count} times: {job!r}. Nothing moves it "
    "(its progress is {mode!r}). Move it in the test, by job.complete() or job.fail(); let it move "
    "by itself, by job.progress = 'polls' or mock_backup(progress='polls'); or, where it moves by "
    "the clock, let time pass."
)


class Caller(NamedTuple):
    """Who asks, and for what.

    Attributes:
        organization: what there is.
        account, region: of the client.
        operation: the operation's AWS name.
    """

    organization: Organization
    account: str
    region: str
    operation: str
