"""The event bus: events as EventBridge delivers them, handed on when the model is at rest."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import ids
from fakebackup.errors import FakeBackupError
from fakebackup.model.resources.arns import partition
from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol, TypeAlias

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.resources.arns import Home

    class Later(Protocol):
        """What returns an event's content anew whenever it is called: most are never read."""

        def __call__(self) -> EventContent:
            """Return the content: the same each time, and sharing nothing that can change."""

    Event = dict[str, Any]
    Content: TypeAlias = "EventContent | Later"
    Handler = Callable[[Event, Any], Any]


class EventContent(NamedTuple):
    """The content of an event, without the envelope.

    Attributes:
        detail_type: the detail-type, as "Backup Job State Change".
        detail: the detail.
        resources: the resources, as ARNs.
    """

    detail_type: str
    detail: dict[str, Any]
    resources: list[str]


class Sent:
    """An event that was emitted, put together when it is first read: most never are.

    Attributes:
        home: its account and Region.
        job: the job of a job's State Change; None for any other event.
        is_taken: whether it was taken out of those that wait, to be delivered.
        chain: how many events led to it, each of which a handler's reaction to the one before
            caused.
    """

    __slots__ = ("_at", "_made", "_number", "chain", "home", "is_taken", "job")

    def __init__(self, made: Content, number: int, home: Home, at: int) -> None:
        """Keep what the event is put together from.

        Args:
            made: its content, or what returns it.
            number: its number among the events of the fake, from 1.
            home: its account and Region.
            at: its time, in milliseconds; the envelope shows whole seconds.
        """
        self._made: Content | Event = made
        self._number = number
        self.home = home
        self._at = at
        self.job: Job | None = None
        self.is_taken = False
        self.chain = 0

    @property
    def event(self) -> Event:
        """The event, with its envelope; not to be changed."""
        made = self._made
        if isinstance(made, dict):
            return made
        event = self._made = self._around(made if isinstance(made, EventContent) else made())
        return event

    def fresh(self) -> Event:
        """Return the event, made anew for somebody who may change it."""
        made = self._made
        if isinstance(made, (dict, EventContent)):
            return json_copy(self.event)  # type: ignore[no-any-return]  # as deep as any JSON value
        return self._around(made())

    def _around(self, content: EventContent) -> Event:
        """Return the event that has a content."""
        return {
            "version": "0",
            "id": ids.uuid("7", self._number),
            "detail-type": content.detail_type,
            "source": "aws.backup",
            "account": self.home.account,
            "time": dates.written(self._at // 1000 * 1000),
            "region": self.home.region,
            "resources": content.resources,
            "detail": content.detail,
        }


def json_copy(value: Any) -> Any:
    """Return a deep copy of a JSON value; ten times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        copied = value.copy()
        # Most values are plain: to call this for each of them takes most of the time.
        for name, each in value.items():
            if type(each) not in _PLAIN:
                copied[name] = json_copy(each)
        return copied
    return [json_copy(each) for each in value] if isinstance(value, list) else value


_PLAIN = frozenset((str, int, bool, float, type(None)))


class Copies:
    """Copies of JSON values for readers, who may change what they get.

    Each is made when it is first read. It is returned again as long as it is not changed, so
    that reading many again and again costs no more than comparing them.
    """

    def __init__(self) -> None:
        self._made: list[Any] = []

    def of(self, values: Sequence[Any]) -> list[Any]:
        """Return copies of values, which are those of the last time and perhaps more."""
        made = self._made
        for number, (copy, value) in enumerate(zip(made, values, strict=False)):
            if copy != value:
                made[number] = json_copy(value)
        made += map(json_copy, values[len(made) :])
        return list(made)


class Context:
    """The context that AWS Lambda passes to a function besides the event."""

    function_name = "fakebackup"
    function_version = "$LATEST"
    memory_limit_in_mb = "128"
    log_group_name = "/aws/lambda/fakebackup"
    log_stream_name = "fakebackup"

    def __init__(self, event: Event) -> None:
        """Make the context of the invocation with an event."""
        self.aws_request_id: str = event["id"]
        self._account, self._region = event["account"], event["region"]

    @property
    def invoked_function_arn(self) -> str:
        """The ARN of a function of this name in the account and Region of the event."""
        return (
            f"arn:{partition(self._region)}:lambda:{self._region}:{self._account}"
            f":function:{self.function_name}"
        )

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left, in milliseconds: always the longest that Lambda allows."""
        return 900_000


MOST_CAUSED = 10_000
"""How many events in a row handlers may cause by reacting each to the one before."""

_ENDLESS = (
    "A handler of backup.on_event reacts to events that it has caused itself, {most} in a row. The "
    "last one is a {event[detail-type]} with the detail {event[detail]}. On AWS this would go on "
    "for ever. Let the handler pass over what it has started, as by the ids of those jobs."
)


def _endless(sent: Sent) -> FakeBackupError:
    return FakeBackupError(_ENDLESS.format(most=MOST_CAUSED, event=sent.event))


class Bus:
    """The events of a fake.

    Attributes:
        sent: all events, in order.
        handlers: the functions that get the events emitted from now on.
        waiting: events that are not delivered yet, each with the handlers that get it.
    """

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        # By the identity of the job, which is in `sent`: no other job can have it. It has the
        # first `_filed` of them, and the rest when a job's are read: most never are.
        self._of_job: dict[int, list[Sent]] = {}
        self._filed = 0
        self.handlers: tuple[Handler, ...] = ()
        self.waiting: deque[tuple[Sent, tuple[Handler, ...]]] = deque()
        self._copies = Copies()
        # The thread that delivers, and the event that it delivers.
        self._delivering: int | None = None
        self._delivered: Sent | None = None
        # Not the model's lock: handlers run without either, and may use clients in other threads.
        self.lock = threading.Lock()

    def emit(self, content: Content, home: Home, at: int, job: Job | None) -> None:
        """Emit an event; it is delivered when the model is at rest. The caller holds its lock.

        Args:
            content: the content of the event, or what returns it.
            home: the account and Region of the event.
            at: the time of the event, in milliseconds; the envelope shows whole seconds.
            job: the job of a job's State Change; None for any other event.
        """
        sent = Sent(content, len(self.sent) + 1, home, at)
        self.sent.append(sent)
        if job is not None:
            sent.job = job
        if self.handlers:
            cause = self._delivered
            if cause is not None and self._delivering == threading.get_ident():
                sent.chain = cause.chain + 1
            # Without the lock: whoever emits delivers later, so this is not forgotten.
            self.waiting.append((sent, self.handlers))

    def emitted(self, job: Job | None = None) -> list[Event]:
        """Return copies of the events, in order: all, or the State Changes of one job.

        The caller holds the model's lock: a savepoint may be taken or closed meanwhile.
        """
        if job is None:
            return self._copies.of([each.event for each in self.sent])
        for each in self.sent[self._filed :]:
            self._filed += 1
            if each.job is not None:
                self._of_job.setdefault(id(each.job), []).append(each)
        return [json_copy(each.event) for each in self._of_job.get(id(job), ())]

    def forget(self) -> None:
        """Discard the events that are not delivered yet; the caller holds the model's lock."""
        with self.lock:
            self.waiting.clear()

    def put_back(self, kept: Sequence[tuple[Sent, tuple[Handler, ...]]]) -> None:
        """Let the events wait that waited before and were not taken since, and no others.

        The caller holds the model's lock.

        Args:
            kept: those that waited before, in order; `forget` may have discarded them since.
        """
        with self.lock:
            self.waiting.clear()
            self.waiting.extend(each for each in kept if not each[0].is_taken)

    def deliver(self) -> None:
        """Deliver the waiting events to their handlers, one after the other.

        Events that are emitted meanwhile, by a handler or in another thread, are delivered by
        the same call, after those that wait already; it raises the exceptions of their handlers
        too.

        Raises:
            FakeBackupError: handlers cause the events that they react to, without an end.
            Exception: the first that a handler raised, once all events are delivered.
        """
        with self.lock:
            if self._delivering is not None or not self.waiting:
                return
            self._delivering = threading.get_ident()
        first: Exception | None = None
        try:
            while (following := self._next()) is not None:
                sent, handlers = following
                if sent.chain >= MOST_CAUSED:
                    first = first or _endless(sent)
                    continue
                self._delivered = sent
                for handler in handlers:
                    # Each its own: a handler may change its event.
                    event = sent.fresh()
                    try:
                        handler(event, Context(event))
                    except Exception as error:  # noqa: BLE001  raised once all are delivered
                        first = first or error
        except BaseException:
            with self.lock:
                self._delivering = self._delivered = None
            raise
        if first is not None:
            raise first

    def _next(self) -> tuple[Sent, tuple[Handler, ...]] | None:
        """Return the next event to deliver and its handlers; None ends the delivery."""
        # Under one lock: an event that is emitted in between would never be delivered.
        with self.lock:
            if self.waiting:
                following = self.waiting.popleft()
                following[0].is_taken = True
                return following
            self._delivering = self._delivered = None
            return None

    def renew_lock(self) -> None:
        """Make the lock anew, in a forked child: another thread held it."""
        self.lock = threading.Lock()

    def leave_to_parent(self, *, inside: bool) -> None:
        """Let go, in a forked child, of what other threads deliver: they do it in the parent.

        Args:
            inside: whether the fork was made inside the model: the call under way delivers.
        """
        if self._delivering != threading.get_ident():
            self._delivering = self._delivered = None
            if not inside:
                for sent, _ in self.waiting:
                    sent.is_taken = True
                self.waiting.clear()
