"""Look-ups and checks that operations share, and their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.errors import AwsError, invalid_parameter, invalid_request, not_found
from fakebackup.model.resources.arns import ARN, ROLE_ARN
from fakebackup.model.stores.entries import LEGAL_HOLD
from fakebackup.model.vaults.members import AIR_GAPPED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.jobs.job import Ending, Job, JobRequest
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

    Asked = Mapping[str, Any]


def check_role(arn: str) -> None:
    """Refuse a value that is not the ARN of an IAM role.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    if not ROLE_ARN.fullmatch(arn):
        raise invalid_parameter(f"IAM Role {arn} cannot be assumed by AWS Backup")


def check_arn(name: str, arn: str) -> None:
    """Refuse a value that is not an ARN.

    Args:
        name: the parameter, for the message.
        arn: its value.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    if not ARN.fullmatch(arn):
        raise invalid_parameter(f"{name} {arn!r} is not a valid ARN")


# --- Vaults -------------------------------------------------------------------------------


def own_vault(caller: Caller, name: str) -> Vault:
    """Return the caller's vault with a name.

    Raises:
        AwsError: ResourceNotFoundException, or AccessDeniedException as the option
            `hide_missing_vaults` says [assumed].
    """
    vault = caller.store.vaults.get(name)
    if vault is None:
        raise no_such_vault(caller, name)
    return vault


def visible_vault(caller: Caller, asked: Asked, *, hidden: bool) -> Vault:
    """Return the vault in the parameters: the caller's, or one that is shared with it.

    Args:
        caller: the caller.
        asked: the parameters, BackupVaultName and perhaps BackupVaultAccountId among them.
        hidden: whether a missing vault of the caller's gets the error of a forbidden one.

    Raises:
        AwsError: InvalidParameterValueException for a BackupVaultAccountId that is not an
            account id, AccessDeniedException or ResourceNotFoundException for a missing vault,
            the latter for one of another account [assumed].
    """
    name, account = asked["BackupVaultName"], asked.get("BackupVaultAccountId", caller.account)
    if not ids.is_account_id(account):
        raise invalid_parameter(f"BackupVaultAccountId {account!r} is not valid")
    if account != caller.account:
        shared = caller.organization.store(account, caller.region).vaults.get(name)
        if shared is None or shared.members["VaultType"] != AIR_GAPPED:
            raise not_found(f"Backup vault {name} of account {account} does not exist")
        return shared
    if hidden and name not in caller.store.vaults:
        raise insufficient_privileges()
    return own_vault(caller, name)


def shared_vaults(caller: Caller) -> list[Vault]:
    """Return the air-gapped vaults that other accounts have in the caller's Region."""
    return [
        vault
        for store in other_stores(caller)
        for vault in store.vaults
        if vault.members["VaultType"] == AIR_GAPPED
    ]


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
        return insufficient_privileges()
    return not_found(f"Backup vault {name} does not exist")


def insufficient_privileges() -> AwsError:
    """Return the error for a vault that is missing or forbidden.

    The guide `aws`, What does not exist, has the evidence.
    """
    message = "Insufficient privileges to perform this action."
    return AwsError("AccessDeniedException", message, status=403)


# --- Recovery points ----------------------------------------------------------------------


def point_in(vault: Vault, arn: str) -> RecoveryPoint:
    """Return the recovery point of a vault with an ARN.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    point = vault.points.get(arn)
    if point is None:
        raise no_such_point()
    return point


def visible_point(caller: Caller, asked: Asked) -> tuple[Vault, RecoveryPoint]:
    """Return the recovery point in the parameters, and the vault in which the caller sees it.

    Raises:
        AwsError: InvalidParameterValueException, ResourceNotFoundException.
    """
    check_arn("RecoveryPointArn", asked["RecoveryPointArn"])
    vault = visible_vault(caller, asked, hidden=False)
    point = vault.seen.get(asked["RecoveryPointArn"])
    if point is None:
        raise no_such_point()
    return vault, point


def no_such_point() -> AwsError:
    """Return the error for a recovery point that does not exist."""
    return not_found("Cannot find recovery point.", number="ERROR_2603")


def check_not_held(point: RecoveryPoint) -> None:
    """Refuse to delete or disassociate a recovery point under a legal hold [documented: model].

    Raises:
        AwsError: InvalidRequestException [assumed: AWS says "fail with an error"].
    """
    from fakebackup.model.engine import ageing

    found = ageing.legal_hold_on(point)
    if found is not None:
        raise invalid_request(f"Recovery point {point.arn} is under {LEGAL_HOLD} {found.key}")


# --- Jobs to start ------------------------------------------------------------------------


def make_job(caller: Caller, kind: Kind, members: Asked, request: JobRequest) -> Job:
    """Make a job of the caller's account, to start now; arguments as for `starts.make`."""
    from fakebackup.model.engine import starts

    created = {kind.created: clock.now() / 1000}
    return starts.make(kind, caller.account, created | dict(members), request)


def chosen_ending(caller: Caller, resource: str) -> Ending | None:
    """Return the ending that the test chose for the job that a call starts, or None.

    Args:
        caller: the caller, and the operation that starts the job.
        resource: the ARN of the job's resource.
    """
    from fakebackup.model.engine import starts

    return starts.chosen_ending(caller.store, caller.operation, resource)
