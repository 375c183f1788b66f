"""What is compared, with what, and how far apart the two may be.

Each row has two sides that do the same: ours, and a peer whose cost is the floor or the usual
alternative. A side is a block that gives what is timed; what it needs is made and unmade around
it. `scale` divides the large sizes, so that a smoke run is short.
"""

from __future__ import annotations

import contextlib
import functools
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.stub import Stubber

from fakebackup import FakeBackup, hook, mock_backup

REGION = "us-east-1"
DAY = 24 * 60 * 60
MILLION = 1_000_000
MEMBER = "111122223333"


class Timed(NamedTuple):
    """What a side gives.

    Attributes:
        run: what is timed.
        prepare: what is done before each round, and not timed.
    """

    run: Callable[[], Any]
    prepare: Callable[[], Any] | None = None


Side = Callable[[int], AbstractContextManager[Timed]]


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        what: what is compared, as the table says it.
        reach: how many times the peer's time is allowed.
        ours: the fake's side.
        peer: the other one.
        rounds: how often each side is timed; the quickest round counts.
        iterations: how often it runs in a round.
        warmups: rounds before, which are not timed.
        told: what of an answer must be the same on both sides.
        noise: by what part of itself the ratio differs from run to run on a quiet machine.
    """

    what: str
    reach: float
    ours: Side
    peer: Side
    rounds: int = 30
    iterations: int = 30
    warmups: int = 2
    told: Callable[[Any], Any] = lambda _answer: None
    noise: float = 0.05


def shape(answer: dict[str, Any]) -> list[set[str]]:
    """The members of the jobs of an answer."""
    return [set(job) - {"ResponseMetadata"} for job in answer.get("BackupJobs", [answer])]


def jobs_of(answer: dict[str, Any]) -> int:
    """How many jobs a list answers."""
    return len(answer["BackupJobs"])


def client(**settings: Any) -> Any:
    """A new client with keys, untyped."""
    session = boto3.Session("key", "secret", region_name=REGION)
    return session.client("backup", **settings)


# --- One call -------------------------------------------------------------------------------


@contextlib.contextmanager
def one_job(operation: str, transport: Any = "direct") -> Iterator[tuple[Any, dict[str, Any]]]:
    """A call of a client, and its parameters, about the one job of a fake."""
    with mock_backup(region=REGION, transport=transport) as backup:
        job = backup.add_backup_job()
        asked = {} if operation == "list_backup_jobs" else {"BackupJobId": job.id}
        yield getattr(client(), operation), asked


def call(operation: str, transport: Any = "direct") -> Side:
    """A call of the fake's."""

    @contextlib.contextmanager
    def side(_scale: int) -> Iterator[Timed]:
        with one_job(operation, transport) as (method, asked):
            yield Timed(lambda: method(**asked))

    return side


_STUBBED = 5000


def stubbed(operation: str) -> Side:
    """The same call of botocore's Stubber, answering the same."""

    @contextlib.contextmanager
    def side(_scale: int) -> Iterator[Timed]:
        with one_job(operation) as (method, asked):
            answer = method(**asked)
        del answer["ResponseMetadata"]
        made = client()
        with Stubber(made) as stubber:
            for _ in range(_STUBBED):
                stubber.add_response(operation, answer, asked)
            yield Timed(lambda: getattr(made, operation)(**asked))

    return side


class Sent(NamedTuple):
    """An answer as it was sent."""

    headers: dict[str, str]
    content: bytes


def recorded(ask: Callable[[Any], Any]) -> Sent:
    """What the active fake, which answers on the wire, sends a client that asks."""
    made = client()
    seen: list[Any] = []

    def remember(response_dict: dict[str, Any], **_: object) -> None:
        seen.append(response_dict)

    made.meta.events.register("response-received.backup", remember)
    ask(made)
    return Sent(dict(seen[0]["headers"]), bytes(seen[0]["body"]))


def answering(sent: Sent) -> Any:
    """A client that signs nothing and gets a canned HTTP answer, the floor for what is parsed."""
    made = client(config=Config(signature_version=UNSIGNED))
    headers: Any = sent.headers

    def send(request: Any, **_: object) -> AWSResponse:
        response: Any = AWSResponse(request.url, 200, headers, None)
        response._content = sent.content
        return response  # type: ignore[no-any-return]  # botocore gives it no type of its own

    made.meta.events.register("before-send.backup", send)
    return made


def canned(operation: str) -> Side:
    """The same call of a canned HTTP answer of the same bytes."""

    @contextlib.contextmanager
    def side(_scale: int) -> Iterator[Timed]:
        with one_job(operation, "wire") as (_, asked):
            sent = recorded(lambda made: getattr(made, operation)(**asked))
        method = getattr(answering(sent), operation)
        yield Timed(lambda: method(**asked))

    return side


# --- A page of a thousand jobs --------------------------------------------------------------


@contextlib.contextmanager
def page_read_first(_scale: int) -> Iterator[Timed]:
    """The page read for the first time after seeding."""
    with mock_backup(region=REGION) as backup:
        method = client().list_backup_jobs

        def seed() -> None:
            backup.reset()
            backup.add_backup_jobs(1000, State=["COMPLETED", "FAILED"])

        seed()
        yield Timed(method, seed)


@contextlib.contextmanager
def page_read_again(_scale: int) -> Iterator[Timed]:
    """The same page once more."""
    with page_read_first(1) as timed:
        timed.run()
        yield Timed(timed.run)


@contextlib.contextmanager
def canned_page(_scale: int) -> Iterator[Timed]:
    """The canned HTTP answer of that page."""
    with mock_backup(region=REGION, transport="wire") as backup:
        backup.add_backup_jobs(1000, State=["COMPLETED", "FAILED"])
        sent = recorded(lambda made: made.list_backup_jobs())
    yield Timed(answering(sent).list_backup_jobs)


# --- Many jobs ------------------------------------------------------------------------------

RARE = 10
"""How many jobs pass each of the selective filters."""

FILTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "state": ("ByState", {"State": "EXPIRED"}),
    "resource ARN": ("ByResourceArn", {"ResourceArn": f"arn:aws:ec2:{REGION}:1:volume/rare"}),
    "resource type": ("ByResourceType", {"ResourceType": "S3"}),
    "vault": ("ByBackupVaultName", {"BackupVaultName": "rare"}),
    "parent": ("ByParentJobId", {"ParentJobId": "rare"}),
    "message category": ("ByMessageCategory", {"MessageCategory": "AccessDenied"}),
    "account": ("ByAccountId", {"AccountId": MEMBER}),
}

SUMMARIES: dict[str, dict[str, str]] = {
    "without parameters": {},
    "everything apart": {
        "AccountId": "ANY",
        "State": "ANY",
        "ResourceType": "ANY",
        "MessageCategory": "ANY",
    },
    "one state by day": {"State": "FAILED", "AggregationPeriod": "ONE_DAY"},
    "all accounts": {"AccountId": "AGGREGATE_ALL", "State": "ANY"},
}


@functools.cache
def seeded(count: int) -> FakeBackup:
    """A fake with so many jobs over twenty days; seeding takes long, so it is kept, inactive."""
    backup = FakeBackup(region=REGION, history=None).start()
    now = time.time() // DAY * DAY
    step = 20 * DAY / count
    backup.add_backup_jobs(
        # Those of the other account come besides.
        count - RARE * (len(FILTERS) - 1),
        State=["COMPLETED", "FAILED"],
        CreationDate=lambda index: now - 20 * DAY + index * step,
    )
    for _, members in FILTERS.values():
        backup.add_backup_jobs(RARE, CreationDate=lambda index: now - (19 - index) * DAY, **members)
    hook.deactivate(backup)
    return backup


@contextlib.contextmanager
def active(backup: FakeBackup) -> Iterator[Any]:
    """A client that a fake answers which was seeded before."""
    # A fake that is left ends: this one is only put aside.
    hook.activate(backup)
    try:
        yield client()
    finally:
        hook.deactivate(backup)


def asking(count: int, operation: str, **asked: Any) -> Side:
    """A call of a fake that holds many jobs."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with active(seeded(max(1000, count // scale))) as made:
            method = functools.partial(getattr(made, operation), **asked)
            method()
            yield Timed(method)

    return side


def page_at(part: float) -> Side:
    """A page of a thousand jobs somewhere in a million."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        count = max(3000, MILLION // scale)
        with active(seeded(count)) as made:
            token: dict[str, str] = {}
            for _ in range(int(count / 1000 * part)):
                token = {"NextToken": made.list_backup_jobs(**token)["NextToken"]}
            method = functools.partial(made.list_backup_jobs, **token)
            yield Timed(method)

    return side


def all_pages(count: int) -> Side:
    """Every page of so many jobs, through the paginator, each read for the first time."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        backup = seeded(max(1000, count // scale))

        def forget() -> None:
            jobs = backup.backend.organization.jobs
            # Not shown so far, either: whatever is too old among those would be forgotten again.
            jobs._shown.clear()
            for job in jobs.by_id.values():
                members: Any = job.members
                members.forget()

        with active(backup) as made:
            paginator = made.get_paginator("list_backup_jobs")
            yield Timed(
                lambda: sum(len(page["BackupJobs"]) for page in paginator.paginate()), forget
            )

    return side


# --- Seeding --------------------------------------------------------------------------------


@contextlib.contextmanager
def seeding(scale: int) -> Iterator[Timed]:
    """A million jobs, added at once."""
    with mock_backup(region=REGION) as backup:
        yield Timed(lambda: backup.add_backup_jobs(MILLION // scale), backup.reset)


def plain_dicts(count: int) -> list[dict[str, Any]]:
    """As many plain dicts of the same members."""
    now = int(time.time() * 1000)
    account = "123456789012"
    return [
        {
            "BackupJobId": f"b0000000-0000-4000-8000-{index:012x}",
            "State": "COMPLETED",
            "AccountId": account,
            "CreationDate": now + index,
            "ResourceType": "EBS",
            "ResourceArn": f"arn:aws:ec2:{REGION}:{account}:volume/vol-{index:017x}",
            "BackupVaultName": "Default",
            "BackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:Default",
            "VaultType": "BACKUP_VAULT",
            "VaultLockState": "UNLOCKED",
            "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
            "StartBy": now + index + 28_800_000,
            "IsParent": False,
            "PercentDone": "100.0",
            "CompletionDate": now + index + 600_000,
            "RecoveryPointArn": f"arn:aws:ec2:{REGION}::snapshot/snap-{index:017x}",
            "BackupSizeInBytes": 8_589_934_592,
            "MessageCategory": "SUCCESS",
        }
        for index in range(count)
    ]


@contextlib.contextmanager
def building_dicts(scale: int) -> Iterator[Timed]:
    """The list comprehension."""
    yield Timed(lambda: plain_dicts(MILLION // scale))


@contextlib.contextmanager
def loading(scale: int) -> Iterator[Timed]:
    """A file of a hundred thousand recorded jobs, loaded."""
    with recorded_jobs(scale) as path, mock_backup(region=REGION) as backup:
        yield Timed(lambda: backup.load(path), backup.reset)


@contextlib.contextmanager
def parsing(scale: int) -> Iterator[Timed]:
    """The same file, parsed alone."""
    with recorded_jobs(scale) as path:
        yield Timed(lambda: json.loads(path.read_text("utf-8"))["BackupJobs"])


@contextlib.contextmanager
def recorded_jobs(scale: int) -> Iterator[Path]:
    """A file as `aws backup list-backup-jobs` prints it."""
    with mock_backup(region=REGION) as backup, tempfile.TemporaryDirectory() as folder:
        jobs = backup.add_backup_jobs(LOADED // scale, State=["COMPLETED", "FAILED"])
        path = Path(folder) / "list-backup-jobs.json"
        path.write_text(json.dumps({"BackupJobs": list(map(dict, jobs))}, default=str), "utf-8")
        yield path


LOADED = 100_000

# --- Savepoints -----------------------------------------------------------------------------

SET_UP = 10_000


@contextlib.contextmanager
def savepoint(scale: int) -> Iterator[Timed]:
    """A small test in a savepoint: one job more, and a call that lists the failed ones."""
    with mock_backup(region=REGION) as backup:
        backup.add_backup_jobs(SET_UP // scale, State=["COMPLETED", "FAILED"])
        method = client().list_backup_jobs

        def run() -> None:
            with backup.savepoint():
                backup.add_backup_job(State="FAILED")
                method(ByState="FAILED", MaxResults=10)

        yield Timed(run)


@contextlib.contextmanager
def setting_up(scale: int) -> Iterator[Timed]:
    """The same jobs seeded for the test alone."""
    with mock_backup(region=REGION) as backup:

        def run() -> None:
            backup.add_backup_jobs(SET_UP // scale, State=["COMPLETED", "FAILED"])

        yield Timed(run, backup.reset)


# --- Entering and leaving -------------------------------------------------------------------


@contextlib.contextmanager
def entering(_scale: int) -> Iterator[Timed]:
    """A fake, entered and left."""

    def run() -> None:
        with mock_backup():
            pass

    yield Timed(run)


@contextlib.contextmanager
def entering_moto(_scale: int) -> Iterator[Timed]:
    """moto's, entered and left."""
    from moto import mock_aws

    def run() -> None:
        with mock_aws():
            pass

    yield Timed(run)


# --- Many small tests -----------------------------------------------------------------------


@contextlib.contextmanager
def small_tests(scale: int) -> Iterator[Timed]:
    """Tests of the usual size: a fake, one job, one client of the default session, one call."""

    def run() -> None:
        for _ in range(1000 // scale):
            with mock_backup() as backup:
                backup.add_backup_job()
                boto3.client("backup", region_name=REGION).list_backup_jobs()

    with default_session():
        yield Timed(run)


@contextlib.contextmanager
def small_tests_of_moto(scale: int) -> Iterator[Timed]:
    """The same with moto, which has vaults and no jobs to seed."""
    from moto import mock_aws

    def run() -> None:
        for _ in range(1000 // scale):
            with mock_aws():
                made = boto3.client("backup", region_name=REGION)
                made.create_backup_vault(BackupVaultName="daily")

    with default_session():
        yield Timed(run)


@contextlib.contextmanager
def default_session() -> Iterator[None]:
    """A default session with keys; afterwards there is none, as before."""
    boto3.DEFAULT_SESSION = boto3.Session("key", "secret")
    try:
        yield
    finally:
        boto3.DEFAULT_SESSION = None


# --- Threads --------------------------------------------------------------------------------

_CALLS = 16_000


def calls_of(threads: int) -> Side:
    """So many calls of one fake, shared out among threads that have a client each."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup, ThreadPoolExecutor(threads) as pool:
            backup.add_backup_job()
            methods = [client().list_backup_jobs for _ in range(threads)]
            each = _CALLS // threads // scale

            def ask(method: Callable[[], Any]) -> None:
                for _ in range(each):
                    method()

            yield Timed(lambda: list(pool.map(ask, methods)), backup.reset)

    return side


def against_a_thousand(operation: str, **asked: str) -> tuple[Side, Side]:
    """The two sides of a call of a million jobs."""
    return asking(MILLION, operation, **asked), asking(1000, operation, **asked)


MEMORY = "memory of 1,000,000 jobs, against plain dicts"
DISTINCT = "memory of 200,000 jobs loaded from JSON, against plain dicts"
FIRST_PAGE = "a first page of 1,000 jobs over 30 days in a fresh process, against canned HTTP"
FIRST_USE = "first use in a fresh process, against Stubber"
UNUSED = "pytest with the plugin unused, against -p no:fakebackup"

PLACES = {"start": 0.0, "middle": 0.5, "end": 0.998}
LIST, DESCRIBE = "list_backup_jobs", "describe_backup_job"

ROWS = [
    Row("ListBackupJobs of one job, against Stubber", 1.2, call(LIST), stubbed(LIST), told=shape),
    Row("DescribeBackupJob, against Stubber", 1.2, call(DESCRIBE), stubbed(DESCRIBE), told=shape),
    Row(
        "ListBackupJobs on the wire, against canned HTTP",
        1.2,
        call(LIST, "wire"),
        canned(LIST),
        told=shape,
    ),
    Row(
        "DescribeBackupJob on the wire, against canned HTTP",
        1.2,
        call(DESCRIBE, "wire"),
        canned(DESCRIBE),
        told=shape,
    ),
    Row(
        "a page of 1,000 jobs, read first, against canned HTTP",
        0.08,
        page_read_first,
        canned_page,
        iterations=1,
        told=shape,
    ),
    Row("the same page read again", 0.03, page_read_again, canned_page, iterations=5, told=shape),
    Row(
        "all pages of 100,000 jobs, against 10,000",
        10.5,
        all_pages(100_000),
        all_pages(10_000),
        rounds=5,
        iterations=1,
        warmups=1,
    ),
    *(
        Row(
            f"a page at the {place} of 1,000,000 jobs, against 1,000",
            1.3,
            page_at(part),
            asking(1000, LIST),
            iterations=5,
            told=jobs_of,
        )
        for place, part in PLACES.items()
    ),
    *(
        Row(
            f"10 jobs by {name} among 1,000,000, against 1,000",
            2,
            *against_a_thousand(LIST, **{parameter: next(iter(members.values()))}),
            iterations=5,
            told=jobs_of,
        )
        for name, (parameter, members) in FILTERS.items()
    ),
    *(
        Row(
            f"a summary of 1,000,000 jobs ({name}), against 1,000",
            2,
            *against_a_thousand("list_backup_job_summaries", **asked),
            iterations=5,
            told=lambda answer: len(answer["BackupJobSummaries"]),
        )
        for name, asked in SUMMARIES.items()
    ),
    Row(
        "seeding 1,000,000 jobs, against plain dicts",
        8,
        seeding,
        building_dicts,
        rounds=3,
        iterations=1,
        warmups=0,
        told=len,
    ),
    Row(
        "loading 100,000 recorded jobs, against parsing their JSON",
        20,
        loading,
        parsing,
        rounds=5,
        iterations=1,
        warmups=1,
        told=len,
        noise=0.1,
    ),
    Row(
        "a test in a savepoint over 10,000 jobs, against seeding them",
        0.02,
        savepoint,
        setting_up,
    ),
    Row("entering and leaving, against moto", 0.02, entering, entering_moto),
    Row(
        "1,000 tests of a job, a client and a call, against moto",
        0.05,
        small_tests,
        small_tests_of_moto,
        rounds=2,
        iterations=1,
        warmups=0,
    ),
    Row(
        "16,000 calls of 16 threads, against one",
        1.25,
        calls_of(16),
        calls_of(1),
        rounds=5,
        iterations=1,
        warmups=1,
    ),
]
