"""The pytest plugin, as a project sees it that has fakebackup installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# Each run is a Python of its own: hooks, warnings and sys.modules are a project's, not ours.
# pytest-asyncio is of no use here, and warns of an option where warnings are errors.
QUIETLY = ("-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
IN_ORDER = (*QUIETLY, "-p", "no:randomly")


WORKING = '''
import unittest

import boto3
import pytest

from fakebackup import FakeBackup, FakeBackupError, current, mock_backup

pytestmark = pytest.mark.fake_backup(account_id="111122223333", count_today=False)


def nothing_is_active():
    with pytest.raises(FakeBackupError):
        current()
    return True


def test_fixture(fake_backup):
    assert isinstance(fake_backup, FakeBackup)
    assert current() is fake_backup
    job = fake_backup.add_backup_job(State="FAILED")
    (listed,) = boto3.client("backup").list_backup_jobs(ByState="FAILED")["BackupJobs"]
    assert listed["BackupJobId"] == job.id


def test_each_test_has_its_own(fake_backup):
    assert not fake_backup.backup_jobs
    assert not fake_backup.calls


def test_module_marker(fake_backup):
    assert fake_backup.account_id == "111122223333"
    assert fake_backup.backend.options.count_today is False


@pytest.mark.fake_backup(region="eu-west-1")
def test_function_marker_adds(fake_backup):
    assert (fake_backup.account_id, fake_backup.region) == ("111122223333", "eu-west-1")


@pytest.mark.fake_backup(account_id="444455556666", region="eu-west-1")
class TestMarkedClass:
    def test_class_wins_over_module(self, fake_backup):
        assert (fake_backup.account_id, fake_backup.region) == ("444455556666", "eu-west-1")
        assert fake_backup.backend.options.count_today is False

    @pytest.mark.fake_backup(region="eu-west-2", count_today=True)
    def test_function_wins_over_class(self, fake_backup):
        assert (fake_backup.account_id, fake_backup.region) == ("444455556666", "eu-west-2")
        assert fake_backup.backend.options.count_today is True


def test_marker_without_fixture():
    assert current().account_id == "111122223333"


@pytest.mark.parametrize("count", [1, 2])
def test_parameters(count):
    current().add_backup_jobs(count)
    assert len(current().backup_jobs) == count


def test_asked_for_by_name(request):
    assert request.getfixturevalue("fake_backup") is current()


@pytest.fixture
def seeded(fake_backup):
    return fake_backup.add_backup_job()


def test_through_another_fixture(seeded, fake_backup):
    assert list(fake_backup.backup_jobs) == [seeded.id]


def test_mock_backup_joins(fake_backup):
    with mock_backup() as inner:
        assert inner is fake_backup
    assert current() is fake_backup
    with mock_backup(region="eu-west-3") as inner:
        assert inner is not fake_backup
    assert current() is fake_backup


@mock_backup
class TestDecoratedClass:
    def test_fresh(self):
        assert not current().backup_jobs


class TestCase(unittest.TestCase):
    def setUp(self):
        current().add_backup_job()

    def test_marker_on_a_testcase(self):
        assert len(current().backup_jobs) == 1
        assert current().account_id == "111122223333"


@pytest.fixture(scope="module")
def wide():
    """A fixture of wider scope than the fake, with an active one of its own for its life."""
    assert nothing_is_active()
    with mock_backup(region="ap-south-1") as backup:
        yield backup


@pytest.mark.fake_backup(region="eu-west-1")
def test_wider_fixtures_stay_outside(wide):
    assert current() is not wide
    assert current().region == "eu-west-1"
'''

AUTOUSE = """
import pytest

from fakebackup import current


@pytest.fixture(autouse=True)
def seeded():
    current().add_backup_job()


@pytest.mark.fake_backup
def test_bare_marker():
    assert len(current().backup_jobs) == 1
"""


def test_fixture_and_marker(pytester: pytest.Pytester) -> None:
    """The fixture is an active fake of its test; markers set its options, the nearest wins.

    The marker brings the fixture along: before the test's own fixtures, autouse ones too, but
    after those of wider scope, which outlive it.
    """
    pytester.makepyfile(test_working=WORKING, test_autouse=AUTOUSE)
    run = pytester.runpytest_subprocess("-W", "error", "--strict-markers", *IN_ORDER)
    run.assert_outcomes(passed=16)


REFUSED = '''
import pytest

from fakebackup import current


@pytest.mark.fake_backup(acount_id="111122223333")
def test_misspelt():
    """Never runs."""


@pytest.mark.fake_backup("eu-west-1")
def test_positional(fake_backup):
    """Never runs."""


@pytest.mark.fake_backup(region="EU West")
def test_value(fake_backup):
    """Never runs."""


def test_next_is_well(fake_backup):
    assert current() is fake_backup
'''


def test_wrong_markers(pytester: pytest.Pytester) -> None:
    """A wrong option in a marker is an error of that test, in so many words; the next is well."""
    pytester.makepyfile(REFUSED)
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.assert_outcomes(errors=3, passed=1)
    run.stdout.fnmatch_lines(
        [
            (
                "E*TypeError: @pytest.mark.fake_backup() has no option 'acount_id'; did you mean "
                "'account_id'? The options are account_id, *"
            ),
            (
                "E*TypeError: @pytest.mark.fake_backup takes its options by name, as in "
                "@pytest.mark.fake_backup(region='eu-west-1'); it was given ('eu-west-1',)."
            ),
            "E*ValueError: region is the name of an AWS region such as 'eu-west-1', not 'EU West'*",
        ]
    )


def test_the_marker_is_listed(pytester: pytest.Pytester) -> None:
    """`pytest --markers` shows every option that there is."""
    from fakebackup.options import OptionValues

    run = pytester.runpytest_subprocess("--markers", *IN_ORDER)
    (line,) = [line for line in run.outlines if line.startswith("@pytest.mark.fake_backup(")]
    options = line.partition("(")[2].partition("):")[0].split(", ")
    assert options[0] == "*"
    assert sorted(options[1:]) == sorted(f"{name}=..." for name in OptionValues.__annotations__)
    assert line.endswith(
        "run the test with an active fakebackup.FakeBackup, made with these options "
        "(the nearest marker that names an option wins, then the fixture fake_backup_options)."
    )


OWN = """
import boto3
import pytest

from fakebackup import current, mock_backup


@pytest.fixture(scope="session", autouse=True)
def of_the_session():
    with mock_backup() as backup:
        backup.add_backup_jobs(3)
        yield backup


@pytest.fixture
def of_the_test():
    with mock_backup(region="eu-west-3") as backup:
        yield backup


def listed():
    return len(boto3.client("backup", region_name="eu-west-3").list_backup_jobs()["BackupJobs"])


@pytest.mark.parametrize("turn", [1, 2])
def test_it_is_empty(fake_backup, of_the_session, turn):
    assert fake_backup is not of_the_session
    assert current() is fake_backup
    fake_backup.at(region="eu-west-3").add_backup_job()
    assert listed() == 1
    assert len(fake_backup.calls) == 1
    assert not of_the_session.calls


@pytest.mark.fake_backup
def test_so_it_is_by_the_marker(of_the_session):
    assert not current().backup_jobs


def test_inside_one_of_the_tests_own(of_the_test, fake_backup):
    assert current() is fake_backup is not of_the_test


def test_inside_another_with_options(fake_backup, of_the_test):
    assert current() is of_the_test is not fake_backup


def test_mock_backup_joins_as_ever(of_the_session):
    with mock_backup() as inner:
        assert inner is of_the_session
    assert len(of_the_session.backup_jobs) == 3


@mock_backup
def test_a_decorator_joins_the_fixtures(fake_backup):
    assert current() is fake_backup
"""


def test_the_fixture_is_a_fake_of_its_own(pytester: pytest.Pytester) -> None:
    """Whatever wider fake is active the fixture gives a fresh one, and the wider one stays."""
    pytester.makepyfile(OWN)
    run = pytester.runpytest_subprocess("-W", "error", *IN_ORDER)
    run.assert_outcomes(passed=7)


PROJECT = """
import pytest


@pytest.fixture(scope="session")
def fake_backup_options():
    return {"region": "eu-west-3", "account_id": "111122223333", "default_vault": True}
"""

FOLDER = """
import pytest


@pytest.fixture(scope="package")
def fake_backup_options(fake_backup_options):
    return fake_backup_options | {"region": "sa-east-1"}
"""

OPTIONS = """
import unittest

import pytest

from fakebackup import current, mock_backup


def options(backup):
    return backup.account_id, backup.region, backup.backend.options.default_vault


def test_the_projects(fake_backup):
    assert options(fake_backup) == ("111122223333", "eu-west-3", True)


@pytest.mark.fake_backup
def test_by_the_marker_alone():
    assert options(current()) == ("111122223333", "eu-west-3", True)


@pytest.mark.fake_backup(region="us-west-2", default_vault=False)
def test_markers_win_name_by_name(fake_backup):
    assert options(fake_backup) == ("111122223333", "us-west-2", False)


@pytest.mark.fake_backup(account_id="444455556666")
class TestMarked:
    @pytest.mark.fake_backup(region="us-west-2")
    def test_they_add_up(self):
        assert options(current()) == ("444455556666", "us-west-2", True)


class TestOfItsOwn:
    @pytest.fixture
    def fake_backup_options(self):
        return {"region": "ap-south-1"}

    def test_the_nearest_fixture(self, fake_backup):
        assert options(fake_backup) == ("123456789012", "ap-south-1", False)

    @pytest.mark.fake_backup(default_vault=True)
    def test_and_the_marker(self):
        assert options(current()) == ("123456789012", "ap-south-1", True)


class TestAdding:
    @pytest.fixture(params=["us-west-1", "us-west-2"])
    def fake_backup_options(self, fake_backup_options, request):
        return {**fake_backup_options, "region": request.param}

    def test_each(self, fake_backup, request):
        region = request.node.callspec.params["fake_backup_options"]
        assert options(fake_backup) == ("111122223333", region, True)


@pytest.mark.fake_backup
class Case(unittest.TestCase):
    def test_a_marked_testcase(self):
        assert options(current()) == ("111122223333", "eu-west-3", True)


def test_mock_backup_has_its_own():
    with mock_backup(region="us-east-1") as backup:
        assert options(backup) == ("123456789012", "us-east-1", False)
"""

OF_A_MODULE = """
import pytest


@pytest.fixture(scope="module")
def fake_backup_options():
    return {"region": "ca-central-1"}


def test_the_modules(fake_backup):
    assert (fake_backup.account_id, fake_backup.region) == ("123456789012", "ca-central-1")
"""

OF_A_FOLDER = """
def test_the_folders(fake_backup):
    assert (fake_backup.account_id, fake_backup.region) == ("111122223333", "sa-east-1")
"""


def test_options_of_a_project(pytester: pytest.Pytester) -> None:
    """The fixture `fake_backup_options` is overridden in any place and scope; markers win."""
    pytester.makeconftest(PROJECT)
    of_a_class = OF_A_MODULE.replace("module", "class")
    pytester.makepyfile(test_options=OPTIONS, test_module=OF_A_MODULE, test_class=of_a_class)
    folder = pytester.mkpydir("folder")
    (folder / "conftest.py").write_text(FOLDER, "utf-8")
    (folder / "test_folder.py").write_text(OF_A_FOLDER, "utf-8")
    run = pytester.runpytest_subprocess("-W", "error", "--strict-markers", *IN_ORDER)
    run.assert_outcomes(passed=13)


PARAMETERS = """
import pytest

from fakebackup import current

pytestmark = pytest.mark.fake_backup


@pytest.fixture(params=["us-west-1", "us-west-2"])
def region(request):
    return request.param


@pytest.fixture(params=["111122223333", "444455556666"])
def fake_backup_options(request):
    return {"account_id": request.param}


@pytest.fixture(autouse=True)
def seeded():
    current().add_backup_job()


def test_each():
    backup = current()
    assert backup.account_id in ("111122223333", "444455556666")
    assert len(backup.backup_jobs) == 1


@pytest.mark.parametrize("fake_backup_options", [{"region": "eu-west-1"}], ids=["Irish"])
def test_of_the_test_itself():
    assert current().region == "eu-west-1"


class TestThroughAnother:
    @pytest.fixture
    def fake_backup_options(self, fake_backup_options, region):
        return {**fake_backup_options, "region": region}

    def test_the_product(self):
        assert current().region.startswith("us-west-")

    def test_one_that_it_names(self, region):
        assert current().region == region
"""


def test_parameters_of_options(pytester: pytest.Pytester) -> None:
    """A test with the marker alone runs with each parameter of the fixture of options."""
    pytester.makepyfile(PARAMETERS)
    run = pytester.runpytest_subprocess("-W", "error", "-v", *IN_ORDER)
    run.assert_outcomes(passed=2 + 1 + 4 + 4)
    run.stdout.fnmatch_lines_random(["*::test_each[[]111122223333] *", "*itself[[]Irish] *"])


def test_no_options_of_a_project(pytester: pytest.Pytester) -> None:
    """Without an override there are none, and `pytest --fixtures` says what the fixture is."""
    pytester.makepyfile("def test_none(fake_backup_options): assert fake_backup_options == {}")
    pytester.runpytest_subprocess(*IN_ORDER).assert_outcomes(passed=1)
    told = pytester.runpytest_subprocess("--fixtures", *IN_ORDER).stdout
    told.fnmatch_lines(
        [
            "fake_backup_options [[]session scope[]] -- *",
            "    The options of `fake_backup` as a dict: override it in a conftest, *",
        ]
    )


WRONG_OPTIONS = """
import pytest


class TestMisspelt:
    @pytest.fixture
    def fake_backup_options(self):
        return {"acount_id": "111122223333"}

    def test_it(self, fake_backup):
        pass


class TestValue:
    @pytest.fixture
    def fake_backup_options(self):
        return {"region": "EU West"}

    @pytest.mark.fake_backup(region="eu-west-1")
    def test_it(self):
        pass


class TestNothing:
    @pytest.fixture
    def fake_backup_options(self):
        {"region": "eu-west-1"}

    def test_it(self, fake_backup):
        pass


def test_next_is_well(fake_backup):
    assert fake_backup.account_id == "123456789012"
"""


def test_wrong_options_of_a_project(pytester: pytest.Pytester) -> None:
    """What is wrong with them is said as of a marker's, even where a marker wins over it."""
    pytester.makepyfile(WRONG_OPTIONS)
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.assert_outcomes(errors=3, passed=1)
    run.stdout.fnmatch_lines(
        [
            (
                "E*TypeError: The fixture fake_backup_options has no option 'acount_id'; did you "
                "mean 'account_id'? The options are account_id, *"
            ),
            "E*ValueError: region is the name of an AWS region such as 'eu-west-1', not 'EU West'*",
            (
                "E*TypeError: The fixture fake_backup_options returns a dict of options, as in "
                "return {'region': 'eu-west-1'}; it returned None."
            ),
        ]
    )


WARNING = """
import unittest

import boto3
import pytest

from fakebackup import current, mock_backup
from fakebackup.operations import modules

modules().pop("DeleteBackupPlan", None)


def refused():
    boto3.client("backup").delete_backup_plan(BackupPlanId="plan")


def swallowing():
    try:
        refused()
    except Exception:
        pass


def translating():
    try:
        refused()
    except NotImplementedError as refusal:
        raise LookupError("no plan") from refusal


@pytest.fixture
@mock_backup
def generator():
    yield current()


def test_swallowed_fixture(fake_backup):
    swallowing()


@pytest.mark.filterwarnings("error")
@pytest.mark.fake_backup
def test_swallowed_marker():
    swallowing()


@pytest.mark.filterwarnings("error")
@mock_backup
def test_swallowed_decorator():
    swallowing()


def test_swallowed_generator(generator):
    swallowing()


@mock_backup
class TestSwallowedPlain:
    def test_it(self):
        swallowing()


@mock_backup
class SwallowedCase(unittest.TestCase):
    def test_it(self):
        swallowing()


def test_swallowed_and_failed(fake_backup):
    swallowing()
    raise LookupError


def test_reported_fixture(fake_backup):
    refused()


def test_reported_by_name(request):
    request.getfixturevalue("fake_backup")
    translating()


@pytest.mark.fake_backup
def test_reported_marker():
    translating()


@mock_backup
def test_reported_decorator():
    refused()


def test_reported_generator(generator):
    refused()


@mock_backup
class TestReportedPlain:
    def test_it(self):
        refused()


@mock_backup
class ReportedCase(unittest.TestCase):
    def test_it(self):
        refused()
"""


def test_swallowed_refusals_are_shown(pytester: pytest.Pytester) -> None:
    """A refusal that a test swallowed is a warning at that test, whatever brought the fake.

    Where warnings are errors it is shown all the same, and raises nothing. A refusal that fails
    the test is in its report, and not told twice.
    """
    pytester.makepyfile(test_warning=WARNING)
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.assert_outcomes(passed=6, failed=8, warnings=7)
    summary = run.stdout.str().partition("warnings summary")[2].partition("Docs: ")[0]
    told = {line.partition("::")[2] for line in summary.splitlines() if "test_warning.py::" in line}
    assert told == {
        "test_swallowed_fixture",
        "test_swallowed_marker",
        "test_swallowed_decorator",
        "test_swallowed_generator",
        "TestSwallowedPlain::test_it",
        "SwallowedCase::test_it",
        "test_swallowed_and_failed",
    }
    assert summary.count("FakeBackupWarning: A call was refused as not faked") >= 1
    assert "fakebackup does not fake DeleteBackupPlan yet." in summary


ORDERED = """
import json
import os
import pathlib

import boto3
import pytest


@pytest.mark.parametrize("number", range(8))
def test_ids(number, fake_backup):
    jobs = fake_backup.add_backup_jobs(2) + [fake_backup.add_copy_job()]
    answer = boto3.client("backup").list_backup_jobs()
    ids = [job.id for job in jobs] + [answer["ResponseMetadata"]["RequestId"]]
    path = pathlib.Path(os.environ["IDS"], f"{number}.json")
    path.write_text(json.dumps([os.environ.get("PYTEST_XDIST_WORKER"), ids]), "utf-8")
"""


def test_ids_do_not_depend_on_workers(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `-n 2` and in a random order a test sees the same ids as alone and in order."""

    def ids(folder: str, *options: str) -> tuple[set[str | None], dict[str, list[str]]]:
        path: Path = pytester.mkdir(folder)
        monkeypatch.setenv("IDS", str(path))
        pytester.runpytest_subprocess("-W", "error", *options).assert_outcomes(passed=8)
        found = {each.name: json.loads(each.read_text("utf-8")) for each in path.iterdir()}
        return {worker for worker, _ in found.values()}, {
            name: told for name, (_, told) in found.items()
        }

    # Where our own suite is spread over workers, the run that is alone must not look so.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(ORDERED)
    workers, spread = ids("spread", *QUIETLY, "-n", "2")
    alone, ordered = ids("ordered", *IN_ORDER)
    assert (workers, alone) == ({"gw0", "gw1"}, {None})
    assert len(ordered) == 8
    assert spread == ordered


LOADED = """
import json
import os
import sys


def pytest_sessionfinish():
    with open(os.environ["LOADED"], "w", encoding="utf-8") as file:
        json.dump(sorted(sys.modules), file)
"""


def test_an_unused_fake_loads_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that never uses the fake loads the plugin's own module for it, and nothing else."""

    def loaded(name: str, *options: str) -> set[str]:
        path = pytester.path / name
        monkeypatch.setenv("LOADED", str(path))
        pytester.runpytest_subprocess(*options, *IN_ORDER).assert_outcomes(passed=1)
        return set(json.loads(path.read_text("utf-8")))

    pytester.makeconftest(LOADED)
    pytester.makepyfile("def test_nothing(): pass")
    extra = loaded("with") - loaded("without", "-p", "no:fakebackup")
    assert extra == {"fakebackup", "fakebackup.plugin"}


LATE = """
import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "collected" in item.name:
            item.add_marker(pytest.mark.fake_backup(region="us-west-2"))


def pytest_runtest_setup(item):
    if "set_up" in item.name:
        item.add_marker(pytest.mark.fake_backup(region="us-west-2"))


@pytest.fixture(autouse=True)
def _apply(request):
    if "too_late" in request.node.name:
        request.applymarker(pytest.mark.fake_backup)
"""

MARKED = """
import boto3
import pytest

from fakebackup import current


@pytest.fixture(autouse=True)
def vault(request):
    if request.node.get_closest_marker("fake_backup"):
        boto3.client("backup").create_backup_vault(BackupVaultName="daily")


@pytest.fixture
def client():
    return boto3.client("backup")


@pytest.mark.fake_backup(region="eu-west-1")
class TestMarked:
    def test_alone(self):
        assert "daily" in current().vaults

    def test_named(self, fake_backup):
        assert "daily" in fake_backup.vaults

    def test_named_last(self, client, fake_backup):
        assert client.meta.region_name == "eu-west-1"
        assert "daily" in fake_backup.vaults


def test_collected():
    assert current().region == "us-west-2"


def test_collected_and_named(client, fake_backup):
    assert fake_backup.region == client.meta.region_name == "us-west-2"


def test_set_up():
    assert current().region == "us-west-2"
"""


def test_a_marked_test_is_inside_from_the_beginning(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other fixtures run inside, whether it names the fixture, and whoever marked it."""
    # With a Region of its own a client that is made outside would not fail.
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    pytester.makeconftest(LATE)
    pytester.makepyfile(MARKED)
    pytester.runpytest_subprocess(*IN_ORDER).assert_outcomes(passed=6)


def test_a_marker_that_comes_too_late(pytester: pytest.Pytester) -> None:
    """A marker that can do nothing any more fails the test, which runs no line."""
    pytester.makeconftest(LATE)
    pytester.makepyfile("def test_too_late(): print('it' + ' ran')")
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(
        "The marker fake_backup was added while the test's fixtures were set up, and so no fake is "
        "active. Add it before, in pytest_collection_modifyitems or in pytest_runtest_setup, or "
        "name the fixture fake_backup in the test."
    )
    run.stdout.no_fnmatch_line("it ran")


PARAMETRISED = """
import pytest


@pytest.mark.fake_backup(region="eu-west-3", account_id="111122223333")
@pytest.mark.parametrize(
    "fake_backup", [{"region": "eu-west-1"}, {"region": "eu-west-2"}], indirect=True
)
def test_each(fake_backup, request):
    assert fake_backup.region == request.node.callspec.params["fake_backup"]["region"]
    assert fake_backup.account_id == "111122223333"


@pytest.mark.parametrize("fake_backup", ["eu-west-1", {"rejoin": "eu-west-1"}], indirect=True)
def test_wrong(fake_backup):
    pass
"""


def test_the_fixture_is_parametrised(pytester: pytest.Pytester) -> None:
    """Its parameter is the options, which win over those of the marker."""
    pytester.makepyfile(PARAMETRISED)
    run = pytester.runpytest_subprocess(*IN_ORDER)
    run.assert_outcomes(passed=2, errors=2)
    run.stdout.fnmatch_lines(
        [
            "E*TypeError: The fixture fake_backup is param* dicts of options, as in *'eu-west-1'.",
            "E*TypeError: The parameter of fake_backup has no option 'rejoin'; did you mean 'reg*",
        ]
    )


OF_A_PLUGIN = """
import pytest


@pytest.fixture(scope="session")
def fake_backup_options(ASKED):
    return {"region": "eu-central-1"}
"""


@pytest.mark.parametrize("how", ["before", "after"])
def test_options_of_another_plugin(pytester: pytest.Pytester, how: str) -> None:
    """The options of a plugin count, be it loaded before fakebackup or after."""
    pytester.makepyfile(ours=OF_A_PLUGIN.replace("ASKED", ""))
    pytester.makepyfile("def test_of(fake_backup): assert fake_backup.region == 'eu-central-1'")
    pytester.syspathinsert()
    if how == "after":
        pytester.makeconftest("pytest_plugins = 'ours'")
    loaded = ("-p", "ours") if how == "before" else ()
    pytester.runpytest_subprocess(*loaded, *IN_ORDER).assert_outcomes(passed=1)


def test_options_of_a_plugin_that_asks_for_ours(pytester: pytest.Pytester) -> None:
    """One that is loaded before fakebackup has none to extend, and pytest says so."""
    pytester.makepyfile(ours=OF_A_PLUGIN.replace("ASKED", "fake_backup_options"))
    pytester.makepyfile("def test_of(fake_backup): pass")
    pytester.syspathinsert()
    run = pytester.runpytest_subprocess("-p", "ours", *IN_ORDER)
    run.assert_outcomes(errors=1)
    run.stdout.fnmatch_lines("*recursive dependency involving fixture 'fake_backup_options'*")


INSIDE = """
import boto3
import pytest

pytest_plugins = "pytester"

TEST = '''
import boto3


def test_inside(fake_backup):
    client = boto3.client("backup")
    client.create_legal_hold(Title="audit", Description="of 2026")
    with fake_backup.savepoint():
        fake_backup.fail("ListLegalHolds", code="ThrottlingException")
        with fake_backup.serve():
            fake_backup.add_backup_job()
'''


def test_of_a_plugin(pytester):
    pytester.makepyfile(TEST)
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=1)


@pytest.mark.parametrize("error", ["ThrottlingException", "ReadTimeoutError"])
def test_afterwards(fake_backup, error):
    client = boto3.client("backup")
    client.create_legal_hold(Title="audit", Description="of 2026")
    with fake_backup.savepoint():
        fake_backup.fail("ListLegalHolds", code=error, times=9)
        with pytest.raises(Exception, match="Throttling|timeout"):
            client.list_legal_holds()
    assert client.list_legal_holds()["LegalHolds"]
"""


@pytest.mark.parametrize("plugin", ["pytester", "_pytest.pytester"])
def test_pytest_inside_of_a_test(pytester: pytest.Pytester, plugin: str) -> None:
    """What a run inside a test imports, and pytester makes Python forget, stays whole."""
    tests = INSIDE.replace("OPTIONS", repr(QUIETLY)).replace('"pytester"', repr(plugin))
    pytester.makepyfile(tests)
    pytester.runpytest_subprocess(*IN_ORDER).assert_outcomes(passed=3)


WITHOUT_PLUGIN = '''
import unittest

import boto3
import pytest

from fakebackup import current, mock_backup


def listed():
    current().add_backup_job()
    return len(boto3.client("backup").list_backup_jobs()["BackupJobs"])


@mock_backup
def test_function():
    assert listed() == 1


@pytest.fixture
@mock_backup
def backup():
    yield current()


def test_generator(backup):
    assert listed() == 1


@mock_backup
class TestPlain:
    def test_it(self):
        assert listed() == 1


@mock_backup
class Case(unittest.TestCase):
    def test_it(self):
        assert listed() == 1


def test_block():
    with mock_backup():
        assert listed() == 1


def test_fixture(fake_backup):
    """There is none."""
'''


def test_without_the_plugin(pytester: pytest.Pytester) -> None:
    """With `-p no:fakebackup` the fixture is gone, and everything else works."""
    pytester.makepyfile(WITHOUT_PLUGIN)
    run = pytester.runpytest_subprocess("-p", "no:fakebackup", "-W", "error", *IN_ORDER)
    run.assert_outcomes(passed=5, errors=1)
    run.stdout.fnmatch_lines(["E*fixture 'fake_backup' not found"])
