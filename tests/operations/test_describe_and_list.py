"""What Describe (or Get) and List show of the same thing: alike but for what this table says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from support.botocore_model import known, model
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
BUCKET = "arn:aws:s3:::bucket"
TEAM = "arn:aws:mpa:us-east-1:111111111111:approval-team/first"
GAPPED = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:gapped"
RULES = [{"RuleName": "rule", "TargetBackupVaultName": "vault"}]

pytestmark = [pytest.mark.frozen(NOW), pytest.mark.fake_backup(region=REGION)]


class Pair(NamedTuple):
    """A Describe and a List of the same things.

    Attributes:
        described, listed: the operations.
        by: the member that names a thing in a list's items and is a parameter of Describe;
            "Of>Item" where the two differ.
        asked: what List needs.
        more: what Describe needs besides.
        inside: where its answer has the thing; empty where it is flat.
        only: what Describe shows and List does not, though its items know the member.
        other: the same the other way round.
    """

    described: str
    listed: str
    by: str
    asked: dict[str, Any] = {}  # noqa: RUF012  never changed
    more: dict[str, Any] = {}  # noqa: RUF012
    inside: str = ""
    only: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


IN_VAULT = {"BackupVaultName": "vault"}
PAIRS = (
    Pair("DescribeBackupJob", "ListBackupJobs", "BackupJobId"),
    Pair("DescribeCopyJob", "ListCopyJobs", "CopyJobId", inside="CopyJob"),
    Pair("DescribeRestoreJob", "ListRestoreJobs", "RestoreJobId"),
    Pair(
        "DescribeRestoreJob",
        "ListRestoreJobsByProtectedResource",
        "RestoreJobId",
        {"ResourceArn": VOLUME},
    ),
    Pair("DescribeScanJob", "ListScanJobs", "ScanJobId"),
    Pair("DescribeReportJob", "ListReportJobs", "ReportJobId", inside="ReportJob"),
    # [reported: boto3 #4544, reproduced by AWS]
    Pair(
        "DescribeBackupVault",
        "ListBackupVaults",
        "BackupVaultName",
        only=("VaultState", "LockDate"),
    ),
    Pair(
        "DescribeBackupVault",
        "ListRestoreAccessBackupVaults",
        "BackupVaultName>RestoreAccessBackupVaultArn",
        {"BackupVaultName": "gapped"},
    ),
    Pair(
        "DescribeRecoveryPoint",
        "ListRecoveryPointsByBackupVault",
        "RecoveryPointArn",
        IN_VAULT,
        IN_VAULT,
    ),
    Pair(
        "DescribeRecoveryPoint",
        "ListRecoveryPointsByResource",
        "RecoveryPointArn",
        {"ResourceArn": VOLUME},
        IN_VAULT,
    ),
    Pair(
        "DescribeRecoveryPoint",
        "ListRecoveryPointsByLegalHold",
        "RecoveryPointArn",
        {"LegalHoldId": "(of the hold)"},
        IN_VAULT,
    ),
    Pair(
        "GetRecoveryPointIndexDetails",
        "ListIndexedRecoveryPoints",
        "RecoveryPointArn",
        more=IN_VAULT,
    ),
    Pair("DescribeProtectedResource", "ListProtectedResources", "ResourceArn"),
    Pair(
        "DescribeProtectedResource",
        "ListProtectedResourcesByBackupVault",
        "ResourceArn",
        IN_VAULT,
    ),
    Pair("GetBackupPlan", "ListBackupPlans", "BackupPlanId"),
    Pair(
        "GetBackupPlan",
        "ListBackupPlanVersions",
        "BackupPlanId",
        {"BackupPlanId": "(of the plan)"},
    ),
    Pair(
        "GetBackupSelection",
        "ListBackupSelections",
        "SelectionId",
        {"BackupPlanId": "(of the plan)"},
        {"BackupPlanId": "(of the plan)"},
    ),
    Pair("DescribeFramework", "ListFrameworks", "FrameworkName"),
    Pair("DescribeReportPlan", "ListReportPlans", "ReportPlanName", inside="ReportPlan"),
    Pair("GetLegalHold", "ListLegalHolds", "LegalHoldId"),
    Pair(
        "GetRestoreTestingPlan",
        "ListRestoreTestingPlans",
        "RestoreTestingPlanName",
        inside="RestoreTestingPlan",
    ),
    Pair(
        "GetRestoreTestingSelection",
        "ListRestoreTestingSelections",
        "RestoreTestingSelectionName",
        {"RestoreTestingPlanName": "testing"},
        {"RestoreTestingPlanName": "testing"},
        "RestoreTestingSelection",
    ),
    Pair(
        "GetTieringConfiguration",
        "ListTieringConfigurations",
        "TieringConfigurationName",
        inside="TieringConfiguration",
    ),
    Pair(
        "DescribeBackupAccessPoint",
        "ListBackupAccessPoints",
        "AccessPointArn",
    ),
)
NOTHING_DESCRIBES = {
    "ListBackupAccessPointsByRecoveryPoint": "as ListBackupAccessPoints",
    "ListBackupAccessPointsByResource": "as ListBackupAccessPoints",
    "ListBackupJobSummaries": "counts",
    "ListBackupPlanTemplates": "templates are not described, but made into plans",
    "ListCopyJobSummaries": "counts",
    "ListRestoreJobSummaries": "counts",
    "ListScanJobSummaries": "counts",
    "ListTags": "tags",
}


def test_every_list_is_compared() -> None:
    """Every List of the installed model is in the table, or has a reason not to be."""
    lists = {name for name in model().operation_names if name.startswith("List")}
    compared = {pair.listed for pair in PAIRS}
    assert not compared & set(NOTHING_DESCRIBES)
    assert lists <= compared | set(NOTHING_DESCRIBES)


def furnish(backup: FakeBackup) -> dict[str, str]:
    """Fill a fake with what is described and listed; return the ids that it chose."""
    backup.add_vault(BackupVaultName="vault", MinRetentionDays=3, LockDate=NOW)
    backup.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
    point = backup.add_recovery_point(
        BackupVaultName="vault",
        ResourceArn=VOLUME,
        Lifecycle={"DeleteAfterDays": 9},
        StatusMessage="said",
    )
    backup.add_recovery_point(BackupVaultName="vault", ResourceArn=BUCKET)
    backup.add_backup_job(State="FAILED", BackupVaultName="vault", IsParent=True)
    backup.add_copy_job(ResourceName="name")
    backup.add_restore_job(
        RecoveryPointArn=point.arn, SourceResourceArn=VOLUME, BackupVaultArn=point.vault.arn
    )
    backup.add_report_job()
    if known("ListScanJobs"):
        backup.add_scan_job(BackupVaultName="vault", RecoveryPointArn=point.arn)
    plan = call("CreateBackupPlan", BackupPlan={"BackupPlanName": "plan", "Rules": RULES})
    selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": ["*"]}
    call("CreateBackupSelection", BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
    controls = [{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]
    call("CreateFramework", FrameworkName="framework", FrameworkControls=controls)
    call(
        "CreateReportPlan",
        ReportPlanName="reports",
        ReportDeliveryChannel={"S3BucketName": "bucket"},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
    )
    held = {"VaultNames": ["vault"]}
    hold = call("CreateLegalHold", Title="case", Description="of us", RecoveryPointSelection=held)
    testing = {
        "RestoreTestingPlanName": "testing",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "RecoveryPointSelection": {
            "Algorithm": "LATEST_WITHIN_WINDOW",
            "IncludeVaults": ["*"],
            "RecoveryPointTypes": ["SNAPSHOT"],
        },
    }
    if known("CreateRestoreTestingPlan"):
        call("CreateRestoreTestingPlan", RestoreTestingPlan=testing)
        chosen = {
            "RestoreTestingSelectionName": "volumes",
            "ProtectedResourceType": "EBS",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": ROLE,
        }
        call(
            "CreateRestoreTestingSelection",
            RestoreTestingPlanName="testing",
            RestoreTestingSelection=chosen,
        )
    if known("CreateTieringConfiguration"):
        tiers = [{"Resources": ["*"], "TieringDownSettingsInDays": 60, "ResourceType": "S3"}]
        call(
            "CreateTieringConfiguration",
            TieringConfiguration={
                "TieringConfigurationName": "tiers",
                "BackupVaultName": "vault",
                "ResourceSelection": tiers,
            },
        )
    if known("UpdateRecoveryPointIndexSettings"):
        call(
            "UpdateRecoveryPointIndexSettings",
            BackupVaultName="vault",
            RecoveryPointArn=point.arn,
            IamRoleArn=ROLE,
            Index="ENABLED",
        )
    if known("CreateBackupAccessPoint"):
        bucket = next(p for p in backup.recovery_points.values() if p["ResourceArn"] == BUCKET)
        call("CreateBackupAccessPoint", RecoveryPointArn=bucket.arn, Name="reader")
    if known("CreateRestoreAccessBackupVault"):
        call(
            "AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=TEAM
        )
        call(
            "CreateRestoreAccessBackupVault", SourceBackupVaultArn=GAPPED, BackupVaultName="access"
        )
    return {
        "(of the plan)": plan["BackupPlanId"],
        "(of the hold)": hold["LegalHoldId"],
    }


def shape_of(operation: str, inside: str) -> Any:
    """The shape of what an operation answers."""
    shape: Any = model().operation_model(operation).output_shape
    return shape.members[inside] if inside else shape


def items_of(operation: str) -> tuple[str, Any]:
    """The member of a list's answer that has the items, and their shape."""
    shape: Any = model().operation_model(operation).output_shape
    return next(
        (name, each.member)
        for name, each in shape.members.items()
        if each.type_name == "list" and each.member.type_name == "structure"
    )


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.described}-{pair.listed}")
def test_both_show_the_same(backup: FakeBackup, pair: Pair) -> None:
    """Whatever both shapes know is in both answers, or in neither: but for the table."""
    if not (known(pair.described) and known(pair.listed)):
        pytest.skip("the installed botocore has no such operation")
    ids = furnish(backup)
    listed, item_shape = items_of(pair.listed)
    asked = {name: ids.get(value, value) for name, value in pair.asked.items()}
    items = call(pair.listed, **asked)[listed]
    assert items
    shared = set(shape_of(pair.described, pair.inside).members) & set(item_shape.members)
    seen: set[str] = set()
    for item in items:
        described = _described(pair, item, ids)
        seen |= set(described)
        for name in sorted(shared - {*pair.only, *pair.other}):
            assert described.get(name) == item.get(name), name
        assert not set(pair.only) & set(item)
        assert not set(pair.other) & set(described)
    assert set(pair.only) & shared <= seen


def _described(pair: Pair, item: dict[str, Any], ids: dict[str, str]) -> Any:
    parameter, _, member = pair.by.partition(">")
    key = item[member or parameter].rpartition(":")[2] if member else item[parameter]
    more = {name: ids.get(value, value) for name, value in pair.more.items()}
    answer = call(pair.described, **{parameter: key}, **more)
    return answer[pair.inside] if pair.inside else answer


class TestVaults:
    @pytest.mark.parametrize("name", ["vault", "gapped", "access"])
    def test_the_state_of_a_vault(self, backup: FakeBackup, name: str) -> None:
        """Describe of an ordinary vault shows no VaultState, that of any other does.

        [reported: two outputs of 2026; of a restore access vault assumed]
        """
        furnish(backup)
        if name not in backup.vaults:
            pytest.skip("the installed botocore knows no restore access")
        described = call("DescribeBackupVault", BackupVaultName=name)
        if "VaultType" in shape_of("DescribeBackupVault", "").members:
            assert "VaultType" in described
        if "VaultState" in shape_of("DescribeBackupVault", "").members:
            assert ("VaultState" in described) is (name != "vault")

    def test_shared_vaults(self, backup: FakeBackup) -> None:
        """The list of shared vaults shows neither their dates of locks nor how much they hold.

        [documented: guide, air-gapped vaults, by its example]
        """
        furnish(backup)
        with backup.acting_as(OTHER_ACCOUNT):
            (shared,) = call("ListBackupVaults", ByShared=True)["BackupVaultList"]
        assert shared["BackupVaultName"] == "gapped"
        assert not {"VaultState", "LockDate", "NumberOfRecoveryPoints"} & set(shared)
        assert shared["Locked"] is True


class TestDescriptions:
    """An empty description reads back as it is [reported: steampipe #1839; TF sends ""]."""

    def test_of_a_report_plan(self, backup: FakeBackup) -> None:
        """Of a report plan, when it is made and when it is changed."""
        furnish(backup)
        other: Any = {
            "ReportDeliveryChannel": {"S3BucketName": "bucket"},
            "ReportSetting": {"ReportTemplate": "BACKUP_JOB_REPORT"},
        }
        call("CreateReportPlan", ReportPlanName="new", ReportPlanDescription="", **other)
        call("UpdateReportPlan", ReportPlanName="reports", ReportPlanDescription="said")
        call("UpdateReportPlan", ReportPlanName="reports", ReportPlanDescription="")
        for name in ("new", "reports"):
            described = call("DescribeReportPlan", ReportPlanName=name)["ReportPlan"]
            assert described["ReportPlanDescription"] == ""
        listed = call("ListReportPlans")["ReportPlans"]
        assert [each["ReportPlanDescription"] for each in listed] == ["", ""]

    def test_of_a_framework(self, backup: FakeBackup) -> None:
        """Of a framework, when it is made and when it is changed."""
        furnish(backup)
        controls = [{"ControlName": "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN"}]
        call(
            "CreateFramework",
            FrameworkName="new",
            FrameworkDescription="",
            FrameworkControls=controls,
        )
        call("UpdateFramework", FrameworkName="framework", FrameworkDescription="said")
        call("UpdateFramework", FrameworkName="framework", FrameworkDescription="")
        for name in ("new", "framework"):
            found = call("DescribeFramework", FrameworkName=name)
            assert found["FrameworkDescription"] == ""
        listed = call("ListFrameworks")["Frameworks"]
        assert [each["FrameworkDescription"] for each in listed] == ["", ""]
