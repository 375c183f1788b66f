"""botocore's events in, answers out: the only package that knows botocore's events.

While a fake is active, methods of botocore's client and session classes are wrapped (and of
aiobotocore's, once it is imported). The first Backup call of a client registers handlers on
that client's own emitter; sessions are left alone. What a call needs travels in botocore's
per-call context, so a call in flight when the fake ends is answered by it. Afterwards the
classes are as before, and the handlers on clients are inert.
"""

from __future__ import annotations

import functools
import importlib
import sys
import threading
from typing import TYPE_CHECKING, Any

from fakebackup.answering import access_keys
from fakebackup.dispatch import Request
from fakebackup.hook import clients, handlers

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import OperationModel

    from fakebackup.hook.clients import Active


_stack: list[Active] = []
_wraps: list[tuple[type, str, Any, Any]] = []
_network_wraps: list[tuple[type, str, Any, Any]] = []
lock = threading.RLock()
"""Held while what is active changes."""


def renew_lock() -> None:
    """Make the lock anew, in a forked child: another thread held it."""
    global lock  # noqa: PLW0603  a process has one
    lock = threading.RLock()


def activate(fake: Active) -> None:
    """Make a fake answer calls, until it is deactivated or another one is activated."""
    with lock:
        if not _stack:
            access_keys.forget()
            _wrap_botocore()
            _wrap_aiobotocore()
        _stack.append(fake)
        if network_is_closed():
            _wrap_network()


def deactivate(fake: Active) -> bool:
    """Undo one activation of a fake, in any order, and return whether it was its last."""
    with lock:
        for at in range(len(_stack) - 1, -1, -1):
            if _stack[at] is fake:
                del _stack[at]
                break
        if not network_is_closed():
            _unwrap(_network_wraps)
        if not _stack:
            _unwrap(_wraps)
        return all(each is not fake for each in _stack)


def top() -> Active | None:
    """Return the fake that answers calls: the innermost active one, if any."""
    try:
        return _stack[-1]
    except IndexError:
        return None


def active() -> list[Active]:
    """Return the active fakes, the innermost last."""
    return list(_stack)


def network_is_closed() -> bool:
    """Tell whether any active fake closes the network."""
    return any(each.backend.options.network == "closed" for each in _stack)


def _wrap_botocore() -> None:
    from botocore.client import BaseClient
    from botocore.session import Session

    # Lower than `_make_api_call`, which tests patch often: a patch that calls the original it
    # saved at import would bypass us.
    _wrap(BaseClient, "_emit_api_params", _emit_api_params)
    make = functools.partial(clients.create_client, top=top, closed=network_is_closed)
    _wrap(Session, "create_client", make)
    _wrap(Session, "__init__", _noticing_aiobotocore)


def _wrap_aiobotocore() -> None:
    """Wrap aiobotocore's classes too, if it is imported and they are not wrapped yet."""
    # A class is missing while another thread imports it: its first session, which comes later,
    # leads here again.
    if network_is_closed():
        _wrap_network()
    client = getattr(sys.modules.get("aiobotocore.client"), "AioBaseClient", None)
    session = getattr(sys.modules.get("aiobotocore.session"), "AioSession", None)
    if client is None or session is None or any(wrap[0] is client for wrap in _wraps):
        return
    _wrap(client, "_emit_api_params", _emit_api_params_async)
    make = functools.partial(clients.create_client_async, top=top, closed=network_is_closed)
    _wrap(session, "_create_client", make)


def _wrap_network() -> None:
    """Wrap what sends and signs requests, where it is imported and not wrapped yet."""
    from fakebackup.hook import network

    found = [
        *network.botocore_wraps(network_is_closed),
        *network.aiobotocore_wraps(network_is_closed),
    ]
    done = [wrap[:2] for wrap in _network_wraps]
    for owner, name, make in found:
        if (owner, name) not in done:
            _wrap(owner, name, make, _network_wraps)


def _wrap(
    owner: type,
    name: str,
    make: Callable[[Any], Any],
    wraps: list[tuple[type, str, Any, Any]] = _wraps,
) -> None:
    original = getattr(owner, name)
    wrapper = make(original)
    if wrapper is not original:
        wrapper = functools.wraps(original)(wrapper)
    wraps.append((owner, name, vars(owner).get(name), wrapper))
    setattr(owner, name, wrapper)


def _unwrap(wraps: list[tuple[type, str, Any, Any]]) -> None:
    while wraps:
        owner, name, own, wrapper = wraps.pop()
        # Other code may have wrapped ours meanwhile: then ours stays, and passes all calls on.
        if vars(owner).get(name) is not wrapper:
            continue
        if own is None:
            delattr(owner, name)
        else:
            setattr(owner, name, own)


def _noticing_aiobotocore(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  the method it replaces
        original(self, *args, **kwargs)
        # A session of aiobotocore's is one of botocore's: it may have been imported just now.
        if _stack:
            with lock:
                _wrap_aiobotocore()

    return __init__


def _emit_api_params(original: Any) -> Any:
    def emit_api_params(
        self: Any, api_params: Any, operation_model: OperationModel, context: dict[str, Any]
    ) -> Any:
        # Before handlers run: one of them, or another thread meanwhile, may end the fake.
        fake = top()
        parameters = original(self, api_params, operation_model, context)
        _pin(self, fake, parameters, operation_model, context)
        return parameters

    return emit_api_params


def _emit_api_params_async(original: Any) -> Any:
    import asyncio  # late: it is there where aiobotocore is

    async def let_others_run() -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # Under trio, for which aiobotocore's sessions of HTTPX need anyio.
            await importlib.import_module("anyio.lowlevel").checkpoint()
        else:
            await asyncio.sleep(0)

    async def emit_api_params(
        self: Any, api_params: Any, operation_model: OperationModel, context: dict[str, Any]
    ) -> Any:
        fake = top()
        parameters = await original(self, api_params, operation_model, context)
        if fake is not None:
            # As a call over the network does: other tasks have their turn, cancellations arrive.
            await let_others_run()
        _pin(self, fake, parameters, operation_model, context)
        return parameters

    return emit_api_params


def _pin(
    client: Any,
    fake: Active | None,
    parameters: Any,
    operation: OperationModel,
    context: dict[str, Any],
) -> None:
    """Put the backend, the request and the client of an AWS Backup call into its context."""
    service = operation.service_model.service_name
    if fake is not None and service == clients.STS:
        clients.watch_sts(client, parameters, context)
    if fake is None:
        return
    if service != clients.SERVICE:
        if not handlers.is_own(client):
            fake.backend.other_service_called(service)
        return
    handlers.make_ready(client)
    account, key = clients.identity(client)
    request = Request(operation, parameters, account, client.meta.region_name, None, key)
    context[handlers.PINNED] = (fake.backend, request, client)
