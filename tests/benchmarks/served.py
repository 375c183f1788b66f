"""What the server costs: a call over HTTP, and many connections at a time."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from benchmarks.rows import LIST, REGION, Row, Side, Timed, call
from fakebackup import mock_backup
from support.http import Wire, request
from support.load import CONNECTIONS, load

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS = 20_000


@contextlib.contextmanager
def asked_by_a_socket(_scale: int) -> Iterator[Timed]:
    """A call over HTTP, by a client that does nothing but send and read."""
    with mock_backup(region=REGION) as backup, backup.serve() as server:
        backup.add_backup_job()
        with Wire(server.url) as wire:
            yield Timed(lambda: wire.ask(request()))


def asked_by(connections: int) -> Side:
    """Requests of another process, shared out among connections; each is answered, once."""

    @contextlib.contextmanager
    def side(scale: int) -> Iterator[Timed]:
        count = max(CONNECTIONS, REQUESTS // scale)
        with mock_backup(region=REGION) as backup, backup.serve() as server:
            backup.add_backup_job()

            def run() -> None:
                backup.backend.calls.clear()
                assert load(server.url, count, connections=connections) == {200: count}
                assert len(backup.calls) == count

            yield Timed(run)

    return side


SERVED = [
    Row(
        "ListBackupJobs over HTTP by a bare socket, against botocore on the wire in-process",
        0.6,
        asked_by_a_socket,
        call(LIST, "wire"),
        iterations=50,
    ),
    Row(
        "20,000 requests over HTTP by 50 connections at a time, against one",
        2,
        asked_by(CONNECTIONS),
        asked_by(1),
        rounds=3,
        iterations=1,
        warmups=1,
        noise=0.2,
    ),
]
