"""The installed botocore is the judge: of every parameter, every answer and every error."""

from __future__ import annotations

import typing
from datetime import timedelta
from types import UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, Union

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebackup import mock_backup, strategies
from fakebackup.model.shapes import typed
from fakebackup.operations import (
    backup_jobs,
    copy_jobs,
    operations,
    report_jobs,
    restore_jobs,
    scan_jobs,
)
from support.botocore_model import every, known, model, takes
from support.client import full_answer
from support.conformance import SERVICE_WIDE, check, check_answer
from support.constants import ACCOUNT, DAY, NOW, OTHER_ACCOUNT
from support.reference import LISTINGS, SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hypothesis.strategies import DataObject

    from fakebackup import FakeBackup, Job

# What reads jobs; the operations on other nouns, and those that start jobs, have files of tests
# of their own, and every one is held to its shapes by the property of both transports.
READERS = {
    f"fakebackup.operations.{noun}"
    for noun in ("backup_jobs", "copy_jobs", "report_jobs", "restore_jobs", "scan_jobs")
}
FAKED = sorted(
    name
    for name, operation in operations().items()
    if known(name)
    and operation.handler.__module__ in READERS
    and name.startswith(("List", "Describe"))
)


pytestmark = pytest.mark.frozen(NOW)


def members_of(operation: str) -> Mapping[str, Any]:
    """The parameters of an operation."""
    shape = model().operation_model(operation).input_shape
    return {} if shape is None else shape.members


def required_of(operation: str) -> list[str]:
    """The parameters that an operation cannot be asked without."""
    shape = model().operation_model(operation).input_shape
    return [] if shape is None else list(shape.required_members)


def items_of(operation: str) -> tuple[str, str]:
    """The kind of job that an operation looks at, and the member of its answer that lists."""
    if operation in SUMMARIES:
        return SUMMARIES[operation].listing.kind, SUMMARIES[operation].items
    return LISTINGS[operation].kind, LISTINGS[operation].items


# --- Parameters -----------------------------------------------------------------------------


class Example(NamedTuple):
    """A value of a parameter, a job that it selects, and one that it does not."""

    value: Any
    selected: dict[str, Any]
    other: dict[str, Any]


BEFORE, AFTER = NOW - 2 * DAY, NOW - DAY
BETWEEN = NOW - timedelta(hours=36)


def _same(member: str, value: Any, other: Any) -> Example:
    return Example(value, {member: value}, {member: other})


def _before(member: str) -> Example:
    return Example(BETWEEN, {member: BEFORE}, {member: AFTER})


def _after(member: str) -> Example:
    return Example(BETWEEN, {member: AFTER}, {member: BEFORE})


def _nested(member: str, inner: str, value: str, other: str) -> Example:
    return Example(value, {member: {inner: value}}, {member: {inner: other}})


_CREATED = {
    "ByCreatedBefore": _before("CreationDate"),
    "ByCreatedAfter": _after("CreationDate"),
}
_COMPLETED = {
    "ByCompleteBefore": _before("CompletionDate"),
    "ByCompleteAfter": _after("CompletionDate"),
}
_TYPE = _same("ResourceType", "EBS", "S3")
_STATE = _same("State", "COMPLETED", "FAILED")
_STATUS = _same("Status", "COMPLETED", "FAILED")
_CATEGORY = _same("MessageCategory", "AccessDenied", "SUCCESS")
# Half a minute after midnight and twelve days before, by which the periods differ.
_PERIOD = Example("SEVEN_DAYS", {}, {"CreationDate": NOW - 10 * DAY})
_SUMMARY = {"ResourceType": _TYPE, "AggregationPeriod": _PERIOD}
_VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:there"
_POINT = "arn:aws:ec2:us-east-1::snapshot/snap-"
_PLAN = "arn:aws:backup:us-east-1:123456789012:report-plan:{}-00000000-0000-4000-9000-000000000001"

EXAMPLES: dict[str, dict[str, Example]] = {
    "ListBackupJobs": {
        **_CREATED,
        **_COMPLETED,
        "ByResourceArn": _same("ResourceArn", "arn:aws:s3:::one", "arn:aws:s3:::two"),
        "ByState": _STATE,
        "ByBackupVaultName": _same("BackupVaultName", "vault", "Default"),
        "ByResourceType": _TYPE,
        "ByParentJobId": _same("ParentJobId", "one", "two"),
        "ByMessageCategory": _CATEGORY,
    },
    "ListCopyJobs": {
        **_CREATED,
        **_COMPLETED,
        "ByResourceArn": _same("ResourceArn", "arn:aws:s3:::one", "arn:aws:s3:::two"),
        "ByState": _STATE,
        "ByResourceType": _TYPE,
        "ByDestinationVaultArn": Example(
            _VAULT,
            {"DestinationBackupVaultArn": _VAULT},
            {"SourceBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:own"},
        ),
        "ByParentJobId": _same("ParentJobId", "one", "two"),
        "ByMessageCategory": _CATEGORY,
        "BySourceRecoveryPointArn": Example(
            f"{_POINT}1",
            {"SourceRecoveryPointArn": f"{_POINT}1"},
            {"DestinationRecoveryPointArn": f"{_POINT}1"},
        ),
    },
    "ListRestoreJobs": {
        **_CREATED,
        **_COMPLETED,
        "ByResourceType": _TYPE,
        "ByStatus": _STATUS,
        "ByRestoreTestingPlanArn": _nested(
            "CreatedBy", "RestoreTestingPlanArn", "arn:aws:b:::1", "arn:aws:b:::2"
        ),
        "ByParentJobId": _same("ParentJobId", "one", "two"),
    },
    "ListRestoreJobsByProtectedResource": {
        "ResourceArn": _same("SourceResourceArn", "arn:aws:s3:::one", "arn:aws:s3:::two"),
        "ByStatus": _STATUS,
        "ByRecoveryPointCreationDateBefore": _before("RecoveryPointCreationDate"),
        "ByRecoveryPointCreationDateAfter": _after("RecoveryPointCreationDate"),
    },
    "ListScanJobs": {
        **_COMPLETED,
        "ByBackupVaultName": _same("BackupVaultName", "vault", "Default"),
        "ByRecoveryPointArn": _same("RecoveryPointArn", f"{_POINT}1", f"{_POINT}2"),
        "ByResourceArn": _same("ResourceArn", "arn:aws:s3:::one", "arn:aws:s3:::two"),
        "ByResourceType": _TYPE,
        "ByScanResultStatus": _nested(
            "ScanResult", "ScanResultStatus", "THREATS_FOUND", "NO_THREATS_FOUND"
        ),
        "ByState": _STATE,
    },
    "ListReportJobs": {
        "ByReportPlanName": Example(
            "one",
            {"ReportPlanArn": _PLAN.format("one")},
            {"ReportPlanArn": _PLAN.format("two")},
        ),
        "ByCreationBefore": _before("CreationTime"),
        "ByCreationAfter": _after("CreationTime"),
        "ByStatus": _STATUS,
    },
    "ListBackupJobSummaries": {**_SUMMARY, "State": _STATE, "MessageCategory": _CATEGORY},
    "ListCopyJobSummaries": {**_SUMMARY, "State": _STATE, "MessageCategory": _CATEGORY},
    "ListRestoreJobSummaries": {**_SUMMARY, "State": Example("COMPLETED", *_STATUS[1:])},
    "ListScanJobSummaries": {
        **_SUMMARY,
        "State": _STATE,
        "ScanResultStatus": _nested(
            "ScanResult", "ScanResultStatus", "THREATS_FOUND", "NO_THREATS_FOUND"
        ),
    },
}

# Parameters that do more than select: what they do stands in the test named.
ELSEWHERE = {
    "MaxResults": "test_paging_changes_every_answer",
    "NextToken": "test_paging_changes_every_answer",
    "ByAccountId": "test_the_account_asked_for_changes_every_answer",
    "AccountId": "test_the_account_asked_for_changes_every_answer",
    "ByMalwareScanner": "test_the_scanner_asked_for_changes_the_answer",
    "MalwareScanner": "test_the_scanner_asked_for_changes_the_answer",
}

LISTS = [name for name in FAKED if name.startswith("List")]
PARAMETERS = [
    (operation, parameter)
    for operation in LISTS
    for parameter in members_of(operation)
    if parameter not in ELSEWHERE
]


def count(operation: str, **asked: Any) -> int:
    """How many jobs an answer shows or counts."""
    _, items = items_of(operation)
    return sum(item.get("Count", 1) for item in full_answer(operation, **asked)[items])


@pytest.mark.parametrize(("operation", "parameter"), PARAMETERS)
def test_every_parameter_selects(operation: str, parameter: str) -> None:
    """Every filter and summary parameter of the model takes its value and changes the answer."""
    example = EXAMPLES.get(operation, {}).get(parameter)
    assert example, f"give an example of {operation}'s {parameter} in EXAMPLES"
    kind, items = items_of(operation)
    asked = {}
    base: dict[str, Any] = {}
    if takes(operation, "ResourceArn") and parameter != "ResourceArn":
        asked, base = {"ResourceArn": "arn:aws:s3:::it"}, {"SourceResourceArn": "arn:aws:s3:::it"}
    with mock_backup() as backup:
        add = getattr(backup, f"add_{kind}")
        selected = add(**base, **example.selected)
        other = add(**base, **example.other)
        answer = full_answer(operation, **asked, **{parameter: example.value})
        if operation in SUMMARIES:
            assert [row["Count"] for row in answer[items]] == [1]
            assert count(operation) == 2
        else:
            listed = [item[LISTINGS[operation].id] for item in answer[items]]
            assert listed == [selected.id]
            if parameter not in required_of(operation):
                assert count(operation, **asked) == 2
        backup.remove(selected)
        assert count(operation, **asked, **{parameter: example.value}) == 0
        assert other.store is not None


@pytest.mark.parametrize("operation", LISTS)
def test_the_account_asked_for_changes_every_answer(operation: str) -> None:
    """AccountId and ByAccountId of the model select the jobs of that account."""
    names = [name for name in ("AccountId", "ByAccountId") if takes(operation, name)]
    kind, _ = items_of(operation)
    if not names:
        # Jobs without an account, or lists by something that has one.
        assert operation in ("ListReportJobs", "ListRestoreJobsByProtectedResource")
        return
    with mock_backup() as backup:
        for account in (ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT):
            getattr(backup, f"add_{kind}")(AccountId=account)
        found = [count(operation, **{names[0]: account}) for account in (OTHER_ACCOUNT, ACCOUNT)]
        assert [*found, count(operation)] == [2, 1, 1]


@pytest.mark.parametrize("operation", LISTS)
def test_paging_changes_every_answer(operation: str) -> None:
    """MaxResults cuts every list of the model, and NextToken goes on after the cut."""
    assert takes(operation, "MaxResults")
    assert takes(operation, "NextToken")
    kind, items = items_of(operation)
    asked: dict[str, Any] = (
        {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    )
    base = {"SourceResourceArn": "arn:aws:s3:::it"} if asked else {}
    if operation in SUMMARIES:
        asked = {"State": "ANY"}
    with mock_backup() as backup:
        for state in ("COMPLETED", "FAILED"):
            state_member = "Status" if kind in ("restore_job", "report_job") else "State"
            getattr(backup, f"add_{kind}")(**{state_member: state}, **base)
        whole = full_answer(operation, **asked)[items]
        first = full_answer(operation, **asked, MaxResults=1)
        second = full_answer(operation, **asked, MaxResults=1, NextToken=first["NextToken"])
    assert len(whole) == 2
    assert first[items] + second[items] == whole
    assert "NextToken" not in second


@every(["ListScanJobSummaries", "ListScanJobs"])
def test_the_scanner_asked_for_changes_the_answer(operation: str) -> None:
    """MalwareScanner selects and tells the scanner; there is one, so all scans are its."""
    with mock_backup() as backup:
        job = backup.add_scan_job()
        if operation == "ListScanJobs":
            assert count(operation, ByMalwareScanner="GUARDDUTY") == 1
            # As an answer of AWS may lack it where a model does not require it.
            del job.members["MalwareScanner"]
            assert (count(operation, ByMalwareScanner="GUARDDUTY"), count(operation)) == (0, 1)
        else:
            (asked,) = full_answer(operation, MalwareScanner="GUARDDUTY")["ScanJobSummaries"]
            (summed,) = full_answer(operation)["ScanJobSummaries"]
            assert asked == summed | {"MalwareScanner": "GUARDDUTY"}


def test_every_parameter_has_a_test() -> None:
    """What is left out of the examples names a test of this module."""
    assert all(callable(globals()[test]) for test in ELSEWHERE.values())


FILTERS = {
    "ListBackupJobs": backup_jobs.FILTERS,
    "ListCopyJobs": copy_jobs.FILTERS,
    "ListReportJobs": report_jobs.FILTERS,
    "ListRestoreJobs": restore_jobs.FILTERS,
    "ListRestoreJobsByProtectedResource": restore_jobs.RESOURCE_FILTERS,
    "ListScanJobs": scan_jobs.FILTERS,
}
DIMENSIONS = {
    "ListBackupJobSummaries": backup_jobs.DIMENSIONS,
    "ListCopyJobSummaries": copy_jobs.DIMENSIONS,
    "ListRestoreJobSummaries": restore_jobs.DIMENSIONS,
    "ListScanJobSummaries": scan_jobs.DIMENSIONS,
}


@pytest.mark.parametrize("operation", LISTS)
def test_the_tables_of_filters_hold_what_the_model_has(operation: str) -> None:
    """Every parameter of the model is in its operation's table, accounts and pages apart."""
    asked = set(members_of(operation)) - {"MaxResults", "NextToken"}
    if operation in DIMENSIONS:
        table = {each.parameter for each in DIMENSIONS[operation]}
        asked -= {"AccountId", "AggregationPeriod"}
    else:
        table = set(FILTERS[operation])
        asked -= {"ByAccountId"}
    assert asked <= table


# --- Answers --------------------------------------------------------------------------------


def test_the_validator_finds_faults() -> None:
    """What the other tests of answers rely on: each kind of fault is found."""
    shape: Any = model().operation_model("ListBackupJobs").output_shape
    good = {"BackupJobId": "id", "CreationDate": NOW, "State": "FAILED", "IsParent": True}
    check(shape, {"BackupJobs": [good], "NextToken": "token"}, "answer")
    faults: list[Any] = [
        {"NextToken": "token", "BackupJobs": [good]},
        {"BackupJobs": {"0": good}},
        {"BackupJobs": [good], "Strange": 1},
        {"BackupJobs": [{"State": "FAILED", "BackupJobId": "id"}]},
        {"BackupJobs": [good | {"State": "ODD"}]},
        {"BackupJobs": [good | {"State": None}]},
        {"BackupJobs": [good | {"CreationDate": NOW.replace(tzinfo=None)}]},
        {"BackupJobs": [good | {"CreationDate": NOW.timestamp()}]},
        {"BackupJobs": [good | {"CreationDate": NOW + timedelta(microseconds=1)}]},
        {"BackupJobs": [good | {"IsParent": 1}]},
        {"BackupJobs": [good | {"BackupJobId": 1}]},
    ]
    for fault in faults:
        with pytest.raises(AssertionError):
            check(shape, fault, "answer")


def questions(operation: str, jobs: list[Job]) -> Iterator[dict[str, Any]]:
    """What to ask an operation for, to see all it has."""
    if operation.startswith("Describe"):
        (parameter,) = members_of(operation)
        yield from ({parameter: job.id} for job in jobs if job.kind.id == parameter)
    elif operation in SUMMARIES:
        names = ("AccountId", "ResourceType", "State", "MessageCategory")
        for period in ("ONE_DAY", "SEVEN_DAYS"):
            for value in ("ANY", "AGGREGATE_ALL"):
                asked = {name: value for name in names if takes(operation, name)}
                yield {"AggregationPeriod": period, **asked}
    elif takes(operation, "ResourceArn"):
        restores = [job for job in jobs if job.kind.id == "RestoreJobId"]
        yield from ({"ResourceArn": job.members["SourceResourceArn"]} for job in restores)
    else:
        yield {}


def answers(backup: FakeBackup, operation: str, jobs: list[Job]) -> Iterator[dict[str, Any]]:
    """Ask an operation for all it has, in each account, in full and by pages."""
    for account in (ACCOUNT, OTHER_ACCOUNT):
        own = [job for job in jobs if job.account == account]
        with backup.acting_as(account):
            for asked in questions(operation, own):
                yield full_answer(operation, **asked)
                if takes(operation, "MaxResults"):
                    yield full_answer(operation, **asked, MaxResults=1)


@settings(max_examples=15)
@given(jobs=strategies.job_sets(now=NOW))
def test_every_answer_has_the_operations_shape(jobs: list[Job]) -> None:
    """Whatever is seeded, answers have the types, enums, members and order of the model."""
    with mock_backup() as backup:
        backup.add(jobs)
        for operation in FAKED:
            for answer in answers(backup, operation, jobs):
                check_answer(operation, answer)


@pytest.mark.parametrize("listing", [each for each in LISTINGS.values() if known(each.operation)])
def test_describe_shows_a_job_as_it_is_listed(listing: Any) -> None:
    """Describe's answer holds all that the list shows of the job."""
    with mock_backup() as backup:
        job = getattr(backup, f"add_{listing.kind}")()
        asked = (
            {"ResourceArn": job.members["SourceResourceArn"]}
            if takes(listing.operation, "ResourceArn")
            else {}
        )
        (item,) = full_answer(listing.operation, **asked)[listing.items]
        wrapped = listing.items[:-1]
        answer = full_answer(f"Describe{wrapped}", **{listing.id: job.id})
        described = answer.get(wrapped, answer)
    assert described.items() >= item.items()
    assert {name: described[name] for name in described if name != "ResponseMetadata"} == dict(job)


# --- Errors ---------------------------------------------------------------------------------


def refused(operation: str, **parameters: Any) -> Any:
    """The response of the error that a call is answered; one that the operation declares."""
    with pytest.raises(ClientError) as caught:
        full_answer(operation, **parameters)
    response: Any = caught.value.response
    declared = {shape.name for shape in model().operation_model(operation).error_shapes}
    assert response["Error"]["Code"] in declared | SERVICE_WIDE
    return response


def check_error(response: dict[str, Any], code: str) -> None:
    """Hold an error's response to what AWS sends; the form of all is held by `conftest`."""
    assert list(response)[:2] == ["Error", "ResponseMetadata"]
    assert response["Error"]["Code"] == code
    assert response["Message"] == response["Error"]["Message"]
    assert not {"Code", "Type", "Context"} & response.keys()
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResponseMetadata"]["RetryAttempts"] == 0


INVALID = "InvalidParameterValueException"


def _enumerated() -> Iterator[Any]:
    for operation in LISTS:
        for parameter, shape in members_of(operation).items():
            if getattr(shape, "enum", ()) or (operation, parameter) == (
                "ListReportJobs",
                "ByStatus",
            ):
                yield pytest.param(operation, parameter, id=f"{operation}-{parameter}")


@pytest.mark.parametrize(("operation", "parameter"), list(_enumerated()))
@pytest.mark.parametrize("value", ["COMPLETE", "completed", "", "()"])
def test_a_value_outside_the_enum_is_refused(operation: str, parameter: str, value: str) -> None:
    """What is none of a parameter's values is an invalid parameter value."""
    asked = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    with mock_backup():
        check_error(refused(operation, **asked, **{parameter: value}), INVALID)


@pytest.mark.parametrize("operation", [name for name in LISTS if name not in SUMMARIES])
@pytest.mark.parametrize("state", ["ANY", "AGGREGATE_ALL"])
def test_lists_know_no_summed_states(operation: str, state: str) -> None:
    """ANY and AGGREGATE_ALL are states of summaries alone."""
    parameter = "ByState" if takes(operation, "ByState") else "ByStatus"
    asked = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    with mock_backup():
        check_error(refused(operation, **asked, **{parameter: state}), INVALID)


@pytest.mark.parametrize("operation", LISTS)
def test_a_page_too_large_is_refused(operation: str) -> None:
    """MaxResults above 1000, above 500 for most summaries, is an invalid parameter value."""
    small = {"ListBackupJobSummaries", "ListCopyJobSummaries", "ListRestoreJobSummaries"}
    most = 500 if operation in small else 1000
    asked = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    with mock_backup():
        assert full_answer(operation, **asked, MaxResults=most)
        check_error(refused(operation, **asked, MaxResults=most + 1), INVALID)
        check_error(refused(operation, **asked, MaxResults=5000), INVALID)


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("token", ["nonsense", "eyJ4IjoxfQ==", "é", " "])
def test_a_bad_token_is_refused(operation: str, token: str) -> None:
    """A NextToken that no list gave is an invalid parameter value."""
    asked = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    with mock_backup():
        check_error(refused(operation, **asked, NextToken=token), INVALID)


DESCRIBES = [name for name in FAKED if name.startswith("Describe")]


@pytest.mark.parametrize("operation", DESCRIBES)
@pytest.mark.parametrize("job_id", ["unknown", "a/b c%2F", "*", "00000000-0000-4000-8000-1"])
def test_an_unknown_id_is_not_found(operation: str, job_id: str) -> None:
    """Describing a job that is not there is ResourceNotFoundException, with a 400."""
    (parameter,) = members_of(operation)
    with mock_backup():
        response = refused(operation, **{parameter: job_id})
    check_error(response, "ResourceNotFoundException")
    assert job_id in response["Message"]


@pytest.mark.parametrize("operation", DESCRIBES)
def test_a_job_is_found_by_its_exact_id_where_it_lies(operation: str) -> None:
    """Ids are case-sensitive, and a job of another kind, account or region is not found."""
    (parameter,) = members_of(operation)
    (listing,) = {each.kind: each for each in LISTINGS.values() if each.id == parameter}.values()
    with mock_backup() as backup:
        job = getattr(backup, f"add_{listing.kind}")(**{parameter: "Aa"})
        assert full_answer(operation, **{parameter: job.id})
        codes = [refused(operation, **{parameter: "aA"})["Error"]["Code"]]
        codes.append(refused(operation, region="eu-west-1", **{parameter: job.id})["Error"]["Code"])
        with backup.acting_as(OTHER_ACCOUNT):
            codes.append(refused(operation, **{parameter: job.id})["Error"]["Code"])
        others = {"copy_job": backup.add_backup_job}
        other = others.get(listing.kind, backup.add_copy_job)()
        codes.append(refused(operation, **{parameter: other.id})["Error"]["Code"])
    assert codes == ["ResourceNotFoundException"] * 4


@pytest.mark.parametrize("operation", DESCRIBES)
def test_an_empty_id_is_missing(operation: str) -> None:
    """An empty id, which botocore lets through, is MissingParameterValueException."""
    (parameter,) = members_of(operation)
    with mock_backup():
        response = refused(operation, **{parameter: ""})
    check_error(response, "MissingParameterValueException")


def test_an_empty_resource_is_missing() -> None:
    """An empty ResourceArn is MissingParameterValueException, too."""
    with mock_backup():
        response = refused("ListRestoreJobsByProtectedResource", ResourceArn="")
    check_error(response, "MissingParameterValueException")


def test_errors_are_the_clients_own_classes() -> None:
    """boto3 raises the class of the error that the model has."""
    from support.client import client

    with mock_backup():
        with pytest.raises(client().exceptions.ResourceNotFoundException):
            client().describe_backup_job(BackupJobId="unknown")
        with pytest.raises(client().exceptions.InvalidParameterValueException):
            client().list_backup_jobs(ByState="COMPLETE")


ODD = ["*", "ANY", "()", "AGGREGATE_ALL", "{}", "%s", "\x00", "é", "a/b"]
TEXT = st.sampled_from(ODD) | st.text("aZ09-_. /\\'\"%é\n", min_size=1, max_size=8)
INSTANTS = strategies.dates(now=NOW)
SIZES = st.integers(1, 2000)


@pytest.mark.parametrize("operation", FAKED)
@settings(max_examples=15)
@given(data=st.data())
def test_whatever_is_asked_is_answered_or_refused_as_declared(
    operation: str, data: DataObject
) -> None:
    """Any text in any parameter gives an answer of the model or an error it declares."""
    shapes = members_of(operation)
    some = st.lists(st.sampled_from(sorted(shapes)), unique=True, max_size=4)
    names = data.draw(some) if shapes else []
    asked: dict[str, Any] = {}
    for name in {*names, *required_of(operation)}:
        if shapes[name].type_name == "timestamp":
            asked[name] = data.draw(INSTANTS)
        elif shapes[name].type_name == "integer":
            asked[name] = data.draw(SIZES)
        else:
            asked[name] = data.draw(TEXT)
    with mock_backup() as backup:
        backup.add_backup_job()
        answer, code = answered(operation, asked)
    if code is None:
        check_answer(operation, answer)
    else:
        declared = {each.name for each in model().operation_model(operation).error_shapes}
        assert code in declared | SERVICE_WIDE


def answered(operation: str, asked: dict[str, Any]) -> tuple[Any, str | None]:
    """An answer, and the code of the error if it is one."""
    try:
        return full_answer(operation, **asked), None
    except ClientError as error:
        return error.response, error.response["Error"]["Code"]


# --- Types ----------------------------------------------------------------------------------

KINDS = {
    "backup_job": (typed.BackupJobMembers, ("DescribeBackupJobOutput", "BackupJob")),
    "copy_job": (typed.CopyJobMembers, ("CopyJob",)),
    "restore_job": (typed.RestoreJobMembers, ("DescribeRestoreJobOutput", "RestoreJobsListMember")),
    "scan_job": (typed.ScanJobMembers, ("DescribeScanJobOutput", "ScanJob")),
    "report_job": (typed.ReportJobMembers, ("ReportJob",)),
}
TYPES: dict[str, Any] = {
    "boolean": bool,
    "double": float,
    "integer": int,
    "long": int,
    "string": str,
    "timestamp": typed.Date,
}


def check_typed(described: Any, shape: Any, path: str) -> None:
    """Hold a TypedDict against a structure: each member is there, with its type or None."""
    hints = typing.get_type_hints(described)
    for name, each in shape.members.items():
        assert name in hints, f"{path} lacks {name}: add it to model/typed.py"
        check_hint(hints[name], each, f"{path}.{name}")


def check_hint(hint: Any, shape: Any, path: str) -> None:
    """Hold a type against a shape."""
    if shape.type_name == "string" and hint != str | None:
        # `test_literals` holds which literal it is.
        literal, *_ = typing.get_args(hint)
        assert set(shape.enum) <= set(typing.get_args(literal)), path
    elif shape.type_name in TYPES:
        assert hint == TYPES[shape.type_name] | None, path
    else:
        check_nested(hint, shape, path)


def check_nested(hint: Any, shape: Any, path: str) -> None:
    """Hold a type against a structure, a list or a map."""
    (inner,) = (each for each in typing.get_args(hint) if each is not type(None))
    assert typing.get_origin(hint) in (UnionType, Union), path
    if shape.type_name == "structure":
        assert inner.__name__ == shape.name, path
        check_typed(inner, shape, path)
    elif shape.type_name == "list":
        assert typing.get_origin(inner) is list, path
        assert typing.get_args(inner) == (TYPES[shape.member.type_name],), path
    else:
        assert typing.get_origin(inner) is dict, path
        key, value = (TYPES[each.type_name] for each in (shape.key, shape.value))
        assert typing.get_args(inner) == (key, value), path


@pytest.mark.parametrize("kind", KINDS)
def test_keyword_arguments_are_typed_as_the_model_has_them(kind: str) -> None:
    """Each member of the installed model can be seeded with its type, structures included."""
    described, shapes = KINDS[kind]
    present = [name for name in shapes if name in model().shape_names]
    if not present:
        pytest.skip("the installed botocore does not know this kind of job")
    for name in present:
        check_typed(described, model().shape_for(name), described.__name__)
