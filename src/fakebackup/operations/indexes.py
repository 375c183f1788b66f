"""Backup indexes of recovery points; `engine.indexes` moves them from state to state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.lookups import check_role, point_to_change
from fakebackup.answering.pages import page_of_points
from fakebackup.errors import invalid_request, missing_parameter, not_found
from fakebackup.model.engine import indexes
from fakebackup.model.jobs import filters
from fakebackup.model.jobs.filters import after, before, same
from fakebackup.model.stores import outcomes
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.vaults.vault import RecoveryPoint

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

FILTERS = {
    "SourceResourceArn": same("SourceResourceArn"),
    # Of the recovery point, not of its index [assumed].
    "CreatedBefore": before("BackupCreationDate"),
    "CreatedAfter": after("BackupCreationDate"),
    "ResourceType": same("ResourceType"),
    "IndexStatus": same("IndexStatus"),
}


@operation("UpdateRecoveryPointIndexSettings")
def update_recovery_point_index_settings(caller: Caller, asked: Asked) -> Answer:
    """Create the index of a recovery point (ENABLED) or delete it (DISABLED).

    The role is needed to create one [documented: model]; to delete one it is not [assumed]. An
    index that exists, or is being made, is not made again [assumed]; one that FAILED is.
    """
    role = asked.get("IamRoleArn")
    if role == "" or (role is None and asked["Index"] == "ENABLED"):
        raise missing_parameter("IamRoleArn is missing")
    if role is not None:
        check_role(role)
    point = point_to_change(caller, asked)
    change = _enable if asked["Index"] == "ENABLED" else _disable
    return {
        "BackupVaultName": point.vault.name,
        "RecoveryPointArn": point.arn,
        "IndexStatus": change(caller, point, role or ""),
        "Index": asked["Index"],
    }


def _enable(caller: Caller, point: RecoveryPoint, role: str) -> str:
    """Create a recovery point's index, unless it exists, and return its status."""
    members, refusal = point.members, indexes.refusal(point)
    if refusal is not None:
        raise invalid_request(refusal)
    index_status: str | None = members.get("IndexStatus")
    if index_status == "DELETING":
        raise invalid_request(f"The index of recovery point {point.arn} is being deleted")
    if index_status in ("PENDING", "ACTIVE"):
        return str(index_status)
    resource = members.get("ResourceArn", "")
    home = caller.store.home
    chosen = outcomes.take(caller.organization.outcomes, caller.operation, resource, home)
    ending: tuple[str, str | None] = ("ACTIVE", None)
    if chosen is not None:
        ending = (chosen.state, chosen.members.get("IndexStatusMessage"))
    indexes.make(point, role, clock.now(), ending)
    return "PENDING"


def _disable(_caller: Caller, point: RecoveryPoint, _role: str) -> str:
    if "IndexStatus" not in point.members:
        raise invalid_request(f"Recovery point {point.arn} has no index")
    if point.members["IndexStatus"] != "DELETING":
        indexes.delete(point, clock.now())
    return "DELETING"


@operation("GetRecoveryPointIndexDetails")
def get_recovery_point_index_details(caller: Caller, asked: Asked) -> Answer:
    """Describe the index of a recovery point; a missing one is not found [assumed]."""
    point = point_to_change(caller, asked)
    index = indexes.index_of(point)
    if index is None:
        raise not_found(f"Recovery point {point.arn} has no index")
    return index


@operation("ListIndexedRecoveryPoints", items="IndexedRecoveryPoints")
def list_indexed_recovery_points(caller: Caller, asked: Asked) -> Answer:
    """List the recovery points that have an index, newest first [assumed]."""
    criteria = filters.criteria(FILTERS, asked)

    def wanted(point: RecoveryPoint) -> bool:
        index = indexes.index_of(point)
        return index is not None and filters.passes(index, criteria)

    page, more = page_of_points(caller, asked, caller.store.vaults, wanted)
    return {"IndexedRecoveryPoints": [indexes.index_of(point) for point in page], **more}
