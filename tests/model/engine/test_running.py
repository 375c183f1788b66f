"""What may run at a time: jobs wait for those ahead of them, in every mode and by every row."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from freezegun import freeze_time

from fakebackup import EndlessWait, FakeBackup, mock_backup
from fakebackup.model.engine import running
from fakebackup.model.quotas import QUOTAS
from support.botocore_model import shows
from support.client import call
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE
from support.starting import scans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.model.jobs.job import Job

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LIST = {"Backup": "ListBackupJobs", "Copy": "ListCopyJobs", "Scan": "ListScanJobs"}
RUNNING_JOB = "Backup job failed because there was a running job for the same resource."

pytestmark = pytest.mark.fake_backup(region=REGION, default_vault=True)


@pytest.fixture(autouse=True)
def at() -> Iterator[Callable[[timedelta], None]]:
    """A function that lets time pass, to so long after the start."""
    with freeze_time(START) as frozen:
        yield lambda passed: frozen.move_to(START + passed)


def volume(name: object) -> str:
    """The ARN of a volume."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-{name}"


def vault(name: str, region: str = REGION, account: str = ACCOUNT) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def backup_of(backup: FakeBackup, arn: str, *, region: str = REGION, **asked: Any) -> Job:
    """Start a backup."""
    wanted = {"BackupVaultName": "Default", "ResourceArn": arn, "IamRoleArn": ROLE, **asked}
    made = call("StartBackupJob", region=region, **wanted)
    return backup.backend.organization.jobs.by_id[made["BackupJobId"]]


def copy_of(backup: FakeBackup, arn: str, to: str) -> Job:
    """Start a copy of a recovery point that is new."""
    point = backup.add_recovery_point(ResourceArn=arn, BackupVaultName="Default")
    asked = {"SourceBackupVaultName": "Default", "DestinationBackupVaultArn": to}
    made = call("StartCopyJob", RecoveryPointArn=point.arn, IamRoleArn=ROLE, **asked)
    return backup.copy_jobs[made["CopyJobId"]]


def restore_of(backup: FakeBackup, arn: str, **metadata: str) -> Job:
    """Start a restore of a recovery point that is new."""
    point = backup.add_recovery_point(ResourceArn=arn, BackupVaultName="Default")
    asked: Any = {"RecoveryPointArn": point.arn, "IamRoleArn": ROLE, "Metadata": metadata}
    return backup.restore_jobs[call("StartRestoreJob", **asked)["RestoreJobId"]]


def scan_of(backup: FakeBackup, arn: str, *, point: str | None = None) -> Job:
    """Start a scan, of a recovery point that is new if none is given."""
    if point is None:
        point = backup.add_recovery_point(ResourceArn=arn, BackupVaultName="Default").arn
    asked = {"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN", "IamRoleArn": ROLE}
    asked |= {"BackupVaultName": "Default", "ScannerRoleArn": ROLE, "RecoveryPointArn": point}
    return backup.scan_jobs[call("StartScanJob", **asked)["ScanJobId"]]


def scan_one_point(backup: FakeBackup, _n: int) -> Job:
    """Start a scan of the one recovery point of a volume."""
    found = [
        point
        for point in backup.recovery_points.values()
        if "vol-one" in point.members["ResourceArn"]
    ]
    return scan_of(backup, volume("one"), point=found[0].arn if found else None)


def cluster(name: object) -> str:
    """The ARN of an EKS cluster."""
    return f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{name}"


def table(name: object) -> str:
    """The ARN of a Timestream table."""
    return f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/d/table/{name}"


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        most: AWS's number.
        start: starts the n-th of the jobs that count together.
        apart: starts a job of the kind that does not count with them.
    """

    most: int
    start: Callable[[FakeBackup, int], Job]
    apart: Callable[[FakeBackup], Job]


COPIES, AWAY = vault("Copies"), vault("Away", OTHER_REGION)
THEIRS = vault("Theirs", account=OTHER_ACCOUNT)
ROWS = {
    "backups_per_resource": Row(
        1,
        lambda backup, _n: backup_of(backup, volume("one")),
        lambda backup: backup_of(backup, volume("other")),
    ),
    "timestream_backups": Row(
        4,
        lambda backup, n: backup_of(backup, table(n)),
        lambda backup: backup_of(backup, volume("other")),
    ),
    "copies_per_resource": Row(
        1,
        # Wherever they go, within the account.
        lambda backup, n: copy_of(backup, volume("one"), (COPIES, AWAY)[n % 2]),
        lambda backup: copy_of(backup, volume("one"), THEIRS),
    ),
    "cross_account_copies_per_resource": Row(
        30,
        lambda backup, _n: copy_of(backup, volume("one"), THEIRS),
        lambda backup: copy_of(backup, volume("one"), vault("Far", OTHER_REGION, OTHER_ACCOUNT)),
    ),
    "copies_per_region": Row(
        100,
        lambda backup, n: copy_of(backup, volume(n), AWAY),
        lambda backup: copy_of(backup, volume("other"), COPIES),
    ),
    "eks_restores_per_cluster": Row(
        1,
        lambda backup, _n: restore_of(backup, cluster("source"), clusterName="one"),
        lambda backup: restore_of(backup, cluster("source"), clusterName="other"),
    ),
    "eks_restores": Row(
        5,
        lambda backup, n: restore_of(backup, cluster("source"), clusterName=f"c{n}"),
        lambda backup: restore_of(backup, volume("other")),
    ),
    "timestream_restores": Row(
        1,
        lambda backup, n: restore_of(backup, table("source"), TableName=f"t{n}"),
        lambda backup: restore_of(backup, volume("other")),
    ),
    "scans_per_point": Row(1, scan_one_point, lambda backup: scan_of(backup, volume("one"))),
    "scans_per_resource": Row(
        5,
        lambda backup, _n: scan_of(backup, volume("one")),
        lambda backup: scan_of(backup, volume("other")),
    ),
    "scans": Row(
        150,
        lambda backup, n: scan_of(backup, volume(n)),
        lambda backup: restore_of(backup, volume("other")),
    ),
}
TESTS = {"ebs_or_ec2_restore_tests", "efs_or_s3_restore_tests", "other_restore_tests"}
WAITING = "waiting_scans_per_resource"


rows = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[scans] if name.startswith("scans") else []) for name in ROWS],
)
"""Parametrises a test by the rows, those of scans where botocore knows scans."""


@pytest.fixture
def vaults(backup: FakeBackup) -> None:
    """Vaults to copy to."""
    seed(backup)


def seed(backup: FakeBackup) -> None:
    """Add the vaults that are copied to."""
    backup.add_vault(BackupVaultName="Copies")
    backup.at(region=OTHER_REGION).add_vault(BackupVaultName="Away")
    other = backup.at(account_id=OTHER_ACCOUNT)
    other.add_vault(BackupVaultName="Theirs")
    other.at(region=OTHER_REGION).add_vault(BackupVaultName="Far")


def states(jobs: list[Job]) -> list[str]:
    """The states of jobs."""
    return [job.state for job in jobs]


def poll_for_ever(job: Job) -> None:
    """Ask for a backup job until something raises."""
    while True:
        call("DescribeBackupJob", BackupJobId=job.id)


def test_the_table() -> None:
    """Each row of the engine has its quota, AWS's number, and its tests."""
    limits = [limit.quota for each in running.LIMITS.values() for limit in each]
    assert set(limits) == {*ROWS, *TESTS}
    assert [limit.quota for limit in running.WAITING.values()] == [WAITING]
    assert {name: QUOTAS[name].most for name in ROWS} == {
        name: row.most for name, row in ROWS.items()
    }
    assert {name for name, quota in QUOTAS.items() if quota.least} == set(limits)


@pytest.mark.fake_backup(progress="clock")
class TestRows:
    """Every row, by the clock."""

    @rows
    @pytest.mark.usefixtures("vaults")
    def test_aws_number(
        self, backup: FakeBackup, at: Callable[[timedelta], None], name: str
    ) -> None:
        """As many as AWS lets run do; the next one waits until the first ends, then runs at once.

        [documented: guide, quotas]
        """
        row = ROWS[name]
        jobs = [row.start(backup, n) for n in range(row.most)]
        last = row.start(backup, row.most)
        other = row.apart(backup)
        first = last.state
        assert first in ("CREATED", "PENDING")
        at(MINUTE)
        assert {*states(jobs), other.state} == {"RUNNING"}
        assert last.state == first
        at(11 * MINUTE - SECOND)
        assert last.state == first
        at(11 * MINUTE)
        assert {*states(jobs), other.state} == {"COMPLETED"}
        assert last.state == "RUNNING"
        at(21 * MINUTE)
        assert last.state == "COMPLETED"

    @rows
    def test_lowered(self, at: Callable[[timedelta], None], name: str) -> None:
        """The option `quotas` sets another number; those that wait go in the order of starts."""
        row = ROWS[name]
        others = {"backups_per_resource", "copies_per_resource", "eks_restores_per_cluster"}
        # What is counted more finely is not to get in the way.
        quotas = dict.fromkeys({*others, "scans_per_point"} - {name}, 9)
        with mock_backup(
            region=REGION, default_vault=True, progress="clock", quotas={**quotas, name: 2}
        ) as backup:
            seed(backup)
            jobs = [row.start(backup, n) for n in range(5)]
            for minutes, done in ((1, 0), (11, 2), (21, 4)):
                at(minutes * MINUTE)
                runs = min(2, 5 - done)
                assert states(jobs[:done]) == ["COMPLETED"] * done
                assert states(jobs[done : done + runs]) == ["RUNNING"] * runs
                assert {*states(jobs[done + runs :])} <= {"CREATED", "PENDING"}
            at(31 * MINUTE)
            assert {*states(jobs)} == {"COMPLETED"}

    @rows
    def test_none_is_refused(self, name: str) -> None:
        """With 0 no job of the kind would ever run."""
        with pytest.raises(ValueError, match=rf"quotas\['{name}'\] is 1 or more, not 0\."):
            mock_backup(quotas={name: 0}).start()

    def test_accounts_and_regions(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """Each account and each Region is counted apart."""
        with backup.acting_as(OTHER_ACCOUNT):
            theirs = backup_of(backup, volume("one"))
        there = backup_of(backup, volume("one"), region=OTHER_REGION)
        jobs = [theirs, there, backup_of(backup, volume("one"))]
        at(MINUTE)
        assert states(jobs) == ["RUNNING"] * 3

    @scans
    def test_too_many_wait(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Of more than ten scans of a resource that wait the oldest one fails [documented]."""
        jobs = [scan_of(backup, volume("one")) for _ in range(15)]
        assert states(jobs) == ["CREATED"] * 15
        jobs += [scan_of(backup, volume("one")) for _ in range(2)]
        assert states(jobs) == ["CREATED"] * 5 + ["FAILED"] * 2 + ["CREATED"] * 10
        # Those of another resource wait for themselves.
        assert scan_of(backup, volume("other")).state == "CREATED"
        at(2 * HOUR)
        assert [n for n, job in enumerate(jobs) if job.state != "COMPLETED"] == [5, 6]

    @scans
    @pytest.mark.fake_backup(quotas={WAITING: 0})
    def test_none_may_wait(self, backup: FakeBackup) -> None:
        """With 0 a scan that would have to wait fails at once."""
        jobs = [scan_of(backup, volume("one")) for _ in range(6)]
        assert states(jobs) == ["CREATED"] * 5 + ["FAILED"]


class TestModes:
    """No wait is endless in any mode."""

    def test_polls(self, backup: FakeBackup) -> None:
        """A poll of a job that waits counts as one of the job ahead of it."""
        jobs = [backup_of(backup, volume("one")) for _ in range(3)]
        told = []
        while (state := call("DescribeBackupJob", BackupJobId=jobs[2].id)["State"]) != "COMPLETED":
            told.append(state)
        # Two of each job ahead, and its own.
        assert told == ["CREATED"] * 5 + ["RUNNING"]
        assert states(jobs) == ["COMPLETED"] * 3

    @rows
    @pytest.mark.usefixtures("vaults")
    def test_polls_of_the_last(self, backup: FakeBackup, name: str) -> None:
        """A loop over the last of more than may run ends, whatever the row."""
        row = ROWS[name]
        for n in range(row.most):
            row.start(backup, n)
        last = row.start(backup, row.most)
        kind = last.kind.name.split()[0].capitalize()
        for _ in range(4):
            assert last.state != "COMPLETED"
            call(f"Describe{kind}Job", **{f"{kind}JobId": last.id})
        assert last.state == "COMPLETED"

    def test_how_it_reads(self, backup: FakeBackup) -> None:
        """A job that waits has the members of one that is CREATED, and no message."""
        first, second = (backup_of(backup, volume("one")) for _ in range(2))
        told = [call("DescribeBackupJob", BackupJobId=job.id) for job in (first, second)]
        assert told[1] == {**told[0], "BackupJobId": second.id}
        assert "StatusMessage" not in told[1]

    def test_a_list(self, backup: FakeBackup) -> None:
        """A list moves each job once: the one ahead no further for those that wait for it."""
        jobs = [backup_of(backup, volume("one")) for _ in range(3)]
        told = []
        for _ in range(6):
            call("ListBackupJobs")
            told.append(states(jobs))
        assert told == [
            ["RUNNING", "CREATED", "CREATED"],
            ["COMPLETED", "CREATED", "CREATED"],
            ["COMPLETED", "RUNNING", "CREATED"],
            ["COMPLETED", "COMPLETED", "CREATED"],
            ["COMPLETED", "COMPLETED", "RUNNING"],
            ["COMPLETED", "COMPLETED", "COMPLETED"],
        ]

    @pytest.mark.fake_backup(progress="immediate")
    def test_at_once(self, backup: FakeBackup) -> None:
        """At once, jobs wait only for one that the test keeps RUNNING; its end frees them all."""
        assert backup_of(backup, volume("one")).state == "COMPLETED"
        backup.next_outcome("StartBackupJob", State="RUNNING")
        kept = backup_of(backup, volume("one"))
        others = [backup_of(backup, volume("one")) for _ in range(500)]
        assert {*states(others)} == {"CREATED"}
        assert others[0].get("StatusMessage") is None
        kept.fail("boom")
        assert {*states(others)} == {"COMPLETED"}
        ends = [
            event["detail"]["backupJobId"]
            for event in backup.events
            if event["detail"].get("state") == "COMPLETED" and "backupJobId" in event["detail"]
        ]
        assert ends[1:] == [job.id for job in others]

    @pytest.mark.fake_backup(progress="manual")
    def test_by_hand(self, backup: FakeBackup) -> None:
        """What the test moves is never held back, and holds back once it runs."""
        first, second, third = (backup_of(backup, volume("one")) for _ in range(3))
        third.progress = "polls"
        call("DescribeBackupJob", BackupJobId=third.id)
        assert states([first, second, third]) == ["CREATED", "CREATED", "RUNNING"]
        first.run()
        second.complete()
        assert states([first, second, third]) == ["RUNNING", "COMPLETED", "RUNNING"]
        fourth = backup_of(backup, volume("one"))
        third.complete()
        fourth.progress = "immediate"
        assert fourth.state == "CREATED"
        first.complete()
        assert fourth.state == "COMPLETED"

    def test_told_to_move_by_hand(self, backup: FakeBackup) -> None:
        """A job whose progress becomes the test's makes room, unless it runs."""
        first, second = (backup_of(backup, volume("one")) for _ in range(2))
        first.progress = "manual"
        call("DescribeBackupJob", BackupJobId=second.id)
        assert states([first, second]) == ["CREATED", "RUNNING"]
        first.progress = "polls"
        call("DescribeBackupJob", BackupJobId=first.id)
        assert states([first, second]) == ["CREATED", "COMPLETED"]

    def test_a_job_that_waits_moved_by_hand(self, backup: FakeBackup) -> None:
        """A job that waits runs when the test says so, beside the one ahead of it."""
        first, second, third = (backup_of(backup, volume("one")) for _ in range(3))
        second.run()
        call("ListBackupJobs")
        assert states([first, second, third]) == ["RUNNING", "COMPLETED", "CREATED"]
        first.complete()
        third.complete()
        assert states([first, second, third]) == ["COMPLETED"] * 3

    def test_a_loop_that_nothing_ends(self, backup: FakeBackup) -> None:
        """A loop over a job that waits for one that the test keeps is told for which."""
        backup.next_outcome("StartBackupJob", State="RUNNING")
        kept, waits = (backup_of(backup, volume("one")) for _ in range(2))
        text = rf"it waits for <backup job {kept.id}.*next_outcome\(\.\.\., State='RUNNING'\) keeps"
        text += r" it there\)\. Move that one in the test, by job\.complete\(\)"
        with pytest.raises(EndlessWait, match=text):
            poll_for_ever(waits)
        kept.complete()
        call("DescribeBackupJob", BackupJobId=waits.id)
        assert waits.state == "RUNNING"

    @pytest.mark.parametrize("state", ["CREATED", "RUNNING"])
    def test_seeded_jobs(self, backup: FakeBackup, state: Any) -> None:
        """Seeded jobs hold nobody back, and wait for nobody, even if they move."""
        seeded = backup.add_backup_job(ResourceArn=volume("one"), State=state)
        moving = backup.add_backup_job(ResourceArn=volume("one"), State="CREATED")
        moving.progress = "polls"
        job = backup_of(backup, volume("one"))
        call("ListBackupJobs")
        assert states([seeded, moving, job]) == [state, "RUNNING", "RUNNING"]

    @pytest.mark.parametrize("state", ["CREATED", "PENDING"])
    def test_kept_before_it_runs(self, backup: FakeBackup, state: Any) -> None:
        """A job that the test keeps from running holds nobody back."""
        backup.next_outcome("StartBackupJob", State=state)
        kept, other = (backup_of(backup, volume("one")) for _ in range(2))
        for _ in range(4):
            call("ListBackupJobs")
        assert states([kept, other]) == [state, "COMPLETED"]

    @pytest.mark.fake_backup(progress="clock")
    def test_one_that_is_to_expire(
        self, backup: FakeBackup, at: Callable[[timedelta], None]
    ) -> None:
        """A job that ends without having run holds nobody back, and waits for nobody."""
        backup.next_outcome("StartBackupJob", State="EXPIRED")
        late, other = (backup_of(backup, volume("one")) for _ in range(2))
        at(2 * HOUR)
        assert states([late, other]) == ["CREATED", "COMPLETED"]
        at(9 * HOUR)
        assert late.state == "EXPIRED"


class TestEnds:
    """What ends a job that waits, or the one ahead."""

    @pytest.mark.fake_backup(progress="clock")
    def test_the_start_window(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A job that finds no room within its start window is EXPIRED [documented: Timestream]."""
        backup.next_outcome("StartBackupJob", State="RUNNING")
        kept = backup_of(backup, volume("one"))
        late = backup_of(backup, volume("one"), StartWindowMinutes=60)
        later = backup_of(backup, volume("one"), StartWindowMinutes=120)
        at(HOUR - SECOND)
        assert late.state == "CREATED"
        at(HOUR + MINUTE)
        assert (late.state, late["MessageCategory"]) == ("EXPIRED", "JOB_EXPIRED")
        assert late["StatusMessage"] == "Backup job expired before completion."
        assert late["CompletionDate"] == START + HOUR
        kept.complete()
        assert later.state == "RUNNING"

    def test_stopped(self, backup: FakeBackup) -> None:
        """StopBackupJob ends a job that waits, as one that is CREATED; the next one moves up."""
        first, second, third = (backup_of(backup, volume("one")) for _ in range(3))
        call("StopBackupJob", BackupJobId=second.id)
        call("DescribeBackupJob", BackupJobId=second.id)
        assert states([first, second]) == ["CREATED", "ABORTED"]
        call("StopBackupJob", BackupJobId=first.id)
        assert third.state == "CREATED"
        for _ in range(3):
            call("DescribeBackupJob", BackupJobId=third.id)
        assert states([first, second, third]) == ["ABORTED", "ABORTED", "COMPLETED"]

    @pytest.mark.parametrize("ends", ["complete", "fail", "abort", "expire"])
    def test_moves(self, backup: FakeBackup, ends: str) -> None:
        """Any end of the job ahead makes room, even one before it has run."""
        first, second = (backup_of(backup, volume("one")) for _ in range(2))
        getattr(first, ends)()
        call("DescribeBackupJob", BackupJobId=second.id)
        assert second.state == "RUNNING"

    def test_removed(self, backup: FakeBackup) -> None:
        """A job that is removed makes room, and one that waits can be removed."""
        first, second, third = (backup_of(backup, volume("one")) for _ in range(3))
        backup.remove(second)
        backup.remove(first)
        call("DescribeBackupJob", BackupJobId=third.id)
        assert third.state == "RUNNING"
        backup.reset()
        backup.add_vault(BackupVaultName="Default")
        fresh = backup_of(backup, volume("one"))
        call("DescribeBackupJob", BackupJobId=fresh.id)
        assert fresh.state == "RUNNING"

    @pytest.mark.parametrize("which", [0, 1])
    def test_renamed(self, backup: FakeBackup, which: int) -> None:
        """A job keeps its place under another id."""
        jobs = [backup_of(backup, volume("one")) for _ in range(3)]
        jobs[which].update(BackupJobId="renamed", ResourceArn=volume("other"))
        call("ListBackupJobs")
        assert states(jobs) == ["RUNNING", "CREATED", "CREATED"]
        for _ in range(2):
            call("ListBackupJobs")
        assert states(jobs) == ["COMPLETED", "RUNNING", "CREATED"]

    def test_outcomes(self, backup: FakeBackup) -> None:
        """An outcome that was chosen is that of a job that waits, too."""
        first = backup_of(backup, volume("one"))
        backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
        second = backup_of(backup, volume("one"))
        first.complete()
        assert second.state == "CREATED"
        for _ in range(2):
            call("ListBackupJobs")
        assert (second.state, second["StatusMessage"]) == ("FAILED", "boom")

    def test_savepoint(self, backup: FakeBackup) -> None:
        """A savepoint undoes who waits for whom."""
        first, second = (backup_of(backup, volume("one")) for _ in range(2))
        with backup.savepoint():
            third = backup_of(backup, volume("one"))
            first.complete()
            second.complete()
            call("ListBackupJobs")
            assert third.state == "RUNNING"
        assert states([first, second]) == ["CREATED", "CREATED"]
        for _ in range(2):
            call("ListBackupJobs")
        assert states([first, second]) == ["COMPLETED", "CREATED"]

    @pytest.mark.parametrize("choice", ["waits", "together"])
    def test_dump(self, backup: FakeBackup, choice: Any) -> None:
        """A dump has who waits for whom; the other fake's options say for how many."""
        ids = [backup_of(backup, volume("one")).id for _ in range(3)]
        document = backup.dump()
        with mock_backup(region=REGION, same_resource=choice) as other:
            other.load(document)
            for _ in range(2):
                call("ListBackupJobs")
            found = states([other.backup_jobs[each] for each in ids])
        waits = choice == "waits"
        assert found == ["COMPLETED", *(["CREATED"] * 2 if waits else ["COMPLETED"] * 2)]

    @pytest.mark.parametrize("which", [0, 1])
    def test_damaged_dump(self, backup: FakeBackup, which: int) -> None:
        """A job that stands there twice is refused, whether it runs or waits."""
        ids = [backup_of(backup, volume("one")).id for _ in range(2)]
        document = backup.dump()
        lanes = document["Clockwork"]["AtATime"]
        lanes.append(lanes[which])
        text = rf"AtATime\[2\]\.Job is a job that is not listed before, not '{ids[which]}'"
        with mock_backup(region=REGION) as other, pytest.raises(ValueError, match=text):
            other.load(document)

    @pytest.mark.parametrize("which", [0, 1])
    def test_edited_dump(self, backup: FakeBackup, which: int) -> None:
        """One that ended by an edit of the dump holds nobody back, whether it ran or waited."""
        ids = [backup_of(backup, volume("one")).id for _ in range(3)]
        document = backup.dump()
        jobs = document["Accounts"][0]["BackupJobs"]
        next(each for each in jobs if each["BackupJobId"] == ids[which])["State"] = "COMPLETED"
        for lane in document["Clockwork"]["AtATime"]:
            lane["CountsIn"] = lane.get("CountsIn", []) * 2
        with mock_backup(region=REGION) as other:
            other.load(document)
            for _ in range(5):
                call("ListBackupJobs")
            assert {job.state for job in other.backup_jobs.values()} == {"COMPLETED"}


STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1"


def children_of(backup: FakeBackup, parent: Job | None = None) -> list[Job]:
    """The children of a composite job, or of all."""
    children = [job for job in backup.backup_jobs.values() if job.get("ParentJobId")]
    return [job for job in children if parent is None or job["ParentJobId"] == parent.id]


class TestComposites:
    """A composite job stands for its children."""

    @pytest.mark.parametrize("progress", ["polls", "clock", "immediate"])
    def test_children_wait(self, at: Callable[[timedelta], None], progress: Any) -> None:
        """The children of a job that waits do so, and go on with it."""
        with mock_backup(region=REGION, default_vault=True, progress=progress) as backup:
            backup.next_outcome("StartBackupJob", State="RUNNING")
            kept = backup_of(backup, STACK)
            waits = backup_of(backup, STACK)
            children = children_of(backup, waits)
            assert children
            at(HOUR)
            for child in children:
                call("DescribeBackupJob", BackupJobId=child.id)
            call("ListBackupJobs")
            assert {*states([waits, *children])} == {"CREATED"}
            kept.complete()
            at(2 * HOUR)
            for _ in range(4):
                call("ListBackupJobs")
            assert {*states([waits, *children])} == {"COMPLETED"}

    @pytest.mark.fake_backup(progress="clock")
    def test_moved_by_hand(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """The children of a job that is run, stopped or removed while it waits wait no more."""
        backup.next_outcome("StartBackupJob", State="RUNNING")
        kept = backup_of(backup, STACK)
        run, gone, stopped = (backup_of(backup, STACK) for _ in range(3))
        run.run()
        backup.remove(gone)
        stopped.abort()
        at(HOUR)
        assert states([kept, run, stopped]) == ["RUNNING", "COMPLETED", "ABORTED"]
        ends = {job["ParentJobId"]: job.state for job in children_of(backup)}
        assert ends == {
            kept.id: "RUNNING",
            run.id: "COMPLETED",
            gone.id: "COMPLETED",
            stopped.id: "ABORTED",
        }


def plan(name: str, arn: str, **rule: Any) -> str:
    """A new plan of one resource, which runs every day at one."""
    first = {"RuleName": "rule", "TargetBackupVaultName": "Default"}
    first |= {"ScheduleExpression": "cron(0 1 ? * * *)", **rule}
    made = call("CreateBackupPlan", BackupPlan={"BackupPlanName": name, "Rules": [first]})
    chosen = {"SelectionName": "one", "IamRoleArn": ROLE, "Resources": [arn]}
    call("CreateBackupSelection", BackupPlanId=made["BackupPlanId"], BackupSelection=chosen)
    return str(made["BackupPlanId"])


@pytest.mark.fake_backup(progress="clock")
class TestPlans:
    """Jobs that plans start."""

    def test_two_plans(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """Of two plans that back up one resource the second waits for the first."""
        first, second = (plan(name, volume("one")) for name in ("first", "second"))
        at(HOUR + 12 * MINUTE)
        jobs = {job["CreatedBy"]["BackupPlanId"]: job for job in backup.backup_jobs.values()}
        assert [jobs[each].state for each in (first, second)] == ["COMPLETED", "RUNNING"]
        at(2 * HOUR)
        ends = [jobs[each]["CompletionDate"] for each in (first, second)]
        assert ends == [START + HOUR + 11 * MINUTE, START + HOUR + 21 * MINUTE]

    @pytest.mark.usefixtures("vaults")
    def test_copies(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A rule's copies within the account go one after the other, a third beside them."""
        actions = [{"DestinationBackupVaultArn": each} for each in (COPIES, AWAY, THEIRS)]
        plan("copying", volume("one"), CopyActions=actions)
        at(HOUR + 12 * MINUTE)
        copies = {job["DestinationBackupVaultArn"]: job for job in backup.copy_jobs.values()}
        found = [copies[each].state for each in (COPIES, AWAY, THEIRS)]
        assert found == ["RUNNING", "CREATED", "RUNNING"]
        at(2 * HOUR)
        assert {*states(list(copies.values()))} == {"COMPLETED"}

    @pytest.mark.skipif(
        not shows("BackupRuleInput", "TargetLogicallyAirGappedBackupVaultArn"),
        reason="this botocore does not know the member",
    )
    @pytest.mark.usefixtures("vaults")
    def test_air_gapped(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A temporary recovery point goes when all copies have ended, those that wait too."""
        kept: dict[str, Any] = {"MinRetentionDays": 7, "MaxRetentionDays": 90}
        made = call("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", **kept)
        target = {"TargetLogicallyAirGappedBackupVaultArn": made["BackupVaultArn"]}
        actions = [{"DestinationBackupVaultArn": COPIES}]
        days = {"DeleteAfterDays": 30}
        plan("gapped", volume("one"), **target, CopyActions=actions, Lifecycle=days)
        at(HOUR + 25 * MINUTE)
        copies = list(backup.copy_jobs.values())
        assert sorted(states(copies)) == ["COMPLETED", "RUNNING"]
        lies = [point.vault.name for point in backup.recovery_points.values()]
        assert sorted(lies) == ["Default", "gapped"]
        at(2 * HOUR)
        lies = [point.vault.name for point in backup.recovery_points.values()]
        assert sorted(lies) == ["Copies", "gapped"]

    @pytest.mark.fake_backup(progress="immediate")
    def test_many(self, backup: FakeBackup) -> None:
        """A plan's jobs of many resources do not look at each other."""
        backup.next_outcome("StartBackupJob", State="RUNNING", times=1000)
        for n in range(1000):
            backup.add_resource(volume(n))
        backup.run_plan(plan("all", "*"))
        assert {*states(list(backup.backup_jobs.values()))} == {"RUNNING"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("EBS", "ebs_or_ec2_restore_tests"),
        ("EC2", "ebs_or_ec2_restore_tests"),
        ("EFS", "efs_or_s3_restore_tests"),
        ("S3", "efs_or_s3_restore_tests"),
        ("DynamoDB", "other_restore_tests"),
    ],
)
@pytest.mark.parametrize("progress", ["polls", "clock"])
def test_restore_tests(
    at: Callable[[timedelta], None], kind: Any, name: str, progress: Any
) -> None:
    """Restore tests of a type wait for each other, not for those of another type."""
    with mock_backup(region=REGION, progress=progress, quotas={name: 1}) as backup:
        tested = {
            "RestoreTestingPlanName": "own",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
        }
        call("CreateRestoreTestingPlan", RestoreTestingPlan=tested)
        other = "EBS" if kind == "EC2" else "EC2"
        for each in (kind, other):
            chosen = {
                "RestoreTestingSelectionName": each,
                "IamRoleArn": ROLE,
                "ProtectedResourceType": each,
                "ProtectedResourceArns": ["*"],
            }
            asked: Any = {"RestoreTestingPlanName": "own", "RestoreTestingSelection": chosen}
            call("CreateRestoreTestingSelection", **asked)
        for each in (kind, kind, other):
            backup.add_recovery_point(ResourceType=each, CreationDate=START)
        jobs = backup.run_restore_testing_plan("own")
        of_kind = [job for job in jobs if job["ResourceType"] == kind]
        (beside,) = (job for job in jobs if job["ResourceType"] == other)
        at(MINUTE)
        call("ListRestoreJobs")
        assert sorted(states([*of_kind, beside])) == ["PENDING", "RUNNING", "RUNNING"]
        assert beside.state == "RUNNING"
        at(HOUR)
        for _ in range(3):
            call("ListRestoreJobs")
        assert {*states(jobs)} == {"COMPLETED"}


class TestOption:
    """The option `same_resource`."""

    @pytest.mark.parametrize("progress", ["polls", "clock", "immediate"])
    @pytest.mark.parametrize("kind", ["Backup", "Copy"])
    def test_fails(self, at: Callable[[timedelta], None], progress: Any, kind: Any) -> None:
        """A job that is to run while another one does fails, with AWS's words [documented]."""
        options: dict[str, Any] = {"same_resource": "fails", "progress": progress}
        with mock_backup(region=REGION, default_vault=True, **options) as backup:
            seed(backup)
            start: Any = {
                "Backup": partial(backup_of, backup, volume("one")),
                "Copy": partial(copy_of, backup, volume("one"), COPIES),
            }[kind]
            operation: Any = f"Start{kind}Job"
            backup.next_outcome(operation, State="RUNNING")
            kept = start()
            at(MINUTE)
            call(LIST[kind])
            assert kept.state == "RUNNING"
            job = start()
            at(2 * MINUTE)
            call(LIST[kind])
            texts = {
                "Backup": RUNNING_JOB,
                "Copy": "There are too many copy jobs running for resource.",
            }
            assert (job.state, job["StatusMessage"]) == ("FAILED", texts[kind])
            assert job["MessageCategory"] == "CONCURRENT_JOB"
            kept.complete()
            after = start()
            at(HOUR)
            for _ in range(2):
                call(LIST[kind])
            assert after.state == "COMPLETED"

    @pytest.mark.fake_backup(same_resource="fails", quotas={"backups_per_resource": 2})
    def test_fails_by_number(self, backup: FakeBackup) -> None:
        """The number is that of the quota; the job that is to run last is the one that fails."""
        jobs = [backup_of(backup, volume("one")) for _ in range(3)]
        call("DescribeBackupJob", BackupJobId=jobs[2].id)
        call("DescribeBackupJob", BackupJobId=jobs[1].id)
        call("DescribeBackupJob", BackupJobId=jobs[0].id)
        assert states(jobs) == ["FAILED", "RUNNING", "RUNNING"]

    @pytest.mark.fake_backup(same_resource="fails", progress="clock")
    def test_fails_composite(self, backup: FakeBackup, at: Callable[[timedelta], None]) -> None:
        """A composite job that fails so ends its children."""
        backup.next_outcome("StartBackupJob", State="RUNNING")
        backup_of(backup, STACK)
        at(MINUTE)
        job = backup_of(backup, STACK)
        at(HOUR)
        assert (job.state, job["StatusMessage"]) == ("FAILED", RUNNING_JOB)
        assert {*states(children_of(backup, job))} == {"FAILED"}

    @pytest.mark.fake_backup(same_resource="together")
    @pytest.mark.usefixtures("vaults")
    def test_together(self, backup: FakeBackup) -> None:
        """Any number of backups and copies of a resource run; the other quotas hold."""
        jobs = [backup_of(backup, volume("one")) for _ in range(9)]
        jobs += [copy_of(backup, volume("one"), COPIES) for _ in range(9)]
        tables = [backup_of(backup, table("one")) for _ in range(5)]
        call("ListBackupJobs")
        call("ListCopyJobs")
        assert {*states(jobs)} == {"RUNNING"}
        assert states(tables) == ["RUNNING"] * 4 + ["CREATED"]

    def test_refused(self) -> None:
        """Another value is told with what is near."""
        with pytest.raises(ValueError, match="same_resource is one of waits, fails, together, not"):
            mock_backup(same_resource="wait").start()  # type: ignore[call-overload]
