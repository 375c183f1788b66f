"""`pytest --fake-backup-report=DIR`: a page for each failing test that used a fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

QUIETLY = ("-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")

TESTS = """
import boto3
import pytest
from fakebackup import FakeBackup, current, mock_backup

def test_passes(fake_backup):
    fake_backup.add_backup_job()

def test_without_a_fake():
    assert False

@pytest.mark.xfail
def test_expected(fake_backup):
    assert False

@pytest.mark.parametrize("name", ["a/b", "a b", "../x"])
def test_fails(fake_backup, name):
    fake_backup.add_backup_job(StatusMessage=f"<b>{name}</b>")
    boto3.client("backup").list_backup_jobs()
    assert False

@mock_backup
def test_decorated():
    current().add_backup_job(StatusMessage="of the decorator")
    assert False

def test_two():
    with FakeBackup(), FakeBackup(account_id="111122223333"):
        assert False

@pytest.mark.fake_backup(failure_report=False)
def test_silent(fake_backup):
    assert False

@pytest.fixture
def late(fake_backup):
    yield
    assert False, "late"

def test_twice(late):
    assert False
"""


@pytest.fixture
def tests(pytester: pytest.Pytester) -> pytest.Pytester:
    """A file of tests that fail in many ways."""
    pytester.makepyfile(test_some=TESTS)
    return pytester


def pages_in(folder: Path) -> dict[str, str]:
    """The pages in a folder by name, and nothing else is there."""
    found = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert all(name.endswith(".html") for name in found)
    return found


def named(lines: list[str]) -> list[str]:
    """The files that failure reports name."""
    return [line.partition("happened: ")[2] for line in lines if line.startswith("Page of what")]


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_each_failing_test_has_its_pages(tests: pytest.Pytester, spread: tuple[str, ...]) -> None:
    """A page for each fake and phase that failed, named in the report, alone and with xdist."""
    run = tests.runpytest_subprocess(*QUIETLY, "--fake-backup-report=some/pages", *spread)
    run.assert_outcomes(passed=1, failed=8, errors=1, xfailed=1)
    found = pages_in(tests.path / "some" / "pages")
    begins = sorted(name.rsplit("-", 1)[0] for name in found)
    assert begins == [
        "test_some.py-test_decorated",
        "test_some.py-test_fails-..-x",
        "test_some.py-test_fails-a-b",
        "test_some.py-test_fails-a-b",
        "test_some.py-test_silent",
        "test_some.py-test_twice",
        "test_some.py-test_twice-teardown",
        "test_some.py-test_two",
        "test_some.py-test_two-fake-2",
    ]
    told = named(run.outlines)
    assert sorted(told) == sorted(str(tests.path / "some" / "pages" / name) for name in found)
    [page] = [text for text in found.values() if "&lt;b&gt;a b&lt;/b&gt;" in text]
    assert "<h1>test_some.py::test_fails[a b]</h1>" in page
    assert "ListBackupJobs(): 1 item" in page
    assert any("of the decorator" in text for text in found.values())
    assert sum("111122223333" in text for text in found.values()) == 1


def test_without_the_option_nothing_is_written(tests: pytest.Pytester) -> None:
    """There are no pages, and no report names one."""
    run = tests.runpytest_subprocess(*QUIETLY)
    run.assert_outcomes(passed=1, failed=8, errors=1, xfailed=1)
    assert named(run.outlines) == []
    assert list(tests.path.rglob("*.html")) == []


def test_a_folder_that_cannot_be_made(tests: pytest.Pytester) -> None:
    """The report says why there is no page, and the run goes on."""
    (tests.path / "file").write_text("", "utf-8")
    run = tests.runpytest_subprocess(*QUIETLY, "--fake-backup-report=file")
    run.assert_outcomes(passed=1, failed=8, errors=1, xfailed=1)
    assert sum(line.startswith("No page of what happened: ") for line in run.outlines) == 9


def test_a_thread_that_keeps_the_fake(pytester: pytest.Pytester) -> None:
    """The page does not wait for a thread that hangs: the report says so."""
    pytester.makepyfile(
        """
        import threading

        def test_hangs(fake_backup):
            held, done = threading.Event(), threading.Event()
            def hold():
                with fake_backup.backend.organization.lock:
                    held.set()
                    done.wait(60)
            threading.Thread(target=hold, daemon=True).start()
            held.wait(60)
            assert False
        """
    )
    run = pytester.runpytest_subprocess(*QUIETLY, "--fake-backup-report=pages")
    run.stdout.fnmatch_lines(["No page of what happened: TimeoutError('another thread is at work*"])
