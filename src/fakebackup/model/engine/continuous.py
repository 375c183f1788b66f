"""Continuous backups: one recovery point per resource, which later backups bring up to date.

A plan's rule with EnableContinuousBackup makes one for types that have them, of S3, RDS, Aurora and
SAP HANA; for others its backups are ordinary [documented: guide, point-in-time recovery]. The
guide `aws`, Continuous backups, says what of this is AWS's word, and what is assumed.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock
from fakebackup.errors import invalid_parameter, missing_parameter
from fakebackup.model.engine import ageing
from fakebackup.model.resources.points import AIR_GAPPED, is_continuous_arn, last_part
from fakebackup.model.resources.types import RESOURCE_TYPES, type_of
from fakebackup.model.shapes import dates
from fakebackup.model.stores.organization import store_of
from fakebackup.model.vaults.lifecycles import days_kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.request import Ending
    from fakebackup.model.vaults.vault import RecoveryPoint

AVAILABLE, STOPPED = "AVAILABLE", "STOPPED"
"""The statuses of continuous backups: going on [documented for S3], and not [documented]."""

_ELSEWHERE = (
    "Enabling continuous backup failed, because of the following error: "
    "PITR already configured in backup plan: {plan}"
)
_ELSEWHERE_OF_BUCKET = (
    "Bucket {bucket} already has continuous backup enabled for another vault Backup job failed."
)
"""The messages of a second continuous backup of a resource [documented: guide]."""

_BUCKET = "S3"
_BEHIND: Mapping[str, int] = {_BUCKET: 15 * clock.MINUTE}
_USUALLY_BEHIND = 5 * clock.MINUTE
"""How long before the present a continuous backup can be restored until, in milliseconds
[documented for S3 and RDS]."""


def is_asked_of(rule: Mapping[str, Any], resource: str) -> bool:
    """Return whether a plan's rule makes a continuous backup of the resource with an ARN."""
    known = RESOURCE_TYPES.get(type_of(resource) or "")
    return bool(rule["EnableContinuousBackup"]) and known is not None and known.continuous


# --- Backups ------------------------------------------------------------------------------


def ending_of(job: Job, to: Ending, at: int) -> Ending:
    """Return how a job of a continuous rule that completes ends, and its recovery point.

    Where the resource has a continuous backup in another vault the job makes a snapshot, with
    issues; it fails where that should lie in a logically air-gapped vault.

    Args:
        job: the job, which is about to complete.
        to: how it ends otherwise.
        at: when it ends, in milliseconds.
    """
    state, (changes, given) = to
    store, resource = store_of(job), job.members["ResourceArn"]
    present = next((each for each in store.vaults.points_of(resource) if _is_going_on(each)), None)
    if present is not None and present.vault.arn != job.members["BackupVaultArn"]:
        if type_of(resource) == _BUCKET and job.members.get("VaultType") == AIR_GAPPED:
            state, message = "FAILED", _ELSEWHERE_OF_BUCKET.format(bucket=last_part(resource))
        else:
            plan = present.members.get("CreatedBy", {}).get("BackupPlanArn", present.arn)
            message = _ELSEWHERE.format(plan=plan)
        named = {"StatusMessage": message}
    else:
        named = {"RecoveryPointArn": _arn(job, present, at)}
    new = {name: value for name, value in named.items() if name not in given}
    return state, (changes | new, given | frozenset(new))


def _is_going_on(point: RecoveryPoint) -> bool:
    """Return whether a recovery point is a continuous backup that has not been stopped."""
    return is_continuous_arn(point.arn) and point.members["Status"] not in (STOPPED, "EXPIRED")


def _arn(job: Job, present: RecoveryPoint | None, at: int) -> str:
    """Return the ARN of the continuous backup that a job brings up to date, or makes."""
    resource = job.members["ResourceArn"]
    if present is not None:
        kept = present.members.get("Lifecycle") == job.members.get("RecoveryPointLifecycle")
        if kept or type_of(resource) != _BUCKET:
            return present.arn
        # Another retention begins another backup of a bucket [documented: guide; others keep
        # theirs].
        stop(present, at)
    store = store_of(job)
    begin = store.home.arn("arn:{p}:backup:{r}:{a}:recovery-point:continuous:")
    prefix = _ID_PREFIXES.get(type_of(resource) or "")
    if prefix is not None:
        # The service's own id of it is not in its ARN: made from that, it is always the same.
        made = f"{begin}{prefix}-{hashlib.sha256(resource.encode()).hexdigest()[:26]}"
        other = store.vaults.point(made)
        if other is None or other.vault.arn == job.members["BackupVaultArn"]:
            return made
    return f"{begin}{last_part(resource)}-{job.number:08x}"


_ID_PREFIXES = {"RDS": "db", "Aurora": "cluster"}
"""Per type whose continuous backups have the service's own id in their ARN, what it begins with
[reported]; others have the name of the resource [reported for S3, else assumed]."""


def continued_by(job: Job) -> RecoveryPoint | None:
    """Return the continuous backup that a completed job has made or brought up to date."""
    if job.request is None or not job.request.continuous or job.kept_state != "COMPLETED":
        return None
    point = store_of(job).vaults.point(job.members["RecoveryPointArn"])
    return None if point is None or not is_continuous_arn(point.arn) else point


def bring_up_to_date(point: RecoveryPoint, members: Mapping[str, Any]) -> None:
    """Bring a continuous backup up to date.

    Args:
        point: the recovery point.
        members: those that a new one would have; None leaves one out.
    """
    kept = {name: each for name, each in point.members.items() if name not in _RENEWED}
    renewed = {name: members[name] for name in _RENEWED if members.get(name) is not None}
    point.members = kept | renewed | {"Status": AVAILABLE}


_RENEWED = (
    "CompletionDate",
    "BackupSizeInBytes",
    "Lifecycle",
    "CalculatedLifecycle",
    "CreatedBy",
    "IamRoleArn",
)


# --- The end ------------------------------------------------------------------------------


def stop(point: RecoveryPoint, at: int) -> None:
    """Stop a continuous backup: its data stay, the next run of a rule begins another one."""
    ageing.enter(point, STOPPED, at)


# --- Restores -----------------------------------------------------------------------------

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_LATEST = "UseLatestRestorableTime"


class _Times(NamedTuple):
    """How the metadata of a restore say the time that is restored.

    Attributes:
        names: the keys of a time, the usual one first.
        latest: whether there is UseLatestRestorableTime.
        needed: whether one of these must be there; else the latest time is restored.
    """

    names: tuple[str, ...]
    latest: bool
    needed: bool


_TIMES: Mapping[str | None, _Times] = {
    _BUCKET: _Times(("RestoreTime",), latest=False, needed=True),
    # The guide's page on restoring Aurora has the first, its examples of PITR the second.
    "Aurora": _Times(("restoreToTime", "RestoreTime"), latest=True, needed=True),
}
"""Per type what its restores say [documented: guide]."""

_USUAL_TIMES = _Times(("RestoreTime",), latest=True, needed=False)
"""What those of RDS say [documented: guide; that it may be left out assumed], and of SAP HANA
[assumed]."""


def check_restore(point: RecoveryPoint, metadata: Mapping[str, str]) -> None:
    """Refuse a restore of a continuous backup to a time that it does not hold.

    Args:
        point: the recovery point.
        metadata: the Metadata of StartRestoreJob, whose keys are compared whatever their case.

    Raises:
        AwsError: MissingParameterValueException, InvalidParameterValueException [assumed].
    """
    given = {key.lower(): value for key, value in metadata.items()}
    # By its ARN first: a cluster of RDS is restored as one of Aurora.
    resource_type = type_of(point.members.get("ResourceArn", ""))
    times = _TIMES.get(resource_type or point.members.get("ResourceType"), _USUAL_TIMES)
    latest = given.get(_LATEST.lower(), "").lower() if times.latest else ""
    named = [name for name in times.names if name.lower() in given]
    if not named:
        if latest == "false" or (times.needed and latest != "true"):
            also = f", and {_LATEST} is not true" if times.latest else f" for {point.arn}"
            raise missing_parameter(f"{times.names[0]} is missing{also}")
        last = _last_kept(point, clock.now())
        _check_kept(f"The latest time {dates.written(last)}", point, last)
        return
    if latest == "true":
        raise invalid_parameter(f"{named[0]} is given, and {_LATEST} is true")
    for name in named:
        check_instant(point, name, given[name.lower()])


def check_instant(
    point: RecoveryPoint, name: str, text: str, form: re.Pattern[str] = _WRITTEN
) -> None:
    """Refuse an instant that a continuous backup does not hold, or not yet.

    Args:
        point: the recovery point.
        name: the parameter, for the message.
        text: the instant, as it was given.
        form: how instants are written.

    Raises:
        AwsError: InvalidParameterValueException [assumed].
    """
    try:
        instant = dates.milliseconds(text) if form.fullmatch(text) else None
    except ValueError:
        instant = None
    _check_spanned(f"{name} {text!r}", point, instant, _restorable(point, clock.now()))


def _check_kept(given: str, point: RecoveryPoint, instant: int) -> None:
    """Refuse an instant that a continuous backup does not hold; it may not be restorable yet."""
    now = clock.now()
    _check_spanned(given, point, instant, (_first_kept(point, now), _last_kept(point, now)))


def _check_spanned(
    given: str, point: RecoveryPoint, instant: int | None, span: tuple[int, int]
) -> None:
    """Refuse an instant that is not between the first and the last one of a continuous backup."""
    first, last = span
    # RestoreTime is precise to a second [documented], and so is what a client sends as a date.
    if instant is not None and first - first % 1000 <= instant <= last:
        return
    if first <= last:
        said = f"{dates.written(first)} to {dates.written(last)}"
    elif point.members["Status"] == STOPPED:
        said = "nothing any more"
    else:
        said = f"none can be read before {dates.written(first + _behind(point))}"
    raise invalid_parameter(f"{given} is no instant that {point.arn} holds: {said}")


def _restorable(point: RecoveryPoint, now: int) -> tuple[int, int]:
    """Return the first and the last instant that a continuous backup holds, in milliseconds.

    Args:
        point: the recovery point.
        now: the present, in milliseconds.
    """
    last = _last_kept(point, now)
    if point.members["Status"] != STOPPED:
        last -= _behind(point)
    return _first_kept(point, now), last


def _behind(point: RecoveryPoint) -> int:
    """Return how long before the present a continuous backup is, in milliseconds."""
    return _BEHIND.get(point.members.get("ResourceType", ""), _USUALLY_BEHIND)


def _first_kept(point: RecoveryPoint, now: int) -> int:
    """Return the first instant of a continuous backup's retention; arguments as `_restorable`."""
    created: int = point.members["CreationDate"]
    return int(max(created, now - days_kept(point.members.get("Lifecycle")) * clock.DAY))


def _last_kept(point: RecoveryPoint, now: int) -> int:
    """Return the present, or when a STOPPED continuous backup was last brought up to date."""
    members = point.members
    if members["Status"] != STOPPED:
        return now
    last: int = members.get("CompletionDate", members["CreationDate"])
    return last


# --- Scans --------------------------------------------------------------------------------


def end_of_scan(point: RecoveryPoint, given: int | None) -> int:
    """Return the end of the time that a scan of a continuous backup covers, in milliseconds.

    Args:
        point: the recovery point.
        given: the ContinuousScanEndTime, in milliseconds; None is the last instant that the
            backup holds [assumed].

    Raises:
        AwsError: InvalidParameterValueException: the backup does not hold that instant, or holds
            nothing any more [assumed].
    """
    end = _last_kept(point, clock.now()) if given is None else given
    check_scanned(point, "ContinuousScanEndTime", end)
    return end


def check_scanned(point: RecoveryPoint, name: str, instant: int) -> None:
    """Refuse an instant that no scan of a continuous backup can be about.

    Args:
        point: the recovery point.
        name: the parameter, for the message.
        instant: the instant, in milliseconds.

    Raises:
        AwsError: InvalidParameterValueException: the backup does not hold that instant [assumed].
    """
    _check_kept(f"{name} {dates.written(instant)}", point, instant)
