"""EBS volumes: snapshots of EC2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.beside.way import Found, Metadata, Way, as_tags, of_tags, own_tags, present
from fakebackup.model.resources.neighbour import Made
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

GIB = 1024**3
_VOLUME = "arn:{p}:ec2:{r}:{a}:volume/"
_SNAPSHOT = "arn:{p}:ec2:{r}::snapshot/"


class Volumes(Way):
    """EBS volumes; what is kept is the id of a snapshot."""

    resource_type = "EBS"
    gone = "The specified volume was not found."

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the volumes."""
        asked = {} if arn is None else {"VolumeIds": [last_part(arn)]}
        for page in aws.client("ec2").get_paginator("describe_volumes").paginate(**asked):
            for each in page["Volumes"]:
                yield Found(aws.arn(_VOLUME) + each["VolumeId"], of_tags(each.get("Tags")))

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make a snapshot of a volume."""
        ec2, volume_id = aws.client("ec2"), last_part(asked.resource)
        volume = ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"][0]
        made = ec2.create_snapshot(
            VolumeId=volume_id,
            Description=_DESCRIPTION.format(job=asked.job_id),
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": as_tags(own_tags(asked))}],
        )
        # The keys of AWS's example [documented: guide, restoring EBS].
        metadata = {
            "availabilityZone": volume["AvailabilityZone"],
            "encrypted": str(volume["Encrypted"]).lower(),
            "volumeId": volume_id,
        }
        return Made(
            self.resource_type,
            made["SnapshotId"],
            aws.arn(_SNAPSHOT) + made["SnapshotId"],
            volume["Size"] * GIB,
            metadata,
        )

    def restore(self, aws: Aws, asked: Restore, content: Any) -> str:
        """Make a volume of a snapshot."""
        metadata = Metadata(asked.metadata)
        settings = {
            "SnapshotId": content,
            "AvailabilityZone": metadata.get("availabilityZone") or f"{aws.home.region}a",
            "VolumeType": metadata.get("volumeType"),
            "Size": metadata.number("volumeSize"),
            "Iops": metadata.number("iops"),
            "Throughput": metadata.number("throughput"),
            "Encrypted": metadata.flag("encrypted"),
            "KmsKeyId": metadata.get("kmsKeyId"),
        }
        made = aws.client("ec2").create_volume(**present(settings))
        return aws.arn(_VOLUME) + str(made["VolumeId"])

    def copy(self, aws: Aws, asked: Copy, content: Any) -> Made:
        """Copy a snapshot to the Region of the destination."""
        there = aws.at(asked.destination)
        made = there.client("ec2").copy_snapshot(
            SourceRegion=aws.home.region,
            SourceSnapshotId=content,
            Description=_DESCRIPTION.format(job=asked.job_id),
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": as_tags(own_tags(asked))}],
        )
        arn = there.arn(_SNAPSHOT) + made["SnapshotId"]
        return Made(self.resource_type, made["SnapshotId"], arn)

    def delete(self, aws: Aws, content: Any) -> None:
        """Delete a snapshot."""
        aws.client("ec2").delete_snapshot(SnapshotId=content)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a volume."""
        aws.client("ec2").delete_volume(VolumeId=last_part(arn))


_DESCRIPTION = "This snapshot is created by the AWS Backup service. {job}"
