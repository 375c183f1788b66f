"""Endpoints: resolved once for each operation of a client while a fake answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.credentials import Credentials

from fakebackup import mock_backup

if TYPE_CHECKING:
    from collections.abc import Iterator

RESOLUTION = "before-endpoint-resolution.backup"


def client() -> Any:
    """A client of this test alone."""
    return boto3.Session("key", "secret").client("backup", region_name="us-east-1")


@pytest.fixture
def made() -> Iterator[Any]:
    """A client, while a fake is active."""
    with mock_backup(region="us-east-1"):
        yield client()


def resolved(made: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a client's endpoints are resolved from, from now on."""
    provider = made._ruleset_resolver._provider
    seen: list[dict[str, Any]] = []
    resolve = provider.resolve_endpoint

    def noted(**given: Any) -> Any:
        seen.append(given)
        return resolve(**given)

    monkeypatch.setattr(provider, "resolve_endpoint", noted)
    return seen


def urls(made: Any) -> list[str]:
    """The URLs of a client's answers, from now on."""
    found: list[str] = []
    made.meta.events.register(
        "after-call.backup", lambda http_response, **_: found.append(http_response.url)
    )
    return found


def test_each_operation_once(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Further calls of an operation take the endpoint of the first one."""
    seen, answered = resolved(made, monkeypatch), urls(made)
    for _ in range(3):
        made.list_backup_jobs()
    assert len(seen) == 1
    made.list_copy_jobs()
    assert len(seen) == 2
    assert [url.split("/")[2] for url in answered] == ["backup.us-east-1.amazonaws.com"] * 4


def test_handlers_see_each_call_once(made: Any) -> None:
    """The event before the resolution is emitted as often as without a fake."""
    seen: list[str] = []
    made.meta.events.register(RESOLUTION, lambda model, **_: seen.append(model.name))
    for _ in range(2):
        made.list_backup_jobs()
    made.list_copy_jobs()
    assert seen == ["ListBackupJobs", "ListBackupJobs", "ListCopyJobs"]


def test_what_a_handler_changes_counts(made: Any) -> None:
    """A handler that changes what the endpoint follows from has it resolved anew."""
    answered, fips = urls(made), [False]

    def change(builtins: dict[str, Any], **_: object) -> None:
        builtins["AWS::UseFIPS"] = fips[0]

    made.meta.events.register(RESOLUTION, change)
    for wanted in (False, True, True, False):
        fips[0] = wanted
        made.list_backup_jobs()
    assert ["fips" in url for url in answered] == [False, True, True, False]


@pytest.mark.skipif(
    # The functions that botocore itself gives.
    not hasattr(Credentials, "get_deferred_property"),
    reason="this botocore takes no functions for values",
)
def test_what_a_handler_leaves_open_is_asked_each_time(made: Any) -> None:
    """A value that is a function, as the account's is, may give another one in the next call."""
    answered, region = urls(made), ["us-east-1"]

    def value() -> str:
        return region[0]

    def change(builtins: dict[str, Any], **_: object) -> None:
        builtins["AWS::Region"] = value

    made.meta.events.register(RESOLUTION, change)
    made.list_backup_jobs()
    region[0] = "eu-west-1"
    made.list_backup_jobs()
    assert [url.split(".")[1] for url in answered] == ["us-east-1", "eu-west-1"]


def test_calls_of_no_fake_resolve_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards a client resolves the endpoint of each call, as it did before."""
    with mock_backup(region="us-east-1"):
        made = client()
        made.list_backup_jobs()
    seen = resolved(made, monkeypatch)
    for number in (1, 2):
        made.generate_presigned_url("list_backup_jobs")
        assert len(seen) == number


def test_a_handler_that_fails(made: Any) -> None:
    """What a handler raises, the call raises; the next one is answered."""
    failing = [True]

    def fail(**_: object) -> None:
        if failing[0]:
            raise RuntimeError("no endpoint")

    made.meta.events.register(RESOLUTION, fail)
    with pytest.raises(RuntimeError, match="no endpoint"):
        made.list_backup_jobs()
    failing[0] = False
    assert made.list_backup_jobs()["BackupJobs"] == []
