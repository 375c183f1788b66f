"""The resource types that AWS Backup protects, and the ARNs of resources and recovery points.

The evidence of the forms: the guide `aws`, Ids and ARNs; of the sizes: Members of jobs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_GIB = 1024**3


class ResourceType(NamedTuple):
    """A resource type.

    Attributes:
        name: the name as AWS Backup spells it.
        arn: the pattern of its resources' ARNs.
        point: the pattern of its recovery points' ARNs.
        size: the default BackupSizeInBytes of a finished backup, in bytes; None where AWS shows
            none.
        point_at_once: whether a backup job has its RecoveryPointArn as soon as it exists.
    """

    name: str
    arn: str
    point: str
    size: int | None
    point_at_once: bool = False


_BACKUP_POINT = "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}"
_RDS_POINT = "arn:{p}:rds:{r}:{a}:snapshot:awsbackup:job-{uuid}"
_CLUSTER_POINT = "arn:{p}:rds:{r}:{a}:cluster-snapshot:awsbackup:job-{uuid}"
_IMAGE_POINT = "arn:{p}:ec2:{r}::image/ami-{n:017x}"

RESOURCE_TYPES = {
    each.name: each
    for each in (
        ResourceType("Aurora", "arn:{p}:rds:{r}:{a}:cluster:cluster-{n}", _CLUSTER_POINT, None),
        ResourceType(
            "CloudFormation",
            "arn:{p}:cloudformation:{r}:{a}:stack/stack-{n}/{uuid}",
            _BACKUP_POINT,
            None,
        ),
        ResourceType("DocumentDB", "arn:{p}:rds:{r}:{a}:cluster:docdb-{n}", _CLUSTER_POINT, None),
        ResourceType(
            "DynamoDB",
            "arn:{p}:dynamodb:{r}:{a}:table/table-{n}",
            _BACKUP_POINT,
            _GIB,
            point_at_once=True,
        ),
        ResourceType(
            "EBS",
            "arn:{p}:ec2:{r}:{a}:volume/vol-{n:017x}",
            "arn:{p}:ec2:{r}::snapshot/snap-{n:017x}",
            8 * _GIB,
        ),
        ResourceType("EC2", "arn:{p}:ec2:{r}:{a}:instance/i-{n:017x}", _IMAGE_POINT, 8 * _GIB),
        ResourceType(
            "EFS",
            "arn:{p}:elasticfilesystem:{r}:{a}:file-system/fs-{n:017x}",
            _BACKUP_POINT,
            _GIB,
            point_at_once=True,
        ),
        ResourceType("EKS", "arn:{p}:eks:{r}:{a}:cluster/cluster-{n}", _BACKUP_POINT, None),
        ResourceType(
            "FSx",
            "arn:{p}:fsx:{r}:{a}:file-system/fs-{n:017x}",
            "arn:{p}:fsx:{r}:{a}:backup/backup-{n:017x}",
            None,
        ),
        ResourceType("Neptune", "arn:{p}:rds:{r}:{a}:cluster:neptune-{n}", _CLUSTER_POINT, None),
        ResourceType("RDS", "arn:{p}:rds:{r}:{a}:db:db-{n}", _RDS_POINT, 0),
        ResourceType(
            "Redshift",
            "arn:{p}:redshift:{r}:{a}:cluster:cluster-{n}",
            "arn:{p}:redshift:{r}:{a}:snapshot:cluster-{n}/awsbackup-{uuid}",
            _GIB,
        ),
        ResourceType(
            "Redshift Serverless",
            "arn:{p}:redshift-serverless:{r}:{a}:namespace/{uuid}",
            "arn:{p}:redshift-serverless:{r}:{a}:snapshot/{uuid}",
            _GIB,
        ),
        ResourceType("S3", "arn:{p}:s3:::bucket-{n}", _BACKUP_POINT, 0),
        ResourceType(
            "SAP HANA on Amazon EC2",
            "arn:{p}:ssm-sap:{r}:{a}:HANA/app-{n}/DB/db-{n}",
            _BACKUP_POINT,
            _GIB,
        ),
        ResourceType(
            "Storage Gateway",
            "arn:{p}:storagegateway:{r}:{a}:gateway/sgw-{n:08x}/volume/vol-{n:017x}",
            "arn:{p}:ec2:{r}::snapshot/snap-{n:017x}",
            8 * _GIB,
        ),
        ResourceType(
            "Timestream",
            "arn:{p}:timestream:{r}:{a}:database/database-{n}/table/table-{n}",
            _BACKUP_POINT,
            _GIB,
        ),
        ResourceType(
            "VirtualMachine",
            "arn:{p}:backup-gateway:{r}:{a}:vm/vm-{n:08x}",
            _BACKUP_POINT,
            _GIB,
        ),
    )
}

NESTED = {"CloudFormation": ("EBS", "DynamoDB"), "EKS": ("EBS", "EFS")}
"""Per resource type whose backup is a composite job, the types of its children [assumed]."""

INDEXED = ("EBS", "S3")
"""The resource types whose recovery points can be indexed [documented: model]."""

_BY_ARN = [
    (re.compile(pattern), name)
    for pattern, name in (
        (r"ec2:[^:]*:[^:]*:volume/", "EBS"),
        (r"ec2:[^:]*:[^:]*:instance/", "EC2"),
        (r"elasticfilesystem:", "EFS"),
        (r"rds:[^:]*:[^:]*:db:", "RDS"),
        # DocumentDB and Neptune use the same form: they must be named [assumed].
        (r"rds:[^:]*:[^:]*:cluster:", "Aurora"),
        (r"dynamodb:[^:]*:[^:]*:table/", "DynamoDB"),
        (r"s3:", "S3"),
        (r"fsx:", "FSx"),
        (r"storagegateway:", "Storage Gateway"),
        (r"cloudformation:[^:]*:[^:]*:stack/", "CloudFormation"),
        (r"timestream:", "Timestream"),
        (r"redshift:", "Redshift"),
        (r"redshift-serverless:", "Redshift Serverless"),
        (r"eks:", "EKS"),
        (r"backup-gateway:[^:]*:[^:]*:vm/", "VirtualMachine"),
        (r"ssm-sap:", "SAP HANA on Amazon EC2"),
    )
]
_SERVICE = re.compile(r"arn:[^:]*:")


def type_of(arn: str) -> str | None:
    """Return the type of the resource that an ARN names; None where it is unknown."""
    start = _SERVICE.match(arn)
    if start is None:
        return None
    return next((name for form, name in _BY_ARN if form.match(arn, start.end())), None)
