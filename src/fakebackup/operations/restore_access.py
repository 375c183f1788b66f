"""Restore access to logically air-gapped vaults, as approval teams of AWS MPA grant it.

The fake has no approvers: every session is approved at once [assumed]. The first team of a vault
needs no approval [documented: guide]. RequesterComment is for the team: no answer shows it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.answering.entries import once
from fakebackup.answering.pages import page_of
from fakebackup.answering.permissions import check_access
from fakebackup.answering.vaults import create_vault, delete_vault, exists_still
from fakebackup.errors import invalid_parameter, invalid_request, not_found
from fakebackup.model.resources.arns import TEAM_ARN, vault_named_by
from fakebackup.model.vaults.members import AIR_GAPPED, RESTORE_ACCESS
from fakebackup.model.vaults.store import vault_position
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.vaults.vault import Vault

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_UPDATE = "LatestMpaApprovalTeamUpdate"


def _session(caller: Caller, team: str) -> str:
    """Return an ARN for a new session of an approval team."""
    number = caller.organization.numbers.next()
    return f"{team.replace(':approval-team/', ':session/')}/{ids.uuid('d', number)}"


# --- Approval teams -----------------------------------------------------------------------


@operation("AssociateBackupVaultMpaApprovalTeam")
def associate_backup_vault_mpa_approval_team(caller: Caller, asked: Asked) -> Answer:
    """Set the approval team of a logically air-gapped vault; the present team approves another.

    The present team itself is refused [assumed].
    """
    team = asked["MpaApprovalTeamArn"]
    if not re.fullmatch(TEAM_ARN, team):
        raise invalid_parameter(f"MpaApprovalTeamArn {team!r} is not the ARN of an approval team")
    vault = caller.vault
    if vault.vault_type != AIR_GAPPED:
        raise invalid_request(f"Backup vault {vault.name} is not logically air-gapped")
    if _team_of(vault) == team:
        raise invalid_request(f"Backup vault {vault.name} is associated with {team} already")
    vault.members = {**vault.members, **_approved(caller, vault), "MpaApprovalTeamArn": team}
    return {}


@operation("DisassociateBackupVaultMpaApprovalTeam")
def disassociate_backup_vault_mpa_approval_team(caller: Caller, _asked: Asked) -> Answer:
    """Remove a vault's approval team; restore access vaults keep their access [assumed]."""
    vault = caller.vault
    _check_team(vault)
    members = {**vault.members, **_approved(caller, vault)}
    del members["MpaApprovalTeamArn"]
    vault.members = members
    return {}


def _team_of(vault: Vault) -> str | None:
    found: str | None = vault.members.get("MpaApprovalTeamArn")
    return found


def _check_team(vault: Vault) -> str:
    team = _team_of(vault)
    if team is None:
        raise invalid_request(f"Backup vault {vault.name} has no MPA approval team")
    return team


def _approved(caller: Caller, vault: Vault) -> dict[str, Any]:
    """Return the members of a vault for a change that its team approves; none without a team.

    A session expires a day after it began [assumed].
    """
    team = _team_of(vault)
    if team is None:
        return {}
    now = clock.now()
    return {
        _UPDATE: {
            "MpaSessionArn": _session(caller, team),
            "Status": "APPROVED",
            "InitiationDate": now,
            "ExpiryDate": now + clock.DAY,
        }
    }


# --- Restore access vaults ----------------------------------------------------------------


@operation("CreateRestoreAccessBackupVault")
def create_restore_access_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Create a restore access vault: it shows the recovery points of an air-gapped vault.

    They can be listed in it and restored; all else is done in their own vault [assumed].
    """
    by = "CreatorRequestId"
    return once(caller, asked, _create, _created, by=by, still_exists=exists_still)


def _created(vault: Vault) -> Answer:
    return {
        "RestoreAccessBackupVaultArn": vault.arn,
        "VaultState": vault.members["VaultState"],
        "RestoreAccessBackupVaultName": vault.name,
        "CreationDate": vault.members["CreationDate"],
    }


def _create(caller: Caller, asked: Asked) -> Vault:
    arn = asked["SourceBackupVaultArn"]
    named = vault_named_by(arn)
    if named is None:
        raise invalid_parameter(f"SourceBackupVaultArn {arn!r} is not the ARN of a backup vault")
    if named.home.region != caller.region:
        # A session of the region's own service grants the access [assumed].
        raise invalid_request(f"Backup vault {arn} is not in {caller.region}")
    source = caller.organization.find_vault(arn)
    if source is None:
        raise not_found(f"Backup vault {arn} does not exist")
    check_access(caller, source)
    if source.vault_type != AIR_GAPPED:
        raise invalid_request(f"Backup vault {arn} is not logically air-gapped")
    given = {
        "VaultType": RESTORE_ACCESS,
        "SourceBackupVaultArn": source.arn,
        "MpaApprovalTeamArn": _check_team(source),
    }
    name = asked.get("BackupVaultName") or _free_name(caller, source)
    vault = create_vault(caller, {**asked, "BackupVaultName": name}, given)
    session = _session(caller, given["MpaApprovalTeamArn"])
    vault.members = {**vault.members, "MpaSessionArn": session}
    return vault


def _free_name(caller: Caller, source: Vault) -> str:
    """Return a free name for a vault without one: its source's, and a number [assumed]."""
    number = 1
    while (name := f"{source.name[:40]}-access-{number}") in caller.store.vaults:
        number += 1
    return name


@operation("ListRestoreAccessBackupVaults", items="RestoreAccessBackupVaults")
def list_restore_access_backup_vaults(caller: Caller, asked: Asked) -> Answer:
    """List the restore access vaults, of all accounts, of one of the caller's vaults, oldest first.

    They are approved when created, and revoked at once [assumed].
    """
    source = caller.vault
    found = sorted(_access_vaults(caller, source), key=vault_position)
    page, more = page_of(caller, asked, found, vault_position)
    listed = [
        {
            "RestoreAccessBackupVaultArn": vault.arn,
            "CreationDate": vault.members["CreationDate"],
            "ApprovalDate": vault.members.get("ApprovalDate", vault.members["CreationDate"]),
            "VaultState": vault.members.get("VaultState"),
            "LatestRevokeRequest": vault.members.get("LatestRevokeRequest"),
        }
        for vault in page
    ]
    return {"RestoreAccessBackupVaults": listed, **more}


def _access_vaults(caller: Caller, source: Vault) -> list[Vault]:
    return [
        vault
        for store in list(caller.organization.stores.values())
        for vault in store.vaults
        if vault.vault_type == RESTORE_ACCESS
        and vault.members.get("SourceBackupVaultArn") == source.arn
    ]


@operation("RevokeRestoreAccessBackupVault")
def revoke_restore_access_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Delete a restore access vault of one of the caller's vaults.

    The team of the caller's vault approves that; without a team nobody needs to [assumed].
    """
    arn = asked["RestoreAccessBackupVaultArn"]
    if vault_named_by(arn) is None:
        raise invalid_parameter(f"RestoreAccessBackupVaultArn {arn!r} is not the ARN of a vault")
    source = caller.vault
    vault = caller.organization.find_vault(arn)
    if vault is None:
        raise not_found(f"Backup vault {arn} does not exist")
    if vault not in _access_vaults(caller, source):
        raise invalid_request(f"Backup vault {arn} gives no access to {source.arn}")
    delete_vault(vault)
    return {}
