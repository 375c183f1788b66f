"""The closed network: requests of clients that nothing inside the process answers are refused.

While a fake with ``network="closed"`` is active, the last step of a request is wrapped, `send` of
botocore's (and aiobotocore's) HTTP sessions: whatever answers before it, as moto and the Stubber
do, is not asked whether it may. Requests of no client, such as those for credentials of the
machine, fail as they do on a machine that has no metadata service.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
import socket
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from fakebackup.addresses import host_of, is_loopback, is_unspecified
from fakebackup.errors import FakeBackupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import OperationModel

_operation: contextvars.ContextVar[OperationModel | None] = contextvars.ContextVar(
    "fakebackup-operation", default=None
)
"""The operation that a client's request is being made of."""


class Wrap(NamedTuple):
    """A method of botocore's to wrap.

    Attributes:
        owner: the class.
        name: the method's name.
        make: returns the wrapper of the original.
    """

    owner: type
    name: str
    make: Callable[[Any], Any]


def botocore_wraps(closed: Callable[[], bool]) -> list[Wrap]:
    """Return what is wrapped of botocore.

    Args:
        closed: tells whether a fake that closes the network is active.
    """
    from botocore.endpoint import Endpoint
    from botocore.httpsession import URLLib3Session
    from botocore.signers import RequestSigner

    return [
        Wrap(Endpoint, "make_request", _naming),
        Wrap(URLLib3Session, "send", functools.partial(_refusing, closed=closed)),
        Wrap(RequestSigner, "sign", functools.partial(_signing, closed=closed)),
    ]


_AIO_SESSIONS = {
    "aiobotocore.httpsession": ("AIOHTTPSession", "HttpxSession"),
    "aiobotocore.httpxsession": ("HttpxSession",),
}
"""The classes of aiobotocore's HTTP sessions, by module; which there are depends on its version."""


def aiobotocore_wraps(closed: Callable[[], bool]) -> list[Wrap]:
    """Return what is wrapped of aiobotocore, if it is imported; argument as `botocore_wraps`."""
    sessions = {
        found: None
        for module, names in _AIO_SESSIONS.items()
        for name in names
        if (found := getattr(sys.modules.get(module), name, None)) is not None
    }
    found = [
        Wrap(each, "send", functools.partial(_refusing_async, closed=closed)) for each in sessions
    ]
    signer = getattr(sys.modules.get("aiobotocore.signers"), "AioRequestSigner", None)
    if signer is not None:
        found.append(Wrap(signer, "sign", functools.partial(_signing_async, closed=closed)))
    return found


# --- Which operation a request is of ----------------------------------------------------------


def _naming(original: Any) -> Any:
    def make_request(self: Any, operation_model: OperationModel, request_dict: Any) -> Any:
        token = _operation.set(operation_model)
        try:
            made = original(self, operation_model, request_dict)
        finally:
            _operation.reset(token)
        # aiobotocore's endpoint has the same method, which begins with the awaiting.
        return _named(made, operation_model) if inspect.isawaitable(made) else made

    return make_request


async def _named(made: Any, operation: OperationModel) -> Any:
    token = _operation.set(operation)
    try:
        return await made
    finally:
        _operation.reset(token)


# --- Refusing ---------------------------------------------------------------------------------


def _refusing(original: Any, closed: Callable[[], bool]) -> Any:
    if _is_mock(original):
        return original

    def send(self: Any, request: Any) -> Any:
        if closed():
            _check(self, request.url)
        return original(self, request)

    return send


def _refusing_async(original: Any, closed: Callable[[], bool]) -> Any:
    if _is_mock(original):
        return original

    async def send(self: Any, request: Any) -> Any:
        if closed():
            _check(self, request.url)
        return await original(self, request)

    return send


def _check(session: Any, url: str) -> None:
    """Refuse a request that would leave this machine.

    Raises:
        FakeBackupError: the request is of a client.
        botocore.exceptions.EndpointConnectionError: it is of no client.
    """
    if _stays(url, _proxy(session, url)) or _is_answered_below():
        return
    operation = _operation.get()
    if operation is None:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url=url)
    service = operation.service_model
    where = urlsplit(url)
    msg = (
        f"{service.service_id} {operation.name} was about to leave this machine, for "
        f"{where.scheme}://{where.netloc}, and the fake closes the network (network='closed').\n"
        f"To answer it in this test, use moto's mock_aws() or botocore's Stubber for "
        f"{service.service_name!r}, or give the client the endpoint_url of a server on this "
        f"machine. To let such requests out, use network='open'."
    )
    raise FakeBackupError(msg)


def _proxy(session: Any, url: str) -> str | None:
    """Return the proxy that a session would use, which may be elsewhere."""
    found: str | None = None
    config = getattr(session, "_proxy_config", None)
    if config is not None:
        found = config.proxy_url_for(url)
    return found


def _stays(url: str, proxy: str | None) -> bool:
    return _is_here(url) and (proxy is None or _is_here(proxy))


def _is_here(url: str) -> bool:
    """Tell whether a URL is of this machine, without looking up any name."""
    host = host_of(url)
    return is_loopback(host) or is_unspecified(host) or host == socket.gethostname().lower()


def _is_answered_below() -> bool:
    """Tell whether a mock stands in below botocore's HTTP sessions, where it answers unseen.

    Those of unittest.mock (which aioresponses uses), and vcrpy's cassettes.
    """
    pool = getattr(sys.modules.get("urllib3.connectionpool"), "HTTPConnectionPool", None)
    aiohttp = getattr(sys.modules.get("aiohttp.client"), "ClientSession", None)
    methods = (getattr(pool, "urlopen", None), getattr(aiohttp, "_request", None))
    awsrequest = sys.modules.get("botocore.awsrequest")
    connections = (
        getattr(awsrequest, "AWSHTTPSConnection", None),
        getattr(getattr(awsrequest, "AWSHTTPSConnectionPool", None), "ConnectionCls", None),
    )
    return any(map(_is_mock, methods)) or any(
        getattr(each, "__module__", "").startswith("vcr.") for each in connections
    )


def _is_mock(method: Any) -> bool:
    mock = sys.modules.get("unittest.mock")
    if mock is None or method is None:
        return False
    # With autospec it is a function that has the mock as an attribute.
    return isinstance(method, mock.NonCallableMock) or isinstance(
        vars(method).get("mock"), mock.NonCallableMock
    )


# --- Signing ----------------------------------------------------------------------------------


def _signing(original: Any, closed: Callable[[], bool]) -> Any:
    def sign(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            original(self, *args, **kwargs)
        except Exception as error:
            if not _goes_unsigned(error, closed):
                raise

    return sign


def _signing_async(original: Any, closed: Callable[[], bool]) -> Any:
    async def sign(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            await original(self, *args, **kwargs)
        except Exception as error:
            if not _goes_unsigned(error, closed):
                raise

    return sign


def _goes_unsigned(error: Exception, closed: Callable[[], bool]) -> bool:
    """Tell whether a request goes on without a signature, since there are no credentials.

    It stays in the process then, where nobody reads the signature; a URL that is signed in advance
    is another matter.
    """
    from botocore import exceptions

    lacking = (
        exceptions.NoCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.NoAuthTokenError,
        exceptions.TokenRetrievalError,
        # Of a client that botocore makes to ask for credentials.
        FakeBackupError,
    )
    return _operation.get() is not None and closed() and isinstance(error, lacking)
