"""What all starts of jobs share: tokens, and what is refused with which error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fakebackup import FakeBackup, factories, mock_backup
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import BACKUP
from support.botocore_model import takes
from support.client import client, full_answer
from support.starting import (
    FILES,
    HERE,
    INSTANCE,
    MODEL,
    OTHER,
    OWN,
    PLAN,
    STACK,
    THERE,
    World,
    finish,
    furnished,
    scans,
    start_backup,
    status,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup import Job

pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


OPERATIONS = (
    "StartBackupJob",
    "StopBackupJob",
    "StartCopyJob",
    "StartRestoreJob",
    "GetRestoreJobMetadata",
    "PutRestoreValidationResult",
    pytest.param("StartScanJob", marks=scans),
)
STARTS = (
    "StartBackupJob",
    "StartCopyJob",
    "StartRestoreJob",
    pytest.param("StartScanJob", marks=scans),
)


def jobs_of(backup: FakeBackup, operation: str) -> int:
    """The number of jobs of the kind that an operation starts."""
    return len(view(backup, operation))


def view(backup: FakeBackup, operation: str) -> Mapping[str, Job]:
    """The jobs of the kind that an operation starts."""
    name = operation.removeprefix("Start").replace("Job", "_jobs").lower()
    found: Mapping[str, Job] = getattr(backup, name)
    return found


def ids_of(backup: FakeBackup, operation: str) -> set[str]:
    """The ids of the jobs of the kind that an operation starts."""
    return set(view(backup, operation))


class TestTokens:
    @pytest.mark.parametrize("operation", STARTS)
    def test_the_same_token_starts_nothing(self, world: World, operation: str) -> None:
        """A call again with a token answers as the first did, and there is one job."""
        wanted = world.good(operation) | {"IdempotencyToken": "token"}
        before = jobs_of(world.backup, operation)
        first = full_answer(operation, **wanted)
        held = world.held()
        assert told(full_answer(operation, **wanted)) == told(first)
        assert world.held() == held
        assert jobs_of(world.backup, operation) == before + 1

    @pytest.mark.parametrize("operation", STARTS)
    def test_no_token_is_two_jobs(self, world: World, operation: str) -> None:
        """Two calls alike without a token start two jobs."""
        before = jobs_of(world.backup, operation)
        for _ in range(2):
            full_answer(operation, **world.good(operation))
        assert jobs_of(world.backup, operation) == before + 2

    def test_the_first_job_answers_when_it_has_ended(self, backup: FakeBackup) -> None:
        """A token remembers its job whatever became of it."""
        first = start_backup(IdempotencyToken="token", ResourceArn=FILES)
        finish(backup.backup_jobs[first["BackupJobId"]])
        assert told(start_backup(IdempotencyToken="token", ResourceArn=FILES)) == told(first)

    def test_the_first_job_answers_when_it_has_failed(self, backup: FakeBackup) -> None:
        """A failed job is answered as it was started, with the recovery point that was to come."""
        first = start_backup(IdempotencyToken="token", ResourceArn=FILES)
        backup.backup_jobs[first["BackupJobId"]].update(State="FAILED", RecoveryPointArn=None)
        assert told(start_backup(IdempotencyToken="token", ResourceArn=FILES)) == told(first)

    @pytest.mark.parametrize("operation", STARTS)
    def test_a_removed_job_takes_its_token_along(self, world: World, operation: str) -> None:
        """The token of a job that a test removed starts another one."""
        wanted = world.good(operation) | {"IdempotencyToken": "token"}
        before = ids_of(world.backup, operation)
        full_answer(operation, **wanted)
        (job,) = ids_of(world.backup, operation) - before
        world.backup.remove(view(world.backup, operation)[job])
        full_answer(operation, **wanted)
        full_answer(operation, **wanted)
        (again,) = ids_of(world.backup, operation) - before
        assert again != job

    def test_other_parameters_answer_the_first_job(self, backup: FakeBackup) -> None:
        """A token that comes again with other parameters answers the first job by default."""
        first = start_backup(IdempotencyToken="token")
        again = start_backup(IdempotencyToken="token", ResourceArn=FILES)
        assert told(again) == told(first)
        assert len(backup.backup_jobs) == 1

    def test_other_parameters_are_refused(self) -> None:
        """With refuse_reused_tokens, a token that comes again with other parameters is refused."""
        with mock_backup(region=HERE, default_vault=True, refuse_reused_tokens=True) as backup:
            first = start_backup(IdempotencyToken="token")
            with pytest.raises(ClientError) as refused:
                start_backup(IdempotencyToken="token", ResourceArn=FILES)
            assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
            assert told(start_backup(IdempotencyToken="token")) == told(first)
            assert len(backup.backup_jobs) == 1

    def test_a_token_is_an_operations_an_accounts_and_a_regions(self, world: World) -> None:
        """One token starts a job for each operation, account and region."""
        token = {"IdempotencyToken": "token"}
        ids = {start_backup(**token)["BackupJobId"], start_backup(THERE, **token)["BackupJobId"]}
        with world.backup.acting_as(OTHER):
            ids.add(start_backup(**token)["BackupJobId"])
        ids.add(full_answer("StartCopyJob", **world.good("StartCopyJob"), **token)["CopyJobId"])
        ids.add(
            full_answer("StartRestoreJob", **world.good("StartRestoreJob"), **token)["RestoreJobId"]
        )
        assert len(ids) == 5

    def test_a_refusal_uses_up_no_token(self, backup: FakeBackup) -> None:
        """A token of a refused call starts a job when the call is put right."""
        with pytest.raises(ClientError):
            start_backup(IdempotencyToken="token", ResourceArn="arn:aws:sqs:us-east-1:1:q")
        assert start_backup(IdempotencyToken="token")["BackupJobId"] in backup.backup_jobs


# --- Refusals -------------------------------------------------------------------------------

MISSING = "MissingParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
INVALID = "InvalidParameterValueException"
REQUEST = "InvalidRequestException"


@dataclass(frozen=True)
class Case:
    """A call that AWS refuses.

    Attributes:
        operation: what is called.
        error: the error's code.
        change: what is wrong: parameters that replace good ones, or what gives them.
    """

    operation: str
    error: str
    change: dict[str, Any] | Callable[[World], dict[str, Any]]

    def __str__(self) -> str:
        if not isinstance(self.change, dict):
            what = getattr(self.change, "__name__", "?")
        else:
            what = ",".join(f"{k}={v}" for k, v in self.change.items())
        return f"{self.operation}-{what}"


def of_air_gapped_vault(_world: World) -> dict[str, Any]:
    """The name of a logically air-gapped vault."""
    client().create_logically_air_gapped_backup_vault(
        BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30
    )
    return {"BackupVaultName": "gapped"}


def of_no_air_gapped_vault(_world: World) -> dict[str, Any]:
    """The ARN of a vault that is not logically air-gapped."""
    arn = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Copies"
    return {"LogicallyAirGappedBackupVaultArn": arn}


def in_state(state: Any) -> Callable[[World], dict[str, Any]]:
    """Give a function that seeds a backup job in a state."""

    def job(world: World) -> dict[str, Any]:
        return {"BackupJobId": world.backup.add_backup_job(State=state).id}

    job.__name__ = state
    return job


def of_type(resource_type: str) -> Callable[[World], dict[str, Any]]:
    """Give a function that seeds a running backup job of a resource type."""

    def job(world: World) -> dict[str, Any]:
        made = world.backup.add_backup_job(State="RUNNING", ResourceType=resource_type)
        return {"BackupJobId": made.id}

    job.__name__ = resource_type
    return job


def of_another_region(world: World) -> dict[str, Any]:
    """A backup job of another region."""
    return {"BackupJobId": world.backup.at(region=THERE).add_backup_job(State="RUNNING").id}


def of_another_account(world: World) -> dict[str, Any]:
    """A backup job of another account."""
    job = world.backup.at(account_id=OTHER).add_backup_job(State="RUNNING")
    return {"BackupJobId": job.id}


def of_another_kind(world: World) -> dict[str, Any]:
    """The id of a job that is no backup job."""
    return {"BackupJobId": world.backup.add_copy_job(State="RUNNING").id}


def of_another_vault(_world: World) -> dict[str, Any]:
    """A vault that holds no such recovery point."""
    client().create_backup_vault(BackupVaultName="empty")
    return {"SourceBackupVaultName": "empty"}


def of_no_scanned_vault(_world: World) -> dict[str, Any]:
    """A vault that holds no such recovery point."""
    return {"BackupVaultName": "Copies"}


def of_its_own_vault(_world: World) -> dict[str, Any]:
    """The vault in which the source lies."""
    arn = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Default"
    return {"DestinationBackupVaultArn": arn}


def in_status(status: Any) -> Callable[[World], dict[str, Any]]:
    """Give a function that seeds a recovery point with a status."""

    def point(world: World) -> dict[str, Any]:
        made = world.backup.add_recovery_point(BackupVaultName="Default", Status=status)
        return {"RecoveryPointArn": made["RecoveryPointArn"]}

    point.__name__ = f"point_{status}"
    return point


def of_a_composite_point(world: World) -> dict[str, Any]:
    """The recovery point of a stack."""
    job = finish(world.backup.backup_jobs[start_backup(ResourceArn=STACK)["BackupJobId"]])
    return {"RecoveryPointArn": job["RecoveryPointArn"]}


def of_a_file_system(world: World) -> dict[str, Any]:
    """The recovery point of a file system."""
    job = finish(world.backup.backup_jobs[start_backup(ResourceArn=FILES)["BackupJobId"]])
    return {"RecoveryPointArn": job["RecoveryPointArn"]}


def from_an_unknown_base(_world: World) -> dict[str, Any]:
    """An incremental scan from a recovery point that is not there."""
    return {"ScanMode": "INCREMENTAL_SCAN", "ScanBaseRecoveryPointArn": ABSENT}


def full_from_a_base(world: World) -> dict[str, Any]:
    """A full scan that names a recovery point to begin from."""
    return {"ScanBaseRecoveryPointArn": world.second}


def of_no_test(world: World) -> dict[str, Any]:
    """A completed restore that no restore testing plan started."""
    return {"RestoreJobId": world.backup.add_restore_job().id}


def of_an_unfinished_test(world: World) -> dict[str, Any]:
    """A restore test that runs."""
    plan: Any = {"RestoreTestingPlanArn": PLAN}
    return {"RestoreJobId": world.backup.add_restore_job(CreatedBy=plan, Status="RUNNING").id}


def of_a_failed_test(world: World) -> dict[str, Any]:
    """A restore test that failed."""
    plan: Any = {"RestoreTestingPlanArn": PLAN}
    return {"RestoreJobId": world.backup.add_restore_job(CreatedBy=plan, Status="FAILED").id}


ABSENT = f"arn:aws:ec2:{HERE}::snapshot/snap-absent"
NO_VAULT = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:absent"
NO_ROLES = ("role", f"arn:aws:iam::{OWN}:user/u", "arn:aws:iam::1:role/r", "arn:aws:s3:::b")
BAD_LIFECYCLES: tuple[dict[str, Any], ...] = (
    {"DeleteAfterDays": 0},
    {"DeleteAfterDays": -2},
    {"DeleteAfterDays": 36501},
    {"MoveToColdStorageAfterDays": 0},
    {"MoveToColdStorageAfterDays": 36501},
    {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119},
    {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 7},
)


def _cases() -> Iterator[Case]:  # noqa: C901, PLR0912, PLR0915  a table, written down by rule
    for operation in ("StartBackupJob", "StartCopyJob"):
        for role in NO_ROLES:
            yield Case(operation, INVALID, {"IamRoleArn": role})
        for lifecycle in BAD_LIFECYCLES:
            yield Case(operation, INVALID, {"Lifecycle": lifecycle})
        if "DeleteAfterEvent" in MODEL.shape_for("Lifecycle").members:  # type: ignore[attr-defined]  # the stub knows no members
            event = {"DeleteAfterEvent": "DELETE_AFTER_COPY"}
            yield Case(operation, INVALID, {"Lifecycle": event})

    start = "StartBackupJob"
    for name in ("BackupVaultName", "ResourceArn", "IamRoleArn"):
        yield Case(start, MISSING, {name: ""})
    yield Case(start, NOT_FOUND, {"BackupVaultName": "absent"})
    for name in ("x", "with space", "a" * 51):
        yield Case(start, INVALID, {"BackupVaultName": name})
    for arn in ("volume", f"arn:aws:sqs:{HERE}:{OWN}:q", f"arn:aws:ec2:{HERE}:{OWN}:vpc/vpc-1"):
        yield Case(start, INVALID, {"ResourceArn": arn})
    for minutes in (-1, 0, 59, 52_560_001):
        yield Case(start, INVALID, {"StartWindowMinutes": minutes})
        yield Case(start, INVALID, {"CompleteWindowMinutes": minutes})
    # Judged with the defaults: a start window of 480 minutes, a completion window of 10080.
    for windows in ((20000, None), (10081, None), (None, 479), (120, 119)):
        names = ("StartWindowMinutes", "CompleteWindowMinutes")
        given = zip(names, windows, strict=True)
        yield Case(start, INVALID, {name: each for name, each in given if each is not None})
    yield Case(start, INVALID, {"BackupOptions": {"WindowsVSS": "enabled"}})
    for options in (
        {"WindowsVSS": "maybe"},
        {"Other": "enabled"},
        {"WindowsVSS": "enabled", "Other": "enabled"},
    ):
        yield Case(start, INVALID, {"ResourceArn": INSTANCE, "BackupOptions": options})
    if takes(start, "Index"):
        yield Case(start, INVALID, {"Index": "MAYBE"})
    if "CreateLogicallyAirGappedBackupVault" in MODEL.operation_names:
        yield Case(start, REQUEST, of_air_gapped_vault)
    if takes(start, "LogicallyAirGappedBackupVaultArn"):
        yield Case(start, NOT_FOUND, {"LogicallyAirGappedBackupVaultArn": NO_VAULT})
        yield Case(start, REQUEST, of_no_air_gapped_vault)

    stop = "StopBackupJob"
    yield Case(stop, MISSING, {"BackupJobId": ""})
    yield Case(stop, NOT_FOUND, {"BackupJobId": "absent"})
    for seed in (of_another_region, of_another_account, of_another_kind):
        yield Case(stop, NOT_FOUND, seed)
    for state in ("COMPLETED", "PARTIAL", "FAILED", "ABORTED", "EXPIRED", "ABORTING"):
        yield Case(stop, REQUEST, in_state(state))
    for each in ("Aurora", "DocumentDB", "FSx", "Neptune", "RDS", "SAP HANA on Amazon EC2"):
        yield Case(stop, REQUEST, of_type(each))

    copy = "StartCopyJob"
    for name in (
        "RecoveryPointArn",
        "SourceBackupVaultName",
        "DestinationBackupVaultArn",
        "IamRoleArn",
    ):
        yield Case(copy, MISSING, {name: ""})
    yield Case(copy, NOT_FOUND, {"SourceBackupVaultName": "absent"})
    yield Case(copy, INVALID, {"SourceBackupVaultName": "x"})
    yield Case(copy, NOT_FOUND, {"RecoveryPointArn": ABSENT})
    yield Case(copy, NOT_FOUND, of_another_vault)
    for arn in (
        NO_VAULT,
        "Copies",
        NO_VAULT.replace("absent", "Copies").replace(":aws:", ":aws-cn:"),
    ):
        yield Case(copy, NOT_FOUND, {"DestinationBackupVaultArn": arn})
    yield Case(copy, REQUEST, of_its_own_vault)
    for status_ in ("DELETING", "EXPIRED"):
        yield Case(copy, REQUEST, in_status(status_))

    restore = "StartRestoreJob"
    yield Case(restore, MISSING, {"RecoveryPointArn": ""})
    yield Case(restore, NOT_FOUND, {"RecoveryPointArn": ABSENT})
    for role in (*NO_ROLES, ""):
        yield Case(restore, INVALID, {"IamRoleArn": role})
    for kind in ("EFS", "Nothing", ""):
        yield Case(restore, INVALID, {"ResourceType": kind})
    yield Case(restore, REQUEST, of_a_composite_point)
    for status_ in ("PARTIAL", "DELETING"):
        yield Case(restore, REQUEST, in_status(status_))

    for operation in ("GetRestoreJobMetadata", "PutRestoreValidationResult"):
        yield Case(operation, MISSING, {"RestoreJobId": ""})
        yield Case(operation, NOT_FOUND, {"RestoreJobId": "absent"})
    put = "PutRestoreValidationResult"
    yield Case(put, MISSING, {"ValidationStatus": ""})
    yield Case(put, INVALID, {"ValidationStatus": "MAYBE"})
    for seed in (of_no_test, of_an_unfinished_test, of_a_failed_test):
        yield Case(put, REQUEST, seed)

    scan = "StartScanJob"
    for name in (
        "BackupVaultName",
        "RecoveryPointArn",
        "IamRoleArn",
        "ScannerRoleArn",
        "MalwareScanner",
        "ScanMode",
    ):
        yield Case(scan, MISSING, {name: ""})
    for role in NO_ROLES:
        yield Case(scan, INVALID, {"IamRoleArn": role})
        yield Case(scan, INVALID, {"ScannerRoleArn": role})
    yield Case(scan, INVALID, {"MalwareScanner": "MINE"})
    yield Case(scan, INVALID, {"ScanMode": "QUICK"})
    yield Case(scan, INVALID, {"ScanMode": "INCREMENTAL_SCAN"})
    yield Case(scan, INVALID, full_from_a_base)
    yield Case(scan, NOT_FOUND, {"BackupVaultName": "absent"})
    yield Case(scan, NOT_FOUND, {"RecoveryPointArn": ABSENT})
    yield Case(scan, NOT_FOUND, of_no_scanned_vault)
    yield Case(scan, NOT_FOUND, from_an_unknown_base)
    yield Case(scan, REQUEST, of_a_file_system)


CASES = [
    pytest.param(case, id=str(case), marks=[scans] if case.operation == "StartScanJob" else [])
    for case in _cases()
]

_ONE_ID = "its one parameter is a free text: an empty one is missing, any other is an id"
_NO_QUOTA = "AWS documents no quota that refuses the call: fail() injects it"
_FULL = "a vault is full at the quota points_per_vault: test_quotas has it"
UNCAUSED = {
    ("StopBackupJob", INVALID): _ONE_ID,
    ("GetRestoreJobMetadata", INVALID): _ONE_ID,
    ("StartBackupJob", "LimitExceededException"): _FULL,
    ("StartCopyJob", "LimitExceededException"): _FULL,
    ("StartScanJob", "LimitExceededException"): _NO_QUOTA,
}
"""The client errors that are declared and have no natural cause, with the reason."""


class TestRefusals:
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_good_parameters_are_taken(self, world: World, operation: str) -> None:
        """What the refusals below change is taken as it is."""
        assert status(full_answer(operation, **world.good(operation))) in (200, 201, 204)

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_every_declared_error_is_provoked(self, operation: str) -> None:
        """Each client error that an operation declares has a case, or a reason for none."""
        declared = {
            shape.name
            for shape in MODEL.operation_model(operation).error_shapes
            if shape.name != "ServiceUnavailableException"
        }
        provoked = {case.error for case in _cases() if case.operation == operation}
        excused = {error for name, error in UNCAUSED if name == operation}
        assert provoked | excused == declared
        assert not provoked & excused

    @pytest.mark.fake_backup(leftovers="ignore")
    @pytest.mark.parametrize("case", CASES)
    def test_a_refusal_changes_nothing(self, world: World, case: Case) -> None:
        """A refusal is the declared error, and leaves the model, events and outcomes alone."""
        change = case.change if isinstance(case.change, dict) else case.change(world)
        wanted = world.good(case.operation) | change
        operation: Any = case.operation
        if operation in ("StartBackupJob", "StartCopyJob", "StartRestoreJob"):
            world.backup.next_outcome(operation, State="FAILED")
        held = world.held()
        with pytest.raises(ClientError) as refused:
            full_answer(case.operation, **wanted)
        response: Any = refused.value.response
        assert response["Error"]["Code"] == case.error
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert isinstance(refused.value, getattr(client().exceptions, case.error))
        assert world.held() == held

    @pytest.mark.parametrize("life_", [{"DeleteAfterDays": 36500}, {"DeleteAfterDays": 120}])
    def test_lifecycles_at_the_bounds(self, world: World, life_: dict[str, int]) -> None:
        """Ninety days between the two dates, and a hundred years, are taken."""
        cold = {"MoveToColdStorageAfterDays": 30}
        for operation in ("StartBackupJob", "StartCopyJob"):
            full_answer(operation, **world.good(operation), Lifecycle=cold | life_)

    def test_windows_at_the_bounds(self, backup: FakeBackup) -> None:
        """The shortest and the longest window are taken."""
        for minutes in (60, 52_560_000):
            start_backup(StartWindowMinutes=minutes, CompleteWindowMinutes=minutes)
        start_backup(StartWindowMinutes=10080)
        start_backup(CompleteWindowMinutes=480)
        assert len(backup.backup_jobs) == 4

    @pytest.mark.parametrize(
        ("operation", "change"),
        [
            ("StartBackupJob", {"BackupVaultName": "absent"}),
            pytest.param(
                "StartBackupJob",
                {"LogicallyAirGappedBackupVaultArn": NO_VAULT},
                marks=pytest.mark.skipif(
                    not takes("StartBackupJob", "LogicallyAirGappedBackupVaultArn"),
                    reason="this botocore does not know the parameter",
                ),
            ),
            ("StartCopyJob", {"SourceBackupVaultName": "absent"}),
            ("StartCopyJob", {"DestinationBackupVaultArn": NO_VAULT}),
            pytest.param("StartScanJob", {"BackupVaultName": "absent"}, marks=scans),
        ],
    )
    def test_hidden_vaults(self, operation: str, change: dict[str, str]) -> None:
        """With hide_missing_vaults, a vault that is not there is one that nobody may see."""
        with mock_backup(
            region=HERE, default_vault=True, hide_missing_vaults=True, progress="manual"
        ) as backup:
            world = furnished(backup)
            held = world.held()
            with pytest.raises(ClientError) as refused:
                full_answer(operation, **world.good(operation) | change)
            response: Any = refused.value.response
            assert response["Error"] == {
                "Code": "AccessDeniedException",
                "Message": "Insufficient privileges to perform this action.",
            }
            assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
            assert world.held() == held

    def test_stopping_is_for_unfinished_jobs(self) -> None:
        """The cases above try to stop a job in every state in which it cannot be stopped."""
        tried = {
            getattr(c.change, "__name__", "") for c in _cases() if c.operation == "StopBackupJob"
        }
        states = {state for moves in life.MOVES[BACKUP].values() for state in moves}
        assert states - tried == {"PENDING", "RUNNING"}

    def test_a_fresh_account_has_no_vault(self) -> None:
        """Without default_vault, the first backup finds no vault Default."""
        with mock_backup(region=HERE), pytest.raises(ClientError) as refused:
            start_backup()
        assert refused.value.response["Error"]["Code"] == NOT_FOUND

    def test_a_seeded_jobs_point_is_there(self, backup: FakeBackup) -> None:
        """The recovery point of a seeded job is copied and restored like others."""
        job = backup.add(factories.backup_job(BackupVaultName="seeded"))
        wanted = {"RecoveryPointArn": job["RecoveryPointArn"], "Metadata": {}}
        assert full_answer("StartRestoreJob", **wanted)["RestoreJobId"] in backup.restore_jobs
