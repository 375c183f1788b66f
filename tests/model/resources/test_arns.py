"""The partition of a Region, in every ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from fakebackup.model.resources import arns

if TYPE_CHECKING:
    from fakebackup import FakeBackup


def regions() -> dict[str, str]:
    """Every Region of every partition that the installed botocore knows, and its partition."""
    loader: Any = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("endpoints")["partitions"]
    return {region: each["partition"] for each in partitions for region in each["regions"]}


def test_there_are_several_partitions() -> None:
    """The installed botocore knows partitions besides the standard one, isolated ones too."""
    assert {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"} <= set(regions().values())


@pytest.mark.parametrize(("region", "partition"), regions().items())
def test_every_region_has_its_partition(backup: FakeBackup, region: str, partition: str) -> None:
    """The ARNs of a Region are of the partition that botocore has for it."""
    assert arns.partition(region) == partition
    view = backup.at(region=region)
    shown = [view.add_vault(BackupVaultName="vault"), view.add_backup_job(ResourceType="EFS")]
    found = [
        str(value)
        for each in shown
        for value in dict(each).values()
        if str(value).startswith("arn:")
    ]
    assert len(found) > 4
    assert {arn.split(":")[1] for arn in found} == {partition}
