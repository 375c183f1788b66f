"""Report jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.filters import after, before, report_plan, same
from fakebackup.model.kinds import REPORT
from fakebackup.operations import operation
from fakebackup.operations.jobs import describe_job, list_jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller

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
