"""Reading an account: its Regions side by side, by operations that change nothing."""

from __future__ import annotations

import contextlib
import queue
import re
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.recording.document import Call, Recording, Refusal, arns_in
from fakebackup.recording.session import (
    RIGHTS,
    RecordingError,
    caller_of,
    client_of,
    ends_all,
    reading,
    refusal_of,
)
from fakebackup.recording.table import ASKED, Ask, Item, listed, parameters, tells_more

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from botocore.model import ServiceModel
    from botocore.session import Session

    Tell = Callable[[Call, int, int], None]

MOST_AT_ONCE = 8
"""How many Regions are read side by side; in each, one call follows the other.

AWS's limits on calls are of an account in a Region.
"""

_CALLER = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):")


def read(
    session: Session,
    regions: Sequence[str],
    tell: Tell | None = None,
    *,
    account: str | None = None,
) -> Recording:
    """Return all that an account answers in some Regions.

    An interruption ends the reading, and what was read until then is returned.

    Args:
        session: a session with credentials.
        regions: the Regions.
        tell: a function that is told each call with how many were answered and refused so far.
        account: the account's id; None is asked of STS, or told by the answers.

    Raises:
        RecordingError: nothing was answered, nothing tells the account's id, or the answers tell
            of another account than the one that is named.
        KeyboardInterrupt: the interruption came before anything was answered.
    """
    asked = "" if account is not None else caller_of(session, regions[0])
    found = Recording()
    crew = _Crew(found, tell)
    # Sessions are not safe to be used by several threads, clients are.
    readers = [
        _Reader(crew, client_of(session, "backup", region), region, first=region == regions[0])
        for region in regions
    ]
    try:
        crew.read(readers)
    except KeyboardInterrupt:
        if not found.answers:
            raise
        found.complete, found.interrupted = False, True
    if not found.answers:
        raise RecordingError(_why_nothing(found))
    own = _own_accounts(found)
    if account is not None and own and account not in own:
        other = own.most_common(1)[0][0]
        msg = f"the answers are of account {other}, not {account}: leave --account out."
        raise RecordingError(msg)
    found.account = account or asked or _account_of(own, found, session)
    return found


class _Crew:
    """Threads that read side by side.

    They add what they read by themselves: what the thread that waits for them had in its hands
    would be lost by an interruption, which only that one can meet.

    Attributes:
        stop: is set when nothing further is to be asked.
    """

    def __init__(self, found: Recording, tell: Tell | None) -> None:
        self.stop = threading.Event()
        self._found = found
        self._lock = threading.Lock()
        self._closed = False
        self._to_the_end = 0
        self._tell = tell
        self._messages: queue.SimpleQueue[_Counted | None] = queue.SimpleQueue()

    def read(self, readers: Sequence[_Reader]) -> None:
        """Let readers read to their ends, or until this thread is interrupted."""
        waiting = iter(readers)
        # A daemon's call in flight does not hold up the end of the process.
        threads = [
            threading.Thread(target=self._work, args=(waiting,), daemon=True)
            for _ in readers[:MOST_AT_ONCE]
        ]
        try:
            for each in threads:
                each.start()
            self._tell_of(len(threads))
        finally:
            self.stop.set()
            # A second interruption does not wait for calls in flight.
            with contextlib.suppress(KeyboardInterrupt):
                for each in threads:
                    if each.is_alive():
                        each.join(1)
            with self._lock:
                self._closed = True
                self._found.complete = self._to_the_end == len(readers)

    def add(self, call: Call, answer: Mapping[str, Any] | Refusal) -> None:
        """Add a page or a refusal, unless nobody waits for it any more."""
        with self._lock:
            if self._closed:
                return
            if isinstance(answer, Refusal):
                self._found.refuse(call, answer)
            else:
                self._found.add(call, answer)
            self._messages.put(_Counted(call, *self._found.counts))

    def _work(self, waiting: Iterator[_Reader]) -> None:
        try:
            for each in waiting:
                to_the_end = each.run()
                with self._lock:
                    self._to_the_end += to_the_end
        finally:
            self._messages.put(None)

    def _tell_of(self, running: int) -> None:
        """Tell of each call until all threads have ended."""
        while running:
            # The timeout lets an interruption through, which a lock holds back on Windows.
            with contextlib.suppress(queue.Empty):
                message = self._messages.get(timeout=0.1)
                if message is None:
                    running -= 1
                elif self._tell is not None:
                    self._tell(*message)


class _Counted(NamedTuple):
    """A call that was answered or refused, with how many were so far."""

    call: Call
    answered: int
    refused: int


class _Reader:
    """What asks an account in one Region."""

    def __init__(self, crew: _Crew, client: Any, region: str, *, first: bool) -> None:
        self._crew = crew
        self._region = region
        self._client = client
        self._model: ServiceModel = client.meta.service_model
        self._first = first

    def run(self) -> bool:
        """Ask for all that the account keeps, page by page; return whether it went to the end."""
        try:
            for ask in ASKED:
                if self._first or not ask.once:
                    self._ask(ask, {}, "")
        except _EndedEarly:
            return False
        return True

    def _ask(self, ask: Ask, item: Item, above: str) -> None:
        if ask.operation not in self._model.operation_names:
            return
        asked = parameters(ask, item)
        if asked is None or (above and not tells_more(self._model, ask, above, item)):
            return
        for each in self._items(ask, Call(self._region, ask.operation, asked)):
            for inner in ask.each:
                self._ask(inner, each, ask.operation)

    def _items(self, ask: Ask, call: Call) -> list[Item]:
        """Ask for all pages of an answer, and return the items to ask further about.

        Raises:
            _EndedEarly: the Region cannot be read any further, or is not to be.
        """
        items: list[Item] = []
        try:
            for page in self._pages(call):
                self._crew.add(call, page)
                if ask.each:
                    # AWS may leave out a list that is empty.
                    items += page.get(listed(self._model, ask.operation), ())
        except _EndedEarly:
            raise
        except Exception as error:
            # Whatever it is: what was read is worth more than a traceback.
            refusal = refusal_of(error)
            if refusal.code not in ask.absent:
                self._crew.add(call, refusal)
            if ends_all(error):
                raise _EndedEarly from error
        return items

    def _pages(self, call: Call) -> Iterator[dict[str, Any]]:
        """Yield the pages of an answer.

        Raises:
            _EndedEarly: nothing further is to be asked.
        """
        method = reading(self._client, call.operation)
        shape: Any = self._model.operation_model(call.operation).input_shape
        size = shape and shape.members.get("MaxResults")
        further = {"MaxResults": size.metadata.get("max", 1000)} if size else {}
        while True:
            if self._crew.stop.is_set():
                raise _EndedEarly
            page = method(**call.parameters, **further)
            page.pop("ResponseMetadata", None)
            token = page.pop("NextToken", None)
            yield page
            if not token:
                return
            further["NextToken"] = token


class _EndedEarly(Exception):  # noqa: N818  it is no error
    """The reading of a Region ends here."""


def _own_accounts(found: Recording) -> Counter[str]:
    """Return how often the ARNs of AWS Backup's own things name each account."""
    return Counter(
        arn.split(":")[4]
        for _, answer in found.answers
        for arn in arns_in(answer)
        if re.match(r"arn:[^:]*:backup:[^:]*:\d{12}:", arn)
    )


def _account_of(own: Counter[str], found: Recording, session: Session) -> str:
    """Return the account in the ARNs of an account's own things, or of refusals."""
    if own:
        return own.most_common(1)[0][0]
    for _, refusal in found.refused:
        if match := _CALLER.search(refusal.message):
            return match[1]
    named: str | None = getattr(session.get_credentials(), "account_id", None)
    if named is None:
        msg = (
            "no answer tells the account's id: it may hold nothing in the Regions that were read. "
            "Name it with --account; with the right sts:GetCallerIdentity, AWS tells it."
        )
        raise RecordingError(msg)
    return named


def _why_nothing(found: Recording) -> str:
    call, refusal = found.refused[0]
    first = f"{call.operation} in {call.region}: {refusal.code}: {refusal.message}"
    if found.complete:
        return f"no call was allowed ({first}). The rights to read an account are {RIGHTS}."
    return f"no call was answered ({first})."
