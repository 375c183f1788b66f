"""Plans and a vault that AWS services own in an account: what may not be done with them.

The ids of AWS Organizations' plans begin with `orgs/`, those of EFS's automatic backups with
`aws/efs/` (the guide `aws`, What services own).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.answering.lookups import explicit_deny, insufficient_privileges
from fakebackup.errors import invalid_parameter
from fakebackup.model.plans.documents import OF_ORGANIZATIONS, PLAN
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
        raise insufficient_privileges()


_BY_ORGANIZATIONS = {
    "DeleteBackupPlan": "Backup plan cannot be deleted for",
    "DeleteBackupSelection": "Cannot delete selection for",
    "UpdateBackupPlan": "Backup plan cannot be updated for",
    "CreateBackupSelection": "Cannot create selection for",
}
"""Per operation, the beginning of the text: the deletions' [reported], the others' [assumed]."""


def _of_organizations(caller: Caller, plan_id: str) -> AwsError:
    began = _BY_ORGANIZATIONS[caller.operation]
    return invalid_parameter(f"{began} backup plan {plan_id} created by organizations")


def _of_a_service(caller: Caller, plan_id: str) -> AwsError:
    # [reported] for deletions; [assumed] for the rest, and for the text.
    return explicit_deny(caller, caller.store.entries(PLAN)[plan_id].arn)


_REFUSALS: Mapping[str, Callable[[Caller, str], AwsError]] = {
    OF_ORGANIZATIONS: _of_organizations,
    "aws/": _of_a_service,
}
"""Per beginning of a plan's id, the error for changing the plan."""
