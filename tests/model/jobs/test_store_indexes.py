"""The store against a naive scan: whatever comes, moves and goes, every filter finds the same."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fakebackup import mock_backup
from fakebackup.model import ordered
from fakebackup.model.jobs import kinds, timeline
from fakebackup.model.jobs.filters import criteria
from fakebackup.model.jobs.timeline import position
from fakebackup.model.ordered import Bounds
from fakebackup.model.shapes import model as shapes
from fakebackup.operations import (
    backup_jobs,
    copy_jobs,
    report_jobs,
    restore_jobs,
    scan_jobs,
)
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import Job
    from fakebackup.model.jobs.kinds import Kind

ACCOUNTS = ("123456789012", "111122223333")
NOON = datetime(2024, 5, 17, 12, tzinfo=timezone.utc)
PLAN = "arn:aws:backup:us-east-1:123456789012:report-plan:{}-00000000-0000-4000-9000-000000000001"
POINT = "arn:aws:ec2:us-east-1::snapshot/snap-{}"
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:{}"

# Per kind its filters, and per member of which a filter asks the values that jobs have here.
TABLES: dict[str, tuple[Kind, dict[str, Any]]] = {
    "backup": (kinds.BACKUP, backup_jobs.FILTERS),
    "copy": (kinds.COPY, copy_jobs.FILTERS),
    "restore": (kinds.RESTORE, restore_jobs.FILTERS),
    "protected": (kinds.RESTORE, restore_jobs.RESOURCE_FILTERS),
    "scan": (kinds.SCAN, scan_jobs.FILTERS),
    "report": (kinds.REPORT, report_jobs.FILTERS),
}
VALUES: dict[str, list[Any]] = {
    "State": ["COMPLETED", "FAILED", "RUNNING"],
    "Status": ["COMPLETED", "FAILED", "RUNNING"],
    "ResourceArn": ["arn:aws:s3:::a", "arn:aws:s3:::b"],
    "SourceResourceArn": ["arn:aws:s3:::a", "arn:aws:s3:::b"],
    "ResourceType": ["EBS", "S3"],
    "BackupVaultName": ["one", "two"],
    "ParentJobId": ["p", "q"],
    "MessageCategory": ["SUCCESS", "AccessDenied"],
    "DestinationBackupVaultArn": [VAULT.format("one"), VAULT.format("two")],
    "SourceRecoveryPointArn": [POINT.format(1), POINT.format(2)],
    "RecoveryPointArn": [POINT.format(1), POINT.format(2)],
    "CreatedBy": [
        {"RestoreTestingPlanArn": "arn:aws:backup:::r"},
        {"RestoreTestingPlanArn": "arn:aws:backup:::s"},
    ],
    "ScanResult": [
        {"ScanResultStatus": "THREATS_FOUND"},
        {"ScanResultStatus": "NO_THREATS_FOUND"},
    ],
    "ReportPlanArn": [PLAN.format("one"), PLAN.format("two")],
    "MalwareScanner": ["GUARDDUTY"],
}
DATES = ("CreationDate", "CreationTime", "CompletionDate", "RecoveryPointCreationDate")


def asked_values(member: str) -> list[Any]:
    """What filters ask for of a member."""
    if member in DATES:
        return [int((NOON + timedelta(days=day)).timestamp() * 1_000_000) for day in (-3, -1)]
    found = VALUES[member]
    if isinstance(found[0], dict):
        return [next(iter(each.values())) for each in found]
    if member == "ReportPlanArn":
        return ["one", "two"]
    return [*found, found[0].lower()] if member == "MessageCategory" else list(found)


def members_of(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    """Members of a job, those that filters look at among them."""
    given: dict[str, Any] = {
        name: st.sampled_from(values)
        for name, values in VALUES.items()
        if name in kind.members and (name != "CreatedBy" or kind is kinds.RESTORE)
    }
    required = {kind.created: st.integers(-4, 0).map(lambda day: NOON + timedelta(days=day))}
    if kind is not kinds.REPORT:
        required["AccountId"] = st.sampled_from(ACCOUNTS)
    return st.fixed_dictionaries(required, optional=given)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two, and an index after two jobs passed, so that few jobs use everything."""
    monkeypatch.setattr(ordered, "_BLOCK", 2)
    monkeypatch.setattr(timeline, "_MOST_READ", 2)


class Store(RuleBasedStateMachine):
    """Adds, changes, moves and removes jobs of one kind; lists them with any filters."""

    which = "backup"

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.table = TABLES[self.which]
        self.clock = freeze_time(NOON)
        self.clock.start()
        self.mock = mock_backup(region="us-east-1", history=None)
        self.backup = self.mock.start()
        self.jobs: list[Job] = []

    def teardown(self) -> None:
        """Leave the fake, and let time pass."""
        self.mock.stop()
        self.clock.stop()

    def _add(self, members: dict[str, Any]) -> None:
        add = getattr(self.backup, f"add_{self.kind.name.replace(' ', '_')}")
        self.jobs.append(add(**members))

    @initialize(data=st.data(), count=st.integers(0, 12))
    def some(self, data: st.DataObject, count: int) -> None:
        """Begin with some jobs."""
        for _ in range(count):
            self._add(data.draw(members_of(self.kind)))

    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        """Add a job."""
        self._add(data.draw(members_of(self.kind)))

    @rule(data=st.data(), count=st.integers(2, 9))
    def add_many(self, data: st.DataObject, count: int) -> None:
        """Add jobs together."""
        members = data.draw(members_of(self.kind))
        add = getattr(self.backup, f"add_{self.kind.name.replace(' ', '_')}s")
        self.jobs += add(count, **members)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """Change whatever a filter looks at."""
        data.draw(st.sampled_from(self.jobs)).update(**data.draw(members_of(self.kind)))

    @precondition(lambda self: any(job.state == "RUNNING" for job in self.jobs))
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """Let a job end."""
        running = [job for job in self.jobs if job.state == "RUNNING"]
        data.draw(st.sampled_from(running)).fail("it failed")

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """Take a job out."""
        job = data.draw(st.sampled_from(self.jobs))
        self.jobs.remove(job)
        self.backup.remove(job)

    @invariant()
    def every_filter_alone(self) -> None:
        """Each value of each filter finds what a scan of all jobs finds."""
        for name, row in self.table.items():
            for value in asked_values(row.member):
                self._compare({name: value}, None, Bounds())

    @rule(data=st.data())
    def some_filters(self, data: st.DataObject) -> None:
        """So do two filters, for an account, in part of the list."""
        names = data.draw(st.sets(st.sampled_from(sorted(self.table)), max_size=2))
        asked = {
            name: data.draw(st.sampled_from(asked_values(self.table[name].member)))
            for name in sorted(names)
        }
        days = st.none() | st.integers(-5, 1).map(
            lambda day: int((NOON + timedelta(days=day)).timestamp() * 1000)
        )
        after = data.draw(st.none() | st.sampled_from([*map(position, self.jobs), (0, "")]))
        account = data.draw(st.sampled_from([None, *ACCOUNTS]))
        self._compare(asked, account, Bounds(after, data.draw(days), data.draw(days)))

    def _compare(self, asked: dict[str, Any], account: str | None, bounds: Bounds) -> None:
        wanted = criteria(self.table, asked)
        jobs = self.backup.backend.organization.jobs_in("us-east-1", account)
        found = [job.id for job in jobs.matching(self.kind, wanted, bounds)]
        assert found == [job.id for job in self._scanned(account, wanted, bounds)]

    def _scanned(self, account: str | None, wanted: Any, bounds: Bounds) -> Iterator[Job]:
        for job in sorted(self.jobs, key=position):
            created = job.members[self.kind.created]
            if (
                account in (None, job.account)
                and all(want.test(job.members.get(want.member)) for want in wanted)
                and (bounds.after is None or position(job) > bounds.after)
                and (bounds.since is None or created >= bounds.since)
                and (bounds.until is None or created <= bounds.until)
            ):
                yield job


@pytest.mark.parametrize("which", TABLES)
def test_every_filter_finds_what_a_scan_finds(which: str) -> None:
    """Whatever comes, moves and goes, with and without the indexes that listings ask for."""
    kind, table = TABLES[which]
    if kind.item not in shapes.service_model().shape_names:
        pytest.skip(f"the installed botocore does not know {kind.name}s")
    known = {row.member for row in table.values()}
    assert known <= VALUES.keys() | set(DATES), "say what jobs have here of a new filter's member"
    machine = type("Machine", (Store,), {"which": which})
    steps = settings(max_examples=20, stateful_step_count=12)
    run_state_machine_as_test(machine, settings=steps)


# --- Indexes --------------------------------------------------------------------------------


def indexed(backup: Any) -> list[str]:
    """The members by which the backup jobs here are indexed."""
    store = backup.backend.organization.store(backup.account_id, backup.region)
    here = store.jobs._timelines[kinds.BACKUP]
    return sorted(member for member, _ in here._indexes)


def test_an_index_is_made_by_need() -> None:
    """A listing that soon finds enough makes none; else it is of the rarest value asked for."""
    with mock_backup(region="us-east-1") as backup:
        backup.add_backup_jobs(6, State=["COMPLETED", "COMPLETED", "FAILED"], ResourceType="EBS")
        client().list_backup_jobs(ByState="COMPLETED", MaxResults=1)
        assert indexed(backup) == []
        found = client().list_backup_jobs(ByState="FAILED", ByResourceType="EBS")
        assert [job["State"] for job in found["BackupJobs"]] == ["FAILED"] * 2
        assert indexed(backup) == ["State"]
        client().list_backup_jobs(ByState="FAILED", ByBackupVaultName="none")
        assert indexed(backup) == ["State"], "those that failed are few"
        client().list_backup_jobs(ByState="COMPLETED", ByBackupVaultName="none")
        assert indexed(backup) == ["BackupVaultName", "State"]


def test_pages_go_on_where_an_index_came_up() -> None:
    """The page in which the index is made, and those after it, neither repeat nor lose a job."""
    with mock_backup(region="us-east-1") as backup:
        backup.add_backup_jobs(20, State=["COMPLETED", "FAILED"])
        pages = (
            client()
            .get_paginator("list_backup_jobs")
            .paginate(ByState="FAILED", PaginationConfig={"PageSize": 3})
        )
        found = [job["BackupJobId"] for page in pages for job in page["BackupJobs"]]
        failed = [job.id for job in backup.backup_jobs.values() if job.state == "FAILED"]
    assert found == failed
    assert len(found) == 10


# --- Counts ---------------------------------------------------------------------------------

DIMENSIONS = ("AccountId", "State", "ResourceType", "MessageCategory")


@given(data=st.data())
@settings(max_examples=40)
def test_counts_follow_every_move(data: st.DataObject) -> None:
    """A summary asked before jobs come, move and go is right afterwards."""
    asked = {
        name: data.draw(st.sampled_from(["ANY", "AGGREGATE_ALL", *VALUES.get(name, ACCOUNTS)]))
        for name in data.draw(st.sets(st.sampled_from(DIMENSIONS)))
    }
    asked["AggregationPeriod"] = data.draw(
        st.sampled_from(["ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"])
    )
    with freeze_time(NOON), mock_backup(region="us-east-1") as backup:
        jobs: list[Job] = []
        for _ in range(3):
            made = client().list_backup_job_summaries(**asked)["BackupJobSummaries"]
            assert counted(made) == scanned(jobs, asked)
            more = data.draw(st.lists(members_of(kinds.BACKUP), min_size=1, max_size=4))
            jobs += [backup.add_backup_job(**members) for members in more]
            data.draw(st.sampled_from(jobs)).update(**data.draw(members_of(kinds.BACKUP)))
            if data.draw(st.booleans()):
                backup.remove(jobs.pop())
        made = client().list_backup_job_summaries(**asked)["BackupJobSummaries"]
        assert counted(made) == scanned(jobs, asked)


def counted(rows: list[dict[str, Any]]) -> Counter[Any]:
    """What a summary counts: per window and sort, how many."""
    return Counter(
        {
            (row["StartTime"], row["EndTime"], *(row.get(name) for name in DIMENSIONS)): row[
                "Count"
            ]
            for row in rows
        }
    )


def scanned(jobs: list[Job], asked: dict[str, Any]) -> Counter[Any]:
    """What a scan of all jobs counts."""
    days, windows = {"ONE_DAY": (1, 14), "SEVEN_DAYS": (7, 1), "FOURTEEN_DAYS": (14, 1)}[
        asked["AggregationPeriod"]
    ]
    end = datetime(2024, 5, 18, tzinfo=timezone.utc)
    found: Counter[Any] = Counter()
    for job in jobs:
        window = (end - job["CreationDate"]) // timedelta(days=days)
        if window >= windows:
            continue
        sort: list[Any] = [
            end - timedelta(days=days) * (window + 1),
            end - timedelta(days=days) * window,
        ]
        for name in DIMENSIONS:
            wanted, has = asked.get(name), job.get(name)
            if name == "AccountId" and wanted is None:
                wanted = ACCOUNTS[0]
            if wanted in (None, "AGGREGATE_ALL"):
                sort.append("AGGREGATE_ALL")
            elif wanted == "ANY" or str(has).upper() == wanted.upper():
                sort.append(has if name != "MessageCategory" or wanted == "ANY" else wanted)
            else:
                break
        else:
            found[tuple(sort)] += 1
    return found
