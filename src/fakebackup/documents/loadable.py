"""The table of read operations: how the answer of each is taken up, or why it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fakebackup.documents import entries, jobs, protected, vaults
from fakebackup.model.jobs.kinds import KINDS, RESTORE
from fakebackup.nouns.table import NOUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.documents.answers import Answer
    from fakebackup.documents.things import Things


class Row(NamedTuple):
    """How the answer of an operation is taken up.

    Attributes:
        read: notes what an answer says.
        least: the members, of an entry of a list or of the answer, by which it is told.
    """

    read: Callable[[Answer, Things], None]
    least: tuple[str, ...] = ()


def _of_jobs() -> Iterator[tuple[str, Row]]:
    for kind in KINDS:
        least = (kind.id, kind.state, kind.created)
        yield f"List{kind.listed}", Row(jobs.listed(kind), least)
        shown = least if kind.wrapped is None else (kind.wrapped,)
        yield f"Describe{kind.listed[:-1]}", Row(jobs.described(kind), shown)


def _of_nouns() -> Iterator[tuple[str, Row]]:
    for noun in NOUNS.values():
        key = () if noun.key is None else (noun.key,)
        for operation, member in noun.lists:
            yield operation, Row(entries.listed(noun, member), key)
        schema = noun.schema
        flat = (schema.document,) if schema.document is not None else ()
        least = (*key, *flat) if schema.wrapped is None else (schema.wrapped,)
        yield noun.describe, Row(entries.described(noun), _TOLD_BY.get(noun.describe, least))


_TOLD_BY = {
    "DescribeRegionSettings": ("ResourceTypeOptInPreference",),
    "DescribeGlobalSettings": ("GlobalSettings",),
    "DescribeFramework": ("FrameworkName", "FrameworkArn"),
    "GetLegalHold": ("LegalHoldId", "Title"),
    "DescribeBackupAccessPoint": ("AccessPointArn", "Name"),
}
"""Of flat answers, the members by which each is told, where its key alone would not do."""

_POINT = ("RecoveryPointArn", "CreationDate", "Status")
_POLICY = vaults.vault_part("GetBackupVaultAccessPolicy", vaults.POLICY, "Policy")
_NOTICES = ("SNSTopicArn", "BackupVaultEvents")
_NOTIFICATIONS = vaults.vault_part("GetBackupVaultNotifications", vaults.NOTIFICATIONS, *_NOTICES)

HELD: dict[str, Row] = {
    **dict(_of_jobs()),
    "ListRestoreJobsByProtectedResource": Row(jobs.listed(RESTORE), ("RestoreJobId", "Status")),
    "GetRestoreJobMetadata": Row(jobs.restore_metadata, ("RestoreJobId", "Metadata")),
    "DescribeBackupVault": Row(
        vaults.describe_vault, ("BackupVaultName", "BackupVaultArn", "CreationDate")
    ),
    "ListBackupVaults": Row(vaults.list_vaults, ("BackupVaultName",)),
    "ListRestoreAccessBackupVaults": Row(vaults.list_access_vaults),
    "GetBackupVaultAccessPolicy": Row(_POLICY, ("Policy",)),
    "GetBackupVaultNotifications": Row(_NOTIFICATIONS, _NOTICES),
    "DescribeRecoveryPoint": Row(vaults.describe_point, _POINT),
    "ListRecoveryPointsByBackupVault": Row(vaults.list_points_of_vault, _POINT),
    "ListRecoveryPointsByResource": Row(vaults.list_points_of_resource, _POINT),
    "GetRecoveryPointRestoreMetadata": Row(
        vaults.point_metadata, ("RecoveryPointArn", "RestoreMetadata")
    ),
    "GetRecoveryPointIndexDetails": Row(vaults.index_details, ("RecoveryPointArn", "IndexStatus")),
    "ListIndexedRecoveryPoints": Row(vaults.list_indexed, ("RecoveryPointArn",)),
    "ListProtectedResources": Row(protected.listed, ("ResourceArn",)),
    "ListProtectedResourcesByBackupVault": Row(protected.listed_by_vault, ("ResourceArn",)),
    "DescribeProtectedResource": Row(protected.described, ("ResourceArn", "LastBackupTime")),
    **dict(_of_nouns()),
    "ListRecoveryPointsByLegalHold": Row(entries.points_of_hold, ("RecoveryPointArn",)),
    "ListTags": Row(entries.list_tags),
}
"""The operations whose answers can be loaded."""

_COUNTS = "it counts jobs: load what {} answers"
_TEMPLATE = "the templates are AWS's own, and always there"

NOTHING_TO_KEEP: dict[str, str] = {
    **{
        f"List{kind.listed[:-1]}Summaries": _COUNTS.format(f"List{kind.listed}")
        for kind in KINDS
        if kind.name != "report job"
    },
    "ListBackupPlanTemplates": _TEMPLATE,
    "GetBackupPlanFromTemplate": _TEMPLATE,
    "GetBackupPlanFromJSON": "it shows a document that was sent, and no plan of the account",
    "GetRestoreTestingInferredMetadata": (
        "it is worked out from a recovery point: load what DescribeRecoveryPoint and "
        "GetRecoveryPointRestoreMetadata answer"
    ),
    "GetPITRMalwareScanResults": (
        "it tells what scan jobs have found: load what ListScanJobs answers"
    ),
    "GetSupportedResourceTypes": "it lists what AWS Backup supports, in every account alike",
}
"""The operations whose answers hold nothing that an account keeps, each with the reason."""
