"""Protected resources: those that have a recovery point [assumed]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.answering.lookups import check_arn
from fakebackup.answering.pages import page_of
from fakebackup.errors import not_found
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.vaults.store import point_position
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.vaults.vault import RecoveryPoint

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_MINUTE = 60_000


@operation("ListProtectedResources", items="Results")
def list_protected_resources(caller: Caller, asked: Asked) -> Answer:
    """List the protected resources of the account and Region, by ARN [assumed]."""
    return _listed(caller, asked, caller.store.vaults.points())


@operation("ListProtectedResourcesByBackupVault", items="Results")
def list_protected_resources_by_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """List the resources with a recovery point in a vault, each with its latest one in it."""
    return _listed(caller, asked, caller.vault.seen.values())


@operation("DescribeProtectedResource")
def describe_protected_resource(caller: Caller, asked: Asked) -> Answer:
    """Describe a protected resource, with its latest completed restore job.

    The restore's minutes are rounded down [assumed].
    """
    arn = asked["ResourceArn"]
    check_arn("ResourceArn", arn)
    points = {
        each.arn: each
        for each in caller.store.vaults.points()
        if each.members.get("ResourceArn") == arn
    }
    if not points:
        raise not_found(f"Cannot find protected resource {arn}")
    return {**_resources(points.values())[0], **_latest_restore(caller, arn, points)}


def _listed(caller: Caller, asked: Asked, points: Iterable[RecoveryPoint]) -> Answer:
    found = _resources(points)
    page, more = page_of(caller, asked, found, lambda resource: (resource["ResourceArn"],))
    return {"Results": page, **more}


def _resources(points: Iterable[RecoveryPoint]) -> list[dict[str, Any]]:
    """Return the resources of recovery points, by ARN.

    LastBackupTime is the creation of the latest one [assumed].
    """
    latest: dict[str, RecoveryPoint] = {}
    for point in sorted(points, key=point_position):
        if "ResourceArn" in point.members:
            latest.setdefault(point.members["ResourceArn"], point)
    return [
        {
            "ResourceArn": arn,
            "ResourceType": point.members.get("ResourceType"),
            "LastBackupTime": point.members["CreationDate"],
            "ResourceName": point.members.get("ResourceName"),
            "LastBackupVaultArn": point.vault.arn,
            "LastRecoveryPointArn": point.arn,
        }
        for arn, point in sorted(latest.items())
    ]


def _latest_restore(
    caller: Caller, resource: str, points: Mapping[str, RecoveryPoint]
) -> dict[str, Any]:
    jobs = caller.store.jobs.matching(RESTORE)
    for job in jobs:
        members = job.members
        point = points.get(members.get("RecoveryPointArn", ""))
        if job.kept_state == "COMPLETED" and (
            point is not None or members.get("SourceResourceArn") == resource
        ):
            created = members["CreationDate"]
            taken = members.get("CompletionDate", created) - created
            of_point = members.get("RecoveryPointCreationDate")
            if of_point is None and point is not None:
                of_point = point.members["CreationDate"]
            return {
                "LatestRestoreExecutionTimeMinutes": taken // _MINUTE,
                "LatestRestoreJobCreationDate": created,
                "LatestRestoreRecoveryPointCreationDate": of_point,
            }
    return {}
