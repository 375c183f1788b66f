"""What AWS Backup delivers to other services: events, notifications of vaults, report files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.aws import NothingAnswers, lacking
from fakebackup.errors import FakeBackupError
from fakebackup.model.resources.arns import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.beside.aws import World
    from fakebackup.beside.undelivered import Undelivered
    from fakebackup.model.events.bus import Sent
    from fakebackup.model.stores.organization import Organization


class _File(NamedTuple):
    """A file for a bucket."""

    home: Home
    bucket: str
    key: str
    text: str


class Deliveries:
    """What a fake delivers: each event, notification and file once, in order.

    What was delivered stays delivered, whatever a savepoint undoes.
    """

    def __init__(self, world: World, organization: Organization, undelivered: Undelivered) -> None:
        """Make one that has delivered nothing.

        Args:
            world: where it delivers to.
            organization: what the fake holds.
            undelivered: what warns.
        """
        self._world = world
        self._organization = organization
        self._undelivered = undelivered
        # How many of the fake's events and notifications were taken to be delivered.
        self._events = 0
        self._notices = 0
        self._files: list[_File] = []

    def add_files(self, home: Home, bucket: str, files: Mapping[str, str]) -> None:
        """Add files for a bucket; the caller holds the lock.

        Args:
            home: the account and Region that write them.
            bucket: the name of the bucket.
            files: their texts by key.
        """
        self._files += [_File(home, bucket, key, text) for key, text in files.items()]

    def keep(self) -> Callable[[], None]:
        """Return a function that counts as delivered again what is so now; `go_back` follows."""
        counts = self._events, self._notices

        def put_back() -> None:
            self._events, self._notices = counts

        return put_back

    def clear(self) -> None:
        """Forget what was delivered, since the fake forgets it; the caller holds the lock."""
        self._events = self._notices = 0
        self._files.clear()

    def go_back(self) -> None:
        """Follow a savepoint that was gone back to; the caller holds the lock."""
        organization = self._organization
        self._events = min(self._events, len(organization.bus.sent))
        self._notices = min(self._notices, len(organization.notifications))
        self._files.clear()

    def are_waiting(self) -> bool:
        """Return whether there is anything to deliver."""
        organization = self._organization
        return bool(
            len(organization.bus.sent) > self._events
            or len(organization.notifications) > self._notices
            or self._files
        )

    def deliver(self) -> None:
        """Deliver what waits; the caller does not hold the lock."""
        organization = self._organization
        # Taken under the lock, so that what is undone meanwhile is not counted.
        with organization.lock:
            events = organization.bus.sent[self._events :]
            notices = organization.notifications[self._notices :]
            files, self._files = self._files, []
            self._events += len(events)
            self._notices += len(notices)
        self._deliver_events(events)
        for notice in notices:
            self._publish(notice["Sns"])
        for each in files:
            self._write(each)

    # --- EventBridge --------------------------------------------------------------------------

    def _deliver_events(self, events: list[Sent]) -> None:
        """Put events on the default bus of their account and Region, if a rule is there."""
        heard: dict[Home, bool] = {}
        for each in events:
            home = each.home
            try:
                with self._world.answering():
                    if home not in heard:
                        heard[home] = self._has_rules(home)
                    if heard[home]:
                        self._put(each.event, home)
            except NothingAnswers:
                # Where nothing answers there is no rule that misses it.
                heard[home] = False
            except Exception as error:  # noqa: BLE001  the code under test did nothing wrong
                heard.setdefault(home, False)
                self._undelivered.tell(
                    f"EventBridge of account {home.account} in {home.region} did not deliver "
                    f"AWS Backup's event {each.event['detail-type']!r}",
                    error,
                    _RUNS,
                    about=home,
                )

    def _has_rules(self, home: Home) -> bool:
        """Return whether the default bus has a rule: without one, nobody misses an event.

        A mock that does not have EventBridge has none.
        """
        try:
            return bool(self._world.client("events", home).list_rules(Limit=1)["Rules"])
        except lacking():
            return False

    def _put(self, event: Mapping[str, Any], home: Home) -> None:
        """Put an event on the default bus; alone, so that none is lost for another's target."""
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "Resources": event["resources"],
            "Time": event["time"],
        }
        [answer] = self._world.client("events", home).put_events(Entries=[entry])["Entries"]
        if "ErrorCode" in answer:
            raise _NotTaken(f"{answer['ErrorCode']}: {answer.get('ErrorMessage')}")

    # --- SNS ----------------------------------------------------------------------------------

    def _publish(self, notice: Mapping[str, Any]) -> None:
        """Publish a notification to the topic of its vault."""
        topic = notice["TopicArn"]
        try:
            # Settings that were seeded may name another account's topic.
            region, account = f"{topic}:::::".split(":")[3:5]
            with self._world.answering():
                self._world.client("sns", Home(account, region)).publish(
                    TopicArn=topic,
                    Subject=notice["Subject"],
                    Message=notice["Message"],
                    MessageAttributes={
                        name: {"DataType": each["Type"], "StringValue": each["Value"]}
                        for name, each in notice["MessageAttributes"].items()
                    },
                )
        except Exception as error:  # noqa: BLE001  the code under test did nothing wrong
            self._undelivered.tell(
                f"A notification of a backup vault was not published to its SNS topic {topic}",
                error,
                "Create the topic, and what subscribes to it, in the mock beside AWS Backup, "
                "before jobs run; or take the notifications from the vault.",
                about=topic,
            )

    # --- S3 -----------------------------------------------------------------------------------

    def _write(self, file: _File) -> None:
        """Write the file of a report into its bucket."""
        try:
            with self._world.answering():
                self._world.client("s3", file.home).put_object(
                    Bucket=file.bucket, Key=file.key, Body=file.text.encode()
                )
        except Exception as error:  # noqa: BLE001  the code under test did nothing wrong
            self._undelivered.tell(
                f"The report file {file.key} was not written into the bucket {file.bucket}",
                error,
                "Create the bucket in the mock beside AWS Backup before the report is made; "
                "the file's text is in backup.reports.",
                about=file.bucket,
            )


class _NotTaken(FakeBackupError):  # noqa: N818  it names what was found
    """EventBridge has answered that it did not take an event."""


_RUNS = (
    "moto runs the targets of rules that are SQS queues, log groups, archives and other event "
    "buses, and needs its extra `events` for it, as in `pip install 'moto[events]'`: point the "
    "rule to a queue, call the function by backup.on_event, or look at backup.events."
)
