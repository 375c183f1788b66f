"""Protected resources: what the recovery points at hand protect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from support.botocore_model import declared, shows
from support.client import call, pages, refused
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup


NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
DAY = timedelta(days=1)
BY_VAULT = "ListProtectedResourcesByBackupVault"


pytestmark = pytest.mark.fake_backup(region=REGION, history=None)


def volume(name: str) -> str:
    """The ARN of an EBS volume."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{name}"


def found(operation: str = "ListProtectedResources", **parameters: Any) -> list[str]:
    """The ARNs of the resources that are listed."""
    return [each["ResourceArn"] for each in call(operation, **parameters)["Results"]]


def known(**members: Any) -> dict[str, Any]:
    """Those of some members that the installed botocore shows."""
    return {name: each for name, each in members.items() if shows("ProtectedResource", name)}


class TestLists:
    def test_each_resource_once_with_its_last_backup(self, backup: FakeBackup) -> None:
        """A resource is listed with its newest point, of whatever vault and status."""
        backup.add_recovery_point(
            BackupVaultName="one",
            ResourceArn=volume("a"),
            ResourceName="old",
            CreationDate=NOW,
        )
        last = backup.add_recovery_point(
            BackupVaultName="two",
            ResourceArn=volume("a"),
            ResourceName="disk",
            CreationDate=NOW + DAY,
            Status="EXPIRED",
        )
        (resource,) = call("ListProtectedResources")["Results"]
        wanted = known(
            ResourceArn=volume("a"),
            ResourceType="EBS",
            LastBackupTime=NOW + DAY,
            ResourceName="disk",
            LastBackupVaultArn=last.vault.arn,
            LastRecoveryPointArn=last.arn,
        )
        assert resource == wanted
        described = call("DescribeProtectedResource", ResourceArn=volume("a"))
        assert {name: described[name] for name in wanted} == wanted
        (resource,) = call(BY_VAULT, BackupVaultName="one")["Results"]
        assert resource["LastBackupTime"] == NOW

    def test_by_arn(self, backup: FakeBackup) -> None:
        """Resources are listed by ARN, those of the account and region only."""
        for name in "bca":
            backup.add_recovery_point(ResourceArn=volume(name))
        backup.at(region=OTHER_REGION).add_recovery_point(ResourceArn=volume("d"))
        backup.at(account_id=OTHER_ACCOUNT).add_recovery_point(ResourceArn=volume("e"))
        assert found() == [volume(name) for name in "abc"]
        assert found(region=OTHER_REGION) == [volume("d")]

    def test_jobs_protect(self, backup: FakeBackup) -> None:
        """A seeded completed job protects its resource, one that failed does not."""
        job = backup.add_backup_job(BackupVaultName="vault")
        backup.add_backup_job(State="FAILED")
        assert found() == [job["ResourceArn"]]
        (resource,) = call(BY_VAULT, BackupVaultName="vault")["Results"]
        assert resource["LastBackupTime"] == job["CreationDate"]

    def test_a_resource_without_points_is_protected_no_more(self, backup: FakeBackup) -> None:
        """With its last point a resource leaves the list."""
        point = backup.add_recovery_point(BackupVaultName="vault", ResourceArn=volume("a"))
        assert found() == [volume("a")]
        call("DeleteRecoveryPoint", BackupVaultName="vault", RecoveryPointArn=point.arn)
        assert found() == found(BY_VAULT, BackupVaultName="vault") == []
        error = refused(backup, "DescribeProtectedResource", ResourceArn=volume("a"))
        assert error["Error"]["Code"] == "ResourceNotFoundException"

    def test_a_point_of_no_resource(self, backup: FakeBackup) -> None:
        """A point that names no resource protects none."""
        backup.add_recovery_point(ResourceArn=None)
        assert found() == []

    @pytest.mark.parametrize("size", [1, 2, 3])
    @pytest.mark.parametrize("operation", ["ListProtectedResources", BY_VAULT])
    def test_pages_survive_what_happens_between(
        self, backup: FakeBackup, size: int, operation: str
    ) -> None:
        """Resources that are backed up again or forgotten between two pages move no other."""
        points = {
            name: backup.add_recovery_point(BackupVaultName="vault", ResourceArn=volume(name)).arn
            for name in "bcdefg"
        }
        asked = {"BackupVaultName": "vault"} if operation == BY_VAULT else {}
        seen: list[str] = []
        for number, page in enumerate(pages(operation, size, "Results", **asked)):
            seen += [each["ResourceArn"] for each in page]
            for name in ("a", "g"):
                backup.add_recovery_point(BackupVaultName="vault", ResourceArn=volume(name))
            if number < 2:
                call(
                    "DeleteRecoveryPoint",
                    BackupVaultName="vault",
                    RecoveryPointArn=points["bc"[number]],
                )
        rest = [volume(name) for name in "defg"]
        assert [arn for arn in seen if arn in rest] == rest
        assert len(seen) == len(set(seen))


class TestLatestRestore:
    def test_the_latest_completed_one(self, backup: FakeBackup) -> None:
        """Describe tells of the newest completed restore of the resource, in whole minutes."""
        point = backup.add_recovery_point(ResourceArn=volume("a"), CreationDate=NOW)
        backup.add_recovery_point(ResourceArn=volume("a"), CreationDate=NOW + DAY)
        other = backup.add_recovery_point(ResourceArn=volume("b"))
        for minutes, status, restored in (
            (10.9, "COMPLETED", point),
            (20, "COMPLETED", point),
            (30, "FAILED", point),
            (40, "COMPLETED", other),
        ):
            created = NOW + timedelta(minutes=minutes)
            backup.add_restore_job(
                RecoveryPointArn=restored.arn,
                Status=status,  # type: ignore[arg-type]  # of a loop
                CreationDate=created,
                CompletionDate=created + timedelta(minutes=minutes),
                SourceResourceArn=None,
                RecoveryPointCreationDate=None,
            )
        told = call("DescribeProtectedResource", ResourceArn=volume("a"))
        wanted = {
            "LatestRestoreExecutionTimeMinutes": 20,
            "LatestRestoreJobCreationDate": NOW + timedelta(minutes=20),
            "LatestRestoreRecoveryPointCreationDate": NOW,
        }
        for name, value in wanted.items():
            if shows("DescribeProtectedResourceOutput", name):
                assert told[name] == value

    def test_minutes_are_cut(self, backup: FakeBackup) -> None:
        """A restore that took less than a minute took none."""
        point = backup.add_recovery_point(ResourceArn=volume("a"))
        backup.add_restore_job(
            RecoveryPointArn=point.arn,
            CreationDate=NOW,
            CompletionDate=NOW + timedelta(seconds=59),
        )
        told = call("DescribeProtectedResource", ResourceArn=volume("a"))
        if shows("DescribeProtectedResourceOutput", "LatestRestoreExecutionTimeMinutes"):
            assert told["LatestRestoreExecutionTimeMinutes"] == 0

    def test_none(self, backup: FakeBackup) -> None:
        """A resource that was never restored has none of these members."""
        backup.add_recovery_point(ResourceArn=volume("a"))
        told = call("DescribeProtectedResource", ResourceArn=volume("a"))
        assert not [name for name in told if name.startswith("LatestRestore")]


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
DESCRIBE = "DescribeProtectedResource"

ERRORS: list[tuple[str, dict[str, Any], str]] = [
    ("ListProtectedResources", {"NextToken": "none"}, INVALID),
    ("ListProtectedResources", {"MaxResults": 1001}, INVALID),
    (BY_VAULT, {"BackupVaultName": "vault", "NextToken": "none"}, INVALID),
    (DESCRIBE, {"ResourceArn": ""}, MISSING),
    (DESCRIBE, {"ResourceArn": "volume"}, INVALID),
    (DESCRIBE, {"ResourceArn": volume("none")}, NOT_FOUND),
]
CAUSELESS = {(BY_VAULT, NOT_FOUND)}
"""Declared errors without a natural cause: a vault that is missing is forbidden."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        backup.add_vault(BackupVaultName="vault")
        assert refused(backup, operation, **parameters)["Error"]["Code"] == code

    @pytest.mark.parametrize("operation", ["ListProtectedResources", BY_VAULT, DESCRIBE])
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without
