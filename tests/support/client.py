"""What the tests of vaults, recovery points and tags share: clients, and what a fake holds."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fakebackup import FakeBackup

REGION = "us-east-1"
ACCOUNT = "123456789012"
OTHER_ACCOUNT = "111122223333"
OTHER_REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSBackup"
SERVICE_SIDE = {"ServiceUnavailableException", "DependencyFailureException"}


@functools.cache
def _client(region: str) -> Any:
    return boto3.Session("key", "secret").client("backup", region_name=region)


def client(region: str = REGION) -> Any:
    """A real client: one for all tests, since making one takes longer than most of them."""
    return _client(region)


def call(operation: str, *, region: str = REGION, **parameters: Any) -> Any:
    """What a real client answers, without the metadata."""
    answer = getattr(client(region), xform_name(operation))(**parameters)
    answer.pop("ResponseMetadata")
    return answer


def takes(operation: str, parameters: Iterable[str]) -> bool:
    """Whether the installed botocore knows parameters of an operation."""
    model = client().meta.service_model.operation_model(operation)
    return set(parameters) <= set(model.input_shape.members)


def sends(operation: str, parameters: Any) -> bool:
    """Whether the installed botocore can send parameters, those inside of others included."""
    return _sends(client().meta.service_model.operation_model(operation).input_shape, parameters)


def _sends(shape: Any, given: Any) -> bool:
    if shape.type_name == "structure":
        members = shape.members
        return all(n in members and _sends(members[n], each) for n, each in given.items())
    return shape.type_name != "list" or all(_sends(shape.member, each) for each in given)


def shows(shape: str, member: str) -> bool:
    """Whether the installed botocore knows a member of a shape."""
    return member in client().meta.service_model.shape_for(shape).members


def declared(operation: str) -> set[str]:
    """The client errors that an operation declares."""
    shapes = client().meta.service_model.operation_model(operation).error_shapes
    return {shape.name for shape in shapes} - SERVICE_SIDE


def pages(operation: str, size: int, listed: str, **parameters: Any) -> Iterator[list[Any]]:
    """The items of a list, page by page."""
    token: dict[str, str] = {}
    while True:
        page = call(operation, MaxResults=size, **parameters, **token)
        yield page[listed]
        if "NextToken" not in page:
            return
        token = {"NextToken": page["NextToken"]}


def held(backup: FakeBackup) -> Any:
    """Everything that a fake holds, the events included."""
    organization = backup.backend.organization
    organization.derive()
    vaults = [
        (vault.account, vault.region, dict(vault.kept()), vault.policy, vault.notifications)
        for here in organization.vaults._here.values()
        for vault in here.values()
    ]
    points = [
        dict(point.kept())
        for here in organization.vaults._here.values()
        for vault in here.values()
        for point in vault.points.values()
    ]
    jobs = {job_id: job.members for job_id, job in organization.jobs.by_id.items()}
    tags = {arn: found for arn, found in organization.tags.items() if found}
    holdings = [
        (place, each.key, each.arn, dict(each.members), list(each.past))
        for place, each in organization.holdings.everything()
    ]
    return copy.deepcopy((vaults, points, jobs, tags, holdings, backup.events))


def refused(backup: FakeBackup, operation: str, **parameters: Any) -> Any:
    """The error that an operation answers, which has changed nothing and told nobody."""
    before = held(backup)
    with pytest.raises(ClientError) as caught:
        call(operation, **parameters)
    assert held(backup) == before
    return caught.value.response


def changes(backup: FakeBackup, since: int = 0) -> list[str]:
    """What each event is about and the state that it tells, in order."""
    return [
        f"{event['detail-type'].removesuffix(' State Change')} "
        f"{event['detail'].get('state') or event['detail'].get('status')}"
        for event in backup.events[since:]
    ]
