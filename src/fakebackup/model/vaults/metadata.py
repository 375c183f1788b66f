"""The default restore metadata of recovery points, by resource type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakebackup.model.vaults.vault import RecoveryPoint

_METADATA = {
    "Aurora": {"DBClusterIdentifier": "{id}", "Engine": "aurora-mysql", "Port": "3306"},
    "CloudFormation": {"StackName": "{stem}"},
    "DocumentDB": {"DBClusterIdentifier": "{id}", "Engine": "docdb", "Port": "27017"},
    "DynamoDB": {"originalTableName": "{id}", "encryptionType": "Default"},
    "EBS": {"volumeId": "{id}", "encrypted": "{encrypted}", "availabilityZone": "{region}a"},
    "EC2": {"InstanceId": "{id}", "InstanceType": "t3.micro", "aws:backup:region": "{region}"},
    "EFS": {"file-system-id": "{id}", "Encrypted": "{encrypted}"},
    "EKS": {"clusterName": "{id}"},
    "FSx": {"FileSystemId": "{id}", "FileSystemType": "LUSTRE"},
    "Neptune": {"DBClusterIdentifier": "{id}", "Engine": "neptune", "Port": "8182"},
    "RDS": {"DBInstanceIdentifier": "{id}", "DBInstanceClass": "db.t3.micro", "Engine": "mysql"},
    "Redshift": {"ClusterIdentifier": "{id}"},
    "Redshift Serverless": {"NamespaceName": "{id}"},
    "S3": {"SourceBucketName": "{id}", "Encrypted": "{encrypted}"},
    "SAP HANA on Amazon EC2": {"DatabaseId": "{id}"},
    "Storage Gateway": {"volumeId": "{id}", "encrypted": "{encrypted}"},
    "Timestream": {"TableName": "{id}"},
    "VirtualMachine": {"VMName": "{id}"},
}
"""Per resource type, the metadata: keys by analogy to those a restore takes [assumed]."""


def usual_metadata(point: RecoveryPoint) -> dict[str, str]:
    """Return the restore metadata of a recovery point for which the test gave none."""
    members = point.members
    last = members.get("ResourceArn", "").rpartition(":")[2]
    values = {
        "id": last.rpartition("/")[2],
        "stem": last.split("/")[1] if "/" in last else last,
        "encrypted": "true" if members.get("IsEncrypted") else "false",
        "region": point.vault.region,
    }
    patterns = _METADATA.get(members.get("ResourceType", ""), {})
    return {key: pattern.format(**values) for key, pattern in patterns.items()}
