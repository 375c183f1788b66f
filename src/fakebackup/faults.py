"""Failures that a test injects: they hit HTTP attempts, so that the client retries as on AWS."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import options, plain
from fakebackup.errors import check_not_awaited, check_text, near, quoted
from fakebackup.known_errors import INSUFFICIENT_PRIVILEGES, known_or_own
from fakebackup.model.resources.arns import EVERYWHERE
from fakebackup.model.shapes import model as shapes

if TYPE_CHECKING:
    from fakebackup.errors import AwsError
    from fakebackup.model.resources.arns import Home, Scope

    When = Callable[[Mapping[str, Any]], bool] | Mapping[str, Any]

EVERY = "*"
"""Stands for all operations."""


class FrontError(NamedTuple):
    """An error of the service's front, which no operation declares.

    Attributes:
        text: its text, unless a test gives one.
        status: its HTTP status, unless a test gives one.
        evidence: what is known of the two.
    """

    text: str
    status: int
    evidence: str


_DOCUMENTED = "documented; the text is assumed"
_NEWER = "documented, with another status in older pages; the text is assumed"

SERVICE_WIDE = {
    "ThrottlingException": FrontError("Rate exceeded", 400, _DOCUMENTED),
    "AccessDeniedException": FrontError(
        INSUFFICIENT_PRIVILEGES.text, 403, "documented with the status 400; reported"
    ),
    "ExpiredTokenException": FrontError(
        "The security token included in the request is expired", 403, "documented"
    ),
    "UnrecognizedClientException": FrontError(
        "The security token included in the request is invalid.",
        403,
        "documented; the text is reported: iamlive #58, prowler #2713",
    ),
    "IncompleteSignature": FrontError(
        "The signature of the request does not conform to AWS standards.", 403, _NEWER
    ),
    "NotAuthorized": FrontError("You are not permitted to perform this action.", 401, _NEWER),
    "OptInRequired": FrontError(
        "The AWS access key ID is not subscribed to the service.", 403, _DOCUMENTED
    ),
    "RequestExpired": FrontError("The request has expired.", 400, _DOCUMENTED),
    "MalformedHttpRequestException": FrontError("The HTTP request is malformed.", 400, _DOCUMENTED),
    "RequestAbortedException": FrontError("The request was aborted.", 400, _DOCUMENTED),
    "RequestEntityTooLargeException": FrontError(
        "The body of the request is too large.", 413, _DOCUMENTED
    ),
    "RequestTimeoutException": FrontError("Reading the request timed out.", 408, _DOCUMENTED),
    "UnknownOperationException": FrontError(
        "The requested operation is unknown.", 404, _DOCUMENTED
    ),
    "ValidationError": FrontError("The input is not valid.", 400, _DOCUMENTED),
    "InternalServerError": FrontError("An internal error occurred.", 500, "assumed"),
    "InternalFailure": FrontError("An internal error occurred.", 500, _DOCUMENTED),
    "ServiceUnavailable": FrontError("Service is unavailable. Please try again.", 503, _DOCUMENTED),
}
"""The errors common to all operations: those of AWS's pages "Common errors", and one more."""

NETWORK = (
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ConnectionClosedError",
)
"""botocore's errors for failures of the network; a body cut short is a ConnectionClosedError."""

TRUNCATED = "TruncatedBody"

_STATUSES = range(400, 600)
"""The HTTP statuses of errors."""


@dataclass(eq=False)
class Fault:
    """An injected failure.

    Attributes:
        operation: the operation that it hits, as the test named it; "*" is all that may
            answer so.
        possible: the operations that it may hit; None is all.
        code: AWS's name of the error, or botocore's of a network failure.
        error: the error that AWS answers; None for a network failure.
        left: how many attempts it still hits; None is without end.
        after: how many matching attempts pass before the first hit.
        when: takes the parameters of a call, returns whether it hits the call.
        whole_call: whether it hits every attempt of a call that it hits.
        every: it hits every n-th matching attempt.
        chance: returns whether it hits an attempt that is due.
        scope: the account and the Region whose calls it may hit.
        condition: `when` as the test gave it; None is every call.
        truncated: whether it is a body cut short, which clients see as a closed connection.
        since: how many calls had been made when it was injected.
        seen: how many matching attempts there have been.
        draw: what `chance` draws from.
    """

    operation: str
    possible: frozenset[str] | None
    code: str
    error: AwsError | None
    left: int | None
    after: int
    when: Callable[[Mapping[str, Any]], bool]
    whole_call: bool
    every: int
    chance: Callable[[], bool]
    scope: Scope = EVERYWHERE
    condition: When | None = None
    truncated: bool = False
    since: int = 0
    seen: int = 0
    draw: random.Random | None = None

    def may_hit(self, operation: str, home: Home) -> bool:
        """Tell whether the failure may hit calls of an operation in an account and Region."""
        return (self.possible is None or operation in self.possible) and self.scope.has(*home)

    def hits(self) -> bool:
        """Count a matching attempt, and return whether it is hit."""
        self.seen += 1
        if self.seen <= self.after or (self.seen - self.after) % self.every or not self.chance():
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Attempt(NamedTuple):
    """An HTTP attempt, as failures look at it.

    Attributes:
        operation, parameters: what is called.
        home: the account and the Region of the call.
        met: per failure, whether the attempt meets its `when`: that is asked once, since a
            test's function may count.
    """

    operation: str
    parameters: Mapping[str, Any]
    home: Home
    met: dict[Fault, bool]

    def meets(self, fault: Fault) -> bool:
        """Return whether the attempt meets the `when` of a failure."""
        found = self.met.get(fault)
        if found is None:
            found = self.met[fault] = bool(fault.when(self.parameters))
        return found


class Faults:
    """The injected failures of a fake that may still hit, in the order they were injected.

    Attributes:
        waiting: all of them; most fakes have none, and then no call asks for more.
    """

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        # Per operation that was called, and the account and Region of the call.
        self._by_call: dict[tuple[str, Home], list[Fault]] = {}

    def add(self, fault: Fault) -> None:
        """Add a failure, after those that are waiting."""
        self.waiting.append(fault)
        for (operation, home), waiting in self._by_call.items():
            if fault.may_hit(operation, home):
                waiting.append(fault)

    def clear(self) -> None:
        """Drop all failures."""
        self.waiting.clear()
        self._by_call.clear()

    def left(self) -> list[Fault]:
        """Return the counted failures, all of which have attempts left to hit."""
        return [fault for fault in self.waiting if fault.left is not None]

    def may_hit(self, attempt: Attempt) -> bool:
        """Tell whether any failure may hit an attempt."""
        return any(map(attempt.meets, self._of(attempt.operation, attempt.home)))

    def take(self, attempt: Attempt) -> Fault | None:
        """Return the first failure that hits an attempt, counting that attempt."""
        for fault in self._of(attempt.operation, attempt.home):
            if attempt.meets(fault) and fault.hits():
                if fault.left == 0:
                    self._drop(fault)
                return fault
        return None

    def _of(self, operation: str, home: Home) -> list[Fault]:
        found = self._by_call.get((operation, home))
        if found is None:
            found = [fault for fault in self.waiting if fault.may_hit(operation, home)]
            self._by_call[operation, home] = found
        return found

    def _drop(self, fault: Fault) -> None:
        self.waiting.remove(fault)
        for (operation, home), waiting in self._by_call.items():
            if fault.may_hit(operation, home):
                waiting.remove(fault)


def read(  # noqa: PLR0913  the options of FakeBackup.fail, by name
    operation: str,
    *,
    code: str,
    message: str | None,
    status: int | None,
    times: int | None,
    after: int,
    when: When | None,
    whole_call: bool,
    every: int | None,
    probability: float | None,
    seed: int,
    scope: Scope,
    since: int,
) -> Fault:
    """Return a checked failure; arguments and errors are those of `FakeBackup.fail`."""
    operation, code, message = map(plain.scalar, (operation, code, message))
    status, times, after = map(plain.scalar, (status, times, after))
    every, seed = plain.scalar(every), plain.scalar(seed)
    if operation != EVERY:
        shapes.check_operation(operation)
    for name, value, least in (("times", times, 1), ("after", after, 0), ("every", every, 1)):
        # With no `times` it goes on, with no `every` it hits each; `after` is a number always.
        if value is not None or name == "after":
            hint = " To fail always, pass every=1 and no times." if name == "times" else ""
            options.whole_number(name, value, least, hint)
    options.flag("whole_call", whole_call)
    if every is not None and probability is not None:
        msg = (
            f"every={quoted(every)} and probability={quoted(probability)} are two ways to choose "
            f"the attempts: choose one of them. (every=n hits each n-th; probability=p draws for "
            f"each.)"
        )
        raise ValueError(msg)
    chance = None if probability is None else _chance(probability)
    if status is not None and (type(status) is not int or status not in _STATUSES):
        msg = f"status is the HTTP status of an error, from 400 to 599, not {quoted(status)}."
        raise ValueError(msg)
    _check_code(code)
    _check_message(message)
    if type(seed) is not int:
        msg = f"seed is a whole number, not {quoted(seed)} ({type(seed).__name__})."
        raise TypeError(msg)
    condition = _condition(operation, when)
    draw = random.Random(seed)  # noqa: S311  reproducible is what is wanted
    error = None if code in (*NETWORK, TRUNCATED) else _error(operation, code, message, status)
    return Fault(
        operation=operation,
        possible=_declaring(code) if operation == EVERY else frozenset((operation,)),
        code="ConnectionClosedError" if code == TRUNCATED else code,
        error=error,
        left=times,
        after=after,
        when=_meeting(condition),
        whole_call=whole_call,
        every=every or 1,
        chance=(lambda: True) if chance is None else lambda: draw.random() < chance,
        scope=scope,
        condition=condition,
        truncated=code == TRUNCATED,
        since=since,
        draw=None if chance is None else draw,
    )


def _chance(probability: Any) -> float:
    """Return a probability that a user gave, of whatever class of numbers, as a float."""
    not_meant = isinstance(probability, (bool, str, bytes))
    if not_meant or not hasattr(type(probability), "__float__"):
        seen = f"{quoted(probability)} ({type(probability).__name__})"
        msg = f"probability is a number from 0 to 1, not {seen}."
        raise TypeError(msg)
    try:
        found = float(probability)
    except (ValueError, OverflowError):
        found = -1.0  # beyond all floats, or a NaN that signals
    if not 0 <= found <= 1:
        msg = f"probability is from 0 to 1, not {quoted(probability)}."
        raise ValueError(msg)
    return found


def _check_message(message: object) -> None:
    if message is None:
        return
    if not isinstance(message, str):
        msg = f"message is text, not {quoted(message)} ({type(message).__name__})."
        raise TypeError(msg)
    check_text("message", message)


def _declaring(code: str) -> frozenset[str] | None:
    """Return the operations that declare an error; None for a failure that no operation declares.

    Those of the service's front are answered by every operation, also where some declare them.
    """
    if code in (*SERVICE_WIDE, *NETWORK, TRUNCATED):
        return None
    operations = map(shapes.service_model().operation_model, shapes.service_model().operation_names)
    return frozenset(
        operation.name
        for operation in operations
        if code in (error.name for error in operation.error_shapes)
    )


def _error(operation: str, code: str, message: str | None, status: int | None) -> AwsError:
    model = shapes.service_model()
    modelled = [error.name for error in model.error_shapes]
    if operation != EVERY and code in modelled and code not in SERVICE_WIDE:
        declared = [error.name for error in model.operation_model(operation).error_shapes]
        if code not in declared:
            msg = (
                f"{operation} does not answer {code}: it declares {', '.join(declared)}, and the "
                f"service's front has {', '.join(SERVICE_WIDE)}."
            )
            raise ValueError(msg)
    if code not in modelled and code not in SERVICE_WIDE:
        raise ValueError(_no_failure(code))
    text, usual = "This failure was injected by a test.", 400
    if code in SERVICE_WIDE:
        text, usual, _ = SERVICE_WIDE[code]
    if code in ("ServiceUnavailableException", "DependencyFailureException"):
        text, usual = "Service is unavailable. Please try again.", 500
    return known_or_own(code, message or text, status or usual)


def _check_code(code: object) -> None:
    if not isinstance(code, str):
        raise ValueError(_no_failure(code))  # noqa: TRY004  as for a name that no failure has


_OF_OTHER_SERVICES = {
    "TooManyRequestsException": "ThrottlingException",
    "RequestLimitExceeded": "ThrottlingException",
    "ProvisionedThroughputExceededException": "ThrottlingException",
    "SlowDown": "ThrottlingException",
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "AuthFailure": "UnrecognizedClientException",
}
"""Names by which other services of AWS refuse requests, and what AWS Backup answers then."""

_BY_HAND = (
    " For a code of another name, type backup.answer(operation, function): what raises botocore's "
    "ClientError there is what the code under test gets."
)


def _no_failure(code: object) -> str:
    modelled = [error.name for error in shapes.service_model().error_shapes]
    possible = [*modelled, *SERVICE_WIDE, *NETWORK, TRUNCATED]
    instead = _OF_OTHER_SERVICES.get(code) if isinstance(code, str) else None
    hint = f"; did you mean {instead!r}?" if instead else near(code, possible)
    hint = hint or f": there are {', '.join(dict.fromkeys(possible))}."
    if type(code) is int and code in _STATUSES:
        hint = f". To choose the HTTP status of an error, pass status={code}."
    by_hand = _BY_HAND if isinstance(code, str) else ""
    return f"There is no failure {quoted(code)}{hint}{by_hand}"


def _condition(operation: str, when: When | None) -> When | None:
    """Return the `when` of a failure, checked; a dict as a copy, with plain values."""
    if when is None or callable(when):
        takes = "when takes a dict of parameters, or a function that is given them"
        check_not_awaited(takes, when)
        return when
    given: object = when
    if not isinstance(given, Mapping):
        seen = quoted(when)
        msg = f"when takes a dict of parameters, or a callable that is given them, not {seen}."
        raise TypeError(msg)
    if operation != EVERY:
        shape = shapes.service_model().operation_model(operation).input_shape
        known = {} if shape is None else shape.members
        for name in when:
            if name not in known:
                msg = f"{operation} has no parameter {quoted(name)}{near(name, known) or '.'}"
                raise ValueError(msg)
    found: dict[str, Any] = plain.whole(dict(when))
    return found


def _meeting(condition: When | None) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells whether the parameters of a call meet a condition."""
    if condition is None:
        return lambda _parameters: True
    if callable(condition):
        return condition
    return lambda parameters: all(
        name in parameters and parameters[name] == value for name, value in condition.items()
    )
