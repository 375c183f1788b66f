"""What a test prepared and nothing asked for: failures, outcomes and answers, told at the end."""

from __future__ import annotations

import io
import unittest
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, FakeBackupError, FakeBackupWarning, current, mock_backup
from fakebackup.report import explain
from support.client import a_fake, call
from support.constants import OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUIETLY = ("-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
IN_ORDER = (*QUIETLY, "-p", "no:randomly")
VOLUME = f"arn:aws:ec2:{REGION}:123456789012:volume/vol-1"
FAILURE = (
    "1 injected failure never came: ThrottlingException of ListBackupJobs. "
    "The code under test made fewer matching attempts than the test said."
)
OUTCOME = (
    "1 chosen outcome never came: FAILED of StartBackupJob. "
    "The code under test started fewer matching jobs than the test said."
)
ANSWER = (
    "1 answer by hand was never asked for: ListCopyJobs. The code under test made no matching call."
)
WAY_OUT = " The option leftovers='ignore' lets that pass, 'warn' warns of it."


def start(region: str = REGION) -> None:
    """Start a backup job."""
    asked = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    call("StartBackupJob", region=region, **asked)


PREPARED: dict[str, tuple[Callable[[FakeBackup], None], Callable[[], Any]]] = {
    FAILURE: (
        lambda backup: backup.fail("ListBackupJobs"),
        lambda: call("ListBackupJobs"),
    ),
    OUTCOME: (lambda backup: backup.next_outcome("StartBackupJob", State="FAILED"), start),
    ANSWER: (lambda backup: backup.answer("ListCopyJobs", {}), lambda: call("ListCopyJobs")),
}
"""Per text of what is left over: what prepares it, and what asks for it."""

each_kind = pytest.mark.parametrize("text", PREPARED)


def warned(prepare: Callable[[FakeBackup], None], **options: Any) -> list[str]:
    """The warnings on leaving a fake."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with a_fake(**options) as backup:
            prepare(backup)
    assert {each.category for each in caught} <= {FakeBackupWarning}
    assert all(each.filename == __file__ for each in caught)
    return [str(each.message) for each in caught]


def test_an_outcome_for_several_jobs_says_how_many_are_left() -> None:
    """What nothing took of an outcome with `times` is told by its number."""

    def prepare(backup: FakeBackup) -> None:
        backup.add_vault(BackupVaultName="Default")
        backup.next_outcome("StartBackupJob", State="FAILED", times=3)
        start()

    (text,) = warned(prepare)
    assert text.startswith("1 chosen outcome never came: FAILED of StartBackupJob (2 times). ")


def test_what_was_prepared_too_late_says_so() -> None:
    """The calls that came before the failure or the outcome was prepared are counted."""

    def too_late(backup: FakeBackup) -> None:
        backup.add_vault(BackupVaultName="Default")
        call("ListBackupJobs")
        start()
        start()
        backup.fail("ListBackupJobs")
        backup.fail("*", code="InternalServerError")
        backup.next_outcome("StartBackupJob", State="FAILED")

    (text,) = warned(too_late)
    assert "InternalServerError of any operation (called 3 times before that)" in text
    assert "ThrottlingException of ListBackupJobs (called 1 time before that), " in text
    assert "FAILED of StartBackupJob (called 2 times before that). " in text

    def also_afterwards(backup: FakeBackup) -> None:
        call("ListBackupJobs")
        backup.fail("ListBackupJobs", after=5)
        call("ListBackupJobs")

    (text,) = warned(also_afterwards)
    assert "ThrottlingException of ListBackupJobs. " in text


def test_a_condition_that_no_call_met_is_told() -> None:
    """A failure's `when` is shown, and the values of its parameters in the calls that came."""

    def misspelt(backup: FakeBackup) -> None:
        call("ListBackupJobs", ByState="ABORTED")  # before it was injected
        backup.fail("ListBackupJobs", when={"ByState": "FAILD"})
        call("ListBackupJobs", ByState="FAILED")
        call("ListBackupJobs")

    (text,) = warned(misspelt)
    assert text.startswith(
        "1 injected failure never came: ThrottlingException of ListBackupJobs when "
        "ByState='FAILD' (called with ByState='FAILED'; no ByState). "
    )

    def by_function(backup: FakeBackup) -> None:
        backup.fail("ListBackupJobs", when=lambda parameters: "ByState" in parameters)
        call("ListBackupJobs")

    (text,) = warned(by_function)
    assert "ThrottlingException of ListBackupJobs when its function says so. " in text


# --- What is left over --------------------------------------------------------------------------


@each_kind
def test_each_kind_is_told(text: str) -> None:
    """A failure, an outcome and an answer that nothing asked for warn alike; used, none does."""
    prepare, use = PREPARED[text]

    def both(backup: FakeBackup) -> None:
        prepare(backup)
        use()

    def dropped(backup: FakeBackup) -> None:
        prepare(backup)
        backup.reset()

    assert warned(prepare) == warned(prepare, leftovers="warn") == [text]
    assert warned(both) == []
    assert warned(dropped) == []
    assert warned(prepare, leftovers="ignore") == []


def test_all_kinds_are_one_warning() -> None:
    """What is left over of several kinds is one warning."""

    def prepare(backup: FakeBackup) -> None:
        for each, _ in PREPARED.values():
            each(backup)
        backup.next_outcome("StartCopyJob", State="COMPLETED", ResourceArn=VOLUME)
        backup.answer("ListRestoreJobs", {})

    (text,) = warned(prepare)
    assert text == (
        f"{FAILURE} 2 chosen outcomes never came: FAILED of StartBackupJob, COMPLETED of "
        f"StartCopyJob for {VOLUME}. The code under test started fewer matching jobs than the "
        "test said. 2 answers by hand were never asked for: ListCopyJobs, ListRestoreJobs. The "
        "code under test made no matching call."
    )


def test_what_a_view_prepared_says_where() -> None:
    """Of a view it says for which account and Region, and where else the call was made."""

    def prepare(backup: FakeBackup) -> None:
        backup.at(region=OTHER_REGION).fail("*")
        backup.at(region=OTHER_REGION).next_outcome("StartBackupJob", State="FAILED")
        backup.at(account_id=OTHER_ACCOUNT, region=REGION).answer("ListCopyJobs", {})
        start()

    (text,) = warned(prepare)
    called = f" (called in 123456789012 {REGION})"
    assert f": ThrottlingException of any operation in {OTHER_REGION}{called}. " in text
    assert f": FAILED of StartBackupJob in {OTHER_REGION}{called}. " in text
    assert f": ListCopyJobs of account {OTHER_ACCOUNT} in {REGION}. " in text


def test_an_answer_taken_back_is_none() -> None:
    """An answer that another one, or none, takes the place of is not left over."""

    def prepare(backup: FakeBackup) -> None:
        backup.answer("ListCopyJobs", {})
        backup.answer("ListCopyJobs", {})
        backup.at(region=OTHER_REGION).answer("ListCopyJobs", {})
        backup.answer("ListCopyJobs", None)

    assert warned(prepare) == []


def test_an_answer_is_asked_for_where_it_is_given() -> None:
    """An answer of a view is left over while calls elsewhere get the other answer."""

    def prepare(backup: FakeBackup) -> None:
        backup.answer("ListCopyJobs", {})
        backup.at(region=OTHER_REGION).answer("ListCopyJobs", {})
        call("ListCopyJobs")

    (text,) = warned(prepare)
    assert f"asked for: ListCopyJobs in {OTHER_REGION} (called in " in text


@pytest.mark.fake_backup(region=REGION, leftovers="ignore")
def test_the_failure_report_names_them(backup: FakeBackup) -> None:
    """A failing test's report has a line for each, whatever the option is."""
    for prepare, _ in PREPARED.values():
        prepare(backup)
    assert explain(backup.backend).partition("Left over:\n")[2].splitlines() == [
        "  ThrottlingException of ListBackupJobs, injected for 1 attempt that never came",
        "  FAILED of StartBackupJob, chosen for what never started",
        "  ListCopyJobs, answered by hand and never called",
    ]


def test_the_warning_never_raises() -> None:
    """Leaving a fake raises nothing, whatever filter turns warnings into errors."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        with a_fake() as backup:
            backup.fail("ListBackupJobs")
    (warning,) = caught
    assert warning.category is FakeBackupWarning
    assert "ListBackupJobs" in str(warning.message)


# --- leftovers="error" --------------------------------------------------------------------------


@each_kind
def test_a_block_raises(text: str) -> None:
    """At the end of a block, and of `stop`, an error has the same text and the way out."""
    prepare, use = PREPARED[text]
    with pytest.raises(FakeBackupError) as block, a_fake(leftovers="error") as backup:
        prepare(backup)
    assert str(block.value) == text + WAY_OUT
    with pytest.raises(FakeBackupError, match="active"):
        current()
    for make in (lambda: a_fake(leftovers="error"), lambda: FakeBackup(leftovers="error")):
        mock = make()
        prepare(mock.start())
        with pytest.raises(FakeBackupError) as stop:
            mock.stop()
        assert str(stop.value) == text + WAY_OUT
        mock.stop()
    with a_fake(leftovers="error") as backup:
        prepare(backup)
        use()


def test_an_exception_on_its_way_goes_first() -> None:
    """A block that an exception ends raises that one; what is left over is a warning then."""

    @a_fake(leftovers="error")
    def broken() -> None:
        current().fail("ListBackupJobs")
        raise LookupError

    with pytest.warns(FakeBackupWarning) as told, pytest.raises(LookupError):
        broken()
    assert [str(each.message) for each in told] == [FAILURE]


def test_the_outer_block_raises() -> None:
    """A block that joined another leaves all to that one."""
    outer = a_fake(leftovers="error")
    backup = outer.start()
    with mock_backup() as inner:
        inner.fail("ListBackupJobs")
    assert current() is inner is backup
    with pytest.raises(FakeBackupError, match="1 injected failure"):
        outer.stop()


def test_each_decorator_raises() -> None:
    """Decorated functions, generators and coroutine functions raise at their end, as blocks do."""
    decorator = a_fake(leftovers="error")

    @decorator
    def function() -> str:
        current().fail("ListBackupJobs")
        return "done"

    @decorator
    def generator() -> Iterator[str]:
        current().fail("ListBackupJobs")
        yield "done"

    @decorator
    async def coroutine() -> str:
        current().fail("ListBackupJobs")
        return "done"

    with pytest.raises(FakeBackupError, match="1 injected failure"):
        function()
    running = generator()
    assert next(running) == "done"
    with pytest.raises(FakeBackupError, match="1 injected failure"):
        next(running)
    with pytest.raises(FakeBackupError, match="1 injected failure"):
        coroutine().send(None)


@pytest.mark.parametrize(
    ("value", "hint"), [("errors", "; did you mean 'error'?"), (True, "."), (0, ".")]
)
def test_the_option_is_checked(value: Any, hint: str) -> None:
    """Another value is refused when the fake is made."""
    with pytest.raises(ValueError, match="leftovers is one of") as refused:
        mock_backup(leftovers=value)
    assert str(refused.value) == f"leftovers is one of warn, error, ignore, not {value!r}{hint}"


# --- In unittest --------------------------------------------------------------------------------


@mock_backup(region=REGION, leftovers="error")
class Case(unittest.TestCase):
    """Its tests have names that no runner finds by itself."""

    def setUp(self) -> None:
        """Prepare a failure."""
        current().fail("ListBackupJobs")
        if self._testMethodName == "check_set_up":
            raise LookupError("setUp")

    def check_left(self) -> None:
        """Nothing asks."""

    def check_set_up(self) -> None:
        """Not reached."""

    def check_used(self) -> None:
        """It asks."""
        call("ListBackupJobs")

    def check_used_by_a_cleanup(self) -> None:
        """A cleanup asks."""
        self.addCleanup(call, "ListBackupJobs")

    def check_failed(self) -> None:
        """It fails."""
        self.fail("the test's own")

    def check_failed_in_a_cleanup(self) -> None:
        """A cleanup fails."""
        self.addCleanup(self.fail, "the cleanup's own")

    def check_failed_in_part(self) -> None:
        """A part of it fails."""
        with self.subTest("part"):
            self.fail("the part's own")

    def check_skipped(self) -> None:
        """It skips itself."""
        self.skipTest("why not")

    @unittest.expectedFailure
    def check_expected(self) -> None:
        """It fails as expected."""
        self.fail("as expected")


@mock_backup(region=REGION, leftovers="error")
class AsyncCase(unittest.IsolatedAsyncioTestCase):
    """So have these."""

    async def check_left(self) -> None:
        """Nothing asks."""
        current().fail("ListBackupJobs")

    async def check_failed(self) -> None:
        """It fails."""
        current().fail("ListBackupJobs")
        self.fail("the test's own")


@pytest.mark.parametrize(
    ("test", "found"),
    [
        (Case("check_left"), ["errors FakeBackupError"]),
        (Case("check_set_up"), ["errors LookupError"]),
        (Case("check_used"), []),
        (Case("check_used_by_a_cleanup"), []),
        (Case("check_failed"), ["failures AssertionError"]),
        (Case("check_failed_in_a_cleanup"), ["failures AssertionError"]),
        (Case("check_failed_in_part"), ["failures AssertionError"]),
        (Case("check_skipped"), ["skipped"]),
        (Case("check_expected"), ["expectedFailures AssertionError"]),
        (AsyncCase("check_left"), ["errors FakeBackupError"]),
        (AsyncCase("check_failed"), ["failures AssertionError"]),
    ],
    ids=str,
)
def test_a_testcase_reports_it(test: Any, found: list[str]) -> None:
    """A TestCase of a decorated class fails by it at its end, unless it has failed already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FakeBackupWarning)
        result = unittest.TextTestRunner(io.StringIO()).run(unittest.TestSuite([test]))
    assert result.testsRun == 1
    told = []
    for name in ("errors", "failures", "skipped", "expectedFailures", "unexpectedSuccesses"):
        for _, text in getattr(result, name):
            error = text.strip().splitlines()[-1].partition(":")[0].rpartition(".")[2]
            told.append(name if name == "skipped" else f"{name} {error}")
    assert told == found


def test_a_testcases_debug_raises() -> None:
    """So does its `debug`, which reports nothing."""
    with pytest.raises(FakeBackupError, match="1 injected failure"):
        Case("check_left").debug()
    with pytest.warns(FakeBackupWarning), pytest.raises(AssertionError, match="own"):
        Case("check_failed").debug()


def test_unittest_keeps_what_became_of_a_test() -> None:
    """`TestCase._outcome` has `success` and `expectedFailure` while cleanups run."""
    seen = []

    class Probe(unittest.TestCase):
        def runTest(self) -> None:  # noqa: N802  unittest's name
            outcome = self._outcome  # type: ignore[attr-defined]  # not in the stub
            seen.append((outcome.success, outcome.expectedFailure))

    Probe().run(unittest.TestResult())
    assert seen == [(True, None)]


# --- In pytest ----------------------------------------------------------------------------------

FORMS = """
import unittest

import pytest

from fakebackup import current, mock_backup

STRICT = {"leftovers": "error", "region": "us-east-1"}


def work():
    current().fail("ListBackupJobs")
    END


@pytest.mark.fake_backup(**STRICT)
def test_fixture(fake_backup):
    work()


@pytest.mark.fake_backup(**STRICT)
def test_marker():
    work()


@mock_backup(**STRICT)
def test_decorator():
    work()


def test_block():
    with mock_backup(**STRICT):
        work()


@mock_backup(**STRICT)
class TestPlain:
    def test_it(self):
        work()


@mock_backup(**STRICT)
class Case(unittest.TestCase):
    def test_it(self):
        work()


@mock_backup(**STRICT)
class AsyncCase(unittest.IsolatedAsyncioTestCase):
    async def test_it(self):
        work()


@pytest.mark.fake_backup(**STRICT)
class Marked(unittest.TestCase):
    def test_it(self):
        work()
"""

FIXTURES = """
import pytest

from fakebackup import current, mock_backup


@pytest.fixture
def fake():
    with mock_backup(leftovers="error") as backup:
        yield backup


@pytest.fixture
@mock_backup(leftovers="error")
def generator():
    yield current()


def work():
    current().fail("ListBackupJobs")
    END


def test_own_fixture(fake):
    work()


def test_decorated_fixture(generator):
    work()
"""


def run(pytester: pytest.Pytester, text: str, end: str) -> pytest.RunResult:
    """Run tests of each form that leave a failure over and end in some way."""
    pytester.makepyfile(text.replace("END", end))
    return pytester.runpytest_subprocess(*IN_ORDER)


def test_every_form_fails(pytester: pytest.Pytester) -> None:
    """Whatever brings the fake, the test fails, is no error besides, and the report says why."""
    done = run(pytester, FORMS, "pass")
    done.assert_outcomes(failed=8)
    assert done.stdout.str().count("ThrottlingException of ListBackupJobs, injected for 1") == 8
    done.stdout.fnmatch_lines(["1 injected failure never came: ThrottlingException of *"])


def test_a_test_that_failed_already(pytester: pytest.Pytester) -> None:
    """One that has failed already fails by its own exception alone."""
    done = run(pytester, FORMS, "raise LookupError('its own')")
    done.assert_outcomes(failed=8)
    assert done.stdout.str().count("E       LookupError: its own") == 8
    assert "FakeBackupError" not in done.stdout.str()
    done.stdout.fnmatch_lines(["*FakeBackupWarning: 1 injected failure never came: *"])


@pytest.mark.parametrize(
    ("end", "outcome"),
    [("pytest.skip('why not')", "skipped"), ("pytest.xfail('of course')", "xfailed")],
)
def test_a_test_that_was_stopped(pytester: pytest.Pytester, end: str, outcome: str) -> None:
    """One that skips itself, or is expected to fail, stays what it is."""
    run(pytester, FORMS, end).assert_outcomes(**{outcome: 8})


def test_a_fixture_of_ones_own(pytester: pytest.Pytester) -> None:
    """A block in a fixture raises when that is torn down, unless the test has failed already."""
    done = run(pytester, FIXTURES, "pass")
    done.assert_outcomes(passed=2, errors=2)
    done.stdout.fnmatch_lines(["E*FakeBackupError: 1 injected failure never came: *"])
    done = run(pytester, FIXTURES, "raise LookupError('its own')")
    done.assert_outcomes(failed=2)


AFTERWARDS = """
import boto3
import pytest

pytestmark = pytest.mark.fake_backup(region="us-east-1", leftovers="error")


@pytest.fixture
def broken(fake_backup):
    fake_backup.fail("ListBackupJobs")
    raise LookupError("its own")


def test_setup_failed(broken):
    pass


@pytest.fixture
def late(fake_backup):
    yield
    fake_backup.fail("ListBackupJobs")


def test_left_by_a_fixture(late):
    pass


def test_the_next_is_well(fake_backup):
    fake_backup.fail("ListBackupJobs")
    boto3.client("backup").list_backup_jobs()
"""


def test_around_a_test(pytester: pytest.Pytester) -> None:
    """A broken fixture is told alone; what one leaves while it is torn down is an error."""
    pytester.makepyfile(AFTERWARDS)
    done = pytester.runpytest_subprocess(*IN_ORDER)
    done.assert_outcomes(passed=2, errors=2)
    done.stdout.fnmatch_lines(["E*LookupError: its own", "E*FakeBackupError: 1 injected failure*"])


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("raise KeyboardInterrupt", "!* KeyboardInterrupt !*"),
        ("pytest.exit('enough')", "!* *enough !*"),
    ],
)
@pytest.mark.parametrize("scope", ["function", "session"])
def test_a_run_that_was_stopped(
    pytester: pytest.Pytester, end: str, shown: str, scope: str
) -> None:
    """What ended the whole run is what pytest shows, and no error of a fake that ends with it."""
    pytester.makepyfile(
        f"""
        import pytest
        from fakebackup import current, mock_backup

        @pytest.fixture(scope="{scope}")
        def of_its_own():
            with mock_backup(leftovers="error", account_id="111122223333"):
                yield

        @pytest.mark.fake_backup(leftovers="error")
        def test_it(of_its_own):
            current().fail("ListBackupJobs")
            {end}
        """
    )
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.stdout.fnmatch_lines([shown])
    assert "FakeBackupError" not in run.stdout.str() + run.stderr.str()
