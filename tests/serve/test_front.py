"""The front: whose calls they are, which attempts belong together, and what hits them."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebackup import (
    EndlessWait,
    FakeBackupError,
    FakeBackupWarning,
    OperationNotFaked,
    mock_backup,
)
from fakebackup.serve import front
from fakebackup.serve.wire import HttpRequest
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE
from support.http import PATIENCE, Wire, ask, request, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup, Server
    from support.elsewhere import Elsewhere

pytestmark = [
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT),
    pytest.mark.frozen(NOW),
]


@contextlib.contextmanager
def serving_until(backup: FakeBackup, error: type[BaseException], match: str) -> Iterator[Server]:
    """A server whose block raises an exception at its end."""
    with pytest.raises(error, match=match), backup.serve() as server:
        yield server


START = json.dumps(
    {
        "BackupVaultName": "vault",
        "ResourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1",
        "IamRoleArn": ROLE,
    }
).encode()


def start(**headers: str | None) -> bytes:
    """A request that starts a job."""
    return request("/backup-jobs", method="PUT", body=START, **headers)


# --- Accounts and Regions -------------------------------------------------------------------------


def home(backup: FakeBackup) -> tuple[str, str]:
    """The account and the Region of the last call."""
    return backup.calls[-1].account, backup.calls[-1].region


def test_the_region_is_that_of_the_scope(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Each Region is its own, as for clients in this process."""
    job = backup.at(region=OTHER_REGION).add_backup_job()
    for region, count in ((OTHER_REGION, 1), (REGION, 0)):
        answer = ask(fake_backup_server.url, request(authorization=signature(region=region)))
        assert len(json.loads(answer.body)["BackupJobs"]) == count
        assert home(backup) == (ACCOUNT, region)
    assert job.id


def test_a_key_of_twelve_digits_is_the_account(
    fake_backup_server: Server, backup: FakeBackup
) -> None:
    """It is the account; any other key is the fake's, or that of the open acting_as block."""
    mine, other = signature("AKIAREAL"), signature(OTHER_ACCOUNT)
    for header, account in ((mine, ACCOUNT), (other, OTHER_ACCOUNT)):
        ask(fake_backup_server.url, request(authorization=header))
        assert home(backup) == (account, REGION)
    with backup.acting_as("444455556666"):
        for header, account in ((mine, "444455556666"), (other, OTHER_ACCOUNT)):
            ask(fake_backup_server.url, request(authorization=header))
            assert home(backup) == (account, REGION)


def test_a_key_that_sts_handed_out_here(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Credentials of a role that were fetched in this process act in its account elsewhere."""
    sts: Any = boto3.Session("key", "secret").client("sts", region_name=REGION)
    arn = f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/reader/session"
    keys = {
        "AccessKeyId": "ASIAROLE0000000001",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    with Stubber(sts) as stubber:
        user = {"AssumedRoleId": "AROA0000000000000001:session", "Arn": arn}
        stubber.add_response("assume_role", {"Credentials": keys, "AssumedRoleUser": user})
        role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
        sts.assume_role(RoleArn=role, RoleSessionName="session")
    ask(fake_backup_server.url, request(authorization=signature(keys["AccessKeyId"])))
    assert home(backup) == (OTHER_ACCOUNT, REGION)


def test_a_presigned_url(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Its signature stands in the query, beside the parameters."""
    credential = quote(f"{OTHER_ACCOUNT}/20240315/{OTHER_REGION}/backup/aws4_request", safe="")
    target = f"/backup-jobs/?state=FAILED&X-Amz-Credential={credential}&X-Amz-Signature=00"
    assert ask(fake_backup_server.url, request(target, authorization=None)).status == 200
    assert home(backup) == (OTHER_ACCOUNT, OTHER_REGION)
    assert backup.calls[-1].parameters == {"ByState": "FAILED"}


UNSIGNED: dict[str, tuple[str | None, str, str]] = {
    "none": (None, "MissingAuthenticationToken", "Missing Authentication Token"),
    "an empty one": ("", "MissingAuthenticationToken", "Missing Authentication Token"),
    "a bearer": ("Bearer Credential=a/b/c/backup/aws4_request", "IncompleteSignature", "KEY/DATE"),
    "no credential": ("AWS4-HMAC-SHA256 Signature=00", "IncompleteSignature", "KEY/DATE"),
    "half a scope": ("AWS4-HMAC-SHA256 Credential=a/b/c", "IncompleteSignature", "KEY/DATE"),
    "no region": (signature(region=""), "InvalidSignatureException", "a valid region"),
    "a strange region": (signature(region="r\u00e9gion"), "InvalidSignatureException", "region"),
}


@pytest.mark.parametrize("what", UNSIGNED)
def test_what_is_not_signed_for_aws_backup(
    fake_backup_server: Server, backup: FakeBackup, what: str
) -> None:
    """It is 403, by the name of what is wrong, and no call."""
    header, error, text = UNSIGNED[what]
    answer = ask(fake_backup_server.url, request(authorization=header))
    assert (answer.status, answer.error) == (403, error)
    assert text in json.loads(answer.body)["Message"]
    assert not backup.calls


@pytest.mark.parametrize("service", ["sts", "ec2", "s3", "dynamodb", "lambda"])
def test_a_client_of_another_service(backup: FakeBackup, service: str) -> None:
    """Where AWS_ENDPOINT_URL leads it here, it is told so, and so is the test: once."""
    text = f"A client of '{service}' asked this server, which answers AWS Backup alone. Set "
    match = re.escape(text + "AWS_ENDPOINT_URL_BACKUP")
    methods = {
        "sts": "get_caller_identity",
        "ec2": "describe_volumes",
        "s3": "list_buckets",
        "dynamodb": "list_tables",
        "lambda": "list_functions",
    }
    with serving_until(backup, FakeBackupError, match) as server:
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        made = boto3.client(service, endpoint_url=server.url, region_name=REGION, **keys)  # type: ignore[call-overload]  # any service
        with pytest.raises((ClientError, ResponseParserError), match="501|" + match):
            getattr(made, methods[service])()
    assert not backup.calls


@pytest.mark.parametrize("query", ["X-Amz-Credential=", "a-X-Amz-Credential=b", "X-Amz-Credential"])
def test_a_presigned_url_without_a_credential(fake_backup_server: Server, query: str) -> None:
    """It is not signed."""
    answer = ask(fake_backup_server.url, request(f"/backup-jobs/?{query}", authorization=None))
    assert (answer.status, answer.error) == (403, "MissingAuthenticationToken")


def test_signatures_and_clocks_are_not_checked(
    fake_backup_server: Server, backup: FakeBackup
) -> None:
    """Any date, and any secret."""
    assert (
        ask(fake_backup_server.url, request(authorization=signature(date="19991231"))).status == 200
    )
    assert len(backup.calls) == 1


def test_the_date_is_that_of_the_request(fake_backup_server: Server) -> None:
    """Where the clocks of two processes differ, no client takes its own for wrong."""
    for date, expected in (
        ("20261126T205729Z", "Thu, 26 Nov 2026 20:57:29 GMT"),
        ("99991231T235959Z", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("yesterday", "Fri, 15 Mar 2024 13:30:15 GMT"),
        (None, "Fri, 15 Mar 2024 13:30:15 GMT"),
    ):
        for target in ("/backup-jobs/", "/nothing"):
            answer = ask(fake_backup_server.url, request(target, x_amz_date=date))
            assert answer.headers["date"] == expected


# --- What is wrong with a request -----------------------------------------------------------------

WRONG: dict[str, tuple[bytes, str, str]] = {
    "no JSON": (b"{", "SerializationException", "The body is no JSON"),
    "no object": (b"[]", "SerializationException", "The body is no JSON object"),
    "too deep": (b"[" * 100_000, "SerializationException", "lie more than 100 deep"),
    "a number": (START.replace(b'"vault"', b"5"), "SerializationException", "is text, not 5"),
    "nothing": (b"", "MissingParameterValueException", "is missing"),
    "null": (START.replace(b'"vault"', b"null"), "MissingParameterValueException", "is missing"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_body_that_is_wrong(fake_backup_server: Server, backup: FakeBackup, what: str) -> None:
    """It is 400, told by the model, and logged with what was sent as far as it can be read."""
    body, error, text = WRONG[what]
    answer = ask(fake_backup_server.url, request("/backup-jobs", method="PUT", body=body))
    assert (answer.status, answer.error) == (400, error)
    assert text in json.loads(answer.body)["Message"]
    [call] = backup.calls
    assert (call.operation, call.error, call.attempts) == ("StartBackupJob", error, 1)
    if body.startswith(b'{"'):
        assert call.parameters == json.loads(body)


@pytest.mark.parametrize("query", ["maxResults=many", "createdAfter=yesterday", "maxResults="])
def test_a_query_that_is_wrong(fake_backup_server: Server, query: str) -> None:
    """A text that is no number or date is 400, too."""
    answer = ask(fake_backup_server.url, request(f"/backup-jobs/?{query}"))
    assert (answer.status, answer.error) == (400, "SerializationException")


def test_a_failure_comes_before_what_is_wrong(
    fake_backup_server: Server, backup: FakeBackup
) -> None:
    """A failure hits what is wrong as it hits any request."""
    backup.fail("StartBackupJob")
    wrong = request("/backup-jobs", method="PUT", body=b"[]")
    found = [ask(fake_backup_server.url, wrong).error for _ in range(2)]
    assert found == ["ThrottlingException", "SerializationException"]


TEXTS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12)
PIECES = st.sampled_from(
    ["/", "backup-jobs", "backup-vaults", "tags", "%2F", "%ff", "%", "..", "delete", "a"]
)
CREDENTIAL = f"AWS4-HMAC-SHA256 Credential=a/b/{REGION}/backup/aws4_request"


@settings(max_examples=300)
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"]),
    path=st.lists(PIECES | TEXTS, max_size=6).map("/".join),
    query=st.lists(st.sampled_from(["maxResults=", "X-Amz-Credential=", "&", ";"]) | TEXTS).map(
        "".join
    ),
    header=st.just(CREDENTIAL) | TEXTS,
    body=st.sampled_from([b"", b"{}", b"[]", b'{"a": 1}']) | st.binary(max_size=8),
)
def test_any_request_has_an_answer(
    method: str, path: str, query: str, header: str, body: bytes
) -> None:
    """Whatever is asked is answered, and nothing is raised that the test would get."""
    told = {"host": "127.0.0.1", "authorization": header, "x-amz-date": query}
    http = HttpRequest(method, f"/{path}", query, told, body, closes=False)
    with mock_backup(region=REGION) as backup:
        asked = front.Front(backup.backend)
        reply = asked.reply(http)
    assert 200 <= reply.status < 500
    assert asked.errors == []


# --- Attempts -------------------------------------------------------------------------------------


def attempt(number: int, named: str = "one", **headers: str | None) -> bytes:
    """The n-th attempt of a call."""
    return start(amz_sdk_invocation_id=named, amz_sdk_request=f"attempt={number}; max=3", **headers)


def test_attempts_of_one_call(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Attempts of one id are one call, whose answer each of them may get."""
    backup.add_vault(BackupVaultName="vault")
    backup.fail("StartBackupJob", times=2)
    found = [ask(fake_backup_server.url, attempt(number)).status for number in (1, 2, 3)]
    assert found == [400, 400, 200]
    [call] = backup.calls
    assert (call.attempts, call.error) == (3, None)


def test_what_is_another_call(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Without an id, with another one, or with one that is used again, it is another call."""
    backup.add_vault(BackupVaultName="vault")
    url = fake_backup_server.url
    ask(url, attempt(1))
    others = [
        start(),
        start(),
        attempt(1, "two"),
        attempt(1),
        request("/backup-jobs/", amz_sdk_invocation_id="one", amz_sdk_request="attempt=2"),
        attempt(2, authorization=signature(OTHER_ACCOUNT)),
        attempt(11),  # of the second call of this id
    ]
    for data in others:
        ask(url, data)
    assert [call.attempts for call in backup.calls] == [1, 1, 1, 1, 2, 1, 1]
    # A client that numbers nothing.
    for _ in range(2):
        ask(url, start(amz_sdk_invocation_id="three"))
    assert backup.calls[-1].attempts == 2


def test_a_failure_of_a_whole_call(fake_backup_server: Server, backup: FakeBackup) -> None:
    """It hits every attempt of a call, and not the next call."""
    backup.add_vault(BackupVaultName="vault")
    backup.fail("StartBackupJob", code="ServiceUnavailableException", whole_call=True)
    statuses = [ask(fake_backup_server.url, attempt(number)).status for number in (1, 2, 3)]
    assert statuses == [500, 500, 500]
    assert ask(fake_backup_server.url, attempt(1, "two")).status == 200


def test_calls_are_forgotten_in_time(backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many calls the last ones are remembered, and none after the block."""
    monkeypatch.setattr(front, "MOST_EXCHANGES", 2)
    with backup.serve() as server:
        for named in ("one", "two", "one", "three"):
            ask(server.url, attempt(2, named))
        assert [key[0] for key in server._front._exchanges] == ["one", "three"]
        ask(server.url, attempt(2, "two"))
        ask(server.url, attempt(3, "three"))
        assert [call.attempts for call in backup.calls] == [2, 1, 2, 1]
    assert not server._front._exchanges


# --- Failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("AccessDeniedException", 403),
        ("ExpiredTokenException", 403),
        ("RequestEntityTooLargeException", 413),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
        ("MissingParameterValueException", 400),
    ],
)
def test_an_error_of_aws(
    fake_backup_server: Server, backup: FakeBackup, elsewhere: Elsewhere, code: str, status: int
) -> None:
    """It is answered as over the wire, with its name in the header and its text."""
    backup.fail("DescribeBackupJob", code=code, message="boom")  # type: ignore[arg-type]  # some codes
    found = elsewhere.ask(fake_backup_server.environment(), "DescribeBackupJob", BackupJobId="none")
    assert found.answer["Error"] == {"Code": code, "Message": "boom"}
    assert found.answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert backup.calls[0].error == code


@pytest.mark.parametrize(("status", "seen"), [(None, 400), (403, 403)])
def test_an_error_of_aws_by_hand(
    fake_backup_server: Server, backup: FakeBackup, elsewhere: Elsewhere, status: Any, seen: int
) -> None:
    """What a function raises that answers a call is answered as AWS would, and is no fault."""
    response: Any = {"Error": {"Code": "InvalidSignatureException", "Message": "boom"}}
    if status is not None:
        response["ResponseMetadata"] = {"HTTPStatusCode": status}

    def refuse(_asked: Any) -> Any:
        raise ClientError(response, "ListBackupJobs")

    backup.answer("ListBackupJobs", refuse)
    found = elsewhere.ask(fake_backup_server.environment(), "ListBackupJobs")
    assert found.answer["Error"] == response["Error"]
    assert found.answer["ResponseMetadata"]["HTTPStatusCode"] == seen
    assert [call.error for call in backup.calls] == ["InvalidSignatureException"]
    assert not fake_backup_server._front.errors


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ConnectionClosedError", "ConnectionClosedError"),
        ("TruncatedBody", "ConnectionClosedError"),
    ],
)
def test_a_failure_of_the_network(
    fake_backup_server: Server, backup: FakeBackup, elsewhere: Elsewhere, code: Any, error: str
) -> None:
    """The connection is closed without an answer, or within its body; the next call is answered."""
    backup.fail("ListBackupJobs", code=code)
    environment = fake_backup_server.environment()
    assert elsewhere.ask(environment, "ListBackupJobs").error == error
    assert elsewhere.ask(environment, "ListBackupJobs").error == ""
    assert [call.error for call in backup.calls] == ["ConnectionClosedError", None]


def test_a_body_cut_short(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Half of what the Content-Length says comes, and then the connection breaks."""
    backup.fail("ListBackupJobs", code="TruncatedBody")
    with Wire(fake_backup_server.url) as client:
        client.send(request())
        answer = client.answer(head=True)
        size = int(answer.headers["content-length"])
        assert answer.status == 200
        assert len(client.rest()) == size // 2 > 10


def test_a_connection_that_is_closed(fake_backup_server: Server, backup: FakeBackup) -> None:
    """Not a byte comes."""
    backup.fail("ListBackupJobs", code="ConnectionClosedError")
    with Wire(fake_backup_server.url) as client:
        client.send(request())
        assert client.is_closed()


def test_an_answer_that_does_not_come(backup: FakeBackup) -> None:
    """Nothing comes until the client goes, or the block ends; others are answered meanwhile."""
    arrived = threading.Semaphore(0)

    def when(_parameters: Any) -> bool:
        arrived.release()
        return True

    backup.fail("ListBackupJobs", code="ReadTimeoutError", times=2, when=when)
    ended = contextlib.ExitStack()
    server = ended.enter_context(backup.serve())
    with ended, Wire(server.url) as first, Wire(server.url) as second:
        for client in (first, second):
            client.send(request())
            assert arrived.acquire(timeout=PATIENCE)
            client.socket.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.socket.recv(1)
        assert ask(server.url, request()).status == 200
        first.close()
        thread = server._connections[0][1]
        thread.join()
        second.socket.settimeout(None)
        assert [call.error for call in backup.calls] == [
            "ReadTimeoutError",
            "ReadTimeoutError",
            None,
        ]
        server.__exit__(None, None, None)
        assert second.socket.recv(1) == b""
        server.__enter__()


@pytest.mark.parametrize("code", ["EndpointConnectionError", "ConnectTimeoutError"])
def test_a_failure_that_cannot_be_shown(backup: FakeBackup, code: Any) -> None:
    """What comes before a connection is accepted says so, to the client and to the test."""
    backup.fail("ListBackupJobs", code=code)
    text = f"code='{code}'\\) hit a call over HTTP"
    with serving_until(backup, FakeBackupError, text) as server:
        answer = ask(server.url, request())
        assert (answer.status, answer.error) == (501, "FakeBackupError")
        assert "Use code='ConnectionClosedError'" in json.loads(answer.body)["Message"]
    assert backup.calls[0].error == code


# --- What the test gets ---------------------------------------------------------------------------


def test_a_handler_of_events_raises(backup: FakeBackup) -> None:
    """Its exception is the block's; the client is told that it is ours, and does not retry."""
    backup.add_vault(BackupVaultName="vault")

    @backup.on_event
    def handler(event: Any, _context: Any) -> None:
        raise KeyError(event["detail-type"])

    with serving_until(backup, KeyError, "Backup Job State Change") as server:
        answer = ask(server.url, start())
        assert (answer.status, answer.error) == (501, "FakeBackupError")
        assert json.loads(answer.body)["Message"] == (
            "fakebackup: KeyError('Backup Job State Change')\n"
            "The test gets this at the end of its block of serve()."
        )
        assert ask(server.url, request("/copy-jobs")).status == 200


def test_handlers_run_in_the_servers_thread(fake_backup_server: Server, backup: FakeBackup) -> None:
    """A handler may ask the server that runs it, in another request."""
    backup.add_vault(BackupVaultName="vault")
    found: list[int] = []

    @backup.on_event
    def handler(_event: Any, _context: Any) -> None:
        found.append(ask(fake_backup_server.url, request()).status)

    assert ask(fake_backup_server.url, start()).status == 200
    # Looking at the job moves it: there are events of that, too.
    assert found[0] == 200
    assert set(found) == {200}


def test_an_operation_that_is_not_faked(unfaked: Callable[..., None]) -> None:
    """The client gets 501 by its name, and the test the exception."""
    unfaked("ListBackupJobs")
    # Where the test itself catches it, the fake says so.
    caught = pytest.warns(FakeBackupWarning, match="caught the OperationNotFaked")
    with caught, mock_backup(region=REGION) as backup:
        with serving_until(backup, OperationNotFaked, "does not fake ListBackupJobs") as server:
            answer = ask(server.url, request())
            assert (answer.status, answer.error) == (501, "OperationNotFaked")
            assert "does not fake ListBackupJobs yet" in json.loads(answer.body)["Message"]
        assert backup.calls[0].error == "OperationNotFaked"


def test_an_endless_wait() -> None:
    """A loop elsewhere that nothing ends is ended, and the test told why."""
    with mock_backup(region=REGION, progress="manual") as backup:
        job = backup.add_backup_job(State="RUNNING")
        asked = request(f"/backup-jobs/{job.id}")
        with serving_until(backup, EndlessWait, "told the same unfinished state") as server:
            with Wire(server.url) as client:
                statuses = [client.ask(asked).status for _ in range(1001)]
            assert statuses == [200] * 1000 + [501]


def test_an_answer_by_hand(fake_backup_server: Server, backup: FakeBackup) -> None:
    """It is given the parameters as they were sent, dates as datetimes."""
    asked: list[Any] = []

    def how(parameters: Any) -> dict[str, Any]:
        asked.append(parameters)
        return {"BackupJobs": [{"BackupJobId": "one"}]}

    backup.answer("ListBackupJobs", how)
    target = "/backup-jobs/?maxResults=5&createdAfter=2024-03-15T13%3A00%3A00Z"
    [job] = json.loads(ask(fake_backup_server.url, request(target)).body)["BackupJobs"]
    assert job["BackupJobId"] == "one"
    assert asked[0]["MaxResults"] == 5
    assert asked[0]["ByCreatedAfter"].isoformat() == "2024-03-15T13:00:00+00:00"


def test_outcomes_views_and_events(backup: FakeBackup) -> None:
    """What a test chooses and looks at is the same for a call from elsewhere."""
    other = backup.at(region=OTHER_REGION)
    other.add_vault(BackupVaultName="vault")
    backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
    other.fail("ListBackupJobs")
    there = signature(region=OTHER_REGION)
    with backup.serve() as server, Wire(server.url) as client:
        job_id = json.loads(client.ask(start(authorization=there)).body)["BackupJobId"]
        assert client.ask(request()).status == 200
        assert client.ask(request(authorization=there)).error == "ThrottlingException"
    job = other.backup_jobs[job_id]
    job.run()
    job.complete()
    assert job["State"] == "COMPLETED"
    assert [call.operation for call in other.calls] == ["StartBackupJob", "ListBackupJobs"]
    assert len(backup.calls) == 3
    assert other.events
    assert not backup.at(region=REGION).events
