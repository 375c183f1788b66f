"""What the tests of operations share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.botocore_model import known
from support.conformance import check_refusal
from support.starting import World, furnished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup


@pytest.fixture(autouse=True, scope="module")
def _every_refusal_has_awss_form() -> Iterator[None]:
    """Whatever error of AWS Backup a test here provokes, its response has the form of AWS's."""
    made = ClientError.__init__

    def hold(self: ClientError, error_response: Any, operation_name: str) -> None:
        made(self, error_response, operation_name)
        if known(operation_name):
            check_refusal(operation_name, error_response)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientError, "__init__", hold)
        yield


@pytest.fixture
def world(backup: FakeBackup) -> World:
    """A fake with something to copy, restore, scan, stop and validate."""
    return furnished(backup)
