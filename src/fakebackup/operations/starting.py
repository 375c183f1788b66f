"""What the operations that start jobs share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import AwsError, invalid_parameter, not_found
from fakebackup.model import starts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller
    from fakebackup.model.jobs import Ending, Job, Started
    from fakebackup.model.kinds import Kind
    from fakebackup.model.vaults import RecoveryPoint, Vault

    Asked = Mapping[str, Any]

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


def check_role(arn: str) -> None:
    """Refuse what is not the ARN of an IAM role.

    Raises:
        AwsError: InvalidParameterValueException.
    """
    if not _ROLE.fullmatch(arn):
        raise invalid_parameter(f"IAM Role {arn} cannot be assumed by AWS Backup")


def vault_to_use(caller: Caller, name: str) -> Vault:
    """Return the caller's vault with a name.

    Raises:
        AwsError: ResourceNotFoundException, or AccessDeniedException as the option
            `hide_missing_vaults` says [assumed].
    """
    vault = caller.organization.vaults_here(caller.account, caller.region).get(name)
    if vault is None:
        raise no_such_vault(caller, name)
    return vault


def no_such_vault(caller: Caller, name: str) -> AwsError:
    """Return AWS's answer to who starts a job on a vault, by name or ARN, that is not there."""
    if caller.organization.options.hide_missing_vaults:
        return insufficient_privileges()
    return not_found(f"Backup vault {name} does not exist")


def insufficient_privileges() -> AwsError:
    """Return AWS's answer to who asks for a vault that is not there (behaviour sheet 3.3)."""
    message = "Insufficient privileges to perform this action."
    return AwsError("AccessDeniedException", message, status=403)


def point_in(vault: Vault, arn: str) -> RecoveryPoint:
    """Return a vault's recovery point.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    point = vault.points.get(arn)
    if point is None:
        raise no_such_point()
    return point


def no_such_point() -> AwsError:
    """Return AWS's answer to who asks for a recovery point that is not there."""
    return not_found("Cannot find recovery point.", number="ERROR_2603")


def make(caller: Caller, kind: Kind, members: Mapping[str, Any], started: Started) -> Job:
    """Return a job to start now, of the caller's account; arguments as for `starts.make`."""
    created = {kind.created: clock.now() / 1000}
    return starts.make(kind, caller.account, created | dict(members), started)


def chosen(caller: Caller, resource: str) -> Ending | None:
    """Return how the test wants the job to end that a call starts; None if it said nothing.

    Args:
        caller: who starts it, by which operation.
        resource: the ARN of the job's resource.
    """
    return starts.chosen(caller.organization, caller.operation, resource)
