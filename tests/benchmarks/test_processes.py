"""What a fresh process pays: medians over processes that start in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from benchmarks.rows import FIRST_USE, UNUSED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROUNDS = 15

OURS = """
import boto3
from fakebackup import mock_backup
with mock_backup():
    boto3.client("backup", region_name="us-east-1").list_backup_jobs()
"""
STUBBED = """
import boto3
from botocore.stub import Stubber
client = boto3.client("backup", region_name="us-east-1")
with Stubber(client) as stubber:
    stubber.add_response("list_backup_jobs", {"BackupJobs": []})
    client.list_backup_jobs()
"""


def medians(*commands: list[str], folder: Path) -> list[float]:
    """How long each command takes at the median, in seconds; they take turns."""
    # Compiled once, as what pip installs is.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    took: list[list[float]] = [[] for _ in commands]
    for number in range(ROUNDS + 1):
        for command, found in zip(commands, took, strict=True):
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, *command],
                check=True,
                cwd=folder,
                env=kept | keys,
                stdout=subprocess.DEVNULL,
            )
            if number:  # the first one reads the files
                found.append(time.perf_counter() - begun)
    return [statistics.median(found) for found in took]


def test_first_use(tmp_path: Path, benchmark: Any, table: Callable[[str, str, str], None]) -> None:
    """Import, enter, one client, one call, leave, against the same with Stubber."""
    ours, peer = benchmark.pedantic(
        lambda: medians(["-c", OURS], ["-c", STUBBED], folder=tmp_path), rounds=1
    )
    table(FIRST_USE, f"{ours / peer:.3g}", "1.1")


def test_the_plugin_unused(
    tmp_path: Path, benchmark: Any, table: Callable[[str, str, str], None]
) -> None:
    """A run of pytest with the plugin installed and unused, against one without it."""
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    run = ["-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    ours, peer = benchmark.pedantic(
        lambda: medians(run, [*run, "-p", "no:fakebackup"], folder=tmp_path), rounds=1
    )
    table(
        UNUSED,
        f"{(ours - peer) * 1000:+.1f} ms",
        "5 ms",
    )
