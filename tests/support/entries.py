"""Entries of every noun, created by a client, and what operations answer about them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fakebackup import mock_backup
from fakebackup.model.resources.arns import Home
from fakebackup.nouns.table import NOUNS
from support.client import call
from support.constants import ACCOUNT, REGION, ROLE
from support.world import POINTS, VOLUME, is_faked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup
    from fakebackup.nouns.noun import Noun

HOME = Home(ACCOUNT, REGION)
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:vault"
RULE = {"RuleName": "rule", "TargetBackupVaultName": "vault", "RecoveryPointTags": {"a": "b"}}
TESTED = {
    "Algorithm": "LATEST_WITHIN_WINDOW",
    "IncludeVaults": [VAULT],
    "RecoveryPointTypes": ["SNAPSHOT"],
}

MADE: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "Backup plan": [
        (
            "CreateBackupPlan",
            {
                "BackupPlan": {
                    "BackupPlanName": "plan",
                    "Rules": [
                        {**RULE, "Lifecycle": {"DeleteAfterDays": 9}},
                        {
                            **RULE,
                            "RuleName": "copies",
                            "CopyActions": [
                                {"DestinationBackupVaultArn": VAULT.replace(":vault", ":other")}
                            ],
                        },
                    ],
                    "AdvancedBackupSettings": [
                        {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}
                    ],
                },
                "BackupPlanTags": {"team": "a"},
                "CreatorRequestId": "request",
            },
        ),
        ("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "second", "Rules": [RULE]}}),
    ],
    "Backup selection": [
        (
            "CreateBackupSelection",
            {
                "BackupSelection": {
                    "SelectionName": name,
                    "IamRoleArn": ROLE,
                    "Resources": [VOLUME, "arn:aws:s3:::*"],
                    **more,
                }
            },
        )
        for name, more in (
            ("plain", {}),
            (
                "conditions",
                {
                    "Conditions": {
                        "StringLike": [
                            {"ConditionKey": "aws:ResourceTag/a", "ConditionValue": "b*"}
                        ]
                    },
                    "NotResources": ["arn:aws:ec2:*:*:instance/*"],
                },
            ),
        )
    ],
    "framework": [
        (
            "CreateFramework",
            {
                "FrameworkName": name,
                "FrameworkControls": [{"ControlName": control}],
                "FrameworkTags": {"team": "a"},
                "IdempotencyToken": name,
            },
        )
        for name, control in (
            ("encrypted", "BACKUP_RECOVERY_POINT_ENCRYPTED"),
            ("planned", "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN"),
        )
    ],
    "report plan": [
        (
            "CreateReportPlan",
            {
                "ReportPlanName": "jobs",
                "ReportPlanDescription": "all of them",
                "ReportDeliveryChannel": {"S3BucketName": "bucket", "Formats": ["CSV", "JSON"]},
                "ReportSetting": {"ReportTemplate": "BACKUP_JOB_REPORT"},
                "IdempotencyToken": "jobs",
            },
        )
    ],
    "legal hold": [
        (
            "CreateLegalHold",
            {
                "Title": title,
                "Description": "kept",
                "IdempotencyToken": title,
                "RecoveryPointSelection": selection,
            },
        )
        for title, selection in (
            ("all", {"VaultNames": ["vault"]}),
            ("some", {"ResourceIdentifiers": [VOLUME]}),
        )
    ],
    "Restore testing plan": [
        (
            "CreateRestoreTestingPlan",
            {
                "RestoreTestingPlan": {
                    "RestoreTestingPlanName": "weekly",
                    "ScheduleExpression": "cron(0 5 ? * 1 *)",
                    "RecoveryPointSelection": TESTED,
                }
            },
        )
    ],
    "Restore testing selection": [
        (
            "CreateRestoreTestingSelection",
            {
                "RestoreTestingPlanName": "weekly",
                "RestoreTestingSelection": {
                    "RestoreTestingSelectionName": name,
                    "ProtectedResourceType": "EBS",
                    "IamRoleArn": ROLE,
                    **more,
                },
            },
        )
        for name, more in (
            ("volumes", {"ProtectedResourceArns": ["*"], "ValidationWindowHours": 4}),
            (
                "tagged",
                {
                    "ProtectedResourceConditions": {
                        "StringEquals": [{"Key": "aws:ResourceTag/a", "Value": "b"}]
                    }
                },
            ),
        )
    ],
    "tiering configuration": [
        (
            "CreateTieringConfiguration",
            {
                "TieringConfiguration": {
                    "TieringConfigurationName": "low",
                    "BackupVaultName": "vault",
                    "ResourceSelection": [
                        {"Resources": ["*"], "TieringDownSettingsInDays": 90, "ResourceType": "S3"}
                    ],
                }
            },
        )
    ],
    "backup access point": [
        ("CreateBackupAccessPoint", {"Name": "access", "RecoveryPointArn": f"{POINTS}:objects"})
    ],
}
"""Per noun, the calls that create some of it."""

LISTED_BY = {"ListBackupPlanVersions": ("BackupPlanId",), "ListBackupSelections": ("BackupPlanId",)}
LISTED_BY["ListRestoreTestingSelections"] = ("RestoreTestingPlanName",)
DESCRIBED_BY = {
    "GetBackupSelection": ("BackupPlanId", "SelectionId"),
    "GetRestoreTestingSelection": ("RestoreTestingPlanName", "RestoreTestingSelectionName"),
    "DescribeBackupAccessPoint": ("AccessPointArn",),
}
PARENTS = {"Backup selection": "Backup plan", "Restore testing selection": "Restore testing plan"}

ROWS = [noun for noun in NOUNS.values() if noun.key is not None]
NAMES = [noun.name for noun in ROWS]
AVAILABLE = [noun for noun in ROWS if is_faked(noun.describe)]
"""The nouns that the installed botocore knows."""


def whole_of(noun: Noun) -> tuple[Noun, str]:
    """The noun that it is a part of, and the member with that one's key."""
    assert noun.parent is not None
    return NOUNS[noun.parent[0]], noun.parent[1]


def arn_of(noun: Noun) -> str:
    """The member that has its ARN."""
    assert noun.arn is not None
    return noun.arn


def name_of(noun: Noun) -> str:
    """What it is called, for the ids of tests."""
    return noun.name


@contextmanager
def fresh() -> Iterator[FakeBackup]:
    """A fake with what entries refer to."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        backup.add_vault(BackupVaultName="vault")
        bucket = "arn:aws:s3:::bucket"
        for name, resource in (("one", VOLUME), ("objects", bucket)):
            backup.add_recovery_point(
                RecoveryPointArn=f"{POINTS}:{name}", BackupVaultName="vault", ResourceArn=resource
            )
        yield backup


def create(noun: str) -> list[dict[str, Any]]:
    """Create some entries of a noun, and what they are parts of; return what lists show."""
    parent: dict[str, Any] = {}
    if noun in PARENTS:
        parent = create(PARENTS[noun])[0]
    for operation, parameters in MADE[noun]:
        needed = {"CreateBackupSelection": ("BackupPlanId",)}.get(operation, ())
        call(operation, **{name: parent[name] for name in needed}, **parameters)
    return listed(NOUNS[noun], parent)


def listed(noun: Noun, parent: dict[str, Any]) -> list[dict[str, Any]]:
    """What the list of a noun shows, of those of a parent."""
    operation, member = noun.lists[0]
    asked = {name: parent[name] for name in LISTED_BY.get(operation, ())}
    found: list[dict[str, Any]] = call(operation, **asked)[member]
    return found


def described(noun: Noun, item: dict[str, Any]) -> dict[str, Any]:
    """What Get or Describe shows of an item of a list."""
    names = DESCRIBED_BY.get(noun.describe, (noun.key,))
    answer: dict[str, Any] = call(noun.describe, **{str(name): item[str(name)] for name in names})
    return answer if noun.schema.wrapped is None else answer[noun.schema.wrapped]


def whole(noun: Noun) -> Any:
    """All that operations answer about a noun's entries, of all parents."""
    parents: list[dict[str, Any]] = [{}]
    if noun.parent is not None:
        parents = listed(NOUNS[noun.parent[0]], {})
    items = [item for parent in parents for item in listed(noun, parent)]
    tags = [
        call("ListTags", ResourceArn=item[noun.arn]) if noun.arn is not None else {}
        for item in items
    ]
    return items, [described(noun, item) for item in items], tags


def tagged(noun: Noun, item: dict[str, Any]) -> dict[str, Any]:
    """The tags of an item of a list, as seeds take them."""
    if noun.arn is None:
        return {}
    return {"Tags": call("ListTags", ResourceArn=item[noun.arn])["Tags"]}
