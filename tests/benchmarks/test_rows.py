"""The rows, timed: both sides in one run, the quickest round of each compared."""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from benchmarks.beside import BESIDE
from benchmarks.large import BACKUPS, LARGE, RUNS, SESSION, keep_asking
from benchmarks.rows import DISTINCT, MEMORY, MILLION, ROWS, Row, plain_dicts
from benchmarks.served import SERVED
from fakebackup import mock_backup

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.rows import Side

_quickest: dict[str, float] = {}


def timed(benchmark: Any, row: Row, side: Side) -> float:
    """How long a side takes at best, in seconds."""
    with side(1) as what:
        benchmark.pedantic(
            what.run,
            setup=what.prepare,
            rounds=row.rounds,
            iterations=1 if what.prepare else row.iterations,
            warmup_rounds=row.warmups,
        )
    found: float = benchmark.stats.stats.min
    return found


# The upper one changes first: the sides of a row are timed one after the other.
@pytest.mark.parametrize("side", ["peer", "ours"])
@pytest.mark.parametrize("row", [*ROWS, *LARGE, *SERVED, *BESIDE], ids=lambda row: row.what)
def test_row(row: Row, side: str, benchmark: Any, table: Callable[..., None]) -> None:
    """The ratio of a row; whether it is reached, the table says when all are timed."""
    benchmark.group = row.what
    took = timed(benchmark, row, getattr(row, side))
    if side == "peer":
        _quickest[row.what] = took
    elif row.what in _quickest:
        table(row.what, took / _quickest[row.what], row.reach, row.noise)


def taken(build: Callable[[], object]) -> int:
    """How many bytes something keeps."""
    gc.collect()
    tracemalloc.start()
    kept = build()
    gc.collect()
    found = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return found


def test_memory(benchmark: Any, table: Callable[..., None]) -> None:
    """What a million jobs take, against as many plain dicts of the same members."""
    dicts = taken(lambda: plain_dicts(MILLION))
    with mock_backup() as backup:
        jobs = taken(lambda: backup.add_backup_jobs(MILLION))
    benchmark.extra_info["bytes"] = jobs
    benchmark.pedantic(lambda: None, rounds=1)
    table(MEMORY, jobs / dicts, 1.5)


def test_memory_of_what_is_loaded(benchmark: Any, table: Callable[..., None]) -> None:
    """What jobs take that are loaded from text, which shares nothing, against plain dicts."""
    count = 200_000
    text = json.dumps({"BackupJobs": [in_seconds(job) for job in plain_dicts(count)]})
    dicts = taken(lambda: plain_dicts(count))
    with mock_backup(history=None) as backup:
        jobs = taken(lambda: backup.load(json.loads(text)))
    benchmark.pedantic(lambda: None, rounds=1)
    table(DISTINCT, jobs / dicts, 1.4)


def in_seconds(job: dict[str, Any]) -> dict[str, Any]:
    """A plain dict with its dates as AWS's answers have them."""
    return {
        name: value / 1000 if name in {"CreationDate", "StartBy", "CompletionDate"} else value
        for name, value in job.items()
    }


def test_session(benchmark: Any, table: Callable[..., None]) -> None:
    """What 100,000 different questions leave behind, each on average, besides their log."""
    with mock_backup(region="us-east-1") as backup:
        backup.add_backup_job(State="RUNNING")
        keep_asking(backup, 100)
        kept = taken(lambda: keep_asking(backup, 100_000))
    benchmark.pedantic(lambda: None, rounds=1)
    table(SESSION, kept / 100_000, 5)


@pytest.mark.parametrize(("what", "reach", "steps"), [(RUNS, 0.5, 1), (BACKUPS, 3, 3)])
def test_scheduled_runs(
    what: str, reach: float, steps: int, benchmark: Any, table: Callable[..., None]
) -> None:
    """How long the clock takes for the runs of an hourly rule, of over a year."""
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    rule: Any = {
        "RuleName": "hourly",
        "TargetBackupVaultName": "hourly",
        "ScheduleExpression": "cron(0 * * * ? *)",
        "Lifecycle": {"DeleteAfterDays": 7},
    }

    def run() -> float:
        with (
            time_machine.travel(start, tick=False) as clock,
            mock_backup(progress="clock", region="us-east-1") as backup,
        ):
            backup.add_vault(BackupVaultName="hourly")
            backup.add_backup_plan(Rules=[rule])
            if what == BACKUPS:
                backup.add_backup_selection(Resources=["arn:aws:ec2:*:*:volume/*"])
                backup.add_resource("arn:aws:ec2:us-east-1:123456789012:volume/vol-1")
            took = 0.0
            # A step of the clock starts as many runs and jobs as it may.
            for hours in range(1, steps + 1):
                clock.move_to(start + timedelta(hours=10_000 * hours // steps))
                begun = time.perf_counter()
                found = len(backup.backup_jobs)
                took += time.perf_counter() - begun
            assert found == (10_000 if what == BACKUPS else 0)
            return took

    took = benchmark.pedantic(lambda: min(run() for _ in range(3)), rounds=1)
    table(what, took, reach, unit=" s")
