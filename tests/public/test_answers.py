"""`FakeBackup.answer`: an operation answered by hand, checked against what AWS can answer."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from fakebackup import OperationNotFaked, mock_backup
from support.botocore_model import least, least_parameters, model
from support.client import client
from support.constants import OTHER_ACCOUNT
from support.marks import each_transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup import FakeBackup

NOON = datetime(2024, 3, 15, 12, 0, 0, 250_000, tzinfo=timezone.utc)


def without_metadata(answer: Any) -> Any:
    """An answer's members alone."""
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    return answer


@each_transport
def test_a_dict_answers(backup: FakeBackup) -> None:
    """Its members come in the model's order, dates as the parser gives them, not what is seeded."""
    backup.add_backup_job()
    backup.answer(
        "ListBackupJobs",
        {"NextToken": "more", "BackupJobs": [{"State": "FAILED", "CreationDate": NOON}]},
    )
    answer = without_metadata(client().list_backup_jobs())
    assert list(answer) == ["BackupJobs", "NextToken"]
    (job,) = answer["BackupJobs"]
    assert list(job) == ["CreationDate", "State"]
    assert job == {"CreationDate": NOON, "State": "FAILED"}


@pytest.mark.parametrize(
    "date", [NOON, NOON.timestamp(), NOON.isoformat(), NOON.replace(tzinfo=None)]
)
@each_transport
def test_dates_are_taken_as_when_seeding(backup: FakeBackup, date: Any) -> None:
    """A datetime (naive: UTC), a number or a string is the same aware date to the caller."""
    backup.answer("DescribeBackupJob", {"CreationDate": date})
    answer = client().describe_backup_job(BackupJobId="any")
    assert answer["CreationDate"] == NOON
    assert answer["CreationDate"].tzinfo is not None


@each_transport
def test_a_callable_is_given_the_parameters(backup: FakeBackup) -> None:
    """It gets them as the caller gave them, dates included, and may change its copy."""
    got: list[dict[str, Any]] = []

    def how(asked: dict[str, Any]) -> dict[str, Any]:
        got.append(dict(asked))
        asked.clear()
        return {"BackupJobs": [{"BackupJobId": str(len(got))}]}

    backup.answer("ListBackupJobs", how)
    asked = {"ByState": "FAILED", "ByCreatedAfter": NOON}
    for number in ("1", "2"):
        assert client().list_backup_jobs(**asked)["BackupJobs"] == [{"BackupJobId": number}]
    assert got == [asked, asked]
    assert [call.parameters for call in backup.calls] == [asked, asked]


@pytest.mark.parametrize("name", [n for n in model().operation_names if not least_parameters(n)])
@each_transport
def test_what_is_not_faked_can_be_answered(
    backup: FakeBackup, name: Any, unfaked: Callable[..., None]
) -> None:
    """An operation that the fake refuses is answered by hand, and refused again afterwards."""
    unfaked(name)
    call = getattr(client(), xform_name(name))
    answer = least(model().operation_model(name).output_shape)
    backup.answer(name, answer)
    assert without_metadata(call()) == answer
    backup.answer(name, None)
    with pytest.raises(OperationNotFaked) as refused:
        call()
    assert f"fakebackup.current().answer({name!r}, {{...}})" in str(refused.value)
    assert [call.error for call in backup.calls] == [None, "OperationNotFaked"]
    backup.reset()


@each_transport
def test_nested_members_of_what_is_not_faked(backup: FakeBackup) -> None:
    """Structures, lists and dates inside them are converted by the shape, to any depth."""
    rule = {"RuleName": "daily", "TargetBackupVaultName": "Default", "Lifecycle": {}}
    plan = {"BackupPlanName": "one", "Rules": [rule]}
    backup.answer("GetBackupPlan", {"CreationDate": 0.25, "BackupPlan": plan, "VersionId": "v"})
    answer = without_metadata(client().get_backup_plan(BackupPlanId="id"))
    assert list(answer) == ["BackupPlan", "VersionId", "CreationDate"]
    assert answer["BackupPlan"] == plan
    assert answer["CreationDate"].timestamp() == 0.25


@each_transport
def test_taking_back_gives_the_fakes_own_answer(backup: FakeBackup) -> None:
    """With None the operation answers what is seeded; taking back what is not there is fine."""
    backup.add_backup_job(BackupJobId="one")
    backup.answer("ListBackupJobs", {"BackupJobs": []})
    assert client().list_backup_jobs()["BackupJobs"] == []
    for _ in range(2):
        backup.answer("ListBackupJobs", None)
        assert client().list_backup_jobs()["BackupJobs"][0]["BackupJobId"] == "one"


@each_transport
def test_the_last_answer_counts(backup: FakeBackup) -> None:
    """A later answer replaces an earlier one, and `reset` forgets all."""
    for token in ("one", "two"):
        backup.answer("ListBackupJobs", {"NextToken": token})
    assert client().list_backup_jobs()["NextToken"] == "two"
    backup.reset()
    assert "NextToken" not in client().list_backup_jobs()


@each_transport
def test_the_callers_copy_is_his_own(backup: FakeBackup) -> None:
    """Neither changing an answer nor changing the dict given changes the next answer."""
    jobs = [{"BackupJobId": "one"}]
    backup.answer("ListBackupJobs", {"BackupJobs": jobs})
    jobs.clear()
    first = client().list_backup_jobs()["BackupJobs"]
    first[0]["BackupJobId"] = "changed"
    first.clear()
    assert client().list_backup_jobs()["BackupJobs"] == [{"BackupJobId": "one"}]


@each_transport
def test_a_paginator_pages_over_answers(backup: FakeBackup) -> None:
    """A callable that answers by NextToken is paged through, and the log counts the items."""

    def how(asked: dict[str, Any]) -> dict[str, Any]:
        number = int(asked.get("NextToken", 0))
        following = {"NextToken": str(number + 1)} if number < 2 else {}
        return {"BackupJobs": [{"BackupJobId": str(number)}] * (number + 1), **following}

    backup.answer("ListBackupJobs", how)
    pages = client().get_paginator("list_backup_jobs").paginate()
    told = [job["BackupJobId"] for page in pages for job in page["BackupJobs"]]
    assert told == ["0", "1", "1", "2", "2", "2"]
    assert [(call.items, call.more) for call in backup.calls] == [(1, True), (2, True), (3, False)]
    assert [call.parameters for call in backup.calls] == [
        {},
        {"NextToken": "1"},
        {"NextToken": "2"},
    ]


@each_transport
def test_a_recorded_answer_is_taken_as_it_is(backup: FakeBackup) -> None:
    """What a client answered once, its metadata included, is answered again."""
    backup.add_backup_jobs(2, State=["COMPLETED", "FAILED"])
    recorded = client().list_backup_jobs()
    backup.reset()
    backup.answer("ListBackupJobs", recorded)
    assert client().list_backup_jobs()["BackupJobs"] == recorded["BackupJobs"]


@each_transport
def test_failures_come_before_answers(backup: FakeBackup) -> None:
    """An injected failure hits what is answered by hand, too; the retry is answered."""
    asked: list[Any] = []

    def how(parameters: dict[str, Any]) -> dict[str, Any]:
        asked.append(parameters)
        return {}

    backup.answer("ListBackupJobs", how)
    backup.fail("ListBackupJobs")
    assert client().list_backup_jobs()["ResponseMetadata"]["RetryAttempts"] == 1
    assert asked == [{}]


@each_transport
def test_an_answer_of_a_view_is_for_its_home(backup: FakeBackup) -> None:
    """Through a view it is for calls of the account and Region that `at` was given."""
    backup.at(region="eu-west-1").answer("ListBackupJobs", {"NextToken": "west"})
    backup.at(account_id=OTHER_ACCOUNT, region="eu-west-1").answer(
        "ListBackupJobs", lambda asked: {"NextToken": asked["ByResourceType"]}
    )

    def token(region: str = "us-east-1") -> Any:
        return client(region).list_backup_jobs(ByResourceType="other").get("NextToken")

    assert (token(), token("eu-west-1")) == (None, "west")
    with backup.acting_as(OTHER_ACCOUNT):
        assert (token(), token("eu-west-1")) == (None, "other")


def test_the_last_answer_for_a_home_counts(backup: FakeBackup) -> None:
    """One for a wider place takes the place of earlier ones, one for a narrower is beside it."""

    def tokens() -> list[str | None]:
        regions = ("us-east-1", "eu-west-1")
        return [client(region).list_backup_jobs().get("NextToken") for region in regions]

    west = backup.at(region="eu-west-1")
    backup.answer("ListBackupJobs", {"NextToken": "all"})
    west.answer("ListBackupJobs", {"NextToken": "west"})
    assert tokens() == ["all", "west"]
    west.answer("ListBackupJobs", None)
    assert tokens() == ["all", None]
    west.answer("ListBackupJobs", {"NextToken": "again"})
    assert tokens() == ["all", "again"]
    backup.answer("ListBackupJobs", {"NextToken": "new"})
    assert tokens() == ["new", "new"]
    west.answer("ListBackupJobs", {"NextToken": "west"})
    backup.answer("ListBackupJobs", None)
    assert tokens() == [None, None]


@each_transport
def test_parameters_are_still_judged(backup: FakeBackup) -> None:
    """A value that AWS refuses is refused before the callable is asked."""
    backup.answer("ListBackupJobs", lambda _asked: pytest.fail("it was asked"))
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        client().list_backup_jobs(ByState="NONE")


@pytest.mark.parametrize("how", [{}, None])
def test_an_answer_leaves_no_trace_in_later_fakes(how: Any) -> None:
    """Values that AWS documents beyond the model are accepted after an answer, and beside it."""
    with mock_backup() as fake:
        fake.answer("ListBackupJobSummaries", how)
        client().list_backup_job_summaries(State="ANY", AccountId="ANY")
    with mock_backup() as fake:
        client().list_backup_job_summaries(State="AGGREGATE_ALL", AccountId="ANY")


def test_an_answer_may_come_first_in_a_process() -> None:
    """What an operation accepts is worked out alike, were its first call answered by hand."""
    from fakebackup import dispatch

    with pytest.MonkeyPatch.context() as patch, mock_backup() as fake:
        patch.setattr(dispatch, "_routes", {})
        fake.answer("ListBackupJobSummaries", {})
        client().list_backup_job_summaries()
        fake.answer("ListBackupJobSummaries", None)
        client().list_backup_job_summaries(ResourceType="ANY", MessageCategory="AGGREGATE_ALL")
        with pytest.raises(ClientError, match="InvalidParameterValueException"):
            client().list_backup_job_summaries(MaxResults=501)


# --- Refused ----------------------------------------------------------------------------------

BAD: list[tuple[Any, type[Exception], str]] = [
    ({"BackupJob": []}, TypeError, " has no member 'BackupJob'; did you mean 'BackupJobs'?"),
    (
        {"BackupJobs": [{}, {"Sate": "FAILED"}]},
        TypeError,
        ".BackupJobs[1] has no member 'Sate'; did you mean 'State'?",
    ),
    ({"BackupJobs": {}}, TypeError, ".BackupJobs takes list or tuple, not {} (dict)."),
    (
        {"BackupJobs": [{"BackupSizeInBytes": "7"}]},
        TypeError,
        ".BackupJobs[0].BackupSizeInBytes takes int, not '7' (str).",
    ),
    ({"NextToken": 3}, TypeError, ".NextToken takes str, not 3 (int)."),
    (3, TypeError, " is a dict of its members, not 3 (int)."),
    ([], TypeError, " is a dict of its members, not [] (list)."),
]


@pytest.mark.parametrize(("how", "kind", "message"), BAD)
def test_what_aws_cannot_answer_is_refused(how: Any, kind: type[Exception], message: str) -> None:
    """The message names the place and the near miss, and the answer before it stays."""
    with mock_backup() as fake:
        fake.answer("ListBackupJobs", {"NextToken": "before"})
        with pytest.raises(kind) as caught:
            fake.answer("ListBackupJobs", how)
        assert str(caught.value) == "The answer of ListBackupJobs" + message
        assert client().list_backup_jobs()["NextToken"] == "before"


@pytest.mark.parametrize(("how", "kind", "message"), BAD)
@each_transport
def test_what_a_callable_returns_is_checked(
    backup: FakeBackup, how: Any, kind: type[Exception], message: str
) -> None:
    """A bad answer is an error of the caller's, named as it is, and in the log."""
    backup.answer("ListBackupJobs", lambda _asked: how)
    with pytest.raises(kind) as caught:
        client().list_backup_jobs()
    assert str(caught.value) == "The answer of ListBackupJobs" + message
    assert [call.error for call in backup.calls] == [kind.__name__]


@each_transport
def test_a_value_outside_the_enum_is_refused(backup: FakeBackup) -> None:
    """The message names the values there are, and the near miss."""
    with pytest.raises(ValueError, match=r"BackupJobs\[0\].State is none of CREATED, ") as caught:
        backup.answer("ListBackupJobs", {"BackupJobs": [{"State": "FAILD"}]})
    assert str(caught.value).endswith(": 'FAILD'; did you mean 'FAILED'?")


@each_transport
def test_a_date_that_is_none_is_refused(backup: FakeBackup) -> None:
    """The message names the place and the ways to write a date."""
    with pytest.raises(ValueError, match=r"BackupJobs\[0\].CreationDate is a date: ") as caught:
        backup.answer("ListBackupJobs", {"BackupJobs": [{"CreationDate": "yesterday"}]})
    assert "'yesterday'" in str(caught.value)


@each_transport
def test_an_operation_without_an_answer_takes_none(backup: FakeBackup) -> None:
    """Members for an operation that answers nothing are refused; an empty dict answers it."""
    with pytest.raises(TypeError, match="The answer of DeleteBackupVault has no members, 'x'"):
        backup.answer("DeleteBackupVault", {"x": 1})
    backup.answer("DeleteBackupVault", {})
    assert without_metadata(client().delete_backup_vault(BackupVaultName="missing")) == {}


@each_transport
def test_an_operation_that_does_not_exist_is_refused(backup: FakeBackup) -> None:
    """The message names the near miss; "*" is none, since answers differ."""
    with pytest.raises(ValueError, match="no operation 'ListJobs'; did you mean"):
        backup.answer("ListJobs", {})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"AWS Backup has no operation '\*'\.$"):
        backup.answer("*", {})  # type: ignore[arg-type]


@each_transport
def test_what_a_callable_raises_is_the_callers(backup: FakeBackup) -> None:
    """An exception of the callable's comes out as it is, once, and stands in the log."""
    times: list[None] = []

    def how(_asked: dict[str, Any]) -> dict[str, Any]:
        times.append(None)
        raise LookupError("mine")

    backup.answer("ListBackupJobs", how)
    with pytest.raises(LookupError, match=r"^'?mine'?$"):
        client().list_backup_jobs()
    assert times == [None]
    assert [call.error for call in backup.calls] == ["LookupError"]


@each_transport
def test_an_error_of_aws_that_a_callable_raises(backup: FakeBackup) -> None:
    """It comes out as it is, and the log has its code, as that of other refused calls."""
    error: Any = {"Error": {"Code": "InvalidSignatureException", "Message": "no"}}
    raised = [ClientError(error, "ListBackupJobs"), ClientError({}, "ListBackupJobs")]

    def how(_asked: dict[str, Any]) -> dict[str, Any]:
        raise raised[len(backup.calls) - 1]

    backup.answer("ListBackupJobs", how)
    for each in raised:
        with pytest.raises(ClientError) as caught:
            client().list_backup_jobs()
        assert caught.value is each
    # One without a code has the name of its class.
    assert [call.error for call in backup.calls] == ["InvalidSignatureException", "ClientError"]


@pytest.mark.parametrize("operation", model().operation_names)
def test_every_operation_can_be_answered(operation: Any) -> None:
    """Any operation of the installed botocore takes an answer, and its check knows every shape."""
    shape: Any = model().operation_model(operation).output_shape
    required = [] if shape is None else shape.required_members
    with mock_backup(leftovers="ignore") as fake:
        if required:
            with pytest.raises(ValueError, match=f"cannot be without {', '.join(required)}"):
                fake.answer(operation, {})
        else:
            fake.answer(operation, {})
        with pytest.raises(TypeError, match="has no member"):
            fake.answer(operation, {"Strange": 1})
