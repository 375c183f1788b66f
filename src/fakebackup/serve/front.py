"""The front: from a request of HTTP to its answer, by the same dispatch as the hook's."""

from __future__ import annotations

import functools
import re
import threading
from collections import OrderedDict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock, ids
from fakebackup.answers import Answer, Form, content, headers, refused
from fakebackup.dispatch import Request, received_by
from fakebackup.errors import (
    AwsError,
    EndlessWait,
    FakeBackupError,
    OperationNotFaked,
    name_of,
    quoted,
)
from fakebackup.faults import Fault
from fakebackup.model.shapes.json_text import parse_json
from fakebackup.model.shapes.model import service_model
from fakebackup.model.shapes.received import Received
from fakebackup.serve import signatures
from fakebackup.serve.console import PATH as CONSOLE
from fakebackup.serve.console import Console
from fakebackup.serve.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.dispatch import Backend, Exchange
    from fakebackup.serve.routes import Found
    from fakebackup.serve.signatures import Signed
    from fakebackup.serve.wire import HttpRequest

MOST_EXCHANGES = 1000
"""How many calls are remembered, the last ones, as those that a client may try again."""

_WRONG_TYPE = "SerializationException"

_LOOPBACK = re.compile(r"(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])(:\d{1,5})?")
"""The hosts that reach this machine alone. A name of a web page's making may lead here, too, by
which the page would reach us as its own server."""

_AT_ONCE = ("EndpointConnectionError", "ConnectTimeoutError")
"""The failures of the network that come before a connection is accepted."""


class Reply(NamedTuple):
    """What becomes of a request.

    Attributes:
        status, headers, body: the answer.
        fault: the failure of the network that hits the answer; None for none.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    fault: Fault | None = None


class Front:
    """The front of a fake's server: it answers requests, and notes what is the test's to know.

    Attributes:
        errors: what was raised that is no answer of AWS, in order: by handlers of events, for
            endless waits, for operations that are not faked, and for other services.
        lock: held while what the threads of the server share is read or changed.
    """

    def __init__(self, backend: Backend) -> None:
        """Answer for a fake.

        Args:
            backend: AWS Backup's side of the fake.
        """
        self.errors: list[BaseException] = []
        self._backend = backend
        self._console: Console | None = None
        self._exchanges: OrderedDict[tuple[Any, ...], Exchange] = OrderedDict()
        self.lock = threading.Lock()
        model = service_model()
        self._routes = Routes(map(model.operation_model, model.operation_names))

    def renew_lock(self) -> None:
        """Make the lock anew, in a forked child: another thread held it."""
        self.lock = threading.Lock()

    @property
    def console(self) -> Console:
        """The console; made when it is first asked for."""
        with self.lock:
            if self._console is None:
                self._console = Console(self._backend)
            return self._console

    def reply(self, http: HttpRequest) -> Reply:
        """Answer a request."""
        reply = self._reply(http)
        date = _http_date(http.headers.get("x-amz-date", ""))
        return reply if date is None else reply._replace(headers={**reply.headers, "date": date})

    def _reply(self, http: HttpRequest) -> Reply:
        try:
            self._refuse_strangers(http)
            if http.path.startswith(CONSOLE):
                return self._shown(http)
            signed = signatures.read(http.headers, http.query)
            found = self._routes.find(http.method, http.path, http.query)
            if found is None:
                message = f"AWS Backup has no operation {http.method} {http.path}"
                raise AwsError("UnknownOperationException", message, status=404)  # noqa: TRY301  one place answers
        except AwsError as error:
            return _reply(self._refused(error))
        except FakeBackupError as error:
            return self._noted(error)
        exchange = None
        try:
            exchange = self._exchange(http, signed, found)
            answer = exchange.attempt()
            if not isinstance(answer, Fault):
                return _reply(answer)
            if answer.code not in _AT_ONCE:
                return Reply(200, {}, _CUT, answer)
            raise _cannot_be_shown(answer)  # noqa: TRY301  one place answers
        except BaseException as error:  # noqa: BLE001  a handler may raise whatever a test raises
            by_hand = None if exchange is None else _by_hand(error, exchange)
            return self._noted(error) if by_hand is None else _reply(self._refused(by_hand))

    def _noted(self, error: BaseException) -> Reply:
        """Note what is the test's to know, and return what the client is told of it."""
        self.errors.append(error)
        return _reply(self._refused(_ours(error)))

    def _shown(self, http: HttpRequest) -> Reply:
        try:
            return Reply(*self.console.reply(http))
        except BaseException as error:  # noqa: BLE001  a handler may raise whatever a test raises
            return self._noted(error)

    def refusal(self, status: int, text: str) -> Reply:
        """Return the answer to what is no request."""
        return _reply(self._refused(AwsError("BadRequestException", text, status=status)))

    def forget(self) -> None:
        """Forget the calls that a client may try again."""
        with self.lock:
            self._exchanges.clear()

    def _refuse_strangers(self, http: HttpRequest) -> None:
        """Refuse what a page in a browser sends, under its own name or another one."""
        if not _LOOPBACK.fullmatch(http.headers.get("host", "").lower()):
            message = f"Only this machine is answered, not the host {http.headers.get('host')!r}"
        elif "origin" in http.headers:
            message = "Pages in a browser are not answered"
        else:
            return
        raise AwsError("AccessDeniedException", message, status=403)

    def _refused(self, error: AwsError) -> Answer:
        """Return the answer of an error that no exchange has made."""
        backend = self._backend
        with backend.organization.lock:
            backend.requests += 1
            number = backend.requests
        sent = headers(ids.request_id(number), clock.http_date(clock.now()))
        blank = Answer(error.status, sent, {}, Form(None))
        return refused(blank, error)

    def _exchange(self, http: HttpRequest, signed: Signed, found: Found) -> Exchange:
        """Return the exchange of a call: a new one, or the one that a further attempt is of.

        Clients name each call in the header `amz-sdk-invocation-id`, and number its attempts. An
        id that a client uses again, for another call, is no further attempt.
        """
        named = http.headers.get("amz-sdk-invocation-id")
        if named is None:
            return self._backend.begin(request_of(http, signed, found))
        key = (named, http.method, http.path, http.query, http.body, signed)
        first = "attempt=1" in _parts(http.headers.get("amz-sdk-request", ""))
        with self.lock:
            exchange = None if first else self._exchanges.get(key)
        if exchange is None:
            exchange = self._backend.begin(request_of(http, signed, found))
        with self.lock:
            self._exchanges[key] = exchange
            self._exchanges.move_to_end(key)
            if len(self._exchanges) > MOST_EXCHANGES:
                self._exchanges.popitem(last=False)
        return exchange


@functools.lru_cache(maxsize=16)
def _http_date(date: str) -> str | None:
    """Return the date of a request as HTTP writes it; None where there is none.

    Answers have the date of their request: where a test has stopped the clock of its process,
    SDKs would take theirs for wrong, and send again what was refused.
    """
    from email.utils import format_datetime

    try:
        at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        return format_datetime(at, usegmt=True)
    except ValueError:
        return None


def _parts(header: str) -> list[str]:
    return [part.strip() for part in header.split(";")]


def request_of(http: HttpRequest, signed: Signed, found: Found) -> Request:
    """Return a client's request, judged; what is wrong with it is told when it is answered."""
    received = Received(found.path, http.query, http.body, _WRONG_TYPE)
    request = Request(
        found.operation, {}, signed.account, signed.region, received, signed.access_key
    )
    try:
        parameters = received_by(request)
    except AwsError:
        return request._replace(parameters=_as_sent(http.body))
    return request._replace(parameters=parameters, received=None)


def _as_sent(body: bytes) -> dict[str, Any]:
    """Return the body of a request that is refused, for the log of calls."""
    try:
        found = parse_json(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


_CUT = b'{"Message": "This body was cut short: fail(..., code=\'TruncatedBody\')"}'
"""The body that `TruncatedBody` cuts short."""


def _reply(answer: Answer) -> Reply:
    return Reply(answer.status, answer.headers, content(answer))


def _by_hand(error: BaseException, exchange: Exchange) -> AwsError | None:
    """Return the error of AWS that a test answers a call with; None for an error of another kind.

    A handler of events that has called a client may raise one, too: that is the test's to know.
    """
    from botocore.exceptions import ClientError

    if not isinstance(error, ClientError) or exchange.call.error != name_of(error):
        return None
    metadata: Any = error.response.get("ResponseMetadata", {})
    message = str(error.response.get("Error", {}).get("Message", ""))
    return AwsError(name_of(error), message, status=metadata.get("HTTPStatusCode", 400))


def _cannot_be_shown(fault: Fault) -> FakeBackupError:
    return FakeBackupError(
        f"fail({fault.operation!r}, code={fault.code!r}) hit a call over HTTP, and cannot be shown "
        f"there: the connection of a client is accepted before its call is known. Use "
        f"code='ConnectionClosedError', which closes it without an answer."
    )


def _ours(error: BaseException) -> AwsError:
    """Return what a client is told of an exception that the test gets.

    The status is one that clients do not try again: that would end as before.
    """
    named = isinstance(error, (EndlessWait, OperationNotFaked))
    code = type(error).__name__ if named else FakeBackupError.__name__
    what = str(error) if isinstance(error, FakeBackupError) or named else quoted(error)
    message = f"fakebackup: {what}\nThe test gets this at the end of its block of serve()."
    return AwsError(code, message, status=501)
