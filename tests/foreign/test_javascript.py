"""The AWS SDK for JavaScript, in a process of node's, against the server."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.utils import parse_to_aware_datetime

from fakebackup import mock_backup
from foreign import install
from support.botocore_model import known, model, paginated, takes
from support.client import full_answer, full_pages
from support.constants import ACCOUNT, NOW, REGION
from support.world import input_shape, seed, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup, Server

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.skipif(bool(install.missing()), reason=install.missing()),
]

TOKENS = ("IdempotencyToken", "CreatorRequestId", "ClientToken")


def ask(environment: dict[str, str], *steps: dict[str, Any]) -> list[Any]:
    """What the SDK gets for some steps, one after the other; without one, the SDK's names."""
    done = subprocess.run(
        ["node", "ask.mjs"],  # noqa: S607  found in the path, as tox found it
        cwd=install.FOLDER,
        env={**os.environ, **environment},
        input=json.dumps(steps, default=sent_date),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout, object_hook=dates)
    return found


def sent_date(value: datetime) -> dict[str, str]:
    """A date as the script takes it, in milliseconds, as JavaScript has them."""
    return {"$date": value.astimezone(timezone.utc).isoformat(timespec="milliseconds")}


def dates(value: dict[str, Any]) -> Any:
    """A date as the script prints it, as a datetime; anything else as it is."""
    return parse_to_aware_datetime(value["$date"]) if "$date" in value else value


@pytest.fixture(scope="module")
def names() -> set[str]:
    """What the SDK exports."""
    return set(ask({}))


@pytest.fixture
def world() -> Iterator[tuple[FakeBackup, Server]]:
    """A fake that holds some of all there is, more than one of each kind of job, and its server."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup, backup.serve() as server:
        backup.add_backup_jobs(3)
        backup.add_copy_jobs(3)
        backup.add_restore_jobs(3)
        backup.add_report_jobs(3)
        seed(backup)
        backup.backend.calls.clear()
        yield backup, server


def commands(names: set[str]) -> list[str]:
    """The operations that both this botocore and the SDK know."""
    found = [name for name in model().operation_names if f"{name}Command" in names]
    assert len(found) > 80
    return found


def instants(shape: Any, value: Any) -> Any:
    """A request with its dates as datetimes, which the SDK takes alone."""
    kind = shape.type_name
    if kind == "structure":
        return {name: instants(shape.members[name], each) for name, each in value.items()}
    if kind == "list":
        return [instants(shape.member, each) for each in value]
    return parse_to_aware_datetime(value) if kind == "timestamp" else value


@functools.cache
def members() -> set[str]:
    """The members of all structures that the SDK knows."""
    models = install.FOLDER / "node_modules/@aws-sdk/client-backup/dist-types/models"
    texts = [path.read_text("utf-8") for path in models.glob("models_*.d.ts")]
    return set(re.findall(r"^\s+(\w+)\??:", "\n".join(texts), re.MULTILINE))


def is_known(shape: Any, value: Any) -> bool:
    """Whether the SDK knows all members of a value: one of the two may be newer."""
    if shape.type_name == "structure":
        inner = shape.members
        return all(name in members() and is_known(inner[name], value[name]) for name in value)
    return shape.type_name != "list" or all(is_known(shape.member, each) for each in value)


def sendable(operation: str, parameters: dict[str, Any]) -> bool:
    """Whether the SDK sends a request as it is: it refuses labels that are empty."""
    shape: Any = input_shape(operation)
    return is_known(shape, parameters) and all(
        shape.members[name].serialization.get("location") != "uri" or value
        for name, value in parameters.items()
    )


def test_every_request_is_read(world: tuple[FakeBackup, Server], names: set[str]) -> None:
    """Each variant of each operation's requests is a call with the parameters that were sent."""
    backup, server = world
    steps, expected = [], []
    for operation in commands(names):
        shape = input_shape(operation)
        variants = [] if shape is None else [v.value for v in values(operation).forms("", shape)]
        for variant in variants or [{}]:
            if shape is not None and not sendable(operation, variant):
                continue
            parameters = {} if shape is None else instants(shape, variant)
            steps.append({"send": operation, "parameters": parameters})
            expected.append((operation, parameters))
    ask(server.environment(), *steps)
    known = commands(names)
    assert {operation for operation, _ in expected} == set(known)
    assert len(steps) > 10 * len(known)
    for call, (operation, parameters) in zip(backup.calls, expected, strict=True):
        assert call.operation == operation
        # Where none is given, the SDK draws one.
        given = {
            name: value
            for name, value in call.parameters.items()
            if name not in TOKENS or name in parameters
        }
        shape = input_shape(operation)
        queried = [
            name
            for name, value in parameters.items()
            if value == [] and shape.members[name].serialization.get("location") == "querystring"
        ]
        assert in_milliseconds(given) == in_milliseconds(
            {name: value for name, value in parameters.items() if name not in queried}
        )


def in_milliseconds(value: Any) -> Any:
    """A value with its dates as JavaScript has them."""
    if isinstance(value, dict):
        return {name: in_milliseconds(each) for name, each in value.items()}
    if isinstance(value, list):
        return [in_milliseconds(each) for each in value]
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value


def test_every_paginator(world: tuple[FakeBackup, Server], names: set[str]) -> None:
    """Its pages are those of botocore: items, dates, and tokens."""
    _, server = world
    asked, expected = [], list[Any]()
    for operation in sorted(paginated()):
        if f"paginate{operation}" not in names:
            continue
        parameters = {
            name: value
            for name, value in values(operation).plain("", input_shape(operation)).items()
            if name not in ("MaxResults", "NextToken")
        }
        try:
            pages = list(full_pages(operation, **parameters, MaxResults=1))
        except ClientError as error:
            expected.append(error.response["Error"]["Code"])
        else:
            for page in pages:
                del page["ResponseMetadata"]
            expected.append(pages)
        asked.append({"paginate": operation, "parameters": parameters})
    found = ask(server.environment(), *asked)
    several = 0
    for step, ours, theirs in zip(asked, expected, found, strict=True):
        told = theirs.get("pages", theirs.get("error"))
        assert without_nothing(told) == without_nothing(ours), step
        several += len(ours) > 1 and not isinstance(ours, str)
    # The SDK lacks a paginator only where it lacks the operation.
    left_out = set(paginated()) - {step["paginate"] for step in asked}
    assert not {f"{operation}Command" for operation in left_out} & names
    assert several > 10


def without_nothing(value: Any) -> Any:
    """A value without members that are empty maps: JavaScript's SDK makes them of nothing."""
    if isinstance(value, dict):
        found = {name: without_nothing(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if each is not None}
    return [without_nothing(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def server(fake_backup_server: Server) -> Server:
    """The server of the test's own fake."""
    return fake_backup_server


def test_errors_by_class(server: Server, backup: FakeBackup, names: set[str]) -> None:
    """Each error of the service is an instance of its class, with its text and status."""
    operations: dict[Any, Any] = {
        error.name: name
        for name in model().operation_names
        for error in model().operation_model(name).error_shapes
        if error.name in names
    }
    assert len(operations) > 8
    steps = []
    for code, operation in operations.items():
        backup.fail(operation, code=code, message=f"{code}!", whole_call=True)
        steps.append({"send": operation, "parameters": values_of(operation)})
    for code, found in zip(operations, ask(server.environment(), *steps), strict=True):
        assert found["error"] == code
        assert sorted(found["classes"]) == sorted(["BackupServiceException", code])
        assert found["message"] == f"{code}!"


def values_of(operation: str) -> Any:
    """The plain request of an operation."""
    shape = input_shape(operation)
    return {} if shape is None else instants(shape, values(operation).plain("", shape))


def test_an_error_that_the_model_raises(server: Server) -> None:
    """What the fake refuses by itself is an error by class, too."""
    [missing, wrong] = ask(
        server.environment(),
        {"send": "DescribeBackupJob", "parameters": {"BackupJobId": "none"}},
        {"send": "ListBackupJobs", "parameters": {"ByState": "NONE"}},
    )
    assert missing["error"] == "ResourceNotFoundException"
    assert missing["message"] == "Cannot find backup job with ID none"
    assert (wrong["error"], wrong["status"]) == ("InvalidParameterValueException", 400)


def test_dates(server: Server, backup: FakeBackup) -> None:
    """They arrive as dates in the query and in the body, and come back as dates."""
    backup.add_backup_jobs(2, CreationDate=[NOW, NOW - timedelta(days=2)])
    span = {"FromDate": NOW - timedelta(days=2), "ToDate": NOW - timedelta(days=1)}
    hold = {"Title": "t", "Description": "d", "RecoveryPointSelection": {"DateRange": span}}
    after = {"ByCreatedAfter": NOW - timedelta(days=1)}
    listed, held = ask(
        server.environment(),
        {"send": "ListBackupJobs", "parameters": after},
        {"send": "CreateLegalHold", "parameters": hold},
    )
    [job] = listed["answer"]["BackupJobs"]
    assert job["CreationDate"] == NOW
    assert held["answer"]["CreationDate"] == NOW
    assert backup.calls[0].parameters == after
    assert backup.calls[1].parameters["RecoveryPointSelection"]["DateRange"] == span


IMPATIENT = {"requestTimeout": 400, "throwOnRequestTimeout": True}

RETRIED: dict[str, tuple[str, dict[str, Any]]] = {
    "throttling": ("ThrottlingException", {}),
    "an error of the service": ("ServiceUnavailable", {}),
    "another one": ("InternalServerError", {}),
    "a closed connection": ("ConnectionClosedError", {}),
    "a body cut short": ("TruncatedBody", {}),
    "no answer": ("ReadTimeoutError", {"requestHandler": IMPATIENT}),
}


@pytest.mark.parametrize("what", RETRIED)
def test_retries(server: Server, backup: FakeBackup, what: str) -> None:
    """The SDK's own retries are attempts of one call, until one is answered, or to their end."""
    code, settings = RETRIED[what]
    backup.add_backup_job()
    backup.fail("ListBackupJobs", code=code, times=2)  # type: ignore[arg-type]
    step = {"send": "ListBackupJobs", "settings": settings}
    [found] = ask(server.environment(), step)
    assert len(found["answer"]["BackupJobs"]) == 1
    assert found["attempts"] == 3
    [call] = backup.calls
    assert (call.attempts, call.error) == (3, None)
    backup.fail("ListBackupJobs", code=code, whole_call=True)  # type: ignore[arg-type]
    [failed] = ask(server.environment(), step)
    assert failed["attempts"] == 3
    assert backup.calls[1].attempts == 3
    assert backup.calls[1].error == code.replace("TruncatedBody", "ConnectionClosedError")


def test_what_is_ours_is_not_retried(backup: FakeBackup) -> None:
    """What the test gets at the end of its block ends the call elsewhere at once."""
    backup.answer("ListBackupJobs", lambda _parameters: 1 / 0)  # type: ignore[arg-type,return-value]
    found: list[Any] = []

    def run() -> None:
        with backup.serve() as server:
            found.extend(ask(server.environment(), {"send": "ListBackupJobs"}))

    with pytest.raises(ZeroDivisionError):
        run()
    [told] = found
    assert (told["error"], told["status"], told["attempts"]) == ("FakeBackupError", 501, 1)
    assert "division by zero" in told["message"]


def test_jobs_that_javascript_starts(server: Server, backup: FakeBackup) -> None:
    """They live in the fake, by the account and Region of the environment."""
    view = backup.at(account_id="111122223333", region="eu-west-1")
    view.add_vault(BackupVaultName="vault")
    start = {
        "BackupVaultName": "vault",
        "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1",
        "IamRoleArn": "arn:aws:iam::111122223333:role/AWSBackup",
    }
    [found] = ask(
        server.environment(account_id="111122223333", region="eu-west-1"),
        {"send": "StartBackupJob", "parameters": start},
    )
    assert list(view.backup_jobs) == [found["answer"]["BackupJobId"]]
    assert known("ListBackupJobs")
    assert takes("ListBackupJobs", "ByState")
    assert full_answer("ListBackupJobs")["BackupJobs"] == []
