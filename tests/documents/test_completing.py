"""Answers about one thing complete each other; a vault counts its recovery points once."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.answers_from_model import BACKUP, POINT, TEXTS, UUID, VAULT, VOLUME, full
from support.botocore_model import allows
from support.client import call
from support.constants import ACCOUNT, DAY, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from pathlib import Path

    from fakebackup import FakeBackup

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT, history=None),
]

PAIRS = {
    "vault": ("ListBackupVaults", "DescribeBackupVault", "BackupVaultName"),
    "framework": ("ListFrameworks", "DescribeFramework", "FrameworkName"),
    "legal hold": ("ListLegalHolds", "GetLegalHold", "LegalHoldId"),
    "report plan": ("ListReportPlans", "DescribeReportPlan", "ReportPlanName"),
    "restore job": ("ListRestoreJobs", "DescribeRestoreJob", "RestoreJobId"),
    "backup job": ("ListBackupJobs", "DescribeBackupJob", "BackupJobId"),
    "restore testing plan": (
        "ListRestoreTestingPlans",
        "GetRestoreTestingPlan",
        "RestoreTestingPlanName",
    ),
    "protected resource": (
        "ListProtectedResources",
        "DescribeProtectedResource",
        "ResourceArn",
    ),
}
"""Per noun: its list, its Describe, and the parameter of that."""


def answers(noun: str) -> tuple[tuple[str, Any], tuple[str, Any]]:
    """What the list and the Describe of a noun answer, with their operations."""
    listed, described, _ = PAIRS[noun]
    hidden = ("VaultState", "LockDate") if noun == "vault" else ()
    return (listed, full(listed, without=hidden)), (described, full(described))


def check_both(noun: str) -> None:
    """Hold that the list and the Describe are answered as they were."""
    (listed, list_answer), (described, answer) = answers(noun)
    name = PAIRS[noun][2]
    assert call(listed) == list_answer
    assert call(described, **{name: TEXTS[name]}) == answer


@pytest.mark.parametrize("noun", PAIRS)
@pytest.mark.parametrize("order", [1, -1], ids=["list first", "Describe first"])
@pytest.mark.parametrize("calls", [1, 2], ids=["one call", "two calls"])
def test_a_list_and_a_describe(
    backup: FakeBackup, noun: str, order: int, calls: int, tmp_path: Path
) -> None:
    """In either order, of one call or of two, both are answered as they were."""
    both = answers(noun)[::order]
    if calls == 2:
        for operation, answer in both:
            backup.load(answer, operation)
    else:
        for at, (operation, answer) in enumerate(both):
            text = json.dumps(
                {
                    "fakebackup": {"kind": "recording", "version": 1},
                    "answers": [
                        {
                            "operation": operation,
                            "account_id": ACCOUNT,
                            "region": REGION,
                            "parameters": {},
                            "answer": answer,
                        }
                    ],
                },
                default=datetime.isoformat,
            )
            (tmp_path / f"{at}.json").write_text(text, "utf-8")
        backup.load(tmp_path)
    check_both(noun)


def test_a_describe_counts_more(backup: FakeBackup) -> None:
    """Where a list and a Describe differ, as of a job that moved meanwhile, Describe counts."""
    job = {"BackupJobId": "one", "CreationDate": NOW, "PercentDone": "0.0"}
    listed = {"BackupJobs": [job | {"State": "RUNNING"}]}
    described = job | {"State": "COMPLETED", "CompletionDate": NOW}
    for order in (1, -1):
        backup.reset()
        documents: list[dict[str, Any]] = [listed, described]
        for document in documents[::order]:
            backup.load(document)
        assert call("DescribeBackupJob", BackupJobId="one") == described
        assert call("ListBackupJobs", ByState="COMPLETED")["BackupJobs"] == [described]
        assert call("ListBackupJobs", ByState="RUNNING")["BackupJobs"] == []
        assert len(backup.backup_jobs) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_the_describe_of_an_entry_counts_more(backup: FakeBackup, order: int) -> None:
    """In two loads, too, the list's word counts less, whichever comes last."""
    listed: dict[str, Any] = {
        "Frameworks": [
            {"FrameworkName": "x", "DeploymentStatus": "CREATE_IN_PROGRESS", "NumberOfControls": 4}
        ]
    }
    described = {"FrameworkName": "x", "DeploymentStatus": "COMPLETED"}
    for document, operation in [
        (listed, "ListFrameworks"),
        (described, "DescribeFramework"),
    ][::order]:
        backup.load(document, operation)
    assert call("DescribeFramework", FrameworkName="x") == described
    (shown,) = call("ListFrameworks")["Frameworks"]
    assert shown == described | {"NumberOfControls": 4}


def test_pages(backup: FakeBackup) -> None:
    """The pages of a list, as a paginator gives them, are loaded in their order."""
    pages = [
        {"Frameworks": [{"FrameworkName": name}], "NextToken": "more", "ResponseMetadata": {}}
        for name in ("b", "a")
    ]
    backup.load(pages)
    assert [each["FrameworkName"] for each in call("ListFrameworks")["Frameworks"]] == ["b", "a"]


def test_a_file_of_pages(backup: FakeBackup, tmp_path: Path) -> None:
    """A file may hold the list of the pages."""
    path = tmp_path / "pages.json"
    path.write_text(json.dumps([{"Frameworks": [{"FrameworkName": name}]} for name in "ba"]))
    backup.load(path)
    assert [each["FrameworkName"] for each in call("ListFrameworks")["Frameworks"]] == ["b", "a"]


def test_several_lists_in_one_document(backup: FakeBackup) -> None:
    """One document may hold the lists of several nouns, jobs among them."""
    job = {"BackupJobId": "one", "State": "FAILED", "CreationDate": NOW}
    document = {"Frameworks": [{"FrameworkName": "Rules"}], "BackupJobs": [job]}
    assert [each.id for each in backup.load(document)] == ["one"]
    assert call("ListFrameworks") == {"Frameworks": [{"FrameworkName": "Rules"}]}


# --- Where things lie ---------------------------------------------------------------------------


def test_the_arn_decides_where_a_thing_lies(backup: FakeBackup) -> None:
    """Account and Region of an ARN count more than where the fake is looked at."""
    home = f"arn:aws:backup:{OTHER_REGION}:{OTHER_ACCOUNT}"
    framework = {"FrameworkName": "x", "FrameworkArn": f"{home}:framework:x-1"}
    vault = {
        "BackupVaultName": "Daily",
        "BackupVaultArn": f"{home}:backup-vault:Daily",
        "CreationDate": NOW,
    }
    there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    there.load({"Frameworks": [framework]})
    there.load({"BackupVaultList": [vault]})
    assert call("ListFrameworks") == {"Frameworks": []}
    assert not backup.vaults
    assert list(there.vaults) == ["Daily"]
    with backup.acting_as(OTHER_ACCOUNT):
        (shown,) = call("ListFrameworks", region=OTHER_REGION)["Frameworks"]
    assert shown["FrameworkName"] == "x"


def test_a_selection_lies_where_its_plan_does(backup: FakeBackup) -> None:
    """A selection, which has no ARN, goes to the account and Region of its plan."""
    arn = f"arn:aws:backup:{OTHER_REGION}:{OTHER_ACCOUNT}:backup-plan:{UUID}"
    plan = {"BackupPlanId": UUID, "BackupPlanArn": arn, "VersionId": "v", "CreationDate": NOW}
    chosen = {"SelectionId": "s", "BackupPlanId": UUID}
    there = backup.at(account_id=OTHER_ACCOUNT)
    there.load([{"BackupSelectionsList": [chosen]}, {"BackupPlansList": [plan]}])
    with backup.acting_as(OTHER_ACCOUNT):
        shown = call("ListBackupSelections", region=OTHER_REGION, BackupPlanId=UUID)
    assert shown == {"BackupSelectionsList": [chosen]}


# --- Counts -------------------------------------------------------------------------------------


def vault(count: int | None) -> dict[str, Any]:
    """A list with one vault, of which AWS said how many recovery points it has."""
    said = {} if count is None else {"NumberOfRecoveryPoints": count}
    own = {"BackupVaultName": "Daily", "BackupVaultArn": VAULT, "CreationDate": NOW - 9 * DAY}
    return {"BackupVaultList": [own | said]}


def points(*names: str) -> dict[str, Any]:
    """A list of a vault's recovery points."""
    return {
        "RecoveryPoints": [
            {
                "RecoveryPointArn": f"arn:aws:ec2:{REGION}::snapshot/snap-{name}",
                "BackupVaultName": "Daily",
                "BackupVaultArn": VAULT,
                "ResourceArn": VOLUME,
                "Status": "COMPLETED",
                "CreationDate": NOW - DAY,
            }
            for name in names
        ]
    }


def jobs(*names: str) -> dict[str, Any]:
    """A list of jobs, each of which has left a recovery point in the vault."""
    return {
        "BackupJobs": [
            {
                "BackupJobId": f"job-{name}",
                "BackupVaultName": "Daily",
                "BackupVaultArn": VAULT,
                "RecoveryPointArn": f"arn:aws:ec2:{REGION}::snapshot/snap-{name}",
                "ResourceArn": VOLUME,
                "ResourceType": "EBS",
                "State": "COMPLETED",
                "CreationDate": NOW - DAY,
            }
            for name in names
        ]
    }


def counted() -> int:
    """How many recovery points the vault has, as it says itself."""
    found: int = call("DescribeBackupVault", BackupVaultName="Daily")["NumberOfRecoveryPoints"]
    return found


def listed() -> list[str]:
    """The names of the vault's recovery points, as they are listed."""
    answer = call("ListRecoveryPointsByBackupVault", BackupVaultName="Daily")
    return sorted(each["RecoveryPointArn"].rpartition("-")[2] for each in answer["RecoveryPoints"])


def test_the_count_is_what_aws_said(backup: FakeBackup) -> None:
    """As long as no recovery point is loaded, the vault has as many as AWS said."""
    backup.load(vault(3))
    assert counted() == 3
    assert listed() == []
    with pytest.raises(ClientError, match="recovery points"):
        call("DeleteBackupVault", BackupVaultName="Daily")


@pytest.mark.parametrize("looked", [False, True], ids=["", "looked at in between"])
@pytest.mark.parametrize(
    "order", list(itertools.permutations(range(3))), ids=lambda each: "".join(map(str, each))
)
def test_each_point_counts_once(
    backup: FakeBackup, order: tuple[int, ...], *, looked: bool
) -> None:
    """Vault, recovery points and the jobs that left them, in any order: each counts once."""
    documents = [vault(3), points("a", "b", "c"), jobs("a", "b")]
    for at in order:
        backup.load(documents[at])
        if looked:
            assert len(backup.vaults) == 1
    assert counted() == 3
    assert listed() == ["a", "b", "c"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_part_of_the_points(backup: FakeBackup, order: int) -> None:
    """Of the recovery points that AWS counted, some are known: they are among them."""
    for document in [vault(5), points("a", "b")][::order]:
        backup.load(document)
    assert counted() == 5
    assert listed() == ["a", "b"]
    call(
        "DeleteRecoveryPoint",
        BackupVaultName="Daily",
        RecoveryPointArn=points("a")["RecoveryPoints"][0]["RecoveryPointArn"],
    )
    assert counted() == 4


def test_a_new_point_counts(backup: FakeBackup) -> None:
    """What is backed up after loading comes on top."""
    backup.load([vault(3), points("a", "b", "c")])
    backup.add_recovery_point(BackupVaultName="Daily")
    job = call(
        "StartBackupJob",
        BackupVaultName="Daily",
        ResourceArn=VOLUME,
        IamRoleArn=TEXTS["IamRoleArn"],
    )
    backup.backup_jobs[job["BackupJobId"]].complete()
    assert counted() == 5


def test_a_job_whose_point_is_gone(backup: FakeBackup) -> None:
    """A recorded job leaves no recovery point in a recorded vault that does not have it."""
    backup.load([vault(1), points("b"), jobs("a", "b")])
    assert counted() == 1
    assert listed() == ["b"]


@pytest.mark.parametrize("left", [[], ["b"]], ids=["none", "one"])
def test_a_list_without_what_jobs_left(backup: FakeBackup, left: list[str]) -> None:
    """What jobs have left already goes when the whole list of its vault is loaded without it."""
    backup.load(jobs("a", "b"))
    assert listed() == ["a", "b"]
    asked = {"BackupVaultName": "Daily"}
    backup.load(points(*left), operation="ListRecoveryPointsByBackupVault", parameters=asked)
    assert listed() == left
    assert counted() == len(left)


def test_more_points_than_aws_counted(backup: FakeBackup) -> None:
    """AWS counts late: what was listed counts, and what is deleted counts no more."""
    backup.load([vault(1), points("a", "b", "c")])
    assert counted() == 3
    arn = points("a")["RecoveryPoints"][0]["RecoveryPointArn"]
    call("DeleteRecoveryPoint", BackupVaultName="Daily", RecoveryPointArn=arn)
    assert counted() == 2


def test_a_job_whose_vault_is_gone(backup: FakeBackup) -> None:
    """A recorded job leaves no vault where all vaults were recorded without it."""
    backup.load([{"BackupVaultList": []}, jobs("a")])
    assert not backup.vaults


def test_jobs_leave_what_aws_counted(backup: FakeBackup) -> None:
    """Without the list of a vault's recovery points, those of jobs are among what AWS counted."""
    backup.load([vault(1), jobs("a", "b")])
    assert counted() == 1
    assert len(listed()) == 1


def test_jobs_alone_leave_what_they_left(backup: FakeBackup) -> None:
    """Where nothing but jobs was recorded, their vault and recovery points are made."""
    backup.load(jobs("a", "b"))
    assert listed() == ["a", "b"]
    assert counted() == 2


def test_recorded_jobs_change_no_recorded_point(backup: FakeBackup) -> None:
    """A restore or scan that was recorded adds nothing to a recovery point that was."""
    restore = {
        "RestoreJobId": "r",
        "RecoveryPointArn": points("a")["RecoveryPoints"][0]["RecoveryPointArn"],
        "BackupVaultArn": VAULT,
        "Status": "COMPLETED",
        "CreationDate": NOW,
    }
    backup.load([vault(1), points("a"), {"RestoreJobs": [restore]}])
    answer = call("ListRecoveryPointsByBackupVault", BackupVaultName="Daily")
    assert answer == points("a")


@pytest.mark.skipif(
    not allows("VaultType", "RESTORE_ACCESS_BACKUP_VAULT"),
    reason="this botocore knows no such type",
)
def test_a_restore_access_vault_shows_its_sources_points(backup: FakeBackup) -> None:
    """Recovery points recorded of both vaults are those of the source, shown in both."""
    source = f"{BACKUP}:backup-vault:Gapped"
    own = {"BackupVaultName": "Gapped", "BackupVaultArn": source, "CreationDate": NOW}
    opened = {
        "BackupVaultName": "Opened",
        "BackupVaultArn": f"{BACKUP}:backup-vault:Opened",
        "CreationDate": NOW,
        "VaultType": "RESTORE_ACCESS_BACKUP_VAULT",
        "SourceBackupVaultArn": source,
        "NumberOfRecoveryPoints": 1,
    }
    gapped = own | {
        "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        "NumberOfRecoveryPoints": 1,
    }
    point = {
        "RecoveryPointArn": f"{BACKUP}:recovery-point:1",
        "Status": "COMPLETED",
        "CreationDate": NOW,
        "ResourceArn": VOLUME,
    }
    both = [
        point | {name: each[name] for name in ("BackupVaultName", "BackupVaultArn", "VaultType")}
        for each in (gapped, opened)
    ]
    backup.load(gapped, "DescribeBackupVault")
    backup.load(opened, "DescribeBackupVault")
    home = {"account_id": ACCOUNT, "region": REGION}
    backup.load(
        {
            "fakebackup": {"kind": "recording", "version": 1},
            "answers": [
                home
                | {
                    "operation": "ListRecoveryPointsByBackupVault",
                    "parameters": {"BackupVaultName": each["BackupVaultName"]},
                    "answer": {"RecoveryPoints": [each | {"CreationDate": NOW.isoformat()}]},
                }
                for each in both
            ],
        }
    )
    for each in (gapped, opened):
        name = each["BackupVaultName"]
        assert call("DescribeBackupVault", BackupVaultName=name) == each
        answer = call("ListRecoveryPointsByBackupVault", BackupVaultName=name)
        assert [shown["BackupVaultName"] for shown in answer["RecoveryPoints"]] == [name]


# --- What goes on -------------------------------------------------------------------------------


def test_a_deleted_plan(backup: FakeBackup) -> None:
    """A plan with a DeletionDate is listed with the deleted ones, and found by its version."""
    answer = full("GetBackupPlan", without=("ScheduledRunsPreview",))
    for name in ("AdvancedBackupSettings", "ScanSettings"):
        answer["BackupPlan"].pop(name, None)
    backup.load(answer)
    assert call("ListBackupPlans") == {"BackupPlansList": []}
    (shown,) = call("ListBackupPlans", IncludeDeleted=True)["BackupPlansList"]
    assert shown["DeletionDate"] == answer["DeletionDate"]
    asked = {name: answer[name] for name in ("BackupPlanId", "VersionId")}
    assert call("GetBackupPlan", **asked) == answer


def test_versions_of_a_plan(backup: FakeBackup) -> None:
    """The versions of a plan, each as GetBackupPlan answered it, are kept, the newest present."""
    first = {
        "BackupPlanId": UUID,
        "BackupPlanArn": f"{BACKUP}:backup-plan:{UUID}",
        "VersionId": "MQ==",
        "CreationDate": NOW - 2 * DAY,
        "BackupPlan": {
            "BackupPlanName": "Nightly",
            "Rules": [{"RuleName": "old", "TargetBackupVaultName": "Daily"}],
        },
    }
    second = first | {"VersionId": "Mg==", "CreationDate": NOW - DAY}
    second["BackupPlan"] = {
        "BackupPlanName": "Nightly",
        "Rules": [{"RuleName": "new", "TargetBackupVaultName": "Daily"}],
    }
    backup.load([second, first])
    assert call("GetBackupPlan", BackupPlanId=UUID) == second
    assert call("GetBackupPlan", BackupPlanId=UUID, VersionId="MQ==") == first
    versions = call("ListBackupPlanVersions", BackupPlanId=UUID)["BackupPlanVersionsList"]
    assert [each["VersionId"] for each in versions] == ["MQ==", "Mg=="]


def test_a_loaded_plan_runs(backup: FakeBackup) -> None:
    """A plan and a selection that were loaded start jobs, whose members agree with them."""
    plan = full("GetBackupPlan", without=("ScheduledRunsPreview", "DeletionDate", "CopyActions"))
    for name in ("AdvancedBackupSettings", "ScanSettings"):
        plan["BackupPlan"].pop(name, None)
    selection = {
        "BackupPlanId": UUID,
        "SelectionId": "s",
        "BackupSelection": {
            "SelectionName": "disks",
            "IamRoleArn": TEXTS["IamRoleArn"],
            "Resources": [VOLUME],
        },
    }
    backup.load([plan, selection, vault(0)])
    (job,) = backup.run_plan(UUID)
    assert job["ResourceArn"] == VOLUME
    assert job["CreatedBy"]["BackupPlanId"] == UUID
    assert job["BackupVaultName"] == "Daily"


def test_a_loaded_thing_can_be_changed(backup: FakeBackup) -> None:
    """Clients change and delete what was loaded, even with few members."""
    backup.load(vault(None))
    assert "NumberOfRecoveryPoints" not in call("DescribeBackupVault", BackupVaultName="Daily")
    call("PutBackupVaultLockConfiguration", BackupVaultName="Daily", MinRetentionDays=7)
    assert call("DescribeBackupVault", BackupVaultName="Daily")["Locked"] is True
    call("DeleteBackupVaultLockConfiguration", BackupVaultName="Daily")
    backup.load(points("a"), "ListRecoveryPointsByBackupVault")
    arn = points("a")["RecoveryPoints"][0]["RecoveryPointArn"]
    named = {"BackupVaultName": "Daily", "RecoveryPointArn": arn}
    call("UpdateRecoveryPointLifecycle", **named, Lifecycle={"DeleteAfterDays": 9})
    shown = call("DescribeRecoveryPoint", **named)
    assert shown["CalculatedLifecycle"]["DeleteAt"] == shown["CreationDate"] + 9 * DAY
    call("DeleteRecoveryPoint", **named)
    call("DeleteBackupVault", BackupVaultName="Daily")
    assert not backup.vaults


def test_a_protected_resource_that_is_backed_up_again(backup: FakeBackup) -> None:
    """What was recorded of a resource holds until it is backed up again."""
    backup.load(full("ListProtectedResources"))
    assert call("ListProtectedResources") == full("ListProtectedResources")
    backup.add_recovery_point(ResourceArn=VOLUME, CreationDate=NOW)
    (shown,) = call("ListProtectedResources")["Results"]
    assert shown["LastBackupTime"] == NOW
    assert shown["LastRecoveryPointArn"] != POINT


def test_a_protected_resource_with_backups_already(backup: FakeBackup) -> None:
    """None of the recovery points that are there is newer than what was recorded."""
    for days in (2, 1, 3):
        backup.add_recovery_point(ResourceArn=VOLUME, CreationDate=NOW - days * DAY)
    backup.load(full("ListProtectedResources"))
    assert call("ListProtectedResources") == full("ListProtectedResources")


def recording(*answers: tuple[str, dict[str, str], Any]) -> dict[str, Any]:
    """A recording of answers: of each the operation, what it was asked, and the answer."""
    return {
        "fakebackup": {"kind": "recording", "version": 1},
        "complete": True,
        "refused": [],
        "answers": [
            {
                "operation": operation,
                "account_id": ACCOUNT,
                "region": REGION,
                "parameters": asked,
                "answer": answer,
            }
            for operation, asked, answer in answers
        ],
    }


def test_the_later_of_two_lists_counts(backup: FakeBackup) -> None:
    """What both say of a job is what the one said that was asked later."""
    job = {"RestoreJobId": "r", "CreationDate": NOW, "SourceResourceArn": VOLUME}
    operation = "ListRestoreJobsByProtectedResource"
    backup.load(
        recording(
            ("ListRestoreJobs", {}, {"RestoreJobs": [{**job, "Status": "RUNNING"}]}),
            (operation, {"ResourceArn": VOLUME}, {"RestoreJobs": [{**job, "Status": "COMPLETED"}]}),
        )
    )
    assert backup.restore_jobs["r"].state == "COMPLETED"


@pytest.mark.parametrize(
    ("operation", "key", "describe", "name"),
    [
        ("ListBackupVaults", "BackupVaultList", "DescribeBackupVault", "BackupVaultName"),
        ("ListFrameworks", "Frameworks", "DescribeFramework", "FrameworkName"),
        ("ListLegalHolds", "LegalHolds", "GetLegalHold", "LegalHoldId"),
    ],
)
def test_the_order_is_that_of_the_list(
    backup: FakeBackup, operation: str, key: str, describe: str, name: str
) -> None:
    """Also where what describes one of them is read first."""
    created = {"CreationTime" if key == "Frameworks" else "CreationDate": NOW}
    first, second = ({name: each, **created} for each in ("zebra", "aardvark"))
    backup.load(recording((describe, {}, second), (operation, {}, {key: [first, second]})))
    assert [each[name] for each in call(operation)[key]] == ["zebra", "aardvark"]


def test_restore_metadata_of_a_loaded_job(backup: FakeBackup) -> None:
    """The metadata that a restore job was started with is its own."""
    job = {"RestoreJobId": "r", "Status": "RUNNING", "CreationDate": NOW}
    backup.load([{"RestoreJobId": "r", "Metadata": {"a": "b"}}, {"RestoreJobs": [job]}])
    answer = {"RestoreJobId": "r", "Metadata": {"a": "b"}}
    assert call("GetRestoreJobMetadata", RestoreJobId="r") == answer
    assert call("ListRestoreJobs") == {"RestoreJobs": [job]}
