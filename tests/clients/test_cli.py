"""`python -m fakebackup aws`: the real AWS CLI against a seeded fake."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if importlib.util.find_spec("awscli") is None:
    pytest.skip(
        "the AWS CLI (PyPI awscli, version 1) is not installed here", allow_module_level=True
    )

# As the AWS CLI's manual shows them.
CREATED = """\
        {
            "BackupJobId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
            "BackupVaultName": "Default",
            "BackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:Default",
            "ResourceArn": "arn:aws:ec2:us-west-2:123456789012:instance/i-12345678901234567",
            "CreationDate": 1600721892.929,
            "State": "CREATED",
            "PercentDone": "0.0",
            "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
            "StartBy": 1600725492.929,
            "ResourceType": "EC2"
        }"""
COMPLETED = """\
        {
            "BackupJobId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222",
            "BackupVaultName": "Default",
            "BackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:Default",
            "RecoveryPointArn": "arn:aws:backup:us-west-2:123456789012:recovery-point:\
a1b2c3d4-5678-90ab-cdef-EXAMPLE33333",
            "ResourceArn": "arn:aws:elasticfilesystem:us-west-2:123456789012:file-system/\
fs-12345678",
            "CreationDate": 1600721724.77,
            "CompletionDate": 1600721744.488,
            "State": "COMPLETED",
            "PercentDone": "100.0",
            "BackupSizeInBytes": 71,
            "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
            "StartBy": 1600725324.77,
            "ResourceType": "EFS"
        }"""
HEAD, TAIL = '{\n    "BackupJobs": [\n', "\n    ]\n}\n"
BOTH = HEAD + CREATED + ",\n" + COMPLETED + TAIL
FIRST = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
SECOND = "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222"

LIST = ("backup", "list-backup-jobs")
USAGE = "python -m fakebackup aws [--seed FILE] backup COMMAND ..."


class Ran(NamedTuple):
    """What a run gave."""

    status: int
    out: str
    err: str


# One process runs all commands: starting Python and the CLI anew takes seconds. It is not this
# one, in which other tests look at what is imported.
SERVER = """
import io, json, os, socket, sys, traceback
import awscli  # it puts AWS_DATA_PATH into the environment
from fakebackup.commands.aws import run
from fakebackup.operations import modules

modules().pop("ListFrameworks", None)  # for the test of what is not faked

attempts = []


def refuse(*arguments, **_):
    attempts.append(arguments)
    raise OSError("no network in this test")


socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
real, environment = sys.stdout, dict(os.environ)
for line in sys.stdin:
    arguments, told = json.loads(line)
    os.environ.clear()
    os.environ.update(environment | told)
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    try:
        status = run(arguments)
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        sys.stderr.write(traceback.format_exc())
        status = "raised"
    if attempts:
        sys.stderr.write("It reached for the network.")
        attempts.clear()
    texts = []
    for each in (sys.stdout, sys.stderr):
        each.flush()
        texts.append(each.buffer.getvalue().decode())
    sys.stdout, sys.stderr = real, sys.__stderr__
    print(json.dumps([status, *texts]), flush=True)
"""


def environment() -> dict[str, str]:
    """The environment of a machine that was never set up for AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    paths = os.pathsep.join(each for each in sys.path if each)
    return {**kept, **nothing, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}


@pytest.fixture(scope="module")
def server() -> Iterator[subprocess.Popen[str]]:
    """The process that runs the CLI."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(),
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


Aws = Any


@pytest.fixture
def aws(server: subprocess.Popen[str]) -> Callable[..., Ran]:
    """Run the CLI; keywords are environment variables."""

    def run(*arguments: str, **told: str) -> Ran:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps([arguments, told]) + "\n")
        server.stdin.flush()
        return Ran(*json.loads(server.stdout.readline()))

    return run


@pytest.fixture
def manual(tmp_path: Path) -> str:
    """The manual's two jobs in a file."""
    path = tmp_path / "jobs.json"
    path.write_text(BOTH, encoding="utf-8")
    return str(path)


def told(ran: Ran) -> Any:
    """What a run that went well printed, as JSON."""
    assert (ran.status, ran.err) == (0, "")
    return json.loads(ran.out) if ran.out else None


def ids(ran: Ran) -> list[str]:
    """The jobs that a run listed."""
    return [job["BackupJobId"] for job in told(ran)["BackupJobs"]]


def python(*arguments: str, **told: str) -> Ran:
    """Run Python in a process of its own; keywords are environment variables."""
    ran = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        encoding="utf-8",
        env=environment() | told,
        check=False,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def module(*arguments: str, **told: str) -> Ran:
    """Run `python -m fakebackup aws` for real."""
    return python("-m", "fakebackup", "aws", *arguments, **told)


def script(text: str, *arguments: str) -> Ran:
    """Run a script."""
    return python("-c", textwrap.dedent(text), *arguments)


# --- The manual's examples ----------------------------------------------------------------------


def test_the_manuals_jobs_print_as_in_the_manual(manual: str) -> None:
    """A real command prints both, character for character, and nothing else."""
    assert module("--seed", manual, *LIST) == Ran(0, BOTH, "")


def test_the_manuals_second_example_prints_as_in_the_manual(aws: Aws, manual: str) -> None:
    """With --by-state COMPLETED the second job alone is printed, character for character."""
    ran = aws("--seed", manual, *LIST, "--by-state", "COMPLETED")
    assert ran == Ran(0, HEAD + COMPLETED + TAIL, "")


@pytest.mark.parametrize("form", ["before", "after", "inside", "="])
def test_the_seed_stands_anywhere(aws: Aws, manual: str, form: str) -> None:
    """`--seed FILE` before, after or among the CLI's arguments, and `--seed=FILE`, are the same."""
    forms = {
        "before": ("--seed", manual, *LIST),
        "after": (*LIST, "--seed", manual),
        "inside": ("backup", "--seed", manual, "list-backup-jobs"),
        "=": (*LIST, f"--seed={manual}"),
    }
    assert aws(*forms[form]).out == BOTH


def test_without_a_seed_there_is_the_example_month(aws: Aws) -> None:
    """The month's own jobs are listed, all of its accounts on request, and summed up."""
    own, all_of_them = ids(aws(*LIST)), ids(aws(*LIST, "--by-account-id", "*"))
    assert set(own) < set(all_of_them)
    assert len(all_of_them) == 76
    rows = told(
        aws(
            "backup", "list-backup-job-summaries", "--account-id", "AGGREGATE_ALL", "--state", "ANY"
        )
    )["BackupJobSummaries"]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["State"]] = counts.get(row["State"], 0) + row["Count"]
    assert counts["COMPLETED"] == 27


def test_old_and_strange_accounts_are_seen(aws: Aws, tmp_path: Path) -> None:
    """No history limit applies, and the jobs' account is the one that is acted in."""
    path = tmp_path / "jobs.json"
    job = {"BackupJobId": "x", "State": "FAILED", "CreationDate": "1999-12-31T00:00:00Z"}
    path.write_text(json.dumps({"BackupJobs": [{**job, "AccountId": "999988887777"}]}))
    assert ids(aws(*LIST, "--seed", str(path))) == ["x"]


def test_a_folder_of_recordings(aws: Aws, tmp_path: Path) -> None:
    """A folder of what the CLI printed, each file named as its command, answers all of it."""
    home = "arn:aws:backup:eu-west-3:123456789012"
    vault = {"BackupVaultName": "Daily", "BackupVaultArn": f"{home}:backup-vault:Daily"}
    plan = {
        "BackupPlan": {
            "BackupPlanName": "Nightly",
            "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "Daily", "RuleId": "r"}],
        },
        "BackupPlanId": "1234",
        "BackupPlanArn": f"{home}:backup-plan:1234",
        "VersionId": "v1",
        "CreationDate": 1600721892.929,
    }
    policy = {**vault, "Policy": "{}"}
    recorded = {
        "list-backup-vaults": {"BackupVaultList": [{**vault, "CreationDate": 1600721892.929}]},
        "get-backup-plan-nightly": plan,
        "get-backup-vault-access-policy": policy,
        "list-backup-plans": {"BackupPlansList": []},
    }
    for name, answer in recorded.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answer))
    seeded = ("--seed", str(tmp_path), "backup")
    assert told(aws(*seeded, "list-backup-vaults")) == recorded["list-backup-vaults"]
    assert told(aws(*seeded, "get-backup-plan", "--backup-plan-id", "1234")) == plan
    asked = ("get-backup-vault-access-policy", "--backup-vault-name", "Daily")
    assert told(aws(*seeded, *asked)) == policy
    # Where no Region is set, it is that of what was recorded.
    elsewhere = aws(*seeded, "list-backup-vaults", "--region", "us-east-1")
    assert told(elsewhere) == {"BackupVaultList": []}


def test_a_recording(aws: Aws, tmp_path: Path) -> None:
    """A recording is seeded in the account and Region that it names."""
    path = tmp_path / "account.json"
    plan = {"ReportPlanName": "Weekly"}
    recorded = {
        "operation": "ListReportPlans",
        "account_id": "999988887777",
        "region": "ap-south-1",
        "parameters": {},
        "answer": {"ReportPlans": [plan]},
    }
    label = {"kind": "recording", "version": 1}
    listing = ("backup", "list-report-plans", "--seed", str(path))
    path.write_text(json.dumps({"fakebackup": label, "answers": [recorded], "refused": []}))
    assert told(aws(*listing)) == {"ReportPlans": [plan]}
    newer = {"fakebackup": {"kind": "recording", "version": 2}}
    path.write_text(json.dumps(newer))
    ran = aws(*listing)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"fakebackup: {path}: this recording is of version 2, and the newest")


# --- Where --------------------------------------------------------------------------------------


def test_the_seed_lies_where_the_cli_looks(aws: Aws, manual: str, tmp_path: Path) -> None:
    """Region by option, environment, profile or none: the seed is there, and only one region."""
    config = tmp_path / "config"
    config.write_text("[profile away]\nregion = ap-south-1\n[default]\nregion = sa-east-1\n")
    settings = {"AWS_CONFIG_FILE": str(config)}
    seeded = (*LIST, "--seed", manual)
    for arguments, variables in (
        ((), {}),
        (("--region=cn-north-1",), {}),
        ((), {"AWS_DEFAULT_REGION": "eu-west-3"}),
        ((), settings),
        (("--profile", "away"), settings),
        ((), settings | {"AWS_PROFILE": "away"}),
        (("--profile", "away", "--region", "eu-north-1"), settings),
        (("--region", "eu-north-1"), {"AWS_DEFAULT_REGION": "eu-west-3"}),
    ):
        assert ids(aws(*seeded, *arguments, **variables)) == [FIRST, SECOND], (arguments, variables)


def test_the_example_month_is_of_the_region(aws: Aws) -> None:
    """ARNs of the month name the region that the CLI resolves."""
    ran = aws(*LIST, "--region", "ap-south-1", "--query", "BackupJobs[].BackupVaultArn")
    assert {arn.split(":")[3] for arn in told(ran)} == {"ap-south-1"}


def test_what_is_no_region_is_one_line(aws: Aws) -> None:
    """It is told before anything is seeded there."""
    ran = aws(*LIST, "--region", "north")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("fakebackup: region is the name of an AWS region such as ")
    assert ran.err.count("\n") == 1


def test_a_profile_that_does_not_exist_is_the_clis_error(aws: Aws) -> None:
    """It is one line on the standard error, in the CLI's words, with its status."""
    ran = aws(*LIST, "--profile", "nobody")
    assert ran.status == 255
    assert ran.err.strip() == "The config profile (nobody) could not be found"
    assert ran.out == ""


# --- Paging, queries, input ---------------------------------------------------------------------


def test_paging(aws: Aws) -> None:
    """--max-items and --starting-token walk over what --page-size and plain calls list."""
    everything = ids(aws(*LIST))
    assert ids(aws(*LIST, "--page-size", "2")) == everything
    seen: list[str] = []
    token: tuple[str, ...] = ()
    for _ in range(len(everything)):
        page = told(aws(*LIST, "--max-items", "12", "--page-size", "5", *token))
        seen += [job["BackupJobId"] for job in page["BackupJobs"]]
        if "NextToken" not in page:
            break
        assert len(page["BackupJobs"]) == 12
        token = ("--starting-token", page["NextToken"])
    assert seen == everything


def test_no_paginate_gives_one_page(aws: Aws) -> None:
    """With --no-paginate and --max-results the first page is all, its token AWS's own."""
    page = told(aws(*LIST, "--no-paginate", "--max-results", "3"))
    assert len(page["BackupJobs"]) == 3
    following = aws(*LIST, "--no-paginate", "--next-token", page["NextToken"])
    assert len(ids(following)) == len(ids(aws(*LIST))) - 3


def test_a_query_chooses(aws: Aws, manual: str) -> None:
    """--query sees members, dates as numbers included."""
    query = "BackupJobs[?CreationDate > `1600721800`].[BackupJobId, StartBy]"
    assert told(aws(*LIST, "--seed", manual, "--query", query)) == [[FIRST, 1600725492.929]]


def test_input_comes_from_json(aws: Aws, manual: str) -> None:
    """--cli-input-json gives parameters, and options beside it win."""
    asked = json.dumps({"ByState": "COMPLETED"})
    listing = (*LIST, "--seed", manual, "--cli-input-json", asked)
    assert ids(aws(*listing)) == [SECOND]
    assert ids(aws(*listing, "--by-state", "CREATED")) == [FIRST]


def test_dates_are_understood(aws: Aws, manual: str) -> None:
    """Date options filter, whichever way the CLI lets them be written."""
    for date in ("1600721800", "2020-09-21T20:56:40Z", "2020-09-21T22:56:40+02:00"):
        ran = aws(*LIST, "--seed", manual, "--by-created-after", date)
        assert ids(ran) == [FIRST], date


def test_a_skeleton_needs_no_answer(aws: Aws) -> None:
    """--generate-cli-skeleton prints the input's form; it can be fed back."""
    form = told(aws(*LIST, "--generate-cli-skeleton"))
    assert {"ByState", "MaxResults", "NextToken"} <= set(form)
    shown = told(aws(*LIST, "--generate-cli-skeleton", "output"))
    assert "BackupJobs" in shown


# --- Forms of output ----------------------------------------------------------------------------


def test_text(aws: Aws, manual: str) -> None:
    """Text output has a line for each job, its members by name, dates as in JSON."""
    ran = aws(*LIST, "--seed", manual, "--output", "text")
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert (ran.status, ran.err) == (0, "")
    assert [line[0] for line in lines] == ["BACKUPJOBS"] * 2
    assert "1600721892.929" in lines[0]
    assert "1600721724.77" in lines[1]
    assert "71" in lines[1]


def test_table(aws: Aws, manual: str) -> None:
    """Table output draws a box round each job's members."""
    ran = aws(
        *LIST, "--seed", manual, "--output", "table", "--query", "BackupJobs[].[State, StartBy]"
    )
    assert ran.status == 0
    cells = [[each.strip() for each in line.split("|")[1:-1]] for line in ran.out.splitlines()]
    assert ["ListBackupJobs"] in cells
    assert ["CREATED", "1600725492.929"] in cells
    assert ["COMPLETED", "1600725324.77"] in cells


def test_describe(aws: Aws, manual: str) -> None:
    """One job's details print like the list's, and the job is the one asked for."""
    ran = aws("backup", "describe-backup-job", "--backup-job-id", SECOND, "--seed", manual)
    assert told(ran)["BackupJobId"] == SECOND
    assert '"CompletionDate": 1600721744.488,' in ran.out


# --- Errors -------------------------------------------------------------------------------------


def test_an_error_of_aws_is_the_clis(aws: Aws) -> None:
    """An unknown job and a refused value end with 255 and AWS's text, and nothing is printed."""
    for arguments, text in (
        (
            ("backup", "describe-backup-job", "--backup-job-id", "none"),
            "An error occurred (ResourceNotFoundException) when calling the DescribeBackupJob",
        ),
        (
            (*LIST, "--by-state", "DONE"),
            "An error occurred (InvalidParameterValueException) when calling the ListBackupJobs",
        ),
    ):
        ran = aws(*arguments)
        assert (ran.status, ran.out) == (255, "")
        assert ran.err.strip().startswith(text)


def test_what_is_not_faked_says_so(aws: Aws) -> None:
    """An operation that is not faked ends with 255 and the refusal, without a traceback."""
    ran = aws("backup", "list-frameworks")
    assert ran.status == 255
    assert "fakebackup does not fake ListFrameworks yet." in ran.err
    assert "Traceback" not in ran.err
    assert "FakeBackupWarning" not in ran.err


def test_a_slip_in_the_command_is_the_clis(aws: Aws) -> None:
    """An unknown command and a missing option end with the CLI's usage, status 252 or 2."""
    for arguments in (("backup", "list-backup-job"), ("backup", "describe-backup-job")):
        ran = aws(*arguments)
        assert ran.status in (2, 252)
        assert "usage: " in ran.err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "{path} is no JSON: "),
        ("", "{path} is no JSON: "),
        ("[]", "{path} holds no JSON object."),
        ('{"BackupJob": []}', "{path}: "),
        (
            '{"BackupJobs": [{"BackupJobId": "x"}]}',
            "{path}: BackupJobs[0]: a backup job cannot be without State.",
        ),
        (
            '{"BackupJobs": [{"BackupJobId": "x", "State": "DONE", "CreationDate": 0}]}',
            "{path}: BackupJobs[0]: ",
        ),
        (
            (
                '{"BackupJobs": [{"BackupJobId": "x", "State": "RUNNING", "CreationDate": 0,'
                ' "AccountId": "12345"}]}'
            ),
            "{path}: BackupJobs[0]: AccountId is a string of 12 digits, not '12345'.",
        ),
        (
            '{"CopyJobs": [{"SourceBackupVaultArn": "arn:aws:backup:north:123456789012:x"}]}',
            "The Region that the seed names is the name of an AWS region such as ",
        ),
    ],
)
def test_a_seed_that_cannot_be_is_one_line(
    aws: Aws, tmp_path: Path, text: str, complaint: str
) -> None:
    """The file and what is wrong in it are named in one line, and the status is 2."""
    path = tmp_path / "jobs.json"
    path.write_text(text)
    ran = aws(*LIST, "--seed", str(path))
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("fakebackup: " + complaint.format(path=path))
    assert ran.err.endswith("\n")
    assert ran.err.count("\n") == 1


def test_a_seed_that_cannot_be_read_is_one_line(aws: Aws, tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are told in one line, status 2."""
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "missing.json", tmp_path, binary):
        ran = aws(*LIST, "--seed", str(path))
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith("fakebackup: ")
        assert str(path) in ran.err
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize("seeds", [("--seed",), ("--seed=",), ("--seed", "a", "--seed=b")])
def test_one_seed_is_one_file(aws: Aws, seeds: tuple[str, ...]) -> None:
    """--seed without a file, or twice, is refused with the usage, status 2."""
    assert aws(*LIST, *seeds) == Ran(2, "", f"fakebackup: --seed takes one file, once: {USAGE}\n")


# --- What is not AWS Backup ---------------------------------------------------------------------

OTHERS = {
    "s3": ("s3", "ls"),
    "s3api": ("s3api", "list-buckets"),
    "sts": ("--region", "eu-west-1", "sts", "get-caller-identity"),
    "emr": ("emr", "list-clusters"),
    "backup-gateway": ("backup-gateway", "list-gateways"),
    # It looks for credentials before it makes a client, or none at all.
    "codecommit": ("codecommit", "credential-helper", "get"),
    # "help" is a file's name here.
    "s3 ": ("s3", "cp", "s3://bucket/key", "help"),
}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.mark.parametrize(("name", "arguments"), OTHERS.items(), ids=OTHERS)
def test_another_service_is_refused(aws: Aws, name: str, arguments: tuple[str, ...]) -> None:
    """A command of another service is not run, keys or no keys, and reaches for no network."""
    for told in ({}, KEYS):
        assert aws(*arguments, **told) == Ran(
            2,
            "",
            f"fakebackup: only AWS Backup is answered here. 'aws {name.strip()}' is not run: it is "
            "another service, and would reach AWS.\n",
        )


def test_an_alias_finds_no_way_round(manual: str, tmp_path: Path) -> None:
    """The CLI's aliases of AWS Backup's commands are run, those of others are refused."""
    (tmp_path / ".aws" / "cli").mkdir(parents=True)
    (tmp_path / ".aws" / "cli" / "alias").write_text(
        "[toplevel]\nls = s3 ls\njobs = backup list-backup-jobs --by-state COMPLETED\n"
    )
    # The CLI looks for the home folder when it is imported.
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    assert module("jobs", "--seed", manual, **home).out == HEAD + COMPLETED + TAIL
    refused = module("ls", **home)
    assert (refused.status, refused.out) == (2, "")
    assert "'aws s3' is not run" in refused.err


def test_what_is_no_service_is_run(aws: Aws, tmp_path: Path) -> None:
    """`aws configure` and `aws --version` are the CLI's own."""
    config = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    assert aws("configure", "set", "region", "eu-west-3", **config) == Ran(0, "", "")
    assert aws("configure", "get", "region", **config) == Ran(0, "eu-west-3\n", "")
    ran = aws("--version")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("aws-cli/")


@pytest.mark.parametrize("of", [(), ("s3",), ("s3", "ls"), ("s3api", "list-buckets")])
def test_help_is_shown_of_everything(of: tuple[str, ...]) -> None:
    """Help is of all services, so that the CLI's manual can be read."""
    # What the CLI shows it by writes past its process's sys.stdout.
    ran = module(*of, "help")
    if "groff" in ran.err:
        pytest.skip("the CLI lacks what it shows its help by")
    assert (ran.status, ran.err) == (0, "")
    assert "NAME" in re.sub(".\b", "", ran.out)


def test_the_block_on_connections_works(aws: Aws) -> None:
    """A command that asks the metadata service for credentials does reach for the network."""
    assert "It reached for the network." in aws("configure", "list").err


# --- In the process -----------------------------------------------------------------------------

BLOCKED = """
    import sys
    sys.modules["awscli"] = None
    from fakebackup.__main__ import main
    sys.exit(main(["aws", "backup", "list-backup-jobs"]))
"""


def test_without_the_extra_it_says_what_to_install() -> None:
    """Where there is no awscli, one line tells the command that installs it, status 2."""
    assert script(BLOCKED) == Ran(
        2,
        "",
        "fakebackup: the AWS CLI is not installed here; "
        "install it with: python -m pip install 'fakebackup[cli]'\n",
    )


ORDERS = """
    import sys
    {first}
    from fakebackup.__main__ import main
    status = main(["aws", "backup", "list-backup-jobs", "--seed", sys.argv[1]])
    import boto3
    from fakebackup import mock_backup
    sent = []
    with mock_backup(history=None) as backup:
        backup.load(sys.argv[1])
        client = boto3.client("backup")
        client.meta.events.register("request-created", lambda **_: sent.append(1))
        jobs = client.list_backup_jobs()["BackupJobs"]
    print(status, len(jobs), len(sent), file=sys.stderr)
"""


@pytest.mark.parametrize("first", ["", "import awscli.clidriver", "import boto3, botocore.session"])
def test_both_orders_of_import_work(manual: str, first: str) -> None:
    """Whether the CLI or botocore is imported first, the CLI prints, and boto3 is answered, too."""
    ran = script(ORDERS.format(first=first), manual)
    assert ran == Ran(0, BOTH, "0 2 0\n")
