"""What is left out of a seed agrees with what is given: over every pair of members."""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackupWarning, mock_backup, strategies
from fakebackup.model.jobs import kinds, life
from fakebackup.model.resources.types import RESOURCE_TYPES, type_of
from fakebackup.model.vaults.members import POINT, VAULT
from support.botocore_model import known
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup import FakeBackup

pytestmark = pytest.mark.frozen(NOW)

SEEDERS: dict[str, Any] = {
    "backup_job": kinds.BACKUP,
    "copy_job": kinds.COPY,
    "restore_job": kinds.RESTORE,
    "report_job": kinds.REPORT,
    "vault": VAULT,
    "recovery_point": POINT,
}
if known("ListScanJobs"):
    SEEDERS["scan_job"] = kinds.SCAN

VAULTS = [
    f"arn:aws:backup:{region}:{account}:backup-vault:{name}"
    for name in ("Default", "Nightly")
    for region in (REGION, OTHER_REGION)
    for account in (ACCOUNT, OTHER_ACCOUNT)
]
RESOURCES = [
    each.arn.format(p="aws", r=REGION, a=ACCOUNT, n=7, uuid="some")
    for each in RESOURCE_TYPES.values()
]
POINTS = [f"arn:aws:ec2:{REGION}::snapshot/snap-{each}" for each in (1, 2)]
DATES = strategies.dates(now=NOW)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "AccountId": st.sampled_from([ACCOUNT, OTHER_ACCOUNT]),
    "BackupVaultName": st.sampled_from(["Default", "Nightly"]),
    "ResourceType": st.sampled_from([*RESOURCE_TYPES, "Quux"]),
    "MinRetentionDays": st.integers(1, 40),
    "MaxRetentionDays": st.integers(1, 40),
    **dict.fromkeys(("ResourceArn", "SourceResourceArn"), st.sampled_from(RESOURCES)),
    **dict.fromkeys(
        ("BackupVaultArn", "SourceBackupVaultArn", "DestinationBackupVaultArn"),
        st.sampled_from(VAULTS),
    ),
    **dict.fromkeys(
        (
            "RecoveryPointArn",
            "SourceRecoveryPointArn",
            "DestinationRecoveryPointArn",
            "ParentRecoveryPointArn",
        ),
        st.sampled_from(POINTS),
    ),
}


def values_of(schema: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A value, or None where a member may be left out, for each member of a seeder."""
    start = int(NOW.timestamp() * 1000)
    found = {}
    for name, shape in schema.members.items():
        states = getattr(schema, "states", ()) if name == getattr(schema, "state", "") else ()
        value = st.sampled_from(states) if states else VALUES.get(name)
        if shape.type_name == "timestamp":
            value = DATES
        value = value if value is not None else strategies._value(name, shape, start)
        found[name] = value if name in schema.mandatory else value | st.none()
    return st.fixed_dictionaries(found)


def part(arn: str, number: int) -> str:
    """A part of an ARN: 3 is the Region, 4 the account."""
    return arn.split(":", 5)[number]


def vault_agrees(seen: Mapping[str, Any], home: tuple[str, str], asked: dict[str, Any]) -> None:
    """What is seeded lies where its vault does."""
    name, arn = seen.get("BackupVaultName"), seen.get("BackupVaultArn")
    if name is not None and arn is not None:
        assert arn.endswith(f":backup-vault:{name}")
    if arn is not None and "SourceResourceArn" not in seen:
        assert part(arn, 3) == home[1]
        assert "AccountId" in asked or part(arn, 4) == home[0]
    source = seen.get("SourceBackupVaultArn")
    if source is not None and "CopyJobId" in seen:
        assert part(source, 3) == home[1]
        assert "AccountId" in asked or part(source, 4) == home[0]


def resource_agrees(seen: Mapping[str, Any], asked: dict[str, Any]) -> None:
    """A resource is of the type that is told, unless the test gives both."""
    member = "SourceResourceArn" if "RestoreJobId" in seen else "ResourceArn"
    arn, resource_type = seen.get(member), seen.get("ResourceType")
    if {member, "ResourceType"} <= set(asked) or None in (arn, resource_type):
        return
    told = RESOURCE_TYPES.get(str(resource_type))
    # Clusters of DocumentDB and Neptune have ARNs like those of Aurora.
    assert type_of(str(arn)) == ("Aurora" if told and told.told_by is None else resource_type)


def job_agrees(job: Any, asked: dict[str, Any]) -> None:
    """A job's end, message and parent are those of its state and dates."""
    kind = job.kind
    created, completed = job[kind.created], job.get(kind.completed)
    assert completed is None or completed >= created
    if kind.completed not in asked:
        assert (completed is not None) == life.is_final(kind, job[kind.state])
    if "AccountId" in job:
        assert job["AccountId"] == job.account
    if "StartBy" in job and "StartBy" not in asked:
        assert job["StartBy"] > created
    if "MessageCategory" in job and "MessageCategory" not in asked:
        clean = job[kind.state] == "COMPLETED" and "StatusMessage" not in job
        assert (job["MessageCategory"] == "SUCCESS") == clean
    if "RecoveryPointCreationDate" in job and "RecoveryPointCreationDate" not in asked:
        assert job["RecoveryPointCreationDate"] < created
    for name, arn in job.items():
        if name.endswith("Arn") and name not in asked and name != "ResourceArn":
            assert part(arn, 3) in ("", job.region) or "Vault" in name or "Point" in name


def kept_as_given(seeded: Any, asked: dict[str, Any]) -> None:
    """Each member that is given is there as it was given; None leaves it out."""
    for name, value in asked.items():
        if value is None:
            # These follow from what a recovery point lies in, and from its lifecycle.
            assert name not in seeded or name in ("CalculatedLifecycle", "VaultType")
        elif isinstance(value, (str, bool)) or (isinstance(value, int) and "Number" not in name):
            assert seeded[name] == value


def seed(backup: FakeBackup, seeder: str, asked: dict[str, Any]) -> None:
    """Seed a pair of members: it is refused, naming one of them, or it agrees."""
    try:
        seeded = getattr(backup, f"add_{seeder}")(**asked)
    except ValueError as error:
        assert any(name in str(error) for name in asked), error  # noqa: PT017  may be refused
        return
    place = seeded if seeder != "recovery_point" else seeded.vault
    vault_agrees(seeded, (place.account, place.region), asked)
    kept_as_given(seeded, asked)
    resource_agrees(seeded, asked)
    if seeder.endswith("_job"):
        job_agrees(seeded, asked)


@pytest.mark.parametrize("seeder", SEEDERS)
@settings(max_examples=15)
@given(data=st.data())
def test_every_pair_of_members(seeder: str, data: st.DataObject) -> None:
    """Whatever two members are given, the rest agrees with them, or they are refused."""
    values = data.draw(values_of(SEEDERS[seeder]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FakeBackupWarning)
        with mock_backup(region=REGION, history=None) as backup:
            for pair in itertools.combinations(values, 2):
                asked = {name: values[name] for name in pair}
                seed(backup, seeder, asked)
                backup.reset()
