"""A fake that is filled with another one's dump: it answers alike, and goes on alike."""

from __future__ import annotations

import contextlib
import functools
import json
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from fakebackup import FakeBackup, factories
from fakebackup.documents import dump, dump_clockwork, dump_requests, dump_stores, dump_things
from fakebackup.errors import FakeBackupError
from fakebackup.operations import operations
from support.botocore_model import shows, takes
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE
from support.reading import READS, ask, read_everything
from support.world import VOLUME, chosen, input_shape, is_faked, values, vault
from support.world import seed as seed_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    Step = tuple[Any, ...]

HOME = (ACCOUNT, REGION)
HOMES = [HOME, (ACCOUNT, OTHER_REGION), (OTHER_ACCOUNT, REGION)]
MODES = ["manual", "polls", "immediate", "clock"]


@functools.cache
def changes() -> list[str]:
    """The operations that change something."""
    return sorted(name for name in operations() if is_faked(name) and not name.startswith(READS))


@functools.cache
def requests(operation: str) -> list[dict[str, Any]]:
    """The valid requests of an operation, in the world that `seed_world` makes."""
    chosen()
    return [each.value for each in values(operation).forms("", input_shape(operation))]


picks = st.integers(0, 1000)
homes = st.sampled_from([HOME, HOME, HOME, *HOMES])
steps = st.one_of(
    st.tuples(st.just("ask"), homes, st.sampled_from(changes()), picks),
    st.tuples(st.just("ask"), homes, st.sampled_from(changes()), st.just(0)),
    st.tuples(st.just("move"), picks, st.sampled_from(["run", "complete", "fail", "abort"])),
    st.tuples(st.just("mode"), picks, st.sampled_from(MODES)),
    st.tuples(st.just("change"), picks),
    st.tuples(st.just("again"), picks),
    st.tuples(st.just("plan"), picks),
    st.tuples(st.just("test"), picks),
    st.tuples(st.just("seed"), homes, picks),
    st.tuples(st.just("outcome"), picks),
    st.tuples(st.just("wait"), st.sampled_from([1, 300, 3600, 86400, 40 * 86400])),
    st.tuples(st.just("look"), picks),
)


def do(fake: FakeBackup, step: Step) -> object:
    """Do a step to a fake; return what came of it, in words."""
    kind, *rest = step
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            came: object = STEPS[kind](fake, *rest)
        except (FakeBackupError, ValueError, KeyError) as error:
            came = f"{type(error).__name__}: {error}"
    return came, [str(each.message) for each in warned]


def _ask(fake: FakeBackup, home: tuple[str, str], operation: str, number: int) -> str:
    forms = requests(operation)
    return ask(fake, home, operation, **forms[number % len(forms)])


def _job(fake: FakeBackup, number: int) -> Any:
    jobs = fake.backend.organization.jobs.by_id
    return jobs[sorted(jobs)[number % len(jobs)]]


def _move(fake: FakeBackup, number: int, how: str) -> str:
    job = _job(fake, number)
    getattr(job, how)()
    return repr(dict(job))


def _mode(fake: FakeBackup, number: int, mode: str) -> str:
    job = _job(fake, number)
    job.progress = mode
    return repr(job)


def _change(fake: FakeBackup, number: int) -> str:
    """Change a job: what was not given of it follows."""
    job = _job(fake, number)
    states: Any = [{}, {job.kind.state: "COMPLETED"}, {job.kind.state: "FAILED"}]
    job.update(StatusMessage="Access denied", **states[number % 3])
    return repr(dict(job))


_AGAIN: list[tuple[str, dict[str, Any]]] = [
    ("StartBackupJob", {"IdempotencyToken": "t", "ResourceArn": VOLUME}),
    ("StartCopyJob", {"IdempotencyToken": "t"}),
    ("StartRestoreJob", {"IdempotencyToken": "t", "Metadata": {"CreationDate": "mine"}}),
    ("CreateRestoreAccessBackupVault", {"BackupVaultName": "more", "CreatorRequestId": "seed-3"}),
    ("CreateBackupVault", {"BackupVaultName": "more"}),
]
AGAIN = [each for each in _AGAIN if is_faked(each[0])]
"""Requests with a token that has come before, and what takes the next number."""


def _again(fake: FakeBackup, number: int) -> str:
    if number % 7 == 0:
        # It gets members, if it is there because of a job.
        return repr(dict(fake.add_vault(BackupVaultName="Default", MinRetentionDays=7)))
    if number % 7 == 1:
        return repr(dict(fake.add_recovery_point(BackupVaultName="vault", ResourceType="EKS")))
    operation, asked = AGAIN[number % len(AGAIN)]
    plain = values(operation).plain("", input_shape(operation))
    return ask(fake, HOME, operation, **plain | asked)


def _plan(fake: FakeBackup, _number: int) -> str:
    jobs = fake.run_plan(chosen()["BackupPlanId"])
    return repr([dict(job) for job in jobs])


def _test(fake: FakeBackup, number: int) -> str:
    """Run a restore testing plan, or say how a test's validation ended."""
    if number % 2:
        return repr([dict(job) for job in fake.run_restore_testing_plan("there")])
    said = {"RestoreJobId": _job(fake, number).id, "ValidationStatus": "SUCCESSFUL"}
    return ask(fake, HOME, "PutRestoreValidationResult", **said)


def _seed(fake: FakeBackup, home: tuple[str, str], number: int) -> str:
    view = fake.at(account_id=home[0], region=home[1])
    if number % 3 == 0:
        point = view.add_recovery_point(
            BackupVaultName="vault", Lifecycle={"DeleteAfterDays": 2 + number % 50}
        )
        return repr(dict(point))
    if number % 3 == 1:
        view.add_resource(f"arn:aws:s3:::bucket-{number}", {"team": "a"})
        return ""
    states: Any = ["COMPLETED", "RUNNING", "FAILED", "CREATED"]
    return repr(dict(view.add_backup_job(State=states[number % 4], BackupVaultName="vault")))


def _outcome(fake: FakeBackup, number: int) -> None:
    states: Any = ["FAILED", "RUNNING", "COMPLETED"]
    members: Any = {"State": states[number % 3], "StatusMessage": "as told"}
    fake.next_outcome("StartBackupJob", times=1 + number % 2, **members)


def _look(fake: FakeBackup, number: int) -> str:
    job = _job(fake, number)
    name = {"CopyJobId": "Copy", "RestoreJobId": "Restore", "ScanJobId": "Scan"}
    kind = name.get(job.kind.id, "Report" if job.kind.id == "ReportJobId" else "Backup")
    return ask(fake, HOME, f"Describe{kind}Job", **{job.kind.id: job.id})


STEPS: dict[str, Any] = {
    "ask": _ask,
    "move": _move,
    "mode": _mode,
    "change": _change,
    "again": _again,
    "plan": _plan,
    "test": _test,
    "seed": _seed,
    "outcome": _outcome,
    "look": _look,
}


def enrich(fake: FakeBackup) -> None:
    """Add what the world lacks: of everything that a dump says, there is something."""
    # It selects nothing yet, which is a warning that comes once.
    do(fake, ("plan", 0))
    resource = "arn:aws:s3:::bucket"
    recorded = {"State": "COMPLETED", "CreationDate": "2024-03-01T00:00:00Z", "BackupJobId": "old"}
    fake.load({"BackupJobs": [recorded]})
    protected = {"Results": [{"ResourceArn": f"{VOLUME}2", "LastBackupTime": recorded[DATE]}]}
    fake.load(protected, "ListProtectedResources")
    in_vault = {"parameters": {"BackupVaultName": "vault"}}
    fake.load(protected, "ListProtectedResourcesByBackupVault", **in_vault)
    fake.add(factories.composite(2, State="RUNNING"))
    point = fake.add_recovery_point(
        BackupVaultName="vault", ResourceArn=resource, Lifecycle={"DeleteAfterDays": 40}
    )
    point.metadata = {"region": "elsewhere"}
    fake.add_recovery_point(BackupVaultName="vault", ResourceType="EKS", Tags={"a": "b"})
    fake.add_resource(resource, {"team": "a"})
    fake.next_outcome("StartCopyJob", State="RUNNING", StatusMessage="chosen")
    here = fake.at(region=REGION)
    here.next_outcome("StartRestoreJob", ResourceArn=VOLUME, Status="FAILED", times=9)
    rule = {
        "RuleName": "rule",
        "TargetBackupVaultName": "vault",
        "CopyActions": [{"DestinationBackupVaultArn": vault("empty")}],
        "RecoveryPointTags": {"kept": "long"},
    }
    plan = json.loads(
        ask(fake, HOME, "CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]})[4:]
    )["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [VOLUME, resource, "*"]}
    continuous = {"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35}}
    second = {
        "BackupPlanName": "q",
        "Rules": [
            {**rule, "RuleName": "other", "ScheduleExpression": "cron(0 1 ? * * *)"},
            {**rule, "RuleName": "continuous", **continuous},
            {**rule, "RuleName": "more", **MORE_OF_RULES},
        ],
        **SCANS,
    }
    for operation, asked in (
        ("UpdateBackupPlan", {"BackupPlanId": plan, "BackupPlan": second}),
        ("CreateBackupSelection", {"BackupPlanId": plan, "BackupSelection": selection}),
        ("DeleteBackupPlan", {}),
        ("UpdateGlobalSettings", {"GlobalSettings": {"isMpaEnabled": "true"}}),
        ("UpdateRegionSettings", {"ResourceTypeOptInPreference": {"EBS": False}}),
        *((operation, asked | INDEXED.get(operation, {})) for operation, asked in AGAIN[:3]),
        ("StartReportJob", {}),
        ("CancelLegalHold", {}),
        ("ListBackupJobs", {"MaxResults": 1}),
    ):
        plain = values(operation).plain("", input_shape(operation))
        assert ask(fake, HOME, operation, **plain | asked).startswith("20"), operation
    fake.run_plan(plan)
    enrich_tests(fake)
    enrich_reports(fake)


def enrich_tests(fake: FakeBackup) -> None:
    """Add restore tests: one of each that waits, restores, is validated and is deleted."""
    fake.add_recovery_point(BackupVaultName="vault", ResourceArn=f"{VOLUME}2")
    points = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"]}
    tested = {
        "RestoreTestingPlanName": "own",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "RecoveryPointSelection": {**points, "RecoveryPointTypes": ["SNAPSHOT"]},
    }
    volumes = {
        "RestoreTestingSelectionName": "volumes",
        "IamRoleArn": ROLE,
        "ProtectedResourceType": "EBS",
        "ProtectedResourceArns": [VOLUME, f"{VOLUME}2"],
        "ValidationWindowHours": 4,
    }
    ask(fake, HOME, "CreateRestoreTestingPlan", RestoreTestingPlan=tested)
    of_plan: dict[str, Any] = {"RestoreTestingPlanName": "own"}
    ask(fake, HOME, "CreateRestoreTestingSelection", **of_plan, RestoreTestingSelection=volumes)
    done, other = fake.run_restore_testing_plan("own")
    if "CompletionDate" not in other:
        other.update(DeletionStatus="FAILED")
        done.complete()
        other.complete()
    said = {"RestoreJobId": done.id, "ValidationStatus": "SUCCESSFUL"}
    ask(fake, HOME, "PutRestoreValidationResult", **said)
    assert len(fake.run_restore_testing_plan("own")) == ALLOWED + 1


def enrich_reports(fake: FakeBackup) -> None:
    """Add a report of each sort, made."""
    channel, setting = {"S3BucketName": "bucket"}, {"ReportTemplate": "RESOURCE_COMPLIANCE_REPORT"}
    reported = {"ReportPlanName": "controls", "ReportDeliveryChannel": channel}
    ask(fake, HOME, "CreateReportPlan", **reported, ReportSetting=setting)
    for name in ("there", "controls"):
        ask(fake, HOME, "StartReportJob", ReportPlanName=name)
    for job in list(fake.report_jobs.values()):
        if "CompletionTime" not in job:
            job.complete()
    assert fake.reports


ALLOWED = 1
"""As many volumes restore at a time as makes one wait soon."""


def reports(fake: FakeBackup) -> dict[str, dict[str, str]]:
    """All reports of an account, file by file."""
    return {job: dict(files) for job, files in fake.reports.items()}


DATE = "CreationDate"
SCANS: dict[str, Any] = {}
MORE_OF_RULES: dict[str, Any] = {}
if shows("BackupRuleInput", "TargetLogicallyAirGappedBackupVaultArn"):
    MORE_OF_RULES["TargetLogicallyAirGappedBackupVaultArn"] = vault("gapped")
if shows("BackupRuleInput", "ScanActions"):
    scanner = {"MalwareScanner": "GUARDDUTY"}
    MORE_OF_RULES["ScanActions"] = [{**scanner, "ScanMode": "FULL_SCAN"}]
    SCANS["ScanSettings"] = [{**scanner, "ResourceTypes": ["EBS", "S3"], "ScannerRoleArn": ROLE}]
INDEXED = {"StartBackupJob": {"Index": "ENABLED"}} if takes("StartBackupJob", "Index") else {}


@contextlib.contextmanager
def fake_of(**options: Any) -> Iterator[FakeBackup]:
    """A fake that is asked without clients."""
    options["quotas"] = {"ebs_or_ec2_restore_tests": ALLOWED}
    fake = FakeBackup(account_id=ACCOUNT, region=REGION, leftovers="ignore", **options).start()
    try:
        yield fake
    finally:
        fake.stop()


def hold_alike(
    before: list[Step], after: list[Step], *, rich: bool, reads_first: bool, **options: Any
) -> None:
    """Do steps to a fake, dump it, load that into another one, and do other steps to both."""
    with time_machine.travel(NOW, tick=False) as clock, fake_of(**options) as first:
        seed_world(first)
        if rich:
            enrich(first)
        for kind, *rest in before:
            if kind == "wait":
                clock.shift(timedelta(seconds=rest[0]))
            else:
                do(first, (kind, *rest))
        document = first.dump()
        text = json.dumps(document)
        with fake_of(**options) as second:
            second.load(json.loads(text))
            assert json.dumps(second.dump()) == text
            assert reports(second) == reports(first)
            if reads_first:
                assert read_everything(second, HOMES) == read_everything(first, HOMES)
            for kind, *rest in after:
                if kind == "wait":
                    clock.shift(timedelta(seconds=rest[0]))
                else:
                    assert do(second, (kind, *rest)) == do(first, (kind, *rest))
            assert json.dumps(second.dump()) == json.dumps(first.dump())
            assert reports(second) == reports(first)
            assert read_everything(second, HOMES) == read_everything(first, HOMES)
            assert json.dumps(second.dump()) == json.dumps(first.dump())


@pytest.mark.parametrize("progress", MODES)
def test_the_other_fake_answers_and_goes_on_alike(progress: Any) -> None:
    """Whatever was done, a fresh fake with the dump reads alike, goes on alike, dumps alike."""

    @seed(7)
    @settings(max_examples=EXAMPLES, phases=[Phase.generate, Phase.shrink])
    @given(
        before=st.lists(steps, min_size=5, max_size=25),
        after=st.lists(steps, min_size=5, max_size=25),
        hows=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    )
    def property_(before: list[Step], after: list[Step], hows: tuple[bool, ...]) -> None:
        rich, reads_first, default_vault = hows
        options: Any = {"progress": progress, "default_vault": default_vault}
        hold_alike(before, after, rich=rich, reads_first=reads_first, **options)

    property_()


def keys_in(value: Any) -> set[str]:
    """All keys in a document, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_in, value.values()))
    return set().union(*map(keys_in, value)) if isinstance(value, list) else set()


def test_there_is_something_of_everything() -> None:
    """The histories of this file reach every key that a dump may have."""
    with time_machine.travel(NOW, tick=False):
        found = set()
        for progress in MODES:
            with fake_of(progress=progress) as fake:
                seed_world(fake)
                enrich(fake)
                found |= keys_in(fake.dump())
    tables = (
        *(dump_things.JOB, dump_requests.REQUEST_FIELDS, dump_things.VAULT_FIELDS),
        *(dump_things.POINT_FIELDS, dump_things.ENTRY, dump.NUMBERS, dump.OUTCOME),
        *(dump_requests.TEST, dump_requests.REPORT, dump_requests.PERIOD, dump_requests.SOURCE),
        *(dump_requests.SUBJECT, dump_requests.FINDING, dump.MADE_UNDER),
    )
    keys = {field.key for table in tables for field in table}
    keys |= {noun.key for noun in dump_stores.ENTRY_LISTS.values()}
    keys |= {due.key for due in dump_clockwork.DUE.values()} | {"MovedByPolls", "ListsBegun"}
    keys |= {"restoreTest", "report", "job", "control", "complies", "AtATime"}
    keys |= {
        "Job",
        "CountsIn",
        "WaitsFor",
        "Behind",
        "Warned",
        "Resources",
        "Tags",
        "IdempotencyTokens",
        "GlobalSettings",
    }
    made = {"CreateTieringConfiguration": "Tierin", "CreateBackupAccessPoint": "BackupAccess"}
    missing = tuple(key for operation, key in made.items() if not is_faked(operation))
    keys = {key for key in keys if not key.startswith(missing)}
    keys -= set() if INDEXED else {"index"}
    keys -= set() if SCANS else {"scans"}
    keys -= set() if MORE_OF_RULES else {"airGapped", "temporary"}
    assert keys <= found


EXAMPLES = 6
