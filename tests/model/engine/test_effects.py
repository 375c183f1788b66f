"""What jobs leave: the dates, the retention and the tags of recovery points and of copies."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, factories, mock_backup
from fakebackup.model.jobs import kinds, life
from support.botocore_model import known
from support.client import call, changes, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault

START = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
MONTH: Any = {"DeleteAfterDays": 30}
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1"
TOO_MANY = "The resultant tag set must not have more than 50 user tags."

pytestmark = [
    pytest.mark.frozen(START),
    pytest.mark.fake_backup(region=REGION, progress="immediate", default_vault=True),
]


@pytest.fixture
def at() -> Iterator[Callable[[timedelta], None]]:
    """A function that lets time pass, to so long after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


def place(backup: FakeBackup, account: str = ACCOUNT, region: str = OTHER_REGION) -> Vault:
    """A vault for copies."""
    return backup.at(account_id=account, region=region).add_vault(BackupVaultName="Copies")


def copy(point: RecoveryPoint, vault: Vault, **more: Any) -> Any:
    """Copy a recovery point; return the id of the job."""
    return call(
        "StartCopyJob",
        RecoveryPointArn=point.arn,
        SourceBackupVaultName=point.vault.name,
        DestinationBackupVaultArn=vault.arn,
        IamRoleArn=ROLE,
        **more,
    )["CopyJobId"]


def copied(backup: FakeBackup, job_id: str) -> RecoveryPoint:
    """The recovery point that a copy job made."""
    organization = backup.backend.organization
    job = organization.jobs.by_id[job_id]
    vault = organization.find_vault(job["DestinationBackupVaultArn"])
    assert vault is not None
    return vault.points[job["DestinationRecoveryPointArn"]]


class TestDatesOfCopies:
    """A copy keeps its source's creation date and retention [documented: guide, copies]."""

    @pytest.mark.parametrize("given", [{}, {"Lifecycle": {"DeleteAfterDays": -1}}])
    @pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT])
    def test_kept(
        self, backup: FakeBackup, at: Callable[..., None], account: str, given: dict[str, Any]
    ) -> None:
        """Without days of its own, or with -1, it expires when its source does."""
        vault = place(backup, account)
        point = backup.add_recovery_point(CreationDate=START, Lifecycle=MONTH)
        at(4 * DAY)
        job_id = copy(point, vault, **given)
        found = copied(backup, job_id)
        assert (found["CreationDate"], found["Lifecycle"]) == (START, MONTH)
        assert found["CalculatedLifecycle"] == {"DeleteAt": START + 30 * DAY}
        assert found["CalculatedLifecycle"] == point["CalculatedLifecycle"]
        assert backup.copy_jobs[job_id]["CreationDate"] == START + 4 * DAY

    def test_the_work_is_its_own(self, backup: FakeBackup, at: Callable[..., None]) -> None:
        """InitiationDate and CompletionDate are those of the copy [assumed]."""
        point = backup.add_recovery_point(CreationDate=START)
        at(4 * DAY)
        found = copied(backup, copy(point, place(backup)))
        assert found["CompletionDate"] == START + 4 * DAY
        if "InitiationDate" in found.shown:
            assert found["InitiationDate"] == START + 4 * DAY

    def test_overridden(self, backup: FakeBackup, at: Callable[..., None]) -> None:
        """Days of its own count from the source's creation [assumed]."""
        point = backup.add_recovery_point(CreationDate=START, Lifecycle=MONTH)
        at(4 * DAY)
        own = {"DeleteAfterDays": 90}
        found = copied(backup, copy(point, place(backup), Lifecycle=own))
        assert (found["CreationDate"], found["Lifecycle"]) == (START, own)
        assert found["CalculatedLifecycle"] == {"DeleteAt": START + 90 * DAY}

    @pytest.mark.parametrize("days", [{}, {"DeleteAfterDays": -1}])
    def test_cold_storage_alone(self, backup: FakeBackup, days: dict[str, int]) -> None:
        """A lifecycle that says when it turns cold keeps the source's expiry."""
        point = backup.add_recovery_point(
            ResourceType="EFS", CreationDate=START, Lifecycle={"DeleteAfterDays": 200}
        )
        cold = {"MoveToColdStorageAfterDays": 9}
        found = copied(backup, copy(point, place(backup), Lifecycle=cold | days))
        assert found["Lifecycle"] == {**cold, "DeleteAfterDays": 200}

    def test_a_source_that_is_kept_for_ever(self, backup: FakeBackup) -> None:
        """So is its copy."""
        point = backup.add_recovery_point(CreationDate=START)
        found = copied(backup, copy(point, place(backup)))
        assert "Lifecycle" not in found
        assert "CalculatedLifecycle" not in found

    def test_dates_of_the_source(self, backup: FakeBackup) -> None:
        """Where the source was seeded with the date of its expiry, the copy has that date."""
        dates: Any = {"DeleteAt": START + DAY}
        point = backup.add_recovery_point(CreationDate=START, CalculatedLifecycle=dates)
        assert copied(backup, copy(point, place(backup)))["CalculatedLifecycle"] == dates

    def test_of_an_event(self, backup: FakeBackup) -> None:
        """What AWS says of a temporary recovery point is not its copy's [documented: guide]."""
        if "DeleteAfterEvent" not in _lifecycle_members():
            pytest.skip("this botocore does not know the member")
        lifecycle: Any = {**MONTH, "DeleteAfterEvent": "DELETE_AFTER_COPY"}
        point = backup.add_recovery_point(CreationDate=START, Lifecycle=lifecycle)
        assert copied(backup, copy(point, place(backup)))["Lifecycle"] == MONTH

    def test_of_a_copy(self, backup: FakeBackup, at: Callable[..., None]) -> None:
        """The copy of a copy is as old as the first."""
        point = backup.add_recovery_point(CreationDate=START, Lifecycle=MONTH)
        at(4 * DAY)
        first = copied(backup, copy(point, place(backup, region=REGION)))
        at(5 * DAY)
        second = copied(backup, copy(first, place(backup)))
        assert second["CalculatedLifecycle"] == {"DeleteAt": START + 30 * DAY}

    def test_a_lock_judges_what_is_kept(self, backup: FakeBackup) -> None:
        """A lock of the destination judges the retention that the copy takes over."""
        point = backup.add_recovery_point(CreationDate=START, Lifecycle={"DeleteAfterDays": 6})
        locked = backup.add_vault(BackupVaultName="locked", MinRetentionDays=7)
        job = backup.copy_jobs[copy(point, locked)]
        assert job["State"] == "FAILED"
        assert "is not within the range specified" in job["StatusMessage"]
        most = backup.add_vault(BackupVaultName="most", MaxRetentionDays=7)
        assert backup.copy_jobs[copy(point, most)]["State"] == "COMPLETED"

    def test_nested(self, backup: FakeBackup) -> None:
        """Each copy of a composite one's nested points keeps its own source's retention."""
        asked = {"BackupVaultName": "Default", "ResourceArn": STACK, "IamRoleArn": ROLE}
        call("StartBackupJob", **asked, Lifecycle=MONTH)
        points = {point.arn: point for point in backup.recovery_points.values()}
        nested = [each for each in points.values() if "ParentRecoveryPointArn" in each]
        own = {"DeleteAfterDays": 3}
        where = {"BackupVaultName": "Default", "RecoveryPointArn": nested[0].arn}
        call("UpdateRecoveryPointLifecycle", **where, Lifecycle=own)
        (composite,) = [each for each in points.values() if each["IsParent"]]
        vault = backup.add_vault(BackupVaultName="locked", MinRetentionDays=7)
        assert backup.copy_jobs[copy(composite, vault)]["State"] == "PARTIAL"
        vault = place(backup)
        copy(composite, vault)
        kept = sorted(each["Lifecycle"]["DeleteAfterDays"] for each in vault.points.values())
        assert kept == [3, 30, 30]
        assert {each["CreationDate"] for each in vault.points.values()} == {START}

    def test_by_a_plan(self, backup: FakeBackup) -> None:
        """A rule's copy takes what it does not say from the backup [documented: guide]."""
        vault = place(backup)
        cold = {"MoveToColdStorageAfterDays": 5}
        action: dict[str, Any] = {"DestinationBackupVaultArn": vault.arn}
        backup.add_resource(TABLE)
        kept = []
        for lifecycle in ({}, {"Lifecycle": cold}, {"Lifecycle": {"DeleteAfterDays": 200}}):
            for point in list(vault.points.values()):
                vault.take(point)
            _run(backup, Lifecycle={"DeleteAfterDays": 100}, CopyActions=[action | lifecycle])
            (point,) = vault.points.values()
            kept.append(point["Lifecycle"])
        days = {"DeleteAfterDays": 100}
        assert kept == [days, cold | days, {"DeleteAfterDays": 200}]

    @pytest.mark.parametrize("seed", [True, False])
    def test_seeded(self, backup: FakeBackup, *, seed: bool) -> None:
        """The copy of a seeded copy job does alike where its source is known."""
        source: Any = {"SourceRecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-1"}
        if seed:
            backup.add_recovery_point(
                RecoveryPointArn=source["SourceRecoveryPointArn"],
                CreationDate=START,
                Lifecycle=MONTH,
                Tags={"team": "blue"},
            )
        job = backup.add_copy_job(**source, CreationDate=START + DAY)
        found = copied(backup, job.id)
        assert found["CreationDate"] == (START if seed else START + DAY)
        assert found.get("Lifecycle") == (MONTH if seed else None)
        assert tags_of(backup).get(found.arn) == ({"team": "blue"} if seed else None)
        assert found["CompletionDate"] == job["CompletionDate"]

    def test_seeded_with_its_backup(self, backup: FakeBackup) -> None:
        """So where the source is what a seeded backup job left."""
        made = backup.add_backup_job(CreationDate=START, RecoveryPointLifecycle=MONTH)
        arn = made["RecoveryPointArn"]
        job = backup.add_copy_job(SourceRecoveryPointArn=arn, CreationDate=START + DAY)
        assert copied(backup, job.id)["CalculatedLifecycle"] == {"DeleteAt": START + 30 * DAY}

    @pytest.mark.parametrize("look", [True, False])
    def test_they_age(self, at: Callable[..., None], *, look: bool) -> None:
        """By the clock a seeded copy goes when its source does, looked at before or not."""
        with mock_backup(region=REGION, progress="clock") as backup:
            made = backup.add_recovery_point(CreationDate=START, Lifecycle=MONTH)
            backup.add_copy_job(SourceRecoveryPointArn=made.arn, CreationDate=START + DAY)
            at(29 * DAY)
            assert not look or len(backup.recovery_points) == 2
            at(30 * DAY)
            assert not backup.recovery_points
            assert changes(backup) == ["Recovery Point DELETING"] * 2


def _lifecycle_members() -> set[str]:
    from support.botocore_model import model

    shape: Any = model().shape_for("Lifecycle")
    return set(shape.members)


def _run(backup: FakeBackup, **rule: Any) -> Job:
    """Run a new plan's rule that backs the table up."""
    number = len(call("ListBackupPlans")["BackupPlansList"])
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "Default", **rule}]
    document = {"BackupPlanName": f"plan-{number}", "Rules": rules}
    plan = call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": [TABLE]}
    call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)
    (job,) = backup.run_plan(plan)
    return job


def start(backup: FakeBackup, resource: str = TABLE, **more: Any) -> Job:
    """Start a backup of a resource."""
    asked = {"BackupVaultName": "Default", "ResourceArn": resource, "IamRoleArn": ROLE}
    return backup.backup_jobs[call("StartBackupJob", **asked, **more)["BackupJobId"]]


def tags(arn: str, **more: Any) -> Any:
    """The tags of a recovery point, as a client lists them."""
    return call("ListTags", ResourceArn=arn, **more)["Tags"]


class TestTags:
    """Tags travel [documented: guide, tags on backups]."""

    def test_with_the_resource(self, backup: FakeBackup) -> None:
        """A recovery point has its resource's tags and those given; the given ones win."""
        backup.add_resource(TABLE, tags={"team": "blue", "stage": "prod"})
        job = start(backup, RecoveryPointTags={"stage": "backup", "by": "hand"})
        assert tags(job["RecoveryPointArn"]) == {"team": "blue", "stage": "backup", "by": "hand"}
        assert "StatusMessage" not in job

    def test_by_a_plan(self, backup: FakeBackup) -> None:
        """So by a plan, whose rule gives them; and its copies have them all."""
        vault = place(backup)
        backup.add_resource(TABLE, tags={"team": "blue", "stage": "prod"})
        action = {"DestinationBackupVaultArn": vault.arn}
        job = _run(backup, RecoveryPointTags={"stage": "plan"}, CopyActions=[action])
        wanted = {"team": "blue", "stage": "plan"}
        assert tags(job["RecoveryPointArn"]) == wanted
        (copy,) = vault.points
        assert tags(copy, region=OTHER_REGION) == wanted

    @pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT])
    def test_with_a_copy(self, backup: FakeBackup, account: str) -> None:
        """A copy has all tags that its original has then, and no others."""
        point = backup.add_recovery_point(ResourceType="EFS", Tags={"team": "blue", "old": "yes"})
        call("UntagResource", ResourceArn=point.arn, TagKeyList=["old"])
        call("TagResource", ResourceArn=point.arn, Tags={"new": "yes"})
        found = copied(backup, copy(point, place(backup, account)))
        wanted = {"team": "blue", "new": "yes"}
        assert tags_of(backup)[found.arn] == wanted
        call("UntagResource", ResourceArn=point.arn, TagKeyList=["new"])
        assert tags_of(backup)[found.arn] == wanted

    def test_without_any(self, backup: FakeBackup) -> None:
        """Where neither has tags there are none."""
        backup.add_resource(TABLE)
        job = start(backup)
        copy(backup.recovery_points[job["RecoveryPointArn"]], place(backup))
        assert tags_of(backup) == {}

    def test_of_another_account(self, backup: FakeBackup) -> None:
        """Another account's or Region's resource of the same ARN gives none."""
        backup.at(region=OTHER_REGION).add_resource(TABLE, tags={"team": "blue"})
        assert tags(start(backup)["RecoveryPointArn"]) == {}

    def test_seeded(self, backup: FakeBackup) -> None:
        """The recovery point of a seeded job has its resource's tags."""
        backup.add_resource(TABLE, tags={"team": "blue"})
        job = backup.add_backup_job(ResourceArn=TABLE)
        assert tags(job["RecoveryPointArn"]) == {"team": "blue"}

    def test_nested(self, backup: FakeBackup) -> None:
        """A stack's tags are of its composite recovery point, those given of nested ones too."""
        backup.add_resource(STACK, tags={"team": "blue"})
        job = start(backup, STACK, RecoveryPointTags={"by": "hand"})
        for arn, point in backup.recovery_points.items():
            own = {"team": "blue"} if arn == job["RecoveryPointArn"] else {}
            assert tags(arn) == {"by": "hand"} | own, point

    @pytest.mark.parametrize("seeded", [True, False])
    def test_fifty_at_most(self, backup: FakeBackup, *, seeded: bool) -> None:
        """Beyond 50 the resource's last ones stay away; a started job says so.

        [documented: guide, for the number; assumed for what stays and that the job completes
        with issues; its words are of AWS's table of messages]
        """
        own = {f"k{number:02}": "resource" for number in range(50)}
        given = {"given": "1", "k00": "rule"}
        backup.add_resource(TABLE, tags=own)
        if seeded:
            job = backup.add_backup_job(ResourceArn=TABLE)
            assert tags(job["RecoveryPointArn"]) == own
            return
        job = start(backup, RecoveryPointTags=given)
        kept = {key: value for key, value in own.items() if key != "k49"}
        assert tags(job["RecoveryPointArn"]) == kept | given
        assert (job["State"], job["StatusMessage"]) == ("COMPLETED", TOO_MANY)
        if "MessageCategory" in job.shown:
            assert job["MessageCategory"] == "LIMIT_EXCEEDED"
        point = backup.recovery_points[job["RecoveryPointArn"]]
        assert len(tags(copied(backup, copy(point, place(backup))).arn, region=OTHER_REGION)) == 50

    def test_fifty_and_another_end(self, backup: FakeBackup) -> None:
        """What the test wants of a job's end stands, its words too."""
        backup.add_resource(TABLE, tags={f"k{number}": "" for number in range(51)})
        backup.next_outcome("StartBackupJob", StatusMessage="mine", ResourceArn=TABLE)
        backup.next_outcome("StartBackupJob", State="FAILED", ResourceArn=TABLE)
        jobs = [start(backup) for _ in range(3)]
        assert [job["StatusMessage"] for job in jobs] == [
            "mine",
            "An internal error occurred.",
            TOO_MANY,
        ]


# --- The vaults of seeded jobs ----------------------------------------------------------------


def unfinished_and_failed(kind: Kind) -> list[str]:
    """The states of a kind in which a job has left no recovery point."""
    states = [*life.unfinished(kind), *life.outcomes(kind)]
    return [each for each in states if each not in ("COMPLETED", "PARTIAL")]


@pytest.mark.parametrize("state", unfinished_and_failed(kinds.BACKUP))
def test_a_backup_job_brings_its_vault_along_in_every_state(backup: FakeBackup, state: Any) -> None:
    """A seeded backup job brings its vault along, which has no recovery point yet."""
    gapped = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    job = backup.add_backup_job(State=state, BackupVaultName="Prod", VaultType=gapped)
    vault = call("DescribeBackupVault", BackupVaultName="Prod")
    assert (vault["BackupVaultArn"], vault["VaultType"]) == (job["BackupVaultArn"], gapped)
    assert vault["CreationDate"] == job["CreationDate"]
    assert not backup.recovery_points


@pytest.mark.parametrize("state", unfinished_and_failed(kinds.COPY))
def test_a_copy_job_brings_its_vaults_along_in_every_state(backup: FakeBackup, state: Any) -> None:
    """A seeded copy job brings both vaults along, wherever they lie."""
    elsewhere = f"arn:aws:backup:{OTHER_REGION}:{OTHER_ACCOUNT}:backup-vault:There"
    here = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:Here"
    backup.add_copy_job(State=state, SourceBackupVaultArn=here, DestinationBackupVaultArn=elsewhere)
    assert backup.vaults["Here"].arn == here
    there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    assert there.vaults["There"].arn == elsewhere
    assert not backup.recovery_points
    assert not there.recovery_points


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "FAILED"])
def test_a_restore_job_brings_what_it_reads_along(backup: FakeBackup, state: Any) -> None:
    """A seeded restore job brings its vault along, and the recovery point that it reads."""
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:Read"
    job = backup.add_restore_job(BackupVaultArn=arn, Status=state)
    assert backup.vaults["Read"].arn == arn
    assert list(backup.recovery_points) == [job["RecoveryPointArn"]]


@pytest.mark.skipif(not known("StartScanJob"), reason="this botocore knows no scan jobs")
@pytest.mark.parametrize("state", ["CREATED", "RUNNING", "FAILED"])
def test_a_scan_job_brings_what_it_reads_along(backup: FakeBackup, state: Any) -> None:
    """A seeded scan job brings its vault along, and the recovery point that it reads."""
    job = backup.add_scan_job(BackupVaultName="Read", State=state)
    assert backup.vaults["Read"].arn == job["BackupVaultArn"]
    assert list(backup.recovery_points) == [job["RecoveryPointArn"]]


def test_a_job_that_fails_by_hand_has_brought_its_vault(backup: FakeBackup) -> None:
    """A seeded job that moves before vaults are looked at brings its vault along, too."""
    backup.add_backup_job(State="RUNNING", BackupVaultName="Failed").fail()
    backup.add_backup_job(State="CREATED", BackupVaultName="Run").run()
    backup.add_backup_job(BackupVaultName="Updated").update(State="ABORTED")
    assert sorted(backup.vaults) == ["Default", "Failed", "Run", "Updated"]
    assert not backup.recovery_points


def test_a_backup_starts_in_the_vault_of_a_failed_job(backup: FakeBackup) -> None:
    """Code that tries a failed backup again finds its vault."""
    failed = backup.add_backup_job(State="FAILED", BackupVaultName="Prod")
    answer = call(
        "StartBackupJob",
        BackupVaultName="Prod",
        ResourceArn=failed["ResourceArn"],
        IamRoleArn=ROLE,
    )
    assert backup.backup_jobs[answer["BackupJobId"]]["State"] == "COMPLETED"


@pytest.mark.fake_backup(default_vault=False, region=REGION)
def test_a_job_that_says_no_vault_is_in_the_default_one(backup: FakeBackup) -> None:
    """A failed job brings the vault Default along unless it names another, or says none."""
    backup.add_backup_job(State="FAILED", BackupVaultName=None)
    assert not backup.vaults
    backup.add_backup_job(State="FAILED")
    assert list(backup.vaults) == ["Default"]


def test_a_recorded_job_that_failed_brings_no_vault(backup: FakeBackup) -> None:
    """The vault of a recorded job that left nothing may be gone."""
    with mock_backup(region=REGION) as recorded:
        recorded.add_backup_job(State="FAILED", BackupVaultName="Gone")
        answer = call("ListBackupJobs")
    backup.load({"BackupJobs": answer["BackupJobs"]})
    assert list(backup.vaults) == ["Default"]


def test_a_composite_job_brings_one_vault_along(backup: FakeBackup) -> None:
    """The children of a composite job that failed lie in its vault."""
    backup.add(factories.composite(2, State="FAILED", BackupVaultName="Stacks"))
    assert sorted(backup.vaults) == ["Default", "Stacks"]
