"""EC2 instances beside moto: images, and the snapshots of the volumes."""

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
from support.beside_accounts import a_vault_away, away
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

GIB = 1024**3
AMI = "ami-12c6146b"
ROOT, DATA = "/dev/sda1", "/dev/sdf"


def an_instance(*tags: dict[str, str], **settings: Any) -> str:
    """Run an instance of moto's with a root of 10 GiB and data of 20, and return its ARN."""
    devices = [
        {"DeviceName": ROOT, "Ebs": {"VolumeSize": 10, "DeleteOnTermination": True}},
        {"DeviceName": DATA, "Ebs": {"VolumeSize": 20, "VolumeType": "gp3"}},
    ]
    wanted: dict[str, Any] = {"BlockDeviceMappings": devices, "InstanceType": "t3.micro"}
    if tags:
        wanted["TagSpecifications"] = [{"ResourceType": "instance", "Tags": list(tags)}]
    made = a_client("ec2").run_instances(ImageId=AMI, MinCount=1, MaxCount=1, **wanted | settings)
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{made['Instances'][0]['InstanceId']}"


def last(arn: str) -> str:
    """The id at the end of an ARN."""
    return arn.rpartition("/")[2]


def terminate(arn: str) -> None:
    """Terminate an instance."""
    a_client("ec2").terminate_instances(InstanceIds=[last(arn)])


def described(arn: str, ec2: Any = None) -> dict[str, Any]:
    """An instance as EC2 describes it."""
    ec2 = ec2 or a_client("ec2")
    found: dict[str, Any] = ec2.describe_instances(InstanceIds=[last(arn)])["Reservations"][0]
    [instance] = found["Instances"]
    return instance  # type: ignore[no-any-return]


def volumes(instance: dict[str, Any], ec2: Any = None) -> dict[str, dict[str, Any]]:
    """The volumes of an instance, by device."""
    ec2 = ec2 or a_client("ec2")
    ids = {each["DeviceName"]: each["Ebs"]["VolumeId"] for each in instance["BlockDeviceMappings"]}
    found = ec2.describe_volumes(VolumeIds=list(ids.values()))["Volumes"]
    by_id = {each["VolumeId"]: each for each in found}
    return {name: by_id[each] for name, each in ids.items()}


def images(ec2: Any = None) -> dict[str, dict[str, Any]]:
    """The images that AWS Backup made, by id."""
    found = (ec2 or a_client("ec2")).describe_images(Owners=["self"])["Images"]
    return {each["ImageId"]: each for each in found if each["Name"].startswith("AwsBackup_")}


def snapshots_of(arn: str, ec2: Any = None) -> list[dict[str, Any]]:
    """The snapshots that AWS Backup made of an instance's volumes."""
    tagged = [{"Name": "tag:aws:backup:source-resource", "Values": [arn]}]
    found = (ec2 or a_client("ec2")).describe_snapshots(Filters=tagged)["Snapshots"]
    return sorted(found, key=lambda each: each["VolumeSize"])


def all_snapshots() -> set[str]:
    """The ids of all snapshots."""
    found = a_client("ec2").describe_snapshots()["Snapshots"]
    return {each["SnapshotId"] for each in found}


def tags_of(described: dict[str, Any]) -> dict[str, str]:
    """The tags of what EC2 describes."""
    return {each["Key"]: each["Value"] for each in described["Tags"]}


def test_a_plan_backs_up_what_is_tagged() -> None:
    """For the tagged instance there is a job, an image, and a snapshot of each volume."""
    with both() as backup:
        tagged, _ = an_instance(WANTED), an_instance()
        [job] = backup.run_plan(a_plan(RecoveryPointTags={"rule": "nightly"}))
        assert (job["ResourceArn"], job["ResourceType"]) == (tagged, "EC2")
        assert job["BackupSizeInBytes"] == 30 * GIB
        [(image_id, image)] = images().items()
        assert job["RecoveryPointArn"] == f"arn:aws:ec2:{REGION}::image/{image_id}"
        wanted = {"backup": "yes", "rule": "nightly", "aws:backup:source-resource": tagged}
        assert tags_of(image) == wanted
        made = snapshots_of(tagged)
        assert [(each["VolumeSize"], tags_of(each)) for each in made] == [
            (10, wanted),
            (20, wanted),
        ]
        attached = volumes(described(tagged))
        assert [each["VolumeId"] for each in made] == [
            attached[ROOT]["VolumeId"],
            attached[DATA]["VolumeId"],
        ]


def test_an_instance_comes_back() -> None:
    """With its volumes, type, subnet, security group and key, from the metadata offered."""
    with both():
        ec2 = a_client("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]
        group = ec2.create_security_group(
            GroupName="group", Description="a group", VpcId=subnet["VpcId"]
        )["GroupId"]
        ec2.create_key_pair(KeyName="key")
        instance = an_instance(
            SubnetId=subnet["SubnetId"],
            SecurityGroupIds=[group],
            KeyName="key",
            Monitoring={"Enabled": True},
            MetadataOptions={"HttpTokens": "required"},
            InstanceInitiatedShutdownBehavior="terminate",
        )
        point = back_up(instance)["RecoveryPointArn"]
        terminate(instance)
        job = restore(point, **metadata_of(point))
        assert job["Status"] == "COMPLETED", job
        made = described(job["CreatedResourceArn"])
        assert made["InstanceId"] != last(instance)
        assert made["ImageId"] == last(point)
        assert made["InstanceType"] == "t3.micro"
        assert (made["SubnetId"], made["KeyName"]) == (subnet["SubnetId"], "key")
        assert [each["GroupId"] for each in made["SecurityGroups"]] == [group]
        assert made["Monitoring"]["State"] == "enabled"
        assert made["MetadataOptions"]["HttpTokens"] == "required"
        attached = volumes(made)
        assert {name: each["Size"] for name, each in attached.items()} == {ROOT: 10, DATA: 20}
        assert attached[DATA]["VolumeType"] == "gp3"
        taken = [each["SnapshotId"] for each in snapshots_of(instance)]
        assert [attached[name]["SnapshotId"] for name in (ROOT, DATA)] == taken
        assert {
            each["DeviceName"]: each["Ebs"]["DeleteOnTermination"]
            for each in made["BlockDeviceMappings"]
        } == {ROOT: True, DATA: False}


def test_the_metadata_offered() -> None:
    """They have the keys of a recorded answer, as far as moto tells their values."""
    with both():
        instance = an_instance(InstanceInitiatedShutdownBehavior="terminate")
        found = metadata_of(back_up(instance)["RecoveryPointArn"])
        told = described(instance)
        assert found.pop("aws:backup:request-id")
        [interface] = json.loads(found.pop("NetworkInterfaces"))
        assert interface["SubnetId"] == told["SubnetId"]
        assert json.loads(found.pop("SecurityGroupIds")) == interface["Groups"]
        assert found == {
            "CreditSpecification": '{"CpuCredits":"standard"}',
            "DisableApiTermination": "false",
            "EbsOptimized": "false",
            "HibernationOptions": '{"Configured":false}',
            "InstanceInitiatedShutdownBehavior": "terminate",
            "InstanceType": "t3.micro",
            "Monitoring": '{"State":"disabled"}',
            "Placement": '{"GroupName":"","Tenancy":"default","AvailabilityZone":"us-east-1a"}',
            "SubnetId": told["SubnetId"],
            "VpcId": told["VpcId"],
        }


def test_metadata_change_what_is_restored() -> None:
    """A type, protection from termination, and a device's size and speed."""
    with both():
        point = back_up(an_instance())["RecoveryPointArn"]
        devices = [
            {"DeviceName": ROOT, "Ebs": {"VolumeSize": 50, "VolumeType": "io1", "Iops": 400}},
            {"DeviceName": DATA, "NoDevice": ""},
            {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 5}},
        ]
        job = restore(
            point,
            instanceType="m5.large",
            DisableApiTermination="true",
            RequireIMDSv2="true",
            BlockDeviceMappings=json.dumps(devices),
        )
        assert job["Status"] == "COMPLETED", job
        made = described(job["CreatedResourceArn"])
        assert made["InstanceType"] == "m5.large"
        assert made["MetadataOptions"]["HttpTokens"] == "required"
        attached = volumes(made)
        assert {name: each["Size"] for name, each in attached.items()} == {ROOT: 50, "/dev/sdg": 5}
        assert (attached[ROOT]["VolumeType"], attached[ROOT]["Iops"]) == ("io1", 400)
        protection = a_client("ec2").describe_instance_attribute(
            InstanceId=made["InstanceId"], Attribute="disableApiTermination"
        )
        assert protection["DisableApiTermination"] == {"Value": True}


def test_encrypted_volumes_come_back_with_their_key() -> None:
    """As the fast ones do with their speed."""
    with both():
        key = a_client("kms").create_key()["KeyMetadata"]["Arn"]
        ec2, instance = a_client("ec2"), an_instance()
        fast = ec2.create_volume(
            AvailabilityZone=f"{REGION}a",
            Size=5,
            VolumeType="io2",
            Iops=700,
            Encrypted=True,
            KmsKeyId=key,
        )["VolumeId"]
        ec2.attach_volume(InstanceId=last(instance), VolumeId=fast, Device="/dev/sdz")
        point = back_up(instance)["RecoveryPointArn"]
        made = described(restore(point, **metadata_of(point))["CreatedResourceArn"])
        volume = volumes(made)["/dev/sdz"]
        assert (volume["Encrypted"], volume["KmsKeyId"]) == (True, key)
        assert (volume["Size"], volume["VolumeType"], volume["Iops"]) == (5, "io2", 700)
        assert not volumes(made)[ROOT]["Encrypted"]


def test_network_interfaces_alone_say_where() -> None:
    """Without a subnet the interfaces of the metadata are made."""
    with both():
        instance = an_instance()
        point = back_up(instance)["RecoveryPointArn"]
        metadata = metadata_of(point)
        del metadata["SubnetId"]
        job = restore(point, **metadata)
        assert job["Status"] == "COMPLETED", job
        made = described(job["CreatedResourceArn"])
        assert made["SubnetId"] == described(instance)["SubnetId"]


def test_the_instance_profile_is_the_one_backed_up() -> None:
    """It is attached again; another one is refused with AWS's words."""
    with both():
        iam = a_client("iam")
        iam.create_instance_profile(InstanceProfileName="mine")
        iam.create_instance_profile(InstanceProfileName="other")
        point = back_up(an_instance(IamInstanceProfile={"Name": "mine"}))["RecoveryPointArn"]
        metadata = metadata_of(point)
        assert metadata["IamInstanceProfileName"] == "mine"
        job = restore(point, **metadata)
        made = described(job["CreatedResourceArn"])
        assert made["IamInstanceProfile"]["Arn"].endswith("/mine")
        job = restore(point, **metadata | {"IamInstanceProfileName": "other"})
        assert job["Status"] == "FAILED"
        assert job["StatusMessage"] == (
            "AWS Backup does not permit attaching a new instance profile to an EC2 instance. "
            "Please restore using the backed up instance profile."
        )


def test_what_ec2_refuses_fails_the_restore() -> None:
    """With the words of EC2, and of an image that is gone."""
    with both():
        point = back_up(an_instance())["RecoveryPointArn"]
        job = restore(point, SubnetId="subnet-00000000")
        assert (job["Status"], job["StatusMessage"]) == (
            "FAILED",
            "The subnet ID 'subnet-00000000' does not exist",
        )
        a_client("ec2").deregister_image(ImageId=last(point))
        job = restore(point)
        assert (job["Status"], job["StatusMessage"]) == (
            "FAILED",
            f"The image id '[{last(point)}]' does not exist",
        )


@pytest.mark.parametrize("known", [True, False])
def test_an_instance_that_is_gone_fails_the_job(*, known: bool) -> None:
    """Terminated, or never there: nothing is left."""
    with both():
        instance = an_instance()
        terminate(instance)
        if not known:
            instance = f"{instance.rpartition('/')[0]}/i-0123456789abcdef0"
        before = all_snapshots()
        job = back_up(instance)
        assert outcome(job) == (
            "FAILED",
            "The specified instance does not exist.",
            "RESOURCE_NOT_FOUND",
        )
        assert not images()
        assert all_snapshots() == before


def test_deletion_deletes_the_image_and_all_snapshots() -> None:
    """Those of the volumes, and the one that moto makes for an image."""
    with both():
        instance = an_instance()
        before = all_snapshots()
        point = back_up(instance)["RecoveryPointArn"]
        assert len(all_snapshots()) == len(before) + 3
        # What a test has deleted by hand is no error.
        a_client("ec2").delete_snapshot(SnapshotId=snapshots_of(instance)[0]["SnapshotId"])
        delete_point(point)
        assert not images()
        assert all_snapshots() == before


def test_a_copy_lies_in_another_region() -> None:
    """An image and snapshots of its own, tagged, which restore there and outlive the source."""
    with both() as backup:
        there = a_client("ec2", OTHER_REGION)
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        instance = an_instance(WANTED)
        point = back_up(instance)["RecoveryPointArn"]
        job = copy(point, vault_arn("there", OTHER_REGION))
        assert job["State"] == "COMPLETED", job
        [(image_id, image)] = images(there).items()
        copied = job["DestinationRecoveryPointArn"]
        assert copied == f"arn:aws:ec2:{OTHER_REGION}::image/{image_id}"
        assert tags_of(image) == {"backup": "yes", "aws:backup:source-resource": instance}
        assert [each["VolumeSize"] for each in snapshots_of(instance, there)] == [10, 20]
        delete_point(point)
        assert not images()
        assert list(images(there)) == [image_id]
        client = a_client("backup", OTHER_REGION)
        metadata = client.get_recovery_point_restore_metadata(
            BackupVaultName="there", RecoveryPointArn=copied
        )["RestoreMetadata"]
        # What belongs to the other Region is not offered.
        assert not {"SubnetId", "VpcId", "KeyName", "Placement"} & metadata.keys()
        job_id = client.start_restore_job(RecoveryPointArn=copied, Metadata=metadata)[
            "RestoreJobId"
        ]
        restored = client.describe_restore_job(RestoreJobId=job_id)
        assert restored["Status"] == "COMPLETED", restored
        made = described(restored["CreatedResourceArn"], there)
        assert {name: each["Size"] for name, each in volumes(made, there).items()} == {
            ROOT: 10,
            DATA: 20,
        }


def test_a_copy_lies_in_another_account() -> None:
    """An image of that account's, with snapshots, encrypted with the key of its vault."""
    with both() as backup:
        there = away("ec2")
        destination = a_vault_away(backup)
        instance = an_instance(WANTED)
        job = copy(back_up(instance)["RecoveryPointArn"], destination)
        assert job["State"] == "COMPLETED", job
        [(image_id, image)] = images(there).items()
        assert last(job["DestinationRecoveryPointArn"]) == image_id
        assert image["OwnerId"] == OTHER_ACCOUNT
        made = snapshots_of(instance, there)
        assert [(each["VolumeSize"], each["Encrypted"]) for each in made] == [
            (10, True),
            (20, True),
        ]
        # Nothing of how it was made is left.
        assert not there.describe_volumes()["Volumes"]


def test_an_instance_beyond_a_page_is_found() -> None:
    """EC2 describes 100 reservations at once."""
    with both() as backup:
        for _ in range(100):
            an_instance(BlockDeviceMappings=[])
        tagged = an_instance(WANTED)
        [job] = backup.run_plan(a_plan())
        assert job["ResourceArn"] == tagged
