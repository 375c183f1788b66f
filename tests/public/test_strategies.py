"""fakebackup.strategies: what is drawn is valid, varied, consistent, and shrinks."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from fakebackup import FakeBackupError, factories, mock_backup, strategies
from support.botocore_model import every, known, model, takes
from support.client import call
from support.constants import ACCOUNT, DAY, MIDNIGHT, MILLISECOND, NOW, OTHER_ACCOUNT
from support.reference import LISTINGS, SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DataObject, SearchStrategy

    from fakebackup import Job

KINDS = {each.kind: each for each in LISTINGS.values() if known(each.operation)}
QUESTIONS = {**LISTINGS, **SUMMARIES}
# As many draws as it takes to show what is rare.
QUICK = settings(
    max_examples=2000,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
THOROUGH = settings(QUICK, phases=[Phase.generate, Phase.shrink])


pytestmark = pytest.mark.frozen(NOW)


def jobs_of(kind: str, **members: Any) -> SearchStrategy[Job]:
    """The strategy of a kind of job."""
    made: SearchStrategy[Job] = getattr(strategies, f"{kind}s")(**members)
    return made


def some(strategy: SearchStrategy[Any], wanted: Callable[[Any], object]) -> Any:
    """A value that is as wanted."""
    return find(strategy, lambda value: bool(wanted(value)), settings=QUICK)


def smallest(strategy: SearchStrategy[Any], wanted: Callable[[Any], object]) -> Any:
    """The value that one as wanted shrinks to."""
    return find(strategy, lambda value: bool(wanted(value)), settings=THOROUGH)


def in_state(state: str) -> Callable[[Job], bool]:
    """Whether a job is in a state."""
    return lambda job: job.state == state


def created(date: datetime) -> Callable[[Job], bool]:
    """Whether a job was created then."""
    return lambda job: bool(job[job.kind.created] == date)


# --- Jobs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(data=st.data())
def test_jobs_are_added_and_listed(kind: str, data: DataObject) -> None:
    """A drawn job can be added without a warning, is in the past, and ends after it began."""
    listing = KINDS[kind]
    with mock_backup() as backup:
        job = backup.add(data.draw(jobs_of(kind)))
        assert list(getattr(backup, f"{kind}s")) == [job.id]
        assert NOW - 29 * DAY <= job[listing.created] <= NOW
        assert job.get(listing.completed, NOW) >= job[listing.created]
        asked = {"ResourceArn": job.members["SourceResourceArn"]} if kind == "restore_job" else {}
        operation = "ListRestoreJobsByProtectedResource" if asked else listing.operation
        (item,) = call(operation, **asked)[listing.items]
        assert item[listing.id] == job.id


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(data=st.data())
def test_jobs_agree_with_themselves(kind: str, data: DataObject) -> None:
    """A drawn job has a completion if its state ends it, and SUCCESS only if it completed."""
    listing = KINDS[kind]
    with mock_backup() as backup:
        job = backup.add(data.draw(jobs_of(kind)))
        unfinished = {"CREATED", "PENDING", "RUNNING", "ABORTING"}
        assert (listing.completed in job) == (job.state not in unfinished)
        if job.get("MessageCategory", "").upper() == "SUCCESS":
            assert job.state == "COMPLETED"


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_is_drawn(kind: str) -> None:
    """Each state that the model has is drawn some time."""
    shape: Any = LISTINGS[KINDS[kind].operation].item.members[KINDS[kind].state]
    states = getattr(shape, "enum", ()) or ["CREATED", "RUNNING", "COMPLETED", "FAILED"]
    jobs = jobs_of(kind)
    assert [some(jobs, in_state(state)).state for state in states] == list(states)


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_shrinks_to_the_default_one(kind: str) -> None:
    """The smallest job is COMPLETED at the present, and nothing else is given."""
    listing = KINDS[kind]
    job = smallest(jobs_of(kind), lambda _job: True)
    assert job.given == {listing.state, listing.created}
    assert (job[listing.state], job[listing.created]) == ("COMPLETED", NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_fixed_or_drawn_from_strategies(kind: str) -> None:
    """A member is what the caller says, or one of what the caller's strategy gives."""
    listing = KINDS[kind]
    dates = [NOW - DAY, NOW - 2 * DAY]
    members: dict[str, Any] = {
        listing.state: "FAILED",
        "StatusMessage": None,
        listing.created: st.sampled_from(dates),
    }
    drawn = [some(jobs_of(kind, **members), created(date)) for date in dates]
    assert {job[listing.state] for job in drawn} == {"FAILED"}
    assert all("StatusMessage" not in job for job in drawn)


def test_what_follows_from_fixed_members_is_left_to_them() -> None:
    """Nothing is drawn that would contradict a resource, a vault or a completion that is given."""
    arn = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"
    vault = "arn:aws:backup:us-east-1:123456789012:backup-vault:mine"
    jobs = strategies.backup_jobs(
        State="COMPLETED", ResourceArn=arn, BackupVaultArn=vault, CompletionDate=NOW - 100 * DAY
    )

    @settings(max_examples=20)
    @given(job=jobs)
    def drawn(job: Job) -> None:
        with mock_backup(history=None) as backup:
            backup.add(job)
            assert (job["ResourceType"], job["BackupVaultName"]) == ("EFS", "mine")
            assert job["CreationDate"] < job["CompletionDate"] == NOW - 100 * DAY

    drawn()


@pytest.mark.parametrize("kind", KINDS)
def test_a_strange_member_is_refused_at_once(kind: str) -> None:
    """A misspelt member is an error where the strategy is made, and the near one is named."""
    state = KINDS[kind].state
    with pytest.raises(TypeError, match=f"no member '{state[:-1]}'; did you mean '{state}'"):
        jobs_of(kind, **{state[:-1]: "FAILED"})


@pytest.mark.skipif(known("ListScanJobs"), reason="the installed botocore knows all kinds of job")
def test_a_kind_that_botocore_does_not_know_is_refused_at_once() -> None:
    """With an old botocore scan_jobs() says what to install."""
    with pytest.raises(FakeBackupError, match="install a newer one"):
        strategies.scan_jobs()


@settings(max_examples=20)
@given(jobs=st.lists(strategies.backup_jobs(now=NOW - 5 * DAY), max_size=4))
def test_the_present_may_be_given(jobs: list[Job]) -> None:
    """With `now` dates do not depend on the clock."""
    assert all(NOW - 34 * DAY <= job["CreationDate"] <= NOW - 5 * DAY for job in jobs)


def test_a_failing_job_is_printed_as_the_call_that_builds_it() -> None:
    """What hypothesis prints of a job can be typed into a test."""

    @settings(THOROUGH, max_examples=5)
    @given(job=strategies.backup_jobs(now=NOW, State="FAILED"))
    def failing(job: Job) -> None:
        assert not job

    with pytest.raises(AssertionError) as caught:
        failing()
    notes = "\n".join(getattr(caught.value, "__notes__", ()))
    printed = re.search(r"job=(backup_job\(.*\)),", notes)
    assert printed, notes
    built: Job = eval(printed[1], {"backup_job": factories.backup_job})  # noqa: S307  it is our own
    assert built.given == {"State", "CreationDate"}
    assert (built["State"], built["CreationDate"]) == ("FAILED", NOW)


def test_an_added_job_is_printed_as_it_is() -> None:
    """Once it is in a fake, a job prints its id and state."""
    from hypothesis.vendor.pretty import pretty

    with mock_backup() as backup:
        job = backup.add_backup_job(State="FAILED")
        assert pretty(job) == repr(job)
        assert job.id in repr(job)


# --- Dates ----------------------------------------------------------------------------------


@settings(max_examples=100)
@given(date=strategies.dates(now=NOW))
def test_dates_lie_around_the_present(date: datetime) -> None:
    """Dates are aware, in milliseconds, at most a month back and a day ahead."""
    assert date.utcoffset() == timedelta(0)
    assert not date.microsecond % 1000
    assert NOW - 31 * DAY <= date <= NOW + DAY


@pytest.mark.parametrize(
    "edge",
    [
        NOW - 30 * DAY,
        NOW - 30 * DAY - MILLISECOND,
        MIDNIGHT,
        MIDNIGHT - MILLISECOND,
        MIDNIGHT - 13 * DAY,
        MIDNIGHT - 14 * DAY + MILLISECOND,
    ],
)
def test_dates_hit_the_edges(edge: datetime) -> None:
    """The reach of the lists and the midnights of the summaries are drawn to the millisecond."""
    assert some(strategies.dates(), lambda date: date == edge) == edge


def test_dates_follow_the_clock_and_shrink_to_it() -> None:
    """Without `now` the present is the process's clock when a date is drawn."""
    dates = strategies.dates()
    later = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)
    with freeze_time(later):
        assert smallest(dates, lambda _date: True) == later
    assert smallest(dates, lambda _date: True) == NOW


@settings(max_examples=30)
@given(job=strategies.backup_jobs(ResourceType="Abacus"))
def test_a_type_that_aws_does_not_know_has_no_volume(job: Job) -> None:
    """A job of a type of one's own names no resource of another type."""
    with mock_backup() as backup:
        backup.add(job)
        assert "ResourceArn" not in job


# --- Sets of jobs ---------------------------------------------------------------------------


@settings(max_examples=15)
@given(jobs=strategies.job_sets(max_size=10))
def test_a_set_is_added_as_it_is(jobs: list[Job]) -> None:
    """A set of jobs can be added without a warning, in the accounts that were asked for."""
    with mock_backup() as backup:
        backup.add(jobs)
        assert all(job.account in (ACCOUNT, OTHER_ACCOUNT) for job in jobs)
    assert len(jobs) <= 10


@settings(max_examples=40)
@given(jobs=strategies.job_sets())
def test_a_set_agrees_with_itself(jobs: list[Job]) -> None:
    """What refers to a recovery point or a parent of the set has its account, type and order."""
    with mock_backup() as backup:
        backup.add(jobs)
        by_id = {job.id: job for job in jobs}
        points = {
            job["RecoveryPointArn"]: job
            for job in jobs
            if job.kind.name == "backup job" and "RecoveryPointArn" in job.given
        }
        for job in jobs:
            made_from = points.get(job.get("SourceRecoveryPointArn", job.get("RecoveryPointArn")))
            if made_from and made_from is not job:
                assert job.account == made_from.account
                assert job["ResourceType"] == made_from["ResourceType"]
                assert job["CreationDate"] >= made_from["CompletionDate"]
            if "ParentJobId" in job:
                parent = by_id[job["ParentJobId"]]
                assert parent["IsParent"]
                assert parent.account == job.account


def test_sets_hold_what_belongs_together() -> None:
    """Composite jobs, copies, restores and scans of the set's own recovery points are drawn."""

    def points(jobs: list[Job]) -> set[str]:
        return {
            job["RecoveryPointArn"]
            for job in jobs
            if job.kind.name == "backup job" and "RecoveryPointArn" in job.given
        }

    def refers(kind: str, member: str) -> Callable[[list[Job]], bool]:
        return lambda jobs: any(
            job.kind.name == kind and job.get(member) in points(jobs) for job in jobs
        )

    sets = strategies.job_sets()
    assert some(sets, refers("copy job", "SourceRecoveryPointArn"))
    assert some(sets, refers("restore job", "RecoveryPointArn"))
    if known("ListScanJobs"):
        assert some(sets, refers("scan job", "RecoveryPointArn"))
    assert some(sets, lambda jobs: any(job.kind.name == "report job" for job in jobs))
    partial = some(sets, lambda jobs: any(job.parent for job in jobs))
    assert partial[0].members["IsParent"]
    assert partial[1].parent is partial[0]
    assert some(
        sets,
        lambda jobs: any(job.parent and job.parent.state == "PARTIAL" for job in jobs),
    )


def test_a_set_shrinks_by_leaving_jobs_out() -> None:
    """The smallest set is empty; the smallest with a failed job holds that one, or a group."""
    sets = strategies.job_sets()
    assert smallest(sets, lambda _jobs: True) == []
    (job,) = smallest(sets, lambda jobs: any(job.kind.name == "copy job" for job in jobs))
    assert job["AccountId"] == ACCOUNT
    failed = smallest(sets, lambda jobs: any(job.state == "FAILED" for job in jobs))
    assert len(failed) <= 2


def test_the_accounts_of_a_set_may_be_chosen() -> None:
    """All jobs that have an account lie in one that was given."""

    @settings(max_examples=20)
    @given(jobs=strategies.job_sets(accounts=["999999999999"], region="eu-west-1"))
    def drawn(jobs: list[Job]) -> None:
        accounts = {job["AccountId"] for job in jobs if "AccountId" in job}
        assert accounts <= {"999999999999"}
        arns = [job["RecoveryPointArn"] for job in jobs if "RecoveryPointArn" in job.given]
        assert all(":eu-west-1:" in arn for arn in arns if not arn.startswith("arn:aws:s3"))

    drawn()


@pytest.mark.parametrize("wrong", [{"max_size": -1}, {"accounts": []}])
def test_a_set_that_cannot_be_is_refused_at_once(wrong: dict[str, Any]) -> None:
    """A negative size and no account are errors where the strategy is made."""
    with pytest.raises(ValueError, match=r"A set of jobs|The size of a set"):
        strategies.job_sets(**wrong)


# --- Parameters -----------------------------------------------------------------------------


def members_of(operation: str) -> list[str]:
    """The parameters of an operation."""
    shape = model().operation_model(operation).input_shape
    return [] if shape is None else list(shape.members)


@every(QUESTIONS)
def test_parameters_are_taken(operation: str) -> None:
    """The operation answers whatever is drawn, and every parameter is, NextToken apart."""
    seen: set[str] = set()

    @settings(max_examples=80)
    @given(asked=strategies.parameters(operation))
    def drawn(asked: dict[str, Any]) -> None:
        seen.update(asked)
        try:
            call(operation, **asked)
        except ClientError as error:
            pytest.fail(f"{asked} is refused: {error}")

    with mock_backup():
        drawn()
    assert seen == set(members_of(operation)) - {"NextToken"}


@pytest.mark.parametrize(
    ("operation", "parameter", "value"),
    [
        ("ListBackupJobs", "ByAccountId", "*"),
        ("ListBackupJobs", "ByMessageCategory", "()"),
        ("ListBackupJobs", "ByMessageCategory", "ANY"),
        ("ListBackupJobSummaries", "AccountId", "ANY"),
        ("ListBackupJobSummaries", "AccountId", "AGGREGATE_ALL"),
        ("ListBackupJobSummaries", "MessageCategory", "AGGREGATE_ALL"),
        ("ListBackupJobSummaries", "ResourceType", "ANY"),
        ("ListBackupJobSummaries", "State", "AGGREGATE_ALL"),
        ("ListCopyJobs", "ByMessageCategory", "AGGREGATE_ALL"),
        ("ListReportJobs", "ByStatus", "COMPLETED_WITH_ISSUES"),
        pytest.param(
            "ListScanJobSummaries",
            "MalwareScanner",
            "ANY",
            marks=pytest.mark.skipif(
                not known("ListScanJobSummaries"),
                reason="the installed botocore has no such operation",
            ),
        ),
    ],
)
def test_documented_wildcards_are_drawn(operation: str, parameter: str, value: str) -> None:
    """The wildcards that AWS documents are drawn, those outside botocore's enums included."""
    asked = strategies.parameters(operation)
    drawn = smallest(asked, lambda asked: asked.get(parameter) == value)
    assert drawn == {parameter: value}


@every(QUESTIONS)
def test_parameters_shrink_to_the_required_ones(operation: str) -> None:
    """The smallest question asks for everything."""
    asked = smallest(strategies.parameters(operation), lambda _asked: True)
    assert set(asked) == ({"ResourceArn"} if takes(operation, "ResourceArn") else set())


def test_parameters_are_fixed_or_drawn_from_strategies() -> None:
    """Values that the caller gives are always there, drawn if they are strategies."""
    asked = strategies.parameters(
        "ListBackupJobs", ByState="FAILED", MaxResults=st.sampled_from([2, 3])
    )

    @settings(max_examples=30)
    @given(drawn=asked)
    def always(drawn: dict[str, Any]) -> None:
        assert drawn["ByState"] == "FAILED"
        assert drawn["MaxResults"] in (2, 3)

    always()


def test_parameters_select_jobs_that_are_drawn() -> None:
    """The values of questions are those that drawn jobs have, so that some are selected."""
    pairs = st.tuples(
        st.lists(strategies.backup_jobs(), min_size=2, max_size=2),
        strategies.parameters("ListBackupJobs"),
    )

    def selects_one_of_two(drawn: tuple[list[Job], dict[str, Any]]) -> bool:
        jobs, asked = drawn
        asked.pop("MaxResults", None)
        with mock_backup() as backup:
            backup.add(jobs)
            return len(call("ListBackupJobs", **asked)["BackupJobs"]) == 1

    assert some(pairs, selects_one_of_two)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("ListBackupJob", "no operation 'ListBackupJob'; did you mean 'ListBackupJobs'"),
        ("DescribeBackupJob", "DescribeBackupJob lists nothing"),
        ("ListBackupVaults", None),
        ("ListBackupPlans", "ListBackupPlans lists nothing"),
        ("GetSupportedResourceTypes", "GetSupportedResourceTypes lists nothing"),
    ],
)
def test_only_lists_by_parameters_have_some(operation: str, message: str | None) -> None:
    """An operation that does not exist, or takes no filter, is an error at once."""
    if message is None:
        # It lists no jobs, but its parameters are named By... and can be drawn.
        assert some(strategies.parameters(operation), bool)
        return
    with pytest.raises(ValueError, match=message):
        strategies.parameters(operation)


def test_a_strange_parameter_is_refused_at_once() -> None:
    """A misspelt parameter is an error where the strategy is made, and the near one is named."""
    with pytest.raises(TypeError, match="no parameter 'ByStat'; did you mean 'ByState'"):
        strategies.parameters("ListBackupJobs", ByStat="FAILED")


# --- The module -----------------------------------------------------------------------------


def test_the_module_is_imported_on_request() -> None:
    """Hypothesis is loaded with the strategies, and not before."""
    code = (
        "import sys, fakebackup\n"
        "from fakebackup import mock_backup\n"
        "assert 'hypothesis' not in sys.modules\n"
        "fakebackup.strategies\n"
        "assert 'hypothesis' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "statement",
    ["from fakebackup import strategies", "import fakebackup.strategies", "fakebackup.strategies"],
)
def test_without_hypothesis(statement: str) -> None:
    """Where hypothesis is not installed, the extra that brings it is named; no name is kept."""
    code = (
        "import sys, fakebackup\n"
        "sys.modules['hypothesis'] = None\n"
        "for _ in range(2):\n"
        "    try:\n"
        f"        {statement}\n"
        "    except ModuleNotFoundError as error:\n"
        "        print(error.name, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    told = (
        "hypothesis fakebackup.strategies needs hypothesis, which is not installed here; "
        "install it with: python -m pip install 'fakebackup[hypothesis]'\n"
    )
    assert done.stdout == told * 2, done.stderr


def test_all_names_what_is_public() -> None:
    """`__all__` holds each function that makes a strategy, and nothing else."""
    made = {
        name
        for name, value in vars(strategies).items()
        if callable(value) and value.__module__ == strategies.__name__ and not name.startswith("_")
    }
    assert made == set(strategies.__all__)
    assert all(getattr(strategies, name).__doc__ for name in strategies.__all__)
