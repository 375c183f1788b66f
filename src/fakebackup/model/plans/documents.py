"""Backup plans: what a plan's document may say, and what AWS adds to it."""

from __future__ import annotations

import heapq
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import AwsError, invalid_parameter, limit_exceeded, missing_parameter
from fakebackup.model.jobs import windows
from fakebackup.model.plans import schedules
from fakebackup.model.resources.arns import ROLE_ARN, vault_named_by
from fakebackup.model.resources.types import INDEXED
from fakebackup.model.vaults import lifecycles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.resources.arns import Home

    Rule = Mapping[str, Any]

PLAN, DELETED_PLAN, SELECTION = "Backup plan", "Deleted backup plan", "Backup selection"
"""The nouns under which an account holds them."""

OF_ORGANIZATIONS = "orgs/"
"""How the ids begin of plans that backup policies of AWS Organizations made [reported]."""

DEFAULTS: Mapping[str, Any] = {
    "ScheduleExpression": schedules.DEFAULT,
    "ScheduleExpressionTimezone": schedules.UTC,
    "StartWindowMinutes": windows.START,
    "CompletionWindowMinutes": windows.COMPLETION,
    "EnableContinuousBackup": False,
}
"""What a rule has that does not say otherwise: the windows [recorded], the rest [assumed]."""

# The model says 1 to 50 of a plan that is sent and 1 to 200 of one that is read.
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_CONTINUOUS_FOR = 35
# AWS's quotas of a plan [documented: guide, quotas].
_MOST_RULES, _MOST_COPIES, _MOST_POINT_TAGS = 10, 5, 10
_SWITCH = frozenset({"enabled", "disabled"})
_OPTIONS = {"EC2": {"WindowsVSS"}, "S3": {"BackupACLs", "BackupObjectTags"}}
_SCANNED = frozenset({"EBS", "EC2", "S3", "ALL"})


def read(given: Mapping[str, Any], home: Home) -> dict[str, Any]:
    """Return a plan's document as AWS keeps it; its rules have no ids yet.

    The vaults it names need not exist [assumed].

    Args:
        given: the BackupPlan that is asked for.
        home: where it is to lie.

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
    _check_number("rules", len(given["Rules"]), _MOST_RULES)
    kept: dict[str, Any] = {
        "BackupPlanName": name,
        "Rules": [_read_rule(rule, home) for rule in given["Rules"]],
    }
    for member, check in SETTINGS.items():
        for setting in given.get(member, ()):
            check(setting)
        if given.get(member):
            kept[member] = given[member]
    return kept


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as GetBackupPlan shows it: its settings stand beside it, never inside.

    That is [reported: terraform's provider] of AdvancedBackupSettings; ScanSettings are taken to
    be alike [assumed].
    """
    return {member: value for member, value in document.items() if member not in SETTINGS}


def vaults_named(given: Mapping[str, Any]) -> set[str]:
    """Return the names of the vaults that a plan's rules back up and copy to."""
    rules = given["Rules"]
    arns = [
        action["DestinationBackupVaultArn"]
        for rule in rules
        for action in rule.get("CopyActions", ())
    ]
    copied = {named.name for named in map(vault_named_by, arns) if named is not None}
    return copied | {rule["TargetBackupVaultName"] for rule in rules}


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without the ids of its rules: what tells it from others."""
    rules = [
        {member: value for member, value in rule.items() if member != "RuleId"}
        for rule in document["Rules"]
    ]
    return {**document, "Rules": rules}


def preview(document: Mapping[str, Any], count: int, now: int) -> list[dict[str, Any]]:
    """Return the next runs of a plan's rules, in order.

    Args:
        document: the plan's document, its rules with ids.
        count: how many at most.
        now: the instant after which they are, in milliseconds.
    """
    runs = heapq.merge(*(_runs(at, rule, now) for at, rule in enumerate(document["Rules"])))
    return [
        {
            "ExecutionTime": instant,
            "RuleId": document["Rules"][at]["RuleId"],
            # What cannot be backed up continuously gets snapshots from such a rule [assumed].
            "RuleExecutionType": "CONTINUOUS_AND_SNAPSHOTS"
            if document["Rules"][at]["EnableContinuousBackup"]
            else "SNAPSHOTS",
        }
        for instant, at in itertools.islice(runs, count)
    ]


def _runs(at: int, rule: Rule, now: int) -> Iterator[tuple[int, int]]:
    expression, zone = rule["ScheduleExpression"], rule["ScheduleExpressionTimezone"]
    return ((instant, at) for instant in schedules.runs(expression, zone, now))


def check_schedule(expression: str, zone: str) -> None:
    """Refuse a schedule that AWS cannot read, or a time zone that does not exist.

    No schedule runs oftener than hourly [documented: guide, of backup plans; assumed of restore
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


def _read_rule(given: Rule, home: Home) -> dict[str, Any]:
    try:
        for check in _CHECKS:
            check(given, home)
        return _kept_rule(given)
    except AwsError as error:
        # Seen for lifecycles (the guide `aws`, Codes and messages); for the rest [assumed].
        name = given["RuleName"]
        raise AwsError(
            error.code,
            f"Error in rule {name} : {error.message}",
            number="ERROR_3015",
            context=json.dumps([name, error.message]),
        ) from None


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
    named = {**DEFAULTS, **rule}
    check_schedule(named["ScheduleExpression"], named["ScheduleExpressionTimezone"])


def _check_windows(rule: Rule, _home: Home) -> None:
    windows.read(rule, "CompletionWindowMinutes")


def _check_continuous(rule: Rule, _home: Home) -> None:
    """Refuse a continuous backup without a retention of up to 35 days, or with cold storage.

    The first two texts are AWS's [reported]; so is the last, which names the bounds of other
    rules [medium].
    """
    if not rule.get("EnableContinuousBackup"):
        return
    lifecycle = rule.get("Lifecycle")
    if not lifecycle:
        raise invalid_parameter(
            "Lifecycle must be specified for backup rule enabled continuous backup"
        )
    if lifecycle.get("MoveToColdStorageAfterDays", lifecycles.KEEP) != lifecycles.KEEP:
        raise invalid_parameter("Invalid lifecycle. MoveToColdStorageAfterDays is unavailable")
    if not 1 <= lifecycle.get("DeleteAfterDays", lifecycles.KEEP) <= _CONTINUOUS_FOR:
        raise invalid_parameter(
            "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days"
        )


def _check_air_gapped(rule: Rule, home: Home) -> None:
    member = "TargetLogicallyAirGappedBackupVaultArn"
    arn = rule.get(member)
    if arn is None:
        return
    named = vault_named_by(arn)
    if named is None or named.home != home:
        raise invalid_parameter(f"{member} {arn!r} is no vault of this account and region")


def _check_copies(rule: Rule, home: Home) -> None:
    """Refuse too many copies, and one into the vault that it is made from, as StartCopyJob does.

    That the plan is refused, not the run's copy, is [assumed].
    """
    actions = rule.get("CopyActions", ())
    _check_number("copy actions", len(actions), _MOST_COPIES)
    own = home.vault(rule["TargetBackupVaultName"])
    for action in actions:
        arn = action["DestinationBackupVaultArn"]
        if vault_named_by(arn) is None:
            raise invalid_parameter(f"DestinationBackupVaultArn {arn!r} is no backup vault's ARN")
        if arn == own:
            raise invalid_parameter(f"A copy in {arn} would lie where its source lies")


def _check_tags(rule: Rule, _home: Home) -> None:
    tags = rule.get("RecoveryPointTags", {})
    _check_number("RecoveryPointTags", len(tags), _MOST_POINT_TAGS)


def _check_number(named: str, number: int, most: int) -> None:
    if number > most:
        raise limit_exceeded(f"There are {number} {named}", most)


def _check_index(rule: Rule, _home: Home) -> None:
    """Refuse more than one index, or one of a type that has none [documented: model]."""
    actions = rule.get("IndexActions", ())
    types = [each for action in actions for each in action.get("ResourceTypes", ())]
    if len(actions) > 1 or len(types) > 1 or not set(INDEXED).issuperset(types):
        raise invalid_parameter(f"IndexActions has one resource type at most, not {types}")


_CHECKS: tuple[Callable[[Rule, Home], None], ...] = (
    _check_schedule,
    _check_windows,
    _check_continuous,
    _check_air_gapped,
    _check_copies,
    _check_tags,
    _check_index,
)


# --- Settings -----------------------------------------------------------------------------


def _check_options(setting: Mapping[str, Any]) -> None:
    kind, options = setting.get("ResourceType", ""), setting.get("BackupOptions", {})
    if not (_OPTIONS.get(kind, set()).issuperset(options) and _SWITCH.issuperset(options.values())):
        raise invalid_parameter(f"BackupOptions {options} is not valid for {kind!r}")
    if kind not in _OPTIONS:
        raise invalid_parameter(f"AdvancedBackupSettings is not for {kind!r}")


def _check_scan(setting: Mapping[str, Any]) -> None:
    types = setting.get("ResourceTypes", ())
    if not _SCANNED.issuperset(types):
        raise invalid_parameter(f"ScanSettings has resource types that are not scanned: {types}")
    role = setting.get("ScannerRoleArn")
    if role is not None and not ROLE_ARN.fullmatch(role):
        raise invalid_parameter(f"IAM Role {role} cannot be assumed by AWS Backup")


SETTINGS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "AdvancedBackupSettings": _check_options,
    "ScanSettings": _check_scan,
}
"""Per member of a document that is no rule, the check of one of its items."""
