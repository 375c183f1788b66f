"""The console of a server: the page of its fake, live, for those who have its URL."""

from __future__ import annotations

import hmac
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.dispatch import Backend
    from fakebackup.serve.wire import HttpRequest

PATH = "/_fakebackup/"
"""The path of the console; no operation of AWS Backup begins so."""

_HEADERS = {
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


class Shown(NamedTuple):
    """An answer of the console."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Console:
    """The console of a fake: it is read, and changes nothing.

    Attributes:
        path: its path and query, with the token without which it shows nothing.
    """

    def __init__(self, backend: Backend) -> None:
        """Make the console of a fake."""
        self._backend = backend
        # Other users of this machine cannot guess it.
        self._token = secrets.token_urlsafe(16)
        self.path = f"{PATH}?token={self._token}"

    def reply(self, http: HttpRequest) -> Shown:
        """Answer a request for a path of the console.

        Raises:
            Exception: what was raised when the moves were made that the clock had made due.
        """
        if http.path != PATH:
            return _plain(404, f"The console is {PATH}, with its token.")
        given = parse_qs(http.query).get("token", [""])[0]
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return _plain(403, "The token is missing or wrong: open the URL that the server told.")
        if http.method not in ("GET", "HEAD"):
            return _plain(405, "The console can only be read.", allow="GET, HEAD")
        from fakebackup.pages import files

        page = files.text(self._backend, live=True)
        return Shown(200, {**_HEADERS, "content-type": "text/html; charset=utf-8"}, page.encode())


def _plain(status: int, text: str, **headers: str) -> Shown:
    body = f"{status} {HTTPStatus(status).phrase}. {text}\n".encode()
    return Shown(status, {**_HEADERS, "content-type": "text/plain; charset=utf-8", **headers}, body)
