"""What the clock makes due: the moves of jobs, and whatever was scheduled."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from fakebackup import clock
from fakebackup.model.engine import moves

if TYPE_CHECKING:
    from fakebackup.model.stores.organization import Organization


def advance(organization: Organization) -> None:
    """Move what the clock has made due, in the order in which it fell due."""
    clockwork = organization.clockwork
    due = clockwork.due
    if not due:
        return
    now = clock.now()
    clockwork.ran = 0
    while due and due[0][0] <= now:
        at, number, what = heapq.heappop(due)
        if callable(what):
            what(at)
        elif clockwork.waiting.get(what.id) == (at, number):
            moves.move_due(what, at)
