"""Pages of fakes as text, as files, and in files of their own for failing tests."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fakebackup.errors import check_path
from fakebackup.model.resources.arns import EVERYWHERE
from fakebackup.pages import contents
from fakebackup.pages.page import page
from fakebackup.plain import scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.dispatch import Backend
    from fakebackup.model.resources.arns import Scope

_PATIENCE = 1.0
"""How long, in seconds, the page of a failing test waits for a lock that another thread holds."""

_LONGEST = 100
"""How many characters of a test's name a file's name has."""


def text(backend: Backend, scope: Scope = EVERYWHERE, *, live: bool = False) -> str:
    """Return the page of a fake, as HTML, after the moves that the clock has made due.

    Args:
        backend: the fake's AWS Backup side.
        scope: the account and Region to show; `EVERYWHERE` is all.
        live: whether the page asks its server for itself again and again.
    """
    organization = backend.organization
    organization.catch_up()
    with organization.lock:
        found = contents.read(backend, scope)
    # Drawing takes longer than reading, and needs no lock.
    return page(found, live=live)


def write(backend: Backend, path: str | os.PathLike[str], scope: Scope = EVERYWHERE) -> Path:
    """Write the page of a fake into a file, which is there whole or not at all; return its path."""
    path = scalar(path)
    check_path("report()", path)
    return _put(Path(path), text(backend, scope))


def write_failing(
    backend: Backend, path: Path, test: str, *, said: str, error: BaseException | None
) -> Path:
    """Write the page of a fake of a failing test, and return its path. Nothing moves.

    Args:
        backend: the fake's AWS Backup side.
        path: the file; its folder is made.
        test: the test's node id, for the title.
        said: the test's report, to be shown at the top.
        error: the exception that failed the test.

    Raises:
        OSError: the file cannot be written.
        TimeoutError: another thread keeps the fake.
    """
    with _held(backend):
        found = contents.read(backend, error=error)
    path.parent.mkdir(parents=True, exist_ok=True)
    return _put(path, page(found, title=test, said=said))


@contextlib.contextmanager
def _held(backend: Backend) -> Iterator[None]:
    """Hold the lock of a fake, unless another thread does not let it go: that may hang."""
    lock = backend.organization.lock
    if not lock.acquire(timeout=_PATIENCE):
        msg = "another thread is at work in the fake"
        raise TimeoutError(msg)
    try:
        yield
    finally:
        lock.release()


def file_name(test: str) -> str:
    """Return the name of a test's file: safe everywhere, and no other test has it.

    Args:
        test: the test's node id, which may have any characters, and be long.
    """
    plain = re.sub(r"[^A-Za-z0-9_.]+", "-", test).strip("-.")
    digest = hashlib.sha256(test.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    return f"{plain[-_LONGEST:].strip('-.')}-{digest}.html".lstrip("-")


def _put(path: Path, content: str) -> Path:
    try:
        _put_by_another_name(path, content)
    except OSError as error:  # it names the file that the caller knows nothing of
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
    return path


def _put_by_another_name(path: Path, content: str) -> None:
    handle, name = tempfile.mkstemp(prefix=".fakebackup-", suffix=".html", dir=path.parent)
    made = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  it is open
            file.write(content)
        made.chmod(0o666 & ~_umask())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the process's umask, which can be read only by being set."""
    found = os.umask(0o077)
    os.umask(found)
    return found
