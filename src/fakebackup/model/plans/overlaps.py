"""Rules of a plan whose start windows overlap: one of them backs up [documented: guide].

A run is passed over when its start window meets that of a run of another rule whose backups are
kept longer; of rules that keep them equally long, the plan's earlier one runs [assumed]. It leaves
no job [assumed]. Continuous rules neither pass over nor are passed over [assumed].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.clock import MINUTE
from fakebackup.model.plans import schedules
from fakebackup.model.resources.values import KEEP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Rule = Mapping[str, Any]


def is_passed_over(rules: Sequence[Rule], rule: Rule, at: int, since: int) -> bool:
    """Return whether a run of a rule is passed over for another rule of its plan.

    Args:
        rules: the rules of the plan, in order.
        rule: the rule, which is one of them.
        at: when it runs, in milliseconds.
        since: the instant after which the plan's rules run, in milliseconds.
    """
    return any(
        _has_run(other, at, at + _window(rule), since) for other in _kept_longer(rules, rule)
    )


def is_outlasted(rules: Sequence[Rule], rule: Rule) -> bool:
    """Return whether another continuous rule keeps one up in its place, and it is ignored.

    Of several with one vault the one with the longest retention counts [documented: guide], of
    equal ones the plan's earlier one [assumed]. Arguments are those of `is_passed_over`.
    """
    vault = rule["TargetBackupVaultName"]
    beside = [
        each
        for each in rules
        if each["EnableContinuousBackup"] and each["TargetBackupVaultName"] == vault
    ]
    return max(beside, key=_retention) is not rule


def _kept_longer(rules: Sequence[Rule], rule: Rule) -> list[Rule]:
    """Return the rules that back up in a rule's place where their windows overlap."""
    if rule["EnableContinuousBackup"]:
        return []
    own, place = _retention(rule), [each is rule for each in rules].index(True)
    return [
        other
        for number, other in enumerate(rules)
        if other is not rule
        and not other["EnableContinuousBackup"]
        and (_retention(other), place) > (own, number)
    ]


def _has_run(rule: Rule, begin: int, end: int, since: int) -> bool:
    """Return whether a rule has a run whose start window meets the time from `begin` to `end`."""
    # A window that ends when the other one begins does not meet it.
    after = max(since, begin - _window(rule))
    zone = rule["ScheduleExpressionTimezone"]
    following = next(schedules.runs(rule["ScheduleExpression"], zone, after, before=end), None)
    return following is not None


def _window(rule: Rule) -> int:
    return int(rule["StartWindowMinutes"]) * MINUTE


def _retention(rule: Rule) -> float:
    """Return for how many days a rule keeps its backups: without an end, infinitely many."""
    days: int | None = rule.get("Lifecycle", {}).get("DeleteAfterDays")
    return float("inf") if days in (None, KEEP) else float(days)
