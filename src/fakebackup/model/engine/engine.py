"""The engine as a whole: the functions that it gives to the stores of a fake."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from fakebackup.model.stores.organization import Organization

if TYPE_CHECKING:
    from fakebackup.model.stores.organization import Engine
    from fakebackup.options import Options

_MODULES = {
    "advance": "moves",
    "leave_behind": "effects",
    "follow_move": "effects",
    "change": "moves",
    "move": "moves",
    "set_mode": "moves",
}
"""The functions of the engine by name, each with its module here."""


class _Late:
    """The functions, each imported when it is first called: in many fakes nothing moves."""

    def __getattr__(self, name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(name)
        found = getattr(import_module(f"fakebackup.model.engine.{_MODULES[name]}"), name)
        setattr(self, name, found)
        return found


_ENGINE = cast("Engine", _Late())


def new_organization(options: Options) -> Organization:
    """Return an empty organisation that uses this engine."""
    return Organization(options, _ENGINE)
