"""The account and Region that a fake, or a view of it, seeds and reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import options
from fakebackup.model.resources.arns import Home, Scope

if TYPE_CHECKING:
    from typing_extensions import Self

    from fakebackup.dispatch import Backend


class Instead:
    """A name that a fake does not have, though it might, and which says what it has.

    `__getattr__` would make Python read every attribute of a fake slowly.
    """

    def __init__(self, *there: str, besides: str = "") -> None:
        """Keep what there is.

        Args:
            there: one or several, as code that has a fake `backup` writes them after the dot.
            besides: what does it and is no part of a fake; it is told first.
        """
        own = [f"backup.{each}" for each in there]
        self._there = " or ".join([besides, *own] if besides else own)
        self.__doc__ = f"Not there: use {self._there}."

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, fake: object, owner: type) -> Any:
        msg = f"A FakeBackup has no {self._name}: use {self._there}."
        raise AttributeError(msg)


class Placed:
    """What every part of a fake stands on: AWS Backup's side of it, an account and a Region.

    Attributes:
        backend: AWS Backup's side of the fake.
    """

    backend: Backend
    _account: str
    _region: str | None
    _scope: Scope

    @property
    def account_id(self) -> str:
        """The id of the account that this fake, or this view of it, seeds and reads."""
        return self._account

    @property
    def region(self) -> str:
        """The Region that this fake, or this view of it, seeds and reads."""
        return self._region or self.backend.region

    def at(self, *, account_id: str | None = None, region: str | None = None) -> Self:
        """Return a view of the same fake that seeds and reads another account or Region.

        What the view does is limited to the account, the Region or both that it was given: only
        their calls, jobs, events and notifications are what its `fail`, `next_outcome` and
        `answer` hit, and what its `calls`, `events` and `notifications` show. On the fake itself
        these are for every account and Region.

        Args:
            account_id: the account; None is the present one.
            region: the Region; None is the present one.

        Raises:
            TypeError, ValueError: not an account id, or not the name of a Region.
        """
        from fakebackup import plain
        from fakebackup.model.resources import regions

        view = object.__new__(type(self))
        vars(view).update(vars(self))
        account_id, region = plain.scalar(account_id), plain.scalar(region)
        if account_id is not None:
            options.account_id("account_id", account_id)
            view._account = account_id
        if region is not None:
            options.region("region", region)
            regions.check(self.backend.regions, region, "backup.at(region=...) names")
            view._region = region
        view._scope = Scope(account_id or self._scope.account, region or self._scope.region)
        return view

    def __copy__(self) -> Self:
        return self.at()

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse deep copies and pickles: clients are answered by this fake alone."""
        msg = (
            f"A {type(self).__name__} is not copied or pickled. To keep what it holds, type "
            f"backup.dump(), or copy.deepcopy(backup.backup_jobs) and the like; to come back to "
            f"it, `with backup.savepoint():`; to use it in another process, "
            f"`with backup.serve() as server:`."
        )
        raise TypeError(msg)

    @property
    def _home(self) -> Home:
        # And not the store, which is looked up with the lock held: until then another thread may
        # have reset the fake, or gone back to a savepoint, and what lies there is gone.
        return Home(self._account, self.region)
