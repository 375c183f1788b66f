"""Find the recovery points that a run of a restore testing plan restores.

There is one for each protected resource of each selection: of its eligible points the newest, or
one drawn [documented: guide, restore testing]. A resource without an eligible point is left out
silently. Which points can be restored at all, and what a drawing depends on, is [assumed].
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import errors
from fakebackup.clock import DAY
from fakebackup.model.ordered import WHOLE, Bounds
from fakebackup.model.plans.restore_testing import SELECTION, with_defaults
from fakebackup.model.resources.tags import CONDITION_PREFIX
from fakebackup.model.resources.types import TESTED
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults.vault import point_position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Members = Mapping[str, Any]

_RESTORABLE = frozenset({"COMPLETED", "AVAILABLE"})
"""The statuses of recovery points that are tested [assumed]."""


class Chosen(NamedTuple):
    """A recovery point to restore.

    Attributes:
        selection: the members of the selection that selects its resource.
        point: the recovery point.
    """

    selection: Members
    point: RecoveryPoint


def _selections_of(store: Store, plan: Entry) -> list[Members]:
    """Return the members of the selections of a restore testing plan, oldest first."""
    entries = store.entries(SELECTION).values()
    return [each.members for each in entries if each.members["RestoreTestingPlanName"] == plan.key]


def _unusable(selection: Members) -> str | None:
    """Return in words why a selection tests nothing, as a recorded one may; None where it tests."""
    for member in ("ProtectedResourceType", "IamRoleArn"):
        if selection.get(member) is None:
            return (
                f"was recorded without its {member}: load what GetRestoreTestingSelection answers, "
                f"too"
            )
    resource_type = selection["ProtectedResourceType"]
    if resource_type not in TESTED:
        return f"is of {resource_type}, which AWS does not test: the types are {', '.join(TESTED)}"
    return None


def choose(store: Store, plan: Entry, at: int) -> list[Chosen]:
    """Return what a run of a restore testing plan restores.

    Args:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        at: when it runs, in milliseconds.
    """
    wanted = with_defaults(plan.members)["RecoveryPointSelection"]
    drawn = wanted["Algorithm"] == "RANDOM_WITHIN_WINDOW"
    found = []
    for selection in _selections_of(store, plan):
        if _unusable(selection) is not None:
            continue
        for resource, points in _eligible(store, wanted, selection, at).items():
            number = 0
            if drawn:
                # What has been numbered so far: another one for each run, and the same again
                # where the test is run again.
                seed = (plan.key, selection["RestoreTestingSelectionName"], resource)
                number = _drawn((*seed, str(store.organization.numbers.last)), len(points))
            found.append(Chosen(selection, points[number]))
    return found


def _drawn(seed: tuple[str, ...], count: int) -> int:
    digest = hashlib.sha256("/".join(seed).encode()).hexdigest()
    return int(digest, 16) % count


def _eligible(
    store: Store, wanted: Members, selection: Members, at: int
) -> dict[str, list[RecoveryPoint]]:
    """Return the eligible points of each resource of a selection, newest first."""
    since = at - wanted["SelectionWindowDays"] * DAY
    # Old continuous backups are eligible.
    bounds = WHOLE if "CONTINUOUS" in wanted["RecoveryPointTypes"] else Bounds(since=since)
    found: dict[str, dict[str, RecoveryPoint]] = {}
    for vault in _vaults(store, wanted):
        for point in vault.opened.in_order.newest_first(bounds):
            if _excluded_by_type(point, selection) is None:
                found.setdefault(point.members["ResourceArn"], {})[point.arn] = point
    eligible = {}
    for resource, by_arn in found.items():
        points = sorted(by_arn.values(), key=point_position)
        # The tags of the newest one decide, whatever it is of [documented: guide].
        if _meets_conditions(points[0], selection):
            of_window = [each for each in points if _excluded_by_plan(each, wanted, at) is None]
            if of_window:
                eligible[resource] = of_window
    return eligible


def _vaults(store: Store, wanted: Members) -> Iterator[Vault]:
    """Yield the vaults that a plan's selection of recovery points includes."""
    included = _matcher(wanted["IncludeVaults"])
    excluded = _matcher(wanted.get("ExcludeVaults", ()))
    for vault in store.vaults:
        if included(vault.arn) and not excluded(vault.arn):
            yield vault


def _matcher(patterns: list[str]) -> Callable[[str], bool]:
    forms = [re.compile(".*".join(map(re.escape, each.split("*")))) for each in patterns]
    return lambda arn: any(form.fullmatch(arn) for form in forms)


def _excluded_by_type(point: RecoveryPoint, selection: Members) -> str | None:
    """Return why a point is of no resource of a selection; None where it is of one."""
    members = point.members
    arns = selection.get("ProtectedResourceArns") or ["*"]
    if members.get("ResourceType") != selection["ProtectedResourceType"]:
        return f"of another type than {selection['ProtectedResourceType']}"
    if "ResourceArn" not in members or (arns != ["*"] and members["ResourceArn"] not in arns):
        return "of resources that are not listed"
    if members["Status"] not in _RESTORABLE or members.get("IsParent"):
        return "not COMPLETED"
    if point.is_temporary:
        return "deleted after their copy"
    return None


def _excluded_by_plan(point: RecoveryPoint, wanted: Members, at: int) -> str | None:
    """Return why a plan does not take a point of an included vault; None where it takes it."""
    continuous = point.is_continuous
    if ("CONTINUOUS" if continuous else "SNAPSHOT") not in wanted["RecoveryPointTypes"]:
        return f"not {' or '.join(wanted['RecoveryPointTypes'])}"
    created, days = point.members["CreationDate"], wanted["SelectionWindowDays"]
    # A continuous backup goes on to the present, however long ago it was begun [assumed].
    if created > at or (created < at - days * DAY and not continuous):
        return f"not made in the last {days} days"
    return None


def _meets_conditions(point: RecoveryPoint, selection: Members) -> bool:
    """Return whether the tags of a point meet all conditions of a selection."""
    conditions = selection.get("ProtectedResourceConditions", {})
    tags = store_of(point.vault).tags.get(point.arn, {})
    # A missing tag equals no value, as in selections of backup plans [assumed].
    return all(
        (tags.get(each["Key"].removeprefix(CONDITION_PREFIX)) == each["Value"]) is equal
        for name, equal in (("StringEquals", True), ("StringNotEquals", False))
        for each in conditions.get(name, ())
    )


# --- Runs and selections that restore nothing -----------------------------------------------


def warn_of_selections(store: Store, plan: Entry) -> None:
    """Warn of the selections that test nothing beside others that do, once for each reason.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; the next run does not warn.
    """
    for each in _selections_of(store, plan):
        why = _unusable(each)
        if why is not None:
            text = (
                f"The selection {each['RestoreTestingSelectionName']!r} of the restore testing "
                f"plan {plan.key!r} tests nothing: it {why}."
            )
            _warn_once(store, plan, text)


def _warn_once(store: Store, plan: Entry, text: str) -> None:
    if (plan.arn, text) not in store.warned:
        store.warned.add((plan.arn, text))
        errors.warn(text)


def warn_of_nothing(store: Store, plan: Entry, at: int, *, by_hand: bool) -> None:
    """Warn that a run restores nothing, once for each reason.

    By the clock that is said of a plan whose selections pass over all recovery points of their
    types, or cannot test any: where there are none yet, nothing is amiss.

    Args:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        at: when it runs, in milliseconds.
        by_hand: whether the test runs it, and not the clock.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; the next run does not warn.
    """
    given = _selections_of(store, plan)
    amiss = [_unusable(each) or _passed_over(store, plan, each, at) for each in given]
    if not (by_hand or any(amiss)):
        return
    if given:
        why = "; ".join(
            f"the selection {each['RestoreTestingSelectionName']!r} "
            f"{_unusable(each) or _in_vain(store, each, few)}"
            for each, few in zip(given, amiss, strict=True)
        )
    else:
        why = "it has no selection. Make one by create_restore_testing_selection"
    _warn_once(
        store, plan, f"A run of the restore testing plan {plan.key!r} restores nothing: {why}."
    )


def _in_vain(store: Store, selection: Members, passed_over: str) -> str:
    """Return in words what a selection asks for, and what it passes over of that."""
    found = f"passes over {passed_over}" if passed_over else _none_there(store, selection)
    return f"asks for {_asked(selection)}, and {found}"


def _asked(selection: Members) -> str:
    arns = selection.get("ProtectedResourceArns") or ["*"]
    of = "" if arns == ["*"] else f" of {', '.join(errors.few(arns))}"
    tags = [
        f"{each['Key']} {sign} {each['Value']}"
        for name, sign in (("StringEquals", "="), ("StringNotEquals", "!="))
        for each in selection.get("ProtectedResourceConditions", {}).get(name, ())
    ]
    tagged = f" with {', '.join(errors.few(tags))}" if tags else ""
    return f"{selection['ProtectedResourceType']} recovery points{of}{tagged}"


def _none_there(store: Store, selection: Members) -> str:
    resource_type = selection["ProtectedResourceType"]
    return (
        f"there are none in {store.account} {store.region}: complete a backup, or type "
        f"backup.add_recovery_point(ResourceType={resource_type!r})"
    )


def _passed_over(store: Store, plan: Entry, selection: Members, at: int) -> str:
    """Return in words why a run passes over the recovery points of a selection's type."""
    wanted = with_defaults(plan.members)["RecoveryPointSelection"]
    included = {vault.arn for vault in _vaults(store, wanted)}
    reasons: Counter[str] = Counter()
    for vault in store.vaults:
        for point in vault.opened.in_order:
            if point.members.get("ResourceType") != selection["ProtectedResourceType"]:
                continue
            reasons[
                ("" if vault.arn in included else "in vaults that it does not include")
                or _excluded_by_type(point, selection)
                or _excluded_by_plan(point, wanted, at)
                or "whose resource's newest one has other tags"
            ] += 1
    return ", ".join(f"{count} {why}" for why, count in sorted(reasons.items()))
