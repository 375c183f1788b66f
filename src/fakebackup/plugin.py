"""The pytest plugin: the fixtures, their options, and the report of failing tests.

pytest imports it in every run once fakebackup is installed, so heavy imports are left to the
fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.fake import FakeBackup
    from fakebackup.hook.clients import Active
    from fakebackup.options import OptionValues
    from fakebackup.serve.server import Server

_MARKER = "fake_backup"
_OPTIONS = "fake_backup_options"
_SIGNATURE = (
    "fake_backup(*, account_id=..., region=..., management_account=..., history=..., "
    "count_today=..., page_size=..., summed_as=..., history_everywhere=..., "
    "refuse_foreign_accounts=..., progress=..., durations=..., default_vault=..., "
    "hide_missing_vaults=..., refuse_reused_tokens=..., refuse_opted_out=..., "
    "refuse_renamed_plans=..., enforce_policies=..., enforce_cross_account=..., "
    "same_resource=..., quotas=..., transport=..., retry_sleeps=..., network=..., "
    "beside=..., event_readings=..., failure_report=..., leftovers=...): run the test with an "
    "active fakebackup.FakeBackup, made with these options (the nearest marker that names an "
    "option wins, then the fixture fake_backup_options)."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the pages of failing tests."""
    parser.getgroup("fakebackup", "AWS Backup inside the test process").addoption(
        "--fake-backup-report",
        metavar="DIR",
        help="write a page into DIR for each failing test that used a fake: it shows what happened",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _SIGNATURE)


@pytest.hookimpl(wrapper=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Any:  # the result passes through
    """Let a test that has the marker alone run with each parameter of the fixture's options.

    pytest looks for parameters only among the fixtures that a test names.
    """
    names = metafunc.fixturenames
    if _MARKER in names or metafunc.definition.get_closest_marker(_MARKER) is None:
        return (yield)
    named = list(names)
    names.extend(_needed(metafunc, named))
    try:
        return (yield)
    finally:
        names[:] = named


def _needed(metafunc: pytest.Metafunc, named: list[str]) -> list[str]:
    """Return the names of the fixtures that the marker's fixture needs, those named left out.

    pytest is told of their definitions, too.
    """
    # There is no public way; without these attributes no parameters are found.
    manager = getattr(metafunc.definition.session, "_fixturemanager", None)
    known = getattr(metafunc, "_arg2fixturedefs", None)
    if manager is None or known is None:
        return []
    definition: Any = metafunc.definition
    # It was known by its id before.
    node = definition if pytest.version_tuple >= (8, 1) else definition.nodeid
    found: list[str] = []
    waiting = [_MARKER]
    while waiting:
        name = waiting.pop()
        if name in named or name in found:
            continue
        definitions = known.get(name) or manager.getfixturedefs(name, node)
        if definitions:
            known[name] = definitions
            found.append(name)
            # One that overrides another of its name may ask for that.
            waiting += [each for definition in definitions for each in definition.argnames]
    return found


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import the whole library where tests run pytest in their own process.

    The fixture `pytester` makes Python forget what such a run imports. A library of which half is
    imported once more has its classes twice, and the halves do not know each other's.
    """
    pytester = sys.modules[pytest.Pytester.__module__]
    if not session.config.pluginmanager.is_registered(pytester):
        return
    import importlib
    import pkgutil

    import fakebackup

    for module in pkgutil.walk_packages(fakebackup.__path__, "fakebackup."):
        # It needs hypothesis, and no other module needs it.
        if module.name != "fakebackup.strategies":
            importlib.import_module(module.name)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Set up the fixture of a test that has the marker before its others, named or not.

    Another hook may have added the marker, at any time before.
    """
    names = getattr(item, "fixturenames", None)
    if names is None or item.get_closest_marker(_MARKER) is None:
        return
    index = _index_of_own_fixtures(item, names)
    if _MARKER not in names[: index + 1]:
        names[:] = [each for each in names if each != _MARKER]
        names.insert(index, _MARKER)


def _index_of_own_fixtures(item: pytest.Item, names: list[str]) -> int:
    """Return the index after an item's fixtures of wider scope, before its own.

    A fixture of wider scope outlives the test: if it were set up inside the fake, its client or
    mock_backup would differ between the first test and the others.
    """
    # There is no public way; without this attribute the marker's fixture goes first.
    info = getattr(item, "_fixtureinfo", None)
    known = getattr(info, "name2fixturedefs", {})
    for index, name in enumerate(names):
        if name not in known or known[name][-1].scope == "function":
            return index
    return len(names)


@pytest.fixture(scope="session")
def fake_backup_options(request: pytest.FixtureRequest) -> OptionValues:
    """The options of `fake_backup` as a dict: override it in a conftest, a module or a class.

    The marker `fake_backup` wins over it, name by name.
    """
    try:
        # That of a plugin which was loaded before this one.
        options: OptionValues = request.getfixturevalue(_OPTIONS)
    except pytest.FixtureLookupError as error:
        if error.request is not request:
            raise
        return {}
    return options


@pytest.fixture
def fake_backup(
    request: pytest.FixtureRequest, fake_backup_options: OptionValues
) -> Iterator[FakeBackup]:
    """An active `fakebackup.FakeBackup` of the test's own, whatever other fake is active.

    Its options are those that the test is parametrised with, else of the marker `fake_backup`,
    else of the fixture `fake_backup_options`.
    """
    from fakebackup.mock import MockBackup

    options = _options(request.node, fake_backup_options, getattr(request, "param", {}))
    mock = MockBackup(options, fresh=True)
    yield mock.start()
    mock.stop()


@pytest.fixture
def fake_backup_server(fake_backup: FakeBackup) -> Iterator[Server]:
    """A running `fakebackup.Server` of the test's `fake_backup`, for other processes.

    What is raised while it answers fails the test.
    """
    with fake_backup.serve() as server:
        yield server


def _options(item: Any, project: object, parameter: object) -> OptionValues:
    """Return the options of an item: its parameter's, its markers', or else the project's.

    Args:
        item: the item.
        project: the value of the fixture `fake_backup_options`.
        parameter: the options that the fixture `fake_backup` is parametrised with.
    """
    from fakebackup.options import Options

    if not isinstance(project, Mapping):
        msg = (
            f"The fixture {_OPTIONS} returns a dict of options, as in "
            f"return {{'region': 'eu-west-1'}}; it returned {project!r}."
        )
        raise TypeError(msg)
    if not isinstance(parameter, Mapping):
        msg = (
            f"The fixture {_MARKER} is parametrised with dicts of options, as in "
            f"@pytest.mark.parametrize(\"{_MARKER}\", [{{'region': 'eu-west-1'}}], "
            f"indirect=True); it was given {parameter!r}."
        )
        raise TypeError(msg)
    Options.read(project, f"The fixture {_OPTIONS}")
    Options.read(parameter, f"The parameter of {_MARKER}")
    found: dict[str, Any] = {}
    for marker in item.iter_markers(_MARKER):
        if marker.args:
            msg = (
                f"@pytest.mark.{_MARKER} takes its options by name, as in "
                f"@pytest.mark.{_MARKER}(region='eu-west-1'); it was given {marker.args!r}."
            )
            raise TypeError(msg)
        found = marker.kwargs | found
    Options.read(found, f"@pytest.mark.{_MARKER}()")
    options: Any = {**project, **found, **parameter}
    return cast("OptionValues", options)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Any:  # the result passes through
    """Forget the fakes of a test when it is over."""
    _fakes(forget=True)
    try:
        return (yield)
    finally:
        _fakes(forget=True)


_TOO_LATE = (
    f"The marker {_MARKER} was added while the test's fixtures were set up, and so no fake is "
    f"active. Add it before, in pytest_collection_modifyitems or in pytest_runtest_setup, or name "
    f"the fixture {_MARKER} in the test."
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:  # the result passes through
    """Fail a test for what its server's threads raised, and for what it left over.

    The latter where the option `leftovers` wants that. A marker that came too late fails it before
    it runs: its clients would reach AWS.
    """
    names = getattr(item, "fixturenames", None)
    if names is not None and _MARKER not in names and item.get_closest_marker(_MARKER) is not None:
        raise pytest.fail.Exception(_TOO_LATE, pytrace=False)
    result = yield
    servers = sys.modules.get("fakebackup.serve.server")
    if servers is not None:
        servers.raise_errors()
    refuse = _of_fakes("refuse_leftovers")
    if refuse is not None:
        from fakebackup.errors import FakeBackupError

        try:
            refuse()
        except FakeBackupError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Any:  # the report passes through
    """Add the section "fakebackup" to the report of a failing test, and write its pages.

    The exception is noted, so that stopping the fake does not report it once more.
    """
    report = yield
    # Now it is that of a TestCase's test, too.
    error = None if call.excinfo is None else call.excinfo.value
    note = _of_fakes("note_failure")
    if note is not None:
        note(error, first=call.when == "setup")
    if report.failed:
        parts = [_explained(error), *_written(item, call.when, error)]
        text = "\n".join(filter(None, parts))
        if text:
            report.sections.append(("fakebackup", text))
    return report


def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Note what ended the run, so that fakes which end with it report nothing else."""
    note = _of_fakes("note_failure")
    if note is not None:
        note(excinfo.value, first=False)


def _fakes(*, forget: bool = False) -> list[Active]:
    """Return the fakes of the present test."""
    used = _of_fakes("used")
    return [] if used is None else used(forget=forget)


def _of_fakes(name: str) -> Any:
    """Return a function of `fake.present`; None, importing nothing, where no fake was made."""
    # While the module is being imported there is no fake yet.
    return getattr(sys.modules.get("fakebackup.fake.present"), name, None)


def _explained(error: BaseException | None) -> str:
    """Return the text of the section "fakebackup" of a failed test; "" for no section."""
    backends = [fake.backend for fake in _fakes() if fake.backend.options.failure_report]
    if not backends:
        return ""
    from fakebackup.report import explain, mix_ups

    try:
        texts = [explain(each, error) for each in backends]
    except Exception as problem:  # noqa: BLE001  pytest would end the whole run
        return f"This could not be told: {problem!r}"
    if len(texts) == 1:
        return texts[0]
    parts = [
        f"Fake {at} of {len(texts)}, account {each.options.account_id}, {each.region}:\n{text}"
        for at, (each, text) in enumerate(zip(backends, texts, strict=True), 1)
    ]
    return "\n".join([*parts, *mix_ups(backends)])


def _written(item: pytest.Item, when: str, error: BaseException | None) -> list[str]:
    """Write the pages of a failed test if they are wanted, and return the lines that name them.

    Args:
        item: the test.
        when: the phase that failed.
        error: the exception that failed it.
    """
    wanted = item.config.getoption("--fake-backup-report", None)
    fakes = _fakes() if wanted else []
    if not fakes:
        return []
    folder = item.config.invocation_params.dir / wanted
    lines = []
    for number, fake in enumerate(fakes, 1):
        # A test may fail in several phases, and have several fakes.
        phase = "" if when == "call" else f" {when}"
        which = "" if number == 1 else f" fake {number}"
        try:
            from fakebackup.pages import files
            from fakebackup.report import explain

            path = folder / files.file_name(f"{item.nodeid}{phase}{which}")
            said = explain(fake.backend, error)
            files.write_failing(fake.backend, path, item.nodeid, said=said, error=error)
        except Exception as problem:  # noqa: BLE001  pytest would end the whole run
            lines.append(f"No page of what happened: {problem!r}")
        else:
            lines.append(f"Page of what happened: {path}")
    return lines
