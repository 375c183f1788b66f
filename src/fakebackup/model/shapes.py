"""The installed botocore model, read once: what an operation takes, and what may be seeded.

Whatever depends on a shape alone (which members are dates, which strings are enumerated) is
compiled to a function the first time it is needed.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import AwsError, invalid_parameter, near
from fakebackup.model import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Sized

    from botocore.model import OperationModel, ServiceModel

    # Any of botocore's kinds of shape: their stubs share no base with the members used here.
    Shape = Any
    Read = Callable[[Any, str], Any]
    Missing = Callable[[str], AwsError]


@functools.cache
def service_model() -> ServiceModel:
    """Return the model of AWS Backup that the loaded botocore carries."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")


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


def keeper(shape: Shape, enum: tuple[str, ...] = ()) -> Read:
    """Return a function from a seeded value and its name to the value as the model keeps it.

    Args:
        shape: the member's shape.
        enum: the values that AWS documents where the shape itself has no enum.

    Raises (by the function):
        TypeError: a value of the wrong type, or a nested member that does not exist.
        ValueError: a value outside the enum, a date that is none, a member missing that the
            structure cannot be without.
    """
    kind = shape.type_name
    if kind == "timestamp":
        return _keep_date
    wanted = _TYPES[kind]
    convert = _KEEPERS[kind](shape, enum) if kind in _KEEPERS else None

    def keep(value: Any, path: str) -> Any:
        if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean"):
            named = " or ".join(each.__name__ for each in wanted)
            msg = f"{path} takes {named}, not {value!r} ({type(value).__name__})."
            raise TypeError(msg)
        return value if convert is None else convert(value, path)

    return keep


def _keep_date(value: object, path: str) -> int:
    try:
        return dates.milliseconds(value)
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"{path} is a date: a datetime, an ISO 8601 string or seconds since 1970; {error}"
        raise (TypeError if isinstance(error, TypeError) else ValueError)(msg) from None


def _keep_string(shape: Shape, enum: tuple[str, ...]) -> Read | None:
    values = tuple(getattr(shape, "enum", ())) or enum
    if not values:
        return None

    def one_of(value: str, path: str) -> str:
        if value not in values:
            msg = f"{path} is none of {', '.join(values)}: {value!r}{near(value, values)}"
            raise ValueError(msg)
        return value

    return one_of


def _keep_structure(shape: Shape, _enum: tuple[str, ...]) -> Read:
    members = {name: keeper(each) for name, each in shape.members.items()}
    required = shape.required_members

    def structure(value: dict[str, Any], path: str) -> dict[str, Any]:
        for name in value:
            if name not in members:
                msg = f"{path} has no member {name!r}{near(name, members)}"
                raise TypeError(msg)
        kept = {
            name: members[name](each, f"{path}.{name}")
            for name, each in value.items()
            if each is not None
        }
        missing = [name for name in required if name not in kept]
        if missing:
            msg = f"{path} cannot be without {', '.join(missing)}."
            raise ValueError(msg)
        return kept

    return structure


def _keep_list(shape: Shape, _enum: tuple[str, ...]) -> Read:
    item = keeper(shape.member)
    return lambda value, path: [item(each, f"{path}[{at}]") for at, each in enumerate(value)]


def _keep_map(shape: Shape, _enum: tuple[str, ...]) -> Read:
    key, entry = keeper(shape.key), keeper(shape.value)
    return lambda value, path: {
        key(name, f"{path} key"): entry(each, f"{path}[{name!r}]") for name, each in value.items()
    }


_KEEPERS: dict[str, Callable[[Shape, tuple[str, ...]], Read | None]] = {
    "string": _keep_string,
    "structure": _keep_structure,
    "list": _keep_list,
    "map": _keep_map,
}


# --- Requests: from what a caller asks to what an operation is handed ------------------------

AUTOMATIC = "aws/efs/automatic-backup-vault"
"""The vault that AWS itself makes under a name that its own pattern excludes."""

UNCHECKED_PATTERNS = frozenset({"AccountId", "ResourceType"})
"""Shapes whose pattern excludes values that AWS itself documents (ANY, "Storage Gateway")."""

MAY_BE_EMPTY = {"Condition": "ConditionValue", "KeyValue": "Value"}
"""Per structure, the required text that may be empty: a tag's value [assumed of conditions]."""


def request_reader(
    operation: OperationModel,
    *,
    also: Mapping[str, tuple[str, ...]],
    documented: Mapping[str, tuple[str, ...]],
    at_most: Mapping[str, int],
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function that checks an operation's parameters as the service would.

    botocore has checked types and required members; what it lets through is judged here, at
    every depth: enums, bounds, patterns and required texts that are empty. Dates come out in
    microseconds since the epoch, nested values as copies; an empty NextToken counts as none
    [assumed].

    Args:
        operation: botocore's model of the operation.
        also: per parameter, values that AWS documents beyond the enum of the shape.
        documented: per parameter, the values AWS documents where the shape has no enum.
        at_most: per parameter, a bound that AWS documents below the shape's.

    Raises (by the function):
        AwsError: MissingParameterValueException, or what the operation declares instead, for
            a required parameter that is empty; InvalidParameterValueException for any other
            value that AWS refuses.
    """
    shape = operation.input_shape
    if shape is None:
        return dict
    required = frozenset(shape.required_members)
    missing = _missing(operation)
    readers = {
        name: _request_value(
            each, missing, also.get(name, ()), documented.get(name, ()), at_most.get(name)
        )
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


def asked_value(name: str) -> Callable[[Any], Any]:
    """Return a function that checks what comes as JSON text, by the name of its shape.

    It is checked as parameters are, by botocore's rules and by those of `request_reader`.

    Raises (by the function):
        AwsError: InvalidParameterValueException.
    """
    from botocore.validate import ParamValidator

    shape = service_model().shape_for(name)
    reader = _request_value(shape, invalid_parameter)

    def read(value: Any) -> Any:
        report = ParamValidator().validate(value, shape)
        if report.has_errors():
            raise invalid_parameter(report.generate_report())
        return reader(value, name)

    return read


# What an operation answers to an empty parameter: the first of these that it declares.
_MISSING = (
    "MissingParameterValueException",
    "InvalidParameterValueException",
    "ResourceNotFoundException",
    "InvalidRequestException",
)


def _missing(operation: OperationModel) -> Missing:
    declared = {error.name for error in operation.error_shapes}
    code = next((each for each in _MISSING if each in declared), "InvalidParameterValueException")
    return functools.partial(AwsError, code)


def _request_value(
    shape: Shape,
    missing: Missing,
    also: tuple[str, ...] = (),
    documented: tuple[str, ...] = (),
    at_most: int | None = None,
) -> Read:
    kind = shape.type_name
    if kind == "string":
        return _request_string(shape, also, documented)
    if kind in ("integer", "long"):
        return _request_number(shape, at_most)
    made = _REQUESTED.get(kind)
    return (lambda value, _path: value) if made is None else made(shape, missing)


def _request_structure(shape: Shape, missing: Missing) -> Read:
    members = {name: _request_value(each, missing) for name, each in shape.members.items()}
    required = frozenset(shape.required_members) - {MAY_BE_EMPTY.get(shape.name)}

    def structure(value: Mapping[str, Any], path: str) -> dict[str, Any]:
        asked = {}
        for name, each in value.items():
            if each == "" and name in required:
                raise missing(f"{path}.{name} is missing")
            asked[name] = members[name](each, f"{path}.{name}")
        return asked

    return structure


def _request_list(shape: Shape, missing: Missing) -> Read:
    item, check = _request_value(shape.member, missing), _size_checker(shape)

    def items(value: Sequence[Any], path: str) -> list[Any]:
        check(value, path)
        return [item(each, path) for each in value]

    return items


def _request_map(shape: Shape, missing: Missing) -> Read:
    key, entry = _request_value(shape.key, missing), _request_value(shape.value, missing)
    check = _size_checker(shape)

    def entries(value: Mapping[str, Any], path: str) -> dict[str, Any]:
        check(value, path)
        return {key(name, path): entry(each, path) for name, each in value.items()}

    return entries


def _size_checker(shape: Shape) -> Callable[[Sized, str], None]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")

    def check(value: Sized, path: str) -> None:
        if len(value) < least or (most is not None and len(value) > most):
            raise invalid_parameter(f"{path} has from {least} to {most} entries")

    return check


def _asked_microseconds(value: object) -> int:
    from botocore.utils import parse_to_aware_datetime

    return dates.microseconds(parse_to_aware_datetime(value))  # type: ignore[arg-type]  # the stub knows strings only


def _request_string(shape: Shape, also: tuple[str, ...], documented: tuple[str, ...]) -> Read:
    enum = tuple(getattr(shape, "enum", ()))
    values = frozenset((*enum, *also)) if enum else frozenset(documented)
    metadata = shape.metadata
    checked = shape.name not in UNCHECKED_PATTERNS
    pattern = re.compile(metadata["pattern"]) if checked and "pattern" in metadata else None
    least, most = metadata.get("min", 0), metadata.get("max")
    excused = AUTOMATIC if shape.name == "BackupVaultName" else None

    def string(value: str, path: str) -> str:
        if values and value not in values:
            raise invalid_parameter(f"{path} {value!r} is not one of {', '.join(sorted(values))}")
        if len(value) < least or (most is not None and len(value) > most):
            raise invalid_parameter(f"The length of {path} is from {least} to {most}")
        if pattern is not None and not pattern.fullmatch(value) and value != excused:
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


_REQUESTED: dict[str, Callable[[Shape, Missing], Read]] = {
    "timestamp": lambda _shape, _missing: lambda value, _path: _asked_microseconds(value),
    "structure": _request_structure,
    "list": _request_list,
    "map": _request_map,
}
