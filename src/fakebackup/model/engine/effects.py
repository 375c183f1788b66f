"""The effects of a job's state: recovery points, the vaults that they need, and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model.engine import ageing, indexes, starts, telling
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.jobs.store import read_by
from fakebackup.model.resources.arns import Place, vault_named_by
from fakebackup.model.resources.points import is_continuous_arn
from fakebackup.model.resources.tags import of_backup
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults import lifecycles
from fakebackup.model.vaults.members import DEFAULT, NORMAL, VAULT, point_members
from fakebackup.model.vaults.vault import RecoveryPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.model.vaults.vault import Vault


def follow_move(store: Store, job: Job, at: int) -> None:
    """Do what follows from the state that a job has come to, and emit its events.

    A recovery point's event comes before its job's last one (the guide `aws`, Order of events).

    Args:
        store: the store that the job lies in.
        job: the job.
        at: when it came to its state, in milliseconds.
    """
    point = None
    if _is_for_leaving(job):
        # The vault of a job that leaves no recovery point stays deferred.
        store.organization.deferred.leaves_now(job)
        point = _leave(store, job)
    if store.organization.neighbour is not None:
        _file_beside(job, point, at)
    if point is not None:
        telling.point_entered(point, at)
    telling.job_entered(store, job, at)
    if point is not None and _is_indexed(job, point):
        indexes.make(point, job.members.get("IamRoleArn"), at)
    # Not `or`: a record is true by its members, of which each would be looked up.
    backup = _continued_by(job) if point is None else point
    if backup is not None:
        ageing.schedule_next(backup, at)
        starts.copies(job, backup, at)
        if job.request is not None and job.request.scans:
            from fakebackup.model.engine import scans

            scans.begin(job, backup, at)
    read = read_by(job)
    if read is not None and life.is_final(job.kind, job.kept_state):
        ageing.let_go(store, read, at)


# What few fakes have is imported where it is needed.


def _continued_by(job: Job) -> RecoveryPoint | None:
    """Return the continuous backup that a job has made or brought up to date; None if none."""
    if job.request is None or not job.request.continuous:
        return None
    from fakebackup.model.engine import continuous

    return continuous.continued_by(job)


def _file_beside(job: Job, point: RecoveryPoint | None, at: int) -> None:
    """File what a job has made beside the fake under its recovery point."""
    from fakebackup.model.engine.beside import jobs as beside

    filed = point if point is not None else _continued_by(job)
    if filed is not None:
        beside.file(job, filed, at)


def _is_indexed(job: Job, point: RecoveryPoint) -> bool:
    """Return whether a backup job's recovery point gets an index."""
    request = job.request
    return request is not None and request.index and indexes.refusal(point) is None


def leave_behind(_organization: Organization, jobs: Sequence[Job]) -> None:
    """Create the vaults and recovery points of seeded jobs."""
    brought: set[str] = set()
    # The oldest first: a copy finds the recovery point that an earlier backup left.
    for job in sorted(jobs, key=lambda each: int(each.members[each.kind.created])):
        if _is_for_leaving(job):
            point = _leave(store_of(job), job)
            if point is not None:
                ageing.schedule_next(point, clock.now())
        elif not job.exact:
            for member in _VAULTS[job.kind]:
                arn = job.members.get(member)
                if arn is not None and arn not in brought:
                    brought.add(arn)
                    _vault_of(store_of(job), job, member)


def _is_for_leaving(job: Job) -> bool:
    """Return whether a job in its state has more to leave behind than its vaults."""
    kind = job.kind
    return kind not in _POINT or (
        job.kept_state in ("COMPLETED", "PARTIAL") and _POINT[kind] in job.members
    )


def _leave(store: Store, job: Job) -> RecoveryPoint | None:
    """Create what a job in its state leaves behind; return a recovery point that is new.

    The job has just moved, or it is seeded and its recovery point does not exist yet. A missing
    vault is created, for seeded jobs and for jobs that `Job.update` changes freely: any other
    job that a client started fails without its vault, or is not moved.
    """
    make = _LEFT.get(job.kind)
    point = None if make is None else make(store, job)
    if point is not None:
        _nest(store, job, point)
    return point


def _nest(store: Store, job: Job, composite: RecoveryPoint) -> None:
    """Nest the recovery points of a composite job's children in its own one."""
    for child in store.organization.jobs.children(job):
        nested = composite.vault.points.get(child.members.get(_POINT[job.kind], ""))
        if nested is not None and _may_change(job, nested):
            nested.members = {"ParentRecoveryPointArn": composite.arn, **nested.members}


def _backup(store: Store, job: Job) -> RecoveryPoint | None:
    members = job.members
    arn = members.get("BackupVaultArn", "")
    vault = store.find_vault(arn)
    if vault is None and _is_known_to_lack(store, job):
        return None
    if vault is None:
        name = members.get("BackupVaultName") or DEFAULT
        given = {
            "VaultType": members.get("VaultType") or NORMAL,
            "CreationDate": members["CreationDate"],
        }
        vault = store.make_vault(name, given, implied=True)
    point = _members_from_job(store, job)
    continuous_asked = job.request is not None and job.request.continuous
    if job.kept_state == "PARTIAL" or (
        continuous_asked and not is_continuous_arn(members["RecoveryPointArn"])
    ):
        # A snapshot in the place of a continuous backup says why [documented: guide].
        point["StatusMessage"] = members.get("StatusMessage")
    if (
        members.get("ResourceType") == "EFS"
        and "IsEncrypted" not in point
        and "EFS" in store.organization.unmanaged(store.home)
    ):
        # With the file system's own key, if it has one [documented: guide, encryption].
        point["IsEncrypted"] = False
    if job.request is not None and job.request.temporary:
        from fakebackup.model.engine import air_gapped

        point["Lifecycle"] = air_gapped.temporary(point.get("Lifecycle"))
    continued = _continued_by(job)
    if continued is not None:
        from fakebackup.model.engine import continuous

        continuous.bring_up_to_date(continued, point)
        return None
    if is_continuous_arn(members["RecoveryPointArn"]) and job.was_started:
        from fakebackup.model.engine import continuous

        point["Status"] = continuous.AVAILABLE
    if job.request is not None:
        tags = job.request.tags or {}
    else:
        resource = store.resources.get(members.get("ResourceArn", ""), {})
        tags, _ = of_backup(resource, {}, store.options.quotas["tags"])
    return _put(vault, job, point, tags=tags)


def _copy(store: Store, job: Job) -> RecoveryPoint | None:
    members = job.members
    source = _source(store, job, "SourceBackupVaultArn", "SourceRecoveryPointArn")
    vault = _vault_of(store, job, "DestinationBackupVaultArn")
    if vault is None:
        return None
    given = _members_from_job(store, job) | {
        # The work is the copy's own [assumed]; what it copies is as old as its source.
        "InitiationDate": members["CreationDate"],
        "CompletionDate": members.get("CompletionDate", members["CreationDate"]),
    }
    if source is None:
        return _put(vault, job, given)
    from fakebackup.model.vaults import encryption

    if "EncryptionKeyArn" not in given:
        given |= encryption.of_copy(source, vault)
    # The copy of a continuous backup is a snapshot of the present [documented: guide, of S3, RDS].
    if not source.is_continuous:
        given |= lifecycles.dates_of_copy(source.members, given.get("Lifecycle"))
    # A copy has all tags of its original [documented: guide, tags on backups].
    tags = store_of(source.vault).tags.get(source.arn)
    return _put(vault, job, given, metadata=source.metadata, tags=tags)


def _members_from_job(store: Store, job: Job) -> dict[str, Any]:
    """Return the members that a recovery point gets from its backup or copy job."""
    members = job.members
    found = {to: members[name] for name, to in _FROM_JOB[job.kind].items() if name in members}
    parent = store.organization.jobs.by_id.get(members.get("ParentJobId", ""))
    if parent is not None:
        found["ParentRecoveryPointArn"] = parent.members.get(_POINT[job.kind])
    return found


def _restore(store: Store, job: Job) -> None:
    point = _source(store, job, "BackupVaultArn", "RecoveryPointArn")
    if point is not None and job.kept_state == "COMPLETED" and _may_change(job, point):
        ended = job.members.get("CompletionDate", job.members["CreationDate"])
        last = point.members.get("LastRestoreTime", ended)
        point.members = {**point.members, "LastRestoreTime": max(last, ended)}


def _scan(store: Store, job: Job) -> None:
    point = _source(store, job, "BackupVaultArn", "RecoveryPointArn")
    if point is None or job.kept_state not in _SCANNED or not _may_change(job, point):
        return
    found = job.members.get("ScanResult", {}).get("ScanResultStatus")
    result: dict[str, Any] = {
        "MalwareScanner": job.members["MalwareScanner"],
        "ScanJobState": job.kept_state,
        "LastScanTimestamp": job.members.get("CompletionDate", job.members["CreationDate"]),
        "Findings": ["MALWARE"] if found == "THREATS_FOUND" else [],
    }
    # The latest of each scanner [assumed]: botocore's model allows five, and has one scanner.
    others = [
        each
        for each in point.members.get("ScanResults", ())
        if each.get("MalwareScanner") != result["MalwareScanner"]
    ]
    results = [result, *others][:5]
    point.members = {**point.members, "ScanResults": results}


_POINT = {BACKUP: "RecoveryPointArn", COPY: "DestinationRecoveryPointArn"}
"""Per kind of job that leaves recovery points, the member that names the one it left."""

_VAULTS = {
    BACKUP: ("BackupVaultArn",),
    COPY: ("SourceBackupVaultArn", "DestinationBackupVaultArn"),
}
"""Per kind of job that leaves recovery points, the members that have the ARNs of its vaults."""

_TYPES = {"BackupVaultArn": "VaultType", "DestinationBackupVaultArn": "DestinationVaultType"}
"""Per member that has the ARN of a vault, the member that has the vault's type."""

_FROM_EITHER_JOB = (
    "ResourceArn",
    "ResourceType",
    "ResourceName",
    "CreatedBy",
    "IamRoleArn",
    "CreationDate",
    "CompletionDate",
    "BackupSizeInBytes",
    "IsParent",
)
_FROM_JOB = {
    BACKUP: {
        **{name: name for name in (*_FROM_EITHER_JOB, "InitiationDate", "EncryptionKeyArn")},
        "IsEncrypted": "IsEncrypted",
        "State": "Status",
        "RecoveryPointArn": "RecoveryPointArn",
        "RecoveryPointLifecycle": "Lifecycle",
    },
    COPY: {
        **{name: name for name in (*_FROM_EITHER_JOB, "SourceBackupVaultArn")},
        "State": "Status",
        "DestinationRecoveryPointArn": "RecoveryPointArn",
        "DestinationRecoveryPointLifecycle": "Lifecycle",
        "DestinationEncryptionKeyArn": "EncryptionKeyArn",
    },
}
"""Per kind of job, the members that its recovery point gets, as (the job's, the point's)."""

_SCANNED = ("COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED")
_LEFT: dict[Kind, Callable[[Store, Job], RecoveryPoint | None]] = {
    BACKUP: _backup,
    COPY: _copy,
    RESTORE: _restore,
    SCAN: _scan,
}


def _vault_of(store: Store, job: Job, member: str) -> Vault | None:
    """Return the vault that a job names, created if missing; None if there is none."""
    arn = job.members.get(member, "")
    found = store.find_vault(arn)
    named = vault_named_by(arn)
    if found is not None or named is None:
        return found
    given = {"CreationDate": job.members[job.kind.created]}
    vault_type = job.members.get(_TYPES.get(member, ""))
    if vault_type is not None:
        given["VaultType"] = vault_type
    owner = store.organization.store(*named.home)
    if _is_known_to_lack(owner, job):
        return None
    return owner.make_vault(named.name, given, implied=True)


def _source(store: Store, job: Job, vault_member: str, point_member: str) -> RecoveryPoint | None:
    """Return the recovery point that a job reads; one of a seeded job is created if missing."""
    members = job.members
    arn = members.get(point_member)
    vault = _vault_of(store, job, vault_member)
    if vault is None or arn is None:
        return None
    found = store_of(vault).vaults.point(arn)
    if found is None and not job.was_started:
        given = {
            "RecoveryPointArn": arn,
            "ResourceArn": members.get("ResourceArn") or members.get("SourceResourceArn"),
            "ResourceType": members.get("ResourceType"),
            "BackupSizeInBytes": members.get("BackupSizeInBytes"),
            "CreationDate": members.get("RecoveryPointCreationDate", members["CreationDate"]),
        }
        found = _put(vault, job, given)
    return found


# --- What recorded jobs leave -----------------------------------------------------------------
#
# A recorded job may be older than what it left: where the vault, or what lies in it, was recorded,
# too, that is what there is.

LISTED_VAULTS, LISTED_POINTS = "list of vaults", "list of a vault's recovery points"
"""What is noted as loaded of an account and Region, and of a vault, whose list was, as a whole."""


def _is_known_to_lack(store: Store, job: Job) -> bool:
    """Return whether a recorded job's vault is missing from a recorded list of all vaults."""
    return job.exact and (LISTED_VAULTS, store.home, "") in store.organization.loaded


def _may_change(job: Job, point: RecoveryPoint) -> bool:
    """Return whether a job changes a recovery point: a recorded one none that was recorded."""
    return point.implied or not job.exact


def _expects(vault: Vault) -> bool:
    """Return whether a vault may have a recovery point more, which a recorded job has left.

    One that was recorded may where its list was not, as long as AWS counted more than are known.
    """
    loaded = store_of(vault).organization.loaded
    if (VAULT.name, vault.store.home, vault.name) not in loaded:
        return True
    besides = vault.members.get("NumberOfRecoveryPoints")
    if (LISTED_POINTS, vault.store.home, vault.name) in loaded or besides == 0:
        return False
    if besides is not None:
        vault.members = {**vault.members, "NumberOfRecoveryPoints": besides - 1}
    return True


_RESOURCES = frozenset({"ResourceArn", "SourceResourceArn"})
"""The members of jobs that have the ARN of the resource."""


def _put(
    vault: Vault,
    job: Job,
    given: dict[str, Any],
    *,
    metadata: dict[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> RecoveryPoint | None:
    arn = given["RecoveryPointArn"]
    if store_of(vault).vaults.point(arn) is not None:
        # No two recovery points of an account and Region share an ARN.
        return None
    if job.exact and not _expects(vault):
        return None
    own = {name: value for name, value in given.items() if value is not None}
    # Without a size or a type of the job, no default one.
    own.setdefault("BackupSizeInBytes", None)
    if own.setdefault("ResourceType", None) is None or _RESOURCES & job.given:
        own.setdefault("ResourceArn", None)
    created = given["CreationDate"]
    place = Place(vault.store.home, job.number, created, created)
    of_vault = vault.vault_type, vault.key_arn
    point = RecoveryPoint(vault, point_members(place, own, *of_vault), metadata)
    point.implied = not job.was_started
    vault.put(point)
    if tags:
        store_of(vault).tags[arn] = dict(tags)
    return point
