"""Forks of the process: a child goes on with its copy of the fakes, without its parent's threads.

Imported by the first fork, and called by Python before and after each.
"""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import hook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fakebackup.model.stores.organization import Organization

PATIENCE = 1.0
"""How long, in seconds, a fork waits for what other threads are doing with the fakes.

Without end it may not wait: a function of the test's that answers a call, which has the fake to
itself meanwhile, may wait for the very thread that forks.
"""


class _Lock(NamedTuple):
    """A lock: the attribute of something, and what makes a new one."""

    owner: Any
    name: str
    make: Callable[[], Any]


class _Held(NamedTuple):
    """A lock as it was at a fork: taken by the thread that forks, or held by another one."""

    lock: _Lock
    found: Any
    taken: bool


class _Fork(threading.local):
    """The fork that a thread is making: the fakes that are active, and the locks."""

    organizations: Sequence[Organization] = ()
    held: Sequence[_Held] = ()


_fork = _Fork()


def before() -> None:
    """Take all locks, so that what other threads do is done in the child's copy or not begun."""
    organizations = dict.fromkeys(each.backend.organization for each in hook.active())
    _fork.organizations = list(organizations)
    _fork.held = held = list[_Held]()
    for lock in _locks(_fork.organizations):
        found = getattr(lock.owner, lock.name)
        held.append(_Held(lock, found, found.acquire(timeout=PATIENCE)))


def in_parent() -> None:
    """Go on in the parent: let the locks go."""
    for each in reversed(_fork.held):
        if each.taken:
            each.found.release()
    _fork.held = _fork.organizations = ()


def in_child() -> None:
    """Go on in the child: let the locks go, and make those anew that only the parent lets go."""
    held, organizations = _fork.held, _fork.organizations
    in_parent()
    lost = [each.lock for each in held if not each.taken]
    for lock in lost:
        setattr(lock.owner, lock.name, lock.make())
    for organization in organizations:
        if any(lock.owner is organization for lock in lost):
            # Another thread was inside, so this one is not.
            for owner, name, at_rest in under_way(organization):
                setattr(owner, name, at_rest)
        organization.bus.leave_to_parent(inside=vars(organization)["_depth"] > 0)
        if organization.neighbour is not None:
            organization.neighbour.leave_to_parent()
    if sys.version_info < (3, 12):
        _renew_cached_properties()


def under_way(organization: Organization) -> list[tuple[Any, str, object]]:
    """Return what is of the call under way: attributes of objects, each with what it is at rest.

    What is of the delivery of events is the bus's.
    """
    return [
        (organization, "_depth", 0),
        (organization, "_advancing", False),
        (organization.deferred, "_doing", False),
        (organization.clockwork.lanes, "letting_in", False),
    ]


def _locks(organizations: Sequence[Organization]) -> Iterator[_Lock]:
    """Yield all locks, those first that are held while others are taken."""
    for organization in organizations:
        yield _Lock(organization, "lock", threading.RLock)
        yield _Lock(organization.bus, "_lock", threading.Lock)
    servers: Any = sys.modules.get("fakebackup.serve.server")
    for server in () if servers is None else tuple(vars(servers)["_running"]):
        yield _Lock(vars(server)["_front"], "_lock", threading.Lock)
    yield _Lock(hook, "_lock", threading.RLock)
    yield _Lock(hook.handlers, "_lock", threading.Lock)


def _renew_cached_properties() -> None:
    """Make the locks of our cached properties anew: each has one, until Python 3.12."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "fakebackup":
            found = [each for each in vars(module).values() if isinstance(each, type)]
            for owner in [each for each in found if each.__module__ == name]:
                for each in vars(owner).values():
                    if isinstance(each, functools.cached_property):
                        vars(each)["lock"] = threading.RLock()
