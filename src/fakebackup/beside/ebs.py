"""EBS volumes: snapshots of EC2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.beside import snapshots
from fakebackup.beside.parameters import Metadata, of_tags, present, tag_specifications
from fakebackup.beside.snapshots import GIB
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.beside.snapshots import Snapshot
    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

_VOLUME = "arn:{p}:ec2:{r}:{a}:volume/"
_SNAPSHOT = "arn:{p}:ec2:{r}::snapshot/"


class Volumes(Way):
    """EBS volumes; what is kept is a snapshot."""

    resource_type = "EBS"
    gone = "The specified volume was not found."
    across_accounts = True

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
        kept = snapshots.take(ec2, volume, _DESCRIPTION.format(job=asked.job_id), asked)
        # The keys of AWS's example [documented: guide, restoring EBS].
        metadata = {
            "availabilityZone": volume["AvailabilityZone"],
            "encrypted": str(volume["Encrypted"]).lower(),
            "volumeId": volume_id,
        }
        arn = aws.arn(_SNAPSHOT) + kept.id
        return Made(self.resource_type, kept, arn, kept.gib * GIB, metadata)

    def restore(self, aws: Aws, asked: Restore, content: Snapshot) -> str:
        """Make a volume of a snapshot."""
        ec2, metadata = aws.client("ec2"), Metadata(asked.metadata)
        # With a key of its own: moto would take the default one for what the snapshot's encrypts.
        settings = {
            "SnapshotId": content.id,
            "AvailabilityZone": metadata.get("availabilityZone") or snapshots.a_zone(ec2),
            "VolumeType": metadata.get("volumeType"),
            "Size": metadata.number("volumeSize"),
            "Iops": metadata.number("iops"),
            "Throughput": metadata.number("throughput"),
            "Encrypted": content.key is not None or metadata.flag("encrypted"),
            "KmsKeyId": metadata.get("kmsKeyId") or content.key,
            "TagSpecifications": tag_specifications(asked.tags, "volume"),
        }
        days = metadata.number("temporaryRestoreDays")
        snapshots.thaw(ec2, content, days)
        made = ec2.create_volume(**present(settings))
        return aws.arn(_VOLUME) + str(made["VolumeId"])

    def copy(self, aws: Aws, asked: Copy, content: Snapshot) -> Made:
        """Copy a snapshot to the Region and the account of the destination."""
        kept = snapshots.duplicate(aws, asked, content, _DESCRIPTION.format(job=asked.job_id))
        metadata = {
            "encrypted": str(kept.key is not None).lower(),
            "volumeId": last_part(asked.resource),
        }
        arn = aws.at(asked.destination).arn(_SNAPSHOT) + kept.id
        return Made(self.resource_type, kept, arn, kept.gib * GIB, metadata)

    def archive(self, aws: Aws, content: Snapshot) -> None:
        """Move a snapshot to the archive."""
        aws.client("ec2").modify_snapshot_tier(SnapshotId=content.id, StorageTier="archive")

    def delete(self, aws: Aws, content: Snapshot) -> None:
        """Delete a snapshot."""
        aws.client("ec2").delete_snapshot(SnapshotId=content.id)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a volume."""
        aws.client("ec2").delete_volume(VolumeId=last_part(arn))


_DESCRIPTION = "This snapshot is created by the AWS Backup service. {job}"
