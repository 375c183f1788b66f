"""The caller of an operation: its account, its Region and the operation that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.model.vaults.vault import Vault
    from fakebackup.options import Options


class Caller(NamedTuple):
    """The caller of an operation.

    Attributes:
        store: what the client's account has in the client's Region.
        operation: the operation's AWS name.
        in_path: the vault that the operation's path names; None where it names none.
        access_key: that of the client's credentials, if they may name somebody.
    """

    store: Store
    operation: str
    in_path: Vault | None = None
    access_key: Any = None

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
    def vault(self) -> Vault:
        """The vault that the operation's path names: the caller's, or one that it sees."""
        if self.in_path is None:
            msg = f"the path of {self.operation} names no vault"
            raise LookupError(msg)
        return self.in_path

    def check_quota(self, name: str, number: int) -> None:
        """Refuse a number that exceeds a quota of AWS.

        Args:
            name: the quota's name.
            number: how many there would be.

        Raises:
            AwsError: LimitExceededException.
        """
        from fakebackup.model import quotas

        quotas.check(self.options.quotas, name, number)

    @property
    def options(self) -> Options:
        """The options of the fake."""
        return self.store.organization.options
