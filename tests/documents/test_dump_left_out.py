"""Dumps in which a member is left out, as by hand: they are refused, or every operation answers."""

from __future__ import annotations

import contextlib
import copy
import functools
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from fakebackup import mock_backup
from fakebackup.documents.answers import OWN
from fakebackup.documents.dump_stores import ENTRY_LISTS
from fakebackup.model.jobs.kinds import KINDS
from fakebackup.nouns.table import NOUNS
from fakebackup.operations import operations
from support.botocore_model import known
from support.client import call
from support.constants import ACCOUNT, NOW, REGION
from support.world import VOLUME, requests_of, seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup
    from fakebackup.documents.dump_stores import EntryList

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT, leftovers="ignore"),
    pytest.mark.filterwarnings("ignore::fakebackup.FakeBackupWarning"),
]

LISTS = (
    *("BackupVaults", "RecoveryPoints"),
    *(kind.listed for kind in KINDS),
    *(each.key for each in ENTRY_LISTS.values()),
)


RESOURCE = {"ResourceArn": VOLUME, "ResourceType": "EBS", "LastBackupTime": NOW}
PROTECTED: dict[str, dict[str, str]] = {
    "ListProtectedResources": {},
    "ListProtectedResourcesByBackupVault": {"BackupVaultName": "vault"},
}


@functools.cache
def world() -> dict[str, Any]:
    """The dump of a fake that holds some of all there is."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        call("UpdateRegionSettings", ResourceTypeOptInPreference={"EBS": True})
        # Another one than requests delete.
        call("DeleteBackupPlan", BackupPlanId=backup.add_backup_plan()["BackupPlanId"])
        for operation, parameters in PROTECTED.items():
            backup.load({"Results": [RESOURCE]}, operation=operation, parameters=parameters)
        return backup.dump()


def left_out(key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each member of the first thing of a list that has it, and the dump without it."""
    (account,) = world()["Accounts"]
    seen = {OWN}
    for number, thing in enumerate(account.get(key, ())):
        for name in thing:
            if name not in seen:
                seen.add(name)
                dump = copy.deepcopy(world())
                del dump["Accounts"][0][key][number][name]
                yield name, dump


def ask_all(backup: FakeBackup) -> int:
    """Call every operation, and return how many answered; others raise AWS's errors alone."""
    answered = 0
    for operation in filter(known, operations()):
        with backup.savepoint(), contextlib.suppress(ClientError):
            call(operation, **next(requests_of(operation), {}))
            answered += 1
    return answered


def refusal(backup: FakeBackup, dump: dict[str, Any]) -> str:
    """Why a dump is not loaded; "" if it is."""
    try:
        backup.load(dump)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("key", LISTS)
def test_left_out(backup: FakeBackup, key: str) -> None:
    """Without the member a dump is refused, by its name, or every operation still answers."""
    for name, dump in left_out(key):
        backup.reset()
        why = refusal(backup, dump)
        if why:
            assert re.search(rf"{key}\[\d+\]\.{name}\b", why)
        else:
            assert ask_all(backup) > ENOUGH, name


@pytest.mark.parametrize(("noun", "entries"), ENTRY_LISTS.items(), ids=lambda each: str(each[0]))
def test_bare(backup: FakeBackup, noun: str, entries: EntryList) -> None:
    """With nothing but what is needed a dump is loaded, operations answer, and it is removed."""
    dump = copy.deepcopy(world())
    for entry in dump["Accounts"][0].get(entries.key, ()):
        for name in entry.keys() - {OWN, *entries.needed}:
            del entry[name]
    backup.load(dump)
    assert ask_all(backup) > ENOUGH
    if noun in NOUNS and NOUNS[noun].key is not None:
        shown = getattr(backup, xform_name(entries.key))
        for each in list(shown.values()):
            backup.remove(each)
        assert not shown


NEWER = {
    "ScanJobs": "ListScanJobs",
    "RestoreTestingPlans": "CreateRestoreTestingPlan",
    "RestoreTestingSelections": "CreateRestoreTestingSelection",
    "TieringConfigurations": "CreateTieringConfiguration",
    "BackupAccessPoints": "CreateBackupAccessPoint",
}
"""Lists of what not every botocore knows, each with an operation that goes with it."""


def test_there_is_something_in_every_list() -> None:
    """Nothing passes because there was nothing to leave out."""
    (account,) = world()["Accounts"]
    unknown = {key for key, operation in NEWER.items() if not known(operation)}
    assert {key for key in LISTS if not account.get(key)} == unknown


ENOUGH = 50
"""Operations that answer whatever is left out, with any botocore."""


def test_the_whole_answers(backup: FakeBackup) -> None:
    """With nothing left out nearly every operation answers its request."""
    backup.load(world())
    assert ask_all(backup) > len(list(filter(known, operations()))) - 12
