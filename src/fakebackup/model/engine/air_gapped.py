"""Logically air-gapped vaults as targets of backups, besides the vault that is named.

What becomes of it depends on the type [documented: guide, primary backups]: a fully managed one is
backed up right into the air-gapped vault; another one that such vaults take into the named vault,
as a temporary recovery point of which a copy goes on; any other into the named vault alone.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from fakebackup.model.engine import ageing
from fakebackup.model.jobs import categories, life
from fakebackup.model.jobs.filters import criteria, same
from fakebackup.model.jobs.kinds import COPY
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults.lifecycles import AFTER_COPY, BY_EVENT, days_kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.request import JobRequest
    from fakebackup.model.resources.types import ResourceType
    from fakebackup.model.vaults.vault import RecoveryPoint

    Members = Mapping[str, Any]


def aim(
    known: ResourceType | None, members: Members, request: JobRequest
) -> tuple[Members, JobRequest, str | None]:
    """Return a backup that names an air-gapped vault, aimed at the vault that it goes to.

    Args:
        known: what is known of the type of its resource.
        members: its members, as for `starts.backup`.
        request: what was asked of it, an air-gapped vault too.

    Returns:
        The members, the request, and the message where the type is not for such vaults.
    """
    arn = str(request.air_gapped)
    if known is None or not known.air_gapped:
        return members, request, categories.NOT_AIR_GAPPED
    if known.fully_managed:
        name = arn.rpartition(":")[2]
        return {**members, "BackupVaultName": name}, request, None
    copies = ({"DestinationBackupVaultArn": arn}, *request.copies)
    # A continuous backup stays: what is copied of it is a snapshot.
    return (
        members,
        dataclasses.replace(request, copies=copies, temporary=not request.continuous),
        None,
    )


def temporary(lifecycle: Members | None) -> dict[str, Any]:
    """Return the lifecycle of a recovery point that is deleted once it is copied."""
    return {**(lifecycle or {}), BY_EVENT: AFTER_COPY}


def delete_after_copy(job: Job, point: RecoveryPoint, at: int) -> None:
    """Delete a temporary recovery point whose last copy has ended.

    A copy in an air-gapped vault must have completed, and be kept as long as the source at least;
    otherwise it stays for its own retention [documented: guide].

    Args:
        job: the copy job that has ended.
        point: the recovery point that it copied.
        at: when it ended, in milliseconds.
    """
    store = store_of(job)
    if ageing.legal_hold_on(point):
        return
    wanted = {"SourceRecoveryPointArn": point.arn}
    asked = criteria({name: same(name) for name in wanted}, wanted)
    copies = list(store.jobs.matching(COPY, asked))
    ended = all(life.is_final(COPY, each.kept_state) for each in copies)
    if ended and any(_suffices(each, point) for each in copies):
        ageing.delete(point, at)


def _suffices(copy: Job, point: RecoveryPoint) -> bool:
    vault = store_of(copy).find_vault(copy.members.get("DestinationBackupVaultArn", ""))
    if copy.kept_state != "COMPLETED" or vault is None or vault.members["VaultType"] != AIR_GAPPED:
        return False
    source = point.members.get("Lifecycle")
    own = copy.members.get("DestinationRecoveryPointLifecycle")
    return days_kept(own) >= days_kept(source)
