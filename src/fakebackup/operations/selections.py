"""Backup selections: which resources a backup plan is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.answering.entries import (
    check_request_id,
    create,
    delete,
    exists,
    members_of,
    once,
)
from fakebackup.answering.lookups import check_role, find_plan
from fakebackup.answering.pages import page_of
from fakebackup.answering.service_owned import check_plan
from fakebackup.errors import already_exists, not_found
from fakebackup.known_errors import NO_PLAN_TO_SELECT_FOR
from fakebackup.model.plans import selections
from fakebackup.model.plans.documents import PLAN, SELECTION
from fakebackup.model.stores.entries import Entry
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_EMPTY: dict[str, Any] = {"Resources": [], "ListOfTags": [], "NotResources": []}
_NO_CONDITIONS: dict[str, Any] = {
    "StringEquals": [],
    "StringNotEquals": [],
    "StringLike": [],
    "StringNotLike": [],
}


@operation("CreateBackupSelection")
def create_backup_selection(caller: Caller, asked: Asked) -> Answer:
    """Create a selection; the same CreatorRequestId again answers alike.

    It counts within its plan [assumed].
    """
    check_request_id(asked)
    return once(
        caller,
        asked,
        _create,
        members_of,
        by="CreatorRequestId",
        still_exists=exists(caller, SELECTION),
        within=asked["BackupPlanId"],
    )


def _create(caller: Caller, asked: Asked) -> Entry:
    given = asked["BackupSelection"]
    selections.check(given, caller.options.quotas)
    check_role(given["IamRoleArn"])
    plan = _check_plan(caller, asked)
    check_plan(caller, plan)
    others = _selections_of(caller, plan)
    for other in others:
        if other.members.get("BackupSelection") == given:
            # As for plans [assumed].
            message = "Backup selection with the same document already exists"
            raise already_exists(message, None, other.members.get("CreatorRequestId"))
    caller.check_quota("selections_per_plan", len(others) + 1)
    if _uses_tags(given):
        tagged = sum(_uses_tags(each.members.get("BackupSelection", {})) for each in others)
        caller.check_quota("tagged_selections_per_plan", tagged + 1)
    number = caller.organization.numbers.next()
    key = ids.uuid("4", number)
    members = {
        "SelectionId": key,
        "BackupPlanId": plan,
        "CreationDate": clock.now(),
        "CreatorRequestId": asked.get("CreatorRequestId"),
        "BackupSelection": given,
        "SelectionName": given["SelectionName"],
        "IamRoleArn": given["IamRoleArn"],
    }
    return create(caller, SELECTION, Entry(key, "", number, members))


def _uses_tags(selection: Mapping[str, Any]) -> bool:
    return bool(selection.get("ListOfTags"))


def _check_plan(caller: Caller, asked: Asked) -> str:
    """Return the id of an existing plan; for another, AWS refuses the value [reported]."""
    plan: str = asked["BackupPlanId"]
    if plan not in caller.store.entries(PLAN):
        raise NO_PLAN_TO_SELECT_FOR.error(plan)
    return plan


def _selections_of(caller: Caller, plan: str) -> list[Entry]:
    entries = caller.store.entries(SELECTION).values()
    return [each for each in entries if each.members["BackupPlanId"] == plan]


def _find(caller: Caller, asked: Asked) -> Entry:
    plan = _check_plan(caller, asked)
    key = asked["SelectionId"]
    found = [each for each in _selections_of(caller, plan) if each.key == key]
    if not found:
        raise not_found(f"Cannot find {SELECTION} {key}")
    return found[0]


@operation("GetBackupSelection")
def get_backup_selection(caller: Caller, asked: Asked) -> Answer:
    """Return a selection as it was sent, with empty lists for members left out [reported]."""
    return shown(_find(caller, asked))


def shown(selection: Entry) -> dict[str, Any]:
    """Return the members of a selection as GetBackupSelection shows them."""
    members = selection.members
    given = members.get("BackupSelection")
    if given is None:  # of one that was loaded from a list
        return dict(members)
    conditions = {**_NO_CONDITIONS, **given.get("Conditions", {})}
    return {**members, "BackupSelection": {**_EMPTY, **given, "Conditions": conditions}}


def without_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a client may have sent for a selection as it is shown: without what is empty."""
    conditions = {name: each for name, each in given.get("Conditions", {}).items() if each}
    kept = {name: each for name, each in given.items() if name != "Conditions" and each != []}
    return {**kept, "Conditions": conditions} if conditions else kept


@operation("DeleteBackupSelection")
def delete_backup_selection(caller: Caller, asked: Asked) -> Answer:
    """Delete a selection."""
    selection = _find(caller, asked)
    check_plan(caller, selection.members["BackupPlanId"])
    delete(caller, SELECTION, selection)
    return {}


@operation("ListBackupSelections", items="BackupSelectionsList")
def list_backup_selections(caller: Caller, asked: Asked) -> Answer:
    """List the selections of a plan, the oldest first [assumed]."""
    plan = find_plan(caller, asked)
    found = _selections_of(caller, plan.key)
    page, more = page_of(caller, asked, found, lambda each: (each.number,))
    return {"BackupSelectionsList": [each.members for each in page], **more}
