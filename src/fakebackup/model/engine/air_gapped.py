"""Logically air-gapped vaults as targets of backups, besides the vault that is named.

What becomes of it depends on the type [documented: guide, primary backups]: a fully managed one is
backed up right into the air-gapped vault; another one that such vaults take into the named vault,
as a temporary recovery point of which a copy goes on, and which is deleted then, see `ageing`;
any other into the named vault alone.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from fakebackup.model.jobs import categories
from fakebackup.model.vaults.lifecycles import AFTER_COPY, BY_EVENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.jobs.request import JobRequest
    from fakebackup.model.resources.types import ResourceType

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
