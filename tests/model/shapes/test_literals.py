"""The values that type checkers know, held against the installed botocore and the code."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, ForwardRef, get_args, get_type_hints

import botocore
import pytest

from fakebackup import faults, literals
from fakebackup.model.jobs.kinds import KINDS, REPORT
from fakebackup.model.resources.types import RESOURCE_TYPES
from fakebackup.model.shapes import series, typed, typed_entries
from fakebackup.model.vaults.members import POINT, VAULT
from fakebackup.nouns.table import NOUNS
from support.botocore_model import model

if TYPE_CHECKING:
    from pathlib import Path

    from fakebackup.model.jobs.kinds import Kind

LITERALS = {name: get_args(value) for name, value in vars(literals).items() if get_args(value)}
ENTRIES = {noun.schema.typed: noun.schema for noun in NOUNS.values()}
SCHEMAS = {**{schema.typed: schema for schema in (*KINDS, VAULT, POINT)}, **ENTRIES}
IN_CODE = {
    "ReportJobStatus": REPORT.states,
    "ResourceType": tuple(RESOURCE_TYPES),
}
"""Those that AWS's model has no enum for, and what has them in the code."""

WITHOUT_ENUM = {"Status": "literals.ReportJobStatus", "ResourceType": "literals.ResourceType | str"}
"""How members are annotated whose values are not in AWS's model."""

# The botocore that the literals were last compared with: an older one knows less, and a newer one
# must know the same. Only here a version is asked for, since there is no telling otherwise.
COMPARED_WITH = (1, 44, 8)
IS_OLDER = tuple(int(part) for part in botocore.__version__.split(".")[:3]) < COMPARED_WITH


def installed(name: str) -> set[str]:
    """What the installed botocore has for a literal."""
    if name == "Operation":
        return set(model().operation_names)
    if name == "ErrorCode":
        declared = {shape.name for shape in model().error_shapes}
        return declared | {*faults.SERVICE_WIDE, *faults.NETWORK, faults.TRUNCATED}
    if name not in model().shape_names:
        return set()
    shape: Any = model().shape_for(name)
    return set(shape.enum)


@pytest.mark.parametrize("name", sorted(LITERALS.keys() - IN_CODE.keys()))
def test_the_installed_botocore_has_nothing_else(name: str) -> None:
    """Each value that botocore knows is in the literal, and no other one is."""
    known = set(LITERALS[name])
    assert len(known) == len(LITERALS[name])
    missing = sorted(installed(name) - known)
    assert not missing, f"add to {name} in literals.py: {missing}"
    strange = sorted(known - installed(name))
    assert IS_OLDER or not strange, f"take out of {name} in literals.py: {strange}"


@pytest.mark.parametrize("name", sorted(IN_CODE))
def test_the_code_has_nothing_else(name: str) -> None:
    """What is in no enum of AWS's is what the fake's own tables have."""
    assert LITERALS[name] == IN_CODE[name]


def annotation(cls: Any, member: str) -> str:
    """The annotation of a member, as it is written."""
    written = cls.__annotations__[member]
    return written.__forward_arg__ if isinstance(written, ForwardRef) else str(written)


def classes_of(module: Any) -> dict[str, Any]:
    """The typed dicts that a module defines."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }


def shapes_of(name: str) -> Any:
    """The shapes of a typed dict's members, as far as the installed botocore knows them."""
    if name in SCHEMAS:
        return SCHEMAS[name].members if set(model().shape_names) >= {SCHEMAS[name].item} else {}
    shape: Any = model().shape_for(name) if name in model().shape_names else None
    return {} if shape is None else shape.members


CLASSES = {**classes_of(typed), **classes_of(typed_entries)}
TYPED = sorted(name for name in CLASSES if not name.endswith("Outcome"))


@pytest.mark.parametrize("name", TYPED)
def test_the_members_are_those_of_the_model(name: str) -> None:
    """A structure has the members that the installed botocore knows, and no other ones."""
    annotated, shown = set(CLASSES[name].__annotations__), set(shapes_of(name))
    missing = sorted(shown - annotated)
    assert not missing, f"add to {name} in {CLASSES[name].__module__}: {missing}"
    also = set(ENTRIES[name].also) if name in ENTRIES else set()
    assert IS_OLDER or annotated - shown <= {"Tags"} | also


@pytest.mark.parametrize("name", TYPED)
def test_members_with_an_enum_take_its_literal(name: str) -> None:
    """A member is of the literal that has its enum's name, and of text where it has none."""
    cls = CLASSES[name]
    shapes = shapes_of(name)
    for member in cls.__annotations__:
        shape = shapes.get(member)
        if shape is not None and shape.type_name == "string" and (shape.enum or not IS_OLDER):
            expected = f"literals.{shape.name}" if shape.enum else WITHOUT_ENUM.get(member, "str")
            assert annotation(cls, member) == f"{expected} | None", f"{name}.{member}"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_plural_has_the_members_of_one(kind: Kind) -> None:
    """add_backup_jobs takes what add_backup_job takes, or several of it, or a function."""
    one = getattr(typed, kind.typed)
    many = getattr(series, kind.typed.replace("Members", "Series"))
    expected = {
        member: f"Series[{annotation(one, member).removesuffix(' | None')}]"
        for member in one.__annotations__
    }
    assert {member: annotation(many, member) for member in many.__annotations__} == expected
    assert get_type_hints(many).keys() == expected.keys()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_an_outcome_has_the_members_of_one(kind: Kind) -> None:
    """next_outcome takes a job's members, either spelling of its state, and what it is for."""
    one = getattr(typed, kind.typed)
    outcome = getattr(typed, kind.typed.replace("Members", "Outcome"))
    also = {"State", "Status", "ResourceArn", "times"}
    assert set(outcome.__annotations__) == set(one.__annotations__) | also
    states = {annotation(outcome, each).removesuffix(" | None") for each in ("State", "Status")}
    assert len(states) == 1
    assert also <= get_type_hints(outcome).keys()


def test_none_is_loaded_for_a_first_use(tmp_path: Path) -> None:
    """Types are for type checkers: seeding, choosing, failing and calling load none of them."""
    code = """
import sys
import boto3
from fakebackup import mock_backup
with mock_backup(region="us-east-1") as backup:
    backup.add_backup_jobs(2, State=["FAILED", "COMPLETED"])
    backup.next_outcome("StartBackupJob", State="FAILED")
    backup.fail("ListBackupJobs")
    assert boto3.client("backup", region_name="us-east-1").list_backup_jobs()["BackupJobs"]
    assert backup.calls("ListBackupJobs")
for name in ("model.shapes.literals", "model.shapes.series", "model.shapes.typed"):
    assert f"fakebackup.{name}" not in sys.modules, name
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
