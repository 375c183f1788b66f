"""Retries of Backup calls that do not sleep, and are otherwise the client's own.

botocore's verdict, delays, quotas and counts stay; only the time to sleep becomes 0. This uses
botocore's private registry of handlers: without it, retries sleep as on AWS.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

from fakebackup.hook.clients import SERVICE

_RETRY_ID = f"retry-config-{SERVICE}"
"""The id under which botocore registers a client's retry handler, in every retry mode."""

_LIMITER = "ClientRateLimiter"
"""The end of the class name of the rate limiter of adaptive retries."""


def keep_from_sleeping(client: Any, domain: str, pinned: str) -> None:
    """Wrap a client's retry handlers, so that retries of our calls do not sleep.

    Args:
        client: the client; to be passed once only.
        domain: the domain of the hosts that are ours.
        pinned: the key in a call's context that marks it as ours.
    """
    events = client.meta.events
    emitter = getattr(events, "_emitter", None)
    handlers = getattr(emitter, "_unique_id_handlers", None)
    if handlers is None or _RETRY_ID not in handlers:
        return
    original = handlers[_RETRY_ID]["handler"]
    event = f"needs-retry.{SERVICE}"
    events.unregister(event, unique_id=_RETRY_ID)
    events.register(event, _at_once(original, pinned), unique_id=_RETRY_ID)
    trie = getattr(emitter, "_handlers", None)
    for handler in [] if trie is None else list(trie.prefix_search(f"before-send.{SERVICE}.X")):
        owner = type(getattr(handler, "__self__", None)).__name__
        if owner.endswith(_LIMITER):
            events.unregister("before-send", handler)
            events.register("before-send", _unless_ours(handler, domain))


def _at_once(original: Any, pinned: str) -> Any:
    """Return a retry handler that has our calls sent again without a delay."""

    def sleeps(request_dict: dict[str, Any]) -> bool:
        ours = request_dict["context"].get(pinned)
        return ours is None or bool(ours[0].options.retry_sleeps)

    @functools.wraps(original)
    def handler(**kwargs: Any) -> Any:
        delay = original(**kwargs)
        if sleeps(kwargs["request_dict"]):
            return delay
        return _no_delay_async(delay) if inspect.isawaitable(delay) else _no_delay(delay)

    return handler


def _no_delay(delay: Any) -> Any:
    # None and False mean that nothing is sent again.
    return delay if delay is None or delay is False else 0


async def _no_delay_async(delay: Any) -> Any:
    return _no_delay(await delay)


def _unless_ours(original: Any, domain: str) -> Any:
    """Return a rate limiter that does not delay requests that stay in the process."""

    @functools.wraps(original)
    def handler(request: Any, **kwargs: Any) -> Any:
        host = request.url.partition("://")[2].partition("/")[0]
        return None if host.endswith(domain) else original(request=request, **kwargs)

    return handler
