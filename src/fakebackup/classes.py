"""Decorated classes: a fresh fake for each test of a TestCase or of a plain test class.

In a plain class it starts in `setup_method`, which pytest calls for the test's class and for each
class that it is nested in, the outermost first. Since pytest 8.1 all of these calls are made on
the test's own instance; before, each is made on an instance of the class that it is for.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from fakebackup.fake import FakeBackup


class Activation(Protocol):
    """What starts and stops fakes, as far as classes use it: a `MockBackup`."""

    def __enter__(self) -> FakeBackup: ...
    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def start(self) -> FakeBackup:
        """Start a fake and return it."""

    def stop(self, error: BaseException | None = None) -> None:
        """Stop the fake that was started last."""

    def copy(self, *, fresh: bool) -> Activation:
        """Return a new one with the same options, for one activation."""


class _Decorated(NamedTuple):
    """What a decorated class keeps in its attribute `_DECORATED`.

    Attributes:
        mock: what starts the fakes of its tests.
        itself: whether the class itself is decorated, and not only one that it is nested in.
        depth: for how many classes pytest calls setup_method: itself, and decorated ones round it.
    """

    mock: Activation
    itself: bool
    depth: int


@dataclass(eq=False)
class _Call:
    """A call of `setup_method` that waits for its `teardown_method`.

    Attributes:
        mock: what its class is decorated with.
        instance: what it was made on.
        fake: what it started; None where that was active already.
    """

    mock: Activation
    instance: object
    fake: Activation | None


@dataclass
class _Visit:
    """What pytest does with an instance of a decorated class, kept in its attribute `_SLOT`.

    Attributes:
        calls: the calls on it, in order.
        is_set_up: whether the class's own setup_method has run.
        inside: whether one of the class's own methods is running, which may call super()'s.
        error: what its setup_method raised.
        is_over: whether all calls have had their teardown. pytest may make more of them for a
            class round it that is not decorated and has a teardown_method of its own.
    """

    calls: list[_Call] = field(default_factory=list)
    is_set_up: bool = False
    inside: bool = False
    error: BaseException | None = None
    is_over: bool = False


_DECORATED = "_fakebackup_decorated"
_SLOT = "_fakebackup_active"

_METHODS = ("setup_method", "teardown_method")

_waiting: list[_Call] = []
"""The calls on all instances, in order; none between two tests."""


def decorate(mock: Activation, target: Any) -> Any:
    """Give each test of a class, and of the classes nested in it, a fresh fake; return it.

    Raises:
        TypeError: its instances have no room for what is kept of a test.
    """
    if not target.__dictoffset__:
        msg = (
            f"@mock_backup keeps in each test's instance of {target.__name__} what it has started: "
        )
        raise TypeError(f"{msg}let the class be without __slots__.")
    _decorate(mock, target, depth=1, itself=True)
    return target


def _decorate(mock: Activation, target: Any, *, depth: int, itself: bool) -> None:
    setattr(target, _DECORATED, _Decorated(mock, itself, depth))
    is_test_case = _is_test_case(target)
    if is_test_case:
        # `run` is round setUp, the test, tearDown and the cleanups, in subclasses too.
        for name in ("run", "debug"):
            setattr(target, name, _around(mock, getattr(target, name), reports=name == "run"))
    if not is_test_case or depth > 1:
        # For the class round it pytest calls these on a TestCase, too.
        _wrap_methods(mock, target, _METHODS)
    if not is_test_case:
        _follow_subclasses(mock, target)
        _decorate_nested(mock, target, depth)


def _is_test_case(target: Any) -> bool:
    unittest = sys.modules.get("unittest")
    return unittest is not None and issubclass(target, unittest.TestCase)


# --- TestCase ---------------------------------------------------------------------------------


def _around(mock: Activation, method: Callable[..., Any], *, reports: bool) -> Callable[..., Any]:
    """Wrap a method of a TestCase that runs its test.

    Args:
        mock: what gives the test its fake.
        method: the method.
        reports: whether it reports exceptions, so that none may leave it.
    """

    @functools.wraps(method)
    def around(self: Any, *args: Any, **kwargs: Any) -> Any:
        # A subclass that is decorated too has started its own: the nearest wins. So has the
        # setup_method of a class round it.
        visit = vars(self).get(_SLOT)
        if (visit is not None and not visit.is_over) or _is_active(mock, self):
            return method(self, *args, **kwargs)
        with mock.copy(fresh=True) as fake:
            setattr(self, _SLOT, _Visit())
            if reports:
                self.doCleanups = functools.partial(_clean_up, self, self.doCleanups, fake)
            try:
                return method(self, *args, **kwargs)
            finally:
                delattr(self, _SLOT)
                vars(self).pop("doCleanups", None)

    return around


def _clean_up(case: Any, clean_up: Callable[[], bool], fake: FakeBackup) -> bool:
    """Run the cleanups of a TestCase, and then refuse what its test left over.

    By one cleanup more, so that unittest reports it.
    """
    from fakebackup.fake.present import refuse_leftovers

    clean_up()
    # unittest's own, which has no public name: what became of the test so far.
    so_far = getattr(case, "_outcome", None)
    failed = so_far is not None and (not so_far.success or so_far.expectedFailure is not None)
    case.addCleanup(refuse_leftovers, fake, failed=failed)
    return clean_up()


# --- Plain classes ----------------------------------------------------------------------------


def _wrap_methods(mock: Activation, target: Any, names: tuple[str, ...]) -> None:
    """Wrap the methods that pytest calls before and after each test of a plain class."""
    wraps: dict[str, Callable[[Callable[..., None]], Callable[..., Any]]] = {
        "setup_method": functools.partial(_set_up, mock),
        "teardown_method": _tear_down,
    }
    for name in names:
        call = functools.partial(_call, target, name, vars(target).get(name))
        setattr(target, name, wraps[name](call))


def _set_up(mock: Activation, call: Callable[..., None]) -> Callable[..., Any]:
    def setup_method(self: Any, method: Any = None) -> None:
        visit = vars(self).get(_SLOT)
        if visit is None or visit.is_over:
            visit = _Visit()
            setattr(self, _SLOT, visit)
        if visit.inside:
            # A subclass's wrapper has started the fake, and its setup_method calls super().
            call(self, method)
            return
        if visit.is_set_up:
            # Called too early, then, for a class round it that has one and is not decorated.
            return
        _enter(mock, self, visit)
        if len(_waiting) < _own_call(type(self)):
            return
        visit.inside = True
        try:
            call(self, method)
        except BaseException as error:
            # pytest makes no call of teardown_method for this one.
            visit.error = error
            _leave(visit)
            raise
        finally:
            visit.inside = False
        visit.is_set_up = True

    return setup_method


def _tear_down(call: Callable[..., None]) -> Callable[..., Any]:
    def teardown_method(self: Any, method: Any = None) -> None:
        visit = vars(self).get(_SLOT)
        if visit is None or visit.inside:
            call(self, method)
            return
        if visit.is_over:
            return
        try:
            if visit.is_set_up:
                visit.is_set_up, visit.inside = False, True
                call(self, method)
        finally:
            visit.inside = False
            _leave(visit)

    return teardown_method


def _enter(mock: Activation, instance: Any, visit: _Visit) -> None:
    """Note a call of `setup_method`, and start a fake if none is active for the test."""
    fake = None if _is_active(mock, instance) else mock.copy(fresh=True)
    if fake is not None:
        fake.start()
    call = _Call(mock, instance, fake)
    visit.calls.append(call)
    _waiting.append(call)


def _leave(visit: _Visit) -> None:
    """Undo a call of `setup_method`."""
    call = visit.calls.pop()
    _waiting.remove(call)
    visit.is_over = not visit.calls
    if call.fake is not None:
        call.fake.stop(visit.error)


def _is_active(mock: Activation, instance: Any) -> bool:
    """Return whether a fake of a decoration is active for the test that has an instance."""
    name = type(instance).__qualname__
    return any(
        each.mock is mock
        and (each.instance is instance or name.startswith(f"{type(each.instance).__qualname__}."))
        for each in _waiting
    )


def _own_call(cls: type) -> int:
    """Return which of a test's calls of `setup_method` is for the class itself, counted from 1.

    Those before are for the decorated classes round it: their fixtures come first, and its own
    setup_method may need what they set. A class that pytest collects by another name as well, as
    one that a subclass of its outer class inherits, has no more calls than names that agree.
    """
    depth: int = getattr(cls, _DECORATED).depth
    test, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "").partition("[")
    collected = test.split("::")[1:-1]
    nested_in = cls.__qualname__.split(".")
    pairs = zip(reversed(collected), reversed(nested_in), strict=False)
    same = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return min(depth, same)


def _call(target: Any, name: str, own: Any, instance: Any, method: Any) -> None:
    """Call a class's setup or teardown method, its own or the next base class's.

    It gets the test's method if it takes an argument, as in pytest.
    """
    bound = getattr(super(target, instance), name, None) if own is None else own.__get__(instance)
    if bound is not None:
        bound(method) if inspect.signature(bound).parameters else bound()


# --- Subclasses and nested classes ------------------------------------------------------------


def _follow_subclasses(mock: Activation, target: Any) -> None:
    """Wrap the methods that subclasses override: tests seldom call super().setup_method()."""
    original = vars(target).get("__init_subclass__")

    def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:  # noqa: N807  the name Python calls
        if original is None:
            super(target, cls).__init_subclass__(**kwargs)
        else:
            original.__func__(cls, **kwargs)
        _wrap_methods(mock, cls, tuple(name for name in _METHODS if name in vars(cls)))
        setattr(cls, _DECORATED, getattr(cls, _DECORATED)._replace(depth=1))
        _decorate_nested(mock, cls, depth=1)

    target.__init_subclass__ = classmethod(__init_subclass__)


def _decorate_nested(mock: Activation, target: Any, depth: int) -> None:
    """Decorate the classes in a class that may hold tests, those of its base classes included."""
    for name, nested in _classes_in(target):
        known: _Decorated | None = getattr(nested, _DECORATED, None)
        found = nested
        if vars(target).get(name) is not nested or not _is_written_in(nested, target):
            # Of a base class, or from elsewhere: there it stays as it is.
            names = {
                "__module__": target.__module__,
                "__qualname__": f"{target.__qualname__}.{name}",
            }
            found = type(nested)(name, (nested,), names)
            setattr(target, name, found)
        # One that is decorated itself keeps its options.
        keeps = known is not None and known.itself
        _decorate(known.mock if known and keeps else mock, found, depth=depth + 1, itself=keeps)


def _classes_in(target: Any) -> Iterator[tuple[str, Any]]:
    """Yield the classes among a class's attributes of which pytest may collect tests."""
    found: dict[str, Any] = {}
    for base in target.__mro__:
        found = {**vars(base), **found}
    for name, value in found.items():
        if inspect.isclass(value) and _may_hold_tests(name, value, target):
            yield name, value


def _may_hold_tests(name: str, nested: Any, target: Any) -> bool:
    if _is_test_case(nested):
        return True
    # pytest collects no tests of a class with a constructor, as enums and dataclasses have.
    if nested.__init__ is not object.__init__ or nested.__new__ is not object.__new__:
        return False
    # How a project names its tests is its own choice, but what comes from elsewhere may be a tool.
    if not _is_written_in(nested, target) and not name.startswith("Test"):
        return False
    members = {name: value for base in nested.__mro__[:-1] for name, value in vars(base).items()}
    return any(
        not name.startswith("__") and (inspect.isroutine(each) or inspect.isclass(each))
        for name, each in members.items()
    )


def _is_written_in(nested: Any, target: Any) -> bool:
    """Return whether a class's body stands in that of another one."""
    around, _, _ = nested.__qualname__.rpartition(".")
    return (nested.__module__, around) == (target.__module__, target.__qualname__)
