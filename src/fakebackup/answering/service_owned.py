"""Plans and a vault that AWS services own in an account: what may not be done with them.

The ids of AWS Organizations' plans begin with `orgs/`, those of EFS's automatic backups with
`aws/efs/` (the guide `aws`, What services own).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.answering.permissions import denied
from fakebackup.errors import invalid_parameter
from fakebackup.known_errors import (
    INSUFFICIENT_PRIVILEGES,
    PLAN_OF_ORGANIZATION,
    SELECTION_OF_ORGANIZATION,
)
from fakebackup.model.plans.documents import PLAN
from fakebackup.model.resources.values import OF_ORGANIZATIONS, OF_SERVICES
from fakebackup.model.shapes.requests import AUTOMATIC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.errors import AwsError


def check_plan(caller: Caller, plan_id: str) -> None:
    """Refuse to change a plan that a service owns, or a selection of it.

    Args:
        caller: the caller.
        plan_id: the id of a plan that is there.

    Raises:
        AwsError: InvalidParameterValueException or AccessDeniedException, by the plan's owner.
    """
    for prefix, refusal in _REFUSALS.items():
        if plan_id.startswith(prefix):
            raise refusal(caller, plan_id)


def check_vaults(names: set[str]) -> None:
    """Refuse backups and copies by others to the vault of EFS's automatic backups.

    [documented: guide], for plans and for copies across accounts.

    Args:
        names: the names of the vaults that they go to.

    Raises:
        AwsError: AccessDeniedException.
    """
    if AUTOMATIC in names:
        raise INSUFFICIENT_PRIVILEGES.error()


_OF_ORGANIZATIONS = {
    "DeleteBackupPlan": PLAN_OF_ORGANIZATION,
    "DeleteBackupSelection": SELECTION_OF_ORGANIZATION,
}
_ALIKE = {
    "UpdateBackupPlan": "Backup plan cannot be updated for",
    "CreateBackupSelection": "Cannot create selection for",
}
"""Per operation whose text is not known, the beginning of one like the known ones [assumed]."""


def _of_organizations(caller: Caller, plan_id: str) -> AwsError:
    known = _OF_ORGANIZATIONS.get(caller.operation)
    if known is not None:
        return known.error(plan_id)
    began = _ALIKE[caller.operation]
    return invalid_parameter(f"{began} backup plan {plan_id} created by organizations")


def _of_a_service(caller: Caller, plan_id: str) -> AwsError:
    # [reported] for deletions; [assumed] for the rest, and for the text.
    arn = caller.store.entries(PLAN)[plan_id].arn
    return denied(caller.store, caller.operation, arn, caller.access_key)


_REFUSALS: Mapping[str, Callable[[Caller, str], AwsError]] = {
    OF_ORGANIZATIONS: _of_organizations,
    OF_SERVICES: _of_a_service,
}
"""Per beginning of a plan's id, the error for changing the plan."""
