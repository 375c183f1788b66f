"""Check what users seed against what AWS could show at all, member by member.

A check depends on the value alone. What it finds of a text is cached, so that a text that many
jobs have is judged once.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from fakebackup import options
from fakebackup.errors import near, shortened
from fakebackup.model.resources.arns import ARN, ROLE_ARN, home_in, vault_named_by
from fakebackup.model.resources.points import AIR_GAPPED
from fakebackup.model.resources.types import RESOURCE_TYPES
from fakebackup.model.shapes.requests import AUTOMATIC
from fakebackup.model.shapes.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fakebackup.model.shapes.model import Shape

    # Raises ValueError for a value, given its name.
    Check = Callable[[Any, str], None]

KEEP = -1
"""The number of days in a lifecycle that means never."""

SHORTEST, LONGEST = 1, 36500
"""The bounds of days in a lifecycle, and of those in a vault's lock [documented: model]."""

COLD_FOR = 90
"""How many days later than it turns cold a recovery point is deleted, at least [documented]."""

OF_ORGANIZATIONS = "orgs/"
"""The beginning of the ids of plans that AWS Organizations made from a policy [reported]."""

OF_SERVICES = "aws/"
"""The beginning of the ids of plans that other services own, as EFS's `aws/efs/` [reported]."""

VAULT_NAME = r"[a-zA-Z0-9_-]{2,50}"
_MOST = 4096
_LOCK = ("MinRetentionDays", "MaxRetentionDays")
_VAULT_TYPES = ("BACKUP_VAULT", AIR_GAPPED, "RESTORE_ACCESS_BACKUP_VAULT")
_IDS = (
    *("BackupJobId", "CopyJobId", "RestoreJobId", "ScanJobId", "ReportJobId", "ParentJobId"),
    *("CreatedByBackupJobId", "BackupPlanId", "SelectionId", "LegalHoldId"),
)
_VAULTS = ("BackupVaultArn", "SourceBackupVaultArn", "DestinationBackupVaultArn")


class Seeded(Schema):
    """The members that users seed, each checked by itself."""

    @functools.cached_property
    def keepers(self) -> Mapping[str, Callable[[Any, str], Any]]:
        """Per member, the check and conversion from a seeded value to the kept one."""
        found = dict(super().keepers)
        for name, shape in self.members.items():
            check = _check_of(name, shape)
            if check is not None:
                found[name] = _both(found[name], check)
        return found


def _both(keep: Callable[[Any, str], Any], check: Check) -> Callable[[Any, str], Any]:
    def kept(value: Any, path: str) -> Any:
        found = keep(value, path)
        check(found, path)
        return found

    return kept


def _check_of(name: str, shape: Shape) -> Check | None:
    """Return the check of a member; None for one of which any value of its type may be."""
    if name in _CHECKS:
        return _CHECKS[name]
    type_name = shape.type_name
    if type_name in ("integer", "long"):
        return _number
    if type_name == "string":
        return _arn_of(name) if name.endswith("Arn") else None
    if type_name == "map":
        return _each(_check_of("", shape.value))
    return _structure(shape) if type_name == "structure" else None


def _each(check: Check | None) -> Check | None:
    """Return the check of a map by that of its values."""
    if check is None:
        return None

    def every(value: Mapping[str, Any], path: str) -> None:
        for name, each in value.items():
            check(each, f"{path}[{name!r}]")

    return every


def _structure(shape: Shape) -> Check | None:
    found = {name: _check_of(name, each) for name, each in shape.members.items()}
    checks = {name: check for name, check in found.items() if check is not None}
    lifecycle = "DeleteAfterDays" in shape.members
    if not checks:
        return None

    def structure(value: Mapping[str, Any], path: str) -> None:
        for name, each in value.items():
            if name in checks:
                checks[name](each, f"{path}.{name}")
        if lifecycle:
            _apart(value, path)

    return structure


# --- Numbers and lifecycles ---------------------------------------------------------------


def _number(value: int, path: str) -> None:
    if value < 0:
        msg = f"{path} is 0 or more, not {value}."
        raise ValueError(msg)


def _days(value: int, path: str) -> None:
    if value != KEEP and not SHORTEST <= value <= LONGEST:
        msg = f"{path} is from {SHORTEST} to {LONGEST} days, or {KEEP} for never, not {value}."
        raise ValueError(msg)


def _lock_days(value: int, path: str) -> None:
    if not SHORTEST <= value <= LONGEST:
        msg = f"{path} is from {SHORTEST} to {LONGEST} days, not {value}."
        raise ValueError(msg)


def _apart(lifecycle: Mapping[str, Any], path: str) -> None:
    cold = lifecycle.get("MoveToColdStorageAfterDays", KEEP)
    delete = lifecycle.get("DeleteAfterDays", KEEP)
    if KEEP not in (cold, delete) and delete < cold + COLD_FOR:
        msg = (
            f"{path}.DeleteAfterDays is {delete}, less than {COLD_FOR} days after "
            f"MoveToColdStorageAfterDays, {cold}: make it {cold + COLD_FOR} or more."
        )
        raise ValueError(msg)


def check_lock(vault: Mapping[str, Any]) -> None:
    """Refuse a vault whose lock keeps recovery points longer than it lets them be kept.

    Raises:
        ValueError: its MinRetentionDays is more than its MaxRetentionDays.
    """
    least, most = (vault.get(name) for name in _LOCK)
    if least is not None and most is not None and least > most:
        msg = f"MinRetentionDays {least} is more than MaxRetentionDays {most}."
        raise ValueError(msg)


# --- Ids ------------------------------------------------------------------------------------


def check_id(value: str, path: str) -> None:
    """Refuse an id that AWS could not give; not cached, since most come once.

    AWS gives uuids, and slashes to plans of services alone; tests may have shorter ones.

    Raises:
        ValueError: it is an ARN, or has a blank or a slash.
    """
    if value.isprintable() and _NO_ID.search(value) is None:
        return
    blank = next((each for each in value if each.isspace() or not each.isprintable()), None)
    if value.startswith("arn:"):
        named = value.split(":", 6)[6:] if home_in(value) is not None else []
        wrong = "is an ARN, and no id" + (f": the id in it is {named[0]!r}" if named else "")
    elif blank is None and value.startswith((OF_ORGANIZATIONS, OF_SERVICES)):
        return
    else:
        wrong = f"is no id, since it has {'/' if blank is None else blank!r} in it"
    shown = shortened(repr(value), _SHOWN)
    msg = f"{path} {shown} {wrong}. An id is like {_AN_ID!r}, or any text without blanks and /."
    raise ValueError(msg)


_SHOWN = 100
_NO_ID = re.compile(r"[\s/]|\Aarn:")
_AN_ID = "0f9e8d7c-6b5a-4a3b-8c2d-1e0f9a8b7c6d"


# --- Texts ----------------------------------------------------------------------------------


def _of_text(find: Callable[[str], str | None]) -> Check:
    """Return the check of a text, by a function that returns what is wrong with one."""
    cached = functools.lru_cache(maxsize=_MOST)(find)

    def check(value: str, path: str) -> None:
        wrong = cached(value)
        if wrong is not None:
            msg = f"{path} {wrong}"
            raise ValueError(msg)

    return check


def _arn_of(member: str) -> Check:
    """Return the check of a member that has an ARN: the first kind whose ending it has."""
    _, what, example, form = next(each for each in _ARNS if member.endswith(each[0]))
    return _check_of_arn(what, example, form)


@functools.cache
def _check_of_arn(what: str, example: str, form: str) -> Check:
    """Return the check of an ARN, which all members of a kind share.

    Args:
        what: what it is the ARN of, as a refusal says it; empty where it may be of anything.
        example: one for the message, without what all begin with.
        form: what it has to be like.
    """

    def wrong(arn: str) -> str | None:
        if re.fullmatch(form, arn):
            return None
        return (
            f"{arn!r} is no ARN{what}: one is like 'arn:aws:{example}'. None leaves the member out."
        )

    return _of_text(wrong)


_OWN = "backup:us-east-1:123456789012"
_ARNS = (
    ("RoleArn", " of a role", "iam::123456789012:role/backup", ROLE_ARN),
    ("KeyArn", "", "kms:us-east-1:123456789012:key/ba000000-0000-4000-9000-000000000001", ARN),
    ("RecoveryPointArn", "", "ec2:us-east-1::snapshot/snap-1", ARN),
    ("RestoreTestingPlanArn", "", f"{_OWN}:restore-testing-plan:weekly", ARN),
    ("ReportPlanArn", "", f"{_OWN}:report-plan:daily-1", ARN),
    ("BackupPlanArn", "", f"{_OWN}:backup-plan:1", ARN),
    ("FrameworkArn", "", f"{_OWN}:framework:controls-1", ARN),
    ("LegalHoldArn", "", f"{_OWN}:legal-hold:1", ARN),
    ("TieringConfigurationArn", "", f"{_OWN}:tiering-configuration:cold-1", ARN),
    ("AccessPointArn", "", f"{_OWN}:accesspoint/reader", ARN),
    ("MpaApprovalTeamArn", "", "mpa:us-east-1:123456789012:approval-team/owners", ARN),
    ("MpaSessionArn", "", "mpa:us-east-1:123456789012:session/owners/1", ARN),
    ("", "", "ec2:us-east-1:123456789012:volume/vol-1", ARN),
)
"""Per ending of a member, its refusal's "of ...", an example and the form: the last is any's.

Only of a role the form is judged, as by the operations that start jobs."""


def _wrong_vault_name(name: str) -> str | None:
    if name == AUTOMATIC or re.fullmatch(VAULT_NAME, name):
        return None
    return f"is 2 to 50 letters, digits, - and _, not {name!r}{near(name, [AUTOMATIC]) or '.'}"


def _wrong_vault(arn: str) -> str | None:
    named = vault_named_by(arn)
    if named is None:
        one = "arn:aws:backup:us-east-1:123456789012:backup-vault:Daily"
        return f"{arn!r} is no ARN of a backup vault: one is like {one!r}."
    wrong = _wrong_vault_name(named.name)
    if wrong is not None:
        return f"{arn!r} names no backup vault: a name {wrong}"
    try:
        options.region("its Region", named.home.region)
    except ValueError as error:
        return f"{arn!r} is no ARN of a backup vault: {error}"
    expected = named.home.vault(named.name)
    if arn != expected:
        return f"{arn!r} is not in the partition of its region: {expected!r} is."
    return None


def _spelled(names: Iterable[str], what: str) -> Check:
    """Return the check of a text that may be any, but no known one in another case."""
    by_lower = {name.lower(): name for name in names}

    def wrong(name: str) -> str | None:
        known = by_lower.get(name.strip().lower(), name)
        return None if known == name else f"{name!r} is no {what}; did you mean {known!r}?"

    return _of_text(wrong)


check_arn = _arn_of("ResourceArn")
check_vault_name = _of_text(_wrong_vault_name)
_CHECKS: Mapping[str, Check] = {
    "BackupVaultName": check_vault_name,
    "ResourceType": _spelled(RESOURCE_TYPES, "resource type"),
    **dict.fromkeys(("VaultType", "DestinationVaultType"), _spelled(_VAULT_TYPES, "type of vault")),
    "MoveToColdStorageAfterDays": _days,
    "DeleteAfterDays": _days,
    **dict.fromkeys(_IDS, check_id),
    **dict.fromkeys(_VAULTS, _of_text(_wrong_vault)),
    **dict.fromkeys(_LOCK, _lock_days),
}
