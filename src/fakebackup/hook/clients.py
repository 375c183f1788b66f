"""Clients: making them while a fake is active, and the account that each acts in."""

from __future__ import annotations

import functools
import inspect
import re
from typing import TYPE_CHECKING, Any, Protocol

from fakebackup.answering import access_keys
from fakebackup.model.resources.arns import Principal

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.dispatch import Backend


class Active(Protocol):
    """An active fake, as the hook knows it."""

    @property
    def backend(self) -> Backend:
        """AWS Backup's side of the fake, which answers calls."""


SERVICE = "backup"
STS = "sts"
_DUMMY = "fakebackup"

_WATCHED = "fakebackup-watched"
"""The id of our handler on an STS client, and the key that marks a call in its context."""


def identity(client: Any) -> tuple[str | None, Any]:
    """Return the account that a client's credentials name, in code or by STS, and the access key.

    Both are None for credentials that name nobody. Attributes are read, not properties: those of
    credentials that refresh themselves would refresh them.
    """
    credentials = getattr(client._request_signer, "_credentials", None)  # noqa: SLF001  there is no public way
    # An account that a profile or the machine happens to configure does not count.
    method = getattr(credentials, "method", None)
    if credentials is None or method in _methods_of_providers():
        return None, None
    attributes: dict[str, Any] = getattr(credentials, "__dict__", {})
    account: str | None = attributes.get("account_id") if method == "explicit" else None
    key: Any = attributes.get("access_key") or attributes.get("_access_key")
    return account or access_keys.account_of(key), key


@functools.cache
def _methods_of_providers() -> frozenset[str]:
    """Return the values of `method` for credentials that botocore found by itself."""
    from botocore.credentials import CredentialProvider

    return frozenset(each.METHOD or "" for each in CredentialProvider.__subclasses__())


def watch_sts(client: Any, parameters: Any, context: dict[str, Any]) -> None:
    """Remember the principal of the credentials that an STS call returns.

    Args:
        client: the client that makes the call.
        parameters: those of the call.
        context: botocore's context of the call.
    """
    context[_WATCHED] = parameters.get("RoleArn") if isinstance(parameters, dict) else None
    client.meta.events.register(f"after-call.{STS}", _remember, unique_id=_WATCHED)


def _remember(parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    if _WATCHED not in context:
        return
    key = parsed.get("Credentials", {}).get("AccessKeyId")
    user = parsed.get("AssumedRoleUser") or parsed.get("FederatedUser") or {}
    arn = re.match(_SESSION, user.get("Arn", ""))
    if key and arn:
        user_id = user.get("AssumedRoleId") or user.get("FederatedUserId") or ""
        role = _role_of(arn, context[_WATCHED])
        access_keys.remember(key, Principal(arn["account"], user["Arn"], user_id, role))


_SESSION = r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):(assumed-role/(?P<role>[^/]+)/)?"


def _role_of(session: re.Match[str], asked: Any) -> str | None:
    """Return the ARN of the role of a session; None for a federated user.

    The session's ARN lacks the path of the role, which the one that was asked for has.

    Args:
        session: the match of the session's ARN.
        asked: the RoleArn of the call.
    """
    partition, account, name = session.group("partition", "account", "role")
    if name is None:
        return None
    began = f"arn:{partition}:iam::{account}:role/"
    has_path = isinstance(asked, str) and asked.startswith(began) and asked.endswith(f"/{name}")
    return asked if has_path else began + name


# Most fakes see few clients or none, and all see the same two methods.
_signature = functools.lru_cache(maxsize=4)(inspect.signature)


def create_client(
    original: Any, top: Callable[[], Active | None], closed: Callable[[], bool]
) -> Any:
    """Return botocore's `Session.create_client`, wrapped.

    Args:
        original: botocore's method.
        top: returns the fake that answers, if one is active.
        closed: tells whether a fake that closes the network is active.
    """

    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        fake = top()
        ours = fake is not None and _service(args, kwargs) == SERVICE
        if not ours and not closed():
            return original(self, *args, **kwargs)
        bound = _signature(original).bind(self, *args, **kwargs)
        if ours:
            _prepare(self, bound.arguments, fake)
        keyless = _give_keys(self, bound.arguments)
        client = original(*bound.args, **bound.kwargs)
        if keyless:
            client._request_signer._credentials = _deferred(self, closed)  # noqa: SLF001  there is no public way
        return client

    return wrapped


def create_client_async(
    original: Any, top: Callable[[], Active | None], closed: Callable[[], bool]
) -> Any:
    """Return aiobotocore's `AioSession._create_client` wrapped; arguments as `create_client`."""

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        fake = top()
        ours = fake is not None and _service(args, kwargs) == SERVICE
        if not ours and not closed():
            return await original(self, *args, **kwargs)
        bound = _signature(original).bind(self, *args, **kwargs)
        if ours:
            _prepare(self, bound.arguments, fake)
        keyless = _give_keys(self, bound.arguments)
        client = await original(*bound.args, **bound.kwargs)
        if keyless:
            client._request_signer._credentials = _deferred_async(self, closed)  # noqa: SLF001  there is no public way
        return client

    return wrapped


def _service(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0] if args else kwargs.get("service_name")


def _prepare(session: Any, given: dict[str, Any], fake: Any) -> None:
    """Complete a Backup client's arguments, so that making it needs no settings and no network.

    Args:
        session: the session that makes the client.
        given: the arguments by name; changed in place.
        fake: the fake that will answer the client.
    """
    config = _config(session, given.get("config"))
    region = given.get("region_name") or getattr(config, "region_name", None)
    if region is None and session.get_config_variable("region") is None:
        given["region_name"] = fake.backend.region
    if _asks_metadata_service(session, config):
        given["config"] = _without_metadata_service(config)


def _give_keys(session: Any, given: dict[str, Any]) -> bool:
    """Give a client that has no credentials some, so that making it looks for none.

    Args:
        session: the session that makes the client.
        given: the arguments by name; changed in place.

    Returns:
        Whether the client has no credentials of its own.
    """
    named = (given.get("aws_access_key_id"), given.get("aws_secret_access_key"))
    keyless = named == (None, None) and session._credentials is None  # noqa: SLF001  the public way resolves them
    if keyless:
        given["aws_access_key_id"] = given["aws_secret_access_key"] = _DUMMY
    return keyless


def _config(session: Any, given: Any) -> Any:
    """Return the Config that botocore will use, None without any."""
    default = session.get_default_client_config()
    return default.merge(given) if default is not None and given is not None else given or default


def _asks_metadata_service(session: Any, config: Any) -> bool:
    """Tell whether botocore would ask the metadata service for the Region it runs in."""
    mode = getattr(config, "defaults_mode", None) or session.get_config_variable("defaults_mode")
    return str(mode).lower() == "auto"


def _without_metadata_service(config: Any) -> Any:
    """Return a Config with the defaults that botocore uses without a metadata service."""
    from botocore.config import Config

    arguments: Any = {"defaults_mode": "standard"}
    standard = Config(**arguments)
    return standard if config is None else config.merge(standard)


_LOCAL = frozenset({"env", "shared-credentials-file", "config-file"})
"""The providers of credentials that ask nobody, neither the network nor another program."""


def _local_providers(session: Any) -> list[Any]:
    providers = session.get_component("credential_provider").providers
    return [each for each in providers if each.METHOD in _LOCAL]


def _deferred(session: Any, closed: Callable[[], bool]) -> Any:
    """Return credentials that are looked for when a request is signed with them.

    Looking for them while making a client may ask the metadata service; a client that is made
    while a fake is active, and outlives it, still finds its own credentials.

    Args:
        session: the session that made the client.
        closed: tells whether the network is closed: then they are looked for on this machine.
    """
    from botocore.credentials import Credentials

    class Deferred(Credentials):
        def get_frozen_credentials(self) -> Any:
            if closed():
                loads = (each.load() for each in _local_providers(session))
                found = next((each for each in loads if each is not None), None)
            else:
                found = session.get_credentials()
            return None if found is None else found.get_frozen_credentials()

    return Deferred(_DUMMY, _DUMMY, method=_DUMMY)


def _deferred_async(session: Any, closed: Callable[[], bool]) -> Any:
    """Return credentials as `_deferred` does, for a session of aiobotocore."""
    from aiobotocore.credentials import AioCredentials

    class Deferred(AioCredentials):  # type: ignore[misc]  # aiobotocore may not be installed
        async def get_frozen_credentials(self) -> Any:
            found = None
            if not closed():
                found = await session.get_credentials()
            else:
                for each in _local_providers(session):
                    found = found or await each.load()
            return None if found is None else await found.get_frozen_credentials()

    return Deferred(_DUMMY, _DUMMY, method=_DUMMY)
