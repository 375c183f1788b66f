"""Protected resources: those that have a recovery point [assumed]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.answering.lookups import check_arn
from fakebackup.answering.pages import page_of
from fakebackup.errors import not_found
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.vaults.vault import RESOURCE
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_MINUTE = 60_000


@operation("ListProtectedResources", items="Results")
def list_protected_resources(caller: Caller, asked: Asked) -> Answer:
    """List the protected resources of the account and Region, by ARN [assumed]."""
    vaults = caller.store.vaults
    page, more = page_of(caller, asked, vaults.resources(), _position)
    return {"Results": [_resource(vaults.points_of(arn)) for arn in page], **more}


@operation("ListProtectedResourcesByBackupVault", items="Results")
def list_protected_resources_by_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """List the resources with a recovery point in a vault, each with its latest one in it."""
    latest: dict[str, RecoveryPoint] = {}
    for point in caller.vault.opened.in_order:
        if RESOURCE in point.members:
            latest.setdefault(point.members[RESOURCE], point)
    page, more = page_of(caller, asked, sorted(latest), _position)
    return {"Results": [_resource([latest[arn]]) for arn in page], **more}


def _position(arn: str) -> tuple[str]:
    return (arn,)


@operation("DescribeProtectedResource")
def describe_protected_resource(caller: Caller, asked: Asked) -> Answer:
    """Describe a protected resource, with its latest completed restore job.

    The restore's minutes are rounded down [assumed].
    """
    arn = asked["ResourceArn"]
    check_arn("ResourceArn", arn)
    found = described(caller.store, arn)
    if found is None:
        raise not_found(f"Cannot find protected resource {arn}")
    return found


def described(store: Store, arn: str) -> dict[str, Any] | None:
    """Return the members of the protected resource with an ARN; None if there is none."""
    points = store.vaults.points_of(arn)
    return {**_resource(points), **_latest_restore(store, arn)} if points else None


def _resource(points: Iterable[RecoveryPoint]) -> dict[str, Any]:
    """Return the resource of recovery points, newest first.

    LastBackupTime is the creation of the latest one [assumed].
    """
    point = next(iter(points))
    return {
        "ResourceArn": point.members[RESOURCE],
        "ResourceType": point.members.get("ResourceType"),
        "LastBackupTime": point.members["CreationDate"],
        "ResourceName": point.members.get("ResourceName"),
        "LastBackupVaultArn": point.vault.arn,
        "LastRecoveryPointArn": point.arn,
    }


def _latest_restore(store: Store, resource: str) -> dict[str, Any]:
    vaults = store.vaults
    jobs = store.jobs.matching(RESTORE)
    for job in jobs:
        members = job.members
        if job.kept_state != "COMPLETED":
            continue
        point = vaults.point(members.get("RecoveryPointArn", ""))
        if point is not None and point.members.get(RESOURCE) != resource:
            point = None
        if point is not None or members.get("SourceResourceArn") == resource:
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
