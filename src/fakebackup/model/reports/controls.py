"""Evaluate the controls of frameworks, against what the fake holds.

The controls and the defaults of their parameters are AWS's [documented: guide, controls]. What
counts as compliant is AWS's sentence for each, read as is written here [assumed]. A resource is
known to the fake if a test has added it, a plan names it whole, or it has recovery points.
"""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.clock import DAY, HOUR, MINUTE
from fakebackup.model.engine import choosing
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.plans import documents, schedules
from fakebackup.model.plans.documents import PLAN, SELECTION
from fakebackup.model.resources.arns import vault_named_by
from fakebackup.model.resources.points import AIR_GAPPED, last_part
from fakebackup.model.resources.types import type_of
from fakebackup.model.vaults.lifecycles import calculated_lifecycle, days_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint

    Members = Mapping[str, Any]
    Parameters = Mapping[str, str]

_UNITS = {"hours": HOUR, "days": DAY}

_POINT_TYPE, _PLAN_TYPE = "AWS::Backup::RecoveryPoint", "AWS::Backup::BackupPlan"
_CONFIG_TYPES: Mapping[str, str] = {
    "Aurora": "AWS::RDS::DBCluster",
    "CloudFormation": "AWS::CloudFormation::Stack",
    "DocumentDB": "AWS::RDS::DBCluster",
    "DSQL": "AWS::DSQL::Cluster",
    "DynamoDB": "AWS::DynamoDB::Table",
    "EBS": "AWS::EC2::Volume",
    "EC2": "AWS::EC2::Instance",
    "EFS": "AWS::EFS::FileSystem",
    "EKS": "AWS::EKS::Cluster",
    "FSx": "AWS::FSx::FileSystem",
    "Neptune": "AWS::RDS::DBCluster",
    "RDS": "AWS::RDS::DBInstance",
    "Redshift": "AWS::Redshift::Cluster",
    "Redshift Serverless": "AWS::RedshiftServerless::Namespace",
    "S3": "AWS::S3::Bucket",
    "SAP HANA on Amazon EC2": "AWS::SystemsManagerSAP::Application",
    "Storage Gateway": "AWS::StorageGateway::Volume",
    "Timestream": "AWS::Timestream::Table",
    "VirtualMachine": "AWS::BackupGateway::VirtualMachine",
}
"""The names of resource types in AWS Config: that of EFS [documented: guide], others [assumed]."""


class Subject(NamedTuple):
    """What a control is about: a resource, a recovery point or a backup plan.

    Attributes:
        config_type: its type, as AWS Config names it.
        name: its name or id.
        arn: its ARN.
        resource_type: its resource type; empty for a plan.
    """

    config_type: str
    name: str
    arn: str
    resource_type: str


def evaluate(store: Store, control: Members, at: int) -> dict[Subject, bool] | None:
    """Return whether each subject of a control complies.

    Args:
        store: the account and the Region.
        control: a control of a framework.
        at: when it is evaluated, in milliseconds.

    Returns:
        None where the fake does not evaluate the control, or a parameter cannot be read.
    """
    found = _CONTROLS.get(control["ControlName"])
    if found is None:
        return None
    subjects, defaults, judge = found
    parameters = parameters_of(control)
    scope = control.get("ControlScope", {})
    within = [
        (subject, tags) for subject, tags in subjects(store) if _in_scope(subject, tags, scope)
    ]
    try:
        complies = judge(store, {**defaults, **parameters}, at)
        return {subject: complies(subject.arn) for subject, _ in within}
    except ValueError:
        return None


def parameters_of(control: Members) -> dict[str, str]:
    """Return the parameters of a control by name; a recorded one may lack its name or value."""
    return {
        each["ParameterName"]: each["ParameterValue"]
        for each in control.get("ControlInputParameters", ())
        if each.keys() >= {"ParameterName", "ParameterValue"}
    }


def _in_scope(subject: Subject, tags: Mapping[str, str], scope: Members) -> bool:
    """Return whether a control's scope has a subject; an empty one has all."""
    ids, types = scope.get("ComplianceResourceIds"), scope.get("ComplianceResourceTypes")
    return (
        (not ids or bool({subject.name, subject.arn} & set(ids)))
        and (not types or bool({subject.resource_type, subject.config_type} & set(types)))
        # Without a value, that of the tag is no matter [documented: model].
        and all(
            key in tags and value in ("", tags[key]) for key, value in scope.get("Tags", {}).items()
        )
    )


# --- Subjects -------------------------------------------------------------------------------


def _resources(store: Store) -> Iterator[tuple[Subject, Mapping[str, str]]]:
    """Yield the resources of an account and Region that the fake knows, each with its tags."""
    resources = store.all_resources()
    types = {
        point.members["ResourceArn"]: point.members.get("ResourceType")
        for point in store.vaults.points()
        if "ResourceArn" in point.members
    }
    named = (
        arn
        for each in store.entries(SELECTION).values()
        # One that was loaded from a list alone does not say what it selects.
        for arn in each.members.get("BackupSelection", {}).get("Resources", ())
        if "*" not in arn
    )
    for arn in dict.fromkeys((*resources, *types, *named)):
        resource_type = types.get(arn) or type_of(arn)
        region, account = f"{arn}:::::".split(":")[3:5]
        here = region in ("", store.region) and account in ("", store.account)
        if resource_type is not None and here:
            config_type = _CONFIG_TYPES.get(resource_type, resource_type)
            yield (
                Subject(config_type, last_part(arn), arn, resource_type),
                resources.get(arn, {}),
            )


def _points(store: Store) -> Iterator[tuple[Subject, Mapping[str, str]]]:
    """Yield the recovery points of an account and Region, each with its tags."""
    for point in store.vaults.points():
        yield (
            Subject(_POINT_TYPE, point.arn, point.arn, point.members.get("ResourceType", "")),
            store.tags.get(point.arn, {}),
        )


def _plans(store: Store) -> Iterator[tuple[Subject, Mapping[str, str]]]:
    """Yield the backup plans of an account and Region, each with its tags."""
    for plan in store.entries(PLAN).values():
        yield Subject(_PLAN_TYPE, plan.key, plan.arn, ""), store.tags.get(plan.arn, {})


# --- What complies --------------------------------------------------------------------------


def _age(parameters: Parameters) -> int:
    """Return the age of recovery points in the parameters, in milliseconds."""
    unit = _unit(parameters["recoveryPointAgeUnit"])
    return int(parameters["recoveryPointAgeValue"]) * unit


def _unit(name: str) -> int:
    """Return a unit of time in milliseconds.

    Raises:
        ValueError: it is none that AWS has.
    """
    if name.lower() not in _UNITS:
        msg = f"{name} is none of {', '.join(_UNITS)}"
        raise ValueError(msg)
    return _UNITS[name.lower()]


def _points_of(store: Store, arn: str) -> list[RecoveryPoint]:
    return list(store.vaults.points_of(arn))


def _last_point(store: Store, parameters: Parameters, at: int) -> Callable[[str], bool]:
    """Return the judge of a resource: whether it has a recovery point of the age."""
    since = at - _age(parameters)
    return lambda arn: any(
        since <= each.members["CreationDate"] <= at for each in _points_of(store, arn)
    )


def _air_gapped(store: Store, parameters: Parameters, at: int) -> Callable[[str], bool]:
    """Return the judge of a resource: whether an air-gapped vault has a point of the age."""
    since = at - _age(parameters)
    return lambda arn: any(
        since <= each.members["CreationDate"] <= at and each.vault.vault_type == AIR_GAPPED
        for each in _points_of(store, arn)
    )


def _encrypted(store: Store, _parameters: Parameters, _at: int) -> Callable[[str], bool]:
    """Return the judge of a recovery point: whether it is encrypted."""
    points = _members_of_points(store)
    return lambda arn: bool(points[arn].get("IsEncrypted"))


def _kept_long(store: Store, parameters: Parameters, _at: int) -> Callable[[str], bool]:
    """Return the judge of a recovery point: whether it is kept for the days, or for ever."""
    days, points = int(parameters["requiredRetentionDays"]), _members_of_points(store)

    def complies(arn: str) -> bool:
        members = points[arn]
        dates = members.get("CalculatedLifecycle") or calculated_lifecycle(members)
        deleted = dates.get("DeleteAt")
        return deleted is None or deleted >= members["CreationDate"] + days * DAY

    return complies


def _members_of_points(store: Store) -> dict[str, Members]:
    return {point.arn: point.members for point in store.vaults.points()}


def _planned(store: Store, _parameters: Parameters, _at: int) -> Callable[[str], bool]:
    """Return the judge of a resource: whether a backup plan selects it."""
    selected = {arn for plan in _all_plans(store) for arn in choosing.choose(store, plan).roles}
    return lambda arn: arn in selected


def _all_plans(store: Store) -> list[Entry]:
    return list(store.entries(PLAN).values())


def _rules(plan: Entry) -> list[dict[str, Any]]:
    return documents.whole_rules(documents.of(plan.members))


def _frequent(store: Store, parameters: Parameters, at: int) -> Callable[[str], bool]:
    """Return the judge of a plan: whether a rule runs often and keeps backups long enough."""
    unit = _unit(parameters["requiredFrequencyUnit"])
    often = int(parameters["requiredFrequencyValue"]) * unit
    days = int(parameters["requiredRetentionDays"])

    def is_enough(rule: Members) -> bool:
        return days_kept(rule.get("Lifecycle")) >= days and _longest_gap(rule, at) <= often

    plans = {plan.arn: plan for plan in _all_plans(store)}
    return lambda arn: any(is_enough(rule) for rule in _rules(plans[arn]))


_RUNS = 32
"""How many runs of a rule are looked at."""


def _longest_gap(rule: Members, at: int) -> float:
    """Return the longest time from one run of a rule to the next, in milliseconds.

    The hour that a change of the clocks puts between two runs is not counted.
    """
    zone = rule["ScheduleExpressionTimezone"]
    runs = islice(schedules.known_runs(rule["ScheduleExpression"], zone, at), _RUNS)
    shown = [(instant, schedules.wall_clock(instant, zone)) for instant in runs]
    # In spring fewer hours pass than clocks show, in autumn more.
    gaps = [
        min(after - before, shown_after - shown_before)
        for (before, shown_before), (after, shown_after) in pairwise(shown)
    ]
    return max(gaps, default=float("inf"))


def _locked(store: Store, parameters: Parameters, _at: int) -> Callable[[str], bool]:
    """Return the judge of a resource: whether a vault with a lock within the days has a point."""
    least, most = parameters.get("minRetentionDays"), parameters.get("maxRetentionDays")

    def is_lock(vault: Members) -> bool:
        shortest, longest = vault.get("MinRetentionDays"), vault.get("MaxRetentionDays")
        return (
            bool(vault.get("Locked"))
            and (least is None or (shortest is not None and shortest >= int(least)))
            and (most is None or (longest is not None and longest <= int(most)))
        )

    return lambda arn: any(is_lock(each.vault.members) for each in _points_of(store, arn))


def _away(index: int, member: str) -> Callable[[Store, Parameters, int], Callable[[str], bool]]:
    """Return the judge of copies in another account (0) or Region (1), or in those of a list."""

    def judge(store: Store, parameters: Parameters, _at: int) -> Callable[[str], bool]:
        listed = {each.strip() for each in parameters.get(member, "").split(",")} - {""}
        own = store.home[index]

        def is_away(home: tuple[str, str]) -> bool:
            place = home[index]
            return place != own and (not listed or place in listed)

        planned = {
            arn
            for plan in _all_plans(store)
            if any(is_away(home) for home in _destinations(plan))
            for arn in choosing.choose(store, plan).roles
        }
        return lambda arn: (
            arn in planned
            or any(
                is_away(home) and len(other.vaults.points_of(arn)) > 0
                for home, other in list(store.organization.stores.items())
            )
        )

    return judge


def _destinations(plan: Entry) -> list[tuple[str, str]]:
    """Return the accounts and Regions that the rules of a plan copy to."""
    arns = [
        action["DestinationBackupVaultArn"]
        for rule in _rules(plan)
        for action in rule.get("CopyActions", ())
    ]
    return [named.home for arn in arns if (named := vault_named_by(arn)) is not None]


def _restored_fast(store: Store, parameters: Parameters, _at: int) -> Callable[[str], bool]:
    """Return the judge of a resource: whether its last completed restore took the minutes."""
    most = int(parameters["maxRestoreTime"]) * MINUTE
    times: dict[str, int] = {}
    for job in store.jobs.matching(RESTORE):
        members = job.members
        resource, completed = members.get("SourceResourceArn"), members.get("CompletionDate")
        if job.kept_state == "COMPLETED" and resource is not None and completed is not None:
            times.setdefault(resource, completed - members["CreationDate"])
    return lambda arn: times.get(arn, most + 1) <= most


_DAY = {"recoveryPointAgeUnit": "days", "recoveryPointAgeValue": "1"}
_RETENTION = {"requiredRetentionDays": "35"}

_CONTROLS: Mapping[
    str,
    tuple[
        Callable[[Store], Iterator[tuple[Subject, Mapping[str, str]]]],
        Parameters,
        Callable[[Store, Parameters, int], Callable[[str], bool]],
    ],
] = {
    "BACKUP_LAST_RECOVERY_POINT_CREATED": (_resources, _DAY, _last_point),
    "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK": (
        _plans,
        {"requiredFrequencyUnit": "days", "requiredFrequencyValue": "1", **_RETENTION},
        _frequent,
    ),
    "BACKUP_RECOVERY_POINT_ENCRYPTED": (_points, {}, _encrypted),
    "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK": (_points, _RETENTION, _kept_long),
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN": (_resources, {}, _planned),
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK": (_resources, {}, _locked),
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT": (_resources, {}, _away(0, "crossAccountList")),
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION": (_resources, {}, _away(1, "crossRegionList")),
    "RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT": (_resources, _DAY, _air_gapped),
    "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET": (
        _resources,
        {"maxRestoreTime": "720"},
        _restored_fast,
    ),
}
"""Per control that is evaluated: its subjects, the defaults of its parameters, and its judge.

BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED is not: it asks what the conditions of a vault's
policy let principals do.
"""
