"""Regions that the installed botocore does not know: AWS has no host there; a warning."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import pytest

from fakebackup import FakeBackup, FakeBackupWarning, mock_backup
from fakebackup.model.resources import regions
from support.client import client

if TYPE_CHECKING:
    from collections.abc import Callable

WRONG = "eu-wset-1"


def of_a_call(_backup: FakeBackup) -> None:
    """A client's call."""
    client(WRONG).list_backup_jobs()


def of_a_view(backup: FakeBackup) -> None:
    """A view of the fake."""
    backup.at(region=WRONG)


USES: dict[str, Callable[[FakeBackup], None]] = {
    "A client called ListBackupJobs in": of_a_call,
    "backup.at(region=...) names": of_a_view,
}


def told(what: str) -> str:
    """The warning, of what names the Region."""
    return (
        f"{what} 'eu-wset-1', but the installed botocore {botocore.__version__} knows no such "
        f"Region; did you mean 'eu-west-1'? AWS would have no host there, so a client's call would "
        f"end in an EndpointConnectionError; the fake answers all the same, as for a Region that "
        f"holds nothing yet. If AWS has it by now, a newer botocore knows it. This is said once."
    )


@pytest.mark.parametrize("what", USES)
def test_it_is_told_once(backup: FakeBackup, what: str) -> None:
    """The first use warns at its line, whatever it is, and no further one does."""
    with pytest.warns(FakeBackupWarning) as seen:
        USES[what](backup)
    [warning] = seen
    assert str(warning.message) == told(what)
    assert warning.filename == __file__
    for use in USES.values():
        use(backup)


def test_the_option() -> None:
    """A fake that is made for such a Region warns when it starts, once for all that happens."""
    fake = mock_backup(region=WRONG)
    with pytest.warns(FakeBackupWarning) as seen:
        backup = fake.start()
    of_a_call(backup)
    of_a_view(backup)
    with mock_backup():
        boto3.Session("key", "secret").client("backup", region_name=WRONG).list_copy_jobs()
    fake.stop()
    [warning] = seen
    assert str(warning.message) == told("The option region names")
    assert warning.filename == __file__


def test_a_warning_that_is_an_error() -> None:
    """A fake whose Region is refused so is not active, and a call is none."""
    with pytest.raises(FakeBackupWarning, match="'eu-west-1'"), mock_backup(region=WRONG):
        pytest.fail("it has started")
    with mock_backup() as backup:
        with pytest.raises(FakeBackupWarning, match="'eu-west-1'"):
            of_a_call(backup)
        assert not backup.calls


@pytest.mark.parametrize("what", USES)
def test_savepoints_and_resets(backup: FakeBackup, what: str) -> None:
    """What was warned of inside a savepoint, or before a reset, is warned of again."""
    with backup.savepoint(), pytest.warns(FakeBackupWarning, match="knows no such"):
        USES[what](backup)
    with pytest.warns(FakeBackupWarning, match="knows no such"):
        USES[what](backup)
    with backup.savepoint():
        USES[what](backup)
    backup.reset()
    with pytest.warns(FakeBackupWarning, match="knows no such"):
        USES[what](backup)


def test_regions_of_all_partitions(backup: FakeBackup) -> None:
    """Every Region in which botocore has AWS Backup, or anything, is used without a warning."""
    session = boto3.Session("key", "secret")
    names = [
        region
        for partition in session.get_available_partitions()
        for service in ("backup", "ec2")
        for region in session.get_available_regions(service, partition)
    ]
    assert {"eu-west-1", "us-gov-west-1", "us-iso-east-1", "cn-north-1"} <= set(names)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for name in names:
            backup.at(region=name)
        client("us-iso-east-1").list_backup_jobs()
    assert not [str(each.message) for each in seen]


def test_a_region_near_none(backup: FakeBackup) -> None:
    """Where no Region is near, none is named."""
    with pytest.warns(FakeBackupWarning, match=r"'mars', but .* knows no such Region\. AWS"):
        client("mars").list_backup_jobs()
    assert [call.region for call in backup.calls] == ["mars"]


def test_a_botocore_without_its_list(backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A botocore that has no list of Regions is asked nothing."""
    from botocore.exceptions import DataNotFoundError
    from botocore.loaders import Loader

    def no_data(_loader: Any, name: str) -> None:
        raise DataNotFoundError(data_path=name)

    regions._listed_in.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(Loader, "load_data", no_data)
        of_a_view(backup)
    regions._listed_in.cache_clear()
