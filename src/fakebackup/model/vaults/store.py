"""The vaults of one account in one Region, and their recovery points."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.model.vaults.vault import RecoveryPoint, Vault


class Vaults:
    """The vaults of one account in one Region.

    Attributes:
        by_name: the vaults by name, in the order they were added; for reading and changing.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, Vault] = {}

    def __iter__(self) -> Iterator[Vault]:
        return iter(self.by_name.values())

    def __len__(self) -> int:
        return len(self.by_name)

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def get(self, name: str) -> Vault | None:
        """Return the vault with a name; None if there is none."""
        return self.by_name.get(name)

    def point(self, arn: str) -> RecoveryPoint | None:
        """Return the recovery point with an ARN in any of the vaults; None if there is none."""
        return next((vault.points[arn] for vault in self if arn in vault.points), None)

    def visible_point(self, arn: str) -> RecoveryPoint | None:
        """Return a recovery point in these vaults or one that they give restore access to."""
        return next((vault.seen[arn] for vault in self if arn in vault.seen), None)

    def points(self) -> list[RecoveryPoint]:
        """Return the recovery points of all vaults, newest first."""
        return sorted(
            (point for vault in self for point in vault.points.values()), key=point_position
        )


def point_position(point: RecoveryPoint) -> tuple[int, str]:
    """Return the sort key of a recovery point in lists: newest first, then by ARN."""
    return (-point.members["CreationDate"], point.arn)


def vault_position(vault: Vault) -> tuple[int, int]:
    """Return the sort key of a vault in lists."""
    return vault.position
