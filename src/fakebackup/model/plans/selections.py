"""Backup selections: what they may say, and which resources they name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import AwsError, invalid_parameter, missing_parameter
from fakebackup.model.resources.types import type_of

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


# --- What a selection may say ---------------------------------------------------------------


def check(selection: Selection) -> None:
    """Refuse a selection that AWS does not take.

    Args:
        selection: the BackupSelection that is asked for.

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
    conditions = [each for one in selection.get("Conditions", {}).values() for each in one]
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
    """Tell an ARN, whose wildcard is its end [documented: model].

    Partition, service, region and account may be a wildcard each, as in AWS's own examples.
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
        # As in AWS's examples; that others are refused is [assumed].
        raise invalid_parameter(f"ConditionKey {key!r} does not begin with {_PREFIX} and a key")


def _check_number(named: str, number: int, most: int) -> None:
    if number > most:
        message = f"There are {number} of {named}, and {most} are the limit"
        raise AwsError("LimitExceededException", message)


# --- Which resources it names ---------------------------------------------------------------


def selected(selection: Selection, resources: Mapping[str, Tags]) -> dict[str, bool]:
    """Return which resources a selection names, in their order, and which of them by type.

    A resource is named by its ARN or by one of the tags; then all conditions must hold, and
    NotResources must not name it [documented: model; the or reported].

    Args:
        selection: a BackupSelection that `check` takes.
        resources: per ARN of a resource, its tags.

    Returns:
        Per ARN, whether the selection names its type explicitly: then it is backed up whatever
        the account has opted out of.
    """
    arns = [(_matcher(arn), named_type(arn)) for arn in selection.get("Resources", ())]
    not_arns = [_matcher(arn) for arn in selection.get("NotResources", ())]
    tags = selection.get("ListOfTags", ())
    conditions = [
        (_OPERATORS[operator], condition)
        for operator, given in selection.get("Conditions", {}).items()
        for condition in given
    ]
    found = {}
    for arn, has in resources.items():
        tagged = any(_value(tag, has) == tag["ConditionValue"] for tag in tags)
        types = [named for form, named in arns if form.fullmatch(arn)]
        if (
            (types or tagged)
            and not any(each.fullmatch(arn) for each in not_arns)
            and all(
                holds(_value(condition, has), condition["ConditionValue"])
                for holds, condition in conditions
            )
        ):
            # A type that is assigned takes priority over a tag, too [documented: model].
            explicit = {named for _, named in arns} if tagged else set(types)
            found[arn] = type_of(arn) in explicit - {None}
    return found


_SHARED = re.compile(r"arn:[^:]*:(rds:[^:]*:[^:]*:cluster:|fsx:[^:]*:[^:]*:(?!volume/))")
"""The forms of ARNs that several types share: of clusters and file systems [documented: guide,
assigning resources]."""


def named_type(arn: str) -> str | None:
    """Return the type of resource that an ARN of a selection names explicitly, if it names one.

    A whole ARN does, and one that ends in a wildcard behind the word of the type, as in
    `arn:aws:ec2:*:*:instance/*`; `*` and `arn:aws:ec2:*` do not, nor does the pattern of a form
    that several types share [documented: guide, assigning resources].
    """
    if "*" not in arn:
        return type_of(arn)
    parts = arn.split(":", _PARTS - 1)
    if len(parts) < _PARTS or _SHARED.match(arn):
        return None
    # A bucket's ARN has no word of its type, but neither Region nor account.
    is_bucket = parts[2:5] == ["s3", "", ""]
    return type_of(arn) if is_bucket or parts[-1] != "*" else None


def is_of_restore_test(arn: str, tags: Tags) -> bool:
    """Tell whether a restore test made a resource: by its tag, or by its name.

    Backup plans pass over it [documented: guide, restore testing]; the name of what has none in
    its ARN is its tag Name [assumed].
    """
    names = (re.split("[:/]", arn)[-1], tags.get("Name", ""))
    return _TESTED in tags or any(name.startswith(_TESTED) for name in names)


_TESTED = "awsbackup-restore-test"


def _value(condition: Mapping[str, str], tags: Tags) -> str | None:
    return tags.get(condition["ConditionKey"].removeprefix(_PREFIX))


def _matcher(pattern: str) -> re.Pattern[str]:
    """Return what matches a text in which `*` stands for any text without white space.

    That holds in ARNs and in values [documented: guide, assigning resources].
    """
    return re.compile(r"\S*".join(map(re.escape, pattern.split("*"))))


def _is_like(value: str | None, pattern: str) -> bool:
    return value is not None and _matcher(pattern).fullmatch(value) is not None


_OPERATORS: Mapping[str, Callable[[str | None, str], bool]] = {
    # A resource without the tag is not equal to anything, nor like it, as for IAM [assumed].
    "StringEquals": lambda value, wanted: value == wanted,
    "StringNotEquals": lambda value, wanted: value != wanted,
    "StringLike": _is_like,
    "StringNotLike": lambda value, wanted: not _is_like(value, wanted),
}
