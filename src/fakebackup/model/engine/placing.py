"""Add jobs to a fake: compute each job's id, account, dates and ARNs, then add all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.model.engine.agreeing import Agreement
from fakebackup.model.jobs import defaults
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.resources.arns import Home, Place, region_of, vault_named_by
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.answers import Kept
from fakebackup.model.stores.numbers import earliest_creation
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakebackup.model.jobs.defaults import Steps
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.organization import Organization, Store

_MOST_BEGUN = 1000


_VAULTS = {
    BACKUP: ("BackupVaultArn", "BackupVaultName"),
    COPY: ("SourceBackupVaultArn", None),
    RESTORE: ("BackupVaultArn", None),
    SCAN: ("BackupVaultArn", "BackupVaultName"),
}
"""Per kind, the members with the ARN and the name of the vault in whose Region a job lies."""


def add(
    store: Store,
    jobs: Sequence[Job],
    *,
    name: Callable[[int], str] | None = None,
    stores: Mapping[int, Store] | None = None,
) -> list[Job]:
    """Add jobs, all or none; the caller holds the lock.

    Args:
        store: the store that they are added to; a job whose vault is given by its ARN goes to
            that account and Region, one with another AccountId to that account.
        jobs: jobs that are in no fake.
        name: returns how an error names the job at an index; None names none.
        stores: by the `id()` of a job, the store that it is added to instead.

    Returns:
        The backup jobs whose ResourceArn is in another Region than the job.

    Raises:
        TypeError, ValueError: a job that cannot be added; nothing has changed then.
    """
    organization = store.organization
    numbers = organization.numbers
    placing = _Placing(store, jobs, stores or {})
    before = numbers.given_out()
    try:
        for job in jobs:
            placing.place(job)
    except BaseException as error:
        numbers.take_back(before)
        if name is not None and isinstance(error, (TypeError, ValueError)):
            msg = f"{name(placing.count)}: {error}"
            raise type(error)(msg) from None
        raise
    organization.keep_new(jobs)
    placing.commit()
    organization.put_jobs(jobs)
    organization.wait_counts.clear()
    return placing.foreign()


def named_store(
    store: Store,
    members: Mapping[str, Any],
    arn_member: str = "BackupVaultArn",
    name_member: str | None = "BackupVaultName",
) -> tuple[Store, str | None]:
    """Return the store and the name of the vault that members name; None if they name none.

    Args:
        store: the vault's store, unless its ARN names another account or Region.
        members: the members.
        arn_member: the member that has the vault's ARN.
        name_member: the member that has its name; None where there is none.

    Raises:
        ValueError: a name that is not the ARN's.
    """
    name = None if name_member is None else members.get(name_member)
    arn = members.get(arn_member)
    named = None if arn is None else vault_named_by(arn)
    if named is None:
        return store, name
    if name not in (None, named.name):
        msg = f"{name_member} {name!r} is not the name in {arn_member} {arn!r}."
        raise ValueError(msg)
    return store.organization.store(*named.home), named.name


def follow_vault(job: Job, changes: dict[str, Any], given: frozenset[str]) -> dict[str, Any]:
    """Return the changes of a job with the ARN of the vault that they name, or the name in its ARN.

    Args:
        job: the job, which is in a fake.
        changes: the new members, as the model keeps them.
        given: the names that were given; those not in `changes` are removed.

    Raises:
        ValueError: the name is not the ARN's, of which the test gave both, at once or before.
    """
    arn_member, name_member = _VAULTS.get(job.kind, ("", None))
    if name_member is None or given.isdisjoint((arn_member, name_member)):
        return changes
    free = {arn_member, name_member} - job.given - given
    name, arn = changes.get(name_member), changes.get(arn_member)
    if name is not None and arn_member in free:
        account = changes.get("AccountId", job.account)
        return {**changes, arn_member: Home(account, job.region).vault(name)}
    named = None if arn is None else vault_named_by(arn)
    if named is not None and name_member in free:
        return {**changes, name_member: named.name}
    kept = {each: value for each, value in job.members.items() if each not in given}
    try:
        named_store(store_of(job), kept | changes, arn_member, name_member)
    except ValueError as error:
        msg = f"{error} Give both members, {name_member} and {arn_member}, of the same vault."
        raise ValueError(msg) from None
    return changes


def check_parent(
    organization: Organization, job_id: str, parent: str, others: Mapping[str, str]
) -> None:
    """Refuse a parent that is the job itself or among its children.

    Args:
        organization: the organisation that the job lies in, or is to lie in.
        job_id: the id of the job.
        parent: its ParentJobId.
        others: the ParentJobId of jobs that are added with it, by id.

    Raises:
        ValueError: it is.
    """

    def parent_of(each: str) -> str | None:
        job = organization.jobs.by_id.get(each)
        return others.get(each) or (None if job is None else job.members.get("ParentJobId"))

    if descends(parent, job_id, parent_of):
        what = "the job itself" if parent == job_id else "among the job's own children"
        msg = f"ParentJobId {parent!r} is {what}: leave it out, or name the job of the whole."
        raise ValueError(msg)


def descends(name: str, ancestor: str, parent_of: Callable[[str], str | None]) -> bool:
    """Return whether something is another thing, or has it among its ancestors.

    Args:
        name: its id or ARN.
        ancestor: the id or ARN of the other thing.
        parent_of: returns the id or ARN of a parent; None where there is none.
    """
    above: str | None = name
    seen: set[str] = set()
    while above is not None and above not in seen:
        if above == ancestor:
            return True
        seen.add(above)
        above = parent_of(above)
    return False


class _Placing:
    """The places of jobs that are added together: assigned when each of them has one."""

    def __init__(self, store: Store, jobs: Sequence[Job], stores: Mapping[int, Store]) -> None:
        """Begin to place jobs; one without AccountId goes to this store, or its own of several."""
        self._store = store
        self._stores = stores
        self._agreement = Agreement(store, jobs, self._members_of)
        self._organization = store.organization
        self._numbers = store.organization.numbers
        self._now = clock.now()
        self._earliest = earliest_creation(self._now)
        # By identity: the job, its members, store and number.
        self._placed: dict[int, tuple[Job, Kept, Store, int]] = {}
        self._taken: set[str] = set()
        self._begun: dict[int, tuple[Kept, Store, Steps]] = {}
        # By id, the parents of jobs placed so far.
        self._parents: dict[str, str] = {}
        self._any_foreign = False

    @property
    def count(self) -> int:
        """The number of jobs placed so far."""
        return len(self._placed)

    def place(self, job: Job) -> None:
        """Compute the members, the store and the number of a job.

        Raises:
            ValueError: it is in a fake already, its id is taken, its completion is before its
                creation, or its parent is in no fake.
        """
        kind, numbers = job.kind, self._numbers
        if job.store is not None or id(job) in self._placed:
            msg = f"This {kind.name} is in a fake already: {job!r}"
            raise ValueError(msg)
        members, store, steps = self._begin(job)
        # An exact job gets no number until a move needs one.
        number = 0
        job_id: Any = members.get(kind.id)
        if not job.exact:
            numbers.last += 1
            if job_id is None:
                job_id = members[kind.id] = self._free_id(kind, members)
            number = numbers.last
            created = self._created(kind, members)
            place = Place(store.home, number, self._now, created, self._organization)
            defaults.apply(steps, members, place)
        dates.check_order(members, kind.created, kind.completed)
        if kind.id in job.given and self._is_taken(job_id):
            msg = f"{kind.id} {job_id!r} is taken: no two jobs of a fake share an id."
            raise ValueError(msg)
        parent = members.get("ParentJobId")
        if parent is not None:
            check_parent(self._organization, job_id, parent, self._parents)
            self._parents[job_id] = parent
        self._taken.add(job_id)
        self._placed[id(job)] = job, members, store, number

    def _begin(self, job: Job) -> tuple[Kept, Store, Steps]:
        """Return a job's members so far, without a number, its store, and the steps left to do."""
        begun = self._begun.get(id(job.members))
        if begun is not None:
            return Kept(begun[0]), begun[1], begun[2]
        kind, members, store = job.kind, Kept(job.members), self._store
        if self._stores:
            store = self._stores.get(id(job), store)
        if job.parent is not None:
            parent_id, store = self._parent(job)
            if "ParentJobId" not in job.given:
                members["ParentJobId"] = parent_id
        store = self._store_of(job, members, store)
        steps: Steps = []
        if not job.exact:
            given = self._agreement.reach(store, job, members)
            place = Place(store.home, 0, self._now, 0, self._organization)
            steps = defaults.fill_in_place(kind, members, given, place)
        if job.parent is None and len(self._begun) < _MOST_BEGUN:
            # Jobs of a batch share their members so far, so that this result serves all of them.
            self._begun[id(job.members)] = members, store, steps
            return Kept(members), store, steps
        return members, store, steps

    def _store_of(self, job: Job, members: Kept, store: Store) -> Store:
        """Return the store that a job goes to: its vault's ARN decides, and its AccountId.

        Raises:
            ValueError: a vault's name or a backup job's AccountId that is not that of the ARN.
        """
        kind, account = job.kind, members.get("AccountId", store.account)
        # A recorded job lies in the Region of the view.
        named = kind in _VAULTS and _VAULTS[kind][0] in job.given and _VAULTS[kind][0] in members
        if named and not job.exact:
            store, _ = named_store(store, members, *_VAULTS[kind])
            if "AccountId" not in members:
                account = store.account
            elif kind is BACKUP and account != store.account:
                arn = members["BackupVaultArn"]
                msg = f"AccountId {account!r} is not the account in BackupVaultArn {arn!r}."
                raise ValueError(msg)
        if kind is BACKUP and not job.exact and foreign_arn(members, store.region):
            self._any_foreign = True
        return (
            store if account == store.account else self._organization.store(account, store.region)
        )

    def foreign(self) -> list[Job]:
        """Return the backup jobs, all of them placed, with an ARN of another Region."""
        if not self._any_foreign:
            return []
        return [
            job
            for job, members, store, _ in self._placed.values()
            if job.kind is BACKUP and not job.exact and foreign_arn(members, store.region)
        ]

    def _members_of(self, job: Job) -> dict[str, Any]:
        """Return the members of a job, with a place or not yet."""
        placed = self._placed.get(id(job))
        return job.members if placed is None else placed[1]

    def commit(self) -> None:
        """Assign the members, stores and numbers to the jobs."""
        for job, members, store, number in self._placed.values():
            job.members, job.number = members, number
            job.home, job.store = store.home, store

    def _is_taken(self, job_id: str) -> bool:
        return job_id in self._taken or job_id in self._organization.jobs.by_id

    def _free_id(self, kind: Kind, members: dict[str, Any]) -> str:
        """Return a job's default id, skipping numbers with an id that another job was given."""
        numbers = self._numbers
        while True:
            job_id = defaults.job_id(kind, members, numbers.last)
            if not self._is_taken(job_id):
                return job_id
            numbers.last += 1

    def _created(self, kind: Kind, members: dict[str, Any]) -> int:
        """Return the creation date of a job, given or by default, in milliseconds."""
        if kind.created in members:
            return int(members[kind.created])
        default = max(self._earliest, self._numbers.last_created + 1)
        completed = members.get(kind.completed)
        if completed is not None and completed < default:
            return int(completed) - clock.TEN_MINUTES
        self._numbers.last_created = default
        return default

    def _parent(self, job: Job) -> tuple[str, Store]:
        """Return the id and the store of a child's parent."""
        parent = job.parent
        placed = self._placed.get(id(parent))
        if placed is not None:
            _, members, store, _ = placed
            return str(members[job.kind.id]), store
        if parent is None or parent.store is None:
            msg = f"The parent of this {job.kind.name} is in no fake: add it first, or the group."
            raise ValueError(msg)
        return parent.id, store_of(parent)


_IN_ITS_REGION = ("ResourceArn", "RecoveryPointArn")
"""The members of a backup job whose ARN names the job's own Region, or none."""


def foreign_arn(members: Mapping[str, Any], region: str) -> str | None:
    """Return the member of a backup job whose ARN names another Region; None if none does."""
    for name in _IN_ITS_REGION:
        arn = members.get(name)
        if arn is not None and region_of(arn) not in ("", region):
            return name
    return None
