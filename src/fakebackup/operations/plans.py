"""Backup plans, their versions, and the templates that plans are made from."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.answering.entries import (
    already_exists,
    check_request_id,
    create,
    delete,
    exists,
    members_of,
    once,
)
from fakebackup.answering.lookups import find_plan
from fakebackup.answering.pages import page_of
from fakebackup.answering.service_owned import check_plan, check_vaults
from fakebackup.errors import invalid_parameter, invalid_request, not_found
from fakebackup.known_errors import NO_PLAN, PLAN_EXISTS, PLAN_HAS_SELECTIONS
from fakebackup.model.engine import runs
from fakebackup.model.events import others as events
from fakebackup.model.plans import documents as plans
from fakebackup.model.plans.documents import DELETED_PLAN, PLAN, SELECTION
from fakebackup.model.shapes.json_text import parse_json
from fakebackup.model.shapes.requests import asked_value
from fakebackup.model.stores.entries import Entry
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_LONGEST_VERSION = 1024


# --- Plans --------------------------------------------------------------------------------


@operation("CreateBackupPlan")
def create_backup_plan(caller: Caller, asked: Asked) -> Answer:
    """Create a backup plan; the same CreatorRequestId again returns that plan as it was created."""
    check_request_id(asked)
    still_exists, by = exists(caller, PLAN), "CreatorRequestId"
    return once(caller, asked, _create, members_of, by=by, still_exists=still_exists)


def _create(caller: Caller, asked: Asked) -> Entry:
    check_vaults(plans.vaults_named(asked["BackupPlan"]))
    document = _read(caller, asked["BackupPlan"])
    for other in caller.store.entries(PLAN).values():
        if plans.without_ids(plans.of(other.members)) == document:
            raise already_exists(other, PLAN_EXISTS.error().message)
    number = caller.organization.numbers.next()
    plan_id = ids.uuid("1", number)
    arn = caller.store.home.arn("arn:{p}:backup:{r}:{a}:backup-plan:") + plan_id
    now = clock.now()
    members = {
        "BackupPlanId": plan_id,
        "BackupPlanArn": arn,
        "CreatorRequestId": asked.get("CreatorRequestId"),
        **_version(caller, document, now),
    }
    plan = Entry(plan_id, arn, number, members)
    create(caller, PLAN, plan, tags=asked.get("BackupPlanTags"), quota="plans")
    _emit(caller, plan, "CREATED", now)
    runs.schedule_next(caller.store, plan, now)
    return plan


def _read(caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check a requested plan's document and return it as AWS keeps it, as `plans.read`."""
    return plans.read(given, caller.store.home, caller.options.quotas)


def _version(caller: Caller, document: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Return the members of a plan's new version; its rules get new ids [assumed].

    Its CreationDate is the version's, not the plan's [reported: Ansible's tests against AWS].

    Args:
        caller: the caller.
        document: the plan's document.
        at: when the version is created, in milliseconds.
    """
    number = caller.organization.numbers.next
    version = base64.b64encode(ids.uuid("2", number()).encode()).decode()
    rules = [{**rule, "RuleId": ids.uuid("3", number())} for rule in document["Rules"]]
    return {
        "VersionId": version,
        "CreationDate": at,
        "BackupPlan": {**document, "Rules": rules},
        "BackupPlanName": document["BackupPlanName"],
        "AdvancedBackupSettings": document.get("AdvancedBackupSettings"),
        "ScanSettings": document.get("ScanSettings"),
    }


def _emit(caller: Caller, plan: Entry, state: str, at: int) -> None:
    caller.store.emit(events.plan(plan.members, state, at), at)


@operation("GetBackupPlan")
def get_backup_plan(caller: Caller, asked: Asked) -> Answer:
    """Return a plan in its present version or the one of VersionId.

    A deleted plan is found with a VersionId alone [reported: terraform's provider and moto].
    The preview is of the rules of the version that is shown [assumed]; a deleted plan has none
    [assumed].
    """
    wanted = asked.get("VersionId")
    if wanted is None:
        members: Mapping[str, Any] = find_plan(caller, asked).members
    else:
        members = _find_version(caller, asked, wanted)
    answer = shown(members)
    count = asked.get("MaxScheduledRunsPreview", 0)
    if count and "DeletionDate" not in members:
        answer["ScheduledRunsPreview"] = plans.preview(plans.of(members), count, clock.now())
    return answer


def shown(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a plan's version as GetBackupPlan shows them."""
    if "BackupPlan" not in members:  # loaded from a list
        return dict(members)
    return {**members, "BackupPlan": plans.shown(members["BackupPlan"])}


def _find_version(caller: Caller, asked: Asked, wanted: str) -> Mapping[str, Any]:
    if not 1 <= len(wanted.encode()) <= _LONGEST_VERSION:
        raise invalid_parameter(f"VersionId has 1 to {_LONGEST_VERSION} bytes")
    plan = _find(caller, asked)
    found = [each for each in _versions(plan) if each.get("VersionId") == wanted]
    if not found:
        raise NO_PLAN.error()
    return found[0]


def _find(caller: Caller, asked: Asked) -> Entry:
    """Return the plan in the parameters, deleted or not.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    found = caller.store.entries(DELETED_PLAN).get(asked["BackupPlanId"])
    return found or find_plan(caller, asked)


def _versions(plan: Entry) -> list[Mapping[str, Any]]:
    """Return the versions of a plan; each one of a deleted plan has its DeletionDate [assumed]."""
    deleted = {name: plan.members[name] for name in ("DeletionDate",) if name in plan.members}
    return [*({**each, **deleted} for each in plan.past), plan.members]


@operation("UpdateBackupPlan")
def update_backup_plan(caller: Caller, asked: Asked) -> Answer:
    """Update a plan: it gets a new version, even for an equal document [assumed].

    It may get another name, unless the option `refuse_renamed_plans` is on [assumed: the guide
    says that a plan's name cannot be changed].
    """
    check_vaults(plans.vaults_named(asked["BackupPlan"]))
    document = _read(caller, asked["BackupPlan"])
    plan = find_plan(caller, asked)
    check_plan(caller, plan.key)
    named, name = plan.members.get("BackupPlanName"), document["BackupPlanName"]
    if caller.options.refuse_renamed_plans and name != named:
        raise invalid_parameter(f"Backup plan {named} cannot be renamed to {name}")
    caller.check_quota("versions_per_plan", len(plan.past) + 2)
    now = clock.now()
    plan.past.append(plan.members)
    plan.members = {**plan.members, **_version(caller, document, now)}
    _emit(caller, plan, "MODIFIED", now)
    runs.schedule_next(caller.store, plan, now)
    return plan.members


@operation("DeleteBackupPlan")
def delete_backup_plan(caller: Caller, asked: Asked) -> Answer:
    """Delete a plan without selections; its versions stay."""
    plan = find_plan(caller, asked)
    check_plan(caller, plan.key)
    for selection in caller.store.entries(SELECTION).values():
        if selection.members["BackupPlanId"] == plan.key:
            raise PLAN_HAS_SELECTIONS.error()
    delete(caller, PLAN, plan)
    now = clock.now()
    members = {**plan.members, "DeletionDate": now}
    # Without an ARN it has no tags, and cannot be tagged.
    caller.store.entries(DELETED_PLAN)[plan.key] = dataclasses.replace(
        plan, arn="", members=members
    )
    _emit(caller, plan, "DELETED", now)
    return members


@operation("ListBackupPlans", items="BackupPlansList")
def list_backup_plans(caller: Caller, asked: Asked) -> Answer:
    """List the backup plans, the oldest first [assumed]."""
    found = list(caller.store.entries(PLAN).values())
    if asked.get("IncludeDeleted"):
        found += caller.store.entries(DELETED_PLAN).values()
    found.sort(key=lambda plan: plan.number)
    page, more = page_of(caller, asked, found, lambda plan: (plan.number,))
    return {"BackupPlansList": [plan.members for plan in page], **more}


@operation("ListBackupPlanVersions", items="BackupPlanVersionsList")
def list_backup_plan_versions(caller: Caller, asked: Asked) -> Answer:
    """List the versions of a plan, a deleted one too, the oldest first [assumed]."""
    versions = list(enumerate(_versions(_find(caller, asked))))
    page, more = page_of(caller, asked, versions, lambda each: (each[0],))
    return {"BackupPlanVersionsList": [members for _, members in page], **more}


# --- Templates ----------------------------------------------------------------------------


def _rule(name: str, schedule: str, delete: int, cold: int | None = None) -> dict[str, Any]:
    lifecycle = {"DeleteAfterDays": delete}
    if cold is not None:
        lifecycle["MoveToColdStorageAfterDays"] = cold
    return {
        **plans.DEFAULTS,
        "RuleName": name,
        "TargetBackupVaultName": "Default",
        "ScheduleExpression": schedule,
        "Lifecycle": lifecycle,
    }


_DAILY = _rule("DailyBackups", "cron(0 5 ? * * *)", 35)
_WEEKLY = _rule("WeeklyBackups", "cron(0 5 ? * 7 *)", 90)
_MONTHLY = "cron(0 5 1 * ? *)"

TEMPLATES = {
    "87c0c1ef-254d-4180-8fef-2e76a2c38aaa": ("Daily-35day-Retention", [_DAILY]),
    "87c0c1ef-254d-4180-8fef-2e76a2c38aab": (
        "Daily-Monthly-1yr-Retention",
        [_DAILY, _rule("MonthlyBackups", _MONTHLY, 365, 30)],
    ),
    "87c0c1ef-254d-4180-8fef-2e76a2c38aac": (
        "Daily-Weekly-Monthly-5yr-Retention",
        [_DAILY, _WEEKLY, _rule("MonthlyBackups", _MONTHLY, 5 * 365, 90)],
    ),
    "87c0c1ef-254d-4180-8fef-2e76a2c38aad": (
        "Daily-Weekly-Monthly-7yr-Retention",
        [_DAILY, _WEEKLY, _rule("MonthlyBackups", _MONTHLY, 7 * 365, 90)],
    ),
}
"""Per id, a template's name and rules.

The first id and its rule's name, schedule and lifecycle are those of the AWS CLI's example
[documented]; the others follow the presets of the AWS CDK [assumed].
"""


@operation("ListBackupPlanTemplates", items="BackupPlanTemplatesList")
def list_backup_plan_templates(caller: Caller, asked: Asked) -> Answer:
    """List AWS's templates, the same in every account and Region [assumed]."""
    listed = [
        {"BackupPlanTemplateId": key, "BackupPlanTemplateName": name}
        for key, (name, _) in TEMPLATES.items()
    ]
    page, more = page_of(caller, asked, listed, lambda each: (each["BackupPlanTemplateId"],))
    return {"BackupPlanTemplatesList": page, **more}


@operation("GetBackupPlanFromTemplate")
def get_backup_plan_from_template(_caller: Caller, asked: Asked) -> Answer:
    """Return a template as a plan's document; its rules have no ids."""
    key = asked["BackupPlanTemplateId"]
    if key not in TEMPLATES:
        raise not_found(f"Cannot find backup plan template {key}")
    name, rules = TEMPLATES[key]
    return {"BackupPlanDocument": {"BackupPlanName": name, "Rules": rules}}


@operation("ExportBackupPlanTemplate")
def export_backup_plan_template(caller: Caller, asked: Asked) -> Answer:
    """Return a plan as signed JSON: its document with a member Signature [assumed]."""
    document = plans.without_ids(plans.of(find_plan(caller, asked).members))
    signed = {**document, "Signature": _signature(document)}
    return {"BackupPlanTemplateJson": json.dumps(signed)}


@operation("GetBackupPlanFromJSON")
def get_backup_plan_from_json(caller: Caller, asked: Asked) -> Answer:
    """Return a plan's document from JSON, checked and with AWS's defaults.

    A signed document must not have been changed [documented: model]; one without a Signature
    is the user's own [assumed].
    """
    try:
        document = parse_json(asked["BackupPlanTemplateJson"])
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise invalid_parameter("BackupPlanTemplateJson is not a JSON object")
    signature = document.pop("Signature", None)
    if signature is not None and signature != _signature(document):
        raise invalid_request("BackupPlanTemplateJson was changed after it was signed")
    given = asked_value("BackupPlanInput")(document)
    return {"BackupPlan": _read(caller, given)}


def _signature(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
