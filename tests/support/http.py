"""HTTP by hand: requests as bytes on a socket, and what comes back."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from support.constants import REGION

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

PATIENCE = 60
"""For how many seconds a test waits for what comes at once: beyond them, it has failed."""


def signature(
    key: str = "fakebackup", region: str = REGION, service: str = "backup", date: str = "20240315"
) -> str:
    """A header of Signature Version 4, whose signature is none."""
    scope = f"{key}/{date}/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=00"


def request(
    target: str = "/backup-jobs/",
    *,
    method: str = "GET",
    body: bytes = b"",
    **headers: str | None,
) -> bytes:
    """A request that is answered; a header is left out by None, or changed, "_" being "-"."""
    given: dict[str, str | None] = {
        "host": "127.0.0.1",
        "authorization": signature(),
        "content-length": str(len(body)) if body else None,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in given.items() if value is not None]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode() + body


class Answered(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> str:
        """The name of the error, "" for none."""
        return self.headers.get("x-amzn-errortype", "").partition(":")[0]


class Wire:
    """A connection by hand."""

    def __init__(self, url: str) -> None:
        """Connect to a server."""
        at = urlsplit(url)
        assert at.hostname is not None
        self.socket = socket.create_connection((at.hostname, at.port or 80), timeout=PATIENCE)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def ask(self, data: bytes, *, head: bool = False) -> Answered:
        """Send a request, and return its answer."""
        self.send(data)
        return self.answer(head=head)

    def answer(self, *, head: bool = False) -> Answered:
        """Return the next answer."""
        line = self._file.readline().decode()
        version, status, *_ = line.split(" ", 2)
        assert version == "HTTP/1.1"
        headers = {}
        while (text := self._file.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = text.partition(": ")
            assert name not in headers
            headers[name] = value
        size = 0 if head else int(headers.get("content-length", "0"))
        return Answered(int(status), headers, self._file.read(size))

    def rest(self) -> bytes:
        """Return what comes until the connection breaks."""
        found = b""
        try:
            while data := self._file.read1():
                found += data
        except ConnectionError:
            return found
        raise AssertionError("the connection came to its end, and did not break")

    def is_closed(self) -> bool:
        """Wait for what comes, and return whether it is the end."""
        try:
            return self._file.read(1) == b""
        except ConnectionError:
            return True


def ask(url: str, data: bytes) -> Answered:
    """The answer to a request on a connection of its own."""
    with Wire(url) as wire:
        return wire.ask(data)
