"""Seeding entries exactly: nothing is added, what is there is completed, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, FakeBackupError
from fakebackup.model.resources.arns import Home
from fakebackup.nouns import seeding
from fakebackup.nouns.noun import Noun
from fakebackup.nouns.table import NOUNS
from support.client import call, held
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.entries import AVAILABLE, HOME, arn_of, name_of

if TYPE_CHECKING:
    from fakebackup.nouns.records import EntryRecord

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT),
]

every_noun = pytest.mark.parametrize("noun", AVAILABLE, ids=name_of)
wholes = pytest.mark.parametrize(
    "noun", [noun for noun in AVAILABLE if noun.parent is None], ids=name_of
)


def seed(backup: FakeBackup, noun: str | Noun, members: Any, **how: Any) -> EntryRecord:
    """Seed an entry in the fake's home, exactly."""
    row = noun if isinstance(noun, Noun) else NOUNS[noun]
    return seeding.seed(backup.backend.organization, HOME, row, members, **{"exact": True, **how})


@wholes
def test_no_member_is_added(backup: FakeBackup, noun: Noun) -> None:
    """What is seeded by its name or id alone has nothing else."""
    made = seed(backup, noun, {str(noun.key): "one"})
    assert dict(made) == {str(noun.key): "one"}
    assert made.arn == ""


@wholes
def test_not_without_a_name(backup: FakeBackup, noun: Noun) -> None:
    """An entry without name, id and ARN is refused."""
    before = held(backup)
    with pytest.raises(ValueError, match=f"^A {noun.schema.name} cannot be without {noun.key}.$"):
        seed(backup, noun, {})
    assert held(backup) == before


@pytest.mark.parametrize("noun", [noun for noun in AVAILABLE if noun.arn is not None], ids=name_of)
def test_an_arn_tells_the_rest(backup: FakeBackup, noun: Noun) -> None:
    """Its ARN decides the account, the Region, and the name or id, and stays."""
    with FakeBackup(region=OTHER_REGION, account_id=OTHER_ACCOUNT) as other:
        organization, home = other.backend.organization, Home(OTHER_ACCOUNT, OTHER_REGION)
        made = seeding.seed(organization, home, noun, {})
    again = seed(backup, noun, {arn_of(noun): made.arn})
    assert (again.key, again.arn, again.home) == (made.key, made.arn, made.home)


@every_noun
def test_what_is_there_is_completed(backup: FakeBackup, noun: Noun) -> None:
    """A record that the test has in hand shows what came later; without `merge` it is refused."""
    if noun.parent is not None:
        seed(backup, noun.parent[0], {}, exact=False)
    made = seed(backup, noun, {}, exact=False)
    kept = dict(made)
    name = {str(noun.key): made.key.rpartition("/")[2]} | (
        {noun.parent[1]: kept[noun.parent[1]]} if noun.parent is not None else {}
    )
    later = {**name, str(noun.created): NOW}
    with pytest.raises(ValueError, match=" is taken: "):
        seed(backup, noun, later)
    assert dict(made) == kept
    seed(backup, noun, later, merge=True)
    assert dict(made) == {**kept, str(noun.created): NOW}


def test_a_selection_lies_where_its_plan_does(backup: FakeBackup) -> None:
    """A recorded selection has no ARN, but its plan's id tells where it lies."""
    arn = f"arn:aws:backup:{OTHER_REGION}:{OTHER_ACCOUNT}:backup-plan:p"
    seed(backup, "Backup plan", {"BackupPlanArn": arn})
    made = seed(backup, "Backup selection", {"SelectionId": "s", "BackupPlanId": "p"})
    assert made.home == Home(OTHER_ACCOUNT, OTHER_REGION)


def test_settings(backup: FakeBackup) -> None:
    """The settings of a Region and of the organisation are seeded as they are described."""
    region = {"ResourceTypeOptInPreference": {"EBS": False}}
    seed(backup, "region settings", region)
    assert call("DescribeRegionSettings") == region
    more = {"ResourceTypeManagementPreference": {"EFS": True}}
    seed(backup, "region settings", more, merge=True)
    assert call("DescribeRegionSettings") == {**region, **more}
    call("UpdateRegionSettings", ResourceTypeOptInPreference={"EFS": True})
    opted = call("DescribeRegionSettings")["ResourceTypeOptInPreference"]
    assert opted == {"EBS": False, "EFS": True}
    settings = {"GlobalSettings": {"isMpaEnabled": "true"}, "LastUpdateTime": NOW}
    seed(backup, "global settings", settings)
    assert call("DescribeGlobalSettings") == settings
    assert call("DescribeGlobalSettings", region=OTHER_REGION) == settings


BY_ID = {
    "Backup plan": "backup-plan",
    "Backup selection": "backup-selection",
    "legal hold": "legal-hold",
}


@pytest.mark.parametrize("noun", BY_ID)
def test_what_is_no_id(backup: FakeBackup, noun: str) -> None:
    """An ARN, a blank or a slash in an id is refused, exactly seeded or not; nothing is added."""
    row = NOUNS[noun]
    backup.add_backup_plan(BackupPlanId="there")
    before, key = held(backup), str(row.key)
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:{BY_ID[noun]}:1"
    for exact in (True, False):
        with pytest.raises(
            ValueError, match=f"^{key} '{arn}' is an ARN, and no id: the id in it is '1'"
        ):
            seed(backup, noun, {key: arn}, exact=exact)
        for value in ("a b/c", "a/b", "a b", "a\u00a0b", "aws/efs/a b"):
            with pytest.raises(ValueError, match=f"^{key} .* is no id, since it has "):
                seed(backup, noun, {key: value}, exact=exact)
        if row.arn is not None:
            with pytest.raises(ValueError, match=f"^{key} 'a b' is no id, since it has ' ' in it"):
                seed(backup, noun, {row.arn: f"{arn[:-1]}a b"}, exact=exact)
    assert held(backup) == before
    text = "is an ARN, and no id: the id in it is 'there'"
    with pytest.raises(ValueError, match=text):
        backup.add_backup_selection(BackupPlanId=backup.backup_plans["there"].arn)


def test_all_or_none(backup: FakeBackup) -> None:
    """What is done to entries inside the block is undone where it raises, wherever it lies."""
    framework = backup.add_framework(FrameworkName="there", Tags={"a": "b"})
    before, kept = held(backup), dict(framework)
    organization = backup.backend.organization
    numbers = organization.numbers.given_out()
    arn = f"arn:aws:backup:{OTHER_REGION}:{ACCOUNT}:framework:new-1"

    def load() -> None:
        with seeding.all_or_none(organization):
            seed(backup, "framework", {"FrameworkArn": arn})
            described = {"FrameworkName": "there", "FrameworkDescription": "changed", "Tags": {}}
            seed(backup, "framework", described, merge=True)
            seed(backup, "region settings", {"ResourceTypeOptInPreference": {"EBS": False}})
            seed(backup, "global settings", {"GlobalSettings": {"isMpaEnabled": "true"}})
            seed(backup, "report plan", {})

    with pytest.raises(ValueError, match="cannot be without ReportPlanName"):
        load()
    assert held(backup) == before
    assert (organization.numbers.given_out(), organization.settings) == (numbers, {})
    assert dict(framework) == dict(backup.frameworks["there"]) == kept


def test_all(backup: FakeBackup) -> None:
    """Where nothing raises, all stays."""
    with seeding.all_or_none(backup.backend.organization):
        seed(backup, "framework", {"FrameworkName": "one"})
        seed(backup, "framework", {"FrameworkName": "two"})
    assert list(backup.frameworks) == ["one", "two"]


def test_a_default_skips_what_is_taken(backup: FakeBackup) -> None:
    """A number whose id another plan was given is passed over."""
    first = backup.add_backup_plan()
    coming = f"{first.key[:-12]}{int(first.key[-12:], 16) + 3:012x}"
    backup.remove(first)
    given = backup.add_backup_plan(BackupPlanId=coming)
    backup.reset()
    backup.add_backup_plan(BackupPlanId=given.key)
    keys = [backup.add_backup_plan().key for _ in range(3)]
    assert len({*keys, coming}) == len(backup.backup_plans) == 4


def test_an_older_botocore(backup: FakeBackup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A noun that the installed botocore does not know is refused by its version."""
    noun = NOUNS["tiering configuration"]
    monkeypatch.setitem(vars(noun.schema), "item", "Nothing")
    for name in ("members", "keepers", "mandatory"):
        vars(noun.schema).pop(name, None)
    text = r"^botocore [\d.]+ does not know tiering configurations: install a newer one"
    try:
        with pytest.raises(FakeBackupError, match=text):
            seed(backup, noun, {"TieringConfigurationName": "one"})
    finally:
        for name in ("members", "keepers", "mandatory"):
            vars(noun.schema).pop(name, None)


NUMBERS_OF_A_PLAN = 3
"""Its id, its version and its rule."""


@pytest.mark.parametrize("noun", AVAILABLE, ids=name_of)
def test_numbers(backup: FakeBackup, noun: Noun) -> None:
    """An entry takes one number of those of the jobs, a backup plan three; ids show them in hex."""
    if noun.parent is not None:
        seed(backup, noun.parent[0], {}, exact=False)
    before = int(backup.add_backup_job().id[-12:], 16)
    seed(backup, noun, {}, exact=False)
    backup.add_vault()
    taken = NUMBERS_OF_A_PLAN if noun.name == "Backup plan" else 1
    assert backup.add_backup_job().id.endswith(f"-{before + taken + 1:012x}")


def test_numbers_of_rules(backup: FakeBackup) -> None:
    """Each rule of a plan takes a number."""
    names = ("a", "b", "c")
    rules: Any = [{"RuleName": name, "TargetBackupVaultName": "Daily"} for name in names]
    backup.add_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": rules})
    backup.add_recovery_point()
    jobs = backup.add_backup_jobs(4)
    assert [job.id[-3:] for job in jobs] == ["007", "008", "009", "00a"]
