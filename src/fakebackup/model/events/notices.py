"""The notices that AWS Backup publishes to a vault's SNS topic (the guide `aws`, Notifications).

[documented]: the subject, the texts of backup jobs FAILED and EXPIRED and the attributes;
[recorded]: the text of COMPLETED, the record's form; [reported]: the text of ABORTED, and that a
restore's last sentence begins with "Restore" and ends with the id. The rest is [assumed]: the other
texts, what PARTIAL counts as, that StartTime is the job's creation, which vault serves a copy (the
source's).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import ids
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE
from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Notification = dict[str, Any]

SUBJECT = "Notification from AWS Backup"

DEPRECATED = {
    "BACKUP_JOB_COMPLETED": ("BACKUP_JOB_SUCCESSFUL", "BACKUP_JOB_FAILED", "BACKUP_JOB_EXPIRED"),
    "RESTORE_JOB_COMPLETED": ("RESTORE_JOB_SUCCESSFUL", "RESTORE_JOB_FAILED"),
}
"""Per vault event, the deprecated ones that once stood for it: accepted, but never published."""


class Message(NamedTuple):
    """A message that is published to a vault's topic.

    Attributes:
        event: the vault event, as BackupVaultEvents names it.
        text: the text.
        attributes: the message attributes, all of them strings.
    """

    event: str
    text: str
    attributes: Mapping[str, str]


class Notice(NamedTuple):
    """The notice of a job that has come to a state.

    Attributes:
        event: the vault event, as BackupVaultEvents names it.
        opening: the first sentence.
        facts: the sentences after it, as (text, member of the job).
    """

    event: str
    opening: str
    facts: tuple[tuple[str, str], ...]


class TopicNotices(NamedTuple):
    """The notices of a kind of job.

    Attributes:
        event_type: the message attribute EventType.
        vault: the member of the job with the ARN of the vault that publishes them.
        notices: the notice per state; other states have none.
    """

    event_type: str
    vault: str
    notices: Mapping[str, Notice]


_RESOURCE = ("Resource ARN :", "ResourceArn")
_JOB = ("BackupJob ID :", "BackupJobId")
_POINT = ("Recovery point ARN:", "RecoveryPointArn")
# Public parsers read the type and the id of a job from this sentence.
_DONE = (_POINT, ("Backed up Resource ARN :", "ResourceArn"), ("Backup Job Id :", "BackupJobId"))
_RESTORE = (_POINT, ("Restore Job Id :", "RestoreJobId"))
_COPY = (
    ("Source recovery point ARN:", "SourceRecoveryPointArn"),
    ("Copy Job Id :", "CopyJobId"),
)
_STARTED, _COMPLETED = "BACKUP_JOB_STARTED", "BACKUP_JOB_COMPLETED"

JOBS: dict[Kind, TopicNotices] = {
    BACKUP: TopicNotices(
        "BACKUP_JOB",
        "BackupVaultArn",
        {
            "RUNNING": Notice(_STARTED, "An AWS Backup job was started", (_RESOURCE, _JOB)),
            "COMPLETED": Notice(_COMPLETED, "An AWS Backup job was completed successfully", _DONE),
            "PARTIAL": Notice(_COMPLETED, "An AWS Backup job was completed partially", _DONE),
            "FAILED": Notice(_COMPLETED, "An AWS Backup job failed", (_RESOURCE, _JOB)),
            "EXPIRED": Notice(
                _COMPLETED, "An AWS Backup job failed to complete in time", (_RESOURCE, _JOB)
            ),
            "ABORTED": Notice(_COMPLETED, "An AWS Backup job was stopped", (_RESOURCE, _JOB)),
        },
    ),
    RESTORE: TopicNotices(
        "RESTORE_JOB",
        "BackupVaultArn",
        {
            state: Notice(event, f"An AWS Backup restore job {outcome}", _RESTORE)
            for state, event, outcome in (
                ("RUNNING", "RESTORE_JOB_STARTED", "was started"),
                ("COMPLETED", "RESTORE_JOB_COMPLETED", "was completed successfully"),
                ("FAILED", "RESTORE_JOB_COMPLETED", "failed"),
                ("ABORTED", "RESTORE_JOB_COMPLETED", "was stopped"),
            )
        },
    ),
    COPY: TopicNotices(
        "COPY_JOB",
        "SourceBackupVaultArn",
        {
            state: Notice(event, f"An AWS Backup copy job {outcome}", _COPY)
            for state, event, outcome in (
                ("RUNNING", "COPY_JOB_STARTED", "was started"),
                ("COMPLETED", "COPY_JOB_SUCCESSFUL", "was completed successfully"),
                ("PARTIAL", "COPY_JOB_SUCCESSFUL", "was completed partially"),
                ("FAILED", "COPY_JOB_FAILED", "failed"),
            )
        },
    ),
}
"""The notices per kind of job; other kinds publish none."""


def job(job: Job) -> Message | None:
    """Return the message that announces a job's state; None where nothing is published."""
    topic = JOBS.get(job.kind)
    notice = topic.notices.get(job.kept_state) if topic is not None else None
    if topic is None or notice is None:
        return None
    members = job.members
    facts = [f"{text} {members[member]}" for text, member in notice.facts if member in members]
    attributes = {
        "EventType": topic.event_type,
        "State": job.kept_state,
        "AccountId": job.account,
        "Id": job.id,
        "StartTime": dates.written(members[job.kind.created]),
    }
    return Message(notice.event, ". ".join([notice.opening, *facts]), attributes)


def modified_point(point: RecoveryPoint, at: int) -> Message:
    """Return the message that a recovery point's lifecycle was changed, `at` in milliseconds."""
    attributes = {
        "EventType": "RECOVERY_POINT",
        "State": "MODIFIED",
        "AccountId": point.vault.account,
        "Id": point.arn,
        "StartTime": dates.written(at),
    }
    text = f"An AWS Backup recovery point was modified. Recovery point ARN: {point.arn}"
    return Message("RECOVERY_POINT_MODIFIED", text, attributes)


_INDEXED = {
    "ACTIVE": (
        "RECOVERY_POINT_INDEX_COMPLETED",
        "RECOVERY_POINT_INDEXING_COMPLETED",
        "An AWS Backup backup index job was completed",
    ),
    "DELETED": (
        "RECOVERY_POINT_INDEX_DELETED",
        "RECOVERY_POINT_INDEX_DELETED",
        "An AWS Backup backup index was deleted",
    ),
    "FAILED": (
        "RECOVERY_POINT_INDEXING_FAILED",
        "RECOVERY_POINT_INDEXING_FAILED",
        "An AWS Backup backup index job failed",
    ),
}
"""Per status of an index, the vault event, the message attribute EventType and the text.

The row of ACTIVE is [documented], and its EventType is not the same word as its event; the other
rows are [assumed].
"""


def index(point: RecoveryPoint, status: str) -> Message:
    """Return the message that announces the status of an index.

    Args:
        point: the recovery point of the index.
        status: ACTIVE, DELETED or FAILED.
    """
    event, event_type, text = _INDEXED[status]
    attributes = {
        "EventType": event_type,
        "AccountId": point.vault.account,
        "IndexStatus": status,
        "IsIndexingContinuous": "true" if point.is_continuous else "false",
        "RecoveryPointArn": point.arn,
    }
    return Message(event, f"{text}. Indexed recovery point arn: {point.arn}", attributes)


def is_wanted(vault: Vault, event: str, *, deprecated: bool) -> bool:
    """Return whether a vault publishes the notices of a vault event.

    Args:
        vault: the vault.
        event: the vault event, as BackupVaultEvents names it.
        deprecated: whether the deprecated names of an event stand for it.
    """
    wanted = (vault.notifications or {}).get("BackupVaultEvents", ())
    names = (event, *DEPRECATED.get(event, ())) if deprecated else (event,)
    return any(name in wanted for name in names)


def record(vault: Vault, message: Message, number: int, at: int) -> Notification:
    """Return the record in which SNS delivers a message of a vault's topic.

    Args:
        vault: the vault, which has notification settings.
        message: the message that is published.
        number: the record's number in the fake.
        at: when it is published, in milliseconds.
    """
    settings: Mapping[str, Any] = vault.notifications or {}
    topic = settings["SNSTopicArn"]
    # AWS uses the domain of the partition; neither URL can be fetched.
    host = f"https://sns.{vault.region}.amazonaws.com"
    subscription = f"{topic}:{ids.uuid('8', 0)}"
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": {
            "Type": "Notification",
            "MessageId": ids.uuid("8", number),
            "TopicArn": topic,
            "Subject": SUBJECT,
            "Message": message.text,
            "Timestamp": dates.with_fraction(at),
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertUrl": f"{host}/SimpleNotificationService-EXAMPLE.pem",
            "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription}",
            "MessageAttributes": {
                name: {"Type": "String", "Value": value}
                for name, value in message.attributes.items()
            },
        },
    }
