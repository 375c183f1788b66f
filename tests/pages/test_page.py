"""The page of a fake: what it shows, what it folds, and that it asks for nothing."""

from __future__ import annotations

import json
import os
import re
import stat
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupError, mock_backup
from fakebackup.commands import example
from fakebackup.model.resources.arns import EVERYWHERE
from fakebackup.pages import contents, figures, files, jobs, kept
from fakebackup.pages.folding import fold
from fakebackup.pages.page import page as drawn
from support.botocore_model import known
from support.client import call, client
from support.constants import REGION

if TYPE_CHECKING:
    from pathlib import Path

    from fakebackup.pages.contents import Contents

pytestmark = [
    pytest.mark.frozen("2024-03-15T12:00:00Z"),
    pytest.mark.fake_backup(region=REGION, history=None, default_vault=True),
]

ROLE = "arn:aws:iam::123456789012:role/r"
VOLUME = f"arn:aws:ec2:{REGION}:123456789012:volume/vol-1"
NOW = datetime(2024, 3, 15, 12, tzinfo=timezone.utc)


def at(text: str) -> int:
    """An instant of the day, in milliseconds."""
    return round(datetime.fromisoformat(f"2024-03-15T{text}+00:00").timestamp() * 1000)


class Page(HTMLParser):
    """A page as a reader sees it: the rows of its tables by section, its links, its elements."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: dict[str, list[dict[str, str]]] = {}
        self._section = ""
        self._cell: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag == "section":
            self._section = found.get("id") or ""
        elif tag == "tr" and found.get("role") == "row":
            self.rows.setdefault(self._section, []).append({})
        elif tag == "td" and found.get("role") == "cell":
            self._cell = found["data-h"] or ""
            self.rows[self._section][-1][self._cell] = ""

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a cell."""
        if tag == "td":
            self._cell = None

    def handle_data(self, data: str) -> None:
        """Note text."""
        if self._cell is not None:
            row = self.rows[self._section][-1]
            row[self._cell] += data

    def table(self, section: str) -> list[dict[str, str]]:
        """The rows of a section's table, without its head."""
        return self.rows.get(section, [{}])[1:]

    def all(self, name: str, **attributes: str) -> list[dict[str, str | None]]:
        """The elements of a name with some attributes."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            each for tag, each in self.elements if tag == name and wanted.items() <= each.items()
        ]


def page_of(backup: FakeBackup, path: Path) -> Page:
    """The page that the fake writes."""
    assert backup.report(path) == path
    return Page(path.read_text("utf-8"))


def known_to_the_script(page: str) -> Any:
    """What a page tells its script."""
    return json.loads(page.partition('id="data">')[2].partition("</script>")[0])


def read(backup: FakeBackup) -> Contents:
    """What a page of the fake shows, as data."""
    return contents.read(backup.backend, EVERYWHERE)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The file of a page."""
    return tmp_path / "page.html"


# --- What is shown --------------------------------------------------------------------------


def test_every_seeded_job_is_shown(backup: FakeBackup, out: Path) -> None:
    """The example month's jobs are all in the table and on the timeline, each once."""
    example.seed(backup)
    page = page_of(backup, out)
    ids = list(backup.backend.organization.jobs.by_id)
    shown = [re.search(r"job (\S+?)more", row["Job"]) for row in page.table("jobs")]
    assert sorted(match[1] for match in shown if match) == sorted(ids)
    assert len(page.all("g", class_="row")) == len(ids)
    assert not page.all("ul", id="notes")


def test_a_chain_is_drawn_together(backup: FakeBackup, out: Path) -> None:
    """A copy and a restore follow the backup whose recovery point they read, linked to it."""
    backup.add_vault(BackupVaultName="copies")
    made = call("StartBackupJob", BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE)
    job = backup.backup_jobs[made["BackupJobId"]]
    job.complete()
    point = job["RecoveryPointArn"]
    other = backup.add_backup_job(CreationDate=NOW - timedelta(minutes=1))
    copied = call(
        "StartCopyJob",
        SourceBackupVaultName="Default",
        RecoveryPointArn=point,
        DestinationBackupVaultArn=backup.vaults["copies"].arn,
        IamRoleArn=ROLE,
    )
    restored = call(
        "StartRestoreJob",
        RecoveryPointArn=point,
        Metadata={"availabilityZone": "eu-west-1a"},
        IamRoleArn=ROLE,
    )
    found = read(backup).jobs
    order = [job.job_id for job in found.folded.shown]
    assert order == [other.id, made["BackupJobId"], copied["CopyJobId"], restored["RestoreJobId"]]
    assert [(tie.source, tie.target) for tie in found.ties] == [(1, 2), (1, 3)]
    lines = page_of(backup, out).all("line", class_="tie")
    assert [(line["data-from"], line["data-to"]) for line in lines] == [("1", "2"), ("1", "3")]


def test_the_states_of_a_started_job(backup: FakeBackup) -> None:
    """Its events say when it came to each state; its calls are those that name it."""
    asked = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    with freeze_time("2024-03-15T12:00:00Z"):
        made = call("StartBackupJob", **asked)["BackupJobId"]
    with freeze_time("2024-03-15T12:01:00Z"):
        for _ in range(2):
            call("DescribeBackupJob", BackupJobId=made)
    with freeze_time("2024-03-15T12:04:00Z"):
        for _ in range(2):
            call("DescribeBackupJob", BackupJobId=made)
    with freeze_time("2024-03-15T12:09:00Z"):
        [job] = read(backup).jobs.folded.shown
    assert job.stretches == [
        ("CREATED", at("12:00:00"), at("12:01:00")),
        ("RUNNING", at("12:01:00"), at("12:01:00")),
        ("COMPLETED", at("12:01:00"), at("12:01:00")),
    ]
    assert [mark.what for mark in job.calls] == ["StartBackupJob"] + ["DescribeBackupJob"] * 4
    assert [mark.at for mark in job.calls] == [
        at("12:00:00"),
        *[at("12:01:00")] * 2,
        *[at("12:04:00")] * 2,
    ]
    assert [mark.what for mark in job.events] == [
        event["detail"]["state"] for event in backup.backup_jobs[made].events
    ]


def test_what_a_job_waits_for(backup: FakeBackup, out: Path) -> None:
    """A job that waits for others says for which; afterwards it no longer does."""
    asked = {"BackupVaultName": "Default", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    first, second = (call("StartBackupJob", **asked)["BackupJobId"] for _ in range(2))
    text = f"It waits for {first} to end."
    assert [each.message for each in read(backup).jobs.folded.shown] == ["", text]
    assert text in page_of(backup, out).text
    backup.backup_jobs[first].fail()
    messages = {each.job_id: each.message for each in read(backup).jobs.folded.shown}
    assert messages[second] == ""


def test_the_states_of_seeded_jobs(backup: FakeBackup) -> None:
    """A seeded job is in its state from its creation on; before a move nothing is known of it."""
    done = backup.add_backup_job(
        CreationDate=NOW - timedelta(hours=2), CompletionDate=NOW - timedelta(hours=1)
    )
    running = backup.add_backup_job(State="RUNNING", CreationDate=NOW - timedelta(minutes=30))
    moved = backup.add_backup_job(State="RUNNING", CreationDate=NOW - timedelta(minutes=20))
    moved.fail("boom")
    shown = {job.job_id: job.stretches for job in read(backup).jobs.folded.shown}
    assert shown == {
        done.id: [
            ("COMPLETED", at("10:00:00"), at("11:00:00")),
            ("COMPLETED", at("11:00:00"), at("11:00:00")),
        ],
        running.id: [("RUNNING", at("11:30:00"), at("12:00:00"))],
        moved.id: [
            (jobs.EARLIER, at("11:40:00"), at("12:00:00")),
            ("FAILED", at("12:00:00"), at("12:00:00")),
        ],
    }


def test_the_counts_are_the_summaries(backup: FakeBackup, out: Path) -> None:
    """By day and state the page counts what ListBackupJobSummaries answers."""
    example.seed(backup)
    page = page_of(backup, out)
    rows = call(
        "ListBackupJobSummaries", AccountId="ANY", State="ANY", AggregationPeriod="ONE_DAY"
    )["BackupJobSummaries"]
    summed = {
        (
            row["StartTime"].astimezone(timezone.utc).date().isoformat(),
            row["AccountId"],
            row["State"],
        ): row["Count"]
        for row in rows
    }
    oldest = min(day for day, _, _ in summed)
    counted = {
        (
            datetime.fromtimestamp(each.day / 1000, timezone.utc).date().isoformat(),
            each.account,
            each.state,
        ): each.jobs
        for each in read(backup).jobs.counts
    }
    assert {key: count for key, count in counted.items() if key[0] >= oldest} == summed
    told = known_to_the_script(page.text)
    assert sum(row[2] for row in told["counts"]) == len(backup.backend.organization.jobs.by_id)


def test_what_becomes_of_points(backup: FakeBackup, out: Path) -> None:
    """Cold storage, where there is any, deletion, locks and legal holds stand at the point."""
    backup.add_vault(BackupVaultName="locked", MinRetentionDays=7, Locked=True)
    lifecycle: Any = {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 120}
    held = backup.add_recovery_point(
        BackupVaultName="locked", ResourceType="EFS", Lifecycle=lifecycle, CreationDate=NOW
    )
    late = {
        storage: backup.add_recovery_point(
            BackupVaultName="open",
            ResourceType="EFS",
            StorageClass=storage,
            Lifecycle={"MoveToColdStorageAfterDays": 1},
            CreationDate=NOW - timedelta(days=2),
        )
        for storage in ("WARM", "COLD")
    }
    ignored = backup.add_recovery_point(
        BackupVaultName="open", ResourceType="EBS", Lifecycle=lifecycle, CreationDate=NOW
    )
    free = backup.add_recovery_point(BackupVaultName="open", CreationDate=NOW)
    backup.add_legal_hold(
        Title="Dispute", RecoveryPointSelection={"VaultNames": ["locked"]}, CreationDate=NOW
    )
    page = page_of(backup, out)
    becomes = {row["Recovery point"]: row["Becomes"] for row in page.table("points")}
    assert becomes[held.arn] == (
        "goes to cold storage 2024-03-25T12:00:00Z; is deleted 2024-07-13T12:00:00Z; its vault is "
        "locked; the legal hold 'Dispute' keeps it"
    )
    assert becomes[free.arn] == "is never deleted"
    assert becomes[ignored.arn] == "is deleted 2024-07-13T12:00:00Z"
    for storage, verb in (("WARM", "was due in"), ("COLD", "went to")):
        told = f"{verb} cold storage 2024-03-14T12:00:00Z; is never deleted"
        assert becomes[late[storage].arn] == told
    locks = {row["Vault"]: row["Lock"] for row in page.table("vaults")}
    assert locks["locked"].startswith("locked, keeps at least 7 days")
    assert locks["open"] == ""


@pytest.mark.skipif(
    not known("CreateBackupAccessPoint"), reason="this botocore knows no access points"
)
def test_an_access_point_keeps_a_point(backup: FakeBackup, out: Path) -> None:
    """So does an access point to it, whoever has it."""
    point = backup.add_recovery_point(ResourceType="S3", CreationDate=NOW)
    backup.add_backup_access_point(Name="reader", RecoveryPointArn=point.arn)
    (row,) = page_of(backup, out).table("points")
    assert row["Becomes"] == "is never deleted; the access point 'reader' keeps it"


def test_plans_and_their_runs(backup: FakeBackup, out: Path) -> None:
    """Each rule has its schedule, its next runs and when the plan ran last."""
    rule: Any = {
        "RuleName": "nightly",
        "TargetBackupVaultName": "Default",
        "ScheduleExpression": "cron(0 3 * * ? *)",
    }
    plan = backup.add_backup_plan(BackupPlanName="daily", Rules=[rule])
    backup.add_backup_selection(SelectionName="own", Resources=[VOLUME])
    before = page_of(backup, out).table("plans")
    backup.run_plan(plan["BackupPlanId"])
    [after] = page_of(backup, out).table("plans")
    assert before[0]["Last run"] == "never"
    assert after["Last run"] == "2024-03-15 12:00:00"
    assert after["Plan"] == "Backup plan daily"
    assert after["Next runs"] == ("2024-03-16 03:00:00, 2024-03-17 03:00:00, 2024-03-18 03:00:00")


@pytest.mark.fake_backup(leftovers="ignore")
def test_calls_and_leftovers(backup: FakeBackup, out: Path) -> None:
    """Calls have parameters, outcome, attempts and counts; what nothing asked for is named."""
    backup.add_backup_jobs(3)
    backup.fail("ListBackupJobs", code="ServiceUnavailable")
    call("ListBackupJobs", ByState="COMPLETED", MaxResults=2)
    with pytest.raises(ClientError):
        call("DescribeBackupJob", BackupJobId="nope")
    backup.fail("StartBackupJob", times=2)
    backup.next_outcome("StartCopyJob", State="FAILED")
    page = page_of(backup, out)
    first, second = page.table("calls")
    assert first["Parameters"] == '{"ByState": "COMPLETED", "MaxResults": 2}'
    assert (first["Outcome"], first["Attempts"]) == ("2 items, more follow", "2")
    assert first["Time"] == "2024-03-15 12:00:00"
    assert (second["Outcome"], second["Attempts"]) == ("ResourceNotFoundException", "1")
    left = page.text.split('id="left"')[1]
    assert "ThrottlingException of StartBackupJob: 2 more" in left
    assert "FAILED of StartCopyJob, chosen for what never started" in left


def test_events_are_listed(backup: FakeBackup, out: Path) -> None:
    """Each event stands in the table, in order, with its state and its job."""
    job = backup.add_backup_job(State="RUNNING")
    job.complete()
    shown = [(row["Event"], row["State"]) for row in page_of(backup, out).table("events")]
    assert shown == [
        (event["detail-type"], event["detail"].get("state") or event["detail"].get("status") or "")
        for event in backup.events
    ]
    assert ("Backup Job State Change", "COMPLETED") in shown


def test_an_empty_fake_has_a_page(backup: FakeBackup, out: Path) -> None:
    """Where there is nothing, each section says so."""
    page = page_of(backup, out)
    for nothing in ("There are no jobs.", "There are no calls.", "There are none."):
        assert nothing in page.text
    assert [row["Vault"] for row in page.table("vaults")] == []


def test_a_view_shows_its_own(backup: FakeBackup, out: Path) -> None:
    """The page of a view has what is in the account and Region that `at` was given."""
    view = backup.at(account_id="111122223333", region="us-west-2")
    theirs = view.add_backup_job()
    backup.add_backup_job()
    client().list_backup_jobs()
    client("us-west-2").list_backup_jobs()
    page = page_of(view, out)
    assert [theirs.id in row["Job"] for row in page.table("jobs")] == [True]
    assert page.table("calls") == []
    regional = page_of(backup.at(region="us-west-2"), out)
    assert [row["Account, Region"] for row in regional.table("calls")] == ["123456789012 us-west-2"]


def test_what_is_shown_can_be_chosen(backup: FakeBackup, out: Path) -> None:
    """Accounts and Regions are those of all that is shown, as of an event whose job is gone.

    So no page fails for a job of an account that is known by it alone.
    """
    there = backup.at(account_id="111122223333", region="us-west-2")
    job = there.add_restore_job(Status="RUNNING")
    job.complete()
    backup.remove(job)
    backup.at(account_id="444455556666").add_backup_job()
    told = known_to_the_script(page_of(backup, out).text)["options"]
    assert told["account"] == ["111122223333", "444455556666"]
    assert told["region"] == [REGION, "us-west-2"]
    alone = known_to_the_script(drawn(read(backup)._replace(homes=[])))
    assert alone["options"]["account"] == told["account"]
    assert [alone["options"]["account"][row[3]] for row in alone["counts"]] == ["444455556666"]


def test_the_call_that_started_a_job(backup: FakeBackup) -> None:
    """It stands first at each job, of report jobs too; a child job has none."""
    call(
        "CreateReportPlan",
        ReportPlanName="daily",
        ReportDeliveryChannel={"S3BucketName": "b"},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
    )
    report = call("StartReportJob", ReportPlanName="daily")["ReportJobId"]
    call("ListReportJobs")
    call("DescribeReportJob", ReportJobId=report)
    stack = f"arn:aws:cloudformation:{REGION}:123456789012:stack/s/1"
    with freeze_time("2024-03-15T12:01:00Z"):
        first = call(
            "StartBackupJob", BackupVaultName="Default", ResourceArn=stack, IamRoleArn=ROLE
        )
    with freeze_time("2024-03-15T12:02:00Z"):
        backup.backup_jobs[first["BackupJobId"]].complete()
        second = call(
            "StartBackupJob", BackupVaultName="Default", ResourceArn=stack, IamRoleArn=ROLE
        )
        found = {each.job_id: each for each in read(backup).jobs.folded.shown}
    assert [mark.what for mark in found[report].calls] == ["StartReportJob", "DescribeReportJob"]
    assert [mark.at for mark in found[first["BackupJobId"]].calls] == [at("12:01:00")]
    assert [mark.at for mark in found[second["BackupJobId"]].calls] == [at("12:02:00")]
    children = [job.id for job in backup.backup_jobs.values() if "ParentJobId" in job]
    assert children
    assert [found[each].calls for each in children] == [[]] * len(children)


def test_how_calls_ended(backup: FakeBackup, out: Path) -> None:
    """An error, the number of items, or that it was answered."""
    backup.add_backup_job()
    call("ListBackupJobs")
    call("ListCopyJobs")
    with pytest.raises(ClientError):
        call("DescribeCopyJob", CopyJobId="none")
    rows = page_of(backup, out).table("calls")
    ended = {row["Operation"]: row["Outcome"] for row in rows}
    assert ended == {
        "ListBackupJobs": "1 item",
        "ListCopyJobs": "0 items",
        "DescribeCopyJob": "ResourceNotFoundException",
    }


def test_the_newest_points_are_shown(backup: FakeBackup) -> None:
    """Where there are too many, and in the order of their creation, whatever vault has them."""
    for age in (3, 1, 2):
        backup.add_recovery_point(
            BackupVaultName=f"vault-{age}", CreationDate=NOW - timedelta(days=age)
        )
    shown = read(backup).kept.points.shown
    assert [each.vault for each in shown] == ["vault-3", "vault-2", "vault-1"]
    for _ in range(kept.MOST_POINTS):
        backup.add_recovery_point(BackupVaultName="vault-1", CreationDate=NOW)
    shown = read(backup).kept.points.shown
    assert len(shown) == kept.MOST_POINTS
    assert {each.vault for each in shown} == {"vault-1"}


def test_vaults_are_in_the_order_of_their_places(backup: FakeBackup) -> None:
    """By account and Region; and a count that a seed gave is part of a vault's."""
    for region in ("us-west-2", "eu-west-1"):
        backup.at(region=region).add_vault(BackupVaultName="daily", NumberOfRecoveryPoints=7)
    backup.at(region="eu-west-1").add_recovery_point(BackupVaultName="daily")
    vaults = [each for each in read(backup).kept.vaults.shown if each.name == "daily"]
    assert [each.region for each in vaults] == ["eu-west-1", "us-west-2"]
    assert [each.points for each in vaults] == [8, 7]


def test_what_can_be_chosen_of_points_alone(backup: FakeBackup, out: Path) -> None:
    """The states of points, and the places where nothing but them is."""
    backup.at(account_id="111122223333", region="us-west-2").add_recovery_point(Status="EXPIRED")
    options = known_to_the_script(page_of(backup, out).text)["options"]
    assert options["state"] == ["EXPIRED"]
    assert (options["account"], options["region"]) == (["111122223333"], ["us-west-2"])


def test_too_many_counts_for_the_filters(
    backup: FakeBackup, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script gets none, and the page says why the filters leave the chart alone."""
    backup.add_backup_jobs(3, State=["COMPLETED", "FAILED", "ABORTED"])
    monkeypatch.setattr(figures, "MOST_COUNTS", 2)
    page = page_of(backup, out)
    assert known_to_the_script(page.text)["counts"] is None
    assert "There are too many counts for the filters" in page.text


@pytest.mark.parametrize("counts", [True, False])
def test_the_present_day_in_summaries(counts: bool, out: Path) -> None:  # noqa: FBT001  a case
    """With count_today=False a note says that AWS's summaries do not have it yet."""
    with mock_backup(region=REGION, count_today=counts) as backup:
        backup.add_backup_job()
        page = page_of(backup, out)
    assert ("AWS's summaries do not count the present day yet" in page.text) is not counts


def test_others_may_read_a_page(backup: FakeBackup, out: Path) -> None:
    """The file has the rights that files have, though it was written under another name."""
    before = os.umask(0o022)
    try:
        page_of(backup, out)
    finally:
        os.umask(before)
    assert stat.S_IMODE(out.stat().st_mode) == 0o644


# --- Text of users --------------------------------------------------------------------------

MARKUP = "</script></title><script>alert(1)</script><img src=http://evil.example/x.png> & \"'"


@pytest.mark.fake_backup(leftovers="ignore")
def test_markup_stays_text(backup: FakeBackup, out: Path) -> None:
    """Markup in messages, names, parameters and faults makes no element of the page."""
    plain = page_of(backup, out)
    backup.add_backup_job(State="FAILED", StatusMessage=MARKUP, ResourceArn=VOLUME + MARKUP)
    backup.add_restore_job(ValidationStatusMessage=MARKUP)
    backup.fail("StartCopyJob", when={"RecoveryPointArn": MARKUP})
    with pytest.raises(ClientError):
        call("DescribeBackupJob", BackupJobId=MARKUP)
    page = page_of(backup, out)
    assert len(page.all("script")) == len(plain.all("script")) == 2
    assert not page.all("img")
    assert MARKUP in page.table("jobs")[0]["Message"]
    assert json.dumps(MARKUP) in page.table("calls")[0]["Parameters"]


def test_the_policy_lets_nothing_in(backup: FakeBackup, out: Path) -> None:
    """The page names no address, and its policy allows its own style and script alone."""
    example.seed(backup)
    page = page_of(backup, out)
    [policy] = page.all("meta", http_equiv="Content-Security-Policy")
    said = dict(each.strip().split(" ", 1) for each in (policy["content"] or "").split(";"))
    assert said["default-src"] == "'none'"
    assert set(said) == {
        "default-src",
        "style-src",
        "script-src",
        "img-src",
        "base-uri",
        "form-action",
    }
    for name in ("style-src", "script-src"):
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", said[name])
    loads = [
        each for _, found in page.elements for key, each in found.items() if key in ("src", "href")
    ]
    assert {each for each in loads if each and not each.startswith("#")} == {"data:,"}
    assert not any("style" in found for _, found in page.elements)
    assert "http:" not in page.text.replace("http://www.w3.org", "")


def test_the_page_is_for_everybody(backup: FakeBackup, out: Path) -> None:
    """It has a language, a title, one main heading, labelled fields, and heads of columns."""
    example.seed(backup)
    page = page_of(backup, out)
    assert page.all("html", lang="en")
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert page.text.count("<label>") == len(page.all("select")) + len(page.all("input")) == 5
    assert all(each.get("scope") in ("col", "row") for each in page.all("th"))
    assert all(each.get("aria-label") for each in page.all("svg"))
    named = {each["id"] for _, each in page.elements if "id" in each}
    assert {each["aria-labelledby"] for each in page.all("section")} <= named | {None}
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    targets = {(each["href"] or "")[1:] for each in page.all("a")}
    assert targets <= named


# --- Folding --------------------------------------------------------------------------------


def test_folding_keeps_the_newest_and_the_unusual() -> None:
    """Unusual ones take four fifths at most; the newest are always there; order is kept."""
    things = list(range(100))
    folded = fold(things, 10, lambda each: each % 10 == 0)
    assert folded.shown == [20, 30, 40, 50, 60, 70, 80, 90, 98, 99]
    assert folded.hidden == 90
    assert fold(things, 100, bool).hidden == 0
    assert fold(things, 5, lambda _: False).shown == [95, 96, 97, 98, 99]


def test_a_hundred_thousand_jobs(backup: FakeBackup, out: Path) -> None:
    """Their page has three megabytes at most, folds what is too much and says so; counts do not."""
    backup.add_backup_jobs(
        100_000,
        State=lambda index: "COMPLETED" if (index + 1) % 100 else "FAILED",
        CreationDate=lambda index: NOW - timedelta(minutes=index / 4),
    )
    page = page_of(backup, out)
    assert out.stat().st_size <= 3_000_000
    assert len(page.table("jobs")) == len(page.all("g", class_="row")) == jobs.MOST_JOBS
    assert sum(row["State"] == "FAILED" for row in page.table("jobs")) == 320
    assert "Of 100,000 jobs 400 are shown" in page.text
    assert "recovery points that 100,000 seeded jobs left are not here" in page.text
    totals = re.findall(r'data-total="\d+">(\d+)<', page.text)
    assert sorted(map(int, totals)) == [1000, 99_000]


def test_many_of_everything_stay_small(backup: FakeBackup, out: Path) -> None:
    """Calls, events and points are folded, too, and long texts are cut: the page stays small."""
    for job in backup.add_backup_jobs(700, State="RUNNING"):
        job.complete(StatusMessage="<&>" * 300)
        call("DescribeBackupJob", BackupJobId=job.id)
    page = page_of(backup, out)
    assert out.stat().st_size <= 3_000_000
    assert len(page.table("calls")) == contents.MOST_CALLS
    assert len(page.table("events")) == contents.MOST_EVENTS
    assert len(page.table("points")) == kept.MOST_POINTS
    for what in ("700 jobs 400", "700 recovery points 300", "700 calls 400"):
        assert f"Of {what} are shown" in page.text
    assert "more characters)" in page.text


# --- The file -------------------------------------------------------------------------------


def test_a_page_is_there_whole_or_not_at_all(backup: FakeBackup, tmp_path: Path) -> None:
    """A page replaces the file; where it cannot be written, nothing is left behind."""
    backup.add_backup_job(StatusMessage="naïve ☃")
    path = tmp_path / "a.html"
    path.write_text("before", "utf-8")
    assert backup.report(str(path)) == path
    assert "naïve ☃" in path.read_text("utf-8")
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        backup.report(tmp_path / "folder")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.html", "folder"]
    nowhere = tmp_path / "no" / "a.html"
    with pytest.raises(FileNotFoundError, match=re.escape(f"{str(nowhere)!r}")):
        backup.report(nowhere)


def test_a_fake_that_has_ended_has_no_page(out: Path) -> None:
    """The refusal is the one of every other look at it."""
    with FakeBackup() as backup:
        pass
    with pytest.raises(FakeBackupError, match="has ended"):
        backup.report(out)
    assert not out.exists()


def test_looking_moves_nothing(backup: FakeBackup, out: Path) -> None:
    """A page is no question: unfinished jobs stay, no call is logged, no event is emitted."""
    made = call("StartBackupJob", BackupVaultName="Default", ResourceArn=VOLUME, IamRoleArn=ROLE)
    before = len(backup.calls), len(backup.events)
    for _ in range(3):
        page_of(backup, out)
    assert backup.backup_jobs[made["BackupJobId"]]["State"] == "CREATED"
    assert (len(backup.calls), len(backup.events)) == before


@pytest.mark.parametrize(
    ("test", "begins"),
    [
        ("tests/test_a.py::test_b[x/../y]", "tests-test_a.py-test_b-x-..-y-"),
        ("../../etc/passwd::test", "etc-passwd-test-"),
        ("a" * 300, "a" * 100 + "-"),
        ("テスト::☃", ""),
        ("t::\ud800[\x00\n]", "t-"),
    ],
)
def test_names_of_files_are_safe(test: str, begins: str) -> None:
    """A name has plain characters alone, no folder, no dot at its front, and is not too long."""
    name = files.file_name(test)
    assert name.startswith(begins)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}\.html", name)


def test_names_of_files_are_unique() -> None:
    """Tests whose names differ in what a file's name cannot have get files of their own."""
    names = {
        files.file_name(f"t.py::test[{each}]").lower() for each in ("a/b", "a:b", "A/b", "a b")
    }
    assert len(names) == 4
