"""What the tests in a real browser stand on; they run where Chromium is installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support.browser import Browser, browsing, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """A browser whose every request is counted."""
    if os.environ.get("TOX_ENV_NAME", "browser") != "browser":
        pytest.skip("tox -e browser runs the tests in a browser")
    if chromium() is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with browsing(tmp_path) as found:
        yield found
