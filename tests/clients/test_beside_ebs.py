"""EBS volumes beside moto: snapshots of EC2."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.beside import (
    WANTED,
    a_client,
    a_plan,
    back_up,
    both,
    copy,
    delete_point,
    metadata_of,
    restore,
    vault_arn,
)
from support.constants import ACCOUNT, OTHER_REGION, REGION

GIB = 1024**3


def a_volume(size: int = 9, *tags: dict[str, str], **settings: Any) -> str:
    """Make a volume of moto's, and return its ARN."""
    tagged = [{"ResourceType": "volume", "Tags": list(tags)}] if tags else []
    made = a_client("ec2").create_volume(
        AvailabilityZone=f"{REGION}b", Size=size, TagSpecifications=tagged, **settings
    )
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def last(arn: str) -> str:
    """The id at the end of an ARN."""
    return arn.rpartition("/")[2]


def snapshots(region: str = REGION) -> dict[str, dict[str, Any]]:
    """The snapshots that AWS Backup made, by id."""
    found = a_client("ec2", region).describe_snapshots(OwnerIds=[ACCOUNT])["Snapshots"]
    return {each["SnapshotId"]: each for each in found if "AWS Backup" in each["Description"]}


@pytest.mark.parametrize("moto_inside", [False, True])
@pytest.mark.parametrize("progress", ["immediate", "polls"])
def test_a_plan_backs_up_what_is_tagged(progress: str, *, moto_inside: bool) -> None:
    """For exactly these volumes there is a job, and a snapshot with its tags and size."""
    with both(moto_inside=moto_inside, progress=progress) as backup:
        tagged, _ = a_volume(9, WANTED), a_volume(8)
        jobs = backup.run_plan(a_plan(RecoveryPointTags={"rule": "nightly"}))
        [job] = jobs
        if progress == "polls":
            job.complete()
        assert (job["ResourceArn"], job["BackupSizeInBytes"]) == (tagged, 9 * GIB)
        [(snapshot_id, snapshot)] = snapshots().items()
        assert job["RecoveryPointArn"] == f"arn:aws:ec2:{REGION}::snapshot/{snapshot_id}"
        assert {each["Key"]: each["Value"] for each in snapshot["Tags"]} == {
            "backup": "yes",
            "rule": "nightly",
            "aws:backup:source-resource": tagged,
        }
        assert (snapshot["VolumeId"], snapshot["VolumeSize"]) == (last(tagged), 9)


def test_a_volume_comes_back() -> None:
    """After the volume is gone, the metadata that AWS Backup offers restore one like it."""
    with both():
        volume = a_volume(7)
        point = back_up(volume)["RecoveryPointArn"]
        a_client("ec2").delete_volume(VolumeId=last(volume))
        job = restore(point, **metadata_of(point), volumeType="gp3", iops="4000")
        assert job["Status"] == "COMPLETED"
        [made] = a_client("ec2").describe_volumes(VolumeIds=[last(job["CreatedResourceArn"])])[
            "Volumes"
        ]
        assert made["SnapshotId"] == last(point)
        assert (made["Size"], made["AvailabilityZone"]) == (7, f"{REGION}b")
        assert (made["VolumeType"], made["Iops"]) == ("gp3", 4000)


def test_a_copy_lies_in_another_region() -> None:
    """A snapshot of its own is there, which restores there, and outlives its source."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        point = back_up(a_volume(3))["RecoveryPointArn"]
        job = copy(point, vault_arn("there", OTHER_REGION))
        [(snapshot_id, snapshot)] = snapshots(OTHER_REGION).items()
        assert last(job["DestinationRecoveryPointArn"]) == snapshot_id
        assert snapshot["VolumeSize"] == 3
        delete_point(point)
        assert not snapshots()
        assert list(snapshots(OTHER_REGION)) == [snapshot_id]


def test_a_volume_that_is_gone_fails_the_job() -> None:
    """With AWS Backup's words, and nothing is left."""
    with both():
        volume = a_volume()
        a_client("ec2").delete_volume(VolumeId=last(volume))
        job = back_up(volume)
        assert (job["State"], job["StatusMessage"]) == (
            "FAILED",
            "The specified volume was not found.",
        )
        assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"
        assert not snapshots()


def test_what_ec2_refuses_fails_the_restore() -> None:
    """With the words of EC2."""
    with both():
        point = back_up(a_volume())["RecoveryPointArn"]
        a_client("ec2").delete_snapshot(SnapshotId=last(point))
        with pytest.raises(ClientError) as refused:
            a_client("ec2").create_volume(AvailabilityZone=f"{REGION}a", SnapshotId=last(point))
        job = restore(point)
        assert job["Status"] == "FAILED"
        error = refused.value.response["Error"]
        # moto has no message for it so far.
        assert job["StatusMessage"] == (error["Message"] or error["Code"])


def test_a_size_that_is_no_number_fails_the_restore() -> None:
    """The message names the key."""
    with both():
        job = restore(back_up(a_volume())["RecoveryPointArn"], volumeSize="big")
        assert job["Status"] == "FAILED"
        assert job["StatusMessage"] == "The restore metadata have 'big' for volumeSize: no number."
