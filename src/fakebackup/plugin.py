"""The pytest plugin: the fixture `fake_backup` and its marker.

pytest imports it in every run of everybody who has fakebackup installed, so what is heavy is
imported when the fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.fake import FakeBackup

_MARKER = "fake_backup"
_SIGNATURE = (
    "fake_backup(*, account_id=..., region=..., management_account=..., history=..., "
    "count_today=..., page_size=..., summed_as=..., history_everywhere=..., "
    "refuse_foreign_accounts=...): run the test with an active fakebackup.FakeBackup, "
    "made with these options (the nearest marker that names an option wins)."
)
_failure = pytest.StashKey[BaseException]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _SIGNATURE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the marker bring the fixture along."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and _MARKER not in names and item.get_closest_marker(_MARKER):
            names.insert(0, _MARKER)


@pytest.fixture
def fake_backup(request: pytest.FixtureRequest) -> Iterator[FakeBackup]:
    """An active `fakebackup.FakeBackup`; the marker `fake_backup` sets its options."""
    from fakebackup.mock import mock_backup

    mock = mock_backup(**_options(request.node))
    yield mock.start()
    mock.stop(request.node.stash.get(_failure, None))


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
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Any:  # the report passes through
    """Keep what failed a test, so that leaving the fake need not report it once more."""
    if call.excinfo is not None and _MARKER in getattr(item, "fixturenames", ()):
        item.stash[_failure] = call.excinfo.value
    return (yield)
