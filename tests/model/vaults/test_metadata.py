"""The metadata that GetRecoveryPointRestoreMetadata answers, type by type."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import mock_backup
from support.client import call
from support.constants import ACCOUNT, REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup

pytestmark = pytest.mark.fake_backup(region=REGION)

REQUEST = "aws:backup:request-id"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
CLUSTER = {
    "AvailabilityZones",
    "CopyTagsToSnapshot",
    "DBClusterParameterGroupName",
    "DBSnapshotIdentifier",
    "DBSubnetGroupName",
    "DatabaseName",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "Engine",
    "EngineVersion",
    "KmsKeyId",
    "Port",
    "VpcSecurityGroupIds",
    REQUEST,
}
KEYS = {
    "EC2": {
        "CapacityReservationSpecification",
        "CpuOptions",
        "CreditSpecification",
        "DisableApiTermination",
        "EbsOptimized",
        "HibernationOptions",
        "InstanceInitiatedShutdownBehavior",
        "InstanceType",
        "KeyName",
        "Monitoring",
        "NetworkInterfaces",
        "Placement",
        "SecurityGroupIds",
        "SubnetId",
        "VpcId",
        REQUEST,
    },
    "RDS": {
        "AvailabilityZone",
        "DBInstanceClass",
        "DBSnapshotIdentifier",
        "Engine",
        "KmsKeyId",
        "Port",
        "PubliclyAccessible",
        "VpcSecurityGroupIds",
        REQUEST,
    },
    "Aurora": CLUSTER | {"EngineMode", "ScalingConfiguration"},
    "DocumentDB": CLUSTER,
    "Neptune": CLUSTER,
    "DSQL": {"cluster_id", "backup_size_bytes"},
    "EBS": {"encrypted", "volumeId"},
    "FSx": {
        "FileSystemId",
        "FileSystemType",
        "KmsKeyId",
        "LustreConfiguration",
        "StorageCapacity",
        "StorageType",
        "SubnetIds",
        "VpcId",
    },
}
"""Per type, the keys but those that are for information only."""

TEXTS = {
    "EC2": {
        "CapacityReservationSpecification",
        "CpuOptions",
        "CreditSpecification",
        "HibernationOptions",
        "Monitoring",
        "NetworkInterfaces",
        "Placement",
        "SecurityGroupIds",
    },
    "RDS": {"VpcSecurityGroupIds"},
    "Aurora": {
        "AvailabilityZones",
        "EnableCloudwatchLogsExports",
        "ScalingConfiguration",
        "VpcSecurityGroupIds",
    },
    "FSx": {"LustreConfiguration", "SubnetIds"},
}
"""Per type, the keys whose values are JSON texts of objects and lists."""

ONLY_INFORMATION = "InformationalOnly:"


def metadata(backup: FakeBackup, resource_type: str, **members: Any) -> dict[str, str]:
    """What is answered of an encrypted recovery point of a type."""
    known: dict[str, Any] = {"EncryptionKeyArn": KEY, "ResourceType": resource_type}
    point = backup.add_recovery_point(**known | members)
    asked = {"BackupVaultName": point.vault.name, "RecoveryPointArn": point.arn}
    found: dict[str, str] = call("GetRecoveryPointRestoreMetadata", **asked)["RestoreMetadata"]
    return found


@pytest.mark.parametrize("resource_type", KEYS)
def test_keys(backup: FakeBackup, resource_type: str) -> None:
    """Each type has the keys of the answers that were seen [recorded, reported, documented]."""
    found = metadata(backup, resource_type)
    own = {key for key in found if not key.startswith(ONLY_INFORMATION)}
    assert own == KEYS[resource_type]
    told = {key for key in found if key.startswith(ONLY_INFORMATION)}
    assert bool(told) is (resource_type in ("Aurora", "DocumentDB", "Neptune", "RDS"))


@pytest.mark.parametrize("resource_type", TEXTS)
def test_json_texts(backup: FakeBackup, resource_type: str) -> None:
    """Objects and lists are JSON texts without blanks, all else is plain [recorded: EC2]."""
    found = metadata(backup, resource_type)
    read = {key: json.loads(value) for key, value in found.items() if value[:1] in ("{", "[")}
    assert read.keys() == TEXTS[resource_type]
    for key, value in read.items():
        assert found[key] == json.dumps(value, separators=(",", ":"))


def test_no_identifier_that_a_restore_must_choose(backup: FakeBackup) -> None:
    """An instance, a database and a cluster are not named [recorded: EC2; reported: RDS]."""
    for resource_type in ("EC2", "RDS", "Aurora", "DocumentDB", "Neptune"):
        keys = metadata(backup, resource_type).keys()
        assert not keys & {"InstanceId", "DBInstanceIdentifier", "DBClusterIdentifier"}


@pytest.mark.parametrize("resource_type", ["RDS", "Aurora", "DocumentDB", "Neptune"])
def test_the_snapshot_is_that_of_the_point(backup: FakeBackup, resource_type: str) -> None:
    """DBSnapshotIdentifier is what the recovery point's ARN says [recorded]."""
    point = backup.add_recovery_point(ResourceType=resource_type)
    asked = {"BackupVaultName": point.vault.name, "RecoveryPointArn": point.arn}
    found = call("GetRecoveryPointRestoreMetadata", **asked)["RestoreMetadata"]
    identifier = found["DBSnapshotIdentifier"]
    assert re.fullmatch(r"awsbackup:job-[0-9a-f-]{36}", identifier)
    assert point.arn.endswith(f"snapshot:{identifier}")


def test_the_request_id_is_a_uuid_and_stays(backup: FakeBackup) -> None:
    """It is in small letters, one of each recovery point, the same in every run [recorded]."""
    arns = [f"arn:aws:ec2:{REGION}::image/ami-{number}" for number in (1, 2)]
    first = [metadata(backup, "EC2", RecoveryPointArn=arn)[REQUEST] for arn in arns]
    assert len(set(first)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each) for each in first)
    with mock_backup(region=REGION) as other:
        again = [metadata(other, "EC2", RecoveryPointArn=arn)[REQUEST] for arn in arns]
    assert again == first


def test_a_key_only_where_there_is_one(backup: FakeBackup) -> None:
    """KmsKeyId is the recovery point's key, and left out where that is not encrypted."""
    for resource_type in ("RDS", "Aurora", "FSx"):
        assert metadata(backup, resource_type)["KmsKeyId"] == KEY
        assert "KmsKeyId" not in metadata(backup, resource_type, EncryptionKeyArn=None)


def test_dsql(backup: FakeBackup) -> None:
    """A cluster of Aurora DSQL has its id and its size in bytes [recorded]."""
    arn = f"arn:aws:dsql:{REGION}:{ACCOUNT}:cluster/abc"
    found = metadata(backup, "DSQL", ResourceArn=arn, BackupSizeInBytes=7)
    assert found == {"cluster_id": "abc", "backup_size_bytes": "7"}


def test_timestream(backup: FakeBackup) -> None:
    """A table has its name and that of its database."""
    arn = f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/d/table/t"
    found = metadata(backup, "Timestream", ResourceArn=arn)
    assert found == {"TableName": "t", "DatabaseName": "d"}
