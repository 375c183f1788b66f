"""`python -m fakebackup serve`: a seeded fake that answers other processes until it is stopped."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from fakebackup import errors, options
from fakebackup.commands import example, seeds
from fakebackup.commands.messages import complain, say
from fakebackup.documents import elsewhere
from fakebackup.errors import FakeBackupError, OperationNotFaked
from fakebackup.fake import FakeBackup
from fakebackup.options import configured_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.options import Mode
    from fakebackup.serve.server import Server


_POLL = 0.5
"""How often, in seconds, the end is looked for: on Windows, waiting longer hides an interrupt."""


def run(  # noqa: PLR0913  each is an option of the command
    *,
    port: int,
    seed: str | None,
    empty: bool,
    account: str | None,
    region: str | None,
    progress: Mode,
    beside: str | None,
    dump: str | None,
) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit status.

    Args:
        port: the port; 0 is any that is free.
        seed: a file that `FakeBackup.load` takes; None is the example month.
        empty: whether nothing is held at the beginning instead.
        account: the account of clients by default; None is the seed's.
        region: the Region of clients by default; None is the seed's.
        progress: what moves the jobs that clients start.
        beside: the URL of an emulator of the rest of AWS on this machine; None for none.
        dump: a file to which what the fake holds is written at the end; None for none.
    """
    try:
        options.beside("--beside", beside)
        own, region = _home(seed, account, region, empty=empty)
        _check_dump(dump)
        made = FakeBackup(
            account_id=own, region=region, history=None, progress=progress, beside=beside
        )
    except (OSError, TypeError, ValueError) as error:
        return complain(error)
    with made as backup:
        try:
            if not empty:
                seeds.fill(backup, seed)
        except (OSError, TypeError, ValueError) as error:
            return complain(error)
        hidden = None if empty else _hidden(backup)
        if hidden is not None:
            say(hidden)
        what = seed or ("empty" if empty else "the example month")
        status = _serve(backup, port, f"{what}, account {own}, {region}")
        if dump is not None:
            try:
                backup.dump(dump)
            except OSError as error:
                status = complain(error)
    return status


def _home(
    seed: str | None, account: str | None, region: str | None, *, empty: bool
) -> tuple[str, str]:
    """Return the account and the Region of clients: those chosen, else the seed's.

    Errors are those of `FakeBackup.load`, and of what is no account and no Region.
    """
    if account is not None:
        options.account_id("--account", account)
    if region is not None:
        options.region("--region", region)
    found = seeds.read(seed)
    home = seeds.home_of(found)
    if region is None:
        of_month = seed is None and not empty
        region = example.REGION if of_month else home.region if home else configured_region()
    return account or seeds.account_of(found), region


def _serve(backup: FakeBackup, port: int, what: str) -> int:
    """Serve a fake until a signal comes, and return the exit status."""
    try:
        # Caught before the URL is shown: whoever reads it may send one at once.
        with _signals() as ended, backup.serve(port) as server:
            _show(server, what)
            while not ended.wait(_POLL):
                pass
    except (FakeBackupError, OperationNotFaked, ValueError) as error:
        return complain(error)
    return 0


def _hidden(backup: FakeBackup) -> str | None:
    """Return where what is served lies, if clients by default see nothing of it as their own."""
    organization = backup.backend.organization
    organization.leave_behind()
    homes = {job.home for job in organization.jobs.by_id.values()} | {
        home
        for home, store in organization.stores.items()
        if store.vaults_so_far() or store.all_entries()
    }
    own = backup.account_id, backup.region
    if not homes or own in homes:
        return None
    there = (home for home in homes if home.region == own[1])
    some = any(elsewhere.sees(organization, own[0], home) for home in there)
    seen = "only what lists show of other accounts, as by ByAccountId" if some else "nothing of it"
    places = errors.few(sorted(f"account {home.account} in {home.region}" for home in homes))
    first = min(homes)
    return (
        f"what is served lies in {', '.join(places)}: clients of account {own[0]} in {own[1]} see "
        f"{seen}. To see it, type --account {first.account} --region {first.region}."
    )


def _check_dump(dump: str | None) -> None:
    """Refuse a dump that cannot be written, so that nobody serves for hours and loses it.

    Raises:
        ValueError: its path is a folder's, or its folder is not there.
    """
    if dump is None:
        return
    path = Path(dump)
    if path.is_dir():
        msg = f"{path} is a folder: --dump takes the path of a file."
        raise ValueError(msg)
    if not path.parent.is_dir():
        msg = f"{path}: the folder {path.parent} is not there."
        raise ValueError(msg)


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
