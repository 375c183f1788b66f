"""The table of ratios: filled in by the benchmarks, printed and written when they are done."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

VERSIONS = ("botocore", "boto3", "moto", "pytest")


class Found(NamedTuple):
    """A row of the table as it is printed."""

    what: str
    found: str
    reach: str


_table = pytest.StashKey[list[Found]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the table be written to a file."""
    parser.addoption("--benchmark-table", help="where to write the ratios as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with an empty table."""
    config.stash[_table] = []


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave the benchmarks out of every run but their own: they take minutes."""
    return None if config.getoption("benchmark_only", default=False) else True


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Callable[[str, str, str], None]:
    """Add a row to the table: what is compared, what was found, what is to be reached."""
    rows = request.config.stash[_table]
    return lambda what, found, reach: rows.append(Found(what, found, reach))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table, and write it where it was asked for."""
    rows = config.stash[_table]
    if not rows:
        return
    text = "\n".join(
        [
            "| what | found | reach |",
            "|---|---|---|",
            *(f"| {row.what} | {row.found} | {row.reach} |" for row in rows),
            "",
            f"Python {platform.python_version()}, "
            + ", ".join(f"{each} {metadata.version(each)}" for each in VERSIONS)
            + f"; {platform.system()} {platform.machine()}, {_processor()}.",
        ]
    )
    terminalreporter.section("ratios")
    terminalreporter.write_line(text)
    target = config.getoption("benchmark_table")
    if target:
        Path(target).write_text(text + "\n", encoding="utf-8")


def _processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
