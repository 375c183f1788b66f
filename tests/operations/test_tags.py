"""Tags of vaults and recovery points, through a real client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, mock_backup
from support.botocore_model import declared, known, model
from support.client import call, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.requests_from_model import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:vault"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
SNAPSHOT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"


pytestmark = pytest.mark.fake_backup(region=REGION)


@pytest.fixture(autouse=True)
def _points(backup: FakeBackup) -> None:
    """A vault, and recovery points with ARNs of two services."""
    backup.add_vault(BackupVaultName="vault")
    backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=POINT)
    backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=SNAPSHOT, Tags={"a": "1"})


def tags(arn: str, **parameters: Any) -> dict[str, str]:
    """The tags of a resource."""
    found: dict[str, str] = call("ListTags", ResourceArn=arn, **parameters)["Tags"]
    return found


@pytest.mark.parametrize("arn", [VAULT, POINT])
def test_round_trip(backup: FakeBackup, arn: str) -> None:
    """Tags are added, replaced by key and taken away; nobody is told."""
    assert tags(arn) == {}
    call("TagResource", ResourceArn=arn, Tags={"b": "1", "a": "", "Ä key": "x y"})
    call("TagResource", ResourceArn=arn, Tags={"b": "2", "c": "3"})
    assert tags(arn) == {"a": "", "b": "2", "c": "3", "Ä key": "x y"}
    call("UntagResource", ResourceArn=arn, TagKeyList=["a", "Ä key", "none"])
    assert tags(arn) == {"b": "2", "c": "3"}
    call("UntagResource", ResourceArn=arn, TagKeyList=["b", "c"])
    assert tags(arn) == {}
    assert backup.events == []


@pytest.mark.skipif(
    not known("CreateLogicallyAirGappedBackupVault"),
    reason="the installed botocore does not know such vaults",
)
def test_of_a_shared_vault(backup: FakeBackup) -> None:
    """The tags of a vault of another account that is shared can be read, but not changed."""
    theirs = backup.at(account_id=OTHER_ACCOUNT)
    shared = theirs.add_vault(
        BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT", Tags={"v": "1"}
    )
    point = theirs.add_recovery_point(BackupVaultName="gapped", Tags={"p": "1"})
    plain = theirs.add_recovery_point(BackupVaultName="plain")
    assert (tags(shared.arn), tags(point.arn)) == ({"v": "1"}, {"p": "1"})
    before = tags_of(backup)
    for arn in (shared.arn, point.arn):
        for operation, change in (("TagResource", {"Tags": {"a": "b"}}), UNTAG):
            error = refused(backup, operation, ResourceArn=arn, **change)
            assert error["Error"]["Code"] == "ResourceNotFoundException"
    for arn in (plain.vault.arn, plain.arn):
        error = refused(backup, "ListTags", ResourceArn=arn)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
    assert tags_of(backup) == before


UNTAG: tuple[str, dict[str, Any]] = ("UntagResource", {"TagKeyList": ["p", "v"]})


def test_each_has_its_own(backup: FakeBackup) -> None:
    """The tags of one resource are not those of another."""
    call("TagResource", ResourceArn=VAULT, Tags={"b": "2"})
    assert (tags(POINT), tags(SNAPSHOT)) == ({}, {"a": "1"})
    assert len(tags_of(backup)) == 2


@pytest.mark.usefixtures("backup")
def test_by_key() -> None:
    """Tags are listed by key, in pages that survive what happens between."""
    for number in (5, 3, 1, 2, 4):
        call("TagResource", ResourceArn=VAULT, Tags={f"key-{number}": str(number)})
    seen: list[str] = []
    for number, page in enumerate(pages("ListTags", 2, "Tags", ResourceArn=VAULT)):
        seen += list(page)
        call("TagResource", ResourceArn=VAULT, Tags={f"early-{number}": ""})
        call("UntagResource", ResourceArn=VAULT, TagKeyList=["key-1"])
    assert seen == [f"key-{number}" for number in range(1, 6)]


@pytest.mark.usefixtures("backup")
def test_other_services_tags() -> None:
    """A point with another service's ARN shows its tags, but AWS Backup does not change them."""
    assert tags(SNAPSHOT) == {"a": "1"}


def test_only_ones_own(backup: FakeBackup) -> None:
    """What lies in another account or region is not found."""
    error = refused(backup, "ListTags", ResourceArn=VAULT, region=OTHER_REGION)
    assert error["Error"]["Code"] == "ResourceNotFoundException"
    with backup.acting_as(OTHER_ACCOUNT):
        error = refused(backup, "ListTags", ResourceArn=VAULT)
    assert error["Error"]["Code"] == "ResourceNotFoundException"


def test_a_seeded_jobs_point(backup: FakeBackup) -> None:
    """A point that a seeded job has left can be tagged before anybody has asked for it."""
    job = backup.add_backup_job(ResourceType="EFS")
    call("TagResource", ResourceArn=job["RecoveryPointArn"], Tags={"a": "b"})
    assert tags(job["RecoveryPointArn"]) == {"a": "b"}


@pytest.mark.usefixtures("backup")
def test_tags_go_with_their_resource() -> None:
    """What is gone cannot be asked for its tags, nor tagged."""
    call("TagResource", ResourceArn=POINT, Tags={"a": "b"})
    for arn in (POINT, SNAPSHOT):
        call("DeleteRecoveryPoint", BackupVaultName="vault", RecoveryPointArn=arn)
    call("DeleteBackupVault", BackupVaultName="vault")
    with mock_backup() as backup:
        for arn in (POINT, SNAPSHOT, VAULT):
            error = refused(backup, "ListTags", ResourceArn=arn)
            assert error["Error"]["Code"] == "ResourceNotFoundException"


def test_fifty_and_no_more(backup: FakeBackup) -> None:
    """A resource has up to fifty tags, those it has already included."""
    call("TagResource", ResourceArn=VAULT, Tags={f"k-{number}": "" for number in range(50)})
    call("TagResource", ResourceArn=VAULT, Tags={"k-0": "new"})
    error = refused(backup, "TagResource", ResourceArn=VAULT, Tags={"more": ""})
    assert error["Error"]["Code"] == "LimitExceededException"
    assert len(tags(VAULT)) == 50


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
NEEDED: dict[str, dict[str, Any]] = {
    "TagResource": {"Tags": {"a": "b"}},
    "UntagResource": {"TagKeyList": ["a"]},
    "ListTags": {},
}
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"ResourceArn": ""}, MISSING) for name in NEEDED),
    *((name, {"ResourceArn": "vault"}, INVALID) for name in NEEDED),
    *((name, {"ResourceArn": f"{VAULT}-2"}, NOT_FOUND) for name in NEEDED),
    *((name, {"ResourceArn": f"{POINT}0"}, NOT_FOUND) for name in NEEDED),
    ("TagResource", {"ResourceArn": SNAPSHOT}, INVALID),
    ("TagResource", {"Tags": {"aws:mine": ""}}, INVALID),
    ("TagResource", {"Tags": {}}, MISSING),
    (
        "TagResource",
        {"Tags": {f"key-{number}": "" for number in range(51)}},
        "LimitExceededException",
    ),
    ("UntagResource", {"ResourceArn": SNAPSHOT}, INVALID),
    ("UntagResource", {"TagKeyList": []}, MISSING),
    ("ListTags", {"NextToken": "none"}, INVALID),
    ("ListTags", {"MaxResults": 1001}, INVALID),
]


@pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
def test_each_error(
    backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
) -> None:
    """Bad input is refused by the declared error, and nothing changes."""
    asked = {"ResourceArn": VAULT, **NEEDED[operation], **parameters}
    assert refused(backup, operation, **asked)["Error"]["Code"] == code


@pytest.mark.parametrize("operation", NEEDED)
def test_all_errors(operation: str) -> None:
    """Every client error that an operation declares is provoked above."""
    assert declared(operation) == {code for name, _, code in ERRORS if name == operation}


@pytest.mark.parametrize("operation", NEEDED)
def test_a_missing_point(backup: FakeBackup, operation: str) -> None:
    """The ARN of a recovery point that is missing is ERROR_2603 [reported: cloudquery]."""
    arns = [f"{POINT}0"]
    if operation == "ListTags":
        arns += [f"{SNAPSHOT}0", f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:awsbackup:job-1"]
    for arn in arns:
        error = refused(backup, operation, ResourceArn=arn, **NEEDED[operation])
        assert error["Error"] == {"Code": NOT_FOUND, "Message": "Cannot find recovery point."}
        assert error["Code"] == "ERROR_2603"
    error = refused(backup, operation, ResourceArn=f"{VAULT}-2", **NEEDED[operation])
    assert error["Message"] == f"Cannot find resource {VAULT}-2"
    assert "Code" not in error


# --- Reserved keys --------------------------------------------------------------------------


def tagging() -> list[Any]:
    """Per operation of the installed model, the members at any depth that give tags."""
    return [
        pytest.param(name, path, id=f"{name} {'.'.join(path)}")
        for name in model().operation_names
        for path in maps_of_tags(model().operation_model(name).input_shape)
        # The scope of a control gives none: it looks for them.
        if "ControlScope" not in path
    ]


def maps_of_tags(shape: Any, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to members of a shape that are maps and called tags."""
    if shape is None or shape.name in seen:
        return
    if shape.type_name == "list":
        yield from maps_of_tags(shape.member, (*seen, shape.name))
    for name, inner in shape.members.items() if shape.type_name == "structure" else ():
        if inner.type_name == "map" and name.endswith("Tags"):
            yield (name,)
        for path in maps_of_tags(inner, (*seen, shape.name)):
            yield (name, *path)


@pytest.mark.parametrize("key", ["aws:", "aws:team", "AWS:Team"])
@pytest.mark.parametrize(("operation", "path"), tagging())
def test_reserved_keys(backup: FakeBackup, operation: str, path: tuple[str, ...], key: str) -> None:
    """A key that begins with aws: is refused wherever tags are given [documented for all of AWS].

    Which error it is, is assumed.
    """
    names: dict[str, Any] = {"ResourceArn": VAULT, "BackupVaultName": "new", "RuleName": "rule"}
    names |= {"TargetBackupVaultName": "vault", "RecoveryPointArn": POINT}
    value: Any = {key: "1", "own": "2"}
    asked = Values(operation, names).plain("", model().operation_model(operation).input_shape)
    target = asked
    for name in path[:-1]:
        inner = target.setdefault(name, [{}])
        target = inner[0] if isinstance(inner, list) else inner
    target[path[-1]] = value
    error = refused(backup, operation, **asked)
    assert error["Error"]["Code"] == INVALID
    assert f"reserved key {key!r}" in error["Message"]


def test_there_are_operations_with_tags() -> None:
    """Creating, starting, tagging, and the rules of plans."""
    found = {param.values for param in tagging()}
    assert ("TagResource", ("Tags",)) in found
    assert ("StartBackupJob", ("RecoveryPointTags",)) in found
    assert ("CreateBackupPlan", ("BackupPlan", "Rules", "RecoveryPointTags")) in found
    assert ("UpdateBackupPlan", ("BackupPlan", "Rules", "RecoveryPointTags")) in found
    assert len({operation for operation, _ in found if operation.startswith("Create")}) > 5


@pytest.mark.usefixtures("backup")
def test_what_looks_for_tags() -> None:
    """The scope of a framework's control may look for tags of AWS's own."""
    scope = {"Tags": {"aws:cloudformation:stack-name": "stack"}}
    control = {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED", "ControlScope": scope}
    call("CreateFramework", FrameworkName="audit", FrameworkControls=[control])
    (found,) = call("DescribeFramework", FrameworkName="audit")["FrameworkControls"]
    assert found["ControlScope"] == scope


@pytest.mark.usefixtures("backup")
def test_keys_that_are_not_reserved() -> None:
    """Others that look alike are not, and AWS's own can be taken off a thing that has none."""
    call("TagResource", ResourceArn=VAULT, Tags={"aws": "", "my:aws:key": "", "awsome": ""})
    assert set(tags(VAULT)) == {"aws", "my:aws:key", "awsome"}
    call("UntagResource", ResourceArn=VAULT, TagKeyList=["aws:none"])
