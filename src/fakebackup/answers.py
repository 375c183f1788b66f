"""An answer as AWS would give it, independent of how it travels to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.shapes import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

    from fakebackup.errors import AwsError


class Answer(NamedTuple):
    """What AWS answers to one request.

    Attributes:
        status: the HTTP status.
        headers: the HTTP headers, their names in lower case.
        members: the members of the answer as the model keeps them; empty for an error.
        show: turns the members into what botocore's parser gives.
        write: turns them into JSON text.
        error: the error, if it is one.
    """

    status: int
    headers: Mapping[str, str]
    members: Mapping[str, Any]
    show: Callable[[Any], dict[str, Any]]
    write: Callable[[Any], str]
    error: AwsError | None = None


def headers(request_id: str, date: str, error: AwsError | None) -> dict[str, str]:
    """Return the HTTP headers of an answer (the guide `aws`, Answers on the wire)."""
    found = {
        "date": date,
        "content-type": "application/json",
        "connection": "keep-alive",
        "x-amzn-requestid": request_id,
    }
    if error is not None:
        found["x-amzn-errortype"] = error.code
    return found


def parsed(answer: Answer, operation: OperationModel) -> dict[str, Any]:
    """Return what botocore's parser would make of an answer, in its order of members."""
    metadata = {
        "RequestId": answer.headers["x-amzn-requestid"],
        "HTTPStatusCode": answer.status,
        "HTTPHeaders": answer.headers,
        "RetryAttempts": 0,
    }
    if answer.error is None:
        return {"ResponseMetadata": metadata, **answer.show(answer.members)}
    found = {
        "Error": {"Message": answer.error.message, "Code": answer.error.code},
        "ResponseMetadata": metadata,
    }
    shape: Any = operation.service_model.shape_for_error_code(answer.error.code)  # type: ignore[arg-type]  # the stub is wrong
    if shape is not None:
        told = body(answer.error)
        found |= {name: told[name] for name in shape.members if told.get(name) is not None}
    return found


def body(error: AwsError) -> dict[str, Any]:
    """Return the body of an error: the numbered code, not the exception's name (3.1)."""
    return {
        "Code": error.number,
        "Message": error.message,
        "Type": "User" if error.status < 500 else None,  # noqa: PLR2004  HTTP's server errors
        "Context": error.context,
        **error.members,
    }


def content(answer: Answer) -> bytes:
    """Return the body of an answer as it goes over the wire."""
    error = answer.error
    return (answer.write(answer.members) if error is None else text.plain(body(error))).encode()
