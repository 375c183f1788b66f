"""Backup plan documents: check them as AWS does, fill in its defaults, preview their runs."""

from __future__ import annotations

import heapq
import itertools
import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import AwsError, invalid_parameter, missing_parameter
from fakebackup.known_errors import (
    CONTINUOUS_HAS_NO_LIFECYCLE,
    CONTINUOUS_IS_COLD,
    DAYS_OUT_OF_BOUNDS,
    ROLE_NOT_ASSUMED,
    in_rule,
)
from fakebackup.model.jobs import windows
from fakebackup.model.plans import schedules
from fakebackup.model.quotas import NUMBERS, check
from fakebackup.model.resources.arns import ROLE_ARN, vault_named_by
from fakebackup.model.resources.types import INDEXED, SCANNED
from fakebackup.model.resources.values import KEEP, VAULT_NAME
from fakebackup.model.vaults import lifecycles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.resources.arns import Home

    Quotas = Mapping[str, int]
    Rule = Mapping[str, Any]

PLAN, DELETED_PLAN, SELECTION = "Backup plan", "Deleted backup plan", "Backup selection"
"""The nouns of their entries in an account's store."""

DEFAULTS: Mapping[str, Any] = {
    "ScheduleExpression": schedules.DEFAULT,
    "ScheduleExpressionTimezone": schedules.UTC,
    "StartWindowMinutes": windows.START,
    "CompletionWindowMinutes": windows.COMPLETION,
    "EnableContinuousBackup": False,
}
"""The default members of a rule: the windows [recorded], the rest [assumed]."""

# The model documents 1 to 50 for a plan in a request and 1 to 200 for one in an answer.
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_CONTINUOUS_FOR = 35
_SWITCH = frozenset({"enabled", "disabled"})
_OPTIONS = {"EC2": {"WindowsVSS"}, "S3": {"BackupACLs", "BackupObjectTags"}}
_SCANNED = frozenset({*SCANNED, "ALL"})
_NEEDED_TO_SCAN = {
    "ScanActions": ("MalwareScanner", "ScanMode"),
    "ScanSettings": ("MalwareScanner", "ScannerRoleArn"),
}
"""Per member of a plan that is about scans, what an item of it cannot be without [assumed]."""


def read(given: Mapping[str, Any], home: Home, quotas: Quotas = NUMBERS) -> dict[str, Any]:
    """Check a backup plan's document and return it as AWS keeps it; its rules have no ids yet.

    The vaults that it names need not exist [assumed].

    Args:
        given: the BackupPlan of the request.
        home: the account and Region of the plan.
        quotas: the quotas: those of the option where a client gives the document.

    Raises:
        AwsError: MissingParameterValueException, InvalidParameterValueException,
            LimitExceededException.
    """
    name = given["BackupPlanName"]
    if not name:
        raise missing_parameter("BackupPlanName is missing")
    if not _NAME.fullmatch(name):
        raise invalid_parameter("BackupPlanName is 1 to 200 alphanumeric or '-_.' characters")
    if not given["Rules"]:
        raise missing_parameter("Rules is missing")
    check(quotas, "rules_per_plan", len(given["Rules"]))
    kept: dict[str, Any] = {
        "BackupPlanName": name,
        "Rules": [_read_rule(rule, home, quotas) for rule in given["Rules"]],
    }
    for member, check_setting in SETTINGS.items():
        for setting in given.get(member, ()):
            check_setting(setting)
        if given.get(member):
            kept[member] = given[member]
    return kept


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as GetBackupPlan shows it.

    Its AdvancedBackupSettings stand beside it alone [reported: terraform's provider], and its
    ScanSettings in it [documented: model].
    """
    return {name: value for name, value in document.items() if name != "AdvancedBackupSettings"}


def of(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a plan: without rules where it was loaded from a list alone."""
    found = {"BackupPlanName": plan.get("BackupPlanName", ""), "Rules": []}
    return {**found, **plan.get("BackupPlan", {})}


def whole_rules(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rules of a document, with the defaults of members that a recording lacks."""
    return [{**DEFAULTS, **rule} for rule in document["Rules"]]


def vaults_named(given: Mapping[str, Any]) -> set[str]:
    """Return the names of the vaults that the rules of a requested plan back up and copy to."""
    rules = given["Rules"]
    arns = [
        action["DestinationBackupVaultArn"]
        for rule in rules
        for action in rule.get("CopyActions", ())
    ]
    copied = {named.name for named in map(vault_named_by, arns) if named is not None}
    return copied | {rule["TargetBackupVaultName"] for rule in rules}


def without_ids(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without the ids of its rules, to compare it with others."""
    rules = [
        {member: value for member, value in rule.items() if member != "RuleId"}
        for rule in document["Rules"]
    ]
    return {**document, "Rules": rules}


def preview(document: Mapping[str, Any], count: int, now: int) -> list[dict[str, Any]]:
    """Return the next scheduled runs of a backup plan's rules, in order.

    Args:
        document: the plan's document; its rules have ids.
        count: the number of runs at most.
        now: the instant after which they begin, in milliseconds.
    """
    rules = whole_rules(document)
    runs = heapq.merge(*(_runs(index, rule, now) for index, rule in enumerate(rules)))
    return [
        {
            "ExecutionTime": instant,
            "RuleId": rules[index].get("RuleId"),
            # Resources without continuous backup get snapshots from such a rule [assumed].
            "RuleExecutionType": "CONTINUOUS_AND_SNAPSHOTS"
            if rules[index]["EnableContinuousBackup"]
            else "SNAPSHOTS",
        }
        for instant, index in itertools.islice(runs, count)
    ]


def _runs(index: int, rule: Rule, now: int) -> Iterator[tuple[int, int]]:
    expression, zone = rule["ScheduleExpression"], rule["ScheduleExpressionTimezone"]
    return ((instant, index) for instant in schedules.known_runs(expression, zone, now))


def check_schedule(expression: str, zone: str) -> None:
    """Refuse a schedule expression that is not valid, or a time zone that does not exist.

    A schedule runs hourly at most [documented: guide, for backup plans; assumed for restore
    testing plans].

    Raises:
        AwsError: InvalidParameterValueException.
    """
    try:
        schedule = schedules.read(expression)
    except ValueError as error:
        msg = f"ScheduleExpression {expression!r} is not valid: {error}"
        raise invalid_parameter(msg) from None
    if schedule.is_oftener_than_hourly:
        msg = f"ScheduleExpression {expression!r} is not valid: it runs oftener than hourly"
        raise invalid_parameter(msg)
    try:
        schedules.zone(zone)
    except ValueError as error:
        msg = f"ScheduleExpressionTimezone is not valid: {error}"
        raise invalid_parameter(msg) from None


# --- Rules --------------------------------------------------------------------------------


def _read_rule(given: Rule, home: Home, quotas: Quotas) -> dict[str, Any]:
    try:
        for check_rule in _CHECKS:
            check_rule(given, home)
        _check_quotas(given, quotas)
        return _kept_rule(given)
    except AwsError as error:
        raise in_rule(given["RuleName"], error) from None


def _kept_rule(given: Rule) -> dict[str, Any]:
    rule = _with_lifecycle({**DEFAULTS, **given})
    if "CopyActions" in rule:
        rule["CopyActions"] = [_with_lifecycle(action) for action in rule["CopyActions"]]
    return rule


def _with_lifecycle(given: Mapping[str, Any]) -> dict[str, Any]:
    lifecycle = lifecycles.read(given.get("Lifecycle"))
    rest = {member: value for member, value in given.items() if member != "Lifecycle"}
    return rest if lifecycle is None else {**rest, "Lifecycle": lifecycle}


def _check_schedule(rule: Rule, _home: Home) -> None:
    full = {**DEFAULTS, **rule}
    check_schedule(full["ScheduleExpression"], full["ScheduleExpressionTimezone"])


def _check_windows(rule: Rule, _home: Home) -> None:
    windows.read(rule, "CompletionWindowMinutes")


def _check_continuous(rule: Rule, _home: Home) -> None:
    """Refuse continuous backups that turn cold, or have no retention of 1 to 35 days.

    The texts are AWS's [reported; medium for the last one, which names the bounds of all rules].
    """
    if not rule.get("EnableContinuousBackup"):
        return
    lifecycle = rule.get("Lifecycle")
    if not lifecycle:
        raise CONTINUOUS_HAS_NO_LIFECYCLE.error()
    if lifecycle.get("MoveToColdStorageAfterDays", KEEP) != KEEP:
        raise CONTINUOUS_IS_COLD.error()
    if not 1 <= lifecycle.get("DeleteAfterDays", KEEP) <= _CONTINUOUS_FOR:
        raise DAYS_OUT_OF_BOUNDS.error("DeleteAfterDays")


def _check_air_gapped(rule: Rule, home: Home) -> None:
    member = "TargetLogicallyAirGappedBackupVaultArn"
    arn = rule.get(member)
    if arn is None:
        return
    named = vault_named_by(arn)
    if named is None or named.home != home:
        raise invalid_parameter(f"{member} {arn!r} is no vault of this account and region")


def _check_copies(rule: Rule, home: Home) -> None:
    """Refuse a copy into the rule's own vault, as StartCopyJob refuses it.

    [assumed]: AWS may accept the plan and let the copy jobs fail.
    """
    actions = rule.get("CopyActions", ())
    own = home.vault(rule["TargetBackupVaultName"])
    for action in actions:
        arn = action["DestinationBackupVaultArn"]
        named = vault_named_by(arn)
        if named is None or not re.fullmatch(VAULT_NAME, named.name):
            raise invalid_parameter(f"DestinationBackupVaultArn {arn!r} is no backup vault's ARN")
        if arn == own:
            raise invalid_parameter(f"A copy in {arn} would lie where its source lies")


def _check_quotas(rule: Rule, quotas: Quotas) -> None:
    check(quotas, "copies_per_rule", len(rule.get("CopyActions", ())))
    check(quotas, "tags_per_rule", len(rule.get("RecoveryPointTags", {})))


def _check_index(rule: Rule, _home: Home) -> None:
    """Refuse several indexes, or one of a resource type without indexes [documented: model]."""
    actions = rule.get("IndexActions", ())
    types = [each for action in actions for each in action.get("ResourceTypes", ())]
    if len(actions) > 1 or len(types) > 1 or not set(INDEXED).issuperset(types):
        raise invalid_parameter(f"IndexActions has one resource type at most, not {types}")


def _check_scan_actions(rule: Rule, _home: Home) -> None:
    for action in rule.get("ScanActions", ()):
        _check_needed("ScanActions", action)


_CHECKS: tuple[Callable[[Rule, Home], None], ...] = (
    _check_schedule,
    _check_windows,
    _check_continuous,
    _check_air_gapped,
    _check_copies,
    _check_index,
    _check_scan_actions,
)


# --- Settings -----------------------------------------------------------------------------


def _check_options(setting: Mapping[str, Any]) -> None:
    resource_type, options = setting.get("ResourceType", ""), setting.get("BackupOptions", {})
    valid = _OPTIONS.get(resource_type, set())
    if not (valid.issuperset(options) and _SWITCH.issuperset(options.values())):
        raise invalid_parameter(f"BackupOptions {options} is not valid for {resource_type!r}")
    if resource_type not in _OPTIONS:
        raise invalid_parameter(f"AdvancedBackupSettings is not for {resource_type!r}")


def _check_scan(setting: Mapping[str, Any]) -> None:
    types = setting.get("ResourceTypes", ())
    if not _SCANNED.issuperset(types):
        raise invalid_parameter(f"ScanSettings has resource types that are not scanned: {types}")
    role = setting.get("ScannerRoleArn")
    if role is not None and not re.fullmatch(ROLE_ARN, role):
        raise ROLE_NOT_ASSUMED.error(role)
    _check_needed("ScanSettings", setting)


def _check_needed(member: str, item: Mapping[str, Any]) -> None:
    for name in _missing_to_scan(member, item):
        raise missing_parameter(f"{member}.{name} is missing")


def _missing_to_scan(member: str, item: Mapping[str, Any]) -> list[str]:
    return [name for name in _NEEDED_TO_SCAN[member] if not item.get(name)]


def complete_to_scan(given: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    """Return the items of ScanActions or ScanSettings that have what a scan needs.

    A plan that was recorded, or written by hand, may have others: they start no scan [assumed].

    Args:
        given: the rule, or the document of the plan.
        member: ScanActions, or ScanSettings.
    """
    return [each for each in given.get(member, ()) if not _missing_to_scan(member, each)]


SETTINGS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "AdvancedBackupSettings": _check_options,
    "ScanSettings": _check_scan,
}
"""The settings of a plan's document, and per setting the check of one of its items."""
