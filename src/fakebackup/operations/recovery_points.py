"""Recovery points: describing, listing, changing and deleting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.lookups import (
    check_arn,
    check_not_held,
    point_seen_in,
    point_to_change,
)
from fakebackup.answering.pages import page_of_points
from fakebackup.errors import AwsError, invalid_parameter, invalid_request, missing_parameter
from fakebackup.known_errors import UNSUPPORTED_TYPE
from fakebackup.model.engine import ageing, telling
from fakebackup.model.jobs import filters
from fakebackup.model.jobs.filters import after, before, inside, same
from fakebackup.model.resources.types import type_of
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


# --- Describing and listing ---------------------------------------------------------------


@operation("DescribeRecoveryPoint")
def describe_recovery_point(caller: Caller, asked: Asked) -> Answer:
    """Describe a recovery point."""
    return point_seen_in(caller.vault, asked).kept_in(caller.vault)


@operation("GetRecoveryPointRestoreMetadata")
def get_recovery_point_restore_metadata(caller: Caller, asked: Asked) -> Answer:
    """Return the metadata of a recovery point for a restore: its type's usual one [assumed]."""
    point = point_seen_in(caller.vault, asked)
    return {
        "BackupVaultArn": caller.vault.arn,
        "RecoveryPointArn": point.arn,
        "RestoreMetadata": point.metadata or usual_metadata(point),
        "ResourceType": point.members.get("ResourceType"),
    }


@operation("ListRecoveryPointsByBackupVault", items="RecoveryPoints")
def list_recovery_points_by_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """List a vault's recovery points, newest first [assumed]."""
    vault = caller.vault
    resource = asked.get("ByResourceArn")
    if resource is not None and type_of(resource) is None:
        # A snapshot's, say.
        raise UNSUPPORTED_TYPE.error(resource)
    criteria = filters.criteria(FILTERS, asked)

    def wanted(point: RecoveryPoint) -> bool:
        return filters.passes(point.members, criteria)

    page, more = page_of_points(caller, asked, vault.opened.in_order, wanted)
    return {"RecoveryPoints": [_item(point, vault) for point in page], **more}


@operation("ListRecoveryPointsByResource", items="RecoveryPoints")
def list_recovery_points_by_resource(caller: Caller, asked: Asked) -> Answer:
    """List a resource's recovery points, newest first.

    All recovery points of the fake are managed by AWS Backup. Without ManagedByAWSBackupOnly,
    EBS snapshots copied within the Region and account are left out [documented: model]. A
    resource without recovery points, known or not, has an empty list [assumed].
    """
    arn = asked["ResourceArn"]
    check_arn("ResourceArn", arn)
    asked_for = asked.get("MaxResults", _LEAST_OF_RDS)
    if asked_for < _LEAST_OF_RDS and type_of(arn) == "RDS":
        # [documented: model; the error assumed]
        raise invalid_parameter(
            f"MaxResults {asked_for} is less than {_LEAST_OF_RDS}, the least that Amazon RDS takes"
        )
    managed_only = asked.get("ManagedByAWSBackupOnly", False)

    def wanted(point: RecoveryPoint) -> bool:
        return managed_only or not _is_local_copy(point)

    page, more = page_of_points(caller, asked, caller.store.vaults.points_of(arn), wanted)
    return {"RecoveryPoints": [_item(point, point.vault) for point in page], **more}


_LEAST_OF_RDS = 20


def _is_local_copy(point: RecoveryPoint) -> bool:
    home = point.vault.arn.rpartition(":")[0]
    source = point.members.get("SourceBackupVaultArn", "")
    return point.members.get("ResourceType") == "EBS" and source.rpartition(":")[0] == home


def _item(point: RecoveryPoint, seen: Vault) -> dict[str, Any]:
    """Return a recovery point with the members of both lists; each list shows its own."""
    kept = dict(point.kept_in(seen))
    kept["BackupSizeBytes"] = kept.get("BackupSizeInBytes")
    scans = kept.get("ScanResults")
    if scans:
        # A seeded or recorded scan need not say when it was.
        instants = [scan["LastScanTimestamp"] for scan in scans if "LastScanTimestamp" in scan]
        kept["AggregatedScanResult"] = {
            "FailedScan": any(scan.get("ScanJobState") == "FAILED" for scan in scans),
            "Findings": sorted({each for scan in scans for each in scan.get("Findings", ())}),
            **({"LastComputed": max(instants)} if instants else {}),
        }
    return kept


# --- Changing -----------------------------------------------------------------------------


@operation("DeleteRecoveryPoint")
def delete_recovery_point(caller: Caller, asked: Asked) -> Answer:
    """Delete a recovery point: it is gone at once, and its event has the state DELETING."""
    point = point_to_change(caller, asked)
    _check_at_rest(caller, point)
    _check_unlocked(point)
    check_not_held(point)
    _check_no_access(caller, point)
    if caller.store.vaults.nested_in(point.arn):
        raise invalid_request(
            f"Recovery point {point.arn} cannot be deleted: it has nested recovery points"
        )
    ageing.delete(point, clock.now())
    return {}


@operation("DisassociateRecoveryPoint")
def disassociate_recovery_point(caller: Caller, asked: Asked) -> Answer:
    """Disassociate a continuous backup: AWS Backup loses it, its source service keeps it.

    That of a bucket is stopped instead, and stays [documented: guide].

    A legal hold prevents that [documented: model]. No hold covers continuous backups [documented:
    guide], but one may cover a recovery point that became one later.
    """
    point = point_to_change(caller, asked)
    _check_at_rest(caller, point)
    if not point.is_continuous:
        raise invalid_request(f"Recovery point {point.arn} is not a continuous backup")
    _check_unlocked(point)
    check_not_held(point)
    _check_no_access(caller, point)
    if point.members.get("ResourceType") != "S3":
        ageing.delete(point, clock.now())
    elif point.members["Status"] == "STOPPED":
        raise invalid_request(f"Recovery point {point.arn} is STOPPED already")
    else:
        from fakebackup.model.engine import continuous

        continuous.stop(point, clock.now())
    return {}


@operation("DisassociateRecoveryPointFromParent")
def disassociate_recovery_point_from_parent(caller: Caller, asked: Asked) -> Answer:
    """Disassociate a nested recovery point from its composite one, which becomes PARTIAL."""
    point = point_to_change(caller, asked)
    if "ParentRecoveryPointArn" not in point.members:
        raise invalid_request(f"Recovery point {point.arn} has no parent")
    _check_unlocked(point)
    check_not_held(point)
    ageing.lose_nested(point, clock.now())
    members = dict(point.members)
    del members["ParentRecoveryPointArn"]
    point.members = members
    return {}


@operation("UpdateRecoveryPointLifecycle")
def update_recovery_point_lifecycle(caller: Caller, asked: Asked) -> Answer:
    """Set a recovery point's lifecycle; -1 for both days removes it.

    Days that are left out are removed, too [documented: model]. What cannot be given, that a
    temporary recovery point is deleted after its copy, stays [assumed]. A locked vault refuses
    every change of a lifecycle, a longer one too [documented: model].
    """
    if "Lifecycle" not in asked:
        raise missing_parameter("Lifecycle is missing")
    lifecycle = lifecycles.read(asked["Lifecycle"])
    point = point_to_change(caller, asked)
    if point.is_continuous:
        raise invalid_request(f"Recovery point {point.arn} is a continuous backup")
    _check_unlocked(point)
    _check_cold(point, lifecycle or {})
    if point.is_temporary:
        event = point.members["Lifecycle"][lifecycles.BY_EVENT]
        lifecycle = {**(lifecycle or {}), lifecycles.BY_EVENT: event}
    replaced = {"Lifecycle", "CalculatedLifecycle"}
    members = {name: value for name, value in point.members.items() if name not in replaced}
    point.members = members if lifecycle is None else {**members, "Lifecycle": lifecycle}
    now = clock.now()
    telling.point_modified(point, now)
    ageing.schedule_next(point, now)
    shown = ("BackupVaultArn", "RecoveryPointArn", "Lifecycle", "CalculatedLifecycle")
    kept = point.kept()
    return {name: kept[name] for name in shown if name in kept}


def _check_cold(point: RecoveryPoint, lifecycle: Mapping[str, Any]) -> None:
    member = "MoveToColdStorageAfterDays"
    before = point.members.get("Lifecycle", {}).get(member)
    if point.members.get("StorageClass") == "COLD" and lifecycle.get(member) != before:
        raise invalid_request(f"{member} cannot be changed: {point.arn} is in cold storage")


def _check_at_rest(caller: Caller, point: RecoveryPoint) -> None:
    """Refuse to remove a recovery point that is being made, deleted or read [assumed]."""
    reader = caller.organization.jobs.reader(point.arn)
    status = point.members["Status"]
    if reader is not None or point.is_busy:
        doing = f"it is {status}" if reader is None else f"{reader.kind.name} {reader.id} reads it"
        message = f"Recovery point {point.arn} cannot be deleted now: {doing}"
        raise AwsError("InvalidResourceStateException", message)


def _check_unlocked(point: RecoveryPoint) -> None:
    if point.vault.locked:
        raise invalid_request(f"Recovery point {point.arn} is in a locked backup vault")


def _check_no_access(caller: Caller, point: RecoveryPoint) -> None:
    """Refuse to remove a recovery point with an access point [documented: model, of deletion]."""
    found = ageing.access_points_to(caller.organization, point.arn)
    if found:
        raise invalid_request(f"Recovery point {point.arn} has the access point {found[0].arn}")
