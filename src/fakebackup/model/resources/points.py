"""The ARNs that recovery points get (the guide `aws`, Ids and ARNs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import clock
from fakebackup.model.resources.types import BACKUP_POINT

if TYPE_CHECKING:
    from fakebackup.model.resources.arns import Place
    from fakebackup.model.resources.types import ResourceType

AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
"""The type of vaults in which the ARNs of all recovery points are of AWS Backup's own form."""


def is_continuous_arn(arn: str) -> bool:
    """Return whether the ARN of a recovery point is that of a continuous backup [assumed]."""
    return ":continuous:" in arn


def point_arn(
    place: Place,
    of: tuple[ResourceType | None, str | None],
    *,
    created: int,
    vault_type: str | None = None,
    copied: bool = False,
) -> str:
    """Return the ARN of a recovery point.

    Args:
        place: where it lies.
        of: what is known of the type of its resource, None for an unknown one; and the ARN of
            its resource, which some forms name, None for one with the place's number.
        created: when it was created, in milliseconds: some forms say so.
        vault_type: the type of the vault it lies in; None where that is not known.
        copied: whether a copy job makes it.
    """
    known, resource = of
    pattern = BACKUP_POINT if known is None or vault_type == AIR_GAPPED else known.point
    if copied:
        pattern = other(pattern, "c")
    if known is None or "{name}" not in pattern:
        return place.arn(pattern)
    made = place.arn(
        pattern,
        name=last_part(place.arn(known.arn) if resource is None else resource),
        second=clock.digits(created),
        instant=f"{created:014d}",
        day=clock.digits(created)[:8],
    )
    # Two backups of a cluster in one day have the same name, unless it is made another.
    return place.distinct(made, "c" if copied else "") if "{day}" in pattern else made


def last_part(arn: str) -> str:
    """Return the name at the end of an ARN."""
    return arn.rpartition("/")[2].rpartition(":")[2]


def other(pattern: str, mark: str) -> str:
    """Return a pattern for something of the same form as `pattern` that is not the same thing.

    Args:
        pattern: the pattern of an ARN.
        mark: a hexadecimal digit, "c" for copies.
    """
    if mark == "c":
        # Recorded for clusters.
        pattern = pattern.replace("awsbackup:job-", "awsbackup:copyjob-")
    return (
        pattern.replace("{n:017x}", mark + "{n:016x}")
        .replace("{n:026x}", mark + "{n:025x}")
        .replace("vm-{n:08x}", "vm-" + mark + "{n:07x}")
        .replace("{second}-{n:08x}", "{second}-" + mark + "{n:07x}")
        .replace("{n}", "{n}-" + mark)
        .replace("{uuid}", "{other}")
    )
