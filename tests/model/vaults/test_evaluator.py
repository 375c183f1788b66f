"""Access policies of vaults that decide calls, under the option `enforce_policies`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebackup import FakeBackup, FakeBackupError, mock_backup
from fakebackup.model.vaults import evaluator
from support.botocore_model import is_in_path, known, least_parameters, model
from support.client import call, client, refused, whole
from support.constants import ACCOUNT, OTHER_ACCOUNT, REGION, ROLE
from support.marks import each_transport
from support.roles import ROOT, USER_ID, acting_as, arn_of, ask, denial

if TYPE_CHECKING:
    from support.roles import Who

pytestmark = pytest.mark.fake_backup(region=REGION, enforce_policies=True)

VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:vault"
SNAPSHOT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"
EFS_POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
COPY = "backup:CopyIntoBackupVault"

READER: Who = (ACCOUNT, "reader", "one")
OTHER_SESSION: Who = (ACCOUNT, "reader", "two")
ADMIN: Who = (ACCOUNT, "team/admin", "one")
FEDERATED: Who = (ACCOUNT, "", "me")
READER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
ADMIN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/admin"


def statement(**members: Any) -> dict[str, Any]:
    """A statement that denies everybody to describe the vault; None takes an element out."""
    whole_one = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "backup:DescribeBackupVault",
        "Resource": "*",
        **members,
    }
    return {name: value for name, value in whole_one.items() if value is not None}


def document(*statements: dict[str, Any]) -> str:
    """A policy of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def put(*statements: dict[str, Any], vault: str = "vault") -> None:
    """Give a vault a policy of statements, which is kept as it was written."""
    text = document(*statements)
    call("PutBackupVaultAccessPolicy", BackupVaultName=vault, Policy=text)


@pytest.fixture(autouse=True)
def _vault(backup: FakeBackup) -> None:
    """A vault, with a recovery point of EBS and one of EFS."""
    backup.add_vault(BackupVaultName="vault")
    backup.add_recovery_point(
        BackupVaultName="vault", RecoveryPointArn=SNAPSHOT, ResourceArn=VOLUME
    )
    backup.add_recovery_point(
        BackupVaultName="vault", RecoveryPointArn=EFS_POINT, ResourceArn=FILES
    )


def is_denied(who: Who | None, operation: str = "DescribeBackupVault", **more: Any) -> bool:
    """Whether a call about the vault is denied to somebody, in IAM's words."""
    asked = {"BackupVaultName": "vault", **more}
    found = ask(client() if who is None else acting_as(who), operation, **asked)
    if found is None:
        return False
    name = ROOT if who is None else arn_of(who)
    resource = more.get("RecoveryPointArn", VAULT)
    assert found["Error"] == {
        "Code": "AccessDeniedException",
        "Message": denial(name, operation, resource),
    }
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 403
    return True


# --- AWS's examples [documented: guide, creating a vault access policy] --------------------


OF_A_TYPE = (
    "UpdateRecoveryPointLifecycle",
    "DescribeRecoveryPoint",
    "DeleteRecoveryPoint",
    "GetRecoveryPointRestoreMetadata",
    "StartRestoreJob",
)
OF_THE_VAULT = (
    "DescribeBackupVault",
    "DeleteBackupVault",
    "PutBackupVaultAccessPolicy",
    "DeleteBackupVaultAccessPolicy",
    "GetBackupVaultAccessPolicy",
    "StartBackupJob",
    "GetBackupVaultNotifications",
    "PutBackupVaultNotifications",
    "DeleteBackupVaultNotifications",
    "ListRecoveryPointsByBackupVault",
)
NEEDED: dict[str, dict[str, Any]] = {
    "UpdateRecoveryPointLifecycle": {"Lifecycle": {"DeleteAfterDays": 3}},
    "StartRestoreJob": {"Metadata": {}, "IamRoleArn": ROLE},
    "StartBackupJob": {"ResourceArn": VOLUME, "IamRoleArn": ROLE},
    "StartCopyJob": {"DestinationBackupVaultArn": VAULT, "IamRoleArn": ROLE},
    "StartScanJob": {
        "MalwareScanner": "GUARDDUTY",
        "ScanMode": "FULL_SCAN",
        "IamRoleArn": ROLE,
        "ScannerRoleArn": ROLE,
    },
    "CreateBackupAccessPoint": {"Name": "reader"},
    "TagResource": {"Tags": {"a": "b"}},
    "UntagResource": {"TagKeyList": ["a"]},
}


def asked_of(operation: str, resource: str) -> dict[str, Any]:
    """The least parameters of an operation about the vault or about a recovery point in it."""
    names = model().operation_model(operation).input_shape
    given: dict[str, Any] = {**least_parameters(operation), **NEEDED.get(operation, {})}
    ours = {
        "BackupVaultName": "vault",
        "SourceBackupVaultName": "vault",
        "SourceBackupVaultArn": resource,
        "RecoveryPointArn": resource,
        "ResourceArn": resource,
    }
    if operation == "StartBackupJob":
        del ours["ResourceArn"]
    known_names = set() if names is None else set(names.members)
    return given | {name: value for name, value in ours.items() if name in known_names}


@each_transport
@pytest.mark.parametrize("operation", OF_A_TYPE)
def test_a_resource_type(backup: FakeBackup, operation: str) -> None:
    """A role is denied the recovery points of a type, and those alone."""
    actions = [f"backup:{each}" for each in OF_A_TYPE]
    snapshots = f"arn:aws:ec2:{REGION}::snapshot/*"
    put(statement(Principal={"AWS": READER_ROLE}, Action=actions, Resource=[snapshots]))
    before = whole(backup)
    found = ask(acting_as(READER), operation, **asked_of(operation, SNAPSHOT))
    assert found["Error"]["Message"] == denial(arn_of(READER), operation, SNAPSHOT)
    assert whole(backup) == before
    assert backup.calls[-1].error == "AccessDeniedException"
    for who, point in ((READER, EFS_POINT), (ADMIN, SNAPSHOT)):
        error = ask(acting_as(who), operation, **asked_of(operation, point))
        assert error is None


@each_transport
@pytest.mark.parametrize("operation", OF_THE_VAULT)
def test_a_vault(backup: FakeBackup, operation: str) -> None:
    """A role is denied the vault itself."""
    actions = [f"backup:{each}" for each in OF_THE_VAULT]
    put(statement(Principal={"AWS": READER_ROLE}, Action=actions, Resource=VAULT))
    before = whole(backup)
    found = ask(acting_as(READER), operation, **asked_of(operation, VAULT))
    assert found["Error"]["Message"] == denial(arn_of(READER), operation, VAULT)
    assert whole(backup) == before


def test_deleting_recovery_points(backup: FakeBackup) -> None:
    """Everybody is denied to delete but whom the condition names by the unique id."""
    but = {"StringNotEquals": {"aws:userId": [f"{USER_ID}:one", "AIDAEXAMPLE"]}}
    put(statement(Action=["backup:DeleteRecoveryPoint"], Condition=but))
    for who in (None, OTHER_SESSION, FEDERATED):
        assert is_denied(who, "DeleteRecoveryPoint", RecoveryPointArn=SNAPSHOT)
    assert not is_denied(None, "DescribeRecoveryPoint", RecoveryPointArn=SNAPSHOT)
    assert not is_denied(READER, "DeleteRecoveryPoint", RecoveryPointArn=SNAPSHOT)
    assert SNAPSHOT not in backup.vaults["vault"].points


# --- Whom, what and when ---------------------------------------------------------------------


EVERYBODY = (None, READER, OTHER_SESSION, ADMIN, FEDERATED)
PRINCIPALS: list[tuple[Any, tuple[Who | None, ...]]] = [
    ("*", EVERYBODY),
    ({"AWS": "*"}, EVERYBODY),
    ({"AWS": ACCOUNT}, EVERYBODY),
    ({"AWS": ROOT}, EVERYBODY),
    ({"AWS": [OTHER_ACCOUNT, ROOT]}, EVERYBODY),
    ({"AWS": OTHER_ACCOUNT}, ()),
    ({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"}, ()),
    ({"AWS": READER_ROLE}, (READER, OTHER_SESSION)),
    ({"AWS": ADMIN_ROLE}, (ADMIN,)),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}, ()),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/reader"}, ()),
    ({"AWS": arn_of(READER)}, (READER,)),
    ({"AWS": [arn_of(READER), arn_of(ADMIN)]}, (READER, ADMIN)),
    ({"AWS": arn_of(FEDERATED)}, (FEDERATED,)),
]
EXCEPTED: list[tuple[Any, tuple[Who | None, ...]]] = [
    ("*", EVERYBODY),
    ({"AWS": ROOT}, (None,)),
    ({"AWS": [ROOT, READER_ROLE]}, (None,)),
    ({"AWS": [ACCOUNT, READER_ROLE, arn_of(READER)]}, (None, READER)),
    ({"AWS": [READER_ROLE, arn_of(READER)]}, ()),
    ({"AWS": [ROOT, arn_of(FEDERATED)]}, (None, FEDERATED)),
    ({"AWS": OTHER_ACCOUNT}, ()),
]


@pytest.mark.parametrize(("principal", "meant"), PRINCIPALS)
def test_principals(principal: Any, meant: tuple[Who | None, ...]) -> None:
    """A Principal means an account's, a role's or a session's calls."""
    put(statement(Principal=principal))
    assert [who for who in EVERYBODY if is_denied(who)] == list(meant)


@pytest.mark.parametrize(("principal", "excepted"), EXCEPTED)
def test_all_principals_but(principal: Any, excepted: tuple[Who | None, ...]) -> None:
    """A NotPrincipal excepts who is listed as a whole: account, role and session.

    [documented: IAM's reference, NotPrincipal]
    """
    put(statement(Principal=None, NotPrincipal=principal))
    assert [who for who in EVERYBODY if not is_denied(who)] == list(excepted)


RESOURCES: list[tuple[dict[str, Any], tuple[bool, bool, bool]]] = [
    ({"Resource": "*"}, (True, True, True)),
    ({"Resource": VAULT}, (True, False, False)),
    ({"Resource": "arn:aws:ec2:*:*:snapshot/*"}, (False, True, False)),
    ({"Resource": "arn:aws:ec2:*::snapshot/snap-?"}, (False, True, False)),
    ({"Resource": "arn:aws:ec2:*::snapshot/snap-??"}, (False, False, False)),
    ({"Resource": "arn:aws:ec2:*::Snapshot/*"}, (False, False, False)),
    ({"Resource": "arn:aws:ec2:*::snapshot/[s]nap-1"}, (False, False, False)),
    ({"Resource": [EFS_POINT, "arn:aws:ec2:*"]}, (False, True, True)),
    ({"Resource": f"arn:aws:backup:*:{ACCOUNT}:*"}, (True, False, True)),
    ({"Resource": None, "NotResource": "*"}, (False, False, False)),
    ({"Resource": None, "NotResource": ["arn:aws:ec2:*", VAULT]}, (False, False, True)),
]


@pytest.mark.parametrize(("members", "meant"), RESOURCES)
def test_resources(members: dict[str, Any], meant: tuple[bool, bool, bool]) -> None:
    """A Resource means the vault or recovery points in it, by their ARNs or wildcards."""
    actions = ["backup:DescribeBackupVault", "backup:DescribeRecoveryPoint"]
    put(statement(Action=actions, **members))
    found = (
        is_denied(None),
        is_denied(None, "DescribeRecoveryPoint", RecoveryPointArn=SNAPSHOT),
        is_denied(None, "DescribeRecoveryPoint", RecoveryPointArn=EFS_POINT),
    )
    assert found == meant


OWN_ARN = f"arn:aws:iam::{ACCOUNT}:*"
CONDITIONS: list[tuple[dict[str, Any], tuple[Who | None, ...]]] = [
    ({}, EVERYBODY),
    ({"StringEquals": {"aws:userid": ACCOUNT}}, (None,)),
    ({"StringEquals": {"AWS:UserId": f"{USER_ID}:two"}}, (OTHER_SESSION,)),
    ({"StringLike": {"aws:userid": [f"{USER_ID}:o*"]}}, (READER, ADMIN)),
    ({"StringLike": {"aws:userid": f"{USER_ID}:???"}}, (READER, OTHER_SESSION, ADMIN)),
    ({"StringNotLike": {"aws:userId": [f"{USER_ID}:*", ACCOUNT]}}, (FEDERATED,)),
    ({"StringEquals": {"aws:PrincipalArn": READER_ROLE.upper()}}, ()),
    (
        {"StringEqualsIgnoreCase": {"aws:PrincipalArn": READER_ROLE.upper()}},
        (READER, OTHER_SESSION),
    ),
    (
        {"StringNotEqualsIgnoreCase": {"aws:PrincipalArn": READER_ROLE.upper()}},
        (None, ADMIN, FEDERATED),
    ),
    ({"ArnEquals": {"aws:PrincipalArn": READER_ROLE}}, (READER, OTHER_SESSION)),
    ({"ArnLike": {"aws:PrincipalArn": f"{READER_ROLE[:-6]}*"}}, (READER, OTHER_SESSION, ADMIN)),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*"}}, ()),
    ({"ArnLike": {"aws:userid": "*"}}, ()),
    ({"ArnNotEquals": {"aws:PrincipalArn": [READER_ROLE, ADMIN_ROLE]}}, (None, FEDERATED)),
    ({"ArnNotLike": {"aws:principalarn": OWN_ARN}}, (FEDERATED,)),
    ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, EVERYBODY),
    ({"StringNotEquals": {"aws:PrincipalAccount": [OTHER_ACCOUNT, ACCOUNT]}}, ()),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, EVERYBODY),
    ({"StringNotEquals": {"aws:PrincipalOrgID": ["o-1"]}}, ()),
    ({"StringEqualsIfExists": {"aws:userid": ACCOUNT}}, (None,)),
    (
        {
            "ArnNotEquals": {"aws:PrincipalArn": ADMIN_ROLE},
            "StringLike": {"aws:userid": f"{USER_ID}:*", "aws:PrincipalArn": "*reader"},
        },
        (READER, OTHER_SESSION),
    ),
]


@pytest.mark.parametrize(("condition", "meant"), CONDITIONS)
def test_conditions(condition: dict[str, Any], meant: tuple[Who | None, ...]) -> None:
    """All conditions must hold; one holds by any of its values, a negated one by none."""
    put(statement(Condition=condition))
    assert [who for who in EVERYBODY if is_denied(who)] == list(meant)


def test_actions() -> None:
    """Names of actions are compared whatever their case; NotAction means all others."""
    put(statement(Action="BACKUP:describebackupvault"))
    assert is_denied(None)
    put(
        statement(
            Action=None,
            NotAction=["backup:DescribeBackupVault", "backup:PutBackupVaultAccessPolicy"],
            Principal={"AWS": READER_ROLE},
        )
    )
    assert not is_denied(READER)
    assert is_denied(READER, "ListRecoveryPointsByBackupVault")
    assert is_denied(READER, "DescribeRecoveryPoint", RecoveryPointArn=SNAPSHOT)
    assert not is_denied(None, "ListRecoveryPointsByBackupVault")


def test_a_deny_wins() -> None:
    """One statement that denies is enough, whatever others allow [documented: IAM's reference]."""
    allow = statement(Effect="Allow", Principal={"AWS": ROOT})
    put(allow)
    assert not is_denied(None)
    put(allow, statement(Principal={"AWS": READER_ROLE}))
    assert is_denied(READER)
    assert not is_denied(None)


def test_the_last_policy_counts() -> None:
    """A policy decides from its put on, until another one is put or it is deleted."""
    put(statement(Principal={"AWS": READER_ROLE}))
    assert is_denied(READER)
    put(statement(Principal={"AWS": ADMIN_ROLE}))
    assert (is_denied(READER), is_denied(ADMIN)) == (False, True)
    call("DeleteBackupVaultAccessPolicy", BackupVaultName="vault")
    assert not is_denied(ADMIN)


def test_other_vaults() -> None:
    """A policy is one vault's: others go on, and so does what names no vault."""
    call("CreateBackupVault", BackupVaultName="other")
    put(statement(Action=["backup:DescribeBackupVault", "backup:DeleteRecoveryPoint"]))
    assert is_denied(None)
    assert not is_denied(None, BackupVaultName="other")
    assert call("ListBackupVaults")["BackupVaultList"]


# --- Which operations ------------------------------------------------------------------------


def test_the_actions_that_are_known() -> None:
    """Every operation that names a vault in its path is decided, and those that name one else."""
    decided = {each.removeprefix("backup:") for each in evaluator.KNOWN_ACTIONS}
    in_path = {each for each in model().operation_names if is_in_path(each, "BackupVaultName")}
    assert in_path <= decided
    assert len(decided) == len(evaluator.KNOWN_ACTIONS)
    beside = {each for each in decided - in_path if known(each)}
    assert beside == {each for each in NOT_IN_PATH if known(each)}


NOT_IN_PATH = (
    "CreateBackupAccessPoint",
    "CreateRestoreAccessBackupVault",
    "GetPITRMalwareScanResults",
    "GetRestoreTestingInferredMetadata",
    "ListTags",
    "StartBackupJob",
    "StartCopyJob",
    "StartRestoreJob",
    "StartScanJob",
    "TagResource",
    "UntagResource",
)
"""The operations that name a vault or a recovery point elsewhere, and that a policy decides."""

DECIDED = [
    *((each, VAULT) for each in evaluator.OF_VAULTS if each != evaluator.COPY_INTO),
    *((each, EFS_POINT) for each in evaluator.OF_POINTS),
    *((each, arn) for each in evaluator.OF_BOTH for arn in (VAULT, EFS_POINT)),
]


@pytest.mark.parametrize(("operation", "resource"), DECIDED)
def test_every_operation(backup: FakeBackup, operation: str, resource: str) -> None:
    """A statement about an action refuses its operation, whichever way it names the vault."""
    if not known(operation):
        pytest.skip("this botocore does not know the operation")
    role = {"AWS": READER_ROLE}
    put(statement(Principal=role, Action=f"backup:{operation}", Resource=resource))
    asked = asked_of(operation, resource)
    before = whole(backup)
    found = ask(acting_as(READER), operation, **asked)
    assert found["Error"] == {
        "Code": "AccessDeniedException",
        "Message": denial(arn_of(READER), operation, resource),
    }
    assert whole(backup) == before
    other = ask(acting_as(ADMIN), operation, **asked)
    assert other is None or other["Error"]["Code"] != "AccessDeniedException"


# --- What is not known -----------------------------------------------------------------------


SERVICE = {"Service": "backup.amazonaws.com"}
UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"Action": "backup:DescribeBackupVaults"}, "did you mean 'backup:DescribeBackupVault'"),
    ({"Action": "s3:GetObject"}, "the Action 's3:GetObject'"),
    (
        {
            "Action": None,
            "NotAction": ["backup:PutBackupVaultAccessPolicy", "backup:ListBackupJobs"],
        },
        "the NotAction 'backup:ListBackupJo",
    ),
    ({"Principal": SERVICE}, "a Principal of the kind 'Service'"),
    ({"Principal": {"AWS": "*", "CanonicalUser": "a" * 64}}, "of the kind 'CanonicalUser'"),
    ({"Principal": None, "NotPrincipal": SERVICE}, "a NotPrincipal of the kind 'Service'"),
    (
        {
            "Effect": "Allow",
            "Principal": None,
            "NotPrincipal": {"AWS": ROOT},
            "Action": COPY,
        },
        "an Allow with 'NotPrincipal'",
    ),
    ({"Condition": {"StringEqual": {"aws:userid": "a"}}}, "did you mean 'StringEquals'"),
    ({"Condition": {"NumericEquals": {"aws:userid": "1"}}}, "operator 'NumericEquals'"),
    ({"Condition": {"ForAnyValue:StringLike": {"aws:userid": "a"}}}, "operator 'ForAnyValue:"),
    ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}, "key 'aws:SourceVpc'"),
    ({"Condition": {"StringEquals": {"aws:userids": "a"}}}, "did you mean 'aws:userid'"),
    ({"Condition": {"StringEquals": {"aws:userid": True}}}, "no text: True"),
    ({"Condition": {"StringEquals": {"aws:userid": ["a", None]}}}, "no text: None"),
    ({"Condition": {"StringLike": {"aws:userid": "${aws:username}"}}}, "a policy variable"),
    ({"Resource": "arn:aws:ec2:*:${aws:PrincipalAccount}:*"}, "in Resource a policy variable"),
]


@each_transport
@pytest.mark.parametrize(("members", "text"), UNKNOWN)
def test_what_is_not_known(backup: FakeBackup, members: dict[str, Any], text: str) -> None:
    """What the fake does not evaluate is refused by an error of its own, and nothing changes."""
    put(statement())
    before = whole(backup)
    with pytest.raises(FakeBackupError, match="enforce_policies=True") as caught:
        put(statement(), statement(**members))
    assert text in str(caught.value)
    assert "fakebackup evaluates " in str(caught.value)
    assert "python -m fakebackup guide rules" in str(caught.value)
    assert whole(backup) == before


@pytest.mark.fake_backup(enforce_policies=False)
@pytest.mark.parametrize("members", [members for members, _ in UNKNOWN])
def test_without_the_option_all_is_kept(members: dict[str, Any]) -> None:
    """Without the option the same policies are taken, and deny nothing."""
    if members.get("Effect") == "Allow":
        pytest.skip("AWS refuses to share the vault so")
    put(statement(), statement(**members))
    assert not is_denied(None)


def test_aws_judges_first(backup: FakeBackup) -> None:
    """What AWS refuses is refused as ever: wildcards in actions, and locking everybody out."""
    asked = {"BackupVaultName": "vault", "Policy": document(statement(Action="backup:*"))}
    error = refused(backup, "PutBackupVaultAccessPolicy", **asked)
    assert error["Error"]["Code"] == "InvalidParameterValueException"
    locks = statement(Action="backup:PutBackupVaultAccessPolicy")
    asked["Policy"] = document(locks)
    error = refused(backup, "PutBackupVaultAccessPolicy", **asked)
    assert "lock down from further policy changes" in error["Error"]["Message"]


def test_a_policy_that_no_client_put(backup: FakeBackup) -> None:
    """A policy that came another way, with what is not known, is refused when it is needed."""
    backup.vaults["vault"].policy = document(statement(Action="backup:Nothing"))
    with pytest.raises(FakeBackupError, match="the Action 'backup:Nothing'"):
        call("DescribeBackupVault", BackupVaultName="vault")
    backup.vaults["vault"].policy = document(statement(Action="backup:Desc*"))
    assert is_denied(None)


# --- Copies ----------------------------------------------------------------------------------


def copied(backup: FakeBackup, destination: str) -> Any:
    """A copy job of the EFS recovery point, which has ended."""
    asked = {
        "RecoveryPointArn": EFS_POINT,
        "SourceBackupVaultName": "vault",
        "DestinationBackupVaultArn": destination,
        "IamRoleArn": ROLE,
    }
    job = backup.copy_jobs[call("StartCopyJob", **asked)["CopyJobId"]]
    job.progress = "immediate"
    return job


COPIES: list[tuple[dict[str, Any] | None, str]] = [
    (None, "FAILED"),
    ({"Principal": {"AWS": ROOT}}, "COMPLETED"),
    ({"Principal": {"AWS": ACCOUNT}}, "COMPLETED"),
    ({"Principal": "*"}, "COMPLETED"),
    ({"Principal": {"AWS": ROLE}}, "COMPLETED"),
    ({"Principal": {"AWS": READER_ROLE}}, "FAILED"),
    ({"Principal": {"AWS": "999988887777"}}, "FAILED"),
    ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "999988887777"}}}, "FAILED"),
    ({"Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}, "COMPLETED"),
    ({"Resource": "arn:aws:backup:*:*:backup-vault:other"}, "FAILED"),
]


@pytest.mark.parametrize(("allowed", "state"), COPIES)
def test_copies_into_another_account(
    backup: FakeBackup, allowed: dict[str, Any] | None, state: str
) -> None:
    """Its vault must allow backup:CopyIntoBackupVault; else the copy job fails, not its start.

    [documented: guide; AWS's knowledge center for the text and that the job fails]
    """
    there = backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName="copies")
    if allowed is not None:
        there.policy = document(statement(Effect="Allow", Action=COPY, **allowed))
    job = copied(backup, there.arn)
    assert job.state == state
    if state == "FAILED":
        assert job["StatusMessage"] == "Access Denied trying to call AWS Backup service"
        assert job["MessageCategory"] == "ACCESS_DENIED"
    assert len(there.points) == (state == "COMPLETED")


def test_copies_within_the_account(backup: FakeBackup) -> None:
    """They need no statement that allows them; one that denies them fails the job."""
    there = backup.add_vault(BackupVaultName="copies")
    assert copied(backup, there.arn).state == "COMPLETED"
    put(statement(Action=COPY, Principal={"AWS": READER_ROLE}), vault="copies")
    assert copied(backup, there.arn).state == "COMPLETED"
    put(statement(Action=COPY), vault="copies")
    assert copied(backup, there.arn)["MessageCategory"] == "ACCESS_DENIED"


def test_copies_of_composite_points(backup: FakeBackup) -> None:
    """The copies of nested recovery points fail for the same reason."""
    whole_one = backup.add_recovery_point(
        BackupVaultName="vault", ResourceType="CloudFormation", IsParent=True
    )
    backup.add_recovery_point(
        BackupVaultName="vault", ResourceType="EBS", ParentRecoveryPointArn=whole_one.arn
    )
    there = backup.add_vault(BackupVaultName="copies")
    put(statement(Action=COPY), vault="copies")
    asked = {"SourceBackupVaultName": "vault", "IamRoleArn": ROLE}
    call(
        "StartCopyJob",
        RecoveryPointArn=whole_one.arn,
        DestinationBackupVaultArn=there.arn,
        **asked,
    )
    for job in list(backup.copy_jobs.values()):
        job.progress = "immediate"
    told = {job["StatusMessage"] for job in backup.copy_jobs.values()}
    assert (len(backup.copy_jobs), told) == (2, {"Access Denied trying to call AWS Backup service"})


@pytest.mark.fake_backup(enforce_policies=False)
def test_copies_without_the_option(backup: FakeBackup) -> None:
    """Without the option no policy is asked."""
    there = backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName="copies")
    assert copied(backup, there.arn).state == "COMPLETED"


def test_plans_are_not_calls(backup: FakeBackup) -> None:
    """A policy governs calls alone [documented: guide]: a plan backs up into the vault."""
    put(statement(Action="backup:StartBackupJob"))
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    document_of_plan: Any = {"BackupPlanName": "plan", "Rules": [rule]}
    plan = call("CreateBackupPlan", BackupPlan=document_of_plan)["BackupPlanId"]
    chosen: Any = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": ["*"]}
    call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=chosen)
    backup.add_resource(VOLUME)
    (job,) = backup.run_plan(plan)
    job.progress = "immediate"
    assert job.state == "COMPLETED"
    assert ask(client(), "StartBackupJob", **asked_of("StartBackupJob", VAULT)) is not None


# --- Other accounts, EFS's vault, and what it costs ------------------------------------------


def test_a_role_of_another_account(backup: FakeBackup) -> None:
    """A role acts in its own account, where a policy of that account's vault decides."""
    backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName="vault")
    vault = VAULT.replace(ACCOUNT, OTHER_ACCOUNT)
    theirs: Who = (OTHER_ACCOUNT, "reader", "one")
    text = document(statement(Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"}))
    with backup.acting_as(OTHER_ACCOUNT):
        call("PutBackupVaultAccessPolicy", BackupVaultName="vault", Policy=text)
        call("DescribeBackupVault", BackupVaultName="vault")
    found = ask(acting_as(theirs), "DescribeBackupVault", BackupVaultName="vault")
    assert found["Error"]["Message"] == denial(arn_of(theirs), "DescribeBackupVault", vault)
    assert not is_denied(READER)


def test_acting_as_is_the_root_of_the_account(backup: FakeBackup) -> None:
    """Where no credentials name a role, the caller is the account's root."""
    backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName="vault")
    with backup.acting_as(OTHER_ACCOUNT):
        put(statement())
        found = ask(client(), "DescribeBackupVault", BackupVaultName="vault")
    root = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    vault = VAULT.replace(ACCOUNT, OTHER_ACCOUNT)
    assert found["Error"]["Message"] == denial(root, "DescribeBackupVault", vault)


def test_efs_own_vault(backup: FakeBackup) -> None:
    """Its policy decides by the same rules, and the refusal names who called."""
    name = "aws/efs/automatic-backup-vault"
    vault = backup.add_vault(BackupVaultName=name)
    found = ask(acting_as(READER), "DeleteBackupVault", BackupVaultName=name)
    assert found["Error"]["Message"] == denial(arn_of(READER), "DeleteBackupVault", vault.arn)
    put(statement(Principal={"AWS": ADMIN_ROLE}, Action="backup:DeleteBackupVault"), vault=name)
    assert ask(acting_as(READER), "DeleteBackupVault", BackupVaultName=name) is None


def test_it_is_imported_when_needed() -> None:
    """A fake without the option never imports the evaluator."""
    code = (
        "import sys, boto3\n"
        "from fakebackup import mock_backup\n"
        "for on in (False, True):\n"
        "    with mock_backup(region='us-east-1', enforce_policies=on):\n"
        "        client = boto3.client('backup')\n"
        "        client.create_backup_vault(BackupVaultName='vault')\n"
        f"        policy = {document(statement())!r}\n"
        "        name = {'BackupVaultName': 'vault'}\n"
        "        client.put_backup_vault_access_policy(Policy=policy, **name)\n"
        "        client.list_recovery_points_by_backup_vault(**name)\n"
        "        print('fakebackup.model.vaults.evaluator' in sys.modules)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_what_the_option_refuses(value: Any) -> None:
    """It is a switch."""
    with pytest.raises(TypeError, match=r"^enforce_policies is True or False, not "):
        mock_backup(enforce_policies=value).start()


# --- Beside a naive reading ------------------------------------------------------------------


WHO: dict[str, Any] = {
    "*": lambda _who: True,
    ROOT: lambda _who: True,
    READER_ROLE: lambda who: who in (READER, OTHER_SESSION),
    ADMIN_ROLE: lambda who: who == ADMIN,
    arn_of(READER): lambda who: who == READER,
    OTHER_ACCOUNT: lambda _who: False,
}
WHAT: dict[str, Any] = {
    "*": lambda _arn: True,
    VAULT: lambda arn: arn == VAULT,
    "arn:aws:ec2:*": lambda arn: arn == SNAPSHOT,
    EFS_POINT: lambda arn: arn == EFS_POINT,
}
ACTIONS = (
    "DescribeBackupVault",
    "ListRecoveryPointsByBackupVault",
    "DescribeRecoveryPoint",
    "GetRecoveryPointRestoreMetadata",
)


def some(names: Any) -> Any:
    """One or some of the names of a table."""
    return st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=2, unique=True)


@st.composite
def statements(draw: Any) -> Any:
    """A statement, and whether it denies a call."""
    effect = draw(st.sampled_from(["Allow", "Deny", "Deny"]))
    # Allowing others is for AWS to refuse.
    who = [ROOT] if effect == "Allow" else draw(some(WHO))
    what, actions = draw(some(WHAT)), draw(some(ACTIONS))
    resource, action = draw(st.booleans()), draw(st.booleans())
    # Without this one nobody could put the next policy.
    put_too = [] if action else ["backup:PutBackupVaultAccessPolicy"]
    made = statement(
        Effect=effect,
        Principal={"AWS": who},
        Resource=what if resource else None,
        NotResource=None if resource else what,
        Action=[f"backup:{each}" for each in actions] if action else None,
        NotAction=None if action else [*(f"backup:{each}" for each in actions), *put_too],
    )

    def denies(caller: Who | None, operation: str, arn: str) -> bool:
        return (
            effect == "Deny"
            and any(WHO[each](caller) for each in who)
            and any(WHAT[each](arn) for each in what) is resource
            and (operation in actions) is action
        )

    return made, denies


@given(st.lists(statements(), min_size=1, max_size=3))
def test_any_policy(drawn: Any) -> None:
    """Whatever a policy denies is refused, and nothing else, to everybody; it changes nothing."""
    with mock_backup(region=REGION, enforce_policies=True) as backup:
        backup.add_vault(BackupVaultName="vault")
        for arn, resource in ((SNAPSHOT, VOLUME), (EFS_POINT, FILES)):
            backup.add_recovery_point(
                BackupVaultName="vault", RecoveryPointArn=arn, ResourceArn=resource
            )
        put(*(made for made, _ in drawn))
        before = whole(backup)
        for who in (None, READER, OTHER_SESSION, ADMIN):
            for operation in ACTIONS:
                of_vault = operation in evaluator.OF_VAULTS
                for arn in (VAULT,) if of_vault else (SNAPSHOT, EFS_POINT):
                    more = {} if arn == VAULT else {"RecoveryPointArn": arn}
                    meant = any(denies(who, operation, arn) for _, denies in drawn)
                    assert is_denied(who, operation, **more) == meant
        assert whole(backup) == before
