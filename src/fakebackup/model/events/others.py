"""What AWS's events say of recovery points, their indexes, vaults, plans and settings.

Members, names and types are those of the events that AWS's guide prints (the guide `aws`, Events)
[documented].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.events.bus import EventContent
from fakebackup.model.events.jobs import BY_PLAN, camel, spelled, written
from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Members = Mapping[str, Any]


def recovery_point(point: RecoveryPoint) -> EventContent:
    """Return what the event of a recovery point that has come to its status says."""
    kept = point.kept()
    values = ((name, value(kept)) for name, value in _POINT)
    detail = {name: value for name, value in values if value is not None}
    return EventContent("Recovery Point State Change", detail, [point.arn])


def index(point: RecoveryPoint, index: Members) -> EventContent:
    """Return what the event of an index that became ACTIVE, DELETED or FAILED says.

    Whether one is continuous is whether its recovery point is [assumed].

    Args:
        point: the recovery point.
        index: what is known of the index, as `indexes.known` has it.
    """
    detail = {
        "recoveryPointArn": point.arn,
        "accountId": point.vault.account,
        "indexStatus": index["IndexStatus"],
        "iamRoleArn": index["IamRoleArn"],
        "resourceType": index["ResourceType"],
        "backupVaultArn": point.vault.arn,
        "indexCreationTime": written(index["IndexCreationDate"]),
        "isIndexingContinuous": point.is_continuous,
        "sourceResourceArn": index["SourceResourceArn"],
        "backupCreationTime": written(index["BackupCreationDate"]),
        "indexStatusMessage": index["IndexStatusMessage"],
        **{shown: written(index[name]) for name, shown in _INDEX_DATES[index["IndexStatus"]]},
    }
    known = {name: value for name, value in detail.items() if value is not None}
    return EventContent("Recovery Point Index State Change", known, [point.arn])


_INDEX_DATES = {
    "ACTIVE": (("IndexCompletionDate", "indexCompletionTime"),),
    "DELETED": (("IndexDeletionDate", "indexDeletionTime"),),
    "FAILED": (),
}
"""Per status, the date that only events of that status have."""


def vault(vault: Vault, state: str) -> EventContent:
    """Return what the event of a vault that was CREATED, MODIFIED or DELETED says.

    Only a change of its lock is a MODIFIED [assumed: the one example].
    """
    detail = {"backupVaultName": vault.name, "state": state}
    if state == "MODIFIED":
        detail["isLocked"] = spelled(vault.members.get("Locked", False))
    return EventContent("Backup Vault State Change", detail, [vault.arn])


def region_settings(changed: Mapping[str, bool], at: int) -> EventContent:
    """Return what the event of changed settings of a Region says.

    Args:
        changed: the types of resource that were opted in to or out of, no others [assumed].
        at: when, in milliseconds.
    """
    detail = {
        "modifiedAt": dates.written(at),
        "ResourceTypeOptInPreference": dict(changed),
        "state": "MODIFIED",
    }
    return EventContent("Region Setting State Change", detail, [])


_PLAN_DATES = {"CREATED": "creationDate", "MODIFIED": "modifiedAt", "DELETED": "deletionDate"}


def plan(members: Members, state: str, at: int) -> EventContent:
    """Return what the event of a backup plan that was CREATED, MODIFIED or DELETED says.

    Args:
        members: what the plan has.
        state: what happened to it.
        at: when it did, in milliseconds.
    """
    detail = {
        "backupPlanId": members["BackupPlanId"],
        "versionId": members["VersionId"],
        _PLAN_DATES[state]: dates.written(at),
        "state": state,
    }
    return EventContent("Backup Plan State Change", detail, [members["BackupPlanArn"]])


def _point_date(member: str) -> Callable[[Members], Any]:
    return lambda kept: written(kept.get(member))


def _calculated(kept: Members) -> dict[str, Any] | None:
    given = camel(kept.get("CalculatedLifecycle"))
    return {name: dates.written(value) for name, value in given.items()} if given else None


def _own(member: str) -> Callable[[Members], Any]:
    return lambda kept: kept.get(member)


_POINT: tuple[tuple[str, Callable[[Members], Any]], ...] = (
    ("backupVaultName", _own("BackupVaultName")),
    ("backupVaultArn", _own("BackupVaultArn")),
    ("creationDate", _point_date("CreationDate")),
    ("iamRoleArn", _own("IamRoleArn")),
    ("resourceType", _own("ResourceType")),
    ("resourceArn", _own("ResourceArn")),
    ("status", _own("Status")),
    ("isEncrypted", lambda kept: spelled(kept.get("IsEncrypted", False))),
    ("storageClass", _own("StorageClass")),
    ("completionDate", _point_date("CompletionDate")),
    ("createdBy", lambda kept: BY_PLAN(kept, None)),
    ("lifecycle", lambda kept: camel(kept.get("Lifecycle"))),
    ("calculatedLifeCycle", _calculated),
)
