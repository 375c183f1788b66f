"""`python -m fakebackup serve`: a seeded fake that answers until it is stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import mock_backup
from fakebackup.__main__ import main
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, ROLE
from support.http import ask, request, signature
from support.served_command import serving

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="processes are not sent signals here")

RECORDED = {
    "BackupJobs": [
        {
            "BackupJobId": "a1",
            "AccountId": OTHER_ACCOUNT,
            "State": "COMPLETED",
            "CreationDate": 0.5,
        }
    ]
}


@posix
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_the_example_month(by: signal.Signals) -> None:
    """It is served without arguments, and ends well by either signal."""
    with serving() as command:
        environment = command.environment
        assert f"serves AWS Backup at {environment['AWS_ENDPOINT_URL_BACKUP']}\n" in command.head
        assert f"the example month, account {ACCOUNT}, {OTHER_REGION}" in command.head
        assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == OTHER_REGION
        assert len(environment) == 9
        jobs = json.loads(command.ask().body)["BackupJobs"]
        assert {job["AccountId"] for job in jobs} == {ACCOUNT}
        assert len(jobs) == 29
        assert command.end(by) == (0, "")


@posix
def test_the_console_is_told() -> None:
    """The URL that is printed shows the page of what is served."""
    with serving() as command:
        url = command.environment["AWS_ENDPOINT_URL_BACKUP"]
        assert command.console.startswith(f"{url}/_fakebackup/?token=")
        shown = ask(url, request(command.console.removeprefix(url), authorization=None))
        assert shown.status == 200
        assert shown.body.count(b'<g class="row"') == 76
        assert command.end() == (0, "")


@posix
def test_a_signal_at_once() -> None:
    """Whoever has read the last line may send one."""
    with serving() as command:
        assert command.end() == (0, "")


@posix
def test_a_file_of_jobs(tmp_path: Path) -> None:
    """It is served in the account of its first job, in the configured Region, however old."""
    seed = tmp_path / "jobs.json"
    seed.write_text(json.dumps(RECORDED), "utf-8")
    with serving("--seed", os.fspath(seed), AWS_DEFAULT_REGION="eu-north-1") as command:
        assert f"{seed}, account {OTHER_ACCOUNT}, eu-north-1" in command.head
        [job] = json.loads(command.ask().body)["BackupJobs"]
        assert job["BackupJobId"] == "a1"
        assert command.end() == (0, "")


@posix
def test_an_account_and_a_region() -> None:
    """They are what the arguments say, for clients whose key names no account, too."""
    chosen = ("--account", OTHER_ACCOUNT, "--region", "eu-north-1")
    with serving(*chosen, "--empty", AWS_DEFAULT_REGION="eu-west-3") as command:
        assert f"(empty, account {OTHER_ACCOUNT}, eu-north-1)" in command.head
        assert command.environment["AWS_REGION"] == "eu-north-1"
        assert json.loads(command.ask().body)["BackupJobs"] == []
        made = command.ask("/backup-vaults/vault", "PUT", b"{}")
        arn = f"arn:aws:backup:eu-north-1:{OTHER_ACCOUNT}:backup-vault:vault"
        assert json.loads(made.body)["BackupVaultArn"] == arn
        assert command.end() == (0, "")


@posix
def test_a_region_of_the_example_month() -> None:
    """The month happens in the Region that the arguments say."""
    with serving("--region", "eu-north-1") as command:
        assert f"the example month, account {ACCOUNT}, eu-north-1" in command.head
        assert len(json.loads(command.ask().body)["BackupJobs"]) == 29
        assert command.end() == (0, "")


VAULT = {
    "BackupVaultName": "daily",
    "BackupVaultArn": f"arn:aws:backup:eu-north-1:{OTHER_ACCOUNT}:backup-vault:daily",
    "CreationDate": 1706677200,
}


@posix
@pytest.mark.parametrize(
    ("seed", "seen", "listed"),
    [
        ({"BackupVaultList": [VAULT]}, "nothing of it", 0),
        (RECORDED, "only what lists show of other accounts, as by ByAccountId", 1),
    ],
)
def test_what_clients_do_not_see(
    tmp_path: Path, seed: dict[str, Any], seen: str, listed: int
) -> None:
    """A seed that is of another account than the clients' is told of once, with what they see."""
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(seed), "utf-8")
    chosen = ("--seed", os.fspath(path), "--account", ACCOUNT)
    with serving(*chosen, AWS_DEFAULT_REGION="eu-north-1") as command:
        assert json.loads(command.ask().body)["BackupJobs"] == []
        others = command.ask("/backup-jobs?accountId=*")
        assert len(json.loads(others.body)["BackupJobs"]) == listed
        status, err = command.end()
    assert status == 0
    assert err == (
        f"fakebackup: what is served lies in account {OTHER_ACCOUNT} in eu-north-1: clients of "
        f"account {ACCOUNT} in eu-north-1 see {seen}. To see it, type "
        f"--account {OTHER_ACCOUNT} --region eu-north-1.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--account", "123"), "--account is a string of 12 digits, not '123'"),
        (("--region", "euwest1"), "--region is the name of an AWS region"),
        (("--region", ""), "--region is the name of an AWS region"),
    ],
)
def test_what_is_no_account_and_no_region(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told in one line, and nothing is served."""
    assert main(["serve", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"fakebackup: {told}")
    assert err.count("\n") == 1


def test_empty_with_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    """What is seeded is not empty."""
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--empty", "--seed", "x.json"])
    assert ended.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


@posix
def test_a_port_and_how_jobs_move() -> None:
    """They are what the arguments say."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with serving("--port", str(port), "--progress", "immediate") as command:
        assert command.environment["AWS_ENDPOINT_URL_BACKUP"] == f"http://127.0.0.1:{port}"
        region = command.environment["AWS_REGION"]
        made = {"BackupVaultName": "Default", "IamRoleArn": ROLE}
        arn = f"arn:aws:ec2:{region}:{ACCOUNT}:volume/vol-1"
        body = json.dumps({**made, "ResourceArn": arn}).encode()
        header = signature(ACCOUNT, region)
        start = request("/backup-jobs", method="PUT", body=body, authorization=header)
        started = json.loads(ask(f"http://127.0.0.1:{port}", start).body)["BackupJobId"]
        assert json.loads(command.ask(f"/backup-jobs/{started}").body)["State"] == "COMPLETED"
        assert command.end() == (0, "")


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told, and the status says so."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"fakebackup: The port {port} cannot be listened on")
    assert err.endswith("choose another one, or 0, which is any that is free.\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "jobs.json: No such file"),
        ("{", "is no JSON"),
        ('{"BackupJobs": [{"BackupJobId": "a1"}]}', "State"),
        ('{"Strange": []}', "Strange"),
        (
            (
                '{"BackupJobs": [{"BackupJobId": "a1", "State": "RUNNING", "CreationDate": 0,'
                ' "AccountId": "12345"}]}'
            ),
            "jobs.json: BackupJobs[0]: AccountId is a string of 12 digits, not '12345'.\n",
        ),
        (
            (
                '{"fakebackup": {"kind": "recording", "version": 1}, "refused": [], "answers": ['
                '{"operation": "ListBackupVaults", "account_id": "12345", "region": "eu-west-1",'
                ' "answer": {"BackupVaultList": []}}]}'
            ),
            "The account that the seed names is a string of 12 digits, not '12345'.\n",
        ),
        (
            (
                '{"BackupVaultList": [{"BackupVaultName": "daily", "BackupVaultArn":'
                ' "arn:aws:backup:north:123456789012:backup-vault:daily"}]}'
            ),
            (
                "The Region that the seed names is the name of an AWS region such as "
                "'eu-west-1', not 'north'; did you mean 'eu-north-1'?\n"
            ),
        ),
    ],
)
def test_a_file_that_cannot_be_seeded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, expected: str
) -> None:
    """It is told, and nothing is served."""
    seed = tmp_path / "jobs.json"
    if text is not None:
        seed.write_text(text, "utf-8")
    assert main(["serve", "--seed", os.fspath(seed)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fakebackup: ")
    assert expected in err


def test_an_impossible_port(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told what a port is."""
    assert main(["serve", "--port", "70000"]) == 2
    assert "port is a whole number from 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "told"),
    [("missing/dump.json", "the folder {}/missing is not there"), ("", "{} is a folder")],
)
def test_where_no_dump_can_be_written(
    path: str, told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It says so before it serves, so that what it came to hold is not lost at the end."""
    assert main(["serve", "--dump", os.fspath(tmp_path / path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert told.format(tmp_path) in shown.err.replace(os.sep, "/")


@posix
def test_what_is_held_is_dumped(tmp_path: Path) -> None:
    """What is held at the end is written to the file, from which it is served again."""
    dump = tmp_path / "dump.json"
    with serving("--dump", os.fspath(dump)) as command:
        before = json.loads(command.ask().body)
        assert command.end() == (0, "")
    with serving("--seed", os.fspath(dump), AWS_DEFAULT_REGION=OTHER_REGION) as command:
        assert json.loads(command.ask().body) == before
        assert command.end() == (0, "")


@posix
def test_a_dump_is_served_where_it_was_made(tmp_path: Path) -> None:
    """The account and the Region are those of the fake that was dumped, whatever it names first."""
    dump = tmp_path / "dump.json"
    with mock_backup(account_id=OTHER_ACCOUNT, region=OTHER_REGION) as backup:
        backup.at(account_id=ACCOUNT, region="eu-north-1").add_backup_job()
        job = backup.add_backup_job(State="FAILED")
        backup.dump(dump)
    with serving("--seed", os.fspath(dump), AWS_DEFAULT_REGION="eu-west-3") as command:
        assert f"{dump}, account {OTHER_ACCOUNT}, {OTHER_REGION}" in command.head
        [told] = json.loads(command.ask().body)["BackupJobs"]
        assert told["BackupJobId"] == job.id
        assert command.end() == (0, "")


def test_a_mock_that_is_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Only this machine is asked, and the command says so."""
    assert main(["serve", "--beside", "http://example.com:5000"]) == 2
    told = capsys.readouterr().err
    assert told == (
        "fakebackup: --beside is the URL of an emulator on this machine, as "
        "'http://127.0.0.1:5000', not 'http://example.com:5000': other machines are never asked.\n"
    )
