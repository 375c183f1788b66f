"""From an operation's name and parameters to its answer; the log of what was asked."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from fakebackup import clock, ids, options
from fakebackup.answers import Answer, headers
from fakebackup.errors import AwsError, FakeBackupError, OperationNotFaked, near
from fakebackup.model import progress, shapes
from fakebackup.model.account import Caller, Organization
from fakebackup.operations import operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.model import OperationModel

    from fakebackup.operations import Operation
    from fakebackup.options import Options


@dataclass
class Call:
    """What the code under test asked for, once.

    Attributes:
        operation: AWS's name of the operation.
        parameters: as the code gave them.
        account, region: whose account, which region.
        attempts: how many HTTP requests it took.
        error: the name of the error that was answered, or of the refusal; None if none was.
        items: how many items a list answered; None where the answer is no list.
        more: whether further pages follow.
    """

    operation: str
    parameters: dict[str, Any]
    account: str
    region: str
    attempts: int = 1
    error: str | None = None
    items: int | None = None
    more: bool = False


class Calls(Sequence[Call]):
    """The calls of a fake, in order; call it with an operation's name to narrow it."""

    def __init__(self, calls: list[Call]) -> None:
        """Show a list of calls."""
        self._calls = calls

    def __call__(self, operation: str | None = None) -> Calls:
        """Return the calls of an operation, or all of them.

        Raises:
            ValueError: AWS Backup has no such operation.
        """
        if operation is None:
            return Calls(list(self._calls))
        known = shapes.service_model().operation_names
        if operation not in known:
            msg = f"AWS Backup has no operation {operation!r}{near(operation, known)}"
            raise ValueError(msg)
        return Calls([call for call in self._calls if call.operation == operation])

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> Call | Calls:
        if isinstance(index, slice):
            return Calls(self._calls[index])
        return self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Calls, list)):
            return list(self) == list(other)
        return NotImplemented

    def __hash__(self) -> int:
        return id(self._calls)

    def __repr__(self) -> str:
        return repr(self._calls)


class Request(NamedTuple):
    """One request of a client.

    Attributes:
        operation: botocore's model of the operation.
        parameters: as the caller gave them, valid by botocore's judgement.
        account: the account that the client's credentials name, if they do.
        region: the client's region.
    """

    operation: OperationModel
    parameters: Mapping[str, Any]
    account: str | None
    region: str


class Backend:
    """AWS Backup's side of a fake: the model, and what was asked of it.

    Attributes:
        options: what the fake was told.
        organization: the model.
        calls: what was asked, in order.
        refusals: the operations that were refused because they are not faked.
        acting: the accounts of the open `acting_as` blocks, the innermost last.
    """

    def __init__(self, told: Options) -> None:
        self.options = told
        self.organization = Organization(told)
        self.calls: list[Call] = []
        self.refusals: list[OperationNotFaked] = []
        self.acting: list[str] = []
        self._requests = 0

    @functools.cached_property
    def region(self) -> str:
        """The fake's region, read when first needed."""
        return self.options.region or options.configured_region()

    def clear(self) -> None:
        """Forget everything."""
        with self.organization.lock:
            self.organization.clear()
            self.calls.clear()
            self.refusals.clear()
            self._requests = 0

    def answer(self, request: Request) -> Answer:
        """Answer a request.

        Raises:
            OperationNotFaked: the operation is not faked.
            EndlessWait: a loop waits for what nothing moves.
            Exception: what a handler of events raised.
        """
        name = request.operation.name
        account = request.account or (self.acting or [self.options.account_id])[-1]
        call = Call(name, copy.deepcopy(dict(request.parameters)), account, request.region)
        with self.organization.busy():
            self.calls.append(call)
            progress.advance(self.organization)
            self._requests += 1
            number = self._requests
            operation = operations().get(name)
            if operation is None:
                call.error = OperationNotFaked.__name__
                refusal = OperationNotFaked(_refusal(call))
                self.refusals.append(refusal)
                raise refusal
            members: Mapping[str, Any] = {}
            error = None
            planned = _plan(operation, request.operation)
            try:
                asked = planned.read(request.parameters)
                caller = Caller(self.organization, account, request.region, name)
                members = operation.handler(caller, asked)
            except AwsError as refused:
                error = refused
                call.error = error.code
            except FakeBackupError as refused:
                call.error = type(refused).__name__
                raise
            else:
                if operation.items is not None:
                    call.items = len(members[operation.items])
                    call.more = "NextToken" in members
        status = request.operation.http.get("responseCode", 200) if error is None else error.status
        told = headers(ids.request_id(number), clock.http_date(), error)
        return Answer(status, told, members, planned.show, error)


class _Plan(NamedTuple):
    """What depends on an operation's model alone, worked out once in a process.

    Attributes:
        read: checks and converts the parameters.
        show: turns the members of an answer into what botocore's parser gives.
    """

    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    show: Callable[[Any], Any]


_plans: dict[str, _Plan] = {}


def _plan(operation: Operation, model: OperationModel) -> _Plan:
    """Return the plan of an operation."""
    found = _plans.get(operation.name)
    if found is None:
        read = shapes.request_reader(
            model,
            also=operation.also,
            documented=operation.documented,
            at_most=operation.at_most,
        )
        shape = model.output_shape
        found = _Plan(read, shapes.shower(shape) if shape is not None else lambda _members: {})
        _plans[operation.name] = found
    return found


def _refusal(call: Call) -> str:
    from difflib import get_close_matches

    faked = list(operations())
    close = get_close_matches(call.operation, faked, n=3, cutoff=0.5)
    return (
        f"fakebackup does not fake {call.operation} yet.\n"
        f"It was called with: {call.parameters!r} (account {call.account}, {call.region})\n"
        f"Faked, and near to it: {', '.join(close) or 'nothing'}; "
        f"{len(faked)} operations in all.\n"
        f"To answer it yourself in this test, put a botocore Stubber on the client:\n"
        f"    Stubber(client).add_response({_snake(call.operation)!r}, {{...}})"
    )


def _snake(name: str) -> str:
    from botocore import xform_name

    return str(xform_name(name))
