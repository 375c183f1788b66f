"""The types of the public interface."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fakebackup
from fakebackup import literals
from fakebackup.model.shapes import literals as model_literals


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


@pytest.mark.parametrize(
    "code",
    [
        "import fakebackup; fakebackup.literals.BackupJobState",
        "import fakebackup; fakebackup.options.OptionValues; fakebackup.options.EVENT_READINGS",
        "import fakebackup; fakebackup.factories.Group",
        "from fakebackup.literals import BackupJobState, ErrorCode, Operation",
        "from fakebackup.options import OptionValues",
        "from fakebackup.factories import Group",
        "from fakebackup import EntryRecord, RecordsView, Vault; RecordsView[Vault]",
        "from fakebackup import *; literals.Operation, options.OptionValues, factories.Group",
    ],
)
def test_the_names_that_are_typed_are_there(code: str) -> None:
    """What a type checker finds in the package a fresh Python finds, too, however it asks."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr


def test_the_literals_are_those_of_the_model() -> None:
    """`fakebackup.literals` has all that the model's module of them has."""
    public = {name for name in vars(model_literals) if not name.startswith("_")}
    assert {name for name in vars(literals) if not name.startswith("_")} == public
    assert literals.BackupJobState is model_literals.BackupJobState
    assert "strategies" in dir(fakebackup)
