"""Every List, Describe and Get operation: its answer is loaded and answered alike, or refused."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore import xform_name

from fakebackup.documents.loadable import HELD, NOTHING_TO_KEEP
from support.answers_from_model import POINT, TEXTS, VAULT, VOLUME, full
from support.botocore_model import every, known, model
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.dumped import hold_dumped

if TYPE_CHECKING:
    from pathlib import Path

    from fakebackup import FakeBackup

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, history=None),
]

READS = ("List", "Describe", "Get")


class Case(NamedTuple):
    """How an answer is read back, and what it stands on.

    Attributes:
        asked: the members of the answer that are the parameters of its operation, by name.
        beside: operations whose answers are loaded, too, since it is of what they answer.
        parameters: parameters of the call that the answer does not repeat.
        without: members that are left out: AWS leaves them out, or they exclude each other.
    """

    asked: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}  # noqa: RUF012  nobody changes it
    without: tuple[str, ...] = ()


_IN_PLAN = ("AdvancedBackupSettings", "ScanSettings")
_POINT = ("BackupVaultName", "RecoveryPointArn")

CASES: dict[str, Case] = {
    "DescribeBackupAccessPoint": Case(("AccessPointArn",)),
    "DescribeBackupJob": Case(("BackupJobId",)),
    "DescribeBackupVault": Case(("BackupVaultName",)),
    "DescribeCopyJob": Case(("CopyJobId",)),
    "DescribeFramework": Case(("FrameworkName",)),
    "DescribeProtectedResource": Case(("ResourceArn",)),
    "DescribeRecoveryPoint": Case(_POINT),
    "DescribeReportJob": Case(("ReportJobId",)),
    "DescribeReportPlan": Case(("ReportPlanName",)),
    "DescribeRestoreJob": Case(("RestoreJobId",)),
    "DescribeScanJob": Case(("ScanJobId",)),
    # Without the preview, which is worked out for who asks; settings stand beside the document.
    "GetBackupPlan": Case(("BackupPlanId",), without=("ScheduledRunsPreview", "DeletionDate")),
    "GetBackupSelection": Case(("BackupPlanId", "SelectionId"), ("ListBackupPlans",)),
    "GetBackupVaultAccessPolicy": Case(("BackupVaultName",)),
    "GetBackupVaultNotifications": Case(("BackupVaultName",)),
    "GetLegalHold": Case(("LegalHoldId",)),
    "GetRecoveryPointIndexDetails": Case(
        _POINT, ("DescribeRecoveryPoint",), {"BackupVaultName": "Daily"}
    ),
    "GetRecoveryPointRestoreMetadata": Case(
        _POINT, ("DescribeRecoveryPoint",), {"BackupVaultName": "Daily"}
    ),
    "GetRestoreJobMetadata": Case(("RestoreJobId",), ("ListRestoreJobs",)),
    "GetRestoreTestingPlan": Case(("RestoreTestingPlanName",)),
    "GetRestoreTestingSelection": Case(
        ("RestoreTestingPlanName", "RestoreTestingSelectionName"), ("GetRestoreTestingPlan",)
    ),
    "GetTieringConfiguration": Case(("TieringConfigurationName",)),
    "ListBackupAccessPointsByRecoveryPoint": Case(parameters={"RecoveryPointArn": POINT}),
    "ListBackupAccessPointsByResource": Case(parameters={"ResourceArn": VOLUME}),
    "ListBackupPlanVersions": Case(("BackupPlanId",), without=("DeletionDate",)),
    "ListBackupPlans": Case(without=("DeletionDate",)),
    "ListBackupSelections": Case(("BackupPlanId",), ("GetBackupPlan",)),
    # What Describe alone shows.
    "ListBackupVaults": Case(without=("VaultState", "LockDate")),
    "ListProtectedResourcesByBackupVault": Case(
        beside=("DescribeBackupVault",), parameters={"BackupVaultName": "Daily"}
    ),
    "ListRecoveryPointsByBackupVault": Case(("BackupVaultName",)),
    "ListRecoveryPointsByLegalHold": Case(
        beside=("GetLegalHold",), parameters={"LegalHoldId": TEXTS["LegalHoldId"]}
    ),
    "ListRecoveryPointsByResource": Case(parameters={"ResourceArn": VOLUME}),
    "ListRestoreAccessBackupVaults": Case(
        beside=("DescribeBackupVault",), parameters={"BackupVaultName": "Daily"}
    ),
    "ListRestoreJobsByProtectedResource": Case(parameters={"ResourceArn": VOLUME}),
    "ListRestoreTestingSelections": Case(("RestoreTestingPlanName",), ("ListRestoreTestingPlans",)),
    "ListTags": Case(beside=("ListBackupVaults",), parameters={"ResourceArn": VAULT}),
}
"""The operations of which there is something to say; the others are asked as they are."""


def case(operation: str) -> Case:
    """How the answer of an operation is read back."""
    return CASES.get(operation, Case())


def recorded(operation: str) -> dict[str, Any]:
    """An answer with every member that is shown."""
    answer = full(operation, without=case(operation).without)
    for name in _IN_PLAN:
        answer.get("BackupPlan", {}).pop(name, None)
    return answer


def written(operation: str) -> Any:
    """An answer as the AWS CLI prints it: dates as text."""
    return json.loads(json.dumps(recorded(operation), default=datetime.isoformat))


def asked(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The parameters that an answer is the answer to."""
    inside: Any = answer
    while inside.keys().isdisjoint(case(operation).asked) and case(operation).asked:
        inside = next(iter(inside.values()))
        inside = inside[0] if isinstance(inside, list) else inside
    named = {name: inside[name] for name in case(operation).asked if name in inside}
    return {**case(operation).parameters, **named}


def told(operation: str) -> dict[str, Any]:
    """What is passed to load() for what an answer does not say of itself."""
    return {"operation": operation, "parameters": case(operation).parameters}


def load_beside(backup: FakeBackup, operation: str) -> None:
    """Load what the answer of an operation stands on."""
    for each in case(operation).beside:
        backup.load(recorded(each), **told(each))


def test_every_operation_has_a_row() -> None:
    """Each read operation of botocore's model can be loaded, or is refused for a reason."""
    reads = {name for name in model().operation_names if name.startswith(READS)}
    assert reads <= HELD.keys() | NOTHING_TO_KEEP.keys()
    assert not HELD.keys() & NOTHING_TO_KEEP.keys()


@every(HELD)
def test_an_answer_comes_back_as_it_was(backup: FakeBackup, operation: str) -> None:
    """What an operation answered, every member there, is what a client is answered again."""
    load_beside(backup, operation)
    answer = recorded(operation)
    backup.load(answer, **told(operation))
    hold_dumped(backup, {"region": REGION, "history": None})
    assert call(operation, **asked(operation, answer)) == answer


@every(HELD)
def test_a_file_of_the_cli_tells_its_operation(
    backup: FakeBackup, operation: str, tmp_path: Path
) -> None:
    """A folder of what the AWS CLI printed, each file named as its command, is loaded whole."""
    names = (*case(operation).beside, operation)
    for at, each in enumerate(names):
        path = tmp_path / f"{xform_name(each, '-')}-{at}.json"
        path.write_text(json.dumps(written(each), indent=4), "utf-8")
    backup.load(tmp_path, parameters=case(operation).parameters)
    answer = recorded(operation)
    assert call(operation, **asked(operation, answer)) == answer


@every(HELD)
def test_a_recording_tells_all_of_it(backup: FakeBackup, operation: str) -> None:
    """An answer in a recording needs nothing besides: its call is recorded with it."""
    answers = [
        {
            "operation": each,
            "account_id": ACCOUNT,
            "region": REGION,
            "parameters": asked(each, recorded(each)),
            "answer": written(each),
        }
        for each in (operation, *case(operation).beside)
    ]
    label = {"kind": "recording", "version": 1}
    elsewhere = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    elsewhere.load({"fakebackup": label, "answers": answers, "refused": []})
    answer = recorded(operation)
    assert call(operation, **asked(operation, answer)) == answer


@every(NOTHING_TO_KEEP)
def test_an_answer_that_holds_nothing(backup: FakeBackup, operation: str) -> None:
    """What is counted, worked out or AWS's own is refused, and the reason told."""
    reason = NOTHING_TO_KEEP[operation]
    text = re.escape(f"The answer of {operation} holds nothing to load: {reason}.")
    with pytest.raises(ValueError, match=f"^{text}$"):
        backup.load(full(operation), operation)


def test_recordings_pass_over_what_holds_nothing(backup: FakeBackup) -> None:
    """A recording may have the answers of all operations: counts and templates are no harm."""
    answer = {"operation": "GetSupportedResourceTypes", "answer": {"ResourceTypes": ["EBS"]}}
    home = {"account_id": "123456789012", "region": REGION, "parameters": {}}
    label = {"kind": "recording", "version": 1}
    assert backup.load({"fakebackup": label, "answers": [answer | home]}) == []


LEAST: dict[str, dict[str, Any]] = {
    "ListBackupVaults": {
        "BackupVaultList": [
            {"BackupVaultName": "Daily", "BackupVaultArn": VAULT, "CreationDate": NOW}
        ]
    },
    "ListRecoveryPointsByBackupVault": {
        "RecoveryPoints": [
            {
                "RecoveryPointArn": POINT,
                "BackupVaultName": "Daily",
                "BackupVaultArn": VAULT,
                "Status": "COMPLETED",
                "CreationDate": NOW,
                "Lifecycle": {"DeleteAfterDays": 30},
            }
        ]
    },
    "ListBackupPlans": {"BackupPlansList": [{"BackupPlanId": "plan", "BackupPlanName": "x"}]},
    "ListFrameworks": {"Frameworks": [{"FrameworkName": "Rules"}]},
    "ListReportPlans": {"ReportPlans": [{"ReportPlanName": "Weekly"}]},
    "ListLegalHolds": {"LegalHolds": [{"LegalHoldId": "hold"}]},
    "ListTieringConfigurations": {"TieringConfigurations": [{"TieringConfigurationName": "Cold"}]},
    "ListProtectedResources": {"Results": [{"ResourceArn": VOLUME}]},
    "ListBackupAccessPoints": {"BackupAccessPoints": [{"Name": "reader"}]},
    "ListIndexedRecoveryPoints": {
        "IndexedRecoveryPoints": [
            {
                "RecoveryPointArn": POINT,
                "BackupVaultArn": VAULT,
                "BackupCreationDate": NOW,
                "IndexStatus": "ACTIVE",
            }
        ]
    },
}
"""Answers of older AWS, with as few members as they can have."""


@every(LEAST)
def test_no_member_is_added(backup: FakeBackup, operation: str) -> None:
    """A thing with few members is listed with those alone."""
    answer = LEAST[operation]
    backup.load(answer, operation)
    hold_dumped(backup, {"region": REGION, "history": None})
    asked_of = {"BackupVaultName": "Daily"} if operation.endswith("ByBackupVault") else {}
    assert call(operation, **asked_of) == answer


def test_the_cases_are_of_operations() -> None:
    """No case is left of an operation that cannot be loaded."""
    assert CASES.keys() <= HELD.keys()
    assert any(known(name) for name in CASES)
