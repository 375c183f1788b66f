"""The README: what it shows works."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupError
from fakebackup.__main__ import main
from fakebackup.model.kinds import BACKUP, KINDS
from fakebackup.model.life import MOVES
from fakebackup.model.resources import RESOURCE_TYPES
from fakebackup.options import EVENT_READINGS, OptionValues

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fakebackup.model.kinds import Kind

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
HAS_TESTS = re.compile(r"^\s*(async )?def test_|^class Test|\bTestCase\b|^@pytest\.", re.MULTILINE)
MODULE_RUN = re.compile(r"^\s*(?:\$ )?.*?(?:python3?|/bin/python) (-m fakebackup\b[^|>&#\n]*)")
# What a block of tests may need beyond the test suite's own requirements.
OPTIONAL = ("aiobotocore", "moto")
IMPORTS = re.compile(rf"^\s*(?:from|import) ({'|'.join(OPTIONAL)})\b", re.MULTILINE)
RECORDED = {"BackupJobs": [{"BackupJobId": "a1", "State": "COMPLETED", "CreationDate": 0.5}]}


def imported(text: str) -> str | None:
    """What a block needs that may not be installed."""
    match = IMPORTS.search(text)
    return None if match is None else match[1]


class Block(NamedTuple):
    """A fenced block: where it stands, its language and its text."""

    line: int
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    """The README's blocks in one of the languages."""
    # Collecting must not fail where there is no README: a test below says so.
    text = README.read_text("utf-8") if README.exists() else ""
    found = (
        Block(
            text.count("\n", 0, match.start()) + 1,
            match[2],
            re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE),
        )
        for match in FENCE.finditer(text)
    )
    return [block for block in found if block.language in languages]


def name(block: Block) -> str:
    """What a block is called in the report: its line."""
    return f"line-{block.line}"


PYTHON = blocks("python", "py")
SHELL = blocks("console", "shell", "sh", "bash")
EXAMPLES = [block for block in PYTHON if not HAS_TESTS.search(block.text)]
TESTS = [block for block in PYTHON if HAS_TESTS.search(block.text)]
RUNS = sorted(
    {
        match[1].strip()
        for block in SHELL
        for line in block.text.splitlines()
        if (match := MODULE_RUN.match(line))
    }
)


def test_there_is_something_to_run() -> None:
    """The README exists, shows tests, and shows how to run the module."""
    assert README.exists()
    assert TESTS
    assert RUNS


@pytest.mark.parametrize("block", EXAMPLES, ids=name)
def test_an_example_runs(block: Block, tmp_path: Path) -> None:
    """Pasted into an empty file, a block of Python runs, and warns of nothing."""
    example = tmp_path / "example.py"
    example.write_text(block.text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr


@pytest.mark.parametrize("needed", [None, *OPTIONAL])
def test_the_examples_of_tests_pass(pytester: pytest.Pytester, needed: str | None) -> None:
    """Each pasted into an empty test file, the blocks of tests pass, and warn of nothing."""
    if needed is not None and find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    # One run for all: starting pytest takes longer than they do. The files' names tell the line.
    files = {
        f"test_{name(block).replace('-', '_')}": block.text
        for block in TESTS
        if imported(block.text) == needed
    }
    assert files
    pytester.makepyfile(**files)
    # pytest-asyncio wants an option set, and there is no configuration here.
    asyncio = "asyncio_default_fixture_loop_scope=function"
    result = pytester.runpytest_subprocess("-v", "-W", "error", "-o", asyncio)
    outcomes = result.parseoutcomes()
    outcomes.pop("passed")
    assert not outcomes
    result.stdout.fnmatch_lines_random([f"{file}.py::*PASSED*" for file in files])


@pytest.mark.parametrize("arguments", RUNS)
def test_a_shown_run_of_the_module_works(arguments: str, tmp_path: Path) -> None:
    """`python -m fakebackup` as shown says something and ends well."""
    (tmp_path / "jobs.json").write_text(json.dumps(RECORDED), "utf-8")
    done = subprocess.run(
        [sys.executable, *shlex.split(arguments)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if arguments.startswith("-m fakebackup aws ") and find_spec("awscli") is None:
        assert "fakebackup[cli]" in done.stderr
        pytest.skip("awscli is not installed: it says so")
    assert not done.returncode, done.stderr
    assert done.stdout.strip()


def test_ci_runs_what_contributors_are_told() -> None:
    """The last line of .ci/run is the README's test command."""
    command = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    shown = {line.strip().removeprefix("$ ") for block in SHELL for line in block.text.splitlines()}
    assert command in shown


# --- What the README tells of the code -----------------------------------------------------


def section(name: str) -> str:
    """What stands between two marks of the README that only its source shows."""
    text = README.read_text("utf-8")
    found = re.search(f"<!-- {name} -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert found, f"README.md lacks <!-- {name} --> ... <!-- end -->"
    return found[1].strip("\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    for row in (head, ["---"] * len(head), *rows):
        yield "| " + " | ".join(row) + " |"
    yield ""


def cell(value: Any, created: datetime) -> str:
    """A member's value as the tables show it; dates by their distance from the creation."""
    if value is None:
        return "\u2013"
    if not isinstance(value, datetime):
        return f"`{json.dumps(value)}`"
    apart = value - created
    sign, apart = ("+", apart) if apart >= timedelta(0) else ("-", -apart)
    for unit, length in (("day", timedelta(days=1)), ("h", timedelta(hours=1))):
        if apart >= length:
            return f"creation {sign} {apart // length} {unit}"
    return f"creation {sign} {apart // timedelta(minutes=1)} min"


def known_members(kind: Kind) -> set[str]:
    """The members of a kind of job that the installed botocore knows."""
    try:
        return set(kind.members)
    except FakeBackupError:
        return set()


def seeded(kind: Kind, **members: str) -> dict[str, str]:
    """The first job of a fake, each member as the tables show it."""
    with freeze_time("2024-03-01T12:00:00Z"), FakeBackup(region="us-east-1") as backup:
        job = getattr(backup, f"add_{kind.name.replace(' ', '_')}")(**members)
        return {name: cell(value, job[kind.created]) for name, value in job.items()}


def states(kind: Kind) -> list[str]:
    """The states of a kind of job, in the order of the tables: a job's life, as far as it goes."""
    found = kind.states or kind.members[kind.state].enum
    order = ["CREATED", "PENDING", "RUNNING", "COMPLETED", "COMPLETED_WITH_ISSUES", "PARTIAL"]
    order += ["FAILED", "ABORTING", "ABORTED", "CANCELED", "EXPIRED"]
    return sorted(set(found) - {"AGGREGATE_ALL", "ANY"}, key=order.index)


def defaults_of_every_state() -> Iterator[str]:
    """A table of the members whose default is one value, whatever the state."""
    kinds_of: dict[tuple[str, str], list[str]] = {}
    for kind in KINDS:
        jobs = [seeded(kind, **{kind.state: state}) for state in states(kind)]
        for name, value in jobs[0].items():
            if name not in (kind.state, kind.created) and all(
                job.get(name) == value for job in jobs
            ):
                kinds_of.setdefault((name, value), []).append(kind.name.removesuffix(" job"))
    rows = [
        [f"`{name}`", value, ", ".join(kinds) if len(kinds) < len(KINDS) else "all"]
        for (name, value), kinds in kinds_of.items()
    ]
    yield from table(["member", "default", "kinds of job"], rows)


def defaults_by_state(kind: Kind) -> Iterator[str]:
    """A table of the members whose default depends on the state; equal states share a column."""
    jobs = {state: seeded(kind, **{kind.state: state}) for state in states(kind)}
    for state, job in jobs.items():
        assert job.pop(kind.state) == f'`"{state}"`'
    names = [name for name in kind.members if len({job.get(name) for job in jobs.values()}) > 1]
    columns = [
        (", ".join(same), [job.get(name, "\u2013") for name in names])
        for job, same in groupby(jobs, key=jobs.__getitem__)
    ]
    rows = [[f"`{name}`", *(values[at] for _, values in columns)] for at, name in enumerate(names)]
    yield from table([f"{kind.name}s", *(head for head, _ in columns)], rows)


def defaults_by_type() -> Iterator[str]:
    """A table of what the resource type decides, as backup jobs have it."""
    rows = []
    for name in RESOURCE_TYPES:
        job = seeded(BACKUP, ResourceType=name)
        early = "RecoveryPointArn" in seeded(BACKUP, ResourceType=name, State="CREATED")
        point = job["RecoveryPointArn"] + (" in every state" if early else "")
        size = job.get("BackupSizeInBytes", "\u2013")
        rows.append([name, job["ResourceArn"], point, size])
    yield from table(["`ResourceType`", "`ResourceArn`", "`RecoveryPointArn`", "size"], rows)


@pytest.mark.skipif(
    not all(kind.known <= known_members(kind) for kind in KINDS),
    reason="this botocore is too old to know every member that the README shows",
)
def test_the_defaults_are_those_of_the_code() -> None:
    """The README's tables of defaults are what seeded jobs have; if not, paste these."""
    made = [*defaults_of_every_state()]
    for kind in KINDS:
        made += defaults_by_state(kind)
    made += defaults_by_type()
    expected = "\n".join(made).strip("\n")
    assert section("defaults") == expected, f"paste this into README.md:\n\n{expected}"


def test_every_operation_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's table is what `python -m fakebackup operations` prints; if not, paste it."""
    assert main(["operations"]) == 0
    expected = capsys.readouterr().out.strip("\n")
    assert section("operations") == expected, f"paste this into README.md:\n\n{expected}"


def test_every_option_is_explained() -> None:
    """The table of options has a row for each, and no others."""
    named = re.findall(r"^\| `(\w+)`", section("options"), re.MULTILINE)
    assert sorted(named) == sorted(OptionValues.__annotations__)


def test_the_moves_are_those_of_the_code() -> None:
    """The README's table of legal moves is the code's; if not, paste this."""
    rows = [
        [f"{kind.name}s", state, ", ".join(targets)]
        for kind, moves in MOVES.items()
        for state, targets in moves.items()
    ]
    expected = "\n".join(table(["", "from", "to"], rows)).strip("\n")
    assert section("moves") == expected, f"paste this into README.md:\n\n{expected}"


def test_every_reading_of_events_is_explained() -> None:
    """The README's table of event readings is the code's; if not, paste this."""
    rows = [[f"`{name}`", meaning] for name, meaning in EVENT_READINGS.items()]
    expected = "\n".join(table(["name", "what it gives"], rows)).strip("\n")
    assert section("readings") == expected, f"paste this into README.md:\n\n{expected}"
