"""Copies to another account, and what they need with the option `enforce_cross_account`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import mock_backup
from support.client import call
from support.constants import ACCOUNT, OTHER_ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Job

KEY = f"arn:aws:kms:{REGION}:{OTHER_ACCOUNT}:key/own"
NO_ORGANIZATION = (
    "Copy job failed. Both source and destination account must be a member of the same "
    "organization."
)
OFF = "Copy job failed. Cross-account copy feature is not enabled for the current organization."
DEFAULT_KEY = (
    "Copy job failed because the destination Backup vault is encrypted with the default Backup "
    "service managed key. The contents of this vault cannot be copied. Only the contents of a "
    "Backup vault encrypted by an AWS KMS key may be copied."
)
DENIED = "Access Denied trying to call AWS Backup service"

pytestmark = pytest.mark.fake_backup(
    region=REGION, progress="immediate", default_vault=True, enforce_cross_account=True
)


def policy(principal: Any, **members: Any) -> str:
    """A policy that allows somebody to copy into a vault."""
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
        **members,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


OF_ACCOUNT = policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
OF_ORGANIZATION = policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}})


def turn_on() -> None:
    """Turn cross-account backup on."""
    call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})


def away(backup: FakeBackup, text: str | None, **members: Any) -> str:
    """The ARN of a vault of another account, with a policy."""
    vault = backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName="Away", **members)
    if text is not None:
        with backup.acting_as(OTHER_ACCOUNT):
            call("PutBackupVaultAccessPolicy", BackupVaultName="Away", Policy=text)
    return vault.arn


def copied(backup: FakeBackup, destination: str) -> Job:
    """The job that copies a new recovery point there."""
    point = backup.add_recovery_point(BackupVaultName="Default")
    answer = call(
        "StartCopyJob",
        RecoveryPointArn=point.arn,
        SourceBackupVaultName="Default",
        DestinationBackupVaultArn=destination,
        IamRoleArn=ROLE,
    )
    return backup.copy_jobs[answer["CopyJobId"]]


@pytest.mark.parametrize(
    "text", [OF_ACCOUNT, OF_ORGANIZATION, policy({"AWS": ROLE}), policy({"AWS": ACCOUNT})]
)
def test_all_is_there(backup: FakeBackup, text: str) -> None:
    """With all that AWS asks for the copy completes, and lies in the other account."""
    turn_on()
    job = copied(backup, away(backup, text, EncryptionKeyArn=KEY))
    assert job["State"] == "COMPLETED"
    assert job["DestinationRecoveryPointArn"] in backup.at(account_id=OTHER_ACCOUNT).recovery_points


@pytest.mark.parametrize(
    ("text", "message", "category"),
    [
        ("off", OFF, "FEATURE_NOT_ENABLED"),
        ("without a key", DEFAULT_KEY, "ACCESS_DENIED"),
        (None, DENIED, "ACCESS_DENIED"),
        (policy({"AWS": OTHER_ACCOUNT}), DENIED, "ACCESS_DENIED"),
        (policy({"AWS": ROLE + "Other"}), DENIED, "ACCESS_DENIED"),
    ],
)
def test_something_is_missing(
    backup: FakeBackup, text: str | None, message: str, category: str
) -> None:
    """The copy job fails, in AWS's words, and StartCopyJob is answered all the same."""
    if text != "off":
        turn_on()
    members: Any = {} if text == "without a key" else {"EncryptionKeyArn": KEY}
    allows = OF_ACCOUNT if text in ("off", "without a key") else text
    job = copied(backup, away(backup, allows, **members))
    assert (job["State"], job["StatusMessage"], job["MessageCategory"]) == (
        "FAILED",
        message,
        category,
    )
    assert not backup.at(account_id=OTHER_ACCOUNT).recovery_points


@pytest.mark.fake_backup(management_account=None)
def test_no_organisation(backup: FakeBackup) -> None:
    """Without an organisation nothing is copied to another account."""
    job = copied(backup, away(backup, OF_ACCOUNT, EncryptionKeyArn=KEY))
    assert (job["State"], job["StatusMessage"], job["MessageCategory"]) == (
        "FAILED",
        NO_ORGANIZATION,
        "ACCESS_DENIED",
    )


def test_air_gapped(backup: FakeBackup) -> None:
    """A logically air-gapped vault has a key that can be shared."""
    turn_on()
    members: Any = {"VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}
    assert copied(backup, away(backup, OF_ACCOUNT, **members))["State"] == "COMPLETED"


def test_within_the_account(backup: FakeBackup) -> None:
    """A copy within the account needs nothing of it."""
    vault = backup.add_vault(BackupVaultName="Other")
    assert copied(backup, vault.arn)["State"] == "COMPLETED"


def test_of_plans(backup: FakeBackup) -> None:
    """The copies of a plan's rule are refused alike."""
    vault = away(backup, OF_ACCOUNT, EncryptionKeyArn=KEY)
    rule: Any = {
        "RuleName": "rule",
        "TargetBackupVaultName": "Default",
        "CopyActions": [{"DestinationBackupVaultArn": vault}],
    }
    plan = backup.add_backup_plan(BackupPlanName="plan", Rules=[rule])
    volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
    backup.add_backup_selection(
        BackupPlanId=plan.key, SelectionName="s", IamRoleArn=ROLE, Resources=[volume]
    )
    backup.run_plan(plan.key)
    (copy,) = backup.copy_jobs.values()
    assert copy["StatusMessage"] == OFF


def test_not_enforced() -> None:
    """Without the option a first test sets no organisation up."""
    with mock_backup(region=REGION, progress="immediate", default_vault=True) as backup:
        assert copied(backup, away(backup, None))["State"] == "COMPLETED"
