"""What the parts of a failing test's report share."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fakebackup.errors import quoted, shortened

if TYPE_CHECKING:
    from fakebackup.dispatch import Backend
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

_VALUE = 70
"""How many characters of a parameter's value are shown."""


def shown_value(value: Any) -> str:
    """Return a value as text, cut if it is long."""
    text = quoted(value)
    if isinstance(value, datetime):
        with contextlib.suppress(Exception):  # its time zone may be anybody's
            text = str(value)
    return shortened(text, _VALUE)


def number_of(count: int, noun: str) -> str:
    """Return a number of things in words, as in "2 vaults"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def jobs_in(backend: Backend, kind: Kind | None = None) -> list[Job]:
    """Return the jobs of a fake, of one kind or all, in the order they were added."""
    jobs = list(backend.organization.jobs.by_id.values())
    return [job for job in jobs if kind in (None, job.kind)]
