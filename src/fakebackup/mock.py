"""mock_backup: a decorator, a context manager, and start and stop."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeVar, overload

from fakebackup import hook
from fakebackup.errors import FakeBackupError, quoted
from fakebackup.fake import FakeBackup
from fakebackup.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import ParamSpec, Unpack

    from fakebackup.options import OptionValues

    P = ParamSpec("P")

C = TypeVar("C", bound=type)
R = TypeVar("R")


@overload
def mock_backup(target: C, /) -> C: ...
@overload
def mock_backup(target: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def mock_backup(**values: Unpack[OptionValues]) -> MockBackup: ...
def mock_backup(target: Any = None, /, **values: Unpack[OptionValues]) -> Any:
    """Answer calls of AWS Backup by a fake: in a test, a fixture, a class or a block.

    As ``@mock_backup`` or ``@mock_backup(...)`` it decorates a function, a coroutine function,
    a generator fixture (below ``@pytest.fixture``), a ``TestCase`` or a plain test class, each
    of whose test methods gets a fresh fake, those of nested classes included.
    ``with mock_backup() as backup:`` gives the `FakeBackup`; ``mock_backup().start()`` too, until
    ``stop()``.

    Without options, inside an active fake, it joins that one; with options it is a fake of
    its own until it is left.

    Args:
        target: the function or class that is decorated.
        values: the options, by name. They are, each with its default:

            account_id ("123456789012"): the account of the fake, and of clients that name none.
            region (the configured one, else "us-east-1"): the Region of seeding, and of a client
                made without one while the fake is active.
            management_account (the fake's own): the id, or ids, that see the organisation,
                which is every account of the fake; None is no organisation.
            history (timedelta(days=30)): how far back the lists of backup and scan jobs reach, and
                how long copy jobs are kept after their end; None is no limit.
            count_today (True): whether summaries count the present UTC day; AWS does not.
            page_size (1000): items in a page of a list without MaxResults, 1 to 1000.
            summed_as ("AGGREGATE_ALL"): the value in a summary row of a member that it sums
                over; None leaves the member out.
            history_everywhere (False): whether `history` limits the lists of restore and report
                jobs, too.
            refuse_foreign_accounts (False): whether a member account that lists another
                account's jobs gets AccessDeniedException; else an empty list.
            progress ("polls"): what moves the jobs that the code under test starts: "polls",
                "immediate", "clock" or "manual".
            durations (CREATED, PENDING 1 min, RUNNING, DELETING 10 min, ABORTING 1 s): timedeltas
                by state, for progress "clock"; states left out keep the default.
            default_vault (False): whether every account and Region has the vault Default.
            hide_missing_vaults (False): whether a missing vault that is not named in the path,
                as of StartBackupJob, is AccessDeniedException, as it always is in a path; else
                ResourceNotFoundException.
            refuse_reused_tokens (False): whether an idempotency token that comes again with
                other parameters is refused; else it returns the first job.
            refuse_opted_out (False): whether StartBackupJob refuses a resource of a type that
                the account has opted out of; else it starts a job.
            refuse_renamed_plans (False): whether UpdateBackupPlan refuses another name; else
                the plan has it from then on.
            enforce_policies (False): whether the access policies of vaults decide calls; else
                they are kept and returned.
            enforce_cross_account (False): whether copies to another account need what AWS asks
                for: an organisation, the setting, a key and the permission of the vault.
            same_resource ("waits"): what a backup job does that finds another one running for its
                resource, and a copy job that finds one: "waits", "fails", or "together".
            quotas (AWS's): other numbers for some of AWS's quotas, by name;
                the guide `rules` has them.
            transport ("auto"): how answers reach the client: "direct" in the place of HTTP,
                "wire" as HTTP answers that botocore parses; "auto" is direct, but wire for the
                AWS CLI.
            retry_sleeps (False): whether the client really waits before it retries.
            network ("open"): "closed" makes a request of any other client, which nothing inside
                the process answers, a FakeBackupError instead of letting it leave this machine.
            beside (None): the mock of the rest of AWS that AWS Backup works with: "moto", or the
                URL of an emulator on this machine; see the guide `moto`.
            event_readings (none): one or several names of other readings of AWS's events;
                `fakebackup.options.EVENT_READINGS` has them.
            failure_report (True): whether pytest's report of a failing test has the section
                "fakebackup".
            leftovers ("warn"): what becomes at the end of an injected failure, a `next_outcome`
                and an `answer` that nothing asked for: "warn" is a `FakeBackupWarning`; with
                "error" the test fails, or the block raises, unless it has failed already;
                "ignore" is nothing.

    Raises:
        TypeError: an option that does not exist, a value of the wrong type, or something that
            cannot be decorated.
        ValueError: a value that cannot be meant.
    """
    made = MockBackup(values)
    return made if target is None else made(target)


def current() -> FakeBackup:
    """Return the active fake, the innermost if several are.

    Raises:
        FakeBackupError: none is active.
    """
    found = hook.top()
    if not isinstance(found, FakeBackup):
        msg = (
            "No fake is active here: decorate the test with @mock_backup, use "
            "`with mock_backup() as backup:`, or the pytest fixture fake_backup."
        ) + _outside()
        raise FakeBackupError(msg)
    return found


_AROUND_CLASSES = frozenset(
    {"setUpClass", "tearDownClass", "setup_class", "teardown_class"}
    | {"setUpModule", "tearDownModule", "setup_module", "teardown_module"}
)
"""The functions that test runners call outside of tests, and so outside of a test's fake."""


def _outside() -> str:
    """Return what to do where the present code runs outside of a test's fake."""
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_name in _AROUND_CLASSES:
            name = frame.f_code.co_name
            return (
                f" A decorated class has a fake around each test, from its setUp on, and none in "
                f"{name}: start one there by mock_backup(...).start(), and stop it."
            )
        frame = frame.f_back
    return ""


class MockBackup:
    """What `mock_backup` returns: it starts and stops fakes, as a block, by hand or around a test.

    One object may be used again, and again inside itself.
    """

    def __init__(self, values: OptionValues, *, fresh: bool = False) -> None:
        """Keep options for the fakes to come; users call `mock_backup`.

        Args:
            values: the options; checked at once, so that a mistake shows where it was made.
            fresh: whether every start makes a fake of its own, options or not.
        """
        self._values = values
        Options.read(values, "mock_backup()")
        self._fresh = fresh
        self._started: list[FakeBackup] = []

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={quoted(value)}" for name, value in self._values.items())
        return f"mock_backup({values})"

    def start(self) -> FakeBackup:
        """Start a fake, or join the active one, and return it."""
        joins = not self._values and not self._fresh and hook.top() is not None
        fake = current() if joins else FakeBackup(**self._values)
        if self._fresh:
            fake.backend.of_one_test = True
        self._started.append(fake.start())
        return fake

    def stop(self, error: BaseException | None = None) -> None:
        """Stop the fake that was started last, if any.

        Args:
            error: the exception that ended the block, if one did.

        Raises:
            FakeBackupError: by the option ``leftovers="error"`` alone, as `FakeBackup.stop`.
        """
        if self._started:
            self._started.pop().stop(error)

    def __enter__(self) -> FakeBackup:
        return self.start()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop(error)

    def copy(self, *, fresh: bool = False) -> MockBackup:
        """Return a new `MockBackup` with the same options, for one activation."""
        return MockBackup(self._values, fresh=fresh)

    @overload
    def __call__(self, target: C, /) -> C: ...
    @overload
    def __call__(self, target: Callable[P, R], /) -> Callable[P, R]: ...
    def __call__(self, target: Any, /) -> Any:
        """Decorate a function or a class.

        Raises:
            TypeError: it is neither, or a pytest fixture.
        """
        # Before pytest 8.4 a fixture was a function with this attribute.
        is_fixture = type(target).__name__ == "FixtureFunctionDefinition"
        if is_fixture or hasattr(target, "_pytestfixturefunction"):
            msg = "Put @mock_backup below @pytest.fixture, next to the function."
            raise TypeError(msg)
        if inspect.isclass(target):
            from fakebackup import classes

            return classes.decorate(self, target)
        if isinstance(target, staticmethod):
            msg = "Put @mock_backup below @staticmethod, next to the function."
            raise TypeError(msg)
        if not callable(target):
            msg = (
                f"mock_backup() takes its options by name, as in "
                f"mock_backup(region='eu-west-1'), and decorates functions and classes; "
                f"it was given {target!r}."
            )
            raise TypeError(msg)
        return _decorate_function(self, target)


def _decorate_function(mock: MockBackup, function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):
        return _decorate_async_generator(mock, function)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with mock.copy():
                return await function(*args, **kwargs)

        return coroutine
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            with mock.copy():
                return (yield from function(*args, **kwargs))

        return generator

    @functools.wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        with mock.copy():
            return function(*args, **kwargs)

    return plain


def _decorate_async_generator(mock: MockBackup, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def async_generator(*args: Any, **kwargs: Any) -> Any:
        with mock.copy():
            inner = function(*args, **kwargs)
            try:
                coming = inner.__anext__()
                while True:
                    value = await coming
                    # What is sent and what is raised goes on to the function's own yield.
                    try:
                        sent = yield value
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # noqa: BLE001  whatever it is
                        coming = inner.athrow(error)
                    else:
                        coming = inner.asend(sent)
            except StopAsyncIteration:
                return
            finally:
                await inner.aclose()

    return async_generator
