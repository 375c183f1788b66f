"""The table of AWS's known texts: what each row gives, who uses it, and what fail() makes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

import fakebackup
from fakebackup import known_errors
from fakebackup.errors import invalid_parameter
from fakebackup.known_errors import IN_RULE, TABLE, in_rule, known_or_own
from support.botocore_model import declared, known, model, takes
from support.client import call, refused
from support.conformance import NUMBERS, SERVICE_WIDE, check_refusal
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup

pytestmark = pytest.mark.fake_backup(region=REGION)

NAMES = {id(each): name for name, each in vars(known_errors).items()}
EVIDENCE = re.compile(r"(documented|recorded|reported|assumed)\b")
INVALID: Final = "InvalidParameterValueException"
MISSING = "MissingParameterValueException"
NOT_FOUND, REQUEST = "ResourceNotFoundException", "InvalidRequestException"


def name_of(row: Any) -> str:
    """What a row of the table is called in the code."""
    return NAMES[id(row)]


@pytest.mark.parametrize("row", TABLE, ids=name_of)
def test_every_row(row: known_errors.KnownError) -> None:
    """A row has its source and a public number or none, and makes an error of its arguments."""
    assert EVIDENCE.match(row.evidence)
    assert row.code in {*SERVICE_WIDE, *(shape.name for shape in model().error_shapes)}
    assert row.number is None or int(row.number.removeprefix("ERROR_")) in NUMBERS
    arguments = [f"argument {number}" for number in range(row.text.count("{}"))]
    assert row.in_context <= len(arguments)
    error = row.error(*arguments)
    assert error.message == row.text.format(*arguments)
    assert (error.code, error.number, error.status) == (row.code, row.number, row.status)
    assert row.status == (403 if row.code == "AccessDeniedException" else 400)
    forms = {0: None, 1: "argument 0", 2: '["argument 0","argument 1"]'}
    assert error.context == forms[row.in_context]


def test_the_texts_differ() -> None:
    """No text stands in the table twice."""
    assert len({row.text for row in TABLE}) == len(TABLE)


FOR_TESTS = {
    "DENIED_BY_IDENTITY": "the fake has no IAM",
    "NOT_IN_REGION": "the fake's Regions are alike",
    "ROLE_MAY_NOT_LOOK": "the fake has no IAM",
}
"""The rows that may be for the texts of `fail()` alone, each with the reason."""


def test_rows_are_used() -> None:
    """A row is answered by some operation, or there is a reason why it is not."""
    package = Path(fakebackup.__file__).parent
    texts = [
        path.read_text("utf-8") for path in package.rglob("*.py") if path.name != "known_errors.py"
    ]
    unused = {name for name in map(name_of, TABLE) if not any(name in text for text in texts)}
    assert unused - {"IN_RULE"} <= set(FOR_TESTS)


def test_texts_are_in_the_table_alone() -> None:
    """No module but the table spells one of its texts, nor a number of an error."""
    package = Path(fakebackup.__file__).parent
    for path in package.rglob("*.py"):
        if path.name == "known_errors.py":
            continue
        # A text may be broken over lines.
        text = re.sub(r'"\s*\n\s*f?"', "", path.read_text("utf-8"))
        for row in TABLE:
            longest = max(row.text.split("{}"), key=len)
            if len(longest) > 25:
                assert longest not in text, f"{path.name} has the text of {name_of(row)}"
        assert not re.search(r'"ERROR_\d', text), path.name


class TestFail:
    """A failure whose text the table has gets its number and context; others have none."""

    @pytest.mark.parametrize(
        ("operation", "message", "number", "context"),
        [
            (
                "CreateBackupSelection",
                f"IAM Role {ROLE} is not authorized to call tag:GetResources",
                "ERROR_3018",
                ROLE,
            ),
            (
                "CreateBackupPlan",
                "Error in rule Daily : Something else.",
                "ERROR_3015",
                '["Daily","Something else."]',
            ),
            ("CreateBackupPlan", "Something else.", None, None),
        ],
    )
    def test_a_text(
        self,
        backup: FakeBackup,
        operation: Any,
        message: str,
        number: str | None,
        context: str | None,
    ) -> None:
        """Number and context are those that AWS was seen to give [reported: awslambda #1]."""
        backup.fail(operation, code=INVALID, message=message, whole_call=True)
        shape: Any = model().operation_model(operation).input_shape
        asked = {
            name: "id" if each.type_name == "string" else LEAST[name]
            for name, each in shape.members.items()
            if name in shape.required_members
        }
        error = refused(backup, operation, **asked)
        assert error["Message"] == message
        assert (error.get("Code"), error.get("Context")) == (number, context)
        check_refusal(operation, error)

    def test_the_exception_must_be_the_same(self) -> None:
        """A known text with another exception is the test's own."""
        error = known_or_own(REQUEST, "Cannot find recovery point.", 400)
        assert (error.code, error.number) == (REQUEST, None)
        assert known_or_own(NOT_FOUND, "Cannot find recovery point.", 400).number == "ERROR_2603"


LEAST: dict[str, Any] = {
    "BackupPlan": {"BackupPlanName": "plan", "Rules": []},
    "BackupSelection": {"SelectionName": "name", "IamRoleArn": ROLE},
}


def test_other_exceptions_in_a_rule() -> None:
    """The number of errors in rules was seen with one exception, and goes with no other."""
    inner = known_errors.SELECTS_NOTHING.error()
    outer = in_rule("Daily", inner)
    assert (outer.code, outer.number, outer.context) == (MISSING, None, None)
    assert outer.message == f"Error in rule Daily : {inner.message}"
    outer = in_rule("Daily", invalid_parameter("Wrong."))
    assert (outer.number, outer.context) == (IN_RULE.number, '["Daily","Wrong."]')


# --- Texts that no other file holds ---------------------------------------------------------


class TestPlans:
    @pytest.mark.parametrize(
        "operation",
        [
            "GetBackupPlan",
            "DeleteBackupPlan",
            "UpdateBackupPlan",
            "ListBackupPlanVersions",
            "ListBackupSelections",
            "ExportBackupPlanTemplate",
        ],
    )
    def test_a_missing_plan(self, backup: FakeBackup, operation: str) -> None:
        """AWS speaks of the version, whichever is missing [reported: moto's code and tests]."""
        rule = {"RuleName": "r", "TargetBackupVaultName": "vault"}
        plan = {"BackupPlanName": "plan", "Rules": [rule]}
        more = {"BackupPlan": plan} if takes(operation, "BackupPlan") else {}
        error = refused(backup, operation, BackupPlanId="none", **more)
        text = "Failed reading Backup plan with provided version"
        assert error["Error"] == {"Code": NOT_FOUND, "Message": text}
        assert not {"Code", "Context"} & error.keys()

    def test_a_missing_version(self, backup: FakeBackup) -> None:
        """So does it where the plan is there without that version."""
        rule = {"RuleName": "r", "TargetBackupVaultName": "vault"}
        plan = call("CreateBackupPlan", BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
        asked = {"BackupPlanId": plan["BackupPlanId"], "VersionId": "none"}
        error = refused(backup, "GetBackupPlan", **asked)
        assert error["Message"] == "Failed reading Backup plan with provided version"


def test_an_unknown_event(backup: FakeBackup) -> None:
    """It is refused with the list of those that there are.

    [reported: cloudformation-coverage-roadmap #1188]
    """
    backup.add_vault(BackupVaultName="vault")
    asked = {"SNSTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"}
    events = ["BACKUP_JOB_COMPLETED", "BACKUP_JOB_DONE"]
    error = refused(
        backup,
        "PutBackupVaultNotifications",
        BackupVaultName="vault",
        BackupVaultEvents=events,
        **asked,
    )
    assert error["Error"]["Code"] == INVALID
    head = "Please select from the following list of notifications BACKUP_JOB_STARTED, "
    assert error["Message"].startswith(head)
    for name in model().shape_for("BackupVaultEvent").enum:  # type: ignore[attr-defined]  # it has one
        assert name in error["Message"]


class TestReportPlans:
    @pytest.mark.parametrize(
        "several",
        [
            {"Accounts": [ACCOUNT]},
            {"OrganizationUnits": ["ou-1"]},
            {"Regions": [REGION]},
            {"Accounts": ["ROOT"], "Regions": ["*"]},
        ],
    )
    @pytest.mark.parametrize(
        "template", ["RESOURCE_COMPLIANCE_REPORT", "CONTROL_COMPLIANCE_REPORT"]
    )
    @pytest.mark.parametrize("operation", ["CreateReportPlan", "UpdateReportPlan"])
    def test_frameworks_and_accounts(
        self, backup: FakeBackup, operation: str, template: str, several: dict[str, Any]
    ) -> None:
        """A compliance report has frameworks or several accounts and Regions, not both.

        [reported: terraform #32235]
        """
        if not takes("CreateReportPlan", "ReportSetting") or not setting_has(*several):
            pytest.skip("the installed botocore has no such settings")
        channel = {"S3BucketName": "bucket"}
        asked: dict[str, Any] = {"ReportPlanName": "plan", "ReportDeliveryChannel": channel}
        frameworks = [f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:one-1"]
        if operation == "UpdateReportPlan":
            fine = {"ReportTemplate": template, "FrameworkArns": frameworks}
            call("CreateReportPlan", **asked, ReportSetting=fine)
        setting = {"ReportTemplate": template, "FrameworkArns": frameworks, **several}
        error = refused(backup, operation, **asked, ReportSetting=setting)
        assert error["Error"] == {
            "Code": INVALID,
            "Message": (
                "Invalid parameter: For multi-account, multi-Region reports, use Accounts, "
                "OrganizationUnits and Regions"
            ),
        }
        assert not {"Code", "Context"} & error.keys()
        call(operation, **asked, ReportSetting={"ReportTemplate": template, **several})


def setting_has(*names: str) -> bool:
    """Whether the installed botocore knows members of a report's setting."""
    shape: Any = model().shape_for("ReportSetting")
    return set(names) <= set(shape.members)


class TestLifecycles:
    """Their texts are the same outside of rules.

    [reported: lgallard #61; terraform PR #7350 for which of two comes first]
    """

    @pytest.mark.parametrize(
        ("lifecycle", "text"),
        [
            (
                {"DeleteAfterDays": 0},
                "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days",
            ),
            (
                {"MoveToColdStorageAfterDays": 0, "DeleteAfterDays": 15},
                known_errors.COLD_TOO_SHORT.text,
            ),
            (
                {"MoveToColdStorageAfterDays": 36501},
                known_errors.DAYS_OUT_OF_BOUNDS.text.format("MoveToColdStorageAfterDays"),
            ),
        ],
    )
    def test_texts(self, backup: FakeBackup, lifecycle: dict[str, int], text: str) -> None:
        """StartBackupJob and UpdateRecoveryPointLifecycle refuse a lifecycle in these words."""
        point = backup.add_recovery_point(BackupVaultName="vault")
        named = {"BackupVaultName": "vault", "RecoveryPointArn": point.arn}
        error = refused(backup, "UpdateRecoveryPointLifecycle", **named, Lifecycle=lifecycle)
        assert error["Error"] == {"Code": INVALID, "Message": text}
        asked = {"BackupVaultName": "vault", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
        error = refused(backup, "StartBackupJob", **asked, Lifecycle=lifecycle)
        assert error["Error"] == {"Code": INVALID, "Message": text}


VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"


def test_what_starting_a_backup_refuses(backup: FakeBackup) -> None:
    """An unsupported resource, a role that is none, a vault's name that is none.

    [reported: aws-sdk-go-v2 #1912, terraform's provider, aws-cdk #8685]
    """
    backup.add_vault(BackupVaultName="vault")
    asked = {"BackupVaultName": "vault", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
    for given, text in (
        ({"ResourceArn": topic}, f"Unsupported resource type: {topic}"),
        ({"IamRoleArn": "role"}, "IAM Role role cannot be assumed by AWS Backup"),
        ({"BackupVaultName": "Random Backups"}, "Backup vault name Random Backups is not valid"),
    ):
        error = refused(backup, "StartBackupJob", **asked | given)
        assert error["Error"] == {"Code": INVALID, "Message": text}
        assert not {"Code", "Context"} & error.keys()


def test_every_error_here_is_declared() -> None:
    """An exception in the table is one that some operation of the model declares."""
    codes = {code for name in model().operation_names for code in declared(name)}
    assert {row.code for row in TABLE} <= codes | SERVICE_WIDE
    assert known("GetBackupPlan")


def test_a_failure_in_a_region_without_audit_manager(backup: FakeBackup) -> None:
    """The recipe's text is the table's [reported: prowler #4576]."""
    text = "This API is not available in current Region."
    assert known_errors.NOT_IN_REGION.text == text
    backup.fail("ListFrameworks", code="AccessDeniedException", message=text, whole_call=True)
    with pytest.raises(ClientError, match=text) as caught:
        call("ListFrameworks")
    metadata: Any = caught.value.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 403
