"""Backup jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.jobs import (
    SUMMARIES_AT_MOST,
    describe_job,
    find_job,
    list_jobs,
    summarise,
)
from fakebackup.clock import MINUTE
from fakebackup.errors import invalid_parameter, invalid_request
from fakebackup.model.jobs import life
from fakebackup.model.jobs.filters import Dimension, after, before, category, same
from fakebackup.model.jobs.kinds import BACKUP
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.resources.types import INDEXED, RESOURCE_TYPES, features_of, type_of
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Job


FILTERS = {
    "ByResourceArn": same("ResourceArn"),
    "ByState": same("State"),
    "ByBackupVaultName": same("BackupVaultName"),
    "ByCreatedBefore": before("CreationDate"),
    "ByCreatedAfter": after("CreationDate"),
    "ByResourceType": same("ResourceType"),
    "ByCompleteAfter": after("CompletionDate"),
    "ByCompleteBefore": before("CompletionDate"),
    "ByParentJobId": same("ParentJobId"),
    "ByMessageCategory": category("MessageCategory"),
}

DIMENSIONS = (
    Dimension("ResourceType", "ResourceType"),
    Dimension("State", "State"),
    Dimension("MessageCategory", "MessageCategory", category=True),
)


@operation("ListBackupJobs", items="BackupJobs")
def list_backup_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the backup jobs of the last 30 days, newest first."""
    return list_jobs(caller, asked, BACKUP, FILTERS, every_account="*")


@operation("DescribeBackupJob")
def describe_backup_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a backup job."""
    return describe_job(caller, asked, BACKUP)


@operation("ListBackupJobSummaries", items="BackupJobSummaries", at_most=SUMMARIES_AT_MOST)
def list_backup_job_summaries(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count backup jobs."""
    return summarise(caller, asked, BACKUP, "BackupJobSummaries", DIMENSIONS)


@operation("StartBackupJob")
def start_backup_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start an on-demand backup job, composite for a CloudFormation stack or an EKS cluster."""
    # Imported late, here and below: many processes list jobs and start none.
    from fakebackup.answering.entries import is_in_fake, once

    return once(caller, asked, _start, _started, still_exists=is_in_fake)


def _started(job: Job) -> Mapping[str, Any]:
    names = ["BackupJobId", "CreationDate", "IsParent"]
    known = features_of(job.members.get("ResourceType"), job.members.get("RecoveryPointArn", ""))
    if known is not None and known.point_at_once and "RecoveryPointArn" in job.members:
        names.append("RecoveryPointArn")
    return {name: job.members[name] for name in names}


def _start(caller: Caller, asked: Mapping[str, Any]) -> Job:
    from fakebackup.answering.lookups import check_role, own_vault
    from fakebackup.known_errors import UNSUPPORTED_TYPE
    from fakebackup.model.engine import choosing, starts
    from fakebackup.model.jobs import windows
    from fakebackup.model.jobs.request import JobRequest
    from fakebackup.model.vaults import lifecycles
    from fakebackup.model.vaults.members import NORMAL

    arn = asked["ResourceArn"]
    resource_type = type_of(arn)
    if resource_type is None:
        raise UNSUPPORTED_TYPE.error(arn)
    if caller.options.refuse_opted_out and resource_type in choosing.opted_out(caller.store):
        raise invalid_request(f"{resource_type} is opted out of in {caller.region}: {arn}")
    check_role(asked["IamRoleArn"])
    vault = own_vault(caller, asked["BackupVaultName"])
    if vault.vault_type != NORMAL:
        vault_type = vault.vault_type
        message = f"Backup vault {vault.name} is a {vault_type}: back up to another vault"
        raise invalid_request(message)
    caller.check_quota("points_per_vault", vault.count + 1)
    _check_air_gapped(caller, asked.get("LogicallyAirGappedBackupVaultArn"))
    start, complete = windows.read(asked, "CompleteWindowMinutes")
    lifecycle = lifecycles.read(asked.get("Lifecycle"))
    options = _options(asked.get("BackupOptions"), resource_type)
    index = asked.get("Index") == "ENABLED"
    if index and resource_type not in INDEXED:
        raise invalid_parameter(f"Index cannot be ENABLED for {resource_type}")
    now = clock.now()
    members = {
        "ResourceArn": arn,
        "CreationDate": now,
        "BackupVaultName": vault.name,
        "IamRoleArn": asked["IamRoleArn"],
        "StartBy": now + start * MINUTE,
        "RecoveryPointLifecycle": lifecycle,
        "BackupOptions": options,
    }
    request = JobRequest(
        complete_by=now + complete * MINUTE,
        tags=asked.get("RecoveryPointTags"),
        index=index,
        air_gapped=asked.get("LogicallyAirGappedBackupVaultArn"),
    )
    return starts.backup(caller.store, members, request)


def _check_air_gapped(caller: Caller, arn: str | None) -> None:
    if arn is None:
        return
    from fakebackup.answering.lookups import no_such_vault

    vault = caller.store.vaults.get(arn.rpartition(":")[2])
    if vault is None or vault.arn != arn:
        raise no_such_vault(caller, arn)
    if vault.vault_type != AIR_GAPPED:
        raise invalid_request(f"Backup vault {arn} is not logically air-gapped")


def _options(given: Mapping[str, str] | None, resource_type: str) -> dict[str, str] | None:
    """Return the BackupOptions, checked: only Windows VSS, for EC2 [documented: model]."""
    if not given:
        return None
    legal = set(given) == {"WindowsVSS"} and given["WindowsVSS"] in ("enabled", "disabled")
    if not legal or resource_type != "EC2":
        raise invalid_parameter(f"BackupOptions {given} is not valid for {resource_type}")
    return dict(given)


@operation("StopBackupJob")
def stop_backup_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Stop a backup job: it goes through ABORTING to ABORTED."""
    from fakebackup.model.engine import moves

    job = find_job(caller, asked, BACKUP)
    if life.is_final(BACKUP, job.kept_state) or job.kept_state == "ABORTING":
        # AWS's words are not known [assumed].
        raise invalid_request(f"Backup job {job.id} cannot be stopped: it is {job.kept_state}")
    resource_type = job.members.get("ResourceType")
    known = RESOURCE_TYPES.get(resource_type or "")
    if known is not None and not known.stoppable:
        # AWS does not support it for this type [documented: model].
        raise invalid_request(f"Backup jobs of {resource_type} cannot be stopped")
    for each in (*caller.organization.jobs.children(job), job):
        if "ABORTING" in life.MOVES[BACKUP].get(each.kept_state, ()):
            moves.enter(each, ("ABORTING", moves.NOTHING), clock.now())
    return {}
