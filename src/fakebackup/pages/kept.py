"""The vaults, recovery points and plans that a page shows, and what becomes of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from fakebackup.model.engine.ageing import access_points_to, legal_hold_on
from fakebackup.model.plans import documents, restore_testing, schedules
from fakebackup.model.shapes import dates
from fakebackup.model.stores.organization import store_of
from fakebackup.pages.folding import Folded, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

MOST_POINTS, MOST_VAULTS, MOST_PLANS = 300, 200, 200
"""How many of each a page shows at most."""

_RUNS = 3
"""How many of a plan's next runs are shown."""

_WHOLE = frozenset({"COMPLETED", "AVAILABLE"})


class ShownVault(NamedTuple):
    """A vault as a page shows it; `lock` says what its lock does, "" where it has none."""

    name: str
    vault_type: str
    account: str
    region: str
    points: int
    lock: str


class ShownPoint(NamedTuple):
    """A recovery point as a page shows it.

    Attributes:
        arn, vault, account, region, status, resource, resource_type: what and where it is.
        created: when it was created, in milliseconds.
        becomes: what becomes of it, in words.
    """

    arn: str
    vault: str
    account: str
    region: str
    status: str
    resource: str
    resource_type: str
    created: int
    becomes: list[str]


class ShownPlan(NamedTuple):
    """A rule of a plan as a page shows it.

    Attributes:
        plan, noun, account, region: what and where the plan is.
        rule: the rule's name; empty for a restore testing plan.
        schedule: its schedule expression and time zone.
        last: when the plan ran last, in milliseconds; None for never.
        following: when the rule runs next, in milliseconds.
        problem: why that is not known; "" where it is.
    """

    plan: str
    noun: str
    account: str
    region: str
    rule: str
    schedule: str
    last: int | None
    following: list[int]
    problem: str


class Kept(NamedTuple):
    """What a page shows besides jobs."""

    vaults: Folded[ShownVault]
    points: Folded[ShownPoint]
    plans: Folded[ShownPlan]


def read(stores: Iterable[Store], now: int) -> Kept:
    """Return the vaults, recovery points and plans of a page; the caller holds the lock.

    Args:
        stores: the stores.
        now: the present instant, in milliseconds.
    """
    stores = sorted(stores, key=lambda store: store.home)
    vaults = [vault for store in stores for vault in sorted(store.vaults_so_far(), key=_position)]
    points = [point for vault in vaults for point in vault.points.values()]
    points.sort(key=lambda point: point.members["CreationDate"])
    folded = fold(points, MOST_POINTS, lambda point: point.members.get("Status") not in _WHOLE)
    shown_vaults = fold(vaults, MOST_VAULTS, lambda vault: bool(vault.points))
    plans = [plan for store in stores for plan in _plans(store, now)]
    return Kept(
        Folded([_vault(each) for each in shown_vaults.shown], len(vaults)),
        Folded([_point(each, now) for each in folded.shown], len(points)),
        fold(plans, MOST_PLANS, lambda plan: plan.last is not None),
    )


def _position(vault: Vault) -> tuple[int, int]:
    return vault.position


def _vault(vault: Vault) -> ShownVault:
    members = vault.members
    lock = []
    if vault.locked:
        least, most = members.get("MinRetentionDays"), members.get("MaxRetentionDays")
        lock.append("locked")
        if least is not None:
            lock.append(f"keeps at least {least} days")
        if most is not None:
            lock.append(f"keeps at most {most} days")
        if members.get("LockDate") is not None:
            lock.append(f"cannot be changed from {dates.written(members['LockDate'])}")
    return ShownVault(
        vault.name,
        vault.vault_type,
        vault.account,
        vault.region,
        vault.held_besides + len(vault.points),
        ", ".join(lock),
    )


def _point(point: RecoveryPoint, now: int) -> ShownPoint:
    members = point.members
    return ShownPoint(
        point.arn,
        point.vault.name,
        point.vault.account,
        point.vault.region,
        str(members.get("Status", "")),
        str(members.get("ResourceArn", "")),
        str(members.get("ResourceType", "")),
        members["CreationDate"],
        _becomes(point, now),
    )


def _becomes(point: RecoveryPoint, now: int) -> list[str]:
    """Return what becomes of a recovery point, in words."""
    planned = point.kept().get("CalculatedLifecycle") or {}
    cold, deleted = planned.get("MoveToColdStorageAt"), planned.get("DeleteAt")
    found = []
    if cold is not None:
        verb = "goes to" if cold > now else "was due in"
        if point.members.get("StorageClass") == "COLD":
            verb = "went to"
        found.append(f"{verb} cold storage {dates.written(cold)}")
    if deleted is None:
        found.append("is never deleted")
    else:
        found.append(f"{'is deleted' if deleted > now else 'was due'} {dates.written(deleted)}")
    if point.vault.locked:
        found.append("its vault is locked")
    hold = legal_hold_on(point)
    if hold is not None:
        found.append(f"the legal hold {hold.members.get('Title', hold.key)!r} keeps it")
    access = access_points_to(store_of(point.vault).organization, point.arn)
    return found + [f"the access point {each.key!r} keeps it" for each in access]


def _plans(store: Store, now: int) -> Iterable[ShownPlan]:
    for noun, entry in store.all_entries():
        if noun == documents.PLAN:
            document = documents.of(entry.members)
            for rule in documents.whole_rules(document) or [{}]:
                yield _rule(
                    (str(document["BackupPlanName"]) or entry.key, noun, *store.home),
                    str(rule.get("RuleName", "")),
                    rule,
                    entry.members.get("LastExecutionDate"),
                    now,
                )
        elif noun == restore_testing.PLAN:
            last = entry.members.get("LastExecutionTime")
            yield _rule((entry.key, noun, *store.home), "", entry.members, last, now)


def _rule(
    what: tuple[str, str, str, str], name: str, rule: Mapping[str, Any], last: Any, now: int
) -> ShownPlan:
    expression = rule.get("ScheduleExpression")
    zone = rule.get("ScheduleExpressionTimezone", schedules.UTC)
    following: list[int] = []
    problem = "" if expression else "no schedule is known"
    if expression:
        try:
            following += itertools.islice(schedules.runs(expression, zone, now), _RUNS)
        except (ValueError, OverflowError) as error:
            problem = str(error)
    return ShownPlan(
        *what,
        name,
        f"{expression or ''} {zone if expression else ''}".strip(),
        last,
        following,
        problem,
    )
