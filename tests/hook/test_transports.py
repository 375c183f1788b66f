"""Three ways, one answer: in the place of HTTP, as HTTP that botocore parses, and over HTTP."""

from __future__ import annotations

import copy
import functools
import gc
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError
from botocore.history import get_global_history_recorder
from botocore.serialize import RestJSONSerializer
from botocore.utils import parse_to_aware_datetime
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackup, mock_backup, strategies
from fakebackup.model.shapes import text as shapes_text
from fakebackup.operations import operations
from support.botocore_model import every, known, model
from support.conformance import anatomy
from support.constants import ACCOUNT, DAY, NOW, OTHER_ACCOUNT, REGION, TRANSPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from support.elsewhere import Elsewhere

ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSBackup"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = '{"Version": "2012-10-17", "Statement": []}'
AWKWARD = ("", "x", "a/b c%2F?d=e", "Größe \u2603 \U0001f600", '"\\\n')


@functools.cache
def client(region: str = REGION, **config: Any) -> Any:
    """A real client that all tests share; it never retries."""
    told: Any = {"retries": {"max_attempts": 0, "mode": "legacy"}, **config}
    return boto3.Session("key", "secret").client(
        "backup", region_name=region, config=Config(**told)
    )


pytestmark = pytest.mark.frozen(NOW)


def seed(backup: FakeBackup) -> None:
    """Fill a fake with some of all there is: jobs in every state, vaults, points, tags."""
    states: Any = ["COMPLETED", "FAILED", "RUNNING"]
    backup.add_backup_jobs(6, State=states)
    backup.add_copy_jobs(6, State=states)
    backup.add_restore_jobs(6, Status=states)
    backup.add_report_jobs(6, Status=states)
    if known("ListScanJobs"):
        backup.add_scan_jobs(3, State=["COMPLETED", "FAILED", "RUNNING"])
    backup.add_backup_job(StatusMessage=AWKWARD[3], CreationDate=NOW - DAY)
    backup.at(account_id=OTHER_ACCOUNT).add_backup_jobs(2, ResourceType="EFS")
    backup.add_vault(
        BackupVaultName="locked", MinRetentionDays=2, Tags={"team": "a", "Größe": AWKWARD[4]}
    )
    backup.add_vault(BackupVaultName="empty")
    backup.add_recovery_point(
        BackupVaultName="locked",
        RecoveryPointArn=f"arn:aws:ec2:{REGION}::snapshot/snap-1",
        Tags={"b": "1", "a": "2"},
    )


@functools.cache
def pool() -> dict[str, tuple[Any, ...]]:
    """Per parameter, values that mean something to a fake filled by `seed`."""
    with mock_backup() as backup:
        seed(backup)
        points = tuple(point.arn for point in backup.recovery_points.values())
        vaults = tuple(backup.vaults)
        found: dict[str, tuple[Any, ...]] = {
            "BackupJobId": tuple(backup.backup_jobs),
            "CopyJobId": tuple(backup.copy_jobs),
            "RestoreJobId": tuple(backup.restore_jobs),
            "ReportJobId": tuple(backup.report_jobs),
            "ScanJobId": tuple(backup.scan_jobs) if known("ListScanJobs") else (),
            "RecoveryPointArn": points,
            "BackupVaultName": vaults,
            "SourceBackupVaultName": vaults,
            "DestinationBackupVaultArn": tuple(v.arn for v in backup.vaults.values()),
            "ResourceArn": (
                *(job["ResourceArn"] for job in backup.backup_jobs.values()),
                *(vault.arn for vault in backup.vaults.values()),
                *points,
            ),
        }
    return found | {
        "IamRoleArn": (ROLE,),
        "ScannerRoleArn": (ROLE,),
        "SNSTopicArn": (TOPIC,),
        "EncryptionKeyArn": (KEY,),
        "Policy": (POLICY, "{"),
        "MaxResults": (1, 2, 1000),
        "MinRetentionDays": (7,),
        "MaxRetentionDays": (30,),
        "AccountId": (ACCOUNT, OTHER_ACCOUNT, "*", "ANY", "AGGREGATE_ALL"),
        "BackupVaultAccountId": (ACCOUNT, OTHER_ACCOUNT),
        "ResourceType": ("EBS", "EFS", "ANY", "AGGREGATE_ALL"),
        "MessageCategory": ("SUCCESS", "AccessDenied", "ANY"),
    }


INSTANTS = st.sampled_from([NOW, NOW - timedelta(days=31)]) | strategies.dates(now=NOW)
DATES = INSTANTS | INSTANTS.map(datetime.timestamp) | INSTANTS.map(datetime.isoformat)
TEXTS = st.sampled_from(AWKWARD) | st.text(max_size=20)


def values(name: str, shape: Any) -> SearchStrategy[Any]:
    """Values of a parameter by its shape: most are accepted, some are refused."""
    kind = shape.type_name
    if kind == "structure":
        return structures(shape)
    if kind in ("list", "map"):
        return several(name, shape)
    if kind in ("integer", "long"):
        return st.sampled_from(pool().get(name, (1,))) | st.integers(-1, 1200)
    if kind == "timestamp":
        return DATES
    if kind == "boolean":
        return st.booleans()
    likely = tuple(getattr(shape, "enum", ())) or pool().get(name.removeprefix("By"), ())
    return (st.sampled_from(likely) | st.sampled_from(likely) | TEXTS) if likely else TEXTS


def several(name: str, shape: Any) -> SearchStrategy[Any]:
    """Lists and maps of a few values."""
    if shape.type_name == "list":
        return st.lists(values(name, shape.member), max_size=3)
    return st.dictionaries(values(name, shape.key), values(name, shape.value), max_size=3)


def structures(shape: Any) -> SearchStrategy[dict[str, Any]]:
    """Structures with their required members, and some of the others."""
    # What botocore would make up at random is given.
    tokens = {n for n, each in shape.members.items() if "idempotencyToken" in each.metadata}
    drawn = {
        name: st.just("token") if name in tokens else values(name, each)
        for name, each in shape.members.items()
    }
    always = {*shape.required_members, *tokens}
    return st.fixed_dictionaries(
        {name: each for name, each in drawn.items() if name in always},
        optional={name: each for name, each in drawn.items() if name not in always},
    )


@functools.cache
def requests(operation: str) -> SearchStrategy[dict[str, Any]]:
    """Parameters of an operation; the lists' own strategy gives those that select jobs."""
    shape = model().operation_model(operation).input_shape
    if shape is None or not shape.members:
        return st.just({})
    drawn = structures(shape)
    by = [name for name in shape.members if name.startswith("By") or name == "AggregationPeriod"]
    if operation.startswith("List") and by and not shape.required_members:
        drawn |= strategies.parameters(operation, now=NOW)
    return drawn


def outcome(operation: str, parameters: dict[str, Any]) -> Any:
    """What a client gives its caller: the answer, or the exception, dissected."""
    try:
        answer = getattr(client(), xform_name(operation))(**parameters)
    except ParamValidationError as error:
        return None, str(error)
    except ClientError as error:
        # Error classes are made anew for each client, and this is one client.
        told = (type(error), str(error), error.operation_name)
        return None, (*told, anatomy(error.response))
    return answer.get("NextToken"), anatomy(answer)


def outcome_elsewhere(
    elsewhere: Elsewhere, environment: dict[str, str], operation: str, parameters: dict[str, Any]
) -> Any:
    """What a client in another process gives its caller, dissected; but for exceptions' types."""
    answer, error, text = elsewhere.ask(environment, operation, **parameters)
    if error == "ParamValidationError":
        return None, text
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    # That of the request, in a process whose clock goes on.
    headers["date"] = "Fri, 15 Mar 2024 13:30:15 GMT"
    if error:
        return None, (error, text, operation, anatomy(answer))
    # Over HTTP every answer has a length.
    headers.pop("content-length", None)
    return answer.get("NextToken"), anatomy(answer)


def without_types(told: Any) -> Any:
    """What was told, with the names of types: another process has other ones, frozen time none."""
    if isinstance(told, type):
        return told.__name__.replace("FakeDatetime", "datetime")
    if isinstance(told, (tuple, list)):
        return [without_types(each) for each in told]
    return told.replace("datetime.datetime(", "FakeDatetime(") if isinstance(told, str) else told


def in_order(shape: Any, value: Any) -> Any:
    """A value with its members in the order of the model.

    Of two that are wrong the first one is told, and over HTTP the order of a call is lost.
    """
    if shape is None or shape.type_name == "list":
        return value if shape is None else [in_order(shape.member, each) for each in value]
    if shape.type_name != "structure":
        return value
    return {
        name: in_order(shape.members[name], value[name]) for name in shape.members if name in value
    }


def arrives(operation: str, parameters: dict[str, Any]) -> bool:
    """Whether a request reaches its operation as it was made.

    Clients cut such labels out of the path, and old ones fractions of seconds off dates.
    """
    shape: Any = model().operation_model(operation).input_shape
    if parameters and not SENDS_FRACTIONS and has_fraction(shape, parameters):
        return False
    return not any(
        is_labelled(operation, name) and value in ("", ".", "..")
        for name, value in parameters.items()
    )


def has_fraction(shape: Any, value: Any) -> bool:
    """Whether a date somewhere in a value has a fraction of a second."""
    if shape.type_name == "timestamp":
        return bool(parse_to_aware_datetime(value).microsecond)
    if shape.type_name == "structure":
        return any(has_fraction(shape.members[name], each) for name, each in value.items())
    if shape.type_name == "list":
        return any(has_fraction(shape.member, each) for each in value)
    return False


SERIALIZER: Any = RestJSONSerializer()
SENDS_FRACTIONS = bool(SERIALIZER._timestamp_unixtimestamp(NOW) % 1)
"""Whether the installed botocore sends the fractions of a second of dates in a body."""


def is_labelled(operation: str, name: str) -> bool:
    """Whether a parameter of an operation stands in its path."""
    shape: Any = model().operation_model(operation).input_shape
    return bool(shape.members[name].serialization.get("location") == "uri")


def answers(
    transport: Any,
    operation: str,
    parameters: dict[str, Any],
    jobs: Any,
    elsewhere: Elsewhere | None = None,
) -> tuple[list[Any], Any]:
    """The outcomes of a call, and of those for the pages after it; and the log of the calls.

    They are those of the client of this process, or over HTTP of that elsewhere.
    """
    found = []
    token: Any = None
    with mock_backup(transport=transport) as backup, backup.serve() as server:
        ask = outcome
        if elsewhere is not None:
            ask = functools.partial(outcome_elsewhere, elsewhere, server.environment())
        seed(backup)
        # Kinds are looked up by identity.
        backup.add(copy.deepcopy(jobs, {id(job.kind): job.kind for job in jobs}))
        for _ in range(3):
            following = {} if token is None else {"NextToken": token}
            token, told = ask(operation, copy.deepcopy(parameters) | following)
            found.append(told)
            if token is None:
                break
        return found, list(backup.calls)


@every(operations())
@settings(
    max_examples=8,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),  # explaining takes minutes
)
@given(data=st.data())
def test_all_transports_answer_alike(operation: str, data: Any, elsewhere: Elsewhere) -> None:
    """Members, their order, types, time zones and metadata are the same, or the errors are."""
    drawn = data.draw(requests(operation), "parameters")
    parameters = in_order(model().operation_model(operation).input_shape, drawn)
    jobs = data.draw(strategies.job_sets(max_size=4, now=NOW), "jobs")
    direct, wired = (answers(each, operation, parameters, jobs) for each in TRANSPORTS)
    assert direct == wired
    if arrives(operation, parameters):
        told, calls = answers("direct", operation, parameters, jobs, elsewhere)
        assert without_types(told) == without_types(direct[0])
        # Parameters are read from the wire: that they are the same, `test_reading` holds.
        for ours, theirs in zip(direct[1], calls, strict=True):
            assert replace(ours, parameters={}) == replace(theirs, parameters={})


# --- What travels on the wire -----------------------------------------------------------------


class Wiretap:
    """What botocore's own history, which debug logs and the CLI show, keeps of a call."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.seen: list[tuple[str, Any]] = []

    def emit(self, event_type: str, payload: Any, source: str) -> None:  # noqa: ARG002  botocore's
        """Keep an event."""
        self.seen.append((event_type, payload))

    def __getitem__(self, event_type: str) -> Any:
        """The one event of a type."""
        (found,) = [payload for kind, payload in self.seen if kind == event_type]
        return found


@pytest.fixture
def wiretap() -> Iterator[Wiretap]:
    """Listen to botocore's history."""
    recorder: Any = get_global_history_recorder()
    tap = Wiretap()
    recorder.add_handler(tap)
    recorder.enable()
    yield tap
    recorder.disable()
    recorder._handlers.remove(tap)


def test_an_answer_is_written_as_aws_writes_it(wiretap: Wiretap) -> None:
    """Dates are scientific doubles, unset members explicit nulls, characters not escaped."""
    with mock_backup(transport="wire", history=None) as backup:
        backup.add_backup_job(
            BackupJobId="one", CreationDate=1578560834.253, StatusMessage="Größe \u2603"
        )
        client().list_backup_jobs()
    response = wiretap["HTTP_RESPONSE"]
    text = response["body"].decode()
    assert response["status_code"] == 200
    assert '"CreationDate":1.578560834253E9,' in text
    assert '"BytesTransferred":null,' in text
    assert '"NextToken":null' in text
    assert '"StatusMessage":"Größe \u2603"' in text
    told = json.loads(text)
    assert list(told) == list(shape_members("ListBackupJobs"))
    assert list(told["BackupJobs"][0]) == list(members_of("BackupJob"))


def shape_members(operation: str) -> Any:
    """The members of an operation's answer."""
    shape: Any = model().operation_model(operation).output_shape
    return shape.members


def members_of(name: str) -> Any:
    """The members of a structure."""
    shape: Any = model().shape_for(name)
    return shape.members


def test_the_headers_of_an_answer_are_those_of_aws(wiretap: Wiretap) -> None:
    """An answer carries date, type, connection and request id; no length, which direct lacks."""
    with mock_backup(transport="wire"):
        answer = client().list_backup_jobs()
    expected = {
        "date": "Fri, 15 Mar 2024 13:30:15 GMT",
        "content-type": "application/json",
        "connection": "keep-alive",
        "x-amzn-requestid": answer["ResponseMetadata"]["RequestId"],
    }
    assert dict(wiretap["HTTP_RESPONSE"]["headers"]) == expected
    assert answer["ResponseMetadata"]["HTTPHeaders"] == expected
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", expected["x-amzn-requestid"])


def test_an_error_is_numbered_and_named_in_a_header(wiretap: Wiretap) -> None:
    """The body's Code is a number, and the exception's name travels in a header, with a suffix.

    [reported: dumps of several SDKs; terraform #29199]
    """
    with mock_backup(transport="wire") as backup:
        backup.add_vault(BackupVaultName="daily")
        with pytest.raises(ClientError) as caught:
            client().create_backup_vault(BackupVaultName="daily")
    response = wiretap["HTTP_RESPONSE"]
    body = json.loads(response["body"])
    name = "AlreadyExistsException"
    text = "A Backup vault with the name daily already exists"
    assert response["status_code"] == 400
    assert response["headers"]["x-amzn-errortype"] == (
        f"{name}:http://internal.amazon.com/coral/com.amazonaws.services.cryo/"
    )
    assert response["headers"]["content-type"] == "application/json"
    assert response["headers"]["content-length"] == str(len(response["body"]))
    assert list(body) == ["Code", "Message", "Type", "Context"]
    assert list(body.values()) == ["ERROR_1101", text, None, "daily"]
    assert type(caught.value).__name__ == name
    told: Any = caught.value.response
    assert told["Error"] == {"Message": text, "Code": name}
    assert (told["Code"], told["Context"]) == ("ERROR_1101", "daily")
    assert "Type" not in told


ERRORS: list[tuple[str, dict[str, Any]]] = [
    ("describe_backup_job", {"BackupJobId": "n\u00f6ne \U0001f512"}),
    ("describe_backup_vault", {"BackupVaultName": "none"}),
    ("create_backup_vault", {"BackupVaultName": "Default"}),
    ("list_backup_jobs", {"ByState": "NONE"}),
    (
        "create_backup_plan",
        {
            "BackupPlan": {
                "BackupPlanName": "p",
                "Rules": [{"RuleName": "r\u00f6", "TargetBackupVaultName": "x"}],
            }
        },
    ),
]


@pytest.mark.parametrize(("operation", "asked"), ERRORS)
def test_an_error_is_as_long_as_its_body(
    wiretap: Wiretap, operation: str, asked: dict[str, Any]
) -> None:
    """Both transports answer an error alike, its content-length being that of the real body.

    [reported: terraform #29199]
    """
    found = []
    transport: Any
    for transport in ("wire", "direct"):
        with (
            mock_backup(transport=transport, default_vault=True),
            pytest.raises(ClientError) as caught,
        ):
            getattr(client(), operation)(**asked)
        found.append((type(caught.value).__name__, str(caught.value), caught.value.response))
    wired, direct = found
    assert direct == wired
    response: Any = wired[2]
    length = response["ResponseMetadata"]["HTTPHeaders"]["content-length"]
    assert int(length) == len(wiretap["HTTP_RESPONSE"]["body"])


def test_a_request_is_unsigned_and_addressed_to_nobody(wiretap: Wiretap) -> None:
    """The host is under .invalid, the path and query are those for AWS, no signature is made."""
    with mock_backup(transport="wire"):
        client("eu-west-1").list_backup_jobs(ByResourceArn="a/b c", MaxResults=3)
    request = wiretap["HTTP_REQUEST"]
    assert re.fullmatch(
        r"https://\d+\.backup\.eu-west-1\.fakebackup\.invalid/backup-jobs/"
        r"\?(resourceArn=a%2Fb%20c&maxResults=3|maxResults=3&resourceArn=a%2Fb%20c)",
        request["url"],
    )
    named = {name.lower() for name in request["headers"]}
    assert not {"authorization", "x-amz-date", "x-amz-security-token"} & named


def test_direct_sends_nothing(wiretap: Wiretap) -> None:
    """In the place of HTTP there is neither a request nor a response."""
    with mock_backup(transport="direct"):
        client().list_backup_jobs()
    kinds = {kind for kind, _ in wiretap.seen}
    assert "API_CALL" in kinds
    assert not kinds & {"HTTP_REQUEST", "HTTP_RESPONSE"}


def test_auto_is_direct_except_for_the_cli() -> None:
    """The AWS CLI's own way to parse dates gets an HTTP answer to parse."""
    sent: list[str] = []
    for agent, expected in (("Boto3/1", 0), ("aws-cli/1.46.3", 1)):
        made = boto3.Session("key", "secret").client(
            "backup", region_name=REGION, config=Config(user_agent=agent)
        )
        made.meta.events.register(
            "request-created.backup", lambda request, **_: sent.append(request)
        )
        with mock_backup():
            assert made.list_backup_jobs()["BackupJobs"] == []
        assert len(sent) == expected


def test_nothing_is_kept_of_calls_that_are_over() -> None:
    """A token stands for its call only as long as the call lasts, errors included."""
    from fakebackup.hook import handlers

    # What earlier tests' tracebacks still hold is not this test's.
    before = set(handlers._on_the_wire)
    with mock_backup(transport="wire"):
        client().list_backup_jobs()
        told = outcome("DescribeBackupJob", {"BackupJobId": "none"})
    assert told[0] is None
    gc.collect()
    assert set(handlers._on_the_wire) <= before


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "0.0"),
        (1, "0.001"),
        (9_999_999_999, "9999999.999"),
        (10_000_000_000, "1.0E7"),
        (1_578_560_834_253, "1.578560834253E9"),
        (1_578_560_834_000, "1.578560834E9"),
        (-1_578_560_834_250, "-1.57856083425E9"),
        (253_402_300_799_999, "2.53402300799999E11"),
    ],
)
def test_a_date_is_written_as_java_writes_doubles(instant: int, text: str) -> None:
    """From ten million seconds on the form is scientific, with at least one digit after the dot."""
    assert shapes_text.date(instant) == text


@given(st.integers(-(10**15), 10**15))
def test_a_date_survives_its_text(instant: int) -> None:
    """Every millisecond comes back from its text, which has one digit before the dot."""
    text = shapes_text.date(instant)
    assert round(json.loads(text) * 1000) == instant
    assert re.fullmatch(
        r"-?\d\.(0|\d*[1-9])E\d+" if abs(instant) >= 10**10 else r"-?\d+\.\d+", text
    )


# --- Clients of all kinds -----------------------------------------------------------------------

CLIENTS: dict[str, dict[str, Any]] = {
    "endpoint": {"endpoint_url": "http://localhost:4566"},
    "fips": {"config": Config(use_fips_endpoint=True)},
    "dual stack": {"config": Config(use_dualstack_endpoint=True)},
    "proxies": {"config": Config(proxies={"https": "http://proxy.invalid:1"})},
    "China": {"region_name": "cn-north-1"},
    "no retries": {"config": Config(retries={"max_attempts": 0})},
    "signature": {"config": Config(signature_version="v4")},
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("kind", CLIENTS)
def test_every_endpoint_is_answered(kind: str, transport: Any) -> None:
    """Whatever address a client has, it is answered, and the job's region is its own."""
    told = {"region_name": REGION, **CLIENTS[kind]}
    made = boto3.Session("key", "secret").client("backup", **told)
    with mock_backup(transport=transport) as backup:
        backup.at(region=told["region_name"]).add_backup_job(BackupJobId="one")
        (job,) = made.list_backup_jobs()["BackupJobs"]
    assert job["BackupJobId"] == "one"


def test_the_wire_needs_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client without any is answered, and afterwards lacks them as before."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    made = boto3.Session(region_name=REGION).client("backup")
    with mock_backup(transport="wire"):
        assert made.list_backup_jobs()["BackupJobs"] == []
    with pytest.raises(NoCredentialsError):
        made.list_backup_jobs()


@pytest.mark.parametrize("value", ["Wire", "http", None, 3])
def test_a_transport_that_does_not_exist_is_refused(value: Any) -> None:
    """The message names the three there are, and the near miss."""
    with pytest.raises(ValueError, match="transport is one of auto, direct, wire, not") as caught:
        mock_backup(transport=value)
    assert ("did you mean 'wire'?" in str(caught.value)) == (value == "Wire")
    with pytest.raises(ValueError, match="transport is one of"):
        FakeBackup(transport=value)
