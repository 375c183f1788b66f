"""Age recovery points by their lifecycles: into cold storage, and to deletion.

With the option ``progress="clock"`` the process's clock ages all recovery points, seeded ones
too; in other modes they stay as they are [assumed]. Continuous backups stay [assumed], and so do
recovery points that an active legal hold covers, until the hold is canceled [documented: guide].
No event is emitted when one turns cold [assumed: no event says it].
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
    """Schedule the ageing of a recovery point under the option `progress="clock"`.

    To be called when a recovery point is created, when its lifecycle is changed, and when a legal
    hold no longer covers it.

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
    """Return when a recovery point turns cold and is deleted, in milliseconds, if it still does."""
    members = point.members
    changes = dict(members.get("CalculatedLifecycle") or calculated_lifecycle(members))
    if not _turns_cold(point):
        changes.pop(_COLD, None)
    if point.is_continuous or members["Status"] in _GONE_OR_FAILED:
        changes.pop(_DELETED, None)
    return changes


def _turns_cold(point: RecoveryPoint) -> bool:
    """Return whether a recovery point can turn cold; one of EBS only where it is opted in."""
    resource_type = point.members.get("ResourceType")
    opted_in = point.members.get("Lifecycle", {}).get("OptInToArchiveForSupportedResources", False)
    return point.members.get("StorageClass") != "COLD" and (
        resource_type in _TURN_COLD or (resource_type == _ARCHIVED and opted_in)
    )


def _age(point: RecoveryPoint, at: int) -> None:
    """Turn a recovery point cold or delete it, if that is due at an instant, in milliseconds."""
    if point.vault.points.get(point.arn) is not point:
        return
    due = {name for name, instant in _changes(point).items() if instant <= at}
    if _COLD in due:
        point.members = {**point.members, "StorageClass": "COLD"}
    if _DELETED in due and legal_hold_on(point) is None:
        if access_points_to(store_of(point.vault).organization, point.arn):
            # An access point prevents deletion; EXPIRED is AWS's status of such points [assumed].
            enter(point, "EXPIRED", at)
        else:
            delete(point, at)


def delete(point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point and its tags at once, and emit the event of DELETING."""
    del point.vault.points[point.arn]
    store_of(point.vault).tags.pop(point.arn, None)
    enter(point, "DELETING", at)


def enter(point: RecoveryPoint, status: str, at: int) -> None:
    """Set a recovery point's status, and emit its event.

    Args:
        point: the recovery point.
        status: the new status.
        at: when it changes, in milliseconds.
    """
    point.members = {**point.members, "Status": status}
    telling.point_entered(point, at)


def legal_hold_on(point: RecoveryPoint) -> Entry | None:
    """Return an active legal hold that covers a recovery point; None if none does."""
    for each in store_of(point.vault).entries(LEGAL_HOLD).values():
        # A canceled legal hold covers no recovery points.
        covered = each.members["RecoveryPoints"]
        if any(one["RecoveryPointArn"] == point.arn for one in covered):
            return each
    return None


def access_points_to(organization: Organization, arn: str) -> list[Entry]:
    """Return all accounts' access points to the recovery point with an ARN."""
    return [
        each
        for store in organization.stores.values()
        for each in store.entries(ACCESS_POINT).values()
        if each.members["RecoveryPointArn"] == arn
    ]
