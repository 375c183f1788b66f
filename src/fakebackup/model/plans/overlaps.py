"""Rules of a plan whose start windows overlap: one of them backs up [documented: guide].

A run is passed over when its start window meets that of a run of another rule whose backups are
kept longer; of rules that keep them equally long, the plan's earlier one runs [assumed]. It leaves
no job [assumed]. Continuous rules neither pass over nor are passed over [assumed].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.clock import MINUTE
from fakebackup.model.plans import schedules
from fakebackup.model.vaults.lifecycles import days_kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Rule = Mapping[str, Any]


def is_passed_over(rules: Sequence[Rule], number: int, at: int, since: int) -> bool:
    """Return whether a run of a rule is passed over for another rule of its plan.

    Args:
        rules: the rules of the plan, in order, with their defaults.
        number: the index of the rule among them.
        at: when it runs, in milliseconds.
        since: the instant after which the plan's rules run, in milliseconds.
    """
    end = at + _window(rules[number])
    return any(_has_run(other, at, end, since) for other in _kept_longer(rules, number))


def is_outlasted(rules: Sequence[Rule], number: int) -> bool:
    """Return whether another continuous rule keeps one up in its place, and it is ignored.

    Of several with one vault the one with the longest retention counts [documented: guide], of
    equal ones the plan's earlier one [assumed]. Arguments are those of `is_passed_over`.
    """
    rule = rules[number]
    if not rule["EnableContinuousBackup"]:
        return False
    vault = rule["TargetBackupVaultName"]
    beside = [
        each
        for each in rules
        if each["EnableContinuousBackup"] and each["TargetBackupVaultName"] == vault
    ]
    return max(beside, key=_retention) is not rule


def _kept_longer(rules: Sequence[Rule], number: int) -> list[Rule]:
    """Return the rules that back up in a rule's place where their windows overlap."""
    rule = rules[number]
    if rule["EnableContinuousBackup"]:
        return []
    return [
        other
        for place, other in enumerate(rules)
        if place != number
        and not other["EnableContinuousBackup"]
        and (_retention(other), number) > (_retention(rule), place)
    ]


def _has_run(rule: Rule, begin: int, end: int, since: int) -> bool:
    """Return whether a rule has a run whose start window meets the time from `begin` to `end`."""
    # A window that ends when the other one begins does not meet it.
    after = max(since, begin - _window(rule))
    zone = rule["ScheduleExpressionTimezone"]
    runs = schedules.known_runs(rule["ScheduleExpression"], zone, after, before=end)
    return next(runs, None) is not None


def _window(rule: Rule) -> int:
    return int(rule["StartWindowMinutes"]) * MINUTE


def _retention(rule: Rule) -> float:
    return days_kept(rule.get("Lifecycle"))
