"""Signatures: the account and the Region that a request is made in.

They are read, not checked: neither the signature, which needs the secret, nor the date.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from fakebackup import ids, options
from fakebackup.answering import access_keys
from fakebackup.errors import AwsError, FakeBackupError, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERVICE = "backup"

_CREDENTIAL = re.compile(
    r"[ ,]Credential=(?P<key>[^/,\s]+)/[^/,]*/(?P<region>[^/,]*)/(?P<service>[^/,]*)/aws4_request"
)


class Signed(NamedTuple):
    """What a signature says.

    Attributes:
        account: the account that the access key names; None if it names none.
        region: the Region of the credential's scope.
        access_key: the access key.
    """

    account: str | None
    region: str
    access_key: str | None = None


def read(headers: Mapping[str, str], query: str) -> Signed:
    """Return what the signature of a request says: that of its header, or of a presigned URL.

    Args:
        headers: the HTTP headers, their names in lower case.
        query: the query, percent-encoded.

    Raises:
        AwsError: there is none, or one of an impossible Region.
        FakeBackupError: it is for another service.
    """
    text = headers.get("authorization", "")
    if not text and "X-Amz-Credential=" in query:
        presigned = parse_qs(query).get("X-Amz-Credential")
        text = f"AWS4-HMAC-SHA256 Credential={presigned[0]}" if presigned else ""
    if not text:
        raise _refused("MissingAuthenticationToken", "Missing Authentication Token")
    found = _CREDENTIAL.search(text) if text.startswith("AWS4-HMAC-SHA256 ") else None
    if found is None:
        raise _refused(
            "IncompleteSignature",
            "The signature has no Credential=KEY/DATE/REGION/SERVICE/aws4_request of Signature "
            "Version 4.",
        )
    if found["service"] != _SERVICE:
        msg = (
            f"A client of {quoted(found['service'])} asked this server, which answers AWS Backup "
            f"alone. Set AWS_ENDPOINT_URL_BACKUP, as server.environment() does, and not "
            f"AWS_ENDPOINT_URL, which is for every service."
        )
        raise FakeBackupError(msg)
    if not options.is_region(found["region"]):
        raise _refused(
            "InvalidSignatureException", "Credential should be scoped to a valid region."
        )
    return Signed(_account(found["key"]), found["region"], found["key"])


def _account(access_key: str) -> str | None:
    """Return the account of an access key: itself if it is one, or the one STS gave it for."""
    return access_key if ids.is_account_id(access_key) else access_keys.account_of(access_key)


def _refused(code: str, message: str) -> AwsError:
    return AwsError(code, message, status=403)
