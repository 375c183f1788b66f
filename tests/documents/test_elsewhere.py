"""Loads of another account or Region than the fake's: told once, where its clients see nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, FakeBackupWarning, mock_backup
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.frozen(NOW), pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT)]

THIRD = "444455556666"


def vaults(*homes: tuple[str, str]) -> dict[str, Any]:
    """A list of vaults, one in each account and Region."""
    found = [
        {
            "BackupVaultName": f"v{at}",
            "BackupVaultArn": f"arn:aws:backup:{region}:{account}:backup-vault:v{at}",
            "CreationDate": NOW,
        }
        for at, (account, region) in enumerate(homes)
    ]
    return {"BackupVaultList": found}


def jobs(account: str, region: str) -> dict[str, Any]:
    """A recording of a list of backup jobs."""
    job = {"BackupJobId": "j", "State": "FAILED", "CreationDate": NOW.isoformat()}
    answer = {
        "operation": "ListBackupJobs",
        "account_id": account,
        "region": region,
        "parameters": {},
        "answer": {"BackupJobs": [{**job, "AccountId": account}]},
    }
    return {"fakebackup": {"kind": "recording", "version": 1}, "answers": [answer], "refused": []}


def dumped(account: str, region: str) -> dict[str, Any]:
    """A dump of a fake of another account."""
    with mock_backup(account_id=account, region=region) as other:
        other.add_backup_job()
        return other.dump()


SOURCES: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "answers": lambda account, region: vaults((account, region)),
    "a recording": jobs,
    "a dump": dumped,
}


@pytest.mark.fake_backup(management_account=None)
@pytest.mark.parametrize("source", SOURCES)
def test_another_account(backup: FakeBackup, source: str) -> None:
    """The warning names the account loaded, the fake's, and what to type; it is there once."""
    document = SOURCES[source](OTHER_ACCOUNT, OTHER_REGION)
    with pytest.warns(FakeBackupWarning) as seen:
        backup.load(document)
    [warning] = seen
    assert str(warning.message) == (
        "What was loaded lies in account 111122223333, and the clients of this fake act in "
        "123456789012, so they will not see it: make the fake of that account, "
        "mock_backup(account_id='111122223333', region='eu-west-1') or "
        "@pytest.mark.fake_backup(account_id='111122223333', region='eu-west-1'), or let clients "
        "of eu-west-1 act in it inside `with backup.acting_as('111122223333'):`. Loaded by "
        "backup.at(account_id='111122223333').load(...), it is meant to lie there, and no warning "
        "says so."
    )
    assert warning.filename == __file__
    there = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    assert there.backup_jobs or there.vaults


@pytest.mark.parametrize("source", SOURCES)
def test_what_the_warning_says_to_type(source: str) -> None:
    """A fake of that account, a view of it and clients that act in it are told nothing."""
    document = SOURCES[source](OTHER_ACCOUNT, OTHER_REGION)
    with mock_backup(account_id=OTHER_ACCOUNT, region=OTHER_REGION) as other:
        other.load(document)
        assert call("ListBackupVaults", region=OTHER_REGION)["BackupVaultList"] or other.backup_jobs
    with mock_backup(region=REGION) as other:
        other.at(account_id=OTHER_ACCOUNT).load(document)
    with mock_backup(region=OTHER_REGION) as other, other.acting_as(OTHER_ACCOUNT):
        other.load(document)


@pytest.mark.parametrize("source", SOURCES)
def test_another_region(backup: FakeBackup, source: str) -> None:
    """A chosen Region, of which nothing was loaded, is told; one that is not chosen is not."""
    document = SOURCES[source](ACCOUNT, OTHER_REGION)
    with pytest.warns(FakeBackupWarning) as seen:
        backup.load(document)
    [warning] = seen
    assert str(warning.message) == (
        "What was loaded lies in Region eu-west-1, and the Region of this fake is us-east-1, so "
        "only clients of another Region see it: make the fake of that Region, "
        "mock_backup(region='eu-west-1') or @pytest.mark.fake_backup(region='eu-west-1'), or the "
        "clients, boto3.client('backup', region_name='eu-west-1'). Loaded by "
        "backup.at(region='eu-west-1').load(...), it is meant to lie there, and no warning says so."
    )
    backup.reset()
    backup.at(region=OTHER_REGION).load(document)


JOBS = ("a recording", "a dump")


@pytest.mark.parametrize("source", JOBS)
def test_jobs_that_a_management_account_sees(backup: FakeBackup, source: str) -> None:
    """Jobs of other accounts in the fake's Region are listed to its clients: nothing is told."""
    backup.load(SOURCES[source](OTHER_ACCOUNT, REGION))
    assert len(call("ListBackupJobs", ByAccountId=OTHER_ACCOUNT)["BackupJobs"]) == 1


@pytest.mark.fake_backup(management_account=THIRD)
@pytest.mark.parametrize("source", JOBS)
def test_jobs_that_no_member_account_sees(backup: FakeBackup, source: str) -> None:
    """To clients of a member account other accounts' jobs are not listed, and that is told."""
    with pytest.warns(FakeBackupWarning, match=f"act in {ACCOUNT}, so they will not see it"):
        backup.load(SOURCES[source](OTHER_ACCOUNT, REGION))
    assert call("ListBackupJobs", ByAccountId=OTHER_ACCOUNT)["BackupJobs"] == []
    backup.reset()
    # An account that clients act in, and that manages, sees them.
    with backup.acting_as(THIRD):
        backup.load(SOURCES[source](OTHER_ACCOUNT, REGION))


def test_a_job_that_a_load_completes(backup: FakeBackup) -> None:
    """A Describe of a job that a load before added is as visible as the job."""
    backup.load(jobs(OTHER_ACCOUNT, REGION))
    told = {"BackupJobId": "j", "State": "FAILED", "CreationDate": NOW, "AccountId": OTHER_ACCOUNT}
    assert backup.load({**told, "BytesTransferred": 7}, "DescribeBackupJob") == []
    assert backup.at(account_id=OTHER_ACCOUNT).backup_jobs["j"]["BytesTransferred"] == 7


def test_jobs_that_no_list_of_others_shows(backup: FakeBackup) -> None:
    """Report jobs are listed to their own account alone, the management account or not."""
    job = {"ReportJobId": "r", "Status": "FAILED", "CreationTime": NOW.isoformat()}
    job["ReportPlanArn"] = f"arn:aws:backup:{REGION}:{OTHER_ACCOUNT}:report-plan:p-1"
    document = jobs(OTHER_ACCOUNT, REGION)
    document["answers"][0] |= {"operation": "ListReportJobs", "answer": {"ReportJobs": [job]}}
    with pytest.warns(FakeBackupWarning, match=f"act in {ACCOUNT}, so they will not see it"):
        backup.load(document)


def test_a_shared_vault(backup: FakeBackup) -> None:
    """A logically air-gapped vault is shared with the Region's other accounts, which see it."""
    document = vaults((OTHER_ACCOUNT, REGION))
    document["BackupVaultList"][0]["VaultType"] = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    backup.load(document)
    assert [
        each["BackupVaultName"]
        for each in call("ListBackupVaults", ByShared=True)["BackupVaultList"]
    ] == ["v0"]


@pytest.mark.parametrize("source", JOBS)
def test_other_jobs_of_another_region(backup: FakeBackup, source: str) -> None:
    """Other accounts' jobs are listed to the management account's clients of their Region only."""
    document = SOURCES[source](OTHER_ACCOUNT, OTHER_REGION)
    with pytest.warns(FakeBackupWarning) as seen:
        backup.load(document)
    [warning] = seen
    assert str(warning.message).startswith(
        "What was loaded lies in Region eu-west-1, and the Region of this fake is us-east-1, so "
        "only clients of another Region see it, by what shows other accounts' too, as ByAccountId "
        "does: make the fake of that Region, mock_backup(region='eu-west-1') or "
    )
    everywhere: dict[str, Any] = {"ByAccountId": "*"}
    assert call("ListBackupJobs", **everywhere)["BackupJobs"] == []
    assert call("ListBackupJobs", region=OTHER_REGION, **everywhere)["BackupJobs"]
    # As the warning says.
    with mock_backup(region=OTHER_REGION) as other:
        other.load(document)
    backup.reset()
    backup.at(region=OTHER_REGION).load(document)


def test_a_part_that_clients_of_another_region_see(backup: FakeBackup) -> None:
    """Where clients of another Region see a part of what was loaded, that part is spoken of."""
    with pytest.warns(FakeBackupWarning) as seen:
        backup.load(vaults((OTHER_ACCOUNT, REGION), (ACCOUNT, OTHER_REGION)))
    [warning] = seen
    assert str(warning.message).startswith(
        "What clients see of what was loaded lies in Region eu-west-1, and the Region of this fake "
        "is us-east-1, so only clients of another Region see it: make"
    )


@pytest.mark.parametrize("source", SOURCES)
def test_a_region_that_nobody_chose(source: str) -> None:
    """Where the fake was made without a Region, clients name their own, and nothing is told."""
    document = SOURCES[source](ACCOUNT, "ap-south-1")
    with FakeBackup() as backup:
        backup.load(document)
        assert backup.region != "ap-south-1"


def test_several_accounts(backup: FakeBackup) -> None:
    """Several other accounts are named in one warning; with the fake's own among them, none is."""
    with pytest.warns(FakeBackupWarning) as seen:
        backup.load(vaults((THIRD, REGION), (OTHER_ACCOUNT, REGION)))
    [warning] = seen
    text = str(warning.message)
    assert text.startswith("What was loaded lies in accounts 111122223333, 444455556666, and ")
    assert "mock_backup(account_id='111122223333') or" in text
    backup.reset()
    backup.load(vaults((THIRD, OTHER_REGION), (ACCOUNT, REGION)))
    assert list(backup.vaults) == ["v1"]


@pytest.mark.parametrize(
    "document",
    [
        {"BackupJobs": []},
        {"GlobalSettings": {"isCrossAccountBackupEnabled": "true"}},
        {"ResourceTypeOptInPreference": {"EBS": True}},
    ],
)
def test_what_lies_nowhere_else(backup: FakeBackup, document: dict[str, Any]) -> None:
    """Nothing, what names no account, and settings of the organisation are told nothing of."""
    assert backup.load(document) == []
