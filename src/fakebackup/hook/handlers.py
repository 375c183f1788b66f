"""The handlers on a client's emitter: one transport answers in the place of HTTP, one as HTTP."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from fakebackup.answers import Answer, content, parsed
from fakebackup.hook import endpoints
from fakebackup.hook.clients import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSResponse

    from fakebackup.dispatch import Backend, Exchange
    from fakebackup.faults import Fault

PINNED = "fakebackup"
"""The key of botocore's per-call context that holds a call's backend, request and client."""

_ON_WIRE = "fakebackup-on-the-wire"
"""The key of the context that holds the `_WireCall` of a call on the wire."""

DOMAIN = ".fakebackup.invalid"
"""The domain of requests on the wire: reserved, so that no other library intercepts them."""

_READY = "_fakebackup_ready"
"""The attribute of a client that has our handler of calls."""

_WIRED = "_fakebackup_wired"
"""The attribute of a client that has our handlers of calls on the wire."""

_OWN = "_fakebackup_own"
"""The attribute of a client that is the fake's own, in a mock of the rest of AWS."""

lock = threading.Lock()
"""Held while a client gets our handlers, and while a call on the wire gets its token."""


def renew_lock() -> None:
    """Make the lock anew, in a forked child: another thread held it."""
    global lock  # noqa: PLW0603  a process has one
    lock = threading.Lock()


class _WireCall:
    """A call on the wire: the exchange that answers it, and the URL that the client meant."""

    def __init__(self, exchange: Exchange, url: str) -> None:
        self.exchange = exchange
        self.url = url


_on_the_wire: WeakValueDictionary[str, _WireCall] = WeakValueDictionary()
"""The calls on the wire, by token. A call's context keeps it alive, so that a cancelled call
leaves nothing behind."""


def make_ready(client: Any) -> None:
    """Register our handler of calls on a client's emitter, once."""
    # Not `hasattr`: a client without the attribute would ask its handlers for it.
    attributes = vars(client)
    if _READY in attributes:
        return
    with lock:
        if _READY in attributes:
            return
        # No deeper than the service: a Stubber's handler is deeper, and so wins.
        handler = _before_call if _validates(client) else _before_unchecked_call
        client.meta.events.register(f"before-call.{SERVICE}", handler)
        endpoints.resolve_once(client, PINNED)
        attributes[_READY] = True


def _make_ready_for_wire(client: Any) -> None:
    """Register what answers calls on the wire on a client's emitter, once.

    Not before its first such call: most clients make none.
    """
    attributes = vars(client)
    if _WIRED in attributes:
        return
    from fakebackup.hook import retries

    with lock:
        if _WIRED in attributes:
            return
        client.meta.events.register(f"choose-signer.{SERVICE}", _choose_signer)
        client.meta.events.register(f"before-send.{SERVICE}", _before_send)
        retries.keep_from_sleeping(client, DOMAIN, PINNED)
        attributes[_WIRED] = True


def leave_alone(client: Any) -> None:
    """Mark a client as the fake's own: whatever it asks, other mocks answer."""
    vars(client).update({_READY: True, _OWN: True})


def is_own(client: Any) -> bool:
    """Tell whether a client is the fake's own."""
    return _OWN in vars(client)


def _validates(client: Any) -> bool:
    """Tell whether botocore validates a client's parameters before it serialises them."""
    serializer = getattr(client, "_serializer", None)
    return serializer is None or hasattr(serializer, "_param_validator")


def _before_unchecked_call(
    context: dict[str, Any], params: dict[str, Any], **_: object
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """Answer a call whose parameters botocore has serialised without validating them.

    What AWS would get is judged, so that both transports see the same.
    """
    from fakebackup.model.shapes.received import Received

    pinned = context.get(PINNED)
    if pinned is not None:
        backend, request, client = pinned
        url, body = urlsplit(params["url"]), params["body"]
        sent = body.encode() if isinstance(body, str) else bytes(body)
        received = Received(url.path, url.query, sent)
        context[PINNED] = backend, request._replace(received=received), client
    return _before_call(context, params)


def _before_call(
    context: dict[str, Any], params: dict[str, Any], **_: object
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """Answer a call in the place of HTTP, or address its request to our domain.

    botocore has validated the parameters by now.
    """
    pinned = context.get(PINNED)
    if pinned is None:
        return None
    backend, request, client = pinned
    exchange = backend.begin(request)
    if _goes_by_wire(backend, exchange, params):
        _make_ready_for_wire(client)
        context[_ON_WIRE] = call = _WireCall(exchange, params["url"])
        token = _token(call)
        path = params["url"].partition("://")[2].partition("/")[2]
        params["url"] = f"https://{token}.{SERVICE}.{request.region}{DOMAIN}/{path}"
        return None
    answer = exchange.attempt()
    if not isinstance(answer, Answer):  # a failure injected after `_goes_by_wire` had asked
        raise _network_error(answer, params["url"])
    return _response(params["url"], answer, b""), parsed(answer, request.operation)


def _token(call: _WireCall) -> str:
    """Return the token of a call on the wire: the least number that no other call has."""
    with lock:
        # Numbers are used again, so that urlsplit's cache knows the URLs.
        number = 1
        while (token := str(number)) in _on_the_wire:
            number += 1
        _on_the_wire[token] = call
        return token


def _goes_by_wire(backend: Backend, exchange: Exchange, params: dict[str, Any]) -> bool:
    transport = backend.options.transport
    if transport == "wire" or (backend.has_faults() and exchange.may_fail()):
        return True
    # The AWS CLI has a parser of dates of its own.
    agent = params["headers"].get("User-Agent", "")
    return transport == "auto" and agent.startswith("aws-cli/")


def _choose_signer(context: dict[str, Any], **_: object) -> Any:
    """Leave calls on the wire unsigned, so that they need no credentials."""
    if _ON_WIRE not in context:
        return None
    from botocore import UNSIGNED

    return UNSIGNED


def _before_send(request: Any, **_: object) -> AWSResponse | None:
    """Answer an HTTP attempt of a call on the wire."""
    host = request.url.partition("://")[2].partition("/")[0]
    if not host.endswith(DOMAIN):
        return None
    call = _on_the_wire[host.partition(".")[0]]
    answer = call.exchange.attempt()
    if not isinstance(answer, Answer):
        raise _network_error(answer, call.url)
    return _response(call.url, answer, content(answer))


def _network_error(fault: Fault, url: str) -> Exception:
    """Return botocore's exception for a failure of the network."""
    import botocore.exceptions

    made: Exception = getattr(botocore.exceptions, fault.code)(
        endpoint_url=url, error="injected by fakebackup"
    )
    return made


class _Body(bytes):
    """The content of a response: bytes for botocore, awaited by aiobotocore."""

    def __await__(self) -> Iterator[Any]:
        return iter(_Ready(self))


class _Ready:
    """An iterator that ends at once with a result, so that awaiting it never suspends."""

    def __init__(self, result: bytes) -> None:
        self._result = result

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        raise StopIteration(self._result)


def _response(url: str, answer: Answer, content: bytes) -> AWSResponse:
    made: AWSResponse = _response_class()(url, answer, content)
    return made


@functools.cache
def _response_class() -> type:
    from botocore.awsrequest import AWSResponse, HeadersDict

    class Response(AWSResponse):
        """A response without a socket, which botocore has no way to make."""

        def __init__(self, url: str, answer: Answer, content: bytes) -> None:
            self.url = url
            self.status_code = answer.status
            self.raw: Any = None
            self._plain_headers = answer.headers
            self._content = _Body(content)

        def __getattr__(self, name: str) -> Any:
            if name != "headers":
                raise AttributeError(name)
            # Made when read, which is seldom where the answer is in the place of HTTP.
            self.headers = HeadersDict(self._plain_headers)
            return self.headers

    return Response
