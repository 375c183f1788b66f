"""The State Change events of jobs, as AWS Backup emits them to EventBridge.

Members, names and types are those of the events that AWS's guide prints (the guide `aws`, Events)
[documented]; where its examples leave a question open, the answer here is [assumed] and the
option `event_readings` gives the other one. Beyond the examples, all of it [assumed]: PARTIAL and
a restore's ABORTED are emitted, ABORTING is not; a parent's events are like its children's; a
FAILED backup job has a completionDate; RUNNING has the size that the finished backup will have,
and expects to end after the option `durations`' RUNNING unless the job says when.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import ids
from fakebackup.model.events.bus import EventContent
from fakebackup.model.events.details import (
    BY_PLAN,
    Converted,
    camel,
    creator,
    date,
    filled,
    shown,
)
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.resources.types import RESOURCE_TYPES
from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from fakebackup.model.events.bus import Content
    from fakebackup.model.events.details import Compute, Members, Shown, Value
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.options import Options


class StateChange(NamedTuple):
    """A job's move to a state: called, it returns the content of the event.

    Attributes:
        kind: the kind of the job.
        members: the members that it had then.
        number: the number of the job.
        account: the account that the job lies in then; it may be moved to another one.
        state: the state that the event names.
        at: when the job came to it, in milliseconds.
        options: the options of the fake.
    """

    kind: Kind
    members: Members
    number: int
    account: str
    state: str
    at: int
    options: Options

    @property
    def readings(self) -> frozenset[str]:
        """The option `event_readings`."""
        return self.options.event_readings

    def __call__(self) -> EventContent:
        """Return the content of the event."""
        event, state, members = _EVENTS[self.kind], self.state, self.members
        detail = filled(_detail(self.kind, state, self.readings), members, self)
        resource = members.get(event.resource)
        named = event.resource_states is None or state in event.resource_states
        resources = [resource] if named and resource is not None else []
        return EventContent(event.detail_type, detail, resources)


class DetailMember(NamedTuple):
    """A member of an event's detail.

    Attributes:
        name: its name, as the event spells it.
        value: the job's member that it shows, as it is or converted; or a function that computes
            it from the job's members, and returns None to leave it out.
        states: the states whose events have it; None is all.
        reading: the one of `event_readings` that adds it; None where no reading is needed.
        unless: the one of `event_readings` that removes it; None where none does.
    """

    name: str
    value: Value
    states: frozenset[str] | None = None
    reading: str | None = None
    unless: str | None = None

    def belongs(self, state: str, readings: frozenset[str]) -> bool:
        """Return whether the event of a state may have the member, as the readings say."""
        return (
            (self.states is None or state in self.states)
            and (self.reading is None or self.reading in readings)
            and self.unless not in readings
        )


class JobEvent(NamedTuple):
    """The State Change events of a kind of job.

    Attributes:
        detail_type: their detail-type.
        states: the states that emit an event.
        undocumented: those of them that no page of AWS's names.
        resource: the member of the job that the envelope's resources hold.
        resource_states: the states in which they hold it; None is all.
        detail: the members of the detail, in order.
    """

    detail_type: str
    states: frozenset[str]
    undocumented: frozenset[str]
    resource: str
    resource_states: frozenset[str] | None
    detail: tuple[DetailMember, ...]


def state_change(job: Job, at: int, options: Options) -> Content | None:
    """Return the event of a job that has come to its state; None where AWS emits none.

    Args:
        job: the job.
        at: when it came to the state, in milliseconds.
        options: the options of the fake: readings of AWS's examples, and durations.
    """
    return _content(job, job.kept_state, at, options)


def created(job: Job, at: int, options: Options) -> Content | None:
    """Return the CREATED event of a job that starts in another state; None for other jobs."""
    if job.kept_state == "CREATED":
        return None
    return _content(job, "CREATED", at, options)


def _content(job: Job, state: str, at: int, options: Options) -> Content | None:
    event = _EVENTS.get(job.kind)
    if event is None or state not in event.states:
        return None
    if "documented-states" in options.event_readings and state in event.undocumented:
        return None
    # The members are replaced when the job moves on: those of now stay as they are.
    return StateChange(job.kind, job.members, job.number, job.account, state, at, options)


@functools.cache
def _detail(kind: Kind, state: str, readings: frozenset[str]) -> Shown:
    """Return the members that the events of a kind of job may have in a state, by name."""
    detail = _EVENTS[kind].detail
    return shown((each.name, each.value) for each in detail if each.belongs(state, readings))


# --- Values ---------------------------------------------------------------------------------


def _text(member: str, otherwise: str | None = None) -> Compute:
    """Compute a number of the job as a decimal string."""
    return lambda members, _change: str(members[member]) if member in members else otherwise


def _state(_members: Members, change: StateChange) -> str:
    return change.state


def _constant(value: object) -> Compute:
    return lambda _members, _change: value


def _backup_size(members: Members, change: StateChange) -> str | None:
    if "BackupSizeInBytes" in members:
        return str(members["BackupSizeInBytes"])
    resource_type = RESOURCE_TYPES.get(members.get("ResourceType", ""))
    if change.state != "RUNNING" or resource_type is None or resource_type.size is None:
        return None
    return str(resource_type.size)


def _percent(members: Members, _change: StateChange) -> float | int:
    try:
        percent = float(members.get("PercentDone", "0").rstrip("%"))
    except ValueError:
        return 0
    return int(percent) if percent.is_integer() else percent


def _restore_percent(_members: Members, change: StateChange) -> int:
    """Return 0 until a restore completes, and 100 then, where AWS's one example shows 0."""
    done = change.state == "COMPLETED" and "restores-at-0" not in change.readings
    return 100 if done else 0


def _expected(members: Members, change: StateChange) -> int:
    expected: int | None = members.get("ExpectedCompletionDate")
    return change.at + change.options.durations["RUNNING"] if expected is None else expected


def _quoted(members: Members, change: StateChange) -> str | None:
    """Return a backup job's StatusMessage as AWS's examples print it: in quotes of its own."""
    message = members.get("StatusMessage")
    if message is None:
        return "" if change.state == "PENDING" else None
    return str(message) if "plain-messages" in change.readings else f'"{message}"'


def _destination_point(members: Members, change: StateChange) -> Any:
    """Return the ARN of the copy, or an empty object while the job has none."""
    copied = change.state in _COPY_GOOD
    return members.get("DestinationRecoveryPointArn", {}) if copied else {}


def _scan_id(members: Members, change: StateChange) -> str | None:
    """Return the scan's id: in AWS's example of CREATED too, when Describe shows none yet."""
    scan_id: str | None = members.get("ScanId")
    if scan_id is not None or change.state != "CREATED":
        return scan_id
    return ids.uuid("f", change.number)


def _scan_base(members: Members, _change: StateChange) -> str | None:
    incremental = members.get("ScanMode") == "INCREMENTAL_SCAN"
    return members.get("ScanBaseRecoveryPointArn") if incremental else None


def _testing_plan(members: Members, _change: StateChange) -> str | None:
    arn: str | None = members.get("CreatedBy", {}).get("RestoreTestingPlanArn")
    return arn


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

_NESTED = (
    DetailMember("isParent", "IsParent", reading="nested-jobs"),
    DetailMember("parentJobId", "ParentJobId", reading="nested-jobs"),
)
# The example of COMPLETED is newer than those of the other states, which have none of these.
_RESTORED_FROM = tuple(
    DetailMember(name, member, states, reading)
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

_EVENTS: dict[Kind, JobEvent] = {
    BACKUP: JobEvent(
        "Backup Job State Change",
        _BACKUP_LATER | {"CREATED"},
        _states("PARTIAL"),
        "RecoveryPointArn",
        _BACKUP_GOOD,
        (
            DetailMember("backupJobId", "BackupJobId"),
            DetailMember("backupSizeInBytes", _backup_size, _BACKUP_GOOD | {"RUNNING"}),
            DetailMember("backupVaultArn", "BackupVaultArn", _BACKUP_LATER),
            DetailMember("backupVaultName", "BackupVaultName", _BACKUP_LATER),
            DetailMember("bytesTransferred", _text("BytesTransferred", "0"), _BACKUP_LATER),
            DetailMember("creationDate", date("CreationDate")),
            DetailMember("iamRoleArn", "IamRoleArn", _BACKUP_LATER),
            DetailMember("resourceArn", "ResourceArn", _BACKUP_LATER),
            DetailMember("resourceType", "ResourceType", _BACKUP_LATER),
            DetailMember("state", _state),
            DetailMember("statusMessage", _quoted, _BACKUP_LATER - {"RUNNING"}),
            DetailMember("startBy", date("StartBy"), _BACKUP_LATER),
            DetailMember(
                "expectedCompletionDate",
                lambda members, change: dates.in_words(_expected(members, change)),
                _states("RUNNING"),
                unless="iso-dates",
            ),
            DetailMember(
                "expectedCompletionDate",
                lambda members, change: dates.written(_expected(members, change)),
                _states("RUNNING"),
                reading="iso-dates",
            ),
            DetailMember("completionDate", date("CompletionDate"), _BACKUP_ENDED),
            DetailMember("percentDone", _percent, _BACKUP_LATER),
            # AWS does not explain what it counts, and only newer examples have it.
            DetailMember(
                "retryCount", _constant(0), _states("COMPLETED", "FAILED"), "retry-counts"
            ),
            DetailMember("createdBy", BY_PLAN, _BACKUP_LATER),
            *_NESTED,
        ),
    ),
    COPY: JobEvent(
        "Copy Job State Change",
        _COPY_LATER | {"CREATED"},
        _states("PARTIAL"),
        "SourceRecoveryPointArn",
        None,
        (
            DetailMember("copyJobId", "CopyJobId", _COPY_LATER),
            DetailMember("copyJobId", "CopyJobId", _states("CREATED"), "copy-ids"),
            DetailMember("backupSizeInBytes", "BackupSizeInBytes", _COPY_LATER),
            DetailMember("creationDate", date("CreationDate")),
            DetailMember("iamRoleArn", "IamRoleArn", _COPY_LATER),
            DetailMember("resourceArn", "ResourceArn", _COPY_LATER),
            DetailMember("resourceType", "ResourceType", _COPY_LATER),
            DetailMember("sourceBackupVaultArn", "SourceBackupVaultArn"),
            DetailMember("state", _state),
            DetailMember("statusMessage", "StatusMessage", _states("FAILED", "PARTIAL")),
            DetailMember("completionDate", date("CompletionDate"), _COPY_LATER - {"RUNNING"}),
            DetailMember("destinationBackupVaultArn", "DestinationBackupVaultArn"),
            DetailMember("destinationRecoveryPointArn", _destination_point, _COPY_LATER),
            DetailMember("createdBy", BY_PLAN, _COPY_LATER),
            *_NESTED,
        ),
    ),
    RESTORE: JobEvent(
        "Restore Job State Change",
        _RESTORE_LATER | {"CREATED"},
        _states("ABORTED"),
        "RecoveryPointArn",
        None,
        (
            DetailMember("restoreJobId", "RestoreJobId"),
            *_RESTORED_FROM,
            DetailMember("backupSizeInBytes", _text("BackupSizeInBytes"), _RESTORE_LATER),
            DetailMember("creationDate", date("CreationDate")),
            DetailMember("iamRoleArn", "IamRoleArn", _RESTORE_LATER),
            DetailMember("percentDone", _restore_percent, _RESTORE_LATER),
            DetailMember("resourceType", "ResourceType", _RESTORE_LATER),
            # As AWS's example spells it: every other event of a restore has `status`.
            DetailMember("state", _state, _states("CREATED")),
            DetailMember("status", _state, _RESTORE_LATER),
            DetailMember("statusMessage", "StatusMessage", _RESTORE_BAD),
            DetailMember("createdResourceArn", "CreatedResourceArn", _states("COMPLETED")),
            DetailMember("completionDate", date("CompletionDate"), _states("COMPLETED")),
            DetailMember("completionDate", date("CompletionDate"), _RESTORE_BAD, "full-restores"),
            DetailMember("restoreTestingPlanArn", _testing_plan, _RESTORE_LATER),
            # In a consumer's fixture of COMPLETED, likely copied from a real event [reported].
            DetailMember("isParent", "IsParent", _states("COMPLETED"), unless="nested-jobs"),
            *_NESTED,
        ),
    ),
    SCAN: JobEvent(
        "Scan Job State Change",
        _SCAN_ENDED | {"CREATED", "RUNNING"},
        _states(),
        "RecoveryPointArn",
        None,
        (
            DetailMember("accountId", lambda _members, change: change.account),
            DetailMember("backupVaultArn", "BackupVaultArn"),
            DetailMember("backupVaultName", "BackupVaultName"),
            DetailMember("completionDate", date("CompletionDate"), _SCAN_ENDED),
            DetailMember("createdBy", creator("backupRuleId")),
            DetailMember("creationDate", date("CreationDate")),
            DetailMember("iamRoleArn", "IamRoleArn"),
            DetailMember("scannerRoleArn", "ScannerRoleArn"),
            DetailMember("recoveryPointArn", "RecoveryPointArn"),
            DetailMember("resourceArn", "ResourceArn"),
            DetailMember("resourceType", "ResourceType"),
            DetailMember("scanId", _scan_id),
            DetailMember("scanJobId", "ScanJobId"),
            DetailMember("scanBaseRecoveryPointArn", _scan_base),
            DetailMember(
                "scanResult",
                Converted("ScanResult", camel),
                _states("COMPLETED", "COMPLETED_WITH_ISSUES"),
            ),
            DetailMember("malwareScanner", "MalwareScanner"),
            DetailMember("state", _state),
            DetailMember("statusMessage", "StatusMessage", _SCAN_ENDED),
        ),
    ),
}
"""The events per kind of job; report jobs emit none."""
