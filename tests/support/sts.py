"""A server on this machine that tells whose the credentials are, as STS does."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
_ANSWER = (
    f"<GetCallerIdentityResponse {_SPACE}><GetCallerIdentityResult>"
    "<Arn>arn:aws:iam::{account}:user/tester</Arn><UserId>AIDA</UserId><Account>{account}</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
_REFUSAL = (
    f"<ErrorResponse {_SPACE}><Error><Type>Sender</Type><Code>{{code}}</Code>"
    "<Message>Not you.</Message></Error></ErrorResponse>"
)


@contextlib.contextmanager
def sts(account: str = "", *, code: str = "") -> Iterator[str]:
    """Run the server, and give its URL.

    Args:
        account: the account it tells.
        code: the error that it answers instead.
    """
    text = _REFUSAL.format(code=code) if code else _ANSWER.format(account=account)

    class Handler(BaseHTTPRequestHandler):
        answer: ClassVar[bytes] = text.encode()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(403 if code else 200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(self.answer)))
            self.end_headers()
            self.wfile.write(self.answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
