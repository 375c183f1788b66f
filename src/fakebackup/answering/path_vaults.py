"""The vault that an operation's path names: judged before anything else, for all operations.

A vault that does not exist is not told from a forbidden one, since permissions are checked first
(the guide `aws`, What does not exist). Which operations that is of, botocore's model says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.answering.permissions import check_policy
from fakebackup.known_errors import INSUFFICIENT_PRIVILEGES
from fakebackup.model.resources.arns import Home

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import Vault


def vault_in_path(
    store: Store, operation: str, parameters: Mapping[str, Any], access_key: Any
) -> Vault:
    """Return the vault that a path names, whose policy does not deny the operation.

    A name that no vault can have, the empty one too, is one of a vault that does not exist; so
    is an account's id that no account can have.

    Args:
        store: what the caller has.
        operation: the operation's name.
        parameters: those of the call, not judged yet.
        access_key: that of the client's credentials; None for any.

    Raises:
        AwsError: AccessDeniedException.
    """
    account = parameters.get("BackupVaultAccountId", store.account)
    vault = seen_vault(store, parameters["BackupVaultName"], account)
    if vault is None:
        raise INSUFFICIENT_PRIVILEGES.error()
    check_policy(store, operation, vault, parameters.get("RecoveryPointArn"), access_key)
    return vault


def seen_vault(store: Store, name: str, account: str) -> Vault | None:
    """Return a vault that a caller sees: its own, or one that another account shares with it.

    Args:
        store: what the caller has.
        name: the vault's name.
        account: the id of the account that has the vault.
    """
    if account == store.account:
        return store.vaults.get(name)
    organization = store.organization
    organization.leave_behind()
    theirs = organization.stores.get(Home(account, store.region))
    found = None if theirs is None else theirs.vaults.get(name)
    return found if found is not None and found.is_shared else None
