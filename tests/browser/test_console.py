"""The server's console in a real browser: the same page, which follows the fake."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from support.browser import shown_rows
from support.constants import REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Server
    from support.browser import Browser

pytestmark = pytest.mark.fake_backup(region=REGION, history=None)


def test_the_console_follows_the_fake(
    browser: Browser, backup: FakeBackup, fake_backup_server: Server
) -> None:
    """A job that is added while the page is open is shown without loading it again."""
    first = backup.add_backup_job(State="RUNNING")
    looked = threading.Event()
    console = fake_backup_server._front.console
    reply = console.reply
    added: list[str] = []

    def noting(http: object) -> object:
        answer = reply(http)  # type: ignore[arg-type]
        if not looked.is_set():
            # The page that the browser loads has the first job alone.
            looked.set()
            added.append(backup.add_backup_job().id)
        return answer

    console.reply = noting  # type: ignore[method-assign, assignment]
    dom = browser.run(
        "--no-proxy-server",
        "--virtual-time-budget=10000",
        "--dump-dom",
        fake_backup_server.console_url,
    )
    rows = shown_rows(dom, "jobs")
    assert len(rows) == 2
    assert {job_id for job_id in (first.id, *added) if any(job_id in row for row in rows)} == {
        first.id,
        *added,
    }
    assert ">live</span>" in dom
    assert list(backup.calls) == []
