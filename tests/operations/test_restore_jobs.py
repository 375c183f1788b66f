"""Restore jobs, started by a real client, and restore tests, validated by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from support.client import call, client, full_answer, refused
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


class TestTokens:
    """A token holds while its job runs [reported: a log of the AWS CLI]."""

    @pytest.mark.parametrize("state", ["PENDING", "RUNNING"])
    def test_of_a_running_job(self, world: World, state: str) -> None:
        """The token of a job that has not ended answers that job."""
        wanted = world.good("StartRestoreJob") | {"IdempotencyToken": "t"}
        job_id = call("StartRestoreJob", **wanted)["RestoreJobId"]
        world.backup.restore_jobs[job_id].update(Status=state)
        assert call("StartRestoreJob", **wanted)["RestoreJobId"] == job_id
        assert set(world.backup.restore_jobs) == {world.tested.id, job_id}

    @pytest.mark.parametrize("other", [False, True])
    @pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "ABORTED"])
    def test_of_an_ended_job(self, world: World, state: str, *, other: bool) -> None:
        """That of one that has ended is refused, whatever else is asked."""
        wanted = world.good("StartRestoreJob") | {"IdempotencyToken": "t"}
        job_id = call("StartRestoreJob", **wanted)["RestoreJobId"]
        world.backup.restore_jobs[job_id].update(Status=state)
        if other:
            wanted["RecoveryPointArn"] = world.second
        error = refused(world.backup, "StartRestoreJob", **wanted)["Error"]
        assert error == {
            "Code": "InvalidParameterValueException",
            "Message": "Restore job ID already finished",
        }
        wanted["IdempotencyToken"] = "u"
        assert call("StartRestoreJob", **wanted)["RestoreJobId"] != job_id

    @pytest.mark.fake_backup(progress="immediate")
    def test_at_once(self, backup: FakeBackup) -> None:
        """So where jobs end at once."""
        point = backup.add_recovery_point()
        wanted: Any = {"RecoveryPointArn": point.arn, "Metadata": {}, "IdempotencyToken": "t"}
        call("StartRestoreJob", **wanted)
        error = refused(backup, "StartRestoreJob", **wanted)["Error"]
        assert error["Message"] == "Restore job ID already finished"


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
    def test_validating_makes_room_for_a_result(self, world: World, result: str) -> None:
        """VALIDATING is replaced by what comes next, its message included [assumed]."""
        wanted = world.good("PutRestoreValidationResult") | {"ValidationStatus": "VALIDATING"}
        full_answer("PutRestoreValidationResult", **wanted, ValidationStatusMessage="at first")
        full_answer("PutRestoreValidationResult", **wanted | {"ValidationStatus": result})
        assert world.tested["ValidationStatus"] == result
        assert "ValidationStatusMessage" not in world.tested

    @pytest.mark.parametrize("later", ["FAILED", "SUCCESSFUL", "TIMED_OUT", "VALIDATING"])
    @pytest.mark.parametrize("result", ["FAILED", "SUCCESSFUL", "TIMED_OUT"])
    @pytest.mark.parametrize("seeded", [False, True])
    def test_a_result_is_final(
        self, world: World, result: str, later: str, *, seeded: bool
    ) -> None:
        """Once a result is set, be it the same, none replaces it.

        [documented: guide, restore testing validation; reported: a handler that looks for
        "already" in the message; the class assumed]
        """
        wanted = world.good("PutRestoreValidationResult")
        if seeded:
            world.tested.update(ValidationStatus=result)
        else:
            call("PutRestoreValidationResult", **wanted | {"ValidationStatus": result})
        again = wanted | {"ValidationStatus": later}
        error = refused(world.backup, "PutRestoreValidationResult", **again)["Error"]
        assert error["Code"] == "InvalidRequestException"
        assert f"already {result}" in error["Message"]
        assert world.tested["ValidationStatus"] == result

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
