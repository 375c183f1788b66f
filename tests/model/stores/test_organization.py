"""What accounts have in Regions, one by one and all together: jobs by id, in order, by parent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from fakebackup.model.engine.engine import new_organization
from fakebackup.model.jobs.job import Job
from fakebackup.model.jobs.kinds import BACKUP, COPY
from fakebackup.model.jobs.timeline import position
from fakebackup.model.ordered import Bounds
from fakebackup.options import Options

if TYPE_CHECKING:
    from fakebackup.model.stores.organization import Organization

HERE, THERE = "123456789012", "111122223333"


def nothing() -> Organization:
    """An organisation that holds nothing, without a vault that comes by itself."""
    return new_organization(Options.read({"default_vault": False}, "nothing()"))


def job(
    job_id: str,
    created: int = 0,
    *,
    kind: Any = BACKUP,
    account: str = HERE,
    region: str = "us-east-1",
    **members: Any,
) -> tuple[Job, str, str]:
    """A job as it is kept, its dates in milliseconds, and where it is to lie."""
    named = {kind.id: job_id, kind.created: created, kind.state: "COMPLETED"}
    return Job(kind, named | members, frozenset()), account, region


def put(organization: Organization, each: tuple[Job, str, str]) -> Job:
    """Take a job in where it is to lie."""
    made, account, region = each
    store = organization.store(account, region)
    made.home, made.store = store.home, store
    organization.put_jobs([made])
    return made


def ids(jobs: Any) -> list[str]:
    """The ids of some jobs."""
    return [each.id for each in jobs]


class TestJobs:
    def test_a_job_is_found_in_its_place_alone(self) -> None:
        """An id names a job to its own kind, account and region only."""
        organization = nothing()
        one = put(organization, job("one"))
        assert organization.store(HERE, "us-east-1").find_job(BACKUP, "one") is one
        assert organization.store(HERE, "us-east-1").find_job(COPY, "one") is None
        assert organization.store(THERE, "us-east-1").find_job(BACKUP, "one") is None
        assert organization.store(HERE, "eu-west-1").find_job(BACKUP, "one") is None
        assert organization.store(HERE, "us-east-1").find_job(BACKUP, "two") is None

    def test_accounts_are_merged(self) -> None:
        """The jobs of several accounts come in one order, those of another region not."""
        organization = nothing()
        for each in (
            job("a", 1),
            job("b", 2, account=THERE),
            job("c", 3),
            job("d", 3, account=THERE),
            job("e", 9, region="eu-west-1"),
            job("f", 9, kind=COPY),
        ):
            put(organization, each)
        assert ids(organization.jobs_in("us-east-1", None).matching(BACKUP)) == ["c", "d", "b", "a"]
        assert ids(
            organization.jobs_in("us-east-1", THERE).matching(BACKUP, bounds=Bounds(since=3))
        ) == ["d"]
        assert ids(organization.jobs_in("us-east-1", "999999999999").matching(BACKUP)) == []

    @given(
        st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from([HERE, THERE])), min_size=1, max_size=12
        ),
        st.integers(0, 12),
        st.none() | st.integers(0, 3),
    )
    def test_merging_equals_a_sorted_list(
        self, seeds: list[tuple[int, str]], cut: int, since: int | None
    ) -> None:
        """Over several accounts, from any position on, a plain sorted list gives the same."""
        organization = nothing()
        made = [
            job(f"{number:02}", created, account=account)
            for number, (created, account) in enumerate(seeds)
        ]
        jobs = sorted((put(organization, each) for each in made), key=position)
        after = position(jobs[cut]) if cut < len(jobs) else None
        expected = [
            each
            for each in jobs
            if (after is None or position(each) > after)
            and (since is None or each.members["CreationDate"] >= since)
        ]
        found = organization.jobs_in("us-east-1", None).matching(
            BACKUP, bounds=Bounds(after, since)
        )
        assert ids(found) == ids(expected)

    def test_a_job_that_is_taken_out_is_nowhere(self) -> None:
        """It is neither among the jobs of its account nor found by its id."""
        organization = nothing()
        one, two = put(organization, job("one")), put(organization, job("two"))
        put(organization, job("three", kind=COPY, account=THERE))
        assert organization.store(HERE, "us-east-1").jobs.count(BACKUP) == 2
        assert organization.store(HERE, "us-east-1").jobs.count(COPY) == 0
        for each in (one, two):
            organization.take_job(each)
        assert organization.store(HERE, "us-east-1").jobs.count(BACKUP) == 0
        assert organization.store(THERE, "us-east-1").jobs.count(COPY) == 1
        assert "one" not in organization.jobs.by_id

    def test_children_are_counted_by_state(self) -> None:
        """A parent's counts follow its children as they come and go, and what it was given wins."""
        organization = nothing()
        parent, first, second, _ = (
            put(organization, each)
            for each in (
                job("parent", IsParent=True),
                job("first", ParentJobId="parent"),
                job("second", ParentJobId="parent", State="FAILED"),
                job("other", ParentJobId="another"),
            )
        )
        counts = organization.jobs.with_children(parent)
        assert counts["NumberOfChildJobs"] == 2
        assert counts["ChildJobsInState"] == {"COMPLETED": 1, "FAILED": 1}
        organization.take_job(second)
        assert organization.jobs.with_children(parent)["ChildJobsInState"] == {"COMPLETED": 1}
        organization.take_job(first)
        assert organization.jobs.with_children(parent)["NumberOfChildJobs"] == 0
        told, _, _ = job("told", IsParent=True, NumberOfChildJobs=7)
        assert organization.jobs.with_children(told)["NumberOfChildJobs"] == 7
        silent = Job(BACKUP, dict(parent.members), frozenset({"ChildJobsInState"}))
        assert "ChildJobsInState" not in organization.jobs.with_children(silent)
