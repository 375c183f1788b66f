"""Protected resources: those that have a recovery point [assumed]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.answering.lookups import check_arn
from fakebackup.answering.pages import page_of
from fakebackup.errors import not_found
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.stores.entries import NEWEST, PROTECTED, PROTECTED_IN_VAULT
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
    page, more = page_of(caller, asked, arns(caller.store), _position)
    return {"Results": [_listed(caller.store, arn) for arn in page], **more}


def arns(store: Store) -> list[str]:
    """Return the ARNs of the protected resources, in order: with points, or recorded."""
    found = store.vaults.resources()
    noted = store.entries(PROTECTED)
    if not noted:
        return found
    return sorted({*found, *(arn for arn in noted if _recorded(store, PROTECTED, arn, None))})


def _listed(store: Store, arn: str) -> Mapping[str, Any]:
    points = store.vaults.points_of(arn)
    latest = next(iter(points), None)
    return _recorded(store, PROTECTED, arn, latest) or _resource(points)


def _recorded(
    store: Store, noun: str, key: str, latest: RecoveryPoint | None
) -> Mapping[str, Any] | None:
    """Return a recorded protected resource, unless the fake knows better.

    It does once there is a newer recovery point, or none is left of those that there were.

    Args:
        store: the store.
        noun: one of `PROTECTED`, `PROTECTED_IN_VAULT`.
        key: the key of its entry.
        latest: the latest recovery point that there is; None if there is none.
    """
    found = store.entries(noun).get(key)
    if found is None:
        return None
    known = found.members.get(NEWEST)
    if latest is None:
        return found.members if known is None else None
    newest = max(known or 0, found.members.get("LastBackupTime", 0))
    return found.members if latest.members["CreationDate"] <= newest else None


@operation("ListProtectedResourcesByBackupVault", items="Results")
def list_protected_resources_by_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """List the resources with a recovery point in a vault, each with its latest one in it."""
    latest: dict[str, RecoveryPoint] = {}
    vault, store = caller.vault, caller.store
    for point in vault.opened.in_order:
        if RESOURCE in point.members:
            latest.setdefault(point.members[RESOURCE], point)
    shown: dict[str, Mapping[str, Any]] = {}
    for key in store.entries(PROTECTED_IN_VAULT):
        name, _, arn = key.partition(" ")
        found = _recorded(store, PROTECTED_IN_VAULT, key, latest.get(arn))
        if name == vault.name and found is not None:
            shown[arn] = found
    page, more = page_of(caller, asked, sorted({*latest, *shown}), _position)
    return {"Results": [shown.get(arn) or _resource([latest[arn]]) for arn in page], **more}


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
    found = _recorded(store, PROTECTED, arn, next(iter(points), None))
    if found is None:
        return {**_resource(points), **_latest_restore(store, arn)} if points else None
    restore, date = _latest_restore(store, arn), "LatestRestoreJobCreationDate"
    return {**found, **restore} if restore.get(date, 0) > found.get(date, 0) else dict(found)


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
