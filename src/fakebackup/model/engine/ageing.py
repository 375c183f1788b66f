"""Age recovery points by their lifecycles: into cold storage, and to deletion.

With the option ``progress="clock"`` the process's clock ages all recovery points, seeded ones
too; in other modes they stay as they are [assumed]. Continuous backups that no plan of the fake
has made stay [assumed]. Recovery points that an active legal hold covers, or that have an access
point, stay as they are until the hold is canceled and the last access point deleted [documented:
model, of LegalHold and of CreateBackupAccessPoint], and those that a job reads are not deleted
until the job has ended [assumed]. A composite one is deleted together with its nested ones, or not
at all [assumed]. A vault's lock does not keep any [documented: guide, vault lock]. No event is
emitted when one turns cold [assumed: no event says it].

A temporary one is deleted once it is copied into an air-gapped vault, whatever moves jobs.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

from fakebackup.model.engine import telling
from fakebackup.model.jobs.filters import criteria, same
from fakebackup.model.jobs.kinds import COPY
from fakebackup.model.plans import documents
from fakebackup.model.plans.documents import PLAN
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.stores.entries import ACCESS_POINT, LEGAL_HOLD
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults.lifecycles import (
    COLD_AT,
    DELETED_AT,
    calculated_lifecycle,
    days_kept,
    turns_cold,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.model.vaults.vault import RecoveryPoint


def schedule_next(point: RecoveryPoint, now: int) -> None:
    """Schedule the ageing of a recovery point under the option `progress="clock"`.

    To be called when a recovery point is created, when its lifecycle is changed, and when what
    kept it as it was is gone.

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
    if members.get("StorageClass") == "COLD" or not turns_cold(members):
        changes.pop(COLD_AT, None)
    # One that no plan of the fake has made is kept up by what the fake does not hold.
    kept_up = point.is_continuous and "BackupPlanId" not in members.get("CreatedBy", {})
    if point.is_busy or members["Status"] == "EXPIRED" or kept_up:
        changes.pop(DELETED_AT, None)
    return changes


def age(point: RecoveryPoint, at: int) -> None:
    """Turn a recovery point cold or delete it, if that is due at an instant, in milliseconds."""
    if point.vault.points.get(point.arn) is not point:
        return
    due = {name for name, instant in _changes(point).items() if instant <= at}
    if not due or _is_held_back(point):
        return
    if COLD_AT in due:
        point.members = {**point.members, "StorageClass": "COLD"}
        store_of(point.vault).note_cold(point)
    if DELETED_AT in due:
        composite = _composite_of(point)
        whole = point if composite is None or not _is_due(composite, at) else composite
        _age_away(whole, at)


def _is_due(point: RecoveryPoint, at: int) -> bool:
    """Return whether a recovery point is due for deletion at an instant, in milliseconds."""
    return _changes(point).get(DELETED_AT, at + 1) <= at


def _age_away(point: RecoveryPoint, at: int) -> None:
    """Delete a recovery point that is due, a composite one after its nested ones.

    EXPIRED is the status of a continuous one whose rule runs too seldom to keep it up [documented:
    guide], and of a composite one that keeps a nested one for that [assumed].
    """
    store = store_of(point.vault)
    group = [*store.vaults.nested_in(point.arn), point]
    if any(_is_held_back(each) or store.organization.jobs.reader(each.arn) for each in group):
        return
    left = False
    for each in group:
        if (left and each is point) or _is_kept_up(each):
            left = True
            enter(each, "EXPIRED", at)
        else:
            _take_out(each, at)
    if not left:
        lose_nested(point, at)


def _is_held_back(point: RecoveryPoint) -> bool:
    """Return whether a recovery point stays as it is whatever its lifecycle says."""
    organization = store_of(point.vault).organization
    return legal_hold_on(point) is not None or bool(access_points_to(organization, point.arn))


def _is_kept_up(point: RecoveryPoint) -> bool:
    """Return whether a plan still has the rule that keeps a continuous backup up.

    None keeps up a STOPPED one: the next run begins another [documented: model].
    """
    if not point.is_continuous or point.members["Status"] == "STOPPED":
        return False
    creator = point.members.get("CreatedBy", {})
    plan = store_of(point.vault).entries(PLAN).get(creator.get("BackupPlanId", ""))
    rules = [] if plan is None else documents.of(plan.members)["Rules"]
    return any(each.get("RuleId") == creator.get("BackupRuleId") for each in rules)


def release(point: RecoveryPoint, at: int) -> None:
    """Age a recovery point that is no longer held back, and its composite one.

    Args:
        point: the recovery point.
        at: when what held it back has ended, in milliseconds: what is overdue happens then.
    """
    _delete_copied(point, at)
    for each in (point, _composite_of(point)):
        if each is not None:
            schedule_next(each, at)


def release_all(stores: Iterable[Store], arns: Iterable[str], at: int) -> None:
    """Age recovery points that a legal hold or an access point has held back.

    What came due meanwhile, cold storage or deletion, is due when nothing holds one back any more
    [documented: model].

    Args:
        stores: the stores that they may lie in, which are looked through.
        arns: the ARNs of the recovery points.
        at: when the hold or the access point has ended, in milliseconds.
    """
    for store, arn in itertools.product(stores, arns):
        point = store.vaults.point(arn)
        if point is not None:
            release(point, at)


def let_go(store: Store, arn: str, at: int) -> None:
    """Delete a recovery point that was due, or copied, while a job read it, and its composite one.

    Args:
        store: the store of the job; the recovery point may lie in whatever account.
        arn: its ARN.
        at: when the job ended, in milliseconds.
    """
    organization = store.organization
    # A temporary one is not shared, and no seeded job leaves one: it exists by now.
    own = store.point_so_far(arn)
    if own is not None:
        _delete_copied(own, at)
    if organization.options.progress != "clock":
        return
    for each_store in list(organization.stores.values()):
        point = each_store.vaults.point(arn)
        if point is not None:
            for each in (point, _composite_of(point)):
                if each is not None and _is_due(each, at):
                    schedule_next(each, at)


def _delete_copied(point: RecoveryPoint, at: int) -> None:
    """Delete a temporary recovery point whose last copy has ended, unless something keeps it.

    A copy in an air-gapped vault must have completed, and be kept as long as the source at least;
    otherwise it stays for its own retention [documented: guide, primary backups].
    """
    if not point.is_temporary:
        return
    store = store_of(point.vault)
    if store.organization.jobs.reader(point.arn) is not None or _is_held_back(point):
        return
    wanted = {"SourceRecoveryPointArn": point.arn}
    copies = store.jobs.matching(COPY, criteria({name: same(name) for name in wanted}, wanted))
    if any(_suffices(each, point) for each in copies):
        delete(point, at)


def _suffices(copy: Job, point: RecoveryPoint) -> bool:
    """Return whether a copy is complete, in an air-gapped vault, and kept long enough."""
    vault = store_of(copy).find_vault(copy.members.get("DestinationBackupVaultArn", ""))
    if copy.kept_state != "COMPLETED" or vault is None or vault.members["VaultType"] != AIR_GAPPED:
        return False
    own = copy.members.get("DestinationRecoveryPointLifecycle")
    return days_kept(own) >= days_kept(point.members.get("Lifecycle"))


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
        if each.members.get("RecoveryPointArn") == arn
    ]
