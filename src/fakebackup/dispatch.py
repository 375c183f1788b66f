"""From an operation's name and parameters to its answer."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock, ids, operations
from fakebackup.answering.caller import Caller
from fakebackup.answers import Answer, Form, headers, refused
from fakebackup.calls import Call
from fakebackup.errors import (
    AwsError,
    EndlessWait,
    OperationNotFaked,
    invalid_parameter,
    name_of,
    not_found,
    quoted,
)
from fakebackup.model.engine.engine import new_organization
from fakebackup.model.resources.arns import Home
from fakebackup.model.shapes.model import READS, names_vault
from fakebackup.model.shapes.requests import request_reader
from fakebackup.operations import Operation
from fakebackup.options import configured_region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

    from fakebackup.by_hand import Answerer, HandAnswers
    from fakebackup.faults import Attempt, Fault, Faults
    from fakebackup.model.shapes.received import Received
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.stores.savepoints import Savepoint, Table
    from fakebackup.model.vaults.vault import Vault
    from fakebackup.options import Options


_NOT_FOUND = not_found("").code
_USUAL = ("us-east-1", "eu-west-1")


class Request(NamedTuple):
    """One request of a client.

    Attributes:
        operation: botocore's model of the operation.
        parameters: as the code under test gave them, validated by botocore but where there is
            `received`.
        account: the account that the client's credentials name, if they do.
        region: the client's Region.
        received: the request as HTTP carries it, where nobody has validated the parameters: the
            model then reads them from it, and judges them.
        access_key: that of the client's credentials, if they may name somebody.
    """

    operation: OperationModel
    parameters: Mapping[str, Any]
    account: str | None
    region: str
    received: Received | None = None
    access_key: Any = None


class Backend:
    """AWS Backup's side of a fake: the model, and the log of calls.

    Attributes:
        options: the fake's options.
        organization: the model.
        calls: the log of calls, in order.
        refusals: the errors of calls of operations that are not faked.
        acting: the accounts of the open `acting_as` blocks, the innermost last.
        requests: how many HTTP requests were answered.
        of_one_test: whether the fake was made for one test, which fails for its leftovers.
        leftovers_told: whether its leftovers have been told.
        regions: the Regions not to be checked: usual ones, and those that were checked.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.organization = new_organization(options)
        self.calls: list[Call] = []
        self.refusals: list[OperationNotFaked] = []
        self.acting: tuple[str, ...] = ()
        self.requests = 0
        self.of_one_test = False
        self.leftovers_told = False
        self.regions = set(_USUAL)

    # Made, and imported, when a test first prepares something or asks what is left. By setdefault,
    # so that threads which ask at once get the same one: cached_property has no lock from 3.12 on.
    @functools.cached_property
    def faults(self) -> Faults:
        """The failures that the test injected."""
        from fakebackup.faults import Faults

        found: Faults = vars(self).setdefault("faults", Faults())
        return found

    @functools.cached_property
    def by_hand(self) -> HandAnswers:
        """The answers that the test gives by hand."""
        from fakebackup.by_hand import HandAnswers

        found: HandAnswers = vars(self).setdefault("by_hand", HandAnswers())
        return found

    def has_faults(self) -> bool:
        """Return whether injected failures may still hit."""
        return "faults" in vars(self) and bool(self.faults.waiting)

    def has_answers(self) -> bool:
        """Return whether any operation is answered by hand."""
        return "by_hand" in vars(self) and bool(self.by_hand.given)

    @functools.cached_property
    def region(self) -> str:
        """The fake's Region, read when first needed."""
        return self.options.region or configured_region()

    def clear(self) -> None:
        """Clear the model, the log, the injected failures and the answers by hand."""
        with self.organization.lock:
            self.organization.clear()
            self.calls.clear()
            if self.has_faults():
                self.faults.clear()
            if self.has_answers():
                self.by_hand.clear()
            self.refusals.clear()
            self.requests = 0
            self.regions.intersection_update(_USUAL)

    def savepoint(self) -> Savepoint:
        """Take a savepoint, to which closing it goes back.

        Raises:
            FakeBackupError: the fake is not active.
        """
        # Imported late: most fakes take none.
        from fakebackup.model.stores import savepoints

        # What is due is heard before: what its handlers do is not of the block.
        self.organization.catch_up()
        with self.organization.working():
            return savepoints.Savepoint(self.organization, [self], kept())

    def other_service_called(self, service: str) -> None:
        """Let happen what is due by the clock before another service shows what came of it.

        Args:
            service: botocore's name of the service.

        Raises:
            FakeBackupError: nothing in the process answers what is due there.
            Exception: what a handler of events raised.
        """
        neighbour = self.organization.neighbour
        if neighbour is not None:
            self.organization.catch_up()
            neighbour.looked_at(service)

    def has_leftovers(self) -> bool:
        """Return whether the test prepared what nothing has asked for."""
        return bool(
            (self.has_faults() and self.faults.left())
            or self.organization.outcomes
            or (self.has_answers() and self.by_hand.left())
        )

    def begin(self, request: Request) -> Exchange:
        """Log a call and return the exchange that answers its attempts.

        Raises:
            OperationNotFaked: the operation is not faked.
            FakeBackupWarning: as `regions.check`; the call is not logged then.
        """
        name = request.operation.name
        account = request.account or (self.acting or (self.options.account_id,))[-1]
        region = request.region
        if type(account) is not str or type(region) is not str:
            account, region = _plain(account), _plain(region)
        if region not in self.regions:
            from fakebackup.model.resources import regions

            regions.check(self.regions, region, f"A client called {name} in")
        call = Call(name, _copy(request.parameters), account, region)
        self.calls.append(call)
        operation = operations.find(name)
        answerer = None
        if self.has_answers():
            answerer = self.by_hand.find(name, account, region)
        if answerer is not None:
            operation = _answered_by_hand(operation, answerer, call)
        if operation is None:
            call.error, call.at = OperationNotFaked.__name__, clock.now()
            refusal = OperationNotFaked(_refusal(call))
            self.refusals.append(refusal)
            raise refusal
        make = Exchange if request.received is None else _Unchecked
        return make(self, request, operation, call)


_AS_GIVEN = (
    "operation",
    "possible",
    "truncated",
    "code",
    "error",
    "after",
    "when",
    "whole_call",
    "every",
    "chance",
    "scope",
    "condition",
    "since",
)
"""The attributes of a failure that do not change."""


@functools.cache
def kept() -> Table:
    """Return what a savepoint keeps of a fake, class by class."""
    from fakebackup.by_hand import HandAnswer, HandAnswers
    from fakebackup.faults import Fault, Faults
    from fakebackup.model.stores.savepoints import (
        MODEL,
        Row,
        content,
        draws,
        each_whole,
        groups,
        parts,
        value,
        whole,
    )

    as_given = "is as the test gave it"
    return MODEL | {
        Backend: Row(
            {
                "organization": whole,
                "calls": content,
                "faults": whole,
                "by_hand": whole,
                "refusals": content,
                "requests": value,
                "regions": content,
                "leftovers_told": value,
            },
            {
                "options": "never changes",
                "region": "is read once",
                "acting": "blocks that are open end by themselves",
                "of_one_test": "is of the fake, not of what it holds",
            },
        ),
        Faults: Row({"waiting": each_whole, "_by_call": parts}, {}),
        Fault: Row(
            {"left": value, "seen": value, "draw": draws},
            dict.fromkeys(_AS_GIVEN, as_given),
        ),
        HandAnswers: Row({"given": groups}, {}),
        HandAnswer: Row(
            {"asked_for": value}, {"operation": as_given, "how": as_given, "scope": as_given}
        ),
    }


def _answered_by_hand(operation: Operation | None, answerer: Answerer, call: Call) -> Operation:
    """Return an operation that a test answers by hand; its parameters are checked as before."""

    def handler(_caller: Caller, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        # As the code under test gave them: `_asked` has dates converted.
        return answerer(_copy(call.parameters))

    found = operation or Operation(call.operation, handler)
    return found._replace(handler=handler, by_hand=True)


class Exchange:
    """One call of a client: answered at once, or in as many HTTP attempts as the client makes.

    Attributes:
        backend: AWS Backup's side of the fake.
        request: the client's request.
        call: its entry in the log.
    """

    def __init__(
        self, backend: Backend, request: Request, operation: Operation, call: Call
    ) -> None:
        self.backend = backend
        self.request = request
        self.call = call
        # As the log has them: plain, and copies, which no operation changes.
        self._parameters: Mapping[str, Any] = call.parameters
        self._operation = operation
        self._route = _route(operation, request.operation)
        # A failure that hits all attempts of the call, from the first one that it hits on.
        self._fault: Fault | None = None
        self._next_attempt: Attempt | None = None

    def may_fail(self) -> bool:
        """Tell whether an injected failure may hit this call."""
        # Another thread's attempt may drop a failure meanwhile.
        with self.backend.organization.lock:
            return self.backend.faults.may_hit(self._attempt())

    def attempt(self) -> Answer | Fault:
        """Answer one HTTP attempt; return the failure of the network, if one hits it.

        Raises:
            EndlessWait: a loop waits for a job that nothing moves.
            Exception: an exception of a handler of events.
        """
        backend, call = self.backend, self.call
        organization = backend.organization
        organization.acquire()
        try:
            call.attempts += 1
            backend.requests += 1
            number = backend.requests
            fault = self._fault
            if fault is None and backend.has_faults():
                fault = self._take_fault()
            if fault is not None:
                self._fault = fault if fault.whole_call else None
                call.error = fault.code
                if fault.error is None:
                    call.at = clock.now()
                    return fault
                return self._refuse(number, fault.error)
            call.error = None
            return self._run(number)
        finally:
            organization.release()

    def _take_fault(self) -> Fault | None:
        attempt, self._next_attempt = self._attempt(), None
        return self.backend.faults.take(attempt)

    def _attempt(self) -> Attempt:
        """Return the coming attempt, as failures look at it."""
        if self._next_attempt is None:
            from fakebackup.faults import Attempt

            call = self.call
            home = Home(call.account, call.region)
            # A test's function may change what it is given.
            parameters = _copy(call.parameters)
            self._next_attempt = Attempt(call.operation, parameters, home, {})
        return self._next_attempt

    def _run(self, number: int) -> Answer:
        call = self.call
        organization = self.backend.organization
        operation, parameters = self._operation, self._parameters
        key = self.request.access_key
        store = organization.store(call.account, call.region)
        vault = None
        try:
            if organization.clockwork.due:
                organization.advance()
            before = organization.numbers.given_out()
            vault_in_path = self._route.vault_in_path
            if vault_in_path is not None and not operation.by_hand:
                vault = vault_in_path(store, operation.name, parameters, key)
            asked = self._route.read(parameters)
            members = operation.handler(Caller(store, operation.name, vault, key), asked)
            if operation.items is not None:
                call.items = len(members.get(operation.items, ()))
                call.more = "NextToken" in members
                if not call.items and not operation.by_hand:
                    self._count_nothing(store)
        except AwsError as error:
            # A refused operation has created nothing, so the numbers that it took are free. Taken
            # back here, so that no operation must make all of its checks before it takes one.
            organization.numbers.take_back(before)
            declared = _declared(error, self.request.operation)
            call.error = declared.code
            if declared.code == _NOT_FOUND and operation.name.startswith(READS):
                self._count_nothing(store)
            return self._refuse(number, declared)
        except Exception as error:
            call.error, call.at = name_of(error), clock.now()
            raise
        return self._answer(number, members)

    def _count_nothing(self, store: Store) -> None:
        """Count an answer of nothing; raise EndlessWait for a loop that waits for a still job."""
        if store.organization.jobs.by_id:
            # Imported late: in many processes nobody waits.
            from fakebackup.model.engine import patience

            try:
                patience.count_nothing(store, self.call.operation, self._parameters)
            except EndlessWait as endless:
                self.call.error = type(endless).__name__
                raise endless from None

    def _answer(self, number: int, members: Mapping[str, Any]) -> Answer:
        route = self._route
        # Read once, for the log too.
        self.call.at = now = clock.now()
        http_headers = headers(ids.request_id(number), clock.http_date(now))
        return Answer(route.status, http_headers, members, route.form)

    def _refuse(self, number: int, error: AwsError) -> Answer:
        return refused(self._answer(number, {}), error)


def _declared(error: AwsError, operation: OperationModel) -> AwsError:
    """Return the error for an operation, which may not declare that it exceeds a quota.

    More than a quota is then a parameter that is not valid [assumed].
    """
    limit = "LimitExceededException"
    if error.code != limit or any(each.name == limit for each in operation.error_shapes):
        return error
    return invalid_parameter(error.message)


class _Unchecked(Exchange):
    """A call whose parameters nobody has validated: the model reads and judges them."""

    def __init__(
        self, backend: Backend, request: Request, operation: Operation, call: Call
    ) -> None:
        super().__init__(backend, request, operation, call)
        self._error: AwsError | None = None
        call.received = {}
        try:
            self._parameters = call.received = received_by(request)
        except AwsError as error:
            self._error = error

    def _run(self, number: int) -> Answer:
        if self._error is None:
            return super()._run(number)
        self.call.error = self._error.code
        return self._refuse(number, self._error)


_receivers: dict[tuple[str, str | None], Callable[[Received], dict[str, Any]]] = {}
"""What reads and judges requests, by operation and its error of a wrong type; made when needed."""


def received_by(request: Request) -> dict[str, Any]:
    """Return the parameters of a request that nobody has validated, judged by the model.

    Raises:
        AwsError: they are refused.
    """
    received: Any = request.received
    key = (request.operation.name, received.wrong)
    found = _receivers.get(key)
    if found is None:
        from fakebackup.model.shapes.received import receiver

        found = _receivers[key] = receiver(request.operation, received.wrong)
    return found(received)


_IMMUTABLE = frozenset((str, int, bool))


def _copy(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of parameters, which stays as it is when the originals are changed.

    It is what botocore sends: the values of enums, and of other texts and numbers with a class
    of their own.
    """
    copied = {}
    for name, value in parameters.items():
        if type(name) is not str:
            name = _plain(name)  # noqa: PLW2901
        copied[name] = value if type(value) in _IMMUTABLE else _plain(value)
    return copied


def _plain(value: Any) -> Any:
    from fakebackup import plain

    return plain.whole(value)


class _Route(NamedTuple):
    """The converters of an operation's parameters and answers, made once in a process.

    Attributes:
        read: checks and converts the parameters.
        form: the form of its answers.
        status: the HTTP status of an answer.
        vault_in_path: returns the vault that the path names; None where it names none.
    """

    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    form: Form
    status: int
    vault_in_path: Callable[[Store, str, Mapping[str, Any], Any], Vault] | None


_routes: dict[str, _Route] = {}


def _route(operation: Operation, model: OperationModel) -> _Route:
    """Return the route of an operation."""
    found = _routes.get(operation.name)
    if found is None:
        read = request_reader(
            model,
            also=operation.also,
            documented=operation.documented,
            at_most=operation.at_most,
        )
        status = model.http.get("responseCode", 200)
        vault = _vault_in_path() if names_vault(model) else None
        found = _Route(read, Form(model.output_shape), status, vault)
        _routes[operation.name] = found
    return found


def _vault_in_path() -> Callable[[Store, str, Mapping[str, Any], Any], Vault]:
    from fakebackup.answering.path_vaults import vault_in_path

    return vault_in_path


def _refusal(call: Call) -> str:
    from difflib import get_close_matches

    faked = list(operations.modules())
    close = get_close_matches(call.operation, faked, n=3, cutoff=0.5)
    return (
        f"fakebackup does not fake {call.operation} yet.\n"
        f"It was called with: {quoted(call.parameters)} (account {call.account}, {call.region})\n"
        f"Faked, and near to it: {', '.join(close) or 'nothing'}; "
        f"{len(faked)} operations in all.\n"
        f"To answer it yourself in this test:\n"
        f"    fakebackup.current().answer({call.operation!r}, {{...}})"
    )
