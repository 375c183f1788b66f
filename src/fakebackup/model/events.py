"""What AWS's events say of jobs, recovery points and vaults (behaviour sheet 6.1 to 6.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.model.bus import Told

if TYPE_CHECKING:
    from fakebackup.model.jobs import Job
    from fakebackup.model.vaults import RecoveryPoint, Vault


def job(job: Job) -> Told | None:
    """Return what AWS tells of a job that has come to its state; None where it tells nothing."""
    return Told("Backup Job State Change", {"state": job.state}, [])


def recovery_point(point: RecoveryPoint) -> Told:
    """Return what AWS tells of a recovery point."""
    return Told("Recovery Point State Change", {"status": point.members["Status"]}, [point.arn])


def vault(vault: Vault, state: str) -> Told:
    """Return what AWS tells of a vault that was CREATED, MODIFIED or DELETED."""
    return Told("Backup Vault State Change", {"state": state}, [vault.arn])
