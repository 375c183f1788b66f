"""What SNS delivers to a vault's topic (behaviour sheet 6.8).

[documented]: the subject, the texts of backup jobs FAILED and EXPIRED and the attributes;
[recorded]: the text of COMPLETED, the record's form; [reported]: the text of ABORTED, and that a
restore's last sentence begins with "Restore" and ends with the id. The rest is [assumed]: the other
texts, what PARTIAL counts as, that StartTime is the job's creation, which vault serves a copy (the
source's).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import ids
from fakebackup.model import dates
from fakebackup.model.kinds import BACKUP, COPY, RESTORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Organization
    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind
    from fakebackup.model.vaults import RecoveryPoint, Vault

    Notification = dict[str, Any]

SUBJECT = "Notification from AWS Backup"

DEPRECATED = {
    "BACKUP_JOB_COMPLETED": ("BACKUP_JOB_SUCCESSFUL", "BACKUP_JOB_FAILED", "BACKUP_JOB_EXPIRED"),
    "RESTORE_JOB_COMPLETED": ("RESTORE_JOB_SUCCESSFUL", "RESTORE_JOB_FAILED"),
}
"""Events that vaults accept and that publish nothing; once they were told as the one before."""


class Notice(NamedTuple):
    """How a state of a job is told.

    Attributes:
        event: the vault event that it is.
        what: the first sentence.
        facts: the sentences after it, as (text, member).
    """

    event: str
    what: str
    facts: tuple[tuple[str, str], ...]


class Told(NamedTuple):
    """How a kind of job is told.

    Attributes:
        event_type: the attribute EventType.
        vault: the member with the ARN of the vault whose topic is told.
        notices: per state, the notice; other states are not told.
    """

    event_type: str
    vault: str
    notices: Mapping[str, Notice]


_RESOURCE = ("Resource ARN :", "ResourceArn")
_JOB = ("BackupJob ID :", "BackupJobId")
_POINT = ("Recovery point ARN:", "RecoveryPointArn")
# Public parsers take the type and the id of a job from the sentence that this makes.
_DONE = (_POINT, ("Backed up Resource ARN :", "ResourceArn"), ("Backup Job Id :", "BackupJobId"))
_RESTORE = (_POINT, ("Restore Job Id :", "RestoreJobId"))
_COPY = (
    ("Source recovery point ARN:", "SourceRecoveryPointArn"),
    ("Copy Job Id :", "CopyJobId"),
)
_STARTED, _COMPLETED = "BACKUP_JOB_STARTED", "BACKUP_JOB_COMPLETED"

_TOLD: dict[Kind, Told] = {
    BACKUP: Told(
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
    RESTORE: Told(
        "RESTORE_JOB",
        "BackupVaultArn",
        {
            state: Notice(event, f"An AWS Backup restore job {what}", _RESTORE)
            for state, event, what in (
                ("RUNNING", "RESTORE_JOB_STARTED", "was started"),
                ("COMPLETED", "RESTORE_JOB_COMPLETED", "was completed successfully"),
                ("FAILED", "RESTORE_JOB_COMPLETED", "failed"),
                ("ABORTED", "RESTORE_JOB_COMPLETED", "was stopped"),
            )
        },
    ),
    COPY: Told(
        "COPY_JOB",
        "SourceBackupVaultArn",
        {
            state: Notice(event, f"An AWS Backup copy job {what}", _COPY)
            for state, event, what in (
                ("RUNNING", "COPY_JOB_STARTED", "was started"),
                ("COMPLETED", "COPY_JOB_SUCCESSFUL", "was completed successfully"),
                ("PARTIAL", "COPY_JOB_SUCCESSFUL", "was completed partially"),
                ("FAILED", "COPY_JOB_FAILED", "failed"),
            )
        },
    ),
}


def job_entered(organization: Organization, job: Job, at: int) -> None:
    """Notify of a job that has come to its state, if its vault wants that.

    Args:
        organization: where it lies.
        job: the job.
        at: when it came to its state, in milliseconds.
    """
    told = _TOLD.get(job.kind)
    notice = told.notices.get(job.kept_state) if told is not None else None
    if told is None or notice is None:
        return
    members = job.members
    vault = organization.vault_at(members.get(told.vault, ""))
    if vault is None or not _wanted(organization, vault, notice.event):
        return
    facts = [f"{text} {members[member]}" for text, member in notice.facts if member in members]
    attributes = {
        "EventType": told.event_type,
        "State": job.kept_state,
        "AccountId": job.account,
        "Id": job.id,
        "StartTime": dates.written(members[job.kind.created]),
    }
    _publish(organization, vault, ". ".join([notice.what, *facts]), attributes, at)


def point_modified(organization: Organization, point: RecoveryPoint, at: int) -> None:
    """Notify of a recovery point whose lifecycle was changed, if its vault wants that.

    Arguments as for `job_entered`.
    """
    vault = point.vault
    if not _wanted(organization, vault, "RECOVERY_POINT_MODIFIED"):
        return
    attributes = {
        "EventType": "RECOVERY_POINT",
        "State": "MODIFIED",
        "AccountId": vault.account,
        "Id": point.arn,
        "StartTime": dates.written(at),
    }
    text = f"An AWS Backup recovery point was modified. Recovery point ARN: {point.arn}"
    _publish(organization, vault, text, attributes, at)


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
"""Per status of an index, the vault event, the attribute EventType and the text.

That of ACTIVE is [documented], its EventType being another word than its event; the rest is
[assumed].
"""


def index_entered(organization: Organization, point: RecoveryPoint, status: str, at: int) -> None:
    """Notify of an index that has come to a status, if its vault wants that.

    Args:
        organization: where it lies.
        point: its recovery point.
        status: ACTIVE, DELETED or FAILED.
        at: when it came to it, in milliseconds.
    """
    vault = point.vault
    event, event_type, text = _INDEXED[status]
    if not _wanted(organization, vault, event):
        return
    attributes = {
        "EventType": event_type,
        "AccountId": vault.account,
        "IndexStatus": status,
        "IsIndexingContinuous": "true" if point.is_continuous else "false",
        "RecoveryPointArn": point.arn,
    }
    _publish(
        organization, vault, f"{text}. Indexed recovery point arn: {point.arn}", attributes, at
    )


def _wanted(organization: Organization, vault: Vault, event: str) -> bool:
    wanted = (vault.notifications or {}).get("BackupVaultEvents", ())
    alias = "deprecated-notifications" in organization.options.event_readings
    names = (event, *DEPRECATED.get(event, ())) if alias else (event,)
    return any(name in wanted for name in names)


def _publish(
    organization: Organization, vault: Vault, message: str, attributes: Mapping[str, str], at: int
) -> None:
    configured: Mapping[str, Any] = vault.notifications or {}
    topic = configured["SNSTopicArn"]
    number = len(organization.notifications) + 1
    region = vault.region
    # Under the partition's own domain on AWS; nobody can fetch it either way.
    host = f"https://sns.{region}.amazonaws.com"
    subscription = f"{topic}:{ids.uuid('8', 0)}"
    organization.notifications.append(
        {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {
                "Type": "Notification",
                "MessageId": ids.uuid("8", number),
                "TopicArn": topic,
                "Subject": SUBJECT,
                "Message": message,
                "Timestamp": dates.with_fraction(at),
                "SignatureVersion": "1",
                "Signature": "EXAMPLE",
                "SigningCertUrl": f"{host}/SimpleNotificationService-EXAMPLE.pem",
                "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription}",
                "MessageAttributes": {
                    name: {"Type": "String", "Value": value} for name, value in attributes.items()
                },
            },
        }
    )
