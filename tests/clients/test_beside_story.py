"""The whole story beside moto: tagged, planned, backed up, lost, restored, told and reported."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import time_machine

from support.beside import VAULT, WANTED, a_client, a_plan, both, metadata_of, restore, vault_arn
from support.constants import ACCOUNT, NOW, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup import FakeBackup, Job

REPORTS = "reports"
ITEMS = [
    {"id": {"S": str(n)}, "bytes": {"B": bytes([n])}, "set": {"NS": ["1", "2"]}} for n in range(30)
]


class World(NamedTuple):
    """What a company has, tagged for its backups and not; by type of resource, the ARN."""

    tagged: Mapping[str, str]
    left_out: Mapping[str, str]


def build(*, tagged: bool) -> dict[str, str]:
    """Make one of each, and return the ARNs by type."""
    name = "tagged" if tagged else "left-out"
    tags = [WANTED] if tagged else []
    volume = a_client("ec2").create_volume(
        AvailabilityZone=f"{REGION}a",
        Size=5,
        TagSpecifications=[{"ResourceType": "volume", "Tags": tags}] if tags else [],
    )
    dynamodb = a_client("dynamodb")
    table = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags,
    )["TableDescription"]
    for item in ITEMS:
        dynamodb.put_item(TableName=name, Item=item)
    s3 = a_client("s3")
    s3.create_bucket(Bucket=f"bucket-{name}")
    s3.put_object(Bucket=f"bucket-{name}", Key="a/b.txt", Body=b"hello", Metadata={"by": "test"})
    if tags:
        s3.put_bucket_tagging(Bucket=f"bucket-{name}", Tagging={"TagSet": tags})
    database = a_client("rds").create_db_instance(
        DBInstanceIdentifier=f"db-{name}",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="somebody",
        MasterUserPassword="something",
        AllocatedStorage=20,
        Tags=tags,
    )["DBInstance"]
    return {
        "EBS": f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{volume['VolumeId']}",
        "DynamoDB": table["TableArn"],
        "S3": f"arn:aws:s3:::bucket-{name}",
        "RDS": database["DBInstanceArn"],
    }


def lose(arns: Mapping[str, str]) -> None:
    """Delete all of it."""
    a_client("ec2").delete_volume(VolumeId=arns["EBS"].rpartition("/")[2])
    a_client("dynamodb").delete_table(TableName=arns["DynamoDB"].rpartition("/")[2])
    bucket = arns["S3"].rpartition(":")[2]
    a_client("s3").delete_object(Bucket=bucket, Key="a/b.txt")
    a_client("s3").delete_bucket(Bucket=bucket)
    a_client("rds").delete_db_instance(
        DBInstanceIdentifier=arns["RDS"].rpartition(":")[2], SkipFinalSnapshot=True
    )


def a_queue(name: str) -> tuple[str, str]:
    """Make a queue that anybody may send to, and return its URL and ARN."""
    sqs = a_client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, arn["Attributes"]["QueueArn"]


def received(url: str) -> list[dict[str, Any]]:
    """All messages of a queue, parsed."""
    sqs, found = a_client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            found.append(json.loads(each["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return found


def listen() -> tuple[str, str]:
    """Let queues hear the vault's topic and a rule of EventBridge; return their URLs."""
    heard, heard_arn = a_queue("of-the-topic")
    topic = a_client("sns").create_topic(Name="backups")["TopicArn"]
    a_client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=heard_arn)
    a_client("backup").put_backup_vault_notifications(
        BackupVaultName=VAULT, SNSTopicArn=topic, BackupVaultEvents=["BACKUP_JOB_COMPLETED"]
    )
    matched, matched_arn = a_queue("of-the-rule")
    pattern = {
        "source": ["aws.backup"],
        "detail-type": ["Backup Job State Change"],
        "detail": {"state": ["COMPLETED"]},
    }
    events = a_client("events")
    events.put_rule(Name="completed", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="completed", Targets=[{"Id": "queue", "Arn": matched_arn}])
    return heard, matched


def let_all_end(backup: FakeBackup, progress: str, jobs: list[Job], frozen: Any) -> None:
    """Let jobs come to their end, in the way of the option `progress`."""
    if progress == "clock":
        frozen.shift(timedelta(hours=1))
    while progress == "polls" and any(job["State"] in ("CREATED", "RUNNING") for job in jobs):
        a_client("backup").list_backup_jobs()
    assert [job["State"] for job in jobs] == ["COMPLETED"] * len(jobs), backup.calls


@pytest.mark.parametrize("moto_inside", [False, True])
@pytest.mark.parametrize("progress", ["polls", "immediate", "clock"])
def test_the_whole_story(progress: str, *, moto_inside: bool) -> None:
    """A company loses everything, and has it back."""
    # freezegun's datetimes are not those that moto's SNS signs with, once it has signed before.
    with (
        time_machine.travel(NOW, tick=False) as frozen,
        both(moto_inside=moto_inside, progress=progress) as backup,
    ):
        world = World(build(tagged=True), build(tagged=False))
        heard, matched = listen()
        jobs = backup.run_plan(a_plan(RecoveryPointTags={"rule": "nightly"}))
        let_all_end(backup, progress, jobs, frozen)
        assert {job["ResourceArn"] for job in jobs} == set(world.tagged.values())

        points = {job["ResourceType"]: job["RecoveryPointArn"] for job in jobs}
        lose(world.tagged)
        restored = {kind: _restored(kind, points[kind], progress, frozen) for kind in world.tagged}
        _check_restored(restored)

        told = " ".join(each["Message"] for each in received(heard))
        assert all(f"Backup Job Id : {job.id}" in told for job in jobs), told
        assert {each["detail"]["backupJobId"] for each in received(matched)} == {
            job.id for job in jobs
        }
        _check_report(backup, progress, frozen, jobs)
        a_client("backup").tag_resource(ResourceArn=vault_arn(), Tags={"team": "storage"})
        tagged = a_client("resourcegroupstaggingapi").get_resources(
            TagFilters=[{"Key": "team", "Values": ["storage"]}]
        )
        assert [each["ResourceARN"] for each in tagged["ResourceTagMappingList"]] == [vault_arn()]


_NAMES = {
    "EBS": {},
    "DynamoDB": {"targetTableName": "restored"},
    "S3": {"DestinationBucketName": "bucket-restored", "NewBucket": "true"},
    "RDS": {"DBInstanceIdentifier": "db-restored"},
}
"""What the metadata of a restore name besides what AWS Backup offers."""


def _restored(kind: str, point: str, progress: str, frozen: Any) -> str:
    """Restore a recovery point, wait for it, and return the ARN of what there is then."""
    backup = a_client("backup")
    job = restore(point, **{**metadata_of(point), **_NAMES[kind]})
    if progress == "clock":
        frozen.shift(timedelta(hours=1))
    while job["Status"] in ("PENDING", "RUNNING"):
        job = backup.describe_restore_job(RestoreJobId=job["RestoreJobId"])
    assert job["Status"] == "COMPLETED", job.get("StatusMessage")
    made: str = job["CreatedResourceArn"]
    return made


def _check_restored(restored: Mapping[str, str]) -> None:
    """Everything is as it was, as moto's clients show it."""
    volume = restored["EBS"].rpartition("/")[2]
    [found] = a_client("ec2").describe_volumes(VolumeIds=[volume])["Volumes"]
    assert found["Size"] == 5
    items = a_client("dynamodb").scan(TableName="restored")["Items"]
    assert sorted(items, key=lambda each: int(each["id"]["S"])) == ITEMS
    body = a_client("s3").get_object(Bucket="bucket-restored", Key="a/b.txt")
    assert (body["Body"].read(), body["Metadata"]) == (b"hello", {"by": "test"})
    [database] = a_client("rds").describe_db_instances(DBInstanceIdentifier="db-restored")[
        "DBInstances"
    ]
    assert (database["Engine"], database["AllocatedStorage"]) == ("postgres", 20)


def _check_report(backup: FakeBackup, progress: str, frozen: Any, jobs: list[Job]) -> None:
    """The report of the jobs lies in its bucket."""
    a_client("s3").create_bucket(Bucket=REPORTS)
    client = a_client("backup")
    client.create_report_plan(
        ReportPlanName="jobs",
        ReportDeliveryChannel={"S3BucketName": REPORTS, "Formats": ["CSV"]},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
    )
    job_id = client.start_report_job(ReportPlanName="jobs")["ReportJobId"]
    if progress == "clock":
        frozen.shift(timedelta(hours=1))
    while client.describe_report_job(ReportJobId=job_id)["ReportJob"]["Status"] != "COMPLETED":
        pass
    [(key, text)] = backup.reports[job_id].items()
    stored = a_client("s3").get_object(Bucket=REPORTS, Key=key)["Body"].read().decode()
    assert stored == text
    assert all(job.id in stored for job in jobs)
