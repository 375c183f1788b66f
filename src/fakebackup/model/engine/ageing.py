"""How recovery points age: into cold storage, and away.

With the option ``progress="clock"`` the process's clock ages all recovery points, seeded ones
too, as their lifecycles say; in other modes they stay as they are [assumed]. Continuous backups
stay [assumed]. What an active legal hold covers stays until the hold is canceled [documented:
model, of CreateLegalHold], and what a job reads until that has ended, as neither can be deleted.
A composite recovery point goes with its nested ones, or not at all [assumed]; a locked vault
holds nothing back [documented: guide, vault lock]. Nobody is told that one turned cold [assumed:
no event says it].
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from fakebackup.model.engine import telling
from fakebackup.model.stores.entries import ACCESS_POINT, LEGAL_HOLD
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults.lifecycles import calculated_lifecycle

if TYPE_CHECKING:
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Organization
    from fakebackup.model.vaults.vault import RecoveryPoint

_COLD, _DELETED = "MoveToColdStorageAt", "DeleteAt"

# The guide's table of features by resource, which the model's Lifecycle points to [assumed].
_TURN_COLD = frozenset(
    ("CloudFormation", "DynamoDB", "EFS", "SAP HANA on Amazon EC2", "Timestream", "VirtualMachine")
)
_ARCHIVED = "EBS"
_GONE_OR_FAILED = frozenset({"CREATING", "DELETING", "EXPIRED"})


def schedule_next(point: RecoveryPoint, now: int) -> None:
    """Let the clock age a recovery point from now on, if the clock moves things.

    To be called whenever there is a new one, its lifecycle is another, or it is held no more.

    Args:
        point: the recovery point.
        now: the present, in milliseconds: what is overdue happens now.
    """
    organization = store_of(point.vault).organization
    if organization.options.progress != "clock":
        return
    for at in _changes(point).values():
        organization.clockwork.schedule(max(at, now), functools.partial(_age, point))


def _changes(point: RecoveryPoint) -> dict[str, int]:
    """Return when a recovery point turns cold and when it is deleted, where it still does."""
    members = point.members
    found = dict(members.get("CalculatedLifecycle") or calculated_lifecycle(members))
    if not _turns_cold(point):
        found.pop(_COLD, None)
    if point.is_continuous or members["Status"] in _GONE_OR_FAILED:
        found.pop(_DELETED, None)
    return found


def _turns_cold(point: RecoveryPoint) -> bool:
    """Tell whether a recovery point's type has cold storage; EBS only where it is opted in to."""
    kind = point.members.get("ResourceType")
    opted = point.members.get("Lifecycle", {}).get("OptInToArchiveForSupportedResources", False)
    return point.members.get("StorageClass") != "COLD" and (
        kind in _TURN_COLD or (kind == _ARCHIVED and opted)
    )


def _age(point: RecoveryPoint, at: int) -> None:
    """Bring about what has become due of a recovery point by an instant, in milliseconds."""
    if point.vault.points.get(point.arn) is not point:
        return
    due = {name for name, instant in _changes(point).items() if instant <= at}
    if _COLD in due:
        point.members = {**point.members, "StorageClass": "COLD"}
    if _DELETED in due:
        composite = _composite_of(point)
        whole = point if composite is None or not _is_due(composite, at) else composite
        _age_away(whole, at)


def _is_due(point: RecoveryPoint, at: int) -> bool:
    """Tell whether a recovery point is to be deleted by an instant, in milliseconds."""
    return _changes(point).get(_DELETED, at + 1) <= at


def _age_away(point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point whose time has come, a composite one after its nested ones.

    Lifecycles cannot delete what has an access point; AWS's EXPIRED says so [assumed]. A
    composite one of which such a one is left is EXPIRED, too.
    """
    organization = store_of(point.vault).organization
    group = [*_nested_in(point), point]
    if any(legal_hold_on(each) or organization.jobs.reader(each.arn) for each in group):
        return
    left = False
    for each in group:
        if access_points_to(organization, each.arn) or (left and each is point):
            left = True
            enter(each, "EXPIRED", at)
        else:
            _take_out(each, at)
    if not left:
        lose_nested(point, at)


def release(point: RecoveryPoint, at: int) -> None:
    """Let a recovery point age that something kept, and the composite one that waited for it.

    Args:
        point: the recovery point.
        at: when it was kept no more, in milliseconds: what it was due for happens then.
    """
    for each in (point, _composite_of(point)):
        if each is not None:
            schedule_next(each, at)


def let_go(organization: Organization, arn: str, at: int) -> None:
    """Let the recovery point with an ARN age, if it is due, when a job reads it no more.

    Args:
        organization: where it lies, in whatever account.
        arn: its ARN.
        at: when the job ended, in milliseconds.
    """
    if organization.options.progress != "clock":
        return
    for store in list(organization.stores.values()):
        point = store.vaults.point(arn)
        if point is not None:
            for each in (point, _composite_of(point)):
                if each is not None and _is_due(each, at):
                    schedule_next(each, at)


def delete(point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point, with its tags: it is gone at once, and the event says DELETING."""
    _take_out(point, at)
    lose_nested(point, at)


def _take_out(point: RecoveryPoint, at: int) -> None:
    del point.vault.points[point.arn]
    store_of(point.vault).tags.pop(point.arn, None)
    enter(point, "DELETING", at)


def lose_nested(nested: RecoveryPoint, at: int) -> None:
    """Let a composite recovery point be PARTIAL that a nested one was taken from.

    [documented: guide, of deletion and disassociation; of a lifecycle assumed alike]
    """
    composite = _composite_of(nested)
    if composite is not None and composite.members["Status"] == "COMPLETED":
        enter(composite, "PARTIAL", at)


def _composite_of(nested: RecoveryPoint) -> RecoveryPoint | None:
    """Return the composite recovery point that one is nested in, if it is there."""
    arn = nested.members.get("ParentRecoveryPointArn")
    return None if arn is None else store_of(nested.vault).vaults.point(arn)


def _nested_in(composite: RecoveryPoint) -> list[RecoveryPoint]:
    """Return the recovery points that are nested in a composite one."""
    if not composite.members.get("IsParent"):
        return []
    return [
        each
        for vault in store_of(composite.vault).vaults
        for each in vault.points.values()
        if each.members.get("ParentRecoveryPointArn") == composite.arn
    ]


def enter(point: RecoveryPoint, status: str, at: int) -> None:
    """Bring a recovery point to a status, and emit its event.

    Args:
        point: the recovery point.
        status: what it comes to.
        at: when, in milliseconds.
    """
    point.members = {**point.members, "Status": status}
    telling.point_entered(point, at)


def legal_hold_on(point: RecoveryPoint) -> Entry | None:
    """Return an active legal hold that covers a recovery point, if there is one."""
    for each in store_of(point.vault).entries(LEGAL_HOLD).values():
        # A canceled one holds nothing any more.
        if any(one["RecoveryPointArn"] == point.arn for one in each.members["RecoveryPoints"]):
            return each
    return None


def access_points_to(organization: Organization, arn: str) -> list[Entry]:
    """Return the access points, of all accounts, to the recovery point with an ARN."""
    return [
        each
        for store in organization.stores.values()
        for each in store.entries(ACCESS_POINT).values()
        if each.members["RecoveryPointArn"] == arn
    ]
