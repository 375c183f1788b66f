"""What the operations that start jobs share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import AwsError, invalid_parameter, not_found
from fakebackup.model import jobs, life, outcomes

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
    """Return a job to start: of the caller's account, in its first state, created now.

    Args:
        caller: who starts it.
        kind: its kind.
        members: what the request says of it, as a user would seed it; None leaves one out.
        started: what else is known of it.
    """
    own = {kind.state: life.FIRST[kind], kind.created: clock.now() / 1000}
    # A report job does not say whose it is.
    if "AccountId" in kind.known:
        own["AccountId"] = caller.account
    job = jobs.build(kind, own | dict(members))
    job.started = started
    return job


def chosen(caller: Caller, resource: str) -> Ending | None:
    """Return how the test wants the job to end that a call starts; None if it said nothing.

    Args:
        caller: who starts it, by which operation.
        resource: the ARN of the job's resource.
    """
    found = outcomes.take(caller.organization.outcomes, caller.operation, resource)
    return None if found is None else (found.state, (found.members, found.given))


def failing(message: str) -> Ending:
    """Return the ending of a job that will fail with a message."""
    return "FAILED", ({"StatusMessage": message}, frozenset({"StatusMessage"}))


def nested_endings(ending: Ending | None, count: int) -> list[Ending]:
    """Return how a composite job's children end: alike, but of a PARTIAL one the last fails."""
    state = "COMPLETED" if ending is None else ending[0]
    states = [state] * count
    if state == "PARTIAL":
        states = ["COMPLETED"] * (count - 1) + ["FAILED"] * min(count, 1)
    return [(each, ({}, frozenset())) for each in states]
