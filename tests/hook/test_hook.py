"""The seat in botocore: what is wrapped, who wins, and what a call in flight meets."""

from __future__ import annotations

import functools
import inspect
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.session import Session
from botocore.stub import Stubber

from fakebackup import OperationNotFaked, hook, mock_backup
from support.botocore_model import least_parameters, model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Network:
    """What answers in AWS's place whatever a client sends, and keeps it."""

    def __init__(self, body: bytes = b'{"BackupJobs": []}') -> None:
        """Answer with a body."""
        self.sent: list[Any] = []
        self.body = body

    def under(self, client: Any) -> Any:
        """Put it below a client, and return the client."""
        client.meta.events.register("before-send", self.answer)
        return client

    def answer(self, request: Any, **_: object) -> AWSResponse:
        """Answer a request."""
        self.sent.append(request)
        raw: Any = io.BytesIO(self.body)
        raw.stream = lambda: iter([raw.read()])
        return AWSResponse(
            request.url, 200, HTTPHeaders.from_dict({"content-type": "application/json"}), raw
        )


@functools.cache
def a_session() -> Any:
    """A session that serves all tests of this file: making one is what takes time."""
    keys: dict[str, Any] = {"aws_access_key_id": "AKIAREAL", "aws_secret_access_key": "secret"}
    return boto3.Session(region_name="us-east-1", **keys)


def a_client(service: str = "backup", **settings: Any) -> Any:
    """A client with a region and keys, as an application has it."""
    return a_session().client(service, **settings)


def wrapped() -> tuple[object, object]:
    """What the two methods of botocore's classes are now."""
    return vars(BaseClient)["_emit_api_params"], vars(Session)["create_client"]


# --- What the hook leans on -----------------------------------------------------------------


def test_base_client_emit_api_params() -> None:
    """The class BaseClient has _emit_api_params, with the parameters that the hook passes on."""
    method: Any = getattr(BaseClient, "_emit_api_params", None)
    assert method is not None, "BaseClient._emit_api_params is gone: hook._wrap_all needs another"
    names = list(inspect.signature(method).parameters)
    assert names == ["self", "api_params", "operation_model", "context"]


def test_base_client_calls_emit_api_params() -> None:
    """A client's call still goes through _emit_api_params, and by the names the wrapper takes."""
    seen: list[str] = []
    original = BaseClient._emit_api_params  # type: ignore[attr-defined]  # private

    def emit(self: Any, api_params: Any, operation_model: Any, context: Any) -> Any:
        seen.append(operation_model.name)
        return original(self, api_params, operation_model, context)

    client = Network().under(a_client())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_emit_api_params", emit)
        client.list_backup_jobs()
    assert seen == ["ListBackupJobs"], "BaseClient._emit_api_params is not called any more"


def test_request_signer_credentials() -> None:
    """A client's _request_signer._credentials are what it signs with."""
    signer = getattr(a_client(), "_request_signer", None)
    assert signer is not None, "BaseClient._request_signer is gone: hook.clients.identity needs it"
    credentials = getattr(signer, "_credentials", None)
    assert credentials is not None, "RequestSigner._credentials is gone: hook._deferred needs it"
    assert (credentials.access_key, credentials.method) == ("AKIAREAL", "explicit")


def test_request_signer_credentials_can_be_replaced() -> None:
    """Replacing _request_signer._credentials changes what the next request is signed with."""
    client, network = a_client(), Network()
    other = a_client(aws_access_key_id="AKIAOTHER", aws_secret_access_key="secret")  # noqa: S106
    client._request_signer._credentials = other._request_signer._credentials
    network.under(client).list_backup_jobs()
    assert b"Credential=AKIAOTHER/" in authorization(network.sent[0])


def test_session_credentials() -> None:
    """A botocore Session keeps in _credentials what it was given, None without asking anybody."""
    session: Any = Session()
    assert hasattr(session, "_credentials"), (
        "Session._credentials is gone: hook._create_client needs another way to tell, without "
        "looking for some, whether a session has credentials"
    )
    without = session._credentials
    assert without is None
    session.set_credentials("AKIAREAL", "secret")
    assert session._credentials.access_key == "AKIAREAL"


def authorization(request: Any) -> bytes:
    """The Authorization header of a request."""
    value = request.headers["Authorization"]
    return value if isinstance(value, bytes) else str(value).encode()


# --- Coming and going -----------------------------------------------------------------------


def test_leaving_restores_the_classes() -> None:
    """Classes of botocore's are wrapped while a fake is active, and as before afterwards."""
    before = wrapped()
    with mock_backup():
        assert all(one is not other for one, other in zip(wrapped(), before, strict=True))
        with mock_backup(region="eu-west-1"):
            pass
        assert all(one is not other for one, other in zip(wrapped(), before, strict=True))
    assert all(one is other for one, other in zip(wrapped(), before, strict=True))


def test_an_exception_restores_the_classes() -> None:
    """So they are where the block raises."""
    before = wrapped()
    with pytest.raises(LookupError), mock_backup():
        raise LookupError
    assert all(one is other for one, other in zip(wrapped(), before, strict=True))


def test_sessions_are_left_alone() -> None:
    """A session that lives through a fake has the handlers it had."""
    session: Any = Session()
    handlers = session.get_component("event_emitter")._emitter._handlers
    before = repr(sorted(map(repr, handlers.prefix_search("before-call.backup.ListBackupJobs"))))
    with mock_backup():
        session.create_client("backup", region_name="us-east-1").list_backup_jobs()
    after = repr(sorted(map(repr, handlers.prefix_search("before-call.backup.ListBackupJobs"))))
    assert before == after


def test_a_client_is_real_again_afterwards() -> None:
    """While a fake is active nothing is sent; before and after, everything is."""
    network = Network()
    client = network.under(a_client())
    client.list_backup_jobs()
    assert len(network.sent) == 1
    with mock_backup() as backup:
        job = backup.add_backup_job()
        (listed,) = client.list_backup_jobs()["BackupJobs"]
        assert listed["BackupJobId"] == job.id
    assert len(network.sent) == 1
    assert client.list_backup_jobs()["BackupJobs"] == []
    assert len(network.sent) == 2
    with mock_backup():
        client.list_backup_jobs()
    assert len(network.sent) == 2


def test_one_client_is_answered_by_one_fake_after_another() -> None:
    """A client that has served one fake asks the next, with nothing left of the first."""
    client = a_client()
    for _ in range(3):
        with mock_backup() as backup:
            backup.add_backup_job()
            assert len(client.list_backup_jobs()["BackupJobs"]) == 1
            assert len(backup.calls) == 1


# --- Others in the same place ---------------------------------------------------------------


def test_other_services_pass_through() -> None:
    """An s3 client's calls are sent, signed, and answered by whoever answers them."""
    network = Network(b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>")
    before = network.under(a_client("s3"))
    with mock_backup() as backup:
        within = network.under(a_client("s3"))
        for client in (before, within):
            assert client.list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert b"Credential=AKIAREAL/" in authorization(network.sent[1])
        assert len(backup.calls) == 0
    assert len(network.sent) == 2


def test_a_neighbouring_service_passes_through() -> None:
    """A service whose name begins with "backup" is another service."""
    network = Network(b"{}")
    client = network.under(a_client("backup-gateway"))
    with mock_backup() as backup:
        client.list_gateways()
        assert len(backup.calls) == 0
    assert len(network.sent) == 1


def test_a_stubber_on_another_service_works() -> None:
    """A Stubber on an s3 client answers as ever."""
    with mock_backup():
        client = a_client("s3")
        with Stubber(client) as stubber:
            stubber.add_response("list_buckets", {"Buckets": [{"Name": "mine"}]})
            assert client.list_buckets()["Buckets"] == [{"Name": "mine"}]
            stubber.assert_no_pending_responses()


def test_a_stubber_on_a_backup_client_wins() -> None:
    """A Stubber wins over the fake, activated outside or inside, and gives way when it is left."""
    client = a_client()
    stubbed = {"BackupPlanId": "mine"}
    stubber = Stubber(client)
    stubber.add_response("get_backup_plan", stubbed)
    with stubber, mock_backup() as backup:
        assert client.get_backup_plan(BackupPlanId="plan")["BackupPlanId"] == "mine"
        assert len(backup.calls) == 0
    with mock_backup() as backup:
        assert client.list_backup_jobs()["BackupJobs"] == []
        stubber.add_response("get_backup_plan", stubbed)
        with stubber:
            assert client.get_backup_plan(BackupPlanId="plan")["BackupPlanId"] == "mine"
        backup.add_backup_job()
        assert len(client.list_backup_jobs()["BackupJobs"]) == 1
        stubber.assert_no_pending_responses()


GRABBED: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]  # private


def test_a_patch_of_make_api_call_reaches_the_fake() -> None:
    """The best-known recipe patches _make_api_call and calls what it grabbed at import."""
    seen: list[str] = []

    def make_api_call(self: Any, operation_name: str, kwarg: Any) -> Any:
        seen.append(operation_name)
        return GRABBED(self, operation_name, kwarg)

    client = a_client()
    with pytest.MonkeyPatch.context() as patch, mock_backup() as backup:
        patch.setattr(BaseClient, "_make_api_call", make_api_call)
        backup.add_backup_job()
        assert len(client.list_backup_jobs()["BackupJobs"]) == 1
    assert seen == ["ListBackupJobs"]


def test_a_patch_that_does_not_call_through_wins() -> None:
    """A test that answers in _make_api_call itself gets its own answer."""
    with pytest.MonkeyPatch.context() as patch, mock_backup() as backup:
        patch.setattr(BaseClient, "_make_api_call", lambda *_: {"BackupJobs": ["mine"]})
        assert a_client().list_backup_jobs() == {"BackupJobs": ["mine"]}
        assert len(backup.calls) == 0


@pytest.fixture
def restored() -> Iterator[None]:
    """A test may leave its wrapper on botocore's class."""
    with pytest.MonkeyPatch.context() as patch:
        # Set to what it is, so that it is set back to that.
        patch.setattr(BaseClient, "_emit_api_params", vars(BaseClient)["_emit_api_params"])
        yield


@pytest.mark.usefixtures("restored")
def test_a_tracer_that_stays_is_left_in_place() -> None:
    """A tracer put on the hook's place while active is not torn out, and the fake is gone."""
    traced: list[str] = []
    network = Network()
    client = network.under(a_client())
    with mock_backup():
        inner = vars(BaseClient)["_emit_api_params"]

        def trace(self: Any, api_params: Any, operation_model: Any, context: Any) -> Any:
            traced.append(operation_model.name)
            return inner(self, api_params, operation_model, context)

        setattr(BaseClient, "_emit_api_params", trace)  # noqa: B010  a private name
        client.list_backup_jobs()
    assert vars(BaseClient)["_emit_api_params"] is trace
    assert not network.sent
    client.list_backup_jobs()
    assert len(network.sent) == 1
    with mock_backup() as backup:
        backup.add_backup_job()
        assert len(client.list_backup_jobs()["BackupJobs"]) == 1
        assert len(backup.calls) == 1
    assert len(network.sent) == 1
    assert traced == ["ListBackupJobs"] * 3


# --- In flight ------------------------------------------------------------------------------


def test_a_call_that_ends_the_fake_is_answered_by_it() -> None:
    """A handler of the call itself ends the fake: the call is answered, the next one is real."""
    network = Network()
    client = network.under(a_client())
    mock = mock_backup()
    job = mock.start().add_backup_job()
    client.meta.events.register("before-parameter-build.backup", lambda **_: mock.stop())
    (listed,) = client.list_backup_jobs()["BackupJobs"]
    assert listed["BackupJobId"] == job.id
    assert hook.top() is None
    assert not network.sent
    client.list_backup_jobs()
    assert len(network.sent) == 1


@pytest.mark.parametrize(
    "event", ["provide-client-params.backup", "before-parameter-build.backup", "before-call.backup"]
)
def test_a_call_in_flight_in_a_thread_is_answered(event: str) -> None:
    """A thread is in the middle of a call when the fake ends: the fake answers it."""
    network = Network()
    client = network.under(a_client())
    inside, go = threading.Event(), threading.Event()

    def wait(**_: object) -> None:
        inside.set()
        assert go.wait(30)

    client.meta.events.register(event, wait)
    with ThreadPoolExecutor(1) as pool:
        with mock_backup() as backup:
            job = backup.add_backup_job()
            running = pool.submit(client.list_backup_jobs)
            assert inside.wait(30)
        go.set()
        (listed,) = running.result(30)["BackupJobs"]
    assert listed["BackupJobId"] == job.id
    assert not network.sent


def test_a_call_in_flight_is_answered_by_its_own_fake() -> None:
    """Where another fake is active by then, the one in which the call began answers."""
    client = a_client()
    first, second = mock_backup(region="us-east-1"), mock_backup(region="us-east-1")
    job = first.start().add_backup_job()

    def change(**_: object) -> None:
        first.stop()
        second.start()

    client.meta.events.register("before-parameter-build.backup", change, unique_id="change")
    (listed,) = client.list_backup_jobs()["BackupJobs"]
    client.meta.events.unregister("before-parameter-build.backup", unique_id="change")
    assert listed["BackupJobId"] == job.id
    assert client.list_backup_jobs()["BackupJobs"] == []
    second.stop()


@pytest.mark.parametrize("shared", [True, False], ids=["one client", "a client each"])
def test_threads_lose_nothing(shared: bool) -> None:  # noqa: FBT001  a parameter of the test
    """Eight threads that call at once are each answered, and every call is counted once."""
    one = a_client()
    clients = [one if shared else a_client() for _ in range(8)]
    barrier = threading.Barrier(8)

    def work(client: Any) -> list[str]:
        barrier.wait(30)
        told = []
        for _ in range(50):
            answer = client.list_backup_jobs(ByState="FAILED")
            assert len(answer["BackupJobs"]) == 3
            told.append(answer["ResponseMetadata"]["RequestId"])
        return told

    with mock_backup() as backup, ThreadPoolExecutor(8) as pool:
        backup.add_backup_jobs(6, State=["FAILED", "COMPLETED"])
        requests = [told for each in pool.map(work, clients) for told in each]
        assert len(backup.calls) == 400
    assert len(set(requests)) == 400


def test_threads_seed_and_call_at_once() -> None:
    """Eight threads that seed and read get what they seeded, under ids of their own."""
    client = a_client()
    barrier = threading.Barrier(8)

    with mock_backup() as backup, ThreadPoolExecutor(8) as pool:

        def work(number: int) -> list[str]:
            barrier.wait(30)
            mine = []
            for _ in range(20):
                mine.append(backup.add_backup_job(ResourceType=f"T{number}").id)
                listed = client.list_backup_jobs(ByResourceType=f"T{number}")["BackupJobs"]
                assert [job["BackupJobId"] for job in listed] == mine[::-1]
            return mine

        ids = [job_id for each in pool.map(work, range(8)) for job_id in each]
        assert len(set(ids)) == len(backup.backup_jobs) == 160
        assert len(backup.calls("ListBackupJobs")) == 160


# --- What is not faked ----------------------------------------------------------------------


def test_no_operation_reaches_the_network(
    attempts: list[object], unfaked: Callable[..., None]
) -> None:
    """Every operation of the installed model is refused where it is not faked; nothing is sent."""
    every = model().operation_names
    unfaked(*every)
    with mock_backup() as backup:
        client = boto3.client("backup")
        for name in every:
            with pytest.raises(OperationNotFaked, match=f"^fakebackup does not fake {name} yet"):
                getattr(client, xform_name(name))(**least_parameters(name))
        assert [call.operation for call in backup.calls] == every
        assert {call.error for call in backup.calls} == {"OperationNotFaked"}
        # The refusals were caught here: leaving would tell of them.
        backup.reset()
    assert not attempts


def test_the_block_on_connections_works(attempts: list[object]) -> None:
    """The same calls without a fake do try to connect: the test above can fail."""
    client = a_client(
        endpoint_url="http://127.0.0.1:9", config=Config(retries={"total_max_attempts": 1})
    )
    with pytest.raises(Exception, match="Could not connect"):
        client.get_backup_plan(BackupPlanId="plan")
    assert attempts


def test_a_request_without_a_user_agent_is_answered() -> None:
    """Another handler may take away the header by which the AWS CLI is known."""
    client = boto3.client("backup", region_name="us-east-1")

    def strip(params: dict[str, Any], **_: object) -> None:
        params["headers"].pop("User-Agent")

    client.meta.events.register_first("before-call.backup", strip)
    with mock_backup() as backup:
        job = backup.add_backup_job()
        assert client.list_backup_jobs()["BackupJobs"] == [job]
