"""Restore testing plans, their selections and the metadata of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.answering.entries import (
    check_request_id,
    create,
    delete,
    exists,
    find,
    members_of,
    once,
    page_of_entries,
)
from fakebackup.answering.lookups import check_role, point_seen_in, visible_vault
from fakebackup.answering.pages import page_of
from fakebackup.errors import invalid_parameter, invalid_request
from fakebackup.model.plans import restore_testing
from fakebackup.model.plans.restore_testing import PLAN, SELECTION
from fakebackup.model.quotas import NUMBERS
from fakebackup.model.resources.types import TESTED
from fakebackup.model.stores.entries import Entry
from fakebackup.model.vaults.metadata import usual_metadata
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_NO_CONDITIONS: dict[str, Any] = {"StringEquals": [], "StringNotEquals": []}


# --- Plans --------------------------------------------------------------------------------


@operation("CreateRestoreTestingPlan")
def create_restore_testing_plan(caller: Caller, asked: Asked) -> Answer:
    """Create a restore testing plan; the same CreatorRequestId again returns that plan."""
    check_request_id(asked)
    still_exists, by = exists(caller, PLAN), "CreatorRequestId"
    return once(caller, asked, _create_plan, members_of, by=by, still_exists=still_exists)


def _create_plan(caller: Caller, asked: Asked) -> Entry:
    given = asked["RestoreTestingPlan"]
    name = given["RestoreTestingPlanName"]
    restore_testing.check_name("RestoreTestingPlanName", name)
    kept = restore_testing.read_plan(given, caller.options.quotas)
    number = caller.organization.numbers.next()
    named = f"{name}-{ids.uuid('5', number)}"
    arn = caller.store.home.arn("arn:{p}:backup:{r}:{a}:restore-testing-plan:") + named
    members = {
        **restore_testing.PLAN_DEFAULTS,
        **kept,
        "RestoreTestingPlanArn": arn,
        "CreationTime": clock.now(),
        "CreatorRequestId": asked.get("CreatorRequestId"),
    }
    plan = Entry(name, arn, number, members)
    create(caller, PLAN, plan, tags=asked.get("Tags"), quota="testing_plans")
    _schedule(caller, plan, members["CreationTime"])
    return plan


def _schedule(caller: Caller, plan: Entry, now: int) -> None:
    if caller.options.progress == "clock":
        from fakebackup.model.engine.restore_testing import runs

        runs.schedule_next(caller.store, plan, now)


@operation("GetRestoreTestingPlan")
def get_restore_testing_plan(caller: Caller, asked: Asked) -> Answer:
    """Return a restore testing plan."""
    return {"RestoreTestingPlan": find(caller, PLAN, asked["RestoreTestingPlanName"]).members}


@operation("UpdateRestoreTestingPlan")
def update_restore_testing_plan(caller: Caller, asked: Asked) -> Answer:
    """Update a restore testing plan; members left out stay as they were [assumed]."""
    plan = find(caller, PLAN, asked["RestoreTestingPlanName"])
    changes = restore_testing.read_plan(asked["RestoreTestingPlan"], caller.options.quotas)
    now = clock.now()
    members = {**plan.members, **changes, "LastUpdateTime": now}
    # Another object: what was scheduled for the one before is outdated.
    if "RecoveryPointSelection" in members:
        members["RecoveryPointSelection"] = {**members["RecoveryPointSelection"]}
    plan.members = members
    _schedule(caller, plan, now)
    return {**plan.members, "UpdateTime": now}


@operation("DeleteRestoreTestingPlan")
def delete_restore_testing_plan(caller: Caller, asked: Asked) -> Answer:
    """Delete a restore testing plan without selections.

    The only client error that AWS declares for it is InvalidRequestException, so a
    missing plan gets that, too [assumed].
    """
    name = asked["RestoreTestingPlanName"]
    plan = caller.store.entries(PLAN).get(name)
    if plan is None:
        raise invalid_request(f"Cannot find {PLAN} {name}")
    if _selections_of(caller, plan):
        raise invalid_request(f"{PLAN} {name} has selections: they must be deleted first")
    delete(caller, PLAN, plan)
    return {}


@operation("ListRestoreTestingPlans", items="RestoreTestingPlans")
def list_restore_testing_plans(caller: Caller, asked: Asked) -> Answer:
    """List the restore testing plans, the oldest first [assumed]."""
    page, more = page_of_entries(caller, asked, PLAN)
    return {"RestoreTestingPlans": [plan.members for plan in page], **more}


# --- Selections ---------------------------------------------------------------------------


@operation("CreateRestoreTestingSelection")
def create_restore_testing_selection(caller: Caller, asked: Asked) -> Answer:
    """Create a selection of a plan; the same CreatorRequestId again returns that one.

    It counts within its plan [assumed].
    """
    check_request_id(asked)
    return once(
        caller,
        asked,
        _create_selection,
        members_of,
        by="CreatorRequestId",
        still_exists=exists(caller, SELECTION),
        within=asked["RestoreTestingPlanName"],
    )


def _create_selection(caller: Caller, asked: Asked) -> Entry:
    given = asked["RestoreTestingSelection"]
    name = given["RestoreTestingSelectionName"]
    restore_testing.check_name("RestoreTestingSelectionName", name)
    check_selection(given, caller.options.quotas)
    plan = find(caller, PLAN, asked["RestoreTestingPlanName"])
    key = selection_key(plan.key, name)
    if key not in caller.store.entries(SELECTION):
        count = len(_selections_of(caller, plan))
        caller.check_quota("selections_per_testing_plan", count + 1)
    members = {
        **given,
        "RestoreTestingPlanName": plan.key,
        "RestoreTestingPlanArn": plan.arn,
        "CreationTime": clock.now(),
        "CreatorRequestId": asked.get("CreatorRequestId"),
    }
    number = caller.organization.numbers.next()
    return create(caller, SELECTION, Entry(key, "", number, members))


def check_selection(members: Mapping[str, Any], quotas: Mapping[str, int] = NUMBERS) -> None:
    """Refuse a selection that AWS does not accept, or one without the ARN of a role."""
    restore_testing.check_selection(members, quotas)
    # One that was recorded may be without.
    if "IamRoleArn" in members:
        check_role(members["IamRoleArn"])


def selection_key(plan: str, name: str) -> str:
    """Return the key of a selection's entry."""
    # Unique, since no name has a slash.
    return f"{plan}/{name}"


def _selections_of(caller: Caller, plan: Entry) -> list[Entry]:
    entries = caller.store.entries(SELECTION).values()
    return [each for each in entries if each.members["RestoreTestingPlanName"] == plan.key]


def _find_selection(caller: Caller, asked: Asked) -> Entry:
    plan = find(caller, PLAN, asked["RestoreTestingPlanName"])
    return find(caller, SELECTION, selection_key(plan.key, asked["RestoreTestingSelectionName"]))


@operation("GetRestoreTestingSelection")
def get_restore_testing_selection(caller: Caller, asked: Asked) -> Answer:
    """Return a selection of a restore testing plan.

    Its conditions are always there, empty where none were given [reported: terraform's
    provider; of one that was given without the other assumed].
    """
    return {"RestoreTestingSelection": shown_selection(_find_selection(caller, asked))}


def shown_selection(selection: Entry) -> dict[str, Any]:
    """Return the members of a selection as GetRestoreTestingSelection shows them."""
    members = selection.members
    conditions = {**_NO_CONDITIONS, **members.get("ProtectedResourceConditions", {})}
    return {**members, "ProtectedResourceConditions": conditions}


@operation("UpdateRestoreTestingSelection")
def update_restore_testing_selection(caller: Caller, asked: Asked) -> Answer:
    """Update a selection; members left out stay as they were [assumed]."""
    selection = _find_selection(caller, asked)
    members = {**selection.members, **asked["RestoreTestingSelection"]}
    check_selection(members, caller.options.quotas)
    selection.members = members
    return {**members, "UpdateTime": clock.now()}


@operation("DeleteRestoreTestingSelection")
def delete_restore_testing_selection(caller: Caller, asked: Asked) -> Answer:
    """Delete a selection of a restore testing plan."""
    delete(caller, SELECTION, _find_selection(caller, asked))
    return {}


@operation("ListRestoreTestingSelections", items="RestoreTestingSelections")
def list_restore_testing_selections(caller: Caller, asked: Asked) -> Answer:
    """List the selections of a restore testing plan, the oldest first [assumed]."""
    plan = find(caller, PLAN, asked["RestoreTestingPlanName"])
    found = _selections_of(caller, plan)
    page, more = page_of(caller, asked, found, lambda each: (each.number,))
    return {"RestoreTestingSelections": [each.members for each in page], **more}


# --- Metadata -----------------------------------------------------------------------------


@operation("GetRestoreTestingInferredMetadata")
def get_restore_testing_inferred_metadata(caller: Caller, asked: Asked) -> Answer:
    """Return the metadata with which a test would restore a recovery point.

    A recovery point of a type whose restores are not tested is refused [assumed].
    """
    point = point_seen_in(visible_vault(caller, asked), asked)
    resource_type = point.members.get("ResourceType", "")
    if resource_type not in TESTED:
        raise invalid_parameter(f"Restores of {resource_type!r} are not tested: {point.arn}")
    metadata = {**usual_metadata(point), **point.metadata}
    inferred = restore_testing.inferred_metadata(
        resource_type, point.arn, point.vault.region, metadata
    )
    return {"InferredMetadata": inferred}
