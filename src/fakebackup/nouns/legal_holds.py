"""The row of legal holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model.engine import ageing
from fakebackup.model.stores import entries
from fakebackup.nouns.forms import form
from fakebackup.nouns.noun import EntrySchema, Noun
from fakebackup.operations import legal_holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Place
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]
    Changes = dict[str, Any]


_HOLDS = ("CREATING", "ACTIVE")
"""The statuses of holds that hold; what AWS does while one is CANCELING it does not tell
[assumed]."""


def holds(hold: Entry) -> bool:
    """Return whether a hold holds recovery points, by its status."""
    return legal_holds.status_of(hold) in _HOLDS


def _hold_defaults(place: Place, store: Store, given: Changes) -> Changes:
    hold_id = given.get("LegalHoldId") or place.arn("{uuid}")
    ended = [name for name in _OF_CANCELED if given.get(name) is not None]
    found: Changes = {
        "Title": f"Legal hold {len(store.entries(entries.LEGAL_HOLD)) + 1}",
        "Status": "CANCELED" if ended else "ACTIVE",
        "Description": "Seeded for a test.",
        "LegalHoldId": hold_id,
        "LegalHoldArn": place.home.arn("arn:{p}:backup:{r}:{a}:legal-hold:") + hold_id,
        "CreationDate": place.created,
    }
    if given.get("Status", found["Status"]) == "CANCELED":
        at = max(given.get("CreationDate", place.created), place.now)
        at = given.get("CancellationDate") or at
        found["CancelDescription"] = "Canceled for a test."
        found["CancellationDate"] = at
        found["RetainRecordUntil"] = at + legal_holds.RECORD_DAYS * clock.DAY
    return found


_OF_CANCELED = ("CancelDescription", "CancellationDate", "RetainRecordUntil")


def _check_hold(store: Store, members: Changes) -> Changes:
    for name in ("Description", "CancelDescription"):
        legal_holds.check_description(name, members.get(name, ""))
    selection = members.get("RecoveryPointSelection", {})
    legal_holds.check_selection(selection)
    # Without a selection it holds everything, as one that was created so.
    return {"RecoveryPoints": legal_holds.points_selected(store, selection), **members}


def _complete_hold(members: Changes) -> Changes:
    points = members.get("RecoveryPoints")
    if not isinstance(points, list):
        return members
    for at, each in enumerate(points):
        if "RecoveryPointArn" not in each:
            msg = f"RecoveryPoints[{at}] cannot be without RecoveryPointArn."
            raise ValueError(msg)
    return {**members, "RecoveryPoints": {each["RecoveryPointArn"]: each for each in points}}


def _hold_points(store: Store, hold: Entry, _before: Members | None) -> None:
    """Hold the recovery points that a hold selects, unless they are known; end as AWS's does.

    Of a recorded one without a selection it is not known: a list shows none.
    """
    members = hold.members
    if not holds(hold):
        hold.members = {**members, "RecoveryPoints": {}}
    elif not members.get("RecoveryPoints"):
        selection = members.get("RecoveryPointSelection")
        found = {} if selection is None else legal_holds.points_selected(store, selection)
        hold.members = {**members, "RecoveryPoints": found}
    if legal_holds.status_of(hold) == "CANCELED" and "RetainRecordUntil" in members:
        legal_holds.keep_record(store, hold)


def _release_points(store: Store, hold: Entry) -> None:
    ageing.release_all([store], hold.members["RecoveryPoints"], clock.now())


LEGAL_HOLD = Noun(
    name=entries.LEGAL_HOLD,
    schema=EntrySchema(
        name="legal hold",
        described="GetLegalHoldOutput",
        item="LegalHold",
        typed="LegalHoldMembers",
        also={"RecoveryPoints": "ListRecoveryPointsByLegalHoldOutput"},
        needed=("Title", "Status", "Description", "LegalHoldId", "LegalHoldArn", "CreationDate"),
    ),
    describe="GetLegalHold",
    lists=(("ListLegalHolds", "LegalHolds"),),
    key="LegalHoldId",
    arn="LegalHoldArn",
    form=form("legal-hold:"),
    created="CreationDate",
    defaults=_hold_defaults,
    check=_check_hold,
    complete=_complete_hold,
    seeded=_hold_points,
    removed=_release_points,
)
