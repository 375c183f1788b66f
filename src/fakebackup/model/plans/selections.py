"""Backup selections: check them as AWS does, and match them against resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import few, invalid_parameter, missing_parameter
from fakebackup.known_errors import SELECTS_BY_CONDITIONS_ALONE, SELECTS_NOTHING
from fakebackup.model.quotas import NUMBERS
from fakebackup.model.quotas import check as check_quota
from fakebackup.model.resources.tags import CONDITION_PREFIX
from fakebackup.model.resources.types import type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Quotas = Mapping[str, int]
    Selection = Mapping[str, Any]
    Tags = Mapping[str, str]

_ARN = re.compile(r"arn:aws[a-z-]*:.+")
_PARTS = 6


# --- Checks ---------------------------------------------------------------------------------


def check(selection: Selection, quotas: Quotas = NUMBERS) -> None:
    """Refuse a backup selection that AWS does not accept.

    Args:
        selection: the BackupSelection of the request.
        quotas: the quotas: those of the option where a client gives the selection.

    Raises:
        AwsError: InvalidParameterValueException, MissingParameterValueException,
            LimitExceededException.
    """
    if not (selection.get("Resources") or selection.get("ListOfTags")):
        given = any(selection.get("Conditions", {}).values())
        raise (SELECTS_BY_CONDITIONS_ALONE if given else SELECTS_NOTHING).error()
    for member in ("Resources", "NotResources"):
        _check_arns(member, selection.get(member, ()), quotas)
    tags = selection.get("ListOfTags", ())
    check_quota(quotas, "tags_per_selection", len(tags))
    for tag in tags:
        if not tag["ConditionKey"]:
            raise missing_parameter("ConditionKey is missing")
    conditions = [each for group in selection.get("Conditions", {}).values() for each in group]
    check_quota(quotas, "conditions_per_selection", len(conditions))
    for condition in conditions:
        _check_condition(condition)


def _check_arns(member: str, arns: list[str], quotas: Quotas) -> None:
    for arn in arns:
        if arn != "*" and not _is_pattern(arn):
            raise invalid_parameter(f"{member} {arn!r} is no ARN, nor one that ends in a wildcard")
    wild = sum("*" in arn for arn in arns)
    check_quota(quotas, "patterns_per_selection", wild)
    check_quota(quotas, "arns_per_selection", len(arns))


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
    if not key.startswith(CONDITION_PREFIX) or key == CONDITION_PREFIX:
        # AWS's examples have no other keys; that AWS refuses them is [assumed].
        raise invalid_parameter(
            f"ConditionKey {key!r} does not begin with {CONDITION_PREFIX} and a key"
        )


# --- Matches --------------------------------------------------------------------------------


def selected(selection: Selection, resources: Mapping[str, Tags]) -> dict[str, bool]:
    """Return the ARNs of the resources that a backup selection selects, in their order.

    Its ARN or one of the tags must select a resource, all conditions must hold, and NotResources
    must not exclude it [documented: model; the or reported].

    Args:
        selection: a BackupSelection that `check` accepts.
        resources: per ARN of a resource, its tags.

    Returns:
        Per ARN, whether the selection names the resource's type explicitly: then the account's
        opt-ins do not count.
    """
    arns = [(_matcher(arn), named_type(arn)) for arn in selection.get("Resources", ())]
    not_arns = [_matcher(arn) for arn in selection.get("NotResources", ())]
    tags = selection.get("ListOfTags", ())
    conditions = [
        (_OPERATORS[operator], condition) for operator, condition in _conditions(selection)
    ]
    found = {}
    for arn, resource_tags in resources.items():
        tagged = any(_value(tag, resource_tags) == tag["ConditionValue"] for tag in tags)
        types = [named for form, named in arns if form.fullmatch(arn)]
        if (
            (types or tagged)
            and not any(each.fullmatch(arn) for each in not_arns)
            and all(
                holds(_value(condition, resource_tags), condition["ConditionValue"])
                for holds, condition in conditions
            )
        ):
            # A type that the selection names counts for its tags, too [documented: model].
            explicit = {named for _, named in arns} if tagged else set(types)
            found[arn] = type_of(arn) in explicit - {None}
    return found


def _conditions(selection: Selection) -> list[tuple[str, Mapping[str, str]]]:
    """Return the conditions of a selection, each with its operator.

    One without a key or a value, which only a recorded selection may have, is none [assumed].
    """
    return [
        (operator, condition)
        for operator, group in selection.get("Conditions", {}).items()
        for condition in group
        if condition.keys() >= {"ConditionKey", "ConditionValue"}
    ]


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(few(texts))


def described(selection: Selection) -> str:
    """Return in words what a backup selection asks for."""
    arns, tags = selection.get("Resources", ()), selection.get("ListOfTags", ())
    tagged = [f"{tag['ConditionKey']}={tag['ConditionValue']}" for tag in tags]
    asked = [f"resources like {_listed(arns)}"] if arns else []
    asked += [f"the tag {_listed(tagged)}"] if tagged else []
    conditions = [
        f"{operator} {condition['ConditionKey']} {condition['ConditionValue']}"
        for operator, condition in _conditions(selection)
    ]
    text = " or ".join(asked)
    text += f", with {_listed(conditions)}" if conditions else ""
    not_arns = selection.get("NotResources", ())
    return f"{text}, without {_listed(not_arns)}" if not_arns else text


def tags_asked_for(selection: Selection) -> dict[str, str]:
    """Return tags that a resource needs so that a backup selection selects it."""
    equal = [each for operator, each in _conditions(selection) if operator == "StringEquals"]
    return {
        each["ConditionKey"].removeprefix(CONDITION_PREFIX): each["ConditionValue"]
        for each in [*selection.get("ListOfTags", ()), *equal]
    }


_SHARED = re.compile(r"arn:[^:]*:(rds:[^:]*:[^:]*:cluster:|fsx:[^:]*:[^:]*:(?!volume/))")
"""The ARNs of clusters and file systems, whose form several types share [documented: guide]."""


def named_type(arn: str) -> str | None:
    """Return the resource type that an ARN in a selection names explicitly, or None.

    A whole ARN names its type, and so does a pattern that has the word of the type, such as
    `arn:aws:ec2:*:*:instance/*`. `*`, `arn:aws:ec2:*` and patterns of a form that several types
    share name none [documented: guide, assigning resources].
    """
    if "*" not in arn:
        return type_of(arn)
    parts = arn.split(":", _PARTS - 1)
    if len(parts) < _PARTS or _SHARED.match(arn):
        return None
    # A bucket's ARN has no word of its type, and neither Region nor account.
    is_bucket = parts[2:5] == ["s3", "", ""]
    return type_of(arn) if is_bucket or parts[-1] != "*" else None


def is_of_restore_test(arn: str, tags: Tags) -> bool:
    """Return whether a restore test made a resource, by its tag or its name.

    Backup plans skip it [documented: guide, restore testing]. Its name is the last part of its
    ARN, or its tag Name [assumed].
    """
    names = (re.split("[:/]", arn)[-1], tags.get("Name", ""))
    return TESTED in tags or any(name.startswith(TESTED) for name in names)


TESTED = "awsbackup-restore-test"
"""The tag of what restore tests make, and what its name begins with [documented: guide]."""


def _value(condition: Mapping[str, str], tags: Tags) -> str | None:
    return tags.get(condition["ConditionKey"].removeprefix(CONDITION_PREFIX))


def _matcher(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which `*` stands for any text without white space.

    It does in ARNs and in values of tags [documented: guide, assigning resources].
    """
    return re.compile(r"\S*".join(map(re.escape, pattern.split("*"))))


def _is_like(value: str | None, pattern: str) -> bool:
    return value is not None and _matcher(pattern).fullmatch(value) is not None


_OPERATORS: Mapping[str, Callable[[str | None, str], bool]] = {
    # A resource without the tag equals no value and is like none, as in IAM [assumed].
    "StringEquals": lambda value, wanted: value == wanted,
    "StringNotEquals": lambda value, wanted: value != wanted,
    "StringLike": _is_like,
    "StringNotLike": lambda value, wanted: not _is_like(value, wanted),
}
