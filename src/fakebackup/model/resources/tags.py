"""The tags of resources and recovery points: how many there are, and how they travel."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CONDITION_PREFIX = "aws:ResourceTag/"
"""What the key of a condition about a tag begins with, in selections."""


def of_backup(
    resource: Mapping[str, str], given: Mapping[str, str], most: int
) -> tuple[dict[str, str], bool]:
    """Return the tags of a resource's recovery point, and whether all that were meant have room.

    Those given with the backup win over the resource's [documented: guide, tags on backups].
    Beyond the quota the resource's stay away first, the last ones by key [assumed].

    Args:
        resource: the tags of the resource.
        given: the tags given with the backup: those of the call, or of the plan's rule.
        most: the quota of tags on one resource.
    """
    if not resource and not given:
        return {}, True
    wanted = {**given, **{key: resource[key] for key in sorted(resource) if key not in given}}
    return dict(islice(wanted.items(), most)), len(wanted) <= most
