"""Time that passes in many small and in few large steps, for all that happens by itself at once."""

from __future__ import annotations

import copy
import functools
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fakebackup import mock_backup
from support.botocore_model import sends
from support.client import call, client, held

if TYPE_CHECKING:
    from fakebackup import FakeBackup

ACCOUNT, REGION, AWAY = "123456789012", "us-east-1", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSBackup"
START = datetime(2024, 5, 1, 22, 30, tzinfo=timezone.utc)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SPAN = timedelta(days=5)
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/1"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders"
BUCKET = "arn:aws:s3:::pictures"
DAYS = "DeleteAfterDays"
GAPPED: Any = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


SETTINGS: dict[str, Any] = {
    "ScanSettings": [
        {"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["ALL"], "ScannerRoleArn": ROLE}
    ]
}


def known(rule: dict[str, Any], **members: Any) -> bool:
    """Whether the installed botocore knows the members of a rule and of its plan."""
    rules = [{"RuleName": "rule", "TargetBackupVaultName": "daily", **rule}]
    document = {"BackupPlanName": "plan", "Rules": rules, **members}
    return sends("CreateBackupPlan", {"BackupPlan": document})


def vault_arn(name: str, region: str = REGION) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{name}"


def plan(name: str, of: list[str], *rules: dict[str, Any], **members: Any) -> str:
    """Make a plan of some rules for some resources; return its id."""
    whole = [
        {"RuleName": f"rule-{at}", "TargetBackupVaultName": "daily", **each}
        for at, each in enumerate(rules)
    ]
    document = {"BackupPlanName": name, "Rules": whole, **members}
    made: str = call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    selection = {"SelectionName": "some", "IamRoleArn": ROLE, "Resources": of}
    call("CreateBackupSelection", BackupPlanId=made, BackupSelection=selection)
    return made


def every(hours: int, **members: Any) -> dict[str, Any]:
    """A rule that runs every so many hours."""
    return {"ScheduleExpression": f"cron(0 0/{hours} * * ? *)", **members}


def furnish(backup: FakeBackup, hours: int) -> dict[str, str]:
    """Make an account in which everything happens by itself; return the ids of some plans."""
    for name in ("daily", "governed", "compliant"):
        call("CreateBackupVault", BackupVaultName=name)
    backup.at(region=AWAY).add_vault(BackupVaultName="away")
    backup.add_vault(
        BackupVaultName="gapped", VaultType=GAPPED, MinRetentionDays=1, MaxRetentionDays=30
    )
    lock = "PutBackupVaultLockConfiguration"
    call(lock, BackupVaultName="governed", MaxRetentionDays=2)
    call(lock, BackupVaultName="compliant", MinRetentionDays=1, ChangeableForDays=3)

    kept = {"Lifecycle": {DAYS: 1}}
    away = [{"DestinationBackupVaultArn": vault_arn("away", AWAY), "Lifecycle": {DAYS: 2}}]
    scanned: dict[str, Any] = {}
    settings_of_scans: dict[str, Any] = {}
    if known({}, **SETTINGS):
        mode = "INCREMENTAL_SCAN"
        scanned = {"ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": mode}]}
        settings_of_scans = SETTINGS
    gapped = {"TargetLogicallyAirGappedBackupVaultArn": vault_arn("gapped")}
    gapped = gapped if known(gapped) else {}
    ids = {
        # Two rules that overlap, and one in a vault whose lock lets half of them fail.
        "snapshots": plan(
            "snapshots",
            [VOLUME, STACK, TABLE],
            every(hours, **kept, **scanned),
            every(12, Lifecycle={DAYS: 2}, CopyActions=away, StartWindowMinutes=120),
            every(8, TargetBackupVaultName="governed", Lifecycle={DAYS: 3}, StartWindowMinutes=60),
            every(6, TargetBackupVaultName="compliant", **kept),
            **settings_of_scans,
        ),
        "continuous": plan(
            "continuous",
            [BUCKET, DATABASE],
            every(12, EnableContinuousBackup=True, Lifecycle={DAYS: 2}, **scanned),
            every(8, EnableContinuousBackup=True, TargetBackupVaultName="compliant", **kept),
            **settings_of_scans,
        ),
        # The same resources once more.
        "gapped": plan("gapped", [VOLUME, FILES, DATABASE], every(12, **kept, **gapped)),
    }
    call(
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={
            "RestoreTestingPlanName": "tests",
            "ScheduleExpression": "cron(0 0/8 * * ? *)",
            "StartWindowHours": 1,
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"],
            },
        },
    )
    for resource_type, window in (("EBS", 1), ("S3", 5), ("DynamoDB", 0)):
        call(
            "CreateRestoreTestingSelection",
            RestoreTestingPlanName="tests",
            RestoreTestingSelection={
                "RestoreTestingSelectionName": resource_type,
                "ProtectedResourceType": resource_type,
                "ProtectedResourceArns": ["*"],
                "IamRoleArn": ROLE,
                "ValidationWindowHours": window,
            },
        )
    call(
        "CreateFramework",
        FrameworkName="audit",
        FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"}],
    )
    for template in ("BACKUP_JOB_REPORT", "RESTORE_JOB_REPORT", "CONTROL_COMPLIANCE_REPORT"):
        call(
            "CreateReportPlan",
            ReportPlanName=template,
            ReportSetting={"ReportTemplate": template},
            ReportDeliveryChannel={"S3BucketName": "bucket", "Formats": ["CSV", "JSON"]},
        )
    backup.next_outcome("StartBackupJob", ResourceArn=STACK, State="PARTIAL")
    backup.next_outcome("StartBackupJob", ResourceArn=BUCKET, State="EXPIRED")
    backup.next_outcome("StartRestoreJob", ResourceArn=TABLE, Status="FAILED")
    return ids


def outcome(operation: str, **asked: Any) -> str:
    """What a call ends with."""
    try:
        call(operation, **asked)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def act(at: int, ids: dict[str, str]) -> list[str]:
    """What the user does once so many hours have passed, and what each of it ends with."""
    unlock = "DeleteBackupVaultLockConfiguration"
    if at == 26:
        # Within the grace time of the lock, which begins anew.
        again: Any = {"MinRetentionDays": 1, "ChangeableForDays": 3}
        put = "PutBackupVaultLockConfiguration"
        return [outcome(put, BackupVaultName="compliant", **again)]
    if at == 63:
        points = client(REGION).list_recovery_points_by_backup_vault(BackupVaultName="compliant")
        arn = points["RecoveryPoints"][0]["RecoveryPointArn"]
        where = {"BackupVaultName": "compliant", "RecoveryPointArn": arn}
        return [
            outcome("DeleteRecoveryPoint", **where),
            outcome(unlock, BackupVaultName="governed"),
            outcome("UpdateBackupPlan", BackupPlanId=ids["gapped"], BackupPlan=GAPPED_LATER),
        ]
    # The grace time is over.
    return [outcome(unlock, BackupVaultName="compliant")]


GAPPED_LATER = {
    "BackupPlanName": "gapped",
    "Rules": [
        {
            "RuleName": "rule-0",
            "TargetBackupVaultName": "daily",
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "Lifecycle": {DAYS: 2},
        }
    ],
}

ACTS = (26, 63, 101)
"""After how many hours the user does something."""


@functools.cache
def at_once(hours: int) -> Any:
    """What is there after days that pass in steps as large as can be."""
    return after((), hours)


def after(stops: tuple[int, ...], hours: int) -> Any:
    """All that a fake holds and has made after some days, looked at after these minutes.

    One of the rules runs every so many hours.
    """
    with freeze_time(START) as frozen, mock_backup(region=REGION, progress="clock") as backup:
        ids = furnish(backup, hours)
        ended = []
        acts = {at * (HOUR // MINUTE): at for at in ACTS}
        for minutes in sorted({*stops, *acts, SPAN // MINUTE}):
            frozen.move_to(START + minutes * MINUTE)
            call("ListBackupVaults")
            if minutes in acts:
                ended += act(acts[minutes], ids)
        everything = held(backup)
        reports = copy.deepcopy(dict(backup.reports))
        seen = summary(backup)
    return without_drawn(everything), reports, ended, seen


def without_drawn(value: Any) -> Any:
    """A value without the members that botocore draws."""
    if isinstance(value, dict):
        drawn = ("CreatorRequestId", "IdempotencyToken")
        return {name: without_drawn(each) for name, each in value.items() if name not in drawn}
    return [without_drawn(each) for each in value] if isinstance(value, (list, tuple)) else value


def summary(backup: FakeBackup) -> dict[str, set[str]]:
    """What has happened, so that a test can hold that it is something of everything."""
    return {
        "backups": {job["State"] for job in backup.backup_jobs.values()},
        "copies": {job["State"] for job in backup.copy_jobs.values()},
        "restores": {
            job.get("ValidationStatus", job["Status"]) for job in backup.restore_jobs.values()
        },
        "deletions": {job.get("DeletionStatus", "-") for job in backup.restore_jobs.values()},
        "points": {point["Status"] for point in backup.recovery_points.values()},
        "events": {
            f"{event['detail-type']} {event['detail'].get('status')}" for event in backup.events
        },
    }


# Without shrinking, which takes minutes: what differs is told by the comparison.
@settings(max_examples=10, phases=[Phase.generate])
@given(
    stops=st.lists(st.integers(1, SPAN // MINUTE - 1), max_size=40).map(tuple),
    hours=st.sampled_from([2, 6]),
)
def test_steps_do_not_matter(stops: tuple[int, ...], hours: int) -> None:
    """Time that passes at once leaves what it leaves in steps, whatever happens by itself."""
    assert after(stops, hours) == at_once(hours)


@pytest.mark.parametrize("minutes", [59, 430])
def test_even_steps_do_not_matter(minutes: int) -> None:
    """The same of steps that are all of one size."""
    assert after(tuple(range(minutes, SPAN // MINUTE, minutes)), 6) == at_once(6)


def test_all_of_it_happens() -> None:
    """What the other tests compare has something of everything in it."""
    (_, reports, ended, seen) = at_once(6)
    assert ended == [
        "done",
        "InvalidRequestException",
        "done",
        "done",
        "InvalidRequestException",
    ]
    assert {"COMPLETED", "PARTIAL", "FAILED", "EXPIRED"} <= seen["backups"]
    assert "COMPLETED" in seen["copies"]
    assert {"TIMED_OUT", "FAILED"} <= seen["restores"]
    assert {"SUCCESSFUL", "-"} <= seen["deletions"]
    assert {"COMPLETED", "AVAILABLE"} <= seen["points"]
    assert "Recovery Point State Change DELETING" in seen["events"]
    assert len(reports) >= 12
    if known({}, **SETTINGS):
        assert "Scan Job State Change None" in seen["events"]
