"""The README: what it shows works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
HAS_TESTS = re.compile(r"^\s*(async )?def test_|^class Test|\bTestCase\b|^@pytest\.", re.MULTILINE)
MODULE_RUN = re.compile(r"^\s*(?:\$ )?.*?(?:python3?|/bin/python) (-m fakebackup\b[^|>&#\n]*)")


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


@pytest.mark.parametrize("block", TESTS, ids=name)
def test_an_example_of_tests_passes(block: Block, pytester: pytest.Pytester) -> None:
    """Pasted into an empty test file, a block of tests passes, and warns of nothing."""
    pytester.makepyfile(test_example=block.text)
    # pytest-asyncio warns where this is left open, and there is no configuration here.
    asyncio = "asyncio_default_fixture_loop_scope=function"
    result = pytester.runpytest_subprocess("-W", "error", "-o", asyncio)
    outcomes = result.parseoutcomes()
    assert outcomes.pop("passed", 0)
    assert not outcomes


@pytest.mark.parametrize("arguments", RUNS)
def test_a_shown_run_of_the_module_works(arguments: str, tmp_path: Path) -> None:
    """`python -m fakebackup` as shown says something and ends well."""
    done = subprocess.run(
        [sys.executable, *arguments.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    assert done.stdout.strip()


def test_ci_runs_what_contributors_are_told() -> None:
    """The last line of .ci/run is the README's test command."""
    command = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    shown = {line.strip().removeprefix("$ ") for block in SHELL for line in block.text.splitlines()}
    assert command in shown
