"""How recovery points age: into cold storage, and away.

With the option ``progress="clock"`` the process's clock ages all recovery points, seeded ones
too, as their lifecycles say; in other modes they stay as they are [assumed]. Continuous backups
stay [assumed], and so does what an active legal hold covers, until the hold is canceled
[documented: guide]. Nobody is told that one turned cold [assumed: no event says it].
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
    if _DELETED in due and legal_hold_on(point) is None:
        if access_points_to(store_of(point.vault).organization, point.arn):
            # Lifecycles cannot delete what has an access point; AWS's EXPIRED says so [assumed].
            enter(point, "EXPIRED", at)
        else:
            delete(point, at)


def delete(point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point, with its tags: it is gone at once, and the event says DELETING."""
    point.vault.take(point)
    store_of(point.vault).tags.pop(point.arn, None)
    enter(point, "DELETING", at)


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
        if point.arn in each.members["RecoveryPoints"]:
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
