"""Tiering configurations: they are kept and shown; no backup moves to another tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import (
    already_exists,
    check_new,
    check_request_id,
    create,
    delete,
    exists,
    find,
    new_place,
    once,
    page_of_entries,
)
from fakebackup.errors import invalid_parameter, missing_parameter
from fakebackup.model.quotas import NUMBERS, check
from fakebackup.model.resources.types import type_of
from fakebackup.model.stores.entries import Entry
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fakebackup.answering.caller import Caller

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

NOUN = "tiering configuration"

EVERYTHING = "*"
"""Stands for every vault, and for every resource."""

TIERED = "S3"
"""The one resource type that can be tiered [documented: model]."""

_GIVEN = ("BackupVaultName", "ResourceSelection")


@operation("CreateTieringConfiguration")
def create_tiering_configuration(caller: Caller, asked: Asked) -> Answer:
    """Create a tiering configuration; the same CreatorRequestId again returns that one."""
    check_request_id(asked)
    still_exists, by = exists(caller, NOUN), "CreatorRequestId"
    return once(caller, asked, _create, _created, by=by, still_exists=still_exists)


def _created(made: Entry) -> Answer:
    shown = ("TieringConfigurationArn", "TieringConfigurationName", "CreationTime")
    return {member: made.members[member] for member in shown}


def _create(caller: Caller, asked: Asked) -> Entry:
    given, tags = asked["TieringConfiguration"], asked.get("TieringConfigurationTags")
    name = given["TieringConfigurationName"]
    _check(caller, given)
    check_new(caller, NOUN, name, tags=tags)
    _check_beside(caller.store.entries(NOUN).values(), given)
    place = new_place(caller)
    arn = place.arn(f"arn:{{p}}:backup:{{r}}:{{a}}:tiering-configuration:{name}-{{uuid}}")
    members = {
        "TieringConfigurationName": name,
        "TieringConfigurationArn": arn,
        **{member: given[member] for member in _GIVEN},
        "CreationTime": place.created,
        "CreatorRequestId": asked.get("CreatorRequestId"),
    }
    return create(caller, NOUN, Entry(name, arn, place.number, members), tags=tags)


@operation("GetTieringConfiguration")
def get_tiering_configuration(caller: Caller, asked: Asked) -> Answer:
    """Describe a tiering configuration."""
    found = find(caller, NOUN, asked["TieringConfigurationName"])
    return {"TieringConfiguration": found.members}


@operation("UpdateTieringConfiguration")
def update_tiering_configuration(caller: Caller, asked: Asked) -> Answer:
    """Update a tiering configuration; it has a LastUpdatedTime from then on."""
    found = find(caller, NOUN, asked["TieringConfigurationName"])
    given = asked["TieringConfiguration"]
    _check(caller, given)
    _check_beside(
        (each for each in caller.store.entries(NOUN).values() if each is not found), given
    )
    changes = {member: given[member] for member in _GIVEN}
    found.members = {**found.members, **changes, "LastUpdatedTime": clock.now()}
    return found.members


@operation("DeleteTieringConfiguration")
def delete_tiering_configuration(caller: Caller, asked: Asked) -> Answer:
    """Delete a tiering configuration."""
    delete(caller, NOUN, find(caller, NOUN, asked["TieringConfigurationName"]))
    return {}


@operation("ListTieringConfigurations", items="TieringConfigurations")
def list_tiering_configurations(caller: Caller, asked: Asked) -> Answer:
    """List the tiering configurations of the account and Region, the oldest first [assumed]."""
    page, more = page_of_entries(caller, asked, NOUN)
    return {"TieringConfigurations": [each.members for each in page], **more}


def _check(caller: Caller, given: Asked) -> None:
    """Refuse a tiering configuration that AWS does not allow.

    Raises:
        AwsError: InvalidParameterValueException, for a missing vault, too [assumed],
            MissingParameterValueException, LimitExceededException.
    """
    vault = given["BackupVaultName"]
    check_document(given, caller.options.quotas)
    if vault != EVERYTHING and vault not in caller.store.vaults:
        raise invalid_parameter(f"Backup vault {vault} does not exist")


def check_document(given: Asked, quotas: Mapping[str, int] = NUMBERS) -> None:
    """Refuse a tiering configuration that AWS does not allow; its vault may be missing.

    Raises:
        AwsError: InvalidParameterValueException, MissingParameterValueException,
            LimitExceededException.
    """
    selections = given["ResourceSelection"]
    if not (selections and all(each["Resources"] for each in selections)):
        raise missing_parameter("ResourceSelection is missing, or a selection has no Resources")
    resources = [resource for each in selections for resource in each["Resources"]]
    specific = [resource for resource in resources if resource != EVERYTHING]
    check(quotas, "selections_per_tiering", len(selections))
    check(quotas, "resources_per_tiering", len(specific))
    for each in selections:
        if each["ResourceType"] != TIERED:
            raise invalid_parameter(f"ResourceType {each['ResourceType']!r} is not {TIERED}")
    for resource in specific:
        if type_of(resource) != TIERED:
            raise invalid_parameter(f"{resource!r} is not the ARN of a resource of {TIERED}")


def _check_beside(others: Iterable[Entry], given: Asked) -> None:
    """Refuse a second configuration of a vault, or of all vaults [documented: model].

    Raises:
        AwsError: AlreadyExistsException [assumed].
    """
    vault = given["BackupVaultName"]
    for other in others:
        if other.members.get("BackupVaultName") == vault:
            which = "all vaults" if vault == EVERYTHING else f"backup vault {vault}"
            raise already_exists(other, f"{NOUN} {other.key} is that of {which}")
