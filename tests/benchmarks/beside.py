"""What it costs to work beside moto: a plan's run over many volumes, and a call that needs none."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.rows import LIST, REGION, Row, Timed, client
from fakebackup import mock_backup

if TYPE_CHECKING:
    from collections.abc import Iterator

VOLUMES = 300
WANTED = {"Key": "backup", "Value": "yes"}
SOURCE = {"Key": "aws:backup:source-resource", "Value": "volume"}
ROLE = "arn:aws:iam::123456789012:role/backup"


def moto() -> Any:
    """A block in which moto answers; it is installed with the benchmarks alone."""
    from moto import mock_aws

    return mock_aws()


def ec2() -> Any:
    """A client of moto's EC2."""
    return boto3.Session("key", "secret", region_name=REGION).client("ec2")


def make_volumes(scale: int) -> None:
    """Make the volumes that are backed up."""
    tags = [{"ResourceType": "volume", "Tags": [WANTED]}]
    maker = ec2()
    for _ in range(max(1, VOLUMES // scale)):
        maker.create_volume(AvailabilityZone=f"{REGION}a", Size=8, TagSpecifications=tags)


@contextlib.contextmanager
def a_plan_beside_moto(scale: int) -> Iterator[Timed]:
    """A run of a plan that finds the volumes by their tag, and leaves a snapshot of each."""
    with (
        moto(),
        mock_backup(region=REGION, beside="moto", progress="immediate") as backup,
    ):
        make_volumes(scale)
        backup.add_vault(BackupVaultName="vault")
        plan = backup.add_backup_plan(
            BackupPlan={
                "BackupPlanName": "plan",
                "Rules": [{"RuleName": "rule", "TargetBackupVaultName": "vault"}],
            }
        )
        condition = {
            "ConditionType": "STRINGEQUALS",
            "ConditionKey": WANTED["Key"],
            "ConditionValue": WANTED["Value"],
        }
        selection: Any = {"SelectionName": "s", "IamRoleArn": ROLE, "ListOfTags": [condition]}
        backup.add_backup_selection(BackupPlanId=plan.key, BackupSelection=selection)

        def run() -> None:
            jobs = backup.run_plan(plan.key)
            assert [job["State"] for job in jobs] == ["COMPLETED"] * (max(1, VOLUMES // scale))

        yield Timed(run)


@contextlib.contextmanager
def snapshots_by_hand(scale: int) -> Iterator[Timed]:
    """The same volumes described, and a snapshot made of each with the same tags."""
    with moto():
        make_volumes(scale)
        asked = ec2()
        tags = [{"ResourceType": "snapshot", "Tags": [WANTED, SOURCE]}]

        def run() -> None:
            for page in asked.get_paginator("describe_volumes").paginate():
                for each in page["Volumes"]:
                    volume_id = each["VolumeId"]
                    asked.describe_volumes(VolumeIds=[volume_id])
                    asked.create_snapshot(VolumeId=volume_id, TagSpecifications=tags)

        yield Timed(run)


@contextlib.contextmanager
def a_call(beside: str | None) -> Iterator[Timed]:
    """A list of one job."""
    with moto(), mock_backup(region=REGION, beside=beside) as backup:
        backup.add_backup_job()
        yield Timed(getattr(client(), LIST))


BESIDE = [
    Row(
        f"a plan's run over {VOLUMES} volumes of moto's, against describing and snapshots by hand",
        1.5,
        a_plan_beside_moto,
        snapshots_by_hand,
        rounds=3,
        iterations=1,
        warmups=1,
        noise=0.2,
    ),
    Row(
        "ListBackupJobs with the option beside, against without",
        1.1,
        lambda _scale: a_call("moto"),
        lambda _scale: a_call(None),
        iterations=100,
    ),
]
