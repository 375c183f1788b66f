"""Credentials, Regions and clients, by what boto3 would use; and what went wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ParamValidationError,
    ProfileNotFound,
)
from botocore.session import Session

from fakebackup.errors import near
from fakebackup.recording.document import Refusal
from fakebackup.recording.table import READS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ATTEMPTS = 10
_RETRIES = ("standard", "adaptive")

# With credentials that are refused, or in a Region that the account has not opted in to,
# every further call would end the same.
_BROKEN = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
RIGHTS = "backup:List*, backup:Describe*, backup:Get* and sts:GetCallerIdentity"
"""The rights that reading an account needs."""


class RecordingError(Exception):
    """An account cannot be read; the text is one line that says why."""


def open_session(profile: str | None) -> Session:
    """Return a session that has credentials, from where boto3 finds them.

    Args:
        profile: the profile of the AWS configuration; None is the configured one.

    Raises:
        RecordingError: there are none, or no such profile.
    """
    session = Session(profile=profile)
    try:
        found = session.get_credentials()
    except ProfileNotFound as error:
        # Also where the environment names it.
        named = profile or str(session.get_config_variable("profile"))
        known = session.available_profiles
        hint = near(named, known) or (f"; there are {', '.join(known)}." if known else ".")
        msg = f"the AWS configuration has no profile {named!r}{hint}"
        raise RecordingError(msg) from error
    except BotoCoreError as error:
        raise RecordingError(_line(error)) from error
    if found is None:
        msg = (
            "there are no AWS credentials: log in, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or name "
            "a profile with --profile."
        )
        raise RecordingError(msg)
    return session


def regions_of(session: Session, named: Sequence[str]) -> list[str]:
    """Return the Regions to read, each once: those that are named, else the configured one.

    Raises:
        RecordingError: there is none, or one that the installed botocore does not know.
    """
    configured = session.get_config_variable("region")
    wanted = list(dict.fromkeys(named or ([configured] if configured else [])))
    if not wanted:
        msg = "no Region is configured: name one or several with --region."
        raise RecordingError(msg)
    known = {
        region
        for partition in session.get_available_partitions()
        # Not all lists of botocore's are complete.
        for service in ("backup", "ec2")
        for region in session.get_available_regions(service, partition_name=partition)
    }
    for region in wanted:
        if region not in known:
            hint = near(region, sorted(known)) or "; a newer botocore may know it."
            msg = f"there is no Region {region!r}{hint}"
            raise RecordingError(msg)
    return wanted


def client_of(session: Session, service: str, region: str) -> Any:
    """Return a client that retries what is throttled, as the user configured it where he did.

    Raises:
        RecordingError: botocore makes none of the configuration.
    """
    mode = session.get_config_variable("retry_mode")
    retries: Any = {
        "mode": mode if mode in _RETRIES else _RETRIES[0],
        "total_max_attempts": session.get_config_variable("max_attempts") or _ATTEMPTS,
    }
    config = Config(retries=retries, user_agent_extra="fakebackup-record")
    try:
        return session.create_client(service, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise RecordingError(_line(error)) from error


def caller_of(session: Session, region: str) -> str:
    """Return the account that the credentials are of; empty where STS does not tell.

    Raises:
        RecordingError: STS refuses the credentials, or as for `client_of`.
    """
    sts = client_of(session, "sts", region)
    try:
        account: str = reading(sts, "GetCallerIdentity")()["Account"]
    except Exception as error:
        if isinstance(error, ClientError) and ends_all(error):
            raise RecordingError(_line(error)) from error
        # AWS Backup may answer all the same, as by an endpoint of its own in a closed network.
        return ""
    return account


def reading(client: Any, operation: str) -> Callable[..., dict[str, Any]]:
    """Return a client's method for an operation, which must be one that changes nothing.

    Raises:
        ValueError: it might change something.
    """
    if not operation.startswith(READS):
        msg = f"{operation} is not asked for: its name begins with none of {', '.join(READS)}."
        raise ValueError(msg)
    method: Callable[..., dict[str, Any]] = getattr(client, xform_name(operation))
    return method


def refusal_of(error: Exception) -> Refusal:
    """Return what is noted of a call that was not answered."""
    if isinstance(error, ClientError):
        found = error.response["Error"]
        return Refusal(found.get("Code", ""), found.get("Message", ""))
    return Refusal(type(error).__name__, _line(error))


def ends_all(error: Exception) -> bool:
    """Return whether all further calls would end as one did: its error is not of that call."""
    if isinstance(error, ClientError):
        return error.response["Error"].get("Code") in _BROKEN
    # A value of AWS's that botocore does not take as a parameter.
    return not isinstance(error, ParamValidationError)


def _line(error: Exception) -> str:
    """Return an error's text in one line."""
    return " ".join(str(error).split())
