"""Composite jobs: a stack's or a cluster's backup, its children, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from fakebackup import FakeBackup, FakeBackupError, factories
from support.client import a_fake, client

if TYPE_CHECKING:
    from fakebackup.model.jobs.job import Job

OWN, HERE, THERE = "123456789012", "us-east-1", "eu-west-1"
NOON = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
ROLE = f"arn:aws:iam::{OWN}:role/backup"
STACK = f"arn:aws:cloudformation:{HERE}:{OWN}:stack/s/1"
CLUSTER = f"arn:aws:eks:{HERE}:{OWN}:cluster/c"
COPIES = f"arn:aws:backup:{THERE}:{OWN}:backup-vault:Default"


pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True)
by_hand = pytest.mark.fake_backup(progress="manual")


def start(backup: FakeBackup, resource: str = STACK) -> tuple[Job, list[Job]]:
    """Start a composite backup job; return the parent and its children."""
    answer = client().start_backup_job(
        BackupVaultName="Default", ResourceArn=resource, IamRoleArn=ROLE
    )
    parent = backup.backup_jobs[answer["BackupJobId"]]
    return parent, children_of(backup, parent)


def children_of(backup: FakeBackup, parent: Job) -> list[Job]:
    """The children of a job, in the order of their ids."""
    return sorted(backup.backend.organization.jobs.children(parent), key=lambda job: job.id)


def describe(job: Job) -> dict[str, Any]:
    """What Describe tells of a backup job."""
    answer: dict[str, Any] = client().describe_backup_job(BackupJobId=job.id)
    del answer["ResponseMetadata"]
    return answer


def states(*jobs: Job) -> list[str]:
    """The states of jobs."""
    return [str(job["State"]) for job in jobs]


def told(backup: FakeBackup) -> list[tuple[str, str]]:
    """The id and the state of every State Change of a job, in order."""
    backup.backend.organization.catch_up()
    return [
        (sent.job.id, sent.event["detail"]["state"])
        for sent in backup.backend.organization.bus.sent
        if sent.job is not None
    ]


class TestIds:
    @pytest.mark.parametrize("kind", ["backup", "copy"])
    def test_another_id_keeps_the_children(self, backup: FakeBackup, kind: str) -> None:
        """A parent that is given another id keeps its children, who name it by that."""
        group = getattr(backup, f"add_{kind}_job")(IsParent=True)
        add = getattr(backup, f"add_{kind}_job")
        children = [add(ParentJobId=group.id, State="RUNNING") for _ in range(2)]
        member = f"{kind.capitalize()}JobId"
        group.update(**{member: "another"})
        assert [each["ParentJobId"] for each in children] == ["another", "another"]
        assert children_of(backup, group) == sorted(children, key=lambda job: job.id)
        if "NumberOfChildJobs" in group.kind.members:
            assert group["ChildJobsInState"] == {"RUNNING": 2}
        noun = kind.capitalize()
        found = getattr(client(), f"list_{kind}_jobs")(ByParentJobId="another")[f"{noun}Jobs"]
        assert {each[member] for each in found} == {each.id for each in children}

    @by_hand
    def test_with_another_state(self, backup: FakeBackup) -> None:
        """So does one that moves at once, and it goes on ending after them."""
        parent, children = start(backup)
        parent.update(BackupJobId="another", State="RUNNING")
        assert [each["ParentJobId"] for each in children] == ["another", "another"]
        parent.complete()
        assert states(parent, *children) == ["COMPLETED"] * 3

    @pytest.mark.fake_backup(progress="polls")
    def test_it_goes_on_moving(self, backup: FakeBackup) -> None:
        """Polls go on moving them."""
        parent, children = start(backup)
        parent.update(BackupJobId="another")
        for _ in range(3):
            describe(parent)
        assert states(parent, *children) == ["COMPLETED"] * 3


@by_hand
class TestStart:
    @pytest.mark.parametrize(
        ("resource", "kind", "nested"),
        [
            (STACK, "CloudFormation", {"EBS", "DynamoDB"}),
            (CLUSTER, "EKS", {"EBS", "EFS"}),
        ],
    )
    def test_a_parent_and_its_children(
        self, backup: FakeBackup, resource: str, kind: str, nested: set[str]
    ) -> None:
        """The job of a stack or a cluster has children of the resources in it."""
        answer = client().start_backup_job(
            BackupVaultName="Default",
            ResourceArn=resource,
            IamRoleArn=ROLE,
            StartWindowMinutes=60,
        )
        assert answer["IsParent"] is True
        assert "RecoveryPointArn" not in answer
        parent = describe(backup.backup_jobs[answer["BackupJobId"]])
        assert (parent["IsParent"], parent["ResourceType"]) == (True, kind)
        assert "ParentJobId" not in parent
        listed = client().list_backup_jobs(ByParentJobId=parent["BackupJobId"])["BackupJobs"]
        assert {job["ResourceType"] for job in listed} == nested
        for job in listed:
            assert (job["IsParent"], job["State"]) == (False, "CREATED")
            for member in ("BackupVaultArn", "IamRoleArn", "CreationDate", "StartBy"):
                assert job[member] == parent[member]
            assert job["StartBy"] - job["CreationDate"] == timedelta(hours=1)
        assert len(client().list_backup_jobs()["BackupJobs"]) == 3

    def test_counts(self, backup: FakeBackup) -> None:
        """Describe counts a parent's children by state; a List and a child have no counts."""
        parent, children = start(backup)
        assert describe(parent)["NumberOfChildJobs"] == 2
        assert describe(parent)["ChildJobsInState"] == {"CREATED": 2}
        children[0].run()
        assert describe(parent)["ChildJobsInState"] == {"CREATED": 1, "RUNNING": 1}
        assert parent["ChildJobsInState"] == {"CREATED": 1, "RUNNING": 1}
        assert "NumberOfChildJobs" not in describe(children[0])
        assert all("ChildJobsInState" not in j for j in client().list_backup_jobs()["BackupJobs"])

    def test_a_token(self, backup: FakeBackup) -> None:
        """One token starts one parent and its children once."""
        for _ in range(2):
            client().start_backup_job(
                BackupVaultName="Default",
                ResourceArn=STACK,
                IamRoleArn=ROLE,
                IdempotencyToken="token",
            )
        assert len(backup.backup_jobs) == 3


class TestModes:
    def test_polls_of_the_parent(self, backup: FakeBackup) -> None:
        """A Describe of the parent takes its children along, and the parent ends last."""
        parent, children = start(backup)
        seen = [(describe(parent)["State"], states(*children)) for _ in range(3)]
        assert [state for state, _ in seen] == ["CREATED", "RUNNING", "COMPLETED"]
        assert states(parent, *children) == ["COMPLETED"] * 3
        assert told(backup)[-1] == (parent.id, "COMPLETED")

    def test_polls_of_lists(self, backup: FakeBackup) -> None:
        """A List moves the parent and its children by one state, not by two."""
        start(backup)
        for state in ("CREATED", "RUNNING", "COMPLETED", "COMPLETED"):
            listed = client().list_backup_jobs()["BackupJobs"]
            assert [job["State"] for job in listed] == [state] * 3

    def test_polls_of_a_child(self, backup: FakeBackup) -> None:
        """A Describe of a child moves that child alone; it waits for its parent to end."""
        parent, (first, second) = start(backup)
        assert [describe(first)["State"] for _ in range(3)] == ["CREATED", "RUNNING", "COMPLETED"]
        assert states(parent, second) == ["CREATED", "CREATED"]
        assert [describe(parent)["State"] for _ in range(3)] == ["CREATED", "RUNNING", "COMPLETED"]
        assert states(first, second) == ["COMPLETED", "COMPLETED"]

    def test_immediate(self) -> None:
        """A composite job started with immediate progress is complete with its children."""
        with a_fake(progress="immediate") as backup:
            parent, children = start(backup)
            assert states(parent, *children) == ["COMPLETED"] * 3
            assert told(backup)[-1] == (parent.id, "COMPLETED")

    def test_clock(self) -> None:
        """By the clock all move at the same instants, the parent's end told last."""
        with time_machine.travel(NOON, tick=False) as clock, a_fake(progress="clock") as backup:
            parent, children = start(backup)
            clock.shift(timedelta(minutes=1))
            assert states(parent, *children) == ["RUNNING"] * 3
            clock.shift(timedelta(hours=1))
            assert states(parent, *children) == ["COMPLETED"] * 3
            ends = {job["CompletionDate"] for job in (parent, *children)}
            assert ends == {NOON + timedelta(minutes=11)}
            assert told(backup)[-1] == (parent.id, "COMPLETED")
            assert len(told(backup)) == 9

    def test_clock_expiry(self) -> None:
        """A composite job whose start window closes EXPIRES with its children."""
        durations = {"CREATED": timedelta(days=1)}
        fake = a_fake(progress="clock", durations=durations)
        with time_machine.travel(NOON, tick=False) as clock, fake as backup:
            parent, children = start(backup)
            clock.shift(timedelta(days=2))
            assert states(parent, *children) == ["EXPIRED"] * 3
            ends = {job["CompletionDate"] for job in (parent, *children)}
            assert ends == {NOON + timedelta(hours=8)}

    def test_each_state_is_told_once(self, backup: FakeBackup) -> None:
        """Each move of each job makes one event, however the jobs are polled."""
        parent, children = start(backup)
        describe(children[0])
        client().list_backup_jobs()
        for _ in range(3):
            describe(parent)
        for job in (parent, *children):
            mine = [state for job_id, state in told(backup) if job_id == job.id]
            assert mine == ["CREATED", "RUNNING", "COMPLETED"]

    @by_hand
    def test_the_mode_of_a_parent_is_its_childrens(self, backup: FakeBackup) -> None:
        """`parent.progress` lets the children move, too."""
        parent, children = start(backup)
        parent.progress = "immediate"
        assert states(parent, *children) == ["COMPLETED"] * 3


@by_hand
class TestByHand:
    def test_a_parent_completes_its_children_first(self, backup: FakeBackup) -> None:
        """A parent that the test completes completes its children, by way of RUNNING."""
        parent, children = start(backup)
        parent.run()
        assert states(parent, *children) == ["RUNNING", "CREATED", "CREATED"]
        parent.complete()
        assert states(parent, *children) == ["COMPLETED"] * 3
        for child in children:
            mine = [state for job_id, state in told(backup) if job_id == child.id]
            assert mine == ["CREATED", "RUNNING", "COMPLETED"]
        assert told(backup)[-1] == (parent.id, "COMPLETED")

    @pytest.mark.parametrize(
        ("move", "state"), [("fail", "FAILED"), ("abort", "ABORTED"), ("expire", "EXPIRED")]
    )
    def test_a_parent_that_ends_badly(self, backup: FakeBackup, move: str, state: str) -> None:
        """A parent that fails, is aborted or expires takes its unfinished children along."""
        parent, (first, second) = start(backup)
        first.run()
        first.complete()
        getattr(parent, move)()
        assert states(parent, first, second) == [state, "COMPLETED", state]

    def test_a_child_that_fails(self, backup: FakeBackup) -> None:
        """A parent that completes although a child failed is PARTIAL, and says so."""
        parent, (first, second) = start(backup)
        parent.run()
        first.fail("boom")
        parent.complete()
        assert states(parent, first, second) == ["PARTIAL", "FAILED", "COMPLETED"]
        assert parent["ChildJobsInState"] == {"COMPLETED": 1, "FAILED": 1}
        assert (parent["StatusMessage"], parent["MessageCategory"]) == (
            "Backup job completed partially: one or more nested backup jobs failed.",
            "MISCELLANEOUS",
        )
        assert parent["PercentDone"] == "100.0"

    def test_a_child_is_no_parent(self, backup: FakeBackup) -> None:
        """A child itself does not end PARTIAL."""
        _, (child, _) = start(backup)
        child.run()
        with pytest.raises(FakeBackupError, match="cannot go from RUNNING to PARTIAL"):
            child.complete(State="PARTIAL")


class TestPartial:
    def test_a_child_that_fails_meanwhile(self, backup: FakeBackup) -> None:
        """A job whose child the test lets fail ends PARTIAL when its polls bring it there."""
        parent, (first, second) = start(backup)
        describe(parent)
        first.fail("boom")
        describe(parent)
        assert describe(parent)["State"] == "PARTIAL"
        assert states(first, second) == ["FAILED", "COMPLETED"]

    @pytest.mark.parametrize("mode", ["polls", "immediate", "clock"])
    @pytest.mark.parametrize(
        ("outcome", "ends"),
        [
            ("PARTIAL", ["PARTIAL", "COMPLETED", "FAILED"]),
            ("FAILED", ["FAILED"] * 3),
            ("ABORTED", ["ABORTED"] * 3),
            ("EXPIRED", ["EXPIRED"] * 3),
            ("COMPLETED", ["COMPLETED"] * 3),
        ],
    )
    def test_a_chosen_outcome(self, mode: Any, outcome: Any, ends: list[str]) -> None:
        """A chosen end is the parent's and the children's; of a PARTIAL job the last one fails."""
        with time_machine.travel(NOON, tick=False) as clock, a_fake(progress=mode) as backup:
            backup.next_outcome("StartBackupJob", State=outcome)
            parent, children = start(backup)
            clock.shift(timedelta(days=1))
            for _ in range(3):
                describe(parent)
            assert states(parent, *children) == ends

    @pytest.mark.parametrize("state", ["COMPLETED", "PARTIAL"])
    def test_points(self, backup: FakeBackup, state: Any) -> None:
        """The composite recovery point has its job's end; nested points know theirs."""
        backup.next_outcome("StartBackupJob", State=state)
        parent, children = start(backup)
        for _ in range(2):
            describe(parent)
        points = backup.recovery_points
        composite = points[parent["RecoveryPointArn"]]
        assert (composite["Status"], composite["IsParent"]) == (state, True)
        assert composite["ResourceType"] == "CloudFormation"
        good = [child for child in children if child["State"] == "COMPLETED"]
        assert len(points) == 1 + len(good) == (3 if state == "COMPLETED" else 2)
        for child in good:
            nested = points[child["RecoveryPointArn"]]
            assert nested["ParentRecoveryPointArn"] == composite["RecoveryPointArn"]
            assert (nested["Status"], nested["IsParent"]) == ("COMPLETED", False)

    def test_a_failed_parent_nests_nothing(self, backup: FakeBackup) -> None:
        """A child that completed before its parent failed left a point that is in no composite."""
        parent, (first, _) = start(backup)
        for _ in range(2):
            describe(first)
        parent.fail()
        assert list(backup.recovery_points) == [first["RecoveryPointArn"]]
        assert "ParentRecoveryPointArn" not in backup.recovery_points[first["RecoveryPointArn"]]


class TestStopping:
    def test_a_parent(self, backup: FakeBackup) -> None:
        """Stopping a parent stops its unfinished children."""
        parent, (first, second) = start(backup)
        for _ in range(2):
            describe(first)
        client().stop_backup_job(BackupJobId=parent.id)
        assert states(parent, first, second) == ["ABORTING", "COMPLETED", "ABORTING"]
        describe(parent)
        assert states(parent, first, second) == ["ABORTED", "COMPLETED", "ABORTED"]

    def test_a_child(self, backup: FakeBackup) -> None:
        """A parent completes without a child that was stopped: it is PARTIAL."""
        parent, (first, second) = start(backup)
        describe(parent)
        client().stop_backup_job(BackupJobId=first.id)
        describe(parent)
        assert states(parent, first, second) == ["PARTIAL", "ABORTED", "COMPLETED"]

    @pytest.mark.parametrize("move", ["complete", "fail", "expire", "abort"])
    @by_hand
    def test_a_child_that_is_being_stopped(self, backup: FakeBackup, move: str) -> None:
        """A child that is being stopped is ABORTED, whatever end its parent comes to."""
        parent, (first, _) = start(backup)
        parent.run()
        client().stop_backup_job(BackupJobId=first.id)
        getattr(parent, move)()
        assert first["State"] == "ABORTED"


@by_hand
class TestSeeded:
    def test_moved_by_hand(self, backup: FakeBackup) -> None:
        """A seeded group moves as a started one does, and leaves the same points."""
        group = backup.add(factories.composite(3, State="CREATED", ResourceArn=STACK))
        assert describe(group.parent)["ChildJobsInState"] == {"CREATED": 3}
        for job in group:
            job.run()
        group.children[0].complete()
        group.children[1].fail("boom")
        group.parent.complete()
        assert states(*group) == ["PARTIAL", "COMPLETED", "FAILED", "COMPLETED"]
        listed = client().list_backup_jobs(ByParentJobId=group.parent.id, ByState="COMPLETED")
        assert len(listed["BackupJobs"]) == 2
        points = backup.recovery_points
        nested = [each for each in points.values() if "ParentRecoveryPointArn" in each]
        assert {each["ParentRecoveryPointArn"] for each in nested} == {
            group.parent["RecoveryPointArn"]
        }
        assert (len(points), len(nested)) == (3, 2)

    def test_seeded_complete(self, backup: FakeBackup) -> None:
        """A group seeded complete has its points, nested as well."""
        group = backup.add(factories.composite(2, State="PARTIAL"))
        points = backup.recovery_points
        assert points[group.parent["RecoveryPointArn"]]["Status"] == "PARTIAL"
        nested = points[group.children[0]["RecoveryPointArn"]]
        assert nested["ParentRecoveryPointArn"] == group.parent["RecoveryPointArn"]
        assert len(points) == 2

    def test_by_polls(self, backup: FakeBackup) -> None:
        """A seeded group moves by polls when its parent is told to."""
        group = backup.add(factories.composite(2, State="CREATED"))
        group.parent.progress = "polls"
        for _ in range(2):
            client().list_backup_jobs()
        assert states(*group) == ["COMPLETED"] * 3

    def test_copy_and_restore_groups(self, backup: FakeBackup) -> None:
        """Groups of copy and restore jobs have parents and children, too."""
        copies = backup.add(factories.composite(2, factory=factories.copy_job, State="RUNNING"))
        copies.children[0].fail()
        copies.parent.complete()
        assert states(*copies) == ["PARTIAL", "FAILED", "COMPLETED"]
        listed = client().list_copy_jobs(ByParentJobId=copies.parent.id)["CopyJobs"]
        assert len(listed) == 2
        made = factories.composite(2, factory=factories.restore_job, Status="RUNNING")
        restores = backup.add(made)
        restores.children[0].fail()
        # A restore has no PARTIAL.
        restores.parent.complete()
        assert [job["Status"] for job in restores] == ["COMPLETED", "FAILED", "COMPLETED"]


@by_hand
class TestCopies:
    @pytest.fixture
    def composite(self, backup: FakeBackup) -> str:
        """The recovery point of a stack, two points nested in it."""
        parent, _ = start(backup)
        parent.progress = "immediate"
        return str(parent["RecoveryPointArn"])

    def copy(self, backup: FakeBackup, point: str) -> tuple[Job, list[Job]]:
        """Start a copy to another region; return the parent and its children."""
        answer = client().start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=COPIES,
            IamRoleArn=ROLE,
        )
        assert answer["IsParent"] is True
        parent = backup.copy_jobs[answer["CopyJobId"]]
        return parent, children_of(backup, parent)

    def test_a_copy_of_a_composite_point(self, backup: FakeBackup, composite: str) -> None:
        """The copy of a composite point copies each nested one, and nests the copies."""
        parent, children = self.copy(backup, composite)
        sources = {child["SourceRecoveryPointArn"] for child in children}
        assert sources == set(backup.recovery_points) - {composite}
        described = client().describe_copy_job(CopyJobId=parent.id)["CopyJob"]
        assert (described["NumberOfChildJobs"], described["ChildJobsInState"]) == (
            2,
            {"CREATED": 2},
        )
        listed = client().list_copy_jobs(ByParentJobId=parent.id)["CopyJobs"]
        assert {job["CopyJobId"] for job in listed} == {child.id for child in children}
        parent.run()
        parent.complete()
        assert states(parent, *children) == ["COMPLETED"] * 3
        there = backup.at(region=THERE).recovery_points
        assert len(there) == 3
        copied = parent["DestinationRecoveryPointArn"]
        assert there[copied]["IsParent"] is True
        for child in children:
            nested = there[child["DestinationRecoveryPointArn"]]
            assert nested["ParentRecoveryPointArn"] == copied

    def test_a_copy_of_a_copy(self, backup: FakeBackup, composite: str) -> None:
        """A copied composite point is composite in turn: its nested points are copied on."""
        parent, _ = self.copy(backup, composite)
        parent.progress = "immediate"
        client(THERE).create_backup_vault(BackupVaultName="second")
        answer = client(THERE).start_copy_job(
            RecoveryPointArn=parent["DestinationRecoveryPointArn"],
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=COPIES.replace("Default", "second"),
            IamRoleArn=ROLE,
        )
        again = backup.at(region=THERE).copy_jobs[answer["CopyJobId"]]
        assert again["NumberOfChildJobs"] == 2
        nested = children_of(backup, parent)[0]["DestinationRecoveryPointArn"]
        assert client(THERE).start_restore_job(RecoveryPointArn=nested, Metadata={})["RestoreJobId"]

    def test_a_partial_copy(self, backup: FakeBackup, composite: str) -> None:
        """A copy that is to end PARTIAL copies all but the last nested point."""
        backup.next_outcome("StartCopyJob", State="PARTIAL")
        parent, children = self.copy(backup, composite)
        parent.progress = "immediate"
        assert states(parent, *children) == ["PARTIAL", "COMPLETED", "FAILED"]
        there = backup.at(region=THERE).recovery_points
        assert there[parent["DestinationRecoveryPointArn"]]["Status"] == "PARTIAL"
        assert len(there) == 2

    def test_a_plain_point(self, backup: FakeBackup, composite: str) -> None:
        """A nested point is copied by itself, as any other."""
        nested = next(arn for arn in backup.recovery_points if arn != composite)
        answer = client().start_copy_job(
            RecoveryPointArn=nested,
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=COPIES,
            IamRoleArn=ROLE,
        )
        assert answer["IsParent"] is False
        job = backup.copy_jobs[answer["CopyJobId"]]
        job.progress = "immediate"
        [copied] = backup.at(region=THERE).recovery_points.values()
        assert "ParentRecoveryPointArn" not in copied
