"""Reports: when they are made, the files they leave, and which jobs stand in them."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackupError, mock_backup
from fakebackup.model.engine import starts
from support.botocore_model import known
from support.client import call, held
from support.constants import ACCOUNT, DAY, MIDNIGHT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"

pytestmark = pytest.mark.fake_backup(region=REGION)


def plan(
    template: str = "BACKUP_JOB_REPORT", name: str = "plan", formats: Any = None, **setting: Any
) -> str:
    """Make a report plan; return its ARN."""
    made = call(
        "CreateReportPlan",
        ReportPlanName=name,
        ReportDeliveryChannel={"S3BucketName": "bucket", "Formats": formats or ["JSON"]},
        ReportSetting={"ReportTemplate": template, **setting},
    )
    return str(made["ReportPlanArn"])


def made(backup: FakeBackup, name: str = "plan") -> dict[str, str]:
    """The files of a report that is made now."""
    job_id = call("StartReportJob", ReportPlanName=name)["ReportJobId"]
    backup.report_jobs[job_id].complete()
    return backup.reports[job_id]


def items(files: dict[str, str]) -> list[dict[str, Any]]:
    """The items of a report in JSON."""
    (text,) = files.values()
    found: list[dict[str, Any]] = json.loads(text)["reportItems"]
    return found


def lines(text: str) -> list[dict[str, str]]:
    """The lines of a report in CSV."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def at() -> Iterator[Callable[[timedelta], None]]:
    """Time stands still, and goes on to an instant after midnight."""
    with freeze_time(MIDNIGHT) as frozen:
        yield lambda passed: frozen.move_to(MIDNIGHT + passed)


class TestFiles:
    @freeze_time("2022-07-03T19:48:17Z")
    def test_the_recorded_key(self, backup: FakeBackup) -> None:
        """The key is as one that was seen in a bucket [recorded: a user's program]."""
        there = backup.at(account_id="774446988871")
        with backup.acting_as("774446988871"):
            plan(name="backupplanfromvscode", formats=["CSV"])
            files = made(there, "backupplanfromvscode")
        (key,) = files
        assert key == (
            "Backup/774446988871/us-east-1/2022/07/03/backupplanfromvscode/BACKUP_JOB_REPORT_"
            "backupplanfromvscode_2022-07-02T19:48:17Z_2022-07-03T19:48:17Z.csv"
        )

    @freeze_time(NOW)
    def test_both_formats(self, backup: FakeBackup) -> None:
        """The files are those of the job, and say the same."""
        plan(formats=["CSV", "JSON"])
        backup.add_backup_job(State="FAILED", StatusMessage='It said "no", twice')
        backup.add_backup_job(BackupOptions={"WindowsVSS": "enabled"})
        files = made(backup)
        [job] = backup.report_jobs.values()
        assert list(files) == job["ReportDestination"]["S3Keys"]
        assert [key.rpartition("Z")[2] for key in files] == [".csv", "_1.json"]
        table, document = files.values()
        rows, found = lines(table), json.loads(document)["reportItems"]
        assert len(rows) == len(found) == 2
        for row, item in zip(rows, found, strict=True):
            assert set(row) == set(item) | {"statusMessage"}
            shown = {
                name: value if isinstance(value, str) else json.dumps(value)
                for name, value in item.items()
                if value is not None
            }
            assert {name: value for name, value in row.items() if value} == shown

    def test_an_empty_report(self, backup: FakeBackup) -> None:
        """A report of nothing has the line of columns, and no items."""
        plan(formats=["CSV", "JSON"])
        table, document = made(backup).values()
        assert table.startswith("reportTimePeriodStart,reportTimePeriodEnd,accountId,region,")
        assert lines(table) == []
        assert json.loads(document) == {"reportItems": []}

    def test_a_chosen_destination(self, backup: FakeBackup) -> None:
        """Where a test chose the keys, the files have those."""
        plan(formats=["CSV", "JSON"])
        destination: Any = {"S3BucketName": "mine", "S3Keys": ["a.csv"]}
        backup.next_outcome("StartReportJob", ReportDestination=destination)
        job_id = call("StartReportJob", ReportPlanName="plan")["ReportJobId"]
        backup.report_jobs[job_id].progress = "immediate"
        assert list(backup.reports[job_id]) == ["a.csv"]

    def test_made_when_the_job_completes(self, backup: FakeBackup) -> None:
        """A report says what was so when its job completed, whatever comes later."""
        plan()
        job = backup.add_backup_job(State="RUNNING")
        job_id = call("StartReportJob", ReportPlanName="plan")["ReportJobId"]
        for state in ("CREATED", "RUNNING"):
            assert list(backup.reports) == []
            with pytest.raises(KeyError, match=f"has no report: it is {state}, and a report is"):
                backup.reports[job_id]
            assert call("DescribeReportJob", ReportJobId=job_id)["ReportJob"]["Status"] == state
        job.fail("late")
        backup.add_backup_job()
        assert list(backup.reports) == [job_id]
        assert [each["jobStatus"] for each in items(backup.reports[job_id])] == ["RUNNING"]
        assert repr(backup.reports) == f"<reports of {job_id}>"

    def test_no_report(self, backup: FakeBackup) -> None:
        """Jobs that failed, that were seeded or that do not exist have no report."""
        plan()
        job_id = call("StartReportJob", ReportPlanName="plan")["ReportJobId"]
        backup.report_jobs[job_id].fail()
        seeded = backup.add_report_job()
        assert len(backup.reports) == 0
        for each, why in (
            (job_id, "it is FAILED"),
            (seeded.id, "it was seeded"),
            ("none", "no report job 'none'"),
        ):
            with pytest.raises(KeyError, match=why):
                backup.reports[each]
        assert repr(backup.reports) == "<reports of no job>"

    def test_at_once(self) -> None:
        """By the option `progress`, a report is there at once."""
        with mock_backup(region=REGION, progress="immediate") as backup:
            plan()
            backup.add_backup_job()
            job_id = call("StartReportJob", ReportPlanName="plan")["ReportJobId"]
            assert len(items(backup.reports[job_id])) == 1


class TestJobs:
    @freeze_time(NOW)
    def test_which(self, backup: FakeBackup) -> None:
        """The jobs that ended in the last 24 hours are in it, and all active ones.

        [documented: guide, report templates]
        """
        plan()
        old = NOW - 3 * DAY
        wanted = [
            backup.add_backup_job(CreationDate=old, State="RUNNING"),
            backup.add_backup_job(CreationDate=old, CompletionDate=NOW - DAY),
            backup.add_backup_job(CreationDate=old, CompletionDate=NOW, State="FAILED"),
        ]
        backup.add_backup_job(CreationDate=old, CompletionDate=NOW - DAY - HOUR)
        found = items(made(backup))
        assert {each["backupJobId"] for each in found} == {job.id for job in wanted}
        assert {(each["reportTimePeriodStart"], each["reportTimePeriodEnd"]) for each in found} == {
            ("2024-03-14T13:30:15Z", "2024-03-15T13:30:15Z")
        }

    @freeze_time(NOW)
    def test_a_backup(self, backup: FakeBackup) -> None:
        """The items of a backup by a plan are those of AWS's sample, in its order.

        [documented: guide, report templates]
        """
        plan()
        backup.add_vault(BackupVaultName="Daily", MinRetentionDays=1)
        document = call(
            "CreateBackupPlan",
            BackupPlan={
                "BackupPlanName": "MyBackupPlan",
                "Rules": [
                    {
                        "RuleName": "DailyBackups",
                        "TargetBackupVaultName": "Daily",
                        "ScheduleExpression": "cron(0 5 ? * * *)",
                        "Lifecycle": {"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 100},
                    }
                ],
            },
        )
        call(
            "CreateBackupSelection",
            BackupPlanId=document["BackupPlanId"],
            BackupSelection={"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [TABLE]},
        )
        with freeze_time(NOW - timedelta(minutes=22, seconds=20)):
            [job] = backup.run_plan(document["BackupPlanId"])
        job.complete()
        [item] = items(made(backup))
        rule = job["CreatedBy"]
        point = backup.recovery_points[job["RecoveryPointArn"]]
        wanted = {
            "reportTimePeriodStart": "2024-03-14T13:30:15Z",
            "reportTimePeriodEnd": "2024-03-15T13:30:15Z",
            "accountId": ACCOUNT,
            "region": REGION,
            "backupJobId": job.id,
            "jobStatus": "COMPLETED",
            "resourceType": "DynamoDB",
            "resourceArn": TABLE,
            "resourceName": job.get("ResourceName"),
            "backupPlanArn": rule["BackupPlanArn"],
            "backupRuleId": rule["BackupRuleId"],
            "initiationDate": None,
            "backupPlanName": rule.get("BackupPlanName"),
            "backupRuleName": rule.get("BackupRuleName"),
            "backupRuleSchedule": rule.get("BackupRuleCron"),
            "backupRuleTimezone": rule.get("BackupRuleTimezone"),
            "startWindowEnd": "2024-03-15T21:07:55.250Z",
            "backupOptions": {},
            "isParentJob": False,
            "parentJobId": None,
            "creationDate": "2024-03-15T13:07:55.250Z",
            "completionDate": "2024-03-15T13:30:15.250Z",
            "recoveryPointArn": point.arn,
            "jobRunTime": "00:22:20",
            "backupSizeInBytes": job["BackupSizeInBytes"],
            "backupVaultName": "Daily",
            "backupVaultArn": job["BackupVaultArn"],
            "vaultType": "BACKUP_VAULT",
            "vaultLockStatus": "LOCKED",
            "isEncrypted": True,
            "encryptionKeyArn": point["EncryptionKeyArn"],
            "deleteAfterDays": 100,
            "moveToColdAfterDays": 1,
            "enableArchive": False,
            "iamRoleArn": ROLE,
        }
        assert item == wanted
        assert list(item) == list(wanted)

    def test_the_lock_that_the_vault_had(self, backup: FakeBackup) -> None:
        """A report has the lock of the vault as the job has it, whatever came after [assumed]."""
        backup.add_vault(BackupVaultName="Locked", MinRetentionDays=1)
        backup.add_backup_job(BackupVaultName="Locked")
        plan()
        call("DeleteBackupVaultLockConfiguration", BackupVaultName="Locked")
        [item] = items(made(backup))
        assert item["vaultLockStatus"] == "LOCKED"

    def test_the_lifecycle_of_the_recovery_point(self, backup: FakeBackup) -> None:
        """Where a job shows no lifecycle, a report has that of its recovery point [assumed]."""
        lifecycle: Any = {"DeleteAfterDays": 200, "MoveToColdStorageAfterDays": 9}
        point = backup.add_recovery_point(ResourceArn=TABLE, Lifecycle=lifecycle)
        job = backup.add_backup_job(RecoveryPointArn=point.arn, State="COMPLETED")
        assert "RecoveryPointLifecycle" not in job
        plan()
        [item] = items(made(backup))
        assert (item["deleteAfterDays"], item["moveToColdAfterDays"]) == (200, 9)

    def test_the_lifecycle_of_the_job(self, backup: FakeBackup) -> None:
        """A job's own lifecycle counts before what has become of its recovery point's [assumed]."""
        given: Any = {"DeleteAfterDays": 100}
        backed_up = backup.add_backup_job(ResourceType="EFS", RecoveryPointLifecycle=given)
        copied = backup.add_copy_job(DestinationRecoveryPointLifecycle=given)
        for job, member, vault in (
            (backed_up, "RecoveryPointArn", "BackupVaultArn"),
            (copied, "DestinationRecoveryPointArn", "DestinationBackupVaultArn"),
        ):
            where = {
                "RecoveryPointArn": job[member],
                "BackupVaultName": job[vault].rpartition(":")[2],
            }
            call("UpdateRecoveryPointLifecycle", **where, Lifecycle={"DeleteAfterDays": 200})
        for kind in ("BACKUP", "COPY"):
            plan(f"{kind}_JOB_REPORT", name=kind)
            [item] = items(made(backup, kind))
            assert item["deleteAfterDays"] == 100

    def test_a_copy(self, backup: FakeBackup) -> None:
        """The items of a copy name both vaults and recovery points.

        [documented: guide, report templates]
        """
        plan("COPY_JOB_REPORT")
        job = backup.add_copy_job()
        [item] = items(made(backup))
        assert list(item) == [
            *("reportTimePeriodStart", "reportTimePeriodEnd", "accountId", "region", "copyJobId"),
            *("jobStatus", "resourceType", "resourceArn", "resourceName", "backupPlanName"),
            *("backupRuleName", "backupRuleSchedule", "backupRuleTimezone", "isParentJob"),
            *("parentJobId", "creationDate", "completionDate", "sourceRecoveryPointArn"),
            *("sourceBackupVaultArn", "destinationRecoveryPointArn"),
            *("destinationBackupVaultArn", "jobRunTime", "backupSizeInBytes", "vaultType"),
            *("vaultLockStatus", "isEncrypted", "encryptionKeyArn", "deleteAfterDays"),
            *("moveToColdAfterDays", "enableArchive", "iamRoleArn"),
        ]
        assert item["copyJobId"] == job.id
        assert item["sourceBackupVaultArn"] == job["SourceBackupVaultArn"]
        assert item["destinationRecoveryPointArn"] == job["DestinationRecoveryPointArn"]

    @freeze_time(NOW)
    def test_a_restore(self, backup: FakeBackup) -> None:
        """A restore's period is one item; it has the plan of its backup.

        [documented: guide, report templates]
        """
        plan("RESTORE_JOB_REPORT")
        creator: Any = {"BackupPlanArn": "arn:aws:backup:us-east-1:123456789012:backup-plan:p"}
        point = backup.add_recovery_point(ResourceArn=TABLE, CreatedBy=creator)
        job = backup.add_restore_job(RecoveryPointArn=point.arn, Status="PENDING")
        [item] = items(made(backup))
        assert item["reportTimePeriod"] == "2024-03-14T13:30:15Z - 2024-03-15T13:30:15Z"
        assert item["restoreJobId"] == job.id
        assert item["backupPlanArn"] == creator["BackupPlanArn"]
        assert item["percentDone"] == "0.00%"
        assert item["completionDate"] is item["jobRunTime"] is item["createdResourceArn"] is None
        assert "statusMessage" not in item

    def test_a_test(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A test's deletion comes in a later report, under the same id.

        [documented: guide, report templates]
        """
        plan("RESTORE_JOB_REPORT")
        choice = {
            "Algorithm": "LATEST_WITHIN_WINDOW",
            "IncludeVaults": ["*"],
            "RecoveryPointTypes": ["SNAPSHOT"],
        }
        testing = call(
            "CreateRestoreTestingPlan",
            RestoreTestingPlan={
                "RestoreTestingPlanName": "tests",
                "ScheduleExpression": "cron(0 5 ? * * *)",
                "RecoveryPointSelection": choice,
            },
        )
        call(
            "CreateRestoreTestingSelection",
            RestoreTestingPlanName="tests",
            RestoreTestingSelection={
                "RestoreTestingSelectionName": "tables",
                "ProtectedResourceType": "DynamoDB",
                "ProtectedResourceArns": ["*"],
                "IamRoleArn": ROLE,
                "ValidationWindowHours": 100,
            },
        )
        backup.add_recovery_point(ResourceArn=TABLE)
        [job] = backup.run_restore_testing_plan("tests")
        job.complete()
        names = ("restoreJobId", "validationStatus", "deletionStatus")
        [item] = items(made(backup))
        assert item["restoreTestingPlanArn"] == testing["RestoreTestingPlanArn"]
        assert [item[name] for name in names] == [job.id, "VALIDATING", None]
        at(2 * DAY)
        assert items(made(backup)) == []
        call("PutRestoreValidationResult", RestoreJobId=job.id, ValidationStatus="SUCCESSFUL")
        for _ in range(2):
            call("DescribeRestoreJob", RestoreJobId=job.id)
        [item] = items(made(backup))
        assert [item[name] for name in names] == [job.id, "SUCCESSFUL", "SUCCESSFUL"]

    @pytest.mark.skipif(not known("StartScanJob"), reason="the installed botocore has no scans")
    def test_scans(self, backup: FakeBackup) -> None:
        """Reports know no job that completed with issues; good news is no message.

        [documented: guide, report templates]
        """
        plan("SCAN_JOB_REPORT")
        backup.add_scan_job(State="COMPLETED_WITH_ISSUES")
        backup.add_scan_job()
        running = backup.add_scan_job(State="RUNNING")
        active, good, issues = items(made(backup))
        assert [each["jobStatus"] for each in (good, issues)] == ["COMPLETED"] * 2
        assert (good["statusMessage"], active["statusMessage"]) == ("", "")
        assert "GuardDuty" in issues["statusMessage"]
        assert (active["scanResultStatus"], good["scanResultStatus"]) == ("", "NO_THREATS_FOUND")
        assert active["backupPlanArn"] == running["CreatedBy"]["BackupPlanArn"]

    @pytest.mark.parametrize("kind", ["Backup", "Copy", "Restore", "Scan"])
    def test_recorded_jobs(self, backup: FakeBackup, kind: str) -> None:
        """A job of which little was recorded stands in its report all the same."""
        if not known(f"List{kind}Jobs"):
            pytest.skip("the installed botocore knows no such job")
        job: dict[str, Any] = {
            f"{kind}JobId": "recorded",
            "Status" if kind == "Restore" else "State": "RUNNING",
            "CreationDate": datetime.now(timezone.utc),
        }
        backup.load({f"{kind}Jobs": [job]})
        plan(f"{kind.upper()}_JOB_REPORT")
        [item] = items(made(backup))
        assert (item[f"{kind.lower()}JobId"], item["jobStatus"]) == ("recorded", "RUNNING")
        assert item.get("backupPlanArn") is None

    def test_accounts_and_regions(self) -> None:
        """A report is of its own account and Region, or of those that its plan names.

        [documented: model; that a management account alone sees others assumed]
        """
        everywhere = [
            (ACCOUNT, REGION),
            (ACCOUNT, OTHER_REGION),
            (OTHER_ACCOUNT, REGION),
            (OTHER_ACCOUNT, OTHER_REGION),
        ]
        csv_only = {"formats": ["CSV"]}
        settings: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
            "own": ({}, everywhere[:1]),
            "there": ({"Regions": [OTHER_REGION]}, everywhere[1:2]),
            "theirs": ({"Accounts": [OTHER_ACCOUNT], **csv_only}, everywhere[2:3]),
            "root": ({"Accounts": ["ROOT"], **csv_only}, [everywhere[2], everywhere[0]]),
            "units": ({"OrganizationUnits": ["ou-1"], **csv_only}, [everywhere[2], everywhere[0]]),
            "all": ({"Accounts": ["ROOT"], "Regions": ["*"], **csv_only}, everywhere),
        }
        for managing in (True, False):
            manager = ACCOUNT if managing else OTHER_ACCOUNT
            with mock_backup(region=REGION, management_account=manager) as backup:
                for account, region in everywhere:
                    backup.at(account_id=account, region=region).add_backup_job()
                for name, (setting, homes) in settings.items():
                    plan(name=name, **setting)
                    ((key, text),) = made(backup, name).items()
                    rows = lines(text) if key.endswith("csv") else json.loads(text)["reportItems"]
                    found = [(row["accountId"], row["region"]) for row in rows]
                    seen = [home for home in homes if managing or home[0] == ACCOUNT]
                    # Not in the order in which they came to be.
                    assert found == sorted(seen), name


@pytest.mark.fake_backup(region=REGION, progress="clock")
class TestDaily:
    def test_daily(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A plan makes a report each day between 01:00 and 05:00 UTC, of the day before.

        [documented: guide, report templates]
        """
        for number in range(5):
            plan(name=f"plan_{number}")
        job = backup.add_backup_job(CreationDate=MIDNIGHT + 2 * HOUR)
        at(3 * DAY)
        jobs = call("ListReportJobs", ByReportPlanName="plan_3")["ReportJobs"]
        created = [each["CreationTime"] for each in jobs]
        assert [each - created[-1] for each in created] == [2 * DAY, DAY, 0 * DAY]
        keys = [key for each in jobs for key in backup.reports[each["ReportJobId"]]]
        head = f"Backup/{ACCOUNT}/{REGION}/2024/03"
        assert keys == [
            f"{head}/{day}/plan_3/BACKUP_JOB_REPORT_plan_3_2024-03-{day - 1}T00:00:00Z_"
            f"2024-03-{day}T00:00:00Z_1.json"
            for day in (17, 16, 15)
        ]
        found = [
            [item["backupJobId"] for item in items(backup.reports[each["ReportJobId"]])]
            for each in jobs
        ]
        assert found == [[], [job.id], []]
        created_at = [each["CreationTime"] for each in backup.report_jobs.values()]
        times = [each.astimezone(timezone.utc) for each in created_at]
        assert {HOUR <= each - each.replace(hour=0, minute=0) < 5 * HOUR for each in times} == {
            True
        }
        assert len({each.time() for each in times}) == 5
        described = call("DescribeReportPlan", ReportPlanName="plan_3")["ReportPlan"]
        assert described["LastAttemptedExecutionTime"] == created[0]
        assert described["LastSuccessfulExecutionTime"] == created[0] + 11 * MINUTE

    def test_midnight(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A job that ends at midnight stands in the report of the day that begins, alone."""
        plan()
        job = backup.add_backup_job(
            CreationDate=MIDNIGHT + 22 * HOUR, CompletionDate=MIDNIGHT + DAY
        )
        at(3 * DAY)
        found = [
            [item["backupJobId"] for item in items(files)] for files in backup.reports.values()
        ]
        # The newest one is the first.
        assert found == [[job.id], [], []]

    def test_deleted(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A plan that is gone makes no reports; an update counts from the next one on."""
        plan()
        plan(name="other")
        at(6 * HOUR)
        assert len(backup.report_jobs) == 2
        call("DeleteReportPlan", ReportPlanName="plan")
        call(
            "UpdateReportPlan",
            ReportPlanName="other",
            ReportSetting={"ReportTemplate": "COPY_JOB_REPORT"},
        )
        at(DAY + 6 * HOUR)
        assert [job["ReportTemplate"] for job in backup.report_jobs.values()] == [
            "COPY_JOB_REPORT",
            "BACKUP_JOB_REPORT",
            "BACKUP_JOB_REPORT",
        ]

    def test_an_unexpected_error(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A report that raises is told once, and is not the last: the next one is scheduled."""

        def broken(*_: Any) -> None:
            raise ZeroDivisionError

        plan()
        with monkeypatch.context() as patch:
            patch.setattr(starts, "start", broken)
            at(DAY)
            with pytest.raises(ZeroDivisionError):
                call("ListReportJobs")
        assert not backup.report_jobs
        at(2 * DAY)
        assert len(backup.report_jobs) == 1

    def test_jump(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A step of the clock in which too much is due ends with an error that names the plan."""
        plan("CONTROL_COMPLIANCE_REPORT", name="daily")
        at(6000 * DAY)
        with pytest.raises(FakeBackupError, match=r"report plan 'daily'\. Let time pass in small"):
            call("ListReportJobs")
        assert len(backup.report_jobs) >= 5000

    @pytest.mark.fake_backup(progress="polls", region=REGION)
    def test_other_modes(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Without the clock a plan makes its reports by StartReportJob alone."""
        plan()
        at(3 * DAY)
        assert call("ListReportJobs")["ReportJobs"] == []
        assert not backup.report_jobs


SPAN = timedelta(days=3)


@pytest.mark.parametrize("step", [timedelta(days=2), timedelta(hours=7), timedelta(minutes=43)])
def test_steps_do_not_matter(step: timedelta) -> None:
    """Time that passes at once leaves the reports that it leaves in steps."""
    assert after(step) == after(SPAN)


def after(step: timedelta) -> Any:
    """All that a fake holds, and its reports, after days that pass in steps of this size."""
    with freeze_time(MIDNIGHT) as frozen, mock_backup(region=REGION, progress="clock") as backup:
        backup.add_vault(BackupVaultName="Daily")
        backup.add_backup_job(State="RUNNING")
        made_plan = call(
            "CreateBackupPlan",
            BackupPlan={
                "BackupPlanName": "backups",
                "Rules": [
                    {
                        "RuleName": "often",
                        "TargetBackupVaultName": "Daily",
                        "ScheduleExpression": "cron(0/60 * * * ? *)",
                        "Lifecycle": {"DeleteAfterDays": 1},
                    }
                ],
            },
        )
        call(
            "CreateBackupSelection",
            BackupPlanId=made_plan["BackupPlanId"],
            BackupSelection={"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [TABLE]},
        )
        call(
            "CreateFramework",
            FrameworkName="audit",
            FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}],
        )
        for template in ("BACKUP_JOB_REPORT", "RESOURCE_COMPLIANCE_REPORT"):
            plan(template, name=template, formats=["CSV"])
        passed = timedelta()
        while passed < SPAN:
            passed = min(passed + step, SPAN)
            frozen.move_to(MIDNIGHT + passed)
            call("ListBackupVaults")
        everything = held(backup)
        reports = [(job_id, files) for job_id, files in backup.reports.items()]
        assert len(reports) == 6
    # botocore draws these.
    for _, _, _, members, _ in everything[-2]:
        for name in ("CreatorRequestId", "IdempotencyToken"):
            members.pop(name, None)
    return everything, reports
