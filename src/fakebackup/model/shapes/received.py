"""Requests as HTTP carries them: parsed and judged by the model, as a service does.

botocore judges the parameters of most clients before it sends them. Where it does not (clients
with ``parameter_validation=False``, and whatever comes over HTTP), this module does: types and
required members, at every depth. Members that the model does not know are ignored, and those
that are null are not there. The codes of the errors are assumed; the guide `aws`, Requests that
no client has checked, says so.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote

from fakebackup.errors import AwsError, shortened
from fakebackup.model.shapes.json_text import parse_json
from fakebackup.model.shapes.requests import (
    TOLD_BY,
    first_declared,
    missing_parameter_of,
    told_inside,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

    from fakebackup.model.shapes.model import Shape

    # Takes a value and its name; returns the value as botocore's checked parameters have it.
    Judge = Callable[[Any, str], Any]


class Received(NamedTuple):
    """What a request of an operation has on the wire.

    Attributes:
        path: the path from the service's root on, its labels percent-encoded.
        query: the query, without the question mark.
        body: the body; empty where there is none.
        wrong: the code of the error of a value of the wrong type; None is that of `receiver`.
    """

    path: str
    query: str
    body: bytes
    wrong: str | None = None


_WRONG = (
    "InvalidParameterValueException",
    "InvalidRequestException",
    "MissingParameterValueException",
    "ResourceNotFoundException",
)
"""The errors of a value of the wrong type: an operation has the first of them that it declares."""

_SHOWN = 60
"""How many characters of a value an error shows."""


def receiver(
    operation: OperationModel, wrong: str | None = None
) -> Callable[[Received], dict[str, Any]]:
    """Return a function that parses and judges an operation's request.

    It returns the parameters by name, of the types that a checking client would have let
    through; dates are datetimes in UTC. `request_reader` has the further checks.

    Args:
        operation: the operation.
        wrong: the code of the error of a value of the wrong type.

    Raises (by the function):
        AwsError: MissingParameterValueException for a required member that is not there,
            InvalidParameterValueException, or `wrong`, for one of another type or a body that is
            no JSON object; where the operation does not declare them, one that it declares.
    """
    shape: Any = operation.input_shape
    if shape is None:
        return lambda _received: {}
    code = wrong or first_declared(operation, _WRONG)
    judges = _Judges(code, missing_parameter_of(operation))
    label = _path_pattern(operation.http["requestUri"])
    located = [
        (name, each.serialization.get("location"), each.serialization.get("name", name))
        for name, each in shape.members.items()
    ]
    in_path = [(name, label_) for name, where, label_ in located if where == "uri"]
    in_query = {key: name for name, where, key in located if where == "querystring"}
    of_text = {
        name: judges.of_text(shape.members[name]) for name in (*dict(in_path), *in_query.values())
    }
    in_body = judges.structure(
        shape, [name for name, where, _ in located if where not in ("uri", "querystring")]
    )

    def receive(received: Received) -> dict[str, Any]:
        found: dict[str, Any] = {}
        labels = label.search(received.path)
        if labels is not None:
            for (name, _), text in zip(in_path, labels.groups(), strict=True):
                found[name] = of_text[name]([unquote(text)], name)
        for key, texts in parse_qs(received.query, keep_blank_values=True).items():
            name = in_query.get(key)
            if name is not None:
                found[name] = of_text[name](texts, name)
        found |= in_body(_body(received.body, judges), "")
        judges.require(shape, found, "")
        return found

    return receive


def _path_pattern(template: str) -> re.Pattern[str]:
    """Return the pattern of a path's end, with a group for each label."""
    path = template.partition("?")[0]
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("([^/]*)".join(map(re.escape, parts)) + "$")


def _body(body: bytes, judges: _Judges) -> dict[str, Any]:
    if not body:
        return {}
    try:
        found = parse_json(body)
    except ValueError as error:
        raise judges.wrong(f"The body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise judges.wrong("The body is no JSON object")
    return found


class _Judges:
    """The judges of an operation's values, made of their shapes.

    Attributes:
        missing: makes the error for a required member that is not there.
    """

    def __init__(self, code: str, missing: Callable[[str], AwsError]) -> None:
        self._code = code
        self.missing = missing

    def wrong(self, message: str) -> AwsError:
        """Return the error for a value of the wrong type."""
        return AwsError(self._code, message)

    def require(self, shape: Shape, members: Mapping[str, Any], path: str) -> None:
        """Refuse a structure without one of its required members."""
        for name in shape.required_members:
            if name not in members:
                raise self.missing(f"{path}{name} is missing")

    def of_text(self, shape: Shape) -> Judge:
        """Return the judge of a member that stands in the path or the query, as texts."""
        if shape.type_name == "list":
            item = self.of_text(shape.member)
            return lambda texts, name: [item([each], name) for each in texts]
        parse = _PARSED.get(shape.type_name, str)
        judge = self.of(shape)

        def one(texts: list[str], name: str) -> Any:
            # Of a parameter that comes several times the first one counts [assumed].
            return judge(parse(texts[0]), name)

        return one

    def of(self, shape: Shape) -> Judge:
        """Return the judge of a value parsed from JSON."""
        type_name = shape.type_name
        if type_name == "structure":
            members = self.structure(shape, list(shape.members))

            def whole(value: Any, name: str) -> dict[str, Any]:
                with self._told_inside(shape, value):
                    told = "" if shape.name in TOLD_BY else f"{name}."
                    found = members(value, name, told)
                    self.require(shape, found, told)
                return found

            return whole
        if type_name == "list":
            return self._list(self.of(shape.member))
        if type_name == "map":
            return self._map(self.of(shape.value))
        if type_name == "timestamp":
            return self._date
        fits, what = _SCALARS[type_name]

        def scalar(value: Any, name: str) -> Any:
            if not fits(value):
                raise self._other_type(name, what, value)
            return value

        return scalar

    def structure(self, shape: Shape, names: list[str]) -> Callable[..., dict[str, Any]]:
        """Return a function that judges some members of a structure, whichever are there."""
        members = [
            (name, each.serialization.get("name", name), self.of(each))
            for name, each in shape.members.items()
            if name in names
        ]

        def judged(value: Any, name: str, path: str = "") -> dict[str, Any]:
            if not isinstance(value, dict):
                raise self._other_type(name, "an object", value)
            return {
                member: judge(value[key], f"{path}{member}")
                for member, key, judge in members
                if value.get(key) is not None
            }

        return judged

    def _list(self, item: Judge) -> Judge:
        def items(value: Any, name: str) -> list[Any]:
            if not isinstance(value, list):
                raise self._other_type(name, "a list", value)
            return [item(each, f"{name}[{at}]") for at, each in enumerate(value)]

        return items

    def _map(self, entry: Judge) -> Judge:
        def entries(value: Any, name: str) -> dict[str, Any]:
            if not isinstance(value, dict):
                raise self._other_type(name, "an object", value)
            return {key: entry(each, f"{name}.{key}") for key, each in value.items()}

        return entries

    def _date(self, value: Any, name: str) -> datetime:
        found = _parsed_date(value)
        if found is None:
            raise self._other_type(name, "a date", value)
        return found

    def _other_type(self, name: str, what: str, value: object) -> AwsError:
        return self.wrong(f"{name} is {what}, not {shortened(repr(value), _SHOWN)}")

    def _told_inside(self, shape: Shape, value: Any) -> contextlib.AbstractContextManager[None]:
        if shape.name in TOLD_BY and isinstance(value, dict):
            return told_inside(shape.name, value)
        return contextlib.nullcontext()


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


_PARSED: dict[str, Callable[[str], Any]] = {
    "integer": _number,
    "long": _number,
    "boolean": _boolean,
}
"""Per type, what reads a text of the path or the query; a text that is none stays one."""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _parsed_date(value: object) -> datetime | None:
    """Return a date in UTC; None for a value that is none."""
    from botocore.utils import parse_to_aware_datetime

    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        found: datetime = parse_to_aware_datetime(value)  # type: ignore[arg-type]  # the stub knows strings only
    except Exception:  # noqa: BLE001  dateutil raises errors of many kinds
        return None
    try:
        return found.astimezone(timezone.utc)
    except (OverflowError, ValueError):
        return found  # in the first or the last hours that there are


_SCALARS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "text"),
    "integer": (_is_number, "a whole number"),
    "long": (_is_number, "a whole number"),
    "float": (lambda value: _is_number(value) or isinstance(value, float), "a number"),
    "double": (lambda value: _is_number(value) or isinstance(value, float), "a number"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
}
"""Per type, what tells its values, and its name in errors."""
