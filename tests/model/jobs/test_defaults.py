"""The defaults of seeded jobs: part of the interface, so written out here a second time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import time_machine

from fakebackup import factories
from fakebackup.model.shapes.model import service_model
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup import FakeBackup, Job

NOW = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
CREATED = NOW - timedelta(hours=1)
COMPLETED = CREATED + timedelta(minutes=10)
GIB = 1024**3

PLACE = "us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
VOLUME = f"arn:aws:ec2:{PLACE}:volume/vol-00000000000000001"
SNAPSHOT = "arn:aws:ec2:us-east-1::snapshot/snap-00000000000000001"
VAULT = f"arn:aws:backup:{PLACE}:backup-vault:Default"
UUID = "f0000000-0000-4000-9000-000000000001"
INTERNAL = "An internal error occurred."


class Described(NamedTuple):
    """A kind of job: the shapes that hold its members, where its Describe puts them, its id."""

    shapes: tuple[str, ...]
    wrapper: str | None
    id: str
    state: str
    created: str


KINDS = {
    "backup": Described(
        ("BackupJob", "DescribeBackupJobOutput"), None, "BackupJobId", "State", "CreationDate"
    ),
    "copy": Described(("CopyJob",), "CopyJob", "CopyJobId", "State", "CreationDate"),
    "restore": Described(
        ("RestoreJobsListMember", "DescribeRestoreJobOutput"),
        None,
        "RestoreJobId",
        "Status",
        "CreationDate",
    ),
    "scan": Described(
        ("ScanJob", "DescribeScanJobOutput"), None, "ScanJobId", "State", "CreationDate"
    ),
    "report": Described(("ReportJob",), "ReportJob", "ReportJobId", "Status", "CreationTime"),
}

needs_scans = pytest.mark.skipif(
    "ScanJob" not in service_model().shape_names, reason="this botocore knows no scan jobs"
)
KIND = [pytest.param(each, marks=needs_scans) if each == "scan" else each for each in KINDS]

# Per kind, what a job in any state has, the first of its fake.
ALWAYS: dict[str, dict[str, Any]] = {
    "backup": {
        "AccountId": "123456789012",
        "BackupJobId": "b0000000-0000-4000-8000-000000000001",
        "BackupVaultName": "Default",
        "BackupVaultArn": VAULT,
        "VaultType": "BACKUP_VAULT",
        "VaultLockState": "UNLOCKED",
        "ResourceArn": VOLUME,
        "ResourceType": "EBS",
        "IamRoleArn": ROLE,
        "CreationDate": CREATED,
        "StartBy": CREATED + timedelta(hours=8),
        "IsParent": False,
    },
    "copy": {
        "AccountId": "123456789012",
        "CopyJobId": "C0000000-0000-4000-8000-000000000001",
        "SourceBackupVaultArn": VAULT,
        "SourceRecoveryPointArn": SNAPSHOT,
        "DestinationBackupVaultArn": f"arn:aws:backup:{PLACE}:backup-vault:Copies",
        "DestinationVaultType": "BACKUP_VAULT",
        "DestinationVaultLockState": "UNLOCKED",
        "ResourceArn": VOLUME,
        "ResourceType": "EBS",
        "IamRoleArn": ROLE,
        "BackupSizeInBytes": 8 * GIB,
        "CreationDate": CREATED,
        "IsParent": False,
    },
    "restore": {
        "AccountId": "123456789012",
        "RestoreJobId": "D0000000-0000-4000-8000-000000000001",
        "RecoveryPointArn": SNAPSHOT,
        "RecoveryPointCreationDate": CREATED - timedelta(days=1),
        "SourceResourceArn": VOLUME,
        "BackupVaultArn": VAULT,
        "ResourceType": "EBS",
        "IamRoleArn": ROLE,
        "BackupSizeInBytes": 8 * GIB,
        "CreationDate": CREATED,
        "IsParent": False,
    },
    "scan": {
        "AccountId": "123456789012",
        "ScanJobId": "a0000000-0000-4000-8000-000000000001",
        "BackupVaultName": "Default",
        "BackupVaultArn": VAULT,
        "RecoveryPointArn": SNAPSHOT,
        "ResourceArn": VOLUME,
        "ResourceName": "vol-00000000000000001",
        "ResourceType": "EBS",
        "IamRoleArn": ROLE,
        "ScannerRoleArn": "arn:aws:iam::123456789012:role/AWSBackupScanner",
        "MalwareScanner": "GUARDDUTY",
        "ScanMode": "FULL_SCAN",
        "CreatedBy": {
            "BackupPlanArn": f"arn:aws:backup:{PLACE}:backup-plan:{UUID}",
            "BackupPlanId": UUID,
            "BackupPlanVersion": UUID,
            "BackupRuleId": UUID,
        },
        "CreationDate": CREATED,
    },
    "report": {
        "ReportJobId": "e0000000-0000-4000-8000-000000000001",
        "ReportPlanArn": f"arn:aws:backup:{PLACE}:report-plan:report_plan_1-{UUID}",
        "ReportTemplate": "BACKUP_JOB_REPORT",
        "CreationTime": CREATED,
    },
}

POINT = {"RecoveryPointArn": SNAPSHOT, "BackupSizeInBytes": 8 * GIB}
COPIED = {"DestinationRecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-c0000000000000001"}
RESTORED = {"CreatedResourceArn": f"arn:aws:ec2:{PLACE}:volume/vol-d0000000000000001"}
DELIVERED = {
    "ReportDestination": {
        "S3BucketName": "backup-reports",
        "S3Keys": ["reports/report_plan_1.csv"],
    }
}
SCANNED = {"ScanId": UUID}
CLEAN = {"ScanResult": {"ScanResultStatus": "NO_THREATS_FOUND"}}
ENDED = {"CompletionDate": COMPLETED}
NO_PERCENT, SOME, ALL = ({"PercentDone": each} for each in ("0.0", "50.0", "100.0"))
OTHER = {"MessageCategory": "MISCELLANEOUS"}
FATAL = {"MessageCategory": "FATAL_ERROR"}
LATE = {"MessageCategory": "JOB_EXPIRED"}
SUCCESS = {"MessageCategory": "SUCCESS"}


def says(text: str) -> dict[str, str]:
    """A column's StatusMessage."""
    return {"StatusMessage": text}


# Per kind and state, what a job has besides.
BY_STATE: dict[str, dict[str, dict[str, Any]]] = {
    "backup": {
        "CREATED": NO_PERCENT,
        "PENDING": NO_PERCENT,
        "RUNNING": SOME,
        "COMPLETED": ALL | ENDED | POINT | SUCCESS,
        "PARTIAL": ALL
        | ENDED
        | POINT
        | OTHER
        | says("Backup job completed partially: one or more nested backup jobs failed."),
        "FAILED": NO_PERCENT | ENDED | FATAL | says(INTERNAL),
        "ABORTING": NO_PERCENT,
        "ABORTED": NO_PERCENT | ENDED | OTHER | says("Backup job was stopped by user."),
        "EXPIRED": NO_PERCENT | ENDED | LATE | says("Backup job expired before completion."),
    },
    "copy": {
        "CREATED": {},
        "RUNNING": {},
        "COMPLETED": ENDED | COPIED | SUCCESS,
        "PARTIAL": ENDED
        | COPIED
        | OTHER
        | says("Copy job completed partially: one or more nested copy jobs failed."),
        "FAILED": ENDED | FATAL | says("Copy job encountered a fatal error."),
    },
    "restore": {
        "PENDING": {"PercentDone": "0.00%"},
        "RUNNING": {"PercentDone": "50.00%"},
        "COMPLETED": {"PercentDone": "100.00%"} | ENDED | RESTORED,
        "ABORTED": {"PercentDone": "0.00%"} | ENDED | says("Restore job was stopped by user."),
        "FAILED": {"PercentDone": "0.00%"} | ENDED | says(INTERNAL),
    },
    "scan": {
        "CREATED": {},
        "RUNNING": SCANNED,
        "COMPLETED": ENDED
        | SCANNED
        | CLEAN
        | says("An AWS Backup scan job was successful completed."),
        "COMPLETED_WITH_ISSUES": ENDED
        | SCANNED
        | CLEAN
        | says("Scan job partially completed. View more details in Amazon GuardDuty"),
        "FAILED": ENDED | SCANNED | says(INTERNAL),
        "CANCELED": ENDED | SCANNED | says("Scan job was stopped by user."),
    },
    "report": {
        "CREATED": {},
        "RUNNING": {},
        "COMPLETED": {"CompletionTime": COMPLETED} | DELIVERED,
        "COMPLETED_WITH_ISSUES": {"CompletionTime": COMPLETED} | DELIVERED,
        "FAILED": {"CompletionTime": COMPLETED} | says(INTERNAL),
    },
}

STATES = [
    pytest.param(kind, state, marks=needs_scans if kind == "scan" else ())
    for kind, states in BY_STATE.items()
    for state in states
]


class Form(NamedTuple):
    """A type of resource: an ARN of one, of its recovery point, and the size of a backup."""

    arn: str
    point: str
    size: int | None


BACKUP_POINT = "arn:P:backup:R:A:recovery-point:" + UUID
CLUSTER_POINT = f"arn:P:rds:R:A:cluster-snapshot:awsbackup:job-{UUID}"
EBS_POINT = "arn:P:ec2:R::snapshot/snap-00000000000000001"

# P, R and A stand for the partition, the region and the account, DAY and SECOND for the
# creation date of the recovery point.
RESOURCES = {
    "Aurora": Form("arn:P:rds:R:A:cluster:cluster-1", CLUSTER_POINT, None),
    "CloudFormation": Form(f"arn:P:cloudformation:R:A:stack/stack-1/{UUID}", BACKUP_POINT, None),
    "DocumentDB": Form("arn:P:rds:R:A:cluster:docdb-1", CLUSTER_POINT, None),
    "DSQL": Form(f"arn:P:dsql:R:A:cluster/{1:026x}", BACKUP_POINT, GIB),
    "DynamoDB": Form("arn:P:dynamodb:R:A:table/table-1", BACKUP_POINT, GIB),
    "EBS": Form("arn:P:ec2:R:A:volume/vol-00000000000000001", EBS_POINT, 8 * GIB),
    "EC2": Form(
        "arn:P:ec2:R:A:instance/i-00000000000000001",
        "arn:P:ec2:R::image/ami-00000000000000001",
        8 * GIB,
    ),
    "EFS": Form("arn:P:elasticfilesystem:R:A:file-system/fs-00000000000000001", BACKUP_POINT, GIB),
    "EKS": Form(
        "arn:P:eks:R:A:cluster/cluster-1",
        "arn:P:backup:R:A:recovery-point:composite:eks/cluster-1-DAY",
        None,
    ),
    "FSx": Form(
        "arn:P:fsx:R:A:file-system/fs-00000000000000001",
        "arn:P:fsx:R:A:backup/backup-00000000000000001",
        None,
    ),
    "Neptune": Form("arn:P:rds:R:A:cluster:neptune-1", CLUSTER_POINT, None),
    "RDS": Form("arn:P:rds:R:A:db:db-1", f"arn:P:rds:R:A:snapshot:awsbackup:job-{UUID}", 0),
    "Redshift": Form(
        "arn:P:redshift:R:A:cluster:cluster-1",
        f"arn:P:redshift:R:A:snapshot:cluster-1/awsbackup:job-{UUID}",
        GIB,
    ),
    "Redshift Serverless": Form(
        f"arn:P:redshift-serverless:R:A:namespace/{UUID}",
        f"arn:P:redshift-serverless:R:A:snapshot:{UUID}/awsbackup:job-{UUID}",
        GIB,
    ),
    "S3": Form(
        "arn:P:s3:::bucket-1", "arn:P:backup:R:A:recovery-point:bucket-1-SECOND-00000001", 0
    ),
    "SAP HANA on Amazon EC2": Form("arn:P:ssm-sap:R:A:HANA/app-1/DB/db-1", BACKUP_POINT, GIB),
    "Storage Gateway": Form(
        "arn:P:storagegateway:R:A:gateway/sgw-00000001/volume/vol-00000000000000001",
        EBS_POINT,
        8 * GIB,
    ),
    "Timestream": Form(
        "arn:P:timestream:R:A:database/database-1/table/table-1", f"{BACKUP_POINT}_beta", GIB
    ),
    "VirtualMachine": Form("arn:P:backup-gateway:R:A:vm/vm-00000001", BACKUP_POINT, GIB),
}

# DocumentDB and Neptune clusters have ARNs like Aurora's.
SHARED_FORM = {"DocumentDB", "Neptune"}

PARTITIONS = {
    "us-east-1": "aws",
    "eu-central-2": "aws",
    "cn-north-1": "aws-cn",
    "us-gov-west-1": "aws-us-gov",
}


def spelled(
    pattern: str,
    *,
    region: str = "us-east-1",
    account: str = "123456789012",
    created: datetime = CREATED,
) -> str:
    """An ARN of a region, an account and a creation date."""
    pattern = pattern.replace("DAY", f"{created:%Y%m%d}").replace(
        "SECOND", f"{created:%Y%m%d%H%M%S}"
    )
    arn = pattern.replace(":R:", f":{region}:").replace(":A:", f":{account}:")
    return arn.replace("arn:P:", f"arn:{PARTITIONS[region]}:")


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def seed(fake: FakeBackup, kind: str, **members: Any) -> Job:
    """Add a job of a kind."""
    job: Job = getattr(fake, f"add_{kind}_job")(**members)
    return job


def described(kind: str, job: Job) -> dict[str, Any]:
    """What a client gets for a job."""
    row = KINDS[kind]
    answer = getattr(client(job.region), f"describe_{kind}_job")(**{row.id: job.id})
    del answer["ResponseMetadata"]
    found: dict[str, Any] = answer if row.wrapper is None else answer[row.wrapper]
    return found


def known(kind: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some members that the installed botocore knows."""
    model = service_model()
    shapes: list[Any] = [model.shape_for(shape) for shape in KINDS[kind].shapes]
    names = {name for shape in shapes for name in shape.members}
    return {name: value for name, value in members.items() if name in names}


@pytest.mark.parametrize(("kind", "state"), STATES)
def test_a_job_has_what_its_state_has(backup: FakeBackup, kind: str, state: str) -> None:
    """A job seeded with nothing but a state has the members of the table, and no other."""
    member = KINDS[kind].state
    job = seed(backup, kind, **{member: state})
    expected = known(kind, ALWAYS[kind] | BY_STATE[kind][state] | {member: state})
    assert described(kind, job) == expected
    assert dict(job) == expected


@pytest.mark.parametrize("kind", KIND)
def test_every_state_is_in_the_table(kind: str) -> None:
    """A state that a newer botocore brings must get its column here."""
    row = KINDS[kind]
    item: Any = service_model().shape_for(row.shapes[0])
    shape = item.members[row.state]
    assert set(getattr(shape, "enum", ())) <= BY_STATE[kind].keys()


@pytest.mark.parametrize("kind", KIND)
def test_a_job_is_completed_by_default(backup: FakeBackup, kind: str) -> None:
    """A job seeded with nothing at all is COMPLETED."""
    assert seed(backup, kind)[KINDS[kind].state] == "COMPLETED"


@pytest.mark.parametrize("kind", KIND)
def test_numbers_run_through_all_kinds(backup: FakeBackup, kind: str) -> None:
    """Ids and resource numbers are counted per fake, over all kinds, in hexadecimal."""
    backup.add_backup_jobs(9)
    job = seed(backup, kind)
    assert job.id.lower().endswith("-00000000000a")
    named = "report_plan_10-" if kind == "report" else "snap-0000000000000000a"
    assert named in str(dict(job))


@pytest.mark.parametrize("kind", KIND)
def test_a_given_id_uses_up_a_number(backup: FakeBackup, kind: str) -> None:
    """Two jobs of one kind never share a numbered resource, whoever named the first one."""
    seed(backup, kind, **{KINDS[kind].id: "mine"})
    assert seed(backup, kind).id.endswith("-000000000002")


def test_an_id_that_is_taken_is_passed_over(backup: FakeBackup) -> None:
    """A default id is never one that the user gave to another job."""
    for number in ("2", "3"):
        backup.add_copy_job(CopyJobId=f"b0000000-0000-4000-8000-00000000000{number}")
    backup.add_backup_job(BackupJobId="b0000000-0000-4000-8000-000000000005")
    fourth, fifth = backup.add_backup_jobs(2)
    assert fourth.id == "b0000000-0000-4000-8000-000000000004"
    # A resource's number stays in step with the id's.
    assert fifth.id == "b0000000-0000-4000-8000-000000000006"
    assert fifth["ResourceArn"].endswith("vol-00000000000000006")


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_type_decides_arns_and_size(backup: FakeBackup, name: str) -> None:
    """A backup job's ARNs and size are of the form that its resource type has."""
    form = RESOURCES[name]
    job = backup.add_backup_job(ResourceType=name)
    assert job["ResourceArn"] == spelled(form.arn)
    assert job["RecoveryPointArn"] == spelled(form.point)
    assert job.get("BackupSizeInBytes") == form.size
    assert ("BackupSizeInBytes" in job) is (form.size is not None)


@pytest.mark.parametrize("name", RESOURCES)
def test_copies_and_restores_follow_the_resource_type(backup: FakeBackup, name: str) -> None:
    """So do the source's ARNs and the size in copy and restore jobs."""
    form = RESOURCES[name]
    copied = backup.add_copy_job(ResourceType=name)
    assert copied["ResourceArn"] == spelled(form.arn)
    assert copied["SourceRecoveryPointArn"] == spelled(form.point)
    assert copied.get("BackupSizeInBytes") == form.size
    assert copied["DestinationRecoveryPointArn"] != copied["SourceRecoveryPointArn"]
    backup.reset()
    restored = backup.add_restore_job(ResourceType=name)
    assert known("restore", {"SourceResourceArn": spelled(form.arn)}).items() <= restored.items()
    assert restored["RecoveryPointArn"] == spelled(form.point, created=CREATED - timedelta(days=1))
    assert restored.get("BackupSizeInBytes") == form.size
    created = restored["CreatedResourceArn"]
    assert created != spelled(form.arn)
    if name not in SHARED_FORM:
        assert backup.add_backup_job(ResourceArn=created)["ResourceType"] == name


@pytest.mark.parametrize("name", sorted(RESOURCES.keys() - SHARED_FORM))
def test_the_resource_tells_its_type(backup: FakeBackup, name: str) -> None:
    """A job of which only the resource is given is of that resource's type."""
    arn = spelled(RESOURCES[name].arn)
    assert backup.add_backup_job(ResourceArn=arn)["ResourceType"] == name
    assert backup.add_copy_job(ResourceArn=arn)["ResourceType"] == name
    assert backup.add_restore_job(SourceResourceArn=arn)["ResourceType"] == name


def test_a_cluster_is_aurora_unless_said_otherwise(backup: FakeBackup) -> None:
    """DocumentDB and Neptune share Aurora's form of ARN: they must be named."""
    arn = spelled(RESOURCES["Neptune"].arn)
    assert backup.add_backup_job(ResourceArn=arn)["ResourceType"] == "Aurora"
    job = backup.add_backup_job(ResourceArn=arn, ResourceType="Neptune")
    assert job["ResourceType"] == "Neptune"


UNKNOWN = ["arn:aws:mystery:us-east-1:123456789012:thing/1", "arn:aws:ec2:::thing"]


@pytest.mark.parametrize("arn", UNKNOWN)
def test_an_unknown_resource_has_no_type(backup: FakeBackup, arn: str) -> None:
    """A resource that tells no type is of none: no type, no size, no point in EBS's form."""
    job = backup.add_backup_job(ResourceArn=arn)
    assert job["ResourceArn"] == arn
    assert not {"ResourceType", "BackupSizeInBytes"} & set(job)
    assert job["RecoveryPointArn"] == spelled(BACKUP_POINT)


@pytest.mark.parametrize("kind", ["backup", "copy", "restore", "scan"])
def test_no_kind_of_job_takes_an_unknown_resource_for_a_volume(
    backup: FakeBackup, kind: str
) -> None:
    """In jobs of all kinds a resource of an unknown type brings nothing of a volume along."""
    if kind == "scan" and "ScanJob" not in service_model().shape_names:
        pytest.skip("this botocore knows no scan jobs")
    member = "SourceResourceArn" if kind == "restore" else "ResourceArn"
    job = seed(backup, kind, **{member: UNKNOWN[0]})
    assert not {"ResourceType", "BackupSizeInBytes", "CreatedResourceArn"} & set(job)
    assert not [each for each in map(str, dict(job).values()) if "snap-" in each or "vol-" in each]


@pytest.mark.parametrize("kind", ["backup", "copy", "restore"])
def test_an_unknown_type_is_kept(backup: FakeBackup, kind: str) -> None:
    """A resource type that AWS Backup does not have has no resource, no size, no EBS snapshot."""
    job = seed(backup, kind, ResourceType="Abacus")
    assert job["ResourceType"] == "Abacus"
    absent = {"ResourceArn", "SourceResourceArn", "BackupSizeInBytes", "CreatedResourceArn"}
    assert not absent & set(job)
    member = "SourceRecoveryPointArn" if kind == "copy" else "RecoveryPointArn"
    assert job[member] == spelled(BACKUP_POINT)


def test_an_unknown_type_of_a_known_resource(backup: FakeBackup) -> None:
    """The type that is named counts, not the one that the ARN tells."""
    job = backup.add_backup_job(ResourceType="Abacus", ResourceArn=VOLUME)
    assert job["RecoveryPointArn"] == spelled(BACKUP_POINT)
    assert "BackupSizeInBytes" not in job


def test_a_known_type_of_an_unknown_resource(backup: FakeBackup) -> None:
    """A type that is named has its forms, whatever the resource's ARN tells."""
    job = backup.add_backup_job(ResourceType="EBS", ResourceArn=UNKNOWN[0])
    assert (job["RecoveryPointArn"], job["BackupSizeInBytes"]) == (SNAPSHOT, 8 * GIB)


def test_a_type_that_is_left_out(backup: FakeBackup) -> None:
    """None for ResourceType leaves the member out, and the rest as the resource has it."""
    job = backup.add_backup_job(ResourceType=None)
    assert "ResourceType" not in job
    assert (job["ResourceArn"], job["RecoveryPointArn"]) == (VOLUME, SNAPSHOT)
    assert job["BackupSizeInBytes"] == 8 * GIB


@pytest.mark.parametrize("region", PARTITIONS)
@pytest.mark.parametrize("kind", KIND)
def test_arns_follow_region_and_partition(backup: FakeBackup, kind: str, region: str) -> None:
    """Every default ARN is of the partition and the region that the job lies in."""
    job = seed(backup.at(region=region), kind)
    arns = [each for each in str(dict(job)).replace('"', "'").split("'") if each[:4] == "arn:"]
    assert arns
    for arn in arns:
        _, partition, service, there, *_ = arn.split(":")
        assert partition == PARTITIONS[region]
        assert there == ("" if service == "iam" else region)


@pytest.mark.parametrize("name", RESOURCES)
def test_resources_follow_region_and_account(backup: FakeBackup, name: str) -> None:
    """Every form of ARN names the region and the account of the view."""
    form = RESOURCES[name]
    view = backup.at(region="cn-north-1", account_id="111122223333")
    job = view.add_backup_job(ResourceType=name)
    assert job["ResourceArn"] == spelled(form.arn, region="cn-north-1", account="111122223333")
    assert job["RecoveryPointArn"] == spelled(
        form.point, region="cn-north-1", account="111122223333"
    )


@pytest.mark.parametrize("kind", [each for each in KIND if each != "report"])
def test_the_member_account_decides_account_and_arns(backup: FakeBackup, kind: str) -> None:
    """A job lies in the account that its AccountId names, and its ARNs name it too."""
    job = seed(backup, kind, AccountId="111122223333")
    assert job.account == "111122223333"
    assert job["IamRoleArn"] == ROLE.replace("123456789012", "111122223333")
    assert "123456789012" not in str(dict(job))
    here = getattr(backup, f"{kind}_jobs")
    there = getattr(backup.at(account_id="111122223333"), f"{kind}_jobs")
    assert (list(here), list(there)) == ([], [job.id])


@pytest.mark.parametrize("state", BY_STATE["backup"])
@pytest.mark.parametrize("name", ["EFS", "DynamoDB"])
def test_some_recovery_points_are_named_at_once(backup: FakeBackup, name: Any, state: Any) -> None:
    """EFS and advanced DynamoDB backups have their recovery point in every state."""
    job = backup.add_backup_job(ResourceType=name, State=state)
    assert job["RecoveryPointArn"] == spelled(BACKUP_POINT)
    assert ("BackupSizeInBytes" in job) is (state in {"COMPLETED", "PARTIAL"})


class TestMessages:
    @pytest.mark.parametrize("kind", ["backup", "copy"])
    def test_a_message_makes_a_completion_unclean(self, backup: FakeBackup, kind: str) -> None:
        """COMPLETED with a StatusMessage is what AWS calls completed with issues."""
        job = seed(backup, kind, StatusMessage="Some items were skipped.")
        assert known(kind, {"MessageCategory": "MISCELLANEOUS"}).items() <= job.items()
        assert job["StatusMessage"] == "Some items were skipped."

    @pytest.mark.parametrize("state", ["FAILED", "ABORTED", "EXPIRED", "PARTIAL"])
    def test_silence_is_no_success(self, backup: FakeBackup, state: Any) -> None:
        """A job that ended badly is MISCELLANEOUS, its message left out or not."""
        job = backup.add_backup_job(State=state, StatusMessage=None)
        assert "StatusMessage" not in job
        assert known("backup", {"MessageCategory": "MISCELLANEOUS"}).items() <= job.items()

    @pytest.mark.parametrize("state", ["CREATED", "PENDING", "RUNNING", "ABORTING"])
    def test_an_unfinished_job_has_no_category(self, backup: FakeBackup, state: Any) -> None:
        """Before its end a job has no MessageCategory, a StatusMessage or not."""
        job = backup.add_backup_job(State=state, StatusMessage="waiting")
        assert "MessageCategory" not in job
        assert job["StatusMessage"] == "waiting"

    def test_a_given_category_stays(self, backup: FakeBackup) -> None:
        """A MessageCategory is whatever the test says, in its spelling."""
        job = backup.add_backup_job(State="FAILED", MessageCategory="AccessDenied")
        assert known("backup", {"MessageCategory": "AccessDenied"}).items() <= job.items()
        assert job["StatusMessage"] == INTERNAL

    def test_the_category_can_be_left_out(self, backup: FakeBackup) -> None:
        """None gives a job as AWS had them before the category was introduced."""
        assert "MessageCategory" not in backup.add_backup_job(MessageCategory=None)


class TestAgreement:
    def test_the_vaults_arn_tells_its_name(self, backup: FakeBackup) -> None:
        """A vault given by its ARN has that ARN's name, wherever it lies."""
        arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:Gold"
        job = backup.add_backup_job(BackupVaultArn=arn)
        assert (job["BackupVaultName"], job["BackupVaultArn"]) == ("Gold", arn)

    def test_the_vaults_name_makes_its_arn(self, backup: FakeBackup) -> None:
        """A vault given by its name has the ARN of this account and region."""
        job = backup.add_backup_job(BackupVaultName="Gold")
        assert job["BackupVaultArn"] == f"arn:aws:backup:{PLACE}:backup-vault:Gold"

    def test_a_job_without_vault(self, backup: FakeBackup) -> None:
        """A vault whose name is left out is left out whole."""
        assert not {"BackupVaultName", "BackupVaultArn"} & set(
            backup.add_backup_job(BackupVaultName=None)
        )

    def test_a_plans_job_has_its_id_in_capitals(self, backup: FakeBackup) -> None:
        """AWS writes the ids of backup jobs that a plan started in capitals."""
        job = backup.add_backup_job(CreatedBy={"BackupPlanId": "plan"})
        assert job.id == "B0000000-0000-4000-8000-000000000001"
        assert backup.add_backup_job(CreatedBy=None).id[0] == "b"

    def test_a_copy_lands_where_its_vault_is(self, backup: FakeBackup) -> None:
        """A copy's recovery point lies in the destination vault's account and region."""
        vault = "arn:aws:backup:eu-west-1:111122223333:backup-vault:Far"
        copied = backup.add_copy_job(ResourceType="EFS", DestinationBackupVaultArn=vault)
        assert copied["DestinationRecoveryPointArn"] == (
            "arn:aws:backup:eu-west-1:111122223333:recovery-point:"
            "e0000000-0000-4000-9000-000000000001"
        )
        assert copied["SourceRecoveryPointArn"] == spelled(BACKUP_POINT)

    def test_a_copy_without_a_vault(self, backup: FakeBackup) -> None:
        """Without a destination the copy is here."""
        copied = backup.add_copy_job(DestinationBackupVaultArn=None)
        assert copied["DestinationRecoveryPointArn"] == COPIED["DestinationRecoveryPointArn"]

    def test_a_report_goes_by_its_plans_name(self, backup: FakeBackup) -> None:
        """A report's file is named after the plan."""
        job = backup.add_report_job(
            ReportPlanArn=f"arn:aws:backup:{PLACE}:report-plan:weekly-{UUID}"
        )
        assert job["ReportDestination"]["S3Keys"] == ["reports/weekly.csv"]

    @needs_scans
    @pytest.mark.parametrize(
        ("arn", "name"), [(VOLUME, "vol-00000000000000001"), ("arn:aws:b:::own", "own")]
    )
    def test_a_scan_names_its_resource(self, backup: FakeBackup, arn: str, name: str) -> None:
        """A scan's ResourceName is the last part of the ARN."""
        assert backup.add_scan_job(ResourceArn=arn, ResourceType="EBS")["ResourceName"] == name

    def test_dates_follow_a_given_creation(self, backup: FakeBackup) -> None:
        """The start window, the end and a restored point's age are counted from the creation."""
        created = datetime(2024, 4, 20, 8, tzinfo=timezone.utc)
        job = backup.add_backup_job(CreationDate=created)
        assert job["StartBy"] == created + timedelta(hours=8)
        assert job["CompletionDate"] == created + timedelta(minutes=10)
        restored = backup.add_restore_job(CreationDate=created)
        if "RecoveryPointCreationDate" in known("restore", restored):
            assert restored["RecoveryPointCreationDate"] == created - timedelta(days=1)


@pytest.mark.parametrize("kind", KIND)
def test_none_leaves_a_member_out(backup: FakeBackup, kind: str) -> None:
    """Whatever a job can be without is left out when it is given as None, all at once too."""
    row = KINDS[kind]
    model = service_model()
    item: Any = model.shape_for(row.shapes[0])
    needed = {row.id, row.state, row.created, *item.required_members}
    optional = {name: None for name in known(kind, dict(seed(backup, kind))) if name not in needed}
    for name in optional:
        assert name not in described(kind, seed(backup, kind, **{name: None}))
    assert set(described(kind, seed(backup, kind, **optional))) <= needed


def test_defaults_that_need_no_fake_can_be_read_before(backup: FakeBackup) -> None:
    """What a factory's job shows before it is added, it shows after."""
    job = factories.backup_job(State="FAILED", ResourceType="EFS")
    before = dict(job)
    assert before == known(
        "backup",
        {
            "BackupVaultName": "Default",
            "VaultType": "BACKUP_VAULT",
            "VaultLockState": "UNLOCKED",
            "State": "FAILED",
            "StatusMessage": INTERNAL,
            "PercentDone": "0.0",
            "ResourceType": "EFS",
            "IsParent": False,
            "MessageCategory": "FATAL_ERROR",
        },
    )
    backup.add(job)
    assert before.items() <= job.items()


@pytest.mark.skipif(
    "ScanJob" in service_model().shape_names, reason="this botocore knows scan jobs"
)
def test_an_old_botocore_knows_no_scans(backup: FakeBackup) -> None:
    """Seeding a kind of job that the installed botocore lacks says what to install."""
    from botocore import __version__

    from fakebackup import FakeBackupError

    text = f"^botocore {__version__} does not know scan jobs: install a newer one to use them\\.$"
    with pytest.raises(FakeBackupError, match=text):
        backup.add_scan_job()
    with pytest.raises(FakeBackupError, match=text):
        backup.add_scan_jobs(2)
    with pytest.raises(FakeBackupError, match=text):
        factories.scan_job()
