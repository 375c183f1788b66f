"""Every operation and every seeder, driven with values that nobody means."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from fakebackup import mock_backup
from fakebackup.operations import operations
from support.botocore_model import declared, every
from support.client import whole
from support.conformance import SERVICE_WIDE, anatomy
from support.constants import ACCOUNT, NOW, REGION, TRANSPORTS
from support.hostile import VALUES, places, replaced
from support.world import input_shape, seed, values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup import FakeBackup

pytestmark = pytest.mark.frozen(NOW)


@functools.cache
def client(*, validates: bool) -> Any:
    """A client that validates parameters, or one that does not."""
    config = Config(parameter_validation=validates)
    return boto3.Session("key", "secret").client("backup", region_name=REGION, config=config)


@functools.cache
def bare(*, validates: bool) -> Any:
    """A client that no fake answers: what it raises is its own."""
    made = boto3.Session("key", "secret").client(
        "backup", region_name=REGION, config=Config(parameter_validation=validates)
    )
    headers: Any = {}
    answer: Any = (AWSResponse("", 200, headers, None), {})
    made.meta.events.register_first("before-call.*.*", lambda **_: answer)
    return made


def ask(a_client: Any, operation: str, parameters: Mapping[str, Any]) -> tuple[str, Any]:
    """What becomes of a call: "answered", an error's code or class, and what comes back."""
    try:
        return "answered", getattr(a_client, xform_name(operation))(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"]), error.response
    except Exception as error:  # noqa: BLE001  whatever comes is judged below
        return type(error).__name__, None


def hostile(operation: str) -> Iterator[tuple[Any, Any]]:
    """The places of an operation's requests, each with a request that has a value there."""
    shape = input_shape(operation)
    if shape is None:
        return
    plain = values(operation).plain("", shape)
    full = {name: values(operation).plain(name, each) for name, each in shape.members.items()}
    # botocore would draw a token.
    plain |= {
        name: "token" for name, each in shape.members.items() if "idempotencyToken" in each.metadata
    }
    for request in (plain, {**full, **plain}):
        for place in places(request):
            if request is plain or place[0] not in plain:
                yield place, functools.partial(replaced, request, place)


def outcomes(backup: FakeBackup, operation: str, *, validates: bool) -> Iterator[tuple[str, Any]]:
    """What becomes of each request: how it differs and its code, and what comes back.

    The metadata is left out: over the wire a client sends some refused requests again.
    """
    allowed = {"answered"} | declared(operation) | SERVICE_WIDE
    asked = client(validates=validates)
    seed(backup)
    seeded = whole(backup)
    for place, request in hostile(operation):
        before = seeded
        for name, make in VALUES.items():
            how = f"{place} {name}"
            code, answer = ask(asked, operation, request(make()))
            if code not in allowed:
                own, _ = ask(bare(validates=validates), operation, request(make()))
                assert code == own, f"{how}: {code}"
            if code == "answered" and not operation.startswith(LOOKS):
                before = whole(backup)
            (answer or {}).pop("ResponseMetadata", None)
            yield f"{how}: {code}", anatomy(answer)
        assert whole(backup) == before, f"{place}: something changed though it was refused"
        if before != seeded:
            backup.reset()
            seed(backup)


LOOKS = ("List", "Describe", "Get", "Export")


@every(operations())
@pytest.mark.parametrize("validates", [True, False], ids=["validating", "unchecked"])
def test_an_operation(operation: str, *, validates: bool) -> None:
    """Each value is answered, or refused as declared, or by botocore, on both transports alike."""
    found = []
    transport: Any
    for transport in TRANSPORTS:
        with mock_backup(region=REGION, account_id=ACCOUNT, transport=transport) as backup:
            found.append(list(outcomes(backup, operation, validates=validates)))
    direct, wired = found
    for one, other in zip(direct, wired, strict=True):
        assert one == other
