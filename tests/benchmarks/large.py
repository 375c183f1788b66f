"""What a fake costs that holds much: each side does the same, among more and among less."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError
from freezegun import freeze_time

from benchmarks.rows import REGION, Row, Side, Timed, client
from fakebackup import FakeBackup, mock_backup
from fakebackup.model.events.bus import Copies

if TYPE_CHECKING:
    from collections.abc import Iterator

VOLUMES = 10
"""How many recovery points a resource has."""


def volume(number: int) -> str:
    """The ARN of a volume."""
    return f"arn:aws:ec2:{REGION}:123456789012:volume/vol-{number:08}"


def add_points(backup: FakeBackup, count: int, **members: Any) -> list[str]:
    """Add recovery points; return their ARNs."""
    return [
        backup.add_recovery_point(ResourceArn=volume(index // VOLUMES), **members).arn
        for index in range(count)
    ]


def deleting(count: int) -> Side:
    """All recovery points deleted through a client."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            made, arns = client(), list[str]()

            def prepare() -> None:
                backup.reset()
                arns[:] = add_points(backup, max(20, count // scale))

            def run() -> None:
                for arn in arns:
                    made.delete_recovery_point(BackupVaultName="Default", RecoveryPointArn=arn)

            yield Timed(run, prepare)

    return side


def due_under_a_hold(count: int) -> Side:
    """A call after recovery points have come due that a legal hold keeps."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION, progress="clock") as backup:
            made = client()

            def prepare() -> None:
                backup.reset()
                with freeze_time("2024-03-01"):
                    points = max(20, count // scale)
                    add_points(backup, points, Lifecycle={"DeleteAfterDays": 2})
                    made.create_legal_hold(
                        Title="held", Description="held", RecoveryPointSelection={}
                    )

            # The process's own clock is long past the lifecycles.
            yield Timed(made.list_backup_vaults, prepare)

    return side


def events_of_each(count: int) -> Side:
    """The events of each of many jobs."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            jobs = backup.add_backup_jobs(max(20, count // scale), State="RUNNING")
            for job in jobs:
                job.complete()
            yield Timed(lambda: sum(len(job.events) for job in jobs))

    return side


def of_one_resource(operation: str, count: int) -> Side:
    """A call about one resource among many."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            add_points(backup, max(20, count // scale))
            method = getattr(client(), operation)
            yield Timed(lambda: method(ResourceArn=volume(1)))

    return side


def small_pages(count: int) -> Side:
    """A vault's recovery points in pages of a hundred."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            add_points(backup, max(20, count // scale))
            paginator = client().get_paginator("list_recovery_points_by_backup_vault")
            asked: dict[str, Any] = {"BackupVaultName": "Default", "MaxResults": 100}
            yield Timed(
                lambda: sum(len(page["RecoveryPoints"]) for page in paginator.paginate(**asked))
            )

    return side


def after_failures(count: int) -> Side:
    """A list call after injected failures of another operation that are spent."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            made = client(config=Config(retries={"total_max_attempts": 1}))
            for _ in range(count // scale):
                backup.fail("DescribeBackupJob")
                with contextlib.suppress(ClientError):
                    made.describe_backup_job(BackupJobId="none")
            yield Timed(client().list_backup_jobs)

    return side


def beside_failures(count: int) -> Side:
    """A list call beside injected failures that wait for another operation."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            for _ in range(count // scale):
                backup.fail("StartBackupJob")
            yield Timed(client().list_backup_jobs)
            backup.reset()

    return side


def handled_events(count: int) -> Side:
    """Events given to a handler."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            jobs: list[Any] = []

            def prepare() -> None:
                backup.reset()
                backup.on_event(lambda _event, _context: None)
                jobs[:] = backup.add_backup_jobs(max(20, count // scale), State="RUNNING")

            def run() -> None:
                for job in jobs:
                    job.complete()

            yield Timed(run, prepare)

    return side


def read_events(count: int, *, again: bool) -> Side:
    """Reading the events of many jobs, two of each, for the first time or again."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        with mock_backup(region=REGION) as backup:
            for job in backup.add_backup_jobs(max(20, count // scale), State="RUNNING"):
                job.complete()

            def prepare() -> None:
                backup.backend.organization.bus._copies = Copies()
                if again:
                    _ = backup.events

            yield Timed(lambda: len(backup.events), prepare)

    return side


RUNS = "10,000 scheduled runs of plans that find nothing to back up"
BACKUPS = "10,000 scheduled runs that back up a resource each"
SESSION = "bytes kept of a list beside an unfinished job, of 100,000 different ones"


def keep_asking(backup: FakeBackup, count: int) -> None:
    """Ask so many different questions, which a job answers that does not end."""
    method = client().list_backup_jobs
    for number in range(count):
        method(ByCreatedAfter=number)
        # The log is what users ask for: it is not what is measured.
        backup.backend.calls.clear()


def row(what: str, reach: float, ours: Side, peer: Side, iterations: int = 1) -> Row:
    """A row whose sides differ in what the fake holds."""
    return Row(what, reach, ours, peer, rounds=3, iterations=iterations, warmups=1)


BY_RESOURCE, PROTECTED = "list_recovery_points_by_resource", "describe_protected_resource"

LARGE = [
    row("deleting 8,000 recovery points, against 4,000", 2.5, deleting(8000), deleting(4000)),
    row(
        "8,000 recovery points due under a legal hold, against 4,000",
        2.5,
        due_under_a_hold(8000),
        due_under_a_hold(4000),
    ),
    row(
        "job.events of each of 5,000 jobs, against 1,000",
        6.5,
        events_of_each(5000),
        events_of_each(1000),
    ),
    row(
        "ListRecoveryPointsByResource among 20,000 points, against 1,000",
        2,
        of_one_resource(BY_RESOURCE, 20_000),
        of_one_resource(BY_RESOURCE, 1000),
        iterations=50,
    ),
    row(
        "DescribeProtectedResource among 20,000 points, against 1,000",
        2,
        of_one_resource(PROTECTED, 20_000),
        of_one_resource(PROTECTED, 1000),
        iterations=50,
    ),
    row(
        "a vault of 20,000 points in pages of 100, against 2,000",
        13,
        small_pages(20_000),
        small_pages(2000),
    ),
    row(
        "ListBackupJobs beside 5,000 waiting failures, against none",
        1.5,
        beside_failures(5000),
        beside_failures(0),
        iterations=50,
    ),
    row(
        "ListBackupJobs after 2,000 spent failures, against none",
        1.5,
        after_failures(2000),
        after_failures(0),
        iterations=50,
    ),
    row(
        "backup.events of 50,000 read again, against read first",
        0.5,
        read_events(25_000, again=True),
        read_events(25_000, again=False),
    ),
    row(
        "20,000 jobs that end beside a handler of events, against 2,000",
        13,
        handled_events(20_000),
        handled_events(2000),
    ),
]
