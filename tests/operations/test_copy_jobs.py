"""Copy jobs, started by a real client: what is returned, filled in and left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import time_machine
from botocore.exceptions import ClientError

from support.botocore_model import allows, known
from support.client import call, client, full_answer
from support.starting import (
    FILES,
    GIB,
    HERE,
    NOON,
    OTHER,
    OWN,
    ROLE,
    THERE,
    VOLUME,
    World,
    finish,
    status,
    told,
)

if TYPE_CHECKING:
    from fakebackup import FakeBackup, Job

pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


class TestStartCopyJob:
    @time_machine.travel(NOON, tick=False)
    def test_returns_and_fills_in(self, world: World) -> None:
        """A new copy job has its source's resource, type and size, and no destination point."""
        wanted = world.good("StartCopyJob")
        answer = full_answer("StartCopyJob", **wanted)
        job = world.backup.copy_jobs[answer["CopyJobId"]]
        assert list(told(answer)) == ["CopyJobId", "CreationDate", "IsParent"]
        assert told(answer) == {"CopyJobId": job.id, "CreationDate": NOON, "IsParent": False}
        assert status(answer) == 200
        described = client().describe_copy_job(CopyJobId=job.id)["CopyJob"]
        named = {"DestinationVaultType": "BACKUP_VAULT", "DestinationVaultLockState": "UNLOCKED"}
        assert described == {
            "AccountId": OWN,
            "CopyJobId": job.id,
            "SourceBackupVaultArn": f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Default",
            "SourceRecoveryPointArn": world.point,
            "DestinationBackupVaultArn": wanted["DestinationBackupVaultArn"],
            "ResourceArn": VOLUME,
            "ResourceType": "EBS",
            "BackupSizeInBytes": 8 * GIB,
            "CreationDate": NOON,
            "State": "CREATED",
            "IamRoleArn": ROLE,
            "IsParent": False,
        } | {name: value for name, value in named.items() if name in job.kind.members}

    def test_lifecycle(self, world: World) -> None:
        """The lifecycle is the copy's: the source's is not taken over."""
        wanted = world.good("StartCopyJob") | {"Lifecycle": {"DeleteAfterDays": 9}}
        job = finish(world.backup.copy_jobs[full_answer("StartCopyJob", **wanted)["CopyJobId"]])
        if "DestinationRecoveryPointLifecycle" in job.kind.members:
            assert job["DestinationRecoveryPointLifecycle"] == {"DeleteAfterDays": 9}
        copied = world.backup.recovery_points[job["DestinationRecoveryPointArn"]]
        assert copied["Lifecycle"] == {"DeleteAfterDays": 9}

    def test_two_copies_are_two_points(self, world: World) -> None:
        """Each copy leaves a recovery point of its own in the destination vault."""
        arns = set()
        for _ in range(2):
            answer = full_answer("StartCopyJob", **world.good("StartCopyJob"))
            arns.add(
                finish(world.backup.copy_jobs[answer["CopyJobId"]])["DestinationRecoveryPointArn"]
            )
        assert len(arns) == 2
        found = client().list_recovery_points_by_backup_vault(BackupVaultName="Copies")
        assert {each["RecoveryPointArn"] for each in found["RecoveryPoints"]} == arns

    def test_restores_from_a_copy_elsewhere(self, world: World) -> None:
        """A copy in another account and region is restored there, where its own vault is."""
        backup = world.backup
        with backup.acting_as(OTHER):
            vault = client(THERE).create_backup_vault(BackupVaultName="vault")["BackupVaultArn"]
        wanted = world.good("StartCopyJob") | {"DestinationBackupVaultArn": vault}
        copy = finish(backup.copy_jobs[full_answer("StartCopyJob", **wanted)["CopyJobId"]])
        assert (copy.account, copy.region) == (OWN, HERE)
        arn = copy["DestinationRecoveryPointArn"]
        assert arn.startswith(f"arn:aws:ec2:{THERE}::snapshot/")
        restore = {"RecoveryPointArn": arn, "Metadata": {}}
        with pytest.raises(ClientError, match="Cannot find recovery point"):
            full_answer("StartRestoreJob", **restore)
        with pytest.raises(ClientError, match="Cannot find recovery point"):
            full_answer("StartRestoreJob", region=THERE, **restore)
        with backup.acting_as(OTHER) as there:
            job_id = full_answer("StartRestoreJob", region=THERE, **restore)["RestoreJobId"]
            job = finish(there.at(region=THERE).restore_jobs[job_id])
        assert (job["AccountId"], job["RecoveryPointArn"]) == (OTHER, arn)
        if "BackupVaultArn" in job.kind.members:
            assert job["BackupVaultArn"] == vault
        assert job["CreatedResourceArn"].startswith(f"arn:aws:ec2:{THERE}:{OTHER}:volume/")
        assert not backup.restore_jobs.keys() - {world.tested.id}

    def test_a_copy_is_copied_on(self, world: World) -> None:
        """A copy is a recovery point like others: it is copied on from where it lies."""
        client(THERE).create_backup_vault(BackupVaultName="first")
        client(THERE).create_backup_vault(BackupVaultName="second")
        vaults = f"arn:aws:backup:{THERE}:{OWN}:backup-vault:"
        wanted = world.good("StartCopyJob") | {"DestinationBackupVaultArn": vaults + "first"}
        copy = finish(world.backup.copy_jobs[full_answer("StartCopyJob", **wanted)["CopyJobId"]])
        again = wanted | {
            "RecoveryPointArn": copy["DestinationRecoveryPointArn"],
            "SourceBackupVaultName": "first",
            "DestinationBackupVaultArn": vaults + "second",
        }
        there = world.backup.at(region=THERE)
        second = finish(
            there.copy_jobs[full_answer("StartCopyJob", region=THERE, **again)["CopyJobId"]]
        )
        assert len(there.recovery_points) == 2
        assert second["ResourceArn"] == VOLUME


# --- What is copied where -----------------------------------------------------------------

GAPPED: Final = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
NOT_COPIED = "Copy job failed. Feature is not supported for provided resource type."
ABROAD = (
    f"Copy job from {HERE} to {THERE} cannot be initiated for {{}} resources. "
    "Feature is not supported for provided resource type."
)
DEFAULT_KEY = (
    "Copy job failed because the destination Backup vault is encrypted with the default Backup "
    "service managed key. The contents of this vault cannot be copied. Only the contents of a "
    "Backup vault encrypted by an AWS KMS key may be copied."
)
ONTAP: dict[str, Any] = {
    "ResourceType": "FSx",
    "ResourceArn": f"arn:aws:fsx:{HERE}:{OWN}:volume/fs-1/fsvol-1",
}
CLUSTER: dict[str, Any] = {
    "ResourceType": "RDS",
    "ResourceArn": f"arn:aws:rds:{HERE}:{OWN}:cluster:multi",
}
BASIC_ARN = f"arn:aws:dynamodb:{HERE}:{OWN}:table/t/backup/01234567890123-0a1b2c3d"
BASIC: dict[str, Any] = {"ResourceType": "DynamoDB", "RecoveryPointArn": BASIC_ARN}
# Of AWS's table the copies and the air-gapped vaults: R is another Region, A another account,
# G an air-gapped vault; "" is nowhere at all.
COPIED: list[tuple[dict[str, Any], str]] = [
    *(
        ({"ResourceType": name}, "RAG")
        for name in ("EC2", "EBS", "S3", "EFS", "Aurora", "DSQL", "DynamoDB", "DocumentDB")
    ),
    *(
        ({"ResourceType": name}, "RAG")
        for name in ("Neptune", "FSx", "Storage Gateway", "Timestream", "VirtualMachine")
    ),
    *(
        ({"ResourceType": name}, "RA")
        for name in ("RDS", "Redshift", "SAP HANA on Amazon EC2", "EKS")
    ),
    ({"ResourceType": "CloudFormation"}, "R"),
    *((each, "") for each in (ONTAP, CLUSTER, BASIC, {"ResourceType": "Redshift Serverless"})),
]


@pytest.fixture
def ways(backup: FakeBackup) -> dict[str, str]:
    """A vault for each way of a copy, by its letter, H for one in the same account and Region."""
    vaults = {
        "H": backup.add_vault(BackupVaultName="copies"),
        "R": backup.at(region=THERE).add_vault(BackupVaultName="copies"),
        "A": backup.at(account_id=OTHER).add_vault(BackupVaultName="copies"),
    }
    if known("CreateLogicallyAirGappedBackupVault"):
        vaults["G"] = backup.add_vault(BackupVaultName="gapped", VaultType=GAPPED)
    return {way: vault.arn for way, vault in vaults.items()}


def copied(backup: FakeBackup, source: dict[str, Any], destination: str, **asked: Any) -> Job:
    """The job that copies a new recovery point there."""
    point = backup.add_recovery_point(**{"BackupVaultName": "Default", **source})
    wanted = {
        "RecoveryPointArn": point.arn,
        "SourceBackupVaultName": point.vault.name,
        "DestinationBackupVaultArn": destination,
        "IamRoleArn": ROLE,
    }
    answer = call("StartCopyJob", **{**wanted, **asked})
    return backup.copy_jobs[answer["CopyJobId"]]


@pytest.mark.fake_backup(progress="immediate")
class TestTypes:
    """What types of resources are copied where [documented: guide, feature availability]."""

    @pytest.mark.parametrize(
        ("source", "goes"), COPIED, ids=[f"{s['ResourceType']}-{w}" for s, w in COPIED]
    )
    def test_where(
        self, backup: FakeBackup, ways: dict[str, str], source: dict[str, Any], goes: str
    ) -> None:
        """A copy to where its type is not copied is a job that fails, and leaves nothing."""
        for way, destination in ways.items():
            own = {} if "RecoveryPointArn" not in source else {"RecoveryPointArn": BASIC_ARN + way}
            job = copied(backup, {**source, **own}, destination)
            if way in goes or (way == "H" and goes):
                assert job["State"] == "COMPLETED"
                continue
            message = ABROAD.format(source["ResourceType"]) if way == "R" else NOT_COPIED
            assert (job["State"], job["StatusMessage"]) == ("FAILED", message)
            if "MessageCategory" in job.kind.members:
                assert job["MessageCategory"] == "UNSUPPORTED_OPERATION"
            assert "DestinationRecoveryPointArn" not in job

    def test_what_a_stack_nests(self, backup: FakeBackup, ways: dict[str, str]) -> None:
        """Where one of what is nested is not copied, the whole is PARTIAL [documented: guide]."""
        stack = backup.add_recovery_point(
            BackupVaultName="Default", ResourceType="CloudFormation", IsParent=True
        )
        for nested in ({"ResourceType": "EBS"}, BASIC):
            backup.add_recovery_point(
                BackupVaultName="Default", ParentRecoveryPointArn=stack.arn, **nested
            )
        wanted = {
            "RecoveryPointArn": stack.arn,
            "SourceBackupVaultName": "Default",
            "DestinationBackupVaultArn": ways["H"],
            "IamRoleArn": ROLE,
        }
        parent = backup.copy_jobs[call("StartCopyJob", **wanted)["CopyJobId"]]
        ends = {job["ResourceType"]: job["State"] for job in backup.copy_jobs.values()}
        assert ends == {"CloudFormation": "PARTIAL", "EBS": "COMPLETED", "DynamoDB": "FAILED"}
        assert parent["State"] == "PARTIAL"

    def test_out_of_an_air_gapped_vault(self, backup: FakeBackup, ways: dict[str, str]) -> None:
        """A copy leaves an air-gapped vault with a key of one's own alone [documented: guide]."""
        if "G" not in ways:
            pytest.skip("the installed botocore does not know such vaults")
        key = f"arn:aws:kms:{HERE}:{OWN}:key/own"
        keyed = backup.add_vault(BackupVaultName="keyed", EncryptionKeyArn=key)
        other = backup.add_vault(BackupVaultName="other", VaultType=GAPPED)
        asked: dict[str, Any] = {"BackupVaultName": "gapped"}
        destinations = (ways["H"], ways["R"], keyed.arn, other.arn)
        ends = {arn: copied(backup, asked, arn) for arn in destinations}
        failed = {arn for arn, job in ends.items() if job["State"] == "FAILED"}
        assert failed == {ways["H"], ways["R"]}
        assert {ends[arn]["StatusMessage"] for arn in failed} == {DEFAULT_KEY}
        assert {ends[each.arn]["State"] for each in (keyed, other)} == {"COMPLETED"}


@pytest.mark.fake_backup(progress="immediate")
class TestStatuses:
    @pytest.mark.skipif(
        not allows("RecoveryPointStatus", "AVAILABLE"),
        reason="the installed botocore does not know the status",
    )
    def test_an_available_snapshot(self, backup: FakeBackup, ways: dict[str, str]) -> None:
        """AVAILABLE makes no continuous backup of what has none: it is copied as any other."""
        job = copied(backup, {"ResourceType": "EFS", "Status": "AVAILABLE"}, ways["H"])
        assert job["State"] == "COMPLETED"
        point = backup.add_recovery_point(
            BackupVaultName="Default", ResourceType="S3", Status="AVAILABLE"
        )
        with pytest.raises(ClientError, match="is a continuous backup"):
            copied(backup, {}, ways["H"], RecoveryPointArn=point.arn)


@pytest.mark.fake_backup(progress="immediate")
class TestLifecycles:
    @pytest.mark.parametrize("source", [None, 119, 35])
    def test_too_short_in_cold_storage(
        self, backup: FakeBackup, ways: dict[str, str], source: int | None
    ) -> None:
        """Cold storage that the source's deletion cuts short is refused, and starts nothing."""
        kept = {} if source is None else {"Lifecycle": {"DeleteAfterDays": source}}
        asked: dict[str, Any] = {"Lifecycle": {"MoveToColdStorageAfterDays": 30}}
        given: dict[str, Any] = {"ResourceType": "EFS", **kept}
        if source is None:
            job = copied(backup, given, ways["H"], **asked)
            made = backup.recovery_points[job["DestinationRecoveryPointArn"]]
            assert made["Lifecycle"] == {"MoveToColdStorageAfterDays": 30}
            return
        with pytest.raises(ClientError) as caught:
            copied(backup, given, ways["H"], **asked)
        error = caught.value.response["Error"]
        assert error["Code"] == "InvalidParameterValueException"
        assert error["Message"] == (
            "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from "
            "MoveToColdStorageAfterDays"
        )
        assert not backup.copy_jobs

    def test_long_enough_in_cold_storage(self, backup: FakeBackup, ways: dict[str, str]) -> None:
        """With 90 days left the copy has both, its own move and its source's deletion."""
        given: dict[str, Any] = {"ResourceType": "EFS", "Lifecycle": {"DeleteAfterDays": 120}}
        move = {"MoveToColdStorageAfterDays": 30}
        job = copied(backup, given, ways["H"], Lifecycle=move)
        made = backup.recovery_points[job["DestinationRecoveryPointArn"]]
        assert made["Lifecycle"] == {**move, "DeleteAfterDays": 120}

    def test_of_a_plan(self, backup: FakeBackup, ways: dict[str, str]) -> None:
        """The copy of a plan's rule stays warm instead, until its source is deleted."""
        action = {
            "DestinationBackupVaultArn": ways["H"],
            "Lifecycle": {"MoveToColdStorageAfterDays": 30},
        }
        rule = {
            "RuleName": "rule",
            "TargetBackupVaultName": "Default",
            "Lifecycle": {"DeleteAfterDays": 35},
            "CopyActions": [action],
        }
        plan = call("CreateBackupPlan", BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
        call(
            "CreateBackupSelection",
            BackupPlanId=plan["BackupPlanId"],
            BackupSelection={"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [FILES]},
        )
        backup.run_plan(plan["BackupPlanId"])
        (copy,) = backup.copy_jobs.values()
        made = backup.recovery_points[copy["DestinationRecoveryPointArn"]]
        assert made["Lifecycle"] == {"DeleteAfterDays": 35}
