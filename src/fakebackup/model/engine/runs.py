"""What backup plans run: the jobs that their rules start.

A rule's run starts a backup job for each resource that one of the plan's selections names;
`choosing` tells which.

What a run does not do [assumed]: of rules that overlap it passes none over; continuous backups
are snapshots like others; ScanActions start no scans, and a logically air-gapped vault that is
named besides the target gets nothing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.clock import MINUTE
from fakebackup.errors import FakeBackupError, FakeBackupWarning, near
from fakebackup.model.engine import choosing, starts
from fakebackup.model.jobs.job import JobRequest
from fakebackup.model.plans import schedules
from fakebackup.model.plans.documents import DELETED_PLAN, PLAN
from fakebackup.model.resources.types import type_of
from fakebackup.model.shapes.model import members_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

MOST = 10_000
"""How much plans may run in one step of the clock: runs, and the jobs that they start."""

_TOO_MUCH = (
    "The clock went so far in one step that backup plans have started {most} runs and jobs, and "
    "more are due, the next one by the rule {rule!r} of plan {plan!r}. Let time pass in smaller "
    "steps, looking at the fake in between; create the plan later, or without the clock: under "
    "another `progress` plans run by backup.run_plan() alone."
)


class _Rule(NamedTuple):
    """A rule of a plan.

    Attributes:
        store: where it lies.
        plan: its plan.
        said: what it says.
    """

    store: Store
    plan: Entry
    said: Mapping[str, Any]

    def is_there(self) -> bool:
        """Tell whether the plan is there, and this a rule of its present version."""
        return self.store.entries(PLAN).get(self.plan.key) is self.plan and any(
            self.said is each for each in self.plan.members["BackupPlan"]["Rules"]
        )

    def run(self, roles: Mapping[str, str], at: int) -> list[Job]:
        """Start what it starts at an instant; without jobs it has run, too.

        Args:
            roles: per ARN of a resource to back up, the role that does it.
            at: the instant, in milliseconds.
        """
        self.plan.members = {**self.plan.members, "LastExecutionDate": at}
        return [self._start(arn, role, at) for arn, role in roles.items()]

    def _start(self, arn: str, role: str, at: int) -> Job:
        said, resource_type = self.said, type_of(arn)
        actions = said.get("IndexActions", ())
        members = {
            "ResourceArn": arn,
            "CreationDate": at / 1000,
            "CreatedBy": self._creator(),
            "BackupVaultName": said["TargetBackupVaultName"],
            "IamRoleArn": role,
            "StartBy": (at + said["StartWindowMinutes"] * MINUTE) / 1000,
            "RecoveryPointLifecycle": said.get("Lifecycle"),
            "BackupOptions": self._options(resource_type),
        }
        request = JobRequest(
            complete_by=at + said["CompletionWindowMinutes"] * MINUTE,
            tags=said.get("RecoveryPointTags"),
            index=any(resource_type in action.get("ResourceTypes", ()) for action in actions),
            copies=tuple(said.get("CopyActions", ())),
        )
        return starts.backup(self.store, members, request)

    def _creator(self) -> dict[str, str]:
        """Return the CreatedBy of what it starts, as far as the installed botocore knows it."""
        members, said = self.plan.members, self.said
        creator = {
            "BackupPlanId": members["BackupPlanId"],
            "BackupPlanArn": members["BackupPlanArn"],
            "BackupPlanName": members["BackupPlanName"],
            "BackupPlanVersion": members["VersionId"],
            "BackupRuleId": said["RuleId"],
            "BackupRuleName": said["RuleName"],
            "BackupRuleCron": said["ScheduleExpression"],
            "BackupRuleTimezone": said["ScheduleExpressionTimezone"],
        }
        known = _creator_members()
        return {name: value for name, value in creator.items() if name in known}

    def _options(self, resource_type: str | None) -> dict[str, str] | None:
        """Return the BackupOptions that the plan has for a resource type."""
        for setting in self.plan.members["BackupPlan"].get("AdvancedBackupSettings", ()):
            if setting["ResourceType"] == resource_type:
                return dict(setting.get("BackupOptions", {})) or None
        return None


@functools.cache
def _creator_members() -> frozenset[str]:
    return frozenset(members_of("RecoveryPointCreator"))


def _rules(store: Store, plan: Entry) -> list[_Rule]:
    return [_Rule(store, plan, each) for each in plan.members["BackupPlan"]["Rules"]]


def _chosen(store: Store, plan: Entry) -> dict[str, str]:
    """Return what a plan backs up, per ARN its role; warn of what it names in vain.

    Raises:
        FakeBackupWarning: if the user's filters make an error of the warning; nothing has run.
    """
    choice = choosing.choose(store, plan)
    choosing.warn(store, plan, choice)
    return choice.roles


# --- By the clock -------------------------------------------------------------------------


def schedule_next(store: Store, plan: Entry, now: int) -> None:
    """Let the clock run a plan's rules from now on, if the clock moves things.

    To be called whenever a plan has a new version.

    Args:
        store: where it lies.
        plan: the plan.
        now: the instant after which its rules run, in milliseconds.
    """
    if store.options.progress != "clock":
        return
    for rule in _rules(store, plan):
        zone = rule.said["ScheduleExpressionTimezone"]
        _schedule(rule, schedules.runs(rule.said["ScheduleExpression"], zone, now))


def _schedule(rule: _Rule, instants: Iterator[int]) -> None:
    """Let the clock run a rule at the next of its instants."""
    following = next(instants, None)
    if following is not None:
        act = functools.partial(_run_due, rule, instants)
        rule.store.organization.clockwork.schedule(following, act)


def _run_due(rule: _Rule, instants: Iterator[int], at: int) -> None:
    """Run a rule that the clock has made due, unless its plan is gone or has another version.

    Raises:
        FakeBackupError: more has run in this step of the clock than anybody wants to wait for;
            it is due as before then.
        FakeBackupWarning: as for `_chosen`; it is due as before then.
    """
    if not rule.is_there():
        return
    clockwork = rule.store.organization.clockwork
    again = functools.partial(_run_due, rule, instants)
    if clockwork.ran >= MOST:
        clockwork.schedule(at, again)
        named = {"rule": rule.said["RuleName"], "plan": rule.plan.members["BackupPlanName"]}
        raise FakeBackupError(_TOO_MUCH.format(most=MOST, **named))
    try:
        roles = _chosen(rule.store, rule.plan)
    except FakeBackupWarning:
        clockwork.schedule(at, again)
        raise
    clockwork.ran += 1 + len(rule.run(roles, at))
    _schedule(rule, instants)


# --- By hand ------------------------------------------------------------------------------


def run(store: Store, plan_id: str, rule_name: str | None, at: int) -> list[Job]:
    """Run a plan's rules, or one of them; what `FakeBackup.run_plan` describes.

    Raises:
        ValueError: there is no such plan here, or no such rule in it.
        FakeBackupWarning: as for `_chosen`.
    """
    plans = store.entries(PLAN)
    plan = plans.get(plan_id)
    if plan is None:
        deleted = plan_id in store.entries(DELETED_PLAN)
        hint = (
            ": it was deleted." if deleted else near(plan_id, plans) or f"; there are {len(plans)}."
        )
        where = f"{store.account} {store.region}"
        msg = f"There is no backup plan with the id {plan_id!r} in {where}{hint}"
        raise ValueError(msg)
    rules = _rules(store, plan)
    wanted = [rule for rule in rules if rule_name in (None, rule.said["RuleName"])]
    if not wanted:
        names = [rule.said["RuleName"] for rule in rules]
        hint = near(rule_name, names) or f": its rules are {', '.join(names)}."
        msg = f"{plan.members['BackupPlanName']} has no rule {rule_name!r}{hint}"
        raise ValueError(msg)
    roles = _chosen(store, plan)
    return [job for rule in wanted for job in rule.run(roles, at)]
