"""Real clients of the active fake, what they are answered, and what a fake holds afterwards."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from fakebackup import mock_backup
from support.constants import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup
    from fakebackup.mock import MockBackup


@functools.cache
def _client(region: str) -> Any:
    return boto3.Session("key", "secret").client("backup", region_name=region)


def client(region: str = REGION) -> Any:
    """A real client: one for all tests, since making one takes longer than most of them."""
    return _client(region)


def full_answer(operation: str, *, region: str = REGION, **parameters: Any) -> Any:
    """What a real client answers, the metadata included."""
    return getattr(client(region), xform_name(operation))(**parameters)


def call(operation: str, *, region: str = REGION, **parameters: Any) -> Any:
    """What a real client answers, without the metadata."""
    answer = full_answer(operation, region=region, **parameters)
    answer.pop("ResponseMetadata")
    return answer


def full_pages(operation: str, *, region: str = REGION, **parameters: Any) -> Iterator[Any]:
    """The answers of a list, until there is no NextToken."""
    token: dict[str, str] = {}
    while True:
        page = full_answer(operation, region=region, **parameters, **token)
        yield page
        if "NextToken" not in page:
            return
        token = {"NextToken": page["NextToken"]}


def pages(operation: str, size: int, listed: str, **parameters: Any) -> Iterator[list[Any]]:
    """The items of a list, page by page."""
    for page in full_pages(operation, MaxResults=size, **parameters):
        yield page[listed]


def held(backup: FakeBackup) -> Any:
    """Everything that a fake holds, the events included."""
    organization = backup.backend.organization
    organization.catch_up()
    organization.leave_behind()
    vaults = [vault for store in organization.stores.values() for vault in store.vaults_so_far()]
    shown = [
        (vault.account, vault.region, dict(vault.kept()), vault.policy, vault.notifications)
        for vault in vaults
    ]
    points = [dict(point.kept()) for vault in vaults for point in vault.points.values()]
    jobs = {job_id: job.members for job_id, job in organization.jobs.by_id.items()}
    entries = [
        (noun, each.key, each.arn, dict(each.members), list(each.past))
        for noun, each in entries_of(backup)
    ]
    return copy.deepcopy((shown, points, jobs, tags_of(backup), entries, backup.events))


def whole(backup: FakeBackup) -> Any:
    """Everything that a fake holds, and what decides what comes next: numbers and tokens."""
    told = held(backup)
    organization = backup.backend.organization
    clockwork = organization.clockwork
    stores = [
        (home, list(store.tokens), store.resources) for home, store in organization.stores.items()
    ]
    inside = (
        vars(organization.numbers),
        organization.outcomes,
        organization.notifications,
        organization.relisted,
        (list(clockwork.polled), clockwork.waiting, len(clockwork.due)),
        # Looking makes stores that hold nothing.
        [each for each in stores if any(each[1:])],
    )
    return told, copy.deepcopy(inside)


def tags_of(backup: FakeBackup) -> dict[str, dict[str, str]]:
    """The tags of everything that has some, by ARN, in every account and Region."""
    stores = backup.backend.organization.stores.values()
    return {arn: tags for store in stores for arn, tags in store.tags.items() if tags}


def entries_of(backup: FakeBackup) -> list[tuple[str, Any]]:
    """All that is kept besides jobs and vaults, each with its noun."""
    organization = backup.backend.organization
    found = [each for store in organization.stores.values() for each in store.all_entries()]
    return found + [("global settings", each) for each in organization.settings.values()]


def refused(backup: FakeBackup, operation: str, **parameters: Any) -> Any:
    """The error that an operation answers, which has changed nothing and told nobody."""
    before = whole(backup)
    with pytest.raises(ClientError) as caught:
        call(operation, **parameters)
    assert whole(backup) == before
    return caught.value.response


def changes(backup: FakeBackup, since: int = 0) -> list[str]:
    """What each event is about and the state that it tells, in order."""
    return [
        f"{event['detail-type'].removesuffix(' State Change')} "
        f"{event['detail'].get('state') or event['detail'].get('status')}"
        for event in backup.events[since:]
    ]


def a_fake(**options: Any) -> MockBackup:
    """A fake with the vault Default everywhere."""
    return mock_backup(region=REGION, default_vault=True, **options)
