"""An answer of AWS, independent of the transport to the client."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.errors import AwsError, is_unicode
from fakebackup.model.shapes.answers import shower

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

    from fakebackup.model.shapes.model import Shape


class Form:
    """The form of an operation's answers, for either transport.

    Attributes:
        show: turns the members of an answer into what botocore's parser gives.
    """

    def __init__(self, shape: Shape | None) -> None:
        """Make the form of a shape; None is that of an answer without members."""
        self._shape = shape
        self.show: Callable[[Any], dict[str, Any]]
        self.show = (lambda _members: {}) if shape is None else shower(shape)

    @functools.cached_property
    def write(self) -> Callable[[Any], str]:
        """Turns the members into JSON text; in most processes no answer goes by the wire."""
        if self._shape is None:
            return lambda _members: ""
        from fakebackup.model.shapes.text import writer

        return writer(self._shape)


class Answer(NamedTuple):
    """AWS's answer to one request.

    Attributes:
        status: the HTTP status.
        headers: the HTTP headers, their names in lower case.
        members: the members of the answer as the model keeps them; of an error, of its body.
        form: the form of the operation's answers.
        error: the error, if the answer is one.
        refusal: the text of the error's body; empty where there is no error.
    """

    status: int
    headers: Mapping[str, str]
    members: Mapping[str, Any]
    form: Form
    error: AwsError | None = None
    refusal: bytes = b""


ERROR_TYPE = "{}:http://internal.amazon.com/coral/com.amazonaws.services.cryo/"
"""The header that names an error [reported: terraform #29199]; clients cut it at the colon."""


def headers(request_id: str, date: str) -> dict[str, str]:
    """Return the HTTP headers of an answer (the guide `aws`, Answers on the wire)."""
    return {
        "date": date,
        "content-type": "application/json",
        "connection": "keep-alive",
        "x-amzn-requestid": request_id,
    }


def refused(answer: Answer, error: AwsError) -> Answer:
    """Return an answer made an error: its status, its body, and the headers that tell of it.

    Only errors have a content-length: to know that of other answers, the direct transport
    would have to write each as text.
    """
    from fakebackup.model.shapes import text

    members = {name: _unicode(each) for name, each in _body(error).items()}
    message = _unicode(error.message)
    if message != error.message:
        error = AwsError(error.code, message, status=error.status)
    refusal = text.plain(members).encode()
    error_headers = {
        "x-amzn-errortype": ERROR_TYPE.format(error.code),
        "content-length": str(len(refusal)),
    }
    return answer._replace(
        status=error.status,
        headers={**answer.headers, **error_headers},
        members=members,
        error=error,
        refusal=refusal,
    )


def _unicode(value: Any) -> Any:
    """Return what an error quotes as text that UTF-8 can carry: JSON may escape half a pair."""
    return value if value is None or is_unicode(value) else value.encode(errors="replace").decode()


def parsed(answer: Answer, operation: OperationModel) -> dict[str, Any]:
    """Return what botocore's parser would make of an answer, in its order of members."""
    metadata = {
        "RequestId": answer.headers["x-amzn-requestid"],
        "HTTPStatusCode": answer.status,
        "HTTPHeaders": answer.headers,
        "RetryAttempts": 0,
    }
    if answer.error is None:
        return {"ResponseMetadata": metadata, **answer.form.show(answer.members)}
    found = {
        "Error": {"Message": answer.error.message, "Code": answer.error.code},
        "ResponseMetadata": metadata,
    }
    shape: Any = operation.service_model.shape_for_error_code(answer.error.code)  # type: ignore[arg-type]  # the stub is wrong
    if shape is not None:
        members = answer.members
        found |= {name: members[name] for name in shape.members if members.get(name) is not None}
    return found


def _body(error: AwsError) -> dict[str, Any]:
    """Return the body of an error (the guide `aws`, Error bodies).

    Its Code is the numbered one, not the exception's name.
    """
    return {
        "Code": error.number,
        "Message": error.message,
        "Type": None,
        "Context": error.context,
        **error.members,
    }


def content(answer: Answer) -> bytes:
    """Return the body of an answer as bytes on the wire."""
    if answer.error is not None:
        return answer.refusal
    return answer.form.write(answer.members).encode()
