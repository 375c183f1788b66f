"""Events: what they say, in what order they come, and who is called with them."""

from __future__ import annotations

import copy
import functools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from fakebackup import FakeBackup, Job, factories, ids, mock_backup
from fakebackup.errors import FakeBackupError
from fakebackup.model.events import bus
from fakebackup.model.shapes.model import service_model
from fakebackup.options import EVENT_READINGS
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "123456789012"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSBackupRole"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
SYSTEM = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
GIVEN = {
    "BackupPlanId": "1a2b",
    "BackupPlanArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:1a2b",
    "BackupPlanName": "Daily",
    "BackupPlanVersion": "NTNl",
    "BackupRuleId": "3c4d",
    "BackupRuleName": "At5",
}
CREATOR: Any = service_model().shape_for("RecoveryPointCreator")
# An older botocore knows fewer.
PLAN: Any = {name: value for name, value in GIVEN.items() if name in CREATOR.members}
TESTING = f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan:plan-1"
POINT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"

# AWS's matrices of members (the guide `aws`, Members of events), without what plans and restore
# tests add.
# A row: the states, and the members beyond those of every state. A FAILED backup job has its
# completionDate, no job its retryCount, and a restore its isParent [assumed].
BACKUP_LATER = (
    "backupVaultArn backupVaultName iamRoleArn resourceArn resourceType startBy percentDone "
    "bytesTransferred"
)
BACKUP = {
    "CREATED": "",
    "PENDING": f"{BACKUP_LATER} statusMessage",
    "RUNNING": f"{BACKUP_LATER} backupSizeInBytes expectedCompletionDate",
    "COMPLETED": f"{BACKUP_LATER} backupSizeInBytes completionDate",
    "FAILED": f"{BACKUP_LATER} completionDate statusMessage",
    "ABORTED": f"{BACKUP_LATER} completionDate statusMessage",
    "EXPIRED": f"{BACKUP_LATER} completionDate statusMessage",
    "PARTIAL": f"{BACKUP_LATER} backupSizeInBytes completionDate statusMessage",
}
COPY_LATER = (
    "copyJobId backupSizeInBytes iamRoleArn resourceArn resourceType destinationRecoveryPointArn"
)
COPY = {
    "CREATED": "",
    "RUNNING": COPY_LATER,
    "COMPLETED": f"{COPY_LATER} completionDate",
    "FAILED": f"{COPY_LATER} completionDate statusMessage",
    "PARTIAL": f"{COPY_LATER} completionDate statusMessage",
}
RESTORE_LATER = "status backupSizeInBytes iamRoleArn percentDone resourceType"
RESTORE = {
    "PENDING": RESTORE_LATER,
    "RUNNING": RESTORE_LATER,
    "COMPLETED": (
        f"{RESTORE_LATER} backupVaultArn recoveryPointArn sourceResourceArn createdResourceArn "
        "completionDate isParent"
    ),
    "FAILED": f"{RESTORE_LATER} statusMessage",
    "ABORTED": f"{RESTORE_LATER} statusMessage",
}
SCAN = {
    "CREATED": "",
    "RUNNING": "",
    "COMPLETED": "completionDate statusMessage scanResult",
    "COMPLETED_WITH_ISSUES": "completionDate statusMessage scanResult",
    "FAILED": "completionDate statusMessage",
    "CANCELED": "completionDate statusMessage",
}
BACKUP_ALWAYS = "backupJobId state creationDate"
COPY_ALWAYS = "state creationDate sourceBackupVaultArn destinationBackupVaultArn"
RESTORE_ALWAYS = "restoreJobId creationDate"
SCAN_ALWAYS = (
    "accountId backupVaultArn backupVaultName createdBy creationDate iamRoleArn scannerRoleArn "
    "recoveryPointArn resourceArn resourceType scanId scanJobId malwareScanner state"
)

needs_scans = pytest.mark.skipif(
    "ScanJob" not in service_model().shape_names, reason="this botocore knows no scan jobs"
)


pytestmark = pytest.mark.fake_backup(region=REGION, default_vault=True, history=None)


def words(*texts: str) -> set[str]:
    """The words of some texts."""
    return set(" ".join(texts).split())


def told(backup: FakeBackup) -> list[str]:
    """What each event is about and the state that it tells, in order."""
    return [
        f"{event['detail-type'].removesuffix(' State Change')} "
        f"{event['detail'].get('state') or event['detail'].get('status')}"
        for event in backup.events
    ]


def moved(job: Job, state: str) -> dict[str, Any]:
    """The event of a job that comes to a state from another one."""
    other = "RUNNING" if state != "RUNNING" else "FAILED"
    job.update(**{job.kind.state: other})
    before = len(job.events)
    job.update(**{job.kind.state: state})
    (event,) = job.events[before:]
    return event


def start(resource: str = VOLUME, **members: Any) -> str:
    """The id of a backup job that a client starts."""
    told = {"BackupVaultName": "Default", "ResourceArn": resource, "IamRoleArn": ROLE}
    return str(client(REGION).start_backup_job(**told | members)["BackupJobId"])


# --- What an event says ----------------------------------------------------------------------


@pytest.mark.parametrize("state", BACKUP)
@pytest.mark.parametrize("plan", [{}, PLAN])
def test_backup_job_members(backup: FakeBackup, state: str, plan: Any) -> None:
    """A backup job's detail has AWS's members for its state, createdBy if a plan started it."""
    job = backup.add_backup_job(CreatedBy=plan or None, BytesTransferred=5)
    event = moved(job, state)
    by_plan = "createdBy" if plan and state != "CREATED" else ""
    assert event["detail-type"] == "Backup Job State Change"
    assert set(event["detail"]) == words(BACKUP_ALWAYS, BACKUP[state], by_plan)
    point = [job["RecoveryPointArn"]] if state in ("COMPLETED", "PARTIAL") else []
    assert event["resources"] == point


@pytest.mark.parametrize("state", COPY)
@pytest.mark.parametrize("plan", [{}, PLAN])
def test_copy_job_members(backup: FakeBackup, state: str, plan: Any) -> None:
    """A copy job's detail has AWS's members for its state; the source point is the resource."""
    job = backup.add_copy_job(CreatedBy=plan or None)
    event = moved(job, state)
    by_plan = "createdBy" if plan and state != "CREATED" else ""
    assert event["detail-type"] == "Copy Job State Change"
    assert set(event["detail"]) == words(COPY_ALWAYS, COPY[state], by_plan)
    assert event["resources"] == [job["SourceRecoveryPointArn"]]


@pytest.mark.parametrize("state", RESTORE)
@pytest.mark.parametrize("plan", [None, {"RestoreTestingPlanArn": TESTING}])
def test_restore_job_members(backup: FakeBackup, state: str, plan: Any) -> None:
    """A restore's detail has AWS's members for its status, the restore testing plan among them."""
    job = backup.add_restore_job(CreatedBy=plan)
    event = moved(job, state)
    by_plan = "restoreTestingPlanArn" if plan else ""
    assert event["detail-type"] == "Restore Job State Change"
    assert set(event["detail"]) == words(RESTORE_ALWAYS, RESTORE[state], by_plan)
    assert event["detail"].get("restoreTestingPlanArn") == (TESTING if plan else None)
    assert event["resources"] == [job["RecoveryPointArn"]]


@needs_scans
@pytest.mark.parametrize("state", SCAN)
def test_scan_job_members(backup: FakeBackup, state: str) -> None:
    """A scan job's detail has AWS's members for its state."""
    job = backup.add_scan_job(ScanBaseRecoveryPointArn=POINT)
    event = moved(job, state)
    assert event["detail-type"] == "Scan Job State Change"
    assert set(event["detail"]) == words(SCAN_ALWAYS, SCAN[state])
    assert event["resources"] == [job["RecoveryPointArn"]]


@needs_scans
def test_incremental_scan(backup: FakeBackup) -> None:
    """Only an incremental scan tells its base."""
    job = backup.add_scan_job(ScanMode="INCREMENTAL_SCAN", ScanBaseRecoveryPointArn=POINT)
    assert moved(job, "COMPLETED")["detail"]["scanBaseRecoveryPointArn"] == POINT


def test_values_of_a_backup_job(backup: FakeBackup) -> None:
    """Sizes are strings, the percentage is a number, dates lack a fraction of zero."""
    job = backup.add_backup_job(
        State="RUNNING",
        CreationDate="2026-05-04T03:02:01.450Z",
        StartBy="2026-05-04T11:00:00Z",
        BackupSizeInBytes=3221225472,
        CreatedBy=PLAN,
    )
    job.complete(CompletionDate="2026-05-04T03:30:00Z", BackupSizeInBytes=3221225472)
    assert job.events[-1]["detail"] == {
        "backupJobId": job.id,
        "backupSizeInBytes": "3221225472",
        "backupVaultArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:Default",
        "backupVaultName": "Default",
        "bytesTransferred": "0",
        "creationDate": "2026-05-04T03:02:01.450Z",
        "iamRoleArn": job["IamRoleArn"],
        "resourceArn": job["ResourceArn"],
        "resourceType": "EBS",
        "state": "COMPLETED",
        "startBy": "2026-05-04T11:00:00Z",
        "completionDate": "2026-05-04T03:30:00Z",
        "percentDone": 100,
        "createdBy": {
            "backupPlanId": "1a2b",
            "backupPlanArn": PLAN["BackupPlanArn"],
            "backupPlanVersion": "NTNl",
            "backupPlanRuleId": "3c4d",
        },
    }
    assert type(job.events[-1]["detail"]["percentDone"]) is int


@pytest.mark.parametrize(
    ("given", "shown"), [("99.0", 99), ("12.5", 12.5), ("7.00%", 7), ("soon", 0)]
)
def test_percent_done(backup: FakeBackup, given: str, shown: float) -> None:
    """A backup job's percentage is the number in PercentDone, 0 where there is none in it."""
    job = backup.add_backup_job(State="CREATED")
    job.update(State="RUNNING", PercentDone=given)
    assert job.events[0]["detail"]["percentDone"] == shown


def test_running_expects_to_end(backup: FakeBackup) -> None:
    """A RUNNING backup job's expectedCompletionDate is spelled out in words."""
    job = backup.add_backup_job(State="CREATED")
    job.update(State="RUNNING", ExpectedCompletionDate="2020-07-15T21:39:07.152Z")
    assert job.events[0]["detail"]["expectedCompletionDate"] == "Jul 15, 2020 9:39:07 PM"


@pytest.mark.parametrize(
    ("frozen", "shown"),
    [
        ("2026-12-31T23:55:09Z", "Jan 1, 2027 12:05:09 AM"),
        ("2026-02-03T11:50:00Z", "Feb 3, 2026 12:00:00 PM"),
    ],
)
def test_running_expects_to_end_by_default(frozen: str, shown: str) -> None:
    """A job that does not say when it will end expects to run as long as `durations` says."""
    with freeze_time(frozen), mock_backup(region=REGION) as backup:
        job = backup.add_backup_job(State="CREATED")
        job.run()
        assert job.events[0]["detail"]["expectedCompletionDate"] == shown


def test_running_has_a_size(backup: FakeBackup) -> None:
    """A RUNNING backup job has a size where jobs of its type have one."""
    sizes = []
    for resource_type in ("EBS", "Aurora", "Spaceship"):
        job = backup.add_backup_job(State="CREATED", ResourceType=resource_type)
        job.run()
        sizes.append(job.events[0]["detail"].get("backupSizeInBytes"))
    assert sizes == [str(8 * 1024**3), None, None]


def test_status_message_is_quoted(backup: FakeBackup) -> None:
    """A backup job's message is wrapped in double quotes, PENDING's is empty."""
    job = backup.add_backup_job(State="CREATED", CreatedBy=PLAN)
    job.update(State="PENDING")
    job.run()
    job.complete(StatusMessage="VSS failed")
    other = backup.add_backup_job(State="CREATED")
    other.abort()
    messages = [event["detail"].get("statusMessage") for event in job.events + other.events]
    assert messages == ["", None, '"VSS failed"', '"Backup job was stopped by user."']


def test_other_messages_are_plain(backup: FakeBackup) -> None:
    """Copy and restore jobs' messages are what the job has."""
    for job in (backup.add_copy_job(State="RUNNING"), backup.add_restore_job(Status="RUNNING")):
        job.fail("No.")
        assert job.events[-1]["detail"]["statusMessage"] == "No."


def test_values_of_a_copy_job(backup: FakeBackup) -> None:
    """A copy's size is a number, and while it has no copy, an empty object stands for its ARN."""
    job = backup.add_copy_job(State="CREATED", BackupSizeInBytes=77, CreatedBy=PLAN)
    job.run()
    job.complete()
    running, completed = (event["detail"] for event in job.events)
    assert running["backupSizeInBytes"] == completed["backupSizeInBytes"] == 77
    assert running["destinationRecoveryPointArn"] == {}
    assert completed["destinationRecoveryPointArn"] == job["DestinationRecoveryPointArn"]
    assert completed["createdBy"]["backupPlanRuleId"] == "3c4d"
    failed = backup.add_copy_job(State="RUNNING")
    failed.fail()
    assert failed.events[0]["detail"]["destinationRecoveryPointArn"] == {}


def test_values_of_a_restore_job(backup: FakeBackup) -> None:
    """A restore's size is a string; it is 0 per cent done until it has completed."""
    job = backup.add_restore_job(Status="PENDING", BackupSizeInBytes=36048)
    job.run()
    job.complete()
    running, completed = (event["detail"] for event in job.events)
    assert running["backupSizeInBytes"] == completed["backupSizeInBytes"] == "36048"
    assert (running["percentDone"], completed["percentDone"]) == (0, 100)
    assert completed["isParent"] is False
    assert completed["recoveryPointArn"] == job["RecoveryPointArn"]
    assert "state" not in completed


@needs_scans
def test_values_of_a_scan_job(backup: FakeBackup) -> None:
    """A scan tells its result, and the rule of its plan under the name that only scans use."""
    job = backup.add_scan_job(State="CREATED")
    job.run()
    job.complete(ScanResult={"ScanResultStatus": "THREATS_FOUND"})
    detail = job.events[-1]["detail"]
    assert detail["statusMessage"] == job["StatusMessage"]
    assert detail["scanResult"] == {"scanResultStatus": "THREATS_FOUND"}
    assert set(detail["createdBy"]) == {
        "backupPlanArn",
        "backupPlanId",
        "backupPlanVersion",
        "backupRuleId",
    }
    assert detail["accountId"] == ACCOUNT


@needs_scans
def test_scan_id_is_one(backup: FakeBackup) -> None:
    """A scan's id is the same in all its events, that of CREATED included."""
    job = backup.add_scan_job(State="CREATED")
    created = moved(job, "CREATED")
    job.run()
    assert created["detail"]["scanId"] == job.events[-1]["detail"]["scanId"] == job["ScanId"]


@needs_scans
def test_an_event_tells_of_the_account_of_then(backup: FakeBackup) -> None:
    """A scan that is moved to another account leaves its events, read later, as they were."""
    job = backup.add_scan_job(State="RUNNING")
    job.complete()
    job.update(AccountId="111111111111")
    (event,) = job.events
    assert event["account"] == event["detail"]["accountId"] == ACCOUNT


@needs_scans
def test_moves_have_their_effects_once(backup: FakeBackup) -> None:
    """What a seeded job left when it moved is not left again when somebody asks for it."""
    job = backup.add_scan_job(State="RUNNING")
    job.complete()
    point = backup.recovery_points[job["RecoveryPointArn"]]
    assert len(point["ScanResults"]) == 1


def test_recovery_point(backup: FakeBackup) -> None:
    """A recovery point's event says whether it is encrypted by a word, and when it goes."""
    job = backup.add_backup_job(
        State="RUNNING",
        CreationDate="2026-05-04T03:02:01Z",
        CreatedBy=PLAN,
        RecoveryPointLifecycle={
            "MoveToColdStorageAfterDays": 10,
            "DeleteAfterDays": 100,
            "OptInToArchiveForSupportedResources": True,
        },
    )
    job.complete(CompletionDate="2026-05-04T03:30:00.005Z")
    event = backup.events[0]
    assert event["detail-type"] == "Recovery Point State Change"
    assert event["resources"] == [job["RecoveryPointArn"]]
    assert event["detail"] == {
        "backupVaultName": "Default",
        "backupVaultArn": job["BackupVaultArn"],
        "creationDate": "2026-05-04T03:02:01Z",
        "iamRoleArn": job["IamRoleArn"],
        "resourceType": "EBS",
        "resourceArn": job["ResourceArn"],
        "status": "COMPLETED",
        "isEncrypted": "false",
        "storageClass": "WARM",
        "completionDate": "2026-05-04T03:30:00.005Z",
        "createdBy": {
            "backupPlanId": "1a2b",
            "backupPlanArn": PLAN["BackupPlanArn"],
            "backupPlanVersion": "NTNl",
            "backupPlanRuleId": "3c4d",
        },
        "lifecycle": {
            "moveToColdStorageAfterDays": 10,
            "deleteAfterDays": 100,
            "optInToArchiveForSupportedResources": True,
        },
        "calculatedLifeCycle": {
            "moveToColdStorageAt": "2026-05-14T03:02:01Z",
            "deleteAt": "2026-08-12T03:02:01Z",
        },
    }


def test_bare_recovery_point(backup: FakeBackup) -> None:
    """A recovery point without a plan and a life cycle says nothing of them."""
    backup.add_backup_job(State="RUNNING").complete()
    detail = backup.events[0]["detail"]
    assert not set(detail) & {"createdBy", "lifecycle", "calculatedLifeCycle"}


def test_deleted_recovery_point(backup: FakeBackup) -> None:
    """A recovery point that is deleted tells DELETING at the call."""
    point = backup.add_recovery_point(Lifecycle={"DeleteAfterDays": 3})
    client(REGION).delete_recovery_point(BackupVaultName="Default", RecoveryPointArn=point.arn)
    (event,) = backup.events
    assert event["resources"] == [point.arn]
    assert event["detail"]["status"] == "DELETING"
    assert event["detail"]["lifecycle"] == {"deleteAfterDays": 3}


def test_vault(backup: FakeBackup) -> None:
    """A vault tells that it is made and deleted; of its changes, those of its lock, by a word."""
    named = {"BackupVaultName": "Daily"}
    arn = client(REGION).create_backup_vault(**named)["BackupVaultArn"]
    client(REGION).put_backup_vault_access_policy(**named, Policy='{"Statement": []}')
    client(REGION).put_backup_vault_lock_configuration(**named, MinRetentionDays=7)
    client(REGION).delete_backup_vault_lock_configuration(**named)
    with pytest.raises(ClientError):
        client(REGION).create_backup_vault(**named)
    client(REGION).delete_backup_vault(**named)
    assert {event["detail-type"] for event in backup.events} == {"Backup Vault State Change"}
    assert all(event["resources"] == [arn] for event in backup.events)
    assert [event["detail"] for event in backup.events] == [
        {"backupVaultName": "Daily", "state": "CREATED"},
        {"backupVaultName": "Daily", "state": "MODIFIED", "isLocked": "true"},
        {"backupVaultName": "Daily", "state": "MODIFIED", "isLocked": "false"},
        {"backupVaultName": "Daily", "state": "DELETED"},
    ]


@freeze_time("2026-05-04T03:02:01.999Z")
def test_envelope() -> None:
    """An event has AWS's envelope, its time the move's in whole seconds."""
    with mock_backup(region=REGION) as backup:
        job = backup.add_backup_job(State="RUNNING")
        job.fail("Boom.")
        event = backup.events[0]
        detail, name = event.pop("detail"), event.pop("id")
        assert detail["state"] == "FAILED"
        assert event == {
            "version": "0",
            "detail-type": "Backup Job State Change",
            "source": "aws.backup",
            "account": ACCOUNT,
            "time": "2026-05-04T03:02:01Z",
            "region": REGION,
            "resources": [],
        }
        assert [len(part) for part in name.split("-")] == [8, 4, 4, 4, 12]
        assert name == name.lower()


def test_ids_differ(backup: FakeBackup) -> None:
    """No two events have one id."""
    for job in backup.add_backup_jobs(20, State="CREATED"):
        job.run()
        job.complete()
    assert len({event["id"] for event in backup.events}) == 60


def test_place_of_an_event(backup: FakeBackup) -> None:
    """An event carries the account and region of its job; a copied point's, its own."""
    there = backup.at(account_id="111122223333", region="us-west-2")
    vault = "arn:aws:backup:ap-south-1:444455556666:backup-vault:Away"
    there.add_copy_job(State="RUNNING", DestinationBackupVaultArn=vault).complete()
    places = [(event["account"], event["region"]) for event in backup.events]
    assert places == [("444455556666", "ap-south-1"), ("111122223333", "us-west-2")]
    assert told(backup) == ["Recovery Point COMPLETED", "Copy Job COMPLETED"]
    assert backup.events[1]["detail"]["destinationBackupVaultArn"] == vault


def test_a_view_shows_the_events_of_its_home(backup: FakeBackup) -> None:
    """A view has the events of the account, the Region or both that `at` was given."""
    there = backup.at(account_id="111122223333", region="us-west-2")
    vault = "arn:aws:backup:ap-south-1:444455556666:backup-vault:Away"
    there.add_copy_job(State="RUNNING", DestinationBackupVaultArn=vault).complete()
    point, copied = backup.events
    assert there.events == [copied]
    assert backup.at(region="ap-south-1").events == [point]
    assert backup.at(account_id="111122223333").events == [copied]
    assert backup.at(account_id="111122223333", region="ap-south-1").events == []
    kept = copy.deepcopy(copied)
    there.events[0]["detail"].clear()
    assert there.events == [kept]


def test_events_are_json(backup: FakeBackup) -> None:
    """Every event of every kind and state goes through JSON unchanged."""
    states = [(backup.add_backup_job(CreatedBy=PLAN), BACKUP), (backup.add_copy_job(), COPY)]
    states += [(backup.add_restore_job(), RESTORE)]
    if "ScanJob" in service_model().shape_names:
        states += [(backup.add_scan_job(), SCAN)]
    for job, matrix in states:
        for state in matrix:
            moved(job, state)
    assert len(backup.events) > 20
    assert json.loads(json.dumps(backup.events)) == backup.events


def test_states_hide_members(backup: FakeBackup) -> None:
    """What AWS's examples of a state lack is not told, though the job may have it by then."""
    job = backup.add_backup_job(State="CREATED", ResourceArn=SYSTEM)
    job.update(State="RUNNING", StatusMessage="Soon.", CompletionDate="2026-05-04")
    (event,) = job.events
    assert "RecoveryPointArn" in job
    assert event["resources"] == []
    assert set(event["detail"]) == words(BACKUP_ALWAYS, BACKUP["RUNNING"])
    told = {"CompletionDate": "2026-05-04", "StatusMessage": "Soon."}
    copy = backup.add_copy_job(State="CREATED")
    copy.update(State="RUNNING", DestinationRecoveryPointArn=POINT, **told)
    assert set(copy.events[0]["detail"]) == words(COPY_ALWAYS, COPY["RUNNING"])
    assert copy.events[0]["detail"]["destinationRecoveryPointArn"] == {}
    restore = backup.add_restore_job(Status="PENDING")
    restore.update(Status="RUNNING", CreatedResourceArn=VOLUME, **told)
    assert set(restore.events[0]["detail"]) == words(RESTORE_ALWAYS, RESTORE["RUNNING"])


def test_unset_members_are_absent(backup: FakeBackup) -> None:
    """A member that a job does not have is in no event, not even as null."""
    job = backup.add_backup_job(State="RUNNING", IamRoleArn=None, StartBy=None)
    job.complete(RecoveryPointArn=None)
    (event,) = backup.events
    assert words(BACKUP_ALWAYS, BACKUP["COMPLETED"]) - set(event["detail"]) == {
        "iamRoleArn",
        "startBy",
    }
    assert None not in event["detail"].values()
    assert event["resources"] == []


# --- Which events, in what order -------------------------------------------------------------


def test_backup_job_through_the_client(backup: FakeBackup) -> None:
    """A backup job that is polled tells each state once, and its recovery point before its end."""
    job_id = start()
    for _ in range(5):
        client(REGION).describe_backup_job(BackupJobId=job_id)
    assert told(backup) == [
        "Backup Job CREATED",
        "Backup Job RUNNING",
        "Recovery Point COMPLETED",
        "Backup Job COMPLETED",
    ]


def test_restore_through_the_client(backup: FakeBackup) -> None:
    """A restore that a client starts tells CREATED, under `state`, before PENDING."""
    point = backup.add_backup_job()["RecoveryPointArn"]
    job_id = client(REGION).start_restore_job(RecoveryPointArn=point, Metadata={}, IamRoleArn=ROLE)[
        "RestoreJobId"
    ]
    created, pending = backup.events
    assert set(created["detail"]) == words(RESTORE_ALWAYS, "state")
    assert created["resources"] == [point]
    assert pending["detail"]["status"] == "PENDING"
    client(REGION).describe_restore_job(RestoreJobId=job_id)
    client(REGION).describe_restore_job(RestoreJobId=job_id)
    assert [event["detail"].get("status") for event in backup.restore_jobs[job_id].events] == [
        None,
        "PENDING",
        "RUNNING",
        "COMPLETED",
    ]


def test_stopping(backup: FakeBackup) -> None:
    """A stopped job tells ABORTED, not ABORTING."""
    job_id = start()
    client(REGION).stop_backup_job(BackupJobId=job_id)
    client(REGION).describe_backup_job(BackupJobId=job_id)
    assert backup.backup_jobs[job_id]["State"] == "ABORTED"
    assert told(backup) == ["Backup Job CREATED", "Backup Job ABORTED"]


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "ABORTED"])
def test_bad_ends_leave_no_point(backup: FakeBackup, state: Any) -> None:
    """A job that does not complete tells of no recovery point."""
    backup.next_outcome("StartBackupJob", State=state)
    job_id = start()
    for _ in range(3):
        client(REGION).describe_backup_job(BackupJobId=job_id)
    assert told(backup)[-1] == f"Backup Job {state}"
    assert not [each for each in told(backup) if each.startswith("Recovery")]


def test_composite_job(backup: FakeBackup) -> None:
    """A parent tells its end after its children, PARTIAL where one of them failed."""
    group = factories.composite(2, State="RUNNING")
    backup.add(group)
    *children, parent = [*group.children, group.parent]
    children[0].fail()
    parent.complete()
    states = [event["detail"]["state"] for event in backup.events if "state" in event["detail"]]
    assert states == ["FAILED", "COMPLETED", "PARTIAL"]
    assert told(backup)[-2:] == ["Recovery Point PARTIAL", "Backup Job PARTIAL"]
    assert not words("isParent parentJobId") & set(children[0].events[0]["detail"])


def test_immediate(backup: FakeBackup) -> None:
    """A job that progress ends at once tells all its states in order."""
    with mock_backup(region=REGION, progress="immediate", default_vault=True) as at_once:
        start()
        assert told(at_once)[0] == "Backup Job CREATED"
        assert told(at_once)[-1] == "Backup Job COMPLETED"
        assert len(at_once.events) == 4
    assert backup.events == []


def test_clock() -> None:
    """A job that the clock moves tells when it moved, and only once it is due."""
    born = datetime(2026, 5, 4, 3, 2, 1, tzinfo=timezone.utc)
    stays = {"CREATED": timedelta(minutes=1), "RUNNING": timedelta(minutes=2)}
    with (
        freeze_time(born) as frozen,
        mock_backup(region=REGION, progress="clock", durations=stays, default_vault=True) as backup,
    ):
        start()
        assert len(backup.events) == 1
        frozen.tick(3600)
        times = [event["time"] for event in backup.events]
        assert times == [f"2026-05-04T03:0{minute}:01Z" for minute in (2, 3, 5, 5)]


def test_seeding_tells_nothing(backup: FakeBackup) -> None:
    """Jobs that are seeded, looked at, changed in other members or taken out make no event."""
    job = backup.add_backup_job()
    backup.add_backup_jobs(5, State=["RUNNING", "FAILED"])
    backup.add(factories.composite(2))
    backup.add_restore_job()
    client(REGION).list_backup_jobs()
    client(REGION).describe_backup_job(BackupJobId=job.id)
    job.update(StatusMessage="Well.", State="COMPLETED")
    backup.remove(job)
    assert backup.events == []


def test_report_jobs_tell_nothing(backup: FakeBackup) -> None:
    """AWS sends no events of report jobs."""
    job = backup.add_report_job(Status="RUNNING")
    job.complete()
    assert backup.events == []


def test_refusals_tell_nothing(backup: FakeBackup) -> None:
    """Neither a refused operation nor an illegal move makes an event."""
    done = backup.add_backup_job()
    with pytest.raises(ClientError):
        start(BackupVaultName="Missing")
    with pytest.raises(ClientError):
        client(REGION).stop_backup_job(BackupJobId=done.id)
    with pytest.raises(FakeBackupError):
        done.fail()
    with pytest.raises(TypeError):
        done.update(Sate="FAILED")
    with pytest.raises(ClientError):
        client(REGION).start_restore_job(RecoveryPointArn=POINT, Metadata={}, IamRoleArn=ROLE)
    assert backup.events == []


def test_idempotent_start_tells_once(backup: FakeBackup) -> None:
    """A start that an idempotency token answers makes no event."""
    assert start(IdempotencyToken="t") == start(IdempotencyToken="t")
    assert told(backup) == ["Backup Job CREATED"]


def test_events_of_a_job(backup: FakeBackup) -> None:
    """A job has its own State Change events, not those of its recovery point or other jobs."""
    first, second = start(), start(SYSTEM)
    for _ in range(3):
        client(REGION).list_backup_jobs()
    jobs = backup.backup_jobs
    for job_id in (first, second):
        own = jobs[job_id].events
        assert [event["detail"]["state"] for event in own] == ["CREATED", "RUNNING", "COMPLETED"]
        assert {event["detail"]["backupJobId"] for event in own} == {job_id}
        assert all(event in backup.events for event in own)
    assert len(backup.events) == 8


def test_events_are_copies(backup: FakeBackup) -> None:
    """What a test does to an event that it got reaches neither the fake nor a handler's."""
    seen = []

    @backup.on_event
    def spoil(event: dict[str, Any], _context: Any) -> None:
        event["detail"].clear()
        event["resources"].append("x")

    backup.on_event(lambda event, _context: seen.append(event))
    job = backup.add_backup_job(State="RUNNING")
    job.fail()
    backup.events[0]["detail"].clear()
    backup.events.clear()
    job.events[0]["detail"].clear()
    assert seen == backup.events == job.events
    assert seen[0]["detail"]["state"] == "FAILED"
    assert seen[0]["resources"] == []


def ruin(value: Any) -> None:
    """Change whatever can be changed in a JSON value."""
    if isinstance(value, dict):
        for each in value.values():
            ruin(each)
        value.clear()
    elif isinstance(value, list):
        value.append("ruined")


def test_no_event_shares_what_can_change(backup: FakeBackup) -> None:
    """A handler that ruins its events, however deep, changes neither jobs nor other events."""
    jobs = [
        backup.add_backup_job(
            State="CREATED", CreatedBy=PLAN, RecoveryPointLifecycle={"DeleteAfterDays": 30}
        ),
        backup.add_copy_job(State="CREATED", CreatedBy=PLAN),
        backup.add_restore_job(Status="PENDING"),
    ]
    if "ScanJob" in service_model().shape_names:
        jobs.append(
            backup.add_scan_job(
                State="CREATED", ScanResult={"ScanResultStatus": "NO_THREATS_FOUND"}
            )
        )
    seen: list[Any] = []
    backup.on_event(lambda event, _context: ruin(event))
    backup.on_event(lambda event, _context: seen.append(copy.deepcopy(event)))
    client(REGION).create_backup_vault(BackupVaultName="other")
    for job in jobs:
        job.run()
        job.complete()
        before = copy.deepcopy(dict(job))
        ruin(job.events)
        assert dict(job) == before
    details = [event["detail"] for event in seen]
    assert sum("createdBy" in each for each in details) >= 4
    assert any("calculatedLifeCycle" in each for each in details)
    assert seen == backup.events


def test_only_new_events_are_copied(backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events and notifications that were read before are not copied again, unless changed since."""
    copied: list[Any] = []
    json_copy = bus.json_copy

    def count(value: Any) -> Any:
        copied.append(value)
        return json_copy(value)

    monkeypatch.setattr(bus, "json_copy", count)
    backup.add_vault(BackupVaultName="Daily")
    client(REGION).put_backup_vault_notifications(
        BackupVaultName="Daily",
        SNSTopicArn=f"arn:aws:sns:{REGION}:123456789012:topic",
        BackupVaultEvents=["BACKUP_JOB_COMPLETED"],
    )

    def read() -> tuple[int, int]:
        copied.clear()
        events = len(backup.events)
        # What an event consists of is copied by the same function.
        new = len([each for each in copied if "detail" in each])
        assert events
        copied.clear()
        assert backup.notifications
        return new, len([each for each in copied if "Sns" in each])

    for _ in range(2):
        # The recovery point has an event, too.
        backup.add_backup_job(State="RUNNING", BackupVaultName="Daily").complete()
        assert read() == (2, 1)
    assert read() == (0, 0)
    backup.events[0]["detail"].clear()
    backup.notifications[0]["Sns"].clear()
    assert read() == (1, 1)
    assert read() == (0, 0)
    assert backup.events[0]["detail"]
    assert backup.notifications[0]["Sns"]


def test_events_that_two_lists_have(backup: FakeBackup) -> None:
    """A list that was read before has no more events for those that came since."""
    job = backup.add_backup_job(State="CREATED")
    job.run()
    before = backup.events
    job.fail()
    assert [event["detail"]["state"] for event in before] == ["RUNNING"]
    assert [event["detail"]["state"] for event in backup.events] == ["RUNNING", "FAILED"]


def test_the_events_of_a_job_are_found_without_the_others(
    backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a job's events does not look through those of other jobs."""
    jobs = backup.add_backup_jobs(20, State="RUNNING")
    for job in jobs:
        job.fail()
    organization = backup.backend.organization
    # The first look files those of all jobs.
    assert len(jobs[3].events) == 1
    with monkeypatch.context() as patch:
        patch.setattr(organization.bus, "sent", [])
        assert [event["detail"]["backupJobId"] for event in jobs[7].events] == [jobs[7].id]
    backup.reset()
    assert not organization.bus.emitted(jobs[7])


def test_ended_fake_has_no_events(backup: FakeBackup) -> None:
    """A fake that is not active shows no events and takes no handlers."""
    with mock_backup(region=REGION) as other:
        pass
    for ask in (
        lambda: other.events,
        lambda: other.on_event(print),
        lambda: other.notifications,
    ):
        with pytest.raises(FakeBackupError):
            ask()
    assert backup.events == []


# --- The option event_readings ---------------------------------------------------------------


def with_reading(reading: str, state: str, add: Callable[[FakeBackup], Job]) -> dict[str, Any]:
    """The detail of a job that comes to a state under a reading; empty where nothing is told."""
    with mock_backup(region=REGION, event_readings=reading) as backup:
        job = add(backup)
        before = len(job.events)
        job.update(**{job.kind.state: state})
        events = job.events[before:]
        return dict(events[0]["detail"]) if events else {}


def running_backup(backup: FakeBackup) -> Job:
    """A backup job that runs."""
    return backup.add_backup_job(State="RUNNING")


def running_restore(backup: FakeBackup) -> Job:
    """A restore job that runs."""
    return backup.add_restore_job(Status="RUNNING")


def child(backup: FakeBackup) -> Job:
    """A nested backup job that runs."""
    group = factories.composite(1, State="RUNNING")
    backup.add(group)
    return group.children[0]


@pytest.mark.parametrize(
    ("reading", "state", "add", "expected"),
    [
        (
            "plain-messages",
            "ABORTED",
            running_backup,
            {"statusMessage": "Backup job was stopped by user."},
        ),
        (
            "iso-dates",
            "RUNNING",
            lambda backup: backup.add_backup_job(
                State="CREATED", ExpectedCompletionDate="2020-07-15T21:39:07.152Z"
            ),
            {"expectedCompletionDate": "2020-07-15T21:39:07.152Z"},
        ),
        ("retry-counts", "COMPLETED", running_backup, {"retryCount": 0}),
        ("retry-counts", "FAILED", running_backup, {"retryCount": 0}),
        ("restores-at-0", "COMPLETED", running_restore, {"percentDone": 0}),
        (
            "full-restores",
            "PENDING",
            lambda backup: backup.add_restore_job(Status="RUNNING", RecoveryPointArn=POINT),
            {"recoveryPointArn": POINT},
        ),
        ("nested-jobs", "COMPLETED", child, {"isParent": False}),
    ],
)
def test_readings(
    reading: str, state: str, add: Callable[[FakeBackup], Job], expected: dict[str, Any]
) -> None:
    """A reading changes what it is about."""
    detail = with_reading(reading, state, add)
    assert detail | expected == detail


def test_readings_that_add_ids() -> None:
    """A reading may add what the default one leaves out: ids and dates."""
    created = with_reading("copy-ids", "CREATED", lambda backup: backup.add_copy_job())
    assert "copyJobId" in created
    failed = with_reading("full-restores", "FAILED", running_restore)
    assert words("completionDate backupVaultArn sourceResourceArn") < set(failed)
    assert "parentJobId" in with_reading("nested-jobs", "FAILED", child)


def test_documented_states_alone() -> None:
    """With `documented-states`, what no page of AWS's names is not told."""
    assert with_reading("documented-states", "ABORTED", running_restore) == {}
    assert with_reading("documented-states", "PARTIAL", running_backup) == {}
    assert with_reading("documented-states", "ABORTED", running_backup) != {}


def test_readings_are_checked() -> None:
    """A reading that does not exist is refused with the near miss; several may be given."""
    with pytest.raises(ValueError, match="did you mean 'plain-messages'"):
        mock_backup(event_readings=["copy-ids", "plain-message"])
    with pytest.raises(TypeError, match="event_readings is one or several of"):
        mock_backup(event_readings=3)  # type: ignore[call-overload]  # what is refused
    with mock_backup(event_readings=EVENT_READINGS):
        pass


# --- Handlers --------------------------------------------------------------------------------


def test_handler_is_called_like_a_lambda(backup: FakeBackup) -> None:
    """A handler gets the event and a context that tells of the invocation."""
    seen: list[tuple[Any, Any]] = []

    @backup.on_event
    def handler(event: dict[str, Any], context: Any) -> None:
        seen.append((event, context))

    job = backup.add_backup_job(State="RUNNING")
    job.fail()
    ((event, context),) = seen
    assert event == job.events[0]
    assert context.aws_request_id
    assert context.get_remaining_time_in_millis() > 0
    assert context.invoked_function_arn.startswith(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:")
    assert handler.__name__ == "handler"


def test_handlers_see_what_comes(backup: FakeBackup) -> None:
    """A handler gets what happens after it was made known, in every account and region."""
    job = backup.add_backup_job(State="CREATED")
    away = backup.at(account_id="111122223333", region="us-west-2")
    job.run()
    seen: list[str] = []
    away.on_event(lambda event, _context: seen.append(event["account"]))
    job.fail()
    away.add_backup_job(State="RUNNING").fail()
    assert seen == [ACCOUNT, "111122223333"]


def test_handler_made_known_by_a_handler(backup: FakeBackup) -> None:
    """A handler that a handler makes known gets what happens from then on."""
    seen: list[str] = []

    def late(event: dict[str, Any], _context: Any) -> None:
        seen.append(event["detail"]["state"])

    @backup.on_event
    def once(event: dict[str, Any], _context: Any) -> None:
        if event["detail-type"].startswith("Recovery"):
            backup.on_event(late)

    backup.add_backup_job(State="RUNNING").complete()
    backup.add_backup_job(State="RUNNING").fail()
    assert seen == ["FAILED"]


def test_handlers_run_when_the_model_is_at_rest(backup: FakeBackup) -> None:
    """A handler that asks sees the state that the event tells, and the recovery point's job."""
    seen = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        if event["detail-type"] == "Recovery Point State Change":
            (job,) = client(REGION).list_backup_jobs(ByState="COMPLETED")["BackupJobs"]
            seen.append(job["RecoveryPointArn"])

    job = backup.add_backup_job(State="RUNNING")
    job.complete()
    assert seen == [job["RecoveryPointArn"]]


def test_a_chain(backup: FakeBackup) -> None:
    """A backup that completes is copied, the copy restored and the restore looked at, by events."""
    west = client("us-west-2")
    vault = f"arn:aws:backup:us-west-2:{ACCOUNT}:backup-vault:Default"
    restored = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        detail = event["detail"]
        match event["detail-type"], detail.get("state") or detail.get("status"):
            case "Backup Job State Change", "COMPLETED":
                client(REGION).start_copy_job(
                    RecoveryPointArn=event["resources"][0],
                    SourceBackupVaultName=detail["backupVaultName"],
                    DestinationBackupVaultArn=vault,
                    IamRoleArn=ROLE,
                )
            case "Copy Job State Change", "CREATED" | "RUNNING":
                client(REGION).list_copy_jobs()
            case "Copy Job State Change", "COMPLETED":
                west.start_restore_job(
                    RecoveryPointArn=detail["destinationRecoveryPointArn"],
                    IamRoleArn=ROLE,
                    Metadata={},
                )
            case "Restore Job State Change", "PENDING" | "RUNNING":
                west.describe_restore_job(RestoreJobId=detail["restoreJobId"])
            case "Restore Job State Change", "COMPLETED":
                restored.append((event["region"], detail["createdResourceArn"]))

    job_id = start()
    for _ in range(3):
        client(REGION).describe_backup_job(BackupJobId=job_id)
    assert told(backup) == [
        "Backup Job CREATED",
        "Backup Job RUNNING",
        "Recovery Point COMPLETED",
        "Backup Job COMPLETED",
        "Copy Job CREATED",
        "Copy Job RUNNING",
        "Recovery Point COMPLETED",
        "Copy Job COMPLETED",
        "Restore Job CREATED",
        "Restore Job PENDING",
        "Restore Job RUNNING",
        "Restore Job COMPLETED",
    ]
    ((region, arn),) = restored
    assert region == "us-west-2"
    assert arn.startswith(f"arn:aws:ec2:us-west-2:{ACCOUNT}:volume/")


def test_restore_test_is_validated(backup: FakeBackup) -> None:
    """A restore testing handler may put its result, which tells nothing further."""

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        detail = event["detail"]
        if detail.get("status") == "COMPLETED" and detail["restoreTestingPlanArn"] == TESTING:
            client(REGION).put_restore_validation_result(
                RestoreJobId=detail["restoreJobId"], ValidationStatus="SUCCESSFUL"
            )

    job = backup.add_restore_job(Status="RUNNING", CreatedBy={"RestoreTestingPlanArn": TESTING})
    job.complete()
    assert job["ValidationStatus"] == "SUCCESSFUL"
    assert told(backup) == ["Restore Job COMPLETED"]


def test_handler_that_moves_jobs(backup: FakeBackup) -> None:
    """What a handler causes comes after what waits already, and every handler gets it in order."""
    jobs = backup.add_backup_jobs(3, State="CREATED")
    first: list[str] = []
    second: list[str] = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        first.append(event["id"])
        if event["detail"].get("state") == "RUNNING":
            backup.backup_jobs[event["detail"]["backupJobId"]].complete()

    backup.on_event(lambda event, _context: second.append(event["id"]))
    for job in jobs:
        job.run()
    assert [job["State"] for job in jobs] == ["COMPLETED"] * 3
    assert first == second == [event["id"] for event in backup.events]
    assert len(first) == 9


def test_handler_that_reacts_to_what_it_causes(
    backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler that starts a job whenever one fails is told so, and what waits is dropped."""
    monkeypatch.setattr(bus, "MOST_CAUSED", 20)
    seen: list[str] = []

    @backup.on_event
    def again(event: dict[str, Any], _context: Any) -> None:
        seen.append(event["detail"]["backupJobId"])
        backup.add_backup_job(State="RUNNING").fail("boom")

    with pytest.raises(FakeBackupError) as raised:
        backup.add_backup_job(State="RUNNING").fail("boom")
    assert seen == sorted(backup.backup_jobs)[:20]
    last = backup.events[-1]
    assert str(raised.value) == (
        "A handler of backup.on_event reacts to events that it has caused itself, 20 in a row. "
        f"The last one is a Backup Job State Change with the detail {last['detail']}. On AWS this "
        "would go on for ever. Let the handler pass over what it has started, as by the ids of "
        "those jobs."
    )


def test_a_chain_is_no_endless_one(backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted is what each event leads to: what others cause meanwhile is not, however much."""
    monkeypatch.setattr(bus, "MOST_CAUSED", 2)
    jobs = list(backup.add_backup_jobs(40, State="RUNNING"))
    seen: list[str] = []

    def fail(some: list[Job]) -> None:
        for job in some:
            job.fail()

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        seen.append(event["detail"]["backupJobId"])
        if len(seen) == 1:
            fail(jobs[1:20])
        elif len(seen) == 2:
            other = threading.Thread(target=fail, args=(jobs[20:],))
            other.start()
            other.join()

    jobs[0].fail()
    assert seen == [job.id for job in jobs]


def test_handler_that_raises(backup: FakeBackup) -> None:
    """What a handler raises comes out of the call that caused it, once all is delivered."""
    seen: list[str] = []

    @backup.on_event
    def broken(event: dict[str, Any], _context: Any) -> None:
        msg = f"cannot handle {event['detail-type']}"
        raise KeyError(msg)

    backup.on_event(lambda event, _context: seen.append(event["detail-type"]))
    with pytest.raises(KeyError, match="cannot handle Backup Job"):
        start()
    (job_id,) = backup.backup_jobs
    with pytest.raises(KeyError, match="cannot handle Backup Job"):
        client(REGION).describe_backup_job(BackupJobId=job_id)
    with pytest.raises(KeyError, match="cannot handle Recovery Point"):
        backup.backup_jobs[job_id].complete()
    assert seen == [event["detail-type"] for event in backup.events]
    assert len(seen) == 4
    assert backup.backup_jobs[job_id]["State"] == "COMPLETED"


def test_exception_of_a_handler_of_a_handler(backup: FakeBackup) -> None:
    """What is raised for an event that a handler caused comes out where the first was caused."""
    inside: list[str] = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        if event["detail"]["state"] == "FAILED":
            inside.append(start())
        else:
            msg = "the second"
            raise RuntimeError(msg)

    job = backup.add_backup_job(State="RUNNING")
    with pytest.raises(RuntimeError, match="the second"):
        job.fail()
    assert inside == [backup.events[1]["detail"]["backupJobId"]]


def test_first_exception_wins(backup: FakeBackup) -> None:
    """Of several exceptions the first is raised, and a later delivery raises none of them."""
    job = backup.add_backup_job(State="RUNNING")
    raised = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        raised.append(event["detail-type"])
        if len(raised) < 3:
            msg = event["detail-type"]
            raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="Recovery Point"):
        job.complete()
    backup.add_backup_job(State="RUNNING").fail()
    assert len(raised) == 3


def test_delivery_survives_an_interruption(backup: FakeBackup) -> None:
    """What waits when a handler is interrupted is delivered by the next delivery."""
    seen: list[str] = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        seen.append(event["detail-type"])
        if len(seen) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.add_backup_job(State="RUNNING").complete()
    assert seen == ["Recovery Point State Change"]
    backup.add_backup_job(State="RUNNING").fail()
    assert seen == [event["detail-type"] for event in backup.events]


def test_refused_call_delivers(backup: FakeBackup) -> None:
    """Events that the clock made are delivered by a call that is itself refused."""
    seen: list[str] = []
    with freeze_time(datetime(2026, 5, 4, tzinfo=timezone.utc)) as frozen:
        job = backup.add_backup_job(State="CREATED")
        job.progress = "clock"
        backup.on_event(lambda event, _context: seen.append(event["detail"]["state"]))
        frozen.tick(61)
        with pytest.raises(ClientError):
            client(REGION).describe_backup_job(BackupJobId="missing")
        assert seen == ["RUNNING"]


def test_illegal_move_delivers(backup: FakeBackup) -> None:
    """Events that the clock made are delivered by a move that is itself refused."""
    seen: list[str] = []
    with freeze_time(datetime(2026, 5, 4, tzinfo=timezone.utc)) as frozen:
        done, job = backup.add_backup_job(), backup.add_backup_job(State="CREATED")
        job.progress = "clock"
        backup.on_event(lambda event, _context: seen.append(event["detail"]["state"]))
        frozen.tick(61)
        with pytest.raises(FakeBackupError, match="COMPLETED is final"):
            done.fail()
        assert seen == ["RUNNING"]


@pytest.mark.parametrize("refused", [None, "text", 3])
def test_handlers_are_functions(backup: FakeBackup, refused: Any) -> None:
    """What cannot be called is no handler."""
    with pytest.raises(TypeError, match=r"on_event\(\) takes a function"):
        backup.on_event(refused)


def test_coroutine_functions_are_refused(backup: FakeBackup) -> None:
    """A coroutine function, which nobody would await, is no handler."""

    async def handler(event: Any, context: Any) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match=r"on_event\(\) takes a function"):
        backup.on_event(handler)


class _Bound:
    """An object with a handler."""

    def event(self, event: Any) -> None:
        """Take an event alone."""


@pytest.mark.parametrize(
    ("handler", "takes"),
    [
        (lambda: None, r"\(\): too many positional arguments"),
        (lambda _event: None, r"\(_event\): too many positional arguments"),
        (lambda _e, _c, _more: None, r"\(_e, _c, _more\): missing a required argument: '_more'"),
        (lambda _event, *, context: context, r"too many positional arguments"),
        (lambda _e, _c, *, more: more, r"missing a required (keyword-only )?argument: 'more'"),
        (_Bound().event, r"\(event: 'Any'\) -> 'None': too many positional arguments"),
        (functools.partial(_Bound.event, _Bound()), "too many positional arguments"),
        (_Bound, r"\(\): too many positional arguments"),
    ],
    ids=map(str, range(8)),
)
def test_a_handler_that_cannot_take_an_event(backup: FakeBackup, handler: Any, takes: str) -> None:
    """It is refused where it is given, with what it takes, and no event goes to it."""
    match = r"is called as handler\(event, context\), as AWS Lambda calls it, and <?.* takes .*"
    with pytest.raises(TypeError, match=match + takes):
        backup.on_event(handler)
    assert backup.backend.organization.bus.handlers == ()


@pytest.mark.parametrize(
    "handler",
    [
        lambda _event, _context: None,
        lambda *_both: None,
        lambda _event, _context=None, *_more, **_named: None,
        functools.partial(lambda _a, _event, _context: None, 1),
        mock.Mock(),
        print,
        dict.fromkeys,  # a builtin
        max,  # one that says nothing of what it takes
        functools.wraps(lambda _event: None)(lambda *_both: None),
    ],
    ids=map(str, range(9)),
)
def test_a_handler_that_can_take_an_event(backup: FakeBackup, handler: Any) -> None:
    """Whatever can be called so is taken, builtins that do not tell what they take included."""
    assert backup.on_event(handler) is handler


@needs_scans
@pytest.mark.parametrize("looks", [False, True])
def test_an_event_is_of_its_time(backup: FakeBackup, *, looks: bool) -> None:
    """It tells of the job as it was, read for the first time before or after others changed it."""
    job = backup.add_scan_job(State="CREATED")
    job.update(State="RUNNING")
    job.update(State="CREATED")
    before, number = copy.deepcopy(job.events) if looks else [], job.number
    job.update(AccountId="210987654321")
    backup.remove(job)
    backup.add_backup_job()
    backup.add(job)
    assert job.number != number
    event = job.events[-1]
    assert before[-1:] in ([], [event])
    assert event["detail"]["accountId"] == event["account"] == ACCOUNT
    assert event["detail"]["scanId"] == ids.uuid("f", number)


def test_reset(backup: FakeBackup) -> None:
    """A reset forgets events, handlers and what is still to be delivered."""
    seen: list[str] = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        seen.append(event["detail-type"])
        backup.reset()

    backup.add_backup_job(State="RUNNING").complete()
    assert seen == ["Recovery Point State Change"]
    assert backup.events == []
    backup.add_backup_job(State="RUNNING").fail()
    assert len(seen) == 1
    assert len(backup.events) == 1


# --- Threads ---------------------------------------------------------------------------------


def test_handler_with_clients_in_threads(backup: FakeBackup) -> None:
    """A handler may wait for threads that use clients, and the events they cause are handed on."""
    stuck = []
    seen: list[str] = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        seen.append(event["id"])
        if event["detail"]["state"] == "FAILED":
            threads = [threading.Thread(target=start, daemon=True) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
                stuck.append(thread.is_alive())

    backup.add_backup_job(State="RUNNING").fail()
    assert stuck == [False] * 4
    assert seen == [event["id"] for event in backup.events]
    assert len(seen) == 5


def test_clock_events_inside_a_start(backup: FakeBackup) -> None:
    """What the clock moved is handed on after the call that noticed it, not in its midst."""
    stuck = []
    found = []

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        if event["detail"]["state"] == "RUNNING":
            thread = threading.Thread(target=client(REGION).list_copy_jobs, daemon=True)
            thread.start()
            thread.join(10)
            stuck.append(thread.is_alive())
            found.append(len(backup.backup_jobs))

    with freeze_time(datetime(2026, 5, 4, tzinfo=timezone.utc)) as frozen:
        job = backup.add_backup_job(State="CREATED")
        job.progress = "clock"
        frozen.tick(61)
        start()
    assert stuck == [False]
    assert found == [2]


def test_many_threads(backup: FakeBackup) -> None:
    """Threads that cause events at a time lose none, double none, and mix up no order."""
    seen: list[str] = []
    at_once = threading.Lock()

    @backup.on_event
    def handler(event: dict[str, Any], _context: Any) -> None:
        assert at_once.acquire(blocking=False)
        seen.append(event["id"])
        at_once.release()

    def work(number: int) -> None:
        # Jobs of one resource wait for each other.
        job_id = start(f"{VOLUME}{number}")
        for _ in range(3):
            client(REGION).describe_backup_job(BackupJobId=job_id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert seen == [event["id"] for event in backup.events]
    assert len(seen) == len(set(seen)) == 160
