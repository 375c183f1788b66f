"""mock_backup in all its forms: what is active where, and what leaving leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
import unittest
import warnings
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import pytest_asyncio

from fakebackup import (
    FakeBackup,
    FakeBackupError,
    FakeBackupWarning,
    OperationNotFaked,
    current,
    mock_backup,
)
from fakebackup.options import OptionValues

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

NO_FAKE = (
    "No fake is active here: decorate the test with @mock_backup, use "
    "`with mock_backup() as backup:`, or the pytest fixture fake_backup."
)
NOT_STARTED = (
    "This FakeBackup is not active yet: use it inside `with mock_backup() as backup:`, "
    "`with FakeBackup() as backup:`, after .start(), or as the fixture fake_backup."
)
ENDED = (
    "This FakeBackup has ended: what it held is gone with the block, test or stop() that "
    "ended it. Look at it before, or keep it active longer: a decorated fixture yields, and "
    "does not return."
)
OPTIONS = f"The options are {', '.join(sorted(OptionValues.__annotations__))}."


def answered() -> list[str]:
    """The ids of the backup jobs that a real client is told of."""
    jobs = boto3.client("backup").list_backup_jobs()["BackupJobs"]
    return [job["BackupJobId"] for job in jobs]


def nothing_is_active() -> bool:
    """Whether no fake answers."""
    try:
        current()
    except FakeBackupError:
        return True
    return False


@pytest.fixture(autouse=True)
def _not_faked(unfaked: Callable[..., None]) -> None:
    """The operations that stand here for those that are not faked."""
    unfaked("GetBackupPlan", "DeleteBackupPlan")


def refused() -> None:
    """Call an operation that is not faked."""
    boto3.client("backup").delete_backup_plan(BackupPlanId="plan")


def swallowing() -> None:
    """Call an operation that is not faked, as code does that catches everything."""
    with contextlib.suppress(Exception):
        refused()


def told_by(use: Callable[[], object]) -> list[warnings.WarningMessage]:
    """What leaving a fake tells of what happened inside; what that raised is another matter."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with contextlib.suppress(Exception), mock_backup():
            use()
    return told


# --- Functions ------------------------------------------------------------------------------


@mock_backup
def test_a_decorated_function_runs_inside_a_fake() -> None:
    """The bare decorator activates a fake that current() returns and clients ask."""
    job = current().add_backup_job()
    assert answered() == [job.id]


@mock_backup(account_id="111122223333", region="eu-west-1")
def test_the_decorator_takes_options() -> None:
    """Options given to the decorator are those of its fake."""
    assert (current().account_id, current().region) == ("111122223333", "eu-west-1")
    assert boto3.client("backup").meta.region_name == "eu-west-1"


@mock_backup
@pytest.mark.parametrize("state", ["FAILED", "COMPLETED"])
def test_a_decorated_function_keeps_its_arguments(state: Any, tmp_path: object) -> None:
    """Fixtures and parameters reach a decorated test, and each run has a fake of its own."""
    current().add_backup_job(State=state)
    assert len(answered()) == 1
    assert tmp_path


def test_a_decorated_function_keeps_its_name_and_result() -> None:
    """A decorated function looks like the one that was written, and returns what it returned."""

    @mock_backup
    def monitor(prefix: str, *, count: int = 1) -> str:
        """Count."""
        return f"{prefix}{count}{len(answered())}"

    assert (monitor.__name__, monitor.__doc__) == ("monitor", "Count.")
    assert monitor("a", count=2) == "a20"
    assert nothing_is_active()


def test_every_call_of_a_decorated_function_is_fresh() -> None:
    """What one call seeded is gone in the next."""

    @mock_backup
    def seeding() -> list[str]:
        current().add_backup_job()
        return answered()

    assert seeding() == seeding()
    assert len(seeding()) == 1


def test_a_decorated_function_that_calls_itself_stays_in_one_fake() -> None:
    """Recursion joins: the inner calls see the outer one's jobs, and leaving them ends nothing."""

    @mock_backup
    def seeding(depth: int) -> int:
        current().add_backup_job()
        if depth:
            seeding(depth - 1)
        return len(answered())

    assert seeding(3) == 4
    assert nothing_is_active()


def test_a_recursion_with_options_has_a_fake_a_level() -> None:
    """With options each level is a fake of its own, and the outer one is as it was afterwards."""

    @mock_backup(region="eu-west-1")
    def seeding(depth: int) -> int:
        current().add_backup_job()
        if depth:
            seeding(depth - 1)
        return len(answered())

    assert seeding(3) == 1


def test_what_a_decorated_function_raises_arrives() -> None:
    """An exception passes through the decorator as it is, and the fake ends."""
    boom = ValueError("boom")

    @mock_backup
    def failing() -> None:
        raise boom

    with pytest.raises(ValueError, match="boom") as caught:
        failing()
    assert caught.value is boom
    assert nothing_is_active()


# --- Coroutines -----------------------------------------------------------------------------


@mock_backup
@pytest.mark.asyncio
async def test_a_coroutine_decorated_above_its_mark() -> None:
    """A decorated coroutine function runs inside a fake, over its awaits too."""
    job = current().add_backup_job()
    await asyncio.sleep(0)
    assert answered() == [job.id]


@pytest.mark.asyncio
@mock_backup(region="eu-west-1")
async def test_a_coroutine_decorated_below_its_mark() -> None:
    """The order of mark and decorator does not matter."""
    await asyncio.sleep(0)
    assert current().region == "eu-west-1"


def test_a_decorated_coroutine_function_remains_one() -> None:
    """It is active only while the coroutine runs, and what that raises arrives."""
    seen: list[bool] = []

    @mock_backup
    async def failing() -> None:
        await asyncio.sleep(0)
        seen.append(nothing_is_active())
        raise ValueError("boom")

    assert inspect.iscoroutinefunction(failing)
    coroutine = failing()
    assert nothing_is_active()
    with pytest.raises(ValueError, match="boom"):
        asyncio.run(coroutine)
    assert seen == [False]
    assert nothing_is_active()


# --- Generators -----------------------------------------------------------------------------


@pytest.fixture
@mock_backup(account_id="111122223333")
def seeded() -> Iterator[FakeBackup]:
    """A generator fixture below @pytest.fixture."""
    current().add_backup_job(State="FAILED")
    yield current()
    assert len(answered()) == 1


def test_a_generator_fixture_is_active_in_the_test(seeded: FakeBackup) -> None:
    """The fake of a decorated generator fixture lasts from before its yield to after it."""
    assert current() is seeded
    assert len(answered()) == 1


def test_a_generator_fixture_ends_with_its_generator() -> None:
    """Once a decorated generator is through, or closed, nothing is active."""

    @mock_backup
    def generator() -> Iterator[FakeBackup]:
        yield current()

    through = generator()
    assert nothing_is_active()
    assert next(through) is current()
    assert next(through, None) is None
    assert nothing_is_active()
    closed = generator()
    next(closed)
    closed.close()  # type: ignore[attr-defined]  # a generator, typed as the iterator that it is
    assert nothing_is_active()


@pytest_asyncio.fixture
@mock_backup(account_id="111122223333")
async def aseeded() -> AsyncIterator[FakeBackup]:
    """An async generator fixture."""
    current().add_backup_job(State="FAILED")
    await asyncio.sleep(0)
    yield current()
    await asyncio.sleep(0)
    assert len(answered()) == 1


@pytest.mark.asyncio
async def test_an_async_generator_fixture_is_active_in_the_test(aseeded: FakeBackup) -> None:
    """The fake of a decorated async generator fixture lasts to after its yield."""
    assert current() is aseeded
    assert len(answered()) == 1


def test_an_async_generator_left_early_runs_its_end() -> None:
    """Closing a decorated async generator runs the inner one's cleanup inside the fake."""
    seen: list[bool] = []

    @mock_backup
    async def generator() -> AsyncIterator[FakeBackup]:
        try:
            yield current()
        finally:
            seen.append(nothing_is_active())

    async def leaving_early() -> None:
        opened = generator()
        await anext_of(opened)
        await opened.aclose()  # type: ignore[attr-defined]  # a generator, typed as an iterator

    asyncio.run(leaving_early())
    assert seen == [False]
    assert nothing_is_active()


async def anext_of(iterator: AsyncIterator[FakeBackup]) -> FakeBackup:
    """The next item, as a coroutine that a type checker knows."""
    return await iterator.__anext__()


# --- unittest -------------------------------------------------------------------------------


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    """Run a TestCase the way unittest does."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def went_well(case: type[unittest.TestCase], count: int) -> None:
    """Insist that so many tests of a TestCase ran and passed, and left nothing active."""
    result = run(case)
    assert not result.errors + result.failures
    assert result.testsRun == count
    assert nothing_is_active()


@mock_backup(account_id="111122223333")
class TestUnderUnittest(unittest.TestCase):
    """A decorated TestCase, as pytest runs it."""

    def setUp(self) -> None:
        """Seed, and leave checks for the end."""
        self.job = current().add_backup_job()
        self.addCleanup(self.tearDown)

    def tearDown(self) -> None:
        """Still active."""
        self.assertEqual(answered(), [self.job.id])  # noqa: PT009  a TestCase of a user's

    def test_setup_is_inside(self) -> None:
        """What setUp seeded is there."""
        assert answered() == [self.job.id]

    def test_each_is_fresh(self) -> None:
        """The other test's jobs are not, in whatever order they run."""
        assert answered() == [self.job.id]

    def test_subtests_share(self) -> None:
        """The subTests of a test share its fake."""
        for count in (2, 3):
            with self.subTest(count=count):
                current().add_backup_job()
                assert len(answered()) == count
        for job in list(current().backup_jobs.values()):
            if job.id != self.job.id:
                current().remove(job)


class TestInheritingUnderUnittest(TestUnderUnittest):
    """A subclass that is not decorated and overrides setUp without calling super()."""

    def setUp(self) -> None:
        """Seed."""
        self.job = current().add_backup_job()

    def test_a_new_test_is_inside_too(self) -> None:
        """A subclass's own test has the options of the decorated class."""
        assert current().account_id == "111122223333"


def test_a_testcase_is_active_from_setup_to_cleanups() -> None:
    """The fake spans setUp, test, tearDown and cleanups, but not setUpClass."""
    seen: dict[str, bool] = {}

    @mock_backup
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            seen["setUpClass"] = nothing_is_active()

        def setUp(self) -> None:
            seen["setUp"] = nothing_is_active()
            self.addCleanup(lambda: seen.update(cleanup=nothing_is_active()))

        def tearDown(self) -> None:
            seen["tearDown"] = nothing_is_active()

        def test_it(self) -> None:
            seen["test"] = nothing_is_active()

    went_well(Case, 1)
    outside = {name for name, nothing in seen.items() if nothing}
    assert outside == {"setUpClass"}
    assert seen.keys() == {"setUpClass", "setUp", "test", "tearDown", "cleanup"}


def test_a_decorated_class_remains_the_class() -> None:
    """Decorating a class returns that class, under its name."""

    class Case(unittest.TestCase):
        pass

    class Plain:
        pass

    assert mock_backup(Case) is Case
    assert mock_backup(region="eu-west-1")(Plain) is Plain


def test_a_testcase_inherits_its_tests() -> None:
    """Tests of an undecorated base class run inside the decorated subclass's fake."""

    class Base(unittest.TestCase):
        def test_inherited(self) -> None:
            assert current().region == "eu-west-1"

    @mock_backup(region="eu-west-1")
    class Case(Base):
        pass

    went_well(Case, 1)
    assert run(Base).errors


def test_the_nearest_decorated_testcase_wins() -> None:
    """A subclass that is decorated again has its own options, one fake a test."""

    @mock_backup(region="eu-west-1")
    class Base(unittest.TestCase):
        def test_it(self) -> None:
            assert current().region == "eu-west-1"

    @mock_backup(region="eu-west-2")
    class Case(Base):
        def test_it(self) -> None:
            assert current().region == "eu-west-2"

    went_well(Base, 1)
    went_well(Case, 1)


def test_an_isolated_asyncio_testcase_is_active_throughout() -> None:
    """asyncSetUp, the coroutine test, asyncTearDown and async cleanups share one fake."""
    seen: list[list[str]] = []

    @mock_backup
    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self) -> None:
            current().add_backup_job()
            self.addAsyncCleanup(self.look)

        async def look(self) -> None:
            await asyncio.sleep(0)
            seen.append(answered())

        async def asyncTearDown(self) -> None:
            await self.look()

        async def test_it(self) -> None:
            await self.look()

    went_well(Case, 1)
    assert len(seen) == 3
    assert all(len(jobs) == 1 for jobs in seen)


def test_a_testcases_debug_is_inside_too() -> None:
    """debug(), which lets exceptions out, runs inside a fake and leaves none behind."""

    @mock_backup
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            raise ValueError(len(answered()))

    with pytest.raises(ValueError, match="0"):
        Case("test_it").debug()
    assert nothing_is_active()


def test_a_decorated_test_method_of_a_testcase() -> None:
    """A single method of a TestCase is decorated like a function, coroutine or not."""

    class Case(unittest.IsolatedAsyncioTestCase):
        @mock_backup
        def test_plain(self) -> None:
            assert not answered()

        @mock_backup(region="eu-west-1")
        async def test_coroutine(self) -> None:
            assert current().region == "eu-west-1"

        def test_neither(self) -> None:
            assert nothing_is_active()

    went_well(Case, 3)


# --- Plain classes, as pytest runs them -----------------------------------------------------


class Inherited:
    """Tests that know nothing of any decorator."""

    job: Any

    def test_inherited(self) -> None:
        """An inherited test runs inside the fake of the decorated class."""
        assert answered() == [self.job.id]


@mock_backup(account_id="111122223333", region="eu-west-1")
class TestPlainClass(Inherited):
    """A decorated class with setup_method, fixtures and parameters."""

    @pytest.fixture(autouse=True)
    def _also(self) -> Iterator[None]:
        """An autouse fixture of the class runs inside the fake, after setup_method."""
        assert answered() == [self.job.id]
        yield
        assert answered() == [self.job.id]

    def setup_method(self) -> None:
        """Seed."""
        self.job = current().add_backup_job()

    def teardown_method(self) -> None:
        """Still active."""
        assert answered() == [self.job.id]

    def test_its_options(self) -> None:
        """The fake has the decorator's options."""
        assert (current().account_id, current().region) == ("111122223333", "eu-west-1")

    @pytest.mark.parametrize("count", [1, 2])
    def test_each_is_fresh(self, count: int, tmp_path: object) -> None:
        """Each parameter set of a test has a fake of its own."""
        added = current().add_backup_jobs(count)
        assert len(answered()) == 1 + count
        for job in added:
            current().remove(job)
        assert tmp_path

    @pytest.mark.asyncio
    async def test_a_coroutine(self) -> None:
        """A coroutine of a decorated class is inside as well."""
        await asyncio.sleep(0)
        assert answered() == [self.job.id]


class TestPlainSubclass(TestPlainClass):
    """A subclass that overrides setup_method without calling super()."""

    def setup_method(  # type: ignore[override]  # pytest looks what it takes
        self, method: Callable[..., None]
    ) -> None:
        """Seed; pytest gives the test's method to those who take it."""
        assert method.__name__.startswith("test_")
        self.job = current().add_backup_job(State="FAILED")

    def test_the_subclasses_setup_ran(self) -> None:
        """The subclass's seeding is what is there."""
        assert current().backup_jobs[self.job.id]["State"] == "FAILED"


class TestCooperatingSubclass(TestPlainClass):
    """A subclass that calls super(), and so goes through the decorated methods twice."""

    def setup_method(self) -> None:
        """Let the base class seed."""
        super().setup_method()
        assert answered() == [self.job.id]

    def teardown_method(self) -> None:
        """The base class's teardown does not end the fake under ours."""
        super().teardown_method()
        assert answered() == [self.job.id]


@mock_backup
class TestPlainClassWithoutSetup:
    """A decorated class with nothing but tests."""

    def test_it_is_active(self) -> None:
        """A fake is active."""
        assert not answered()

    def test_join(self, fake_backup: FakeBackup) -> None:
        """The fixture, which has no options here, joins the class's fake."""
        assert fake_backup is current()


class Plain:
    """The methods that pytest would call, called by hand."""

    def setup_method(self) -> None:
        """Nothing."""

    def teardown_method(self) -> None:
        """Nothing."""


def test_a_plain_classs_methods_start_and_end_its_fake() -> None:
    """setup_method starts a fake, teardown_method ends it, on any number of instances."""
    decorated = mock_backup(type("Decorated", (Plain,), {}))
    for instance in (decorated(), decorated()):
        instance.setup_method()
        current().add_backup_job()
        assert len(answered()) == 1
        instance.teardown_method()
        assert nothing_is_active()


def test_a_plain_class_is_fresh_inside_another_fake() -> None:
    """A decorated class never joins: it has a fake of its own even without options."""
    decorated = mock_backup(type("Decorated", (Plain,), {}))()
    with mock_backup() as outer:
        decorated.setup_method()
        assert current() is not outer
        decorated.teardown_method()
        assert current() is outer


def test_a_testcase_is_fresh_inside_another_fake() -> None:
    """So it is with a TestCase."""

    @mock_backup
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            assert not answered()

    with mock_backup() as outer:
        outer.add_backup_job()
        assert not run(Case).failures + run(Case).errors
        assert current() is outer


def test_a_failing_setup_method_leaves_nothing_active() -> None:
    """Where setup_method fails, pytest calls no teardown_method: the fake ends all the same."""

    class Failing(Plain):
        def setup_method(self) -> None:
            raise ValueError("boom")

    decorated = mock_backup(Failing)
    with pytest.raises(ValueError, match="boom"):
        decorated().setup_method()
    assert nothing_is_active()


def test_a_failing_teardown_method_leaves_nothing_active() -> None:
    """The fake ends though teardown_method fails."""

    class Failing(Plain):
        def teardown_method(self) -> None:
            raise ValueError("boom")

    instance = mock_backup(Failing)()
    instance.setup_method()
    with pytest.raises(ValueError, match="boom"):
        instance.teardown_method()
    assert nothing_is_active()


def test_a_failing_setup_of_a_subclass_leaves_nothing_active() -> None:
    """So it is where a subclass's setup_method fails after it called super()."""

    class Failing(mock_backup(type("Decorated", (Plain,), {}))):  # type: ignore[misc]  # made here
        def setup_method(self) -> None:
            super().setup_method()
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        Failing().setup_method()
    assert nothing_is_active()


def test_a_decorated_class_does_not_hide_the_next_bases_methods() -> None:
    """A decorated class without setup_method leaves that of the next base class to run."""

    @mock_backup
    class Mixin:
        pass

    class Base:
        def __init__(self) -> None:
            self.ran: list[str] = []

        def setup_method(self) -> None:
            self.ran.append("setup")

        def teardown_method(self) -> None:
            self.ran.append("teardown")

    class Case(Mixin, Base):
        pass

    case = Case()
    case.setup_method()
    assert not answered()
    case.teardown_method()
    assert case.ran == ["setup", "teardown"]
    assert nothing_is_active()


def test_a_decorated_class_keeps_its_own_init_subclass() -> None:
    """A class that is told of its subclasses still is, with what they were given."""
    told: list[tuple[str, str]] = []

    @mock_backup
    class Base:
        def __init_subclass__(cls, *, label: str) -> None:
            told.append((cls.__name__, label))

    class Case(Base, label="x"):
        pass

    assert told == [("Case", "x")]
    assert issubclass(Case, Base)


# --- Blocks, start and stop -----------------------------------------------------------------


def test_a_block_gives_the_fake() -> None:
    """`with mock_backup() as backup:` gives the FakeBackup that clients ask, until the end."""
    with mock_backup() as backup:
        assert isinstance(backup, FakeBackup)
        assert current() is backup
        job = backup.add_backup_job()
        assert answered() == [job.id]
    assert nothing_is_active()


def test_start_and_stop() -> None:
    """start() returns the fake, stop() ends it; a stop() too many does nothing."""
    mock = mock_backup(region="eu-west-1")
    backup = mock.start()
    assert current() is backup
    mock.stop()
    assert nothing_is_active()
    mock.stop()


def test_a_fake_backup_is_a_block_itself() -> None:
    """`with FakeBackup(...)` and start()/stop() activate it without mock_backup."""
    with FakeBackup(account_id="111122223333") as backup:
        assert current() is backup
    assert nothing_is_active()
    started = FakeBackup().start()
    assert current() is started
    started.stop()
    assert nothing_is_active()


def test_an_object_can_be_used_again() -> None:
    """One mock_backup(...) object makes a fresh fake each time it is entered."""
    mock = mock_backup()
    with mock as first:
        first.add_backup_job()
    with mock as second:
        assert second is not first
        assert not answered()


def test_an_object_can_be_entered_inside_itself() -> None:
    """Without options the inner use joins; with options it is a fake of its own."""
    joining, own = mock_backup(), mock_backup(region="eu-west-1")
    with joining as outer:
        with joining as inner:
            assert inner is outer
        assert current() is outer
    with own as outer:
        with own as inner:
            assert inner is not outer
            assert current() is inner
        assert current() is outer
    assert nothing_is_active()


def test_what_a_block_raises_arrives() -> None:
    """An exception leaves a block as it is, and the fake ends."""
    boom = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt) as caught, mock_backup():
        raise boom
    assert caught.value is boom
    assert nothing_is_active()


# --- Nesting --------------------------------------------------------------------------------


def test_without_options_an_inner_one_joins() -> None:
    """It is the outer fake, and leaving it leaves that one working."""
    with mock_backup(account_id="111122223333") as outer:
        with mock_backup() as inner:
            assert inner is outer
            job = inner.add_backup_job()
        assert answered() == [job.id]
        assert outer.backup_jobs[job.id] is job


def test_with_options_an_inner_one_is_its_own() -> None:
    """It holds nothing of the outer one's, which is as it was afterwards."""
    with mock_backup() as outer:
        outer.add_backup_job()
        with mock_backup(region="eu-west-1") as inner:
            assert inner is not outer
            assert not answered()
        assert current() is outer
        assert len(answered()) == 1


def test_the_outer_one_may_be_left_first() -> None:
    """A fake works until its own end, whatever was left before it."""
    outer, inner = mock_backup(region="eu-west-1"), mock_backup(region="eu-west-2")
    outer.start()
    backup = inner.start()
    outer.stop()
    job = backup.add_backup_job()
    assert current() is backup
    assert answered() == [job.id]
    inner.stop()
    assert nothing_is_active()


def test_a_fake_that_was_joined_lasts_as_long_as_its_last_user() -> None:
    """Leaving the outer one first leaves the fake to those who joined it."""
    outer, inner = mock_backup(), mock_backup()
    backup = outer.start()
    inner.start()
    outer.stop()
    job = backup.add_backup_job()
    assert answered() == [job.id]
    inner.stop()
    assert nothing_is_active()
    with pytest.raises(FakeBackupError):
        backup.add_backup_job()


def test_left_in_any_order_the_innermost_answers() -> None:
    """Of three fakes, leaving the middle one changes nothing for the others."""
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(mock_backup(region="eu-west-1"))
        middle = mock_backup(region="eu-west-2")
        middle.start()
        last = stack.enter_context(mock_backup(region="eu-west-3"))
        middle.stop()
        assert current() is last
        assert first.region == "eu-west-1"
    assert nothing_is_active()


# --- Misuse ---------------------------------------------------------------------------------


def test_a_fixture_object_is_refused() -> None:
    """@mock_backup above @pytest.fixture would do nothing, and says where it belongs."""

    @pytest.fixture
    def fixture() -> None:
        """Nothing."""

    text = r"Put @mock_backup below @pytest\.fixture, next to the function\."
    with pytest.raises(TypeError, match=text):
        mock_backup(fixture)
    with pytest.raises(TypeError, match=text):
        mock_backup(region="eu-west-1")(fixture)


def test_an_older_pytests_fixture_is_refused() -> None:
    """Before 8.4 a fixture was a function with a mark of pytest's, which pytest looks behind."""

    def fixture() -> None:
        """Nothing."""

    vars(fixture)["_pytestfixturefunction"] = object()
    with pytest.raises(TypeError, match="below @pytest"):
        mock_backup(fixture)


@pytest.mark.parametrize(
    "target", ["111122223333", 5, ["eu-west-1"], property(), classmethod(print)]
)
def test_what_cannot_be_decorated_is_refused(target: Any) -> None:
    """Anything but a function or a class is a TypeError that shows how options are given."""
    with pytest.raises(TypeError) as caught:
        mock_backup(target)
    assert str(caught.value) == (
        f"mock_backup() takes its options by name, as in mock_backup(region='eu-west-1'), and "
        f"decorates functions and classes; it was given {target!r}."
    )


def test_a_static_method_is_decorated_below() -> None:
    """Above it the decorator would make a method of it."""
    above: Any = staticmethod(current)
    with pytest.raises(TypeError, match=r"^Put @mock_backup below @staticmethod, next to the"):
        mock_backup(above)

    class Below:
        @staticmethod
        @mock_backup(region="eu-west-1")
        def one() -> str:
            return current().region

    assert Below.one() == Below().one() == "eu-west-1"


def test_a_class_whose_instances_hold_nothing_is_refused() -> None:
    """With __slots__ alone pytest's methods around a test could keep nothing."""

    class Slotted:
        __slots__ = ()

    with pytest.raises(TypeError, match=r"instance of Slotted .*: let the class be without __slo"):
        mock_backup(Slotted)


def test_an_async_generator_is_sent_and_raised_what_is_outside() -> None:
    """As a generator is: `asynccontextmanager` raises its block's exception inside."""
    seen = []

    @contextlib.asynccontextmanager
    @mock_backup(region="eu-west-1")
    async def account() -> AsyncIterator[FakeBackup]:
        try:
            yield current()
        except ValueError as error:
            seen.append(str(error))

    @mock_backup
    async def echo() -> AsyncIterator[Any]:
        said: Any = yield "began"
        try:
            said = yield said, current().region
        except KeyError:
            said = yield "raised"
        assert said == "end"

    async def fail() -> None:
        async with account():
            message = "of the block"
            raise ValueError(message)

    async def use() -> None:
        await fail()
        said: Any = echo()
        assert await said.asend(None) == "began"
        assert await said.asend("sent") == ("sent", "us-east-1")
        assert await said.athrow(KeyError()) == "raised"
        with pytest.raises(StopAsyncIteration):
            await said.asend("end")
        left: Any = echo()
        await left.asend(None)
        await left.aclose()

    asyncio.run(use())
    assert seen == ["of the block"]
    with pytest.raises(FakeBackupError):
        current()


@pytest.mark.parametrize("make", [mock_backup, FakeBackup])
def test_a_misspelt_option_is_refused(make: Any) -> None:
    """An option that does not exist is a TypeError that names the near miss and all options."""
    with pytest.raises(TypeError) as caught:
        make(acount_id="111122223333")
    assert str(caught.value) == (
        f"{make.__name__}() has no option 'acount_id'; did you mean 'account_id'? {OPTIONS}"
    )
    with pytest.raises(TypeError) as caught:
        make(zzz=1)
    assert str(caught.value) == f"{make.__name__}() has no option 'zzz'. {OPTIONS}"


def test_an_option_of_the_wrong_type_is_refused_where_it_is_given() -> None:
    """A bad value shows at the decorator, not in the test."""
    with pytest.raises(TypeError, match="account_id is a string of 12 digits, not 111122223333"):
        mock_backup(account_id=111122223333)  # type: ignore[call-overload]  # what is tested
    with pytest.raises(ValueError, match="region is the name of an AWS region such as"):
        mock_backup(region="EU West")


def test_current_without_a_fake() -> None:
    """current() says how to get one."""
    with pytest.raises(FakeBackupError) as caught:
        current()
    assert str(caught.value) == NO_FAKE


USES: dict[str, Callable[[FakeBackup], Any]] = {
    "add_backup_job": lambda backup: backup.add_backup_job(State="FAILED"),
    "add_copy_jobs": lambda backup: backup.add_copy_jobs(2),
    "add": lambda backup: backup.add(),
    "load": lambda backup: backup.load({"BackupJobs": []}),
    "reset": lambda backup: backup.reset(),
    "backup_jobs": lambda backup: backup.backup_jobs,
    "report_jobs": lambda backup: backup.report_jobs,
    "run_plan": lambda backup: backup.run_plan("plan"),
    "add_resource": lambda backup: backup.add_resource("arn:aws:s3:::bucket"),
    "resources": lambda backup: backup.resources,
    "calls": lambda backup: backup.calls,
    "acting_as": lambda backup: backup.acting_as("111122223333").__enter__(),
    "at": lambda backup: backup.at(region="eu-west-1").add_restore_job(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_fake_that_is_not_active_says_so(use: Callable[[FakeBackup], Any]) -> None:
    """Using a FakeBackup before its start or after its end is an error that says which."""
    backup = FakeBackup()
    with pytest.raises(FakeBackupError) as caught:
        use(backup)
    assert str(caught.value) == NOT_STARTED
    with backup:
        pass
    with pytest.raises(FakeBackupError) as caught:
        use(backup)
    assert str(caught.value) == ENDED


def test_a_fake_that_ended_does_not_start_again() -> None:
    """start() after the end is an error, and activates nothing."""
    backup = FakeBackup()
    with backup:
        pass
    with pytest.raises(FakeBackupError, match="has ended"):
        backup.start()
    assert nothing_is_active()


def test_a_fake_that_never_started_can_be_stopped() -> None:
    """stop() without start() does nothing, and the fake can still be started."""
    backup = FakeBackup()
    backup.stop()
    with backup:
        assert current() is backup


# --- Operations that are not faked ----------------------------------------------------------


def test_a_refusal_says_what_was_called_and_what_to_do() -> None:
    """OperationNotFaked is no ClientError; it names call, parameters, place and a way out."""
    with pytest.raises(NotImplementedError) as caught, mock_backup(region="eu-west-1"):
        boto3.client("backup").get_backup_plan(BackupPlanId="plan")
    assert type(caught.value) is OperationNotFaked
    first, second, third, *rest = str(caught.value).splitlines()
    assert first == "fakebackup does not fake GetBackupPlan yet."
    assert second == (
        "It was called with: {'BackupPlanId': 'plan'} (account 123456789012, eu-west-1)"
    )
    assert third.startswith("Faked, and near to it: ")
    assert rest == [
        "To answer it yourself in this test:",
        "    fakebackup.current().answer('GetBackupPlan', {...})",
    ]


def test_a_swallowed_refusal_is_told_on_leaving() -> None:
    """Code that catches everything hides the refusal: leaving warns, at the block's line."""
    (warning,) = told_by(swallowing)
    assert warning.category is FakeBackupWarning
    assert str(warning.message) == (
        "A call was refused as not faked, and the code under test caught the OperationNotFaked: "
        "fakebackup does not fake DeleteBackupPlan yet. To answer it yourself in this test, type "
        "fakebackup.current().answer('DeleteBackupPlan', {...})"
    )
    assert warning.filename == __file__


def test_several_swallowed_refusals_are_one_warning() -> None:
    """Thousands are one line of a few hundred characters: their number, and what they were."""

    def often() -> None:
        client = boto3.client("backup")
        for _ in range(2000):
            with contextlib.suppress(Exception):
                client.get_backup_plan(BackupPlanId="plan" * 1000)
        swallowing()

    (warning,) = told_by(often)
    assert str(warning.message) == (
        "2001 calls were refused as not faked, and the code under test caught the "
        "OperationNotFaked: fakebackup does not fake GetBackupPlan yet (2000 times), fakebackup "
        "does not fake DeleteBackupPlan yet. To answer it yourself in this test, type "
        "fakebackup.current().answer('GetBackupPlan', {...})"
    )


def test_a_joined_fake_tells_once() -> None:
    """Leaving the inner block tells nothing; leaving the last one does."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with mock_backup():
            with mock_backup():
                swallowing()
            assert not told
        assert len(told) == 1


def test_a_refusal_that_arrives_is_not_told_again() -> None:
    """Where the refusal ends the block, or led to what does, leaving does not warn."""

    def translating() -> None:
        try:
            refused()
        except OperationNotFaked as refusal:
            raise LookupError from refusal

    assert not told_by(refused)
    assert not told_by(translating)


def test_a_refusal_is_told_beside_another_failure() -> None:
    """A swallowed refusal is told even where something else ends the block."""

    def failing() -> None:
        swallowing()
        raise LookupError

    (warning,) = told_by(failing)
    assert "DeleteBackupPlan" in str(warning.message)


def test_a_refusal_that_reaches_the_runner_is_not_told_again() -> None:
    """A TestCase's test that fails by a refusal is reported by unittest, and that is enough."""

    @mock_backup
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            refused()

    @mock_backup
    class AsyncCase(unittest.IsolatedAsyncioTestCase):
        async def test_it(self) -> None:
            refused()

    for case in (Case, AsyncCase):
        results: list[unittest.TestResult] = []
        assert not told_by(lambda case=case, results=results: results.append(run(case)))  # type: ignore[misc]  # defaults bind
        assert "does not fake DeleteBackupPlan" in results[0].errors[0][1]


def test_a_refusal_that_a_testcase_swallows_is_told() -> None:
    """Swallowed in a TestCase's test, it is told."""

    @mock_backup
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            swallowing()

    with pytest.warns(FakeBackupWarning, match="DeleteBackupPlan"):
        went_well(Case, 1)


def test_leaving_never_raises() -> None:
    """Where warnings are errors, leaving shows the warning and raises nothing."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("error")
        with mock_backup():
            swallowing()
        mock = mock_backup()
        mock.start()
        swallowing()
        mock.stop()
    assert [warning.category for warning in told] == [FakeBackupWarning] * 2
    assert nothing_is_active()


def test_reset_forgets_refusals() -> None:
    """A refusal from before reset() is not told."""

    def resetting() -> None:
        swallowing()
        current().reset()

    assert not told_by(resetting)


def test_no_fake_around_a_class() -> None:
    """Where a runner sets up a class or a module, the message says how to have a fake there."""

    def setUpClass() -> None:
        current()

    with pytest.raises(FakeBackupError) as caught:
        setUpClass()
    assert str(caught.value) == (
        f"{NO_FAKE} A decorated class has a fake around each test, from its setUp on, and none in "
        f"setUpClass: start one there by mock_backup(...).start(), and stop it."
    )


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("progress", " For one job, set job.progress."),
        ("region", " To seed and read another one, use backup.at(region=...)."),
        ("leftovers", ""),
    ],
)
def test_an_option_is_no_attribute(name: str, more: str) -> None:
    """An option that is set on a fake is refused: nothing would read it."""
    with mock_backup(region="us-east-1") as backup:
        with pytest.raises(AttributeError) as caught:
            setattr(backup, name, "manual")
        assert str(caught.value) == (
            f"{name} is an option, given when a fake is made: mock_backup({name}=...) or "
            f"@pytest.mark.fake_backup({name}=...).{more}"
        )


def test_options_are_only_read() -> None:
    """The options that a fake has are not set either, and show what they are."""
    with mock_backup(region="us-east-1", page_size=5) as backup:
        found: Any = backup.backend.options
        with pytest.raises(AttributeError, match=r"^The options of a fake .* page_size too: give "):
            found.page_size = 7
        with pytest.raises(TypeError):
            found.durations["RUNNING"] = 1
        assert "page_size=5, summed_as=" in repr(found)


LONGER = "a number of about 5000 digits"


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"event_readings": [["iso-dates"]]}, ValueError, "not ['iso-dates']; did you mean"),
        ({"event_readings": [3]}, ValueError, "not 3."),
        ({"page_size": 10**5000}, ValueError, f"page_size is from 1 to 1000, not {LONGER}."),
        ({"quotas": {"vaults": -(10**5000)}}, ValueError, f"is 0 or more, not {LONGER}."),
        ({"transport": ["wire"]}, ValueError, "auto, direct, wire, not ['wire']; did you mean"),
        ({"beside": ["moto"]}, TypeError, "is 'moto', a URL or None, not ['moto'] (list)."),
    ],
    ids=["a list in it", "a number in it", "long", "a long quota", "a list", "beside"],
)
def test_an_option_that_is_no_text_or_no_number(
    given: Any, error: type[Exception], text: str
) -> None:
    """The refusal says what there is, and what was seen."""
    with pytest.raises(error, match=re.escape(text)):
        mock_backup(**given)
