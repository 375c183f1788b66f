"""The order of the modules: imports point downwards, and some things have one home."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "fakebackup"
SOURCE = Path(__file__).parents[1] / "src" / PACKAGE

# Each layer with those right below it; what is below those may be imported too.
BELOW = {
    "plugin": {"contents"},
    "contents": {"mock"},
    "mock": {"fake"},
    "fake": {"hook", "factories"},
    "hook": {"dispatch"},
    "dispatch": {"operations"},
    "operations": {"model"},
    "strategies": {"factories"},
    "factories": {"model"},
    "model": {"ground"},
    "ground": set(),
}

# The first name below the package, and its layer. The contents are `fakebackup` itself.
LAYER = {
    "": "contents",
    "plugin": "plugin",
    "__main__": "plugin",
    "commands": "plugin",
    "mock": "mock",
    "fake": "fake",
    "hook": "hook",
    "dispatch": "dispatch",
    "answers": "dispatch",
    "calls": "dispatch",
    "faults": "dispatch",
    "report": "dispatch",
    "wire": "dispatch",
    "operations": "operations",
    "strategies": "strategies",
    "factories": "factories",
    "loading": "factories",
    "model": "model",
    "clock": "ground",
    "ids": "ground",
    "errors": "ground",
    "waiting": "ground",
    "options": "ground",
}

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
    """The first name below the package, which decides the layer."""
    return name.partition(".")[0]


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that can run: what only type checkers see is left out."""
    yield node
    checked = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    for child in ast.iter_child_nodes(node):
        if not (checked and isinstance(node, ast.If) and child in node.body):
            yield from running(child)


def imports(name: str) -> Iterator[Import]:
    """What a module imports, inside functions too, but not for types alone."""
    package = [PACKAGE, *name.split(".")] if name else [PACKAGE]
    if MODULES[name].name != "__init__.py":
        package.pop()
    for node in running(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Import(f"{source}.{alias.name}", node.lineno) for alias in node.names)


def own_imports(name: str) -> Iterator[Import]:
    """The modules of the package that a module imports, without the package's name."""
    for target, line in imports(name):
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
    unknown = sorted({home(name) for name in MODULES} - LAYER.keys())
    assert not unknown, f"say in LAYER of tests/test_layers.py where these belong: {unknown}"


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_imports_point_downwards(name: str) -> None:
    """A module imports from its own layer and from those below it."""
    layer = LAYER[home(name)]
    upwards = [
        f"{place(name, line)}: {layer} imports {target or 'the contents'} of a layer not below it"
        for target, line in own_imports(name)
        if LAYER[home(target)] not in reach(layer)
    ]
    assert not upwards, "\n".join(upwards)


def test_no_module_imports_itself_by_a_detour() -> None:
    """There is no ring of imports, those inside functions included."""
    graph = {name: {target for target, _ in own_imports(name)} - {name} for name in MODULES if name}
    TopologicalSorter(graph).prepare()


def docstrings(tree: ast.Module) -> set[ast.AST]:
    """The strings of a module that stand alone: they explain, they do nothing."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def test_only_the_hook_names_botocores_events() -> None:
    """What botocore calls its events stands in the hook and nowhere else."""
    named = [
        f"{place(name, node.lineno)}: {node.value!r}"
        for name, tree in TREES.items()
        if home(name) != "hook"
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
    "code", ["import fakebackup", "from fakebackup import mock_backup, FakeBackup, factories"]
)
def test_importing_costs_nothing(code: str, tmp_path: Path) -> None:
    """Importing the public names loads neither botocore nor a test tool."""
    assert loaded_by(code, tmp_path) == set()


def test_the_plugin_costs_nothing(tmp_path: Path) -> None:
    """A pytest run that never uses the fake loads no botocore and no hypothesis for it."""
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n", "utf-8")
    # The other plugins are kept out: what they load is theirs.
    run = "import pytest; assert not pytest.main(['-q', '-p', 'fakebackup.plugin'])"
    code = f"import os; os.environ['PYTEST_DISABLE_PLUGIN_AUTOLOAD'] = '1'; {run}"
    assert loaded_by(code, tmp_path) == {"pytest"}
