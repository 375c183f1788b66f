"""Messages of commands, besides what they print: on stderr, in our name."""

from __future__ import annotations

import sys

FAILED = 2
"""The exit status of a command that could not be run."""


def say(text: object) -> None:
    """Say something on stderr."""
    sys.stderr.write(f"fakebackup: {text}\n")


def complain(text: object, path: str | None = None) -> int:
    """Say why a command could not be run, and return its exit status.

    Args:
        text: the reason, or the error; of one of the system its file and the system's words.
        path: the file that is told where the error names none.
    """
    if isinstance(text, OSError) and text.strerror is not None:
        file = text.filename or path
        text = text.strerror if file is None else f"{file}: {text.strerror}"
    say(text)
    return FAILED
