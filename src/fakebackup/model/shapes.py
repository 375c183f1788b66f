"""The installed botocore model, read once: what an operation takes and what it answers.

Whatever depends on a shape alone (which members are dates, which strings are enumerated) is
compiled to a function the first time it is needed.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import AwsError, invalid_parameter, missing_parameter, near
from fakebackup.model import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel, ServiceModel, Shape

    Convert = Callable[[Any], Any]
    Read = Callable[[Any, str], Any]


@functools.cache
def service_model() -> ServiceModel:
    """Return the model of AWS Backup that the loaded botocore carries."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")


# --- Answers: from what the model keeps to what botocore's parser gives ---------------------


def shower(shape: Shape) -> Convert:
    """Return a function from a kept value to what botocore's parser would give for it.

    Members come in the order of the shape; those that the shape does not know (an older
    botocore) and those that are None are left out; nothing is shared with the kept value.
    """
    convert = _shower(shape)
    return convert or (lambda value: value)


def _shower(shape: Shape) -> Convert | None:
    """Return the conversion for a shape, or None where a value is shown as it is kept."""
    kind = shape.type_name
    if kind == "timestamp":
        return dates.seen
    if kind == "structure":
        members = [(name, _shower(each)) for name, each in shape.members.items()]

        def structure(value: Mapping[str, Any]) -> dict[str, Any]:
            shown = {}
            for name, convert in members:
                kept = value.get(name)
                if kept is not None:
                    shown[name] = kept if convert is None else convert(kept)
            return shown

        return structure
    if kind == "list":
        item = _shower(shape.member)
        return list if item is None else lambda value: [item(each) for each in value]
    if kind == "map":
        entry = _shower(shape.value)
        if entry is None:
            return dict
        return lambda value: {key: entry(each) for key, each in value.items()}
    return None


# --- Seeds: from what users write to what the model keeps -----------------------------------

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
}


def keep(shape: Shape, value: Any, path: str, enum: tuple[str, ...] = ()) -> Any:  # noqa: ANN401  any member
    """Return a seeded value as the model keeps it.

    Args:
        shape: the member's shape.
        value: what the user gave.
        path: the member's name, for messages.
        enum: the values that AWS documents where the shape itself has no enum.

    Raises:
        TypeError: a value of the wrong type, or a nested member that does not exist.
        ValueError: a value outside the enum, a date that is none, a member missing that the
            structure cannot be without.
    """
    kind = shape.type_name
    if kind == "timestamp":
        try:
            return dates.milliseconds(value)
        except (ValueError, TypeError, OverflowError) as error:
            kind_of_error = TypeError if isinstance(error, TypeError) else ValueError
            msg = f"{path} is a date: a datetime, an ISO 8601 string or seconds since 1970; {error}"
            raise kind_of_error(msg) from None
    wanted = _TYPES[kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean"):
        msg = f"{path} takes {_named(wanted)}, not {value!r} ({type(value).__name__})."
        raise TypeError(msg)
    if kind == "string":
        values = tuple(getattr(shape, "enum", ())) or enum
        if values and value not in values:
            msg = f"{path} is none of {', '.join(values)}: {value!r}{near(value, values)}"
            raise ValueError(msg)
        return value
    if kind == "structure":
        kept = {}
        for name, each in value.items():
            if name not in shape.members:
                msg = f"{path} has no member {name!r}{near(name, shape.members)}"
                raise TypeError(msg)
            if each is not None:
                kept[name] = keep(shape.members[name], each, f"{path}.{name}")
        return kept
    if kind == "list":
        return [keep(shape.member, each, f"{path}[{at}]") for at, each in enumerate(value)]
    if kind == "map":
        return {
            keep(shape.key, name, f"{path} key"): keep(shape.value, each, f"{path}[{name!r}]")
            for name, each in value.items()
        }
    return value


def _named(types: tuple[type, ...]) -> str:
    return " or ".join(each.__name__ for each in types)


# --- Requests: from what a caller asks to what an operation is handed ------------------------

UNCHECKED_PATTERNS = frozenset({"AccountId", "ResourceType"})
"""Shapes whose pattern excludes values that AWS itself documents (ANY, "Storage Gateway")."""


def request_reader(
    operation: OperationModel,
    *,
    also: Mapping[str, tuple[str, ...]],
    documented: Mapping[str, tuple[str, ...]],
    at_most: Mapping[str, int],
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function that checks an operation's parameters as the service would.

    botocore has checked types and required members; what it lets through is judged here:
    enums, bounds, patterns and empty values. Dates come out in microseconds since the epoch,
    nested values as copies; an empty NextToken counts as none [assumed].

    Args:
        operation: botocore's model of the operation.
        also: per parameter, values that AWS documents beyond the enum of the shape.
        documented: per parameter, the values AWS documents where the shape has no enum.
        at_most: per parameter, a bound that AWS documents below the shape's.

    Raises (by the function):
        AwsError: MissingParameterValueException for a required parameter that is empty,
            InvalidParameterValueException for any other value that AWS refuses.
    """
    shape = operation.input_shape
    if shape is None:
        return lambda parameters: dict(parameters)
    required = frozenset(shape.required_members)
    missing = _missing(operation)
    readers = {
        name: _request_value(each, also.get(name, ()), documented.get(name, ()), at_most.get(name))
        for name, each in shape.members.items()
    }

    def read(parameters: Mapping[str, Any]) -> dict[str, Any]:
        asked = {}
        for name, value in parameters.items():
            if name == "NextToken" and value == "":
                continue
            if value == "" and name in required:
                raise missing(f"{name} is missing")
            asked[name] = readers[name](value, name)
        return asked

    return read


def _missing(operation: OperationModel) -> Callable[[str], AwsError]:
    declared = {error.name for error in operation.error_shapes}
    return missing_parameter if "MissingParameterValueException" in declared else invalid_parameter


def _request_value(
    shape: Shape,
    also: tuple[str, ...] = (),
    documented: tuple[str, ...] = (),
    at_most: int | None = None,
) -> Read:
    kind = shape.type_name
    if kind == "timestamp":
        return lambda value, _path: _asked_microseconds(value)
    if kind == "string":
        return _request_string(shape, also, documented)
    if kind in ("integer", "long"):
        return _request_number(shape, at_most)
    if kind == "structure":
        members = {name: _request_value(each) for name, each in shape.members.items()}
        return lambda value, path: {
            name: members[name](each, f"{path}.{name}") for name, each in value.items()
        }
    if kind == "list":
        item = _request_value(shape.member)
        return lambda value, path: [item(each, path) for each in value]
    if kind == "map":
        key, entry = _request_value(shape.key), _request_value(shape.value)
        return lambda value, path: {
            key(name, path): entry(each, path) for name, each in value.items()
        }
    return lambda value, _path: value


def _asked_microseconds(value: object) -> int:
    from botocore.utils import parse_to_aware_datetime

    return dates.microseconds(parse_to_aware_datetime(value))


def _request_string(shape: Shape, also: tuple[str, ...], documented: tuple[str, ...]) -> Read:
    enum = tuple(getattr(shape, "enum", ()))
    values = frozenset((*enum, *also)) if enum else frozenset(documented)
    metadata = shape.metadata
    checked = shape.name not in UNCHECKED_PATTERNS
    pattern = re.compile(metadata["pattern"]) if checked and "pattern" in metadata else None
    least, most = metadata.get("min", 0), metadata.get("max")

    def string(value: str, path: str) -> str:
        if values and value not in values:
            raise invalid_parameter(f"{path} {value!r} is not one of {', '.join(sorted(values))}")
        if len(value) < least or (most is not None and len(value) > most):
            raise invalid_parameter(f"The length of {path} is from {least} to {most}")
        if pattern is not None and not pattern.fullmatch(value):
            raise invalid_parameter(f"{path} {value!r} is not valid")
        return value

    return string


def _request_number(shape: Shape, at_most: int | None) -> Read:
    least = shape.metadata.get("min")
    most = at_most if at_most is not None else shape.metadata.get("max")

    def number(value: int, path: str) -> int:
        if (least is not None and value < least) or (most is not None and value > most):
            raise invalid_parameter(f"{path} {value} is not between {least} and {most}")
        return value

    return number
