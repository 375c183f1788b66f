"""Backup vaults, their access policies, their notifications and their locks.

Access from other accounts [assumed]: with BackupVaultAccountId or ByShared, every
logically air-gapped vault of another account in the client's Region counts as shared with the
caller by AWS RAM; other vaults cannot be shared.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.lookups import own_vault, shared_vaults, visible_vault
from fakebackup.answering.pages import page_of
from fakebackup.answering.vaults import create_vault, delete_vault
from fakebackup.errors import (
    AwsError,
    invalid_parameter,
    invalid_request,
    missing_parameter,
    not_found,
)
from fakebackup.model.engine import telling
from fakebackup.model.resources.arns import KEY_ARN, TOPIC_ARN
from fakebackup.model.vaults.members import AIR_GAPPED, NORMAL
from fakebackup.model.vaults.store import vault_position
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.vaults.vault import Vault

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_SHORTEST, _LONGEST = 1, 36500
_SHORTEST_AIR_GAPPED = 7
_LEAST_GRACE = 3
_NAME = re.compile(r"[a-zA-Z0-9_/-]{2,50}")


# --- Vaults -------------------------------------------------------------------------------


@operation("CreateBackupVault")
def create_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Create a backup vault; the same name and CreatorRequestId again return that vault."""
    _check_key(caller, asked.get("EncryptionKeyArn"), invalid_parameter)
    return _created(create_vault(caller, asked, {"VaultType": NORMAL}))


@operation("CreateLogicallyAirGappedBackupVault")
def create_logically_air_gapped_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Create a logically air-gapped vault: AVAILABLE and locked for ever at once [assumed]."""
    _check_retention(asked, _SHORTEST_AIR_GAPPED)
    _check_key(caller, asked.get("EncryptionKeyArn"), invalid_request)
    given = {
        "VaultType": AIR_GAPPED,
        "MinRetentionDays": asked["MinRetentionDays"],
        "MaxRetentionDays": asked["MaxRetentionDays"],
    }
    vault = create_vault(caller, asked, given)
    return {**_created(vault), "VaultState": vault.members["VaultState"]}


def _created(vault: Vault) -> dict[str, Any]:
    shown = ("BackupVaultName", "BackupVaultArn", "CreationDate")
    return {member: vault.members[member] for member in shown}


def _check_key(caller: Caller, arn: str | None, wrong_region: Callable[[str], AwsError]) -> None:
    """Refuse an EncryptionKeyArn of no KMS key, or of one in another Region [assumed]."""
    if arn is None:
        return
    key = KEY_ARN.fullmatch(arn)
    if key is None:
        raise invalid_parameter(f"EncryptionKeyArn {arn!r} is not the ARN of a KMS key")
    if key["region"] != caller.region:
        raise wrong_region(f"KMS key {arn} is not in {caller.region}")


@operation("DescribeBackupVault")
def describe_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Describe a backup vault; a missing one is AccessDeniedException, as on AWS."""
    _check_name(asked["BackupVaultName"])
    return visible_vault(caller, asked, hidden=True).kept()


def _check_name(name: str) -> None:
    # The shape has no pattern for it, since AWS's own vault of EFS has slashes in its name.
    if not _NAME.fullmatch(name):
        raise invalid_parameter(f"Backup vault name {name} is not valid")


@operation("ListBackupVaults", items="BackupVaultList")
def list_backup_vaults(caller: Caller, asked: Asked) -> Answer:
    """List the backup vaults of the account and Region, the oldest first [assumed].

    ByShared lists instead the vaults of other accounts that are shared with the caller [assumed].
    """
    found = shared_vaults(caller) if asked.get("ByShared") else list(caller.store.vaults)
    vault_type = asked.get("ByVaultType")
    listed = [each for each in found if vault_type in (None, each.members["VaultType"])]
    page, more = page_of(caller, asked, sorted(listed, key=vault_position), vault_position)
    return {"BackupVaultList": [vault.kept() for vault in page], **more}


@operation("DeleteBackupVault")
def delete_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Delete an empty backup vault."""
    _check_name(asked["BackupVaultName"])
    vault = own_vault(caller, asked["BackupVaultName"])
    if vault.kept()["NumberOfRecoveryPoints"]:
        message = "Backup vault cannot be deleted because it contains recovery points."
        raise invalid_request(message, number="ERROR_9101")
    delete_vault(vault)
    return {}


# --- Access policies ----------------------------------------------------------------------


@operation("PutBackupVaultAccessPolicy")
def put_backup_vault_access_policy(caller: Caller, asked: Asked) -> Answer:
    """Set a vault's access policy; it is not enforced."""
    policy = asked.get("Policy")
    if not policy:
        raise missing_parameter("Policy is missing")
    try:
        document = json.loads(policy)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise invalid_parameter("Policy is not a JSON policy document")
    own_vault(caller, asked["BackupVaultName"]).policy = policy
    return {}


@operation("GetBackupVaultAccessPolicy")
def get_backup_vault_access_policy(caller: Caller, asked: Asked) -> Answer:
    """Return a vault's access policy."""
    vault = own_vault(caller, asked["BackupVaultName"])
    if vault.policy is None:
        raise not_found(f"Backup vault {vault.name} has no access policy")
    return {**_named(vault), "Policy": vault.policy}


@operation("DeleteBackupVaultAccessPolicy")
def delete_backup_vault_access_policy(caller: Caller, asked: Asked) -> Answer:
    """Delete a vault's access policy, if it has one [assumed]."""
    own_vault(caller, asked["BackupVaultName"]).policy = None
    return {}


def _named(vault: Vault) -> dict[str, Any]:
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn}


# --- Notifications ------------------------------------------------------------------------


@operation("PutBackupVaultNotifications")
def put_backup_vault_notifications(caller: Caller, asked: Asked) -> Answer:
    """Set the topic and the events of a vault's notifications, in place of earlier ones."""
    topic, events = asked["SNSTopicArn"], asked["BackupVaultEvents"]
    if not events:
        raise missing_parameter("BackupVaultEvents is missing")
    parts = TOPIC_ARN.fullmatch(topic)
    if parts is None:
        raise invalid_parameter(f"SNSTopicArn {topic!r} is not the ARN of an SNS topic")
    if parts["name"].endswith(".fifo"):
        raise invalid_parameter(f"SNS topic {topic} is a FIFO topic")
    if parts["account"] != caller.account:
        raise invalid_parameter(f"SNS topic {topic} is not in account {caller.account}")
    vault = own_vault(caller, asked["BackupVaultName"])
    vault.notifications = {"SNSTopicArn": topic, "BackupVaultEvents": events}
    return {}


@operation("GetBackupVaultNotifications")
def get_backup_vault_notifications(caller: Caller, asked: Asked) -> Answer:
    """Return a vault's notification settings."""
    vault = own_vault(caller, asked["BackupVaultName"])
    if vault.notifications is None:
        message = f"Failed reading notifications from database for Backup vault {vault.name}"
        raise not_found(message, number="ERROR_2106")
    return {**_named(vault), **vault.notifications}


@operation("DeleteBackupVaultNotifications")
def delete_backup_vault_notifications(caller: Caller, asked: Asked) -> Answer:
    """Delete a vault's notification settings, if it has any [assumed]."""
    own_vault(caller, asked["BackupVaultName"]).notifications = None
    return {}


# --- Locks --------------------------------------------------------------------------------

_LOCK = frozenset({"MinRetentionDays", "MaxRetentionDays", "LockDate"})


@operation("PutBackupVaultLockConfiguration")
def put_backup_vault_lock_configuration(caller: Caller, asked: Asked) -> Answer:
    """Lock a vault, in place of any lock it has: limits left out are removed [assumed].

    With ChangeableForDays (compliance mode) nothing changes the lock from the LockDate on;
    without (governance mode) it can be changed and deleted for ever.
    """
    _check_retention(asked, _SHORTEST)
    grace = asked.get("ChangeableForDays")
    if grace is not None and not _LEAST_GRACE <= grace <= _LONGEST:
        raise invalid_parameter(
            f"ChangeableForDays {grace} is not between {_LEAST_GRACE} and {_LONGEST}"
        )
    vault = _vault_to_lock(caller, asked)
    lock = {name: asked[name] for name in ("MinRetentionDays", "MaxRetentionDays") if name in asked}
    if grace is not None:
        lock["LockDate"] = clock.now() + grace * clock.DAY
    _set_lock(vault, {"Locked": True, **lock})
    return {}


@operation("DeleteBackupVaultLockConfiguration")
def delete_backup_vault_lock_configuration(caller: Caller, asked: Asked) -> Answer:
    """Delete a vault's lock, if it has one [assumed]."""
    vault = _vault_to_lock(caller, asked)
    if vault.members["Locked"]:
        _set_lock(vault, {"Locked": False})
    return {}


def _vault_to_lock(caller: Caller, asked: Asked) -> Vault:
    vault = own_vault(caller, asked["BackupVaultName"])
    final = vault.members.get("LockDate")
    if final is not None and final <= clock.now():
        raise invalid_request(f"The lock of backup vault {vault.name} is immutable")
    return vault


def _set_lock(vault: Vault, lock: Mapping[str, Any]) -> None:
    rest = {name: value for name, value in vault.members.items() if name not in _LOCK}
    vault.members = {**rest, **lock}
    telling.vault_changed(vault, "MODIFIED", clock.now())


def _check_retention(asked: Asked, least: int) -> None:
    """Refuse limits of retention, in days, that are out of bounds or contradict each other."""
    shortest, longest = asked.get("MinRetentionDays"), asked.get("MaxRetentionDays")
    for name, days in (("MinRetentionDays", shortest), ("MaxRetentionDays", longest)):
        if days is not None and not least <= days <= _LONGEST:
            raise invalid_parameter(f"{name} {days} is not between {least} and {_LONGEST}")
    if shortest is not None and longest is not None and shortest > longest:
        raise invalid_parameter(
            f"MinRetentionDays {shortest} is more than MaxRetentionDays {longest}"
        )
