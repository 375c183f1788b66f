"""The caller of an operation: its account, its Region and the operation that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.options import Options


class Caller(NamedTuple):
    """The caller of an operation.

    Attributes:
        store: what the client's account has in the client's Region.
        operation: the operation's AWS name.
    """

    store: Store
    operation: str

    @property
    def account(self) -> str:
        """The client's account."""
        return self.store.home.account

    @property
    def region(self) -> str:
        """The client's Region."""
        return self.store.home.region

    @property
    def organization(self) -> Organization:
        """The organisation that the account belongs to."""
        return self.store.organization

    @property
    def options(self) -> Options:
        """The options of the fake."""
        return self.store.organization.options
