"""What an answer of AWS's must be, by the installed model, and all that can be told about one."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from support.botocore_model import model

SERVICE_WIDE = frozenset({"AccessDeniedException", "ThrottlingException"})


def check(shape: Any, value: Any, path: str) -> None:
    """Hold a value of an answer against its shape: types, enums, members and their order."""
    kind = shape.type_name
    if kind == "structure":
        assert type(value) is dict, path
        strange = [name for name in value if name not in shape.members]
        assert not strange, f"{path} has no {strange}"
        missing = [name for name in shape.required_members if name not in value]
        assert not missing, f"{path} lacks {missing}"
        in_order = [name for name in shape.members if name in value]
        assert list(value) == in_order, f"{path} is in another order"
        for name, each in value.items():
            check(shape.members[name], each, f"{path}.{name}")
    elif kind == "list":
        assert type(value) is list, path
        for at, each in enumerate(value):
            check(shape.member, each, f"{path}[{at}]")
    elif kind == "map":
        assert type(value) is dict, path
        for name, each in value.items():
            check(shape.key, name, f"{path} key")
            check(shape.value, each, f"{path}[{name!r}]")
    else:
        check_scalar(shape, value, path)


SCALARS: dict[str, Any] = {
    "boolean": bool,
    "double": float,
    "float": float,
    "integer": int,
    "long": int,
    "string": str,
    "timestamp": datetime,
}


def check_scalar(shape: Any, value: Any, path: str) -> None:
    """Hold a value that holds no others against its shape."""
    assert isinstance(value, SCALARS[shape.type_name]), f"{path} is {value!r}"
    assert isinstance(value, bool) == (shape.type_name == "boolean"), f"{path} is {value!r}"
    if shape.type_name == "timestamp":
        assert value.utcoffset() is not None, f"{path} is naive"
        assert not value.microsecond % 1000, f"{path} is finer than AWS's milliseconds"
    if getattr(shape, "enum", ()):
        assert value in shape.enum, f"{path} is {value!r}"


def check_answer(operation: str, answer: dict[str, Any]) -> None:
    """Hold an answer against its operation: the metadata first, then the output shape."""
    assert next(iter(answer)) == "ResponseMetadata"
    described = model().operation_model(operation)
    metadata = answer["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == described.http.get("responseCode", 200)
    assert metadata["RetryAttempts"] == 0
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]
    assert all(name == name.lower() for name in metadata["HTTPHeaders"])
    members = {name: each for name, each in answer.items() if name != "ResponseMetadata"}
    if described.output_shape is None:
        assert not members
    else:
        check(described.output_shape, members, operation)


NUMBERS = {1101, 2106, 2603, 3015, 3018, 3930, 4301, 9101, 9601}
"""The numbers of errors that are public; AWS's others are not known."""


def check_refusal(operation: str, response: Any) -> None:
    """Hold the response of an error to the form that AWS's have, whatever the transport."""
    metadata, code = response["ResponseMetadata"], response["Error"]["Code"]
    headers = metadata["HTTPHeaders"]
    suffix = "http://internal.amazon.com/coral/com.amazonaws.services.cryo/"
    assert headers["x-amzn-errortype"] == f"{code}:{suffix}"
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-requestid"] == metadata["RequestId"]
    body = {"Code": None, "Message": response["Error"]["Message"], "Type": None, "Context": None}
    told = {name: each for name, each in response.items() if name not in METADATA}
    assert body["Message"], operation
    assert "Type" not in told, operation
    assert told.get("Message", body["Message"]) == body["Message"]
    number, context = told.get("Code"), told.get("Context")
    assert number is None or int(number.removeprefix("ERROR_")) in NUMBERS, number
    if "Framework" in operation or "ReportPlan" in operation:
        assert number is None, f"errors of {operation} were seen without numbers"
    if context is not None:
        assert context
        assert isinstance(context, str)
    if context is not None and context.startswith("["):
        parts = json.loads(context)
        assert len(parts) > 1
        assert (
            context == "[" + ",".join(json.dumps(each, ensure_ascii=False) for each in parts) + "]"
        )
    shape: Any = model().shape_for_error_code(code)
    members = [] if shape is None else list(shape.members)
    assert list(told) == [name for name in members if name in told]
    written = json.dumps(body | told, ensure_ascii=False).encode()
    assert int(headers["content-length"]) == len(written)


METADATA = ("Error", "ResponseMetadata")


def anatomy(value: Any) -> Any:
    """Everything that can be told about an answer: types, order of keys, time zones."""
    if isinstance(value, dict):
        return type(value), [(key, anatomy(each)) for key, each in value.items()]
    if isinstance(value, list):
        return type(value), [anatomy(each) for each in value]
    if isinstance(value, datetime):
        return type(value), value, value.tzinfo, repr(value), value.fold
    return type(value), value
