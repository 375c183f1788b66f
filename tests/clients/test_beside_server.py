"""Moto's server as the neighbour: another process's mock, on this machine."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from moto.server import ThreadedMotoServer

from fakebackup import FakeBackupWarning, mock_backup
from support.beside import (
    VAULT,
    WANTED,
    a_plan,
    back_up,
    copy,
    delete_point,
    metadata_of,
    restore,
    vault_arn,
)
from support.beside import a_client as any_client
from support.beside_accounts import ROLE_AWAY, keys_away
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE
from support.served_command import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import Job

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@pytest.fixture(scope="module")
def started() -> Iterator[str]:
    """The URL of a server of moto's, on a free port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def url(started: str) -> str:
    """The same, which has nothing."""
    import urllib.request

    asked = urllib.request.Request(f"{started}/moto-api/reset", method="POST")  # noqa: S310  on this machine
    urllib.request.urlopen(asked).close()  # noqa: S310  on this machine
    return started


@pytest.fixture
def a_client(url: str) -> Callable[..., Any]:
    """A function that makes clients that ask the server."""

    def make(service: str, region: str = REGION, **settings: Any) -> Any:
        return any_client(service, region, endpoint_url=url, **{**KEYS, **settings})

    return make


def bodies(sqs: Any, url: str) -> list[Any]:
    """Take all messages from a queue, and return what they say."""
    found: list[Any] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            found.append(json.loads(each["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return found


def finish(job: Job) -> None:
    """Complete a job, if it has not done so by itself."""
    if job.state != "COMPLETED":
        job.complete()


def listening(a_client: Callable[..., Any]) -> tuple[dict[str, str], str]:
    """Let queues hear the vault's topic, and of what has completed; return them and the topic."""
    sqs, sns, events = (a_client(name) for name in ("sqs", "sns", "events"))
    queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("sns", "events")}
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:"
    topic: str = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{arn}sns")
    any_client("backup").put_backup_vault_notifications(
        BackupVaultName=VAULT, SNSTopicArn=topic, BackupVaultEvents=["BACKUP_JOB_COMPLETED"]
    )
    pattern = {"source": ["aws.backup"], "detail": {"state": ["COMPLETED"]}}
    events.put_rule(Name="completed", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="completed", Targets=[{"Id": "1", "Arn": f"{arn}events"}])
    return queues, topic


@pytest.mark.parametrize("progress", ["immediate", "polls"])
@pytest.mark.parametrize("network", ["open", "closed"])
def test_the_whole_story(
    url: str, a_client: Callable[..., Any], progress: Any, network: Any
) -> None:
    """Selected by tag, backed up, copied, deleted, restored; told, reported and listed."""
    with mock_backup(beside=url, region=REGION, progress=progress, network=network) as backup:
        client = any_client("backup")
        client.create_backup_vault(BackupVaultName=VAULT, BackupVaultTags={"team": "a"})
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        ec2, sqs, s3 = (a_client(name) for name in ("ec2", "sqs", "s3"))
        queues, topic = listening(a_client)
        s3.create_bucket(Bucket="reports")

        # The night.
        tagged = [{"ResourceType": "volume", "Tags": [WANTED]}]
        made = [
            ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=size, **more)["VolumeId"]
            for size, more in ((3, {"TagSpecifications": tagged}), (4, {}))
        ]
        [job] = backup.run_plan(a_plan())
        finish(job)
        point = job["RecoveryPointArn"]
        volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made[0]}"
        assert (job.state, job["ResourceArn"]) == ("COMPLETED", volume)
        [snapshot] = ours(ec2)
        assert snapshot["SnapshotId"] == point.rpartition("/")[2]
        assert [each["detail"]["resourceArn"] for each in bodies(sqs, queues["events"])] == [volume]
        [notice] = bodies(sqs, queues["sns"])
        assert (notice["TopicArn"], notice["Message"]) == (
            topic,
            backup.notifications[0]["Sns"]["Message"],
        )

        # The copy, and the restore after the loss.
        copy(point, vault_arn("there", OTHER_REGION))
        [copied] = backup.copy_jobs.values()
        finish(copied)
        assert len(ours(a_client("ec2", OTHER_REGION))) == 1
        for each in made:
            ec2.delete_volume(VolumeId=each)
        restore(point, **metadata_of(point))
        [restored] = backup.restore_jobs.values()
        finish(restored)
        [again] = ec2.describe_volumes()["Volumes"]
        assert restored["CreatedResourceArn"].endswith(again["VolumeId"])
        assert again["Size"] == 3

        # The report, the tags, the end.
        client.create_report_plan(
            ReportPlanName="jobs",
            ReportDeliveryChannel={"S3BucketName": "reports", "Formats": ["CSV"]},
            ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
        )
        client.start_report_job(ReportPlanName="jobs")
        [report] = backup.report_jobs.values()
        finish(report)
        [key] = report["ReportDestination"]["S3Keys"]
        text = s3.get_object(Bucket="reports", Key=key)["Body"].read().decode()
        assert [volume in row.values() for row in csv.DictReader(io.StringIO(text))] == [True]
        found = a_client("resourcegroupstaggingapi").get_resources(
            ResourceTypeFilters=["backup:backup-vault"]
        )["ResourceTagMappingList"]
        assert found == [{"ResourceARN": vault_arn(), "Tags": [{"Key": "team", "Value": "a"}]}]
        delete_point(point)
        assert not ours(ec2)
        assert len(ours(a_client("ec2", OTHER_REGION))) == 1


def ours(ec2: Any, account: str = ACCOUNT) -> list[Any]:
    """The snapshots that AWS Backup made."""
    found = ec2.describe_snapshots(OwnerIds=[account])["Snapshots"]
    return [each for each in found if "AWS Backup" in each["Description"]]


def test_two_accounts(url: str, a_client: Callable[..., Any]) -> None:
    """Clients of a role see what their own account has, in the server as in the fake."""
    with mock_backup(beside=url, region=REGION, progress="immediate") as backup:
        theirs = keys_away(a_client("sts"))
        ec2 = a_client("ec2", **theirs)
        made = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=2)["VolumeId"]
        client = any_client("backup", **theirs)
        client.create_backup_vault(BackupVaultName=VAULT)
        job_id = client.start_backup_job(
            BackupVaultName=VAULT,
            ResourceArn=f"arn:aws:ec2:{REGION}:{OTHER_ACCOUNT}:volume/{made}",
            IamRoleArn=ROLE_AWAY,
        )["BackupJobId"]
        job = client.describe_backup_job(BackupJobId=job_id)
        assert (job["State"], job["AccountId"]) == ("COMPLETED", OTHER_ACCOUNT)
        [snapshot] = ours(ec2, OTHER_ACCOUNT)
        assert job["RecoveryPointArn"].endswith(snapshot["SnapshotId"])
        assert not ours(a_client("ec2"))
        assert not backup.backup_jobs


def test_what_the_server_cannot_do_is_one_warning(url: str, a_client: Callable[..., Any]) -> None:
    """A target that moto does not run is an error of the server."""
    with mock_backup(beside=url, region=REGION, progress="immediate"):
        any_client("backup").create_backup_vault(BackupVaultName=VAULT)
        events = a_client("events")
        events.put_rule(Name="all", EventPattern='{"source": ["aws.backup"]}')
        target = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
        events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": target}])
        made = a_client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
        with pytest.warns(FakeBackupWarning) as caught:
            job = back_up(f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made}")
        assert job["State"] == "COMPLETED"
        [text] = [str(each.message) for each in caught]
        assert text.startswith(
            f"EventBridge of account {ACCOUNT} in {REGION} did not deliver AWS Backup's event "
        )


def test_the_command_that_serves_works_on_it(url: str, a_client: Callable[..., Any]) -> None:
    """Two servers, for programs in any language: what one backs up lies in the other."""
    volume = a_client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    arguments = ("--empty", "--region", REGION, "--progress", "immediate", "--beside", url)
    with serving(*arguments) as command:
        backup = any_client(
            "backup", endpoint_url=command.environment["AWS_ENDPOINT_URL_BACKUP"], **KEYS
        )
        backup.create_backup_vault(BackupVaultName=VAULT)
        job = backup.start_backup_job(
            BackupVaultName=VAULT,
            ResourceArn=f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{volume}",
            IamRoleArn=ROLE,
        )
        point = backup.describe_backup_job(BackupJobId=job["BackupJobId"])["RecoveryPointArn"]
    found = a_client("ec2").describe_snapshots(SnapshotIds=[point.rpartition("/")[2]])
    assert found["Snapshots"][0]["VolumeId"] == volume
