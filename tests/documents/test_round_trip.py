"""A whole account, read by every operation, loaded elsewhere, and answered alike."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fakebackup import mock_backup
from fakebackup.documents.loadable import HELD
from support import world
from support.botocore_model import known, model
from support.client import call
from support.constants import ACCOUNT, NOW, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakebackup import FakeBackup

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT, history=None),
]

Answers = list[tuple[str, dict[str, Any], dict[str, Any]]]

ALIASES = {"ResourceArn": ("ResourceArn", "BackupVaultArn", "BackupPlanArn", "FrameworkArn")}
"""Other members whose values are those of a parameter."""


def needed(operation: str) -> list[str]:
    """The parameters that an operation cannot do without."""
    shape: Any = model().operation_model(operation).input_shape
    return [] if shape is None else list(shape.required_members)


def structures(value: Any) -> Iterator[dict[str, Any]]:
    """Every structure in an answer."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, (dict, list)):
            yield from structures(each)


def asked(operation: str, answers: Answers) -> list[dict[str, Any]]:
    """What an operation can be asked, by what is known so far."""
    found: dict[str, dict[str, Any]] = {}
    names = needed(operation)
    if not names:
        return [{}]
    for _, parameters, answer in answers:
        for each in structures(answer):
            values = parameters | each
            for member in ALIASES.get(names[0], names[:1]):
                asks = {**values, names[0]: values.get(member)}
                given = {name: asks.get(name) for name in names}
                if None not in given.values():
                    found[json.dumps(given, default=str)] = given
    return list(found.values())


def read_all() -> Answers:
    """Every answer that can be had: of the lists first, then of all that they name."""
    answers: Answers = []
    reads = [name for name in HELD if known(name)]
    for operation in sorted(reads, key=lambda name: (len(needed(name)), name.startswith("Get"))):
        for parameters in asked(operation, answers):
            with contextlib.suppress(ClientError):
                answers.append((operation, parameters, call(operation, **parameters)))
    return answers


def fill(backup: FakeBackup) -> None:
    """Fill a fake with some of all there is, versions, a lock and points that are gone included."""
    world.seed(backup)
    plan = call("ListBackupPlans")["BackupPlansList"][0]["BackupPlanId"]
    rules = [{"RuleName": "other", "TargetBackupVaultName": "vault"}]
    document = {"BackupPlanName": "again", "Rules": rules}
    call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan=document)
    call("PutBackupVaultLockConfiguration", BackupVaultName="empty", MinRetentionDays=9)
    backup.add_vault(BackupVaultName="counted", NumberOfRecoveryPoints=7)
    job = backup.add_backup_job(BackupVaultName="vault")
    backup.add_restore_job(RecoveryPointArn=world.NAMES["RecoveryPointArn"])
    call(
        "DeleteRecoveryPoint",
        BackupVaultName="vault",
        RecoveryPointArn=job["RecoveryPointArn"],
    )
    call("TagResource", ResourceArn=world.vault("vault"), Tags={"team": "a"})


@pytest.fixture(scope="module")
def recorded() -> Answers:
    """All answers of a filled fake."""
    with mock_backup(region=REGION, account_id=ACCOUNT, history=None) as other:
        fill(other)
        return read_all()


def document(recorded: Answers) -> dict[str, Any]:
    """The answers as `python -m fakebackup record` writes them."""
    home = {"account_id": ACCOUNT, "region": REGION}
    answers = [
        home | {"operation": operation, "parameters": parameters, "answer": answer}
        for operation, parameters, answer in recorded
    ]
    label = {"kind": "recording", "version": 1}
    text = json.dumps({"fakebackup": label, "answers": answers}, default=datetime.isoformat)
    read: dict[str, Any] = json.loads(text)
    return read


def check_alike(recorded: Answers) -> None:
    """Hold that every operation answers as it was recorded."""
    for operation, parameters, answer in recorded:
        assert (operation, call(operation, **parameters)) == (operation, answer)


def test_every_operation_has_an_answer(recorded: Answers) -> None:
    """Of each operation that can be loaded there is something in the account."""
    told = {operation for operation, _, _ in recorded}
    assert told == {name for name in HELD if known(name)}


def test_a_recording_answers_alike(backup: FakeBackup, recorded: Answers) -> None:
    """What was recorded of an account, all operations answer again."""
    backup.load(document(recorded))
    check_alike(recorded)
    assert read_all() == recorded


def test_the_order_does_not_matter(backup: FakeBackup, recorded: Answers) -> None:
    """Describes before lists, and parts before their whole, give the same things."""
    backup.load(document(recorded[::-1]))
    for operation, parameters, answer in recorded:
        if not operation.startswith("List"):
            assert (operation, call(operation, **parameters)) == (operation, answer)


def test_answers_one_by_one(backup: FakeBackup, recorded: Answers) -> None:
    """Loaded one after the other, by as many calls, they complete each other as well."""
    order = {"ListBackupPlans": 0, "ListRestoreJobs": 0, "ListLegalHolds": 0}
    order |= {"ListRestoreTestingPlans": 0, "ListRecoveryPointsByBackupVault": 0}
    for each in sorted(recorded, key=lambda each: order.get(each[0], 1)):
        backup.load(document([each]))
    check_alike(recorded)


def test_a_folder_of_the_cli(backup: FakeBackup, recorded: Answers, tmp_path: Path) -> None:
    """A folder of recordings, one for each operation, is loaded whole."""
    for operation in {name for name, _, _ in recorded}:
        part = [each for each in recorded if each[0] == operation]
        path = tmp_path / operation[:4] / f"{operation}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document(part)), "utf-8")
    backup.load(tmp_path)
    check_alike([each for each in recorded if not each[0].startswith("List")])
