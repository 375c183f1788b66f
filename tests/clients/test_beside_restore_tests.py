"""Restore testing beside moto: what tests restored is deleted there."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from moto.core.models import botocore_stubber

from fakebackup import FakeBackupError
from support.beside import VAULT, a_client, back_up, both, restore
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLAN = "plan"


def a_volume() -> str:
    """Make a volume of moto's, and return its ARN."""
    made = a_client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=1)
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def volumes() -> set[str]:
    """The ids of moto's volumes."""
    return {each["VolumeId"] for each in described_volumes()}


def described_volumes() -> list[dict[str, Any]]:
    """The volumes of moto, as EC2 describes them."""
    found: list[dict[str, Any]] = a_client("ec2").describe_volumes()["Volumes"]
    return found


def a_plan(window: int = 0) -> None:
    """Make a restore testing plan of the volumes, with a validation window in hours."""
    backup = a_client("backup")
    backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": PLAN,
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
        }
    )
    backup.create_restore_testing_selection(
        RestoreTestingPlanName=PLAN,
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "volumes",
            "ProtectedResourceType": "EBS",
            "IamRoleArn": ROLE,
            "ProtectedResourceArns": ["*"],
            "ValidationWindowHours": window,
        },
    )


def described(job_id: str) -> dict[str, Any]:
    """A restore job as it is described."""
    found: dict[str, Any] = a_client("backup").describe_restore_job(RestoreJobId=job_id)
    return found


@pytest.fixture
def tick() -> Iterator[Callable[[timedelta], object]]:
    """Time stands still, and goes on by a while."""
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=timezone.utc), tick=False) as frozen:
        yield frozen.shift


def test_what_a_test_restored_is_deleted() -> None:
    """At once, where there is no window for a validation."""
    with both() as backup:
        volume = a_volume()
        back_up(volume)
        before = volumes()
        a_plan()
        [job] = backup.run_restore_testing_plan(PLAN)
        told = described(job.id)
        assert (told["Status"], told["DeletionStatus"]) == ("COMPLETED", "SUCCESSFUL")
        assert told["CreatedResourceArn"].rpartition("/")[2] not in before
        assert volumes() == before


def test_it_is_there_until_it_is_validated() -> None:
    """The code that validates finds it."""
    with both() as backup:
        back_up(a_volume())
        before = volumes()
        a_plan(window=1)
        [job] = backup.run_restore_testing_plan(PLAN)
        made = described(job.id)["CreatedResourceArn"].rpartition("/")[2]
        assert volumes() == before | {made}
        a_client("backup").put_restore_validation_result(
            RestoreJobId=job.id, ValidationStatus="SUCCESSFUL"
        )
        assert described(job.id)["DeletionStatus"] == "SUCCESSFUL"
        assert volumes() == before


def test_backup_plans_pass_over_what_a_test_restored() -> None:
    """It has the tag that says so, with its value empty, and what else is restored has none."""
    with both() as backup:
        volume = a_volume()
        point = back_up(volume)["RecoveryPointArn"]
        a_plan(window=1)
        [job] = backup.run_restore_testing_plan(PLAN)
        restored = restore(point)["CreatedResourceArn"]
        tags = {each["VolumeId"]: each.get("Tags") for each in described_volumes()}
        made = tags.pop(job["CreatedResourceArn"].rpartition("/")[2])
        assert made == [{"Key": "awsbackup-restore-test", "Value": ""}]
        assert not any(tags.values())
        client = a_client("backup")
        rules = [{"RuleName": "rule", "TargetBackupVaultName": VAULT}]
        plan = {"BackupPlanName": "plan", "Rules": rules}
        plan_id = client.create_backup_plan(BackupPlan=plan)["BackupPlanId"]
        selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": ["*"]}
        client.create_backup_selection(BackupPlanId=plan_id, BackupSelection=selection)
        found = {each["ResourceArn"] for each in backup.run_plan(plan_id)}
        assert found == {volume, restored}


def test_what_cannot_be_deleted_fails_the_deletion() -> None:
    """With the words of EC2: the volume is attached."""
    with both() as backup:
        back_up(a_volume())
        a_plan(window=1)
        [job] = backup.run_restore_testing_plan(PLAN)
        ec2 = a_client("ec2")
        made = described(job.id)["CreatedResourceArn"].rpartition("/")[2]
        [instance] = ec2.run_instances(
            ImageId=ec2.describe_images()["Images"][0]["ImageId"], MinCount=1, MaxCount=1
        )["Instances"]
        ec2.attach_volume(VolumeId=made, InstanceId=instance["InstanceId"], Device="/dev/sdf")
        a_client("backup").put_restore_validation_result(
            RestoreJobId=job.id, ValidationStatus="SUCCESSFUL"
        )
        told = described(job.id)
        assert told["DeletionStatus"] == "FAILED"
        assert made in told["DeletionStatusMessage"]
        assert made in volumes()


def test_a_deletion_that_was_chosen_to_fail_deletes_nothing() -> None:
    """The test said so by `next_outcome`."""
    with both() as backup:
        back_up(a_volume())
        before = volumes()
        a_plan()
        backup.next_outcome(
            "StartRestoreJob",
            Status="COMPLETED",
            DeletionStatus="FAILED",
            DeletionStatusMessage="by choice",
        )
        [job] = backup.run_restore_testing_plan(PLAN)
        told = described(job.id)
        assert (told["DeletionStatus"], told["DeletionStatusMessage"]) == ("FAILED", "by choice")
        assert len(volumes()) == len(before) + 1


def test_what_the_fake_restored_alone_is_none_of_motos() -> None:
    """A seeded recovery point made nothing beside the fake: its deletion succeeds."""
    with both() as backup:
        before = volumes()
        backup.add_recovery_point(ResourceType="EBS")
        a_plan()
        [job] = backup.run_restore_testing_plan(PLAN)
        assert described(job.id)["DeletionStatus"] == "SUCCESSFUL"
        assert volumes() == before


@pytest.mark.usefixtures("attempts")
def test_a_deletion_that_nothing_answers_stays_due(
    tick: Callable[[timedelta], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock: it is made when moto answers."""
    with both(progress="clock") as backup:
        back_up(a_volume())
        before = volumes()
        tick(timedelta(hours=1))
        a_plan()
        [job] = backup.run_restore_testing_plan(PLAN)
        # Restored after 11 minutes or 12, deleted ten minutes later.
        tick(timedelta(minutes=15))
        assert described(job.id)["DeletionStatus"] == "DELETING"
        assert len(volumes()) == len(before) + 1
        tick(timedelta(minutes=15))
        with monkeypatch.context() as patch:
            patch.setattr(botocore_stubber, "enabled", False)
            for _ in range(2):
                with pytest.raises(FakeBackupError, match="nothing in this process answers"):
                    described(job.id)
        assert volumes() == before
        assert described(job.id)["DeletionStatus"] == "SUCCESSFUL"
