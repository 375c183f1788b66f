"""The closed network: what may leave this machine, and what everybody is told who tries."""

from __future__ import annotations

import contextlib
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import botocore.awsrequest
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.endpoint import Endpoint
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
)
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from botocore.signers import RequestSigner
from botocore.stub import Stubber

from fakebackup import FakeBackupError, mock_backup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS: dict[str, Any] = {"aws_access_key_id": "AKIAREAL", "aws_secret_access_key": "secret"}
METADATA = "http://169.254.169.254/latest/meta-data/"

REFUSED = (
    "STS GetCallerIdentity was about to leave this machine, for "
    "https://sts.eu-west-1.amazonaws.com, and the fake closes the network (network='closed').\n"
    "To answer it in this test, use moto's mock_aws() or botocore's Stubber for 'sts', or give "
    "the client the endpoint_url of a server on this machine. To let such requests out, use "
    "network='open'."
)


@pytest.fixture(autouse=True)
def _regional_sts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest botocore has another endpoint of STS by default."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "regional")


def sts(**settings: Any) -> Any:
    """A client of another service, of a session of its own."""
    session: Any = boto3.Session()
    standard = Config(retries={"mode": "standard"})
    return session.client("sts", **{"region_name": "eu-west-1", "config": standard} | settings)


def refused(client: Any) -> str:
    """What a client is told whose request would leave this machine."""
    with pytest.raises(FakeBackupError) as caught:
        client.get_caller_identity()
    return str(caught.value)


def answer(request: Any, **_: object) -> Any:
    """Answer a request in the place of STS, as moto does: from before-send."""
    headers = HTTPHeaders.from_dict({"content-type": "text/xml"})
    response: Any = AWSResponse(request.url, 200, headers, None)
    response._content = IDENTITY
    return response


IDENTITY = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def methods() -> list[Any]:
    """The methods of botocore's that are wrapped while the network is closed."""
    wrapped = ((Endpoint, "make_request"), (URLLib3Session, "send"), (RequestSigner, "sign"))
    return [vars(owner)[name] for owner, name in wrapped]


# --- Refused ----------------------------------------------------------------------------------


def test_a_request_is_refused(attempts: list[object]) -> None:
    """A request of another service is an error that names it and what to do: no look-up."""
    with mock_backup(network="closed"):
        assert refused(sts()) == REFUSED
    assert not attempts


def test_a_client_from_before(attempts: list[object]) -> None:
    """So is one of a client made before, with credentials and without any."""
    clients = [sts(**KEYS), boto3.Session().client("sts", region_name="eu-west-1", **KEYS)]
    bare = sts(**KEYS)
    bare._request_signer._credentials = None
    with mock_backup(network="closed"):
        assert [refused(each) for each in (*clients, bare)] == [REFUSED] * 3
    with pytest.raises(NoCredentialsError):
        bare.get_caller_identity()
    assert not attempts


MODES = ("legacy", "standard", "adaptive")


@pytest.mark.parametrize("mode", MODES)
def test_a_refusal_is_not_retried(mode: Any, attempts: list[object]) -> None:
    """The client does not send a refused request again, whatever its retries."""
    config = Config(retries={"mode": mode, "max_attempts": 5})
    client = sts(config=config, **KEYS)
    sent: list[object] = []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request))
    with mock_backup(network="closed"):
        assert refused(client) == REFUSED
    assert len(sent) == 1
    assert not attempts


def test_backup_is_answered(attempts: list[object]) -> None:
    """Calls of AWS Backup are answered, on both transports."""
    transport: Any
    for transport in ("direct", "wire"):
        with mock_backup(network="closed", transport=transport, region="eu-west-1") as backup:
            job = backup.add_backup_job()
            assert boto3.Session().client("backup").list_backup_jobs()["BackupJobs"] == [job]
    assert not attempts


def test_an_inner_fake_does_not_open_it(attempts: list[object]) -> None:
    """While any active fake closes the network it is closed, until that one ends."""
    client = sts(**KEYS)
    with mock_backup(region="eu-west-1"):
        with mock_backup(network="closed"), mock_backup(network="open"):
            assert refused(client) == REFUSED
        assert not attempts
        with pytest.raises(EndpointConnectionError):
            client.get_caller_identity()
    assert attempts


def test_the_network_is_open_by_default(attempts: list[object]) -> None:
    """Without the option other services are the user's, and nothing is wrapped for it."""
    before, client = methods(), sts(**KEYS)
    with mock_backup():
        assert all(one is other for one, other in zip(methods(), before, strict=True))
        with pytest.raises(EndpointConnectionError):
            client.get_caller_identity()
    assert attempts


def test_nothing_is_left_behind(attempts: list[object]) -> None:
    """The methods are as before when the fake ends, though an error ends it, and requests go."""
    before, client = methods(), sts(**KEYS)
    inside = []

    def run() -> None:
        with mock_backup(network="closed"):
            inside.extend(methods())
            client.get_caller_identity()

    with pytest.raises(FakeBackupError):
        run()
    assert not any(one is other for one, other in zip(inside, before, strict=True))
    assert all(one is other for one, other in zip(methods(), before, strict=True))
    assert not attempts
    with pytest.raises(EndpointConnectionError):
        client.get_caller_identity()
    assert attempts


def test_threads(attempts: list[object]) -> None:
    """Each thread is told of its own operation."""
    services = {"sts": "get_caller_identity", "iam": "list_roles", "sqs": "list_queues"}
    told: dict[str, str] = {}

    def call(service: str, method: str) -> None:
        with contextlib.suppress(AssertionError):
            client = session.client(service, region_name="eu-west-1")  # type: ignore[call-overload]
            try:
                getattr(client, method)()
            except FakeBackupError as error:
                told[service] = str(error).partition(" was")[0]

    session = boto3.Session()
    with mock_backup(network="closed"):
        threads = [threading.Thread(target=call, args=each) for each in services.items()]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert told == {
        "sts": "STS GetCallerIdentity",
        "iam": "IAM ListRoles",
        "sqs": "SQS ListQueues",
    }
    assert not attempts


# --- Answered inside the process --------------------------------------------------------------


def test_before_send(attempts: list[object]) -> None:
    """What a handler of before-send answers passes, whenever it was registered: moto's way."""
    early, late = sts(**KEYS), sts(**KEYS)
    early.meta.events.register("before-send", answer)
    with mock_backup(network="closed"):
        late.meta.events.register_last("before-send", answer)
        inside = sts()
        inside.meta.events.register("before-send", answer)
        for client in (early, late, inside):
            assert client.get_caller_identity()["Account"] == "111122223333"
    assert not attempts


def test_a_stubber(attempts: list[object]) -> None:
    """A Stubber's answers pass; it needs no credentials."""
    with mock_backup(network="closed"):
        client = sts()
        with Stubber(client) as stubber:
            stubber.add_response("get_caller_identity", {"Account": "111122223333"})
            assert client.get_caller_identity()["Account"] == "111122223333"
        assert refused(client) == REFUSED
    assert not attempts


def test_a_patch_of_make_api_call(attempts: list[object]) -> None:
    """A patched _make_api_call answers."""
    client = sts(**KEYS)
    with mock_backup(network="closed"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "botocore.client.BaseClient._make_api_call", lambda *_: {"Account": "111122223333"}
        )
        assert client.get_caller_identity() == {"Account": "111122223333"}
    assert not attempts


PATCHED = ("botocore.httpsession.URLLib3Session.send", "botocore.endpoint.Endpoint._send")


@pytest.mark.parametrize("target", PATCHED)
@pytest.mark.parametrize("order", ["inside", "outside"])
def test_a_mock_of_what_sends(target: str, order: str, attempts: list[object]) -> None:
    """A mock in the place of what sends answers, from before the fake and from inside of it."""
    client = sts(**KEYS)
    before = methods()
    fake = mock_backup(network="closed")
    patch = mock.patch(target, return_value=answer(mock.Mock(url="https://sts")))
    with contextlib.ExitStack() as stack:
        for each in (patch, fake) if order == "outside" else (fake, patch):
            stack.enter_context(each)
        assert client.get_caller_identity()["Account"] == "111122223333"
    assert methods() == before
    assert not attempts


def test_a_mock_below(attempts: list[object]) -> None:
    """So does one of urllib3's."""
    client = sts(**KEYS)
    urlopen = mock.Mock(side_effect=OSError("answered below"))
    with (
        mock_backup(network="closed"),
        mock.patch("urllib3.connectionpool.HTTPConnectionPool.urlopen", urlopen),
        pytest.raises(Exception, match="answered below"),
    ):
        client.get_caller_identity()
    assert urlopen.called
    assert not attempts


def test_a_cassette(attempts: list[object]) -> None:
    """So does a connection of vcrpy's, which puts its classes in the place of botocore's."""
    client, opened = sts(**KEYS), []

    class VCRConnection(botocore.awsrequest.AWSHTTPSConnection):
        def connect(self) -> None:
            opened.append(self.host)
            raise OSError("answered by a cassette")

    VCRConnection.__module__ = "vcr.stubs.boto3_stubs"
    pool = botocore.awsrequest.AWSHTTPSConnectionPool
    with (
        mock_backup(network="closed"),
        mock.patch.object(pool, "ConnectionCls", VCRConnection),
        pytest.raises(ConnectionClosedError),
    ):
        client.get_caller_identity()
    assert set(opened) == {"sts.eu-west-1.amazonaws.com"}
    assert not attempts


# --- Addresses --------------------------------------------------------------------------------

HERE = (
    "http://localhost:4566",
    "http://LOCALHOST.:4566",
    "http://bucket.localhost",
    "http://127.0.0.1:4566",
    "http://127.8.9.10",
    "http://[::1]:4566",
    "http://[::ffff:127.0.0.1]",
    "http://0.0.0.0:4566",
    "http://user:password@localhost:1",
)
ELSEWHERE = (
    "http://localhost.example.com",
    "http://localstack:4566",
    "http://10.0.0.1",
    "http://169.254.169.254",
    "http://[2001:db8::1]",
    "http://[::ffff:10.0.0.1]",
    "http://localhost@example.com",
    "http://host.docker.internal",
)


def sent_to(url: str, attempts: list[object], **settings: Any) -> bool:
    """Whether a request to a URL gets as far as the network."""
    attempts.clear()
    config = Config(retries={"total_max_attempts": 1}, **settings)
    client = sts(endpoint_url=url, config=config, **KEYS)
    with pytest.raises(Exception) as caught:  # noqa: PT011  which one is told by the assertion
        client.get_caller_identity()
    assert isinstance(caught.value, FakeBackupError) == (not attempts), caught.value
    return bool(attempts)


def test_addresses_of_this_machine(attempts: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests to this machine pass, whatever it is called; look-alikes are refused."""
    monkeypatch.setattr("socket.gethostname", lambda: "Build-Host")
    with mock_backup(network="closed"):
        assert [url for url in (*HERE, *ELSEWHERE) if sent_to(url, attempts)] == list(HERE)
        assert sent_to("http://build-host:80", attempts)


def test_a_proxy(attempts: list[object]) -> None:
    """A proxy elsewhere is an address elsewhere; one on this machine opens no way out."""
    elsewhere, here = ({"http": f"http://{host}:3128"} for host in ("proxy.example", "localhost"))
    with mock_backup(network="closed"):
        assert not sent_to("http://localhost:4566", attempts, proxies=elsewhere)
        assert sent_to("http://localhost:4566", attempts, proxies=here)
        assert not sent_to("http://sts.eu-west-1.amazonaws.com", attempts, proxies=here)


class _Identity(BaseHTTPRequestHandler):
    """A server that answers as STS does, and keeps who signed."""

    signed_by: list[str]

    def do_POST(self) -> None:
        """Answer a request."""
        header = self.headers.get("Authorization", "")
        self.signed_by.append(header.partition("Credential=")[2].partition("/")[0])
        self.send_response(200)
        self.send_header("content-length", str(len(IDENTITY)))
        self.end_headers()
        self.wfile.write(IDENTITY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name
        """Write nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """The URL of a server on this machine, and who signed the requests that it answered."""
    handler: Any = type("Handler", (_Identity,), {"signed_by": []})
    with HTTPServer(("127.0.0.1", 0), handler) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}", handler.signed_by
        made.shutdown()
        thread.join()


def test_a_server_on_this_machine(
    server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server answers, signed with the keys that this machine has, if it has some."""
    url, signed_by = server
    with mock_backup(network="closed"):
        assert sts(endpoint_url=url).get_caller_identity()["Account"] == "111122223333"
        client = sts(endpoint_url=url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        client.get_caller_identity()
        sts(endpoint_url=url, **KEYS).get_caller_identity()
    assert signed_by == ["", "AKIAENV", "AKIAREAL"]


# --- Credentials ------------------------------------------------------------------------------

CONFIGURED: dict[str, str] = {
    "nothing": "",
    "a role": (
        "role_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Ec2InstanceMetadata"
    ),
    "a role of a profile": (
        "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n"
        "[profile keys]\naws_access_key_id = AKIAFILE\naws_secret_access_key = secret"
    ),
    "SSO": (
        "sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n"
        "sso_account_id = 123456789012\nsso_role_name = r"
    ),
    "a process": "credential_process = /nowhere/to-be-found",
    "auto": "defaults_mode = auto",
}


@pytest.mark.parametrize("text", CONFIGURED.values(), ids=CONFIGURED)
@pytest.mark.parametrize("container", [False, True], ids=["machine", "container"])
def test_no_credentials_are_needed(
    text: str,
    *,
    container: bool,
    configured: Callable[[str], None],
    attempts: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a machine has configured, a client is made, answered or refused, without asking."""
    configured(f"[profile mine]\n{text}\n")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    if container:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials")
    with mock_backup(network="closed"):
        client = sts()
        assert refused(client) == REFUSED
        client.meta.events.register("before-send", answer)
        assert client.get_caller_identity()["Account"] == "111122223333"
    assert not attempts


def test_the_metadata_service_is_not_there(attempts: list[object]) -> None:
    """Looking for credentials finds none, as on a machine without a metadata service."""
    with mock_backup(network="closed"):
        assert Session().get_credentials() is None
        session = URLLib3Session()
        request = botocore.awsrequest.AWSRequest("GET", METADATA).prepare()
        with pytest.raises(EndpointConnectionError, match=re.escape(METADATA)):
            session.send(request)
    assert not attempts


def test_a_role_from_before_cannot_be_assumed(
    configured: Callable[[str], None], attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client from before whose credentials would be asked of STS is told of its own operation."""
    configured(f"[profile mine]\n{CONFIGURED['a role of a profile']}\n")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    client = sts()
    with mock_backup(network="closed"):
        assert refused(client) == REFUSED
        client.meta.events.register("before-send", answer)
        assert client.get_caller_identity()["Account"] == "111122223333"
    assert not attempts


def test_a_url_signed_in_advance_needs_credentials() -> None:
    """A URL is no request: without credentials it is refused as ever."""
    with mock_backup(network="closed"), pytest.raises(NoCredentialsError):
        sts().generate_presigned_url("get_caller_identity")


def test_a_client_from_inside_finds_its_credentials_afterwards(
    attempts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client made inside signs afterwards with what it would have found."""
    with mock_backup(network="closed"):
        client = sts()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    signed: list[str] = []

    def keep(request: Any, **_: object) -> Any:
        signed.append(str(request.headers["Authorization"]))
        return answer(request)

    client.meta.events.register("before-send", keep)
    client.get_caller_identity()
    assert "AKIAENV" in signed[0]
    assert not attempts


# --- What it leans on -------------------------------------------------------------------------


def test_a_client_sends_by_the_wrapped_methods() -> None:
    """A request goes through make_request, sign and send, in this order."""
    went: list[str] = []
    client = sts(**KEYS)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((Endpoint, "make_request"), (RequestSigner, "sign")):
            original = getattr(owner, name)

            def note(*args: Any, name: str = name, original: Any = original, **kwargs: Any) -> Any:
                went.append(name)
                return original(*args, **kwargs)

            patch.setattr(owner, name, note)

        def send(_self: Any, request: Any) -> Any:
            went.append("send")
            return answer(request)

        patch.setattr(URLLib3Session, "send", send)
        client.get_caller_identity()
    assert went == ["make_request", "sign", "send"]


def test_a_session_knows_its_providers() -> None:
    """A session's chain of credentials has the providers that ask nobody, by these names."""
    providers: Any = Session().get_component("credential_provider").providers
    names = [each.METHOD for each in providers]
    assert {"env", "shared-credentials-file", "config-file"} < set(names), names


def test_the_option() -> None:
    """Another value is refused, the near miss named."""
    wrong: Any = "close"
    with pytest.raises(ValueError, match="network is one of open, closed, not 'close'; did you"):
        mock_backup(network=wrong)
