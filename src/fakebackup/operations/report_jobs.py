"""Report jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import find, is_in_fake, once
from fakebackup.answering.jobs import describe_job, list_jobs
from fakebackup.answering.lookups import chosen_ending, make_job
from fakebackup.model.engine import starts
from fakebackup.model.jobs.filters import after, before, report_plan, same
from fakebackup.model.jobs.job import JobRequest
from fakebackup.model.jobs.kinds import REPORT
from fakebackup.model.shapes import dates
from fakebackup.operations import operation
from fakebackup.operations.report_plans import NOUN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.entries import Entry

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
    return once(caller, asked, _start, _started, still_exists=is_in_fake)


def _started(job: Job) -> Mapping[str, Any]:
    return {"ReportJobId": job.id}


def _start(caller: Caller, asked: Mapping[str, Any]) -> Job:
    plan = find(caller, NOUN, asked["ReportPlanName"])
    members = {
        "ReportPlanArn": plan.arn,
        "ReportTemplate": plan.members["ReportSetting"]["ReportTemplate"],
    }
    left = {"ReportDestination": _destination(caller, plan)}
    request = JobRequest(outcome=chosen_ending(caller, plan.arn), left=left)
    job = make_job(caller, REPORT, members, request)
    starts.start(caller.store, [job])
    return job


def _destination(caller: Caller, plan: Entry) -> dict[str, Any]:
    """Return the ReportDestination of a report started now: the path is the model's [documented].

    The file has the name of the report plan, and its format as suffix [assumed].
    """
    channel = plan.members["ReportDeliveryChannel"]
    day = dates.written(clock.now())[: len("yyyy-mm-dd")].replace("-", "/")
    path = f"Backup/{caller.region}/{day}/{plan.key}"
    if channel.get("S3KeyPrefix"):
        path = f"{channel['S3KeyPrefix'].rstrip('/')}/{path}"
    keys = [f"{path}.{each.lower()}" for each in channel["Formats"]]
    return {"S3BucketName": channel["S3BucketName"], "S3Keys": keys}
