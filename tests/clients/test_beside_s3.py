"""S3 buckets beside moto: kept with their objects, and put into a bucket again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine

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
from support.beside_accounts import a_vault_away, away, keys_away, restore_away
from support.constants import ACCOUNT, OTHER_REGION, REGION, ROLE

NEW = {"NewBucket": "true", "DestinationBucketName": "restored"}
"""The metadata that put everything into a new bucket."""


def a_bucket(
    name: str = "bucket", *tags: dict[str, str], versioned: bool = True, region: str = REGION
) -> str:
    """Make a bucket of moto's, and return its ARN."""
    s3 = a_client("s3", region)
    place: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **({} if region == REGION else place))
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if tags:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": list(tags)})
    return f"arn:aws:s3:::{name}"


def put(key: str, body: bytes, bucket: str = "bucket", **settings: Any) -> None:
    """Put an object into a bucket."""
    a_client("s3").put_object(Bucket=bucket, Key=key, Body=body, **settings)


def get(key: str, bucket: str = "restored") -> dict[str, Any]:
    """An object of a bucket."""
    found: dict[str, Any] = a_client("s3").get_object(Bucket=bucket, Key=key)
    return found


def bodies(bucket: str = "restored", **settings: Any) -> dict[str, bytes]:
    """The objects of a bucket, by key."""
    s3 = a_client("s3", **settings)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def history(key: str, bucket: str = "restored") -> list[bytes]:
    """The versions of an object, the latest first."""
    s3 = a_client("s3")
    found = s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
    return [
        s3.get_object(Bucket=bucket, Key=key, VersionId=each["VersionId"])["Body"].read()
        for each in found
    ]


def delete(bucket: str = "bucket") -> None:
    """Delete a bucket with all that is in it."""
    s3 = a_client("s3")
    found = s3.list_object_versions(Bucket=bucket)
    for each in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    s3.delete_bucket(Bucket=bucket)


def test_a_plan_backs_up_what_is_tagged() -> None:
    """For exactly these buckets of the Region there is a job, with the size of the objects."""
    with both() as backup:
        tagged, _ = a_bucket("one-bucket", WANTED), a_bucket("two-bucket")
        a_bucket("elsewhere", WANTED, region=OTHER_REGION)
        put("key", b"12345", "one-bucket")
        put("key", b"678", "one-bucket")
        [job] = backup.run_plan(a_plan())
        assert (job["State"], job["ResourceArn"]) == ("COMPLETED", tagged)
        start = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:one-bucket-"
        assert job["RecoveryPointArn"].startswith(start)
        # Of all versions.
        assert job["BackupSizeInBytes"] == 8


@pytest.mark.parametrize("versioned", [False, True])
def test_a_bucket_comes_back(*, versioned: bool) -> None:
    """After it is gone, what was in it is put into a new one of its name."""
    with both():
        arn = a_bucket(versioned=versioned)
        put("a", b"old")
        put("a", b"\x00\xff")
        put("b/c", b"")
        point = back_up(arn)["RecoveryPointArn"]
        put("later", b"")
        delete()
        job = restore(point, **metadata_of(point), DestinationBucketName="bucket", NewBucket="true")
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", arn)
        assert "StatusMessage" not in job
        assert bodies("bucket") == {"a": b"\x00\xff", "b/c": b""}


def test_objects_come_back_with_what_they_have() -> None:
    """Headers, metadata, tags and encryption; not the storage class."""
    with both():
        key = a_client("kms").create_key()["KeyMetadata"]["Arn"]
        arn = a_bucket()
        expires = datetime(2030, 1, 2, tzinfo=timezone.utc)
        settings = {
            "CacheControl": "no-cache",
            "ContentDisposition": "attachment",
            "ContentEncoding": "gzip",
            "ContentLanguage": "de",
            "ContentType": "text/x-test",
            "Expires": expires,
            "Metadata": {"who": "me"},
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": key,
        }
        put("key", b"-", **settings, Tagging="a=b%20c&d=", StorageClass="STANDARD_IA")
        restore(back_up(arn)["RecoveryPointArn"], **NEW)
        found = get("key")
        assert {name: found[name] for name in settings} == settings
        assert "StorageClass" not in found
        tags = a_client("s3").get_object_tagging(Bucket="restored", Key="key")["TagSet"]
        assert tags == [{"Key": "a", "Value": "b c"}, {"Key": "d", "Value": ""}]


def test_many_objects_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a page of them, and of versions; so where as many are there already."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    with both():
        arn = a_bucket()
        for number in range(4):
            for body in (b"1", b"2"):
                put(str(number), body)
        point = back_up(arn)["RecoveryPointArn"]
        restore(point, **NEW, RestoreLatestVersionsUpTo="all")
        assert {key: history(key) for key in bodies()} == {
            str(number): [b"2", b"1"] for number in range(4)
        }
        put("3", b"3", "restored")
        restore(point, DestinationBucketName="restored")
        assert bodies()["3"] == b"3"


def test_a_new_bucket_has_versions_and_nothing_else_of_the_old() -> None:
    """Its policy, tags and lifecycle are to be set up by hand."""
    with both():
        arn = a_bucket("bucket", WANTED)
        put("key", b"-")
        restore(back_up(arn)["RecoveryPointArn"], **NEW)
        s3 = a_client("s3")
        assert s3.get_bucket_versioning(Bucket="restored")["Status"] == "Enabled"
        with pytest.raises(s3.exceptions.ClientError, match="NoSuchTagSet"):
            s3.get_bucket_tagging(Bucket="restored")


@pytest.mark.parametrize(
    ("depth", "found"),
    [
        (None, [b"3"]),
        ("1", [b"3"]),
        ("2", [b"3", b"2"]),
        ("ALL", [b"3", b"2", b"1"]),
    ],
)
def test_the_metadata_decide_how_many_versions_come_back(
    depth: str | None, found: list[bytes]
) -> None:
    """The latest, that many, or all; the latest stays so."""
    with both():
        arn = a_bucket()
        for body in (b"1", b"2", b"3"):
            put("key", body)
        asked = {} if depth is None else {"RestoreLatestVersionsUpTo": depth}
        restore(back_up(arn)["RecoveryPointArn"], **NEW, **asked)
        assert history("key") == found


def test_what_is_deleted_or_archived_is_not_kept() -> None:
    """A delete marker is the latest version, or the object would have to be retrieved first."""
    with both():
        arn = a_bucket()
        put("stays", b"1")
        put("deleted", b"22")
        put("archived", b"333", StorageClass="GLACIER")
        a_client("s3").delete_object(Bucket="bucket", Key="deleted")
        job = back_up(arn)
        assert job["BackupSizeInBytes"] == 1
        restore(job["RecoveryPointArn"], **NEW)
        assert bodies() == {"stays": b"1"}


def test_some_items_come_back() -> None:
    """Those whose keys begin with one of the texts."""
    with both():
        arn = a_bucket()
        for key in ("a/1", "a/2", "b/1", "c"):
            put(key, b"")
        point = back_up(arn)["RecoveryPointArn"]
        restore(point, **NEW, ItemsToRestore='["a/", "c"]')
        assert set(bodies()) == {"a/1", "a/2", "c"}


@pytest.mark.parametrize("key", [None, "key"])
def test_nothing_that_matches_completes_with_a_message(key: str | None) -> None:
    """Of an empty bucket, and of items that it has not; AWS Backup's words."""
    with both():
        arn = a_bucket()
        if key is not None:
            put(key, b"")
        point = back_up(arn)["RecoveryPointArn"]
        job = restore(point, **NEW, ItemsToRestore='["other"]')
        assert job["Status"] == "COMPLETED"
        message = f"There are no objects that match the restore request for {point}."
        assert job["StatusMessage"] == message


def test_what_is_there_stays() -> None:
    """In the bucket itself, what has been changed is not replaced; what was deleted comes back."""
    with both():
        arn = a_bucket()
        for key in ("same", "changed", "deleted"):
            put(key, b"before")
        point = back_up(arn)["RecoveryPointArn"]
        put("changed", b"after")
        put("added", b"after")
        a_client("s3").delete_object(Bucket="bucket", Key="deleted")
        job = restore(point, DestinationBucketName="bucket", NewBucket="false")
        assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", arn)
        assert bodies("bucket") == {
            "same": b"before",
            "changed": b"after",
            "deleted": b"before",
            "added": b"after",
        }
        assert history("same", "bucket") == [b"before"]


@pytest.mark.parametrize(
    ("denied", "status", "start", "left"),
    [
        ("*", "FAILED", "No objects were", set()),
        ("a*", "COMPLETED", "One or more objects failed to be", {"b"}),
    ],
)
def test_objects_that_s3_refuses(denied: str, status: str, start: str, left: set[str]) -> None:
    """Some of them are told; where it refuses all, the job fails."""
    with both():
        arn = a_bucket()
        put("a", b"")
        put("b", b"")
        point = back_up(arn)["RecoveryPointArn"]
        a_bucket("restored")
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::restored/{denied}",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        a_client("s3").put_bucket_policy(Bucket="restored", Policy=policy)
        job = restore(point, DestinationBucketName="restored")
        assert job["Status"] == status
        assert job["StatusMessage"] == (
            f"{start} restored from {point} to restored. To get notified of these failures, "
            f"enable SNS event notifications."
        )
        assert set(bodies()) == left


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "aws:kms"),
        ({"EncryptionType": "original"}, "aws:kms"),
        ({"EncryptionType": "SSE-S3"}, "AES256"),
        ({"EncryptionType": "SSE-KMS", "KMSKey": "other"}, "aws:kms"),
    ],
)
def test_the_metadata_decide_the_encryption(asked: dict[str, str], found: str) -> None:
    """As it was, with S3's own keys, or with a key of KMS."""
    with both():
        arn = a_bucket()
        put("key", b"", ServerSideEncryption="aws:kms", SSEKMSKeyId="key")
        restore(back_up(arn)["RecoveryPointArn"], **NEW, **asked)
        assert get("key")["ServerSideEncryption"] == found
        keys = {"AES256": None, "aws:kms": asked.get("KMSKey", "key")}
        assert get("key").get("SSEKMSKeyId") == keys[found]


@pytest.mark.parametrize(
    ("key", "value", "end"),
    [
        ("EncryptionType", "AES", "EncryptionType: original, SSE-S3 or SSE-KMS."),
        ("ItemsToRestore", "a", "ItemsToRestore: no JSON."),
        ("ItemsToRestore", "[]", "ItemsToRestore: a list of 1 to 5 texts is needed."),
        ("ItemsToRestore", "[1]", "ItemsToRestore: a list of 1 to 5 texts is needed."),
        (
            "ItemsToRestore",
            '["1", "2", "3", "4", "5", "6"]',
            "ItemsToRestore: a list of 1 to 5 texts is needed.",
        ),
        (
            "RestoreLatestVersionsUpTo",
            "0",
            'RestoreLatestVersionsUpTo: a number from 1 on, or "all".',
        ),
        ("RestoreLatestVersionsUpTo", "few", "RestoreLatestVersionsUpTo: no number."),
    ],
)
def test_metadata_that_cannot_be_meant_fail_the_restore(key: str, value: str, end: str) -> None:
    """The message names the key; no bucket is made."""
    with both():
        point = back_up(a_bucket())["RecoveryPointArn"]
        job = restore(point, **NEW, **{key: value})
        assert job["Status"] == "FAILED"
        assert job["StatusMessage"] == f"The restore metadata have {value!r} for {end}"
        assert [each["Name"] for each in a_client("s3").list_buckets()["Buckets"]] == ["bucket"]


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "The restore metadata lack DestinationBucketName."),
        ({"DestinationBucketName": "other"}, "The specified bucket does not exist"),
        (
            {"DestinationBucketName": "bucket", "NewBucket": "true"},
            "Your previous request to create the named bucket succeeded and you already own it.",
        ),
    ],
)
def test_a_name_that_is_missing_or_taken_fails_the_restore(
    metadata: dict[str, str], message: str
) -> None:
    """With words about the key, or those of S3."""
    with both():
        point = back_up(a_bucket())["RecoveryPointArn"]
        job = restore(point, **metadata)
        assert (job["Status"], job["StatusMessage"]) == ("FAILED", message)


def test_a_bucket_that_is_gone_or_elsewhere_fails_the_job() -> None:
    """With a message of AWS Backup's category for it."""
    with both():
        gone, elsewhere = a_bucket(), a_bucket("elsewhere", region=OTHER_REGION)
        delete()
        for arn in (gone, elsewhere):
            job = back_up(arn)
            assert (job["State"], job["StatusMessage"]) == (
                "FAILED",
                "The specified bucket does not exist",
            )
            assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"


EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


def readers(key: str) -> set[str]:
    """Whom the access control list of a restored object lets read it, by group."""
    grants = a_client("s3").get_object_acl(Bucket="restored", Key=key)["Grants"]
    return {each["Grantee"]["URI"] for each in grants if each["Permission"] == "READ"}


@pytest.mark.parametrize("asked", [False, True])
def test_access_control_lists_come_back_if_asked_for(*, asked: bool) -> None:
    """Where the bucket has them enabled."""
    with both():
        arn = a_bucket()
        a_client("s3").put_bucket_ownership_controls(
            Bucket="bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        )
        put("key", b"", ACL="public-read")
        point = back_up(arn)["RecoveryPointArn"]
        restore(point, **NEW, RestoreACLs=str(asked).lower())
        assert readers("key") == ({EVERYBODY} if asked else set())


def test_a_backup_can_leave_out_tags_and_access_control_lists() -> None:
    """As its BackupOptions say; to restore these lists then fails with AWS Backup's words."""
    with both() as backup:
        a_bucket("bucket", WANTED)
        put("key", b"", Tagging="a=b")
        plan_id = a_plan()
        client = a_client("backup")
        plan = client.get_backup_plan(BackupPlanId=plan_id)["BackupPlan"]
        plan["Rules"] = [{"RuleName": "rule", "TargetBackupVaultName": VAULT}]
        options = {"BackupACLs": "disabled", "BackupObjectTags": "disabled"}
        plan["AdvancedBackupSettings"] = [{"ResourceType": "S3", "BackupOptions": options}]
        client.update_backup_plan(BackupPlanId=plan_id, BackupPlan=plan)
        [job] = backup.run_plan(plan_id)
        point = job["RecoveryPointArn"]
        restore(point, **NEW)
        assert a_client("s3").get_object_tagging(Bucket="restored", Key="key")["TagSet"] == []
        failed = restore(point, **NEW, RestoreACLs="true")
        assert failed["Status"] == "FAILED"
        assert failed["StatusMessage"] == (
            "Unable to restore Access Control Lists (ACLs) for bucket because backup was created "
            "with the 'BackupACLs' option disabled. Please proceed with restoring without ACLs"
        )


def test_a_copy_restores_in_another_region() -> None:
    """Into a bucket that lies there, and after its source was deleted."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        arn = a_bucket()
        put("key", b"body")
        point = back_up(arn)["RecoveryPointArn"]
        copied = copy(point, vault_arn("there", OTHER_REGION))["DestinationRecoveryPointArn"]
        delete_point(point)
        a_client("backup", OTHER_REGION).start_restore_job(
            RecoveryPointArn=copied, Metadata=NEW, IamRoleArn=ROLE
        )
        found = a_client("s3").get_bucket_location(Bucket="restored")["LocationConstraint"]
        assert found == OTHER_REGION
        assert bodies() == {"key": b"body"}


def test_a_copy_restores_in_another_account() -> None:
    """Into a bucket of that account."""
    with both() as backup:
        arn = a_bucket()
        put("key", b"body")
        point = back_up(arn)["RecoveryPointArn"]
        job = copy(point, a_vault_away(backup))
        assert job["State"] == "COMPLETED"
        restore_away(job["DestinationRecoveryPointArn"], **NEW)
        found = [each("s3").list_buckets()["Buckets"] for each in (a_client, away)]
        names = [[each["Name"] for each in buckets] for buckets in found]
        assert names == [["bucket"], ["restored"]]
        assert bodies(**keys_away()) == {"key": b"body"}


START = datetime(2024, 3, 15, tzinfo=timezone.utc)


def written(hours: float) -> str:
    """An instant that many hours after the start, as metadata have it."""
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_continuous_backup_restores_the_time_that_is_asked_for() -> None:
    """It has what the last run by then has read."""
    with time_machine.travel(START, tick=False) as time, both() as backup:
        a_bucket("bucket", WANTED)
        plan_id = a_plan(EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 7})
        points = set()
        # The third run finds what the second one has.
        for body in (b"1", b"2", None):
            if body is not None:
                put("key", body)
            [job] = backup.run_plan(plan_id)
            points.add(job["RecoveryPointArn"])
            time.shift(timedelta(hours=1))
        [point] = points
        assert ":continuous:bucket-" in point
        asked: dict[str, dict[str, str]] = {
            "at-first": {"RestoreTime": written(0)},
            "between": {"restoretime": written(0.9)},
            "second": {"RestoreTime": written(1)},
            "latest": {"RestoreTime": written(2.7)},
        }
        for name, metadata in asked.items():
            restore(point, DestinationBucketName=name, NewBucket="true", **metadata)
        found = {name: bodies(name)["key"] for name in asked}
        assert found == {"at-first": b"1", "between": b"1", "second": b"2", "latest": b"2"}


def test_before_the_first_run_has_ended_there_is_what_it_has_read() -> None:
    """A continuous backup begins when its first job does."""
    with time_machine.travel(START, tick=False) as time, both(progress="manual") as backup:
        a_bucket("bucket", WANTED)
        plan_id = a_plan(EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 7})
        for body in (b"1", b"2"):
            put("key", body)
            [job] = backup.run_plan(plan_id)
            time.shift(timedelta(hours=2))
            job.complete()
        time.shift(timedelta(hours=1))
        asked = {"RecoveryPointArn": job["RecoveryPointArn"], "IamRoleArn": ROLE}
        metadata = {**NEW, "RestoreTime": written(1)}
        started = a_client("backup").start_restore_job(**asked, Metadata=metadata)
        backup.restore_jobs[started["RestoreJobId"]].complete()
        assert bodies() == {"key": b"1"}


def test_a_copy_of_a_continuous_backup_has_its_latest_state() -> None:
    """As the rule's CopyActions make them."""
    with both() as backup:
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        a_bucket("bucket", WANTED)
        plan_id = a_plan(
            EnableContinuousBackup=True,
            Lifecycle={"DeleteAfterDays": 7},
            CopyActions=[{"DestinationBackupVaultArn": vault_arn("there", OTHER_REGION)}],
        )
        for body in (b"1", b"2"):
            put("key", body)
            backup.run_plan(plan_id)
        there = a_client("backup", OTHER_REGION)
        points = there.list_recovery_points_by_backup_vault(BackupVaultName="there")
        found = set()
        for number, point in enumerate(points["RecoveryPoints"]):
            name = f"restored-{number}"
            there.start_restore_job(
                RecoveryPointArn=point["RecoveryPointArn"],
                Metadata={"DestinationBucketName": name, "NewBucket": "true"},
                IamRoleArn=ROLE,
            )
            found.add(bodies(name)["key"])
        assert found == {b"1", b"2"}
