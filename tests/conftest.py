"""What every test stands on."""

from __future__ import annotations

import os
import socket
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time
from hypothesis import settings

from support.elsewhere import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from fakebackup import FakeBackup

# Derandomised, so that a red run is red again; no deadline, since CI's cores are shared.
settings.register_profile("fakebackup", derandomize=True, deadline=None, database=None)
settings.load_profile("fakebackup")


@pytest.fixture(scope="session", autouse=True)
def _botocore_reads_each_file_once() -> Iterator[None]:
    """Parsing the same JSON in each new session of botocore's is a third of the suite's time."""
    from botocore.loaders import JSONFileLoader

    read = JSONFileLoader.load_file
    texts: dict[object, object] = {}

    def load_file(self: JSONFileLoader, path: str) -> object:
        if path not in texts:
            texts[path] = read(self, path)
        return texts[path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load_file)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobodys_aws() -> Iterator[None]:
    """No test sees the AWS settings of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(scope="module", autouse=True)
def _frozen(request: pytest.FixtureRequest) -> Iterator[None]:
    """Time stands still for the tests of a file that says so: `pytest.mark.frozen(instant)`.

    It is of the file, and not of the test, so that it stands still before a fake starts.
    """
    marker = request.node.get_closest_marker("frozen")
    if marker is None:
        yield
    else:
        with freeze_time(*marker.args):
            yield


@pytest.fixture
def backup(fake_backup: FakeBackup) -> FakeBackup:
    """The active fake; its options are those of the marker `fake_backup`."""
    return fake_backup


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """Botocore in another process, which asks a server; it does not retry."""
    process = Elsewhere()
    yield process
    process.close()


@pytest.fixture
def unfaked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A function that takes operations out of what is faked, until the test's end.

    Tests of what becomes of an operation that is not faked name theirs by it, and hold
    whether that one is faked meanwhile or not.
    """
    from fakebackup import dispatch, operations

    registry = operations.modules()
    whole = dict(registry)

    def take(*names: str) -> None:
        for name in names:
            registry.pop(name, None)
        # Answered by hand, an operation that is not faked has a route of its own.
        routes = {name: route for name, route in dispatch._routes.items() if name not in names}
        monkeypatch.setattr(dispatch, "_routes", routes)

    yield take
    # Not put back one by one: their order is part of what is told.
    registry.clear()
    registry.update(whole)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """No connection can be made, and each attempt is kept."""
    made: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        made.append(arguments)
        raise OSError("no network in this test")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    return made


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A function that writes the AWS configuration file."""

    def write(text: str) -> None:
        path = tmp_path / "config"
        path.write_text(text, "utf-8")
        monkeypatch.setenv("AWS_CONFIG_FILE", os.fspath(path))

    return write


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has keys, as a developer's has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


# --- The end of the run -----------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Sum up what `test_whole_service` counted, wherever xdist ran it; `-v`: per operation."""
    reports = terminalreporter.stats.get("passed", [])
    told = [each for report in reports for each in getattr(report, "user_properties", ())]
    if not any(name in ("valid variants", "broken variants") for name, _ in told):
        return
    terminalreporter.section("the whole service")
    for name in ("valid variants", "broken variants"):
        counted = sorted((dict(each) for kind, each in told if kind == name), key=_operation)
        totals: Counter[str] = Counter()
        for each in counted:
            operation = each.pop("operation")
            totals.update(each)
            if terminalreporter.verbosity > 0:
                terminalreporter.line(f"  {operation}: {_counts(each)}")
        terminalreporter.line(f"{name} of {len(counted)} operations: {_counts(totals)}")
    for kind, each in told:
        if kind == "not faked":
            missing = each["missing"]
            faked = f"{each['of'] - len(missing)} of the installed model's {each['of']} operations"
            terminalreporter.line(f"faked: {faked}; not faked: {', '.join(missing) or 'none'}")


def _operation(counted: Mapping[str, object]) -> str:
    return str(counted["operation"])


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counted.items() if number)
