"""Access keys that STS handed out in this process, or moto, and the principal of each."""

from __future__ import annotations

import sys
from typing import Any

from fakebackup.model.resources.arns import Principal

_handed_out: dict[str, Principal] = {}
"""Per access key that STS returned while a fake was active, its principal."""


def remember(access_key: str, principal: Principal) -> None:
    """Remember the principal that acts with an access key."""
    _handed_out[access_key] = principal


def forget() -> None:
    """Forget the access keys that STS returned."""
    _handed_out.clear()


def account_of(access_key: Any) -> str | None:
    """Return the account that an access key acts in; None where STS has not handed it out here."""
    found = _handed_out.get(access_key)
    return _account_in_moto(access_key) if found is None else found.account


def principal_of(access_key: Any) -> Principal | None:
    """Return the principal that acts with an access key; None where that is not known."""
    return _handed_out.get(access_key) or _principal_in_moto(access_key)


def _account_in_moto(access_key: Any) -> str | None:
    """Return the account in which moto, if it is active, made an access key."""
    core, iam = sys.modules.get("moto.core.models"), sys.modules.get("moto.iam.models")
    if core is None or iam is None:
        return None
    try:
        if not core.botocore_stubber.enabled:
            return None
        account: str = iam.get_account_id_from(access_key)
    except Exception:  # noqa: BLE001  another version of moto must not break our calls
        return None
    # moto gives its default for keys that it does not know.
    return None if account == iam.DEFAULT_ACCOUNT_ID else account


def _principal_in_moto(access_key: Any) -> Principal | None:
    """Return the role's session or IAM user to which moto, if active, gave an access key."""
    core, iam = sys.modules.get("moto.core.models"), sys.modules.get("moto.iam.models")
    sts = sys.modules.get("moto.sts.models")
    if core is None or iam is None:
        return None
    try:
        if not core.botocore_stubber.enabled:
            return None
        for backend in _backends(getattr(sts, "sts_backends", {})):
            role = backend.get_assumed_role_from_access_key(access_key)
            if role is not None:
                return Principal(role.account_id, role.arn, role.user_id, role.role_arn)
        for backend in _backends(iam.iam_backends):
            user = backend.get_user_from_access_key_id(access_key)
            if user is not None:
                return Principal(user.account_id, user.arn, user.id)
    except Exception:  # noqa: BLE001  as above
        return None
    return None


def _backends(accounts: Any) -> list[Any]:
    return [each for account in list(accounts.values()) for each in list(account.values())]
