"""Seeding plans, frameworks, legal holds and other entries, and looking at them."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, FakeBackupError
from fakebackup.nouns.table import NOUNS
from support.client import call, held
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.entries import (
    AVAILABLE,
    arn_of,
    described,
    fresh,
    listed,
    name_of,
    tagged,
    whole,
    whole_of,
)
from support.entries import create as created

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakebackup.nouns.noun import Noun
    from fakebackup.nouns.records import EntryRecord

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT),
]

PUBLIC = {
    "Backup plan": ("add_backup_plan", "backup_plans"),
    "Backup selection": ("add_backup_selection", "backup_selections"),
    "framework": ("add_framework", "frameworks"),
    "report plan": ("add_report_plan", "report_plans"),
    "legal hold": ("add_legal_hold", "legal_holds"),
    "Restore testing plan": ("add_restore_testing_plan", "restore_testing_plans"),
    "Restore testing selection": (
        "add_restore_testing_selection",
        "restore_testing_selections",
    ),
    "tiering configuration": ("add_tiering_configuration", "tiering_configurations"),
    "backup access point": ("add_backup_access_point", "backup_access_points"),
}
"""Per noun, how it is seeded and where it is looked at."""

every_noun = pytest.mark.parametrize("noun", AVAILABLE, ids=name_of)
every_part = pytest.mark.parametrize(
    "noun", [noun for noun in AVAILABLE if noun.parent is not None], ids=name_of
)
every_noun_with_arn = pytest.mark.parametrize(
    "noun", [noun for noun in AVAILABLE if noun.arn is not None], ids=name_of
)


def add(backup: FakeBackup, noun: Noun, **members: Any) -> EntryRecord:
    """Seed one by the public method, and what it is a part of, if there is none."""
    if noun.parent is not None and not shown(backup, NOUNS[noun.parent[0]]):
        add(backup, NOUNS[noun.parent[0]])
    made: EntryRecord = getattr(backup, PUBLIC[noun.name][0])(**members)
    return made


def shown(backup: FakeBackup, noun: Noun) -> Any:
    """The public mapping of a noun."""
    return getattr(backup, PUBLIC[noun.name][1])


def pickled(record: Any) -> Any:
    """A record out of its pickle."""
    return pickle.loads(pickle.dumps(record))  # noqa: S301  our own


def test_every_noun_is_public() -> None:
    """Each row but those of settings has a method and a mapping."""
    assert set(PUBLIC) == {noun.name for noun in NOUNS.values() if noun.key is not None}


# --- Alike --------------------------------------------------------------------------------


@every_noun
def test_seeded_as_described(noun: Noun) -> None:
    """What a client created and the same seeded by its described members answer alike."""
    with fresh():
        created(noun.name)
        above = [NOUNS[noun.parent[0]]] if noun.parent is not None else []
        recorded = []
        for each in (*above, noun):
            items, details, _ = whole(each)
            recorded += [
                (each, {**detail, **tagged(each, item)})
                for item, detail in zip(items, details, strict=True)
            ]
        expected = whole(noun)
    with fresh() as backup:
        for each, members in recorded:
            getattr(backup, PUBLIC[each.name][0])(**members)
        assert whole(noun) == expected


@every_noun
def test_read_like_get(backup: FakeBackup, noun: Noun) -> None:
    """An entry of the mapping reads like the answer of Get or Describe; so does what add gave."""
    made = add(backup, noun)
    parent = add(backup, NOUNS[noun.parent[0]]) if noun.parent is not None else None
    assert parent is None or made.key in shown(backup, noun)
    (item,) = listed(noun, {noun.parent[1]: made[noun.parent[1]]} if noun.parent else {})
    answer = described(noun, {**item, **made})
    record = shown(backup, noun)[made.key]
    assert dict(record) == dict(made) == answer
    assert list(record) == list(answer)
    assert (record.account, record.region) == (ACCOUNT, REGION)
    assert record.arn == (item[noun.arn] if noun.arn is not None else "")


@every_noun
def test_several_defaults(backup: FakeBackup, noun: Noun) -> None:
    """Two by default have names and ARNs of their own, and the mapping has their order."""
    keys = [add(backup, noun).key for _ in range(3)]
    assert list(shown(backup, noun)) == keys
    assert len({each.arn for each in shown(backup, noun).values()}) == (3 if noun.arn else 1)
    created_at = [each[noun.created] for each in shown(backup, noun).values()]
    assert created_at == sorted(set(created_at))


@every_noun
def test_of_clients(backup: FakeBackup, noun: Noun) -> None:
    """The mapping has what a client created, and reads a change by a client."""
    backup.add_vault(BackupVaultName="vault")
    for name, resource in (("one", "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"),):
        backup.add_recovery_point(
            RecoveryPointArn=f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{name}",
            BackupVaultName="vault",
            ResourceArn=resource,
        )
    backup.add_recovery_point(
        RecoveryPointArn=f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:objects",
        BackupVaultName="vault",
        ResourceArn="arn:aws:s3:::bucket",
    )
    items = created(noun.name)
    records = list(shown(backup, noun).values())
    assert [dict(each) for each in records] == [described(noun, item) for item in items]


# --- Where they lie -----------------------------------------------------------------------


@every_noun
def test_a_view_seeds_its_home(backup: FakeBackup, noun: Noun) -> None:
    """What a view seeds lies in its account and Region; elsewhere the error says so."""
    view = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    made = add(view, noun)
    assert (made.account, made.region) == (OTHER_ACCOUNT, OTHER_REGION)
    assert list(shown(view, noun)) == [made.key]
    assert not shown(backup, noun)
    text = f"no {noun.schema.name} {made.key!r} in {ACCOUNT} {REGION}: it is in {OTHER_ACCOUNT} "
    with pytest.raises(KeyError, match=re.escape(text + OTHER_REGION)):
        shown(backup, noun)[made.key]


@every_noun
def test_a_missing_key_teaches(backup: FakeBackup, noun: Noun) -> None:
    """A near key is named."""
    made = add(backup, noun)
    with pytest.raises(KeyError, match=re.escape(f"did you mean {made.key!r}?")):
        shown(backup, noun)[made.key[:-1] + "x"]
    assert made.key[:-1] + "x" not in shown(backup, noun)


@every_noun_with_arn
def test_an_arn_decides(backup: FakeBackup, noun: Noun) -> None:
    """Its ARN decides the account, the Region and the name or id."""
    with FakeBackup(region=OTHER_REGION, account_id=OTHER_ACCOUNT) as other:
        made = add(other, noun)
    again = add(backup, noun, **{arn_of(noun): made.arn})
    assert (again.account, again.region) == (OTHER_ACCOUNT, OTHER_REGION)
    assert (again.key, again.arn) == (made.key, made.arn)
    assert not shown(backup, noun)


# --- What is refused ----------------------------------------------------------------------


def check_refused(
    backup: FakeBackup, noun: Noun, error: type[Exception], text: str, **members: Any
) -> None:
    """Adding it is refused in words that have a text, and nothing changes, no number either."""
    parent = NOUNS[noun.parent[0]] if noun.parent is not None else None
    if parent is not None and not shown(backup, parent):
        add(backup, parent)
    before, numbers = held(backup), backup.backend.organization.numbers.given_out()
    with pytest.raises(error, match=re.escape(text)):
        add(backup, noun, **members)
    assert held(backup) == before
    assert backup.backend.organization.numbers.given_out() == numbers


@every_noun
def test_unknown_members(backup: FakeBackup, noun: Noun) -> None:
    """A member that does not exist is refused, with the near one named."""
    key = str(noun.key)
    text = f"A {noun.schema.name} has no member '{key}s'; did you mean {key!r}?"
    check_refused(backup, noun, TypeError, text, **{f"{key}s": "x"})


@every_noun
def test_wrong_types(backup: FakeBackup, noun: Noun) -> None:
    """A value of the wrong type is refused, and so is a date that is none."""
    check_refused(backup, noun, TypeError, f"{noun.key} takes str, not 5", **{str(noun.key): 5})
    created_at = str(noun.created)
    check_refused(backup, noun, ValueError, f"{created_at} is a date", **{created_at: "May"})


@every_noun
def test_taken(backup: FakeBackup, noun: Noun) -> None:
    """A name or id that is taken is refused."""
    made = add(backup, noun)
    key = made.key.rpartition("/")[2] if noun.inside_parent else made.key
    text = f"{noun.key} {key!r} is taken: {made!r}"
    check_refused(backup, noun, ValueError, text, **{str(noun.key): key})


@every_noun_with_arn
def test_arns_of_something_else(backup: FakeBackup, noun: Noun) -> None:
    """An ARN of another form is refused, and one that is not of the name or id beside it."""
    vault = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:vault"
    text = f"{noun.arn} {vault!r} is no ARN of a {noun.schema.name}: one begins with 'arn:aws:"
    check_refused(backup, noun, ValueError, text, **{arn_of(noun): vault})
    with FakeBackup(region=REGION, account_id=ACCOUNT) as other:
        arn = add(other, noun).arn
    text = f"{noun.key} 'other' is not that in {noun.arn} {arn!r}."
    check_refused(backup, noun, ValueError, text, **{arn_of(noun): arn, str(noun.key): "other"})


DOCUMENTS: list[tuple[str, dict[str, Any], str]] = [
    (
        "Backup plan",
        {"Rules": [{"RuleName": "r", "TargetBackupVaultName": "v", "StartWindowMinutes": 5}]},
        "A backup plan cannot be seeded so: ",
    ),
    ("Backup plan", {"Rules": [{"RuleName": "r"}]}, "Rules[0] cannot be without TargetBackup"),
    (
        "Backup plan",
        {"BackupPlanName": "a", "BackupPlan": {"BackupPlanName": "b", "Rules": []}},
        "BackupPlanName 'a' is not that in BackupPlan, 'b': give it once.",
    ),
    ("Backup selection", {"Resources": ["volume"]}, "Resources 'volume' is no ARN"),
    ("Backup selection", {"BackupPlanId": "none"}, "BackupPlanId 'none' is no backup plan in"),
    (
        "framework",
        {"FrameworkControls": [{"ControlName": "BACKUP"}]},
        "A framework cannot be seeded so: ControlName 'BACKUP' is not one of",
    ),
    ("framework", {"FrameworkName": "a b"}, "FrameworkName 'a b' is not valid"),
    (
        "report plan",
        {"ReportSetting": {"ReportTemplate": "ALL"}},
        "ReportTemplate 'ALL' is not one of",
    ),
    ("legal hold", {"Status": "ACTIV"}, "Status is none of CREATING, ACTIVE"),
    ("legal hold", {"Description": "x" * 281}, "Description is longer than 280 characters"),
    ("Restore testing plan", {"RestoreTestingPlanName": "a-b"}, "RestoreTestingPlanName is 1 to"),
    ("Restore testing selection", {"ProtectedResourceType": "VM"}, "'VM' is not tested"),
    (
        "Restore testing selection",
        {"RestoreTestingPlanName": "none"},
        "RestoreTestingPlanName 'none' is no restore testing plan in",
    ),
    ("tiering configuration", {"ResourceSelection": []}, "ResourceSelection is missing"),
    ("backup access point", {"Status": "THERE"}, "Status is none of AVAILABLE"),
]


@pytest.mark.parametrize(("name", "members", "text"), DOCUMENTS)
def test_documents(backup: FakeBackup, name: str, members: dict[str, Any], text: str) -> None:
    """What the Create operation refuses, seeds refuse in its words."""
    noun = NOUNS[name]
    if noun not in AVAILABLE:
        pytest.skip("the installed botocore does not know it")
    check_refused(backup, noun, ValueError, text, **members)


@every_part
def test_plans_that_are_nowhere(backup: FakeBackup, noun: Noun) -> None:
    """A part without its whole is refused, and the error says what to add, or where it lies."""
    above, member = whole_of(noun)
    method = getattr(backup, PUBLIC[noun.name][0])
    what = above.schema.name
    text = f"A {noun.schema.name} cannot be without {member}: of the {what}s in {ACCOUNT} {REGION} "
    with pytest.raises(ValueError, match=re.escape(text + "there is none.")):
        method()
    elsewhere = add(backup.at(region=OTHER_REGION), above)
    text = (
        f"{member} {elsewhere.key!r} is no {what} in {ACCOUNT} {REGION}: it is in {ACCOUNT} "
        f"{OTHER_REGION}. To seed there, call backup.at(account_id={ACCOUNT!r}, "
        f"region={OTHER_REGION!r})."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        method(**{member: elsewhere.key})
    for _ in range(2):
        add(backup, above)
    with pytest.raises(ValueError, match=re.escape("there are 2.")):
        method()
    assert not shown(backup, noun)


@pytest.mark.parametrize("name", PUBLIC)
def test_inactive(name: str) -> None:
    """A fake that is not active refuses both."""
    fake = FakeBackup()
    for use in PUBLIC[name]:
        with pytest.raises(FakeBackupError, match="not active yet"):
            getattr(fake, use)()
    with pytest.raises(FakeBackupError, match="not active yet"):
        _ = fake.protected_resources


# --- Removing -----------------------------------------------------------------------------


@every_noun
def test_remove(backup: FakeBackup, noun: Noun) -> None:
    """What is removed is gone with its tags, without an event, and cannot be removed again."""
    tags = {"Tags": {"team": "a"}} if noun.arn is not None else {}
    made = add(backup, noun, **tags)
    kept = dict(made)
    backup.remove(shown(backup, noun)[made.key])
    assert not shown(backup, noun)
    assert dict(made) == kept
    assert backup.events == []
    assert made.arn not in backup.backend.organization.store(ACCOUNT, REGION).tags
    text = f"This {noun.schema.name} is not in this fake: {made!r}"
    for gone in (made, copy.copy(made)):
        with pytest.raises(ValueError, match=re.escape(text)):
            backup.remove(gone)


@every_part
def test_what_goes_with_it(backup: FakeBackup, noun: Noun) -> None:
    """A plan's selections go with it, and no others."""
    above, member = whole_of(noun)
    first, second = add(backup, above), add(backup, above)
    parts = [add(backup, noun, **{member: each.key}) for each in (first, second)]
    backup.remove(first)
    assert list(shown(backup, noun)) == [parts[1].key]


def test_remove_a_vault(backup: FakeBackup) -> None:
    """Its recovery points and all tags go with it; jobs stay, and so does what another fake has."""
    job = backup.add_backup_job(BackupVaultName="daily")
    vault = backup.vaults["daily"]
    (point,) = backup.recovery_points.values()
    other = backup.add_recovery_point(BackupVaultName="other", Tags={"a": "b"})
    backup.remove(vault)
    assert list(backup.vaults) == ["other"]
    assert list(backup.recovery_points) == [other.arn]
    assert list(backup.backup_jobs) == [job.id]
    assert backup.events == []
    for gone in (vault, point):
        with pytest.raises(ValueError, match="is not in this fake"):
            backup.remove(gone)
    backup.remove(other)
    assert not backup.recovery_points
    assert other.arn not in backup.backend.organization.store(ACCOUNT, REGION).tags


def test_remove_a_composite_recovery_point(backup: FakeBackup) -> None:
    """What is nested in it goes with it, at any depth, and a legal hold lets go of all."""
    whole_point = backup.add_recovery_point(IsParent=True)
    nested = backup.add_recovery_point(ParentRecoveryPointArn=whole_point.arn)
    backup.add_recovery_point(ParentRecoveryPointArn=nested.arn)
    other = backup.add_recovery_point()
    hold = backup.add_legal_hold()
    backup.remove(whole_point)
    assert list(backup.recovery_points) == [other.arn]
    left = call("ListRecoveryPointsByLegalHold", LegalHoldId=hold.key)["RecoveryPoints"]
    assert [each["RecoveryPointArn"] for each in left] == [other.arn]


# --- Copies -------------------------------------------------------------------------------


@every_noun
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_copies(
    backup: FakeBackup, noun: Noun, again: Callable[[EntryRecord], EntryRecord]
) -> None:
    """A copy reads as the record did, whatever becomes of the fake."""
    made = add(backup, noun)
    kept, text = dict(made), repr(made)
    copied = again(made)
    backup.reset()
    assert (dict(copied), repr(copied), copied.arn) == (kept, text, made.arn)
    assert (copied.account, copied.region) == (ACCOUNT, REGION)


# --- Protected resources ------------------------------------------------------------------


def test_protected_resources(backup: FakeBackup) -> None:
    """Each reads like DescribeProtectedResource; a missing one is told where it is."""
    volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
    point = backup.add_recovery_point(ResourceArn=volume, ResourceName="data")
    backup.add_restore_job(RecoveryPointArn=point.arn)
    resource = backup.protected_resources[volume]
    assert dict(resource) == call("DescribeProtectedResource", ResourceArn=volume)
    assert resource["ResourceName"] == "data"
    assert list(backup.protected_resources) == [volume]
    assert dict(copy.deepcopy(resource)) == dict(pickled(resource))
    assert repr(resource) == f"<protected resource {volume}>"
    text = f"no protected resource {volume!r} in {ACCOUNT} {OTHER_REGION}: it is in {ACCOUNT} "
    with pytest.raises(KeyError, match=re.escape(text + REGION)):
        _ = backup.at(region=OTHER_REGION).protected_resources[volume]
    backup.remove(point)
    assert not backup.protected_resources
    assert resource["ResourceName"] == "data"


# --- The first use ------------------------------------------------------------------------

FIRST_USE = """
import sys
import boto3
from fakebackup import mock_backup

with mock_backup(region="us-east-1") as backup:
    job = backup.add_backup_job()
    client = boto3.Session("key", "secret").client("backup")
    client.list_backup_jobs()
    client.describe_backup_job(BackupJobId=job.id)
    backup.remove(job)
loaded = {name for name in sys.modules if name.startswith("fakebackup.")}
print(sorted(name for name in loaded if "nouns" in name or "typed" in name))
"""


def test_the_first_use_loads_none_of_it(tmp_path: Path) -> None:
    """A first seed, list and describe of a job load no module of the nouns."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_USE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


@pytest.mark.fake_backup(region=REGION)
class TestKeys:
    """What is typed in the place of a key."""

    def test_a_record(self, backup: FakeBackup) -> None:
        """A record in the place of its key is refused, and the key is told."""
        records: Any = [
            (backup.backup_jobs, (job := backup.add_backup_job()), job.id),
            (backup.reports, job, job.id),
            (backup.vaults, backup.add_vault(BackupVaultName="daily"), "daily"),
            (backup.recovery_points, (point := backup.add_recovery_point()), point.arn),
            (backup.frameworks, (framework := backup.add_framework()), framework.key),
        ]
        for view, record, key in records:
            with pytest.raises(
                TypeError, match="A key is an id, a name or an ARN, not <"
            ) as caught:
                view[record]
            assert str(caught.value).endswith(f": its own is {key!r}.")

    def test_a_name(self, backup: FakeBackup) -> None:
        """The name of what has an id for a key leads to the id."""
        plan = backup.add_backup_plan(BackupPlanName="nightly")
        with pytest.raises(KeyError, match=f"it is the name of '{plan.key}'"):
            backup.backup_plans["nightly"]

    @pytest.mark.parametrize(
        ("look", "told"),
        [
            (lambda b: b.vaults[b.vaults["daily"].arn], "it is the BackupVaultArn of 'daily'"),
            (lambda b: b.legal_holds["dispute"], "it is the Title of '{hold}'"),
            (lambda b: b.backup_plans["nightly"], "it is the name of '{plan}'"),
            (lambda b: b.recovery_points["{job}"], "it is the id of <backup job {job}: "),
            (lambda b: b.backup_jobs["{point}"], "it is the RecoveryPointArn of '{job}'"),
            (lambda b: b.backup_jobs["{job}x"], "did you mean '{job}'?"),
            (lambda b: b.copy_jobs["{job}"], "there is <backup job {job}: "),
            (lambda b: b.reports["{job}"], "no report job '{job}' in "),
            (lambda b: b.restore_jobs["x"], "; there are 0"),
            (lambda b: b.protected_resources["{point}"], "it is the LastRecoveryPointArn of 'arn:"),
        ],
        ids=map(str, range(10)),
    )
    def test_what_is_no_key(self, backup: FakeBackup, look: Any, told: str) -> None:
        """What is a key of something else, or another member, leads to what is meant."""
        backup.add_vault(BackupVaultName="daily")
        job = backup.add_backup_job()
        names = {
            "job": job.id,
            "point": job["RecoveryPointArn"],
            "hold": backup.add_legal_hold(Title="dispute").key,
            "plan": backup.add_backup_plan(BackupPlanName="nightly").key,
        }

        class Named:
            """The fake, whose mappings take the names of what is in it."""

            def __getattr__(self, name: str) -> Any:
                view = getattr(backup, name)

                class View:
                    def __getitem__(self, key: str) -> Any:
                        return view[key.format(**names)]

                return View()

        with pytest.raises(KeyError) as caught:
            look(Named())
        assert told.format(**names) in str(caught.value)

    @pytest.mark.parametrize("name", ["vaults", "backup_jobs", "frameworks", "reports"])
    def test_without_an_error(self, backup: FakeBackup, name: str) -> None:
        """`get` and `in` find what is there, and refuse a record as the brackets do."""
        view = getattr(backup, name)
        assert "missing" not in view
        assert view.get("missing") is None
        assert view.get("missing", 3) == 3
        vault = backup.add_vault(BackupVaultName="daily")
        assert ("daily" in view) == (name == "vaults")
        for look in (lambda: vault in view, lambda: view.get(vault)):
            with pytest.raises(TypeError, match="its own is 'daily'"):
                look()


# --- An object in the place of its id, and an object that is not changed ------------------------


@pytest.fixture
def world(backup: FakeBackup) -> dict[str, Any]:
    """A thing of each noun, by its name."""
    return {
        "plan": backup.add_backup_plan(),
        "testing": backup.add_restore_testing_plan(),
        "vault": backup.add_vault(BackupVaultName="daily"),
        "point": backup.add_recovery_point(),
        "job": backup.add_backup_job(),
        "framework": backup.add_framework(),
        "reporting": backup.add_report_plan(),
    }


@pytest.mark.fake_backup(region=REGION)
@pytest.mark.parametrize(
    ("add", "told"),
    [
        (lambda b, w: b.add_backup_selection(BackupPlanId=w["plan"]), "['BackupPlanId']"),
        (
            lambda b, w: b.add_restore_testing_selection(RestoreTestingPlanName=w["testing"]),
            "['RestoreTestingPlanName']",
        ),
        (lambda b, w: b.add_backup_job(BackupVaultName=w["vault"]), "['BackupVaultName']"),
        (lambda b, w: b.add_backup_jobs(2, BackupVaultArn=w["vault"]), "['BackupVaultArn']"),
        (lambda b, w: b.add_backup_job(ParentJobId=w["job"]), ".id"),
        (
            lambda b, w: b.add_backup_job(CreatedBy={"BackupPlanId": w["plan"]}),
            "['BackupPlanId']",
        ),
        (lambda b, w: b.add_copy_job(DestinationBackupVaultArn=w["vault"]), ".arn"),
        (lambda b, w: b.add_copy_job(SourceBackupVaultArn=w["point"]), ".arn"),
        (lambda b, w: b.add_restore_job(RecoveryPointArn=w["job"]), "['RecoveryPointArn']"),
        (lambda b, w: b.add_restore_job(RecoveryPointArn=w["point"]), "['RecoveryPointArn']"),
        (lambda b, w: b.add_report_job(ReportPlanArn=w["reporting"]), "['ReportPlanArn']"),
        (lambda b, w: b.add_recovery_point(BackupVaultName=w["vault"]), "['BackupVaultName']"),
        (
            lambda b, w: b.add_backup_plan(
                Rules=[{"RuleName": "r", "TargetBackupVaultName": w["vault"]}]
            ),
            ".name",
        ),
        (
            lambda b, w: b.add_legal_hold(RecoveryPointSelection={"VaultNames": [w["vault"]]}),
            ".name",
        ),
        (
            lambda b, w: b.add_report_plan(
                ReportSetting={
                    "ReportTemplate": "RESOURCE_COMPLIANCE_REPORT",
                    "FrameworkArns": [w["framework"]],
                }
            ),
            ".arn",
        ),
        (lambda b, w: b.run_plan(w["plan"]), "['BackupPlanId']"),
        (lambda b, w: b.run_restore_testing_plan(w["testing"]), "['RestoreTestingPlanName']"),
        (lambda b, w: b.add_resource(w["point"]), "['ResourceArn']"),
        (
            lambda b, w: b.next_outcome("StartBackupJob", ResourceArn=w["job"]),
            "['ResourceArn']",
        ),
    ],
    ids=map(str, range(19)),
)
def test_an_object_in_the_place_of_its_id(
    backup: FakeBackup, world: dict[str, Any], add: Any, told: str
) -> None:
    """Whatever takes an id, a name or an ARN refuses an object, and says what of it to type."""
    before = backup.dump()
    with pytest.raises(TypeError) as caught:
        add(backup, world)
    text = str(caught.value)
    found = re.search(r": type its (\S+), '([^']+)'\.$", text)
    assert found is not None, text
    assert found[1] == told
    [meant] = [each for each in world.values() if repr(each) in text]
    values = [*meant.values(), *(getattr(meant, name, "") for name in ("id", "name", "arn", "key"))]
    assert found[2] in values
    assert backup.dump() == before


@pytest.mark.fake_backup(region=REGION)
@pytest.mark.parametrize(
    ("what", "by"),
    [
        ("plan", r"client.update_backup_plan\(...\), or backup.remove\(...\), and adding it"),
        ("testing", r"client.update_restore_testing_plan\(...\), or backup.remove"),
        ("framework", r"client.update_framework\(...\), or backup.remove"),
        ("reporting", r"client.update_report_plan\(...\), or backup.remove"),
        ("hold", r"client.cancel_legal_hold\(...\), or backup.remove"),
        ("selection", r"it is changed by backup.remove\(...\), and adding it anew\.$"),
        ("vault", r"client.put_backup_vault_lock_configuration\(...\), "),
        ("point", r"client.update_recovery_point_lifecycle\(...\) and "),
        ("resource", r"what happens to its recovery points, backup.recovery_points"),
    ],
)
def test_what_cannot_be_updated(
    backup: FakeBackup, world: dict[str, Any], what: str, by: str
) -> None:
    """What is only read says which call, or what else, changes it."""
    world["hold"] = backup.add_legal_hold()
    world["selection"] = backup.add_backup_selection()
    world["resource"] = next(iter(backup.protected_resources.values()))
    thing: Any = world[what]
    for name in ("update", "delete", "remove"):
        with pytest.raises(AttributeError, match=by) as caught:
            getattr(thing, name)
        assert str(caught.value).startswith(f"{thing!r} has no {name}(): ")
        assert not hasattr(thing, name)
    with pytest.raises(TypeError, match=f"^The member 'Name' of <.*{by}"):
        thing["Name"] = 1
    with pytest.raises(TypeError, match=f"^The member 'Name' of <.*{by}"):
        del thing["Name"]


@pytest.mark.fake_backup(region=REGION)
def test_a_member_of_a_job_that_is_set(backup: FakeBackup) -> None:
    """A job says the method that it has."""
    job: Any = backup.add_backup_job()
    with pytest.raises(TypeError, match=r"is only read: it is changed by job.update\(...\)"):
        job["State"] = "FAILED"
    assert job["State"] == "COMPLETED"
