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


class Child:
    """A child of this process, which tells one thing by a pipe and ends."""

    def __init__(self) -> None:
        """Make no child yet."""
        self._reader, self._writer = os.pipe()
        self._process = 0

    def fork(self) -> bool:
        """Make the child, which goes on here, too; return whether this is the child."""
        self._process = os.fork()
        return not self._process

    def tell(self, do: Callable[[], Any]) -> None:
        """Tell, in the child, what a function returns, and end it without any cleaning up."""
        try:
            try:
                text = json.dumps({"returned": do()})
            except BaseException:  # noqa: BLE001  the parent's test is told
                text = json.dumps({"raised": traceback.format_exc()})
            os.write(self._writer, text.encode())
        finally:
            os._exit(0)

    def told(self) -> Any:
        """Return, in the parent, what the child told, as JSON has it.

        Raises:
            AssertionError: the function raised something, or did not come back.
        """
        os.close(self._writer)
        with os.fdopen(self._reader) as pipe:
            answered = bool(select.select([pipe], [], [], PATIENCE)[0])
            if not answered:
                os.kill(self._process, signal.SIGKILL)
            text = pipe.read()
        os.waitpid(self._process, 0)
        assert answered, "the child hangs"
        found = json.loads(text)
        assert "returned" in found, found.get("raised")
        return found["returned"]


def in_child(do: Callable[[], Any]) -> Any:
    """Return what a function returns in a forked child; errors are those of `Child.told`."""
    child = Child()
    if child.fork():
        child.tell(do)
    return child.told()
