"""Malware scans that backup plans start: of what their rules back up, and what earlier scans found.

A rule's ScanActions start a scan after each backup that completes, where the plan's ScanSettings
have the scanner and the type [documented: guide, malware protection]. Copies are not scanned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model.engine import starts
from fakebackup.model.jobs import life
from fakebackup.model.jobs.filters import criteria, same
from fakebackup.model.jobs.kinds import SCAN
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.plans import documents
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.resources.types import SCANNED
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint

    Members = Mapping[str, Any]

INCREMENTAL = "INCREMENTAL_SCAN"

_EVERY_TYPE = "ALL"
_OLDEST_BASE = 365 * clock.DAY
"""How long ago the scan of a base may be [documented: guide]."""

_CREATOR = ("BackupPlanArn", "BackupPlanId", "BackupPlanVersion", "BackupRuleId")
"""The members of a scan job's CreatedBy [documented: model]."""


def asked_by(plan: Members, rule: Members, resource_type: str | None) -> tuple[Members, ...]:
    """Return the scans of what a rule backs up: MalwareScanner, ScanMode and ScannerRoleArn.

    Args:
        plan: the plan's document.
        rule: the rule, which is one of its.
        resource_type: the type of what it backs up; None for an unknown one.
    """
    if resource_type not in SCANNED:
        return ()
    roles = {
        setting["MalwareScanner"]: setting["ScannerRoleArn"]
        for setting in documents.complete_to_scan(plan, "ScanSettings")
        if {resource_type, _EVERY_TYPE}.intersection(setting.get("ResourceTypes", ()))
    }
    return tuple(
        {**action, "ScannerRoleArn": roles[action["MalwareScanner"]]}
        for action in documents.complete_to_scan(rule, "ScanActions")
        if action["MalwareScanner"] in roles
    )


def begin(job: Job, point: RecoveryPoint, at: int) -> None:
    """Start the scans of what a plan's rule has backed up.

    Args:
        job: the backup job.
        point: the recovery point that it made, or brought up to date.
        at: when the scans start, in milliseconds.
    """
    done = job.request is not None and job.kept_state == "COMPLETED"
    asked = job.request.scans if job.request and done and not point.is_temporary else ()
    for each in asked:
        _begin(store_of(job), job, point, each, at)


def _begin(store: Store, job: Job, point: RecoveryPoint, asked: Members, at: int) -> None:
    resource = point.members["ResourceArn"]
    base = _base(store, point, at) if asked["ScanMode"] == INCREMENTAL else None
    creator = job.members.get("CreatedBy", {})
    members = {
        **of_point(point),
        **span(store, point, at),
        "CreationDate": at,
        "CreatedBy": {name: creator[name] for name in _CREATOR if name in creator},
        "IamRoleArn": job.members.get("IamRoleArn"),
        "MalwareScanner": asked["MalwareScanner"],
        "ScannerRoleArn": asked["ScannerRoleArn"],
        # What cannot be incremental is a full scan [documented: guide].
        "ScanMode": "FULL_SCAN" if base is None else INCREMENTAL,
        "ScanBaseRecoveryPointArn": None if base is None else base.arn,
    }
    request = JobRequest(
        outcome=starts.chosen_ending(store, "StartScanJob", resource), left=members_from_base(base)
    )
    starts.start(store, [starts.make(SCAN, store.account, members, request)])


def of_point(point: RecoveryPoint) -> dict[str, Any]:
    """Return the members that a scan job has from its recovery point."""
    shown = ("ResourceArn", "ResourceType", "ResourceName")
    return {
        "BackupVaultName": point.vault.name,
        "BackupVaultArn": point.vault.arn,
        "RecoveryPointArn": point.arn,
        **{name: point.members[name] for name in shown if name in point.members},
    }


def span(store: Store, point: RecoveryPoint, until: int) -> dict[str, int]:
    """Return the time that a scan of a continuous backup covers; nothing for other ones.

    It begins where that of the last scan ended, or when the backup began [assumed].

    Args:
        store: the store that the scan lies in.
        point: the recovery point.
        until: the end of the time, in milliseconds.
    """
    if not point.is_continuous:
        return {}
    before = _last(store, RecoveryPointArn=point.arn)
    since = covered_until(before.members) if before else point.members["CreationDate"]
    return {
        "ContinuousScanStartTime": min(since, until),
        "ContinuousScanEndTime": until,
    }


def covered_until(scan: Members) -> int:
    """Return the end of the time that a scan covers; without one, its creation [assumed]."""
    end: int = scan.get("ContinuousScanEndTime", scan["CreationDate"])
    return end


def _last(store: Store, **wanted: str) -> Job | None:
    """Return the newest scan with a result that has the members wanted; None if there is none."""
    asked = criteria({name: same(name) for name in wanted}, wanted)
    found = store.jobs.matching(SCAN, asked)
    return next((each for each in found if each.kept_state in life.SUCCESSFUL), None)


def _base(store: Store, point: RecoveryPoint, at: int) -> RecoveryPoint | None:
    """Return the recovery point on which an incremental scan builds; None for a full scan.

    It is the resource's last one with a result [assumed]; without one, or where that was
    deleted, or scanned more than a year ago, the scan is a full one [documented: guide], and so
    where StartScanJob would refuse that base [assumed].
    """
    last = _last(store, ResourceArn=point.members["ResourceArn"])
    if last is None or at - last.members["CompletionDate"] > _OLDEST_BASE:
        return None
    base = store.vaults.point(last.members["RecoveryPointArn"])
    if base is None or never_incremental(point) or no_base_of(point, base):
        return None
    return base


def never_incremental(point: RecoveryPoint) -> str | None:
    """Return why a recovery point has full scans alone; None where it may have another.

    That is so of EC2 [documented: guide].
    """
    if point.members.get("ResourceType") != "EC2":
        return None
    if point.vault.vault_type == AIR_GAPPED:
        return "it is in a logically air-gapped vault"
    return "it is a copy" if "SourceBackupVaultArn" in point.members else None


def no_base_of(point: RecoveryPoint, base: RecoveryPoint) -> str | None:
    """Return why an incremental scan cannot build on a recovery point; None where it can.

    Its base was made before it [documented: model]; one of the same instant counts as that [the
    choice of the fake: a test's clock may stand].

    Args:
        point: the recovery point to scan.
        base: the one to build on.
    """
    if base is point:
        return "it is the one to scan"
    if base.members.get("ResourceArn") != point.members["ResourceArn"]:
        return f"it is of another resource, {base.members.get('ResourceArn')}"
    if base.members["CreationDate"] > point.members["CreationDate"]:
        return "it is newer than the one to scan"
    return None


def members_from_base(base: RecoveryPoint | None) -> dict[str, Any]:
    """Return the members that an incremental scan has by default from the scan of its base.

    Threats stay found [documented: guide].
    """
    results = () if base is None else base.members.get("ScanResults", ())
    infected = any("MALWARE" in each["Findings"] for each in results)
    return {"ScanResult": {"ScanResultStatus": "THREATS_FOUND"}} if infected else {}
