"""Children of the process, made by `os.fork`, and their copy of the fake."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from fakebackup import FakeBackup, dispatch, fake, hook, mock_backup
from fakebackup.fake import forks
from fakebackup.model.jobs.store import Register
from support.client import call, client
from support.constants import ACCOUNT, REGION
from support.forks import MARKS, Child, in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [*MARKS, pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT)]


def use(backup: FakeBackup) -> list[int]:
    """Seed, call by a new client, move a job and read its events; how many of each there are."""
    before = len(backup.events)
    job = backup.add_backup_job(State="RUNNING")
    new = boto3.Session("key", "secret").client("backup", region_name=REGION)
    listed = len(new.list_backup_jobs()["BackupJobs"])
    job.complete()
    with mock_backup(region="eu-west-1") as inner:
        inner.add_vault()
    return [listed, len(backup.events) - before]


@contextlib.contextmanager
def waiting(within: Callable[[Callable[[], None]], object]) -> Iterator[None]:
    """Another thread does something within which it waits until the block ends."""
    entered, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        # Once: the child, and what comes after the block, do not wait.
        if not entered.is_set():
            entered.set()
            assert go_on.wait(60)

    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(within, wait)
        try:
            assert entered.wait(60)
            yield
        finally:
            go_on.set()
        task.result(60)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forks wait for no other thread."""
    monkeypatch.setattr(forks, "PATIENCE", 0)


# --- Another thread is inside the fake ----------------------------------------------------------


@pytest.mark.usefixtures("impatient")
def test_another_thread_answers_a_call(backup: FakeBackup) -> None:
    """The child seeds, calls and moves jobs; the parent's call is answered as ever."""
    answered = []

    def within(wait: Callable[[], None]) -> None:
        def answer(_asked: Any) -> dict[str, Any]:
            wait()
            return {"GlobalSettings": {"a": "b"}}

        backup.answer("DescribeGlobalSettings", answer)
        answered.append(call("DescribeGlobalSettings")["GlobalSettings"])

    with waiting(within):
        # Calls the parent has under way are not answered in the child.
        assert in_child(lambda: use(backup)) == [1, 2]
        assert in_child(lambda: [each.attempts for each in backup.calls]) == [1]
    assert answered == [{"a": "b"}]
    assert use(backup) == [1, 2]


def busy(backup: FakeBackup) -> list[str]:
    """What of a call under way is not at rest."""
    found = forks.under_way(backup.backend.organization)
    return [name for owner, name, at_rest in found if getattr(owner, name) != at_rest]


@pytest.mark.fake_backup(progress="clock")
@pytest.mark.usefixtures("impatient")
def test_another_thread_is_amid_a_change(
    backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the clock makes due, what seeds leave and what waits goes on in the child."""
    organization = backup.backend.organization
    assert busy(backup) == []

    def within(wait: Callable[[], None]) -> None:
        with organization.working():
            monkeypatch.setattr(organization, "_advancing", True)
            monkeypatch.setattr(organization.deferred, "_doing", True)
            monkeypatch.setattr(organization.clockwork.lanes, "letting_in", True)
            wait()
            monkeypatch.undo()

    with waiting(within):
        assert in_child(lambda: busy(backup)) == []
        assert busy(backup) == ["_depth", "_advancing", "_doing", "letting_in"]
        assert in_child(lambda: use(backup)) == [1, 2]
    assert busy(backup) == []


def test_all_that_is_of_a_call_is_known() -> None:
    """What a savepoint leaves alone as being of the call under way is at rest in a child."""
    reason = "is of the call under way"
    marked = {
        (owner.__name__, name)
        for owner, row in dispatch.kept().items()
        for name, why in row.left.items()
        if why == reason
    }
    with FakeBackup() as backup:
        known = {
            (type(owner).__name__, name)
            for owner, name, _ in forks.under_way(backup.backend.organization)
        }
    assert known | {("Bus", "_delivering"), ("Bus", "_delivered")} == marked


class Noticed:
    """A lock that tells when somebody is about to wait for it, and not for ever."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self.waits = threading.Event()
        self.release = lock.release

    def acquire(self, *given: Any, **named: Any) -> bool:
        """Acquire the lock."""
        if "timeout" in named:
            self.waits.set()
        taken: bool = self._lock.acquire(*given, **named)
        return taken

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()


def test_a_change_of_another_thread_is_whole(
    backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork waits for a change that is under way: the child has all of it."""
    organization = backup.backend.organization
    lock = Noticed(organization.lock)
    monkeypatch.setattr(organization, "lock", lock)
    monkeypatch.setattr(forks, "PATIENCE", 60)
    add_all, amid = Register.add_all, threading.Event()

    def add(register: Register, jobs: Any) -> None:
        add_all(register, jobs)
        # Known by their ids, and in no list yet.
        amid.set()
        assert lock.waits.wait(60)

    monkeypatch.setattr(Register, "add_all", add)
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(backup.add_backup_jobs, 3)
        assert amid.wait(60)
        known = in_child(lambda: [len(organization.jobs.by_id), len(backup.backup_jobs)])
        assert known == [3, 3]
        assert len(task.result(60)) == 3


def hold(lock: Any) -> Callable[[Callable[[], None]], object]:
    """What holds a lock while it waits."""

    def within(wait: Callable[[], None]) -> None:
        with lock:
            wait()

    return within


LOCKS: dict[str, Callable[[Any], Any]] = {
    "the model": lambda backup: backup.backend.organization.lock,
    "the bus": lambda backup: backup.backend.organization.bus._lock,
    "what is active": lambda _backup: hook._lock,
    "the clients": lambda _backup: hook.handlers._lock,
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", LOCKS)
def test_any_lock_is_free_in_the_child(backup: FakeBackup, name: str) -> None:
    """Whichever lock of ours another thread holds, the child goes on; and the parent, after it."""
    heard: list[str] = []
    backup.on_event(lambda event, _context: heard.append(event["detail-type"]))
    with waiting(hold(LOCKS[name](backup))):
        assert in_child(lambda: [*use(backup), len(heard)]) == [1, 2, 2]
    assert [*use(backup), len(heard)] == [1, 2, 2]


@pytest.mark.usefixtures("impatient")
def test_the_lock_of_a_server_is_free_in_the_child(backup: FakeBackup) -> None:
    """So may it ask for the URL of the console, and leave the server's block."""
    with backup.serve() as server, waiting(hold(server._front._lock)):

        def leave() -> bool:
            url = server.console_url
            server.__exit__(None, None, None)
            return url.startswith(server.url)

        assert in_child(leave) is True


@pytest.mark.usefixtures("impatient")
def test_another_thread_asks_for_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is worked out once, on demand, may be half worked out: the child does it itself."""
    with FakeBackup() as backup:
        backend = backup.backend

        def within(wait: Callable[[], None]) -> None:
            def region() -> str:
                wait()
                return REGION

            monkeypatch.setattr(dispatch, "configured_region", region)
            assert backend.region == REGION

        with waiting(within):
            assert in_child(lambda: backup.region) == REGION


def test_busy_threads(backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children that are made while threads call and seed all end, and hold what can be listed."""
    monkeypatch.setattr(forks, "PATIENCE", 60)
    ended = threading.Event()

    def work() -> None:
        mine = client()
        while not ended.is_set():
            mine.list_backup_jobs()
            backup.remove(backup.add_backup_job())

    def listed() -> list[int]:
        jobs = client().list_backup_jobs()["BackupJobs"]
        return [len(jobs), len(backup.backup_jobs)]

    with ThreadPoolExecutor(3) as pool:
        tasks = [pool.submit(work) for _ in range(3)]
        try:
            for _ in range(10):
                found, held = in_child(listed)
                assert found == held
        finally:
            ended.set()
        for task in tasks:
            task.result(60)


# --- The thread that forks is inside the fake ---------------------------------------------------


def test_an_answer_that_forks(backup: FakeBackup) -> None:
    """Parent and child both go on with the call, deliver its events and use the fake after it."""
    child, me, heard = Child(), list[bool](), list[str]()
    job = backup.add_restore_job(Status="RUNNING")
    backup.on_event(lambda event, _context: heard.append(event["detail-type"]))

    def answer(_asked: Any) -> dict[str, Any]:
        job.complete()
        assert heard == []
        me.append(child.fork())
        backup.add_backup_job(BackupJobId="child" if me[0] else "parent")
        return {"GlobalSettings": {"child": str(me[0])}}

    backup.answer("DescribeGlobalSettings", answer)
    settings = call("DescribeGlobalSettings")["GlobalSettings"]

    def known() -> list[Any]:
        with ThreadPoolExecutor(1) as pool:
            # It has let the fake go: another thread gets in.
            pool.submit(backup.add_backup_job, BackupJobId="second").result(60)
        return [settings, sorted(backup.backup_jobs), len(backup.calls), heard]

    if me[0]:
        child.tell(known)
    events = ["Restore Job State Change"]
    assert child.told() == [{"child": "True"}, ["child", "second"], 1, events]
    assert known() == [{"child": "False"}, ["parent", "second"], 1, events]


def test_a_handler_that_forks(backup: FakeBackup) -> None:
    """Parent and child both deliver the events that come after the one that is delivered."""
    child, me, heard = Child(), list[bool](), list[str]()

    @backup.on_event
    def handler(event: Any, _context: Any) -> None:
        if not heard:
            me.append(child.fork())
        heard.append(event["id"])

    backup.add_backup_job(State="RUNNING").complete()

    def later() -> list[Any]:
        at_once = list(heard)
        return [at_once, use(backup), heard == [event["id"] for event in backup.events]]

    if me[0]:
        child.tell(later)
    emitted = [event["id"] for event in backup.events]
    assert len(emitted) == 2
    assert child.told() == [emitted, [2, 2], True]
    assert later() == [emitted, [2, 2], True]


@pytest.mark.usefixtures("impatient")
def test_another_thread_delivers_events(backup: FakeBackup) -> None:
    """The parent delivers what waited at the fork; the child what it emits itself."""
    heard: list[str] = []
    jobs = [backup.add_backup_job(State="RUNNING") for _ in range(2)]

    def within(wait: Callable[[], None]) -> None:
        @backup.on_event
        def handler(event: Any, _context: Any) -> None:
            wait()
            heard.append(event["detail-type"])

        jobs[0].complete()

    with waiting(within):
        # The other thread delivers this one's events, too.
        jobs[1].complete()
        assert heard == []
        assert in_child(lambda: [*use(backup), len(heard)]) == [3, 2, 2]
    assert len(heard) == len(backup.events) == 4


# --- Afterwards ---------------------------------------------------------------------------------


def test_the_parent_lets_go(backup: FakeBackup) -> None:
    """After a fork, other threads of the parent get into the fake, and the child's child does."""
    assert in_child(lambda: in_child(lambda: use(backup))) == [1, 2]
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(use, backup).result(60) == [1, 2]


def test_it_is_watched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python is told once, by the first fake, what to do at a fork."""
    told: list[Any] = []
    monkeypatch.setattr(os, "register_at_fork", lambda **given: told.append(sorted(given)))
    fake._watch_forks.cache_clear()
    for _ in range(2):
        with mock_backup(), mock_backup(region="eu-west-1"):
            pass
    assert told == [["after_in_child", "after_in_parent", "before"]]


def test_a_system_that_does_not_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to watch."""
    monkeypatch.delattr(os, "register_at_fork")
    fake._watch_forks.cache_clear()
    with mock_backup() as backup:
        assert backup.add_backup_job().state == "COMPLETED"
