"""Requests: check the parameters of a call and convert them to what the model keeps.

The checks that depend on a shape alone (patterns, bounds, enums) are compiled to a function when
the shape is first needed.
"""

from __future__ import annotations

import contextlib
import functools
import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import AwsError, invalid_parameter, is_unicode
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.model import service_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized

    from botocore.model import OperationModel

    from fakebackup.model.shapes.model import Shape

    Read = Callable[[Any, str], Any]
    Missing = Callable[[str], AwsError]

AUTOMATIC = "aws/efs/automatic-backup-vault"
"""The vault that AWS itself creates under a name that its own pattern excludes."""

UNCHECKED_PATTERNS = frozenset({"AccountId", "ResourceType"})
"""Shapes whose pattern excludes values that AWS itself documents (ANY, "Storage Gateway")."""

ENUM_ERRORS = {"BackupVaultEvent": "VAULT_EVENTS"}
PATTERN_ERRORS = {"BackupVaultName": "VAULT_NAME"}
"""Per shape, the name in `known_errors` of AWS's error for a value that is none, if it is known."""

TOLD_BY = {"BackupRuleInput": "RuleName"}
"""Per structure, the member by whose value AWS tells of what is wrong inside of it."""

RESERVED = "aws:"
"""What no tag's key may begin with that a caller gives [documented for all of AWS]."""

_FILTERS_BY_TAGS = frozenset({"ControlScope"})
"""The structures whose tags are not given to anything, but looked for."""

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

    Types and required members are checked before, by botocore or by `received`. This function
    checks, at every depth, the rest: enums, bounds, patterns and required texts that are empty.
    It returns dates in microseconds since the epoch, UTC, and nested values as copies; an empty
    NextToken counts as none [assumed]. Of several that are wrong the first in the model's order is
    told, in whatever order they came [assumed].

    Args:
        operation: botocore's model of the operation.
        also: per parameter, the values that AWS documents beyond the enum of the shape.
        documented: per parameter, the values that AWS documents where the shape has no enum.
        at_most: per parameter, the upper bound that AWS documents below the shape's.

    Raises (by the function):
        AwsError: MissingParameterValueException, or what the operation declares instead, for
            a required parameter that is empty; InvalidParameterValueException for any other
            value that AWS refuses.
    """
    shape = operation.input_shape
    if shape is None:
        return dict
    required = frozenset(shape.required_members)
    missing = missing_parameter_of(operation)
    readers = {
        name: _member(
            shape,
            name,
            _request_value(
                each, missing, also.get(name, ()), documented.get(name, ()), at_most.get(name)
            ),
        )
        for name, each in shape.members.items()
    }

    def read(parameters: Mapping[str, Any]) -> dict[str, Any]:
        asked = {}
        try:
            for name, value in parameters.items():
                if name == "NextToken" and value == "":
                    continue
                if value == "" and name in required:
                    raise missing(f"{name} is missing")
                asked[name] = readers[name](value, name)
        except AwsError:
            in_order = {name: parameters[name] for name in readers if name in parameters}
            if [*in_order] == [*parameters]:
                raise
            return read(in_order)
        return asked

    return read


def asked_value(name: str) -> Callable[[Any], Any]:
    """Return a function that checks a value parsed from JSON text, given the name of its shape.

    It applies botocore's rules and those of `request_reader`, as for parameters.

    Raises (by the function):
        AwsError: InvalidParameterValueException for a value that breaks one of them.
    """
    from botocore.validate import ParamValidator

    shape = service_model().shape_for(name)
    reader = _request_value(shape, invalid_parameter)

    def check(value: Any, judged: Shape) -> None:
        report = ParamValidator().validate(value, judged)
        if report.has_errors():
            raise invalid_parameter(report.generate_report())

    def read(value: Any) -> Any:
        for part, judged in _told_apart(value, shape):
            with told_inside(judged.name, part):
                check(part, judged)
        check(value, shape)
        return reader(value, name)

    return read


_MISSING = (
    "MissingParameterValueException",
    "InvalidParameterValueException",
    "ResourceNotFoundException",
    "InvalidRequestException",
)
"""The errors of an empty parameter: an operation has the first of them that it declares."""


def missing_parameter_of(operation: OperationModel) -> Missing:
    """Return what makes an operation's error for a required parameter that is not there."""
    return functools.partial(AwsError, first_declared(operation, _MISSING))


def first_declared(operation: OperationModel, codes: Iterable[str]) -> str:
    """Return the first error of some that an operation declares.

    Of one that declares none of them, InvalidParameterValueException [assumed].
    """
    declared = {error.name for error in operation.error_shapes}
    return next((each for each in codes if each in declared), "InvalidParameterValueException")


def _request_value(
    shape: Shape,
    missing: Missing,
    also: tuple[str, ...] = (),
    documented: tuple[str, ...] = (),
    at_most: int | None = None,
) -> Read:
    type_name = shape.type_name
    if type_name == "string":
        return _request_string(shape, also, documented)
    if type_name in ("integer", "long"):
        return _request_number(shape, at_most)
    make = _REQUESTED.get(type_name)
    return (lambda value, _path: value) if make is None else make(shape, missing)


def _request_structure(shape: Shape, missing: Missing) -> Read:
    members = {
        name: _member(shape, name, _request_value(each, missing))
        for name, each in shape.members.items()
    }
    required = frozenset(shape.required_members) - {MAY_BE_EMPTY.get(shape.name)}

    def structure(value: Mapping[str, Any], path: str) -> dict[str, Any]:
        asked = {}
        for name, each in value.items():
            if each == "" and name in required:
                raise missing(f"{path}{name} is missing")
            asked[name] = members[name](each, f"{path}{name}")
        return asked

    def apart(value: Mapping[str, Any], _path: str) -> dict[str, Any]:
        with told_inside(shape.name, value):
            return structure(value, "")

    if shape.name in TOLD_BY:
        return apart
    return lambda value, path: structure(value, f"{path}.")


@contextlib.contextmanager
def told_inside(structure: str, value: Mapping[str, Any]) -> Iterator[None]:
    """Tell of what is wrong inside a structure by the name that its value has."""
    try:
        yield
    except AwsError as error:
        from fakebackup.known_errors import in_rule

        raise in_rule(str(value.get(TOLD_BY[structure], "")), error) from None


def _told_apart(value: Any, shape: Shape) -> Iterator[tuple[Mapping[str, Any], Shape]]:
    """Return the structures in a value of which AWS tells by a name, whatever else is wrong."""
    if shape.type_name == "structure" and isinstance(value, dict):
        if shape.name in TOLD_BY:
            yield value, shape
        for name, each in shape.members.items():
            yield from _told_apart(value.get(name), each)
    elif shape.type_name == "list" and isinstance(value, list):
        for each in value:
            yield from _told_apart(each, shape.member)


def _member(structure: Shape, name: str, read: Read) -> Read:
    """Return the reader of a structure's member: one for tags, wherever these are given."""
    shape = structure.members[name]
    gives = name.endswith("Tags") and structure.name not in _FILTERS_BY_TAGS
    if not gives or shape.type_name != "map":
        return read

    def tags(value: Mapping[str, str], path: str) -> Any:
        for key in value:
            if key.lower().startswith(RESERVED):
                raise invalid_parameter(f"{path} has the reserved key {key!r}: {RESERVED} is AWS's")
        return read(value, path)

    return tags


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
    exception = AUTOMATIC if shape.name == "BackupVaultName" else None
    if metadata.get("min") == 0:
        # The shape allows an empty text although its pattern does not: AWS takes one [reported].
        exception = ""
    not_listed, not_matched = ENUM_ERRORS.get(shape.name), PATTERN_ERRORS.get(shape.name)

    def string(value: str, path: str) -> str:
        if values and value not in values:
            if not_listed is not None:
                raise _known(not_listed, ", ".join(enum))
            raise invalid_parameter(f"{path} {value!r} is not one of {', '.join(sorted(values))}")
        if not is_unicode(value):
            raise invalid_parameter(f"{path} {value!r} is no Unicode text")
        if len(value) < least or (most is not None and len(value) > most):
            raise invalid_parameter(f"The length of {path} is from {least} to {most}")
        if pattern is not None and not pattern.fullmatch(value) and value != exception:
            if not_matched is not None:
                raise _known(not_matched, value)
            raise invalid_parameter(f"{path} {value!r} is not valid")
        return value

    return string


def _known(name: str, argument: str) -> AwsError:
    """Return an error of AWS's whose text is known."""
    from fakebackup import known_errors

    known: known_errors.KnownError = getattr(known_errors, name)
    return known.error(argument)


def _request_number(shape: Shape, at_most: int | None) -> Read:
    bits = 64 if shape.type_name == "long" else 32
    least = shape.metadata.get("min", -(2 ** (bits - 1)))
    most = at_most if at_most is not None else shape.metadata.get("max", 2 ** (bits - 1) - 1)

    def number(value: int, path: str) -> int:
        if value < least or value > most:
            raise invalid_parameter(f"{path} {value} is not between {least} and {most}")
        return value

    return number


_REQUESTED: dict[str, Callable[[Shape, Missing], Read]] = {
    "timestamp": lambda _shape, _missing: lambda value, _path: _asked_microseconds(value),
    "structure": _request_structure,
    "list": _request_list,
    "map": _request_map,
}
