"""The endpoints of calls that a fake answers: resolved once for each operation of a client.

Resolving takes botocore a third of a call, and gives the same again and again. This uses private
names of botocore's: without them, each call resolves its own.
"""

from __future__ import annotations

import copy
import inspect
from typing import Any


def resolve_once(client: Any, pinned: str) -> None:
    """Let a client keep the endpoints of calls that a fake answers; others are resolved as before.

    Handlers of the event before the resolution see each call; where one changes what the endpoint
    follows from, it is resolved anew. A client of aiobotocore keeps none.

    Args:
        client: the client; to be passed once only.
        pinned: the key in a call's context that marks it as ours.
    """
    resolver: Any = getattr(client, "_ruleset_resolver", None)
    customise = getattr(resolver, "_get_customized_builtins", None)
    original = getattr(resolver, "construct_endpoint", None)
    if customise is None or original is None or inspect.iscoroutinefunction(original):
        return
    kept: dict[str, tuple[Any, Any]] = {}

    def construct_endpoint(operation_model: Any, call_args: Any, request_context: Any) -> Any:
        if not request_context or pinned not in request_context:
            return original(operation_model, call_args, request_context)
        builtins = customise(operation_model, call_args, request_context)
        found = kept.get(operation_model.name)
        if found is None or found[0] != builtins:
            # By a copy that asks the handlers nothing: they have seen this call.
            asked = copy.copy(resolver)
            asked._get_customized_builtins = lambda *_: builtins  # noqa: SLF001  there is no public way
            resolve = type(resolver).construct_endpoint
            found = builtins, resolve(asked, operation_model, call_args, request_context)
            if not _follows_from_call(resolver, operation_model, builtins):
                kept[operation_model.name] = found
        return found[1]

    resolver.construct_endpoint = construct_endpoint


def _follows_from_call(resolver: Any, operation_model: Any, builtins: Any) -> bool:
    """Tell whether an endpoint may differ from call to call, though the builtins are equal."""
    definitions = getattr(resolver, "_param_definitions", {}).values()
    return bool(
        operation_model.context_parameters
        # Older botocores have none.
        or getattr(operation_model, "operation_context_parameters", None)
        # As that of the account, which the credentials tell: botocore calls it each time.
        or any(callable(builtins.get(each.builtin)) for each in definitions)
    )
