"""The life of jobs: states, legal moves and steps of progress, as tables per kind of job.

The guide `aws`, States and moves, has the evidence; an arrow without any is [assumed].
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from fakebackup.errors import FakeBackupError, quoted
from fakebackup.model.jobs.kinds import BACKUP, COPY, REPORT, RESTORE, SCAN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fakebackup.model.jobs.kinds import Kind

MOVES: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    BACKUP: {
        "CREATED": ("PENDING", "RUNNING", "ABORTING", "ABORTED", "FAILED", "EXPIRED"),
        "PENDING": ("RUNNING", "ABORTING", "ABORTED", "FAILED", "EXPIRED"),
        # A completion window that closes ends a job EXPIRED [assumed, low].
        "RUNNING": ("COMPLETED", "PARTIAL", "FAILED", "ABORTING", "ABORTED", "EXPIRED"),
        "ABORTING": ("ABORTED",),
    },
    COPY: {
        "CREATED": ("RUNNING", "FAILED"),
        "RUNNING": ("COMPLETED", "PARTIAL", "FAILED"),
    },
    RESTORE: {
        "PENDING": ("RUNNING", "FAILED", "ABORTED"),
        "RUNNING": ("COMPLETED", "FAILED", "ABORTED"),
    },
    SCAN: {
        "CREATED": ("RUNNING", "FAILED", "CANCELED"),
        "RUNNING": ("COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED"),
    },
    REPORT: {
        "CREATED": ("RUNNING", "FAILED"),
        "RUNNING": ("COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED"),
    },
}
"""Per kind and unfinished state, the states a job may go to. Any other state is final."""

STEPS: Mapping[Kind, Mapping[str, str | None]] = {
    BACKUP: {"CREATED": "RUNNING", "PENDING": "RUNNING", "RUNNING": None, "ABORTING": "ABORTED"},
    COPY: {"CREATED": "RUNNING", "RUNNING": None},
    RESTORE: {"PENDING": "RUNNING", "RUNNING": None},
    SCAN: {"CREATED": "RUNNING", "RUNNING": None},
    REPORT: {"CREATED": "RUNNING", "RUNNING": None},
}
"""Per kind and unfinished state, the next state of progress; None is the job's outcome."""

FIRST = {BACKUP: "CREATED", COPY: "CREATED", RESTORE: "PENDING", SCAN: "CREATED", REPORT: "CREATED"}
"""Per kind, the state in which a job starts, as the first Describe shows it."""

ABORTED = {BACKUP: "ABORTED", RESTORE: "ABORTED", SCAN: "CANCELED"}
"""Per kind that AWS can stop, the state of a stopped job."""

SUCCESSFUL = frozenset({"COMPLETED", "COMPLETED_WITH_ISSUES"})
"""The outcomes of scan and report jobs that have a result."""

NEVER_RAN = frozenset({"EXPIRED"})
"""The outcomes of jobs that end without having run, as when the start window closes."""


def unfinished(kind: Kind) -> list[str]:
    """Return the unfinished states of a kind of job on the way to its end, in order.

    Not ABORTING, to which only a stop leads.
    """
    return [state for state in MOVES[kind] if state != "ABORTING"]


def is_final(kind: Kind, state: str) -> bool:
    """Return whether a state is final for a kind of job."""
    return state not in MOVES[kind]


@functools.cache
def path(kind: Kind, state: str, wanted: str, *, parent: bool) -> Sequence[str]:
    """Return the states of the shortest legal way from a state to another one, `wanted` last.

    Args:
        kind: the kind of job.
        state: the state that the job is in.
        wanted: the state that it is to get to.
        parent: whether it is a composite job, since no other job ends PARTIAL.

    Returns:
        Empty where there is no such way.
    """
    if wanted == "PARTIAL" and not parent:
        return []
    ways: list[list[str]] = [[each] for each in MOVES[kind].get(state, ())]
    seen = {state}
    # The list grows while it is read: each way is followed by those that are longer by one.
    for way in ways:
        if way[-1] == wanted:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, each] for each in MOVES[kind].get(way[-1], ())]
    return []


def outcomes(kind: Kind) -> list[str]:
    """Return the final states of a kind of job."""
    reached = [state for moves in MOVES[kind].values() for state in moves]
    return list(dict.fromkeys(state for state in reached if is_final(kind, state)))


def way(kind: Kind, state: str, wanted: str, *, parent: bool) -> Sequence[str]:
    """Return what `path` returns, and refuse a move for which there is no legal way.

    Raises:
        FakeBackupError: there is none; the message names the legal moves.
    """
    found = path(kind, state, wanted, parent=parent)
    if found:
        return found
    legal = [each for each in MOVES[kind].get(state, ()) if parent or each != "PARTIAL"]
    hint = f"from {state} it can go to {', '.join(legal)}" if legal else f"{state} is final"
    named = wanted if wanted.isidentifier() else quoted(wanted)
    msg = f"A {kind.name} cannot go from {state} to {named}: {hint}."
    if wanted in MOVES[kind] or wanted in outcomes(kind):
        msg += f" To set it all the same, call job.update({kind.state}={wanted!r})."
    raise FakeBackupError(msg)
