"""Events as EventBridge delivers them: kept in order, handed on when the model is at rest."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import ids
from fakebackup.model.resources.arns import partition
from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.resources.arns import Home

    Event = dict[str, Any]
    Handler = Callable[[Event, Any], Any]


class EventContent(NamedTuple):
    """What an event says.

    Attributes:
        detail_type: its detail-type, as "Backup Job State Change".
        detail: its detail.
        resources: its resources, ARNs.
    """

    detail_type: str
    detail: dict[str, Any]
    resources: list[str]


def json_copy(value: Any) -> Any:
    """Return a copy of what JSON can hold; several times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        return {name: json_copy(each) for name, each in value.items()}
    return [json_copy(each) for each in value] if isinstance(value, list) else value


class Context:
    """What AWS Lambda hands to a function besides the event."""

    function_name = "fakebackup"
    function_version = "$LATEST"
    memory_limit_in_mb = "128"
    log_group_name = "/aws/lambda/fakebackup"
    log_stream_name = "fakebackup"

    def __init__(self, event: Event) -> None:
        """Make the context of one invocation."""
        self.aws_request_id: str = event["id"]
        region = event["region"]
        self.invoked_function_arn = (
            f"arn:{partition(region)}:lambda:{region}:{event['account']}"
            f":function:{self.function_name}"
        )

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left, in milliseconds: always a Lambda's longest."""
        return 900_000


class Bus:
    """The events of a fake.

    Attributes:
        sent: every event, in order, and the job whose State Change it is.
        handlers: who is told of events to come.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[Event, Job | None]] = []
        self.handlers: list[Handler] = []
        self.waiting: deque[tuple[Event, list[Handler]]] = deque()
        self._delivering = False
        # Not the model's lock: handlers run without either, and may use clients in other threads.
        self._lock = threading.Lock()

    def emit(self, content: EventContent, home: Home, at: int, job: Job | None) -> None:
        """Emit an event; it is delivered when the model is at rest.

        Args:
            content: what it says.
            home: the account and Region where it happens.
            at: when, in milliseconds; the envelope shows whole seconds.
            job: the job whose State Change it is.
        """
        event = {
            "version": "0",
            "id": ids.uuid("7", len(self.sent) + 1),
            "detail-type": content.detail_type,
            "source": "aws.backup",
            "account": home.account,
            "time": dates.written(at // 1000 * 1000),
            "region": home.region,
            "resources": content.resources,
            "detail": content.detail,
        }
        self.sent.append((event, job))
        if self.handlers:
            with self._lock:
                self.waiting.append((event, list(self.handlers)))

    def emitted(self, job: Job | None = None) -> list[Event]:
        """Return copies of the events, in order: all, or the State Changes of one job."""
        return [json_copy(event) for event, about in list(self.sent) if job is None or about is job]

    def forget(self) -> None:
        """Deliver nothing of what still waits."""
        with self._lock:
            self.waiting.clear()

    def deliver(self) -> None:
        """Hand the waiting events to the handlers, one after the other.

        Events that a handler causes, in whatever thread, are handed on by the delivery that is
        under way, after those that wait already; so are those of other threads, and its
        exceptions are raised where it began.

        Raises:
            Exception: the first that a handler raised, when all is delivered.
        """
        with self._lock:
            if self._delivering or not self.waiting:
                return
            self._delivering = True
        first: Exception | None = None
        try:
            while (found := self._next()) is not None:
                event, handlers = found
                for handler in handlers:
                    try:
                        # A copy each: what one handler does to its event, nobody else sees.
                        handler(json_copy(event), Context(event))
                    except Exception as error:  # noqa: BLE001, PERF203  raised when all is delivered
                        first = first or error
        except BaseException:
            with self._lock:
                self._delivering = False
            raise
        if first is not None:
            raise first

    def _next(self) -> tuple[Event, list[Handler]] | None:
        """Return what is next to deliver; with None, the delivery is over."""
        # Both at once: an event sent in between would find nobody to deliver it.
        with self._lock:
            if self.waiting:
                return self.waiting.popleft()
            self._delivering = False
            return None
