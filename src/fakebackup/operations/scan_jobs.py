"""Malware scan jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import is_in_fake, once
from fakebackup.answering.jobs import describe_job, list_jobs, summarise
from fakebackup.answering.lookups import (
    check_arn,
    check_role,
    chosen_ending,
    make_job,
    own_vault,
    point_in,
    resource_of,
)
from fakebackup.errors import invalid_parameter, invalid_request
from fakebackup.model.engine import continuous, scans, starts
from fakebackup.model.jobs.filters import EVERY, Dimension, after, before, criteria, inside, same
from fakebackup.model.jobs.kinds import SCAN
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.resources.types import SCANNED
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

FILTERS = {
    "ByBackupVaultName": same("BackupVaultName"),
    "ByCompleteAfter": after("CompletionDate"),
    "ByCompleteBefore": before("CompletionDate"),
    "ByMalwareScanner": same("MalwareScanner"),
    "ByRecoveryPointArn": same("RecoveryPointArn"),
    "ByResourceArn": same("ResourceArn"),
    "ByResourceType": same("ResourceType"),
    "ByScanResultStatus": inside("ScanResult", "ScanResultStatus"),
    "ByState": same("State"),
}

# botocore's enums have no value for a sum over these two, so a summed row leaves them out.
DIMENSIONS = (
    Dimension("ResourceType", "ResourceType"),
    Dimension("State", "State"),
    Dimension("MalwareScanner", "MalwareScanner", marked=False),
    Dimension("ScanResultStatus", "ScanResult.ScanResultStatus", marked=False),
)


@operation("ListScanJobs", items="ScanJobs")
def list_scan_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the scan jobs of the last 30 days, newest first."""
    return list_jobs(caller, asked, SCAN, FILTERS, every_account="*")


@operation("DescribeScanJob")
def describe_scan_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a scan job."""
    return describe_job(caller, asked, SCAN)


@operation(
    "ListScanJobSummaries",
    items="ScanJobSummaries",
    also={"MalwareScanner": EVERY},
)
def list_scan_job_summaries(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count scan jobs."""
    return summarise(caller, asked, SCAN, "ScanJobSummaries", DIMENSIONS)


@operation("StartScanJob")
def start_scan_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start a malware scan of a recovery point."""
    return once(caller, asked, _start, _started, still_exists=is_in_fake)


def _started(job: Job) -> Mapping[str, Any]:
    return {name: job.members[name] for name in ("ScanJobId", "CreationDate")}


def _start(caller: Caller, asked: Mapping[str, Any]) -> Job:
    for role in ("IamRoleArn", "ScannerRoleArn"):
        check_role(asked[role])
    arn = asked["RecoveryPointArn"]
    vault = own_vault(caller, asked["BackupVaultName"], resource=arn)
    point = point_in(vault, arn)
    resource, resource_type = resource_of(point)
    if resource_type not in SCANNED:
        raise invalid_request(
            f"Recovery points of {resource_type} cannot be scanned, only {', '.join(SCANNED)}"
        )
    if point.is_temporary:
        raise invalid_request(
            f"Recovery point {point.arn} cannot be scanned: it is deleted after its copy"
        )
    built_on = _base(asked, vault, point)
    until = _until(asked, point)
    members = {
        **scans.of_point(point),
        **scans.span(caller.store, point, until),
        **{name: asked[name] for name in _ECHOED if name in asked},
    }
    request = JobRequest(
        outcome=chosen_ending(caller, resource), left=scans.members_from_base(built_on)
    )
    job = make_job(caller, SCAN, members, request)
    starts.start(caller.store, [job])
    return job


def _base(asked: Mapping[str, Any], vault: Vault, point: RecoveryPoint) -> RecoveryPoint | None:
    """Return the recovery point on which an incremental scan builds; None for a full scan."""
    arn = asked.get("ScanBaseRecoveryPointArn")
    if (asked["ScanMode"] == scans.INCREMENTAL) != (arn is not None):
        # FULL_SCAN has no base to begin from [assumed].
        raise invalid_parameter(
            "ScanBaseRecoveryPointArn goes with ScanMode INCREMENTAL_SCAN, and only with it"
        )
    if arn is None:
        return None
    why = scans.never_incremental(point)
    if why is not None:
        raise invalid_request(
            f"ScanMode INCREMENTAL_SCAN is not for the EC2 recovery point {point.arn}: {why}"
        )
    base = point_in(vault, arn)
    why = scans.no_base_of(point, base)
    if why is not None:
        raise invalid_parameter(f"ScanBaseRecoveryPointArn {arn} is no base: {why}")
    return base


def _until(asked: Mapping[str, Any], point: RecoveryPoint) -> int:
    """Return the end of the time that a scan of a continuous backup covers, in milliseconds."""
    given = asked.get("ContinuousScanEndTime")
    if not point.is_continuous:
        if given is not None:
            raise invalid_parameter(
                f"ContinuousScanEndTime is given, and {point.arn} is not a continuous backup"
            )
        return clock.now()
    return continuous.end_of_scan(point, None if given is None else given // 1000)


_ECHOED = ("IamRoleArn", "ScannerRoleArn", "MalwareScanner", "ScanMode", "ScanBaseRecoveryPointArn")


@operation("GetPITRMalwareScanResults")
def get_pitr_malware_scan_results(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the result of the last completed scan that covers an instant of a continuous backup.

    A scan covers the time between its ContinuousScanStartTime and its ContinuousScanEndTime;
    without these members, all up to its creation [assumed]. Without a scan that covers the
    instant, the result is UNKNOWN [assumed]; one that the backup does not hold is refused.
    """
    check_arn("RecoveryPointArn", asked["RecoveryPointArn"])
    arn = asked["RecoveryPointArn"]
    point = point_in(own_vault(caller, asked["BackupVaultName"], resource=arn), arn)
    instant = asked["ScanEndTime"] // 1000
    if not point.is_continuous:
        raise invalid_parameter(f"Recovery point {point.arn} is not a continuous backup")
    continuous.check_scanned(point, "ScanEndTime", instant)
    jobs = caller.store.jobs.matching(SCAN, criteria(RESULT_FILTERS, asked))
    found = [job.members for job in jobs if _covers(job.members, instant)]
    if not found:
        return {"ScanEndTime": instant, "ScanResult": {"ScanResultStatus": "UNKNOWN"}}
    last = max(found, key=lambda members: int(members["CompletionDate"]))
    return {
        "ScanEndTime": instant,
        "ScanResult": last["ScanResult"],
        "LastScanJobTime": last["CompletionDate"],
        "ScanId": last.get("ScanId"),
        "ScanMode": last["ScanMode"],
    }


RESULT_FILTERS = {
    "RecoveryPointArn": same("RecoveryPointArn"),
    "MalwareScanner": same("MalwareScanner"),
}


def _covers(scan: Mapping[str, Any], instant: int) -> bool:
    """Return whether a scan ended with a result and covers an instant, in milliseconds."""
    if "CompletionDate" not in scan or "ScanResult" not in scan:
        return False
    first = scan.get("ContinuousScanStartTime", instant)
    return bool(first <= instant <= scans.covered_until(scan))
