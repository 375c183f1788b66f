"""The order in which AWS lists jobs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebackup.model.jobs.job import Job
from fakebackup.model.jobs.kinds import BACKUP
from fakebackup.model.jobs.timeline import Timeline, position
from fakebackup.model.ordered import Bounds


def job(job_id: str, created: int = 0) -> Job:
    """A job as it is kept, its dates in milliseconds."""
    named = {"BackupJobId": job_id, "CreationDate": created, "State": "COMPLETED"}
    return Job(BACKUP, named, frozenset())


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
