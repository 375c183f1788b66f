"""A fake that is driven through a real client, beside a naive model of what it should do."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import botocore.session
import pytest
import time_machine
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fakebackup import FakeBackup
from fakebackup.errors import FakeBackupError, FakeBackupWarning
from fakebackup.model.quotas import QUOTAS
from support.botocore_model import sends, takes
from support.naive_backup import (
    DAY,
    DENIED_COPY,
    FILTERS,
    KINDS,
    MINUTE,
    OUTSIDE,
    OUTSIDE_OF_COPY,
    PRESENT,
    STATES,
    UNSUPPORTED,
    Job,
    Lock,
    Point,
    Reference,
    Vault,
    member_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from support.naive_backup import Place

MANAGER, MEMBER = "111111111111", "222222222222"
PLACES = [(MANAGER, "eu-west-1"), (MANAGER, "us-east-1"), (MEMBER, "eu-west-1")]
VAULTS = ["vault-a", "vault-b"]
ROLE = "arn:aws:iam::111111111111:role/AWSBackup"
TYPES = {
    "EBS": "arn:aws:ec2:{region}:{account}:volume/vol-1",
    "EFS": "arn:aws:elasticfilesystem:{region}:{account}:file-system/fs-1",
    "RDS": "arn:aws:rds:{region}:{account}:db:db-1",
    "CloudFormation": "arn:aws:cloudformation:{region}:{account}:stack/stack-1/1",
}
CONTINUOUS = ("S3", "RDS")
BUCKET = "arn:aws:s3:::{account}-{region}"
START = datetime(2024, 5, 15, 22, 30, tzinfo=timezone.utc)
DURATIONS = {"CREATED": 90, "PENDING": 90, "RUNNING": 150, "ABORTING": 1}
"""In minutes; long enough for some windows to close before."""
PUT_LOCK, DELETE_LOCK = "PutBackupVaultLockConfiguration", "DeleteBackupVaultLockConfiguration"
SCANS: dict[str, Any] = {"ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN"}]}
SCAN_SETTINGS: dict[str, Any] = {
    "ScanSettings": [
        {"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["ALL"], "ScannerRoleArn": ROLE}
    ]
}
PLANS_SCAN = sends(
    "CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": [], **SCAN_SETTINGS}}
)
DEEPEST = 2
"""How many savepoints are open at a time."""

SERVICE: Any = botocore.session.Session().get_service_model("backup")
KNOWN_KINDS = [
    kind for kind in KINDS if f"List{KINDS[kind].listed}" in list(SERVICE.operation_names)
]
"""Older versions of botocore know no scan jobs, fewer members and fewer filters."""
STARTS = {
    "backup_job": "StartBackupJob",
    "copy_job": "StartCopyJob",
    "restore_job": "StartRestoreJob",
    "scan_job": "StartScanJob",
}

# What meets in one place is more telling.
places = st.sampled_from([PLACES[0], PLACES[0], *PLACES])
names = st.sampled_from([VAULTS[0], *VAULTS])
types = st.sampled_from([*TYPES, "EBS", "CloudFormation"])
kinds = st.sampled_from(["backup_job", "backup_job", "copy_job", *KNOWN_KINDS])
picks = st.integers(0, 1000)
tokens = st.sampled_from([None, None, None, "token-1", "token-2"])
lifecycles = st.sampled_from([None, None, 1, 2, 20])


class How(NamedTuple):
    """How something is backed up.

    Attributes:
        start, complete: its windows, in minutes.
        days: for how many days it is kept.
        scanned: whether the plan has it scanned.
        continuous: whether the plan makes continuous backups where there are such.
        plan: the ARN of the plan.
    """

    start: int | None = None
    complete: int | None = None
    days: int | None = None
    scanned: bool = False
    continuous: bool = False
    plan: str = ""


on_demand = st.tuples(
    st.sampled_from([None, 60, 120]), st.sampled_from([None, 120, 300, 600]), lifecycles
).map(lambda asked: How(*asked))
snapshots = st.tuples(
    st.sampled_from([60, 120]), st.sampled_from([120, 300]), lifecycles, st.booleans()
).map(lambda asked: How(*asked))
# Kept longer than the machine lives.
continuous = st.tuples(st.sampled_from([30, 35]), st.booleans()).map(
    lambda asked: How(60, 120, *asked, continuous=True)
)
DENIABLE = ("DeleteRecoveryPoint", "StartBackupJob", "DeleteBackupVault", PUT_LOCK, DELETE_LOCK)
spans = st.sampled_from([1000, MINUTE, 60 * MINUTE, 90 * MINUTE, 5 * 60 * MINUTE, DAY])


@functools.cache
def client(region: str) -> Any:
    """Return a client of a region; who asks is the fake's business."""
    # With a user agent of its own: making up botocore's takes a sixth of each call.
    config = Config(user_agent="tests")
    return boto3.Session("key", "secret").client("backup", region_name=region, config=config)


@functools.cache
def known_members(kind: str) -> set[str]:
    """Return the members of a kind of job that the installed botocore knows."""
    listed = SERVICE.operation_model(f"List{KINDS[kind].listed}").output_shape
    described = SERVICE.operation_model(f"Describe{KINDS[kind].listed.removesuffix('s')}")
    wrapped = KINDS[kind].wrapped
    shape = described.output_shape
    return {
        *listed.members[KINDS[kind].listed].member.members,
        *(shape.members[wrapped] if wrapped else shape).members,
    }


@functools.cache
def known_filters(kind: str) -> set[str]:
    """Return the filters of a kind of job that the installed botocore knows."""
    return set(SERVICE.operation_model(f"List{KINDS[kind].listed}").input_shape.members)


def plain(value: Any) -> Any:
    """Return an answer with its dates in milliseconds."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else value


def given(value: Any) -> Any:
    """Return a value as a caller gives it: milliseconds as a date."""
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, timezone.utc)
    return value


def arn_of(place: Place, name: str) -> str:
    """Return a vault's ARN."""
    return f"arn:aws:backup:{place[1]}:{place[0]}:backup-vault:{name}"


def resource_of(place: Place, resource_type: str) -> str:
    """Return the resource of a type."""
    form = BUCKET if resource_type == "S3" else TYPES[resource_type]
    return form.format(account=place[0], region=place[1])


class Life(RuleBasedStateMachine):
    """What users do with jobs, in any order; everything is compared after every step."""

    progress: Any

    def __init__(self) -> None:
        super().__init__()
        self.travel = time_machine.travel(START, tick=False)
        self.clock = self.travel.start()
        self.told: list[dict[str, Any]] = []
        self.fake = self.make_fake()
        # How many events had been told when the present fake was made.
        self.begun = 0
        in_milliseconds = {state: each * MINUTE for state, each in DURATIONS.items()}
        now = round(START.timestamp() * 1000)
        self.model = Reference(self.progress, in_milliseconds, MANAGER, now)
        self.open: dict[str, Any] | None = None
        self.steps = 0
        self.seen = 0
        self.plans = 0
        self.savepoints: list[Savepoint] = []

    def make_fake(self) -> FakeBackup:
        """Return a fake that is empty, and tells its events."""
        durations = {state: timedelta(minutes=each) for state, each in DURATIONS.items()}
        fake = FakeBackup(
            account_id=MANAGER,
            progress=self.progress,
            durations=durations,
            history=timedelta(days=30),
            enforce_policies=True,
            leftovers="ignore",
            # Jobs that wait have a naive reading of their own: `test_running_order`.
            same_resource="together",
            quotas={name: 1000 for name, quota in QUOTAS.items() if quota.least},
        ).start()
        fake.on_event(lambda event, _context: self.told.append(event))
        return fake

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.fake.stop()
        self.travel.stop()

    # --- Helpers ----------------------------------------------------------------------------

    def ask(self, place: Place, operation: str, **asked: Any) -> Any:
        """Return what an account is answered in a region."""
        with self.fake.acting_as(place[0]):
            answer = getattr(client(place[1]), operation)(**asked)
        answer.pop("ResponseMetadata")
        return plain(answer)

    def refused(self, code: str, place: Place, operation: str, **asked: Any) -> None:
        """Hold that a call is refused; that nothing changed is seen after the step."""
        with pytest.raises(ClientError) as refusal:
            self.ask(place, operation, **asked)
        assert refusal.value.response["Error"]["Code"] == code

    def seen_job(self, job: Job) -> Any:
        """Return the job that a test sees."""
        view = self.fake.at(account_id=job.place[0], region=job.place[1])
        return getattr(view, job.kind + "s")[job.id]

    def pick(self, number: int, *, unfinished: bool = True) -> Job:
        """Return one of the jobs, an unfinished one if there is one and one is wanted."""
        unfinished_ones = [job for job in self.model.jobs if not job.finished]
        jobs = (unfinished_ones if unfinished else []) or self.model.jobs
        return jobs[number % len(jobs)]

    def pick_point(self, number: int) -> Point:
        """Return one of the recovery points."""
        points = self.model.points()
        return points[number % len(points)]

    def learn(self) -> None:
        """Learn the ids of the jobs that the fake has started by itself, in their order."""
        new = [job for job in self.model.jobs if not job.id]
        for kind, place in {(job.kind, job.place): None for job in new}:
            view = self.fake.at(account_id=place[0], region=place[1])
            known = {job.id for job in self.model.jobs}
            told = sorted(set(getattr(view, kind + "s")) - known)
            jobs = [job for job in new if (job.kind, job.place) == (kind, place)]
            # In the middle of a step the model may be ahead.
            for job, job_id in zip(jobs, told, strict=False):
                job.id = job_id

    def same_job(self, job: Job, told: Mapping[str, Any]) -> None:
        """Compare what is told of a job; learn the ARN of a new recovery point."""
        member = {"backup_job": "RecoveryPointArn", "copy_job": "DestinationRecoveryPointArn"}
        if job.point is not None and not job.point.arn:
            arn = told[member[job.kind]]
            assert arn not in [point.arn for point in self.model.points()]
            job.point.arn = arn
        known = known_members(job.kind)
        expected = self.model.shown(job)
        if job.kind == "restore_job" and "DeletionStatus" in known:
            # What a test made is deleted at once, or when it is told so.
            begun = job.tests and job.state == "COMPLETED"
            assert (told.get("DeletionStatus") is not None) is begun
        if job.point is not None:
            expected[member[job.kind]] = job.point.arn
        for name, value in expected.items():
            if value == PRESENT and name in known:
                assert told.get(name), (name, told)
                expected[name] = plain(told[name])
        assert {name: plain(told.get(name)) for name in expected} == {
            name: value if name in known else None for name, value in expected.items()
        }

    # --- Vaults -----------------------------------------------------------------------------

    @initialize(started=st.lists(types, min_size=1, max_size=3), number=picks)
    def begin_with(self, started: list[str], number: int) -> None:
        """Every place has a vault, and one has jobs, so that there is something to do."""
        self.steps = number
        for place in PLACES:
            self.create_vault(place, VAULTS[0])
        for resource_type in started:
            self.start_backup(PLACES[0], VAULTS[0], resource_type, None, How())

    @rule(place=places, name=names)
    def create_vault(self, place: Place, name: str) -> None:
        """Create a vault; a second one of the name is refused."""
        if self.model.vault(place, name):
            code = "AlreadyExistsException"
            self.refused(code, place, "create_backup_vault", BackupVaultName=name)
            return
        told = self.ask(place, "create_backup_vault", BackupVaultName=name)
        vault = self.model.make_vault(place, name)
        assert told["BackupVaultArn"] == vault.arn
        self.model.tell(place, self.model.now, "Backup Vault State Change", vault.arn, "CREATED")

    @rule(place=places, name=names)
    def delete_vault(self, place: Place, name: str) -> None:
        """Delete a vault that is empty."""
        vault = self.model.vault(place, name)
        if vault is None:
            code = "AccessDeniedException"
            self.refused(code, place, "delete_backup_vault", BackupVaultName=name)
            self.refused(code, place, "describe_backup_vault", BackupVaultName=name)
        elif "DeleteBackupVault" in vault.denied:
            code = "AccessDeniedException"
            self.refused(code, place, "delete_backup_vault", BackupVaultName=name)
        elif vault.points:
            code = "InvalidRequestException"
            self.refused(code, place, "delete_backup_vault", BackupVaultName=name)
        else:
            self.ask(place, "delete_backup_vault", BackupVaultName=name)
            self.model.vaults.remove(vault)
            what = ("Backup Vault State Change", vault.arn, "DELETED")
            self.model.tell(place, self.model.now, *what)

    @rule(
        place=places,
        name=names,
        least=st.sampled_from([None, None, 1, 2]),
        most=st.sampled_from([None, 2, 30]),
        grace=st.sampled_from([None, None, 3]),
    )
    def put_lock(
        self, place: Place, name: str, least: int | None, most: int | None, grace: int | None
    ) -> None:
        """Lock a vault, or change its lock until its grace time is over."""
        limits = {"MinRetentionDays": least, "MaxRetentionDays": most, "ChangeableForDays": grace}
        asked = {name: days for name, days in limits.items() if days is not None}
        vault = self.change_lock(place, name, PUT_LOCK, **asked)
        if vault is not None:
            final = None if grace is None else self.model.now + grace * DAY
            vault.lock = Lock(least, most, final)

    @rule(place=places, name=names)
    def delete_lock(self, place: Place, name: str) -> None:
        """Take the lock from a vault, until its grace time is over."""
        vault = self.change_lock(place, name, DELETE_LOCK)
        if vault is not None:
            vault.lock = None

    def change_lock(self, place: Place, name: str, operation: str, **asked: Any) -> Vault | None:
        """Change a vault's lock; return the vault if the lock has changed."""
        vault = self.model.vault(place, name)
        method = "_".join(re.findall("[A-Z][a-z]+", operation)).lower()
        asked["BackupVaultName"] = name
        if vault is None or operation in vault.denied:
            self.refused("AccessDeniedException", place, method, **asked)
            return None
        if vault.lock is not None and vault.lock.is_final(self.model.now):
            self.refused("InvalidRequestException", place, method, **asked)
            return None
        self.ask(place, method, **asked)
        if operation == PUT_LOCK or vault.lock is not None:
            what = ("Backup Vault State Change", vault.arn, "MODIFIED")
            self.model.tell(place, self.model.now, *what)
        return vault

    @rule(
        place=places,
        name=names,
        actions=st.lists(st.sampled_from(DENIABLE), max_size=2, unique=True),
        copies=st.booleans(),
    )
    def put_policy(self, place: Place, name: str, actions: list[str], *, copies: bool) -> None:
        """Deny everybody some operations on a vault, and let other accounts copy into it."""
        vault = self.model.vault(place, name)
        if vault is None:
            return
        named = {"BackupVaultName": name}
        statements: list[dict[str, Any]] = []
        if actions:
            denied = [f"backup:{each}" for each in actions]
            statements.append({"Effect": "Deny", "Action": denied})
        if copies:
            statements.append({"Effect": "Allow", "Action": "backup:CopyIntoBackupVault"})
        for each in statements:
            each |= {"Principal": "*", "Resource": "*"}
        if statements:
            text = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.ask(place, "put_backup_vault_access_policy", Policy=text, **named)
        else:
            self.ask(place, "delete_backup_vault_access_policy", **named)
        vault.denied, vault.takes_copies = tuple(actions), copies

    @precondition(lambda self: self.model.points())
    @rule(number=picks)
    def delete_point(self, number: int) -> None:
        """Delete a recovery point; a composite one goes after those nested in it."""
        point = self.pick_point(number)
        place, vault = point.vault.place, point.vault
        asked = {"BackupVaultName": vault.name, "RecoveryPointArn": point.arn}
        if "DeleteRecoveryPoint" in vault.denied:
            self.refused("AccessDeniedException", place, "delete_recovery_point", **asked)
            return
        if self.model.reader(point) is not None:
            self.refused("InvalidResourceStateException", place, "delete_recovery_point", **asked)
            return
        if vault.lock is not None or any(each.parent is point for each in vault.points):
            self.refused("InvalidRequestException", place, "delete_recovery_point", **asked)
            return
        self.ask(place, "delete_recovery_point", **asked)
        self.model.delete_point(point)
        code = "ResourceNotFoundException"
        self.refused(code, place, "describe_recovery_point", **asked)

    # --- Jobs -------------------------------------------------------------------------------

    @rule(place=places, name=names, resource_type=types, token=tokens, how=on_demand)
    def start_backup(
        self,
        place: Place,
        name: str,
        resource_type: str,
        token: str | None,
        how: How,
    ) -> None:
        """Start a backup job, composite for a stack."""
        resource = resource_of(place, resource_type)
        asked: dict[str, Any] = {
            "BackupVaultName": name,
            "ResourceArn": resource,
            "IamRoleArn": ROLE,
            "IdempotencyToken": token,
            "StartWindowMinutes": how.start,
            "CompleteWindowMinutes": how.complete,
            "Lifecycle": how.days and {"DeleteAfterDays": how.days},
        }
        asked = {name: value for name, value in asked.items() if value is not None}
        known = self.model.tokens.get(("StartBackupJob", place, token or ""))
        if known is not None:
            assert self.ask(place, "start_backup_job", **asked)["BackupJobId"] == known.id
            return
        vault = self.model.vault(place, name)
        if vault is None:
            self.refused("ResourceNotFoundException", place, "start_backup_job", **asked)
            return
        if "StartBackupJob" in vault.denied:
            self.refused("AccessDeniedException", place, "start_backup_job", **asked)
            return
        if (how.complete or 10080) < (how.start or 480):
            self.refused("InvalidParameterValueException", place, "start_backup_job", **asked)
            return
        told = self.ask(place, "start_backup_job", **asked)
        assert told["CreationDate"] == self.model.now
        assert told["IsParent"] is (resource_type == "CloudFormation")
        assert ("RecoveryPointArn" in told) is (resource_type == "EFS")

        parent = self.begun_backup(place, name, told["BackupJobId"], resource_type, how)
        if token:
            self.model.tokens["StartBackupJob", place, token] = parent

    def begun_backup(
        self,
        place: Place,
        name: str,
        job_id: str,
        resource_type: str,
        how: How,
    ) -> Job:
        """Let the model have a backup job that the fake has started, and its children."""
        now = self.model.now

        def make(job_id: str, resource: str, resource_type: str, ending: dict[str, str]) -> Job:
            facts = {
                "BackupVaultName": name,
                "BackupVaultArn": arn_of(place, name),
                "ResourceArn": resource,
                "ResourceType": resource_type,
                "IamRoleArn": ROLE,
                "IsParent": resource_type == "CloudFormation",
            }
            job = Job("backup_job", job_id, place, "CREATED", now, facts, ending=ending)
            job.start_by = now + (how.start or 480) * MINUTE
            job.complete_by = now + (how.complete or 10080) * MINUTE
            job.days = how.days
            return job

        resource = resource_of(place, resource_type)
        vault = self.model.vault(place, name)
        refusal = failed(OUTSIDE) if vault is not None and vault.refuses(how.days) else None
        ending = refusal or self.model.take_outcome("StartBackupJob", resource)
        parent = make(job_id, resource, resource_type, ending)
        parent.scanned = how.scanned and resource_type in ("EBS", "S3")
        parent.continuous, parent.plan = how.continuous and resource_type in CONTINUOUS, how.plan
        nested = self.nested(parent)
        children = [
            make(each["BackupJobId"], each["ResourceArn"], each["ResourceType"], refusal or ends)
            for each, ends in zip(nested, nested_endings(ending, len(nested)), strict=True)
        ]
        assert [child.facts["ResourceType"] for child in children] == (
            ["EBS", "DynamoDB"] if resource_type == "CloudFormation" else []
        )
        self.model.start(parent, children)
        return parent

    @rule(
        place=places,
        name=names,
        resource_types=st.lists(types, max_size=3, unique=True),
        how=snapshots | continuous,
    )
    def run_plan(self, place: Place, name: str, resource_types: list[str], how: How) -> None:
        """Run a new backup plan, whose vault may be missing, by hand: its schedule never comes."""
        self.plans += 1
        asked: dict[str, Any] = {
            "RuleName": "rule",
            "TargetBackupVaultName": name,
            "ScheduleExpression": "cron(0 5 1 1 ? 1970)",
            "StartWindowMinutes": how.start,
            "CompletionWindowMinutes": how.complete,
        }
        if how.days is not None:
            asked["Lifecycle"] = {"DeleteAfterDays": how.days}
        document = {"BackupPlanName": f"plan-{self.plans}", "Rules": [asked]}
        how = how._replace(scanned=how.scanned and PLANS_SCAN)
        if how.scanned:
            asked |= SCANS
            document |= SCAN_SETTINGS
        if how.continuous:
            asked["EnableContinuousBackup"] = True
            resource_types = ["S3", *resource_types]
        made = self.ask(place, "create_backup_plan", BackupPlan=document)
        what = ("Backup Plan State Change", made["BackupPlanArn"], "CREATED")
        self.model.tell(place, self.model.now, *what)
        how = how._replace(plan=made["BackupPlanArn"])
        arns = [resource_of(place, each) for each in resource_types]
        plan = {"BackupPlanId": made["BackupPlanId"]}
        if arns:
            selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": arns}
            self.ask(place, "create_backup_selection", **plan, BackupSelection=selection)
        view = self.fake.at(account_id=place[0], region=place[1])
        says: Any = contextlib.nullcontext() if arns else pytest.warns(FakeBackupWarning)
        with says:
            jobs = view.run_plan(made["BackupPlanId"])
        assert [job["ResourceArn"] for job in jobs] == arns
        for job, resource_type in zip(jobs, resource_types, strict=True):
            assert job["CreatedBy"]["BackupPlanVersion"] == made["VersionId"]
            self.begun_backup(
                place, name, job.id, resource_type, how._replace(plan=made["BackupPlanArn"])
            )
        shown = self.ask(place, "get_backup_plan", **plan)
        assert shown["LastExecutionDate"] == self.model.now

    def nested(self, parent: Job) -> list[Any]:
        """Return the children that the fake made for a composite job, as they came."""
        view = self.fake.at(account_id=parent.place[0], region=parent.place[1])
        jobs = getattr(view, parent.kind + "s").values()
        found = [job for job in jobs if job.get("ParentJobId") == parent.id]
        return sorted(found, key=lambda job: job.id)

    @precondition(lambda self: self.model.points())
    @rule(number=picks, place=places, name=names, token=tokens)
    def start_copy(self, number: int, place: Place, name: str, token: str | None) -> None:
        """Copy a recovery point to another vault, of whatever account and region."""
        point = self.pick_point(number)
        source = point.vault
        asked = {
            "RecoveryPointArn": point.arn,
            "SourceBackupVaultName": source.name,
            "DestinationBackupVaultArn": arn_of(place, name),
            "IamRoleArn": ROLE,
            **({"IdempotencyToken": token} if token else {}),
        }
        known = self.model.tokens.get(("StartCopyJob", source.place, token or ""))
        if known is not None:
            assert self.ask(source.place, "start_copy_job", **asked)["CopyJobId"] == known.id
            return
        destination = self.model.vault(place, name)
        if destination is None:
            self.refused("ResourceNotFoundException", source.place, "start_copy_job", **asked)
            return
        if destination is source:
            self.refused("InvalidRequestException", source.place, "start_copy_job", **asked)
            return
        if point.continuous:
            self.refused("InvalidRequestException", source.place, "start_copy_job", **asked)
            return
        told = self.ask(source.place, "start_copy_job", **asked)
        now = self.model.now

        def make(job_id: str, point: Point, ending: dict[str, str]) -> Job:
            facts = {
                "SourceBackupVaultArn": source.arn,
                "SourceRecoveryPointArn": point.arn,
                "DestinationBackupVaultArn": arn_of(place, name),
                "ResourceArn": point.resource,
                "ResourceType": point.type,
                "IamRoleArn": ROLE,
                "IsParent": point.is_parent,
            }
            job = Job("copy_job", job_id, source.place, "CREATED", now, facts, ending=ending)
            job.days = point.days
            return job

        def outside(point: Point) -> dict[str, str] | None:
            """Return how the destination's lock lets a copy fail."""
            return failed(OUTSIDE_OF_COPY) if destination.refuses(point.days) else None

        denied = denied_copy(point, destination)
        refused = denied or outside(point)
        ending = refused or self.model.take_outcome("StartCopyJob", point.resource)
        parent = make(told["CopyJobId"], point, ending)
        inside = [each for each in source.points if each.parent is point]
        endings = nested_endings(ending, len(inside))
        children = [
            make(job.id, each, denied or denied_copy(each, destination) or outside(each) or ends)
            for job, each, ends in zip(self.nested(parent), inside, endings, strict=True)
        ]
        self.model.start(parent, children)
        if token:
            self.model.tokens["StartCopyJob", source.place, token] = parent

    @precondition(lambda self: self.model.points())
    @rule(number=picks)
    def start_restore(self, number: int) -> None:
        """Restore a recovery point; a composite one cannot be."""
        point = self.pick_point(number)
        metadata = {"a": "b"}
        asked = {"RecoveryPointArn": point.arn, "IamRoleArn": ROLE, "Metadata": metadata}
        if point.is_parent:
            self.refused("InvalidRequestException", point.vault.place, "start_restore_job", **asked)
            return
        if point.continuous and point.type == "S3":
            missing = "MissingParameterValueException"
            self.refused(missing, point.vault.place, "start_restore_job", **asked)
            second = datetime.fromtimestamp(point.created // 1000, timezone.utc)
            metadata["RestoreTime"] = second.strftime("%Y-%m-%dT%H:%M:%SZ")
            if not point.holds_its_beginning(self.model.now):
                invalid = "InvalidParameterValueException"
                self.refused(invalid, point.vault.place, "start_restore_job", **asked)
                return
        told = self.ask(point.vault.place, "start_restore_job", **asked)
        self.begun_restore(point, told["RestoreJobId"])

    def begun_restore(self, point: Point, job_id: str) -> Job:
        """Let the model have a restore job that the fake has started."""
        facts = {
            "BackupVaultArn": point.vault.arn,
            "RecoveryPointArn": point.arn,
            "RecoveryPointCreationDate": point.created,
            "SourceResourceArn": point.resource,
            "ResourceType": point.type,
            "IamRoleArn": ROLE,
        }
        ending = self.model.take_outcome("StartRestoreJob", point.resource)
        where, now = point.vault.place, self.model.now
        job = Job("restore_job", job_id, where, "PENDING", now, facts, ending=ending)
        self.model.start(job, [])
        return job

    @precondition(lambda self: self.model.points())
    @rule(place=places)
    def run_restore_test(self, place: Place) -> None:
        """Run a new restore testing plan by hand: the newest snapshot of each volume is tried."""
        self.plans += 1
        name = f"tests_{self.plans}"
        choice = {
            "Algorithm": "LATEST_WITHIN_WINDOW",
            "IncludeVaults": ["*"],
            "RecoveryPointTypes": ["SNAPSHOT"],
            "SelectionWindowDays": 30,
        }
        document = {
            "RestoreTestingPlanName": name,
            "ScheduleExpression": "cron(0 5 1 1 ? 1970)",
            "RecoveryPointSelection": choice,
        }
        self.ask(place, "create_restore_testing_plan", RestoreTestingPlan=document)
        selection = {
            "RestoreTestingSelectionName": "volumes",
            "ProtectedResourceType": "EBS",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": ROLE,
        }
        asked = {"RestoreTestingPlanName": name, "RestoreTestingSelection": selection}
        self.ask(place, "create_restore_testing_selection", **asked)

        newest: dict[str, Point] = {}
        for point in sorted(self.model.points(place), key=lambda each: (each.created, each.arn)):
            young = self.model.now - 30 * DAY <= point.created <= self.model.now
            if point.type == "EBS" and point.status == "COMPLETED" and young:
                before = newest.get(point.resource)
                if before is None or point.created > before.created:
                    newest[point.resource] = point
        view = self.fake.at(account_id=place[0], region=place[1])
        says: Any = contextlib.nullcontext() if newest else pytest.warns(FakeBackupWarning)
        with says:
            jobs = view.run_restore_testing_plan(name)
        chosen = {point.arn: point for point in newest.values()}
        assert sorted(job["RecoveryPointArn"] for job in jobs) == sorted(chosen)
        for job in jobs:
            self.begun_restore(chosen[job["RecoveryPointArn"]], job.id).tests = True

    @precondition(lambda self: self.model.points() and "scan_job" in KNOWN_KINDS)
    @rule(number=picks)
    def start_scan(self, number: int) -> None:
        """Scan a recovery point of a type that can be scanned."""
        point = self.pick_point(number)
        asked = {
            "BackupVaultName": point.vault.name,
            "RecoveryPointArn": point.arn,
            "IamRoleArn": ROLE,
            "ScannerRoleArn": ROLE,
            "MalwareScanner": "GUARDDUTY",
            "ScanMode": "FULL_SCAN",
        }
        if point.type not in ("EBS", "EC2", "S3"):
            self.refused("InvalidRequestException", point.vault.place, "start_scan_job", **asked)
            return
        told = self.ask(point.vault.place, "start_scan_job", **asked)
        facts = {**asked, "ResourceArn": point.resource, "ResourceType": point.type}
        facts["BackupVaultArn"] = point.vault.arn
        ending = self.model.take_outcome("StartScanJob", point.resource)
        self.model.start(
            Job(
                "scan_job",
                told["ScanJobId"],
                point.vault.place,
                "CREATED",
                self.model.now,
                facts,
                ending=ending,
            ),
            [],
        )

    @precondition(lambda self: any(job.kind == "backup_job" for job in self.model.jobs))
    @rule(number=picks)
    def stop(self, number: int) -> None:
        """Stop a backup job."""
        jobs = [job for job in self.model.jobs if job.kind == "backup_job"]
        jobs = [job for job in jobs if not job.finished] or jobs
        job = jobs[number % len(jobs)]
        asked = {"BackupJobId": job.id}
        if job.finished or job.state == "ABORTING" or job.facts["ResourceType"] == "RDS":
            self.refused("InvalidRequestException", job.place, "stop_backup_job", **asked)
            return
        assert self.ask(job.place, "stop_backup_job", **asked) == {}
        self.model.stop(job)

    @precondition(lambda self: self.model.jobs)
    @rule(
        number=picks,
        how=st.sampled_from(["run", "complete", "complete", "fail", "abort", "expire"]),
        late=st.sampled_from([0, 0, 0, 3 * 60 * MINUTE]),
        message=st.sampled_from([None, "as told", "Token expired. Try again."]),
    )
    def move(self, number: int, how: str, late: int, message: str | None) -> None:
        """Move a job by hand, be the move legal or not, once time has passed unseen."""
        job = self.pick(number)
        seen = self.seen_job(job)
        self.pass_time(late)
        ends = {
            "run": "RUNNING",
            "complete": "COMPLETED",
            "fail": "FAILED",
            "abort": "CANCELED" if job.kind == "scan_job" else "ABORTED",
            "expire": "EXPIRED",
        }
        told = {"StatusMessage": message} if message and how in ("complete", "fail") else {}
        words: dict[str, Any] = {"message": message} if how == "fail" else told
        if self.model.can_move(job, ends[how]):
            getattr(seen, how)(**words)
            self.model.move(job, ends[how], told)
        else:
            with pytest.raises(FakeBackupError, match=f"cannot go from {job.state} to {ends[how]}"):
                getattr(seen, how)(**words)

    @precondition(lambda self: self.model.jobs)
    @rule(number=picks, mode=st.sampled_from(["manual", "polls", "immediate", "clock"]))
    def change_progress(self, number: int, mode: str) -> None:
        """Let a job move another way."""
        job = self.pick(number)
        self.seen_job(job).progress = mode
        self.model.set_mode(job, mode)

    @rule(
        kind=st.sampled_from([kind for kind in STARTS if kind in KNOWN_KINDS]),
        number=picks,
        message=st.sampled_from([None, "as chosen"]),
        place=st.sampled_from([None, *PLACES]),
        resource_type=types,
    )
    def choose_outcome(
        self,
        kind: str,
        number: int,
        message: str | None,
        place: Place | None,
        resource_type: str,
    ) -> None:
        """Decide how a job ends that is started later."""
        finals = [state for state, moves in STATES[kind].items() if not moves] + ["RUNNING"]
        composite = place is not None and resource_type == "CloudFormation"
        if composite and kind in ("backup_job", "copy_job"):
            finals.append("PARTIAL")
        ending: dict[str, Any] = {"State": finals[number % len(finals)]}
        if message:
            ending["StatusMessage"] = message
        resource = resource_of(place, resource_type) if place else None
        operation: Any = STARTS[kind]
        self.fake.next_outcome(operation, ResourceArn=resource, **ending)
        self.model.outcomes.append((STARTS[kind], resource, ending))

    @rule(
        kind=kinds,
        place=places,
        name=names,
        age=st.sampled_from([0, MINUTE, 3 * 60 * MINUTE, 2 * DAY, 8 * DAY, 30 * DAY, 40 * DAY]),
        number=picks,
    )
    def seed_job(self, kind: str, place: Place, name: str, age: int, number: int) -> None:
        """Seed a job in any state; it comes with its vaults and recovery points."""
        model = self.model
        states = [*STATES[kind]]
        state = states[number % len(states)]
        category = "AccessDenied" if number % 5 == 0 else None
        resource_type = ["EBS", "EFS", "RDS"][number % 3]
        if kind == "scan_job":
            resource_type = "EBS"
        resource = resource_of(place, resource_type)
        created = model.now - age
        other = PLACES[number % len(PLACES)]
        known_facts: dict[str, dict[str, Any]] = {
            "backup_job": {"BackupVaultName": name, "ResourceArn": resource},
            "copy_job": {
                "SourceBackupVaultArn": arn_of(place, name),
                "DestinationBackupVaultArn": arn_of(other, VAULTS[number % 2]),
                "ResourceArn": resource,
            },
            "restore_job": {
                "BackupVaultArn": arn_of(place, name),
                "SourceResourceArn": resource,
                "RecoveryPointCreationDate": created - MINUTE,
            },
            "scan_job": {"BackupVaultName": name, "ResourceArn": resource},
            "report_job": {},
        }
        facts = known_facts[kind]
        job = Job(kind, "", place, state, created, facts)
        if job.finished:
            job.completed = min(created + 10 * MINUTE, model.now)
            job.category = category if kind in ("backup_job", "copy_job") else None
        spelled = KINDS[kind]
        members = {**facts, spelled.state: state, spelled.created: created}
        if job.category:
            members["MessageCategory"] = job.category
        members = {name: given(value) for name, value in members.items()}
        view = self.fake.at(account_id=place[0], region=place[1])
        seen = plain(dict(getattr(view, f"add_{kind}")(**members)))
        job.id = seen[spelled.id]
        if kind != "report_job":
            facts["ResourceType"] = resource_type
        if kind == "backup_job":
            job.start_by = created + 8 * 60 * MINUTE
            facts |= {"BackupVaultArn": arn_of(place, name), "IsParent": False}
        if kind == "copy_job":
            facts["IsParent"] = False
        if kind in ("copy_job", "restore_job", "scan_job"):
            member = "SourceRecoveryPointArn" if kind == "copy_job" else "RecoveryPointArn"
            facts[member] = seen[member]
            since = facts.get("RecoveryPointCreationDate", created)
            vault = Vault(place, name)
            job.reads = Point(vault, since, resource_type, resource, arn=seen[member])
        if kind == "scan_job":
            facts["BackupVaultArn"] = arn_of(place, name)
        model.seed(job)

    @rule(
        place=places,
        name=names,
        resource_type=st.sampled_from(["EBS", "EFS"]),
        age=st.sampled_from([0, MINUTE, 40 * DAY]),
    )
    def seed_point(self, place: Place, name: str, resource_type: str, age: int) -> None:
        """Seed a recovery point; its vault is made if it is missing."""
        view = self.fake.at(account_id=place[0], region=place[1])
        resource, created = resource_of(place, resource_type), self.model.now - age
        seen = view.add_recovery_point(
            BackupVaultName=name, ResourceArn=resource, CreationDate=given(created)
        )
        vault = self.model.make_vault(place, name)
        arn = seen["RecoveryPointArn"]
        assert arn not in [point.arn for point in self.model.points()]
        vault.points.append(Point(vault, created, resource_type, resource, arn=arn))

    # --- Looking ----------------------------------------------------------------------------

    @precondition(lambda self: self.model.jobs)
    @rule(number=picks)
    def describe(self, number: int) -> None:
        """Describe a job, which moves it if polls do."""
        job = self.pick(number)
        self.describe_job(job)
        elsewhere = next(place for place in PLACES if place != job.place)
        asked = {KINDS[job.kind].id: job.id}
        self.refused("ResourceNotFoundException", elsewhere, f"describe_{job.kind}", **asked)

    def describe_job(self, job: Job) -> None:
        """Describe a job and compare."""
        self.learn()
        spelled = KINDS[job.kind]
        operation = f"describe_{job.kind}"
        asked = {spelled.id: job.id}
        if self.model.removed(job):
            self.refused("ResourceNotFoundException", job.place, operation, **asked)
            return
        told = self.ask(job.place, operation, **asked)
        self.same_job(job, told[spelled.wrapped] if spelled.wrapped else told)
        self.model.poll([job])

    @rule(
        kind=kinds,
        place=places,
        filters=st.lists(st.tuples(picks, picks), max_size=2),
        size=st.sampled_from([None, 1, 1, 2]),
    )
    def list_from_the_start(
        self, kind: str, place: Place, filters: list[tuple[int, int]], size: int | None
    ) -> None:
        """Begin a listing; one that was begun before is left where it is."""
        asked = dict(self.filter(kind, *each) for each in filters)
        if kind == "report_job":
            asked.pop("ByAccountId", None)
        self.begin_listing(kind, place, asked, size)

    def begin_listing(
        self, kind: str, place: Place, asked: dict[str, Any], size: int | None
    ) -> None:
        """Ask for the first page, which moves what an unfinished listing had told."""
        if size is not None:
            asked["MaxResults"] = size
        self.open = {"kind": kind, "place": place, "asked": asked, "after": None}
        for account in self.model.seen(kind, place, asked.get("ByAccountId")):
            if (kind, (account, place[1])) in self.model.unread:
                self.model.poll_all(kind, (account, place[1]))
        self.next_page(size)

    @precondition(lambda self: self.model.jobs)
    @rule(number=picks, size=st.sampled_from([1, 2]), leave=st.booleans())
    def page_through(self, number: int, size: int, *, leave: bool) -> None:
        """Page through a listing to its end; perhaps one that was left and begun anew."""
        job = self.pick(number)
        if leave:
            self.begin_listing(job.kind, job.place, {}, size)
        self.begin_listing(job.kind, job.place, {}, size)
        while self.open is not None:
            self.next_page(None)

    @precondition(lambda self: self.open is not None)
    @rule(size=st.sampled_from([1, 2, 3]))
    def next_page(self, size: int | None) -> None:
        """Ask for the next page of a listing, whatever has happened since the last one."""
        self.learn()
        assert self.open is not None
        kind, place, asked = self.open["kind"], self.open["place"], self.open["asked"]
        if size is not None:
            asked["MaxResults"] = size
        after = self.open["after"]
        found = [
            job
            for job in self.model.listed(kind, place, asked)
            if after is None or (-job.created, job.id) > after
        ]
        page = found[: asked.get("MaxResults", len(found))]
        sent = {
            name: value if name == "MaxResults" else given(value) for name, value in asked.items()
        }
        spelled = KINDS[kind]
        told = self.ask(place, f"list_{kind}s", **sent)
        assert [job[spelled.id] for job in told[spelled.listed]] == [job.id for job in page]
        for job, shown in zip(page, told[spelled.listed], strict=True):
            self.same_job(job, self.seen_counts(shown, job))
        more = len(page) < len(found)
        assert ("NextToken" in told) is more
        accounts = self.model.seen(kind, place, asked.get("ByAccountId"))
        for account in accounts:
            where = (account, place[1])
            if not more:
                self.model.poll_all(kind, where)
            elif (kind, where) not in self.model.unread:
                self.model.unread.append((kind, where))
        if more:
            asked["NextToken"] = told["NextToken"]
            self.open["after"] = (-page[-1].created, page[-1].id)
        else:
            self.open = None

    def seen_counts(self, shown: Mapping[str, Any], job: Job) -> Mapping[str, Any]:
        """Return a listed backup job with the counts of children that only Describe shows."""
        if job.kind != "backup_job" or not job.facts["IsParent"]:
            return shown
        assert "NumberOfChildJobs" not in shown
        expected = self.model.shown(job)
        names = ("NumberOfChildJobs", "ChildJobsInState")
        return {**shown, **{name: expected[name] for name in names}}

    def filter(self, kind: str, number: int, job_number: int) -> tuple[str, Any]:
        """Return a filter of a list with a value that some job has, or that none has."""
        parameters = [each for each in FILTERS[kind].split() if each in known_filters(kind)]
        parameter = parameters[number % len(parameters)]
        if parameter == "ByAccountId":
            accounts = [MANAGER, MEMBER, *(["*"] if KINDS[kind].every else [])]
            return parameter, accounts[job_number % len(accounts)]
        jobs = [job for job in self.model.jobs if job.kind == kind]
        value = None
        if jobs:
            value = self.model.shown(jobs[job_number % len(jobs)]).get(member_of(parameter))
        if value is None:
            parameter = "ByStatus" if kind in ("restore_job", "report_job") else "ByState"
            value = "RUNNING"
        if parameter == "ByMessageCategory":
            value = [value, value.swapcase(), "ANY"][number % 3]
        return parameter, value

    @rule(span=spans)
    def wait(self, span: int) -> None:
        """Let time pass."""
        self.pass_time(span)

    def pass_time(self, span: int) -> None:
        """Let time pass, for both."""
        if span:
            self.clock.shift(span / 1000)
            self.model.travel(span)

    # --- Savepoints -------------------------------------------------------------------------

    @precondition(lambda self: len(self.savepoints) < DEEPEST)
    @rule()
    def open_savepoint(self) -> None:
        """Begin a block that is undone at its end; the naive model is put aside as it is."""
        block = contextlib.ExitStack()
        block.enter_context(self.fake.savepoint())
        aside = copy.deepcopy((self.model, self.open))
        self.savepoints.append(Savepoint(block, *aside, len(self.told), self.seen))

    @precondition(lambda self: self.savepoints)
    @rule(raising=st.booleans())
    def close_savepoint(self, *, raising: bool) -> None:
        """End the block, perhaps by an exception: all is as it was, but for the time."""
        block, model, listing, told, seen = self.savepoints.pop()
        now = self.model.now
        if raising:
            with pytest.raises(ZeroDivisionError), block:
                raise ZeroDivisionError
        else:
            block.close()
        self.model, self.open, self.seen = model, listing, seen
        # What came by the handler is the test's own.
        del self.told[told:]
        # What was due by the clock is due again.
        self.model.travel(now - model.now)

    # --- Comparing --------------------------------------------------------------------------

    @invariant()
    def compare(self) -> None:
        """Hold that everything is as the naive model has it."""
        self.steps += 1
        self.model.move_due()
        self.learn()
        assert all(job.id for job in self.model.jobs)
        self.compare_jobs()
        self.compare_events()
        self.compare_points()
        # What a client is told of this, one thing after each step: it takes longest.
        turn = self.steps % 4
        if turn == 0:
            self.compare_vaults()
        elif turn == 1:
            self.compare_summaries()
        elif not self.model.polled:
            # Nothing moves by being asked for.
            self.compare_lists()

    def compare_jobs(self) -> None:
        """Compare what a test sees of every job."""
        for place in PLACES:
            view = self.fake.at(account_id=place[0], region=place[1])
            for kind in KNOWN_KINDS:
                seen = getattr(view, kind + "s")
                expected = self.model.of(kind, [place[0]], place[1])
                assert list(seen) == [job.id for job in expected]
                for job in expected:
                    self.same_job(job, seen[job.id])

    def compare_events(self) -> None:
        """Compare the events that came since the last time, in their order."""
        told = [event_told(event) for event in self.told[self.seen :]]
        expected = [event_expected(event) for event in self.model.events[self.seen :]]
        assert told == expected
        self.seen = len(self.told)
        if self.model.jobs:
            job = self.pick(self.steps, unfinished=False)
            told_of_it = [event_told(event) for event in self.seen_job(job).events]
            about = [event for event in self.model.events[self.begun :] if event[4] is job]
            assert told_of_it == [event_expected(event) for event in about]

    def compare_points(self) -> None:
        """Compare what a test sees of vaults and recovery points."""
        for place in PLACES:
            view = self.fake.at(account_id=place[0], region=place[1])
            vaults = [vault for vault in self.model.vaults if vault.place == place]
            seen = view.vaults
            assert {name: seen[name]["NumberOfRecoveryPoints"] for name in seen} == {
                vault.name: len(vault.points) for vault in vaults
            }
            points = [point for vault in vaults for point in vault.points]
            assert list(view.recovery_points) == in_lists(points)
            for point in points:
                self.same_point(point, view.recovery_points[point.arn])

    def compare_vaults(self) -> None:
        """Compare what a client is told of the vaults of a place, and of what lies in one."""
        place = PLACES[self.steps // 4 % len(PLACES)]
        vaults = [vault for vault in self.model.vaults if vault.place == place]
        listed = self.ask(place, "list_backup_vaults")["BackupVaultList"]
        told = {each["BackupVaultName"]: each["NumberOfRecoveryPoints"] for each in listed}
        assert told == {each.name: len(each.points) for each in vaults}
        for vault in vaults:
            name = {"BackupVaultName": vault.name}
            described = self.ask(place, "describe_backup_vault", **name)
            lock = vault.lock or Lock(None, None, None)
            assert described["Locked"] is (vault.lock is not None)
            shown = ("MinRetentionDays", "MaxRetentionDays", "LockDate")
            assert lock == Lock(*map(described.get, shown))
            assert described["NumberOfRecoveryPoints"] == len(vault.points)
            listed = self.ask(place, "list_recovery_points_by_backup_vault", **name)
            points = {each["RecoveryPointArn"]: each for each in listed["RecoveryPoints"]}
            assert list(points) == in_lists(vault.points)
            for point in vault.points:
                self.same_point(point, points[point.arn])
        self.compare_resources(place)

    def compare_resources(self, place: Place) -> None:
        """Compare what a client is told of the resources of a place, and of the points of one."""
        points = self.model.points(place)
        results = self.ask(place, "list_protected_resources")["Results"]
        resources = sorted({point.resource for point in points})
        assert [each["ResourceArn"] for each in results] == resources
        if resources:
            resource = resources[self.steps % len(resources)]
            of_it = in_lists([point for point in points if point.resource == resource])
            asked = {"ResourceArn": resource}
            managed: dict[str, Any] = {"ManagedByAWSBackupOnly": True}
            if not takes("ListRecoveryPointsByResource", *managed):
                managed = {}
            listed = self.ask(place, "list_recovery_points_by_resource", **asked, **managed)
            # Without the parameter, snapshots of EBS copied within a place are left out.
            if managed or ":ec2:" not in resource:
                assert [each["RecoveryPointArn"] for each in listed["RecoveryPoints"]] == of_it
            told = self.ask(place, "describe_protected_resource", **asked)
            assert told["LastRecoveryPointArn"] == of_it[0]

    def same_point(self, point: Point, told: Mapping[str, Any]) -> None:
        """Compare what is told of a recovery point."""
        expected = {
            "BackupVaultName": point.vault.name,
            "CreationDate": point.created,
            "ResourceArn": point.resource,
            "ResourceType": point.type,
            "Status": point.status,
            "IsParent": point.is_parent,
            "ParentRecoveryPointArn": point.parent.arn if point.parent else None,
        }
        assert {name: plain(told.get(name)) for name in expected} == expected

    def compare_summaries(self) -> None:
        """Compare one of the summaries, asked for in another way each time."""
        turn = self.steps // 4
        kind = ["backup_job", "copy_job", "restore_job"][turn // 2 % 3]
        place = PLACES[turn % 2 * 2]
        asked = {
            "AggregationPeriod": ["ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"][turn // 3 % 3],
            "State": ["ANY", "ANY", "AGGREGATE_ALL", "COMPLETED"][turn // 5 % 4],
            "ResourceType": ["ANY", "AGGREGATE_ALL"][turn // 7 % 2],
        }
        if turn % 5:
            asked["AccountId"] = ["ANY", "AGGREGATE_ALL"][turn // 11 % 2]
        if kind != "restore_job":
            asked["MessageCategory"] = ["ANY", "AGGREGATE_ALL"][turn // 13 % 2]
        told = self.ask(place, f"list_{kind}_summaries", **asked)
        rows = told[KINDS[kind].listed.removesuffix("s") + "Summaries"]
        starts = [row["StartTime"] for row in rows]
        assert starts == sorted(starts, reverse=True)
        expected = self.model.summary(kind, place, asked)
        assert sorted(map(in_order, rows)) == sorted(map(in_order, expected))

    def compare_lists(self) -> None:
        """Compare a list and a Describe: of another kind, with another filter after each step."""
        kind = KNOWN_KINDS[self.steps % len(KNOWN_KINDS)]
        place = PLACES[self.steps // 2 % len(PLACES)]
        parameter, value = self.filter(kind, self.steps, self.steps // 3)
        found = self.model.listed(kind, place, {parameter: value})
        told = self.ask(place, f"list_{kind}s", **{parameter: given(value)})
        ids = [job[KINDS[kind].id] for job in told[KINDS[kind].listed]]
        assert ids == [job.id for job in found]
        for account in self.model.seen(kind, place, value if parameter == "ByAccountId" else None):
            # Nothing moves, but a listing that was left before its end is over.
            self.model.poll_all(kind, (account, place[1]))
        if self.model.jobs:
            self.describe_job(self.pick(self.steps, unfinished=False))


class Savepoint(NamedTuple):
    """A block that is undone at its end, and what the test puts back itself."""

    block: contextlib.ExitStack
    model: Reference
    open: dict[str, Any] | None
    told: int
    seen: int


def in_lists(points: Iterable[Point]) -> list[str]:
    """Return the ARNs of recovery points as lists show them, newest first."""
    return [point.arn for point in sorted(points, key=lambda each: (-each.created, each.arn))]


def in_order(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return a row such that rows can be sorted."""
    return sorted(row.items())


def failed(message: str) -> dict[str, str]:
    """Return the ending of a job that fails with a message."""
    return {"State": "FAILED", "StatusMessage": message}


def denied_copy(point: Point, destination: Vault) -> dict[str, str] | None:
    """Return how a copy to another account fails: by its type, or else by the policy there."""
    here, there = point.vault.place, destination.place
    if here[0] == there[0]:
        return None
    if point.type == "CloudFormation":
        told = "Copy job failed."
        if here[1] != there[1]:
            way = f"from {here[1]} to {there[1]}"
            told = f"Copy job {way} cannot be initiated for {point.type} resources."
        return failed(f"{told} {UNSUPPORTED}")
    return None if destination.takes_copies else failed(DENIED_COPY)


def nested_endings(ending: Mapping[str, str], count: int) -> list[dict[str, str]]:
    """Return how the children of a composite job end: as it does, or the last one fails."""
    if ending["State"] != "PARTIAL":
        return [{"State": ending["State"]}] * count
    return [{"State": "COMPLETED"}] * (count - 1) + [{"State": "FAILED"}] * min(count, 1)


def event_told(event: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what is compared of an event: where, when, about what, which state."""
    detail = event["detail"]
    title = event["detail-type"]
    member = {
        "Backup Job State Change": "backupJobId",
        "Copy Job State Change": "copyJobId",
        "Restore Job State Change": "restoreJobId",
        "Scan Job State Change": "scanJobId",
    }.get(title)
    about = event["resources"][0] if member is None else detail.get(member)
    at = plain(datetime.fromisoformat(event["time"].replace("Z", "+00:00")))
    state = detail.get("state", detail.get("status"))
    return (event["account"], event["region"], at, title, about, state)


def event_expected(event: Sequence[Any]) -> tuple[Any, ...]:
    """Return the same of an event of the naive model."""
    account, region, at, title, about, state = event
    if title == "Copy Job State Change" and state == "CREATED":
        # AWS's example of this one has no id.
        about = None
    if isinstance(about, Point):
        about = about.arn
    if isinstance(about, Job):
        about = about.id
    return (account, region, at, title, about, state)


class ManualLife(Life):
    progress = "manual"


class PolledLife(Life):
    progress = "polls"


class ImmediateLife(Life):
    progress = "immediate"


class ClockedLife(Life):
    progress = "clock"


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("machine", [ManualLife, PolledLife, ImmediateLife, ClockedLife])
def test_jobs_live_as_in_a_naive_model(machine: type[Life], number: int) -> None:
    """Whatever is done in whatever order, the fake and the naive model agree after each step."""
    # Several runs with few examples: after ten, hypothesis repeats itself with small changes.
    # Without the phase that explains failures: it traces every line.
    phases = [Phase.generate, Phase.shrink]
    bounded = settings(max_examples=10, stateful_step_count=40, phases=phases)
    run_state_machine_as_test(seed(number)(machine), settings=bounded)


class Dumped(Life):
    """The same, and now and then all goes on in another fake, filled with the dump of this one."""

    # An open savepoint is of the fake that is left.
    @precondition(lambda self: not self.savepoints)
    @rule()
    def dump_and_load(self) -> None:
        """Dump the fake, and go on in a fresh one that has loaded that."""
        document = self.fake.dump()
        fresh = self.make_fake()
        fresh.load(json.loads(json.dumps(document)))
        self.fake.stop()
        self.fake = fresh
        self.begun = len(self.model.events)
        assert self.fake.dump() == document


class ManualDumped(Dumped):
    progress = "manual"


class PolledDumped(Dumped):
    progress = "polls"


class ImmediateDumped(Dumped):
    progress = "immediate"


class ClockedDumped(Dumped):
    progress = "clock"


@pytest.mark.parametrize("machine", [ManualDumped, PolledDumped, ImmediateDumped, ClockedDumped])
def test_jobs_live_on_in_a_fake_that_loaded_a_dump(machine: type[Life]) -> None:
    """The same, whatever is dumped and loaded in between."""
    phases = [Phase.generate, Phase.shrink]
    bounded = settings(max_examples=6, stateful_step_count=40, phases=phases)
    run_state_machine_as_test(seed(3)(machine), settings=bounded)
