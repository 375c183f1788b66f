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
    """A row of the table.

    Attributes:
        what: what is compared.
        found, reach: what was found, and what it may be at most.
        noise: by what part of the reach it may be more on a quiet machine.
        unit: the unit of both; ratios have none.
    """

    what: str
    found: float
    reach: float
    noise: float = 0.05
    unit: str = ""

    @property
    def missed(self) -> bool:
        """Whether more was found than the noise explains."""
        return self.found > self.reach + self.noise * abs(self.reach)

    def line(self) -> str:
        """The row as Markdown."""
        verdict = "yes" if self.found <= self.reach else "**no**" if self.missed else "nearly"
        return (
            f"| {self.what} | {self.found:.3g}{self.unit} | {self.reach:g}{self.unit} | {verdict} |"
        )


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


@pytest.fixture(autouse=True, scope="session")
def _botocore_reads_each_file_once() -> None:
    """Let botocore read its files as often as it does for users: this hides the suite's own."""


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Add a row to the table; arguments are those of `Found`."""
    rows = request.config.stash[_table]
    return lambda *row, **more: rows.append(Found(*row, **more))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let the run fail where a row is missed."""
    if session.exitstatus == pytest.ExitCode.OK and missed(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def missed(config: pytest.Config) -> list[str]:
    """What the rows compare that are missed."""
    return [row.what for row in config.stash[_table] if row.missed]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table, and write it where it was asked for."""
    rows = config.stash[_table]
    if not rows:
        return
    text = "\n".join(
        [
            "| what | found | reach | reached |",
            "|---|---|---|---|",
            *(row.line() for row in rows),
            "",
            f"Python {platform.python_version()}, "
            + ", ".join(f"{each} {metadata.version(each)}" for each in VERSIONS)
            + f"; {platform.system()} {platform.machine()}, {_processor()}.",
        ]
    )
    terminalreporter.section("ratios")
    terminalreporter.write_line(text)
    for what in missed(config):
        terminalreporter.write_line(f"missed: {what}", red=True)
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
