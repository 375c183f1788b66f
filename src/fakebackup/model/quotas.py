"""AWS's quotas: one table of their names and numbers, which the option `quotas` changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fakebackup.errors import AwsError, near, quoted


class Quota(NamedTuple):
    """A quota of AWS.

    Attributes:
        most: AWS's number.
        counted: what it counts, in the plural.
        of: what it counts within.
        evidence: where AWS documents it.
        least: the smallest number that the option takes.
    """

    most: int
    counted: str
    of: str
    evidence: str = "guide, quotas"
    least: int = 0


_HOME = "a Region of an account"
_MODEL = "model"
_TESTING = "guide, restore testing"


def _running(most: int, counted: str, of: str) -> Quota:
    """Return a quota of jobs that run at a time: with 0 none of them would ever run."""
    return Quota(most, counted, of, least=1)


QUOTAS: Mapping[str, Quota] = {
    "vaults": Quota(300, "backup vaults", _HOME),
    "points_per_vault": Quota(1_000_000, "recovery points", "a vault"),
    "plans": Quota(300, "backup plans", _HOME),
    "versions_per_plan": Quota(2000, "versions", "a backup plan"),
    "rules_per_plan": Quota(10, "rules", "a backup plan"),
    "copies_per_rule": Quota(5, "copy actions", "a rule"),
    "tags_per_rule": Quota(10, "RecoveryPointTags", "a rule"),
    "selections_per_plan": Quota(100, "backup selections", "a backup plan"),
    "tagged_selections_per_plan": Quota(10, "backup selections with tags", "a backup plan"),
    "arns_per_selection": Quota(500, "ARNs in one list", "a backup selection", _MODEL),
    "patterns_per_selection": Quota(
        30, "ARNs with wildcards in one list", "a backup selection", _MODEL
    ),
    "tags_per_selection": Quota(30, "tags in ListOfTags", "a backup selection"),
    "conditions_per_selection": Quota(30, "Conditions", "a backup selection"),
    "legal_holds": Quota(50, "active legal holds", "an account"),
    "frameworks": Quota(15, "frameworks", _HOME),
    "controls": Quota(50, "controls of frameworks", _HOME),
    "report_plans": Quota(20, "report plans", _HOME),
    "frameworks_per_report_plan": Quota(1000, "frameworks", "a report plan"),
    "testing_plans": Quota(100, "restore testing plans", _HOME, _TESTING),
    "selections_per_testing_plan": Quota(30, "selections", "a restore testing plan", _TESTING),
    "vaults_per_testing_plan": Quota(30, "vaults in one list", "a restore testing plan", _TESTING),
    "arns_per_testing_selection": Quota(30, "ARNs", "a restore testing selection", _TESTING),
    "conditions_per_testing_selection": Quota(
        30, "conditions", "a restore testing selection", _TESTING
    ),
    "selections_per_tiering": Quota(5, "resource selections", "a tiering configuration", _MODEL),
    "resources_per_tiering": Quota(100, "resources", "a tiering configuration", _MODEL),
    "tags": Quota(50, "tags", "a resource"),
    "backups_per_resource": _running(1, "running backup jobs", "a resource"),
    "timestream_backups": _running(4, "running backup jobs of Timestream", _HOME),
    "copies_per_resource": _running(1, "running copy jobs within an account", "a resource"),
    "cross_account_copies_per_resource": _running(
        30, "running copy jobs to one Region of other accounts", "a resource"
    ),
    "copies_per_region": _running(100, "running copy jobs to one Region", _HOME),
    "eks_restores_per_cluster": _running(1, "running restore jobs", "an EKS cluster"),
    "eks_restores": _running(5, "running restore jobs of EKS", _HOME),
    "timestream_restores": _running(1, "running restore jobs of Timestream", _HOME),
    "ebs_or_ec2_restore_tests": _running(100, "running restore tests of EBS, or of EC2", _HOME),
    "efs_or_s3_restore_tests": _running(30, "running restore tests of EFS, or of S3", _HOME),
    "other_restore_tests": _running(40, "running restore tests of each other type", _HOME),
    "scans_per_point": _running(1, "running scan jobs", "a recovery point"),
    "scans_per_resource": _running(5, "running scan jobs", "a resource"),
    "scans": _running(150, "running scan jobs", _HOME),
    "waiting_scans_per_resource": Quota(10, "waiting scan jobs", "a resource"),
}
"""AWS's quotas by the names that the option takes, all of them [documented]."""


NUMBERS: Mapping[str, int] = {name: quota.most for name, quota in QUOTAS.items()}
"""AWS's numbers by name."""


def check_option(name: str, value: object) -> None:
    """Refuse a value of the option that is no mapping from quotas to numbers.

    Args:
        name: the option, for the message.
        value: what the user gave.

    Raises:
        TypeError: no mapping, or a number that is none.
        ValueError: a quota that does not exist, or a negative number.
    """
    if not isinstance(value, Mapping):
        msg = f"{name} maps names of quotas to numbers, not {quoted(value)}."
        raise TypeError(msg)
    for each, most in value.items():
        if not isinstance(each, str) or each not in QUOTAS:
            hint = near(each, QUOTAS) or "."
            msg = f"{name} knows {', '.join(QUOTAS)}, not {quoted(each)}{hint}"
            raise ValueError(msg)
        if type(most) is not int:
            msg = f"{name}[{each!r}] is a whole number, not {quoted(most)}."
            raise TypeError(msg)
        least = QUOTAS[each].least
        if most < least:
            msg = f"{name}[{each!r}] is {least} or more, not {quoted(most)}."
            raise ValueError(msg)


def exceeded(quotas: Mapping[str, int], name: str, number: int) -> str | None:
    """Return the text for a number that exceeds a quota; None where it does not.

    The text is not known; "Subscriber limit exceeded" begins those of jobs [assumed].

    Args:
        quotas: the option.
        name: the quota.
        number: how many there would be.
    """
    most = quotas[name]
    if number <= most:
        return None
    quota = QUOTAS[name]
    return (
        f"Subscriber limit exceeded: there would be {number} {quota.counted} in {quota.of}, and "
        f"{most} are the limit"
    )


def check(quotas: Mapping[str, int], name: str, number: int) -> None:
    """Refuse a number that exceeds a quota.

    Arguments are those of `exceeded`.

    Raises:
        AwsError: LimitExceededException; of an operation that does not declare it, the client
            gets InvalidParameterValueException.
    """
    text = exceeded(quotas, name, number)
    if text is not None:
        raise AwsError("LimitExceededException", text)
