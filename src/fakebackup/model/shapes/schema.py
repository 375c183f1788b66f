"""Schemas: the members that a kind of job, a vault or a recovery point may have."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakebackup.errors import FakeBackupError, near, quoted
from fakebackup.model.shapes import seeds
from fakebackup.model.shapes.answers import shower
from fakebackup.model.shapes.model import members_of, service_model
from fakebackup.model.shapes.records import tell_of_members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.shapes.model import Shape


TAGGED = (
    ": tags are given to the resource, backup.add_resource(arn, tags=...), which its backups copy, "
    "or to a recovery point, backup.add_recovery_point(Tags=...)."
)
"""The end of the message that refuses tags of what has none, where backups are meant."""

_INSTEAD = {
    "Region": ": to seed in one, type backup.at(region=...), or the ARN of a vault that lies "
    "there.",
    "RecoveryPointTags": TAGGED,
}
"""Per member that nothing of AWS Backup's has, the end of the message that refuses it."""


# Without what a dataclass offers besides, which is made at import and takes longest there.
@dataclass(eq=False, repr=False, kw_only=True)
class Schema:
    """The members that a kind of job, a vault or a recovery point may have.

    Attributes:
        name: what messages call it, as "backup job".
        described, item: the names of its shapes in a Describe's answer and in a list.
        wrapped: the member of a Describe's answer that holds it; None where the answer is flat.
        typed: the name of the class in `typed` that has its members.
        needed: its mandatory members beside those that botocore's model requires.
        enums: per member, the values that AWS documents where the shape has no enum.
    """

    name: str
    described: str
    item: str
    typed: str
    wrapped: str | None = None
    needed: tuple[str, ...] = ()
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @functools.cached_property
    def members(self) -> Mapping[str, Shape]:
        """The members in Describe's order, with their shapes.

        Raises:
            FakeBackupError: the installed botocore does not know its shapes.
        """
        if self.item not in set(service_model().shape_names):
            import botocore

            msg = (
                f"botocore {botocore.__version__} does not know {self.name}s: "
                f"install a newer one to use them."
            )
            raise FakeBackupError(msg)
        found = {**members_of(self.described), **members_of(self.item)}
        if self.wrapped is not None:
            del found[self.wrapped]
        tell_of_members(found)
        return found

    @functools.cached_property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, the conversion from a kept value to what botocore's parser returns."""
        return {name: shower(shape) for name, shape in self.members.items()}

    @functools.cached_property
    def keepers(self) -> Mapping[str, Callable[[Any, str], Any]]:
        """Per member, the check and conversion from a seeded value to the kept one."""
        return {
            name: seeds.keeper(shape, self.enums.get(name, ()))
            for name, shape in self.members.items()
        }

    @functools.cached_property
    def known(self) -> frozenset[str]:
        """The members that AWS documents today, even if the installed botocore is older."""
        # Imported only when needed: most processes never use it.
        from fakebackup.model.shapes import typed

        return frozenset(getattr(typed, self.typed).__annotations__)

    @functools.cached_property
    def mandatory(self) -> frozenset[str]:
        """The members that may not be None."""
        item: Shape = service_model().shape_for(self.item)
        return frozenset((*self.needed, *item.required_members))

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return seeded members as the model keeps them.

        Args:
            given: the members that the user gave. None is kept: it says to leave the member
                out. ResponseMetadata is ignored, so that a recorded answer seeds as it is.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the enum, text that is no date, None for a mandatory
                member.
        """
        keepers = self.keepers
        kept: dict[str, Any] = {}
        for name, value in given.items():
            if type(name) is not str:
                name = _plain(name)  # noqa: PLW2901
            if value is not None and name in keepers:
                kept[name] = keepers[name](value, name)
            elif name != "ResponseMetadata":
                self._check(name, value)
                # Kept even if the installed botocore does not know it; clients will not see it.
                kept[name] = None if value is None else _plain(value)
        return kept

    def check_name(self, name: str) -> None:
        """Refuse a member that does not exist.

        Raises:
            TypeError: it does not; the message has the nearest one.
        """
        if name not in self.members and name not in self.known:
            told = {each.lower(): text for each, text in self.instead().items()}
            hint = told.get(str(name).lower()) or near(name, self.known) or self._with_name(name)
            msg = f"A {self.name} has no member {quoted(name)}{hint or '.'}"
            raise TypeError(msg)

    def instead(self) -> Mapping[str, str]:
        """Return the likely members that it has not, with the ends of messages that refuse them."""
        return _INSTEAD

    def _with_name(self, name: str) -> str:
        """Return a hint for a member that is called by the end of its name, as "Name" alone."""
        found = [each for each in sorted(self.known) if name and each.endswith(name)]
        return f"; did you mean {found[0]!r}?" if len(found) == 1 else ""

    def _check(self, name: str, value: object) -> None:
        """Refuse an unknown member, and None for a mandatory one."""
        self.check_name(name)
        if value is None and name in self.mandatory:
            msg = f"A {self.name} cannot be without {name}: leave it out to get the default."
            raise ValueError(msg)


def _plain(value: Any) -> Any:
    """Return a value without classes of the user's own; most members need not be asked."""
    from fakebackup import plain

    return plain.whole(value)
