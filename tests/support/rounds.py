"""What an async client is put through, whichever library made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakebackup import FakeBackup


async def goes_round(client: Any, backup: FakeBackup) -> None:
    """Pages, errors and retries are as boto3's clients have them; of jobs there are three."""
    pages = client.get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["BackupJobs"]) async for page in pages] == [2, 1]
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        await client.describe_backup_job(BackupJobId="gone")
    backup.fail("ListBackupJobs", times=2)
    answer = await client.list_backup_jobs()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
