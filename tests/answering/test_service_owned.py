"""What AWS services own in an account: their plans and EFS's vault, and what they refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackupWarning
from support.client import call, refused
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE
from support.marks import each_transport

if TYPE_CHECKING:
    from fakebackup import FakeBackup

AUTOMATIC = "aws/efs/automatic-backup-vault"
VAULT_ARN = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{AUTOMATIC}"
BY_ORGANIZATIONS = "orgs/544033d1-b19c-3f2a-9c20-40bcfa82ca68"
BY_EFS = "aws/efs/544033d1-b19c-4f2a-9c20-40bcfa82ca68"
OWNED = (BY_ORGANIZATIONS, BY_EFS)
DENIED = "with an explicit deny in a resource-based policy"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
INVALID, ACCESS_DENIED = "InvalidParameterValueException", "AccessDeniedException"

pytestmark = pytest.mark.fake_backup(region=REGION)


def document(name: str = "plan", **members: Any) -> Any:
    """A plan of one rule, as it is sent."""
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", **members}
    return {"BackupPlanName": name, "Rules": [rule]}


def selection(*arns: str, name: str = "selection") -> dict[str, Any]:
    """A selection, as it is sent."""
    return {"SelectionName": name, "IamRoleArn": ROLE, "Resources": list(arns or ["*"])}


def owned(backup: FakeBackup, plan_id: str, *arns: str) -> str:
    """Seed a plan of a service's, with a selection; return the latter's id."""
    name = plan_id.replace("/", ".")
    backup.add_backup_plan(BackupPlanId=plan_id, BackupPlan=document(name))
    asked: Any = {"BackupPlanId": plan_id, "BackupSelection": selection(*arns)}
    return backup.add_backup_selection(**asked).key


class TestPlans:
    @each_transport
    @pytest.mark.parametrize("plan", OWNED)
    def test_they_are_seen(self, backup: FakeBackup, plan: str) -> None:
        """A plan that a service owns is listed, read and has selections like others."""
        key = owned(backup, plan)
        (listed,) = call("ListBackupPlans")["BackupPlansList"]
        found = call("GetBackupPlan", BackupPlanId=plan)
        assert listed["BackupPlanId"] == found["BackupPlanId"] == plan
        assert found["BackupPlanArn"].endswith(f":backup-plan:{plan}")
        (chosen,) = call("ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"]
        assert chosen["SelectionId"] == key
        shown = call("GetBackupSelection", BackupPlanId=plan, SelectionId=key)
        assert shown["BackupPlanId"] == plan
        assert len(call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]) == 1

    @pytest.mark.parametrize(
        ("operation", "text"),
        [
            ("DeleteBackupPlan", "Backup plan cannot be deleted for backup plan"),
            ("UpdateBackupPlan", "Backup plan cannot be updated for backup plan"),
            ("DeleteBackupSelection", "Cannot delete selection for backup plan"),
            ("CreateBackupSelection", "Cannot create selection for backup plan"),
        ],
    )
    def test_of_organizations(self, backup: FakeBackup, operation: str, text: str) -> None:
        """A plan of AWS Organizations is not changed, nor is its selection.

        The texts of deletions are [reported: aws-nuke]; that the others are alike is [assumed].
        """
        asked = asked_of(BY_ORGANIZATIONS, operation, owned(backup, BY_ORGANIZATIONS))
        error = refused(backup, operation, **asked)
        assert error["Error"] == {
            "Code": INVALID,
            "Message": f"{text} {BY_ORGANIZATIONS} created by organizations",
        }

    @pytest.mark.parametrize(
        "operation",
        ["DeleteBackupPlan", "UpdateBackupPlan", "DeleteBackupSelection", "CreateBackupSelection"],
    )
    def test_of_efs(self, backup: FakeBackup, operation: str) -> None:
        """A plan of EFS is not changed, nor is its selection: access is denied.

        That is [reported: cloud-nuke, of a selection; aws-nuke]; the text is [assumed].
        """
        asked = asked_of(BY_EFS, operation, owned(backup, BY_EFS))
        error = refused(backup, operation, **asked)
        assert error["Error"]["Code"] == ACCESS_DENIED
        assert error["ResponseMetadata"]["HTTPStatusCode"] == 403
        assert f"backup:{operation} on resource: " in error["Error"]["Message"]
        assert f":backup-plan:{BY_EFS} {DENIED}" in error["Error"]["Message"]

    def test_which_are_missing(self, backup: FakeBackup) -> None:
        """A plan with such an id that is not there is not found, as any other."""
        for plan in OWNED:
            error = refused(backup, "DeleteBackupPlan", BackupPlanId=plan)
            assert error["Error"]["Code"] == "ResourceNotFoundException"

    @pytest.mark.fake_backup(management_account=OTHER_ACCOUNT)
    def test_opt_ins(self, backup: FakeBackup) -> None:
        """For plans of AWS Organizations the management account's opt-ins count, not one's own.

        [documented: guide, managing across accounts]
        """
        backup.add_vault(BackupVaultName="vault")
        backup.add_resource(FILES)
        owned(backup, BY_ORGANIZATIONS)
        call("UpdateRegionSettings", ResourceTypeOptInPreference={"EFS": False})
        own = call("CreateBackupPlan", BackupPlan=document("own"))["BackupPlanId"]
        call("CreateBackupSelection", BackupPlanId=own, BackupSelection=selection())
        with pytest.warns(FakeBackupWarning, match=f"{ACCOUNT} has opted out of EFS"):
            assert backup.run_plan(own) == []
        assert len(backup.run_plan(BY_ORGANIZATIONS)) == 1
        with backup.acting_as(OTHER_ACCOUNT):
            call("UpdateRegionSettings", ResourceTypeOptInPreference={"EFS": False})
        call("UpdateRegionSettings", ResourceTypeOptInPreference={"EFS": True})
        with pytest.warns(FakeBackupWarning, match=f"{OTHER_ACCOUNT} has opted out of EFS"):
            assert backup.run_plan(BY_ORGANIZATIONS) == []
        assert len(backup.run_plan(own)) == 1


def asked_of(plan: str, operation: str, key: str) -> dict[str, Any]:
    """The parameters with which a plan, or its selection, would be changed."""
    more: dict[str, dict[str, Any]] = {
        "UpdateBackupPlan": {"BackupPlan": document("renamed")},
        "DeleteBackupSelection": {"SelectionId": key},
        "CreateBackupSelection": {"BackupSelection": selection(name="another")},
    }
    return {"BackupPlanId": plan, **more.get(operation, {})}


class TestVault:
    def test_what_it_has(self, backup: FakeBackup) -> None:
        """EFS's vault has AWS's request id and policy, added or implied [recorded: aws-nuke]."""
        backup.add_vault(BackupVaultName=AUTOMATIC)
        backup.at(region=OTHER_REGION).add_recovery_point(BackupVaultName=AUTOMATIC)
        for region in (REGION, OTHER_REGION):
            asked = {"BackupVaultName": AUTOMATIC, "region": region}
            shown = call("DescribeBackupVault", **asked)
            assert shown["CreatorRequestId"] == f"aws/efs/automatic-backup-{ACCOUNT}-{region}"
            (listed,) = call("ListBackupVaults", region=region)["BackupVaultList"]
            assert listed["CreatorRequestId"] == shown["CreatorRequestId"]
            policy = json.loads(call("GetBackupVaultAccessPolicy", **asked)["Policy"])
            actions = (
                "DeleteBackupVault",
                "DeleteBackupVaultAccessPolicy",
                "DeleteRecoveryPoint",
                "StartCopyJob",
                "StartRestoreJob",
                "UpdateRecoveryPointLifecycle",
            )
            assert policy["Statement"] == [
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": [f"backup:{action}" for action in actions],
                    "Resource": "*",
                }
            ]

    def test_what_is_given(self, backup: FakeBackup) -> None:
        """A request id that is given stays; other vaults have neither that nor a policy."""
        backup.add_vault(BackupVaultName=AUTOMATIC, CreatorRequestId="mine")
        backup.add_vault(BackupVaultName="vault")
        assert call("DescribeBackupVault", BackupVaultName=AUTOMATIC)["CreatorRequestId"] == "mine"
        assert "CreatorRequestId" not in call("DescribeBackupVault", BackupVaultName="vault")
        error = refused(backup, "GetBackupVaultAccessPolicy", BackupVaultName="vault")
        assert error["Error"]["Code"] == "ResourceNotFoundException"

    def test_what_its_policy_denies(self, backup: FakeBackup) -> None:
        """What the policy denies is refused in IAM's words, others have no such policy.

        The text is [recorded: aws-nuke] of DeleteBackupVaultAccessPolicy; that it names the
        recovery point where one is asked for is [reported] of StartRestoreJob.
        """
        for operation, (resource, asked) in denied(backup).items():
            error = refused(backup, operation, **asked)
            assert error["Error"] == {
                "Code": ACCESS_DENIED,
                "Message": f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Role/Session is not "
                f"authorized to perform: backup:{operation} on resource: {resource} {DENIED}",
            }
            assert error["ResponseMetadata"]["HTTPStatusCode"] == 403

    def test_another_policy(self, backup: FakeBackup) -> None:
        """The policy can be replaced, since it does not deny that; then nothing is denied."""
        asked_for = denied(backup)
        put(
            {
                "Effect": "Allow",
                "Principal": {"AWS": ROLE},
                "Action": "backup:DescribeBackupVault",
                "Resource": "*",
            }
        )
        for operation in (
            "StartCopyJob",
            "StartRestoreJob",
            "UpdateRecoveryPointLifecycle",
            "DeleteBackupVaultAccessPolicy",
        ):
            call(operation, **asked_for[operation][1])
        assert (len(backup.copy_jobs), len(backup.restore_jobs)) == (1, 1)
        # Nothing is denied; jobs read the recovery point.
        error = refused(backup, "DeleteRecoveryPoint", **asked_for["DeleteRecoveryPoint"][1])
        assert error["Error"]["Code"] == "InvalidResourceStateException"

    @pytest.mark.parametrize(
        ("change", "is_denied"),
        [
            ({}, True),
            ({"Principal": "*"}, True),
            ({"Principal": {"AWS": ["*"]}}, True),
            ({"Action": ["backup:DeleteBackupVault", "backup:StartCopyJob"]}, True),
            ({"Resource": ["arn:aws:backup:*"]}, True),
            ({"Resource": "arn:aws:ec2:*:*:snapshot/*"}, False),
            ({"Action": "backup:StartCopyJob"}, False),
            ({"Principal": {"AWS": ROLE}}, False),
            ({"Principal": {"AWS": ROLE}, "Effect": "Allow"}, False),
            ({"Condition": {"StringNotEquals": {"aws:userId": "A"}}}, False),
        ],
    )
    def test_which_statements_count(
        self, backup: FakeBackup, change: dict[str, Any], *, is_denied: bool
    ) -> None:
        """Of a later policy those statements count that deny everybody without a condition."""
        backup.add_vault(BackupVaultName=AUTOMATIC)
        statement = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": "*"}
        put({**statement, "Action": "backup:DeleteBackupVault", **change})
        if is_denied:
            error = refused(backup, "DeleteBackupVault", BackupVaultName=AUTOMATIC)
            assert error["Error"]["Code"] == ACCESS_DENIED
        else:
            call("DeleteBackupVault", BackupVaultName=AUTOMATIC)
            assert not backup.vaults

    def test_other_vaults(self, backup: FakeBackup) -> None:
        """The policies of other vaults are kept and not enforced."""
        backup.add_vault(BackupVaultName="vault")
        deny = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
        put({**deny, "Action": "backup:DeleteBackupVault"}, "vault")
        call("DeleteBackupVault", BackupVaultName="vault")
        assert not backup.vaults

    @pytest.mark.parametrize(
        "members",
        [
            {"TargetBackupVaultName": AUTOMATIC},
            {"CopyActions": [{"DestinationBackupVaultArn": VAULT_ARN}]},
            {
                "CopyActions": [
                    {"DestinationBackupVaultArn": VAULT_ARN.replace(ACCOUNT, OTHER_ACCOUNT)}
                ]
            },
        ],
    )
    def test_a_target_of_plans(self, backup: FakeBackup, members: dict[str, Any]) -> None:
        """A plan that backs up or copies to EFS's vault lacks privileges [documented: guide]."""
        backup.add_vault(BackupVaultName=AUTOMATIC)
        plan = call("CreateBackupPlan", BackupPlan=document())["BackupPlanId"]
        bad = document("bad", **members)
        for operation, named in (
            ("CreateBackupPlan", {}),
            ("UpdateBackupPlan", {"BackupPlanId": plan}),
        ):
            error = refused(backup, operation, BackupPlan=bad, **named)
            assert error["Error"] == {
                "Code": ACCESS_DENIED,
                "Message": "Insufficient privileges to perform this action.",
            }
            assert error["ResponseMetadata"]["HTTPStatusCode"] == 403

    def test_a_target_of_copies(self, backup: FakeBackup) -> None:
        """A copy to EFS's vault lacks privileges [documented: guide, across accounts]."""
        backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName=AUTOMATIC)
        backup.add_vault(BackupVaultName=AUTOMATIC)
        point = backup.add_recovery_point(BackupVaultName="vault", ResourceType="EFS")
        for account in (ACCOUNT, OTHER_ACCOUNT):
            error = refused(
                backup,
                "StartCopyJob",
                RecoveryPointArn=point.arn,
                SourceBackupVaultName="vault",
                DestinationBackupVaultArn=VAULT_ARN.replace(ACCOUNT, account),
                IamRoleArn=ROLE,
            )
            assert error["Error"]["Code"] == ACCESS_DENIED
            assert "Insufficient privileges" in error["Error"]["Message"]


def put(statement: dict[str, Any], vault: str = AUTOMATIC) -> None:
    """Put another policy on a vault."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    call("PutBackupVaultAccessPolicy", BackupVaultName=vault, Policy=policy)


def denied(backup: FakeBackup) -> dict[str, tuple[str, dict[str, Any]]]:
    """What the policy of EFS's vault denies: the ARN that a denial names, and what is asked."""
    backup.add_vault(BackupVaultName=AUTOMATIC)
    backup.add_vault(BackupVaultName="vault")
    point = backup.add_recovery_point(BackupVaultName=AUTOMATIC, ResourceType="EFS").arn
    vault = {"BackupVaultName": AUTOMATIC}
    of_point = {**vault, "RecoveryPointArn": point}
    copy = {
        "RecoveryPointArn": point,
        "SourceBackupVaultName": AUTOMATIC,
        "DestinationBackupVaultArn": VAULT_ARN.replace(AUTOMATIC, "vault"),
        "IamRoleArn": ROLE,
    }
    restore: dict[str, Any] = {"RecoveryPointArn": point, "Metadata": {}, "IamRoleArn": ROLE}
    return {
        "DeleteBackupVault": (VAULT_ARN, vault),
        "DeleteBackupVaultAccessPolicy": (VAULT_ARN, vault),
        "DeleteRecoveryPoint": (point, of_point),
        "UpdateRecoveryPointLifecycle": (point, {**of_point, "Lifecycle": {"DeleteAfterDays": 9}}),
        "StartCopyJob": (point, copy),
        "StartRestoreJob": (point, restore),
    }
