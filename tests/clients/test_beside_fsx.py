"""FSx file systems beside moto: backups of FSx."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.fsx.responses import FSxResponse

from fakebackup import FakeBackupWarning
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
from support.constants import ACCOUNT, OTHER_REGION, REGION

SUBNET = "subnet-0123456789abcdef0"
LUSTRE = {"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 50}


def a_file_system(*tags: dict[str, str]) -> str:
    """Make a file system of moto's, and return its ARN."""
    made = a_client("fsx").create_file_system(
        FileSystemType="LUSTRE",
        StorageCapacity=1200,
        StorageType="SSD",
        SubnetIds=[SUBNET],
        LustreConfiguration=LUSTRE,
        Tags=[{"Key": "Name", "Value": "files"}, *tags],
    )
    arn: str = made["FileSystem"]["ResourceARN"]
    return arn


def last(arn: str) -> str:
    """The id at the end of an ARN."""
    return arn.rpartition("/")[2]


def backups() -> dict[str, dict[str, Any]]:
    """The backups of FSx, by ARN."""
    return {each["ResourceARN"]: each for each in a_client("fsx").describe_backups()["Backups"]}


def described(arn: str) -> dict[str, Any]:
    """A file system as FSx describes it."""
    [found] = a_client("fsx").describe_file_systems(FileSystemIds=[last(arn)])["FileSystems"]
    assert isinstance(found, dict)
    return found


def test_a_plan_backs_up_what_is_tagged() -> None:
    """For exactly this file system there is a job, and a backup with its tags."""
    with both() as backup:
        tagged, _ = a_file_system(WANTED), a_file_system()
        [job] = backup.run_plan(a_plan())
        assert (job["ResourceArn"], job["ResourceType"]) == (tagged, "FSx")
        [(arn, made)] = backups().items()
        assert job["RecoveryPointArn"] == arn
        assert arn.startswith(f"arn:aws:fsx:{REGION}:{ACCOUNT}:backup/backup-")
        assert {each["Key"]: each["Value"] for each in made["Tags"]} == {
            "Name": "files",
            "backup": "yes",
            "aws:backup:source-resource": tagged,
        }


def test_a_file_system_comes_back() -> None:
    """After it is gone, the metadata that AWS Backup offers restore one like it."""
    with both():
        arn = a_file_system()
        before = described(arn)
        point = back_up(arn)["RecoveryPointArn"]
        a_client("fsx").delete_file_system(FileSystemId=last(arn))
        metadata = metadata_of(point)
        assert metadata == {
            "FileSystemId": last(arn),
            "FileSystemType": "LUSTRE",
            "StorageCapacity": "1200",
            "StorageType": "SSD",
            "SubnetIds": f'["{SUBNET}"]',
            "LustreConfiguration": json.dumps(LUSTRE, separators=(",", ":")),
        }
        job = restore(point, **metadata)
        assert job["Status"] == "COMPLETED", job
        made = described(job["CreatedResourceArn"])
        assert made["ResourceARN"] == job["CreatedResourceArn"] != arn
        for name in ("FileSystemType", "StorageCapacity", "StorageType", "SubnetIds"):
            assert made[name] == before[name]
        assert made["LustreConfiguration"] == LUSTRE


def test_metadata_change_what_is_restored() -> None:
    """The subnets, which AWS asks for, and the capacity."""
    with both():
        point = back_up(a_file_system())["RecoveryPointArn"]
        other = "subnet-0fedcba9876543210"
        job = restore(point, SubnetIds=json.dumps([other]), StorageCapacity="2400")
        made = described(job["CreatedResourceArn"])
        assert (made["SubnetIds"], made["StorageCapacity"]) == ([other], 2400)


def test_members_of_a_configuration_may_begin_small() -> None:
    """As those do that restore tests infer."""
    with both():
        point = back_up(a_file_system())["RecoveryPointArn"]
        given = {"lustreConfiguration": '{"automaticBackupRetentionDays":7}'}
        job = restore(point, **metadata_of(point) | given)
        made = described(job["CreatedResourceArn"])
        assert made["LustreConfiguration"]["AutomaticBackupRetentionDays"] == 7


def test_what_cannot_be_restored_fails_the_job() -> None:
    """A subnet that is none, and a backup that is gone."""
    with both():
        point = back_up(a_file_system())["RecoveryPointArn"]
        job = restore(point, SubnetIds='["subnet"]')
        assert job["Status"] == "FAILED"
        assert "Invalid length for parameter SubnetIds[0]" in job["StatusMessage"]
        a_client("fsx").delete_backup(BackupId=last(point))
        job = restore(point, **metadata_of(point))
        assert (job["Status"], job["StatusMessage"]) == (
            "FAILED",
            f"FSx resource, {last(point)} does not exist",
        )


def test_a_file_system_that_is_gone_fails_the_job() -> None:
    """The message says so, and has AWS's category; nothing is left."""
    with both():
        arn = a_file_system()
        a_client("fsx").delete_file_system(FileSystemId=last(arn))
        job = back_up(arn)
        assert outcome(job) == (
            "FAILED",
            "The specified file system does not exist.",
            "RESOURCE_NOT_FOUND",
        )
        assert not backups()


def test_an_id_that_fsx_cannot_have_given_is_of_nothing() -> None:
    """Though botocore does not even ask for it."""
    with both():
        job = back_up(f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/fs-0")
        assert job["State"] == "FAILED"
        assert job["StatusMessage"] == "The specified file system does not exist."


def test_deletion_deletes_the_backup() -> None:
    """And no other."""
    with both():
        arn = a_file_system()
        first, second = (back_up(arn)["RecoveryPointArn"] for _ in range(2))
        delete_point(first)
        assert list(backups()) == [second]


def test_moto_cannot_copy_it() -> None:
    """The job says so."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        point = back_up(a_file_system())["RecoveryPointArn"]
        job = copy(point, vault_arn("there", OTHER_REGION))
        assert (job["State"], job["StatusMessage"]) == (
            "FAILED",
            "Copy job failed because moto cannot copy backups of FSx.",
        )


def test_an_older_moto_lacks_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without those to make backups the job says so; without that to find, nothing is found."""
    with both() as backup:
        arn = a_file_system(WANTED)
        monkeypatch.delattr(FSxResponse, "create_backup")
        job = back_up(arn)
        assert (job["State"], job["StatusMessage"]) == (
            "FAILED",
            "moto cannot do it: The create_backup action has not been implemented.",
        )
        plan = a_plan()
        assert [each["ResourceArn"] for each in backup.run_plan(plan)] == [arn]
        monkeypatch.delattr(FSxResponse, "describe_file_systems")
        with pytest.warns(FakeBackupWarning, match="knows no resource"):
            assert backup.run_plan(plan) == []
