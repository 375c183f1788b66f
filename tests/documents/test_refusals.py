"""What cannot be loaded: named by file, key and position, and nothing of the call is added."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from support.answers_from_model import BACKUP, POINT, UUID, VAULT, VOLUME, full
from support.botocore_model import known
from support.client import call, whole
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, REGION

if TYPE_CHECKING:
    from pathlib import Path

    from fakebackup import FakeBackup

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT, history=None),
]

JOB = {"BackupJobId": "one", "State": "FAILED", "CreationDate": 1700000000}
DAILY = {"BackupVaultName": "Daily", "BackupVaultArn": VAULT, "CreationDate": 1700000000}
SNAPSHOT = {
    "RecoveryPointArn": POINT,
    "BackupVaultName": "Daily",
    "BackupVaultArn": VAULT,
    "Status": "COMPLETED",
    "CreationDate": 1700000000,
}
PLAN = {"BackupPlanId": UUID, "BackupPlanArn": f"{BACKUP}:backup-plan:{UUID}", "VersionId": "v"}
SELECTION = {"SelectionId": "s", "SelectionName": "Disks", "BackupPlanId": UUID}


def refuse(backup: FakeBackup, source: Any, text: str, **told: Any) -> None:
    """Hold that a source is refused with a text, and that nothing has changed."""
    before = whole(backup)
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(text)}"):
        backup.load(source, **told)
    assert whole(backup) == before


# --- Which operation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (
            {"BackupVaultNam": "Daily"},
            (
                "load() takes what a List, Describe or Get operation answers, and none answers "
                "'BackupVaultNam'; did you mean 'BackupVaultName'?"
            ),
        ),
        (
            {"BackupVaultName": "Daily", "BackupVaultArn": VAULT},
            (
                "No operation answers 'BackupVaultName', 'BackupVaultArn' together; the nearest is "
                "DescribeBackupVault, but it has no CreationDate. To load it as an answer of one, "
                "type load(..., operation='DescribeBackupVault')."
            ),
        ),
        (
            {"BackupPlan": {}, "BackupVaultName": "Daily"},
            "No operation answers 'BackupPlan', 'BackupVaultName' together; the nearest is ",
        ),
        (
            {"RecoveryPoints": [SNAPSHOT | {"BackupVaultArn": ...}]},
            (
                "'RecoveryPoints' may be the answer of ListRecoveryPointsByBackupVault or "
                "ListRecoveryPointsByResource: say which, as load(..., "
                "operation='ListRecoveryPointsByBackupVault'), or name the file for the command of "
                "the AWS CLI, as list-recovery-points-by-backup-vault.json."
            ),
        ),
        (
            {"Tags": {"a": "b"}},
            (
                "ListTags does not answer the resource that has the tags: type load(..., "
                "operation='ListTags', parameters={'ResourceArn': ...})."
            ),
        ),
        (
            {"BackupJobSummaries": []},
            (
                "The answer of ListBackupJobSummaries holds nothing to load: it counts jobs: load "
                "what ListBackupJobs answers."
            ),
        ),
    ],
    ids=["unknown", "flat", "mixed", "ambiguous", "tags", "nothing"],
)
def test_a_document_that_does_not_tell(
    backup: FakeBackup, document: dict[str, Any], text: str
) -> None:
    """It is said what the document has, what is near it, and what to type."""
    for entry in document.get("RecoveryPoints", []):
        entry.pop("BackupVaultArn")
    refuse(backup, document, text)


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        ("DescribeBackupVaul", "AWS Backup has no operation 'DescribeBackupVaul'; did you mean "),
        ("StartBackupJob", "The answer of StartBackupJob holds nothing to load: it is no List"),
        (3, "AWS Backup has no operation 3."),
    ],
)
def test_an_operation_that_answers_nothing(backup: FakeBackup, operation: Any, text: str) -> None:
    """An operation that does not exist, or reads nothing, is refused."""
    refuse(backup, {"BackupJobs": [JOB]}, text, operation=operation)


def test_members_of_another_operation(backup: FakeBackup) -> None:
    """The operation is what was said; members that it does not answer are refused."""
    refuse(
        backup,
        {"BackupVaultNam": "Daily"},
        "DescribeBackupVault: A vault has no member 'BackupVaultNam'; did you mean "
        "'BackupVaultName'?",
        operation="DescribeBackupVault",
    )


def test_a_list_of_something_else(backup: FakeBackup) -> None:
    """What a list does not answer is not passed over silently."""
    text = "ListFrameworks answers Frameworks, not 'BackupVaultList'."
    refuse(backup, {"BackupVaultList": [DAILY]}, text, operation="ListFrameworks")
    text = "ListFrameworks answers Frameworks, not 'Framework'; did you mean 'Frameworks'?"
    refuse(backup, {"Framework": []}, text, operation="ListFrameworks")


def test_a_refused_load_leaves_no_trace(backup: FakeBackup) -> None:
    """What was refused along with a bad job is nobody's afterwards, and a client may make it."""
    framework = {"FrameworkName": "Rules"}
    refuse(
        backup,
        {"Frameworks": [framework], "BackupJobs": [JOB, JOB]},
        "BackupJobs[1]: BackupJobId 'one' is taken",
    )
    control = {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}
    call("CreateFramework", FrameworkName="Rules", FrameworkControls=[control])
    text = f"Frameworks[0]: the framework 'Rules' of {ACCOUNT} in {REGION} is taken: a test or a "
    refuse(backup, {"Frameworks": [framework]}, text)


def test_parameters_are_a_dict(backup: FakeBackup) -> None:
    """What was asked is a dict."""
    text = "parameters is a dict of what was asked, not ['ResourceArn']."
    refuse(backup, {"Tags": {}}, text, operation="ListTags", parameters=["ResourceArn"])


# --- Entries ------------------------------------------------------------------------------------

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a vault without a name": (
        {"BackupVaultList": [DAILY, {"CreationDate": 1}]},
        "BackupVaultList[1]: a backup vault cannot be without BackupVaultName.",
    ),
    "a vault without a date": (
        {"BackupVaultList": [{"BackupVaultName": "Daily"}]},
        "BackupVaultList[0]: a vault cannot be without CreationDate.",
    ),
    "a vault of two names": (
        {"BackupVaultList": [DAILY | {"BackupVaultName": "Weekly"}]},
        f"BackupVaultList[0]: BackupVaultName 'Weekly' is not the name in BackupVaultArn {VAULT!r}",
    ),
    "a vault twice": (
        {"BackupVaultList": [DAILY, DAILY]},
        "BackupVaultList[1]: the vault 'Daily' is there twice: BackupVaultList[0] has it, too.",
    ),
    "a vault that is none": ({"BackupVaultList": [3]}, "BackupVaultList[0]: a vault is an object"),
    "no list": ({"BackupVaultList": {}}, "BackupVaultList is a list of backup vaults, not {}."),
    "a lock that contradicts itself": (
        {"BackupVaultList": [DAILY | {"MinRetentionDays": 9, "MaxRetentionDays": 3}]},
        "BackupVaultList[0]: MinRetentionDays 9 is more than MaxRetentionDays 3.",
    ),
    "a recovery point without a status": (
        {"RecoveryPoints": [{k: v for k, v in SNAPSHOT.items() if k != "Status"}]},
        "RecoveryPoints[0]: a recovery point cannot be without Status.",
    ),
    "a recovery point twice": (
        {"RecoveryPoints": [SNAPSHOT, SNAPSHOT]},
        f"RecoveryPoints[1]: the recovery point {POINT!r} is there twice: RecoveryPoints[0] has",
    ),
    "recovery points in a ring": (
        {"RecoveryPoints": [SNAPSHOT | {"ParentRecoveryPointArn": POINT}]},
        f"RecoveryPoints[0]: ParentRecoveryPointArn {POINT!r} is the recovery point itself",
    ),
    "a recovery point that ends too early": (
        {"RecoveryPoints": [SNAPSHOT | {"CompletionDate": 1}]},
        "RecoveryPoints[0]: CompletionDate is before CreationDate: ",
    ),
    "a selection whose plan is nowhere": (
        {"BackupSelectionsList": [SELECTION]},
        (
            f"BackupSelectionsList[0]: BackupPlanId {UUID!r} is no backup plan of account "
            f"{ACCOUNT} in {REGION}. Load what GetBackupPlan or ListBackupPlans answered for it"
        ),
    ),
    "a selection twice": (
        {"BackupPlansList": [PLAN], "BackupSelectionsList": [SELECTION, SELECTION]},
        "BackupSelectionsList[1]: the backup selection 's' is there twice: BackupSelectionsList[0]",
    ),
    "a plan twice": (
        {"BackupPlansList": [PLAN, PLAN]},
        f"BackupPlansList[1]: the backup plan '{UUID} v' is there twice: BackupPlansList[0] has it",
    ),
    "a plan without an id": (
        {"BackupPlansList": [{"BackupPlanName": "x"}]},
        "BackupPlansList[0]: a backup plan cannot be without BackupPlanId.",
    ),
    "a plan with a member of another noun": (
        {"BackupPlansList": [PLAN | {"BackupPlanNam": "x"}]},
        "BackupPlansList[0]: A backup plan has no member 'BackupPlanNam'; did you mean ",
    ),
    "a plan with an ARN of something else": (
        {"BackupPlansList": [PLAN | {"BackupPlanArn": VAULT}]},
        f"BackupPlansList[0]: BackupPlanArn {VAULT!r} is no ARN of a backup plan.",
    ),
    "a restore testing selection whose plan is nowhere": (
        full("ListRestoreTestingSelections"),
        "RestoreTestingSelections[0]: RestoreTestingPlanName 'Tests' is no restore testing plan",
    ),
    "a framework twice": (
        {"Frameworks": [{"FrameworkName": "x"}, {"FrameworkName": "x"}]},
        "Frameworks[1]: the framework 'x' is there twice: Frameworks[0] has it, too.",
    ),
    "an index of a recovery point that is nowhere": (
        {"RecoveryPointArn": POINT, "BackupVaultArn": VAULT, "IndexStatus": "ACTIVE"},
        f"GetRecoveryPointIndexDetails: there is no recovery point {POINT!r}: load what ",
    ),
    "metadata of a recovery point that is nowhere": (
        {"RecoveryPointArn": POINT, "BackupVaultArn": VAULT, "RestoreMetadata": {}},
        f"GetRecoveryPointRestoreMetadata: there is no recovery point {POINT!r}: load what ",
    ),
    "metadata of a restore job that is nowhere": (
        {"RestoreJobId": "x", "Metadata": {}},
        "GetRestoreJobMetadata: there is no restore job 'x': load what ListRestoreJobs or ",
    ),
    "a protected resource that is none": (
        {"Results": [{"ResourceArn": "vol-1"}]},
        "Results[0]: ResourceArn 'vol-1' is no ARN",
    ),
    "a protected resource twice": (
        {"Results": [{"ResourceArn": VOLUME}, {"ResourceArn": VOLUME}]},
        f"Results[1]: the protected resource {VOLUME!r} is there twice: Results[0] has it, too.",
    ),
    "a job among the rest": (
        {"BackupVaultList": [DAILY], "BackupJobs": [JOB, JOB]},
        "BackupJobs[1]: BackupJobId 'one' is taken: no two jobs of a fake share an id.",
    ),
}


KNOWN = [
    pytest.param(
        what,
        marks=pytest.mark.skipif(
            what.startswith("an index") and not known("GetRecoveryPointIndexDetails"),
            reason="this botocore knows no indexes",
        ),
    )
    for what in BAD
]


def operation_of(what: str) -> str | None:
    """The operation of a document that does not tell it: points without what they need."""
    return "ListRecoveryPointsByBackupVault" if "recovery point" in what[:20] else None


@pytest.mark.parametrize("what", KNOWN)
def test_a_bad_entry_is_named(backup: FakeBackup, what: str) -> None:
    """The key and the position are named, and what is right of the call is not added either."""
    document, text = BAD[what]
    told = {} if "RecoveryPoints" not in document else {"operation": operation_of(what)}
    if "ring" in what:
        told = {"operation": "ListRecoveryPointsByBackupVault"}
    good = {"Frameworks": [{"FrameworkName": "good"}], "ReportPlans": [{"ReportPlanName": "good"}]}
    refuse(backup, document, text, **told)
    if not told and len(document) == 1:
        beside = text.replace("is there twice: ", "is there twice: [1]: ")
        refuse(backup, [good, document], f"[1]: {beside}")


@pytest.mark.parametrize("what", KNOWN)
def test_a_bad_entry_of_a_file_is_named(backup: FakeBackup, what: str, tmp_path: Path) -> None:
    """The file is named, too, by the path that load() was given."""
    document, text = BAD[what]
    folder = tmp_path / "plans"
    folder.mkdir()
    name = "answer.json"
    if "RecoveryPoints" in document:
        name = "list-recovery-points-by-backup-vault.json"
    (folder / "a.json").write_text(json.dumps({"Frameworks": [{"FrameworkName": "good"}]}))
    path = folder / name
    path.write_text(json.dumps(document, default=str), "utf-8")
    text = text.replace("is there twice: ", f"is there twice: {path}: ")
    refuse(backup, folder, f"{path}: {text}")
    refuse(backup, path, f"{path}: {text}")


def test_a_bad_entry_among_good_ones(backup: FakeBackup, tmp_path: Path) -> None:
    """Of a folder with jobs, vaults and plans, the last selection being bad, nothing is added."""
    for name, document in (
        ("a-jobs", {"BackupJobs": [JOB]}),
        ("b-vaults", {"BackupVaultList": [DAILY]}),
        ("c-plans", {"BackupPlansList": [PLAN]}),
        ("d-selections", {"BackupSelectionsList": [SELECTION, SELECTION | {"SelectionName": 3}]}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    path = tmp_path / "d-selections.json"
    refuse(backup, tmp_path, f"{path}: BackupSelectionsList[1]: SelectionName takes str, not 3")
    path.write_text(json.dumps({"BackupSelectionsList": [SELECTION]}))
    assert [job.id for job in backup.load(tmp_path)] == ["one"]
    assert [each["BackupPlanId"] for each in call("ListBackupPlans")["BackupPlansList"]] == [UUID]
    assert list(backup.vaults) == ["Daily"]


# --- What the fake has --------------------------------------------------------------------------


def test_what_a_test_made_is_taken(backup: FakeBackup) -> None:
    """A thing that a test seeded is not overwritten, and not completed."""
    backup.add_vault(BackupVaultName="Daily")
    backup.add_recovery_point(RecoveryPointArn=POINT, BackupVaultName="Daily")
    control = {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}
    call("CreateFramework", FrameworkName="Rules", FrameworkControls=[control])
    rule = {"RuleName": "daily", "TargetBackupVaultName": "Daily"}
    plan = {"BackupPlanName": "Nightly", "Rules": [rule]}
    made = call("CreateBackupPlan", BackupPlan=plan)
    home = f"of {ACCOUNT} in {REGION} is taken: a test or a client made it."
    refuse(backup, {"BackupVaultList": [DAILY]}, f"BackupVaultList[0]: the vault 'Daily' {home}")
    refuse(
        backup,
        {"RecoveryPoints": [SNAPSHOT]},
        f"RecoveryPoints[0]: the recovery point {POINT!r} {home}",
        operation="ListRecoveryPointsByBackupVault",
    )
    rules = {"Frameworks": [{"FrameworkName": "Rules"}]}
    refuse(backup, rules, f"Frameworks[0]: the framework 'Rules' {home}")
    again = {name: made[name] for name in ("BackupPlanId", "BackupPlanArn")} | {"VersionId": "v"}
    text = f"BackupPlansList[0]: the backup plan '{made['BackupPlanId']} v' {home}"
    refuse(backup, {"BackupPlansList": [again]}, text)


def test_the_same_answer_again_is_taken(backup: FakeBackup) -> None:
    """One answer is loaded once."""
    for document, name in (
        ({"BackupVaultList": [DAILY]}, "BackupVaultList[0]: the vault 'Daily' "),
        ({"BackupPlansList": [PLAN]}, f"BackupPlansList[0]: the backup plan '{UUID} v' "),
        ({"Results": [{"ResourceArn": VOLUME}]}, "Results[0]: the protected resource "),
        (full("DescribeRegionSettings"), "DescribeRegionSettings: the region settings "),
    ):
        backup.load(document)
        before = whole(backup)
        with pytest.raises(ValueError, match=rf"^{re.escape(name)}.* is taken: it was loaded"):
            backup.load(document)
        assert whole(backup) == before


def test_a_point_in_another_vault(backup: FakeBackup) -> None:
    """One recovery point does not lie in two vaults."""
    backup.load({"RecoveryPoints": [SNAPSHOT]}, "ListRecoveryPointsByBackupVault")
    elsewhere = SNAPSHOT | {"BackupVaultName": "Weekly", "BackupVaultArn": f"{VAULT[:-5]}Weekly"}
    refuse(
        backup,
        elsewhere,
        f"DescribeRecoveryPoint: the recovery point {POINT!r} lies in backup vault 'Daily', not in "
        "'Weekly'.",
        operation="DescribeRecoveryPoint",
    )


def test_tags_of_nothing(backup: FakeBackup) -> None:
    """Tags are those of something that is in the call or in the fake."""
    text = f"ListTags: there is nothing with the ARN {VAULT!r} that could have tags: load what "
    tags = {"operation": "ListTags", "parameters": {"ResourceArn": VAULT}}
    refuse(backup, {"Tags": {"a": "b"}}, text, **tags)
    text = "ListTags: Tags is a dict of strings, not {'a': 3}."
    refuse(backup, {"Tags": {"a": 3}}, text, **tags)


def test_a_part_of_what_lies_elsewhere(backup: FakeBackup) -> None:
    """Of several wholes by one name, none of which lies here, it is said where they do."""
    plan = {"RestoreTestingPlans": [{"RestoreTestingPlanName": "tests"}]}
    for account in (OTHER_ACCOUNT, "444455556666"):
        backup.at(account_id=account).load(plan)
    selection = {"RestoreTestingPlanName": "tests", "RestoreTestingSelectionName": "disks"}
    text = (
        f"RestoreTestingSelections[0]: RestoreTestingPlanName 'tests' is no restore testing plan "
        f"of account {ACCOUNT} in {REGION}; there is one in account {OTHER_ACCOUNT} in {REGION}, "
        f"and in account 444455556666 in {REGION}: to load it there, type "
        f"backup.at(account_id={OTHER_ACCOUNT!r}, region={REGION!r}).load(...). Load what "
    )
    refuse(backup, {"RestoreTestingSelections": [selection]}, text)


def test_points_of_no_hold(backup: FakeBackup) -> None:
    """The recovery points of a legal hold are of one that is in the call or in the fake."""
    points = {"RecoveryPoints": [{"RecoveryPointArn": POINT}]}
    asked = {"operation": "ListRecoveryPointsByLegalHold", "parameters": {"LegalHoldId": "x"}}
    refuse(
        backup,
        points,
        f"RecoveryPoints[0]: 'x' is no legal hold of account {ACCOUNT} in {REGION}. Load what ",
        **asked,
    )
    refuse(
        backup,
        points,
        "ListRecoveryPointsByLegalHold does not answer the legal hold that it is of: type load(",
        operation="ListRecoveryPointsByLegalHold",
    )


# --- Documents of our own -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["recording", "dump"])
def test_a_newer_version(backup: FakeBackup, kind: str, tmp_path: Path) -> None:
    """A document of a newer fakebackup is refused, and both versions are told."""
    document = {"fakebackup": {"kind": kind, "version": 7}, "answers": []}
    text = (
        f"this {kind} is of version 7, and the newest that this fakebackup reads is 1: install a "
        "newer fakebackup."
    )
    refuse(backup, document, text)
    path = tmp_path / "account.json"
    path.write_text(json.dumps(document))
    refuse(backup, path, f"{path}: {text}")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"fakebackup": {"kind": "recordin", "version": 1}}, "a document of fakebackup is a "),
        ({"fakebackup": 3}, "a document of fakebackup is a recording or dump, not 3."),
        (
            {"fakebackup": {"kind": "recording", "version": "1"}},
            "the version of a recording is a whole number from 1, not '1'.",
        ),
        ({"fakebackup": {"kind": "recording", "version": 1}}, "answers is a list, not None."),
        (
            {"fakebackup": {"kind": "recording", "version": 1}, "answers": [3]},
            "answers[0]: an answer is an object, not 3.",
        ),
        (
            {"fakebackup": {"kind": "recording", "version": 1}, "answers": [{"operation": "x"}]},
            "answers[0]: an answer has an operation, an account_id and a region, not ",
        ),
    ],
    ids=["kind", "no object", "version", "no answers", "no answer", "no home"],
)
def test_a_broken_document_of_our_own(
    backup: FakeBackup, document: dict[str, Any], text: str
) -> None:
    """What is no recording is refused, its place named."""
    refuse(backup, document, text)


def test_a_bad_answer_in_a_recording(backup: FakeBackup) -> None:
    """The answer and the entry in it are named."""
    home = {"account_id": ACCOUNT, "region": REGION, "parameters": {}}
    answer = home | {"operation": "ListBackupVaults", "answer": {"BackupVaultList": [3]}}
    document = {"fakebackup": {"kind": "recording", "version": 1}, "answers": [answer]}
    refuse(backup, document, "answers[0]: BackupVaultList[0]: a vault is an object, not 3.")
    unknown = home | {"operation": "ListBackupVault", "answer": {}}
    text = "answers[0]: AWS Backup has no operation 'ListBackupVault'; did you mean "
    refuse(backup, {**document, "answers": [unknown]}, text)


def test_an_empty_folder(backup: FakeBackup, tmp_path: Path) -> None:
    """A folder without JSON files holds nothing."""
    text = f"There is nothing to load: the folder {tmp_path} holds no file named *.json."
    refuse(backup, tmp_path, text)


def test_a_page_that_is_none(backup: FakeBackup) -> None:
    """A list is a list of pages."""
    refuse(backup, [{"BackupJobs": [JOB]}, 3], "[1]: a page is an object, not 3.")
