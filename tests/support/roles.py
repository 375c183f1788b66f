"""Clients that act as somebody: with credentials that STS handed out while a fake was active."""

from __future__ import annotations

import functools
import zlib
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from support.constants import ACCOUNT, REGION

Who = tuple[str, str, str]
"""An account, a role (with its path) or "" for a federated user, and a session's or user's name."""

USER_ID = "AROAEXAMPLEROLE0000001"
"""The unique id of every role here."""


@functools.cache
def _sts() -> Any:
    return boto3.Session("AKIAREAL", "secret").client("sts", region_name=REGION)


@functools.cache
def _client(key: str, region: str) -> Any:
    """A client with an access key: one for all tests, since making one takes long."""
    session = boto3.Session(key, "secret", "token")
    return session.client("backup", region_name=region)


def arn_of(who: Who) -> str:
    """The ARN with which IAM's messages name somebody."""
    account, role, name = who
    if not role:
        return f"arn:aws:sts::{account}:federated-user/{name}"
    return f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{name}"


def acting_as(who: Who, *, region: str = REGION) -> Any:
    """A client with credentials that STS has just handed out."""
    account, role, name = who
    key = f"ASIA{zlib.crc32(repr(who).encode()):016X}"
    given = {
        "AccessKeyId": key,
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    with Stubber(_sts()) as stubber:
        if role:
            user = {"AssumedRoleId": f"{USER_ID}:{name}", "Arn": arn_of(who)}
            answer = {"Credentials": given, "AssumedRoleUser": user}
            stubber.add_response("assume_role", answer)
            asked = f"arn:aws:iam::{account}:role/{role}"
            _sts().assume_role(RoleArn=asked, RoleSessionName=name)
        else:
            federated = {"FederatedUserId": f"{account}:{name}", "Arn": arn_of(who)}
            answer = {"Credentials": given, "FederatedUser": federated}
            stubber.add_response("get_federation_token", answer)
            _sts().get_federation_token(Name=name)
    return _client(key, region)


def ask(client: Any, operation: str, **parameters: Any) -> Any:
    """The error of a call that a client makes; None where it was answered."""
    try:
        getattr(client, xform_name(operation))(**parameters)
    except ClientError as error:
        return error.response
    return None


def denial(who: str, operation: str, resource: str) -> str:
    """The text of IAM's explicit deny [recorded: aws-nuke #1150]."""
    return (
        f"User: {who} is not authorized to perform: backup:{operation} on resource: {resource} "
        "with an explicit deny in a resource-based policy"
    )


ROOT = f"arn:aws:iam::{ACCOUNT}:root"
"""Who calls where no credentials name anybody."""
