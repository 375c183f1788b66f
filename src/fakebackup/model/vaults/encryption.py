"""The encryption of copies of recovery points (the guide `aws`, Resource types)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.resources.types import features_of
from fakebackup.model.vaults.members import AIR_GAPPED, encrypted_with

if TYPE_CHECKING:
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

_STAY_UNENCRYPTED = frozenset({"Aurora", "DocumentDB", "Neptune"})
"""The types of which a copy of what is not encrypted is not either, wherever it goes [documented:
guide, encryption]."""


def of_copy(source: RecoveryPoint, destination: Vault) -> dict[str, Any]:
    """Return the members that say how a copy is encrypted, as far as the source tells.

    The destination vault's key encrypts what AWS Backup manages fully, and what goes to another
    account or Region [documented: guide, encryption], into a logically air-gapped vault or out of
    one. Any other copy is encrypted as its source is.

    Args:
        source: the recovery point that is copied.
        destination: the vault that the copy goes to.
    """
    members, vault = source.members, source.vault
    known = features_of(members.get("ResourceType"), source.arn, members.get("ResourceArn"))
    is_encrypted = bool(members.get("IsEncrypted"))
    if not is_encrypted and known is not None and known.name in _STAY_UNENCRYPTED:
        return {"IsEncrypted": False}
    goes_abroad = vault.store.home != destination.store.home or AIR_GAPPED in (
        vault.vault_type,
        destination.vault_type,
    )
    # What the account leaves to its own service may be fully managed and not encrypted.
    managed = is_encrypted and known is not None and known.fully_managed
    if goes_abroad or managed:
        return encrypted_with(destination.vault_type, destination.key_arn)
    names = ("IsEncrypted", "EncryptionKeyArn")
    return {name: members[name] for name in names if name in members}
