"""The rows of backup plans and their selections."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.answering.lookups import check_role
from fakebackup.model.engine import runs
from fakebackup.model.plans import documents, selections
from fakebackup.model.resources.arns import ROLE
from fakebackup.model.resources.values import OF_ORGANIZATIONS, OF_SERVICES
from fakebackup.model.shapes.requests import AUTOMATIC
from fakebackup.model.vaults.members import DEFAULT
from fakebackup.nouns.forms import form
from fakebackup.nouns.noun import EntrySchema, Noun
from fakebackup.operations import plans
from fakebackup.operations import selections as selection_operations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Place
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]
    Changes = dict[str, Any]


# --- Backup plans --------------------------------------------------------------------------

_BESIDE_PLAN = ("BackupPlanName", "AdvancedBackupSettings", "ScanSettings")


def _is_owned(plan_id: str) -> bool:
    """Return whether a service owns the plan with an id."""
    return plan_id.startswith((OF_ORGANIZATIONS, OF_SERVICES))


def _plan_defaults(place: Place, store: Store, given: Changes) -> Changes:
    plan_id = given.get("BackupPlanId") or ids.uuid("1", place.number)
    version = ids.uuid("2", store.organization.numbers.next())
    found: Changes = {
        "BackupPlanId": plan_id,
        "BackupPlanArn": place.home.arn("arn:{p}:backup:{r}:{a}:backup-plan:") + plan_id,
        "VersionId": base64.b64encode(version.encode()).decode(),
        "CreationDate": place.created,
    }
    document = given.get("BackupPlan") or {}
    efs = plan_id.startswith(OF_SERVICES)
    if "BackupPlanName" not in document:
        numbered = f"backup-plan-{len(store.entries(documents.PLAN)) + 1}"
        found["BackupPlanName"] = "aws/efs/automatic-backup-plan" if efs else numbered
    if not document:
        vault = AUTOMATIC if efs else DEFAULT
        found["Rules"] = [{"RuleName": "DailyBackups", "TargetBackupVaultName": vault}]
    return found


def _check_plan(store: Store, members: Changes) -> Changes:
    document = members["BackupPlan"]
    name = document["BackupPlanName"]
    # Services give names that nobody else may.
    checked = "plan" if _is_owned(members["BackupPlanId"]) else name
    kept = documents.read({**document, "BackupPlanName": checked}, store.home)
    number = store.organization.numbers.next
    rules = [{"RuleId": ids.uuid("3", number()), **rule} for rule in kept["Rules"]]
    return {**members, "BackupPlan": {**kept, "BackupPlanName": name, "Rules": rules}}


def _complete_plan(members: Changes) -> Changes:
    found = _with_document(members, "BackupPlan", _BESIDE_PLAN, ("Rules",))
    # It is worked out whenever it is asked for.
    found.pop("ScheduledRunsPreview", None)
    return found


def _with_document(
    members: Changes, document: str, beside: tuple[str, ...], inside: tuple[str, ...]
) -> Changes:
    """Return members with those of the document in it and, as far as AWS shows them, beside it.

    Args:
        members: the members.
        document: the member that is the document.
        beside: the document's members that stand beside it, too.
        inside: its members that do not.
    """
    found = {name: value for name, value in members.items() if name not in inside}
    own = {name: members[name] for name in inside if name in members}
    if document in members or own:
        shared = {name: members[name] for name in beside if name in members}
        whole = {**shared, **own, **members.get(document, {})}
        found |= {name: whole[name] for name in beside if name in whole}
        found[document] = whole
    return found


def _schedule_plan(store: Store, plan: Entry, before: Members | None) -> None:
    there = store.entries(documents.PLAN).get(plan.key) is plan
    # What completes a plan but for its rules leaves them scheduled.
    if there and (before is None or _rules(before) is not _rules(plan.members)):
        runs.schedule_next(store, plan, clock.now())


def _rules(members: Members) -> object:
    return documents.of(members).get("Rules")


def _show_plan(_store: Store, plan: Entry) -> Members:
    return plans.shown(plan.members)


PLAN = Noun(
    name=documents.PLAN,
    schema=EntrySchema(
        name="backup plan",
        described="GetBackupPlanOutput",
        item="BackupPlansListMember",
        typed="BackupPlanMembers",
        document="BackupPlan",
        needed=(
            "BackupPlanId",
            "BackupPlanArn",
            "VersionId",
            "CreationDate",
            "BackupPlan",
            "BackupPlanName",
            "Rules",
        ),
    ),
    describe="GetBackupPlan",
    lists=(
        ("ListBackupPlans", "BackupPlansList"),
        ("ListBackupPlanVersions", "BackupPlanVersionsList"),
    ),
    key="BackupPlanId",
    arn="BackupPlanArn",
    form=form("backup-plan:"),
    created="CreationDate",
    version="VersionId",
    gone=(documents.DELETED_PLAN, "DeletionDate"),
    defaults=_plan_defaults,
    check=_check_plan,
    complete=_complete_plan,
    seeded=_schedule_plan,
    show=_show_plan,
)


# --- Backup selections ---------------------------------------------------------------------

_BESIDE_SELECTION = ("SelectionName", "IamRoleArn")
_INSIDE_SELECTION = ("Resources", "ListOfTags", "NotResources", "Conditions")


def _selection_defaults(place: Place, store: Store, given: Changes) -> Changes:
    found: Changes = {"SelectionId": ids.uuid("4", place.number), "CreationDate": place.created}
    document = given.get("BackupSelection", {})
    if "SelectionName" not in document:
        efs = given["BackupPlanId"].startswith(OF_SERVICES)
        numbered = f"backup-selection-{len(store.entries(documents.SELECTION)) + 1}"
        found["SelectionName"] = "aws/efs/automatic-backup-selection" if efs else numbered
    if "IamRoleArn" not in document:
        found["IamRoleArn"] = place.arn(ROLE)
    # Conditions narrow what is selected, and select nothing.
    if not document and not given.get("ListOfTags"):
        found["Resources"] = ["*"]
    return found


def _check_selection(_store: Store, members: Changes) -> Changes:
    selections.check(members.get("BackupSelection", {}))
    check_role(members["IamRoleArn"])
    return members


def _complete_selection(members: Changes) -> Changes:
    found = _with_document(members, "BackupSelection", _BESIDE_SELECTION, _INSIDE_SELECTION)
    if "BackupSelection" in found:
        found["BackupSelection"] = selection_operations.without_empty(found["BackupSelection"])
    return found


def _show_selection(_store: Store, selection: Entry) -> Members:
    return selection_operations.shown(selection)


SELECTION = Noun(
    name=documents.SELECTION,
    schema=EntrySchema(
        name="backup selection",
        described="GetBackupSelectionOutput",
        item="BackupSelectionsListMember",
        typed="BackupSelectionMembers",
        document="BackupSelection",
        needed=(
            "SelectionId",
            "BackupPlanId",
            "CreationDate",
            "BackupSelection",
            "SelectionName",
            "IamRoleArn",
        ),
    ),
    describe="GetBackupSelection",
    lists=(("ListBackupSelections", "BackupSelectionsList"),),
    key="SelectionId",
    created="CreationDate",
    parent=(documents.PLAN, "BackupPlanId"),
    parent_has_id=True,
    defaults=_selection_defaults,
    check=_check_selection,
    complete=_complete_selection,
    show=_show_selection,
)
