"""Seeded backup plans and their selections: they run, have versions, and belong to somebody."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupWarning, mock_backup
from fakebackup.nouns import seeding
from fakebackup.nouns.table import NOUNS
from support.botocore_model import takes
from support.client import call, refused
from support.constants import ACCOUNT, NOW, REGION, ROLE
from support.entries import HOME

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT),
]

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
START = datetime(2024, 5, 1, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
PLAN, SELECTION = NOUNS["Backup plan"], NOUNS["Backup selection"]
NIGHTLY: Any = {"RuleName": "nightly", "TargetBackupVaultName": "vault"}


class TestRuns:
    def test_by_hand(self, backup: FakeBackup) -> None:
        """A seeded plan starts the jobs that its seeded selections select."""
        backup.add_resource(VOLUME, tags={"team": "a"})
        plan = backup.add_backup_plan(BackupPlanName="plan", Rules=[NIGHTLY])
        tag: Any = {"ConditionType": "STRINGEQUALS", "ConditionKey": "team", "ConditionValue": "a"}
        backup.add_backup_selection(ListOfTags=[tag], IamRoleArn=ROLE)
        (job,) = backup.run_plan(plan.key)
        assert (job["ResourceArn"], job["IamRoleArn"]) == (VOLUME, ROLE)
        assert job["CreatedBy"]["BackupPlanArn"] == plan.arn
        assert job["BackupVaultName"] == "vault"
        assert plan["LastExecutionDate"] == job["CreationDate"]

    def test_by_default_all_that_was_added(self, backup: FakeBackup) -> None:
        """Plan and selection by default back up every resource to the default vault."""
        backup.add_resource(VOLUME)
        plan = backup.add_backup_plan()
        backup.add_backup_selection()
        (job,) = backup.run_plan(plan.key)
        assert (job["ResourceArn"], job["BackupVaultName"]) == (VOLUME, "Default")

    def test_conditions_alone(self, backup: FakeBackup) -> None:
        """Conditions, and resources left out, narrow the default; without any it is refused."""
        plan = backup.add_backup_plan()
        for number in (1, 2):
            backup.add_resource(f"{VOLUME}{number}", tags={"number": str(number)})
        condition: Any = {"ConditionKey": "aws:ResourceTag/number", "ConditionValue": "1"}
        backup.add_backup_selection(Conditions={"StringEquals": [condition]})
        assert [job["ResourceArn"] for job in backup.run_plan(plan.key)] == [f"{VOLUME}1"]
        with pytest.raises(ValueError, match="A backup selection cannot be seeded so: "):
            backup.add_backup_selection(Resources=None)

    def test_by_the_clock(self) -> None:
        """Its rules run at their times, as those of a plan that a client created."""
        with (
            freeze_time(START) as frozen,
            mock_backup(region=REGION, progress="clock") as backup,
        ):
            backup.add_resource(VOLUME)
            plan = backup.add_backup_plan(Rules=[NIGHTLY])
            backup.add_backup_selection()
            frozen.move_to(START + 4 * HOUR)
            assert not backup.backup_jobs
            frozen.move_to(START + 6 * HOUR)
            (job,) = backup.backup_jobs.values()
            assert job["CreationDate"] == START + 5 * HOUR
            backup.remove(plan)
            frozen.move_to(START + 30 * HOUR)
            assert len(backup.backup_jobs) == 1

    def test_a_recorded_one_without_times(self, backup: FakeBackup) -> None:
        """A rule that lacks members, as an old recording's, runs with AWS's defaults of them."""
        document = {"BackupPlanName": "old", "Rules": [NIGHTLY]}
        members = {"BackupPlanId": "p", "BackupPlan": document}
        organization = backup.backend.organization
        seeding.seed(organization, HOME, PLAN, members, exact=True)
        selected = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [VOLUME]}
        members = {"SelectionId": "s", "BackupPlanId": "p", "BackupSelection": selected}
        seeding.seed(organization, HOME, SELECTION, members, exact=True)
        assert backup.backup_plans["p"]["BackupPlan"] == document
        (job,) = backup.run_plan("p")
        assert job["StartBy"] - job["CreationDate"] == timedelta(hours=8)
        assert "BackupRuleId" not in job["CreatedBy"]

    def test_one_of_a_list_alone(self, backup: FakeBackup) -> None:
        """Without its document a plan has no rule to run, which the error says."""
        members = {"BackupPlanId": "p", "BackupPlanName": "listed"}
        seeding.seed(backup.backend.organization, HOME, PLAN, members, exact=True)
        with pytest.raises(ValueError, match=r"not known what rules .* from a list.* Load what"):
            backup.run_plan("p")
        assert call("GetBackupPlan", BackupPlanId="p") == {"BackupPlanId": "p"}

    def test_a_document_without_rules(self, backup: FakeBackup) -> None:
        """A recorded document without rules is not said to come from a list."""
        document = {"BackupPlanName": "bare", "Rules": []}
        backup.load({"BackupPlanId": "p", "BackupPlan": document}, operation="GetBackupPlan")
        with pytest.raises(ValueError, match="its document was recorded without any"):
            backup.run_plan("p")

    def test_a_selection_of_a_list_alone(self, backup: FakeBackup) -> None:
        """Without its document a selection selects nothing."""
        backup.add_resource(VOLUME)
        plan = backup.add_backup_plan()
        members = {"SelectionId": "s", "BackupPlanId": plan.key, "SelectionName": "listed"}
        seeding.seed(backup.backend.organization, HOME, SELECTION, members, exact=True)
        with pytest.warns(FakeBackupWarning, match="it has no selection"):
            assert not backup.run_plan(plan.key)


class TestVersions:
    def test_a_deleted_plan(self, backup: FakeBackup) -> None:
        """With a DeletionDate it is listed among deleted plans alone, and found by its version."""
        made = backup.add_backup_plan(DeletionDate=NOW, Tags={"a": "b"})
        assert not backup.backup_plans
        assert call("ListBackupPlans")["BackupPlansList"] == []
        (listed,) = call("ListBackupPlans", IncludeDeleted=True)["BackupPlansList"]
        assert listed["DeletionDate"] == NOW
        version = {"BackupPlanId": made.key, "VersionId": made["VersionId"]}
        assert call("GetBackupPlan", **version) == dict(made)
        text = f"BackupPlanId {made.key!r} is taken"
        with pytest.raises(ValueError, match=text):
            backup.add_backup_plan(BackupPlanId=made.key)
        backup.remove(made)
        assert call("ListBackupPlans", IncludeDeleted=True)["BackupPlansList"] == []

    @pytest.mark.parametrize("order", ["present first", "versions first"])
    def test_recorded_versions(self, order: str) -> None:
        """A plan and the list of its versions load in either order; all versions are there."""
        with mock_backup(region=REGION, account_id=ACCOUNT):
            document = {"BackupPlanName": "plan", "Rules": [NIGHTLY]}
            plan = call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
            for name in ("second", "third"):
                changed = {**document, "Rules": [{**NIGHTLY, "RuleName": name}]}
                call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=changed)
            versions = call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]
            answers = [
                call("GetBackupPlan", BackupPlanId=plan, VersionId=each["VersionId"])
                for each in versions
            ]
            present = call("GetBackupPlan", BackupPlanId=plan)
        recorded = [*versions, *answers]
        if order == "present first":
            recorded = [present, *reversed(recorded)]
        with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
            for members in recorded:
                organization = backup.backend.organization
                seeding.seed(organization, HOME, PLAN, members, exact=True, merge=True)
            assert call("GetBackupPlan", BackupPlanId=plan) == present
            again = call("ListBackupPlanVersions", BackupPlanId=plan)["BackupPlanVersionsList"]
            assert again == versions
            assert answers == [
                call("GetBackupPlan", BackupPlanId=plan, VersionId=each["VersionId"])
                for each in versions
            ]


class TestServices:
    """Plans of AWS Organizations and of EFS; `answering.test_service_owned` has what is refused."""

    def test_of_efs(self, backup: FakeBackup) -> None:
        """A plan with an id of EFS's has the names that EFS gives, and cannot be deleted."""
        plan = backup.add_backup_plan(BackupPlanId="aws/efs/1")
        chosen = backup.add_backup_selection()
        assert plan.arn == f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:aws/efs/1"
        document = plan["BackupPlan"]
        assert document["BackupPlanName"] == "aws/efs/automatic-backup-plan"
        vault = document["Rules"][0]["TargetBackupVaultName"]
        assert vault == "aws/efs/automatic-backup-vault"
        name = chosen["BackupSelection"]["SelectionName"]
        assert name == "aws/efs/automatic-backup-selection"
        error = refused(backup, "DeleteBackupPlan", BackupPlanId=plan.key)["Error"]
        assert error["Code"] == "AccessDeniedException"

    def test_of_organizations(self, backup: FakeBackup) -> None:
        """A plan whose ARN has an id of AWS Organizations' is theirs."""
        arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:orgs/1"
        plan = backup.add_backup_plan(BackupPlanArn=arn)
        assert plan.key == "orgs/1"
        error = refused(backup, "DeleteBackupPlan", BackupPlanId="orgs/1")["Error"]
        assert error["Message"] == (
            "Backup plan cannot be deleted for backup plan orgs/1 created by organizations"
        )
        backup.remove(plan)
        assert not backup.backup_plans


class TestDocuments:
    def test_inside_or_beside(self, backup: FakeBackup) -> None:
        """The members of the document may stand beside it; the answers are the same."""
        setting: Any = {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}
        own: Any = {"Rules": [{**NIGHTLY, "RuleId": "r"}], "AdvancedBackupSettings": [setting]}
        first = backup.add_backup_plan(BackupPlanName="plan", **own)
        document: Any = {"BackupPlanName": "plan", **own}
        second = backup.add_backup_plan(BackupPlan=document)
        assert first["BackupPlan"] == second["BackupPlan"]
        assert first["AdvancedBackupSettings"] == second["AdvancedBackupSettings"] == [setting]
        listed = call("ListBackupPlans")["BackupPlansList"]
        assert [each["BackupPlanName"] for each in listed] == ["plan", "plan"]

    @pytest.mark.skipif(
        not takes("GetBackupPlan", "MaxScheduledRunsPreview"), reason="this botocore has no preview"
    )
    def test_a_preview_is_ignored(self, backup: FakeBackup) -> None:
        """ScheduledRunsPreview, which is worked out anew, is no reason to refuse a recording."""
        plan = backup.add_backup_plan()
        answer = call("GetBackupPlan", BackupPlanId=plan.key, MaxScheduledRunsPreview=2)
        backup.remove(plan)
        again = backup.add_backup_plan(**answer)
        assert "ScheduledRunsPreview" in answer
        assert "ScheduledRunsPreview" not in again

    def test_a_client_goes_on(self, backup: FakeBackup) -> None:
        """A client updates a seeded plan, adds a selection and deletes both."""
        plan = backup.add_backup_plan(BackupPlanName="plan")
        changed = {"BackupPlanName": "other", "Rules": [NIGHTLY]}
        call("UpdateBackupPlan", BackupPlanId=plan.key, BackupPlan=changed)
        assert plan["BackupPlan"]["BackupPlanName"] == "other"
        versions = call("ListBackupPlanVersions", BackupPlanId=plan.key)["BackupPlanVersionsList"]
        assert [each["BackupPlanName"] for each in versions] == ["plan", "other"]
        chosen = backup.add_backup_selection()
        asked = {"BackupPlanId": plan.key, "SelectionId": chosen.key}
        call("DeleteBackupSelection", **asked)
        call("DeleteBackupPlan", BackupPlanId=plan.key)
        assert not backup.backup_plans

    def test_the_same_document_again(self, backup: FakeBackup) -> None:
        """A client that creates a seeded plan again is told that it exists."""
        plan = backup.add_backup_plan(BackupPlanName="plan", Rules=[NIGHTLY])
        document = {"BackupPlanName": "plan", "Rules": [NIGHTLY]}
        error = refused(backup, "CreateBackupPlan", BackupPlan=document)
        assert (error["Error"]["Code"], error["Arn"]) == ("AlreadyExistsException", plan.arn)
        chosen = backup.add_backup_selection(Resources=[VOLUME], IamRoleArn=ROLE)
        again = {"SelectionName": "backup-selection-1", "IamRoleArn": ROLE, "Resources": [VOLUME]}
        asked = {"BackupPlanId": plan.key, "BackupSelection": again}
        error = refused(backup, "CreateBackupSelection", **asked)
        assert error["Error"]["Code"] == "AlreadyExistsException"
        assert chosen["BackupSelection"]["SelectionName"] == "backup-selection-1"
