"""Emit the events, and publish the notices of vaults, of what has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.events import jobs, notices, others
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.events.notices import Message
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.organization import Store
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault


def job_created(store: Store, job: Job, at: int) -> None:
    """Emit the CREATED event of a started job whose first state is another one."""
    store.emit(jobs.created(job, at, store.options), at, job)


def job_entered(store: Store, job: Job, at: int) -> None:
    """Emit the event, and publish the notice, of a job that has come to its state.

    Args:
        store: the store that the job lies in.
        job: the job.
        at: when it came to its state, in milliseconds.
    """
    store.emit(jobs.state_change(job, at, store.options), at, job)
    topic = notices.JOBS.get(job.kind)
    vault = None if topic is None else store.find_vault(job.members.get(topic.vault, ""))
    message = None if vault is None or not vault.notifications else notices.job(job)
    if vault is not None and message is not None:
        _publish(vault, message, at)


def point_entered(point: RecoveryPoint, at: int) -> None:
    """Emit the event of a recovery point that has come to its status."""
    store_of(point.vault).emit(others.recovery_point(point), at)


def point_modified(point: RecoveryPoint, at: int) -> None:
    """Publish the notice of a recovery point whose lifecycle was changed."""
    _publish(point.vault, notices.modified_point(point, at), at)


def index_entered(point: RecoveryPoint, index: Mapping[str, Any], at: int) -> None:
    """Emit the event, and publish the notice, of an index that is ACTIVE, DELETED or FAILED.

    Args:
        point: the recovery point of the index.
        index: the members of the index, as `indexes.index_of` returns them.
        at: when it came to its status, in milliseconds.
    """
    store_of(point.vault).emit(others.index(point, index), at)
    _publish(point.vault, notices.index(point, index["IndexStatus"]), at)


def vault_changed(vault: Vault, state: str, at: int) -> None:
    """Emit the event of a vault that was CREATED, MODIFIED or DELETED."""
    store_of(vault).emit(others.vault(vault, state), at)


def _publish(vault: Vault, message: Message, at: int) -> None:
    """Publish a message to a vault's topic, if its notification settings have the event."""
    store = store_of(vault)
    organization = store.organization
    deprecated = "deprecated-notifications" in organization.options.event_readings
    if notices.is_wanted(vault, message.event, deprecated=deprecated):
        number = len(organization.notifications) + 1
        organization.notifications.append(notices.record(vault, message, number, at))
        organization.notification_homes.append(store.home)
