"""What follows when a job ends: recovery points, vaults that must exist, events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model import ageing, events, indexes, notifications, starts
from fakebackup.model.defaults import Place
from fakebackup.model.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.vaults import (
    DEFAULT,
    NORMAL,
    RecoveryPoint,
    Vault,
    named_by,
    point_members,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.account import Organization
    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind


def entered(organization: Organization, job: Job, at: int) -> None:
    """Do what follows from the state that a job has come to, and tell of it.

    A recovery point's event comes before its job's last one (behaviour sheet 6.6).
    """
    organization.derives_no_more(job)
    point = derive(organization, job)
    if point is not None:
        organization.emit(events.recovery_point(point), point.vault.account, point.vault.region, at)
    organization.emit(events.job(job, at), job.account, job.region, at, job)
    notifications.job_entered(organization, job, at)
    if point is not None:
        ageing.follow(organization, point, at)
        if job.started is not None and job.started.index:
            indexes.make(organization, point, job.members["IamRoleArn"], at)
        starts.copies(organization, job, point, at)


def started(organization: Organization, job: Job, at: int) -> None:
    """Do what follows from the start of a job by a client, and tell of it."""
    organization.emit(events.created(job, at), job.account, job.region, at, job)
    entered(organization, job, at)


def derive(organization: Organization, job: Job) -> RecoveryPoint | None:
    """Make what a job in its state leaves behind, unless it is there; return a new recovery point.

    It serves jobs that have just moved, and seeded ones whose recovery points are first asked
    for. A vault that is missing is made: for what was seeded, and for what `Job.update` sets
    with a free hand. Every other job that a client started fails without its vault, or is not
    moved (`missing_vault`).
    """
    make = _LEFT.get(job.kind)
    point = None if make is None else make(organization, job)
    if point is not None:
        _nest(organization, job, point)
    return point


def _nest(organization: Organization, job: Job, composite: RecoveryPoint) -> None:
    """Nest the recovery points of a composite job's children, which ended before it."""
    for child in organization.jobs.children(job):
        nested = composite.vault.points.get(child.members.get(_POINT[job.kind], ""))
        if nested is not None:
            above = {"ParentRecoveryPointArn": composite.arn}
            nested.members = {**above, **nested.members}


def _backup(organization: Organization, job: Job) -> RecoveryPoint | None:
    members = job.members
    if job.kept_state not in ("COMPLETED", "PARTIAL") or "RecoveryPointArn" not in members:
        return None
    arn = members.get("BackupVaultArn", "")
    vault = organization.vault_at(arn)
    if vault is None:
        name = members.get("BackupVaultName") or DEFAULT
        told = {"VaultType": members.get("VaultType") or NORMAL}
        told["CreationDate"] = members["CreationDate"]
        vault = organization.make_vault(job.account, job.region, name, told, implied=True)
    given = _of_its_job(organization, job) | {
        "ResourceName": members.get("ResourceName"),
        "StatusMessage": members.get("StatusMessage") if job.kept_state == "PARTIAL" else None,
        "InitiationDate": members.get("InitiationDate"),
        "EncryptionKeyArn": members.get("EncryptionKeyArn"),
        "IsEncrypted": members.get("IsEncrypted"),
        "Lifecycle": members.get("RecoveryPointLifecycle"),
    }
    return _put(organization, vault, job, given)


def _copy(organization: Organization, job: Job) -> RecoveryPoint | None:
    members = job.members
    if (
        job.kept_state not in ("COMPLETED", "PARTIAL")
        or "DestinationRecoveryPointArn" not in members
    ):
        return None
    source = _source(organization, job, "SourceBackupVaultArn", "SourceRecoveryPointArn")
    vault = _vault_of(organization, job, "DestinationBackupVaultArn")
    if vault is None:
        return None
    given = _of_its_job(organization, job) | {
        "SourceBackupVaultArn": members.get("SourceBackupVaultArn"),
        "Lifecycle": members.get("DestinationRecoveryPointLifecycle"),
    }
    return _put(organization, vault, job, given, source.metadata if source is not None else None)


def _of_its_job(organization: Organization, job: Job) -> dict[str, Any]:
    """Return what the recovery point of a backup or copy job has of the job, whichever it is."""
    members = job.members
    parent = organization.jobs.by_id.get(members.get("ParentJobId", ""))
    point = _POINT[job.kind]
    return {
        "RecoveryPointArn": members[point],
        "ResourceArn": members.get("ResourceArn"),
        "ResourceType": members.get("ResourceType"),
        "CreatedBy": members.get("CreatedBy"),
        "IamRoleArn": members.get("IamRoleArn"),
        "Status": job.kept_state,
        "CreationDate": members["CreationDate"],
        "CompletionDate": members.get("CompletionDate"),
        "BackupSizeInBytes": members.get("BackupSizeInBytes"),
        "IsParent": members.get("IsParent", False),
        "ParentRecoveryPointArn": None if parent is None else parent.members.get(point),
    }


def _restore(organization: Organization, job: Job) -> None:
    point = _source(organization, job, "BackupVaultArn", "RecoveryPointArn")
    if point is not None and job.kept_state == "COMPLETED":
        ended = job.members.get("CompletionDate", job.members["CreationDate"])
        known = point.members.get("LastRestoreTime", ended)
        point.members = {**point.members, "LastRestoreTime": max(known, ended)}


def _scan(organization: Organization, job: Job) -> None:
    point = _source(organization, job, "BackupVaultArn", "RecoveryPointArn")
    if point is None or job.kept_state not in _SCANNED:
        return
    found = job.members.get("ScanResult", {}).get("ScanResultStatus")
    result: dict[str, Any] = {
        "MalwareScanner": job.members["MalwareScanner"],
        "ScanJobState": job.kept_state,
        "LastScanTimestamp": job.members.get("CompletionDate", job.members["CreationDate"]),
        "Findings": ["MALWARE"] if found == "THREATS_FOUND" else [],
    }
    # botocore's model allows five.
    results = [result, *point.members.get("ScanResults", ())][:5]
    point.members = {**point.members, "ScanResults": results}


_POINT = {BACKUP: "RecoveryPointArn", COPY: "DestinationRecoveryPointArn"}
"""Per kind that leaves recovery points, the member that names the one it left."""

_SCANNED = ("COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED")
_LEFT: dict[Kind, Callable[[Organization, Job], RecoveryPoint | None]] = {
    BACKUP: _backup,
    COPY: _copy,
    RESTORE: _restore,
    SCAN: _scan,
}


def missing_vault(job: Job) -> str | None:
    """Return the ARN of the vault that a job cannot complete without, and that is gone; or None.

    AWS starts no job without its vault: one that a client started was there, and was deleted
    since. A seeded job brings its own along.
    """
    organization = job.organization
    member = {BACKUP: "BackupVaultArn", COPY: "DestinationBackupVaultArn"}.get(job.kind)
    if organization is None or member is None or not job.was_started:
        return None
    arn: str | None = job.members.get(member)
    return None if arn is None or organization.vault_at(arn) is not None else arn


def _vault_of(organization: Organization, job: Job, member: str) -> Vault | None:
    """Return the vault that a job names, made if it is missing; None for what is no vault's ARN."""
    arn = job.members.get(member, "")
    found = organization.vault_at(arn)
    named = named_by(arn)
    if found is not None or named is None:
        return found
    given = {"CreationDate": job.members[job.kind.created]}
    if member == "DestinationBackupVaultArn" and "DestinationVaultType" in job.members:
        given["VaultType"] = job.members["DestinationVaultType"]
    return organization.make_vault(*named, given, implied=True)


def _source(
    organization: Organization, job: Job, vault_member: str, point_member: str
) -> RecoveryPoint | None:
    """Return the recovery point that a job reads, made if it was only seeded with the job."""
    members = job.members
    arn = members.get(point_member)
    vault = _vault_of(organization, job, vault_member)
    if vault is None or arn is None:
        return None
    if arn not in vault.points and not job.was_started:
        given = {
            "RecoveryPointArn": arn,
            "ResourceArn": members.get("ResourceArn") or members.get("SourceResourceArn"),
            "ResourceType": members.get("ResourceType"),
            "BackupSizeInBytes": members.get("BackupSizeInBytes"),
            "CreationDate": members.get("RecoveryPointCreationDate", members["CreationDate"]),
        }
        _put(organization, vault, job, given)
    return vault.points.get(arn)


def _put(
    organization: Organization,
    vault: Vault,
    job: Job,
    given: dict[str, Any],
    metadata: dict[str, str] | None = None,
) -> RecoveryPoint | None:
    arn = given["RecoveryPointArn"]
    if arn in vault.points:
        return None
    told = {name: value for name, value in given.items() if value is not None}
    # A size that the job does not have, the recovery point has not either.
    sized = {"BackupSizeInBytes": told.get("BackupSizeInBytes")}
    created = given["CreationDate"]
    place = Place(vault.account, vault.region, job.number, created, created)
    point = RecoveryPoint(vault, point_members(place, told | sized), metadata)
    point.implied = not job.was_started
    vault.put(point)
    if job.started is not None and job.started.tags:
        organization.tags[arn] = dict(job.started.tags)
    return point
