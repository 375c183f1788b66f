"""The default members of jobs, as tables: part of the interface, since users assert on them.

A table has a row per member, in the order in which they are computed: a row may use members
that are given or already filled in. Rows marked `placed` need the fake (its clock, account,
Region or numbers); the others are filled in as soon as a factory builds a job. Rows with
`states` follow from the state: a job that moves loses or gets them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import clock, ids
from fakebackup.model.jobs import categories, windows
from fakebackup.model.jobs.kinds import BACKUP, COPY, REPORT, RESTORE, SCAN
from fakebackup.model.resources.arns import ROLE, Home, Place, report_plan_name
from fakebackup.model.resources.points import AIR_GAPPED, last_part, other, point_arn
from fakebackup.model.resources.types import UNMANAGED, known_type, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.resources.types import ResourceType

    Steps = list[tuple[str, Callable[[dict[str, Any], Any], Any]]]


STACK = "CloudFormation"
"""The default resource type of a composite job."""


Members = dict[str, Any]

CATEGORY = "MessageCategory"
"""The member that follows from a job's state and message."""

_FIRST_STATE = "COMPLETED"
"""The state of a job whose state is not given."""


class Default(NamedTuple):
    """The default of one member.

    Attributes:
        member: its name.
        value: computes it from the members so far and the place (None before there is one);
            returns None to leave it out.
        placed: whether it needs the place.
        fixed: whether it needs no more of the place than the account and the Region.
        states: the states that have it; None is every state, and then no move changes it.
        kept: whether a job that moves to one of `states` keeps the value that it has.
    """

    member: str
    value: Callable[[Members, Any], Any]
    placed: bool = False
    fixed: bool = False
    states: frozenset[str] | None = None
    kept: bool = False


def fill_early(kind: Kind, members: Members, given: frozenset[str]) -> None:
    """Fill in the defaults of a job that need no place.

    Args:
        kind: the kind of job.
        members: the members so far; changed in place.
        given: the names of the members that the user gave, those given as None included.
    """
    if kind.state not in members:
        members[kind.state] = _FIRST_STATE
    apply(_rows(kind, given, members[kind.state]).free, members, None)


def fill_in_place(kind: Kind, members: Members, given: frozenset[str], place: Place) -> Steps:
    """Fill in the defaults that depend on account and Region alone, after `fill_early`.

    Args:
        kind: the kind of job.
        members: the members so far; changed in place.
        given: the names of the members that the user gave, those given as None included.
        place: the account and Region that the job goes to.

    Returns:
        The remaining steps, which need the whole place, for `apply`.
    """
    rows = _rows(kind, given, members[kind.state])
    apply(rows.fixed, members, place)
    return rows.placed


def apply(steps: Steps, members: Members, place: Place | None) -> None:
    """Fill in the missing members, in order."""
    for name, compute in steps:
        if name not in members:
            value = compute(members, place)
            if value is not None:
                members[name] = value


class _Rows(NamedTuple):
    """The defaults of a job, by what they need of the place: nothing, account and Region, all."""

    free: Steps
    fixed: Steps
    placed: Steps


@functools.lru_cache(maxsize=4096)
def _rows(kind: Kind, given: frozenset[str], state: str) -> _Rows:
    """Return the defaults of a job in a state, without those of the given members."""
    rows = [
        row
        for row in TABLES[kind]
        if row.member not in given and (row.states is None or state in row.states)
    ]

    def steps(*, placed: bool, fixed: bool) -> Steps:
        return [
            (row.member, row.value) for row in rows if (row.placed, row.fixed) == (placed, fixed)
        ]

    return _Rows(
        steps(placed=False, fixed=False),
        steps(placed=True, fixed=True),
        steps(placed=True, fixed=False),
    )


def fill_after_move(kind: Kind, members: Members, given: frozenset[str], place: Place) -> None:
    """Fill in the members that follow from a new state, and remove those it does not have.

    A job that moves ends now, not ten minutes after its creation. Arguments are those of
    `fill_in_place`; the state in `members` is the new one.
    """
    removed, had = _of_state(kind, members[kind.state], given)
    for name in removed:
        members.pop(name, None)
    for name, compute, kept in had:
        if name == kind.completed and name not in members:
            members[name] = max(members[kind.created], place.now)
        elif not (kept and name in members):
            value = compute(members, place)
            if value is None:
                members.pop(name, None)
            else:
                members[name] = value


@functools.lru_cache(maxsize=4096)
def _of_state(
    kind: Kind, state: str, given: frozenset[str]
) -> tuple[list[str], list[tuple[str, Callable[[Members, Any], Any], bool]]]:
    """Return the members that follow from the state, but the given ones.

    Returns:
        The names of those that the state does not have; and of those that it has the name, what
        computes it, and whether a job keeps the value that it has.
    """
    removed, had = [], []
    for row in TABLES[kind]:
        if row.states is None or row.member in given:
            continue
        if state in row.states:
            had.append((row.member, row.value, row.kept))
        else:
            removed.append(row.member)
    return removed, had


def fill_category(kind: Kind, members: Members) -> None:
    """Set the category of a job whose message has changed, where its state has one."""
    for row in TABLES[kind]:
        if row.member == CATEGORY and row.states and members[kind.state] in row.states:
            members[CATEGORY] = row.value(members, None)


def _constant(value: object) -> Callable[[Members, Any], Any]:
    return lambda _members, _place: value


def _by_state(kind: Kind, values: Mapping[str, str], otherwise: str | None = None) -> Any:
    return lambda members, _place: values.get(members[kind.state], otherwise)


def _arn(pattern: str) -> Callable[[Members, Any], Any]:
    return lambda _members, place: place.arn(pattern)


def _resource_type(member: str) -> Callable[[Members, Any], Any]:
    """Compute the resource type from the ARN in `member`; EBS where there is none."""
    return lambda members, _place: type_of(members[member]) if member in members else "EBS"


def _resource_arn(members: Members) -> str | None:
    """Return the ARN of the resource, whichever the kind of job calls it."""
    found: str | None = members.get("ResourceArn", members.get("SourceResourceArn"))
    return found


def _known_type(members: Members) -> ResourceType | None:
    """Return what is known of the resource's type; None for one that AWS Backup does not know."""
    return known_type(members.get("ResourceType"), _resource_arn(members))


def _resource(members: Members, place: Place) -> str | None:
    """Return a resource of the type; none of a type that AWS Backup does not know."""
    known = _known_type(members)
    return None if known is None else place.arn(known.arn)


def _point(vault: str) -> Callable[[Members, Any], Any]:
    """Return the recovery point that a job reads, in the vault whose ARN `vault` holds."""

    def named(members: Members, place: Place) -> str:
        return point_arn(
            place,
            (_known_type(members), _resource_arn(members)),
            created=members.get("RecoveryPointCreationDate", place.created),
            vault_type=place.vault_type(members.get(vault)),
        )

    return named


def lock_state(*, locked: bool) -> str:
    """Return how jobs say whether a vault has a lock."""
    return "LOCKED" if locked else "UNLOCKED"


def _lock_by(vault_type: str) -> Callable[[Members, Any], Any]:
    """Return the lock of a vault of which only the type is known, by the member `vault_type`."""
    return lambda members, _place: lock_state(locked=members.get(vault_type) == AIR_GAPPED)


def _size(members: Members, _place: object) -> int | None:
    known = _known_type(members)
    return None if known is None else known.size


def _backup_point(members: Members, place: Place) -> str | None:
    known = _known_type(members)
    if known is not None and known.name in UNMANAGED and not place.manages(known.name):
        known = UNMANAGED[known.name]
    at_once = known is not None and known.point_at_once
    if members["State"] not in _BACKUP_HAS_POINT and not at_once:
        return None
    if "RecoveryPointArn" in members:
        return str(members["RecoveryPointArn"])
    return point_arn(
        place,
        (known, members.get("ResourceArn")),
        created=place.created,
        vault_type=members.get("VaultType"),
    )


def _vss(members: Members, _place: object) -> str | None:
    """Return the BackupType of a Windows VSS backup; a regular one has none [documented]."""
    enabled = members.get("BackupOptions", {}).get("WindowsVSS") == "enabled"
    return "WindowsVSS" if enabled else None


def _vault_arn(members: Members, place: Place) -> str | None:
    name = members.get("BackupVaultName")
    return place.home.vault(name) if name is not None else None


def _vault(name: str) -> Callable[[Members, Any], Any]:
    return lambda _members, place: place.home.vault(name)


def _vault_name(members: Members, _place: object) -> str:
    """Return the name in the vault's ARN, or the default vault's."""
    return str(members.get("BackupVaultArn", "Default")).rpartition(":")[2]


def _created(_members: Members, place: Place) -> int:
    return place.created


def completion(kind: Kind) -> Callable[[Members, Any], Any]:
    """Compute the default completion: ten minutes after creation, or now if that is sooner."""

    def completed(members: Members, place: Place) -> int:
        created: int = members[kind.created]
        return max(created, min(created + clock.TEN_MINUTES, place.now))

    return completed


def job_id(kind: Kind, members: Members, number: int) -> str:
    """Return the default id of a job with a number."""
    # Backup jobs of a plan have ids in capitals, on-demand ones do not.
    upper = kind.capital_ids or (kind is BACKUP and "CreatedBy" in members)
    return ids.job_id(kind.id_code, number, upper=upper)


def _identity(kind: Kind) -> tuple[Default, ...]:
    return (
        Default(kind.state, _constant(_FIRST_STATE)),
        Default(kind.created, _created, placed=True),
    )


def _category(members: Members, _place: object) -> str:
    return categories.category(members["State"], members.get("StatusMessage"))


def _states(*names: str) -> frozenset[str]:
    return frozenset(names)


_SCANNER = "arn:{p}:iam::{a}:role/AWSBackupScanner"
_ACCOUNT = Default("AccountId", lambda _members, place: place.home.account, placed=True, fixed=True)
_IAM_ROLE = Default("IamRoleArn", _arn(ROLE), placed=True, fixed=True)
_NO_PARENT = Default("IsParent", _constant(value=False))

_BACKUP_ENDED = _states("COMPLETED", "PARTIAL", "FAILED", "ABORTED", "EXPIRED")
_BACKUP_HAS_POINT = _states("COMPLETED", "PARTIAL")
_BACKUP_STATES = _BACKUP_ENDED | _states("CREATED", "PENDING", "RUNNING", "ABORTING")
_BACKUP_MESSAGES = {
    "FAILED": categories.INTERNAL_ERROR,
    "ABORTED": "Backup job was stopped by user.",
    "EXPIRED": categories.EXPIRED,
    # AWS's message of a composite job is in no recording [assumed].
    "PARTIAL": "Backup job completed partially: one or more nested backup jobs failed.",
}
_COPY_ENDED = _states("COMPLETED", "PARTIAL", "FAILED")
_COPY_HAS_POINT = _states("COMPLETED", "PARTIAL")
_COPY_MESSAGES = {
    "FAILED": categories.FATAL_COPY,
    "PARTIAL": "Copy job completed partially: one or more nested copy jobs failed.",
}
_RESTORE_ENDED = _states("COMPLETED", "FAILED", "ABORTED")
_RESTORE_MESSAGES = {
    "FAILED": categories.INTERNAL_ERROR,
    "ABORTED": "Restore job was stopped by user.",
}
_SCAN_ENDED = _states("COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED")
_SCAN_MESSAGES = {
    "COMPLETED": "An AWS Backup scan job was successful completed.",
    "COMPLETED_WITH_ISSUES": (
        "Scan job partially completed. View more details in Amazon GuardDuty"
    ),
    "FAILED": categories.INTERNAL_ERROR,
    "CANCELED": "Scan job was stopped by user.",
}
_REPORT_ENDED = _states("COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED")

# A scan job cannot be without these: botocore's model requires them.
_SCAN_CREATOR = {
    "BackupPlanArn": "arn:{p}:backup:{r}:{a}:backup-plan:{uuid}",
    "BackupPlanId": "{uuid}",
    "BackupPlanVersion": "{uuid}",
    "BackupRuleId": "{uuid}",
}


def _scan_creator(_members: Members, place: Place) -> dict[str, str]:
    return {name: place.arn(pattern) for name, pattern in _SCAN_CREATOR.items()}


def _last_part(member: str) -> Callable[[Members, Any], Any]:
    """Compute the name in the ARN that `member` holds."""
    return lambda members, _place: last_part(members[member]) if member in members else None


def _restored(members: Members, place: Place) -> str | None:
    """Return a new resource of the type; none of a type that AWS Backup does not know."""
    known = _known_type(members)
    return None if known is None else place.arn(other(known.arn, "d"))


def _point_of_copy(members: Members, place: Place) -> str:
    """Return the ARN of a recovery point in the destination vault's account and Region."""
    vault = members.get("DestinationBackupVaultArn", "")
    _, _, _, region, account, *_ = f"{vault}:::::".split(":")
    home = Home(account or place.home.account, region or place.home.region)
    return point_arn(
        place._replace(home=home),
        (_known_type(members), members.get("ResourceArn")),
        created=place.created,
        vault_type=members.get("DestinationVaultType"),
        copied=True,
    )


def _day_before(kind: Kind) -> Callable[[Members, Any], Any]:
    return lambda members, _place: members[kind.created] - clock.DAY


def _report_destination(members: Members, _place: object) -> dict[str, Any]:
    name = report_plan_name(members.get("ReportPlanArn", "report"))
    return {"S3BucketName": "backup-reports", "S3Keys": [f"reports/{name}.csv"]}


TABLES: dict[Kind, tuple[Default, ...]] = {
    BACKUP: (
        *_identity(BACKUP),
        _ACCOUNT,
        Default("ResourceType", _resource_type("ResourceArn")),
        Default("ResourceArn", _resource, placed=True),
        Default("BackupVaultName", _vault_name),
        Default("BackupVaultArn", _vault_arn, placed=True, fixed=True),
        Default("VaultType", _constant("BACKUP_VAULT")),
        Default("VaultLockState", _lock_by("VaultType")),
        _IAM_ROLE,
        Default(
            "StartBy",
            lambda members, _place: members["CreationDate"] + windows.START * clock.MINUTE,
            placed=True,
        ),
        _NO_PARENT,
        Default(
            "PercentDone",
            _by_state(BACKUP, {"RUNNING": "50.0", "COMPLETED": "100.0", "PARTIAL": "100.0"}, "0.0"),
            states=_BACKUP_STATES,
        ),
        Default("CompletionDate", completion(BACKUP), placed=True, states=_BACKUP_ENDED, kept=True),
        Default("RecoveryPointArn", _backup_point, placed=True, states=_BACKUP_STATES),
        Default("BackupSizeInBytes", _size, states=_BACKUP_HAS_POINT, kept=True),
        Default("BackupType", _vss, states=_BACKUP_HAS_POINT, kept=True),
        Default("StatusMessage", _by_state(BACKUP, _BACKUP_MESSAGES), states=_BACKUP_STATES),
        Default(CATEGORY, _category, states=_BACKUP_ENDED),
    ),
    COPY: (
        *_identity(COPY),
        _ACCOUNT,
        Default("ResourceType", _resource_type("ResourceArn")),
        Default("ResourceArn", _resource, placed=True),
        Default("SourceBackupVaultArn", _vault("Default"), placed=True, fixed=True),
        Default("SourceRecoveryPointArn", _point("SourceBackupVaultArn"), placed=True),
        Default("DestinationBackupVaultArn", _vault("Copies"), placed=True, fixed=True),
        Default("DestinationVaultType", _constant("BACKUP_VAULT")),
        Default("DestinationVaultLockState", _lock_by("DestinationVaultType")),
        _IAM_ROLE,
        _NO_PARENT,
        Default("BackupSizeInBytes", _size),
        Default("CompletionDate", completion(COPY), placed=True, states=_COPY_ENDED, kept=True),
        Default(
            "DestinationRecoveryPointArn",
            _point_of_copy,
            placed=True,
            states=_COPY_HAS_POINT,
            kept=True,
        ),
        Default(
            "StatusMessage",
            _by_state(COPY, _COPY_MESSAGES),
            states=_COPY_ENDED | _states("CREATED", "RUNNING"),
        ),
        Default(CATEGORY, _category, states=_COPY_ENDED),
    ),
    RESTORE: (
        *_identity(RESTORE),
        _ACCOUNT,
        Default("ResourceType", _resource_type("SourceResourceArn")),
        Default("SourceResourceArn", _resource, placed=True),
        Default("RecoveryPointCreationDate", _day_before(RESTORE), placed=True),
        Default("BackupVaultArn", _vault("Default"), placed=True, fixed=True),
        Default("RecoveryPointArn", _point("BackupVaultArn"), placed=True),
        _IAM_ROLE,
        _NO_PARENT,
        Default("BackupSizeInBytes", _size),
        Default(
            "PercentDone",
            _by_state(RESTORE, {"RUNNING": "50.00%", "COMPLETED": "100.00%"}, "0.00%"),
            states=_RESTORE_ENDED | _states("PENDING", "RUNNING"),
        ),
        Default(
            "CompletionDate", completion(RESTORE), placed=True, states=_RESTORE_ENDED, kept=True
        ),
        Default(
            "CreatedResourceArn", _restored, placed=True, states=_states("COMPLETED"), kept=True
        ),
        Default(
            "StatusMessage",
            _by_state(RESTORE, _RESTORE_MESSAGES),
            states=_RESTORE_ENDED | _states("PENDING", "RUNNING"),
        ),
    ),
    SCAN: (
        *_identity(SCAN),
        _ACCOUNT,
        Default("ResourceType", _resource_type("ResourceArn")),
        Default("ResourceArn", _resource, placed=True),
        Default("ResourceName", _last_part("ResourceArn"), placed=True),
        Default("BackupVaultName", _vault_name),
        Default("BackupVaultArn", _vault_arn, placed=True, fixed=True),
        Default("RecoveryPointArn", _point("BackupVaultArn"), placed=True),
        _IAM_ROLE,
        Default("ScannerRoleArn", _arn(_SCANNER), placed=True, fixed=True),
        Default("MalwareScanner", _constant("GUARDDUTY")),
        Default("ScanMode", _constant("FULL_SCAN")),
        Default("CreatedBy", _scan_creator, placed=True),
        Default(
            "ScanId",
            _arn("{uuid}"),
            placed=True,
            states=_SCAN_ENDED | _states("RUNNING"),
            kept=True,
        ),
        Default("CompletionDate", completion(SCAN), placed=True, states=_SCAN_ENDED, kept=True),
        Default(
            "ScanResult",
            lambda _members, _place: {"ScanResultStatus": "NO_THREATS_FOUND"},
            states=_states("COMPLETED", "COMPLETED_WITH_ISSUES"),
            kept=True,
        ),
        Default(
            "StatusMessage",
            _by_state(SCAN, _SCAN_MESSAGES),
            states=_SCAN_ENDED | _states("CREATED", "RUNNING"),
        ),
    ),
    REPORT: (
        *_identity(REPORT),
        Default(
            "ReportPlanArn",
            _arn("arn:{p}:backup:{r}:{a}:report-plan:report_plan_{n}-{uuid}"),
            placed=True,
        ),
        Default("ReportTemplate", _constant("BACKUP_JOB_REPORT")),
        Default("CompletionTime", completion(REPORT), placed=True, states=_REPORT_ENDED, kept=True),
        Default(
            "ReportDestination",
            _report_destination,
            placed=True,
            states=_states("COMPLETED", "COMPLETED_WITH_ISSUES"),
            kept=True,
        ),
        Default(
            "StatusMessage",
            _by_state(REPORT, {"FAILED": categories.INTERNAL_ERROR}),
            states=_REPORT_ENDED | _states("CREATED", "RUNNING"),
        ),
    ),
}
