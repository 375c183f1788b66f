"""The account and Region that a fake, or a view of it, seeds and reads."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from fakebackup import options
from fakebackup.model.resources.arns import Home, Scope

if TYPE_CHECKING:
    from typing_extensions import Self

    from fakebackup.dispatch import Backend


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
        view = copy.copy(self)
        if account_id is not None:
            options.account_id("account_id", account_id)
            view._account = account_id  # noqa: SLF001  a copy of this one
        if region is not None:
            options.region("region", region)
            view._region = region  # noqa: SLF001  a copy of this one
        view._scope = Scope(account_id or self._scope.account, region or self._scope.region)  # noqa: SLF001
        return view

    @property
    def _home(self) -> Home:
        # And not the store, which is looked up with the lock held: until then another thread may
        # have reset the fake, or gone back to a savepoint, and what lies there is gone.
        return Home(self._account, self.region)
