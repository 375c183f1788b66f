"""Messages of commands, besides what they print: on stderr, in our name."""

from __future__ import annotations

import sys

FAILED = 2
"""The exit status of a command that could not be run."""


def say(text: object) -> None:
    """Say something on stderr."""
    sys.stderr.write(f"fakebackup: {text}\n")


def complain(text: object) -> int:
    """Say why a command could not be run, and return its exit status."""
    say(text)
    return FAILED
