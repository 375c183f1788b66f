"""Timestream tables beside moto: their settings, kept with the recovery point."""

from __future__ import annotations

from typing import Any

import pytest

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
    outcome,
    restore,
    vault_arn,
)
from support.constants import ACCOUNT, OTHER_REGION, REGION

RETENTION = {"MemoryStoreRetentionPeriodInHours": 8, "MagneticStoreRetentionPeriodInDays": 70}
SCHEMA = {"CompositePartitionKey": [{"Type": "DIMENSION", "Name": "host"}]}


def timestream(region: str = REGION) -> Any:
    """A client of Timestream."""
    return a_client("timestream-write", region)


def a_table(name: str = "table", *tags: dict[str, str], database: str = "db") -> str:
    """Make a table of moto's, and return its ARN."""
    made = timestream().create_table(
        DatabaseName=database,
        TableName=name,
        RetentionProperties=RETENTION,
        MagneticStoreWriteProperties={"EnableMagneticStoreWrites": True},
        Schema=SCHEMA,
        Tags=[{"Key": "Name", "Value": "measures"}, *tags],
    )
    arn: str = made["Table"]["Arn"]
    return arn


def a_database(name: str = "db", region: str = REGION) -> None:
    """Make a database of moto's."""
    timestream(region).create_database(DatabaseName=name)


def described(name: str, database: str = "db", region: str = REGION) -> dict[str, Any]:
    """A table as Timestream describes it."""
    found = timestream(region).describe_table(DatabaseName=database, TableName=name)["Table"]
    assert isinstance(found, dict)
    return found


def test_a_plan_backs_up_what_is_tagged() -> None:
    """For exactly this table there is a job."""
    with both() as backup:
        a_database()
        tagged, _ = a_table("tagged", WANTED), a_table("other")
        [job] = backup.run_plan(a_plan())
        assert (job["ResourceArn"], job["ResourceType"]) == (tagged, "Timestream")
        assert job["RecoveryPointArn"].startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:")
        assert job["RecoveryPointArn"].endswith("_beta")


def test_a_table_comes_back() -> None:
    """With its settings and tags, by the metadata that AWS Backup offers."""
    with both():
        a_database()
        arn = a_table()
        before = described("table")
        point = back_up(arn)["RecoveryPointArn"]
        timestream().delete_table(DatabaseName="db", TableName="table")
        job = restore(point, **metadata_of(point))
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", arn), job
        assert described("table") == before
        tags = timestream().list_tags_for_resource(ResourceARN=arn)["Tags"]
        assert tags == [{"Key": "Name", "Value": "measures"}]


def test_metadata_change_what_is_restored() -> None:
    """The names, the retention, and whether the magnetic store is written."""
    with both():
        a_database()
        a_database("other")
        point = back_up(a_table())["RecoveryPointArn"]
        job = restore(
            point,
            TableName="new",
            DestinationDatabase="other",
            MemoryStoreRetentionPeriodInHours="2",
            EnableMagneticStoreWrites="false",
        )
        assert job["CreatedResourceArn"] == (
            f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/other/table/new"
        )
        made = described("new", "other")
        assert made["RetentionProperties"] == {**RETENTION, "MemoryStoreRetentionPeriodInHours": 2}
        assert made["MagneticStoreWriteProperties"] == {"EnableMagneticStoreWrites": False}


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ({"TableName": "new"}, "The restore metadata lack DestinationDatabase."),
        ({"DatabaseName": "db"}, "The restore metadata lack TableName."),
        ({"DatabaseName": "db", "TableName": "table"}, "The table table already exists."),
        ({"DatabaseName": "no", "TableName": "new"}, "The database no does not exist."),
    ],
)
def test_what_cannot_be_restored_fails_the_job(metadata: dict[str, str], text: str) -> None:
    """A name that is missing or taken, and a database that is missing."""
    with both():
        a_database()
        job = restore(back_up(a_table())["RecoveryPointArn"], **metadata)
        assert (job["Status"], job["StatusMessage"]) == ("FAILED", text)


def test_a_table_that_is_gone_fails_the_job() -> None:
    """The message says so, and has AWS's category."""
    with both():
        a_database()
        arn = a_table()
        timestream().delete_table(DatabaseName="db", TableName="table")
        job = back_up(arn)
        assert outcome(job) == (
            "FAILED",
            "The specified table does not exist.",
            "RESOURCE_NOT_FOUND",
        )


def test_a_copy_restores_in_another_region() -> None:
    """After the source is gone."""
    with both() as backup:
        a_database()
        a_database("there", OTHER_REGION)
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName=VAULT)
        point = back_up(a_table())["RecoveryPointArn"]
        copied = copy(point, vault_arn(VAULT, OTHER_REGION))["DestinationRecoveryPointArn"]
        delete_point(point)
        client = a_client("backup", OTHER_REGION)
        job_id = client.start_restore_job(
            RecoveryPointArn=copied, Metadata={"DatabaseName": "there", "TableName": "new"}
        )["RestoreJobId"]
        job = client.describe_restore_job(RestoreJobId=job_id)
        assert job["Status"] == "COMPLETED", job
        assert described("new", "there", OTHER_REGION)["RetentionProperties"] == RETENTION


def test_a_region_without_timestream_has_no_tables() -> None:
    """A plan there backs up what else there is."""
    with both(region="eu-central-2") as backup:
        client = a_client("backup", "eu-central-2")
        client.create_backup_vault(BackupVaultName=VAULT)
        arn = "arn:aws:timestream:eu-central-2:123456789012:database/db/table/table"
        job_id = client.start_backup_job(
            BackupVaultName=VAULT, ResourceArn=arn, IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/role"
        )["BackupJobId"]
        job = client.describe_backup_job(BackupJobId=job_id)
        assert job["StatusMessage"] == "The specified table does not exist."
        volume = a_client("ec2", "eu-central-2").create_volume(
            AvailabilityZone="eu-central-2a",
            Size=1,
            TagSpecifications=[{"ResourceType": "volume", "Tags": [WANTED]}],
        )["VolumeId"]
        rules = [{"RuleName": "rule", "TargetBackupVaultName": VAULT}]
        plan = client.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": rules})
        client.create_backup_selection(
            BackupPlanId=plan["BackupPlanId"],
            BackupSelection={
                "SelectionName": "all",
                "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/role",
                "Resources": ["*"],
            },
        )
        jobs = backup.at(region="eu-central-2").run_plan(plan["BackupPlanId"])
        assert [each["ResourceArn"].rpartition("/")[2] for each in jobs] == [volume]
