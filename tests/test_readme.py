"""The README and the guides: what they show works, and what they tell of the code is so."""

from __future__ import annotations

import functools
import inspect
import json
import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from freezegun import freeze_time

import fakebackup
from fakebackup import FakeBackup, FakeBackupError, mock_backup
from fakebackup.__main__ import main
from fakebackup.commands.guide import GUIDES, line
from fakebackup.faults import SERVICE_WIDE
from fakebackup.known_errors import TABLE as KNOWN_ERRORS
from fakebackup.model.jobs.kinds import BACKUP, KINDS
from fakebackup.model.jobs.life import MOVES
from fakebackup.model.quotas import QUOTAS
from fakebackup.model.resources.types import RESOURCE_TYPES
from fakebackup.options import EVENT_READINGS, OptionValues
from support.botocore_model import shows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fakebackup.model.jobs.kinds import Kind

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FOLDER = Path(fakebackup.__file__).parent / "guides"
# Collecting must not fail where there is no README: a test below says so.
DOCUMENTS = [path for path in (README, *sorted(FOLDER.glob("*.md"))) if path.exists()]
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
HAS_TESTS = re.compile(r"^\s*(async )?def test_|^class Test|\bTestCase\b|^@pytest\.", re.MULTILINE)
CONFTEST = "# conftest.py\n"
MODULE_RUN = re.compile(r"^\s*(?:\$ )?.*?(?:python3?|/bin/python) (-m fakebackup\b[^|>&#\n]*)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
# What a block of tests may need beyond the test suite's own requirements, and how it shows.
OPTIONAL = {
    "aiobotocore": re.compile(r"^\s*(?:from|import) aiobotocore\b", re.MULTILINE),
    # The rules of moto's EventBridge need it: the block says `moto[events]`.
    "jsonpath_ng": re.compile(r"moto\[events"),
    "moto": re.compile(r"^\s*(?:from|import) moto\b", re.MULTILINE),
}
MEMBERS = ("ScanActions", "TargetLogicallyAirGappedBackupVaultArn")
"""Members of rules that a block may have, and an older botocore lacks."""
RECORDED = {"BackupJobs": [{"BackupJobId": "a1", "State": "COMPLETED", "CreationDate": 0.5}]}


class Block(NamedTuple):
    """A fenced block: its document, where it stands there, its language and its text."""

    document: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """What it is called in the report."""
        return f"{self.document.stem.lower().replace('-', '_')}_line_{self.line}"


def blocks(*languages: str) -> list[Block]:
    """The documents' blocks in one of the languages."""
    return [
        Block(
            document,
            text.count("\n", 0, match.start()) + 1,
            match[2],
            re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE),
        )
        for document in DOCUMENTS
        for text in [document.read_text("utf-8")]
        for match in FENCE.finditer(text)
        if match[2] in languages
    ]


PYTHON = blocks("python", "py")
SHELL = blocks("console", "shell", "sh", "bash")
PROJECTS = [
    (conftest, tests) for conftest, tests in pairwise(PYTHON) if conftest.text.startswith(CONFTEST)
]
"""A conftest.py that is shown, and the tests shown after it."""

ALONE = [block for block in PYTHON if not any(block in project for project in PROJECTS)]
RUNS = sorted(
    {
        match[1].strip()
        for block in SHELL
        for shown in block.text.splitlines()
        if (match := MODULE_RUN.match(shown))
    }
)


def test_there_is_something_to_run() -> None:
    """The README exists, blocks show tests, and some show how to run the module."""
    assert README.exists()
    assert ALONE
    assert PROJECTS
    assert RUNS


# pytest-asyncio wants an option set, and there is no configuration here.
RUN = ("-v", "-W", "error", "-o", "asyncio_default_fixture_loop_scope=function")


def missing(block: Block) -> list[str]:
    """What a block needs and is not installed."""
    packages = [
        name for name, needs in OPTIONAL.items() if needs.search(block.text) and not there(name)
    ]
    members = [
        f"a botocore with {name}"
        for name in MEMBERS
        if name in block.text and not shows("BackupRuleInput", name)
    ]
    return packages + members


@functools.cache
def there(name: str) -> bool:
    """Whether a package is installed."""
    return find_spec(name) is not None


@pytest.mark.parametrize(
    "block", [each for each in ALONE if missing(each)], ids=lambda each: each.name
)
def test_a_block_that_cannot_run(block: Block) -> None:
    """It is skipped, and says what it needs."""
    pytest.skip(f"{' and '.join(missing(block))} not installed")


def test_the_blocks_run(pytester: pytest.Pytester) -> None:
    """Each pasted into an empty file, the blocks run, as tests or scripts, and warn of nothing."""
    # One run for all: starting pytest takes longer than they do. The files' names tell the line.
    files = {}
    for block in ALONE:
        if missing(block):
            continue
        if HAS_TESTS.search(block.text):
            files[f"test_{block.name}"] = block.text
        else:
            script = pytester.path / f"{block.name}.py"
            script.write_text(block.text, "utf-8")
            files[f"test_{block.name}"] = (
                "import runpy\n"
                f"def test_script(): runpy.run_path({str(script)!r}, run_name='__main__')\n"
            )
    pytester.makepyfile(**files)
    for conftest, tests in PROJECTS:
        if not has_hooks(conftest):
            folder = pytester.mkdir(conftest.name)
            (folder / "conftest.py").write_text(conftest.text, "utf-8")
            (folder / f"test_{tests.name}.py").write_text(tests.text, "utf-8")
            files[f"{folder.name}/test_{tests.name}"] = tests.text
    result = pytester.runpytest_subprocess(*RUN)
    outcomes = result.parseoutcomes()
    outcomes.pop("passed")
    assert not outcomes
    result.stdout.fnmatch_lines_random([f"{file}.py::*PASSED*" for file in files])


def has_hooks(conftest: Block) -> bool:
    """Whether a conftest.py concerns the whole run, and not its folder alone."""
    return "def pytest_" in conftest.text


@pytest.mark.parametrize(
    "project",
    [project for project in PROJECTS if has_hooks(project[0])],
    ids=lambda project: project[0].name,
)
def test_a_project_with_hooks_runs(pytester: pytest.Pytester, project: tuple[Block, Block]) -> None:
    """A conftest.py that concerns the whole run passes with the tests shown after it."""
    conftest, tests = project
    pytester.makeconftest(conftest.text)
    pytester.makepyfile(tests.text)
    outcomes = pytester.runpytest_subprocess(*RUN).parseoutcomes()
    assert outcomes.pop("passed") == len(re.findall(r"^ *def test_", tests.text, re.MULTILINE))
    assert not outcomes


@pytest.mark.parametrize("arguments", RUNS)
def test_a_shown_run_of_the_module_works(arguments: str, tmp_path: Path) -> None:
    """`python -m fakebackup` as shown says something and ends well."""
    (tmp_path / "recorded").mkdir()
    for name in ("jobs.json", "recorded/jobs.json"):
        (tmp_path / name).write_text(json.dumps(RECORDED), "utf-8")
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
    shown = {
        line.strip().removeprefix("$ ")
        for block in SHELL
        if block.document == README
        for line in block.text.splitlines()
    }
    assert command in shown


# --- The documents -------------------------------------------------------------------------


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = FENCE.sub("", document.read_text("utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(text)
    }


def test_the_readme_is_short() -> None:
    """It is for somebody who has three minutes: at most 200 lines."""
    assert len(README.read_text("utf-8").splitlines()) <= 200


def test_the_list_of_guides_is_complete() -> None:
    """`guide` knows every file of the folder, and no others."""
    assert sorted(GUIDES) == sorted(path.stem for path in FOLDER.glob("*.md"))


def test_the_readme_links_every_guide() -> None:
    """Each has its line, as `guide` prints it, in the same order."""
    shown = re.findall(r"^- \[.*\]\(src/.*$", README.read_text("utf-8"), re.MULTILINE)
    expected = [f"- [{name}](src/fakebackup/guides/{name}.md): {line(name)}" for name in GUIDES]
    assert shown == expected


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_has_its_form(name: str) -> None:
    """A title, a line that says what it is about, then the rest, which any terminal prints."""
    text = (FOLDER / f"{name}.md").read_text("utf-8")
    title, empty, about, other, *_ = text.splitlines()
    assert title.startswith("# ")
    assert about.endswith(".")
    assert (empty, other) == ("", "")
    assert text.isascii()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_link_resolves(document: Path) -> None:
    """A link between documents leads to a file, and to a heading of it."""
    broken = []
    for target, anchor in LINK.findall(FENCE.sub("", document.read_text("utf-8"))):
        # Where the wheel is installed, the README's guides are those of the source.
        path = (document.parent / target).resolve() if target else document
        if not path.is_file() or (anchor and anchor not in anchors(path)):
            broken.append(f"{target}#{anchor}")
    assert not broken


def test_guides_link_to_guides_alone() -> None:
    """They are installed without the README."""
    links = {
        target
        for path in FOLDER.glob("*.md")
        for target, _ in LINK.findall(FENCE.sub("", path.read_text("utf-8")))
    }
    assert links - {""} <= {f"{name}.md" for name in GUIDES}


def test_references_to_the_evidence_resolve() -> None:
    """Where the source refers to the guide `aws`, it names one of its headings."""
    headings = tuple(HEADING.findall((FOLDER / "aws.md").read_text("utf-8")))
    broken = []
    for path in [*FOLDER.parent.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        # A comment or a docstring may break the line anywhere.
        text = re.sub(r"\s*\n\s*(# )?", " ", path.read_text("utf-8"))
        broken += [
            f"{path.name}: {text[match.start() : match.end() + 40]}"
            for match in re.finditer(r"the guide `aws`, (?=[A-Z])", text)
            if not text.startswith(headings, match.end())
        ]
        # Spelled apart: this file is looked through, too.
        broken += [path.name for sheet in ("behaviour " + "sheet",) if sheet in text]
    assert not broken


# --- What they tell of the code ------------------------------------------------------------


def section(name: str) -> str:
    """What stands between two marks of one of the documents that only its source shows."""
    marked = re.compile(f"<!-- {name} -->\n(.*?)<!-- end -->", re.DOTALL)
    found = [each for path in DOCUMENTS for each in marked.findall(path.read_text("utf-8"))]
    assert len(found) == 1, f"one document has <!-- {name} --> ... <!-- end -->, not {len(found)}"
    text: str = found[0]
    return text.strip("\n")


def hold(name: str, expected: str) -> None:
    """Hold a section to what the code says, and show what to paste."""
    assert section(name) == expected, f"paste this between the marks of {name!r}:\n\n{expected}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    for row in (head, ["---"] * len(head), *rows):
        yield "| " + " | ".join(row) + " |"
    yield ""


def cell(value: Any, created: datetime) -> str:
    """A member's value as the tables show it; dates by their distance from the creation."""
    if value is None:
        return "-"
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
        (", ".join(same), [job.get(name, "-") for name in names])
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
        size = job.get("BackupSizeInBytes", "-")
        rows.append([name, job["ResourceArn"], point, size])
    yield from table(["`ResourceType`", "`ResourceArn`", "`RecoveryPointArn`", "size"], rows)


@pytest.mark.skipif(
    not all(kind.known <= known_members(kind) for kind in KINDS),
    reason="this botocore is too old to know every member that the tables show",
)
def test_the_defaults_are_those_of_the_code() -> None:
    """The tables of defaults are what seeded jobs have; if not, paste these."""
    made = [*defaults_of_every_state()]
    for kind in KINDS:
        made += defaults_by_state(kind)
    made += defaults_by_type()
    expected = "\n".join(made).strip("\n")
    hold("defaults", expected)


def test_every_operation_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The table is what `python -m fakebackup operations` prints; if not, paste it."""
    assert main(["operations"]) == 0
    expected = capsys.readouterr().out.strip("\n")
    hold("operations", expected)


def test_every_option_is_explained() -> None:
    """The table of options has a row for each, and no others."""
    named = re.findall(r"^\| `(\w+)`", section("options"), re.MULTILINE)
    assert sorted(named) == sorted(OptionValues.__annotations__)


def test_help_shows_the_options_as_they_are_passed() -> None:
    """help(mock_backup) names each, in the order of the keyword arguments, and no others."""
    shown = inspect.getdoc(mock_backup) or ""
    assert re.findall(r"^ +([a-z_]+) \(.*\): ", shown, re.MULTILINE) == [
        *OptionValues.__annotations__
    ]


def test_the_failure_report_is_what_pytest_prints(pytester: pytest.Pytester) -> None:
    """The example is the section of a test that makes the slip."""
    pytester.makepyfile(
        """
        import boto3, pytest

        @pytest.mark.fake_backup(region="eu-west-1")
        def test_slip(fake_backup):
            fake_backup.add_backup_jobs(3, State=["FAILED", "COMPLETED"])
            client = boto3.client("backup", region_name="us-west-2")
            assert client.list_backup_jobs(ByState="FAILED")["BackupJobs"]
        """
    )
    printed = pytester.runpytest_subprocess("-p", "no:asyncio").stdout.str()
    shown = section("report").splitlines()[1:-1]
    assert "\n".join(shown) in printed


def test_the_quotas_are_those_of_the_code() -> None:
    """The table of quotas is the code's; if not, paste this."""
    rows = [
        [f"`{name}`", f"{quota.most:,}", f"{quota.counted} in {quota.of}", quota.evidence]
        for name, quota in QUOTAS.items()
    ]
    expected = "\n".join(table(["name", "AWS's number", "of", "documented"], rows)).strip("\n")
    hold("quotas", expected)


def test_every_switch_is_in_the_evidence() -> None:
    """An option marked * chooses between readings of AWS: the guide `aws` says between which."""
    switches = re.findall(r"^\| `(\w+)` \*", section("options"), re.MULTILINE)
    evidence = (FOLDER / "aws.md").read_text("utf-8")
    assert switches
    assert [each for each in switches if f"`{each}`" not in evidence] == []


def test_the_moves_are_those_of_the_code() -> None:
    """The table of legal moves is the code's; if not, paste this."""
    rows = [
        [f"{kind.name}s", state, ", ".join(targets)]
        for kind, moves in MOVES.items()
        for state, targets in moves.items()
    ]
    expected = "\n".join(table(["", "from", "to"], rows)).strip("\n")
    hold("moves", expected)


def test_the_known_errors_are_those_of_the_code() -> None:
    """The table of AWS's texts is the code's; if not, paste this."""
    rows = [
        [
            each.code if each.status == 400 else f"{each.code} ({each.status})",
            each.number or "",
            ("", "the argument", "the arguments")[each.in_context],
            each.text.replace("{}", "..."),
            f"[{each.evidence}]",
        ]
        for each in KNOWN_ERRORS
    ]
    head = ["error", "number", "context", "text", "evidence"]
    hold("known errors", "\n".join(table(head, rows)).strip("\n"))


def test_the_errors_of_the_front_are_those_of_the_code() -> None:
    """The table of the front's errors is the code's, and `fail` names each; if not, paste this."""
    rows = [
        [f"`{code}`", str(each.status), each.text, f"[{each.evidence}]"]
        for code, each in SERVICE_WIDE.items()
    ]
    head = ["code", "status", "text", "evidence"]
    hold("front errors", "\n".join(table(head, rows)).strip("\n"))
    told = " ".join(str(FakeBackup.fail.__doc__).split())
    assert f"the service's front ({', '.join(SERVICE_WIDE)});" in told


def test_every_reading_of_events_is_explained() -> None:
    """The table of event readings is the code's; if not, paste this."""
    rows = [[f"`{name}`", meaning] for name, meaning in EVENT_READINGS.items()]
    expected = "\n".join(table(["name", "what it gives"], rows)).strip("\n")
    hold("readings", expected)
