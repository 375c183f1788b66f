"""The server's console: the page of its fake, live, for those who have the token."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from support.http import Wire, request

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Server


def target(server: Server) -> str:
    """The path and query of the console."""
    at = urlsplit(server.console_url)
    return f"{at.path}?{at.query}"


def test_the_console_shows_the_fake(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Each look shows what the fake holds by then; it is no call, and changes nothing."""
    first = backup.add_backup_job(State="RUNNING")
    with Wire(fake_backup_server.url) as client:
        answer = client.ask(request(target(fake_backup_server), authorization=None))
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert first.id in answer.body.decode()
        second = backup.add_backup_job()
        assert second.id not in answer.body.decode()
        answer = client.ask(request(target(fake_backup_server), authorization=None))
        assert second.id in answer.body.decode()
    assert list(backup.calls) == []
    assert backup.backup_jobs[first.id]["State"] == "RUNNING"
    assert backup.backend.requests == 0


def test_the_console_is_live(fake_backup_server: Server) -> None:
    """The page may ask its own server, and nobody else."""
    with Wire(fake_backup_server.url) as client:
        page = client.ask(request(target(fake_backup_server))).body.decode()
    assert "connect-src 'self'" in unescape(page)
    assert "data-live=" in page


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?other=1"])
def test_the_token_is_needed(fake_backup_server: Server, backup: FakeBackup, query: str) -> None:
    """Without the token of this very server there is nothing to see."""
    job = backup.add_backup_job()
    with Wire(fake_backup_server.url) as client:
        answer = client.ask(request(f"/_fakebackup/{query}"))
    assert answer.status == 403
    assert job.id.encode() not in answer.body


@pytest.mark.parametrize(
    ("method", "status"), [("POST", 405), ("PUT", 405), ("DELETE", 405), ("HEAD", 200)]
)
def test_the_console_is_only_read(
    fake_backup_server: Server, backup: FakeBackup, method: str, status: int
) -> None:
    """Nothing is done by it, whatever the method."""
    backup.add_backup_job()
    with Wire(fake_backup_server.url) as client:
        asked = request(target(fake_backup_server), method=method)
        assert client.ask(asked, head=method == "HEAD").status == status
    assert len(backup.backup_jobs) == 1


@pytest.mark.parametrize(
    ("header", "value"),
    [("host", "evil.example"), ("host", None), ("origin", "http://evil.example")],
)
def test_strangers_are_refused(fake_backup_server: Server, header: str, value: str | None) -> None:
    """A page of another site does not reach the console, even with the token."""
    with Wire(fake_backup_server.url) as client:
        changed: Any = {header: value}
        answer = client.ask(request(target(fake_backup_server), **changed))
    assert answer.status == 403


def test_other_paths_are_none(fake_backup_server: Server) -> None:
    """Below the console there is nothing else."""
    with Wire(fake_backup_server.url) as client:
        answer = client.ask(request(target(fake_backup_server).replace("/?", "/more?")))
    assert answer.status == 404


def test_tokens_differ(backup: FakeBackup) -> None:
    """Each server has a token of its own, which stays."""
    with backup.serve() as one, backup.serve() as other:
        assert target(one) != target(other)
        assert target(one) == target(one)
        assert len(target(one).partition("token=")[2]) >= 20
