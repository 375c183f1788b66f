"""The rows of frameworks and report plans of AWS Backup Audit Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model.stores.entries import REPORT_PLAN_DEFAULTS
from fakebackup.nouns.forms import check_name, form, numbered
from fakebackup.nouns.noun import EntrySchema, Noun
from fakebackup.operations import frameworks, report_plans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Place
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]
    Changes = dict[str, Any]


def _framework_defaults(place: Place, store: Store, given: Changes) -> Changes:
    name = given.get("FrameworkName") or numbered(store, frameworks.NOUN, "framework_")
    return {
        "FrameworkName": name,
        "FrameworkArn": place.arn("arn:{p}:backup:{r}:{a}:framework:{name}-{uuid}", name=name),
        "FrameworkControls": [{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}],
        "CreationTime": place.created,
        "DeploymentStatus": "COMPLETED",
        "FrameworkStatus": "ACTIVE",
    }


def _check_framework(_store: Store, members: Changes) -> Changes:
    check_name("FrameworkName", members)
    frameworks.check_controls(members["FrameworkControls"])
    return members


def _complete_framework(members: Changes) -> Changes:
    controls = members.get("FrameworkControls")
    return members if controls is None else {**members, "NumberOfControls": len(controls)}


FRAMEWORK = Noun(
    name=frameworks.NOUN,
    schema=EntrySchema(
        name="framework",
        described="DescribeFrameworkOutput",
        item="Framework",
        typed="FrameworkMembers",
        needed=(
            "FrameworkName",
            "FrameworkArn",
            "FrameworkControls",
            "CreationTime",
            "DeploymentStatus",
        ),
    ),
    describe="DescribeFramework",
    lists=(("ListFrameworks", "Frameworks"),),
    key="FrameworkName",
    arn="FrameworkArn",
    form=form("framework:"),
    name_of_arn=True,
    created="CreationTime",
    defaults=_framework_defaults,
    check=_check_framework,
    complete=_complete_framework,
)


def _report_plan_defaults(place: Place, store: Store, given: Changes) -> Changes:
    name = given.get("ReportPlanName") or numbered(store, report_plans.NOUN, "report_plan_")
    return {
        "ReportPlanArn": place.arn("arn:{p}:backup:{r}:{a}:report-plan:{name}-{uuid}", name=name),
        "ReportPlanName": name,
        **REPORT_PLAN_DEFAULTS,
        "DeploymentStatus": "COMPLETED",
        "CreationTime": place.created,
    }


def _check_report_plan(_store: Store, members: Changes) -> Changes:
    check_name("ReportPlanName", members)
    return {**members, **report_plans.read(members)}


def _schedule_report(store: Store, plan: Entry, before: Members | None) -> None:
    if before is None and store.options.progress == "clock":
        from fakebackup.model.reports import runs  # late: few report by the clock

        runs.schedule_next(store, plan, clock.now())


REPORT_PLAN = Noun(
    name=report_plans.NOUN,
    schema=EntrySchema(
        name="report plan",
        described="DescribeReportPlanOutput",
        item="ReportPlan",
        typed="ReportPlanMembers",
        wrapped="ReportPlan",
        needed=(
            "ReportPlanArn",
            "ReportPlanName",
            "ReportSetting",
            "ReportDeliveryChannel",
            "CreationTime",
        ),
    ),
    describe="DescribeReportPlan",
    lists=(("ListReportPlans", "ReportPlans"),),
    key="ReportPlanName",
    arn="ReportPlanArn",
    form=form("report-plan:"),
    name_of_arn=True,
    created="CreationTime",
    defaults=_report_plan_defaults,
    check=_check_report_plan,
    seeded=_schedule_report,
    show=report_plans.shown,
)
