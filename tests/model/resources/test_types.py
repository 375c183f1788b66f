"""The resource types: what AWS Backup does for each, and the ARNs that tell them."""

from __future__ import annotations

import pytest

from fakebackup.model.resources.types import (
    ANYWHERE,
    HOME_ACCOUNT,
    NOWHERE,
    RESOURCE_TYPES,
    features_of,
    known_type,
    type_of,
)
from support.constants import ACCOUNT, REGION

HOME = f"{REGION}:{ACCOUNT}"

# AWS's table of features, a column each: fully managed, continuous, cold storage, air-gapped,
# restore tests, scans. CloudFormation's first column is empty there; the page on encryption
# counts it as fully managed. Provisioned Redshift has no row.
FEATURES = {
    "EC2": "---atS",
    "EBS": "--catS",
    "S3": "mC-atS",
    "EFS": "m-cat-",
    "RDS": "-C--t-",
    "Aurora": "-C-at-",
    "DSQL": "m-ca--",
    "DynamoDB": "m-cat-",
    "DocumentDB": "---at-",
    "Neptune": "---at-",
    "FSx": "---at-",
    "Storage Gateway": "---a--",
    "Redshift Serverless": "------",
    "Redshift": "------",
    "Timestream": "m-ca--",
    "VirtualMachine": "m-ca--",
    "CloudFormation": "m-c---",
    "SAP HANA on Amazon EC2": "mCc---",
    "EKS": "m-----",
}


COPIED = {"CloudFormation": HOME_ACCOUNT, "Redshift Serverless": NOWHERE}
"""The last column of AWS's table, of the types that are not copied to every Region and account."""


@pytest.mark.parametrize("name", RESOURCE_TYPES)
def test_features(name: str) -> None:
    """Each type has the features of AWS's table [documented: guide, feature availability]."""
    row = RESOURCE_TYPES[name]
    columns = (
        (row.fully_managed, "m"),
        (row.continuous, "C"),
        (row.cold, "c"),
        (row.air_gapped, "a"),
        (row.tested, "t"),
        (row.scanned, "S"),
    )
    assert "".join(mark if has else "-" for has, mark in columns) == FEATURES[name]
    assert row.copied == COPIED.get(name, ANYWHERE)


def test_rows_of_their_own() -> None:
    """Volumes of ONTAP and Multi-AZ clusters are not copied [documented: guide]; others are."""
    volume = known_type("FSx", f"arn:aws:fsx:{HOME}:volume/fs-1/fsvol-1")
    cluster = known_type("RDS", f"arn:aws:rds:{HOME}:cluster:orders")
    assert volume is not None
    assert cluster is not None
    assert (volume.name, volume.copied, volume.air_gapped) == ("FSx", NOWHERE, False)
    assert (cluster.name, cluster.copied) == ("RDS", NOWHERE)
    assert known_type("FSx", f"arn:aws:fsx:{HOME}:file-system/fs-1") is RESOURCE_TYPES["FSx"]
    assert known_type("RDS", f"arn:aws:rds:{HOME}:db:orders") is RESOURCE_TYPES["RDS"]
    assert known_type(None, f"arn:aws:rds:{HOME}:cluster:orders") is RESOURCE_TYPES["Aurora"]


def test_every_row_is_a_type() -> None:
    """The table above has no type that the code does not have."""
    assert FEATURES.keys() == RESOURCE_TYPES.keys()


def test_what_the_botocore_model_says() -> None:
    """EBS and S3 are indexed, EBS alone is archived, some jobs cannot be stopped [documented]."""
    every = RESOURCE_TYPES.values()
    assert {each.name for each in every if each.indexed} == {"EBS", "S3"}
    assert {each.name for each in every if each.archived} == {"EBS"}
    unstoppable = {"Aurora", "DocumentDB", "FSx", "Neptune", "RDS", "SAP HANA on Amazon EC2"}
    assert {each.name for each in every if not each.stoppable} == unstoppable


def test_windows() -> None:
    """The completion window is nothing to FSx alone [documented: guide, plan options]."""
    assert [each.name for each in RESOURCE_TYPES.values() if not each.windowed] == ["FSx"]


def test_basic_dynamodb() -> None:
    """A backup in DynamoDB's own form is not managed, never cold [documented: guide]."""
    found = features_of(
        "DynamoDB", f"arn:aws:dynamodb:{HOME}:table/t/backup/01234567890123-0a1b2c3d"
    )
    assert found is not None
    assert (found.fully_managed, found.cold, found.air_gapped) == (False, False, False)
    assert found.copied == NOWHERE
    advanced = features_of("DynamoDB", f"arn:aws:backup:{HOME}:recovery-point:1")
    assert advanced is RESOURCE_TYPES["DynamoDB"]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:mystery:us-east-1:123456789012:thing/1",
        f"arn:aws:ec2:{REGION}::snapshot/snap-1",
        f"arn:aws:ec2:{REGION}::image/ami-1",
        f"arn:aws:rds:{HOME}:snapshot:awsbackup:job-1",
        f"arn:aws:rds:{HOME}:cluster-snapshot:awsbackup:job-1",
        f"arn:aws:fsx:{HOME}:backup/backup-1",
        f"arn:aws:dynamodb:{HOME}:table/t/backup/01234567890123-0a1b2c3d",
        f"arn:aws:redshift:{HOME}:snapshot:c/awsbackup:job-1",
        f"arn:aws:redshift-serverless:{HOME}:snapshot/1",
        f"arn:aws:backup:{HOME}:recovery-point:1",
        f"arn:aws:eks:{HOME}:nodegroup/c/n/1",
        f"arn:aws:dsql:{HOME}:stream/1",
        f"arn:aws:elasticfilesystem:{HOME}:access-point/fsap-1",
        f"arn:aws:timestream:{HOME}:database/d",
        f"arn:aws:storagegateway:{HOME}:gateway/sgw-1",
        f"arn:aws:s3:{HOME}:accesspoint/a",
        "arn:aws:s3:::bucket/key",
        "arn:aws",
        "",
    ],
)
def test_no_resource_that_is_backed_up(arn: str) -> None:
    """A snapshot, a backup or a part of a resource is of no type, whatever its service."""
    assert type_of(arn) is None
