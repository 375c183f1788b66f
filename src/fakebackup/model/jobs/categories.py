"""Message categories: AWS's table of the messages of jobs, and the category of each.

The guide `aws`, Message categories, has the evidence: the table is AWS's [documented: guide,
dashboards]; where a message fits several rows the first one counts [assumed].
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

SUCCESS = "SUCCESS"
"""The category of a clean success: a job that completed and has nothing to say."""

OTHER = "MISCELLANEOUS"
"""The category of every message that is not in the table."""


class Row(NamedTuple):
    """A category.

    Attributes:
        category: its name, spelled as in the headings of AWS's table.
        texts: whole messages of it; "..." stands for any text.
        parts: what other messages of it contain, wherever it stands in them.
    """

    category: str
    texts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


TOO_MANY_TAGS = "The resultant tag set must not have more than 50 user tags."
RETENTION_OF_COPY = (
    "Copy job failed. The retention specified in the job is not within the range specified for "
    "the target Backup Vault."
)
NOT_COPIED = "Copy job failed. Feature is not supported for provided resource type."
NOT_COPIED_ABROAD = (
    "Copy job from {source} to {destination} cannot be initiated for {type} resources. Feature is "
    "not supported for provided resource type."
)
NOT_AIR_GAPPED = (
    "Backup job completed successfully to the target backup vault. This resource type "
    "is not supported by logically air-gapped backup vault."
)
ACCESS_OF_COPY = "Access Denied trying to call AWS Backup service"
CROSS_ACCOUNT_OFF = (
    "Copy job failed. Cross-account copy feature is not enabled for the current organization."
)
NO_COMMON_ORGANIZATION = (
    "Copy job failed. Both source and destination account must be a member of the same "
    "organization."
)
DEFAULT_KEY = (
    "Copy job failed because the destination Backup vault is encrypted with the default Backup "
    "service managed key. The contents of this vault cannot be copied. Only the contents of a "
    "Backup vault encrypted by an AWS KMS key may be copied."
)
BY_HAND_ALONE = (
    "Copy job failed. A plan does not copy from a logically air-gapped backup vault into another "
    "one: such copies are made on demand."
)
EXPIRED = "Backup job expired before completion."
RUNNING_JOB = "Backup job failed because there was a running job for the same resource."
RUNNING_COPIES = "There are too many copy jobs running for resource."
INTERNAL_ERROR = "An internal error occurred."
FATAL_COPY = "Copy job encountered a fatal error."

TABLE = (
    Row(
        "VSS_ERROR",
        (
            "Windows VSS Backup attempt failed because ...",
            "Windows VSS Backup Job Error encountered, trying for regular backup",
        ),
    ),
    Row(
        "LIMIT_EXCEEDED",
        (
            (
                "Subscriber limit exceeded: You have reached the maximum concurrent number of "
                "backups, which is 300. ..."
            ),
            "Maximum allowed in-progress snapshots for a single volume exceeded.",
            "Maximum allowed active snapshot limit exceeded.",
            "Cannot create more than 20 user snapshots",
            TOO_MANY_TAGS,
        ),
        ("subscriber limit exceeded", "More than 50 tags specified", "can have at most"),
    ),
    Row(
        "ACCESS_DENIED",
        (
            "You are not authorized to perform this operation.",
            ACCESS_OF_COPY,
            "Customer credential miss permission to get bucket versioning for bucket.",
            "Images from AWS Marketplace cannot be copied to another AWS account.",
            (
                "Copy job failed because the destination Backup vault is encrypted with the "
                "default Backup service managed key. The contents of this vault cannot be copied. "
                "Only the contents of a Backup vault encrypted by an AWS KMS key may be copied."
            ),
            (
                "Snapshots encrypted with the AWS managed key can't be shared. Specify another "
                "snapshot."
            ),
            "Encrypted snapshots with Amazon EBS default key cannot be shared",
            (
                "Copy job failed. Both source and destination account must be a member of the same "
                "organization."
            ),
        ),
        (
            "access denied",
            "not authorized to",
            "cannot be assumed by AWS Backup",
            "does not have permission",
            "missing permission",
        ),
    ),
    Row("CONCURRENT_JOB", (RUNNING_JOB, RUNNING_COPIES)),
    Row(
        "FEATURE_NOT_ENABLED",
        (
            (
                "Copy job failed. Cross-account copy feature is not enabled for the current "
                "organization."
            ),
        ),
    ),
    Row("JOB_EXPIRED", (EXPIRED,)),
    Row(
        "INVALID_LIFECYCLE",
        (RETENTION_OF_COPY,),
        # Windows of maintenance stand in this group of AWS's table, too.
        (
            (
                "could not start because it is either inside or too close to the weekly "
                "maintenance window configured"
            ),
            (
                "could not start because it is either inside or too close to the automated backup "
                "window configured"
            ),
        ),
    ),
    Row(
        "INVALID_STATE",
        (),
        (
            "Instance is not in state",
            "not in the available state",
            "not in available state",
            "Cannot snapshot volume",
        ),
    ),
    Row(
        "KMS_KEY_ERROR",
        (
            "KMS key is either disabled or pending deletion or access to KMS key is denied",
            "Given key ID is not accessible",
            (
                "AMI snapshot copy failed with error: Given key ID is not accessible. You must "
                "have DescribeKey permissions on the default key"
            ),
        ),
        ("kms key",),
    ),
    Row("ACCESS_KEY_ERROR", ("The AWS Access Key Id needs a subscription for the service",)),
    Row(
        "HYPERVISOR_OFFLINE",
        ("This operation is not valid for the specified hypervisor because it is not online",),
    ),
    Row(
        "RESOURCE_NOT_FOUND",
        (
            "The specified volume was not found.",
            "The virtual machine is not found.",
            "Given key ID does not exist",
            "Table not found.",
        ),
        (
            "does not exist",
            "Could not find resource",
            "Could not find cryopod",
            "Cannot find recovery point",
            "resource not found",
            "no longer available",
            "is invalid",
        ),
    ),
    Row("RESOURCE_NOT_SUPPORTED", (), ("unsupported resource type",)),
    Row(
        "TAG_COPY_ERROR",
        (
            "We are unable to copy resource tags to your backup because of the Internal Failure.",
            "... because source or destination recovery point is unavailable",
        ),
    ),
    Row("TOKEN_EXPIRED", ("Token expired. Try again.",)),
    Row(
        "UNSUPPORTED_OPERATION",
        (
            (
                "CreateSnapshot method not supported on hypervisor during snapshot creation. "
                "Aborted backup job"
            ),
            (
                "UnsupportedOperation : Storage Gateway backup copies require a user-created "
                "backup vault and key at destination."
            ),
        ),
        ("Feature is not supported for provided resource type.",),
    ),
    Row(
        "FATAL_ERROR",
        (
            INTERNAL_ERROR,
            FATAL_COPY,
            "... Please contact AWS Support for further assistance.",
        ),
        ("Backup job encountered a fatal error",),
    ),
    Row(
        "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED",
        (
            NOT_AIR_GAPPED,
            (
                "Backup job completed successfully to the target backup vault. This resource is "
                "encrypted with an AWS managed key and cannot be copied to a logically air-gapped "
                "backup vault."
            ),
        ),
    ),
)
"""AWS's table, in its order; the last row is of the page on logically air-gapped vaults."""


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return what the messages of each category match; capitals do not count [assumed]."""
    found = []
    for row in TABLE:
        whole = [".*".join(map(re.escape, text.split("..."))) for text in row.texts]
        ways = [rf"(?:{text})\Z" for text in whole] + [f".*{re.escape(part)}" for part in row.parts]
        found.append((row.category, re.compile("|".join(ways), re.IGNORECASE | re.DOTALL)))
    return found


@functools.lru_cache(maxsize=1024)
def category_of(message: str) -> str:
    """Return the category of a message."""
    return next((name for name, form in _patterns() if form.match(message)), OTHER)


def category(state: str, message: str | None) -> str:
    """Return the category of a job that has ended.

    Args:
        state: the state in which it ended.
        message: its StatusMessage; None or empty where it has none.
    """
    if message:
        return category_of(message)
    return SUCCESS if state == "COMPLETED" else OTHER
