"""Legal holds: the recovery points that they hold are selected when they are created.

A hold covers recovery points that exist then [documented: guide], seeded or not; later ones are
free, and so are continuous backups and recovery points that AWS Backup makes, deletes or could
not delete [documented: guide].
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import (
    create,
    exists,
    find,
    members_of,
    new_place,
    once,
    page_of_entries,
)
from fakebackup.answering.pages import page_of
from fakebackup.answering.tags import check_tags
from fakebackup.errors import AwsError, invalid_parameter
from fakebackup.model.engine import ageing
from fakebackup.model.stores.entries import LEGAL_HOLD, Entry
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

EVERYTHING = "*"
"""Stands for every vault or resource in a selection [assumed]."""

_LONGEST_DESCRIPTION = 280
RECORD_DAYS, _MOST_RECORD_DAYS = 180, 36500
_HELD = ("RecoveryPointArn", "ResourceArn", "ResourceType", "BackupVaultName")


@operation("CreateLegalHold")
def create_legal_hold(caller: Caller, asked: Asked) -> Answer:
    """Create a legal hold: ACTIVE at once [assumed]."""
    return once(caller, asked, _create, members_of, still_exists=exists(caller, LEGAL_HOLD))


def _create(caller: Caller, asked: Asked) -> Entry:
    check_description("Description", asked["Description"])
    selection, tags = _selection(asked.get("RecoveryPointSelection", {})), asked.get("Tags")
    caller.check_quota("legal_holds", _active_holds(caller) + 1)
    check_tags(caller, tags or {})
    place = new_place(caller)
    hold_id = place.arn("{uuid}")
    members = {
        "Title": asked["Title"],
        "Status": "ACTIVE",
        "Description": asked["Description"],
        "LegalHoldId": hold_id,
        "LegalHoldArn": place.arn("arn:{p}:backup:{r}:{a}:legal-hold:{uuid}"),
        "CreationDate": place.created,
        "RecoveryPointSelection": selection if "RecoveryPointSelection" in asked else None,
        "RecoveryPoints": points_selected(caller.store, selection),
    }
    made = Entry(hold_id, members["LegalHoldArn"], place.number, members)
    return create(caller, LEGAL_HOLD, made, tags=tags)


def _active_holds(caller: Caller) -> int:
    """Return how many active holds the account has, whatever the Region."""
    stores = caller.organization.stores.values()
    return sum(
        status_of(each) == "ACTIVE"
        for store in stores
        if store.account == caller.account
        for each in store.entries(LEGAL_HOLD).values()
    )


def status_of(hold: Entry) -> str:
    """Return the status of a hold; ACTIVE for a recorded one that lacks it."""
    return str(hold.members.get("Status", "ACTIVE"))


@operation("GetLegalHold")
def get_legal_hold(caller: Caller, asked: Asked) -> Answer:
    """Describe a legal hold."""
    return find(caller, LEGAL_HOLD, asked["LegalHoldId"]).members


@operation("ListLegalHolds", items="LegalHolds")
def list_legal_holds(caller: Caller, asked: Asked) -> Answer:
    """List the legal holds of the account and Region, canceled ones too, the oldest first."""
    page, more = page_of_entries(caller, asked, LEGAL_HOLD)
    return {"LegalHolds": [each.members for each in page], **more}


@operation("CancelLegalHold")
def cancel_legal_hold(caller: Caller, asked: Asked) -> Answer:
    """Cancel a legal hold: CANCELED at once [assumed], and its recovery points are released.

    Its record stays for RetainRecordInDays, 180 days by default [documented: guide].
    """
    days = asked.get("RetainRecordInDays", RECORD_DAYS)
    if not 0 <= days <= _MOST_RECORD_DAYS:
        raise invalid_parameter(f"RetainRecordInDays {days} is not 0 to {_MOST_RECORD_DAYS}")
    check_description("CancelDescription", asked["CancelDescription"])
    found = find(caller, LEGAL_HOLD, asked["LegalHoldId"])
    status = status_of(found)
    if status != "ACTIVE":
        message = f"{LEGAL_HOLD} {found.key} is {status}"
        raise AwsError("InvalidResourceStateException", message)
    now, held = clock.now(), found.members["RecoveryPoints"]
    until = now + days * clock.DAY
    found.members = {
        **found.members,
        "Status": "CANCELED",
        "CancelDescription": asked["CancelDescription"],
        "CancellationDate": now,
        "RetainRecordUntil": until,
        "RecoveryPoints": {},
    }
    keep_record(caller.store, found)
    ageing.release_all([caller.store], held, now)
    return {}


def keep_record(store: Store, hold: Entry) -> None:
    """Schedule the deletion of a canceled hold's record at its RetainRecordUntil.

    [documented: model]
    """
    act = functools.partial(delete_record, store, hold)
    store.organization.clockwork.schedule(hold.members["RetainRecordUntil"], act)


def delete_record(store: Store, hold: Entry, _at: int) -> None:
    """Delete the record of a canceled hold, if it is still there."""
    entries = store.entries(LEGAL_HOLD)
    if entries.get(hold.key) is hold:
        del entries[hold.key]
        store.tags.pop(hold.arn, None)


@operation("ListRecoveryPointsByLegalHold", items="RecoveryPoints")
def list_recovery_points_by_legal_hold(caller: Caller, asked: Asked) -> Answer:
    """List a legal hold's recovery points, newest first [assumed].

    A canceled hold has none [assumed]. A missing one is an InvalidParameterValueException: AWS
    declares no other error.
    """
    found = caller.store.entries(LEGAL_HOLD).get(asked["LegalHoldId"])
    if found is None:
        raise invalid_parameter(f"Cannot find {LEGAL_HOLD} {asked['LegalHoldId']}")
    numbered = list(enumerate(found.members["RecoveryPoints"].values()))
    page, more = page_of(caller, asked, numbered, lambda each: (each[0],))
    return {"RecoveryPoints": [point for _, point in page], **more}


def check_description(name: str, text: str) -> None:
    """Refuse a text that is longer than AWS's guide allows."""
    if len(text) > _LONGEST_DESCRIPTION:
        raise invalid_parameter(f"{name} is longer than {_LONGEST_DESCRIPTION} characters")


# --- What a hold selects ------------------------------------------------------------------


def _selection(asked: Asked) -> dict[str, Any]:
    """Return a selection as the model keeps it: dates in milliseconds.

    Raises:
        AwsError: InvalidParameterValueException for dates in the future or in no order.
    """
    span = asked.get("DateRange")
    if span is None:
        return dict(asked)
    kept = {**asked, "DateRange": {name: instant // 1000 for name, instant in span.items()}}
    check_selection(kept)
    return kept


def check_selection(selection: Mapping[str, Any]) -> None:
    """Refuse a selection whose dates are in the future or in no order.

    Args:
        selection: the selection, as the model keeps it.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    kept = selection.get("DateRange")
    if kept is None:
        return
    if max(kept.values()) > clock.now():
        raise invalid_parameter("DateRange is in the future")
    if kept["FromDate"] > kept["ToDate"]:
        raise invalid_parameter("DateRange: FromDate is after ToDate")


def points_selected(store: Store, selection: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a hold holds, by ARN: whether it holds a point is asked often."""
    return {
        point.arn: {name: value for name, value in point.kept().items() if name in _HELD}
        for point in store.vaults.newest_first()
        if not (point.is_busy or point.members["Status"] == "EXPIRED")
        and not point.is_continuous
        and _selects(selection, point)
    }


def _selects(selection: Mapping[str, Any], point: RecoveryPoint) -> bool:
    """Return whether a recovery point meets all conditions of a selection [assumed].

    A resource is identified by its ARN or its type, or by the ARN of the vault [assumed: the
    model says "type of resources and vaults"]. An empty list is no condition [assumed].
    """
    members, vaults = point.members, selection.get("VaultNames")
    if vaults and not {EVERYTHING, point.vault.name} & set(vaults):
        return False
    resources = selection.get("ResourceIdentifiers")
    identifiers = {
        members.get("ResourceArn"),
        members.get("ResourceType"),
        point.vault.arn,
        EVERYTHING,
    }
    if resources and not identifiers & set(resources):
        return False
    span = selection.get("DateRange")
    return span is None or bool(span["FromDate"] <= members["CreationDate"] <= span["ToDate"])
