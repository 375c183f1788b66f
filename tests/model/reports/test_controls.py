"""Compliance reports: what each control of a framework finds in what the fake holds."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup.model.reports import controls
from fakebackup.operations.frameworks import CONTROLS
from support.client import call
from support.constants import ACCOUNT, DAY, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup import FakeBackup

HOUR = timedelta(hours=1)
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
SYSTEM = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-63c74e66"
AIR_GAPPED: Any = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"

pytestmark = [pytest.mark.fake_backup(region=REGION), pytest.mark.frozen(NOW)]


def control(name: str, scope: Any = None, **parameters: str) -> dict[str, Any]:
    """A control."""
    given = [{"ParameterName": each, "ParameterValue": value} for each, value in parameters.items()]
    return {
        "ControlName": name,
        "ControlInputParameters": given,
        **({} if scope is None else {"ControlScope": scope}),
    }


def framework(*of: dict[str, Any], name: str = "audit", **parameters: Any) -> str:
    """Make a framework; return its ARN."""
    made = call("CreateFramework", FrameworkName=name, FrameworkControls=list(of), **parameters)
    return str(made["FrameworkArn"])


def report(backup: FakeBackup, template: str = "RESOURCE", **setting: Any) -> list[dict[str, Any]]:
    """The items of a compliance report that is made now."""
    name = f"report_{len(backup.report_jobs)}"
    template = f"{template}_COMPLIANCE_REPORT"
    call(
        "CreateReportPlan",
        ReportPlanName=name,
        ReportDeliveryChannel={"S3BucketName": "bucket", "Formats": ["JSON"]},
        ReportSetting={"ReportTemplate": template, **setting},
    )
    job_id = call("StartReportJob", ReportPlanName=name)["ReportJobId"]
    backup.report_jobs[job_id].complete()
    (text,) = backup.reports[job_id].values()
    found: list[dict[str, Any]] = json.loads(text)["reportItems"]
    return found


def judged(backup: FakeBackup, *of: dict[str, Any]) -> dict[str, str]:
    """What a control finds, by the id of the resource."""
    framework(*of)
    return {each["resourceId"]: each["resourceComplianceStatus"] for each in report(backup)}


def backup_plan(arn: str, **rule: Any) -> str:
    """Make a backup plan that selects a resource; return its id."""
    made = call(
        "CreateBackupPlan",
        BackupPlan={
            "BackupPlanName": f"of_{arn[-6:]}",
            "Rules": [{"RuleName": "rule", "TargetBackupVaultName": "Daily", **rule}],
        },
    )
    call(
        "CreateBackupSelection",
        BackupPlanId=made["BackupPlanId"],
        BackupSelection={"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [arn]},
    )
    return str(made["BackupPlanId"])


ORDERS, FILES = "AWS::DynamoDB::Table/orders", "AWS::EFS::FileSystem/fs-63c74e66"
GOOD, BAD = "COMPLIANT", "NON_COMPLIANT"


def _ages(backup: FakeBackup) -> None:
    backup.add_recovery_point(ResourceArn=TABLE, CreationDate=NOW - 5 * HOUR)
    backup.add_recovery_point(ResourceArn=SYSTEM, CreationDate=NOW - 25 * HOUR)


def _gapped(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="gapped", VaultType=AIR_GAPPED)
    for arn, name, age in (
        (TABLE, "gapped", HOUR),
        (SYSTEM, "gapped", 2 * DAY),
        (SYSTEM, "Daily", HOUR),
    ):
        backup.add_recovery_point(ResourceArn=arn, BackupVaultName=name, CreationDate=NOW - age)


def _planned(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Daily")
    backup_plan(TABLE)
    backup.add_resource(SYSTEM)


def _locks(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="locked", MinRetentionDays=7, MaxRetentionDays=30)
    backup.add_recovery_point(ResourceArn=TABLE, BackupVaultName="locked")
    backup.add_recovery_point(ResourceArn=SYSTEM, BackupVaultName="open")


def _copies(backup: FakeBackup) -> None:
    backup.add_recovery_point(ResourceArn=TABLE)
    backup.add_recovery_point(ResourceArn=SYSTEM)
    away = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    away.add_recovery_point(ResourceArn=TABLE)


def _copying(backup: FakeBackup) -> None:
    backup.add_vault(BackupVaultName="Daily")
    vault = f"arn:aws:backup:{OTHER_REGION}:{OTHER_ACCOUNT}:backup-vault:Away"
    backup_plan(TABLE, CopyActions=[{"DestinationBackupVaultArn": vault}])
    backup_plan(SYSTEM)


def _restores(backup: FakeBackup) -> None:
    for arn, age, minutes in ((TABLE, 3, 30), (TABLE, 4, 800), (SYSTEM, 3, 61)):
        created = NOW - age * DAY
        backup.add_restore_job(
            SourceResourceArn=arn,
            CreationDate=created,
            CompletionDate=created + timedelta(minutes=minutes),
        )


AGE = {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "6"}


class TestResources:
    @pytest.mark.parametrize(
        ("of", "arrange"),
        [
            (control("BACKUP_LAST_RECOVERY_POINT_CREATED"), _ages),
            (control("BACKUP_LAST_RECOVERY_POINT_CREATED", **AGE), _ages),
            (control("RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT"), _gapped),
            (control("RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT", **AGE), _gapped),
            (control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN"), _planned),
            (control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK"), _locks),
            (
                control(
                    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
                    minRetentionDays="7",
                    maxRetentionDays="30",
                ),
                _locks,
            ),
            (control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION"), _copies),
            (control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT"), _copies),
            (control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION"), _copying),
            (control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT"), _copying),
            (
                control(
                    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION",
                    crossRegionList=f"eu-north-1, {OTHER_REGION}",
                ),
                _copies,
            ),
            (
                control(
                    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT",
                    crossAccountList=OTHER_ACCOUNT,
                ),
                _copying,
            ),
            (
                control("RESTORE_TIME_FOR_RESOURCES_MEET_TARGET", maxRestoreTime="60"),
                _restores,
            ),
        ],
    )
    def test_one_complies(
        self, backup: FakeBackup, of: dict[str, Any], arrange: Callable[[FakeBackup], None]
    ) -> None:
        """Of a table and a file system, the table complies.

        [documented: guide, controls; what is read into them assumed]
        """
        arrange(backup)
        assert judged(backup, of) == {ORDERS: GOOD, FILES: BAD}

    @pytest.mark.parametrize(
        ("of", "arrange"),
        [
            (
                control(
                    "BACKUP_LAST_RECOVERY_POINT_CREATED",
                    recoveryPointAgeUnit="hours",
                    recoveryPointAgeValue="4",
                ),
                _ages,
            ),
            (
                control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK", minRetentionDays="8"),
                _locks,
            ),
            (
                control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK", maxRetentionDays="29"),
                _locks,
            ),
            (
                control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION", crossRegionList="eu-north-1"),
                _copying,
            ),
            (
                control(
                    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT", crossAccountList="999999999999"
                ),
                _copies,
            ),
            (control("RESTORE_TIME_FOR_RESOURCES_MEET_TARGET", maxRestoreTime="29"), _restores),
        ],
    )
    def test_none_complies(
        self, backup: FakeBackup, of: dict[str, Any], arrange: Callable[[FakeBackup], None]
    ) -> None:
        """With other parameters, neither does."""
        arrange(backup)
        assert judged(backup, of) == {ORDERS: BAD, FILES: BAD}

    @pytest.mark.parametrize(
        "name", ["BACKUP_LAST_RECOVERY_POINT_CREATED", "RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT"]
    )
    def test_what_is_to_come(self, backup: FakeBackup, name: str) -> None:
        """A recovery point that is dated in the future has no age yet."""
        backup.add_vault(BackupVaultName="gapped", VaultType=AIR_GAPPED)
        for arn, age in ((TABLE, HOUR), (SYSTEM, -5 * DAY)):
            backup.add_recovery_point(
                ResourceArn=arn, BackupVaultName="gapped", CreationDate=NOW - age
            )
        assert judged(backup, control(name)) == {ORDERS: GOOD, FILES: BAD}

    @pytest.mark.parametrize(
        "scope",
        [
            {"ComplianceResourceIds": ["orders"]},
            {"ComplianceResourceIds": [TABLE]},
            {"ComplianceResourceTypes": ["DynamoDB", "RDS"]},
            {"ComplianceResourceTypes": ["AWS::DynamoDB::Table"]},
            {"Tags": {"stage": "prod"}},
            {"Tags": {"stage": ""}},
        ],
    )
    def test_scope(self, backup: FakeBackup, scope: dict[str, Any]) -> None:
        """A control's scope says which resources are subject to it [documented: model]."""
        backup.add_resource(TABLE, {"stage": "prod"})
        backup.add_resource(SYSTEM, {"team": "prod"})
        of = control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", scope)
        assert judged(backup, of) == {ORDERS: BAD}

    def test_what_lies_elsewhere(self, backup: FakeBackup) -> None:
        """Resources of another account or Region, and of unknown types, are not subject to it."""
        backup.add_recovery_point(ResourceArn=TABLE.replace(REGION, OTHER_REGION))
        backup.at(region=OTHER_REGION).add_resource(SYSTEM)
        backup.add_recovery_point(ResourceArn="arn:aws:sns:us-east-1:123456789012:topic")
        assert judged(backup, control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN")) == {}


class TestPoints:
    def test_encrypted(self, backup: FakeBackup) -> None:
        """A recovery point is encrypted, or not."""
        good = backup.add_recovery_point(IsEncrypted=True)
        bad = backup.add_recovery_point(IsEncrypted=False)
        assert judged(backup, control("BACKUP_RECOVERY_POINT_ENCRYPTED")) == {
            f"AWS::Backup::RecoveryPoint/{good.arn}": GOOD,
            f"AWS::Backup::RecoveryPoint/{bad.arn}": BAD,
        }

    @pytest.mark.parametrize(
        ("parameters", "days"), [({}, 35), ({"requiredRetentionDays": "7"}, 7)]
    )
    def test_retention(self, backup: FakeBackup, parameters: dict[str, str], days: int) -> None:
        """A recovery point is kept for so many days, 35 by default, or for ever."""
        lives: list[Any] = [{"DeleteAfterDays": days}, {"DeleteAfterDays": days - 1}, None]
        kept = [backup.add_recovery_point(Lifecycle=each).arn for each in lives]
        of = control("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", **parameters)
        found = judged(backup, of)
        assert [found[f"AWS::Backup::RecoveryPoint/{arn}"] for arn in kept] == [GOOD, BAD, GOOD]


class TestPlans:
    @pytest.mark.parametrize(
        ("rule", "status"),
        [
            ({"ScheduleExpression": "cron(0 5 ? * * *)"}, GOOD),
            ({"Lifecycle": {"DeleteAfterDays": 35}}, GOOD),
            ({"Lifecycle": {"DeleteAfterDays": 34}}, BAD),
            ({"Lifecycle": {"DeleteAfterDays": -1}}, GOOD),
            ({"ScheduleExpression": "cron(0 5 ? * MON-FRI *)"}, BAD),
            ({"ScheduleExpression": "cron(0 5 1 1 ? 2030)"}, BAD),
        ],
    )
    def test_frequency_and_retention(
        self, backup: FakeBackup, rule: dict[str, Any], status: str
    ) -> None:
        """A rule runs daily at least, and keeps for 35 days at least, by default."""
        backup.add_vault(BackupVaultName="Daily")
        plan_id = backup_plan(TABLE, **rule)
        found = judged(backup, control("BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"))
        assert found == {f"AWS::Backup::BackupPlan/{plan_id}": status}

    def test_parameters(self, backup: FakeBackup) -> None:
        """Both can be asked for in other numbers."""
        backup.add_vault(BackupVaultName="Daily")
        weekly = "cron(0 5 ? * MON *)"
        backup_plan(TABLE, ScheduleExpression=weekly, Lifecycle={"DeleteAfterDays": 14})
        name = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"
        unit = {"requiredFrequencyUnit": "days"}
        found = [
            set(
                judged_as(
                    backup,
                    str(number),
                    control(
                        name,
                        requiredFrequencyValue=str(number),
                        requiredRetentionDays="14",
                        **unit,
                    ),
                )
            )
            for number in (6, 7)
        ]
        assert found == [{BAD}, {GOOD}]


def judged_as(backup: FakeBackup, number: str, of: dict[str, Any]) -> list[str]:
    """What a control of a framework of its own finds."""
    arn = framework(of, name=f"audit_{number}")
    return [each["resourceComplianceStatus"] for each in report(backup, FrameworkArns=[arn])]


class TestReports:
    def test_controls(self, backup: FakeBackup) -> None:
        """A report on controls counts the resources of each; its items are AWS's.

        [documented: guide, report templates]
        """
        backup.add_recovery_point(IsEncrypted=True)
        backup.add_recovery_point(IsEncrypted=False)
        scope = {"ComplianceResourceTypes": ["RDS"]}
        framework(
            control("BACKUP_RECOVERY_POINT_ENCRYPTED"),
            control("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", requiredRetentionDays="35"),
            control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", scope),
            control("BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"),
            FrameworkDescription="mine",
        )
        found = report(backup, "CONTROL")
        head = {
            "accountId": ACCOUNT,
            "region": REGION,
            "frameworkName": "audit",
            "frameworkDescription": "mine",
        }
        first = {
            **head,
            "controlName": "BACKUP_RECOVERY_POINT_ENCRYPTED",
            "controlComplianceStatus": "NON_COMPLIANT",
            "lastEvaluationTime": "2024-03-15T13:30:15.250Z",
            "numResourcesCompliant": 1,
            "numResourcesNonCompliant": 1,
            "controlFrequency": "Twelve_Hours",
            "controlScope": "{}",
            "controlParameters": "{}",
        }
        assert found[0] == first
        assert list(found[0]) == list(first)
        told = [
            (each["controlComplianceStatus"], each["controlScope"], each["controlParameters"])
            for each in found[1:]
        ]
        assert told == [
            ("COMPLIANT", "{}", '{"requiredRetentionDays":"35"}'),
            ("INSUFFICIENT_DATA", '{"ComplianceResourceTypes":["RDS"]}', "{}"),
            ("NOT_EVALUATED", "{}", "{}"),
        ]

    def test_resources(self, backup: FakeBackup) -> None:
        """A report on resources has an item for each; its items are AWS's.

        [documented: guide, report templates]
        """
        backup.add_resource(SYSTEM)
        framework(control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN"))
        [item] = report(backup)
        wanted = {
            "accountId": ACCOUNT,
            "region": REGION,
            "frameworkName": "audit",
            "frameworkDescription": "",
            "controlName": "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
            "resourceId": "AWS::EFS::FileSystem/fs-63c74e66",
            "resourceType": "AWS::EFS::FileSystem",
            "resourceComplianceStatus": "NON_COMPLIANT",
            "lastEvaluationTime": "2024-03-15T13:30:15.250Z",
        }
        assert item == wanted
        assert list(item) == list(wanted)

    @pytest.mark.parametrize(
        "of",
        [
            control("BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"),
            control("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", requiredRetentionDays="many"),
            control("BACKUP_LAST_RECOVERY_POINT_CREATED", recoveryPointAgeUnit="weeks"),
        ],
    )
    def test_not_evaluated(self, backup: FakeBackup, of: dict[str, Any]) -> None:
        """What is not evaluated, or has parameters that cannot be read, says so."""
        backup.add_recovery_point(ResourceArn=TABLE)
        assert judged(backup, of) == {None: "NOT_EVALUATED"}

    def test_frameworks(self, backup: FakeBackup) -> None:
        """A report covers the frameworks that it names, or all [assumed]."""
        backup.add_resource(TABLE)
        names = ("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", "BACKUP_LAST_RECOVERY_POINT_CREATED")
        arns = [framework(control(each), name=each.lower()) for each in names]
        for covered in (names, names[1:], names[:1]):
            setting: Any = {"FrameworkArns": [arns[names.index(each)] for each in covered]}
            found = report(backup, **({} if covered == names else setting))
            assert [each["controlName"] for each in found] == list(covered)


def test_every_control() -> None:
    """Each of AWS's controls is evaluated but for one."""
    assert set(CONTROLS) - set(controls._CONTROLS) == {
        "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"
    }
    assert set(controls._CONTROLS) <= set(CONTROLS)


@pytest.mark.parametrize("changes", ["2025-03-08", "2025-11-01"])
@pytest.mark.parametrize(
    ("expression", "hours"),
    [("cron(0 5 * * ? *)", 24), ("cron(0 0,12 * * ? *)", 12), ("cron(0 * * * ? *)", 1)],
)
def test_daylight_saving(backup: FakeBackup, changes: str, expression: str, hours: int) -> None:
    """A change of the clocks is no gap in a schedule, nor does it make one smaller."""
    backup.add_vault(BackupVaultName="Daily")
    name = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"
    with freeze_time(changes):
        backup_plan(
            TABLE, ScheduleExpression=expression, ScheduleExpressionTimezone="America/New_York"
        )
        found = [
            judged_as(
                backup,
                str(each),
                control(name, requiredFrequencyUnit="hours", requiredFrequencyValue=str(each)),
            )
            for each in (hours, hours - 1)
        ]
    assert found == [[GOOD], [BAD]]
