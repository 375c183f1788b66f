"""Tags: the resources that can have them, and how many a resource can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.errors import limit_exceeded
from fakebackup.model.resources.tags import MOST_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.stores.organization import Store

    HasOne = Callable[[Store, str], bool]


def check_tags(tags: Mapping[str, str]) -> None:
    """Refuse more tags than a resource can have.

    Raises:
        AwsError: LimitExceededException.
    """
    if len(tags) > MOST_TAGS:
        raise limit_exceeded(f"There would be {len(tags)} tags", MOST_TAGS)


def has_tagged(store: Store, arn: str) -> bool:
    """Return whether an account has a resource with an ARN that can be tagged in a Region."""
    return any(has_one(store, arn) for has_one in _TAGGED)


def _has_vault(store: Store, arn: str) -> bool:
    return any(vault.arn == arn for vault in store.vaults)


def _has_point(store: Store, arn: str) -> bool:
    return store.vaults.point(arn) is not None


def _has_entry(store: Store, arn: str) -> bool:
    return store.entry_with_arn(arn) is not None


_TAGGED: tuple[HasOne, ...] = (_has_vault, _has_point, _has_entry)
"""For each noun that can be tagged, whether a store has one with an ARN."""
