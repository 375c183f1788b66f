"""What a request may hold at every depth, judged by the shapes of the installed model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakebackup.errors import AwsError
from fakebackup.model.shapes.requests import request_reader
from support.botocore_model import known, model

if TYPE_CHECKING:
    from collections.abc import Callable

RULE = {"RuleName": "rule", "TargetBackupVaultName": "vault"}
CONDITION = {"ConditionType": "STRINGEQUALS", "ConditionKey": "key", "ConditionValue": "value"}
INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"


def reader(operation: str) -> Callable[[Any], Any]:
    """The check of an operation's parameters."""
    return request_reader(model().operation_model(operation), also={}, documented={}, at_most={})


def plan(**members: Any) -> Any:
    """A backup plan with a rule that has members."""
    return {"BackupPlan": {"BackupPlanName": "plan", "Rules": [{**RULE, **members}]}}


def selection(**members: Any) -> Any:
    """A backup selection with a condition that has members."""
    told = {"SelectionName": "name", "IamRoleArn": "role", "ListOfTags": [{**CONDITION, **members}]}
    return {"BackupPlanId": "id", "BackupSelection": told}


def framework(*ids: str) -> Any:
    """A framework with a control of some resources."""
    control = {"ControlName": "name", "ControlScope": {"ComplianceResourceIds": list(ids)}}
    return {"FrameworkName": "name", "FrameworkControls": [control]}


def access(count: int) -> Any:
    """An access point with tags."""
    tags = {f"key-{number}": "" for number in range(count)}
    return {"Name": "name", "RecoveryPointArn": "arn:aws:backup:r:1:it", "Tags": tags}


BROKEN = [
    ("CreateBackupPlan", plan(RuleName=""), MISSING, "RuleName is missing"),
    ("CreateBackupPlan", plan(RuleName="r!"), INVALID, "RuleName 'r!' is not valid"),
    ("CreateBackupPlan", plan(TargetBackupVaultName="v"), INVALID, "vault name v is not valid"),
    ("CreateBackupPlan", plan(RecoveryPointTags={}, RuleName=""), MISSING, "RuleName"),
    ("CreateBackupSelection", selection(ConditionKey=""), MISSING, "ListOfTags.ConditionKey"),
    ("CreateBackupSelection", selection(ConditionType="LIKE"), INVALID, "ListOfTags.ConditionType"),
    ("CreateFramework", framework(), INVALID, "from 1 to 100 entries"),
    ("CreateFramework", framework(*"a" * 101), INVALID, "from 1 to 100 entries"),
    ("CreateBackupAccessPoint", access(201), INVALID, "Tags has from 0 to 200 entries"),
]
FINE = [
    ("CreateBackupPlan", plan()),
    ("CreateBackupPlan", plan(ScheduleExpression="", RecoveryPointTags={"a": ""})),
    ("CreateBackupSelection", selection()),
    ("CreateFramework", framework("a")),
    ("CreateFramework", framework(*"a" * 100)),
    ("CreateBackupAccessPoint", access(0)),
    ("CreateBackupAccessPoint", access(200)),
]


@pytest.mark.parametrize(("operation", "asked", "code", "text"), BROKEN)
def test_what_is_broken_inside(operation: str, asked: Any, code: str, text: str) -> None:
    """Nested texts, enums, patterns and sizes are judged like those at the top, and named."""
    if not known(operation):
        pytest.skip("the installed botocore has no such operation")
    with pytest.raises(AwsError) as caught:
        reader(operation)(asked)
    assert caught.value.code == code
    assert text in caught.value.message


@pytest.mark.parametrize(("operation", "asked"), FINE)
def test_what_is_fine_inside(operation: str, asked: Any) -> None:
    """What the model allows is handed on as it is, as a copy."""
    if not known(operation):
        pytest.skip("the installed botocore has no such operation")
    read = reader(operation)(asked)
    assert read == asked
    nested = [name for name, value in asked.items() if isinstance(value, (dict, list))]
    assert all(read[name] is not asked[name] for name in nested)
