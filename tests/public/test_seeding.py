"""Seeding: what is refused at the seeding line, and that nothing is left of it."""

from __future__ import annotations

import gc
import inspect
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import time_machine

from fakebackup import FakeBackup, FakeBackupError, factories, mock_backup
from fakebackup.fake.placed import Instead
from fakebackup.model.shapes.model import service_model
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import Job

NOW = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)


class Names(NamedTuple):
    """What a kind of job calls its members, its shape, and where a Describe puts it."""

    id: str
    state: str
    created: str
    completed: str
    shape: str
    wrapper: str | None = None


KINDS = {
    "backup": Names("BackupJobId", "State", "CreationDate", "CompletionDate", "BackupJob"),
    "copy": Names("CopyJobId", "State", "CreationDate", "CompletionDate", "CopyJob", "CopyJob"),
    "restore": Names(
        "RestoreJobId", "Status", "CreationDate", "CompletionDate", "RestoreJobsListMember"
    ),
    "scan": Names("ScanJobId", "State", "CreationDate", "CompletionDate", "ScanJob"),
    "report": Names(
        "ReportJobId", "Status", "CreationTime", "CompletionTime", "ReportJob", "ReportJob"
    ),
}
STATES = {
    "backup": ["CREATED", "PENDING", "RUNNING", "ABORTING", "ABORTED", "COMPLETED", "FAILED"],
    "copy": ["CREATED", "RUNNING", "COMPLETED", "FAILED"],
    "restore": ["PENDING", "RUNNING", "COMPLETED", "ABORTED", "FAILED"],
    "scan": ["CREATED", "RUNNING", "COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED"],
    "report": ["CREATED", "RUNNING", "COMPLETED", "FAILED", "COMPLETED_WITH_ISSUES"],
}

needs_scans = pytest.mark.skipif(
    "ScanJob" not in service_model().shape_names, reason="this botocore knows no scan jobs"
)


def marked(kind: str, *values: Any) -> Any:
    """A row of parameters, skipped where its kind of job is not known."""
    return pytest.param(kind, *values, marks=needs_scans if kind == "scan" else ())


KIND = [marked(kind) for kind in KINDS]


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def seed(fake: FakeBackup, kind: str, **members: Any) -> Job:
    """Add a job of a kind."""
    job: Job = getattr(fake, f"add_{kind}_job")(**members)
    return job


def seed_many(fake: FakeBackup, kind: str, count: Any, **members: Any) -> list[Job]:
    """Add many jobs of a kind."""
    jobs: list[Job] = getattr(fake, f"add_{kind}_jobs")(count, **members)
    return jobs


def build(kind: str, **members: Any) -> Job:
    """Build a job of a kind without adding it."""
    job: Job = getattr(factories, f"{kind}_job")(**members)
    return job


def described(kind: str, job_id: str) -> dict[str, Any]:
    """What the Describe of a kind answers for a job, the wrapper taken off."""
    names = KINDS[kind]
    answer = getattr(client(), f"describe_{kind}_job")(**{names.id: job_id})
    return answer[names.wrapper] if names.wrapper else answer  # type: ignore[no-any-return]


def everything(fake: FakeBackup) -> list[str]:
    """The ids of all jobs here, of every kind that is known."""
    kinds = [kind for kind in KINDS if KINDS[kind].shape in service_model().shape_names]
    return [job_id for kind in kinds for job_id in getattr(fake, f"{kind}_jobs")]


def enum(shape: str) -> str:
    """The values of an enum of botocore's model, if it has it, as messages list them."""
    model = service_model()
    values: Any = model.shape_for(shape) if shape in model.shape_names else None
    return ", ".join(getattr(values, "enum", ()))


class Refusal(NamedTuple):
    """Members that a kind of job cannot have, and what is said of them."""

    kind: str
    members: dict[str, Any]
    text: str


STRANGE = [
    Refusal(kind, members, f"A {kind} job has no member {next(iter(members))!r}{hint}")
    for kind, members, hint in (
        ("backup", {"Sate": "FAILED"}, "; did you mean 'State'?"),
        ("backup", {"Sate": None}, "; did you mean 'State'?"),
        ("backup", {"state": "FAILED"}, "; did you mean 'State'?"),
        ("backup", {"Status": "FAILED"}, "; did you mean 'State'?"),
        ("backup", {"CopyJobId": "x"}, "; did you mean 'BackupJobId'?"),
        ("backup", {"Colour": "red"}, "."),
        ("copy", {"Status": "FAILED"}, "; did you mean 'State'?"),
        ("restore", {"State": "FAILED"}, "; did you mean 'Status'?"),
        ("report", {"CreationDate": "2024-05-01"}, "; did you mean 'CreationTime'?"),
        ("report", {"AccountId": "111122223333"}, "."),
    )
]
STRANGE_INSIDE = [
    Refusal(
        "backup",
        {"CreatedBy": {"BackupPlanID": "x"}},
        "CreatedBy has no member 'BackupPlanID'; did you mean 'BackupPlanId'?",
    ),
    Refusal(
        "restore",
        {"CreatedBy": {"BackupPlanId": "x"}},
        "CreatedBy has no member 'BackupPlanId'.",
    ),
    Refusal(
        "report",
        {"ReportDestination": {"S3Buket": "x"}},
        "ReportDestination has no member 'S3Buket'; did you mean 'S3BucketName'?",
    ),
]
WRONG_TYPE = [
    Refusal(kind, members, text)
    for kind, members, text in (
        ("backup", {"BackupSizeInBytes": True}, "BackupSizeInBytes takes int, not True (bool)."),
        ("backup", {"BackupSizeInBytes": "71"}, "BackupSizeInBytes takes int, not '71' (str)."),
        ("backup", {"BackupSizeInBytes": 7.0}, "BackupSizeInBytes takes int, not 7.0 (float)."),
        ("backup", {"PercentDone": 50.0}, "PercentDone takes str, not 50.0 (float)."),
        ("backup", {"IsParent": 1}, "IsParent takes bool, not 1 (int)."),
        ("backup", {"IsParent": "true"}, "IsParent takes bool, not 'true' (str)."),
        ("backup", {"State": ["FAILED"]}, "State takes str, not ['FAILED'] (list)."),
        ("backup", {"ResourceArn": b"arn"}, "ResourceArn takes str, not b'arn' (bytes)."),
        ("backup", {"BackupJobId": 7}, "BackupJobId takes str, not 7 (int)."),
        ("backup", {"AccountId": 123456789012}, "AccountId takes str, not 123456789012 (int)."),
        ("backup", {"CreatedBy": "plan"}, "CreatedBy takes dict, not 'plan' (str)."),
        (
            "backup",
            {"CreatedBy": {"BackupPlanId": 7}},
            "CreatedBy.BackupPlanId takes str, not 7 (int).",
        ),
        (
            "backup",
            {"BackupOptions": {"WindowsVSS": True}},
            "BackupOptions['WindowsVSS'] takes str, not True (bool).",
        ),
        (
            "report",
            {"ReportDestination": {"S3Keys": "key"}},
            "ReportDestination.S3Keys takes list or tuple, not 'key' (str).",
        ),
        (
            "report",
            {"ReportDestination": {"S3Keys": ["key", 1]}},
            "ReportDestination.S3Keys[1] takes str, not 1 (int).",
        ),
    )
]
STATE = f"State is none of {enum('BackupJobState')}: "
OUTSIDE = [
    Refusal("backup", {"State": "FAILD"}, STATE + "'FAILD'; did you mean 'FAILED'?"),
    Refusal("backup", {"State": "completed"}, STATE + "'completed'; did you mean 'COMPLETED'?"),
    Refusal("backup", {"State": ""}, STATE + "''."),
    Refusal("backup", {"State": "ANY"}, STATE + "'ANY'."),
    Refusal(
        "restore",
        {"Status": "CREATED"},
        f"Status is none of {enum('RestoreJobStatus')}: 'CREATED'; did you mean 'COMPLETED'?",
    ),
    Refusal(
        "report",
        {"Status": "COMPLETE"},
        (
            "Status is none of CREATED, RUNNING, COMPLETED, FAILED, COMPLETED_WITH_ISSUES: "
            "'COMPLETE'; did you mean 'COMPLETED'?"
        ),
    ),
    Refusal(
        "backup",
        {"ChildJobsInState": {"FAILD": 1}},
        f"ChildJobsInState key is none of {enum('BackupJobState')}: "
        f"'FAILD'; did you mean 'FAILED'?",
    ),
    Refusal("backup", {"AccountId": "12"}, "AccountId is a string of 12 digits, not '12'."),
    Refusal("copy", {"AccountId": ""}, "AccountId is a string of 12 digits, not ''."),
    Refusal(
        "restore",
        {"AccountId": "12345678901x"},
        "AccountId is a string of 12 digits, not '12345678901x'.",
    ),
    Refusal(
        "backup",
        {"BackupJobId": ""},
        "A backup job cannot be without BackupJobId: leave it out to get the default.",
    ),
    Refusal(
        "scan",
        {"ResourceType": "VirtualMachine"},
        f"ResourceType is none of {enum('ScanResourceType')}: 'VirtualMachine'.",
    ),
    Refusal(
        "scan",
        {"ScanResult": {"ScanResultStatus": "THREATS"}},
        (
            f"ScanResult.ScanResultStatus is none of {enum('ScanResultStatus')}: "
            "'THREATS'; did you mean 'THREATS_FOUND'?"
        ),
    ),
    Refusal(
        "scan",
        {"CreatedBy": {"BackupPlanId": "plan"}},
        "CreatedBy cannot be without BackupPlanArn, BackupPlanVersion, BackupRuleId.",
    ),
]
ROWS = [
    pytest.param(
        row, error, marks=needs_scans if row.kind == "scan" else (), id=f"{row.kind} {row.members}"
    )
    for error, rows in (
        (TypeError, [*STRANGE, *STRANGE_INSIDE, *WRONG_TYPE]),
        (ValueError, OUTSIDE),
    )
    for row in rows
]
# Told only when the job is added: a factory knows no dates.
LATE = [
    Refusal(
        "backup",
        {"CreationDate": "2024-04-30T10:00:00Z", "CompletionDate": "2024-04-30T09:59:59.999Z"},
        (
            "CompletionDate is before CreationDate: "
            "2024-04-30T09:59:59.999000+00:00 < 2024-04-30T10:00:00+00:00"
        ),
    ),
    Refusal(
        "report",
        {"CreationTime": 1714471200, "CompletionTime": 0},
        (
            "CompletionTime is before CreationTime: "
            "1970-01-01T00:00:00+00:00 < 2024-04-30T10:00:00+00:00"
        ),
    ),
]


class TestRefusals:
    @pytest.mark.parametrize(("row", "error"), ROWS)
    def test_at_the_seeding_line(
        self, backup: FakeBackup, row: Refusal, error: type[Exception]
    ) -> None:
        """What cannot be is refused where it is seeded, the near miss named, nothing added."""
        with pytest.raises(error) as refused:
            seed(backup, row.kind, **row.members)
        assert (type(refused.value), str(refused.value)) == (error, row.text)
        assert everything(backup) == []

    @pytest.mark.parametrize(("row", "error"), ROWS)
    def test_at_the_building_line(self, row: Refusal, error: type[Exception]) -> None:
        """A factory refuses the same, without a fake."""
        with pytest.raises(error) as refused:
            build(row.kind, **row.members)
        assert (type(refused.value), str(refused.value)) == (error, row.text)

    @pytest.mark.parametrize(("row", "error"), ROWS)
    def test_in_a_batch(self, backup: FakeBackup, row: Refusal, error: type[Exception]) -> None:
        """A batch names the entry's position, and nothing of it is added."""
        # A list in a list: the outer one is cycled through.
        cycled = {name: [value] for name, value in row.members.items()}
        with pytest.raises(error) as refused:
            seed_many(backup, row.kind, 3, **cycled)
        assert type(refused.value) is error
        assert str(refused.value) == f"Entry 0 (counted from 0): {row.text}"
        assert everything(backup) == []

    @pytest.mark.parametrize("row", LATE, ids=lambda row: row.kind)
    def test_an_end_before_the_beginning(self, backup: FakeBackup, row: Refusal) -> None:
        """A job that ends before it begins is refused, by however little."""
        with pytest.raises(ValueError, match=f"^{re.escape(row.text)}$"):
            seed(backup, row.kind, **row.members)
        with pytest.raises(ValueError, match=f"^{re.escape(row.text)}$"):
            backup.add(build(row.kind, **row.members))
        # A batch in which the third job alone is bad.
        members = {name: [NOW, NOW, value] for name, value in row.members.items()}
        text = f"Entry 2 (counted from 0): {row.text}"
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            seed_many(backup, row.kind, 4, **members)
        assert everything(backup) == []

    @pytest.mark.parametrize("kind", KIND)
    def test_none_for_what_a_job_cannot_be_without(self, backup: FakeBackup, kind: str) -> None:
        """Id, state, creation, and what botocore's model requires cannot be left out."""
        names = KINDS[kind]
        shape: Any = service_model().shape_for(names.shape)
        for member in {names.id, names.state, names.created, *shape.required_members}:
            text = f"A {kind} job cannot be without {member}: leave it out to get the default."
            with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
                seed(backup, kind, **{member: None})

    def test_what_is_allowed(self, backup: FakeBackup) -> None:
        """References to things that do not exist, odd ids and free texts are nobody's business."""
        job = backup.add_backup_job(
            BackupJobId="not-a-uuid",
            ResourceArn="arn:aws:nothing:::there",
            BackupVaultName="no_such_vault",
            IamRoleArn="arn:aws:iam::123456789012:role/no such",
            StatusMessage="",
            PercentDone="a lot",
            MessageCategory="whatever",
            BackupSizeInBytes=0,
            ParentJobId="nobody",
            CreatedBy={},
            BackupOptions={},
        )
        assert described("backup", "not-a-uuid").items() >= dict(job).items()
        assert job["CreatedBy"] == {}
        assert job["BackupSizeInBytes"] == 0

    def test_ends_at_its_beginning(self, backup: FakeBackup) -> None:
        """A job may end in the millisecond in which it began, compared as both are kept."""
        job = backup.add_backup_job(
            CreationDate="2024-04-30T10:00:00.000999Z", CompletionDate="2024-04-30T10:00:00Z"
        )
        assert job["CreationDate"] == job["CompletionDate"]


AN_ID = "An id is like '0f9e8d7c-6b5a-4a3b-8c2d-1e0f9a8b7c6d', or any text without blanks and /."


class TestIds:
    """What no id can be; entries' are in `nouns.test_seeding`."""

    @pytest.mark.parametrize(
        ("value", "wrong"),
        [
            (
                "arn:aws:backup:us-east-1:123456789012:job:1",
                "is an ARN, and no id: the id in it is '1'",
            ),
            ("arn:aws:ec2:us-east-1::snapshot/snap-1", "is an ARN, and no id"),
            ("a b", "is no id, since it has ' ' in it"),
            ("a\n", "is no id, since it has '\\n' in it"),
            ("a/b", "is no id, since it has '/' in it"),
            ("aws/efs/a b", "is no id, since it has ' ' in it"),
        ],
    )
    @pytest.mark.parametrize("kind", KIND)
    def test_what_aws_could_not_give(
        self, backup: FakeBackup, kind: str, value: str, wrong: str
    ) -> None:
        """An ARN, and a text with a blank or a slash, is no id of a job, seeded or changed."""
        name = KINDS[kind].id
        text = f"{name} {value!r} {wrong}. {AN_ID}"
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            seed(backup, kind, **{name: value})
        assert everything(backup) == []
        job = seed(backup, kind)
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            job.update(**{name: value})
        assert everything(backup) == [job.id]

    def test_of_others(self, backup: FakeBackup) -> None:
        """The ids that a job names are judged, too; plans of services have slashes."""
        text = r"CreatedBy\.BackupPlanId 'a b' is no id, since it has ' ' in it\. "
        with pytest.raises(ValueError, match=f"^{text}"):
            backup.add_backup_job(CreatedBy={"BackupPlanId": "a b"})
        with pytest.raises(ValueError, match=r"^ParentJobId 'a b' is no id,"):
            backup.add_backup_job(ParentJobId="a b")
        assert everything(backup) == []
        job = backup.add_backup_job(CreatedBy={"BackupPlanId": "aws/efs/1"})
        assert job["CreatedBy"]["BackupPlanId"] == "aws/efs/1"

    def test_a_long_one(self, backup: FakeBackup) -> None:
        """The refusal stays short."""
        with pytest.raises(ValueError, match="is no id, since it has ' ' in it") as refused:
            backup.add_backup_job(BackupJobId="an id " * 1000)
        assert len(str(refused.value)) < 300


class TestTakenIds:
    @pytest.fixture
    def taken(self, backup: FakeBackup) -> FakeBackup:
        """A fake in which the id "mine" is taken."""
        backup.add_backup_job(BackupJobId="mine")
        return backup

    @pytest.mark.parametrize("kind", KIND)
    @pytest.mark.parametrize(
        "place",
        [{}, {"account_id": "111122223333"}, {"region": "eu-west-1"}],
        ids=["here", "another account", "another region"],
    )
    def test_an_id_is_taken_everywhere(
        self, taken: FakeBackup, kind: str, place: dict[str, str]
    ) -> None:
        """No two jobs of a fake share an id, whatever their kind, account and region."""
        text = rf"^{KINDS[kind].id} 'mine' is taken: no two jobs of a fake share an id\.$"
        with pytest.raises(ValueError, match=text):
            seed(taken.at(**place), kind, **{KINDS[kind].id: "mine"})
        assert everything(taken) == ["mine"]
        assert everything(taken.at(**place)) == ([] if place else ["mine"])

    def test_within_one_batch(self, backup: FakeBackup) -> None:
        """A batch that names an id twice is refused at the second."""
        text = r"^Entry 2 \(counted from 0\): CopyJobId 'a' is taken: no two jobs of a fake"
        with pytest.raises(ValueError, match=text):
            backup.add_copy_jobs(3, CopyJobId=["a", "b"])
        with pytest.raises(ValueError, match=r"^Entry 1 .* CopyJobId 'a' is taken"):
            backup.add(build("backup", BackupJobId="a"), build("copy", CopyJobId="a"))
        assert everything(backup) == []

    def test_another_spelling_is_another_id(self, taken: FakeBackup) -> None:
        """Ids are compared exactly."""
        taken.add_backup_job(BackupJobId="Mine")
        assert sorted(taken.backup_jobs) == ["Mine", "mine"]

    def test_an_id_is_free_again(self, taken: FakeBackup) -> None:
        """A job that was removed, or that has another id now, leaves its id to others."""
        taken.remove(taken.backup_jobs["mine"])
        job = taken.add_backup_job(BackupJobId="mine")
        job.update(BackupJobId="yours")
        taken.add_copy_job(CopyJobId="mine")
        assert everything(taken) == ["yours", "mine"]


def bad_group() -> Any:
    """A composite job one of whose children cannot be added."""
    bad = build("backup", CreationDate=NOW, CompletionDate=NOW - timedelta(days=1))
    return factories.composite([build("backup"), bad])


ATTEMPTS: dict[str, Callable[[FakeBackup], Any]] = {
    "a misspelt member": lambda fake: seed(fake, "backup", Sate="FAILED"),
    "a taken id": lambda fake: seed(fake, "backup", BackupJobId="mine"),
    "a taken id of another kind": lambda fake: seed(fake, "report", ReportJobId="mine"),
    "an end too early": lambda fake: seed(
        fake, "copy", CreationDate=NOW, CompletionDate=NOW - timedelta(days=1)
    ),
    "a batch with a bad value": lambda fake: fake.add_backup_jobs(3, State=["FAILED", "FAILD"]),  # type: ignore[list-item]
    "a batch with a taken id": lambda fake: fake.add_backup_jobs(
        9, BackupJobId=lambda index: "mine" if index == 8 else f"id-{index}"
    ),
    "a batch with an end too early": lambda fake: fake.add_restore_jobs(
        4, CompletionDate=lambda index: 0 if index == 3 else None, CreationDate=NOW
    ),
    "jobs one of which is taken": lambda fake: fake.add(
        build("backup"), [build("copy"), build("report")], build("backup", BackupJobId="mine")
    ),
    "a group with a bad child": lambda fake: fake.add(bad_group()),
    "something that is no job": lambda fake: fake.add(
        build("backup"),
        "job",  # type: ignore[arg-type]
    ),
    "a document": lambda fake: fake.load(
        {
            "BackupJobs": [
                {"BackupJobId": "one", "State": "FAILED", "CreationDate": NOW},
                {"BackupJobId": "mine", "State": "FAILED", "CreationDate": NOW},
            ]
        }
    ),
    "an orphan": lambda fake: fake.add(factories.composite(1).children),
    "a taken vault": lambda fake: fake.add_vault(BackupVaultName="mine"),
    "a vault with a bad name": lambda fake: fake.add_vault(BackupVaultName="my vault"),
    "a vault with less than nothing": lambda fake: fake.add_vault(NumberOfRecoveryPoints=-1),
    "a vault of a misspelt type": lambda fake: fake.add_vault(VaultType="BACKUP_VALT"),  # type: ignore[arg-type]
    "a taken recovery point": lambda fake: fake.add_recovery_point(
        RecoveryPointArn="arn:aws:ec2:::snapshot/mine"
    ),
    "a recovery point's end too early": lambda fake: fake.add_recovery_point(
        BackupVaultName="new", CreationDate=NOW, CompletionDate=NOW - timedelta(days=1)
    ),
    "a recovery point of another type of vault": lambda fake: fake.add_recovery_point(
        BackupVaultName="mine", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    ),
    "a recovery point with bad tags": lambda fake: fake.add_recovery_point(Tags="a"),  # type: ignore[arg-type]  # what is refused
    "no resource": lambda fake: fake.add_resource("arn:aws:sqs:us-east-1:123456789012:q"),
    "an outcome": lambda fake: fake.next_outcome("StartBackupJob", State="PARTLY"),  # type: ignore[call-overload]
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_refused_seed_leaves_no_trace(attempt: str) -> None:
    """After a refusal ids, resource numbers and dates go on as if it had never been tried."""

    def seeded(*, tries: bool) -> list[dict[str, Any]]:
        with mock_backup() as fake:
            fake.add_backup_job(BackupJobId="mine")
            fake.add_backup_job()
            fake.add_vault(BackupVaultName="mine")
            fake.add_recovery_point(RecoveryPointArn="arn:aws:ec2:::snapshot/mine")
            if tries:
                with pytest.raises((TypeError, ValueError)):
                    ATTEMPTS[attempt](fake)
            fake.add_backup_job()
            fake.add_copy_job()
            fake.add(factories.composite(2))
            fake.add_report_job()
            fake.add_vault()
            fake.add_recovery_point()
            jobs = [*fake.backup_jobs.values(), *fake.copy_jobs.values()]
            jobs += [*fake.restore_jobs.values(), *fake.report_jobs.values()]
            left = [*fake.vaults.values(), *fake.recovery_points.values()]
            assert fake.resources == {}
            assert fake.backend.organization.outcomes == []
            return [dict(each) for each in (*jobs, *left)]

    assert seeded(tries=True) == seeded(tries=False)


def test_a_refused_job_can_be_added_later(backup: FakeBackup) -> None:
    """A job that was refused with others stays as it was, and is added as if nothing had been."""
    good, bad = build("backup"), build("backup", BackupJobId="mine")
    taken = backup.add_backup_job(BackupJobId="mine")
    before = dict(good)
    with pytest.raises(ValueError, match=r"^Entry 1 "):
        backup.add(good, bad)
    assert dict(good) == before
    with pytest.raises(FakeBackupError, match="has no id yet"):
        _ = good.id
    backup.remove(taken)
    assert backup.add(good, bad) == [good, bad]
    assert good.id == "b0000000-0000-4000-8000-000000000002"


class TestRecordedAnswers:
    @pytest.mark.parametrize(
        ("kind", "state"), [marked(kind, state) for kind in STATES for state in STATES[kind]]
    )
    def test_a_recorded_job_seeds_as_it_is(self, kind: str, state: str) -> None:
        """A job out of a client's answer, List or Describe, is the same job in another fake."""
        names = KINDS[kind]
        with mock_backup() as first:
            job = seed(first, kind, **{names.state: state})
            (item,) = getattr(client(), f"list_{kind}_jobs")()[f"{kind.capitalize()}Jobs"]
            answer = described(kind, job.id)
        for recorded in (item, answer):
            with mock_backup() as second:
                again = seed(second, kind, **recorded)
                answered = described(kind, job.id)
                for each in (recorded, answer, answered):
                    each.pop("ResponseMetadata", None)
                assert answered == answer
                assert dict(again) == answer

    def test_a_recorded_parent(self) -> None:
        """A parent keeps its recorded counts, whether its children are seeded or not."""
        with mock_backup() as first:
            group = first.add(factories.composite(3, State="PARTIAL"))
            recorded = described("backup", group.parent.id)
        with mock_backup() as second:
            second.add_backup_job(**recorded)
            answer = described("backup", group.parent.id)
            assert answer["NumberOfChildJobs"] == 3
            assert answer["ChildJobsInState"] == {"COMPLETED": 2, "FAILED": 1}

    def test_metadata_is_no_member(self, backup: FakeBackup) -> None:
        """What an HTTP answer brings besides the job is not kept."""
        recorded: Any = {"ResponseMetadata": {"HTTPStatusCode": 200}, "State": "FAILED"}
        job = backup.add_backup_job(**recorded)
        assert "ResponseMetadata" not in job
        assert job["State"] == "FAILED"


class TestMany:
    def test_lists_and_tuples_are_cycled_through(self, backup: FakeBackup) -> None:
        """Each list goes round on its own; any other value is everybody's."""
        jobs = backup.add_backup_jobs(
            5, State=["FAILED", "COMPLETED"], ResourceType=("EBS", "EFS", "S3"), ResourceName="one"
        )
        assert [job["State"] for job in jobs] == ["FAILED", "COMPLETED"] * 2 + ["FAILED"]
        assert [job["ResourceType"] for job in jobs] == ["EBS", "EFS", "S3", "EBS", "EFS"]
        assert {job.members["ResourceName"] for job in jobs} == {"one"}
        assert list(backup.backup_jobs) == [job.id for job in reversed(jobs)]

    def test_a_callable_is_given_the_index(self, backup: FakeBackup) -> None:
        """A callable works each value out, from 0 on; None leaves the member out."""
        jobs = backup.add_backup_jobs(
            3,
            CreationDate=lambda index: NOW - timedelta(days=index),
            StatusMessage=lambda index: f"number {index}" if index else None,
        )
        assert [job["CreationDate"] for job in jobs] == [NOW - timedelta(days=d) for d in range(3)]
        assert [job.get("StatusMessage") for job in jobs] == [None, "number 1", "number 2"]

    def test_nested_lists_are_values(self, backup: FakeBackup) -> None:
        """What is to be a list in the job stands in a list to cycle through, or inside a dict."""
        jobs = backup.add_report_jobs(
            2, ReportDestination={"S3BucketName": "b", "S3Keys": ["one", "two"]}
        )
        assert [job["ReportDestination"]["S3Keys"] for job in jobs] == [["one", "two"]] * 2

    @pytest.mark.parametrize("kind", KIND)
    def test_every_kind_has_it(self, backup: FakeBackup, kind: str) -> None:
        """Any kind of job is seeded in numbers, and in order."""
        jobs = seed_many(backup, kind, 3)
        assert [job.id for job in reversed(jobs)] == list(getattr(backup, f"{kind}_jobs"))

    def test_none_at_all(self, backup: FakeBackup) -> None:
        """A count of 0 adds nothing."""
        assert backup.add_backup_jobs(0, State=["FAILED"]) == []
        assert not backup.backup_jobs

    @pytest.mark.parametrize(
        ("members", "error", "text"),
        [
            ({"Stat": 1}, TypeError, "A {} job has no member 'Stat'; did you mean 'State"),
            ({"Stat": [1, 2]}, TypeError, "A {} job has no member 'Stat'; did you mean 'State"),
            ({"Foo": lambda index: index}, TypeError, "A {} job has no member 'Foo'."),
            ({"ResourceType": ["ebs", "S3"]}, ValueError, "ResourceType 'ebs' is no"),
            ({"AccountId": 7}, TypeError, "AccountId takes"),
        ],
    )
    @pytest.mark.parametrize("kind", ["backup", "copy", "restore"])
    def test_none_at_all_of_what_is_not(
        self,
        backup: FakeBackup,
        kind: str,
        members: dict[str, Any],
        error: type[Exception],
        text: str,
    ) -> None:
        """A slip in the members is found even where a count turns out to be 0."""
        text = text.format(kind)
        if kind == "restore":
            text = text.replace("'State", "'Stat")  # its State is a Status
        with pytest.raises(error, match=f"^{re.escape(text)}"):
            getattr(backup, f"add_{kind}_jobs")(0, **members)
        with pytest.raises(error, match=f"^{re.escape(text)}"):
            factories.batch(getattr(factories, f"{kind}_job"), 0, **members)

    def test_none_at_all_calls_nothing(self, backup: FakeBackup) -> None:
        """For no job, no callable is asked for a value, nor a factory of the user's for a job."""

        def never(*_: object, **__: object) -> Any:
            pytest.fail("it was called")

        assert backup.add_backup_jobs(0, State=never) == []
        assert factories.batch(never, 0, Stat=1) == []

    @pytest.mark.parametrize(
        ("count", "error", "text"),
        [
            (-1, ValueError, "The count of jobs is 0 or more, not -1."),
            pytest.param(
                -(10**5000),
                ValueError,
                "The count of jobs is 0 or more, not a number of about 5000 digits.",
                id="long",
            ),
            (True, TypeError, "The count of jobs is a whole number, not True."),
            ("3", TypeError, "The count of jobs is a whole number, not '3'."),
            (2.0, TypeError, "The count of jobs is a whole number, not 2.0."),
            (None, TypeError, "The count of jobs is a whole number, not None."),
            ([1, 2], TypeError, "The count of jobs is a whole number, not [1, 2]."),
        ],
    )
    def test_what_is_no_count(
        self, backup: FakeBackup, count: Any, error: type[Exception], text: str
    ) -> None:
        """What is no whole number from 0 on is refused."""
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            backup.add_backup_jobs(count)
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            factories.batch(factories.copy_job, count)

    @pytest.mark.parametrize(("empty", "name"), [([], "list"), ((), "tuple")])
    def test_an_empty_cycle(self, backup: FakeBackup, empty: Any, name: str) -> None:
        """There is no going round in nothing."""
        text = rf"^State is an empty {name}: there is nothing to cycle through\.$"
        with pytest.raises(ValueError, match=text):
            backup.add_backup_jobs(1, State=empty)

    def test_the_position_is_that_of_the_bad_entry(self, backup: FakeBackup) -> None:
        """The entry that is bad is named, not the first."""
        with pytest.raises(ValueError, match=r"^Entry 3 \(counted from 0\): State is none of"):
            backup.add_backup_jobs(9, State=["FAILED", "FAILED", "FAILED", "FAILD"])  # type: ignore[list-item]
        with pytest.raises(TypeError, match=r"^Entry 4 \(counted from 0\): IsParent takes bool"):
            backup.add_copy_jobs(9, IsParent=lambda index: index if index > 3 else None)  # type: ignore[arg-type, return-value]
        with pytest.raises(TypeError, match=r"^Entry 0 .* no member 'Sate'; did you mean 'State'"):
            backup.add_copy_jobs(9, Sate="FAILED")  # type: ignore[call-arg]
        assert everything(backup) == []

    def test_an_error_of_the_callables_own(self, backup: FakeBackup) -> None:
        """A callable's own error is passed on, with the position if it is one of values."""

        class OddError(ValueError):
            def __init__(self, one: str, two: str) -> None:
                super().__init__(one, two)

        def odd(_index: int) -> Any:
            raise OddError("one", "two")

        with pytest.raises(ValueError, match=r"^Entry 0 \(counted from 0\): ") as refused:
            backup.add_backup_jobs(1, State=odd)
        assert isinstance(refused.value.__cause__, OddError)
        with pytest.raises(ZeroDivisionError):
            backup.add_backup_jobs(1, BackupSizeInBytes=lambda index: 1 // index)
        assert everything(backup) == []

    def test_a_great_many(self, backup: FakeBackup) -> None:
        """Twenty thousand jobs are seeded in a moment, each its own."""
        jobs = backup.add_backup_jobs(20_000, State=["COMPLETED", "FAILED"])
        assert len(backup.backup_jobs) == len({job.id for job in jobs}) == 20_000
        assert jobs[-1].id == f"b0000000-0000-4000-8000-{20_000:012x}"
        assert jobs[-1]["CreationDate"] - jobs[0]["CreationDate"] == timedelta(milliseconds=19_999)
        assert next(iter(backup.backup_jobs)) == jobs[-1].id


class TestCopies:
    def test_what_was_given_is_not_shared(self, backup: FakeBackup) -> None:
        """What a test does later to what it gave does not reach the job."""
        keys = ["one"]
        destination: Any = {"S3BucketName": "bucket", "S3Keys": keys}
        job = backup.add_report_job(ReportDestination=destination)
        keys.append("two")
        destination["S3BucketName"] = "another"
        assert job["ReportDestination"] == {"S3BucketName": "bucket", "S3Keys": ["one"]}

    def test_what_was_read_is_not_shared(self, backup: FakeBackup) -> None:
        """What a test does to what it read does not reach the job, nor the next answer."""
        job = backup.add_report_job(ReportDestination={"S3Keys": ["one"]})
        job["ReportDestination"]["S3Keys"].append("two")
        described("report", job.id)["ReportDestination"]["S3Keys"].append("three")
        assert job["ReportDestination"]["S3Keys"] == ["one"]
        assert described("report", job.id)["ReportDestination"]["S3Keys"] == ["one"]

    def test_nested_none_is_left_out(self, backup: FakeBackup) -> None:
        """None leaves out members of members too."""
        job = backup.add_backup_job(CreatedBy={"BackupPlanId": "plan", "BackupRuleId": None})
        assert job["CreatedBy"] == {"BackupPlanId": "plan"}


@pytest.mark.parametrize("enabled", [True, False])
def test_seeding_many_leaves_the_collector_as_it_was(enabled: bool) -> None:  # noqa: FBT001  pytest's
    """Python's garbage collector, put off meanwhile, is on again afterwards if it was before."""
    seen: list[bool] = []

    def state(_index: int) -> Any:
        seen.append(gc.isenabled())
        return "COMPLETED" if len(seen) < 3 else "no state"

    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with mock_backup() as backup:
            backup.add_backup_jobs(2, State=state)
            assert gc.isenabled() is enabled
            with pytest.raises(ValueError, match="no state"):
                backup.add_backup_jobs(1, State=state)
            assert gc.isenabled() is enabled
        assert seen == [False, False, False]
    finally:
        (gc.enable if before else gc.disable)()


def test_a_number_that_python_does_not_write(backup: FakeBackup) -> None:
    """It is told by its length."""
    text = (
        "BackupSizeInBytes is a number from -9223372036854775808 to 9223372036854775807, not a "
        "number of about 5000 digits: no client gets another."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        backup.add_backup_job(BackupSizeInBytes=10**5000)
    assert not backup.backup_jobs


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("at", ["eu-west-1"], "takes 1 positional argument but 2 were given"),
        ("add_backup_job", ["FAILED"], "takes 1 positional argument but 2 were given"),
        ("add_vault", ["x"], "takes 1 positional argument but 2 were given"),
        ("add_backup_plan", [{}], "takes 1 positional argument but 2 were given"),
        ("load", [], "missing 1 required positional argument: 'source'"),
        ("on_event", [], "missing 1 required positional argument: 'handler'"),
        ("next_outcome", ["Op", "FAILED"], "takes 2 positional arguments but 3 were given"),
        ("fail", ["Op", "Code"], "takes 2 positional arguments but 3 were given"),
    ],
)
def test_a_wrong_call_is_one_of_the_fake(
    backup: FakeBackup, name: str, arguments: list[Any], text: str
) -> None:
    """Python's message about arguments names FakeBackup, no class that users have never seen."""
    with pytest.raises(TypeError, match=rf"^FakeBackup\.{name}\(\) {text}$"):
        getattr(backup, name)(*arguments)


def test_every_method_is_one_of_the_fake() -> None:
    """No method says that it is of a part of the fake."""
    methods = inspect.getmembers(FakeBackup, inspect.isfunction)
    assert len(methods) > 40
    own = {name: method for name, method in methods if method.__module__.startswith("fakebackup.")}
    assert all(each.__qualname__ == f"FakeBackup.{name}" for name, each in own.items())


@pytest.mark.parametrize("seeder", ["backup_job", "copy_job", "vault", "recovery_point"])
def test_a_region_is_no_member(backup: FakeBackup, seeder: str) -> None:
    """Whoever gives a Region as a member is told where one is given."""
    text = "has no member 'Region': to seed in one, type backup.at(region=...), or the ARN of a "
    with pytest.raises(TypeError, match=re.escape(text)):
        getattr(backup, f"add_{seeder}")(Region="eu-west-1")
    assert not backup.backup_jobs
    assert not backup.vaults


INSTEAD = {name for name, value in vars(FakeBackup).items() if isinstance(value, Instead)}


@pytest.mark.parametrize("name", sorted(INSTEAD))
def test_a_name_that_is_nearly_there(backup: FakeBackup, name: str) -> None:
    """A likely name that a fake does not have is answered by those that it has."""
    for fake in (backup, backup.at(region="eu-west-1")):
        assert not hasattr(fake, name)
        with pytest.raises(AttributeError, match=rf"^A FakeBackup has no {name}: use ") as caught:
            getattr(fake, name)
        named = re.findall(r"backup\.(\w+)", str(caught.value))
        assert named
        assert all(each in dir(FakeBackup) and each not in INSTEAD for each in named)
    assert f"Not there: {str(caught.value).partition(': ')[2]}" == vars(FakeBackup)[name].__doc__


def test_names_that_are_nearly_there(backup: FakeBackup) -> None:
    """What is told of two of them, and that a name far off is Python's business."""
    assert {"jobs", "add_job", "add_backup_vault"} <= INSTEAD
    assert {"clear", "tick", "advance", "off_event"} <= INSTEAD
    told = r"^A FakeBackup has no clear: use backup\.reset\(\)\.$"
    with pytest.raises(AttributeError, match=told):
        backup.clear()  # type: ignore[attr-defined]
    for text in ("tick", "advance"):
        with pytest.raises(AttributeError, match=rf"no {text}: use freezegun or time-machine, "):
            getattr(backup, text)(60)
    with pytest.raises(
        AttributeError, match=r"^A FakeBackup has no add_backup_vault: use backup\.a"
    ):
        _ = backup.add_backup_vault  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="'FakeBackup' object has no attribute 'nonsense'"):
        _ = backup.nonsense  # type: ignore[attr-defined]
    assert not hasattr(FakeBackup, "__getattr__")  # every attribute would be read slowly
