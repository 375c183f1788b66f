"""What a failing test shows of its fakes: the calls, what is there, the likely slip."""

from __future__ import annotations

import contextlib
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore
import pytest
import time_machine
from botocore.exceptions import ClientError

from fakebackup import FakeBackup, FakeBackupWarning, OperationNotFaked, mock_backup
from fakebackup.report import explain, mix_ups
from support.botocore_model import known, takes
from support.client import call, client
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUIETLY = ("-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
IN_ORDER = (*QUIETLY, "-p", "no:randomly")
EUROPE = "eu-west-1"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


pytestmark = pytest.mark.fake_backup(region=REGION)


def told(backup: FakeBackup, title: str = "") -> list[str]:
    """The lines of a section of what a fake has to tell; of the calls, without a title."""
    lines = explain(backup.backend).splitlines()
    at = lines.index(f"{title}:") if title else 0
    found = []
    for line in lines[at + 1 :]:
        if not line.startswith("  "):
            break
        found.append(line[2:])
    return found


def has(backup: FakeBackup, title: str) -> bool:
    """Whether there is such a section."""
    return f"{title}:" in explain(backup.backend).splitlines()


class TestCalls:
    def test_everything_at_once(self, backup: FakeBackup) -> None:
        """The whole text, of a call with a slip."""
        backup.at(region=EUROPE).add_backup_jobs(3, State=["FAILED", "COMPLETED"])
        client("us-west-2").list_backup_jobs(ByState="FAILED")
        assert explain(backup.backend) == (
            "1 call of AWS Backup:\n"
            "  ListBackupJobs(ByState='FAILED'): 0 items, in us-west-2\n"
            "It holds:\n"
            "  3 backup jobs in 123456789012 eu-west-1: 2 FAILED, 1 COMPLETED\n"
            "  1 vault and 1 recovery point in 123456789012 eu-west-1 (left by what was seeded)\n"
            "Perhaps:\n"
            "  ListBackupJobs asked in us-west-2, but the 3 backup jobs are in eu-west-1: make "
            "the client in that region, or seed by backup.at(region='us-west-2')."
        )

    def test_nothing_at_all(self, backup: FakeBackup) -> None:
        """That nothing was asked is worth knowing."""
        assert explain(backup.backend) == ("No call of AWS Backup was made.\nIt holds:\n  nothing")

    def test_outcomes(self, backup: FakeBackup) -> None:
        """Each call tells its outcome, its attempts, and where it was made if elsewhere."""
        job, _ = backup.add_backup_jobs(2)
        client().list_backup_jobs(MaxResults=1)
        client().list_backup_jobs()
        client().describe_backup_job(BackupJobId=job.id)
        backup.fail("ListBackupJobs")
        client().list_backup_jobs(ByCreatedAfter=datetime(2024, 3, 1, tzinfo=timezone.utc))
        backup.fail("ListBackupJobs", code="AccessDeniedException", whole_call=True)
        with pytest.raises(ClientError), backup.acting_as(OTHER_ACCOUNT):
            client(EUROPE).list_backup_jobs()
        assert told(backup) == [
            "ListBackupJobs(MaxResults=1): 1 item, more follow",
            "ListBackupJobs(): 2 items",
            f"DescribeBackupJob(BackupJobId='{job.id}'): answered",
            "ListBackupJobs(ByCreatedAfter=2024-03-01 00:00:00+00:00): 2 items after 2 attempts",
            "ListBackupJobs(): AccessDeniedException, as 111122223333, in eu-west-1",
        ]

    def test_repeated_calls_are_counted(self, backup: FakeBackup) -> None:
        """Calls alike, one after the other, share a line."""
        for _ in range(37):
            client().list_backup_jobs()
        client().list_copy_jobs()
        client().list_backup_jobs()
        assert told(backup) == [
            "ListBackupJobs(): 0 items (37 times)",
            "ListCopyJobs(): 0 items",
            "ListBackupJobs(): 0 items",
        ]

    def test_many_calls_are_cut_in_the_middle(self, backup: FakeBackup) -> None:
        """Of many calls the first and the last are shown, the others counted."""
        for at in range(1, 101):
            client().list_backup_jobs(MaxResults=at)
            client().list_copy_jobs(MaxResults=at)
        lines = told(backup)
        assert explain(backup.backend).startswith("200 calls of AWS Backup:\n")
        assert len(lines) == 13
        assert lines[4:7] == [
            "ListBackupJobs(MaxResults=3): 0 items",
            "... 188 more: ListCopyJobs 94, ListBackupJobs 94 ...",
            "ListCopyJobs(MaxResults=97): 0 items",
        ]

    def test_long_values_are_cut(self, backup: FakeBackup) -> None:
        """No parameter fills the screen."""
        with contextlib.suppress(ClientError):
            client().describe_backup_job(BackupJobId="x" * 5000)
        (line,) = told(backup)
        assert line == f"DescribeBackupJob(BackupJobId='{'x' * 66}...): ResourceNotFoundException"
        tags = {f"tag-{at}": "v" * 50 for at in range(20)}
        client().create_backup_vault(
            BackupVaultName="v" * 50, CreatorRequestId="t" * 50, BackupVaultTags=tags
        )
        assert told(backup)[-1].startswith(f"CreateBackupVault(BackupVaultName='{'v' * 50}', ")
        assert told(backup)[-1].endswith("...): answered")
        assert len(told(backup)[-1]) == len("CreateBackupVault(): answered") + 160

    def test_an_ended_fake_can_be_explained(self) -> None:
        """What a fake held is told after it ended, too."""
        with mock_backup(region=REGION) as backup:
            backup.add_backup_job()
        assert told(backup, "It holds") == [
            "1 backup job in 123456789012 us-east-1: 1 COMPLETED",
            "1 vault and 1 recovery point in 123456789012 us-east-1 (left by what was seeded)",
        ]


class TestHoldings:
    def test_per_kind_account_and_region(self, backup: FakeBackup) -> None:
        """Jobs are counted by kind, account, region and state; vaults with what is in them."""
        backup.add_copy_job(State="RUNNING")
        backup.add_backup_jobs(3, State=["FAILED", "COMPLETED", "FAILED"])
        backup.at(account_id=OTHER_ACCOUNT, region=EUROPE).add_restore_job(Status="PENDING")
        backup.at(region=EUROPE).add_vault(BackupVaultName="vault")
        backup.at(region=EUROPE).add_recovery_point()
        backup.add_recovery_point()
        assert told(backup, "It holds") == [
            "3 backup jobs in 123456789012 us-east-1: 2 FAILED, 1 COMPLETED",
            "1 copy job in 123456789012 us-east-1: 1 RUNNING",
            "1 restore job in 111122223333 eu-west-1: 1 PENDING",
            "1 vault and 1 recovery point in 111122223333 eu-west-1 (left by what was seeded)",
            (
                "2 vaults and 1 recovery point in 123456789012 eu-west-1 (1 vault left by what was "
                "seeded)"
            ),
            (
                "2 vaults and 2 recovery points in 123456789012 us-east-1 (2 vaults and 1 recovery "
                "point left by what was seeded)"
            ),
        ]

    def test_what_seeded_jobs_left(self, backup: FakeBackup) -> None:
        """Vaults and recovery points of seeded jobs count, whether they were looked at or not."""
        backup.add_backup_jobs(2, BackupVaultName=["Daily", "Weekly"])
        backup.add_backup_job(State="FAILED", BackupVaultName="Weekly")
        line = "2 vaults and 2 recovery points in 123456789012 us-east-1 (left by what was seeded)"
        assert told(backup, "It holds")[1:] == [line]
        assert len(backup.recovery_points) == len(backup.vaults) == 2
        assert told(backup, "It holds")[1:] == [line]
        backup.add_vault(BackupVaultName="Daily")
        assert told(backup, "It holds")[1:] == [
            (
                "2 vaults and 2 recovery points in 123456789012 us-east-1 (1 vault and 2 recovery "
                "points left by what was seeded)"
            )
        ]

    @pytest.mark.fake_backup(default_vault=True)
    def test_the_vault_of_the_option(self, backup: FakeBackup) -> None:
        """The empty vault Default of the option `default_vault` says nothing of the test."""
        assert list(backup.vaults) == ["Default"]
        assert told(backup, "It holds") == ["nothing"]
        backup.add_backup_job()
        assert told(backup, "It holds")[1:] == [
            "1 vault and 1 recovery point in 123456789012 us-east-1 (left by what was seeded)"
        ]

    def test_another_thread_has_the_lock(self, backup: FakeBackup) -> None:
        """Where a thread hangs in the fake the report waits for nothing, and tells what it can."""
        backup.add_backup_job()
        lock = backup.backend.organization.lock
        held, done = threading.Event(), threading.Event()

        def hang() -> None:
            with lock:
                held.set()
                done.wait()

        thread = threading.Thread(target=hang)
        thread.start()
        held.wait()
        lines = told(backup, "It holds")
        done.set()
        thread.join()
        assert lines == [
            "1 backup job in 123456789012 us-east-1: 1 COMPLETED",
            "what seeded jobs left, which nothing has looked at",
        ]

    def test_very_many_seeded_jobs(self, backup: FakeBackup) -> None:
        """A report creates no more than ten thousand jobs left: it must not take long."""
        backup.add_backup_jobs(10_001)
        assert told(backup, "It holds")[1:] == [
            "what seeded jobs left, which nothing has looked at"
        ]
        assert len(backup.recovery_points) == 10_001
        assert told(backup, "It holds")[1:] == [
            "1 vault and 10001 recovery points in 123456789012 us-east-1 (left by what was seeded)"
        ]

    def test_what_an_account_keeps_besides(self, backup: FakeBackup) -> None:
        """Plans, frameworks and the like are counted where they are, and some of them named."""
        backup.add_vault(BackupVaultName="vault")
        rule = {"RuleName": "rule", "TargetBackupVaultName": "vault"}
        for name in ("one", "two"):
            client().create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": [rule]})
        client().create_legal_hold(Title="hold", Description="a hold")
        assert told(backup, "It holds") == [
            "1 vault, 2 backup plans (one, two) and 1 legal hold (hold) in 123456789012 us-east-1"
        ]

    def test_settings_and_resources(self, backup: FakeBackup) -> None:
        """Settings that were changed are told, and how many resources plans may select."""
        client().update_region_settings(ResourceTypeOptInPreference={"EBS": False})
        client().update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        backup.at(region="eu-west-1").add_resource("arn:aws:s3:::bucket")
        assert told(backup, "It holds") == [
            "1 resource that plans may select in 123456789012 eu-west-1",
            "changed settings in 123456789012 us-east-1",
            "changed settings of the organisation",
        ]

    def test_every_noun(self, backup: FakeBackup) -> None:
        """One of each noun is told, by what users call it."""
        backup.add_backup_plan(BackupPlanName="nightly")
        backup.add_backup_selection(SelectionName="volumes")
        backup.add_framework(FrameworkName="encrypted")
        backup.add_report_plan(ReportPlanName="jobs")
        for number in range(5):
            backup.add_legal_hold(Title=f"hold {number} " + 50 * "x")
        backup.add_restore_testing_plan(RestoreTestingPlanName="weekly")
        backup.add_restore_testing_selection(RestoreTestingSelectionName="tested")
        held = ", ".join(f"hold {number} {30 * 'x'}..." for number in range(3))
        (line,) = told(backup, "It holds")
        assert line == (
            f"1 backup plan (nightly), 1 backup selection (volumes), 1 framework (encrypted), "
            f"1 report plan (jobs), 5 legal holds ({held}, 2 more), "
            f"1 restore testing plan (weekly) and 1 restore testing selection (weekly/tested) in "
            f"123456789012 us-east-1"
        )

    def test_jobs_that_a_client_started(self, backup: FakeBackup) -> None:
        """What the code under test started is told apart from what was seeded."""
        backup.add_vault(BackupVaultName="vault")
        backup.add_backup_job(State="CREATED")
        client().start_backup_job(
            BackupVaultName="vault",
            ResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
            IamRoleArn="arn:aws:iam::123456789012:role/backup",
        )
        line = "2 backup jobs in 123456789012 us-east-1: 2 CREATED (1 started by a client)"
        assert told(backup, "It holds")[0] == line

    def test_jobs_that_a_plan_started(self, backup: FakeBackup) -> None:
        """What a plan has run is told apart, too."""
        rule = {"RuleName": "rule", "TargetBackupVaultName": "vault"}
        arn = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
        role = "arn:aws:iam::123456789012:role/backup"
        plan = client().create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})
        selection = {"SelectionName": "s", "IamRoleArn": role, "Resources": [arn]}
        client().create_backup_selection(
            BackupPlanId=plan["BackupPlanId"], BackupSelection=selection
        )
        backup.add_vault(BackupVaultName="vault")
        backup.run_plan(plan["BackupPlanId"])
        client().start_backup_job(BackupVaultName="vault", ResourceArn=arn, IamRoleArn=role)
        line = (
            "2 backup jobs in 123456789012 us-east-1: 2 CREATED "
            "(1 started by a client, 1 started by a plan)"
        )
        assert told(backup, "It holds")[0] == line

    @pytest.mark.skipif(not known("StartScanJob"), reason="this botocore knows no scan jobs")
    def test_scans_that_a_client_started(self, backup: FakeBackup) -> None:
        """A scan has a CreatedBy all the same."""
        point = backup.add_recovery_point(ResourceType="EBS")
        client().start_scan_job(
            BackupVaultName="Default",
            RecoveryPointArn=point.arn,
            IamRoleArn="arn:aws:iam::123456789012:role/backup",
            ScannerRoleArn="arn:aws:iam::123456789012:role/scanner",
            MalwareScanner="GUARDDUTY",
            ScanMode="FULL_SCAN",
        )
        assert "1 scan job in 123456789012 us-east-1: 1 CREATED (1 started by a client)" in told(
            backup, "It holds"
        )

    def test_reports_that_nothing_in_them_tells_apart(self, backup: FakeBackup) -> None:
        """A client or the clock made them: a report job does not say."""
        client().create_report_plan(
            ReportPlanName="daily",
            ReportDeliveryChannel={"S3BucketName": "bucket"},
            ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
        )
        client().start_report_job(ReportPlanName="daily")
        line = (
            "1 report job in 123456789012 us-east-1: 1 CREATED (1 started by a client or the clock)"
        )
        assert told(backup, "It holds")[0] == line

    def test_many_places(self, backup: FakeBackup) -> None:
        """A fake with many accounts does not fill the screen."""
        for at in range(30):
            backup.at(account_id=f"{at:012}").add_backup_job()
        lines = told(backup, "It holds")
        assert len(lines) == 10
        assert lines[-1] == "... and 51 lines like these"

    def test_left_over_and_swallowed(
        self, backup: FakeBackup, unfaked: Callable[..., None]
    ) -> None:
        """Injected failures that never came and refusals that were caught are told."""
        unfaked("DeleteBackupPlan")
        backup.fail("ListCopyJobs", times=2)
        with contextlib.suppress(OperationNotFaked):
            client().delete_backup_plan(BackupPlanId="plan")
        assert told(backup, "Left over") == [
            "ThrottlingException of ListCopyJobs, injected for 2 attempts that never came"
        ]
        (line,) = told(backup, "Swallowed")
        assert line.startswith("fakebackup does not fake DeleteBackupPlan yet. It was called with:")
        backup.reset()
        assert not has(backup, "Left over")
        assert not has(backup, "Swallowed")

    def test_a_refusal_that_failed_the_test(
        self, backup: FakeBackup, unfaked: Callable[..., None]
    ) -> None:
        """A refusal that led to what failed the test was not swallowed."""
        unfaked("DeleteBackupPlan")
        with pytest.raises(OperationNotFaked) as refused:
            client().delete_backup_plan(BackupPlanId="plan")
        wrapped = LookupError()
        wrapped.__cause__ = refused.value
        assert "Swallowed:" in explain(backup.backend)
        assert "Swallowed:" not in explain(backup.backend, wrapped)
        backup.reset()


def _other_account(backup: FakeBackup) -> None:
    backup.add_backup_job()
    with backup.acting_as(OTHER_ACCOUNT):
        client().list_backup_jobs()


def _no_manager(backup: FakeBackup) -> None:
    backup.add_backup_job()
    with backup.acting_as(OTHER_ACCOUNT):
        client().list_backup_jobs(ByAccountId=ACCOUNT)


def _far_away(backup: FakeBackup) -> None:
    backup.at(account_id=OTHER_ACCOUNT, region=EUROPE).add_copy_jobs(2)
    client().list_copy_jobs()


def _another_kind(backup: FakeBackup) -> None:
    backup.add_backup_jobs(2)
    client().list_copy_jobs()


def _no_such_state(backup: FakeBackup) -> None:
    backup.add_backup_jobs(3, State=["COMPLETED", "FAILED"])
    client().list_backup_jobs(ByState="RUNNING", ByResourceType="EBS")


def _one_job(backup: FakeBackup) -> None:
    backup.add_restore_job()
    client().list_restore_jobs(ByStatus="FAILED")


def _not_together(backup: FakeBackup) -> None:
    backup.add_backup_jobs(2, State=["COMPLETED", "FAILED"], ResourceType=["EBS", "EFS"])
    client().list_backup_jobs(ByState="FAILED", ByResourceType="EBS")


def _dates(backup: FakeBackup) -> None:
    backup.add_backup_jobs(2, CreationDate=["2024-03-14T00:00:00Z", "2024-03-15T00:00:00Z"])
    client().list_backup_jobs(ByCreatedAfter="2024-03-15T00:00:00Z")


def _too_old(backup: FakeBackup) -> None:
    with pytest.warns(FakeBackupWarning):
        backup.add_backup_job(CreationDate=NOW - timedelta(days=31))
    client().list_backup_jobs()


def _ended_long_ago(backup: FakeBackup) -> None:
    with pytest.warns(FakeBackupWarning):
        backup.add_copy_job(CreationDate=NOW - timedelta(days=31))
    client().list_copy_jobs()


def _removed(backup: FakeBackup) -> None:
    with pytest.warns(FakeBackupWarning):
        backup.add_copy_job(CopyJobId="C-1", CreationDate=NOW - timedelta(days=31))
    with pytest.raises(ClientError):
        client().describe_copy_job(CopyJobId="C-1")


def _summaries(backup: FakeBackup) -> None:
    backup.at(region=EUROPE).add_copy_job()
    client().list_copy_job_summaries()


def _wrong_place(backup: FakeBackup) -> None:
    backup.at(region=EUROPE).add_backup_job(BackupJobId="one")
    with contextlib.suppress(ClientError):
        client().describe_backup_job(BackupJobId="one")


def _wrong_kind(backup: FakeBackup) -> None:
    backup.add_backup_job(BackupJobId="one")
    with contextlib.suppress(ClientError):
        client().describe_copy_job(CopyJobId="one")


def _wrong_case(backup: FakeBackup) -> None:
    backup.add_copy_job(CopyJobId="ABC")
    with contextlib.suppress(ClientError):
        client().describe_copy_job(CopyJobId="abc")


def _unknown_id(backup: FakeBackup) -> None:
    backup.add_backup_jobs(5, BackupJobId=lambda at: f"job-{at}")
    with contextlib.suppress(ClientError):
        client().describe_backup_job(BackupJobId="none")


def _vault(backup: FakeBackup) -> None:
    backup.at(region=EUROPE).add_vault(BackupVaultName="vault")
    with contextlib.suppress(ClientError):
        client().describe_backup_vault(BackupVaultName="vault")


def _near_vault(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Weekly")
    backup.add_backup_job(BackupVaultName="Daily")
    with contextlib.suppress(ClientError):
        client().describe_backup_vault(BackupVaultName="Dialy")


def _near_vault_elsewhere(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Weekly")
    backup.at(region=EUROPE).add_vault(BackupVaultName="Daily")
    with contextlib.suppress(ClientError):
        client().list_recovery_points_by_backup_vault(BackupVaultName="daily")


def _other_vaults(backup: FakeBackup) -> None:
    for name in ("Daily", "Weekly", "Monthly", "Yearly"):
        backup.add_vault(BackupVaultName=name)
    with contextlib.suppress(ClientError):
        client().start_backup_job(BackupVaultName="xyz", ResourceArn=VOLUME, IamRoleArn=ROLE)


def _no_vault(_backup: FakeBackup) -> None:
    with contextlib.suppress(ClientError):
        client().describe_backup_vault(BackupVaultName="Daily")


def _no_default_vault(_backup: FakeBackup) -> None:
    with contextlib.suppress(ClientError):
        client(EUROPE).start_backup_job(
            BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE
        )


def _point_elsewhere(backup: FakeBackup) -> None:
    point = backup.at(region=EUROPE).add_recovery_point(BackupVaultName="Away")
    with contextlib.suppress(ClientError):
        client().start_restore_job(RecoveryPointArn=point.arn, IamRoleArn=ROLE, Metadata={})


def _point_of_another_vault(backup: FakeBackup) -> None:
    point = backup.add_recovery_point(BackupVaultName="Daily")
    weekly = backup.add_vault(BackupVaultName="Weekly")
    with contextlib.suppress(ClientError):
        client().start_copy_job(
            RecoveryPointArn=point.arn,
            SourceBackupVaultName="Weekly",
            DestinationBackupVaultArn=weekly["BackupVaultArn"],
            IamRoleArn=ROLE,
        )


def _near_point(backup: FakeBackup) -> None:
    backup.add_recovery_point()
    with contextlib.suppress(ClientError):
        client().start_restore_job(
            RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-1", IamRoleArn=ROLE, Metadata={}
        )


def _misspelt_region(backup: FakeBackup) -> None:
    backup.add_backup_job()
    with pytest.warns(FakeBackupWarning, match="'us-east1', but "):
        client("us-east1").list_backup_jobs()


def _unknown_region(backup: FakeBackup) -> None:
    backup.add_backup_job()
    with pytest.warns(FakeBackupWarning, match="'us-eazt-1', but "):
        client("us-eazt-1").list_backup_jobs()


def _vault_of_a_copy(backup: FakeBackup) -> None:
    point = backup.add_backup_job(BackupVaultName="Daily")["RecoveryPointArn"]
    backup.at(region=EUROPE).add_vault(BackupVaultName="Away")
    with contextlib.suppress(ClientError):
        client().start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName="Daily",
            DestinationBackupVaultArn=f"arn:aws:backup:{EUROPE}:{ACCOUNT}:backup-vault:away",
            IamRoleArn=ROLE,
        )


def _started_elsewhere(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Daily")
    client().start_backup_job(BackupVaultName="Daily", ResourceArn=VOLUME, IamRoleArn=ROLE)
    client(EUROPE).list_backup_jobs()


def _waiting(backup: FakeBackup) -> None:
    backup.add_backup_job(BackupJobId="one", State="RUNNING")
    for _ in range(4):
        client().describe_backup_job(BackupJobId="one")


def _by_the_clock(backup: FakeBackup) -> None:
    backup.add_backup_job(BackupJobId="one", State="RUNNING").progress = "clock"
    for _ in range(2):
        client().describe_backup_job(BackupJobId="one")


def _behind_another(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Daily")
    backup.next_outcome("StartBackupJob", State="RUNNING")
    for _ in range(2):
        client().start_backup_job(BackupVaultName="Daily", ResourceArn=VOLUME, IamRoleArn=ROLE)
    kept, waits = backup.backup_jobs.values()
    kept.update(BackupJobId="one")
    waits.update(BackupJobId="two")
    for _ in range(3):
        client().describe_backup_job(BackupJobId="two")


def _kept_by_an_outcome(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Daily")
    backup.next_outcome("StartBackupJob", State="RUNNING")
    client().start_backup_job(BackupVaultName="Daily", ResourceArn=VOLUME, IamRoleArn=ROLE)
    next(iter(backup.backup_jobs.values())).update(BackupJobId="one")
    for _ in range(3):
        client().describe_backup_job(BackupJobId="one")


SLIPS: dict[Callable[[FakeBackup], None], str] = {
    _other_account: (
        "ListBackupJobs asked as account 111122223333, but the backup job is of 123456789012: ask "
        "inside backup.acting_as('123456789012'), or seed by "
        "backup.at(account_id='111122223333')."
    ),
    _no_manager: (
        "111122223333 asked ListBackupJobs for the jobs of another account, and is no management "
        "account: name it in the option management_account."
    ),
    _far_away: (
        "ListCopyJobs asked in us-east-1 as 123456789012, but the 2 copy jobs are in "
        "111122223333 eu-west-1."
    ),
    _another_kind: (
        "ListCopyJobs asked in us-east-1 as 123456789012: there is no copy job, only 2 backup jobs."
    ),
    _no_such_state: (
        "ListBackupJobs(ByState='RUNNING') matches none of the 3 backup jobs there: State is "
        "'COMPLETED' (2), 'FAILED' (1)."
    ),
    _one_job: (
        "ListRestoreJobs(ByStatus='FAILED') does not match the restore job there: its Status is "
        "'COMPLETED'."
    ),
    _not_together: (
        "ListBackupJobs: each of ByState and ByResourceType matches some of the 2 backup jobs "
        "there, but no job matches all."
    ),
    _dates: (
        "ListBackupJobs(ByCreatedAfter='2024-03-15T00:00:00Z') matches none of the 2 backup jobs "
        "there: CreationDate is from 2024-03-14 00:00:00+00:00 to 2024-03-15 00:00:00+00:00."
    ),
    _too_old: (
        "ListBackupJobs reaches back 30 days, and the backup job is older: pass history=None, or "
        "seed a later CreationDate."
    ),
    _ended_long_ago: (
        "ListCopyJobs shows copy jobs until 30 days after their end, and the copy job is older: "
        "pass history=None, or seed a later CompletionDate."
    ),
    _removed: (
        "DescribeCopyJob asked for 'C-1', which ended more than 30 days ago: AWS has removed it. "
        "Pass history=None, or seed a later CompletionDate."
    ),
    _summaries: (
        "ListCopyJobSummaries asked in us-east-1, but the copy job is in eu-west-1: make the "
        "client in that region, or seed by backup.at(region='us-east-1')."
    ),
    _wrong_place: (
        "DescribeBackupJob asked for 'one' in us-east-1 as 123456789012; the backup job is in "
        "eu-west-1 of 123456789012."
    ),
    _wrong_kind: "DescribeCopyJob asked for a copy job; 'one' is a backup job.",
    _wrong_case: "DescribeCopyJob: the id is 'ABC'; AWS writes it in that case.",
    _unknown_id: (
        "DescribeBackupJob asked for a backup job that is not there: there are 'job-0', 'job-1', "
        "'job-2' and 2 more."
    ),
    _vault: (
        "DescribeBackupVault asked for the vault 'vault' in us-east-1 as 123456789012: there is "
        "one in 123456789012 eu-west-1. Seed it by backup.add_vault(BackupVaultName='vault')."
    ),
    _near_vault: (
        "DescribeBackupVault asked for the vault 'Dialy' in us-east-1 as 123456789012: no vault "
        "has that name; did you mean 'Daily'?"
    ),
    _near_vault_elsewhere: (
        "ListRecoveryPointsByBackupVault asked for the vault 'daily' in us-east-1 as "
        "123456789012: no vault has that name; did you mean 'Daily' in 123456789012 eu-west-1?"
    ),
    _other_vaults: (
        "StartBackupJob asked for the vault 'xyz' in us-east-1 as 123456789012: no vault has that "
        "name, only 'Daily', 'Weekly', 'Monthly' and 1 more. Seed it by "
        "backup.add_vault(BackupVaultName='xyz')."
    ),
    _no_vault: (
        "DescribeBackupVault asked for the vault 'Daily' in us-east-1 as 123456789012: no vault "
        "has that name, and there is none. Seed it by "
        "backup.add_vault(BackupVaultName='Daily')."
    ),
    _no_default_vault: (
        "StartBackupJob asked for the vault 'Default' in eu-west-1 as 123456789012: no vault has "
        "that name, and there is none. Seed it by "
        "backup.at(region='eu-west-1').add_vault(BackupVaultName='Default'), or pass the option "
        "default_vault=True."
    ),
    _point_elsewhere: (
        "StartRestoreJob asked for the recovery point "
        "'arn:aws:ec2:eu-west-1::snapshot/snap-00000000000000001' in us-east-1 as 123456789012: "
        "it lies in the vault 'Away' in 123456789012 eu-west-1."
    ),
    _point_of_another_vault: (
        "StartCopyJob asked for the recovery point "
        "'arn:aws:ec2:us-east-1::snapshot/snap-00000000000000001' in us-east-1 as 123456789012: "
        "it lies in the vault 'Daily'."
    ),
    _near_point: (
        "StartRestoreJob asked for the recovery point 'arn:aws:ec2:us-east-1::snapshot/snap-1' in "
        "us-east-1 as 123456789012: no recovery point has that ARN; did you mean "
        "'arn:aws:ec2:us-east-1::snapshot/snap-00000000000000001'?"
    ),
    _misspelt_region: (
        "ListBackupJobs asked in us-east1, but the backup job is in us-east-1: the client's region "
        "is the name of an AWS region such as 'eu-west-1', not 'us-east1'; did you mean "
        "'us-east-1'?"
    ),
    _unknown_region: (
        f"ListBackupJobs asked in us-eazt-1, but the backup job is in us-east-1: the installed "
        f"botocore {botocore.__version__} knows no such Region; did you mean 'us-east-1'?"
    ),
    _vault_of_a_copy: (
        "StartCopyJob asked for the vault 'away' in eu-west-1 as 123456789012: no vault has that "
        "name; did you mean 'Away'?"
    ),
    _started_elsewhere: (
        "ListBackupJobs asked in eu-west-1, but the backup job is in us-east-1: make the client "
        "in that region, or seed by backup.at(region='eu-west-1')."
    ),
    _waiting: (
        "one was described 4 times and is RUNNING: nothing moves it. Call job.complete() or "
        "job.fail(), or set job.progress = 'polls'."
    ),
    _by_the_clock: (
        "one was described 2 times and is RUNNING: it moves by the clock. Let time pass, or set "
        "job.progress = 'polls'."
    ),
    _behind_another: (
        "two was described 3 times and is CREATED: it waits for one, which is RUNNING, to end: "
        "`python -m fakebackup guide moving-jobs` says which jobs do."
    ),
    _kept_by_an_outcome: (
        "one was described 3 times and is RUNNING: nothing moves it. Call job.complete() or "
        "job.fail(), or set job.progress = 'polls'."
    ),
}


def _an_empty_fake(_backup: FakeBackup) -> None:
    client().list_backup_jobs()
    client().list_backup_jobs(ByAccountId=OTHER_ACCOUNT)
    client().list_copy_job_summaries()


def _all_regions(backup: FakeBackup) -> None:
    backup.at(region=EUROPE).add_backup_job()
    for region in (REGION, EUROPE, "us-west-2"):
        client(region).list_backup_jobs()
        client(region).list_backup_job_summaries()


def _all_accounts(backup: FakeBackup) -> None:
    backup.at(account_id=OTHER_ACCOUNT).add_backup_job()
    assert client().list_backup_jobs(ByAccountId="*")["BackupJobs"]
    client().list_backup_jobs()


def _all_kinds(backup: FakeBackup) -> None:
    backup.add_backup_job()
    client().list_copy_jobs()
    client().list_restore_jobs()
    client().list_backup_jobs()


def _all_kinds_nowhere(backup: FakeBackup) -> None:
    job = backup.add_backup_job()
    client().list_copy_jobs()
    client().describe_backup_job(BackupJobId=job.id)


def _all_states(backup: FakeBackup) -> None:
    backup.add_backup_jobs(3, State=["COMPLETED", "FAILED"])
    for state in ("ABORTED", "EXPIRED", "FAILED"):
        client().list_backup_jobs(ByState=state)


def _before_the_start(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Daily")
    assert not client().list_backup_jobs(ByState="RUNNING")["BackupJobs"]
    client().start_backup_job(BackupVaultName="Daily", ResourceArn=VOLUME, IamRoleArn=ROLE)


def _until_it_is_there(backup: FakeBackup) -> None:
    job = backup.add_backup_job(State="RUNNING")
    client().list_backup_jobs(ByState="COMPLETED")
    job.complete()
    client().list_backup_jobs(ByState="COMPLETED")


def _by_hand(backup: FakeBackup) -> None:
    backup.add_backup_job()
    backup.answer("ListBackupJobs", {"BackupJobs": []})
    client().list_backup_jobs()


RIGHTLY_EMPTY = (
    _an_empty_fake,
    _all_regions,
    _all_accounts,
    _all_kinds,
    _all_kinds_nowhere,
    _all_states,
    _before_the_start,
    _until_it_is_there,
    _by_hand,
)


class Ask(NamedTuple):
    """A call that names an entry: the noun, a member by which it is known, and what that is."""

    operation: str
    noun: str
    parameter: str
    members: dict[str, Any]
    word: str
    parameters: dict[str, Any] = {}  # noqa: RUF012  never changed


_BY_PLAN = ("GetBackupPlan", "UpdateBackupPlan", "DeleteBackupPlan", "ListBackupPlanVersions")
_DOCUMENTS: dict[str, dict[str, Any]] = {
    "UpdateBackupPlan": {
        "BackupPlan": {
            "BackupPlanName": "plan",
            "Rules": [{"RuleName": "rule", "TargetBackupVaultName": "Daily"}],
        }
    },
    "CreateBackupSelection": {
        "BackupSelection": {"SelectionName": "volumes", "IamRoleArn": ROLE, "Resources": ["*"]}
    },
    "CancelLegalHold": {"CancelDescription": "no longer"},
}
ASKED_OTHERWISE = [
    Ask(operation, noun, parameter, members, word, _DOCUMENTS.get(operation, {}))
    for noun, parameter, member, words, operations in (
        (
            "backup plan",
            "BackupPlanId",
            "BackupPlanName",
            ("name", "ARN"),
            (*_BY_PLAN, "CreateBackupSelection", "ListBackupSelections"),
        ),
        (
            "backup selection",
            "SelectionId",
            "SelectionName",
            ("name",),
            ("GetBackupSelection", "DeleteBackupSelection"),
        ),
        (
            "legal hold",
            "LegalHoldId",
            "Title",
            ("title", "ARN"),
            ("GetLegalHold", "CancelLegalHold"),
        ),
        ("framework", "FrameworkName", "FrameworkName", ("ARN",), ("DescribeFramework",)),
        (
            "report plan",
            "ReportPlanName",
            "ReportPlanName",
            ("ARN",),
            ("DescribeReportPlan", "StartReportJob"),
        ),
        (
            "restore testing plan",
            "RestoreTestingPlanName",
            "RestoreTestingPlanName",
            ("ARN",),
            ("GetRestoreTestingPlan",),
        ),
        (
            "tiering configuration",
            "TieringConfigurationName",
            "TieringConfigurationName",
            ("ARN",),
            ("GetTieringConfiguration",),
        ),
        (
            "backup access point",
            "AccessPointArn",
            "Name",
            ("name",),
            ("DescribeBackupAccessPoint",),
        ),
    )
    for members in ({member: "known"},)
    for word in words
    for operation in operations
]
SEEDED = [
    Ask("GetBackupPlan", "backup plan", "", {"BackupPlanId": "x" * 100}, "id"),
    Ask("GetBackupSelection", "backup selection", "", {"SelectionId": "none"}, "id"),
    Ask("GetLegalHold", "legal hold", "", {"LegalHoldId": "none"}, "id"),
    Ask("DescribeFramework", "framework", "", {"FrameworkName": "f" * 100}, "name"),
    Ask("DescribeReportPlan", "report plan", "", {"ReportPlanName": "none"}, "name"),
    Ask("GetRestoreTestingPlan", "", "", {"RestoreTestingPlanName": "none"}, "name"),
    Ask("DescribeBackupVault", "vault", "", {"BackupVaultName": "V" * 50}, "name"),
]


class TestSlipsAboutEntries:
    def test_it_lies_elsewhere(self, backup: FakeBackup) -> None:
        """An entry that a call names is told where it lies."""
        plan = backup.at(region=EUROPE).add_backup_plan()
        with contextlib.suppress(ClientError):
            client().get_backup_plan(BackupPlanId=plan.key)
        assert told(backup, "Perhaps") == [
            (
                f"GetBackupPlan asked for the backup plan {plan.key!r} in us-east-1 as "
                f"123456789012: it lies in 123456789012 eu-west-1."
            )
        ]

    @pytest.mark.parametrize(
        ("there", "hint"),
        [
            (
                [],
                (
                    "it is not there, nor any other. Seed it by "
                    "backup.add_framework(FrameworkName='encrypted')."
                ),
            ),
            (["encryptet"], "it is not there; did you mean 'encryptet'?"),
            (
                ["a", "b"],
                (
                    "it is not there, only 'a', 'b'. Seed it by "
                    "backup.add_framework(FrameworkName='encrypted')."
                ),
            ),
        ],
    )
    def test_it_is_nowhere(self, backup: FakeBackup, there: list[str], hint: str) -> None:
        """What is there instead is told, and how to seed it."""
        for name in there:
            backup.add_framework(FrameworkName=name)
        with contextlib.suppress(ClientError):
            client().describe_framework(FrameworkName="encrypted")
        assert told(backup, "Perhaps") == [
            (
                f"DescribeFramework asked for the framework 'encrypted' in us-east-1 as "
                f"123456789012: {hint}"
            )
        ]

    @pytest.mark.parametrize("ask", ASKED_OTHERWISE, ids=lambda ask: f"{ask.operation} {ask.word}")
    def test_another_name_than_is_wanted(self, backup: FakeBackup, ask: Ask) -> None:
        """A name, a title or an ARN in the place of an id, or of a name, is told, and no seed."""
        if not known(ask.operation):
            pytest.skip("this botocore does not know the operation")
        plan = backup.add_backup_plan(BackupPlanName="nightly")
        parent = {"BackupPlanId": plan.key} if ask.noun == "backup selection" else {}
        there = getattr(backup, f"add_{ask.noun.replace(' ', '_')}")(**ask.members, **parent)
        backup.at(region=EUROPE).add_backup_plan(BackupPlanName="nightly")
        value = there.arn if ask.word == "ARN" else next(iter(ask.members.values()))
        with contextlib.suppress(ClientError):
            call(ask.operation, **{**ask.parameters, **parent, ask.parameter: value})
        shown = repr(value) if len(repr(value)) <= 70 else f"{repr(value)[:67]}..."
        key = there.arn if ask.parameter.endswith("Arn") else there.key
        assert told(backup, "Perhaps") == [
            (
                f"{ask.operation} asked for the {ask.noun} {shown} in us-east-1 as 123456789012: "
                f"that is the {ask.word} of {key!r}."
            )
        ]

    def test_a_name_elsewhere(self, backup: FakeBackup) -> None:
        """What has the name in another Region is told with that; all of several are."""
        plan = backup.at(region=EUROPE).add_backup_plan(BackupPlanName="nightly")
        with contextlib.suppress(ClientError):
            client().get_backup_plan(BackupPlanId="nightly")
        end = f"that is the name of {plan.key!r} in 123456789012 eu-west-1."
        assert told(backup, "Perhaps")[0].endswith(f" as 123456789012: {end}")
        keys = [backup.add_backup_plan(BackupPlanName="nightly").key for _ in range(2)]
        end = f"that is the name of {keys[0]!r}, {keys[1]!r}."
        assert told(backup, "Perhaps")[0].endswith(f" as 123456789012: {end}")

    def test_the_id_of_another_noun(self, backup: FakeBackup) -> None:
        """An id of something else is told as that."""
        backup.add_backup_plan()
        selection = backup.add_backup_selection()
        with contextlib.suppress(ClientError):
            client().get_backup_plan(BackupPlanId=selection.key)
        end = f"that is the id of the backup selection {selection.key!r}."
        assert told(backup, "Perhaps")[0].endswith(f" as 123456789012: {end}")

    def test_a_part_of_another_whole(self, backup: FakeBackup) -> None:
        """A selection of another plan is told with its plan."""
        plans = [backup.add_backup_plan() for _ in range(2)]
        selection = backup.add_backup_selection(BackupPlanId=plans[0].key)
        with contextlib.suppress(ClientError):
            client().get_backup_selection(BackupPlanId=plans[1].key, SelectionId=selection.key)
        end = f"it is one of the backup plan {plans[0].key!r}."
        assert told(backup, "Perhaps")[0].endswith(f" as 123456789012: {end}")

    @pytest.mark.parametrize("region", [REGION, EUROPE])
    @pytest.mark.parametrize("ask", SEEDED, ids=lambda ask: ask.operation)
    def test_a_seed_that_is_told_works(self, backup: FakeBackup, ask: Ask, region: str) -> None:
        """What a hint says to type is whole, and the call finds what it seeds."""
        view: Any = backup.at(region=region)
        plan = view.add_backup_plan(BackupPlanId="plan").key
        parent = {"BackupPlanId": plan} if ask.noun == "backup selection" else {}
        asked = {**ask.parameters, **parent, **ask.members}
        with pytest.raises(ClientError):
            call(ask.operation, region=region, **asked)
        (hint,) = told(backup, "Perhaps")
        code = hint.partition(" Seed it by ")[2].removesuffix(".")
        assert next(iter(ask.members.values())) in code
        eval(code, {"backup": backup})  # noqa: S307  as a reader types it
        call(ask.operation, region=region, **asked)

    @pytest.mark.parametrize(
        ("operation", "parameter", "values"),
        [
            ("GetBackupPlan", "BackupPlanId", ["arn:aws:a:b:c:d", "a b", "x" * 400]),
            ("GetLegalHold", "LegalHoldId", ["arn:aws:a:b:c:d", "a b", "x" * 400]),
            ("DescribeFramework", "FrameworkName", ["arn:aws:a:b:c:d", "a b", "x" * 400]),
            ("DescribeReportPlan", "ReportPlanName", ["arn:aws:a:b:c:d", "a b", "x" * 400]),
            ("DescribeBackupVault", "BackupVaultName", ["arn:aws:a:b:c:d", "a b", "x" * 400]),
            (
                "GetRestoreTestingPlan",
                "RestoreTestingPlanName",
                ["arn:aws:a:b:c:d", "a b", "x" * 400],
            ),
        ],
    )
    def test_no_seed_that_would_be_refused(
        self, backup: FakeBackup, operation: str, parameter: str, values: list[str]
    ) -> None:
        """What a seeder refuses, or nobody would type, is not told."""
        for value in values:
            with contextlib.suppress(ClientError):
                call(operation, **{parameter: value})
        hints = told(backup, "Perhaps")
        assert len(hints) == len(values)
        assert not any("Seed it" in hint for hint in hints)

    def test_a_region_that_is_none(self, backup: FakeBackup) -> None:
        """In a misspelt Region nothing can be seeded: the Region is told instead."""
        backup.add_framework()
        with pytest.warns(FakeBackupWarning, match="'us-east1', but "):
            client("us-east1").list_frameworks()
        with contextlib.suppress(ClientError):
            client("us-east1").describe_framework(FrameworkName="nowhere")
        first, second = told(backup, "Perhaps")
        assert first == (
            "ListFrameworks asked in us-east1 as 123456789012, but the framework is in "
            "123456789012 us-east-1: the client's region is the name of an AWS region such as "
            "'eu-west-1', not 'us-east1'; did you mean 'us-east-1'?"
        )
        assert second.endswith("it is not there, nor any other.")

    def test_the_arn_of_a_vault(self, backup: FakeBackup) -> None:
        """A vault that is named by its ARN is told by its name."""
        for region, where in ((REGION, ""), (EUROPE, " in 123456789012 eu-west-1")):
            name = f"Daily-{region}"
            arn = backup.at(region=region).add_vault(BackupVaultName=name)["BackupVaultArn"]
            with contextlib.suppress(ClientError):
                client().describe_backup_vault(BackupVaultName=arn)
            shown = repr(arn) if len(repr(arn)) <= 70 else f"{repr(arn)[:67]}..."
            assert told(backup, "Perhaps")[-1] == (
                f"DescribeBackupVault asked for the vault {shown} in us-east-1 as 123456789012: "
                f"that is the ARN of {name!r}{where}."
            )

    def test_what_could_not_be_created(self, backup: FakeBackup) -> None:
        """A call that creates an entry, and is refused, asks for none."""
        controls: Any = [{"ControlName": "x" * 300}]
        with pytest.raises(ClientError):
            client().create_framework(FrameworkName="new", FrameworkControls=controls)
        assert backup.calls[0].error == "InvalidParameterValueException"
        assert not has(backup, "Perhaps")

    def test_a_list_of_another_region(self, backup: FakeBackup) -> None:
        """An empty list is told where those are that it lists."""
        for _ in range(2):
            backup.at(region=EUROPE).add_legal_hold()
        client().list_legal_holds()
        assert told(backup, "Perhaps") == [
            (
                "ListLegalHolds asked in us-east-1 as 123456789012, but the 2 legal holds are in "
                "123456789012 eu-west-1: make the client there, or seed by "
                "backup.at(account_id='123456789012', region='us-east-1')."
            )
        ]

    def test_what_is_no_slip(self, backup: FakeBackup) -> None:
        """What the code deleted, listed in another Region or created in one is no slip."""
        backup.add_framework(FrameworkName="gone")
        client().delete_framework(FrameworkName="gone")
        with contextlib.suppress(ClientError):
            client().describe_framework(FrameworkName="gone")
        backup.at(region=EUROPE).add_report_plan()
        client().list_report_plans()
        client(EUROPE).list_report_plans()
        client(EUROPE).create_legal_hold(Title="t", Description="d")
        client().list_legal_holds()
        assert not has(backup, "Perhaps")


class TestSlips:
    @pytest.mark.parametrize("ask", RIGHTLY_EMPTY, ids=lambda ask: ask.__name__.strip("_"))
    def test_a_list_that_is_rightly_empty(
        self, backup: FakeBackup, ask: Callable[[FakeBackup], None]
    ) -> None:
        """An empty list is no slip where all jobs there are were seen, or came later."""
        ask(backup)
        assert not has(backup, "Perhaps")

    def test_a_list_beside_one_that_found_something(self, backup: FakeBackup) -> None:
        """What no list has shown is told, though others were."""
        backup.add_backup_job()
        backup.at(region=EUROPE).add_copy_job()
        client().list_backup_jobs()
        client().list_copy_jobs()
        assert told(backup, "Perhaps") == [
            (
                "ListCopyJobs asked in us-east-1, but the copy job is in eu-west-1: make the "
                "client in that region, or seed by backup.at(region='us-east-1')."
            )
        ]

    @pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__.strip("_"))
    def test_a_slip_is_named(self, backup: FakeBackup, slip: Callable[[FakeBackup], None]) -> None:
        """A likely slip is told, with the way out, and nothing besides."""
        slip(backup)
        assert told(backup, "Perhaps") == [SLIPS[slip]]

    def test_a_question_that_was_answered(self, backup: FakeBackup) -> None:
        """Where calls find something, nothing is guessed; an empty last page is no miss."""
        job = backup.add_backup_job()
        client().list_backup_jobs()
        client().describe_backup_job(BackupJobId=job.id)
        backup.add_backup_job(CreationDate=NOW - timedelta(days=2))
        token = client().list_backup_jobs(MaxResults=1)["NextToken"]
        backup.remove(backup.backup_jobs[list(backup.backup_jobs)[-1]])
        assert not client().list_backup_jobs(MaxResults=1, NextToken=token)["BackupJobs"]
        assert not has(backup, "Perhaps")

    def test_many_slips(self, backup: FakeBackup) -> None:
        """The first five slips are told, the others counted; each once."""
        backup.add_backup_job(ResourceType="EBS")
        for each in ("EFS", "EC2", "RDS", "S3", "FSx", "Aurora", "EFS"):
            client().list_backup_jobs(ByResourceType=each)
        lines = told(backup, "Perhaps")
        assert len(lines) == 6
        assert lines[-1] == "... and 1 more"


class Shown(NamedTuple):
    """A call that shows what vaults hold: its parameters, and what it shows of the seed."""

    operation: str
    parameters: dict[str, Any]
    which: str


SHOWN = [
    Shown("ListBackupVaults", {}, "the 2 vaults are"),
    Shown("ListProtectedResources", {}, "the protected resource is"),
    Shown("DescribeProtectedResource", {"ResourceArn": VOLUME}, "the protected resource is"),
    Shown(
        "ListProtectedResourcesByBackupVault",
        {"BackupVaultName": "Daily"},
        "the protected resource is",
    ),
    Shown(
        "ListRecoveryPointsByBackupVault",
        {"BackupVaultName": "Daily"},
        "the 2 recovery points are",
    ),
    Shown("ListRecoveryPointsByResource", {"ResourceArn": VOLUME}, "the 2 recovery points are"),
    Shown("ListIndexedRecoveryPoints", {}, "the indexed recovery point is"),
    Shown("ListRestoreJobsByProtectedResource", {"ResourceArn": VOLUME}, "the restore job is"),
    Shown("ListTags", {"ResourceArn": "the vault"}, "the resource is"),
    Shown("ListTags", {"ResourceArn": "the point"}, "the resource is"),
    Shown("ListTags", {"ResourceArn": "the plan"}, "the resource is"),
    Shown("TagResource", {"ResourceArn": "the vault", "Tags": {"a": "b"}}, "the resource is"),
    Shown("UntagResource", {"ResourceArn": "the vault", "TagKeyList": ["a"]}, "the resource is"),
]
every_shown = pytest.mark.parametrize(
    "shown", SHOWN, ids=[f"{at}-{each.operation}" for at, each in enumerate(SHOWN)]
)


def _fill(backup: FakeBackup, region: str, shown: Shown) -> dict[str, Any]:
    """Seed a bit of everything in a Region; return the call's parameters."""
    view = backup.at(region=region)
    daily = view.add_vault(BackupVaultName="Daily")
    view.add_vault(BackupVaultName="Weekly")
    vault: Any = {"BackupVaultName": "Daily", "ResourceArn": VOLUME, "ResourceType": "EBS"}
    point = view.add_recovery_point(**vault, IndexStatus="ACTIVE")
    view.add_recovery_point(**vault)
    view.add_restore_job(SourceResourceArn=VOLUME, RecoveryPointArn=point.arn)
    arns = {
        "the vault": daily["BackupVaultArn"],
        "the point": point.arn,
        "the plan": view.add_backup_plan().arn,
    }
    arn = shown.parameters.get("ResourceArn", "")
    found = {"ResourceArn": arns.get(arn, arn)} if arn else {}
    return {**shown.parameters, **found}


def _ask_here(backup: FakeBackup, shown: Shown) -> dict[str, Any]:
    """Ask in the fake's Region for what is in another one alone; return the parameters."""
    asked = _fill(backup, EUROPE, shown)
    if "BackupVaultName" in asked:
        backup.add_vault(BackupVaultName="Daily")
    with contextlib.suppress(ClientError):
        call(shown.operation, **asked)
    return asked


class TestSlipsAboutWhatVaultsHold:
    @every_shown
    def test_it_lies_elsewhere(self, backup: FakeBackup, shown: Shown) -> None:
        """What is in another Region alone is told to be there."""
        if not known(shown.operation):
            pytest.skip("this botocore does not know the operation")
        _ask_here(backup, shown)
        assert told(backup, "Perhaps") == [
            (
                f"{shown.operation} asked in us-east-1 as 123456789012, but {shown.which} in "
                f"123456789012 eu-west-1: make the client there, or seed by "
                f"backup.at(account_id='123456789012', region='us-east-1')."
            )
        ]

    @every_shown
    def test_where_all_regions_are_asked(self, backup: FakeBackup, shown: Shown) -> None:
        """Nothing is told where another call found what there is."""
        if not known(shown.operation):
            pytest.skip("this botocore does not know the operation")
        asked = _ask_here(backup, shown)
        call(shown.operation, region=EUROPE, **asked)
        assert not has(backup, "Perhaps")

    @every_shown
    def test_where_nothing_is(self, backup: FakeBackup, shown: Shown) -> None:
        """Nothing is told where there is nothing like it anywhere."""
        if not known(shown.operation):
            pytest.skip("this botocore does not know the operation")
        with FakeBackup(region=REGION) as other:
            asked = _fill(other, EUROPE, shown)
        if "BackupVaultName" in asked:
            backup.add_vault(BackupVaultName="Daily")
        with contextlib.suppress(ClientError):
            call(shown.operation, **asked)
        assert backup.calls
        assert not has(backup, "Perhaps")

    def test_by_hand(self, backup: FakeBackup) -> None:
        """What the test answered by hand is meant."""
        backup.at(region=EUROPE).add_vault()
        backup.answer("ListBackupVaults", {"BackupVaultList": []})
        client().list_backup_vaults()
        assert not has(backup, "Perhaps")

    def test_what_was_made_later(self, backup: FakeBackup) -> None:
        """What the code under test made after it had looked is no slip."""
        client().list_backup_vaults()
        client(EUROPE).create_backup_vault(BackupVaultName="Daily")
        client().list_protected_resources()
        client(EUROPE).start_backup_job(
            BackupVaultName="Daily", ResourceArn=VOLUME.replace(REGION, EUROPE), IamRoleArn=ROLE
        )
        for job in backup.at(region=EUROPE).backup_jobs.values():
            job.complete()
        assert backup.at(region=EUROPE).recovery_points
        assert not has(backup, "Perhaps")

    def test_what_was_made_before(self, backup: FakeBackup) -> None:
        """What it had made before it looked is one: it looked elsewhere."""
        client(EUROPE).create_backup_vault(BackupVaultName="Daily")
        client().list_backup_vaults()
        assert told(backup, "Perhaps") == [
            (
                "ListBackupVaults asked in us-east-1 as 123456789012, but the vault is in "
                "123456789012 eu-west-1: make the client there, or seed by "
                "backup.at(account_id='123456789012', region='us-east-1')."
            )
        ]

    def test_what_others_share(self, backup: FakeBackup) -> None:
        """A list of what other accounts share looks for nothing of the account's own."""
        if not takes("ListBackupVaults", "ByShared"):
            pytest.skip("this botocore does not know the parameter")
        backup.at(region=EUROPE).add_vault(BackupVaultName="Daily")
        client().list_backup_vaults(ByShared=True)
        assert not has(backup, "Perhaps")

    @pytest.mark.parametrize(
        ("operation", "filters", "hint"),
        [
            (
                "ListRecoveryPointsByBackupVault",
                {"BackupVaultName": "Daily", "ByResourceType": "RDS"},
                (
                    "(ByResourceType='RDS') matches none of the 2 recovery points there: "
                    "ResourceType is 'EBS' (2)."
                ),
            ),
            (
                "ListIndexedRecoveryPoints",
                {"IndexStatus": "FAILED"},
                (
                    "(IndexStatus='FAILED') does not match the indexed recovery point there: its "
                    "IndexStatus is 'ACTIVE'."
                ),
            ),
            (
                "ListBackupVaults",
                {"ByVaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"},
                (
                    "(ByVaultType='LOGICALLY_AIR_GAPPED_BACKUP_VAULT') matches none of the 2 "
                    "vaults there: VaultType is 'BACKUP_VAULT' (2)."
                ),
            ),
            (
                "ListRestoreJobsByProtectedResource",
                {"ResourceArn": VOLUME, "ByStatus": "FAILED"},
                (
                    "(ByStatus='FAILED') does not match the restore job there: its Status is "
                    "'COMPLETED'."
                ),
            ),
        ],
    )
    def test_a_filter_that_nothing_passes(
        self, backup: FakeBackup, operation: str, filters: dict[str, Any], hint: str
    ) -> None:
        """The filter is told, with what there is instead."""
        if not (known(operation) and takes(operation, *filters)):
            pytest.skip("this botocore does not know the filter")
        _fill(backup, REGION, Shown(operation, filters, ""))
        call(operation, **filters)
        assert told(backup, "Perhaps") == [f"{operation}{hint}"]


class TestSlipsAboutSummaries:
    @pytest.mark.parametrize("kind", ["backup", "copy", "restore", "scan"])
    def test_a_state_that_no_job_has(self, backup: FakeBackup, kind: str) -> None:
        """The dimension that no job has is told; of several, those that no job has together."""
        operation = f"List{kind.title()}JobSummaries"
        if not known(operation):
            pytest.skip("this botocore does not know the summary")
        getattr(backup, f"add_{kind}_jobs")(2)
        member = "Status" if kind == "restore" else "State"
        call(operation, State="FAILED")
        assert told(backup, "Perhaps") == [
            (
                f"{operation}(State='FAILED') matches none of the 2 {kind} jobs there: {member} "
                f"is 'COMPLETED' (2)."
            )
        ]
        call(operation, State="ANY")
        assert not has(backup, "Perhaps")

    def test_not_together(self, backup: FakeBackup) -> None:
        """Dimensions of which each job has one alone are told, those that sum are not."""
        backup.add_backup_jobs(2, State=["COMPLETED", "FAILED"], ResourceType=["EBS", "EFS"])
        client().list_backup_job_summaries(
            State="FAILED", ResourceType="EBS", MessageCategory="ANY"
        )
        assert told(backup, "Perhaps") == [
            (
                "ListBackupJobSummaries: each of ResourceType and State matches some of the 2 "
                "backup jobs there, but no job matches all."
            )
        ]

    @pytest.mark.parametrize("every", ["ANY", "AGGREGATE_ALL"])
    def test_beside_every_value_of_another(self, backup: FakeBackup, every: str) -> None:
        """A dimension of which every value is asked for is none that a job lacks."""
        backup.add_backup_job()
        client().list_backup_job_summaries(ResourceType=every, State="FAILED")
        assert told(backup, "Perhaps") == [
            (
                "ListBackupJobSummaries(State='FAILED') does not match the backup job there: its "
                "State is 'COMPLETED'."
            )
        ]

    def test_older_than_its_windows(self, backup: FakeBackup) -> None:
        """Of jobs that match, and are too old, no dimension is told."""
        backup.add_restore_jobs(2, CreationDate=NOW - timedelta(days=20))
        client().list_restore_job_summaries(State="COMPLETED", ResourceType="EBS")
        assert not has(backup, "Perhaps")

    def test_inside_a_structure(self, backup: FakeBackup) -> None:
        """A dimension inside a structure is compared as the summary compares it."""
        if not known("ListScanJobSummaries"):
            pytest.skip("this botocore does not know the summary")
        backup.add_scan_jobs(2, ScanResult={"ScanResultStatus": "NO_THREATS_FOUND"})
        call("ListScanJobSummaries", ScanResultStatus="THREATS_FOUND")
        (hint,) = told(backup, "Perhaps")
        assert hint.startswith(
            "ListScanJobSummaries(ScanResultStatus='THREATS_FOUND') matches none of the 2 scan "
            "jobs there: ScanResult is "
        )


FAILING = """
import unittest

import boto3
import pytest

from fakebackup import current, mock_backup


def slip():
    current().at(region="eu-west-1").add_backup_job(State="FAILED")
    client = boto3.client("backup", region_name="us-west-2")
    assert client.list_backup_jobs(ByState="FAILED")["BackupJobs"]


def test_fixture(fake_backup):
    slip()


@pytest.mark.fake_backup
def test_marker():
    slip()


@mock_backup
def test_decorator():
    slip()


def test_block():
    with mock_backup():
        slip()


class TestCase(unittest.TestCase):
    @mock_backup
    def test_method(self):
        slip()


@mock_backup
class TestDecoratedCase(unittest.TestCase):
    def test_method(self):
        slip()


@mock_backup
class TestPlain:
    def test_method(self):
        slip()


@pytest.fixture
def broken(fake_backup):
    slip()


def test_setup(broken):
    pass
"""

QUIET = """
import pytest

from fakebackup import current, mock_backup


@pytest.mark.fake_backup(failure_report=False)
def test_silenced():
    assert not current().add_backup_job()


def test_passes(fake_backup):
    pass


def test_without_a_fake():
    raise LookupError


@pytest.mark.xfail
def test_expected(fake_backup):
    raise LookupError


def test_only_its_own():
    with mock_backup():
        pass
"""

SECTION = (
    "1 call of AWS Backup:",
    "  ListBackupJobs(ByState='FAILED'): 0 items, in us-west-2",
    "It holds:",
    "  1 backup job in 123456789012 eu-west-1: 1 FAILED",
    "Perhaps:",
    (
        "  ListBackupJobs asked in us-west-2, but the backup job is in eu-west-1: make the client "
        "in that region, or seed by backup.at(region='us-west-2')."
    ),
)


class TestPytest:
    def test_every_way_to_use_the_fake(self, pytester: pytest.Pytester) -> None:
        """The report of a failing test tells of its fake, also where that has ended by then."""
        pytester.makepyfile(FAILING)
        run = pytester.runpytest_subprocess("-W", "error", *IN_ORDER)
        run.assert_outcomes(failed=7, errors=1)
        titles = [line for line in run.outlines if line.strip("- ") == "fakebackup"]
        assert len(titles) == 8
        for line in SECTION:
            assert run.outlines.count(line) == 8

    def test_where_it_is_silent(self, pytester: pytest.Pytester) -> None:
        """Nothing is told by option, of a test that passes or may fail, or without a fake."""
        pytester.makepyfile(QUIET)
        run = pytester.runpytest_subprocess("-W", "error", *IN_ORDER)
        run.assert_outcomes(failed=2, passed=2, xfailed=1)
        assert not [line for line in run.outlines if line.strip("- ") == "fakebackup"]

    def test_several_fakes(self, pytester: pytest.Pytester) -> None:
        """Of several fakes in a test each is told, those that have ended first."""
        pytester.makepyfile(
            """
            from fakebackup import mock_backup


            def test_it(fake_backup):
                with mock_backup(region="eu-west-1", account_id="111122223333"):
                    pass
                raise LookupError
            """
        )
        run = pytester.runpytest_subprocess(*IN_ORDER)
        at = run.outlines.index("Fake 1 of 2, account 111122223333, eu-west-1:")
        assert run.outlines[at + 1 : at + 4] == [
            "No call of AWS Backup was made.",
            "It holds:",
            "  nothing",
        ]
        assert run.outlines[at + 4] == "Fake 2 of 2, account 123456789012, us-east-1:"

    def test_a_fake_imported_by_the_test(self, pytester: pytest.Pytester) -> None:
        """A test that imports the library itself is told of the fake it made."""
        pytester.makepyfile(
            """
            def test_it():
                from fakebackup import mock_backup

                with mock_backup():
                    raise LookupError
            """
        )
        run = pytester.runpytest_subprocess(*IN_ORDER)
        run.stdout.fnmatch_lines(["No call of AWS Backup was made."])

    def test_what_cannot_be_told(self, pytester: pytest.Pytester) -> None:
        """A mistake of the report's own stands in it, and the run goes on."""
        pytester.makepyfile(
            """
            def test_it(fake_backup):
                fake_backup.backend.calls.append(None)
                raise LookupError


            def test_next():
                pass
            """
        )
        run = pytester.runpytest_subprocess(*IN_ORDER)
        run.assert_outcomes(failed=1, passed=1)
        run.stdout.fnmatch_lines(["This could not be told: AttributeError(*"])


def test_the_option_is_checked() -> None:
    """What silences the report is a flag."""
    wrong: Any = "no"
    with pytest.raises(TypeError, match=r"^failure_report is True or False, not 'no'\.$"):
        mock_backup(failure_report=wrong)


def test_a_fake_inside_the_seeded_one() -> None:
    """Where one fake was seeded and another one answered, that is said; else nothing is."""
    with mock_backup(region=REGION) as outer:
        outer.add_backup_job()
        with mock_backup(region=REGION) as inner:
            both = [outer.backend, inner.backend]
            assert mix_ups(both) == []
            client().list_backup_jobs()
            (line,) = mix_ups(both)
            assert line.startswith("Perhaps fake 2 answered what fake 1 was to answer, which has")
            assert mix_ups(both[:1]) == mix_ups(both[1:]) == []
        client().list_backup_jobs()
        assert mix_ups(both) == []
