"""What AWS Backup delivers beside moto: events, notifications, report files, tags of vaults."""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import json
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.backup.models import BackupBackend
from moto.events.models import EventsBackend

from fakebackup import FakeBackupWarning, mock_backup
from support.beside import VAULT, WANTED, a_client, a_plan, back_up, both, vault_arn
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE
from support.forks import MARKS, in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def a_volume(*tags: dict[str, str]) -> str:
    """Make a volume of moto's, and return its ARN."""
    tagged = [{"ResourceType": "volume", "Tags": list(tags)}] if tags else []
    made = a_client("ec2").create_volume(
        AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=tagged
    )
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def a_queue(name: str, region: str = REGION) -> tuple[str, str]:
    """Make a queue, and return its URL and its ARN."""
    url = a_client("sqs", region).create_queue(QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"


def bodies(url: str, region: str = REGION) -> list[dict[str, Any]]:
    """Take all messages from a queue, in order, and return what they say."""
    sqs, found = a_client("sqs", region), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(each["Body"]) for each in messages]
    return found


def a_rule(
    target: str | None, pattern: dict[str, Any], region: str = REGION, **settings: Any
) -> None:
    """Make a rule of the default bus with a target."""
    events = a_client("events", region)
    name = f"rule-{len(events.list_rules()['Rules'])}"
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    if target is not None:
        events.put_targets(Rule=name, Targets=[{"Id": "target", "Arn": target, **settings}])


def a_topic(*wanted: str, vault: str = VAULT) -> tuple[str, str]:
    """Let a vault publish to a topic with a queue; return the ARN and the queue's URL."""
    sns = a_client("sns")
    topic = sns.create_topic(Name=f"topic-{vault}")["TopicArn"]
    url, arn = a_queue(f"of-{vault}")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    publish(topic, *wanted, vault=vault)
    return topic, url


def publish(topic: str, *wanted: str, vault: str = VAULT) -> None:
    """Let a vault publish to a topic."""
    a_client("backup").put_backup_vault_notifications(
        BackupVaultName=vault,
        SNSTopicArn=topic,
        BackupVaultEvents=list(wanted or ("BACKUP_JOB_COMPLETED",)),
    )


def completes(times: int = 1) -> None:
    """Check that backups of volumes complete."""
    for _ in range(times):
        assert back_up(a_volume())["State"] == "COMPLETED"


def warnings_of(act: Callable[[], object]) -> list[str]:
    """The texts of the fake's warnings about what an act does."""
    with pytest.warns(FakeBackupWarning) as caught:
        act()
    return [str(each.message) for each in caught]


def states(found: list[dict[str, Any]]) -> list[str]:
    """The states of events of backup jobs."""
    return [each["detail"]["state"] for each in found]


# --- EventBridge ------------------------------------------------------------------------------


@pytest.mark.parametrize("moto_inside", [False, True])
@pytest.mark.parametrize("progress", ["immediate", "polls"])
def test_events_reach_the_queue_of_a_rule(progress: str, *, moto_inside: bool) -> None:
    """Each once, in order, as the fake has them."""
    with both(moto_inside=moto_inside, progress=progress) as backup:
        url, arn = a_queue("events")
        a_rule(arn, {"source": ["aws.backup"], "detail-type": ["Backup Job State Change"]})
        job_id = back_up(a_volume())["BackupJobId"]
        a_client("backup").describe_backup_job(BackupJobId=job_id)
        a_client("backup").describe_backup_job(BackupJobId=job_id)
        found = bodies(url)
        own = [each for each in backup.events if each["detail-type"] == "Backup Job State Change"]
        assert states(found) == ["CREATED", "RUNNING", "COMPLETED"]
        for member in ("source", "detail-type", "region", "resources", "detail", "time"):
            assert [each[member] for each in found] == [each[member] for each in own]


def test_a_rule_matches_by_the_content() -> None:
    """The account, the resources and the detail are there to match; others are not delivered."""
    with both():
        url, arn = a_queue("events")
        volume = a_volume()
        a_rule(arn, {"account": [ACCOUNT], "detail": {"state": ["COMPLETED"]}})
        other, other_arn = a_queue("other")
        a_rule(other_arn, {"account": [OTHER_ACCOUNT]})
        back_up(volume)
        assert states(bodies(url)) == ["COMPLETED"]
        assert bodies(other) == []


def test_a_rule_shapes_its_message() -> None:
    """As moto does it, from the paths of an InputTransformer."""
    with both():
        url, arn = a_queue("events")
        shaped = {
            "InputPathsMap": {"state": "$.detail.state", "about": "$.detail.resourceArn"},
            "InputTemplate": '{"told": "<about> is <state>"}',
        }
        a_rule(arn, {"detail": {"state": ["COMPLETED"]}}, InputTransformer=shaped)
        volume = a_volume()
        back_up(volume)
        assert bodies(url) == [{"told": f"{volume} is COMPLETED"}]


def test_events_are_of_their_account_and_region() -> None:
    """A rule of another Region hears its own alone."""
    with both() as backup:
        url, arn = a_queue("events", OTHER_REGION)
        a_rule(arn, {"source": ["aws.backup"]}, OTHER_REGION)
        back_up(a_volume())
        a_client("backup", OTHER_REGION).create_backup_vault(BackupVaultName="there")
        [event] = bodies(url, OTHER_REGION)
        assert (event["detail-type"], event["region"]) == (
            "Backup Vault State Change",
            OTHER_REGION,
        )
        assert len(backup.events) > 1


def test_moto_takes_events_of_aws_backup() -> None:
    """EventBridge refuses sources that begin with aws. to users, and moto does not so far.

    When this fails, no event reaches a rule of moto's any more; the guide `moto` says that they
    do.
    """
    with mock_aws():
        url, arn = a_queue("events")
        a_rule(arn, {"source": ["aws.backup"]})
        entry = {"Source": "aws.backup", "DetailType": "type", "Detail": "{}"}
        told = a_client("events").put_events(Entries=[entry])
        assert told["FailedEntryCount"] == 0
        assert len(bodies(url)) == 1


def test_events_that_are_not_taken_are_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what EventBridge said, and the job goes on."""

    def refuse(_self: object, events: list[Any]) -> list[dict[str, str]]:
        return [{"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": "no"} for _ in events]

    monkeypatch.setattr(EventsBackend, "put_events", refuse)
    with both():
        a_rule(None, {"source": ["aws.backup"]})
        [text] = warnings_of(completes)
        assert text.startswith(
            f"EventBridge of account {ACCOUNT} in {REGION} did not deliver AWS Backup's event "
            f"'Backup Job State Change': NotAuthorizedForSource: no. "
        )


def test_a_target_that_moto_cannot_run_is_one_warning() -> None:
    """A Lambda function, for one; targets of other rules get all the same events."""
    with both():
        url, arn = a_queue("events")
        a_rule(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", {"detail": {"state": ["RUNNING"]}})
        a_rule(arn, {"detail-type": ["Backup Job State Change"]})
        [text] = warnings_of(functools.partial(completes, 2))
        assert "NotImplementedError" in text
        assert "point the rule to a queue, call the function by backup.on_event" in text
        assert "or look at backup.events. (This is said once.)" in text
        # moto stops at the target that it cannot run: of that event the others hear nothing.
        assert states(bodies(url)) == ["CREATED", "COMPLETED"] * 2


def test_without_moto_nobody_misses_an_event() -> None:
    """What happens while nothing answers is no warning: there is no rule."""
    with mock_backup(beside="moto", region=REGION), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        a_client("backup").create_backup_vault(BackupVaultName=VAULT)
        with mock_aws():
            url, arn = a_queue("events")
            a_rule(arn, {"source": ["aws.backup"]})
            a_client("backup").create_backup_vault(BackupVaultName="second")
            assert [each["detail"]["backupVaultName"] for each in bodies(url)] == ["second"]
    assert not caught


def test_what_was_delivered_stays_delivered() -> None:
    """A savepoint undoes what the fake holds; afterwards new events come, each once."""
    with both() as backup:
        url, arn = a_queue("events")
        a_rule(arn, {"detail-type": ["Backup Vault State Change"]})
        client = a_client("backup")
        with backup.savepoint():
            client.create_backup_vault(BackupVaultName="undone")
            client.create_backup_vault(BackupVaultName="undone-too")
        client.create_backup_vault(BackupVaultName="kept")
        backup.reset()
        client.create_backup_vault(BackupVaultName="after")
        told = [each["detail"]["backupVaultName"] for each in bodies(url)]
        assert told == ["undone", "undone-too", "kept", "after"]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_reset_in_a_savepoint(depth: int) -> None:
    """What was delivered before the block is not delivered again, and what was made is known."""
    with both(progress="immediate") as backup:
        url, arn = a_queue("events")
        a_rule(arn, {"source": ["aws.backup"]})
        volume = a_volume()
        back_up(volume)
        [point] = backup.recovery_points.values()
        told = [each["detail"] for each in bodies(url)]
        # The vault was made before the rule.
        assert told == [each["detail"] for each in backup.events[1:]]
        with contextlib.ExitStack() as blocks:
            for _ in range(depth):
                blocks.enter_context(backup.savepoint())
            backup.reset()
        client, named = a_client("backup"), {"RecoveryPointArn": point.arn}
        found = client.get_recovery_point_restore_metadata(BackupVaultName=VAULT, **named)
        metadata = found["RestoreMetadata"]
        client.start_restore_job(IamRoleArn=ROLE, ResourceType="EBS", Metadata=metadata, **named)
        [job] = backup.restore_jobs.values()
        volumes = a_client("ec2").describe_volumes()["Volumes"]
        made = job["CreatedResourceArn"].rpartition("/")[2]
        assert made in {each["VolumeId"] for each in volumes}
        told += [each["detail"] for each in bodies(url)]
        assert told == [each["detail"] for each in backup.events[1:]]


# --- SNS --------------------------------------------------------------------------------------


@pytest.mark.parametrize("moto_inside", [False, True])
def test_notifications_reach_the_queue_of_a_topic(*, moto_inside: bool) -> None:
    """Each once, with the subject and the message attributes of AWS."""
    with both(moto_inside=moto_inside) as backup:
        topic, url = a_topic("BACKUP_JOB_STARTED", "BACKUP_JOB_COMPLETED")
        back_up(a_volume())
        found, own = bodies(url), [each["Sns"] for each in backup.notifications]
        assert [each["MessageAttributes"]["State"] for each in found] == [
            {"Type": "String", "Value": "RUNNING"},
            {"Type": "String", "Value": "COMPLETED"},
        ]
        for member in ("TopicArn", "Subject", "Message", "MessageAttributes"):
            assert [each[member] for each in found] == [each[member] for each in own]
        assert {each["TopicArn"] for each in found} == {topic}


def test_a_subscription_filters_by_attributes() -> None:
    """As it does on AWS: only jobs that failed."""
    with both() as backup:
        topic, url = a_topic()
        [subscription] = a_client("sns").list_subscriptions_by_topic(TopicArn=topic)[
            "Subscriptions"
        ]
        a_client("sns").set_subscription_attributes(
            SubscriptionArn=subscription["SubscriptionArn"],
            AttributeName="FilterPolicy",
            AttributeValue=json.dumps({"State": ["FAILED"]}),
        )
        backup.next_outcome("StartBackupJob", State="COMPLETED")
        backup.next_outcome("StartBackupJob", State="FAILED")
        for _ in range(2):
            back_up(a_volume())
        [told] = bodies(url)
        assert told["MessageAttributes"]["State"]["Value"] == "FAILED"


def test_a_missing_topic_is_one_warning() -> None:
    """It names the topic, what SNS said and what to do; another topic is another cause."""
    topics = [f"arn:aws:sns:{REGION}:{ACCOUNT}:missing-{n}" for n in range(2)]
    with both() as backup:

        def publish_to_each() -> None:
            for topic in (*topics, topics[0]):
                publish(topic)
                completes()

        texts = warnings_of(publish_to_each)
        assert [text.split(" to its SNS topic ")[1].split(": ")[0] for text in texts] == topics
        # moto says that there is no such endpoint.
        assert ": NotFound: " in texts[0]
        assert ". Create the topic, and what subscribes to it, in the mock beside" in texts[0]
        assert texts[0].endswith("or take the notifications from the vault. (This is said once.)")
        assert len(backup.notifications) == 3


def test_a_warning_is_no_error_of_the_code_under_test() -> None:
    """Not even where the filters make errors of warnings: it is shown."""
    with both(), warnings.catch_warnings(record=True) as caught:
        publish(f"arn:aws:sns:{REGION}:{ACCOUNT}:missing")
        warnings.simplefilter("error")
        assert back_up(a_volume())["State"] == "COMPLETED"
        [warning] = caught
        assert warning.category is FakeBackupWarning
        assert warning.filename == __file__ or warning.filename.endswith("beside.py")


# --- Reports ----------------------------------------------------------------------------------


def a_report_plan(bucket: str, *formats: str) -> None:
    """Make a report plan of backup jobs."""
    a_client("backup").create_report_plan(
        ReportPlanName="jobs",
        ReportDeliveryChannel={"S3BucketName": bucket, "Formats": list(formats)},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
    )


def report() -> dict[str, Any]:
    """Start the report job of the plan, and return it as it is described."""
    backup = a_client("backup")
    job_id = backup.start_report_job(ReportPlanName="jobs")["ReportJobId"]
    found: dict[str, Any] = backup.describe_report_job(ReportJobId=job_id)["ReportJob"]
    return found


@pytest.mark.parametrize("progress", ["immediate", "polls"])
def test_report_files_lie_in_the_bucket(progress: str) -> None:
    """Under the keys that the job says, with the rows of the report, each written once."""
    with both(progress=progress) as backup:
        s3 = a_client("s3")
        s3.create_bucket(Bucket="reports")
        s3.put_bucket_versioning(Bucket="reports", VersioningConfiguration={"Status": "Enabled"})
        volume = a_volume()
        back_up(volume)
        a_report_plan("reports", "CSV", "JSON")
        job = report()
        report_id = job["ReportJobId"]
        a_client("backup").describe_report_job(ReportJobId=report_id)
        keys = backup.report_jobs[report_id]["ReportDestination"]["S3Keys"]
        versions = s3.list_object_versions(Bucket="reports")["Versions"]
        assert sorted(each["Key"] for each in versions) == sorted(keys)
        texts = {
            key: s3.get_object(Bucket="reports", Key=key)["Body"].read().decode() for key in keys
        }
        assert texts == backup.reports[report_id]
        [row] = csv.DictReader(io.StringIO(texts[keys[0]]))
        assert volume in row.values()


def test_a_missing_bucket_is_one_warning() -> None:
    """It names the bucket; the job completes as before."""
    with both():
        a_report_plan("missing", "CSV", "JSON")
        [text] = warnings_of(lambda: [report(), report()])
        assert " was not written into the bucket missing: NoSuchBucket: " in text
        assert "Create the bucket in the mock beside AWS Backup before the report is made" in text


def test_a_report_that_was_undone_is_written_again() -> None:
    """It has the number of the one before, and is another report."""
    with both() as backup:
        a_client("s3").create_bucket(Bucket="reports")
        a_report_plan("reports", "CSV")
        with backup.savepoint():
            [undone] = report()["ReportDestination"]["S3Keys"]
        a_client("s3").delete_object(Bucket="reports", Key=undone)
        [key] = report()["ReportDestination"]["S3Keys"]
        listed = a_client("s3").list_objects_v2(Bucket="reports")["Contents"]
        assert [each["Key"] for each in listed] == [key]


# --- The tagging API --------------------------------------------------------------------------


def tagged(region: str = REGION, **asked: Any) -> dict[str, dict[str, str]]:
    """What the tagging API lists, by ARN."""
    pages = a_client("resourcegroupstaggingapi", region).get_paginator("get_resources")
    return {
        each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        for page in pages.paginate(**asked)
        for each in page["ResourceTagMappingList"]
    }


VAULTS: dict[str, Any] = {"ResourceTypeFilters": ["backup:backup-vault"]}


def test_the_tagging_api_lists_vaults() -> None:
    """With their tags as they are now; those without tags, and those that are gone, are not."""
    with both() as backup:
        client = a_client("backup")
        client.create_backup_vault(BackupVaultName="tagged", BackupVaultTags={"a": "1", "b": "2"})
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there", Tags={"far": "away"})
        volume = a_volume(WANTED)
        assert tagged(**VAULTS) == {vault_arn("tagged"): {"a": "1", "b": "2"}}
        assert tagged() == {vault_arn("tagged"): {"a": "1", "b": "2"}, volume: {"backup": "yes"}}
        assert tagged(OTHER_REGION) == {vault_arn("there", OTHER_REGION): {"far": "away"}}
        client.untag_resource(ResourceArn=vault_arn("tagged"), TagKeyList=["a"])
        client.tag_resource(ResourceArn=vault_arn(), Tags={"c": "3"})
        client.tag_resource(ResourceArn=vault_arn("tagged"), Tags={"b": "4"})
        assert tagged(**VAULTS) == {vault_arn("tagged"): {"b": "4"}, vault_arn(): {"c": "3"}}
        keys = a_client("resourcegroupstaggingapi").get_tag_keys()["TagKeys"]
        assert sorted(keys) == ["b", "backup", "c"]
        client.delete_backup_vault(BackupVaultName="tagged")
        assert tagged(**VAULTS) == {vault_arn(): {"c": "3"}}
        client.create_backup_vault(BackupVaultName="tagged")
        assert tagged(**VAULTS) == {vault_arn(): {"c": "3"}}
        assert {each.operation for each in backup.calls} == {
            "CreateBackupVault",
            "TagResource",
            "UntagResource",
            "DeleteBackupVault",
        }


def test_vaults_of_the_fake_before_are_gone() -> None:
    """Where moto goes on, and of this fake too, when it is reset."""
    with mock_aws():
        with mock_backup(beside="moto", region=REGION) as backup:
            backup.add_vault(BackupVaultName="first", Tags={"n": "1"})
            assert list(tagged(**VAULTS)) == [vault_arn("first")]
        with mock_backup(beside="moto", region=REGION) as backup:
            backup.add_vault(BackupVaultName="second", Tags={"n": "2"})
            assert list(tagged(**VAULTS)) == [vault_arn("second")]
            backup.reset()
            assert tagged(**VAULTS) == {}


def test_motos_own_vaults_stay() -> None:
    """A vault that was made in moto before the fake is none of the fake's."""
    with mock_aws():
        a_client("backup").create_backup_vault(
            BackupVaultName="motos", BackupVaultTags={"own": "yes"}
        )
        with mock_backup(beside="moto", region=REGION) as backup:
            backup.add_vault(BackupVaultName="ours", Tags={"n": "1"})
            own, ours = {"own": "yes"}, {"n": "1"}
            assert tagged(**VAULTS) == {vault_arn("motos"): own, vault_arn("ours"): ours}


def test_vaults_are_shown_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other call of a client makes one in moto."""
    made: list[str] = []
    create = BackupBackend.create_backup_vault

    def watched(self: BackupBackend, backup_vault_name: str, *more: Any, **named: Any) -> Any:
        made.append(backup_vault_name)
        return create(self, backup_vault_name, *more, **named)

    monkeypatch.setattr(BackupBackend, "create_backup_vault", watched)
    with both() as backup:
        backup.add_vault(BackupVaultName="tagged", Tags={"n": "1"})
        back_up(a_volume())
        assert not made
        tagged()
        tagged()
        assert made == ["tagged"]


def test_vaults_that_cannot_be_shown_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call of the tagging API is answered all the same."""

    def fail(*_: object, **__: object) -> None:
        raise NotImplementedError("no vaults")

    monkeypatch.setattr(BackupBackend, "list_backup_vaults", fail)
    with both() as backup:
        backup.add_vault(BackupVaultName="tagged", Tags={"n": "1"})
        volume, listed = a_volume(WANTED), list[Any]()
        [text] = warnings_of(lambda: listed.extend((tagged(), tagged())))
        assert [list(each) for each in listed] == [[volume], [volume]]
        assert text.startswith(
            f"The backup vaults of account {ACCOUNT} in {REGION} were not shown to the tagging "
            f"API: NotImplementedError: no vaults. "
        )


# --- Threads ----------------------------------------------------------------------------------


@pytest.fixture
def limit() -> Iterator[None]:
    """A watchdog: a deadlock ends the process with the stacks of its threads."""
    import faulthandler

    faulthandler.dump_traceback_later(120, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.usefixtures("limit")
def test_a_handler_that_calls_ec2_in_eight_threads() -> None:
    """Nobody waits for another for ever, and every message is there once."""
    with both() as backup:
        url, arn = a_queue("events")
        a_rule(arn, {"detail": {"state": ["COMPLETED"]}})
        _, topic_url = a_topic()
        volumes = [a_volume() for _ in range(16)]
        # Made here: to make one takes longer than all that it asks.
        client, ec2 = a_client("backup"), a_client("ec2")
        seen: list[str] = []

        @backup.on_event
        def look(event: dict[str, Any], _context: Any) -> None:
            if event["detail"].get("state") == "COMPLETED":
                ec2.describe_volumes()
                seen.append(event["detail"]["resourceArn"])

        together = threading.Barrier(8)

        def work(mine: list[str]) -> None:
            together.wait(30)
            for volume in mine:
                asked = {"BackupVaultName": VAULT, "ResourceArn": volume, "IamRoleArn": ROLE}
                job_id = client.start_backup_job(**asked)["BackupJobId"]
                ec2.describe_volumes()
                point = client.describe_backup_job(BackupJobId=job_id)["RecoveryPointArn"]
                client.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=point)

        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(work, volumes[n::8]) for n in range(8)]:
                done.result(100)
        assert sorted(seen) == sorted(volumes)
        assert sorted(each["detail"]["resourceArn"] for each in bodies(url)) == sorted(volumes)
        assert len(bodies(topic_url)) == 16
        found = ec2.describe_snapshots(OwnerIds=[ACCOUNT])["Snapshots"]
        assert not [each for each in found if "AWS Backup" in each["Description"]]


@pytest.mark.usefixtures("limit")
def test_a_delivery_that_calls_the_fake_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What moto runs for an event may use AWS Backup: in its thread, and in another."""
    put = EventsBackend.put_events
    errors: list[ClientError] = []

    def ask() -> None:
        try:
            a_client("backup").create_backup_vault(BackupVaultName="by-target")
        except ClientError as error:
            errors.append(error)

    def calling(self: EventsBackend, events: list[Any]) -> Any:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
        ask()
        return put(self, events)

    monkeypatch.setattr(EventsBackend, "put_events", calling)
    with both() as backup:
        url, arn = a_queue("events")
        a_rule(arn, {"detail-type": ["Backup Vault State Change"]})
        a_client("backup").create_backup_vault(BackupVaultName="first")
        told = [each["detail"]["backupVaultName"] for each in bodies(url)]
        assert told == ["first", "by-target"]
        assert set(backup.vaults) == {VAULT, "first", "by-target"}
        assert {error.response["Error"]["Code"] for error in errors} == {"AlreadyExistsException"}


class TestFork:
    pytestmark = MARKS

    def test_another_thread_delivers_at_the_fork(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The child delivers what happens there; the parent what it was about to deliver."""
        put = EventsBackend.put_events
        entered, go_on = threading.Event(), threading.Event()

        def slow(self: EventsBackend, events: list[Any]) -> Any:
            if not entered.is_set():
                entered.set()
                assert go_on.wait(60)
            return put(self, events)

        monkeypatch.setattr(EventsBackend, "put_events", slow)
        with both(), ThreadPoolExecutor(1) as pool:
            url, arn = a_queue("events")
            a_rule(arn, {"detail-type": ["Backup Vault State Change"]})
            client = a_client("backup")

            def made(name: str) -> list[str]:
                client.create_backup_vault(BackupVaultName=name)
                return [each["detail"]["backupVaultName"] for each in bodies(url)]

            first = pool.submit(made, "parents")
            try:
                assert entered.wait(60)
                assert in_child(lambda: made("childs")) == ["childs"]
            finally:
                go_on.set()
            assert first.result(60) == ["parents"]
            assert made("later") == ["later"]


def test_a_plan_tells_all() -> None:
    """A plan's run: a notification and an event for each job, and nothing for the other volume."""
    with both() as backup:
        url, arn = a_queue("events")
        a_rule(arn, {"detail": {"state": ["COMPLETED"]}})
        _, topic_url = a_topic()
        wanted, _ = {a_volume(WANTED), a_volume(WANTED)}, a_volume()
        backup.run_plan(a_plan())
        assert {each["detail"]["resourceArn"] for each in bodies(url)} == wanted
        assert len(bodies(topic_url)) == 2
