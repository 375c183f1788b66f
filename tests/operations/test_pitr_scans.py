"""What scans of continuous backups have found, through a real client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from support.botocore_model import declared, known
from support.client import call, refused
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup


NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RESULTS = "GetPITRMalwareScanResults"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:continuous:bucket-1"
SNAPSHOT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
THREATS, NONE, UNKNOWN = (
    {"ScanResultStatus": status} for status in ("THREATS_FOUND", "NO_THREATS_FOUND", "UNKNOWN")
)


pytestmark = [
    pytest.mark.skipif(
        not known("GetPITRMalwareScanResults"),
        reason="the installed botocore knows no results of scans at an instant",
    ),
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION),
]


@pytest.fixture(autouse=True)
def _points(backup: FakeBackup) -> None:
    """A continuous backup and a snapshot."""
    of: Any = {"BackupVaultName": "vault", "ResourceType": "S3"}
    backup.add_recovery_point(
        **of, RecoveryPointArn=POINT, Status="AVAILABLE", CreationDate=NOW - 10 * DAY
    )
    backup.add_recovery_point(**of, RecoveryPointArn=SNAPSHOT)


def scanned(backup: FakeBackup, **members: Any) -> Any:
    """Seed a scan of the continuous backup."""
    return backup.add_scan_job(
        **{"BackupVaultName": "vault", "RecoveryPointArn": POINT, "ResourceType": "S3", **members}
    )


def results(at: datetime = NOW - DAY, **parameters: Any) -> Any:
    """What is known of an instant."""
    return call(
        RESULTS,
        **{
            "RecoveryPointArn": POINT,
            "BackupVaultName": "vault",
            "ScanEndTime": at,
            "MalwareScanner": "GUARDDUTY",
            **parameters,
        },
    )


@pytest.mark.usefixtures("backup")
def test_nothing_is_known_without_a_scan() -> None:
    """An instant that no scan covers is UNKNOWN; it is told to the millisecond."""
    at = NOW - DAY + timedelta(microseconds=1500)
    assert results(at) == {
        "ScanEndTime": NOW - DAY + timedelta(milliseconds=1),
        "ScanResult": UNKNOWN,
    }


def test_the_last_scan_counts(backup: FakeBackup) -> None:
    """Of the scans that cover the instant the one that ended last is told."""
    last = scanned(
        backup,
        CreationDate=NOW - 4 * HOUR,
        CompletionDate=NOW - HOUR,
        ScanMode="INCREMENTAL_SCAN",
        ScanResult=THREATS,
    )
    scanned(backup, CreationDate=NOW - 3 * HOUR, CompletionDate=NOW - 2 * HOUR)
    assert results() == {
        "ScanEndTime": NOW - DAY,
        "ScanResult": THREATS,
        "LastScanJobTime": NOW - HOUR,
        "ScanId": last["ScanId"],
        "ScanMode": "INCREMENTAL_SCAN",
    }


@pytest.mark.parametrize(
    ("members", "covered"),
    [
        ({}, [(timedelta(0), True), (8 * DAY, True), (-timedelta(milliseconds=1), False)]),
        (
            {
                "ContinuousScanStartTime": NOW - 6 * DAY,
                "ContinuousScanEndTime": NOW - 4 * DAY,
            },
            [(DAY, False), (2 * DAY, True), (4 * DAY, True), (5 * DAY, False)],
        ),
    ],
)
def test_what_a_scan_covers(
    backup: FakeBackup, members: Any, covered: list[tuple[timedelta, bool]]
) -> None:
    """A scan covers its own period, or all up to its creation."""
    created = NOW - 2 * DAY
    scanned(backup, CreationDate=created, **members)
    for before, covers in covered:
        assert results(created - before)["ScanResult"] == (NONE if covers else UNKNOWN)


@pytest.mark.parametrize(
    "members",
    [
        {"RecoveryPointArn": SNAPSHOT},
        {"State": "RUNNING"},
        {"State": "FAILED"},
        {"AccountId": OTHER_ACCOUNT},
    ],
)
def test_other_scans_do_not_count(backup: FakeBackup, members: Any) -> None:
    """Neither scans of other recovery points and accounts, nor those without a result."""
    scanned(backup, **members)
    assert results()["ScanResult"] == UNKNOWN


def test_a_scan_that_a_client_starts(backup: FakeBackup) -> None:
    """The scan that is started up to an instant answers for it once it is complete."""
    job = call(
        "StartScanJob",
        BackupVaultName="vault",
        RecoveryPointArn=POINT,
        IamRoleArn=ROLE,
        ScannerRoleArn=ROLE,
        MalwareScanner="GUARDDUTY",
        ScanMode="FULL_SCAN",
        ContinuousScanEndTime=NOW - 2 * DAY,
    )
    assert results(NOW - 2 * DAY)["ScanResult"] == UNKNOWN
    started = backup.scan_jobs[job["ScanJobId"]]
    started.run()
    started.complete(ScanResult=THREATS)
    assert results(NOW - 2 * DAY)["ScanResult"] == THREATS
    assert results(NOW - DAY)["ScanResult"] == UNKNOWN


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
ERRORS: list[tuple[dict[str, Any], str]] = [
    ({"RecoveryPointArn": ""}, MISSING),
    ({"RecoveryPointArn": "point"}, INVALID),
    ({"RecoveryPointArn": f"{POINT}0"}, NOT_FOUND),
    ({"RecoveryPointArn": SNAPSHOT}, INVALID),
    ({"BackupVaultName": ""}, MISSING),
    ({"BackupVaultName": "none"}, NOT_FOUND),
    ({"MalwareScanner": "OTHER"}, INVALID),
    ({"MalwareScanner": ""}, MISSING),
    ({"ScanEndTime": NOW + timedelta(milliseconds=1)}, INVALID),
    ({"ScanEndTime": NOW - 10 * DAY - timedelta(seconds=1)}, INVALID),
]
ASKED: dict[str, Any] = {
    "RecoveryPointArn": POINT,
    "BackupVaultName": "vault",
    "ScanEndTime": NOW - DAY,
    "MalwareScanner": "GUARDDUTY",
}


@pytest.mark.parametrize(("parameters", "code"), ERRORS)
def test_each_error(backup: FakeBackup, parameters: dict[str, Any], code: str) -> None:
    """Bad input is refused by the declared error, and nothing changes."""
    assert refused(backup, RESULTS, **{**ASKED, **parameters})["Error"]["Code"] == code


def test_beyond_the_retention(backup: FakeBackup) -> None:
    """An instant that has aged away is refused, as StartScanJob refuses it."""
    kept = backup.add_recovery_point(
        BackupVaultName="vault",
        ResourceType="S3",
        RecoveryPointArn=f"{POINT}-kept",
        Status="AVAILABLE",
        CreationDate=NOW - 10 * DAY,
        Lifecycle={"DeleteAfterDays": 5},
    )
    assert results(NOW - 5 * DAY, RecoveryPointArn=kept.arn)["ScanResult"] == UNKNOWN
    asked = {**ASKED, "RecoveryPointArn": kept.arn, "ScanEndTime": NOW - 6 * DAY}
    assert refused(backup, RESULTS, **asked)["Error"]["Message"] == (
        f"ScanEndTime 2024-03-09T13:30:15.250Z is no instant that {kept.arn} holds: "
        "2024-03-10T13:30:15.250Z to 2024-03-15T13:30:15.250Z"
    )


def test_all_errors() -> None:
    """Every client error that the operation declares is provoked above."""
    assert declared(RESULTS) == {code for _, code in ERRORS}


def test_only_ones_own(backup: FakeBackup) -> None:
    """Another account or region finds nothing."""
    assert refused(backup, RESULTS, **ASKED, region=OTHER_REGION)["Error"]["Code"] == NOT_FOUND
    with backup.acting_as(OTHER_ACCOUNT):
        assert refused(backup, RESULTS, **ASKED)["Error"]["Code"] == NOT_FOUND
