"""Report jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import find, is_in_fake, once
from fakebackup.answering.jobs import describe_job, list_jobs
from fakebackup.model.jobs.filters import after, before, report_plan, same
from fakebackup.model.jobs.kinds import REPORT
from fakebackup.operations import operation
from fakebackup.operations.report_plans import NOUN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Job

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
    from fakebackup.model.reports import runs
    from fakebackup.model.reports.period import Period

    plan, at = find(caller, NOUN, asked["ReportPlanName"]), clock.now()
    return runs.start(caller.store, plan, Period.on_demand(at), at)
