"""The benchmarks' rows in short: both sides of each run, and do the same."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from benchmarks.beside import BESIDE
from benchmarks.large import BACKUPS, LARGE, RUNS, SESSION, keep_asking
from benchmarks.rows import (
    DISTINCT,
    FILTERS,
    FIRST_PAGE,
    FIRST_USE,
    MEMORY,
    ROWS,
    UNUSED,
    Row,
    entering_moto,
    plain_dicts,
    seeded,
    small_tests_of_moto,
)
from benchmarks.served import SERVED
from fakebackup import mock_backup
from fakebackup.commands import guide

SCALE = 1000
MOTOS = (entering_moto, small_tests_of_moto, *(each for row in BESIDE for each in row[2:4]))


@pytest.fixture(scope="module", autouse=True)
def _forget_what_was_seeded() -> Any:
    yield
    seeded.cache_clear()


@pytest.mark.parametrize("row", [*ROWS, *LARGE, *SERVED, *BESIDE], ids=lambda row: row.what)
def test_a_row_runs(row: Row) -> None:
    """Each side runs twice, after what prepares it, and both answer alike."""
    told = []
    for side in (row.ours, row.peer):
        # moto is installed with the benchmarks, not with the other tests.
        if side in MOTOS and importlib.util.find_spec("moto") is None:
            continue
        with side(SCALE) as timed:
            for _ in range(2):
                if timed.prepare is not None:
                    timed.prepare()
                answer = timed.run()
        told.append(row.told(answer))
    assert told[:1] == told[-1:]


def test_the_plain_dicts_are_those_of_jobs() -> None:
    """The peer of seeding builds the members that the jobs have."""
    with mock_backup(region="us-east-1") as backup:
        jobs = backup.add_backup_jobs(3)
    dates = {"CreationDate", "CompletionDate", "StartBy"}
    for job, plain in zip(jobs, plain_dicts(4)[1:], strict=True):
        assert set(job.members) == set(plain)
        assert {name: job.members[name] for name in plain if name not in dates} == {
            name: plain[name] for name in plain if name not in dates
        }


def test_a_session_asks_on() -> None:
    """What is measured of a session are calls that the unfinished job answers, and no error."""
    with mock_backup(region="us-east-1") as backup:
        backup.add_backup_job(State="RUNNING")
        keep_asking(backup, 50)
        assert backup.backend.organization.wait_counts
        assert not backup.calls


def test_every_filter_is_selective() -> None:
    """What the filters look for is rare by the filter's own member alone."""
    assert all(len(members) == 1 for _, members in FILTERS.values())


def test_the_guide_shows_every_row() -> None:
    """The guide's table has the rows that are measured, what each reaches, and where it was."""
    cost = guide.text("cost")
    table = cost.partition("<!-- benchmarks -->")[2].partition("<!-- end -->")[0]
    shown = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")][2:]
    assert sorted(shown) == sorted(
        [
            *(row.what for row in [*ROWS, *LARGE, *SERVED, *BESIDE]),
            *(MEMORY, DISTINCT, SESSION, RUNS, BACKUPS, FIRST_PAGE, FIRST_USE, UNUSED),
        ]
    )
    last = table.strip().splitlines()[-1]
    assert all(name in last for name in ("Python 3.", "botocore 1.", "moto ", "pytest "))
