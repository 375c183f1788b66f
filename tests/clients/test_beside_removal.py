"""What a restore made beside moto, as a restore test deletes it."""

from __future__ import annotations

from typing import Any

import pytest

from fakebackup.beside.aws import world
from fakebackup.beside.way import Aws
from fakebackup.beside.ways import WAYS
from fakebackup.model.resources.arns import Home
from support.beside import a_client, back_up, both, metadata_of, restore
from support.constants import ACCOUNT, REGION


def a_volume() -> str:
    """Make a volume, and return its ARN."""
    made = a_client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=1)
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def an_instance() -> str:
    """Run an instance that is protected, of which a volume outlives it, and return its ARN."""
    ec2 = a_client("ec2")
    made = ec2.run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 2}}],
    )["Instances"][0]["InstanceId"]
    ec2.modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": True})
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{made}"


def an_efs() -> str:
    """Make a file system of EFS with an access point, and return its ARN."""
    efs = a_client("efs")
    made = efs.create_file_system(CreationToken="mine")
    efs.create_access_point(ClientToken="point", FileSystemId=made["FileSystemId"])
    arn: str = made["FileSystemArn"]
    return arn


def an_fsx() -> str:
    """Make a file system of FSx, and return its ARN."""
    made = a_client("fsx").create_file_system(
        FileSystemType="LUSTRE", StorageCapacity=1200, SubnetIds=["subnet-0123456789abcdef0"]
    )
    arn: str = made["FileSystem"]["ResourceARN"]
    return arn


def a_cluster() -> str:
    """Make a cluster of Redshift, and return its ARN."""
    a_client("redshift").create_cluster(
        ClusterIdentifier="cluster",
        NodeType="ra3.large",
        MasterUsername="me",
        MasterUserPassword="Passw0rd",
    )
    return f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:cluster"


def a_table() -> str:
    """Make a table of Timestream, and return its ARN."""
    timestream = a_client("timestream-write")
    timestream.create_database(DatabaseName="db")
    arn: str = timestream.create_table(DatabaseName="db", TableName="table")["Table"]["Arn"]
    return arn


@pytest.mark.parametrize(
    ("kind", "make", "metadata"),
    [
        ("EBS", a_volume, {}),
        ("EC2", an_instance, {}),
        ("EFS", an_efs, {"newFileSystem": "true"}),
        ("FSx", an_fsx, {}),
        ("Redshift", a_cluster, {"ClusterIdentifier": "new"}),
        ("Timestream", a_table, {"TableName": "new"}),
    ],
)
def test_what_was_restored_is_deleted(kind: str, make: Any, metadata: dict[str, str]) -> None:
    """It alone; for an instance its volumes too, for a file system its access points."""
    with both():
        aws = Aws(world("moto"), Home(ACCOUNT, REGION))
        ec2, efs = a_client("ec2"), a_client("efs")
        source = make()
        point = back_up(source)["RecoveryPointArn"]
        volumes = ec2.describe_volumes()["Volumes"]
        access_points = efs.describe_access_points()["AccessPoints"]
        job = restore(point, **metadata_of(point) | metadata)
        assert job["Status"] == "COMPLETED", job
        made = job["CreatedResourceArn"]
        assert {each.arn for each in WAYS[kind].find(aws)} == {source, made}
        WAYS[kind].remove(aws, made)
        assert {each.arn for each in WAYS[kind].find(aws)} == {source}
        assert ec2.describe_volumes()["Volumes"] == volumes
        assert efs.describe_access_points()["AccessPoints"] == access_points
