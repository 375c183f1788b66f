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


def read(session: Session, regions: Sequence[str], tell: Tell | None = None) -> Recording:
    """Return all that an account answers in some Regions.

    An interruption ends the reading, and what was read until then is returned.

    Args:
        session: a session with credentials.
        regions: the Regions.
        tell: a function that is told each call with how many were answered and refused so far.

    Raises:
        RecordingError: nothing was answered.
        KeyboardInterrupt: the interruption came before anything was answered.
    """
    account = caller_of(session, regions[0])
    # Sessions are not safe to be used by several threads, clients are.
    readers = [
        _Reader(client_of(session, "backup", region), region, first=region == regions[0])
        for region in regions
    ]
    found = Recording()
    try:
        _Crew(readers, found, tell).read()
    except KeyboardInterrupt:
        if not found.answers:
            raise
        found.complete, found.interrupted = False, True
    if not found.answers:
        raise RecordingError(_why_nothing(found))
    found.account = account or _account_of(found, session)
    return found


class _Crew:
    """Readers that run side by side; this thread alone adds what they read to the recording."""

    def __init__(self, readers: Sequence[_Reader], found: Recording, tell: Tell | None) -> None:
        self._found = found
        self._tell = tell
        self._messages: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._waiting = iter(readers)
        self._running: dict[_Reader, threading.Thread] = {}

    def read(self) -> None:
        """Let the readers read to their ends, or until this thread is interrupted."""
        try:
            for _ in range(MOST_AT_ONCE):
                self._start_next()
            while self._running:
                # The timeout lets an interruption through, which a lock holds back on Windows.
                with contextlib.suppress(queue.Empty):
                    self._take(self._messages.get(timeout=0.1))
        finally:
            self._stop.set()
            for each in self._running.values():
                each.join(1)
            with contextlib.suppress(queue.Empty):
                while True:
                    self._take(self._messages.get(block=False))

    def _start_next(self) -> None:
        reader = None if self._stop.is_set() else next(self._waiting, None)
        if reader is not None:
            # A daemon's call in flight does not hold up the end of the process.
            thread = threading.Thread(
                target=reader.run, args=(self._messages.put, self._stop), daemon=True
            )
            self._running[reader] = thread
            thread.start()

    def _take(self, message: _Message) -> None:
        if message.call is None:
            self._running.pop(message.reader)
            self._start_next()
        else:
            self._add(message.call, message.answer)
        if message.broken:
            self._found.complete = False

    def _add(self, call: Call, answer: Mapping[str, Any] | Refusal) -> None:
        if isinstance(answer, Refusal):
            self._found.refuse(call, answer)
        else:
            self._found.add(call, answer)
        if self._tell is not None:
            self._tell(call, *self._found.counts)


class _Message(NamedTuple):
    """A message of a reader: a page or a refusal with its call; without one, that it has ended."""

    reader: _Reader
    call: Call | None = None
    answer: Any = None
    broken: bool = False


class _Reader:
    """What asks an account in one Region."""

    def __init__(self, client: Any, region: str, *, first: bool) -> None:
        self._region = region
        self._client = client
        self._model: ServiceModel = client.meta.service_model
        self._first = first

    def run(self, put: Callable[[_Message], None], stop: threading.Event) -> None:
        """Ask for all that the account keeps, page by page.

        Args:
            put: takes a message of each page and refusal, and of the end.
            stop: ends the reading when it is set.
        """
        broken = True
        try:
            for ask in ASKED:
                if self._first or not ask.once:
                    self._ask(ask, {}, "", _Sender(self, put, stop))
            broken = False
        except _EndedEarly:
            pass
        finally:
            put(_Message(self, broken=broken))

    def _ask(self, ask: Ask, item: Item, above: str, sender: _Sender) -> None:
        if ask.operation not in self._model.operation_names:
            return
        asked = parameters(ask, item)
        if asked is None or (above and not tells_more(self._model, ask, above, item)):
            return
        for each in self._items(ask, Call(self._region, ask.operation, asked), sender):
            for inner in ask.each:
                self._ask(inner, each, ask.operation, sender)

    def _items(self, ask: Ask, call: Call, sender: _Sender) -> list[Item]:
        """Ask for all pages of an answer, and return the items to ask further about.

        Raises:
            _EndedEarly: the Region cannot be read any further, or is not to be.
        """
        items: list[Item] = []
        try:
            for page in self._pages(call):
                sender.send(call, page)
                if ask.each:
                    items += page[listed(self._model, ask.operation)]
        except _EndedEarly:
            raise
        except Exception as error:
            # Whatever it is: what was read is worth more than a traceback.
            refusal = refusal_of(error)
            if refusal.code not in ask.absent:
                sender.send(call, refusal)
            if ends_all(error):
                raise _EndedEarly from error
        return items

    def _pages(self, call: Call) -> Iterator[dict[str, Any]]:
        method = reading(self._client, call.operation)
        shape: Any = self._model.operation_model(call.operation).input_shape
        size = shape and shape.members.get("MaxResults")
        further = {"MaxResults": size.metadata.get("max", 1000)} if size else {}
        while True:
            page = method(**call.parameters, **further)
            page.pop("ResponseMetadata", None)
            token = page.pop("NextToken", None)
            yield page
            if not token:
                return
            further["NextToken"] = token


class _Sender(NamedTuple):
    """The way of what a reader reads to the thread that records, until it is to end."""

    reader: _Reader
    put: Callable[[_Message], None]
    stop: threading.Event

    def send(self, call: Call, answer: Mapping[str, Any] | Refusal) -> None:
        """Send a page or a refusal.

        Raises:
            _EndedEarly: the reading is to end.
        """
        self.put(_Message(self.reader, call, answer))
        if self.stop.is_set():
            raise _EndedEarly


class _EndedEarly(Exception):  # noqa: N818  it is no error
    """The reading of a Region ends here."""


def _account_of(found: Recording, session: Session) -> str:
    """Return the account in the ARNs of an account's own things, or of refusals."""
    own = Counter(
        arn.split(":")[4]
        for _, answer in found.answers
        for arn in arns_in(answer)
        if re.match(r"arn:[^:]*:backup:[^:]*:\d{12}:", arn)
    )
    if own:
        return own.most_common(1)[0][0]
    for _, refusal in found.refused:
        if match := _CALLER.search(refusal.message):
            return match[1]
    named: str | None = getattr(session.get_credentials(), "account_id", None)
    if named is None:
        msg = f"no answer tells the account's id; the rights to read one are {RIGHTS}."
        raise RecordingError(msg)
    return named


def _why_nothing(found: Recording) -> str:
    call, refusal = found.refused[0]
    first = f"{call.operation} in {call.region}: {refusal.code}: {refusal.message}"
    if found.complete:
        return f"no call was allowed ({first}). The rights to read an account are {RIGHTS}."
    return f"no call was answered ({first})."
