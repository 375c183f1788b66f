"""Forks of the process: a child goes on with its copy of the fakes, without its parent's threads.

Imported by the first fork, and called by Python before and after each.
"""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from fakebackup import clock, hook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fakebackup.model.stores.organization import Organization

PATIENCE = 1.0
"""How long, in seconds, a fork waits for what other threads are doing with the fakes.

Without end it may not wait: a function of the test's that answers a call, which has the fake to
itself meanwhile, may wait for the very thread that forks.
"""


class _Owner(Protocol):
    """What has a lock that threads share: an object, or a module."""

    @property
    def lock(self) -> Any: ...

    def renew_lock(self) -> None: ...


class _Held(NamedTuple):
    """A lock as it was at a fork: taken by the thread that forks, or held by another one."""

    owner: _Owner
    lock: Any
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
    until = clock.passed() + PATIENCE
    for owner in _owners(_fork.organizations):
        lock = owner.lock
        taken = lock.acquire(timeout=max(0, until - clock.passed()))
        held.append(_Held(owner, lock, taken))
        if not taken:
            # Not left to the clock: where the test has stopped it, each lock would take a second.
            until = clock.passed()


def in_parent() -> None:
    """Go on in the parent: let the locks go."""
    for each in reversed(_fork.held):
        if each.taken:
            each.lock.release()
    _fork.held = _fork.organizations = ()


def in_child() -> None:
    """Go on in the child: let the locks go, and make those anew that only the parent lets go."""
    held, organizations = _fork.held, _fork.organizations
    in_parent()
    for each in held:
        if not each.taken:
            each.owner.renew_lock()
    for organization in organizations:
        organization.bus.leave_to_parent(inside=organization.depth > 0)
        if organization.neighbour is not None:
            organization.neighbour.leave_to_parent()
    if sys.version_info < (3, 12):
        _renew_cached_properties()


class _Model(NamedTuple):
    """The model as the owner of its lock: who holds it is amid a call."""

    organization: Organization

    @property
    def lock(self) -> Any:
        """The lock."""
        return self.organization.lock

    def renew_lock(self) -> None:
        """Make the lock anew; the call under way, of another thread, goes on in the parent."""
        organization = self.organization
        organization.lock = threading.RLock()
        organization.depth = 0
        organization.advancing = organization.deferred.doing = False
        organization.clockwork.lanes.letting_in = False


def _owners(organizations: Sequence[Organization]) -> Iterator[_Owner]:
    """Yield what has a lock, those first whose lock is held while others are taken."""
    for organization in organizations:
        yield _Model(organization)
        yield organization.bus
    servers: Any = sys.modules.get("fakebackup.serve.server")
    if servers is not None:
        yield from servers.fronts()
    yield hook
    yield hook.handlers


def _renew_cached_properties() -> None:
    """Make the locks of our cached properties anew: each has one, until Python 3.12."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "fakebackup":
            found = [each for each in vars(module).values() if isinstance(each, type)]
            for owner in [each for each in found if each.__module__ == name]:
                for each in vars(owner).values():
                    if isinstance(each, functools.cached_property):
                        vars(each)["lock"] = threading.RLock()
