"""The report of a failing test whose client does not check what it sends."""

from __future__ import annotations

import contextlib
import functools
import re
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from fakebackup import OperationNotFaked
from fakebackup.errors import quoted
from fakebackup.operations import operations
from fakebackup.report import explain
from support.botocore_model import every
from support.constants import ACCOUNT, NOW, OTHER_REGION, REGION
from support.hostile import VALUES
from support.world import input_shape, seed, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup import FakeBackup

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT, failure_report=False),
]

WRONG: tuple[Any, ...] = ("5", 5, 0.5, None, ["text"], {"key": "value"}, b"text")
"""Values of which most are of the wrong type for any parameter."""

SENDING = (AttributeError, LookupError, ParamValidationError, TypeError, ValueError)
"""What botocore raises for what it cannot send."""


@functools.cache
def unchecked(region: str) -> Any:
    """A client that sends whatever it is given."""
    config = Config(parameter_validation=False)
    return boto3.Session("key", "secret").client("backup", region_name=region, config=config)


def hints(backup: FakeBackup) -> list[str]:
    """The likely slips of a test, as its report has them."""
    lines = explain(backup.backend).splitlines()
    return [line.strip() for line in lines[lines.index("Perhaps:") + 1 :]]


def requests(operation: str) -> Iterator[dict[str, Any]]:
    """Requests of an operation with a value of another type in the place of each parameter."""
    shape = input_shape(operation)
    if shape is None:
        return
    full = {name: values(operation).plain(name, each) for name, each in shape.members.items()}
    plain = values(operation).plain("", shape)
    for request in (plain, full | plain):
        for name in shape.members:
            for wrong in WRONG:
                yield {**request, name: wrong}


@every(operations())
def test_a_value_of_the_wrong_type(backup: FakeBackup, operation: str) -> None:
    """Whatever a parameter was, and whatever came of it, the report has all its sections."""
    seed(backup)
    for request in requests(operation):
        for region in (REGION, OTHER_REGION):
            # One at a time: what another call showed is no slip.
            backup.backend.calls.clear()
            with contextlib.suppress(ClientError, *SENDING):
                getattr(unchecked(region), xform_name(operation))(**request)
            made = len(backup.calls)
            assert explain(backup.backend).count(f"  {operation}(") >= made, request


def test_a_filter_beside_a_value_of_the_wrong_type(backup: FakeBackup) -> None:
    """The filter that nothing passes is told as AWS reads it."""
    backup.add_backup_job()
    unchecked(REGION).list_backup_jobs(MaxResults="5", ByState=["FAILED"])
    [line] = [each.strip() for each in explain(backup.backend).splitlines() if "0 items" in each]
    assert line == "ListBackupJobs(MaxResults='5', ByState=['FAILED']): 0 items"
    [hint] = hints(backup)
    assert hint == (
        "ListBackupJobs(ByState='FAILED') does not match the backup job there: its State is "
        "'COMPLETED'."
    )


def test_a_part_of_what_has_the_wrong_type(backup: FakeBackup) -> None:
    """What to seed is told by the id that AWS reads."""
    with pytest.raises(ClientError):
        unchecked(REGION).get_backup_selection(BackupPlanId=5, SelectionId="x")
    [hint] = hints(backup)
    assert hint == (
        f"GetBackupSelection asked for the backup plan '5' in {REGION} as {ACCOUNT}: it is not "
        "there, nor any other. Seed it by backup.add_backup_plan(BackupPlanId='5')."
    )


def test_an_answer_that_a_fault_replaced(backup: FakeBackup) -> None:
    """A failure that was injected leaves the report what AWS would have read."""
    backup.fail("GetBackupSelection", code="ResourceNotFoundException")
    with pytest.raises(ClientError):
        unchecked(REGION).get_backup_selection(BackupPlanId=5, SelectionId="x")
    assert hints(backup)[0].endswith("backup.add_backup_plan(BackupPlanId='5').")


def test_what_aws_cannot_read(backup: FakeBackup) -> None:
    """What is refused for its type is no slip of its names."""
    with pytest.raises(ClientError):
        unchecked(REGION).start_backup_job(
            BackupVaultName="Daily", ResourceArn=5, IamRoleArn="role"
        )
    assert "Perhaps:" not in explain(backup.backend).splitlines()


def deep() -> Any:
    """A value that is nested deeper than most Pythons write; some write it."""
    return VALUES["object: deep dicts"]()


def told_deeply() -> str:
    """How the value is told, or how that begins."""
    told = quoted(deep())
    return told if told == "a dict that cannot be shown" else str(deep())[:12]


def ask_deeply() -> None:
    """Call with such a value."""
    # Of a dict in the place of a list, botocore sends the keys.
    unchecked(REGION).put_backup_vault_notifications(
        BackupVaultName="Daily", SNSTopicArn="topic", BackupVaultEvents=deep()
    )


def test_a_value_that_python_cannot_write(backup: FakeBackup) -> None:
    """It is told what it is."""
    with pytest.raises(ClientError):
        ask_deeply()
    assert f"BackupVaultEvents={told_deeply()}" in explain(backup.backend)


@pytest.mark.filterwarnings("ignore::fakebackup.FakeBackupWarning")  # the test catches it
@pytest.mark.usefixtures("backup")
def test_a_refusal_of_what_python_cannot_write(unfaked: Callable[..., None]) -> None:
    """An operation that is not faked is refused as such, whatever it is asked with."""
    unfaked("PutBackupVaultNotifications")
    with pytest.raises(OperationNotFaked, match=re.escape(told_deeply())):
        ask_deeply()
