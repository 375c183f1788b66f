"""The operations of AWS Backup: one plain function each, one module a noun.

A module registers its functions under AWS's names. All modules of this package are found without
a list, so a new operation touches one file; a module is imported when one of its operations is
first called. The module's name is the noun that users read.
"""

from __future__ import annotations

import functools
import importlib
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.answering.caller import Caller

    Handler = Callable[[Caller, Mapping[str, Any]], Mapping[str, Any]]


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Operation(NamedTuple):
    """An operation that is faked.

    Attributes:
        name: AWS's name.
        handler: takes the caller and the checked parameters (dates in microseconds since the
            epoch), returns the members of the answer as the model keeps them (dates in
            milliseconds), raises `AwsError`.
        items: the member of the answer that holds a list's items; None if it is no list.
        also, documented, at_most: values that AWS documents and botocore's model lacks; see
            `requests.request_reader`.
        by_hand: whether the test answers it, so that only the parameters are checked.
    """

    name: str
    handler: Handler
    items: str | None = None
    also: Mapping[str, tuple[str, ...]] = _NOTHING
    documented: Mapping[str, tuple[str, ...]] = _NOTHING
    at_most: Mapping[str, int] = _NOTHING
    by_hand: bool = False


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


# A string at its beginning is what `re` looks for quickly.
_DECORATED = re.compile(r'\n@operation\(\s*"(\w+)"')


@functools.cache
def modules() -> dict[str, str]:
    """Return the module of every operation that is faked, by the operation's name.

    The modules are read, not imported: a process that uses few nouns need not load the others.
    """
    found: dict[str, str] = {}
    for each in Path(__path__[0]).glob("*.py"):
        names = _DECORATED.findall(each.read_text("utf-8"))
        found.update(dict.fromkeys(names, f"{__name__}.{each.stem}"))
    return dict(sorted((found or _imported()).items()))


def _imported() -> dict[str, str]:
    """Return the same where the modules' sources are no files."""
    import pkgutil

    for each in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(each.name)
    return {name: one.handler.__module__ for name, one in _registered.items()}


def find(name: str) -> Operation | None:
    """Return the operation with a name, or None where it is not faked."""
    module = modules().get(name)
    if module is None:
        return None
    if name not in _registered:
        importlib.import_module(module)
    return _registered[name]


def operations() -> dict[str, Operation]:
    """Return every operation that is faked, by name."""
    found = {name: find(name) for name in modules()}
    return {name: each for name, each in found.items() if each is not None}


def by_noun() -> dict[str, list[str]]:
    """Return the names of the operations that are faked by their noun, as in "backup jobs"."""
    nouns: dict[str, list[str]] = {}
    for name, module in modules().items():
        noun = module.rpartition(".")[2].replace("_", " ")
        nouns.setdefault(noun, []).append(name)
    return dict(sorted(nouns.items()))
