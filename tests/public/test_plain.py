"""The fake without pytest: plain scripts and unittest, where pytest cannot even be imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"

BLOCK = """
import sys


class NoPytest:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pytest", "_pytest"):
            raise ImportError(f"{name} is blocked")


sys.meta_path.insert(0, NoPytest())
"""

START = """
import boto3

import fakebackup
from fakebackup import FakeBackup, FakeBackupError, current, mock_backup


def client():
    return boto3.client("backup")


def ids():
    return [job["BackupJobId"] for job in client().list_backup_jobs()["BackupJobs"]]


VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
ROLE = "arn:aws:iam::123456789012:role/backup"


def started(backup):
    backup.add_vault(BackupVaultName="vault")
    return client().start_backup_job(
        BackupVaultName="vault", ResourceArn=VOLUME, IamRoleArn=ROLE
    )["BackupJobId"]
"""


def run(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a Python that has no pytest and no AWS settings; warnings are errors."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    settings |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PYTHONPATH": str(SOURCE),
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCK + START + code, *options],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )


SCRIPTS = {
    "decorator": """
@mock_backup
def bare():
    job = current().add_backup_job()
    assert ids() == [job.id]

@mock_backup(region="eu-west-1")
def told():
    assert client().meta.region_name == "eu-west-1"
    return ids()

bare()
assert told() == []
""",
    "block": """
with mock_backup() as backup:
    job = backup.add_backup_job(State="FAILED")
    assert ids() == [job.id]
try:
    current()
except FakeBackupError:
    print("ended")
""",
    "start and stop": """
mock = mock_backup(account_id="111122223333")
backup = mock.start()
try:
    assert backup.add_backup_job()["AccountId"] == "111122223333"
    assert len(ids()) == 1
finally:
    mock.stop()
""",
    "plain class": """
@mock_backup
class Checks:
    def setup_method(self):
        self.job = current().add_backup_job()

    def check(self):
        assert ids() == [self.job.id]

checks = Checks()
checks.setup_method()
checks.check()
checks.teardown_method()
""",
    "coroutine": """
import asyncio

@mock_backup
async def main():
    current().add_backup_jobs(3)
    return len(ids())

assert asyncio.run(main()) == 3
""",
    "failures": """
with mock_backup() as backup:
    backup.fail("ListBackupJobs", times=2)
    assert ids() == []
    assert [call.attempts for call in backup.calls] == [3]
    backup.fail("ListBackupJobs", code="AccessDeniedException", whole_call=True)
    try:
        ids()
    except client().exceptions.ClientError as error:
        print(error.response["Error"]["Code"])
    assert backup.calls[-1].error == "AccessDeniedException"
""",
    "answers": """
with mock_backup() as backup:
    backup.answer("ExportBackupPlanTemplate", {"BackupPlanTemplateJson": "{}"})
    answer = client().export_backup_plan_template(BackupPlanId="plan")
    assert answer["BackupPlanTemplateJson"] == "{}"
""",
    "events": """
with mock_backup() as backup:
    told = []
    backup.on_event(lambda event, context: told.append(event["detail-type"]))
    job = backup.add_backup_job(State="CREATED")
    job.run()
    job.complete()
    assert told.count("Backup Job State Change") == 2, told
    states = [event["detail"]["state"] for event in job.events]
    assert states == ["RUNNING", "COMPLETED"], states
""",
    "moves": """
with mock_backup() as backup:
    job_id = started(backup)
    states = [client().describe_backup_job(BackupJobId=job_id)["State"] for _ in range(3)]
    assert states == ["CREATED", "RUNNING", "COMPLETED"], states
    backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
    other = client().start_backup_job(
        BackupVaultName="vault", ResourceArn=VOLUME, IamRoleArn=ROLE
    )["BackupJobId"]
    job = backup.backup_jobs[other]
    for _ in range(3):
        client().describe_backup_job(BackupJobId=other)
    assert (job["State"], job["StatusMessage"]) == ("FAILED", "boom")
    try:
        job.run()
    except FakeBackupError as error:
        print(str(error).partition(". ")[0])
""",
    "refusals": """
import warnings

from fakebackup.operations import modules

modules().pop("DeleteBackupPlan", None)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    with mock_backup():
        try:
            client().delete_backup_plan(BackupPlanId="plan")
        except NotImplementedError:
            pass
print(*(each.category.__name__ for each in told))
""",
    "report": """
from fakebackup.report import explain

with mock_backup() as backup:
    backup.add_backup_job()
    ids()
    print(explain(backup.backend).splitlines()[0])
""",
}

PRINTED = {
    "block": "ended",
    "failures": "AccessDeniedException",
    "moves": "A backup job cannot go from FAILED to RUNNING: FAILED is final",
    "refusals": "FakeBackupWarning",
    "report": "1 call of AWS Backup:",
}


def test_scripts() -> None:
    """Each way to use the fake works in a script, without anything of pytest's being there."""
    # One Python for all: starting one takes longer than what it is asked to do.
    parts = [
        f"print({name!r})\nexec(compile({code!r}, {name!r}, 'exec'))"
        for name, code in SCRIPTS.items()
    ]
    end = "assert not {'pytest', '_pytest', 'fakebackup.plugin'} & set(sys.modules)\nprint('end')"
    done = run("\n".join([*parts, end]))
    assert done.returncode == 0, done.stderr
    expected = [line for name in SCRIPTS for line in (name, PRINTED.get(name)) if line]
    assert done.stdout.splitlines() == [*expected, "end"]


CASES = """
import unittest


def setUpModule():
    try:
        current()
    except FakeBackupError:
        return
    raise AssertionError("a fake is active outside the tests")


@mock_backup
class TestDecorated(unittest.TestCase):
    def setUp(self):
        self.job = current().add_backup_job()
        self.addCleanup(lambda: self.assertEqual(ids(), [self.job.id]))

    def tearDown(self):
        self.assertEqual(ids(), [self.job.id])

    def test_one(self):
        self.assertEqual(ids(), [self.job.id])

    def test_two_is_fresh(self):
        self.assertEqual(len(current().calls), 0)


class TestInherits(TestDecorated):
    def test_three(self):
        self.assertEqual(ids(), [self.job.id])


class TestStartStop(unittest.TestCase):
    def setUp(self):
        mock = mock_backup(region="eu-west-1")
        self.backup = mock.start()
        self.addCleanup(mock.stop)

    def test_it(self):
        self.assertIs(current(), self.backup)
        self.assertEqual(client().meta.region_name, "eu-west-1")


@mock_backup
class TestAsync(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        current().add_backup_job()

    async def test_it(self):
        self.assertEqual(len(ids()), 1)


class TestFails(unittest.TestCase):
    @mock_backup
    def test_it(self):
        self.assertEqual(ids(), ["none"])


unittest.main(argv=["cases", *sys.argv[1:]])
"""


@pytest.mark.parametrize(
    ("names", "code", "told"),
    [
        (("TestDecorated", "TestInherits", "TestStartStop", "TestAsync"), 0, "Ran 7 tests"),
        (("TestFails", "TestDecorated"), 1, "FAILED (failures=1)"),
    ],
    ids=["passing", "failing"],
)
def test_unittest(names: tuple[str, ...], code: int, told: str) -> None:
    """Under unittest.main each test has a fresh fake, and one that fails disturbs no other."""
    done = run(CASES, *names)
    assert done.returncode == code, done.stderr
    assert told in done.stderr
