"""What moves jobs: polls, the clock, at once, by hand; and the guard against endless waits."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from freezegun import freeze_time

from fakebackup import EndlessWait, FakeBackup, FakeBackupError, factories
from fakebackup.model.engine import patience
from support.client import a_fake, client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.model.jobs.job import Job

OWN, OTHER = "123456789012", "111122223333"
HERE, THERE = "us-east-1", "eu-west-1"
NOON = datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MS = timedelta(milliseconds=1)
ROLE = f"arn:aws:iam::{OWN}:role/backup"
VOLUME = f"arn:aws:ec2:{HERE}:{OWN}:volume/vol-0abc"


pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True)


def start(backup: FakeBackup, region: str = HERE, **parameters: Any) -> Job:
    """Start a backup job."""
    wanted = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    answer = client(region).start_backup_job(**wanted | parameters)
    return backup.backend.organization.jobs.by_id[answer["BackupJobId"]]


def start_copy(backup: FakeBackup) -> Job:
    """Start a copy job to another region."""
    point = backup.add_backup_job()["RecoveryPointArn"]
    answer = client().start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName="Default",
        DestinationBackupVaultArn=f"arn:aws:backup:{THERE}:{OWN}:backup-vault:Default",
        IamRoleArn=ROLE,
    )
    return backup.copy_jobs[answer["CopyJobId"]]


def start_restore(backup: FakeBackup) -> Job:
    """Start a restore job."""
    point = backup.add_backup_job()["RecoveryPointArn"]
    answer = client().start_restore_job(RecoveryPointArn=point, Metadata={}, IamRoleArn=ROLE)
    return backup.restore_jobs[answer["RestoreJobId"]]


def describe(job: Job) -> str:
    """The state of a backup job that Describe tells."""
    return str(client(job.region).describe_backup_job(BackupJobId=job.id)["State"])


def listed(region: str = HERE, **parameters: Any) -> list[str]:
    """The ids of a list of backup jobs, all pages."""
    pages = client(region).get_paginator("list_backup_jobs").paginate(**parameters)
    return [job["BackupJobId"] for page in pages for job in page["BackupJobs"]]


# --- Polls ----------------------------------------------------------------------------------


class TestPolls:
    def test_a_describe_answers_first(self, backup: FakeBackup) -> None:
        """Each Describe tells the state as it is, and then moves the job one on."""
        job = start(backup)
        assert job.progress == "polls"
        assert [describe(job) for _ in range(4)] == ["CREATED", "RUNNING", "COMPLETED", "COMPLETED"]

    def test_a_list_answers_first(self, backup: FakeBackup) -> None:
        """Each List tells the states as they are, and then moves the jobs one on."""
        start(backup)
        states = [client().list_backup_jobs()["BackupJobs"][0]["State"] for _ in range(4)]
        assert states == ["CREATED", "RUNNING", "COMPLETED", "COMPLETED"]

    def test_copy_and_restore_jobs(self, backup: FakeBackup) -> None:
        """Copy and restore jobs are moved by their own Describes and Lists."""
        copy, restore = start_copy(backup), start_restore(backup)
        resource = backup.recovery_points[restore["RecoveryPointArn"]]["ResourceArn"]
        states = [
            client().describe_copy_job(CopyJobId=copy.id)["CopyJob"]["State"],
            client().list_copy_jobs()["CopyJobs"][0]["State"],
            client().describe_copy_job(CopyJobId=copy.id)["CopyJob"]["State"],
        ]
        assert states == ["CREATED", "RUNNING", "COMPLETED"]
        states = [
            client().describe_restore_job(RestoreJobId=restore.id)["Status"],
            client().list_restore_jobs()["RestoreJobs"][0]["Status"],
            client().list_restore_jobs_by_protected_resource(ResourceArn=resource)["RestoreJobs"][
                0
            ]["Status"],
        ]
        assert states == ["PENDING", "RUNNING", "COMPLETED"]

    def test_what_is_looked_at_does_not_move(self, backup: FakeBackup) -> None:
        """Looking at a job in the test, starting another and refused calls move nothing."""
        job = start(backup)
        for _ in range(3):
            assert job["State"] == "CREATED"
            assert dict(backup.backup_jobs)[job.id]["State"] == "CREATED"
            start(backup)
            with pytest.raises(client().exceptions.ResourceNotFoundException):
                client().describe_backup_job(BackupJobId="absent")
            with pytest.raises(client().exceptions.InvalidParameterValueException):
                client().list_backup_jobs(ByState="NONE")
        assert job["State"] == "CREATED"

    def test_a_describe_moves_its_job_alone(self, backup: FakeBackup) -> None:
        """A Describe leaves other jobs where they are."""
        job, other = start(backup), start(backup)
        describe(job)
        assert (job["State"], other["State"]) == ("RUNNING", "CREATED")

    def test_a_list_moves_what_it_does_not_show(self, backup: FakeBackup) -> None:
        """Jobs that the filters leave out move as well."""
        job = start(backup)
        assert client().list_backup_jobs(ByState="FAILED")["BackupJobs"] == []
        assert job["State"] == "RUNNING"

    def test_summaries_move_nothing(self, backup: FakeBackup) -> None:
        """Summaries only count."""
        jobs = [start(backup), start_copy(backup), start_restore(backup)]
        for _ in range(3):
            client().list_backup_job_summaries()
            client().list_copy_job_summaries()
            client().list_restore_job_summaries()
        assert [job.state for job in jobs] == ["CREATED", "CREATED", "PENDING"]

    def test_other_kinds_regions_and_accounts_stay(self, backup: FakeBackup) -> None:
        """A List moves jobs of its kind in its account and region, and no others."""
        here, there = start(backup), start(backup, THERE)
        with backup.acting_as(OTHER):
            foreign = start(backup)
        copy = start_copy(backup)
        client().list_backup_jobs()
        others = (there, foreign, copy)
        assert here["State"] == "RUNNING"
        assert [job["State"] for job in others] == ["CREATED"] * 3
        client().list_copy_jobs()
        assert (here["State"], copy["State"]) == ("RUNNING", "RUNNING")
        client(THERE).list_backup_jobs()
        assert (there["State"], foreign["State"]) == ("RUNNING", "CREATED")

    def test_a_list_of_the_whole_organisation(self, backup: FakeBackup) -> None:
        """A management account's list of every account, or of one, moves what it asks for."""
        with backup.acting_as(OTHER):
            foreign = start(backup)
        here = start(backup)
        client().list_backup_jobs(ByAccountId=OTHER)
        assert (here["State"], foreign["State"]) == ("CREATED", "RUNNING")
        client().list_backup_jobs(ByAccountId="*")
        assert (here["State"], foreign["State"]) == ("RUNNING", "COMPLETED")

    def test_a_member_account_moves_its_own_only(self) -> None:
        """A member account that asks for another account's jobs is told none and moves none."""
        with a_fake(management_account=OTHER) as backup:
            with backup.acting_as(OTHER):
                foreign = start(backup)
            assert client().list_backup_jobs(ByAccountId=OTHER)["BackupJobs"] == []
            assert foreign["State"] == "CREATED"

    def test_an_answer_keeps_what_it_told(self, backup: FakeBackup) -> None:
        """An answer does not change when its job moves on."""
        job = start(backup)
        answer = client().describe_backup_job(BackupJobId=job.id)
        page = client().list_backup_jobs()
        describe(job)
        assert (answer["State"], page["BackupJobs"][0]["State"]) == ("CREATED", "RUNNING")

    def test_each_move_is_told_once(self, backup: FakeBackup) -> None:
        """However many Describes there are after the end, each state is told by one event."""
        job = start(backup)
        for _ in range(5):
            describe(job)
        told = [event["detail"]["state"] for event in job.events]
        assert told == ["CREATED", "RUNNING", "COMPLETED"]

    def test_a_job_that_is_removed(self, backup: FakeBackup) -> None:
        """A job that was removed moves no more, and does not come back."""
        job = start(backup)
        backup.remove(job)
        client().list_backup_jobs()
        assert not backup.backup_jobs

    def test_a_job_of_another_id(self, backup: FakeBackup) -> None:
        """A job whose id the test changes moves on under the new one."""
        job = start(backup)
        job.update(BackupJobId="mine")
        assert [describe(job) for _ in range(3)] == ["CREATED", "RUNNING", "COMPLETED"]

    def test_a_job_of_another_account(self, backup: FakeBackup) -> None:
        """A job that the test gives to another account is moved by that account's lists."""
        job = start(backup)
        job.update(AccountId=OTHER)
        client().list_backup_jobs()
        assert job["State"] == "CREATED"
        with backup.acting_as(OTHER):
            client().list_backup_jobs()
        assert job["State"] == "RUNNING"


@pytest.mark.fake_backup(same_resource="together")
class TestPages:
    """Jobs of one resource, which do not wait for each other here."""

    def test_the_last_page_moves(self, backup: FakeBackup) -> None:
        """A listing of several pages moves its jobs once, after the last page."""
        jobs = [start(backup) for _ in range(5)]
        token: dict[str, str] = {}
        for _ in range(3):
            assert {job["State"] for job in jobs} == {"CREATED"}
            page = client().list_backup_jobs(MaxResults=2, **token)
            token = {"NextToken": page.get("NextToken", "")}
        assert {job["State"] for job in jobs} == {"RUNNING"}

    def test_a_listing_left_unfinished(self, backup: FakeBackup) -> None:
        """What an unfinished listing told moves before the next one begins."""
        jobs = [start(backup) for _ in range(3)]
        client().list_backup_jobs(MaxResults=1)
        assert {job["State"] for job in jobs} == {"CREATED"}
        page = client().list_backup_jobs(MaxResults=1)
        assert page["BackupJobs"][0]["State"] == "RUNNING"
        assert {job["State"] for job in jobs} == {"RUNNING"}
        assert client().list_backup_jobs(MaxResults=1)["BackupJobs"][0]["State"] == "COMPLETED"

    def test_an_unfinished_listing_of_all_accounts(self, backup: FakeBackup) -> None:
        """What it told of one account moves for a listing of that account, not of another."""
        jobs = [start(backup) for _ in range(2)]
        client().list_backup_jobs(ByAccountId="*", MaxResults=1)
        with backup.acting_as(OTHER):
            client().list_backup_jobs()
        assert {job["State"] for job in jobs} == {"CREATED"}
        assert client().list_backup_jobs(MaxResults=1)["BackupJobs"][0]["State"] == "RUNNING"

    def test_a_loop_over_first_pages_ends(self, backup: FakeBackup) -> None:
        """Who only ever reads the first page is told the end, too."""
        for _ in range(3):
            start(backup)
        polls = 0
        while client().list_backup_jobs(MaxResults=1)["BackupJobs"][0]["State"] != "COMPLETED":
            polls += 1
        assert polls == 2

    def test_an_unfinished_listing_of_another_kind_or_region(self, backup: FakeBackup) -> None:
        """What another kind's or region's listing left is none of this one's business."""
        jobs = [start(backup, THERE) for _ in range(2)]
        client(THERE).list_backup_jobs(MaxResults=1)
        client().list_backup_jobs()
        client(THERE).list_copy_jobs()
        assert {job["State"] for job in jobs} == {"CREATED"}

    @pytest.mark.parametrize("size", [1, 2, 3, 7])
    def test_pages_lose_and_repeat_none(self, backup: FakeBackup, size: int) -> None:
        """Paging a filtered list while jobs move by progress tells each job once."""
        moving = [start(backup) for _ in range(7)]
        resting = backup.add_backup_jobs(4, State="CREATED")
        wanted = sorted(job.id for job in (*moving, *resting))
        found = listed(ByState="CREATED", PaginationConfig={"PageSize": size})
        assert sorted(found) == wanted
        again = listed(ByState="RUNNING", PaginationConfig={"PageSize": size})
        assert sorted(again) == sorted(job.id for job in moving)

    def test_a_job_moved_by_hand_between_pages(self, backup: FakeBackup) -> None:
        """A job is judged by its state when its page is asked for."""
        with time_machine.travel(NOON, tick=False) as clock:
            jobs = []
            for _ in range(4):
                jobs.append(start(backup))
                clock.shift(MINUTE)
            oldest, third, second, newest = jobs
            page = client().list_backup_jobs(ByState="CREATED", MaxResults=2)
            assert [job["BackupJobId"] for job in page["BackupJobs"]] == [newest.id, second.id]
            third.run()
            newest.run()
            rest = client().list_backup_jobs(
                ByState="CREATED", MaxResults=2, NextToken=page["NextToken"]
            )
            assert [job["BackupJobId"] for job in rest["BackupJobs"]] == [oldest.id]

    def test_a_job_that_time_moves_between_pages(self) -> None:
        """A job that the clock moves is judged by the time at which its page is asked for."""
        with time_machine.travel(NOON, tick=False) as clock, a_fake(progress="clock") as backup:
            oldest = start(backup)
            clock.shift(MINUTE / 2)
            jobs = [start(backup) for _ in range(2)]
            page = client().list_backup_jobs(ByState="CREATED", MaxResults=1)
            assert page["BackupJobs"][0]["BackupJobId"] == min(job.id for job in jobs)
            clock.shift(MINUTE / 2)
            token = {"NextToken": page["NextToken"]}
            rest = client().list_backup_jobs(ByState="CREATED", **token)["BackupJobs"]
            assert [job["BackupJobId"] for job in rest] == [max(job.id for job in jobs)]
            assert oldest["State"] == "RUNNING"


# --- At once, by hand -----------------------------------------------------------------------


class TestImmediate:
    def test_a_job_is_done_when_the_call_returns(self) -> None:
        """Started jobs of every kind are completed by the time the client is answered."""
        with time_machine.travel(NOON, tick=False), a_fake(progress="immediate") as backup:
            job, copy, restore = start(backup), start_copy(backup), start_restore(backup)
            assert describe(job) == "COMPLETED"
            assert [each.state for each in (job, copy, restore)] == ["COMPLETED"] * 3
            assert job["CompletionDate"] == job["CreationDate"] == NOON
            states = [event["detail"]["state"] for event in job.events]
            assert states == ["CREATED", "RUNNING", "COMPLETED"]

    def test_the_recovery_point_is_there(self) -> None:
        """What a job leaves behind can be used in the next line."""
        with a_fake(progress="immediate") as backup:
            job = start(backup)
            point = client().describe_recovery_point(
                BackupVaultName="Default", RecoveryPointArn=job["RecoveryPointArn"]
            )
            assert point["Status"] == "COMPLETED"


class TestManual:
    def test_nothing_moves_but_by_hand(self) -> None:
        """With manual progress neither polls nor time move a job."""
        with time_machine.travel(NOON, tick=False) as clock, a_fake(progress="manual") as backup:
            job = start(backup)
            for _ in range(5):
                clock.shift(24 * HOUR)
                assert describe(job) == "CREATED"
                client().list_backup_jobs()
            job.run()
            job.complete()
            assert describe(job) == "COMPLETED"


# --- The clock ------------------------------------------------------------------------------


class Frozen:
    """A clock of freezegun or time-machine, moved in the same way."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def to(self, moment: datetime) -> None:
        """Set the clock."""
        self._clock.move_to(moment)


CLOCKS: dict[str, Callable[[datetime], Any]] = {
    # pytest measures its phases, one of which ends frozen.
    "freezegun": partial(freeze_time, ignore=["_pytest"]),
    "time-machine": partial(time_machine.travel, tick=False),
}


@pytest.fixture(params=CLOCKS)
def either_clock(request: pytest.FixtureRequest) -> Iterator[Frozen]:
    """A clock that stands at noon until it is moved, of either of the usual libraries."""
    with CLOCKS[request.param](NOON) as clock:
        yield Frozen(clock)


@pytest.fixture
def clock() -> Iterator[Frozen]:
    """A clock that stands at noon until it is moved, of the quicker library."""
    with CLOCKS["time-machine"](NOON) as clock:
        yield Frozen(clock)


class TestClock:
    def test_default_durations(self, either_clock: Frozen) -> None:
        """A job is CREATED for a minute and RUNNING for ten, to the millisecond."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            for after, state in (
                (MINUTE - MS, "CREATED"),
                (MINUTE, "RUNNING"),
                (11 * MINUTE - MS, "RUNNING"),
                (11 * MINUTE, "COMPLETED"),
                (24 * HOUR, "COMPLETED"),
            ):
                either_clock.to(NOON + after)
                for _ in range(3):
                    assert describe(job) == state
            assert job["CompletionDate"] == NOON + 11 * MINUTE

    def test_given_durations(self, clock: Frozen) -> None:
        """`durations` says how long a job stays in a state; what it leaves out has the default."""
        durations = {"RUNNING": 2 * HOUR}
        with a_fake(progress="clock", durations=durations) as backup:
            job = start(backup)
            clock.to(NOON + MINUTE + 2 * HOUR - MS)
            assert job["State"] == "RUNNING"
            clock.to(NOON + MINUTE + 2 * HOUR)
            assert job["State"] == "COMPLETED"

    @pytest.mark.usefixtures("clock")
    def test_durations_of_nothing(self) -> None:
        """With durations of zero a job is done at the instant at which it started."""
        nothing = dict.fromkeys(("CREATED", "RUNNING"), timedelta(0))
        with a_fake(progress="clock", durations=nothing) as backup:
            job = start(backup)
            assert job["State"] == "COMPLETED"
            assert job["CompletionDate"] == NOON

    def test_other_kinds(self, clock: Frozen) -> None:
        """Copy and restore jobs follow the clock as well; PENDING counts as CREATED does."""
        with a_fake(progress="clock") as backup:
            copy, restore = start_copy(backup), start_restore(backup)
            clock.to(NOON + MINUTE)
            assert (copy["State"], restore["Status"]) == ("RUNNING", "RUNNING")
            clock.to(NOON + 11 * MINUTE)
            assert (copy["State"], restore["Status"]) == ("COMPLETED", "COMPLETED")

    def test_the_attribute_state_keeps_up(self, either_clock: Frozen) -> None:
        """`job.state` is what `job["State"]` is, and reading either moves what is due."""
        with a_fake(progress="clock") as backup:
            first, second = start(backup), start_copy(backup)
            either_clock.to(NOON + MINUTE)
            assert (first.state, first["State"]) == ("RUNNING", "RUNNING")
            either_clock.to(NOON + 11 * MINUTE)
            assert second.state == "COMPLETED"
            assert [event["detail"]["state"] for event in first.events][-1] == "COMPLETED"

    def test_a_handler_reads_the_state(self, clock: Frozen) -> None:
        """A handler of the events of what time has moved may read the state, too."""
        with a_fake(progress="clock") as backup:
            job, told = start(backup), []
            backup.on_event(lambda event, _: told.append((event["detail"].get("state"), job.state)))
            clock.to(NOON + 5 * HOUR)
            assert job.state == "COMPLETED"
            moves = [each for each in told if each[0] is not None]
            assert moves == [("RUNNING", "COMPLETED"), ("COMPLETED", "COMPLETED")]

    def test_a_jump_over_several_states(self, either_clock: Frozen) -> None:
        """After a jump the dates are the instants that were due, the events in their order."""
        with a_fake(progress="clock") as backup:
            first = start(backup)
            either_clock.to(NOON + MINUTE / 2)
            second = start(backup, ResourceArn=VOLUME + "2")
            either_clock.to(NOON + 5 * HOUR)
            assert client().list_backup_jobs(ByState="COMPLETED")["BackupJobs"]
            assert first["CompletionDate"] == NOON + 11 * MINUTE
            assert second["CompletionDate"] == NOON + 11 * MINUTE + MINUTE / 2
            told = [
                (event["time"], event["detail"]["state"], event["detail"]["backupJobId"])
                for event in backup.events
                if event["detail-type"] == "Backup Job State Change"
            ]
            assert told == [
                ("2024-05-01T12:00:00Z", "CREATED", first.id),
                ("2024-05-01T12:00:30Z", "CREATED", second.id),
                ("2024-05-01T12:01:00Z", "RUNNING", first.id),
                ("2024-05-01T12:01:30Z", "RUNNING", second.id),
                ("2024-05-01T12:11:00Z", "COMPLETED", first.id),
                ("2024-05-01T12:11:30Z", "COMPLETED", second.id),
            ]

    def test_a_point_has_the_due_dates_too(self, clock: Frozen) -> None:
        """The recovery point of a job that time completed was completed with it."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            clock.to(NOON + 5 * HOUR)
            point = client().describe_recovery_point(
                BackupVaultName="Default", RecoveryPointArn=job["RecoveryPointArn"]
            )
            assert point["CompletionDate"] == NOON + 11 * MINUTE
            assert point["CreationDate"] == NOON

    def test_a_start_window_that_closes(self, either_clock: Frozen) -> None:
        """A job that does not run within its start window EXPIREs, at StartBy exactly."""
        with a_fake(progress="clock", durations={"CREATED": 2 * HOUR}) as backup:
            job = start(backup, StartWindowMinutes=60)
            either_clock.to(NOON + HOUR - MS)
            assert job["State"] == "CREATED"
            either_clock.to(NOON + 5 * HOUR)
            assert job["State"] == "EXPIRED"
            assert job["CompletionDate"] == job["StartBy"] == NOON + HOUR
            assert job["StatusMessage"] == "Backup job expired before completion."

    def test_a_completion_window_that_closes(self, clock: Frozen) -> None:
        """A job that is not completed within its completion window EXPIREs when it closes."""
        with a_fake(progress="clock", durations={"RUNNING": 3 * HOUR}) as backup:
            job = start(backup, StartWindowMinutes=60, CompleteWindowMinutes=120)
            clock.to(NOON + 5 * HOUR)
            assert (job["State"], job["CompletionDate"]) == ("EXPIRED", NOON + 2 * HOUR)

    def test_a_completion_window_of_the_start_window(self, clock: Frozen) -> None:
        """A job that has not begun when both windows close ends then, once."""
        with a_fake(progress="clock", durations={"CREATED": 5 * HOUR}) as backup:
            job = start(backup, StartWindowMinutes=60, CompleteWindowMinutes=60)
            clock.to(NOON + 9 * HOUR)
            assert (job["State"], job["CompletionDate"]) == ("EXPIRED", NOON + HOUR)
            states = [event["detail"]["state"] for event in job.events]
            assert states == ["CREATED", "EXPIRED"]

    @pytest.mark.parametrize("given", [{}, {"CompleteWindowMinutes": 60}])
    def test_a_completion_window_of_a_file_system(
        self, clock: Frozen, given: dict[str, Any]
    ) -> None:
        """The completion window is nothing to FSx, the start window is [documented: guide]."""
        files = f"arn:aws:fsx:{HERE}:{OWN}:file-system/fs-1"
        days = 9 * 24 * HOUR
        with a_fake(progress="clock", durations={"RUNNING": days}) as backup:
            job = start(backup, ResourceArn=files, StartWindowMinutes=60, **given)
            clock.to(NOON + days - MS)
            assert job["State"] == "RUNNING"
            clock.to(NOON + days + HOUR)
            assert job["State"] == "COMPLETED"
        with a_fake(progress="clock", durations={"CREATED": 2 * HOUR}) as backup:
            job = start(backup, ResourceArn=files, StartWindowMinutes=60, **given)
            clock.to(job["CreationDate"] + 5 * HOUR)
            assert job["State"] == "EXPIRED"

    def test_the_completion_window_where_none_is_given(self, clock: Frozen) -> None:
        """A job that names no completion window has seven days [assumed: as in plans]."""
        with a_fake(progress="clock", durations={"RUNNING": 30 * 24 * HOUR}) as backup:
            job = start(backup)
            clock.to(NOON + 8 * 24 * HOUR)
            assert (job["State"], job["CompletionDate"]) == ("EXPIRED", NOON + 7 * 24 * HOUR)

    def test_an_expiry_that_the_test_wants(self, clock: Frozen) -> None:
        """A job that is to EXPIRE waits for its start window to close."""
        with a_fake(progress="clock") as backup:
            backup.next_outcome("StartBackupJob", State="EXPIRED", StatusMessage="too late")
            job = start(backup)
            clock.to(NOON + 8 * HOUR - MS)
            assert job["State"] == "CREATED"
            clock.to(NOON + 8 * HOUR)
            assert (job["State"], job["StatusMessage"]) == ("EXPIRED", "too late")

    def test_summaries_and_refusals_see_what_is_due(self, clock: Frozen) -> None:
        """Every call first moves what is due, whatever it asks for."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            clock.to(NOON + HOUR)
            with pytest.raises(client().exceptions.InvalidRequestException, match="COMPLETED"):
                client().stop_backup_job(BackupJobId=job.id)
            [row] = client().list_backup_job_summaries(State="ANY")["BackupJobSummaries"]
            assert row["State"] == "COMPLETED"

    def test_a_move_by_hand_comes_after_what_is_due(self, clock: Frozen) -> None:
        """A test that moves a job by hand finds it where time has brought it."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            clock.to(NOON + 2 * MINUTE)
            job.fail("boom")
            states = [event["detail"]["state"] for event in job.events]
            assert states == ["CREATED", "RUNNING", "FAILED"]
            other = start(backup)
            clock.to(NOON + 5 * HOUR)
            with pytest.raises(FakeBackupError, match="COMPLETED is final"):
                other.fail("boom")
            assert job["CompletionDate"] == NOON + 2 * MINUTE

    def test_after_a_move_by_hand_the_state_begins_anew(self, clock: Frozen) -> None:
        """A state that the test brought about lasts as long as any other."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            clock.to(NOON + MINUTE / 2)
            job.run()
            clock.to(NOON + MINUTE / 2 + 10 * MINUTE - MS)
            assert job["State"] == "RUNNING"
            clock.to(NOON + MINUTE / 2 + 10 * MINUTE)
            assert job["State"] == "COMPLETED"

    def test_an_update_does_not_stop_the_clock(self, either_clock: Frozen) -> None:
        """A job goes on after the test changed members, or its id, at the instants then due."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            job.update(BytesTransferred=5)
            either_clock.to(NOON + 2 * MINUTE)
            job.update(PercentDone="70.0", BackupJobId="mine")
            either_clock.to(NOON + 5 * HOUR)
            assert (job["State"], job["CompletionDate"]) == ("COMPLETED", NOON + 11 * MINUTE)

    def test_a_job_that_is_removed(self, clock: Frozen) -> None:
        """A job that was removed is not moved by time, nor is one that has its id now."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            backup.remove(job)
            other = backup.add_backup_job(BackupJobId=job.id, State="CREATED")
            clock.to(NOON + 5 * HOUR)
            client().list_backup_jobs()
            assert other["State"] == "CREATED"

    def test_reset(self, clock: Frozen) -> None:
        """After a reset nothing is due."""
        with a_fake(progress="clock") as backup:
            start(backup)
            backup.reset()
            clock.to(NOON + 5 * HOUR)
            assert client().list_backup_jobs()["BackupJobs"] == []
            assert not backup.backend.organization.bus.sent

    def test_the_end_of_the_fake(self, clock: Frozen) -> None:
        """A job of a fake that ended stays as it was."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
        clock.to(NOON + 5 * HOUR)
        assert job["State"] == "CREATED"


# --- Modes of one job -----------------------------------------------------------------------


class TestModes:
    def test_a_jobs_own_mode(self) -> None:
        """`job.progress` is for one job; the fake's mode is for those that are started."""
        with a_fake(progress="manual") as backup:
            job, other = start(backup), start(backup)
            job.progress = "polls"
            client().list_backup_jobs()
            assert (job["State"], other["State"]) == ("RUNNING", "CREATED")
            assert (job.progress, other.progress) == ("polls", "manual")

    def test_immediate(self) -> None:
        """A job told to go on immediately has ended in the next line."""
        with a_fake(progress="manual") as backup:
            job = start(backup)
            job.progress = "immediate"
            assert job["State"] == "COMPLETED"

    def test_the_clock_counts_from_now(self, clock: Frozen) -> None:
        """A job told to follow the clock stays in its state for the whole duration from then."""
        with a_fake(progress="manual") as backup:
            job = start(backup)
            clock.to(NOON + HOUR)
            job.progress = "clock"
            clock.to(NOON + HOUR + MINUTE - MS)
            assert job["State"] == "CREATED"
            clock.to(NOON + HOUR + MINUTE)
            assert job["State"] == "RUNNING"

    @pytest.mark.usefixtures("clock")
    def test_a_window_that_closed_long_ago(self) -> None:
        """A seeded job past its start window EXPIREs when it is told to follow the clock."""
        with a_fake() as backup:
            job = backup.add_backup_job(State="CREATED", StartBy=NOON - HOUR)
            job.progress = "clock"
            assert job["State"] == "EXPIRED"
            assert job["CompletionDate"] == NOON

    @pytest.mark.parametrize("mode", ["manual", "polls"])
    def test_away_from_the_clock(self, clock: Frozen, mode: Any) -> None:
        """A job that follows the clock no more is not moved by time."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            job.progress = mode
            clock.to(NOON + 5 * HOUR)
            assert describe(job) == "CREATED"

    def test_told_twice(self, clock: Frozen) -> None:
        """A job that is told twice to follow the clock moves at its usual pace."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            job.progress = "clock"
            job.progress = "clock"
            clock.to(NOON + MINUTE)
            assert job["State"] == "RUNNING"

    def test_a_finished_job(self, backup: FakeBackup) -> None:
        """A finished job takes a mode and does not move."""
        job = backup.add_backup_job(State="FAILED")
        modes: tuple[Any, ...] = ("polls", "immediate", "clock", "manual")
        for mode in modes:
            job.progress = mode
            describe(job)
        assert job["State"] == "FAILED"


# --- Stopping -------------------------------------------------------------------------------


class TestStopping:
    def test_polls(self, backup: FakeBackup) -> None:
        """A stopped job is told ABORTING once, then ABORTED."""
        job = start(backup)
        describe(job)
        client().stop_backup_job(BackupJobId=job.id)
        assert [describe(job) for _ in range(3)] == ["ABORTING", "ABORTED", "ABORTED"]
        states = [event["detail"]["state"] for event in job.events]
        assert states == ["CREATED", "RUNNING", "ABORTED"]

    def test_a_list(self, backup: FakeBackup) -> None:
        """A list moves a job that is being stopped, too."""
        job = start(backup)
        client().stop_backup_job(BackupJobId=job.id)
        states = [client().list_backup_jobs()["BackupJobs"][0]["State"] for _ in range(2)]
        assert states == ["ABORTING", "ABORTED"]

    def test_clock(self, either_clock: Frozen) -> None:
        """By the clock, ABORTING lasts a second, and what was due before is not."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            either_clock.to(NOON + MINUTE / 2)
            client().stop_backup_job(BackupJobId=job.id)
            assert describe(job) == "ABORTING"
            either_clock.to(NOON + 5 * HOUR)
            assert describe(job) == "ABORTED"
            assert job["CompletionDate"] == NOON + MINUTE / 2 + timedelta(seconds=1)

    def test_immediate(self, backup: FakeBackup) -> None:
        """A job that is being stopped, told to go on immediately, is ABORTED."""
        job = backup.add_backup_job(State="RUNNING")
        client().stop_backup_job(BackupJobId=job.id)
        job.progress = "immediate"
        assert job["State"] == "ABORTED"

    def test_manual(self) -> None:
        """With manual progress a stopped job stays ABORTING until the test aborts it."""
        with a_fake(progress="manual") as backup:
            job = start(backup)
            client().stop_backup_job(BackupJobId=job.id)
            assert [describe(job) for _ in range(3)] == ["ABORTING"] * 3
            job.abort()
            assert describe(job) == "ABORTED"

    def test_a_chosen_outcome_gives_way(self, backup: FakeBackup) -> None:
        """A job that is stopped ends ABORTED, whatever end the test had chosen."""
        backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
        job = start(backup)
        client().stop_backup_job(BackupJobId=job.id)
        describe(job)
        assert (job["State"], job["StatusMessage"]) == (
            "ABORTED",
            "Backup job was stopped by user.",
        )


# --- Endless waits --------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the fake lose its patience after fewer answers, to save time; return how many."""
    monkeypatch.setattr(patience, "PATIENCE", 20)
    return 20


class TestEndlessWaits:
    def test_a_loop_that_waits_for_nothing(self, backup: FakeBackup) -> None:
        """After a thousand answers alike with an unfinished job, an error names the ways out."""
        job = backup.add_backup_job(State="RUNNING", ResourceType="EBS")
        for _ in range(1000):
            assert describe(job) == "RUNNING"
        with pytest.raises(EndlessWait) as caught:
            describe(job)
        assert str(caught.value) == (
            f"A wait loop has been told the same unfinished state 1000 times: <backup job "
            f"{job.id}: RUNNING EBS in {OWN} {HERE}>. Nothing moves it (its progress is "
            f"'manual'). Move it in the test, by job.complete() or job.fail(); let it move by "
            f"itself, by job.progress = 'polls' or mock_backup(progress='polls'); or, where it "
            f"moves by the clock, let time pass."
        )
        assert isinstance(caught.value, FakeBackupError)
        assert not isinstance(caught.value, client().exceptions.ClientError)
        assert backup.calls[-1].error == "EndlessWait"

    def test_lists(self, backup: FakeBackup, impatient: int) -> None:
        """A loop over a list is guarded as well."""
        backup.add_backup_job(State="RUNNING")
        backup.add_backup_job()
        for _ in range(impatient):
            client().list_backup_jobs(ByState="RUNNING")
        with pytest.raises(EndlessWait):
            client().list_backup_jobs(ByState="RUNNING")

    @pytest.mark.parametrize("move", ["update", "other", "add", "remove"])
    def test_any_change_starts_the_count_anew(
        self, backup: FakeBackup, impatient: int, move: str
    ) -> None:
        """Whatever changes in the fake, the loop may be waiting for it."""
        job, other = backup.add_backup_jobs(2, State="RUNNING")
        moves: dict[str, Callable[[], Any]] = {
            "update": lambda: job.update(PercentDone="60.0"),
            "other": other.complete,
            "add": backup.add_copy_job,
            "remove": lambda: backup.remove(other),
        }
        for _ in range(impatient):
            describe(job)
        moves[move]()
        for _ in range(impatient):
            describe(job)
        with pytest.raises(EndlessWait):
            describe(job)

    def test_finished_jobs(self, backup: FakeBackup, impatient: int) -> None:
        """Asking for finished jobs is no waiting."""
        job = backup.add_backup_job()
        for _ in range(3 * impatient):
            describe(job)
            assert client().list_copy_jobs()["CopyJobs"] == []

    def test_many_different_questions(self, backup: FakeBackup, impatient: int) -> None:
        """A test that asks a lot, each a bit, is no wait loop."""
        jobs = backup.add_backup_jobs(30, State="RUNNING")
        for _ in range(impatient - 1):
            for job in jobs:
                describe(job)
                client().list_backup_jobs(ByResourceArn=job["ResourceArn"])

    def test_many_pages(self, backup: FakeBackup, impatient: int) -> None:
        """A listing of more pages than the fake has patience is no wait loop."""
        backup.add_backup_jobs(3 * impatient, State="RUNNING")
        found = listed(ByState="RUNNING", PaginationConfig={"PageSize": 1})
        assert len(found) == 3 * impatient

    def test_polls_that_move(self, backup: FakeBackup, impatient: int) -> None:
        """Jobs that polls move are waited for as often as one likes."""
        for _ in range(2 * impatient):
            job = start(backup)
            assert [describe(job) for _ in range(3)][-1] == "COMPLETED"

    @pytest.mark.usefixtures("clock")
    def test_a_clock_that_stands_still(self, impatient: int) -> None:
        """A job that only time would move is waited for in vain while none passes."""
        with a_fake(progress="clock") as backup:
            job = start(backup)
            for _ in range(impatient):
                describe(job)
            with pytest.raises(EndlessWait, match=r"its progress is 'clock'.*let time pass"):
                describe(job)

    def test_a_clock_that_moves_slowly(self, impatient: int) -> None:
        """A loop whose sleeps let time pass ends, however many it takes."""
        with time_machine.travel(NOON, tick=False) as machine:
            with a_fake(progress="clock", durations={"RUNNING": 2 * HOUR}) as backup:
                job = start(backup)
                polls = 0
                while describe(job) != "COMPLETED":
                    machine.shift(timedelta(seconds=60))
                    polls += 1
            assert polls == 121 > 5 * impatient

    def test_each_fake_counts_for_itself(self, impatient: int) -> None:
        """What one fake was asked is not held against the next."""
        for _ in range(2):
            with a_fake() as backup:
                job = backup.add(factories.backup_job(State="RUNNING"))
                for _ in range(impatient - 1):
                    describe(job)
