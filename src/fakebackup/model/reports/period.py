"""The time that a report is about."""

from __future__ import annotations

from typing import NamedTuple

from fakebackup import clock
from fakebackup.model.shapes import dates


class Period(NamedTuple):
    """The time that a report is about.

    Attributes:
        start, end: its bounds, in milliseconds.
        last: the last instant within it.
    """

    start: int
    end: int
    last: int

    @classmethod
    def on_demand(cls, at: int) -> Period:
        """Return the 24 hours before an instant [assumed: AWS's samples look so]."""
        return cls(at - clock.DAY, at, at)

    @classmethod
    def daily(cls, at: int) -> Period:
        """Return the UTC day before an instant [documented: AWS's samples]."""
        end = clock.last_midnight(at)
        return cls(end - clock.DAY, end, end - 1)

    def has(self, instant: int) -> bool:
        """Return whether an instant lies within it."""
        return self.start <= instant <= self.last

    @property
    def words(self) -> tuple[str, str]:
        """Its bounds as reports and their names write them: in whole seconds, UTC."""
        return seconds(self.start), seconds(self.end)


def seconds(instant: int) -> str:
    """Return an instant in milliseconds as text in whole seconds, UTC."""
    return dates.written(instant - instant % 1000)
