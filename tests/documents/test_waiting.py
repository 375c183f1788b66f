"""What is told while a large document is read: to a person at a terminal, and to nobody else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from fakebackup import mock_backup
from fakebackup.documents import waiting

if TYPE_CHECKING:
    from pathlib import Path

pty = pytest.importorskip("pty", reason="a system without pseudo-terminals")

LOADING = """
import sys
from fakebackup import mock_backup

count = int(sys.argv[1])
job = {"State": "COMPLETED", "CreationDate": 1700000000}
jobs = [{**job, "BackupJobId": str(number)} for number in range(count)]
with mock_backup(history=None) as backup:
    backup.load({"BackupJobs": jobs})
    print(len(backup.backup_jobs))
"""


def run(folder: Path, count: int, *, terminal: bool) -> tuple[str, str]:
    """What a script that loads jobs prints, and what it tells on stderr."""
    script = folder / "script.py"
    script.write_text(textwrap.dedent(LOADING))
    ours, its = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, str(script), str(count)],
            check=True,
            stdout=subprocess.PIPE,
            stderr=its if terminal else subprocess.PIPE,
        )
    finally:
        os.close(its)
    told = done.stderr or b""
    if terminal:
        # A terminal that nobody writes to any more ends with an error on Linux.
        try:
            while part := os.read(ours, 65536):
                told += part
        except OSError:
            pass
    os.close(ours)
    return done.stdout.decode(), told.decode()


def test_a_person_is_told(tmp_path: Path) -> None:
    """On a terminal, a large document shows how far its reading has come, and leaves no trace."""
    printed, told = run(tmp_path, 20_000, terminal=True)
    assert printed == "20000\n"
    lines = told.split("\r")
    assert lines[:3] == [
        "",
        "Reading backup jobs: 0 of 20,000",
        "Reading backup jobs: 200 of 20,000",
    ]
    assert len(lines) == 102
    assert lines[-1] == "\033[K"


@pytest.mark.parametrize(("count", "terminal"), [(19_999, True), (20_000, False)])
def test_nobody_else_is_told(tmp_path: Path, count: int, terminal: bool) -> None:  # noqa: FBT001  pytest's
    """A small document, and one whose reader's stderr is a file, are read in silence."""
    assert run(tmp_path, count, terminal=terminal) == (f"{count}\n", "")


class Terminal(io.StringIO):
    """A terminal, as Python sees it."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_never_in_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that loads a large document at a terminal finds nothing of it in its report."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    jobs = [
        {"BackupJobId": str(number), "State": "COMPLETED", "CreationDate": 1700000000}
        for number in range(20_000)
    ]
    with mock_backup(history=None) as backup:
        assert len(backup.load({"BackupJobs": jobs})) == 20_000
    assert terminal.getvalue() == ""


def test_the_line_goes_when_reading_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that cannot be read ends the line, so that the error stands alone."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.delitem(sys.modules, "_pytest")
    items = waiting.with_counter(range(30_000), "things")
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]  # as the error that passes by does
    assert terminal.getvalue() == "\rReading things: 0 of 30,000\r\033[K"
