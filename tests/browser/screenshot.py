"""Make the picture in README: the upper part of the page of the example month.

`tox -e screenshot` runs it. Time stands still for the page, so that it is the same every time.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from freezegun import freeze_time

from fakebackup import FakeBackup
from fakebackup.commands import example
from fakebackup.pages import files
from support.browser import HOST, browsing

INSTANT = "2024-03-15T12:00:00Z"
SIZE = (960, 860)


def main(path: Path) -> None:
    """Write the picture into a file."""
    with (
        freeze_time(INSTANT),
        FakeBackup(account_id=example.OWN, region=example.REGION, history=None) as backup,
    ):
        example.seed(backup)
        page = files.text(backup.backend)
    with tempfile.TemporaryDirectory() as folder, browsing(Path(folder)) as browser:
        browser.pages["/page"] = page
        browser.run(
            f"--window-size={SIZE[0]},{SIZE[1]}",
            "--virtual-time-budget=5000",
            f"--screenshot={path.resolve()}",
            f"http://{HOST}/page",
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
