"""Backup plans: made, read, changed, listed and deleted, through a real client."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, mock_backup
from support.botocore_model import declared, sends, shows, takes
from support.client import call, changes, client, pages, refused, tags_of, whole
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

NOW = datetime(2026, 11, 22, 3, 0, 0, 250_000, tzinfo=timezone.utc)
RULE: dict[str, Any] = {"RuleName": "daily", "TargetBackupVaultName": "none-such"}
DEFAULTS: dict[str, Any] = {
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Etc/UTC",
    "StartWindowMinutes": 480,
    "CompletionWindowMinutes": 10080,
    "EnableContinuousBackup": False,
}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SETTINGS: dict[str, Any] = {
    "AdvancedBackupSettings": [
        {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}},
        {"ResourceType": "S3", "BackupOptions": {"BackupACLs": "disabled"}},
    ],
    "ScanSettings": [
        {
            "MalwareScanner": "GUARDDUTY",
            "ResourceTypes": ["EBS", "EC2"],
            "ScannerRoleArn": ROLE,
        }
    ],
}
UPDATED = "UpdateBackupPlanOutput"
DAILY_35 = "87c0c1ef-254d-4180-8fef-2e76a2c38aaa"


pytestmark = pytest.mark.fake_backup(region=REGION)


def document(name: str = "plan", *rules: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A plan as it is sent."""
    return {"BackupPlanName": name, "Rules": list(rules) or [RULE], **members}


def rule(**members: Any) -> dict[str, Any]:
    """A plan with one rule, as it is sent."""
    return document("plan", {**RULE, **members})


def make(name: str = "plan", **parameters: Any) -> str:
    """Make a plan, and return its id."""
    plan = document(name)
    made: str = call("CreateBackupPlan", BackupPlan=plan, **parameters)["BackupPlanId"]
    return made


def get(plan: str, **parameters: Any) -> Any:
    """A plan as GetBackupPlan answers it."""
    return call("GetBackupPlan", BackupPlanId=plan, **parameters)


def names(**parameters: Any) -> list[str]:
    """The names of the plans that are listed."""
    listed = call("ListBackupPlans", **parameters)["BackupPlansList"]
    return [plan["BackupPlanName"] for plan in listed]


def without_ids(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan's document without the ids of its rules, which there are."""
    plan["Rules"] = [dict(each) for each in plan["Rules"]]
    for each in plan["Rules"]:
        assert UUID.fullmatch(each.pop("RuleId"))
    return plan


class TestPlans:
    @freeze_time(NOW)
    def test_round_trip(self, backup: FakeBackup) -> None:
        """What is created is read and listed alike, with AWS's defaults, and an event tells."""
        made = call("CreateBackupPlan", BackupPlan=document(), CreatorRequestId="r.1")
        plan, arn = made["BackupPlanId"], made["BackupPlanArn"]
        assert UUID.fullmatch(plan)
        assert arn == f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:{plan}"
        assert UUID.fullmatch(base64.b64decode(made["VersionId"]).decode())
        assert made == {
            "BackupPlanId": plan,
            "BackupPlanArn": arn,
            "CreationDate": NOW,
            "VersionId": made["VersionId"],
        }
        found = get(plan)
        assert without_ids(found.pop("BackupPlan")) == document("plan", {**RULE, **DEFAULTS})
        assert found == {**made, "CreatorRequestId": "r.1"}
        (listed,) = call("ListBackupPlans")["BackupPlansList"]
        assert listed == {**made, "CreatorRequestId": "r.1", "BackupPlanName": "plan"}
        (event,) = backup.events
        assert (event["detail-type"], event["resources"]) == ("Backup Plan State Change", [arn])
        assert event["detail"] == {
            "backupPlanId": plan,
            "versionId": made["VersionId"],
            "creationDate": "2026-11-22T03:00:00.250Z",
            "state": "CREATED",
        }

    @pytest.mark.usefixtures("backup")
    def test_what_is_sent_comes_back(self) -> None:
        """Every member of a plan is kept, and days of -1 are none."""
        full = {
            **RULE,
            "TargetBackupVaultName": "vault",
            "ScheduleExpression": "cron(15 12 ? * 7L *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "StartWindowMinutes": 60,
            "CompletionWindowMinutes": 120,
            "EnableContinuousBackup": False,
            "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
            "RecoveryPointTags": {"a": "b"},
            "CopyActions": [
                {
                    "DestinationBackupVaultArn": "arn:aws:backup:eu-west-1:111122223333:"
                    "backup-vault:there",
                    "Lifecycle": {"DeleteAfterDays": 7},
                }
            ],
        }
        air_gapped = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:gapped"
        newer: dict[str, Any] = {
            "IndexActions": [{"ResourceTypes": ["S3"]}],
            "ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN"}],
            "TargetLogicallyAirGappedBackupVaultArn": air_gapped,
        }
        full |= {name: each for name, each in newer.items() if shows("BackupRule", name)}
        settings = {name: each for name, each in SETTINGS.items() if shows("BackupPlan", name)}
        kept_for_ever = {"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": -1}
        continuous = {
            **DEFAULTS,
            **RULE,
            "EnableContinuousBackup": True,
            "Lifecycle": {"DeleteAfterDays": 35},
        }
        sent = document("plan", full, {**RULE, "Lifecycle": kept_for_ever}, continuous, **settings)
        made = call("CreateBackupPlan", BackupPlan=sent)
        found = get(made["BackupPlanId"])
        scans = {name: each for name, each in settings.items() if name == "ScanSettings"}
        expected = document("plan", full, {**DEFAULTS, **RULE}, continuous, **scans)
        assert without_ids(found["BackupPlan"]) == expected
        advanced = settings["AdvancedBackupSettings"]
        (listed,) = call("ListBackupPlans")["BackupPlansList"]
        for answer in (made, found, listed):
            assert answer["AdvancedBackupSettings"] == advanced

    @freeze_time(NOW)
    def test_a_new_version(self, backup: FakeBackup) -> None:
        """An update makes another version, and leaves the old one to be read.

        Each has its own CreationDate [reported: Ansible's tests against AWS].
        """
        plan = make()
        before = get(plan)
        with freeze_time(NOW + timedelta(hours=1)):
            other = document("renamed", {**RULE, "RuleName": "other"})
            updated = call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=other)
        after = get(plan)
        assert after["VersionId"] == updated["VersionId"] != before["VersionId"]
        assert updated["BackupPlanArn"] == before["BackupPlanArn"]
        later = NOW + timedelta(hours=1)
        assert updated["CreationDate"] == after["CreationDate"] == later
        (listed,) = call("ListBackupPlans")["BackupPlansList"]
        assert (before["CreationDate"], listed["CreationDate"]) == (NOW, later)
        assert after["BackupPlan"]["BackupPlanName"] == "renamed"
        assert (
            after["BackupPlan"]["Rules"][0]["RuleId"]
            != (before["BackupPlan"]["Rules"][0]["RuleId"])
        )
        assert get(plan, VersionId=before["VersionId"]) == before
        assert get(plan, VersionId=after["VersionId"]) == after
        assert names() == ["renamed"]
        versions = call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]
        shown = ("VersionId", "BackupPlanName", "CreationDate")
        assert [tuple(each[name] for name in shown) for each in versions] == [
            (before["VersionId"], "plan", NOW),
            (after["VersionId"], "renamed", later),
        ]
        assert changes(backup) == ["Backup Plan CREATED", "Backup Plan MODIFIED"]
        assert backup.events[1]["detail"] == {
            "backupPlanId": plan,
            "versionId": after["VersionId"],
            "modifiedAt": "2026-11-22T04:00:00.250Z",
            "state": "MODIFIED",
        }

    @pytest.mark.usefixtures("backup")
    def test_settings_are_of_a_version(self) -> None:
        """A version that is sent without settings has none."""
        setting = {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}
        first = document(AdvancedBackupSettings=[setting])
        made = call("CreateBackupPlan", BackupPlan=first)
        plan = made["BackupPlanId"]
        updated = call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document())
        assert "AdvancedBackupSettings" not in {**updated, **get(plan)}
        assert get(plan, VersionId=made["VersionId"])["AdvancedBackupSettings"] == [setting]

    @pytest.mark.usefixtures("backup")
    def test_where_settings_stand(self) -> None:
        """GetBackupPlan shows AdvancedBackupSettings beside the plan, ScanSettings in it.

        [reported: terraform's provider] of the first, [documented: model] of the second: its
        answer has none beside. An exported template and a document read from JSON have nothing
        beside: there all settings stay.
        """
        names = [name for name in SETTINGS if shows("BackupPlan", name)]
        sent = document(**{name: SETTINGS[name] for name in names})
        plan = call("CreateBackupPlan", BackupPlan=sent)["BackupPlanId"]
        exported = call("ExportBackupPlanTemplate", BackupPlanId=plan)["BackupPlanTemplateJson"]
        read = call("GetBackupPlanFromJSON", BackupPlanTemplateJson=exported)["BackupPlan"]
        updated = call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=sent)
        for version in call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]:
            found = get(plan, VersionId=version["VersionId"])
            inside = set(found["BackupPlan"])
            assert inside == {"BackupPlanName", "Rules", "ScanSettings"} & set(sent)
        assert names
        for name in names:
            told = SETTINGS[name]
            assert json.loads(exported)[name] == read[name] == told
            for shape, answer in (("GetBackupPlanOutput", found), (UPDATED, updated)):
                assert answer.get(name) == (told if shows(shape, name) else None)

    @pytest.mark.skipif(
        not shows("BackupPlan", "ScanSettings"), reason="this botocore knows no scans of plans"
    )
    @pytest.mark.usefixtures("backup")
    def test_a_plan_that_is_read_and_sent_again_keeps_its_scans(self) -> None:
        """What GetBackupPlan shows of a plan, sent by UpdateBackupPlan, loses no ScanSettings."""
        scans = {"ScanSettings": SETTINGS["ScanSettings"]}
        plan = call("CreateBackupPlan", BackupPlan=document(**scans))["BackupPlanId"]
        changed = without_ids(get(plan)["BackupPlan"])
        changed["Rules"][0]["StartWindowMinutes"] = 60
        updated = call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=changed)
        assert updated["ScanSettings"] == scans["ScanSettings"]
        exported = call("ExportBackupPlanTemplate", BackupPlanId=plan)["BackupPlanTemplateJson"]
        assert json.loads(exported)["ScanSettings"] == scans["ScanSettings"]

    @freeze_time(NOW)
    @pytest.mark.usefixtures("backup")
    def test_a_deleted_plan_by_its_versions(self) -> None:
        """A deleted plan answers to the id of a version alone [reported: terraform's provider].

        With that it goes on answering [reported: moto; medium], and lists its versions [assumed].
        """
        plan = make()
        call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document("second"))
        before = call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]
        shown = [get(plan, VersionId=each["VersionId"]) for each in before]
        call("DeleteBackupPlan", BackupPlanId=plan)
        with pytest.raises(client().exceptions.ResourceNotFoundException):
            get(plan)
        with pytest.raises(client().exceptions.ResourceNotFoundException):
            get(plan, VersionId="none")
        deleted = {"DeletionDate": NOW}
        for version, was in zip(before, shown, strict=True):
            assert get(plan, VersionId=version["VersionId"]) == {**was, **deleted}
        versions = call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]
        assert versions == [{**each, **deleted} for each in before]

    def test_a_plan_may_be_renamed(self, backup: FakeBackup) -> None:
        """Unless the option says otherwise, an update may give another name [assumed]."""
        plan = make()
        call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document("renamed"))
        assert names() == ["renamed"]
        assert changes(backup)[-1] == "Backup Plan MODIFIED"

    @pytest.mark.fake_backup(refuse_renamed_plans=True)
    def test_a_plan_keeps_its_name(self, backup: FakeBackup) -> None:
        """With the option, an update that gives another name is refused [documented: guide]."""
        plan = make()
        asked = {"BackupPlanId": plan, "BackupPlan": document("renamed")}
        error = refused(backup, "UpdateBackupPlan", **asked)["Error"]
        assert error["Code"] == INVALID
        assert "plan cannot be renamed to renamed" in error["Message"]
        call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=rule(RuleName="other"))
        assert names() == ["plan"]

    @freeze_time(NOW)
    def test_a_deleted_plan(self, backup: FakeBackup) -> None:
        """A deleted plan is still read, and listed where that is asked for."""
        plan = make(BackupPlanTags={"a": "b"})
        call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document("second"))
        first, present = call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]
        arn = present["BackupPlanArn"]
        deleted = call("DeleteBackupPlan", BackupPlanId=plan)
        assert deleted == {
            "BackupPlanId": plan,
            "BackupPlanArn": arn,
            "DeletionDate": NOW,
            "VersionId": present["VersionId"],
        }
        gone = get(plan, VersionId=first["VersionId"])
        assert (gone["BackupPlan"]["BackupPlanName"], gone["DeletionDate"]) == ("plan", NOW)
        make("other")
        assert (names(), names(IncludeDeleted=False)) == (["other"], ["other"])
        assert names(IncludeDeleted=True) == ["second", "other"]
        error = refused(backup, "ListTags", ResourceArn=arn)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        assert not tags_of(backup)
        assert changes(backup)[2] == "Backup Plan DELETED"
        assert backup.events[2]["resources"] == [arn]
        assert backup.events[2]["detail"]["deletionDate"] == "2026-11-22T03:00:00.250Z"

    @pytest.mark.usefixtures("backup")
    def test_tags(self) -> None:
        """A plan is made with tags, and takes others."""
        made = call("CreateBackupPlan", BackupPlan=document(), BackupPlanTags={"a": "1"})
        arn = made["BackupPlanArn"]
        call("TagResource", ResourceArn=arn, Tags={"b": "2"})
        assert call("ListTags", ResourceArn=arn)["Tags"] == {"a": "1", "b": "2"}
        call("UntagResource", ResourceArn=arn, TagKeyList=["a"])
        assert call("ListTags", ResourceArn=arn)["Tags"] == {"b": "2"}

    def test_a_request_id_makes_one_plan(self, backup: FakeBackup) -> None:
        """The same request id returns the plan that it made, until that is deleted."""
        plan = make(CreatorRequestId="id-1")
        assert make(CreatorRequestId="id-1") == plan
        assert make("other", CreatorRequestId="id-1") == plan
        assert changes(backup) == ["Backup Plan CREATED"]
        call("DeleteBackupPlan", BackupPlanId=plan)
        again = make(CreatorRequestId="id-1")
        assert again != plan
        assert get(again)["CreatorRequestId"] == "id-1"

    def test_a_request_id_after_an_update(self, backup: FakeBackup) -> None:
        """A retry after an update answers what was created: ids, version and date [assumed]."""
        asked: dict[str, Any] = {"BackupPlan": document(), "CreatorRequestId": "id-1"}
        made = call("CreateBackupPlan", **asked)
        changed = call("UpdateBackupPlan", BackupPlanId=made["BackupPlanId"], BackupPlan=document())
        before = whole(backup)
        assert call("CreateBackupPlan", **asked) == made
        assert whole(backup) == before
        assert changed["VersionId"] != made["VersionId"]

    def test_a_refusal_spends_no_number(self, backup: FakeBackup) -> None:
        """A plan with a tag too many is refused, and the next one has the ids it would have had."""
        tags = {f"key-{number}": "value" for number in range(51)}
        refused(backup, "CreateBackupPlan", BackupPlan=document(), BackupPlanTags=tags)
        made = call("CreateBackupPlan", BackupPlan=document())
        with mock_backup(region=REGION):
            usual = call("CreateBackupPlan", BackupPlan=document())
        for name in ("BackupPlanId", "VersionId"):
            assert made[name] == usual[name]

    def test_a_request_id_with_another_plan(self) -> None:
        """With the option, a request id that made another plan is refused."""
        with mock_backup(region=REGION, refuse_reused_tokens=True) as backup:
            plan = make(CreatorRequestId="id-1")
            assert make(CreatorRequestId="id-1") == plan
            asked = {"BackupPlan": document("other"), "CreatorRequestId": "id-1"}
            error = refused(backup, "CreateBackupPlan", **asked)
            assert error["Error"]["Code"] == "InvalidParameterValueException"

    def test_the_same_document(self, backup: FakeBackup) -> None:
        """A second plan of the same document is refused, defaults spelled out or not."""
        made = call("CreateBackupPlan", BackupPlan=document(), CreatorRequestId="id-1")
        spelled = document("plan", {**RULE, **DEFAULTS})
        error = refused(backup, "CreateBackupPlan", BackupPlan=spelled, CreatorRequestId="id-2")
        assert error["Error"] == {
            "Code": "AlreadyExistsException",
            "Message": "Backup plan with the same plan document already exists",
        }
        assert (error["Arn"], error["CreatorRequestId"]) == (made["BackupPlanArn"], "id-1")
        make("other")
        call("CreateBackupPlan", BackupPlan=document(), region=OTHER_REGION)
        call("DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])
        make()
        assert names() == ["other", "plan"]

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup) -> None:
        """A plan is seen in its account and region alone."""
        plan = make()
        asked = {"BackupPlanId": plan}
        error = refused(backup, "GetBackupPlan", region=OTHER_REGION, **asked)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        with backup.acting_as(OTHER_ACCOUNT):
            assert names() == []
            error = refused(backup, "DeleteBackupPlan", **asked)
            assert error["Error"]["Code"] == "ResourceNotFoundException"
            theirs = get(make())
        assert theirs["BackupPlanArn"].startswith(f"arn:aws:backup:{REGION}:{OTHER_ACCOUNT}:")
        assert names() == ["plan"]
        assert backup.events[1]["account"] == OTHER_ACCOUNT

    def test_a_partition(self) -> None:
        """A plan's ARN has the partition of its region."""
        with mock_backup(region="cn-north-1"):
            made = call("CreateBackupPlan", BackupPlan=document(), region="cn-north-1")
        assert made["BackupPlanArn"].startswith("arn:aws-cn:backup:cn-north-1:")


class TestLists:
    @pytest.mark.usefixtures("backup")
    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_pages_survive_what_happens_between(self, size: int) -> None:
        """A plan that is made or deleted between two pages neither repeats nor hides another."""
        made = [make(f"plan-{number}") for number in range(5)]
        seen: list[str] = []
        for number, page in enumerate(pages("ListBackupPlans", size, "BackupPlansList")):
            seen += [plan["BackupPlanName"] for plan in page]
            if number == 0:
                call("DeleteBackupPlan", BackupPlanId=made[0])
                make("late")
        assert seen == [*(f"plan-{number}" for number in range(5)), "late"]

    @pytest.mark.usefixtures("backup")
    def test_pages_of_versions(self) -> None:
        """Versions are listed as they came, those that come between two pages too."""
        plan = make("0")
        for number in (1, 2):
            call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document(str(number)))
        seen: list[str] = []
        listed = pages("ListBackupPlanVersions", 2, "BackupPlanVersionsList", BackupPlanId=plan)
        for page in listed:
            seen += [each["BackupPlanName"] for each in page]
            if len(seen) == 2:
                call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document("3"))
        assert seen == ["0", "1", "2", "3"]


preview = pytest.mark.skipif(
    not takes("GetBackupPlan", "MaxScheduledRunsPreview"), reason="this botocore has no preview"
)


@preview
@freeze_time(NOW)
class TestPreview:
    def planned(self, count: int, *rules: dict[str, Any], **parameters: Any) -> list[Any]:
        """The next runs: when, by which rule and how."""
        made = call("CreateBackupPlan", BackupPlan=document("plan", *rules), **parameters)
        found = get(made["BackupPlanId"], MaxScheduledRunsPreview=count)
        rules_by_id = {each["RuleId"]: each["RuleName"] for each in found["BackupPlan"]["Rules"]}
        return [
            (
                run["ExecutionTime"].astimezone(timezone.utc).strftime("%d %H:%M"),
                rules_by_id[run["RuleId"]],
                run["RuleExecutionType"],
            )
            for run in found["ScheduledRunsPreview"]
        ]

    @pytest.mark.usefixtures("backup")
    def test_all_rules_in_order(self) -> None:
        """The runs of all rules are told by time, each rule's in its own zone."""
        tokyo = {
            **RULE,
            "RuleName": "tokyo",
            "ScheduleExpression": "cron(0 13 * * ? *)",
            "ScheduleExpressionTimezone": "Asia/Tokyo",
            "EnableContinuousBackup": True,
            "Lifecycle": {"DeleteAfterDays": 35},
        }
        assert self.planned(4, RULE, tokyo) == [
            ("22 04:00", "tokyo", "CONTINUOUS_AND_SNAPSHOTS"),
            ("22 05:00", "daily", "SNAPSHOTS"),
            ("23 04:00", "tokyo", "CONTINUOUS_AND_SNAPSHOTS"),
            ("23 05:00", "daily", "SNAPSHOTS"),
        ]

    @pytest.mark.usefixtures("backup")
    def test_the_end(self) -> None:
        """A schedule that ends has fewer runs, and one that is over none."""
        last = {**RULE, "ScheduleExpression": "cron(0 5 30-31 12 ? 2026)"}
        assert [each[0] for each in self.planned(10, last)] == ["30 05:00", "31 05:00"]
        over = {**RULE, "ScheduleExpression": "cron(0 5 * * ? 2025)"}
        assert self.planned(10, over) == []

    @pytest.mark.usefixtures("backup")
    def test_where_none_is_asked_for(self) -> None:
        """Without a number, with 0, and of a deleted plan there is no preview."""
        plan = make()
        version = {"VersionId": get(plan)["VersionId"]}
        assert "ScheduledRunsPreview" not in get(plan)
        assert "ScheduledRunsPreview" not in get(plan, MaxScheduledRunsPreview=0)
        assert len(get(plan, MaxScheduledRunsPreview=10)["ScheduledRunsPreview"]) == 10
        call("DeleteBackupPlan", BackupPlanId=plan)
        assert "ScheduledRunsPreview" not in get(plan, **version, MaxScheduledRunsPreview=1)


class TestTemplates:
    @pytest.mark.usefixtures("backup")
    def test_listed_and_read(self) -> None:
        """Every template that is listed is read, and makes a plan."""
        listed = call("ListBackupPlanTemplates")["BackupPlanTemplatesList"]
        first = {
            "BackupPlanTemplateId": DAILY_35,
            "BackupPlanTemplateName": "Daily-35day-Retention",
        }
        assert listed[0] == first
        for template in listed:
            key = template["BackupPlanTemplateId"]
            found = call("GetBackupPlanFromTemplate", BackupPlanTemplateId=key)
            plan = found["BackupPlanDocument"]
            made = call("CreateBackupPlan", BackupPlan=plan)
            assert without_ids(get(made["BackupPlanId"])["BackupPlan"]) == plan
        assert names() == [each["BackupPlanTemplateName"] for each in listed]
        paged = list(pages("ListBackupPlanTemplates", 1, "BackupPlanTemplatesList"))
        assert paged == [[each] for each in listed]

    @pytest.mark.usefixtures("backup")
    def test_the_example(self) -> None:
        """The rule of AWS's example is as its documentation prints it."""
        found = call("GetBackupPlanFromTemplate", BackupPlanTemplateId=DAILY_35)
        (found_rule,) = found["BackupPlanDocument"]["Rules"]
        assert found_rule["RuleName"] == "DailyBackups"
        assert found_rule["ScheduleExpression"] == "cron(0 5 ? * * *)"
        assert found_rule["StartWindowMinutes"] == 480
        assert found_rule["Lifecycle"] == {"DeleteAfterDays": 35}

    def test_exported_and_read_back(self, backup: FakeBackup) -> None:
        """What is exported is read back as it is, and not once it was changed."""
        plan = make()
        exported = call("ExportBackupPlanTemplate", BackupPlanId=plan)["BackupPlanTemplateJson"]
        found = call("GetBackupPlanFromJSON", BackupPlanTemplateJson=exported)["BackupPlan"]
        assert found == document("plan", {**RULE, **DEFAULTS})
        assert "RuleId" not in found["Rules"][0]
        changed = exported.replace("daily", "weekly")
        error = refused(backup, "GetBackupPlanFromJSON", BackupPlanTemplateJson=changed)
        assert error["Error"]["Code"] == "InvalidRequestException"

    @pytest.mark.usefixtures("backup")
    def test_ones_own_json(self) -> None:
        """A document that nobody signed is read, with AWS's defaults, and makes no plan."""
        own = {**RULE, "StartWindowMinutes": 90}
        text = json.dumps(document("own", own))
        found = call("GetBackupPlanFromJSON", BackupPlanTemplateJson=text)["BackupPlan"]
        assert found == document("own", {**DEFAULTS, **own})
        assert names() == []


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REQUEST, NOT_FOUND = "InvalidRequestException", "ResourceNotFoundException"
LIMIT, EXISTS = "LimitExceededException", "AlreadyExistsException"
VAULT_ARN = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:v1"


def lifecycle(cold: int | None, delete: int | None) -> dict[str, Any]:
    """A lifecycle."""
    days = {"MoveToColdStorageAfterDays": cold, "DeleteAfterDays": delete}
    return {name: value for name, value in days.items() if value is not None}


def copies(**members: Any) -> dict[str, Any]:
    """A rule's copy action."""
    return {"CopyActions": [{"DestinationBackupVaultArn": VAULT_ARN, **members}]}


BAD_RULES: list[dict[str, Any]] = [
    {"RuleName": "a rule"},
    {"TargetBackupVaultName": "no vault"},
    {"ScheduleExpression": "rate(1 day)"},
    {"ScheduleExpression": "cron(0 5 * * * *)"},
    {"ScheduleExpression": ""},
    {"ScheduleExpressionTimezone": "Berlin"},
    {"ScheduleExpressionTimezone": "localtime"},
    {"StartWindowMinutes": 59},
    {"StartWindowMinutes": 52_560_001},
    {"CompletionWindowMinutes": 59},
    {"CompletionWindowMinutes": 52_560_001},
    {"StartWindowMinutes": 120, "CompletionWindowMinutes": 119},
    # Judged with the defaults: 10080 and 480.
    {"StartWindowMinutes": 20000},
    {"StartWindowMinutes": 10081},
    {"CompletionWindowMinutes": 479},
    # Oftener than hourly.
    {"ScheduleExpression": "cron(* * * * ? *)"},
    {"ScheduleExpression": "cron(0/30 * * * ? *)"},
    {"ScheduleExpression": "cron(0,59 5 * * ? *)"},
    {"Lifecycle": lifecycle(30, 119)},
    {"Lifecycle": lifecycle(None, 0)},
    {"Lifecycle": lifecycle(36501, None)},
    {"EnableContinuousBackup": True, "Lifecycle": lifecycle(None, 36)},
    {"EnableContinuousBackup": True, "Lifecycle": lifecycle(1, None)},
    {"EnableContinuousBackup": True, "Lifecycle": lifecycle(None, 0)},
    {"EnableContinuousBackup": True, "Lifecycle": lifecycle(None, -1)},
    {"EnableContinuousBackup": True, "Lifecycle": {}},
    {"EnableContinuousBackup": True},
    copies(DestinationBackupVaultArn="vault"),
    copies(Lifecycle=lifecycle(30, 31)),
    {"TargetBackupVaultName": "v1", **copies()},
    {"TargetLogicallyAirGappedBackupVaultArn": "vault"},
    {"TargetLogicallyAirGappedBackupVaultArn": VAULT_ARN.replace(REGION, OTHER_REGION)},
    {"TargetLogicallyAirGappedBackupVaultArn": VAULT_ARN.replace(ACCOUNT, OTHER_ACCOUNT)},
    {"IndexActions": [{"ResourceTypes": ["EC2"]}]},
    {"IndexActions": [{"ResourceTypes": ["EBS", "S3"]}]},
    {"IndexActions": [{"ResourceTypes": ["EBS"]}, {}]},
    {"ScanActions": [{"MalwareScanner": "OTHER"}]},
    {"ScanActions": [{"ScanMode": "HALF"}]},
]


def advanced(kind: str, **options: str) -> dict[str, Any]:
    """A plan with an advanced setting."""
    return document(AdvancedBackupSettings=[{"ResourceType": kind, "BackupOptions": options}])


_SCAN_SETTING: dict[str, Any] = SETTINGS["ScanSettings"][0]
UNSCANNABLE: list[dict[str, Any]] = [
    *(
        rule(ScanActions=[{name: value}])
        for name, value in {"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN"}.items()
    ),
    *(
        document(ScanSettings=[{name: _SCAN_SETTING[name] for name in _SCAN_SETTING.keys() - left}])
        for left in ({"MalwareScanner"}, {"ScannerRoleArn"}, {"MalwareScanner", "ScannerRoleArn"})
    ),
]
"""Plans whose scans lack a scanner, a mode or a role."""

BAD_PLANS: list[dict[str, Any]] = [
    document("a plan"),
    document("n" * 201),
    advanced("EBS"),
    advanced("EC2", WindowsVSS="on"),
    advanced("EC2", BackupACLs="enabled"),
    advanced("S3", WindowsVSS="enabled"),
    document(AdvancedBackupSettings=[{}]),
    document(ScanSettings=[{"ResourceTypes": ["RDS"]}]),
    document(ScanSettings=[{"ScannerRoleArn": "role"}]),
    document(ScanSettings=[{"MalwareScanner": "OTHER"}]),
]
DESTINATIONS = [{"DestinationBackupVaultArn": f"{VAULT_ARN}{number}"} for number in range(6)]
TOO_MANY = (
    document("plan", *({**RULE, "RuleName": f"r{number}"} for number in range(11))),
    rule(CopyActions=DESTINATIONS),
    rule(RecoveryPointTags={str(number): "" for number in range(11)}),
)
"""More rules, copies of a rule and tags of its recovery points than AWS's quotas allow."""
NAMED = (
    "GetBackupPlan",
    "UpdateBackupPlan",
    "DeleteBackupPlan",
    "ListBackupPlanVersions",
    "ExportBackupPlanTemplate",
)
FROM_JSON, FROM_TEMPLATE = "GetBackupPlanFromJSON", "GetBackupPlanFromTemplate"
LISTS = ("ListBackupPlans", "ListBackupPlanVersions", "ListBackupPlanTemplates")
NEEDED: dict[str, dict[str, Any]] = {
    "CreateBackupPlan": {"BackupPlan": document("fresh")},
    "UpdateBackupPlan": {"BackupPlan": document("fresh")},
}
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"BackupPlanId": "none"}, NOT_FOUND) for name in NAMED),
    *((name, {"BackupPlanId": ""}, MISSING) for name in NAMED),
    *((name, {"NextToken": "none"}, INVALID) for name in LISTS),
    *((name, {"MaxResults": 1001}, INVALID) for name in LISTS),
    *(
        (name, {"BackupPlan": bad}, INVALID)
        for name in ("CreateBackupPlan", "UpdateBackupPlan")
        for bad in (*(rule(**members) for members in BAD_RULES), *BAD_PLANS)
    ),
    *(
        (name, {"BackupPlan": bad}, MISSING)
        for name in ("CreateBackupPlan", "UpdateBackupPlan")
        for bad in (
            document(""),
            {"BackupPlanName": "fresh", "Rules": []},
            rule(RuleName=""),
            *UNSCANNABLE,
        )
    ),
    *(
        (FROM_JSON, {"BackupPlanTemplateJson": json.dumps(bad)}, MISSING)
        for bad in UNSCANNABLE
        if shows("BackupPlanInput", "ScanSettings")
    ),
    # Of what is too many an update says that its value is bad: it declares no other error.
    *(
        (name, {"BackupPlan": bad}, code)
        for name, code in (("CreateBackupPlan", LIMIT), ("UpdateBackupPlan", INVALID))
        for bad in TOO_MANY
    ),
    *((FROM_JSON, {"BackupPlanTemplateJson": json.dumps(bad)}, LIMIT) for bad in TOO_MANY),
    ("CreateBackupPlan", {"CreatorRequestId": "a b"}, INVALID),
    ("CreateBackupPlan", {"CreatorRequestId": "i" * 51}, INVALID),
    ("CreateBackupPlan", {"BackupPlan": document()}, EXISTS),
    ("CreateBackupPlan", {"BackupPlanTags": {str(n): "" for n in range(51)}}, LIMIT),
    ("GetBackupPlan", {"VersionId": "none"}, NOT_FOUND),
    ("GetBackupPlan", {"VersionId": ""}, INVALID),
    ("GetBackupPlan", {"VersionId": "é" * 513}, INVALID),
    ("GetBackupPlan", {"MaxScheduledRunsPreview": 11}, INVALID),
    ("DeleteBackupPlan", {"BackupPlanId": "selected"}, REQUEST),
    (FROM_TEMPLATE, {"BackupPlanTemplateId": "none"}, NOT_FOUND),
    (FROM_TEMPLATE, {"BackupPlanTemplateId": ""}, MISSING),
    (FROM_JSON, {"BackupPlanTemplateJson": ""}, MISSING),
    *(
        (FROM_JSON, {"BackupPlanTemplateJson": text}, INVALID)
        for text in (
            "{",
            "[]",
            "{}",
            json.dumps({**document(), "Vault": ""}),
            json.dumps(document(1)),  # type: ignore[arg-type]  # what is wrong with it
            json.dumps(rule(StartWindowMinutes="60")),
            json.dumps(rule(RuleName="a rule")),
            json.dumps(rule(StartWindowMinutes=1)),
        )
    ),
    (FROM_JSON, {"BackupPlanTemplateJson": json.dumps(document(Signature="x"))}, REQUEST),
]
CAUSELESS = {
    # An id is free text: one that is not of AWS's form is merely unknown.
    *((name, INVALID) for name in ("DeleteBackupPlan", "ExportBackupPlanTemplate", FROM_TEMPLATE)),
    # Nothing is required, or named that may lack.
    *((name, code) for name in (LISTS[0], LISTS[2]) for code in (NOT_FOUND, MISSING)),
}
"""Declared errors without a natural cause."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        plan = make()
        named = {"BackupPlanId": plan} if operation in NAMED else {}
        asked = {**named, **NEEDED.get(operation, {}), **parameters}
        if asked.get("BackupPlanId") == "selected":
            asked = named
            selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
            call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)
        if not sends(operation, asked):
            pytest.skip("this botocore does not know the parameter")
        assert refused(backup, operation, **asked)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize(
        "operation", sorted({*NAMED, *LISTS, "CreateBackupPlan", FROM_JSON, FROM_TEMPLATE})
    )
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without
        assert not provoked & without

    def test_a_rule_is_named(self, backup: FakeBackup) -> None:
        """An error in a rule says in which, and its context has both parts."""
        bad = rule(Lifecycle=lifecycle(30, 31))
        error = refused(backup, "CreateBackupPlan", BackupPlan=bad)
        told = (
            "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from "
            "MoveToColdStorageAfterDays"
        )
        assert error["Error"]["Message"] == f"Error in rule daily : {told}"
        assert error["Code"] == "ERROR_3015"
        assert json.loads(error["Context"]) == ["daily", told]

    @pytest.mark.skipif(
        not shows("BackupPlanInput", "ScanSettings"), reason="this botocore knows no scans of plans"
    )
    @pytest.mark.parametrize(
        ("bad", "text"),
        [
            (UNSCANNABLE[0], "Error in rule daily : ScanActions.ScanMode is missing"),
            (UNSCANNABLE[1], "Error in rule daily : ScanActions.MalwareScanner is missing"),
            (UNSCANNABLE[2], "ScanSettings.MalwareScanner is missing"),
            (UNSCANNABLE[3], "ScanSettings.ScannerRoleArn is missing"),
        ],
    )
    def test_the_words_of_scans(self, backup: FakeBackup, bad: Any, text: str) -> None:
        """What a scan cannot be without is named, by a client's call and by a seed [assumed]."""
        error = refused(backup, "CreateBackupPlan", BackupPlan=bad)
        assert error["Error"] == {"Code": MISSING, "Message": text}
        with pytest.raises(ValueError, match=f"cannot be seeded so: {re.escape(text)}"):
            backup.add_backup_plan(BackupPlan=bad)
        assert names() == []

    @pytest.mark.parametrize(
        ("given", "text"),
        [
            (None, "Lifecycle must be specified for backup rule enabled continuous backup"),
            ({}, "Lifecycle must be specified for backup rule enabled continuous backup"),
            (lifecycle(30, 120), "Invalid lifecycle. MoveToColdStorageAfterDays is unavailable"),
            (
                lifecycle(None, 36),
                "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days",
            ),
        ],
    )
    def test_the_words_of_continuous_rules(
        self, backup: FakeBackup, given: dict[str, int] | None, text: str
    ) -> None:
        """A continuous rule without a lifecycle, with cold storage, or kept too long is refused.

        The first two texts are [reported: the AWS CDK and terraform's provider, terraform's
        module], the last one [medium].
        """
        of_it = {} if given is None else {"Lifecycle": given}
        bad = rule(EnableContinuousBackup=True, **of_it)
        error = refused(backup, "CreateBackupPlan", BackupPlan=bad)
        assert error["Error"] == {
            "Code": INVALID,
            "Message": f"Error in rule daily : {text}",
        }
        assert error["Code"] == "ERROR_3015"

    def test_the_quotas_of_a_plan(self, backup: FakeBackup) -> None:
        """Ten rules, five copies and ten tags are taken [documented: guide, quotas]."""
        rules = [{**RULE, "RuleName": f"r{number}"} for number in range(10)]
        call("CreateBackupPlan", BackupPlan=document("plan", *rules))
        tags = {str(number): "" for number in range(10)}
        full = {**RULE, "CopyActions": DESTINATIONS[:5], "RecoveryPointTags": tags}
        call("CreateBackupPlan", BackupPlan=document("other", full))
        assert names() == ["plan", "other"]
        error = refused(backup, "CreateBackupPlan", BackupPlan=TOO_MANY[1])
        assert error["Error"]["Message"].startswith("Error in rule daily : ")

    @pytest.mark.fake_backup(quotas={"versions_per_plan": 3})
    def test_the_quota_of_versions(self, backup: FakeBackup) -> None:
        """A plan has 2,000 versions at most [documented: guide, quotas]; here three."""
        plan = make()
        for name in ("second", "third"):
            call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document(name))
        asked = {"BackupPlanId": plan, "BackupPlan": document("fourth")}
        assert refused(backup, "UpdateBackupPlan", **asked)["Error"]["Code"] == INVALID

    def test_a_copy_into_the_same_vault(self, backup: FakeBackup) -> None:
        """A copy into the rule's own vault is refused; one of another place is not [assumed]."""
        elsewhere = VAULT_ARN.replace(REGION, OTHER_REGION)
        own = {"TargetBackupVaultName": "v1"}
        good = rule(**own, **copies(DestinationBackupVaultArn=elsewhere))
        call("CreateBackupPlan", BackupPlan=good)
        error = refused(backup, "CreateBackupPlan", BackupPlan=rule(**own, **copies()))
        assert error["Error"]["Message"] == (
            f"Error in rule daily : A copy in {VAULT_ARN} would lie where its source lies"
        )

    @pytest.mark.parametrize(
        "operation", ["UpdateBackupPlan", "DeleteBackupPlan", "ExportBackupPlanTemplate"]
    )
    def test_a_deleted_plan_is_not_found(self, backup: FakeBackup, operation: str) -> None:
        """A plan is not changed, deleted or exported once it is deleted."""
        plan = make()
        call("DeleteBackupPlan", BackupPlanId=plan)
        asked = {"BackupPlanId": plan, **NEEDED.get(operation, {})}
        error = refused(backup, operation, **asked)
        assert error["Error"]["Code"] == "ResourceNotFoundException"

    def test_the_quota_of_plans(self, backup: FakeBackup) -> None:
        """AWS's quota of plans is of one region of an account; deleted ones do not count."""
        made = [make(f"plan-{number}") for number in range(300)]
        error = refused(backup, "CreateBackupPlan", BackupPlan=document("last"))
        assert error["Error"]["Code"] == "LimitExceededException"
        call("CreateBackupPlan", BackupPlan=document("last"), region=OTHER_REGION)
        call("DeleteBackupPlan", BackupPlanId=made[0])
        make("last")
