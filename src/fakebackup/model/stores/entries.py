"""What an account keeps in AWS Backup besides jobs and vaults: plans, frameworks, legal holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LEGAL_HOLD, ACCESS_POINT = "legal hold", "backup access point"
"""The nouns of what keeps recovery points from being deleted."""

REGION_SETTINGS, GLOBAL_SETTINGS = "region settings", "global settings"
"""The nouns of what an account has set in a Region, and an organisation everywhere."""

ONLY = ""
"""The key of settings: there is one of each where they are kept."""


class Token(NamedTuple):
    """What an idempotency token stands for.

    Attributes:
        made: what the call made that had it first.
        answer: what that call was answered.
        asked: its parameters besides the token.
    """

    made: Any
    answer: Mapping[str, Any]
    asked: Mapping[str, Any]


@dataclass(eq=False)
class Entry:
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
