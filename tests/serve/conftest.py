"""What the tests of the server stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.elsewhere import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """Botocore in another process; it does not retry."""
    process = Elsewhere()
    yield process
    process.close()
