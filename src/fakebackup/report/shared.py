"""What the parts of a failing test's report share."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fakebackup import options
from fakebackup.errors import AwsError, few, number_of, quoted, shortened
from fakebackup.model.jobs import kinds
from fakebackup.model.resources import regions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.resources.arns import Home

A_CLIENT = "a client"
STARTERS = (A_CLIENT, "a plan", "a client or the clock")
"""What may have started a job."""


def started_by(job: Job) -> str | None:
    """Return which of `STARTERS` started a job; None for a seeded one."""
    if not job.was_started:
        return None
    if job.kind is kinds.REPORT:
        # Nothing in it tells which.
        return STARTERS[2]
    # A scan has a CreatedBy, whether a plan or a client started it.
    by_client = job.kind is kinds.SCAN or "CreatedBy" not in job.members
    return STARTERS[0] if by_client else STARTERS[1]


_VALUE = 70
"""How many characters of a parameter's value are shown."""


def shown_value(value: Any) -> str:
    """Return a value as text, cut if it is long."""
    text = quoted(value)
    if isinstance(value, datetime):
        with contextlib.suppress(Exception):  # its time zone may be anybody's
            text = str(value)
    return shortened(text, _VALUE)


def parameters_of(call: Call) -> Mapping[str, Any]:
    """Return the parameters of a call, of the types that the model has for them.

    Those that no client has checked may be anything: of them, what AWS reads.
    """
    return call.parameters if call.received is None else call.received


_TYPED = 300
"""How long a value is at most that a reader is told to type: it is never cut."""


def no_region(name: str) -> str:
    """Return what is wrong with the name of a client's Region, or ""."""
    try:
        options.region("the client's region", name)
    except ValueError as error:
        return str(error)
    return regions.unknown(name)


def how_to_seed(
    home: Home,
    backend: Backend,
    method: str,
    members: Mapping[str, str],
    check: Callable[[str], Any],
) -> str:
    """Return the sentence that says how a test seeds something, after a blank.

    It is "" where the seeder would refuse what is asked for: a name or a Region that cannot be.

    Args:
        home: the account and the Region that it is asked for in.
        backend: the fake's AWS Backup side.
        method: the method that seeds it.
        members: what to give it; the last is what was asked for.
        check: raises ValueError or AwsError for what the method refuses there.
    """
    asked = list(members.values())[-1]
    try:
        check(asked)
    except (AwsError, ValueError):
        return ""
    if no_region(home.region) or any(len(each) > _TYPED for each in members.values()):
        return ""
    own = (backend.options.account_id, backend.region)
    given = zip(("account_id", "region"), home, own, strict=True)
    view = ", ".join(f"{what}={value!r}" for what, value, default in given if value != default)
    at = f".at({view})" if view else ""
    shown = ", ".join(f"{name}={value!r}" for name, value in members.items())
    return f" Seed it by backup{at}.{method}({shown})."


def elsewhere(call: Call, noun: str, homes: Mapping[Home, int]) -> str:
    """Return the hint of a call that asked where nothing is.

    Args:
        call: the call.
        noun: what it asked for, in words.
        homes: how many there are of them, by account and Region.
    """
    count = sum(homes.values())
    which = f"the {noun} is" if count == 1 else f"the {number_of(count, noun)} are"
    where = " and ".join(few(" ".join(home) for home in sorted(homes)))
    wrong = no_region(call.region)
    way = wrong or (
        f"make the client there, or seed by backup.at(account_id={call.account!r}, "
        f"region={call.region!r})."
    )
    return (
        f"{call.operation} asked in {call.region} as {call.account}, but {which} in {where}: {way}"
    )


def either(names: Iterable[str]) -> str:
    """Return names in words, as in "a, b and c": three at most, and how many more."""
    several = list(names)
    if len(several) > 3:  # noqa: PLR2004  more are not read
        several[3:] = [f"{len(several) - 3} more"]
    return " and ".join([*([", ".join(several[:-1])] if several[1:] else []), several[-1]])


def jobs_in(backend: Backend, kind: Kind | None = None) -> list[Job]:
    """Return the jobs of a fake, of one kind or all, in the order they were added."""
    jobs = list(backend.organization.jobs.by_id.values())
    return [job for job in jobs if kind in (None, job.kind)]
