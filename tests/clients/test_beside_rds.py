"""Databases beside moto: snapshots of RDS, of instances and of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from support.beside import (
    VAULT,
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
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from collections.abc import Callable


class Sort(NamedTuple):
    """What RDS calls one sort of database.

    Attributes:
        noun: its name in RDS's operations and members.
        key: the key of its identifier.
        snapshot: the name of a snapshot in operations and members.
        point: what the ARN of a recovery point has before the id of its job.
        made: makes one with an identifier and further parameters.
    """

    noun: str
    key: str
    snapshot: str
    point: str
    made: Callable[..., Any]

    def find(self, region: str = REGION) -> dict[str, dict[str, Any]]:
        """The databases in a Region, by identifier."""
        found = getattr(a_client("rds", region), f"describe_db_{self.noun.lower()}s")()
        return {each[self.key]: each for each in found[f"DB{self.noun}s"]}

    def snapshots(self, region: str = REGION) -> dict[str, dict[str, Any]]:
        """The snapshots that AWS Backup made in a Region, by identifier."""
        found = getattr(a_client("rds", region), f"describe_{self.snapshot}s")()
        key = "DBClusterSnapshot" if self.noun == "Cluster" else "DBSnapshot"
        named = {each[f"{key}Identifier"]: each for each in found[f"{key}s"]}
        return {name: each for name, each in named.items() if name.startswith("awsbackup")}

    def delete(self, name: str) -> None:
        """Delete one."""
        delete = getattr(a_client("rds"), f"delete_db_{self.noun.lower()}")
        delete(**{self.key: name}, SkipFinalSnapshot=True)

    def arn(self, name: str) -> str:
        """The ARN of one."""
        noun = "db" if self.noun == "Instance" else "cluster"
        return f"arn:aws:rds:{REGION}:{ACCOUNT}:{noun}:{name}"


def an_instance(name: str = "one", *tags: dict[str, str], **settings: Any) -> str:
    """Make an instance of moto's, and return its ARN."""
    values: dict[str, Any] = {
        "DBInstanceClass": "db.t3.small",
        "Engine": "postgres",
        "AllocatedStorage": 21,
        "MasterUsername": "root",
        "MasterUserPassword": "password",
    }
    made = a_client("rds").create_db_instance(
        DBInstanceIdentifier=name, Tags=list(tags), **values | settings
    )
    arn: str = made["DBInstance"]["DBInstanceArn"]
    return arn


def a_cluster(name: str = "one", *tags: dict[str, str], **settings: Any) -> str:
    """Make a cluster of moto's, and return its ARN."""
    values = {
        "Engine": "aurora-postgresql",
        "MasterUsername": "root",
        "MasterUserPassword": "password",
    }
    made = a_client("rds").create_db_cluster(
        DBClusterIdentifier=name, Tags=list(tags), **values | settings
    )
    arn: str = made["DBCluster"]["DBClusterArn"]
    return arn


INSTANCE = Sort(
    "Instance", "DBInstanceIdentifier", "db_snapshot", "snapshot:awsbackup-", an_instance
)
CLUSTER = Sort(
    "Cluster",
    "DBClusterIdentifier",
    "db_cluster_snapshot",
    "cluster-snapshot:awsbackup:",
    a_cluster,
)
SORTS = pytest.mark.parametrize("sort", [INSTANCE, CLUSTER], ids=["instance", "cluster"])


def tags_of(snapshot: dict[str, Any]) -> dict[str, str]:
    """The tags of a snapshot."""
    return {each["Key"]: each["Value"] for each in snapshot["TagList"]}


@SORTS
def test_a_plan_backs_up_what_is_tagged(sort: Sort) -> None:
    """For exactly these there is a job, and a snapshot with its tags."""
    with both() as backup:
        tagged, _ = sort.made("one", WANTED), sort.made("two")
        [job] = backup.run_plan(a_plan(RecoveryPointTags={"rule": "nightly"}))
        assert (job["State"], job["ResourceArn"]) == ("COMPLETED", tagged)
        [(name, snapshot)] = sort.snapshots().items()
        assert name.endswith(job["BackupJobId"].lower())
        named = f"{sort.point}job-{job['BackupJobId'].lower()}"
        assert job["RecoveryPointArn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:{named}"
        assert tags_of(snapshot) == {
            "backup": "yes",
            "rule": "nightly",
            "aws:backup:source-resource": tagged,
        }
        assert snapshot[sort.key] == "one"


def test_instances_of_clusters_are_backed_up_with_these() -> None:
    """There is a job for the cluster alone."""
    with both() as backup:
        cluster = a_cluster("cluster", WANTED)
        an_instance("member", WANTED, Engine="aurora-postgresql", DBClusterIdentifier="cluster")
        [job] = backup.run_plan(a_plan())
        assert (job["ResourceArn"], job["ResourceType"]) == (cluster, "Aurora")


@pytest.mark.parametrize("name", ["one", "Other"])
@SORTS
def test_a_database_comes_back(sort: Sort, name: str) -> None:
    """After it is gone, the metadata that AWS Backup offers restore one, also under its name."""
    with both():
        arn = sort.made("one")
        before = sort.find()["one"]
        point = back_up(arn)["RecoveryPointArn"]
        sort.delete("one")
        job = restore(point, **metadata_of(point) | {sort.key: name})
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", sort.arn(name.lower()))
        [(made_name, made)] = sort.find().items()
        assert made_name == name.lower()
        for same in ("Engine", "EngineVersion", "AllocatedStorage", "MasterUsername"):
            assert made[same] == before[same]


def test_the_metadata_decide_how_an_instance_is() -> None:
    """Numbers, yes and no, and lists are read as RDS takes them; other keys do not count."""
    with both():
        group = a_client("ec2").create_security_group(GroupName="group", Description="-")
        point = back_up(an_instance())["RecoveryPointArn"]
        given = {
            "dbinstanceidentifier": "two",
            "DBInstanceClass": "db.t3.large",
            "Port": "6543",
            "MultiAZ": "true",
            "VpcSecurityGroupIds": f'["{group["GroupId"]}"]',
            "DBSubnetGroupName": "",
            "InformationalOnly:vpcId": "vpc-1",
        }
        assert restore(point, **given)["Status"] == "COMPLETED"
        made = INSTANCE.find()["two"]
        assert (made["DBInstanceClass"], made["MultiAZ"]) == ("db.t3.large", True)
        assert made["Endpoint"]["Port"] == 6543
        [shown] = made["VpcSecurityGroups"]
        assert shown["VpcSecurityGroupId"] == group["GroupId"]


def test_the_metadata_of_an_instance_are_its_own() -> None:
    """They have what the instance is, as texts."""
    with both():
        job = back_up(an_instance(Port=5544, PubliclyAccessible=True))
        # As AWS shows it.
        assert job["BackupSizeInBytes"] == 0
        metadata = metadata_of(job["RecoveryPointArn"])
        assert metadata["DBSnapshotIdentifier"] == f"awsbackup-job-{job['BackupJobId']}"
        assert (metadata["DBInstanceClass"], metadata["Engine"]) == ("db.t3.small", "postgres")
        assert (metadata["Port"], metadata["InformationalOnly:Encrypted"]) == ("5544", "false")
        assert "KmsKeyId" not in metadata


def test_a_neptune_cluster_comes_back() -> None:
    """It is made anew, since moto cannot restore one."""
    with both():
        arn = a_cluster(Engine="neptune", Port=8188, EngineVersion="1.2.0.2")
        point = back_up(arn)["RecoveryPointArn"]
        CLUSTER.delete("one")
        job = restore(point, DBClusterIdentifier="two", port="8189")
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", CLUSTER.arn("two"))
        made = CLUSTER.find()["two"]
        assert (made["Engine"], made["EngineVersion"]) == ("neptune", "1.2.0.2")
        assert made["Port"] == 8189


@SORTS
def test_a_copy_lies_in_another_region(sort: Sort) -> None:
    """A snapshot of its own is there, which restores there, and outlives its source."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        point = back_up(sort.made())["RecoveryPointArn"]
        job = copy(point, vault_arn("there", OTHER_REGION))
        [(name, snapshot)] = sort.snapshots(OTHER_REGION).items()
        assert name.endswith(f"copyjob-{job['CopyJobId'].lower()}")
        assert job["DestinationRecoveryPointArn"].endswith(f":{name}")
        assert tags_of(snapshot)["aws:backup:source-resource"] == sort.arn("one")
        delete_point(point)
        assert not sort.snapshots()
        there = a_client("backup", OTHER_REGION)
        copied = {
            "BackupVaultName": "there",
            "RecoveryPointArn": job["DestinationRecoveryPointArn"],
        }
        metadata = there.get_recovery_point_restore_metadata(**copied)["RestoreMetadata"]
        assert not {"AvailabilityZone", "AvailabilityZones", "VpcSecurityGroupIds"} & set(metadata)
        there.start_restore_job(
            RecoveryPointArn=job["DestinationRecoveryPointArn"],
            Metadata=metadata | {sort.key: "two"},
            IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/role",
        )
        assert list(sort.find(OTHER_REGION)) == ["two"]
        there.delete_recovery_point(**copied)
        assert not sort.snapshots(OTHER_REGION)


@SORTS
def test_a_copy_in_the_same_region_keeps_its_place(sort: Sort) -> None:
    """Its metadata name the zone and the network of its source."""
    with both() as backup:
        backup.add_vault(BackupVaultName="other")
        point = back_up(sort.made())["RecoveryPointArn"]
        job = copy(point, vault_arn("other", REGION))
        assert job["State"] == "COMPLETED", job
        metadata = [
            a_client("backup").get_recovery_point_restore_metadata(
                BackupVaultName=vault, RecoveryPointArn=arn
            )["RestoreMetadata"]
            for vault, arn in ((VAULT, point), ("other", job["DestinationRecoveryPointArn"]))
        ]
        assert {"AvailabilityZone", "AvailabilityZones"} & metadata[0].keys()
        for each in metadata:
            # Each names its own snapshot.
            del each["DBSnapshotIdentifier"]
        assert metadata[1] == metadata[0]


@SORTS
def test_moto_copies_to_no_other_account(sort: Sort) -> None:
    """The job fails, and says so."""
    with both() as backup:
        backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName="there")
        point = back_up(sort.made())["RecoveryPointArn"]
        job = copy(point, vault_arn("there", account=OTHER_ACCOUNT))
        assert job["State"] == "FAILED"
        assert "moto cannot copy backups of" in job["StatusMessage"]


@SORTS
def test_a_database_that_is_gone_fails_the_job(sort: Sort) -> None:
    """With a message of AWS Backup's category for it, and nothing is left."""
    with both():
        arn = sort.made()
        sort.delete("one")
        job = back_up(arn)
        assert (job["State"], job["StatusMessage"]) == ("FAILED", "Could not find resource.")
        assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"
        assert not sort.snapshots()


@SORTS
def test_a_name_that_is_missing_or_taken_fails_the_restore(sort: Sort) -> None:
    """With words about the key, or those of RDS; the database that has it stays as it was."""
    with both():
        point = back_up(sort.made())["RecoveryPointArn"]
        created, before = f"{sort.noun}CreateTime", sort.find()["one"]
        job = restore(point, **metadata_of(point))
        assert job["Status"] == "FAILED"
        assert job["StatusMessage"] == f"The restore metadata lack {sort.key}."
        job = restore(point, **metadata_of(point) | {sort.key: "one"})
        assert job["Status"] == "FAILED"
        assert job["StatusMessage"].lower() == f"db {sort.noun.lower()} already exists"
        # What else a description has goes with the time.
        assert sort.find()["one"][created] == before[created]


def test_what_rds_refuses_fails_the_job() -> None:
    """With the words of RDS: here, its snapshot is gone."""
    with both():
        point = back_up(an_instance())["RecoveryPointArn"]
        [name] = INSTANCE.snapshots()
        rds = a_client("rds")
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)
        with pytest.raises(ClientError) as refused:
            rds.describe_db_snapshots(DBSnapshotIdentifier=name)
        job = restore(point, DBInstanceIdentifier="two")
        assert job["Status"] == "FAILED"
        assert job["StatusMessage"] == refused.value.response["Error"]["Message"]


@SORTS
def test_a_continuous_backup_is_the_latest_snapshot(sort: Sort) -> None:
    """Each run of the rule puts a new one in the place of the last; it restores the database."""
    with both() as backup:
        arn = sort.made("one", WANTED)
        plan_id = a_plan(EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 7})
        [first] = backup.run_plan(plan_id)
        [before] = sort.snapshots()
        [second] = backup.run_plan(plan_id)
        point = second["RecoveryPointArn"]
        assert point == first["RecoveryPointArn"]
        assert ":continuous:" in point
        [after] = sort.snapshots()
        assert after.endswith(second["BackupJobId"].lower())
        assert after != before
        sort.delete("one")
        job = restore(
            point, **metadata_of(point) | {sort.key: "one", "UseLatestRestorableTime": "true"}
        )
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", arn)
        delete_point(point, VAULT)
        assert not sort.snapshots()
