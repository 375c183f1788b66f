"""What is wrong inside a rule of a plan, whatever finds it, is told as "Error in rule NAME : ...".

[reported: aws-cdk #8685 of a vault's name, lgallard/terraform-aws-backup #40 and #61 of lifecycles,
which have the number and both parts as context; the rest by the same rule]
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ParamValidationError

from fakebackup.model.shapes.requests import MAY_BE_EMPTY
from support.botocore_model import known, model, sends
from support.client import call, refused
from support.constants import ACCOUNT, REGION
from support.requests_from_model import Values

if TYPE_CHECKING:
    from fakebackup import FakeBackup

pytestmark = pytest.mark.fake_backup(region=REGION)

RULE: dict[str, Any] = {"RuleName": "Daily", "TargetBackupVaultName": "vault"}
FINE: dict[str, Any] = {"RuleName": "fine", "TargetBackupVaultName": "vault"}
OPERATIONS = ("CreateBackupPlan", "UpdateBackupPlan", "GetBackupPlanFromJSON")
INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
DAYS = "cannot be less than 1 or more than 36500 days"
APART = (
    "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from "
    "MoveToColdStorageAfterDays"
)

VAULTS = "arn:aws:backup:us-east-1:123456789012:backup-vault:"


def asked(operation: str, *rules: dict[str, Any]) -> dict[str, Any]:
    """The parameters of an operation with a plan of some rules, the plan to update made."""
    plan = {"BackupPlanName": "plan", "Rules": list(rules)}
    if operation == "GetBackupPlanFromJSON":
        return {"BackupPlanTemplateJson": json.dumps(plan)}
    if operation == "CreateBackupPlan":
        return {"BackupPlan": plan}
    made = call("CreateBackupPlan", BackupPlan={"BackupPlanName": "old", "Rules": [FINE]})
    return {"BackupPlan": plan, "BackupPlanId": made["BackupPlanId"]}


def check(error: dict[str, Any], name: str, code: str, text: str | None = None) -> None:
    """Hold an error to the form of errors in a rule."""
    message = error["Message"]
    head = f"Error in rule {name} : "
    assert message.startswith(head)
    inner = message.removeprefix(head)
    assert inner
    assert "Error in rule" not in inner, "it is told once"
    assert text is None or inner == text
    assert error["Error"]["Code"] == code
    if code == INVALID:
        context = json.dumps([name, inner], separators=(",", ":"), ensure_ascii=False)
        assert (error["Code"], error["Context"]) == ("ERROR_3015", context)
    else:
        assert not {"Code", "Context"} & error.keys()


@pytest.mark.parametrize("operation", OPERATIONS)
class TestEveryOperation:
    @pytest.mark.parametrize(
        ("members", "text"),
        [
            (
                {"TargetBackupVaultName": "Random Backups"},
                "Backup vault name Random Backups is not valid",
            ),
            ({"Lifecycle": {"DeleteAfterDays": 0}}, f"Invalid lifecycle. DeleteAfterDays {DAYS}"),
            (
                {"Lifecycle": {"DeleteAfterDays": 36501}},
                f"Invalid lifecycle. DeleteAfterDays {DAYS}",
            ),
            (
                {"Lifecycle": {"MoveToColdStorageAfterDays": 0, "DeleteAfterDays": 100}},
                f"Invalid lifecycle. MoveToColdStorageAfterDays {DAYS}",
            ),
            ({"Lifecycle": {"MoveToColdStorageAfterDays": 0, "DeleteAfterDays": 15}}, APART),
            ({"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119}}, APART),
            (
                {
                    "CopyActions": [
                        {
                            "DestinationBackupVaultArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:"
                            "backup-vault:there",
                            "Lifecycle": {"DeleteAfterDays": 0},
                        }
                    ]
                },
                f"Invalid lifecycle. DeleteAfterDays {DAYS}",
            ),
        ],
    )
    def test_awss_words(
        self, backup: FakeBackup, operation: str, members: dict[str, Any], text: str
    ) -> None:
        """Names of vaults and lifecycles are refused in AWS's words.

        [reported: aws-cdk #8685, lgallard #61; terraform PR #7350 for the order of the two]
        """
        parameters = asked(operation, FINE, {**RULE, **members})
        check(refused(backup, operation, **parameters), "Daily", INVALID, text)

    @pytest.mark.parametrize(
        ("members", "code"),
        [
            ({"RuleName": "no rule!"}, INVALID),
            ({"RuleName": ""}, MISSING),
            ({"RuleName": "r" * 51}, INVALID),
            ({"TargetBackupVaultName": ""}, MISSING),
            ({"ScheduleExpression": "rate(1 day)"}, INVALID),
            ({"ScheduleExpressionTimezone": "Mars/Olympus"}, INVALID),
            ({"StartWindowMinutes": 1}, INVALID),
            ({"CompletionWindowMinutes": 52_560_001}, INVALID),
            ({"CopyActions": [{"DestinationBackupVaultArn": "vault"}]}, INVALID),
            ({"CopyActions": [{"DestinationBackupVaultArn": VAULTS + "Random Backups"}]}, INVALID),
            ({"CopyActions": [{"DestinationBackupVaultArn": VAULTS + "A"}]}, INVALID),
            ({"CopyActions": [{"DestinationBackupVaultArn": ""}]}, MISSING),
            ({"RecoveryPointTags": {"aws:mine": "1"}}, INVALID),
            ({"IndexActions": [{"ResourceTypes": ["RDS"]}]}, INVALID),
            ({"IndexActions": [{"ResourceTypes": ["!"]}]}, INVALID),
            ({"ScanActions": [{"MalwareScanner": "NONE"}]}, INVALID),
            ({"TargetLogicallyAirGappedBackupVaultArn": "vault"}, INVALID),
            ({"TargetLogicallyAirGappedBackupVaultArn": ""}, INVALID),
        ],
    )
    def test_whatever_finds_it(
        self, backup: FakeBackup, operation: str, members: dict[str, Any], code: str
    ) -> None:
        """Patterns, enums and bounds of nested members, windows, schedules, tags: all alike."""
        rule = {**RULE, **members}
        if not sends("CreateBackupPlan", {"BackupPlan": {"Rules": [rule]}}):
            pytest.skip("the installed botocore does not know the member")
        parameters = asked(operation, FINE, rule)
        # What is empty in JSON is a bad value of the parameter that holds it.
        code = INVALID if operation == "GetBackupPlanFromJSON" else code
        check(refused(backup, operation, **parameters), rule["RuleName"], code)

    def test_the_first_one_that_is_wrong(self, backup: FakeBackup, operation: str) -> None:
        """Of several rules the first that is wrong is named."""
        wrong = [{**RULE, "RuleName": name, "TargetBackupVaultName": "x"} for name in ("b", "a")]
        check(refused(backup, operation, **asked(operation, FINE, *wrong)), "b", INVALID)

    def test_what_is_wrong_outside(self, backup: FakeBackup, operation: str) -> None:
        """What is wrong with the plan itself names no rule."""
        parameters = asked(operation)
        error = refused(backup, operation, **parameters)
        assert "Error in rule" not in error["Message"]
        assert not {"Code", "Context"} & error.keys()


def broken_rules() -> list[Any]:
    """Every way to break a member of a rule, at every depth, that the installed model has."""
    shape: Any = model().shape_for("BackupRuleInput")
    values = Values("CreateBackupPlan", {**RULE, "ConditionKey": "k", "Tags": {"a": "b"}})
    return [
        pytest.param({**RULE, name: value}, id=f"{name} {how}")
        for name, inner in shape.members.items()
        for how, value in [
            *values.breaks(name, inner),
            *([("empty", "")] if name in shape.required_members else []),
        ]
        if name != MAY_BE_EMPTY.get(shape.name)
    ]


@pytest.mark.parametrize("rule", broken_rules())
def test_every_break_that_the_model_knows(backup: FakeBackup, rule: dict[str, Any]) -> None:
    """A member added to rules later is told alike: those of the installed model all are."""
    parameters = asked("CreateBackupPlan", rule)
    try:
        error = refused(backup, "CreateBackupPlan", **parameters)
    except ParamValidationError:
        pytest.skip("botocore does not send it")
    check(error, rule["RuleName"], error["Error"]["Code"])


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ({"RuleName": "Daily"}, "Daily"),
        ({**RULE, "Lifecycle": {"DeleteAfterDays": "ten"}}, "Daily"),
        ({**RULE, "Lifecycle": []}, "Daily"),
        ({**RULE, "CopyActions": [{}]}, "Daily"),
        ({**RULE, "NoSuchMember": 1}, "Daily"),
        ({**RULE, "StartWindowMinutes": None}, "Daily"),
        ({"TargetBackupVaultName": "vault"}, ""),
        ({**RULE, "RuleName": 5}, "5"),
    ],
)
def test_what_botocore_would_not_send(backup: FakeBackup, rule: Any, name: str) -> None:
    """In JSON a rule may be wrong in ways that no client sends: it is told alike."""
    parameters = asked("GetBackupPlanFromJSON", FINE, rule)
    check(refused(backup, "GetBackupPlanFromJSON", **parameters), name, INVALID)


@pytest.mark.parametrize("rules", ["rules", None, {}, ["rule"], [None]])
def test_json_without_rules(backup: FakeBackup, rules: Any) -> None:
    """What is no list of rules is refused as a plan's fault."""
    text = json.dumps({"BackupPlanName": "plan", "Rules": rules})
    error = refused(backup, "GetBackupPlanFromJSON", BackupPlanTemplateJson=text)
    assert error["Error"]["Code"] == INVALID
    assert "Error in rule" not in error["Message"]


def test_a_name_with_other_letters(backup: FakeBackup) -> None:
    """The context is JSON text without blanks, its letters as they are."""
    rule = {**RULE, "RuleName": "T\u00e4glich"}
    error = refused(backup, "CreateBackupPlan", **asked("CreateBackupPlan", rule))
    check(error, "T\u00e4glich", INVALID)
    assert "T\u00e4glich" in error["Context"]


def test_operations_with_rules() -> None:
    """The installed model has a rule in no other operation's parameters."""
    found = {
        name
        for name in model().operation_names
        if "BackupRuleInput" in reached(model().operation_model(name).input_shape)
    }
    assert found == {"CreateBackupPlan", "UpdateBackupPlan"}
    assert all(known(name) for name in OPERATIONS)


def reached(shape: Any, before: frozenset[str] = frozenset()) -> set[str]:
    """The names of the shapes that a shape holds, itself included."""
    if shape is None or shape.name in before:
        return set()
    inside = {
        "structure": lambda: list(shape.members.values()),
        "list": lambda: [shape.member],
        "map": lambda: [shape.key, shape.value],
    }.get(shape.type_name, list)()
    return {shape.name}.union(*(reached(each, before | {shape.name}) for each in inside))
