"""Reading is the inverse of botocore's serialiser: no sockets, every variant of every request."""

from __future__ import annotations

from datetime import timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import prepare_request_dict
from botocore.serialize import create_serializer
from botocore.utils import parse_to_aware_datetime

from fakebackup import mock_backup
from fakebackup.model.shapes.model import service_model
from fakebackup.serve.front import request_of
from fakebackup.serve.routes import Routes
from fakebackup.serve.signatures import Signed
from fakebackup.serve.wire import HttpRequest
from support.botocore_model import every, is_in_path, model
from support.constants import ACCOUNT, NOW, REGION
from support.world import input_shape, seed, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup.dispatch import Request

pytestmark = pytest.mark.frozen(NOW)

ROUTES = Routes(map(service_model().operation_model, service_model().operation_names))
SIGNED = Signed(None, REGION)


@pytest.fixture(scope="module", autouse=True)
def _a_world(_frozen: None) -> Iterator[None]:
    """Requests speak of what a fake holds: its ids are those that any such fake chooses."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        yield


def sent(operation: str, parameters: Any) -> HttpRequest:
    """The request as botocore serialises it."""
    serializer: Any = create_serializer("rest-json", include_validation=False)
    made = serializer.serialize_to_request(parameters, model().operation_model(operation))
    prepare_request_dict(made, "http://127.0.0.1")
    url = urlsplit(made["url"])
    body = made["body"].encode() if isinstance(made["body"], str) else bytes(made["body"])
    return HttpRequest(made["method"], url.path, url.query, {}, body, closes=False)


def read(http: HttpRequest) -> Request:
    """The request as the server reads it."""
    found = ROUTES.find(http.method, http.path, http.query)
    assert found is not None
    return request_of(http, SIGNED, found)


def writes_fractions() -> bool:
    """Whether the installed botocore writes fractions of a second in a body."""
    serializer: Any = create_serializer("rest-json", include_validation=False)
    return float(serializer._convert_timestamp_to_str(NOW, "unixtimestamp")) % 1 > 0


WHOLE_IN_BODIES = not writes_fractions()


def restored(shape: Any, value: Any, *, whole: bool) -> Any:
    """A value with its dates in UTC; in bodies they may be of whole seconds."""
    kind = shape.type_name
    if kind == "structure":
        return {
            name: restored(
                shape.members[name],
                each,
                whole=whole and shape.members[name].serialization.get("location") != "querystring",
            )
            for name, each in value.items()
        }
    if kind == "list":
        return [restored(shape.member, each, whole=whole) for each in value]
    if kind == "timestamp":
        at = parse_to_aware_datetime(value).astimezone(timezone.utc)
        return at.replace(microsecond=0) if whole else at
    return value


def is_sent(operation: str, parameters: Any) -> bool:
    """Whether a request arrives as itself: an empty label is another path."""
    return all(not is_in_path(operation, name) or value for name, value in parameters.items())


@every(model().operation_names)
def test_the_reader_gives_the_parameters_back(operation: str) -> None:
    """What botocore serialises is read as what it was, whatever the variant."""
    shape = input_shape(operation)
    variants = (
        [{}] if shape is None else [each.value for each in values(operation).forms("", shape)]
    )
    count = 0
    for parameters in filter(lambda each: is_sent(operation, each), variants):
        request = read(sent(operation, parameters))
        assert request.operation.name == operation
        assert request.received is None, "it was refused"
        expected = {} if shape is None else restored(shape, parameters, whole=WHOLE_IN_BODIES)
        # An empty list in a query is nothing.
        queried = [
            name
            for name, each in parameters.items()
            if each == [] and shape.members[name].serialization.get("location") == "querystring"
        ]
        assert request.parameters == {
            name: each for name, each in expected.items() if name not in queried
        }
        count += 1
    assert count


AWKWARD = ("a/b c%2F?d=e&f#g", "Größe \u2603 \U0001f600", '"\\\n\r\t\x00', "+", "%", "..x")


def texts(operation: str) -> list[str]:
    """The parameters of an operation that are text."""
    shape = input_shape(operation)
    members = {} if shape is None else shape.members
    return [name for name, each in members.items() if each.type_name == "string"]


@every([each for each in model().operation_names if texts(each)])
def test_awkward_texts_come_back(operation: str) -> None:
    """Texts with what URLs and JSON escape are read as they were, wherever they stand."""
    plain = values(operation).plain("", input_shape(operation))
    for name in texts(operation):
        for text in AWKWARD:
            parameters = {**plain, name: text}
            assert read(sent(operation, parameters)).parameters[name] == text
