"""Requests that no client has checked: read from the wire, and judged by the model."""

from __future__ import annotations

import functools
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from fakebackup.errors import AwsError
from fakebackup.model.shapes.received import Received, receiver
from support.botocore_model import every, least_parameters, model, takes
from support.client import client as checking
from support.client import whole
from support.constants import NOW, REGION, ROLE
from support.marks import each_transport
from support.world import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup

pytestmark = pytest.mark.frozen(NOW)

MISSING = "MissingParameterValueException"
INVALID = "InvalidParameterValueException"
RULE = {"RuleName": "rule", "TargetBackupVaultName": "vault"}
START: dict[str, Any] = {
    "BackupVaultName": "vault",
    "ResourceArn": f"arn:aws:ec2:{REGION}:123456789012:volume/vol-1",
    "IamRoleArn": ROLE,
}


@functools.cache
def client() -> Any:
    """A client that does not validate."""
    config = Config(parameter_validation=False)
    return boto3.Session("key", "secret").client("backup", region_name=REGION, config=config)


def refused(operation: str, **parameters: Any) -> tuple[str, str]:
    """The code and the text of what an operation answers to a client that does not validate."""
    with pytest.raises(ClientError) as caught:
        getattr(client(), xform_name(operation))(**parameters)
    metadata = caught.value.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 400
    error = caught.value.response["Error"]
    return str(error["Code"]), str(error["Message"])


def plan(**rule: Any) -> dict[str, Any]:
    """A plan with one rule."""
    return {"BackupPlanName": "plan", "Rules": [rule]}


# --- What is refused --------------------------------------------------------------------------

REFUSED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("StartBackupJob", {}, MISSING, "BackupVaultName is missing"),
    ("StartBackupJob", {"BackupVaultName": "vault"}, MISSING, "ResourceArn is missing"),
    ("StartBackupJob", START | {"ResourceArn": None}, MISSING, "ResourceArn is missing"),
    ("StartBackupJob", START | {"ResourceArn": 5}, INVALID, "ResourceArn is text, not 5"),
    (
        "StartBackupJob",
        START | {"Lifecycle": {"DeleteAfterDays": "7"}},
        INVALID,
        "Lifecycle.DeleteAfterDays is a whole number, not '7'",
    ),
    (
        "StartBackupJob",
        START | {"Lifecycle": {"DeleteAfterDays": True}},
        INVALID,
        "Lifecycle.DeleteAfterDays is a whole number, not True",
    ),
    (
        "StartBackupJob",
        START | {"RecoveryPointTags": {"key": ["value"]}},
        INVALID,
        "RecoveryPointTags.key is text, not ['value']",
    ),
    ("CreateBackupPlan", {}, MISSING, "BackupPlan is missing"),
    ("CreateBackupPlan", {"BackupPlan": {}}, MISSING, "BackupPlan.BackupPlanName is missing"),
    (
        "CreateBackupPlan",
        {"BackupPlan": {"BackupPlanName": "plan"}},
        MISSING,
        "BackupPlan.Rules is missing",
    ),
    (
        "CreateBackupPlan",
        {"BackupPlan": plan(RuleName="rule")},
        MISSING,
        "Error in rule rule : TargetBackupVaultName is missing",
    ),
    (
        "CreateBackupPlan",
        {"BackupPlan": plan(**RULE, StartWindowMinutes=[8])},
        INVALID,
        "Error in rule rule : StartWindowMinutes is a whole number, not [8]",
    ),
    (
        "CreateBackupPlan",
        {"BackupPlan": plan(**RULE, CopyActions=[{}])},
        MISSING,
        "Error in rule rule : CopyActions[0].DestinationBackupVaultArn is missing",
    ),
    ("ListBackupJobs", {"MaxResults": "many"}, INVALID, "MaxResults is a whole number, not 'many'"),
    (
        "ListBackupJobs",
        {"ByState": 5},
        INVALID,
        (
            "ByState '5' is not one of ABORTED, ABORTING, COMPLETED, CREATED, EXPIRED, FAILED, "
            "PARTIAL, PENDING, RUNNING"
        ),
    ),
    (
        "ListBackupVaults",
        {"ByShared": "perhaps"},
        INVALID,
        "ByShared is true or false, not 'perhaps'",
    ),
    (
        "CreateLegalHold",
        {
            "Title": "hold",
            "Description": "hold",
            "RecoveryPointSelection": {"DateRange": {"FromDate": NOW}},
        },
        MISSING,
        "RecoveryPointSelection.DateRange.ToDate is missing",
    ),
)
"""What a client that does not validate sends, and what it is answered."""


@each_transport
@pytest.mark.parametrize(("operation", "parameters", "code", "text"), REFUSED)
def test_what_is_refused(
    backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str, text: str
) -> None:
    """Required members at any depth and types are judged by the fake; nothing changes."""
    if not takes(operation, *parameters):
        pytest.skip("the installed botocore cannot send it")
    backup.add_vault(BackupVaultName="vault")
    before = whole(backup)
    assert refused(operation, **parameters) == (code, text)
    assert whole(backup) == before
    [call] = backup.calls
    assert (call.error, call.attempts) == (code, 1)
    # Besides the token that botocore draws.
    assert {name: call.parameters[name] for name in parameters} == parameters


def required_places(shape: Any, plain: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Where a request has required members in its body: the keys, outermost first."""
    if shape.type_name == "structure" and isinstance(plain, dict):
        for name, each in plain.items():
            located = shape.members[name].serialization.get("location")
            if name in shape.required_members and located is None:
                yield (name,), shape
            for place, inner in required_places(shape.members[name], each):
                yield (name, *place), inner
    elif shape.type_name == "list" and isinstance(plain, list):
        for at, each in enumerate(plain):
            for place, inner in required_places(shape.member, each):
                yield (at, *place), inner


def without(value: Any, place: tuple[Any, ...]) -> Any:
    """Return a request without the member at a place."""
    key, *rest = place
    made: Any = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        made[key] = without(value[key], tuple(rest))
    else:
        del made[key]
    return made


@each_transport
@every(model().operation_names)
def test_each_required_member(backup: FakeBackup, operation: str) -> None:
    """Each required member of each operation, at every depth, is missed by its name."""
    shape: Any = model().operation_model(operation).input_shape
    if shape is None:
        return
    plain = least_parameters(operation) | values(operation).plain("", shape)
    vault = plain.get("BackupVaultName")
    if isinstance(vault, str):
        backup.add_vault(BackupVaultName=vault)
    declared = {error.name for error in model().operation_model(operation).error_shapes}
    expected = MISSING if MISSING in declared else INVALID
    for place, _ in required_places(shape, plain):
        code, text = refused(operation, **without(plain, place))
        assert code == expected, place
        assert text.endswith(f"{place[-1]} is missing"), (place, text)


# --- What is taken ----------------------------------------------------------------------------


@each_transport
def test_what_is_right_is_answered_alike(backup: FakeBackup) -> None:
    """What is right is answered as for a client that validates, dates and lists included."""
    jobs = backup.add_backup_jobs(3, State=["RUNNING", "COMPLETED"])
    asked = {
        "MaxResults": 1,
        "ByState": "RUNNING",
        "ByCreatedAfter": datetime(2024, 3, 1, tzinfo=timezone.utc),
        "ByAccountId": "*",
    }
    first, second = (each.list_backup_jobs(**asked) for each in (client(), checking()))
    assert first["BackupJobs"] == second["BackupJobs"] == [jobs[2]]
    rest = client().list_backup_jobs(**asked, NextToken=first["NextToken"])
    assert rest["BackupJobs"] == [jobs[0]]
    document = {
        "BackupPlanName": "plan",
        "Rules": (RULE | {"RecoveryPointTags": {"a": "b"}},),
        "AdvancedBackupSettings": [
            {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}
        ],
    }
    backup.add_vault(BackupVaultName="vault")
    made = client().create_backup_plan(BackupPlan=document)["BackupPlanId"]
    [rule] = checking().get_backup_plan(BackupPlanId=made)["BackupPlan"]["Rules"]
    assert rule["RecoveryPointTags"] == {"a": "b"}


@each_transport
def test_what_a_query_says_is_text(backup: FakeBackup) -> None:
    """A number as text and one as a number are the same bytes; of several the first counts."""
    jobs = backup.add_backup_jobs(3)
    for size in ("1", 1, [1, 2]):
        assert client().list_backup_jobs(MaxResults=size)["BackupJobs"] == [jobs[2]]
    assert client().list_backup_jobs(ByState=None)["BackupJobs"] == jobs[::-1]
    assert client().list_backup_jobs(ByAccountId=123456789012)["BackupJobs"] == jobs[::-1]


@each_transport
def test_unknown_members_are_ignored(backup: FakeBackup) -> None:
    """What reaches the service and it does not know is ignored, at any depth."""
    backup.add_vault(BackupVaultName="vault")
    job = backup.add_backup_job()
    assert client().list_backup_jobs(Strange=None)["BackupJobs"] == [job]

    def add(params: dict[str, Any], **_: object) -> None:
        body = json.loads(params["body"])
        body["Strange"] = 1
        body["BackupPlan"]["Rules"][0] |= {"Strange": [1], "ScheduleExpression": None}
        params["body"] = json.dumps(body).encode()
        params["url"] += "?strange=1"

    other: Any = boto3.Session("key", "secret").client(
        "backup", region_name=REGION, config=Config(parameter_validation=False)
    )
    other.meta.events.register("before-call.*.*", add)
    made = other.create_backup_plan(BackupPlan=plan(**RULE))["BackupPlanId"]
    [rule] = checking().get_backup_plan(BackupPlanId=made)["BackupPlan"]["Rules"]
    assert rule["RuleName"] == "rule"
    assert "Strange" not in rule


def test_what_botocore_cannot_send(backup: FakeBackup) -> None:
    """What botocore's serialiser does not know is its own error, as against AWS: no call."""
    with pytest.raises(KeyError, match="Strange"):
        client().list_backup_jobs(Strange="x")
    with pytest.raises(KeyError, match="backupJobId"):
        client().describe_backup_job()
    assert not backup.calls


@each_transport
def test_an_injected_failure_comes_first(backup: FakeBackup) -> None:
    """A failure hits a request that is wrong as any other; the log has it as it was given."""
    backup.fail("StartBackupJob", code="AccessDeniedException", when={"BackupVaultName": 5})
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client().start_backup_job(BackupVaultName=5)
    assert refused("StartBackupJob", BackupVaultName=5)[0] == INVALID
    assert [call.parameters["BackupVaultName"] for call in backup.calls] == [5, 5]


@each_transport
def test_an_answer_by_hand_is_given_what_is_right(backup: FakeBackup) -> None:
    """An answer by hand is asked for what is right, with the parameters as they were given."""
    asked: list[Any] = []

    def answer(given: Any) -> dict[str, str]:
        asked.append(given)
        return {"BackupJobId": "one"}

    backup.answer("StartBackupJob", answer)
    assert refused("StartBackupJob", BackupVaultName=5)[0] == INVALID
    assert client().start_backup_job(**START)["BackupJobId"] == "one"
    assert [{name: each[name] for name in START} for each in asked] == [START]


# --- Requests of a server ---------------------------------------------------------------------


def judged(operation: str, path: str = "", query: str = "", body: bytes = b"") -> Any:
    """The parameters of a request, or the code and text of its error."""
    try:
        return receiver(model().operation_model(operation))(Received(path, query, body))
    except AwsError as error:
        return error.code, error.message


JOB = "/backup-jobs/"
REQUESTS: tuple[tuple[str, tuple[Any, ...], Any], ...] = (
    ("DescribeBackupJob", (f"{JOB}a%2Fb%20%C3%A4",), {"BackupJobId": "a/b \u00e4"}),
    ("DescribeBackupJob", (JOB,), {"BackupJobId": ""}),
    ("DescribeBackupJob", (f"/stage{JOB}one",), {"BackupJobId": "one"}),
    ("DescribeBackupJob", ("/elsewhere",), (MISSING, "BackupJobId is missing")),
    (
        "ListBackupJobs",
        (JOB, "state=FAILED&strange=1&maxResults=7"),
        {"ByState": "FAILED", "MaxResults": 7},
    ),
    (
        "ListBackupJobs",
        (JOB, "createdAfter=yesterday"),
        (INVALID, "ByCreatedAfter is a date, not 'yesterday'"),
    ),
    (
        "ListBackupJobs",
        (JOB, "createdAfter=1710500000"),
        {"ByCreatedAfter": datetime(2024, 3, 15, 10, 53, 20, tzinfo=timezone.utc)},
    ),
    (
        "ListBackupJobs",
        (JOB, "createdAfter=2024-03-15T12:53:20%2B02:00"),
        {"ByCreatedAfter": datetime(2024, 3, 15, 10, 53, 20, tzinfo=timezone.utc)},
    ),
    ("ListBackupVaults", ("/backup-vaults/", "shared=true"), {"ByShared": True}),
    ("StartBackupJob", (JOB, "", b"not JSON"), (INVALID, "The body is no JSON: ")),
    ("StartBackupJob", (JOB, "", b"[]"), (INVALID, "The body is no JSON object")),
    ("StartBackupJob", (JOB, "", b"\xff"), (INVALID, "The body is no JSON: ")),
    (
        "StartBackupJob",
        (JOB, "", b"[" * 100_000),
        (INVALID, "The body is no JSON: objects and lists lie"),
    ),
    ("StartBackupJob", (JOB, "", json.dumps(START | {"Strange": [1]}).encode()), START),
    (
        "StartBackupJob",
        (JOB, "", json.dumps(START | {"Lifecycle": "none"}).encode()),
        (INVALID, "Lifecycle is an object, not 'none'"),
    ),
    (
        "CreateBackupPlan",
        (
            "/backup/plans/",
            "",
            json.dumps({"BackupPlan": {"BackupPlanName": "p", "Rules": {}}}).encode(),
        ),
        (INVALID, "BackupPlan.Rules is a list, not {}"),
    ),
    (
        "StartBackupJob",
        (JOB, "", json.dumps(START | {"RecoveryPointTags": ["a"]}).encode()),
        (INVALID, "RecoveryPointTags is an object, not ['a']"),
    ),
)
"""Requests as HTTP carries them: path, query and body; the parameters, or the error."""


@pytest.mark.parametrize(("operation", "request_", "expected"), REQUESTS)
def test_a_request_of_http(operation: str, request_: tuple[Any, ...], expected: Any) -> None:
    """A request is read from its path, query and body, whatever has sent it."""
    found = judged(operation, *request_)
    if isinstance(expected, tuple):
        assert found[0] == expected[0]
        assert found[1].startswith(expected[1])
    else:
        assert found == expected


# --- What it leans on -------------------------------------------------------------------------


def test_clients_tell_whether_they_validate() -> None:
    """A client's _serializer has a _param_validator where it validates, and only there."""
    assert hasattr(checking()._serializer, "_param_validator")
    assert not hasattr(client()._serializer, "_param_validator")


@pytest.mark.usefixtures("backup")
@pytest.mark.parametrize("names", [("ByState", "MaxResults"), ("MaxResults", "ByState")])
def test_the_first_of_two_errors_is_told_whatever_the_order(names: tuple[str, str]) -> None:
    """It is the first in the model's order, which over HTTP is another one [assumed]."""
    wrong: dict[str, Any] = {"ByState": "none", "MaxResults": 1001}
    _, text = refused("ListBackupJobs", **{name: wrong[name] for name in names})
    assert text.startswith("MaxResults")
