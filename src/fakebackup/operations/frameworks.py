"""Frameworks of AWS Backup Audit Manager; `model.reports.controls` evaluates their controls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakebackup.answering.entries import (
    check_new,
    create,
    delete,
    exists,
    find,
    new_place,
    once,
    page_of_entries,
)
from fakebackup.errors import invalid_parameter, missing_parameter
from fakebackup.known_errors import CONTROLS_EXIST
from fakebackup.model.stores.entries import FRAMEWORK, Entry
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fakebackup.answering.caller import Caller

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]
    Control = Mapping[str, Any]

NOUN = FRAMEWORK

CONTROLS: Mapping[str, tuple[str, ...]] = {
    "BACKUP_LAST_RECOVERY_POINT_CREATED": ("recoveryPointAgeUnit", "recoveryPointAgeValue"),
    "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK": (
        "requiredFrequencyUnit",
        "requiredFrequencyValue",
        "requiredRetentionDays",
    ),
    "BACKUP_RECOVERY_POINT_ENCRYPTED": (),
    "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED": ("principalArnList",),
    "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK": ("requiredRetentionDays",),
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN": (),
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK": ("maxRetentionDays", "minRetentionDays"),
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT": ("crossAccountList",),
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION": ("crossRegionList",),
    "RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT": ("recoveryPointAgeUnit", "recoveryPointAgeValue"),
    "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET": ("maxRestoreTime",),
}
"""The controls that AWS has, and the parameters of each [documented: guide, controls]."""

_MOST_RESOURCES = 100
_GIVEN = ("FrameworkDescription", "FrameworkControls")


@operation("CreateFramework")
def create_framework(caller: Caller, asked: Asked) -> Answer:
    """Create a framework: it is deployed and ACTIVE at once [assumed]."""
    return once(caller, asked, _create, _created, still_exists=exists(caller, NOUN))


def _created(made: Entry) -> Answer:
    return {member: made.members[member] for member in ("FrameworkName", "FrameworkArn")}


def _create(caller: Caller, asked: Asked) -> Entry:
    name, tags = asked["FrameworkName"], asked.get("FrameworkTags")
    controls = asked["FrameworkControls"]
    check_controls(controls)
    check_new(caller, NOUN, name, tags=tags, quota="frameworks")
    _check_beside(caller, caller.store.entries(NOUN).values(), controls)
    place = new_place(caller)
    arn = place.arn(f"arn:{{p}}:backup:{{r}}:{{a}}:framework:{name}-{{uuid}}")
    members = {
        "FrameworkName": name,
        "FrameworkArn": arn,
        **{member: asked[member] for member in _GIVEN if member in asked},
        "NumberOfControls": len(controls),
        "CreationTime": place.created,
        "DeploymentStatus": "COMPLETED",
        "FrameworkStatus": "ACTIVE",
        "IdempotencyToken": asked.get("IdempotencyToken"),
    }
    return create(caller, NOUN, Entry(name, arn, place.number, members), tags=tags)


@operation("DescribeFramework")
def describe_framework(caller: Caller, asked: Asked) -> Answer:
    """Describe a framework; the IdempotencyToken is that of its creation [assumed]."""
    return find(caller, NOUN, asked["FrameworkName"]).members


@operation("UpdateFramework")
def update_framework(caller: Caller, asked: Asked) -> Answer:
    """Update the members of a framework that are given; the rest stays [assumed].

    A token counts within its framework [assumed].
    """
    still_exists, name = exists(caller, NOUN), asked["FrameworkName"]
    return once(caller, asked, _update, _updated, still_exists=still_exists, within=name)


def _updated(changed: Entry) -> Answer:
    shown = ("FrameworkName", "FrameworkArn", "CreationTime")
    return {member: changed.members.get(member) for member in shown}


def _update(caller: Caller, asked: Asked) -> Entry:
    framework = find(caller, NOUN, asked["FrameworkName"])
    changes = {member: asked[member] for member in _GIVEN if member in asked}
    if "FrameworkControls" in changes:
        controls = changes["FrameworkControls"]
        check_controls(controls)
        others = [each for each in caller.store.entries(NOUN).values() if each is not framework]
        _check_beside(caller, others, controls)
        changes["NumberOfControls"] = len(controls)
    framework.members = {**framework.members, **changes}
    return framework


@operation("DeleteFramework")
def delete_framework(caller: Caller, asked: Asked) -> Answer:
    """Delete a framework; report plans that cover it stay as they are [assumed]."""
    delete(caller, NOUN, find(caller, NOUN, asked["FrameworkName"]))
    return {}


@operation("ListFrameworks", items="Frameworks")
def list_frameworks(caller: Caller, asked: Asked) -> Answer:
    """List the frameworks of the account and Region, the oldest first [assumed]."""
    page, more = page_of_entries(caller, asked, NOUN)
    return {"Frameworks": [framework.members for framework in page], **more}


# --- Controls -----------------------------------------------------------------------------


def check_controls(controls: list[Control]) -> None:
    """Refuse controls that AWS does not have; the values of their parameters are not checked.

    Raises:
        AwsError: InvalidParameterValueException, MissingParameterValueException.
    """
    if not controls:
        raise missing_parameter("A framework contains at least one control")
    for control in controls:
        name = control["ControlName"]
        if name not in CONTROLS:
            raise invalid_parameter(f"ControlName {name!r} is not one of {', '.join(CONTROLS)}")
        for parameter in control.get("ControlInputParameters", []):
            if not (parameter.get("ParameterName") and parameter.get("ParameterValue")):
                raise missing_parameter(f"A parameter of {name} has no name or no value")
            if parameter["ParameterName"] not in CONTROLS[name]:
                raise invalid_parameter(f"{name} has no parameter {parameter['ParameterName']!r}")
        scope = control.get("ControlScope", {})
        if len(scope.get("Tags", {})) > 1:
            raise invalid_parameter(f"The scope of {name} has more than one tag")
        if len(scope.get("ComplianceResourceIds", [])) > _MOST_RESOURCES:
            raise invalid_parameter(f"The scope of {name} has more than {_MOST_RESOURCES} ids")


def _check_beside(caller: Caller, others: Iterable[Entry], controls: list[Control]) -> None:
    """Refuse controls equal to another framework's, or too many together with all others.

    Raises:
        AwsError: AlreadyExistsException [documented: guide], LimitExceededException.
    """
    existing = list(others)
    for other in existing:
        if _comparable(other.members.get("FrameworkControls", [])) == _comparable(controls):
            raise CONTROLS_EXIST.error(other.key, caller.account)
    count = len(controls) + sum(each.members.get("NumberOfControls", 0) for each in existing)
    caller.check_quota("controls", count)


def _comparable(controls: list[Control]) -> list[str]:
    """Return controls in a form to compare: the scope counts, the order does not [assumed]."""
    return sorted(
        _text(
            {
                **control,
                "ControlInputParameters": sorted(
                    map(_text, control.get("ControlInputParameters", []))
                ),
                "ControlScope": control.get("ControlScope", {}),
            }
        )
        for control in controls
    )


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)
