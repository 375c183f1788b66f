"""Texts and numbers of classes of their own: the fake ends up as with the plain values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from fakebackup import factories, mock_backup
from fakebackup.documents.loadable import HELD
from fakebackup.model.jobs.kinds import BACKUP
from fakebackup.operations import operations
from fakebackup.options import Options
from fakebackup.report import leftovers
from support.botocore_model import every, known
from support.client import call, client
from support.conformance import anatomy
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE, TRANSPORTS
from support.entries import AVAILABLE
from support.hostile import CLASSES, dressed
from support.marks import each_transport
from support.world import VOLUME, requests_of, seed, vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fakebackup import FakeBackup

    Dress = Callable[[Any], Any]

pytestmark = pytest.mark.frozen(NOW)

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"

each_class = pytest.mark.parametrize("how", CLASSES)


def plainly(value: Any) -> Any:
    """The value as it is."""
    return value


def exact(value: Any) -> Any:
    """Everything that can be told about a value, the types of its keys included."""
    if isinstance(value, dict):
        return type(value), [(type(key), key, exact(each)) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [exact(each) for each in value]
    return anatomy(value)


def held(backup: FakeBackup) -> Any:
    """What a fake holds and what its logs show."""
    log = [vars(each) for each in backup.calls]
    return exact([log, backup.events, backup.notifications, backup.dump(), backup.resources])


# --- Clients ------------------------------------------------------------------------------------


def outcome(operation: str, request: dict[str, Any]) -> Any:
    """What becomes of a call."""
    try:
        return exact(getattr(client(REGION), xform_name(operation))(**request))
    except ClientError as error:
        return exact(error.response)


@every(operations())
def test_an_operation(operation: str) -> None:
    """A request of enums is answered, logged and kept as the plain one, on both transports."""
    transport: Any
    for transport in TRANSPORTS:
        with mock_backup(region=REGION, account_id=ACCOUNT, transport=transport) as backup:
            seed(backup)
            for request in requests_of(operation):
                found = []
                for asked in (request, *(dressed(request, how) for how in CLASSES)):
                    with backup.savepoint():
                        found.append((outcome(operation, asked), held(backup)))
                assert found == [found[0]] * len(found)


@each_transport
@each_class
def test_a_client(backup: FakeBackup, how: str) -> None:
    """The Region and the account of a client are plain, too."""
    region, account = dressed(OTHER_REGION, how), dressed(OTHER_ACCOUNT, how)
    made = boto3.Session("key", "secret").client("backup", region_name=region)
    with backup.acting_as(account) as view:
        made.create_backup_vault(BackupVaultName="there")
        [there] = view.at(region=region).vaults.values()
    assert there.arn == f"arn:aws:backup:{OTHER_REGION}:{OTHER_ACCOUNT}:backup-vault:there"
    [logged] = backup.calls
    assert (type(logged.account), type(logged.region)) == (str, str)


@pytest.mark.parametrize("kind", [set, frozenset])
@each_class
def test_a_set(backup: FakeBackup, how: str, kind: Callable[[list[str]], Any]) -> None:
    """What a client that checks nothing sends as a list is logged as it was given, and plain."""
    asked = boto3.Session("key", "secret").client(
        "backup", region_name=REGION, config=Config(parameter_validation=False)
    )
    backup.add_vault(BackupVaultName="vault")
    events = kind(["BACKUP_JOB_FAILED", "COPY_JOB_FAILED"])
    for given in (events, dressed(events, how)):
        asked.put_backup_vault_notifications(
            BackupVaultName="vault", SNSTopicArn=TOPIC, BackupVaultEvents=given
        )
    logged = [each.parameters["BackupVaultEvents"] for each in backup.calls]
    assert logged == [events, events]
    assert {type(each) for each in logged} == {kind}
    assert {type(name) for each in logged for name in each} == {str}


# --- Seeders ------------------------------------------------------------------------------------

JOBS = ("backup_job", "copy_job", "restore_job", "scan_job", "report_job")


def seeds() -> list[tuple[str, dict[str, Any]]]:
    """The seeders, each with the members of something that they can add, in their order."""
    found: list[tuple[str, dict[str, Any]]] = []
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        shown: list[tuple[str, Any]] = [("add_vault", backup.vaults)]
        shown.append(("add_recovery_point", backup.recovery_points))
        for each in AVAILABLE:
            name = each.name.lower().replace(" ", "_")
            shown.append((f"add_{name}", getattr(backup, f"{name}s")))
        shown += [
            (f"add_{each}", getattr(backup, f"{each}s"))
            for each in JOBS
            if known("ListScanJobs") or each != "scan_job"
        ]
        for name, view in shown:
            found += [(name, dict(each)) for each in view.values()]
    return found


@each_transport
@each_class
def test_a_seeder(backup: FakeBackup, how: str) -> None:
    """Members of enums are kept as the plain ones, at every depth, by each seeder."""
    added: set[str] = set()
    for name, members in seeds():
        tagged = {"Tags": {"team": "a"}} if name in ("add_vault", "add_recovery_point") else {}
        found = []
        for given in (members | tagged, dressed(members | tagged, how)):
            with backup.savepoint():
                made = getattr(backup, name)(**given)
                found.append((exact(dict(made)), repr(made), held(backup)))
        assert found[0] == found[1], name
        getattr(backup, name)(**members)
        added.add(name)
    assert {f"add_{each}" for each in ("vault", "recovery_point", "backup_job")} < added


UNKNOWN = sorted(each for each in BACKUP.known - set(BACKUP.members) if each.endswith("Arn"))


@pytest.mark.skipif(not UNKNOWN, reason="the installed botocore knows all members of backup jobs")
@each_class
def test_a_member_that_the_installed_botocore_does_not_know(backup: FakeBackup, how: str) -> None:
    """It is kept plain as well."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd"
    given: Any = {UNKNOWN[0]: dressed(key, how)}
    assert type(backup.add_backup_job(**given).members[UNKNOWN[0]]) is str


@each_class
def test_the_keys_of_members(backup: FakeBackup, how: str) -> None:
    """The names of members are plain, inside of others too."""
    given = {"StatusMessage": "text", "CreatedBy": {"BackupPlanId": "plan"}}
    job = backup.add_backup_job(**dressed(given, how))
    assert {type(each) for each in (*job.given, *job.members, *job.members["CreatedBy"])} == {str}


def answers() -> list[dict[str, Any]]:
    """What each operation that can be loaded answers, as a recording has it."""
    found = []
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        home = {"account_id": ACCOUNT, "region": REGION}
        for operation in filter(known, HELD):
            request: dict[str, Any] = next(requests_of(operation), {})
            answer = call(operation, **request)
            found.append({"operation": operation, **home, "parameters": request, "answer": answer})
    return found


@each_class
def test_loading(backup: FakeBackup, how: str) -> None:
    """A recording of enums is loaded as the plain one, and a single answer."""
    recording = {"fakebackup": {"kind": "recording", "version": 1}, "answers": answers()}
    job = {"BackupJobId": "one", "State": "FAILED", "CreationDate": "2024-03-15T00:00:00Z"}
    found = []
    for dress in (plainly, lambda value: dressed(value, how)):
        with backup.savepoint():
            backup.load(dress(recording))
            backup.load(dress(job), dress("DescribeBackupJob"), parameters=dress({}))
            backup.load(
                dress({"Tags": {"team": "a"}}),
                dress("ListTags"),
                parameters=dress({"ResourceArn": vault("vault")}),
            )
            found.append(held(backup))
    assert found[0] == found[1]


# --- Other arguments ----------------------------------------------------------------------------

OPTIONS: dict[str, Any] = {
    "account_id": OTHER_ACCOUNT,
    "region": OTHER_REGION,
    "management_account": [ACCOUNT],
    "page_size": 7,
    "summed_as": "ALL",
    "progress": "clock",
    "durations": {"RUNNING": timedelta(minutes=1)},
    "same_resource": "fails",
    "quotas": {"vaults": 3},
    "transport": "wire",
    "network": "closed",
    "beside": "moto",
    "event_readings": ["iso-dates"],
    "leftovers": "ignore",
}

SETS = {"management_accounts", "event_readings"}


@each_class
@pytest.mark.parametrize("name", OPTIONS)
def test_an_option(name: str, how: str) -> None:
    """An option is kept plain."""
    plain, other = (
        vars(Options.read(given, "mock_backup()"))
        for given in ({name: OPTIONS[name]}, dressed({name: OPTIONS[name]}, how))
    )
    for each in (plain, other):
        each |= {what: sorted(each[what]) for what in each.keys() & SETS}
    assert exact(other) == exact(plain)


def seeding(backup: FakeBackup, dress: Dress) -> Iterator[Any]:
    """Seed by what takes no members alone."""
    yield backup.add_backup_jobs(dress(2), State=dress(["FAILED", "RUNNING"]))
    yield backup.add(factories.batch(factories.copy_job, dress(2), StatusMessage=dress("text")))
    yield backup.add(*factories.composite(dress(2), State=dress("PARTIAL")))
    backup.add_resource(dress(VOLUME), dress({"team": "a"}))
    backup.add_backup_plan(BackupPlanId="plan")
    backup.add_backup_selection()
    yield backup.run_plan(dress("plan"), dress("DailyBackups"))
    backup.add_restore_testing_plan(RestoreTestingPlanName="tests")
    backup.add_restore_testing_selection(
        RestoreTestingSelectionName="all", ProtectedResourceType="EBS"
    )
    backup.add_recovery_point(ResourceArn=VOLUME)
    yield backup.run_restore_testing_plan(dress("tests"))
    view = backup.at(account_id=dress(OTHER_ACCOUNT), region=dress(OTHER_REGION))
    yield view.add_vault()
    yield exact([view.account_id, view.region])


def moving(backup: FakeBackup, dress: Dress) -> Iterator[Any]:
    """Move jobs by hand."""
    backup.add_backup_job(State="RUNNING").complete(State=dress("COMPLETED"))
    backup.add_backup_job(State="RUNNING").fail(dress("text"), dress("AccessDenied"))
    job = backup.add_backup_job(State="RUNNING")
    job.progress = dress("clock")
    yield exact(job.progress)
    job.update(**dress({"State": "FAILED", "BytesTransferred": 7}))
    yield job


def choosing(backup: FakeBackup, dress: Dress) -> Iterator[Any]:
    """Choose outcomes, failures and answers."""
    backup.next_outcome(
        dress("StartBackupJob"),
        ResourceArn=dress(VOLUME),
        times=dress(2),
        **dress({"State": "FAILED", "StatusMessage": "text"}),
    )
    backup.next_outcome(
        dress("UpdateRecoveryPointIndexSettings"),
        **dress({"IndexStatus": "FAILED", "IndexStatusMessage": "text"}),
    )
    backup.fail(
        dress("ListBackupVaults"),
        code=dress("ServiceUnavailableException"),
        message=dress("text"),
        status=dress(503),
        times=dress(5),
        after=dress(0),
        every=dress(2),
        seed=dress(3),
        when=dress({"MaxResults": 3}),
    )
    backup.fail(dress("*"), code=dress("AccessDeniedException"), when=dress({"NextToken": "x"}))
    backup.answer(dress("GetBackupPlan"), dress({"BackupPlanId": "plan", "VersionId": "one"}))
    backup.add_vault(BackupVaultName="vault")
    for _ in range(2):
        yield outcome("ListBackupVaults", {"MaxResults": 3})
    yield outcome("GetBackupPlan", {"BackupPlanId": "other"})
    asked = {"BackupVaultName": "vault", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    yield outcome("StartBackupJob", {**asked, "IdempotencyToken": "token"})
    yield leftovers.lines(backup.backend)


def looking(backup: FakeBackup, dress: Dress) -> Iterator[Any]:
    """Look at what there is."""
    backup.add_vault(BackupVaultName="vault")
    call("ListBackupVaults")
    yield backup.vaults[dress("vault")], dress("vault") in backup.vaults
    yield backup.vaults.get(dress("vault")), backup.calls(dress("ListBackupVaults"))
    with backup.serve(dress(0)) as server:
        found = server.environment(dress(OTHER_ACCOUNT), dress(OTHER_REGION))
        yield exact([found["AWS_REGION"], found["AWS_ACCESS_KEY_ID"]])
    with backup.acting_as(dress(OTHER_ACCOUNT)) as view:
        yield view
        yield outcome(
            "CreateBackupVault", {"BackupVaultName": "other", "CreatorRequestId": "token"}
        )


@pytest.mark.filterwarnings("ignore::fakebackup.FakeBackupWarning")
@pytest.mark.parametrize("story", [seeding, moving, choosing, looking])
@pytest.mark.fake_backup(leftovers="ignore")
@each_transport
@each_class
def test_an_argument(
    backup: FakeBackup, story: Callable[[FakeBackup, Dress], Iterator[Any]], how: str
) -> None:
    """Whatever else takes a text or a number takes one of an enum as the plain one."""
    found = []
    for dress in (plainly, lambda value: dressed(value, how)):
        with backup.savepoint():
            found.append((repr(list(story(backup, dress))), held(backup)))
    assert found[0] == found[1]


@each_class
def test_a_path(backup: FakeBackup, how: str, tmp_path: Path) -> None:
    """The path of a file is the value of an enum, and not its name."""
    backup.add_vault(BackupVaultName="vault")
    path = dressed(str(tmp_path / "dump.json"), how)
    backup.dump(path)
    backup.report(dressed(str(tmp_path / "page.html"), how))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dump.json", "page.html"]
    backup.reset()
    backup.load(path)
    assert list(backup.vaults) == ["vault"]
