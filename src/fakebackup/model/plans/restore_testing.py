"""Restore testing plans and their selections: check them as AWS does, fill in its defaults."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import invalid_parameter, missing_parameter
from fakebackup.model.plans import schedules
from fakebackup.model.plans.documents import check_schedule
from fakebackup.model.quotas import NUMBERS, check
from fakebackup.model.resources.arns import ARN
from fakebackup.model.resources.tags import CONDITION_PREFIX
from fakebackup.model.resources.types import TESTED
from fakebackup.model.shapes.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    Members = Mapping[str, Any]
    Quotas = Mapping[str, int]

PLAN, SELECTION = "Restore testing plan", "Restore testing selection"
"""The nouns of their entries in an account's store."""

PLAN_DEFAULTS: Members = {
    "ScheduleExpressionTimezone": schedules.UTC,
    "StartWindowHours": 24,
}
"""The default members of a restore testing plan [documented: model]."""

POINTS_SEEDED: Members = {
    "Algorithm": "LATEST_WITHIN_WINDOW",
    "IncludeVaults": ["*"],
    "RecoveryPointTypes": ["SNAPSHOT"],
}
"""The members that a RecoveryPointSelection must have, of a plan that is seeded, or was recorded,
without them."""

_POINTS_DEFAULTS: Members = {"ExcludeVaults": [], "SelectionWindowDays": 30}
"""The members that it may lack, as AWS has them then."""

_BOUNDS = {
    "SelectionWindowDays": (1, 365),
    "StartWindowHours": (1, 168),
    "ValidationWindowHours": (0, 168),
}
_LONGEST_KEY, _LONGEST_VALUE = 128, 256
_NAME = re.compile(r"[A-Za-z0-9_]{1,50}")
_VAULT = re.compile(r"\*|arn:[^:]+:backup:[^:]+:[^:]+:backup-vault:[^:]+")


def check_name(member: str, name: str) -> None:
    """Refuse a name that AWS does not accept.

    Raises:
        AwsError: MissingParameterValueException, InvalidParameterValueException.
    """
    if not name:
        raise missing_parameter(f"{member} is missing")
    if not _NAME.fullmatch(name):
        raise invalid_parameter(f"{member} is 1 to 50 alphanumeric characters or underscores")


def read_plan(given: Members, quotas: Quotas = NUMBERS) -> dict[str, Any]:
    """Check a restore testing plan and return it with the defaults of RecoveryPointSelection.

    Args:
        given: the members that are given, all of them or those to update.
        quotas: the quotas: those of the option where a client gives the members.

    Raises:
        AwsError: MissingParameterValueException, InvalidParameterValueException,
            LimitExceededException.
    """
    kept = dict(given)
    check_schedule(
        given.get("ScheduleExpression", schedules.DEFAULT),
        given.get("ScheduleExpressionTimezone", schedules.UTC),
    )
    _check_bounds("StartWindowHours", given)
    if "RecoveryPointSelection" in given:
        kept["RecoveryPointSelection"] = _read_points(given["RecoveryPointSelection"], quotas)
    return kept


def _read_points(given: Members, quotas: Quotas) -> dict[str, Any]:
    for member in POINTS_SEEDED:
        if not given.get(member):
            raise missing_parameter(f"{member} is missing")
    for member in ("IncludeVaults", "ExcludeVaults"):
        vaults = given.get(member, ())
        check(quotas, "vaults_per_testing_plan", len(vaults))
        for vault in vaults:
            if not _VAULT.fullmatch(vault):
                raise invalid_parameter(f"{member} {vault!r} is no backup vault's ARN")
    _check_bounds("SelectionWindowDays", given)
    return {**_POINTS_DEFAULTS, **given}


def with_defaults(plan: Members) -> dict[str, Any]:
    """Return the members of a plan with the defaults of those that a recorded one may lack."""
    points = {**_POINTS_DEFAULTS, **POINTS_SEEDED, **plan.get("RecoveryPointSelection", {})}
    return {
        "ScheduleExpression": schedules.DEFAULT,
        **PLAN_DEFAULTS,
        **plan,
        "RecoveryPointSelection": points,
    }


def check_selection(members: Members, quotas: Quotas = NUMBERS) -> None:
    """Refuse a restore testing selection that AWS does not accept.

    Args:
        members: all members of the selection.
        quotas: the quotas: those of the option where a client gives the members.

    Raises:
        AwsError: MissingParameterValueException, InvalidParameterValueException,
            LimitExceededException.
    """
    resource_type = members.get("ProtectedResourceType")
    # One that was recorded may be without.
    if resource_type is not None and resource_type not in TESTED:
        raise invalid_parameter(f"ProtectedResourceType {resource_type!r} is not tested")
    _check_bounds("ValidationWindowHours", members)
    arns = members.get("ProtectedResourceArns", ())
    conditions = [
        each for group in members.get("ProtectedResourceConditions", {}).values() for each in group
    ]
    if not (arns or conditions):
        raise missing_parameter(
            "One of ProtectedResourceArns and ProtectedResourceConditions is missing"
        )
    _check_arns(arns, conditions=bool(conditions))
    check(quotas, "arns_per_testing_selection", len(arns))
    check(quotas, "conditions_per_testing_selection", len(conditions))
    for condition in conditions:
        key, value = condition["Key"], condition["Value"]
        # The model forbids keys that begin with aws:, but AWS takes `CONDITION_PREFIX` [reported].
        of_tag = key.startswith(CONDITION_PREFIX) and key != CONDITION_PREFIX
        if key.startswith("aws:") and not of_tag:
            raise invalid_parameter(f"The Key {key!r} of a condition begins with aws:")
        if not 1 <= len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            raise invalid_parameter(
                f"A condition has a Key of 1 to {_LONGEST_KEY} characters, and a Value of "
                f"{_LONGEST_VALUE} at most"
            )


def _check_arns(arns: list[str], *, conditions: bool) -> None:
    specific = [arn for arn in arns if arn != "*"]
    if specific and (conditions or "*" in arns):
        other = "ProtectedResourceConditions" if conditions else "a wildcard"
        raise invalid_parameter(f"ProtectedResourceArns has specific ARNs, and there is {other}")
    for arn in specific:
        if not re.fullmatch(ARN, arn):
            raise invalid_parameter(f"ProtectedResourceArns {arn!r} is no ARN")


def _check_bounds(member: str, members: Members) -> None:
    least, most = _BOUNDS[member]
    value = members.get(member)
    if value is not None and not least <= value <= most:
        raise invalid_parameter(f"{member} {value} is not between {least} and {most}")


# --- Inferred metadata ----------------------------------------------------------------------

_NEW = "awsbackup-restore-test-{digest}"
_CLUSTER = {
    "availabilityZones": '["{region}a","{region}b","{region}c"]',
    "dbClusterIdentifier": _NEW,
    "engine": "{Engine}",
}
_LUSTRE = {"lustreConfiguration": '{{"automaticBackupRetentionDays":0}}'}
_INFERRED: Mapping[str, Mapping[str, str]] = {
    "Aurora": _CLUSTER,
    "DocumentDB": _CLUSTER,
    "DynamoDB": {
        "deletionProtection": "false",
        "encryptionType": "Default",
        "targetTableName": _NEW,
    },
    "EBS": {"availabilityZone": "{region}a", "encrypted": "true"},
    "EC2": {
        "disableApiTermination": "false",
        "instanceType": "{InstanceType}",
        "requiredImdsV2": "true",
    },
    "EFS": {
        "encrypted": "true",
        "file-system-id": "{file-system-id}",
        "kmsKeyId": "alias/aws/elasticfilesystem",
        "newFileSystem": "true",
        "performanceMode": "generalPurpose",
    },
    "FSx": _LUSTRE,
    "Neptune": _CLUSTER,
    "RDS": {
        "dbInstanceIdentifier": _NEW,
        "deletionProtection": "false",
        "multiAz": "false",
        "publiclyAccessible": "false",
    },
    "S3": {
        "destinationBucketName": _NEW,
        "encrypted": "true",
        "encryptionType": "SSE-S3",
        "newBucket": "true",
        "restoreACLs": "true",
    },
}
"""Per resource type, keys and values [documented: guide, restore testing inferred metadata].

What AWS draws at random is derived from the seed [assumed].
"""

_FILE_SYSTEMS: Mapping[str, Mapping[str, str]] = {
    "LUSTRE": _LUSTRE,
    "ONTAP": {
        "name": "awsbackup_restore_test_{digest}",
        "ontapConfiguration": '{{"junctionPath":"/awsbackup_restore_test_{digest}",'
        '"sizeInMegabytes":"{size}","snapshotPolicy":"none"}}',
    },
    "OPENZFS": {
        "openZfsConfiguration": '{{"automaticBackupRetentionDays":0,'
        '"deploymentType":"{deployment}","throughputCapacity":{capacity}}}',
    },
    "WINDOWS": {
        "windowsConfiguration": '{{"automaticBackupRetentionDays":0,'
        '"deploymentType":"{deployment}","throughputCapacity":8}}',
    },
}
"""Per FileSystemType of an FSx recovery point, keys and values, as `_INFERRED`."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "lustreConfiguration": ("subnetIds",),
    "ontapConfiguration": ("storageVirtualMachineId",),
    "windowsConfiguration": ("subnetIds", "activeDirectoryId"),
}
"""Per inferred key, those that a selection must add [documented: guide, the same page]."""

_CONFIGURATIONS = {"OPENZFS": "OpenZFSConfiguration", "WINDOWS": "WindowsConfiguration"}
_DEPLOYMENT = "SINGLE_AZ_1"


def inferred_metadata(
    resource_type: str, seed: str, region: str, metadata: Mapping[str, str]
) -> Members:
    """Return the metadata with which a restore test would restore a recovery point.

    Args:
        resource_type: the recovery point's resource type, one whose restores are tested.
        seed: what the new names follow from, as the recovery point's ARN.
        region: the Region that the recovery point lies in.
        metadata: the recovery point's restore metadata, defaults included.
    """
    digest = hashlib.sha256(seed.encode()).hexdigest()[:8]
    values = {**metadata, "region": region, "digest": digest}
    patterns = _INFERRED[resource_type]
    if resource_type == "FSx":
        system = metadata.get("FileSystemType", "")
        patterns = _FILE_SYSTEMS.get(system, patterns)
        values |= _of_file_system(system, metadata)
    return {key: pattern.format(**values) for key, pattern in patterns.items()}


def _of_file_system(system: str, metadata: Mapping[str, str]) -> dict[str, str]:
    """Return what inferred values of an FSx file system take from its metadata.

    A missing deployment type is SINGLE_AZ_1, a missing size 1024 [assumed].
    """
    try:
        read = parse_json(metadata.get(_CONFIGURATIONS.get(system, ""), "{}"))
    except ValueError:
        read = {}
    given = read.get("DeploymentType") if isinstance(read, dict) else None
    deployment = given if isinstance(given, str) else _DEPLOYMENT
    return {
        "deployment": deployment,
        "capacity": "64" if deployment == _DEPLOYMENT else "160",
        "size": metadata.get("SizeInMegabytes", "1024"),
    }


def missing_metadata(metadata: Members) -> list[str]:
    """Return the keys that a test needs besides what is inferred, and does not have."""
    given = {key.lower() for key in metadata}
    return [
        each
        for inferred, needed in _NEEDED.items()
        if inferred in metadata
        for each in needed
        if each.lower() not in given
    ]
