"""The order in which AWS lists jobs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebackup.model.jobs.filters import criteria, same
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


MANY = 3000


def large() -> Timeline:
    """A store of many jobs, two at each instant, every tenth one of them failed."""
    timeline = Timeline()
    timeline.add_all([job(f"job-{number}", number // 2 * 10) for number in range(MANY)])
    for each in timeline:
        if each.id.endswith("0"):
            each.members["State"] = "FAILED"
    return timeline


@pytest.mark.parametrize("count", [1, 3, MANY // 16 - 1, MANY // 16, MANY // 16 + 1, MANY])
@pytest.mark.parametrize("created", [-1, 0, 1, MANY * 2 + 5, MANY * 5, 10**9])
class TestBatches:
    """A batch that is added to a large store, small or not: at its ends, between, and at once."""

    def batch(self, count: int, created: int) -> list[Job]:
        """Jobs of one instant and of the instants after it, the oldest first."""
        return [job(f"batch-{number}", created + number) for number in range(count)]

    def test_the_order(self, count: int, created: int) -> None:
        """All are there once, in order, and are counted; pages and bounds find them."""
        timeline, batch = large(), self.batch(count, created)
        expected = sorted([*timeline, *batch], key=position)
        timeline.add_all(batch)
        assert ids(timeline) == ids(expected)
        assert len(timeline) == MANY + count
        middle = batch[count // 2]
        after = expected[expected.index(middle) + 1 :]
        assert ids(timeline.newest_first(Bounds(after=position(middle)))) == ids(after)
        for each in batch:
            timeline.remove(each)
        assert ids(timeline) == ids(large())

    def test_an_index(self, count: int, created: int) -> None:
        """What a filter has an index of by now finds those of the batch, too."""
        timeline, batch = large(), self.batch(count, created)
        wanted = criteria({"ByState": same("State")}, {"ByState": "FAILED"})
        assert len(list(timeline.matching(wanted))) == MANY // 10
        for each in batch[::2]:
            each.members["State"] = "FAILED"
        timeline.add_all(batch)
        expected = [each for each in timeline if each.members["State"] == "FAILED"]
        assert ids(timeline.matching(wanted)) == ids(expected)
        assert len(expected) == MANY // 10 + len(batch[::2])
