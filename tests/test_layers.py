"""The order of the modules: imports point downwards, and some things have one home."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "fakebackup"
SOURCE = Path(__file__).parents[1] / "src" / PACKAGE

# Each layer with those right below it; what is below those may be imported too.
BELOW = {
    "plugin": {"commands", "contents"},
    "commands": {"contents", "recording"},
    "contents": {"mock", "strategies"},
    "mock": {"fake"},
    "fake": {"hook", "serve", "factories", "documents", "beside"},
    "beside": {"hook"},
    "pages": {"report"},
    "documents": {"factories", "nouns"},
    "nouns": {"operations", "views"},
    "report": {"dispatch"},
    "hook": {"dispatch"},
    "serve": {"pages"},
    "dispatch": {"operations"},
    "operations": {"answering", "reports"},
    "answering": {"engine"},
    "reports": {"engine"},
    "strategies": {"factories", "operations"},
    "factories": {"engine"},
    "views": {"stores"},
    "engine": {"plans", "stores"},
    "stores": {"events"},
    "plans": {"jobs", "vaults"},
    "events": {"jobs", "vaults"},
    "jobs": {"resources"},
    "vaults": {"resources"},
    "resources": {"shapes"},
    "shapes": {"ground"},
    "recording": {"ground"},
    "ground": set(),
}

# A module's name below the package, or the folder it is in, and the layer. The contents are
# `fakebackup` itself.
LAYER = {
    "": "contents",
    "plugin": "plugin",
    "__main__": "plugin",
    "commands": "commands",
    "recording": "recording",
    "mock": "mock",
    "classes": "mock",
    "fake": "fake",
    "documents": "documents",
    "nouns": "nouns",
    "report": "report",
    "pages": "pages",
    "hook": "hook",
    "beside": "beside",
    "serve": "serve",
    "dispatch": "dispatch",
    "answers": "dispatch",
    "by_hand": "dispatch",
    "calls": "dispatch",
    "faults": "dispatch",
    "operations": "operations",
    "answering": "answering",
    "strategies": "strategies",
    "factories": "factories",
    "views": "views",
    "model": "ground",
    "model.engine": "engine",
    "model.reports": "reports",
    "model.stores": "stores",
    "model.plans": "plans",
    "model.events": "events",
    "model.jobs": "jobs",
    "model.vaults": "vaults",
    "model.resources": "resources",
    "model.shapes": "shapes",
    "literals": "shapes",
    "clock": "ground",
    "ids": "ground",
    "plain": "ground",
    "errors": "ground",
    "known_errors": "ground",
    "options": "ground",
    "addresses": "ground",
}

MOST_LINES = 550
"""How long a module may be, but for the one of the generators."""

LONGER = {"strategies"}

MOST_MODULES = 20
"""How many modules a folder may have; `operations` has one for each noun of AWS's."""

EVENTS = re.compile(
    r"(?<![\w-])(provide-client-params|before-parameter-build|before-call|request-created"
    r"|choose-signer|before-sign|before-send|response-received|needs-retry|after-call"
    r"|after-call-error|creating-client-class|before-endpoint-resolution)(?![\w-])"
)


class Import(NamedTuple):
    """One name that a module imports, spelled out from the top."""

    target: str
    line: int


def module_name(path: Path) -> str:
    """The dotted name of a source file, without the package: "model.jobs", "" for the contents."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}


def home(name: str) -> str:
    """The folder or module whose layer a module has: the longest name that LAYER knows."""
    while name not in LAYER and name:
        name = name.rpartition(".")[0]
    return name


def layer_of(name: str) -> str:
    """The layer of a module."""
    return LAYER[home(name)]


def imports(name: str, trees: dict[str, ast.Module] = TREES) -> Iterator[Import]:
    """What a module imports, inside functions and for types alone too."""
    package = [PACKAGE, *name.split(".")] if name else [PACKAGE]
    if MODULES[name].name != "__init__.py":
        package.pop()
    for node in ast.walk(trees[name]):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Import(f"{source}.{alias.name}", node.lineno) for alias in node.names)


def own_imports(name: str, trees: dict[str, ast.Module] = TREES) -> Iterator[Import]:
    """The modules of the package that a module imports, without the package's name."""
    for target, line in imports(name, trees):
        top, _, inner = target.partition(".")
        if top != PACKAGE:
            continue
        while inner not in MODULES:
            inner = inner.rpartition(".")[0]
        yield Import(inner, line)


def reach(layer: str) -> set[str]:
    """A layer and every layer below it."""
    return {layer}.union(*(reach(lower) for lower in BELOW[layer]))


def place(name: str, line: int) -> str:
    """Where a finding stands, as an editor opens it."""
    return f"src/{PACKAGE}/{MODULES[name].relative_to(SOURCE).as_posix()}:{line}"


def importers(*packages: str) -> dict[str, str]:
    """The modules that import one of the packages, each with where it does."""
    return {
        name: place(name, line)
        for name in MODULES
        for target, line in imports(name)
        if target.partition(".")[0] in packages
    }


def test_every_module_has_a_layer() -> None:
    """A module whose layer nobody has said is refused."""
    unknown = sorted(name for name in MODULES if name and not home(name))
    assert not unknown, f"say in LAYER of tests/test_layers.py where these belong: {unknown}"


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_imports_point_downwards(name: str) -> None:
    """A module imports from its own layer and from those below it, for types too."""
    layer = layer_of(name)
    upwards = [
        f"{place(name, line)}: {layer} imports {target or 'the contents'} of a layer not below it"
        for target, line in own_imports(name)
        if layer_of(target) not in reach(layer)
    ]
    assert not upwards, "\n".join(upwards)


def check_for_circles(trees: dict[str, ast.Module]) -> None:
    """Refuse a ring of imports between modules, or between folders.

    The contents are left out: they name what is public, each to be imported when asked for.

    Raises:
        CycleError: there is one; it names the modules.
    """
    modules = {
        name: {target for target, _ in own_imports(name, trees)} - {name, ""}
        for name in trees
        if name
    }
    TopologicalSorter(modules).prepare()
    folders: dict[str, set[str]] = {}
    for name, targets in modules.items():
        folder = name.rpartition(".")[0] or name
        found = {target.rpartition(".")[0] or target for target in targets} - {folder}
        folders.setdefault(folder, set()).update(found)
    TopologicalSorter(folders).prepare()


def test_no_module_imports_itself_by_a_detour() -> None:
    """There is no ring of imports, those inside functions and for types alone included."""
    check_for_circles(TREES)


def test_a_circle_for_types_alone_is_found() -> None:
    """A ring that only type checkers see is one, too."""
    lower, upper = "model.jobs.kinds", "model.jobs.job"
    assert upper not in {target for target, _ in own_imports(lower)}
    assert lower in {target for target, _ in own_imports(upper)}
    for_types = (
        "from typing import TYPE_CHECKING\n"
        f"if TYPE_CHECKING:\n    from {PACKAGE}.model.jobs.job import Job\n"
    )
    with pytest.raises(CycleError, match=r"model\.jobs"):
        check_for_circles({**TREES, lower: ast.parse(for_types)})


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_one_subject(name: str) -> None:
    """A module that grows beyond what can be read at once is to be split."""
    lines = len(MODULES[name].read_text("utf-8").splitlines())
    assert name in LONGER or lines <= MOST_LINES, f"{place(name, 1)} has {lines} lines"


def test_no_loop_leaves_its_names_in_a_module() -> None:
    """What is done once at an import is done by a function: its variables are no names."""
    loops = [
        place(name, node.lineno)
        for name, tree in TREES.items()
        for node in tree.body
        if isinstance(node, ast.For | ast.While | ast.With)
    ]
    assert loops == []


def test_a_folder_can_be_looked_over() -> None:
    """No folder but that of the operations has more modules than can be looked over."""
    count = Counter(path.parent.relative_to(SOURCE).as_posix() for path in MODULES.values())
    # A folder's `__init__` is the folder.
    crowded = {folder: n for folder, n in count.items() if n - 1 > MOST_MODULES}
    assert crowded.keys() <= {"operations"}


def docstrings(tree: ast.Module) -> set[ast.AST]:
    """The strings of a module that stand alone: they explain, they do nothing."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def test_only_the_hook_names_botocores_events() -> None:
    """What botocore calls its events stands in the hook, and for clients of our own, beside it."""
    named = [
        f"{place(name, node.lineno)}: {node.value!r}"
        for name, tree in TREES.items()
        if layer_of(name) not in ("hook", "beside")
        for node in set(ast.walk(tree)) - docstrings(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and EVENTS.search(node.value)
    ]
    assert not named, "\n".join(named)


def test_only_the_plugin_imports_pytest() -> None:
    """The library works where pytest is not installed."""
    found = importers("pytest", "_pytest")
    found.pop("plugin", None)
    assert not found


def test_only_the_strategies_import_hypothesis() -> None:
    """The library works where hypothesis is not installed."""
    found = importers("hypothesis")
    found.pop("strategies", None)
    assert not found


def test_only_the_clock_reads_the_time() -> None:
    """Whoever stops the clock of the process has stopped it for the whole fake."""
    found = importers("time")
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and re.search(
                r"\b(datetime|date)\.(now|utcnow|today)$", ast.unparse(node.func)
            ):
                found[name] = place(name, node.lineno)
    found.pop("clock", None)
    assert not found


def loaded_by(code: str, folder: Path) -> set[str]:
    """Which of the costly packages a fresh Python has loaded after the code."""
    ask = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{ask}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    costly = {"botocore", "boto3", "aiobotocore", "awscli", "hypothesis", "pytest"}
    return costly & set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import fakebackup; fakebackup.__version__",
        "from fakebackup import mock_backup, FakeBackup, factories",
        "from fakebackup import Call, Job, RecoveryPoint, Vault, literals, options",
        "from fakebackup import EntryRecord, JobsView, MockBackup, RecordsView, Reports",
        "from fakebackup.literals import BackupJobState",
    ],
)
def test_importing_costs_nothing(code: str, tmp_path: Path) -> None:
    """Importing the public names loads neither botocore nor a test tool."""
    assert loaded_by(code, tmp_path) == set()


def test_every_public_name_is_there() -> None:
    """What `fakebackup` says it has can be had, and is listed."""
    package = importlib.import_module(PACKAGE)
    assert all(hasattr(package, name) for name in package.__all__)
    assert set(package.__all__) <= set(dir(package))


def test_the_plugin_costs_nothing(tmp_path: Path) -> None:
    """A pytest run that never uses the fake loads no botocore and no hypothesis for it."""
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n", "utf-8")
    # The other plugins are kept out: what they load is theirs.
    run = "import pytest; assert not pytest.main(['-q', '-p', 'fakebackup.plugin'])"
    code = f"import os; os.environ['PYTEST_DISABLE_PLUGIN_AUTOLOAD'] = '1'; {run}"
    assert loaded_by(code, tmp_path) == {"pytest"}


MOST_LOADED = 63
"""How many modules of ours a first use loads. Each takes time; what a first use does not need is
imported where it is needed."""


def test_a_first_use_loads_few_modules(tmp_path: Path) -> None:
    """Seeding a job, listing and describing it loads no module that only other things need."""
    code = (
        "import boto3, sys\n"
        "from fakebackup import mock_backup\n"
        "with mock_backup() as backup:\n"
        "    job = backup.add_backup_job()\n"
        "    client = boto3.Session('key', 'secret').client('backup', region_name='us-east-1')\n"
        "    client.list_backup_jobs()\n"
        "    client.describe_backup_job(BackupJobId=job.id)\n"
        "print(*(each for each in sys.modules if each.partition('.')[0] == 'fakebackup'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    loaded = sorted(done.stdout.split())
    assert "fakebackup.operations.backup_jobs" in loaded
    assert len(loaded) <= MOST_LOADED, loaded
