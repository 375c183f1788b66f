"""Jobs as tests hold them: read, found by id, moved, removed, and seen from elsewhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import time_machine

from fakebackup import FakeBackup, FakeBackupError, factories, mock_backup
from fakebackup.model.shapes.model import service_model
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import Job

NOW = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
LATER = NOW + timedelta(minutes=42)
ENDED = (
    "This FakeBackup has ended: what it held is gone with the block, test or stop() that ended it. "
    "Look at it before, or keep it active longer: a decorated fixture yields, and "
    "does not return."
)
NOT_STARTED = "This FakeBackup is not active yet: use it inside "


class Names(NamedTuple):
    """What a kind of job calls its members, its states, and the shapes of its members."""

    id: str
    state: str
    completed: str
    states: tuple[str, ...]
    shapes: tuple[str, ...]
    # The states in which a job has ended.
    ends: frozenset[str]


KINDS = {
    "backup": Names(
        "BackupJobId",
        "State",
        "CompletionDate",
        (
            "CREATED",
            "PENDING",
            "RUNNING",
            "ABORTING",
            "ABORTED",
            "COMPLETED",
            "FAILED",
            "EXPIRED",
            "PARTIAL",
        ),
        ("DescribeBackupJobOutput", "BackupJob"),
        frozenset({"ABORTED", "COMPLETED", "FAILED", "EXPIRED", "PARTIAL"}),
    ),
    "copy": Names(
        "CopyJobId",
        "State",
        "CompletionDate",
        ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL"),
        ("CopyJob",),
        frozenset({"COMPLETED", "FAILED", "PARTIAL"}),
    ),
    "restore": Names(
        "RestoreJobId",
        "Status",
        "CompletionDate",
        ("PENDING", "RUNNING", "COMPLETED", "ABORTED", "FAILED"),
        ("DescribeRestoreJobOutput", "RestoreJobsListMember"),
        frozenset({"COMPLETED", "ABORTED", "FAILED"}),
    ),
    "scan": Names(
        "ScanJobId",
        "State",
        "CompletionDate",
        ("CREATED", "RUNNING", "COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED"),
        ("DescribeScanJobOutput", "ScanJob"),
        frozenset({"COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED"}),
    ),
    "report": Names(
        "ReportJobId",
        "Status",
        "CompletionTime",
        ("CREATED", "RUNNING", "COMPLETED", "FAILED", "COMPLETED_WITH_ISSUES"),
        ("ReportJob",),
        frozenset({"COMPLETED", "FAILED", "COMPLETED_WITH_ISSUES"}),
    ),
}
needs_scans = pytest.mark.skipif(
    "ScanJob" not in service_model().shape_names, reason="this botocore knows no scan jobs"
)
KIND = [pytest.param(kind, marks=needs_scans if kind == "scan" else ()) for kind in KINDS]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """The clock, stopped at noon until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def seed(fake: FakeBackup, kind: str, **members: Any) -> Job:
    """Add a job of a kind."""
    job: Job = getattr(fake, f"add_{kind}_job")(**members)
    return job


def view(fake: FakeBackup, kind: str) -> Any:
    """The jobs of a kind, by id."""
    return getattr(fake, f"{kind}_jobs")


def described(kind: str, job: Job) -> dict[str, Any]:
    """What a client gets for a job."""
    answer = getattr(client(job.region), f"describe_{kind}_job")(**{KINDS[kind].id: job.id})
    answer.pop("ResponseMetadata")
    found: dict[str, Any] = answer.get(f"{kind.capitalize()}Job", answer)
    return found


class TestReading:
    @pytest.mark.parametrize("kind", KIND)
    def test_it_reads_like_awss_dict(self, backup: FakeBackup, kind: str) -> None:
        """A job equals what Describe answers, order of keys and dates included."""
        job = seed(backup, kind)
        answer = described(kind, job)
        assert job == answer
        assert list(job) == list(answer)
        assert dict(job) == answer
        assert {**job} == answer
        assert len(job) == len(answer)
        assert job != {**answer, "Colour": "red"}
        assert repr(job[KINDS[kind].completed]) == repr(answer[KINDS[kind].completed])

    @pytest.mark.parametrize("kind", KIND)
    def test_the_order_is_that_of_the_model(self, backup: FakeBackup, kind: str) -> None:
        """Members come in the order of the model, whatever the order of seeding."""
        model = service_model()
        order: dict[str, None] = {}
        for name in KINDS[kind].shapes:
            shape: Any = model.shape_for(name)
            order |= dict.fromkeys(shape.members)
        full = dict(seed(backup, kind))
        backup.reset()
        job = seed(backup, kind, **dict(reversed(full.items())))
        assert list(job) == [name for name in order if name in full]

    def test_what_aws_would_leave_out_is_not_there(self, backup: FakeBackup) -> None:
        """An absent member is a KeyError that names it, never None."""
        job = backup.add_backup_job(State="RUNNING")
        with pytest.raises(KeyError, match=r"^'CompletionDate'$"):
            _ = job["CompletionDate"]
        with pytest.raises(KeyError, match=r"^no member 'Sate' in .*; did you mean 'State'\?$"):
            _ = job["Sate"]
        assert job.get("CompletionDate", "not yet") == "not yet"
        assert "CompletionDate" not in job
        assert None not in dict(job).values()

    def test_what_an_old_botocore_does_not_know(self, backup: FakeBackup) -> None:
        """Whatever member is kept, a job shows those alone that the installed botocore has."""
        job = backup.add_backup_job(InitiationDate=NOW, VaultLockState="LOCKED", IsEncrypted=True)
        answer = described("backup", job)
        for member in ("InitiationDate", "VaultLockState", "IsEncrypted", "VaultType"):
            assert (member in job) is (member in answer)
            assert job.get(member) == answer.get(member)

    @pytest.mark.parametrize("kind", KIND)
    def test_id_and_state(self, backup: FakeBackup, kind: str) -> None:
        """Whatever AWS calls them, they have one name on a job."""
        job = seed(backup, kind, **{KINDS[kind].state: "FAILED"})
        assert job.id == job[KINDS[kind].id]
        assert job.state == job[KINDS[kind].state] == "FAILED"

    def test_its_repr_tells_it_apart(self, backup: FakeBackup) -> None:
        """A job shows its kind, id, state, resource type and place."""
        job = backup.at(region="eu-west-1").add_copy_job(
            CopyJobId="mine", State="FAILED", ResourceType="EFS", AccountId="111122223333"
        )
        assert repr(job) == "<copy job mine: FAILED EFS in 111122223333 eu-west-1>"


class TestMappings:
    def test_newest_first(self, backup: FakeBackup) -> None:
        """The jobs of a kind come newest first, by id, however they are looked at."""
        old = backup.add_backup_job(CreationDate=NOW - timedelta(days=3))
        first, second = backup.add_backup_jobs(2)
        jobs = backup.backup_jobs
        assert list(jobs) == list(jobs.keys()) == [second.id, first.id, old.id]
        assert list(jobs.values()) == [second, first, old]
        assert list(jobs.items()) == [(job.id, job) for job in (second, first, old)]
        assert len(jobs) == 3
        assert jobs[old.id] is old
        assert repr(jobs) == repr({job.id: job for job in (second, first, old)})

    @pytest.mark.parametrize("kind", KIND)
    def test_each_kind_has_its_own(self, backup: FakeBackup, kind: str) -> None:
        """A mapping holds the jobs of its kind and no other."""
        job = seed(backup, kind)
        for name in KINDS:
            if name != "scan" or kind == "scan":
                assert list(view(backup, name)) == ([job.id] if name == kind else [])
        assert job.id in view(backup, kind)

    def test_it_is_alive(self, backup: FakeBackup) -> None:
        """A mapping that is held shows what comes and goes."""
        jobs = backup.backup_jobs
        assert not jobs
        job = backup.add_backup_job()
        assert list(jobs.values()) == [job]
        backup.remove(job)
        assert len(jobs) == 0
        assert job.id not in jobs

    def test_jobs_may_be_removed_on_the_way(self, backup: FakeBackup) -> None:
        """Going through a mapping does not mind its changing."""
        backup.add_backup_jobs(5)
        for job_id in backup.backup_jobs:
            backup.remove(backup.backup_jobs[job_id])
        assert not backup.backup_jobs

    def test_its_place_alone(self, backup: FakeBackup) -> None:
        """A mapping holds the jobs of the view's account and region."""
        here = backup.add_backup_job()
        there = backup.at(region="eu-west-1").add_backup_job()
        other = backup.add_backup_job(AccountId="111122223333")
        assert list(backup.backup_jobs) == [here.id]
        assert list(backup.at(region="eu-west-1").backup_jobs) == [there.id]
        assert list(backup.at(account_id="111122223333").backup_jobs) == [other.id]

    def test_a_strange_id(self, backup: FakeBackup) -> None:
        """An id that no job has is a KeyError that names the place, and how many are there."""
        with pytest.raises(KeyError) as refused:
            _ = backup.backup_jobs["nope"]
        assert refused.value.args == (
            "no backup job 'nope' in 123456789012 us-east-1; there are 0",
        )
        assert backup.backup_jobs.get("nope") is None
        assert "nope" not in backup.backup_jobs

    @pytest.mark.parametrize(
        ("look", "asked"),
        [
            (lambda fake: fake.copy_jobs, "copy job 'mine' in 123456789012 us-east-1"),
            (
                lambda fake: fake.at(region="eu-west-1").backup_jobs,
                "backup job 'mine' in 123456789012 eu-west-1",
            ),
            (
                lambda fake: fake.at(account_id="111122223333").backup_jobs,
                "backup job 'mine' in 111122223333 us-east-1",
            ),
        ],
        ids=["kind", "region", "account"],
    )
    def test_an_id_of_elsewhere(
        self, backup: FakeBackup, look: Callable[[FakeBackup], Any], asked: str
    ) -> None:
        """An id that another kind, account or region has says where the job really is."""
        backup.add_backup_job(BackupJobId="mine")
        with pytest.raises(KeyError) as refused:
            _ = look(backup)["mine"]
        found = "<backup job mine: COMPLETED EBS in 123456789012 us-east-1>"
        assert refused.value.args == (f"no {asked}: there is {found}",)


class TestUpdate:
    @pytest.mark.parametrize("kind", KIND)
    def test_every_state_from_every_state(self, backup: FakeBackup, kind: str) -> None:
        """A job that was moved has the members of one that was seeded in that state."""
        names = KINDS[kind]
        for after in names.states:
            seeded = seed(backup, kind, **{names.state: after})
            for before in names.states:
                job = seed(backup, kind, **{names.state: before})
                job.update(**{names.state: after})
                assert set(job) == set(seeded), f"{before} to {after}"
                for member in ("PercentDone", "StatusMessage", "MessageCategory", "ScanResult"):
                    assert job.get(member) == seeded.get(member), f"{before} to {after}"
                assert described(kind, job) == dict(job)

    @pytest.mark.parametrize("kind", KIND)
    def test_through_every_state(self, backup: FakeBackup, kind: str) -> None:
        """A job that has been through all states has no trace of them."""
        names = KINDS[kind]
        job = seed(backup, kind)
        for state in (*names.states, *reversed(names.states), names.states[0]):
            job.update(**{names.state: state})
        assert set(job) == set(seed(backup, kind, **{names.state: names.states[0]}))

    @pytest.mark.parametrize("kind", KIND)
    def test_a_job_that_moves_to_an_end_ends_now(
        self, backup: FakeBackup, clock: Any, kind: str
    ) -> None:
        """The completion is now, not ten minutes after the creation, unless it is given."""
        names = KINDS[kind]
        clock.move_to(LATER)
        for state in names.ends:
            job = seed(backup, kind, **{names.state: "RUNNING"})
            job.update(**{names.state: state})
            assert job[names.completed] == LATER
            told = seed(backup, kind, **{names.state: "RUNNING"})
            told.update(**{names.state: state, names.completed: LATER - timedelta(minutes=1)})
            assert told[names.completed] == LATER - timedelta(minutes=1)
            mute = seed(backup, kind, **{names.state: "RUNNING"})
            mute.update(**{names.state: state, names.completed: None})
            assert names.completed not in mute

    def test_an_end_stays_where_it_was(self, backup: FakeBackup, clock: Any) -> None:
        """From one end to another a job keeps its completion; over RUNNING it gets a new one."""
        job = backup.add_backup_job()
        ended = job["CompletionDate"]
        clock.move_to(LATER)
        job.update(State="FAILED")
        assert job["CompletionDate"] == ended
        job.update(State="RUNNING")
        assert "CompletionDate" not in job
        job.update(State="COMPLETED")
        assert job["CompletionDate"] == LATER

    def test_a_job_of_the_future_ends_when_it_begins(self, backup: FakeBackup) -> None:
        """No default ends a job before it begins."""
        job = backup.add_backup_job(State="CREATED", CreationDate=LATER)
        job.update(State="COMPLETED")
        assert job["CompletionDate"] == LATER

    def test_what_was_given_stays_or_goes_with_its_state(self, backup: FakeBackup) -> None:
        """A message of one state is not the next one's; what the state does not touch stays."""
        job = backup.add_backup_job(
            State="FAILED", StatusMessage="boom", MessageCategory="AccessDenied", PercentDone="7.0"
        )
        job.update(State="ABORTED")
        assert job["StatusMessage"] == "Backup job was stopped by user."
        job.update(State="RUNNING", StatusMessage="again", PercentDone="99.0", ResourceType="EFS")
        assert (job["StatusMessage"], job["PercentDone"]) == ("again", "99.0")
        assert "MessageCategory" not in job
        assert job["ResourceType"] == "EFS"
        job.update(State="COMPLETED", StatusMessage=None)
        assert "StatusMessage" not in job
        assert job["PercentDone"] == "100.0"

    def test_sizes_and_points_stay(self, backup: FakeBackup) -> None:
        """A size and a recovery point that were given early are those of the finished job."""
        job = backup.add_backup_job(
            State="RUNNING", BackupSizeInBytes=71, RecoveryPointArn="arn:aws:own:::point"
        )
        job.update(State="COMPLETED")
        assert job["BackupSizeInBytes"] == 71
        assert job["RecoveryPointArn"] == "arn:aws:own:::point"

    @pytest.mark.parametrize("resource", ["EFS", "DynamoDB"])
    def test_a_point_named_at_once_stays(self, backup: FakeBackup, resource: str) -> None:
        """A recovery point that is named in every state is the same in all of them."""
        job = backup.add_backup_job(State="CREATED", ResourceType=resource)
        point = job["RecoveryPointArn"]
        for state in ("RUNNING", "COMPLETED", "FAILED", "CREATED"):
            job.update(State=state)
            assert job["RecoveryPointArn"] == point

    def test_moved_arns_are_the_jobs_own(self, backup: FakeBackup) -> None:
        """What a move fills in is numbered like the job, in its account and region."""
        backup.add_backup_jobs(9)
        job = backup.at(region="cn-north-1").add_copy_job(
            State="RUNNING", ResourceType="EFS", AccountId="111122223333"
        )
        job.update(State="COMPLETED")
        assert job["DestinationRecoveryPointArn"] == (
            "arn:aws-cn:backup:cn-north-1:111122223333:recovery-point:"
            "e0000000-0000-4000-9000-00000000000a"
        )

    def test_a_copy_without_a_destination(self, backup: FakeBackup) -> None:
        """A job that lacks what others have can be moved all the same."""
        job = backup.add_copy_job(State="RUNNING", DestinationBackupVaultArn=None)
        job.update(State="COMPLETED")
        assert job["DestinationRecoveryPointArn"].startswith("arn:aws:ec2:us-east-1::snapshot/")

    def test_the_same_state_moves_nothing(self, backup: FakeBackup, clock: Any) -> None:
        """Giving a job the state that it has changes nothing else."""
        job = backup.add_backup_job(State="FAILED", StatusMessage="boom")
        before = dict(job)
        clock.move_to(LATER)
        job.update(State="FAILED")
        job.update()
        assert dict(job) == before

    def test_single_members(self, backup: FakeBackup) -> None:
        """A member is set, set anew and taken away, and clients see it at once."""
        job = backup.add_backup_job(State="RUNNING")
        job.update(PercentDone="75.0", BytesTransferred=7)
        assert (job["PercentDone"], job["BytesTransferred"]) == ("75.0", 7)
        assert described("backup", job) == dict(job)
        job.update(PercentDone=None, BytesTransferred=None, BackupVaultName=None)
        assert not {"PercentDone", "BytesTransferred", "BackupVaultName"} & set(job)
        assert described("backup", job) == dict(job)

    def test_it_moves_in_the_list(self, backup: FakeBackup) -> None:
        """A job of another creation date stands elsewhere in the lists."""
        old, new = backup.add_backup_jobs(2)
        old.update(CreationDate=NOW)
        assert list(backup.backup_jobs) == [old.id, new.id]
        listed = client().list_backup_jobs()["BackupJobs"]
        assert [job["BackupJobId"] for job in listed] == [old.id, new.id]
        assert listed[0]["CreationDate"] == NOW

    def test_dates_may_disagree(self, backup: FakeBackup) -> None:
        """A free hand may end a job before it began."""
        job = backup.add_backup_job()
        job.update(CompletionDate=NOW - timedelta(days=9))
        assert job["CompletionDate"] < job["CreationDate"]

    def test_it_gets_another_id(self, backup: FakeBackup) -> None:
        """A job of another id is found by that one alone, and its number stays used."""
        job = backup.add_backup_job()
        before = job.id
        job.update(BackupJobId="renamed")
        assert job.id == "renamed"
        assert list(backup.backup_jobs) == ["renamed"]
        assert described("backup", job)["BackupJobId"] == "renamed"
        assert before not in backup.backup_jobs
        job.update(BackupJobId="renamed")
        assert backup.add_backup_job().id.endswith("-000000000002")

    def test_it_moves_to_another_account(self, backup: FakeBackup) -> None:
        """A job of another AccountId lies in that account; its ARNs stay as they were."""
        job = backup.add_backup_job()
        arn = job["ResourceArn"]
        job.update(AccountId="111122223333")
        assert job.account == "111122223333"
        assert not backup.backup_jobs
        assert list(backup.at(account_id="111122223333").backup_jobs) == [job.id]
        assert job["ResourceArn"] == arn
        job.update(AccountId=None)
        assert "AccountId" not in job
        assert list(backup.at(account_id="111122223333").backup_jobs) == [job.id]

    @pytest.mark.parametrize(
        ("members", "error", "text"),
        [
            (
                {"Sate": "FAILED"},
                TypeError,
                "A backup job has no member 'Sate'; did you mean 'State'?",
            ),
            ({"State": "FAILD"}, ValueError, "State is none of "),
            ({"BackupSizeInBytes": "7"}, TypeError, "BackupSizeInBytes takes int, not '7' (str)."),
            ({"CreationDate": "yesterday"}, ValueError, "CreationDate is a date: "),
            (
                {"State": None},
                ValueError,
                "A backup job cannot be without State: leave it out to get the default.",
            ),
            ({"CreationDate": None}, ValueError, "A backup job cannot be without CreationDate: "),
            ({"BackupJobId": ""}, ValueError, "A backup job cannot be without BackupJobId: "),
            ({"BackupJobId": "other"}, ValueError, "BackupJobId 'other' is taken: "),
            ({"BackupJobId": "copy"}, ValueError, "BackupJobId 'copy' is taken: "),
            ({"AccountId": "12"}, ValueError, "AccountId is a string of 12 digits, not '12'."),
        ],
        ids=repr,
    )
    def test_what_is_refused(
        self,
        backup: FakeBackup,
        members: dict[str, Any],
        error: type[Exception],
        text: str,
    ) -> None:
        """Members are checked as when seeding; after a refusal the job is as it was."""
        backup.add_backup_job(BackupJobId="other")
        backup.add_copy_job(CopyJobId="copy")
        job = backup.add_backup_job(State="RUNNING")
        before, order = dict(job), list(backup.backup_jobs)
        # A legal change beside the bad one is not made either.
        legal = {"StatusMessage": "changed", "State": "COMPLETED"}
        with pytest.raises(error, match=f"^{re.escape(text)}"):
            job.update(**legal | members)
        assert dict(job) == before == described("backup", job)
        assert list(backup.backup_jobs) == order


class TestRemoving:
    @pytest.mark.parametrize("kind", KIND)
    def test_as_if_it_had_never_been(self, backup: FakeBackup, kind: str) -> None:
        """A removed job is in no list and no mapping, and can be read all the same."""
        job, stays = seed(backup, kind), seed(backup, kind)
        before = dict(job)
        backup.remove(job)
        assert list(view(backup, kind)) == [stays.id]
        assert dict(job) == before
        with pytest.raises(client().exceptions.ResourceNotFoundException):
            described(kind, job)

    def test_twice(self, backup: FakeBackup) -> None:
        """A job that was removed is in no fake: it cannot be removed again, nor moved."""
        job = backup.add_backup_job(BackupJobId="mine")
        backup.remove(job)
        with pytest.raises(ValueError, match=r"^This backup job is not in this fake: <backup job"):
            backup.remove(job)
        with pytest.raises(FakeBackupError, match=r"^This backup job is in no fake: add it first"):
            job.update(State="FAILED")

    def test_of_another_fake(self, backup: FakeBackup) -> None:
        """A fake removes its own jobs only."""
        job = backup.add_backup_job()
        with mock_backup(history=None) as inner:
            twin = inner.add_backup_job()
            assert twin.id == job.id
            with pytest.raises(ValueError, match=r"^This backup job is not in this fake: "):
                inner.remove(job)
            assert twin.id in inner.backup_jobs
        assert job.id in backup.backup_jobs

    def test_from_any_view(self, backup: FakeBackup) -> None:
        """A job is removed wherever it lies."""
        job = backup.at(account_id="111122223333", region="eu-west-1").add_backup_job()
        backup.remove(job)
        assert not backup.at(account_id="111122223333", region="eu-west-1").backup_jobs

    @pytest.mark.parametrize("thing", ["mine", {"BackupJobId": "mine"}, None], ids=repr)
    def test_what_is_no_job(self, backup: FakeBackup, thing: Any) -> None:
        """An id or a dict is no job."""
        backup.add_backup_job(BackupJobId="mine")
        text = (
            f"remove() takes a job, a vault, a recovery point or an entry such as a plan, as the "
            f"add methods return it and the mappings show it, not {thing!r}."
        )
        with pytest.raises(TypeError, match=f"^{re.escape(text)}$"):
            backup.remove(thing)
        assert list(backup.backup_jobs) == ["mine"]


class TestReset:
    def test_everything_is_forgotten(self, backup: FakeBackup) -> None:
        """Jobs of every place, calls and numbers are gone, and seeding begins anew."""
        there = backup.at(account_id="111122223333", region="eu-west-1")
        backup.add_backup_jobs(3)
        held = there.add_copy_job()
        first = backup.add(factories.composite(1))
        client().list_backup_jobs()
        assert len(backup.calls) == 1
        there.reset()
        assert not backup.backup_jobs
        assert not there.copy_jobs
        assert list(backup.calls) == []
        job = backup.add_backup_job()
        assert job.id == "b0000000-0000-4000-8000-000000000001"
        assert job["CreationDate"] == NOW - timedelta(hours=1)
        assert held["State"] == "COMPLETED"
        assert "NumberOfChildJobs" not in first.parent

    def test_held_jobs_are_in_no_fake(self, backup: FakeBackup) -> None:
        """A job that a test held over a reset can be read and added again, not moved."""
        job = backup.add_backup_job()
        before = dict(job)
        backup.reset()
        with pytest.raises(FakeBackupError, match=r"^This backup job is in no fake: add it first"):
            job.update(State="FAILED")
        with pytest.raises(ValueError, match=r"^This backup job is not in this fake: "):
            backup.remove(job)
        assert backup.add(job) is job
        assert dict(job) == before == described("backup", job)

    def test_held_mappings_are_alive(self, backup: FakeBackup) -> None:
        """A mapping that was held over a reset shows what is seeded after it."""
        jobs = backup.backup_jobs
        backup.add_backup_job()
        backup.reset()
        assert not jobs
        job = backup.add_backup_job(BackupJobId="mine")
        assert jobs["mine"] is job


class TestViews:
    def test_one_fake_seen_from_elsewhere(self, backup: FakeBackup) -> None:
        """A view shares jobs and numbers with the fake it was taken from, and has its calls."""
        there = backup.at(region="eu-west-1")
        assert (there.account_id, there.region) == ("123456789012", "eu-west-1")
        both = there.at(account_id="111122223333")
        assert (both.account_id, both.region) == ("111122223333", "eu-west-1")
        assert backup.at().region == backup.region == "us-east-1"
        numbers = [fake.add_backup_job().id[-1] for fake in (backup, there, both)]
        assert numbers == ["1", "2", "3"]
        client("eu-west-1").list_backup_jobs()
        assert len(backup.calls) == len(there.calls) == 1
        assert both.calls == []

    @pytest.mark.parametrize(
        ("place", "error", "text"),
        [
            ({"account_id": "12"}, ValueError, "account_id is a string of 12 digits, not '12'."),
            (
                {"account_id": 123456789012},
                TypeError,
                "account_id is a string of 12 digits, not 123456789012 (int).",
            ),
            (
                {"region": ""},
                ValueError,
                "region is the name of an AWS region such as 'eu-west-1', not ''.",
            ),
            (
                {"region": "Ireland"},
                ValueError,
                "region is the name of an AWS region such as 'eu-west-1', not 'Ireland'.",
            ),
            ({"region": 1}, TypeError, "region is the name of an AWS region, not 1 (int)."),
        ],
        ids=repr,
    )
    def test_no_such_place(
        self, backup: FakeBackup, place: Any, error: type[Exception], text: str
    ) -> None:
        """A view is of an account id and a region's name."""
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            backup.at(**place)


USES: dict[str, Callable[[FakeBackup], Any]] = {
    "add_backup_job": lambda fake: fake.add_backup_job(),
    "add_copy_job": lambda fake: fake.add_copy_job(),
    "add_restore_job": lambda fake: fake.add_restore_job(),
    "add_scan_job": lambda fake: fake.add_scan_job(),
    "add_report_job": lambda fake: fake.add_report_job(),
    "add_backup_jobs": lambda fake: fake.add_backup_jobs(2),
    "add_report_jobs": lambda fake: fake.add_report_jobs(0),
    "add": lambda fake: fake.add(factories.backup_job()),
    "add nothing": lambda fake: fake.add(),
    "load": lambda fake: fake.load({"BackupJobs": []}),
    "remove": lambda fake: fake.remove(factories.backup_job()),
    "reset": lambda fake: fake.reset(),
    "backup_jobs": lambda fake: fake.backup_jobs,
    "copy_jobs": lambda fake: fake.copy_jobs,
    "restore_jobs": lambda fake: fake.restore_jobs,
    "scan_jobs": lambda fake: fake.scan_jobs,
    "report_jobs": lambda fake: fake.report_jobs,
    "calls": lambda fake: fake.calls,
    "at": lambda fake: fake.at(region="eu-west-1").add_backup_job(),
    "acting_as": lambda fake: fake.acting_as("111122223333").__enter__(),
}


class TestOutsideItsLife:
    @pytest.mark.parametrize("use", USES)
    def test_after_the_end(self, use: str) -> None:
        """A fake that has ended says so, whatever it is used for."""
        with mock_backup() as fake:
            pass
        with pytest.raises(FakeBackupError) as refused:
            USES[use](fake)
        assert str(refused.value) == ENDED

    @pytest.mark.parametrize("use", USES)
    def test_before_the_start(self, use: str) -> None:
        """A fake that has not started says how to start it."""
        with pytest.raises(FakeBackupError, match=f"^{re.escape(NOT_STARTED)}"):
            USES[use](FakeBackup())

    def test_held_jobs(self) -> None:
        """A job that a test held can be read after the end, not moved or removed."""
        with mock_backup() as fake:
            job = fake.add(factories.composite(1, State="FAILED")).parent
        assert (job["State"], job["NumberOfChildJobs"]) == ("FAILED", 1)
        with pytest.raises(FakeBackupError, match=f"^{re.escape(ENDED)}$"):
            job.update(State="COMPLETED")
        with pytest.raises(FakeBackupError, match=f"^{re.escape(ENDED)}$"):
            fake.remove(job)
        assert job["State"] == "FAILED"

    def test_a_refused_seed_after_the_end(self) -> None:
        """That the fake has ended is said first, whatever else is wrong."""
        with mock_backup() as fake:
            pass
        misspelt: Any = {"Sate": "FAILED"}
        with pytest.raises(FakeBackupError, match=f"^{re.escape(ENDED)}$"):
            fake.add_backup_job(**misspelt)
