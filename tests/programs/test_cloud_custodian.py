"""Cloud Custodian's policies on backup plans, backup vaults and what AWS Backup protects.

Each is run as `custodian run` runs it, and judged by the resources that it reports. What other
services answer is moto's; the Resource Groups Tagging API, by which Cloud Custodian tags, hands
what it is asked on to AWS Backup, as it does on AWS.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from freezegun import freeze_time
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from fakebackup import FakeBackup

REGION = "us-east-1"
NOW = "2026-03-10T12:00:00Z"
DAILY, WEEKLY = "cron(0 5 ? * * *)", "cron(0 5 ? * SUN *)"

Run = Any


@pytest.fixture(autouse=True)
def _aws(fake_backup: FakeBackup, attempts: list[object], utc: None) -> Iterator[None]:  # noqa: ARG001  both are active
    """Other services than Backup are moto's, at a fixed time, and no connection is made."""
    from c7n import utils
    from c7n.credentials import CustodianSession

    with freeze_time(NOW), mock_aws():
        CustodianSession.close()  # it keeps clients for the whole process
        utils.reset_session_cache()
        yield
        CustodianSession.close()
        utils.reset_session_cache()
    assert attempts == []


@pytest.fixture
def utc() -> Iterator[None]:
    """The machine lies in UTC: Custodian compares UTC's days with botocore's local dates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[Any]]:
    """A function that runs a policy and returns the resources that it reports."""
    from c7n.cli import main

    def custodian(resource: str, *filters: Any, actions: tuple[Any, ...] = ()) -> list[Any]:
        policy = {"name": "policy", "resource": resource, "filters": filters, "actions": actions}
        file, output = tmp_path / "policies.json", tmp_path / "output"
        file.write_text(json.dumps({"policies": [policy]}), "utf-8")
        main(["run", "--output-dir", str(output), "--cache", "", "--region", REGION, str(file)])
        found: list[Any] = json.loads((output / "policy" / "resources.json").read_text("utf-8"))
        return found

    return custodian


@pytest.fixture(autouse=True)
def tagging(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Resource Groups Tagging API of what AWS Backup holds; returns what it was asked."""
    asked: list[str] = []
    clients: Any = BaseClient
    real = clients._make_api_call

    def get(given: Mapping[str, Any]) -> Any:
        held = [arn for arn in arns(given) if arn.startswith("arn:aws:backup:")]
        found = [(arn, backup().list_tags(ResourceArn=arn)["Tags"]) for arn in held]
        listed = [{"ResourceARN": arn, "Tags": pairs(tags)} for arn, tags in found]
        return {"ResourceTagMappingList": listed}

    def tag(given: Mapping[str, Any]) -> Any:
        for arn in arns(given):
            backup().tag_resource(ResourceArn=arn, Tags=given["Tags"])
        return {"FailedResourcesMap": {}}

    def untag(given: Mapping[str, Any]) -> Any:
        for arn in arns(given):
            backup().untag_resource(ResourceArn=arn, TagKeyList=given["TagKeys"])
        return {"FailedResourcesMap": {}}

    answers = {"GetResources": get, "TagResources": tag, "UntagResources": untag}

    def call(client: Any, operation: str, given: Mapping[str, Any]) -> Any:
        if client.meta.service_model.service_name != "resourcegroupstaggingapi":
            return real(client, operation, given)
        asked.append(operation)
        return answers[operation](given)

    monkeypatch.setattr(clients, "_make_api_call", call)
    return asked


def arns(given: Mapping[str, Any]) -> list[str]:
    """The resources that the Resource Groups Tagging API is asked about."""
    found: list[str] = given["ResourceARNList"]
    return found


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as most of AWS's services spell them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def backup() -> Any:
    """A client of AWS Backup."""
    return boto3.client("backup", region_name=REGION)


def create_plan(name: str, schedule: str = DAILY, **tags: str) -> Any:
    """A backup plan of one rule into the vault Default."""
    rule = {
        "RuleName": "rule",
        "TargetBackupVaultName": "Default",
        "ScheduleExpression": schedule,
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    plan = {"BackupPlanName": name, "Rules": [rule]}
    return backup().create_backup_plan(BackupPlan=plan, BackupPlanTags=tags)


def names(found: list[Any], member: str) -> list[str]:
    """What the resources found are called, in order."""
    return sorted(resource[member] for resource in found)


# --- Backup plans -------------------------------------------------------------------------------


def has_schedule(expression: str) -> dict[str, str]:
    """The filter on a plan that a rule of it has a schedule."""
    key = "Rules[].ScheduleExpression"
    return {"type": "value", "key": key, "op": "contains", "value": expression}


@pytest.mark.fake_backup(default_vault=True)
class TestPlans:
    def test_schedules_are_filtered(self, run: Run) -> None:
        """A plan is reported with the rules that GetBackupPlan shows, and with its tags."""
        plan = create_plan("daily", team="blue")
        create_plan("weekly", WEEKLY)
        (found,) = run("aws.backup-plan", has_schedule(DAILY))
        assert found["BackupPlanName"] == "daily"
        assert found["BackupPlanArn"] == plan["BackupPlanArn"]
        assert found["VersionId"] == plan["VersionId"]
        assert found["CreationDate"] == "2026-03-10T12:00:00+00:00"
        assert found["Tags"] == [{"Key": "team", "Value": "blue"}]
        (rule,) = found["Rules"]
        assert (rule["StartWindowMinutes"], rule["CompletionWindowMinutes"]) == (480, 10080)
        assert names(run("aws.backup-plan"), "BackupPlanName") == ["daily", "weekly"]

    def test_all_pages_are_seen(self, run: Run) -> None:
        """Custodian pages through ListBackupPlans, whatever a page holds."""
        for number in range(7):
            create_plan(f"plan-{number}", WEEKLY if number % 2 else DAILY)
        expected = ["plan-0", "plan-2", "plan-4", "plan-6"]
        assert names(run("aws.backup-plan", has_schedule(DAILY)), "BackupPlanName") == expected

    def test_retention_is_filtered(self, run: Run) -> None:
        """A plan that keeps backups too shortly is found by its rules' lifecycles."""
        create_plan("short")
        days = {"type": "value", "key": "min(Rules[].Lifecycle.DeleteAfterDays)"}
        assert run("aws.backup-plan", {**days, "op": "lt", "value": 35}) == []
        (found,) = run("aws.backup-plan", {**days, "op": "lt", "value": 36})
        assert found["BackupPlanName"] == "short"

    def test_what_lacks_a_tag_gets_it(self, run: Run, tagging: list[str]) -> None:
        """The action tag reaches TagResource, and a second run finds nothing left to do."""
        arn = create_plan("bare")["BackupPlanArn"]
        create_plan("owned", Owner="red")
        tag = {"type": "tag", "tags": {"Owner": "blue", "Cost": "7"}}
        lacking = {"tag:Owner": "absent"}
        assert names(run("aws.backup-plan", lacking, actions=(tag,)), "BackupPlanName") == ["bare"]
        assert tagging == ["TagResources"]
        assert backup().list_tags(ResourceArn=arn)["Tags"] == {"Owner": "blue", "Cost": "7"}
        assert run("aws.backup-plan", lacking) == []

    def test_a_tag_is_removed(self, run: Run, tagging: list[str]) -> None:
        """The action remove-tag reaches UntagResource."""
        arn = create_plan("owned", Owner="red", Cost="7")["BackupPlanArn"]
        remove = {"type": "remove-tag", "tags": ["Owner"]}
        assert len(run("aws.backup-plan", {"tag:Owner": "red"}, actions=(remove,))) == 1
        assert tagging == ["UntagResources"]
        assert backup().list_tags(ResourceArn=arn)["Tags"] == {"Cost": "7"}

    def test_a_plan_is_marked_for_later(self, run: Run, tagging: list[str]) -> None:
        """mark-for-op writes a tag that marked-for-op finds when its day has come."""
        create_plan("old")
        mark = {"type": "mark-for-op", "op": "notify", "days": 2}
        run("aws.backup-plan", actions=(mark,))
        marked = {"type": "marked-for-op", "op": "notify"}
        assert run("aws.backup-plan", marked) == []
        with freeze_time("2026-03-12T12:00:00Z"):
            assert names(run("aws.backup-plan", marked), "BackupPlanName") == ["old"]
        assert tagging == ["TagResources"]

    def test_plans_of_an_event_are_looked_up(self) -> None:
        """Of the ids that an event names, unknown and deleted ones are passed over."""
        from c7n.config import Config
        from c7n.policy import PolicyCollection
        from c7n.resources import load_resources

        made, deleted = (create_plan(name)["BackupPlanId"] for name in ("made", "deleted"))
        backup().delete_backup_plan(BackupPlanId=deleted)
        load_resources(["aws.backup-plan"])
        policies = {"policies": [{"name": "policy", "resource": "aws.backup-plan"}]}
        (policy,) = PolicyCollection.from_data(policies, Config.empty(region=REGION))
        found = policy.resource_manager.source.get_resources([made, "unknown", deleted])
        assert [each["BackupPlanName"] for each in found] == ["made"]


# --- Vaults -------------------------------------------------------------------------------------


class TestVaults:
    def test_vaults_are_filtered(
        self, run: Run, tagging: list[str], fake_backup: FakeBackup
    ) -> None:
        """What DescribeBackupVault shows is filtered: locks, numbers of recovery points."""
        fake_backup.add_vault(BackupVaultName="Locked", MinRetentionDays=7)
        fake_backup.add_vault(BackupVaultName="Empty")
        fake_backup.add_recovery_point(BackupVaultName="Open")
        unlocked = {"Locked": False}
        assert names(run("aws.backup-vault", unlocked), "BackupVaultName") == ["Empty", "Open"]
        (found,) = run("aws.backup-vault", unlocked, {"NumberOfRecoveryPoints": 0})
        assert found["BackupVaultName"] == "Empty"
        assert set(tagging) == {"GetResources"}

    def test_vaults_lacking_a_tag_get_it(
        self, run: Run, tagging: list[str], fake_backup: FakeBackup
    ) -> None:
        """The action tag reaches TagResource of a vault."""
        vault = fake_backup.add_vault(BackupVaultName="Bare")
        fake_backup.add_vault(BackupVaultName="Owned", Tags={"Owner": "red"})
        tag = {"type": "tag", "key": "Owner", "value": "blue"}
        lacking = {"tag:Owner": "absent"}
        found = run("aws.backup-vault", lacking, actions=(tag,))
        assert names(found, "BackupVaultName") == ["Bare"]
        arn = vault["BackupVaultArn"]
        assert backup().list_tags(ResourceArn=arn)["Tags"] == {"Owner": "blue"}
        assert tagging == ["GetResources", "TagResources"]

    def test_keys_are_filtered(self, run: Run) -> None:
        """A vault is found by the alias of the KMS key that it is encrypted with."""
        kms = boto3.client("kms", region_name=REGION)
        for alias in ("backups", "others"):
            key = kms.create_key()["KeyMetadata"]
            kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=key["KeyId"])
            backup().create_backup_vault(BackupVaultName=alias, EncryptionKeyArn=key["Arn"])
        by_key = {"type": "kms-key", "key": "c7n:AliasName", "value": "alias/backups"}
        assert names(run("aws.backup-vault", by_key), "BackupVaultName") == ["backups"]

    def test_the_fullest_vault_is_found(self, run: Run, fake_backup: FakeBackup) -> None:
        """The filter reduce sorts by a number that AWS Backup keeps."""
        for name, number in (("one", 1), ("three", 3), ("two", 2)):
            for _ in range(number):
                fake_backup.add_recovery_point(BackupVaultName=name)
        fullest = {
            "type": "reduce",
            "sort-by": {"key": "NumberOfRecoveryPoints", "value_type": "number"},
            "order": "desc",
            "limit": 2,
        }
        found = run("aws.backup-vault", fullest)
        assert [each["BackupVaultName"] for each in found] == ["three", "two"]


# --- What is protected --------------------------------------------------------------------------


def create_table(name: str) -> str:
    """The ARN of a DynamoDB table, which moto holds."""
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn: str = made["TableDescription"]["TableArn"]
    return arn


def ago(**units: int) -> dt.datetime:
    """A moment before now."""
    return dt.datetime.now(dt.timezone.utc) - dt.timedelta(**units)


def consecutive(count: int, period: str = "days", status: str = "COMPLETED") -> dict[str, Any]:
    """The filter of resources that were backed up in each of the last days, or hours."""
    return {"type": "consecutive-aws-backups", "count": count, "period": period, "status": status}


class TestConsecutiveBackups:
    def test_each_of_the_last_days(self, run: Run, fake_backup: FakeBackup) -> None:
        """Tables with a completed backup on each day are found, with their backups."""
        kept, gap, partial = (create_table(name) for name in ("kept", "gap", "partial"))
        create_table("bare")
        for day in (1, 2, 3):
            fake_backup.add_recovery_point(ResourceArn=kept, CreationDate=ago(days=day))
            fake_backup.add_recovery_point(
                ResourceArn=partial, CreationDate=ago(days=day), Status="PARTIAL"
            )
        for day in (1, 3):
            fake_backup.add_recovery_point(ResourceArn=gap, CreationDate=ago(days=day))
        (found,) = run("aws.dynamodb-table", consecutive(3))
        assert found["TableArn"] == kept
        backups = found["c7n:AwsBackups"]
        days = [point["CreationDate"][:10] for point in backups]
        assert days == ["2026-03-09", "2026-03-08", "2026-03-07"]
        assert {point["BackupVaultName"] for point in backups} == {"Default"}
        assert tables(run, consecutive(1)) == ["gap", "kept"]
        assert tables(run, consecutive(3, status="PARTIAL")) == ["partial"]
        assert tables(run, consecutive(4)) == []
        assert tables(run, {"not": [consecutive(1)]}) == ["bare", "partial"]

    def test_a_backup_that_the_code_started_counts(self, run: Run, fake_backup: FakeBackup) -> None:
        """What StartBackupJob leaves behind is seen on the days after it."""
        arn = create_table("table")
        fake_backup.add_vault(BackupVaultName="Default")
        role = "arn:aws:iam::123456789012:role/backup"
        with freeze_time(ago(days=1)):
            started = backup().start_backup_job(
                BackupVaultName="Default", ResourceArn=arn, IamRoleArn=role
            )
            assert tables(run, consecutive(1)) == []
            fake_backup.backup_jobs[started["BackupJobId"]].run()
            fake_backup.backup_jobs[started["BackupJobId"]].complete()
        assert tables(run, consecutive(1)) == ["table"]

    def test_more_backups_than_a_page_holds(self, run: Run, fake_backup: FakeBackup) -> None:
        """Hourly backups of many days are paged through to the last."""
        arn = create_table("table")
        for hour in range(1, 1101):
            fake_backup.add_recovery_point(ResourceArn=arn, CreationDate=ago(hours=hour))
        (found,) = run("aws.dynamodb-table", consecutive(1100, "hours"))
        assert len(found["c7n:AwsBackups"]) == 1100
        assert len(fake_backup.calls("ListRecoveryPointsByResource")) > 1
        assert tables(run, consecutive(1101, "hours")) == []

    def test_throttling_is_retried(self, run: Run, fake_backup: FakeBackup) -> None:
        """Custodian gets over what AWS throttles."""
        arn = create_table("table")
        fake_backup.add_recovery_point(ResourceArn=arn, CreationDate=ago(days=1))
        fake_backup.fail("ListRecoveryPointsByResource", times=2)
        assert tables(run, consecutive(1)) == ["table"]


def tables(run: Run, *filters: Any) -> list[str]:
    """The names of the tables that a policy reports."""
    return names(run("aws.dynamodb-table", *filters), "TableName")
