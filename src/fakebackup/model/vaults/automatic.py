"""The vault of EFS's automatic backups: its request id, and its access policy.

Both are [recorded] (the guide `aws`, What services own).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from fakebackup.model.shapes.requests import AUTOMATIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Home

_DENIED = (
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteRecoveryPoint",
    "StartCopyJob",
    "StartRestoreJob",
    "UpdateRecoveryPointLifecycle",
)
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": [f"backup:{operation}" for operation in _DENIED],
                "Resource": "*",
            }
        ],
    }
)


def request_id(home: Home) -> str:
    """Return the CreatorRequestId of the vault in an account and Region."""
    return f"aws/efs/automatic-backup-{home.account}-{home.region}"


def first_policy(name: str) -> str | None:
    """Return the access policy of a new vault, as JSON text; None where it has none."""
    return _POLICY if name == AUTOMATIC else None


def denies(name: str, policy: str | None, operation: str, resource: str) -> bool:
    """Return whether the policy of the vault denies an operation; of other vaults none does.

    The statements that count are those that deny everybody, without a condition.

    Args:
        name: the vault's name.
        policy: its policy, as JSON text; None where it has none.
        operation: an AWS operation.
        resource: the ARN of the vault or recovery point that it is asked for.
    """
    if name != AUTOMATIC or policy is None:
        return False
    statements = json.loads(policy).get("Statement", ())
    return any(
        isinstance(each, dict) and _denies(each, f"backup:{operation}", resource)
        for each in _several(statements)
    )


def _denies(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    principal = statement.get("Principal")
    everybody = principal == "*" or (
        isinstance(principal, dict) and "*" in _several(principal.get("AWS", ()))
    )
    return (
        statement.get("Effect") == "Deny"
        and everybody
        and "Condition" not in statement
        and action in _several(statement.get("Action", ()))
        and any(_matches(each, resource) for each in _several(statement.get("Resource", ())))
    )


def _matches(pattern: str, arn: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, str(pattern).split("*"))), arn) is not None


def _several(one_or_many: Any) -> Any:
    """Return the items of a list, or of what a policy writes in place of a list of one."""
    return one_or_many if isinstance(one_or_many, (list, tuple)) else [one_or_many]
