"""Restore jobs, started by a real client, and restore tests, validated by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from support.client import client, full_answer
from support.starting import GIB, HERE, NOON, OWN, PLAN, ROLE, VOLUME, World, status, told

if TYPE_CHECKING:
    from fakebackup import FakeBackup

pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


class TestStartRestoreJob:
    @time_machine.travel(NOON, tick=False)
    def test_returns_and_fills_in(self, world: World) -> None:
        """StartRestoreJob returns the id alone; the job begins PENDING, of the point's type."""
        answer = full_answer("StartRestoreJob", **world.good("StartRestoreJob"))
        job = world.backup.restore_jobs[answer["RestoreJobId"]]
        assert (told(answer), status(answer)) == ({"RestoreJobId": job.id}, 200)
        described = told(client().describe_restore_job(RestoreJobId=job.id))
        named = {
            "SourceResourceArn": VOLUME,
            "BackupVaultArn": f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Default",
            "IsParent": False,
        }
        assert described == {
            "AccountId": OWN,
            "RestoreJobId": job.id,
            "RecoveryPointArn": world.point,
            "CreationDate": NOON,
            "Status": "PENDING",
            "PercentDone": "0.00%",
            "BackupSizeInBytes": 8 * GIB,
            "IamRoleArn": ROLE,
            "ResourceType": "EBS",
            "RecoveryPointCreationDate": world.backup.recovery_points[world.point]["CreationDate"],
        } | {name: value for name, value in named.items() if name in job.kind.members}

    def test_without_a_role(self, world: World) -> None:
        """The role is no required parameter; a job without one has none."""
        wanted: dict[str, Any] = {"RecoveryPointArn": world.point, "Metadata": {}}
        answer = full_answer("StartRestoreJob", ResourceType="EBS", **wanted)
        assert "IamRoleArn" not in world.backup.restore_jobs[answer["RestoreJobId"]]

    @pytest.mark.parametrize("metadata", [{}, {"volumeId": "vol-1", "encrypted": "false"}])
    def test_metadata(self, world: World, metadata: dict[str, str]) -> None:
        """GetRestoreJobMetadata answers what the job was started with."""
        wanted = world.good("StartRestoreJob") | {"Metadata": metadata}
        job_id = full_answer("StartRestoreJob", **wanted)["RestoreJobId"]
        answer = client().get_restore_job_metadata(RestoreJobId=job_id)
        assert told(answer) == {"RestoreJobId": job_id, "Metadata": metadata}
        assert status(answer) == 200

    def test_a_restored_resource_is_another_one(self, world: World) -> None:
        """A completed restore names the resource it made, which is not the source."""
        answer = full_answer("StartRestoreJob", **world.good("StartRestoreJob"))
        job = world.backup.restore_jobs[answer["RestoreJobId"]]
        job.run()
        assert "CreatedResourceArn" not in job
        job.complete()
        assert job["CreatedResourceArn"].startswith(f"arn:aws:ec2:{HERE}:{OWN}:volume/vol-")
        assert job["CreatedResourceArn"] != VOLUME


class TestRestoreTesting:
    def test_a_validation(self, world: World) -> None:
        """A result of a validation, answered 204 without a body, is the job's from then on."""
        events = len(world.backup.backend.organization.bus.sent)
        wanted = world.good("PutRestoreValidationResult")
        answer = full_answer("PutRestoreValidationResult", **wanted, ValidationStatusMessage="fine")
        assert (told(answer), status(answer)) == ({}, 204)
        described = client().describe_restore_job(RestoreJobId=world.tested.id)
        assert described["ValidationStatus"] == "SUCCESSFUL"
        assert described["ValidationStatusMessage"] == "fine"
        assert described["Status"] == "COMPLETED"
        assert len(world.backup.backend.organization.bus.sent) == events

    @pytest.mark.parametrize("result", ["FAILED", "SUCCESSFUL", "TIMED_OUT", "VALIDATING"])
    def test_a_later_result_replaces_an_earlier_one(self, world: World, result: str) -> None:
        """Each result replaces the one before, its message included."""
        wanted = world.good("PutRestoreValidationResult")
        full_answer("PutRestoreValidationResult", **wanted, ValidationStatusMessage="at first")
        full_answer("PutRestoreValidationResult", **wanted | {"ValidationStatus": result})
        assert world.tested["ValidationStatus"] == result
        assert "ValidationStatusMessage" not in world.tested

    def test_listed_by_plan(self, backup: FakeBackup) -> None:
        """ByRestoreTestingPlanArn lists the tests of a plan, as they stand."""
        other = PLAN.replace("p-1", "p-2")
        test = backup.add_restore_job(
            CreatedBy={"RestoreTestingPlanArn": PLAN},
            ValidationStatus="SUCCESSFUL",
            DeletionStatus="DELETING",
            DeletionStatusMessage="soon",
        )
        backup.add_restore_job(CreatedBy={"RestoreTestingPlanArn": other})
        backup.add_restore_job()
        [job] = client().list_restore_jobs(ByRestoreTestingPlanArn=PLAN)["RestoreJobs"]
        assert job["RestoreJobId"] == test.id
        assert job["CreatedBy"] == {"RestoreTestingPlanArn": PLAN}
        assert (job["ValidationStatus"], job["DeletionStatus"]) == ("SUCCESSFUL", "DELETING")
        assert job["DeletionStatusMessage"] == "soon"

    def test_a_deletion_by_hand(self, world: World) -> None:
        """A test says by job.update how the deletion of what was restored goes on."""
        world.tested.update(DeletionStatus="SUCCESSFUL")
        described = client().describe_restore_job(RestoreJobId=world.tested.id)
        assert (described["DeletionStatus"], described["Status"]) == ("SUCCESSFUL", "COMPLETED")
