"""Advance by the clock: make the moves and the scheduled calls that are due."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from fakebackup import clock
from fakebackup.errors import FakeBackupError, FakeBackupWarning
from fakebackup.model.engine import moves

if TYPE_CHECKING:
    from fakebackup.model.stores.organization import Organization


def advance(organization: Organization) -> None:
    """Make the moves and the scheduled calls that the clock has made due, in order.

    What is refused stays due: nothing of it was done.

    Raises:
        FakeBackupError: a plan's run is more than a step of the clock may run, or nothing in the
            process answers what a move asks the mock beside the fake.
        FakeBackupWarning: the user's filters make errors of warnings.
    """
    clockwork = organization.clockwork
    due = clockwork.due
    if not due:
        return
    now = clock.now()
    clockwork.ran = 0
    while due and due[0][0] <= now:
        item = at, number, job_or_act = heapq.heappop(due)
        try:
            if callable(job_or_act):
                job_or_act(at)
            elif clockwork.waiting.get(job_or_act.id) == (at, number):
                moves.move_due(job_or_act, at)
        except (FakeBackupError, FakeBackupWarning):
            if callable(job_or_act) or clockwork.waiting.get(job_or_act.id) == (at, number):
                heapq.heappush(due, item)
            raise
