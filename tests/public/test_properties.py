"""Whatever is seeded and asked: lists and summaries against a naive reference."""

from __future__ import annotations

import functools
import warnings
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackupWarning, mock_backup, strategies
from support.botocore_model import every, takes
from support.client import call, full_pages
from support.constants import ACCOUNT, DAY, MILLISECOND, NOW, OTHER_ACCOUNT, REGION
from support.reference import LISTINGS, SUMMARIES, Caller, counted, listed

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject, SearchStrategy

    from fakebackup import FakeBackup, Job
    from support.reference import Listing

ACCOUNTS = st.sampled_from([ACCOUNT, OTHER_ACCOUNT])
REGIONS = st.sampled_from([REGION, REGION, "eu-west-1"])
BOOLEANS = st.booleans()
# Few instants, so that jobs are often of the same one.
INSTANTS = st.sampled_from([NOW, NOW - MILLISECOND, NOW - 30 * DAY]) | strategies.dates(now=NOW)
RELATED: dict[str, dict[str, SearchStrategy[Any]]] = {
    "CreatedBy": {
        "restore_job": st.none()
        | st.just({})
        | st.sampled_from(["arn:aws:backup:::plan-a", "arn:aws:backup:::plan-b"]).map(
            lambda arn: {"RestoreTestingPlanArn": arn}
        )
    },
    "ParentJobId": dict.fromkeys(
        ("backup_job", "copy_job", "restore_job"), st.none() | st.sampled_from(["one", "two"])
    ),
    "RecoveryPointCreationDate": {"restore_job": st.none() | INSTANTS},
    "ScanResult": {
        "scan_job": st.none()
        | st.sampled_from(["NO_THREATS_FOUND", "THREATS_FOUND"]).map(
            lambda status: {"ScanResultStatus": status}
        )
    },
}


pytestmark = pytest.mark.frozen(NOW)


@functools.cache
def jobs_of(operation: str, max_size: int) -> SearchStrategy[list[tuple[Job, str]]]:
    """Jobs of a list's kind, in several accounts and regions, the edges of time in their dates."""
    listing = LISTINGS[operation]
    members: dict[str, Any] = {listing.created: INSTANTS}
    if listing.kind != "report_job":
        members["AccountId"] = ACCOUNTS
    for name, per_kind in RELATED.items():
        if listing.kind in per_kind:
            members[name] = per_kind[listing.kind]
    make = getattr(strategies, f"{listing.kind}s")
    there = REGIONS.flatmap(
        lambda region: st.tuples(make(now=NOW, region=region, **members), st.just(region))
    )
    return st.lists(there, max_size=max_size)


@functools.cache
def parameters_of(operation: str) -> SearchStrategy[dict[str, Any]]:
    """Parameters of a list or a summary, its paging apart."""
    drawn = strategies.parameters(operation, now=NOW, MaxResults=1)
    return drawn.map(lambda asked: {k: v for k, v in asked.items() if k != "MaxResults"})


def seed(data: DataObject, backup: FakeBackup, listing: Listing, max_size: int = 8) -> list[Job]:
    """Add jobs, in several regions."""
    drawn = data.draw(jobs_of(listing.operation, max_size), "jobs")
    for job, region in drawn:
        backup.at(region=region).add(job)
    return [job for job, _ in drawn]


def ask(data: DataObject, listing: Listing, jobs: list[Job]) -> dict[str, Any]:
    """Parameters of a list, often such that they select some of the jobs."""
    asked = data.draw(parameters_of(listing.operation), "asked")
    for name in asked:
        filter_ = listing.filters.get(name)
        seen = [filter_.read(job) for job in jobs] if filter_ else []
        there = [value for value in seen if value is not None]
        if data.draw(BOOLEANS) and there:
            asked[name] = data.draw(st.sampled_from(there))
    return asked


@every(LISTINGS)
@settings(max_examples=40)
@given(data=st.data())
def test_pages_put_together_are_a_plain_comprehension(operation: str, data: DataObject) -> None:
    """Pages of any size hold what one comprehension selects: newest first, ties by id, once."""
    listing = LISTINGS[operation]
    manager = data.draw(st.booleans())
    caller = Caller(account=data.draw(ACCOUNTS), manager=manager)
    managers = (ACCOUNT, OTHER_ACCOUNT) if manager else None
    with mock_backup(history=timedelta(days=30), management_account=managers) as backup:
        jobs = seed(data, backup, listing)
        asked = ask(data, listing, jobs)
        size = data.draw(st.integers(1, 4))
        with backup.acting_as(caller.account):
            found = [
                page[listing.items] for page in full_pages(operation, MaxResults=size, **asked)
            ]
        expected = [listing.shown(job) for job in listed(listing, jobs, asked, caller)]
    assert [item for page in found for item in page] == expected
    assert all(len(page) == size for page in found[:-1])


@every(LISTINGS)
@settings(max_examples=20)
@given(data=st.data())
def test_jobs_added_between_pages_disturb_none_that_were_there(
    operation: str, data: DataObject
) -> None:
    """A listing shows each job that was there at its start once, in order, whatever is added."""
    listing = LISTINGS[operation]
    with mock_backup(history=timedelta(days=30)) as backup:
        jobs = seed(data, backup, listing)
        asked = ask(data, listing, jobs)
        there = [job.id for job in listed(listing, jobs, asked, Caller())]
        found = []
        for page in full_pages(operation, MaxResults=data.draw(st.integers(1, 3)), **asked):
            found += page[listing.items]
            if len(jobs) < 40:
                jobs += seed(data, backup, listing, max_size=2)
    ids = [item[listing.id] for item in found]
    assert [each for each in ids if each in there] == there
    assert len(set(ids)) == len(ids)
    assert found == sorted(
        sorted(found, key=lambda item: item[listing.id]),
        key=lambda item: item[listing.created],
        reverse=True,
    )


@every(SUMMARIES)
@settings(max_examples=40)
@given(data=st.data())
def test_summaries_are_a_plain_count(operation: str, data: DataObject) -> None:
    """The rows, page by page, are what counting the seeded jobs one by one gives, in order."""
    summary = SUMMARIES[operation]
    manager = data.draw(st.booleans())
    caller = Caller(
        account=data.draw(ACCOUNTS),
        manager=manager,
        count_today=data.draw(st.booleans()),
        summed_as=data.draw(st.sampled_from(["AGGREGATE_ALL", None, "all"])),
    )
    with mock_backup(
        history=None,
        management_account=(ACCOUNT, OTHER_ACCOUNT) if manager else None,
        count_today=caller.count_today,
        summed_as=caller.summed_as,
    ) as backup:
        jobs = seed(data, backup, summary.listing)
        asked = data.draw(parameters_of(operation), "asked")
        size = data.draw(st.integers(1, 4))
        with warnings.catch_warnings(), backup.acting_as(caller.account):
            # That today is left out is said by a warning, which has a test of its own.
            warnings.simplefilter("ignore", FakeBackupWarning)
            found = list(full_pages(operation, MaxResults=size, **asked))
        expected = counted(summary, jobs, asked, caller)
    rows = [row for page in found for row in page[summary.items]]
    assert rows == expected
    assert all(len(page[summary.items]) == size for page in found[:-1])
    assert {page["AggregationPeriod"] for page in found} == {
        asked.get("AggregationPeriod", "FOURTEEN_DAYS")
    }


@every(SUMMARIES)
@settings(max_examples=20)
@given(data=st.data())
def test_any_adds_up_to_aggregate_all(operation: str, data: DataObject) -> None:
    """Per window, the counts under ANY add up to the row of AGGREGATE_ALL, whatever jobs lack."""
    summary = SUMMARIES[operation]
    names = ["AccountId", *summary.counted]
    apart = [
        # botocore's enum of this one has neither value: it cannot be asked for.
        name
        for name in names
        if takes(operation, name) and name != "ScanResultStatus"
    ]
    with mock_backup(history=None) as backup:
        seed(data, backup, summary.listing)
        period = data.draw(st.sampled_from(["ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"]))
        name = data.draw(st.sampled_from(apart))
        others = dict.fromkeys((each for each in apart if each != name), "AGGREGATE_ALL")
        asked = {"AggregationPeriod": period, **others}
        each = call(operation, **asked, **{name: "ANY"})[summary.items]
        together = call(operation, **asked, **{name: "AGGREGATE_ALL"})[summary.items]
    sums: Counter[Any] = Counter()
    for row in each:
        sums[row["StartTime"]] += row["Count"]
    assert {row["StartTime"]: row["Count"] for row in together} == sums


@pytest.mark.parametrize("operation", ["ListBackupJobSummaries", "ListCopyJobSummaries"])
@settings(max_examples=20)
@given(data=st.data())
def test_completed_with_issues_comes_out_right(operation: str, data: DataObject) -> None:
    """All COMPLETED minus those of SUCCESS, by lists and by summaries, are those with issues."""
    summary = SUMMARIES[operation]
    listing = summary.listing
    kind = getattr(strategies, f"{listing.kind}s")
    week = st.integers(0, 6 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
    states = st.sampled_from(["COMPLETED", "COMPLETED", "FAILED", "RUNNING"])
    with mock_backup() as backup:
        jobs = data.draw(st.lists(kind(now=NOW, State=states, CreationDate=week), max_size=8))
        backup.add(jobs)
        done = call(listing.operation, ByState="COMPLETED")[listing.items]
        clean = call(listing.operation, ByState="COMPLETED", ByMessageCategory="SUCCESS")
        asked = {"AggregationPeriod": "SEVEN_DAYS", "State": "COMPLETED"}
        all_rows = call(operation, **asked)[summary.items]
        clean_rows = call(operation, **asked, MessageCategory="SUCCESS")[summary.items]
    with_issues = [
        job
        for job in jobs
        if job["State"] == "COMPLETED" and job.get("MessageCategory", "").lower() != "success"
    ]
    assert len(done) - len(clean[listing.items]) == len(with_issues)
    counts = [sum(row["Count"] for row in rows) for rows in (all_rows, clean_rows)]
    assert counts[0] - counts[1] == len(with_issues)


@every({**LISTINGS, **SUMMARIES})
@settings(max_examples=20)
@given(data=st.data())
def test_a_token_is_taken_as_it_was_given_or_refused(operation: str, data: DataObject) -> None:
    """Any text that is not the token the list gave is InvalidParameterValueException."""
    listing = LISTINGS.get(operation) or SUMMARIES[operation].listing
    asked = {"ResourceArn": "arn:aws:s3:::one"} if takes(operation, "ResourceArn") else {}
    if operation in SUMMARIES:
        asked = {"State": "ANY"}
    with mock_backup() as backup:
        add = getattr(backup, f"add_{listing.kind}s")
        resource = {"SourceResourceArn": "arn:aws:s3:::one"} if "ResourceArn" in asked else {}
        add(3, **{listing.state: ["COMPLETED", "FAILED", "RUNNING"], **resource})
        token = call(operation, MaxResults=1, **asked)["NextToken"]
        at = data.draw(st.integers(0, len(token) - 1))
        other = data.draw(
            st.one_of(
                st.text(min_size=1),
                st.characters(codec="ascii").map(lambda char: token[:at] + char + token[at + 1 :]),
                st.characters(codec="ascii").map(lambda char: token[:at] + char + token[at:]),
                st.just(token[:at] + token[at + 1 :]),
                st.just(token + "="),
            )
        )
        # An empty one counts as none.
        assume(other not in (token, ""))
        with pytest.raises(ClientError) as caught:
            call(operation, NextToken=other, **asked)
        assert call(operation, NextToken=token, **asked)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
