"""The table of the types that are backed up beside the fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.beside import dynamodb, ebs, ec2, efs, fsx, rds, redshift, s3, timestream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.beside.way import Way

_ALL: tuple[Way, ...] = (
    ebs.Volumes(),
    ec2.Instances(),
    efs.FileSystems(),
    fsx.FileSystems(),
    rds.Instances(),
    rds.Clusters(),
    redshift.Clusters(),
    dynamodb.Tables(),
    timestream.Tables(),
    s3.Buckets(),
)

WAYS: Mapping[str, Way] = {way.resource_type: way for way in _ALL}
"""By type of resource. Those that are not here are the fake's own, with or without moto."""
