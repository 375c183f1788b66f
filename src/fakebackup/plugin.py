"""The pytest plugin: the fixture `fake_backup`, its marker, and the report of failing tests.

pytest imports it in every run once fakebackup is installed, so heavy imports are left to the
fixture.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.fake import FakeBackup

_MARKER = "fake_backup"
_SIGNATURE = (
    "fake_backup(*, account_id=..., region=..., management_account=..., history=..., "
    "count_today=..., page_size=..., summed_as=..., history_everywhere=..., "
    "refuse_foreign_accounts=..., progress=..., durations=..., default_vault=..., "
    "hide_missing_vaults=..., refuse_reused_tokens=..., refuse_opted_out=..., "
    "refuse_renamed_plans=..., transport=..., retry_sleeps=..., network=..., event_readings=..., "
    "failure_report=...): run the test with an active fakebackup.FakeBackup, "
    "made with these options (the nearest marker that names an option wins)."
)
_failure = pytest.StashKey["BaseException | None"]()
"""In the stash of an item whose fake is active: the exception that failed the test, or None."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _SIGNATURE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the fixture to every item that has the marker."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and _MARKER not in names and item.get_closest_marker(_MARKER):
            names.insert(_index_of_own_fixtures(item, names), _MARKER)


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


@pytest.fixture
def fake_backup(request: pytest.FixtureRequest) -> Iterator[FakeBackup]:
    """An active `fakebackup.FakeBackup`; the marker `fake_backup` sets its options."""
    from fakebackup.mock import mock_backup

    stash = request.node.stash
    mock = mock_backup(**_options(request.node))
    stash[_failure] = None
    yield mock.start()
    mock.stop(stash[_failure])
    del stash[_failure]


def _options(item: Any) -> dict[str, Any]:
    """Return the options of an item's markers; the nearest marker wins."""
    from fakebackup.options import Options

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
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Any:  # the result passes through
    """Forget the fakes of a test when it is over."""
    _fakes(forget=True)
    try:
        return (yield)
    finally:
        _fakes(forget=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Any:  # the report passes through
    """Add the section "fakebackup" to the report of a failing test.

    The exception is kept, so that stopping the fake does not report it once more.
    """
    error = None if call.excinfo is None else call.excinfo.value
    if error is not None and _failure in item.stash:
        item.stash[_failure] = error
    report = yield
    if report.failed:
        text = _explained(error)
        if text:
            report.sections.append(("fakebackup", text))
    return report


def _fakes(*, forget: bool = False) -> list[FakeBackup]:
    """Return the fakes of the present test, importing nothing where it has used none."""
    module = sys.modules.get("fakebackup.fake")
    # While the module is being imported there is no fake yet.
    used = getattr(module, "used", None)
    return [] if used is None else used(forget=forget)


def _explained(error: BaseException | None) -> str:
    """Return the text of the section "fakebackup" of a failed test; "" for no section."""
    backends = [fake.backend for fake in _fakes() if fake.backend.options.failure_report]
    if not backends:
        return ""
    from fakebackup.report import explain

    try:
        texts = [explain(each, error) for each in backends]
    except Exception as problem:  # noqa: BLE001  pytest would end the whole run
        return f"This could not be told: {problem!r}"
    if len(texts) == 1:
        return texts[0]
    return "\n".join(
        f"Fake {at} of {len(texts)}, account {each.options.account_id}, {each.region}:\n{text}"
        for at, (each, text) in enumerate(zip(backends, texts, strict=True), 1)
    )
