"""The clients of the fake's own: of a session that knows no credentials, held by a guard.

Nothing that they ask leaves the process, or with a URL this machine: the guard comes last of all
that may answer a request, and refuses it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fakebackup.addresses import host_of, is_loopback
from fakebackup.errors import FakeBackupError
from fakebackup.hook import handlers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.model.resources.arns import Home

MOTO = "moto"

_ACCOUNT = "x-moto-account-id"
"""The header by which moto, and its server, are told the account of a call."""

_MOTOS_ACCOUNT = "123456789012"
"""The account in which moto puts clients whose credentials name no other."""

_SECRET = "fakebackup"  # noqa: S105  it signs what never leaves


class NothingAnswers(FakeBackupError):  # noqa: N818  it names what was found
    """Nothing in the process has answered a request, which was stopped before it left."""


class World:
    """The rest of AWS: clients of any service, in any account and Region.

    Attributes:
        beside: the option: "moto", or the URL of an emulator on this machine.
    """

    def __init__(self, beside: str) -> None:
        """Make one without clients; `world` returns the one of an option."""
        self.beside = beside
        self._clients: dict[tuple[str, Home, int], Any] = {}

    def client(self, service: str, home: Home) -> Any:
        """Return a client of a service, in an account and a Region.

        Raises:
            FakeBackupError: moto is set up so that it cannot be asked.
        """
        if self.beside == MOTO:
            _check_moto()
        # Mocks register with botocore when they are imported: clients made before miss them.
        from botocore.handlers import BUILTIN_HANDLERS

        key = (service, home, len(BUILTIN_HANDLERS))
        found = self._clients.get(key)
        if found is None:
            found = self._clients[key] = self._make(service, home)
        return found

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Refuse, in a block, that an emulator on this machine cannot be reached.

        Raises:
            NothingAnswers: it cannot.
        """
        from botocore.exceptions import ConnectionError as NoConnectionError
        from botocore.exceptions import HTTPClientError

        try:
            yield
        except (NoConnectionError, HTTPClientError) as error:
            msg = (
                f"AWS Backup asked for what the option beside={self.beside!r} is about, and "
                f"nothing answers there: {error}. Start the emulator before AWS Backup is used, "
                f"or take the option away."
            )
            raise NothingAnswers(msg) from error

    def _make(self, service: str, home: Home) -> Any:
        from botocore.config import Config

        settings: dict[str, Any] = {"ignore_configured_endpoint_urls": True}
        client = _session().create_client(
            service,
            region_name=home.region,
            endpoint_url=None if self.beside == MOTO else self.beside,
            # Servers that do not know the header read the account from the key.
            aws_access_key_id=home.account,
            aws_secret_access_key=_SECRET,
            config=Config(
                # What is refused stays refused; and no proxy is asked.
                retries={"max_attempts": 0},
                proxies={},
                s3={"addressing_style": "path"},
                **settings,
            ),
        )
        handlers.leave_alone(client)

        def name_account(params: dict[str, Any], **_: object) -> None:
            params["headers"][_ACCOUNT] = home.account

        client.meta.events.register("before-call", name_account)
        client.meta.events.register_last("before-send", functools.partial(self._guard, service))
        return client

    def _guard(self, service: str, request: Any, **_: object) -> _Unanswered | None:
        """Stand in for the network: botocore takes the first answer, and this comes last.

        Args:
            service: botocore's name of the service.
            request: the request.
        """
        if self.beside != MOTO and is_loopback(host_of(request.url)):
            return None
        return _Unanswered(self.beside, service, request.url)


class _Unanswered:
    """The response to a request that nothing in the process has answered: it cannot be read."""

    def __init__(self, beside: str, service: str, url: str) -> None:
        self._asked = (beside, service, url)

    def __getattr__(self, name: str) -> Any:
        """Refuse whatever botocore reads of it.

        Raises:
            NothingAnswers: always.
        """
        beside, service, url = self._asked
        where = urlsplit(url)
        msg = (
            f"AWS Backup asked {service!r} for what the option beside={beside!r} is about, and "
            f"nothing in this process answers: the request was stopped before it left for "
            f"{where.scheme}://{where.netloc}. Use AWS Backup inside moto's mock_aws(), as in "
            f"`with mock_aws():`, or take the option away."
        )
        raise NothingAnswers(msg)


def lacking() -> tuple[type[Exception], ...]:
    """Return what moto raises for what it does not have, or was told not to answer.

    An older moto lacks some calls, and one with a `service_whitelist` answers no others.
    """
    exceptions = sys.modules.get("moto.core.exceptions")
    left_out = getattr(exceptions, "ServiceNotWhitelisted", NotImplementedError)
    return (NotImplementedError, left_out)


@functools.cache
def world(beside: str) -> World:
    """Return the rest of AWS for an option; its clients are made once in a process."""
    return World(beside)


def _session() -> Any:
    """Return a session that reads neither files nor variables, with the handlers of all mocks."""
    from botocore.configprovider import (
        BOTOCORE_DEFAUT_SESSION_VARIABLES,
        ConfigValueStore,
        ConstantProvider,
    )
    from botocore.session import Session

    session = Session()
    settings: dict[str, Any] = {
        name: setting[2] for name, setting in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    }
    settings |= {"config_file": os.devnull, "credentials_file": os.devnull}
    providers = {name: ConstantProvider(value) for name, value in settings.items()}
    session.register_component("config_store", ConfigValueStore(mapping=providers))
    session.register_component("data_loader", _loader())
    return session


@functools.cache
def _loader() -> Any:
    """Return what reads botocore's models, which takes time, once in a process."""
    from botocore.loaders import Loader

    return Loader()


def _check_moto() -> None:
    """Refuse settings of moto under which it answers for another account, or refuses to.

    Raises:
        FakeBackupError: it has one of them.
    """
    account = os.environ.get("MOTO_ACCOUNT_ID")
    if account is not None:
        msg = (
            f"The environment variable MOTO_ACCOUNT_ID makes moto answer every call for the "
            f"account {account}, whoever asks: beside it AWS Backup cannot tell its accounts "
            f"apart. Unset it: moto is in {_MOTOS_ACCOUNT} then, as mock_backup() is. A client "
            f"is in {account} by the credentials that STS hands out for a role of that account."
        )
        raise FakeBackupError(msg)
    settings = sys.modules.get("moto.settings")
    if getattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", float("inf")) != float("inf"):
        msg = (
            "moto's IAM authentication is on (set_initial_no_auth_action_count, or the variable "
            "INITIAL_NO_AUTH_ACTION_COUNT), and AWS Backup is no user that moto's IAM has. Turn "
            "it off where the option beside is used."
        )
        raise FakeBackupError(msg)
