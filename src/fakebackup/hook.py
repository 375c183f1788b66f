"""botocore's events in, answers out: the only module that knows botocore's events.

While a fake is active two methods of botocore's classes are wrapped. The first Backup call of
a client registers a handler on that client's own emitter; sessions are left alone. What a call
needs travels in botocore's per-call context, so a call in flight when the fake ends is
answered by it. Afterwards the classes are as before, and the handlers on clients are inert.
"""

from __future__ import annotations

import functools
import inspect
import threading
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from fakebackup.answers import parsed
from fakebackup.dispatch import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.model import OperationModel

    from fakebackup.dispatch import Backend

_SERVICE = "backup"
_PINNED = "fakebackup"
_DUMMY = "fakebackup"


class Active(Protocol):
    """What the stack of active fakes holds."""

    @property
    def backend(self) -> Backend:
        """The side that answers."""


_stack: list[Active] = []
_wraps: list[tuple[type, str, Any, Any]] = []
_lock = threading.Lock()
_ready: WeakSet[BaseClient] = WeakSet()


def activate(fake: Active) -> None:
    """Let a fake answer, until it is deactivated or another is activated."""
    with _lock:
        if not _stack:
            _wrap_all()
        _stack.append(fake)


def deactivate(fake: Active) -> bool:
    """Take back one activation of a fake, in whatever order; tell whether it was the last."""
    with _lock:
        for at in range(len(_stack) - 1, -1, -1):
            if _stack[at] is fake:
                del _stack[at]
                break
        if not _stack:
            _unwrap_all()
        return all(each is not fake for each in _stack)


def top() -> Active | None:
    """Return the fake that answers, if one is active."""
    try:
        return _stack[-1]
    except IndexError:
        return None


def _wrap_all() -> None:
    from botocore.client import BaseClient
    from botocore.session import Session

    # Lower than `_make_api_call`, which tests patch often: a patch that calls through to what
    # it grabbed at import would pass us by.
    _wrap(BaseClient, "_emit_api_params", _emit_api_params)
    _wrap(Session, "create_client", _create_client)


def _wrap(owner: type, name: str, make: Callable[[Any], Any]) -> None:
    original = getattr(owner, name)
    wrapper = functools.wraps(original)(make(original))
    setattr(owner, name, wrapper)
    _wraps.append((owner, name, original, wrapper))


def _unwrap_all() -> None:
    while _wraps:
        owner, name, original, wrapper = _wraps.pop()
        # Somebody may have wrapped ours meanwhile: then it stays, and passes everything on.
        if getattr(owner, name) is wrapper:
            setattr(owner, name, original)


def _emit_api_params(original: Any) -> Any:
    def emit_api_params(
        self: BaseClient, api_params: Any, operation_model: OperationModel, context: dict[str, Any]
    ) -> Any:
        # Before handlers run: one of them, or another thread meanwhile, may end the fake.
        fake = top()
        parameters = original(self, api_params, operation_model, context)
        if fake is not None and operation_model.service_model.service_name == _SERVICE:
            if self not in _ready:
                _make_ready(self)
            request = Request(
                operation_model, parameters, _named_account(self), self.meta.region_name
            )
            context[_PINNED] = (fake.backend, request)
        return parameters

    return emit_api_params


def _make_ready(client: Any) -> None:
    with _lock:
        if client not in _ready:
            # No deeper than the service: a Stubber's handler is deeper, and so wins.
            client.meta.events.register(f"before-call.{_SERVICE}", _answer_directly)
            _ready.add(client)


def _answer_directly(
    context: dict[str, Any], params: dict[str, Any], **_: object
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """Answer in the place of HTTP: botocore has validated the parameters by now."""
    pinned = context.get(_PINNED)
    if pinned is None:
        return None
    from botocore.awsrequest import AWSResponse

    backend, request = pinned
    answer = backend.answer(request)
    http = AWSResponse(params["url"], answer.status, answer.headers, None)
    return http, parsed(answer, request.operation)


def _named_account(client: Any) -> str | None:
    """Return the account that credentials given in code name.

    The attribute is read, not the property of credentials that refresh themselves: that would
    go and refresh them.
    """
    credentials = getattr(client._request_signer, "_credentials", None)  # noqa: SLF001  there is no public way
    if getattr(credentials, "method", None) != "explicit":
        return None
    return vars(credentials).get("account_id")


def _create_client(original: Any) -> Any:
    signature = inspect.signature(original)

    def create_client(self: Any, *args: Any, **kwargs: Any) -> Any:
        fake = top()
        if fake is None or (args[0] if args else kwargs.get("service_name")) != _SERVICE:
            return original(self, *args, **kwargs)
        bound = signature.bind(self, *args, **kwargs)
        given = bound.arguments
        config = _config(self, given.get("config"))
        region = given.get("region_name") or getattr(config, "region_name", None)
        if region is None and self.get_config_variable("region") is None:
            given["region_name"] = fake.backend.region
        if _asks_where_it_runs(self, config):
            given["config"] = _asking_nobody(config)
        named = (given.get("aws_access_key_id"), given.get("aws_secret_access_key"))
        keyless = named == (None, None) and self._credentials is None
        if keyless:
            given["aws_access_key_id"] = given["aws_secret_access_key"] = _DUMMY
        client = original(*bound.args, **bound.kwargs)
        if keyless:
            client._request_signer._credentials = _deferred(self)  # noqa: SLF001  there is no public way
        return client

    return create_client


def _config(session: Any, given: Any) -> Any:
    """Return the settings that botocore will go by, None without any."""
    default = session.get_default_client_config()
    return default.merge(given) if default is not None and given is not None else given or default


def _asks_where_it_runs(session: Any, config: Any) -> bool:
    """Tell whether botocore would ask the metadata service for the region it runs in."""
    mode = getattr(config, "defaults_mode", None) or session.get_config_variable("defaults_mode")
    return str(mode).lower() == "auto"


def _asking_nobody(config: Any) -> Any:
    """Return settings with the defaults that botocore takes where no metadata service answers."""
    from botocore.config import Config

    told: Any = {"defaults_mode": "standard"}
    standard = Config(**told)
    return standard if config is None else config.merge(standard)


def _deferred(session: Any) -> Any:
    """Return credentials that are looked for when something is signed with them.

    Looking for them while making a client may ask the metadata service; a client that is made
    while a fake is active, and kept, still finds its own afterwards.
    """
    from botocore.credentials import Credentials

    class Deferred(Credentials):
        def get_frozen_credentials(self) -> Any:
            found = session.get_credentials()
            return None if found is None else found.get_frozen_credentials()

    return Deferred(_DUMMY, _DUMMY, method=_DUMMY)
