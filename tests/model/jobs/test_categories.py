"""The category of a job's message: AWS's table, and where the category comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, factories, mock_backup
from fakebackup.model.jobs.categories import TABLE, category, category_of
from fakebackup.model.jobs.defaults import TABLES
from fakebackup.model.jobs.kinds import KINDS
from support.botocore_model import shows
from support.client import call
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup.model.jobs.job import Job

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
NOT_FOUND = "Table not found."
ENDED = {
    "backup": ["COMPLETED", "FAILED", "ABORTED", "EXPIRED", "PARTIAL"],
    "copy": ["COMPLETED", "FAILED", "PARTIAL"],
}

pytestmark = [
    pytest.mark.fake_backup(region=REGION, default_vault=True),
    pytest.mark.skipif(
        not shows("BackupJob", "MessageCategory"), reason="this botocore knows no categories"
    ),
]

# AWS's table once more, by hand: a message and its category [documented: guide, dashboards].
MESSAGES = {
    "Windows VSS Backup attempt failed because of timeout on VSS enabled snapshot": "VSS_ERROR",
    "Windows VSS Backup Job Error encountered, trying for regular backup": "VSS_ERROR",
    "Subscriber limit exceeded: You have reached the maximum concurrent number of backups, which "
    "is 300. Wait.": "LIMIT_EXCEEDED",
    "Maximum allowed active snapshot limit exceeded.": "LIMIT_EXCEEDED",
    "Cannot create more than 20 user snapshots": "LIMIT_EXCEEDED",
    "The resultant tag set must not have more than 50 user tags.": "LIMIT_EXCEEDED",
    "You can have at most 7 of them": "LIMIT_EXCEEDED",
    "You are not authorized to perform this operation.": "ACCESS_DENIED",
    "Access Denied trying to call AWS Backup service": "ACCESS_DENIED",
    "Access denied exception while trying to list tags": "ACCESS_DENIED",
    f"IAM Role {ROLE} cannot be assumed by AWS Backup": "ACCESS_DENIED",
    "Your backup job failed as AWS Backup does not have permission to describe resource x. Please "
    "review your IAM policies to ensure AWS Backup can protect your resources.": "ACCESS_DENIED",
    "Copy job failed. Both source and destination account must be a member of the same "
    "organization.": "ACCESS_DENIED",
    "Backup job failed because there was a running job for the same resource.": "CONCURRENT_JOB",
    "There are too many copy jobs running for resource.": "CONCURRENT_JOB",
    "Copy job failed. Cross-account copy feature is not enabled for the current "
    "organization.": "FEATURE_NOT_ENABLED",
    "Backup job expired before completion.": "JOB_EXPIRED",
    "Copy job failed. The retention specified in the job is not within the range specified for "
    "the target Backup Vault.": "INVALID_LIFECYCLE",
    "Backup could not start because it is either inside or too close to the automated backup "
    "window configured in RDS instance.": "INVALID_LIFECYCLE",
    "Instance is not in state available": "INVALID_STATE",
    "The table is not in the available state.": "INVALID_STATE",
    "Given key ID is not accessible": "KMS_KEY_ERROR",
    "The KMS key of the vault is gone": "KMS_KEY_ERROR",
    "The AWS Access Key Id needs a subscription for the service": "ACCESS_KEY_ERROR",
    "This operation is not valid for the specified hypervisor because it is not "
    "online": "HYPERVISOR_OFFLINE",
    "The specified volume was not found.": "RESOURCE_NOT_FOUND",
    "Given key ID does not exist": "RESOURCE_NOT_FOUND",
    "Cannot find recovery point.": "RESOURCE_NOT_FOUND",
    "Backup job failed because backup vault x does not exist.": "RESOURCE_NOT_FOUND",
    "Unsupported resource type: arn:x": "RESOURCE_NOT_SUPPORTED",
    "We are unable to copy resource tags to your backup because of the Internal "
    "Failure.": "TAG_COPY_ERROR",
    "Token expired. Try again.": "TOKEN_EXPIRED",
    "Copy job from a to b cannot be initiated for X resources. Feature is not supported for "
    "provided resource type.": "UNSUPPORTED_OPERATION",
    "An internal error occurred.": "FATAL_ERROR",
    "Copy job encountered a fatal error.": "FATAL_ERROR",
    "Something broke. Please contact AWS Support for further assistance.": "FATAL_ERROR",
    "Backup job completed successfully to the target backup vault. This resource type is not "
    "supported by logically air-gapped backup "
    "vault.": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED",
    "Backup job failed because the lifecycle is outside the valid range for backup "
    "vault.": "MISCELLANEOUS",
    "Backup job was stopped by user.": "MISCELLANEOUS",
    "boom": "MISCELLANEOUS",
}


class TestTable:
    @pytest.mark.parametrize(("message", "wanted"), MESSAGES.items())
    def test_messages(self, message: str, wanted: str) -> None:
        """A message is of the category in which AWS's table has it [documented: guide]."""
        assert category_of(message) == wanted

    @pytest.mark.parametrize("row", TABLE, ids=lambda row: row.category)
    def test_every_text_is_of_its_row(self, row: Any) -> None:
        """No row before takes a text or part away; capitals do not count [assumed]."""
        texts = [text.replace("...", "x") for text in row.texts]
        for text in [*texts, *row.parts]:
            assert category_of(text) == row.category
            assert category_of(text.upper()) == row.category

    @pytest.mark.parametrize("row", TABLE, ids=lambda row: row.category)
    def test_parts_match_anywhere(self, row: Any) -> None:
        """A part stands anywhere in a message, lines apart too; a whole text stands alone."""
        for part in row.parts:
            assert category_of(f"First,\nthen {part} at last") == row.category
        parts = [part.lower() for each in TABLE for part in each.parts]
        for text in row.texts:
            within = any(part in text.lower() for part in parts)
            if not within and "..." not in text:
                assert category_of(f"{text} And more") == "MISCELLANEOUS"
                assert category_of(f"So: {text}") == "MISCELLANEOUS"

    def test_several_rows(self) -> None:
        """Of several rows that match the first one counts [assumed]."""
        assert category_of("Access denied to KMS key.") == "ACCESS_DENIED"
        assert category_of("The KMS key does not exist") == "KMS_KEY_ERROR"

    @pytest.mark.parametrize("message", [None, ""])
    def test_silence(self, message: str | None) -> None:
        """A job without a message succeeded if it COMPLETED; else it is like any other."""
        assert category("COMPLETED", message) == "SUCCESS"
        assert category("FAILED", message) == "MISCELLANEOUS"

    def test_kinds(self) -> None:
        """Every kind of job that has the member gets it by this table, and no other."""
        having = [kind for kind in KINDS if "MessageCategory" in kind.known]
        rows = [kind for kind in KINDS if any(r.member == "MessageCategory" for r in TABLES[kind])]
        assert [kind.name for kind in having] == ["backup job", "copy job"]
        assert rows == having


def seeded(backup: FakeBackup, kind: str, **members: Any) -> Job:
    """Seed a job of a kind."""
    job: Job = getattr(backup, f"add_{kind}_job")(**members)
    return job


@pytest.mark.parametrize("kind", ["backup", "copy"])
class TestJobs:
    def test_seeded(self, backup: FakeBackup, kind: str) -> None:
        """A seeded job has the category of its message, in every state in which it has ended."""
        for state in ENDED[kind]:
            job = seeded(backup, kind, State=state, StatusMessage=NOT_FOUND)
            assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"

    def test_built(self, kind: str) -> None:
        """So has one that is built and in no fake yet."""
        job = getattr(factories, f"{kind}_job")(State="FAILED", StatusMessage=NOT_FOUND)
        assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"

    def test_given(self, backup: FakeBackup, kind: str) -> None:
        """A category that is given stays, None too."""
        given = {"State": "FAILED", "StatusMessage": NOT_FOUND}
        assert seeded(backup, kind, **given, MessageCategory="Mine")["MessageCategory"] == "Mine"
        assert "MessageCategory" not in seeded(backup, kind, **given, MessageCategory=None)

    def test_moved(self, backup: FakeBackup, kind: str) -> None:
        """A job that a test moves has the category of what the test says."""
        failed, completed, said = (seeded(backup, kind, State="RUNNING") for _ in range(3))
        failed.fail(NOT_FOUND)
        completed.complete(StatusMessage=NOT_FOUND)
        said.fail(NOT_FOUND, category="Mine")
        found = [job["MessageCategory"] for job in (failed, completed, said)]
        assert found == ["RESOURCE_NOT_FOUND", "RESOURCE_NOT_FOUND", "Mine"]

    def test_updated(self, backup: FakeBackup, kind: str) -> None:
        """With a free hand, too: the category follows the message unless it was given."""
        job = seeded(backup, kind, State="RUNNING", StatusMessage="boom")
        assert "MessageCategory" not in job
        job.update(State="FAILED", StatusMessage=NOT_FOUND)
        assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"
        job.update(StatusMessage="Token expired. Try again.")
        assert job["MessageCategory"] == "TOKEN_EXPIRED"
        job.update(StatusMessage=None)
        assert job["MessageCategory"] == "MISCELLANEOUS"
        job.update(MessageCategory="Mine")
        job.update(StatusMessage=NOT_FOUND)
        assert job["MessageCategory"] == "Mine"
        job.update(State="COMPLETED")
        assert job["MessageCategory"] == "SUCCESS"
        job.update(StatusMessage=NOT_FOUND)
        assert job["MessageCategory"] == "RESOURCE_NOT_FOUND"

    def test_updated_while_it_runs(self, backup: FakeBackup, kind: str) -> None:
        """A message makes no category of a job that has not ended [assumed]."""
        job = seeded(backup, kind, State="RUNNING")
        job.update(StatusMessage=NOT_FOUND)
        assert "MessageCategory" not in job

    @pytest.mark.parametrize(
        "spelled", ["resource_not_found", "Resource_Not_Found", "ResourceNotFound"]
    )
    def test_listed(self, backup: FakeBackup, kind: str, spelled: str) -> None:
        """Lists and summaries compare the category in any spelling."""
        job = seeded(backup, kind, State="FAILED", StatusMessage=NOT_FOUND)
        noun = kind.capitalize()
        asked = {"ByMessageCategory": spelled}
        (found,) = call(f"List{noun}Jobs", **asked)[f"{noun}Jobs"]
        assert found[f"{noun}JobId"] == job.id
        asked = {"MessageCategory": spelled}
        (row,) = call(f"List{noun}JobSummaries", **asked)[f"{noun}JobSummaries"]
        assert row["Count"] == 1


def start(backup: FakeBackup, vault: str = "Default", **members: Any) -> Job:
    """Start a backup job."""
    asked = {"BackupVaultName": vault, "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    return backup.backup_jobs[call("StartBackupJob", **asked, **members)["BackupJobId"]]


class TestStarted:
    @pytest.mark.parametrize("mode", ["immediate", "polls"])
    def test_as_the_test_wants(self, mode: Any) -> None:
        """next_outcome's message decides, unless it names a category."""
        with mock_backup(region=REGION, default_vault=True, progress=mode) as backup:
            more: Any
            for more in ({}, {"MessageCategory": "Mine"}):
                backup.next_outcome(
                    "StartBackupJob", State="FAILED", StatusMessage=NOT_FOUND, **more
                )
            jobs = [start(backup), start(backup)]
            # The second one waits for the first.
            for _ in range(4):
                call("ListBackupJobs")
            found = [job["MessageCategory"] for job in jobs]
            assert found == ["RESOURCE_NOT_FOUND", "Mine"]

    @pytest.mark.fake_backup(progress="manual")
    def test_texts_of_the_fake(self, backup: FakeBackup) -> None:
        """What the fake itself says has the category of AWS's table."""
        stopped, expired, failed = (start(backup) for _ in range(3))
        stopped.abort()
        expired.expire()
        failed.fail()
        found = [job["MessageCategory"] for job in (stopped, expired, failed)]
        assert found == ["MISCELLANEOUS", "JOB_EXPIRED", "FATAL_ERROR"]

    def test_a_missing_vault(self, backup: FakeBackup) -> None:
        """A job whose vault was deleted meanwhile fails and finds it no more."""
        call("CreateBackupVault", BackupVaultName="gone")
        job = start(backup, "gone")
        call("DeleteBackupVault", BackupVaultName="gone")
        for _ in range(3):
            call("ListBackupJobs")
        assert (job["State"], job["MessageCategory"]) == ("FAILED", "RESOURCE_NOT_FOUND")

    @pytest.mark.fake_backup(progress="immediate")
    def test_a_lock(self, backup: FakeBackup) -> None:
        """A copy that a lock fails has AWS's category for it; a backup's text is in no row."""
        locked = backup.add_vault(BackupVaultName="locked", MinRetentionDays=9)
        assert start(backup, "locked", Lifecycle={"DeleteAfterDays": 1})["MessageCategory"] == (
            "MISCELLANEOUS"
        )
        point = start(backup, Lifecycle={"DeleteAfterDays": 1})["RecoveryPointArn"]
        copy = call(
            "StartCopyJob",
            RecoveryPointArn=point,
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=locked.arn,
            IamRoleArn=ROLE,
        )
        assert backup.copy_jobs[copy["CopyJobId"]]["MessageCategory"] == "INVALID_LIFECYCLE"

    def test_recorded(self, backup: FakeBackup) -> None:
        """A recorded job keeps what it has, a category that is missing too."""
        entry = {
            "BackupJobId": "old",
            "State": "FAILED",
            "CreationDate": 1_500_000_000,
            "StatusMessage": NOT_FOUND,
        }
        with pytest.warns(match="old"):
            backup.load({"BackupJobs": [entry]})
        job = backup.backup_jobs["old"]
        assert "MessageCategory" not in job
        job.update(StatusMessage="boom")
        assert job["MessageCategory"] == "MISCELLANEOUS"
