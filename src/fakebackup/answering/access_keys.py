"""Access keys that STS handed out in this process, and the accounts that they act in."""

from __future__ import annotations

import sys
from typing import Any

_handed_out: dict[str, str] = {}
"""Per access key that STS returned while a fake was active, the account it acts in."""


def remember(access_key: str, account: str) -> None:
    """Remember the account that an access key acts in."""
    _handed_out[access_key] = account


def forget() -> None:
    """Forget the access keys that STS returned."""
    _handed_out.clear()


def account_of(access_key: Any) -> str | None:
    """Return the account that an access key acts in; None where STS has not handed it out here."""
    return _handed_out.get(access_key) or _known_to_moto(access_key)


def _known_to_moto(access_key: Any) -> str | None:
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
