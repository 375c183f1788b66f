"""The AWS CLI's manual: each example of AWS Backup runs and prints what the manual shows.

The CLI brings a botocore of its own and puts it in place of the installed one, so one process
beside this one runs all commands; the fake lives in that process.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "us-west-2"  # the manual's


class Example(NamedTuple):
    """A command of the manual and what the manual shows of its output."""

    command: list[str]
    output: Any


class Seeds(NamedTuple):
    """What an example stands on, and how what it prints differs from the manual.

    Attributes:
        calls: operations that make what it asks for, with their parameters.
        named: for an id in the manual's command, the call that made what it names and the
            member of that call's answer that holds the real id.
        jobs: whether the jobs that the manual's output shows are seeded.
        new: members that AWS has added since, or that the manual leaves out.
    """

    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    named: dict[str, tuple[int, str]] = {}  # noqa: RUF012  nobody changes it
    jobs: bool = False
    new: tuple[str, ...] = ()


PLAN = {
    "BackupPlanName": "Example-Backup-Plan",
    "Rules": [
        {
            "RuleName": "DailyBackups",
            "TargetBackupVaultName": "Default",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "StartWindowMinutes": 480,
            "CompletionWindowMinutes": 10080,
            "Lifecycle": {"DeleteAfterDays": 35},
        }
    ],
}
VAULT = ("CreateBackupVault", {"BackupVaultName": "Default"})
RULE, DOCUMENT = "BackupPlan.Rules[]", "BackupPlanDocument"

SEEDS = {
    "create-backup-plan": Seeds(calls=(VAULT,)),
    "create-backup-vault": Seeds(),
    "get-backup-plan": Seeds(
        calls=(VAULT, ("CreateBackupPlan", {"BackupPlan": PLAN})),
        named={"fcbf5d8f-bd77-4f3a-9c97-f24fb3d373a5": (1, "BackupPlanId")},
        new=(
            "CreatorRequestId",
            f"{RULE}.EnableContinuousBackup",
            f"{RULE}.ScheduleExpressionTimezone",
        ),
    ),
    "get-backup-plan-from-template": Seeds(
        new=(
            f"{DOCUMENT}.BackupPlanName",
            f"{DOCUMENT}.Rules[].CompletionWindowMinutes",
            f"{DOCUMENT}.Rules[].EnableContinuousBackup",
            f"{DOCUMENT}.Rules[].ScheduleExpressionTimezone",
            f"{DOCUMENT}.Rules[].TargetBackupVaultName",
        ),
    ),
    "list-backup-jobs": Seeds(jobs=True),
}
"""For each file of examples, by name, its seeds."""

VARYING = {"BackupPlanArn", "BackupPlanId", "CreationDate", "RuleId", "VersionId"}
"""What each plan or vault that is made has of its own."""


# --- Reading the manual -------------------------------------------------------------------------


def folder() -> Path:
    """Where the installed CLI keeps its manual's examples of AWS Backup."""
    found = find_spec("awscli")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "examples" / "backup"


def examples_of(file: str) -> list[Example]:
    """Read the examples of a file: literal blocks of a command and, mostly, one of output."""
    text = (folder() / f"{file}.rst").read_text("utf-8")
    read: list[Example] = []
    for block in re.findall(r"::\n\n((?:(?: {4}.*)?\n)+)", text):
        if block.lstrip().startswith("aws "):
            # An example of the manual lacks the backslash at its line's end.
            read.append(Example(shlex.split(block.replace("\\\n", " ")), None))
        else:
            read[-1] = read[-1]._replace(output=json.loads(block))
    return read


FILES = sorted(path.stem for path in folder().glob("*.rst"))
EXAMPLES = [
    pytest.param(file, number, id=f"{file}-{number + 1}")
    for file in FILES
    for number in range(len(examples_of(file)))
]


def test_the_manual_is_read_whole() -> None:
    """Each file has an example, and none shows more commands than are run."""
    assert set(FILES) == {each.values[0] for each in EXAMPLES}
    for file in FILES:
        text = (folder() / f"{file}.rst").read_text("utf-8")
        assert len(examples_of(file)) == len(re.findall(r"^ +aws backup ", text, re.MULTILINE))


# --- Running it ---------------------------------------------------------------------------------

SERVER = """
import contextlib, io, json, os, sys, traceback
import awscli  # before botocore: it brings its own
from awscli.clidriver import create_clidriver
from botocore import xform_name
from fakebackup import mock_backup
import botocore.session

def run(calls, named, jobs, command):
    with mock_backup(history=None) as backup:
        client = botocore.session.Session().create_client("backup")
        made = [getattr(client, xform_name(name))(**given) for name, given in calls]
        if jobs:
            backup.load(jobs)
        real = {old: made[at][member] for old, (at, member) in named.items()}
        return create_clidriver().main([real.get(each, each) for each in command])

for line in sys.stdin:
    with (
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8") as out,
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8") as err,
    ):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = run(*json.loads(line))
            except BaseException:
                status = traceback.format_exc()
        texts = []
        for each in (out, err):
            each.flush()
            texts.append(each.buffer.getvalue().decode())
    print(json.dumps([status, *texts]), flush=True)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[subprocess.Popen[str]]:
    """The process that runs the CLI."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    paths = os.pathsep.join(each for each in sys.path if each)
    told = {"AWS_DEFAULT_REGION": REGION, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**kept, **nothing, **told},
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def comparable(printed: Any, seeds: Seeds, path: str = "") -> Any:
    """What was printed, as far as it can be the manual's: see `Seeds.new` and `VARYING`."""
    if isinstance(printed, list):
        return [comparable(each, seeds, f"{path}[]") for each in printed]
    if not isinstance(printed, dict):
        return printed
    kept = {}
    for name, each in printed.items():
        inner = f"{path}.{name}" if path else name
        if name in VARYING and not seeds.jobs:
            kept[name] = "varies"
        elif inner not in seeds.new:
            kept[name] = comparable(each, seeds, inner)
    return kept


@pytest.mark.parametrize(("file", "number"), EXAMPLES)
def test_an_example_prints_what_the_manual_shows(
    server: subprocess.Popen[str], file: str, number: int
) -> None:
    """It ends well and prints the manual's members, with the manual's values."""
    assert file in SEEDS, f"{file}.rst is new to these tests: give it a row in SEEDS"
    seeds, every = SEEDS[file], examples_of(file)
    example = every[number]
    program, *arguments = example.command
    assert program == "aws"
    assert server.stdin is not None
    assert server.stdout is not None
    jobs = every[0].output if seeds.jobs else None
    server.stdin.write(json.dumps([seeds.calls, seeds.named, jobs, arguments]) + "\n")
    server.stdin.flush()
    status, out, err = json.loads(server.stdout.readline())

    assert (status, err) == (0, "")
    assert comparable(json.loads(out), seeds) == comparable(example.output, seeds)


def test_every_row_has_its_file() -> None:
    """No row is left of a file that the manual no longer has."""
    assert sorted(SEEDS) == FILES
