"""What refuses copies: the destination's access policy, and what copies to other accounts need.

A refused copy is a copy job that fails, not an error of the call [documented: guide, dashboards;
AWS's knowledge center].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.model.jobs import categories
from fakebackup.model.resources.arns import Principal
from fakebackup.model.stores.entries import ONLY
from fakebackup.model.vaults import evaluator

if TYPE_CHECKING:
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.model.vaults.vault import Vault

_ENABLED = "isCrossAccountBackupEnabled"


def refusal(store: Store, role: str | None, destination: Vault) -> str | None:
    """Return the message of a copy job that is refused; None where nothing refuses it.

    To another account the option `enforce_cross_account` asks for a common organisation, for the
    setting isCrossAccountBackupEnabled, for a key of one's own of the destination, and for its
    permission, in this order [assumed]. The option `enforce_policies` asks for the permission
    alone, and lets a policy deny copies within the account.

    Args:
        store: the store that the copy job lies in.
        role: the ARN of the IAM role that makes the copy; None is the account's root.
        destination: the vault that it goes to.
    """
    if destination.account == store.account:
        return categories.ACCESS_OF_COPY if _is_denied(store, role, destination) else None
    if store.options.enforce_cross_account:
        if not store.options.management_accounts:
            return categories.NO_COMMON_ORGANIZATION
        if not _is_enabled(store.organization):
            return categories.CROSS_ACCOUNT_OFF
        if destination.has_service_key:
            return categories.DEFAULT_KEY
    context = _context(store, role, destination)
    return None if evaluator.allows(destination.policy, context) else categories.ACCESS_OF_COPY


def _is_enabled(organization: Organization) -> bool:
    settings = organization.settings.get(ONLY)
    return settings is not None and settings.members["GlobalSettings"].get(_ENABLED) == "true"


def _is_denied(store: Store, role: str | None, destination: Vault) -> bool:
    policy = destination.policy
    if policy is None or not store.options.enforce_policies:
        return False
    return evaluator.denies(policy, _context(store, role, destination))


def _context(store: Store, role: str | None, destination: Vault) -> evaluator.RequestContext:
    """Return the request context of a copy: its principal is the role of the job."""
    root = store.home.arn("arn:{p}:iam::{a}:root")
    principal = Principal(store.account, role or root, "", role)
    return evaluator.RequestContext(principal, f"backup:{evaluator.COPY_INTO}", destination.arn)
