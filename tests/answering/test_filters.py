"""What each filter of a list selects, which jobs are too old for it, and whose jobs it shows."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from fakebackup import FakeBackupWarning, mock_backup
from support.botocore_model import every, known, takes
from support.client import call, refused
from support.constants import ACCOUNT, DAY, MILLISECOND, NOW, OTHER_ACCOUNT
from support.reference import LISTINGS

if TYPE_CHECKING:
    from datetime import datetime

    from fakebackup import FakeBackup, Job

MICROSECOND = timedelta(microseconds=1)
INSTANT = NOW - 2 * DAY


pytestmark = pytest.mark.frozen(NOW)


def add(backup: FakeBackup, operation: str, **members: Any) -> Job:
    """Add a job of the kind that an operation lists."""
    job: Job = getattr(backup, f"add_{LISTINGS[operation].kind}")(**members)
    return job


def found(operation: str, **asked: Any) -> list[str]:
    """The ids of the jobs that a list shows."""
    listing = LISTINGS[operation]
    return [item[listing.id] for item in call(operation, **asked)[listing.items]]


DATES = [
    pytest.param(operation, before, after, member, id=f"{operation}-{member}")
    for operation, before, after, member in (
        ("ListBackupJobs", "ByCreatedBefore", "ByCreatedAfter", "CreationDate"),
        ("ListBackupJobs", "ByCompleteBefore", "ByCompleteAfter", "CompletionDate"),
        ("ListCopyJobs", "ByCreatedBefore", "ByCreatedAfter", "CreationDate"),
        ("ListCopyJobs", "ByCompleteBefore", "ByCompleteAfter", "CompletionDate"),
        ("ListRestoreJobs", "ByCreatedBefore", "ByCreatedAfter", "CreationDate"),
        ("ListRestoreJobs", "ByCompleteBefore", "ByCompleteAfter", "CompletionDate"),
        (
            "ListRestoreJobsByProtectedResource",
            "ByRecoveryPointCreationDateBefore",
            "ByRecoveryPointCreationDateAfter",
            "RecoveryPointCreationDate",
        ),
        ("ListScanJobs", "ByCompleteBefore", "ByCompleteAfter", "CompletionDate"),
        ("ListReportJobs", "ByCreationBefore", "ByCreationAfter", "CreationTime"),
    )
    if known(operation)
]


@pytest.mark.parametrize(("operation", "before", "after", "member"), DATES)
def test_date_bounds_are_strict_to_the_microsecond(
    operation: str, before: str, after: str, member: str
) -> None:
    """A date is neither before nor after itself, and a microsecond to either side decides."""
    resource = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    with mock_backup() as backup:
        given: dict[str, Any] = {member: INSTANT}
        if resource:
            given["SourceResourceArn"] = "arn:aws:s3:::it"
        job = add(backup, operation, **given)

        def selected(name: str, wanted: datetime) -> bool:
            ids = found(operation, **{name: wanted}, **resource)
            assert ids in ([], [job.id])
            return ids == [job.id]

        assert selected(before, INSTANT + MICROSECOND)
        assert not selected(before, INSTANT)
        assert not selected(before, INSTANT - MICROSECOND)
        assert selected(after, INSTANT - MICROSECOND)
        assert not selected(after, INSTANT)
        assert not selected(after, INSTANT + MICROSECOND)


@pytest.mark.parametrize(("operation", "before", "after", "member"), DATES)
def test_both_date_bounds_together_make_a_window(
    operation: str, before: str, after: str, member: str
) -> None:
    """Filters combine with AND: two bounds select what lies between them."""
    resource = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    with mock_backup() as backup:
        for hours in (1, 2, 3):
            given: dict[str, Any] = {member: INSTANT + timedelta(hours=hours)}
            if resource:
                given["SourceResourceArn"] = "arn:aws:s3:::it"
            given[LISTINGS[operation].id] = f"job-{hours}"
            add(backup, operation, **given)
        bounds = {
            after: INSTANT + timedelta(hours=1),
            before: INSTANT + timedelta(hours=3),
        }
        assert found(operation, **bounds, **resource) == ["job-2"]


COMPLETIONS = [each for each in DATES if "CompletionDate" in each.values]


@pytest.mark.parametrize(("operation", "before", "after", "member"), COMPLETIONS)
def test_a_job_without_a_completion_matches_no_completion_bound(
    operation: str, before: str, after: str, member: str
) -> None:
    """A job that has not completed is neither completed before nor after any date."""
    with mock_backup() as backup:
        job = add(backup, operation, **{LISTINGS[operation].state: "RUNNING"})
        assert member not in job
        assert found(operation) == [job.id]
        assert found(operation, **{before: NOW + 1000 * DAY}) == []
        assert found(operation, **{after: NOW - 1000 * DAY}) == []


def test_a_bound_is_an_instant_however_it_is_written() -> None:
    """A naive date, an ISO string, a number and another time zone name the same instant."""
    instant = INSTANT.replace(microsecond=0)
    spellings = [
        instant,
        instant.replace(tzinfo=None),
        instant.isoformat(),
        instant.timestamp(),
        instant.astimezone(timezone(timedelta(hours=5, minutes=30))),
    ]
    with mock_backup() as backup:
        job = backup.add_backup_job(CreationDate=instant - MILLISECOND)
        backup.add_backup_job(CreationDate=instant)
        for spelling in spellings:
            assert found("ListBackupJobs", ByCreatedBefore=spelling) == [job.id]


CATEGORISED = every(["ListBackupJobs", "ListCopyJobs"])
CATEGORIES = ["AccessDenied", "ACCESSDENIED", "SUCCESS", "Success", None]


@CATEGORISED
@pytest.mark.parametrize("wildcard", ["ANY", "*", "()", "AGGREGATE_ALL", "any"])
def test_category_wildcards_select_every_job(operation: str, wildcard: str) -> None:
    """ANY, `*`, `()` and AGGREGATE_ALL select all jobs, those without a category included."""
    with mock_backup() as backup:
        jobs = [add(backup, operation, MessageCategory=each) for each in CATEGORIES]
        assert set(found(operation, ByMessageCategory=wildcard)) == {job.id for job in jobs}


@CATEGORISED
@pytest.mark.parametrize(
    ("asked", "selected"),
    [
        ("AccessDenied", [0, 1]),
        ("accessdenied", [0, 1]),
        ("SUCCESS", [2, 3]),
        ("success", [2, 3]),
        ("Other", []),
    ],
)
def test_categories_are_compared_in_any_case(
    operation: str, asked: str, selected: list[int]
) -> None:
    """A category selects its jobs however either is spelled, and none that has no category."""
    with mock_backup() as backup:
        jobs = [add(backup, operation, MessageCategory=each) for each in CATEGORIES]
        ids = found(operation, ByMessageCategory=asked)
    assert sorted(ids) == sorted(jobs[at].id for at in selected)


@CATEGORISED
def test_completed_with_issues_is_all_completed_without_the_successful(operation: str) -> None:
    """COMPLETED minus COMPLETED with SUCCESS leaves the jobs that completed with issues."""
    with mock_backup() as backup:
        clean = add(backup, operation)
        issues = [
            add(backup, operation, StatusMessage="Tags were not copied."),
            add(backup, operation, MessageCategory="AccessDenied"),
            add(backup, operation, MessageCategory=None),
        ]
        add(backup, operation, State="FAILED", MessageCategory="AccessDenied")
        done = found(operation, ByState="COMPLETED")
        successful = found(operation, ByState="COMPLETED", ByMessageCategory="SUCCESS")
    assert successful == [clean.id]
    assert set(done) - set(successful) == {job.id for job in issues}


def test_filters_combine_with_and() -> None:
    """A job is listed if every filter selects it."""
    with mock_backup() as backup:
        members: dict[str, Any] = {
            "State": "FAILED",
            "ResourceType": "EFS",
            "BackupVaultName": "vault",
        }
        job = backup.add_backup_job(**members)
        backup.add_backup_job(**members | {"State": "COMPLETED"})
        backup.add_backup_job(**members | {"ResourceType": "EBS"})
        backup.add_backup_job(**members | {"BackupVaultName": "Default"})
        asked = {"ByState": "FAILED", "ByResourceType": "EFS", "ByBackupVaultName": "vault"}
        assert found("ListBackupJobs", **asked) == [job.id]


def test_resource_types_with_spaces_are_asked_for() -> None:
    """The names that AWS documents are taken, though the pattern of its own model excludes some."""
    with mock_backup() as backup:
        job = backup.add_backup_job(ResourceType="SAP HANA on Amazon EC2")
        backup.add_backup_job()
        assert found("ListBackupJobs", ByResourceType="SAP HANA on Amazon EC2") == [job.id]


def test_restore_jobs_are_listed_by_restore_testing_plan() -> None:
    """ByRestoreTestingPlanArn looks into CreatedBy; a job that no plan made is not listed."""
    with mock_backup() as backup:
        job = backup.add_restore_job(CreatedBy={"RestoreTestingPlanArn": "arn:aws:backup:::plan"})
        backup.add_restore_job(CreatedBy={"RestoreTestingPlanArn": "arn:aws:backup:::plan-2"})
        backup.add_restore_job()
        assert found("ListRestoreJobs", ByRestoreTestingPlanArn="arn:aws:backup:::plan") == [job.id]


def test_report_jobs_are_listed_by_the_name_of_their_plan() -> None:
    """ByReportPlanName is compared with the whole name in the plan's ARN."""
    with mock_backup() as backup:
        prefix = "arn:aws:backup:us-east-1:123456789012:report-plan:"
        uuid = "00000000-0000-4000-9000-000000000001"
        job = backup.add_report_job(ReportPlanArn=f"{prefix}daily_jobs-{uuid}")
        backup.add_report_job(ReportPlanArn=f"{prefix}daily_jobs_2-{uuid}")
        backup.add_report_job(ReportPlanArn=None)
        assert found("ListReportJobs", ByReportPlanName="daily_jobs") == [job.id]
        assert found("ListReportJobs", ByReportPlanName="daily") == []


def test_restore_jobs_are_listed_by_the_resource_they_restore() -> None:
    """ListRestoreJobsByProtectedResource shows the jobs of one resource, not of what they made."""
    with mock_backup() as backup:
        job = backup.add_restore_job(
            SourceResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
            CreatedResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-2",
        )
        backup.add_restore_job()
        operation = "ListRestoreJobsByProtectedResource"
        arn = "arn:aws:ec2:us-east-1:123456789012:volume/vol-"
        assert found(operation, ResourceArn=f"{arn}1") == [job.id]
        assert found(operation, ResourceArn=f"{arn}2") == []
        assert found(operation, ResourceArn=f"{arn}1", ByStatus="COMPLETED") == [job.id]
        assert found(operation, ResourceArn=f"{arn}1", ByStatus="FAILED") == []


def test_parents_and_children_are_both_listed() -> None:
    """A composite job and its parts are listed alike; ByParentJobId gives the parts alone."""
    with mock_backup() as backup:
        parent = backup.add_backup_job(IsParent=True)
        children = [backup.add_backup_job(ParentJobId=parent.id) for _ in range(2)]
        backup.add_backup_job(ParentJobId="another")
        assert len(found("ListBackupJobs")) == 4
        ids = found("ListBackupJobs", ByParentJobId=parent.id)
    assert ids == [children[1].id, children[0].id]


# --- How far back ---------------------------------------------------------------------------

OLD = [NOW - 30 * DAY, NOW - 30 * DAY - MILLISECOND, NOW - 400 * DAY]


@every(LISTINGS)
def test_lists_reach_back_as_far_as_aws_documents(operation: str) -> None:
    """Backup and scan jobs of exactly 30 days ago are listed, older ones are not; others are.

    A copy job is listed for 30 days after its end.
    """
    listing = LISTINGS[operation]
    resource = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    source = {"SourceResourceArn": "arn:aws:s3:::it"} if resource else {}
    with mock_backup(history=timedelta(days=30)) as backup:
        jobs = [add(backup, operation, **{listing.created: date}, **source) for date in OLD]
        reached = {"ListBackupJobs": 1, "ListScanJobs": 1, "ListCopyJobs": 2}
        ids = [job.id for job in jobs]
        assert found(operation, **resource) == ids[: reached.get(operation)]


@every([each for each in LISTINGS if each != "ListCopyJobs"])
def test_an_old_job_is_described(operation: str) -> None:
    """Describe answers a job of any age, but for copy jobs."""
    listing = LISTINGS[operation]
    describe = f"Describe{listing.items[:-1]}"
    with mock_backup(history=timedelta(days=30)) as backup:
        job = add(backup, operation, **{listing.created: OLD[-1]})
        answer = call(describe, **{listing.id: job.id})
        assert answer.get(listing.items[:-1], answer)[listing.created] == OLD[-1]


@every(["ListBackupJobs", "ListScanJobs"])
@pytest.mark.parametrize(
    ("history", "reached"), [(timedelta(days=400), 3), (None, 3), (timedelta(days=29), 0)]
)
def test_history_sets_how_far_back_lists_reach(
    operation: str, history: timedelta | None, reached: int
) -> None:
    """The option `history` is the limit; None is none."""
    with mock_backup(history=history) as backup:
        jobs = [add(backup, operation, CreationDate=date) for date in OLD]
        assert found(operation) == [job.id for job in jobs[:reached]]


class TestRemovedCopies:
    """AWS removes copy jobs 30 days after they ended [documented: guide, air-gapped vaults]."""

    @pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "PARTIAL"])
    def test_to_the_millisecond(self, state: Any) -> None:
        """One that ended 30 days ago is listed and described, one a millisecond longer not."""
        with mock_backup(history=timedelta(days=30)) as backup:
            jobs = [
                backup.add_copy_job(State=state, CreationDate=OLD[-1], CompletionDate=date)
                for date in OLD
            ]
            assert found("ListCopyJobs") == [jobs[0].id]
            call("DescribeCopyJob", CopyJobId=jobs[0].id)
            for job in jobs[1:]:
                error = refused(backup, "DescribeCopyJob", CopyJobId=job.id)["Error"]
                assert error["Code"] == "ResourceNotFoundException"
                assert backup.copy_jobs[job.id] is job

    @pytest.mark.parametrize("members", [{"State": "RUNNING"}, {"CompletionDate": None}])
    def test_one_that_has_not_ended(self, members: dict[str, Any]) -> None:
        """One without an end stays, however old it is."""
        with mock_backup(history=timedelta(days=30)) as backup:
            job = backup.add_copy_job(CreationDate=OLD[-1], **members)
            assert found("ListCopyJobs") == [job.id]
            call("DescribeCopyJob", CopyJobId=job.id)

    @pytest.mark.parametrize("history", [None, timedelta(days=401)])
    def test_history_decides(self, history: timedelta | None) -> None:
        """The option `history` says how long; None is for ever."""
        with mock_backup(history=history) as backup:
            job = backup.add_copy_job(CreationDate=OLD[-1])
            assert found("ListCopyJobs") == [job.id]
            call("DescribeCopyJob", CopyJobId=job.id)

    def test_by_the_clock(self) -> None:
        """Time removes it."""
        with mock_backup() as backup:
            backup.add_copy_job(CreationDate=NOW, CompletionDate=NOW)
            with freeze_time(NOW + 30 * DAY):
                assert len(found("ListCopyJobs")) == 1
            with freeze_time(NOW + 30 * DAY + MILLISECOND):
                assert found("ListCopyJobs") == []

    def test_seeding_one_warns(self) -> None:
        """Seeding one that no call will show gives a warning that names the option."""
        with mock_backup() as backup:
            text = r"ended more than 30 days ago, .* neither List nor Describe .* history=None"
            with pytest.warns(FakeBackupWarning, match=text):
                backup.add_copy_job(CreationDate=OLD[-1])
            # Not one that ended in time, nor one that has not ended, however early they began.
            backup.add_copy_job(CreationDate=OLD[-1], CompletionDate=NOW)
            backup.add_copy_job(CreationDate=OLD[-1], State="RUNNING")


@every([each for each in LISTINGS if each != "ListCopyJobs"])
def test_history_everywhere_limits_the_other_lists_too(operation: str) -> None:
    """With `history_everywhere` every list reaches back as far, and no further."""
    listing = LISTINGS[operation]
    resource = {"ResourceArn": "arn:aws:s3:::it"} if takes(operation, "ResourceArn") else {}
    source = {"SourceResourceArn": "arn:aws:s3:::it"} if resource else {}
    with mock_backup(history=timedelta(days=30), history_everywhere=True) as backup:
        jobs = [add(backup, operation, **{listing.created: date}, **source) for date in OLD]
        assert found(operation, **resource) == [jobs[0].id]


def test_a_job_too_old_to_be_listed_is_warned_of() -> None:
    """Seeding a job that the list will not show gives a warning that names the option."""
    with mock_backup() as backup:
        with pytest.warns(FakeBackupWarning, match="history=None"):
            job = backup.add_backup_job(CreationDate=OLD[1])
        assert found("ListBackupJobs") == []
        assert backup.backup_jobs[job.id]["CreationDate"] == OLD[1]


def test_time_moves_a_job_out_of_the_list() -> None:
    """A job is listed for 30 days by the process's clock."""
    with mock_backup() as backup:
        backup.add_backup_job(CreationDate=NOW)
        with freeze_time(NOW + 30 * DAY):
            assert len(found("ListBackupJobs")) == 1
        with freeze_time(NOW + 30 * DAY + MILLISECOND):
            assert found("ListBackupJobs") == []


# --- Whose jobs -----------------------------------------------------------------------------


@pytest.fixture
def _two_accounts(backup: FakeBackup) -> None:
    for account in (ACCOUNT, OTHER_ACCOUNT):
        backup.add_backup_job(BackupJobId=f"backup-{account}", AccountId=account)
        backup.add_copy_job(CopyJobId=f"copy-{account}", AccountId=account)
        backup.add_restore_job(RestoreJobId=f"restore-{account}", AccountId=account)
        if known("ListScanJobs"):
            backup.add_scan_job(ScanJobId=f"scan-{account}", AccountId=account)


BY_ACCOUNT = every(["ListBackupJobs", "ListCopyJobs", "ListRestoreJobs", "ListScanJobs"])
BY_STAR = every(["ListBackupJobs", "ListScanJobs"])


def owners(operation: str, **asked: Any) -> list[str]:
    """The accounts of the jobs that a list shows."""
    return sorted(item["AccountId"] for item in call(operation, **asked)[LISTINGS[operation].items])


@BY_ACCOUNT
@pytest.mark.usefixtures("_two_accounts")
def test_without_an_account_a_list_shows_the_callers_own(
    operation: str, backup: FakeBackup
) -> None:
    """Where ByAccountId is left out, even the management account sees its own jobs alone."""
    assert owners(operation) == [ACCOUNT]
    with backup.acting_as(OTHER_ACCOUNT):
        assert owners(operation) == [OTHER_ACCOUNT]


@BY_STAR
@pytest.mark.usefixtures("_two_accounts")
def test_star_is_the_organisation_for_its_management_account(
    operation: str, backup: FakeBackup
) -> None:
    """`*` gives a management account all jobs, and a member account its own."""
    assert owners(operation, ByAccountId="*") == sorted([ACCOUNT, OTHER_ACCOUNT])
    with backup.acting_as(OTHER_ACCOUNT):
        assert owners(operation, ByAccountId="*") == [OTHER_ACCOUNT]


@BY_ACCOUNT
@pytest.mark.usefixtures("_two_accounts")
def test_a_management_account_sees_a_members_jobs(operation: str) -> None:
    """A management account lists another account by its id; one without jobs is empty."""
    assert owners(operation, ByAccountId=OTHER_ACCOUNT) == [OTHER_ACCOUNT]
    assert owners(operation, ByAccountId=ACCOUNT) == [ACCOUNT]
    assert owners(operation, ByAccountId="999999999999") == []


@BY_ACCOUNT
@pytest.mark.usefixtures("_two_accounts")
def test_a_member_account_sees_nobody_elses_jobs(operation: str, backup: FakeBackup) -> None:
    """A member account gets an empty list of another account, and its own by its id."""
    with backup.acting_as(OTHER_ACCOUNT):
        assert owners(operation, ByAccountId=ACCOUNT) == []
        assert owners(operation, ByAccountId=OTHER_ACCOUNT) == [OTHER_ACCOUNT]


@BY_ACCOUNT
@pytest.mark.fake_backup(refuse_foreign_accounts=True)
@pytest.mark.usefixtures("_two_accounts")
def test_foreign_accounts_may_be_refused(operation: str, backup: FakeBackup) -> None:
    """With `refuse_foreign_accounts` a member account is denied another's jobs, with a 403."""
    with backup.acting_as(OTHER_ACCOUNT):
        with pytest.raises(ClientError) as caught:
            call(operation, ByAccountId=ACCOUNT)
        assert owners(operation, ByAccountId=OTHER_ACCOUNT) == [OTHER_ACCOUNT]
    response = caught.value.response
    assert response["Error"]["Code"] == "AccessDeniedException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert owners(operation, ByAccountId=OTHER_ACCOUNT) == [OTHER_ACCOUNT]


@every(["ListCopyJobs", "ListRestoreJobs"])
@pytest.mark.usefixtures("_two_accounts")
def test_star_is_refused_where_aws_documents_none(operation: str) -> None:
    """The lists of copy and restore jobs take an account id and no `*`."""
    with pytest.raises(ClientError) as caught:
        call(operation, ByAccountId="*")
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"


@pytest.mark.fake_backup(management_account=None)
@pytest.mark.usefixtures("_two_accounts")
def test_without_an_organisation_nobody_sees_others() -> None:
    """With `management_account=None` `*` is the caller's own jobs, and other ids are empty."""
    assert owners("ListBackupJobs", ByAccountId="*") == [ACCOUNT]
    assert owners("ListBackupJobs", ByAccountId=OTHER_ACCOUNT) == []


@pytest.mark.fake_backup(management_account=[OTHER_ACCOUNT, "444455556666"])
@pytest.mark.usefixtures("_two_accounts")
def test_several_accounts_may_manage(backup: FakeBackup) -> None:
    """Delegated administrators see the organisation, though the fake's own account does not."""
    assert owners("ListBackupJobs", ByAccountId="*") == [ACCOUNT]
    for account in (OTHER_ACCOUNT, "444455556666"):
        with backup.acting_as(account):
            assert owners("ListBackupJobs", ByAccountId="*") == sorted([ACCOUNT, OTHER_ACCOUNT])


def test_lists_show_one_region() -> None:
    """A client sees the jobs of its own region, of every account asked for."""
    with mock_backup() as backup:
        here = backup.add_backup_job()
        there = backup.at(region="eu-west-1").add_backup_job()
        answers = {
            region: [
                item["BackupJobId"]
                for item in call("ListBackupJobs", region=region, ByAccountId="*")["BackupJobs"]
            ]
            for region in ("us-east-1", "eu-west-1", "ap-south-1")
        }
    assert answers == {"us-east-1": [here.id], "eu-west-1": [there.id], "ap-south-1": []}
