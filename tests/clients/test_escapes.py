"""Nothing escapes: every operation, from every kind of client, opens no connection."""

from __future__ import annotations

import asyncio
import functools
import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aiobotocore.session import AioSession
from botocore import xform_name
from botocore.exceptions import ClientError, NoCredentialsError

from fakebackup import OperationNotFaked, mock_backup
from fakebackup.operations import operations
from support.botocore_model import least_parameters, model

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def methods(client: Any) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Per operation of the installed model, a client's method and the least parameters."""
    return {
        name: (getattr(client, xform_name(name)), least_parameters(name))
        for name in model().operation_names
    }


def outcome(call: Callable[[], Any]) -> str:
    """What becomes of a call: the name of its error, or "answered"."""
    try:
        call()
    except (ClientError, OperationNotFaked) as error:
        return type(error).__name__
    return "answered"


async def outcome_async(call: Awaitable[Any]) -> str:
    """What becomes of an awaited call: the name of its error, or "answered"."""
    try:
        await call
    except (ClientError, OperationNotFaked) as error:
        return type(error).__name__
    return "answered"


def call_all() -> dict[str, str]:
    """Call every operation through boto3; per operation, what became of it."""
    client: Any = boto3.Session().client("backup")
    return {
        name: outcome(functools.partial(method, **parameters))
        for name, (method, parameters) in methods(client).items()
    }


async def call_all_async() -> dict[str, str]:
    """Call every operation through aiobotocore; per operation, what became of it."""
    async with AioSession().create_client("backup") as client:
        return {
            name: await outcome_async(method(**parameters))
            for name, (method, parameters) in methods(client).items()
        }


WAYS = {"boto3": call_all, "aiobotocore": lambda: asyncio.run(call_all_async())}


@pytest.mark.parametrize("transport", ["direct", "wire"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_operation_opens_a_connection(way: Any, transport: Any, attempts: list[object]) -> None:
    """Each is answered, or refused by AWS's errors or ours; no metadata service is asked."""
    assert "AWS_EC2_METADATA_DISABLED" not in os.environ
    with mock_backup(transport=transport) as backup:
        told = way()
        assert [call.operation for call in backup.calls] == list(told)
        # The refusals were caught here: leaving would tell of them.
        backup.reset()
    assert len(told) > 80
    refused = {name for name, what in told.items() if what == "OperationNotFaked"}
    assert refused == set(told) - set(operations())
    assert "answered" in told.values()
    assert not attempts


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_without_a_fake_they_do(
    way: Any, attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same without a fake asks for credentials at least: the test above can fail."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(NoCredentialsError):
        way()
    assert attempts
