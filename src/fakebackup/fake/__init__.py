"""FakeBackup: the object by which tests seed AWS Backup and look at it."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

from fakebackup import clock, errors, hook, options
from fakebackup.dispatch import Backend
from fakebackup.fake import present
from fakebackup.fake.looking import Looking
from fakebackup.fake.placed import Instead
from fakebackup.fake.seeding import Seeding
from fakebackup.model.resources.arns import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from fakebackup.by_hand import Answerer
    from fakebackup.faults import When
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.shapes.literals import ErrorCode, Operation
    from fakebackup.model.shapes.typed import (
        BackupJobOutcome,
        CopyJobOutcome,
        IndexOutcome,
        ReportJobOutcome,
        RestoreJobOutcome,
        ScanJobOutcome,
    )
    from fakebackup.options import OptionValues
    from fakebackup.serve.server import Server

_NOT_STARTED = (
    "This FakeBackup is not active yet: use it inside `with mock_backup() as backup:`, "
    "`with FakeBackup() as backup:`, after .start(), or as the fixture fake_backup."
)
_ENDED = (
    "This FakeBackup has ended: what it held is gone with the block, test or stop() that "
    "ended it. Look at it before, or keep it active longer: a decorated fixture yields, and "
    "does not return."
)


class FakeBackup(Seeding, Looking):
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
        organization = self.backend.organization
        organization.inactive_because = _NOT_STARTED
        if checked.beside is not None:
            from fakebackup.beside.neighbour import Neighbour

            organization.neighbour = Neighbour(checked.beside, organization)
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
        region = self.backend.options.region
        if region is not None and region not in self.backend.regions:
            from fakebackup.model.resources import regions

            regions.check(self.backend.regions, region, "The option region names")
        _watch_forks()
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
        self._end_servers()
        if not hook.deactivate(self._root):
            return
        organization = self.backend.organization
        if organization.inactive_because is not None:
            return
        organization.inactive_because = _ENDED
        failed = present.note_ended(self._root, error)
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
        present.tell_leftovers(self.backend, raising=failed is None)

    def _end_servers(self) -> None:
        """End the fake's servers with its last activation.

        Before that: what they are about to answer may have handlers that call clients.
        """
        servers = sys.modules.get("fakebackup.serve.server")
        if servers is not None and hook.active().count(self._root) == 1:
            servers.end_servers(self.backend)

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

        jobs = Instead("backup_jobs", "copy_jobs", "restore_jobs", "scan_jobs", "report_jobs")
        add_job = Instead("add_backup_job(...)", "add_copy_job(...)", "add_restore_job(...)")
        add_jobs = Instead("add_backup_jobs(...)", "add_copy_jobs(...)", "add_restore_jobs(...)")
        backup_vaults, add_backup_vault = Instead("vaults"), Instead("add_vault(...)")
        plans, add_plan = Instead("backup_plans"), Instead("add_backup_plan(...)")
        selections, add_selection = (
            Instead("backup_selections"),
            Instead("add_backup_selection(...)"),
        )
        account = Instead("account_id", "at(account_id=...)")
        clear = Instead("reset()")
        tick, advance = (
            Instead(
                "backup_jobs[...].complete() and its siblings, for one job",
                besides="freezegun or time-machine, which mock_backup(progress='clock') follows,",
            )
            for _ in range(2)
        )
        off_event = Instead("savepoint(), at whose end the handlers of its block go,", "reset()")

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

    # --- What is to come --------------------------------------------------------------------

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
            TypeError: what is given is no id.
            ValueError: no such plan, or no such rule in it.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.model.engine import runs

        organization = self.backend.organization
        with organization.working():
            return runs.run(organization.store(*self._home), plan_id, rule_name, clock.now())

    def run_restore_testing_plan(self, name: str) -> list[Job]:
        """Run a restore testing plan now, regardless of its schedule.

        Its jobs are as if the clock had reached its time. They move by the option `progress`,
        and end as `next_outcome` says for StartRestoreJob. With ``progress="clock"`` plans run
        by themselves, too, at their times.

        Args:
            name: the name of a restore testing plan of this account and Region.

        Returns:
            The restore jobs that it started: one for each protected resource of each of its
            selections that has an eligible recovery point. None are started where there is
            none, which is a `FakeBackupWarning` that says why.

        Raises:
            ValueError: no such plan.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.model.engine.restore_testing import runs

        organization = self.backend.organization
        with organization.working():
            return runs.run(organization.store(*self._home), name, clock.now())

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
                id and its vault; a state in which such a job neither ends nor stays, or both a
                State and a Status; a completion before a creation that is given, too; PARTIAL for a
                ResourceArn of a type that no composite job is of; times that are no whole
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
                (ThrottlingException, AccessDeniedException, ExpiredTokenException,
                UnrecognizedClientException, IncompleteSignature, NotAuthorized, OptInRequired,
                RequestExpired, MalformedHttpRequestException, RequestAbortedException,
                RequestEntityTooLargeException, RequestTimeoutException,
                UnknownOperationException, ValidationError, InternalServerError,
                InternalFailure, ServiceUnavailable); one of botocore's for the network
                (EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError,
                ConnectionClosedError); or TruncatedBody.
            message: its text; AWS's usual one if None.
            status: its HTTP status; AWS's usual one if None.
            times: how many attempts it hits; None is one, or endless with `every`, `probability`.
            after: how many matching attempts pass before the first hit.
            when: only calls with these parameters: a dict of some, or a callable that takes
                all, inside the fake's lock, and returns whether to hit the call.
            whole_call: whether it hits every attempt of a call that it hits, so that retrying
                does not help.
            every: it hits every n-th matching attempt.
            probability: how likely it hits an attempt, from 0 to 1; drawn from `seed`.
            seed: the seed of the draws; the same one gives the same failures.

        Raises:
            TypeError: a `when` that is neither, or a coroutine function, or a `seed` that is no
                whole number.
            ValueError: no such operation or failure, a number that is out of bounds, or both
                `every` and `probability`.
            FakeBackupError: the fake is not active.
        """
        from fakebackup import faults

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
                them, or raises what the caller gets. The last one given counts; None removes all.

        Raises:
            TypeError, ValueError: no such operation, members that do not fit its output, or a
                coroutine function; what a callable returns is checked when it is called.
            FakeBackupError: the fake is not active.
        """
        with self.backend.organization.working():
            self.backend.by_hand.add(operation, how, self._scope)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[Self]:
        """Undo everything done inside a block, by tests or clients, at its end; also if it raises.

        It is of the whole fake, on a view too: all that the fake holds in every account and
        Region, `calls`, `events`, `notifications`, what `fail`, `next_outcome`, `answer` and
        `on_event` prepared, and counted numbers. The same jobs, vaults and recovery points lie
        in the fake again, as they were; a job added inside is removed. Blocks nest. Time is not
        undone: what is due by the clock at the end of the block is done again, afterwards.

        Raises:
            FakeBackupError: the fake is not active.
        """
        taken = self.backend.savepoint()
        try:
            yield self
        finally:
            taken.close()

    def serve(self, port: int = 0) -> Server:
        """Return a server that answers other processes and languages, for the length of a block.

        ``with backup.serve() as server:`` listens on 127.0.0.1, in threads of its own;
        ``server.environment()`` has the environment variables for a subprocess. Its calls are
        calls of this fake, and handlers of events run in the server's threads. What they raise,
        `EndlessWait` and `OperationNotFaked` are raised at the end of the block. If the fake ends
        before the block does, so does the server, and connections are refused. On a view the
        account and the Region that `at` was given are those of ``server.environment()``.

        Args:
            port: the port; 0 is any that is free.

        Raises:
            ValueError: a port that cannot be.
            FakeBackupError: the fake is not active; or, when the block begins, the port is taken.
        """
        self.backend.organization.check()
        from fakebackup.serve.server import Server

        return Server(self.backend, port, self._scope.account, self.region)

    def reset(self) -> None:
        """Clear all accounts and Regions: jobs, calls, events, their handlers, counted numbers.

        Raises:
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        self.backend.clear()

    def report(self, path: str | PathLike[str]) -> Path:
        """Write a page that shows what happened: one HTML file, which asks for nothing else.

        It has a timeline of the jobs, their counts by day and state, vaults and recovery points
        and what becomes of them, plans, calls, events, injected failures and leftovers. The guide
        `report` has the rest. On a view it shows the account and Region that `at` was given.

        Args:
            path: the file, which is replaced; its folder exists.

        Returns:
            The path.

        Raises:
            OSError: the file cannot be written.
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        from fakebackup.pages import files

        return files.write(self.backend, path, self._scope)

    def __repr__(self) -> str:
        # The configured Region is not read just for this.
        region = self._region or self.backend.options.region or "the configured Region"
        return f"<FakeBackup at {self._account} {region}>"


def _name_methods() -> None:
    """Name all methods as those of FakeBackup: Python's own messages name them so."""
    # The parts are private.
    for part in FakeBackup.__mro__[1:]:
        for name, method in vars(part).items():
            if inspect.isfunction(method):
                method.__qualname__ = f"FakeBackup.{name}"


_name_methods()


@functools.cache
def _watch_forks() -> None:
    """Let Python call us at each fork from now on: a child has none of its parent's threads."""

    def forks() -> Any:
        # Most processes never fork.
        from fakebackup.fake import forks

        return forks

    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(
            before=lambda: forks().before(),
            after_in_parent=lambda: forks().in_parent(),
            after_in_child=lambda: forks().in_child(),
        )
