"""AWS Backup's lists and summaries once more, naively: what the tests compare the fake with.

Nothing here calls the library's filters, pages or summaries. Rules and their sources are those
of AWS's documentation; every one is written as a plain comparison of what a job shows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.botocore_model import model
from support.constants import ACCOUNT, DAY, MIDNIGHT, NOW, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from fakebackup import Job


def same(member: str) -> Filter:
    """A job's member equals the parameter."""
    return Filter(lambda job: job.get(member), lambda value, wanted: value == wanted)


def before(member: str) -> Filter:
    """A job's date is before the parameter; without the date it never is."""
    return Filter(
        lambda job: job.get(member), lambda value, wanted: value is not None and value < wanted
    )


def after(member: str) -> Filter:
    """A job's date is after the parameter; without the date it never is."""
    return Filter(
        lambda job: job.get(member), lambda value, wanted: value is not None and value > wanted
    )


def nested(member: str, inner: str) -> Filter:
    """A member of a job's structure equals the parameter."""
    return Filter(lambda job: job.get(member, {}).get(inner), lambda value, wanted: value == wanted)


@dataclass(frozen=True)
class Filter:
    """What a parameter looks at, and when it selects a job."""

    read: Callable[[Job], Any]
    selects: Callable[[Any, Any], bool]


CATEGORY = Filter(
    lambda job: job.get("MessageCategory"),
    lambda value, wanted: (
        wanted in ("ANY", "*", "()", "AGGREGATE_ALL")
        or (value is not None and value.lower() == wanted.lower())
    ),
)
RESTORED = Filter(
    # As it is kept: clients of an older botocore do not see the member.
    lambda job: job.members.get("SourceResourceArn"),
    lambda value, wanted: value == wanted,
)
REPORT_PLAN = Filter(
    # arn:aws:backup:region:account:report-plan:name-uuid
    lambda job: job["ReportPlanArn"].split(":")[6].split("-")[0],
    lambda value, wanted: value == wanted,
)


@dataclass(frozen=True)
class Listing:
    """A list operation, by what AWS documents of it."""

    operation: str
    kind: str
    items: str
    id: str
    state: str = "State"
    created: str = "CreationDate"
    completed: str = "CompletionDate"
    filters: Mapping[str, Filter] = field(default_factory=dict)
    last_30_days: bool = False
    ended_in_30_days: bool = False
    star: bool = False

    @property
    def item(self) -> Any:
        """The shape of an item."""
        output: Any = model().operation_model(self.operation).output_shape
        return output.members[self.items].member

    def shown(self, job: Job) -> dict[str, Any]:
        """A job as the list shows it."""
        return {name: job[name] for name in self.item.members if name in job}


_CREATED = {"ByCreatedBefore": before("CreationDate"), "ByCreatedAfter": after("CreationDate")}
_COMPLETED = {
    "ByCompleteBefore": before("CompletionDate"),
    "ByCompleteAfter": after("CompletionDate"),
}

LISTINGS = {
    each.operation: each
    for each in (
        Listing(
            operation="ListBackupJobs",
            kind="backup_job",
            items="BackupJobs",
            id="BackupJobId",
            last_30_days=True,
            star=True,
            filters={
                **_CREATED,
                **_COMPLETED,
                "ByResourceArn": same("ResourceArn"),
                "ByState": same("State"),
                "ByBackupVaultName": same("BackupVaultName"),
                "ByResourceType": same("ResourceType"),
                "ByParentJobId": same("ParentJobId"),
                "ByMessageCategory": CATEGORY,
            },
        ),
        Listing(
            operation="ListCopyJobs",
            kind="copy_job",
            items="CopyJobs",
            id="CopyJobId",
            ended_in_30_days=True,
            filters={
                **_CREATED,
                **_COMPLETED,
                "ByResourceArn": same("ResourceArn"),
                "ByState": same("State"),
                "ByResourceType": same("ResourceType"),
                "ByDestinationVaultArn": same("DestinationBackupVaultArn"),
                "ByParentJobId": same("ParentJobId"),
                "ByMessageCategory": CATEGORY,
                "BySourceRecoveryPointArn": same("SourceRecoveryPointArn"),
            },
        ),
        Listing(
            operation="ListRestoreJobs",
            kind="restore_job",
            items="RestoreJobs",
            id="RestoreJobId",
            state="Status",
            filters={
                **_CREATED,
                **_COMPLETED,
                "ByResourceType": same("ResourceType"),
                "ByStatus": same("Status"),
                "ByRestoreTestingPlanArn": nested("CreatedBy", "RestoreTestingPlanArn"),
                "ByParentJobId": same("ParentJobId"),
            },
        ),
        Listing(
            operation="ListRestoreJobsByProtectedResource",
            kind="restore_job",
            items="RestoreJobs",
            id="RestoreJobId",
            state="Status",
            filters={
                "ResourceArn": RESTORED,
                "ByStatus": same("Status"),
                "ByRecoveryPointCreationDateBefore": before("RecoveryPointCreationDate"),
                "ByRecoveryPointCreationDateAfter": after("RecoveryPointCreationDate"),
            },
        ),
        Listing(
            operation="ListScanJobs",
            kind="scan_job",
            items="ScanJobs",
            id="ScanJobId",
            last_30_days=True,
            star=True,
            filters={
                **_COMPLETED,
                "ByBackupVaultName": same("BackupVaultName"),
                "ByMalwareScanner": same("MalwareScanner"),
                "ByRecoveryPointArn": same("RecoveryPointArn"),
                "ByResourceArn": same("ResourceArn"),
                "ByResourceType": same("ResourceType"),
                "ByScanResultStatus": nested("ScanResult", "ScanResultStatus"),
                "ByState": same("State"),
            },
        ),
        Listing(
            operation="ListReportJobs",
            kind="report_job",
            items="ReportJobs",
            id="ReportJobId",
            state="Status",
            created="CreationTime",
            completed="CompletionTime",
            filters={
                "ByReportPlanName": REPORT_PLAN,
                "ByCreationBefore": before("CreationTime"),
                "ByCreationAfter": after("CreationTime"),
                "ByStatus": same("Status"),
            },
        ),
    )
}


@dataclass(frozen=True)
class Caller:
    """Who asks, where, and what the fake was told."""

    account: str = ACCOUNT
    manager: bool = True
    region: str = REGION
    count_today: bool = True
    summed_as: str | None = "AGGREGATE_ALL"


def listed(
    listing: Listing, jobs: Iterable[Job], asked: Mapping[str, Any], caller: Caller
) -> list[Job]:
    """The jobs that a list gives, in its order."""
    who = asked.get("ByAccountId", caller.account)

    def visible(owner: str) -> bool:
        if who == "*":
            return caller.manager or owner == caller.account
        return bool(owner == who) and (caller.manager or who == caller.account)

    found = [
        job
        for job in jobs
        if job.region == caller.region
        and visible(job.account)
        and (not listing.last_30_days or job[listing.created] >= NOW - 30 * DAY)
        and (not listing.ended_in_30_days or job.get(listing.completed, NOW) >= NOW - 30 * DAY)
        and all(
            filter_.selects(filter_.read(job), asked[name])
            for name, filter_ in listing.filters.items()
            if name in asked
        )
    ]
    found.sort(key=lambda job: job.id)
    found.sort(key=lambda job: job[listing.created], reverse=True)
    return found


@dataclass(frozen=True)
class Summary:
    """A summary operation, by what AWS documents of it."""

    operation: str
    listing: Listing
    items: str
    counted: Mapping[str, Filter]
    unmarked: frozenset[str] = frozenset()


_ANY_CASE = Filter(
    lambda job: job.get("MessageCategory"),
    lambda value, wanted: value is not None and value.lower() == wanted.lower(),
)

SUMMARIES = {
    each.operation: each
    for each in (
        Summary(
            operation="ListBackupJobSummaries",
            listing=LISTINGS["ListBackupJobs"],
            items="BackupJobSummaries",
            counted={
                "ResourceType": same("ResourceType"),
                "State": same("State"),
                "MessageCategory": _ANY_CASE,
            },
        ),
        Summary(
            operation="ListCopyJobSummaries",
            listing=LISTINGS["ListCopyJobs"],
            items="CopyJobSummaries",
            counted={
                "ResourceType": same("ResourceType"),
                "State": same("State"),
                "MessageCategory": _ANY_CASE,
            },
        ),
        Summary(
            operation="ListRestoreJobSummaries",
            listing=LISTINGS["ListRestoreJobs"],
            items="RestoreJobSummaries",
            counted={"ResourceType": same("ResourceType"), "State": same("Status")},
        ),
        Summary(
            operation="ListScanJobSummaries",
            listing=LISTINGS["ListScanJobs"],
            items="ScanJobSummaries",
            counted={
                "ResourceType": same("ResourceType"),
                "State": same("State"),
                "MalwareScanner": same("MalwareScanner"),
                "ScanResultStatus": nested("ScanResult", "ScanResultStatus"),
            },
            unmarked=frozenset({"MalwareScanner", "ScanResultStatus"}),
        ),
    )
}


def windows(period: str, *, count_today: bool = True) -> list[tuple[datetime, datetime]]:
    """The windows of an aggregation period, the latest first."""
    end = MIDNIGHT + DAY if count_today else MIDNIGHT
    if period == "ONE_DAY":
        return [(end - (back + 1) * DAY, end - back * DAY) for back in range(14)]
    return [(end - {"SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}[period] * DAY, end)]


def counted(
    summary: Summary, jobs: Iterable[Job], asked: Mapping[str, Any], caller: Caller
) -> list[dict[str, Any]]:
    """The rows that a summary gives, in their order."""
    tally: Counter[tuple[Any, ...]] = Counter()
    period = asked.get("AggregationPeriod", "FOURTEEN_DAYS")
    for start, end in windows(period, count_today=caller.count_today):
        for job in jobs:
            if job.region == caller.region and start <= job[summary.listing.created] < end:
                under = _counted_under(summary, job, asked, caller)
                if under is not None:
                    tally[start, end, under] += 1
    rows = []
    for (start, end, under), count in tally.items():
        row = {"Region": caller.region, "Count": count, "StartTime": start, "EndTime": end}
        for name, value in zip(("AccountId", *summary.counted), under, strict=True):
            marker = None if name in summary.unmarked else caller.summed_as
            told = marker if value is SUMMED else value
            if told is not None:
                row[name] = told
        rows.append(row)
    order = ("AccountId", *summary.counted)
    rows.sort(key=lambda row: [row.get(name, "") for name in order])
    rows.sort(key=lambda row: row["StartTime"], reverse=True)
    return rows


SUMMED = object()


def _counted_under(
    summary: Summary, job: Job, asked: Mapping[str, Any], caller: Caller
) -> tuple[Any, ...] | None:
    """Under which account and values a job is counted, if it is."""
    who = asked.get("AccountId", caller.account) if caller.manager else caller.account
    if who not in ("ANY", "AGGREGATE_ALL", job.account):
        return None
    under: list[Any] = [SUMMED if who == "AGGREGATE_ALL" else job.account]
    for name, filter_ in summary.counted.items():
        wanted, value = asked.get(name, "AGGREGATE_ALL"), filter_.read(job)
        if wanted == "AGGREGATE_ALL":
            under.append(SUMMED)
        elif wanted == "ANY" or filter_.selects(value, wanted):
            under.append(value)
        else:
            return None
    return tuple(under)
