"""Run the rules of backup plans: start the backup jobs of the selected resources.

A rule's run starts a backup job for each resource that one of the plan's selections selects:
`choosing` finds them.

By the clock a run is passed over where `overlaps` says so; by hand every rule runs.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import plain
from fakebackup.clock import MINUTE
from fakebackup.errors import FakeBackupError, FakeBackupWarning, near, quoted, warn
from fakebackup.model.engine import choosing, continuous, scans, starts
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.plans import documents, overlaps, schedules
from fakebackup.model.plans.documents import DELETED_PLAN, PLAN
from fakebackup.model.resources.types import type_of
from fakebackup.model.shapes.model import members_of
from fakebackup.model.shapes.records import instead, no_key
from fakebackup.model.stores.clockwork import by_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.clockwork import Clockwork
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

MOST = 10_000
"""The most that plans may run in one step of the clock: runs, and the jobs that they start."""

_TOO_MUCH = (
    "The clock went so far in one step that plans have started {most} runs and jobs, and more are "
    "due, the next one {what}. Let time pass in smaller steps, looking at the fake in between; "
    "create the plan later, or without the clock: under another `progress` {otherwise} alone."
)


def check_step(clockwork: Clockwork, *, what: str, otherwise: str) -> None:
    """Refuse a run that is due when a step of the clock has run as much as it may.

    Args:
        clockwork: the clockwork.
        what: what runs, for the message.
        otherwise: how it runs without the clock, for the message.

    Raises:
        FakeBackupError: more than `MOST` has run in this step of the clock.
    """
    if clockwork.ran >= MOST:
        raise FakeBackupError(_TOO_MUCH.format(most=MOST, what=what, otherwise=otherwise))


def next_run(members: Mapping[str, Any], after: int, *, what: str, otherwise: str) -> int | None:
    """Return when a schedule runs next; None if never, and with a warning if it is not valid.

    Args:
        members: those of the rule or the plan that has the schedule, which may be loaded.
        after: the instant after which it runs, in milliseconds.
        what: what runs, for the message.
        otherwise: how it runs without the clock, for the message.
    """
    expression, zone = members["ScheduleExpression"], members["ScheduleExpressionTimezone"]
    try:
        return next(schedules.runs(expression, zone, after), None)
    except ValueError as error:
        # What was loaded is not the test's to change.
        warn(f"The clock never runs {what}: {error}. It runs {otherwise} alone.", raising=False)
        return None


def not_there(key: str, plans: Mapping[str, Entry]) -> str:
    """Return what a text is that is the key of no plan, as the end of a sentence.

    Args:
        key: the text.
        plans: the plans that there are, by key.
    """
    hint = no_key(key, {each: plan.members for each, plan in plans.items()})
    return hint if hint.endswith("?") else f"{hint}."


@contextlib.contextmanager
def goes_on(clockwork: Clockwork, schedule: Callable[[], None]) -> Iterator[None]:
    """Schedule the next run after what a run by the clock does, also where that raises.

    Not where the run is refused: it stays due.

    Args:
        clockwork: the clockwork, which is told that a run that raises does not stay due.
        schedule: schedules the next run.
    """
    try:
        yield
    except (FakeBackupError, FakeBackupWarning):
        raise
    except BaseException:
        schedule()
        clockwork.went_on = True
        raise
    schedule()


class Rule(NamedTuple):
    """A rule of a backup plan.

    Attributes:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        document: the rule, as the plan's document has it.
        whole: the same with the defaults of members that a recorded rule lacks.
    """

    store: Store
    plan: Entry
    document: Mapping[str, Any]
    whole: Mapping[str, Any]

    def is_current(self) -> bool:
        """Return whether the plan exists and its present version has the rule."""
        return self.store.entries(PLAN).get(self.plan.key) is self.plan and any(
            self.document is each for each in documents.of(self.plan.members)["Rules"]
        )

    def is_passed_over(self, at: int, since: int) -> bool:
        """Return whether another rule of the plan backs up in the place of a run at an instant.

        Args:
            at: the instant, in milliseconds.
            since: the instant after which the plan's rules run, in milliseconds.
        """
        return overlaps.is_passed_over(*self._among(), at, since)

    def described(self) -> str:
        """Return what messages call the rule."""
        plan = documents.of(self.plan.members)["BackupPlanName"]
        return f"the rule {self.document['RuleName']!r} of plan {plan!r}"

    def _among(self) -> tuple[list[dict[str, Any]], int]:
        """Return the rules of the plan, with defaults, and the index of this one."""
        document = documents.of(self.plan.members)
        at = next(n for n, each in enumerate(document["Rules"]) if each is self.document)
        return documents.whole_rules(document), at

    def run(self, roles: Mapping[str, str], at: int) -> list[Job]:
        """Start the rule's backup jobs at an instant, and return them.

        Args:
            roles: per ARN of a resource to back up, the role to back it up.
            at: the instant, in milliseconds.
        """
        ignored = overlaps.is_outlasted(*self._among())
        self.plan.members = {**self.plan.members, "LastExecutionDate": at}
        return [
            self._start(arn, role, at)
            for arn, role in roles.items()
            if not (ignored and continuous.is_asked_of(self.whole, arn))
        ]

    def _start(self, arn: str, role: str, at: int) -> Job:
        rule, resource_type = self.whole, type_of(arn)
        actions = rule.get("IndexActions", ())
        members = {
            "ResourceArn": arn,
            "CreationDate": at,
            "CreatedBy": self._creator(),
            "BackupVaultName": rule["TargetBackupVaultName"],
            "IamRoleArn": role,
            "StartBy": at + rule["StartWindowMinutes"] * MINUTE,
            "RecoveryPointLifecycle": rule.get("Lifecycle"),
            "BackupOptions": self._options(resource_type),
        }
        request = JobRequest(
            complete_by=at + rule["CompletionWindowMinutes"] * MINUTE,
            tags=rule.get("RecoveryPointTags"),
            index=any(resource_type in action.get("ResourceTypes", ()) for action in actions),
            copies=tuple(rule.get("CopyActions", ())),
            scans=scans.asked_by(documents.of(self.plan.members), rule, resource_type),
            air_gapped=rule.get("TargetLogicallyAirGappedBackupVaultArn"),
            continuous=continuous.is_asked_of(rule, arn),
        )
        return starts.backup(self.store, members, request)

    def _creator(self) -> dict[str, str]:
        """Return the CreatedBy of its jobs, as far as the installed botocore knows its members."""
        members, rule = self.plan.members, self.whole
        creator = {
            "BackupPlanId": members["BackupPlanId"],
            "BackupPlanArn": members.get("BackupPlanArn"),
            "BackupPlanName": members.get("BackupPlanName"),
            "BackupPlanVersion": members.get("VersionId"),
            "BackupRuleId": rule.get("RuleId"),
            "BackupRuleName": rule["RuleName"],
            "BackupRuleCron": rule["ScheduleExpression"],
            "BackupRuleTimezone": rule["ScheduleExpressionTimezone"],
        }
        known = _creator_members()
        # A plan that was loaded may lack some.
        return {name: each for name, each in creator.items() if name in known and each is not None}

    def _options(self, resource_type: str | None) -> dict[str, str] | None:
        """Return the plan's BackupOptions for a resource type; None if it has none."""
        for setting in documents.of(self.plan.members).get("AdvancedBackupSettings", ()):
            if setting.get("ResourceType") == resource_type:
                return dict(setting.get("BackupOptions", {})) or None
        return None


@functools.cache
def _creator_members() -> frozenset[str]:
    return frozenset(members_of("RecoveryPointCreator"))


def rules_of(store: Store, plan: Entry) -> list[Rule]:
    """Return the rules of a plan's present version."""
    document = documents.of(plan.members)
    wholes = documents.whole_rules(document)
    return [Rule(store, plan, *each) for each in zip(document["Rules"], wholes, strict=True)]


def _chosen(store: Store, plan: Entry, *, by_hand: bool = False) -> dict[str, str]:
    """Return the ARNs of the resources that a plan backs up, each with the role to back it up.

    A warning names those that its selections name in vain, or says that they select nothing.

    Args:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        by_hand: whether the test runs it, and not the clock.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; nothing has run.
    """
    choice = choosing.choose(store, plan)
    choosing.warn(store, plan, choice)
    choosing.warn_of_nothing(store, plan, choice, by_hand=by_hand)
    return choice.roles


# --- By the clock -------------------------------------------------------------------------


def schedule_next(store: Store, plan: Entry, now: int) -> None:
    """Schedule the runs of a plan's rules under the option `progress="clock"`.

    To be called whenever a plan has a new version.

    Args:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        now: the instant after which its rules run, in milliseconds.
    """
    if store.options.progress != "clock":
        return
    for rule in rules_of(store, plan):
        _schedule(rule, now, now)


def _schedule(rule: Rule, since: int, after: int) -> None:
    """Schedule a rule's next run.

    Args:
        rule: the rule.
        since: the instant after which the plan's rules run, in milliseconds.
        after: the instant after which the run is, in milliseconds.
    """
    # Anew each time: a run that a savepoint undoes is due again, and a dump names the rule.
    otherwise = "by backup.run_plan()"
    following = next_run(rule.whole, after, what=rule.described(), otherwise=otherwise)
    if following is not None:
        due = functools.partial(run_due, rule, since)
        rule.store.organization.clockwork.schedule(following, due)


@by_schedule(lambda rule, _since: rule.is_current())
def run_due(rule: Rule, since: int, at: int) -> None:
    """Run a rule that the clock has made due, if its plan still has it; schedule the next run.

    Args:
        rule: the rule.
        since: the instant after which the plan's rules run, in milliseconds. It is not the
            CreationDate of a plan that was seeded or loaded: what such a plan ran before has
            left nothing in the fake.
        at: when it is due, in milliseconds.

    Raises:
        FakeBackupError: more than `MOST` has run in this step of the clock; the rule stays due.
        FakeBackupWarning: as for `_chosen`; the rule stays due.
    """
    if not rule.is_current():
        return
    clockwork = rule.store.organization.clockwork
    what = f"by {rule.described()}"
    check_step(clockwork, what=what, otherwise="plans run by backup.run_plan()")
    if rule.is_passed_over(at, since):
        clockwork.ran += 1
        _schedule(rule, since, at)
        return
    with goes_on(clockwork, functools.partial(_schedule, rule, since, at)):
        roles = _chosen(rule.store, rule.plan)
        clockwork.ran += 1 + len(rule.run(roles, at))


# --- By hand ------------------------------------------------------------------------------


def run(store: Store, plan_id: object, rule_name: str | None, at: int) -> list[Job]:
    """Run a plan's rules, or one of them, as `FakeBackup.run_plan` describes.

    Args:
        store: the store that the plan lies in.
        plan_id: the id of the plan.
        rule_name: the name of the rule; None runs all rules.
        at: when they run, in milliseconds.

    Raises:
        TypeError: what is given is no id.
        ValueError: there is no such plan in the store, its rules are not known, or it has no such
            rule.
        FakeBackupWarning: as for `_chosen`.
    """
    plans = store.entries(PLAN)
    plan_id, rule_name = plain.scalar(plan_id), plain.scalar(rule_name)
    if not isinstance(plan_id, str):
        hint = instead(plan_id, "BackupPlanId")
        msg = f"A plan is run by its id, the key of an entry, not {quoted(plan_id)}{hint}"
        raise TypeError(msg)
    plan = plans.get(plan_id)
    if plan is None:
        deleted = plan_id in store.entries(DELETED_PLAN)
        named = [
            key
            for key, each in plans.items()
            if documents.of(each.members).get("BackupPlanName") == plan_id
        ]
        if deleted:
            hint = ": it was deleted."
        elif named:
            hint = f": that is the name of {', '.join(named)}."
        else:
            hint = not_there(plan_id, plans)
        where = f"{store.account} {store.region}"
        msg = f"There is no backup plan with the id {quoted(plan_id)} in {where}{hint}"
        raise ValueError(msg)
    rules = rules_of(store, plan)
    if not rules:
        why = "its document was recorded without any"
        if "BackupPlan" not in plan.members:
            why = "it was loaded from a list, which does not show its document"
        msg = (
            f"It is not known what rules the backup plan {quoted(plan_id)} has: {why}. Load what "
            f"GetBackupPlan answers, too."
        )
        raise ValueError(msg)
    wanted = [rule for rule in rules if rule_name in (None, rule.document["RuleName"])]
    if not wanted:
        name = documents.of(plan.members)["BackupPlanName"]
        names = [rule.document["RuleName"] for rule in rules]
        hint = near(rule_name, names) or f": its rules are {', '.join(names)}."
        msg = f"{name} has no rule {quoted(rule_name)}{hint}"
        raise ValueError(msg)
    roles = _chosen(store, plan, by_hand=True)
    return [job for rule in wanted for job in rule.run(roles, at)]
