"""What access policies of vaults deny.

That of EFS's own vault is enforced always, those of others with the option `enforce_policies`. The
guide `aws`, Access policies and What services own, has the evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.answering import access_keys
from fakebackup.known_errors import DENIED_BY_VAULT
from fakebackup.model.resources.arns import Principal
from fakebackup.model.shapes.requests import AUTOMATIC

if TYPE_CHECKING:
    from fakebackup.answering.caller import Caller
    from fakebackup.errors import AwsError
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import Vault


def check_policy(
    store: Store,
    operation: str,
    vault: Vault,
    resource: str | None,
    access_key: Any,
) -> None:
    """Refuse an operation that a vault's access policy denies.

    Args:
        store: what the caller has.
        operation: the operation's name.
        vault: the vault.
        resource: the ARN of the recovery point that the caller asks for; None for the vault's.
        access_key: that of the client's credentials; None for any.

    Raises:
        AwsError: AccessDeniedException.
        FakeBackupError: with `enforce_policies`, a policy that was not put by a client and has
            what the fake does not evaluate.
    """
    if vault.policy is None:
        return
    action, resource = f"backup:{operation}", resource or vault.arn
    if store.options.enforce_policies:
        from fakebackup.model.vaults import evaluator

        context = evaluator.RequestContext(_caller(store, access_key), action, resource)
        is_denied = evaluator.denies(vault.policy, context)
    elif vault.name == AUTOMATIC:
        from fakebackup.model.vaults import policies

        is_denied = policies.denies(vault, action, resource)
    else:
        return
    if is_denied:
        raise denied(store, operation, resource, access_key)


def check_access(caller: Caller, vault: Vault, resource: str | None = None) -> None:
    """Refuse the operation of a caller that a vault's policy denies, as `check_policy`."""
    check_policy(caller.store, caller.operation, vault, resource, caller.access_key)


def denied(store: Store, operation: str, resource: str, access_key: Any) -> AwsError:
    """Return the error for an operation that a policy of a resource denies."""
    user = _caller(store, access_key).arn
    return DENIED_BY_VAULT.error(user, f"backup:{operation}", resource)


def _caller(store: Store, access_key: Any) -> Principal:
    """Return the caller: the principal that the credentials name, else the account's root.

    Without `enforce_policies` nobody looks at credentials: the role and session are made up.
    """
    if not store.options.enforce_policies:
        user = store.home.arn("arn:{p}:sts::{a}:assumed-role/Role/Session")
        return Principal(store.account, user, "")
    principal = access_keys.principal_of(access_key)
    if principal is not None and principal.account == store.account:
        return principal
    return Principal(store.account, store.home.arn("arn:{p}:iam::{a}:root"), store.account)
