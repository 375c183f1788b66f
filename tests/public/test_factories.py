"""Jobs that are built without a fake, alone and in groups, and added later."""

from __future__ import annotations

import re
from collections import deque
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, FakeBackupError, factories, mock_backup
from fakebackup.factories import backup_job, batch, composite, copy_job, report_job, restore_job
from fakebackup.model.shapes.model import service_model
from support.client import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup import Job
    from fakebackup.factories import Group

needs_scans = pytest.mark.skipif(
    "ScanJob" not in service_model().shape_names, reason="this botocore knows no scan jobs"
)
FACTORIES = [
    pytest.param(
        getattr(factories, f"{kind}_job"), id=kind, marks=needs_scans if kind == "scan" else ()
    )
    for kind in ("backup", "copy", "restore", "scan", "report")
]
THEN = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)


def described(job: Job) -> dict[str, Any]:
    """What a client's Describe answers for a backup or copy job."""
    if "CopyJobId" in job:
        answer = call("DescribeCopyJob", region=job.region, CopyJobId=job.id)["CopyJob"]
    else:
        answer = call("DescribeBackupJob", region=job.region, BackupJobId=job.id)
    found: dict[str, Any] = answer
    return found


class TestUnadded:
    @pytest.mark.parametrize("factory", FACTORIES)
    def test_it_has_no_id_yet(self, factory: Callable[..., Job]) -> None:
        """Reading the id of a job that is in no fake says what to do."""
        job = factory()
        text = (
            rf"^This {job.kind.name} has no id yet: it gets one when it is added, "
            rf"as by fake_backup\.add\(job\)\.$"
        )
        with pytest.raises(FakeBackupError, match=text):
            _ = job.id
        assert job.get(job.kind.id) is None

    @pytest.mark.parametrize("factory", FACTORIES)
    def test_a_given_id_can_be_read(self, factory: Callable[..., Job]) -> None:
        """An id that the test gave is there from the start."""
        job = factory()
        named = factory(**{job.kind.id: "mine"})
        assert named.id == named[job.kind.id] == "mine"

    def test_what_depends_on_the_fake_is_not_there(self) -> None:
        """Account, dates and ARNs are not guessed before there is a fake."""
        job = backup_job(State="FAILED")
        assert job.state == job["State"] == "FAILED"
        assert (job.account, job.region) == ("", "")
        for member in ("AccountId", "CreationDate", "CompletionDate", "ResourceArn", "IamRoleArn"):
            assert member not in job
            with pytest.raises(KeyError, match=f"^'{member}'$"):
                _ = job[member]

    def test_given_members_are_read_as_clients_see_them(self) -> None:
        """What was given reads the same before and after."""
        job = backup_job(CreationDate="2024-05-01T12:00:00.5Z", ResourceType="S3")
        assert job["CreationDate"] == THEN + timedelta(milliseconds=500)
        assert list(job) == [each for each in job.kind.members if each in set(job)]
        assert repr(job) == "<backup job not added: COMPLETED S3>"

    def test_it_cannot_be_updated_or_removed(self, backup: FakeBackup) -> None:
        """Moving or removing a job that is in no fake says what to do."""
        text = r"^This copy job is in no fake: add it first, by fake_backup\.add\(job\)\.$"
        with pytest.raises(FakeBackupError, match=text):
            copy_job().update(State="FAILED")
        text = r"^This copy job is not in this fake: <copy job not added: COMPLETED EBS>$"
        with pytest.raises(ValueError, match=text):
            backup.remove(copy_job())

    def test_it_is_the_job_that_add_adds(self) -> None:
        """A factory and the add_ method give the same job."""
        with mock_backup() as one:
            built = dict(one.add(backup_job(State="PARTIAL", CreationDate=THEN.timestamp() * 2)))
        with mock_backup() as two:
            added = two.add_backup_job(State="PARTIAL", CreationDate=THEN.timestamp() * 2)
            assert dict(added) == built


class TestAdd:
    def test_a_job_comes_back(self, backup: FakeBackup) -> None:
        """What is added is returned, the very same object."""
        job = backup_job()
        assert backup.add(job) is job
        assert backup.backup_jobs[job.id] is job

    def test_a_group_comes_back(self, backup: FakeBackup) -> None:
        """A group is added whole."""
        group = composite(2)
        assert backup.add(group) is group
        assert sorted(backup.backup_jobs) == sorted(job.id for job in group)

    def test_lists_in_lists(self, backup: FakeBackup) -> None:
        """Lists may lie a hundred thousand deep in each other; one that holds itself is refused."""
        deep: list[Any] = [factories.backup_job(), factories.backup_job()]
        for _ in range(100_000):
            deep = [deep]
        assert backup.add(deep) is deep
        assert len(backup.backup_jobs) == 2
        own: list[Any] = [factories.backup_job()]
        own.append([own])
        with pytest.raises(ValueError, match=r"^add\(\) takes no list that holds itself\.$"):
            backup.add(own)
        assert len(backup.backup_jobs) == 2

    def test_iterables_come_back(self, backup: FakeBackup) -> None:
        """Lists, tuples, queues and views come back as they are, an iterator as a list."""
        jobs = [backup_job(), copy_job()]
        assert backup.add(jobs) is jobs
        pair = (backup_job(), report_job())
        assert backup.add(pair) is pair
        queue = deque([restore_job()])
        assert backup.add(queue) is queue
        by_name = {"one": backup_job()}
        backup.add(by_name.values())
        assert by_name["one"].account
        made = backup.add(backup_job() for _ in range(3))
        assert [job["State"] for job in made] == ["COMPLETED"] * 3
        assert backup.add([]) == []
        assert len(backup.backup_jobs) == 6

    def test_several_come_back_as_a_list(self, backup: FakeBackup) -> None:
        """Several things are added in one go, in their order, nested as they are."""
        job, group = backup_job(), composite(1)
        nested: Any = [copy_job(), [report_job(), (restore_job(),)]]
        assert backup.add(job, group, nested) == [job, group, nested]
        numbers = [int(each.id[-12:], 16) for each in (job, *group, nested[0], *nested[1][:1])]
        assert numbers == [1, 2, 3, 4, 5]
        assert backup.add() == []

    def test_all_or_none(self, backup: FakeBackup) -> None:
        """Where one of several cannot be added, none is, and its position is named."""
        jobs = [backup_job(BackupJobId=name) for name in ("a", "b", "a")]
        with pytest.raises(ValueError, match=r"^Entry 2 \(counted from 0\): BackupJobId 'a' is"):
            backup.add(jobs)
        assert not backup.backup_jobs
        assert backup.add(jobs[:2]) == jobs[:2]

    def test_positions_are_counted_over_all_that_is_given(self, backup: FakeBackup) -> None:
        """The position counts jobs, whatever they were nested in."""
        bad = copy_job(CreationDate=THEN, CompletionDate=THEN - timedelta(days=1))
        with pytest.raises(ValueError, match=r"^Entry 4 \(counted from 0\): CompletionDate is"):
            backup.add(backup_job(), composite(1), [[report_job(), bad]])
        assert not backup.backup_jobs
        assert not backup.report_jobs

    def test_twice(self, backup: FakeBackup) -> None:
        """A job is added once, be it in one call, in two, or in two fakes."""
        job = backup_job()
        with pytest.raises(ValueError, match=r"^Entry 1 .*: This backup job is in a fake already"):
            backup.add(job, job)
        backup.add(job)
        text = (
            r"^This backup job is in a fake already: "
            r"<backup job b0000000-.*: COMPLETED EBS in 123456789012 us-east-1>$"
        )
        with pytest.raises(ValueError, match=text):
            backup.add(job)
        with mock_backup(history=None) as inner, pytest.raises(ValueError, match=text):
            inner.add(job)
        assert list(backup.backup_jobs) == [job.id]

    def test_again_after_removal(self, backup: FakeBackup) -> None:
        """A job that was taken out can be put back, with the id and the dates it had."""
        job = backup.add(backup_job())
        before = dict(job)
        backup.remove(job)
        assert backup.add(job) is job
        assert dict(job) == before
        assert list(backup.backup_jobs) == [job.id]

    @pytest.mark.parametrize(
        "thing", [{"State": "FAILED"}, "job", b"job", 1, None, [backup_job(), {}]], ids=repr
    )
    def test_what_no_factory_built(self, backup: FakeBackup, thing: Any) -> None:
        """What is no job is refused, and the other way to seed it named."""
        text = (
            r"^add\(\) takes jobs that a factory built, groups and iterables of them, not .*\. "
            r"To seed members, call add_backup_job\(\*\*members\)\.$"
        )
        with pytest.raises(TypeError, match=text):
            backup.add(thing)
        assert not backup.backup_jobs

    def test_the_view_decides_where(self, backup: FakeBackup) -> None:
        """A job goes to the account and region of the view that adds it."""
        view = backup.at(account_id="111122223333", region="eu-west-1")
        job = view.add(backup_job())
        assert (job.account, job.region) == ("111122223333", "eu-west-1")
        assert job["ResourceArn"].startswith("arn:aws:ec2:eu-west-1:111122223333:volume/")
        other = view.add(backup_job(AccountId="999999999999"))
        assert (other.account, other.region) == ("999999999999", "eu-west-1")

    def test_one_set_of_jobs_per_fake(self) -> None:
        """The same conftest gives the same ids in every fake."""

        def seeded() -> list[dict[str, Any]]:
            with mock_backup() as fake:
                return [dict(job) for job in fake.add([*batch(copy_job, 2), *composite(2)])]

        first, second = seeded(), seeded()
        assert [job.get("CopyJobId") for job in first] == [job.get("CopyJobId") for job in second]
        assert [job.get("ParentJobId") for job in first] == [
            job.get("ParentJobId") for job in second
        ]


class TestBatch:
    def test_it_builds_without_adding(self, backup: FakeBackup) -> None:
        """A batch is a list of jobs, cycled and computed as add_backup_jobs does it."""
        jobs = batch(
            restore_job,
            4,
            Status=["FAILED", "RUNNING"],
            StatusMessage=lambda index: f"number {index}",
            BackupSizeInBytes=7,
        )
        assert [job["Status"] for job in jobs] == ["FAILED", "RUNNING"] * 2
        assert [job["StatusMessage"] for job in jobs] == [f"number {n}" for n in range(4)]
        assert {job["BackupSizeInBytes"] for job in jobs} == {7}
        assert not backup.restore_jobs
        assert backup.add(jobs) is jobs

    def test_a_factory_of_ones_own(self) -> None:
        """Any function that returns a job is a factory."""

        def failed(**members: Any) -> Job:
            return backup_job(**{"State": "FAILED"} | members)

        jobs = batch(failed, 2, ResourceType=["EFS", "S3"])
        assert [(job["State"], job["ResourceType"]) for job in jobs] == [
            ("FAILED", "EFS"),
            ("FAILED", "S3"),
        ]

    def test_none(self) -> None:
        """A batch of 0 is empty."""
        assert batch(backup_job, 0, State=["FAILED"]) == []

    def test_a_bad_entry_is_named(self) -> None:
        """The first entry that cannot be built is named."""
        with pytest.raises(ValueError, match=r"^Entry 2 \(counted from 0\): Status is none of"):
            batch(report_job, 3, Status=["FAILED", "RUNNING", "LOST"])


def test_a_text_is_not_looked_for_in_a_group() -> None:
    """An id, which no job equals, is refused with what to type; a job is found."""
    group = composite(2)
    for ask in (group.__contains__, group.count, group.index):
        with pytest.raises(TypeError, match=r"\[job\.id for job in group\]"):
            ask("j-1")
    child = group.children[1]
    assert child in group
    assert (group.count(child), group.index(child), group.index(group.parent)) == (2, 1, 0)
    assert copy_job() not in group


def states(group: Group) -> list[str]:
    """The states of a group's children."""
    return [child.state for child in group.children]


class TestComposite:
    def test_a_parent_and_its_children(self, backup: FakeBackup) -> None:
        """The parent is a stack and says so, and each child names it."""
        group = composite(2)
        assert list(group) == [group.parent, *group.children]
        assert (len(group), group[0], group[1:]) == (3, group.parent, group.children)
        assert "ParentJobId" not in group.children[0]
        backup.add(group)
        assert group.parent["IsParent"] is True
        assert group.parent["ResourceType"] == "CloudFormation"
        assert ":stack/" in group.parent["ResourceArn"]
        for child in group.children:
            assert child["IsParent"] is False
            assert child["ParentJobId"] == group.parent.id
        listed = call("ListBackupJobs", ByParentJobId=group.parent.id)["BackupJobs"]
        assert [job["BackupJobId"] for job in listed] == [job.id for job in group.children[::-1]]

    def test_describe_counts_the_children(self, backup: FakeBackup) -> None:
        """Describe tells how many children there are and in which states; a List does not."""
        group = backup.add(composite(3, State="PARTIAL"))
        answer = described(group.parent)
        assert answer["NumberOfChildJobs"] == group.parent["NumberOfChildJobs"] == 3
        assert answer["ChildJobsInState"] == {"COMPLETED": 2, "FAILED": 1}
        assert "NumberOfChildJobs" not in described(group.children[0])
        for item in call("ListBackupJobs")["BackupJobs"]:
            assert not {"NumberOfChildJobs", "ChildJobsInState"} & set(item)

    def test_the_counts_follow(self, backup: FakeBackup) -> None:
        """The counts follow children that move, go, come and leave for another parent."""
        group = backup.add(composite(2, State="RUNNING"))
        one, two = group.children
        for act, counts in (
            (lambda: None, {"RUNNING": 2}),
            (lambda: one.update(State="FAILED"), {"FAILED": 1, "RUNNING": 1}),
            (lambda: two.update(State="COMPLETED"), {"COMPLETED": 1, "FAILED": 1}),
            (lambda: backup.remove(one), {"COMPLETED": 1}),
            (
                lambda: backup.add_backup_job(State="EXPIRED", ParentJobId=group.parent.id),
                {"COMPLETED": 1, "EXPIRED": 1},
            ),
            (lambda: two.update(ParentJobId=None), {"EXPIRED": 1}),
            (lambda: two.update(ParentJobId=group.parent.id), {"COMPLETED": 1, "EXPIRED": 1}),
            (lambda: two.update(BackupJobId="renamed"), {"COMPLETED": 1, "EXPIRED": 1}),
        ):
            act()
            answer = described(group.parent)
            assert answer["ChildJobsInState"] == counts
            assert answer["NumberOfChildJobs"] == sum(counts.values())

    def test_counts_that_were_given(self, backup: FakeBackup) -> None:
        """Counts that the test gave stay, and one given as None is left out."""
        parent = backup.add(composite(2, NumberOfChildJobs=9, ChildJobsInState=None)).parent
        assert described(parent)["NumberOfChildJobs"] == 9
        assert "ChildJobsInState" not in described(parent)
        other = backup.add(composite(2)).parent
        other.update(NumberOfChildJobs=None)
        assert "NumberOfChildJobs" not in described(other)
        assert described(other)["ChildJobsInState"] == {"COMPLETED": 2}

    @pytest.mark.parametrize(
        ("count", "state", "expected"),
        [
            (3, "COMPLETED", ["COMPLETED"] * 3),
            (2, "FAILED", ["FAILED"] * 2),
            (2, "RUNNING", ["RUNNING"] * 2),
            (3, "PARTIAL", ["COMPLETED", "COMPLETED", "FAILED"]),
            (1, "PARTIAL", ["FAILED"]),
            (0, "PARTIAL", []),
            (0, "COMPLETED", []),
        ],
    )
    def test_counted_children(self, count: int, state: str, expected: list[str]) -> None:
        """Counted children have the parent's state; of PARTIAL the last FAILED, no other."""
        group = composite(count, State=state)
        assert group.parent["State"] == state
        assert states(group) == expected

    def test_given_children(self, backup: FakeBackup) -> None:
        """Children that are given keep what they are, whatever the parent's state."""
        group = composite(
            (backup_job(State=state, ResourceType="S3") for state in ("FAILED", "EXPIRED")),
            State="PARTIAL",
            StatusMessage="Some did not make it.",
        )
        backup.add(group)
        assert states(group) == ["FAILED", "EXPIRED"]
        assert {child["ResourceType"] for child in group.children} == {"S3"}
        assert group.parent["StatusMessage"] == "Some did not make it."

    def test_the_whole_lies_in_one_place(self, backup: FakeBackup) -> None:
        """Children are of the parent's account, time, vault and role, as far as it names them."""
        role = "arn:aws:iam::111122223333:role/AWSBackup"
        group = composite(
            2,
            AccountId="111122223333",
            CreationDate=THEN + timedelta(days=9999),
            BackupVaultName="stacks",
            IamRoleArn=role,
        )
        backup.add(group)
        for job in group:
            assert job.account == job["AccountId"] == "111122223333"
            assert job["CreationDate"] == THEN + timedelta(days=9999)
            assert job["BackupVaultArn"].endswith(":111122223333:backup-vault:stacks")
            assert job["IamRoleArn"] == role
        children = backup.add(composite([backup_job()], AccountId="111122223333")).children
        assert children[0].account == "111122223333"

    def test_a_child_may_lie_elsewhere(self, backup: FakeBackup) -> None:
        """A child that names an account or a parent of its own keeps it."""
        group = composite([backup_job(AccountId="999999999999", ParentJobId="other")])
        backup.add(group)
        assert group.children[0].account == "999999999999"
        assert group.children[0]["ParentJobId"] == "other"
        assert described(group.parent)["NumberOfChildJobs"] == 0

    def test_the_parent_need_not_be_a_stack(self, backup: FakeBackup) -> None:
        """Whatever the parent is said to be, it is."""
        parent = backup.add(composite(1, ResourceType="EKS", IsParent=None)).parent
        assert parent["ResourceType"] == "EKS"
        assert "IsParent" not in parent
        assert "NumberOfChildJobs" not in parent

    @pytest.mark.parametrize(
        "build",
        [
            lambda: composite(2, factory=copy_job, State="PARTIAL"),
            lambda: composite([copy_job(), copy_job(State="FAILED")], State="PARTIAL"),
        ],
        ids=["counted", "given"],
    )
    def test_copies(self, backup: FakeBackup, build: Callable[[], Group]) -> None:
        """Copy jobs are composed too; children that are given decide the kind."""
        group = backup.add(build())
        assert group.parent.kind.name == "copy job"
        answer = described(group.parent)
        assert answer["NumberOfChildJobs"] == 2
        assert answer["ChildJobsInState"] == {"COMPLETED": 1, "FAILED": 1}
        items = call("ListCopyJobs")["CopyJobs"]
        assert [item.get("NumberOfChildJobs") for item in items] == [None, None, 2]

    def test_restores(self, backup: FakeBackup) -> None:
        """Restore jobs have parents, and Status for State, but no counts."""
        group = backup.add(composite(2, factory=restore_job, Status="FAILED"))
        assert states(group) == ["FAILED"] * 2
        assert group.parent.state == "FAILED"
        assert "NumberOfChildJobs" not in group.parent

    @pytest.mark.parametrize(
        "factory", [each for each in FACTORIES if each.id in {"scan", "report"}]
    )
    def test_what_has_no_parents(self, factory: Callable[..., Job]) -> None:
        """Scan and report jobs have no parents, and the refusal says so."""
        with pytest.raises(TypeError, match=r"^A (scan|report) job has no member '"):
            composite(2, factory=factory)

    def test_a_group_can_be_built_again_from_its_parts(self, backup: FakeBackup) -> None:
        """Parts of a group may be added by and by, the parent first."""
        group = composite(3)
        backup.add(group.parent)
        backup.add(group.children[0])
        backup.add(group.children[1:])
        assert described(group.parent)["NumberOfChildJobs"] == 3

    def test_children_before_their_parent(self, backup: FakeBackup) -> None:
        """A child whose parent is in no fake cannot be added."""
        group = composite(1)
        text = r"The parent of this backup job is in no fake: add it first, or the group\.$"
        with pytest.raises(ValueError, match=f"^{text}"):
            backup.add(group.children[0])
        with pytest.raises(ValueError, match=rf"^Entry 0 \(counted from 0\): {text}"):
            backup.add(group.children, group.parent)
        assert not backup.backup_jobs
        backup.add(group)

    def test_a_removed_parent_leaves_its_children(self, backup: FakeBackup) -> None:
        """Removing the parent takes the parent alone."""
        group = backup.add(composite(2))
        backup.remove(group.parent)
        assert set(backup.backup_jobs) == {child.id for child in group.children}
        assert group.parent["IsParent"] is True

    @pytest.mark.parametrize(
        ("children", "error", "text"),
        [
            (-1, ValueError, "The count of children is 0 or more, not -1."),
            (True, TypeError, "The count of children is a whole number, not True."),
            ("two", TypeError, "The children are a count or an iterable of jobs, not 'two'."),
            (2.0, TypeError, "The children are a count or an iterable of jobs, not 2.0."),
            (
                backup_job(),
                TypeError,
                (
                    "The children are a count or an iterable of jobs, "
                    "not <backup job not added: COMPLETED EBS>."
                ),
            ),
            ([1], TypeError, "The children are jobs, made by a factory, not 1."),
            (
                [backup_job(), copy_job()],
                TypeError,
                (
                    "The children of a backup job are backup jobs too: "
                    "[<backup job not added: COMPLETED EBS>, <copy job not added: COMPLETED EBS>]"
                ),
            ),
        ],
        ids=["negative", "a flag", "a word", "a fraction", "a job", "no jobs", "two kinds"],
    )
    def test_what_are_no_children(self, children: Any, error: type[Exception], text: str) -> None:
        """What is neither a count nor jobs of one kind is refused."""
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            composite(children)

    def test_a_child_has_one_parent(self, backup: FakeBackup) -> None:
        """A job that is in a fake or a group already is nobody's child any more."""
        text = "^A child is a job that is in no fake and no group yet: <backup job "
        with pytest.raises(ValueError, match=text):
            composite([backup.add_backup_job()])
        with pytest.raises(ValueError, match=text):
            composite(composite(1).children)

    def test_a_refused_parent_leaves_the_children_free(self) -> None:
        """A group that could not be built has not bound its children."""
        children = [backup_job()]
        with pytest.raises(TypeError, match="no member 'Sate'; did you mean 'State'"):
            composite(children, Sate="FAILED")
        assert composite(children).children == children

    def test_its_repr_shows_the_jobs(self) -> None:
        """A group shows its parent and its children."""
        assert repr(composite(1)) == (
            "Group(parent=<backup job not added: COMPLETED CloudFormation>, "
            "children=[<backup job not added: COMPLETED EBS>])"
        )
