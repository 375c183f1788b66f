"""What the tests of operations share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.starting import World, furnished

if TYPE_CHECKING:
    from fakebackup import FakeBackup


@pytest.fixture
def world(backup: FakeBackup) -> World:
    """A fake with something to copy, restore, scan, stop and validate."""
    return furnished(backup)
