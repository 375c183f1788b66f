"""Optional members that are left out: what is created, or was recorded, without one still runs.

The tables have a document with each member that something reads; of each, the installed botocore's
model says which members are optional, and each of these is left out in turn.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from support.answers_from_model import UUID
from support.botocore_model import known, model
from support.client import call, refused
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup

Path = tuple[Any, ...]

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
BUCKET = "arn:aws:s3:::bucket"
ARN = f"arn:aws:backup:{REGION}:{ACCOUNT}:"
VAULT, COPIES, GAPPED = (f"{ARN}backup-vault:{name}" for name in ("Daily", "Copies", "Gapped"))
MADE = "2024-04-01T00:00:00Z"
PLAN_ID = "plan-1"

pytestmark = [
    pytest.mark.fake_backup(region=REGION, progress="immediate", leftovers="ignore"),
    pytest.mark.filterwarnings("ignore::fakebackup.FakeBackupWarning"),
    pytest.mark.skipif(
        not known("CreateRestoreTestingSelection"),
        reason="the installed botocore knows no restore tests",
    ),
]

LIFECYCLE = {
    "DeleteAfterDays": 200,
    "MoveToColdStorageAfterDays": 30,
    "OptInToArchiveForSupportedResources": True,
}
RULE: dict[str, Any] = {
    "RuleName": "rule",
    "TargetBackupVaultName": "Daily",
    "TargetLogicallyAirGappedBackupVaultArn": GAPPED,
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Europe/Berlin",
    "StartWindowMinutes": 60,
    "CompletionWindowMinutes": 600,
    "Lifecycle": LIFECYCLE,
    "RecoveryPointTags": {"a": "b"},
    "CopyActions": [{"Lifecycle": LIFECYCLE, "DestinationBackupVaultArn": COPIES}],
    "EnableContinuousBackup": False,
    "IndexActions": [{"ResourceTypes": ["EBS"]}],
    "ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": "INCREMENTAL_SCAN"}],
}
PLAN = {
    "BackupPlanName": "plan",
    "Rules": [RULE],
    "AdvancedBackupSettings": [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}],
    "ScanSettings": [
        {"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["ALL"], "ScannerRoleArn": ROLE}
    ],
}


def condition(value: str) -> list[dict[str, str]]:
    """A condition of a backup selection."""
    return [{"ConditionKey": "aws:ResourceTag/k", "ConditionValue": value}]


SELECTION = {
    "SelectionName": "selection",
    "IamRoleArn": ROLE,
    "Resources": [VOLUME, "arn:aws:s3:::*"],
    "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "k", "ConditionValue": "v"}],
    "NotResources": ["arn:aws:s3:::other"],
    "Conditions": {
        "StringEquals": condition("v"),
        "StringNotEquals": condition("w"),
        "StringLike": condition("v*"),
        "StringNotLike": condition("w*"),
    },
}
TESTS = {
    "RestoreTestingPlanName": "tests",
    "ScheduleExpression": "cron(0 7 ? * * *)",
    "ScheduleExpressionTimezone": "Europe/Berlin",
    "StartWindowHours": 2,
    "RecoveryPointSelection": {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "ExcludeVaults": [COPIES],
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"],
        "SelectionWindowDays": 20,
    },
}
TESTED = {
    "RestoreTestingSelectionName": "volumes",
    "IamRoleArn": ROLE,
    "ProtectedResourceType": "EBS",
    "ProtectedResourceArns": ["*"],
    "ProtectedResourceConditions": {
        "StringEquals": [{"Key": "aws:ResourceTag/a", "Value": "b"}],
        "StringNotEquals": [{"Key": "aws:ResourceTag/a", "Value": "c"}],
    },
    "RestoreMetadataOverrides": {"encrypted": "false"},
    "ValidationWindowHours": 3,
}
REPORT = {
    "ReportPlanName": "report",
    "ReportPlanDescription": "of all controls",
    "ReportDeliveryChannel": {"S3BucketName": "b", "S3KeyPrefix": "x", "Formats": ["CSV"]},
    "ReportSetting": {
        "ReportTemplate": "CONTROL_COMPLIANCE_REPORT",
        "FrameworkArns": [],
        "NumberOfFrameworks": 1,
        "Accounts": [ACCOUNT],
        "OrganizationUnits": ["ou"],
        "Regions": ["*"],
    },
}
PARAMETERS = {
    "BACKUP_LAST_RECOVERY_POINT_CREATED": {
        "recoveryPointAgeUnit": "days",
        "recoveryPointAgeValue": "1",
    },
    "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK": {"requiredFrequencyUnit": "days"},
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN": {},
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION": {},
}
FRAMEWORK = {
    "FrameworkName": "framework",
    "FrameworkDescription": "some controls",
    "FrameworkControls": [
        {
            "ControlName": control,
            "ControlInputParameters": [
                {"ParameterName": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            "ControlScope": {
                "ComplianceResourceIds": ["vol-1"],
                "ComplianceResourceTypes": ["EBS"],
                "Tags": {"a": "b"},
            }
            if parameters
            else {},
        }
        for control, parameters in PARAMETERS.items()
    ],
}
HOLD = {
    "Title": "hold",
    "Description": "of a volume",
    "RecoveryPointSelection": {
        "VaultNames": ["Daily"],
        "ResourceIdentifiers": [VOLUME],
        "DateRange": {"FromDate": MADE, "ToDate": "2024-04-02T00:00:00Z"},
    },
    "Tags": {"a": "b"},
}
TIERING = {
    "TieringConfigurationName": "low",
    "BackupVaultName": "Daily",
    "ResourceSelection": [
        {"Resources": ["*"], "TieringDownSettingsInDays": 90, "ResourceType": "S3"}
    ],
}

CREATED: dict[str, dict[str, Any]] = {
    "CreateBackupPlan": {"BackupPlan": PLAN},
    "CreateBackupSelection": {"BackupPlanId": PLAN_ID, "BackupSelection": SELECTION},
    "CreateRestoreTestingPlan": {"RestoreTestingPlan": TESTS},
    "CreateRestoreTestingSelection": {
        "RestoreTestingPlanName": "tests",
        "RestoreTestingSelection": TESTED,
    },
    "CreateReportPlan": REPORT,
    "CreateFramework": FRAMEWORK,
    "CreateLegalHold": HOLD,
    "CreateTieringConfiguration": {"TieringConfiguration": TIERING},
}
"""Per operation that creates what runs, or what a run or an evaluation reads, its parameters."""

_OF_PLAN = {
    "BackupPlanId": PLAN_ID,
    "BackupPlanArn": f"{ARN}backup-plan:{PLAN_ID}",
    "VersionId": "version",
    "CreationDate": MADE,
}
_OF_SELECTION = {"SelectionId": "1", "BackupPlanId": PLAN_ID, "CreationDate": MADE}
_OF_TESTS = {"RestoreTestingPlanArn": f"{ARN}restore-testing-plan:tests-1", "CreationTime": MADE}
_OF_TESTED = {"RestoreTestingPlanName": "tests", "CreationTime": MADE}
_OF_REPORT = {"ReportPlanArn": f"{ARN}report-plan:report-1", "CreationTime": MADE}
_OF_FRAMEWORK = {"FrameworkArn": f"{ARN}framework:framework-1", "CreationTime": MADE}
_OF_HOLD = {
    "LegalHoldId": "1",
    "LegalHoldArn": f"{ARN}legal-hold:1",
    "Status": "ACTIVE",
    "CreationDate": MADE,
}
_OF_TIERING = {
    "TieringConfigurationArn": f"{ARN}tiering-configuration:low-{UUID}",
    "CreationTime": MADE,
}
RECORDED: tuple[dict[str, dict[str, Any]], ...] = (
    {
        "GetBackupPlan": {**_OF_PLAN, "BackupPlan": PLAN},
        "ListBackupPlans": {"BackupPlansList": [{**_OF_PLAN, "BackupPlanName": "plan"}]},
    },
    {
        "GetBackupSelection": {**_OF_SELECTION, "BackupSelection": SELECTION},
        "ListBackupSelections": {"BackupSelectionsList": [{**_OF_SELECTION, **SELECTION}]},
    },
    {
        "GetRestoreTestingPlan": {"RestoreTestingPlan": {**_OF_TESTS, **TESTS}},
        "ListRestoreTestingPlans": {"RestoreTestingPlans": [{**_OF_TESTS, **TESTS}]},
    },
    {
        "GetRestoreTestingSelection": {"RestoreTestingSelection": {**_OF_TESTED, **TESTED}},
        "ListRestoreTestingSelections": {"RestoreTestingSelections": [{**_OF_TESTED, **TESTED}]},
    },
    {
        "DescribeReportPlan": {"ReportPlan": {**_OF_REPORT, **REPORT}},
        "ListReportPlans": {"ReportPlans": [{**_OF_REPORT, **REPORT}]},
    },
    {
        "DescribeFramework": {**_OF_FRAMEWORK, **FRAMEWORK},
        "ListFrameworks": {"Frameworks": [{**_OF_FRAMEWORK, **FRAMEWORK}]},
    },
    {
        "GetLegalHold": {**_OF_HOLD, **HOLD},
        "ListLegalHolds": {"LegalHolds": [{**_OF_HOLD, **HOLD}]},
    },
    {
        "GetTieringConfiguration": {"TieringConfiguration": {**_OF_TIERING, **TIERING}},
        "ListTieringConfigurations": {"TieringConfigurations": [{**_OF_TIERING, **TIERING}]},
    },
)
"""Per noun, what Get or Describe answered, and the list."""


# --- What is left out ---------------------------------------------------------------------


def known_part(shape: Any, value: Any) -> Any:
    """What the installed botocore knows of a value."""
    if shape.type_name == "structure":
        members = shape.members
        return {
            name: known_part(members[name], each) for name, each in value.items() if name in members
        }
    if shape.type_name == "list":
        return [known_part(shape.member, each) for each in value]
    return value


def optional(shape: Any, value: Any, path: Path = ()) -> Iterator[Path]:
    """The ways to each optional member of a value."""
    if shape.type_name == "structure":
        for name, each in value.items():
            if name not in shape.required_members:
                yield (*path, name)
            yield from optional(shape.members[name], each, (*path, name))
    elif shape.type_name == "list":
        for number, each in enumerate(value):
            yield from optional(shape.member, each, (*path, number))


def without(value: Any, path: Path) -> Any:
    """A value without the member that a way leads to."""
    left = copy.deepcopy(value)
    inner = left
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return left


NAMES = frozenset({"BackupPlanId", "SelectionId", "FrameworkName", "LegalHoldId", "ReportPlanName"})
"""Members by which an answer tells what it is about: not required either, but always there."""


def cases(table: dict[str, dict[str, Any]], *, answers: bool) -> list[Any]:
    """Each operation of a table whole, and without each optional member, which is named."""
    found = []
    for operation, value in table.items():
        if not known(operation):
            continue
        of = model().operation_model(operation)
        shape = of.output_shape if answers else of.input_shape
        whole = known_part(shape, value)
        found.append(pytest.param(operation, whole, "", id=operation))
        for path in optional(shape, whole):
            if not (answers and (path[-1] in NAMES or whole.keys() == {path[-1]})):
                words = "-".join(map(str, (operation, *path)))
                found.append(pytest.param(operation, without(whole, path), str(path[-1]), id=words))
    return found


# --- What is done with it -----------------------------------------------------------------


@pytest.fixture(autouse=True)
def _account(backup: FakeBackup) -> None:
    """What plans back up, where to, and recovery points that tests restore."""
    for name in ("Daily", "Copies"):
        backup.add_vault(BackupVaultName=name)
    backup.add_vault(BackupVaultName="Gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
    for arn in (VOLUME, BUCKET):
        backup.add_resource(arn, tags={"k": "v", "a": "b"})
    backup.add_recovery_point(BackupVaultName="Daily", ResourceArn=VOLUME)


def run_all(backup: FakeBackup, plan: str) -> None:
    """Run a plan twice, and make reports, which evaluate the controls of frameworks."""
    for _ in range(2):
        backup.run_plan(plan)
    call("StartReportJob", ReportPlanName="report")
    call(
        "CreateReportPlan",
        ReportPlanName="own",
        ReportDeliveryChannel={"S3BucketName": "b"},
        ReportSetting={"ReportTemplate": "CONTROL_COMPLIANCE_REPORT"},
    )
    job = call("StartReportJob", ReportPlanName="own")["ReportJobId"]
    assert backup.reports[job]
    assert {each["State"] for each in backup.backup_jobs.values()} <= {"COMPLETED"}
    assert {each["Status"] for each in backup.report_jobs.values()} == {"COMPLETED"}


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REFUSED = {
    "MalwareScanner": MISSING,
    "ScanMode": MISSING,
    "ScannerRoleArn": MISSING,
    "ConditionKey": MISSING,
    "ConditionValue": MISSING,
    "ParameterName": MISSING,
    "ParameterValue": MISSING,
    "Algorithm": MISSING,
    "IncludeVaults": MISSING,
    "RecoveryPointTypes": MISSING,
    # Of AdvancedBackupSettings.
    "ResourceType": INVALID,
}
"""Members that the model does not require, and without which AWS's code refuses a request."""


@pytest.mark.parametrize(("changed", "value", "left"), cases(CREATED, answers=False))
def test_created(backup: FakeBackup, changed: str, value: dict[str, Any], left: str) -> None:
    """What a client creates without an optional member runs, or it is refused in AWS's way."""
    plan = ""
    for operation in filter(known, CREATED):
        shape: Any = model().operation_model(operation).input_shape
        asked = value if operation == changed else known_part(shape, CREATED[operation])
        asked = {**asked, "BackupPlanId": plan} if "BackupPlanId" in asked else asked
        if operation == changed and left in REFUSED:
            error = refused(backup, operation, **asked)
            assert error["Error"]["Code"] == REFUSED[left]
            return
        plan = call(operation, **asked).get("BackupPlanId", plan)
    run_all(backup, plan)
    assert len(backup.run_restore_testing_plan("tests")) == 1
    assert len(backup.backup_jobs) == 4


def load(backup: FakeBackup, changed: str, value: dict[str, Any]) -> None:
    """Load each noun: of one the answer that is given, of the others what Get answered."""
    for table in RECORDED:
        operation, answer = (changed, value) if changed in table else next(iter(table.items()))
        if known(operation):
            shape: Any = model().operation_model(operation).output_shape
            backup.load(known_part(shape, answer), operation=operation)


DELETED: dict[str, dict[str, str]] = {
    "DeleteBackupSelection": {"BackupPlanId": PLAN_ID, "SelectionId": "1"},
    "DeleteBackupPlan": {"BackupPlanId": PLAN_ID},
    "DeleteRestoreTestingSelection": {
        "RestoreTestingPlanName": "tests",
        "RestoreTestingSelectionName": "volumes",
    },
    "DeleteRestoreTestingPlan": {"RestoreTestingPlanName": "tests"},
    "DeleteReportPlan": {"ReportPlanName": "report"},
    "DeleteFramework": {"FrameworkName": "framework"},
    "DeleteTieringConfiguration": {"TieringConfigurationName": "low"},
}
"""What deletes what was recorded, in an order that AWS allows; a legal hold stays."""


def take_down(backup: FakeBackup) -> None:
    """Delete all that was recorded, and let the events be made that are about it."""
    for operation, parameters in DELETED.items():
        if known(operation):
            call(operation, **parameters)
    last = [each["detail"] for each in backup.events if "Plan" in each["detail-type"]][-1]
    assert (last["backupPlanId"], last["state"]) == (PLAN_ID, "DELETED")


@pytest.mark.parametrize(
    ("changed", "value", "_left"),
    [case for table in RECORDED for case in cases(table, answers=True)],
)
def test_recorded(backup: FakeBackup, changed: str, value: dict[str, Any], _left: str) -> None:
    """What was recorded without an optional member, or is known from a list alone, still runs."""
    load(backup, changed, value)
    if backup.backup_plans[PLAN_ID].get("BackupPlan"):
        run_all(backup, PLAN_ID)
    else:
        for rule in (None, "rule"):
            with pytest.raises(ValueError, match=f"It is not known what rules .*'{PLAN_ID}' has"):
                backup.run_plan(PLAN_ID, rule)
    if changed == "ListRestoreTestingPlans":
        with pytest.raises(ValueError, match=r"It is not known what .*'tests' restores"):
            backup.run_restore_testing_plan("tests")
    else:
        backup.run_restore_testing_plan("tests")
    update: Any = model().operation_model("UpdateBackupPlan").input_shape
    call("UpdateBackupPlan", **known_part(update, {"BackupPlanId": PLAN_ID, "BackupPlan": PLAN}))
    call("CancelLegalHold", LegalHoldId="1", CancelDescription="over")
    call("UpdateReportPlan", ReportPlanName="report", ReportPlanDescription="another")
    window = {"StartWindowHours": 3}
    call("UpdateRestoreTestingPlan", RestoreTestingPlanName="tests", RestoreTestingPlan=window)
    assert call("GetLegalHold", LegalHoldId="1")["Status"] == "CANCELED"
    take_down(backup)


@pytest.mark.parametrize(
    ("changed", "value", "_left"),
    [case for table in RECORDED for case in cases(table, answers=True)],
)
def test_recorded_and_deleted(
    backup: FakeBackup, changed: str, value: dict[str, Any], _left: str
) -> None:
    """What was recorded without an optional member, or is known from a list alone, is deleted."""
    load(backup, changed, value)
    take_down(backup)
