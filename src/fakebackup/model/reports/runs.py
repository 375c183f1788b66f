"""Start the jobs of report plans: for StartReportJob, and daily by the clock."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model.engine import starts
from fakebackup.model.engine.runs import check_step, goes_on
from fakebackup.model.jobs.kinds import REPORT
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.reports.period import Period, seconds
from fakebackup.model.reports.report import Report
from fakebackup.model.stores.clockwork import by_schedule
from fakebackup.model.stores.entries import REPORT_PLAN, REPORT_PLAN_DEFAULTS

if TYPE_CHECKING:
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store


def start(store: Store, plan: Entry, period: Period, at: int) -> Job:
    """Start a report job, and return it.

    Args:
        store: the store that the plan lies in.
        plan: the entry of the report plan.
        period: the time that the report is about.
        at: when the job starts, in milliseconds.
    """
    channel, setting = _with_defaults(plan)
    members = {
        "ReportPlanArn": plan.arn,
        "ReportTemplate": setting["ReportTemplate"],
        "CreationTime": at,
    }
    request = JobRequest(
        outcome=starts.chosen_ending(store, "StartReportJob", plan.arn),
        left={"ReportDestination": _destination(store, plan, period, at)},
        then=Report(store.home, setting, channel["Formats"], period),
    )
    job = starts.make(REPORT, store.account, members, request)
    starts.start(store, [job])
    return job


def _with_defaults(plan: Entry) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the delivery channel and the setting of a plan, with what a recorded one lacks."""
    channel, setting = (
        {**REPORT_PLAN_DEFAULTS[name], **plan.members.get(name, {})}
        for name in ("ReportDeliveryChannel", "ReportSetting")
    )
    return channel, setting


def _destination(store: Store, plan: Entry, period: Period, at: int) -> dict[str, Any]:
    """Return the ReportDestination of a report: its files as they were seen in buckets.

    [recorded: one key of CSV; reported: one of JSON, with a number of the part; that it is the
    format which makes the difference assumed]
    """
    channel, setting = _with_defaults(plan)
    day = seconds(at)[: len("yyyy-mm-dd")].replace("-", "/")
    name = "_".join((setting["ReportTemplate"], plan.key, *period.written))
    path = f"Backup/{store.account}/{store.region}/{day}/{plan.key}/{name}"
    if channel.get("S3KeyPrefix"):
        path = f"{channel['S3KeyPrefix'].rstrip('/')}/{path}"
    keys = [f"{path}{_ENDINGS[each]}" for each in channel["Formats"]]
    return {"S3BucketName": channel["S3BucketName"], "S3Keys": keys}


_ENDINGS = {"CSV": ".csv", "JSON": "_1.json"}


# --- By the clock ---------------------------------------------------------------------------


def schedule_next(store: Store, plan: Entry, now: int) -> None:
    """Schedule the daily report of a plan under the option `progress="clock"`.

    It is made between 01:00 and 05:00 UTC [documented: guide]; each plan has a minute of its own,
    which follows from its ARN [assumed: AWS draws one].

    Args:
        store: the store that the plan lies in.
        plan: the entry of the report plan.
        now: the instant after which it is made, in milliseconds.
    """
    if store.options.progress != "clock":
        return
    digest = hashlib.sha256(plan.arn.encode()).hexdigest()
    minute = int(digest, 16) % (4 * 60)
    following = clock.last_midnight(now) + clock.HOUR + minute * clock.MINUTE
    if following <= now:
        following += clock.DAY
    act = functools.partial(run_due, store, plan)
    store.organization.clockwork.schedule(following, act)


def _is_current(store: Store, plan: Entry) -> bool:
    return store.entries(REPORT_PLAN).get(plan.key) is plan


@by_schedule(_is_current)
def run_due(store: Store, plan: Entry, at: int) -> None:
    """Start the daily report of a plan, if it still exists; schedule the next one.

    Raises:
        FakeBackupError: as for `check_step`; it stays due.
    """
    if not _is_current(store, plan):
        return
    clockwork = store.organization.clockwork
    check_step(
        clockwork,
        what=f"of the report plan {plan.key!r}",
        otherwise="reports are made by StartReportJob",
    )
    clockwork.ran += 2
    with goes_on(clockwork, functools.partial(schedule_next, store, plan, at)):
        start(store, plan, Period.daily(at), at)
