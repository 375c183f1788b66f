"""The rows of what belongs to vaults and recovery points: tiering, access points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model.engine import ageing
from fakebackup.model.resources.arns import vault_named_by
from fakebackup.model.stores import entries
from fakebackup.model.vaults.members import DEFAULT
from fakebackup.nouns.forms import check_name, form, numbered
from fakebackup.nouns.noun import EntrySchema, Noun
from fakebackup.operations import access_points, tiering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Place
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]
    Changes = dict[str, Any]


# --- Tiering configurations ----------------------------------------------------------------


def _tiering_defaults(place: Place, store: Store, given: Changes) -> Changes:
    named = given.get("TieringConfigurationName")
    name = named or numbered(store, tiering.NOUN, "tiering_configuration_")
    pattern = "arn:{p}:backup:{r}:{a}:tiering-configuration:{name}-{uuid}"
    return {
        "TieringConfigurationName": name,
        "TieringConfigurationArn": place.arn(pattern, name=name),
        "BackupVaultName": tiering.EVERYTHING,
        "ResourceSelection": [
            {
                "Resources": [tiering.EVERYTHING],
                "TieringDownSettingsInDays": 60,
                "ResourceType": tiering.TIERED,
            }
        ],
        "CreationTime": place.created,
    }


def _check_tiering(_store: Store, members: Changes) -> Changes:
    check_name("TieringConfigurationName", members)
    tiering.check_document(members)
    return members


TIERING = Noun(
    name=tiering.NOUN,
    schema=EntrySchema(
        name="tiering configuration",
        described="GetTieringConfigurationOutput",
        item="TieringConfiguration",
        typed="TieringConfigurationMembers",
        wrapped="TieringConfiguration",
        any_text=("BackupVaultName",),
        needed=("TieringConfigurationArn", "CreationTime"),
    ),
    describe="GetTieringConfiguration",
    lists=(("ListTieringConfigurations", "TieringConfigurations"),),
    key="TieringConfigurationName",
    arn="TieringConfigurationArn",
    form=form("tiering-configuration:"),
    name_of_arn=True,
    created="CreationTime",
    defaults=_tiering_defaults,
    check=_check_tiering,
)


# --- Access points -------------------------------------------------------------------------


def _access_point_defaults(place: Place, store: Store, given: Changes) -> Changes:
    name = given.get("Name") or numbered(store, entries.ACCESS_POINT, "access-point-")
    arn = given.get("RecoveryPointArn")
    point = None if arn is None else store.vaults.point(arn)
    bucket = place.arn("arn:{p}:s3:::bucket-{n}")
    vault, of_point = place.home.vault(DEFAULT), None
    if point is not None:
        vault, of_point = point.vault.arn, point.members.get("ResourceArn")
    vault = given.get("BackupVaultArn") or vault
    named = vault_named_by(vault)
    return {
        "AccessPointArn": place.home.arn("arn:{p}:backup:{r}:{a}:accesspoint/") + name,
        "AccessPointMetadata": access_points.s3_metadata(place.home, name, place.number),
        "BackupVaultArn": vault,
        "BackupVaultName": DEFAULT if named is None else named.name,
        "CreationTime": place.created,
        "Name": name,
        "RecoveryPointArn": place.arn("arn:{p}:backup:{r}:{a}:recovery-point:{uuid}"),
        "ResourceArn": of_point or bucket,
        "ResourceType": "S3",
        "Status": "AVAILABLE",
    }


def _release_point(store: Store, access_point: Entry) -> None:
    # It may be another account's.
    stores = store.organization.stores.values()
    ageing.release_all(stores, [access_point.members.get("RecoveryPointArn", "")], clock.now())


ACCESS_POINT = Noun(
    name=entries.ACCESS_POINT,
    schema=EntrySchema(
        name="backup access point",
        described="DescribeBackupAccessPointResponse",
        item="ListAccessPointsMember",
        typed="BackupAccessPointMembers",
    ),
    describe="DescribeBackupAccessPoint",
    lists=tuple(
        (f"ListBackupAccessPoints{by}", "BackupAccessPoints")
        for by in ("", "ByRecoveryPoint", "ByResource")
    ),
    key="Name",
    arn="AccessPointArn",
    form=form("accesspoint/"),
    created="CreationTime",
    defaults=_access_point_defaults,
    removed=_release_point,
)
