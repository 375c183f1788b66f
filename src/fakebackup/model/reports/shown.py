"""The reports of a fake as users look at them: files by S3 key, per report job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fakebackup.model.reports.report import Report

if TYPE_CHECKING:
    from fakebackup.model.jobs.job import Job


class Reports(Mapping[str, "dict[str, str]"]):
    """The reports of one account and Region by the id of their job, newest first.

    Each is a dict of the texts of its files by S3 key, those of the job's ReportDestination.
    """

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        """View the reports of report jobs; users read `FakeBackup.reports`."""
        self._jobs = jobs

    def __getitem__(self, job_id: str) -> dict[str, str]:
        job = self._jobs[job_id]
        report = _report_of(job)
        if report is None:
            why = "it was seeded, and reports are made for jobs of StartReportJob and of the clock"
        elif not report.is_made:
            why = f"it is {job.state}, and a report is made when its job completes"
        else:
            return report.files(job.members.get("ReportDestination", {}).get("S3Keys", ()))
        msg = f"report job {job_id} has no report: {why}"
        raise KeyError(msg)

    def __iter__(self) -> Iterator[str]:
        return (job_id for job_id, job in self._jobs.items() if _is_made(job))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle them as a dict, as they are now."""
        return dict, (dict(self),)

    def __repr__(self) -> str:
        return f"<reports of {', '.join(self) or 'no job'}>"


def _report_of(job: Job) -> Report | None:
    then = None if job.request is None else job.request.then
    return then if isinstance(then, Report) else None


def _is_made(job: Job) -> bool:
    report = _report_of(job)
    return report is not None and report.is_made
