"""Events as EventBridge delivers them: kept in order, handed on when the model is at rest."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.jobs import Job

    Event = dict[str, Any]
    Handler = Callable[[Event, Any], Any]


class Told(NamedTuple):
    """What an event says.

    Attributes:
        detail_type: its detail-type, as "Backup Job State Change".
        detail: its detail.
        resources: its resources, ARNs.
    """

    detail_type: str
    detail: dict[str, Any]
    resources: list[str]


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
        self.invoked_function_arn = (
            f"arn:aws:lambda:{event['region']}:{event['account']}:function:{self.function_name}"
        )

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left, in milliseconds: always a Lambda's longest."""
        return 900_000


class Bus:
    """The events of a fake.

    Attributes:
        sent: every event, in order, and the job whose State Change it is.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[Event, Job | None]] = []
        self.handlers: list[Handler] = []
        self._waiting: deque[Event] = deque()
        self._delivering = False

    def send(self, told: Told, account: str, region: str, at: int, job: Job | None) -> None:
        """Take an event in; it is delivered when the model is at rest.

        Args:
            told: what it says.
            account: where it happens.
            region: where it happens.
            at: when, in milliseconds; the envelope shows whole seconds.
            job: the job whose State Change it is.
        """
        event = {
            "version": "0",
            "id": ids.uuid("7", len(self.sent) + 1),
            "detail-type": told.detail_type,
            "source": "aws.backup",
            "account": account,
            "time": datetime.fromtimestamp(at // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "resources": told.resources,
            "detail": told.detail,
        }
        self.sent.append((event, job))
        if self.handlers:
            self._waiting.append(event)

    def deliver(self) -> None:
        """Hand the waiting events to the handlers, those that this causes included.

        Raises:
            Exception: the first that a handler raised, when all is delivered.
        """
        if self._delivering or not self._waiting:
            return
        self._delivering = True
        first: Exception | None = None
        try:
            while self._waiting:
                event = self._waiting.popleft()
                for handler in list(self.handlers):
                    try:
                        handler(event, Context(event))
                    except Exception as error:  # noqa: BLE001, PERF203  raised when all is delivered
                        first = first or error
        finally:
            self._delivering = False
        if first is not None:
            raise first
