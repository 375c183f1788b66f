"""Report jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model import dates
from fakebackup.model.filters import after, before, report_plan, same
from fakebackup.model.jobs import Started
from fakebackup.model.kinds import REPORT
from fakebackup.operations import operation
from fakebackup.operations.holding import find, once
from fakebackup.operations.jobs import describe_job, list_jobs
from fakebackup.operations.report_plans import NOUN
from fakebackup.operations.starting import chosen, make

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller
    from fakebackup.model.holdings import Holding
    from fakebackup.model.jobs import Job

FILTERS = {
    "ByReportPlanName": report_plan("ReportPlanArn"),
    "ByCreationBefore": before("CreationTime"),
    "ByCreationAfter": after("CreationTime"),
    "ByStatus": same("Status"),
}


@operation("ListReportJobs", items="ReportJobs", documented={"ByStatus": REPORT.states})
def list_report_jobs(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List report jobs, newest first."""
    return list_jobs(caller, asked, REPORT, FILTERS)


@operation("DescribeReportJob")
def describe_report_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a report job."""
    return describe_job(caller, asked, REPORT)


@operation("StartReportJob")
def start_report_job(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start a job of a report plan."""
    return {"ReportJobId": once(caller, asked, _start).id}


def _start(caller: Caller, asked: Mapping[str, Any]) -> Job:
    plan = find(caller, NOUN, asked["ReportPlanName"])
    told = {
        "ReportPlanArn": plan.arn,
        "ReportTemplate": plan.members["ReportSetting"]["ReportTemplate"],
    }
    left = {"ReportDestination": _destination(caller, plan)}
    started = Started(by_client=True, outcome=chosen(caller, plan.arn), left=left)
    job = make(caller, REPORT, told, started)
    caller.organization.start([job], caller.account, caller.region)
    return job


def _destination(caller: Caller, plan: Holding) -> dict[str, Any]:
    """Return where a report goes that is begun now: the path is the model's [documented].

    The report itself is called as its plan, and by its format [assumed].
    """
    channel = plan.members["ReportDeliveryChannel"]
    day = dates.written(clock.now())[: len("yyyy-mm-dd")].replace("-", "/")
    path = f"Backup/{caller.region}/{day}/{plan.key}"
    if channel.get("S3KeyPrefix"):
        path = f"{channel['S3KeyPrefix'].rstrip('/')}/{path}"
    keys = [f"{path}.{each.lower()}" for each in channel["Formats"]]
    return {"S3BucketName": channel["S3BucketName"], "S3Keys": keys}
