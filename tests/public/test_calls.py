"""The log of calls: what the code under test asked for."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupWarning, OperationNotFaked, mock_backup
from fakebackup.calls import Call
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Callable


def operations(backup: FakeBackup) -> list[str]:
    """The names of the operations that were called."""
    return [call.operation for call in backup.calls]


def test_calls_are_in_order(backup: FakeBackup) -> None:
    """One entry a call, in the order of the calls, under AWS's names."""
    assert not backup.calls
    job = backup.add_backup_job()
    client().list_backup_jobs()
    client().describe_backup_job(BackupJobId=job.id)
    client().list_copy_jobs()
    client().list_backup_jobs(ByState="FAILED")
    assert operations(backup) == [
        "ListBackupJobs",
        "DescribeBackupJob",
        "ListCopyJobs",
        "ListBackupJobs",
    ]


def test_a_call_holds_everything_about_it(backup: FakeBackup) -> None:
    """Operation, parameters, account, region, attempts, error, number of items, and more."""
    backup.add_backup_jobs(3)
    client().list_backup_jobs(ByState="COMPLETED", MaxResults=2)
    (call,) = backup.calls
    assert call == Call(
        operation="ListBackupJobs",
        parameters={"ByState": "COMPLETED", "MaxResults": 2},
        account="123456789012",
        region=backup.region,
        attempts=1,
        error=None,
        items=2,
        more=True,
    )


def test_items_and_more(backup: FakeBackup) -> None:
    """A list tells how many items it answered and whether more follow; other answers do not."""
    jobs = backup.add_backup_jobs(3)
    pages = client().get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 2})
    assert len(list(pages)) == 2
    client().list_backup_jobs(ByState="FAILED")
    client().describe_backup_job(BackupJobId=jobs[0].id)
    client().list_backup_job_summaries()
    assert [(call.items, call.more) for call in backup.calls] == [
        (2, True),
        (1, False),
        (0, False),
        (None, False),
        (1, False),
    ]
    assert "NextToken" in backup.calls[1].parameters


def test_parameters_are_as_given(backup: FakeBackup) -> None:
    """A parameter is kept as the code gave it, a date in its own type."""
    after = datetime(2026, 3, 1, 12, 30, tzinfo=timezone.utc)
    for given in (after, "2026-03-01", 1772368200):
        client().list_backup_jobs(ByCreatedAfter=given)
    client().list_backup_jobs()
    found = [call.parameters for call in backup.calls]
    assert found == [
        {"ByCreatedAfter": after},
        {"ByCreatedAfter": "2026-03-01"},
        {"ByCreatedAfter": 1772368200},
        {},
    ]


def test_parameters_are_a_copy(backup: FakeBackup) -> None:
    """What the code does to its own dicts and lists afterwards does not change the log."""
    tags = {"team": "a"}
    parameters: dict[str, Any] = {"BackupVaultName": "vault", "BackupVaultTags": tags}
    client().create_backup_vault(**parameters)
    tags["team"] = "b"
    parameters["BackupVaultName"] = "other"
    (call,) = backup.calls
    assert call.parameters["BackupVaultName"] == "vault"
    assert call.parameters["BackupVaultTags"] == {"team": "a"}


def test_an_error_is_in_the_log(backup: FakeBackup) -> None:
    """A call that AWS refuses is logged with the error's name, and tells no items."""
    with pytest.raises(ClientError):
        client().describe_backup_job(BackupJobId="none")
    with pytest.raises(ClientError):
        client().list_backup_jobs(ByState="DONE")
    with pytest.raises(ClientError):
        client().list_backup_jobs(NextToken="none")
    assert [(call.error, call.items, call.more) for call in backup.calls] == [
        ("ResourceNotFoundException", None, False),
        ("InvalidParameterValueException", None, False),
        ("InvalidParameterValueException", None, False),
    ]
    assert {call.attempts for call in backup.calls} == {1}


def test_a_refusal_is_in_the_log(backup: FakeBackup, unfaked: Callable[..., None]) -> None:
    """A call of an operation that is not faked is logged as such."""
    unfaked("DeleteBackupPlan")
    with pytest.raises(OperationNotFaked):
        client().delete_backup_plan(BackupPlanId="plan")
    (call,) = backup.calls
    assert (call.operation, call.error) == ("DeleteBackupPlan", "OperationNotFaked")
    assert call.parameters == {"BackupPlanId": "plan"}
    backup.reset()


def test_what_botocore_refuses_was_not_asked(backup: FakeBackup) -> None:
    """Parameters that botocore does not let through make no call, so there is no entry."""
    for wrong in ({"MaxResults": 0}, {"ByStatus": "FAILED"}, {"ByState": 5}):
        with pytest.raises(ParamValidationError):
            client().list_backup_jobs(**wrong)
    assert not backup.calls


def test_calls_are_narrowed_by_name(backup: FakeBackup) -> None:
    """calls("ListBackupJobs") holds that operation's calls; calls() holds all as of now."""
    client().list_backup_jobs()
    client().list_copy_jobs()
    client().list_backup_jobs(ByState="FAILED")
    narrowed = backup.calls("ListBackupJobs")
    assert [call.parameters for call in narrowed] == [{}, {"ByState": "FAILED"}]
    assert not backup.calls("ListRestoreJobs")
    assert not backup.calls("DeleteBackupPlan")
    everything = backup.calls()
    client().list_copy_jobs()
    assert (len(narrowed), len(everything), len(backup.calls)) == (2, 3, 4)


def test_a_wrong_name_is_refused() -> None:
    """An operation that AWS Backup does not have is an error that names the near miss."""
    with mock_backup() as backup:
        with pytest.raises(ValueError, match="no operation") as caught:
            backup.calls("ListBackupJob")  # type: ignore[arg-type]
        assert str(caught.value) == (
            "AWS Backup has no operation 'ListBackupJob'; did you mean 'ListBackupJobs'?"
        )
        with pytest.raises(ValueError, match="did you mean 'ListBackupJobs'"):
            backup.calls("list_backup_jobs")  # type: ignore[arg-type]


def test_a_name_in_brackets(backup: FakeBackup) -> None:
    """The name of an operation is no index, and the message has the call that it is meant as."""
    client().list_backup_jobs()
    with pytest.raises(TypeError, match=r": type backup\.calls\('ListBackupJobs'\), which is"):
        _ = backup.calls["ListBackupJobs"]  # type: ignore[call-overload]


def test_calls_are_not_narrowed_by_parameters(backup: FakeBackup) -> None:
    """Whoever tries is told code that chooses by them, and it does."""
    for state in ("FAILED", "COMPLETED"):
        client().list_backup_jobs(ByState=state)
    client().list_copy_jobs(ByState="FAILED")
    asked: dict[str, Any] = {"ByState": "FAILED"}
    for operation, count in (("ListBackupJobs", 1), (None, 2)):
        told: dict[str, Any] = {} if operation is None else {"operation": operation}
        with pytest.raises(TypeError, match="no parameters such as ByState: type ") as caught:
            backup.calls(**told, **asked)
        code = str(caught.value).partition(": type ")[2].removesuffix(".")
        assert len(eval(code, {"backup": backup})) == count  # noqa: S307  the code of a message
    with pytest.raises(TypeError, match=r"such as ByState, MaxResults: .* == 'FAILED' and call\."):
        backup.calls("ListBackupJobs", **asked, MaxResults=3)  # type: ignore[arg-type]


def test_calls_read_like_a_list(backup: FakeBackup) -> None:
    """They have a length, indices, slices, equality with a list, and a repr that shows them."""
    for state in ("FAILED", "COMPLETED", "RUNNING"):
        client().list_backup_jobs(ByState=state)
    calls = backup.calls
    assert len(calls) == 3
    assert calls[-1].parameters == {"ByState": "RUNNING"}
    assert [call.parameters["ByState"] for call in calls[:2]] == ["FAILED", "COMPLETED"]
    assert calls == list(calls)
    assert calls == backup.calls
    assert calls != calls[:2]
    assert calls[0] in calls
    assert repr(calls) == repr(list(calls))
    assert "'ByState': 'RUNNING'" in repr(calls)


def test_a_text_is_not_looked_for_among_calls(backup: FakeBackup) -> None:
    """A name of an operation, which no call equals, is refused with what to type."""
    client().list_backup_jobs()
    calls = backup.calls
    for ask in (calls.__contains__, calls.count, calls.index, calls().__contains__):
        for name in ("ListBackupJobs", "StopBackupJob"):
            with pytest.raises(TypeError, match=rf"type backup\.calls\('{name}'\)"):
                ask(name)
    (call,) = calls
    assert call in calls
    assert (calls.count(call), calls.index(call)) == (1, 0)
    other = replace(call, operation="ListCopyJobs")
    assert other not in calls
    assert calls.count(other) == 0
    with pytest.raises(ValueError, match="not in list"):
        calls.index(call, 1)


def test_calls_of_every_account_and_region_are_there(backup: FakeBackup) -> None:
    """Each entry says whose call it was and where; the fake itself shows all."""
    client("eu-west-1").list_backup_jobs()
    with backup.acting_as("111122223333"):
        client("eu-west-2").list_backup_jobs()
    assert [(call.account, call.region) for call in backup.calls] == [
        ("123456789012", "eu-west-1"),
        ("111122223333", "eu-west-2"),
    ]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({}, "abcd"),
        ({"region": "eu-west-1"}, "ac"),
        ({"account_id": "111122223333"}, "cd"),
        ({"account_id": "111122223333", "region": "us-east-1"}, "d"),
        ({"account_id": "444455556666"}, ""),
    ],
)
def test_a_view_shows_the_calls_of_its_home(
    backup: FakeBackup, place: dict[str, str], expected: str
) -> None:
    """Of the account, the Region or both that `at` was given, also those made later."""
    view = backup.at(**place)
    log = view.calls
    for name, region in (("a", "eu-west-1"), ("b", "us-east-1")):
        client(region).list_backup_jobs(ByResourceType=name)
    with backup.acting_as("111122223333"):
        for name, region in (("c", "eu-west-1"), ("d", "us-east-1")):
            client(region).list_backup_jobs(ByResourceType=name)
    found = "".join(call.parameters["ByResourceType"] for call in log)
    assert found == expected
    assert len(log) == len(view.calls("ListBackupJobs")) == len(expected)
    assert log == view.calls == list(log)
    assert view.calls("ListCopyJobs") == []


def test_a_view_of_a_view_is_limited_by_both(backup: FakeBackup) -> None:
    """What `at` is given later goes before, and what it is not given stays."""
    with backup.acting_as("111122223333") as acting:
        client("eu-west-1").list_backup_jobs()
        client("eu-west-2").list_backup_jobs()
    client("eu-west-2").list_backup_jobs()
    west = acting.at(region="eu-west-1")
    assert [call.region for call in acting.calls] == ["eu-west-1", "eu-west-2"]
    assert [(call.account, call.region) for call in west.calls] == [("111122223333", "eu-west-1")]
    there = west.at(region="eu-west-2")
    assert [(call.account, call.region) for call in there.calls] == [("111122223333", "eu-west-2")]
    assert west.at().calls == west.calls


def test_another_fakes_calls_are_its_own() -> None:
    """A fake logs what it was asked, not what an inner one was."""
    with mock_backup() as outer:
        client().list_backup_jobs()
        with mock_backup(region="eu-west-1") as inner:
            client("eu-west-1").list_copy_jobs()
            assert operations(inner) == ["ListCopyJobs"]
        assert operations(outer) == ["ListBackupJobs"]


def test_seeding_and_looking_are_no_calls(backup: FakeBackup) -> None:
    """Only clients call."""
    job = backup.add_backup_job()
    job.update(State="FAILED")
    assert job.id in backup.backup_jobs
    backup.remove(job)
    assert not backup.calls


def test_reset_empties_the_log(backup: FakeBackup) -> None:
    """reset() forgets the calls, for those who hold the log too."""
    client().list_backup_jobs()
    calls = backup.calls
    backup.reset()
    assert not calls
    client().list_copy_jobs()
    assert operations(backup) == ["ListCopyJobs"]


def test_the_log_can_be_kept() -> None:
    """A log taken while active can be read after the end; the fake's own cannot."""
    with mock_backup() as backup:
        client().list_backup_jobs()
        kept = backup.calls
    assert [call.operation for call in kept] == ["ListBackupJobs"]


def test_a_call_that_is_swallowed_is_in_the_log(unfaked: Callable[..., None]) -> None:
    """Asserting on the log finds a refusal that the code under test swallowed."""
    unfaked("DeleteBackupPlan")
    mock = mock_backup()
    backup = mock.start()
    with contextlib.suppress(NotImplementedError):
        client().delete_backup_plan(BackupPlanId="plan")
    assert backup.calls("DeleteBackupPlan")[0].error == "OperationNotFaked"
    with pytest.warns(FakeBackupWarning, match="DeleteBackupPlan"):
        mock.stop()


def test_when_a_call_was_answered(backup: FakeBackup) -> None:
    """A call has the instant of its last answer, which is no part of what it equals."""
    with freeze_time("2024-03-15T12:00:00.250Z"):
        client().list_backup_jobs()
    with freeze_time("2024-03-15T12:00:01Z"), pytest.raises(ClientError):
        client().describe_backup_job(BackupJobId="nope")
    first, second = backup.calls
    assert (first.at, second.at) == (1_710_504_000_250, 1_710_504_001_000)
    assert first == replace(first, at=None)
    assert "at=" not in repr(first)
