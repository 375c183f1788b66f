"""The default restore metadata of recovery points, by resource type (the guide `aws`, Restores)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.vaults.vault import RecoveryPoint

_REQUEST_ID = "aws:backup:request-id"
_ZONES = ["{region}a", "{region}b", "{region}c"]
_GROUPS = ["sg-00000000000000001"]
_SUBNET, _VPC = "subnet-00000000000000001", "vpc-00000000000000001"

# Documented: the guide's page on restoring Aurora. DBSnapshotIdentifier and what is for
# information only are recorded.
_CLUSTER: Mapping[str, Any] = {
    "DBSnapshotIdentifier": "{snapshot}",
    "EngineVersion": "5.6.10a",
    "KmsKeyId": "{key}",
    "EngineMode": "serverless",
    "AvailabilityZones": _ZONES,
    "Port": "3306",
    "DatabaseName": "",
    "DBSubnetGroupName": "default",
    "VpcSecurityGroupIds": _GROUPS,
    "ScalingConfiguration": {
        "MinCapacity": 2,
        "MaxCapacity": 64,
        "AutoPause": True,
        "SecondsUntilAutoPause": 300,
        "TimeoutAction": "RollbackCapacityChange",
    },
    "EnableIAMDatabaseAuthentication": "false",
    "DBClusterParameterGroupName": "default.aurora5.6",
    "CopyTagsToSnapshot": "true",
    "Engine": "aurora",
    "EnableCloudwatchLogsExports": [],
    "InformationalOnly:Encrypted": "{encrypted}",
    "InformationalOnly:vpcId": _VPC,
    _REQUEST_ID: "{request}",
}
_PROVISIONED = {
    name: value
    for name, value in _CLUSTER.items()
    if name not in ("EngineMode", "ScalingConfiguration")
}

_METADATA: Mapping[str, Mapping[str, Any]] = {
    "Aurora": _CLUSTER,
    "CloudFormation": {"StackName": "{stem}"},
    "DocumentDB": {
        **_PROVISIONED,
        "EngineVersion": "5.0.0",
        "Port": "27017",
        "DBClusterParameterGroupName": "default.docdb5.0",
        "Engine": "docdb",
    },
    # Recorded.
    "DSQL": {"cluster_id": "{id}", "backup_size_bytes": "{size}"},
    "DynamoDB": {"originalTableName": "{id}", "encryptionType": "Default"},
    # Documented: the guide's page on restoring EBS, whose availabilityZone is null.
    "EBS": {"volumeId": "{id}", "encrypted": "{encrypted}"},
    # Recorded, without the instance's id.
    "EC2": {
        "CapacityReservationSpecification": {"CapacityReservationPreference": "open"},
        "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 1},
        "CreditSpecification": {"CpuCredits": "standard"},
        "DisableApiTermination": "false",
        "EbsOptimized": "false",
        "HibernationOptions": {"Configured": False},
        "InstanceInitiatedShutdownBehavior": "stop",
        "InstanceType": "t3.micro",
        "KeyName": "key",
        "Monitoring": {"State": "disabled"},
        "NetworkInterfaces": [
            {
                "DeleteOnTermination": True,
                "Description": "",
                "DeviceIndex": 0,
                "Groups": _GROUPS,
                "Ipv6AddressCount": 0,
                "Ipv6Addresses": [],
                "PrivateIpAddresses": [],
                "SubnetId": _SUBNET,
                "InterfaceType": "interface",
            }
        ],
        "Placement": {"AvailabilityZone": "{region}a", "GroupName": "", "Tenancy": "default"},
        "SecurityGroupIds": _GROUPS,
        "SubnetId": _SUBNET,
        "VpcId": _VPC,
        _REQUEST_ID: "{request}",
    },
    # Documented: file-system-id.
    "EFS": {"file-system-id": "{id}", "Encrypted": "{encrypted}"},
    "EKS": {"clusterName": "{id}"},
    # Documented: the guide's page on restoring FSx for Lustre.
    "FSx": {
        "StorageType": "SSD",
        "KmsKeyId": "{key}",
        "StorageCapacity": "1200",
        "VpcId": _VPC,
        "FileSystemType": "LUSTRE",
        "LustreConfiguration": {
            "WeeklyMaintenanceStartTime": "4:10:30",
            "DeploymentType": "PERSISTENT_1",
            "PerUnitStorageThroughput": 50,
            "CopyTagsToBackups": True,
        },
        "FileSystemId": "{id}",
        "SubnetIds": [_SUBNET],
    },
    "Neptune": {
        **_PROVISIONED,
        "EngineVersion": "1.3.0.0",
        "Port": "8182",
        "DBClusterParameterGroupName": "default.neptune1.3",
        "Engine": "neptune",
    },
    # Reported, and recorded as for clusters; without the identifier: a restore names its own.
    "RDS": {
        "DBSnapshotIdentifier": "{snapshot}",
        "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres",
        "Port": "5432",
        "KmsKeyId": "{key}",
        "AvailabilityZone": "{region}a",
        "PubliclyAccessible": "false",
        "VpcSecurityGroupIds": _GROUPS,
        "InformationalOnly:EngineVersion": "16.3",
        "InformationalOnly:Encrypted": "{encrypted}",
        "InformationalOnly:vpcId": _VPC,
        _REQUEST_ID: "{request}",
    },
    "Redshift": {"ClusterIdentifier": "{id}"},
    "Redshift Serverless": {"NamespaceName": "{id}"},
    "S3": {"SourceBucketName": "{id}", "Encrypted": "{encrypted}"},
    "SAP HANA on Amazon EC2": {"DatabaseId": "{id}"},
    "Storage Gateway": {"volumeId": "{id}", "encrypted": "{encrypted}"},
    "Timestream": {"TableName": "{id}", "DatabaseName": "{database}"},
    "VirtualMachine": {"VMName": "{id}"},
}
"""What AWS tells of a resource of each type; lists and objects are compact JSON texts.

Where no evidence is named, the keys are by analogy to those that a restore takes [assumed]; so
are the values [assumed]. A KmsKeyId is there where the recovery point is encrypted [assumed].
"""


def usual_metadata(point: RecoveryPoint) -> dict[str, str]:
    """Return the restore metadata of a recovery point for which the test gave none."""
    members = point.members
    last = members.get("ResourceArn", "").rpartition(":")[2]
    parts = [*last.split("/"), "", ""]
    known = {
        "{id}": last_part(last),
        "{stem}": parts[1] or last,
        "{database}": parts[1],
        "{encrypted}": "true" if members.get("IsEncrypted") else "false",
        "{key}": members.get("EncryptionKeyArn", "") if members.get("IsEncrypted") else "",
        "{region}": point.vault.region,
        "{request}": _request_id(point.arn),
        "{size}": str(members.get("BackupSizeInBytes", "")),
        # Without what AWS Backup's own ARNs have before a name.
        "{snapshot}": point.arn.split(":", 6)[-1],
    }
    patterns = _METADATA.get(members.get("ResourceType", ""), {})
    found = {key: _filled(_text(pattern), known) for key, pattern in patterns.items()}
    return {key: value for key, value in found.items() if value or not _must_be_told(patterns[key])}


def _must_be_told(pattern: object) -> bool:
    """Return whether a key is left out where nothing is known of its value."""
    return pattern in ("{key}", "{size}")


def _text(pattern: Any) -> str:
    return pattern if isinstance(pattern, str) else json.dumps(pattern, separators=(",", ":"))


def _filled(text: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text


def _request_id(arn: str) -> str:
    """Return a lower-case uuid that follows from a recovery point's ARN."""
    digest = hashlib.sha256(arn.encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
