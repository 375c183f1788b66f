"""`record --anonymise`: nothing private is left, and what referred to each other still does."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import factories, mock_backup
from fakebackup.__main__ import main
from fakebackup.model.resources.types import RESOURCE_TYPES, type_of
from fakebackup.recording.anonymiser import KEPT, NAMED, Anonymised
from fakebackup.recording.document import Call, Recording, Refusal
from fakebackup.recording.pseudonyms import Pseudonyms
from support import world
from support.botocore_model import known, model
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.sts import sts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.frozen(NOW), pytest.mark.usefixtures("keys")]

# --- An account whose every private text has a mark in it ---------------------------------

MARK = "quokka"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{MARK}-key"
OWN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{MARK}s/{MARK}-role"
BUCKET = f"arn:aws:s3:::{MARK}-bucket"
TABLE = f"arn:aws:dynamodb:{REGION}:{OTHER_ACCOUNT}:table/{MARK}-table"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{MARK}-vault"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{MARK}-topic"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{MARK}-bucket-20240301000000-0f51c39b"
POLICY = {
    "Version": "2012-10-17",
    "Id": f"{MARK}-policy",
    "Statement": [
        {
            "Sid": f"{MARK}Sid",
            "Effect": "Deny",
            "Principal": {"AWS": [OWN_ROLE, OTHER_ACCOUNT], "Service": "backup.amazonaws.com"},
            "Action": ["backup:DeleteRecoveryPoint", "backup:PutBackupVaultAccessPolicy"],
            "Resource": [VAULT, "*"],
            "Condition": {
                "StringEquals": {
                    f"aws:ResourceTag/{MARK}-key": f"{MARK} value",
                    "aws:PrincipalOrgID": [f"o-{MARK}"],
                },
                "Bool": {"aws:SecureTransport": "false"},
            },
        }
    ],
}


def marked(backup: Any) -> None:
    """Seed an account whose private texts have the mark, each where AWS shows it."""
    vault = backup.add_vault(
        BackupVaultName=f"{MARK}-vault", EncryptionKeyArn=KEY, CreatorRequestId=f"{MARK}-1"
    )
    name = {"BackupVaultName": vault["BackupVaultName"]}
    call("PutBackupVaultAccessPolicy", **name, Policy=json.dumps(POLICY))
    call(
        "PutBackupVaultNotifications",
        **name,
        SNSTopicArn=TOPIC,
        BackupVaultEvents=["BACKUP_JOB_STARTED"],
    )
    call("TagResource", ResourceArn=vault["BackupVaultArn"], Tags={f"{MARK}-key": f"{MARK} value"})
    rule: dict[str, Any] = {
        "RuleName": f"{MARK}-rule",
        "TargetBackupVaultName": vault["BackupVaultName"],
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "RecoveryPointTags": {f"{MARK}-key": f"{MARK} value"},
        "CopyActions": [{"DestinationBackupVaultArn": world.vault(f"{MARK}-copies")}],
    }
    plan = call("CreateBackupPlan", BackupPlan={"BackupPlanName": f"{MARK}-plan", "Rules": [rule]})
    plan_id, version = plan["BackupPlanId"], plan["VersionId"]
    rules = call("GetBackupPlan", BackupPlanId=plan_id)["BackupPlan"]["Rules"]
    call(
        "CreateBackupSelection",
        BackupPlanId=plan_id,
        BackupSelection={
            "SelectionName": f"{MARK}-selection",
            "IamRoleArn": OWN_ROLE,
            "Resources": [BUCKET, "arn:aws:dynamodb:*:*:table/*"],
            "NotResources": [f"arn:aws:rds:*:*:db:{MARK}-*"],
            "Conditions": {
                "StringEquals": [
                    {
                        "ConditionKey": f"aws:ResourceTag/{MARK}-key",
                        "ConditionValue": f"{MARK} value",
                    }
                ]
            },
        },
    )
    created: Any = {
        "BackupPlanId": plan_id,
        "BackupPlanArn": plan["BackupPlanArn"],
        "BackupPlanVersion": version,
        "BackupRuleId": rules[0]["RuleId"],
    }
    backup.add_recovery_point(
        **name, RecoveryPointArn=POINT, ResourceArn=BUCKET, ResourceType="S3", IamRoleArn=OWN_ROLE
    )
    job = backup.add_backup_job(
        **name,
        BackupJobId=f"{MARK}-job",
        State="FAILED",
        StatusMessage=f"{MARK} said no",
        ResourceArn=BUCKET,
        ResourceType="S3",
        RecoveryPointArn=POINT,
        IamRoleArn=OWN_ROLE,
        CreatedBy=created,
        BackupOptions={"WindowsVSS": "enabled", "Other": f"{MARK}-option"},
    )
    backup.add_backup_job(State="RUNNING", ResourceArn=TABLE, ResourceType="DynamoDB")
    backup.add_copy_job(
        ResourceArn=BUCKET,
        ResourceType="S3",
        SourceRecoveryPointArn=POINT,
        SourceBackupVaultArn=VAULT,
        StatusMessage=f"{MARK} again",
        ParentJobId=job.id,
    )
    backup.add_restore_job(RecoveryPointArn=POINT, CreatedResourceArn=BUCKET, StatusMessage=MARK)
    call(
        "CreateFramework",
        FrameworkName=f"{MARK}_framework",
        FrameworkDescription=f"All of {MARK}",
        FrameworkControls=[
            {
                "ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED",
                "ControlScope": {"Tags": {f"{MARK}-key": f"{MARK} value"}},
            }
        ],
    )
    call(
        "CreateReportPlan",
        ReportPlanName=f"{MARK}_reports",
        ReportPlanDescription=f"Of {MARK}",
        ReportDeliveryChannel={"S3BucketName": f"{MARK}-bucket", "S3KeyPrefix": f"{MARK}/all"},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
    )
    call(
        "CreateLegalHold",
        Title=f"The case of {MARK}",
        Description=f"{MARK} against all",
        RecoveryPointSelection={"VaultNames": [vault["BackupVaultName"]]},
    )
    call(
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={
            "RestoreTestingPlanName": f"{MARK}_testing",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": [VAULT],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
        },
    )
    call(
        "CreateRestoreTestingSelection",
        RestoreTestingPlanName=f"{MARK}_testing",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": f"{MARK}_tested",
            "IamRoleArn": OWN_ROLE,
            "ProtectedResourceType": "S3",
            "ProtectedResourceArns": ["*"],
            "ProtectedResourceConditions": {
                "StringEquals": [{"Key": f"aws:ResourceTag/{MARK}-key", "Value": f"{MARK} value"}]
            },
        },
    )


def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The recording of an account, of some of all there is and all that is marked; anonymised."""
    with (
        sts(ACCOUNT) as url,
        mock_backup(region=REGION, network="closed", progress="manual") as backup,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        world.seed(backup)
        marked(backup)
        for each in RESOURCE_TYPES:
            backup.at(region=OTHER_REGION).add_backup_job(ResourceType=each)
        parts = [factories.backup_job(State=each) for each in ("COMPLETED", "FAILED")]
        backup.add(factories.composite(parts))
        refusal = f"User: arn:aws:iam::{ACCOUNT}:user/{MARK} is not authorized"
        backup.fail("ListReportJobs", code="AccessDeniedException", message=refusal, every=1)
        documents = []
        for name, more in (("plain", ()), ("private", ("--anonymise",))):
            path = tmp_path / f"{name}.json"
            named = ("--region", REGION, OTHER_REGION, *more)
            assert main(["record", str(path), *named]) == 0
            documents.append(json.loads(path.read_text("utf-8")))
    plain, private = documents
    return plain, private


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The document, and the anonymised one."""
    return recorded(tmp_path, monkeypatch)


# --- Nothing private is left --------------------------------------------------------------


PLAIN = re.compile(
    r"[a-z]{2}-[a-z]+-\d|\d{1,3}(\.\d)?|20\d\d-\d\d-\d\dT[\d:.+]+|cron\(.*\)|\d{14}|\d{8,10}"
)
"""Regions, numbers, dates and schedules."""


def leaves(value: Any, member: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a document with the member that has it, the keys of maps as texts too."""
    if isinstance(value, str):
        yield member, value
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, member)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield "", name
            yield from leaves(each, name)


def parts(text: str) -> Iterator[str]:
    """A text, the parts of an ARN or a path, and those of JSON."""
    if text.startswith("{"):
        for _, each in leaves(json.loads(text)):
            yield from parts(each)
        return
    yield text
    if not PLAIN.fullmatch(text):
        yield from re.split("[:/]", text)
        yield from re.findall(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text)


def aws_words() -> set[str]:
    """The names in botocore's model, and the values of its enums."""
    words: set[str] = set()
    for name in model().shape_names:
        shape: Any = model().shape_for(name)
        if shape.type_name == "structure":
            words |= set(shape.members)
        words |= set(getattr(shape, "enum", None) or ())
    return words | set(model().operation_names)


# What AWS wrote in the accounts of these tests, but for the model's names and values.
OWN = {
    "", "*", "recording", "fakebackup", "kind", "version", "complete", "answers", "refused",
    "operation", "account_id", "region", "parameters", "answer", "code", "message",
    "arn:aws:dynamodb:*:*:table/*", "arn", "aws", "backup", "dynamodb", "ec2", "rds", "s3", "sns",
    "kms", "iam", "mpa", "fsx",
    "elasticfilesystem", "cloudformation", "dsql", "eks", "redshift", "redshift-serverless",
    "ssm-sap", "storagegateway", "timestream", "backup-gateway",
    "backup-vault", "backup-plan", "recovery-point", "framework", "report-plan", "legal-hold",
    "restore-testing-plan", "tiering-configuration", "accesspoint", "table", "db", "cluster",
    "cluster-snapshot", "snapshot", "image", "volume", "instance", "file-system", "stack",
    "database", "namespace", "gateway", "vm", "HANA", "DB", "key", "role", "service-role",
    "approval-team", "session", "composite", "continuous", "awsbackup",
    "Default", "AWSBackupDefaultServiceRole", "AccessDeniedException",
    "aws:cloudformation:stack-name", "WindowsVSS", "enabled", "true", "false",
    "isCrossAccountBackupEnabled", "isMpaEnabled", "isDelegatedAdministratorEnabled",
    "S3AccessPointArn", "S3AccessPointAlias", "AccessPointInTime", "ResourceTag",
    "2012-10-17", "Version", "Statement", "Id", "Sid", "Effect", "Deny", "Allow", "Principal",
    "AWS", "Service", "backup.amazonaws.com", "Action", "backup:DeleteRecoveryPoint",
    "DeleteRecoveryPoint", "backup:PutBackupVaultAccessPolicy", "Resource", "Condition",
    "StringEquals",
    "aws:PrincipalOrgID", "PrincipalOrgID", "Bool", "aws:SecureTransport", "SecureTransport",
    "CloudFormation", "stack-name", "Etc", "UTC", "Other",
    *RESOURCE_TYPES,
}  # fmt: skip


def test_no_text_of_the_account_is_left(documents: tuple[Any, Any]) -> None:
    """Of all texts, and all parts of ARNs, only AWS's own words are in both documents."""
    plain, private = (
        {part for _, text in leaves(each) for part in parts(text)} for each in documents
    )
    own = OWN | aws_words() | set(KEPT)
    # Schedules, resource types and figures are told to be left.
    own |= {text for member, text in leaves(documents[0]) if member in KEPT}
    left = {text for text in plain & private if text not in own and not PLAIN.fullmatch(text)}
    assert left == set()
    assert len(plain) > 500


def test_no_mark_is_left(documents: tuple[Any, Any]) -> None:
    """Nor is what was private inside of anything."""
    plain, private = map(json.dumps, documents)
    assert plain.lower().count(MARK) > 100
    assert MARK not in private.lower()
    for account in (ACCOUNT, OTHER_ACCOUNT):
        assert account in plain
        assert account not in private
    versions = [
        {
            base64.b64decode(text)
            for member, text in leaves(document)
            if member in ("VersionId", "BackupPlanVersion")
        }
        for document in documents
    ]
    assert len(versions[0]) == len(versions[1]) > 1
    assert not versions[0] & versions[1]


def shape_of(value: Any) -> Any:
    """A document's form: members, lengths, and everything that is no text."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda name: name if name in FORM else "")
        return [(name if name in FORM else "", shape_of(value[name])) for name in keys]
    if isinstance(value, list):
        return [shape_of(each) for each in value]
    return type(value).__name__ if isinstance(value, str) else value


FORM = aws_words() | {"answers", "refused", "answer", "fakebackup", "parameters", "operation"}


def test_all_else_is_as_it_was(documents: tuple[Any, Any]) -> None:
    """Members, lengths of lists, numbers; dates, states, types, Regions, schedules."""
    plain, private = documents
    assert [shape_of(each) for each in plain["answers"]] == [
        shape_of(each) for each in private["answers"]
    ]
    left = {"region", "operation", "code", "CreationDate", "State", "ResourceType"}
    left |= {"ScheduleExpression", "PercentDone"}
    both = [
        [(member, text) for member, text in leaves(each) if member in left] for each in documents
    ]
    assert both[0] == both[1]


# --- What referred to each other still does -----------------------------------------------


def answers(document: Any, operation: str) -> list[Any]:
    """The answers of an operation."""
    return [each["answer"] for each in document["answers"] if each["operation"] == operation]


def listed(document: Any, operation: str, member: str) -> list[Any]:
    """The items of a list in all Regions."""
    return [each for answer in answers(document, operation) for each in answer[member]]


def joins(document: Any) -> dict[str, list[Any]]:
    """What refers to what: for each pair the positions of those that have the same."""
    vaults = [
        each["BackupVaultName"] for each in listed(document, "ListBackupVaults", "BackupVaultList")
    ]
    vault_arns = [
        each["BackupVaultArn"] for each in listed(document, "ListBackupVaults", "BackupVaultList")
    ]
    plans = listed(document, "ListBackupPlans", "BackupPlansList")
    jobs = listed(document, "ListBackupJobs", "BackupJobs")
    gets = answers(document, "GetBackupPlan")
    rules = [(get, rule) for get in gets for rule in get["BackupPlan"]["Rules"]]
    points = listed(document, "ListRecoveryPointsByBackupVault", "RecoveryPoints")
    selections = answers(document, "GetBackupSelection")
    [policy] = [
        json.loads(each["Policy"])
        for each in answers(document, "GetBackupVaultAccessPolicy")
        if "Sid" in each["Policy"]
    ]
    [statement] = policy["Statement"]
    conditions = [
        each
        for get in selections
        for each in get["BackupSelection"].get("Conditions", {}).get("StringEquals", [])
    ]
    tags = [each["Tags"] for each in answers(document, "ListTags") if each["Tags"]]
    reports = [
        each["ReportDeliveryChannel"] for each in listed(document, "ListReportPlans", "ReportPlans")
    ]
    return {
        "jobs to vaults": pairs([e["BackupVaultName"] for e in jobs], vaults),
        "jobs to vaults by ARN": pairs([e["BackupVaultArn"] for e in jobs], vault_arns),
        "vaults to their ARNs": [
            a.endswith(f":{n}") for n, a in zip(vaults, vault_arns, strict=True)
        ],
        "jobs to points": pairs(
            [e.get("RecoveryPointArn") for e in jobs], [e["RecoveryPointArn"] for e in points]
        ),
        "jobs to plans": pairs(
            [e.get("CreatedBy", {}).get("BackupPlanId") for e in jobs],
            [e["BackupPlanId"] for e in plans],
        ),
        "jobs to versions": pairs(
            [e.get("CreatedBy", {}).get("BackupPlanVersion") for e in jobs],
            [e["VersionId"] for e in gets],
        ),
        "jobs to rules": pairs(
            [e.get("CreatedBy", {}).get("BackupRuleId") for e in jobs],
            [rule["RuleId"] for _, rule in rules],
        ),
        "jobs to parents": pairs(
            [e.get("ParentJobId") for e in jobs], [e["BackupJobId"] for e in jobs]
        ),
        "plans to their ARNs": [e["BackupPlanArn"].endswith(e["BackupPlanId"]) for e in plans],
        "rules to vaults": pairs([rule["TargetBackupVaultName"] for _, rule in rules], vaults),
        "selections to plans": pairs(
            [e["BackupPlanId"] for e in selections], [e["BackupPlanId"] for e in plans]
        ),
        "selections to roles": pairs(
            [e["BackupSelection"]["IamRoleArn"] for e in selections],
            [e["IamRoleArn"] for e in jobs],
        ),
        "selections to resources": pairs(
            [arn for e in selections for arn in e["BackupSelection"]["Resources"]],
            [e["ResourceArn"] for e in jobs],
        ),
        "policy to vaults": pairs(statement["Resource"], vault_arns),
        "policy to roles": pairs(statement["Principal"]["AWS"], [e["IamRoleArn"] for e in jobs]),
        "policy to tags": [
            (key.removeprefix("aws:ResourceTag/"), value) in [*each.items()]
            for each in tags
            for key, value in statement["Condition"]["StringEquals"].items()
        ],
        "selections to tags": [
            (e["ConditionKey"].removeprefix("aws:ResourceTag/"), e["ConditionValue"])
            in [*each.items()]
            for each in tags
            for e in conditions
        ],
        "reports to buckets": pairs(
            [e["S3BucketName"] for e in reports],
            [e["ResourceArn"].removeprefix("arn:aws:s3:::") for e in jobs],
        ),
        "holds to vaults": pairs(
            [
                name
                for e in answers(document, "GetLegalHold")
                for name in e["RecoveryPointSelection"]["VaultNames"]
            ],
            vaults,
        ),
    }


def pairs(these: Iterable[Any], those: Iterable[Any]) -> list[tuple[int, int]]:
    """The positions of what is equal."""
    there = list(those)
    return [(a, b) for a, one in enumerate(these) for b, other in enumerate(there) if one == other]


def test_references_hold(documents: tuple[Any, Any]) -> None:
    """Jobs, vaults, plans, selections, points, policies, tags: as before, so after."""
    plain, private = map(joins, documents)
    assert plain == private
    assert [name for name, found in plain.items() if not any(found)] == []


def test_the_resource_types_hold(documents: tuple[Any, Any]) -> None:
    """An ARN that told its resource's type tells the same one."""
    told = [
        [
            (each["ResourceType"], type_of(each["ResourceArn"]))
            for each in listed(document, "ListBackupJobs", "BackupJobs")
        ]
        for document in documents
    ]
    assert told[0] == told[1]
    assert len({by_arn for _, by_arn in told[0]}) > 10


def test_it_is_the_same_every_time(documents: tuple[Any, Any]) -> None:
    """Nothing is random, and the document itself stays as it is."""
    plain, private = documents
    before = json.dumps(plain)
    assert Anonymised(plain, model()).document == private
    assert json.dumps(plain) == before


# --- Texts, one by one --------------------------------------------------------------------

UUID = "12345678-90ab-4cde-8f01-234567890abc"
ONE = "00000000-0000-4000-8000-000000000001"
SERVICE_ROLE = "aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
HOME = f"{REGION}:{ACCOUNT}"
MADE = f"{REGION}:111111111111"


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (f"arn:aws:backup:{HOME}:backup-vault:prod", f"arn:aws:backup:{MADE}:backup-vault:vault-1"),
        (
            f"arn:aws:backup:{HOME}:backup-vault:backup",
            f"arn:aws:backup:{MADE}:backup-vault:vault-1",
        ),
        (
            f"arn:aws:backup:{HOME}:backup-vault:Default",
            f"arn:aws:backup:{MADE}:backup-vault:Default",
        ),
        (
            f"arn:aws:backup:{HOME}:backup-vault:aws/efs/automatic-backup-vault",
            f"arn:aws:backup:{MADE}:backup-vault:aws/efs/automatic-backup-vault",
        ),
        (f"arn:aws:backup:{HOME}:backup-plan:{UUID}", f"arn:aws:backup:{MADE}:backup-plan:{ONE}"),
        (
            f"arn:aws:backup:{HOME}:backup-plan:orgs/{UUID}",
            f"arn:aws:backup:{MADE}:backup-plan:orgs/{ONE}",
        ),
        (
            f"arn:aws:backup:{HOME}:backup-plan:aws/efs/{UUID}",
            f"arn:aws:backup:{MADE}:backup-plan:aws/efs/{ONE}",
        ),
        (
            f"arn:aws:backup:{HOME}:recovery-point:{UUID}",
            f"arn:aws:backup:{MADE}:recovery-point:{ONE}",
        ),
        (
            f"arn:aws:backup:{HOME}:recovery-point:photos-20240301000000-0f51c39b",
            f"arn:aws:backup:{MADE}:recovery-point:resource-1-20240301000000-00000001",
        ),
        (
            f"arn:aws:backup:{HOME}:recovery-point:continuous:photos-0f51c39b",
            f"arn:aws:backup:{MADE}:recovery-point:continuous:resource-1-00000001",
        ),
        (
            f"arn:aws:backup:{HOME}:recovery-point:composite:eks/shop-20240301",
            f"arn:aws:backup:{MADE}:recovery-point:composite:eks/resource-1-20240301",
        ),
        (
            f"arn:aws:backup:{HOME}:framework:audit-{UUID}",
            f"arn:aws:backup:{MADE}:framework:framework_1-{ONE}",
        ),
        (
            f"arn:aws:backup:{HOME}:restore-testing-plan:tests-{UUID}",
            f"arn:aws:backup:{MADE}:restore-testing-plan:restore_testing_plan_1-{ONE}",
        ),
        (f"arn:aws:ec2:{HOME}:volume/vol-0a11ce0b", f"arn:aws:ec2:{MADE}:volume/vol-00000001"),
        (
            f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef0",
            f"arn:aws:ec2:{REGION}::snapshot/snap-00000000000000001",
        ),
        (f"arn:aws:rds:{HOME}:db:billing", f"arn:aws:rds:{MADE}:db:resource-1"),
        (
            f"arn:aws:rds:{HOME}:snapshot:awsbackup:job-{UUID.upper()}",
            f"arn:aws:rds:{MADE}:snapshot:awsbackup:job-{ONE}",
        ),
        (
            f"arn:aws:dynamodb:{HOME}:table/backup/backup/0123-abc",
            f"arn:aws:dynamodb:{MADE}:table/resource-1/backup/resource-2",
        ),
        (
            f"arn:aws:redshift:{HOME}:snapshot:shop/awsbackup:job-{UUID}",
            f"arn:aws:redshift:{MADE}:snapshot:resource-1/awsbackup:job-{ONE}",
        ),
        (
            f"arn:aws:ssm-sap:{HOME}:HANA/app/DB/books",
            f"arn:aws:ssm-sap:{MADE}:HANA/resource-1/DB/resource-2",
        ),
        (
            f"arn:aws:timestream:{HOME}:database/books/table/volume",
            f"arn:aws:timestream:{MADE}:database/resource-1/table/resource-2",
        ),
        ("arn:aws:s3:::photos", "arn:aws:s3:::resource-1"),
        ("arn:aws:s3:::table/secret", "arn:aws:s3:::resource-1/resource-2"),
        ("arn:aws:s3:::photos.s3.amazonaws.com", "arn:aws:s3:::resource-1"),
        ("arn:aws:s3:::photos.amazonaws.com", "arn:aws:s3:::resource-1"),
        (
            f"arn:aws:cloudformation:{HOME}:stack/shop/{UUID}",
            f"arn:aws:cloudformation:{MADE}:stack/resource-1/{ONE}",
        ),
        (
            f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole",
            "arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole",
        ),
        (
            f"arn:aws:iam::{ACCOUNT}:role/{SERVICE_ROLE}",
            f"arn:aws:iam::111111111111:role/{SERVICE_ROLE}",
        ),
        (
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/shop.s3.amazonaws.com/Admin",
            "arn:aws:iam::111111111111:role/aws-service-role/role-1/role-2",
        ),
        (
            f"arn:aws:iam::{ACCOUNT}:role/shop.amazonaws.com",
            "arn:aws:iam::111111111111:role/role-1",
        ),
        (f"arn:aws:iam::{ACCOUNT}:role/shop/Admin", "arn:aws:iam::111111111111:role/role-1/role-2"),
        (f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::111111111111:root"),
        (f"arn:aws:iam::{ACCOUNT}:user/jo", "arn:aws:iam::111111111111:user/user-1"),
        (
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ),
        (f"arn:aws:kms:{HOME}:key/{UUID}", f"arn:aws:kms:{MADE}:key/{ONE}"),
        (f"arn:aws:kms:{HOME}:key/1234abcd", f"arn:aws:kms:{MADE}:key/{ONE}"),
        (f"arn:aws:kms:{HOME}:alias/aws/backup", f"arn:aws:kms:{MADE}:alias/aws/backup"),
        (f"arn:aws:kms:{HOME}:alias/shop", f"arn:aws:kms:{MADE}:alias/alias-1"),
        (f"arn:aws:sns:{HOME}:alarms", f"arn:aws:sns:{MADE}:resource-1"),
        ("arn:aws-us-gov:s3:::photos", "arn:aws-us-gov:s3:::resource-1"),
        (
            f"arn:aws-cn:rds:cn-north-1:{ACCOUNT}:db:billing",
            "arn:aws-cn:rds:cn-north-1:111111111111:db:resource-1",
        ),
        ("arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:volume/*"),
        ("arn:aws:rds:*:*:db:prod-*", "arn:aws:rds:*:*:db:resource-1*"),
        # What only looks like an ARN.
        ("arn:aws:ec2:prod-east-1:1:volume/x", "resource-1"),
        ("arn:shop", "resource-1"),
        (f"arn:prod:ec2:{HOME}:volume/x", "resource-1"),
    ],
)
def test_an_arn(arn: str, expected: str) -> None:
    """Partition, service, Region and type stay, and AWS's own names."""
    assert Pseudonyms(()).name("resource", arn) == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("id", UUID, ONE),
        ("id", UUID.upper(), ONE),
        ("id", "job-1", ONE),
        ("id", f"orgs/{UUID}", f"orgs/{ONE}"),
        (
            "version",
            base64.b64encode(UUID.encode()).decode(),
            base64.b64encode(ONE.encode()).decode(),
        ),
        ("version", "v1", "version-1"),
        ("vault", "Default", "Default"),
        ("title", "Default", "title-1"),
        ("tag-value", "Default", "tag-value-1"),
        ("tag-value", ACCOUNT, "111111111111"),
        ("resource", "payroll-0a11ce0b", "resource-1"),
        ("report_plan", "Mine", "report_plan_1"),
        ("vault", "", ""),
    ],
)
def test_a_name(kind: str, text: str, expected: str) -> None:
    """Its kind is told by what stands for it; ids keep AWS's form."""
    assert Pseudonyms(()).name(kind, text) == expected


def test_the_same_for_the_same() -> None:
    """In order of appearance; one name of two kinds of things is two."""
    made = Pseudonyms(())
    names = ["b", "a", "b", "c", "a"]
    assert [made.name("vault", each) for each in names] == [
        "vault-1",
        "vault-2",
        "vault-1",
        "vault-3",
        "vault-2",
    ]
    assert made.name("plan", "b") == "plan-1"
    assert [made.account(f"{number:012d}") for number in range(11)][-3:] == [
        "999999999999",
        "100000000010",
        "100000000011",
    ]
    assert made.made == {"vault": 3, "plan": 1, "account": 11}


def anonymised(
    operation: str, answer: Any, parameters: Any = None, account: str = ACCOUNT
) -> tuple[Any, Anonymised]:
    """An answer, anonymised, and what did it."""
    recording = Recording()
    recording.account = account
    recording.add(Call(REGION, operation, parameters or {}), answer)
    made = Anonymised(recording.document(), model())
    return made.document["answers"][0]["answer"], made


def test_what_stands_for_a_text_is_no_text_of_the_account() -> None:
    """Also where its things are called as the anonymiser calls them."""
    answer, made = anonymised(
        "ListBackupVaults",
        {"BackupVaultList": [{"BackupVaultName": f"vault-{number}"} for number in (2, 1, 4)]},
        account="111111111111",
    )
    assert [each["BackupVaultName"] for each in answer["BackupVaultList"]] == [
        "vault-3",
        "vault-5",
        "vault-6",
    ]
    assert made.document["answers"][0]["account_id"] == "222222222222"


def condition(key: str, value: str, operator: str = "StringEquals") -> str:
    """A policy with one condition."""
    return json.dumps({"Condition": {operator: {key: value}}})


TAGGED = condition("aws:PrincipalTag/tag-1", "tag-value-1")


@pytest.mark.parametrize(
    ("member", "text", "expected"),
    [
        ("BrandNewMember", "prod", "resource-1"),
        ("BrandNewMessage", "prod failed in eu-west-1", "message-1"),
        ("StatusMessage", "Access denied", "message-1"),
        ("CancelDescription", "prod", "description-1"),
        ("ResourceType", "EBS", "EBS"),
        ("ScheduleExpression", "cron(0 5 ? * * *)", "cron(0 5 ? * * *)"),
        ("OrganizationUnits", "ou-ab12-cd34", "unit-1"),
        ("Accounts", "ROOT", "ROOT"),
        ("Accounts", ACCOUNT, "111111111111"),
        ("S3Keys", f"mine/{ACCOUNT}/eu-west-1/a.csv", "path-1/111111111111/eu-west-1/path-2"),
        ("S3Keys", "prod-east-1", "path-1"),
        ("ConditionKey", "aws:ResourceTag/team", "aws:ResourceTag/tag-1"),
        ("ConditionKey", "aws:backup:source-resource", "aws:backup:source-resource"),
        ("ConditionKey", "team", "tag-1"),
        ("ConditionKey", "aws:resourcetag/team", "aws:resourcetag/tag-1"),
        ("ConditionValue", "prod-*", "tag-value-1*"),
        ("ConditionValue", "prod.s3.amazonaws.com", "tag-value-1"),
        ("ParameterValue", "35", "35"),
        ("ParameterValue", "days", "days"),
        ("ParameterValue", "prod", "value-1"),
        ("Policy", "prod", "policy-1"),
        ("Policy", '["prod"]', "policy-1"),
        (
            "Policy",
            '{"Statement": {"Prod": 1, "Action": ["prod", "s3:Get*"]}}',
            '{"Statement": {"value-1": 1, "Action": ["value-2", "s3:Get*"]}}',
        ),
        (
            "Policy",
            '{"Statement": {"NotAction": "backup:Start*", "Id": "acme:Payroll", "Sid": "s3:*"}}',
            '{"Statement": {"NotAction": "backup:Start*", "Id": "value-1", "Sid": "Sid-1*"}}',
        ),
        (
            "Policy",
            '{"Service": ["s3.amazonaws.com", "prod.s3.amazonaws.com"], "AWS": "s3.amazonaws.com"}',
            '{"Service": ["s3.amazonaws.com", "value-1"], "AWS": "value-2"}',
        ),
        ("Policy", condition("aws:PrincipalTag/team", "acme:Payroll"), TAGGED),
        ("Policy", condition("aws:PrincipalTag/team", "acme-secret.s3.amazonaws.com"), TAGGED),
        ("Policy", condition("aws:PrincipalTag/team", "true"), TAGGED),
        (
            "Policy",
            condition("aws:principaltag/team", "Deny"),
            condition("aws:principaltag/tag-1", "tag-value-1"),
        ),
        (
            "Policy",
            condition("aws:PrincipalTag/team", "true", "Null"),
            condition("aws:PrincipalTag/tag-1", "true", "Null"),
        ),
        (
            "Policy",
            '{"Condition": {"StringLike": {"prod:key": "x", "aws:SourceIp": ["10.0.0.1", "*"]}}}',
            '{"Condition": {"StringLike": {"tag-1": "value-1", "aws:SourceIp": ["value-2", "*"]}}}',
        ),
    ],
)
def test_a_member(member: str, text: str, expected: str) -> None:
    """AWS's own words stay, all else does not, in members that nobody knows neither."""
    _, made = anonymised("ListBackupJobs", {"BackupJobs": []})
    assert made.text(member, text) == expected


def test_the_tables_name_members_of_the_model() -> None:
    """A member that no botocore knows is a slip; one that an older one lacks is not."""
    if known("ListTieringConfigurations"):
        assert (set(KEPT) | set(NAMED)) <= aws_words()
    assert not set(KEPT) & set(NAMED)


def test_refusals_are_anonymised() -> None:
    """Their parameters, accounts and messages; not their codes."""
    recording = Recording()
    recording.account = ACCOUNT
    recording.refuse(
        Call(REGION, "DescribeBackupVault", {"BackupVaultName": "prod"}),
        Refusal("AccessDeniedException", f"arn:aws:iam::{ACCOUNT}:user/jo may not see prod"),
    )
    assert Anonymised(recording.document(), model()).document["refused"] == [
        {
            "operation": "DescribeBackupVault",
            "account_id": "111111111111",
            "region": REGION,
            "parameters": {"BackupVaultName": "vault-1"},
            "code": "AccessDeniedException",
            "message": "message-1",
        }
    ]


def test_what_it_left_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By kind, on stderr; AWS's own names by name."""
    recorded(tmp_path, monkeypatch)
    replaced, left, names = capsys.readouterr().err.splitlines()
    assert replaced.startswith("fakebackup: replaced, by kind: ")
    assert " account, " in replaced
    assert left == (
        "fakebackup: left as they were: Regions, dates, elements and actions of policies, names of "
        "settings, controls and their parameters, plain values of settings, schedules, sizes and "
        "other figures, states and types."
    )
    assert names.startswith("fakebackup: AWS's own names, left as they were: ")
    assert "Default" in names
