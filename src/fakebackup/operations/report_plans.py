"""Report plans of AWS Backup Audit Manager; `report_jobs` starts their jobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup.answering.entries import (
    check_new,
    create,
    delete,
    exists,
    find,
    new_place,
    once,
    page_of_entries,
)
from fakebackup.errors import AwsError, invalid_parameter, missing_parameter
from fakebackup.known_errors import REPORT_OF_FRAMEWORKS_AND_ACCOUNTS
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import REPORT
from fakebackup.model.quotas import NUMBERS, check
from fakebackup.model.resources.arns import FRAMEWORK_ARN
from fakebackup.model.stores.entries import REPORT_PLAN, REPORT_PLAN_DEFAULTS, Entry
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.organization import Store

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

NOUN = REPORT_PLAN

COMPLIANCE = ("RESOURCE_COMPLIANCE_REPORT", "CONTROL_COMPLIANCE_REPORT")
TEMPLATES = (
    *COMPLIANCE,
    "BACKUP_JOB_REPORT",
    "COPY_JOB_REPORT",
    "RESTORE_JOB_REPORT",
    "SCAN_JOB_REPORT",
)
FORMATS = ("CSV", "JSON")

_ACCOUNT = r"\d{12}|ROOT"
_GIVEN = ("ReportPlanDescription", "ReportDeliveryChannel", "ReportSetting")


@operation("CreateReportPlan")
def create_report_plan(caller: Caller, asked: Asked) -> Answer:
    """Create a report plan, deployed at once [assumed]."""
    return once(caller, asked, _create, _named, still_exists=exists(caller, NOUN))


def _create(caller: Caller, asked: Asked) -> Entry:
    name, tags = asked["ReportPlanName"], asked.get("ReportPlanTags")
    settings = read(asked, caller.options.quotas)
    check_new(caller, NOUN, name, tags=tags, quota="report_plans")
    place = new_place(caller)
    arn = place.arn(f"arn:{{p}}:backup:{{r}}:{{a}}:report-plan:{name}-{{uuid}}")
    members = {
        "ReportPlanArn": arn,
        "ReportPlanName": name,
        **settings,
        "DeploymentStatus": "COMPLETED",
        "CreationTime": place.created,
    }
    plan = create(caller, NOUN, Entry(name, arn, place.number, members), tags=tags)
    if caller.options.progress == "clock":
        from fakebackup.model.reports import runs

        runs.schedule_next(caller.store, plan, place.now)
    return plan


@operation("DescribeReportPlan")
def describe_report_plan(caller: Caller, asked: Asked) -> Answer:
    """Describe a report plan."""
    return {"ReportPlan": shown(caller.store, find(caller, NOUN, asked["ReportPlanName"]))}


def shown(store: Store, plan: Entry) -> dict[str, Any]:
    """Return the members of a report plan, with the times of its jobs."""
    return {**plan.members, **_executions(store).get(plan.arn, {})}


@operation("UpdateReportPlan")
def update_report_plan(caller: Caller, asked: Asked) -> Answer:
    """Update the members of a report plan that are given; the rest stays [assumed].

    A token counts within its report plan [assumed].
    """
    still_exists, name = exists(caller, NOUN), asked["ReportPlanName"]
    return once(caller, asked, _update, _named, still_exists=still_exists, within=name)


def _update(caller: Caller, asked: Asked) -> Entry:
    plan = find(caller, NOUN, asked["ReportPlanName"])
    settings = read({**REPORT_PLAN_DEFAULTS, **plan.members, **asked}, caller.options.quotas)
    _check_at_rest(caller, plan)
    plan.members = {**plan.members, **settings}
    return plan


@operation("DeleteReportPlan")
def delete_report_plan(caller: Caller, asked: Asked) -> Answer:
    """Delete a report plan; its jobs stay [assumed]."""
    plan = find(caller, NOUN, asked["ReportPlanName"])
    _check_at_rest(caller, plan)
    delete(caller, NOUN, plan)
    return {}


@operation("ListReportPlans", items="ReportPlans")
def list_report_plans(caller: Caller, asked: Asked) -> Answer:
    """List the report plans of the account and Region, the oldest first [assumed]."""
    page, more = page_of_entries(caller, asked, NOUN)
    executions = _executions(caller.store)
    listed = [{**plan.members, **executions.get(plan.arn, {})} for plan in page]
    return {"ReportPlans": listed, **more}


def _named(plan: Entry) -> dict[str, Any]:
    members = ("ReportPlanName", "ReportPlanArn", "CreationTime")
    return {member: plan.members.get(member) for member in members}


# --- The settings of a report plan --------------------------------------------------------


def read(asked: Asked, quotas: Mapping[str, int] = NUMBERS) -> dict[str, Any]:
    """Return the settings of a report plan, checked and with AWS's defaults.

    Raises:
        AwsError: InvalidParameterValueException, MissingParameterValueException,
            LimitExceededException.
    """
    channel, setting = asked["ReportDeliveryChannel"], asked["ReportSetting"]
    if not channel["S3BucketName"]:
        raise missing_parameter("ReportDeliveryChannel.S3BucketName is missing")
    formats = channel.get("Formats") or REPORT_PLAN_DEFAULTS["ReportDeliveryChannel"]["Formats"]
    strange = [each for each in formats if each not in FORMATS]
    if strange:
        raise invalid_parameter(f"Format {strange[0]!r} is not one of {', '.join(FORMATS)}")
    _check_setting(setting, quotas)
    # Reports of several accounts or Regions are CSV only [documented: guide].
    regions = setting.get("Regions", ())
    several = setting.get("Accounts") or setting.get("OrganizationUnits")
    if "JSON" in formats and (several or len(regions) > 1 or "*" in regions):
        raise invalid_parameter(
            "A report of several accounts or Regions can be delivered as CSV only"
        )
    given = {name: asked[name] for name in _GIVEN if name in asked}
    return {**given, "ReportDeliveryChannel": {**channel, "Formats": formats}}


def _check_setting(setting: Mapping[str, Any], quotas: Mapping[str, int]) -> None:
    template, frameworks = setting["ReportTemplate"], setting.get("FrameworkArns", [])
    if template not in TEMPLATES:
        raise invalid_parameter(f"ReportTemplate {template!r} is not one of {', '.join(TEMPLATES)}")
    # Frameworks go with reports on compliance only [documented: guide].
    if template not in COMPLIANCE and (frameworks or setting.get("NumberOfFrameworks")):
        raise invalid_parameter(f"A {template} does not cover frameworks")
    several = ("Accounts", "OrganizationUnits", "Regions")
    if frameworks and any(setting.get(name) for name in several):
        raise REPORT_OF_FRAMEWORKS_AND_ACCOUNTS.error()
    number = max(setting.get("NumberOfFrameworks", 0), len(frameworks))
    if setting.get("NumberOfFrameworks", 0) < 0:
        raise invalid_parameter("NumberOfFrameworks is negative")
    check(quotas, "frameworks_per_report_plan", number)
    for name, values, form in (
        ("FrameworkArns", frameworks, FRAMEWORK_ARN),
        ("Accounts", setting.get("Accounts", []), _ACCOUNT),
    ):
        for value in values:
            if not re.fullmatch(form, value):
                raise invalid_parameter(f"ReportSetting.{name} {value!r} is not valid")


# --- The jobs of a report plan ------------------------------------------------------------


def _jobs(store: Store) -> Iterator[Job]:
    return store.jobs.matching(REPORT)


def _executions(store: Store) -> dict[str, dict[str, int]]:
    """Return the times of the last attempt and the last success of each plan, by its ARN.

    An attempt counts at its job's creation, a success at its completion; a job that completed
    with issues is a success [assumed]. Times are in milliseconds.
    """
    found: dict[str, dict[str, int]] = {}
    for job in _jobs(store):
        dates = found.setdefault(job.members.get("ReportPlanArn", ""), {})
        dates.setdefault("LastAttemptedExecutionTime", job.members["CreationTime"])
        if job.kept_state in life.SUCCESSFUL and "CompletionTime" in job.members:
            completed, member = job.members["CompletionTime"], "LastSuccessfulExecutionTime"
            dates[member] = max(completed, dates.get(member, completed))
    return found


def _check_at_rest(caller: Caller, plan: Entry) -> None:
    """Refuse to change a report plan while a job of it runs [assumed].

    Raises:
        AwsError: ConflictException.
    """
    for job in _jobs(caller.store):
        its, state = job.members.get("ReportPlanArn") == plan.arn, job.kept_state
        if its and not life.is_final(REPORT, state):
            raise AwsError(
                "ConflictException", f"Report job {job.id} of {NOUN} {plan.key} is {state}"
            )
