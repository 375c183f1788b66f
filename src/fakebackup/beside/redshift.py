"""Redshift clusters: snapshots of Redshift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.beside.parameters import (
    Metadata,
    as_json,
    as_tags,
    of_tags,
    own_tags,
    present,
    taken_by,
)
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Restore

_CLUSTER = "arn:{p}:redshift:{r}:{a}:cluster:"
_SNAPSHOT = "arn:{p}:redshift:{r}:{a}:snapshot:"
_MIB = 1024**2


class Clusters(Way):
    """Redshift clusters; what is kept is the identifier of a snapshot.

    They are not copied: Redshift has no call for it, and moto's EnableSnapshotCopy copies nothing.
    """

    resource_type = "Redshift"
    # AWS's words are not known [assumed].
    gone = "The specified cluster does not exist."

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the clusters."""
        asked = {} if arn is None else {"ClusterIdentifier": _name(arn)}
        for page in aws.client("redshift").get_paginator("describe_clusters").paginate(**asked):
            for each in page["Clusters"]:
                yield Found(
                    aws.arn(_CLUSTER) + each["ClusterIdentifier"], of_tags(each.get("Tags"))
                )

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make a snapshot of a cluster."""
        redshift, name = aws.client("redshift"), _name(asked.resource)
        found = redshift.describe_clusters(ClusterIdentifier=name)["Clusters"][0]
        snapshot = f"awsbackup:job-{asked.job_id.lower()}"
        made = redshift.create_cluster_snapshot(
            SnapshotIdentifier=snapshot, ClusterIdentifier=name, Tags=as_tags(own_tags(asked))
        )["Snapshot"]
        size = made.get("TotalBackupSizeInMegaBytes")
        return Made(
            self.resource_type,
            snapshot,
            f"{aws.arn(_SNAPSHOT)}{name}/{snapshot}",
            # moto tells none.
            None if size is None else int(size * _MIB),
            _metadata(found),
        )

    def restore(self, aws: Aws, asked: Restore, content: str) -> str:
        """Make a cluster of a snapshot."""
        redshift, metadata = aws.client("redshift"), Metadata(asked.metadata)
        kind = metadata.get("RestoreType")
        if kind not in (None, "CLUSTER_RESTORE"):
            raise Refusal(f"Restore job failed because moto cannot do a {kind} of Redshift.")
        # moto's takes neither: the cluster is encrypted where the snapshot is.
        settings: dict[str, Any] = {
            **{name: metadata.get(name) for name in _TEXTS},
            **{name: metadata.number(name) for name in _NUMBERS},
            **{name: metadata.flag(name) for name in _FLAGS},
            **{name: metadata.json(name) for name in _LISTS},
            "ClusterIdentifier": metadata.needed("ClusterIdentifier"),
            "SnapshotIdentifier": content,
        }
        made = redshift.restore_from_cluster_snapshot(
            **taken_by(redshift, "RestoreFromClusterSnapshot", settings)
        )
        return aws.arn(_CLUSTER) + str(made["Cluster"]["ClusterIdentifier"])

    def delete(self, aws: Aws, content: str) -> None:
        """Delete a snapshot."""
        aws.client("redshift").delete_cluster_snapshot(SnapshotIdentifier=content)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a cluster, without a last snapshot."""
        aws.client("redshift").delete_cluster(
            ClusterIdentifier=_name(arn), SkipFinalClusterSnapshot=True
        )


_TEXTS = (
    "AvailabilityZone",
    "AvailabilityZoneRelocation",
    "ClusterParameterGroupName",
    "ClusterSubnetGroupName",
    "ElasticIp",
    "KmsKeyId",
    "MaintenanceTrackName",
    "NodeType",
    "OwnerAccount",
    "PreferredMaintenanceWindow",
)
_NUMBERS = (
    "AutomatedSnapshotRetentionPeriod",
    "ManualSnapshotRetentionPeriod",
    "NumberOfNodes",
    "Port",
)
_FLAGS = ("AllowVersionUpgrade", "Encrypted", "EnhancedVpcRouting", "PubliclyAccessible")
_LISTS = ("ClusterSecurityGroups", "IamRoles", "VpcSecurityGroupIds")


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _metadata(cluster: dict[str, Any]) -> dict[str, str]:
    """Return what a restore takes, of a cluster; no example of AWS's is known [assumed]."""
    found = {
        **{name: cluster.get(name) for name in ("AvailabilityZone", "ClusterSubnetGroupName")},
        **{name: cluster.get(name) for name in ("KmsKeyId", "NodeType", "NumberOfNodes")},
        **{name: cluster.get(name) for name in ("Encrypted", "EnhancedVpcRouting")},
        "ClusterIdentifier": cluster["ClusterIdentifier"],
        "Port": cluster.get("Endpoint", {}).get("Port"),
        "VpcSecurityGroupIds": [
            each["VpcSecurityGroupId"] for each in cluster.get("VpcSecurityGroups", [])
        ]
        or None,
    }
    return {
        name: value if isinstance(value, str) else as_json(value)
        for name, value in present(found).items()
    }
