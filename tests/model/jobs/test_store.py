"""Where jobs are kept: by id, and in the order in which AWS lists them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebackup.model.jobs import Job
from fakebackup.model.kinds import BACKUP, COPY
from fakebackup.model.store import Jobs
from fakebackup.model.timeline import Bounds, Timeline, position

HERE, THERE = "123456789012", "111122223333"


def job(
    job_id: str,
    created: int = 0,
    *,
    kind: Any = BACKUP,
    account: str = HERE,
    region: str = "us-east-1",
    **members: Any,
) -> Job:
    """A job as it is kept, its dates in milliseconds."""
    named = {kind.id: job_id, kind.created: created, kind.state: "COMPLETED"}
    made = Job(kind, named | members, frozenset())
    made.account, made.region = account, region
    return made


def ids(jobs: Any) -> list[str]:
    """The ids of some jobs."""
    return [each.id for each in jobs]


class TestTimeline:
    def test_newest_first_then_by_id(self) -> None:
        """The newest job comes first, and of those of one instant the one of the least id."""
        timeline = Timeline()
        for name, created in (("b", 1), ("d", 2), ("a", 1), ("c", 3), ("B", 1)):
            timeline.add(job(name, created))
        assert ids(timeline.newest_first()) == ["c", "d", "B", "a", "b"]
        assert len(timeline) == 5

    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            (None, None, ["c", "b", "a"]),
            (1, 3, ["c", "b", "a"]),
            (2, None, ["c", "b"]),
            (3, None, ["c"]),
            (4, None, []),
            (None, 2, ["b", "a"]),
            (None, 0, []),
            (2, 2, ["b"]),
            (3, 1, []),
        ],
    )
    def test_bounds_are_included(
        self, since: int | None, until: int | None, expected: list[str]
    ) -> None:
        """The first and the last instant asked for belong to what is asked for."""
        timeline = Timeline()
        for name, created in (("a", 1), ("b", 2), ("c", 3)):
            timeline.add(job(name, created))
        assert ids(timeline.newest_first(Bounds(since=since, until=until))) == expected

    def test_it_goes_on_after_a_position(self) -> None:
        """What comes after a position is what follows it in order, whether it is still there."""
        timeline = Timeline()
        jobs = [job(name, created) for name, created in (("a", 2), ("b", 2), ("c", 2), ("d", 1))]
        for each in jobs:
            timeline.add(each)
        timeline.remove(jobs[1])
        assert ids(timeline.newest_first(Bounds(after=position(jobs[1])))) == ["c", "d"]
        assert ids(timeline.newest_first(Bounds(after=position(jobs[3])))) == []
        assert ids(timeline.newest_first(Bounds(after=(0, "")))) == []

    def test_the_epoch_is_an_instant_like_others(self) -> None:
        """Nothing takes a zero for a bound that is not there."""
        timeline = Timeline()
        for name, created in (("after", 1), ("at", 0), ("before", -1)):
            timeline.add(job(name, created))
        assert ids(timeline.newest_first(Bounds(since=0))) == ["after", "at"]
        assert ids(timeline.newest_first(Bounds(until=0))) == ["at", "before"]
        assert ids(timeline.newest_first(Bounds(after=(0, "at")))) == ["before"]

    @given(
        # Few instants and few ids, so that ties, gaps and removals of the last one happen.
        seeds=st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 99)), unique_by=lambda s: s[1]),
        removals=st.lists(st.integers(0, 99)),
        after=st.none() | st.tuples(st.integers(-4, 4), st.integers(0, 99).map(str)),
        since=st.none() | st.integers(-4, 4),
        until=st.none() | st.integers(-4, 4),
    )
    def test_it_equals_a_sorted_list(
        self,
        seeds: list[tuple[int, int]],
        removals: list[int],
        after: tuple[int, str] | None,
        since: int | None,
        until: int | None,
    ) -> None:
        """Whatever is added, removed and asked, a plain sorted list gives the same."""
        timeline = Timeline()
        jobs = {number: job(str(number), created) for created, number in seeds}
        for each in jobs.values():
            timeline.add(each)
        for number in removals:
            gone = jobs.pop(number, None)
            if gone is not None:
                timeline.remove(gone)
        expected = [
            each
            for each in sorted(jobs.values(), key=position)
            if (after is None or position(each) > after)
            and (since is None or each.members["CreationDate"] >= since)
            and (until is None or each.members["CreationDate"] <= until)
        ]
        found = list(timeline.newest_first(Bounds(after, since, until)))
        assert ids(found) == ids(expected)
        assert len(timeline) == len(jobs)


class TestJobs:
    def test_a_job_is_found_in_its_place_alone(self) -> None:
        """An id names a job to its own kind, account and region only."""
        jobs = Jobs()
        one = job("one")
        jobs.add(one)
        assert jobs.find(BACKUP, "one", HERE, "us-east-1") is one
        assert jobs.find(COPY, "one", HERE, "us-east-1") is None
        assert jobs.find(BACKUP, "one", THERE, "us-east-1") is None
        assert jobs.find(BACKUP, "one", HERE, "eu-west-1") is None
        assert jobs.find(BACKUP, "two", HERE, "us-east-1") is None

    def test_accounts_are_merged(self) -> None:
        """The jobs of several accounts come in one order, those of another region not."""
        jobs = Jobs()
        for each in (
            job("a", 1),
            job("b", 2, account=THERE),
            job("c", 3),
            job("d", 3, account=THERE),
            job("e", 9, region="eu-west-1"),
            job("f", 9, kind=COPY),
        ):
            jobs.add(each)
        assert ids(jobs.matching(BACKUP, None, "us-east-1")) == ["c", "d", "b", "a"]
        assert ids(jobs.matching(BACKUP, THERE, "us-east-1", bounds=Bounds(since=3))) == ["d"]
        assert ids(jobs.matching(BACKUP, "999999999999", "us-east-1")) == []

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
        jobs = Jobs()
        made = [
            job(f"{number:02}", created, account=account)
            for number, (created, account) in enumerate(seeds)
        ]
        for each in made:
            jobs.add(each)
        made.sort(key=position)
        after = position(made[cut]) if cut < len(made) else None
        expected = [
            each
            for each in made
            if (after is None or position(each) > after)
            and (since is None or each.members["CreationDate"] >= since)
        ]
        found = jobs.matching(BACKUP, None, "us-east-1", bounds=Bounds(after, since))
        assert ids(found) == ids(expected)

    def test_places_are_those_that_hold_something(self) -> None:
        """A place is forgotten with the last job in it."""
        jobs = Jobs()
        one, two, three = job("one"), job("two"), job("three", kind=COPY, account=THERE)
        for each in (one, two, three):
            jobs.add(each)
        assert jobs.places() == [(BACKUP, HERE, "us-east-1", 2), (COPY, THERE, "us-east-1", 1)]
        assert jobs.places(COPY) == [(COPY, THERE, "us-east-1", 1)]
        for each in (one, two):
            jobs.remove(each)
        assert jobs.places() == [(COPY, THERE, "us-east-1", 1)]
        assert "one" not in jobs.by_id

    def test_children_are_counted_by_state(self) -> None:
        """A parent's counts follow its children as they come and go, and what it was given wins."""
        jobs = Jobs()
        parent = job("parent", IsParent=True)
        first = job("first", ParentJobId="parent")
        second = job("second", ParentJobId="parent", State="FAILED")
        for each in (parent, first, second, job("other", ParentJobId="another")):
            jobs.add(each)
        counts = jobs.with_children(parent)
        assert counts["NumberOfChildJobs"] == 2
        assert counts["ChildJobsInState"] == {"COMPLETED": 1, "FAILED": 1}
        jobs.remove(second)
        assert jobs.with_children(parent)["ChildJobsInState"] == {"COMPLETED": 1}
        jobs.remove(first)
        assert jobs.with_children(parent)["NumberOfChildJobs"] == 0
        told = job("told", IsParent=True, NumberOfChildJobs=7)
        assert jobs.with_children(told)["NumberOfChildJobs"] == 7
        silent = Job(BACKUP, dict(parent.members), frozenset({"ChildJobsInState"}))
        assert "ChildJobsInState" not in jobs.with_children(silent)
