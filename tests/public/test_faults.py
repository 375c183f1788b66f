"""Failures that a test injects: what the client retries, and what its caller is told."""

from __future__ import annotations

import functools
import io
import re
import time
import types
import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import boto3
import botocore.endpoint
import botocore.exceptions
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from fakebackup import FakeBackupWarning, mock_backup
from fakebackup.errors import quoted, shortened
from fakebackup.faults import Attempt, Fault, Faults
from fakebackup.hook import retries
from fakebackup.model.resources.arns import Home, Scope
from fakebackup.report import explain
from support.botocore_model import model
from support.hostile import VALUES, Unshowable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakebackup import FakeBackup

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/AWSBackup"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
URL = "https://backup.us-east-1.amazonaws.com/backup-jobs/"
MOST = {"legacy": 4, "standard": 2, "adaptive": 2}
"""How often each retry mode sends again by default."""

FRONT = {
    "ThrottlingException": (400, "Rate exceeded"),
    "InternalServerError": (500, "An internal error occurred."),
    "InternalFailure": (500, "An internal error occurred."),
    "ServiceUnavailable": (503, "Service is unavailable. Please try again."),
    "ServiceUnavailableException": (500, "Service is unavailable. Please try again."),
}
"""What every mode retries, its HTTP status and text."""

REFUSALS = {
    "AccessDeniedException": (403, "Insufficient privileges to perform this action."),
    "ExpiredTokenException": (403, "The security token included in the request is expired"),
    "UnrecognizedClientException": (
        403,
        "The security token included in the request is invalid.",
    ),
    "IncompleteSignature": (
        403,
        "The signature of the request does not conform to AWS standards.",
    ),
    "NotAuthorized": (401, "You are not permitted to perform this action."),
    "OptInRequired": (403, "The AWS access key ID is not subscribed to the service."),
    "RequestExpired": (400, "The request has expired."),
    "MalformedHttpRequestException": (400, "The HTTP request is malformed."),
    "RequestAbortedException": (400, "The request was aborted."),
    "RequestEntityTooLargeException": (413, "The body of the request is too large."),
    "UnknownOperationException": (404, "The requested operation is unknown."),
    "ValidationError": (400, "The input is not valid."),
    "InvalidParameterValueException": (400, "This failure was injected by a test."),
}
"""What no mode retries."""

NETWORK = {
    "EndpointConnectionError": f'Could not connect to the endpoint URL: "{URL}"',
    "ConnectTimeoutError": f'Connect timeout on endpoint URL: "{URL}"',
    "ReadTimeoutError": f'Read timeout on endpoint URL: "{URL}"',
    "ConnectionClosedError": (
        f'Connection was closed before we received a valid response from endpoint URL: "{URL}".'
    ),
}

BY_HAND = (
    " For a code of another name, type backup.answer(operation, function): what raises botocore's "
    "ClientError there is what the code under test gets."
)
"""What the refusal of an unknown code says at its end."""

each_mode = pytest.mark.parametrize("mode", MOST)


@functools.cache
def _session() -> Any:
    return boto3.Session("key", "secret", region_name=REGION)


def client(mode: str = "legacy", service: str = "backup", region: str = REGION, **told: Any) -> Any:
    """A client of its own, since quotas of retries are a client's."""
    settings: Any = {"retries": {"mode": mode, **told}}
    return _session().client(service, region_name=region, config=Config(**settings))


@pytest.fixture
def leftovers_forgotten(backup: FakeBackup) -> Iterator[None]:
    """Failures that are left over at the end are for other tests."""
    yield
    backup.reset()


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What botocore asks to sleep between attempts; it does not."""
    asked: list[float] = []
    stand_in = types.SimpleNamespace(**{**vars(time), "sleep": asked.append})
    monkeypatch.setattr(botocore.endpoint, "time", stand_in)
    return asked


# --- What is retried, and what the caller is told -----------------------------------------------


@each_mode
@pytest.mark.parametrize("code", [*FRONT, *NETWORK, "TruncatedBody"])
def test_one_failure_is_invisible(
    backup: FakeBackup, sleeps: list[float], mode: str, code: Any
) -> None:
    """The client sends again, and its caller sees the answer and one retry."""
    backup.add_backup_job(BackupJobId="one")
    backup.fail("ListBackupJobs", code=code)
    answer = client(mode).list_backup_jobs()
    assert [job["BackupJobId"] for job in answer["BackupJobs"]] == ["one"]
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    (call,) = backup.calls
    assert (call.attempts, call.error, call.items) == (2, None, 1)
    assert sleeps == [0]


@each_mode
@pytest.mark.parametrize("code", FRONT)
@pytest.mark.usefixtures("leftovers_forgotten")
def test_an_answer_that_stays_bad_is_raised(backup: FakeBackup, mode: str, code: Any) -> None:
    """After its last retry the client raises what AWS answered, and says how often it tried."""
    status, text = FRONT[code]
    backup.fail("ListBackupJobs", code=code, times=9)
    with pytest.raises(ClientError) as caught:
        client(mode).list_backup_jobs()
    error = caught.value
    assert str(error) == (
        f"An error occurred ({code}) when calling the ListBackupJobs operation "
        f"(reached max retries: {MOST[mode]}): {text}"
    )
    modelled = code == "ServiceUnavailableException"
    assert type(error).__name__ == (code if modelled else "ClientError")
    metadata: Any = error.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == status
    assert metadata["RetryAttempts"] == MOST[mode]
    assert metadata["HTTPHeaders"]["x-amzn-errortype"].split(":")[0] == code
    (call,) = backup.calls
    assert (call.attempts, call.error) == (MOST[mode] + 1, code)


@each_mode
@pytest.mark.parametrize("code", [*NETWORK, "TruncatedBody"])
@pytest.mark.usefixtures("leftovers_forgotten")
def test_a_network_that_stays_down_is_raised(backup: FakeBackup, mode: str, code: Any) -> None:
    """Botocore's exception comes as itself, with AWS's address; a cut body as a closed one."""
    expected = "ConnectionClosedError" if code == "TruncatedBody" else code
    backup.fail("ListBackupJobs", code=code, times=9)
    with pytest.raises(getattr(botocore.exceptions, expected)) as caught:
        client(mode).list_backup_jobs()
    assert type(caught.value).__name__ == expected
    assert str(caught.value) == NETWORK[expected]
    (call,) = backup.calls
    assert (call.attempts, call.error) == (MOST[mode] + 1, expected)


@each_mode
@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_not_retried(
    backup: FakeBackup, sleeps: list[float], mode: str, code: Any
) -> None:
    """AccessDenied and modelled client errors surface at once."""
    status, text = REFUSALS[code]
    backup.fail("ListBackupJobs", code=code)
    with pytest.raises(ClientError) as caught:
        client(mode).list_backup_jobs()
    assert str(caught.value).endswith(f"the ListBackupJobs operation: {text}")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert backup.calls[0].attempts == 1
    assert sleeps == []


@pytest.mark.parametrize(("mode", "retries"), [("legacy", 0), ("standard", 1), ("adaptive", 1)])
def test_a_timeout_of_the_front_is_retried_as_botocore_says(
    backup: FakeBackup, sleeps: list[float], mode: str, retries: int
) -> None:
    """RequestTimeoutException is transient by its name in the newer modes, and raised in legacy."""
    backup.fail("ListBackupJobs", code="RequestTimeoutException")
    if retries:
        answer: Any = client(mode).list_backup_jobs()
    else:
        with pytest.raises(ClientError, match="RequestTimeoutException") as caught:
            client(mode).list_backup_jobs()
        answer = caught.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 408
    assert answer["ResponseMetadata"]["RetryAttempts"] == retries
    assert sleeps == [0] * retries


@pytest.mark.parametrize(
    ("code", "instead"),
    [
        ("ExpiredToken", "ExpiredTokenException"),
        ("InvalidClientTokenId", "UnrecognizedClientException"),
        ("AuthFailure", "UnrecognizedClientException"),
    ],
)
def test_what_other_services_call_it(backup: FakeBackup, code: Any, instead: str) -> None:
    """A name by which another service refuses credentials is told with AWS Backup's."""
    with pytest.raises(ValueError, match=f"'{code}'; did you mean '{instead}'"):
        backup.fail("ListBackupJobs", code=code)


def test_every_declared_error_can_be_injected(backup: FakeBackup) -> None:
    """Each error that an operation declares surfaces as its class, server faults with 500."""
    made = client(max_attempts=0)
    for shape in model().operation_model("StartBackupJob").error_shapes:
        code: Any = shape.name
        backup.fail("StartBackupJob", code=code, message="no")
        with pytest.raises(getattr(made.exceptions, shape.name)) as caught:
            start(made)
        response: Any = caught.value.response
        assert response["Error"] == {"Message": "no", "Code": shape.name}
        fault = model()._service_description["shapes"][shape.name].get("fault")  # type: ignore[attr-defined]  # not in the stub
        assert response["ResponseMetadata"]["HTTPStatusCode"] == (500 if fault else 400)


def test_message_and_status_are_the_tests_own(backup: FakeBackup) -> None:
    """A text and an HTTP status that are given replace the usual ones."""
    backup.fail("ListBackupJobs", code="AccessDeniedException", message="Go away", status=400)
    with pytest.raises(ClientError, match=r"operation: Go away$") as caught:
        client().list_backup_jobs()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_it_goes_over_the_wire_whatever_the_transport() -> None:
    """With transport="direct" an injected failure is retried all the same."""
    with mock_backup(transport="direct") as fake:
        fake.fail("ListBackupJobs")
        answer = client().list_backup_jobs()
        again = client().list_backup_jobs()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert again["ResponseMetadata"]["RetryAttempts"] == 0


def start(made: Any) -> Any:
    """Start a backup job."""
    return made.start_backup_job(BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE)


@pytest.mark.parametrize("code", ["ThrottlingException", "ReadTimeoutError"])
def test_a_failed_attempt_does_not_run_the_operation(backup: FakeBackup, code: Any) -> None:
    """StartBackupJob that fails twice and then succeeds starts one job."""
    backup.add_vault(BackupVaultName="Default")
    backup.fail("StartBackupJob", code=code, times=2)
    answer = start(client())
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert list(backup.backup_jobs) == [answer["BackupJobId"]]
    assert len([each for each in backup.events if each["detail"]["state"] == "CREATED"]) == 1


@each_mode
def test_a_client_whose_first_call_did_not_fail(
    backup: FakeBackup, sleeps: list[float], mode: str
) -> None:
    """Its later calls fail and are tried again as those of any other client, each once."""
    made = client(mode)
    for _ in range(2):
        assert made.list_backup_jobs()["BackupJobs"] == []
        backup.fail("ListBackupJobs", times=1)
        assert made.list_backup_jobs()["ResponseMetadata"]["RetryAttempts"] == 1
    assert [call.attempts for call in backup.calls] == [1, 2, 1, 2]
    assert sleeps == [0, 0]


# --- Which attempts -----------------------------------------------------------------------------


def failures(made: Any, count: int, operation: str = "ListBackupJobs", **asked: Any) -> str:
    """Which of several calls of a client that does not retry fail: one character each."""
    told = ""
    for _ in range(count):
        try:
            getattr(made, xform_name(operation))(**asked)
        except ClientError as error:  # noqa: PERF203  each call fails or not
            told += str(error.response["Error"]["Code"])[0]
        else:
            told += "."
    return told


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, "T......."),
        ({"times": 3}, "TTT....."),
        ({"after": 2}, "..T....."),
        ({"after": 1, "times": 2}, ".TT....."),
        ({"every": 3}, "..T..T.."),
        ({"every": 3, "times": 1}, "..T....."),
        ({"every": 2, "after": 3}, "....T.T."),
        ({"probability": 0}, "........"),
        ({"probability": 1}, "TTTTTTTT"),
        ({"probability": 1, "times": 2}, "TT......"),
    ],
)
def test_which_attempts_fail(backup: FakeBackup, told: dict[str, Any], expected: str) -> None:
    """`times`, `after`, `every` and `probability` choose among the attempts."""
    backup.fail("ListBackupJobs", **told)
    assert failures(client(max_attempts=0), 8) == expected


def test_a_probability_is_reproducible(backup: FakeBackup) -> None:
    """The same seed fails the same attempts, another one others, and about as many as said."""
    made = client(max_attempts=0)
    told = []
    for seed in (7, 7, 8):
        backup.reset()
        backup.fail("ListBackupJobs", probability=0.3, seed=seed)
        told.append(failures(made, 60))
    assert told[0] == told[1] != told[2]
    assert 9 <= told[0].count("T") <= 27


def test_other_operations_are_spared(backup: FakeBackup) -> None:
    """A failure is of one operation, and waits for it."""
    backup.fail("ListCopyJobs")
    made = client(max_attempts=0)
    assert failures(made, 2) == ".."
    assert failures(made, 2, "ListCopyJobs") == "T."


def test_a_star_is_every_operation(backup: FakeBackup) -> None:
    """With "*" every third attempt fails, whatever it asks, also what another test names."""
    backup.fail("*", every=3, code="AccessDeniedException")
    made = client()
    asked = ["ListBackupJobs", "ListCopyJobs", "ListRestoreJobs", "ListReportJobs"] * 2
    assert "".join(failures(made, 1, each) for each in asked) == "..A..A.."


@pytest.mark.usefixtures("leftovers_forgotten")
def test_a_star_spares_what_does_not_declare_the_error(backup: FakeBackup) -> None:
    """An error that operations declare hits those that declare it, and no other is counted."""
    backup.fail("*", code="DependencyFailureException", after=1, times=9)
    made = client(max_attempts=0)
    backup.add_vault(BackupVaultName="vault")
    for operation in ("ListBackupJobs", "DescribeBackupVault", "GetSupportedResourceTypes"):
        parameters = {"BackupVaultName": "vault"} if operation == "DescribeBackupVault" else {}
        getattr(made, xform_name(operation))(**parameters)
    made.describe_backup_job(BackupJobId=backup.add_backup_job().id)
    with pytest.raises(made.exceptions.DependencyFailureException):
        made.describe_backup_job(BackupJobId="any")
    assert [call.error for call in backup.calls] == [None] * 4 + ["DependencyFailureException"]


@pytest.mark.parametrize("code", [*FRONT, *NETWORK, "TruncatedBody", "AccessDeniedException"])
@pytest.mark.usefixtures("leftovers_forgotten")
def test_a_star_hits_all_with_what_none_declares(backup: FakeBackup, code: Any) -> None:
    """Errors of the service's front, of the network, and those that all declare, hit every one."""
    backup.fail("*", code=code, times=9)
    made = client(max_attempts=0)
    made_of = {"DescribeBackupJob": {"BackupJobId": "any"}, "ListTags": {"ResourceArn": "any"}}
    for operation in ("ListBackupJobs", "GetSupportedResourceTypes", *made_of):
        with pytest.raises((ClientError, botocore.exceptions.BotoCoreError)):
            getattr(made, xform_name(operation))(**made_of.get(operation, {}))
    assert {call.error for call in backup.calls} == {
        "ConnectionClosedError" if code == "TruncatedBody" else code
    }


def test_several_queue_up(backup: FakeBackup) -> None:
    """Failures come in the order they were asked for."""
    backup.fail("ListBackupJobs", code="AccessDeniedException")
    backup.fail("ListBackupJobs", times=2)
    backup.fail("ListBackupJobs", code="InvalidParameterValueException", after=1)
    assert failures(client(max_attempts=0), 6) == "ATT.I."


def test_the_second_page_fails(backup: FakeBackup) -> None:
    """A paginator meets a failure after its first page; resuming is the caller's."""
    backup.add_backup_jobs(5)
    backup.fail("ListBackupJobs", code="AccessDeniedException", after=1)
    pages = client().get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 2})
    following = iter(pages)
    assert len(next(following)["BackupJobs"]) == 2
    with pytest.raises(ClientError, match="AccessDenied"):
        next(following)
    assert [call.error for call in backup.calls] == [None, "AccessDeniedException"]


def test_a_view_fails_calls_of_its_home(backup: FakeBackup) -> None:
    """Through a view only calls of the account and Region that `at` was given fail."""
    here, there = (client(max_attempts=0, region=region) for region in (REGION, "eu-west-1"))
    backup.at(region="eu-west-1").fail("ListBackupJobs", times=3)
    assert failures(here, 3) == "..."
    assert failures(there, 2) == "TT"
    with backup.acting_as("111122223333"):
        assert failures(there, 2) == "T."
    backup.at(account_id="111122223333").fail("*", code="AccessDeniedException", every=2)
    assert failures(here, 2) + failures(there, 2) == "...."
    with backup.acting_as("111122223333") as acting:
        assert failures(here, 2) + failures(there, 2) == ".A.A"
        acting.at(region=REGION).fail("ListBackupJobs")
        assert failures(there, 2) + failures(here, 2) == ".ATA"


@pytest.mark.parametrize(
    "when", [{"ByState": "FAILED"}, lambda asked: asked.get("ByState") == "FAILED"]
)
def test_only_some_parameters_fail(backup: FakeBackup, when: Any) -> None:
    """`when`, a dict or a callable, lets calls with other parameters pass uncounted."""
    backup.fail("ListBackupJobs", when=when, after=1)
    made = client(max_attempts=0)
    assert failures(made, 2) == ".."
    assert failures(made, 2, ByState="COMPLETED") == ".."
    assert failures(made, 3, ByState="FAILED", MaxResults=5) == ".T."


@pytest.mark.parametrize("transport", ["auto", "direct", "wire"])
def test_a_condition_is_asked_once_an_attempt(transport: Any) -> None:
    """A `when` that counts is right: whatever the transport, and whatever failures wait before."""
    asked: list[str] = []

    def every_third(parameters: Any) -> bool:
        asked.append(parameters.get("ByState", "-"))
        return len(asked) % 3 == 0

    with mock_backup(region="us-east-1", transport=transport) as backup:
        backup.fail("ListBackupJobs", when=every_third, every=1)
        made = client(max_attempts=0)
        assert failures(made, 7) == "..T..T."
        assert len(asked) == 7
        # Another failure that is not due is asked besides, and changes nothing.
        backup.fail("ListBackupJobs", code="InternalServerError", after=99)
        assert failures(made, 3) == ".T."
        assert len(asked) == 10
        # The client's retries are attempts of their own.
        del asked[:]
        assert failures(client(max_attempts=3), 4, ByState="FAILED") == "...."
        assert [call.attempts for call in backup.calls][-4:] == [1, 1, 2, 1]
        assert asked == ["FAILED"] * 5
        assert [call.attempts for call in backup.calls][:10] == [1] * 10
        backup.reset()


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_a_condition_may_change_what_it_is_given(transport: Any) -> None:
    """The log has the parameters as the code gave them, and each attempt its own."""
    seen: list[Any] = []

    def spoils(parameters: Any) -> bool:
        seen.append(dict(parameters))
        parameters.clear()
        return True

    with mock_backup(region="us-east-1", transport=transport) as backup:
        backup.fail("ListBackupJobs", when=spoils)
        client(max_attempts=2).list_backup_jobs(ByState="FAILED")
        assert [call.parameters for call in backup.calls] == [{"ByState": "FAILED"}]
    assert seen == [{"ByState": "FAILED"}]


def test_a_whole_call_is_asked_for_once(backup: FakeBackup) -> None:
    """A call that fails as a whole is not asked about again when it is retried."""
    asked: list[Any] = []

    def first(parameters: Any) -> bool:
        asked.append(parameters)
        return len(asked) == 1

    backup.fail("ListBackupJobs", when=first, whole_call=True, times=1)
    assert failures(client(max_attempts=3), 2) == "T."
    assert len(asked) == 1


def test_how_to_fail_always(backup: FakeBackup) -> None:
    """The text of `fail` says how, and so it is: nothing is left over either."""
    told = " ".join((backup.fail.__doc__ or "").split())
    assert "To fail always, pass ``every=1``" in told
    backup.fail("ListBackupJobs", every=1)
    assert failures(client(max_attempts=0), 20) == "T" * 20
    assert backup.backend.faults.left() == []


@each_mode
def test_a_whole_call_fails_whatever_is_retried(backup: FakeBackup, mode: str) -> None:
    """All attempts of one call are hit; the next call is not."""
    backup.fail("ListBackupJobs", whole_call=True)
    made = client(mode)
    with pytest.raises(ClientError, match=f"reached max retries: {MOST[mode]}"):
        made.list_backup_jobs()
    assert made.list_backup_jobs()["BackupJobs"] == []
    assert [call.attempts for call in backup.calls] == [MOST[mode] + 1, 1]


# --- Time ---------------------------------------------------------------------------------------


@each_mode
@pytest.mark.usefixtures("leftovers_forgotten")
def test_retries_do_not_sleep(backup: FakeBackup, sleeps: list[float], mode: str) -> None:
    """Botocore asks to sleep 0 seconds, as often as it sends again."""
    backup.fail("ListBackupJobs", times=9)
    with pytest.raises(ClientError):
        client(mode).list_backup_jobs()
    assert sleeps == [0] * MOST[mode]


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_an_option_lets_them_sleep(sleeps: list[float], mode: str) -> None:
    """With retry_sleeps=True the delays are botocore's own."""
    with mock_backup(retry_sleeps=True) as fake:
        fake.fail("ListBackupJobs", times=2)
        client(mode).list_backup_jobs()
    assert len(sleeps) == 2
    assert all(0 < each < 30 for each in sleeps)


@each_mode
def test_other_services_sleep_as_ever(backup: FakeBackup, sleeps: list[float], mode: str) -> None:
    """A client of another service, used between Backup's retries, keeps its delays."""
    other = client(mode, "sts")
    other.meta.events.register("before-send.sts", _unavailable)
    backup.fail("ListBackupJobs")
    client(mode).list_backup_jobs()
    assert sleeps == [0]
    with pytest.raises(ClientError, match="reached max retries"):
        other.get_caller_identity()
    assert len(sleeps) == MOST[mode] + 1
    assert all(each > 0 for each in sleeps[1:])


def _unavailable(request: Any, **_: object) -> AWSResponse:
    raw: Any = io.BytesIO()
    raw.stream = lambda: iter([b""])
    return AWSResponse(request.url, 503, HTTPHeaders(), raw)


def test_after_the_fake_the_delays_are_botocores(sleeps: list[float]) -> None:
    """A client that the fake answered sleeps again when it is gone."""
    made = client()
    with mock_backup() as fake:
        fake.fail("ListBackupJobs")
        made.list_backup_jobs()
    assert sleeps == [0]
    made.meta.events.register("before-send.backup", _unavailable)
    with pytest.raises(ClientError, match="reached max retries: 4"):
        made.list_backup_jobs()
    assert len(sleeps) == 5
    assert all(each > 0 for each in sleeps[1:])


@pytest.mark.usefixtures("leftovers_forgotten")
def test_adaptive_retries_do_not_hold_back(backup: FakeBackup) -> None:
    """Twenty throttled calls of one adaptive client, which would be slowed down, are not."""
    made = client("adaptive")
    backup.fail("ListBackupJobs", times=20, every=2)
    begun = time.monotonic()
    for _ in range(20):
        made.list_backup_jobs()
    assert time.monotonic() - begun < 10  # held back, it takes about 40 seconds
    assert sum(call.attempts for call in backup.calls) == 39


# --- Refused, and left over ---------------------------------------------------------------------

NO_CHANCE = "probability is from 0 to 1, not "


@pytest.mark.parametrize(
    ("operation", "told", "kind", "message"),
    [
        (
            "ListBackupJob",
            {},
            ValueError,
            "AWS Backup has no operation 'ListBackupJob'; did you mean 'ListBackupJobs'?",
        ),
        ("Nothing", {}, ValueError, "AWS Backup has no operation 'Nothing'."),
        (
            "ListBackupJobs",
            {"code": "Throtling"},
            ValueError,
            "There is no failure 'Throtling'; did you mean 'ThrottlingException'?" + BY_HAND,
        ),
        (
            "ListBackupJobs",
            {"code": "ReadTimeout"},
            ValueError,
            "There is no failure 'ReadTimeout'; did you mean 'ReadTimeoutError'?" + BY_HAND,
        ),
        (
            "*",
            {"code": 503},
            ValueError,
            "There is no failure 503. To choose the HTTP status of an error, pass status=503.",
        ),
        (
            "ListBackupJobs",
            {"when": {"Bystate": "FAILED"}},
            ValueError,
            "ListBackupJobs has no parameter 'Bystate'; did you mean 'ByState'?",
        ),
        (
            "ListBackupJobs",
            {"when": 3},
            TypeError,
            "when takes a dict of parameters, or a callable that is given them, not 3.",
        ),
        (
            "ListBackupJobs",
            {"times": 0},
            ValueError,
            "times is a whole number from 1, not 0. To fail always, pass every=1 and no times.",
        ),
        (
            "ListBackupJobs",
            {"times": True},
            ValueError,
            "times is a whole number from 1, not True. To fail always, pass every=1 and no times.",
        ),
        ("ListBackupJobs", {"after": -1}, ValueError, "after is a whole number from 0, not -1."),
        ("ListBackupJobs", {"every": 0}, ValueError, "every is a whole number from 1, not 0."),
        ("ListBackupJobs", {"probability": 2}, ValueError, "probability is from 0 to 1, not 2."),
        (
            "ListBackupJobs",
            {"every": 2, "probability": 0.5},
            ValueError,
            (
                "every=2 and probability=0.5 are two ways to choose the attempts: choose one of "
                "them. (every=n hits each n-th; probability=p draws for each.)"
            ),
        ),
        (
            "ListBackupJobs",
            {"after": None},
            ValueError,
            "after is a whole number from 0, not None.",
        ),
        *(
            ("ListBackupJobs", {"probability": value}, ValueError, NO_CHANCE + f"{value!r}.")
            for value in (float("nan"), Decimal("NaN"), Decimal("sNaN"), Fraction(3, 2), 10**400)
        ),
        *(
            (
                "ListBackupJobs",
                {"probability": value},
                TypeError,
                f"probability is a number from 0 to 1, not {value!r} ({type(value).__name__}).",
            )
            for value in ("0.5", b"1", True, [1], 1j)
        ),
        (
            "ListBackupJobs",
            {"whole_call": "no"},
            TypeError,
            "whole_call is True or False, not 'no'.",
        ),
        ("ListBackupJobs", {"seed": "1"}, TypeError, "seed is a whole number, not '1' (str)."),
        (
            "ListBackupJobs",
            {"status": 200},
            ValueError,
            "status is the HTTP status of an error, from 400 to 599, not 200.",
        ),
    ],
)
def test_a_failure_that_cannot_be_is_refused(
    backup: FakeBackup, operation: Any, told: dict[str, Any], kind: type[Exception], message: str
) -> None:
    """What is misspelt or cannot be meant is an error that names the near miss; nothing fails."""
    with pytest.raises(kind) as caught:
        backup.fail(operation, **told)
    assert str(caught.value) == message
    assert failures(client(max_attempts=0), 2) == ".."


def test_an_error_that_is_not_declared_is_refused(backup: FakeBackup) -> None:
    """The message names what the operation declares and what the service's front has."""
    with pytest.raises(
        ValueError, match="ListBackupJobs does not answer ConflictException"
    ) as told:
        backup.fail("ListBackupJobs", code="ConflictException")
    for name in (
        *(shape.name for shape in model().operation_model("ListBackupJobs").error_shapes),
        *("ThrottlingException", "AccessDeniedException", "InternalServerError"),
    ):
        assert name in str(told.value)
    assert failures(client(max_attempts=0), 2) == ".."


def left_over(**told: Any) -> list[str]:
    """The warnings on leaving a fake with a failure that hit one call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with mock_backup() as fake:
            fake.fail("ListBackupJobs", **told)
            failures(client(max_attempts=0), 1)
    assert {each.category for each in caught} <= {FakeBackupWarning}
    assert all(each.filename == __file__ for each in caught)
    return [str(each.message) for each in caught]


def test_a_failure_left_over_is_told() -> None:
    """A counted failure that never came gives a warning on leaving."""
    assert left_over(times=2, code="AccessDeniedException") == [
        (
            "1 injected failure never came: AccessDeniedException of ListBackupJobs. "
            "The code under test made fewer matching attempts than the test said."
        )
    ]


def test_thousands_left_over_are_one_line() -> None:
    """Thousands of failures that never came are counted in one warning of one short line."""
    backup = mock_backup().start()
    codes: Any = ("ThrottlingException", "AccessDeniedException", "InternalServerError")
    operations: Any = ("ListBackupJobs", "ListCopyJobs")
    for operation in operations:
        for code in codes:
            for _ in range(1000):
                backup.fail(operation, code=code)
    report = explain(backup.backend).split("Left over:\n")[1].splitlines()
    assert len(report) == 6
    assert report[-1] == "  1000 more"
    with pytest.warns(FakeBackupWarning) as told:
        backup.stop()
    (warning,) = told
    assert str(warning.message) == (
        "6000 injected failures never came: ThrottlingException of ListBackupJobs (1000 times), "
        "AccessDeniedException of ListBackupJobs (1000 times), InternalServerError of "
        "ListBackupJobs (1000 times), 3000 more. The code under test made fewer matching "
        "attempts than the test said."
    )


@pytest.mark.parametrize(
    "code",
    [["ThrottlingException"], {}, None, 7, 10**5000, Unshowable()],
    ids=["a list", "a dict", "None", "a number", "a long one", "no repr"],
)
@pytest.mark.parametrize("operation", ["*", "ListBackupJobs"])
def test_a_code_that_is_no_text(backup: FakeBackup, operation: Any, code: Any) -> None:
    """It is refused as a name that no failure has."""
    shown = re.escape(quoted(code))
    with pytest.raises(ValueError, match=rf"^There is no failure {shown}(: there are |; did you)"):
        backup.fail(operation, code=code)
    assert backup.backend.has_leftovers() is False


HALVES = "..TT.T.TT...T..T...."
"""What hits with a probability of a half, by the default seed."""


@pytest.mark.parametrize("probability", [Decimal("0.5"), Fraction(1, 2), 0.5])
def test_a_probability_of_any_class_of_numbers(backup: FakeBackup, probability: Any) -> None:
    """Each draws alike."""
    backup.fail("ListBackupJobs", probability=probability)
    assert failures(client(max_attempts=0), 20) == HALVES


def test_a_condition_with_a_date_that_cannot_be_shown() -> None:
    """A date is told as it is written, or else as code writes it."""
    value = VALUES["date: in a zone that fails"]()
    backup = mock_backup().start()
    backup.fail("ListBackupJobs", when={"ByCreatedAfter": value})
    with pytest.warns(FakeBackupWarning, match=r"when ByCreatedAfter=datetime\.datetime\(2024, 3"):
        backup.stop()


@pytest.mark.parametrize("name", ["an object", "deep lists"])
def test_a_condition_that_cannot_be_shown(name: str, tmp_path: Path) -> None:
    """The page, the failure report and the end of the fake tell of it all the same."""
    value = VALUES[f"object: {name}"]()
    # Some Pythons show deeper lists than others.
    shown = f"when ByState={shortened(quoted(value), 70)}"
    backup = mock_backup().start()
    backup.fail("ListBackupJobs", when={"ByState": value})
    assert shown in explain(backup.backend)
    assert shown in backup.report(tmp_path / "page.html").read_text("utf-8")
    with pytest.warns(FakeBackupWarning, match=re.escape(shown)):
        backup.stop()


@pytest.mark.parametrize("told", [{"times": 1}, {"every": 3}, {"probability": 0.0}])
def test_a_rate_is_never_left_over(told: dict[str, Any]) -> None:
    """Failures that all came, and those without end, give no warning."""
    assert left_over(**told) == []


def test_reset_forgets_failures(backup: FakeBackup) -> None:
    """After `reset` nothing fails."""
    backup.fail("ListBackupJobs", times=5)
    backup.reset()
    assert failures(client(max_attempts=0), 2) == ".."


# --- Many ---------------------------------------------------------------------------------------


def test_failures_of_other_operations_are_not_looked_at(backup: FakeBackup) -> None:
    """A call asks only failures that may hit its operation, and those only while they wait."""
    asked: list[str] = []

    def when(name: str) -> Any:
        def ask(_parameters: Any) -> bool:
            asked.append(name)
            return True

        return ask

    backup.fail("DescribeBackupJob", when=when("describe"))
    backup.fail("ListBackupJobs", when=when("list"))
    backup.fail("*", code="ResourceNotFoundException", when=when("declared"))
    made = client(max_attempts=0)
    # ListBackupJobs declares no ResourceNotFoundException.
    assert failures(made, 3) == "T.."
    # A spent failure is asked no more.
    assert asked == ["list"]
    assert failures(made, 1, "DescribeBackupJob", BackupJobId="x") == "T"
    with pytest.raises(made.exceptions.ResourceNotFoundException):
        made.describe_backup_job(BackupJobId="x")
    assert asked[1:] == ["describe", "declared"]
    assert not backup.backend.faults.waiting


names_of_faults = st.sampled_from(["ListBackupJobs", "ListCopyJobs", "*", "declared"])
accounts = st.sampled_from(["123456789012", "111122223333"])
regions = st.sampled_from(["us-east-1", "eu-west-1"])


@given(
    told=st.lists(
        st.tuples(
            st.integers(0, 8),
            names_of_faults,
            st.builds(Scope, st.none() | accounts, st.none() | regions),
            st.fixed_dictionaries(
                {"times": st.none() | st.integers(1, 3)},
                optional={"after": st.integers(0, 2), "every": st.integers(1, 3)},
            ),
        ),
        max_size=6,
    ),
    calls=st.lists(
        st.tuples(
            st.sampled_from(["ListBackupJobs", "ListCopyJobs"]), st.builds(Home, accounts, regions)
        ),
        max_size=16,
    ),
)
def test_failures_hit_as_in_a_naive_list(
    told: list[tuple[int, str, Scope, dict[str, Any]]], calls: list[tuple[str, Home]]
) -> None:
    """Whatever was injected and when, each attempt is hit by the first failure that is due."""
    kept, naive = Faults(), []
    for turn, (operation, home) in enumerate(calls):
        for when, name, scope, options in told:
            if when == turn:
                both = [fault(name, scope, **options) for _ in range(2)]
                kept.add(both[0])
                naive.append(both[1])
        matching = [each for each in naive if each.left != 0 and each.may_hit(operation, home)]
        expected = next((each for each in matching if each.hits()), None)
        attempt = Attempt(operation, {}, home, {})
        assert kept.may_hit(attempt) == bool(matching)
        found = kept.take(attempt)
        assert (found and found.code) == (expected and expected.code)
        waiting = [each.code for each in naive if each.left]
        assert [each.code for each in kept.left()] == waiting
        assert bool(kept.waiting) == any(each.left != 0 for each in naive)


def fault(name: str, scope: Scope, times: int | None, after: int = 0, every: int = 1) -> Fault:
    """A failure whose code tells what it is of."""
    possible = {"*": None, "declared": frozenset({"ListCopyJobs"})}.get(name, frozenset({name}))
    code = f"{name}{scope} {times} {after} {every}"
    return Fault(
        operation=name,
        possible=possible,
        code=code,
        error=None,
        left=times,
        after=after,
        when=lambda _: True,
        whole_call=False,
        every=every,
        chance=lambda: True,
        scope=scope,
    )


# --- Threads ------------------------------------------------------------------------------------


def test_threads_consume_each_failure_once(backup: FakeBackup) -> None:
    """Eight threads make ten calls each, forty attempts are throttled, and all counts are exact."""
    made = client(max_attempts=40)
    backup.fail("ListBackupJobs", times=40)

    def call(_number: int) -> int:
        return int(made.list_backup_jobs()["ResponseMetadata"]["RetryAttempts"])

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(call, range(80)))
    assert sum(told) == 40
    assert len(backup.calls) == 80
    assert sum(each.attempts for each in backup.calls) == 120
    assert {each.error for each in backup.calls} == {None}
    assert backup.backend.faults.left() == []


# --- What of botocore's inside it leans on ------------------------------------------------------


@each_mode
def test_botocore_keeps_handlers_by_unique_id(mode: str) -> None:
    """`client.meta.events._emitter._unique_id_handlers` holds the handler of retries by its id."""
    emitter = client(mode).meta.events._emitter
    assert retries._RETRY_ID == "retry-config-backup"
    assert callable(emitter._unique_id_handlers["retry-config-backup"]["handler"])


@each_mode
def test_botocore_finds_handlers_by_prefix(mode: str) -> None:
    """`_emitter._handlers.prefix_search` finds adaptive's ClientRateLimiter, and only there."""
    emitter = client(mode).meta.events._emitter
    found = list(emitter._handlers.prefix_search("before-send.backup.X"))
    owners = [type(getattr(each, "__self__", None)).__name__ for each in found]
    assert (retries._LIMITER in owners) == (mode == "adaptive")


def test_botocore_sleeps_through_its_module() -> None:
    """`botocore.endpoint.time.sleep` is what waits between attempts."""
    assert botocore.endpoint.time.sleep is time.sleep  # type: ignore[attr-defined]  # not in the stub


def test_an_error_like_no_other(backup: FakeBackup) -> None:
    """An error that is near none is refused, and those that there are named."""
    with pytest.raises(ValueError, match=r"^There is no failure 'Quux': there are \w+, ") as caught:
        backup.fail("*", code="Quux")  # type: ignore[arg-type]
    told = str(caught.value).removesuffix(BY_HAND)
    names = told.removesuffix(".").partition("there are ")[2].split(", ")
    assert len(names) == len(set(names))
    for name in names:
        backup.fail("*", code=name, every=1)  # type: ignore[arg-type]
