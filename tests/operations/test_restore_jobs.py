"""Restore jobs, started by a real client, and restore tests, validated by one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import time_machine

from fakebackup.model.resources.types import RESOURCE_TYPES, type_of
from support.botocore_model import known
from support.client import call, client, full_answer, refused
from support.starting import (
    GIB,
    HERE,
    NOON,
    OTHER,
    OWN,
    PLAN,
    ROLE,
    STACK,
    THERE,
    VOLUME,
    World,
    finish,
    start_backup,
    status,
    told,
)

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Job

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


CLUSTER = f"arn:aws:rds:{HERE}:{OWN}:cluster:"
NAMED: list[tuple[str, dict[str, str], str]] = [
    ("DynamoDB", {"TargetTableName": "orders2"}, f"arn:aws:dynamodb:{HERE}:{OWN}:table/orders2"),
    ("DynamoDB", {"targetTableName": "o"}, f"arn:aws:dynamodb:{HERE}:{OWN}:table/o"),
    ("RDS", {"DBInstanceIdentifier": "MyDb"}, f"arn:aws:rds:{HERE}:{OWN}:db:mydb"),
    ("RDS", {"dbclusteridentifier": "c"}, f"{CLUSTER}c"),
    ("Aurora", {"DBClusterIdentifier": "Mine"}, f"{CLUSTER}mine"),
    ("DocumentDB", {"dbClusterIdentifier": "doc"}, f"{CLUSTER}doc"),
    ("Neptune", {"DBCLUSTERIDENTIFIER": "nep"}, f"{CLUSTER}nep"),
    ("S3", {"DestinationBucketName": "there", "NewBucket": "true"}, "arn:aws:s3:::there"),
    ("S3", {"destinationBucketName": "there", "newBucket": "false"}, "arn:aws:s3:::there"),
    (
        "EFS",
        {"newFileSystem": "false", "file-system-id": "fs-1"},
        f"arn:aws:elasticfilesystem:{HERE}:{OWN}:file-system/fs-1",
    ),
    (
        "EFS",
        {"File-System-Id": "fs-1"},
        f"arn:aws:elasticfilesystem:{HERE}:{OWN}:file-system/fs-1",
    ),
    ("Redshift", {"ClusterIdentifier": "c"}, f"arn:aws:redshift:{HERE}:{OWN}:cluster:c"),
    (
        "Timestream",
        {"TableName": "t", "DestinationDatabase": "d"},
        f"arn:aws:timestream:{HERE}:{OWN}:database/d/table/t",
    ),
    (
        "Timestream",
        {"TableName": "t", "DatabaseName": "d"},
        f"arn:aws:timestream:{HERE}:{OWN}:database/d/table/t",
    ),
    ("EKS", {"clusterName": "prod"}, f"arn:aws:eks:{HERE}:{OWN}:cluster/prod"),
    ("EBS", {"destinationBucketName": "b", "pathsToRestore": "[]"}, "arn:aws:s3:::b"),
]
"""Per type, metadata that names what a restore makes, and the ARN of that."""

UNNAMED: list[tuple[str, dict[str, str], str]] = [
    *((name, {}, "") for name in RESOURCE_TYPES),
    ("EBS", {"availabilityZone": "us-east-1a", "volumeId": "vol-1"}, ":volume/vol-"),
    ("EC2", {"InstanceType": "t3.micro"}, ":instance/i-"),
    ("FSx", {"SubnetIds": "[]", "Name": "n"}, ":file-system/fs-"),
    ("EFS", {"newFileSystem": "true", "file-system-id": "fs-1"}, ":file-system/fs-"),
    ("DynamoDB", {"DBInstanceIdentifier": "no"}, ":table/"),
    ("DynamoDB", {"targetTableName": ""}, ":table/"),
    ("DSQL", {"regionalConfig": '[{"region":"us-east-1"}]'}, f":dsql:{HERE}:{OWN}:cluster/"),
]
"""Per type, metadata that names nothing, and what is in the ARN of what is made."""


def restored(backup: FakeBackup, resource_type: str, metadata: dict[str, str], **point: Any) -> Job:
    """A restore job of a recovery point of a type, completed."""
    made = backup.add_recovery_point(ResourceType=resource_type, **point)
    asked: dict[str, Any] = {"RecoveryPointArn": made.arn, "IamRoleArn": ROLE, "Metadata": metadata}
    job = backup.restore_jobs[full_answer("StartRestoreJob", **asked)["RestoreJobId"]]
    assert "CreatedResourceArn" not in job
    return finish(job)


@pytest.mark.skipif(
    not known("CreateLogicallyAirGappedBackupVault"),
    reason="the installed botocore does not know such vaults",
)
class TestSharedVaults:
    """Restores out of an air-gapped vault that another account shares [documented: guide]."""

    def test_from_a_vault_of_others(self, backup: FakeBackup) -> None:
        """The job and what it makes are the caller's; the recovery point is not copied."""
        theirs = backup.at(account_id=OTHER)
        theirs.add_vault(BackupVaultName="gapped", VaultType=GAPPED)
        point = theirs.add_recovery_point(BackupVaultName="gapped", ResourceArn=THEIR_FILES)
        metadata = {"newFileSystem": "true"}
        asked: dict[str, Any] = {"RecoveryPointArn": point.arn, "Metadata": metadata}
        job_id = full_answer("StartRestoreJob", **asked)["RestoreJobId"]
        job = finish(backup.restore_jobs[job_id])
        assert (job["Status"], job["AccountId"]) == ("COMPLETED", OWN)
        made = job["CreatedResourceArn"]
        assert made.startswith(f"arn:aws:elasticfilesystem:{HERE}:{OWN}:file-system/")
        assert not theirs.restore_jobs
        assert not backup.recovery_points
        with backup.acting_as(OTHER):
            assert call("ListRestoreJobs")["RestoreJobs"] == []

    def test_no_other_vault(self, backup: FakeBackup) -> None:
        """Neither an ordinary vault of another account is shared, nor one of another Region."""
        theirs = backup.at(account_id=OTHER)
        plain = theirs.add_recovery_point(BackupVaultName="plain", ResourceArn=THEIR_FILES)
        away = backup.at(account_id=OTHER, region=THERE)
        away.add_vault(BackupVaultName="gapped", VaultType=GAPPED)
        afar = away.add_recovery_point(BackupVaultName="gapped")
        assert list(backup.vaults) == ["Default"]
        for point in (plain, afar):
            error = refused(backup, "StartRestoreJob", RecoveryPointArn=point.arn, Metadata={})
            assert error["Error"]["Code"] == "ResourceNotFoundException"
        assert not backup.restore_jobs


GAPPED: Final = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
THEIR_FILES = f"arn:aws:elasticfilesystem:{HERE}:{OTHER}:file-system/fs-1"


class TestWhatARestoreMakes:
    @pytest.mark.parametrize(("resource_type", "metadata", "arn"), NAMED)
    def test_named(
        self, backup: FakeBackup, resource_type: str, metadata: dict[str, str], arn: str
    ) -> None:
        """It is what the metadata names, whatever the case of the keys [documented: guide]."""
        assert restored(backup, resource_type, metadata)["CreatedResourceArn"] == arn

    def test_a_volume_of_ontap(self, backup: FakeBackup) -> None:
        """Of a volume of NetApp ONTAP it is a volume [documented: guide; the ARN assumed]."""
        source = f"arn:aws:fsx:{HERE}:{OWN}:volume/fs-1/fsvol-1"
        metadata = {"Name": "n", "OntapConfiguration": "{}"}
        job = restored(backup, "FSx", metadata, ResourceArn=source)
        form = rf"arn:aws:fsx:{HERE}:{OWN}:volume/fs-[0-9a-f]+/fsvol-[0-9a-f]+"
        assert re.fullmatch(form, job["CreatedResourceArn"])
        assert job["CreatedResourceArn"] != source

    @pytest.mark.parametrize(("resource_type", "metadata", "part"), UNNAMED)
    def test_unnamed(
        self, backup: FakeBackup, resource_type: str, metadata: dict[str, str], part: str
    ) -> None:
        """Otherwise it is something new of the type, which is not the source."""
        job = restored(backup, resource_type, metadata)
        source = backup.recovery_points[job["RecoveryPointArn"]]["ResourceArn"]
        created = job["CreatedResourceArn"]
        assert created != source
        assert part in created
        assert type_of(created) == type_of(source)

    def test_a_table_goes_back_to_its_database(self, backup: FakeBackup) -> None:
        """A Timestream table without a database is restored into its own [assumed]."""
        table = f"arn:aws:timestream:{HERE}:{OWN}:database/d/table/t"
        job = restored(backup, "Timestream", {"TableName": "u"}, ResourceArn=table)
        assert job["CreatedResourceArn"] == f"arn:aws:timestream:{HERE}:{OWN}:database/d/table/u"

    def test_it_lies_where_the_restore_runs(self, backup: FakeBackup) -> None:
        """The ARN has the partition and the Region of the caller."""
        there = backup.at(region="cn-north-1")
        point = there.add_recovery_point(ResourceType="S3")
        job_id = client("cn-north-1").start_restore_job(
            RecoveryPointArn=point.arn, Metadata={"DestinationBucketName": "b"}
        )["RestoreJobId"]
        assert finish(there.restore_jobs[job_id])["CreatedResourceArn"] == "arn:aws-cn:s3:::b"

    def test_a_test_may_say_otherwise(self, backup: FakeBackup) -> None:
        """What the test gives with the end wins over the metadata."""
        point = backup.add_recovery_point(ResourceType="S3")
        asked: dict[str, Any] = {
            "RecoveryPointArn": point.arn,
            "Metadata": {"DestinationBucketName": "b"},
        }
        job = backup.restore_jobs[full_answer("StartRestoreJob", **asked)["RestoreJobId"]]
        job.run()
        job.complete(CreatedResourceArn="arn:aws:s3:::other")
        assert job["CreatedResourceArn"] == "arn:aws:s3:::other"

    def test_a_failed_restore_makes_nothing(self, backup: FakeBackup) -> None:
        """Only what completes has made something."""
        point = backup.add_recovery_point(ResourceType="S3")
        asked: dict[str, Any] = {
            "RecoveryPointArn": point.arn,
            "Metadata": {"DestinationBucketName": "b"},
        }
        job = backup.restore_jobs[full_answer("StartRestoreJob", **asked)["RestoreJobId"]]
        job.run()
        job.fail()
        assert "CreatedResourceArn" not in job


class TestRestoresOfClusters:
    def backed_up(self, backup: FakeBackup) -> tuple[str, list[str]]:
        """The composite recovery point of a cluster, and those nested in it."""
        cluster = f"arn:aws:eks:{HERE}:{OWN}:cluster/prod"
        job = finish(backup.backup_jobs[start_backup(ResourceArn=cluster)["BackupJobId"]])
        arn = job["RecoveryPointArn"]
        points = backup.recovery_points.values()
        return arn, [each.arn for each in points if each.get("ParentRecoveryPointArn") == arn]

    def test_a_parent_with_children(self, backup: FakeBackup) -> None:
        """A cluster is restored whole, a child job for each nested point [documented: guide]."""
        arn, nested = self.backed_up(backup)
        inner = json.dumps({nested[0]: {"newFileSystem": "false", "file-system-id": "fs-9"}})
        answer = full_answer(
            "StartRestoreJob",
            RecoveryPointArn=arn,
            Metadata={"clusterName": "new", "nestedRestoreJobs": inner},
        )
        parent = backup.restore_jobs[answer["RestoreJobId"]]
        children = [each for each in backup.restore_jobs.values() if each is not parent]
        assert sorted(each["RecoveryPointArn"] for each in children) == sorted(nested)
        finish(parent)
        assert {each.state for each in children} == {"COMPLETED"}
        assert parent["CreatedResourceArn"] == f"arn:aws:eks:{HERE}:{OWN}:cluster/new"
        if "ParentJobId" in parent.kind.members:
            assert {each["ParentJobId"] for each in children} == {parent.id}
            assert parent["IsParent"] is True
        metadata = {
            each["RecoveryPointArn"]: client().get_restore_job_metadata(RestoreJobId=each.id)
            for each in children
        }
        assert metadata[nested[0]]["Metadata"]["file-system-id"] == "fs-9"

    @pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'])
    def test_metadata_that_cannot_be_read(self, backup: FakeBackup, text: str) -> None:
        """The nested restores are a JSON map: what is no such map is refused."""
        arn, _ = self.backed_up(backup)
        metadata = {"clusterName": "new", "nestedRestoreJobs": text}
        error = refused(backup, "StartRestoreJob", RecoveryPointArn=arn, Metadata=metadata)
        assert error["Error"]["Code"] == "InvalidParameterValueException"

    def test_of_a_stack_only_the_nested_points(self, backup: FakeBackup) -> None:
        """Another composite point is not restored, its nested ones are [documented: guide]."""
        job = finish(backup.backup_jobs[start_backup(ResourceArn=STACK)["BackupJobId"]])
        error = refused(
            backup, "StartRestoreJob", RecoveryPointArn=job["RecoveryPointArn"], Metadata={}
        )
        assert error["Error"]["Code"] == "InvalidRequestException"


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
