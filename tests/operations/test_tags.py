"""Tags of vaults and recovery points, through a real client."""

from __future__ import annotations

from typing import Any

import pytest

from fakebackup import FakeBackup, mock_backup
from support.botocore_model import declared
from support.client import call, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

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
