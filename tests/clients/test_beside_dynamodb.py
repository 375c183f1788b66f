"""DynamoDB tables beside moto: kept with their items, and made anew."""

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
    restore,
    vault_arn,
)
from support.beside_accounts import a_vault_away, away, restore_away
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

ITEM = {
    "id": {"S": "one"},
    "blob": {"B": b"\x00\xff"},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "-2.5"]},
    "blobs": {"BS": [b"\x01", b"\xfe"]},
    "nested": {"M": {"list": {"L": [{"NULL": True}, {"BOOL": False}, {"N": "120"}]}}},
}
"""An item that has a value of each type."""


def a_table(name: str = "table", *tags: dict[str, str], **settings: Any) -> str:
    """Make a table of moto's, and return its ARN."""
    values: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    made = a_client("dynamodb").create_table(TableName=name, Tags=list(tags), **values | settings)
    arn: str = made["TableDescription"]["TableArn"]
    return arn


def put(item: dict[str, Any], name: str = "table") -> None:
    """Write an item to a table."""
    a_client("dynamodb").put_item(TableName=name, Item=item)


def items(name: str, region: str = REGION) -> dict[str, dict[str, Any]]:
    """The items of a table, by id."""
    pages = a_client("dynamodb", region).get_paginator("scan").paginate(TableName=name)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def described(name: str) -> dict[str, Any]:
    """The description of a table."""
    found: dict[str, Any] = a_client("dynamodb").describe_table(TableName=name)["Table"]
    return found


def arn_of(name: str, region: str = REGION) -> str:
    """The ARN of a table."""
    return f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}"


def test_a_plan_backs_up_what_is_tagged() -> None:
    """For exactly these tables there is a job, with an ARN of AWS Backup's own."""
    with both() as backup:
        tagged, _ = a_table("one-table", WANTED), a_table("two-table")
        [job] = backup.run_plan(a_plan())
        assert (job["State"], job["ResourceArn"]) == ("COMPLETED", tagged)
        start = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:"
        assert job["RecoveryPointArn"].startswith(start)
        assert job["BackupSizeInBytes"] == 0


def test_many_tables_are_found() -> None:
    """More than a page of them."""
    with both() as backup:
        for number in range(101):
            a_table(f"table-{number}", *([WANTED] if number == 100 else []))
        [job] = backup.run_plan(a_plan())
        assert job["ResourceArn"] == arn_of("table-100")


def test_a_table_comes_back() -> None:
    """After it is gone, the metadata that AWS Backup offers and a name restore its items."""
    with both():
        arn = a_table()
        put(ITEM)
        point = back_up(arn)["RecoveryPointArn"]
        put({"id": {"S": "later"}})
        a_client("dynamodb").delete_table(TableName="table")
        metadata = metadata_of(point)
        assert metadata == {"originalTableName": "table", "encryptionType": "Default"}
        job = restore(point, **metadata, targetTableName="table")
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", arn)
        assert items("table") == {"one": ITEM}


def test_all_items_come_back() -> None:
    """More than a scan has in a page, and a batch takes, with their sizes."""
    with both():
        arn = a_table()
        for number in range(26):
            put({"id": {"S": str(number)}, "text": {"S": "\N{EURO SIGN}" * 20_000}})
        job = back_up(arn)
        # The names, the ids, and three bytes for each of the text's characters.
        assert job["BackupSizeInBytes"] == 26 * (2 + 4 + 60_000) + 10 + 16 * 2
        restore(job["RecoveryPointArn"], TargetTableName="copy")
        assert len(items("copy")) == 26
        assert items("copy") == items("table")


def test_the_size_counts_all_types() -> None:
    """As DynamoDB's guide says."""
    with both():
        arn = a_table()
        put(ITEM)
        names = sum(map(len, ITEM))
        sets = 2 + (2 + 2) + 2
        # The list holds one byte, one byte, and two digits in two.
        listed = 3 + (1 + 1) + (1 + 1) + (1 + 2)
        mapped = 3 + 1 + len("list") + listed
        assert back_up(arn)["BackupSizeInBytes"] == names + len("one") + 2 + sets + mapped


DETAILED: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "at", "AttributeType": "N"},
        {"AttributeName": "who", "AttributeType": "B"},
    ],
    "KeySchema": [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "at", "KeyType": "RANGE"},
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "local",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "who", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "global",
            "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]},
            "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
        }
    ],
    "BillingMode": "PROVISIONED",
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
}
"""A table with indexes and capacity."""


def test_keys_indexes_and_capacity_come_back() -> None:
    """As they were; what DynamoDB leaves to be set up by hand does not."""
    with both():
        arn = a_table(
            "table",
            WANTED,
            **DETAILED,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            DeletionProtectionEnabled=True,
        )
        dynamodb = a_client("dynamodb")
        dynamodb.update_time_to_live(
            TableName="table",
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "at"},
        )
        restore(back_up(arn)["RecoveryPointArn"], targetTableName="copy")
        before, after = described("table"), described("copy")
        for same in (
            "AttributeDefinitions",
            "KeySchema",
            "LocalSecondaryIndexes",
            "GlobalSecondaryIndexes",
            "ProvisionedThroughput",
            "BillingModeSummary",
        ):
            assert after[same] == before[same]
        assert "StreamSpecification" not in after
        assert after["DeletionProtectionEnabled"] is False
        assert dynamodb.list_tags_of_resource(ResourceArn=arn_of("copy"))["Tags"] == []
        left = dynamodb.describe_time_to_live(TableName="copy")["TimeToLiveDescription"]
        assert left["TimeToLiveStatus"] == "DISABLED"


def a_key() -> str:
    """Make a key of moto's, and return its ARN."""
    arn: str = a_client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def encrypted_with(name: str) -> str | None:
    """The key that a table is encrypted with."""
    key: str | None = described(name).get("SSEDescription", {}).get("KMSMasterKeyArn")
    return key


def test_the_metadata_decide_the_encryption() -> None:
    """As it was, if they say nothing; with DynamoDB's own key; or with another one."""
    with both():
        key, other = a_key(), a_key()
        sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        point = back_up(a_table(SSESpecification=sse))["RecoveryPointArn"]
        assert metadata_of(point) == {
            "originalTableName": "table",
            "encryptionType": "KMS",
            "kmsMasterKeyArn": key,
        }
        restore(point, targetTableName="same")
        restore(point, targetTableName="default", encryptionType="Default")
        restore(point, targetTableName="other", encryptionType="KMS", kmsMasterKeyArn=other)
        found = [encrypted_with(name) for name in ("same", "default", "other")]
        assert found == [key, None, other]
        job = restore(point, targetTableName="odd", encryptionType="AES")
        assert (job["Status"], job["StatusMessage"]) == (
            "FAILED",
            "The restore metadata have 'AES' for encryptionType: Default or KMS.",
        )


def test_a_table_that_is_gone_fails_the_job() -> None:
    """With AWS Backup's words."""
    with both():
        arn = a_table()
        a_client("dynamodb").delete_table(TableName="table")
        job = back_up(arn)
        assert (job["State"], job["StatusMessage"]) == ("FAILED", "Table not found.")
        assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"


@pytest.mark.parametrize(("old", "new"), [(REGION, OTHER_REGION), (ACCOUNT, OTHER_ACCOUNT)])
def test_a_table_of_the_same_name_is_another_one(old: str, new: str) -> None:
    """An ARN of another Region or account names none here."""
    with both() as backup:
        elsewhere = a_table("table", WANTED).replace(old, new)
        job = back_up(elsewhere)
        assert (job["State"], job["StatusMessage"]) == ("FAILED", "Table not found.")
        assert not backup.recovery_points


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "The restore metadata lack targetTableName."),
        ({"targetTableName": "table"}, "Table already exists: table"),
    ],
)
def test_a_name_that_is_missing_or_taken_fails_the_restore(
    metadata: dict[str, str], message: str
) -> None:
    """With words about the key, or those of DynamoDB; the table is as it was."""
    with both():
        point = back_up(a_table())["RecoveryPointArn"]
        put(ITEM)
        job = restore(point, **metadata)
        assert (job["Status"], job["StatusMessage"]) == ("FAILED", message)
        assert items("table") == {"one": ITEM}


def test_a_copy_restores_in_another_region() -> None:
    """It outlives its source, and names no key of another Region."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": a_key()}
        arn = a_table(SSESpecification=sse)
        put(ITEM)
        point = back_up(arn)["RecoveryPointArn"]
        copied = copy(point, vault_arn("there", OTHER_REGION))["DestinationRecoveryPointArn"]
        delete_point(point)
        there = a_client("backup", OTHER_REGION)
        job_id = there.start_restore_job(
            RecoveryPointArn=copied, Metadata={"targetTableName": "copy"}, IamRoleArn=ROLE
        )["RestoreJobId"]
        job = there.describe_restore_job(RestoreJobId=job_id)
        assert job["CreatedResourceArn"] == arn_of("copy", OTHER_REGION)
        assert items("copy", OTHER_REGION) == {"one": ITEM}


def test_a_copy_restores_in_another_account() -> None:
    """With the credentials of a role there."""
    with both() as backup:
        arn = a_table()
        put(ITEM)
        point = back_up(arn)["RecoveryPointArn"]
        job = copy(point, a_vault_away(backup))
        assert job["State"] == "COMPLETED"
        restore_away(job["DestinationRecoveryPointArn"], targetTableName="copy")
        assert a_client("dynamodb").list_tables()["TableNames"] == ["table"]
        found = away("dynamodb").scan(TableName="copy")["Items"]
        assert found == [ITEM]
