"""What a test looks at: a fake's contents, and the calls, events and notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from fakebackup import errors
from fakebackup.calls import Calls
from fakebackup.fake.placed import Placed
from fakebackup.model.jobs import kinds
from fakebackup.model.resources.arns import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.events.bus import Event, Handler
    from fakebackup.model.events.notices import Notification
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.reports.shown import Reports
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault
    from fakebackup.nouns.records import EntryRecord
    from fakebackup.nouns.resources import ResourceRecord
    from fakebackup.views import JobsView, RecordsView, Shown

Listener = TypeVar("Listener", bound="Handler")


class Looking(Placed):
    """The part of a fake that shows what it holds and what has happened."""

    # --- Contents ---------------------------------------------------------------------------

    @property
    def backup_jobs(self) -> JobsView:
        """The backup jobs of this account and Region, by id.

        Raises:
            FakeBackupError: the fake is not active.
        """
        return self._view(kinds.BACKUP)

    @property
    def copy_jobs(self) -> JobsView:
        """The copy jobs of this account and Region, by id; errors as for `backup_jobs`."""
        return self._view(kinds.COPY)

    @property
    def restore_jobs(self) -> JobsView:
        """The restore jobs of this account and Region, by id; errors as for `backup_jobs`."""
        return self._view(kinds.RESTORE)

    @property
    def scan_jobs(self) -> JobsView:
        """The scan jobs of this account and Region, by id; errors as for `backup_jobs`."""
        return self._view(kinds.SCAN)

    @property
    def report_jobs(self) -> JobsView:
        """The report jobs of this account and Region, by id; errors as for `backup_jobs`."""
        return self._view(kinds.REPORT)

    @property
    def reports(self) -> Reports:
        """The reports of this account and Region by report job id: file texts by S3 key.

        Errors are those of `backup_jobs`.
        """
        from fakebackup.model.reports.shown import Reports

        return Reports(self.report_jobs)

    @property
    def vaults(self) -> RecordsView[Vault]:
        """The backup vaults of this account and Region, by name, those of seeded jobs included.

        Errors are those of `backup_jobs`.
        """
        return self._records(
            "vault",
            lambda store: sorted(store.vaults, key=lambda vault: vault.position),
            lambda store, name: store.vaults.get(name),
            lambda vault: vault.name,
        )

    @property
    def recovery_points(self) -> RecordsView[RecoveryPoint]:
        """The recovery points of this account and Region, by ARN, those of seeded jobs included.

        Errors are those of `backup_jobs`.
        """
        return self._records(
            "recovery point",
            lambda store: store.vaults.points(),
            lambda store, arn: store.vaults.point(arn),
            lambda point: point.arn,
        )

    @property
    def backup_plans(self) -> RecordsView[EntryRecord]:
        """The backup plans of this account and Region, by id, those of clients included.

        Errors are those of `backup_jobs`.
        """
        return self._entries("Backup plan")

    @property
    def backup_selections(self) -> RecordsView[EntryRecord]:
        """The backup selections of all backup plans of this account and Region, by id.

        Errors are those of `backup_jobs`.
        """
        return self._entries("Backup selection")

    @property
    def frameworks(self) -> RecordsView[EntryRecord]:
        """The frameworks of this account and Region, by name; errors as for `backup_jobs`."""
        return self._entries("framework")

    @property
    def report_plans(self) -> RecordsView[EntryRecord]:
        """The report plans of this account and Region, by name; errors as for `backup_jobs`."""
        return self._entries("report plan")

    @property
    def legal_holds(self) -> RecordsView[EntryRecord]:
        """The legal holds of this account and Region, by id, canceled ones included.

        Errors are those of `backup_jobs`.
        """
        return self._entries("legal hold")

    @property
    def restore_testing_plans(self) -> RecordsView[EntryRecord]:
        """The restore testing plans of this account and Region, by name.

        Errors are those of `backup_jobs`.
        """
        return self._entries("Restore testing plan")

    @property
    def restore_testing_selections(self) -> RecordsView[EntryRecord]:
        """The restore testing selections of this account and Region, by "plan/name".

        Errors are those of `backup_jobs`.
        """
        return self._entries("Restore testing selection")

    @property
    def tiering_configurations(self) -> RecordsView[EntryRecord]:
        """The tiering configurations of this account and Region, by name.

        Errors are those of `backup_jobs`.
        """
        return self._entries("tiering configuration")

    @property
    def backup_access_points(self) -> RecordsView[EntryRecord]:
        """The backup access points of this account and Region, by name.

        Errors are those of `backup_jobs`.
        """
        return self._entries("backup access point")

    def _entries(self, noun: str) -> RecordsView[EntryRecord]:
        organization = self.backend.organization
        organization.check()
        from fakebackup.nouns import records

        return records.view(organization, self._home, noun)

    @property
    def protected_resources(self) -> RecordsView[ResourceRecord]:
        """The resources of this account and Region that have a recovery point, by ARN.

        Errors are those of `backup_jobs`.
        """
        organization = self.backend.organization
        organization.check()
        from fakebackup.nouns import resources

        return resources.view(organization, self._home)

    def _records(
        self,
        what: str,
        find: Callable[[Store], list[Shown]],
        find_one: Callable[[Store, str], Shown | None],
        key: Callable[[Shown], str],
    ) -> RecordsView[Shown]:
        organization = self.backend.organization
        organization.check()
        from fakebackup.views import RecordsView, Source

        return RecordsView(organization, self._home, what, Source(find, find_one, key))

    @property
    def resources(self) -> dict[str, dict[str, str]]:
        """The resources that `add_resource` added to this account and Region: tags by ARN; a copy.

        Raises:
            FakeBackupError: the fake is not active.
        """
        organization = self.backend.organization
        organization.check()
        with organization.lock:
            added = organization.store(*self._home).resources
            return {arn: dict(tags) for arn, tags in added.items()}

    def _view(self, kind: Kind) -> JobsView:
        self.backend.organization.check()
        from fakebackup.views import JobsView

        return JobsView(self.backend.organization, self._home, kind)

    # --- Calls and events ---------------------------------------------------------------------

    @property
    def calls(self) -> Calls:
        """The calls that the code under test made, in order, in every account and Region.

        On a view, those of the account and Region that `at` was given.

        Raises:
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        return Calls(self.backend.calls, self._scope)

    @property
    def events(self) -> list[Event]:
        """The events that EventBridge delivered, in order, of every account and Region; copies.

        On a view, those of the account and Region that `at` was given.
        Only new events are copied: two readings share the copies that nobody changed.
        Seeding emits no events, nor does a refused operation. Where AWS's examples leave a
        member of an event open, the option `event_readings` chooses.

        Raises:
            FakeBackupError: the fake is not active.
        """
        organization = self.backend.organization
        organization.check()
        organization.catch_up()
        with organization.lock:
            emitted = organization.bus.emitted()
        if self._scope == EVERYWHERE:
            return emitted
        return [each for each in emitted if self._scope.has(each["account"], each["region"])]

    def on_event(self, handler: Listener) -> Listener:
        """Register a handler that is called with every coming event, of every account and Region.

        Works as a decorator, too. Events are delivered one after the other, in order, when the
        call or the move that causes them is done with the model: a handler may use clients and
        move jobs, and the events that this causes come after it. An exception of a handler is
        raised where the first of these events was caused, when all are delivered; the first
        exception wins. Where several threads cause events at a time, one of them calls the
        handlers.

        Args:
            handler: called as ``handler(event, context)``, as AWS Lambda calls it.

        Returns:
            The handler.

        Raises:
            TypeError: the handler cannot be called so, or is a coroutine function.
            FakeBackupError: the fake is not active.
        """
        import inspect

        given: object = handler
        takes = "on_event() takes a function handler(event, context)"
        errors.check_not_awaited(takes, given)
        if not callable(given):
            msg = f"{takes}, not {errors.quoted(given)}."
            raise TypeError(msg)
        try:
            # A wrapper is judged by itself: it may call what it wraps with less.
            signature = inspect.signature(given, follow_wrapped=False)
        except (TypeError, ValueError):
            signature = None  # a builtin that does not say what it takes
        if signature is not None:
            try:
                signature.bind("event", "context")
            except TypeError as error:
                msg = (
                    f"on_event() takes a function that is called as handler(event, context), as "
                    f"AWS Lambda calls it, and {errors.quoted(given)} takes {signature}: {error}."
                )
                raise TypeError(msg) from None
        organization = self.backend.organization
        organization.check()
        # Events that are due go to the handlers that were added before.
        with organization.working():
            organization.bus.handlers += (handler,)
        return handler

    @property
    def notifications(self) -> list[Notification]:
        """The vaults' notifications that SNS delivered, in order, of every account and Region.

        On a view, those of vaults of the account and Region that `at` was given.
        Each is a record as AWS Lambda gets it: ``handler({"Records": [record]}, context)``.

        Raises:
            FakeBackupError: the fake is not active.
        """
        organization = self.backend.organization
        organization.check()
        organization.catch_up()
        with organization.lock:
            copies = organization.notification_copies.of(organization.notifications)
            homes = list(organization.notification_homes)
        return [each for each, home in zip(copies, homes, strict=True) if self._scope.has(*home)]
