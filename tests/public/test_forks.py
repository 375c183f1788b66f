"""Children of the process, made by `os.fork`, and their copy of the fake."""

from __future__ import annotations

import ast
import contextlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import fakebackup
from fakebackup import FakeBackup, clock, dispatch, fake, hook, mock_backup
from fakebackup.fake import forks
from fakebackup.model.jobs.store import Register
from support.client import call, client
from support.constants import ACCOUNT, REGION
from support.forks import MARKS, Child, in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = Path(fakebackup.__file__).parent

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


UNDER_WAY = "is of the call under way"


def call_under_way(backup: FakeBackup) -> dict[str, Any]:
    """What a savepoint leaves alone as being of the call under way, by name: its owner."""
    organization = backup.backend.organization
    parts: list[Any] = [
        organization,
        organization.bus,
        organization.deferred,
        organization.clockwork.lanes,
    ]
    by_class = {type(each): each for each in parts}
    return {
        name: by_class[owner]
        for owner, row in dispatch.kept().items()
        for name, why in row.left.items()
        if why == UNDER_WAY
    }


def busy(backup: FakeBackup) -> list[str]:
    """What of a call under way is not at rest."""
    found = call_under_way(backup)
    return sorted(name for name, owner in found.items() if getattr(owner, name))


@pytest.mark.fake_backup(progress="clock")
@pytest.mark.usefixtures("impatient")
def test_another_thread_is_amid_a_change(
    backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of its call is under way in the child, where all goes on."""
    organization = backup.backend.organization
    assert busy(backup) == []

    def within(wait: Callable[[], None]) -> None:
        with organization.working():
            for name, owner in call_under_way(backup).items():
                if not getattr(owner, name):
                    monkeypatch.setattr(owner, name, True)
            wait()
            monkeypatch.undo()

    with waiting(within):
        assert in_child(lambda: busy(backup)) == []
        assert busy(backup) == sorted(call_under_way(backup))
        assert in_child(lambda: use(backup)) == [1, 2]
    assert busy(backup) == []


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
    "the bus": lambda backup: backup.backend.organization.bus.lock,
    "what is active": lambda _backup: hook.lock,
    "the clients": lambda _backup: hook.handlers.lock,
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
    with backup.serve() as server, waiting(hold(server._front.lock)):

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


class Slow:
    """A lock that a fork takes after some seconds, if it waits for that long."""

    def __init__(self, waits: list[float], takes: float) -> None:
        self._waits = waits
        self._takes = takes

    def acquire(self, *, timeout: float) -> bool:
        """Wait, and note for how long it was to be."""
        self._waits.append(timeout)
        time.sleep(min(timeout, self._takes))
        return self._takes <= timeout

    def release(self) -> None:
        """Let go."""


@pytest.mark.parametrize(
    ("takes", "longest"),
    [([9, 9, 9], [0.2, 0, 0]), ([0.05, 0.05, 9], [0.2, 0.15, 0.1])],
)
def test_one_patience_for_all_locks(
    monkeypatch: pytest.MonkeyPatch, takes: list[float], longest: list[float]
) -> None:
    """However many locks others hold, a fork waits no longer than for one of them."""
    monkeypatch.setattr(forks, "PATIENCE", 0.2)
    waits: list[float] = []
    with contextlib.ExitStack() as fakes:
        for each in takes:
            backup = fakes.enter_context(FakeBackup())
            monkeypatch.setattr(backup.backend.organization, "lock", Slow(waits, each))
        forks.before()
        forks.in_parent()
        monkeypatch.undo()
    assert waits[0] == pytest.approx(0.2, abs=0.01)
    assert all(one <= most + 1e-6 for one, most in zip(waits, longest, strict=True))


def test_a_stopped_clock_adds_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no time passes, a lock that was not got is the last one that is waited for."""
    monkeypatch.setattr(clock, "passed", lambda: 5.0)
    waits: list[float] = []
    with contextlib.ExitStack() as fakes:
        for _ in range(2):
            backup = fakes.enter_context(FakeBackup())
            monkeypatch.setattr(backup.backend.organization, "lock", Slow(waits, 9))
        monkeypatch.setattr(forks, "PATIENCE", 0.01)
        forks.before()
        forks.in_parent()
        monkeypatch.undo()
    assert [round(each, 6) for each in waits] == [0.01, 0]


NOT_TAKEN = {
    "beside.neighbour Neighbour.self._settling": "`leave_to_parent` makes it anew",
    "fake.forks _Model.organization.lock": "is the model's, made anew",
    "fake.forks vars(each)['lock']": "is a cached property's, which is made anew",
    "recording.account _Crew.self._lock": "is of reading a real account: no fake has it",
}
"""The locks of our code that no fork takes, each with the reason."""


class Locks(ast.NodeVisitor):
    """What reads a module for the locks that it makes: the class, and what they are assigned to."""

    def __init__(self, path: Path) -> None:
        self._within = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        self._within = self._within.removesuffix(".__init__") + " "
        self.found: list[str] = []
        self.visit(ast.parse(path.read_text("utf-8")))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Read a class."""
        outside, self._within = self._within, f"{self._within}{node.name}."
        self.generic_visit(node)
        self._within = outside

    def visit_Assign(self, node: ast.Assign) -> None:
        """Note a lock that is assigned."""
        if isinstance(node.value, ast.Call) and _makes_lock(node.value):
            self.found.append(self._within + ast.unparse(node.targets[0]))
        else:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Note a lock that is made otherwise."""
        if _makes_lock(node):
            self.found.append(self._within + ast.unparse(node))
        self.generic_visit(node)


def _makes_lock(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    return name in ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore")


def test_each_lock_is_known(backup: FakeBackup) -> None:
    """Each lock that our code makes is taken by forks, or there is a reason why not."""
    organization = backup.backend.organization
    with backup.serve():
        taken = set()
        for owner in forks._owners([organization]):
            what: Any = getattr(owner, "organization", owner)
            place = getattr(what, "__name__", None)
            where = f"{place} " if place else f"{type(what).__module__} {type(what).__name__}.self."
            taken.add(f"{where}lock".removeprefix("fakebackup."))
    found = {name for path in SOURCE.rglob("*.py") for name in Locks(path).found}
    assert found == taken | NOT_TAKEN.keys()


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
