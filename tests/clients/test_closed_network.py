"""The closed network beside aiobotocore and moto: their answers pass, and nothing leaves."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
import pytest_asyncio
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.httpxsession import HttpxSession
from aiobotocore.session import AioSession
from aiobotocore.signers import AioRequestSigner
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from moto import mock_aws

from fakebackup import FakeBackupError, mock_backup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

KEYS: dict[str, Any] = {"aws_access_key_id": "AKIAREAL", "aws_secret_access_key": "secret"}
REFUSED = (
    "SQS ListQueues was about to leave this machine, for https://sqs.eu-west-1.amazonaws.com, "
    "and the fake closes the network (network='closed')."
)


def sqs(**settings: Any) -> Any:
    """An async client of another service, of a session of its own, to be entered."""
    return AioSession().create_client("sqs", region_name="eu-west-1", **settings)


async def refused(client: Any) -> str:
    """What a client is told whose request would leave this machine."""
    with pytest.raises(FakeBackupError) as caught:
        await client.list_queues()
    return str(caught.value).splitlines()[0]


@pytest_asyncio.fixture
async def before() -> AsyncIterator[Any]:
    """A client from before the fake, without credentials."""
    async with sqs(**KEYS) as client:
        client._request_signer._credentials = None
        yield client


@pytest.mark.asyncio
async def test_a_request_is_refused(before: Any, attempts: list[object]) -> None:
    """A request of an async client is refused, made before or inside, with keys or without."""
    with mock_backup(network="closed"):
        assert await refused(before) == REFUSED
        for keys in ({}, KEYS):
            async with sqs(**keys) as client:
                assert await refused(client) == REFUSED
    with pytest.raises(NoCredentialsError):
        await before.list_queues()
    assert not attempts


SESSIONS = (AIOHTTPSession, HttpxSession)


@pytest.mark.asyncio
@pytest.mark.parametrize("session", SESSIONS, ids=lambda each: each.__name__)
async def test_every_http_session(session: Any, attempts: list[object]) -> None:
    """It is refused whatever HTTP library the client uses."""
    if session is HttpxSession:
        pytest.importorskip("httpx")
    async with sqs(config=AioConfig(http_session_cls=session), **KEYS) as client:
        with mock_backup(network="closed"):
            assert await refused(client) == REFUSED
    assert not attempts


@pytest.mark.asyncio
async def test_nothing_is_left_behind() -> None:
    """The methods are as before when the fake ends."""
    wrapped = [(each, "send") for each in SESSIONS] + [(AioRequestSigner, "sign")]
    before = [vars(owner)[name] for owner, name in wrapped]
    with mock_backup(network="closed"):
        assert [vars(owner)[name] for owner, name in wrapped] != before
    assert [vars(owner)[name] for owner, name in wrapped] == before


@pytest.mark.asyncio
async def test_the_metadata_service_is_not_there(attempts: list[object]) -> None:
    """An async session finds no credentials, as on a machine without a metadata service."""
    with mock_backup(network="closed"):
        assert await AioSession().get_credentials() is None
    assert not attempts


@pytest.mark.asyncio
async def test_keys_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An async client made inside signs with the keys of the environment."""
    with mock_backup(network="closed"):
        async with sqs() as client:
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
            credentials = client._request_signer._credentials
            found = await credentials.get_frozen_credentials()
            assert found.access_key == "AKIAENV"
            assert isinstance(credentials, AioCredentials)


@pytest.mark.asyncio
async def test_a_mock_below(before: Any, attempts: list[object]) -> None:
    """A mock of aiohttp's own request answers, as aioresponses does it."""
    request = mock.AsyncMock(side_effect=OSError("answered below"))
    with (
        mock_backup(network="closed"),
        mock.patch("aiohttp.client.ClientSession._request", request),
        pytest.raises(Exception, match=r"answered below|eu-west-1"),
    ):
        await before.list_queues()
    assert request.called
    assert not attempts


# --- moto -------------------------------------------------------------------------------------


def orders() -> Iterator[Any]:
    """Moto and the fake, either inside the other."""
    closed = lambda: mock_backup(network="closed", region="eu-west-1")  # noqa: E731  a table's row
    yield pytest.param((mock_aws, closed), id="moto outside")
    yield pytest.param((closed, mock_aws), id="moto inside")


@pytest.mark.parametrize("order", list(orders()))
def test_motos_answers_pass(order: tuple[Callable[[], Any], ...], attempts: list[object]) -> None:
    """Moto answers clients from before and from inside; what it does not mock is refused."""
    early = boto3.Session().client("sqs", region_name="eu-west-1", **KEYS)
    with contextlib.ExitStack() as stack:
        for each in order:
            stack.enter_context(each())
        late = boto3.Session().client("sqs", region_name="eu-west-1")
        url = late.create_queue(QueueName="queue")["QueueUrl"]
        assert early.list_queues()["QueueUrls"] == [url]
        assert boto3.Session().client("backup", region_name="eu-west-1").list_backup_jobs()
    assert not attempts


def test_motos_passthrough_is_refused(attempts: list[object]) -> None:
    """What moto lets through to AWS is refused."""
    config: Any = {"core": {"mock_credentials": True, "passthrough": {"services": ["sqs"]}}}
    client: Any = boto3.Session().client("sqs", region_name="eu-west-1", **KEYS)
    with mock_aws(config=config), mock_backup(network="closed"):
        with pytest.raises(FakeBackupError, match="SQS ListQueues was about to leave"):
            client.list_queues()
        assert not attempts
    with pytest.raises(EndpointConnectionError):
        client.list_queues()
