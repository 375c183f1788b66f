"""What AWS Backup answers: one plain function an operation, one module a noun.

A module registers its functions under AWS's names; all modules here are found by themselves,
so a new operation touches one file. The module's name is what users read as the noun.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.answering.caller import Caller

    Handler = Callable[[Caller, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Operation:
    """An operation that is faked.

    Attributes:
        name: AWS's name.
        handler: takes who asks and the checked parameters (dates in microseconds since the
            epoch), returns the members of the answer as the model keeps them (dates in
            milliseconds), raises `AwsError`.
        items: the member of the answer that holds a list's items; None if it is no list.
        also, documented, at_most: where AWS documents other values than botocore's model
            has; see `shapes.request_reader`.
    """

    name: str
    handler: Handler
    items: str | None = None
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    documented: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)


_registered: dict[str, Operation] = {}


def operation(name: str, **details: Any) -> Callable[[Handler], Handler]:
    """Register a function as the answer to an AWS operation.

    Args:
        name: AWS's name of the operation.
        details: the other attributes of `Operation`.
    """

    def register(handler: Handler) -> Handler:
        _registered[name] = Operation(name, handler, **details)
        return handler

    return register


@functools.cache
def operations() -> Mapping[str, Operation]:
    """Return every operation that is faked, by name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_registered.items()))


def by_noun() -> dict[str, list[str]]:
    """Return the names of the operations that are faked by what they are of: "backup jobs"."""
    nouns: dict[str, list[str]] = {}
    for name, each in operations().items():
        noun = each.handler.__module__.rpartition(".")[2].replace("_", " ")
        nouns.setdefault(noun, []).append(name)
    return dict(sorted(nouns.items()))
