"""Look-ups and checks that operations share, and their errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.answering.path_vaults import seen_vault
from fakebackup.answering.permissions import check_access
from fakebackup.errors import invalid_parameter, invalid_request, not_found
from fakebackup.known_errors import (
    INSUFFICIENT_PRIVILEGES,
    NO_PLAN,
    NO_POINT,
    POINT_IS_HELD,
    ROLE_NOT_ASSUMED,
)
from fakebackup.model.resources.arns import ARN, ROLE_ARN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.errors import AwsError
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.jobs.request import Ending, JobRequest
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Asked = Mapping[str, Any]


def check_role(arn: str) -> None:
    """Refuse a value that is not the ARN of an IAM role.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    if not re.fullmatch(ROLE_ARN, arn):
        raise ROLE_NOT_ASSUMED.error(arn)


def check_arn(name: str, arn: str) -> None:
    """Refuse a value that is not an ARN.

    Args:
        name: the parameter, for the message.
        arn: its value.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    if not re.fullmatch(ARN, arn):
        raise invalid_parameter(f"{name} {arn!r} is not a valid ARN")


# --- Vaults -------------------------------------------------------------------------------


def own_vault(caller: Caller, name: str, *, resource: str | None = None) -> Vault:
    """Return the caller's vault with a name.

    Args:
        caller: the caller.
        name: the vault's name.
        resource: the ARN of the recovery point that the caller asks for, for a denial; None
            for the vault's.

    Raises:
        AwsError: ResourceNotFoundException, or AccessDeniedException as the option
            `hide_missing_vaults` says [assumed]; AccessDeniedException where the vault's policy
            denies the operation.
    """
    vault = caller.store.vaults.get(name)
    if vault is None:
        raise no_such_vault(caller, name)
    check_access(caller, vault, resource)
    return vault


def visible_vault(caller: Caller, asked: Asked) -> Vault:
    """Return the vault in the parameters: the caller's, or one that is shared with it.

    Args:
        caller: the caller.
        asked: the parameters: BackupVaultName, perhaps BackupVaultAccountId, and the
            RecoveryPointArn that the caller asks for.

    Raises:
        AwsError: InvalidParameterValueException for a BackupVaultAccountId that is not an
            account id; for a missing vault and a denial as `own_vault`.
    """
    name, account = asked["BackupVaultName"], asked.get("BackupVaultAccountId", caller.account)
    if not ids.is_account_id(account):
        raise invalid_parameter(f"BackupVaultAccountId {account!r} is not valid")
    vault = seen_vault(caller.store, name, account)
    if vault is None:
        raise no_such_vault(caller, name)
    check_access(caller, vault, asked.get("RecoveryPointArn"))
    return vault


def shared_vaults(caller: Caller) -> list[Vault]:
    """Return the vaults that other accounts in the caller's Region share with it."""
    return [vault for store in other_stores(caller) for vault in store.vaults if vault.is_shared]


def other_stores(caller: Caller) -> list[Store]:
    """Return the stores of the other accounts in the caller's Region."""
    return [
        store
        for home, store in list(caller.organization.stores.items())
        if home.account != caller.account and home.region == caller.region
    ]


def no_such_vault(caller: Caller, name: str) -> AwsError:
    """Return the error for a missing vault that is named by its name or its ARN."""
    if caller.options.hide_missing_vaults:
        return INSUFFICIENT_PRIVILEGES.error()
    return not_found(f"Backup vault {name} does not exist")


# --- Recovery points ----------------------------------------------------------------------


def point_in(vault: Vault, arn: str) -> RecoveryPoint:
    """Return the recovery point of a vault with an ARN.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    point = vault.points.get(arn)
    if point is None:
        raise NO_POINT.error()
    return point


def point_seen_in(vault: Vault, asked: Asked) -> RecoveryPoint:
    """Return the recovery point in the parameters, which a vault has or gives access to.

    Raises:
        AwsError: InvalidParameterValueException, ResourceNotFoundException.
    """
    check_arn("RecoveryPointArn", asked["RecoveryPointArn"])
    point = vault.seen.get(asked["RecoveryPointArn"])
    if point is None:
        raise NO_POINT.error()
    return point


def point_to_change(caller: Caller, asked: Asked) -> RecoveryPoint:
    """Return the recovery point that is asked about, which lies in the vault of the path.

    Raises:
        AwsError: InvalidParameterValueException, ResourceNotFoundException.
    """
    check_arn("RecoveryPointArn", asked["RecoveryPointArn"])
    return point_in(caller.vault, asked["RecoveryPointArn"])


def point_to_restore(caller: Caller, arn: str) -> RecoveryPoint | None:
    """Return a recovery point to restore, of the caller's vaults or of one shared with it.

    Args:
        caller: the caller.
        arn: its ARN.
    """
    own = caller.store.vaults.visible_point(arn)
    return shared_point(caller, arn) if own is None else own


def shared_point(caller: Caller, arn: str) -> RecoveryPoint | None:
    """Return a recovery point of a vault that another account shares with the caller.

    Those of a vault with an approval team are not shared: restore access shows them [assumed].

    Args:
        caller: the caller.
        arn: its ARN.
    """
    open_ones = (each for each in shared_vaults(caller) if _TEAM not in each.members)
    return next((each.points[arn] for each in open_ones if arn in each.points), None)


_TEAM = "MpaApprovalTeamArn"


def resource_of(point: RecoveryPoint) -> tuple[str, str]:
    """Return the ARN and the type of a recovery point's resource, for a job that needs both.

    Raises:
        AwsError: InvalidRequestException: one is missing, which only a seeded point lacks
            [assumed].
    """
    found = [point.members.get(name) for name in ("ResourceArn", "ResourceType")]
    if None in found:
        missing = ("ResourceArn", "ResourceType")[found.index(None)]
        raise invalid_request(f"Recovery point {point.arn} has no {missing}")
    return str(found[0]), str(found[1])


def check_not_held(point: RecoveryPoint) -> None:
    """Refuse to delete or disassociate a recovery point under a legal hold [documented: model].

    Raises:
        AwsError: InvalidRequestException.
    """
    from fakebackup.model.engine import ageing

    if ageing.legal_hold_on(point) is not None:
        raise POINT_IS_HELD.error()


# --- Backup plans -------------------------------------------------------------------------


def find_plan(caller: Caller, asked: Mapping[str, Any]) -> Entry:
    """Return the backup plan in the parameters, which is not deleted.

    Raises:
        AwsError: ResourceNotFoundException, in the same words for all operations [assumed].
    """
    from fakebackup.model.plans.documents import PLAN  # late: few look up plans

    found = caller.store.entries(PLAN).get(asked["BackupPlanId"])
    if found is None:
        raise NO_PLAN.error()
    return found


# --- Jobs to start ------------------------------------------------------------------------


def make_job(caller: Caller, kind: Kind, members: Asked, request: JobRequest) -> Job:
    """Make a job of the caller's account, to start now; arguments as for `starts.make`."""
    from fakebackup.model.engine import starts

    created = {kind.created: clock.now()}
    return starts.make(kind, caller.account, created | dict(members), request)


def chosen_ending(caller: Caller, resource: str) -> Ending | None:
    """Return the ending that the test chose for the job that a call starts, or None.

    Args:
        caller: the caller, and the operation that starts the job.
        resource: the ARN of the job's resource.
    """
    from fakebackup.model.engine import starts

    return starts.chosen_ending(caller.store, caller.operation, resource)
