"""Children of this process, made by `os.fork`."""

from __future__ import annotations

import json
import os
import select
import signal
import traceback
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 60
"""For how many seconds a test waits for what a child does at once."""

MARKS = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    # Python warns of it where there are threads, from 3.12 on.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
"""The marks of a test that forks."""


def in_child(do: Callable[[], Any]) -> Any:
    """Return what a function returns in a forked child, as JSON has it.

    Raises:
        AssertionError: it raised something there, or does not come back; the child is killed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        run(do, writer)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answered = bool(select.select([pipe], [], [], PATIENCE)[0])
        if not answered:
            os.kill(child, signal.SIGKILL)
        text = pipe.read()
    os.waitpid(child, 0)
    assert answered, "the child hangs"
    found = json.loads(text)
    assert "returned" in found, found.get("raised")
    return found["returned"]


def run(do: Callable[[], Any], writer: int) -> None:
    """Run a function, write what became of it, and end this process, without any cleaning up."""
    try:
        try:
            text = json.dumps({"returned": do()})
        except BaseException:  # noqa: BLE001  the parent's test is told
            text = json.dumps({"raised": traceback.format_exc()})
        os.write(writer, text.encode())
    finally:
        os._exit(0)
