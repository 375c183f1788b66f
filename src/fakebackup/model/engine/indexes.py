"""Backup indexes of recovery points: their members, and how they are made and deleted.

An index is made or deleted at once, in every mode of progress [assumed]: only the answer to the
request says PENDING or DELETING, as AWS's does. An index that is seeded, in any status, stays as
it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.engine import telling
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.resources.types import INDEXED

if TYPE_CHECKING:
    from fakebackup.model.vaults.vault import RecoveryPoint

STATUSES = ("ACTIVE", "FAILED")
"""The statuses in which the making of an index may end."""

_INDEXABLE = frozenset({"COMPLETED", "AVAILABLE", "STOPPED"})
"""The statuses of recovery points that can be indexed: what AWS calls ACTIVE [assumed]."""

_ITEMS = 100
_MESSAGES = {
    "ACTIVE": "An AWS Backup recovery point index was successfully completed.",
    "DELETED": "An AWS Backup recovery point index was deleted.",
    "FAILED": "An AWS Backup recovery point index failed to create.",
}


def message(point: RecoveryPoint, status: str) -> str:
    """Return AWS's message of an index that came to a status (the guide `aws`, Search indexes)."""
    return f"{_MESSAGES[status]} Indexed recovery point arn : {point.arn}"


def refusal(point: RecoveryPoint) -> str | None:
    """Return why a recovery point cannot be indexed; None where it can."""
    members, arn = point.members, point.arn
    resource_type, status = members.get("ResourceType"), members["Status"]
    if resource_type is None:
        return f"Recovery point {arn} has no ResourceType"
    if resource_type not in INDEXED:
        return f"Recovery points of {resource_type} cannot be indexed, only {', '.join(INDEXED)}"
    reasons = (
        (status not in _INDEXABLE, status),
        # It cannot be read there [assumed].
        (members.get("StorageClass") == "COLD", "in cold storage"),
        # Nor is one on its way there [documented: guide].
        (point.vault.vault_type == AIR_GAPPED, "in a logically air-gapped vault"),
        (point.is_temporary, "deleted after its copy"),
    )
    found = next((why for is_so, why in reasons if is_so), None)
    return None if found is None else f"Recovery point {arn} cannot be indexed: it is {found}"


def index_of(point: RecoveryPoint) -> dict[str, Any] | None:
    """Return the members of a recovery point's index, as AWS spells them; None without an index.

    A seeded index was made when its recovery point was complete, by the same role [assumed]. It
    has a hundred items [assumed].
    """
    members = point.members
    status = members.get("IndexStatus")
    if status is None:
        return None
    made = members.get("CompletionDate", members["CreationDate"])
    members_of_index = {
        "RecoveryPointArn": point.arn,
        "BackupVaultArn": point.vault.arn,
        "SourceResourceArn": members.get("ResourceArn"),
        "ResourceType": members.get("ResourceType"),
        "BackupCreationDate": members["CreationDate"],
        "IamRoleArn": members.get("IamRoleArn"),
        "IndexStatus": status,
        "IndexStatusMessage": members.get("IndexStatusMessage"),
        "IndexCreationDate": made,
        "IndexCompletionDate": made if status == "ACTIVE" else None,
        "IndexDeletionDate": made if status == "DELETING" else None,
        "TotalItemsIndexed": _ITEMS if status == "ACTIVE" else None,
    }
    own = members.get("Index", {})
    return {name: own.get(name, value) for name, value in members_of_index.items()}


def make(
    point: RecoveryPoint,
    role: str | None,
    at: int,
    ending: tuple[str, str | None] = ("ACTIVE", None),
) -> None:
    """Make an index of a recovery point, and emit its event.

    Args:
        point: the recovery point, which has no index.
        role: the ARN of the IAM role that makes it.
        at: when it is made, in milliseconds.
        ending: one of `STATUSES`, and the message; None is AWS's.
    """
    status, text = ending
    own: dict[str, Any] = {"IndexCreationDate": at}
    if role is not None:
        own["IamRoleArn"] = role
    if status == "ACTIVE":
        own["IndexCompletionDate"] = at
    point.members = {
        **point.members,
        "IndexStatus": status,
        "IndexStatusMessage": text or message(point, status),
        # Not a member of AWS's: holds the members of the index that the point does not show.
        "Index": own,
    }
    telling.index_entered(point, index_of(point) or {}, at)


def delete(point: RecoveryPoint, at: int) -> None:
    """Delete the index of a recovery point that has one, and emit its event."""
    index = index_of(point) or {}
    own = ("IndexStatus", "IndexStatusMessage", "Index")
    point.members = {name: value for name, value in point.members.items() if name not in own}
    deleted = {
        "IndexStatus": "DELETED",
        "IndexStatusMessage": message(point, "DELETED"),
        "IndexDeletionDate": at,
    }
    telling.index_entered(point, {**index, **deleted}, at)
