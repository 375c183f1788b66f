"""The contents of a fake as mappings: jobs by id, vaults by name, recovery points by ARN."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import TYPE_CHECKING, Any, TypeVar

from fakebackup.errors import near, quoted
from fakebackup.model.jobs.job import Job
from fakebackup.model.shapes.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization, Store

Shown = TypeVar("Shown", bound="Record")


class _View(Mapping[str, Shown]):
    """Records by key, as they are when looked at.

    All of them are looked up at once, under the fake's lock: another thread, or the loop itself,
    may change the fake while they are read.
    """

    @abstractmethod
    def _found(self) -> dict[str, Shown]:
        """Return the records by key, in order."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def values(self) -> ValuesView[Shown]:
        """Return the records, in order."""
        return self._found().values()

    def items(self) -> ItemsView[str, Shown]:
        """Return the keys and records, in order."""
        return self._found().items()

    def __repr__(self) -> str:
        return repr(self._found())


def check_key(key: object) -> None:
    """Refuse a record, or anything else that is no text, where the key of one is meant.

    Raises:
        TypeError: it is no text; of a record in a fake the message says its key.
    """
    if isinstance(key, str):
        return
    hint = "."
    if isinstance(key, Record):
        own = (getattr(key, name, None) for name in ("key", "name", "arn"))
        found = key.id if isinstance(key, Job) else next(filter(None, own), None)
        hint = f": its own is {found!r}."
    msg = f"A key is an id, a name or an ARN, not {quoted(key)}{hint}"
    raise TypeError(msg)


class JobsView(_View[Job]):
    """The jobs of one kind in one account and Region, by id; newest first."""

    def __init__(self, organization: Organization, home: Home, kind: Kind) -> None:
        """View a fake's jobs; users read `FakeBackup.backup_jobs` and its siblings."""
        self._organization = organization
        self._home = home
        self._kind = kind

    @property
    def _store(self) -> Store:
        # Looked up each time: `reset` forgets stores, and a mapping that is kept goes on.
        return self._organization.store(*self._home)

    def __getitem__(self, job_id: str) -> Job:
        check_key(job_id)
        self._store.catch_up()
        found = self._store.find_job(self._kind, job_id)
        if found is None:
            elsewhere = self._store.organization.jobs.by_id.get(job_id)
            hint = f": there is {elsewhere!r}" if elsewhere is not None else ""
            where = f"{self._store.account} {self._store.region}"
            msg = f"no {self._kind.name} {job_id!r} in {where}{hint}"
            raise KeyError(msg)
        return found

    def _found(self) -> dict[str, Job]:
        self._store.catch_up()
        with self._organization.lock:
            return {job.id: job for job in self._store.jobs.matching(self._kind)}

    def __len__(self) -> int:
        self._store.catch_up()
        return self._store.jobs.count(self._kind)


class RecordsView(_View[Shown]):
    """The vaults of one account and Region by name, or their recovery points by ARN."""

    def __init__(
        self,
        organization: Organization,
        home: Home,
        what: str,
        find: Callable[[Store], list[Shown]],
        name: Callable[[Shown], str],
    ) -> None:
        """View a fake's records; users read `FakeBackup.vaults` and `.recovery_points`.

        Args:
            organization: the fake's organisation.
            home: the account and Region of the records.
            what: what a record is, for messages.
            find: returns the records of a store, in order.
            name: returns the key of a record.
        """
        self._organization = organization
        self._home = home
        self._what = what
        self._find = find
        self._name = name

    def _found(self) -> dict[str, Shown]:
        self._organization.catch_up()
        with self._organization.lock:
            return {
                self._name(each): each for each in self._find(self._organization.store(*self._home))
            }

    def __getitem__(self, name: str) -> Shown:
        check_key(name)
        found = self._found()
        if name not in found:
            msg = (
                f"no {self._what} {name!r} in {' '.join(self._home)}{self._elsewhere(name, found)}"
            )
            raise KeyError(msg)
        return found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._found()

    def _elsewhere(self, name: str, found: dict[str, Shown]) -> str:
        """Return where a missing record is instead, or which one has nearly its key."""
        with self._organization.lock:
            homes = [
                " ".join(home)
                for home, store in list(self._organization.stores.items())
                if any(self._name(each) == name for each in self._find(store))
            ]
        if homes:
            return f": it is in {' and in '.join(sorted(homes))}"
        called = [key for key, each in found.items() if name in _names(each)]
        if called:
            return f": it is the name of {' and of '.join(map(repr, called))}"
        there = "there is 1" if len(found) == 1 else f"there are {len(found)}"
        return near(name, found) or f"; {there}"

    def __len__(self) -> int:
        return len(self._found())


def _names(record: Record) -> list[Any]:
    """Return what the members of a record call it, and those of its document."""
    within = [each for each in record.values() if isinstance(each, Mapping)]
    return [
        value
        for members in (record, *within)
        for member, value in members.items()
        if member.endswith("Name")
    ]
