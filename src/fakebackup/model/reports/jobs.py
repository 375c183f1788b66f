"""The rows of reports about jobs: AWS's columns, as tables, and what they say of a job.

The columns are those of AWS's samples, in their order [documented: guide, report templates]; those
marked are there where AWS's sample is of a job that has not ended [assumed].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.engine.restore_testing.aftermath import test_of
from fakebackup.model.jobs import life
from fakebackup.model.jobs.defaults import TABLES, lock_state
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.reports.period import Period
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import Vault

    Members = Mapping[str, Any]


class Source(NamedTuple):
    """What a row is written from.

    Attributes:
        home: the account and the Region of the job.
        job: the members of the job.
        vault: the members of its vault, of a copy the destination; empty where it is gone.
        point: the members of the recovery point that it made or read; empty where it is gone.
        period: the bounds of the report's period, as text.
    """

    home: Home
    job: Members
    vault: Members
    point: Members
    period: tuple[str, str] = ("", "")


class Column(NamedTuple):
    """A column.

    Attributes:
        name: its name, as AWS spells it.
        value: computes its value; None is null in JSON, and empty in CSV.
        optional: whether JSON leaves it out where there is no value.
    """

    name: str
    value: Callable[[Source], Any]
    optional: bool = False


class Template(NamedTuple):
    """The template of a report about jobs.

    Attributes:
        kind: the kind of job.
        vault: the member with the ARN of the vault.
        point: the member with the ARN of the recovery point.
        columns: the columns.
    """

    kind: Kind
    vault: str
    point: str
    columns: tuple[Column, ...]


def take(store: Store, template: str, period: Period) -> list[Source]:
    """Return what a report says of the jobs of an account and Region, newest first.

    Those that ended in the period are in it, and all active ones [documented: guide]; so is a
    restore test whose validation or deletion went on in it [documented: guide].

    Args:
        store: the account and the Region.
        template: the name of the template.
        period: the time that the report is about.
    """
    kind, vault_member, point_member, _ = TEMPLATES[template]
    found = []
    for job in store.jobs.matching(kind):
        if _is_in(job, period):
            vault = store.find_vault(job.members.get(vault_member, ""))
            point = None if vault is None else _point(vault, job.members.get(point_member, ""))
            found.append(
                Source(
                    store.home,
                    job.members,
                    {} if vault is None else vault.members,
                    {} if point is None else point,
                )
            )
    return found


def _point(vault: Vault, arn: str) -> Members | None:
    point = vault.points.get(arn)
    return None if point is None else point.members


def _is_in(job: Job, period: Period) -> bool:
    members, kind = job.members, job.kind
    if not life.is_final(kind, job.kept_state):
        return True
    if period.has(members.get(kind.completed, members[kind.created])):
        return True
    test = test_of(job)
    return test is not None and test.changed is not None and period.has(test.changed)


def row(columns: Sequence[Column], source: Source, period: tuple[str, str]) -> dict[str, Any]:
    """Return a row by column.

    Args:
        columns: the columns.
        source: what it is written from.
        period: the bounds of the report's period, as text.
    """
    source = source._replace(period=period)
    values = {column.name: column.value(source) for column in columns}
    left_out = {column.name for column in columns if column.optional}
    return {k: v for k, v in values.items() if v is not None or k not in left_out}


# --- Values ---------------------------------------------------------------------------------


def _of_job(member: str, otherwise: Any = None) -> Callable[[Source], Any]:
    return lambda source: source.job.get(member, otherwise)


def _date(member: str) -> Callable[[Source], Any]:
    def written(source: Source) -> str | None:
        found = source.job.get(member)
        return None if found is None else dates.with_fraction(found)

    return written


def _of_creator(member: str) -> Callable[[Source], Any]:
    """Compute a member of what made the backup: of the job, or of the recovery point it reads."""
    return lambda source: (source.point.get("CreatedBy") or source.job.get("CreatedBy", {})).get(
        member
    )


def _of_vault(member: str) -> Callable[[Source], Any]:
    return lambda source: source.vault.get(member)


def _of_either(member: str) -> Callable[[Source], Any]:
    return lambda source: source.job.get(member, source.point.get(member))


def _lifecycle(member: str, otherwise: Any = None) -> Callable[[Source], Any]:
    def found(source: Source) -> Any:
        for name in ("RecoveryPointLifecycle", "DestinationRecoveryPointLifecycle"):
            if name in source.job:
                return source.job[name].get(member, otherwise)
        return source.point.get("Lifecycle", {}).get(member, otherwise)

    return found


def _lock(source: Source) -> str | None:
    for member in ("VaultLockState", "DestinationVaultLockState"):
        if member in source.job:
            # As it was when the job started.
            return str(source.job[member])
    if not source.vault:
        return None
    return lock_state(locked=bool(source.vault.get("Locked")))


def _run_time(source: Source) -> str | None:
    completed = source.job.get("CompletionDate")
    if completed is None:
        return None
    whole = (completed - source.job["CreationDate"]) // 1000
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _state(member: str) -> Callable[[Source], Any]:
    """Compute the state: reports know no job that completed with issues [documented: guide]."""
    return lambda source: source.job[member].replace("COMPLETED_WITH_ISSUES", "COMPLETED")


def _message(source: Source) -> str | None:
    """Return the message; a completed job has one where it needs attention [documented: guide]."""
    found: str | None = source.job.get("StatusMessage")
    return None if found in _GOOD_NEWS else found


_GOOD_NEWS = frozenset(
    each.value({"State": "COMPLETED"}, None)
    for each in TABLES[SCAN]
    if each.member == "StatusMessage"
)
"""Messages that need no attention."""


def _testing_plan(source: Source) -> str | None:
    found: str | None = source.job.get("CreatedBy", {}).get("RestoreTestingPlanArn")
    return found


# --- Columns --------------------------------------------------------------------------------

_PERIOD = (
    Column("reportTimePeriodStart", lambda source: source.period[0]),
    Column("reportTimePeriodEnd", lambda source: source.period[1]),
)
_WHERE = (
    Column("accountId", lambda source: source.home.account),
    Column("region", lambda source: source.home.region),
)


def _which(job_id: str, state: str) -> tuple[Column, ...]:
    return (
        Column(job_id[0].lower() + job_id[1:], _of_job(job_id)),
        Column("jobStatus", _state(state)),
        Column("statusMessage", _message, optional=True),
    )


_RESOURCE = (
    Column("resourceType", _of_job("ResourceType")),
    Column("resourceArn", _of_job("ResourceArn")),
    Column("resourceName", _of_either("ResourceName")),
)
_PLAN = (
    Column("backupPlanArn", _of_creator("BackupPlanArn")),
    Column("backupRuleId", _of_creator("BackupRuleId")),
)
_RULE = (
    Column("backupPlanName", _of_creator("BackupPlanName")),
    Column("backupRuleName", _of_creator("BackupRuleName")),
    Column("backupRuleSchedule", _of_creator("BackupRuleCron")),
    Column("backupRuleTimezone", _of_creator("BackupRuleTimezone")),
)
_BETWEEN = (
    Column("startWindowEnd", _date("StartBy")),
    Column("backupOptions", _of_job("BackupOptions", {})),
    Column("isParentJob", _of_job("IsParent", otherwise=False)),
    Column("parentJobId", _of_job("ParentJobId")),
    Column("creationDate", _date("CreationDate")),
    Column("completionDate", _date("CompletionDate")),
)
_VAULT = (
    Column("vaultType", _of_vault("VaultType")),
    Column("vaultLockStatus", _lock),
)
_KEPT = (
    Column("isEncrypted", _of_either("IsEncrypted")),
    Column("encryptionKeyArn", _of_either("EncryptionKeyArn")),
    Column("deleteAfterDays", _lifecycle("DeleteAfterDays")),
    Column("moveToColdAfterDays", _lifecycle("MoveToColdStorageAfterDays")),
    Column("enableArchive", _lifecycle("OptInToArchiveForSupportedResources", otherwise=False)),
)
_SIZE = (
    Column("jobRunTime", _run_time),
    Column("backupSizeInBytes", _of_job("BackupSizeInBytes")),
)
_ROLE = Column("iamRoleArn", _of_job("IamRoleArn"))


def _plain(*members: str) -> tuple[Column, ...]:
    return tuple(Column(each[0].lower() + each[1:], _of_job(each)) for each in members)


TEMPLATES: Mapping[str, Template] = {
    "BACKUP_JOB_REPORT": Template(
        BACKUP,
        "BackupVaultArn",
        "RecoveryPointArn",
        (
            *_PERIOD,
            *_WHERE,
            *_which("BackupJobId", "State"),
            *_RESOURCE,
            *_PLAN,
            Column("initiationDate", _date("InitiationDate")),
            *_RULE,
            *_BETWEEN,
            *_plain("RecoveryPointArn"),
            *_SIZE,
            *_plain("BackupVaultName", "BackupVaultArn"),
            *_VAULT,
            *_KEPT,
            _ROLE,
        ),
    ),
    "COPY_JOB_REPORT": Template(
        COPY,
        "DestinationBackupVaultArn",
        "DestinationRecoveryPointArn",
        (
            *_PERIOD,
            *_WHERE,
            *_which("CopyJobId", "State"),
            *_RESOURCE,
            *_RULE,
            *_BETWEEN[2:],
            *_plain(
                "SourceRecoveryPointArn",
                "SourceBackupVaultArn",
                "DestinationRecoveryPointArn",
                "DestinationBackupVaultArn",
            ),
            *_SIZE,
            *_VAULT,
            *_KEPT,
            _ROLE,
        ),
    ),
    "RESTORE_JOB_REPORT": Template(
        RESTORE,
        "BackupVaultArn",
        "RecoveryPointArn",
        (
            Column("reportTimePeriod", lambda source: " - ".join(source.period)),
            *_WHERE,
            *_which("RestoreJobId", "Status"),
            *_plain("ResourceType", "RecoveryPointArn"),
            *_PLAN,
            *_RULE,
            Column("backupVaultName", _of_vault("BackupVaultName")),
            *_VAULT,
            *_plain("SourceResourceArn", "BackupVaultArn"),
            Column("creationDate", _date("CreationDate")),
            # Those of a job that has ended, and of a test [assumed].
            Column("completionDate", _date("CompletionDate")),
            *_SIZE,
            *_plain("PercentDone", "CreatedResourceArn"),
            Column("restoreTestingPlanArn", _testing_plan),
            *_plain(
                "ValidationStatus",
                "ValidationStatusMessage",
                "DeletionStatus",
                "DeletionStatusMessage",
            ),
            _ROLE,
        ),
    ),
    "SCAN_JOB_REPORT": Template(
        SCAN,
        "BackupVaultArn",
        "RecoveryPointArn",
        (
            *_PERIOD,
            *_WHERE,
            *_plain("ScanJobId", "ScanId", "MalwareScanner"),
            Column("jobStatus", _state("State")),
            Column(
                "scanResultStatus",
                lambda source: source.job.get("ScanResult", {}).get("ScanResultStatus", ""),
            ),
            Column("statusMessage", lambda source: _message(source) or ""),
            *_plain("ResourceType", "ResourceArn"),
            Column(
                "backupPlanArn",
                # One that was recorded may be without.
                lambda source: source.job.get("CreatedBy", {}).get("BackupPlanArn"),
            ),
            Column("creationDate", _date("CreationDate")),
            *_plain(
                "RecoveryPointArn",
                "BackupVaultName",
                "BackupVaultArn",
                "IamRoleArn",
                "ScannerRoleArn",
            ),
        ),
    ),
}
"""The templates about jobs by name."""
