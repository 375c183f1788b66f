"""Redshift clusters beside moto: snapshots of Redshift."""

from __future__ import annotations

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
from support.constants import ACCOUNT, OTHER_REGION, REGION


def a_cluster(name: str = "cluster", *tags: dict[str, str], **settings: Any) -> str:
    """Make a cluster of moto's, and return its ARN."""
    wanted = {"NodeType": "ra3.large", "ClusterType": "multi-node", "NumberOfNodes": 3}
    a_client("redshift").create_cluster(
        ClusterIdentifier=name,
        MasterUsername="me",
        MasterUserPassword="Passw0rd",
        DBName="sales",
        Tags=list(tags),
        **wanted | settings,
    )
    return arn_of(name)


def arn_of(name: str) -> str:
    """The ARN of a cluster."""
    return f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:{name}"


def delete(name: str) -> None:
    """Delete a cluster."""
    a_client("redshift").delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)


def snapshots() -> dict[str, dict[str, Any]]:
    """The snapshots that AWS Backup made, by ARN."""
    found = a_client("redshift").describe_cluster_snapshots()["Snapshots"]
    return {each["SnapshotArn"]: each for each in found if each["SnapshotType"] == "manual"}


def described(name: str) -> dict[str, Any]:
    """A cluster as Redshift describes it."""
    [found] = a_client("redshift").describe_clusters(ClusterIdentifier=name)["Clusters"]
    assert isinstance(found, dict)
    return found


def test_a_plan_backs_up_what_is_tagged() -> None:
    """For exactly this cluster there is a job, and a snapshot under AWS Backup's name."""
    with both() as backup:
        tagged, _ = a_cluster("tagged", WANTED), a_cluster("other")
        [job] = backup.run_plan(a_plan(RecoveryPointTags={"rule": "nightly"}))
        assert (job["ResourceArn"], job["ResourceType"]) == (tagged, "Redshift")
        name = f"tagged/awsbackup:job-{job.id.lower()}"
        arn = f"arn:aws:redshift:{REGION}:{ACCOUNT}:snapshot:{name}"
        [(made_arn, made)] = snapshots().items()
        assert job["RecoveryPointArn"] == made_arn == arn
        assert {each["Key"]: each["Value"] for each in made["Tags"]} == {
            "backup": "yes",
            "rule": "nightly",
            "aws:backup:source-resource": tagged,
        }


def test_a_cluster_comes_back() -> None:
    """Under its name, once it is gone, by the metadata that AWS Backup offers."""
    with both():
        arn = a_cluster(Encrypted=True, Port=5555)
        point = back_up(arn)["RecoveryPointArn"]
        delete("cluster")
        job = restore(point, **metadata_of(point))
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", arn), job
        made = described("cluster")
        assert (made["NodeType"], made["NumberOfNodes"]) == ("ra3.large", 3)
        assert (made["DBName"], made["MasterUsername"]) == ("sales", "me")
        assert (made["Encrypted"], made["Endpoint"]["Port"]) == (True, 5555)


def test_metadata_change_what_is_restored() -> None:
    """The name, the type and the number of nodes."""
    with both():
        point = back_up(a_cluster())["RecoveryPointArn"]
        metadata = {"ClusterIdentifier": "new", "NodeType": "ra3.4xlarge", "NumberOfNodes": "2"}
        job = restore(point, **metadata_of(point) | metadata, RestoreType="CLUSTER_RESTORE")
        assert job["CreatedResourceArn"] == arn_of("new")
        made = described("new")
        assert (made["NodeType"], made["NumberOfNodes"]) == ("ra3.4xlarge", 2)


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ({}, "The restore metadata lack ClusterIdentifier."),
        ({"ClusterIdentifier": "cluster"}, "Cluster already exists"),
        (
            {"ClusterIdentifier": "new", "RestoreType": "TABLE_RESTORE"},
            "Restore job failed because moto cannot do a TABLE_RESTORE of Redshift.",
        ),
    ],
)
def test_what_cannot_be_restored_fails_the_job(metadata: dict[str, str], text: str) -> None:
    """A name that is missing or taken, and what moto has no call for."""
    with both():
        job = restore(back_up(a_cluster())["RecoveryPointArn"], **metadata)
        assert (job["Status"], job["StatusMessage"]) == ("FAILED", text)


def test_a_cluster_that_is_gone_fails_the_job() -> None:
    """The message says so, and has AWS's category; nothing is left."""
    with both():
        arn = a_cluster()
        delete("cluster")
        job = back_up(arn)
        assert outcome(job) == (
            "FAILED",
            "The specified cluster does not exist.",
            "RESOURCE_NOT_FOUND",
        )
        assert not snapshots()


def test_deletion_deletes_the_snapshot() -> None:
    """And no other."""
    with both():
        arn = a_cluster()
        first, second = (back_up(arn)["RecoveryPointArn"] for _ in range(2))
        assert len(snapshots()) == 2
        delete_point(first)
        assert list(snapshots()) == [second]


def test_moto_cannot_copy_it() -> None:
    """The job says so."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        job = copy(back_up(a_cluster())["RecoveryPointArn"], vault_arn("there", OTHER_REGION))
        assert (job["State"], job["StatusMessage"]) == (
            "FAILED",
            "Copy job failed because moto cannot copy backups of Redshift.",
        )
