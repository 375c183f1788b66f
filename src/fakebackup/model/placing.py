"""What a seeded job gets from the fake that it is added to: id, account, dates, ARNs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model import dates, defaults
from fakebackup.model.showing import Kept

if TYPE_CHECKING:
    from fakebackup.model.account import Organization
    from fakebackup.model.defaults import Steps
    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind

_HOUR = 60 * 60 * 1000
_MOST_BEGUN = 1000


def earliest_creation(now: int) -> int:
    """Return the default creation date of what is seeded first; both in milliseconds."""
    return max(now - _HOUR, clock.last_midnight(now))


class Placing:
    """The places of jobs that are added together: none has one before all of them can."""

    def __init__(self, organization: Organization, account: str, region: str) -> None:
        """Begin; a job that says no account goes where is said here."""
        self._organization = organization
        self._account = account
        self._region = region
        self._now = clock.now()
        self._earliest = earliest_creation(self._now)
        # By identity: the job, its members, account and number.
        self._placed: dict[int, tuple[Job, Kept, str, int]] = {}
        self._taken: set[str] = set()
        self._begun: dict[int, tuple[Kept, str, Steps]] = {}

    @property
    def count(self) -> int:
        """How many jobs have a place so far."""
        return len(self._placed)

    def place(self, job: Job) -> None:
        """Find the place of a job.

        Raises:
            ValueError: it is in a fake already, its id is taken, its completion is before its
                creation, or its parent is in no fake.
        """
        kind, organization = job.kind, self._organization
        if job.organization is not None or id(job) in self._placed:
            msg = f"This {kind.name} is in a fake already: {job!r}"
            raise ValueError(msg)
        members, account, steps = self._begin(job)
        # What is seeded exactly has no number until a move needs one.
        number = 0
        job_id: Any = members.get(kind.id)
        if not job.exact:
            organization.number += 1
            if job_id is None:
                job_id = members[kind.id] = self._free_id(kind, members)
            number = organization.number
            created = self._created(kind, members)
            place = defaults.Place(account, self._region, number, self._now, created)
            defaults.put(steps, members, place)
        dates.check_order(members, kind.created, kind.completed)
        if kind.id in job.given and self._is_taken(job_id):
            msg = f"{kind.id} {job_id!r} is taken: no two jobs of a fake share an id."
            raise ValueError(msg)
        self._taken.add(job_id)
        self._placed[id(job)] = job, members, account, number

    def _begin(self, job: Job) -> tuple[Kept, str, Steps]:
        """Return what a job has before it has a number, its account, and what is left to do."""
        known = self._begun.get(id(job.members))
        if known is not None:
            return Kept(known[0]), known[1], known[2]
        kind, members, account = job.kind, Kept(job.members), self._account
        if job.parent is not None:
            parent_id, account = self._parent(job)
            if "ParentJobId" not in job.given:
                members["ParentJobId"] = parent_id
        account = members.get("AccountId", account)
        steps: Steps = []
        if not job.exact:
            place = defaults.Place(account, self._region, 0, self._now, 0)
            steps = defaults.fix(kind, members, job.given, place)
        if job.parent is None and len(self._begun) < _MOST_BEGUN:
            # Jobs of a batch share their members so far, and are alike up to here.
            self._begun[id(job.members)] = members, account, steps
            return Kept(members), account, steps
        return members, account, steps

    def settle(self) -> None:
        """Give the jobs their places."""
        for job, members, account, number in self._placed.values():
            job.members, job.account, job.number = members, account, number
            job.region, job.organization = self._region, self._organization

    def _is_taken(self, job_id: str) -> bool:
        return job_id in self._taken or job_id in self._organization.jobs.by_id

    def _free_id(self, kind: Kind, members: dict[str, Any]) -> str:
        """Return a job's default id, passing over numbers whose id the user gave to another."""
        organization = self._organization
        while True:
            made = defaults.job_id(kind, members, organization.number)
            if not self._is_taken(made):
                return made
            organization.number += 1

    def _created(self, kind: Kind, members: dict[str, Any]) -> int:
        """Return the creation date that a job gets unless it has one, in milliseconds."""
        if kind.created in members:
            return int(members[kind.created])
        organization = self._organization
        default = max(self._earliest, organization.last_created + 1)
        completed = members.get(kind.completed)
        if completed is not None and completed < default:
            return int(completed) - defaults.TEN_MINUTES
        organization.last_created = default
        return default

    def _parent(self, job: Job) -> tuple[str, str]:
        """Return the id and the account of a child's parent."""
        parent = job.parent
        placed = self._placed.get(id(parent))
        if placed is not None:
            _, members, account, _ = placed
            return str(members[job.kind.id]), account
        if parent is None or not parent.account:
            msg = f"The parent of this {job.kind.name} is in no fake: add it first, or the group."
            raise ValueError(msg)
        return parent.id, parent.account
