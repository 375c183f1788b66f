"""Access policies of vaults: what AWS Backup takes, and in which words it refuses the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.botocore_model import known
from support.client import call, refused
from support.constants import ACCOUNT, OTHER_ACCOUNT, REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup

pytestmark = pytest.mark.fake_backup(region=REGION)

PUT = "backup:PutBackupVaultAccessPolicy"
COPY = "backup:CopyIntoBackupVault"
DELETE = "backup:DeleteRecoveryPoint"
OWN = f"arn:aws:iam::{ACCOUNT}:root"
OTHER = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:vault"
INVALID, DENIED = "InvalidParameterValueException", "AccessDeniedException"
MISSING = object()

PRINCIPAL = "Provided principal is not valid"
SHARED = (
    "The specified policy cannot be added to the vault due to cross-account sharing "
    "restrictions. Amend the policy or the vault's settings, then retry request"
)
LOCKED = (
    "Failed putting policy for Backup vault vault as it will lock down from further policy changes"
)


@pytest.fixture(autouse=True)
def _vault(backup: FakeBackup) -> None:
    """A vault to have policies."""
    backup.add_vault(BackupVaultName="vault")


def policy(**members: Any) -> str:
    """A policy of one statement, which denies deletions; MISSING takes an element out."""
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": DELETE,
        "Resource": "*",
        **members,
    }
    kept = {name: value for name, value in statement.items() if value is not MISSING}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


def put(text: str) -> None:
    """Give the vault a policy, which is kept as it is."""
    call("PutBackupVaultAccessPolicy", BackupVaultName="vault", Policy=text)
    assert call("GetBackupVaultAccessPolicy", BackupVaultName="vault")["Policy"] == text


def error(backup: FakeBackup, text: str) -> Any:
    """The error for a policy, which changes nothing."""
    put(policy())
    return refused(backup, "PutBackupVaultAccessPolicy", BackupVaultName="vault", Policy=text)


NOT_FOUND_IN_IAM: list[dict[str, Any]] = [
    {"Effect": MISSING},
    {"Effect": "Maybe"},
    {"Effect": ["Deny"]},
    {"Action": MISSING},
    {"Action": []},
    {"Action": 5},
    {"Action": "delete"},
    {"Action": ["backup:DeleteRecoveryPoint", None]},
    {"NotAction": DELETE},
    {"Resource": MISSING},
    {"Resource": []},
    {"Resource": "vault"},
    {"Resource": {"a": "b"}},
    {"NotResource": "*"},
    {"NotPrincipal": "*"},
    {"Condition": "always"},
    {"Condition": {"StringEquals": "a"}},
    {"Sid": 5},
    {"Actions": [DELETE]},
]
DOCUMENTS = [
    "{",
    "[]",
    "null",
    '"policy"',
    "{}",
    '{"a": 1}',
    '{"Version": "2012-10-17"}',
    '{"Version": "2024-01-01", "Statement": []}',
    '{"Version": 1, "Statement": []}',
    '{"Statement": "none"}',
    '{"Statement": null}',
    '{"Statement": ["none"]}',
    '{"Statement": [[]]}',
    '{"Statement": [], "Rules": []}',
    *(policy(**members) for members in NOT_FOUND_IN_IAM),
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_what_is_no_policy(backup: FakeBackup, text: str) -> None:
    """A document that IAM's grammar of policies does not have is refused [assumed: as what]."""
    response = error(backup, text)
    assert response["Error"]["Code"] == INVALID
    assert "Policy is not a" in response["Message"]
    assert response["Message"] not in (PRINCIPAL, SHARED)


@pytest.mark.parametrize(
    "text",
    [
        policy(),
        policy(Principal="*", Sid="one", Condition={"StringNotEquals": {"aws:userId": ["a"]}}),
        policy(Principal={"AWS": [OWN, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/path/role"]}),
        policy(Principal={"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/role/session"}),
        policy(Principal={"Service": "backup.amazonaws.com"}, Effect="Allow"),
        policy(Principal=MISSING, NotPrincipal={"AWS": OWN}),
        policy(Action=MISSING, NotAction=[PUT, DELETE]),
        policy(Resource=MISSING, NotResource=["arn:aws:ec2:*:*:snapshot/*"]),
        policy(Resource=["arn:aws:ec2:*:*:snapshot/*", "*"]),
        json.dumps({"Statement": json.loads(policy())["Statement"][0], "Id": "policy"}),
        '{"Version": "2008-10-17", "Statement": []}',
    ],
)
def test_what_is_one(text: str) -> None:
    """Policies in IAM's grammar are kept as they were written."""
    put(text)


@pytest.mark.parametrize(
    "principal",
    [
        MISSING,
        "",
        "arn:aws:iam::111122223333:root",
        {},
        [],
        None,
        {"AWS": []},
        {"AWS": ""},
        {"AWS": "somebody"},
        {"AWS": ["*", "somebody"]},
        {"AWS": "1234"},
        {"AWS": "arn:aws:iam::111122223333:group/admins"},
        {"AWS": "arn:aws:iam::111122223333:role/*"},
        {"AWS": "arn:aws:s3:::bucket"},
        {"Role": "*"},
        {"Service": "backup"},
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_no_principal_that_could_be_one(backup: FakeBackup, principal: Any, effect: str) -> None:
    """A statement without a principal that could be one [reported: terraform's provider]."""
    response = error(backup, policy(Principal=principal, Effect=effect))
    assert response["Error"] == {"Code": INVALID, "Message": PRINCIPAL}


@pytest.mark.parametrize(
    "members",
    [
        {"Action": "*"},
        {"Action": "backup:*"},
        {"Action": ["backup:StartBackupJob", "backup:Delete*"]},
        {"Action": "backup:DeleteBackupVaul?"},
        {"Action": MISSING, "NotAction": "backup:Describe*"},
    ],
)
def test_wildcards(backup: FakeBackup, members: dict[str, Any]) -> None:
    """No wildcard is allowed in Action [documented: guide; the error assumed, low]."""
    response = error(backup, policy(**members))
    assert response["Error"]["Code"] == INVALID
    assert "wildcards" in response["Message"]


@pytest.mark.parametrize(
    "members",
    [
        {"Action": PUT},
        {"Action": [DELETE, PUT.lower()]},
        {"Action": PUT, "Principal": "*"},
        {"Action": PUT, "Principal": {"AWS": [OTHER, "*"]}},
        {"Action": PUT, "Principal": {"AWS": OWN}},
        {"Action": PUT, "Principal": {"AWS": ACCOUNT}},
        {"Action": PUT, "Resource": VAULT},
        {"Action": PUT, "Resource": ["arn:aws:ec2:*:*:snapshot/*", f"{VAULT[:-3]}*"]},
        {"Action": PUT, "Resource": MISSING, "NotResource": "arn:aws:ec2:*:*:snapshot/*"},
        {"Action": MISSING, "NotAction": DELETE},
        {"Action": PUT, "Condition": {}},
    ],
)
def test_what_would_lock_everybody_out(backup: FakeBackup, members: dict[str, Any]) -> None:
    """A policy that would lock down further changes of policies is refused.

    [recorded: a CDK program; the exception assumed]
    """
    response = error(backup, policy(**members))
    assert response["Error"] == {"Code": INVALID, "Message": LOCKED}


@pytest.mark.parametrize(
    "members",
    [
        {"Action": PUT, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/one"}},
        {"Action": PUT, "Principal": {"AWS": OTHER}},
        {"Action": PUT, "Principal": MISSING, "NotPrincipal": {"AWS": OWN}},
        {"Action": PUT, "Resource": "arn:aws:ec2:*:*:snapshot/*"},
        {"Action": PUT, "Resource": MISSING, "NotResource": VAULT},
        {"Action": PUT, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": OWN}}},
        {"Action": PUT, "Effect": "Allow", "Principal": {"AWS": OWN}},
        {"Action": MISSING, "NotAction": [DELETE, PUT]},
    ],
)
def test_what_leaves_somebody_in(members: dict[str, Any]) -> None:
    """Where somebody of the account can still put policies, the policy is kept."""
    put(policy(**members))


@pytest.mark.parametrize(
    "members",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": [OWN, "*"]}},
        {"Principal": "*", "Action": [COPY, "backup:DescribeBackupVault"]},
        {"Principal": "*", "Action": MISSING, "NotAction": COPY},
        {"Principal": "*", "Action": PUT},
        {"Principal": {"AWS": OTHER}, "Action": "backup:StartRestoreJob"},
        {"Principal": {"AWS": OTHER_ACCOUNT}},
        {"Principal": MISSING, "NotPrincipal": {"AWS": OWN}},
    ],
)
def test_sharing_with_other_accounts(backup: FakeBackup, members: dict[str, Any]) -> None:
    """Allowing everybody, or another account, more than to copy into the vault is refused: 403.

    [recorded: aws-nuke #1150, a deployment note of 2026; the exception assumed from the status]
    """
    response = error(backup, policy(Effect="Allow", **members))
    assert response["Error"] == {"Code": DENIED, "Message": SHARED}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    "members",
    [
        {"Principal": {"AWS": OWN}},
        {"Principal": "*", "Action": COPY},
        {"Principal": {"AWS": OTHER}, "Action": [COPY]},
        {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        {"Principal": {"Service": "backup.amazonaws.com"}},
    ],
)
def test_what_may_be_allowed(members: dict[str, Any]) -> None:
    """To one's own account all, to others copying into the vault [documented: guide]."""
    put(policy(Effect="Allow", **members))


def test_a_policy_is_judged_whole(backup: FakeBackup) -> None:
    """One statement that is refused refuses the policy."""
    both = [json.loads(policy(**members))["Statement"][0] for members in ({}, {"Action": PUT})]
    response = error(backup, json.dumps({"Statement": both}))
    assert response["Error"]["Message"] == LOCKED


@pytest.mark.skipif(
    not known("CreateBackupAccessPoint"), reason="the installed botocore has no access points"
)
@pytest.mark.parametrize("text", DOCUMENTS)
def test_policies_of_access_points(backup: FakeBackup, text: str) -> None:
    """The policy of an access point must be one too, though S3 allows wildcards in it."""
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
    bucket = "arn:aws:s3:::bucket"
    backup.add_recovery_point(
        BackupVaultName="vault", RecoveryPointArn=arn, ResourceType="S3", ResourceArn=bucket
    )
    asked = {"Name": "name", "RecoveryPointArn": arn}
    response = refused(backup, "CreateBackupAccessPoint", **asked, AccessPointPolicy=text)
    assert response["Error"]["Code"] == INVALID
    assert "AccessPointPolicy is not a" in response["Message"]
    call("CreateBackupAccessPoint", **asked, AccessPointPolicy=policy(Action="s3:Get*"))
