"""What users seed is refused where they write it, if AWS could never show it."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, FakeBackupWarning, factories, mock_backup
from fakebackup.model.jobs.kinds import BACKUP, COPY
from support.botocore_model import known
from support.client import client, whole
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.kinds import Kind

pytestmark = pytest.mark.fake_backup(region=REGION)

SEEDERS = ["backup_job", "copy_job", "restore_job", "report_job", "vault", "recovery_point"]
if known("ListScanJobs"):
    SEEDERS.append("scan_job")


def vault_arn(name: str = "Nightly", account: str = ACCOUNT, region: str = REGION) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def volume(region: str) -> str:
    """The ARN of a volume."""
    return f"arn:aws:ec2:{region}:{ACCOUNT}:volume/vol-1"


def members_of(seeder: str) -> dict[str, Any]:
    """The members that a seeder takes, with their shapes."""
    if seeder.endswith("_job"):
        return dict(getattr(factories, seeder)().kind.members)
    from fakebackup.model.vaults.members import POINT, VAULT

    return dict((VAULT if seeder == "vault" else POINT).members)


def refused(backup: FakeBackup, seeder: str, text: str, **members: Any) -> None:
    """Check that members are refused with a text, alone and in a batch; nothing changes."""
    backup.add_backup_job()
    before = whole(backup)
    with pytest.raises(ValueError, match=f"^{re.escape(text)}") as caught:
        getattr(backup, f"add_{seeder}")(**members)
    assert type(caught.value) is ValueError
    if seeder.endswith("_job"):
        with pytest.raises(ValueError, match=f"^Entry 0 .*: {re.escape(text)}"):
            getattr(backup, f"add_{seeder}s")(2, **members)
    assert whole(backup) == before


ONE_OF = {
    "RoleArn": "iam::123456789012:role/backup",
    "KeyArn": "kms:us-east-1:123456789012:key/ba000000-0000-4000-9000-000000000001",
    "RecoveryPointArn": "ec2:us-east-1::snapshot/snap-1",
    "BackupPlanArn": "backup:us-east-1:123456789012:backup-plan:1",
    "RestoreTestingPlanArn": "backup:us-east-1:123456789012:restore-testing-plan:weekly",
    "ReportPlanArn": "backup:us-east-1:123456789012:report-plan:daily-1",
    "TeamArn": "mpa:us-east-1:123456789012:approval-team/owners",
    "SessionArn": "mpa:us-east-1:123456789012:session/owners/1",
    "ResourceArn": "ec2:us-east-1:123456789012:volume/vol-1",
}
"""Per ending of a member, the ARN that its refusal shows."""


def no_arn(name: str) -> str:
    """What is told of a text in a member that is no ARN."""
    if name in ("BackupVaultArn", "SourceBackupVaultArn", "DestinationBackupVaultArn"):
        return "is no ARN of a backup vault: one is like "
    one = next(one for ending, one in ONE_OF.items() if name.endswith(ending))
    of = " of a role" if name.endswith("RoleArn") else ""
    return f"is no ARN{of}: one is like 'arn:aws:{one}'. None leaves the member out."


@pytest.mark.parametrize(
    "wrong", ["vol-1", "", "arn:one", "arn:aws:ec2:us-east-1:vol", "ARN:aws:s3:::b"]
)
@pytest.mark.parametrize("seeder", SEEDERS)
def test_an_arn_that_is_none(backup: FakeBackup, seeder: str, wrong: str) -> None:
    """Every member that has an ARN, at any depth, takes ARNs only."""
    found = 0
    for name, shape in members_of(seeder).items():
        if name.endswith("Arn"):
            refused(backup, seeder, f"{name} {wrong!r} {no_arn(name)}", **{name: wrong})
            found += 1
        for inner in getattr(shape, "members", ()):
            if inner.endswith("Arn") and not shape.required_members:
                text = f"{name}.{inner} {wrong!r} {no_arn(inner)}"
                refused(backup, seeder, text, **{name: {inner: wrong}})
                found += 1
    assert found


@pytest.mark.parametrize("seeder", SEEDERS)
def test_an_arn_that_is_of_no_role(backup: FakeBackup, seeder: str) -> None:
    """A role is one, as for StartBackupJob: no volume, no role without an account, no user."""
    names = [name for name in members_of(seeder) if name.endswith("RoleArn")]
    assert bool(names) == (seeder not in ("report_job", "vault"))
    for name in names:
        for wrong in (
            "arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
            "arn:aws:iam::role/backup",
            "arn:aws:iam::123456789012:user/me",
        ):
            refused(backup, seeder, f"{name} {wrong!r} {no_arn(name)}", **{name: wrong})
        getattr(backup, f"add_{seeder}")(**{name: "arn:aws-cn:iam::111122223333:role/path/of/it"})


@pytest.mark.parametrize("seeder", SEEDERS)
def test_a_number_that_no_client_could_be_given(backup: FakeBackup, seeder: str) -> None:
    """A count, a size or a number of days is none below nothing, and fits what AWS sends."""
    for name, shape in members_of(seeder).items():
        if shape.type_name != "long" or name.endswith("RetentionDays"):
            continue
        text = f"{name} is a number from -9223372036854775808 to 9223372036854775807, not "
        refused(backup, seeder, f"{text}{2**63}: no client gets another.", **{name: 2**63})
        refused(backup, seeder, f"{name} is 0 or more, not -1.", **{name: -1})
        getattr(backup, f"add_{seeder}")(**{name: 2**63 - 1})
    if seeder == "backup_job" and "ChildJobsInState" in members_of(seeder):
        text = "ChildJobsInState['FAILED'] is 0 or more, not -1."
        refused(backup, seeder, text, ChildJobsInState={"FAILED": -1})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_no_number_of_json(backup: FakeBackup, number: Any) -> None:
    """An answer by hand has no number that JSON has not."""
    shape = next(
        (
            (name, inner)
            for name in client().meta.service_model.operation_names
            for inner, each in getattr(
                client().meta.service_model.operation_model(name).output_shape, "members", {}
            ).items()
            if each.type_name in ("double", "float", "long", "integer")
        ),
        None,
    )
    assert shape is not None
    with pytest.raises((TypeError, ValueError), match=r"takes int|is a number from"):
        backup.answer(shape[0], {shape[1]: number})


LIFECYCLES = {
    "backup_job": "RecoveryPointLifecycle",
    "copy_job": "DestinationRecoveryPointLifecycle",
    "recovery_point": "Lifecycle",
}


@pytest.mark.parametrize("seeder", LIFECYCLES)
def test_a_lifecycle_out_of_bounds(backup: FakeBackup, seeder: str) -> None:
    """Days are those that AWS takes, or -1; deletion is ninety days after turning cold."""
    member = LIFECYCLES[seeder]
    if member not in members_of(seeder):
        pytest.skip("this botocore knows no such member")
    for name in ("DeleteAfterDays", "MoveToColdStorageAfterDays"):
        for days in (0, -2, 36501):
            text = f"{member}.{name} is from 1 to 36500 days, or -1 for never, not {days}."
            refused(backup, seeder, text, **{member: {name: days}})
        for days in (1, 36500, -1):
            getattr(backup, f"add_{seeder}")(**{member: {name: days}})
    near = {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119}
    text = (
        f"{member}.DeleteAfterDays is 119, less than 90 days after MoveToColdStorageAfterDays, 30: "
        f"make it 120 or more."
    )
    refused(backup, seeder, text, **{member: near})
    getattr(backup, f"add_{seeder}")(**{member: near | {"DeleteAfterDays": 120}})


def test_a_lock_out_of_bounds(backup: FakeBackup) -> None:
    """So it is with the days of a vault's lock, which do not contradict each other."""
    for name in ("MinRetentionDays", "MaxRetentionDays"):
        for days in (0, -1, 36501):
            refused(backup, "vault", f"{name} is from 1 to 36500 days, not {days}.", **{name: days})
    text = "MinRetentionDays 8 is more than MaxRetentionDays 7."
    refused(backup, "vault", text, MinRetentionDays=8, MaxRetentionDays=7)
    backup.add_vault(MinRetentionDays=7, MaxRetentionDays=7)


TYPED = [each for each in SEEDERS if each not in ("vault", "report_job", "scan_job")]


@pytest.mark.parametrize(
    ("kind", "member"), [(BACKUP, "VaultType"), (COPY, "DestinationVaultType")], ids=str
)
def test_the_type_of_a_vault_in_other_case(backup: FakeBackup, kind: Kind, member: str) -> None:
    """So is the type of a vault, where the model of botocore knows no enum."""
    if member not in kind.members:
        pytest.skip("this botocore does not know the member")
    seed: Any = getattr(backup, f"add_{kind.name.replace(' ', '_')}")
    text = f"{member} 'backup_vault' is no type of vault; did you mean 'BACKUP_VAULT'?"
    with pytest.raises(ValueError, match=re.escape(text)):
        seed(**{member: "backup_vault"})


@pytest.mark.parametrize("seeder", TYPED)
@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("ebs", "EBS"),
        ("EC2 ", "EC2"),
        ("Ebs", "EBS"),
        ("Dynamodb", "DynamoDB"),
        ("storage gateway", "Storage Gateway"),
    ],
)
def test_a_type_in_other_case(backup: FakeBackup, seeder: str, wrong: str, near: str) -> None:
    """A ResourceType that is a known one but for its case is a slip; an unknown one may be."""
    text = f"ResourceType {wrong!r} is no resource type; did you mean {near!r}?"
    refused(backup, seeder, text, ResourceType=wrong)
    assert getattr(backup, f"add_{seeder}")(ResourceType="Quux")["ResourceType"] == "Quux"


@pytest.mark.parametrize("seeder", [each for each in SEEDERS if each != "report_job"])
@pytest.mark.parametrize("name", ["a", "a" * 51, "a b", "", "a/b"])
def test_a_name_that_no_vault_can_have(backup: FakeBackup, seeder: str, name: str) -> None:
    """Vaults have names of AWS's form, in their ARNs too."""
    text = f"is 2 to 50 letters, digits, - and _, not {name!r}"
    for member in members_of(seeder):
        if member == "BackupVaultName":
            refused(backup, seeder, f"{member} {text}", **{member: name})
        elif member.endswith("VaultArn") and name:
            arn = vault_arn(name)
            told = f"{member} {arn!r} names no backup vault: a name {text}"
            refused(backup, seeder, told, **{member: arn})


def test_a_region_that_no_vault_can_lie_in(backup: FakeBackup) -> None:
    """A vault's ARN names a Region, since it decides that of the job."""
    arn = vault_arn(region="us-east")
    text = (
        f"BackupVaultArn {arn!r} is no ARN of a backup vault: its Region is the name of an AWS "
        f"region such as 'eu-west-1', not 'us-east'; did you mean 'us-east-1' or 'us-east-2'?"
    )
    refused(backup, "backup_job", text, BackupVaultArn=arn)
    cn = "arn:aws:backup:cn-north-1:123456789012:backup-vault:Nightly"
    refused(
        backup, "backup_job", f"BackupVaultArn {cn!r} is not in the partition", BackupVaultArn=cn
    )


WAYS: dict[str, Callable[[FakeBackup, dict[str, Any]], object]] = {
    "update": lambda backup, members: backup.add_backup_job().update(**members),
    "next_outcome": lambda backup, members: backup.next_outcome("StartBackupJob", **members),
    "factory": lambda _backup, members: factories.backup_job(**members),
    "complete": lambda backup, members: backup.add_backup_job(State="RUNNING").complete(**members),
    "load": lambda backup, members: backup.load(
        {"BackupJobs": [{"BackupJobId": "x", "State": "FAILED", "CreationDate": 1, **members}]}
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "members",
    [
        {"ResourceType": "ebs"},
        {"ResourceArn": "vol-1"},
        {"BackupVaultName": "a b"},
        {"BackupSizeInBytes": -1},
    ],
)
def test_wherever_members_are_written(backup: FakeBackup, way: str, members: Any) -> None:
    """The same is refused of all that takes members of jobs."""
    with pytest.raises(
        ValueError,
        match=r"did you mean 'EBS'|is no ARN|letters, digits|or more, not -1|is settled when",
    ):
        WAYS[way](backup, members)


# --- Where a job lies -------------------------------------------------------------------------

LIES_WITH = {
    "backup_job": "BackupVaultArn",
    "copy_job": "SourceBackupVaultArn",
    "restore_job": "BackupVaultArn",
}
if known("ListScanJobs"):
    LIES_WITH["scan_job"] = "BackupVaultArn"


@pytest.mark.parametrize("seeder", LIES_WITH)
def test_the_arn_of_its_vault_decides(backup: FakeBackup, seeder: str) -> None:
    """A job lies in the account and Region of its vault's ARN, as that vault does."""
    arn = vault_arn(account=OTHER_ACCOUNT, region=OTHER_REGION)
    [first, *_] = jobs = [
        getattr(backup, f"add_{seeder}")(**{LIES_WITH[seeder]: arn}),
        *getattr(backup, f"add_{seeder}s")(3, **{LIES_WITH[seeder]: arn}),
    ]
    there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    for job in jobs:
        assert (job.account, job.region) == (OTHER_ACCOUNT, OTHER_REGION)
        if "AccountId" in job.kind.members:
            assert job["AccountId"] == OTHER_ACCOUNT
        assert getattr(there, f"{seeder}s")[job.id] is job
    assert not getattr(backup, f"{seeder}s")
    assert there.vaults["Nightly"].arn == arn
    noun = first.kind.listed
    listed = getattr(client(OTHER_REGION), f"list_{seeder}s")
    with backup.acting_as(OTHER_ACCOUNT):
        assert len(listed()[noun]) == 4


def test_its_children_lie_with_it(backup: FakeBackup) -> None:
    """The children of a composite job lie in its Region."""
    group = backup.add(factories.composite(2, BackupVaultArn=vault_arn(region=OTHER_REGION)))
    assert {each.region for each in group} == {OTHER_REGION}
    given = factories.backup_job(State="FAILED")
    group = backup.add(factories.composite([given], BackupVaultArn=vault_arn(region=OTHER_REGION)))
    assert {each.region for each in group} == {OTHER_REGION}


def test_names_and_accounts_that_disagree(backup: FakeBackup) -> None:
    """A vault's name or a backup job's account that is not that of the ARN is refused."""
    arn = vault_arn()
    for seeder in ("backup_job", "vault", "recovery_point"):
        text = f"BackupVaultName 'Other' is not the name in BackupVaultArn {arn!r}."
        refused(backup, seeder, text, BackupVaultName="Other", BackupVaultArn=arn)
    text = f"AccountId {OTHER_ACCOUNT!r} is not the account in BackupVaultArn {arn!r}."
    refused(backup, "backup_job", text, AccountId=OTHER_ACCOUNT, BackupVaultArn=arn)
    # A job without an ARN of its vault has nothing to disagree with.
    job = backup.add_backup_job(AccountId=OTHER_ACCOUNT, BackupVaultArn=None)
    assert (job.account, job.region) == (OTHER_ACCOUNT, REGION)
    # A restore may be from a vault that another account shares.
    job = backup.add_restore_job(AccountId=OTHER_ACCOUNT, BackupVaultArn=arn)
    assert (job.account, job.region) == (OTHER_ACCOUNT, REGION)


def told(seed: Callable[[], object]) -> list[str]:
    """The warnings of a seeding line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        seed()
    assert all(each.category is FakeBackupWarning for each in caught)
    return [str(each.message) for each in caught]


def test_a_resource_in_another_region(backup: FakeBackup) -> None:
    """A backup job of a resource elsewhere warns, and names both Regions; it is added."""
    found = told(lambda: backup.add_backup_job(ResourceArn=volume(OTHER_REGION)))
    [job] = backup.backup_jobs.values()
    assert "\n".join(found) == (
        f"Backup job {job.id} lies in {REGION}, and its ResourceArn {volume(OTHER_REGION)!r} in "
        f"{OTHER_REGION}: AWS backs up a resource in its own Region. To seed it there, call "
        f"backup.at(region={OTHER_REGION!r}).add_backup_job(...), or give an ARN of {REGION}."
    )
    snapshot = f"arn:aws:ec2:{OTHER_REGION}::snapshot/snap-1"
    [by_point] = told(lambda: backup.add_backup_job(RecoveryPointArn=snapshot))
    assert f" and its RecoveryPointArn {snapshot!r} in {OTHER_REGION}: " in by_point
    members: Any = {"ResourceArn": [volume(OTHER_REGION), volume(REGION)]}
    [many] = told(lambda: backup.add_backup_jobs(10, **members))
    assert "(and 4 more jobs)" in many
    arn = vault_arn(region=OTHER_REGION)
    [by_vault] = told(lambda: backup.add_backup_job(ResourceArn=volume(REGION), BackupVaultArn=arn))
    assert f" lies in {OTHER_REGION}, " in by_vault


def test_what_may_lie_anywhere(backup: FakeBackup) -> None:
    """A resource of the job's Region or of none is no matter, nor are other or recorded jobs."""
    recorded = {"BackupJobId": "x", "State": "FAILED", "CreationDate": 9**10}
    silent: list[Callable[[], object]] = [
        lambda: backup.at(region=OTHER_REGION).add_backup_job(ResourceArn=volume(OTHER_REGION)),
        lambda: backup.add_backup_job(ResourceArn="arn:aws:s3:::bucket"),
        lambda: backup.add_backup_job(
            ResourceArn=volume(OTHER_REGION), BackupVaultArn=vault_arn(region=OTHER_REGION)
        ),
        lambda: backup.add_copy_job(ResourceArn=volume(OTHER_REGION)),
        lambda: backup.add_restore_job(SourceResourceArn=volume(OTHER_REGION)),
        lambda: backup.load({"BackupJobs": [{**recorded, "ResourceArn": volume(OTHER_REGION)}]}),
    ]
    for seed in silent:
        assert told(seed) == []


# --- Parents ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seeder", ["backup_job", "copy_job", "restore_job"])
def test_a_parent_among_the_children(backup: FakeBackup, seeder: str) -> None:
    """No job is its own parent, or that of one that it is nested in."""
    kind = getattr(factories, seeder)().kind
    if "ParentJobId" not in kind.members:
        pytest.skip("this botocore knows no parents of such jobs")
    add, id_ = getattr(backup, f"add_{seeder}"), kind.id
    text = "ParentJobId 'x' is the job itself: leave it out, or name the job of the whole."
    refused(backup, seeder, text, **{id_: "x", "ParentJobId": "x"})
    top = add(**{id_: "top"})
    add(**{id_: "middle", "ParentJobId": "top"})
    low = add(**{id_: "low", "ParentJobId": "middle"})
    text = "ParentJobId 'low' is among the job's own children: "
    before = whole(backup)
    for change in ({"ParentJobId": "low"}, {"ParentJobId": "low", kind.state: "FAILED"}):
        with pytest.raises(ValueError, match=f"^{text}"):
            top.update(**change)
    add(**{id_: "late", "ParentJobId": "unborn"})
    before = whole(backup)
    with pytest.raises(ValueError, match=r"^ParentJobId 'late' is among the job's own children"):
        add(**{id_: "unborn", "ParentJobId": "late"})
    assert whole(backup) == before
    low.update(ParentJobId="top")
    build = getattr(factories, seeder)
    pair = [build(**{id_: "a1", "ParentJobId": "b1"}), build(**{id_: "b1", "ParentJobId": "a1"})]
    with pytest.raises(ValueError, match=r"^Entry 1 .*: ParentJobId 'a1' is among the job's own"):
        backup.add(pair)
    assert all(job.store is None for job in pair)


def test_a_default_id_is_the_parent(backup: FakeBackup) -> None:
    """So it is with the id that a job gets by default."""
    with mock_backup(region=REGION) as other:
        default = other.add_backup_job().id
    refused_id = default.replace("000000000001", "000000000002")
    refused(backup, "backup_job", f"ParentJobId {refused_id!r} is the job", ParentJobId=refused_id)


def test_a_point_nested_in_itself(backup: FakeBackup) -> None:
    """Nor is a recovery point nested in itself, or in one that is nested in it."""
    one, two = (f"arn:aws:ec2:{REGION}::snapshot/snap-{each}" for each in (1, 2))
    nests = "ParentRecoveryPointArn"
    text = f"{nests} {one!r} is the recovery point itself"
    refused(backup, "recovery_point", text, RecoveryPointArn=one, **{nests: one})
    backup.add_recovery_point(RecoveryPointArn=two, ParentRecoveryPointArn=one)
    text = f"{nests} {two!r} is nested in it"
    refused(backup, "recovery_point", text, RecoveryPointArn=one, **{nests: two})
