"""The wait loops that people write, unmodified: each ends within four polls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from fakebackup import EndlessWait, FakeBackup, mock_backup
from fakebackup.model.engine import patience

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/backup"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0abc"


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the code under test has slept, without sleeping."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        assert len(slept) <= 100, "the loop does not end"

    monkeypatch.setattr(time, "sleep", sleep)
    return slept


pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True)


@pytest.fixture(scope="module")
def client() -> Any:
    """A client of AWS Backup, untyped."""
    session = boto3.Session()
    return session.client("backup", HERE)


def start(client: Any, resource: str = VOLUME) -> str:
    """Start a backup job; return its id."""
    answer = client.start_backup_job(
        BackupVaultName="Default", ResourceArn=resource, IamRoleArn=ROLE
    )
    return str(answer["BackupJobId"])


# --- Code under test ------------------------------------------------------------------------

ENDED = ("COMPLETED", "FAILED", "ABORTED", "EXPIRED", "PARTIAL")


def until_terminal(client: Any, job_id: str) -> str:
    """Poll Describe until the job has ended."""
    while True:
        state = client.describe_backup_job(BackupJobId=job_id)["State"]
        if state in ENDED:
            return str(state)
        time.sleep(30)


def until_not_running(client: Any, job_id: str) -> str:
    """Poll Describe first, then loop for as long as the job goes on."""
    job = client.describe_backup_job(BackupJobId=job_id)
    while job["State"] in ("CREATED", "PENDING", "RUNNING"):
        time.sleep(10)
        job = client.describe_backup_job(BackupJobId=job_id)
    return str(job["State"])


def until_a_deadline(client: Any, job_id: str) -> str:
    """Poll Describe a limited number of times."""
    for _ in range(60):
        job = client.describe_backup_job(BackupJobId=job_id)
        if job["State"] == "COMPLETED":
            return "COMPLETED"
        if job["State"] in ("FAILED", "ABORTED", "EXPIRED"):
            message = f"{job['State']}: {job['StatusMessage']}"
            raise RuntimeError(message)
        time.sleep(5)
    message = f"{job_id} takes too long"
    raise TimeoutError(message)


def until_percent(client: Any, job_id: str) -> str:
    """Poll the progress in percent."""
    while float(client.describe_backup_job(BackupJobId=job_id)["PercentDone"]) < 100:
        time.sleep(15)
    return "COMPLETED"


def until_completion_date(client: Any, job_id: str) -> str:
    """Poll until there is a CompletionDate."""
    while "CompletionDate" not in (job := client.describe_backup_job(BackupJobId=job_id)):
        time.sleep(60)
    return str(job["State"])


def until_none_by_state(client: Any, job_id: str) -> str:
    """Poll the lists of unfinished jobs, a state each, until all are empty."""
    unfinished = ("CREATED", "PENDING", "RUNNING", "ABORTING")
    while any(client.list_backup_jobs(ByState=state)["BackupJobs"] for state in unfinished):
        time.sleep(30)
    return str(client.describe_backup_job(BackupJobId=job_id)["State"])


def until_listed_as_completed(client: Any, job_id: str) -> str:
    """Poll the list of completed jobs until the job is in it."""
    while True:
        pages = client.get_paginator("list_backup_jobs").paginate(ByState="COMPLETED")
        if any(job["BackupJobId"] == job_id for page in pages for job in page["BackupJobs"]):
            return "COMPLETED"
        time.sleep(30)


def until_all_listed_have_ended(client: Any, job_id: str) -> str:
    """Poll a list of everything, and look at the states."""
    while True:
        jobs = client.list_backup_jobs(ByBackupVaultName="Default")["BackupJobs"]
        if all(job["State"] in ENDED for job in jobs):
            return next(str(job["State"]) for job in jobs if job["BackupJobId"] == job_id)
        time.sleep(30)


LOOPS = (
    until_terminal,
    until_not_running,
    until_a_deadline,
    until_percent,
    until_completion_date,
    until_none_by_state,
    until_listed_as_completed,
    until_all_listed_have_ended,
)


# --- Tests ----------------------------------------------------------------------------------


class TestBackupJobs:
    @pytest.mark.parametrize("wait", LOOPS)
    def test_it_ends(
        self, backup: FakeBackup, client: Any, sleeps: list[float], wait: Callable[[Any, str], str]
    ) -> None:
        """A loop ends within four polls, after three sleeps at most, when the job completes."""
        job_id = start(client)
        assert wait(client, job_id) == "COMPLETED"
        assert 1 <= len(sleeps) <= 3
        assert backup.backup_jobs[job_id]["State"] == "COMPLETED"

    @pytest.mark.parametrize("wait", LOOPS)
    def test_it_ends_at_once_where_progress_is_immediate(
        self, client: Any, sleeps: list[float], wait: Callable[[Any, str], str]
    ) -> None:
        """With immediate progress no loop sleeps."""
        with mock_backup(region=HERE, default_vault=True, progress="immediate"):
            assert wait(client, start(client)) == "COMPLETED"
        assert not sleeps

    @pytest.mark.parametrize("wait", [until_terminal, until_not_running, until_completion_date])
    @pytest.mark.parametrize("state", ["FAILED", "ABORTED", "EXPIRED"])
    def test_a_job_that_fails(
        self,
        backup: FakeBackup,
        client: Any,
        sleeps: list[float],
        wait: Callable[[Any, str], str],
        state: Any,
    ) -> None:
        """A loop ends as quickly when the job ends badly."""
        backup.next_outcome("StartBackupJob", State=state)
        assert wait(client, start(client)) == state
        assert 1 <= len(sleeps) <= 3

    def test_a_failure_that_is_raised(
        self, backup: FakeBackup, client: Any, sleeps: list[float]
    ) -> None:
        """Code that turns failures into errors gets the message that the test chose."""
        backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
        with pytest.raises(RuntimeError, match="FAILED: boom"):
            until_a_deadline(client, start(client))
        assert len(sleeps) <= 3

    def test_many_jobs(self, backup: FakeBackup, client: Any, sleeps: list[float]) -> None:
        """Waiting for a lot of jobs, one after the other, takes three sleeps each at most."""
        ids = [start(client) for _ in range(20)]
        for job_id in ids:
            before = len(sleeps)
            assert until_terminal(client, job_id) == "COMPLETED"
            assert len(sleeps) - before <= 3
        assert len(backup.backup_jobs) == 20

    def test_a_composite_job(self, backup: FakeBackup, client: Any, sleeps: list[float]) -> None:
        """A loop over a composite job ends as quickly, its children included."""
        stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/s/1"
        assert until_terminal(client, start(client, stack)) == "COMPLETED"
        assert {job["State"] for job in backup.backup_jobs.values()} == {"COMPLETED"}
        assert len(sleeps) <= 3

    def test_a_stopped_job(self, backup: FakeBackup, client: Any, sleeps: list[float]) -> None:
        """Who stops a job and waits for it to be stopped waits for one sleep."""
        job_id = start(client)
        client.stop_backup_job(BackupJobId=job_id)
        assert until_terminal(client, job_id) == "ABORTED"
        assert len(sleeps) == 1
        assert backup.backup_jobs[job_id]["State"] == "ABORTED"

    @pytest.mark.parametrize("wait", [until_terminal, until_none_by_state])
    def test_a_seeded_job_that_nothing_moves(
        self,
        backup: FakeBackup,
        client: Any,
        sleeps: list[float],
        monkeypatch: pytest.MonkeyPatch,
        wait: Callable[[Any, str], str],
    ) -> None:
        """A loop that would never end gets an error that says what to do."""
        # A thousand by default: fewer save time.
        monkeypatch.setattr(patience, "PATIENCE", 50)
        job = backup.add_backup_job(State="RUNNING")
        with pytest.raises(EndlessWait, match=r"job\.complete\(\) or job\.fail\(\)"):
            wait(client, job.id)
        assert len(sleeps) == 50


class TestEndlessLoops:
    """Loops over a job that nothing moves, which get an error, and questions that are no loop."""

    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patience, "PATIENCE", 50)

    def test_a_loop_of_several_questions(self, backup: FakeBackup, client: Any) -> None:
        """A loop that asks a round of questions is ended, too: each is counted for itself."""
        job = backup.add_backup_job(State="RUNNING")
        names = [f"vault-{number}" for number in range(25)]
        for name in names:
            backup.add_backup_job(State="RUNNING", BackupVaultName=name)

        def loop() -> None:
            for _ in range(100):
                client.describe_backup_job(BackupJobId=job.id)
                for state in ("CREATED", "RUNNING"):
                    client.list_backup_jobs(ByState=state)
                for name in names:
                    client.list_backup_jobs(ByBackupVaultName=name)

        with pytest.raises(EndlessWait):
            loop()
        assert len(backup.calls("DescribeBackupJob")) == 51

    def test_pages_are_questions_of_their_own(self, backup: FakeBackup, client: Any) -> None:
        """A loop over all pages of many unfinished jobs is ended in the round after the last."""
        backup.add_backup_jobs(40, State="RUNNING")
        paginator = client.get_paginator("list_backup_jobs")

        def loop() -> None:
            for _ in range(100):
                for _page in paginator.paginate(PaginationConfig={"PageSize": 1}):
                    pass

        with pytest.raises(EndlessWait):
            loop()
        assert len(backup.calls) == 50 * 40 + 1

    def test_ever_new_questions_are_no_loop(self, backup: FakeBackup, client: Any) -> None:
        """A fake of a whole session may be asked for ever, and keeps a few of the questions."""
        jobs = backup.add_backup_jobs(2, State="RUNNING")
        counts = backup.backend.organization.wait_counts
        for second in range(300):
            client.list_backup_jobs(ByCreatedAfter=1715947200 + second)
        assert counts.keys() <= {job.id for job in jobs}
        assert sum(map(len, counts.values())) == 32
        jobs[0].complete()
        assert not counts


NOTHING: dict[str, Callable[[Any], Any]] = {
    "points of a vault": lambda client: client.list_recovery_points_by_backup_vault(
        BackupVaultName="Default"
    )["RecoveryPoints"],
    "points of a resource": lambda client: client.list_recovery_points_by_resource(
        ResourceArn=VOLUME
    )["RecoveryPoints"],
    "protected resources": lambda client: client.list_protected_resources()["Results"],
    "a protected resource": lambda client: found(
        client.describe_protected_resource, ResourceArn=VOLUME
    ),
    "a recovery point": lambda client: found(
        client.describe_recovery_point,
        BackupVaultName="Default",
        RecoveryPointArn=f"arn:aws:ec2:{HERE}::snapshot/snap-0abc",
    ),
}
"""What people ask for again and again until a job has left it."""

WAYS = {
    "polls": "; let the loop ask for it, by DescribeBackupJob, which moves it; or",
    "clock": "; let time pass; or",
    "manual": "; let it move by itself, by job.progress = 'polls'; or",
}


def found(describe: Callable[..., Any], **parameters: Any) -> Any:
    """What is described; None where it is not there."""
    try:
        return describe(**parameters)
    except ClientError:
        return None


class TestLoopsOverNothing:
    """Loops that wait for what a job will leave, and never ask for the job itself."""

    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patience, "PATIENCE", 50)

    def loop(self, client: Any, question: str) -> int:
        """Ask until there is something; return how often that was, 201 for too often."""
        return next((asked for asked in range(1, 201) if NOTHING[question](client)), 201)

    @pytest.mark.parametrize("progress", WAYS)
    @pytest.mark.parametrize("question", NOTHING)
    def test_a_started_job(self, client: Any, progress: Any, question: str) -> None:
        """The loop gets an error that names the job, why it stands still, and what to do."""
        with mock_backup(region=HERE, default_vault=True, progress=progress) as backup:
            start(client)
            with pytest.raises(EndlessWait, match="there is nothing") as caught:
                self.loop(client, question)
            assert len(backup.calls) == 52
            assert backup.calls[-1].error == "EndlessWait"
        said = str(caught.value)
        assert f"its progress is {progress!r}). Move it in the test, by job.complete()" in said
        assert WAYS[progress] in said

    def test_the_whole_text(self, backup: FakeBackup, client: Any) -> None:
        """The question is told as it was asked."""
        job_id = start(client)
        with pytest.raises(EndlessWait) as caught:
            self.loop(client, "points of a vault")
        assert str(caught.value) == (
            "A wait loop has been told 50 times that there is nothing: "
            "ListRecoveryPointsByBackupVault {'BackupVaultName': 'Default'}. Meanwhile nothing "
            f"moves {backup.backup_jobs[job_id]!r} (its progress is 'polls'). Move it in the "
            "test, by job.complete() or job.fail(); let the loop ask for it, by "
            "DescribeBackupJob, which moves it; or let jobs end as soon as they start, by "
            "mock_backup(progress='immediate')."
        )

    def test_a_job_that_waits_for_another(self, backup: FakeBackup, client: Any) -> None:
        """It is the job ahead that is to be moved."""
        backup.next_outcome("StartBackupJob", State="RUNNING")
        first, _second = start(client), start(client)
        for _ in range(3):
            assert client.describe_backup_job(BackupJobId=first)["State"] != "COMPLETED"
        with pytest.raises(EndlessWait) as caught:
            self.loop(client, "points of a vault")
        assert (
            f"(it waits for {backup.backup_jobs[first]!r}: next_outcome(..., State='RUNNING') "
            f"keeps it there). Move that one in the test, by job.complete() or job.fail(); or let"
        ) in str(caught.value)

    @pytest.mark.parametrize("question", NOTHING)
    def test_no_job_will_leave_it(self, backup: FakeBackup, client: Any, question: str) -> None:
        """Who asks often where nothing was started is no wait loop, nor after the job's end."""
        backup.add_backup_job(State="RUNNING", BackupVaultName="Other", ResourceArn=f"{VOLUME}1")
        failed = start(client)
        backup.backup_jobs[failed].fail()
        assert self.loop(client, question) == 201

    def test_a_move_starts_the_count_anew(self, backup: FakeBackup, client: Any) -> None:
        """Something moves, so the loop may have an end."""
        start(client)
        other = backup.add_backup_job(State="RUNNING", BackupVaultName="Other")
        for percent in range(10):
            other.update(PercentDone=str(percent))
            for _ in range(40):
                assert not NOTHING["points of a vault"](client)

    def test_time_that_passes(self, client: Any) -> None:
        """A loop whose sleeps let the clock go on ends."""
        with (
            freeze_time("2024-05-17T12:00:00Z") as frozen,
            mock_backup(region=HERE, default_vault=True, progress="clock") as backup,
        ):
            start(client)
            while not NOTHING["points of a vault"](client):
                frozen.tick(10)
            assert len(backup.calls) > 55

    def test_answers_by_hand(self, backup: FakeBackup, client: Any) -> None:
        """A test that answers itself knows when to answer otherwise."""
        start(client)
        backup.answer("ListRecoveryPointsByBackupVault", lambda _asked: {"RecoveryPoints": []})
        assert self.loop(client, "points of a vault") == 201

    def test_a_change_that_is_refused(self, backup: FakeBackup, client: Any) -> None:
        """To delete again and again what is not there is no waiting."""
        start(client)
        for _ in range(200):
            with pytest.raises(ClientError, match="ResourceNotFound"):
                client.delete_report_plan(ReportPlanName="none")
        assert len(backup.calls) == 201


class TestOtherJobs:
    def test_a_copy_and_a_restore(
        self, backup: FakeBackup, client: Any, sleeps: list[float]
    ) -> None:
        """Code that backs up, copies and restores, waiting each time, runs to its end."""
        job_id = start(client)
        until_terminal(client, job_id)
        point = client.describe_backup_job(BackupJobId=job_id)["RecoveryPointArn"]
        vault = client.create_backup_vault(BackupVaultName="copies")["BackupVaultArn"]
        sleeps.clear()

        copy_id = client.start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=vault,
            IamRoleArn=ROLE,
        )["CopyJobId"]
        while True:
            copy = client.describe_copy_job(CopyJobId=copy_id)["CopyJob"]
            if copy["State"] in ("COMPLETED", "FAILED"):
                break
            time.sleep(30)
        assert copy["State"] == "COMPLETED"
        assert 1 <= len(sleeps) <= 3
        sleeps.clear()

        restore_id = client.start_restore_job(
            RecoveryPointArn=copy["DestinationRecoveryPointArn"], Metadata={}, IamRoleArn=ROLE
        )["RestoreJobId"]
        while (
            client.list_restore_jobs(ByStatus="PENDING")["RestoreJobs"]
            or (client.list_restore_jobs(ByStatus="RUNNING")["RestoreJobs"])
        ):
            time.sleep(30)
        restore = client.describe_restore_job(RestoreJobId=restore_id)
        assert restore["Status"] == "COMPLETED"
        assert len(sleeps) <= 3
        assert (
            backup.restore_jobs[restore_id]["CreatedResourceArn"] == restore["CreatedResourceArn"]
        )

    def test_a_scan(self, backup: FakeBackup, client: Any, sleeps: list[float]) -> None:
        """A loop over a scan ends as quickly."""
        if not hasattr(client, "start_scan_job"):
            pytest.skip("this botocore knows no scan jobs")
        job = backup.add_backup_job()
        scan_id = client.start_scan_job(
            BackupVaultName="Default",
            RecoveryPointArn=job["RecoveryPointArn"],
            IamRoleArn=ROLE,
            ScannerRoleArn=ROLE,
            MalwareScanner="GUARDDUTY",
            ScanMode="FULL_SCAN",
        )["ScanJobId"]
        while client.describe_scan_job(ScanJobId=scan_id)["State"] in ("CREATED", "RUNNING"):
            time.sleep(30)
        assert 1 <= len(sleeps) <= 3
