"""The numbers that a fake gives out: counted, so that every run gives the same."""

from __future__ import annotations

from fakebackup import clock

_HOUR = 60 * clock.MINUTE


def earliest_creation(now: int) -> int:
    """Return the default creation date of what is seeded first; both in milliseconds."""
    return max(now - _HOUR, clock.last_midnight(now))


class Numbers:
    """The numbers of a fake.

    Attributes:
        last: the last number given to what the fake holds.
        last_vault: the last number given to a vault. Vaults have numbers of their own: when
            those of seeded jobs are made must not change the ids of jobs seeded later.
        last_created: the last creation date given by default, in milliseconds.
    """

    def __init__(self) -> None:
        self.last = 0
        self.last_vault = 0
        self.last_created = 0

    def next(self) -> int:
        """Return a number that nothing else in the fake has."""
        self.last += 1
        return self.last

    def next_vault(self) -> int:
        """Return a number that no other vault has."""
        self.last_vault += 1
        return self.last_vault

    def next_creation(self) -> int:
        """Return the default creation date of what is seeded next, in milliseconds."""
        self.last_created = max(earliest_creation(clock.now()), self.last_created + 1)
        return self.last_created

    def given_out(self) -> tuple[int, int]:
        """Return how far numbers and creation dates are given out, for `take_back`.

        Not those of vaults: a look makes the vaults that seeded jobs left, and they stay.
        """
        return self.last, self.last_created

    def take_back(self, before: tuple[int, int]) -> None:
        """Take back what was given out since, since nothing was made that has it."""
        self.last, self.last_created = before
