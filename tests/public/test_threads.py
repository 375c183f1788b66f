"""Threads that seed and look while others reset the fake, or go back to a savepoint."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, clock, mock_backup
from fakebackup.factories import backup_job
from fakebackup.model.stores import organization as organizations
from fakebackup.model.stores.organization import Store
from support.client import call
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Seed = Callable[[FakeBackup], object]

# Still, so that two fakes that are seeded alike hold the same.
pytestmark = [
    pytest.mark.frozen("2024-05-10T12:00:00Z"),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT),
]

LOADED = {
    "BackupVaultName": "daily",
    "BackupVaultArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:daily",
    "CreationDate": 1700000000,
    "NumberOfRecoveryPoints": 0,
    "Locked": False,
}

SEEDS: dict[str, Seed] = {
    "add": lambda backup: backup.add(backup_job(), backup_job()),
    "add_backup_job": lambda backup: backup.add_backup_job(),
    "add_backup_jobs": lambda backup: backup.add_backup_jobs(3),
    "add_vault": lambda backup: backup.add_vault(),
    "add_recovery_point": lambda backup: backup.add_recovery_point(),
    "add_resource": lambda backup: backup.add_resource(f"arn:aws:s3:::{OTHER_REGION}"),
    "add_framework": lambda backup: backup.add_framework(),
    "load": lambda backup: backup.load(LOADED, "DescribeBackupVault"),
}
"""Calls that add something to a fake that holds nothing, one for each way in which they do."""


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Another thread."""
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once a thread waits for another one that is inside the fake."""
    found, give_way = threading.Event(), clock.give_way

    def noticed() -> None:
        found.set()
        give_way()

    monkeypatch.setattr(clock, "give_way", noticed)
    return found


def while_it_waits(
    backup: FakeBackup, task: Seed, do: Callable[[], object], pool: ThreadPoolExecutor, waits: Any
) -> object:
    """Do something while another thread waits to do a task, and return what the task returned."""
    tasks = []

    def answer(_asked: Any) -> dict[str, Any]:
        tasks.append(pool.submit(task, backup))
        assert waits.wait(60)
        do()
        return {}

    backup.answer("DescribeGlobalSettings", answer)
    call("DescribeGlobalSettings")
    return tasks[0].result(60)


def held(seed: Seed) -> dict[str, Any]:
    """What a fake holds in which nothing else was done."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        return backup.dump()


# --- What is seeded lies in the fake ------------------------------------------------------------


@pytest.mark.parametrize("name", SEEDS)
def test_what_waits_for_a_reset_is_there_after_it(
    backup: FakeBackup, pool: ThreadPoolExecutor, waits: threading.Event, name: str
) -> None:
    """A seed that another thread's `reset` keeps waiting lies in the fake as it is then."""
    backup.add_backup_job()
    while_it_waits(backup, SEEDS[name], backup.reset, pool, waits)
    assert backup.dump() == held(SEEDS[name])


@pytest.mark.parametrize("name", SEEDS)
def test_what_waits_for_the_end_of_a_savepoint_is_there_after_it(
    backup: FakeBackup, pool: ThreadPoolExecutor, waits: threading.Event, name: str
) -> None:
    """So does one that waits while a savepoint ends, within which its account was new."""
    block = backup.savepoint()
    block.__enter__()
    backup.add_backup_job()

    def leave() -> None:
        block.__exit__(None, None, None)

    while_it_waits(backup, SEEDS[name], leave, pool, waits)
    assert backup.dump() == held(SEEDS[name])


def test_what_waits_for_a_reset_is_the_fakes(
    backup: FakeBackup, pool: ThreadPoolExecutor, waits: threading.Event
) -> None:
    """Its id is taken by it alone, lists have it, and so do clients."""

    def seed(backup: FakeBackup) -> Any:
        return backup.add_backup_job(BackupJobId="mine")

    job: Any = while_it_waits(backup, seed, backup.reset, pool, waits)
    assert list(backup.backup_jobs.values()) == [job]
    assert [each["BackupJobId"] for each in call("ListBackupJobs")["BackupJobs"]] == ["mine"]
    backup.remove(job)
    assert backup.add_backup_job(BackupJobId="mine").id == "mine"


def test_a_built_job_is_not_added_after_a_savepoint(
    backup: FakeBackup, pool: ThreadPoolExecutor, waits: threading.Event
) -> None:
    """A job that waits to be added while a savepoint is taken is as it was built after it."""
    job, blocks = backup_job(BackupJobId="mine"), [backup.savepoint()]
    built = dict(job.members)

    def add(backup: FakeBackup) -> object:
        return backup.add(job)

    while_it_waits(backup, add, blocks[0].__enter__, pool, waits)
    assert list(backup.backup_jobs) == ["mine"]
    blocks[0].__exit__(None, None, None)
    assert not backup.backup_jobs
    assert job.members == built
    backup.add(job)
    assert list(backup.backup_jobs) == ["mine"]


# --- Accounts that are new ----------------------------------------------------------------------


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What is done, once each, while an account is made that is new in a Region."""
    found: list[Callable[[], object]] = []

    def make(*given: Any) -> Store:
        while found:
            found.pop()()
        return Store(*given)

    monkeypatch.setattr(organizations, "Store", make)
    return found


def test_two_threads_seed_a_new_account(
    backup: FakeBackup,
    pool: ThreadPoolExecutor,
    waits: threading.Event,
    making: list[Callable[[], object]],
) -> None:
    """Both jobs are there, though each was the first one in the account."""
    view, tasks = backup.at(account_id=OTHER_ACCOUNT), list[Any]()

    def another() -> None:
        tasks.append(pool.submit(view.add_backup_job))
        assert waits.wait(60)

    making.append(another)
    jobs = [view.add_backup_job(), tasks[0].result(60)]
    assert list(view.backup_jobs.values()) == jobs[::-1]
    assert [job["AccountId"] for job in jobs] == [OTHER_ACCOUNT] * 2


def test_an_account_is_made_once(backup: FakeBackup, making: list[Callable[[], object]]) -> None:
    """Whoever asks first, at once or within the making, all get the same one."""
    organization, found = backup.backend.organization, list[Store]()
    making.append(lambda: found.append(organization.store(OTHER_ACCOUNT, REGION)))
    assert organization.store(OTHER_ACCOUNT, REGION) is found[0]
    assert organization.store(OTHER_ACCOUNT, REGION) is found[0]


def test_no_account_is_new_while_all_are_gone_through(
    backup: FakeBackup, pool: ThreadPoolExecutor, making: list[Callable[[], object]]
) -> None:
    """Whatever makes one holds the fake meanwhile, as what goes through all of them does."""
    organization, free = backup.backend.organization, list[bool]()

    def is_free() -> None:
        free.append(pool.submit(organization.lock.acquire, blocking=False).result(60))

    making.append(is_free)
    organization.store(OTHER_ACCOUNT, REGION)
    assert free == [False]


@pytest.mark.parametrize(
    "name", ["backup_jobs", "vaults", "recovery_points", "frameworks", "protected_resources"]
)
def test_looking_waits_for_no_thread(
    backup: FakeBackup, pool: ThreadPoolExecutor, name: str
) -> None:
    """A view of a new account is there at once, whoever is inside the fake; it makes nothing."""
    view = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    before = dict(backup.backend.organization.stores)

    def answer(_asked: Any) -> dict[str, Any]:
        looked = pool.submit(getattr, view, name).result(60)
        return {"GlobalSettings": {"seen": type(looked).__name__}}

    backup.answer("DescribeGlobalSettings", answer)
    assert call("DescribeGlobalSettings")["GlobalSettings"]["seen"].endswith("View")
    home = (OTHER_ACCOUNT, OTHER_REGION)
    assert home not in before
    assert home not in backup.backend.organization.stores


def test_jobs_of_an_account_that_holds_nothing(backup: FakeBackup) -> None:
    """They are none, whichever way they are looked at, and the account stays new."""
    jobs = backup.at(account_id=OTHER_ACCOUNT).backup_jobs
    assert len(jobs) == 0
    assert list(jobs) == []
    assert "mine" not in jobs
    assert jobs.get("mine") is None
    with pytest.raises(KeyError, match=f"no backup job 'mine' in {OTHER_ACCOUNT} {REGION}"):
        jobs["mine"]
    assert (OTHER_ACCOUNT, REGION) not in backup.backend.organization.stores


def test_the_resources_are_read_while_others_are_added(
    backup: FakeBackup, pool: ThreadPoolExecutor, waits: threading.Event
) -> None:
    """Who reads them waits for who is about to add one, as with all that a fake holds."""

    def add() -> None:
        backup.add_resource(f"arn:aws:s3:::{REGION}", {"a": "b"})

    def look(backup: FakeBackup) -> object:
        waits.set()
        return backup.resources

    assert while_it_waits(backup, look, add, pool, waits) == {f"arn:aws:s3:::{REGION}": {"a": "b"}}
