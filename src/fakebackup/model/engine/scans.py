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
        for setting in plan.get("ScanSettings", ())
        if {resource_type, _EVERY_TYPE}.intersection(setting.get("ResourceTypes", ()))
    }
    return tuple(
        {**action, "ScannerRoleArn": roles[action["MalwareScanner"]]}
        for action in rule.get("ScanActions", ())
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
    # What is deleted soon is not scanned [documented: guide].
    asked = job.request.scans if job.request and done and not job.request.temporary else ()
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

    It begins where the last scan ended, or when the backup began [assumed].

    Args:
        store: the store that the scan lies in.
        point: the recovery point.
        until: the end of the time, in milliseconds.
    """
    if not point.is_continuous:
        return {}
    before = _last(store, RecoveryPointArn=point.arn)
    since = before.members["CompletionDate"] if before else point.members["CreationDate"]
    return {
        "ContinuousScanStartTime": min(since, until),
        "ContinuousScanEndTime": until,
    }


def _last(store: Store, **wanted: str) -> Job | None:
    """Return the newest scan with a result that has the members wanted; None if there is none."""
    asked = criteria({name: same(name) for name in wanted}, wanted)
    found = store.jobs.matching(SCAN, asked)
    return next((each for each in found if each.kept_state in life.SUCCESSFUL), None)


def _base(store: Store, point: RecoveryPoint, at: int) -> RecoveryPoint | None:
    """Return the recovery point on which an incremental scan builds; None for a full scan.

    It is the resource's last one with a result [assumed]; without one, or where that was
    deleted, or scanned more than a year ago, the scan is a full one [documented: guide].
    """
    last = _last(store, ResourceArn=point.members["ResourceArn"])
    if last is None or at - last.members["CompletionDate"] > _OLDEST_BASE:
        return None
    return store.vaults.point(last.members["RecoveryPointArn"])


def members_from_base(base: RecoveryPoint | None) -> dict[str, Any]:
    """Return the members that an incremental scan has by default from the scan of its base.

    Threats stay found [documented: guide].
    """
    results = () if base is None else base.members.get("ScanResults", ())
    infected = any("MALWARE" in each["Findings"] for each in results)
    return {"ScanResult": {"ScanResultStatus": "THREATS_FOUND"}} if infected else {}
