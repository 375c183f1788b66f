"""What is installed: every file of the wheel, and that it works with nothing else.

tox builds the wheel once and every environment of its tests the installed one, so nothing is
built here. Its environment `wheel` runs this file alone, with nothing but boto3 and pytest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

import fakebackup

SOURCE = Path(__file__).parents[1] / "src"

THREE_LINES = """
import boto3

def test_monitor(fake_backup):
    job = fake_backup.add_backup_job(State="FAILED")
    jobs = boto3.client("backup").list_backup_jobs(ByState="FAILED")["BackupJobs"]
    assert [found["BackupJobId"] for found in jobs] == [job.id]
"""


@pytest.fixture
def installed() -> Distribution:
    """The distribution that holds the package under test."""
    found = distribution("fakebackup")
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    editable = origin.get("dir_info", {}).get("editable", False)
    assert not (editable and "TOX_ENV_NAME" in os.environ), "tox did not install the wheel"
    if editable:
        pytest.skip("an editable install holds no files of the wheel; tox installs the wheel")
    return found


def test_the_wheel_holds_the_package(installed: Distribution) -> None:
    """The installed files are those of the source, py.typed and guides included, and no others."""
    source = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "fakebackup").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    files = {
        file.as_posix()
        for file in installed.files or []
        if file.suffix != ".pyc" and not file.parts[0].endswith(".dist-info")
    }
    assert {"fakebackup/py.typed", "fakebackup/guides/start.md"} <= source
    assert files == source


def test_the_package_under_test_is_the_installed_one(installed: Distribution) -> None:
    """The tests see what users install, not the source beside them."""
    assert Path(fakebackup.__file__) == installed.locate_file("fakebackup/__init__.py")


def test_the_wheel_carries_its_licence(installed: Distribution) -> None:
    """The licence is named in the metadata and goes along as a file."""
    assert installed.metadata["License-Expression"] == "Apache-2.0"
    assert "LICENSE" in {file.name for file in installed.files or []}


def test_the_version_is_that_of_the_wheel(installed: Distribution) -> None:
    """`fakebackup.__version__` is what the metadata says."""
    assert fakebackup.__version__ == installed.version


def test_botocore_is_all_that_is_required() -> None:
    """Whoever installs fakebackup gets botocore and no other package with it."""
    required = [name for name in distribution("fakebackup").requires or [] if "extra" not in name]
    assert [name.partition(">")[0] for name in required] == ["botocore"]


def test_pytest_is_told_of_the_plugin() -> None:
    """The entry point that pytest looks for names the plugin."""
    (entry,) = distribution("fakebackup").entry_points.select(group="pytest11")
    assert (entry.name, entry.value) == ("fakebackup", "fakebackup.plugin")


def python(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python away from the source, and insist that it goes well."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout + done.stderr
    return done


def test_the_module_runs(tmp_path: Path) -> None:
    """`python -m fakebackup --json` prints JSON."""
    assert json.loads(python("-m", "fakebackup", "--json", folder=tmp_path).stdout)


def test_the_guides_are_printed(tmp_path: Path) -> None:
    """`python -m fakebackup guide start` prints the first guide."""
    shown = python("-m", "fakebackup", "guide", "start", folder=tmp_path).stdout
    assert shown.startswith("# Start\n")


def test_the_fixture_is_there(tmp_path: Path) -> None:
    """A test file of three lines gets the fake without further ado."""
    (tmp_path / "test_monitor.py").write_text(THREE_LINES, "utf-8")
    assert "1 passed" in python("-m", "pytest", folder=tmp_path).stdout
