"""Backup indexes of recovery points: what is known of one, how it is made and deleted.

An index that is asked for is there at once, and one that is to go is gone at once, in every
mode of progress [assumed]: only the answer to the request says PENDING or DELETING, as AWS's
does. An index that is seeded, in whatever status, stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.engine import telling

if TYPE_CHECKING:
    from fakebackup.model.vaults.vault import RecoveryPoint

STATUSES = ("ACTIVE", "FAILED")
"""How the making of an index ends."""

_ITEMS = 100
_MESSAGES = {
    "ACTIVE": "An AWS Backup recovery point index was successfully completed.",
    "DELETED": "An AWS Backup recovery point index was deleted.",
    "FAILED": "An AWS Backup recovery point index failed to create.",
}


def message(point: RecoveryPoint, status: str) -> str:
    """Return AWS's words for what has become of an index (the guide `aws`, Search indexes)."""
    return f"{_MESSAGES[status]} Indexed recovery point arn : {point.arn}"


def known(point: RecoveryPoint) -> dict[str, Any] | None:
    """Return what is known of a recovery point's index, by AWS's names; None where it has none.

    A seeded index was made as soon as its recovery point was complete, by the role that made
    that [assumed]. How many items it has is not known: a hundred [assumed].
    """
    members = point.members
    status = members.get("IndexStatus")
    if status is None:
        return None
    made = members.get("CompletionDate", members["CreationDate"])
    found = {
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
    return {name: own.get(name, value) for name, value in found.items()}


def make(
    point: RecoveryPoint,
    role: str,
    at: int,
    ending: tuple[str, str | None] = ("ACTIVE", None),
) -> None:
    """Make an index of a recovery point, and emit its event.

    Args:
        point: the recovery point, which has no index.
        role: the ARN of the IAM role that makes it.
        at: when, in milliseconds.
        ending: one of `STATUSES`, and the message; None is AWS's.
    """
    status, text = ending
    own = {"IamRoleArn": role, "IndexCreationDate": at}
    if status == "ACTIVE":
        own["IndexCompletionDate"] = at
    point.members = {
        **point.members,
        "IndexStatus": status,
        "IndexStatusMessage": text or message(point, status),
        # No member of AWS's: what an index has that the recovery point does not show.
        "Index": own,
    }
    telling.index_entered(point, known(point) or {}, at)


def delete(point: RecoveryPoint, at: int) -> None:
    """Delete the index of a recovery point, which has one, and emit its event."""
    gone = known(point) or {}
    ours = ("IndexStatus", "IndexStatusMessage", "Index")
    point.members = {name: value for name, value in point.members.items() if name not in ours}
    deleted = {
        "IndexStatus": "DELETED",
        "IndexStatusMessage": message(point, "DELETED"),
        "IndexDeletionDate": at,
    }
    telling.index_entered(point, {**gone, **deleted}, at)
