"""What access policies of vaults deny: that of EFS's own vault is enforced, those of others not.

The guide `aws`, What services own, has the evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.known_errors import DENIED_BY_VAULT
from fakebackup.model.shapes.requests import AUTOMATIC

if TYPE_CHECKING:
    from fakebackup.errors import AwsError
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import Vault


def check_policy(store: Store, operation: str, vault: Vault, resource: str | None = None) -> None:
    """Refuse an operation that the policy of the vault of EFS's automatic backups denies.

    Args:
        store: what the caller has.
        operation: the operation's name.
        vault: the vault; any other one denies nothing.
        resource: the ARN of the recovery point that the caller asks for; None for the vault's.

    Raises:
        AwsError: AccessDeniedException.
    """
    if vault.name != AUTOMATIC:
        return
    from fakebackup.model.vaults import policies

    resource = resource or vault.arn
    if policies.denies(vault, f"backup:{operation}", resource):
        raise denied(store, operation, resource)


def denied(store: Store, operation: str, resource: str) -> AwsError:
    """Return the error for an operation that a policy of a resource denies.

    The fake does not know the caller's role and session: their names are made up.
    """
    user = store.home.arn("arn:{p}:sts::{a}:assumed-role/Role/Session")
    return DENIED_BY_VAULT.error(user, f"backup:{operation}", resource)
