"""What a test prepared and nothing asked for, and the refusals that the code under test caught."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.errors import few, number_of
from fakebackup.model.resources.arns import EVERYWHERE
from fakebackup.report.shared import shown_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.errors import OperationNotFaked
    from fakebackup.faults import Fault
    from fakebackup.model.resources.arns import Scope
    from fakebackup.model.stores.outcomes import Outcome

    Lines = Iterator[tuple[str, str]]


class _Kind(NamedTuple):
    """One kind of what a test prepares.

    Attributes:
        one, many: what is said of one that is left, and of several.
        why: what that says of the code under test.
        find: yields the name of each that is left, and what more the failure report says.
    """

    one: str
    many: str
    why: str
    find: Callable[[Backend], Lines]


def _faults(backend: Backend) -> Lines:
    for each in backend.faults.left():
        name = "any operation" if each.operation == "*" else each.operation
        after = backend.calls[each.since :]
        when = _when(each.condition, _calls_of(each.operation, after))
        where = _where(each.operation, each.scope, backend) or _before(each, backend)
        attempts = number_of(each.left or 0, "attempt")
        yield f"{each.code} of {name}{when}{where}", f", injected for {attempts} that never came"


def _outcomes(backend: Backend) -> Lines:
    for each in backend.organization.outcomes:
        resource = "" if each.resource is None else f" for {each.resource}"
        where = _where(each.operation, each.scope, backend) or _before(each, backend)
        more = "" if each.times == 1 else f" ({each.times} times)"
        yield (
            f"{each.state} of {each.operation}{resource}{where}{more}",
            ", chosen for what never started",
        )


def _answers(backend: Backend) -> Lines:
    for each in backend.by_hand.left():
        where = _where(each.operation, each.scope, backend)
        yield f"{each.operation}{where}", ", answered by hand and never called"


def _when(condition: object, calls: list[Call]) -> str:
    """Return the `when` of a failure, and the values that its parameters had instead."""
    if condition is None:
        return ""
    if not isinstance(condition, Mapping):
        return " when its function says so"
    wanted = _parameters(condition)
    others = {
        _parameters({name: call.parameters[name] for name in condition if name in call.parameters})
        or f"no {', '.join(map(str, condition))}": None
        for call in calls
    }
    called = f" (called with {'; '.join(few(others))})" if others.keys() - {wanted} else ""
    return f" when {wanted}{called}"


def _parameters(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={shown_value(value)}" for name, value in values.items())


def _before(left: Fault | Outcome, backend: Backend) -> str:
    """Return how often its operation was called, where that was only before it was prepared."""
    made = _calls_of(left.operation, backend.calls)
    if not made or _calls_of(left.operation, backend.calls[left.since :]):
        return ""
    return f" (called {number_of(len(made), 'time')} before that)"


def _calls_of(operation: str, calls: Iterable[Call]) -> list[Call]:
    """Return the calls of an operation; "*" is every one."""
    return [call for call in calls if operation in (call.operation, "*")]


def _where(operation: str, scope: Scope, backend: Backend) -> str:
    """Return the scope of something left over, and where else its operation was called."""
    if scope == EVERYWHERE:
        return ""
    homes = {
        f"{call.account} {call.region}": None
        for call in _calls_of(operation, list(backend.calls))
        if not scope.has(call.account, call.region)
    }
    called = f" (called in {', '.join(few(homes))})" if homes else ""
    return f"{scope}{called}"


_KINDS = (
    _Kind(
        "injected failure never came",
        "injected failures never came",
        "The code under test made fewer matching attempts than the test said.",
        _faults,
    ),
    _Kind(
        "chosen outcome never came",
        "chosen outcomes never came",
        "The code under test started fewer matching jobs than the test said.",
        _outcomes,
    ),
    _Kind(
        "answer by hand was never asked for",
        "answers by hand were never asked for",
        "The code under test made no matching call.",
        _answers,
    ),
)


def lines(backend: Backend) -> list[str]:
    """Return a line about each thing left over, for the failure report."""
    return [name + more for kind in _KINDS for name, more in kind.find(backend)]


def summary(backend: Backend) -> str:
    """Return two sentences about each kind of what is left over, in one line."""
    found = []
    for one, many, why, find in _KINDS:
        names = [name for name, _ in find(backend)]
        if names:
            said = one if len(names) == 1 else many
            found.append(f"{len(names)} {said}: {', '.join(few(names))}. {why}")
    return " ".join(found)


def swallowed(backend: Backend, error: BaseException | None) -> list[OperationNotFaked]:
    """Return the refusals that the code under test caught.

    Args:
        backend: the fake's AWS Backup side.
        error: the exception that ended the test or the block; a refusal that led to it was not
            caught.
    """
    reported = set(map(id, _chain(error)))
    return [
        each
        for each in list(backend.refusals)
        if id(each) not in reported and not _reached_a_runner(each)
    ]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all exceptions that led to it."""
    waiting = [error]
    known: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in known:
            known.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _reached_a_runner(error: BaseException) -> bool:
    """Return whether an exception left the test: then the test runner has reported it.

    An exception of a TestCase's test does not reach the code that stops the fake.
    """
    outermost = error.__traceback__
    if outermost is None:
        return False
    module = str(outermost.tb_frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] in {"unittest", "_pytest"}
