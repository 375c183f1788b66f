"""The numbers that a fake gives out: counted, so that every run gets the same ones."""

from __future__ import annotations

from fakebackup import clock


def earliest_creation(now: int) -> int:
    """Return the default creation date of the first seeded job or vault; in milliseconds."""
    return max(now - clock.HOUR, clock.last_midnight(now))


class Numbers:
    """The counters of a fake.

    Attributes:
        last: the last number given to a job, a recovery point or an entry.
        last_vault: the last number given to a vault. Vaults are counted apart, since the moment
            at which seeded jobs leave theirs must not change the ids of jobs seeded later.
        last_created: the last default creation date, in milliseconds.
        owners: the ARNs that hold no number, each with its first owner: a number, a mark.
    """

    def __init__(self) -> None:
        self.last = 0
        self.last_vault = 0
        self.last_created = 0
        self.owners: dict[str, tuple[int, str]] = {}

    def next(self) -> int:
        """Return the next number of a job, a recovery point or an entry."""
        self.last += 1
        return self.last

    def next_vault(self) -> int:
        """Return the next number of a vault."""
        self.last_vault += 1
        return self.last_vault

    def distinct(self, arn: str, owner: tuple[int, str], *, taken: bool) -> str:
        """Return an ARN for its first owner; for any other, with that one's number behind.

        Args:
            arn: the ARN, which holds no number.
            owner: the number of what gets it, and a mark.
            taken: whether something has it; it is another thing unless it is the first owner's.
        """
        number, mark = owner
        if not taken:
            self.owners.setdefault(arn, owner)
        return arn if self.owners.get(arn) == owner else f"{arn}-{mark}{number:x}"

    def next_creation(self) -> int:
        """Return the next default creation date, in milliseconds."""
        self.last_created = max(earliest_creation(clock.now()), self.last_created + 1)
        return self.last_created

    def given_out(self) -> tuple[int, int]:
        """Return the last number and the last creation date, for `take_back`.

        Not the number of vaults: the vaults of seeded jobs are made when vaults are looked at,
        and they stay.
        """
        return self.last, self.last_created

    def take_back(self, before: tuple[int, int]) -> None:
        """Take back the numbers and dates given since; nothing that exists has one of them."""
        self.last, self.last_created = before
        self.owners = {arn: owner for arn, owner in self.owners.items() if owner[0] <= self.last}
