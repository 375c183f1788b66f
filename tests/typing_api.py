"""What type checkers see of the public interface. Checked by mypy, never run.

An exemption below is an expectation: where the error it names goes away, mypy reports it as unused.
"""

from __future__ import annotations

import unittest
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import pytest
from typing_extensions import assert_type

import fakebackup
from fakebackup import (
    FakeBackup,
    FakeBackupWarning,
    Job,
    OperationNotFaked,
    current,
    factories,
    mock_backup,
)


@mock_backup
def function(number: int, /, *, text: str = "") -> str:
    """A function keeps its parameters and its result."""
    return text * number


@mock_backup(account_id="111122223333", region="eu-west-1")
def function_with_options(number: int) -> str:
    """So it does under options."""
    return str(number)


@mock_backup
async def coroutine(number: int) -> str:
    """A coroutine function stays one."""
    return str(number)


@mock_backup(history=None)
async def coroutine_with_options(number: int) -> str:
    """So it does under options."""
    return str(number)


@pytest.fixture
@mock_backup
def generator() -> Iterator[FakeBackup]:
    """A generator fixture keeps what it yields."""
    yield current()  # noqa: PT022  that it yields is the point


@mock_backup
async def async_generator() -> AsyncIterator[int]:
    """An asynchronous generator stays one."""
    yield 1


@mock_backup
class CaseOfTests(unittest.TestCase):
    """A class stays the class it is."""

    attribute = 1


@mock_backup(count_today=False)
class PlainWithOptions:
    """So it does under options."""

    attribute = "1"


async def decorated() -> None:
    """Decorating changes no type."""
    assert_type(function(1, text="a"), str)
    function("1")  # type: ignore[arg-type]
    function(1, word="a")  # type: ignore[call-arg]
    assert_type(function_with_options(1), str)
    function_with_options("1")  # type: ignore[arg-type]
    assert_type(await coroutine(1), str)
    await coroutine("1")  # type: ignore[arg-type]
    assert_type(await coroutine_with_options(1), str)
    assert_type(async_generator(), AsyncIterator[int])
    assert_type(CaseOfTests(), CaseOfTests)
    assert_type(CaseOfTests.attribute, int)
    assert_type(PlainWithOptions().attribute, str)


def activated() -> None:
    """However it is activated, one gets the FakeBackup."""
    with mock_backup() as backup:
        assert_type(backup, FakeBackup)
    with mock_backup(management_account=None, history=timedelta(days=90)) as backup:
        assert_type(backup, FakeBackup)
    mock = mock_backup(region="eu-west-1")
    assert_type(mock.start(), FakeBackup)
    mock.stop()
    assert_type(current(), FakeBackup)


def misspelt() -> None:
    """A misspelt name, option or member is an error before anything runs."""
    mock_backup(acount_id="111122223333")  # type: ignore[call-overload]
    mock_backup(region=1)  # type: ignore[call-overload]
    FakeBackup(acount_id="111122223333")  # type: ignore[call-arg]
    current().add_backup_job(Sate="FAILED")  # type: ignore[call-arg]
    factories.backup_job(Sate="FAILED")  # type: ignore[call-arg]
    fakebackup.mock_bakcup  # type: ignore[attr-defined]  # noqa: B018  naming it is the point


def seeded(fake_backup: FakeBackup) -> None:
    """Seeding gives jobs, whose members are read like AWS's."""
    job = fake_backup.add_backup_job(State="FAILED", CreationDate=datetime(2024, 1, 1))  # noqa: DTZ001  a naive date is UTC, as for botocore
    assert_type(job, Job)
    assert_type(job.id, str)
    assert_type(fake_backup.add_copy_job(CreationDate="2024-01-01"), Job)
    assert_type(fake_backup.add_restore_job(CreationDate=1_704_067_200), Job)
    assert_type(fake_backup.add_scan_job(), Job)
    assert_type(fake_backup.add_report_job(), Job)
    assert_type(fake_backup.add_backup_jobs(3, State=["FAILED", "COMPLETED"]), list[Job])
    assert_type(fake_backup.backup_jobs[job.id], Job)
    assert_type(factories.backup_job(State="FAILED"), Job)
    assert_type(factories.copy_job(), Job)
    assert_type(factories.restore_job(), Job)
    assert_type(factories.scan_job(), Job)
    assert_type(factories.report_job(), Job)


def raised() -> None:
    """The errors are of the families that their handlers expect."""
    error: NotImplementedError = OperationNotFaked()
    warning: Warning = FakeBackupWarning()
    raise error from warning
