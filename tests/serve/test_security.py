"""What no SDK sends: answered or closed, never a traceback and never a hang."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebackup.serve import wire
from fakebackup.serve.wire import BadRequestError, Connection, HttpRequest
from support.http import Answered, Wire, ask, request

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Server

GOOD = request()


def test_a_good_request(fake_backup_server: Server, backup: FakeBackup) -> None:
    """What the other tests change is answered as it stands, on one connection."""
    backup.add_backup_job()
    with Wire(fake_backup_server.url) as client:
        for _ in range(3):
            answer = client.ask(GOOD)
            assert (answer.status, answer.headers["connection"]) == (200, "keep-alive")
            assert answer.body.startswith(b'{"BackupJobs":[{')
    assert [call.items for call in backup.calls] == [1, 1, 1]


def test_only_loopback_is_listened_on(fake_backup_server: Server) -> None:
    """The server is bound to the address of this machine alone."""
    assert urlsplit(fake_backup_server.url).hostname == "127.0.0.1"
    listener = fake_backup_server._listener
    assert listener is not None
    assert listener.getsockname()[0] == "127.0.0.1"


# --- Who is refused -----------------------------------------------------------------------------

STRANGERS: dict[str, tuple[bytes, int, str]] = {
    "a name that leads here": (request(host="evil.example:80"), 403, "AccessDeniedException"),
    "a name like ours": (request(host="localhost.evil.example"), 403, "AccessDeniedException"),
    "an address of the network": (request(host="192.168.0.1"), 403, "AccessDeniedException"),
    "AWS's own name": (
        request(host="backup.us-east-1.amazonaws.com"),
        403,
        "AccessDeniedException",
    ),
    "two hosts": (
        GOOD.replace(b"\r\n", b"\r\nhost: evil.example\r\n", 1),
        403,
        "AccessDeniedException",
    ),
    "no host": (request(host=None), 403, "AccessDeniedException"),
    "a page": (request(origin="http://localhost:3000"), 403, "AccessDeniedException"),
    "no page": (request(origin="null"), 403, "AccessDeniedException"),
    "a preflight": (
        request(
            method="OPTIONS", origin="http://evil.example", access_control_request_method="PUT"
        ),
        403,
        "AccessDeniedException",
    ),
    "an unknown path": (request("/nothing"), 404, "UnknownOperationException"),
    "the root": (request("/"), 404, "UnknownOperationException"),
    "an unknown method": (request(method="PATCH"), 404, "UnknownOperationException"),
    "a path upwards": (request("/../../etc/passwd"), 404, "UnknownOperationException"),
}


@pytest.mark.parametrize("who", STRANGERS)
def test_who_is_refused(fake_backup_server: Server, backup: FakeBackup, who: str) -> None:
    """It is told so, the connection stays, no page may read it, and no call is logged."""
    data, status, error = STRANGERS[who]
    with Wire(fake_backup_server.url) as client:
        answer = client.ask(data)
        assert (answer.status, answer.error) == (status, error)
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert client.ask(GOOD).status == 200
    assert len(backup.calls) == 1


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:4566", "127.0.0.1:1", "[::1]:80", "127.1.2.3"]
)
def test_names_of_this_machine(fake_backup_server: Server, host: str) -> None:
    """Whatever this machine is called by itself is answered."""
    assert ask(fake_backup_server.url, request(host=host)).status == 200


def test_head_is_answered_without_a_body(fake_backup_server: Server) -> None:
    """HEAD is no method of AWS Backup; its answer has the length of a body and none."""
    with Wire(fake_backup_server.url) as client:
        answer = client.ask(request(method="HEAD"), head=True)
        assert (answer.status, answer.body) == (404, b"")
        assert int(answer.headers["content-length"]) > 0
        assert client.ask(GOOD).status == 200


# --- What is no request -------------------------------------------------------------------------

MANY = "\r\n".join(f"x-{number}: {'y' * 100}" for number in range(1000)).encode()
NO_REQUEST: dict[str, tuple[bytes, int]] = {
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "HTTP/3": (b"GET / HTTP/3.0\r\n\r\n", 400),
    "words": (b"hello there\r\n\r\n", 400),
    "nothing but a line": (b"GET\r\n\r\n", 400),
    "the target of a proxy": (request("http://127.0.0.1/backup-jobs/"), 400),
    "a target with a space": (request("/backup jobs/"), 400),
    "a target beyond ASCII": (request("/backup-jöbs/"), 400),
    "a header without a colon": (GOOD.replace(b"host:", b"host", 1), 400),
    "a header with a space": (GOOD.replace(b"host:", b"host :", 1), 400),
    "a folded header": (GOOD.replace(b"\r\n\r\n", b"\r\n folded\r\n\r\n"), 400),
    "a header without a name": (GOOD.replace(b"\r\n\r\n", b"\r\n: value\r\n\r\n"), 400),
    "a huge header": (request(x=" " + "y" * wire.MOST_HEAD), 431),
    "many headers": (GOOD.replace(b"\r\n\r\n", b"\r\n" + MANY + b"\r\n\r\n"), 431),
    "a huge target": (request("/" + "y" * wire.MOST_HEAD), 431),
    "an endless head": (b"GET /" + b"y" * 2 * wire.MOST_HEAD, 431),
    "a huge body": (request(content_length=str(wire.MOST_BODY + 1)), 413),
    "an impossible body": (request(content_length="9" * 30), 400),
    "a negative length": (request(content_length="-1"), 400),
    "a signed length": (request(content_length="+1"), 400),
    "a length of words": (request(content_length="many"), 400),
    "a fraction": (request(content_length="1.5"), 400),
    "a hexadecimal length": (request(content_length="0x10"), 400),
    "no length": (request(content_length=""), 400),
    "two lengths": (
        GOOD.replace(b"\r\n\r\n", b"\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"),
        400,
    ),
    "chunks": (request(method="PUT", transfer_encoding="chunked") + b"2\r\n{}\r\n0\r\n\r\n", 411),
    "chunks with a length": (
        request(method="PUT", body=b"{}", transfer_encoding="chunked"),
        411,
    ),
}


@pytest.mark.parametrize("what", NO_REQUEST)
def test_what_is_no_request(fake_backup_server: Server, backup: FakeBackup, what: str) -> None:
    """It is told so, and the connection is closed; others are answered, and no call is logged."""
    data, status = NO_REQUEST[what]
    with Wire(fake_backup_server.url) as client:
        answer = client.ask(data)
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert b'"Message":' in answer.body
        assert client.is_closed()
    assert not backup.calls
    assert ask(fake_backup_server.url, GOOD).status == 200


def test_a_body_too_large_is_told_while_it_is_sent(fake_backup_server: Server) -> None:
    """A client that sends it all before it reads gets the answer all the same."""
    size = wire.MOST_BODY + 1
    with Wire(fake_backup_server.url) as client:
        client.send(request(method="PUT", content_length=str(size)))
        with contextlib.suppress(ConnectionError):
            client.send(bytes(size))
        assert client.answer().status == 413


def test_the_largest_body(fake_backup_server: Server) -> None:
    """A body of the largest size is read to its end, and judged."""
    body = b"{" + b" " * (wire.MOST_BODY - 2) + b"}"
    answer = ask(fake_backup_server.url, request(method="PUT", body=body))
    assert (answer.status, answer.error) == (400, "MissingParameterValueException")


def test_a_client_that_waits_before_its_body(fake_backup_server: Server) -> None:
    """It is told to go on."""
    with Wire(fake_backup_server.url) as client:
        client.send(request(method="PUT", content_length="2", expect="100-continue"))
        assert client.answer().status == 100
        assert client.ask(b"{}").error == "MissingParameterValueException"


def test_requests_that_do_not_wait_for_answers(fake_backup_server: Server) -> None:
    """Requests that are sent at once are answered one after the other, in order."""
    with Wire(fake_backup_server.url) as client:
        client.send(GOOD + request("/nothing") + b"\r\n" + GOOD)
        assert [client.answer().status for _ in range(3)] == [200, 404, 200]


def test_requests_of_http_1_0(fake_backup_server: Server) -> None:
    """They are answered, and the connection is closed, unless it is to be kept."""
    old = GOOD.replace(b"HTTP/1.1", b"HTTP/1.0")
    with Wire(fake_backup_server.url) as client:
        kept = old.replace(b"\r\n\r\n", b"\r\nconnection: keep-alive\r\n\r\n")
        assert client.ask(kept).headers["connection"] == "keep-alive"
        assert client.ask(old).headers["connection"] == "close"
        assert client.is_closed()
    with Wire(fake_backup_server.url) as client:
        assert client.ask(request(connection="close")).headers["connection"] == "close"
        assert client.is_closed()


# --- Clients that stop midway -------------------------------------------------------------------

HALVES = {
    "nothing": b"",
    "a letter": b"G",
    "half a head": GOOD[:40],
    "a head but for its end": GOOD[:-1],
    "half a body": request(method="PUT", content_length="10") + b"{",
}


@pytest.mark.parametrize("half", HALVES)
def test_a_client_that_goes_midway(
    fake_backup_server: Server, backup: FakeBackup, half: str
) -> None:
    """Others are answered before and after, and no call is logged of it."""
    with Wire(fake_backup_server.url) as client:
        client.send(HALVES[half])
        assert ask(fake_backup_server.url, GOOD).status == 200
        client.socket.shutdown(socket.SHUT_WR)
        assert client.is_closed()
    with Wire(fake_backup_server.url) as client:
        client.send(HALVES[half])
        # A reset instead of an end.
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ask(fake_backup_server.url, GOOD).status == 200
    assert len(backup.calls) == 2


@pytest.mark.parametrize("half", [each for each in HALVES if each != "nothing"])
def test_a_client_that_stays_midway_is_given_up(backup: FakeBackup, half: str) -> None:
    """Who owes the rest of a request is given up; who owes nothing may stay."""
    server = backup.serve()
    server.tick = 0.01
    with server, Wire(server.url) as idle, Wire(server.url) as client:
        client.send(HALVES[half])
        assert client.is_closed()
        assert idle.ask(GOOD).status == 200


def test_a_client_that_stays_midway_is_given_up_while_others_connect(
    backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here one waits all the time: it cannot be accepted while too many files are open."""

    def accept(_listener: socket.socket) -> Any:
        raise OSError(errno.EMFILE, "Too many open files")

    server = backup.serve()
    server.tick = 0.01
    with server, Wire(server.url) as client:
        assert client.ask(GOOD).status == 200
        with monkeypatch.context() as patched:
            patched.setattr(socket.socket, "accept", accept)
            with Wire(server.url):
                client.send(HALVES["half a head"])
                assert client.is_closed()
        assert ask(server.url, GOOD).status == 200


def test_who_owes_nothing_is_not_counted(backup: FakeBackup) -> None:
    """A client that has asked and been answered may stay as long as it likes."""
    server = backup.serve()
    server.tick = 0.001
    with server, Wire(server.url) as busy, Wire(server.url) as slow:
        for _ in range(50):
            assert busy.ask(GOOD).status == 200
        # By then more ticks have gone than a client may owe something for.
        slow.send(b"GET /")
        assert slow.is_closed()
        assert busy.ask(GOOD).status == 200


def test_what_is_owed_is_counted_anew_each_time() -> None:
    """Ticks are counted from the last time that the client began to owe something."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = Connection(ours)
        assert [connection.ticks() for _ in range(2)] == [0, 0]
        connection._owes(something=True)
        assert [connection.ticks() for _ in range(2)] == [1, 2]
        connection._owes(something=False)
        assert connection.ticks() == 0
        connection._owes(something=True)
        connection._owes(something=True)
        assert [connection.ticks() for _ in range(2)] == [1, 2]
        connection._owes(something=False)
        connection._owes(something=True)
        assert connection.ticks() == 1


def test_a_slow_client_is_given_up(backup: FakeBackup) -> None:
    """A head that comes byte by byte does not keep a thread for ever."""
    server = backup.serve()
    server.tick = 0.001
    with server, Wire(server.url) as client:
        client.send(b"GET /")
        client.socket.settimeout(0.002)
        closed = False
        while not closed:
            with contextlib.suppress(TimeoutError):
                client.socket.send(b"y")
                closed = client.socket.recv(1) == b""
    assert not backup.calls


def test_a_client_that_does_not_read_is_given_up(backup: FakeBackup) -> None:
    """Answers that nobody takes do not keep a thread for ever, nor the block."""
    backup.add_backup_jobs(1000)
    server = backup.serve()
    server.tick = 0.01
    with server, Wire(server.url) as client:
        assert client.ask(request("/backup-jobs/?maxResults=1")).status == 200
        with contextlib.suppress(ConnectionError):
            # More than the buffers of both sides hold.
            client.send(GOOD * 200)
            [(_, thread)] = server._connections
            thread.join()
        assert ask(server.url, request("/backup-jobs/?maxResults=1")).status == 200
    assert 2 < len(backup.calls) < 200


def test_two_hundred_idle_connections(fake_backup_server: Server) -> None:
    """They keep nobody from being answered, and are answered themselves."""
    with contextlib.ExitStack() as opened:
        idle = [opened.enter_context(Wire(fake_backup_server.url)) for _ in range(200)]
        assert ask(fake_backup_server.url, GOOD).status == 200
        assert {each.ask(GOOD).status for each in (idle[0], idle[99], idle[199])} == {200}


def test_too_many_connections(backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond some hundreds a connection is closed at once, until one of them goes."""
    monkeypatch.setattr("fakebackup.serve.server._MOST_CONNECTIONS", 2)
    with backup.serve() as server, Wire(server.url) as first:
        assert first.ask(GOOD).status == 200
        with Wire(server.url) as second:
            assert second.ask(GOOD).status == 200
            with Wire(server.url) as third:
                assert third.is_closed()
        [*_, (_, thread)] = server._connections
        thread.join()
        assert ask(server.url, GOOD).status == 200


# --- Anything at all ----------------------------------------------------------------------------


def read_all(data: bytes) -> list[HttpRequest | int]:
    """What a connection reads: requests, and the status of what is none."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        connection, found = Connection(ours), list[HttpRequest | int]()
        try:
            while (each := connection.read()) is not None:
                found.append(each)
        except BadRequestError as error:
            found.append(error.status)
        return found


PIECES = [
    GOOD[:20],
    GOOD[20:],
    b"\r\n",
    b"\r\n\r\n",
    b": ",
    b"content-length: 3\r\n",
    b"GET / HTTP/1.1\r\n",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=12).map(b"".join))
def test_any_bytes_are_requests_or_none(data: bytes) -> None:
    """Whatever comes is read as requests, refused as none, or the end: nothing is raised."""
    for each in read_all(data):
        assert isinstance(each, HttpRequest) or each in (400, 411, 413, 431)


def test_an_answer_has_no_more_than_its_headers() -> None:
    """What is answered without a body says so, and an unknown status has no phrase."""
    assert wire.written(204, {}, b"", closes=False) == (
        b"HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n"
    )
    assert wire.written(599, {"a": "b"}, b"{}", closes=True) == (
        b"HTTP/1.1 599 \r\na: b\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"
    )


def test_what_answers_hold() -> None:
    """The helper of these tests tells an error's name without its suffix."""
    assert Answered(400, {"x-amzn-errortype": "Name:http://x/"}, b"").error == "Name"
