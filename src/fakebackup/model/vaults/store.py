"""The vaults of one account in one Region, and their recovery points as lists look for them."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from fakebackup.model.ordered import WHOLE, Index
from fakebackup.model.vaults.members import vault_members
from fakebackup.model.vaults.vault import PARENT, RESOURCE, Vault, point_position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.ordered import Bounds, Ordered
    from fakebackup.model.resources.arns import Place
    from fakebackup.model.vaults.vault import OwningStore, RecoveryPoint


class Vaults:
    """The vaults of one account in one Region."""

    def __init__(self) -> None:
        self._by_name: dict[str, Vault] = {}
        # No two recovery points of an account and Region share an ARN.
        self._by_arn: dict[str, RecoveryPoint] = {}
        self._by_resource = Index(_value(RESOURCE), point_position)
        self._by_parent = Index(_value(PARENT), point_position)

    def __iter__(self) -> Iterator[Vault]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Vault | None:
        """Return the vault with a name; None if there is none."""
        return self._by_name.get(name)

    def add(self, vault: Vault) -> None:
        """Add an empty vault whose name is free."""
        self._by_name[vault.name] = vault

    def make(
        self,
        store: OwningStore,
        place: Place,
        name: str,
        given: Mapping[str, Any],
        *,
        implied: bool,
    ) -> Vault:
        """Make a vault with a name that is free; arguments as for `Vault` and its members."""
        members = vault_members(place, name, given)
        vault = Vault(store, members, place.number, implied=implied)
        self.add(vault)
        return vault

    def put(self, store: OwningStore, number: int, members: dict[str, Any]) -> Vault:
        """Make a vault with exactly these members."""
        vault = Vault(store, members, number, implied=False)
        self.add(vault)
        return vault

    def remove(self, vault: Vault) -> None:
        """Remove a vault, and the recovery points in it."""
        for point in list(vault.points.values()):
            vault.take(point)
        del self._by_name[vault.name]

    # --- Recovery points --------------------------------------------------------------------

    def file(self, point: RecoveryPoint) -> None:
        """Let lists show a recovery point."""
        self._by_arn[point.arn] = point
        point.vault.in_order.add(point)
        self._by_resource.add(point)
        self._by_parent.add(point)

    def unfile(self, point: RecoveryPoint) -> None:
        """Let lists no longer show a recovery point, which has not changed since `file`."""
        self._by_arn.pop(point.arn, None)
        point.vault.in_order.remove(point)
        self._by_resource.remove(point)
        self._by_parent.remove(point)

    def point(self, arn: str) -> RecoveryPoint | None:
        """Return the recovery point with an ARN in any of the vaults; None if there is none."""
        return self._by_arn.get(arn)

    def visible_point(self, arn: str) -> RecoveryPoint | None:
        """Return a recovery point in these vaults or one that they give restore access to."""
        own = self._by_arn.get(arn)
        if own is not None:
            return own
        return next((vault.seen[arn] for vault in self if arn in vault.seen), None)

    def points(self) -> list[RecoveryPoint]:
        """Return the recovery points of all vaults, newest first."""
        return list(self.newest_first())

    def newest_first(self, bounds: Bounds = WHOLE) -> Iterator[RecoveryPoint]:
        """Yield the recovery points of all vaults as `Ordered.newest_first` yields those of one."""
        each = (vault.in_order.newest_first(bounds) for vault in self)
        return heapq.merge(*each, key=point_position)

    def points_of(self, resource: str) -> Ordered[RecoveryPoint]:
        """Return the recovery points of the resource with an ARN, newest first."""
        return self._by_resource.having(resource)

    def nested_in(self, composite: str) -> list[RecoveryPoint]:
        """Return the points nested in the one with an ARN, in the order they were added."""
        return sorted(self._by_parent.having(composite), key=lambda point: point.number)

    def resources(self) -> list[str]:
        """Return the ARNs of the resources that have recovery points, in order."""
        return self._by_resource.values()


def _value(member: str) -> Callable[[RecoveryPoint], str | None]:
    return lambda point: point.members.get(member)


def vault_position(vault: Vault) -> tuple[int, int]:
    """Return the sort key of a vault in lists."""
    return vault.position
