"""`python -m fakebackup serve`: a seeded fake that answers other processes until it is stopped."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from fakebackup.commands import example, seeds
from fakebackup.errors import FakeBackupError, OperationNotFaked
from fakebackup.fake import FakeBackup
from fakebackup.options import configured_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.options import Mode
    from fakebackup.serve.server import Server

_FAILED = 2

_POLL = 0.5
"""How often, in seconds, the end is looked for: on Windows, waiting longer hides an interrupt."""


def run(*, port: int, seed: str | None, progress: Mode, dump: str | None) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit status.

    Args:
        port: the port; 0 is any that is free.
        seed: a file that `FakeBackup.load` takes; None is the example month.
        progress: what moves the jobs that clients start.
        dump: a file to which what the fake holds is written at the end; None for none.
    """
    try:
        found = seeds.read(seed)
    except (OSError, TypeError, ValueError) as error:
        return _complain(error)
    if dump is not None and (trouble := _trouble_with(Path(dump))) is not None:
        return _complain(trouble)
    account, home = seeds.account_of(found), seeds.home_of(found)
    region = example.REGION if seed is None else home.region if home else configured_region()
    made = FakeBackup(account_id=account, region=region, history=None, progress=progress)
    with made as backup:
        try:
            seeds.fill(backup, seed)
        except (OSError, TypeError, ValueError) as error:
            return _complain(error)
        status = 0
        try:
            # Caught before the URL is shown: whoever reads it may send one at once.
            with _signals() as ended, backup.serve(port) as server:
                what = "the example month" if seed is None else seed
                _show(server, f"{what}, account {account}, {region}")
                while not ended.wait(_POLL):
                    pass
        except (FakeBackupError, OperationNotFaked, ValueError) as error:
            status = _complain(error)
        if dump is not None:
            try:
                backup.dump(dump)
            except OSError as error:
                status = _complain(error)
    return status


def _trouble_with(dump: Path) -> str | None:
    """Return why a dump cannot be written there, so that nobody serves for hours and loses it."""
    if dump.is_dir():
        return f"{dump} is a folder: --dump takes the path of a file."
    if not dump.parent.is_dir():
        return f"{dump}: the folder {dump.parent} is not there."
    return None


def _complain(what: object) -> int:
    sys.stderr.write(f"fakebackup: {what}\n")
    return _FAILED


def _show(server: Server, what: str) -> None:
    """Print where the server is, and what other programs need to find it."""
    lines = [
        f"fakebackup serves AWS Backup at {server.url}",
        f"({what}). In the shell of what is to use it:",
        "",
        *(f"export {name}={shlex.quote(value)}" for name, value in server.environment().items()),
        "",
        f"Open {server.console_url} in a browser to see what happens.",
        "Ctrl+C ends it.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def _signals() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set."""
    ended = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda *_: ended.set()) for each in signals]
    try:
        yield ended
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
