"""Backup plans that run: by hand, and by the clock."""

from __future__ import annotations

import contextlib
import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupError, FakeBackupWarning, mock_backup
from fakebackup.model.engine import moves, runs, starts
from support.botocore_model import shows
from support.client import call, held
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import Job

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t"
BUCKET = "arn:aws:s3:::bucket"
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:c"
FILES = f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/fs-1"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
OTHER_ROLE = ROLE + "Other"
NIGHTLY = "cron(0 5 ? * * *)"


def vault_arn(name: str, region: str = REGION, account: str = ACCOUNT) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


pytestmark = pytest.mark.fake_backup(region=REGION)


@pytest.fixture
def vaults(backup: FakeBackup) -> None:
    """Two vaults."""
    backup.add_vault(BackupVaultName="Daily")
    backup.add_vault(BackupVaultName="Copies")


from_the_start = pytest.mark.usefixtures("at", "vaults")
"""Time stands still at the start, before the fake begins, until the test lets it pass."""


@pytest.fixture
def at() -> Iterator[Callable[[timedelta], None]]:
    """A function that lets time pass, to so long after the start; clocks of freezegun."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


def rule(name: str = "nightly", **members: Any) -> dict[str, Any]:
    """A rule."""
    return {"RuleName": name, "TargetBackupVaultName": "Daily", **members}


def plan(*rules: dict[str, Any], name: str = "plan", region: str = REGION, **members: Any) -> str:
    """Make a plan, and return its id."""
    document = {"BackupPlanName": name, "Rules": list(rules) or [rule()], **members}
    answer = call("CreateBackupPlan", BackupPlan=document, region=region)
    return str(answer["BackupPlanId"])


def select(plan_id: str, *arns: str, region: str = REGION, **members: Any) -> str:
    """Make a selection of resources, and return its id."""
    given = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": list(arns), **members}
    answer = call(
        "CreateBackupSelection", BackupPlanId=plan_id, BackupSelection=given, region=region
    )
    return str(answer["SelectionId"])


def of_volume(*rules: dict[str, Any], **members: Any) -> str:
    """Make a plan of one volume."""
    made = plan(*rules, **members)
    select(made, VOLUME)
    return made


def tagged(key: str, value: str) -> dict[str, str]:
    """An item of ListOfTags."""
    return {"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value}


def named(jobs: Any) -> list[str]:
    """What jobs back up."""
    return [job["ResourceArn"] for job in jobs]


def made(fake: FakeBackup) -> list[tuple[str, datetime]]:
    """The backup jobs that there are, the oldest first: resource and creation."""
    jobs = reversed(list(fake.backup_jobs.values()))
    return [(job["ResourceArn"], job["CreationDate"]) for job in jobs]


def complete(job: Job) -> None:
    """Let a job run and complete."""
    job.run()
    job.complete()


@from_the_start
class TestByHand:
    """`run_plan`."""

    def test_job(self, backup: FakeBackup) -> None:
        """The job says whose it is, as one that the clock would start."""
        lifecycle = {"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 91}
        made = of_volume(
            rule(
                StartWindowMinutes=90,
                CompletionWindowMinutes=180,
                Lifecycle=lifecycle,
                RecoveryPointTags={"team": "blue"},
                ScheduleExpression="cron(0 3 * * ? *)",
                ScheduleExpressionTimezone="Europe/Berlin",
            )
        )
        shown = call("GetBackupPlan", BackupPlanId=made)
        (job,) = backup.run_plan(made)

        assert job.id == job.id.upper() != job.id.lower()
        assert job["State"] == "CREATED"
        assert job["ResourceArn"] == VOLUME
        assert job["ResourceType"] == "EBS"
        assert job["IamRoleArn"] == ROLE
        assert job["BackupVaultArn"] == vault_arn("Daily")
        assert job["CreationDate"] == START
        assert job["StartBy"] == START + 90 * MINUTE
        creator = {
            "BackupPlanId": made,
            "BackupPlanArn": shown["BackupPlanArn"],
            "BackupPlanName": "plan",
            "BackupPlanVersion": shown["VersionId"],
            "BackupRuleId": shown["BackupPlan"]["Rules"][0]["RuleId"],
            "BackupRuleName": "nightly",
            "BackupRuleCron": "cron(0 3 * * ? *)",
            "BackupRuleTimezone": "Europe/Berlin",
        }
        known = {n: each for n, each in creator.items() if shows("RecoveryPointCreator", n)}
        assert job["CreatedBy"] == known
        assert call("DescribeBackupJob", BackupJobId=job.id)["CreatedBy"] == known

        job.complete()
        point = backup.recovery_points[job["RecoveryPointArn"]]
        assert point["CreatedBy"] == known
        assert point["Lifecycle"] == lifecycle
        tags = call("ListTags", ResourceArn=point.arn)["Tags"]
        assert tags == {"team": "blue"}
        told = {
            "backupPlanId": made,
            "backupPlanArn": shown["BackupPlanArn"],
            "backupPlanVersion": shown["VersionId"],
            "backupPlanRuleId": creator["BackupRuleId"],
        }
        created, *later = job.events
        assert "createdBy" not in created["detail"]
        assert [each["detail"]["createdBy"] for each in later] == [told] * len(later) != []

    def test_rules_and_resources(self, backup: FakeBackup) -> None:
        """There is a job for each rule and resource, or for those of one rule."""
        made = plan(rule("one"), rule("two", TargetBackupVaultName="Copies"))
        select(made, VOLUME, BUCKET)
        jobs = backup.run_plan(made)
        assert named(jobs) == [VOLUME, BUCKET] * 2
        assert [job["BackupVaultName"] for job in jobs] == ["Daily"] * 2 + ["Copies"] * 2
        two = backup.run_plan(made, "two")
        assert [job["BackupVaultName"] for job in two] == ["Copies"] * 2
        assert set(backup.backup_jobs) == {job.id for job in (*jobs, *two)}

    def test_what_is_not_there(self, backup: FakeBackup) -> None:
        """A plan or a rule that is not there is refused, and where none is selected none starts."""
        made = plan(rule("weekly"))
        with pytest.warns(FakeBackupWarning) as told:
            assert backup.run_plan(made) == []
        assert [str(each.message) for each in told] == [
            (
                "A run of the backup plan 'plan' selects nothing: it has no selection. Make one "
                "by create_backup_selection or add_backup_selection."
            )
        ]
        with pytest.raises(ValueError, match="no rule 'weekl'; did you mean 'weekly'"):
            backup.run_plan(made, "weekl")
        with pytest.raises(ValueError, match="no rule 'x': its rules are weekly"):
            backup.run_plan(made, "x")
        with pytest.raises(ValueError, match=r"no backup plan with the id 'x' in .* there is 1"):
            backup.run_plan("x")
        with pytest.raises(ValueError, match=f"the id 'plan' in .*: that is the name of {made}"):
            backup.run_plan("plan")
        with pytest.raises(TypeError, match="A plan is run by its id, the key of an entry, not <"):
            backup.run_plan(backup.backup_plans[made])  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=f"no backup plan with the id .* in {ACCOUNT} eu-west"):
            backup.at(region=OTHER_REGION).run_plan(made)
        call("DeleteBackupPlan", BackupPlanId=made)
        with pytest.raises(ValueError, match="it was deleted"):
            backup.run_plan(made)
        assert not backup.backup_jobs

    def test_last_execution(self, backup: FakeBackup) -> None:
        """A plan shows when it ran last, and shows nothing before."""
        made = of_volume()
        assert "LastExecutionDate" not in call("GetBackupPlan", BackupPlanId=made)
        with freeze_time(START + HOUR):
            backup.run_plan(made)
        assert call("GetBackupPlan", BackupPlanId=made)["LastExecutionDate"] == START + HOUR
        (listed,) = call("ListBackupPlans")["BackupPlansList"]
        assert listed["LastExecutionDate"] == START + HOUR

    def test_polls_move(self, backup: FakeBackup) -> None:
        """The jobs move as those do that clients start."""
        (job,) = backup.run_plan(of_volume())
        states = [call("DescribeBackupJob", BackupJobId=job.id)["State"] for _ in range(3)]
        assert states == ["CREATED", "RUNNING", "COMPLETED"]

    @pytest.mark.parametrize(
        ("mode", "state"), [("immediate", "COMPLETED"), ("manual", "CREATED"), ("clock", "CREATED")]
    )
    def test_modes(self, mode: Any, state: str) -> None:
        """The option `progress` moves them; none but the clock runs plans by themselves."""
        with freeze_time(START) as frozen, mock_backup(region=REGION, progress=mode) as fake:
            fake.add_vault(BackupVaultName="Daily")
            (job,) = fake.run_plan(of_volume())
            assert job["State"] == state
            frozen.move_to(START + 2 * DAY)
            assert len(fake.backup_jobs) == (3 if mode == "clock" else 1)

    def test_outcomes(self, backup: FakeBackup) -> None:
        """How the jobs end is decided as for those that clients start."""
        made = plan()
        select(made, VOLUME, BUCKET)
        backup.next_outcome("StartBackupJob", ResourceArn=BUCKET, State="FAILED")
        jobs = backup.run_plan(made)
        for _ in range(3):
            call("ListBackupJobs")
        assert [job["State"] for job in jobs] == ["COMPLETED", "FAILED"]

    def test_missing_vault(self, backup: FakeBackup) -> None:
        """A job whose vault is not there fails, and says so."""
        (job,) = backup.run_plan(of_volume(rule(TargetBackupVaultName="none-such")))
        for _ in range(3):
            call("ListBackupJobs")
        assert job["State"] == "FAILED"
        assert job["StatusMessage"] == (
            f"Backup job failed because backup vault {vault_arn('none-such')} does not exist."
        )
        assert set(backup.vaults) == {"Daily", "Copies"}

    def test_locked_vault(self, backup: FakeBackup) -> None:
        """A job fails whose lifecycle the lock of its vault does not allow.

        [documented: guide, status messages]
        """
        backup.add_vault(BackupVaultName="Locked", MinRetentionDays=7)
        short = rule(TargetBackupVaultName="Locked", Lifecycle={"DeleteAfterDays": 6})
        (job,) = backup.run_plan(of_volume(short))
        for _ in range(3):
            call("ListBackupJobs")
        assert job["State"] == "FAILED"
        assert job["StatusMessage"] == (
            "Backup job failed because the lifecycle is outside the valid range for backup vault."
        )

    def test_composite(self, backup: FakeBackup) -> None:
        """A stack is one job, with children, and so is the copy of it."""
        action = {"DestinationBackupVaultArn": vault_arn("Copies")}
        made = plan(rule(CopyActions=[action]))
        select(made, STACK)
        (job,) = backup.run_plan(made)
        assert job["IsParent"] is True
        assert len(backup.backup_jobs) == 3
        complete(job)
        parents = [each for each in backup.copy_jobs.values() if each["IsParent"]]
        assert [each["SourceRecoveryPointArn"] for each in parents] == [job["RecoveryPointArn"]]
        assert len(backup.copy_jobs) == 3

    def test_settings(self, backup: FakeBackup) -> None:
        """What a plan sets for a type, its jobs have; a rule's index is made."""
        if not shows("BackupRuleInput", "IndexActions"):
            pytest.skip("this botocore knows no indexes")
        vss = {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}
        made = plan(rule(IndexActions=[{"ResourceTypes": ["EBS"]}]), AdvancedBackupSettings=[vss])
        select(made, INSTANCE, VOLUME)
        instance, volume = backup.run_plan(made)
        assert instance["BackupOptions"] == {"WindowsVSS": "enabled"}
        assert "BackupOptions" not in volume
        for job in (instance, volume):
            complete(job)
        indexed = [point.get("IndexStatus") for point in backup.recovery_points.values()]
        assert sorted(map(str, indexed)) == ["ACTIVE", "None"]

    def test_accounts_and_regions(self, backup: FakeBackup) -> None:
        """A plan runs in its account and region, for the resources that were added there."""
        there = backup.at(region=OTHER_REGION)
        there.add_vault(BackupVaultName="Daily")
        there.add_resource(BUCKET)
        backup.add_resource(TABLE)
        made = plan(region=OTHER_REGION)
        select(made, "*", region=OTHER_REGION)
        (job,) = there.run_plan(made)
        assert (job.region, job["ResourceArn"]) == (OTHER_REGION, BUCKET)
        assert not backup.backup_jobs
        with backup.acting_as(OTHER_ACCOUNT) as other:
            foreign = plan()
            select(foreign, BUCKET)
            assert other.run_plan(foreign)[0]["AccountId"] == OTHER_ACCOUNT


@from_the_start
class TestSelections:
    """Which resources a run is for."""

    def test_tags_and_wildcards(self, backup: FakeBackup) -> None:
        """What is not given by its whole ARN is selected among what was added."""
        backup.add_resource(TABLE, tags={"backup": "daily"})
        backup.add_resource(BUCKET, tags={"backup": "never"})
        backup.add_resource(INSTANCE)
        by_tag, by_arn = plan(name="tags"), plan(name="arns")
        select(by_tag, VOLUME, ListOfTags=[tagged("backup", "daily")])
        select(by_arn, "*", NotResources=[f"arn:aws:ec2:{REGION}:{ACCOUNT}:*"])
        assert sorted(named(backup.run_plan(by_tag))) == sorted([TABLE, VOLUME])
        assert named(backup.run_plan(by_arn)) == [TABLE, BUCKET]

    def test_added_again(self, backup: FakeBackup) -> None:
        """A resource that is added again has other tags; the mapping is a copy."""
        made = plan()
        select(made, ListOfTags=[tagged("backup", "daily")])
        backup.add_resource(TABLE, tags={"backup": "daily"})
        assert named(backup.run_plan(made)) == [TABLE]
        backup.add_resource(TABLE, tags={"stage": "test"})
        with pytest.warns(FakeBackupWarning, match=rf"resources in .*: {TABLE} \(stage=test\)"):
            assert backup.run_plan(made) == []
        assert backup.resources == {TABLE: {"stage": "test"}}
        backup.resources[TABLE]["backup"] = "daily"
        assert backup.resources == {TABLE: {"stage": "test"}}
        assert backup.at(region=OTHER_REGION).resources == {}

    def test_refused(self, backup: FakeBackup) -> None:
        """What AWS Backup does not protect is refused, and tags that are none."""
        with pytest.raises(ValueError, match="no ARN of a resource"):
            backup.add_resource(TOPIC)
        with pytest.raises(TypeError, match="Tags is a dict of strings"):
            backup.add_resource(TABLE, tags={"a": 1})  # type: ignore[dict-item]  # what is refused
        assert backup.resources == {}

    def test_named_twice(self, backup: FakeBackup) -> None:
        """What two selections name is backed up once, by the older one's role."""
        made = plan()
        select(made, VOLUME)
        select(made, VOLUME, BUCKET, IamRoleArn=OTHER_ROLE, SelectionName="t")
        jobs = backup.run_plan(made)
        assert named(jobs) == [VOLUME, BUCKET]
        assert [job["IamRoleArn"] for job in jobs] == [ROLE, OTHER_ROLE]

    def test_conditions(self, backup: FakeBackup) -> None:
        """What is given by its ARN has the tags that it was added with, or none."""
        stage = {"ConditionKey": "aws:ResourceTag/stage", "ConditionValue": "prod"}
        made = plan()
        select(made, VOLUME, BUCKET, Conditions={"StringEquals": [stage]})
        with pytest.warns(FakeBackupWarning, match=r"add_resource\(arn, tags={'stage': 'prod'}\)"):
            assert backup.run_plan(made) == []
        backup.add_resource(BUCKET, {"stage": "prod"})
        assert named(backup.run_plan(made)) == [BUCKET]

    @pytest.mark.parametrize(
        ("arn", "why"),
        [
            (TOPIC, "no type of resource that AWS Backup is known to protect"),
            (VOLUME.replace(REGION, OTHER_REGION), f"it lies in {ACCOUNT} {OTHER_REGION}"),
            (VOLUME.replace(ACCOUNT, OTHER_ACCOUNT), f"it lies in {OTHER_ACCOUNT} {REGION}"),
            ("arn:aws:s3:::awsbackup-restore-test-1", "plans pass over what a restore test made"),
        ],
    )
    def test_named_in_vain(self, backup: FakeBackup, arn: str, why: str) -> None:
        """What a plan names whole and cannot back up, its run says once for each plan and ARN."""
        made, other = plan(), plan(name="other")
        for each in (made, other):
            select(each, arn, VOLUME, BUCKET)
        with pytest.warns(FakeBackupWarning, match=f"'s' of backup plan 'plan' .*{arn}.*{why}"):
            assert named(backup.run_plan(made)) == [VOLUME, BUCKET]
        assert named(backup.run_plan(made)) == [VOLUME, BUCKET]
        with pytest.warns(FakeBackupWarning, match="'other'") as caught:
            backup.run_plan(other)
        assert [each.filename for each in caught] == [__file__]
        backup.reset()
        backup.add_vault(BackupVaultName="Daily")
        again = plan()
        select(again, arn)
        with pytest.warns(FakeBackupWarning, match=arn):
            assert backup.run_plan(again) == []

    def test_not_in_vain(self, backup: FakeBackup) -> None:
        """What NotResources or a condition leaves out is named by nobody: nothing is said."""
        made = plan()
        stage = {"ConditionKey": "aws:ResourceTag/stage", "ConditionValue": "prod"}
        select(made, TOPIC, Conditions={"StringEquals": [stage]})
        select(made, TOPIC, VOLUME, NotResources=["arn:aws:sns:*"], SelectionName="t")
        assert named(backup.run_plan(made)) == [VOLUME]

    def test_an_error_of_the_warning(self, backup: FakeBackup) -> None:
        """Where warnings are errors, the run that would warn does nothing; the next one runs."""
        made = plan()
        select(made, VOLUME, TOPIC)
        before = held(backup)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(FakeBackupWarning, match=TOPIC):
                backup.run_plan(made)
            assert held(backup) == before
            assert named(backup.run_plan(made)) == [VOLUME]

    def test_added_elsewhere(self, backup: FakeBackup) -> None:
        """A resource that lies elsewhere is not backed up though it was added here, and said."""
        foreign = TABLE.replace(REGION, OTHER_REGION)
        backup.add_resource(foreign, {"backup": "daily"})
        backup.add_resource(TABLE, {"backup": "daily"})
        made = plan()
        select(made, ListOfTags=[tagged("backup", "daily")])
        with pytest.warns(FakeBackupWarning, match=f"{foreign}.*own account and Region"):
            assert named(backup.run_plan(made)) == [TABLE]

    @pytest.mark.parametrize(
        ("selection", "expected"),
        [
            ({"ListOfTags": [tagged("backup", "daily")]}, []),
            ({"Resources": ["*"]}, []),
            ({"Resources": ["arn:aws:dynamodb:*", "arn:aws:s3:*"]}, []),
            ({"Resources": ["arn:aws:dynamodb:*:*:table/*", "arn:aws:s3:*"]}, [TABLE]),
            ({"Resources": ["arn:aws:s3:::*", "arn:aws:dynamodb:*:*:*"]}, [BUCKET]),
            ({"Resources": ["*", TABLE]}, [TABLE]),
            ({"Resources": ["arn:aws:rds:*:*:cluster:*", "arn:aws:fsx:*:*:file-system/*"]}, []),
            ({"Resources": [CLUSTER]}, [CLUSTER]),
            # A type that is assigned takes priority over a tag; another type does not.
            (
                {"Resources": [f"{TABLE}2"], "ListOfTags": [tagged("backup", "daily")]},
                [TABLE, f"{TABLE}2"],
            ),
        ],
    )
    def test_opted_out(
        self, backup: FakeBackup, selection: dict[str, Any], expected: list[str]
    ) -> None:
        """Opt-ins decide for tags, `*`, whole services and shared forms of ARNs.

        They do not where an ARN or a pattern names the type. [documented: model, and guide,
        assigning resources]
        """
        types = dict.fromkeys(("DynamoDB", "S3", "Aurora", "FSx"), False)
        call("UpdateRegionSettings", ResourceTypeOptInPreference=types)
        for arn in (TABLE, BUCKET, CLUSTER, FILES):
            backup.add_resource(arn, {"backup": "daily"})
        made = plan()
        select(made, **{"Resources": [], **selection})
        nothing = pytest.warns(FakeBackupWarning, match="has opted out of")
        with contextlib.nullcontext() if expected else nothing:
            assert named(backup.run_plan(made)) == expected

    @pytest.mark.parametrize("by_hand", [True, False])
    def test_all_opted_out(self, at: Callable[[timedelta], None], by_hand: bool) -> None:  # noqa: FBT001  parametrized
        """A run that passes over all that matches says so once, and how to have it backed up."""
        with mock_backup(region=REGION, progress="manual" if by_hand else "clock") as backup:
            backup.add_vault(BackupVaultName="Daily")
            call("UpdateRegionSettings", ResourceTypeOptInPreference={"EBS": False, "S3": False})
            for arn in (VOLUME, BUCKET):
                backup.add_resource(arn)
            made = plan()
            select(made, "*")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                for days in (1, 2):
                    if by_hand:
                        assert backup.run_plan(made) == []
                    at(days * DAY)
                    assert not backup.backup_jobs
            told = (
                f"A run of the backup plan 'plan' selects nothing: {ACCOUNT} has opted out of "
                f"EBS, S3 in {REGION}, so that the run passes over {VOLUME}, {BUCKET}. Opt in by "
                f"client.update_region_settings(ResourceTypeOptInPreference={{'EBS': True, 'S3': "
                f"True}}), or give whole ARNs in the selection's Resources, for which the opt-ins "
                f"do not count."
            )
            assert [str(each.message) for each in caught] == [told]
            call("UpdateRegionSettings", ResourceTypeOptInPreference={"EBS": True})
            assert named(backup.run_plan(made)) == [VOLUME]

    def test_the_very_type(self, backup: FakeBackup) -> None:
        """In a form of ARNs that types share, the opt-in of a resource's own type decides.

        [documented: guide, assigning resources]
        """
        for arn in (CLUSTER, FILES):
            backup.add_resource(arn)
        made = plan()
        select(made, "arn:aws:rds:*:*:cluster:*", "arn:aws:fsx:*:*:file-system/*")
        for name, expected in (("Neptune", [CLUSTER, FILES]), ("FSx", [CLUSTER]), ("Aurora", [])):
            call("UpdateRegionSettings", ResourceTypeOptInPreference={name: False})
            nothing = pytest.warns(FakeBackupWarning, match="has opted out of Aurora, FSx")
            with contextlib.nullcontext() if expected else nothing:
                assert named(backup.run_plan(made)) == expected

    @pytest.mark.parametrize(
        ("arn", "tags"),
        [
            ("arn:aws:s3:::awsbackup-restore-test-1", {}),
            (f"arn:aws:rds:{REGION}:{ACCOUNT}:db:awsbackup-restore-test-1", {}),
            (f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/awsbackup-restore-test-1", {}),
            (INSTANCE, {"awsbackup-restore-test": "x"}),
            (INSTANCE, {"Name": "awsbackup-restore-test-1"}),
        ],
    )
    def test_restore_tests(self, backup: FakeBackup, arn: str, tags: dict[str, str]) -> None:
        """What a restore test made, plans pass over in silence: by its tag or by its name.

        [documented: guide, restore testing]
        """
        backup.add_resource(arn, {"backup": "daily", **tags})
        backup.add_resource(TABLE, {"backup": "daily"})
        by_tag, by_arn = plan(name="tags"), plan(name="arns")
        select(by_tag, ListOfTags=[tagged("backup", "daily")])
        select(by_arn, "*")
        assert named(backup.run_plan(by_tag)) == named(backup.run_plan(by_arn)) == [TABLE]

    def test_deleted(self, backup: FakeBackup) -> None:
        """A selection that is deleted selects no more."""
        made = plan()
        found = select(made, VOLUME)
        call("DeleteBackupSelection", BackupPlanId=made, SelectionId=found)
        with pytest.warns(FakeBackupWarning, match="it has no selection"):
            assert backup.run_plan(made) == []

    def test_nothing_selected(self, backup: FakeBackup) -> None:
        """A run that selects nothing says what is asked for, what is known, and what to type."""
        made = plan()
        select(made, ListOfTags=[tagged("stage", "prod"), tagged("backup", "daily")])
        not_this = {"ConditionKey": "aws:ResourceTag/owner", "ConditionValue": "lab*"}
        select(
            made,
            "arn:aws:ec2:*:*:instance/*",
            SelectionName="t",
            Conditions={"StringNotLike": [not_this]},
            NotResources=[INSTANCE],
        )
        asked = (
            "A run of the backup plan 'plan' selects nothing: the selection 's' asks for the tag "
            "stage=prod, backup=daily; the selection 't' asks for resources like "
            "arn:aws:ec2:*:*:instance/*, with StringNotLike aws:ResourceTag/owner lab*, without "
            f"{INSTANCE}. "
        )
        way_out = (
            "Add what it is to select: backup.add_resource(arn, tags={'stage': 'prod', 'backup': "
            "'daily'})."
        )
        known = "The fake knows no resource in 123456789012 us-east-1"

        def add_two() -> None:
            backup.add_resource(INSTANCE)
            backup.add_resource(TABLE, {"stage": "x"})

        cases: list[tuple[Callable[[], None], str]] = [
            (lambda: None, f"{known}. "),
            (
                lambda: backup.at(region=OTHER_REGION).add_resource(BUCKET),
                f"{known}, only in 123456789012 eu-west-1. ",
            ),
            (
                add_two,
                (
                    f"The fake knows these resources in 123456789012 us-east-1: {INSTANCE} "
                    f"(no tags); {TABLE} (stage=x). "
                ),
            ),
        ]
        for add, said in cases:
            add()
            with pytest.warns(FakeBackupWarning) as told:
                assert backup.run_plan(made) == []
            assert [str(each.message) for each in told] == [asked + said + way_out]
            assert [each.filename for each in told] == [__file__]
            # The same is said once.
            assert backup.run_plan(made) == []
        backup.add_resource(TABLE, {"stage": "prod"})
        assert named(backup.run_plan(made)) == [TABLE]

    def test_nothing_selected_is_an_error(self, backup: FakeBackup) -> None:
        """Where warnings are errors, the run does nothing."""
        made = plan()
        select(made, "arn:aws:ec2:*")
        before = held(backup)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(FakeBackupWarning, match=r"backup.add_resource\(arn\)\.$"):
                backup.run_plan(made)
            assert held(backup) == before

    def test_forgotten(self, backup: FakeBackup) -> None:
        """`reset` forgets what was added."""
        backup.add_resource(TABLE)
        backup.reset()
        assert backup.resources == {}


@from_the_start
class TestCopies:
    """CopyActions."""

    def test_started(self, backup: FakeBackup) -> None:
        """A backup that completes is copied as its rule says; the copy says whose it is."""
        abroad = vault_arn("Abroad", OTHER_REGION, OTHER_ACCOUNT)
        backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION).add_vault(BackupVaultName="Abroad")
        actions = [
            {"DestinationBackupVaultArn": vault_arn("Copies")},
            {"DestinationBackupVaultArn": abroad, "Lifecycle": {"DeleteAfterDays": 7}},
        ]
        made = of_volume(rule(CopyActions=actions, Lifecycle={"DeleteAfterDays": 35}))
        (job,) = backup.run_plan(made)
        job.run()
        assert not backup.copy_jobs
        job.complete()

        here, there = sorted(backup.copy_jobs.values(), key=lambda copy: copy.id)
        for copy, destination in ((here, vault_arn("Copies")), (there, abroad)):
            assert copy["State"] == "CREATED"
            assert copy["CreatedBy"] == job["CreatedBy"]
            assert copy["IamRoleArn"] == ROLE
            assert copy["ResourceArn"] == VOLUME
            assert copy["SourceRecoveryPointArn"] == job["RecoveryPointArn"]
            assert copy["SourceBackupVaultArn"] == vault_arn("Daily")
            assert copy["DestinationBackupVaultArn"] == destination
            complete(copy)
        views = (backup, backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION))
        lifecycles = [
            view.recovery_points[copy["DestinationRecoveryPointArn"]]["Lifecycle"]
            for view, copy in zip(views, (here, there), strict=True)
        ]
        assert lifecycles == [{"DeleteAfterDays": 35}, {"DeleteAfterDays": 7}]
        assert here.events[-1]["detail"]["createdBy"]["backupPlanId"] == made

    def test_not_of_failures(self, backup: FakeBackup) -> None:
        """A backup that fails is not copied, nor is one that a client started."""
        made = of_volume(rule(CopyActions=[{"DestinationBackupVaultArn": vault_arn("Copies")}]))
        (job,) = backup.run_plan(made)
        job.fail("boom")
        own = call("StartBackupJob", BackupVaultName="Daily", ResourceArn=VOLUME, IamRoleArn=ROLE)
        complete(backup.backup_jobs[own["BackupJobId"]])
        assert not backup.copy_jobs

    def test_outcomes(self, backup: FakeBackup) -> None:
        """How copies end is decided as for those that clients start; a missing vault fails one."""
        actions = [
            {"DestinationBackupVaultArn": vault_arn(name)} for name in ("Copies", "none-such")
        ]
        backup.next_outcome("StartCopyJob", State="FAILED", StatusMessage="boom")
        (job,) = backup.run_plan(of_volume(rule(CopyActions=actions)))
        complete(job)
        # The second copy waits for the first one.
        for _ in range(5):
            call("ListCopyJobs")
        copies = sorted(backup.copy_jobs.values(), key=lambda copy: copy.id)
        assert [copy["State"] for copy in copies] == ["FAILED", "FAILED"]
        assert [copy["StatusMessage"] for copy in copies] == [
            "boom",
            f"Copy job failed because backup vault {vault_arn('none-such')} does not exist.",
        ]

    def test_immediate(self) -> None:
        """With progress at once, the copy is complete when the run returns."""
        action = {"DestinationBackupVaultArn": vault_arn("Copies")}
        with mock_backup(region=REGION, progress="immediate") as fake:
            fake.add_vault(BackupVaultName="Daily")
            fake.add_vault(BackupVaultName="Copies")
            (job,) = fake.run_plan(of_volume(rule(CopyActions=[action])))
            (copy,) = fake.copy_jobs.values()
            assert (job["State"], copy["State"]) == ("COMPLETED", "COMPLETED")
            assert len(fake.recovery_points) == 2


def raising(error: type[BaseException]) -> Callable[..., None]:
    """A function that raises: an error of the fake's own, or the user's interruption."""

    def broken(*_: Any) -> None:
        raise error

    return broken


each_error = pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])


@pytest.mark.fake_backup(progress="clock")
@from_the_start
class TestByTheClock:
    """Time that passes across schedules."""

    def test_runs(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A rule runs at its times, those of a step in order, and its jobs move in between."""
        made_plan = of_volume(rule(ScheduleExpression=NIGHTLY))
        at(5 * HOUR - MINUTE)
        assert made(backup) == []
        at(5 * HOUR)
        (job,) = backup.backup_jobs.values()
        assert (job["State"], job["CreationDate"]) == ("CREATED", START + 5 * HOUR)
        assert job["StartBy"] == START + 13 * HOUR
        at(3 * DAY)
        assert made(backup) == [(VOLUME, START + day * DAY + 5 * HOUR) for day in range(3)]
        assert job["State"] == "COMPLETED"
        assert job["CompletionDate"] == START + 5 * HOUR + 11 * MINUTE
        times = [event["time"] for event in backup.events]
        assert times == sorted(times)
        shown = call("GetBackupPlan", BackupPlanId=made_plan)
        assert shown["LastExecutionDate"] == START + 2 * DAY + 5 * HOUR

    def test_interleaved(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Several rules and plans run in the order of time, each in its zone."""
        one = plan(
            rule("noon", ScheduleExpression="cron(0 12 * * ? *)", StartWindowMinutes=60),
            rule(
                "berlin",
                ScheduleExpression="cron(0 12 * * ? *)",
                ScheduleExpressionTimezone="Europe/Berlin",
                StartWindowMinutes=60,
            ),
            name="one",
        )
        two = plan(rule(ScheduleExpression="cron(0 11 * * ? *)"), name="two")
        select(one, VOLUME)
        select(two, BUCKET)
        at(2 * DAY)
        day = [(VOLUME, 10), (BUCKET, 11), (VOLUME, 12)]
        assert made(backup) == [
            (arn, START + days * DAY + hours * HOUR) for days in range(2) for arn, hours in day
        ]

    @each_error
    def test_an_unexpected_error(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
        error: Any,
    ) -> None:
        """A run that raises is told once, and is not the last: the next one is scheduled."""
        of_volume(rule(ScheduleExpression=NIGHTLY))
        with monkeypatch.context() as patch:
            patch.setattr(starts, "backup", raising(error))
            at(DAY)
            with pytest.raises(error):
                call("ListBackupVaults")
        assert made(backup) == []
        at(2 * DAY)
        assert made(backup) == [(VOLUME, START + DAY + 5 * HOUR)]

    @each_error
    def test_an_unexpected_error_of_a_job(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
        error: Any,
    ) -> None:
        """A job whose move raises stays due: the next call moves it."""
        of_volume(rule(ScheduleExpression=NIGHTLY))
        at(5 * HOUR)
        (job,) = backup.backup_jobs.values()
        with monkeypatch.context() as patch:
            patch.setattr(moves, "step", raising(error))
            at(6 * HOUR)
            for _ in range(2):
                with pytest.raises(error):
                    call("ListBackupVaults")
        assert job["State"] == "COMPLETED"

    def test_updated(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """An update changes what runs after it; what was due before ran as it was."""
        made_plan = of_volume(rule(ScheduleExpression=NIGHTLY))
        at(DAY + 6 * HOUR)
        document = {"BackupPlanName": "p", "Rules": [rule(ScheduleExpression="cron(0 7 * * ? *)")]}
        version = call("UpdateBackupPlan", BackupPlanId=made_plan, BackupPlan=document)["VersionId"]
        at(3 * DAY)
        hours = [5, 24 + 5, 24 + 7, 48 + 7]
        assert made(backup) == [(VOLUME, START + hour * HOUR) for hour in hours]
        versions = [job["CreatedBy"]["BackupPlanVersion"] for job in backup.backup_jobs.values()]
        assert [each == version for each in versions] == [True, True, False, False]

    def test_deleted(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A plan that is deleted, or whose fake was reset, runs no more."""
        gone, kept = plan(rule(ScheduleExpression=NIGHTLY), name="gone"), of_volume()
        at(DAY)
        call("DeleteBackupPlan", BackupPlanId=gone)
        at(2 * DAY)
        assert len(backup.backup_jobs) == 2
        (deleted,) = call("ListBackupPlanVersions", BackupPlanId=gone)["BackupPlanVersionsList"]
        last = deleted["LastExecutionDate"]
        assert last == START + 5 * HOUR
        assert call("GetBackupPlan", BackupPlanId=kept)["LastExecutionDate"] > last
        backup.reset()
        at(9 * DAY)
        assert len(backup.backup_jobs) == 0

    def test_since_its_creation(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A plan does not run at times before it, nor for what came after them."""
        at(5 * HOUR)
        made_plan = plan(rule(ScheduleExpression=NIGHTLY))
        at(DAY + 5 * HOUR)
        select(made_plan, VOLUME)
        assert not backup.backup_jobs
        at(2 * DAY + 5 * HOUR)
        backup.add_resource(BUCKET, {"backup": "daily"})
        select(made_plan, ListOfTags=[tagged("backup", "daily")], SelectionName="t")
        assert made(backup) == [(VOLUME, START + 2 * DAY + 5 * HOUR)]
        at(3 * DAY + 5 * HOUR)
        assert named(backup.backup_jobs.values()).count(BUCKET) == 1

    def test_copies_and_windows(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A copy begins when its backup ends; a job that does not start expires with its window."""
        action = {"DestinationBackupVaultArn": vault_arn("Copies")}
        of_volume(rule(ScheduleExpression=NIGHTLY, CopyActions=[action], StartWindowMinutes=60))
        backup.next_outcome("StartBackupJob", State="EXPIRED")
        at(2 * DAY)
        done, expired = backup.backup_jobs.values()
        assert expired["State"] == "EXPIRED"
        assert expired["CompletionDate"] == START + 6 * HOUR
        (copy,) = backup.copy_jobs.values()
        assert copy["CreationDate"] == done["CompletionDate"]
        assert copy["CompletionDate"] == done["CompletionDate"] + 11 * MINUTE

    def test_jump(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A step of the clock over too many runs is an error that says what to do."""
        monkeypatch.setattr(runs, "MOST", 20)
        of_volume(rule("hourly", ScheduleExpression="cron(0 * * * ? *)"))
        at(10 * HOUR)
        assert len(backup.backup_jobs) == 10
        at(21 * HOUR)
        with pytest.raises(FakeBackupError, match=r"20 runs and jobs.*'hourly' of plan 'plan'"):
            call("ListBackupJobs")
        assert backup.calls[-1].error == "FakeBackupError"
        # What was not run is due as before.
        assert len(backup.backup_jobs) == 21
        assert made(backup)[-1] == (VOLUME, START + 21 * HOUR)

    @pytest.mark.usefixtures("backup")
    def test_long_jump(self, at: Callable[[timedelta], None]) -> None:
        """Nothing hangs where the clock leaps by decades, though nothing is selected."""
        plan(rule(ScheduleExpression="cron(0 * * * ? *)"))
        at(timedelta(days=40 * 365))
        with pytest.raises(FakeBackupError, match="smaller steps"):
            call("ListBackupJobs")

    def test_named_in_vain(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What a plan names whole and cannot back up, the clock's first run of it says."""
        made_plan = plan(rule(ScheduleExpression=NIGHTLY))
        foreign = VOLUME.replace(REGION, OTHER_REGION)
        select(made_plan, TOPIC, foreign, VOLUME)
        at(2 * DAY)
        with pytest.warns(FakeBackupWarning) as caught:
            call("ListBackupJobs")
        assert [[arn in str(each.message) for arn in (TOPIC, foreign)] for each in caught] == [
            [True, False],
            [False, True],
        ]
        at(4 * DAY)
        assert made(backup) == [(VOLUME, START + day * DAY + 5 * HOUR) for day in range(4)]

    def test_nothing_selected(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """So the clock's first run says that nothing is selected; without selections it is idle."""
        plan(rule(ScheduleExpression=NIGHTLY), name="idle")
        made_plan = plan(rule(ScheduleExpression=NIGHTLY))
        select(made_plan, ListOfTags=[tagged("stage", "prod")])
        at(3 * DAY)
        with pytest.warns(FakeBackupWarning) as told:
            call("ListBackupJobs")
        (said,) = told
        assert "plan 'plan' selects nothing: the selection 's' asks for" in str(said.message)
        backup.add_resource(TABLE, {"stage": "prod"})
        at(5 * DAY)
        assert [arn for arn, _ in made(backup)] == [TABLE, TABLE]

    def test_an_error_of_the_warning(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """Where warnings are errors, the run that would warn is due as before."""
        made_plan = plan(rule(ScheduleExpression=NIGHTLY))
        select(made_plan, TOPIC, VOLUME)
        at(2 * DAY)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(FakeBackupWarning, match=TOPIC):
                call("ListBackupJobs")
            assert made(backup) == [(VOLUME, START + day * DAY + 5 * HOUR) for day in range(2)]

    def test_old_runs_do_not_warn(
        self, backup: FakeBackup, at: Callable[[timedelta], None], recwarn: pytest.WarningsRecorder
    ) -> None:
        """A run that lies further back than lists reach is no slip of the test's."""
        of_volume(rule(ScheduleExpression="cron(0 5 1 * ? *)"))
        at(90 * DAY)
        assert len(backup.backup_jobs) == 3
        assert not recwarn.list


def test_time_machine() -> None:
    """Another library that moves the clock does as well; clients see what ran."""
    with (
        time_machine.travel(START, tick=False) as traveller,
        mock_backup(region=REGION, progress="clock") as fake,
    ):
        fake.add_vault(BackupVaultName="Daily")
        of_volume(rule(ScheduleExpression=NIGHTLY))
        traveller.move_to(START + 5 * HOUR + MINUTE)
        (job,) = call("ListBackupJobs")["BackupJobs"]
        assert (job["State"], job["CreationDate"]) == ("RUNNING", START + 5 * HOUR)


@from_the_start
def test_order_of_jobs(backup: FakeBackup) -> None:
    """`run_plan` and the mapping agree: jobs are those of the fake."""
    jobs: list[Job] = backup.run_plan(of_volume())
    assert [backup.backup_jobs[job.id] for job in jobs] == jobs


def hours_of(backup: FakeBackup, name: str) -> list[float]:
    """The hours after the start at which the rules of a name backed up."""
    plans = call("ListBackupPlans")["BackupPlansList"]
    documents = [call("GetBackupPlan", BackupPlanId=each["BackupPlanId"]) for each in plans]
    rules = [each for document in documents for each in document["BackupPlan"]["Rules"]]
    ids = {each["RuleId"] for each in rules if each["RuleName"] == name}
    return [
        (job["CreationDate"] - START) / HOUR
        for job in reversed(list(backup.backup_jobs.values()))
        if job["CreatedBy"]["BackupRuleId"] in ids
    ]


HOURLY, TWICE_A_DAY = "cron(0 * * * ? *)", "cron(0 0/12 * * ? *)"


DAILY_AND_HOURLY: list[Any] = [
    rule(
        "hourly",
        ScheduleExpression=HOURLY,
        StartWindowMinutes=60,
        Lifecycle={"DeleteAfterDays": 1},
    ),
    rule(
        "daily",
        ScheduleExpression="cron(0 10 * * ? *)",
        StartWindowMinutes=480,
        Lifecycle={"DeleteAfterDays": 30},
    ),
]
OVERLAPPING: Any = {"BackupPlanName": "plan", "Rules": DAILY_AND_HOURLY}


def seeded(backup: FakeBackup) -> str:
    """Seed the plan, created an hour ago by default; return its id."""
    return backup.add_backup_plan(BackupPlan=OVERLAPPING).key


def seeded_for_next_week(backup: FakeBackup) -> str:
    """Seed the plan with a CreationDate that is yet to come; return its id."""
    return backup.add_backup_plan(BackupPlan=OVERLAPPING, CreationDate=START + 7 * DAY).key


def loaded(backup: FakeBackup) -> str:
    """Load what AWS answered about a plan that was created a month ago; return its id."""
    answer = {
        "BackupPlanId": "plan-1",
        "BackupPlanArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:plan-1",
        "VersionId": "v",
        "CreationDate": START - 30 * DAY,
        "BackupPlan": {
            **OVERLAPPING,
            "Rules": [{**each, "RuleId": each["RuleName"]} for each in DAILY_AND_HOURLY],
        },
    }
    backup.load(answer, "GetBackupPlan")
    return "plan-1"


def at_once(_backup: FakeBackup, _made: str) -> None:
    """Do nothing more with the plan."""


def in_a_savepoint(backup: FakeBackup, made_plan: str) -> None:
    """Update the plan in a savepoint, which undoes that."""
    with backup.savepoint():
        call("UpdateBackupPlan", BackupPlanId=made_plan, BackupPlan=OVERLAPPING)


def updated(_backup: FakeBackup, made_plan: str) -> None:
    """Give the plan a new version, which runs from now on as well."""
    call("UpdateBackupPlan", BackupPlanId=made_plan, BackupPlan=OVERLAPPING)


@pytest.mark.fake_backup(progress="clock")
@from_the_start
class TestOverlaps:
    """Rules of one plan whose start windows overlap."""

    def test_the_example_of_the_guide(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """Where two rules overlap, the one that keeps its backups longer makes them.

        AWS's guide, plan options: of A, hourly, and B, every 12 hours with a start window of 8
        hours, B makes 2 backups a day, and A 8 (at 8 to 11 and 20 to 23 o'clock).
        """
        frequent = rule("A", ScheduleExpression=HOURLY, Lifecycle={"DeleteAfterDays": 1})
        rare = rule(
            "B",
            ScheduleExpression=TWICE_A_DAY,
            StartWindowMinutes=480,
            Lifecycle={"DeleteAfterDays": 7},
        )
        made_plan = of_volume({**frequent, "StartWindowMinutes": 60}, rare)
        at(2 * DAY - MINUTE)
        shown = call("GetBackupPlan", BackupPlanId=made_plan)
        assert shown["LastExecutionDate"] == START + 47 * HOUR
        # The day that the plan was made on began before it.
        assert [hour - 24 for hour in hours_of(backup, "B") if hour >= 24] == [0, 12]
        assert [hour - 24 for hour in hours_of(backup, "A") if hour >= 24] == [
            *range(8, 12),
            *range(20, 24),
        ]

    @pytest.mark.parametrize(
        ("kept", "made_by"),
        [
            ((1, 7), "second"),
            ((7, 1), "first"),
            ((7, 7), "first"),
            ((7, None), "second"),
            ((-1, 36500), "first"),
        ],
    )
    def test_who_runs(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        kept: tuple[int | None, int | None],
        made_by: str,
    ) -> None:
        """The longest retention wins, none is without end; of equal ones the earlier rule."""
        first, second = (
            rule(name, ScheduleExpression=NIGHTLY)
            | ({} if days is None else {"Lifecycle": {"DeleteAfterDays": days}})
            for name, days in zip(("first", "second"), kept, strict=True)
        )
        of_volume(first, second)
        at(DAY)
        assert {name: hours_of(backup, name) for name in ("first", "second")} == {
            "first": [5] if made_by == "first" else [],
            "second": [5] if made_by == "second" else [],
        }

    def test_windows_that_meet(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A later run passes an earlier one over, too; a window that begins at its end does not."""
        short = {"Lifecycle": {"DeleteAfterDays": 1}, "StartWindowMinutes": 60}
        of_volume(
            rule("before", ScheduleExpression="cron(0 4 ? * * *)", **short),
            rule("into", ScheduleExpression="cron(30 4 ? * * *)", **short),
            rule("long", ScheduleExpression=NIGHTLY, StartWindowMinutes=60),
            rule("after", ScheduleExpression="cron(0 6 ? * * *)", **short),
        )
        at(DAY)
        found = {name: hours_of(backup, name) for name in ("before", "into", "long", "after")}
        # The two short ones overlap each other as well: the earlier rule of the plan runs.
        assert found == {"before": [4], "into": [], "long": [5], "after": [6]}

    def test_zones(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Windows are compared as instants, whatever the zones of their schedules."""
        hour = {"StartWindowMinutes": 60}
        of_volume(
            rule("utc", ScheduleExpression="cron(0 5 ? * * *)", **hour),
            rule(
                "berlin",
                ScheduleExpression="cron(0 7 ? * * *)",
                ScheduleExpressionTimezone="Europe/Berlin",
                **hour,
            ),
        )
        at(DAY)
        assert (hours_of(backup, "utc"), hours_of(backup, "berlin")) == ([5], [])

    def test_before_the_plan(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A run that was before the plan, or before its present version, passes nothing over."""
        at(6 * HOUR)
        short = rule("short", ScheduleExpression=HOURLY, Lifecycle={"DeleteAfterDays": 1})
        of_volume({**short, "StartWindowMinutes": 60}, rule("long", ScheduleExpression=NIGHTLY))
        at(DAY + 8 * HOUR)
        assert hours_of(backup, "long") == [29]
        assert hours_of(backup, "short") == [*range(7, 29)]

    @pytest.mark.parametrize("begin", [seeded, seeded_for_next_week, loaded])
    @pytest.mark.parametrize("between", [at_once, in_a_savepoint, updated])
    def test_before_it_was_there(
        self,
        backup: FakeBackup,
        at: Callable[[timedelta], None],
        begin: Callable[[FakeBackup], str],
        between: Callable[[FakeBackup, str], None],
    ) -> None:
        """A plan that is seeded or loaded runs from then on, whatever its CreationDate is.

        What the fake has not run passes nothing over, what it has run does.
        """
        at(10 * HOUR + 30 * MINUTE)
        made_plan = begin(backup)
        select(made_plan, VOLUME)
        between(backup, made_plan)
        at(36 * HOUR + 30 * MINUTE)
        # From 34 o'clock on the start window of the long one is open.
        assert hours_of(backup, "hourly") == [*range(11, 34)]
        assert hours_of(backup, "daily") == [34]

    def test_dumped_between(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A fake that a dump is loaded into passes over what the dumped one does, and no more."""
        at(10 * HOUR + 30 * MINUTE)
        select(loaded(backup), VOLUME)
        at(11 * HOUR + 30 * MINUTE)
        dumped = backup.dump()
        backup.reset()
        backup.load(dumped)
        at(36 * HOUR + 30 * MINUTE)
        assert hours_of(backup, "hourly") == [*range(11, 34)]
        assert hours_of(backup, "daily") == [34]

    def test_continuous(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A continuous rule and others run side by side."""
        of_volume(
            rule("snapshots", ScheduleExpression=NIGHTLY, Lifecycle={"DeleteAfterDays": 3}),
            rule(
                "continuous",
                ScheduleExpression=NIGHTLY,
                EnableContinuousBackup=True,
                Lifecycle={"DeleteAfterDays": 35},
            ),
        )
        at(DAY)
        assert hours_of(backup, "snapshots") == hours_of(backup, "continuous") == [5]

    def test_other_plans_and_by_hand(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """Plans do not pass each other's runs over, nor does a run by hand pass over a rule."""
        one = plan(rule("a", ScheduleExpression=NIGHTLY), rule("b", ScheduleExpression=NIGHTLY))
        two = plan(rule("c", ScheduleExpression=NIGHTLY), name="two")
        select(one, VOLUME)
        select(two, VOLUME)
        at(DAY)
        assert [hours_of(backup, name) for name in "abc"] == [[5], [], [5]]
        assert len(backup.run_plan(one)) == 2


SPAN = timedelta(days=5)


@pytest.mark.parametrize("step", [timedelta(days=2), timedelta(hours=7), timedelta(minutes=43)])
def test_steps_do_not_matter(step: timedelta) -> None:
    """Time that passes at once leaves what it leaves in steps: jobs, points, plans and events."""
    assert after(step) == after(SPAN)


def after(step: timedelta) -> Any:
    """All that a fake holds after some days that pass in steps of this size."""
    away = [
        {"DestinationBackupVaultArn": vault_arn("Away", OTHER_REGION)},
        {"DestinationBackupVaultArn": vault_arn("none-such"), "Lifecycle": {"DeleteAfterDays": 1}},
    ]
    with freeze_time(START) as frozen, mock_backup(region=REGION, progress="clock") as fake:
        fake.add_vault(BackupVaultName="Daily")
        fake.at(region=OTHER_REGION).add_vault(BackupVaultName="Away")
        fake.add_resource(TABLE, {"backup": "daily"})
        fake.add_recovery_point(ResourceType="EFS", Lifecycle={"DeleteAfterDays": 2})
        fake.add_backup_job(RecoveryPointLifecycle={"DeleteAfterDays": 3})
        many = plan(
            rule("hourly", ScheduleExpression="cron(0 0/2 * * ? *)"),
            rule("nightly", CopyActions=away, Lifecycle={"DeleteAfterDays": 2}),
            rule("lost", TargetBackupVaultName="none-such"),
            name="many",
        )
        select(many, VOLUME, STACK, ListOfTags=[tagged("backup", "daily")])
        weekdays = plan(rule(ScheduleExpression="cron(30 4 ? * MON-FRI *)"), name="weekdays")
        select(weekdays, BUCKET, SelectionName="t")
        daily = rule(
            EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 3}, CopyActions=away
        )
        select(plan(daily, name="continuous"), f"{BUCKET}-2", SelectionName="c")
        fake.next_outcome("StartBackupJob", ResourceArn=BUCKET, State="EXPIRED")
        passed = timedelta()
        while passed < SPAN:
            passed = min(passed + step, SPAN)
            frozen.move_to(START + passed)
            call("ListBackupVaults")
        everything = held(fake)
    # botocore draws these.
    for _, _, _, members, _ in everything[-2]:
        del members["CreatorRequestId"]
    return everything
