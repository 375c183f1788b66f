"""How jobs live: legal moves, the members of each state, and what ends a job early."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from fakebackup import FakeBackup, FakeBackupError, factories, mock_backup
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import BACKUP, COPY, REPORT, RESTORE, SCAN
from fakebackup.model.shapes import model as shapes
from support.client import client
from support.hostile import Unshowable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

OWN, HERE, THERE = "123456789012", "us-east-1", "eu-west-1"
NOON = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
ROLE = f"arn:aws:iam::{OWN}:role/backup"
VOLUME = f"arn:aws:ec2:{HERE}:{OWN}:volume/vol-0abc"
STACK = f"arn:aws:cloudformation:{HERE}:{OWN}:stack/s/1"

KNOWS_SCANS = "StartScanJob" in shapes.service_model().operation_names
scans = pytest.mark.skipif(not KNOWS_SCANS, reason="this botocore knows no scan jobs")


pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


FACTORIES: dict[Kind, Callable[..., Job]] = {
    BACKUP: factories.backup_job,
    COPY: factories.copy_job,
    RESTORE: factories.restore_job,
    SCAN: factories.scan_job,
    REPORT: factories.report_job,
}


def a_job(backup: FakeBackup, kind: Kind, state: str, **members: Any) -> Job:
    """Seed a job in a state."""
    return backup.add(FACTORIES[kind](**{kind.state: state}, **members))


# --- Moves ----------------------------------------------------------------------------------

LEGAL: dict[Kind, dict[str, str]] = {
    BACKUP: {
        "CREATED": "RUNNING ABORTED FAILED EXPIRED",
        "PENDING": "RUNNING ABORTED FAILED EXPIRED",
        "RUNNING": "COMPLETED PARTIAL ABORTED FAILED EXPIRED",
        "ABORTING": "ABORTED",
        "COMPLETED": "",
        "PARTIAL": "",
        "FAILED": "",
        "ABORTED": "",
        "EXPIRED": "",
    },
    COPY: {
        "CREATED": "RUNNING FAILED",
        "RUNNING": "COMPLETED PARTIAL FAILED",
        "COMPLETED": "",
        "PARTIAL": "",
        "FAILED": "",
    },
    RESTORE: {
        "PENDING": "RUNNING FAILED ABORTED",
        "RUNNING": "COMPLETED FAILED ABORTED",
        "COMPLETED": "",
        "FAILED": "",
        "ABORTED": "",
    },
    SCAN: {
        "CREATED": "RUNNING FAILED CANCELED",
        "RUNNING": "COMPLETED COMPLETED_WITH_ISSUES FAILED CANCELED",
        "COMPLETED": "",
        "COMPLETED_WITH_ISSUES": "",
        "FAILED": "",
        "CANCELED": "",
    },
    REPORT: {
        "CREATED": "RUNNING FAILED",
        "RUNNING": "COMPLETED COMPLETED_WITH_ISSUES FAILED",
        "COMPLETED": "",
        "COMPLETED_WITH_ISSUES": "",
        "FAILED": "",
    },
}
"""Per kind and state, where the named moves may take a job."""


BY_RUNNING = {
    BACKUP: "COMPLETED PARTIAL",
    COPY: "COMPLETED PARTIAL",
    RESTORE: "COMPLETED",
    SCAN: "COMPLETED COMPLETED_WITH_ISSUES",
    REPORT: "COMPLETED COMPLETED_WITH_ISSUES",
}
"""Per kind, where a named move takes a job that is still to run by way of RUNNING."""


def marked(kind: Kind, *values: Any) -> Any:
    """A parameter set of a kind, skipped where botocore does not know the kind."""
    name = "-".join([kind.name.partition(" ")[0], *map(str, values)])
    return pytest.param(kind, *values, id=name, marks=[scans] if kind is SCAN else [])


ARROWS = [marked(kind, state) for kind, states in LEGAL.items() for state in states]


def named_moves(kind: Kind) -> dict[str, Callable[[Job], None]]:
    """The moves that tests call by name, by the state each leads to."""

    def complete(state: str) -> Callable[[Job], None]:
        return lambda job: job.complete(**{kind.state: state})

    aborted = "CANCELED" if kind is SCAN else "ABORTED"
    return {
        "RUNNING": lambda job: job.run(),
        "COMPLETED": lambda job: job.complete(),
        "COMPLETED_WITH_ISSUES": complete("COMPLETED_WITH_ISSUES"),
        "PARTIAL": complete("PARTIAL"),
        "FAILED": lambda job: job.fail(),
        aborted: lambda job: job.abort(),
        "EXPIRED": lambda job: job.expire(),
    }


class TestMoves:
    @pytest.mark.parametrize(("kind", "state"), ARROWS)
    def test_named_moves(self, backup: FakeBackup, kind: Kind, state: str) -> None:
        """A named move leads where AWS's jobs go; any other is an error that changes nothing."""
        legal = LEGAL[kind][state].split()
        organization = backup.backend.organization
        for wanted, move in named_moves(kind).items():
            job = backup.add(
                FACTORIES[kind](**{kind.state: state})
                if kind in (REPORT, SCAN)
                else FACTORIES[kind](IsParent=True, **{kind.state: state})
            )
            by_running = "RUNNING" in legal and wanted in BY_RUNNING[kind].split()
            if wanted in legal or by_running:
                move(job)
                assert job[kind.state] == wanted
                # Report jobs have no events; PARTIAL ones do.
                told = [
                    each["detail"].get("state", each["detail"].get("status")) for each in job.events
                ]
                expected = ["RUNNING", wanted] if by_running else [wanted]
                assert told == ([] if kind is REPORT else expected)
                continue
            before, events = dict(job), len(organization.bus.sent)
            with pytest.raises(FakeBackupError) as refused:
                move(job)
            text = str(refused.value)
            assert text.startswith(f"A {kind.name} cannot go from {state} to {wanted}: ")
            for each in legal:
                assert each in text.partition(": ")[2]
            if not legal:
                assert f"{state} is final." in text
            assert dict(job) == before
            assert len(organization.bus.sent) == events

    @pytest.mark.parametrize(("kind", "state"), ARROWS)
    def test_the_table(self, kind: Kind, state: str) -> None:
        """The table has the arrows above, PENDING and ABORTING besides, and no other state."""
        unnamed = {"PENDING", "ABORTING"}
        assert set(life.MOVES[kind].get(state, ())) - unnamed == set(LEGAL[kind][state].split())
        assert life.is_final(kind, state) is (not LEGAL[kind][state])
        enum = getattr(kind.members[kind.state], "enum", ()) or kind.states
        assert set(LEGAL[kind]) == set(enum)

    def test_the_message(self, backup: FakeBackup) -> None:
        """An illegal move names the legal ones and the way to do it all the same."""
        job = backup.add_copy_job(State="RUNNING")
        with pytest.raises(FakeBackupError) as refused:
            job.run()
        assert str(refused.value) == (
            "A copy job cannot go from RUNNING to RUNNING: from RUNNING it can go to COMPLETED, "
            "FAILED. To set it all the same, call job.update(State='RUNNING')."
        )

    def test_a_state_that_the_kind_has_not(self, backup: FakeBackup) -> None:
        """Copy jobs are not aborted; the message promises nothing that update would refuse."""
        job = backup.add_copy_job(State="RUNNING")
        with pytest.raises(FakeBackupError) as refused:
            job.abort()
        assert str(refused.value) == (
            "A copy job cannot go from RUNNING to ABORTED: from RUNNING it can go to COMPLETED, "
            "FAILED."
        )
        with pytest.raises(ValueError, match="State"):
            job.update(State="ABORTED")

    @pytest.mark.parametrize(
        ("state", "verb"), [("FAILED", "fail"), ("ABORTED", "abort"), ("EXPIRED", "expire")]
    )
    def test_a_bad_end_is_no_completion(self, backup: FakeBackup, state: str, verb: str) -> None:
        """Completing a job to a bad end is refused, and the method that leads there named."""
        job = backup.add_backup_job(State="RUNNING")
        with pytest.raises(ValueError, match=f"to a good end, not to {state}: call job.{verb}"):
            job.complete(State=state)
        assert job["State"] == "RUNNING"

    @pytest.mark.parametrize(
        ("state", "error", "text"),
        [
            (["COMPLETED"], TypeError, "State takes str, not ['COMPLETED'] (list)."),
            (10**5000, TypeError, "State takes str, not a number of about 5000 digits (int)."),
            (
                Unshowable(),
                TypeError,
                "State takes str, not a Unshowable that cannot be shown (Unshowable).",
            ),
            (
                None,
                ValueError,
                "A backup job cannot be without State: leave it out to get the default.",
            ),
        ],
        ids=["a list", "a number", "no repr", "None"],
    )
    def test_a_state_that_is_no_text(
        self, backup: FakeBackup, state: Any, error: type[Exception], text: str
    ) -> None:
        """What is no state at all is refused as where a job is seeded."""
        job = backup.add_backup_job(State="RUNNING")
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            job.complete(State=state)
        assert job["State"] == "RUNNING"
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            backup.add_backup_job(State=state)

    @pytest.mark.parametrize(("state", "named"), [("DONE", "DONE"), ("\ud800", r"'\ud800'")])
    def test_a_state_that_is_none(self, backup: FakeBackup, state: str, named: str) -> None:
        """What no job can be in is told so that every terminal shows it."""
        job = backup.add_backup_job(State="RUNNING")
        text = f"A backup job cannot go from RUNNING to {named}: from RUNNING it can go to "
        with pytest.raises(FakeBackupError, match=f"^{re.escape(text)}"):
            job.complete(State=state)

    @pytest.mark.parametrize("kind", [BACKUP, COPY])
    def test_only_composite_jobs_end_partial(self, backup: FakeBackup, kind: Kind) -> None:
        """PARTIAL is no legal end of a job without children."""
        job = a_job(backup, kind, "RUNNING")
        with pytest.raises(FakeBackupError, match="cannot go from RUNNING to PARTIAL"):
            job.complete(State="PARTIAL")

    def test_a_job_in_no_fake(self, backup: FakeBackup) -> None:
        """A job that is not added, or was removed, cannot move."""
        job = factories.backup_job(State="RUNNING")
        with pytest.raises(FakeBackupError, match="is in no fake"):
            job.complete()
        backup.add(job)
        backup.remove(job)
        with pytest.raises(FakeBackupError, match="is in no fake"):
            job.progress = "polls"

    def test_after_the_fake(self) -> None:
        """A job cannot move when its fake has ended."""
        with mock_backup(region=HERE) as backup:
            job = backup.add_backup_job(State="RUNNING")
        with pytest.raises(FakeBackupError, match="has ended"):
            job.complete()

    def test_an_id_or_a_parent_that_it_cannot_have(self, backup: FakeBackup) -> None:
        """A move by hand refuses what an update does, before its first step."""
        other = backup.add_backup_job()
        job = backup.add_backup_job(BackupJobId="job", State="CREATED")
        child = backup.add_backup_job(ParentJobId="job")
        for wrong, reason in (
            ({"BackupJobId": other.id}, "is taken"),
            ({"ParentJobId": "job"}, "is the job itself"),
            ({"ParentJobId": child.id}, "is among the job's own children"),
        ):
            with pytest.raises(ValueError, match=reason):
                job.complete(**wrong)
        assert (job["State"], job.events) == ("CREATED", [])
        assert set(backup.backup_jobs) == {other.id, "job", child.id}
        job.complete(BackupJobId="another")
        assert child["ParentJobId"] == "another"

    def test_a_strange_member(self, backup: FakeBackup) -> None:
        """A move with a member that does not exist moves nothing and names the near miss."""
        job = backup.add_backup_job(State="RUNNING")
        with pytest.raises(TypeError, match="did you mean 'BytesTransferred'"):
            job.complete(BytesTransfered=5)
        assert job["State"] == "RUNNING"


# --- Members of each state ------------------------------------------------------------------

FIRST = {BACKUP: "CREATED", COPY: "CREATED", RESTORE: "PENDING", SCAN: "CREATED", REPORT: "CREATED"}

PATHS = {
    "CREATED": "",
    "PENDING": "",
    "RUNNING": "RUNNING",
    "ABORTING": "",
    "EXPIRED": "EXPIRED",
}
"""Per state, the named moves that lead there; of other states, by way of RUNNING."""


def by_hand(backup: FakeBackup, kind: Kind, state: str) -> Job:
    """A job that the test moved to a state."""
    if state == "PARTIAL":
        made = factories.composite(2, factory=FACTORIES[kind], State="CREATED")
        group = backup.add(made)
        group.parent.run()
        group.children[1].fail()
        group.parent.complete()
        return group.parent
    job = a_job(backup, kind, FIRST[kind])
    if state in ("PENDING", "ABORTING") and kind is BACKUP:
        job.update(State=state)
    for each in PATHS.get(state, f"RUNNING {state}").split():
        named_moves(kind)[each](job)
    return job


def started(backup: FakeBackup, kind: Kind, outcome: str | None, *, composite: bool) -> Job:
    """A job that a client started, which moves when it is polled."""
    if kind is REPORT:
        # Nothing starts report jobs through the client here.
        job = backup.add_report_job(Status="CREATED")
        job.progress = "polls"
        return job
    source = (
        backup.add(factories.composite(2)).parent
        if composite
        else backup.add_backup_job(ResourceArn=VOLUME)
    )
    point = source["RecoveryPointArn"]
    client().create_backup_vault(BackupVaultName="Copied")
    resource = STACK if composite else VOLUME
    operation: Any = kind.id.removesuffix("Id")
    if outcome is not None:
        starter: Any = f"Start{operation}"
        ending: Any = {kind.state: outcome}
        backup.next_outcome(starter, **ending)
    given = {"RecoveryPointArn": point, "IamRoleArn": ROLE}
    vault = f"arn:aws:backup:{HERE}:{OWN}:backup-vault:Copied"
    if kind is BACKUP:
        answer = client().start_backup_job(
            BackupVaultName="Default", ResourceArn=resource, IamRoleArn=ROLE
        )
    elif kind is COPY:
        answer = client().start_copy_job(
            SourceBackupVaultName="Default", DestinationBackupVaultArn=vault, **given
        )
    elif kind is RESTORE:
        answer = client().start_restore_job(Metadata={}, **given)
    else:
        answer = client().start_scan_job(
            BackupVaultName="Default",
            MalwareScanner="GUARDDUTY",
            ScanMode="FULL_SCAN",
            ScannerRoleArn=ROLE,
            **given,
        )
    return backup.backend.organization.jobs.by_id[answer[kind.id]]


def described(job: Job) -> dict[str, Any]:
    """What the Describe operation of a job's kind tells of it."""
    name = job.kind.id.removesuffix("Id")
    method = {
        "BackupJob": client().describe_backup_job,
        "CopyJob": client().describe_copy_job,
        "RestoreJob": client().describe_restore_job,
        "ReportJob": client().describe_report_job,
        "ScanJob": getattr(client(), "describe_scan_job", None),
    }[name]
    assert method is not None
    answer: dict[str, Any] = method(**{job.kind.id: job.id})
    answer.pop("ResponseMetadata")
    return answer if job.kind.wrapped is None else dict(answer[job.kind.wrapped])


def by_progress(backup: FakeBackup, kind: Kind, state: str) -> Job:
    """A job that a client started and polls moved to a state."""
    stopped = kind is BACKUP and state in ("ABORTING", "ABORTED")
    outcome = None if stopped or not life.is_final(kind, state) else state
    job = started(backup, kind, outcome, composite=state == "PARTIAL")
    if stopped:
        client().stop_backup_job(BackupJobId=job.id)
    for _ in range(4):
        if job[kind.state] == state:
            break
        described(job)
    return job


NEVER_BY_ITSELF = {
    # AWS shows it of jobs of plans: an on-demand one passes it over.
    (BACKUP, "PENDING"),
    # Nothing starts report jobs through the client here, so no outcome can be chosen.
    (REPORT, "FAILED"),
    (REPORT, "COMPLETED_WITH_ISSUES"),
}

STATES = [marked(kind, state) for kind, states in LEGAL.items() for state in states]


class TestMembers:
    @pytest.mark.parametrize(("kind", "state"), STATES)
    def test_seeded_moved_or_by_itself(self, kind: Kind, state: str) -> None:
        """A job has the same members in a state whether seeded, moved by hand or by progress."""
        with mock_backup(region=HERE, default_vault=True) as backup:
            if state == "PARTIAL":
                made = factories.composite(2, factory=FACTORIES[kind], State="PARTIAL")
                seeded = backup.add(made).parent
            else:
                seeded = a_job(backup, kind, state)
            moved = by_hand(backup, kind, state)
            assert moved[kind.state] == state
            assert set(moved) == set(seeded)
            assert set(described(moved)) == set(described(seeded)) == set(seeded)
            if (kind, state) in NEVER_BY_ITSELF:
                return
            by_itself = by_progress(backup, kind, state)
            assert by_itself[kind.state] == state
            assert set(by_itself) == set(seeded)
            assert {k: by_itself[k] for k in FOLLOWING if k in by_itself} == {
                k: seeded[k] for k in FOLLOWING if k in seeded
            }

    @pytest.mark.parametrize(("kind", "state"), STATES)
    def test_completion_is_the_time_of_the_move(self, kind: Kind, state: str) -> None:
        """A final state has a CompletionDate, the time of the move; an unfinished one has none."""
        with time_machine.travel(NOON, tick=False) as clock:
            with mock_backup(region=HERE, default_vault=True) as backup:
                clock.shift(HOUR)
                job = by_hand(backup, kind, state)
            completed = NOON + HOUR if not LEGAL[kind][state] else None
            assert job.members.get(kind.completed) == (
                None if completed is None else completed.timestamp() * 1000
            )

    def test_backup_jobs(self, backup: FakeBackup) -> None:
        """A backup job's members follow its state as the table of defaults says."""
        job = backup.add_backup_job(State="CREATED")
        wanted = {
            "CREATED": ("0.0", None, None, None, None),
            "RUNNING": ("50.0", None, None, None, None),
            "COMPLETED": ("100.0", None, "SUCCESS", True, 8 * 1024**3),
        }
        for state, expected in wanted.items():
            if state != "CREATED":
                named_moves(BACKUP)[state](job)
            found = (
                job["PercentDone"],
                job.get("StatusMessage"),
                job.get("MessageCategory"),
                ("RecoveryPointArn" in job) or None,
                job.get("BackupSizeInBytes"),
            )
            assert found == expected

    def test_fail(self, backup: FakeBackup) -> None:
        """A failure has the message and category that the test gives, or AWS's for such."""
        job = backup.add_backup_job(State="RUNNING")
        job.fail("Access denied.", category="AccessDenied")
        assert (job["StatusMessage"], job["MessageCategory"]) == ("Access denied.", "AccessDenied")
        job = backup.add_backup_job(State="RUNNING")
        job.fail()
        assert (job["StatusMessage"], job["MessageCategory"]) == (
            "An internal error occurred.",
            "FATAL_ERROR",
        )
        restore = backup.add_restore_job(Status="RUNNING")
        restore.fail("No such subnet.")
        assert restore["StatusMessage"] == "No such subnet."
        with pytest.raises(TypeError, match="MessageCategory"):
            backup.add_restore_job(Status="RUNNING").fail("no", category="AccessDenied")

    def test_complete_with_members(self, backup: FakeBackup) -> None:
        """What the test gives with a move is what the job has."""
        job = backup.add_backup_job(State="RUNNING")
        end = job["CreationDate"] + HOUR
        job.complete(BackupSizeInBytes=7, CompletionDate=end, StatusMessage="with issues")
        assert (job["BackupSizeInBytes"], job["CompletionDate"]) == (7, end)
        # A StatusMessage makes it "completed with issues".
        assert job["MessageCategory"] == "MISCELLANEOUS"

    @pytest.mark.fake_backup(history=None, region=HERE)
    @pytest.mark.parametrize("kind", [BACKUP, COPY, RESTORE, REPORT])
    def test_no_job_completes_before_its_creation(self, backup: FakeBackup, kind: Kind) -> None:
        """Dates that seeding refuses are refused with a move, too, which is not made."""
        job = a_job(backup, kind, "RUNNING", **{kind.created: "2024-05-01T00:00:00Z"})
        with pytest.raises(ValueError, match=rf"{kind.completed} is before {kind.created}: 2020"):
            job.complete(**{kind.completed: "2020-01-01"})
        with pytest.raises(ValueError, match=rf"{kind.completed} is before {kind.created}: 2024"):
            job.complete(**{kind.created: "2024-05-03", kind.completed: "2024-05-02"})
        assert job.state == "RUNNING"
        assert kind.completed not in job
        job.update(**{kind.state: "COMPLETED", kind.completed: "2020-01-01"})
        assert job[kind.completed].year == 2020

    def test_update_fills_in_what_follows(self, backup: FakeBackup) -> None:
        """A free hand moves a job anywhere; what the new state has comes, what it has not goes."""
        job = backup.add_backup_job(State="FAILED", StatusMessage="boom")
        job.update(State="RUNNING")
        assert set(job) == set(backup.add_backup_job(State="RUNNING"))
        job.update(State="COMPLETED", MessageCategory=None)
        assert set(job) == set(backup.add_backup_job()) - {"MessageCategory"}

    def test_update_changes_members_alone(self, backup: FakeBackup) -> None:
        """Members given without a state change nothing else, and tell no event."""
        job = backup.add_backup_job(State="RUNNING")
        before, events = dict(job), len(backup.backend.organization.bus.sent)
        job.update(PercentDone="70.0", BytesTransferred=5)
        assert dict(job) == before | {"PercentDone": "70.0", "BytesTransferred": 5}
        assert len(backup.backend.organization.bus.sent) == events

    def test_a_scan(self, backup: FakeBackup) -> None:
        """A completed scan found nothing unless the test says so."""
        if not KNOWS_SCANS:
            pytest.skip("this botocore knows no scan jobs")
        clean = backup.add_scan_job(State="RUNNING")
        clean.complete()
        assert clean["ScanResult"] == {"ScanResultStatus": "NO_THREATS_FOUND"}
        infected = backup.add_scan_job(State="RUNNING")
        infected.complete(ScanResult={"ScanResultStatus": "THREATS_FOUND"})
        assert infected["ScanResult"] == {"ScanResultStatus": "THREATS_FOUND"}


FOLLOWING = ("PercentDone", "StatusMessage", "MessageCategory", "ScanResult")
"""Members whose values follow from the state alone."""


# --- Seeded jobs ----------------------------------------------------------------------------


class TestSeeded:
    @pytest.mark.parametrize("mode", ["polls", "immediate", "clock"])
    def test_they_do_not_move(self, mode: Any) -> None:
        """A seeded job stays as it is, whatever moves the jobs that clients start."""
        fake = mock_backup(region=HERE, progress=mode)
        with time_machine.travel(NOON, tick=False) as clock, fake as backup:
            jobs = [a_job(backup, kind, FIRST[kind]) for kind in (BACKUP, COPY, RESTORE)]
            before = [dict(job) for job in jobs]
            for _ in range(3):
                client().list_backup_jobs()
                for job in jobs:
                    described(job)
                clock.shift(24 * HOUR)
            assert [dict(job) for job in jobs] == before

    def test_unless_told(self, backup: FakeBackup) -> None:
        """A seeded job moves as the test says, and stops when the test says."""
        job = backup.add_backup_job(State="CREATED")
        assert job.progress == "manual"
        job.progress = "polls"
        assert described(job)["State"] == "CREATED"
        assert described(job)["State"] == "RUNNING"
        assert job["State"] == "COMPLETED"
        other = backup.add_backup_job(State="CREATED")
        other.progress = "polls"
        other.progress = "manual"
        described(other)
        assert other["State"] == "CREATED"

    def test_no_such_mode(self, backup: FakeBackup) -> None:
        """A mode that there is not is refused, and the job stays as it was."""
        job = backup.add_backup_job(State="CREATED")
        with pytest.raises(ValueError, match=r"polls, immediate, .* did you mean 'polls'"):
            job.progress = "poll"  # type: ignore[assignment]  # the mistake
        assert job.progress == "manual"


# --- What ends a job early ------------------------------------------------------------------


def start_backup(vault: str, **parameters: Any) -> str:
    """Start a backup job, of a volume unless told otherwise; return its id."""
    wanted = {"BackupVaultName": vault, "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    answer = client().start_backup_job(**wanted | parameters)
    return str(answer["BackupJobId"])


MODES = ("polls", "immediate", "clock")


def ended(mode: str, job: Job, clock: Any) -> Job:
    """Let a job end, by polls or in time."""
    if mode == "clock":
        clock.shift(24 * HOUR)
    for _ in range(3):
        described(job)
    return job


@pytest.fixture
def clock() -> Iterator[Any]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


class TestVaults:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize(
        ("lifecycle", "fails"),
        [
            ({}, True),
            ({"DeleteAfterDays": 6}, True),
            ({"DeleteAfterDays": 7}, False),
            ({"DeleteAfterDays": 30}, False),
            ({"DeleteAfterDays": 31}, True),
        ],
    )
    def test_a_locks_retention_limits(
        self, clock: Any, mode: Any, lifecycle: dict[str, int], *, fails: bool
    ) -> None:
        """A lifecycle outside the limits of the vault's lock fails the job, not the call.

        [documented: model; guide, status messages and dashboards, for the texts]
        """
        with mock_backup(region=HERE, progress=mode, default_vault=True) as backup:
            client().create_backup_vault(BackupVaultName="locked")
            client().put_backup_vault_lock_configuration(
                BackupVaultName="locked", MinRetentionDays=7, MaxRetentionDays=30
            )
            job = backup.backup_jobs[start_backup("locked", Lifecycle=lifecycle)]
            vault = job["BackupVaultArn"]
            ended(mode, job, clock)
            source = backup.add_backup_job()
            answer = client().start_copy_job(
                RecoveryPointArn=source["RecoveryPointArn"],
                SourceBackupVaultName="Default",
                DestinationBackupVaultArn=vault,
                IamRoleArn=ROLE,
                Lifecycle=lifecycle,
            )
            copy = ended(mode, backup.copy_jobs[answer["CopyJobId"]], clock)
            texts = (
                (
                    "Backup job failed because the lifecycle is outside the valid range for backup "
                    "vault."
                ),
                (
                    "Copy job failed. The retention specified in the job is not within the range "
                    "specified for the target Backup Vault."
                ),
            )
            for each, text in zip((job, copy), texts, strict=True):
                assert each["State"] == ("FAILED" if fails else "COMPLETED")
                assert each.get("StatusMessage") == (text if fails else None)
            points = client().list_recovery_points_by_backup_vault(BackupVaultName="locked")
            assert len(points["RecoveryPoints"]) == (0 if fails else 2)

    @pytest.mark.parametrize("mode", ["polls", "clock"])
    @pytest.mark.parametrize("resource", [VOLUME, STACK])
    @pytest.mark.parametrize("outcome", ["COMPLETED", "PARTIAL"])
    def test_a_vault_that_vanishes(
        self, clock: Any, mode: Any, resource: str, outcome: Any
    ) -> None:
        """A job whose vault is deleted meanwhile fails, and makes no vault anew."""
        with mock_backup(region=HERE, progress=mode) as backup:
            client().create_backup_vault(BackupVaultName="gone")
            backup.next_outcome("StartBackupJob", State=outcome)
            answer = client().start_backup_job(
                BackupVaultName="gone", ResourceArn=resource, IamRoleArn=ROLE
            )
            client().delete_backup_vault(BackupVaultName="gone")
            job = ended(mode, backup.backup_jobs[answer["BackupJobId"]], clock)
            assert {each["State"] for each in backup.backup_jobs.values()} == {"FAILED"}
            assert job["StatusMessage"] == (
                f"Backup job failed because backup vault arn:aws:backup:{HERE}:{OWN}:"
                f"backup-vault:gone does not exist."
            )
            assert not backup.vaults

    def test_a_destination_that_vanishes(self, clock: Any) -> None:
        """A copy job whose destination is deleted meanwhile fails."""
        with mock_backup(region=HERE) as backup:
            source = backup.add_backup_job()
            arn = client().create_backup_vault(BackupVaultName="gone")["BackupVaultArn"]
            answer = client().start_copy_job(
                RecoveryPointArn=source["RecoveryPointArn"],
                SourceBackupVaultName="Default",
                DestinationBackupVaultArn=arn,
                IamRoleArn=ROLE,
            )
            client().delete_backup_vault(BackupVaultName="gone")
            copy = ended("polls", backup.copy_jobs[answer["CopyJobId"]], clock)
            assert copy["StatusMessage"] == (
                f"Copy job failed because backup vault {arn} does not exist."
            )

    @pytest.mark.parametrize("resource", [VOLUME, STACK])
    def test_a_vault_that_vanishes_before_a_move_by_hand(self, resource: str) -> None:
        """What a client started cannot complete by hand then, and has its vault made by update."""
        with mock_backup(region=HERE, progress="manual") as backup:
            arn = client().create_backup_vault(BackupVaultName="gone")["BackupVaultArn"]
            job = backup.backup_jobs[start_backup("gone", ResourceArn=resource)]
            client().delete_backup_vault(BackupVaultName="gone")
            job.run()
            before = [dict(each) for each in backup.backup_jobs.values()], backup.events
            with pytest.raises(FakeBackupError) as caught:
                job.complete()
            assert str(caught.value) == (
                f"A backup job cannot go from RUNNING to COMPLETED when its backup vault {arn} is "
                f"deleted: AWS lets it fail. To set it all the same, and have the vault made anew, "
                f"call job.update(State='COMPLETED')."
            )
            assert before == ([dict(each) for each in backup.backup_jobs.values()], backup.events)
            assert not backup.vaults
            job.update(State="COMPLETED")
            assert list(backup.vaults) == ["gone"]
            assert list(backup.recovery_points) == [job["RecoveryPointArn"]]

    def test_what_fails_needs_no_vault(self) -> None:
        """Without its vault a job fails, by hand too, and makes none."""
        with mock_backup(region=HERE, progress="manual") as backup:
            client().create_backup_vault(BackupVaultName="gone")
            job = backup.backup_jobs[start_backup("gone")]
            client().delete_backup_vault(BackupVaultName="gone")
            job.fail("boom")
            assert (job["State"], job["StatusMessage"]) == ("FAILED", "boom")
            assert not backup.vaults

    def test_a_seeded_job_brings_its_vault_along(self) -> None:
        """A seeded job that completes by hand has its vault, whatever became of it."""
        with mock_backup(region=HERE) as backup:
            job = backup.add_backup_job(State="RUNNING", BackupVaultName="gone")
            client().delete_backup_vault(BackupVaultName="gone")
            job.complete()
            assert list(backup.recovery_points) == [job["RecoveryPointArn"]]
            assert backup.vaults["gone"].arn == job["BackupVaultArn"]

    def test_a_seeded_job_brings_its_vault_along_once(self) -> None:
        """A vault that a client deletes is not made anew by a seeded job that fails."""
        with mock_backup(region=HERE) as backup:
            job = backup.add_backup_job(State="RUNNING", BackupVaultName="gone")
            client().delete_backup_vault(BackupVaultName="gone")
            job.fail()
            assert job["State"] == "FAILED"
            assert not backup.vaults

    def test_a_vault_that_the_test_takes_from_a_job(self, backup: FakeBackup) -> None:
        """A job that the test gave no vault ARN ends all the same."""
        job = backup.backup_jobs[start_backup("Default")]
        job.progress = "polls"
        job.update(BackupVaultArn=None)
        for _ in range(3):
            described(job)
        assert job["State"] == "COMPLETED"


def vault_arn(name: str) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{HERE}:{OWN}:backup-vault:{name}"


class TestTheNameOfAVault:
    @pytest.mark.parametrize("kind", [BACKUP, pytest.param(SCAN, marks=scans)])
    def test_the_arn_follows(self, backup: FakeBackup, kind: Kind) -> None:
        """Where the name of a vault is changed its ARN follows, which the test did not give."""
        job = a_job(backup, kind, "RUNNING", BackupVaultName="AA")
        job.update(BackupVaultName="BB")
        assert (job["BackupVaultName"], job["BackupVaultArn"]) == ("BB", vault_arn("BB"))
        job.complete(BackupVaultName="CC")
        assert (job["BackupVaultName"], job["BackupVaultArn"]) == ("CC", vault_arn("CC"))

    def test_the_recovery_point_lies_where_both_say(self, backup: FakeBackup) -> None:
        """A job that completes in another vault leaves its recovery point there."""
        job = backup.add_backup_job(State="RUNNING")
        job.complete(BackupVaultName="CC")
        assert backup.recovery_points[job["RecoveryPointArn"]]["BackupVaultArn"] == vault_arn("CC")

    def test_the_name_follows(self, backup: FakeBackup) -> None:
        """Where the ARN of a vault is changed its name follows, which the test did not give."""
        job = backup.add_backup_job(BackupVaultArn=vault_arn("AA"))
        job.update(BackupVaultArn=vault_arn("BB"))
        assert (job["BackupVaultName"], job["BackupVaultArn"]) == ("BB", vault_arn("BB"))

    def test_in_another_account(self, backup: FakeBackup) -> None:
        """The ARN that follows is of the account that the job moves to."""
        job = backup.add_backup_job()
        job.update(BackupVaultName="BB", AccountId="111122223333")
        assert job["BackupVaultArn"] == vault_arn("BB").replace(OWN, "111122223333")

    @pytest.mark.parametrize("verb", ["update", "complete"])
    @pytest.mark.parametrize(
        ("seeded", "changed"),
        [
            ({"BackupVaultArn": vault_arn("AA")}, {"BackupVaultName": "BB"}),
            ({"BackupVaultName": "AA"}, {"BackupVaultArn": vault_arn("BB")}),
            ({}, {"BackupVaultName": "BB", "BackupVaultArn": vault_arn("AA")}),
        ],
    )
    def test_a_contradiction(
        self, backup: FakeBackup, verb: str, seeded: Any, changed: Any
    ) -> None:
        """A name and an ARN that the test gave both agree, or the change is refused."""
        job = backup.add_backup_job(State="RUNNING", **seeded)
        before = dict(job)
        text = (
            r"BackupVaultName '(AA|BB)' is not the name in BackupVaultArn '.*:(AA|BB)'\. Give both "
            r"members, BackupVaultName and BackupVaultArn, of the same vault\."
        )
        with pytest.raises(ValueError, match=text):
            getattr(job, verb)(**changed)
        assert dict(job) == before
        getattr(job, verb)(BackupVaultName="BB", BackupVaultArn=vault_arn("BB"))
        assert (job["BackupVaultName"], job["BackupVaultArn"]) == ("BB", vault_arn("BB"))


# --- Jobs that another thread removes -------------------------------------------------------


@pytest.mark.parametrize("what", ["move", "change", "set_mode"])
def test_a_job_removed_meanwhile(backup: FakeBackup, what: str) -> None:
    """A job that is removed while another thread waits to move it is refused as a removed one."""
    job = a_job(backup, BACKUP, "RUNNING")
    store = job.store
    assert store is not None
    backup.remove(job)
    arguments: dict[str, tuple[Any, ...]] = {
        "move": ("COMPLETED", {}, frozenset()),
        "change": ({"State": "FAILED"}, frozenset({"State"})),
        "set_mode": ("clock",),
    }
    with pytest.raises(FakeBackupError, match="is in no fake: add it first"):
        getattr(store, what)(job, *arguments[what])
    assert (job.state, len(backup.backup_jobs)) == ("RUNNING", 0)
