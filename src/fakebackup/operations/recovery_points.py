"""Recovery points. The dates of a lifecycle are shown; nothing happens when they pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.lookups import (
    check_arn,
    check_not_held,
    own_vault,
    point_in,
    visible_point,
    visible_vault,
)
from fakebackup.answering.pages import page_in_order
from fakebackup.errors import AwsError, invalid_request, missing_parameter
from fakebackup.model.engine import ageing, telling
from fakebackup.model.jobs import filters
from fakebackup.model.jobs.filters import after, before, inside, same
from fakebackup.model.vaults import lifecycles
from fakebackup.model.vaults.metadata import usual_metadata
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

FILTERS = {
    "ByResourceArn": same("ResourceArn"),
    "ByResourceType": same("ResourceType"),
    "ByBackupPlanId": inside("CreatedBy", "BackupPlanId"),
    "ByCreatedBefore": before("CreationDate"),
    "ByCreatedAfter": after("CreationDate"),
    "ByParentRecoveryPointArn": same("ParentRecoveryPointArn"),
}

_BUSY = frozenset({"CREATING", "DELETING"})


# --- Looking ------------------------------------------------------------------------------


@operation("DescribeRecoveryPoint")
def describe_recovery_point(caller: Caller, asked: Asked) -> Answer:
    """Describe a recovery point."""
    vault, point = visible_point(caller, asked)
    return point.kept_in(vault)


@operation("GetRecoveryPointRestoreMetadata")
def get_recovery_point_restore_metadata(caller: Caller, asked: Asked) -> Answer:
    """Return the metadata from which a restore begins: what is usual for the type [assumed]."""
    vault, point = visible_point(caller, asked)
    return {
        "BackupVaultArn": vault.arn,
        "RecoveryPointArn": point.arn,
        "RestoreMetadata": point.metadata or usual_metadata(point),
        "ResourceType": point.members.get("ResourceType"),
    }


@operation("ListRecoveryPointsByBackupVault", items="RecoveryPoints")
def list_recovery_points_by_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """List a vault's recovery points, newest first [assumed]; a missing one is AccessDenied."""
    vault = visible_vault(caller, asked, hidden=True)
    criteria = filters.criteria(FILTERS, asked)

    def wanted(point: RecoveryPoint) -> bool:
        return filters.passes(point.members, criteria)

    page, more = page_in_order(caller, asked, vault.opened.in_order, wanted)
    return {"RecoveryPoints": [_item(point, vault) for point in page], **more}


@operation("ListRecoveryPointsByResource", items="RecoveryPoints")
def list_recovery_points_by_resource(caller: Caller, asked: Asked) -> Answer:
    """List a resource's recovery points, newest first.

    All that the fake holds is managed by AWS Backup. Unless only that is asked for, EBS
    snapshots copied within the region and account are left out [documented: model]. A
    resource without recovery points, known or not, has an empty list [assumed].
    """
    arn = asked["ResourceArn"]
    check_arn("ResourceArn", arn)
    managed_only = asked.get("ManagedByAWSBackupOnly", False)

    def wanted(point: RecoveryPoint) -> bool:
        return managed_only or not _is_local_copy(point)

    page, more = page_in_order(caller, asked, caller.store.vaults.points_of(arn), wanted)
    return {"RecoveryPoints": [_item(point, point.vault) for point in page], **more}


def _is_local_copy(point: RecoveryPoint) -> bool:
    home = point.vault.arn.rpartition(":")[0]
    source = point.members.get("SourceBackupVaultArn", "")
    return point.members.get("ResourceType") == "EBS" and source.rpartition(":")[0] == home


def _item(point: RecoveryPoint, seen: Vault) -> dict[str, Any]:
    """Return a recovery point as both lists show it; each has members that the other lacks."""
    kept = dict(point.kept_in(seen))
    kept["BackupSizeBytes"] = kept.get("BackupSizeInBytes")
    scans = kept.get("ScanResults")
    if scans:
        kept["AggregatedScanResult"] = {
            "FailedScan": any(scan.get("ScanJobState") == "FAILED" for scan in scans),
            "Findings": sorted({each for scan in scans for each in scan.get("Findings", ())}),
            "LastComputed": max(scan["LastScanTimestamp"] for scan in scans),
        }
    return kept


# --- Changing -----------------------------------------------------------------------------


@operation("DeleteRecoveryPoint")
def delete_recovery_point(caller: Caller, asked: Asked) -> Answer:
    """Delete a recovery point: it is gone at once, and the event says DELETING."""
    point = _point_to_change(caller, asked)
    _check_at_rest(caller, point)
    _check_unlocked(point)
    check_not_held(point)
    _check_no_access(caller, point)
    if caller.store.vaults.nested_in(point.arn):
        raise invalid_request(
            f"Recovery point {point.arn} cannot be deleted: it has nested recovery points"
        )
    _take_out(caller, point)
    return {}


@operation("DisassociateRecoveryPoint")
def disassociate_recovery_point(caller: Caller, asked: Asked) -> Answer:
    """Release a continuous backup: gone from AWS Backup, its source service goes on with it.

    No legal hold stops that: continuous backups are under none [documented: guide].
    """
    point = _point_to_change(caller, asked)
    _check_at_rest(caller, point)
    if not point.is_continuous:
        raise invalid_request(f"Recovery point {point.arn} is not a continuous backup")
    _check_unlocked(point)
    _check_no_access(caller, point)
    _take_out(caller, point)
    return {}


@operation("DisassociateRecoveryPointFromParent")
def disassociate_recovery_point_from_parent(caller: Caller, asked: Asked) -> Answer:
    """Take a nested recovery point out of its composite one, which is PARTIAL from then on."""
    point = _point_to_change(caller, asked)
    if "ParentRecoveryPointArn" not in point.members:
        raise invalid_request(f"Recovery point {point.arn} has no parent")
    _check_unlocked(point)
    check_not_held(point)
    members = dict(point.members)
    parent = members.pop("ParentRecoveryPointArn")
    point.members = members
    _lost_one(caller, parent)
    return {}


@operation("UpdateRecoveryPointLifecycle")
def update_recovery_point_lifecycle(caller: Caller, asked: Asked) -> Answer:
    """Give a recovery point another lifecycle; -1 for both days takes it away.

    What is left out is not kept [documented: model]. A locked vault refuses every change of a
    lifecycle, a longer one too [documented: model].
    """
    if "Lifecycle" not in asked:
        raise missing_parameter("Lifecycle is missing")
    lifecycle = lifecycles.read(asked["Lifecycle"])
    point = _point_to_change(caller, asked)
    if point.is_continuous:
        raise invalid_request(f"Recovery point {point.arn} is a continuous backup")
    _check_unlocked(point)
    _check_cold(point, lifecycle or {})
    given = {"Lifecycle", "CalculatedLifecycle"}
    members = {name: value for name, value in point.members.items() if name not in given}
    point.members = members if lifecycle is None else {**members, "Lifecycle": lifecycle}
    now = clock.now()
    telling.point_modified(point, now)
    ageing.schedule_next(point, now)
    shown = ("BackupVaultArn", "RecoveryPointArn", "Lifecycle", "CalculatedLifecycle")
    kept = point.kept()
    return {name: kept[name] for name in shown if name in kept}


def _check_cold(point: RecoveryPoint, lifecycle: Mapping[str, Any]) -> None:
    member = "MoveToColdStorageAfterDays"
    was = point.members.get("Lifecycle", {}).get(member)
    if point.members.get("StorageClass") == "COLD" and lifecycle.get(member) != was:
        raise invalid_request(f"{member} cannot be changed: {point.arn} is in cold storage")


def _point_to_change(caller: Caller, asked: Asked) -> RecoveryPoint:
    check_arn("RecoveryPointArn", asked["RecoveryPointArn"])
    vault = own_vault(caller, asked["BackupVaultName"])
    return point_in(vault, asked["RecoveryPointArn"])


def _check_at_rest(caller: Caller, point: RecoveryPoint) -> None:
    """Refuse while AWS Backup works on a recovery point: makes, deletes or reads it [assumed]."""
    reader = caller.organization.jobs.reader(point.arn)
    status = point.members["Status"]
    if reader is not None or status in _BUSY:
        doing = f"it is {status}" if reader is None else f"{reader.kind.name} {reader.id} reads it"
        message = f"Recovery point {point.arn} cannot be deleted now: {doing}"
        raise AwsError("InvalidResourceStateException", message)


def _check_unlocked(point: RecoveryPoint) -> None:
    if point.vault.members["Locked"]:
        raise invalid_request(f"Recovery point {point.arn} is in a locked backup vault")


def _check_no_access(caller: Caller, point: RecoveryPoint) -> None:
    """Refuse to take out what has an access point [documented: model, of deletion]."""
    found = ageing.access_points_to(caller.organization, point.arn)
    if found:
        raise invalid_request(f"Recovery point {point.arn} has the access point {found[0].arn}")


def _take_out(caller: Caller, point: RecoveryPoint) -> None:
    ageing.delete(point, clock.now())
    parent = point.members.get("ParentRecoveryPointArn")
    if parent is not None:
        _lost_one(caller, parent)


def _lost_one(caller: Caller, parent: str) -> None:
    """Mark a composite recovery point that a nested one was taken from [documented: guide]."""
    point = caller.store.vaults.point(parent)
    if point is not None and point.members["Status"] == "COMPLETED":
        ageing.enter(point, "PARTIAL", clock.now())
