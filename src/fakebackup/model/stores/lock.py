"""Waiting for the lock that threads share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import clock

if TYPE_CHECKING:
    from threading import RLock

_LOOKS = 200
"""How often a thread looks for the lock before it blocks: some milliseconds."""


def wait_for(lock: RLock) -> None:
    """Acquire a lock that another thread holds.

    Threads that block on a lock which each holds for a moment pass it on at every call, at the
    price of a switch of threads; one that looks again gets it as soon as its turn comes.
    """
    for _ in range(_LOOKS):
        clock.give_way()
        if lock.acquire(blocking=False):
            return
    lock.acquire()
