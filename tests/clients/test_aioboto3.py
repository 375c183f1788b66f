"""Sessions and clients of aioboto3, which stand on aiobotocore's."""

from __future__ import annotations

import asyncio
from typing import Any

import aioboto3
import pytest

from fakebackup import mock_backup
from support.rounds import goes_round

TRANSPORTS = ("direct", "wire")

# As an application's module makes it, at import.
MODULE_LEVEL = aioboto3.Session(region_name="eu-west-1")


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_session_from_before_is_answered(transport: Any, attempts: list[object]) -> None:
    """Calls, pages, errors and retries, with nothing configured but the session's region."""
    with mock_backup(transport=transport) as backup:
        jobs = backup.at(region="eu-west-1").add_backup_jobs(3, ResourceType="EBS")
        async with MODULE_LEVEL.client("backup") as client:
            found = await client.describe_backup_job(BackupJobId=jobs[0].id)
            assert found["BackupJobId"] == jobs[0].id
            await goes_round(client, backup)
    assert not attempts


@pytest.mark.asyncio
@mock_backup(region="us-west-2")
async def test_a_session_without_anything(attempts: list[object]) -> None:
    """A session without a region or keys makes clients of the fake's region."""
    async with aioboto3.Session().client("backup") as client:
        assert client.meta.region_name == "us-west-2"
        answers = await asyncio.gather(*(client.list_backup_jobs() for _ in range(20)))
    assert len({answer["ResponseMetadata"]["RequestId"] for answer in answers}) == 20
    assert not attempts


@pytest.mark.asyncio
async def test_an_account_given_in_code_decides() -> None:
    """The account that a session is given is that of its clients."""
    keys: dict[str, Any] = {
        "aws_access_key_id": "AKIAREAL",
        "aws_secret_access_key": "secret",
        "aws_session_token": "token",
        "aws_account_id": "111122223333",
    }
    session = aioboto3.Session(region_name="us-east-1", **keys)
    with mock_backup() as backup:
        async with session.client("backup") as client:
            await client.list_backup_jobs()
        assert backup.calls[0].account == "111122223333"
