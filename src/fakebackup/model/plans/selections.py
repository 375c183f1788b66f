"""Backup selections: check them as AWS does, and match them against resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import AwsError, invalid_parameter, missing_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Selection = Mapping[str, Any]
    Tags = Mapping[str, str]

# AWS's quotas of one selection: the first two [documented: model], the others [documented:
# guide, quotas].
_MOST_ARNS, _MOST_PATTERNS = 500, 30
_MOST_TAGS, _MOST_CONDITIONS = 30, 30

_PREFIX = "aws:ResourceTag/"
_ARN = re.compile(r"arn:aws[a-z-]*:.+")
_PARTS = 6


# --- Checks ---------------------------------------------------------------------------------


def check(selection: Selection) -> None:
    """Refuse a backup selection that AWS does not accept.

    Args:
        selection: the BackupSelection of the request.

    Raises:
        AwsError: InvalidParameterValueException, MissingParameterValueException,
            LimitExceededException.
    """
    if not (selection.get("Resources") or selection.get("ListOfTags")):
        # AWS's words [reported]; Conditions alone select nothing.
        raise invalid_parameter(
            "Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be "
            "non-empty."
        )
    for member in ("Resources", "NotResources"):
        _check_arns(member, selection.get(member, ()))
    tags = selection.get("ListOfTags", ())
    _check_number("ListOfTags", len(tags), _MOST_TAGS)
    for tag in tags:
        if not tag["ConditionKey"]:
            raise missing_parameter("ConditionKey is missing")
    conditions = [each for group in selection.get("Conditions", {}).values() for each in group]
    _check_number("Conditions", len(conditions), _MOST_CONDITIONS)
    for condition in conditions:
        _check_condition(condition)


def _check_arns(member: str, arns: list[str]) -> None:
    for arn in arns:
        if arn != "*" and not _is_pattern(arn):
            raise invalid_parameter(f"{member} {arn!r} is no ARN, nor one that ends in a wildcard")
    wild = sum("*" in arn for arn in arns)
    _check_number(f"ARNs with wildcards in {member}", wild, _MOST_PATTERNS)
    _check_number(f"ARNs in {member}", len(arns), _MOST_ARNS)


def _is_pattern(arn: str) -> bool:
    """Return whether text is an ARN, with no wildcard but at its end [documented: model].

    Partition, service, Region and account may each be a wildcard, as in AWS's own examples.
    """
    if not _ARN.fullmatch(arn):
        return False
    *head, resource = arn.split(":", _PARTS - 1)
    whole = len(head) == _PARTS - 1
    return (
        "*" not in resource[:-1]
        and (whole or resource.endswith("*"))
        and all(part == "*" or "*" not in part for part in head)
    )


def _check_condition(condition: Mapping[str, str]) -> None:
    for member in ("ConditionKey", "ConditionValue"):
        if member not in condition:
            raise missing_parameter(f"{member} is missing")
    key = condition["ConditionKey"]
    if not key.startswith(_PREFIX) or key == _PREFIX:
        # AWS's examples have no other keys; that AWS refuses them is [assumed].
        raise invalid_parameter(f"ConditionKey {key!r} does not begin with {_PREFIX} and a key")


def _check_number(named: str, number: int, most: int) -> None:
    if number > most:
        message = f"There are {number} of {named}, and {most} are the limit"
        raise AwsError("LimitExceededException", message)


# --- Matches --------------------------------------------------------------------------------


def selected(selection: Selection, resources: Mapping[str, Tags]) -> list[str]:
    """Return the ARNs of the resources that a backup selection selects, in their order.

    Its ARN or one of the tags must select a resource, all conditions must hold, and NotResources
    must not exclude it [documented: model; the or reported].

    Args:
        selection: a BackupSelection that `check` accepts.
        resources: per ARN of a resource, its tags.
    """
    arns, not_arns = (
        [_matcher(arn) for arn in selection.get(member, ())]
        for member in ("Resources", "NotResources")
    )
    tags = selection.get("ListOfTags", ())
    conditions = [
        (_OPERATORS[operator], condition)
        for operator, group in selection.get("Conditions", {}).items()
        for condition in group
    ]
    return [
        arn
        for arn, resource_tags in resources.items()
        if (
            any(each.fullmatch(arn) for each in arns)
            or any(_value(tag, resource_tags) == tag["ConditionValue"] for tag in tags)
        )
        and not any(each.fullmatch(arn) for each in not_arns)
        and all(
            holds(_value(condition, resource_tags), condition["ConditionValue"])
            for holds, condition in conditions
        )
    ]


def _value(condition: Mapping[str, str], tags: Tags) -> str | None:
    return tags.get(condition["ConditionKey"].removeprefix(_PREFIX))


def _matcher(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which `*` stands for any text."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _is_like(value: str | None, pattern: str) -> bool:
    return value is not None and _matcher(pattern).fullmatch(value) is not None


_OPERATORS: Mapping[str, Callable[[str | None, str], bool]] = {
    # A resource without the tag equals no value and is like none, as in IAM [assumed].
    "StringEquals": lambda value, wanted: value == wanted,
    "StringNotEquals": lambda value, wanted: value != wanted,
    "StringLike": _is_like,
    "StringNotLike": lambda value, wanted: not _is_like(value, wanted),
}
