"""A fake with something to start jobs on, and how the tests start them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup.model.shapes import model as shapes
from support.client import client, full_answer, tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup import FakeBackup
    from fakebackup.model.jobs.job import Job

OWN, OTHER = "123456789012", "111122223333"
HERE, THERE = "us-east-1", "eu-west-1"
NOON = datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
GIB = 1024**3

ROLE = f"arn:aws:iam::{OWN}:role/service-role/AWSBackupDefaultServiceRole"
SCANNER = f"arn:aws:iam::{OWN}:role/AWSBackupScanner"
VOLUME = f"arn:aws:ec2:{HERE}:{OWN}:volume/vol-0abc"
INSTANCE = f"arn:aws:ec2:{HERE}:{OWN}:instance/i-0abc"
FILES = f"arn:aws:elasticfilesystem:{HERE}:{OWN}:file-system/fs-0abc"
TABLE = f"arn:aws:dynamodb:{HERE}:{OWN}:table/t"
STACK = f"arn:aws:cloudformation:{HERE}:{OWN}:stack/s/1"
PLAN = f"arn:aws:backup:{HERE}:{OWN}:restore-testing-plan:p-1"

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

MODEL = shapes.service_model()
scans = pytest.mark.skipif(
    "StartScanJob" not in MODEL.operation_names, reason="this botocore knows no scan jobs"
)


def told(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without what botocore says of the request."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def status(answer: Mapping[str, Any]) -> int:
    """The HTTP status of an answer."""
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def start_backup(region: str = HERE, **parameters: Any) -> Any:
    """Start a backup job of a volume."""
    wanted = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    return full_answer("StartBackupJob", region=region, **wanted | parameters)


def finish(job: Job) -> Job:
    """Let a job run and complete."""
    job.run()
    job.complete()
    return job


@dataclass
class World:
    """A fake with something to copy, restore, scan, stop and validate.

    Attributes:
        backup: the fake.
        point: the recovery point of a volume in the vault Default.
        second: another one of it.
        running: a backup job that runs.
        tested: a restore test that completed.
    """

    backup: FakeBackup
    point: str
    second: str
    running: Job
    tested: Job

    def good(self, operation: str) -> dict[str, Any]:
        """Parameters that AWS takes."""
        vault = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Copies"
        known: dict[str, dict[str, Any]] = {
            "StartBackupJob": {
                "BackupVaultName": "Default",
                "ResourceArn": VOLUME,
                "IamRoleArn": ROLE,
            },
            "StopBackupJob": {"BackupJobId": self.running.id},
            "StartCopyJob": {
                "RecoveryPointArn": self.point,
                "SourceBackupVaultName": "Default",
                "DestinationBackupVaultArn": vault,
                "IamRoleArn": ROLE,
            },
            "StartRestoreJob": {
                "RecoveryPointArn": self.point,
                "Metadata": {"availabilityZone": "us-east-1a"},
                "IamRoleArn": ROLE,
            },
            "StartScanJob": {
                "BackupVaultName": "Default",
                "RecoveryPointArn": self.point,
                "IamRoleArn": ROLE,
                "ScannerRoleArn": SCANNER,
                "MalwareScanner": "GUARDDUTY",
                "ScanMode": "FULL_SCAN",
            },
            "GetRestoreJobMetadata": {"RestoreJobId": self.tested.id},
            "PutRestoreValidationResult": {
                "RestoreJobId": self.tested.id,
                "ValidationStatus": "SUCCESSFUL",
            },
        }
        return known[operation]

    def held(self) -> Any:
        """All that the fake holds, here and elsewhere."""
        organization = self.backup.backend.organization
        views = [
            self.backup.at(account_id=account, region=region)
            for account in (OWN, OTHER)
            for region in (HERE, THERE)
        ]
        mappings = [
            {name: dict(each) for name, each in mapping.items()}
            for view in views
            for mapping in (
                view.backup_jobs,
                view.copy_jobs,
                view.restore_jobs,
                view.scan_jobs,
                view.report_jobs,
                view.vaults,
                view.recovery_points,
            )
        ]
        events = [sent.event for sent in organization.bus.sent]
        tokens = [list(store.tokens) for store in organization.stores.values()]
        kept = (organization.outcomes, tokens, tags_of(self.backup))
        return mappings, events, [list(each) for each in kept]


def furnished(backup: FakeBackup) -> World:
    """Furnish a fake."""
    client().create_backup_vault(BackupVaultName="Copies")
    jobs = backup.backup_jobs
    points = [finish(jobs[start_backup()["BackupJobId"]])["RecoveryPointArn"] for _ in range(2)]
    running = jobs[start_backup()["BackupJobId"]]
    running.run()
    tested = backup.add_restore_job(CreatedBy={"RestoreTestingPlanArn": PLAN})
    return World(backup, points[0], points[1], running, tested)
