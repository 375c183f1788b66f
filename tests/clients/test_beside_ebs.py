"""EBS volumes beside moto: snapshots of EC2."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.ec2.models.elastic_block_store import EBSBackend

from fakebackup import FakeBackupWarning, mock_backup
from support.beside import (
    WANTED,
    a_client,
    a_plan,
    back_up,
    both,
    copy,
    delete_point,
    metadata_of,
    outcome,
    restore,
    vault_arn,
)
from support.beside_accounts import a_vault_away, away
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

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


def snapshots(region: str = REGION, ec2: Any = None) -> dict[str, dict[str, Any]]:
    """The snapshots that AWS Backup made, by id."""
    found = (ec2 or a_client("ec2", region)).describe_snapshots()["Snapshots"]
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


def test_a_plan_looks_where_moto_answers() -> None:
    """What moto's whitelist of services leaves out has no resources."""
    only: Any = {"core": {"service_whitelist": ["ec2"]}}
    with mock_aws(config=only), mock_backup(beside="moto", progress="immediate") as backup:
        a_client("backup").create_backup_vault(BackupVaultName="vault")
        tagged = a_volume(1, WANTED)
        [job] = backup.run_plan(a_plan())
        assert (job["ResourceArn"], job["State"]) == (tagged, "COMPLETED")


def test_a_plan_that_selects_nothing_tells_what_moto_has() -> None:
    """And where to make what it is to select."""
    with both() as backup:
        volume = a_volume(1, {"Key": "backup", "Value": "no"})
        with pytest.warns(FakeBackupWarning) as warned:
            assert backup.run_plan(a_plan()) == []
        text = str(warned[0].message)
        assert f"The fake knows these resources in {ACCOUNT} {REGION}: {volume} (backup=no)" in text
        assert "Make what it is to select in the mock beside AWS Backup" in text
        assert "backup.add_resource(arn, tags={'backup': 'yes'})" in text


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


def test_a_moto_that_breaks_down_fails_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job ends, so that later jobs of the volume do not wait for it."""

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    with both():
        volume = a_volume()
        with monkeypatch.context() as broken:
            broken.setattr(EBSBackend, "create_snapshot", break_down)
            job = back_up(volume)
        assert (job["State"], job["StatusMessage"]) == (
            "FAILED",
            "The mock beside AWS Backup broke down: RuntimeError: boom",
        )
        assert back_up(volume)["State"] == "COMPLETED"


def test_a_service_that_moto_leaves_out_fails_the_job() -> None:
    """As one does that a whitelist of moto's does not name."""
    only: Any = {"core": {"service_whitelist": ["ec2"]}}
    with mock_aws(config=only), mock_backup(beside="moto", progress="immediate"):
        a_client("backup").create_backup_vault(BackupVaultName="vault")
        job = back_up(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders")
        assert job["State"] == "FAILED"
        assert job["StatusMessage"].startswith(
            "moto cannot do it: Service dynamodb not whitelisted"
        )


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


def a_key(client: Any = None) -> str:
    """Make a key of moto's, and return its ARN."""
    arn: str = (client or a_client("kms")).create_key()["KeyMetadata"]["Arn"]
    return arn


def made_by(job: dict[str, Any], ec2: Any = None) -> dict[str, Any]:
    """The volume that a restore made."""
    assert job["Status"] == "COMPLETED", job
    volume_id = last(job["CreatedResourceArn"])
    [found] = (ec2 or a_client("ec2")).describe_volumes(VolumeIds=[volume_id])["Volumes"]
    assert isinstance(found, dict)
    return found


def restore_away(backup: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Restore a copy in the other account, by the metadata offered there."""
    client, point = a_client("backup"), job["DestinationRecoveryPointArn"]
    vault = job["DestinationBackupVaultArn"].rpartition(":")[2]
    with backup.acting_as(OTHER_ACCOUNT):
        metadata = client.get_recovery_point_restore_metadata(
            BackupVaultName=vault, RecoveryPointArn=point
        )["RestoreMetadata"]
        role = ROLE.replace(ACCOUNT, OTHER_ACCOUNT)
        job_id = client.start_restore_job(
            RecoveryPointArn=point, Metadata=metadata, IamRoleArn=role
        )["RestoreJobId"]
        restored: dict[str, Any] = client.describe_restore_job(RestoreJobId=job_id)
    return restored


def test_an_encrypted_volume_comes_back_with_its_key() -> None:
    """Unless the metadata name another."""
    with both():
        key, other = a_key(), a_key()
        point = back_up(a_volume(Encrypted=True, KmsKeyId=key))["RecoveryPointArn"]
        [snapshot] = snapshots().values()
        assert snapshot["Encrypted"]
        metadata = metadata_of(point)
        assert metadata["encrypted"] == "true"
        made = made_by(restore(point, **metadata))
        assert (made["Encrypted"], made["KmsKeyId"]) == (True, key)
        made = made_by(restore(point, **metadata, kmsKeyId=other))
        assert (made["Encrypted"], made["KmsKeyId"]) == (True, other)


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_copy_elsewhere_has_the_key_of_its_vault(*, encrypted: bool) -> None:
    """Even if the source is not encrypted; and so has what it restores."""
    with both() as backup:
        key = a_key(a_client("kms", OTHER_REGION))
        there = backup.at(region=OTHER_REGION)
        there.add_vault(BackupVaultName="there", EncryptionKeyArn=key)
        settings = {"Encrypted": True, "KmsKeyId": a_key()} if encrypted else {}
        job = copy(
            back_up(a_volume(4, **settings))["RecoveryPointArn"], vault_arn("there", OTHER_REGION)
        )
        [(snapshot_id, snapshot)] = snapshots(OTHER_REGION).items()
        assert (snapshot["Encrypted"], snapshot["KmsKeyId"]) == (True, key)
        client = a_client("backup", OTHER_REGION)
        copied = job["DestinationRecoveryPointArn"]
        metadata = client.get_recovery_point_restore_metadata(
            BackupVaultName="there", RecoveryPointArn=copied
        )["RestoreMetadata"]
        # A zone of the source's Region is none there.
        assert metadata.keys() == {"encrypted", "volumeId"}
        job_id = client.start_restore_job(
            RecoveryPointArn=copied, Metadata=metadata, IamRoleArn=ROLE
        )["RestoreJobId"]
        restored = client.describe_restore_job(RestoreJobId=job_id)
        made = made_by(restored, a_client("ec2", OTHER_REGION))
        assert (made["KmsKeyId"], made["SnapshotId"]) == (key, snapshot_id)
        assert made["AvailabilityZone"].startswith(OTHER_REGION)


def test_a_copy_elsewhere_has_the_key_that_aws_owns() -> None:
    """Of a vault that shows no key, a logically air-gapped one, it has the key of AWS Backup."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(
            BackupVaultName="there", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        )
        job = copy(back_up(a_volume())["RecoveryPointArn"], vault_arn("there", OTHER_REGION))
        assert job["State"] == "COMPLETED"
        [snapshot] = snapshots(OTHER_REGION).values()
        assert snapshot["Encrypted"] is True
        assert snapshot["KmsKeyId"].startswith(f"arn:aws:kms:{OTHER_REGION}:{ACCOUNT}:key/")


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_copy_lies_in_another_account(*, encrypted: bool) -> None:
    """A snapshot of that account's, with size, tags and its vault's key, that restores there."""
    with both() as backup:
        ec2, key = away("ec2"), a_key(away("kms"))
        destination = a_vault_away(backup, EncryptionKeyArn=key)
        settings = {"Encrypted": True, "KmsKeyId": a_key()} if encrypted else {}
        volume = a_volume(6, WANTED, **settings)
        point = back_up(volume)["RecoveryPointArn"]
        job = copy(point, destination)
        assert job["State"] == "COMPLETED", job
        [(snapshot_id, snapshot)] = snapshots(ec2=ec2).items()
        assert last(job["DestinationRecoveryPointArn"]) == snapshot_id
        assert (snapshot["OwnerId"], snapshot["VolumeSize"]) == (OTHER_ACCOUNT, 6)
        assert snapshot["Encrypted"]
        assert {each["Key"]: each["Value"] for each in snapshot["Tags"]} == {
            "backup": "yes",
            "aws:backup:source-resource": volume,
        }
        # Nothing of how it was made is left.
        assert not ec2.describe_volumes()["Volumes"]
        delete_point(point)
        made = made_by(restore_away(backup, job), ec2)
        assert (made["Size"], made["SnapshotId"], made["KmsKeyId"]) == (6, snapshot_id, key)


def test_a_default_key_cannot_be_shared() -> None:
    """What it encrypts is not copied to another account, with AWS's words."""
    with both() as backup:
        destination = a_vault_away(backup)
        job = copy(back_up(a_volume(Encrypted=True))["RecoveryPointArn"], destination)
        assert outcome(job) == (
            "FAILED",
            "Encrypted snapshots with Amazon EBS default key cannot be shared",
            "ACCESS_DENIED",
        )
        assert not snapshots(ec2=away("ec2"))


def test_a_source_that_is_gone_fails_the_copy() -> None:
    """To another account too, with the words of EC2."""
    with both() as backup:
        destination = a_vault_away(backup)
        point = back_up(a_volume())["RecoveryPointArn"]
        a_client("ec2").delete_snapshot(SnapshotId=last(point))
        job = copy(point, destination)
        assert job["State"] == "FAILED"
        assert "InvalidSnapshot.NotFound" in job["StatusMessage"]


def test_a_cold_snapshot_is_archived() -> None:
    """When its recovery point turns cold; a restore brings it back for a time."""
    start = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)
    with time_machine.travel(start, tick=False) as frozen, both(progress="clock"):
        lifecycle = {
            "MoveToColdStorageAfterDays": 30,
            "DeleteAfterDays": 365,
            "OptInToArchiveForSupportedResources": True,
        }
        job = back_up(a_volume(), Lifecycle=lifecycle)
        frozen.move_to(datetime(2030, 1, 2, 12, tzinfo=timezone.utc))
        point = a_client("backup").describe_backup_job(BackupJobId=job["BackupJobId"])[
            "RecoveryPointArn"
        ]
        [snapshot] = snapshots().values()
        assert snapshot["StorageTier"] == "standard"
        frozen.move_to(datetime(2030, 2, 15, 12, tzinfo=timezone.utc))
        shown = a_client("backup").describe_recovery_point(
            BackupVaultName="vault", RecoveryPointArn=point
        )
        assert shown["StorageClass"] == "COLD"
        [snapshot] = snapshots().values()
        assert snapshot["StorageTier"] == "archive"
        restoring = restore(point, **metadata_of(point), temporaryRestoreDays="5")
        frozen.move_to(datetime(2030, 2, 16, 12, tzinfo=timezone.utc))
        a_client("backup").describe_restore_job(RestoreJobId=restoring["RestoreJobId"])
        wanted = [{"Name": "snapshot-id", "Values": [last(point)]}]
        [status] = a_client("ec2").describe_snapshot_tier_status(Filters=wanted)[
            "SnapshotTierStatuses"
        ]
        assert status["LastTieringOperationStatus"] == "temporary-restore-completed"
        [volume] = a_client("ec2").describe_volumes(Filters=wanted)["Volumes"]
        assert volume["SnapshotId"] == last(point)


def test_a_mock_that_breaks_down_keeps_no_recovery_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is deleted, and the client gets no exception of the mock's."""

    def break_down(*_: object, **__: object) -> None:
        raise KeyError("of the mock's own")

    with both() as backup:
        point = back_up(a_volume())["RecoveryPointArn"]
        monkeypatch.setattr(EBSBackend, "delete_snapshot", break_down)
        delete_point(point)
        assert not backup.recovery_points
