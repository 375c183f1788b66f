"""Age recovery points by their lifecycles: into cold storage, and to deletion.

With the option ``progress="clock"`` the process's clock ages all recovery points, seeded ones
too; in other modes they stay as they are [assumed]. Continuous backups that no plan of the fake
has made stay [assumed]. Recovery points that an active legal hold covers stay until the hold is
canceled [documented: model, of CreateLegalHold], and those that a job reads until the job has
ended [assumed]. A composite one is deleted together with its nested ones, or not at all [assumed].
A vault's lock does not keep any [documented: guide, vault lock]. No event is emitted when one
turns cold [assumed: no event says it].
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from fakebackup.model.engine import telling
from fakebackup.model.plans import documents
from fakebackup.model.plans.documents import PLAN
from fakebackup.model.resources.types import features_of
from fakebackup.model.stores.entries import ACCESS_POINT, LEGAL_HOLD
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults.lifecycles import calculated_lifecycle

if TYPE_CHECKING:
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Organization
    from fakebackup.model.vaults.vault import RecoveryPoint

_COLD, _DELETED = "MoveToColdStorageAt", "DeleteAt"

_GONE_OR_FAILED = frozenset({"CREATING", "DELETING", "EXPIRED"})


def schedule_next(point: RecoveryPoint, now: int) -> None:
    """Schedule the ageing of a recovery point under the option `progress="clock"`.

    To be called when a recovery point is created, when its lifecycle is changed, and when a legal
    hold no longer covers it.

    Args:
        point: the recovery point.
        now: the present, in milliseconds: what is overdue happens now.
    """
    organization = store_of(point.vault).organization
    if organization.options.progress != "clock":
        return
    for at in _changes(point).values():
        organization.clockwork.schedule(max(at, now), functools.partial(age, point))


def _changes(point: RecoveryPoint) -> dict[str, int]:
    """Return when a recovery point turns cold and is deleted, in milliseconds, if it still does."""
    members = point.members
    changes = dict(members.get("CalculatedLifecycle") or calculated_lifecycle(members))
    if not _turns_cold(point):
        changes.pop(_COLD, None)
    if members["Status"] in _GONE_OR_FAILED or (
        # One that no plan of the fake has made is kept up by what the fake does not hold.
        point.is_continuous and "BackupPlanId" not in members.get("CreatedBy", {})
    ):
        changes.pop(_DELETED, None)
    return changes


def _turns_cold(point: RecoveryPoint) -> bool:
    """Return whether a recovery point can turn cold; into an archive only where it is opted in."""
    known = features_of(point.members.get("ResourceType"), point.arn)
    opted_in = point.members.get("Lifecycle", {}).get("OptInToArchiveForSupportedResources", False)
    return point.members.get("StorageClass") != "COLD" and (
        known is not None and known.cold and (opted_in or not known.archived)
    )


def age(point: RecoveryPoint, at: int) -> None:
    """Turn a recovery point cold or delete it, if that is due at an instant, in milliseconds."""
    if point.vault.points.get(point.arn) is not point:
        return
    due = {name for name, instant in _changes(point).items() if instant <= at}
    if _COLD in due:
        point.members = {**point.members, "StorageClass": "COLD"}
        store_of(point.vault).note_cold(point)
    if _DELETED in due:
        composite = _composite_of(point)
        whole = point if composite is None or not _is_due(composite, at) else composite
        _age_away(whole, at)


def _is_due(point: RecoveryPoint, at: int) -> bool:
    """Return whether a recovery point is due for deletion at an instant, in milliseconds."""
    return _changes(point).get(_DELETED, at + 1) <= at


def _age_away(point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point that is due, a composite one after its nested ones.

    An access point prevents deletion; EXPIRED is AWS's status of such points [assumed], of a
    composite one that keeps a nested one for that, and of a continuous one whose rule runs too
    seldom to keep it up [documented: guide].
    """
    store = store_of(point.vault)
    organization = store.organization
    group = [*store.vaults.nested_in(point.arn), point]
    if any(legal_hold_on(each) or organization.jobs.reader(each.arn) for each in group):
        return
    left = False
    for each in group:
        if (
            access_points_to(organization, each.arn)
            or (left and each is point)
            or _is_kept_up(each)
        ):
            left = True
            enter(each, "EXPIRED", at)
        else:
            _take_out(each, at)
    if not left:
        lose_nested(point, at)


def _is_kept_up(point: RecoveryPoint) -> bool:
    """Return whether a plan still has the rule that keeps a continuous backup up."""
    if not point.is_continuous:
        return False
    creator = point.members.get("CreatedBy", {})
    plan = store_of(point.vault).entries(PLAN).get(creator.get("BackupPlanId", ""))
    rules = [] if plan is None else documents.of(plan.members)["Rules"]
    return any(each.get("RuleId") == creator.get("BackupRuleId") for each in rules)


def release(point: RecoveryPoint, at: int) -> None:
    """Schedule the ageing of a recovery point whose hold is gone, and of its composite one.

    Args:
        point: the recovery point.
        at: when the hold was canceled, in milliseconds: what is overdue happens then.
    """
    for each in (point, _composite_of(point)):
        if each is not None:
            schedule_next(each, at)


def let_go(organization: Organization, arn: str, at: int) -> None:
    """Delete a recovery point that came due while a job read it, and its composite one.

    Args:
        organization: the organisation that holds it, in whatever account.
        arn: its ARN.
        at: when the job ended, in milliseconds.
    """
    if organization.options.progress != "clock":
        return
    for store in list(organization.stores.values()):
        point = store.vaults.point(arn)
        if point is not None:
            for each in (point, _composite_of(point)):
                if each is not None and _is_due(each, at):
                    schedule_next(each, at)


def delete(point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point and its tags at once; a composite one that lost it is PARTIAL."""
    _take_out(point, at)
    lose_nested(point, at)


def _take_out(point: RecoveryPoint, at: int) -> None:
    """Remove a recovery point and its tags, and emit the event of DELETING."""
    point.vault.take(point)
    store_of(point.vault).tags.pop(point.arn, None)
    enter(point, "DELETING", at)


def lose_nested(nested: RecoveryPoint, at: int) -> None:
    """Make the composite recovery point PARTIAL that loses a nested one.

    [documented: guide, for deletion and disassociation; assumed for lifecycles]
    """
    composite = _composite_of(nested)
    if composite is not None and composite.members["Status"] == "COMPLETED":
        enter(composite, "PARTIAL", at)


def _composite_of(nested: RecoveryPoint) -> RecoveryPoint | None:
    """Return the composite recovery point that one is nested in, if it exists."""
    arn = nested.members.get("ParentRecoveryPointArn")
    return None if arn is None else store_of(nested.vault).vaults.point(arn)


def enter(point: RecoveryPoint, status: str, at: int) -> None:
    """Set a recovery point's status, and emit its event.

    Args:
        point: the recovery point.
        status: the new status.
        at: when it changes, in milliseconds.
    """
    point.members = {**point.members, "Status": status}
    telling.point_entered(point, at)


def legal_hold_on(point: RecoveryPoint) -> Entry | None:
    """Return an active legal hold that covers a recovery point; None if none does."""
    for each in store_of(point.vault).entries(LEGAL_HOLD).values():
        # A canceled legal hold covers no recovery points.
        if point.arn in each.members["RecoveryPoints"]:
            return each
    return None


def access_points_to(organization: Organization, arn: str) -> list[Entry]:
    """Return all accounts' access points to the recovery point with an ARN."""
    return [
        each
        for store in organization.stores.values()
        for each in store.entries(ACCESS_POINT).values()
        if each.members["RecoveryPointArn"] == arn
    ]
