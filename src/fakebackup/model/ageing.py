"""How recovery points age: into cold storage, and away.

With the option ``progress="clock"`` the process's clock ages all recovery points, seeded ones
too, as their lifecycles say; in other modes they stay as they are [assumed]. Continuous backups
stay [assumed], and so does what an active legal hold covers, until the hold is canceled
[documented: guide]. Nobody is told that one turned cold [assumed: no event says it].
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from fakebackup.model import events
from fakebackup.model.vaults import calculated_lifecycle

if TYPE_CHECKING:
    from fakebackup.model.account import Organization
    from fakebackup.model.holdings import Holding
    from fakebackup.model.vaults import RecoveryPoint

LEGAL_HOLD, ACCESS_POINT = "legal hold", "backup access point"
"""The nouns under which an account holds what keeps recovery points."""

_COLD, _DELETED = "MoveToColdStorageAt", "DeleteAt"

# The guide's table of features by resource, which the model's Lifecycle points to [assumed].
_TURN_COLD = frozenset(
    ("CloudFormation", "DynamoDB", "EFS", "SAP HANA on Amazon EC2", "Timestream", "VirtualMachine")
)
_ARCHIVED = "EBS"
_GONE_OR_FAILED = frozenset({"CREATING", "DELETING", "EXPIRED"})


def follow(organization: Organization, point: RecoveryPoint, now: int) -> None:
    """Let the clock age a recovery point from now on, if the clock moves things.

    To be called whenever there is a new one, its lifecycle is another, or it is held no more.

    Args:
        organization: where it lies.
        point: the recovery point.
        now: the present, in milliseconds: what is overdue happens now.
    """
    if organization.options.progress != "clock":
        return
    for at in _changes(point).values():
        organization.progress.arrange(max(at, now), functools.partial(_age, organization, point))


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


def _age(organization: Organization, point: RecoveryPoint, at: int) -> None:
    """Bring about what has become due of a recovery point by an instant, in milliseconds."""
    if point.vault.points.get(point.arn) is not point:
        return
    due = {name for name, instant in _changes(point).items() if instant <= at}
    if _COLD in due:
        point.members = {**point.members, "StorageClass": "COLD"}
    if _DELETED in due and holder(organization, point) is None:
        if accesses_to(organization, point.arn):
            # Lifecycles cannot delete what has an access point; AWS's EXPIRED says so [assumed].
            enter(organization, point, "EXPIRED", at)
        else:
            take_out(organization, point, at)


def take_out(organization: Organization, point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point, with its tags: it is gone at once, and the event says DELETING."""
    del point.vault.points[point.arn]
    organization.tags.pop(point.arn, None)
    enter(organization, point, "DELETING", at)


def enter(organization: Organization, point: RecoveryPoint, status: str, at: int) -> None:
    """Bring a recovery point to a status, and tell of it.

    Args:
        organization: where it lies.
        point: the recovery point.
        status: what it comes to.
        at: when, in milliseconds.
    """
    point.members = {**point.members, "Status": status}
    vault = point.vault
    organization.emit(events.recovery_point(point), vault.account, vault.region, at)


def holder(organization: Organization, point: RecoveryPoint) -> Holding | None:
    """Return an active legal hold that covers a recovery point, if there is one."""
    held = organization.holdings.here(LEGAL_HOLD, point.vault.account, point.vault.region)
    for each in held.values():
        # A canceled one holds nothing any more.
        if any(one["RecoveryPointArn"] == point.arn for one in each.members["RecoveryPoints"]):
            return each
    return None


def accesses_to(organization: Organization, arn: str) -> list[Holding]:
    """Return the access points of all accounts to a recovery point."""
    return [
        each
        for (noun, *_), each in organization.holdings.everything()
        if noun == ACCESS_POINT and each.members["RecoveryPointArn"] == arn
    ]
