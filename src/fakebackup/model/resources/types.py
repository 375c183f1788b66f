"""The resource types that AWS Backup protects: their ARNs, and what AWS Backup does for each.

The evidence of the forms: the guide `aws`, Ids and ARNs; of the features: Resource types; of
the sizes: Members of jobs.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_GIB = 1024**3

ANYWHERE, HOME_ACCOUNT, NOWHERE = "anywhere", "its own account", "nowhere"
"""Where the recovery points of a type can be copied to."""


class ResourceType(NamedTuple):
    """A resource type.

    Attributes:
        name: the name as AWS Backup spells it.
        arn: the pattern of its resources' ARNs.
        told_by: what such an ARN has after its partition, as a regular expression; None where
            another type has the same form, so that an ARN does not tell this one.
        point: the pattern of its recovery points' ARNs, see `points.point_arn`.
        size: the default BackupSizeInBytes of a finished backup, in bytes; None where AWS shows
            none.
        point_at_once: whether a backup job has its RecoveryPointArn as soon as it exists.
        fully_managed: whether AWS Backup keeps the backups itself, in ARNs of its own and
            encrypted with the vault's key.
        continuous: whether it has continuous backups.
        cold: whether its recovery points can turn cold.
        archived: whether they turn cold only where a lifecycle opts in to the archive.
        air_gapped: whether logically air-gapped vaults take its recovery points.
        tested: whether its restores can be tested.
        scanned: whether its recovery points can be scanned for malware.
        indexed: whether they can be indexed.
        copied: where its recovery points can be copied to: ANYWHERE, HOME_ACCOUNT, NOWHERE.
        stoppable: whether StopBackupJob stops its jobs.
        windowed: whether a job of it that runs out of its completion window expires.
        nests: the types of what a backup of it nests, which is then composite.
    """

    name: str
    arn: str
    told_by: str | None
    point: str
    size: int | None
    point_at_once: bool = False
    fully_managed: bool = False
    continuous: bool = False
    cold: bool = False
    archived: bool = False
    air_gapped: bool = False
    tested: bool = False
    scanned: bool = False
    indexed: bool = False
    copied: str = ANYWHERE
    stoppable: bool = True
    windowed: bool = True
    nests: tuple[str, ...] = ()


BACKUP_POINT = "arn:{p}:backup:{r}:{a}:recovery-point:{uuid}"
"""The form of what AWS Backup keeps itself: of fully managed types, and in air-gapped vaults."""

_CLUSTER = r"rds:[^:]*:[^:]*:cluster:"
_CLUSTER_POINT = "arn:{p}:rds:{r}:{a}:cluster-snapshot:awsbackup:job-{uuid}"
_SNAPSHOT = "arn:{p}:ec2:{r}::snapshot/snap-{n:017x}"

RESOURCE_TYPES = {
    each.name: each
    for each in (
        ResourceType(
            "Aurora",
            "arn:{p}:rds:{r}:{a}:cluster:cluster-{n}",
            # DocumentDB and Neptune use the same form: they must be named [assumed].
            _CLUSTER,
            _CLUSTER_POINT,
            None,
            continuous=True,
            air_gapped=True,
            tested=True,
            stoppable=False,
        ),
        ResourceType(
            "CloudFormation",
            "arn:{p}:cloudformation:{r}:{a}:stack/stack-{n}/{uuid}",
            r"cloudformation:[^:]*:[^:]*:stack/",
            BACKUP_POINT,
            None,
            # AWS's guide on encryption says so, its table of features nothing.
            fully_managed=True,
            cold=True,
            copied=HOME_ACCOUNT,
            nests=("EBS", "DynamoDB"),
        ),
        ResourceType(
            "DocumentDB",
            "arn:{p}:rds:{r}:{a}:cluster:docdb-{n}",
            None,
            _CLUSTER_POINT,
            None,
            air_gapped=True,
            tested=True,
            stoppable=False,
        ),
        # The API's name of Aurora DSQL is not public [assumed].
        ResourceType(
            "DSQL",
            "arn:{p}:dsql:{r}:{a}:cluster/{n:026x}",
            r"dsql:[^:]*:[^:]*:cluster/",
            BACKUP_POINT,
            _GIB,
            fully_managed=True,
            cold=True,
            air_gapped=True,
        ),
        # With advanced features; `features_of` has what an ARN of DynamoDB's own lacks.
        ResourceType(
            "DynamoDB",
            "arn:{p}:dynamodb:{r}:{a}:table/table-{n}",
            r"dynamodb:[^:]*:[^:]*:table/[^/]+$",
            BACKUP_POINT,
            _GIB,
            point_at_once=True,
            fully_managed=True,
            cold=True,
            air_gapped=True,
            tested=True,
        ),
        ResourceType(
            "EBS",
            "arn:{p}:ec2:{r}:{a}:volume/vol-{n:017x}",
            r"ec2:[^:]*:[^:]*:volume/",
            _SNAPSHOT,
            8 * _GIB,
            cold=True,
            archived=True,
            air_gapped=True,
            tested=True,
            scanned=True,
            indexed=True,
        ),
        ResourceType(
            "EC2",
            "arn:{p}:ec2:{r}:{a}:instance/i-{n:017x}",
            r"ec2:[^:]*:[^:]*:instance/",
            "arn:{p}:ec2:{r}::image/ami-{n:017x}",
            8 * _GIB,
            air_gapped=True,
            tested=True,
            scanned=True,
        ),
        ResourceType(
            "EFS",
            "arn:{p}:elasticfilesystem:{r}:{a}:file-system/fs-{n:017x}",
            r"elasticfilesystem:[^:]*:[^:]*:file-system/",
            BACKUP_POINT,
            _GIB,
            point_at_once=True,
            fully_managed=True,
            cold=True,
            air_gapped=True,
            tested=True,
        ),
        ResourceType(
            "EKS",
            "arn:{p}:eks:{r}:{a}:cluster/cluster-{n}",
            r"eks:[^:]*:[^:]*:cluster/",
            "arn:{p}:backup:{r}:{a}:recovery-point:composite:eks/{name}-{day}",
            None,
            fully_managed=True,
            nests=("EBS", "EFS"),
        ),
        ResourceType(
            "FSx",
            "arn:{p}:fsx:{r}:{a}:file-system/fs-{n:017x}",
            r"fsx:[^:]*:[^:]*:(file-system|volume)/",
            "arn:{p}:fsx:{r}:{a}:backup/backup-{n:017x}",
            None,
            air_gapped=True,
            tested=True,
            stoppable=False,
            # "Complete within" does not apply to it [documented: guide, plan options].
            windowed=False,
        ),
        ResourceType(
            "Neptune",
            "arn:{p}:rds:{r}:{a}:cluster:neptune-{n}",
            None,
            _CLUSTER_POINT,
            None,
            air_gapped=True,
            tested=True,
            stoppable=False,
        ),
        ResourceType(
            "RDS",
            "arn:{p}:rds:{r}:{a}:db:db-{n}",
            r"rds:[^:]*:[^:]*:db:",
            "arn:{p}:rds:{r}:{a}:snapshot:awsbackup:job-{uuid}",
            0,
            continuous=True,
            tested=True,
            stoppable=False,
        ),
        ResourceType(
            "Redshift",
            "arn:{p}:redshift:{r}:{a}:cluster:cluster-{n}",
            r"redshift:[^:]*:[^:]*:cluster:",
            "arn:{p}:redshift:{r}:{a}:snapshot:{name}/awsbackup:job-{uuid}",
            _GIB,
        ),
        ResourceType(
            "Redshift Serverless",
            "arn:{p}:redshift-serverless:{r}:{a}:namespace/{uuid}",
            r"redshift-serverless:[^:]*:[^:]*:namespace/",
            "arn:{p}:redshift-serverless:{r}:{a}:snapshot:{name}/awsbackup:job-{uuid}",
            _GIB,
            copied=NOWHERE,
        ),
        ResourceType(
            "S3",
            "arn:{p}:s3:::bucket-{n}",
            r"s3:::[^/:]+$",
            "arn:{p}:backup:{r}:{a}:recovery-point:{name}-{second}-{n:08x}",
            0,
            fully_managed=True,
            continuous=True,
            air_gapped=True,
            tested=True,
            scanned=True,
            indexed=True,
        ),
        ResourceType(
            "SAP HANA on Amazon EC2",
            "arn:{p}:ssm-sap:{r}:{a}:HANA/app-{n}/DB/db-{n}",
            r"ssm-sap:[^:]*:[^:]*:HANA/",
            BACKUP_POINT,
            _GIB,
            fully_managed=True,
            continuous=True,
            cold=True,
            stoppable=False,
        ),
        ResourceType(
            "Storage Gateway",
            "arn:{p}:storagegateway:{r}:{a}:gateway/sgw-{n:08x}/volume/vol-{n:017x}",
            r"storagegateway:[^:]*:[^:]*:gateway/[^/]+/volume/",
            _SNAPSHOT,
            8 * _GIB,
            air_gapped=True,
        ),
        ResourceType(
            "Timestream",
            "arn:{p}:timestream:{r}:{a}:database/database-{n}/table/table-{n}",
            r"timestream:[^:]*:[^:]*:database/[^/]+/table/",
            BACKUP_POINT + "_beta",
            _GIB,
            fully_managed=True,
            cold=True,
            air_gapped=True,
        ),
        ResourceType(
            "VirtualMachine",
            "arn:{p}:backup-gateway:{r}:{a}:vm/vm-{n:08x}",
            r"backup-gateway:[^:]*:[^:]*:vm/",
            BACKUP_POINT,
            _GIB,
            fully_managed=True,
            cold=True,
            air_gapped=True,
        ),
    )
}
"""The types by name: their features are those of AWS's table of them [documented: guide]."""

UNMANAGED = {
    "DynamoDB": RESOURCE_TYPES["DynamoDB"]._replace(
        point="arn:{p}:dynamodb:{r}:{a}:table/{name}/backup/{instant}-{n:08x}",
        point_at_once=False,
        fully_managed=False,
        cold=False,
        air_gapped=False,
        copied=NOWHERE,
    ),
    "EFS": RESOURCE_TYPES["EFS"]._replace(fully_managed=False),
}
"""The types that an account may leave to their own service, by name, as they are then: DynamoDB
without advanced features [documented: guide]; of EFS, only who encrypts its backups [assumed]."""

_OWN_ROWS = {
    # NetApp ONTAP: the only kind of FSx of which volumes are backed up.
    "FSx": (
        ":volume/",
        RESOURCE_TYPES["FSx"]._replace(
            arn="arn:{p}:fsx:{r}:{a}:volume/fs-{n:017x}/fsvol-{n:017x}",
            air_gapped=False,
            copied=NOWHERE,
        ),
    ),
    # A Multi-AZ DB cluster.
    "RDS": (
        ":cluster:",
        RESOURCE_TYPES["RDS"]._replace(arn="arn:{p}:rds:{r}:{a}:cluster:db-{n}", copied=NOWHERE),
    ),
}
"""The kinds of resources of a type that have a row of their own in AWS's table, by the type: what
their ARNs have in them, and the row [documented: guide, feature availability]."""

INDEXED = tuple(each.name for each in RESOURCE_TYPES.values() if each.indexed)
SCANNED = tuple(each.name for each in RESOURCE_TYPES.values() if each.scanned)
TESTED = tuple(each.name for each in RESOURCE_TYPES.values() if each.tested)
COMPOSITE = tuple(each.name for each in RESOURCE_TYPES.values() if each.nests)
"""The types that have a feature, for checks and for messages."""


@functools.cache
def _told_by() -> list[tuple[re.Pattern[str], str]]:
    """Return the forms of ARNs behind their partition, each with the type that it tells."""
    return [
        (re.compile(each.told_by), each.name)
        for each in RESOURCE_TYPES.values()
        if each.told_by is not None
    ]


@functools.lru_cache(maxsize=4096)
def type_of(arn: str) -> str | None:
    """Return the type of the resource that an ARN names; None where it is unknown."""
    start = re.match("arn:[^:]*:", arn)
    if start is None:
        return None
    return next((name for form, name in _told_by() if form.match(arn, start.end())), None)


def known_type(name: str | None, arn: str | None) -> ResourceType | None:
    """Return what is known of the type of a resource.

    Args:
        name: the type that is named; None where none is.
        arn: the resource's ARN, which tells the type where none is named, and the kind where
            kinds of one type differ; None for EBS.

    Returns:
        None for a type that AWS Backup does not know.
    """
    if name is None:
        name = "EBS" if arn is None else type_of(arn)
    if name in _OWN_ROWS and arn is not None:
        told_by, row = _OWN_ROWS[name]
        if told_by in arn:
            return row
    return None if name is None else RESOURCE_TYPES.get(name)


def features_of(name: str | None, point: str, resource: str | None = None) -> ResourceType | None:
    """Return what AWS Backup does for the type of a recovery point; None for an unknown type.

    Args:
        name: the type; None for none.
        point: the recovery point's ARN. A DynamoDB backup with an ARN of DynamoDB's own was made
            without advanced features.
        resource: the resource's ARN, for what kinds of one type differ in; None for any kind.
    """
    if name == "DynamoDB" and ":dynamodb:" in point:
        return UNMANAGED["DynamoDB"]
    return None if name is None else known_type(name, resource)
