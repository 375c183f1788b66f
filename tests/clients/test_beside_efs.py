"""EFS file systems beside moto: their settings, kept with the recovery point."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
from support.beside_accounts import AWAY, a_vault_away, away
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


def a_file_system(*tags: dict[str, str], creation: str = "mine", **settings: Any) -> str:
    """Make a file system of moto's, and return its ARN."""
    made = a_client("efs").create_file_system(CreationToken=creation, Tags=list(tags), **settings)
    return arn_of(made["FileSystemId"])


def arn_of(file_system_id: str, region: str = REGION, account: str = ACCOUNT) -> str:
    """The ARN of a file system."""
    return f"arn:aws:elasticfilesystem:{region}:{account}:file-system/{file_system_id}"


def last(arn: str) -> str:
    """The id at the end of an ARN."""
    return arn.rpartition("/")[2]


def ids(efs: Any = None) -> set[str]:
    """The ids of all file systems."""
    found = (efs or a_client("efs")).describe_file_systems(MaxItems=100)["FileSystems"]
    return {each["FileSystemId"] for each in found}


def described(arn: str, efs: Any = None) -> dict[str, Any]:
    """A file system as EFS describes it."""
    efs = efs or a_client("efs")
    [found] = efs.describe_file_systems(FileSystemId=last(arn))["FileSystems"]
    assert isinstance(found, dict)
    return found


def test_a_plan_backs_up_what_is_tagged() -> None:
    """Beyond a page of EFS's; nothing is left there, and the size is the file system's."""
    with both() as backup:
        for number in range(12):
            a_file_system(creation=str(number))
        tagged = a_file_system(WANTED)
        before = ids()
        [job] = backup.run_plan(a_plan())
        assert (job["ResourceArn"], job["ResourceType"]) == (tagged, "EFS")
        # moto's file systems hold nothing.
        assert job["BackupSizeInBytes"] == 0
        assert job["RecoveryPointArn"].startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:")
        assert ids() == before


def test_a_new_file_system_is_like_the_old_one() -> None:
    """Its modes, encryption, tags, lifecycle, policy and access points."""
    with both():
        efs = a_client("efs")
        key = a_client("kms").create_key()["KeyMetadata"]["Arn"]
        name = {"Key": "Name", "Value": "files"}
        arn = a_file_system(
            name,
            PerformanceMode="maxIO",
            Encrypted=True,
            KmsKeyId=key,
            ThroughputMode="provisioned",
            ProvisionedThroughputInMibps=64.0,
        )
        lifecycle = [{"TransitionToIA": "AFTER_30_DAYS"}]
        efs.put_lifecycle_configuration(FileSystemId=last(arn), LifecyclePolicies=lifecycle)
        efs.put_file_system_policy(FileSystemId=last(arn), Policy=POLICY)
        user, root = {"Uid": 1, "Gid": 2}, {"Path": "/data"}
        point_name = [{"Key": "Name", "Value": "data"}]
        efs.create_access_point(
            FileSystemId=last(arn), PosixUser=user, RootDirectory=root, Tags=point_name
        )
        point = back_up(arn)["RecoveryPointArn"]
        for each in efs.describe_access_points(FileSystemId=last(arn))["AccessPoints"]:
            efs.delete_access_point(AccessPointId=each["AccessPointId"])
        efs.delete_file_system(FileSystemId=last(arn))
        job = restore(point, **metadata_of(point), newFileSystem="true", CreationToken="new")
        assert job["Status"] == "COMPLETED", job
        made = described(job["CreatedResourceArn"])
        assert job["CreatedResourceArn"] == arn_of(made["FileSystemId"]) != arn
        assert made["CreationToken"] == "new"
        assert (made["PerformanceMode"], made["ThroughputMode"]) == ("maxIO", "provisioned")
        assert made["ProvisionedThroughputInMibps"] == 64
        assert (made["Encrypted"], made["KmsKeyId"]) == (True, key)
        assert made["Tags"] == [name]
        file_system = {"FileSystemId": made["FileSystemId"]}
        assert efs.describe_lifecycle_configuration(**file_system)["LifecyclePolicies"] == lifecycle
        assert efs.describe_file_system_policy(**file_system)["Policy"] == POLICY
        [access] = efs.describe_access_points(**file_system)["AccessPoints"]
        assert (access["PosixUser"], access["RootDirectory"]) == (user, root)
        assert access["Tags"] == point_name


def test_metadata_change_what_is_made() -> None:
    """The performance mode, and encryption."""
    with both():
        point = back_up(a_file_system())["RecoveryPointArn"]
        assert metadata_of(point)["Encrypted"] == "false"
        key = a_client("kms").create_key()["KeyMetadata"]["Arn"]
        job = restore(
            point, newFileSystem="true", PerformanceMode="maxIO", Encrypted="true", KmsKeyId=key
        )
        made = described(job["CreatedResourceArn"])
        assert (made["PerformanceMode"], made["Encrypted"], made["KmsKeyId"]) == (
            "maxIO",
            True,
            key,
        )


def test_a_present_file_system_is_restored_into() -> None:
    """The one that the metadata name, as it is; one that is missing fails the job."""
    with both():
        arn = a_file_system()
        point = back_up(arn)["RecoveryPointArn"]
        before = ids()
        job = restore(point, **metadata_of(point))
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", arn)
        assert ids() == before
        a_client("efs").delete_file_system(FileSystemId=last(arn))
        job = restore(point, **metadata_of(point))
        assert (job["Status"], job["StatusMessage"]) == (
            "FAILED",
            f"File system '{last(arn)}' does not exist.",
        )


def test_what_cannot_be_restored_fails_the_job() -> None:
    """No file system is named; and a token that is taken is refused with EFS's words."""
    with both():
        point = back_up(a_file_system(creation="taken"))["RecoveryPointArn"]
        job = restore(point)
        assert job["StatusMessage"] == "The restore metadata lack file-system-id."
        job = restore(point, newFileSystem="true", CreationToken="taken")
        assert job["Status"] == "FAILED"
        assert "taken" in job["StatusMessage"]
        assert len(ids()) == 1


def test_a_file_system_that_is_gone_fails_the_job() -> None:
    """The message says so, and has AWS's category."""
    with both():
        arn = a_file_system()
        a_client("efs").delete_file_system(FileSystemId=last(arn))
        job = back_up(arn)
        assert outcome(job) == (
            "FAILED",
            "The specified file system does not exist.",
            "RESOURCE_NOT_FOUND",
        )


@pytest.mark.parametrize("elsewhere", ["region", "account"])
def test_a_copy_restores_elsewhere(elsewhere: str) -> None:
    """In another Region or account, without the key of the source's, after the source is gone."""
    with both() as backup:
        point = back_up(a_file_system({"Key": "Name", "Value": "files"}))["RecoveryPointArn"]
        if elsewhere == "region":
            region, account, name = OTHER_REGION, ACCOUNT, AWAY
            backup.at(region=region).add_vault(BackupVaultName=name)
            efs, vault = a_client("efs", region), vault_arn(name, region)
        else:
            region, account, name = REGION, OTHER_ACCOUNT, AWAY
            efs, vault = away("efs"), a_vault_away(backup)
        copied = copy(point, vault)
        assert copied["State"] == "COMPLETED", copied
        delete_point(point)
        client = a_client("backup", region)
        with backup.acting_as(account):
            job_id = client.start_restore_job(
                RecoveryPointArn=copied["DestinationRecoveryPointArn"],
                Metadata={"newFileSystem": "true"},
                IamRoleArn=f"arn:aws:iam::{account}:role/role",
            )["RestoreJobId"]
            job = client.describe_restore_job(RestoreJobId=job_id)
        assert job["Status"] == "COMPLETED", job
        made = described(job["CreatedResourceArn"], efs)
        assert job["CreatedResourceArn"] == arn_of(made["FileSystemId"], region, account)
        assert (made["OwnerId"], made["Name"]) == (account, "files")
