"""Tags: the resources that can have them, and how many a resource can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import Vault

    HasOne = Callable[[Store, str], bool]


def check_tags(caller: Caller, tags: Mapping[str, str]) -> None:
    """Refuse more tags than a resource can have.

    Raises:
        AwsError: LimitExceededException.
    """
    caller.check_quota("tags", len(tags))


def has_tagged(store: Store, arn: str) -> bool:
    """Return whether an account has a resource with an ARN that can be tagged in a Region."""
    return any(has_one(store, arn) for has_one in _TAGGED)


def vault_of_tagged(store: Store, arn: str) -> Vault | None:
    """Return the vault that has an ARN or a recovery point with it; None if there is none."""
    return next((each for each in store.vaults if arn == each.arn or arn in each.points), None)


def _has_vault(store: Store, arn: str) -> bool:
    return any(vault.arn == arn for vault in store.vaults)


def _has_point(store: Store, arn: str) -> bool:
    return store.vaults.point(arn) is not None


def _has_entry(store: Store, arn: str) -> bool:
    return store.entry_with_arn(arn) is not None


_TAGGED: tuple[HasOne, ...] = (_has_vault, _has_point, _has_entry)
"""For each noun that can be tagged, whether a store has one with an ARN."""
