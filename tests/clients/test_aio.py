"""Async clients of aiobotocore: answered as boto3's are, in every style of async test."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import inspect
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import pytest_asyncio
from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.client import AioBaseClient
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials
from aiobotocore.httpxsession import HttpxSession
from aiobotocore.session import AioSession
from aiobotocore.stub import AioStubber
from botocore.compat import HTTPHeaders
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoRegionError,
    ReadTimeoutError,
)

from fakebackup import OperationNotFaked, current, hook, mock_backup
from support.rounds import goes_round

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fakebackup import FakeBackup

TRANSPORTS = ("direct", "wire")
MODES = ("legacy", "standard", "adaptive")
KEYS: dict[str, Any] = {"aws_access_key_id": "AKIAREAL", "aws_secret_access_key": "secret"}


class Network:
    """What answers in AWS's place whatever an async client sends, and keeps who signed it."""

    def __init__(self, statuses: tuple[int, ...] = ()) -> None:
        """Answer with statuses in turn, then with 200."""
        self.signed_by: list[str] = []
        self.statuses = list(statuses)

    def under(self, client: Any) -> Any:
        """Put it below a client, and return the client."""
        client.meta.events.register("before-send", self.answer)
        return client

    def answer(self, request: Any, **_: object) -> Any:
        """Answer an empty list, to what is addressed to AWS."""
        if ".amazonaws.com" not in request.url:
            return None
        header = request.headers["Authorization"]
        header = header.decode() if isinstance(header, bytes) else header
        self.signed_by.append(header.partition("Credential=")[2].partition("/")[0])
        status = self.statuses.pop(0) if self.statuses else 200
        headers = HTTPHeaders.from_dict({"content-type": "application/json"})
        response: Any = AioAWSResponse(request.url, status, headers, None)
        response._content = b'{"BackupJobs": []}'
        return response


@functools.cache
def a_loader() -> Any:
    """What reads botocore's models, kept for all tests of this file: reading takes time."""
    return AioSession().get_component("data_loader")


def new_session() -> Any:
    """A session without anything, as an application makes it."""
    session = AioSession()
    session.register_component("data_loader", a_loader())
    return session


@functools.cache
def a_session() -> Any:
    """A session with keys that serves many tests."""
    session = new_session()
    session.set_credentials(*KEYS.values())
    return session


def a_client(service: str = "backup", **settings: Any) -> Any:
    """A client with a region and keys, as an application has it, to be entered."""
    return a_session().create_client(service, **({"region_name": "us-east-1"} | settings))


async def is_answered(client: Any) -> bool:
    """Whether the active fake answers a client: a job that was just seeded is listed."""
    backup = current()
    job = backup.at(region=client.meta.region_name).add_backup_job()
    listed = (await client.list_backup_jobs())["BackupJobs"]
    return job.id in [found["BackupJobId"] for found in listed]


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept, in tasks and in threads; nobody really waits."""
    slept: list[float] = []
    sleep, wait_for = asyncio.sleep, asyncio.wait_for

    async def noted(delay: float, *result: Any) -> Any:
        slept.append(delay)
        return await sleep(0, *result)

    async def noted_wait(awaitable: Any, timeout: float | None) -> Any:
        slept.append(timeout or 0)
        return await wait_for(awaitable, 0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    # How aiobotocore's adaptive mode holds requests back.
    monkeypatch.setattr(asyncio, "wait_for", noted_wait)
    return slept


def wrapped() -> tuple[object, object]:
    """What the two methods of aiobotocore's classes are now."""
    return vars(AioBaseClient)["_emit_api_params"], vars(AioSession)["_create_client"]


# --- What the hook leans on -----------------------------------------------------------------


def test_aio_base_client_emit_api_params() -> None:
    """The class AioBaseClient has its own async _emit_api_params, with the known parameters."""
    method: Any = vars(AioBaseClient).get("_emit_api_params")
    assert method is not None, "AioBaseClient._emit_api_params is gone: hook._wrap_aiobotocore"
    assert inspect.iscoroutinefunction(method)
    names = list(inspect.signature(method).parameters)
    assert names == ["self", "api_params", "operation_model", "context"]


@pytest.mark.asyncio
async def test_aio_base_client_calls_emit_api_params(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's call goes through _emit_api_params, and by the names that the wrapper takes."""
    seen: list[str] = []
    original: Any = vars(AioBaseClient)["_emit_api_params"]

    async def emit(self: Any, api_params: Any, operation_model: Any, context: Any) -> Any:
        seen.append(operation_model.name)
        return await original(self, api_params, operation_model, context)

    monkeypatch.setattr(AioBaseClient, "_emit_api_params", emit)
    async with a_client() as client:
        await Network().under(client).list_backup_jobs()
    assert seen == ["ListBackupJobs"], "AioBaseClient._emit_api_params is not called any more"


def test_aio_session_create_client() -> None:
    """The class AioSession has its own async _create_client, with what the hook fills in."""
    method: Any = vars(AioSession).get("_create_client")
    assert method is not None, "AioSession._create_client is gone: hook._wrap_aiobotocore"
    assert inspect.iscoroutinefunction(method)
    names = list(inspect.signature(method).parameters)
    assert names[:3] == ["self", "service_name", "region_name"]
    assert {"config", "aws_access_key_id", "aws_secret_access_key"} < set(names)


@pytest.mark.asyncio
async def test_aio_session_makes_clients_by_create_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """AioSession.create_client makes its clients by _create_client."""
    seen: list[str] = []
    original: Any = vars(AioSession)["_create_client"]

    async def create(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(args[0])
        return await original(self, *args, **kwargs)

    monkeypatch.setattr(AioSession, "_create_client", create)
    async with a_client():
        pass
    assert seen == ["backup"], "AioSession._create_client is not called any more"


def test_aio_session_credentials() -> None:
    """An AioSession keeps in _credentials what it was given, None without asking anybody."""
    session: Any = AioSession()
    assert hasattr(session, "_credentials"), "AioSession._credentials is gone: hook.clients"
    without = session._credentials
    assert without is None
    session.set_credentials("AKIAREAL", "secret")
    assert vars(session._credentials)["access_key"] == "AKIAREAL"
    assert session._credentials.method == "explicit"


@pytest.mark.asyncio
async def test_aio_request_signer_credentials() -> None:
    """Replacing _request_signer._credentials changes what the next request is signed with."""
    network = Network()
    async with a_client() as client:
        signer = getattr(client, "_request_signer", None)
        assert signer is not None, "AioBaseClient._request_signer is gone: hook.clients needs it"
        assert signer._credentials.access_key == "AKIAREAL"
        signer._credentials = AioCredentials("AKIAOTHER", "secret")
        await network.under(client).list_backup_jobs()
    assert network.signed_by == ["AKIAOTHER"]


def test_aio_credentials_get_frozen_credentials() -> None:
    """Signing awaits AioCredentials.get_frozen_credentials, which the hook overrides."""
    assert inspect.iscoroutinefunction(AioCredentials.get_frozen_credentials)


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", MODES)
async def test_aio_emitter_retry_handler(mode: str) -> None:
    """A client's retry handler is under the id in _unique_id_handlers that the hook looks up."""
    async with a_client(config=AioConfig(retries={"mode": mode})) as client:
        emitter = client.meta.events._emitter
        assert "retry-config-backup" in emitter._unique_id_handlers, "hook.retries needs it"


@pytest.mark.asyncio
async def test_aio_emitter_rate_limiter() -> None:
    """The rate limiter of adaptive retries is found by _handlers.prefix_search and its class."""
    async with a_client(config=AioConfig(retries={"mode": "adaptive"})) as client:
        found = client.meta.events._emitter._handlers.prefix_search("before-send.backup.X")
        owners = [type(getattr(handler, "__self__", None)).__name__ for handler in found]
    assert any(name.endswith("ClientRateLimiter") for name in owners), "hook.retries needs it"


# --- Calls ----------------------------------------------------------------------------------


def without_chance(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what is counted per request."""
    metadata = dict(answer["ResponseMetadata"])
    del metadata["RequestId"], metadata["HTTPHeaders"]
    return answer | {"ResponseMetadata": metadata}


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_answers_are_boto3s(transport: Any, attempts: list[object]) -> None:
    """An async client is answered exactly as a boto3 client is, members and their order."""
    sync = boto3.client("backup", region_name="us-east-1", **KEYS)
    with mock_backup(transport=transport) as backup:
        backup.add_backup_jobs(4, State=["FAILED", "COMPLETED"], ResourceType="EBS")
        job = backup.add_backup_job(ResourceType="EFS")
        async with a_client() as client:
            pairs = [
                (
                    await client.list_backup_jobs(ByState="FAILED"),
                    sync.list_backup_jobs(ByState="FAILED"),
                ),
                (
                    await client.describe_backup_job(BackupJobId=job.id),
                    sync.describe_backup_job(BackupJobId=job.id),
                ),
            ]
        assert len(pairs[0][0]["BackupJobs"]) == 2
        for found, expected in pairs:
            assert without_chance(found) == without_chance(expected)
            assert list(found) == list(expected)
    assert not attempts


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_paginators(transport: Any) -> None:
    """An async paginator walks all pages, and builds the full result."""
    with mock_backup(transport=transport) as backup:
        ids = {job.id for job in backup.add_backup_jobs(25)}
        async with a_client() as client:
            pages = client.get_paginator("list_backup_jobs").paginate(
                PaginationConfig={"PageSize": 10}
            )
            told = [page["BackupJobs"] async for page in pages]
            assert [len(page) for page in told] == [10, 10, 5]
            assert {job["BackupJobId"] for page in told for job in page} == ids
            full = await client.get_paginator("list_backup_jobs").paginate().build_full_result()
            assert len(full["BackupJobs"]) == 25
        assert len(backup.calls("ListBackupJobs")) == 4


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_modelled_errors(transport: Any) -> None:
    """AWS's errors are the modelled classes of the async client."""
    with mock_backup(transport=transport) as backup:
        async with a_client() as client:
            with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
                await client.describe_backup_job(BackupJobId="gone")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert backup.calls[0].error == "ResourceNotFoundException"


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_answers_by_hand(transport: Any) -> None:
    """What a test answers by hand reaches an async client."""
    with mock_backup(transport=transport) as backup:
        backup.answer("GetBackupPlan", lambda asked: {"BackupPlanId": asked["BackupPlanId"]})
        async with a_client() as client:
            assert (await client.get_backup_plan(BackupPlanId="p"))["BackupPlanId"] == "p"


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_what_is_not_faked_is_refused(
    transport: Any, attempts: list[object], unfaked: Callable[..., None]
) -> None:
    """An operation that is not faked raises OperationNotFaked, and is never retried."""
    unfaked("ListFrameworks")
    with mock_backup(transport=transport) as backup:
        async with a_client() as client:
            with pytest.raises(OperationNotFaked, match="does not fake ListFrameworks"):
                await client.list_frameworks()
        assert len(backup.calls) == 1
        backup.reset()
    assert not attempts


# --- Failures -------------------------------------------------------------------------------

RETRIED = (
    "ThrottlingException",
    "ServiceUnavailable",
    "InternalServerError",
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "TruncatedBody",
)


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("code", RETRIED)
@pytest.mark.parametrize("mode", MODES)
async def test_retries(mode: str, code: Any, transport: Any, delays: list[float]) -> None:
    """Every mode retries every passing failure, without sleeping, and counts its retries."""
    with mock_backup(transport=transport) as backup:
        job = backup.add_backup_job()
        backup.fail("ListBackupJobs", code=code, times=2)
        async with a_client(config=AioConfig(retries={"mode": mode})) as client:
            answer = await client.list_backup_jobs()
        assert [found["BackupJobId"] for found in answer["BackupJobs"]] == [job.id]
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        assert backup.calls[0].attempts == 3
    assert sum(delays) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(("mode", "most"), [("legacy", 5), ("standard", 3), ("adaptive", 3)])
async def test_exhausted_retries(mode: str, most: int, delays: list[float]) -> None:
    """A failure that lasts surfaces after as many attempts as the mode makes, as on AWS."""
    with mock_backup() as backup:
        backup.fail("ListBackupJobs", times=most)
        async with a_client(config=AioConfig(retries={"mode": mode})) as client:
            with pytest.raises(ClientError, match=rf"reached max retries: {most - 1}") as caught:
                await client.list_backup_jobs()
            assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == most - 1
            assert (await client.list_backup_jobs())["BackupJobs"] == []
    assert sum(delays) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("EndpointConnectionError", EndpointConnectionError),
        ("ReadTimeoutError", ReadTimeoutError),
        ("TruncatedBody", ConnectionClosedError),
    ],
)
async def test_failures_of_the_network(code: Any, expected: type[Exception]) -> None:
    """A network that stays broken raises botocore's own exception, with AWS's URL in it."""
    with mock_backup() as backup:
        backup.fail("ListBackupJobs", code=code, whole_call=True)
        async with a_client() as client:
            with pytest.raises(expected, match=r"https://backup\.us-east-1\.amazonaws\.com"):
                await client.list_backup_jobs()
        assert backup.calls[0].attempts == 5


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", MODES)
async def test_sleeping_can_be_wanted(mode: str, delays: list[float]) -> None:
    """With retry_sleeps the client sleeps as it would on AWS: the tests above can fail."""
    with mock_backup(retry_sleeps=True) as backup:
        backup.fail("ListBackupJobs", times=2)
        async with a_client(config=AioConfig(retries={"mode": mode})) as client:
            await client.list_backup_jobs()
    assert sum(delays) > 0


@pytest.mark.asyncio
async def test_adaptive_retries_hold_nothing_back(delays: list[float]) -> None:
    """Twenty throttled calls of one adaptive client wait for nothing."""
    with mock_backup() as backup:
        backup.fail("ListBackupJobs", every=2)
        async with a_client(config=AioConfig(retries={"mode": "adaptive"})) as client:
            for _ in range(20):
                await client.list_backup_jobs()
        assert sum(call.attempts for call in backup.calls) == 39
    assert sum(delays) == 0


@pytest.mark.asyncio
async def test_other_services_sleep_as_ever(delays: list[float]) -> None:
    """A client of another service that is throttled sleeps before it retries."""
    network = Network((503,))
    with mock_backup():
        async with a_client("backup-gateway") as client:
            await network.under(client).list_gateways()
    assert len(network.signed_by) == 2
    assert sum(delays) > 0


# --- Making clients -------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_client_needs_nothing(transport: Any, attempts: list[object]) -> None:
    """Without region, keys or metadata service, a client is made and answered."""
    with mock_backup(region="eu-west-1", transport=transport):
        async with new_session().create_client("backup") as client:
            assert client.meta.region_name == "eu-west-1"
            assert await is_answered(client)
    assert not attempts


@pytest.mark.asyncio
async def test_without_a_fake_the_metadata_service_is_asked(attempts: list[object]) -> None:
    """Making the same client outside a fake does try to connect: the test above can fail."""
    async with new_session().create_client("backup", region_name="us-east-1"):
        pass
    assert attempts
    with pytest.raises(NoRegionError):
        await new_session().create_client("backup").__aenter__()


@pytest.mark.asyncio
async def test_automatic_defaults_ask_nobody(attempts: list[object]) -> None:
    """With defaults_mode "auto" nobody is asked for the region, and other settings are kept."""
    told: Any = {"defaults_mode": "auto", "connect_timeout": 7}
    with mock_backup():
        async with new_session().create_client("backup", config=AioConfig(**told)) as client:
            assert client.meta.config.connect_timeout == 7
            assert await is_answered(client)
    assert not attempts


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys")
async def test_a_profiles_region_is_the_clients(configured: Callable[[str], None]) -> None:
    """A region that is configured or given is the client's."""
    configured("[default]\nregion = eu-west-3\n")
    with mock_backup(region="eu-west-1"):
        async with new_session().create_client("backup") as client:
            assert client.meta.region_name == "eu-west-3"
        async with new_session().create_client("backup", "us-west-2") as client:
            assert client.meta.region_name == "us-west-2"


@pytest.mark.asyncio
async def test_an_account_given_in_code_decides() -> None:
    """Keys given in code with an account act in it; acting_as decides for the others."""
    session = new_session()
    session.set_credentials("AKIAREAL", "secret", account_id="111122223333")
    with mock_backup() as backup:
        async with session.create_client("backup", region_name="us-east-1") as client:
            await client.list_backup_jobs()
        async with a_client() as client:
            await client.list_backup_jobs()
            with backup.acting_as("999988887777"):
                await client.list_backup_jobs()
        accounts = [call.account for call in backup.calls]
    assert accounts == ["111122223333", "123456789012", "999988887777"]


@pytest.mark.asyncio
async def test_expired_credentials_are_not_refreshed() -> None:
    """Refreshable credentials that a session holds are left alone."""
    from aiobotocore.credentials import AioDeferredRefreshableCredentials

    asked: list[str] = []

    async def refresh() -> dict[str, str]:
        asked.append("refresh")
        raise AssertionError("refreshed")

    session = new_session()
    session._credentials = AioDeferredRefreshableCredentials(refresh, "sts-assume-role")
    with mock_backup():
        async with session.create_client("backup", region_name="us-east-1") as client:
            assert await is_answered(client)
    assert not asked


@pytest.mark.asyncio
async def test_a_client_from_before_is_answered(attempts: list[object]) -> None:
    """A client, a session and a bound method from before activation are answered."""
    session = new_session()
    async with a_client() as client:
        method = client.list_backup_jobs
        with mock_backup() as backup:
            assert await is_answered(client)
            assert len((await method())["BackupJobs"]) == 1
            async with session.create_client("backup") as late:
                assert await is_answered(late)
            assert len(backup.calls) == 3
    assert not attempts


@pytest.mark.asyncio
async def test_a_client_is_real_again_afterwards() -> None:
    """While a fake is active nothing is sent; before and after, everything is, signed."""
    network = Network()
    async with a_client() as client:
        network.under(client)
        await client.list_backup_jobs()
        with mock_backup():
            assert await is_answered(client)
        with mock_backup(transport="wire"):
            assert await is_answered(client)
        assert network.signed_by == ["AKIAREAL"]
        await client.list_backup_jobs()
    assert network.signed_by == ["AKIAREAL"] * 2


@pytest.mark.asyncio
async def test_a_client_from_inside_finds_its_credentials_afterwards(
    attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client made while active signs real requests afterwards with what it would have found."""
    network = Network()
    async with contextlib.AsyncExitStack() as stack:
        with mock_backup():
            made = new_session().create_client("backup")
            client = network.under(await stack.enter_async_context(made))
            await client.list_backup_jobs()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        await client.list_backup_jobs()
    assert network.signed_by == ["AKIAENV"]
    assert not attempts


@pytest.mark.asyncio
async def test_explicit_keys_stay_the_clients() -> None:
    """Keys given in code are those that a client made while active signs with afterwards."""
    network = Network()
    async with contextlib.AsyncExitStack() as stack:
        with mock_backup():
            made = new_session().create_client("backup", "us-east-1", **KEYS)
            client = network.under(await stack.enter_async_context(made))
        await client.list_backup_jobs()
    assert network.signed_by == ["AKIAREAL"]


@pytest.mark.asyncio
async def test_other_services_are_made_as_ever(attempts: list[object]) -> None:
    """A client of another service looks for its region and keys itself."""
    with mock_backup():
        with pytest.raises(NoRegionError):
            await new_session().create_client("backup-gateway").__aenter__()
        async with new_session().create_client("sts", region_name="us-east-1"):
            assert attempts


# --- Coming and going -----------------------------------------------------------------------


def test_leaving_restores_the_classes() -> None:
    """Aiobotocore's classes are wrapped while a fake is active, and as before afterwards."""
    before = wrapped()
    with mock_backup(), mock_backup(region="eu-west-1"):
        assert all(one is not other for one, other in zip(wrapped(), before, strict=True))
    assert all(one is other for one, other in zip(wrapped(), before, strict=True))
    with pytest.raises(LookupError), mock_backup():
        raise LookupError
    assert all(one is other for one, other in zip(wrapped(), before, strict=True))


@pytest.mark.asyncio
async def test_a_tracer_that_stays_is_left_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tracer put on the hook's place while active is not torn out, and the fake is gone."""
    # Set to what it is, so that it is set back to that.
    monkeypatch.setattr(AioBaseClient, "_emit_api_params", wrapped()[0])
    network, traced = Network(), []
    async with a_client() as client:
        network.under(client)
        with mock_backup():
            inner: Any = wrapped()[0]

            async def trace(self: Any, api_params: Any, operation_model: Any, context: Any) -> Any:
                traced.append(operation_model.name)
                return await inner(self, api_params, operation_model, context)

            AioBaseClient._emit_api_params = trace
            await client.list_backup_jobs()
        assert wrapped()[0] is trace
        assert not network.signed_by
        await client.list_backup_jobs()
    assert len(network.signed_by) == 1
    assert traced == ["ListBackupJobs"] * 2


IMPORTED_LATE = """
import asyncio, sys
from fakebackup import mock_backup

async def main():
    with mock_backup() as backup:
        assert "aiobotocore" not in sys.modules
        from aiobotocore.client import AioBaseClient
        from aiobotocore.session import get_session
        before = vars(AioBaseClient)["_emit_api_params"]
        job = backup.add_backup_job()
        async with get_session().create_client("backup") as client:
            (listed,) = (await client.list_backup_jobs())["BackupJobs"]
            assert listed["BackupJobId"] == job.id
            backup.fail("ListBackupJobs")
            await client.list_backup_jobs()
            assert backup.calls[1].attempts == 2
        assert vars(AioBaseClient)["_emit_api_params"] is not before
    assert vars(AioBaseClient)["_emit_api_params"] is before

asyncio.run(main())
"""


def test_imported_after_the_fake_started() -> None:
    """Aiobotocore imported while a fake is active is answered, and as before afterwards."""
    command = [sys.executable, "-c", IMPORTED_LATE]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_half_imported_aiobotocore_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake that starts while another thread imports aiobotocore starts all the same."""
    empty: Any = type(sys)("aiobotocore.client")
    monkeypatch.setitem(sys.modules, "aiobotocore.client", empty)
    with mock_backup() as backup:
        boto3.client("backup").list_backup_jobs()
        assert len(backup.calls) == 1


# --- At once --------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_tasks_lose_nothing(transport: Any) -> None:
    """Tasks that call at once, on one client or two, are each answered and counted once."""
    with mock_backup(transport=transport) as backup:
        backup.add_backup_jobs(6, State=["FAILED", "COMPLETED"])
        async with a_client() as one, a_client() as other:
            answers = await asyncio.gather(
                *(client.list_backup_jobs(ByState="FAILED") for client in [one, other] * 100)
            )
        assert {len(answer["BackupJobs"]) for answer in answers} == {3}
        assert len({answer["ResponseMetadata"]["RequestId"] for answer in answers}) == 200
        assert len(backup.calls) == 200


@pytest.mark.asyncio
async def test_tasks_that_fail_lose_nothing() -> None:
    """Of tasks that call at once with failures to come, each failure hits one attempt."""
    with mock_backup() as backup:
        backup.fail("ListBackupJobs", code="ReadTimeoutError", times=30)
        async with a_client(config=AioConfig(retries={"max_attempts": 40})) as client:
            answers = await asyncio.gather(*(client.list_backup_jobs() for _ in range(60)))
        retries = [answer["ResponseMetadata"]["RetryAttempts"] for answer in answers]
        assert sum(retries) == 30
        assert sum(call.attempts for call in backup.calls) == 90


@pytest.mark.asyncio
async def test_tasks_seed_and_call_at_once() -> None:
    """Tasks that seed and read get what they seeded."""
    with mock_backup() as backup:
        async with a_client() as client:

            async def work(number: int) -> None:
                mine = []
                for _ in range(10):
                    mine.append(backup.add_backup_job(ResourceType=f"T{number}").id)
                    told = await client.list_backup_jobs(ByResourceType=f"T{number}")
                    assert [job["BackupJobId"] for job in told["BackupJobs"]] == mine[::-1]

            await asyncio.gather(*(work(number) for number in range(8)))
        assert len(backup.backup_jobs) == len(backup.calls) == 80


def test_threads_with_a_loop_each() -> None:
    """Threads that each run a loop of their own are answered by one fake, and counted."""

    async def work() -> int:
        async with new_session().create_client("backup") as client:
            answers = await asyncio.gather(*(client.list_backup_jobs() for _ in range(25)))
        return sum(len(answer["BackupJobs"]) for answer in answers)

    with mock_backup() as backup, ThreadPoolExecutor(4) as pool:
        backup.add_backup_job()
        running = [pool.submit(asyncio.run, work()) for _ in range(4)]
        assert [each.result(60) for each in running] == [25] * 4
        assert len(backup.calls) == 100


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_other_tasks_have_their_turns(transport: Any) -> None:
    """A task that polls without a pause lets another one end what it waits for."""
    with mock_backup(transport=transport) as backup:
        job = backup.add_backup_job(State="RUNNING")
        async with a_client() as client:

            async def poll() -> int:
                polls = 0
                while (await client.describe_backup_job(BackupJobId=job.id))["State"] == "RUNNING":
                    polls += 1
                return polls

            async def finish() -> None:
                job.complete()

            polls, _ = await asyncio.gather(poll(), finish())
        assert polls <= 1


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_cancelled_task_ends_at_its_next_call(transport: Any) -> None:
    """It makes no further calls, however many pages are left."""
    with mock_backup(transport=transport) as backup:
        backup.add_backup_jobs(30)
        async with a_client() as client:

            async def export() -> None:
                pages = client.get_paginator("list_backup_jobs")
                async for _ in pages.paginate(PaginationConfig={"PageSize": 1}):
                    if len(backup.calls) == 3:
                        task.cancel()

            task = asyncio.ensure_future(export())
            with pytest.raises(asyncio.CancelledError):
                await task
        assert len(backup.calls) == 3


@pytest.mark.asyncio
async def test_futures_of_another_thread() -> None:
    """A loop is handed calls by threads, and boto3 runs in an executor beside it."""
    sync = boto3.client("backup", region_name="us-east-1", **KEYS)
    loop = asyncio.get_running_loop()
    with mock_backup() as backup:
        async with a_client() as client:

            def hand_over() -> int:
                handed = asyncio.run_coroutine_threadsafe(client.list_backup_jobs(), loop)
                return len(handed.result(30)["BackupJobs"])

            backup.add_backup_job()
            told = await asyncio.gather(*(asyncio.to_thread(hand_over) for _ in range(20)))
            direct = await asyncio.gather(
                *(asyncio.to_thread(sync.list_backup_jobs) for _ in range(20))
            )
        assert told == [1] * 20
        assert {len(answer["BackupJobs"]) for answer in direct} == {1}
        assert len(backup.calls) == 40


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "event", ["provide-client-params", "before-parameter-build", "before-call"]
)
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_call_in_flight_is_answered(transport: Any, event: str) -> None:
    """A task is in the middle of a call when the fake ends: the fake answers it."""
    network = Network()
    inside, go = asyncio.Event(), asyncio.Event()

    async def wait(**_: object) -> None:
        inside.set()
        await go.wait()

    async with a_client() as client:
        network.under(client).meta.events.register(f"{event}.backup", wait)
        with mock_backup(transport=transport) as backup:
            job = backup.add_backup_job()
            running = asyncio.create_task(client.list_backup_jobs())
            await asyncio.wait_for(inside.wait(), 30)
        assert hook.top() is None
        go.set()
        (listed,) = (await running)["BackupJobs"]
        assert listed["BackupJobId"] == job.id
        assert not network.signed_by
        await client.list_backup_jobs()
    assert len(network.signed_by) == 1


@pytest.mark.asyncio
async def test_a_cancelled_call_leaves_nothing() -> None:
    """A call on the wire that is cancelled is forgotten, and the next one is answered."""
    from fakebackup.hook import handlers

    # What earlier tests' tracebacks still hold is not this test's.
    before = set(handlers._on_the_wire)
    never = asyncio.Event()

    async def hang(**_: object) -> None:
        await never.wait()

    with mock_backup(transport="wire") as backup:
        backup.add_backup_job()
        async with a_client() as client:
            client.meta.events.register("before-sign.backup", hang, unique_id="hang")
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.list_backup_jobs(), 0.01)
            client.meta.events.unregister("before-sign.backup", unique_id="hang")
            assert len((await client.list_backup_jobs())["BackupJobs"]) == 1
    gc.collect()
    assert set(handlers._on_the_wire) <= before


# --- Others in the same place ---------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_stubber_wins(transport: Any) -> None:
    """Aiobotocore's Stubber on a client wins over the fake, and gives way when it is left."""
    async with a_client() as client:
        stubber = AioStubber(client)
        stubber.add_response("get_backup_plan", {"BackupPlanId": "mine"})
        with mock_backup(transport=transport) as backup:
            with stubber:
                assert (await client.get_backup_plan(BackupPlanId="p"))["BackupPlanId"] == "mine"
            assert len(backup.calls) == 0
            assert await is_answered(client)


GRABBED: Any = vars(AioBaseClient)["_make_api_call"]


@pytest.mark.asyncio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_patch_of_make_api_call_reaches_the_fake(
    transport: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test's patch of _make_api_call that calls what it grabbed at import is answered."""
    seen: list[str] = []

    async def make_api_call(self: Any, operation_name: str, kwarg: Any) -> Any:
        seen.append(operation_name)
        return await GRABBED(self, operation_name, kwarg)

    monkeypatch.setattr(AioBaseClient, "_make_api_call", make_api_call)
    with mock_backup(transport=transport):
        async with a_client() as client:
            assert await is_answered(client)
    assert seen == ["ListBackupJobs"]


# --- Styles of tests ------------------------------------------------------------------------


@pytest.mark.asyncio
@mock_backup
async def test_the_bare_decorator() -> None:
    """An async test under the bare decorator has a fake."""
    async with new_session().create_client("backup") as client:
        assert await is_answered(client)


@mock_backup(region="eu-west-1", transport="wire")
@pytest.mark.asyncio
async def test_the_decorator_with_options() -> None:
    """So it has with options, and with the decorator above the mark."""
    async with new_session().create_client("backup") as client:
        assert client.meta.region_name == "eu-west-1"
        assert await is_answered(client)


@pytest.mark.asyncio
async def test_the_fixture(fake_backup: FakeBackup) -> None:
    """An async test with the fixture has its fake, and the options of the marker's."""
    async with new_session().create_client("backup") as client:
        assert await is_answered(client)
    assert len(fake_backup.calls) == 1


@pytest.mark.asyncio
@pytest.mark.fake_backup(region="eu-central-1")
async def test_the_marker() -> None:
    """The marker alone gives an async test a fake with its options."""
    async with new_session().create_client("backup") as client:
        assert client.meta.region_name == "eu-central-1"
        assert await is_answered(client)


@pytest_asyncio.fixture
@mock_backup
async def a_fakes_client() -> AsyncIterator[Any]:
    """An async generator fixture, active until its test has ended."""
    async with new_session().create_client("backup") as client:
        yield client


@pytest.mark.asyncio
async def test_an_async_fixture(a_fakes_client: Any) -> None:
    """A client from a decorated async fixture is answered in the test."""
    assert await is_answered(a_fakes_client)


@mock_backup
class TestIsolated(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        """Make the client before the test, under the fake."""
        made = new_session().create_client("backup")
        self.client = await made.__aenter__()
        self.addAsyncCleanup(made.__aexit__, None, None, None)

    async def test_one(self) -> None:
        """An IsolatedAsyncioTestCase under the decorator has a fake in asyncSetUp and tests."""
        assert await is_answered(self.client)
        assert len(current().calls) == 1

    async def test_another(self) -> None:
        """Each of its tests has a fresh one."""
        assert await is_answered(self.client)
        assert len(current().calls) == 1


BACKENDS = {
    "asyncio": None,
    "asyncio on httpx": AioConfig(http_session_cls=HttpxSession),
    "trio": AioConfig(http_session_cls=HttpxSession),
}


@pytest.fixture(params=BACKENDS)
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """The loop that anyio runs a test on."""
    if request.param == "trio":
        pytest.importorskip("aiobotocore._async_primitives", reason="aiobotocore before trio")
    return str(request.param).partition(" ")[0]


@pytest.fixture
def anyio_config(request: pytest.FixtureRequest) -> Any:
    """The settings of a client that goes with the loop."""
    return BACKENDS[request.node.callspec.params["anyio_backend"]]


@pytest.mark.anyio
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_anyio(anyio_config: Any, transport: Any, attempts: list[object]) -> None:
    """With anyio, on asyncio and trio: calls, pages, errors and retries."""
    with mock_backup(transport=transport) as backup:
        backup.add_backup_jobs(2)
        async with new_session().create_client("backup", config=anyio_config) as client:
            assert await is_answered(client)
            await goes_round(client, backup)
    assert not attempts


@pytest.mark.anyio
@mock_backup
async def test_anyio_and_the_decorator(anyio_config: Any) -> None:
    """A test that anyio runs under the decorator, with tasks of a task group at once."""
    from anyio import create_task_group

    made = new_session().create_client("backup", config=anyio_config)
    async with made as client, create_task_group() as group:
        for _ in range(20):
            group.start_soon(client.list_backup_jobs)
    assert len(current().calls) == 20


@pytest.mark.anyio
async def test_anyio_and_the_fixture(anyio_config: Any, fake_backup: FakeBackup) -> None:
    """A test that anyio runs with the fixture."""
    async with new_session().create_client("backup", config=anyio_config) as client:
        assert await is_answered(client)
    assert len(fake_backup.calls) == 1


@pytest.fixture
@mock_backup
async def an_anyio_client(anyio_config: Any) -> AsyncIterator[Any]:
    """An async generator fixture that anyio runs."""
    async with new_session().create_client("backup", config=anyio_config) as client:
        yield client


@pytest.mark.anyio
async def test_an_anyio_fixture(an_anyio_client: Any) -> None:
    """A client from a decorated async fixture of anyio's is answered in the test."""
    assert await is_answered(an_anyio_client)
