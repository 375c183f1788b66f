"""What an account keeps in AWS Backup besides jobs and vaults: plans, frameworks, legal holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

REGION_SETTINGS = "region settings"
"""The noun of what an account has set in a region."""

ONLY = ""
"""The key of settings: there is one of each where they are kept."""


class Home(NamedTuple):
    """Where something lies."""

    account: str
    region: str


@dataclass(eq=False)
class Holding:
    """One thing of a noun.

    Attributes:
        key: what operations name it by: its name, or its id.
        arn: its ARN; empty where AWS gives it none.
        number: its number in the fake: the order in which things came.
        members: what it has, as the model keeps it (dates in milliseconds). They are replaced,
            never changed in place.
        past: what it had before, the oldest first, where its noun keeps versions.
    """

    key: str
    arn: str
    number: int
    members: Mapping[str, Any]
    past: list[Mapping[str, Any]] = field(default_factory=list)


class Holdings:
    """All holdings of a fake, by noun, account and region, each in the order they came."""

    def __init__(self) -> None:
        self._here: dict[tuple[str, str, str], dict[str, Holding]] = {}

    def here(self, noun: str, account: str, region: str) -> dict[str, Holding]:
        """Return what an account and region hold of a noun, by key; for reading and changing."""
        return self._here.setdefault((noun, account, region), {})

    def with_arn(self, arn: str, account: str, region: str) -> Holding | None:
        """Return what an account and region hold with an ARN, of whatever noun."""
        return next(
            (
                each
                for (_, *place), held in self._here.items()
                if place == [account, region]
                for each in held.values()
                if arn and each.arn == arn
            ),
            None,
        )

    def everything(self) -> list[tuple[tuple[str, str, str], Holding]]:
        """Return all there is, each with its noun, account and region."""
        # Copies: another thread may add to them while a test's report is told.
        return [
            (place, each)
            for place, held in list(self._here.items())
            for each in list(held.values())
        ]
