"""`python -m fakebackup`: the example month, the operations, the guides."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from freezegun import freeze_time

from fakebackup.__main__ import main
from fakebackup.commands import guide
from fakebackup.nouns.table import NOUNS
from fakebackup.operations import operations
from support.world import is_faked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INSTANTS = [
    "2024-02-29T00:00:00Z",
    "2024-02-29T00:00:01Z",
    "2024-03-01T12:34:56.789Z",
    "2024-12-31T23:59:59.999Z",
]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command prints; it ends well and complains of nothing."""
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert not err
    return out


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command prints for programs."""
    return json.loads(printed(capsys, "--json"))


@pytest.mark.parametrize("instant", INSTANTS)
def test_the_month_is_the_same_at_every_hour(
    capsys: pytest.CaptureFixture[str], instant: str
) -> None:
    """Whatever the hour, the same jobs are listed, on the same pages, and counted."""
    with freeze_time(instant):
        told = document(capsys)
    assert [page["jobs"] for page in told["pages"]] == [25, 25, 25, 1]
    assert [page["more"] for page in told["pages"]] == [True, True, True, False]
    assert [job["MessageCategory"] for job in told["failed_jobs"]] == [
        "ACCESS_DENIED",
        "CONCURRENT_JOB",
        "FATAL_ERROR",
        "LIMIT_EXCEEDED",
        "FATAL_ERROR",
        "TOKEN_EXPIRED",
    ]
    assert told["completed"] == {"all": 27, "success": 25, "with_issues": 2}
    states: dict[str, int] = {}
    for row in told["summaries"]:
        if row["AccountId"] == "AGGREGATE_ALL":
            states[row["State"]] = states.get(row["State"], 0) + row["Count"]
    assert states == {
        "ABORTED": 1,
        "COMPLETED": 27,
        "EXPIRED": 1,
        "FAILED": 4,
        "PARTIAL": 1,
        "RUNNING": 2,
    }


@freeze_time("2024-03-01T12:34:56Z")
def test_both_ways_to_count_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """The summaries by type and those by account add up to the same."""
    by_type, by_account = 0, 0
    for row in document(capsys)["summaries"]:
        if row["AccountId"] == "AGGREGATE_ALL":
            by_type += row["Count"]
        else:
            assert row["ResourceType"] == "AGGREGATE_ALL"
            by_account += row["Count"]
    assert by_type == by_account == 36


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_terminal_holds_it(capsys: pytest.CaptureFixture[str], instant: str) -> None:
    """No line is wider than 80 columns or ends in blanks, and all of it is ASCII."""
    with freeze_time(instant):
        text = printed(capsys)
    assert text.isascii()
    assert [line for line in text.splitlines() if len(line) > 80 or line != line.rstrip()] == []


@freeze_time("2024-03-01T12:34:56Z")
def test_the_text_says_what_the_document_says(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed for people is the data that is printed for programs."""
    told = document(capsys)
    text = printed(capsys)
    for job in told["failed_jobs"]:
        assert job["StatusMessage"] in text
        assert f"{job['CreationDate'][:10]} {job['CreationDate'][11:16]}" in text
    for member, value in told["job"].items():
        assert member in text
        if not member.endswith(("Date", "By")):
            assert str(value) in text
    for page in told["pages"]:
        assert f"{page['newest'][:10]} {page['newest'][11:16]}" in text
    cells = [line.split() for line in text.splitlines()]
    assert ["RDS", "11", "2"] in cells
    assert ["123456789012", "1", "10", "1", "1"] in cells
    assert "27 COMPLETED - 25 of them SUCCESS = 2" in text


@freeze_time("2024-03-01T12:34:56Z")
def test_every_noun_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """What the account keeps besides jobs is listed, some of each noun that botocore knows."""
    kept = document(capsys)["kept"]
    assert kept["list_backup_plans"] == ["nightly"]
    assert kept["list_backup_selections"] == ["own"]
    assert kept["list_legal_holds"] == ["Billing dispute"]
    known = {noun.lists[0][0] for noun in NOUNS.values() if noun.lists and is_faked(noun.describe)}
    assert {xform_name(operation) for operation in known} <= {
        method for method, names in kept.items() if names
    }
    cells = [line.split() for line in printed(capsys).splitlines()]
    assert ["list_restore_testing_selections", "1", "volumes"] in cells


def test_two_runs_print_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is random."""
    with freeze_time("2024-03-01T12:34:56Z"):
        assert printed(capsys, "--json") == printed(capsys, "--json")


def test_it_needs_nothing_of_this_machine(tmp_path: Path) -> None:
    """Without pytest, boto3 or settings of AWS that work, it runs as a process of its own."""
    code = (
        "import runpy, sys\n"
        "for name in ('pytest', 'boto3', 'hypothesis'): sys.modules[name] = None\n"
        "sys.argv = ['fakebackup']\n"
        "runpy.run_module('fakebackup', run_name='__main__')\n"
    )
    settings = {
        "AWS_PROFILE": "nobody",
        "AWS_CONFIG_FILE": str(tmp_path / "absent"),
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ACCOUNT_ID": "999999999999",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "76 jobs" in done.stdout


def test_the_operations_are_those_of_the_registry(capsys: pytest.CaptureFixture[str]) -> None:
    """The table and the document name every operation that is faked, by what it is of."""
    nouns = json.loads(printed(capsys, "operations", "--json"))
    assert sorted(name for names in nouns.values() for name in names) == sorted(operations())
    assert "StartBackupJob" in nouns["backup jobs"]
    assert list(nouns) == sorted(nouns)
    assert all(names == sorted(names) for names in nouns.values())
    head, rule, *rows = printed(capsys, "operations").splitlines()
    assert (head, rule) == ("| of | operations |", "| --- | --- |")
    assert rows == [
        f"| {noun} | {', '.join(f'`{name}`' for name in names)} |" for noun, names in nouns.items()
    ]


def test_operations_follow_the_registry(
    capsys: pytest.CaptureFixture[str], unfaked: Callable[..., None]
) -> None:
    """What is not registered is not named, and a noun without operations has no row."""
    unfaked("TagResource", "UntagResource", "ListTags", "StopBackupJob")
    nouns = json.loads(printed(capsys, "--json", "operations"))
    assert "tags" not in nouns
    assert "StopBackupJob" not in nouns["backup jobs"]


def test_the_list_of_guides(capsys: pytest.CaptureFixture[str]) -> None:
    """Each guide has a line: its name, and what it is about."""
    about = json.loads(printed(capsys, "guide", "--json"))
    assert tuple(about) == guide.GUIDES
    lines = [each.split(maxsplit=1) for each in printed(capsys, "guide").splitlines()]
    assert lines == [[name, text] for name, text in about.items()]


@pytest.mark.parametrize("name", guide.GUIDES)
def test_a_guide_is_printed(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """It is printed as it stands; as JSON with its name and what it is about."""
    text = printed(capsys, "guide", name)
    assert text == guide.text(name)
    assert json.loads(printed(capsys, "guide", name, "--json")) == {
        "name": name,
        "about": guide.line(name),
        "text": text,
    }


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sedding", "; did you mean 'seeding'?"),
        ("Seeding", "; did you mean 'seeding'?"),
        ("../start", "; did you mean 'start'?"),
        ("xyz", f"; the guides are {', '.join(guide.GUIDES)}."),
    ],
)
def test_a_misspelt_guide(capsys: pytest.CaptureFixture[str], name: str, hint: str) -> None:
    """One line names the near one, or all of them, and the status is 2."""
    assert main(["guide", name]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"fakebackup: there is no guide {name!r}{hint}\n")


def test_a_guide_loads_nothing_heavy() -> None:
    """To read the manual, neither botocore nor the fake is imported."""
    code = (
        "import sys\n"
        "from fakebackup.__main__ import main\n"
        "main(['guide'])\n"
        "assert not {'botocore', 'fakebackup.fake', 'fakebackup.dispatch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_help_and_slips(capsys: pytest.CaptureFixture[str]) -> None:
    """--help explains; what is no option is refused, and the usage shown."""
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert "--json" in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    with pytest.raises(SystemExit) as left:
        main(["--jsno"])
    assert left.value.code == 2
    assert "usage: python -m fakebackup" in capsys.readouterr().err
    for arguments in (["operations", "guide"], ["guide", "start", "plans"]):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
        capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(["operation"])
    assert left.value.code == 2
    told = capsys.readouterr().err
    for command in ("operations", "aws", "guide", "record", "serve", "report"):
        assert re.search(rf"choose from .*\b{command}\b", told)
        assert re.search(rf"^ +{command}\b", shown, re.MULTILINE)
    with pytest.raises(SystemExit) as left:
        main(["--json", "aws"])
    assert left.value.code == 2
    assert "aws comes first, and what follows is the AWS CLI's" in capsys.readouterr().err
