"""Pages and their tokens, page by page and through boto3's paginators."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from fakebackup import mock_backup
from support.botocore_model import every, known, paginated, takes
from support.client import call, client, full_pages
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT
from support.reference import LISTINGS, SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup import FakeBackup

ITEMS = {name: listing.items for name, listing in LISTINGS.items()} | {
    name: summary.items for name, summary in SUMMARIES.items()
}


pytestmark = pytest.mark.frozen(NOW)


def asked_of(operation: str) -> dict[str, Any]:
    """Parameters under which the seeds of `seed` make one item each."""
    if operation in SUMMARIES:
        return {"AggregationPeriod": "ONE_DAY"}
    return {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}


def seed(backup: FakeBackup, operation: str, count: int) -> None:
    """Add jobs such that an operation gives an item for each of them."""
    listing = SUMMARIES[operation].listing if operation in SUMMARIES else LISTINGS[operation]
    members: dict[str, Any] = {
        listing.created: lambda index: NOW - timedelta(days=index % 14, minutes=index)
    }
    if takes(operation, "ResourceArn"):
        members["SourceResourceArn"] = "arn:aws:s3:::it"
    getattr(backup, f"add_{listing.kind}s")(count, **members)


def paginator(operation: str) -> Any:
    """boto3's paginator of an operation."""
    return client().get_paginator(xform_name(operation))


@every(paginated() & set(ITEMS))
def test_a_paginator_gives_what_one_page_gives(operation: str) -> None:
    """boto3's paginator, whatever its PageSize, gives all that one large page gives."""
    paged = paginator(operation)
    with mock_backup() as backup:
        seed(backup, operation, 5)
        whole = call(operation, **asked_of(operation))[ITEMS[operation]]
        for size in (1, 2, 5, 100):
            found = paged.paginate(**asked_of(operation), PaginationConfig={"PageSize": size})
            assert found.build_full_result()[ITEMS[operation]] == whole
    assert len(whole) == 5


@every(paginated() & set(ITEMS))
@pytest.mark.parametrize(("at_most", "size"), [(3, 2), (2, 2), (1, 3), (4, 1)])
def test_a_paginator_resumes_inside_a_page(operation: str, at_most: int, size: int) -> None:
    """MaxItems stops inside a page, and StartingToken goes on right after it."""
    paged = paginator(operation)
    asked = asked_of(operation)
    with mock_backup() as backup:
        seed(backup, operation, 5)
        whole = call(operation, **asked)[ITEMS[operation]]
        found: list[Any] = []
        token = None
        for _ in range(5):
            config = {"MaxItems": at_most, "PageSize": size, "StartingToken": token}
            part = paged.paginate(**asked, PaginationConfig=config).build_full_result()
            assert len(part[ITEMS[operation]]) <= at_most
            found += part[ITEMS[operation]]
            token = part.get("NextToken")
            if token is None:
                break
    assert token is None
    assert found == whole


@every(ITEMS)
def test_the_last_page_has_no_token(operation: str) -> None:
    """NextToken is there while items remain, and its key is absent from the last page."""
    with mock_backup() as backup:
        seed(backup, operation, 4)
        asked = asked_of(operation)
        found = [
            (len(page[ITEMS[operation]]), "NextToken" in page)
            for page in full_pages(operation, MaxResults=2, **asked)
        ]
        assert found == [(2, True), (2, False)]


@every(ITEMS)
def test_an_empty_list_is_there(operation: str) -> None:
    """Where there is nothing, the list is empty and not missing."""
    with mock_backup():
        answer = call(operation, **asked_of(operation))
    assert answer[ITEMS[operation]] == []
    assert "NextToken" not in answer


@every(ITEMS)
def test_an_empty_token_counts_as_none(operation: str) -> None:
    """NextToken='' asks for the first page."""
    with mock_backup() as backup:
        seed(backup, operation, 3)
        first = call(operation, MaxResults=1, **asked_of(operation))
        again = call(operation, MaxResults=1, NextToken="", **asked_of(operation))
    assert again[ITEMS[operation]] == first[ITEMS[operation]]


@every(ITEMS)
def test_max_results_may_change_between_pages(operation: str) -> None:
    """A token is good for a page of another size."""
    with mock_backup() as backup:
        seed(backup, operation, 6)
        asked = asked_of(operation)
        whole = call(operation, **asked)[ITEMS[operation]]
        first = call(operation, MaxResults=1, **asked)
        second = call(operation, MaxResults=3, NextToken=first["NextToken"], **asked)
        third = call(operation, NextToken=second["NextToken"], **asked)
    sizes = [len(page[ITEMS[operation]]) for page in (first, second, third)]
    assert sizes == [1, 3, 2]
    assert [item for page in (first, second, third) for item in page[ITEMS[operation]]] == whole


def refused(operation: str, **parameters: Any) -> str:
    """The code of the error that a call is answered."""
    with pytest.raises(ClientError) as caught:
        call(operation, **parameters)
    return str(caught.value.response["Error"]["Code"])


FILTER = {
    "ListBackupJobSummaries": {"State": "COMPLETED"},
    "ListBackupJobs": {"ByState": "COMPLETED"},
    "ListCopyJobSummaries": {"State": "COMPLETED"},
    "ListCopyJobs": {"ByState": "COMPLETED"},
    "ListReportJobs": {"ByStatus": "COMPLETED"},
    "ListRestoreJobSummaries": {"State": "COMPLETED"},
    "ListRestoreJobs": {"ByStatus": "COMPLETED"},
    "ListRestoreJobsByProtectedResource": {"ByStatus": "COMPLETED"},
    "ListScanJobSummaries": {"State": "COMPLETED"},
    "ListScanJobs": {"ByState": "COMPLETED"},
}


@every(ITEMS)
def test_a_token_is_bound_to_what_was_asked_where_by_whom(operation: str) -> None:
    """A token is refused with other filters, in another region and from another account."""
    asked = asked_of(operation)
    with mock_backup() as backup:
        seed(backup, operation, 3)
        seed(backup.at(region="eu-west-1"), operation, 3)
        seed(backup.at(account_id=OTHER_ACCOUNT), operation, 3)
        token = call(operation, MaxResults=1, **asked)["NextToken"]
        assert call(operation, NextToken=token, **asked)[ITEMS[operation]]
        codes = [
            refused(operation, NextToken=token, **asked, **FILTER[operation]),
            refused(operation, NextToken=token, region="eu-west-1", **asked),
        ]
        with backup.acting_as(OTHER_ACCOUNT):
            codes.append(refused(operation, NextToken=token, **asked))
    assert codes == ["InvalidParameterValueException"] * 3


@every(ITEMS)
def test_a_token_is_bound_to_its_operation(operation: str) -> None:
    """No other operation takes a list's token, though it may list the same jobs."""
    with mock_backup() as backup:
        seed(backup, operation, 3)
        token = call(operation, MaxResults=1, **asked_of(operation))["NextToken"]
        others = {name: asked_of(name) for name in ITEMS if name != operation and known(name)}
        codes = {refused(name, NextToken=token, **asked) for name, asked in others.items()}
    assert others
    assert codes == {"InvalidParameterValueException"}


@every(ITEMS)
def test_a_token_is_good_until_the_fake_ends(operation: str) -> None:
    """A token that was used may be used again, and gives the same page."""
    asked = asked_of(operation)
    with mock_backup() as backup:
        seed(backup, operation, 3)
        token = call(operation, MaxResults=1, **asked)["NextToken"]
        first, second = (call(operation, NextToken=token, **asked) for _ in range(2))
    assert first[ITEMS[operation]] == second[ITEMS[operation]]
    assert len(first[ITEMS[operation]]) == 2


@every(LISTINGS)
def test_a_page_has_as_many_items_as_the_option_says(operation: str) -> None:
    """Where MaxResults is left out, `page_size` is the size of a list's page."""
    with mock_backup(page_size=2) as backup:
        seed(backup, operation, 5)
        asked = asked_of(operation)
        found = [len(page[ITEMS[operation]]) for page in full_pages(operation, **asked)]
        assert found == [2, 2, 1]
        assert len(call(operation, MaxResults=4, **asked)[ITEMS[operation]]) == 4


@every(LISTINGS)
def test_a_page_has_a_thousand_items_by_default(operation: str) -> None:
    """Where nothing is said, a page of a list has a thousand items."""
    with mock_backup() as backup:
        seed(backup, operation, 1001)
        asked = asked_of(operation)
        found = [len(page[ITEMS[operation]]) for page in full_pages(operation, **asked)]
    assert found == [1000, 1]


@every(SUMMARIES)
def test_a_page_of_a_summary_has_500_rows_by_default(operation: str) -> None:
    """Where nothing is said, a page of a summary has 500 rows."""
    summary = SUMMARIES[operation]
    with mock_backup() as backup:
        getattr(backup, f"add_{summary.listing.kind}s")(501, AccountId=lambda index: f"{index:012}")
        found = [len(page[summary.items]) for page in full_pages(operation, AccountId="ANY")]
    assert found == [500, 1]


def test_a_job_removed_between_pages_takes_none_with_it() -> None:
    """A token whose job is gone goes on after where that job stood."""
    with mock_backup() as backup:
        jobs = backup.add_backup_jobs(4)
        first = call("ListBackupJobs", MaxResults=2)
        backup.remove(jobs[2])
        rest = call("ListBackupJobs", NextToken=first["NextToken"])["BackupJobs"]
    newest_first = [job["BackupJobId"] for job in reversed(jobs)]
    assert [item["BackupJobId"] for item in first["BackupJobs"]] == newest_first[:2]
    assert [item["BackupJobId"] for item in rest] == newest_first[2:]


def test_jobs_of_one_instant_are_paged_by_id() -> None:
    """A page may end between jobs of one creation date: they follow each other by id."""
    ids = ["b", "d", "a", "c", "B"]
    with mock_backup() as backup:
        backup.add_backup_jobs(5, BackupJobId=ids, CreationDate=NOW)
        found = [page["BackupJobs"] for page in full_pages("ListBackupJobs", MaxResults=2)]
    assert [[item["BackupJobId"] for item in page] for page in found] == [
        ["B", "a"],
        ["b", "c"],
        ["d"],
    ]


def test_the_organisation_is_paged_as_one_list() -> None:
    """The jobs of several accounts come in one order, newest first, across the pages."""
    with mock_backup() as backup:
        accounts = [ACCOUNT, OTHER_ACCOUNT, "444455556666"]
        jobs = backup.add_backup_jobs(7, AccountId=accounts)
        found = [
            item["BackupJobId"]
            for page in full_pages("ListBackupJobs", MaxResults=2, ByAccountId="*")
            for item in page["BackupJobs"]
        ]
    assert found == [job.id for job in reversed(jobs)]


# --- What comes to stand elsewhere --------------------------------------------------------------


def listed(
    operation: str, items: str, name: str, change: Callable[[], object], **asked: Any
) -> list[str]:
    """What a list in pages of two names, where something changes after each page."""
    found = []
    for page in full_pages(operation, MaxResults=2, **asked):
        found += [each[name] for each in page[items]]
        change()
    return found


VAULTS = ["one", "two", "three", "four", "five"]


class TestMoving:
    """What changes its place between two pages is listed once, where the listing began with it."""

    @pytest.fixture
    def vaults(self, backup: FakeBackup) -> FakeBackup:
        """A fake with five vaults that seeded jobs lie in."""
        for hours, name in enumerate(VAULTS):
            created = NOW - timedelta(hours=9 - hours)
            backup.add_backup_job(BackupVaultName=name, CreationDate=created)
        return backup

    def vaults_listed(self, change: Callable[[], object] = lambda: None) -> list[str]:
        """The names of the vaults."""
        return listed("ListBackupVaults", "BackupVaultList", "BackupVaultName", change)

    @pytest.mark.parametrize("name", VAULTS)
    def test_an_older_job_in_a_vault(self, vaults: FakeBackup, name: str) -> None:
        """A seeded job sets back the creation of the vault that it implies: no vault is lost."""
        old = NOW - timedelta(days=9)

        def older() -> None:
            vaults.add_backup_job(BackupVaultName=name, CreationDate=old)

        assert self.vaults_listed(older) == VAULTS
        # The next listing begins with what is so by now.
        assert self.vaults_listed() == [name, *(each for each in VAULTS if each != name)]

    @pytest.mark.parametrize("name", VAULTS)
    @pytest.mark.parametrize("days", [9, -9])
    def test_a_vault_that_is_added(self, vaults: FakeBackup, name: str, days: int) -> None:
        """A vault that was implied is added with another creation: it is listed once."""
        created = NOW - timedelta(days=days)

        def add() -> None:
            if vaults.vaults[name]["CreationDate"] != created:
                vaults.add_vault(BackupVaultName=name, CreationDate=created)

        assert self.vaults_listed(add) == VAULTS
        others = [each for each in VAULTS if each != name]
        assert self.vaults_listed() == ([name, *others] if days > 0 else [*others, name])

    def test_each_of_several(self, vaults: FakeBackup) -> None:
        """Several that move, each several times, are listed once each."""
        moves = iter(range(1, 100))

        def older() -> None:
            for name in reversed(VAULTS):
                created = NOW - timedelta(days=next(moves))
                vaults.add_backup_job(BackupVaultName=name, CreationDate=created)

        assert self.vaults_listed(older) == VAULTS

    def test_a_recovery_point(self, backup: FakeBackup) -> None:
        """A recovery point that a job left gets another creation: it is listed once."""
        jobs = backup.add_backup_jobs(5, CreationDate=lambda at: NOW - timedelta(hours=at + 1))
        arns = [job["RecoveryPointArn"] for job in jobs]
        moves = {arns[4]: NOW, arns[0]: NOW - timedelta(days=9)}

        def move() -> None:
            while moves:
                arn, created = moves.popitem()
                backup.add_recovery_point(
                    RecoveryPointArn=arn, CreationDate=created, CompletionDate=created
                )

        asked = {"BackupVaultName": "Default"}
        operation = "ListRecoveryPointsByBackupVault"
        assert listed(operation, "RecoveryPoints", "RecoveryPointArn", move, **asked) == arns

    @every(set(LISTINGS) & paginated())
    def test_a_job(self, operation: str) -> None:
        """A job whose creation or id a test changes between two pages is listed once."""
        listing = LISTINGS[operation]
        with mock_backup() as backup:
            seed(backup, operation, 6)
            jobs = sorted(
                getattr(backup, f"{listing.kind}s").values(), key=lambda job: job[listing.created]
            )
            jobs.reverse()
            ids = [job.id for job in jobs]
            found: list[str] = []
            for page in full_pages(operation, MaxResults=2, **asked_of(operation)):
                if not found:
                    jobs[5].update(**{listing.created: NOW})
                    jobs[0].update(**{listing.created: NOW - timedelta(days=20)})
                    jobs[3].update(**{jobs[3].kind.id: "0"})
                found += [each[jobs[0].kind.id] for each in page[listing.items]]
        assert found == [*ids[:3], "0", *ids[4:]]
