"""The types of the public interface."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def test_users_see_the_types(tmp_path: Path) -> None:
    """The installed package shows mypy the types that typing_api.py expects."""
    pytest.importorskip("mypy", reason="mypy is installed in tox's environment `typing`")
    # Without the project's configuration, which would have mypy read the source instead.
    options = ["--strict", "--enable-error-code=ignore-without-code", "--config-file="]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, Path(__file__).with_name("typing_api.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stdout + done.stderr
