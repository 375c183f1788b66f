"""Entries: what an account holds besides jobs and vaults, as plans, frameworks, legal holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LEGAL_HOLD, ACCESS_POINT = "legal hold", "backup access point"
"""The nouns of entries that keep recovery points from being deleted."""

REPORT_PLAN, FRAMEWORK = "report plan", "framework"
"""The nouns of entries of AWS Backup Audit Manager."""

REPORT_PLAN_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "ReportSetting": {"ReportTemplate": "BACKUP_JOB_REPORT"},
    "ReportDeliveryChannel": {"S3BucketName": "backup-reports", "Formats": ["CSV"]},
}
"""Members of a report plan that is seeded, or was recorded, without them."""

REGION_SETTINGS, GLOBAL_SETTINGS = "region settings", "global settings"
"""The nouns of the settings of an account in a Region, and of an organisation."""

PROTECTED, PROTECTED_IN_VAULT = "protected resource", "protected resource in a vault"
"""The nouns of protected resources that were recorded, by ARN, or by vault's name and ARN."""

NEWEST = "Newest"
"""No member of AWS's: the creation of a protected resource's newest point when it was recorded."""

ONLY = ""
"""The key of settings: each noun of them has a single entry."""


class Token(NamedTuple):
    """The first call with an idempotency token.

    Attributes:
        made: what the call created.
        answer: its answer.
        asked: its parameters, without the token.
    """

    made: Any
    answer: Mapping[str, Any]
    asked: Mapping[str, Any]


@dataclass(eq=False)
class Entry:
    """One plan, framework, legal hold or other noun that an account holds.

    Attributes:
        key: its name or its id, whichever operations name it by.
        arn: its ARN; empty where AWS gives it none.
        number: its number in the fake, in the order of creation.
        members: its members, as the model keeps them (dates in milliseconds). They are replaced,
            never changed in place.
        past: its earlier members, oldest first, where its noun keeps versions.
    """

    key: str
    arn: str
    number: int
    members: Mapping[str, Any]
    past: list[Mapping[str, Any]] = field(default_factory=list)


def unmanaged(settings: Mapping[str, Entry]) -> frozenset[str]:
    """Return the resource types that an account leaves to their own service in a Region.

    Args:
        settings: its entries of the noun `REGION_SETTINGS`, by key.
    """
    found = settings.get(ONLY)
    preferences = {} if found is None else found.members["ResourceTypeManagementPreference"]
    return frozenset(name for name, managed in preferences.items() if not managed)
