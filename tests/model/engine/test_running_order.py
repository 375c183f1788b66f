"""Jobs that wait for each other, beside a naive reading: so many at a time, in order, all end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackup, mock_backup
from support.client import call, held
from support.constants import ACCOUNT, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
SPAN = 4 * 3600
"""How long an example is watched, in seconds: by then all jobs have ended."""

RUNS, BEGINS, STOPS = 607, 60, 1
"""How long a job stays RUNNING, CREATED and ABORTING, in seconds: no two ends meet."""


class Start(NamedTuple):
    """A call of StartBackupJob.

    Attributes:
        minute: when it is made.
        resource: the number of the volume.
        window: the start window, in minutes.
        stop: how many minutes later it is stopped; None if it is not.
    """

    minute: int
    resource: int
    window: int
    stop: int | None


@dataclass
class Naive:
    """A job as the naive reading has it: the seconds at which it came to its states."""

    start: Start
    state: str = "CREATED"
    since: int = 0
    has_room: bool = False
    ran: int | None = None
    ended: int | None = None

    @property
    def created(self) -> int:
        """When it was started."""
        return self.start.minute * 60

    def move(self, state: str, second: int) -> None:
        """Come to a state."""
        self.state, self.since = state, second
        if state == "RUNNING":
            self.ran = second
        elif state in ("COMPLETED", "ABORTED", "EXPIRED"):
            self.ended, self.has_room = second, False


def naive(starts: Sequence[Start], most: int) -> list[Naive]:
    """What becomes of jobs, second by second."""
    jobs = [Naive(start) for start in starts]
    for second in range(SPAN):
        there = [job for job in jobs if job.created <= second and job.ended is None]
        for job in there:
            end(job, second)
        for job in there:
            others = [each for each in there if each.start.resource == job.start.resource]
            go_on(job, second, room=sum(each.has_room for each in others) < most)
        for job in there:
            stop = job.start.stop
            asked = stop is not None and second == job.created + stop * 60
            if asked and job.state in ("CREATED", "RUNNING"):
                job.move("ABORTING", second)
    return jobs


def end(job: Naive, second: int) -> None:
    """End a job whose time or whose start window is over."""
    stays = {"RUNNING": RUNS, "ABORTING": STOPS}.get(job.state)
    if stays is not None and second == job.since + stays:
        job.move("COMPLETED" if job.state == "RUNNING" else "ABORTED", second)
    if job.state == "CREATED" and second == job.created + job.start.window * 60:
        job.move("EXPIRED", second)


def go_on(job: Naive, second: int, *, room: bool) -> None:
    """Let a job have the room there is, and run."""
    if job.state == "CREATED":
        job.has_room |= room
        if job.has_room and second >= job.created + BEGINS:
            job.move("RUNNING", second)


starts = st.lists(
    st.builds(
        Start,
        st.integers(0, 60),
        st.integers(1, 2),
        st.sampled_from([60, 90]),
        st.sampled_from([None, None, None, 1, 5, 30]),
    ),
    min_size=1,
    max_size=14,
).map(lambda found: sorted(found, key=lambda each: each.minute))


def history(given_starts: Sequence[Start], most: int, *, step: int) -> tuple[Any, Any]:
    """What becomes of jobs in the fake, if it is looked at every so many minutes.

    Returns:
        Per job, in the order of starts, when it ran, its end, and its state; and all that the
        fake then holds.
    """
    durations = {"RUNNING": timedelta(seconds=RUNS)}
    quotas = {"backups_per_resource": most}
    with (
        freeze_time(START) as clock,
        mock_backup(
            region=REGION, default_vault=True, progress="clock", quotas=quotas, durations=durations
        ) as backup,
    ):
        acts: dict[int, list[Any]] = defaultdict(list)
        for number, each in enumerate(given_starts):
            acts[each.minute].append((number, None))
        for number, each in enumerate(given_starts):
            if each.stop is not None:
                acts[each.minute + each.stop].append((number, "stop"))
        ids: dict[int, str] = {}
        for minute in range(SPAN // 60):
            if not acts[minute] and minute % step:
                continue
            clock.move_to(START + timedelta(minutes=minute))
            call("ListBackupJobs")
            for number, act in acts[minute]:
                if act is None:
                    ids[number] = begin(given_starts[number])
                elif backup.backup_jobs[ids[number]].state in ("CREATED", "RUNNING"):
                    call("StopBackupJob", BackupJobId=ids[number])
        clock.move_to(START + timedelta(seconds=SPAN))
        found = [times(backup, ids[number]) for number in range(len(given_starts))]
        return found, held(backup)


def begin(start: Start) -> str:
    """Start a backup job, and return its id."""
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-{start.resource}"
    asked = {"BackupVaultName": "Default", "ResourceArn": arn, "IamRoleArn": ROLE}
    asked |= {"IdempotencyToken": f"{start}"}
    return str(call("StartBackupJob", StartWindowMinutes=start.window, **asked)["BackupJobId"])


def times(backup: FakeBackup, job_id: str) -> tuple[int | None, int | None, str]:
    """When a job ran and ended, in seconds, and its state."""
    job = backup.backup_jobs[job_id]
    ran = None
    for event in job.events:
        if event["detail"]["state"] == "RUNNING":
            ran = datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    ended = job.get("CompletionDate")
    return (
        None if ran is None else round((ran - START).total_seconds()),
        None if ended is None else round((ended - START).total_seconds()),
        job.state,
    )


@settings(max_examples=30)
@given(starts=starts, most=st.integers(1, 2), step=st.sampled_from([1, 7, 1000]))
def test_by_the_clock(starts: list[Start], most: int, step: int) -> None:
    """Jobs run, end and expire as in the naive reading, whatever the steps of the clock."""
    starts = list(dict.fromkeys(starts))
    found, whole = history(starts, most, step=step)
    expected = naive(starts, most)
    assert found == [(job.ran, job.ended, job.state) for job in expected]
    # At no time more than may, and in the order of their starts.
    for resource in (1, 2):
        of_it = [job for job, each in zip(found, starts, strict=True) if each.resource == resource]
        ran = [job[0] for job in of_it if job[0] is not None]
        assert ran == sorted(ran)
        for second in ran:
            assert sum(r is not None and r <= second < e for r, e, _ in of_it) <= most
    if step != 1000:
        assert history(starts, most, step=1000) == (found, whole)


class Polled:
    """A fake whose jobs move by polls, and the order in which they were seen to run."""

    def __init__(self, backup: FakeBackup, most: int) -> None:
        """Watch a fake in which so many may run."""
        self.backup, self.most = backup, most
        self.ids: list[tuple[int, str]] = []
        self.ran: dict[int, list[int]] = {1: [], 2: []}

    def start(self, resource: int) -> None:
        """Start a job."""
        self.ids.append((resource, begin(Start(len(self.ids), resource, 60, None))))

    def act(self, act: str, job_id: str) -> None:
        """Poll a job, list all, or stop one."""
        if act == "list":
            call("ListBackupJobs")
        elif act == "poll":
            call("DescribeBackupJob", BackupJobId=job_id)
        elif self.backup.backup_jobs[job_id].state in ("CREATED", "RUNNING"):
            call("StopBackupJob", BackupJobId=job_id)
        self.look()

    def look(self) -> None:
        """No more run than may."""
        running = {1: 0, 2: 0}
        for number, (resource, job_id) in enumerate(self.ids):
            state = self.backup.backup_jobs[job_id].state
            running[resource] += state == "RUNNING"
            if state in ("RUNNING", "COMPLETED") and number not in self.ran[resource]:
                self.ran[resource].append(number)
        assert max(running.values()) <= self.most


@settings(max_examples=60)
@given(data=st.data())
def test_by_polls(data: st.DataObject) -> None:
    """However jobs are polled, no more run than may, in the order of their starts; all end."""
    most = data.draw(st.integers(1, 2))
    quotas = {"backups_per_resource": most}
    with mock_backup(region=REGION, default_vault=True, quotas=quotas) as backup:
        polled = Polled(backup, most)
        for _ in range(data.draw(st.integers(5, 40))):
            act = data.draw(st.sampled_from(["start", "poll", "poll", "list", "stop"]))
            if act == "start" or not polled.ids:
                polled.start(data.draw(st.integers(1, 2)))
            else:
                polled.act(act, data.draw(st.sampled_from(polled.ids))[1])
        # A loop over each job alone ends.
        for _, job_id in reversed(polled.ids):
            for _ in range(2 * len(polled.ids)):
                polled.act("poll", job_id)
            assert backup.backup_jobs[job_id].state in ("COMPLETED", "ABORTED")
        for numbers in polled.ran.values():
            # Two that may run together run as they are polled.
            assert most > 1 or numbers == sorted(numbers)
        lanes = backup.backend.organization.clockwork.lanes
        assert [lanes.holders, lanes.taken, lanes.waiting] == [{}, {}, {}]
