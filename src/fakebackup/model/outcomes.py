"""How the jobs end that the code under test starts next, as a test decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakebackup.errors import near
from fakebackup.model import indexes, jobs, kinds, life
from fakebackup.model.resources import NESTED, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.kinds import Kind

STARTS: Mapping[str, Kind] = {
    "StartBackupJob": kinds.BACKUP,
    "StartCopyJob": kinds.COPY,
    "StartRestoreJob": kinds.RESTORE,
    "StartScanJob": kinds.SCAN,
    "StartReportJob": kinds.REPORT,
}
"""Per operation that starts jobs, their kind."""


INDEX = "UpdateRecoveryPointIndexSettings"
"""The operation that makes an index: it starts no job, and its outcome is decided likewise."""

_INDEX_MEMBERS = ("IndexStatus", "IndexStatusMessage")


@dataclass(frozen=True)
class Outcome:
    """How one job ends, or the making of one index.

    Attributes:
        operation: what starts it.
        state: the final state.
        members: the members it then has, as the model keeps them.
        given: the names of those that were given.
        resource: only a job of this resource, an ARN; None is any.
    """

    operation: str
    state: str
    members: dict[str, Any]
    given: frozenset[str]
    resource: str | None


def read(operation: str, told: Mapping[str, Any], resource: str | None) -> Outcome:
    """Return an outcome, checked.

    Args:
        operation: the operation that starts the job.
        told: members the job then has; its State (or Status), COMPLETED by default.
        resource: the ARN of the resource it is for; None is any.

    Raises:
        TypeError: a member that does not exist, or a value of the wrong type.
        ValueError: no operation that starts jobs, a state in which such a job cannot end;
            PARTIAL for a resource of a type that no composite job is of.
    """
    if operation == INDEX:
        return _read_index(told, resource)
    kind = STARTS.get(operation)
    if kind is None:
        hint = near(operation, STARTS) or f": the operations are {', '.join(STARTS)}."
        msg = f"{operation!r} starts no job{hint}"
        raise ValueError(msg)
    # A test need not remember which kinds call it Status.
    spelled = {kind.state if name in ("State", "Status") else name: v for name, v in told.items()}
    kept, given = jobs.read(kind, spelled)
    state = kept.pop(kind.state, "COMPLETED")
    possible = life.outcomes(kind)
    if state not in possible:
        msg = f"A {kind.name} ends {', '.join(possible)}, not {state}{near(state, possible)}"
        raise ValueError(msg)
    if state == "PARTIAL" and resource is not None and type_of(resource) not in (None, *NESTED):
        msg = (
            f"A {kind.name} of {type_of(resource)} does not end PARTIAL: composite ones do, which "
            f"are of {' and '.join(NESTED)}."
        )
        raise ValueError(msg)
    return Outcome(operation, state, kept, given - {kind.state}, resource)


def _read_index(told: Mapping[str, Any], resource: str | None) -> Outcome:
    for name, value in told.items():
        if name not in _INDEX_MEMBERS:
            msg = f"An index has no member {name!r}{near(name, _INDEX_MEMBERS)}"
            raise TypeError(msg)
        if not isinstance(value, str):
            msg = f"{name} takes str, not {value!r} ({type(value).__name__})."
            raise TypeError(msg)
    members = dict(told)
    status = members.pop("IndexStatus", "ACTIVE")
    if status not in indexes.STATUSES:
        hint = near(status, indexes.STATUSES)
        msg = f"An index ends {', '.join(indexes.STATUSES)}, not {status}{hint}"
        raise ValueError(msg)
    return Outcome(INDEX, status, members, frozenset(members), resource)


def take(waiting: list[Outcome], operation: str, resource: str) -> Outcome | None:
    """Take the first outcome out that is meant for a job, if there is one."""
    for at, each in enumerate(waiting):
        if each.operation == operation and each.resource in (None, resource):
            return waiting.pop(at)
    return None
