"""Creating and deleting a vault of any type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import check_request_id
from fakebackup.answering.tags import check_tags
from fakebackup.known_errors import VAULT_EXISTS, VAULT_NAME
from fakebackup.model.engine import telling
from fakebackup.model.shapes import requests
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.vaults.vault import Vault


def create_vault(caller: Caller, asked: Mapping[str, Any], given: dict[str, Any]) -> Vault:
    """Create a vault and emit its event, or return one of that name and request that was seeded.

    Args:
        caller: the caller.
        asked: the parameters that all vaults have: BackupVaultName, CreatorRequestId,
            EncryptionKeyArn, BackupVaultTags.
        given: its other members, VaultType among them; changed in place.

    Raises:
        AwsError: InvalidParameterValueException, AlreadyExistsException,
            LimitExceededException.
    """
    name, request = asked["BackupVaultName"], asked.get("CreatorRequestId")
    if name == requests.AUTOMATIC:
        raise VAULT_NAME.error(name)
    check_request_id(asked)
    tags = asked.get("BackupVaultTags") or {}
    check_tags(caller, tags)
    store = caller.store
    found = store.vaults.get(name)
    if found is not None:
        before = (found.members.get("CreatorRequestId"), found.vault_type)
        if request and (request, given["VaultType"]) == before:
            return found
        raise VAULT_EXISTS.error(name)
    caller.check_quota("vaults", len(store.vaults) + 1)
    given["EncryptionKeyArn"] = asked.get("EncryptionKeyArn")
    given["CreatorRequestId"] = request
    members = {member: value for member, value in given.items() if value is not None}
    vault = store.make_vault(name, members)
    if tags:
        store.tags[vault.arn] = dict(tags)
    telling.vault_changed(vault, "CREATED", clock.now())
    return vault


def exists_still(vault: Vault) -> bool:
    """Return whether a vault is still in its fake: `still_exists` for `once`."""
    return vault.store.find_vault(vault.arn) is vault


def delete_vault(vault: Vault) -> None:
    """Delete a vault, with its tags, and emit its event."""
    store = store_of(vault)
    store.vaults.remove(vault)
    store.tags.pop(vault.arn, None)
    telling.vault_changed(vault, "DELETED", clock.now())
