"""The server: its socket, a thread for each connection, and what clients need to find it."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any

from fakebackup import errors, options, plain
from fakebackup.serve import wire
from fakebackup.serve.front import Front

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from fakebackup.dispatch import Backend
    from fakebackup.serve.front import Reply
    from fakebackup.serve.wire import Connection, HttpRequest

_HOST = "127.0.0.1"
"""The only address that is listened on: nothing else than this machine reaches it."""

_DUMMY = "fakebackup"

_TICK = 1.0
"""The length of a tick, in seconds."""

_PATIENCE = 30
"""For how many ticks a client may owe the rest of a request, or keep an answer waiting; and the
end of the block may wait for a handler of events that still runs."""

_PAUSE = 0.01
"""How long, in seconds, a connection waits that could not be accepted."""

_MOST_CONNECTIONS = 1000
_BACKLOG = 256
_MOST_PORT = 65535

_running: dict[Server, Front] = {}
"""The servers that run, for the plugin, and their fronts, for forks."""


def raise_errors() -> None:
    """Raise what a running server has for the test, if anything."""
    for server in tuple(_running):
        server.raise_error()


def fronts() -> list[Front]:
    """Return the fronts of the servers that run."""
    return list(_running.values())


def end_servers(backend: Backend) -> None:
    """End the servers of a fake that ends: their blocks may still be open."""
    for server in tuple(_running):
        server.end_with(backend)


class Server:
    """A server on this machine that answers like the fake, while its block runs.

    Attributes:
        tick: the length of a tick, in seconds, by which clients are given up that stop midway.
    """

    def __init__(self, backend: Backend, port: int, account_id: str | None, region: str) -> None:
        """Make a server; users call `FakeBackup.serve`.

        Args:
            backend: AWS Backup's side of the fake.
            port: the port; 0 is any that is free.
            account_id: the account of clients by default; None is the one the fake chooses.
            region: the Region of clients by default.
        """
        given: object = plain.scalar(port)
        if type(given) is not int or not 0 <= given <= _MOST_PORT:
            msg = (
                f"port is a whole number from 0, which is any free port, to {_MOST_PORT}, not "
                f"{errors.quoted(given)}."
            )
            raise ValueError(msg)
        self.tick = _TICK
        self._backend = backend
        self._front = Front(backend)
        self._port = given
        self._account_id = account_id
        self._region = region
        self._listener: socket.socket | None = None
        self._url = ""
        self._ending = False
        self._process = 0
        self._connections: list[tuple[Connection, threading.Thread]] = []
        self._raised = 0

    def __repr__(self) -> str:
        if not self._url:
            return "<Server: not started>"
        state = "ended" if self._listener is None else "answers"
        return f"<Server at {self._url}: {state}>"

    # --- What clients need ------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The URL to give clients as their endpoint.

        Raises:
            FakeBackupError: the server has not run yet.
        """
        if not self._url:
            msg = "This server does not run yet: use it as `with backup.serve() as server:`."
            raise errors.FakeBackupError(msg)
        return self._url

    @property
    def console_url(self) -> str:
        """The URL of the console: the page of `FakeBackup.report`, live, for a browser.

        It has a token, without which the console shows nothing.

        Raises:
            FakeBackupError: the server has not run yet.
        """
        return self.url + self._front.console.path

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be copied and pickled: it is what listens on a port."""
        msg = (
            "A Server is not copied or pickled: to lead another process here, start it with "
            "env={**os.environ, **server.environment()}."
        )
        raise TypeError(msg)

    def environment(
        self, account_id: str | None = None, region: str | None = None
    ) -> dict[str, str]:
        """Return environment variables that lead the clients of another process here.

        Pass them beside those of this process: ``env={**os.environ, **server.environment()}``.

        Args:
            account_id: the account that its calls are made in; None is that of the view which
                `serve` was called on, else the fake's (or that of `acting_as`).
            region: its Region; None is that of the fake or view.

        Raises:
            TypeError, ValueError: not an account id, or not the name of a Region.
            FakeBackupError: the server has not run yet.
        """
        account_id, region = plain.scalar(account_id), plain.scalar(region)
        if account_id is not None:
            options.account_id("account_id", account_id)
        if region is not None:
            options.region("region", region)
        found = region or self._region
        known = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
        direct = ",".join([*filter(None, [known]), _HOST, "localhost"])
        return {
            "AWS_ENDPOINT_URL_BACKUP": self.url,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_REGION": found,
            "AWS_DEFAULT_REGION": found,
            "AWS_ACCESS_KEY_ID": account_id or self._account_id or _DUMMY,
            "AWS_SECRET_ACCESS_KEY": _DUMMY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": direct,
            "no_proxy": direct,
        }

    # --- The block --------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Begin to answer.

        Raises:
            FakeBackupError: the server runs already, or its port is taken; or the fake has ended.
        """
        self._backend.organization.check()
        if self._listener is not None:
            msg = "This server runs already: call backup.serve() again for another one."
            raise errors.FakeBackupError(msg)
        self._listener = self._listen()
        self._url = f"http://{_HOST}:{self._listener.getsockname()[1]}"
        self._ending = False
        self._process = os.getpid()
        self._wake, self._woken = socket.socketpair()
        self._accepter = threading.Thread(
            target=self._accept, args=(self._listener,), name="fakebackup-serve", daemon=True
        )
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._count, name="fakebackup-ticks", daemon=True)
        self._accepter.start()
        self._ticker.start()
        _running[self] = self._front
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop answering: close all connections and wait for what is being answered.

        A forked child that leaves the block leaves the server to its parent, and raises nothing.

        Raises:
            BaseException: what was raised in the server's threads, unless something else than
                an Exception ended the block: a skip, an interrupt.
        """
        del _running[self]
        self._end()
        # What ended the fake, and with it the server, may have been one of these.
        late = self._join()
        self._connections.clear()
        if error is None or isinstance(error, Exception):
            self.raise_error()
            if late:
                msg = (
                    f"{len(late)} calls are still being answered after {_PATIENCE} ticks: a "
                    f"handler of events does not come to its end."
                )
                raise errors.FakeBackupError(msg)

    def end_with(self, backend: Backend) -> None:
        """Stop answering if the server is of a fake, which ends; its block ends by itself.

        From then on nobody listens: a connection is refused, as by a program that has ended.
        """
        if backend is self._backend:
            self._end()
            self._join()

    def raise_error(self) -> None:
        """Raise the first exception of the server's threads that has not been raised yet."""
        found = self._front.errors[self._raised :]
        if not found or not self._is_own():
            return
        self._raised += len(found)
        if len(found) > 1:
            more = errors.few(errors.shortened(repr(each), 100) for each in found[1:])
            text = f"Besides, calls over HTTP raised: {'; '.join(more)}."
            errors.warn(text, raising=False)
        raise found[0]

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            # On Windows it would let another program take the port.
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((_HOST, self._port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            msg = (
                f"The port {self._port} cannot be listened on ({error.strerror}): choose another "
                f"one, or 0, which is any that is free."
            )
            raise errors.FakeBackupError(msg) from error
        listener.setblocking(False)  # noqa: FBT003  its only argument
        return listener

    def _end(self) -> None:
        """Listen no more and close all connections; their threads may still run."""
        if self._listener is None:
            return
        if self._is_own():
            self._ending = True
            self._wake.send(b"x")
            self._ended.set()
            self._accepter.join()
            self._ticker.join()
            # A forked child may hold it open.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None
        for each in (self._wake, self._woken):
            each.close()
        for connection, _ in self._connections:
            if self._is_own():
                connection.close()
            else:
                connection.socket.close()

    def _is_own(self) -> bool:
        """Return whether this process began the server: a forked child has copies of its sockets.

        What a child does with them but close them, it does to its parent's.
        """
        return self._process == os.getpid()

    def _join(self) -> list[threading.Thread]:
        """Wait for the threads of connections, and return those that do not end."""
        for _, thread in self._connections:
            if thread is not threading.current_thread():
                thread.join(self.tick * _PATIENCE)
        self._front.forget()
        return [thread for _, thread in self._connections if thread.is_alive()]

    # --- The threads ------------------------------------------------------------------------

    def _accept(self, listener: socket.socket) -> None:
        """Take connections until the block ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._ending:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    # Read, so that whatever woke it wakes it once.
                    self._woken.recv(1)
                if listener in ready and not self._ending:
                    self._take(listener)

    def _count(self) -> None:
        """Give up clients that stop midway, until the block ends.

        It has a thread of its own: others that connect all the time do not hold it up.
        """
        # An event's time is the system's, whoever has stopped the process's clock.
        while not self._ended.wait(self.tick):
            self._give_up()

    def _give_up(self) -> None:
        """Count a tick, and close the connections of the clients that have used theirs up."""
        for connection, _ in self._connections:
            if connection.ticks() > _PATIENCE:
                connection.close()

    def _take(self, listener: socket.socket) -> None:
        try:
            made, _ = listener.accept()
        except OSError:
            # The client has gone meanwhile, or too many files are open. Those do not go at once:
            # without a pause, it would be tried all the time.
            select.select([self._woken], [], [], _PAUSE)
            return
        self._connections = [each for each in self._connections if each[1].is_alive()]
        if len(self._connections) >= _MOST_CONNECTIONS:
            made.close()
            return
        made.setblocking(True)  # noqa: FBT003  its only argument
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = wire.Connection(made)
        thread = threading.Thread(
            target=self._serve, args=(connection,), name="fakebackup-connection", daemon=True
        )
        self._connections.append((connection, thread))
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads
            self._connections.pop()
            made.close()

    def _serve(self, connection: Connection) -> None:
        """Answer the requests of a connection, one after the other."""
        # A client that goes while it is answered is no error.
        with connection.socket, contextlib.suppress(OSError):
            while not self._ending:
                try:
                    request = connection.read()
                except wire.BadRequestError as error:
                    _answer(connection, self._front.refusal(error.status, error.text), closes=True)
                    connection.drain()
                    return
                if request is None or not _respond(connection, request, self._front.reply(request)):
                    return


def _respond(connection: Connection, request: HttpRequest, reply: Reply) -> bool:
    """Answer a request, and return whether the connection is kept."""
    fault = reply.fault
    if fault is None:
        _answer(connection, reply, closes=request.closes, head=request.method == "HEAD")
        return not request.closes
    if fault.truncated:
        whole = wire.written(reply.status, reply.headers, reply.body, closes=True)
        connection.write(whole[: -len(reply.body) // 2])
        connection.break_off()
    elif fault.code == "ReadTimeoutError":
        connection.wait()
    return False


def _answer(connection: Connection, reply: Reply, *, closes: bool, head: bool = False) -> None:
    connection.write(
        wire.written(reply.status, reply.headers, reply.body, closes=closes, head=head)
    )
