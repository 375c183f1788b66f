"""Run restore testing plans: start the restore jobs of their tests.

All tests of a run start at its time, where AWS draws an instant within the start window for each
[the choice of the fake]. As many of a type restore at a time as AWS allows; the others wait, and
fail by the clock when the start window ends.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import plain
from fakebackup.clock import HOUR
from fakebackup.errors import quoted
from fakebackup.model.engine import starts
from fakebackup.model.engine.restore_testing import aftermath, choosing
from fakebackup.model.engine.runs import check_step, goes_on, next_run, not_there
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.plans import restore_testing
from fakebackup.model.plans.restore_testing import PLAN
from fakebackup.model.resources.restores import named_resource
from fakebackup.model.shapes.records import instead
from fakebackup.model.stores.clockwork import by_schedule
from fakebackup.model.vaults.metadata import usual_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.engine.restore_testing.choosing import Chosen
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.request import Ending
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint


class Schedule(NamedTuple):
    """The schedule of a restore testing plan, until the plan is updated or deleted.

    Attributes:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        version: the RecoveryPointSelection, of which each update makes another object.
    """

    store: Store
    plan: Entry
    version: Mapping[str, object]

    def is_current(self) -> bool:
        """Return whether the plan exists, as it was when this schedule was made."""
        there = self.store.entries(PLAN).get(self.plan.key) is self.plan
        return there and self.plan.members.get("RecoveryPointSelection") is self.version


# --- By the clock ---------------------------------------------------------------------------


def schedule_next(store: Store, plan: Entry, now: int) -> None:
    """Schedule the runs of a restore testing plan under the option `progress="clock"`.

    To be called when a plan is created and whenever it is updated: an update counts from when it
    is made [assumed].

    Args:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        now: the instant after which it runs, in milliseconds.
    """
    if store.options.progress != "clock" or not restores(plan):
        return
    _schedule(schedule_of(store, plan), now)


def restores(plan: Entry) -> bool:
    """Return whether it is known what a plan restores: one loaded from a list does not show it."""
    return "RecoveryPointSelection" in plan.members


def schedule_of(store: Store, plan: Entry) -> Schedule:
    """Return the schedule of a restore testing plan, as the plan is now."""
    return Schedule(store, plan, plan.members.get("RecoveryPointSelection", {}))


def _schedule(schedule: Schedule, after: int) -> None:
    """Schedule a plan's next run after an instant, in milliseconds."""
    members = restore_testing.with_defaults(schedule.plan.members)
    what = f"the restore testing plan {schedule.plan.key!r}"
    otherwise = "by backup.run_restore_testing_plan()"
    # Anew each time: a run that a savepoint undoes is due again, and a dump names the plan.
    following = next_run(members, after, what=what, otherwise=otherwise)
    if following is not None:
        act = functools.partial(run_due, schedule)
        schedule.store.organization.clockwork.schedule(following, act)


@by_schedule(lambda schedule: schedule.is_current())
def run_due(schedule: Schedule, at: int) -> None:
    """Run a plan that the clock has made due, if it is as it was; schedule the next run.

    Raises:
        FakeBackupError: as for `check_step`; the run stays due.
        FakeBackupWarning: as for `_chosen`; the run stays due.
    """
    if not schedule.is_current():
        return
    store, plan = schedule.store, schedule.plan
    clockwork = store.organization.clockwork
    check_step(
        clockwork,
        what=f"of the restore testing plan {plan.key!r}",
        otherwise="it runs by backup.run_restore_testing_plan()",
    )
    with goes_on(clockwork, functools.partial(_schedule, schedule, at)):
        chosen = _chosen(store, plan, at)
        clockwork.ran += 1 + len(_start(store, plan, chosen, at))


# --- By hand --------------------------------------------------------------------------------


def run(store: Store, name: str, at: int) -> list[Job]:
    """Run a plan, as `FakeBackup.run_restore_testing_plan` describes.

    Args:
        store: the store that the plan lies in.
        name: the name of the plan.
        at: when it runs, in milliseconds.

    Raises:
        TypeError: what is given is no name.
        ValueError: there is no such plan in the store, or it is not known what it restores.
        FakeBackupWarning: as for `_chosen`.
    """
    plans = store.entries(PLAN)
    name = plain.scalar(name)
    given: object = name
    if not isinstance(given, str):
        hint = instead(given, "RestoreTestingPlanName")
        msg = f"A restore testing plan is run by its name, not {quoted(given)}{hint}"
        raise TypeError(msg)
    plan = plans.get(name)
    if plan is None:
        where = f"{store.account} {store.region}"
        msg = f"There is no restore testing plan {quoted(name)} in {where}{not_there(name, plans)}"
        raise ValueError(msg)
    if not restores(plan):
        msg = (
            f"It is not known what the restore testing plan {quoted(name)} restores: it was loaded "
            f"from a list, which does not show its RecoveryPointSelection. Load what "
            f"GetRestoreTestingPlan answers, too."
        )
        raise ValueError(msg)
    return _start(store, plan, _chosen(store, plan, at, by_hand=True), at)


# --- The jobs -------------------------------------------------------------------------------


def _chosen(store: Store, plan: Entry, at: int, *, by_hand: bool = False) -> list[Chosen]:
    """Return what a run restores; warnings say why that, or what a selection tests, is nothing.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; nothing has run.
    """
    chosen = choosing.choose(store, plan, at)
    if chosen:
        choosing.warn_of_selections(store, plan)
    else:
        choosing.warn_of_nothing(store, plan, at, by_hand=by_hand)
    return chosen


def _start(store: Store, plan: Entry, chosen: list[Chosen], at: int) -> list[Job]:
    """Start the jobs of a run, and return them.

    The time of the run is the plan's from then on, even if nothing was restored [assumed].
    """
    for each in chosen:
        # Asked before a job is made: where nothing in the process answers, none is.
        store.tags_of_resource(each.point.members["ResourceArn"])
    plan.members = {**plan.members, "LastExecutionTime": at}
    return [_start_one(store, plan, each, at) for each in chosen]


def _start_one(store: Store, plan: Entry, chosen: Chosen, at: int) -> Job:
    point, selection = chosen.point, chosen.selection
    resource, resource_type = point.members["ResourceArn"], point.members["ResourceType"]
    metadata = _metadata(store, point, selection)
    made = named_resource(store.home, resource_type, metadata, resource)
    members = {
        "CreationDate": at,
        "RecoveryPointArn": point.arn,
        "IamRoleArn": selection["IamRoleArn"],
        "SourceResourceArn": resource,
        "BackupVaultArn": point.vault.arn,
        "ResourceType": resource_type,
        "RecoveryPointCreationDate": point.members["CreationDate"],
        "BackupSizeInBytes": point.members.get("BackupSizeInBytes"),
        "CreatedBy": {"RestoreTestingPlanArn": plan.arn},
    }
    test = aftermath.Test(
        window=selection.get("ValidationWindowHours", 0) * HOUR,
        start_by=at + restore_testing.with_defaults(plan.members)["StartWindowHours"] * HOUR,
    )
    request = JobRequest(
        outcome=_ending(store, resource, metadata),
        metadata=metadata,
        left={} if made is None else {"CreatedResourceArn": made},
        then=test,
    )
    job = starts.make(RESTORE, store.account, members, request)
    starts.start(store, [job])
    aftermath.schedule_expiry(job)
    return job


def _metadata(store: Store, point: RecoveryPoint, selection: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata of a test: inferred, and changed as the selection says.

    Keys are compared whatever their case [documented: guide]; they are spelled as the inferred
    ones [assumed].
    """
    known = {**usual_metadata(point), **point.metadata}
    # Another name for each test.
    seed = f"{point.arn} {store.organization.numbers.last}"
    inferred = restore_testing.inferred_metadata(
        point.members["ResourceType"], seed, store.region, known
    )
    spelled = {key.lower(): key for key in inferred}
    overrides = selection.get("RestoreMetadataOverrides") or {}
    changed = {spelled.get(key.lower(), key): value for key, value in overrides.items()}
    return {**inferred, **changed}


def _ending(store: Store, resource: str, metadata: Mapping[str, str]) -> Ending | None:
    """Return the ending of a test: FAILED without metadata that it needs, or the chosen one."""
    missing = restore_testing.missing_metadata(metadata)
    if not missing:
        return starts.chosen_ending(store, "StartRestoreJob", resource)
    # AWS's message is not known [assumed].
    message = f"Restore job failed because its metadata lacks {' and '.join(missing)}."
    return "FAILED", ({"StatusMessage": message}, frozenset({"StatusMessage"}))
