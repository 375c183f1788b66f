"""Beside moto, in every order: Backup is ours, all other services are moto's."""

from __future__ import annotations

import contextlib
import functools
import json
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from aiobotocore.session import AioSession
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws
from moto.backup.models import backup_backends
from moto.core.models import botocore_stubber

from fakebackup import OperationNotFaked, current, hook, mock_backup
from support import http
from support.http import request, signature
from support.roles import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OWN = "123456789012"
OTHER = "111122223333"
TRANSPORTS = ("direct", "wire")
MOTOS_KEYS: dict[str, Any] = {
    "aws_access_key_id": "FOOBARKEY",
    "aws_secret_access_key": "FOOBARSECRET",
}


@functools.cache
def a_loader() -> Any:
    """What reads botocore's models, kept for all tests of this file: reading takes time."""
    return botocore.session.Session().get_component("data_loader")


def new_session() -> Any:
    """A session without anything, as an application makes it."""
    session = botocore.session.Session()
    session.register_component("data_loader", a_loader())
    return boto3.Session(botocore_session=session)


def a_client(service: str = "backup", **settings: Any) -> Any:
    """A client with a region, of a session of its own."""
    return new_session().client(service, region_name="us-east-1", **settings)


def vaults_of_moto() -> list[str]:
    """The names of the vaults that moto holds, wherever they are."""
    return [
        name
        for account in backup_backends.values()
        for backend in account.values()
        for name in backend.vaults
    ]


def is_ours(client: Any = None) -> None:
    """Check that Backup is answered by the active fake, errors and retries included."""
    client = client or a_client()
    backup = current()
    before = vaults_of_moto()
    job = backup.at(region="us-east-1").add_backup_job(ResourceType="EFS")
    assert client.describe_backup_job(BackupJobId=job.id)["ResourceType"] == "EFS"
    listed = client.list_backup_jobs(ByResourceType="EFS")["BackupJobs"]
    assert job.id in [found["BackupJobId"] for found in listed]
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_backup_job(BackupJobId="gone")
    backup.fail("ListBackupJobs", times=2)
    assert client.list_backup_jobs()["ResponseMetadata"]["RetryAttempts"] == 2
    assert vaults_of_moto() == before


def is_motos(name: str = "bucket") -> None:
    """Check that other services are moto's."""
    s3 = a_client("s3")
    s3.create_bucket(Bucket=name)
    assert name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    sts = a_client("sts")
    assert sts.get_caller_identity()["Account"] == OWN


def motos_backup() -> None:
    """Check that Backup is moto's, which knows vaults and no jobs."""
    client = a_client()
    client.create_backup_vault(BackupVaultName="motos")
    names = [vault["BackupVaultName"] for vault in client.list_backup_vaults()["BackupVaultList"]]
    assert "motos" in names
    with pytest.raises(ClientError, match="404"):
        client.list_backup_jobs()


# --- In every order -------------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_moto_around(transport: Any, attempts: list[object]) -> None:
    """With moto around it, the fake answers Backup, and moto does again when it is left."""
    with mock_aws():
        motos_backup()
        is_motos("before")
        with mock_backup(transport=transport):
            is_ours()
            is_motos("within")
        assert vaults_of_moto() == ["motos"]
        is_motos("after")
        again = a_client().list_backup_vaults()
        assert len(again["BackupVaultList"]) == 1
    assert not attempts


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_moto_inside(transport: Any, attempts: list[object]) -> None:
    """With moto inside it, the fake answers Backup before, within and afterwards."""
    with mock_backup(transport=transport):
        is_ours()
        with mock_aws():
            is_ours()
            is_motos()
        is_ours()
    assert not botocore_stubber.enabled
    assert hook.top() is None
    assert not attempts


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_inside_left_last(transport: Any, attempts: list[object]) -> None:
    """Each is left while the other goes on: neither exit disturbs the other."""
    moto, ours = mock_aws(), mock_backup(transport=transport)
    ours.start()
    moto.start()
    is_ours()
    ours.stop()
    is_motos("one")
    motos_backup()
    ours.start()
    is_ours()
    moto.stop()
    is_ours()
    ours.stop()
    assert hook.top() is None
    assert not botocore_stubber.enabled
    assert not attempts


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_clients_from_before_both(transport: Any, attempts: list[object]) -> None:
    """A Backup client made before either is answered by the fake under moto."""
    client = a_client(**MOTOS_KEYS)
    for order in ((mock_aws(), mock_backup(transport=transport)), (mock_backup(), mock_aws())):
        with contextlib.ExitStack() as stack:
            for each in order:
                stack.enter_context(each)
            is_ours(client)
    assert not attempts


def both() -> None:
    """What a test under both decorators finds."""
    is_ours()
    is_motos()


DECORATED: dict[str, Callable[[Any], Any]] = {
    "moto over": lambda transport: mock_aws(mock_backup(transport=transport)(both)),
    "moto under": lambda transport: mock_backup(transport=transport)(mock_aws(both)),
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("decorated", DECORATED.values(), ids=DECORATED)
def test_the_decorators(decorated: Any, transport: Any, attempts: list[object]) -> None:
    """A function under both decorators, either one over the other."""
    decorated(transport)()
    assert hook.top() is None
    assert not botocore_stubber.enabled
    assert not attempts


@mock_aws
@mock_backup
class TestMotoOver:
    def test_both(self) -> None:
        """A class under both decorators, moto's over ours."""
        both()


@mock_backup
@mock_aws
class TestMotoUnder:
    def test_both(self) -> None:
        """A class under both decorators, moto's under ours."""
        both()


@pytest.fixture
def motos() -> Iterator[None]:
    """Moto as a fixture, the way most test suites have it."""
    with mock_aws():
        yield


@pytest.mark.usefixtures("motos", "fake_backup")
def test_the_fixtures() -> None:
    """Both as fixtures, moto's first."""
    both()


@pytest.mark.usefixtures("fake_backup", "motos")
def test_the_fixtures_in_the_other_order() -> None:
    """Both as fixtures, ours first."""
    both()


@pytest.mark.asyncio
@pytest.mark.usefixtures("motos")
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_async_client_under_moto(transport: Any, attempts: list[object]) -> None:
    """An async Backup client is answered under moto, made before or inside."""
    with mock_backup(transport=transport) as backup:
        backup.add_backup_job()
        async with AioSession().create_client("backup") as client:
            assert len((await client.list_backup_jobs())["BackupJobs"]) == 1
            backup.fail("ListBackupJobs")
            answer = await client.list_backup_jobs()
            assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert not attempts


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_not_faked_is_not_motos(transport: Any, unfaked: Callable[..., None]) -> None:
    """An operation that is not faked is refused by us, and neither answered by moto nor refused."""
    unfaked("ListFrameworks")
    with mock_aws(), mock_backup(transport=transport) as backup:
        client = a_client()
        with pytest.raises(OperationNotFaked, match="fakebackup does not fake"):
            client.list_frameworks()
        backup.reset()


# --- Other ways to mock ---------------------------------------------------------------------


def test_the_default_session() -> None:
    """Clients of boto3's default session, which moto swaps, find each their own."""
    with mock_backup() as backup:
        boto3.client("backup").list_backup_jobs()
        with mock_aws():
            boto3.client("backup").list_backup_jobs()
            assert boto3.client("sts", "us-east-1").get_caller_identity()["Account"] == OWN
        boto3.client("backup").list_backup_jobs()
        assert len(backup.calls) == 3


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_stubber_wins_over_both(transport: Any) -> None:
    """A Stubber on a Backup client wins over the fake and moto, for that client alone."""
    with mock_aws(), mock_backup(transport=transport):
        client = a_client()
        with Stubber(client) as stubber:
            stubber.add_response("list_backup_jobs", {"BackupJobs": [{"BackupJobId": "stubbed"}]})
            assert client.list_backup_jobs()["BackupJobs"] == [{"BackupJobId": "stubbed"}]
            is_ours(a_client())
        is_ours(client)


# As moto's documentation has it, for operations that moto does not know.
GRABBED: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]  # private


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_recipe_of_motos_documentation(transport: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A patch of _make_api_call that answers one operation passes the others to each's own."""

    def make_api_call(self: Any, operation_name: str, kwarg: Any) -> Any:
        if operation_name == "ListBackupPlans":
            return {"BackupPlansList": ["mine"]}
        return GRABBED(self, operation_name, kwarg)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    with mock_aws(), mock_backup(transport=transport):
        is_ours()
        is_motos()
        client = a_client()
        assert client.list_backup_plans() == {"BackupPlansList": ["mine"]}


# --- Roles ----------------------------------------------------------------------------------


def assume(account: str) -> Any:
    """The credentials of a role in an account, from moto's STS."""
    sts = a_client("sts")
    role = f"arn:aws:iam::{account}:role/reader"
    told = sts.assume_role(RoleArn=role, RoleSessionName="session")
    return told["Credentials"]


def of(credentials: Any, service: str = "backup") -> Any:
    """A client made from credentials, as code does it by hand."""
    return a_client(
        service,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def acts_in(client: Any) -> str:
    """The account that the active fake sees a client act in."""
    client.list_backup_jobs()
    return current().calls[-1].account


@pytest.mark.usefixtures("motos")
@pytest.mark.parametrize("account", [OTHER, OWN])
def test_a_role_from_motos_sts(account: str) -> None:
    """A client made from a role acts in its account, as moto says itself."""
    with mock_backup(account_id="999988887777"):
        credentials = assume(account)
        assert of(credentials, "sts").get_caller_identity()["Account"] == account
        assert acts_in(of(credentials)) == account
        assert acts_in(boto3.client("backup")) == "999988887777"


@pytest.mark.usefixtures("motos")
def test_a_role_assumed_before_the_fake() -> None:
    """A role that moto handed out before the fake began acts in its account too."""
    credentials = assume(OTHER)
    client = of(credentials)
    with mock_backup():
        assert acts_in(client) == acts_in(of(credentials)) == OTHER


@pytest.mark.usefixtures("motos")
def test_a_users_key_of_another_account() -> None:
    """So does a key that moto's IAM made in another account."""
    iam = of(assume(OTHER), "iam")
    iam.create_user(UserName="me")
    made = iam.create_access_key(UserName="me")["AccessKey"]
    with mock_backup():
        assert acts_in(of({**made, "SessionToken": None})) == OTHER


@pytest.mark.usefixtures("motos")
def test_a_key_that_moto_does_not_know() -> None:
    """A key that nobody handed out names no account, not moto's default one."""
    assume(OTHER)
    client = of({"AccessKeyId": "AKIAREAL", "SecretAccessKey": "secret", "SessionToken": None})
    with mock_backup(account_id="999988887777"):
        assert acts_in(client) == "999988887777"


@pytest.mark.asyncio
@pytest.mark.usefixtures("motos")
async def test_a_role_in_an_async_client() -> None:
    """An async client made from a role acts in its account."""
    with mock_backup() as backup:
        credentials = assume(OTHER)
        session = AioSession()
        session.set_credentials(credentials["AccessKeyId"], credentials["SecretAccessKey"])
        async with session.create_client("backup", region_name="us-east-1") as client:
            await client.list_backup_jobs()
        assert backup.calls[0].account == OTHER


@pytest.mark.usefixtures("motos")
def test_what_the_environment_names_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A role's key in the environment names no account, from before or from inside."""
    credentials = assume(OTHER)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials["AccessKeyId"])
    before = a_client()
    with mock_backup():
        assert acts_in(before) == OWN
        assert acts_in(a_client()) == OWN


@pytest.mark.usefixtures("motos")
def test_a_role_that_another_process_acts_in() -> None:
    """A key that moto's STS made in this process, before the fake, is its account's over HTTP."""
    credentials = assume(OTHER)
    with mock_backup() as backup, backup.serve() as server:
        header = signature(credentials["AccessKeyId"])
        assert http.ask(server.url, request(authorization=header)).status == 200
        assert backup.calls[0].account == OTHER


@pytest.mark.usefixtures("motos")
def test_a_moto_that_is_not_at_work_is_not_asked() -> None:
    """A key that moto made names no account while moto is off."""
    client = of(assume(OTHER))
    with mock_backup():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(botocore_stubber, "enabled", False)
            assert acts_in(client) == OWN
        assert acts_in(client) == OTHER


@pytest.mark.usefixtures("motos")
@pytest.mark.parametrize(
    "name", ["moto.iam.models.get_account_id_from", "moto.core.models.botocore_stubber"]
)
def test_a_moto_that_has_changed_breaks_nothing(name: str) -> None:
    """Where moto no longer tells accounts this way, the fake's own applies."""
    client = of(assume(OTHER))
    with mock_backup():
        assert acts_in(client) == OTHER, f"{name} is gone: answering.access_keys"
        with pytest.MonkeyPatch.context() as patch:
            patch.delattr(name)
            assert acts_in(client) == OWN


# --- Policies that decide calls -------------------------------------------------------------


def denying(principal: str) -> str:
    """A policy that denies somebody to describe a vault."""
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": principal},
        "Action": "backup:DescribeBackupVault",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def is_denied(client: Any) -> str:
    """Whom a policy denies to describe the vault; "" for nobody."""
    refusal = ask(client, "DescribeBackupVault", BackupVaultName="vault")
    if refusal is None:
        return ""
    assert refusal["Error"]["Code"] == "AccessDeniedException"
    return str(refusal["Error"]["Message"]).split()[1]


@pytest.mark.usefixtures("motos")
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("account", [OTHER, OWN])
def test_a_policy_knows_motos_roles(account: str, *, before: bool) -> None:
    """A policy that names a role denies its sessions, assumed before the fake began or in it."""
    made = assume(account) if before else None
    with mock_backup(account_id=account, enforce_policies=True) as backup:
        made = made or assume(account)
        vault = backup.at(region="us-east-1").add_vault(BackupVaultName="vault")
        vault.policy = denying(f"arn:aws:iam::{account}:role/reader")
        session = f"arn:aws:sts::{account}:assumed-role/reader/session"
        assert is_denied(of(made)) == session
        assert is_denied(a_client()) == ""
        vault.policy = denying(f"arn:aws:iam::{account}:role/writer")
        assert is_denied(of(made)) == ""


@pytest.mark.asyncio
@pytest.mark.usefixtures("motos")
async def test_a_policy_knows_roles_of_async_clients() -> None:
    """A policy denies an async client that acts as a role."""
    with mock_backup(account_id=OTHER, enforce_policies=True) as backup:
        credentials = assume(OTHER)
        vault = backup.at(region="us-east-1").add_vault(BackupVaultName="vault")
        vault.policy = denying(f"arn:aws:iam::{OTHER}:role/reader")
        session = AioSession()
        session.set_credentials(credentials["AccessKeyId"], credentials["SecretAccessKey"])
        async with session.create_client("backup", region_name="us-east-1") as client:
            with pytest.raises(ClientError, match="assumed-role/reader/session is not authorized"):
                await client.describe_backup_vault(BackupVaultName="vault")


@pytest.mark.usefixtures("motos")
def test_a_policy_knows_motos_users() -> None:
    """A policy that names an IAM user denies the user's key, wherever the user was made."""
    iam = of(assume(OTHER), "iam")
    user = iam.create_user(UserName="me")["User"]
    made = iam.create_access_key(UserName="me")["AccessKey"]
    with mock_backup(account_id=OTHER, enforce_policies=True) as backup:
        vault = backup.at(region="us-east-1").add_vault(BackupVaultName="vault")
        vault.policy = denying(user["Arn"])
        assert is_denied(of({**made, "SessionToken": None})) == user["Arn"]
        assert is_denied(a_client()) == ""


@pytest.mark.usefixtures("motos")
@pytest.mark.parametrize(
    "name",
    [
        "moto.sts.models.STSBackend.get_assumed_role_from_access_key",
        "moto.core.models.botocore_stubber",
    ],
)
def test_a_moto_that_has_changed_leaves_the_root(name: str) -> None:
    """Where moto no longer tells who has a key, the caller is the account's root."""
    made = assume(OWN)
    with mock_backup(account_id=OWN, enforce_policies=True) as backup:
        vault = backup.at(region="us-east-1").add_vault(BackupVaultName="vault")
        vault.policy = denying("*")
        client = of(made)
        assert is_denied(client).endswith("/session"), f"{name} is gone: answering.access_keys"
        with pytest.MonkeyPatch.context() as patch:
            patch.delattr(name)
            assert is_denied(client) == f"arn:aws:iam::{OWN}:root"
