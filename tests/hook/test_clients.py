"""Clients and sessions: from before, from inside, and what becomes of them afterwards."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import NoCredentialsError, NoRegionError, PartialCredentialsError
from botocore.session import Session

from fakebackup import mock_backup

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS: dict[str, Any] = {"aws_access_key_id": "AKIAREAL", "aws_secret_access_key": "secret"}

# As an application's module makes it, at import.
MODULE_LEVEL: Any = boto3.Session(region_name="us-east-1", **KEYS).client("backup")


class Network:
    """What answers in AWS's place whatever a client sends, and keeps who signed it."""

    def __init__(self) -> None:
        """Nothing was sent yet."""
        self.signed_by: list[str] = []

    def under(self, client: Any) -> Any:
        """Put it below a client, and return the client."""
        client.meta.events.register("before-send", self.answer)
        return client

    def answer(self, request: Any, **_: object) -> AWSResponse:
        """Answer an empty list."""
        header = request.headers["Authorization"]
        header = header.decode() if isinstance(header, bytes) else header
        self.signed_by.append(header.partition("Credential=")[2].partition("/")[0])
        raw: Any = io.BytesIO(b'{"BackupJobs": []}')
        raw.stream = lambda: iter([raw.read()])
        return AWSResponse(
            request.url, 200, HTTPHeaders.from_dict({"content-type": "application/json"}), raw
        )


@pytest.fixture
def no_default_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 has no default session yet, and afterwards has the one it had."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def is_answered(client: Any) -> bool:
    """Whether the active fake answers a client: a job that was just seeded is listed."""
    with mock_backup() as backup:
        job = backup.at(region=client.meta.region_name).add_backup_job()
        listed = client.list_backup_jobs()["BackupJobs"]
        return job.id in [found["BackupJobId"] for found in listed]


# --- From before ----------------------------------------------------------------------------

BEFORE: dict[str, Callable[[], Any]] = {
    "module level": lambda: MODULE_LEVEL,
    "boto3 session": lambda: boto3.Session(region_name="eu-west-1", **KEYS).client("backup"),
    "botocore session": lambda: Session().create_client("backup", "eu-west-1", None, **KEYS),
    "a local endpoint": lambda: boto3.client(
        "backup", endpoint_url="http://localhost:4566", region_name="eu-west-1", **KEYS
    ),
    "China": lambda: boto3.client("backup", region_name="cn-north-1", **KEYS),
    "unsigned": lambda: boto3.client(
        "backup", region_name="eu-west-1", config=Config(signature_version=UNSIGNED)
    ),
    "FIPS": lambda: boto3.client(
        "backup", region_name="us-gov-west-1", config=Config(use_fips_endpoint=True), **KEYS
    ),
}


@pytest.mark.parametrize("make", BEFORE.values(), ids=BEFORE)
def test_a_client_from_before_is_answered(make: Callable[[], Any], attempts: list[object]) -> None:
    """A client made before activation is answered, however it was made, wherever it points."""
    client = make()
    assert is_answered(client)
    assert is_answered(client)
    assert not attempts


@pytest.mark.usefixtures("no_default_session")
def test_the_default_session_from_before_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's default session, set up before, makes answered clients and stays as it was."""
    boto3.setup_default_session(region_name="eu-west-1", **KEYS)
    session = boto3.DEFAULT_SESSION
    with mock_backup() as backup:
        assert backup.region == "eu-west-1"
        assert boto3.client("backup").meta.region_name == "eu-west-1"
        assert is_answered(boto3.client("backup"))
    assert boto3.DEFAULT_SESSION is session
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def test_a_session_from_before_makes_clients_that_are_answered(attempts: list[object]) -> None:
    """A session made before activation makes clients inside that need nothing."""
    for session in (boto3.Session(), boto3.Session(botocore_session=Session())):
        with mock_backup() as backup:
            client = session.client("backup")
            backup.add_backup_job()
            assert len(client.list_backup_jobs()["BackupJobs"]) == 1
    assert not attempts


def test_a_method_grabbed_before_is_answered() -> None:
    """A bound method kept from before is answered while a fake is active, and real afterwards."""
    network = Network()
    method = network.under(
        boto3.Session(region_name="us-east-1", **KEYS).client("backup")
    ).list_backup_jobs
    with mock_backup() as backup:
        backup.add_backup_job()
        assert len(method()["BackupJobs"]) == 1
    assert not network.signed_by
    assert method()["BackupJobs"] == []
    assert network.signed_by == ["AKIAREAL"]


def test_a_paginator_made_before_is_answered() -> None:
    """A paginator, and the iterator over its pages, made before activation page over the fake."""
    network = Network()
    client = network.under(boto3.Session(region_name="us-east-1", **KEYS).client("backup"))
    pages = client.get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 2})
    with mock_backup() as backup:
        backup.add_backup_jobs(5)
        assert [len(page["BackupJobs"]) for page in pages] == [2, 2, 1]
        assert len(backup.calls) == 3
    assert not network.signed_by


BEFORE_IMPORT = """
import sys
import boto3, botocore.session
keys = dict(aws_access_key_id="AKIAREAL", aws_secret_access_key="secret")
boto3.setup_default_session(region_name="us-east-1", **keys)
client = boto3.client("backup")
method = client.list_backup_jobs
pages = client.get_paginator("list_backup_jobs").paginate()
session = boto3.Session(region_name="us-east-1", **keys)
other = botocore.session.Session().create_client(
    "backup", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
)
assert not [name for name in sys.modules if name.partition(".")[0] == "fakebackup"]

from fakebackup import mock_backup

with mock_backup() as backup:
    job = backup.add_backup_job()
    for answer in (
        client.list_backup_jobs(),
        method(),
        *pages,
        boto3.client("backup").list_backup_jobs(),
        session.client("backup").list_backup_jobs(),
        other.list_backup_jobs(),
    ):
        assert [found["BackupJobId"] for found in answer["BackupJobs"]] == [job.id]
    print(len(backup.calls))
"""


def test_what_was_made_before_the_import_is_answered(tmp_path: Path) -> None:
    """Clients, sessions, methods and paginators from before `import fakebackup` are answered."""
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_IMPORT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    assert done.stdout.split() == ["6"]


# --- Region ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_default_session")
def test_no_region_is_needed() -> None:
    """A client made while active without any region has the fake's; afterwards it is needed."""
    with mock_backup() as backup:
        assert backup.region == "us-east-1"
        assert boto3.client("backup").meta.region_name == "us-east-1"
        assert Session().create_client("backup").meta.region_name == "us-east-1"
        with pytest.raises(NoRegionError):
            boto3.client("ec2", **KEYS)
    with mock_backup(region="eu-west-1"):
        assert boto3.client("backup").meta.region_name == "eu-west-1"
    with pytest.raises(NoRegionError):
        boto3.client("backup", **KEYS)


@pytest.mark.usefixtures("no_default_session")
def test_a_named_region_is_honoured() -> None:
    """A region named by keyword, position, Config or session is the client's, not the fake's."""
    with_default = Session()
    with_default.set_default_client_config(Config(region_name="eu-west-3"))
    with mock_backup(region="eu-west-1"):
        regions = [
            boto3.client("backup", region_name="eu-west-3"),
            boto3.client("backup", "eu-west-3"),
            Session().create_client("backup", "eu-west-3"),
            Session().create_client(service_name="backup", region_name="eu-west-3"),
            boto3.client("backup", config=Config(region_name="eu-west-3")),
            boto3.Session(region_name="eu-west-3").client("backup"),
            with_default.create_client("backup"),
            with_default.create_client("backup", config=Config(retries={"mode": "standard"})),
        ]
    assert [client.meta.region_name for client in regions] == ["eu-west-3"] * len(regions)


@pytest.mark.usefixtures("no_default_session")
def test_the_environments_region_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_DEFAULT_REGION is the client's region, and the fake's that was told none."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    with mock_backup(region="eu-west-1"):
        assert boto3.client("backup").meta.region_name == "eu-west-3"
    with mock_backup() as backup:
        assert backup.region == "eu-west-3"
        assert is_answered(boto3.client("backup"))


def test_a_default_session_with_a_lost_profile_is_no_obstacle(
    configured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the default session names a profile that is gone, the fake's region is us-east-1."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session())
    monkeypatch.setenv("AWS_PROFILE", "gone")
    with mock_backup() as backup:
        assert backup.region == "us-east-1"
    configured("[profile gone]\noutput = json\n")
    with mock_backup() as backup:
        assert is_answered(boto3.Session().client("backup"))


@pytest.mark.usefixtures("no_default_session")
def test_a_profiles_region_is_honoured(
    configured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile's region is the client's; a profile without one gets the fake's."""
    configured("[profile with]\nregion = eu-west-3\n[profile without]\noutput = json\n")
    with mock_backup(region="eu-west-1"):
        for profile, region in (("with", "eu-west-3"), ("without", "eu-west-1")):
            client = boto3.Session(profile_name=profile).client("backup")
            assert client.meta.region_name == region
    monkeypatch.setenv("AWS_PROFILE", "with")
    with mock_backup() as backup:
        assert backup.region == "eu-west-3"
        assert boto3.client("backup").meta.region_name == "eu-west-3"


# --- Credentials ----------------------------------------------------------------------------


def test_nobody_is_asked_for_credentials(attempts: list[object]) -> None:
    """Without any credentials, a client is made and answered, and no metadata service asked."""
    session = boto3.Session(region_name="us-east-1")
    with mock_backup():
        client = session.client("backup")
        assert is_answered(client)
        assert is_answered(boto3.Session().client("backup"))
    assert not attempts


def test_without_a_fake_the_metadata_service_is_asked(attempts: list[object]) -> None:
    """Making the same client outside a fake does try to connect: the test above can fail."""
    boto3.Session(region_name="us-east-1").client("backup")
    assert attempts


def test_automatic_defaults_ask_nobody(
    attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With defaults_mode "auto" botocore would ask the metadata service for the region."""
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "auto")
    with mock_backup():
        assert is_answered(boto3.Session().client("backup"))
        told: Any = {"defaults_mode": "auto", "connect_timeout": 7}
        client: Any = boto3.Session().client("backup", config=Config(**told))
        assert client.meta.config.connect_timeout == 7
        assert is_answered(client)
    assert not attempts


def test_a_clients_own_automatic_defaults_ask_nobody(
    attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With defaults_mode "auto" in its Config alone, nobody is asked either; the rest is kept."""
    monkeypatch.delenv("AWS_DEFAULTS_MODE", raising=False)
    told: Any = {"defaults_mode": "auto", "connect_timeout": 7}
    with mock_backup():
        client: Any = boto3.Session().client("backup", config=Config(**told))
        assert client.meta.config.connect_timeout == 7
        assert is_answered(client)
    assert not attempts


PROFILES = {
    "credential_process": "credential_process = {python} {script}",
    "assumed role": (
        "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = secret"
    ),
    "SSO": (
        "sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n"
        "sso_account_id = 111122223333\nsso_role_name = r"
    ),
    "web identity": (
        "role_arn = arn:aws:iam::111122223333:role/r\nweb_identity_token_file = {script}"
    ),
}


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """The file that the credential process writes when it runs."""
    script = tmp_path / "process.py"
    script.write_text(
        "import json, pathlib\n"
        "pathlib.Path(__file__).with_name('ran').touch()\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': 'AKIAPROC', 'SecretAccessKey': 's'}))\n",
        "utf-8",
    )
    return tmp_path / "ran"


@pytest.mark.parametrize("settings", PROFILES.values(), ids=PROFILES)
def test_a_profiles_credentials_are_never_resolved(
    settings: str,
    configured: Callable[[str], None],
    ran: Path,
    attempts: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a profile would do to get credentials, making and using a client does not."""
    script = ran.with_name("process.py")
    text = settings.format(python=sys.executable, script=script)
    configured(f"[profile mine]\n{text}\n")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    with mock_backup() as backup:
        client = boto3.Session().client("backup")
        backup.add_backup_job()
        assert len(client.list_backup_jobs()["BackupJobs"]) == 1
        assert backup.calls[0].account == backup.account_id
    assert not ran.exists()
    assert not attempts


def test_credentials_from_before_are_not_refreshed(
    configured: Callable[[str], None], attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client made before with a role to assume is answered without asking STS."""
    configured(f"[profile mine]\n{PROFILES['assumed role']}\n")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    client: Any = boto3.Session(region_name="us-east-1").client("backup")
    assert type(client._request_signer._credentials).__name__.endswith("RefreshableCredentials")
    assert is_answered(client)
    assert not attempts
    # The control: a call that is signed does ask.
    with pytest.raises(Exception, match="sts"):
        client.list_backup_jobs()
    assert attempts


def test_expired_credentials_are_not_refreshed() -> None:
    """Refreshable credentials that a session holds are left alone."""
    from botocore.credentials import RefreshableCredentials

    asked: list[str] = []

    def refresh() -> dict[str, str]:
        asked.append("refresh")
        raise AssertionError("refreshed")

    session: Any = Session()
    session._credentials = RefreshableCredentials(
        "AKIAOLD", "s", "t", datetime.now(timezone.utc) - timedelta(days=1), refresh, "sso"
    )
    with mock_backup():
        assert is_answered(session.create_client("backup", region_name="us-east-1"))
    assert is_answered(session.create_client("backup", region_name="us-east-1"))
    assert not asked


# --- Afterwards -----------------------------------------------------------------------------


def test_a_client_from_inside_finds_its_credentials_afterwards(
    attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client made while active signs real requests afterwards with what it would have found."""
    network = Network()
    session = boto3.Session(region_name="us-east-1")
    with mock_backup():
        client = network.under(session.client("backup"))
        client.list_backup_jobs()
    assert not network.signed_by
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    client.list_backup_jobs()
    assert network.signed_by == ["AKIAENV"]
    with mock_backup():
        client.list_backup_jobs()
    client.list_backup_jobs()
    assert network.signed_by == ["AKIAENV"] * 2
    assert not attempts


def test_a_client_from_inside_finds_a_profiles_credentials_afterwards(
    configured: Callable[[str], None], ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it does with a profile's credential process, which runs then and not before."""
    text = PROFILES["credential_process"].format(
        python=sys.executable, script=ran.with_name("process.py")
    )
    configured(f"[profile mine]\nregion = eu-west-1\n{text}\n")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    network = Network()
    with mock_backup():
        client = network.under(boto3.Session().client("backup"))
    assert not ran.exists()
    client.list_backup_jobs()
    assert network.signed_by == ["AKIAPROC"]
    assert ran.exists()


def test_a_client_from_inside_without_credentials_says_so_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where there are none, the client says what every client says."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    network = Network()
    with mock_backup():
        client = network.under(boto3.Session().client("backup"))
    with pytest.raises(NoCredentialsError):
        client.list_backup_jobs()
    assert not network.signed_by


EXPLICIT: dict[str, Callable[[], Any]] = {
    "session": lambda: boto3.Session(region_name="us-east-1", **KEYS).client("backup"),
    "client": lambda: boto3.Session().client("backup", **KEYS),
    "botocore": lambda: Session().create_client("backup", "us-east-1", **KEYS),
}


@pytest.mark.parametrize("make", EXPLICIT.values(), ids=EXPLICIT)
def test_explicit_keys_stay_the_clients(make: Callable[[], Any]) -> None:
    """Keys given in code are those that a client made while active signs with afterwards."""
    network = Network()
    with mock_backup():
        client = network.under(make())
        assert is_answered(client)
    client.list_backup_jobs()
    assert network.signed_by == ["AKIAREAL"]


@pytest.mark.parametrize("name", KEYS)
def test_half_a_pair_of_keys_is_refused(name: str) -> None:
    """One key without the other is refused as ever, with or without a fake."""
    half: Any = {name: "half"}
    session = Session()
    with pytest.raises(PartialCredentialsError):
        session.create_client("backup", "us-east-1", **half)
    with mock_backup(), pytest.raises(PartialCredentialsError):
        session.create_client("backup", "us-east-1", **half)


def test_the_environment_is_left_alone() -> None:
    """No variable is set or changed, while active or afterwards."""
    before = dict(os.environ)
    with mock_backup(region="eu-west-1"):
        boto3.Session().client("backup").list_backup_jobs()
        assert dict(os.environ) == before
    assert dict(os.environ) == before


def test_other_services_still_look_for_credentials(
    attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client of another service is made as ever, with the keys that it finds."""
    with mock_backup():
        boto3.Session(region_name="us-east-1").client("sts")
        assert attempts
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        client: Any = boto3.Session(region_name="us-east-1").client("sts")
        assert client._request_signer._credentials.access_key == "AKIAENV"
