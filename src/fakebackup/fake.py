"""FakeBackup: the object by which tests seed AWS Backup and look at it."""

from __future__ import annotations

import contextlib
import copy
import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from fakebackup import clock, errors, factories, faults, hook, options
from fakebackup.calls import Calls
from fakebackup.dispatch import Backend
from fakebackup.model.engine import seeding
from fakebackup.model.jobs import kinds
from fakebackup.model.jobs.job import Job
from fakebackup.model.resources.arns import EVERYWHERE, Scope
from fakebackup.model.vaults.store import vault_position

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from fakebackup.by_hand import Answerer
    from fakebackup.factories import Factory, Group
    from fakebackup.faults import When
    from fakebackup.model.events.bus import Event, Handler
    from fakebackup.model.events.notices import Notification
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.shapes.literals import ErrorCode, Operation
    from fakebackup.model.shapes.series import (
        BackupJobSeries,
        CopyJobSeries,
        ReportJobSeries,
        RestoreJobSeries,
        ScanJobSeries,
    )
    from fakebackup.model.shapes.typed import (
        BackupJobMembers,
        BackupJobOutcome,
        CopyJobMembers,
        CopyJobOutcome,
        IndexOutcome,
        RecoveryPointMembers,
        ReportJobMembers,
        ReportJobOutcome,
        RestoreJobMembers,
        RestoreJobOutcome,
        ScanJobMembers,
        ScanJobOutcome,
        VaultMembers,
    )
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault
    from fakebackup.options import OptionValues
    from fakebackup.views import JobsView, RecordsView, Shown

T = TypeVar("T")
Listener = TypeVar("Listener", bound="Handler")

_NOT_STARTED = (
    "This FakeBackup is not active yet: use it inside `with mock_backup() as backup:`, "
    "`with FakeBackup() as backup:`, after .start(), or as the fixture fake_backup."
)
_ENDED = (
    "This FakeBackup has ended: what it held is gone with the block, test or stop() that "
    "ended it. Look at it before, or keep it active longer."
)

_ended: list[FakeBackup] | None = [] if "fakebackup.plugin" in sys.modules else None
"""The fakes that ended during the present test, for its report; None without the plugin."""


_failures: list[BaseException] = []
"""The exceptions that failed the present test so far, for fakes that stop after it."""


def note_failure(error: BaseException | None, *, first: bool) -> None:
    """Note the exception that failed the present test, if one did.

    Args:
        error: the exception.
        first: whether the test has only begun, so that earlier ones are another run's.
    """
    if first:
        _failures.clear()
    if error is not None:
        _failures.append(error)


def refuse_leftovers(fake: FakeBackup | None = None, *, failed: bool = False) -> None:
    """Refuse what the present test, which ends, left over, where `leftovers` is "error".

    Args:
        fake: the test's fake; None is all that were made for it and are active.
        failed: whether the test has failed already: then a warning is all.

    Raises:
        FakeBackupError: it left something over, and has not failed.
    """
    for each in hook.active() if fake is None else [fake]:
        if each.backend.of_one_test and each.backend.options.leftovers == "error":
            _tell_leftovers(each.backend, raising=not failed and not _failures)


def _tell_leftovers(backend: Backend, *, raising: bool) -> None:
    """Tell what is left over, as the option `leftovers` says; once."""
    how = backend.options.leftovers
    if backend.leftovers_told or how == "ignore" or not backend.has_leftovers():
        return
    backend.leftovers_told = True
    from fakebackup.report import leftovers

    text = leftovers.summary(backend)
    if how == "error" and raising:
        msg = f"{text} The option leftovers='ignore' lets that pass, 'warn' warns of it."
        raise errors.FakeBackupError(msg)
    errors.warn(text, raising=False)


def used(*, forget: bool = False) -> list[FakeBackup]:
    """Return the fakes of the present test: those that ended during it, and those active.

    Args:
        forget: whether to drop those that ended, since the next test begins.
    """
    ended = _ended or []
    found = [*ended, *(each for each in hook.active() if isinstance(each, FakeBackup))]
    if forget:
        ended.clear()
        _failures.clear()
    return list({id(each): each for each in found}.values())


class FakeBackup:
    """AWS Backup inside the process: seed it, run the code under test, look at it.

    It answers from ``start()`` to ``stop()``, or inside a ``with`` block. `mock_backup` and
    the pytest fixture ``fake_backup`` make one; `at` shows the same one in another account or
    Region.
    """

    def __init__(self, **values: Unpack[OptionValues]) -> None:
        """Make a fake that is not active yet.

        Args:
            values: the options, by name; `mock_backup` lists them, each with its default.

        Raises:
            TypeError: an option that does not exist, or a value of the wrong type.
            ValueError: a value that cannot be meant.
        """
        checked = options.Options.read(values, "FakeBackup()")
        self.backend = Backend(checked)
        self.backend.organization.inactive_because = _NOT_STARTED
        self._account = checked.account_id
        self._region: str | None = None
        self._scope = EVERYWHERE
        self._root = self

    # --- Activation -------------------------------------------------------------------------

    def start(self) -> Self:
        """Begin to answer calls, and return the fake.

        Raises:
            FakeBackupError: the fake has ended.
        """
        organization = self.backend.organization
        if organization.inactive_because == _ENDED:
            raise errors.FakeBackupError(_ENDED)
        hook.activate(self._root)
        organization.inactive_because = None
        return self

    def stop(self, error: BaseException | None = None) -> None:
        """Undo one `start`; with the last one undone, end the fake.

        Args:
            error: the exception that ended the block, if one did: a refusal that led to it is
                not reported as swallowed by the code under test.

        Raises:
            FakeBackupError: by the option ``leftovers="error"`` alone: an injected failure, an
                outcome or an answer by hand is left over, and no exception ended the block or
                failed the test.
        """
        if not hook.deactivate(self._root):
            return
        organization = self.backend.organization
        if organization.inactive_because is not None:
            return
        organization.inactive_because = _ENDED
        if _ended is not None:
            _ended.append(self._root)
        failed = next(reversed(_failures), None) if error is None else error
        swallowed = self._swallowed(failed) if self.backend.refusals else []
        if swallowed:
            count = f"{len(swallowed)} calls were" if len(swallowed) > 1 else "A call was"
            texts = [str(each).splitlines() for each in swallowed]
            names = errors.few(lines[0].rstrip(".") for lines in texts)
            errors.warn(
                f"{count} refused as not faked, and the code under test caught the "
                f"OperationNotFaked: {', '.join(names)}. To answer it yourself in this test, "
                f"type {texts[0][-1].strip()}",
                raising=False,
            )
        _tell_leftovers(self.backend, raising=failed is None)

    def _swallowed(self, error: BaseException | None) -> list[errors.OperationNotFaked]:
        from fakebackup.report import leftovers

        return leftovers.swallowed(self.backend, error)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop(error)

    if not TYPE_CHECKING:  # for a type checker, an attribute that does not exist stays one

        def __setattr__(self, name: str, value: object) -> None:
            """Refuse an option that is set as an attribute, which would change nothing."""
            if name in options.OptionValues.__annotations__:
                msg = (
                    f"{name} is an option, given when a fake is made: mock_backup({name}=...) or "
                    f"@pytest.mark.fake_backup({name}=...)."
                )
                if name == "progress":
                    msg += " For one job, set job.progress."
                elif name in ("region", "account_id"):
                    msg += f" To seed and read another one, use backup.at({name}=...)."
                raise AttributeError(msg, name=name, obj=self)
            super().__setattr__(name, value)

    # --- Account and Region -----------------------------------------------------------------

    @property
    def account_id(self) -> str:
        """The id of the account that this fake, or this view of it, seeds and reads."""
        return self._account

    @property
    def region(self) -> str:
        """The Region that this fake, or this view of it, seeds and reads."""
        return self._region or self.backend.region

    def at(self, *, account_id: str | None = None, region: str | None = None) -> Self:
        """Return a view of the same fake that seeds and reads another account or Region.

        What the view does is limited to the account, the Region or both that it was given: only
        their calls, jobs, events and notifications are what its `fail`, `next_outcome` and
        `answer` hit, and what its `calls`, `events` and `notifications` show. On the fake itself
        these are for every account and Region.

        Args:
            account_id: the account; None is the present one.
            region: the Region; None is the present one.

        Raises:
            TypeError, ValueError: not an account id, or not the name of a Region.
        """
        view = copy.copy(self)
        if account_id is not None:
            options.account_id("account_id", account_id)
            view._account = account_id  # noqa: SLF001  a copy of this one
        if region is not None:
            options.region("region", region)
            view._region = region  # noqa: SLF001  a copy of this one
        view._scope = Scope(account_id or self._scope.account, region or self._scope.region)  # noqa: SLF001
        return view

    @contextlib.contextmanager
    def acting_as(self, account_id: str) -> Iterator[Self]:
        """Make clients whose credentials name no account act in one, process-wide.

        It is about clients alone: inside the block, too, seeding by the fake itself goes to the
        fake's own account. ``as`` gives the view of the account, as `at` does: seed by that
        what the clients are to see.

        Args:
            account_id: the account.

        Raises:
            TypeError, ValueError: not an account id.
            FakeBackupError: the fake is not active.
        """
        backend = self.backend
        backend.organization.check()
        options.account_id("account_id", account_id)
        # A string of its own, so that blocks that overlap each remove their own.
        entry = "".join(account_id)
        with backend.organization.working():
            backend.acting = (*backend.acting, entry)
        try:
            yield self.at(account_id=account_id)
        finally:
            with backend.organization.lock:
                backend.acting = tuple(each for each in backend.acting if each is not entry)

    # --- Seeding ----------------------------------------------------------------------------

    def add_backup_job(self, **members: Unpack[BackupJobMembers]) -> Job:
        """Add a backup job.

        Args:
            members: as AWS spells them. What is left out gets a default that agrees with the
                rest; None leaves a member out. A member AccountId decides the account, the ARN
                of its vault (of a copy job, of its source) the Region, and the account if there
                is no AccountId. Dates are datetimes (naive ones in UTC), ISO 8601 strings or
                seconds since 1970, kept in milliseconds. Sizes are in bytes.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the member's enum, an invalid date, completion before
                creation, an id that is taken. Nothing is added then.
            FakeBackupError: the fake is not active.
        """
        return self._add_one(factories.backup_job, members)

    def add_copy_job(self, **members: Unpack[CopyJobMembers]) -> Job:
        """Add a copy job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(factories.copy_job, members)

    def add_restore_job(self, **members: Unpack[RestoreJobMembers]) -> Job:
        """Add a restore job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(factories.restore_job, members)

    def add_scan_job(self, **members: Unpack[ScanJobMembers]) -> Job:
        """Add a malware scan job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(factories.scan_job, members)

    def add_report_job(self, **members: Unpack[ReportJobMembers]) -> Job:
        """Add a report job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(factories.report_job, members)

    def add_backup_jobs(self, count: int, **members: Unpack[BackupJobSeries]) -> list[Job]:
        """Add many backup jobs, all or none.

        Args:
            count: how many.
            members: as for `add_backup_job`; besides, a list or tuple is cycled through, and a
                callable takes the index (0, 1, ...) and returns the value.

        Raises:
            TypeError, ValueError: as `add_backup_job`; the message names the entry.
            FakeBackupError: the fake is not active.
        """
        return self._add_many(factories.backup_job, count, members)

    def add_copy_jobs(self, count: int, **members: Unpack[CopyJobSeries]) -> list[Job]:
        """Add many copy jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(factories.copy_job, count, members)

    def add_restore_jobs(self, count: int, **members: Unpack[RestoreJobSeries]) -> list[Job]:
        """Add many restore jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(factories.restore_job, count, members)

    def add_scan_jobs(self, count: int, **members: Unpack[ScanJobSeries]) -> list[Job]:
        """Add many scan jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(factories.scan_job, count, members)

    def add_report_jobs(self, count: int, **members: Unpack[ReportJobSeries]) -> list[Job]:
        """Add many report jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(factories.report_job, count, members)

    def add_vault(self, **members: Unpack[VaultMembers]) -> Vault:
        """Add a backup vault.

        Args:
            members: as AWS spells them, those that DescribeBackupVault and ListBackupVaults
                show, and ``Tags``. What is left out gets a default: the name is a numbered
                one, the vault is locked where a lock's member is given. None leaves a member
                out. BackupVaultArn decides account, Region and name. NumberOfRecoveryPoints
                counts recovery points that are in the vault besides those of the fake. A vault
                that exists only because seeded jobs or recovery points lie in it gets these
                members; its recovery points stay.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the member's enum, an invalid date, a name that is
                taken or invalid, an invalid ARN. Nothing is added then.
            FakeBackupError: the fake is not active.
        """
        return seeding.add_vault(self._store, members)

    def add_recovery_point(self, **members: Unpack[RecoveryPointMembers]) -> RecoveryPoint:
        """Add a recovery point.

        Args:
            members: as AWS spells them, those that DescribeRecoveryPoint and
                ListRecoveryPointsByBackupVault show, and ``Tags``. What is left out gets a
                default; None leaves a member out. BackupVaultName (or BackupVaultArn, which
                decides account and Region, too) names its vault, "Default" by default; a
                missing one is created. A recovery point that a seeded job has left in that vault
                gets these members. With ``progress="clock"`` its Lifecycle ages it.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the member's enum, an invalid date, completion before
                creation, an ARN that is taken, a VaultType that is not the vault's. Nothing is
                added then.
            FakeBackupError: the fake is not active.
        """
        return seeding.add_point(self._store, members)

    def add_resource(self, arn: str, tags: Mapping[str, str] | None = None) -> None:
        """Add a resource of this account and Region that backup plans may select.

        A selection by the whole ARN of a resource works without it; one by tags or wildcards
        selects among the resources that were added.

        Args:
            arn: the resource's ARN, which shows its type. An ARN that was added before gets the
                new tags.
            tags: its tags; None for none.

        Raises:
            TypeError: tags that are no dict of strings.
            ValueError: an ARN of no resource type that AWS Backup protects.
            FakeBackupError: the fake is not active.
        """
        seeding.add_resource(self._store, arn, tags)

    def _add_one(self, factory: Factory, members: Mapping[str, Any]) -> Job:
        self.backend.organization.check()
        job = factory(**members)
        self._add([job], batch=False)
        return job

    def _add_many(self, factory: Factory, count: int, members: Mapping[str, Any]) -> list[Job]:
        self.backend.organization.check()
        with _uncollected():
            jobs = factories.batch(factory, count, **members)
            self._add(jobs, batch=True)
        return jobs

    def _add(self, jobs: list[Job], *, batch: bool) -> None:
        name = "Entry {} (counted from 0)".format if batch else None
        seeding.add_jobs(self._store, jobs, name=name)

    @overload
    def add(self, what: T, /) -> T: ...
    @overload
    def add(self, *what: Job | Group | Iterable[Any]) -> list[Any]: ...
    def add(self, *what: Any) -> Any:
        """Add jobs that factories built, all or none.

        Args:
            what: jobs, groups, and iterables of them.

        Returns:
            The argument (an iterator as a list), or a list of several arguments.

        Raises:
            TypeError: an argument that no factory built.
            ValueError: a job that is in a fake already, or cannot be added.
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        given = [list(each) if isinstance(each, Iterator) else each for each in what]
        jobs = list(_flat(given))
        self._add(jobs, batch=len(jobs) > 1)
        return given[0] if len(given) == 1 else given

    def load(self, source: str | PathLike[str] | Mapping[str, Any]) -> list[Job]:
        """Seed recorded jobs exactly, so that no member is added; or fill the fake with a dump.

        Args:
            source: the JSON that ``aws backup list-backup-jobs`` or a sibling prints, as a
                dict or as the path of a file. A member AccountId decides an entry's account;
                the Region is this view's. Or what `dump` returned or wrote, which says itself
                where everything lies.

        Returns:
            The jobs, in their order.

        Raises:
            TypeError, ValueError: another document, or an invalid entry; the message names its
                position, and nothing is added. A dump, and the fake holds something already.
            OSError: the file cannot be read.
            FakeBackupError: the fake is not active.
        """
        from fakebackup import loading

        self.backend.organization.check()
        document = loading.document_of(source)
        if "fakebackup" in document:
            return self._load_dump(document)
        entries = loading.read(document)
        jobs = [job for _, job in entries]
        seeding.add_jobs(self._store, jobs, name=lambda at: entries[at][0])
        return jobs

    def _load_dump(self, document: Mapping[str, Any]) -> list[Job]:
        from fakebackup.documents import dump

        organization = self.backend.organization
        with organization.working(), _uncollected():
            dump.restore(self, document)
            return list(organization.jobs.by_id.values())

    def dump(self, path: str | PathLike[str] | None = None) -> dict[str, Any]:
        """Return all that the fake holds, every account and Region, as one JSON document.

        `load` fills a fresh fake with it, which then answers every read alike and goes on
        alike. Calls, events, notifications, failures and answers by hand are a test's, and no
        part of it. On a view it is the whole fake's, too.

        Args:
            path: the path of a file to write it to, as UTF-8; None writes none. A file that is
                there is replaced, when the new one is whole.

        Returns:
            The document: plain JSON values, nothing of which the fake uses further.

        Raises:
            OSError: the file cannot be written.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.documents import dump

        with self.backend.organization.working(), _uncollected():
            document = dump.dump(self)
        if path is not None:
            dump.write(path, document)
        return document

    def run_plan(self, plan_id: str, rule_name: str | None = None) -> list[Job]:
        """Run a backup plan now, regardless of its schedules.

        Its jobs are as if the clock had reached the rule's time. They move by the option
        `progress`, and end as `next_outcome` says for StartBackupJob, their copies for
        StartCopyJob. With ``progress="clock"`` plans run by themselves, too, at their times.

        Args:
            plan_id: the id of a plan of this account and Region.
            rule_name: the name of one of its rules; None runs all.

        Returns:
            The backup jobs that it started: one for each rule and resource that the plan's
            selections name (of a composite one, the parent). None are started where nothing is
            selected, which is a `FakeBackupWarning`: resources are named by their whole ARN, or
            added by `add_resource`.

        Raises:
            ValueError: no such plan, or no such rule in it.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.model.engine import runs

        organization = self.backend.organization
        with organization.working():
            return runs.run(self._store, plan_id, rule_name, clock.now())

    # For type checkers; an argument that is for every operation stands in each of them.
    @overload
    def next_outcome(
        self, operation: Literal["StartBackupJob"], **members: Unpack[BackupJobOutcome]
    ) -> None: ...
    @overload
    def next_outcome(
        self, operation: Literal["StartCopyJob"], **members: Unpack[CopyJobOutcome]
    ) -> None: ...
    @overload
    def next_outcome(
        self, operation: Literal["StartRestoreJob"], **members: Unpack[RestoreJobOutcome]
    ) -> None: ...
    @overload
    def next_outcome(
        self, operation: Literal["StartScanJob"], **members: Unpack[ScanJobOutcome]
    ) -> None: ...
    @overload
    def next_outcome(
        self, operation: Literal["StartReportJob"], **members: Unpack[ReportJobOutcome]
    ) -> None: ...
    @overload
    def next_outcome(
        self,
        operation: Literal["UpdateRecoveryPointIndexSettings"],
        **members: Unpack[IndexOutcome],
    ) -> None: ...
    def next_outcome(
        self,
        operation: str,
        *,
        ResourceArn: str | None = None,
        times: int = 1,
        **members: Any,
    ) -> None:
        """Choose how the next job ends that the code under test starts; several queue up.

        Jobs that a backup plan starts count as started by StartBackupJob and StartCopyJob. On a
        view it is for the next job of the account and Region that `at` was given.

        Args:
            operation: the operation that starts it: StartBackupJob, StartCopyJob, StartRestoreJob,
                StartScanJob or StartReportJob; or UpdateRecoveryPointIndexSettings, for the
                index that it makes, which has an IndexStatus (ACTIVE or FAILED) and an
                IndexStatusMessage.
            ResourceArn: only a job of this resource (for a copy, restore or scan: of the
                resource that the recovery point is of; for a report: the report plan).
            times: how many jobs it is for, one after the other.
            members: its final State (or Status), and other members it then has, such as
                StatusMessage and MessageCategory. PARTIAL is how AWS ends composite jobs; the
                next job ends so, composite or not, unless ResourceArn chooses another one. In
                an unfinished State, as RUNNING, the job stays until the test moves it (or a
                stop), whatever the option `progress` is.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: another operation; a member that is settled when the job starts, as its
                id and its vault; a state in which such a job neither ends nor stays; PARTIAL
                for a ResourceArn of a type that no composite job is of; times that are no whole
                number from 1.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.model.engine import outcomes

        with self.backend.organization.working():
            chosen = outcomes.read(operation, members, ResourceArn, times, self._scope)
            chosen = replace(chosen, since=len(self.backend.calls))
            self.backend.organization.outcomes.append(chosen)

    def fail(  # noqa: PLR0913  each is an option of its own, by name
        self,
        operation: Operation | Literal["*"],
        *,
        code: ErrorCode = "ThrottlingException",
        message: str | None = None,
        status: int | None = None,
        times: int | None = None,
        after: int = 0,
        when: When | None = None,
        whole_call: bool = False,
        every: int | None = None,
        probability: float | None = None,
        seed: int = 0,
    ) -> None:
        """Make coming HTTP attempts fail the way AWS fails, so that the client may retry.

        To fail always, pass ``every=1``: each attempt fails until the fake ends. Several
        failures queue up. They go over the wire, whatever the option `transport` is. On a view
        they hit the calls of the account and Region that `at` was given.

        Args:
            operation: AWS's name of the operation; "*" is every one, or with an error that
                operations declare every one that declares it.
            code: an error that the operation declares; one of the service's front
                (ThrottlingException, AccessDeniedException, InternalServerError,
                ServiceUnavailable); one of botocore's for the network (EndpointConnectionError,
                ConnectTimeoutError, ReadTimeoutError, ConnectionClosedError); or TruncatedBody.
            message: its text; AWS's usual one if None.
            status: its HTTP status; AWS's usual one if None.
            times: how many attempts it hits; None is one, or without end with `every` or
                `probability`: ``every=1`` alone fails always.
            after: how many matching attempts pass before the first hit.
            when: only calls with these parameters: a dict of some, or a callable that takes
                all and returns whether to hit the call.
            whole_call: whether it hits every attempt of a call that it hits, so that retrying
                does not help.
            every: it hits every n-th matching attempt.
            probability: how likely it hits an attempt, from 0 to 1; drawn from `seed`.
            seed: the seed of the draws; the same one gives the same failures.

        Raises:
            TypeError: a `when` that is neither, or a `seed` that is no whole number.
            ValueError: no such operation or failure, or a number that is out of bounds.
            FakeBackupError: the fake is not active.
        """
        endless = every is not None or probability is not None
        with self.backend.organization.working():
            fault = faults.read(
                operation,
                code=code,
                message=message,
                status=status,
                times=1 if times is None and not endless else times,
                after=after,
                when=when,
                whole_call=whole_call,
                every=every,
                probability=probability,
                seed=seed,
                scope=self._scope,
                since=len(self.backend.calls),
            )
            self.backend.faults.add(fault)

    def answer(self, operation: Operation, how: Mapping[str, Any] | Answerer | None) -> None:
        """Answer an operation by hand, faked or not.

        On a view it answers the calls of the account and Region that `at` was given.

        Args:
            operation: AWS's name of the operation.
            how: the members of the answer; or a callable that takes the parameters and returns
                them; None removes earlier answers. Where several are for a call, the last one
                given answers it.

        Raises:
            TypeError, ValueError: no such operation, or members that do not fit its output;
                the members that a callable returns are checked when it is called.
            FakeBackupError: the fake is not active.
        """
        with self.backend.organization.working():
            self.backend.by_hand.add(operation, how, self._scope)

    def remove(self, job: Any, /) -> None:
        """Remove a job, as if it had never existed.

        Raises:
            TypeError: not a job.
            ValueError: the job is not in this fake.
            FakeBackupError: the fake is not active.
        """
        if not isinstance(job, Job):
            msg = f"remove() takes a job, as add_backup_job() returns it, not {errors.quoted(job)}."
            raise TypeError(msg)
        seeding.remove(self.backend.organization, job)

    def reset(self) -> None:
        """Clear all accounts and Regions: jobs, calls, events, their handlers, counted numbers.

        Raises:
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        self.backend.clear()

    # --- Contents, calls and events ---------------------------------------------------------

    @property
    def backup_jobs(self) -> JobsView:
        """The backup jobs of this account and Region, by id."""
        return self._view(kinds.BACKUP)

    @property
    def copy_jobs(self) -> JobsView:
        """The copy jobs of this account and Region, by id."""
        return self._view(kinds.COPY)

    @property
    def restore_jobs(self) -> JobsView:
        """The restore jobs of this account and Region, by id."""
        return self._view(kinds.RESTORE)

    @property
    def scan_jobs(self) -> JobsView:
        """The scan jobs of this account and Region, by id."""
        return self._view(kinds.SCAN)

    @property
    def report_jobs(self) -> JobsView:
        """The report jobs of this account and Region, by id."""
        return self._view(kinds.REPORT)

    @property
    def vaults(self) -> RecordsView[Vault]:
        """The backup vaults of this account and Region, by name, those of seeded jobs included."""
        return self._records(
            "vault",
            lambda store: sorted(store.vaults, key=vault_position),
            lambda vault: vault.name,
        )

    @property
    def recovery_points(self) -> RecordsView[RecoveryPoint]:
        """The recovery points of this account and Region, by ARN, those of seeded jobs included."""
        return self._records(
            "recovery point", lambda store: store.vaults.points(), lambda point: point.arn
        )

    def _records(
        self, what: str, find: Callable[[Store], list[Shown]], name: Callable[[Shown], str]
    ) -> RecordsView[Shown]:
        organization = self.backend.organization
        organization.check()
        from fakebackup.views import RecordsView

        return RecordsView(organization, self._store.home, what, find, name)

    @property
    def resources(self) -> dict[str, dict[str, str]]:
        """The resources that `add_resource` added to this account and Region: tags by ARN; a copy.

        Raises:
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        return {arn: dict(tags) for arn, tags in self._store.resources.items()}

    def _view(self, kind: Kind) -> JobsView:
        self.backend.organization.check()
        from fakebackup.views import JobsView

        return JobsView(self.backend.organization, self._store.home, kind)

    @property
    def _store(self) -> Store:
        return self.backend.organization.store(self._account, self.region)

    @property
    def calls(self) -> Calls:
        """The calls that the code under test made, in order, in every account and Region.

        On a view, those of the account and Region that `at` was given.

        Raises:
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        return Calls(self.backend.calls, self._scope)

    @property
    def events(self) -> list[Event]:
        """The events that EventBridge delivered, in order, of every account and Region; copies.

        On a view, those of the account and Region that `at` was given.
        Only new events are copied: two readings share the copies that nobody changed.
        Seeding emits no events, nor does a refused operation. Where AWS's examples leave a
        member of an event open, the option `event_readings` chooses.

        Raises:
            FakeBackupError: the fake is not active.
        """
        organization = self.backend.organization
        organization.check()
        organization.catch_up()
        with organization.lock:
            emitted = organization.bus.emitted()
        if self._scope == EVERYWHERE:
            return emitted
        return [each for each in emitted if self._scope.has(each["account"], each["region"])]

    def on_event(self, handler: Listener) -> Listener:
        """Register a handler that is called with every coming event, of every account and Region.

        Works as a decorator, too. Events are delivered one after the other, in order, when the
        call or the move that causes them is done with the model: a handler may use clients and
        move jobs, and the events that this causes come after it. An exception of a handler is
        raised where the first of these events was caused, when all are delivered; the first
        exception wins. Where several threads cause events at a time, one of them calls the
        handlers.

        Args:
            handler: called as ``handler(event, context)``, as AWS Lambda calls it.

        Returns:
            The handler.

        Raises:
            TypeError: the handler cannot be called, or is a coroutine function.
            FakeBackupError: the fake is not active.
        """
        import inspect

        given: object = handler
        if not callable(given) or inspect.iscoroutinefunction(given):
            msg = (
                f"on_event() takes a function handler(event, context), not {errors.quoted(given)}."
            )
            raise TypeError(msg)
        organization = self.backend.organization
        organization.check()
        # Events that are due go to the handlers that were added before.
        with organization.working():
            organization.bus.handlers.append(handler)
        return handler

    @property
    def notifications(self) -> list[Notification]:
        """The vaults' notifications that SNS delivered, in order, of every account and Region.

        On a view, those of vaults of the account and Region that `at` was given.
        Each is a record as AWS Lambda gets it: ``handler({"Records": [record]}, context)``.

        Raises:
            FakeBackupError: the fake is not active.
        """
        organization = self.backend.organization
        organization.check()
        organization.catch_up()
        with organization.lock:
            copies = organization.notification_copies.of(organization.notifications)
            homes = list(organization.notification_homes)
        return [each for each, home in zip(copies, homes, strict=True) if self._scope.has(*home)]

    def __repr__(self) -> str:
        # The configured Region is not read just for this.
        region = self._region or self.backend.options.region or "configured region"
        return f"<FakeBackup at {self._account} {region}>"


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector: while many jobs are made it would run often and find nothing."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _flat(given: Any) -> Iterator[Job]:
    # What is open, the outermost first: no recursion, since lists may lie deep in each other.
    opened, reading = {id(given): given}, [iter(given)]
    while reading:
        for each in reading[-1]:
            if isinstance(each, Job):
                yield each
            elif isinstance(each, Iterable) and not isinstance(each, (str, bytes, Mapping)):
                if id(each) in opened:
                    msg = f"add() takes no {type(each).__name__} that holds itself."
                    raise ValueError(msg)
                opened[id(each)] = each
                reading.append(iter(each))
                break
            else:
                msg = (
                    f"add() takes jobs that a factory built, groups and iterables of them, "
                    f"not {errors.quoted(each)}. To seed members, call add_backup_job(**members)."
                )
                raise TypeError(msg)
        else:
            opened.popitem()
            reading.pop()
