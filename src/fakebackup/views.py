"""The contents of a fake as mappings: jobs by id, vaults by name, recovery points by ARN."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from fakebackup import plain
from fakebackup.errors import quoted
from fakebackup.model.jobs.job import Job
from fakebackup.model.shapes.records import Record, no_key

if TYPE_CHECKING:
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.jobs.store import Jobs
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

    @abstractmethod
    def _find_one(self, key: str) -> Shown | None:
        """Return the record with a key; None if there is none."""

    @abstractmethod
    def _missing(self, key: str) -> str:
        """Return what to tell of a key that no record has."""

    def __getitem__(self, key: str) -> Shown:
        key = check_key(key)
        found = self._find_one(key)
        if found is None:
            raise KeyError(self._missing(key))
        return _known(found)

    # Both without the message of the error, for which every record is looked at.

    def get(self, key: str, default: Any = None) -> Any:
        """Return the record with a key, or else something else."""
        found = self._find_one(check_key(key))
        return default if found is None else _known(found)

    def __contains__(self, key: object) -> bool:
        return self._find_one(check_key(key)) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def values(self) -> ValuesView[Shown]:
        """Return the records, in order."""
        return self._known().values()

    def items(self) -> ItemsView[str, Shown]:
        """Return the keys and records, in order."""
        return self._known().items()

    def _known(self) -> dict[str, Shown]:
        found = self._found()
        if found:
            # All have the members of one schema.
            _known(next(iter(found.values())))
        return found

    def __repr__(self) -> str:
        return repr(self._found())

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle it as a dict of what it shows now; a deep one of copies of that."""
        return dict, (self._found(),)


def _known(record: Shown) -> Shown:
    """Return a record whose members are looked up, so that it tells of those read as attributes."""
    _ = record.shown
    return record


def check_key(key: object) -> str:
    """Return a key, and refuse a record, or anything else that is no text, where one is meant.

    Raises:
        TypeError: it is no text; of a record in a fake the message says its key.
    """
    if isinstance(key, str):
        text: str = plain.scalar(key)
        return text
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
    def _jobs(self) -> Jobs:
        # Looked up each time: `reset` forgets stores, and a mapping that is kept goes on.
        return self._organization.jobs_in(self._home.region, self._home.account)

    def _find_one(self, key: str) -> Job | None:
        self._organization.catch_up()
        store = self._organization.stores.get(self._home)
        return None if store is None else store.find_job(self._kind, key)

    def _missing(self, key: str) -> str:
        elsewhere = self._organization.jobs.by_id.get(key)
        hint = f": there is {elsewhere!r}" if elsewhere is not None else no_key(key, self._found())
        return f"no {self._kind.name} {key!r} in {' '.join(self._home)}{hint}"

    def _found(self) -> dict[str, Job]:
        self._organization.catch_up()
        with self._organization.lock:
            return {job.id: job for job in self._jobs.matching(self._kind)}

    def __len__(self) -> int:
        self._organization.catch_up()
        return self._jobs.count(self._kind)


@dataclass(frozen=True)
class Source(Generic[Shown]):
    """Where a mapping has its records from.

    Attributes:
        all: returns the records of a store, in order.
        one: returns the one with a key; None if there is none.
        key: returns the key of a record.
    """

    all: Callable[[Store], list[Shown]]
    one: Callable[[Store, str], Shown | None]
    key: Callable[[Shown], str]


class RecordsView(_View[Shown]):
    """The vaults of one account and Region by name, or their recovery points by ARN."""

    def __init__(
        self,
        organization: Organization,
        home: Home,
        what: str,
        source: Source[Shown],
    ) -> None:
        """View a fake's records; users read `FakeBackup.vaults` and `.recovery_points`.

        Args:
            organization: the fake's organisation.
            home: the account and Region of the records.
            what: what a record is, for messages.
            source: where they are from.
        """
        self._organization = organization
        self._home = home
        self._what = what
        self._source = source

    def _found(self) -> dict[str, Shown]:
        self._organization.catch_up()
        with self._organization.lock:
            found = self._source.all(self._organization.store(*self._home))
            return {self._source.key(each): each for each in found}

    def _find_one(self, key: str) -> Shown | None:
        self._organization.catch_up()
        with self._organization.lock:
            return self._source.one(self._organization.store(*self._home), key)

    def _missing(self, key: str) -> str:
        return f"no {self._what} {key!r} in {' '.join(self._home)}{self._elsewhere(key)}"

    def _elsewhere(self, name: str) -> str:
        """Return where a missing record is instead, or which one has nearly its key."""
        with self._organization.lock:
            homes = [
                " ".join(home)
                for home, store in list(self._organization.stores.items())
                if self._source.one(store, name) is not None
            ]
        if homes:
            return f": it is in {' and in '.join(sorted(homes))}"
        job = self._organization.jobs.by_id.get(name)
        return f": it is the id of {job!r}" if job is not None else no_key(name, self._found())

    def __len__(self) -> int:
        return len(self._found())
