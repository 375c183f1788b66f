"""Many threads on one process: no call is lost, and leaving restores what activation wrapped."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.session import Session

from fakebackup import FakeBackup, FakeBackupError, current, mock_backup

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 8
TRANSPORTS = ("direct", "wire")
ENDED = "This FakeBackup has ended: "


def client() -> Any:
    """A real client with credentials of its own."""
    return boto3.Session("key", "secret").client("backup", region_name="us-east-1")


def wrapped() -> list[object]:
    """What activation replaces in botocore's classes."""
    names = (
        (BaseClient, "_emit_api_params"),
        (Session, "create_client"),
        (Session, "__init__"),
    )
    return [vars(owner)[name] for owner, name in names]


ORIGINAL = wrapped()


def nothing_is_left() -> bool:
    """Whether no fake is active and botocore's classes are as they were imported."""
    with pytest.raises(FakeBackupError):
        current()
    return all(now is before for now, before in zip(wrapped(), ORIGINAL, strict=True))


def at_once(*tasks: Callable[[], object]) -> list[Any]:
    """Run tasks in a thread each, all beginning together; raise what one raised."""
    barrier = threading.Barrier(len(tasks), timeout=30)

    def begin(task: Callable[[], object]) -> object:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(begin, tasks))


@pytest.mark.parametrize(("transport", "each"), [("direct", 250), ("wire", 60)])
def test_thousands_of_calls_are_all_counted(transport: Any, each: int) -> None:
    """Eight threads' calls are all logged, numbered and answered, none twice."""
    with mock_backup(transport=transport) as backup:
        backup.add_backup_jobs(3, State=["COMPLETED", "FAILED"])
        shared = client()

        def work(number: int) -> Counter[str]:
            told: Counter[str] = Counter()
            for at in range(each):
                state = "FAILED" if (at + number) % 2 else "COMPLETED"
                answer = shared.list_backup_jobs(ByState=state)
                told[answer["ResponseMetadata"]["RequestId"]] += len(answer["BackupJobs"])
            return told

        found: Counter[str] = sum(
            at_once(*(functools.partial(work, number) for number in range(THREADS))), Counter()
        )
        calls = list(backup.calls)
        assert len(found) == len(calls) == backup.backend.requests == THREADS * each
        assert Counter(call.items for call in calls) == {1: len(calls) / 2, 2: len(calls) / 2}
        assert found.total() == sum(call.items or 0 for call in calls)
        assert {call.attempts for call in calls} == {1}
    assert nothing_is_left()


def test_injected_failures_are_counted_in_threads() -> None:
    """As many attempts fail as the test said, whichever threads they hit."""
    with mock_backup() as backup:
        shared = client()
        backup.fail("ListCopyJobs", times=40)

        def work() -> None:
            for _ in range(25):
                # A call may be hit as often as the client tries.
                with contextlib.suppress(shared.exceptions.ClientError):
                    shared.list_copy_jobs()

        at_once(*[work] * THREADS)
        calls = backup.calls("ListCopyJobs")
        assert len(calls) == THREADS * 25
        answered = sum(call.error is None for call in calls)
        assert sum(call.attempts for call in calls) == answered + 40
        assert backup.backend.requests == answered + 40
    assert nothing_is_left()


def test_jobs_started_in_threads_have_ids_of_their_own() -> None:
    """Seeding and starting at once neither loses a job nor gives an id twice."""
    with mock_backup(progress="manual") as backup:
        backup.add_vault(BackupVaultName="vault")
        shared = client()

        def seed() -> list[str]:
            return [backup.add_backup_job().id for _ in range(100)]

        def start() -> list[str]:
            return [
                shared.start_backup_job(
                    BackupVaultName="vault",
                    ResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
                    IamRoleArn="arn:aws:iam::123456789012:role/backup",
                )["BackupJobId"]
                for _ in range(100)
            ]

        ids = [each for found in at_once(*[seed, start] * (THREADS // 2)) for each in found]
        assert len(set(ids)) == len(ids) == THREADS * 100
        assert set(backup.backup_jobs) == set(ids)


def test_a_storm_of_starts_and_stops_restores_the_classes() -> None:
    """However threads' fakes begin and end among each other, the last one restores botocore."""

    def storm() -> None:
        for at in range(100):
            mock = mock_backup(region="eu-west-1") if at % 2 else mock_backup()
            mock.start()
            mock.stop()

    at_once(*[storm] * THREADS)
    assert nothing_is_left()


def test_a_storm_inside_a_fake_leaves_it_working() -> None:
    """Fakes that come and go in other threads take no call away from the process for good."""
    with mock_backup() as outer:
        shared = client()

        def storm() -> None:
            for _ in range(100):
                with mock_backup():
                    assert current() is outer

        def call() -> None:
            for _ in range(100):
                shared.list_backup_jobs()

        at_once(*[storm, call] * (THREADS // 2))
        assert current() is outer
        assert len(outer.calls) == THREADS // 2 * 100
    assert nothing_is_left()


def test_calls_among_fakes_that_come_and_go_are_answered_once() -> None:
    """Every call of a thread is logged by exactly one of the fakes of the process."""
    fakes: list[FakeBackup] = []
    with mock_backup() as outer:
        shared = client()

        def storm() -> None:
            for _ in range(50):
                with mock_backup(region="eu-west-1") as inner:
                    fakes.append(inner)

        def call() -> None:
            for _ in range(200):
                shared.list_backup_jobs()

        at_once(*[storm, call] * (THREADS // 2))
        logged = sum(len(each.backend.calls) for each in [outer, *fakes])
        assert logged == THREADS // 2 * 200
    assert nothing_is_left()


def test_exceptions_in_threads_leave_nothing_behind() -> None:
    """Blocks and functions that end with an exception, in threads, restore the classes."""

    @mock_backup
    def function() -> None:
        current().add_backup_job()
        raise LookupError

    def block() -> None:
        with mock_backup(region="eu-west-1"):
            raise LookupError

    def storm(task: Callable[[], None]) -> int:
        failed = 0
        for _ in range(50):
            with pytest.raises(LookupError):
                task()
            failed += 1
        return failed

    tasks = [functools.partial(storm, task) for task in (function, block)] * (THREADS // 2)
    assert at_once(*tasks) == [50] * THREADS
    assert nothing_is_left()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_no_exception_keeps_a_fake_active(error: type[BaseException]) -> None:
    """What ends a block need not be an Exception."""
    with pytest.raises(error), mock_backup() as backup:
        raise error
    with pytest.raises(FakeBackupError, match=ENDED):
        backup.add_backup_job()
    assert nothing_is_left()


def test_a_start_that_fails_leaves_nothing() -> None:
    """A fake that has ended cannot start again, and trying wraps nothing."""
    with mock_backup() as backup:
        pass
    with pytest.raises(FakeBackupError, match=ENDED):
        backup.start()
    assert nothing_is_left()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_calls_in_flight_are_answered_by_the_fake_that_ended(transport: Any) -> None:
    """Eight calls that are under way when the fake ends get its answer, and are in its log."""
    under_way = threading.Barrier(THREADS + 1, timeout=30)
    ended = threading.Event()
    shared = client()

    def wait(**_: object) -> None:
        under_way.wait()
        assert ended.wait(30)

    # Between our taking hold of the call and our answering it.
    shared.meta.events.register_first("before-call.backup", wait)
    with ThreadPoolExecutor(THREADS) as pool:
        with mock_backup(transport=transport) as backup:
            job = backup.add_backup_job()
            answers = [pool.submit(shared.list_backup_jobs) for _ in range(THREADS)]
            under_way.wait()
        assert nothing_is_left()
        ended.set()
        told = [answer.result(30)["BackupJobs"] for answer in answers]
    assert [[each["BackupJobId"] for each in jobs] for jobs in told] == [[job.id]] * THREADS
    assert [call.items for call in backup.backend.calls] == [1] * THREADS


def test_a_retry_in_flight_is_answered_by_the_fake_that_ended() -> None:
    """A call that fails before the fake ends and retries after it never meets the network."""
    shared = client()

    def leave(attempts: int, **_: object) -> None:
        if attempts == 1:
            mock.stop()

    shared.meta.events.register_first("needs-retry.backup", leave)
    mock = mock_backup(transport="wire")
    backup = mock.start()
    job = backup.add_backup_job()
    backup.fail("ListBackupJobs")
    answer = shared.list_backup_jobs()
    assert [each["BackupJobId"] for each in answer["BackupJobs"]] == [job.id]
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert nothing_is_left()


def test_a_call_that_waits_for_another_does_not_call_the_tests_sleep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While one thread is inside the fake, another one waits, however long, and is answered."""
    entered, go_on, slept = threading.Event(), threading.Event(), list[float]()
    monkeypatch.setattr("time.sleep", slept.append)

    def settings(_asked: Any) -> dict[str, Any]:
        entered.set()
        assert go_on.wait(60)
        return {"GlobalSettings": {}}

    with mock_backup() as backup, ThreadPoolExecutor(2) as pool:
        backup.add_backup_job()
        backup.answer("DescribeGlobalSettings", settings)
        first = pool.submit(client().describe_global_settings)
        assert entered.wait(60)
        second = pool.submit(client().list_backup_jobs)
        done, _ = wait([second], timeout=0.2)
        assert not done
        go_on.set()
        assert first.result(60)["GlobalSettings"] == {}
        assert len(second.result(60)["BackupJobs"]) == 1
    assert not slept


def test_what_is_made_late_is_made_once() -> None:
    """Whoever asks first, at once or within the making: one set of failures, one of answers.

    Else a failure that a test injects while a report is written would be lost.
    """
    for name in ("faults", "by_hand"):
        backend = FakeBackup().backend
        make = vars(type(backend))[name].func
        first, second = make(backend), make(backend)
        assert first is second
        assert getattr(backend, name) is first
