"""Restore access to logically air-gapped vaults, as approval teams of AWS MPA grant it.

The fake has no approvers: what a team is asked to approve is approved at once [assumed], so a
session is over as soon as it begins. The first team of a vault needs no approval [documented:
guide]. RequesterComment is for the team's eyes: no answer shows it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup import clock, ids
from fakebackup.errors import invalid_parameter, invalid_request, not_found
from fakebackup.model.pages import page_of
from fakebackup.model.vaults import AIR_GAPPED, RESTORE_ACCESS, named_by, vault_position
from fakebackup.operations import operation
from fakebackup.operations.holding import once
from fakebackup.operations.starting import vault_to_use
from fakebackup.operations.vaults import create, remove

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller
    from fakebackup.model.vaults import Vault

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]

_TEAM = re.compile(r"arn:aws[a-z-]*:mpa:[a-z0-9-]+:\d{12}:approval-team/[\w-]+")
_UPDATE = "LatestMpaApprovalTeamUpdate"


def _session(caller: Caller, team: str) -> str:
    """Return the ARN of a new session of an approval team."""
    number = caller.organization.next_number()
    return f"{team.replace(':approval-team/', ':session/')}/{ids.uuid('d', number)}"


# --- Approval teams -----------------------------------------------------------------------


@operation("AssociateBackupVaultMpaApprovalTeam")
def associate_backup_vault_mpa_approval_team(caller: Caller, asked: Asked) -> Answer:
    """Give a logically air-gapped vault an approval team, or another one that the first approves.

    The team it has already is refused [assumed].
    """
    team = asked["MpaApprovalTeamArn"]
    if not _TEAM.fullmatch(team):
        raise invalid_parameter(f"MpaApprovalTeamArn {team!r} is not the ARN of an approval team")
    vault = vault_to_use(caller, asked["BackupVaultName"])
    if vault.members["VaultType"] != AIR_GAPPED:
        raise invalid_request(f"Backup vault {vault.name} is not logically air-gapped")
    if _team_of(vault) == team:
        raise invalid_request(f"Backup vault {vault.name} is associated with {team} already")
    vault.members = {**vault.members, **_approved(caller, vault), "MpaApprovalTeamArn": team}
    return {}


@operation("DisassociateBackupVaultMpaApprovalTeam")
def disassociate_backup_vault_mpa_approval_team(caller: Caller, asked: Asked) -> Answer:
    """Take a vault's approval team away; vaults with access to it keep that [assumed]."""
    vault = vault_to_use(caller, asked["BackupVaultName"])
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
    """Return what a vault shows of a change that its team approves; nothing without a team.

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
    """Make a vault that gives the caller's account access to the recovery points of another.

    They are seen in it, and can be restored; all else is done in their own vault [assumed].
    """
    vault = once(caller, asked, _make, by="CreatorRequestId", there=_is_there)
    return {
        "RestoreAccessBackupVaultArn": vault.arn,
        "VaultState": vault.members["VaultState"],
        "RestoreAccessBackupVaultName": vault.name,
        "CreationDate": vault.members["CreationDate"],
    }


def _is_there(vault: Vault) -> bool:
    return vault.organization is not None and vault.organization.vault_at(vault.arn) is vault


def _make(caller: Caller, asked: Asked) -> Vault:
    organization = caller.organization
    arn = asked["SourceBackupVaultArn"]
    named = named_by(arn)
    if named is None:
        raise invalid_parameter(f"SourceBackupVaultArn {arn!r} is not the ARN of a backup vault")
    if named.region != caller.region:
        # A session of the region's own service grants the access [assumed].
        raise invalid_request(f"Backup vault {arn} is not in {caller.region}")
    source = organization.find_vault(arn)
    if source is None:
        raise not_found(f"Backup vault {arn} does not exist")
    if source.members["VaultType"] != AIR_GAPPED:
        raise invalid_request(f"Backup vault {arn} is not logically air-gapped")
    given = {
        "VaultType": RESTORE_ACCESS,
        "SourceBackupVaultArn": source.arn,
        "MpaApprovalTeamArn": _check_team(source),
    }
    name = asked.get("BackupVaultName") or _free_name(caller, source)
    vault = create(caller, {**asked, "BackupVaultName": name}, given)
    session = _session(caller, given["MpaApprovalTeamArn"])
    vault.members = {**vault.members, "MpaSessionArn": session}
    return vault


def _free_name(caller: Caller, source: Vault) -> str:
    """Return the name of a vault that was given none: its source's, and a number [assumed]."""
    here = caller.organization.vaults_here(caller.account, caller.region)
    number = 1
    while (name := f"{source.name[:40]}-access-{number}") in here:
        number += 1
    return name


@operation("ListRestoreAccessBackupVaults", items="RestoreAccessBackupVaults")
def list_restore_access_backup_vaults(caller: Caller, asked: Asked) -> Answer:
    """List the vaults, of whatever account, with access to one of the caller's, oldest first.

    Approval comes with creation, and a request to revoke never waits [assumed].
    """
    source = vault_to_use(caller, asked["BackupVaultName"])
    found = sorted(_accesses(caller, source), key=vault_position)
    page, more = page_of(caller, asked, found, vault_position)
    listed = [
        {
            "RestoreAccessBackupVaultArn": vault.arn,
            "CreationDate": vault.members["CreationDate"],
            "ApprovalDate": vault.members["CreationDate"],
            "VaultState": vault.members["VaultState"],
        }
        for vault in page
    ]
    return {"RestoreAccessBackupVaults": listed, **more}


def _accesses(caller: Caller, source: Vault) -> list[Vault]:
    return [
        vault
        for _, here in caller.organization.vaults.everywhere()
        for vault in here.values()
        if vault.members["VaultType"] == RESTORE_ACCESS
        and vault.members.get("SourceBackupVaultArn") == source.arn
    ]


@operation("RevokeRestoreAccessBackupVault")
def revoke_restore_access_backup_vault(caller: Caller, asked: Asked) -> Answer:
    """Delete a vault with access to one of the caller's, which that one's team approves."""
    arn = asked["RestoreAccessBackupVaultArn"]
    if named_by(arn) is None:
        raise invalid_parameter(f"RestoreAccessBackupVaultArn {arn!r} is not the ARN of a vault")
    source = vault_to_use(caller, asked["BackupVaultName"])
    vault = caller.organization.vault_at(arn)
    if vault is None:
        raise not_found(f"Backup vault {arn} does not exist")
    if vault not in _accesses(caller, source):
        raise invalid_request(f"Backup vault {arn} gives no access to {source.arn}")
    _check_team(source)
    remove(caller, vault)
    return {}
