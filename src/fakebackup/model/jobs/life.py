"""How jobs live: the states, the legal moves and the steps of progress, as tables per kind.

The guide `aws`, States and moves, has the evidence; an arrow without any is [assumed].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.errors import FakeBackupError
from fakebackup.model.jobs.kinds import BACKUP, COPY, REPORT, RESTORE, SCAN

if TYPE_CHECKING:
    from collections.abc import Mapping

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
"""Per kind and unfinished state, the states a job may go to. States not here are final."""

STEPS: Mapping[Kind, Mapping[str, str | None]] = {
    BACKUP: {"CREATED": "RUNNING", "PENDING": "RUNNING", "RUNNING": None, "ABORTING": "ABORTED"},
    COPY: {"CREATED": "RUNNING", "RUNNING": None},
    RESTORE: {"PENDING": "RUNNING", "RUNNING": None},
    SCAN: {"CREATED": "RUNNING", "RUNNING": None},
    REPORT: {"CREATED": "RUNNING", "RUNNING": None},
}
"""Per kind and unfinished state, the state that progress brings next; None is the outcome."""

FIRST = {BACKUP: "CREATED", COPY: "CREATED", RESTORE: "PENDING", SCAN: "CREATED", REPORT: "CREATED"}
"""The state in which a job of each kind starts, as the first Describe shows it."""

ABORTED = {BACKUP: "ABORTED", RESTORE: "ABORTED", SCAN: "CANCELED"}
"""The state of a job that was stopped; kinds that AWS cannot stop are not here."""

NEVER_RAN = frozenset({"EXPIRED"})
"""Outcomes that come instead of RUNNING: the start window closed."""


def is_final(kind: Kind, state: str) -> bool:
    """Tell whether a job of a kind stays in a state for good."""
    return state not in MOVES[kind]


def outcomes(kind: Kind) -> list[str]:
    """Return the states in which a job of a kind may end."""
    reached = [state for moves in MOVES[kind].values() for state in moves]
    return list(dict.fromkeys(state for state in reached if is_final(kind, state)))


def check(kind: Kind, state: str, wanted: str, *, parent: bool) -> None:
    """Refuse an illegal move.

    Args:
        kind: the kind of job.
        state: the state it is in.
        wanted: the state it is to go to.
        parent: whether it is a composite job; only such a one ends PARTIAL.

    Raises:
        FakeBackupError: the move is illegal; the message names the legal ones.
    """
    legal = [each for each in MOVES[kind].get(state, ()) if parent or each != "PARTIAL"]
    if wanted in legal:
        return
    hint = f"from {state} it can go to {', '.join(legal)}" if legal else f"{state} is final"
    msg = f"A {kind.name} cannot go from {state} to {wanted}: {hint}."
    if wanted in MOVES[kind] or wanted in outcomes(kind):
        msg += f" To set it all the same, call job.update({kind.state}={wanted!r})."
    raise FakeBackupError(msg)
