"""Many clients at a time: a process of its own that asks a server by many connections."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

CONNECTIONS = 50
COUNT = 2000
"""How many requests the test sends; the benchmarks send ten times as many."""


def load(
    url: str, count: int, *, connections: int = CONNECTIONS, starts: bool = False
) -> dict[int, int]:
    """Send requests by many connections at a time; return how many were answered how.

    Args:
        url: the server's.
        count: how many requests; each connection sends as many.
        connections: how many connections.
        starts: whether they start jobs; else they list them.
    """
    code = "from support.load import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, url, str(count), str(connections), str(int(starts))],
        env={**os.environ, "PYTHONPATH": os.fspath(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        check=True,
    )
    return {int(status): times for status, times in json.loads(done.stdout).items()}


# --- In the other process -----------------------------------------------------------------------


def main() -> None:
    """Ask as the arguments say, and print how many answers there were of each status."""
    from threading import Thread

    url, starts = sys.argv[1], sys.argv[4] == "1"
    count, connections = map(int, sys.argv[2:4])
    each = count // connections
    found: list[Counter[int]] = []
    threads = [
        Thread(target=lambda number=number: found.append(_ask(url, each, number, starts=starts)))
        for number in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(sum(found, Counter())))


def _ask(url: str, count: int, number: int, *, starts: bool) -> Counter[int]:
    from support.constants import ACCOUNT, REGION, ROLE
    from support.http import Wire, request

    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-{number}"
    job = {"BackupVaultName": "vault", "ResourceArn": arn, "IamRoleArn": ROLE}
    body = json.dumps(job).encode()
    data = request("/backup-jobs", method="PUT", body=body) if starts else request()
    found: Counter[int] = Counter()
    with Wire(url) as wire:
        for _ in range(count):
            found[wire.ask(data).status] += 1
    return found
