"""Malware scans that plans start after their backups."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from support.botocore_model import known, shows, takes
from support.client import call
from support.constants import ACCOUNT, REGION, ROLE
from support.starting import scans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1"
BUCKET = "arn:aws:s3:::bucket"
SCANNER = ROLE + "Scanner"
INVALID = "InvalidParameterValueException"
CONTINUOUS: Any = {"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35}}
INFECTED: Any = {"ScanResult": {"ScanResultStatus": "THREATS_FOUND"}}

ends = pytest.mark.skipif(
    not (known("StartScanJob") and takes("StartScanJob", "ContinuousScanEndTime")),
    reason="the installed botocore knows no end of what is scanned",
)

pytestmark = [pytest.mark.fake_backup(region=REGION, progress="immediate"), scans]


@pytest.fixture(autouse=True)
def at() -> Iterator[Callable[[timedelta], None]]:
    """A function that lets time pass, to so long after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


@pytest.fixture(autouse=True)
def vaults(at: Callable[[timedelta], None], backup: FakeBackup) -> None:
    """Vaults to back up into."""
    at(timedelta())
    for name in ("Daily", "Copies"):
        backup.add_vault(BackupVaultName=name)


def scanning(
    *resources: str,
    mode: str | None = "FULL_SCAN",
    types: list[str] | None = None,
    **members: Any,
) -> str:
    """A new plan's id, whose rule scans what it backs up."""
    rule: dict[str, Any] = {"RuleName": "rule", "TargetBackupVaultName": "Daily", **members}
    if mode is not None:
        rule["ScanActions"] = [{"MalwareScanner": "GUARDDUTY", "ScanMode": mode}]
    document: dict[str, Any] = {"BackupPlanName": "plan", "Rules": [rule]}
    if types != []:
        setting = {
            "MalwareScanner": "GUARDDUTY",
            "ResourceTypes": types or ["ALL"],
            "ScannerRoleArn": SCANNER,
        }
        document["ScanSettings"] = [setting]
    made = call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": list(resources)}
    call("CreateBackupSelection", BackupPlanId=made, BackupSelection=selection)
    return str(made)


class TestBegins:
    """What is scanned, and when."""

    def test_job(self, backup: FakeBackup) -> None:
        """A scan has its plan, its roles and the recovery point that was just made."""
        made = scanning(VOLUME)
        (job,) = backup.run_plan(made)
        (scan,) = backup.scan_jobs.values()
        plan = call("GetBackupPlan", BackupPlanId=made)
        creator = {
            "BackupPlanArn": plan["BackupPlanArn"],
            "BackupPlanId": made,
            "BackupPlanVersion": plan["VersionId"],
            "BackupRuleId": plan["BackupPlan"]["Rules"][0]["RuleId"],
        }
        wanted = {
            "AccountId": ACCOUNT,
            "BackupVaultName": "Daily",
            "CreatedBy": creator,
            "CreationDate": job["CompletionDate"],
            "IamRoleArn": ROLE,
            "MalwareScanner": "GUARDDUTY",
            "RecoveryPointArn": job["RecoveryPointArn"],
            "ResourceArn": VOLUME,
            "ResourceType": "EBS",
            "ScanMode": "FULL_SCAN",
            "ScannerRoleArn": SCANNER,
            "State": "COMPLETED",
        }
        assert {name: scan[name] for name in wanted} == wanted
        shown = call(
            "DescribeRecoveryPoint",
            BackupVaultName="Daily",
            RecoveryPointArn=job["RecoveryPointArn"],
        )
        (result,) = shown["ScanResults"]
        assert (result["ScanJobState"], result["Findings"]) == ("COMPLETED", [])
        (told,) = {
            tuple(sorted(each["detail"]["createdBy"]))
            for each in backup.events
            if each["detail-type"] == "Scan Job State Change"
        }
        assert told == ("backupPlanArn", "backupPlanId", "backupPlanVersion", "backupRuleId")

    @pytest.mark.parametrize(
        ("types", "scanned"),
        [(["ALL"], [VOLUME, INSTANCE]), (["EBS"], [VOLUME]), (["S3"], []), (["ALL", "EC2"], 2)],
    )
    def test_types(self, backup: FakeBackup, types: list[str], scanned: Any) -> None:
        """Types among the plan's ScanSettings are scanned, of those that can be."""
        backup.run_plan(scanning(VOLUME, INSTANCE, TABLE, STACK, types=types))
        found = [each["ResourceArn"] for each in backup.scan_jobs.values()]
        assert sorted(found) == sorted([VOLUME, INSTANCE] if scanned == 2 else scanned)

    @pytest.mark.parametrize("without", [{"mode": None}, {"types": []}])
    def test_needs_both(self, backup: FakeBackup, without: Any) -> None:
        """Neither ScanActions alone scan anything, nor ScanSettings alone."""
        backup.run_plan(scanning(VOLUME, **without))
        assert not backup.scan_jobs

    @pytest.mark.parametrize("lacks", ["MalwareScanner", "ScanMode", "ScannerRoleArn"])
    def test_recorded_incomplete(self, backup: FakeBackup, lacks: str) -> None:
        """A recorded plan whose action or setting lacks something backs up, and scans nothing."""
        found = call("GetBackupPlan", BackupPlanId=scanning(VOLUME))
        document = found["BackupPlan"]
        for each in (*document["Rules"][0]["ScanActions"], *document["ScanSettings"]):
            each.pop(lacks, None)
        found["BackupPlanId"] = "loaded"
        found["BackupPlanArn"] = found["BackupPlanArn"].rpartition(":")[0] + ":loaded"
        backup.load(found, operation="GetBackupPlan")
        backup.add_backup_selection(BackupPlanId="loaded", Resources=[VOLUME])
        (job,) = backup.run_plan("loaded")
        assert job["State"] == "COMPLETED"
        assert not backup.scan_jobs

    @pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "ABORTED"])
    def test_after_success(self, backup: FakeBackup, state: Any) -> None:
        """A backup that does not complete is not scanned."""
        backup.next_outcome("StartBackupJob", State=state)
        backup.run_plan(scanning(VOLUME))
        assert not backup.scan_jobs

    def test_not_of_copies(self, backup: FakeBackup) -> None:
        """The rule's copies are not scanned."""
        away = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:Copies"
        backup.run_plan(scanning(VOLUME, CopyActions=[{"DestinationBackupVaultArn": away}]))
        assert len(backup.copy_jobs) == 1
        (scan,) = backup.scan_jobs.values()
        assert scan["BackupVaultName"] == "Daily"

    def test_outcomes(self, backup: FakeBackup) -> None:
        """next_outcome decides how a plan's scan ends; the lists show what was found."""
        backup.next_outcome("StartScanJob", State="COMPLETED_WITH_ISSUES", **INFECTED)
        (job,) = backup.run_plan(scanning(VOLUME))
        (scan,) = backup.scan_jobs.values()
        assert scan["State"] == "COMPLETED_WITH_ISSUES"
        (listed,) = call("ListRecoveryPointsByBackupVault", BackupVaultName="Daily")[
            "RecoveryPoints"
        ]
        found = listed["AggregatedScanResult"]
        assert (found["FailedScan"], found["Findings"]) == (False, ["MALWARE"])
        assert listed["RecoveryPointArn"] == job["RecoveryPointArn"]

    @pytest.mark.fake_backup(progress="clock")
    def test_by_the_clock(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A scan begins when its backup ends, and takes its time."""
        scanning(VOLUME, ScheduleExpression="cron(0 5 ? * * *)")
        at(DAY)
        (job,) = backup.backup_jobs.values()
        (scan,) = backup.scan_jobs.values()
        assert scan["CreationDate"] == job["CompletionDate"] == START + 5 * HOUR + 11 * MINUTE
        assert scan["CompletionDate"] == scan["CreationDate"] + 11 * MINUTE

    @pytest.mark.fake_backup(progress="manual")
    def test_by_hand(self, backup: FakeBackup) -> None:
        """By hand the scan begins when the test completes the backup."""
        (job,) = backup.run_plan(scanning(VOLUME))
        assert not backup.scan_jobs
        job.complete()
        (scan,) = backup.scan_jobs.values()
        assert scan["State"] == "CREATED"


class TestIncremental:
    """INCREMENTAL_SCAN of a plan."""

    def test_base(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """The first scan of a resource is a full one, later ones build on the last."""
        made = scanning(VOLUME, INSTANCE, mode="INCREMENTAL_SCAN")
        made_points = []
        for day in range(3):
            at(day * DAY)
            jobs = backup.run_plan(made)
            made_points.append({job["ResourceArn"]: job["RecoveryPointArn"] for job in jobs})
        for resource in (VOLUME, INSTANCE):
            found = [
                (scan["ScanMode"], scan.get("ScanBaseRecoveryPointArn"))
                for scan in backup.scan_jobs.values()
                if scan["ResourceArn"] == resource
            ]
            assert found == [
                ("INCREMENTAL_SCAN", made_points[1][resource]),
                ("INCREMENTAL_SCAN", made_points[0][resource]),
                ("FULL_SCAN", None),
            ]

    @pytest.mark.parametrize("why", ["failed", "old", "deleted"])
    def test_full_all_the_same(
        self, backup: FakeBackup, at: Callable[[timedelta], None], why: str
    ) -> None:
        """Without a base with a result, or a year later, or where it is deleted: a full scan."""
        made = scanning(VOLUME, mode="INCREMENTAL_SCAN")
        if why == "failed":
            backup.next_outcome("StartScanJob", State="FAILED")
        (job,) = backup.run_plan(made)
        if why == "deleted":
            point = job["RecoveryPointArn"]
            call("DeleteRecoveryPoint", BackupVaultName="Daily", RecoveryPointArn=point)
        at(366 * DAY if why == "old" else HOUR)
        backup.run_plan(made)
        newest = next(iter(backup.scan_jobs.values()))
        assert newest["ScanMode"] == "FULL_SCAN"
        assert "ScanBaseRecoveryPointArn" not in newest

    def test_threats_stay(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """What builds on an infected recovery point finds the threats again; issues do not stay."""
        made = scanning(VOLUME, mode="INCREMENTAL_SCAN")
        backup.next_outcome("StartScanJob", State="COMPLETED_WITH_ISSUES", **INFECTED)
        backup.run_plan(made)
        at(DAY)
        backup.run_plan(made)
        clean: Any = {"ScanResult": {"ScanResultStatus": "NO_THREATS_FOUND"}}
        backup.next_outcome("StartScanJob", State="COMPLETED", **clean)
        at(2 * DAY)
        backup.run_plan(made)
        at(3 * DAY)
        backup.run_plan(made)
        found = [
            (scan["State"], scan["ScanResult"]["ScanResultStatus"])
            for scan in reversed(list(backup.scan_jobs.values()))
        ]
        assert found == [
            ("COMPLETED_WITH_ISSUES", "THREATS_FOUND"),
            ("COMPLETED", "THREATS_FOUND"),
            ("COMPLETED", "NO_THREATS_FOUND"),
            ("COMPLETED", "NO_THREATS_FOUND"),
        ]


def of_two(backup: FakeBackup) -> dict[str, str]:
    """Recovery points of a volume, one after the other, and one of an instance, by name."""
    ages = {"older": 2, "newer": 1, "other": 3}
    return {
        name: backup.add_recovery_point(
            BackupVaultName="Daily",
            ResourceArn=INSTANCE if name == "other" else VOLUME,
            CreationDate=START - age * DAY,
        ).arn
        for name, age in ages.items()
    }


def start(
    backup: FakeBackup, arn: str, base: str | None = None, **parameters: Any
) -> tuple[str, str] | None:
    """Start a scan; return the code and the text of AWS's error, if it is refused."""
    asked = {
        "BackupVaultName": "Daily",
        "RecoveryPointArn": arn,
        "IamRoleArn": ROLE,
        "ScannerRoleArn": SCANNER,
        "MalwareScanner": "GUARDDUTY",
        "ScanMode": "FULL_SCAN",
        **parameters,
    }
    if base is not None:
        asked |= {"ScanMode": "INCREMENTAL_SCAN", "ScanBaseRecoveryPointArn": base}
    before = len(backup.scan_jobs)
    try:
        call("StartScanJob", **asked)
    except ClientError as error:
        assert len(backup.scan_jobs) == before
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return None


class TestByACall:
    """StartScanJob, and what it refuses."""

    @pytest.mark.parametrize(
        ("target", "base", "why"),
        [
            ("older", "older", "it is the one to scan"),
            ("older", "newer", "it is newer than the one to scan"),
            ("older", "other", f"it is of another resource, {INSTANCE}"),
        ],
    )
    def test_base(self, backup: FakeBackup, target: str, base: str, why: str) -> None:
        """A base is an older recovery point of the same resource."""
        points = of_two(backup)
        error = start(backup, points[target], points[base])
        assert error == (INVALID, f"ScanBaseRecoveryPointArn {points[base]} is no base: {why}")
        assert start(backup, points["newer"], points["older"]) is None
        (scan,) = backup.scan_jobs.values()
        assert scan["ScanBaseRecoveryPointArn"] == points["older"]

    @pytest.mark.parametrize(
        ("where", "why"), [("Daily", "it is a copy"), ("Gapped", "it is in a logically air-gapped")]
    )
    def test_full_alone(self, backup: FakeBackup, where: str, why: str) -> None:
        """Copies of instances, and those in air-gapped vaults, have full scans alone."""
        backup.add_vault(BackupVaultName="Gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
        away = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:Away"
        source: Any = {"SourceBackupVaultArn": away} if where == "Daily" else {}
        of: Any = {"BackupVaultName": where, "ResourceArn": INSTANCE}
        base = backup.add_recovery_point(**of).arn
        point = backup.add_recovery_point(**of, **source).arn
        found = start(backup, point, base, BackupVaultName=where)
        assert found is not None
        assert found[0] == "InvalidRequestException"
        assert why in found[1]
        assert start(backup, point, BackupVaultName=where) is None

    @pytest.mark.skipif(
        not shows("Lifecycle", "DeleteAfterEvent"),
        reason="the installed botocore knows no temporary recovery points",
    )
    def test_temporary(self, backup: FakeBackup) -> None:
        """A recovery point that is deleted after its copy is not scanned."""
        of: Any = {"BackupVaultName": "Daily", "ResourceArn": VOLUME}
        lifecycle: Any = {"DeleteAfterEvent": "DELETE_AFTER_COPY"}
        arn = backup.add_recovery_point(**of, Lifecycle=lifecycle).arn
        assert start(backup, arn) == (
            "InvalidRequestException",
            f"Recovery point {arn} cannot be scanned: it is deleted after its copy",
        )

    @ends
    def test_end_of_a_snapshot(self, backup: FakeBackup) -> None:
        """The end of what is scanned is for continuous backups."""
        arn = of_two(backup)["older"]
        text = f"ContinuousScanEndTime is given, and {arn} is not a continuous backup"
        assert start(backup, arn, ContinuousScanEndTime=START) == (INVALID, text)


class TestContinuous:
    """What scans of continuous backups cover."""

    @ends
    def test_no_hole(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A scan begins where what the one before covers ends, not when that one ran."""
        (job,) = backup.run_plan(scanning(BUCKET, mode=None, **CONTINUOUS))
        arn = job["RecoveryPointArn"]
        at(2 * DAY)
        assert start(backup, arn, ContinuousScanEndTime=START + DAY) is None
        at(3 * DAY)
        assert start(backup, arn) is None
        second, first = backup.scan_jobs.values()
        assert (first["ContinuousScanStartTime"], first["ContinuousScanEndTime"]) == (
            START,
            START + DAY,
        )
        assert (second["ContinuousScanStartTime"], second["ContinuousScanEndTime"]) == (
            START + DAY,
            START + 3 * DAY,
        )
        answer = call(
            "GetPITRMalwareScanResults",
            RecoveryPointArn=arn,
            BackupVaultName="Daily",
            MalwareScanner="GUARDDUTY",
            ScanEndTime=START + 36 * HOUR,
        )
        assert answer["ScanResult"] == {"ScanResultStatus": "NO_THREATS_FOUND"}

    @ends
    @pytest.mark.parametrize("days", [-1, 3])
    def test_an_end_that_it_does_not_hold(
        self, backup: FakeBackup, at: Callable[[timedelta], None], days: int
    ) -> None:
        """A scan ends between the begin of the backup and the present; its first second counts."""
        (job,) = backup.run_plan(scanning(BUCKET, mode=None, **CONTINUOUS))
        arn = job["RecoveryPointArn"]
        at(2 * DAY)
        end = START + days * DAY
        text = (
            f"ContinuousScanEndTime {end:%Y-%m-%dT%H:%M:%SZ} is no instant that {arn} holds: "
            f"2024-05-01T00:00:00Z to 2024-05-03T00:00:00Z"
        )
        assert start(backup, arn, ContinuousScanEndTime=end) == (INVALID, text)
        assert start(backup, arn, ContinuousScanEndTime=START) is None

    @ends
    def test_a_stopped_one(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A stopped continuous backup is scanned until it was last brought up to date."""
        (job,) = backup.run_plan(scanning(BUCKET, mode=None, **CONTINUOUS))
        arn = job["RecoveryPointArn"]
        call("DisassociateRecoveryPoint", BackupVaultName="Daily", RecoveryPointArn=arn)
        at(2 * DAY)
        found = start(backup, arn, ContinuousScanEndTime=START + DAY)
        assert found is not None
        assert found[1].endswith("holds: 2024-05-01T00:00:00Z to 2024-05-01T00:00:00Z")
        assert start(backup, arn) is None
        (scan,) = backup.scan_jobs.values()
        assert scan["ContinuousScanEndTime"] == START

    @ends
    @pytest.mark.fake_backup(progress="immediate")
    @pytest.mark.parametrize("given", [{"ContinuousScanEndTime": START}, {}])
    def test_one_that_has_aged_away(
        self, backup: FakeBackup, at: Callable[[timedelta], None], given: Any
    ) -> None:
        """A stopped continuous backup that holds nothing any more is not scanned, to any end."""
        (job,) = backup.run_plan(scanning(BUCKET, mode=None, **CONTINUOUS))
        arn = job["RecoveryPointArn"]
        call("DisassociateRecoveryPoint", BackupVaultName="Daily", RecoveryPointArn=arn)
        days = backup.recovery_points[arn]["Lifecycle"]["DeleteAfterDays"]
        at(days * DAY)
        assert start(backup, arn, **given) is None
        at((days + 1) * DAY)
        text = (
            f"ContinuousScanEndTime 2024-05-01T00:00:00Z is no instant that {arn} holds: "
            "nothing any more"
        )
        assert start(backup, arn, **given) == (INVALID, text)

    def test_no_base_of_itself(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """An incremental scan of a plan does not build on the very backup: it is a full one."""
        made = scanning(BUCKET, mode="INCREMENTAL_SCAN", **CONTINUOUS)
        backup.run_plan(made)
        at(DAY)
        backup.run_plan(made)
        assert [scan["ScanMode"] for scan in backup.scan_jobs.values()] == ["FULL_SCAN"] * 2


def test_continuous(backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
    """Scans of a continuous backup cover one time after the other; instants are answered so."""
    made = scanning(BUCKET, **CONTINUOUS)
    backup.run_plan(made)
    at(DAY)
    backup.next_outcome("StartScanJob", State="COMPLETED", **INFECTED)
    backup.run_plan(made)
    second, first = backup.scan_jobs.values()
    assert (first["ContinuousScanStartTime"], first["ContinuousScanEndTime"]) == (START, START)
    assert second["ContinuousScanStartTime"] == START
    assert second["ContinuousScanEndTime"] == START + DAY
    answer = call(
        "GetPITRMalwareScanResults",
        RecoveryPointArn=second["RecoveryPointArn"],
        BackupVaultName="Daily",
        MalwareScanner="GUARDDUTY",
        ScanEndTime=START + HOUR,
    )
    assert answer["ScanResult"] == INFECTED["ScanResult"]
    assert answer["LastScanJobTime"] == START + DAY


def test_one_result_of_a_scanner(backup: FakeBackup) -> None:
    """A recovery point shows the latest result of each scanner."""
    point = backup.add_recovery_point(ResourceArn=VOLUME)
    for state in ("FAILED", "COMPLETED"):
        backup.add_scan_job(RecoveryPointArn=point.arn, State=state)
    (result,) = point["ScanResults"]
    assert result["ScanJobState"] == "COMPLETED"
