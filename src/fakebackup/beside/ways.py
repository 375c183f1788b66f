"""The table of the types that are backed up beside the fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.beside.buckets import Buckets
from fakebackup.beside.databases import Clusters, Instances
from fakebackup.beside.ebs import Volumes
from fakebackup.beside.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.beside.way import Way

WAYS: Mapping[str, Way] = {
    way.resource_type: way
    for way in (
        Volumes(),
        Instances(),
        Clusters(),
        Tables(),
        Buckets(),
    )
}
"""By type of resource. Those that are not here are the fake's own, with or without moto."""
