"""What SNS delivers for a vault's notifications."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from fakebackup import FakeBackup, factories, mock_backup
from fakebackup.model.jobs import kinds, life
from fakebackup.model.shapes.model import service_model
from fakebackup.options import EVENT_READINGS
from support.botocore_model import known
from support.client import client

ACCOUNT = "123456789012"
REGION = "eu-west-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:backups"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSBackupRole"
ALL = [
    "BACKUP_JOB_STARTED",
    "BACKUP_JOB_COMPLETED",
    "RESTORE_JOB_STARTED",
    "RESTORE_JOB_COMPLETED",
    "COPY_JOB_STARTED",
    "COPY_JOB_SUCCESSFUL",
    "COPY_JOB_FAILED",
    "RECOVERY_POINT_MODIFIED",
]
DEPRECATED = [
    "BACKUP_JOB_SUCCESSFUL",
    "BACKUP_JOB_FAILED",
    "BACKUP_JOB_EXPIRED",
    "RESTORE_JOB_SUCCESSFUL",
    "RESTORE_JOB_FAILED",
    "BACKUP_PLAN_CREATED",
    "BACKUP_PLAN_MODIFIED",
]


pytestmark = pytest.mark.fake_backup(region=REGION, default_vault=True)


def notify(backup: FakeBackup, events: list[str], vault: str = "Default") -> None:
    """Let a vault tell a topic of some events."""
    if vault not in backup.vaults and vault != "Default":
        backup.add_vault(BackupVaultName=vault)
    client(backup.region).put_backup_vault_notifications(
        BackupVaultName=vault, SNSTopicArn=TOPIC, BackupVaultEvents=events
    )


def states(backup: FakeBackup) -> list[tuple[str, str]]:
    """The attributes EventType and State of what was delivered, in order."""
    delivered = [record["Sns"]["MessageAttributes"] for record in backup.notifications]
    return [(each["EventType"]["Value"], each["State"]["Value"]) for each in delivered]


@freeze_time("2026-05-04T09:30:00Z")
def test_record() -> None:
    """A notification is a record as Lambda gets it, with the five attributes, all strings."""
    with mock_backup(region=REGION, default_vault=True) as backup:
        notify(backup, ["BACKUP_JOB_COMPLETED"])
        job = backup.add_backup_job(State="RUNNING", CreationDate="2026-05-04T09:20:00Z")
        job.complete()
        (record,) = backup.notifications
        sns = record.pop("Sns")
        assert record.pop("EventSubscriptionArn").startswith(f"{TOPIC}:")
        assert record == {"EventSource": "aws:sns", "EventVersion": "1.0"}
        assert set(sns) == {
            "Type",
            "MessageId",
            "TopicArn",
            "Subject",
            "Message",
            "Timestamp",
            "SignatureVersion",
            "Signature",
            "SigningCertUrl",
            "UnsubscribeUrl",
            "MessageAttributes",
        }
        assert sns["Type"] == "Notification"
        assert sns["TopicArn"] == TOPIC
        assert sns["Subject"] == "Notification from AWS Backup"
        assert sns["Timestamp"] == "2026-05-04T09:30:00.000Z"
        assert sns["SignatureVersion"] == "1"
        assert sns["MessageAttributes"] == {
            "EventType": {"Type": "String", "Value": "BACKUP_JOB"},
            "State": {"Type": "String", "Value": "COMPLETED"},
            "AccountId": {"Type": "String", "Value": ACCOUNT},
            "Id": {"Type": "String", "Value": job.id},
            "StartTime": {"Type": "String", "Value": "2026-05-04T09:20:00Z"},
        }


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (
            "COMPLETED",
            (
                "An AWS Backup job was completed successfully. "
                "Recovery point ARN: {RecoveryPointArn}. "
                "Backed up Resource ARN : {ResourceArn}. Backup Job Id : {BackupJobId}"
            ),
        ),
        (
            "FAILED",
            "An AWS Backup job failed. Resource ARN : {ResourceArn}. BackupJob ID : {BackupJobId}",
        ),
        (
            "EXPIRED",
            (
                "An AWS Backup job failed to complete in time. Resource ARN : {ResourceArn}. "
                "BackupJob ID : {BackupJobId}"
            ),
        ),
        (
            "ABORTED",
            (
                "An AWS Backup job was stopped. Resource ARN : {ResourceArn}. "
                "BackupJob ID : {BackupJobId}"
            ),
        ),
    ],
)
def test_texts_of_backup_jobs(backup: FakeBackup, state: str, text: str) -> None:
    """BACKUP_JOB_COMPLETED is told at every end, in AWS's words for it."""
    notify(backup, ["BACKUP_JOB_COMPLETED"])
    job = backup.add_backup_job(State="CREATED")
    job.run()
    job.update(State=state)
    (record,) = backup.notifications
    assert record["Sns"]["Message"] == text.format(**job)
    assert states(backup) == [("BACKUP_JOB", state)]


def parsed(message: str) -> tuple[str, str]:
    """The type of a job and its id, as AWS's lab functions read them from a message."""
    last = message.rsplit(".", maxsplit=1)[-1]
    return last.split(" ")[1], last.split(":")[1].strip()


@pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "ABORTED"])
def test_texts_of_restore_jobs(backup: FakeBackup, state: str) -> None:
    """A restore's message is what public parsers read: its type, its id, and whether it failed."""
    notify(backup, ["RESTORE_JOB_COMPLETED"])
    job = backup.add_restore_job(Status="RUNNING")
    job.update(Status=state)
    (record,) = backup.notifications
    assert parsed(record["Sns"]["Message"]) == ("Restore", job.id)
    assert ("failed" in record["Sns"]["Message"]) == (state == "FAILED")
    assert states(backup) == [("RESTORE_JOB", state)]


def test_completed_backups_can_be_parsed(backup: FakeBackup) -> None:
    """A completed backup job's message is read by the same parsers."""
    notify(backup, ["BACKUP_JOB_COMPLETED"])
    job = backup.add_backup_job(State="RUNNING")
    job.complete()
    assert parsed(backup.notifications[0]["Sns"]["Message"]) == ("Backup", job.id)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["BACKUP_JOB_STARTED"], [("BACKUP_JOB", "RUNNING")]),
        (["BACKUP_JOB_COMPLETED"], [("BACKUP_JOB", "FAILED")]),
        (["RESTORE_JOB_STARTED"], [("RESTORE_JOB", "RUNNING")]),
        (["RESTORE_JOB_COMPLETED"], [("RESTORE_JOB", "COMPLETED")]),
        (["COPY_JOB_STARTED"], [("COPY_JOB", "RUNNING"), ("COPY_JOB", "RUNNING")]),
        (["COPY_JOB_SUCCESSFUL"], [("COPY_JOB", "COMPLETED")]),
        (["COPY_JOB_FAILED"], [("COPY_JOB", "FAILED")]),
        (["RECOVERY_POINT_MODIFIED", "S3_BACKUP_OBJECT_FAILED"], []),
        (DEPRECATED, []),
        (
            ALL,
            [
                ("BACKUP_JOB", "RUNNING"),
                ("BACKUP_JOB", "FAILED"),
                ("RESTORE_JOB", "RUNNING"),
                ("RESTORE_JOB", "COMPLETED"),
                ("COPY_JOB", "RUNNING"),
                ("COPY_JOB", "COMPLETED"),
                ("COPY_JOB", "RUNNING"),
                ("COPY_JOB", "FAILED"),
            ],
        ),
    ],
)
def test_which_moves_are_told(
    backup: FakeBackup, events: list[str], expected: list[tuple[str, str]]
) -> None:
    """A vault is told of the moves that it asked for; what is deprecated publishes nothing."""
    notify(backup, events)
    jobs = [
        (backup.add_backup_job(State="CREATED"), "FAILED"),
        (backup.add_restore_job(Status="PENDING"), "COMPLETED"),
        (backup.add_copy_job(State="CREATED"), "COMPLETED"),
        (backup.add_copy_job(State="CREATED"), "FAILED"),
    ]
    assert backup.notifications == []
    for job, state in jobs:
        job.run()
        job.update(**{job.kind.state: state})
    assert states(backup) == expected


def test_partial_copy(backup: FakeBackup) -> None:
    """A copy that is PARTIAL left something, so it counts as successful; its State tells."""
    notify(backup, ["COPY_JOB_SUCCESSFUL"])
    backup.add_copy_job(State="RUNNING").update(State="PARTIAL")
    assert states(backup) == [("COPY_JOB", "PARTIAL")]


def test_other_jobs_are_not_told(backup: FakeBackup) -> None:
    """Scan and report jobs have no notifications."""
    notify(backup, ALL)
    if "ScanJob" in service_model().shape_names:
        backup.add_scan_job(State="RUNNING").complete()
    backup.add_report_job(Status="RUNNING").complete()
    assert backup.notifications == []


def test_whose_vault(backup: FakeBackup) -> None:
    """The target's vault tells of a backup, the source's of a copy, none of a vault without."""
    notify(backup, ALL, "Told")
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:"
    backup.add_backup_job(State="RUNNING").fail()
    backup.add_backup_job(State="RUNNING", BackupVaultName="Told").fail()
    backup.add_copy_job(State="RUNNING", DestinationBackupVaultArn=f"{arn}Told").fail()
    backup.add_copy_job(State="RUNNING", SourceBackupVaultArn=f"{arn}Told").fail()
    backup.add_restore_job(Status="RUNNING").fail()
    backup.add_restore_job(Status="RUNNING", BackupVaultArn=f"{arn}Told").fail()
    assert [kind for kind, _ in states(backup)] == ["BACKUP_JOB", "COPY_JOB", "RESTORE_JOB"]
    there = backup.at(region="us-west-2")
    there.add_backup_job(State="RUNNING", BackupVaultName="Told").fail()
    assert len(backup.notifications) == 3


def test_parents_are_told_last(backup: FakeBackup) -> None:
    """A composite job and its children each tell of their ends, PARTIAL being one."""
    notify(backup, ["BACKUP_JOB_COMPLETED"])
    group = factories.composite(2, State="RUNNING")
    backup.add(group)
    group.children[0].fail()
    group.parent.complete()
    assert [state for _, state in states(backup)] == ["FAILED", "COMPLETED", "PARTIAL"]


def test_through_the_client(backup: FakeBackup) -> None:
    """A job that a client starts and polls is told when it starts to run and when it ends."""
    notify(backup, ALL)
    asked = {
        "BackupVaultName": "Default",
        "ResourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1",
        "IamRoleArn": ROLE,
    }
    job_id = client(REGION).start_backup_job(**asked)["BackupJobId"]
    with pytest.raises(ClientError):
        client(REGION).start_backup_job(**asked | {"BackupVaultName": "Missing"})
    assert backup.notifications == []
    for _ in range(4):
        client(REGION).describe_backup_job(BackupJobId=job_id)
    assert states(backup) == [("BACKUP_JOB", "RUNNING"), ("BACKUP_JOB", "COMPLETED")]


def test_deprecated_events_as_they_once_were() -> None:
    """With the reading of that name, a deprecated event works like COMPLETED, once a move."""
    for events in (["BACKUP_JOB_FAILED"], ["BACKUP_JOB_EXPIRED", "BACKUP_JOB_COMPLETED"]):
        with mock_backup(
            region=REGION, default_vault=True, event_readings="deprecated-notifications"
        ) as backup:
            notify(backup, events)
            backup.add_backup_job(State="RUNNING").complete()
            backup.add_restore_job(Status="RUNNING").complete()
            assert states(backup) == [("BACKUP_JOB", "COMPLETED")]
            notify(backup, ["RESTORE_JOB_FAILED"])
            backup.add_restore_job(Status="RUNNING").complete()
            assert states(backup)[1:] == [("RESTORE_JOB", "COMPLETED")]


def test_a_view_shows_the_notifications_of_its_home(backup: FakeBackup) -> None:
    """A view has those of vaults in the account, the Region or both that `at` was given."""
    there = backup.at(region="eu-west-2")
    there.add_vault(BackupVaultName="Default")
    for view in (backup, there):
        notify(view, ["BACKUP_JOB_COMPLETED"])  # to one topic, which lies in eu-west-1
        view.add_backup_job(State="RUNNING").complete()
    here, away = backup.notifications
    assert backup.at(region=REGION).notifications == [here]
    assert there.notifications == [away]
    assert backup.at(account_id=ACCOUNT).notifications == [here, away]
    assert backup.at(account_id="111122223333").notifications == []
    backup.reset()
    assert there.notifications == []


def test_notifications_are_copies(backup: FakeBackup) -> None:
    """What a test does to a notification does not reach the fake, and reset forgets them all."""
    notify(backup, ALL)
    for job in backup.add_backup_jobs(3, State="RUNNING"):
        job.fail()
    backup.notifications[0]["Sns"].clear()
    assert len({record["Sns"]["MessageId"] for record in backup.notifications}) == 3
    assert json.loads(json.dumps(backup.notifications)) == backup.notifications
    backup.reset()
    assert backup.notifications == []


def test_recovery_point_modified(backup: FakeBackup) -> None:
    """A recovery point's new lifecycle is told, a refused one is not; neither is an event."""
    notify(backup, ["RECOVERY_POINT_MODIFIED"])
    point = backup.add_recovery_point()
    asked = {"BackupVaultName": "Default", "RecoveryPointArn": point.arn}
    lifecycle = {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 20}
    with pytest.raises(ClientError):
        client(REGION).update_recovery_point_lifecycle(**asked, Lifecycle=lifecycle)
    client(REGION).update_recovery_point_lifecycle(**asked, Lifecycle={"DeleteAfterDays": 20})
    (record,) = backup.notifications
    assert record["Sns"]["Message"].endswith(f"Recovery point ARN: {point.arn}")
    assert record["Sns"]["MessageAttributes"]["Id"]["Value"] == point.arn
    assert states(backup) == [("RECOVERY_POINT", "MODIFIED")]
    assert backup.events == []


def test_deleted_configuration(backup: FakeBackup) -> None:
    """A vault whose configuration is deleted tells nothing more."""
    notify(backup, ALL)
    first, second = backup.add_backup_jobs(2, State="RUNNING")
    first.fail()
    client(REGION).delete_backup_vault_notifications(BackupVaultName="Default")
    second.fail()
    assert len(backup.notifications) == 1


def test_parts_that_a_job_lacks(backup: FakeBackup) -> None:
    """A fact that a job does not have is left out of its message."""
    notify(backup, ["BACKUP_JOB_COMPLETED"])
    job: Any = backup.add_backup_job(State="RUNNING", ResourceArn=None)
    job.fail()
    message = backup.notifications[0]["Sns"]["Message"]
    assert message == f"An AWS Backup job failed. BackupJob ID : {job.id}"


# --- Every reading, with every event ------------------------------------------------------------


@functools.cache
def delivered(reading: str | None) -> tuple[list[Any], list[Any]]:
    """What is emitted and what is published of all that can happen, under a reading."""
    readings: Any = () if reading is None else reading
    with (
        freeze_time("2026-05-04T09:30:00Z"),
        mock_backup(region=REGION, default_vault=True, event_readings=readings) as backup,
    ):
        happen(backup)
        emitted = [
            (event["detail-type"], event["detail"].get("state") or event["detail"].get("status"))
            for event in backup.events
        ]
        return emitted, [record["Sns"] for record in backup.notifications]


def happen(backup: FakeBackup) -> None:
    """Bring about all that a vault can be told of, and that is emitted, in a vault that asks."""
    shape: Any = service_model().shape_for("BackupVaultEvent")
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:objects"
    backup.add_recovery_point(RecoveryPointArn=arn, ResourceArn="arn:aws:s3:::bucket")
    point = {"BackupVaultName": "Default", "RecoveryPointArn": arn}
    notify(backup, shape.enum)
    vault = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:Default"
    places = {"copy job": {"DestinationBackupVaultArn": vault}}
    for kind in kinds.KINDS:
        # What this botocore does not know cannot be seeded.
        if kind.listed == "ScanJobs" and not known("ListScanJobs"):
            continue
        add = getattr(backup, f"add_{kind.name.replace(' ', '_')}")
        for state in dict.fromkeys((*life.MOVES[kind], *life.outcomes(kind))):
            first = "RUNNING" if state != "RUNNING" else life.FIRST[kind]
            job = add(**{kind.state: first}, **places.get(kind.name, {}))
            job.update(**{kind.state: state})
    made = client(REGION)
    made.update_recovery_point_lifecycle(**point, Lifecycle={"DeleteAfterDays": 20})
    if known("UpdateRecoveryPointIndexSettings"):
        for status in ("ACTIVE", "FAILED"):
            backup.next_outcome("UpdateRecoveryPointIndexSettings", IndexStatus=status)
            made.update_recovery_point_index_settings(**point, Index="ENABLED", IamRoleArn=ROLE)
            made.update_recovery_point_index_settings(**point, Index="DISABLED")
    made.update_region_settings(ResourceTypeOptInPreference={"EBS": False})
    rule = {"RuleName": "rule", "TargetBackupVaultName": "Default"}
    plan: Any = {"BackupPlanName": "plan", "Rules": [rule]}
    plan_id = made.create_backup_plan(BackupPlan=plan)["BackupPlanId"]
    made.update_backup_plan(BackupPlanId=plan_id, BackupPlan=plan)
    made.delete_backup_plan(BackupPlanId=plan_id)
    made.create_backup_vault(BackupVaultName="other")
    made.delete_backup_vault(BackupVaultName="other")
    made.delete_recovery_point(**point)


LOST = {"documented-states": {"PARTIAL", "ABORTED"}}
"""Per reading under which some states are not told, those states."""


def test_much_happens() -> None:
    """What the readings are held against has every kind of event, and every notice."""
    emitted, published = delivered(None)
    assert len({name for name, _ in emitted}) > 6
    told = {each["MessageAttributes"]["EventType"]["Value"] for each in published}
    assert {"BACKUP_JOB", "RESTORE_JOB", "COPY_JOB", "RECOVERY_POINT"} <= told


@pytest.mark.parametrize("reading", EVENT_READINGS)
def test_every_reading_has_every_event(reading: str) -> None:
    """A reading changes what events say: all is emitted, and published, as under the usual ones."""
    usual, noticed = delivered(None)
    emitted, published = delivered(reading)
    lost = LOST.get(reading, set())
    assert [each for each in emitted if each[1] not in lost] == [
        each for each in usual if each[1] not in lost
    ]
    assert published == noticed
