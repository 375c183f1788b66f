"""Global and region settings, through a real client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, mock_backup
from support.botocore_model import declared, takes
from support.client import call, refused
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.marks import each_transport

NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REQUEST = "InvalidRequestException"
CROSS, MPA, DELEGATED = (
    "isCrossAccountBackupEnabled",
    "isMpaEnabled",
    "isDelegatedAdministratorEnabled",
)
OFF = dict.fromkeys((CROSS, MPA, DELEGATED), "false")


pytestmark = pytest.mark.fake_backup(region=REGION)


class TestGlobal:
    @each_transport
    def test_round_trip(self, backup: FakeBackup) -> None:
        """All is off until it is changed; what is not given stays; nobody is told."""
        assert call("DescribeGlobalSettings") == {"GlobalSettings": OFF}
        with freeze_time(NOW):
            assert call("UpdateGlobalSettings", GlobalSettings={CROSS: "true"}) == {}
        changed = {**OFF, CROSS: "true"}
        assert call("DescribeGlobalSettings") == {
            "GlobalSettings": changed,
            "LastUpdateTime": NOW,
        }
        later = NOW + timedelta(hours=1)
        with freeze_time(later):
            call("UpdateGlobalSettings", GlobalSettings={MPA: "true", CROSS: "false"})
        assert call("DescribeGlobalSettings") == {
            "GlobalSettings": {**OFF, MPA: "true"},
            "LastUpdateTime": later,
        }
        assert backup.events == []
        backup.reset()
        assert call("DescribeGlobalSettings") == {"GlobalSettings": OFF}

    def test_the_organisation_has_them(self, backup: FakeBackup) -> None:
        """Every member sees them in every region, but only a management account changes them."""
        call("UpdateGlobalSettings", region=OTHER_REGION, GlobalSettings={DELEGATED: "true"})
        with backup.acting_as(OTHER_ACCOUNT):
            settings = call("DescribeGlobalSettings")["GlobalSettings"]
            error = refused(backup, "UpdateGlobalSettings", GlobalSettings={CROSS: "true"})
        assert settings == {**OFF, DELEGATED: "true"}
        assert error["Error"]["Code"] == REQUEST

    def test_several_manage(self) -> None:
        """Each of several management accounts may change them."""
        managers = (ACCOUNT, OTHER_ACCOUNT)
        with mock_backup(region=REGION, account_id=ACCOUNT, management_account=managers) as fake:
            for account, name in zip(managers, (CROSS, MPA), strict=True):
                with fake.acting_as(account):
                    call("UpdateGlobalSettings", GlobalSettings={name: "true"})
            settings = call("DescribeGlobalSettings")["GlobalSettings"]
        assert settings == {CROSS: "true", MPA: "true", DELEGATED: "false"}

    @pytest.mark.parametrize("operation", ["DescribeGlobalSettings", "UpdateGlobalSettings"])
    def test_no_organisation(self, operation: str) -> None:
        """An account that is in no organisation has none."""
        with mock_backup(region=REGION, management_account=None) as fake:
            asked = {"GlobalSettings": {CROSS: "true"}} if operation.startswith("Up") else {}
            error = refused(fake, operation, **asked)
        assert (error["Error"]["Code"], error["Code"]) == (REQUEST, "ERROR_9601")
        assert error["Error"]["Message"] == "Your account is not a member of an organization."

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({}, MISSING),
            ({"GlobalSettings": {}}, MISSING),
            ({"GlobalSettings": {"isBackupEnabled": "true"}}, INVALID),
            ({"GlobalSettings": {MPA: "true", CROSS: "True"}}, INVALID),
            ({"GlobalSettings": {CROSS: ""}}, INVALID),
        ],
    )
    def test_each_error(self, backup: FakeBackup, asked: dict[str, Any], code: str) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        assert refused(backup, "UpdateGlobalSettings", **asked)["Error"]["Code"] == code


OPT_IN, MANAGEMENT = "ResourceTypeOptInPreference", "ResourceTypeManagementPreference"
INCREMENTAL = "ResourceTypeOptInIncremental"


OF_A_VOLUME = {
    "BackupVaultName": "vault",
    "ResourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1",
    "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/backup",
}
"""An on-demand backup."""


def update(*, region: str = REGION, **preferences: Any) -> Any:
    """Update the region's settings, opt-ins and management."""
    names = {"opt_in": OPT_IN, "management": MANAGEMENT, "incremental": INCREMENTAL}
    told: dict[str, Any] = {names[name]: each for name, each in preferences.items()}
    return call("UpdateRegionSettings", region=region, **told)


class TestRegion:
    def test_what_there_is_to_opt_in_to(self, backup: FakeBackup) -> None:
        """Every supported type is opted in to at first."""
        settings = call("DescribeRegionSettings")
        supported = call("GetSupportedResourceTypes")["ResourceTypes"]
        assert {"DSQL", "EBS", "Storage Gateway"} <= set(supported)
        assert settings[OPT_IN] == dict.fromkeys(supported, True)
        managed = ("CloudFormation", "DSQL", "DynamoDB", "EFS")
        assert settings[MANAGEMENT] == dict.fromkeys(managed, True)
        assert backup.events == []

    @each_transport
    def test_round_trip(self, backup: FakeBackup) -> None:
        """What is given changes, the rest stays; an event tells what is opted in to anew."""
        before = call("DescribeRegionSettings")
        with freeze_time(NOW):
            told = {"Aurora": False, "EBS": True, "Storage Gateway": False}
            assert update(opt_in=told) == {}
        assert call("DescribeRegionSettings") == {**before, OPT_IN: {**before[OPT_IN], **told}}
        (event,) = backup.events
        assert event["detail-type"] == "Region Setting State Change"
        assert (event["account"], event["region"]) == (ACCOUNT, REGION)
        assert event["resources"] == []
        assert event["detail"] == {
            "modifiedAt": "2024-03-15T13:30:15.250Z",
            OPT_IN: {"Aurora": False, "Storage Gateway": False},
            "state": "MODIFIED",
        }
        update(opt_in={"Aurora": True}, management={"DynamoDB": False})
        assert call("DescribeRegionSettings") == {
            **before,
            OPT_IN: {**before[OPT_IN], "Storage Gateway": False},
            MANAGEMENT: {**before[MANAGEMENT], "DynamoDB": False},
        }
        assert [each["detail"][OPT_IN] for each in backup.events[1:]] == [{"Aurora": True}]

    @pytest.mark.skipif(
        not takes("UpdateRegionSettings", INCREMENTAL),
        reason="this botocore knows no incremental backups",
    )
    def test_incremental_backups(self, backup: FakeBackup) -> None:
        """Incremental backups of DynamoDB are opted in to alone [documented: model]; off at first.

        That they are off at first is [assumed].
        """
        before = call("DescribeRegionSettings")
        assert before[INCREMENTAL] == {"DynamoDB": False}
        update(incremental={"DynamoDB": True})
        after = {**before, INCREMENTAL: {"DynamoDB": True}}
        assert call("DescribeRegionSettings") == after
        asked = {INCREMENTAL: {"DynamoDB": False, "EFS": True}}
        error = refused(backup, "UpdateRegionSettings", **asked)["Error"]
        assert error["Code"] == INVALID
        assert "incremental" in error["Message"]
        assert call("DescribeRegionSettings") == after
        assert backup.events == []

    @pytest.mark.parametrize("told", [{"opt_in": {"EBS": True}}, {"management": {"EFS": False}}])
    def test_no_news(self, backup: FakeBackup, told: dict[str, Any]) -> None:
        """Nobody is told where nothing is opted in to or out of anew."""
        update(**told)
        assert backup.events == []

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup) -> None:
        """Each account has its own settings in each region."""
        before = call("DescribeRegionSettings")
        with backup.acting_as(OTHER_ACCOUNT):
            update(region=OTHER_REGION, opt_in={"EBS": False})
            assert call("DescribeRegionSettings") == before
            assert not call("DescribeRegionSettings", region=OTHER_REGION)[OPT_IN]["EBS"]
        assert call("DescribeRegionSettings", region=OTHER_REGION) == before
        (event,) = backup.events
        assert (event["account"], event["region"]) == (OTHER_ACCOUNT, OTHER_REGION)

    def test_a_type_opted_out_of(self, backup: FakeBackup) -> None:
        """A backup of what is opted out of is started all the same [assumed, low]."""
        backup.add_vault(BackupVaultName="vault")
        update(opt_in={"EBS": False})
        call("StartBackupJob", **OF_A_VOLUME)
        assert len(backup.backup_jobs) == 1

    @pytest.mark.fake_backup(refuse_opted_out=True)
    def test_a_type_opted_out_of_is_refused(self, backup: FakeBackup) -> None:
        """With the option, a backup of what is opted out of is refused, other types are not."""
        backup.add_vault(BackupVaultName="vault")
        call("StartBackupJob", **OF_A_VOLUME)
        update(opt_in={"EBS": False})
        error = refused(backup, "StartBackupJob", **OF_A_VOLUME)
        assert error["Error"]["Code"] == REQUEST
        instance = OF_A_VOLUME["ResourceArn"].replace("volume/vol", "instance/i")
        call("StartBackupJob", **{**OF_A_VOLUME, "ResourceArn": instance})
        assert len(backup.backup_jobs) == 2

    @pytest.mark.parametrize(
        ("asked", "code", "word"),
        [
            ({}, MISSING, OPT_IN),
            ({OPT_IN: {}, MANAGEMENT: {}}, MISSING, MANAGEMENT),
            ({OPT_IN: {"EBS": False, "Ebs": True}}, INVALID, "opt in"),
            ({OPT_IN: {"EBS": False}, MANAGEMENT: {"EBS": True}}, INVALID, "management"),
        ],
    )
    def test_each_error(
        self, backup: FakeBackup, asked: dict[str, Any], code: str, word: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        error = refused(backup, "UpdateRegionSettings", **asked)["Error"]
        assert error["Code"] == code
        assert word in error["Message"]


@pytest.mark.parametrize(
    ("operation", "provoked"),
    [
        ("DescribeGlobalSettings", {REQUEST}),
        ("UpdateGlobalSettings", {REQUEST, MISSING, INVALID}),
        ("DescribeRegionSettings", set()),
        ("UpdateRegionSettings", {MISSING, INVALID}),
    ],
)
def test_all_errors(operation: str, provoked: set[str]) -> None:
    """Every client error that an operation declares is provoked above."""
    assert declared(operation) == provoked
