"""Install what `package-lock.json` names, for the tests of JavaScript: `tox -e foreign` runs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def missing() -> str:
    """Why the tests of JavaScript cannot run; "" where they can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (FOLDER / "node_modules").is_dir():
        return "tox -e foreign installs what it needs"
    return ""


def main() -> None:
    """Install it, or say why not."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        sys.stdout.write("node and npm are not installed: the tests of JavaScript are skipped\n")
        return
    subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=True)


if __name__ == "__main__":
    main()
