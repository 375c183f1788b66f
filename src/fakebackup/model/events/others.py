"""The events of recovery points, their indexes, vaults, backup plans and Region settings.

Members, names and types are those of the events that AWS's guide prints (the guide `aws`, Events)
[documented].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.events.bus import EventContent
from fakebackup.model.events.details import (
    BY_PLAN,
    Converted,
    camel,
    date,
    filled,
    shown,
    spelled,
)
from fakebackup.model.shapes import dates
from fakebackup.model.vaults.vault import kept_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.events.bus import Content
    from fakebackup.model.events.details import Members
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault


class PointChange(NamedTuple):
    """A recovery point's change of status: called, it returns the content of the event.

    Attributes:
        vault: its vault.
        members: the members that it had then.
    """

    vault: Vault
    members: Members

    def __call__(self) -> EventContent:
        """Return the content of the event."""
        detail = filled(_POINT, kept_in(self.vault, self.members), None)
        arn = self.members["RecoveryPointArn"]
        return EventContent("Recovery Point State Change", detail, [arn])


def recovery_point(point: RecoveryPoint) -> Content:
    """Return the State Change event of a recovery point that has come to its status."""
    # The members are replaced when it changes: those of now stay as they are.
    return PointChange(point.vault, point.members)


def index(point: RecoveryPoint, index: Members) -> EventContent:
    """Return the State Change event of an index that became ACTIVE, DELETED or FAILED.

    An index is continuous where its recovery point is [assumed].

    Args:
        point: the recovery point.
        index: the members of the index, as `indexes.index_of` returns them.
    """
    detail = filled((*_INDEX, *_INDEX_DATES[index["IndexStatus"]]), index, point)
    return EventContent("Recovery Point Index State Change", detail, [point.arn])


_INDEX = shown(
    (
        ("recoveryPointArn", lambda _index, point: point.arn),
        ("accountId", lambda _index, point: point.vault.account),
        ("indexStatus", "IndexStatus"),
        ("iamRoleArn", "IamRoleArn"),
        ("resourceType", "ResourceType"),
        ("backupVaultArn", lambda _index, point: point.vault.arn),
        ("indexCreationTime", date("IndexCreationDate")),
        ("isIndexingContinuous", lambda _index, point: point.is_continuous),
        ("sourceResourceArn", "SourceResourceArn"),
        ("backupCreationTime", date("BackupCreationDate")),
        ("indexStatusMessage", "IndexStatusMessage"),
    )
)

_INDEX_DATES = {
    "ACTIVE": shown([("indexCompletionTime", date("IndexCompletionDate"))]),
    "DELETED": shown([("indexDeletionTime", date("IndexDeletionDate"))]),
    "FAILED": shown([]),
}
"""Per status, the members that only events of that status have."""


def vault(vault: Vault, state: str) -> EventContent:
    """Return the State Change event of a vault that was CREATED, MODIFIED or DELETED.

    Only a change of its lock is MODIFIED [assumed: the one example].
    """
    detail = {"backupVaultName": vault.name, "state": state}
    if state == "MODIFIED":
        detail["isLocked"] = spelled(vault.members.get("Locked", False))
    return EventContent("Backup Vault State Change", detail, [vault.arn])


def region_settings(changed: Mapping[str, bool], at: int) -> EventContent:
    """Return the State Change event of changed Region settings.

    Args:
        changed: the resource types that were opted in or out, no others [assumed].
        at: when they were changed, in milliseconds.
    """
    detail = {
        "modifiedAt": dates.written(at),
        "ResourceTypeOptInPreference": dict(changed),
        "state": "MODIFIED",
    }
    return EventContent("Region Setting State Change", detail, [])


_PLAN_DATES = {"CREATED": "creationDate", "MODIFIED": "modifiedAt", "DELETED": "deletionDate"}


def plan(members: Members, state: str, at: int) -> EventContent:
    """Return the State Change event of a backup plan.

    Args:
        members: the members of the plan, as the model keeps them.
        state: CREATED, MODIFIED or DELETED.
        at: when that happened, in milliseconds.
    """
    detail = filled(_PLAN, members, None)
    detail |= {_PLAN_DATES[state]: dates.written(at), "state": state}
    # One that was recorded may be without.
    arns = [members["BackupPlanArn"]] if "BackupPlanArn" in members else []
    return EventContent("Backup Plan State Change", detail, arns)


_PLAN = shown((("backupPlanId", "BackupPlanId"), ("versionId", "VersionId")))


def _dates(structure: Members) -> dict[str, Any] | None:
    return camel({name: dates.written(at) for name, at in structure.items()})


_POINT = shown(
    (
        ("backupVaultName", "BackupVaultName"),
        ("backupVaultArn", "BackupVaultArn"),
        ("creationDate", date("CreationDate")),
        ("iamRoleArn", "IamRoleArn"),
        ("resourceType", "ResourceType"),
        ("resourceArn", "ResourceArn"),
        ("status", "Status"),
        ("isEncrypted", lambda kept, _change: spelled(kept.get("IsEncrypted", False))),
        ("storageClass", "StorageClass"),
        ("completionDate", date("CompletionDate")),
        ("createdBy", BY_PLAN),
        ("lifecycle", Converted("Lifecycle", camel)),
        ("calculatedLifeCycle", Converted("CalculatedLifecycle", _dates)),
    )
)
