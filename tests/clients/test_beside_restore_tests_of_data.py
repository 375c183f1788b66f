"""Restore testing of databases, tables and buckets beside moto: what tests restored is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.beside import a_client, back_up, both
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable

PLAN = "plan"


def an_instance() -> str:
    """Make an instance of RDS, and return its ARN."""
    made = a_client("rds").create_db_instance(
        DBInstanceIdentifier="one",
        DBInstanceClass="db.t3.small",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="root",
        MasterUserPassword="password",
    )
    arn: str = made["DBInstance"]["DBInstanceArn"]
    return arn


def a_cluster() -> str:
    """Make a cluster of Aurora, and return its ARN."""
    made = a_client("rds").create_db_cluster(
        DBClusterIdentifier="one",
        Engine="aurora-postgresql",
        MasterUsername="root",
        MasterUserPassword="password",
    )
    arn: str = made["DBCluster"]["DBClusterArn"]
    return arn


def a_table() -> str:
    """Make a table of DynamoDB, and return its ARN."""
    made = a_client("dynamodb").create_table(
        TableName="one",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn: str = made["TableDescription"]["TableArn"]
    return arn


def a_bucket() -> str:
    """Make a bucket of S3 with an object, and return its ARN."""
    s3 = a_client("s3")
    s3.create_bucket(Bucket="one")
    s3.put_object(Bucket="one", Key="key", Body=b"-")
    return "arn:aws:s3:::one"


def instances() -> list[str]:
    """The names of the instances of RDS."""
    found = a_client("rds").describe_db_instances()["DBInstances"]
    return [each["DBInstanceIdentifier"] for each in found]


def clusters() -> list[str]:
    """The names of the clusters of Aurora."""
    found = a_client("rds").describe_db_clusters()["DBClusters"]
    return [each["DBClusterIdentifier"] for each in found]


def tables() -> list[str]:
    """The names of the tables of DynamoDB."""
    names: list[str] = a_client("dynamodb").list_tables()["TableNames"]
    return names


def buckets() -> list[str]:
    """The names of the buckets of S3."""
    return [each["Name"] for each in a_client("s3").list_buckets()["Buckets"]]


def run_test(backup: Any, resource_type: str, window: int) -> dict[str, Any]:
    """Test the restore of a type, with a validation window in hours; return the job."""
    client = a_client("backup")
    client.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": PLAN,
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
        }
    )
    client.create_restore_testing_selection(
        RestoreTestingPlanName=PLAN,
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "all",
            "ProtectedResourceType": resource_type,
            "IamRoleArn": ROLE,
            "ProtectedResourceArns": ["*"],
            "ValidationWindowHours": window,
        },
    )
    [job] = backup.run_restore_testing_plan(PLAN)
    found: dict[str, Any] = client.describe_restore_job(RestoreJobId=job.id)
    return found


@pytest.mark.parametrize(
    ("resource_type", "make", "find", "start"),
    [
        ("RDS", an_instance, instances, f"arn:aws:rds:{REGION}:{ACCOUNT}:db:"),
        ("Aurora", a_cluster, clusters, f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:"),
        ("DynamoDB", a_table, tables, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/"),
        ("S3", a_bucket, buckets, "arn:aws:s3:::"),
    ],
)
def test_what_a_test_restored_is_deleted(
    resource_type: str, make: Callable[[], str], find: Callable[[], list[str]], start: str
) -> None:
    """After the validation; until then it is there."""
    with both() as backup:
        back_up(make())
        job = run_test(backup, resource_type, window=1)
        assert job["Status"] == "COMPLETED", job
        made = job["CreatedResourceArn"].removeprefix(start)
        assert sorted(find()) == sorted(["one", made])
        client = a_client("backup")
        asked = {"RestoreJobId": job["RestoreJobId"]}
        client.put_restore_validation_result(**asked, ValidationStatus="SUCCESSFUL")
        assert client.describe_restore_job(**asked)["DeletionStatus"] == "SUCCESSFUL"
        assert find() == ["one"]
