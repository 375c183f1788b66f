"""Prowler's checks of AWS Backup: their findings with and without what each of them wants."""

from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from moto import mock_aws
from prowler.__main__ import SKIP_OUTBOUND_CHECK_ENV, prowler
from prowler.lib.check.check import execute
from prowler.lib.check.models import CheckMetadata
from prowler.providers.aws.aws_provider import AwsProvider
from prowler.providers.common.models import Audit_Metadata
from prowler.providers.common.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fakebackup import FakeBackup

REGION, OTHER_REGION = "us-east-1", "eu-west-1"
ACCOUNT = "123456789012"
SERVICE = "prowler.providers.aws.services.backup"
CHECKS = (
    "backup_plans_exist",
    "backup_recovery_point_encrypted",
    "backup_reportplans_exist",
    "backup_vaults_encrypted",
    "backup_vaults_exist",
)


class Finding(NamedTuple):
    """What is said of a resource."""

    status: str
    said: str
    region: str = REGION


@pytest.fixture(autouse=True)
def _aws(
    monkeypatch: pytest.MonkeyPatch, fake_backup: FakeBackup, attempts: list[object]
) -> Iterator[None]:
    """Other services than Backup are moto's, no connection is made, and nothing is left behind."""
    del fake_backup  # it is active
    monkeypatch.setattr(Provider, "_global", None)
    monkeypatch.setenv(SKIP_OUTBOUND_CHECK_ENV, "true")  # the program sets it if nobody does
    # Each check keeps what a client of its module read at the first import.
    for name in [name for name in sys.modules if name.startswith(SERVICE)]:
        monkeypatch.delitem(sys.modules, name)
    with mock_aws():
        yield
    for name in [name for name in sys.modules if name.startswith(SERVICE)]:
        del sys.modules[name]
    assert attempts == []


@pytest.fixture
def audit() -> Callable[..., dict[str, list[Finding]]]:
    """A function that audits regions and returns the findings of each check that has some."""

    def run(*regions: str) -> dict[str, list[Finding]]:
        provider = AwsProvider(regions=set(regions or (REGION,)))
        provider.audit_metadata = Audit_Metadata(
            services_scanned=0, expected_checks=list(CHECKS), completed_checks=0, audit_progress=0
        )
        found = {}
        for name in CHECKS:
            check = getattr(importlib.import_module(f"{SERVICE}.{name}.{name}"), name)()
            findings = execute(check, provider, None)
            said = [Finding(each.status, each.status_extended, each.region) for each in findings]
            if said:
                found[name] = said
        return found

    return run


Audit = Any


def backup(region: str = REGION) -> Any:
    """A client of AWS Backup."""
    return boto3.client("backup", region_name=region)


def create_plan(name: str, region: str = REGION, *selected: str) -> None:
    """A backup plan into the vault Default that selects resources."""
    rule = {"RuleName": "rule", "TargetBackupVaultName": "Default"}
    plan = backup(region).create_backup_plan(
        BackupPlan={"BackupPlanName": name, "Rules": [rule]}, BackupPlanTags={"team": "blue"}
    )
    if selected:
        role = f"arn:aws:iam::{ACCOUNT}:role/AWSBackup"
        selection = {"SelectionName": name, "IamRoleArn": role, "Resources": list(selected)}
        backup(region).create_backup_selection(
            BackupPlanId=plan["BackupPlanId"], BackupSelection=selection
        )


def test_all_checks_of_aws_backup_are_run() -> None:
    """A check of the service that Prowler has added is noticed."""
    metadata = CheckMetadata.get_bulk("aws")
    assert {name for name in metadata if name.startswith("backup_")} == set(CHECKS)


def test_an_account_without_backups(audit: Audit) -> None:
    """Without a vault, that alone is found; nothing else is asked for."""
    assert audit() == {
        "backup_vaults_exist": [Finding("FAIL", "No Backup Vault exist.")],
    }


@pytest.mark.fake_backup(default_vault=True)
def test_a_vault_without_a_plan(audit: Audit) -> None:
    """A vault is there and encrypted, and no plan uses it."""
    assert audit() == {
        "backup_plans_exist": [Finding("FAIL", "No Backup Plan exist.")],
        "backup_vaults_encrypted": [Finding("PASS", "Backup Vault Default is encrypted at rest.")],
        "backup_vaults_exist": [
            Finding("PASS", "At least one backup vault exists: Default."),
        ],
    }


@pytest.mark.fake_backup(default_vault=True)
def test_a_plan_without_a_report(audit: Audit) -> None:
    """A plan is there, and no report plan tells of its backups."""
    create_plan("plan")
    found = audit()
    assert found["backup_plans_exist"] == [
        Finding("PASS", "At least one Backup Plan exists: plan.")
    ]
    assert found["backup_reportplans_exist"] == [Finding("FAIL", "No Backup Report Plan exist.")]


@pytest.mark.fake_backup(default_vault=True)
def test_a_plan_with_a_report(audit: Audit) -> None:
    """A report plan is found by its name."""
    create_plan("plan")
    backup().create_report_plan(
        ReportPlanName="report",
        ReportDeliveryChannel={"S3BucketName": "reports"},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
    )
    assert audit()["backup_reportplans_exist"] == [
        Finding("PASS", "At least one backup report plan exists: report.")
    ]


def test_recovery_points(audit: Audit, fake_backup: FakeBackup) -> None:
    """Of all recovery points of all vaults, those that are not encrypted fail."""
    for vault in ("one", "two"):
        for encrypted in (True, False):
            fake_backup.add_recovery_point(
                BackupVaultName=vault, ResourceType="EFS", IsEncrypted=encrypted
            )
    points = fake_backup.recovery_points.values()
    expected = []
    for point in points:
        name = point["RecoveryPointArn"].rpartition(":")[2]
        of = f"Backup Recovery Point {name} for Backup Vault {point['BackupVaultName']}"
        status, state = ("PASS", "is") if point["IsEncrypted"] else ("FAIL", "is not")
        expected.append(Finding(status, f"{of} {state} encrypted at rest."))
    assert len(expected) == 4
    assert sorted(audit()["backup_recovery_point_encrypted"]) == sorted(expected)


def test_more_recovery_points_than_a_page_holds(audit: Audit, fake_backup: FakeBackup) -> None:
    """Prowler pages through a vault's recovery points."""
    for _ in range(1010):
        fake_backup.add_recovery_point(BackupVaultName="full", IsEncrypted=True)
    audited = audit()["backup_recovery_point_encrypted"]
    assert len(fake_backup.calls("ListRecoveryPointsByBackupVault")) == 2
    assert [each.status for each in audited] == ["PASS"] * 1010


def test_each_region_is_audited(audit: Audit, fake_backup: FakeBackup) -> None:
    """Vaults and plans are found where they are."""
    fake_backup.at(region=REGION).add_vault(BackupVaultName="near")
    fake_backup.at(region=OTHER_REGION).add_vault(BackupVaultName="far")
    create_plan("plan", OTHER_REGION)
    found = audit(REGION, OTHER_REGION)
    assert sorted(found["backup_vaults_encrypted"]) == [
        Finding("PASS", "Backup Vault far is encrypted at rest.", OTHER_REGION),
        Finding("PASS", "Backup Vault near is encrypted at rest.", REGION),
    ]
    (plan,) = found["backup_plans_exist"]
    assert (plan.status, plan.region) == ("PASS", OTHER_REGION)


@pytest.mark.fake_backup(default_vault=True)
def test_tags_and_selections_are_read(audit: Audit) -> None:
    """What checks of other services take from AWS Backup is read: tags, selected resources."""
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
    create_plan("plan", REGION, table)
    audit()
    client = importlib.import_module(f"{SERVICE}.backup_client").backup_client
    assert client.protected_resources == [table]
    assert [plan.tags for plan in client.backup_plans] == [[{"team": "blue"}]]


def test_what_is_refused_is_not_found(audit: Audit, fake_backup: FakeBackup) -> None:
    """Where vaults may not be listed, no check says that there are none."""
    fake_backup.fail("ListBackupVaults", code="AccessDeniedException")
    assert audit() == {}


def test_the_whole_program(
    fake_backup: FakeBackup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`prowler aws --service backup` writes its findings and tells by its status that some fail."""
    fake_backup.add_vault(BackupVaultName="Nightly")
    create_plan("plan")
    fake_backup.add_recovery_point(BackupVaultName="Nightly", IsEncrypted=False)
    options = ("--no-banner", "--no-color", "--output-formats", "json-ocsf")
    written = ("--output-directory", str(tmp_path), "--output-filename", "found")
    asked = ("aws", "--service", "backup", "--region", REGION)
    monkeypatch.setattr("sys.argv", ["prowler", *asked, *options, *written])
    with pytest.raises(SystemExit) as ended:
        prowler()
    assert ended.value.code == 3  # Prowler's status where a check fails
    found = json.loads((tmp_path / "found.ocsf.json").read_text("utf-8"))
    assert {each["metadata"]["event_code"]: each["status_code"] for each in found} == {
        "backup_plans_exist": "PASS",
        "backup_recovery_point_encrypted": "FAIL",
        "backup_reportplans_exist": "FAIL",
        "backup_vaults_encrypted": "PASS",
        "backup_vaults_exist": "PASS",
    }
