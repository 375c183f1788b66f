"""Ansible's modules for AWS Backup, of the collection amazon.aws: run twice, nothing changes."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

# At its import it tries socket.getaddrinfo, so the tests must not have blocked that yet.
from ansible.module_utils.testing import patch_module_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup

REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSBackup"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault"
VOLUMES = "arn:aws:ec2:*:*:volume/*"

Ran = dict[str, Any]
Run = Any


@pytest.fixture(autouse=True)
def _no_network(fake_backup: FakeBackup, attempts: list[object]) -> Iterator[None]:
    """No module connects to anything, and none asks for what is not faked."""
    del fake_backup  # it is active
    yield
    assert attempts == []


@pytest.fixture
def run(
    keys: None,  # noqa: ARG001  a module makes clients, which look for keys
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    """A function that runs a module as Ansible does and returns what it reports."""

    def play(name: str, *, check: bool = False, **arguments: Any) -> Ran:
        module = importlib.import_module(f"ansible_collections.amazon.aws.plugins.modules.{name}")
        given = {"region": REGION, "_ansible_check_mode": check, **arguments}
        with patch_module_args(given), pytest.raises(SystemExit) as ended:
            module.main()
        reported: Ran = json.loads(capsys.readouterr().out)
        assert bool(ended.value.code) is reported.get("failed", False)
        return reported

    return play


def backup() -> Any:
    """A client of AWS Backup."""
    return boto3.client("backup", region_name=REGION)


# --- Vaults -------------------------------------------------------------------------------------


def test_a_vault(run: Run, fake_backup: FakeBackup) -> None:
    """A vault is made, found unchanged, tagged anew, shown and deleted."""
    vault = {"backup_vault_name": "nightly"}
    made = run("backup_vault", **vault, tags={"team": "blue", "cost": "7"})
    assert (made["changed"], made["exists"]) == (True, True)
    assert made["vault"]["backup_vault_name"] == "nightly"
    assert made["vault"]["backup_vault_arn"] == f"{VAULT}:nightly"
    assert made["vault"]["number_of_recovery_points"] == 0
    assert made["vault"]["tags"] == {"team": "blue", "cost": "7"}

    again = run("backup_vault", **vault, tags={"team": "blue", "cost": "7"})
    assert (again["changed"], again["exists"]) == (False, True)
    assert again["vault"]["creation_date"] == made["vault"]["creation_date"]

    tagged = run("backup_vault", **vault, tags={"team": "red"})
    assert tagged["changed"] is True
    assert backup().list_tags(ResourceArn=f"{VAULT}:nightly")["Tags"] == {"team": "red"}
    kept = run("backup_vault", **vault, tags={"cost": "8"}, purge_tags=False)
    assert kept["changed"] is True
    assert kept["vault"]["tags"] == {"team": "red", "cost": "8"}

    fake_backup.add_vault(BackupVaultName="another")
    shown = run("backup_vault_info")
    assert sorted(each["backup_vault_name"] for each in shown["backup_vaults"]) == [
        "another",
        "nightly",
    ]
    (one,) = run("backup_vault_info", backup_vault_names=["nightly"])["backup_vaults"]
    assert one["tags"] == {"team": "red", "cost": "8"}

    gone = run("backup_vault", **vault, state="absent")
    assert (gone["changed"], gone["exists"]) == (True, False)
    assert list(fake_backup.vaults) == ["another"]
    assert run("backup_vault", **vault, state="absent")["changed"] is False


def test_check_mode_makes_no_vault(run: Run, fake_backup: FakeBackup) -> None:
    """In check mode a change is told, not made."""
    assert run("backup_vault", check=True, backup_vault_name="nightly")["changed"] is True
    assert list(fake_backup.vaults) == []


def test_a_vault_with_recovery_points_stays(run: Run, fake_backup: FakeBackup) -> None:
    """AWS's refusal is the module's failure."""
    fake_backup.add_recovery_point(BackupVaultName="full")
    failed = run("backup_vault", backup_vault_name="full", state="absent")
    assert failed["error"]["code"] == "InvalidRequestException"
    assert "contains recovery points" in failed["error"]["message"]
    assert list(fake_backup.vaults) == ["full"]


def test_a_vault_that_is_not_there_is_not_shown(run: Run) -> None:
    """AWS does not tell a vault that does not exist from one that may not be seen."""
    failed = run("backup_vault_info", backup_vault_names=["nowhere"])
    assert failed["error"]["code"] == "AccessDeniedException"


# --- Plans --------------------------------------------------------------------------------------


def rule(**members: Any) -> dict[str, Any]:
    """A rule as a playbook has it."""
    return {"rule_name": "daily", "target_backup_vault_name": "Default", **members}


@pytest.mark.fake_backup(default_vault=True)
@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"rules": [rule()]}, id="defaults"),
        pytest.param(
            {
                "rules": [
                    rule(
                        schedule_expression="cron(0 3 ? * SUN *)",
                        schedule_expression_timezone="Europe/Vienna",
                        start_window_minutes=60,
                        completion_window_minutes=240,
                        lifecycle={"move_to_cold_storage_after_days": 30, "delete_after_days": 365},
                        recovery_point_tags={"kept": "long"},
                    ),
                    rule(
                        rule_name="points",
                        enable_continuous_backup=True,
                        lifecycle={"delete_after_days": 35},
                    ),
                ],
            },
            id="everything",
        ),
        pytest.param(
            {
                "rules": [
                    rule(
                        copy_actions=[
                            {
                                "destination_backup_vault_arn": f"{VAULT}:copies",
                                "lifecycle": {"delete_after_days": 9},
                            }
                        ]
                    )
                ]
            },
            id="copies",
        ),
    ],
)
def test_a_plan(run: Run, fake_backup: FakeBackup, given: dict[str, Any]) -> None:
    """A plan is made, found unchanged, updated, shown and deleted."""
    fake_backup.add_vault(BackupVaultName="copies")
    plan = {"backup_plan_name": "plan", "tags": {"Team": "blue"}, **given}
    made = run("backup_plan", **plan)
    assert (made["changed"], made["exists"]) == (True, True)
    assert made["backup_plan_arn"].endswith(f":backup-plan:{made['backup_plan_id']}")
    assert [each["rule_name"] for each in made["backup_plan"]["rules"]] == [
        each["rule_name"] for each in given["rules"]
    ]
    assert made["tags"] == {"Team": "blue"}

    again = run("backup_plan", **plan)
    assert (again["changed"], again["exists"]) == (False, True)
    assert again["version_id"] == made["version_id"]

    plan["rules"] = [{**given["rules"][0], "start_window_minutes": 120}, *given["rules"][1:]]
    updated = run("backup_plan", **plan)
    assert updated["changed"] is True
    assert updated["backup_plan"]["rules"][0]["start_window_minutes"] == 120
    assert updated["backup_plan_id"] == made["backup_plan_id"]
    assert updated["version_id"] != made["version_id"]

    retagged = run("backup_plan", **{**plan, "tags": {"Team": "red"}})
    assert (retagged["changed"], retagged["tags"]) == (True, {"Team": "red"})
    assert retagged["version_id"] == updated["version_id"]

    (shown,) = run("backup_plan_info", backup_plan_names=["plan"])["backup_plans"]
    assert shown["backup_plan"] == updated["backup_plan"]
    assert run("backup_plan_info", backup_plan_names=["another"])["backup_plans"] == []

    gone = run("backup_plan", backup_plan_name="plan", state="absent")
    assert (gone["changed"], gone["exists"]) == (True, False)
    assert gone["backup_plan_id"] == made["backup_plan_id"]
    assert run("backup_plan", backup_plan_name="plan", state="absent")["changed"] is False
    assert run("backup_plan_info")["backup_plans"] == []
    plans = [
        each["detail"]["state"] for each in fake_backup.events if "Plan" in each["detail-type"]
    ]
    assert plans == ["CREATED", "MODIFIED", "DELETED"]


@pytest.mark.parametrize(
    "given",
    [
        {"rules": [rule(schedule_expression="cron(0 5 * * * *)")]},
        {
            "rules": [
                rule(lifecycle={"move_to_cold_storage_after_days": 30, "delete_after_days": 31})
            ]
        },
        {
            "rules": [rule()],
            # The module spells the option Windowsvss.
            "advanced_backup_settings": [
                {"resource_type": "EC2", "backup_options": {"WindowsVSS": "enabled"}}
            ],
        },
    ],
    ids=["schedule", "lifecycle", "option"],
)
def test_a_plan_that_aws_refuses(run: Run, given: dict[str, Any]) -> None:
    """AWS's refusal is the module's failure, and no plan is made."""
    failed = run("backup_plan", backup_plan_name="plan", **given)
    assert failed["error"]["code"] == "InvalidParameterValueException"
    assert run("backup_plan_info")["backup_plans"] == []


# --- Selections ---------------------------------------------------------------------------------

TAGGED = {"condition_type": "STRINGEQUALS", "condition_key": "backup", "condition_value": "daily"}
LIKE = {"condition_key": "aws:ResourceTag/team", "condition_value": "bl*"}


@pytest.fixture
def plan(run: Run, fake_backup: FakeBackup) -> Any:
    """A plan to select for."""
    fake_backup.add_vault(BackupVaultName="Default")
    return run("backup_plan", backup_plan_name="plan", rules=[rule()])


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"resources": [VOLUMES]}, "resources"),
        ({"list_of_tags": [TAGGED]}, "list_of_tags"),
        ({"resources": ["*"], "not_resources": [VOLUMES]}, "not_resources"),
        ({"resources": ["*"], "conditions": {"string_like": [LIKE]}}, "conditions"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
@pytest.mark.usefixtures("plan")
def test_a_selection(run: Run, given: dict[str, Any], member: str) -> None:
    """A selection is made, found unchanged, replaced, shown and deleted."""
    selection = {
        "selection_name": "selection",
        "plan_name": "plan",
        "iam_role_arn": ROLE,
        **given,
    }
    made = run("backup_selection", **selection)
    assert (made["changed"], made["exists"]) == (True, True)
    assert made["backup_selection"]["selection_name"] == "selection"
    assert made["backup_selection"]["iam_role_arn"] == ROLE
    assert made["backup_selection"][member]

    again = run("backup_selection", **selection)
    assert (again["changed"], again["exists"]) == (False, True)
    assert again["backup_selection"] == made["backup_selection"]

    other = run("backup_selection", **{**selection, "iam_role_arn": f"{ROLE}2"})
    assert other["changed"] is True
    assert other["backup_selection"]["iam_role_arn"] == f"{ROLE}2"
    assert other["backup_selection"]["selection_id"] != made["backup_selection"]["selection_id"]

    shown = run("backup_selection_info", backup_plan_name="plan")["backup_selections"]
    assert shown == [other["backup_selection"]]
    named = {"backup_plan_name": "plan", "backup_selection_names": ["another"]}
    assert run("backup_selection_info", **named)["backup_selections"] == []

    named = {"selection_name": "selection", "plan_name": "plan", "state": "absent"}
    assert run("backup_selection", **named)["changed"] is True
    assert run("backup_selection", **named)["changed"] is False
    assert run("backup_selection_info", backup_plan_name="plan")["backup_selections"] == []


@pytest.mark.usefixtures("plan")
def test_a_plan_with_selections_stays(run: Run) -> None:
    """AWS deletes no plan that has selections."""
    selected = {"selection_name": "selection", "plan_name": "plan"}
    run("backup_selection", **selected, iam_role_arn=ROLE, resources=[VOLUMES])
    failed = run("backup_plan", backup_plan_name="plan", state="absent")
    assert failed["error"]["code"] == "InvalidRequestException"
    assert run("backup_selection", **selected, state="absent")["changed"] is True
    assert run("backup_plan", backup_plan_name="plan", state="absent")["changed"] is True


# --- Tags and restore jobs ----------------------------------------------------------------------


def test_tags(run: Run, fake_backup: FakeBackup) -> None:
    """Tags are added, kept, changed and removed, of recovery points that AWS Backup names too."""
    vault = fake_backup.add_vault(BackupVaultName="vault", Tags={"team": "blue"})
    point = fake_backup.add_recovery_point(BackupVaultName="vault", ResourceType="EFS")
    for arn in (vault["BackupVaultArn"], point["RecoveryPointArn"]):
        added = run("backup_tag", resource=arn, tags={"cost": "7"})
        assert (added["changed"], added["added_tags"]) == (True, {"cost": "7"})
        assert run("backup_tag", resource=arn, tags={"cost": "7"})["changed"] is False
        assert run("backup_tag", resource=arn, tags={"cost": "8"})["tags"]["cost"] == "8"
        removed = run("backup_tag", resource=arn, tags={"cost": "8"}, state="absent")
        assert (removed["changed"], removed["removed_tags"]) == (True, {"cost": "8"})
    assert run("backup_tag_info", resource=vault["BackupVaultArn"])["tags"] == {"team": "blue"}
    assert run("backup_tag_info", resource=point["RecoveryPointArn"])["tags"] == {}


def test_tags_of_nothing(run: Run) -> None:
    """What is not there has no tags."""
    failed = run("backup_tag_info", resource=f"{VAULT}:nowhere")
    assert failed["error"]["code"] == "ResourceNotFoundException"


def test_restore_jobs(run: Run, fake_backup: FakeBackup) -> None:
    """Restore jobs are listed by status and by date, and one is described by its id."""
    created = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=3)
    failed = fake_backup.add_restore_job(Status="FAILED", CreationDate=created)
    completed = fake_backup.add_restore_job()

    def ids(**asked: str) -> list[str]:
        jobs = run("backup_restore_job_info", **asked)["restore_jobs"]
        return [job["restore_job_id"] for job in jobs]

    assert ids() == [completed.id, failed.id]
    assert ids(status="FAILED") == [failed.id]
    assert ids(status="RUNNING") == []
    between = (created + dt.timedelta(days=1)).isoformat()
    assert ids(created_before=between) == [failed.id]
    assert ids(created_after=between) == [completed.id]
    assert ids(completed_after=between) == [completed.id]
    assert ids(account_id=ACCOUNT) == [completed.id, failed.id]
    assert ids(restore_job_id=failed.id) == [failed.id]
    unknown = run("backup_restore_job_info", restore_job_id="unknown")
    assert unknown["error"]["code"] == "ResourceNotFoundException"
