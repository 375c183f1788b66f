"""How the test decides how the jobs end that the code under test starts next."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from fakebackup import EndlessWait, FakeBackup, FakeBackupError, mock_backup
from fakebackup.model.engine.outcomes import INDEX, JOB_STARTERS
from fakebackup.model.jobs import life
from fakebackup.model.shapes import model as shapes
from support.client import client

if TYPE_CHECKING:
    from fakebackup.model.jobs.job import Job

OWN, OTHER = "123456789012", "111122223333"
HERE, THERE = "us-east-1", "eu-west-1"
NOON = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
ROLE = f"arn:aws:iam::{OWN}:role/backup"
VOLUME = f"arn:aws:ec2:{HERE}:{OWN}:volume/vol-0abc"
BUCKET = "arn:aws:s3:::bucket"
STACK = f"arn:aws:cloudformation:{HERE}:{OWN}:stack/stack/1"
CLUSTER = f"arn:aws:eks:{HERE}:{OWN}:cluster/cluster"
ODD = f"arn:aws:quux:{HERE}:{OWN}:thing"
"""Of a type that the fake does not know: whether it nests is nobody's to say."""

scans = pytest.mark.skipif(
    "StartScanJob" not in shapes.service_model().operation_names,
    reason="this botocore knows no scan jobs",
)
OPERATIONS = [
    pytest.param(operation, marks=[scans] if operation == "StartScanJob" else [])
    for operation in JOB_STARTERS
]


pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="immediate")


def start(backup: FakeBackup, operation: str = "StartBackupJob", resource: str = VOLUME) -> Job:
    """Start a job of any kind for a resource."""
    if operation == "StartBackupJob":
        answer = client().start_backup_job(
            BackupVaultName="Default", ResourceArn=resource, IamRoleArn=ROLE
        )
        return backup.backup_jobs[answer["BackupJobId"]]
    if operation == "StartReportJob":
        if not client().list_report_plans()["ReportPlans"]:
            client().create_report_plan(
                ReportPlanName="plan",
                ReportDeliveryChannel={"S3BucketName": "bucket"},
                ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
            )
        answer = client().start_report_job(ReportPlanName="plan")
        return backup.report_jobs[answer["ReportJobId"]]
    point = backup.add_backup_job(ResourceArn=resource)["RecoveryPointArn"]
    given = {"RecoveryPointArn": point, "IamRoleArn": ROLE}
    if operation == "StartCopyJob":
        answer = client().start_copy_job(
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=f"arn:aws:backup:{THERE}:{OWN}:backup-vault:Default",
            **given,
        )
        return backup.copy_jobs[answer["CopyJobId"]]
    if operation == "StartRestoreJob":
        answer = client().start_restore_job(Metadata={}, **given)
        return backup.restore_jobs[answer["RestoreJobId"]]
    answer = client().start_scan_job(
        BackupVaultName="Default",
        MalwareScanner="GUARDDUTY",
        ScanMode="FULL_SCAN",
        ScannerRoleArn=ROLE,
        **given,
    )
    return backup.scan_jobs[answer["ScanJobId"]]


class TestEnds:
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_completed_unless_the_test_says_otherwise(
        self, backup: FakeBackup, operation: str
    ) -> None:
        """Without a word of the test's a job completes."""
        assert start(backup, operation).state == "COMPLETED"

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_every_end(self, backup: FakeBackup, operation: Any) -> None:
        """A job ends in each of its kind's final states, as chosen, and once."""
        ends: Any = [each for each in life.outcomes(JOB_STARTERS[operation]) if each != "PARTIAL"]
        for state in ends:
            backup.next_outcome(operation, State=state)
            assert start(backup, operation).state == state
            assert start(backup, operation).state == "COMPLETED"

    @pytest.mark.fake_backup(leftovers="ignore")
    def test_partial(self, backup: FakeBackup) -> None:
        """PARTIAL waits for the composite job it is chosen for; for any job, it is the next's."""
        for resource in (STACK, CLUSTER, ODD):
            backup.next_outcome("StartBackupJob", ResourceArn=resource, State="PARTIAL")
        assert [start(backup, resource=each).state for each in (VOLUME, STACK, CLUSTER)] == [
            "COMPLETED",
            "PARTIAL",
            "PARTIAL",
        ]
        for operation in ("StartBackupJob", "StartCopyJob"):
            backup.next_outcome(operation, State="PARTIAL")
            assert start(backup, operation).state == "PARTIAL"

    @pytest.mark.parametrize("operation", ["StartBackupJob", "StartCopyJob"])
    def test_message_and_category(self, backup: FakeBackup, operation: Any) -> None:
        """A failure has the message and the category that the test chose, where a client looks."""
        backup.next_outcome(
            operation, State="FAILED", StatusMessage="Denied.", MessageCategory="AccessDenied"
        )
        job = start(backup, operation)
        assert (job["State"], job["StatusMessage"], job["MessageCategory"]) == (
            "FAILED",
            "Denied.",
            "AccessDenied",
        )
        listed = "list_backup_jobs" if operation == "StartBackupJob" else "list_copy_jobs"
        [told] = client().get_paginator(listed).paginate(ByMessageCategory="AccessDenied")
        assert len(next(value for value in told.values() if isinstance(value, list))) == 1

    def test_a_message_alone(self, backup: FakeBackup) -> None:
        """The category follows from the state where only a message is chosen."""
        backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
        assert start(backup)["MessageCategory"] == "MISCELLANEOUS"
        backup.next_outcome("StartBackupJob", StatusMessage="VSS failed.")
        job = start(backup)
        assert (job["State"], job["MessageCategory"]) == ("COMPLETED", "MISCELLANEOUS")

    def test_a_failure_leaves_nothing(self, backup: FakeBackup) -> None:
        """A job that does not complete leaves no recovery point."""
        for state in ("FAILED", "EXPIRED", "ABORTED"):
            backup.next_outcome("StartBackupJob", State=state)
            assert "RecoveryPointArn" not in start(backup)
        assert not backup.recovery_points

    def test_members(self, backup: FakeBackup) -> None:
        """Other members that the job then has may be chosen, and left out by None."""
        backup.next_outcome("StartBackupJob", BackupSizeInBytes=7, MessageCategory=None)
        job = start(backup)
        assert (job["State"], job["BackupSizeInBytes"]) == ("COMPLETED", 7)
        assert "MessageCategory" not in job
        assert backup.recovery_points[job["RecoveryPointArn"]]["BackupSizeInBytes"] == 7

    @pytest.mark.parametrize("spelling", ["State", "Status"])
    def test_state_or_status(self, backup: FakeBackup, spelling: str) -> None:
        """A restore's Status may be called State, and a backup job's State Status."""
        ending: Any = {spelling: "FAILED"}
        backup.next_outcome("StartRestoreJob", **ending)
        backup.next_outcome("StartBackupJob", **ending)
        assert start(backup, "StartRestoreJob")["Status"] == "FAILED"
        assert start(backup)["State"] == "FAILED"

    @scans
    @pytest.mark.parametrize("state", ["COMPLETED", "COMPLETED_WITH_ISSUES"])
    def test_a_scan_that_finds_threats(self, backup: FakeBackup, state: Any) -> None:
        """A scan finds what the test chose."""
        backup.next_outcome(
            "StartScanJob", State=state, ScanResult={"ScanResultStatus": "THREATS_FOUND"}
        )
        job = start(backup, "StartScanJob")
        assert (job["State"], job["ScanResult"]) == (state, {"ScanResultStatus": "THREATS_FOUND"})
        [found] = client().list_scan_jobs(ByScanResultStatus="THREATS_FOUND")["ScanJobs"]
        assert found["ScanJobId"] == job.id


class TestModes:
    @pytest.mark.parametrize(
        ("state", "told"),
        [
            ("FAILED", ["CREATED", "RUNNING", "FAILED"]),
            ("ABORTED", ["CREATED", "RUNNING", "ABORTED"]),
            ("EXPIRED", ["CREATED", "EXPIRED", "EXPIRED"]),
        ],
    )
    def test_polls(self, state: Any, told: list[str]) -> None:
        """Polls are told the states on the way; a job that EXPIRES never ran."""
        with mock_backup(region=HERE, default_vault=True) as backup:
            backup.next_outcome("StartBackupJob", State=state)
            job = start(backup)
            describe = functools.partial(client().describe_backup_job, BackupJobId=job.id)
            assert [describe()["State"] for _ in range(3)] == told
            told_events = [event["detail"]["state"] for event in job.events]
            assert told_events == list(dict.fromkeys(told))

    def test_clock(self) -> None:
        """By the clock a job fails when it would have completed."""
        fake = mock_backup(region=HERE, default_vault=True, progress="clock")
        with time_machine.travel(NOON, tick=False) as clock, fake as backup:
            backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage="boom")
            job = start(backup)
            clock.shift(timedelta(hours=1))
            assert (job["State"], job["StatusMessage"]) == ("FAILED", "boom")
            assert job["CompletionDate"] == NOON + timedelta(minutes=11)

    def test_manual(self) -> None:
        """By hand the test decides anew, whatever it had chosen."""
        with mock_backup(region=HERE, default_vault=True, progress="manual") as backup:
            backup.next_outcome("StartBackupJob", State="FAILED")
            job = start(backup)
            job.run()
            job.complete()
            assert job["State"] == "COMPLETED"

    def test_a_job_started_by_hand_goes_on_by_itself(self) -> None:
        """What was chosen holds for a job that is told later to move by itself."""
        with mock_backup(region=HERE, default_vault=True, progress="manual") as backup:
            backup.next_outcome("StartBackupJob", State="FAILED")
            job = start(backup)
            job.progress = "immediate"
            assert job["State"] == "FAILED"


PROGRESS = ["polls", "immediate", "clock", "manual"]


def as_told(job: Job) -> str:
    """The state that Describe tells of a job, which moves those that polls move."""
    noun = job.kind.name.replace(" ", "_")
    answer = getattr(client(), f"describe_{noun}")(**{job.kind.id: job.id})
    return str((answer if job.kind.wrapped is None else answer[job.kind.wrapped])[job.kind.state])


def looked_at(job: Job) -> str:
    """The state that Describe tells of a job that was listed before."""
    getattr(client(), f"list_{job.kind.name.replace(' ', '_')}s")()
    return as_told(job)


class TestStays:
    @pytest.mark.parametrize("progress", PROGRESS)
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_running_until_the_test_moves_it(self, operation: Any, progress: Any) -> None:
        """A job that is to stay RUNNING does, however long it is looked at and time passes."""
        fake = mock_backup(region=HERE, default_vault=True, progress=progress)
        with time_machine.travel(NOON, tick=False) as clock, fake as backup:
            backup.next_outcome(operation, State="RUNNING")
            job = start(backup, operation)
            if progress == "manual":
                job.run()
            for _ in range(3):
                clock.shift(timedelta(days=2))
                looked_at(job)
            assert looked_at(job) == "RUNNING"
            job.complete()
            assert as_told(job) == "COMPLETED"
            assert start(backup, operation).state in ("COMPLETED", life.FIRST[job.kind])

    @pytest.mark.parametrize("progress", PROGRESS)
    @pytest.mark.parametrize("state", ["CREATED", "PENDING", "RUNNING"])
    def test_every_unfinished_state(self, state: Any, progress: Any) -> None:
        """So it does in the states before, with the members that the test gives."""
        fake = mock_backup(region=HERE, default_vault=True, progress=progress)
        with time_machine.travel(NOON, tick=False) as clock, fake as backup:
            backup.next_outcome("StartBackupJob", State=state, PercentDone="7.0")
            job = start(backup)
            if progress == "manual" and state != "CREATED":
                # Nothing but the test moves it, to that state neither.
                assert looked_at(job) == "CREATED"
                return
            for _ in range(3):
                clock.shift(timedelta(days=2))
                looked_at(job)
            assert (job["State"], job["PercentDone"]) == (state, "7.0")
            job.complete()
            assert (job["State"], job["PercentDone"]) == ("COMPLETED", "100.0")
            passed = {"CREATED": ["RUNNING"], "PENDING": ["PENDING", "RUNNING"]}
            assert [each["detail"]["state"] for each in job.events] == [
                "CREATED",
                *passed.get(state, ["RUNNING"]),
                "COMPLETED",
            ]

    @pytest.mark.parametrize("progress", ["polls", "immediate", "clock"])
    def test_one_that_runs_goes_on_by_itself(self, progress: Any) -> None:
        """Moved on to a state that is not its end, a job goes on as its progress says."""
        fake = mock_backup(region=HERE, default_vault=True, progress=progress)
        with time_machine.travel(NOON, tick=False) as clock, fake as backup:
            backup.next_outcome("StartBackupJob", State="CREATED")
            job = start(backup)
            job.run()
            as_told(job)
            clock.shift(timedelta(hours=1))
            assert job["State"] == "COMPLETED"

    def test_the_code_under_test_stops_it(self) -> None:
        """A stop moves a job that stays, and it goes on to ABORTED."""
        with mock_backup(region=HERE, default_vault=True) as backup:
            backup.next_outcome("StartBackupJob", State="RUNNING")
            job = start(backup)
            assert [as_told(job) for _ in range(3)] == ["CREATED", "RUNNING", "RUNNING"]
            client().stop_backup_job(BackupJobId=job.id)
            assert as_told(job) == "ABORTING"
            assert as_told(job) == "ABORTED"

    @pytest.mark.parametrize("progress", PROGRESS)
    def test_let_go_by_its_progress(self, progress: Any) -> None:
        """`job.progress` lets a job that stays move by itself again."""
        with mock_backup(region=HERE, default_vault=True, progress="immediate") as backup:
            backup.next_outcome("StartBackupJob", State="RUNNING")
            job = start(backup)
            job.progress = progress
            looked_at(job)
            ends = {"manual": "RUNNING", "clock": "RUNNING"}
            assert job["State"] == ends.get(progress, "COMPLETED")

    @pytest.mark.parametrize("end", ["complete", "fail", "abort", "expire"])
    @pytest.mark.parametrize("progress", ["polls", "immediate", "clock"])
    def test_a_composite_job_and_its_children(self, progress: Any, end: str) -> None:
        """The children of a composite job stay with it, and end with it, each of them once."""
        fake = mock_backup(region=HERE, default_vault=True, progress=progress)
        with time_machine.travel(NOON, tick=False) as clock, fake as backup:
            for stays in ("CREATED", "RUNNING"):
                backup.next_outcome("StartBackupJob", State=stays)
                parent = start(backup, resource=STACK)
                looked_at(parent)
                clock.shift(timedelta(hours=1))
                children = [
                    each
                    for each in backup.backup_jobs.values()
                    if each.get("ParentJobId") == parent.id
                ]
                assert {each["State"] for each in (parent, *children)} == {stays}
                getattr(parent, end)()
                assert {each["State"] for each in children} == {parent["State"]}
                for each in (parent, *children):
                    told = [event["detail"]["state"] for event in each.events]
                    assert told == list(dict.fromkeys(told))
                    assert told[-1] == parent["State"]

    def test_a_wait_for_it_ends(self) -> None:
        """A loop that waits for a job that stays is told what holds it."""
        with mock_backup(region=HERE, default_vault=True) as backup:
            backup.next_outcome("StartBackupJob", State="RUNNING")
            job = start(backup)
            for _ in range(1001):
                as_told(job)
            with pytest.raises(EndlessWait) as caught:
                as_told(job)
            assert "(next_outcome(..., State='RUNNING') keeps it there)" in str(caught.value)


class TestWhichJob:
    def test_several_times(self, backup: FakeBackup) -> None:
        """An outcome that is for several jobs is for as many, before those chosen later."""
        backup.next_outcome("StartBackupJob", State="FAILED", times=2)
        backup.next_outcome("StartBackupJob", State="EXPIRED", times=2)
        backup.next_outcome("StartCopyJob", State="FAILED", ResourceArn=BUCKET, times=2)
        ends = [start(backup)["State"] for _ in range(4)]
        assert ends == ["FAILED", "FAILED", "EXPIRED", "EXPIRED"]
        copies = [start(backup, "StartCopyJob", each)["State"] for each in (BUCKET, VOLUME, BUCKET)]
        assert copies == ["FAILED", "COMPLETED", "FAILED"]
        assert start(backup, "StartCopyJob", BUCKET)["State"] == "COMPLETED"

    def test_several_queue_up(self, backup: FakeBackup) -> None:
        """Outcomes of one operation are taken in the order in which they were chosen."""
        for message in ("first", "second"):
            backup.next_outcome("StartBackupJob", State="FAILED", StatusMessage=message)
        messages = [start(backup).get("StatusMessage") for _ in range(3)]
        assert messages == ["first", "second", None]

    # A report is of a plan, not of a resource: tests/operations/test_report_plans.py.
    @pytest.mark.parametrize("operation", OPERATIONS[:-1])
    def test_only_a_resources(self, backup: FakeBackup, operation: Any) -> None:
        """With a ResourceArn, other resources' jobs complete, and that one's ends as chosen."""
        backup.next_outcome(operation, ResourceArn=BUCKET, State="FAILED")
        ends = [start(backup, operation, resource).state for resource in (VOLUME, BUCKET, BUCKET)]
        assert ends == ["COMPLETED", "FAILED", "COMPLETED"]

    def test_any_and_a_resources(self, backup: FakeBackup) -> None:
        """Of those that fit a job, the one chosen first is taken."""
        backup.next_outcome("StartBackupJob", ResourceArn=BUCKET, State="EXPIRED")
        backup.next_outcome("StartBackupJob", State="FAILED")
        ends = [start(backup, resource=resource)["State"] for resource in (VOLUME, BUCKET)]
        assert ends == ["FAILED", "EXPIRED"]

    def test_each_operation_has_its_own(self, backup: FakeBackup) -> None:
        """What is chosen for one operation leaves the others' jobs alone."""
        backup.next_outcome("StartCopyJob", State="FAILED")
        assert start(backup)["State"] == "COMPLETED"
        assert start(backup, "StartRestoreJob")["Status"] == "COMPLETED"
        assert start(backup, "StartCopyJob")["State"] == "FAILED"

    def test_wherever_it_is_started(self, backup: FakeBackup) -> None:
        """An outcome is for the next job in whatever account and region."""
        backup.next_outcome("StartBackupJob", State="FAILED")
        with backup.acting_as(OTHER) as other:
            answer = client(THERE).start_backup_job(
                BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE
            )
            job = other.at(region=THERE).backup_jobs[answer["BackupJobId"]]
        assert job["State"] == "FAILED"

    def test_a_view_is_for_jobs_of_its_home(self, backup: FakeBackup) -> None:
        """Through a view it is for the next job of the account and Region that `at` was given."""
        backup.at(region=THERE).next_outcome("StartBackupJob", State="FAILED")
        backup.at(account_id=OTHER).next_outcome("StartBackupJob", State="EXPIRED")
        backup.at(account_id=OTHER, region=HERE).next_outcome("StartBackupJob", State="ABORTED")

        def ends(region: str) -> str:
            answer = client(region).start_backup_job(
                BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE
            )
            job = client(region).describe_backup_job(BackupJobId=answer["BackupJobId"])
            return str(job["State"])

        assert ends(HERE) == "COMPLETED"
        with backup.acting_as(OTHER):
            assert [ends(THERE), ends(THERE), ends(THERE)] == ["FAILED", "EXPIRED", "COMPLETED"]
            assert [ends(HERE), ends(HERE)] == ["ABORTED", "COMPLETED"]
        backup.at(region=THERE).next_outcome("StartBackupJob", State="FAILED")
        assert [ends(HERE), ends(THERE), ends(THERE)] == ["COMPLETED", "FAILED", "COMPLETED"]

    def test_a_view_is_for_the_jobs_of_its_plans(self, backup: FakeBackup) -> None:
        """So it is for jobs that a plan starts there."""
        there = backup.at(region=THERE)
        there.next_outcome("StartBackupJob", State="FAILED", StatusMessage="no room there")
        for view in (backup, there):
            made = client(view.region)
            rule = {"RuleName": "rule", "TargetBackupVaultName": "Default"}
            plan = made.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})
            selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [BUCKET]}
            made.create_backup_selection(
                BackupPlanId=plan["BackupPlanId"], BackupSelection=selection
            )
            (job,) = view.run_plan(plan["BackupPlanId"])
            assert job["State"] == ("FAILED" if view is there else "COMPLETED")

    def test_a_view_is_for_indexes_of_its_home(self, backup: FakeBackup) -> None:
        """So it is for the index of a recovery point there."""
        if INDEX not in shapes.service_model().operation_names:
            pytest.skip("this botocore knows no indexes")
        backup.at(region=THERE).next_outcome(
            "UpdateRecoveryPointIndexSettings", IndexStatus="FAILED"
        )
        for region, status in ((HERE, "ACTIVE"), (THERE, "FAILED")):
            view = backup.at(region=region)
            point = view.add_recovery_point(ResourceType="S3")
            client(region).update_recovery_point_index_settings(
                BackupVaultName="Default",
                RecoveryPointArn=point.arn,
                Index="ENABLED",
                IamRoleArn=ROLE,
            )
            assert point["IndexStatus"] == status

    def test_seeded_jobs_take_none(self, backup: FakeBackup) -> None:
        """Seeding takes no outcome, nor does a seeded job that moves by itself."""
        backup.next_outcome("StartBackupJob", State="FAILED")
        seeded = backup.add_backup_job(State="CREATED")
        seeded.progress = "immediate"
        assert seeded["State"] == "COMPLETED"
        assert start(backup)["State"] == "FAILED"

    def test_a_repeated_token_takes_none(self, backup: FakeBackup) -> None:
        """A call that starts nothing, since its token was used, takes no outcome."""
        parameters = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
        client().start_backup_job(**parameters, IdempotencyToken="token")
        backup.next_outcome("StartBackupJob", State="FAILED")
        client().start_backup_job(**parameters, IdempotencyToken="token")
        assert start(backup)["State"] == "FAILED"

    def test_a_lock_that_fails_the_job_takes_none(self, backup: FakeBackup) -> None:
        """A job that the vault's lock fails takes no outcome."""
        client().create_backup_vault(BackupVaultName="locked")
        client().put_backup_vault_lock_configuration(
            BackupVaultName="locked", MinRetentionDays=7, MaxRetentionDays=30
        )
        backup.next_outcome("StartBackupJob", State="EXPIRED")
        answer = client().start_backup_job(
            BackupVaultName="locked", ResourceArn=VOLUME, IamRoleArn=ROLE
        )
        assert backup.backup_jobs[answer["BackupJobId"]]["State"] == "FAILED"
        assert start(backup)["State"] == "EXPIRED"

    def test_reset(self, backup: FakeBackup) -> None:
        """A reset forgets what was chosen."""
        backup.next_outcome("StartBackupJob", State="FAILED")
        backup.reset()
        assert start(backup)["State"] == "COMPLETED"


class TestSlips:
    def test_an_operation_that_starts_nothing(self, backup: FakeBackup) -> None:
        """An operation that starts no job is refused, the nearest one named."""
        with pytest.raises(ValueError, match="StartBackupJobs") as caught:
            backup.next_outcome("StartBackupJobs")  # type: ignore[call-overload]
        assert str(caught.value) == (
            "'StartBackupJobs' starts no job; did you mean 'StartBackupJob'?"
        )
        with pytest.raises(ValueError, match="the operations are StartBackupJob, StartCopyJob"):
            backup.next_outcome("Nonsense")  # type: ignore[call-overload]

    def test_no_end(self, backup: FakeBackup) -> None:
        """A state in which such a job neither ends nor stays is refused, the others named."""
        with pytest.raises(ValueError, match="ABORTING") as caught:
            backup.next_outcome("StartBackupJob", State="ABORTING")
        assert str(caught.value) == (
            "A backup job ends ABORTED, FAILED, EXPIRED, COMPLETED, PARTIAL, or stays CREATED or "
            "PENDING or RUNNING until the test moves it, not ABORTING; did you mean 'ABORTED'?"
        )

    @pytest.mark.parametrize("times", [0, -1, True, 1.0, "2", None])
    def test_no_number_of_jobs(self, backup: FakeBackup, times: Any) -> None:
        """A number of jobs that is none is refused, and nothing is chosen."""
        with pytest.raises(ValueError, match=rf"^times is a whole number from 1, not {times!r}\. "):
            backup.next_outcome("StartBackupJob", State="FAILED", times=times)
        assert start(backup)["State"] == "COMPLETED"

    @pytest.mark.parametrize("operation", ["StartBackupJob", "StartCopyJob"])
    def test_partial_of_what_is_never_composite(self, backup: FakeBackup, operation: Any) -> None:
        """PARTIAL is refused for a resource whose type nests nothing, and nothing is chosen."""
        with pytest.raises(ValueError, match="does not end PARTIAL") as caught:
            backup.next_outcome(operation, ResourceArn=VOLUME, State="PARTIAL")
        kind = JOB_STARTERS[operation].name
        assert str(caught.value) == (
            f"A {kind} of EBS does not end PARTIAL: composite ones do, which are of "
            f"CloudFormation and EKS."
        )
        assert start(backup, operation).state == "COMPLETED"

    def test_a_state_that_is_none(self, backup: FakeBackup) -> None:
        """A misspelt state is refused, the nearest one named."""
        with pytest.raises(ValueError, match="did you mean 'FAILED'"):
            backup.next_outcome("StartBackupJob", State="FAILD")  # type: ignore[call-overload]

    def test_a_strange_member(self, backup: FakeBackup) -> None:
        """A member that such a job has not is refused, the nearest one named."""
        with pytest.raises(TypeError, match="did you mean 'StatusMessage'"):
            backup.next_outcome("StartBackupJob", StatusMesage="boom")  # type: ignore[call-overload]
        with pytest.raises(TypeError, match="MessageCategory"):
            backup.next_outcome("StartRestoreJob", MessageCategory="AccessDenied")  # type: ignore[call-overload]

    @pytest.mark.parametrize(
        ("operation", "name"),
        [
            ("StartBackupJob", "BackupJobId"),
            ("StartBackupJob", "AccountId"),
            ("StartBackupJob", "ParentJobId"),
            ("StartBackupJob", "BackupVaultName"),
            ("StartCopyJob", "DestinationBackupVaultArn"),
            ("StartRestoreJob", "RestoreJobId"),
            ("StartReportJob", "ReportPlanArn"),
        ],
    )
    def test_what_the_start_settles(self, backup: FakeBackup, operation: Any, name: str) -> None:
        """A job's id and place are not an outcome's, nor do they choose the job it is for."""
        given: Any = {name: "Nightly"}
        with pytest.raises(ValueError, match=f"and {name} is settled when {operation} starts it"):
            backup.next_outcome(operation, State="FAILED", **given)
        assert not backup.backend.organization.outcomes

    @pytest.mark.parametrize(
        ("name", "meant"), [("Times", "times"), ("time", "times"), ("ResourceArns", "ResourceArn")]
    )
    def test_a_misspelt_argument(self, backup: FakeBackup, name: str, meant: str) -> None:
        """The arguments that are no members are near ones, too."""
        with pytest.raises(TypeError, match=rf"no member '{name}'; did you mean '{meant}'\?"):
            backup.next_outcome("StartBackupJob", **{name: 2})  # type: ignore[call-overload]

    def test_a_refusal_chooses_nothing(self, backup: FakeBackup) -> None:
        """After a slip the next job completes."""
        with pytest.raises(TypeError):
            backup.next_outcome("StartBackupJob", BackupSizeInBytes="7")  # type: ignore[call-overload]
        assert start(backup)["State"] == "COMPLETED"

    def test_after_the_fake(self) -> None:
        """Nothing can be chosen when the fake has ended."""
        with mock_backup(region=HERE) as backup:
            pass
        with pytest.raises(FakeBackupError, match="has ended"):
            backup.next_outcome("StartBackupJob", State="FAILED")

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_two_states(self, backup: FakeBackup, operation: Any) -> None:
        """State and Status are the same member, given once."""
        given: Any = {"Status": "COMPLETED", "State": "FAILED"}
        kind = JOB_STARTERS[operation].name
        text = f"State='FAILED' and Status='COMPLETED' are two words for the state of a {kind}"
        with pytest.raises(ValueError, match=text):
            backup.next_outcome(operation, **given)
        assert start(backup, operation).state == "COMPLETED"

    @time_machine.travel(NOON, tick=False)
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_an_end_before_the_start(self, backup: FakeBackup, operation: Any) -> None:
        """A completion before the creation that goes with it is refused, one alone is the job's."""
        kind = JOB_STARTERS[operation]
        hour: Any = timedelta(hours=1)
        crossed: Any = {kind.created: NOON + 2 * hour, kind.completed: NOON + hour}
        late: Any = {kind.completed: NOON + hour}
        with pytest.raises(ValueError, match=rf"{kind.completed} is before {kind.created}"):
            backup.next_outcome(operation, **crossed)
        backup.next_outcome(operation, **late)
        assert start(backup, operation)[kind.completed] == NOON + hour
