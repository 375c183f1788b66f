"""What AWS's events say of jobs, recovery points, vaults, backup plans and settings.

Members, names and types are those of the events that AWS's guide prints (behaviour sheet 6.2 to
6.7) [documented]; where its examples leave a question open, the answer here is [assumed] and the
option `event_readings` gives the other one. Beyond the examples, all of it [assumed]: PARTIAL and
a restore's ABORTED are told, ABORTING is not; a parent tells as its children do; a FAILED backup
job has a completionDate; RUNNING has the size that the finished backup will have, and expects to
end after the option `durations`' RUNNING unless the job says when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model import dates
from fakebackup.model.bus import Told
from fakebackup.model.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.resources import RESOURCE_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind
    from fakebackup.model.vaults import RecoveryPoint, Vault

    Members = Mapping[str, Any]


class Moment(NamedTuple):
    """A job at the time of an event.

    Attributes:
        job: the job.
        state: the state that is told.
        at: when it came to it, in milliseconds.
        readings: the option `event_readings`.
    """

    job: Job
    state: str
    at: int
    readings: frozenset[str]


class Part(NamedTuple):
    """A member of an event's detail.

    Attributes:
        name: as the event spells it.
        value: works it out from the job's members; None where it stays away.
        states: the states that have it; None is all.
        reading: one of `event_readings` that it needs.
        unless: one of `event_readings` that it goes with.
    """

    name: str
    value: Callable[[Members, Moment], Any]
    states: frozenset[str] | None = None
    reading: str | None = None
    unless: str | None = None

    def is_told(self, moment: Moment) -> bool:
        """Tell whether an event of this moment has the member, if the job does."""
        return (
            (self.states is None or moment.state in self.states)
            and (self.reading is None or self.reading in moment.readings)
            and self.unless not in moment.readings
        )


class Change(NamedTuple):
    """The State Change events of a kind of job.

    Attributes:
        detail_type: their detail-type.
        states: the states they tell of.
        undocumented: those of them that no page of AWS's names.
        resource: the member that the envelope's resources hold.
        resource_states: the states in which they do; None is all.
        parts: the detail.
    """

    detail_type: str
    states: frozenset[str]
    undocumented: frozenset[str]
    resource: str
    resource_states: frozenset[str] | None
    parts: tuple[Part, ...]


def job(job: Job, at: int) -> Told | None:
    """Return what AWS tells of a job that has come to its state; None where it tells nothing.

    Args:
        job: the job.
        at: when it came to the state, in milliseconds.
    """
    return _told(job, job.kept_state, at)


def created(job: Job, at: int) -> Told | None:
    """Return what AWS tells of a job that is started and not in CREATED when first seen."""
    return None if job.kept_state == "CREATED" else _told(job, "CREATED", at)


def recovery_point(point: RecoveryPoint) -> Told:
    """Return what AWS tells of a recovery point."""
    kept = point.kept()
    told = ((name, value(kept)) for name, value in _POINT)
    detail = {name: value for name, value in told if value is not None}
    return Told("Recovery Point State Change", detail, [point.arn])


def index(point: RecoveryPoint, index: Members) -> Told:
    """Return what AWS tells of an index that became ACTIVE, DELETED or FAILED.

    Whether one is continuous is whether its recovery point is [assumed].

    Args:
        point: the recovery point.
        index: what is known of the index, as `indexes.known` has it.
    """
    written = _INDEX_DATES[index["IndexStatus"]]
    detail = {
        "recoveryPointArn": point.arn,
        "accountId": point.vault.account,
        "indexStatus": index["IndexStatus"],
        "iamRoleArn": index["IamRoleArn"],
        "resourceType": index["ResourceType"],
        "backupVaultArn": point.vault.arn,
        "indexCreationTime": _written(index["IndexCreationDate"]),
        "isIndexingContinuous": point.is_continuous,
        "sourceResourceArn": index["SourceResourceArn"],
        "backupCreationTime": _written(index["BackupCreationDate"]),
        "indexStatusMessage": index["IndexStatusMessage"],
        **{told: _written(index[name]) for name, told in written},
    }
    told = {name: value for name, value in detail.items() if value is not None}
    return Told("Recovery Point Index State Change", told, [point.arn])


_INDEX_DATES = {
    "ACTIVE": (("IndexCompletionDate", "indexCompletionTime"),),
    "DELETED": (("IndexDeletionDate", "indexDeletionTime"),),
    "FAILED": (),
}
"""Per status, the date that only events of that status have."""


def vault(vault: Vault, state: str) -> Told:
    """Return what AWS tells of a vault that was CREATED, MODIFIED or DELETED.

    Only a change of its lock is a MODIFIED [assumed: the one example].
    """
    detail = {"backupVaultName": vault.name, "state": state}
    if state == "MODIFIED":
        detail["isLocked"] = _spelled(vault.members.get("Locked", False))
    return Told("Backup Vault State Change", detail, [vault.arn])


def region_settings(changed: Mapping[str, bool], at: int) -> Told:
    """Return what AWS tells of settings of a region that were changed.

    Args:
        changed: the types of resource that were opted in to or out of, no others [assumed].
        at: when, in milliseconds.
    """
    detail = {
        "modifiedAt": dates.written(at),
        "ResourceTypeOptInPreference": dict(changed),
        "state": "MODIFIED",
    }
    return Told("Region Setting State Change", detail, [])


_PLAN_DATES = {"CREATED": "creationDate", "MODIFIED": "modifiedAt", "DELETED": "deletionDate"}


def plan(members: Members, state: str, at: int) -> Told:
    """Return what AWS tells of a backup plan that was CREATED, MODIFIED or DELETED.

    Args:
        members: what the plan has.
        state: what happened to it.
        at: when it did, in milliseconds.
    """
    detail = {
        "backupPlanId": members["BackupPlanId"],
        "versionId": members["VersionId"],
        _PLAN_DATES[state]: dates.written(at),
        "state": state,
    }
    return Told("Backup Plan State Change", detail, [members["BackupPlanArn"]])


def _told(job: Job, state: str, at: int) -> Told | None:
    change = _CHANGES.get(job.kind)
    home = job.organization
    if change is None or home is None or state not in change.states:
        return None
    readings = home.options.event_readings
    if "documented-states" in readings and state in change.undocumented:
        return None
    moment = Moment(job, state, at, readings)
    members = job.members
    values = (
        (part.name, part.value(members, moment)) for part in change.parts if part.is_told(moment)
    )
    resource = members.get(change.resource)
    named = change.resource_states is None or state in change.resource_states
    return Told(
        change.detail_type,
        {name: value for name, value in values if value is not None},
        [resource] if named and resource is not None else [],
    )


# --- Values ---------------------------------------------------------------------------------


def _spelled(value: object) -> str:
    return "true" if value else "false"


def _plain(member: str) -> Callable[[Members, Moment], Any]:
    return lambda members, _moment: members.get(member)


def _date(member: str) -> Callable[[Members, Moment], Any]:
    return lambda members, _moment: _written(members.get(member))


def _written(instant: int | None) -> str | None:
    return None if instant is None else dates.written(instant)


def _text(member: str, otherwise: str | None = None) -> Callable[[Members, Moment], Any]:
    """Return a number as a decimal string."""
    return lambda members, _moment: str(members[member]) if member in members else otherwise


def _state(_members: Members, moment: Moment) -> str:
    return moment.state


def _constant(value: object) -> Callable[[Members, Moment], Any]:
    return lambda _members, _moment: value


def _backup_size(members: Members, moment: Moment) -> str | None:
    if "BackupSizeInBytes" in members:
        return str(members["BackupSizeInBytes"])
    known = RESOURCE_TYPES.get(members.get("ResourceType", ""))
    unknown = moment.state != "RUNNING" or known is None or known.size is None
    return None if unknown or known is None else str(known.size)


def _percent(members: Members, _moment: Moment) -> float | int:
    try:
        done = float(members.get("PercentDone", "0").rstrip("%"))
    except ValueError:
        return 0
    return int(done) if done.is_integer() else done


def _restore_percent(_members: Members, moment: Moment) -> int:
    """Return 0 until a restore completes; AWS's one example shows 0 then, too."""
    done = moment.state == "COMPLETED" and "restores-at-0" not in moment.readings
    return 100 if done else 0


def _expected(members: Members, moment: Moment) -> int:
    found: int | None = members.get("ExpectedCompletionDate")
    home = moment.job.organization
    if found is not None or home is None:
        return found or moment.at
    return moment.at + home.options.durations["RUNNING"]


def _quoted(members: Members, moment: Moment) -> str | None:
    """Return a backup job's message as AWS's examples print it: in quotes of its own."""
    message = members.get("StatusMessage")
    if message is None:
        return "" if moment.state == "PENDING" else None
    return str(message) if "plain-messages" in moment.readings else f'"{message}"'


def _destination_point(members: Members, moment: Moment) -> Any:
    """Return the copy's ARN, or an empty object while there is none."""
    has = moment.state in _COPY_GOOD
    return members.get("DestinationRecoveryPointArn", {}) if has else {}


def _scan_id(members: Members, moment: Moment) -> str | None:
    """Return the scan's id; the example of CREATED has it, though no Describe shows it then."""
    found: str | None = members.get("ScanId")
    home = moment.job.organization
    if found is not None or home is None or moment.state != "CREATED":
        return found
    return home.here(moment.job, moment.job.account, moment.at).arn("{uuid}")


def _scan_base(members: Members, _moment: Moment) -> str | None:
    incremental = members.get("ScanMode") == "INCREMENTAL_SCAN"
    return members.get("ScanBaseRecoveryPointArn") if incremental else None


def _camel(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {k[0].lower() + k[1:]: v for k, v in value.items()} if value else None


def _creator(rule: str) -> Callable[[Members, Any], Any]:
    """Return the plan that started the job.

    Args:
        rule: how the event spells BackupRuleId.
    """
    names = {
        "BackupPlanId": "backupPlanId",
        "BackupPlanArn": "backupPlanArn",
        "BackupPlanVersion": "backupPlanVersion",
        "BackupRuleId": rule,
    }

    def told(members: Members, _moment: Any) -> dict[str, Any] | None:
        given = members.get("CreatedBy", {})
        return {told: given[name] for name, told in names.items() if name in given} or None

    return told


def _testing_plan(members: Members, _moment: Moment) -> str | None:
    found: str | None = members.get("CreatedBy", {}).get("RestoreTestingPlanArn")
    return found


# --- Tables ---------------------------------------------------------------------------------


def _states(*names: str) -> frozenset[str]:
    return frozenset(names)


_BACKUP_LATER = _states(
    "PENDING", "RUNNING", "COMPLETED", "PARTIAL", "FAILED", "ABORTED", "EXPIRED"
)
_BACKUP_ENDED = _BACKUP_LATER - {"PENDING", "RUNNING"}
_BACKUP_GOOD = _states("COMPLETED", "PARTIAL")
_COPY_LATER = _states("RUNNING", "COMPLETED", "PARTIAL", "FAILED")
_COPY_GOOD = _states("COMPLETED", "PARTIAL")
_RESTORE_LATER = _states("PENDING", "RUNNING", "COMPLETED", "FAILED", "ABORTED")
_RESTORE_BAD = _states("FAILED", "ABORTED")
_SCAN_ENDED = _states("COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED")

_BY_PLAN = _creator("backupPlanRuleId")
_NESTED = (
    Part("isParent", _plain("IsParent"), reading="nested-jobs"),
    Part("parentJobId", _plain("ParentJobId"), reading="nested-jobs"),
)
# The example of COMPLETED is newer than those of the other states, which have none of these.
_RESTORED_FROM = tuple(
    Part(name, _plain(member), states, reading)
    for states, reading in (
        (_states("COMPLETED"), None),
        (_RESTORE_LATER - {"COMPLETED"}, "full-restores"),
    )
    for name, member in (
        ("backupVaultArn", "BackupVaultArn"),
        ("recoveryPointArn", "RecoveryPointArn"),
        ("sourceResourceArn", "SourceResourceArn"),
    )
)

_CHANGES: dict[Kind, Change] = {
    BACKUP: Change(
        "Backup Job State Change",
        _BACKUP_LATER | {"CREATED"},
        _states("PARTIAL"),
        "RecoveryPointArn",
        _BACKUP_GOOD,
        (
            Part("backupJobId", _plain("BackupJobId")),
            Part("backupSizeInBytes", _backup_size, _BACKUP_GOOD | {"RUNNING"}),
            Part("backupVaultArn", _plain("BackupVaultArn"), _BACKUP_LATER),
            Part("backupVaultName", _plain("BackupVaultName"), _BACKUP_LATER),
            Part("bytesTransferred", _text("BytesTransferred", "0"), _BACKUP_LATER),
            Part("creationDate", _date("CreationDate")),
            Part("iamRoleArn", _plain("IamRoleArn"), _BACKUP_LATER),
            Part("resourceArn", _plain("ResourceArn"), _BACKUP_LATER),
            Part("resourceType", _plain("ResourceType"), _BACKUP_LATER),
            Part("state", _state),
            Part("statusMessage", _quoted, _BACKUP_LATER - {"RUNNING"}),
            Part("startBy", _date("StartBy"), _BACKUP_LATER),
            Part(
                "expectedCompletionDate",
                lambda members, moment: dates.in_words(_expected(members, moment)),
                _states("RUNNING"),
                unless="iso-dates",
            ),
            Part(
                "expectedCompletionDate",
                lambda members, moment: dates.written(_expected(members, moment)),
                _states("RUNNING"),
                reading="iso-dates",
            ),
            Part("completionDate", _date("CompletionDate"), _BACKUP_ENDED),
            Part("percentDone", _percent, _BACKUP_LATER),
            # What it counts is not explained, and only newer examples have it.
            Part("retryCount", _constant(0), _states("COMPLETED", "FAILED"), "retry-counts"),
            Part("createdBy", _BY_PLAN, _BACKUP_LATER),
            *_NESTED,
        ),
    ),
    COPY: Change(
        "Copy Job State Change",
        _COPY_LATER | {"CREATED"},
        _states("PARTIAL"),
        "SourceRecoveryPointArn",
        None,
        (
            Part("copyJobId", _plain("CopyJobId"), _COPY_LATER),
            Part("copyJobId", _plain("CopyJobId"), _states("CREATED"), "copy-ids"),
            Part("backupSizeInBytes", _plain("BackupSizeInBytes"), _COPY_LATER),
            Part("creationDate", _date("CreationDate")),
            Part("iamRoleArn", _plain("IamRoleArn"), _COPY_LATER),
            Part("resourceArn", _plain("ResourceArn"), _COPY_LATER),
            Part("resourceType", _plain("ResourceType"), _COPY_LATER),
            Part("sourceBackupVaultArn", _plain("SourceBackupVaultArn")),
            Part("state", _state),
            Part("statusMessage", _plain("StatusMessage"), _states("FAILED", "PARTIAL")),
            Part("completionDate", _date("CompletionDate"), _COPY_LATER - {"RUNNING"}),
            Part("destinationBackupVaultArn", _plain("DestinationBackupVaultArn")),
            Part("destinationRecoveryPointArn", _destination_point, _COPY_LATER),
            Part("createdBy", _BY_PLAN, _COPY_LATER),
            *_NESTED,
        ),
    ),
    RESTORE: Change(
        "Restore Job State Change",
        _RESTORE_LATER | {"CREATED"},
        _states("ABORTED"),
        "RecoveryPointArn",
        None,
        (
            Part("restoreJobId", _plain("RestoreJobId")),
            *_RESTORED_FROM,
            Part("backupSizeInBytes", _text("BackupSizeInBytes"), _RESTORE_LATER),
            Part("creationDate", _date("CreationDate")),
            Part("iamRoleArn", _plain("IamRoleArn"), _RESTORE_LATER),
            Part("percentDone", _restore_percent, _RESTORE_LATER),
            Part("resourceType", _plain("ResourceType"), _RESTORE_LATER),
            # The oddest of AWS's names: every other status of a restore is told as `status`.
            Part("state", _state, _states("CREATED")),
            Part("status", _state, _RESTORE_LATER),
            Part("statusMessage", _plain("StatusMessage"), _RESTORE_BAD),
            Part("createdResourceArn", _plain("CreatedResourceArn"), _states("COMPLETED")),
            Part("completionDate", _date("CompletionDate"), _states("COMPLETED")),
            Part("completionDate", _date("CompletionDate"), _RESTORE_BAD, "full-restores"),
            Part("restoreTestingPlanArn", _testing_plan, _RESTORE_LATER),
            # In a consumer's fixture of COMPLETED, likely copied from a real event [reported].
            Part("isParent", _plain("IsParent"), _states("COMPLETED"), unless="nested-jobs"),
            *_NESTED,
        ),
    ),
    SCAN: Change(
        "Scan Job State Change",
        _SCAN_ENDED | {"CREATED", "RUNNING"},
        _states(),
        "RecoveryPointArn",
        None,
        (
            Part("accountId", lambda _members, moment: moment.job.account),
            Part("backupVaultArn", _plain("BackupVaultArn")),
            Part("backupVaultName", _plain("BackupVaultName")),
            Part("completionDate", _date("CompletionDate"), _SCAN_ENDED),
            Part("createdBy", _creator("backupRuleId")),
            Part("creationDate", _date("CreationDate")),
            Part("iamRoleArn", _plain("IamRoleArn")),
            Part("scannerRoleArn", _plain("ScannerRoleArn")),
            Part("recoveryPointArn", _plain("RecoveryPointArn")),
            Part("resourceArn", _plain("ResourceArn")),
            Part("resourceType", _plain("ResourceType")),
            Part("scanId", _scan_id),
            Part("scanJobId", _plain("ScanJobId")),
            Part("scanBaseRecoveryPointArn", _scan_base),
            Part(
                "scanResult",
                lambda members, _moment: _camel(members.get("ScanResult")),
                _states("COMPLETED", "COMPLETED_WITH_ISSUES"),
            ),
            Part("malwareScanner", _plain("MalwareScanner")),
            Part("state", _state),
            Part("statusMessage", _plain("StatusMessage"), _SCAN_ENDED),
        ),
    ),
}
"""Kinds of job that are not here tell nothing: report jobs."""


def _point_date(member: str) -> Callable[[Members], Any]:
    return lambda kept: _written(kept.get(member))


def _calculated(kept: Members) -> dict[str, Any] | None:
    given = _camel(kept.get("CalculatedLifecycle"))
    return {name: dates.written(value) for name, value in given.items()} if given else None


def _own(member: str) -> Callable[[Members], Any]:
    return lambda kept: kept.get(member)


_POINT: tuple[tuple[str, Callable[[Members], Any]], ...] = (
    ("backupVaultName", _own("BackupVaultName")),
    ("backupVaultArn", _own("BackupVaultArn")),
    ("creationDate", _point_date("CreationDate")),
    ("iamRoleArn", _own("IamRoleArn")),
    ("resourceType", _own("ResourceType")),
    ("resourceArn", _own("ResourceArn")),
    ("status", _own("Status")),
    ("isEncrypted", lambda kept: _spelled(kept.get("IsEncrypted", False))),
    ("storageClass", _own("StorageClass")),
    ("completionDate", _point_date("CompletionDate")),
    ("createdBy", lambda kept: _BY_PLAN(kept, None)),
    ("lifecycle", lambda kept: _camel(kept.get("Lifecycle"))),
    ("calculatedLifeCycle", _calculated),
)
