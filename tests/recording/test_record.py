"""`python -m fakebackup record`: what it reads of an account, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from fakebackup import factories, mock_backup
from fakebackup.__main__ import main
from fakebackup.recording import account, document
from fakebackup.recording.session import reading
from fakebackup.recording.table import ASKED, Ask
from support import world
from support.botocore_model import known, model
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, TRANSPORTS
from support.sts import sts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fakebackup import FakeBackup

pytestmark = [pytest.mark.frozen(NOW), pytest.mark.usefixtures("keys", "whose")]

REGIONS = (REGION, OTHER_REGION)


class Done(NamedTuple):
    """How a run ended: its status, what it printed, and the document that it wrote."""

    status: int
    out: str
    err: str
    document: Any

    @property
    def answers(self) -> list[tuple[str, str, Any]]:
        """Each answer with its Region and operation."""
        return [(e["region"], e["operation"], e["answer"]) for e in self.document["answers"]]

    def answer(self, operation: str, region: str = REGION) -> Any:
        """The one answer of an operation in a Region."""
        [found] = [
            each for where, name, each in self.answers if (where, name) == (region, operation)
        ]
        return found

    @property
    def refused(self) -> list[tuple[str, str, str]]:
        """The calls that were refused: Region, operation and code."""
        return [(e["region"], e["operation"], e["code"]) for e in self.document["refused"]]


@pytest.fixture
def record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """A function that runs the command, which leaves no file but the one that it is to make."""
    target = tmp_path / "account.json"

    def run(*arguments: str, regions: tuple[str, ...] = (REGION,)) -> Done:
        target.unlink(missing_ok=True)
        named = ("--region", *regions) if regions else ()
        status = main(["record", str(target), *named, *arguments])
        out, err = capsys.readouterr()
        left = sorted(each.name for each in tmp_path.iterdir())
        assert left == ([target.name] if target.exists() else [])
        document = json.loads(target.read_text("utf-8")) if left else None
        return Done(status, out, err, document)

    return run


@pytest.fixture
def whose(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """STS tells the account of the fake."""
    with sts(ACCOUNT) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        yield


@pytest.fixture(params=TRANSPORTS)
def backup(request: pytest.FixtureRequest) -> Iterator[FakeBackup]:
    """A fake that closes the network, on either transport."""
    with mock_backup(
        region=REGION, transport=request.param, network="closed", progress="manual"
    ) as fake:
        yield fake


def some_of_all(backup: FakeBackup) -> None:
    """Some of all there is in two Regions."""
    for region in REGIONS:
        backup.at(region=region).add_backup_job()
    world.seed(backup)
    parts = [factories.backup_job(State="COMPLETED"), factories.backup_job(State="FAILED")]
    backup.add(factories.composite(parts))


# --- What is read -------------------------------------------------------------------------


def test_both_transports_record_the_same(record: Any) -> None:
    """Two Regions of a fake, on either transport: one document."""
    documents = []
    transport: Any
    for transport in TRANSPORTS:
        with mock_backup(
            region=REGION, transport=transport, network="closed", progress="manual"
        ) as fake:
            some_of_all(fake)
            done = record(regions=REGIONS)
        assert (done.status, done.err, done.refused) == (0, "", [])
        documents.append(json.dumps(done.document))
    assert documents[0] == documents[1]


def test_the_form_of_the_document(record: Any, backup: FakeBackup) -> None:
    """It has a head; each answer is as the client has it, dates in UTC with milliseconds."""
    job = backup.add_backup_job(CreationDate="2024-03-15T12:00:00.5+02:00", CompletionDate=None)
    done = record()
    assert done.document["fakebackup"] == {"kind": "recording", "version": 1, "complete": True}
    [entry] = [e for e in done.document["answers"] if e["operation"] == "ListBackupJobs"]
    assert {name: entry[name] for name in ("account_id", "region", "parameters")} == {
        "account_id": ACCOUNT,
        "region": REGION,
        "parameters": {},
    }
    [found] = entry["answer"]["BackupJobs"]
    assert found["BackupJobId"] == job.id
    assert found["CreationDate"] == "2024-03-15T10:00:00.500+00:00"
    text = json.dumps(done.document)
    assert "ResponseMetadata" not in text
    assert "NextToken" not in text
    assert "MaxResults" not in text


def test_the_order_of_threads_does_not_show(record: Any, backup: FakeBackup) -> None:
    """More Regions than are read at once, in any order: the same document."""
    others = ("eu-west-2", "eu-west-3", "eu-north-1", "us-east-2", "us-west-1", "us-west-2")
    regions = (*REGIONS, *others, "ap-south-1", "sa-east-1")
    assert len(regions) > account.MOST_AT_ONCE
    # What an account has once is asked in the Region that is named first.
    some_of_all(backup)
    first = record(regions=regions)
    again = record(regions=(regions[0], *reversed(regions[1:]), regions[0]))
    assert first.document == again.document
    entries = [(e["region"], e["operation"]) for e in first.document["answers"]]
    assert entries == sorted(entries)
    assert {region for region, _ in entries} == set(regions)
    [once] = [region for region, operation in entries if operation == "DescribeGlobalSettings"]
    assert once == regions[0]


def asked_in(table: tuple[Ask, ...]) -> set[str]:
    """The operations in a table."""
    return {each.operation for each in table}.union(*(asked_in(each.each) for each in table))


def test_only_operations_that_read_are_called(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all services, whatever the account holds."""
    called = set()
    client: Any = BaseClient
    make = client._make_api_call

    def made(self: Any, operation: str, parameters: Any) -> Any:
        called.add((self.meta.service_model.service_name, operation))
        return make(self, operation, parameters)

    some_of_all(backup)
    since = len(backup.calls)
    monkeypatch.setattr(client, "_make_api_call", made)
    assert record("--anonymise", regions=REGIONS).status == 0
    assert ("sts", "GetCallerIdentity") in called
    of_backup = {operation for service, operation in called if service == "backup"}
    assert called == {("sts", "GetCallerIdentity"), *(("backup", each) for each in of_backup)}
    assert {each.operation for each in list(backup.calls)[since:]} == of_backup
    allowed = {
        name
        for name in model().operation_names
        if name.startswith(("List", "Describe", "Get"))
        and model().operation_model(name).http["method"] == "GET"
    }
    assert of_backup <= allowed
    assert {each for each in asked_in(ASKED) if known(each)} <= allowed


@pytest.mark.parametrize("operation", ["DeleteBackupVault", "StartBackupJob", "delete_vault", ""])
def test_nothing_else_can_be_asked(operation: str) -> None:
    """An operation that may change something is refused before a client is touched."""
    with pytest.raises(ValueError, match="begins with none of List, Describe, Get"):
        reading(None, operation)


# Not of one account's own things, or told by what else is read.
NOT_READ = {
    "GetBackupPlanFromJSON",
    "GetBackupPlanFromTemplate",
    "GetPITRMalwareScanResults",
    "GetRecoveryPointRestoreMetadata",
    "GetRestoreTestingInferredMetadata",
    "GetSupportedResourceTypes",
    "ListBackupAccessPointsByRecoveryPoint",
    "ListBackupAccessPointsByResource",
    "ListBackupJobSummaries",
    "ListBackupPlanTemplates",
    "ListCopyJobSummaries",
    "ListProtectedResourcesByBackupVault",
    "ListRecoveryPointsByResource",
    "ListRestoreAccessBackupVaults",
    "ListRestoreJobSummaries",
    "ListRestoreJobsByProtectedResource",
    "ListScanJobSummaries",
}


def test_every_noun_is_read() -> None:
    """What a botocore has that is not in the table is named here, with a reason."""
    reads = {n for n in model().operation_names if n.startswith(("List", "Describe", "Get"))}
    assert reads - asked_in(ASKED) <= NOT_READ
    assert not asked_in(ASKED) & NOT_READ


def test_what_an_account_holds_is_in_the_document(record: Any, backup: FakeBackup) -> None:
    """Of each operation of the table that tells something more there is an answer."""
    some_of_all(backup)
    done = record(regions=REGIONS)
    found = {operation for _, operation, _ in done.answers}
    missing = {each for each in asked_in(ASKED) - found if known(each)}
    # What their lists have told already is not asked again.
    assert missing <= {
        "DescribeBackupAccessPoint",
        "DescribeBackupVault",
        "DescribeCopyJob",
        "DescribeReportJob",
        "DescribeReportPlan",
        "DescribeRestoreJob",
        "DescribeScanJob",
    }
    described = [each for _, name, each in done.answers if name == "DescribeBackupJob"]
    if {"NumberOfChildJobs"} <= {*model().shape_for("DescribeBackupJobOutput").members}:  # type: ignore[attr-defined]
        assert [each["NumberOfChildJobs"] for each in described if each.get("IsParent")] == [2]


def test_versions_and_deleted_plans_are_read(record: Any, backup: FakeBackup) -> None:
    """Each version of a plan, and a deleted one, of which no selections and tags are asked."""
    backup.add_vault(BackupVaultName="vault")
    rules = [{"RuleName": "rule", "TargetBackupVaultName": "vault"}]
    ids = [
        call("CreateBackupPlan", BackupPlan={"BackupPlanName": name, "Rules": rules})[
            "BackupPlanId"
        ]
        for name in ("kept", "gone")
    ]
    changed = {"BackupPlanName": "changed", "Rules": rules}
    call("UpdateBackupPlan", BackupPlanId=ids[0], BackupPlan=changed)
    call("DeleteBackupPlan", BackupPlanId=ids[1])
    done = record()
    names = [
        each["BackupPlan"]["BackupPlanName"] for _, n, each in done.answers if n == "GetBackupPlan"
    ]
    assert sorted(names) == ["changed", "gone", "kept"]
    plans = done.answer("ListBackupPlans")["BackupPlansList"]
    assert [("DeletionDate" in each) for each in plans] == [False, True]
    assert done.refused == []


def test_pages_are_made_whole(record: Any, backup: FakeBackup) -> None:
    """The pages of a list are one answer."""
    # What failed leaves no recovery points to be asked about.
    backup.add_backup_jobs(2100, State="FAILED")
    jobs = record().answer("ListBackupJobs")["BackupJobs"]
    assert len(jobs) == 2100
    assert {each["BackupJobId"] for each in jobs} == set(backup.backup_jobs)
    assert len(backup.calls("ListBackupJobs")) == 3


# --- Failures on the way ------------------------------------------------------------------


def test_throttling_is_retried(record: Any, backup: FakeBackup) -> None:
    """The client tries again, often enough, and the document does not tell."""
    some_of_all(backup)
    before = record(regions=REGIONS)
    for region in REGIONS:
        backup.at(region=region).fail("ListBackupJobs", times=5)
        backup.at(region=region).fail(
            "GetBackupVaultAccessPolicy", code="InternalServerError", times=2
        )
    since = len(backup.calls)
    assert record(regions=REGIONS) == before
    attempts = [call.attempts for call in list(backup.calls)[since:]]
    assert sorted(attempts)[-4:] == [3, 3, 6, 6]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_what_is_forbidden_is_passed_over(record: Any, backup: FakeBackup, code: Any) -> None:
    """It is noted with AWS's words; all else is read, in that Region too."""
    some_of_all(backup)
    before = record(regions=REGIONS)
    text = "User: arn:aws:iam::123456789012:user/x is not authorized"
    backup.at(region=OTHER_REGION).fail("ListFrameworks", code=code, message=text, whole_call=True)
    backup.fail("GetBackupPlan", code=code, every=1)
    done = record(regions=REGIONS)
    assert (done.status, done.document["fakebackup"]["complete"]) == (0, True)
    assert {*done.refused} == {
        (OTHER_REGION, "ListFrameworks", code),
        (REGION, "GetBackupPlan", code),
    }
    [entry] = [e for e in done.document["refused"] if e["operation"] == "ListFrameworks"]
    assert entry == {
        "operation": "ListFrameworks",
        "account_id": ACCOUNT,
        "region": OTHER_REGION,
        "parameters": {},
        "code": code,
        "message": text,
    }
    assert done.answers == [
        (region, operation, answer)
        for region, operation, answer in before.answers
        if operation != "GetBackupPlan" and (region, operation) != (OTHER_REGION, "ListFrameworks")
    ]
    assert f"Refused: GetBackupPlan: {code}, 2 calls\n" in done.out
    assert f"Refused: ListFrameworks: {code}\n" in done.out


def test_a_page_that_is_refused(record: Any, backup: FakeBackup) -> None:
    """What came before it is kept, and the refusal noted."""
    backup.add_backup_jobs(1100, State="FAILED")
    backup.fail("ListBackupJobs", code="AccessDeniedException", after=1)
    done = record()
    assert len(done.answer("ListBackupJobs")["BackupJobs"]) == 1000
    assert done.refused == [(REGION, "ListBackupJobs", "AccessDeniedException")]


def test_an_empty_list_may_be_left_out(record: Any, backup: FakeBackup) -> None:
    """The reading goes on, and what was answered is written as it came."""
    backup.add_framework(FrameworkName="audit")
    for operation in ("ListBackupVaults", "ListBackupPlans"):
        backup.answer(operation, lambda _parameters: {})
    done = record()
    assert (done.status, done.refused) == (0, [])
    assert done.answer("ListBackupVaults") == done.answer("ListBackupPlans") == {}
    assert done.answer("DescribeFramework")["FrameworkName"] == "audit"


def test_what_goes_between_its_list_and_its_description(record: Any, backup: FakeBackup) -> None:
    """It is noted and passed over."""
    some_of_all(backup)
    backup.fail("DescribeFramework", code="ResourceNotFoundException", message="Gone.")
    done = record()
    assert done.status == 0
    assert done.refused == [(REGION, "DescribeFramework", "ResourceNotFoundException")]


def test_what_a_vault_lacks_is_no_refusal(record: Any, backup: FakeBackup) -> None:
    """A vault without a policy and notifications is asked for both, and nothing is noted."""
    backup.add_vault(BackupVaultName="bare")
    done = record()
    assert len(backup.calls("GetBackupVaultAccessPolicy")) == 1
    assert len(backup.calls("GetBackupVaultNotifications")) == 1
    assert done.document["refused"] == []


def test_a_region_that_cannot_be_reached_further(record: Any, backup: FakeBackup) -> None:
    """What was read of it is kept, the others are read, and the status is 1."""
    some_of_all(backup)
    before = record(regions=REGIONS)
    there = backup.at(region=OTHER_REGION)
    there.fail("ListBackupJobs", code="EndpointConnectionError", whole_call=True)
    done = record(regions=REGIONS)
    assert (done.status, done.document["fakebackup"]["complete"]) == (1, False)
    assert "It is not complete" in done.out
    assert done.refused == [(OTHER_REGION, "ListBackupJobs", "EndpointConnectionError")]
    here = [each for each in done.answers if each[0] == REGION]
    assert here == [each for each in before.answers if each[0] == REGION]
    assert "ListBackupVaults" in {
        name for region, name, _ in done.answers if region == OTHER_REGION
    }
    assert there.calls[-1].operation == "ListBackupJobs"


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_credentials_that_run_out(record: Any, backup: FakeBackup, code: str) -> None:
    """The Region is asked nothing further, and what was read is kept."""

    def answer(_: Any) -> Any:
        error: Any = {"Error": {"Code": code, "Message": "Log in again."}}
        raise ClientError(error, "ListCopyJobs")

    backup.answer("ListCopyJobs", answer)
    done = record()
    assert (done.status, done.document["fakebackup"]["complete"]) == (1, False)
    assert done.refused == [(REGION, "ListCopyJobs", code)]
    assert backup.calls[-1].operation == "ListCopyJobs"
    assert done.answer("ListBackupJobs") == {"BackupJobs": []}


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_the_file_is_for_its_user_alone(record: Any, backup: FakeBackup, tmp_path: Path) -> None:
    """An account's document is not for everybody on the machine."""
    backup.add_backup_job()
    assert record().status == 0
    assert (tmp_path / "account.json").stat().st_mode & 0o777 == 0o600


# --- Whose account it is ------------------------------------------------------------------


@pytest.mark.fake_backup(account_id=OTHER_ACCOUNT)
def test_arns_tell_the_account(record: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where STS does not, the ARNs of the account's own things do."""
    with (
        sts(code="AccessDenied") as url,
        mock_backup(account_id=OTHER_ACCOUNT, region=REGION, network="closed") as backup,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        backup.add_vault(BackupVaultName="vault")
        done = record()
    assert {entry["account_id"] for entry in done.document["answers"]} == {OTHER_ACCOUNT}


def test_a_refusal_tells_the_account(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an empty account, whom AWS refuses tells."""
    text = "User: arn:aws:sts::444455556666:assumed-role/r/s is not authorized"
    backup.fail("ListLegalHolds", code="AccessDeniedException", message=text)
    with sts(code="AccessDenied") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        done = record()
    assert {entry["account_id"] for entry in done.document["answers"]} == {"444455556666"}


def test_nothing_tells_the_account(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says so, and that the account may be empty, and what to type."""
    with sts(code="AccessDenied") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        done = record()
    assert done.err == (
        "fakebackup: no answer tells the account's id: it may hold nothing in the Regions that "
        "were read. Name it with --account; with the right sts:GetCallerIdentity, AWS tells it.\n"
    )
    assert (done.status, done.document) == (2, None)
    assert backup.calls


def test_an_account_that_is_named(record: Any, backup: FakeBackup) -> None:
    """It is taken as it is named, and STS, which nothing answers here, is not asked."""
    done = record("--account", OTHER_ACCOUNT)
    assert done.status == 0
    assert {entry["account_id"] for entry in done.document["answers"]} == {OTHER_ACCOUNT}
    backup.add_vault(BackupVaultName="vault")
    assert record("--account", ACCOUNT).status == 0


def test_another_account_than_the_one_that_is_named(record: Any, backup: FakeBackup) -> None:
    """ARNs that name another one alone are believed, and nothing is written."""
    backup.add_vault(BackupVaultName="vault")
    done = record("--account", OTHER_ACCOUNT)
    assert (done.status, done.document) == (2, None)
    assert done.err == (
        f"fakebackup: the answers are of account {ACCOUNT}, not {OTHER_ACCOUNT}: leave --account "
        f"out.\n"
    )


@pytest.mark.parametrize("named", ["12", "", "eu-west-1"])
def test_no_account_id(record: Any, backup: FakeBackup, named: str) -> None:
    """What is none is refused before anything is read."""
    done = record("--account", named)
    assert (done.status, done.document) == (2, None)
    assert done.err == f"fakebackup: --account is a string of 12 digits, not {named!r}.\n"
    assert not backup.calls


# --- Ctrl-C -------------------------------------------------------------------------------


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """A function that interrupts the main thread, and returns when that has heard of it."""
    stops = []
    run = account._Reader.run

    def running(self: Any) -> bool:
        stops.append(self._crew.stop)
        return run(self)

    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)
        assert stops[-1].wait(30)

    monkeypatch.setattr(account._Reader, "run", running)
    # What a shell runs in the background inherits that the signal is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield interrupt
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_keeps_what_was_read(
    record: Any, backup: FakeBackup, interrupted: Callable[[], None]
) -> None:
    """The file is written, says that it is not complete, and nothing further is asked."""
    some_of_all(backup)
    whole = record()

    def answer(_: Any) -> Any:
        interrupted()
        return {"CopyJobs": []}

    since = len(backup.calls)
    backup.answer("ListCopyJobs", answer)
    done = record()
    assert done.status == 130
    assert done.document["fakebackup"]["complete"] is False
    assert "It is not complete" in done.out
    read = [(name, each) for _, name, each in done.answers if name != "ListCopyJobs"]
    assert {"ListBackupJobs", "ListBackupVaults", "ListBackupPlans"} <= {name for name, _ in read}
    assert all((REGION, name, each) in whole.answers for name, each in read)
    assert [call.operation for call in list(backup.calls)[since:]][-1] == "ListCopyJobs"
    assert done.document["refused"] == []


def test_ctrl_c_twice(record: Any, backup: FakeBackup, interrupted: Callable[[], None]) -> None:
    """Who does not wait for the calls in flight gets what was read, too."""
    some_of_all(backup)

    def answer(_: Any) -> Any:
        interrupted()
        signal.raise_signal(signal.SIGINT)
        return {"CopyJobs": []}

    backup.answer("ListCopyJobs", answer)
    done = record()
    assert done.status == 130
    assert done.document["fakebackup"]["complete"] is False
    assert done.answer("ListBackupJobs")


def test_ctrl_c_leaves_out_what_is_answered_later(
    record: Any,
    backup: FakeBackup,
    interrupted: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was read is what is written: a call in flight adds nothing to it any more."""
    some_of_all(backup)
    written, came = threading.Event(), threading.Event()
    found: list[document.Recording] = []

    def answer(_: Any) -> Any:
        interrupted()
        signal.raise_signal(signal.SIGINT)
        assert written.wait(30)
        return {"CopyJobs": []}

    def read(*given: Any, **named: Any) -> document.Recording:
        found.append(account_read(*given, **named))
        return found[0]

    def add(crew: Any, call: document.Call, answer: Any) -> None:
        crew_add(crew, call, answer)
        if call.operation == "ListCopyJobs":
            came.set()

    account_read, crew_add = account.read, account._Crew.add
    monkeypatch.setattr(account, "read", read)
    monkeypatch.setattr(account._Crew, "add", add)
    backup.answer("ListCopyJobs", answer)
    assert record().status == 130
    before = found[0].counts
    written.set()
    assert came.wait(30)
    assert found[0].counts == before


def test_ctrl_c_loses_nothing_that_was_answered(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the thread that waits for the readers is when it is interrupted."""
    some_of_all(backup)
    since = len(backup.calls)

    class Interrupted(queue.SimpleQueue[Any]):
        taken = 0

        def get(self, *args: Any, **named: Any) -> Any:
            message = super().get(*args, **named)
            self.taken += 1
            if self.taken == 20:
                raise KeyboardInterrupt
            return message

    monkeypatch.setattr(queue, "SimpleQueue", Interrupted)
    done = record()
    assert done.status == 130
    answered = [each.operation for each in list(backup.calls)[since:] if each.error is None]
    assert len(answered) >= 20
    assert Counter(name for _, name, _ in done.answers) == Counter(answered)


def test_ctrl_c_before_anything_is_read(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written."""

    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(account, "caller_of", interrupt)
    done = record()
    assert (done.status, done.document) == (130, None)
    assert done.err == "fakebackup: interrupted; nothing is written.\n"
    assert not backup.calls


def test_ctrl_c_while_the_file_is_written(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file is none."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(document, "_write", interrupt)
    done = record()
    assert (done.status, done.document) == (130, None)
    assert done.err == "fakebackup: interrupted; nothing is written.\n"
    assert backup.calls


# --- Bad input ----------------------------------------------------------------------------


def fails(done: Done, text: str) -> None:
    """One line says why, the status is 2, and no file is there."""
    assert (done.status, done.out, done.document) == (2, "", None)
    assert done.err.startswith(f"fakebackup: {text}")
    assert done.err.count("\n") == 1


def test_no_credentials(record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    fails(record(), "there are no AWS credentials: log in, set AWS_PROFILE or AWS_ACCESS_KEY_ID, ")
    assert not backup.calls


def test_half_a_pair_of_keys(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words of botocore are one line."""
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    fails(record(), "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY")
    assert not backup.calls


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_profile_that_is_not_there(
    record: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    """The near one is named."""
    folder = tmp_path.parent / f"{tmp_path.name}-config"
    folder.mkdir()
    (folder / "config").write_text("[profile production]\nregion = eu-west-1\n", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    if by == "environment":
        monkeypatch.setenv("AWS_PROFILE", "prodution")
        done = record()
    else:
        done = record("--profile", "prodution")
    fails(
        done,
        "the AWS configuration has no profile 'prodution'; did you mean 'production'?\n",
    )
    monkeypatch.setenv("AWS_PROFILE", "xyz")
    fails(record(), "the AWS configuration has no profile 'xyz'; there are production.\n")


def test_a_profile_names_region_and_keys(
    record: Any, backup: FakeBackup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Region is read where none is named."""
    folder = tmp_path.parent / f"{tmp_path.name}-config"
    folder.mkdir()
    (folder / "config").write_text(
        "[profile shop]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\n",
        "utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    done = record("--profile", "shop", regions=())
    assert done.status == 0
    assert {region for region, _, _ in done.answers} == {OTHER_REGION}
    assert {call.region for call in backup.calls} == {OTHER_REGION}


def test_no_region(record: Any, backup: FakeBackup) -> None:
    """None is guessed."""
    fails(record(regions=()), "no Region is configured: name one or several with --region.\n")
    assert not backup.calls


@pytest.mark.parametrize(
    ("region", "hint"),
    [
        ("eu-wset-1", "; did you mean 'eu-west-1'?"),
        ("EU-WEST-1", "; did you mean 'eu-west-1'?"),
        ("x", "; a newer botocore may know it."),
    ],
)
def test_a_region_that_is_not_there(
    record: Any, backup: FakeBackup, region: str, hint: str
) -> None:
    """The near one is named, and nothing is asked in the others."""
    fails(record(regions=(REGION, region)), f"there is no Region {region!r}{hint}\n")
    assert not backup.calls


def test_a_file_that_exists(
    backup: FakeBackup, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stays as it is, a folder and a link to nowhere too."""
    kept, folder, link = (tmp_path / name for name in ("kept.json", "folder", "link"))
    kept.write_text("mine", "utf-8")
    folder.mkdir()
    link.symlink_to(tmp_path / "nowhere")
    for path in (kept, folder, link):
        assert main(["record", str(path), "--region", REGION]) == 2
        out, err = capsys.readouterr()
        said = f"fakebackup: {path}: there is such a file already; name another one\n"
        assert (out, err) == ("", said)
    assert kept.read_text("utf-8") == "mine"
    assert {each.name for each in tmp_path.iterdir()} == {"kept.json", "folder", "link"}
    assert not backup.calls


def test_a_file_that_appears_meanwhile(
    backup: FakeBackup, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not overwritten."""
    path = tmp_path / "account.json"

    def answer(_: Any) -> Any:
        path.write_text("mine", "utf-8")
        return {"CopyJobs": []}

    backup.answer("ListCopyJobs", answer)
    assert main(["record", str(path), "--region", REGION]) == 2
    assert "there is such a file already" in capsys.readouterr().err
    assert [each.read_text("utf-8") for each in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["absent/account.json", "file/account.json"])
def test_a_folder_that_is_not_there(
    backup: FakeBackup,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """It is told before anything is read."""
    (tmp_path / "file").write_text("", "utf-8")
    path = tmp_path / name
    assert main(["record", str(path), "--region", REGION]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith(f"fakebackup: {path}: the folder ")
    assert err.count("\n") == 1
    assert not backup.calls


def test_no_right_to_any_call(record: Any, backup: FakeBackup) -> None:
    """The rights that are needed are named."""
    backup.fail("*", code="AccessDeniedException", message="Not you.", every=1)
    fails(
        record(regions=REGIONS),
        "no call was allowed (DescribeRegionSettings in eu-west-1: AccessDeniedException: "
        "Not you.). The rights to read an account are backup:List*, backup:Describe*, backup:Get* "
        "and sts:GetCallerIdentity.\n",
    )


def test_no_network(record: Any, attempts: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a fake and a network, the first call ends it."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fails(record(), "no call was answered (DescribeGlobalSettings in us-east-1: ")
    assert attempts


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "ExpiredToken"])
def test_credentials_that_are_refused(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """STS says so before AWS Backup is asked."""
    with sts(code=code) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        fails(record(), f"An error occurred ({code}) when calling the GetCallerIdentity operation")
    assert not backup.calls


def test_slips_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The usage is shown, and --help explains in 80 columns."""
    with pytest.raises(SystemExit) as left:
        main(["record"])
    assert left.value.code == 2
    assert "FILE" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main(["record", "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert "backup:List*" in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []


# --- What is told -------------------------------------------------------------------------


def test_what_is_told_to_programs(record: Any, backup: FakeBackup, tmp_path: Path) -> None:
    """With --json, one document on stdout."""
    backup.fail("ListFrameworks", code="AccessDeniedException", every=1)
    done = record("--json", regions=REGIONS)
    assert json.loads(done.out) == {
        "file": str(tmp_path / "account.json"),
        "complete": True,
        "account_id": ACCOUNT,
        "regions": sorted(REGIONS),
        "answers": len(done.document["answers"]),
        "refused": [
            {"operation": "ListFrameworks", "code": "AccessDeniedException", "calls": 2},
        ],
    }


def test_progress_is_told_at_a_terminal_only(
    record: Any, backup: FakeBackup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, no wider than the terminal, which is cleared at the end."""
    some_of_all(backup)
    assert record().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    told = record().err
    assert told.startswith("\r1 answers, 0 refused; us-east-1: Descri\r")
    lines = told.split("\r")
    assert max(map(len, lines)) == 39
    assert not lines[-1]
    assert not lines[-2].strip()
    assert "\n" not in told


def test_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    """Without boto3 and without credentials, it says in one line what is missing."""
    code = (
        "import runpy, sys\n"
        "for name in ('pytest', 'boto3', 'hypothesis'): sys.modules[name] = None\n"
        "runpy.run_module('fakebackup', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, "record", "account.json", "--region", REGION],
        cwd=tmp_path,
        env={name: os.environ[name] for name in os.environ if not name.startswith("AWS_ACCESS")}
        | {"AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fakebackup: there are no AWS credentials")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_nothing_of_it_is_loaded_before_it_is_asked_for() -> None:
    """Other commands, and the fake, do without."""
    code = (
        "import sys\n"
        "from fakebackup.__main__ import main\n"
        "main(['--json'])\n"
        "assert not [name for name in sys.modules if name.startswith('fakebackup.recording')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
