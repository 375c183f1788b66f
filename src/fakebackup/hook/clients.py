"""Clients: how they are made while a fake is active, and whose they are."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.hook import Active

SERVICE = "backup"
_DUMMY = "fakebackup"


def named_account(client: Any) -> str | None:
    """Return the account that credentials given in code name.

    The attribute is read, not the property of credentials that refresh themselves: that would
    go and refresh them.
    """
    credentials = getattr(client._request_signer, "_credentials", None)  # noqa: SLF001  there is no public way
    if getattr(credentials, "method", None) != "explicit":
        return None
    return vars(credentials).get("account_id")


def create_client(original: Any, top: Callable[[], Active | None]) -> Any:
    """Return botocore's `Session.create_client` in its sync or async form, wrapped.

    Args:
        original: botocore's.
        top: tells which fake is active.
    """
    signature = inspect.signature(original)

    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        fake = top()
        if fake is None or _service(args, kwargs) != SERVICE:
            return original(self, *args, **kwargs)
        bound = signature.bind(self, *args, **kwargs)
        keyless = _prepare(self, bound.arguments, fake)
        client = original(*bound.args, **bound.kwargs)
        if keyless:
            client._request_signer._credentials = _deferred(self)  # noqa: SLF001  there is no public way
        return client

    return wrapped


def create_client_async(original: Any, top: Callable[[], Active | None]) -> Any:
    """Return aiobotocore's `AioSession._create_client` wrapped; arguments as `create_client`."""
    signature = inspect.signature(original)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        fake = top()
        if fake is None or _service(args, kwargs) != SERVICE:
            return await original(self, *args, **kwargs)
        bound = signature.bind(self, *args, **kwargs)
        keyless = _prepare(self, bound.arguments, fake)
        client = await original(*bound.args, **bound.kwargs)
        if keyless:
            client._request_signer._credentials = _deferred_async(self)  # noqa: SLF001  there is no public way
        return client

    return wrapped


def _service(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0] if args else kwargs.get("service_name")


def _prepare(session: Any, given: dict[str, Any], fake: Active) -> bool:
    """Complete a Backup client's arguments, so that making it needs nothing and asks nobody.

    Args:
        session: what makes it.
        given: the arguments by name; changed in place.
        fake: what will answer it.

    Returns:
        Whether it has no credentials of its own.
    """
    config = _config(session, given.get("config"))
    region = given.get("region_name") or getattr(config, "region_name", None)
    if region is None and session.get_config_variable("region") is None:
        given["region_name"] = fake.backend.region
    if _asks_where_it_runs(session, config):
        given["config"] = _asking_nobody(config)
    named = (given.get("aws_access_key_id"), given.get("aws_secret_access_key"))
    keyless = named == (None, None) and session._credentials is None  # noqa: SLF001  the public way resolves them
    if keyless:
        given["aws_access_key_id"] = given["aws_secret_access_key"] = _DUMMY
    return keyless


def _config(session: Any, given: Any) -> Any:
    """Return the settings that botocore will go by, None without any."""
    default = session.get_default_client_config()
    return default.merge(given) if default is not None and given is not None else given or default


def _asks_where_it_runs(session: Any, config: Any) -> bool:
    """Tell whether botocore would ask the metadata service for the region it runs in."""
    mode = getattr(config, "defaults_mode", None) or session.get_config_variable("defaults_mode")
    return str(mode).lower() == "auto"


def _asking_nobody(config: Any) -> Any:
    """Return settings with the defaults that botocore takes where no metadata service answers."""
    from botocore.config import Config

    told: Any = {"defaults_mode": "standard"}
    standard = Config(**told)
    return standard if config is None else config.merge(standard)


def _deferred(session: Any) -> Any:
    """Return credentials that are looked for when something is signed with them.

    Looking for them while making a client may ask the metadata service; a client that is made
    while a fake is active, and kept, still finds its own afterwards.
    """
    from botocore.credentials import Credentials

    class Deferred(Credentials):
        def get_frozen_credentials(self) -> Any:
            found = session.get_credentials()
            return None if found is None else found.get_frozen_credentials()

    return Deferred(_DUMMY, _DUMMY, method=_DUMMY)


def _deferred_async(session: Any) -> Any:
    """Return what `_deferred` does, for a session of aiobotocore's."""
    from aiobotocore.credentials import AioCredentials

    class Deferred(AioCredentials):  # type: ignore[misc]  # aiobotocore may not be installed
        async def get_frozen_credentials(self) -> Any:
            found = await session.get_credentials()
            return None if found is None else await found.get_frozen_credentials()

    return Deferred(_DUMMY, _DUMMY, method=_DUMMY)
