"""The rows of restore testing plans and their selections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.model.plans import restore_testing, schedules
from fakebackup.model.resources.arns import ROLE
from fakebackup.nouns.forms import form, numbered
from fakebackup.nouns.noun import EntrySchema, Noun
from fakebackup.operations import restore_testing as testing_operations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Place
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]
    Changes = dict[str, Any]


def _testing_plan_defaults(place: Place, store: Store, given: Changes) -> Changes:
    named = given.get("RestoreTestingPlanName")
    name = named or numbered(store, restore_testing.PLAN, "restore_testing_plan_")
    arn = place.home.arn("arn:{p}:backup:{r}:{a}:restore-testing-plan:")
    return {
        **restore_testing.PLAN_DEFAULTS,
        "RestoreTestingPlanName": name,
        "RestoreTestingPlanArn": f"{arn}{name}-{ids.uuid('5', place.number)}",
        "CreationTime": place.created,
        "ScheduleExpression": schedules.DEFAULT,
        "RecoveryPointSelection": dict(restore_testing.POINTS_SEEDED),
    }


def _check_testing_plan(_store: Store, members: Changes) -> Changes:
    restore_testing.check_name("RestoreTestingPlanName", members["RestoreTestingPlanName"])
    return restore_testing.read_plan(members)


def _schedule_testing_plan(store: Store, plan: Entry, before: Members | None) -> None:
    # What completes a plan but for what it restores leaves it scheduled.
    name = "RecoveryPointSelection"
    same = before is not None and before.get(name) is plan.members.get(name)
    if store.options.progress == "clock" and not same:
        from fakebackup.model.engine.restore_testing import runs  # late: few test by the clock

        runs.schedule_next(store, plan, clock.now())


TESTING_PLAN = Noun(
    name=restore_testing.PLAN,
    schema=EntrySchema(
        name="restore testing plan",
        described="GetRestoreTestingPlanOutput",
        item="RestoreTestingPlanForGet",
        typed="RestoreTestingPlanMembers",
        wrapped="RestoreTestingPlan",
    ),
    describe="GetRestoreTestingPlan",
    lists=(("ListRestoreTestingPlans", "RestoreTestingPlans"),),
    key="RestoreTestingPlanName",
    arn="RestoreTestingPlanArn",
    form=form("restore-testing-plan:"),
    name_of_arn=True,
    created="CreationTime",
    defaults=_testing_plan_defaults,
    check=_check_testing_plan,
    seeded=_schedule_testing_plan,
)


def _test_defaults(place: Place, store: Store, given: Changes) -> Changes:
    before = f"{given['RestoreTestingPlanName']}/"
    word = f"{before}restore_testing_selection_"
    found: Changes = {
        "RestoreTestingSelectionName": numbered(
            store, restore_testing.SELECTION, word
        ).removeprefix(before),
        "CreationTime": place.created,
        "IamRoleArn": place.arn(ROLE),
        "ProtectedResourceType": "EBS",
    }
    if "ProtectedResourceConditions" not in given:
        found["ProtectedResourceArns"] = ["*"]
    return found


def _check_test(_store: Store, members: Changes) -> Changes:
    name = "RestoreTestingSelectionName"
    restore_testing.check_name(name, members[name])
    testing_operations.check_selection(members)
    return members


def _complete_test(members: Changes) -> Changes:
    found = dict(members)
    conditions = {
        name: each for name, each in found.pop("ProtectedResourceConditions", {}).items() if each
    }
    return {**found, "ProtectedResourceConditions": conditions} if conditions else found


def _show_test(_store: Store, selection: Entry) -> Members:
    return testing_operations.shown_selection(selection)


TESTING_SELECTION = Noun(
    name=restore_testing.SELECTION,
    schema=EntrySchema(
        name="restore testing selection",
        described="GetRestoreTestingSelectionOutput",
        item="RestoreTestingSelectionForGet",
        typed="RestoreTestingSelectionMembers",
        wrapped="RestoreTestingSelection",
    ),
    describe="GetRestoreTestingSelection",
    lists=(("ListRestoreTestingSelections", "RestoreTestingSelections"),),
    key="RestoreTestingSelectionName",
    created="CreationTime",
    parent=(restore_testing.PLAN, "RestoreTestingPlanName"),
    inside_parent=True,
    defaults=_test_defaults,
    check=_check_test,
    complete=_complete_test,
    show=_show_test,
)
