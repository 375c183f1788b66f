"""Whose account, which region: who decides, and that nobody's machine does."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from fakebackup import FakeBackup, FakeBackupError, mock_backup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OWN = "123456789012"
OTHER = "111122223333"
THIRD = "444455556666"

takes_account_id = pytest.mark.skipif(
    "aws_account_id" not in inspect.signature(boto3.Session).parameters,
    reason="this boto3 takes no account id",
)


@functools.cache
def a_session(account_id: str | None) -> boto3.Session:
    """A session, made once: making one is what takes time."""
    keys: dict[str, Any] = {}
    if account_id is not None:
        keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "s"}
        keys["aws_account_id"] = account_id
    return boto3.Session(region_name="us-east-1", **keys)


def a_client(account_id: str | None = None, **settings: Any) -> Any:
    """A client with a region, and with keys that name an account where one is given."""
    if account_id is None and not settings:
        settings = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "s"}
    return a_session(account_id).client("backup", **settings)


def found_on_the_machine() -> Any:
    """A client that is told nothing, and so finds its credentials as botocore does."""
    return boto3.Session(region_name="us-east-1").client("backup")


def seen(client: Any, **filters: Any) -> set[str]:
    """The accounts of the jobs that a client is told of."""
    jobs = client.list_backup_jobs(**filters)["BackupJobs"]
    return {job["AccountId"] for job in jobs}


def seed(backup: FakeBackup) -> None:
    """One job in each of three accounts."""
    for account_id in (OWN, OTHER, THIRD):
        backup.at(account_id=account_id).add_backup_job()


# --- What the machine says ------------------------------------------------------------------

PROFILES = {
    "keys": "aws_access_key_id = AKIA\naws_secret_access_key = s\naws_account_id = 111122223333",
    "SSO": (
        "sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n"
        "sso_account_id = 111122223333\nsso_role_name = r"
    ),
    "SSO session": (
        "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n"
        "[sso-session s]\nsso_start_url = https://example.awsapps.com/start\n"
        "sso_region = eu-west-1"
    ),
    "role": (
        "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = AKIA\naws_secret_access_key = s"
    ),
}


def is_the_fakes(client: Any, backup: FakeBackup) -> bool:
    """Whether a client acts in the fake's account, by all that can be seen of it."""
    jobs = client.list_backup_jobs()["BackupJobs"]
    return {job["AccountId"] for job in jobs} == {OWN} and backup.calls[-1].account == OWN


def test_the_environments_account_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_ACCOUNT_ID, with keys or without, does not decide whose jobs are seen."""
    monkeypatch.setenv("AWS_ACCOUNT_ID", OTHER)
    with mock_backup() as backup:
        seed(backup)
        assert backup.account_id == OWN
        assert is_the_fakes(found_on_the_machine(), backup)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        assert is_the_fakes(found_on_the_machine(), backup)


def test_the_environments_account_changes_nothing_for_a_client_from_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client whose credentials came from the environment before acts in the fake's account."""
    monkeypatch.setenv("AWS_ACCOUNT_ID", OTHER)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    session = boto3.Session(region_name="us-east-1")
    client = session.client("backup")
    assert session.get_credentials() is not None
    with mock_backup() as backup:
        seed(backup)
        assert is_the_fakes(client, backup)
        assert is_the_fakes(session.client("backup"), backup)


@pytest.mark.parametrize("settings", PROFILES.values(), ids=PROFILES)
def test_a_profiles_account_changes_nothing(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile that names an account does not decide, for clients from before or inside."""
    path = tmp_path / "config"
    path.write_text(f"[profile mine]\n{settings}\n", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    before = found_on_the_machine()
    with mock_backup() as backup:
        seed(backup)
        assert backup.account_id == OWN
        assert is_the_fakes(before, backup)
        assert is_the_fakes(found_on_the_machine(), backup)


# --- What code says -------------------------------------------------------------------------


@takes_account_id
def test_an_account_given_in_code_decides() -> None:
    """boto3.Session(aws_account_id=...) is the client's account, from before and from inside."""
    before = a_client(OTHER)
    with mock_backup(management_account=None) as backup:
        seed(backup)
        assert seen(before) == {OTHER}
        assert seen(a_client(THIRD)) == {THIRD}
        assert seen(a_client()) == {OWN}
        assert [call.account for call in backup.calls] == [OTHER, THIRD, OWN]


@takes_account_id
def test_an_account_given_to_client_decides() -> None:
    """So is session.client(aws_account_id=...), which goes before the session's."""
    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "s"}
    with mock_backup() as backup:
        seed(backup)
        assert seen(a_client(aws_account_id=OTHER, **keys)) == {OTHER}
        assert seen(a_client(OTHER, aws_account_id=THIRD, **keys)) == {THIRD}


@takes_account_id
def test_an_account_given_in_code_goes_before_acting_as() -> None:
    """acting_as is for clients whose credentials name no account."""
    client = a_client(OTHER)
    with mock_backup() as backup, backup.acting_as(THIRD):
        seed(backup)
        assert seen(client) == {OTHER}
        assert seen(a_client()) == {THIRD}


def test_keys_without_an_account_name_none() -> None:
    """Keys alone leave the account to the fake."""
    session = boto3.Session(
        aws_access_key_id="AKIA",
        aws_secret_access_key="s",  # noqa: S106  no secret
        region_name="us-east-1",
    )
    with mock_backup(account_id=OTHER) as backup:
        seed(backup)
        assert seen(session.client("backup")) == {OTHER}


def test_the_option_decides_for_clients_that_name_none() -> None:
    """account_id is the account of the fake, its seeds and its clients."""
    with mock_backup(account_id=OTHER) as backup:
        job = backup.add_backup_job()
        assert job["AccountId"] == OTHER
        assert f":{OTHER}:" in job["BackupVaultArn"]
        assert seen(a_client()) == {OTHER}


# --- acting_as ------------------------------------------------------------------------------


def test_acting_as() -> None:
    """Inside the block clients act in the account, and its value seeds there; then no more."""
    client = a_client()
    with mock_backup() as backup:
        with backup.acting_as(OTHER) as there:
            assert there.account_id == OTHER
            job = there.add_backup_job()
            assert seen(client) == {OTHER}
            assert there.backup_jobs[job.id] is job
            assert backup.account_id == OWN
        assert seen(client) == set()
        assert client.list_backup_jobs(ByAccountId=OTHER)["BackupJobs"]


def test_seeding_beside_acting_as() -> None:
    """Inside the block the fake seeds its own account, as ever; `as` gives the account's view."""
    with mock_backup(region="us-east-1") as backup:
        client = a_client()
        with backup.acting_as(OTHER) as there:
            own, others = backup.add_backup_job(), there.add_backup_job()
            assert (own["AccountId"], others["AccountId"]) == (OWN, OTHER)
            assert client.list_backup_jobs()["BackupJobs"] == [others]
            assert list(there.backup_jobs) == [others.id]
            assert (there.account_id, there.region) == (OTHER, "us-east-1")
        client.list_backup_jobs()
        assert [call.account for call in there.calls] == [OTHER]
        assert len(backup.calls) == 2


def test_acting_as_nests() -> None:
    """The innermost block decides, and leaving it gives back the one round it."""
    client = a_client()
    with mock_backup() as backup:
        seed(backup)
        with backup.acting_as(OTHER):
            with backup.acting_as(THIRD):
                assert seen(client) == {THIRD}
            with backup.acting_as(OTHER):
                assert seen(client) == {OTHER}
            assert seen(client) == {OTHER}
        assert seen(client) == {OWN}


def test_acting_as_overlaps() -> None:
    """Blocks left in another order each take out their own entry."""
    client = a_client()
    with mock_backup() as backup:
        seed(backup)
        first, second, again = (backup.acting_as(each) for each in (OTHER, THIRD, OTHER))
        for block in (first, second, again):
            block.__enter__()
        first.__exit__(None, None, None)
        assert seen(client) == {OTHER}
        again.__exit__(None, None, None)
        assert seen(client) == {THIRD}
        second.__exit__(None, None, None)
        assert seen(client) == {OWN}


def test_acting_as_ends_with_an_exception() -> None:
    """A block that raises is left, and the exception arrives."""
    client = a_client()
    with mock_backup() as backup:
        seed(backup)
        with pytest.raises(LookupError), backup.acting_as(OTHER):
            raise LookupError
        assert seen(client) == {OWN}


def test_acting_as_holds_for_all_threads() -> None:
    """It is process-wide: a thread of the code under test acts in the account too."""
    client = a_client()
    with mock_backup() as backup, ThreadPoolExecutor(1) as pool:
        seed(backup)
        with backup.acting_as(OTHER):
            assert pool.submit(seen, client).result(30) == {OTHER}


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as Python can have them, which shows what is not locked."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty")
def test_acting_as_in_threads_at_once() -> None:
    """Blocks entered and left by many threads at once leave nothing behind."""
    client = a_client()
    barrier = threading.Barrier(8)

    with mock_backup() as backup, ThreadPoolExecutor(8) as pool:
        seed(backup)

        def work(number: int) -> None:
            barrier.wait(30)
            for _ in range(200):
                with backup.acting_as(f"{number:012d}"):
                    pass

        for done in [pool.submit(work, number) for number in range(8)]:
            done.result(30)
        assert seen(client) == {OWN}


@pytest.mark.parametrize("wrong", ["12345", "12345678901x", ""])
def test_an_account_that_is_none_is_refused(wrong: str) -> None:
    """at() and acting_as() want 12 digits, and say so."""
    text = f"account_id is a string of 12 digits, not {wrong!r}."
    with mock_backup() as backup:
        with pytest.raises(ValueError, match="12 digits") as at:
            backup.at(account_id=wrong)
        with pytest.raises(ValueError, match="12 digits") as acting, backup.acting_as(wrong):
            pass
        assert str(at.value) == str(acting.value) == text
        with pytest.raises(TypeError, match=r"not 123456789012 \(int\)"):
            backup.at(account_id=123456789012)  # type: ignore[arg-type]  # what is tested


def test_acting_as_wants_an_active_fake() -> None:
    """Before the start it is an error, and not a block that does nothing."""
    with pytest.raises(FakeBackupError, match="not active yet"), FakeBackup().acting_as(OTHER):
        pass


# --- at -------------------------------------------------------------------------------------


def test_at_is_the_same_fake_elsewhere() -> None:
    """A view seeds and reads its own account and region, and one of a view keeps the rest."""
    with mock_backup(region="us-east-1") as backup:
        there = backup.at(account_id=OTHER, region="eu-west-1")
        job = there.add_backup_job()
        assert (there.account_id, there.region) == (OTHER, "eu-west-1")
        assert (backup.account_id, backup.region) == (OWN, "us-east-1")
        assert job["BackupVaultArn"].startswith(f"arn:aws:backup:eu-west-1:{OTHER}:")
        assert list(there.backup_jobs) == [job.id]
        assert not backup.backup_jobs
        assert list(backup.at(account_id=OTHER).at(region="eu-west-1").backup_jobs) == [job.id]
        assert not there.at(region="us-east-1").backup_jobs
        assert there.calls == backup.calls == []


def test_at_changes_no_clients_account() -> None:
    """Looking at another account is not acting in it."""
    with mock_backup() as backup:
        seed(backup)
        backup.at(account_id=OTHER)
        assert seen(a_client()) == {OWN}


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("", "."),
        ("nowhere", "."),
        ("EU-West-1", "; did you mean 'eu-west-1'?"),
        ("eu_west_1", "; did you mean 'eu-west-1'?"),
        ("eu-west-1 ", "; did you mean 'eu-west-1'?"),
        ("us-east", "; did you mean 'us-east-1' or 'us-east-2'?"),
        ("us-east1", "; did you mean 'us-east-1'?"),
        ("us-east-1a", "; did you mean 'us-east-1'?"),
        ("ca-cent", "; did you mean 'ca-central-1'?"),
    ],
)
def test_a_region_that_is_none_is_refused(wrong: str, near: str) -> None:
    """at() and the option want the name of a region, say so, and name the near ones."""
    text = f"region is the name of an AWS region such as 'eu-west-1', not {wrong!r}{near}"
    with mock_backup() as backup, pytest.raises(ValueError, match="region is the name") as caught:
        backup.at(region=wrong)
    assert str(caught.value) == text
    with pytest.raises(ValueError, match="region is the name") as caught:
        mock_backup(region=wrong)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "region",
    ["us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "ap-southeast-12", "mx-central-1"],
)
@pytest.mark.filterwarnings("ignore:.* knows no such Region:fakebackup.FakeBackupWarning")
def test_regions_of_every_form(region: str) -> None:
    """Regions that botocore may not know yet are taken by the form of their names."""
    with mock_backup(region=region) as backup:
        assert backup.add_backup_job().region == region


def test_a_view_can_be_stopped() -> None:
    """A view is the fake: stopping it ends the fake."""
    backup = FakeBackup().start()
    backup.at(account_id=OTHER).stop()
    with pytest.raises(FakeBackupError, match="has ended"):
        backup.add_backup_job()


# --- Regions --------------------------------------------------------------------------------


def test_regions_are_separate() -> None:
    """A client is told of its own region's jobs, in lists, descriptions and summaries."""
    session = boto3.Session()
    with mock_backup(region="us-east-1") as backup:
        here = backup.add_backup_job()
        there = backup.at(region="eu-west-1").add_backup_job()
        for region, own, foreign in (("us-east-1", here, there), ("eu-west-1", there, here)):
            client: Any = session.client("backup", region_name=region)
            jobs = client.list_backup_jobs()["BackupJobs"]
            assert [job["BackupJobId"] for job in jobs] == [own.id]
            assert client.describe_backup_job(BackupJobId=own.id)["BackupJobId"] == own.id
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.describe_backup_job(BackupJobId=foreign.id)
            (row,) = client.list_backup_job_summaries(State="COMPLETED")["BackupJobSummaries"]
            assert (row["Region"], row["Count"]) == (region, 1)
        assert {call.region for call in backup.calls} == {"us-east-1", "eu-west-1"}


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-1", "aws")],
)
def test_a_regions_partition_is_in_the_arns(region: str, partition: str) -> None:
    """ARNs of seeded jobs carry the partition of their region."""
    with mock_backup(region=region) as backup:
        job = backup.add_backup_job()
        for name in ("BackupVaultArn", "ResourceArn", "IamRoleArn"):
            assert job[name].split(":")[1] == partition


# --- The organisation -----------------------------------------------------------------------


def acting_in_each(backup: FakeBackup, **filters: Any) -> dict[str, set[str]]:
    """Which accounts' jobs each account is told of."""
    client = a_client()
    told: dict[str, set[str]] = {}
    for account_id in (OWN, OTHER, THIRD):
        with backup.acting_as(account_id):
            told[account_id] = seen(client, **filters)
    return told


MANAGEMENT: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "the fake's own": (mock_backup, {OWN}),
    "another": (lambda: mock_backup(management_account=OTHER), {OTHER}),
    "several": (lambda: mock_backup(management_account=[OTHER, THIRD]), {OTHER, THIRD}),
    "none": (lambda: mock_backup(management_account=None), set()),
    "the fake's own, elsewhere": (lambda: mock_backup(account_id=OTHER), {OTHER}),
}


@pytest.mark.parametrize(("make", "managers"), MANAGEMENT.values(), ids=MANAGEMENT)
def test_management_accounts_see_the_organisation(
    make: Callable[[], Any], managers: set[str]
) -> None:
    """ByAccountId="*" shows a management account every account, any other one its own."""
    everybody = {OWN, OTHER, THIRD}
    with make() as backup:
        seed(backup)
        told = acting_in_each(backup, ByAccountId="*")
        assert {account for account, accounts in told.items() if accounts == everybody} == managers
        assert all(told[account] <= {account} for account in everybody - managers)
        plain = acting_in_each(backup)
        assert plain == {account: {account} for account in everybody}


def test_a_member_account_is_told_of_no_other() -> None:
    """ByAccountId of another account is empty for a member and full for the manager."""
    with mock_backup(management_account=OTHER) as backup:
        seed(backup)
        told = acting_in_each(backup, ByAccountId=THIRD)
        assert told == {OWN: set(), OTHER: {THIRD}, THIRD: {THIRD}}


@pytest.mark.parametrize("wrong", ["12", ["123456789012", "12"]])
def test_a_management_account_that_is_none_is_refused(wrong: Any) -> None:
    """The option wants account ids, and says so."""
    with pytest.raises(ValueError, match="management_account is a string of 12 digits, not '12'"):
        mock_backup(management_account=wrong)
