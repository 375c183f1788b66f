"""What a fresh process pays: medians over processes that start in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from benchmarks.rows import FIRST_PAGE, FIRST_USE, UNUSED, recorded
from fakebackup import mock_backup

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


SEEDED_PAGE = """
import boto3, time
from fakebackup import mock_backup
client = boto3.client("backup", region_name="us-east-1")
with mock_backup(history=None) as backup:
    now = time.time()
    backup.add_backup_jobs(1000, CreationDate=lambda index: now - index * 30 * 86.4)
    client.list_backup_jobs(MaxResults=1)
    begun = time.perf_counter()
    client.list_backup_jobs()
    print(time.perf_counter() - begun)
"""
CANNED_PAGE = """
import boto3, sys, time
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
config = Config(signature_version=UNSIGNED)
client = boto3.client("backup", region_name="us-east-1", config=config)
content = [b'{"BackupJobs": []}']
def send(request, **_):
    response = AWSResponse(request.url, 200, {"content-type": "application/json"}, None)
    response._content = content[0]
    return response
client.meta.events.register("before-send.backup", send)
client.list_backup_jobs(MaxResults=1)
content[0] = open(sys.argv[1], "rb").read()
begun = time.perf_counter()
assert len(client.list_backup_jobs()["BackupJobs"]) == 1000
print(time.perf_counter() - begun)
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


def printed(*commands: list[str], folder: Path) -> list[float]:
    """The number that each command prints, at the median; they take turns."""
    found: list[list[float]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for command, numbers in zip(commands, found, strict=True):
            done = subprocess.run(
                [sys.executable, *command], check=True, cwd=folder, capture_output=True, text=True
            )
            numbers.append(float(done.stdout))
    return [statistics.median(numbers) for numbers in found]


def test_first_page(tmp_path: Path, benchmark: Any, table: Callable[..., None]) -> None:
    """A page of jobs over thirty days, when the process has shown none of their dates."""
    with mock_backup(region="us-east-1", transport="wire", history=None) as backup:
        now = time.time()
        backup.add_backup_jobs(1000, CreationDate=lambda index: now - index * 30 * 86.4)
        sent = recorded(lambda made: made.list_backup_jobs())
    page = tmp_path / "page.json"
    page.write_bytes(sent.content)
    ours, peer = benchmark.pedantic(
        lambda: printed(["-c", SEEDED_PAGE], ["-c", CANNED_PAGE, str(page)], folder=tmp_path),
        rounds=1,
    )
    table(FIRST_PAGE, ours / peer, 0.25)


def test_first_use(tmp_path: Path, benchmark: Any, table: Callable[..., None]) -> None:
    """Import, enter, one client, one call, leave, against the same with Stubber."""
    ours, peer = benchmark.pedantic(
        lambda: medians(["-c", OURS], ["-c", STUBBED], folder=tmp_path), rounds=1
    )
    table(FIRST_USE, ours / peer, 1.12)


def test_the_plugin_unused(tmp_path: Path, benchmark: Any, table: Callable[..., None]) -> None:
    """A run of pytest with the plugin installed and unused, against one without it."""
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    run = ["-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    ours, peer = benchmark.pedantic(
        lambda: medians(run, [*run, "-p", "no:fakebackup"], folder=tmp_path), rounds=1
    )
    table(UNUSED, (ours - peer) * 1000, 5, unit=" ms")
