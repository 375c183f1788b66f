"""Check the outcomes that tests choose for the jobs that the code under test starts next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import options, plain
from fakebackup.errors import check_text, near, quoted
from fakebackup.model.engine import indexes
from fakebackup.model.jobs import job as jobs
from fakebackup.model.jobs import kinds, life
from fakebackup.model.resources.types import COMPOSITE, type_of
from fakebackup.model.resources.values import check_arn
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.records import instead
from fakebackup.model.stores.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.resources.arns import Scope

JOB_STARTERS: Mapping[str, Kind] = {
    "StartBackupJob": kinds.BACKUP,
    "StartCopyJob": kinds.COPY,
    "StartRestoreJob": kinds.RESTORE,
    "StartScanJob": kinds.SCAN,
    "StartReportJob": kinds.REPORT,
}
"""Per operation that starts jobs, the kind of job."""


INDEX = "UpdateRecoveryPointIndexSettings"
"""The operation that makes an index: it starts no job, but its outcome can be chosen too."""

_BY_CALL: Mapping[Kind, frozenset[str]] = {
    kinds.BACKUP: frozenset({"BackupVaultName", "BackupVaultArn"}),
    kinds.COPY: frozenset(
        {"SourceBackupVaultArn", "SourceRecoveryPointArn", "DestinationBackupVaultArn"}
    ),
    kinds.RESTORE: frozenset({"RecoveryPointArn"}),
    kinds.SCAN: frozenset({"BackupVaultName", "BackupVaultArn", "RecoveryPointArn"}),
    kinds.REPORT: frozenset({"ReportPlanArn"}),
}
"""Per kind of job, what the call that starts it says of where it lies and what it is of."""

_OTHERS = ("ResourceArn", "times")
"""What `next_outcome` takes besides members."""

_INDEX_MEMBERS = ("IndexStatus", "IndexStatusMessage")


def read(
    operation: str, members: Mapping[str, Any], resource: str | None, times: int, scope: Scope
) -> Outcome:
    """Check an outcome and return it.

    Args:
        operation: the operation that starts the job.
        members: the members that the job then has, as the user gave them; its State (or Status)
            is COMPLETED by default.
        resource: the ARN of the resource that it is for; None is any.
        times: how many jobs it is for.
        scope: the account and the Region that it is for.

    Raises:
        TypeError: a member that does not exist, or a value of the wrong type.
        ValueError: an operation that starts no jobs, a member that the call settles, a state
            in which such a job neither ends nor stays, two states, a completion before a
            creation that is given, too, a resource that is no ARN, PARTIAL for one of a type
            without composite jobs, or no number of jobs.
    """
    operation, resource, times = map(plain.scalar, (operation, resource, times))
    options.whole_number("times", times, 1, " It is for so many jobs.")
    given: object = resource
    if given is not None and not isinstance(given, str):
        hint = instead(given, "ResourceArn")
        msg = f"ResourceArn takes str, not {quoted(given)} ({type(given).__name__}){hint}"
        raise TypeError(msg)
    if resource is not None:
        check_arn(resource, "ResourceArn")
    if operation == INDEX:
        return _read_index(plain.whole(dict(members)), resource, times, scope)
    named: object = operation
    kind = JOB_STARTERS.get(operation) if isinstance(named, str) else None
    if kind is None:
        hint = near(operation, JOB_STARTERS) or f": the operations are {', '.join(JOB_STARTERS)}."
        msg = f"{quoted(operation)} starts no job{hint}"
        raise ValueError(msg)
    if "State" in members and "Status" in members:
        msg = (
            f"State={quoted(members['State'])} and Status={quoted(members['Status'])} are two "
            f"words for the state of a {kind.name}: give one of them."
        )
        raise ValueError(msg)
    # Tests need not know which kinds of job call it Status.
    spelled = {
        kind.state if name in ("State", "Status") else name: v for name, v in members.items()
    }
    _check_names(operation, kind, spelled)
    kept, given = jobs.read(kind, spelled)
    if kind.created in kept:
        dates.check_order(kept, kind.created, kind.completed)
    state = kept.pop(kind.state, "COMPLETED")
    possible, unfinished = life.outcomes(kind), life.unfinished(kind)
    if state not in (*possible, *unfinished):
        msg = (
            f"A {kind.name} ends {', '.join(possible)}, or stays {' or '.join(unfinished)} until "
            f"the test moves it, not {state}{near(state, (*possible, *unfinished)) or '.'}"
        )
        raise ValueError(msg)
    if state == "PARTIAL" and resource is not None and type_of(resource) not in (None, *COMPOSITE):
        msg = (
            f"A {kind.name} of {type_of(resource)} does not end PARTIAL: composite ones do, which "
            f"are of {' and '.join(COMPOSITE)}."
        )
        raise ValueError(msg)
    return Outcome(operation, state, kept, given - {kind.state}, resource, scope, times)


def _check_names(operation: str, kind: Kind, members: Mapping[str, Any]) -> None:
    """Refuse what no outcome chooses: the id and the place of a job, and misspelt arguments."""
    for name in members:
        if name in (kind.id, "AccountId", "ParentJobId", *_BY_CALL[kind]):
            msg = (
                f"next_outcome() says how a {kind.name} ends, and {name} is settled when "
                f"{operation} starts it. To choose the job that it is for, give ResourceArn, or "
                f"call it on a view, backup.at(...)."
            )
            raise ValueError(msg)
        if name not in kind.members and name not in kind.known:
            hint = near(name, [*kind.known, *_OTHERS])
            msg = f"A {kind.name} has no member {quoted(name)}{hint}"
            raise TypeError(msg)


def _read_index(
    members: Mapping[str, Any], resource: str | None, times: int, scope: Scope
) -> Outcome:
    for name, value in members.items():
        if name not in _INDEX_MEMBERS:
            msg = f"An index has no member {name!r}{near(name, _INDEX_MEMBERS) or '.'}"
            raise TypeError(msg)
        if not isinstance(value, str):
            msg = f"{name} takes str, not {quoted(value)} ({type(value).__name__})."
            raise TypeError(msg)
        check_text(name, value)
    rest = dict(members)
    status = rest.pop("IndexStatus", "ACTIVE")
    if status not in indexes.STATUSES:
        hint = near(status, indexes.STATUSES) or "."
        msg = f"An index ends {', '.join(indexes.STATUSES)}, not {status}{hint}"
        raise ValueError(msg)
    return Outcome(INDEX, status, rest, frozenset(rest), resource, scope, times)
