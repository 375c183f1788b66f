"""Snapshots of EC2's volumes: taken, copied to where they are wanted, and made volumes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.parameters import as_tags, own_tags, present
from fakebackup.model.resources.neighbour import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy

GIB = 1024**3

_DEFAULT_KEY = "alias/aws/ebs"


class Snapshot(NamedTuple):
    """A snapshot that was made.

    Attributes:
        id: its id.
        gib: the size of the volume, in GiB.
        key: the ARN of the key that it is encrypted with; None where it is not.
    """

    id: str
    gib: int
    key: str | None


def take(ec2: Any, volume: Mapping[str, Any], description: str, asked: Backup) -> Snapshot:
    """Make a snapshot of a volume, as it is described."""
    made = ec2.create_snapshot(
        VolumeId=volume["VolumeId"], Description=description, TagSpecifications=_tagged(asked)
    )
    # moto's snapshots do not tell their key.
    key = volume.get("KmsKeyId") if volume["Encrypted"] else None
    return Snapshot(made["SnapshotId"], volume["Size"], key)


def duplicate(aws: Aws, asked: Copy, kept: Snapshot, description: str) -> Snapshot:
    """Copy a snapshot to another Region or account.

    Args:
        aws: where it lies.
        asked: the copy that was asked for.
        kept: the snapshot.
        description: the description of the copy.
    """
    there = aws.at(asked.destination)
    ec2 = there.client("ec2")
    # Elsewhere with the vault's key, even if the source is not encrypted [documented: guide].
    key = kept.key if asked.destination == aws.home else asked.key
    described = {"Description": description, "TagSpecifications": _tagged(asked)}
    if asked.destination.account == aws.home.account:
        made = ec2.copy_snapshot(
            SourceRegion=aws.home.region,
            SourceSnapshotId=kept.id,
            **described,
            **_encrypted(key),
        )
        return Snapshot(made["SnapshotId"], kept.gib, key)
    _check_shareable(aws, kept)
    # moto's CopySnapshot does not find what another account shares. Its snapshots hold no data:
    # one of a volume of the same size is all that a copy is. The source must still be there.
    aws.client("ec2").describe_snapshots(SnapshotIds=[kept.id])
    volume = ec2.create_volume(AvailabilityZone=a_zone(ec2), Size=kept.gib, **_encrypted(key))
    try:
        made = ec2.create_snapshot(VolumeId=volume["VolumeId"], **described)
    finally:
        ec2.delete_volume(VolumeId=volume["VolumeId"])
    return Snapshot(made["SnapshotId"], kept.gib, key)


def a_zone(ec2: Any) -> str:
    """Return an Availability Zone of a client's Region."""
    return str(ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"])


def thaw(ec2: Any, kept: Snapshot, days: int | None) -> None:
    """Bring a snapshot back from the archive for some days, if it lies there."""
    found = ec2.describe_snapshots(SnapshotIds=[kept.id])["Snapshots"][0]
    if found.get("StorageTier") == "archive":
        # A number of days must be said; 0 is taken as the least [assumed].
        ec2.restore_snapshot_tier(SnapshotId=kept.id, TemporaryRestoreDays=days or 1)


def _tagged(asked: Backup | Copy) -> list[dict[str, Any]]:
    return [{"ResourceType": "snapshot", "Tags": as_tags(own_tags(asked))}]


def _encrypted(key: str | None) -> dict[str, Any]:
    return present({"Encrypted": key and True, "KmsKeyId": key})


def _check_shareable(aws: Aws, kept: Snapshot) -> None:
    """Refuse to give what AWS's own key has encrypted to another account.

    Raises:
        Refusal: it is encrypted with the default key of EBS.
    """
    if kept.key is None:
        return
    pages = aws.client("kms").get_paginator("list_aliases").paginate()
    if any(
        alias["AliasName"] == _DEFAULT_KEY and kept.key.endswith(alias.get("TargetKeyId") or "/-")
        for page in pages
        for alias in page["Aliases"]
    ):
        # [documented: guide backup-dashboards]
        raise Refusal("Encrypted snapshots with Amazon EBS default key cannot be shared")
