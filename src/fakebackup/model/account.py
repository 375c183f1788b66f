"""The organisation: every account that a fake holds, and who in it may see what."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakebackup import clock, errors
from fakebackup.errors import FakeBackupError
from fakebackup.model import defaults
from fakebackup.model.store import Jobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fakebackup.model.jobs import Job
    from fakebackup.model.kinds import Kind
    from fakebackup.options import Options


class Organization:
    """All that a fake holds, in every account and region.

    Attributes:
        options: what the fake was told.
        lock: held while the model is read or changed.
        jobs: the jobs.
        unusable: why the fake cannot be used; None while it is active.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.unusable: str | None = None
        self.jobs = Jobs()
        self._number = 0
        self._last_created = 0

    def clear(self) -> None:
        """Forget everything, counted numbers included; jobs that tests hold are in no fake then."""
        for job in self.jobs.by_id.values():
            job.organization = None
        self.jobs = Jobs()
        self._number = 0
        self._last_created = 0

    def check(self) -> None:
        """Refuse to be used while no fake is active.

        Raises:
            FakeBackupError: the fake has not started, or has ended.
        """
        if self.unusable is not None:
            raise FakeBackupError(self.unusable)

    def accounts(self) -> list[str]:
        """Return the accounts of the organisation, sorted: those that hold something."""
        return sorted({account for _, account, _, _ in self.jobs.places()})

    def manages(self, account: str) -> bool:
        """Tell whether an account sees the whole organisation."""
        return account in self.options.management_accounts

    def add(
        self,
        jobs: Sequence[Job],
        account: str,
        region: str,
        *,
        batch: bool,
        names: Sequence[str] | None = None,
    ) -> None:
        """Add jobs, all or none.

        Args:
            jobs: jobs that are in no fake.
            account: where those go that do not say otherwise.
            region: where all go.
            batch: whether an error names the position of the job that caused it.
            names: how it names the positions; None counts them.

        Raises:
            TypeError, ValueError: a job that cannot be added; nothing has changed then.
            FakeBackupError: the fake is not active.
        """
        with self.lock:
            self.check()
            before = (self._number, self._last_created)
            placed: dict[int, tuple[Job, dict[str, Any], str, int]] = {}
            taken: set[str] = set()
            try:
                for at, job in enumerate(jobs):
                    try:
                        ready = self._place(job, account, region, placed, taken)
                    except (TypeError, ValueError) as error:
                        if not batch:
                            raise
                        name = f"Entry {at} (counted from 0)" if names is None else names[at]
                        msg = f"{name}: {error}"
                        raise type(error)(msg) from None
                    placed[id(job)] = ready
                    taken.add(ready[1][job.kind.id])
            except BaseException:
                self._number, self._last_created = before
                raise
            for job, members, home, number in placed.values():
                job.members, job.account, job.region, job.number = members, home, region, number
                job.organization = self
                self.jobs.add(job)
        self._warn_of_history(jobs)

    def _place(
        self,
        job: Job,
        account: str,
        region: str,
        placed: dict[int, tuple[Job, dict[str, Any], str, int]],
        taken: set[str],
    ) -> tuple[Job, dict[str, Any], str, int]:
        kind = job.kind
        if job.organization is not None or id(job) in placed:
            msg = f"This {kind.name} is in a fake already: {job!r}"
            raise ValueError(msg)
        members = dict(job.members)
        if job.parent is not None:
            parent_id, account = _parent(job, placed)
            if "ParentJobId" not in job.given:
                members["ParentJobId"] = parent_id
        home = members.get("AccountId", account)
        if not job.exact:
            self._number += 1
            if kind.id not in members:
                members[kind.id] = self._free_id(kind, members, taken)
            place = self._here(home, region, self._number, self._created(job, members))
            defaults.fill(kind, members, job.given, place)
        _check_dates(job, members)
        job_id = members[kind.id]
        if job_id in taken or job_id in self.jobs.by_id:
            msg = f"{kind.id} {job_id!r} is taken: no two jobs of a fake share an id."
            raise ValueError(msg)
        # What is seeded exactly has no number until a move needs one.
        return job, members, home, 0 if job.exact else self._number

    def _free_id(self, kind: Kind, members: dict[str, Any], taken: set[str]) -> str:
        """Return a job's default id, passing over numbers whose id the user gave to another."""
        while True:
            made = defaults.job_id(kind, members, self._number)
            if made not in taken and made not in self.jobs.by_id:
                return made
            self._number += 1

    def _created(self, job: Job, members: dict[str, Any]) -> int:
        """Return the creation date that a job gets unless it has one, in milliseconds."""
        if job.kind.created in members:
            return int(members[job.kind.created])
        now = clock.now()
        default = max(now - 60 * 60 * 1000, clock.last_midnight(now), self._last_created + 1)
        completed = members.get(job.kind.completed)
        if completed is not None and completed < default:
            return int(completed) - defaults.TEN_MINUTES
        self._last_created = default
        return default

    def _here(self, account: str, region: str, number: int, created: int) -> defaults.Place:
        return defaults.Place(account, region, number, clock.now(), created)

    def remove(self, job: Job) -> None:
        """Take a job out.

        Raises:
            ValueError: it is not in this fake.
            FakeBackupError: the fake is not active.
        """
        with self.lock:
            self.check()
            if job.organization is not self:
                msg = f"This {job.kind.name} is not in this fake: {job!r}"
                raise ValueError(msg)
            self.jobs.remove(job)
            job.organization = None

    def change(self, job: Job, changes: dict[str, Any], given: frozenset[str]) -> None:
        """Change members of a job; what `Job.update` describes.

        Args:
            job: a job of this fake.
            changes: the new members, as the model keeps them.
            given: the names that were given; those not in `changes` are taken away.
        """
        kind = job.kind
        with self.lock:
            self.check()
            members = {k: v for k, v in job.members.items() if k not in given} | changes
            new_id = members[kind.id]
            if new_id != job.id and new_id in self.jobs.by_id:
                msg = f"{kind.id} {new_id!r} is taken: no two jobs of a fake share an id."
                raise ValueError(msg)
            account = changes.get("AccountId", job.account)
            if members[kind.state] != job.state:
                if not job.number:
                    self._number += 1
                    job.number = self._number
                place = self._here(account, job.region, job.number, members[kind.created])
                defaults.move(kind, members, given, place)
            self.jobs.remove(job)
            job.members, job.account, job.given = members, account, job.given | given
            self.jobs.add(job)

    def _warn_of_history(self, jobs: Iterable[Job]) -> None:
        limit = self.options.history
        if limit is None or self.options.history_is_given:
            return
        oldest = clock.now() - int(limit.total_seconds() * 1000)
        old = [job for job in jobs if job.kind.limited and job.members[job.kind.created] < oldest]
        if old:
            one = len(old) == 1
            which = f"{old[0].id} is" if one else f"{len(old)} jobs are"
            operation = "List" + old[0].kind.listed
            errors.warn(
                f"{which} more than {limit.days} days old, and AWS's {operation} reaches back no "
                f"further, so {'it' if one else 'they'} will not be listed. "
                f"{'It is' if one else 'They are'} added all the same and Describe answers "
                f"{'it' if one else 'them'}. To list {'it' if one else 'them'}, freeze the time "
                f"near {'its' if one else 'their'} creation or pass history=None (or another "
                f"timedelta); an explicit history silences this."
            )


@dataclass(frozen=True)
class Caller:
    """Who asks, and for what.

    Attributes:
        organization: what there is.
        account, region: of the client.
        operation: the operation's AWS name.
    """

    organization: Organization
    account: str
    region: str
    operation: str


def _parent(job: Job, placed: dict[int, tuple[Job, dict[str, Any], str, int]]) -> tuple[str, str]:
    """Return the id and the account of a child's parent."""
    parent = job.parent
    ready = placed.get(id(parent))
    if ready is not None:
        return str(ready[1][job.kind.id]), ready[2]
    if parent is None or not parent.account:
        msg = f"The parent of this {job.kind.name} is in no fake: add it first, or the group."
        raise ValueError(msg)
    return parent.id, parent.account


def _check_dates(job: Job, members: dict[str, Any]) -> None:
    created, completed = members[job.kind.created], members.get(job.kind.completed)
    if completed is not None and completed < created:
        from fakebackup.model.dates import seen

        msg = (
            f"{job.kind.completed} is before {job.kind.created}: "
            f"{seen(completed).isoformat()} < {seen(created).isoformat()}"
        )
        raise ValueError(msg)
