"""Backup access points, by which Amazon S3 reads a recovery point without a restore.

A new one is AVAILABLE, and a deleted one gone, as soon as the call has been answered [assumed];
only that answer says CREATING, as AWS's does. AWS documents that events exist, but not their
members: none is emitted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import create, delete, find
from fakebackup.answering.lookups import resource_of, shared_point
from fakebackup.answering.pages import page_of
from fakebackup.answering.permissions import check_access
from fakebackup.errors import (
    AwsError,
    invalid_parameter,
    invalid_request,
    missing_parameter,
    not_found,
)
from fakebackup.known_errors import NO_POINT
from fakebackup.model.engine import ageing, continuous
from fakebackup.model.engine.ageing import access_points_to
from fakebackup.model.stores.entries import ACCESS_POINT, Entry
from fakebackup.model.vaults import policies
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.vaults.vault import RecoveryPoint

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]


READABLE = frozenset({"AVAILABLE", "STOPPED", "COMPLETED"})
"""The statuses of recovery points that can be accessed [documented: model]."""

_INSTANT = "AccessPointInTime"
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@operation("CreateBackupAccessPoint")
def create_backup_access_point(caller: Caller, asked: Asked) -> Answer:
    """Create an access point to an Amazon S3 recovery point, the caller's or shared with it.

    Its policy must be JSON, and is not enforced.
    """
    if "AccessPointPolicy" in asked:
        policies.check_document("AccessPointPolicy", asked["AccessPointPolicy"])
    point = _point(caller, asked["RecoveryPointArn"])
    resource, resource_type = resource_of(point)
    metadata = _metadata(point, asked.get("AccessPointMetadata", {}))
    name, home = asked["Name"], caller.store.home
    made = Entry(name, home.arn("arn:{p}:backup:{r}:{a}:accesspoint/") + name, 0, {})
    create(caller, ACCESS_POINT, made, tags=asked.get("Tags"))
    # Only now, so that a refused call spends no number.
    made.number = caller.organization.numbers.next()
    made.members = {
        "AccessPointArn": made.arn,
        "AccessPointMetadata": {**metadata, **s3_metadata(home, name, made.number)},
        "BackupVaultArn": point.vault.arn,
        "BackupVaultName": point.vault.name,
        "CreationTime": clock.now(),
        "Name": name,
        "RecoveryPointArn": point.arn,
        "ResourceArn": resource,
        "ResourceType": resource_type,
        "Status": "AVAILABLE",
    }
    return {"AccessPointArn": made.arn, "Status": "CREATING"}


def s3_metadata(home: Home, name: str, number: int) -> dict[str, str]:
    """Return the metadata of an access point that names the one of Amazon S3."""
    return {
        "S3AccessPointArn": home.arn("arn:{p}:s3:{r}:{a}:accesspoint/") + name,
        # As S3's own: part of the name, 34 characters, a suffix.
        "S3AccessPointAlias": f"{name[:20]}-{number:034x}-s3alias",
    }


def _point(caller: Caller, arn: str) -> RecoveryPoint:
    """Return the recovery point with an ARN, which must be one that can be accessed."""
    own = caller.store.vaults.point(arn)
    point = shared_point(caller, arn) if own is None else own
    if point is None:
        raise NO_POINT.error()
    check_access(caller, point.vault, arn)
    (_, resource_type), status = resource_of(point), point.members["Status"]
    if resource_type != "S3":
        raise invalid_request(f"Recovery point {arn} is of {resource_type}, not S3")
    if point.is_busy:
        raise AwsError("ConflictException", f"Recovery point {arn} is {status}: try again later")
    if status not in READABLE:
        raise invalid_request(f"Recovery point {arn} cannot be accessed: it is {status}")
    return point


def _metadata(point: RecoveryPoint, given: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata, checked: a continuous backup's has an instant, others' nothing."""
    strange = [name for name in given if name != _INSTANT]
    if strange:
        raise invalid_parameter(f"AccessPointMetadata has no {', '.join(strange)}")
    if not point.is_continuous:
        if given:
            raise invalid_parameter(f"{_INSTANT} is for continuous backups, not for {point.arn}")
        return {}
    if _INSTANT not in given:
        raise missing_parameter(f"AccessPointMetadata needs {_INSTANT} for {point.arn}")
    continuous.check_instant(point, _INSTANT, given[_INSTANT], _WRITTEN)
    return dict(given)


@operation("DescribeBackupAccessPoint")
def describe_backup_access_point(caller: Caller, asked: Asked) -> Answer:
    """Describe an access point."""
    return _find(caller, asked).members


@operation("DeleteBackupAccessPoint")
def delete_backup_access_point(caller: Caller, asked: Asked) -> Answer:
    """Delete an access point; after the last one the recovery point ages again."""
    found = _find(caller, asked)
    delete(caller, ACCESS_POINT, found)
    # It may be another account's.
    stores = caller.organization.stores.values()
    ageing.release_all(stores, [found.members.get("RecoveryPointArn", "")], clock.now())
    return {}


def _find(caller: Caller, asked: Asked) -> Entry:
    """Return the caller's access point in the parameters.

    Raises:
        AwsError: InvalidRequestException for an ARN of another Region [assumed],
            ResourceNotFoundException.
    """
    arn = asked["AccessPointArn"]
    _, _, _, region, account, path = arn.split(":", 5)
    if region != caller.region:
        raise invalid_request(f"Backup access point {arn} is not in {caller.region}")
    found = find(caller, ACCESS_POINT, path.removeprefix("accesspoint/"))
    if account != caller.account or found.arn != arn:
        raise not_found(f"Cannot find {ACCESS_POINT} {arn}")
    return found


@operation("ListBackupAccessPoints", items="BackupAccessPoints")
def list_backup_access_points(caller: Caller, asked: Asked) -> Answer:
    """List the access points of the account and Region, the oldest first [assumed]."""
    return _listed(caller, asked, caller.store.entries(ACCESS_POINT).values())


@operation("ListBackupAccessPointsByRecoveryPoint", items="BackupAccessPoints")
def list_backup_access_points_by_recovery_point(caller: Caller, asked: Asked) -> Answer:
    """List a recovery point's access points; its owner sees those of other accounts, too."""
    arn = asked["RecoveryPointArn"]
    found = access_points_to(caller.organization, arn)
    if caller.store.vaults.point(arn) is None:
        own = caller.store.entries(ACCESS_POINT)
        found = [each for each in found if own.get(each.key) is each]
    return _listed(caller, asked, found)


@operation("ListBackupAccessPointsByResource", items="BackupAccessPoints")
def list_backup_access_points_by_resource(caller: Caller, asked: Asked) -> Answer:
    """List the caller's access points to recovery points of a resource."""
    arn = asked["ResourceArn"]
    own = caller.store.entries(ACCESS_POINT).values()
    return _listed(caller, asked, (each for each in own if each.members.get("ResourceArn") == arn))


def _listed(caller: Caller, asked: Asked, found: Iterable[Entry]) -> Answer:
    ordered = sorted(found, key=lambda each: each.number)
    page, more = page_of(caller, asked, ordered, lambda each: (each.number,))
    return {"BackupAccessPoints": [each.members for each in page], **more}
