"""A real browser: Chromium without a window, and all that it asks for anywhere."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from re import findall
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-features=NetworkTimeServiceQuerying,OptimizationHints,MediaRouter",
    "--disable-domain-reliability",
    "--metrics-recording-only",
    "--hide-scrollbars",
)
OWN = frozenset(
    f"{name}.{domain}"
    for name, domain in (
        ("accounts", "google.com"),
        ("android.clients", "google.com"),
        ("clients2", "google.com"),
        ("content-autofill", "googleapis.com"),
        ("optimizationguide-pa", "googleapis.com"),
        ("safebrowsingohttpgateway", "googleapis.com"),
        ("update", "googleapis.com"),
        ("www", "google.com"),
    )
)
"""What the browser itself asks when it starts, whatever it shows, and is refused."""

HOST = "page.test"
"""The host of the pages: no name of the network, and the proxy answers for it."""


def chromium() -> str | None:
    """The program; None where it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser(NamedTuple):
    """A browser that gets everything through a proxy, which has some pages and counts.

    Attributes:
        program: the program.
        profile: a fresh folder for its settings.
        proxy: the address of the proxy.
        pages: the pages of `HOST` by path, to be filled by tests.
        asked: what was asked for so far: method and URL.
    """

    program: str
    profile: Path
    proxy: str
    pages: dict[str, str]
    asked: list[str]

    def run(self, *arguments: str) -> str:
        """Run it, and return what it prints."""
        done = subprocess.run(
            [
                self.program,
                *FLAGS,
                f"--user-data-dir={self.profile}",
                f"--proxy-server={self.proxy}",
                "--proxy-bypass-list=<-loopback>",
                *arguments,
            ],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
            timeout=120,
        )
        return done.stdout

    def seen(self, path: str, *, width: int = 1000, hash_: str = "") -> str:
        """The document of a page after its script ran, as HTML."""
        url = f"http://{HOST}{path}{hash_}"
        size = f"--window-size={width},900"
        return self.run(size, "--virtual-time-budget=5000", "--dump-dom", url)


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    pages: dict[str, str]
    asked: list[str]

    def do_GET(self) -> None:
        """Answer with a page."""
        self._note("GET", urlsplit(self.path).hostname)
        page = self.pages.get(self.path.removeprefix(f"http://{HOST}"))
        body = (page or "").encode()
        self.send_response(404 if page is None else 200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        """Let nothing out."""
        self._note("CONNECT", self.path.partition(":")[0])
        self.send_error(403)

    def _note(self, method: str, host: str | None) -> None:
        if host not in OWN:
            self.asked.append(f"{method} {self.path}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Print nothing."""


@contextlib.contextmanager
def browsing(folder: Path) -> Iterator[Browser]:
    """Yield a browser with a proxy of its own."""
    program = chromium()
    assert program is not None
    pages: dict[str, str] = {}
    asked: list[str] = []
    handler = type("Proxy", (_Proxy,), {"pages": pages, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            proxy = f"http://127.0.0.1:{server.server_address[1]}"
            yield Browser(program, folder / "profile", proxy, pages, asked)
        finally:
            server.shutdown()
            thread.join()


def shown_rows(dom: str, section: str) -> list[str]:
    """The rows of a section's table that are not hidden, as text without markup."""
    part = dom.partition(f'<section id="{section}"')[2].partition("</section>")[0]
    rows = findall(r"<tr ([^>]*)>(.*?)</tr>", part.partition("<tbody")[2].replace("\n", " "))
    return [
        unescape("".join(findall(r">([^<]+)", f">{inner}")))
        for attributes, inner in rows
        if "hidden" not in attributes
    ]
