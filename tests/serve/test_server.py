"""The server as a block: what it gives other processes, and what is left when it ends."""

from __future__ import annotations

import contextlib
import errno
import gc
import multiprocessing
import os
import select
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, FakeBackupError, FakeBackupWarning, Server, mock_backup
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.forks import MARKS, in_child
from support.http import Wire, ask, request, signature
from support.load import COUNT, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.elsewhere import Elsewhere

pytestmark = pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT)


# --- The environment --------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_the_environment(fake_backup_server: Server) -> None:
    """It leads the clients of another process here, and has nothing of this machine."""
    assert fake_backup_server.environment() == {
        "AWS_ENDPOINT_URL_BACKUP": fake_backup_server.url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "fakebackup",
        "AWS_SECRET_ACCESS_KEY": "fakebackup",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_has_no_proxy_keeps_none(
    fake_backup_server: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Loopback is added to what this process reaches without a proxy."""
    monkeypatch.setenv(name, "internal.example")
    found = fake_backup_server.environment()
    assert found["NO_PROXY"] == found["no_proxy"] == "internal.example,127.0.0.1,localhost"


def test_accounts_and_regions(backup: FakeBackup, elsewhere: Elsewhere) -> None:
    """They are those of the arguments, else of the view, else of the fake."""
    view = backup.at(account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    with backup.serve() as server, view.serve() as of_view:
        for environment, home in (
            (server.environment(), (ACCOUNT, REGION)),
            (server.environment(account_id=OTHER_ACCOUNT), (OTHER_ACCOUNT, REGION)),
            (server.environment(region=OTHER_REGION), (ACCOUNT, OTHER_REGION)),
            (of_view.environment(), (OTHER_ACCOUNT, OTHER_REGION)),
            (of_view.environment(ACCOUNT, REGION), (ACCOUNT, REGION)),
        ):
            assert elsewhere.ask(environment, "ListBackupJobs").error == ""
            assert (backup.calls[-1].account, backup.calls[-1].region) == home


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"account_id": "123"}, ValueError, "account_id is a string of 12 digits, not '123'"),
        ({"account_id": 123456789012}, TypeError, "account_id is a string of 12 digits"),
        ({"region": "euwest1"}, ValueError, "region is the name of an AWS region"),
        ({"region": ""}, ValueError, "region is the name of an AWS region"),
    ],
)
def test_what_is_no_account_and_no_region(
    fake_backup_server: Server, given: Any, error: type[Exception], text: str
) -> None:
    """They are refused where they are written."""
    with pytest.raises(error, match=text):
        fake_backup_server.environment(**given)


# --- Other processes --------------------------------------------------------------------------

ASK = """
from botocore.session import Session
client = Session().create_client("backup")
print(client.list_backup_jobs()["BackupJobs"][0]["BackupJobId"])
"""


def test_a_subprocess(fake_backup_server: Server, backup: FakeBackup) -> None:
    """A subprocess whose environment has the server's asks this fake."""
    job = backup.add_backup_job()
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, **fake_backup_server.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == (job.id, 0), done.stderr
    [call] = backup.calls
    assert (call.operation, call.items, call.attempts) == ("ListBackupJobs", 1, 1)


CHILD = """
import multiprocessing

def count(connection):
    from botocore.session import Session
    client = Session().create_client("backup")
    connection.send(len(client.list_backup_jobs()["BackupJobs"]))

if __name__ == "__main__":
    from fakebackup import mock_backup
    import os
    with mock_backup(region="eu-west-1") as backup, backup.serve() as server:
        backup.add_backup_jobs(3)
        os.environ.update(server.environment())
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        child = context.Process(target=count, args=(theirs,))
        child.start()
        print(ours.recv(), len(backup.calls))
        child.join()
"""


def test_a_child_that_is_spawned(tmp_path: Path) -> None:
    """A child made by `spawn` knows nothing of the fake, and asks it by the server."""
    assert "spawn" in multiprocessing.get_all_start_methods()
    # A process of its own: what is spawned imports its parent's main module.
    script = tmp_path / "parent.py"
    script.write_text(CHILD, "utf-8")
    done = subprocess.run(
        [sys.executable, os.fspath(script)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("3 1\n", 0), done.stderr


# --- The block --------------------------------------------------------------------------------


def threads() -> list[str]:
    """The names of the server's threads."""
    return [each.name for each in threading.enumerate() if each.name.startswith("fakebackup")]


def sockets() -> list[Any]:
    """The sockets that are open."""
    gc.collect()
    return [
        each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0
    ]


def test_nothing_is_left_after_the_block(backup: FakeBackup) -> None:
    """Whatever clients do, no thread, socket or exchange stays; the port is free again."""
    backup.fail("ListBackupJobs", code="ReadTimeoutError")
    before = len(sockets())
    with contextlib.ExitStack() as clients:
        with backup.serve() as server:
            held, idle, half = (clients.enter_context(Wire(server.url)) for _ in range(3))
            held.send(request())
            half.send(request()[:30])
            for _ in range(2):
                attempt = request("/copy-jobs", amz_sdk_invocation_id="one")
                assert idle.ask(attempt).status == 200
            port = int(server.url.rpartition(":")[2])
            assert len(threads()) >= 3
        assert threads() == []
        assert server._connections == []
        assert not server._front._exchanges
        assert {client.is_closed() for client in (held, idle, half)} == {True}
    assert len(sockets()) == before
    with backup.serve(port) as server:
        assert server.url == f"http://127.0.0.1:{port}"
        assert ask(server.url, request("/copy-jobs")).status == 200
    with pytest.raises(ConnectionRefusedError):
        Wire(server.url)


def test_a_server_has_several_blocks(backup: FakeBackup) -> None:
    """One after the other, and not one within the other."""
    server = backup.serve()
    with pytest.raises(FakeBackupError, match=r"with backup\.serve\(\) as server"):
        _ = server.url
    for _ in range(2):
        with server:
            assert ask(server.url, request()).status == 200
            with pytest.raises(FakeBackupError, match="This server runs already"):
                server.__enter__()
            assert ask(server.url, request()).status == 200
    assert len(backup.calls) == 4


def test_two_servers_at_a_time(backup: FakeBackup) -> None:
    """They have ports of their own, and one fake."""
    with backup.serve() as one, backup.serve() as other:
        assert one.url != other.url
        for url in (one.url, other.url):
            assert ask(url, request()).status == 200
    assert len(backup.calls) == 2


def test_a_port_that_is_taken(backup: FakeBackup) -> None:
    """It is told, and nothing is left of the attempt."""
    before = threading.enumerate()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = backup.serve(port)
        with pytest.raises(FakeBackupError, match=f"The port {port} cannot be listened on"):
            server.__enter__()
    # A thread of an earlier test's client may still be about to end.
    assert [each for each in threading.enumerate() if each not in before] == []
    with server:
        assert server.url.endswith(f":{port}")


@pytest.mark.parametrize("port", [-1, 65536, "80", 80.0, True, None])
def test_what_is_no_port(backup: FakeBackup, port: Any) -> None:
    """It is refused where it is written."""
    with pytest.raises(ValueError, match="port is a whole number from 0, which is any free port"):
        backup.serve(port)


def test_a_fake_that_is_not_active() -> None:
    """It serves nobody."""
    waiting, ended = FakeBackup(), FakeBackup()
    with ended:
        pass
    for fake, text in ((waiting, "is not active yet"), (ended, "has ended")):
        with pytest.raises(FakeBackupError, match=text):
            fake.serve()


def test_what_is_open_before_is_closed(backup: FakeBackup) -> None:
    """The closed network, which is about clients in this process, closes no server."""
    with mock_backup(network="closed", region=REGION) as closed, closed.serve() as server:
        assert ask(server.url, request()).status == 200
    assert not backup.calls


def test_a_connection_that_cannot_be_accepted(backup: FakeBackup) -> None:
    """Where the system has no more sockets or threads, the next clients are answered."""
    with backup.serve() as server:

        class Full:
            """A socket in a process that has too many open files."""

            def accept(self) -> Any:
                raise OSError(errno.EMFILE, "too many open files")

        full: Any = Full()
        server._take(full)
        assert server._connections == []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse_to_start)
            with Wire(server.url) as client:
                assert client.is_closed()
        assert ask(server.url, request()).status == 200


def refuse_to_start(_thread: threading.Thread) -> None:
    """What the system does that gives no more threads."""
    raise RuntimeError("can't start new thread")


# --- What is raised at its end ----------------------------------------------------------------


@pytest.fixture
def raising(backup: FakeBackup) -> Callable[[], Server]:
    """A function that returns a server in which calls of ListBackupJobs raise a LookupError."""

    def serve() -> Server:
        def how(parameters: Any) -> Any:
            raise LookupError(parameters.get("ByState"))

        backup.answer("ListBackupJobs", how)
        return backup.serve()

    return serve


@contextlib.contextmanager
def expecting(error: type[BaseException], match: str) -> Iterator[pytest.ExceptionInfo[Any]]:
    """Expect an exception of a block of several statements."""
    with pytest.raises(error, match=match) as caught:
        yield caught


def test_the_first_exception_is_raised(raising: Callable[[], Server]) -> None:
    """The others are a warning."""
    others = pytest.warns(
        FakeBackupWarning, match=r"Besides, .*LookupError\('FAILED'\) \(2 times\)"
    )
    with others, expecting(LookupError, "RUNNING"), raising() as server:
        for state in ("RUNNING", "FAILED", "FAILED"):
            answer = ask(server.url, request(f"/backup-jobs/?state={state}"))
            assert answer.status == 501


def test_it_is_raised_though_the_block_fails(raising: Callable[[], Server]) -> None:
    """It is the likely cause of the block's own exception, which stays as its context."""
    with expecting(LookupError, "None") as caught, raising() as server:
        assert ask(server.url, request()).status == 200
    assert isinstance(caught.value.__context__, AssertionError)


def test_it_does_not_hide_what_is_no_failure(raising: Callable[[], Server]) -> None:
    """An interrupt, or a skip, ends the test as it does without the server."""
    server = raising()

    def interrupted() -> None:
        with server:
            ask(server.url, request())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert threads() == []


def test_a_handler_that_does_not_end(backup: FakeBackup) -> None:
    """The end of the block waits for it for a time, and says what it waited for."""
    started, ended = threading.Event(), threading.Event()

    def how(_parameters: Any) -> dict[str, Any]:
        started.set()
        ended.wait()
        return {}

    backup.answer("ListBackupJobs", how)
    server = backup.serve()
    server.tick = 0.001
    with expecting(FakeBackupError, "1 calls are still being answered"), server:
        client = Wire(server.url)
        client.send(request())
        started.wait()
    ended.set()
    client.close()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("ask(fake_backup_server.url, request())", {"failed": 1}),
        ("assert ask(fake_backup_server.url, request()).status == 200", {"failed": 1, "errors": 1}),
        ("ask(fake_backup_server.url, request('/copy-jobs'))", {"passed": 1}),
    ],
)
def test_the_fixture(pytester: pytest.Pytester, body: str, outcome: dict[str, int]) -> None:
    """It serves the test's own fake, and the test fails for what its calls raise."""
    tests = os.fspath(Path(__file__).parents[1])
    pytester.makepyfile(f"""
        import sys
        sys.path.insert(0, {tests!r})
        from support.http import ask, request

        def test_it(fake_backup, fake_backup_server):
            def how(_parameters):
                raise LookupError("boom")
            fake_backup.answer("ListBackupJobs", how)
            {body}
            assert fake_backup.calls
    """)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:asyncio")
    result.assert_outcomes(**outcome)
    if "passed" not in outcome:
        result.stdout.fnmatch_lines(["*LookupError: boom"])


# --- A fake that ends before its server's block ------------------------------------------------


def refused(url: str) -> bool:
    """Whether nobody listens at a URL."""
    try:
        Wire(url).close()
    except ConnectionRefusedError:
        return True
    return False


def test_the_server_ends_with_its_fake() -> None:
    """Nobody listens any more, open connections are closed, and no thread is left."""
    fake = FakeBackup(region=REGION).start()
    with fake.serve() as server, fake.serve() as second:
        with Wire(server.url) as client:
            assert client.ask(request()).status == 200
            fake.stop()
            assert client.is_closed()
        assert refused(server.url)
        assert refused(second.url)
        assert threads() == []
    with expecting(FakeBackupError, "This FakeBackup has ended"), server:
        pass
    assert threads() == []


def test_one_stop_of_several() -> None:
    """A fake that was started twice goes on, and so does its server, until the last stop()."""
    fake = FakeBackup(region=REGION).start()
    with fake, fake.serve() as server:
        fake.stop()
        assert ask(server.url, request()).status == 200
    assert refused(server.url)


def test_the_server_of_another_fake(backup: FakeBackup) -> None:
    """A fake that ends inside leaves the servers of others alone."""
    with backup.serve() as server:
        with FakeBackup(region=REGION) as inner:
            inner.add_backup_job()
        assert ask(server.url, request()).status == 200


def test_what_was_raised_before_the_fake_ended() -> None:
    """It is raised at the end of the server's block, as ever."""

    def how(_parameters: Any) -> Any:
        raise LookupError("boom")

    fake = FakeBackup(region=REGION).start()
    fake.answer("ListBackupJobs", how)
    with expecting(LookupError, "boom"), fake.serve() as server:
        assert ask(server.url, request()).status == 501
        fake.stop()


def test_a_handler_that_ends_the_fake() -> None:
    """The thread that ends it is not waited for; its client gets no answer."""
    fake = FakeBackup(region=REGION).start()

    def how(_parameters: Any) -> dict[str, Any]:
        fake.stop()
        return {}

    fake.answer("ListBackupJobs", how)
    with fake.serve() as server, Wire(server.url) as client:
        client.send(request())
        assert client.is_closed()
        assert refused(server.url)
    assert threads() == []


# --- A forked child ---------------------------------------------------------------------------


class TestFork:
    """What a forked child does with its copy of the server, its parent's goes on."""

    pytestmark = MARKS

    def test_a_child_that_leaves_the_block(self, backup: FakeBackup) -> None:
        """The parent's server answers, old clients and new ones, and ends as ever."""
        before = len(sockets())
        with backup.serve() as server, Wire(server.url) as client:
            assert client.ask(request()).status == 200

            def leave() -> list[int]:
                server.__exit__(SystemExit, SystemExit(0), None)
                return [each.fileno() for each in (client.socket, *own) if each.fileno() >= 0]

            own = (server._wake, server._woken, server._connections[0][0].socket)
            # The client's alone: what is the server's is closed.
            assert in_child(leave) == [client.socket.fileno()]
            assert client.ask(request()).status == 200
            assert ask(server.url, request()).status == 200
            assert len(threads()) >= 2
        assert threads() == []
        assert len(sockets()) == before
        assert refused(server.url)

    def test_a_child_that_ends_the_fake(self) -> None:
        """It ends its copy of the fake, whose server ends with it, and may serve it itself."""
        with FakeBackup(region=REGION) as fake, fake.serve() as server:

            def serve() -> list[Any]:
                with fake.serve() as own:
                    answered = ask(own.url, request())
                fake.stop()
                return [answered.status, server._listener]

            assert in_child(serve) == [200, None]
            assert ask(server.url, request()).status == 200
            assert len(fake.calls) == 1
        assert refused(server.url)

    def test_a_child_asks_its_parent(self, backup: FakeBackup) -> None:
        """The URL is the parent's: what the child asks there is a call of the parent's fake."""
        with backup.serve() as server:
            assert in_child(lambda: ask(server.url, request()).status) == 200
        assert len(backup.calls) == 1

    def test_errors_are_the_parents(self, raising: Callable[[], Server]) -> None:
        """What the server's threads raised before the fork is raised once, in the parent."""
        left = []
        with expecting(LookupError, "RUNNING"), raising() as server:
            ask(server.url, request("/backup-jobs/?state=RUNNING"))

            def leave() -> str:
                server.__exit__(None, None, None)
                return "nothing was raised"

            # An AssertionError would be hidden by what the block raises.
            left.append(in_child(leave))
        assert left == ["nothing was raised"]


def test_it_wakes_once(backup: FakeBackup) -> None:
    """What wakes the thread that accepts connections, and is no end, does not keep it busy."""
    with backup.serve() as server:
        server._wake.send(b"x")
        assert ask(server.url, request()).status == 200
        assert select.select([server._woken], [], [], 0)[0] == []


# --- Many at a time ---------------------------------------------------------------------------


def test_fifty_connections_at_a_time(backup: FakeBackup) -> None:
    """Each request of each connection is answered, once, and logged."""
    backup.add_backup_jobs(3)
    with backup.serve() as server:
        found = load(server.url, COUNT)
    assert found == {200: COUNT}
    assert len(backup.calls) == COUNT
    assert Counter(call.items for call in backup.calls) == {3: COUNT}
    assert {call.attempts for call in backup.calls} == {1}


def test_many_that_change_something(backup: FakeBackup) -> None:
    """What many connections start at a time is all there, each with an id of its own."""
    backup.add_vault(BackupVaultName="vault")
    with backup.serve() as server:
        found = load(server.url, 200, starts=True)
    assert found == {200: 200}
    assert len(backup.backup_jobs) == 200


# --- What it costs where it is not used -------------------------------------------------------


def test_nothing_is_imported_before(tmp_path: Path) -> None:
    """A fake that serves nobody imports nothing of the server."""
    code = (
        "import sys\n"
        "from fakebackup import mock_backup\n"
        "with mock_backup() as backup:\n"
        "    backup.add_backup_job()\n"
        "print([name for name in sys.modules if name.startswith('fakebackup.serve')])\n"
        "with mock_backup() as backup, backup.serve() as server:\n"
        "    print(server.environment(account_id='111122223333')['AWS_ACCESS_KEY_ID'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n111122223333\n", "")


def test_the_type_of_the_server(fake_backup_server: Server) -> None:
    """It is public, for annotations."""
    assert type(fake_backup_server) is Server
    assert ask(fake_backup_server.url, request(authorization=signature())).status == 200
