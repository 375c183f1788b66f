"""What an account is asked: each list, and what to ask of each item in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape

Item = Mapping[str, Any]

READS = ("List", "Describe", "Get")
"""What the name of an operation begins with that changes nothing."""


class Ask(NamedTuple):
    """An operation to ask an account, or each item of a list.

    Attributes:
        operation: its name; a botocore that does not know it leaves it out.
        asked: its parameters, each with the item's member that it is taken from, or with a
            function of the item. An item that lacks one is passed over.
        fixed: its parameters that are always the same.
        each: what is asked of each item of its answer.
        unless: a member; items that have it are passed over.
        only_of: members of the answer, each with the item's member that must be true for it.
        absent: the errors by which AWS says that there is none.
        once: whether the answer is the same in every Region, so that one is asked.
    """

    operation: str
    asked: Mapping[str, str | Callable[[Item], str | None]] = {}
    fixed: Mapping[str, Any] = {}
    each: tuple[Ask, ...] = ()
    unless: str = ""
    only_of: Mapping[str, str] = {}
    absent: tuple[str, ...] = ()
    once: bool = False


_NONE = ("ResourceNotFoundException",)
# Of recovery points that another service keeps: AWS answers the tags of some types [documented].
_NO_TAGS = (*_NONE, "InvalidParameterValueException")


def _same(*names: str) -> dict[str, str]:
    """Return parameters that are named as the items' members are."""
    return {name: name for name in names}


def _tags(member: str, unless: str = "", absent: tuple[str, ...] = ()) -> Ask:
    return Ask("ListTags", {"ResourceArn": member}, unless=unless, absent=absent)


def _vault_name(item: Item) -> str | None:
    """Return the name in the ARN of an item's vault."""
    arn: str | None = item.get("BackupVaultArn")
    return arn and arn.split(":", 6)[-1]


_POINT = _same("BackupVaultName", "RecoveryPointArn")
_PLAN = _same("BackupPlanId")
_TESTING = _same("RestoreTestingPlanName")

ASKED = (
    Ask("DescribeGlobalSettings", once=True),
    Ask("DescribeRegionSettings"),
    Ask(
        "ListBackupVaults",
        each=(
            Ask("DescribeBackupVault", _same("BackupVaultName")),
            Ask("GetBackupVaultAccessPolicy", _same("BackupVaultName"), absent=_NONE),
            Ask("GetBackupVaultNotifications", _same("BackupVaultName"), absent=_NONE),
            _tags("BackupVaultArn"),
            Ask(
                "ListRecoveryPointsByBackupVault",
                _same("BackupVaultName"),
                each=(
                    Ask("DescribeRecoveryPoint", _POINT),
                    _tags("RecoveryPointArn", absent=_NO_TAGS),
                ),
            ),
        ),
    ),
    Ask(
        "ListBackupPlans",
        fixed={"IncludeDeleted": True},
        each=(
            Ask(
                "ListBackupPlanVersions",
                _PLAN,
                each=(Ask("GetBackupPlan", _same("BackupPlanId", "VersionId")),),
            ),
            Ask(
                "ListBackupSelections",
                _PLAN,
                each=(Ask("GetBackupSelection", _same("BackupPlanId", "SelectionId")),),
                unless="DeletionDate",
            ),
            _tags("BackupPlanArn", unless="DeletionDate"),
        ),
    ),
    Ask(
        "ListBackupJobs",
        each=(
            Ask(
                "DescribeBackupJob",
                _same("BackupJobId"),
                only_of={"ChildJobsInState": "IsParent", "NumberOfChildJobs": "IsParent"},
            ),
        ),
    ),
    Ask("ListCopyJobs", each=(Ask("DescribeCopyJob", _same("CopyJobId")),)),
    Ask(
        "ListRestoreJobs",
        each=(
            Ask("DescribeRestoreJob", _same("RestoreJobId")),
            Ask("GetRestoreJobMetadata", _same("RestoreJobId")),
        ),
    ),
    Ask("ListScanJobs", each=(Ask("DescribeScanJob", _same("ScanJobId")),)),
    Ask("ListReportJobs", each=(Ask("DescribeReportJob", _same("ReportJobId")),)),
    Ask(
        "ListProtectedResources",
        each=(Ask("DescribeProtectedResource", _same("ResourceArn")),),
    ),
    Ask(
        "ListFrameworks",
        each=(Ask("DescribeFramework", _same("FrameworkName")), _tags("FrameworkArn")),
    ),
    Ask(
        "ListReportPlans",
        each=(Ask("DescribeReportPlan", _same("ReportPlanName")), _tags("ReportPlanArn")),
    ),
    Ask(
        "ListLegalHolds",
        each=(
            Ask("GetLegalHold", _same("LegalHoldId")),
            Ask("ListRecoveryPointsByLegalHold", _same("LegalHoldId")),
            _tags("LegalHoldArn"),
        ),
    ),
    Ask(
        "ListRestoreTestingPlans",
        each=(
            Ask("GetRestoreTestingPlan", _TESTING),
            Ask(
                "ListRestoreTestingSelections",
                _TESTING,
                each=(
                    Ask(
                        "GetRestoreTestingSelection",
                        _same("RestoreTestingPlanName", "RestoreTestingSelectionName"),
                    ),
                ),
            ),
            _tags("RestoreTestingPlanArn"),
        ),
    ),
    Ask(
        "ListTieringConfigurations",
        each=(
            Ask("GetTieringConfiguration", _same("TieringConfigurationName")),
            _tags("TieringConfigurationArn"),
        ),
    ),
    Ask(
        "ListBackupAccessPoints",
        each=(Ask("DescribeBackupAccessPoint", _same("AccessPointArn")), _tags("AccessPointArn")),
    ),
    Ask(
        "ListIndexedRecoveryPoints",
        each=(
            Ask(
                "GetRecoveryPointIndexDetails",
                {"BackupVaultName": _vault_name, "RecoveryPointArn": "RecoveryPointArn"},
            ),
        ),
    ),
)
"""The nouns that an account keeps, each by its list."""


def parameters(ask: Ask, item: Item) -> dict[str, Any] | None:
    """Return the parameters to ask an item with; None where it is not to be asked."""
    if ask.unless in item:
        return None
    found = {
        name: item.get(source) if isinstance(source, str) else source(item)
        for name, source in ask.asked.items()
    }
    return None if None in found.values() else {**found, **ask.fixed}


def listed(model: ServiceModel, operation: str) -> str:
    """Return the member of a list's answer that has the items."""
    shape: Any = model.operation_model(operation).output_shape
    found: str = next(name for name, each in shape.members.items() if each.type_name == "list")
    return found


def tells_more(model: ServiceModel, ask: Ask, above: str, item: Item) -> bool:
    """Return whether an answer can have more than the list that an item is of has already.

    Args:
        model: the botocore model of AWS Backup.
        ask: what is to be asked.
        above: the list.
        item: the item.
    """
    if not _is_of_one(ask.operation):
        return True
    of_list: Any = model.operation_model(above).output_shape
    more = _described(model, ask.operation) - set(
        of_list.members[listed(model, above)].member.members
    )
    return any(name not in ask.only_of or item.get(ask.only_of[name]) for name in more)


def _is_of_one(operation: str) -> bool:
    return not operation.startswith("List")


def _described(model: ServiceModel, operation: str) -> set[str]:
    """Return the members of what an operation describes; some answers have it inside one member."""
    shape: Any = model.operation_model(operation).output_shape
    members: list[Shape] = list(shape.members.values())
    inner: Any = members[0]
    return set(
        inner.members if len(members) == 1 and inner.type_name == "structure" else shape.members
    )
