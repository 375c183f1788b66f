"""Lifecycles of recovery points: check them as AWS and a vault's lock do; compute dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import invalid_parameter
from fakebackup.known_errors import COLD_TOO_SHORT, DAYS_OUT_OF_BOUNDS
from fakebackup.model.resources.points import is_continuous_arn
from fakebackup.model.resources.types import features_of
from fakebackup.model.resources.values import COLD_FOR, KEEP, LONGEST, SHORTEST

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTSIDE = "Backup job failed because the lifecycle is outside the valid range for backup vault."
"""The message of a backup job that a vault's lock fails [documented: guide, status messages]."""

BY_EVENT = "DeleteAfterEvent"
"""The member that says after which event a temporary recovery point is deleted: output only."""

AFTER_COPY = "DELETE_AFTER_COPY"
"""The one such event."""


def read(lifecycle: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Check the Lifecycle of a request and return it; None for no lifecycle.

    Raises:
        AwsError: InvalidParameterValueException for days that contradict each other
            (the guide `aws`, Windows and lifecycles).
    """
    if not lifecycle:
        return None
    if BY_EVENT in lifecycle:
        raise invalid_parameter("Invalid lifecycle. DeleteAfterEvent is not valid as an input")
    # The first of these that is wrong is told, as AWS does [reported].
    if _is_cold_too_short(lifecycle):
        raise COLD_TOO_SHORT.error()
    for name in ("DeleteAfterDays", _COLD):
        days = lifecycle.get(name, KEEP)
        if days != KEEP and not SHORTEST <= days <= LONGEST:
            raise DAYS_OUT_OF_BOUNDS.error(name)
    return {k: v for k, v in lifecycle.items() if v != KEEP} or None


def _is_cold_too_short(lifecycle: Mapping[str, Any]) -> bool:
    """Return whether a lifecycle deletes what has not been in cold storage for 90 days."""
    cold, delete = (lifecycle.get(name, KEEP) for name in (_COLD, "DeleteAfterDays"))
    return KEEP not in (cold, delete) and bool(delete < cold + COLD_FOR)


_COLD = "MoveToColdStorageAfterDays"
COLD_AT, DELETED_AT = "MoveToColdStorageAt", "DeleteAt"


def of_copy(source: Mapping[str, Any], own: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the lifecycle of a copy: its own, with its source's deletion where it has none.

    A copy without DeleteAfterDays, or with -1, is deleted when its source is [documented: guide,
    creating a copy]. It stays warm where that leaves too little time in cold storage [assumed].

    Args:
        source: the members of the recovery point that is copied.
        own: the lifecycle asked for the copy, as `read` returns it; None is none.
    """
    kept = {k: v for k, v in source.get("Lifecycle", {}).items() if k != BY_EVENT}
    if not own:
        return kept or None
    if "DeleteAfterDays" in own or "DeleteAfterDays" not in kept:
        return own
    merged = {**own, "DeleteAfterDays": kept["DeleteAfterDays"]}
    if _is_cold_too_short(merged):
        del merged[_COLD]
    return merged


def check_copy(source: Mapping[str, Any], own: Mapping[str, Any] | None) -> None:
    """Refuse a lifecycle asked for a copy that contradicts the deletion of its source [assumed].

    Args:
        source: the members of the recovery point that is copied.
        own: the lifecycle asked for the copy, as `read` returns it; None is none.

    Raises:
        AwsError: InvalidParameterValueException, as for one request with both.
    """
    if own and _is_cold_too_short({**source.get("Lifecycle", {}), **own}):
        raise COLD_TOO_SHORT.error()


def dates_of_copy(source: Mapping[str, Any], own: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the creation date and the lifecycle of a copy, as its source has them.

    The creation date of a copy is that of its source [documented: guide, creating a copy].

    Args:
        source: the members of the recovery point that is copied.
        own: the lifecycle asked for the copy; None is none.
    """
    found = {"CreationDate": source["CreationDate"], "Lifecycle": of_copy(source, own)}
    if found["Lifecycle"] == source.get("Lifecycle"):
        found["CalculatedLifecycle"] = source.get("CalculatedLifecycle")
    return found


def refused_by(
    vault: Mapping[str, Any], lifecycle: Mapping[str, Any] | None, message: str
) -> str | None:
    """Return the message of a job that a vault's lock fails; None where it does not fail it.

    The vault's lock fails the job, not the call that starts it [documented: model].

    Args:
        vault: the members of the vault that the job's recovery point goes to.
        lifecycle: the job's lifecycle, as `read` returns it.
        message: the message of such a job.
    """
    least, most = vault.get("MinRetentionDays"), vault.get("MaxRetentionDays")
    days = (lifecycle or {}).get("DeleteAfterDays")
    short = least is not None and days is not None and days < least
    long = most is not None and (days is None or days > most)
    return message if short or long else None


def turns_cold(members: Mapping[str, Any]) -> bool:
    """Return whether a recovery point's lifecycle can bring it into cold storage.

    AWS Backup ignores MoveToColdStorageAfterDays for types without cold storage [documented:
    model], and for those with an archive where the lifecycle does not opt in [documented: model,
    of OptInToArchiveForSupportedResources]. Of an unknown type it is ignored, too [assumed].

    Args:
        members: the members of the recovery point, as the model keeps them.
    """
    known = features_of(members.get("ResourceType"), members["RecoveryPointArn"])
    if known is None or not known.cold:
        return False
    lifecycle = members.get("Lifecycle", {})
    return not known.archived or bool(lifecycle.get("OptInToArchiveForSupportedResources"))


def calculated_lifecycle(members: Mapping[str, Any]) -> dict[str, int]:
    """Return a recovery point's CalculatedLifecycle, in milliseconds; empty for no lifecycle.

    It has no MoveToColdStorageAt for what does not turn cold, and is not cold [assumed].

    Args:
        members: the members of the recovery point, as the model keeps them.
    """
    lifecycle = members.get("Lifecycle")
    if not lifecycle:
        return {}
    created = members["CreationDate"]
    if is_continuous_arn(members["RecoveryPointArn"]):
        # It is kept as long after it was last brought up to date [assumed].
        created = members.get("CompletionDate", created)
    found = {
        shown: created + lifecycle[asked] * clock.DAY
        for asked, shown in ((_COLD, COLD_AT), ("DeleteAfterDays", DELETED_AT))
        if lifecycle.get(asked, -1) > 0
    }
    if COLD_AT in found and members.get("StorageClass") != "COLD" and not turns_cold(members):
        del found[COLD_AT]
    return found


def days_kept(lifecycle: Mapping[str, Any] | None) -> float:
    """Return for how many days a lifecycle keeps a recovery point: infinitely many without end."""
    days = (lifecycle or {}).get("DeleteAfterDays")
    return float("inf") if days is None or days == KEEP else float(days)
