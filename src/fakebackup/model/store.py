"""All jobs of a fake: by id, in order, by parent, and counted."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from fakebackup.model import life
from fakebackup.model.kinds import COPY, RESTORE, SCAN
from fakebackup.model.showing import Kept
from fakebackup.model.tallies import Tally
from fakebackup.model.timeline import WHOLE, Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from fakebackup.model.filters import Want
    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind
    from fakebackup.model.timeline import Bounds


_READ = {COPY: "SourceRecoveryPointArn", RESTORE: "RecoveryPointArn", SCAN: "RecoveryPointArn"}
"""The kinds of job that read a recovery point, and the member that names it."""

_MOST_TALLIES = 32
_MOST_SHOWN = 2**17


class Jobs:
    """All jobs of a fake, whatever their kind, account and region.

    A job takes about 250 bytes besides its members: itself, its place in `by_id` and its place
    in the order. The order over all accounts, indexes and tallies come when they are needed.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, Job] = {}
        self._reading: dict[str, Job] = {}
        # Without an account: over all of them.
        self._timelines: dict[tuple[Kind, str | None, str], Timeline] = {}
        self._children: dict[str, dict[str, Job]] = {}
        self._tallies: dict[tuple[Kind, str | None, str], dict[Hashable, Tally]] = {}
        self._shown: deque[Kept] = deque()

    def add(self, job: Job) -> None:
        """Take a job in; its id is free, its account and region are set."""
        self.add_all([job])

    def add_all(self, jobs: Sequence[Job]) -> None:
        """Take jobs in; their ids are free, their accounts and regions are set."""
        places: dict[tuple[Kind, str, str], list[Job]] = {}
        for job in jobs:
            self.by_id[job.id] = job
            places.setdefault((job.kind, job.account, job.region), []).append(job)
            parent = job.members.get("ParentJobId")
            if parent is not None:
                self._children.setdefault(parent, {})[job.id] = job
            if job.kind in _READ and not life.is_final(job.kind, job.kept_state):
                self._reading[job.id] = job
        for (kind, account, region), here in places.items():
            self._timelines.setdefault((kind, account, region), Timeline()).add_all(here)
            everywhere = self._timelines.get((kind, None, region))
            if everywhere is not None:
                everywhere.add_all(here)
            for tally in self._counting(kind, account, region):
                for job in here:
                    tally.count(job, 1)

    def remove(self, job: Job) -> None:
        """Take a job out; it is here, and no member has changed since it came."""
        del self.by_id[job.id]
        self._reading.pop(job.id, None)
        self._timelines[job.kind, job.account, job.region].remove(job)
        everywhere = self._timelines.get((job.kind, None, job.region))
        if everywhere is not None:
            everywhere.remove(job)
        for tally in self._counting(job.kind, job.account, job.region):
            tally.count(job, -1)
        parent = job.members.get("ParentJobId")
        if parent is not None:
            del self._children[parent][job.id]

    def find(self, kind: Kind, job_id: str, account: str, region: str) -> Job | None:
        """Return the job of a kind with an id in an account and region, if there is one."""
        job = self.by_id.get(job_id)
        if job is None or (job.kind, job.account, job.region) != (kind, account, region):
            return None
        return job

    def matching(
        self,
        kind: Kind,
        account: str | None,
        region: str,
        wanted: list[Want] | None = None,
        bounds: Bounds = WHOLE,
    ) -> Iterator[Job]:
        """Yield the jobs of a kind and region that have all that is asked, newest first.

        No job comes, goes or moves while they are read.

        Args:
            kind: the kind of job.
            account: whose; None for those of all accounts.
            region: where they lie.
            wanted: what is asked.
            bounds: in which part of the list.
        """
        timeline = self._timeline(kind, account, region)
        return iter(()) if timeline is None else timeline.matching(wanted or [], bounds)

    def _timeline(self, kind: Kind, account: str | None, region: str) -> Timeline | None:
        found = self._timelines.get((kind, account, region))
        if found is None and account is None:
            found = Timeline()
            found.add_all(list(self._here(kind, None, region)))
            self._timelines[kind, None, region] = found
        return found

    def _here(self, kind: Kind, account: str | None, region: str) -> Iterator[Job]:
        """Yield jobs as `matching` does, those of all accounts in any order."""
        for (its, whose, where), here in self._timelines.items():
            if (its, where) == (kind, region) and whose is not None and account in (None, whose):
                yield from here

    def tally(
        self,
        kind: Kind,
        account: str | None,
        region: str,
        question: Hashable,
        read: Callable[[Job], tuple[Any, ...] | None],
    ) -> Tally:
        """Return the counts of the jobs of a kind and region.

        They are counted when a question is asked for the first time, which takes about two
        microseconds a job, and followed from then on, for the questions asked last.

        Args:
            kind: the kind of job.
            account: whose; None for those of all accounts.
            region: where they lie.
            question: what tells these counts from others.
            read: what a job is counted as; None for one that is not.
        """
        tallies = self._tallies.setdefault((kind, account, region), {})
        found = tallies.pop(question, None)
        if found is None:
            found = Tally(read)
            for job in self._here(kind, account, region):
                found.count(job, 1)
            if len(tallies) >= _MOST_TALLIES:
                del tallies[next(iter(tallies))]
        # The one asked for last is the last to go.
        tallies[question] = found
        return found

    def _counting(self, kind: Kind, account: str, region: str) -> list[Tally]:
        if not self._tallies:
            return []
        return [
            tally
            for whose in (account, None)
            for tally in self._tallies.get((kind, whose, region), {}).values()
        ]

    def to_show(self, jobs: Iterable[Job]) -> list[Mapping[str, Any]]:
        """Return the members of jobs that are shown now; what is made of them is kept a while."""
        found = [job.kept() for job in jobs]
        for members in found:
            if type(members) is Kept and members.memo is None:
                members.memo = {}
                self._shown.append(members)
        while len(self._shown) > _MOST_SHOWN:
            self._shown.popleft().memo = None
        return found

    def places(self, kind: Kind | None = None) -> list[tuple[Kind, str, str, int]]:
        """Return where jobs lie (of one kind, or all): kind, account, region, how many."""
        return [
            (its, account, region, len(timeline))
            for (its, account, region), timeline in self._timelines.items()
            if account is not None and len(timeline) and kind in (None, its)
        ]

    def reader(self, point: str) -> Job | None:
        """Return an unfinished job that reads the recovery point with an ARN, if there is one."""
        reading = self._reading.values()
        return next((job for job in reading if job.members.get(_READ[job.kind]) == point), None)

    def children(self, parent: Job) -> list[Job]:
        """Return the children of a composite job, the oldest first, however they moved since."""
        children = self._children.get(parent.id, {}).values()
        return sorted(children, key=lambda job: (job.members[job.kind.created], job.id))

    def with_children(self, parent: Job) -> Mapping[str, Any]:
        """Return a parent's members with the number of its children and their states."""
        if "NumberOfChildJobs" not in parent.kind.members:
            return parent.members
        children = self._children.get(parent.id, {}).values()
        counted = Counter(child.kept_state for child in children)
        told = {
            "NumberOfChildJobs": counted.total(),
            "ChildJobsInState": dict(sorted(counted.items())),
        }
        # One that was given as None is left out.
        return {k: v for k, v in told.items() if k not in parent.given} | parent.members
