"""Classes nested in a decorated class, as pytest runs them.

tox's environment `oldest-pytest` runs this file with the oldest pytest that works, too, so it
takes nothing from the other tests.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Protocol, runtime_checkable

import pytest

from fakebackup import FakeBackupError, current, mock_backup

# A project's own plugins are of no use here, and some warn where warnings are errors.
QUIETLY = ("-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
IN_ORDER = (*QUIETLY, "-p", "no:randomly", "-W", "error")

HEAD = """
import unittest

import boto3
import pytest

from fakebackup import FakeBackupError, current, mock_backup

ACCOUNT = "111122223333"
done = []


def fresh(account=ACCOUNT, jobs=0):
    client = boto3.client("backup", region_name="us-east-1")
    assert current().account_id == account
    assert len(client.list_backup_jobs()["BackupJobs"]) == jobs
    current().add_backup_job()


@pytest.fixture(autouse=True)
def nothing_is_left(request):
    yield
    # The fixture of a marked test is around this one.
    if request.node.get_closest_marker("fake_backup") is None:
        with pytest.raises(FakeBackupError):
            current()

"""

NESTED = """
@mock_backup(account_id=ACCOUNT)
class TestOuter:
    def test_outer(self):
        fresh()

    class TestInner:
        def test_first(self):
            fresh()

        @pytest.mark.parametrize("text", ["a::b", "[", "x"])
        def test_second(self, text):
            fresh()

        class TestDeep:
            def test_deep(self):
                fresh()

    class WhenOtherwiseNamed:
        def check_it(self):
            fresh()

    class Case(unittest.TestCase):
        def setUp(self):
            fresh()

        def test_case(self):
            fresh(jobs=1)

    @pytest.mark.fake_backup(region="eu-west-1")
    class TestMarked:
        def test_marked(self, fake_backup):
            assert fake_backup.region == "eu-west-1"
"""

METHODS = """
@mock_backup(account_id=ACCOUNT)
class TestOuter:
    @pytest.fixture(autouse=True)
    def client(self, request):
        request.instance.client = boto3.client("backup", region_name="us-east-1")
        yield
        done.append(len(request.instance.client.list_backup_jobs()["BackupJobs"]))

    class TestInner:
        def setup_method(self, method):
            done.append(method.__name__)
            fresh()
            self.client.create_backup_vault(BackupVaultName="vault")

        def teardown_method(self):
            done.append("down")
            assert list(current().vaults) == ["Default", "vault"]

        def test_first(self):
            fresh(jobs=1)

        def test_second(self):
            fresh(jobs=1)


def test_each_was_called_once_at_its_time():
    assert done == ["test_first", "down", 2, "test_second", "down", 2]
"""

OPTIONS = """
@mock_backup(account_id=ACCOUNT)
class TestOuter:
    class TestPlain:
        def test_it(self):
            fresh(account_of(self))

    @mock_backup(account_id="222222222222")
    class TestOwn:
        def setup_method(self):
            fresh("222222222222")

        def test_it(self):
            fresh("222222222222", jobs=1)

    @mock_backup(account_id="222222222222")
    class TestOwnRoundIt:
        class TestDeep:
            def test_it(self):
                fresh("222222222222")

    @mock_backup(account_id="222222222222")
    class Case(unittest.TestCase):
        def test_it(self):
            fresh("222222222222")


def account_of(test):
    return "333333333333" if "Decorated" in type(test).__qualname__ else ACCOUNT


class TestSubclass(TestOuter):
    class TestAdded:
        def test_it(self):
            fresh()


@mock_backup(account_id="333333333333")
class TestDecoratedSubclass(TestOuter):
    class TestAdded:
        def test_it(self):
            fresh("333333333333")


@mock_backup(account_id="333333333333")
@mock_backup(account_id=ACCOUNT)
class TestDecoratedTwice:
    class TestInner:
        def test_it(self):
            fresh("333333333333")
"""

FROM_ELSEWHERE = """
class Elsewhere:
    def test_it(self):
        fresh()


class Base:
    class TestInherited:
        def setup_method(self):
            done.append("set up")

        def test_it(self):
            assert done.pop() == "set up"
            fresh()


@mock_backup(account_id=ACCOUNT)
class TestOuter(Base):
    TestAlias = Elsewhere

    class TestInner:
        def setup_method(self):
            done.append("set up")

        def test_it(self):
            assert done.pop() == "set up"
            fresh()


TestInnerAlone = TestOuter.TestInner


class TestOther:
    TestInnerThere = TestOuter.TestInner

    class TestSubclass(TestOuter.TestInner):
        pass


def test_what_is_elsewhere_is_as_it_was():
    for left in (Elsewhere, Base.TestInherited):
        assert not hasattr(left, "teardown_method")
    with pytest.raises(FakeBackupError):
        Elsewhere().test_it()
"""

ROUND_IT = """
class TestWithSetup:
    def setup_method(self):
        pass

    @mock_backup(account_id=ACCOUNT)
    class TestInner:
        def setup_method(self):
            fresh()

        def test_it(self):
            fresh(jobs=1)


class TestWithTeardown:
    def teardown_method(self):
        pass

    @mock_backup(account_id=ACCOUNT)
    class TestInner:
        def teardown_method(self):
            done.append(len(current().backup_jobs))

        def test_it(self):
            fresh()


def test_torn_down_once():
    assert done == [1]
"""

FAILING = """
@mock_backup(account_id=ACCOUNT)
class TestOuter:
    class TestSetup:
        def setup_method(self):
            raise ValueError("up")

        def teardown_method(self):
            raise ValueError("never")

        def test_it(self):
            pass

    class TestTeardown:
        def teardown_method(self):
            raise ValueError("down")

        def test_it(self):
            fresh()
"""


@pytest.mark.parametrize(
    ("tests", "passed"),
    [(NESTED, 9), (METHODS, 3), (OPTIONS, 15), (FROM_ELSEWHERE, 7), (ROUND_IT, 3)],
    ids=["nested", "methods", "options", "from elsewhere", "round it"],
)
def test_nested_classes(pytester: pytest.Pytester, tests: str, passed: int) -> None:
    """Each test of a nested class has a fresh fake, of the nearest decoration.

    Its setup_method is called once and inside, after the fixtures of the classes round it.
    """
    pytester.makeini("[pytest]\npython_classes = Test When\npython_functions = test check\n")
    pytester.makepyfile(HEAD + tests)
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.assert_outcomes(passed=passed)


def test_methods_of_a_nested_class_that_fail(pytester: pytest.Pytester) -> None:
    """What setup_method and teardown_method raise is told, and no fake is left."""
    pytester.makepyfile(HEAD + FAILING)
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.assert_outcomes(passed=1, errors=2)
    run.stdout.fnmatch_lines(["E * ValueError: up", "E * ValueError: down"])
    run.stdout.no_fnmatch_line("*never*")
    run.stdout.no_fnmatch_line("*DID NOT RAISE*")


def test_one_decorator_of_two_classes() -> None:
    """Two classes, and two instances, that share a decorator do not share a fake."""
    decorator = mock_backup(region="eu-west-1")

    @decorator
    class One:
        """A class without methods of its own."""

    @decorator
    class Other:
        """Another one."""

    instances: list[Any] = [One(), Other(), One()]
    fakes = []
    for instance in instances:
        instance.setup_method()
        fakes.append(current())
    assert len(set(map(id, fakes))) == 3
    # In any order: each ends its own.
    for instance, fake in ((instances[0], fakes[2]), (instances[2], fakes[1])):
        instance.teardown_method()
        assert current() is fake
    instances[1].teardown_method()
    with pytest.raises(FakeBackupError):
        current()


@mock_backup
class Holder:
    """A decorated class that holds what is no test."""

    class Colour(enum.Enum):
        """An enum."""

        RED = 1

    @dataclass
    class Row:
        """A dataclass."""

        name: str

    class Pair(NamedTuple):
        """A named tuple."""

        left: int

    @runtime_checkable
    class Closes(Protocol):
        """A protocol, which would ask for every method that is added."""

        def close(self) -> None:
            """Close."""

    class ProblemError(Exception):
        """An exception."""

    class Settings:
        """Nothing but values."""

        name = "x"

    Error = FakeBackupError


@pytest.mark.parametrize(
    "name", ["Colour", "Row", "Pair", "Closes", "ProblemError", "Settings", "Error"]
)
def test_what_holds_no_tests_is_left_alone(name: str) -> None:
    """A class that pytest collects nothing of gets no methods by being nested."""
    assert not hasattr(getattr(Holder, name), "setup_method")


def test_the_holder_is_decorated() -> None:
    """The class that they are nested in is."""
    assert hasattr(Holder, "setup_method")
    assert [field.name for field in fields(Holder.Row)] == ["name"]
