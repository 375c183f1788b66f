"""Plans that are seeded or loaded run by the clock as those that a client creates: once a time."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackupWarning, mock_backup
from support.botocore_model import takes
from support.client import call
from support.constants import ACCOUNT, MIDNIGHT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup import FakeBackup

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
DAILY = "cron(0 5 * * ? *)"
DAYS = 3


def add_backup_plan(backup: FakeBackup) -> dict[str, str]:
    """Seed a backup plan that backs up a volume; return what its calls name."""
    rule: Any = {
        "RuleName": "rule",
        "TargetBackupVaultName": "Default",
        "ScheduleExpression": DAILY,
    }
    plan = backup.add_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
    selection: Any = {"SelectionName": "one", "IamRoleArn": ROLE, "Resources": [VOLUME]}
    made = backup.add_backup_selection(BackupPlanId=plan.key, BackupSelection=selection)
    return {"BackupPlanId": plan.key, "SelectionId": made.key}


def add_restore_testing_plan(backup: FakeBackup) -> dict[str, str]:
    """Seed a restore testing plan that restores volumes; return what its calls name."""
    points: Any = {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT"],
    }
    named = {"RestoreTestingPlanName": "plan"}
    backup.add_restore_testing_plan(
        RestoreTestingPlanName="plan", ScheduleExpression=DAILY, RecoveryPointSelection=points
    )
    made = backup.add_restore_testing_selection(RestoreTestingPlanName="plan")
    return {**named, "RestoreTestingSelectionName": made["RestoreTestingSelectionName"]}


def add_report_plan(backup: FakeBackup) -> dict[str, str]:
    """Seed a report plan; return what its calls name."""
    return {"ReportPlanName": backup.add_report_plan().key}


class Planned(NamedTuple):
    """A noun that runs by the clock.

    Attributes:
        add: seeds one, and returns the parameters that name it.
        told: the answers that tell of it, as operations with the parameters that they take.
        more: those of the part without which it does nothing.
        jobs: the list of the jobs that it starts, and the member that holds them.
    """

    add: Callable[[FakeBackup], dict[str, str]]
    told: dict[str, tuple[str, ...]]
    more: dict[str, tuple[str, ...]]
    jobs: tuple[str, str]


PLANNED = {
    "backup plan": Planned(
        add_backup_plan,
        {
            "ListBackupPlans": (),
            "GetBackupPlan": ("BackupPlanId",),
            "ListBackupPlanVersions": ("BackupPlanId",),
        },
        {"GetBackupSelection": ("BackupPlanId", "SelectionId")},
        ("ListBackupJobs", "BackupJobs"),
    ),
    "restore testing plan": Planned(
        add_restore_testing_plan,
        {"ListRestoreTestingPlans": (), "GetRestoreTestingPlan": ("RestoreTestingPlanName",)},
        {
            "GetRestoreTestingSelection": (
                "RestoreTestingPlanName",
                "RestoreTestingSelectionName",
            )
        },
        ("ListRestoreJobs", "RestoreJobs"),
    ),
    "report plan": Planned(
        add_report_plan,
        {"ListReportPlans": (), "DescribeReportPlan": ("ReportPlanName",)},
        {},
        ("ListReportJobs", "ReportJobs"),
    ),
}
each_noun = pytest.mark.parametrize("planned", PLANNED.values(), ids=PLANNED)


def after_days(planned: Planned, fill: Callable[[FakeBackup], object]) -> list[str]:
    """The days of the jobs that started by themselves in a fake that something filled."""
    with (
        freeze_time(MIDNIGHT) as frozen,
        mock_backup(region=REGION, account_id=ACCOUNT, progress="clock") as backup,
    ):
        # A restore test takes the latest of them.
        backup.add_recovery_point(ResourceArn=VOLUME, CreationDate=MIDNIGHT - timedelta(hours=1))
        fill(backup)
        frozen.move_to(MIDNIGHT + timedelta(days=DAYS))
        operation, listed = planned.jobs
        created = "CreationTime" if listed == "ReportJobs" else "CreationDate"
        return sorted(f"{job[created]:%d}" for job in call(operation)[listed])


EACH_DAY = [f"{MIDNIGHT + timedelta(days=day):%d}" for day in range(DAYS)]


@each_noun
def test_seeded(planned: Planned) -> None:
    """What is seeded runs each day."""
    assert after_days(planned, planned.add) == EACH_DAY


@each_noun
def test_loaded(planned: Planned) -> None:
    """What is loaded runs once a day, in whatever order what AWS tells of it comes."""
    with freeze_time(MIDNIGHT), mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        names = planned.add(backup)
        answers = {
            operation: call(operation, **{name: names[name] for name in members})
            for operation, members in {**planned.told, **planned.more}.items()
        }
    for order in itertools.permutations(planned.told):

        def load(backup: FakeBackup, order: tuple[str, ...] = order) -> None:
            for operation in (*order, *planned.more):
                backup.load(answers[operation], operation)

        assert after_days(planned, load) == EACH_DAY, order


NO_SCHEDULES: list[dict[str, Any]] = [
    {"ScheduleExpressionTimezone": "localtime"},
    {"ScheduleExpressionTimezone": "Mars/Olympus"},
    {"ScheduleExpression": "rate(1 day)"},
]


def load_unreadable(backup: FakeBackup, schedule: dict[str, Any]) -> None:
    """Load plans with a schedule that AWS does not have, each beside one that runs."""
    for plan in ("ours", "theirs"):
        rule = {"RuleName": "rule", "TargetBackupVaultName": "Default", "RuleId": plan}
        rules: list[Any] = [{**rule, **(schedule if plan == "ours" else {})}]
        rules.append({**rule, "RuleId": f"{plan}-2", "ScheduleExpression": DAILY})
        arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:{plan}"
        told: Any = {"BackupPlanId": plan, "BackupPlanArn": arn, "VersionId": "1"}
        told["BackupPlan"] = {"BackupPlanName": plan, "Rules": rules}
        backup.load(told, "GetBackupPlan")
    chosen: Any = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"]}
    test: Any = {"RestoreTestingPlanName": "test", "RecoveryPointSelection": chosen, **schedule}
    chosen["RecoveryPointTypes"] = ["SNAPSHOT"]
    backup.load({"RestoreTestingPlan": test}, "GetRestoreTestingPlan")


@pytest.mark.parametrize("schedule", NO_SCHEDULES)
@pytest.mark.parametrize("dumped", [True, False])
def test_unreadable(schedule: dict[str, Any], *, dumped: bool) -> None:
    """What was loaded with a schedule that cannot be read never runs, and says so; others do."""
    with freeze_time(MIDNIGHT) as frozen:
        with mock_backup(region=REGION, account_id=ACCOUNT) as first:
            load_unreadable(first, schedule)
            document = first.dump()

            def load(backup: FakeBackup) -> None:
                if dumped:
                    backup.load(document)
                else:
                    load_unreadable(backup, schedule)

            if takes("GetBackupPlan", "MaxScheduledRunsPreview"):
                shown = call("GetBackupPlan", BackupPlanId="ours", MaxScheduledRunsPreview=2)
                assert [each["RuleId"] for each in shown["ScheduledRunsPreview"]] == ["ours-2"] * 2
        with mock_backup(region=REGION, account_id=ACCOUNT, progress="clock") as backup:
            with pytest.warns(FakeBackupWarning, match="The clock never runs") as caught:
                load(backup)
            named = ["rule 'rule' of plan 'ours'", "restore testing plan 'test'"]
            assert [[name in str(each.message) for name in named] for each in caught] == [
                [True, False],
                [False, True],
            ]
            selection: Any = {"SelectionName": "one", "IamRoleArn": ROLE, "Resources": [VOLUME]}
            backup.add_backup_selection(BackupPlanId="ours", BackupSelection=selection)
            frozen.move_to(MIDNIGHT + timedelta(days=DAYS))
            assert len(backup.backup_jobs) == DAYS


@each_noun
def test_removed(planned: Planned) -> None:
    """What is seeded and removed does not run."""

    def remove(backup: FakeBackup) -> None:
        planned.add(backup)
        for view in ("backup_plans", "restore_testing_plans", "report_plans"):
            for record in list(getattr(backup, view).values()):
                backup.remove(record)

    assert after_days(planned, remove) == []
