"""Databases of RDS, and clusters of Aurora and Neptune: snapshots of RDS.

A continuous backup is a snapshot, too, the latest alone: moto's databases have no rows, so that an
earlier one would hold nothing else, and moto restores no database to a point in time once it is
gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.parameters import (
    Metadata,
    as_json,
    as_tags,
    of_tags,
    own_tags,
    parameters,
    present,
)
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made, Refusal
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

# AWS has no other for these in its table of messages [documented: guide, by a part of the text].
_GONE = "Could not find resource."


class Snapshot(NamedTuple):
    """A snapshot of RDS.

    Attributes:
        id: its identifier.
        arn: its ARN.
        metadata: the metadata for a restore.
    """

    id: str
    arn: str
    metadata: Mapping[str, str]


class Instances(Way):
    """DB instances that are in no cluster."""

    resource_type = "RDS"
    gone = _GONE

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the instances; AWS Backup backs those of clusters up with these."""
        asked = {} if arn is None else {"DBInstanceIdentifier": last_part(arn)}
        for page in aws.client("rds").get_paginator("describe_db_instances").paginate(**asked):
            for each in page["DBInstances"]:
                if "DBClusterIdentifier" not in each:
                    yield Found(each["DBInstanceArn"], of_tags(each.get("TagList")))

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make a snapshot of an instance."""
        rds, name = aws.client("rds"), last_part(asked.resource)
        instance = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        made = rds.create_db_snapshot(
            DBInstanceIdentifier=name,
            DBSnapshotIdentifier=_INSTANCE.format("job", asked.job_id).lower(),
            Tags=as_tags(own_tags(asked)),
        )["DBSnapshot"]
        endpoint = instance.get("Endpoint", {})
        metadata = {
            "DBInstanceClass": instance.get("DBInstanceClass"),
            "Engine": instance["Engine"],
            "Port": endpoint.get("Port"),
            "AvailabilityZone": instance.get("AvailabilityZone"),
            "PubliclyAccessible": instance.get("PubliclyAccessible"),
            **_network(instance),
            **_known(instance, asked),
        }
        return _made(self, made["DBSnapshotIdentifier"], made["DBSnapshotArn"], _written(metadata))

    def restore(self, aws: Aws, asked: Restore, content: Any) -> str:
        """Make an instance of a snapshot."""
        metadata, rds = Metadata(asked.metadata), aws.client("rds")
        made = rds.restore_db_instance_from_db_snapshot(
            **parameters(rds, "RestoreDBInstanceFromDBSnapshot", metadata)
            | {
                "DBInstanceIdentifier": metadata.needed("DBInstanceIdentifier").lower(),
                "DBSnapshotIdentifier": content.id,
            }
        )
        return str(made["DBInstance"]["DBInstanceArn"])

    def copy(self, aws: Aws, asked: Copy, content: Any) -> Made:
        """Copy a snapshot to the Region of the destination."""
        made = (
            aws.at(asked.destination)
            .client("rds")
            .copy_db_snapshot(
                SourceDBSnapshotIdentifier=content.arn,
                TargetDBSnapshotIdentifier=_INSTANCE.format("copyjob", asked.job_id).lower(),
                Tags=as_tags(own_tags(asked)),
            )["DBSnapshot"]
        )
        return _made(
            self,
            made["DBSnapshotIdentifier"],
            made["DBSnapshotArn"],
            _copied(content.metadata, aws, asked),
        )

    def delete(self, aws: Aws, content: Any) -> None:
        """Delete a snapshot."""
        aws.client("rds").delete_db_snapshot(DBSnapshotIdentifier=content.id)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete an instance."""
        aws.client("rds").delete_db_instance(
            DBInstanceIdentifier=last_part(arn), SkipFinalSnapshot=True
        )


class Clusters(Way):
    """DB clusters: of Aurora, and of whatever else has the same form of ARN."""

    resource_type = "Aurora"
    gone = _GONE

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the clusters."""
        asked = {} if arn is None else {"DBClusterIdentifier": last_part(arn)}
        for page in aws.client("rds").get_paginator("describe_db_clusters").paginate(**asked):
            for each in page["DBClusters"]:
                yield Found(each["DBClusterArn"], of_tags(each.get("TagList")))

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make a snapshot of a cluster."""
        rds, name = aws.client("rds"), last_part(asked.resource)
        cluster = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
        made = rds.create_db_cluster_snapshot(
            DBClusterIdentifier=name,
            DBClusterSnapshotIdentifier=_CLUSTER.format("job", asked.job_id).lower(),
            Tags=as_tags(own_tags(asked)),
        )["DBClusterSnapshot"]
        metadata = {
            "Engine": cluster["Engine"],
            "EngineVersion": cluster.get("EngineVersion"),
            "EngineMode": cluster.get("EngineMode"),
            "AvailabilityZones": cluster.get("AvailabilityZones"),
            "Port": cluster.get("Port"),
            "DatabaseName": cluster.get("DatabaseName"),
            "DBClusterParameterGroupName": cluster.get("DBClusterParameterGroup"),
            "ScalingConfiguration": cluster.get("ScalingConfigurationInfo") or None,
            "EnableIAMDatabaseAuthentication": cluster.get("IAMDatabaseAuthenticationEnabled"),
            "EnableCloudwatchLogsExports": cluster.get("EnabledCloudwatchLogsExports"),
            "CopyTagsToSnapshot": cluster.get("CopyTagsToSnapshot"),
            **_network(cluster),
            **_known(cluster, asked),
        }
        name, arn = made["DBClusterSnapshotIdentifier"], made["DBClusterSnapshotArn"]
        return _made(self, name, arn, _written(metadata))

    def restore(self, aws: Aws, asked: Restore, content: Any) -> str:
        """Make a cluster of a snapshot, without instances, as AWS Backup does."""
        rds, name = aws.client("rds"), Metadata(asked.metadata).needed("DBClusterIdentifier")
        self._make_room(rds, name.lower())
        if content.metadata["Engine"] == _NEPTUNE:
            # moto breaks off where it restores one.
            operation, make, known = "CreateDBCluster", rds.create_db_cluster, content.metadata
            source = {}
        else:
            operation, known = "RestoreDBClusterFromSnapshot", {}
            make, source = rds.restore_db_cluster_from_snapshot, {"SnapshotIdentifier": content.id}
        metadata = Metadata(known).over(asked.metadata)
        given = parameters(rds, operation, metadata)
        made = make(**given | source | {"DBClusterIdentifier": name.lower()})
        return str(made["DBCluster"]["DBClusterArn"])

    def _make_room(self, rds: Any, name: str) -> None:
        """Refuse a name that is taken, and delete what a cluster that is gone has left.

        Raises:
            Refusal: there is such a cluster.
        """
        present = rds.describe_db_clusters()["DBClusters"]
        if any(each["DBClusterIdentifier"] == name for each in present):
            # moto puts the new one into its place.
            raise Refusal("DB Cluster already exists")
        # AWS deletes them with the cluster. moto leaves them, and refuses a cluster of that name
        # in the same minute, whose automated snapshot would have the same name.
        found = rds.describe_db_cluster_snapshots(SnapshotType="automated")
        for each in found["DBClusterSnapshots"]:
            if each["DBClusterIdentifier"] == name:
                rds.delete_db_cluster_snapshot(
                    DBClusterSnapshotIdentifier=each["DBClusterSnapshotIdentifier"]
                )

    def copy(self, aws: Aws, asked: Copy, content: Any) -> Made:
        """Copy a snapshot to the Region of the destination."""
        made = (
            aws.at(asked.destination)
            .client("rds")
            .copy_db_cluster_snapshot(
                SourceDBClusterSnapshotIdentifier=content.arn,
                TargetDBClusterSnapshotIdentifier=_CLUSTER.format("copyjob", asked.job_id).lower(),
                Tags=as_tags(own_tags(asked)),
            )["DBClusterSnapshot"]
        )
        name, arn = made["DBClusterSnapshotIdentifier"], made["DBClusterSnapshotArn"]
        return _made(self, name, arn, _copied(content.metadata, aws, asked))

    def delete(self, aws: Aws, content: Any) -> None:
        """Delete a snapshot."""
        aws.client("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=content.id)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a cluster."""
        aws.client("rds").delete_db_cluster(
            DBClusterIdentifier=last_part(arn), SkipFinalSnapshot=True
        )


_NEPTUNE = "neptune"

# moto takes AWS's names, which have a colon, for clusters alone.
_INSTANCE, _CLUSTER = "awsbackup-{}-{}", "awsbackup:{}-{}"


def _made(way: Way, name: str, arn: str, metadata: dict[str, str]) -> Made:
    """Return what a snapshot is: AWS shows no size of one, or 0 [documented: API reference]."""
    named = {"DBSnapshotIdentifier": name, **metadata}
    return Made(way.resource_type, Snapshot(name, arn, metadata), arn, metadata=named)


# --- Metadata -----------------------------------------------------------------------------

_PLACED = (
    "AvailabilityZone",
    "AvailabilityZones",
    "DBSubnetGroupName",
    "KmsKeyId",
    "VpcSecurityGroupIds",
)
"""The keys whose values are of one Region."""


def _network(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the metadata have of the network of an instance or a cluster."""
    groups = [each["VpcSecurityGroupId"] for each in described.get("VpcSecurityGroups", ())]
    subnets = described.get("DBSubnetGroup")
    if not isinstance(subnets, str):
        # Of an instance it is described, too.
        subnets = None if subnets is None else subnets.get("DBSubnetGroupName")
    return {"DBSubnetGroupName": subnets, "VpcSecurityGroupIds": groups or None}


def _known(described: Mapping[str, Any], asked: Backup) -> dict[str, Any]:
    """Return what the metadata have of encryption, and what they have for information only."""
    encrypted = described.get("StorageEncrypted", False)
    return {
        "KmsKeyId": described.get("KmsKeyId") if encrypted else None,
        "InformationalOnly:EngineVersion": described.get("EngineVersion"),
        "InformationalOnly:Encrypted": encrypted,
        "aws:backup:request-id": asked.job_id.lower(),
    }


def _written(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return metadata as texts; those without a value are left out."""
    return {
        key: value if isinstance(value, str) else as_json(value)
        for key, value in present(metadata).items()
    }


def _copied(metadata: Mapping[str, str], aws: Aws, asked: Copy) -> dict[str, str]:
    """Return the metadata of a copy: in another Region without what names a place."""
    if asked.destination == aws.home:
        return dict(metadata)
    return {key: value for key, value in metadata.items() if key not in _PLACED}
