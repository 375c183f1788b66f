"""Backup vaults: made, described, listed, locked and deleted, through a real client."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupError, mock_backup
from fakebackup.model.shapes import typed
from support.botocore_model import declared, shows, takes
from support.client import call, changes, client, held, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
DESCRIBED = "DescribeBackupVaultOutput"
AUTOMATIC = "aws/efs/automatic-backup-vault"


pytestmark = pytest.mark.fake_backup(region=REGION, history=None)


def names(**parameters: Any) -> list[str]:
    """The names of the vaults that are listed."""
    listed = call("ListBackupVaults", **parameters)["BackupVaultList"]
    return [vault["BackupVaultName"] for vault in listed]


def arn(name: str, account: str = ACCOUNT, region: str = REGION) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def air_gapped(name: str = "gapped", **members: Any) -> Any:
    """Make a logically air-gapped vault."""
    given = {"MinRetentionDays": 7, "MaxRetentionDays": 30, **members}
    return call("CreateLogicallyAirGappedBackupVault", BackupVaultName=name, **given)


class TestVaults:
    def test_a_fresh_account_has_none(self, backup: FakeBackup) -> None:
        """Nothing is listed, and describing Default is forbidden, as on AWS."""
        assert call("ListBackupVaults") == {"BackupVaultList": []}
        error = refused(backup, "DescribeBackupVault", BackupVaultName="Default")
        assert error["Error"]["Code"] == "AccessDeniedException"
        assert error["Error"]["Message"] == "Insufficient privileges to perform this action."
        assert error["ResponseMetadata"]["HTTPStatusCode"] == 403

    @freeze_time(NOW)
    def test_what_is_created_is_described_and_listed(self, backup: FakeBackup) -> None:
        """Create, Describe and List agree about a vault, and one event tells of it."""
        made = call("CreateBackupVault", BackupVaultName="vault", CreatorRequestId="r.1")
        common = {
            "BackupVaultName": "vault",
            "BackupVaultArn": arn("vault"),
            "CreationDate": NOW,
        }
        assert made == common
        described = call("DescribeBackupVault", BackupVaultName="vault")
        key = described.pop("EncryptionKeyArn")
        assert key.startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
        types = {"VaultType": "BACKUP_VAULT"}
        known = {k: v for k, v in types.items() if shows("DescribeBackupVaultOutput", k)}
        counted = {"CreatorRequestId": "r.1", "NumberOfRecoveryPoints": 0, "Locked": False}
        assert described == {**common, **known, **counted}
        (listed,) = call("ListBackupVaults")["BackupVaultList"]
        shown = {k: v for k, v in known.items() if shows("BackupVaultListMember", k)}
        assert listed == {**common, **shown, **counted, "EncryptionKeyArn": key}
        assert changes(backup) == ["Backup Vault CREATED"]
        assert backup.events[0]["resources"] == [arn("vault")]

    def test_its_own_key(self, backup: FakeBackup) -> None:
        """A vault has the key it was given; two that were given none share AWS's."""
        call("CreateBackupVault", BackupVaultName="keyed", EncryptionKeyArn=KEY)
        call("CreateBackupVault", BackupVaultName="one")
        call("CreateBackupVault", BackupVaultName="two")
        found = backup.vaults
        assert found["keyed"]["EncryptionKeyArn"] == KEY
        assert found["one"]["EncryptionKeyArn"] == found["two"]["EncryptionKeyArn"] != KEY

    def test_tags_at_creation(self, backup: FakeBackup) -> None:
        """A vault has the tags that it was created with until it is deleted."""
        call("CreateBackupVault", BackupVaultName="vault", BackupVaultTags={"a": "1"})
        assert call("ListTags", ResourceArn=arn("vault"))["Tags"] == {"a": "1"}
        call("DeleteBackupVault", BackupVaultName="vault")
        call("CreateBackupVault", BackupVaultName="vault")
        assert call("ListTags", ResourceArn=arn("vault"))["Tags"] == {}
        assert not tags_of(backup)

    def test_a_request_id_makes_one_vault(self, backup: FakeBackup) -> None:
        """The same name and request id again answer alike; anything else is refused."""
        first = call("CreateBackupVault", BackupVaultName="vault", CreatorRequestId="id-1")
        again = call("CreateBackupVault", BackupVaultName="vault", CreatorRequestId="id-1")
        assert again == first
        assert changes(backup) == ["Backup Vault CREATED"]
        for request in ({}, {"CreatorRequestId": "id-2"}):
            error = refused(backup, "CreateBackupVault", BackupVaultName="vault", **request)
            assert error["Error"]["Code"] == "AlreadyExistsException"

    def test_a_request_id_stands_for_its_vault(self, backup: FakeBackup) -> None:
        """With another name it makes no second vault, and once its vault is gone it makes one."""
        first = call("CreateBackupVault", BackupVaultName="vault", CreatorRequestId="id-1")
        renamed = call("CreateBackupVault", BackupVaultName="other", CreatorRequestId="id-1")
        assert renamed["BackupVaultArn"] == first["BackupVaultArn"]
        assert names() == ["vault"]
        backup.remove(backup.vaults["vault"])
        call("CreateBackupVault", BackupVaultName="other", CreatorRequestId="id-1")
        assert names() == ["other"]

    def test_the_request_id_of_a_seeded_vault(self, backup: FakeBackup) -> None:
        """A vault that was seeded with a request id is answered to the same request."""
        vault = backup.add_vault(BackupVaultName="vault", CreatorRequestId="id-1")
        made = call("CreateBackupVault", BackupVaultName="vault", CreatorRequestId="id-1")
        assert made["BackupVaultArn"] == vault.arn
        assert names() == ["vault"]

    @pytest.mark.parametrize(
        ("operation", "needed"),
        [
            ("CreateBackupVault", {}),
            (
                "CreateLogicallyAirGappedBackupVault",
                {"MinRetentionDays": 7, "MaxRetentionDays": 30},
            ),
        ],
    )
    def test_a_taken_name(self, backup: FakeBackup, operation: str, needed: Any) -> None:
        """A name that is taken is ERROR_1101 with the name as context, and neither Arn nor id.

        [reported: trackit PR #17]
        """
        call("CreateBackupVault", BackupVaultName="other", CreatorRequestId="id-1")
        error = refused(backup, operation, BackupVaultName="other", **needed)
        del error["ResponseMetadata"]
        text = "A Backup vault with the name other already exists"
        assert error == {
            "Error": {"Code": "AlreadyExistsException", "Message": text},
            "Code": "ERROR_1101",
            "Message": text,
            "Context": "other",
        }

    def test_the_other_kind_is_another_request(self, backup: FakeBackup) -> None:
        """A request id does not answer for a vault of another kind."""
        air_gapped("vault", CreatorRequestId="id-1")
        error = refused(
            backup, "CreateBackupVault", BackupVaultName="vault", CreatorRequestId="id-1"
        )
        assert error["Error"]["Code"] == "AlreadyExistsException"

    @freeze_time(NOW)
    def test_an_air_gapped_vault(self, backup: FakeBackup) -> None:
        """It is available and locked for good at once, whatever the answer says, and has a type.

        It shows no key where AWS owns it [documented: guide, for the answer and the key].
        """
        made = air_gapped()
        assert made == {
            "BackupVaultName": "gapped",
            "BackupVaultArn": arn("gapped"),
            "CreationDate": NOW,
            "VaultState": "CREATING",
        }
        call("CreateBackupVault", BackupVaultName="plain")
        described = call("DescribeBackupVault", BackupVaultName="gapped")
        assert described["VaultType"] == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        assert (described["MinRetentionDays"], described["MaxRetentionDays"]) == (7, 30)
        assert (described["Locked"], described["LockDate"]) == (True, NOW)
        if shows(DESCRIBED, "VaultState"):
            assert described["VaultState"] == "AVAILABLE"
        if shows("DescribeBackupVaultOutput", "EncryptionKeyType"):
            assert described["EncryptionKeyType"] == "AWS_OWNED_KMS_KEY"
        assert "EncryptionKeyArn" not in described
        assert "EncryptionKeyArn" not in backup.vaults["gapped"]
        assert names(ByVaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT") == ["gapped"]
        assert names(ByVaultType="BACKUP_VAULT") == ["plain"]
        assert names() == ["gapped", "plain"]
        error = refused(backup, "DeleteBackupVaultLockConfiguration", BackupVaultName="gapped")
        assert error["Error"]["Code"] == "InvalidRequestException"

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup) -> None:
        """A name may be used in every account and region, and stands for another vault there."""
        call("CreateBackupVault", BackupVaultName="vault")
        call("CreateBackupVault", BackupVaultName="vault", region=OTHER_REGION)
        with backup.acting_as(OTHER_ACCOUNT):
            made = call("CreateBackupVault", BackupVaultName="vault")
            assert names() == ["vault"]
        assert made["BackupVaultArn"] == arn("vault", OTHER_ACCOUNT)
        call("DeleteBackupVault", BackupVaultName="vault")
        assert names() == []
        assert names(region=OTHER_REGION) == ["vault"]
        assert list(backup.at(account_id=OTHER_ACCOUNT).vaults) == ["vault"]
        assert backup.events[2]["account"] == OTHER_ACCOUNT
        assert backup.events[1]["region"] == OTHER_REGION

    def test_only_an_empty_vault_is_deleted(self, backup: FakeBackup) -> None:
        """A vault with recovery points is not deleted, an empty one is."""
        point = backup.add_recovery_point(BackupVaultName="vault")
        error = refused(backup, "DeleteBackupVault", BackupVaultName="vault")
        assert error["Error"]["Code"] == "InvalidRequestException"
        assert error["Code"] == "ERROR_9101"
        told = "Backup vault cannot be deleted because it contains recovery points."
        assert error["Error"]["Message"] == told
        call("DeleteRecoveryPoint", BackupVaultName="vault", RecoveryPointArn=point.arn)
        call("DeleteBackupVault", BackupVaultName="vault")
        assert names() == []
        assert changes(backup) == ["Recovery Point DELETING", "Backup Vault DELETED"]

    def test_a_new_vault_has_nothing_of_the_old_one(self, backup: FakeBackup) -> None:
        """Policy, notifications, lock and request id go with the vault."""
        call("CreateBackupVault", BackupVaultName="vault", CreatorRequestId="id-1")
        call("PutBackupVaultAccessPolicy", BackupVaultName="vault", Policy=POLICY)
        call(
            "PutBackupVaultNotifications",
            BackupVaultName="vault",
            SNSTopicArn=TOPIC,
            BackupVaultEvents=["BACKUP_JOB_COMPLETED"],
        )
        call("PutBackupVaultLockConfiguration", BackupVaultName="vault", MinRetentionDays=3)
        call("DeleteBackupVault", BackupVaultName="vault")
        call("CreateBackupVault", BackupVaultName="vault", CreatorRequestId="id-1")
        described = call("DescribeBackupVault", BackupVaultName="vault")
        assert described["Locked"] is False
        assert "MinRetentionDays" not in described
        for operation in ("GetBackupVaultAccessPolicy", "GetBackupVaultNotifications"):
            error = refused(backup, operation, BackupVaultName="vault")
            assert error["Error"]["Code"] == "ResourceNotFoundException"

    def test_the_vault_of_efs(self, backup: FakeBackup) -> None:
        """AWS's own vault has a name that no other may have, and operations take it."""
        backup.add_vault(BackupVaultName=AUTOMATIC)
        point = backup.add_recovery_point(BackupVaultName=AUTOMATIC, ResourceType="EFS")
        found = call("ListRecoveryPointsByBackupVault", BackupVaultName=AUTOMATIC)
        assert [each["RecoveryPointArn"] for each in found["RecoveryPoints"]] == [point.arn]
        assert call("DescribeBackupVault", BackupVaultName=AUTOMATIC)["NumberOfRecoveryPoints"] == 1
        with backup.acting_as(OTHER_ACCOUNT):
            error = refused(backup, "CreateBackupVault", BackupVaultName=AUTOMATIC)
        assert error["Error"]["Code"] == "InvalidParameterValueException"


class TestLists:
    def test_the_oldest_first(self, backup: FakeBackup) -> None:
        """Vaults are listed as they were created, those of one millisecond as they came."""
        with freeze_time(NOW):
            for name in ("zz", "aa", "mm"):
                call("CreateBackupVault", BackupVaultName=name)
        backup.add_vault(BackupVaultName="old", CreationDate=NOW - timedelta(days=1))
        assert names() == ["old", "zz", "aa", "mm"]
        assert list(backup.vaults) == ["old", "zz", "aa", "mm"]

    @pytest.mark.parametrize("size", [1, 2, 3, 4])
    def test_pages_survive_what_happens_between(self, backup: FakeBackup, size: int) -> None:
        """A vault that is made or deleted between two pages neither repeats nor hides another."""
        wanted = [f"vault-{number}" for number in range(6)]
        for name in wanted:
            call("CreateBackupVault", BackupVaultName=name)
        seen: list[str] = []
        for number, page in enumerate(pages("ListBackupVaults", size, "BackupVaultList")):
            seen += [vault["BackupVaultName"] for vault in page]
            backup.add_vault(BackupVaultName=f"before-{number}", CreationDate=number)
            if number < 2:
                call("DeleteBackupVault", BackupVaultName=f"vault-{number}")
        assert [name for name in seen if name in wanted[2:]] == wanted[2:]
        assert len(seen) == len(set(seen))
        assert not [name for name in seen if name.startswith("before")]

    def test_a_token_is_of_its_list(self, backup: FakeBackup) -> None:
        """A token goes with the filters, the account and the region it was given for."""
        backup.add_vault()
        backup.add_vault()
        token = call("ListBackupVaults", MaxResults=1)["NextToken"]
        assert len(names(NextToken=token)) == 1
        for other in ({"ByVaultType": "BACKUP_VAULT"}, {"region": OTHER_REGION}):
            error = refused(backup, "ListBackupVaults", NextToken=token, **other)
            assert error["Error"]["Code"] == "InvalidParameterValueException"

    def test_vaults_of_others(self, backup: FakeBackup) -> None:
        """An air-gapped vault of another account is seen where it is asked for, no other."""
        theirs = backup.at(account_id=OTHER_ACCOUNT)
        theirs.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
        theirs.add_vault(BackupVaultName="plain")
        backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION).add_vault(
            BackupVaultName="afar", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        )
        backup.add_vault(BackupVaultName="own")
        point = theirs.add_recovery_point(BackupVaultName="gapped")
        assert names() == ["own"]
        assert names(ByShared=False) == ["own"]
        assert names(ByShared=True) == ["gapped"]
        asked = {"BackupVaultName": "gapped", "BackupVaultAccountId": OTHER_ACCOUNT}
        found = call("DescribeBackupVault", **asked)
        assert found["BackupVaultArn"] == arn("gapped", OTHER_ACCOUNT)
        listed = call("ListRecoveryPointsByBackupVault", **asked)["RecoveryPoints"]
        assert [each["RecoveryPointArn"] for each in listed] == [point.arn]
        described = call("DescribeRecoveryPoint", RecoveryPointArn=point.arn, **asked)
        assert described["BackupVaultArn"] == arn("gapped", OTHER_ACCOUNT)
        if takes("GetRecoveryPointRestoreMetadata", "BackupVaultAccountId"):
            told = call("GetRecoveryPointRestoreMetadata", RecoveryPointArn=point.arn, **asked)
            assert told["BackupVaultArn"] == arn("gapped", OTHER_ACCOUNT)
        resources = call("ListProtectedResourcesByBackupVault", **asked)["Results"]
        assert [each["ResourceArn"] for each in resources] == [point["ResourceArn"]]
        for name in ("plain", "none"):
            asked["BackupVaultName"] = name
            error = refused(backup, "DescribeBackupVault", **asked)
            assert error["Error"]["Code"] == "AccessDeniedException"

    def test_the_own_account_may_be_named(self, backup: FakeBackup) -> None:
        """The caller's own id changes nothing, for a missing vault neither."""
        backup.add_vault(BackupVaultName="own")
        asked = {"BackupVaultName": "own", "BackupVaultAccountId": ACCOUNT}
        assert call("DescribeBackupVault", **asked)["BackupVaultArn"] == arn("own")
        asked["BackupVaultName"] = "none"
        error = refused(backup, "DescribeBackupVault", **asked)
        assert error["Error"]["Code"] == "AccessDeniedException"


class TestPolicies:
    def test_round_trip(self, backup: FakeBackup) -> None:
        """A policy is kept as it was written, replaced, and forgotten; nobody is told."""
        backup.add_vault(BackupVaultName="vault")
        for policy in (POLICY, '{ "Statement" : [] }'):
            call("PutBackupVaultAccessPolicy", BackupVaultName="vault", Policy=policy)
            assert call("GetBackupVaultAccessPolicy", BackupVaultName="vault") == {
                "BackupVaultName": "vault",
                "BackupVaultArn": arn("vault"),
                "Policy": policy,
            }
        call("DeleteBackupVaultAccessPolicy", BackupVaultName="vault")
        error = refused(backup, "GetBackupVaultAccessPolicy", BackupVaultName="vault")
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        # [reported: steampipe #2032]
        assert error["Message"] == f"Backup Vault {arn('vault')} has no associated POLICY"
        assert not {"Code", "Context"} & error.keys()
        call("DeleteBackupVaultAccessPolicy", BackupVaultName="vault")
        assert backup.events == []


class TestNotifications:
    def test_round_trip(self, backup: FakeBackup) -> None:
        """One configuration a vault: put, replaced, and forgotten."""
        backup.add_vault(BackupVaultName="vault")
        for wanted in (["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED"], ["BACKUP_JOB_FAILED"]):
            call(
                "PutBackupVaultNotifications",
                BackupVaultName="vault",
                SNSTopicArn=TOPIC,
                BackupVaultEvents=wanted,
            )
            assert call("GetBackupVaultNotifications", BackupVaultName="vault") == {
                "BackupVaultName": "vault",
                "BackupVaultArn": arn("vault"),
                "SNSTopicArn": TOPIC,
                "BackupVaultEvents": wanted,
            }
        call("DeleteBackupVaultNotifications", BackupVaultName="vault")
        error = refused(backup, "GetBackupVaultNotifications", BackupVaultName="vault")
        assert (error["Code"], error["Context"]) == ("ERROR_2106", "vault")
        told = "Failed reading notifications from database for Backup vault vault"
        assert error["Error"]["Message"] == told
        call("DeleteBackupVaultNotifications", BackupVaultName="vault")
        assert backup.events == []


class TestLocks:
    def test_governance(self, backup: FakeBackup) -> None:
        """Without days of grace a lock can be replaced and taken away for ever."""
        backup.add_vault(BackupVaultName="vault")
        with freeze_time(NOW) as time:
            call(
                "PutBackupVaultLockConfiguration",
                BackupVaultName="vault",
                MinRetentionDays=7,
                MaxRetentionDays=30,
            )
            found = call("DescribeBackupVault", BackupVaultName="vault")
            assert found["Locked"] is True
            assert (found["MinRetentionDays"], found["MaxRetentionDays"]) == (7, 30)
            assert "LockDate" not in found
            time.tick(timedelta(days=1000))
            call("PutBackupVaultLockConfiguration", BackupVaultName="vault", MinRetentionDays=1)
            found = call("DescribeBackupVault", BackupVaultName="vault")
            assert found["MinRetentionDays"] == 1
            assert "MaxRetentionDays" not in found
            call("DeleteBackupVaultLockConfiguration", BackupVaultName="vault")
        (found,) = call("ListBackupVaults")["BackupVaultList"]
        assert found["Locked"] is False
        assert "MinRetentionDays" not in found
        assert changes(backup) == ["Backup Vault MODIFIED"] * 3
        locked = [event["detail"].get("isLocked") for event in backup.events]
        assert locked == ["true", "true", "false"]
        # There is nothing left to take away, and so nothing to tell.
        call("DeleteBackupVaultLockConfiguration", BackupVaultName="vault")
        assert len(backup.events) == 3

    def test_compliance(self, backup: FakeBackup) -> None:
        """With days of grace the lock is final from its date on, to the millisecond."""
        backup.add_vault(BackupVaultName="vault")
        final = NOW + timedelta(days=3)
        with freeze_time(NOW) as time:
            call("PutBackupVaultLockConfiguration", BackupVaultName="vault", ChangeableForDays=3)
            assert call("DescribeBackupVault", BackupVaultName="vault")["LockDate"] == final
            time.move_to(final - timedelta(milliseconds=1))
            call("DeleteBackupVaultLockConfiguration", BackupVaultName="vault")
            assert "LockDate" not in call("DescribeBackupVault", BackupVaultName="vault")
            time.move_to(NOW)
            call("PutBackupVaultLockConfiguration", BackupVaultName="vault", ChangeableForDays=3)
            time.move_to(final)
            for operation in (
                "PutBackupVaultLockConfiguration",
                "DeleteBackupVaultLockConfiguration",
            ):
                error = refused(backup, operation, BackupVaultName="vault")
                assert error["Error"]["Code"] == "InvalidRequestException"
            assert call("DescribeBackupVault", BackupVaultName="vault")["Locked"] is True

    def test_a_lock_limits_jobs(self, backup: FakeBackup) -> None:
        """A job whose retention is too short fails; one within the limits completes."""
        call("CreateBackupVault", BackupVaultName="vault")
        call("PutBackupVaultLockConfiguration", BackupVaultName="vault", MinRetentionDays=10)
        ends = []
        for days in (9, 10):
            started = call(
                "StartBackupJob",
                BackupVaultName="vault",
                ResourceArn=f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1",
                IamRoleArn=ROLE,
                Lifecycle={"DeleteAfterDays": days},
            )
            job = backup.backup_jobs[started["BackupJobId"]]
            job.progress = "immediate"
            ends.append(job.state)
        assert ends == ["FAILED", "COMPLETED"]
        found = call("DescribeBackupVault", BackupVaultName="vault")
        assert found["NumberOfRecoveryPoints"] == 1

    @pytest.mark.parametrize("final", [True, False])
    def test_an_empty_vault_is_deleted(self, backup: FakeBackup, *, final: bool) -> None:
        """Whatever its lock, immutable or not, an empty vault can be deleted.

        [documented: guide, vault lock]
        """
        backup.add_vault(BackupVaultName="vault", LockDate=NOW if final else None, Locked=True)
        gapped: Any = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        backup.add_vault(BackupVaultName="gapped", VaultType=gapped)
        for name in ("vault", "gapped"):
            assert call("DescribeBackupVault", BackupVaultName=name)["Locked"] is True
            call("DeleteBackupVault", BackupVaultName=name)
        assert names() == []

    @pytest.mark.parametrize("member", ["MinRetentionDays", "MaxRetentionDays"])
    @pytest.mark.parametrize(
        ("days", "fine"), [(0, False), (1, True), (36500, True), (36501, False)]
    )
    def test_bounds(self, backup: FakeBackup, member: str, days: int, *, fine: bool) -> None:
        """Limits of retention are 1 to 36500 days [documented: guide, vault lock]."""
        asked: Any = {"BackupVaultName": "vault", member: days}
        backup.add_vault(BackupVaultName="vault")
        if fine:
            call("PutBackupVaultLockConfiguration", **asked)
            assert call("DescribeBackupVault", BackupVaultName="vault")[member] == days
        else:
            error = refused(backup, "PutBackupVaultLockConfiguration", **asked)["Error"]
            assert error["Code"] == "InvalidParameterValueException"


class TestSeeding:
    def test_defaults(self, backup: FakeBackup) -> None:
        """A seeded vault has a numbered name, no lock, and the newest is listed last."""
        first, second = backup.add_vault(), backup.add_vault()
        assert (first.name, second.name) == ("vault-1", "vault-2")
        assert first["CreationDate"] < second["CreationDate"]
        assert (first["Locked"], first["NumberOfRecoveryPoints"]) == (False, 0)
        assert dict(first) == call("DescribeBackupVault", BackupVaultName="vault-1")
        assert names() == ["vault-1", "vault-2"]
        assert backup.events == []

    def test_a_recorded_answer_seeds_as_it_is(self, backup: FakeBackup) -> None:
        """What Describe answered about a vault, another fake answers once it is seeded there."""
        call("CreateBackupVault", BackupVaultName="vault", EncryptionKeyArn=KEY)
        call(
            "PutBackupVaultLockConfiguration",
            BackupVaultName="vault",
            MinRetentionDays=2,
            ChangeableForDays=4,
        )
        recorded = client().describe_backup_vault(BackupVaultName="vault")
        recorded["NumberOfRecoveryPoints"] = 7
        with mock_backup(region=OTHER_REGION) as other:
            vault = other.add_vault(**recorded)
            assert list(other.at(region=REGION).vaults) == ["vault"]
            found = call("DescribeBackupVault", BackupVaultName="vault")
            del recorded["ResponseMetadata"]
            assert found == recorded == dict(vault)
            error = refused(other, "DeleteBackupVault", BackupVaultName="vault")
            assert error["Code"] == "ERROR_9101"
            other.at(region=REGION).add_recovery_point(BackupVaultName="vault")
            assert vault["NumberOfRecoveryPoints"] == 8
        assert "vault" in backup.vaults

    def test_a_lock_is_told_by_its_members(self, backup: FakeBackup) -> None:
        """A vault with a member of a lock is locked unless it says otherwise."""
        assert backup.add_vault(MinRetentionDays=3)["Locked"] is True
        assert backup.add_vault(MinRetentionDays=None)["Locked"] is False
        assert backup.add_vault(LockDate=NOW, Locked=False)["Locked"] is False
        gapped = backup.add_vault(VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
        assert gapped["LockDate"] == gapped["CreationDate"]

    def test_tags(self, backup: FakeBackup) -> None:
        """Tags are no member, but found by ListTags."""
        vault = backup.add_vault(Tags={"team": "blue"})
        assert call("ListTags", ResourceArn=vault.arn)["Tags"] == {"team": "blue"}
        assert "Tags" not in vault

    def test_an_arn_decides_the_place(self, backup: FakeBackup) -> None:
        """A vault goes to the account and region that its ARN names."""
        there = arn("vault", OTHER_ACCOUNT, OTHER_REGION)
        vault = backup.add_vault(BackupVaultArn=there)
        assert (vault.account, vault.region, vault.name) == (OTHER_ACCOUNT, OTHER_REGION, "vault")
        assert list(backup.vaults) == []
        assert backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION).vaults["vault"] is vault

    def test_none_leaves_out(self, backup: FakeBackup) -> None:
        """A member given as None is not there, with its default neither."""
        vault = backup.add_vault(VaultState=None, CreatorRequestId=None)
        assert "VaultState" not in vault
        assert "VaultState" not in call("DescribeBackupVault", BackupVaultName=vault.name)

    @pytest.mark.parametrize(
        ("members", "error", "message"),
        [
            ({"BackupVaultNam": "x"}, TypeError, "did you mean 'BackupVaultName'"),
            ({"Locked": "yes"}, TypeError, "Locked takes bool"),
            ({"VaultType": "VAULT"}, ValueError, "VaultType is none of"),
            ({"LockDate": "soon"}, ValueError, "LockDate is a date"),
            ({"Locked": None}, ValueError, "cannot be without Locked"),
            ({"Tags": {"a": 1}}, TypeError, "Tags is a dict of strings"),
            ({"BackupVaultName": "taken"}, ValueError, "'taken' is taken"),
            ({"BackupVaultArn": arn("taken")}, ValueError, "'taken' is taken"),
            ({"BackupVaultName": "a vault"}, ValueError, "letters, digits"),
            ({"BackupVaultArn": "arn:vault"}, ValueError, "no ARN of a backup vault"),
            ({"BackupVaultArn": arn("x1", region="cn-north-1")}, ValueError, "partition"),
            ({"BackupVaultArn": arn("x1"), "BackupVaultName": "x2"}, ValueError, "not the name"),
            ({"NumberOfRecoveryPoints": -1}, ValueError, "0 or more"),
        ],
    )
    def test_slips(
        self, backup: FakeBackup, members: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        """A slip is told at the seeding line, and nothing is half added."""
        backup.add_vault(BackupVaultName="taken")
        before = held(backup)
        with pytest.raises(error, match=message):
            backup.add_vault(**members)
        assert held(backup) == before
        assert backup.add_vault().members["BackupVaultName"] == "vault-2"

    def test_only_while_active(self) -> None:
        """A fake that has ended takes no vault, and shows none."""
        with mock_backup(region=REGION) as backup:
            pass
        with pytest.raises(FakeBackupError):
            backup.add_vault()
        with pytest.raises(FakeBackupError):
            backup.vaults  # noqa: B018  looking is what fails

    @pytest.mark.parametrize("seeded", [False, True])
    def test_whose_the_key_is(self, backup: FakeBackup, *, seeded: bool) -> None:
        """A vault with a key that was given says that it is a customer's; one without says nothing.

        An air-gapped one without says that AWS owns it [assumed].
        """
        if not shows("DescribeBackupVaultOutput", "EncryptionKeyType"):
            pytest.skip("this botocore knows no EncryptionKeyType")
        given = {"plain": {}, "keyed": {"EncryptionKeyArn": KEY}}
        for name, members in given.items():
            if seeded:
                gapped = {"VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}
                backup.add_vault(BackupVaultName=name, **members)  # type: ignore[arg-type]
                backup.add_vault(BackupVaultName=f"gapped-{name}", **gapped, **members)  # type: ignore[arg-type]
            else:
                call("CreateBackupVault", BackupVaultName=name, **members)
                air_gapped(f"gapped-{name}", **members)
        described = {name: call("DescribeBackupVault", BackupVaultName=name) for name in names()}
        assert {name: each.get("EncryptionKeyType") for name, each in described.items()} == {
            "plain": None,
            "keyed": "CUSTOMER_MANAGED_KMS_KEY",
            "gapped-plain": "AWS_OWNED_KMS_KEY",
            "gapped-keyed": "CUSTOMER_MANAGED_KMS_KEY",
        }
        assert described["keyed"]["EncryptionKeyArn"] == KEY

    def test_the_arguments_are_typed(self) -> None:
        """Editors complete exactly the members of Describe and List, and Tags."""
        model = client().meta.service_model
        known = {"Tags"}
        for shape in ("DescribeBackupVaultOutput", "BackupVaultListMember"):
            known |= set(model.shape_for(shape).members)
        typed_members = set(typed.VaultMembers.__annotations__)
        assert known <= typed_members
        if shows("DescribeBackupVaultOutput", "EncryptionKeyType"):
            assert known == typed_members

    def test_the_view(self, backup: FakeBackup) -> None:
        """The vaults of a view are a mapping by name, and say where a name is missing."""
        vault = backup.add_vault(BackupVaultName="production")
        assert backup.vaults["production"] is vault
        assert (len(backup.vaults), list(backup.vaults)) == (1, ["production"])
        with pytest.raises(KeyError, match=f"no vault 'prod' in {ACCOUNT} {REGION}; there is 1"):
            backup.vaults["prod"]
        assert "prod" not in backup.vaults


class TestDefaultVault:
    def test_every_account_and_region_has_it(self) -> None:
        """With the option there is a vault Default wherever one looks, until it is deleted."""
        other = "other"
        with mock_backup(region=REGION, default_vault=True) as backup:
            assert names() == names(region=OTHER_REGION) == ["Default"]
            with backup.acting_as(OTHER_ACCOUNT):
                assert names() == ["Default"]
            call("CreateBackupVault", BackupVaultName=other)
            call("DeleteBackupVault", BackupVaultName="Default")
            assert names() == [other]
            assert names(region=OTHER_REGION) == ["Default"]
            call("CreateBackupVault", BackupVaultName="Default")
            assert names() == [other, "Default"]

    def test_it_is_of_aws(self) -> None:
        """It has the request id that AWS's console gives it [recorded: Cloud Custodian].

        Whether seeded jobs, a test or nobody had a vault of the name before.
        """
        for seeded in ("", "job", "vault"):
            with mock_backup(region=REGION, default_vault=True) as backup:
                if seeded == "job":
                    backup.add_backup_job()
                if seeded == "vault":
                    backup.add_vault(BackupVaultName="Default")
                described = call("DescribeBackupVault", BackupVaultName="Default")
                assert described["CreatorRequestId"] == "Default"
                assert backup.vaults["Default"]["CreatorRequestId"] == "Default"
        with mock_backup(region=REGION) as backup:
            backup.add_backup_job()
            assert "CreatorRequestId" not in backup.vaults["Default"]

    def test_the_only_one_is_not_deleted(self) -> None:
        """It is not deleted while there is no other in the Region [documented: guide].

        The class of the error is assumed. One that a client made is like any other.
        """
        with mock_backup(region=REGION, default_vault=True) as backup:
            call("CreateBackupVault", BackupVaultName="other", region=OTHER_REGION)
            assert names() == ["Default"]
            error = refused(backup, "DeleteBackupVault", BackupVaultName="Default")["Error"]
            assert error["Code"] == "InvalidRequestException"
            assert "only one" in error["Message"]
            call("DeleteBackupVault", BackupVaultName="Default", region=OTHER_REGION)
            call("CreateBackupVault", BackupVaultName="Default", region=OTHER_REGION)
            call("DeleteBackupVault", BackupVaultName="other", region=OTHER_REGION)
            call("DeleteBackupVault", BackupVaultName="Default", region=OTHER_REGION)
            assert names(region=OTHER_REGION) == []

    def test_one_that_holds_something(self) -> None:
        """That it holds recovery points is said first, as of every vault."""
        with mock_backup(region=REGION, default_vault=True) as backup:
            backup.add_recovery_point()
            error = refused(backup, "DeleteBackupVault", BackupVaultName="Default")["Error"]
            assert "contains recovery points" in error["Message"]

    def test_it_can_be_described_further(self) -> None:
        """Seeding Default gives the vault that is there the members."""
        with mock_backup(region=REGION, default_vault=True) as backup:
            assert names() == ["Default"]
            backup.add_vault(BackupVaultName="Default", MinRetentionDays=5)
            assert call("DescribeBackupVault", BackupVaultName="Default")["MinRetentionDays"] == 5
            with pytest.raises(ValueError, match="is taken"):
                backup.add_vault(BackupVaultName="Default")

    @pytest.mark.skipif(
        not shows("BackupJob", "VaultType"), reason="this botocore knows no vault type of jobs"
    )
    def test_it_is_as_the_seeded_job_in_it_says(self) -> None:
        """A seeded job in Default makes it what the job says, whatever lies in other vaults."""
        gapped: Any = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        with mock_backup(region=REGION, default_vault=True) as backup:
            backup.add_backup_job(BackupVaultName="other")
            backup.add_backup_job(BackupVaultName="Default", VaultType=gapped)
            assert names() == ["other", "Default"]
            found = call("DescribeBackupVault", BackupVaultName="Default")
            assert (found["VaultType"], found["CreatorRequestId"]) == (gapped, "Default")
            assert found["NumberOfRecoveryPoints"] == 1


class TestVaultsOfSeededJobs:
    def test_a_completed_job_has_its_vault(self, backup: FakeBackup) -> None:
        """The vault of a seeded job is as old as the job, in whatever order one looks."""
        young = backup.add_backup_job(BackupVaultName="vault", CreationDate=NOW)
        assert backup.vaults["vault"]["CreationDate"] == NOW
        early = NOW - timedelta(days=1)
        backup.add_backup_job(BackupVaultName="vault", CreationDate=early)
        vault = call("DescribeBackupVault", BackupVaultName="vault")
        assert vault["CreationDate"] == early
        assert vault["NumberOfRecoveryPoints"] == 2
        assert vault["BackupVaultArn"] == young["BackupVaultArn"]

    def test_it_is_of_the_type_that_the_job_says(self, backup: FakeBackup) -> None:
        """A vault that a seeded job implies has the type that the job says."""
        kind = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        backup.add_backup_job(BackupVaultName="one", VaultType=kind)
        backup.add_copy_job(
            DestinationBackupVaultArn=arn("two"), DestinationVaultType=kind, CreationDate=NOW
        )
        assert {name: backup.vaults[name]["Locked"] for name in ("one", "two")} == {
            "one": True,
            "two": True,
        }

    def test_an_unfinished_or_failed_job_has_one(self, backup: FakeBackup) -> None:
        """A job that has left nothing, or nothing yet, lies in a vault, too."""
        backup.add_backup_job(State="FAILED")
        backup.add_backup_job(State="RUNNING", BackupVaultName="vault")
        assert names() == ["Default", "vault"]
        assert not backup.recovery_points

    @pytest.mark.parametrize("first", ["job", "vault"])
    def test_the_order_of_seeding_is_free(self, backup: FakeBackup, first: str) -> None:
        """A vault is the same, seeded before or after the job that lies in it."""
        if first == "job":
            backup.add_backup_job(BackupVaultName="vault", CreationDate=NOW)
            assert len(backup.vaults) == 1
        backup.add_vault(BackupVaultName="vault", MinRetentionDays=5, CreationDate=NOW)
        if first == "vault":
            backup.add_backup_job(BackupVaultName="vault", CreationDate=NOW)
        found = call("DescribeBackupVault", BackupVaultName="vault")
        assert (found["MinRetentionDays"], found["NumberOfRecoveryPoints"]) == (5, 1)
        assert (found["Locked"], found["CreationDate"]) == (True, NOW)

    def test_the_vault_of_a_seeded_point_can_be_described_further(self, backup: FakeBackup) -> None:
        """A vault that was made for a seeded point takes members once, and keeps the point."""
        backup.add_recovery_point(BackupVaultName="vault", CreationDate=NOW)
        early = NOW - timedelta(days=1)
        backup.add_recovery_point(BackupVaultName="vault", CreationDate=early)
        backup.add_vault(BackupVaultName="vault", MinRetentionDays=5)
        found = call("DescribeBackupVault", BackupVaultName="vault")
        assert (found["MinRetentionDays"], found["NumberOfRecoveryPoints"]) == (5, 2)
        assert found["CreationDate"] == early
        with pytest.raises(ValueError, match="is taken"):
            backup.add_vault(BackupVaultName="vault")

    def test_a_held_vault_counts_what_comes(self, backup: FakeBackup) -> None:
        """A vault that a test holds counts the points of jobs seeded later."""
        vault = backup.add_vault(BackupVaultName="vault")
        backup.add_backup_job(BackupVaultName="vault")
        assert vault["NumberOfRecoveryPoints"] == 1

    def test_seeded_vaults_and_points_make_no_events(self, backup: FakeBackup) -> None:
        """Seeding is no news."""
        backup.add_backup_job()
        backup.add_copy_job()
        backup.add_recovery_point()
        assert len(backup.vaults) == 2
        assert backup.events == []


NAMED = (
    "PutBackupVaultAccessPolicy",
    "GetBackupVaultAccessPolicy",
    "DeleteBackupVaultAccessPolicy",
    "PutBackupVaultNotifications",
    "GetBackupVaultNotifications",
    "DeleteBackupVaultNotifications",
    "PutBackupVaultLockConfiguration",
    "DeleteBackupVaultLockConfiguration",
    "DeleteBackupVault",
)
NEEDED: dict[str, dict[str, Any]] = {
    "CreateLogicallyAirGappedBackupVault": {"MinRetentionDays": 7, "MaxRetentionDays": 30},
    "PutBackupVaultAccessPolicy": {"Policy": POLICY},
    "PutBackupVaultNotifications": {
        "SNSTopicArn": TOPIC,
        "BackupVaultEvents": ["BACKUP_JOB_COMPLETED"],
    },
}
INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REQUEST, NOT_FOUND = "InvalidRequestException", "ResourceNotFoundException"
LOCK = "PutBackupVaultLockConfiguration"
TELL = "PutBackupVaultNotifications"
GAPPED = "CreateLogicallyAirGappedBackupVault"
ONLY_NAMED = ("DescribeBackupVault", *(each for each in NAMED if not each.startswith("Put")))
WITHOUT_ANYTHING_MISSING = (
    "DescribeBackupVault",
    *(each for each in NAMED if not each.startswith("Get")),
)
MANY_TAGS = {f"key-{number}": "" for number in range(51)}
ELSEWHERE = KEY.replace(REGION, OTHER_REGION)

ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"BackupVaultName": ""}, MISSING) for name in ("CreateBackupVault", GAPPED)),
    ("CreateBackupVault", {"BackupVaultName": "x"}, INVALID),
    ("CreateBackupVault", {"BackupVaultName": "n" * 51}, INVALID),
    ("CreateBackupVault", {"CreatorRequestId": "a b"}, INVALID),
    ("CreateBackupVault", {"CreatorRequestId": "i" * 51}, INVALID),
    ("CreateBackupVault", {"CreatorRequestId": ""}, INVALID),
    ("CreateBackupVault", {"EncryptionKeyArn": "key"}, INVALID),
    ("CreateBackupVault", {"EncryptionKeyArn": ELSEWHERE}, INVALID),
    ("CreateBackupVault", {"BackupVaultTags": MANY_TAGS}, "LimitExceededException"),
    ("CreateBackupVault", {"BackupVaultName": "vault"}, "AlreadyExistsException"),
    (GAPPED, {"BackupVaultName": "x"}, INVALID),
    (GAPPED, {"BackupVaultName": "vault"}, "AlreadyExistsException"),
    (GAPPED, {"BackupVaultTags": MANY_TAGS}, "LimitExceededException"),
    (GAPPED, {"MinRetentionDays": 6}, INVALID),
    (GAPPED, {"MaxRetentionDays": 36501}, INVALID),
    (GAPPED, {"MinRetentionDays": 8, "MaxRetentionDays": 7}, INVALID),
    (GAPPED, {"EncryptionKeyArn": "key"}, INVALID),
    (GAPPED, {"EncryptionKeyArn": ELSEWHERE}, REQUEST),
    ("ListBackupVaults", {"NextToken": "none"}, INVALID),
    ("ListBackupVaults", {"MaxResults": 1001}, INVALID),
    ("ListBackupVaults", {"ByVaultType": "VAULT"}, INVALID),
    ("DeleteBackupVault", {"BackupVaultName": "full"}, REQUEST),
    ("PutBackupVaultAccessPolicy", {"Policy": "{"}, INVALID),
    ("PutBackupVaultAccessPolicy", {"Policy": "[]"}, INVALID),
    ("PutBackupVaultAccessPolicy", {"Policy": ""}, MISSING),
    (TELL, {"SNSTopicArn": "topic"}, INVALID),
    (TELL, {"SNSTopicArn": ""}, MISSING),
    (TELL, {"SNSTopicArn": f"{TOPIC}.fifo"}, INVALID),
    (TELL, {"SNSTopicArn": TOPIC.replace(ACCOUNT, OTHER_ACCOUNT)}, INVALID),
    (TELL, {"BackupVaultEvents": []}, MISSING),
    (TELL, {"BackupVaultEvents": ["BACKUP"]}, INVALID),
    ("GetBackupVaultAccessPolicy", {}, NOT_FOUND),
    ("GetBackupVaultNotifications", {}, NOT_FOUND),
    (LOCK, {"MinRetentionDays": 0}, INVALID),
    (LOCK, {"MinRetentionDays": 36501}, INVALID),
    (LOCK, {"MaxRetentionDays": 36501}, INVALID),
    (LOCK, {"MinRetentionDays": 2, "MaxRetentionDays": 1}, INVALID),
    (LOCK, {"ChangeableForDays": 2}, INVALID),
    (LOCK, {"ChangeableForDays": 36501}, INVALID),
    (LOCK, {"BackupVaultName": "final"}, REQUEST),
    ("DeleteBackupVaultLockConfiguration", {"BackupVaultName": "final"}, REQUEST),
]
CAUSELESS = {
    ("ListBackupVaults", NOT_FOUND),
    ("ListBackupVaults", MISSING),
    # A vault's name is judged before: a bad one is AccessDeniedException.
    *((name, code) for name in ONLY_NAMED for code in (INVALID, MISSING)),
    *((name, NOT_FOUND) for name in WITHOUT_ANYTHING_MISSING),
    ("PutBackupVaultLockConfiguration", MISSING),
}
"""Declared errors without a natural cause: no parameter is required, or names what may lack."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        backup.add_vault(BackupVaultName="vault")
        backup.add_vault(BackupVaultName="final", LockDate=NOW)
        backup.add_recovery_point(BackupVaultName="full")
        fresh = operation.startswith("Create") or operation == "ListBackupVaults"
        named = {} if operation == "ListBackupVaults" else {"BackupVaultName": "vault"}
        asked = {**named, **NEEDED.get(operation, {}), **parameters}
        if fresh and named and "BackupVaultName" not in parameters:
            asked["BackupVaultName"] = "fresh"
        if not takes(operation, *asked):
            pytest.skip("this botocore does not know the parameter")
        assert refused(backup, operation, **asked)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize(
        "operation",
        [*NAMED, "CreateBackupVault", GAPPED, "DescribeBackupVault", "ListBackupVaults"],
    )
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without

    def test_the_quota_of_vaults(self, backup: FakeBackup) -> None:
        """AWS's quota of vaults counts both kinds in one region of an account."""
        for number in range(299):
            backup.add_vault(BackupVaultName=f"v-{number}")
        air_gapped()
        error = refused(backup, "CreateBackupVault", BackupVaultName="last")
        assert error["Error"]["Code"] == "LimitExceededException"
        call("CreateBackupVault", BackupVaultName="last", region=OTHER_REGION)
