"""Backup vaults, their access policies, their notifications and their locks.

Access from other accounts [assumed]: with BackupVaultAccountId or ByShared, every
logically air-gapped vault of another account in the client's Region counts as shared with the
caller by AWS RAM; other vaults cannot be shared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.answering.entries import once
from fakebackup.answering.lookups import shared_vaults
from fakebackup.answering.pages import page_of
from fakebackup.answering.vaults import create_vault, delete_vault, exists_still
from fakebackup.errors import AwsError, invalid_parameter, invalid_request, missing_parameter
from fakebackup.known_errors import NO_NOTIFICATIONS, NO_POLICY, VAULT_HAS_POINTS
from fakebackup.model.engine import telling
from fakebackup.model.resources.arns import KEY_ARN, TOPIC_ARN
from fakebackup.model.vaults import policies
from fakebackup.model.vaults.members import AIR_GAPPED, DEFAULT, NORMAL
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


# --- Vaults -------------------------------------------------------------------------------


@operation("CreateBackupVault")
def create_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Create a backup vault; the same CreatorRequestId again answers alike."""
    by = "CreatorRequestId"
    return once(caller, asked, _create, _created, by=by, still_exists=exists_still)


def _create(caller: Caller, asked: Asked) -> Vault:
    _check_key(caller, asked.get("EncryptionKeyArn"), invalid_parameter)
    return create_vault(caller, asked, {"VaultType": NORMAL})


@operation("CreateLogicallyAirGappedBackupVault")
def create_logically_air_gapped_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Create a logically air-gapped vault: AVAILABLE and locked for ever at once [assumed].

    The answer says CREATING all the same [documented: guide]. The same CreatorRequestId again
    answers alike.
    """
    by = "CreatorRequestId"
    return once(
        caller, asked, _create_air_gapped, _created_air_gapped, by=by, still_exists=exists_still
    )


def _create_air_gapped(caller: Caller, asked: Asked) -> Vault:
    _check_retention(asked, _SHORTEST_AIR_GAPPED)
    _check_key(caller, asked.get("EncryptionKeyArn"), invalid_request)
    given = {
        "VaultType": AIR_GAPPED,
        "MinRetentionDays": asked["MinRetentionDays"],
        "MaxRetentionDays": asked["MaxRetentionDays"],
    }
    return create_vault(caller, asked, given)


def _created_air_gapped(vault: Vault) -> dict[str, Any]:
    return {**_created(vault), "VaultState": "CREATING"}


def _created(vault: Vault) -> dict[str, Any]:
    shown = ("BackupVaultName", "BackupVaultArn", "CreationDate")
    return {member: vault.members[member] for member in shown}


def _check_key(caller: Caller, arn: str | None, wrong_region: Callable[[str], AwsError]) -> None:
    """Refuse an EncryptionKeyArn of no KMS key, or of one in another Region [assumed]."""
    if arn is None:
        return
    key = re.fullmatch(KEY_ARN, arn)
    if key is None:
        raise invalid_parameter(f"EncryptionKeyArn {arn!r} is not the ARN of a KMS key")
    if key["region"] != caller.region:
        raise wrong_region(f"KMS key {arn} is not in {caller.region}")


@operation("DescribeBackupVault")
def describe_backup_vault(caller: Caller, _asked: Asked) -> Answer:
    """Describe a backup vault."""
    return caller.vault.kept()


@operation("ListBackupVaults", items="BackupVaultList")
def list_backup_vaults(caller: Caller, asked: Asked) -> Answer:
    """List the backup vaults of the account and Region, the oldest first [assumed].

    ByShared lists instead the vaults of other accounts that are shared with the caller [assumed].
    """
    found = shared_vaults(caller) if asked.get("ByShared") else list(caller.store.vaults)
    vault_type = asked.get("ByVaultType")
    listed = [each for each in found if vault_type in (None, each.vault_type)]
    page, more = page_of(caller, asked, sorted(listed, key=vault_position), vault_position)
    hidden = _NOT_SHARED if asked.get("ByShared") else _NOT_LISTED
    items = [
        {name: value for name, value in vault.kept().items() if name not in hidden}
        for vault in page
    ]
    return {"BackupVaultList": items, **more}


_NOT_LISTED = frozenset({"VaultState", "LockDate"})
"""What Describe alone shows of a vault [reported: boto3 #4544, reproduced by AWS]."""

_NOT_SHARED = _NOT_LISTED | {"NumberOfRecoveryPoints"}
"""What the list of shared vaults does not show [documented: guide, air-gapped vaults]."""


@operation("DeleteBackupVault")
def delete_backup_vault(caller: Caller, _asked: Asked) -> Answer:
    """Delete an empty backup vault, whatever its lock [documented: guide, vault lock].

    The vault Default that AWS made cannot be deleted while it is the only one of the Region
    [documented: guide; the error assumed].
    """
    vault = caller.vault
    # A restore access vault shows the recovery points of its source, but holds none.
    if vault.held_besides + len(vault.points):
        raise VAULT_HAS_POINTS.error()
    is_aws_own = vault.name == DEFAULT == vault.members.get("CreatorRequestId")
    if is_aws_own and len(caller.store.vaults) == 1:
        raise invalid_request(
            f"Backup vault {vault.name} cannot be deleted: it is the only one in {caller.region}"
        )
    delete_vault(vault)
    return {}


# --- Access policies ----------------------------------------------------------------------


@operation("PutBackupVaultAccessPolicy")
def put_backup_vault_access_policy(caller: Caller, asked: Asked) -> Answer:
    """Set a vault's access policy; the option `enforce_policies` lets it decide calls.

    Raises:
        FakeBackupError: with the option, the policy has what the fake does not evaluate.
    """
    policy = asked.get("Policy")
    if not policy:
        raise missing_parameter("Policy is missing")
    vault = caller.vault
    policies.check(policy, vault)
    if caller.options.enforce_policies:
        from fakebackup.model.vaults import evaluator

        evaluator.check(policy)
    vault.policy = policy
    return {}


@operation("GetBackupVaultAccessPolicy")
def get_backup_vault_access_policy(caller: Caller, _asked: Asked) -> Answer:
    """Return a vault's access policy."""
    vault = caller.vault
    if vault.policy is None:
        raise NO_POLICY.error(vault.arn)
    return {**_named(vault), "Policy": vault.policy}


@operation("DeleteBackupVaultAccessPolicy")
def delete_backup_vault_access_policy(caller: Caller, _asked: Asked) -> Answer:
    """Delete a vault's access policy, if it has one [assumed]."""
    caller.vault.policy = None
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
    parts = re.fullmatch(TOPIC_ARN, topic)
    if parts is None:
        raise invalid_parameter(f"SNSTopicArn {topic!r} is not the ARN of an SNS topic")
    if parts["name"].endswith(".fifo"):
        raise invalid_parameter(f"SNS topic {topic} is a FIFO topic")
    if parts["account"] != caller.account:
        raise invalid_parameter(f"SNS topic {topic} is not in account {caller.account}")
    caller.vault.notifications = {"SNSTopicArn": topic, "BackupVaultEvents": events}
    return {}


@operation("GetBackupVaultNotifications")
def get_backup_vault_notifications(caller: Caller, _asked: Asked) -> Answer:
    """Return a vault's notification settings."""
    vault = caller.vault
    if vault.notifications is None:
        raise NO_NOTIFICATIONS.error(vault.name)
    return {**_named(vault), **vault.notifications}


@operation("DeleteBackupVaultNotifications")
def delete_backup_vault_notifications(caller: Caller, _asked: Asked) -> Answer:
    """Delete a vault's notification settings, if it has any [assumed]."""
    caller.vault.notifications = None
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
    vault = _vault_to_lock(caller)
    lock = {name: asked[name] for name in ("MinRetentionDays", "MaxRetentionDays") if name in asked}
    if grace is not None:
        lock["LockDate"] = clock.now() + grace * clock.DAY
    _set_lock(vault, {"Locked": True, **lock})
    return {}


@operation("DeleteBackupVaultLockConfiguration")
def delete_backup_vault_lock_configuration(caller: Caller, _asked: Asked) -> Answer:
    """Delete a vault's lock, if it has one [assumed]."""
    vault = _vault_to_lock(caller)
    if vault.locked:
        _set_lock(vault, {"Locked": False})
    return {}


def _vault_to_lock(caller: Caller) -> Vault:
    vault = caller.vault
    final = vault.members.get("LockDate")
    is_final = final is not None and final <= clock.now()
    # A logically air-gapped vault is locked for good, whatever date a seed gave it.
    if is_final or vault.members.get("VaultType") == AIR_GAPPED:
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
