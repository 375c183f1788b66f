"""`python -m fakebackup serve` in a process of its own, until it says how it ends."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from support.http import Answered, ask, request, signature

if TYPE_CHECKING:
    from collections.abc import Iterator


class Serving(NamedTuple):
    """A command that serves.

    Attributes:
        process: its process.
        head: the lines above those to export.
        environment: what is to be exported.
        console: the URL of the console.
    """

    process: subprocess.Popen[str]
    head: str
    environment: dict[str, str]
    console: str

    def ask(
        self, target: str = "/backup-jobs/", method: str = "GET", body: bytes = b""
    ) -> Answered:
        """The answer to a client that has the environment."""
        header = signature(self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_REGION"])
        return ask(
            self.environment["AWS_ENDPOINT_URL_BACKUP"],
            request(target, method=method, body=body, authorization=header),
        )

    def end(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal, and return the exit status and what was complained of."""
        self.process.send_signal(by)
        out, err = self.process.communicate()
        assert out == ""
        return self.process.returncode, err


@contextlib.contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[Serving]:
    """Run the command until it says how it ends."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "fakebackup", "serve", *arguments],
        env={**clean, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl+C"):
            break
    text = "".join(lines)
    found = re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE)
    environment = {name: shlex.split(value)[0] for name, value in found}
    try:
        console = re.search(r"^Open (\S+) in a browser", text, re.MULTILINE)
        assert console is not None
        yield Serving(process, text.partition("export")[0], environment, console[1])
    finally:
        process.kill()
        process.communicate()
