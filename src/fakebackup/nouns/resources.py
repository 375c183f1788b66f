"""Protected resources as tests read them: like the answers of DescribeProtectedResource."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from fakebackup.model.shapes.answers import shower
from fakebackup.model.shapes.model import members_of
from fakebackup.model.shapes.records import Record, tell_of_members
from fakebackup.operations import protected_resources
from fakebackup.views import RecordsView, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization, Store


@functools.cache
def _shown() -> dict[str, Callable[[Any], Any]]:
    shapes = members_of("DescribeProtectedResourceOutput")
    tell_of_members(shapes)
    return {name: shower(shape) for name, shape in shapes.items()}


class ResourceRecord(Record):
    """A resource that has recovery points, as it was when it was looked at.

    Attributes:
        arn: its ARN.
    """

    __slots__ = ("_kept", "arn")

    def __init__(self, arn: str, kept: Mapping[str, Any]) -> None:
        """Make a record; users read `FakeBackup.protected_resources`.

        Args:
            arn: the ARN of the resource.
            kept: its members, as the model keeps them.
        """
        self.arn = arn
        self._kept = {name: value for name, value in kept.items() if value is not None}

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the record."""
        return ResourceRecord, (self.arn, self._kept)

    def kept(self) -> Mapping[str, Any]:
        """Return the members as the model keeps them: dates in milliseconds."""
        return self._kept

    @property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, in AWS's order, the conversion to what botocore's parser gives."""
        return _shown()

    @property
    def _changed_by(self) -> str:
        """What changes it, for messages."""
        return "what happens to its recovery points, backup.recovery_points"

    def __repr__(self) -> str:
        return f"<protected resource {self.arn}>"


def view(organization: Organization, home: Home) -> RecordsView[ResourceRecord]:
    """Return the protected resources of an account and Region, by ARN."""
    source = Source(_find, _find_one, lambda each: each.arn)
    return RecordsView(organization, home, "protected resource", source)


def _find(store: Store) -> list[ResourceRecord]:
    found = (_find_one(store, arn) for arn in store.vaults.resources())
    return [each for each in found if each is not None]


def _find_one(store: Store, arn: str) -> ResourceRecord | None:
    protected = len(store.vaults.points_of(arn)) > 0
    members = protected_resources.described(store, arn) if protected else None
    return None if members is None else ResourceRecord(arn, members)
