"""Dumps: what is in one, where it is written, and what is not loaded."""

from __future__ import annotations

import copy
import json
import os
import re
import stat
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupError, factories, mock_backup
from fakebackup.documents import dump, dump_requests, dump_stores, dump_things
from fakebackup.documents.answers import OWN
from fakebackup.documents.dump_values import DATES, MAPS, written
from fakebackup.model.engine.restore_testing.aftermath import Test
from fakebackup.model.jobs.job import Job
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.reports.compliance import Finding
from fakebackup.model.reports.controls import Subject
from fakebackup.model.reports.jobs import Source
from fakebackup.model.reports.period import Period
from fakebackup.model.reports.report import Report
from fakebackup.model.stores.clockwork import Clockwork
from fakebackup.model.stores.entries import PROTECTED, PROTECTED_IN_VAULT, Entry, Token
from fakebackup.model.stores.lanes import Lanes
from fakebackup.model.stores.numbers import Numbers
from fakebackup.model.stores.organization import Organization, Store
from fakebackup.model.stores.outcomes import Outcome
from fakebackup.model.vaults.store import Vaults
from fakebackup.model.vaults.vault import RecoveryPoint, Vault
from fakebackup.nouns.table import NOUNS
from fakebackup.operations import operations
from support.botocore_model import known, model
from support.client import call, client, held, whole
from support.constants import ACCOUNT, DAY, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE
from support.reading import ask
from support.world import VOLUME, input_shape, seed, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fakebackup.nouns.noun import Noun

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT),
]


# --- What a dump has ----------------------------------------------------------------------------

KEPT: dict[type, Iterable[str]] = {
    Organization: (
        *("stores", "jobs", "clockwork", "outcomes", "settings", "numbers"),
        *("relisted", "loaded"),
    ),
    Store: ("home", "jobs", "tags", "resources", "tokens", "warned", "_vaults", "_entries"),
    Clockwork: ("polled", "waiting", "due", "unread", "lanes"),
    Lanes: ("taken", "waiting"),
    Numbers: [field.attribute for field in dump.NUMBERS],
    Outcome: [field.attribute for field in dump.OUTCOME],
    Entry: ["members", *(field.attribute for field in dump_things.ENTRY)],
    Token: ("made", "answer", "asked"),
    Job: ["kind", "members", "given", "home", *(each.attribute for each in dump_things.JOB)],
    JobRequest: [field.attribute for field in dump_requests.REQUEST_FIELDS],
    Test: [field.attribute for field in dump_requests.TEST],
    Report: [field.attribute for field in dump_requests.REPORT],
    Period: [field.attribute for field in dump_requests.PERIOD],
    Source: [field.attribute for field in dump_requests.SOURCE],
    Finding: [field.attribute for field in dump_requests.FINDING],
    Subject: [field.attribute for field in dump_requests.SUBJECT],
    Vaults: ("_by_name",),
    Vault: ["members", "_by_arn", *(field.attribute for field in dump_things.VAULT_FIELDS)],
    RecoveryPoint: [
        *("vault", "_members"),
        *(field.attribute for field in dump_things.POINT_FIELDS),
    ],
}
"""Per class of what a fake holds, the attributes that a dump has."""

_HISTORY = "is what happened to the test, not what is held"
_WORK = "is of the work that is being done; a dump is made at rest"
_INDEX = "follows what the dump has"

DERIVED: dict[type, dict[str, str]] = {
    Organization: {
        "options": "are the other fake's; but for progress, by which it is told what is due",
        "engine": "is code",
        "lock": _WORK,
        "inactive_because": "is of the fake",
        "bus": _HISTORY,
        "notifications": _HISTORY,
        "notification_homes": _HISTORY,
        "notification_copies": _HISTORY,
        "wait_counts": "is how long a loop of the test has waited",
        "_region_jobs": _INDEX,
        "deferred": "is empty: a dump looks at the vaults",
        "advancing": _WORK,
        "depth": _WORK,
        "savepoints": "are blocks of the test that are open",
        "neighbour": "is the mock beside; a dump has what the fake holds alone",
    },
    Store: {
        "organization": "is the other fake's",
        "_has_default": "is true: a dump looks at the vaults",
    },
    Clockwork: {
        "ran": _WORK,
        "went_on": _WORK,
        "latest": "is when the dump is loaded: its times are as they are",
        "told_of_past": "is told of a fake's own clock",
        "_scheduled": "is counted anew, in the same order",
    },
    Lanes: {"holders": _INDEX, "lines": _INDEX, "freed": _WORK, "letting_in": _WORK},
    Numbers: {},
    Outcome: {"since": "counts calls, and " + _HISTORY},
    Entry: {},
    Token: {},
    Job: {
        "store": "is where the job stands in the dump",
        "parent": "is needed before a job is added; then its ParentJobId tells it",
    },
    JobRequest: {"made": "is in the mock beside, until the job has left its recovery point"},
    Test: {},
    Report: {},
    Period: {},
    Source: {"period": "is empty until the report is written"},
    Finding: {},
    Subject: {},
    Vaults: {"_by_arn": _INDEX, "_by_resource": _INDEX, "_by_parent": _INDEX},
    Vault: {
        "store": "is where the vault stands in the dump",
        "points": "is a view of _by_arn",
        "in_order": _INDEX,
    },
    RecoveryPoint: {},
}
"""Per class, the attributes that no dump has, each with the reason."""


def attributes(each: Any) -> set[str]:
    """The attributes that an object has."""
    slots = [name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ())]
    return {*slots, *getattr(each, "_fields", ()), *vars_of(each)} - {"__dict__"}


def vars_of(each: Any) -> set[str]:
    """The attributes in an object's dict, if it has one."""
    return set(getattr(each, "__dict__", {}))


def test_every_attribute_is_dumped_or_has_its_reason(backup: FakeBackup) -> None:
    """An attribute that is new in what a fake holds must be put into the dump, or not, here."""
    seed(backup)
    organization = backup.backend.organization
    store = organization.store(ACCOUNT, REGION)
    vault = store.vaults.get("vault")
    assert vault is not None
    point = next(iter(vault.points.values()))
    backup.next_outcome("StartBackupJob")
    outcome = organization.outcomes.pop()
    period = Period(0, 0, 0)
    found: list[Any] = [
        *(organization, store, organization.clockwork, organization.clockwork.lanes),
        organization.numbers,
        *(outcome, store.all_entries()[0][1], next(iter(store.tokens.values()))),
        *(next(iter(backup.backup_jobs.values())), JobRequest(), store.vaults, vault, point),
        *(
            Test(0, 0),
            Report(store.home, {}, (), period),
            period,
            Finding(store.home, {}, {}, 0, {}),
        ),
        *(Source(store.home, {}, {}, {}), Subject("", "", "", "")),
    ]
    assert {type(each) for each in found} == set(KEPT) == set(DERIVED)
    for each in found:
        kind = type(each)
        if kind is Organization:
            assert attributes(each) - DERIVED[kind].keys() == set(KEPT[kind])
        else:
            assert attributes(each) == {*KEPT[kind], *DERIVED[kind]}, kind.__name__
        assert not set(KEPT[kind]) & DERIVED[kind].keys()


def test_dates_and_maps_are_those_of_the_model() -> None:
    """Each name is of a date, or of a map, wherever the installed botocore's model has it."""
    types: dict[str, set[str]] = {}
    for name in model().shape_names:
        shape: Any = model().shape_for(name)
        for member, each in getattr(shape, "members", {}).items():
            types.setdefault(member, set()).add(each.type_name)
    given = {member for operation in operations() for member in parameters(operation)}
    filters = {name for name in given if name.startswith(("By", "Created"))}
    timestamps = {member for member, kinds in types.items() if "timestamp" in kinds} - filters
    maps = {member for member, kinds in types.items() if "map" in kinds}
    assert timestamps <= DATES
    assert maps <= MAPS
    assert all(types.get(name, {"timestamp"}) == {"timestamp"} for name in DATES)
    assert all(types.get(name, {"map"}) == {"map"} for name in MAPS)


def parameters(operation: str) -> set[str]:
    """The parameters of an operation."""
    shape = input_shape(operation) if known(operation) else None
    return set() if shape is None else set(shape.members)


def test_a_dump_is_read_by_people(backup: FakeBackup) -> None:
    """Things have AWS's members, dates are ISO 8601, and what is not AWS's stands apart."""
    backup.add_vault(BackupVaultName="Daily", CreationDate=NOW, Tags={"team": "storage"})
    job = backup.add_backup_job(
        State="RUNNING", BackupVaultName="Daily", CreationDate=NOW, ResourceArn=VOLUME
    )
    job.progress = "polls"
    document = backup.dump()
    assert document["fakebackup"] == {"kind": "dump", "version": 1}
    (account,) = document["Accounts"]
    assert (account["AccountId"], account["Region"]) == (ACCOUNT, REGION)
    (vault,) = account["BackupVaults"]
    assert vault["BackupVaultName"] == "Daily"
    assert vault["CreationDate"] == "2024-03-15T13:30:15.250Z"
    assert account["Tags"] == {vault["BackupVaultArn"]: {"team": "storage"}}
    (told,) = account["BackupJobs"]
    assert told["State"] == "RUNNING"
    assert told["StartBy"] == "2024-03-15T21:30:15.250Z"
    assert told["fakebackup"] == {
        "number": 1,
        "progress": "polls",
        "given": ["BackupVaultName", "CreationDate", "ResourceArn", "State"],
    }
    assert document["Clockwork"] == {"MovedByPolls": [job.id]}


def plain_types(value: Any) -> set[type]:
    """The types of all values in a document."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {type(value)}.union(*map(plain_types, inner))


def test_a_dump_shares_nothing_with_the_fake(backup: FakeBackup) -> None:
    """It is plain JSON, and whoever changes it, or what was loaded, changes no fake."""
    seed(backup)
    document = backup.dump()
    assert plain_types(document) <= {dict, list, str, int, bool, type(None)}
    told, before = json.dumps(document), whole(backup)
    with mock_backup(region=REGION, account_id=ACCOUNT) as other:
        other.load(document)
        spoil(document)
        assert json.dumps(other.dump()) == told
        spoil(other.dump())
        assert json.dumps(other.dump()) == told
    assert whole(backup) == before


def spoil(value: Any) -> None:
    """Change everything in a document."""
    for each in list(value.values()) if isinstance(value, dict) else value:
        if isinstance(each, (dict, list)):
            spoil(each)
    value.clear()


def test_the_dump_of_an_empty_fake(backup: FakeBackup) -> None:
    """It holds nothing, in no account, and loads."""
    document = backup.dump()
    assert document == {
        "fakebackup": {"kind": "dump", "version": 1},
        "MadeUnder": {"account_id": ACCOUNT, "region": REGION, "progress": "polls"},
        "Accounts": [],
    }
    assert backup.load(document) == []
    assert backup.dump() == document


def test_a_savepoint_undoes_loading(backup: FakeBackup) -> None:
    """What a dump brings inside of a savepoint is gone at its end, and can be loaded again."""
    seed(backup)
    document = backup.dump()
    backup.reset()
    backup.at(region=OTHER_REGION).fail("ListBackupJobs", times=1)
    before = whole(backup)
    for _ in range(2):
        with backup.savepoint():
            jobs = backup.load(document)
            client().list_backup_jobs()
            jobs[0].update(StatusMessage="changed")
            for point in list(backup.recovery_points.values()):
                backup.remove(point)
        assert whole(backup) == before
        assert all(job.store is None for job in jobs)
    with backup.savepoint():
        backup.load(document)
        assert backup.dump() == document
    assert backup.dump()["Accounts"] == []
    backup.reset()


def test_all_accounts_and_regions(backup: FakeBackup) -> None:
    """A view dumps and loads the whole fake; each thing lies where it lay."""
    there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    here_id, there_id = backup.add_backup_job().id, there.add_backup_job().id
    document = there.dump()
    assert document == backup.dump()
    places = [(each["AccountId"], each["Region"]) for each in document["Accounts"]]
    assert places == [(OTHER_ACCOUNT, OTHER_REGION), (ACCOUNT, REGION)]
    with mock_backup(region="us-west-2") as other:
        jobs = other.at(region=REGION).load(document)
        assert {job.id for job in jobs} == {here_id, there_id}
        elsewhere = other.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
        assert list(elsewhere.backup_jobs) == [there_id]
        assert list(other.at(account_id=ACCOUNT, region=REGION).backup_jobs) == [here_id]
        assert list(other.backup_jobs) == []


# --- What a dump has not ------------------------------------------------------------------------


def test_what_happened_is_no_part_of_it(backup: FakeBackup) -> None:
    """Calls, events, notifications, failures and answers by hand stay with the test."""
    seed(backup)
    backup.fail("ListBackupJobs")
    backup.answer("ListBackupVaults", {"BackupVaultList": []})
    job = call(
        "StartBackupJob", **values("StartBackupJob").plain("", input_shape("StartBackupJob"))
    )
    backup.backup_jobs[job["BackupJobId"]].complete()
    assert backup.events
    document = backup.dump()
    backup.reset()
    backup.load(document)
    assert (list(backup.calls), backup.events, backup.notifications) == ([], [], [])
    assert client().list_backup_jobs()["BackupJobs"]
    assert client().list_backup_vaults()["BackupVaultList"]
    assert backup.backup_jobs[job["BackupJobId"]].events == []


def test_handlers_and_preparations_of_the_other_fake_stay(backup: FakeBackup) -> None:
    """What a test has prepared before it loads a dump is there afterwards."""
    backup.add_backup_job(State="RUNNING")
    backup.next_outcome("StartCopyJob", State="FAILED")
    document = backup.dump()
    backup.reset()
    with mock_backup(region=REGION, leftovers="ignore") as other:
        events: list[Any] = []
        other.on_event(lambda event, _context: events.append(event))
        other.next_outcome("StartCopyJob", State="COMPLETED")
        (job,) = other.load(document)
        job.complete()
        assert [event["detail"].get("state") for event in events][-1] == "COMPLETED"
        states = [each.state for each in other.backend.organization.outcomes]
        assert states == ["FAILED", "COMPLETED"]


# --- What goes on -------------------------------------------------------------------------------


def test_a_token_gives_the_first_job(backup: FakeBackup) -> None:
    """A retry after the dump was loaded finds what the first call started."""
    seed(backup)
    asked: Any = {"BackupVaultName": "vault", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    asked["IdempotencyToken"] = "token"
    first = call("StartBackupJob", **asked)
    document = backup.dump()
    backup.reset()
    backup.load(document)
    assert call("StartBackupJob", **asked) == first
    assert call("StartBackupJob", **asked | {"IdempotencyToken": "other"}) != first


def test_a_token_of_what_is_gone_is_gone(backup: FakeBackup) -> None:
    """What a call created and somebody deleted is created anew, as before."""
    asked: Any = {"FrameworkName": "a", "IdempotencyToken": "token"}
    asked["FrameworkControls"] = [{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]
    first = call("CreateFramework", **asked)
    client().delete_framework(FrameworkName="a")
    document = backup.dump()
    assert "IdempotencyTokens" not in json.dumps(document)
    backup.reset()
    backup.load(document)
    assert call("CreateFramework", **asked) != first


def test_pages_go_on(backup: FakeBackup) -> None:
    """A token of a page that the first fake gave goes on in the other one."""
    backup.add_backup_jobs(5)
    page = client().list_backup_jobs(MaxResults=2)
    document = backup.dump()
    ids = list(backup.backup_jobs)
    backup.reset()
    backup.load(document)
    rest = client().list_backup_jobs(NextToken=page["NextToken"])["BackupJobs"]
    assert [each["BackupJobId"] for each in [*page["BackupJobs"], *rest]] == ids


MODES = ("manual", "polls", "immediate", "clock")


@pytest.mark.filterwarnings("ignore:A run of the restore testing plan")
@pytest.mark.parametrize("before", MODES)
@pytest.mark.parametrize("after", MODES)
def test_under_another_progress(before: Any, after: Any) -> None:
    """Jobs move as they did; plans run, and points age, where the fake lets the clock do it."""
    with freeze_time(NOW) as clock:
        with mock_backup(region=REGION, account_id=ACCOUNT, progress=before) as backup:
            seed(backup)
            backup.add_resource("arn:aws:s3:::bucket")
            running = backup.add_backup_job(State="RUNNING")
            running.progress = "clock"
            backup.add_recovery_point(
                BackupVaultName="vault",
                RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-1",
                Lifecycle={"DeleteAfterDays": 2},
            )
            document = backup.dump()
        with mock_backup(region=REGION, account_id=ACCOUNT, progress=after) as other:
            other.load(document)
            clock.tick(3 * DAY)
            assert other.backup_jobs[running.id].state == "COMPLETED"
            aged = "arn:aws:ec2:us-east-1::snapshot/snap-1" not in other.recovery_points
            assert aged is (after == "clock")
            plans = client().list_backup_plans()["BackupPlansList"]
            run = [plan for plan in plans if "LastExecutionDate" in plan]
            assert bool(run) is (after == "clock")
            assert bool(other.reports) is (after == "clock")
            tests = client().list_restore_testing_plans()["RestoreTestingPlans"]
            run = [plan for plan in tests if "LastExecutionTime" in plan]
            assert bool(run) is (after == "clock")


def test_default_vaults(backup: FakeBackup) -> None:
    """The accounts of a dump have the vaults that it says; others follow the option."""
    backup.add_backup_job(State="FAILED", BackupVaultName="Daily")
    without = backup.dump()
    with mock_backup(region=REGION, account_id=ACCOUNT, default_vault=True) as other:
        other.load(without)
        assert "Default" not in other.vaults
        assert "Default" in other.at(region=OTHER_REGION).vaults
        client().list_backup_vaults()
        other.at(account_id=OTHER_ACCOUNT).vaults["Default"]  # it is made
        told = other.dump()
        client(OTHER_REGION).create_backup_vault(BackupVaultName="another")
        client(OTHER_REGION).delete_backup_vault(BackupVaultName="Default")
        client(OTHER_REGION).delete_backup_vault(BackupVaultName="another")
        gone = other.dump()
    for document, there in ((told, True), (gone, False)):
        with mock_backup(region=REGION, account_id=ACCOUNT, default_vault=True) as other:
            # Looking at it made one, which was implied and empty: it gives way.
            assert "Default" in other.at(region=OTHER_REGION).vaults
            other.load(document)
            assert ("Default" in other.at(region=OTHER_REGION).vaults) is there
            assert other.dump() == document


# --- Files --------------------------------------------------------------------------------------


def files(folder: Path) -> list[str]:
    """The names of what lies in a folder."""
    return [each.name for each in folder.iterdir()]


def test_a_file_holds_the_same(backup: FakeBackup, tmp_path: Path) -> None:
    """The file has the document, one thing a line, in UTF-8, and nothing else lies beside it."""
    seed(backup)
    backup.add_backup_jobs(3, BackupVaultName="vault", StatusMessage="gr\u00fcn \U0001f5c4")
    path = tmp_path / "account.json"
    path.write_text("an older one", "utf-8")
    document = backup.dump(path)
    text = path.read_text("utf-8")
    assert json.loads(text) == document
    assert text == text.rstrip() + "\n"
    assert files(tmp_path) == ["account.json"]
    assert sum(line.count('"BackupJobId": ') for line in text.splitlines()) == 4
    assert max(line.count('"BackupJobId": ') for line in text.splitlines()) == 1
    assert "gr\u00fcn \U0001f5c4" in text
    backup.reset()
    jobs = backup.load(str(path))
    assert len(jobs) == len(backup.backend.organization.jobs.by_id)
    assert backup.dump(str(path)) == document
    assert path.read_text("utf-8") == text


def test_a_folder_of_a_single_dump(backup: FakeBackup, tmp_path: Path) -> None:
    """It is loaded as the file in it is."""
    job = backup.add_backup_job()
    document = backup.dump(tmp_path / "account.json")
    backup.reset()
    assert [each.id for each in backup.load(tmp_path)] == [job.id]
    assert backup.dump() == document


def test_a_link_stays(backup: FakeBackup, tmp_path: Path) -> None:
    """What a symbolic link points to is replaced, not the link."""
    path, link = tmp_path / "there.json", tmp_path / "link.json"
    link.symlink_to(path)
    backup.dump(link)
    assert link.is_symlink()
    assert json.loads(path.read_text("utf-8"))["Accounts"] == []


@pytest.mark.parametrize("path", ["missing/account.json", "folder"])
def test_no_half_file_stays(backup: FakeBackup, tmp_path: Path, path: str) -> None:
    """Where a file cannot be written, the error is Python's own, and nothing is left behind."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=re.escape(path.partition("/")[0])) as told:
        backup.dump(tmp_path / path)
    assert told.value.filename == os.fspath(tmp_path / path)
    assert files(tmp_path) == ["folder"]


def test_an_interrupted_file_leaves_the_older_one(
    backup: FakeBackup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the writing, the file that was there is still whole."""
    path = tmp_path / "account.json"
    before = backup.dump(path)

    def interrupt(_value: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(dump, "_ENCODE", interrupt)
    with pytest.raises(KeyboardInterrupt):
        backup.dump(path)
    assert files(tmp_path) == ["account.json"]
    assert json.loads(path.read_text("utf-8")) == before


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such rights")
def test_others_may_read_the_file(backup: FakeBackup, tmp_path: Path) -> None:
    """The file has the rights that any new file has."""
    (tmp_path / "other").touch()
    backup.dump(tmp_path / "account.json")
    modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert len(modes) == 1


# --- What is not loaded -------------------------------------------------------------------------


def refuse(backup: FakeBackup, source: Any, text: str) -> None:
    """Hold that a dump is refused with a text, and that nothing has changed."""
    before = whole(backup)
    with pytest.raises(ValueError, match=f"^{re.escape(text)}"):
        backup.load(source)
    assert whole(backup) == before


def test_a_newer_version(backup: FakeBackup, tmp_path: Path) -> None:
    """The error says which version it is, which is known, and what to do."""
    path = tmp_path / "account.json"
    document = backup.dump()
    document["fakebackup"]["version"] = 2
    text = (
        "this dump is of version 2, and the newest that this fakebackup reads is 1: install a "
        "newer fakebackup."
    )
    refuse(backup, document, text)
    path.write_text(json.dumps(document), "utf-8")
    refuse(backup, path, f"{path}: {text}")


HOLDS: dict[str, Any] = {
    "1 job, 1 vault, 1 recovery point": lambda backup: (
        backup.add_backup_job(BackupVaultName="Daily"),
        backup.vaults["Daily"],
    ),
    "1 job": lambda backup: backup.add_report_job(),
    "1 vault": lambda backup: backup.add_vault(),
    "1 vault, 2 recovery points": lambda backup: [backup.add_recovery_point() for _ in range(2)],
    "1 resource": lambda backup: backup.add_resource("arn:aws:s3:::bucket"),
    "1 framework": lambda _backup: client().create_framework(
        FrameworkName="a", FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]
    ),
    "global settings": lambda _backup: client().update_global_settings(
        GlobalSettings={"isCrossAccountBackupEnabled": "true"}
    ),
}


@pytest.mark.parametrize("what", HOLDS)
def test_a_fake_that_holds_something(backup: FakeBackup, what: str) -> None:
    """A dump is no addition: the error says what is held, and what to do."""
    document = backup.dump()
    HOLDS[what](backup)
    refuse(
        backup,
        document,
        f"a dump is loaded into a fake that holds nothing, and this one holds {what}: load it "
        f"into a fresh fake, or call backup.reset() before.",
    )
    backup.reset()
    assert backup.load(document) == []


def test_nothing_else_beside_a_dump(backup: FakeBackup, tmp_path: Path) -> None:
    """A dump is loaded by itself."""
    document = backup.dump(tmp_path / "a.json")
    with pytest.raises(ValueError, match="a dump is all that a fake holds: load it by itself"):
        backup.load([document, {"BackupJobs": []}])


def test_a_fake_that_is_not_active(tmp_path: Path) -> None:
    """It neither dumps nor loads, and writes nothing."""
    fake = FakeBackup()
    with pytest.raises(FakeBackupError, match="not active yet"):
        fake.dump(tmp_path / "account.json")
    with pytest.raises(FakeBackupError, match="not active yet"):
        fake.load({"fakebackup": {"kind": "dump", "version": 1}})
    assert files(tmp_path) == []


JOB = "Accounts[0].BackupJobs[0]"
POINT = "Accounts[0].RecoveryPoints[0]"
VAULT = "Accounts[0].BackupVaults[0]"
PLAN = "Accounts[0].BackupPlans[0]"
MISSING = object()

HERE = {"AccountId": ACCOUNT, "Region": REGION}
SCANS = ["scans", ACCOUNT, REGION]

DAMAGES: list[tuple[tuple[Any, ...], Any, str]] = [
    (("Acounts",), [], "Acounts is no part of a dump; did you mean 'Accounts'?"),
    (("Accounts",), {}, "Accounts is a list, not {}"),
    (("Accounts",), MISSING, "Accounts is a list, not None"),
    (("MadeUnder",), MISSING, "MadeUnder is an object, not None"),
    (("MadeUnder", "progress"), "poll", "MadeUnder.progress is one of polls, immediate, clock"),
    (("Accounts", 0), [], "Accounts[0] is an object, not []"),
    (("Accounts", 0, "AccountId"), 1, "Accounts[0].AccountId is an account id, not 1"),
    (("Accounts", 0, "Region"), "x", "Accounts[0].Region is the name of a Region, not 'x'"),
    (("Relisted",), [[[1, "a"]]], "Relisted[0] is a pair of positions, not [[1, 'a']]"),
    (
        ("Accounts", 0, "BackupPlans", 0, "BackupPlan", "Rules", 0),
        None,
        "Accounts[0].BackupPlans[0].BackupPlan.Rules[0] is an object, not None",
    ),
    (("Accounts", 0, "Jobs"), [], "Accounts[0].Jobs is no part of a dump"),
    (("Accounts", 0, "BackupJobs"), None, "Accounts[0].BackupJobs is a list, not None"),
    (("Accounts", 0, "BackupJobs", 0), 7, f"{JOB} is an object, not 7"),
    (("Accounts", 0, "BackupJobs", 0, "State"), MISSING, f"{JOB}.State is missing."),
    (("Accounts", 0, "BackupJobs", 0, "State"), 7, f"{JOB}.State is a text, not 7"),
    (
        ("Accounts", 0, "BackupJobs", 0, "CreationDate"),
        "yesterday",
        f"{JOB}.CreationDate is a date such as '2024-05-01T12:00:00.000Z', not 'yesterday'",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "BackupSizeInBytes"),
        "8",
        f"{JOB}.BackupSizeInBytes is a whole number, not '8'",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "CreatedBy"),
        {"BackupPlanId": 7},
        f"{JOB}.CreatedBy.BackupPlanId is a text, not 7",
    ),
    (
        ("Accounts", 0, "RecoveryPoints", 0, "Lifecycle"),
        {"DeleteAfterDays": True},
        f"{POINT}.Lifecycle.DeleteAfterDays is a whole number, not True",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "fakebackup", "number"),
        "1",
        f"{JOB}.fakebackup.number is a whole number, not '1'",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "fakebackup", "given"),
        ["State", 1],
        f"{JOB}.fakebackup.given[1] is a text, not 1",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "fakebackup", "progres"),
        "polls",
        f"{JOB}.fakebackup.progres is no part of a dump; did you mean 'progress'?",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "ParentJobId"),
        "self",
        "Accounts has the job 'self' among its own children.",
    ),
    (("Accounts", 0, "BackupVaults", 0, "fakebackup"), MISSING, f"{VAULT}.fakebackup.number is mi"),
    (("Accounts", 0, "BackupVaults", 0, "BackupVaultArn"), VOLUME, f"{VAULT}.BackupVaultArn is "),
    (
        ("Accounts", 0, "RecoveryPoints", 0, "BackupVaultName"),
        "other",
        f"{POINT}.BackupVaultName is the name of a vault beside it, not 'other'",
    ),
    (
        ("Accounts", 0, "RecoveryPoints", 0, "fakebackup", "number"),
        99,
        f"{POINT}.fakebackup.number is from 1 to the 5 of its vault, not 99",
    ),
    (("Accounts", 0, "BackupPlans", 0, "BackupPlanId"), MISSING, f"{PLAN}.BackupPlanId is missi"),
    (
        ("Accounts", 0, "BackupPlans", 0, "BackupPlan", "Rules", 0, "RuleName"),
        MISSING,
        f"{PLAN}.BackupPlan.Rules[0].RuleName is missing.",
    ),
    (
        ("Accounts", 0, "BackupPlans", 0, "BackupPlan", "Rules", 0, "StartWindowMinutes"),
        "60",
        f"{PLAN}.BackupPlan.Rules[0].StartWindowMinutes is a whole number, not '60'",
    ),
    (("Accounts", 0, "Tags"), {VOLUME: {"a": 1}}, f"Accounts[0].Tags.{VOLUME}.a is a text, not 1"),
    (("Accounts", 0, "Resources"), [{}], "Accounts[0].Resources[0].ResourceArn is missing."),
    (("Accounts", 0, "Warned"), [["a"]], "Accounts[0].Warned[0] is a pair of texts, not ['a']"),
    (
        ("Accounts", 0, "IdempotencyTokens", 0, "Made"),
        {"Job": "none"},
        "Accounts[0].IdempotencyTokens[0].Made is what names something in the dump, not",
    ),
    (("Numbers", "Last"), None, "Numbers.Last is a whole number, not None"),
    (("Numbers", "Owners"), {"a": [1]}, "Numbers.Owners.a is a number and a text, not [1]"),
    (("Outcomes",), [{"State": "FAILED"}], "Outcomes[0].Operation is missing."),
    (("Relisted",), [[["a"], [None]]], "Relisted[0][1] is a list of numbers and texts, not [None]"),
    (("LoadedFrom",), [{"Noun": "vault"}], "LoadedFrom[0].AccountId is missing."),
    (("Clockwork",), {"Due": [{}]}, "Clockwork.Due[0] is an object with one of Job, Recov"),
    (("Clockwork",), {"MovedByPolls": ["x"]}, "Clockwork.MovedByPolls[0] is the id of a job"),
    (("Clockwork",), {"Due": [{"At": "x", "Job": "x"}]}, "Clockwork.Due[0].At is a date such as"),
    (
        ("Clockwork",),
        {
            "Due": [
                {
                    "At": "2024-05-01T12:00:00.000Z",
                    "AccountId": ACCOUNT,
                    "Region": REGION,
                    "LegalHoldId": "x",
                }
            ]
        },
        "Clockwork.Due[0].LegalHoldId is in the dump, not 'x'",
    ),
    (
        ("Clockwork",),
        {"AtATime": [{"Job": "x", "CountsIn": [["scans", ACCOUNT, REGION]]}]},
        "Clockwork.AtATime[0].Job is the id of a job in the dump, not 'x'",
    ),
    (
        ("Clockwork",),
        {"AtATime": [{"Job": "self", "CountsIn": [["scan", ACCOUNT, REGION]]}]},
        "Clockwork.AtATime[0].CountsIn[0] is the name of a quota, an account, a Region and what",
    ),
    (
        ("Clockwork",),
        {"AtATime": [{"Job": "self", "WaitsFor": [SCANS], "Behind": [*SCANS, "x"]}]},
        "Clockwork.AtATime[0].Behind is one of WaitsFor, not ['scans', ",
    ),
    (
        ("Clockwork",),
        {"Due": [{**HERE, "At": "2024-05-01T12:00:00.000Z", "EndOfValidation": "self"}]},
        "Clockwork.Due[0].EndOfValidation is in the dump, not 'self'",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "fakebackup", "request"),
        {"then": {}},
        f"{JOB}.fakebackup.request.then is an object with one of restoreTest, report, not {{}}",
    ),
    (
        ("Accounts", 0, "BackupJobs", 0, "fakebackup", "request"),
        {"then": {"restoreTest": {}}},
        f"{JOB}.fakebackup.request.then.restoreTest.validationWindow is missing.",
    ),
    (
        ("Clockwork",),
        {"ListsBegun": [{"Jobs": "Plans", "AccountId": None, "Region": REGION}]},
        "Clockwork.ListsBegun[0].Jobs is one of BackupJobs, CopyJobs",
    ),
]


@pytest.mark.parametrize(
    ("keys", "value", "text"), DAMAGES, ids=[f"{text[:50]}" for *_, text in DAMAGES]
)
def test_a_damaged_dump(backup: FakeBackup, keys: tuple[Any, ...], value: Any, text: str) -> None:
    """The key that is wrong is named, with what it should be, and nothing is added."""
    seed(backup)
    job = backup.add_backup_job(BackupJobId="self")
    document = backup.dump()
    # The one that was added last stands first.
    jobs = document["Accounts"][0]["BackupJobs"]
    jobs.sort(key=lambda each: each["BackupJobId"] != job.id)
    *way, last = keys
    part = document
    for key in way:
        part = part[key]
    if value is MISSING:
        del part[last]
    else:
        part[last] = value
    backup.reset()
    refuse(backup, document, f"the dump is damaged: {text}")
    assert held(backup)[0] == []


WRONG: dict[str, Any] = {
    "true": True,
    "a whole number": 3,
    "a fraction": 2.5,
    "a text": "text",
    "a list": ["x"],
    "an object": {"x": "y"},
}


def places(value: Any, *way: Any) -> Iterator[tuple[Any, ...]]:
    """The ways to all values in a document."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield (*way, key)
        if isinstance(value[key], (dict, list)):
            yield from places(value[key], *way, key)


def like(way: tuple[Any, ...]) -> tuple[str, ...]:
    """What several ways have in common: one of a list, and what is kept by ARN, is like another."""
    return tuple(
        "[]" if isinstance(key, int) or key.startswith("arn:") else str(key) for key in way
    )


def is_date(value: Any) -> bool:
    """Whether it is a date, which a number may say, too."""
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", value) is not None


def refused(backup: FakeBackup, document: Any) -> str | None:
    """What is told of a document that is not loaded; None where it is."""
    try:
        backup.load(document)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", WRONG)
def test_every_value_of_another_type(backup: FakeBackup, kind: str) -> None:
    """Wherever a value is of another type of JSON, that key is named, and nothing is added."""
    seed(backup)
    # A number and a text stand in positions alike, and null is absence.
    whole = {key: part for key, part in backup.dump().items() if key not in ("Relisted", OWN)}
    own = backup.dump()[OWN]
    model_ = model()
    names = {
        name
        for each in map(model_.shape_for, model_.shape_names)
        for name in getattr(each, "members", ())
    }
    seen = set()
    backup.reset()
    for way in places(whole):
        *before, last = way
        part: Any = whole
        for key in before:
            part = part[key]
        right, wrong = part[last], WRONG[kind]
        if like(way) in seen or right is None or type(right) is type(wrong):
            continue
        if type(wrong) is int and is_date(right):
            continue
        seen.add(like(way))
        part[last] = wrong
        found = refused(backup, {OWN: own, **whole})
        if found is None:
            # Members that this botocore does not know may have any.
            assert way[0] == "Accounts", way
            assert names.isdisjoint(way[3:]), way
            backup.reset()
        else:
            assert found.startswith("the dump is damaged: "), way
            assert (f"[{last}]" if isinstance(last, int) else last) in found, way
        part[last] = right
    assert len(seen) > 100
    assert held(backup)[0] == []
    assert backup.load({OWN: own, **whole})


@pytest.mark.parametrize(
    ("what", "name", "value", "wanted"),
    [
        ("BackupJobs", "State", "failed", "one of CREATED, "),
        ("BackupJobs", "AccountId", "12", "an account id of 12 digits"),
        ("BackupVaults", "VaultType", "vault", "one of BACKUP_VAULT, "),
        ("RecoveryPoints", "Status", "completed", "one of "),
    ],
)
def test_a_value_that_no_botocore_knows(
    backup: FakeBackup, what: str, name: str, value: str, wanted: str
) -> None:
    """A state, a type or an account id that somebody misspelt is refused with its key."""
    backup.add_backup_job()
    document = backup.dump()
    document["Accounts"][0][what][0][name] = value
    backup.reset()
    refuse(backup, document, f"the dump is damaged: Accounts[0].{what}[0].{name} is {wanted}")


@pytest.mark.parametrize(
    ("what", "name", "value"),
    [
        ("RecoveryPoints", "Status", "NEWER"),
        pytest.param(
            "ScanJobs",
            "ResourceType",
            "DynamoDB",
            marks=pytest.mark.skipif(
                not known("ListScanJobs"), reason="this botocore knows no scan jobs"
            ),
        ),
    ],
)
def test_a_value_of_a_newer_botocore(backup: FakeBackup, what: str, name: str, value: str) -> None:
    """A status, or a resource type of a scan, that the installed botocore lacks is no damage."""
    backup.add_backup_job()
    if what == "ScanJobs":
        backup.add_scan_job()
    document = backup.dump()
    document["Accounts"][0][what][0][name] = value
    backup.reset()
    backup.load(document)
    assert backup.dump() == document


TWICE = {
    "BackupJobs": "Accounts[0] has a second job 'self'.",
    "BackupVaults": "Accounts[0].BackupVaults has two vaults named 'vault'.",
    "RecoveryPoints": "Accounts[0].RecoveryPoints[{last}].RecoveryPointArn is no other's in its",
    "BackupPlans": "Accounts[0].BackupPlans has two with the key '",
}


@pytest.mark.parametrize("what", TWICE)
def test_two_of_one(backup: FakeBackup, what: str) -> None:
    """What is there twice is named."""
    seed(backup)
    backup.add_backup_job(BackupJobId="self", CreationDate=NOW, State="FAILED")
    document = backup.dump()
    things = document["Accounts"][0][what]
    things.append(copy.deepcopy(things[0]))
    backup.reset()
    text = TWICE[what].format(last=len(things) - 1)
    refuse(backup, document, f"the dump is damaged: {text}")


def test_one_account_twice(backup: FakeBackup) -> None:
    """An account in a Region is there once."""
    backup.add_backup_job()
    document = backup.dump()
    document["Accounts"] *= 2
    backup.reset()
    text = f"Accounts[1] is a second one of {ACCOUNT} in {REGION}."
    refuse(backup, document, f"the dump is damaged: {text}")


def test_what_contains_itself(backup: FakeBackup) -> None:
    """A dict that holds itself is refused as any other damage."""
    document = backup.dump()
    document["Outcomes"] = [{"Operation": "StartBackupJob", "State": "FAILED", "Members": document}]
    refuse(backup, document, "the dump is damaged: its values lie too deep in each other.")


def test_points_nested_in_themselves(backup: FakeBackup) -> None:
    """A ring of composite recovery points is refused."""
    seed(backup)
    document = backup.dump()
    points = document["Accounts"][0]["RecoveryPoints"]
    for one, other in ((0, 1), (1, 0)):
        points[one]["ParentRecoveryPointArn"] = points[other]["RecoveryPointArn"]
    backup.reset()
    arn = points[0]["RecoveryPointArn"]
    refuse(
        backup, document, f"the dump is damaged: Accounts[0].RecoveryPoints has {arn!r} nested in"
    )


# --- Values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CreationDate", 0, "1970-01-01T00:00:00.000Z"),
        ("CreationDate", -1, "1969-12-31T23:59:59.999Z"),
        ("CreationDate", 10**15, 10**15),
        ("CreationDate", "2024-05-01", "2024-05-01T00:00:00.000Z"),
        ("CreationDate", "soon", "soon"),
        ("CreationDate", NOW, "2024-03-15T13:30:15.250Z"),
        ("New", NOW, "2024-03-15T13:30:15.250Z"),
        ("Other", 0, 0),
        ("Other", 1.5, 1.5),
        ("Other", ("a", None), ["a", None]),
        ("Tags", {"CreationDate": "mine"}, {"CreationDate": "mine"}),
        ("ChildJobsInState", {"StartTime": 3}, {"StartTime": 3}),
    ],
)
def test_values(name: str, value: Any, told: Any) -> None:
    """Dates are told by the names of members, where these are AWS's and not the user's."""
    assert written(name, value) == told


@pytest.mark.parametrize("value", [{1, 2}, b"x", float("nan"), object()])
def test_values_that_json_has_not(value: Any) -> None:
    """What a member that the installed botocore does not know was given may be anything."""
    with pytest.raises(TypeError, match=r"^New holds .+, which JSON cannot say\.$"):
        written("New", value)


# --- What fakes share ---------------------------------------------------------------------------


def test_two_fakes_of_one_dump(backup: FakeBackup) -> None:
    """What is changed in one fake that loaded a dump is changed in no other one."""
    seed(backup)
    document = backup.dump()
    backup.reset()
    backup.load(document)
    plain = values("UpdateBackupPlan").plain("", input_shape("UpdateBackupPlan"))
    call("UpdateBackupPlan", **plain)
    assert backup.dump() != document
    backup.reset()
    backup.load(document)
    assert backup.dump() == document


def test_many_jobs_of_one_kind_share_their_names(backup: FakeBackup) -> None:
    """Loaded jobs share the set of names that were given, as seeded ones do."""
    backup.add_backup_jobs(3, State="FAILED")
    document = backup.dump()
    backup.reset()
    jobs = backup.load(document)
    assert len({id(job.given) for job in jobs}) == 1


def test_groups(backup: FakeBackup) -> None:
    """A composite job's children are its children again, and it completes them."""
    backup.add(factories.composite(2, State="RUNNING"))
    document = backup.dump()
    backup.reset()
    parent = next(job for job in backup.load(document) if job.get("IsParent"))
    assert parent["ChildJobsInState"] == {"RUNNING": 2}
    parent.complete()
    assert parent["ChildJobsInState"] == {"COMPLETED": 2}


def test_a_wait_begins_anew(backup: FakeBackup) -> None:
    """A loop that waits for ever is told from a thousand equal answers of its own fake on."""
    job = backup.add_backup_job(State="RUNNING")
    for _ in range(1000):
        ask(backup, (ACCOUNT, REGION), "DescribeBackupJob", BackupJobId=job.id)
    document = backup.dump()
    backup.reset()
    backup.load(document)
    assert client().describe_backup_job(BackupJobId=job.id)["State"] == "RUNNING"


def test_every_noun_of_the_world_is_there(backup: FakeBackup) -> None:
    """What clients can make is in a dump, whatever noun it is of."""
    seed(backup)
    nouns = {noun for noun, _ in backup.backend.organization.store(ACCOUNT, REGION).all_entries()}
    (account,) = backup.dump()["Accounts"]
    assert {dump_stores.ENTRY_LISTS[noun].key for noun in nouns} <= account.keys()


@pytest.mark.parametrize("noun", NOUNS.values(), ids=lambda noun: noun.name)
def test_every_shape_is_that_of_an_answer(noun: Noun) -> None:
    """The structure by which the members of a noun are checked is what its operation answers."""
    if not known(noun.describe):
        pytest.skip("this botocore does not know it")
    output: Any = model().operation_model(noun.describe).output_shape
    assert noun.schema.described == output.name
    if noun.name in dump_stores.ENTRY_LISTS:
        assert noun.key is None or noun.key in dump_stores.ENTRY_LISTS[noun.name].shapes
    if noun.lists:
        assert noun.schema.item in model().shape_names


def test_protected_resources_have_the_shape_of_an_answer() -> None:
    """They are of no noun that is seeded, and checked all the same."""
    output: Any = model().operation_model("DescribeProtectedResource").output_shape
    for noun in (PROTECTED, PROTECTED_IN_VAULT):
        assert dump_stores.ENTRY_LISTS[noun].shapes.keys() == output.members.keys()


@pytest.mark.skipif(not known("CreateBackupAccessPoint"), reason="this botocore knows none")
def test_the_members_of_access_points_are_checked(backup: FakeBackup) -> None:
    """By their types, as those of every other noun; one that AWS may leave out may be missing."""
    backup.add_backup_access_point(Name="mine")
    document = backup.dump()
    (access_point,) = document["Accounts"][0]["BackupAccessPoints"]
    del access_point["RecoveryPointArn"]
    backup.reset()
    backup.load(document)
    assert list(backup.backup_access_points) == ["mine"]
    access_point["Status"] = 3
    backup.reset()
    with pytest.raises(ValueError, match=r"BackupAccessPoints\[0\]\.Status is a text, not 3"):
        backup.load(document)
