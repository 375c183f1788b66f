"""Nothing that the option `beside` asks leaves the process, or with a URL this machine."""

from __future__ import annotations

import subprocess
import sys
import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import time_machine
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import botocore_stubber

from fakebackup import FakeBackupError, mock_backup
from fakebackup.beside.aws import World
from fakebackup.model.resources.arns import Home
from support.beside import (
    VAULT,
    WANTED,
    a_client,
    a_plan,
    back_up,
    both,
    copy,
    delete_point,
    metadata_of,
    restore,
    vault_arn,
)
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakebackup import FakeBackup

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
UNANSWERED = (
    "AWS Backup asked 'ec2' for what the option beside='moto' is about, and nothing in this "
    "process answers: the request was stopped before it left for "
    f"https://ec2.{REGION}.amazonaws.com. Use AWS Backup inside moto's mock_aws(), as in `with "
    "mock_aws():`, or take the option away."
)
ELSEWHERE = "http://203.0.113.7:4566"


@pytest.fixture
def developers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that sets all that may lead a client of botocore's elsewhere."""
    program = (
        f"{sys.executable} -c 'import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()'"
    )
    profile = f"""
[profile work]
region = eu-central-1
endpoint_url = {ELSEWHERE}
credential_process = {program}
s3 =
    addressing_style = virtual
    use_accelerate_endpoint = true
"""
    (tmp_path / "config").write_text(profile, "utf-8")
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = secret\n", "utf-8"
    )

    def set_all() -> None:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_SESSION_TOKEN": "token",
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
            "AWS_PROFILE": "work",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": ELSEWHERE,
            "AWS_ENDPOINT_URL_EC2": ELSEWHERE,
            "AWS_ENDPOINT_URL_SNS": ELSEWHERE,
            "AWS_USE_FIPS_ENDPOINT": "true",
            "AWS_USE_DUALSTACK_ENDPOINT": "true",
            "AWS_CA_BUNDLE": str(tmp_path / "missing.pem"),
            "AWS_RETRY_MODE": "adaptive",
            "AWS_MAX_ATTEMPTS": "9",
            "AWS_ROLE_ARN": ROLE,
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://203.0.113.8/keys",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://203.0.113.9",
            "HTTP_PROXY": "http://203.0.113.10:3128",
            "HTTPS_PROXY": "http://203.0.113.10:3128",
        }.items():
            monkeypatch.setenv(name, value)
        # It keeps the profile of before.
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    return set_all


def a_volume(size: int = 1, *tags: dict[str, str]) -> str:
    """Make a volume of moto's, and return its ARN."""
    tagged = [{"ResourceType": "volume", "Tags": list(tags)}] if tags else []
    made = a_client("ec2").create_volume(
        AvailabilityZone=f"{REGION}a", Size=size, TagSpecifications=tagged
    )
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def asked_by(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests that moto gets from now on."""
    seen: list[Any] = []
    process = BotocoreStubber.__call__

    def watched(self: BotocoreStubber, event_name: str, request: Any, **more: Any) -> Any:
        seen.append(request)
        return process(self, event_name, request, **more)

    monkeypatch.setattr(BotocoreStubber, "__call__", watched)
    return seen


def text(value: Any) -> str:
    """A header's text."""
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("network", ["open", "closed"])
def test_nothing_of_the_environment_is_asked(
    network: Any,
    developers: Callable[[], None],
    attempts: list[object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The whole story, with all set that leads elsewhere: every request is moto's, by our keys."""
    with both(network=network) as backup:
        ec2, s3 = a_client("ec2"), a_client("s3")
        s3.create_bucket(Bucket="reports")
        topic = a_client("sns").create_topic(Name="topic")["TopicArn"]
        a_client("events").put_rule(Name="all", EventPattern='{"source": ["aws.backup"]}')
        volume = a_volume(1, WANTED)
        backup.at(region=OTHER_REGION).add_vault(BackupVaultName="there")
        developers()
        # Clients that were made before all was set would prove nothing.
        own: Any = backup.backend.organization.neighbour
        own._world._clients.clear()
        seen = asked_by(monkeypatch)
        client = a_client("backup")
        client.put_backup_vault_notifications(
            BackupVaultName=VAULT, SNSTopicArn=topic, BackupVaultEvents=["BACKUP_JOB_COMPLETED"]
        )
        [job] = backup.run_plan(a_plan())
        point = job["RecoveryPointArn"]
        assert copy(point, vault_arn("there", OTHER_REGION))["State"] == "COMPLETED"
        assert restore(point, **metadata_of(point))["Status"] == "COMPLETED"
        client.create_report_plan(
            ReportPlanName="jobs",
            ReportDeliveryChannel={"S3BucketName": "reports", "Formats": ["CSV"]},
            ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
        )
        client.start_report_job(ReportPlanName="jobs")
        delete_point(point)
        hosts = {each.url.split("/")[2] for each in seen}
        # And of the services whose resources plans select.
        assert all(each.endswith(".amazonaws.com") for each in hosts)
        assert hosts >= {
            f"ec2.{REGION}.amazonaws.com",
            f"ec2.{OTHER_REGION}.amazonaws.com",
            f"events.{REGION}.amazonaws.com",
            f"events.{OTHER_REGION}.amazonaws.com",
            f"sns.{REGION}.amazonaws.com",
            "s3.amazonaws.com",
        }
        for each in seen:
            assert f"Credential={ACCOUNT}/" in text(each.headers["Authorization"])
            assert text(each.headers["x-moto-account-id"]) == ACCOUNT
            assert "X-Amz-Security-Token" not in each.headers
        assert volume.endswith(ec2.describe_volumes()["Volumes"][0]["VolumeId"])
        assert len(s3.list_objects_v2(Bucket="reports")["Contents"]) == 1
    assert not attempts
    assert not (tmp_path / "ran").exists()


def test_its_calls_are_no_calls_of_the_test() -> None:
    """`calls` has what the code under test asked, though the tagging API makes vaults in moto."""
    with both() as backup:
        back_up(a_volume())
        backup.add_vault(BackupVaultName="tagged", Tags={"n": "1"})
        a_client("resourcegroupstaggingapi").get_resources()
        operations = [each.operation for each in backup.calls]
        assert operations == ["CreateBackupVault", "StartBackupJob", "DescribeBackupJob"]


# --- Where nothing answers --------------------------------------------------------------------


def a_restore_testing_plan(**schedule: str) -> None:
    """Make a restore testing plan of the volumes."""
    backup = a_client("backup")
    backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": "plan",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
            **schedule,
        }
    )
    backup.create_restore_testing_selection(
        RestoreTestingPlanName="plan",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "volumes",
            "ProtectedResourceType": "EBS",
            "IamRoleArn": ROLE,
            "ProtectedResourceArns": ["*"],
        },
    )


def run_plan(backup: FakeBackup, _point: str) -> None:
    """Run a backup plan that selects by tags."""
    backup.run_plan(a_plan())


def run_plan_of_one(backup: FakeBackup, _point: str) -> None:
    """Run a backup plan that names its resource."""
    client = a_client("backup")
    rules = [{"RuleName": "rule", "TargetBackupVaultName": VAULT}]
    plan = {"BackupPlanName": "plan", "Rules": rules}
    plan_id = client.create_backup_plan(BackupPlan=plan)["BackupPlanId"]
    selection = {"SelectionName": "named", "IamRoleArn": ROLE, "Resources": [VOLUME]}
    client.create_backup_selection(BackupPlanId=plan_id, BackupSelection=selection)
    backup.run_plan(plan_id)


def run_restore_testing_plan(backup: FakeBackup, _point: str) -> None:
    """Run a restore testing plan."""
    a_restore_testing_plan()
    backup.run_restore_testing_plan("plan")


STARTS: dict[str, Callable[[FakeBackup, str], object]] = {
    "StartBackupJob": lambda _, __: back_up(VOLUME),
    "StartCopyJob": lambda _, point: copy(point, vault_arn("second")),
    "StartRestoreJob": lambda _, point: restore(point),
    "run_plan": run_plan,
    "run_plan of one": run_plan_of_one,
    "run_restore_testing_plan": run_restore_testing_plan,
}


@pytest.mark.parametrize("network", ["open", "closed"])
@pytest.mark.parametrize("progress", ["immediate", "polls", "clock", "manual"])
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_where_nothing_answers_no_job_is_made(
    start: Callable[[FakeBackup, str], object],
    progress: str,
    network: Any,
    attempts: list[object],
    developers: Callable[[], None],
) -> None:
    """Whoever starts one is told what was asked and what to do, and nothing is looked up."""
    developers()
    values: dict[str, Any] = {"progress": progress, "network": network}
    with mock_backup(beside="moto", region=REGION, **values) as backup:
        for name in (VAULT, "second"):
            backup.add_vault(BackupVaultName=name)
        point = backup.add_recovery_point(ResourceArn=VOLUME, BackupVaultName=VAULT).arn
        with pytest.raises(FakeBackupError) as refused:
            start(backup, point)
        assert str(refused.value) == UNANSWERED
        assert not list(backup.backend.organization.all_jobs())
        assert not [each for each in backup.events if "Job" in each["detail-type"]]
    assert not attempts


@pytest.mark.parametrize("restores", [False, True])
def test_by_the_clock_no_job_is_made(
    attempts: list[object], developers: Callable[[], None], *, restores: bool
) -> None:
    """Whoever asks when a plan's run is due is told."""
    developers()
    with (
        time_machine.travel(datetime(2026, 3, 1, tzinfo=timezone.utc), tick=False) as frozen,
        mock_backup(beside="moto", region=REGION, progress="clock") as backup,
    ):
        backup.add_vault(BackupVaultName=VAULT)
        backup.add_recovery_point(ResourceArn=VOLUME, BackupVaultName=VAULT)
        if restores:
            a_restore_testing_plan()
        else:
            a_plan(ScheduleExpression="cron(0 5 ? * * *)")
        frozen.shift(timedelta(hours=6))
        with pytest.raises(FakeBackupError) as refused:
            a_client("backup").list_backup_jobs()
        assert str(refused.value) == UNANSWERED
        assert not list(backup.backend.organization.all_jobs())
    assert not attempts


def test_a_moto_that_has_ended_does_not_answer(attempts: list[object]) -> None:
    """Its handlers are still there, and the request is stopped behind them."""
    with mock_backup(beside="moto", region=REGION, progress="immediate") as backup:
        a_client("backup").create_backup_vault(BackupVaultName=VAULT)
        with mock_aws():
            point = back_up(a_volume())["RecoveryPointArn"]
        with pytest.raises(FakeBackupError) as refused:
            restore(point)
        assert str(refused.value) == UNANSWERED
        assert not backup.restore_jobs
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            delete_point(point)
    assert not attempts


def test_where_nothing_listens_no_job_is_made() -> None:
    """A server that is not there is told of by its URL, and nothing is tried twice."""
    # A port that no server has, on this machine.
    url = "http://127.0.0.1:1"
    with mock_backup(beside=url, region=REGION) as backup:
        backup.add_vault(BackupVaultName=VAULT)
        for start in (lambda: back_up(VOLUME), lambda: run_plan(backup, "")):
            with pytest.raises(FakeBackupError) as refused:
                start()
            told = str(refused.value)
            assert told.startswith(
                f"AWS Backup asked for what the option beside={url!r} is about, and nothing "
                f"answers there: "
            )
            assert told.endswith(
                "Start the emulator before AWS Backup is used, or take the option away."
            )
        assert not backup.backup_jobs


# --- What moto must not be told ---------------------------------------------------------------


def test_the_variable_of_motos_account_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would make every account one."""
    with both() as backup:
        volume = a_volume()
        monkeypatch.setenv("MOTO_ACCOUNT_ID", OTHER_ACCOUNT)
        with pytest.raises(FakeBackupError) as refused:
            back_up(volume)
        assert str(refused.value) == (
            f"The environment variable MOTO_ACCOUNT_ID makes moto answer every call for the "
            f"account {OTHER_ACCOUNT}, whoever asks: beside it AWS Backup cannot tell its accounts "
            f"apart. Unset it: moto is in {ACCOUNT} then, as mock_backup() is. A client is in "
            f"{OTHER_ACCOUNT} by the credentials that STS hands out for a role of that account."
        )
        assert not backup.backup_jobs


def test_motos_authentication_is_refused() -> None:
    """AWS Backup is no user of moto's IAM."""
    with both() as backup:
        volume = a_volume()

        def refused() -> str:
            with pytest.raises(FakeBackupError) as caught:
                back_up(volume)
            return str(caught.value)

        assert set_initial_no_auth_action_count(0)(refused)() == (
            "moto's IAM authentication is on (set_initial_no_auth_action_count, or the variable "
            "INITIAL_NO_AUTH_ACTION_COUNT), and AWS Backup is no user that moto's IAM has. Turn "
            "it off where the option beside is used."
        )
        assert not backup.backup_jobs
        assert back_up(volume)["State"] == "COMPLETED"


def test_moto_knows_the_header_of_an_account() -> None:
    """An account is told to moto by a header.

    When this fails, moto no longer reads x-moto-account-id: what AWS Backup makes for other
    accounts than moto's own lies in the wrong one, and the guide `moto` says that it does not.
    """
    with mock_aws():
        World("moto").client("ec2", Home(OTHER_ACCOUNT, REGION)).create_volume(
            AvailabilityZone=f"{REGION}a", Size=1
        )
        assert not a_client("ec2").describe_volumes()["Volumes"]
        theirs = World("moto").client("ec2", Home(OTHER_ACCOUNT, REGION))
        assert len(theirs.describe_volumes()["Volumes"]) == 1


def test_the_handlers_of_moto_come_before_the_guard() -> None:
    """Moto, however it is entered, is asked before a request is stopped."""
    client = World("moto").client("ec2", Home(ACCOUNT, REGION))
    with pytest.raises(FakeBackupError):
        client.describe_volumes()
    assert not botocore_stubber.enabled
    with mock_aws():
        assert client.describe_volumes()["Volumes"] == []


# --- Without the option -----------------------------------------------------------------------

_WITHOUT = """
import sys
import boto3
from fakebackup import mock_backup

with mock_backup(region="us-east-1", progress="immediate") as backup:
    client = boto3.client("backup", region_name="us-east-1")
    client.create_backup_vault(BackupVaultName="vault")
    client.start_backup_job(
        BackupVaultName="vault",
        ResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
        IamRoleArn="arn:aws:iam::123456789012:role/role",
    )
    assert [job.state for job in backup.backup_jobs.values()] == ["COMPLETED"]
print(*sorted(name for name in sys.modules if ".beside" in name or name.startswith("moto")))
"""


def test_without_the_option_nothing_is_imported() -> None:
    """Neither the package nor moto."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == []
