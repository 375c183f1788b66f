"""HTTP/1.1 on a connection: requests read, answers written, and what is neither refused.

Bodies have a Content-Length: no SDK sends a request of AWS Backup in chunks. A client
that sends something else is answered, and the connection closed: what follows cannot be read.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_HEAD = 64 * 1024
"""How many bytes the head of a request may have."""

MOST_BODY = 4 * 1024 * 1024
"""How many bytes the body of a request may have; those of AWS Backup have some thousands."""

_CHUNK = 64 * 1024
_END = b"\r\n\r\n"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BODILESS = (204, 304)


class HttpRequest(NamedTuple):
    """A request.

    Attributes:
        method: the HTTP method.
        path, query: of the target, percent-encoded.
        headers: their names in lower case; those that come several times joined by commas.
        body: the body; empty where there is none.
        closes: whether the client wants the connection closed after the answer.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    closes: bool


class BadRequestError(Exception):
    """What a client sent is no request that is answered; the connection is to be closed.

    Attributes:
        status: the HTTP status that says why.
        text: what was wrong.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Connection:
    """A client's connection: what was received of it and not read yet, and how long it keeps us.

    Attributes:
        socket: the socket.
        turns: how often the client began, or ceased, to owe something: the rest of a request, or
            that it takes an answer. It owes something while the number is odd. Only the
            connection's own thread changes it.
        watched: the turn at which the server last saw that the client owes something, and for
            how many ticks it has. Only the thread that counts ticks changes it.
    """

    def __init__(self, made: socket.socket) -> None:
        self.socket = made
        self.turns = 0
        self.watched = (0, 0)
        self._received = bytearray()

    def _owes(self, *, something: bool) -> None:
        if something != bool(self.turns % 2):
            self.turns += 1

    def ticks(self) -> int:
        """Count a tick, and return for how many ones the client has owed the same thing."""
        turns = self.turns
        seen, ticks = self.watched
        if turns % 2 == 0:
            return 0
        self.watched = (turns, ticks + 1 if seen == turns else 1)
        return self.watched[1]

    def read(self) -> HttpRequest | None:
        """Return the next request; None where the client has closed the connection.

        Raises:
            BadRequestError: it is none.
            OSError: the connection broke.
        """
        head = self._head()
        if head is None:
            return None
        method, path, query, version, headers = _parsed(head)
        size = _size(headers)
        if headers.get("expect", "").lower() == "100-continue" and len(self._received) < size:
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(self._received) < size:
            if not self._receive():
                return None
        body = bytes(self._received[:size])
        del self._received[:size]
        self._owes(something=False)
        wants = headers.get("connection", "").lower()
        closes = "close" in wants or (version == "1.0" and "keep-alive" not in wants)
        return HttpRequest(method, path, query, headers, body, closes)

    def _head(self) -> str | None:
        """Return the head of the next request, without the empty line at its end."""
        seen = 0
        while True:
            # Some clients send an empty line after a body.
            while self._received.startswith(b"\r\n"):
                del self._received[:2]
            # What is no method is not waited for: TLS, for one, would wait for an answer.
            if self._received and not 0x41 <= self._received[0] <= 0x5A:  # noqa: PLR2004  A to Z
                raise BadRequestError(400, "This is no HTTP request; TLS is not spoken here.")
            end = self._received.find(_END, max(0, seen - len(_END)))
            if end >= 0:
                break
            seen = len(self._received)
            if seen > MOST_HEAD:
                end = seen
                break
            self._owes(something=seen > 0)
            if not self._receive():
                return None
        if end > MOST_HEAD:
            raise BadRequestError(431, f"The head of a request may have {MOST_HEAD:,} bytes.")
        self._owes(something=True)
        head = self._received[:end].decode("latin-1")
        del self._received[: end + len(_END)]
        return head

    def _receive(self) -> bool:
        data = self.socket.recv(_CHUNK)
        self._received += data
        return bool(data)

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            OSError: the connection broke.
        """
        self._owes(something=True)
        self.socket.sendall(data)
        self._owes(something=False)

    def drain(self) -> None:
        """Say that nothing more comes, and read on until the client closes, or is given up.

        Without that, closing would discard an answer that the client has not read yet.
        """
        self._owes(something=True)
        self.socket.shutdown(socket.SHUT_WR)
        self.wait()

    def wait(self) -> None:
        """Wait until the client closes the connection, or the server ends."""
        while self.socket.recv(_CHUNK):
            pass

    def break_off(self) -> None:
        """Let closing break the connection, as when a program on the way ends.

        botocore takes a body that merely comes to its end too early for a whole one.
        """
        at_once = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)

    def close(self) -> None:
        """End the connection, which ends whatever waits for the client."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def _parsed(head: str) -> tuple[str, str, str, str, dict[str, str]]:
    """Return the method, path, query, version and headers of a request's head."""
    first, *lines = head.split("\r\n")
    line = re.fullmatch(r"([A-Z]+) (/[\x21-\x7e]*) HTTP/(1\.[01])", first)
    if line is None:
        raise BadRequestError(400, "The first line is no request of HTTP/1.1 for a path.")
    headers: dict[str, str] = {}
    for each in lines:
        name, colon, value = each.partition(":")
        if not colon or not _TOKEN.fullmatch(name):
            raise BadRequestError(400, "A line of the head is no header.")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    path, _, query = line[2].partition("?")
    return line[1], path, query, line[3], headers


def _size(headers: Mapping[str, str]) -> int:
    """Return the size of a request's body."""
    if "transfer-encoding" in headers:
        raise BadRequestError(411, "A body is sent with its Content-Length here, not in chunks.")
    length = headers.get("content-length", "0")
    if not re.fullmatch("[0-9]{1,18}", length):
        raise BadRequestError(400, "The Content-Length is no number of bytes.")
    size = int(length)
    if size > MOST_BODY:
        raise BadRequestError(413, f"The body of a request may have {MOST_BODY:,} bytes.")
    return size


def written(
    status: int, headers: Mapping[str, str], body: bytes, *, closes: bool, head: bool = False
) -> bytes:
    """Return an answer as HTTP writes it.

    Args:
        status: the HTTP status.
        headers: the headers; those of the body's size and the connection are this function's.
        body: the body.
        closes: whether the connection is closed after it.
        head: whether the request's method was HEAD, which is answered without the body.
    """
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""  # an injected status may be any
    bodiless = status in _BODILESS
    sent = {**headers, "connection": "close" if closes else "keep-alive"}
    if not bodiless:
        sent["content-length"] = str(len(body))
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in sent.items())]
    top = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return top if bodiless or head else top + body
