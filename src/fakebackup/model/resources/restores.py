"""What a restore makes: the resource that its metadata names (the guide `aws`, Restores)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fakebackup.model.resources.arns import plain
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Home


class _Names(NamedTuple):
    """How the metadata of a restore names what is made.

    Attributes:
        keys: the keys of the name, in small letters: the first that is there counts.
        arn: the pattern of the ARN, to which the name is added.
        unless: a key, and the value with which it says that something new is made instead.
        lowered: whether the service stores the name in small letters.
    """

    keys: tuple[str, ...]
    arn: str
    unless: tuple[str, str] = ("", "-")
    lowered: bool = False


_BUCKET = _Names(("destinationbucketname",), "arn:{p}:s3:::")
# As the botocore model of RDS says of its identifiers.
_DB_CLUSTER = _Names(("dbclusteridentifier",), "arn:{p}:rds:{r}:{a}:cluster:", lowered=True)
_DATABASE = ("destinationdatabase", "databasename")

_NAMED: Mapping[str, tuple[_Names, ...]] = {
    "Aurora": (_DB_CLUSTER,),
    "DocumentDB": (_DB_CLUSTER,),
    "DynamoDB": (_Names(("targettablename",), "arn:{p}:dynamodb:{r}:{a}:table/"),),
    # Of single files.
    "EBS": (_BUCKET,),
    "EFS": (
        _Names(
            ("file-system-id",),
            "arn:{p}:elasticfilesystem:{r}:{a}:file-system/",
            unless=("newfilesystem", "true"),
        ),
    ),
    "EKS": (_Names(("clustername",), "arn:{p}:eks:{r}:{a}:cluster/"),),
    "Neptune": (_DB_CLUSTER,),
    "RDS": (
        _Names(("dbinstanceidentifier",), "arn:{p}:rds:{r}:{a}:db:", lowered=True),
        # Of a Multi-AZ DB cluster.
        _DB_CLUSTER,
    ),
    "Redshift": (_Names(("clusteridentifier",), "arn:{p}:redshift:{r}:{a}:cluster:"),),
    # New or not: NewBucket does not change the name.
    "S3": (_BUCKET,),
    "Timestream": (
        _Names(("tablename",), "arn:{p}:timestream:{r}:{a}:database/{database}/table/"),
    ),
}
"""Per resource type, the metadata that names what is made [documented: guide; the ARNs assumed].

The restores of other types make something with a new id.
"""


def named_resource(
    home: Home, resource_type: str, metadata: Mapping[str, str], source: str
) -> str | None:
    """Return the ARN of the resource that a restore's metadata names; None where it names none.

    Keys are compared whatever their case [documented for DynamoDB, assumed for other types].

    Args:
        home: where the restore runs.
        resource_type: the type of what is restored.
        metadata: what StartRestoreJob was given.
        source: the ARN of the resource that was backed up.
    """
    given = {key.lower(): value for key, value in metadata.items()}
    for names in _NAMED.get(resource_type, ()):
        key, new = names.unless
        name = _first(given, names.keys)
        if name and given.get(key, "").lower() != new:
            # Of an ARN, the name at its end counts [assumed].
            named = last_part(name)
            database = _first(given, _DATABASE) or _database_of(source)
            arn = home.arn(names.arn.replace("{database}", plain(database)))
            return arn + (named.lower() if names.lowered else named)
    return None


def _first(given: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((given[key] for key in keys if given.get(key)), "")


def _database_of(table: str) -> str:
    """Return the name of the database that a Timestream table lies in [assumed]."""
    return table.partition("database/")[2].partition("/")[0]
